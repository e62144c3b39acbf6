"""One long run of every enemy: so many inputs in all, each kind its share, each kind in a process of its own.

    python -m tests.fuzz --count 1000000 --seed 1 --jobs 2

Why this exists: what must hold for a million inputs is one command, whose seed gives the same million again.

What is dear (rule texts, ledgers) has the smaller shares, and what is cheap the larger ones. Ends with 1, and the lines that
tell how to make each again, where a fault was laid open.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

PARTS_OF_A_THOUSAND: dict[str, int] = {
    "yaml_files": 740,
    "workbooks": 180,
    "rules": 44,
    "records": 20,
    "ledgers": 8,
    "sheets": 4,
    "commands": 4,
}
"""How many of a thousand inputs are of each kind."""


def main() -> int:
    """Reads the command line and runs."""
    parser = argparse.ArgumentParser(description="Every kind of hostile input, each its share.")
    parser.add_argument("--count", type=int, default=1_000_000, help="in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="kinds at a time")
    options = parser.parse_args()
    given = {kind: options.count * parts // 1000 for kind, parts in PARTS_OF_A_THOUSAND.items()}

    def run(kind: str) -> int:
        began = time.monotonic()
        print(f"{kind}: {given[kind]}", flush=True)
        told = ["--count", str(given[kind]), "--seed", str(options.seed)]
        end = subprocess.call([sys.executable, "-m", f"tests.fuzz.{kind}", *told])
        print(f"{kind}: exit {end}, {time.monotonic() - began:.0f} s", flush=True)
        return end

    with ThreadPoolExecutor(options.jobs) as pool:
        ends = dict(zip(given, pool.map(run, given), strict=True))
    print(f"{sum(given.values())} inputs, seed {options.seed}, ends {ends}")
    return max(ends.values())


if __name__ == "__main__":
    sys.exit(main())
