"""Workbooks to fill in.

Why this exists: an empty workbook with the right sheets, units and choices saves most of the errors that readers report.

Invariant: the same program gives the same bytes, and what is filled in reads back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from policyrules.program.nodes import Field, Program
from policyrules.records.names import RecordNames, record_names
from policyrules.records.wording import bounds_text, description, kind_text
from policyrules.records.workbook import SheetPlan, write_workbook
from policyrules.types import Kind

_YES_NO: Final = ("是", "否")
_FORMATS: Final = {Kind.TEXT: "@", Kind.DATE: "yyyy-mm-dd", Kind.RATIO: "0.######%"}
_GUIDE: Final = (
    "一张工作表是一种对象，一行是一条；各表用编号相连，编号要先在上级的表里有。",
    "不知道的留空。空着就是不知道，不会当作“否”，也不会当作零；不要填“-”“/”“暂无”。",
    "列可以换次序、删去或增加；列名括号里的单位可以换，如“（元）”“（万元）”，系统会换算。",
    "多选的列用顿号隔开；查过而一项也没有的，填“（空）”。",
    "整张明细表删去，是没有提供这类明细；留着表而没有某个{0}的行，是这个{0}没有这类明细。",
)


def header_of(field: Field) -> str:
    """The heading of a field in a workbook: its name, with the unit of bare numbers.

    >>> from policyrules.types import Type
    >>> header_of(Field("项目", "总投资", "total", Type(Kind.MONEY, "万元"), False, None, None, (), None, origin=None))
    '总投资（万元）'
    """
    return f"{field.name}（{field.type.unit}）" if field.type.unit else field.name


def write_template(path: str | Path, program: Program) -> None:
    """Write an empty workbook for the records of ``program``: a sheet an object, a guide, lists to choose from.

    Raises `OSError` where the file cannot be written, `MissingExcel` where openpyxl is missing.
    """
    names = record_names(program)
    sheets = [_guide_sheet(names)]
    sheets += [sheet_plan(names, object_, []) for object_ in sheet_order(names)]
    write_workbook(Path(path), sheets)


# ---- sheets ---------------------------------------------------------------------------------------------------------


def sheet_order(names: RecordNames) -> list[str]:
    """The record first, then what hangs on it, then its county and what hangs on that."""
    order: list[str] = []

    def add(object_: str) -> None:
        order.append(object_)
        for child in names.rows_of(object_):
            add(child)

    if names.record:
        add(names.record)
    for owner in names.owners[:1]:
        add(owner)
    return order


def link_header(names: RecordNames, object_: str) -> str | None:
    """The column that names the parent of a row; None where the object has none or names it in a field of its own."""
    parent = names.objects[object_].kind.parent
    if parent is None or object_ == names.record or object_ in names.owners:
        return None
    link = names.link(parent)
    return None if link is None else link.name


def sheet_plan(names: RecordNames, object_: str, rows: Sequence[Sequence[object]]) -> SheetPlan:
    fields = names.objects[object_].fields
    link = link_header(names, object_)
    lead = 0 if link is None else 1
    header = ([] if link is None else [link]) + [header_of(field) for field in fields]
    choices: dict[int, tuple[str, ...]] = {}
    formats: dict[int, str] = {} if link is None else {0: "@"}
    prompts: dict[int, str] = {}
    for index, field in enumerate(fields, start=lead):
        if field.type.kind in (Kind.BOOL, Kind.ENUM):
            choices[index] = field.type.values or _YES_NO
        if field.type.kind in _FORMATS:
            formats[index] = _FORMATS[field.type.kind]
        prompts[index] = description(field)
    return SheetPlan(object_, tuple(header), rows, choices, formats, prompts)


def _guide_sheet(names: RecordNames) -> SheetPlan:
    header = ("工作表", "列", "键", "填什么", "范围", "由谁掌握", "分组", "说明")
    rows: list[tuple[str | None, ...]] = [(text.format(names.record),) for text in _GUIDE]
    for object_ in sheet_order(names):
        link = link_header(names, object_)
        if link is not None:
            parent = names.objects[object_].kind.parent
            rows.append((object_, link, None, f"这一行属于哪个{parent}", None, None, None, None))
        for field in names.objects[object_].fields:
            notes = [*field.origin.notes, *field.origin.readings] if field.origin is not None else []
            rows.append(
                (
                    object_,
                    header_of(field),
                    field.key,
                    kind_text(field.type),
                    bounds_text(field) or None,
                    "、".join(field.holders) or None,
                    field.group,
                    "；".join((["研判"] if field.judged else []) + notes) or None,
                )
            )
    return SheetPlan("填写说明", header, rows)
