"""Workbooks to fill in, and records written back as ledgers.

Why this exists: an empty workbook with the right sheets, units and choices saves most of the errors that readers report;
and a ledger that was read, or made up for a trial, can be written as a workbook or as JSON and read again unchanged.

Invariants: what is written reads back to the same instances, or `ValueError` says what the format cannot hold; the same
input gives the same bytes.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Final

from policyrules.engine.instances import Instance
from policyrules.program.nodes import Field, Program
from policyrules.records.build import build_or_raise
from policyrules.records.cells import fold_word, parse_cell, written_value
from policyrules.records.model import bounds_text, description
from policyrules.records.names import Shape, shape_of
from policyrules.records.workbook import SheetPlan, write_workbook
from policyrules.types import Kind, Value, value_text

_YES_NO: Final = ("是", "否")
_GUIDE: Final = (
    ("一张工作表是一种对象，一行是一条；各表用编号相连，编号要先在上级的表里有。",),
    ("不知道的留空。空着就是不知道，不会当作“否”，也不会当作零；不要填“-”“/”“暂无”。",),
    ("列可以换次序、删去或增加；列名括号里的单位可以换，如“（元）”“（万元）”，系统会换算。",),
    ("多选的列用顿号隔开；查过而一项也没有的，填“（空）”。",),
    ("整张明细表删去，是没有提供这类明细；留着表而没有某个项目的行，是这个项目没有这类明细。",),
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
    shape = shape_of(program)
    sheets = [_guide_sheet(shape)]
    sheets += [_sheet(shape, object_, []) for object_ in _sheet_order(shape)]
    write_workbook(Path(path), sheets)


def write_ledger(path: str | Path, program: Program, records: Iterable[object]) -> None:
    """Write ``records`` (mappings, models or instances) as a ledger: ``.xlsx``, ``.json`` or ``.jsonl``.

    Raises `RecordError` for a record that cannot be read; `ValueError` for another suffix, and for what a workbook cannot
    hold: a list that only some records supply, two accounts of one county, a text that would not read back.
    """
    path = Path(path)
    shape = shape_of(program)
    instances = [
        record if isinstance(record, Instance) else build_or_raise(program, record, shape=shape)[0]
        for record in records
    ]
    match path.suffix.lower():
        case ".xlsx":
            write_workbook(path, [_sheet(shape, name, rows) for name, rows in _workbook_rows(shape, instances)])
        case ".json":
            document = [_plain(shape, instance) for instance in instances]
            path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")
        case ".jsonl":
            lines = [json.dumps(_plain(shape, instance), ensure_ascii=False) + "\n" for instance in instances]
            path.write_text("".join(lines), encoding="utf-8", newline="\n")
        case _:
            raise ValueError(f"台账文件的后缀应为 .xlsx、.json、.jsonl 之一：{path.name}")


# ---- sheets ---------------------------------------------------------------------------------------------------------


def _sheet_order(shape: Shape) -> list[str]:
    """The record first, then what hangs on it, then its county and what hangs on that."""
    order: list[str] = []

    def add(object_: str) -> None:
        order.append(object_)
        for child in shape.objects[object_].kind.children:
            if child not in (shape.record, *shape.owners):
                add(child)

    if shape.record:
        add(shape.record)
    for owner in shape.owners[:1]:
        add(owner)
    return order


def _link_header(shape: Shape, object_: str) -> str | None:
    """The column that names the parent of a row; None where the object has none or names it in a field of its own."""
    parent = shape.objects[object_].kind.parent
    if parent is None or object_ == shape.record or object_ in shape.owners:
        return None
    link = shape.link(parent)
    return None if link is None else link.name


def _sheet(shape: Shape, object_: str, rows: Sequence[Sequence[object]]) -> SheetPlan:
    fields = shape.objects[object_].fields
    link = _link_header(shape, object_)
    lead = 0 if link is None else 1
    header = ([] if link is None else [link]) + [header_of(field) for field in fields]
    choices: dict[int, tuple[str, ...]] = {}
    formats: dict[int, str] = {} if link is None else {0: "@"}
    prompts: dict[int, str] = {}
    for index, field in enumerate(fields, start=lead):
        match field.type.kind:
            case Kind.BOOL:
                choices[index] = _YES_NO
            case Kind.ENUM:
                choices[index] = field.type.values or ()
            case Kind.TEXT:
                formats[index] = "@"
            case Kind.DATE:
                formats[index] = "yyyy-mm-dd"
            case Kind.RATIO:
                formats[index] = "0.######%"
            case _:
                pass
        prompts[index] = description(field)
    return SheetPlan(object_, tuple(header), rows, choices, formats, prompts)


def _guide_sheet(shape: Shape) -> SheetPlan:
    header = ("工作表", "列", "键", "填什么", "范围", "由谁掌握", "分组", "说明")
    rows: list[tuple[str | None, ...]] = [*_GUIDE]
    for object_ in _sheet_order(shape):
        link = _link_header(shape, object_)
        if link is not None:
            parent = shape.objects[object_].kind.parent
            rows.append((object_, link, None, f"这一行属于哪个{parent}", None, None, None, None))
        for field in shape.objects[object_].fields:
            notes = [*field.origin.notes, *field.origin.readings] if field.origin is not None else []
            rows.append(
                (
                    object_,
                    header_of(field),
                    field.key,
                    _kind_text(field),
                    bounds_text(field) or None,
                    "、".join(field.holders) or None,
                    field.group,
                    "；".join((["研判"] if field.judged else []) + notes) or None,
                )
            )
    return SheetPlan("填写说明", header, rows)


def _kind_text(field: Field) -> str:
    match field.type.kind:
        case Kind.BOOL:
            return "是 或 否"
        case Kind.ENUM:
            return f"选一个：{'、'.join(field.type.values or ())}"
        case Kind.SET:
            return f"可多选：{'、'.join(field.type.values)}" if field.type.values else "若干项文字，用顿号隔开"
        case Kind.DATE:
            return "日期，如 2025-09-15"
        case Kind.RATIO:
            return "比例，如 60%"
        case kind:
            return f"{kind.value}（{field.type.unit}）" if field.type.unit else kind.value


# ---- records --------------------------------------------------------------------------------------------------------


def _plain(shape: Shape, instance: Instance) -> dict[str, object]:
    """The instance as JSON holds it, by ASCII key."""
    data: dict[str, object] = {}
    shown = shape.objects[instance.object]
    for field in shown.fields:
        if field.name in instance.values:
            value = instance.values[field.name]
            written = written_value(value, field)
            if written is None:
                raise _unwritable(field)
            data[field.key] = written
    for child in shown.kind.children:
        rows = instance.rows.get(child)
        if rows is not None:
            data[shape.objects[child].kind.key] = [_plain(shape, row) for row in rows]
    parent = instance.parent
    if parent is not None and (instance.object == shape.record or instance.object in shape.owners):
        above = _plain(shape, parent)
        if above:
            data[shape.objects[parent.object].kind.key] = above
    return data


def _workbook_rows(shape: Shape, instances: Sequence[Instance]) -> list[tuple[str, list[list[object]]]]:
    """Rows of each sheet that a workbook of ``instances`` has, in the order of sheets."""
    found: dict[str, list[list[object]]] = {}

    def add(instance: Instance, parent: Instance | None) -> None:
        _add_row(shape, found, instance, parent)

    def add_below(instance: Instance) -> None:
        for child in shape.objects[instance.object].kind.children:
            rows = instance.rows.get(child)
            if rows is None:
                continue
            found.setdefault(child, [])
            for row in rows:
                add(row, instance)
                add_below(row)

    found[shape.record] = []
    for instance in instances:
        add(instance, None)
        add_below(instance)
    owners = _distinct_owners(shape, instances)
    for owner in owners:
        add(owner, None)
        add_below(owner)
    _refuse_mixed_lists(shape, [*instances, *owners], found)
    return [(object_, found[object_]) for object_ in _sheet_order(shape) if object_ in found]


def _add_row(shape: Shape, found: dict[str, list[list[object]]], instance: Instance, parent: Instance | None) -> None:
    row: list[object] = []
    if _link_header(shape, instance.object) is not None and parent is not None:
        link = shape.link(parent.object)
        value = None if link is None else parent.values.get(link.name)
        if value is None and parent.object == shape.record:
            raise ValueError(f"有的{parent.object}没有编号，写成工作簿以后{instance.object}对不上它")
        row.append(None if value is None or link is None else _cell(value, link))
    for field in shape.objects[instance.object].fields:
        row.append(_cell(instance.values[field.name], field) if field.name in instance.values else None)
    found.setdefault(instance.object, []).append(row)


def _distinct_owners(shape: Shape, instances: Sequence[Instance]) -> list[Instance]:
    owners: dict[str, Instance] = {}
    for instance in instances:
        owner = instance.parent
        if owner is None or not (owner.values or owner.rows):
            continue
        link = shape.link(owner.object)
        name = str(owner.values.get(link.name, "")) if link is not None else ""
        other = owners.setdefault(fold_word(name), owner)
        if other is not owner and _plain(shape, other) != _plain(shape, owner):
            raise ValueError(f"各条记录给出的{owner.object}（{name}）的情况不一样，写不进同一个工作簿")
    if len(owners) > 1 and "" in owners:
        raise ValueError(f"有几个{shape.owners[0]}，其中有的没有名称，写成工作簿以后对不上")
    return list(owners.values())


def _refuse_mixed_lists(shape: Shape, tops: Sequence[Instance], found: dict[str, list[list[object]]]) -> None:
    """A sheet says of every parent that its list is known: a workbook cannot hold that some are not."""
    pending = list(tops)
    while pending:
        instance = pending.pop()
        for child in shape.objects[instance.object].kind.children:
            rows = instance.rows.get(child)
            if rows is None and child in found and child != shape.record:
                raise ValueError(f"有的{instance.object}没有提供{child}，有的提供了，写不进同一个工作簿；请写成 .json")
            pending.extend(rows or ())


def _cell(value: Value, field: Field) -> object:
    """The value as a cell of a workbook, checked to read back."""
    written: object
    match value:
        case bool():
            written = "是" if value else "否"
        case frozenset():
            order = field.type.values or ()
            written = "、".join(sorted(value, key=lambda v: (order.index(v) if v in order else 0, v))) or "（空）"
        case int() | Fraction():
            written = _number_cell(value, field)
        case _:
            written = value
    epoch = datetime.date(1899, 12, 30)
    if parse_cell(written, field, epoch=epoch) != value:
        raise ValueError(f"{field.name}的值写进表格以后读不回来：{value_text(value, field.type)[:60]}")
    return written


def _number_cell(value: int | Fraction, field: Field) -> object:
    written = written_value(value, field)
    if isinstance(written, int):
        # A spreadsheet keeps 15 digits of a number.
        return written if -(10**15) < written < 10**15 else str(written)
    if not isinstance(written, str):
        raise _unwritable(field)
    digits = written.lstrip("-").replace(".", "").lstrip("0")
    return Decimal(written) if digits.isdigit() and len(digits) <= 15 else written


def _unwritable(field: Field) -> ValueError:
    return ValueError(f"{field.name}的值没有有限的小数写法，写不进文件")
