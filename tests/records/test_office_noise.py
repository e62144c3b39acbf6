"""Known projects with what offices put around them: what is read is what was meant, or it is told and not read."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.records.sample import held

from policyrules.program.nodes import Program
from policyrules.records.reading import read_ledger

Row = list[object]
MONEY = ("实际到位", "利润")
SUMMED = (*MONEY, "带动户数")
COUNTIES = ("青山县", "绿水县", "远山县")
ORDINALS = "一二三"


@dataclass
class Made:
    """A sheet on its way: ``merged``: ranges from row and column to row and column; ``comments``: by row and column."""

    rows: list[Row] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    comments: dict[tuple[int, int], str] = field(default_factory=dict)

    def add(self, *cells: object) -> int:
        self.rows.append(list(cells))
        return len(self.rows)


class Office:
    """Whoever makes a ledger, with habits of its own."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = random.Random(seed)
        count = rng.randrange(3, 10)
        self.projects = [
            {
                "项目编号": f"P{place:02}",
                "项目名称": rng.choice(["大棚", "一村一品园", "小计村冷库", "说明书印刷厂"]) + str(place),
                "所在县": COUNTIES[place * len(COUNTIES) // count],
                "实际到位": rng.randrange(1, 500),
                "利润": rng.randrange(1, 90),
                "带动户数": rng.randrange(90),
                "已形成": rng.choice(["是", "否"]),
                "建成日": datetime.date(2020, 1, 1) + datetime.timedelta(rng.randrange(1500)),
                "立项年度": 2020 + rng.randrange(5),
            }
            for place in range(count)
        ]
        names = [*self.projects[0]][2:]
        self.fields = ["项目编号", "项目名称", *rng.sample(names, rng.randrange(3, len(names) + 1))]
        self.serial = rng.random() < 0.5
        self.heads = [*(["序号"] if self.serial else []), *self.fields]
        self.unit = rng.choice(["", "head", "title", "line", "comment", "group"])
        self.group = rng.choice(["", "title", "sums beneath", "sums above", "serial" if self.serial else "title"])
        self.grouped = self.unit == "group" or rng.random() < 0.3
        self.numbering = rng.random() < 0.4
        self.again = rng.choice([0, 3])
        self.merges = rng.random() < 0.5
        self.made = Made()

    def amount(self, project: dict[str, object], name: str) -> object:
        value = project[name]
        return value * 10_000 if name in MONEY and self.unit and isinstance(value, int) else value

    def head(self) -> None:
        first = len(self.made.rows) + 1
        marked = [f"{name}（元）" if self.unit == "head" and name in MONEY else name for name in self.heads]
        if self.grouped and any(name in MONEY for name in self.heads):
            group = "资金（元）" if self.unit == "group" else "资金"
            upper: Row = []
            for place, name in enumerate(self.heads):
                money = name in MONEY
                goes_on = money and place > 0 and self.heads[place - 1] in MONEY
                upper.append(None if goes_on else group if money else name)
            self.made.add(*upper)
            self.made.add(*(text if name in MONEY else None for text, name in zip(marked, self.heads, strict=True)))
        else:
            self.made.add(*marked)
        if self.unit == "comment":
            for place, name in enumerate(self.heads):
                if name in MONEY:
                    self.made.comments[len(self.made.rows), place + 1] = "县财政局：\n单位：元"
        if self.unit == "line" and any(name in MONEY for name in self.heads):
            self.made.add(*("元" if name in MONEY else None for name in self.heads))
        if self.numbering:
            self.made.add(*range(1, len(self.heads) + 1))
        if first == 1 or not self.merges:
            return
        self.made.merged += [(row, 1, row, len(self.heads)) for row in range(1, first) if self.made.rows[row - 1][0]]

    def sums(self, county: object) -> Row:
        own = [project for project in self.projects if project["所在县"] == county]
        found: Row = []
        for name in self.heads:
            amounts = [self.amount(project, name) for project in own] if name in SUMMED else []
            found.append(sum(amount for amount in amounts if isinstance(amount, int)) if amounts else None)
        return found

    def heading(self, place: int, county: object) -> None:
        row = [None] * len(self.heads) if self.group == "title" else self.sums(county)
        ordinal, at = ORDINALS[place], 1 if self.serial else 0
        if self.group == "serial":
            row[0], row[self.rng.choice([1, 2])] = ordinal, county
        else:
            row[at] = f"{self.rng.choice([f'{ordinal}、', f'（{ordinal}）'])}{county}"
        self.made.add(*row)

    def make(self) -> Made:
        made, rng = self.made, self.rng
        if rng.random() < 0.6:
            made.add(rng.choice(["示例县帮扶产业项目台账", "附件1"]))
        if self.unit == "title":
            made.add(None, "单位：元")
        self.head()
        page = [list(row) for row in made.rows]
        spans: dict[object, list[int]] = {}
        for place, project in enumerate(self.projects):
            county = project["所在县"]
            before = self.projects[place - 1]["所在县"] if place else None
            if county != before and self.group in ("title", "sums above", "serial"):
                self.heading(COUNTIES.index(str(county)), county)
            number = [place + 1] if self.serial else []
            spans.setdefault(county, []).append(
                made.add(*number, *(self.amount(project, name) for name in self.fields))
            )
            after = self.projects[place + 1]["所在县"] if place + 1 < len(self.projects) else None
            if county != after and self.group == "sums beneath":
                row = self.sums(county)
                row[rng.randrange(2)] = rng.choice(["小计", f"{county}小计：", "小  计"])
                made.add(*row)
            if self.again and after is not None and (place + 1) % self.again == 0:
                made.rows += [list(row) for row in page]
        for footer in rng.sample([["填表人：张三", "审核人：李四"], ["注：空着的是不知道"], ["以下空白"], ["合计"]], 2):
            made.add(*footer)
        if self.merges and "所在县" in self.heads:
            column = self.heads.index("所在县") + 1
            for rows in spans.values():
                if len(rows) > 1 and rows == [*range(rows[0], rows[-1] + 1)]:
                    made.merged.append((rows[0], column, rows[-1], column))
        return made


def as_workbook(made: Made, path: Path) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "项目"
    for row in made.rows:
        sheet.append(row)
    for top, left, bottom, right in made.merged:
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    for (row, column), text in made.comments.items():
        sheet.cell(row, column).comment = openpyxl.comments.Comment(text, "县财政局")
    book.save(path)
    return path


def meant(office: Office, project: dict[str, object]) -> dict[str, object]:
    found = {name: project[name] for name in office.fields}
    plain: dict[object, object] = {"是": True, "否": False}
    return {
        name: value.isoformat() if isinstance(value, datetime.date) else plain.get(value, value)
        for name, value in found.items()
    }


@pytest.mark.parametrize("seed", range(120))
def test_what_is_read_is_what_was_meant(
    seed: int, tmp_path: Path, program: Program, make_csv: Callable[..., Path]
) -> None:
    office = Office(seed)
    made = office.make()
    if made.merged or made.comments or seed % 2:
        path = as_workbook(made, tmp_path / "台账.xlsx")
    else:
        path = make_csv(
            项目="\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in made.rows)
        )
    ledger = read_ledger(path, program)
    assert ledger.problems == () and ledger.set_aside == ()
    found = [held(record.instance) for record in ledger.records]
    assert [{name: value for name, value in one.items() if name != "县"} for one in found] == [
        meant(office, project) for project in office.projects
    ]
