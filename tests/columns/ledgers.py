"""Ledgers at random, for every type a column may have: blanks of each kind, cells that cannot be read, numbers that binary
floating point does not hold, orphans, duplicates, totals. All of it is invented."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from policyrules.diagnostics import Diagnostic
from policyrules.program.nodes import Field, Program
from policyrules.records.cells import parse_cell
from policyrules.types import Kind, Type

Columns = dict[str, list[Any]]
DAY = datetime.date(2025, 9, 15)


def texts_for(type_: Type, rng: random.Random) -> str:
    """How people write a value of a type, and now and then what nobody can read."""
    pool: list[str]
    match type_.kind:
        case Kind.BOOL:
            pool = ["是", "否", "√", "×", "true", "0", "有"]
        case Kind.DATE:
            pool = ["2025-09-15", "2024/1/2", "2023年5月6日", "20220301", "2021.3.4 12:00"]
        case Kind.RATIO:
            pool = ["60%", "0.6", "0.155", "100%", "0", "1/3", "33.3%"]
        case Kind.MONEY:
            pool = ["300", "1,300.5 万元", "0.01元", "5000元", "12亿元", "0", "7.25"]
        case Kind.AREA:
            pool = ["12", "3.5公顷", "7亩", "0.1"]
        case Kind.YEAR:
            pool = ["2024", "2023年", "1999"]
        case Kind.DURATION:
            pool = ["3", "12", "3个月", "2天", "0"]
        case Kind.INTEGER:
            pool = ["3", "0", "1,200", "12户", "90071992547409931"]
        case Kind.DECIMAL:
            pool = ["0.1", "2.50", "-3", "1000000.000001"]
        case Kind.ENUM:
            pool = [*(type_.values or ()), " " + (type_.values or ("",))[0]]
        case Kind.SET:
            pool = [
                *(type_.values or ("茶叶", "大米")),
                "无",
                "、".join((type_.values or ("茶叶", "大米"))[:2]),
                "（空）",
            ]
        case _:
            pool = ["青山县", "绿水县", "P7", "乙级", "无", "产业 园", "ｐ００１", "长一些的名称，有标点"]
    odd = [
        "",
        " ",
        "未知",
        "不详",
        "很多",
        "-",
        "/",
        "合计",
        "甲乡小计",
        "注：下同",
        "1.5E+07",
        "#REF!",
        "2025-02-30",
        "-1",
        "60",
    ]
    return rng.choice(odd if rng.random() < 0.03 else pool)


def numbers(rng: random.Random) -> list[Any]:
    return [0, 1, 2, 60, 100, 2024, rng.randrange(10**6)]


STYLES: dict[str, Callable[[random.Random, Type], Any]] = {
    "texts": lambda rng, type_: texts_for(type_, rng),
    "integers": lambda rng, type_: rng.choice(
        [*numbers(rng), 2**53 + 1, -3] if rng.random() < 0.1 else [1, 0, 2024, 12]
    ),
    "float64": lambda rng, type_: rng.choice([0.1, 0.6, 2.5, 1 / 3, 1.0, 0.0, 1234.56, 2024.0, float("nan")]),
    "float32": lambda rng, type_: np.float32(rng.choice([0.1, 0.6, 2.5, 1 / 3, 1.0, 0.0, 1234.56])),
    "decimals": lambda rng, type_: Decimal(rng.choice(["0.10", "0.60", "2.50", "1.00", "1234.56"])),
    "truths": lambda rng, type_: rng.random() < 0.5,
    "days": lambda rng, type_: DAY - datetime.timedelta(rng.randrange(4000)),
    "lists": lambda rng, type_: [texts_for(type_, rng) for _ in range(rng.randrange(3))],
}
FITTING: dict[Kind, tuple[str, ...]] = {
    Kind.BOOL: ("truths", "integers"),
    Kind.DATE: ("days",),
    Kind.SET: ("lists",),
    Kind.INTEGER: ("integers", "float64"),
    Kind.DECIMAL: ("float64", "float32", "decimals", "integers"),
    Kind.RATIO: ("float64", "float32", "decimals"),
    Kind.MONEY: ("float64", "float32", "decimals", "integers"),
    Kind.AREA: ("float64", "decimals", "integers"),
    Kind.YEAR: ("integers", "float64"),
    Kind.DURATION: ("integers",),
}


class Maker:
    """Makes one ledger. ``bad``: what share of the cells that cannot be read are left in it: most rows of a ledger should be
    plain, for those are not the definition's."""

    def __init__(self, program: Program, seed: int) -> None:
        self.program = program
        self.rng = random.Random(seed)
        self.bad = self.rng.choice([0, 0.003, 0.003, 0.02, 0.2, 1])

    def column(self, own: Field, rows: int) -> list[Any]:
        """The cells of one field, all of one style."""
        rng = self.rng
        wild = rng.random() < 0.04
        style = rng.choice(list(STYLES) if wild else ("texts", *FITTING.get(own.type.kind, ())))
        blanks = rng.choice([0, 0.12, 0.5])
        make = STYLES[style]
        found = [None if rng.random() < blanks else make(rng, own.type) for _ in range(rows)]
        return [
            None if isinstance(parse_cell(one, own), Diagnostic) and rng.random() > self.bad else one for one in found
        ]

    def table(
        self, object_: str, rows: int, numbers_: list[Any] | None, links: tuple[str, list[Any]] | None
    ) -> Columns:
        """A table with some of the fields of an object under their names, keys or names with a unit."""
        rng = self.rng
        found: Columns = {}
        if links is not None:
            lost = min(0.03, self.bad)
            found[links[0]] = [
                rng.choice(["P999", None, "合计"]) if rng.random() < lost else rng.choice(links[1]) for _ in range(rows)
            ]
            if rng.random() < 0.4:
                found[links[0]].sort(key=str)
        identity = self.program.objects[object_].identity
        for own in self.program.fields[object_].values():
            if own.name == identity and numbers_ is not None:
                found[own.name] = numbers_
            elif rng.random() < 0.7:
                head = rng.choice([own.name, own.name, own.key, own.name + " "])
                if own.type.kind is Kind.MONEY and rng.random() < 0.3:
                    head = f"{own.name}（元）"
                if own.type.kind is Kind.RATIO and rng.random() < 0.2 * self.bad:
                    head = f"{own.name}（%）"
                found[head] = self.column(own, rows)
        if rng.random() < 0.3:
            found["备注"] = [rng.choice([None, "合计", "另行说明"]) for _ in range(rows)]
        return found


def ledger(program: Program, seed: int) -> dict[str, Columns]:
    """A ledger of the sample program."""
    maker = Maker(program, seed)
    rng = maker.rng
    rows = rng.choice([0, 1, 30, 90, 200, 200, 300])
    ids: list[Any] = [f"P{place:03}" for place in range(rows)]
    for _ in range(rng.choice([0, 0, 1, 3])):
        if rows:
            ids[rng.randrange(rows)] = rng.choice(
                [
                    "P001",
                    "p001",
                    "ｐ００１",
                    None,
                    "",
                    "合计",
                    "甲乡小计",
                    "合计：",
                    "小计3",
                    "TOTAL",
                    "其中",
                    "未知",
                    " P 002",
                    "注：见下",
                    "P 9",
                ]
            )
    if rng.random() < 0.1:
        ids = [f"P{place}" for place in ids]
    found = {"项目": maker.table("项目", rows, ids if rng.random() < 0.95 else None, None)}
    names = [one for one in ids if one] or ["P1"]
    counties = rng.choice([["青山县"], ["青山县", "绿水县", "远县"]])
    if "所在县" in found["项目"] and rng.random() < 0.8:
        found["项目"]["所在县"] = [rng.choice([*counties, *counties, None]) for _ in range(rows)]
    if rng.random() < 0.7:
        found["县"] = maker.table("县", len(counties), None, None)
        found["县"]["县名"] = list(counties)
    if rng.random() < 0.3:
        found["类型统计"] = maker.table("类型统计", rng.randrange(5), None, ("所在县", counties))
    if rng.random() < 0.7:
        found["资金"] = maker.table(
            "资金", rng.randrange(2 * rows + 1), None, (rng.choice(["项目编号", "项目"]), names)
        )
    if rng.random() < 0.7:
        count = rng.randrange(rows + 1)
        assets: list[Any] = [f"a{place}" for place in range(count)]
        found["资产"] = maker.table("资产", count, assets, ("项目编号", names))
        if rng.random() < 0.7:
            found["维修"] = maker.table("维修", rng.randrange(count + 1), None, ("资产编号", assets or ["a"]))
    return found
