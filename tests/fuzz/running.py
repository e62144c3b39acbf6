"""The long runs: so many inputs one after the other, how each ended, and every fault with what makes its input again.

    python -m tests.fuzz.rules --seed 1 --start 37 --count 1

makes the 37th text of the seed 1, and no other.
"""

from __future__ import annotations

import argparse
import itertools
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


class Fault(AssertionError):
    """A fault of ours that an input laid open."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises `Fault` inside the block after that much processor time: a hang ends, and shows where it was."""

    def stop(*_: object) -> None:
        raise Fault(f"no end after {seconds:g} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def place_of(error: Exception) -> str:
    """The innermost line of the package's own that the error came through; empty where a check of ours failed."""
    frames = [
        f"{Path(f.filename).name}:{f.lineno}"
        for f in traceback.extract_tb(error.__traceback__)
        if "policyrules" in f.filename
    ]
    return frames[-1] if frames and (not isinstance(error, Fault) or str(error).startswith("no end")) else ""


@dataclass(frozen=True, slots=True)
class Trial:
    """One input: ``check`` puts it through, in an empty folder, and tells how it ended; it raises `Fault`, or what escapes.
    ``files`` are kept where a fault is laid open."""

    number: int
    kind: str
    check: Callable[[Path], str]
    files: Mapping[str, bytes] = field(default_factory=dict)


def command_line(description: str, count: int) -> argparse.ArgumentParser:
    """What every long run is told."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="number of the first input")
    parser.add_argument("--faults", type=Path, help="folder for the files that lay a fault open")
    return parser


def run_trials(trials: Iterator[Trial], options: argparse.Namespace, seconds: float) -> int:
    """Puts the first of the trials through, each in no more than that much processor time; 1 where there was a fault."""
    ends: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    slowest = (0.0, -1)
    began = time.monotonic()
    for done, trial in enumerate(itertools.islice(trials, options.count), 1):
        started = time.process_time()
        try:
            with tempfile.TemporaryDirectory(prefix="policyrules-") as folder, limited(seconds):
                ended = trial.check(Path(folder))
        except Exception as error:
            ended = "fault"
            key = f"{type(error).__name__} {place_of(error)} {str(error)[:200]}"
            faults[key] += 1
            if faults[key] <= 2:
                print(f"FAULT {options.seed}:{trial.number} {trial.kind}: {key}", flush=True)
                _keep(trial, options)
        ends[f"{trial.kind}: {ended}"] += 1
        slowest = max(slowest, (time.process_time() - started, trial.number))
        if done % max(1, options.count // 20) == 0 or done == options.count:
            spent = time.monotonic() - began
            print(f"{done:>7} in {spent:.0f} s, slowest {slowest[0]:.2f} s: {slowest[1]}", flush=True)
    print(f"{options.count} of seed {options.seed}, {sum(faults.values())} faults\n{dict(sorted(ends.items()))}")
    for key, count in faults.most_common():
        print(f"{count:>6} × {key}")
    return 1 if faults else 0


def _keep(trial: Trial, options: argparse.Namespace) -> None:
    for name, data in trial.files.items() if options.faults is not None else ():
        kept = options.faults / f"{options.seed}-{trial.number}" / name
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(data)
