"""``python -m benchmarks``: every engine against what one would use instead, side by side, as ratios.

``--quick`` sees that everything runs and agrees, on tiny sizes, and tells nothing of speed; ``--large`` adds ten million records;
``--write`` writes `docs/performance.md` and its chart.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import os
from collections.abc import Callable

from benchmarks import page
from benchmarks.measure import ROOT, NotBuilt, Section, machine

PACKAGES = ("numpy", "polars", "pyarrow", "zen-engine", "datalogic-py", "common-expression-language")


def parts(*, quick: bool, large: bool, rounds: int) -> dict[str, Callable[[], list[Section]]]:
    """What is measured, by name, in the order of the page."""
    from benchmarks import reading, stack, ten_thousand

    def decision() -> list[Section]:
        _needed("numpy")
        from benchmarks.decision31 import run

        if quick:
            return [run.one_record(200, rounds), run.many(20_000, rounds)]
        # A round of columns takes a third of a second, and the first ones are slow where memory is fetched anew.
        found = [run.one_record(2_000, rounds), run.many(1_000_000, max(rounds, 15))]
        return [*found, run.many(10_000_000, max(3, rounds // 3))] if large else found

    def large_ledgers() -> list[Section]:
        _needed("numpy", "pyarrow", "polars")
        from benchmarks import columns

        return columns.sections(quick=quick, large=large, rounds=rounds)

    return {
        "decision": decision,
        "stack": lambda: stack.sections(quick=quick, rounds=rounds),
        "reading": lambda: reading.sections(quick=quick, rounds=rounds),
        "rules": lambda: ten_thousand.sections(quick=quick, rounds=rounds),
        "columns": large_ledgers,
    }


def _needed(*packages: str) -> None:
    from importlib.util import find_spec

    for package in packages:
        if find_spec(package) is None:
            raise NotBuilt(f"{package} is not installed (extra `peers`)")


def show(section: Section) -> None:
    """Print one section."""
    print(f"\n{section.title}" + (f"  (ratio to: {section.yardstick})" if section.yardstick else ""))
    if section.figures:
        table = page.rows(section)
        widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
        for row in table:
            cells = [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
            print("  " + "  ".join(cells).rstrip())
    for name, value in section.facts:
        print(f"  {name}: {value}")
    for name, why in section.skipped:
        print(f"  not measured: {name} ({why})")


def main() -> None:
    """Measure, print, and write the page where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes: see that everything runs and agrees")
    parser.add_argument("--large", action="store_true", help="10 M records as well")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--only", action="append", metavar="PART", help="decision, stack, reading, rules, columns; repeatable"
    )
    parser.add_argument("--json", action="store_true", help="seconds as JSON instead of tables")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md and its chart")
    arguments = parser.parse_args()
    if arguments.write and (arguments.quick or arguments.only):
        parser.error("--write takes all parts at their full size")
    rounds = 1 if arguments.quick else arguments.rounds
    known = parts(quick=arguments.quick, large=arguments.large, rounds=rounds)
    unknown = set(arguments.only or ()) - set(known)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    told = machine(PACKAGES)
    if not arguments.json:
        for name, value in told:
            print(f"{name}: {value}")
    found: list[Section] = []
    # What earlier runs kept must not make loading look cheaper than it is; parts that want a cache name their own.
    os.environ["POLICYRULES_CACHE"] = "off"
    for name, run in known.items():
        if arguments.only and name not in arguments.only:
            continue
        try:
            sections = run()
        except NotBuilt as missing:
            sections = [Section(name, name, (), "s", None, skipped=[(name, str(missing))])]
        for section in sections:
            found.append(section)
            if not arguments.json:
                show(section)
    if arguments.json:
        print(json.dumps([dataclasses.asdict(section) for section in found], ensure_ascii=False, indent=2))
    if arguments.write:
        how = f"python -m benchmarks --write --rounds {rounds}" + " --large" * arguments.large
        text = page.page(found, told, datetime.date.today(), how)
        (ROOT / "docs" / "performance.md").write_text(text, encoding="utf-8")
        (ROOT / "docs" / page.CHART).write_text(page.chart(found), encoding="utf-8")


if __name__ == "__main__":
    main()
