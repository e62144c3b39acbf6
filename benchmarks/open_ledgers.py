"""Ledgers of many records of which little is known: the most that a small file can ask for.

Why this exists: of a cell that is blank every rule that reads it is open, and what is missing has to be told of each. A file of
five megabytes holds tens of thousands of such records, no two of them alike.

Invariants: records are invented from the fields of a program and a seed alone, so the same seed gives the same bytes; each has
at least ``least`` cells filled in beside its number.

``python -m benchmarks.open_ledgers LAYER FILE --records 20000 --seed 1``
"""

from __future__ import annotations

import argparse
import csv
import datetime
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import policyrules as pr
from policyrules.program.nodes import Field
from policyrules.types import Kind


def cell(field: Field, rng: random.Random) -> str:
    """Something that may stand in a cell."""
    kind = field.type.kind
    if kind is Kind.BOOL:
        return rng.choice("是否")
    if kind is Kind.ENUM:
        return rng.choice(field.type.values or ("甲",))
    if kind is Kind.SET:
        return rng.choice(field.type.values or ("甲", "乙"))
    if kind is Kind.DATE:
        return (datetime.date(2021, 1, 1) + datetime.timedelta(rng.randrange(1800))).isoformat()
    if kind is Kind.TEXT:
        return rng.choice("甲乙丙丁戊")
    if kind is Kind.YEAR:
        return str(rng.randrange(2020, 2027))
    if kind is Kind.RATIO:
        return f"{rng.randrange(101)}%"
    high = field.high if isinstance(field.high, int | Fraction) else 100
    return str(rng.randrange(min(101, int(high) + 1)))


def records(policy: pr.Policy, seed: int, count: int, least: int, most: int) -> Iterator[tuple[list[str], list[str]]]:
    """The heads, and of each record its row: a number, and from ``least`` to ``most`` other cells filled in."""
    rng = random.Random(seed)
    program = policy.program
    identity = program.objects[program.root].identity
    fields = [field for field in program.fields[program.root].values() if field.name != identity]
    heads = [*([identity] if identity else []), *(field.name for field in fields)]
    for number in range(count):
        filled = set(rng.sample(range(len(fields)), min(len(fields), rng.randint(least, most))))
        cells = [cell(field, rng) if place in filled else "" for place, field in enumerate(fields)]
        yield heads, [*([str(number)] if identity else []), *cells]


def write(
    path: Path, rows: Iterator[tuple[Sequence[str], Sequence[str]]], sheet: str, bytes_: int | None = None
) -> int:
    """Write a CSV file or a workbook, a CSV file up to ``bytes_``; how many records it holds."""
    written = 0
    if path.suffix == ".xlsx":
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        page = book.create_sheet(sheet)
        for heads, row in rows:
            if not written:
                page.append(list(heads))
            page.append([one or None for one in row])
            written += 1
        book.save(path)
        return written
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for heads, row in rows:
            if not written:
                writer.writerow(heads)
            writer.writerow(row)
            written += 1
            if bytes_ is not None and file.tell() > bytes_ - 2_000:
                break
    return written


def main() -> None:
    """Write one ledger."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("layer", type=Path)
    given.add_argument("file", type=Path)
    given.add_argument("--records", type=int, default=100_000)
    given.add_argument("--bytes", type=int, default=5_000_000)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--least", type=int, default=3)
    given.add_argument("--most", type=int, default=30)
    asked = given.parse_args()
    policy = pr.load(asked.layer, as_of=datetime.date(2025, 11, 15))
    rows = records(policy, asked.seed, asked.records, asked.least, asked.most)
    print(write(asked.file, rows, policy.program.root, asked.bytes), asked.file.stat().st_size)


if __name__ == "__main__":
    main()
