"""``python -m benchmarks.reading``: what reading one record costs, at once and key by key, in one run.

Three records: a flat one of 31 fields (money, dates, choices, yes and no, counts), those of the example ledger over the
county stack, and the record of ``python -m benchmarks`` over the national stack. Each figure is the best of several
passes, the readers one after the other in every pass; the ratio is what does not depend on the machine.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import policyrules as pr
from benchmarks.__main__ import AS_OF, RECORD, ROOT, STACKS
from policyrules.records.build import general_instance
from policyrules.records.export import plain_record
from policyrules.records.fast import cells_reader
from policyrules.records.names import record_names
from policyrules.testing.build import policy_from_text

FLAT = "\n".join(
    (
        "对象 项目（project） 标识 编号",
        "  字段 编号（id）：文本",
        "  字段 类型（kind）：枚举 { 种植、养殖、加工、文旅 }",
        *(f"  字段 款{at}（money_{at}）：金额（万元） 取值 0 万元 以上" for at in range(7)),
        *(f"  字段 日{at}（day_{at}）：日期" for at in range(5)),
        *(f"  字段 等次{at}（grade_{at}）：枚举 {{ 好、较好、一般、差 }}" for at in range(5)),
        *(f"  字段 有无{at}（flag_{at}）：是否" for at in range(8)),
        *(f"  字段 个数{at}（count_{at}）：整数（个） 取值 0 个 以上" for at in range(4)),
    )
)


def flat_record(random: Random, number: int) -> dict[str, object]:
    """An invented record with every field."""
    record: dict[str, object] = {"id": f"XM{number:06}", "kind": random.choice(("种植", "养殖", "加工", "文旅"))}
    for at in range(7):
        whole = at % 2
        record[f"money_{at}"] = random.randrange(5_000) if whole else random.randrange(500_000) / 100
    for at in range(5):
        day = datetime.date(2020, 1, 1) + datetime.timedelta(random.randrange(2_000))
        record |= {f"day_{at}": day.isoformat(), f"grade_{at}": random.choice(("好", "较好", "一般", "差"))}
    record |= {f"flag_{at}": random.random() < 0.5 for at in range(8)}
    return record | {f"count_{at}": random.randrange(100) for at in range(4)}


def example_ledger(policy: pr.Policy, projects: int) -> list[dict[str, object]]:
    """The records of the example ledger as JSON has them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.xlsx"
        script = str(ROOT / "examples" / "ledger" / "generate.py")
        subprocess.run([sys.executable, script, str(path), "--projects", str(projects)], check=True)
        names = record_names(policy.program)
        records = [plain_record(names, found.instance) for found in policy.read(path).records]
    found: list[dict[str, object]] = json.loads(json.dumps(records))
    return found


def best(works: dict[str, Callable[[object], object]], records: Sequence[object], passes: int) -> dict[str, float]:
    """Microseconds a record, the best of some passes over ``records``."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(passes):
        for name, work in works.items():
            start = time.process_time()
            for record in records:
                work(record)
            taken[name].append((time.process_time() - start) / len(records) * 1e6)
    return {name: min(found) for name, found in taken.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passes", type=int, default=7)
    parser.add_argument("--projects", type=int, default=537)
    options = parser.parse_args()
    random = Random(1)
    flat = policy_from_text(FLAT, as_of=AS_OF)
    many = [flat_record(random, number) for number in range(1_000)]
    county = pr.load(STACKS["+ county"], as_of=AS_OF)
    national = pr.load(STACKS["national"], as_of=AS_OF)
    cases: list[tuple[str, pr.Policy, Sequence[dict[str, object]]]] = [
        ("flat, one record", flat, many[:1] * 1_000),
        ("flat, 1,000 records", flat, many),
        ("example ledger, county stack", county, example_ledger(county, options.projects)),
        ("benchmark record, national", national, [RECORD] * 300),
    ]
    print(f"{'µs a record':<32} {'at once':>10} {'key by key':>11} {'ratio':>7} {'cells alone':>12}")
    for name, policy, records in cases:
        names = record_names(policy.program)
        works: dict[str, Callable[[object], object]] = {
            "at once": policy.instance,  # type: ignore[dict-item]  # takes a record, as the others do
            "general": lambda record, names=names: general_instance(names, record),  # type: ignore[misc]  # what a lambda keeps has no type
        }
        if policy is flat:
            program = policy.program
            works["cells"] = cells_reader(program, program.root, list(program.fields[program.root]))  # type: ignore[assignment]  # gives cells, which nobody looks at
        found = best(works, records, options.passes)
        cells = f"{found['cells']:>12.2f}" if "cells" in found else ""
        ratio = found["general"] / found["at once"]
        print(f"{name:<32} {found['at once']:>10.2f} {found['general']:>11.1f} {ratio:>7.1f} {cells}")


if __name__ == "__main__":
    main()
