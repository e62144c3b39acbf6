"""Hostile workbooks, part by part; a long runner.

    python -m tests.fuzz.workbooks --count 100000 --seed 1

Why this exists: what a cell of a workbook shows depends on how its XML is written, in more ways than one library writes.
Each workbook here is made together with what its cells mean: a value, a blank, or nothing that can be read. A value must
come out as it was meant, a blank as nothing, and the rest as a finding at its place.

Some workbooks are damaged afterwards, and some are small files without end: of these only an end in time is asked.
"""

from __future__ import annotations

import datetime
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

from tests.records.packages import MAIN, OFFICE, STRICT, packed, workbook_parts
from tests.records.sample import build_program

from policyrules.records.reading import read_ledger

from . import mutate
from .running import Fault, Trial, command_line, run_trials

PROGRAM = build_program()
SLOWEST = 10.0
HEADER = ("项目编号", "项目名称", "实际到位", "利用率", "带动户数", "建成日", "系数")
UNREADABLE = object()

FORMATS = (
    "General", "0.00_ ", '#,##0"元"', '0.0"万元"', "0.0%", '0.0"%"', "#,##0,", '0!.0,"万"', '0"户"', "yyyy-mm-dd",
    'yyyy"年"m"月"d"日"', "000", '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', '0"亩"',
)  # fmt: skip
"""Formats by index of style."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell and what it means: a canonical value, None for a blank, `UNREADABLE`. ``inside``: its elements; ``text``: a
    text that may be written as a shared one as well."""

    means: object
    kind: str = ""
    style: int = 0
    inside: str = ""
    text: str | None = None


@dataclass(frozen=True, slots=True)
class HostileWorkbook:
    """A file, and what its rows mean, by number and name of the field; nothing where only an end is asked."""

    kind: str
    data: bytes
    rows: dict[int, dict[str, object]] = field(default_factory=dict)


_BLANKS = (
    Cell(None),
    Cell(None, "", 1),
    Cell(None, "", 0, "<v></v>"),
    Cell(None, "str", 0, '<f>IF(1,"","x")</f><v></v>'),
    Cell(None, "str", 0, "<f>A1</f><v/>"),
    Cell(None, "inlineStr", 0, "<is><t> </t></is>"),
    Cell(None, "inlineStr", 0, "<is/>"),
)
_BAD = (
    Cell(UNREADABLE, "", 0, "<f>1+1</f>"),
    Cell(UNREADABLE, "", 0, "<f\n>1+1</f><v></v>"),
    Cell(UNREADABLE, "", 0, '<f t="shared" ref="A1:A9" si="7">B1</f>'),
    Cell(UNREADABLE, "", 0, '<f t="shared" si="7"/>'),
    Cell(UNREADABLE, "", 0, '<f t="dataTable" r1="A1" r2="B2"/>'),
    Cell(UNREADABLE, "e", 0, "<v>#N/A</v>"),
    Cell(UNREADABLE, "", 0, "<v>NaN</v>"),
    Cell(UNREADABLE, "", 0, "<v>1e999</v>"),
    Cell(UNREADABLE, "", 0, f"<v>{'9' * 5_000}</v>"),
    Cell(UNREADABLE, "", 999, "<v>1</v>"),
    Cell(UNREADABLE, "s", 0, "<v>99999</v>"),
    Cell(UNREADABLE, "b", 0, "<v>7</v>"),
    Cell(UNREADABLE, "d", 0, "<v>2025-02-30</v>"),
    Cell(UNREADABLE, "odd", 0, "<v>1</v>"),
)


def _amount(random: Random) -> Cell:
    """An amount in 万元; means yuan."""
    yuan = random.choice((5, 120, 500_000, 3_000_000, 10**7))
    match random.randrange(6):
        case 0:
            return Cell(yuan * 10_000, "", random.choice((0, 1, 12)), f"<v>{yuan}</v>")
        case 1:
            return Cell(yuan, "", 2, f"<v>{yuan}</v>")
        case 2:
            return Cell(yuan * 10_000, "", 3, f"<f>{yuan}</f><v>{yuan}</v>")
        case 3:
            return Cell(UNREADABLE, "", random.choice((6, 7, 8, 13)), f"<v>{yuan}</v>")
        case 4:
            return Cell(yuan * 10_000, text=f"{yuan:,}")
        case _:
            return Cell(yuan, text=f"{yuan}元")


def _rate(random: Random) -> Cell:
    return random.choice(
        (
            Cell(Fraction(8, 10), "", 4, "<v>0.8</v>"),
            Cell(Fraction(8, 1_000), "", 5, "<v>0.8</v>"),
            Cell(Fraction(8, 10), "", 0, "<v>0.80000000000000004</v>"),
            Cell(Fraction(8, 10), text="８０％"),
            Cell(UNREADABLE, "", 4, "<v>80</v>"),
            Cell(UNREADABLE, "", 8, "<v>0.8</v>"),
        )
    )


def _day(random: Random) -> Cell:
    day = datetime.date(2025, 9, 15)
    return random.choice(
        (
            Cell(day, "", random.choice((9, 10)), "<v>45915</v>"),
            Cell(day, "", 9, "<v>45915.75</v>"),
            Cell(day, "", 0, "<v>45915</v>"),
            Cell(day, "d", 0, "<v>2025-09-15</v>"),
            Cell(day, text="2025年9月15日"),
            Cell(UNREADABLE, "", 9, "<v>-1</v>"),
            Cell(UNREADABLE, "", 9, "<v>60</v>"),
            Cell(UNREADABLE, "", 9, "<v>0.5</v>"),
            Cell(UNREADABLE, "", 9, "<v>2958466</v>"),
        )
    )


def _households(random: Random) -> Cell:
    return random.choice(
        (
            Cell(12, "", 0, "<v>12</v>"),
            Cell(12, "", 8, "<v>12</v>"),
            Cell(12, "", 11, "<v>12</v>"),
            Cell(12, text="12 户"),
            Cell(UNREADABLE, "", 2, "<v>12</v>"),
            Cell(UNREADABLE, "", 0, "<v>12.5</v>"),
        )
    )


def _name(random: Random) -> Cell:
    text = random.choice(("甲", "=1+1", "合作社<一>&二", "_x005F_x0041_", "𠀀", "大棚 " * 30))
    return Cell(text.replace("_x005F_", "_").strip(), text=text)


def _factor(random: Random) -> Cell:
    number = random.choice(("0", "1", "-2.5", "1E3", "0.30000000000000004"))
    return Cell({"0.30000000000000004": Fraction(3, 10)}.get(number, Fraction(number)), "", 0, f"<v>{number}</v>")


_COLUMNS: dict[str, Callable[[Random], Cell]] = {
    "项目名称": _name,
    "实际到位": _amount,
    "利用率": _rate,
    "带动户数": _households,
    "建成日": _day,
    "系数": _factor,
}


class _Dialect:
    """How one workbook is written."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.prefix = random.choice(("", "", "x:"))
        self.addressed = random.random() < 0.7
        self.gap = random.choice(("", "", "\n  "))
        self.shared: list[str] = []

    def cell(self, cell: Cell, address: str) -> str:
        kind, inside = cell.kind, cell.inside
        if cell.text is not None:
            kind, inside = self._text(escape(cell.text))
        if not inside and not cell.style and self.addressed and self.random.random() < 0.5:
            return ""
        given = [("r", address)] if self.addressed else []
        given += [("s", str(cell.style))] if cell.style else []
        given += [("t", kind)] if kind else []
        self.random.shuffle(given)
        attributes = "".join(f' {name}="{value}"' for name, value in given)
        return f"<c{attributes}>{inside}</c>{self.gap}"

    def _text(self, text: str) -> tuple[str, str]:
        match self.random.randrange(4):
            case 0:
                self.shared.append(f"<si><t>{text}</t></si>")
                return "s", f"<v>{len(self.shared) - 1}</v>"
            case 1:
                parts = f"<r><rPr/><t>{text}</t></r><rPh sb='0' eb='1'><t>yin</t></rPh>"
                self.shared.append(f"<si>{parts}</si>")
                return "s", f"<v>{len(self.shared) - 1}</v>"
            case 2:
                return "str", f"<f>A1</f><v>{text}</v>"
            case _:
                return "inlineStr", f"<is><t xml:space='preserve'>{text}</t></is>"

    def part(self, root: str, inside: str) -> str:
        """A part of its own, every element under the prefix."""
        whole = f"<{root}>{inside}</{root}>"
        if self.prefix:
            whole = whole.replace("</", "\0").replace("<", f"<{self.prefix}").replace("\0", f"</{self.prefix}")
        space = f' xmlns{":" + self.prefix[:-1] if self.prefix else ""}="{MAIN}"'
        return whole.replace(root, root + space, 1)


def make_workbook(random: Random) -> HostileWorkbook:
    """A hostile workbook."""
    if random.random() < 0.02:
        return HostileWorkbook("without end", packed(workbook_parts(random.choice(ENDLESS)(random.randrange(100)))))
    dialect = _Dialect(random)
    meant: dict[int, dict[str, object]] = {}
    header = "".join(dialect.cell(Cell(None, text=name), f"{'ABCDEFG'[index]}1") for index, name in enumerate(HEADER))
    rows = [f'<row r="1">{header}</row>']
    number = 1
    for index in range(random.randrange(1, 6)):
        number += random.choice((1, 1, 1, 2, 900)) if dialect.addressed else 1
        cells = {"项目编号": Cell(f"P{index}", text=f"P{index}")}
        for name, make in _COLUMNS.items():
            draw = random.random()
            cells[name] = random.choice(_BLANKS) if draw < 0.3 else random.choice(_BAD) if draw < 0.36 else make(random)
        meant[number] = {name: cell.means for name, cell in cells.items() if cell.means is not None}
        inside = "".join(dialect.cell(cells[name], f"{'ABCDEFG'[at]}{number}") for at, name in enumerate(HEADER))
        address = f' r="{number}"' if dialect.addressed else ""
        rows.append(f"<row{address}>{inside}</row>{dialect.gap}")
        if dialect.addressed and random.random() < 0.1:
            number += 1
            rows.append(f'<row r="{number}" s="1"><c r="A{number}" s="1"/><c r="B{number}" s="1"/></row>')
    links = '<hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>'
    after = random.choice(("", links, '<mergeCells><mergeCell ref="A5000:XFD1048576"/></mergeCells>'))
    sheet = dialect.part("worksheet", f"<sheetData>{''.join(rows)}</sheetData>{after}")
    codes = "".join(
        f'<numFmt numFmtId="{164 + n}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for n, code in enumerate(FORMATS)
    )
    used = "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(FORMATS)))
    style = dialect.part("styleSheet", f"<numFmts>{codes}</numFmts><cellXfs>{used}</cellXfs>")
    shared = dialect.part("sst", "".join(dialect.shared))
    parts = workbook_parts(sheet, shared=shared, style=style, folder=random.choice(("worksheets", "sheets", "a/b")))
    if random.random() < 0.2:
        strict = OFFICE.replace("schemas.openxmlformats.org", "purl.oclc.org").replace("/2006", "")
        strict = strict.replace("officeDocument", "ooxml/officeDocument", 1)
        parts = {name: str(part).replace(MAIN, STRICT).replace(OFFICE, strict) for name, part in parts.items()}
    if random.random() < 0.25:
        chosen = random.choice(sorted(parts))
        part = str(parts[chosen])
        if random.random() < 0.5:
            parts[chosen] = mutate.mutate_bytes(random, part.encode())
        else:
            parts[chosen] = mutate.mutate_text(random, part).encode("utf-8", "replace")
        return HostileWorkbook("damaged part", packed(parts))
    data = packed(parts)
    if random.random() < 0.1:
        return HostileWorkbook("damaged file", mutate.mutate_bytes(random, data))
    return HostileWorkbook("cells", data, meant)


# ---- without end ----------------------------------------------------------------------------------------------------


def _sheet(inside: str, after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{inside}</sheetData>{after}</worksheet>'


_AREAS = ("A10:XFD1048576", "H1:K1048576", "A1:XFD1", "A1:A1048576")
ENDLESS: tuple[Callable[[int], str], ...] = (
    lambda n: _sheet("<c><v>1</v></c>" * 500_000),
    lambda n: _sheet("<c>" * 300_000),
    lambda n: _sheet("<row>" * 300_000),
    lambda n: _sheet("<row><c><v>1</v></c></row>" * 250_000),
    lambda n: _sheet(f'<c a="{"a" * 9_000_000}"/>'),
    lambda n: _sheet(f"<!--{'a' * 9_000_000}-->"),
    lambda n: _sheet("".join(f"<a{number}/>" for number in range(300_000))),
    lambda n: _sheet("".join(f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>' for row in range(1, 5_000))),
    lambda n: _sheet(
        "".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in range(1, 3_000)),
        f'<mergeCells>{f"""<mergeCell ref="{_AREAS[n % len(_AREAS)]}"/>""" * 90_000}</mergeCells>',
    ),
    lambda n: _sheet("", f'<hyperlinks>{f"""<hyperlink ref="{_AREAS[n % len(_AREAS)]}"/>""" * 90_000}</hyperlinks>'),
    lambda n: _sheet(f'<row r="1">{f"""<c><f t="array" ref="{_AREAS[n % len(_AREAS)]}">1</f></c>""" * 9_000}</row>'),
    lambda n: _sheet(f'<row r="1"><c t="inlineStr"><is><t>{"字" * 5_000_000}</t></is></c></row>'),
)


# ---- what must hold -------------------------------------------------------------------------------------------------


def check_workbook(hostile: HostileWorkbook, folder: Path) -> str:
    """Read it; returns how it ended. Raises `Fault`, or whatever escapes from the package."""
    path = folder / "台账.xlsx"
    path.write_bytes(hostile.data)
    began = time.process_time()
    ledger = read_ledger(path, PROGRAM)
    spent = time.process_time() - began
    if spent > SLOWEST:
        raise Fault(f"took {spent:.2f} s")
    if not ledger.records and not ledger.set_aside and not ledger.problems and not ledger.notes:
        raise Fault("nothing read, nothing reported")
    places = {(problem.cell.row, problem.cell.path) for problem in ledger.problems}
    if hostile.rows:
        numbers = {record.row for record in (*ledger.records, *ledger.set_aside)}
        if numbers != set(hostile.rows):
            raise Fault(f"rows {sorted(hostile.rows)} read as {sorted(map(str, numbers))}: {ledger.problems}")
        bad = {(row, name) for row, found in hostile.rows.items() for name, v in found.items() if v is UNREADABLE}
        if places != bad:
            raise Fault(f"unreadable {sorted(bad)}, reported {sorted(map(str, places))}")
    for record in (*ledger.records, *ledger.set_aside):
        if hostile.rows and record.row is not None:
            expected = {name: v for name, v in hostile.rows[record.row].items() if v is not UNREADABLE}
            if dict(record.instance.values) != expected:
                raise Fault(f"row {record.row}: {expected} read as {dict(record.instance.values)}")
    return "refused" if not ledger.records and not ledger.set_aside else "read" if ledger.records else "set aside"


def workbooks(seed: int, start: int = 0) -> Iterator[tuple[int, HostileWorkbook]]:
    """Workbooks without end; the n-th of a seed is always the same."""
    for number in itertools.count(start):
        yield number, make_workbook(Random(f"{seed}:{number}"))


def main() -> int:
    """Reads the command line and runs."""
    options = command_line("Hostile workbooks through reading.", 10_000).parse_args()
    made = workbooks(options.seed, options.start)
    trials = (
        Trial(number, hostile.kind, partial(check_workbook, hostile), {"台账.xlsx": hostile.data})
        for number, hostile in made
    )
    return run_trials(trials, options, 3 * SLOWEST)


if __name__ == "__main__":
    sys.exit(main())
