"""Records written back as ledgers.

Why this exists: a ledger that was read, or made up for a trial, can be written as a workbook or as JSON and read again
unchanged.

Invariants: what is written reads back to the same instances, or `ValueError` says what the format cannot hold; the same
input gives the same bytes.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Final

from policyrules.engine.instances import Instance
from policyrules.program.nodes import Field, Program
from policyrules.records.build import build_or_raise
from policyrules.records.cells import parse_cell
from policyrules.records.names import RecordNames, record_names
from policyrules.records.templates import link_header, sheet_order, sheet_plan
from policyrules.records.workbook import write_workbook
from policyrules.spelling import fold_word
from policyrules.types import Kind, Value, bare_number, json_value, simplify, value_text
from policyrules.writing import write_file

_CANONICAL_UNITS: Final = {Kind.MONEY: "元", Kind.AREA: "亩"}
# More digits than any number that a reader takes has.
_EXACT: Final = Context(prec=200)
_DIGITS: Final = 15
"""So many digits of a number a spreadsheet keeps."""


def write_ledger(path: str | Path, program: Program, records: Iterable[object]) -> None:
    """Write ``records`` (mappings, models or instances) as a ledger: ``.xlsx``, ``.json`` or ``.jsonl``.

    Raises `RecordError` for a record that cannot be read; `ValueError` for another suffix, and for what a workbook cannot
    hold: a list that only some records supply, two accounts of one county, a text that would not read back.
    """
    path = Path(path)
    names = record_names(program)
    instances = [
        record if isinstance(record, Instance) else build_or_raise(program, record, names=names) for record in records
    ]
    match path.suffix.lower():
        case ".xlsx":
            write_workbook(path, [sheet_plan(names, name, rows) for name, rows in _workbook_rows(names, instances)])
        case ".json":
            document = [plain_record(names, instance) for instance in instances]
            write_file(path, (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode())
        case ".jsonl":
            lines = [json.dumps(plain_record(names, instance), ensure_ascii=False) + "\n" for instance in instances]
            write_file(path, "".join(lines).encode())
        case _:
            raise ValueError(f"台账文件的后缀应为 .xlsx、.json、.jsonl 之一：{path.name}")


# ---- JSON -----------------------------------------------------------------------------------------------------------


def value_as_text(value: Value, field: Field) -> object | None:
    """``value`` as JSON holds it, in the type's unit, such that `parse_cell` reads it back; None where no decimal does
    (a third). Numbers that are not whole are texts: JSON readers would make binary floating point of them.

    >>> from policyrules.types import Type
    >>> area = Field("项目", "面积", "area", Type(Kind.AREA, "公顷"), False, None, None, (), None, origin=None)
    >>> value_as_text(Fraction(75, 2), area), value_as_text(1, area)
    ('2.5', '1亩')
    """
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        return json_value(value, field.type)
    number = bare_number(value, field.type)
    if isinstance(number, int):
        return number
    text = _decimal_text(number)
    unit = _CANONICAL_UNITS.get(field.type.kind)
    if text is None and unit is not None:
        # 1 亩 is a fifteenth of a 公顷, which no decimal ends.
        canonical_text = _decimal_text(Fraction(value))
        text = None if canonical_text is None else canonical_text + unit
    return text


def _decimal_text(number: Fraction) -> str | None:
    exact = _EXACT.normalize(_EXACT.divide(Decimal(number.numerator), Decimal(number.denominator)))
    places = exact.as_tuple().exponent
    return format(exact, "f") if Fraction(exact) == number and isinstance(places, int) and places > -60 else None


def plain_record(names: RecordNames, instance: Instance) -> dict[str, object]:
    """The instance as JSON holds it, by ASCII key."""
    data: dict[str, object] = {}
    shown = names.objects[instance.object]
    for field in shown.fields:
        if field.name in instance.values:
            value = instance.values[field.name]
            written = value_as_text(value, field)
            if written is None:
                raise _unwritable(field)
            data[field.key] = written
    for child in shown.kind.children:
        rows = instance.rows.get(child)
        if rows is not None:
            data[names.objects[child].kind.key] = [plain_record(names, row) for row in rows]
    parent = instance.parent
    if parent is not None and (instance.object == names.record or instance.object in names.owners):
        above = plain_record(names, parent)
        if above:
            data[names.objects[parent.object].kind.key] = above
    return data


# ---- workbooks ------------------------------------------------------------------------------------------------------


def _workbook_rows(names: RecordNames, instances: Sequence[Instance]) -> list[tuple[str, list[list[object]]]]:
    """Rows of each sheet that a workbook of ``instances`` has, in the order of sheets."""
    found: dict[str, list[list[object]]] = {}

    def add(instance: Instance, parent: Instance | None) -> None:
        _add_row(names, found, instance, parent)
        for child in names.objects[instance.object].kind.children:
            rows = instance.rows.get(child)
            if rows is not None:
                found.setdefault(child, [])
                for row in rows:
                    add(row, instance)

    found[names.record] = []
    owners = _distinct_owners(names, instances)
    for instance in (*instances, *owners):
        add(instance, None)
    _refuse_mixed_lists(names, [*instances, *owners], found)
    return [(object_, found[object_]) for object_ in sheet_order(names) if object_ in found]


def _add_row(
    names: RecordNames, found: dict[str, list[list[object]]], instance: Instance, parent: Instance | None
) -> None:
    row: list[object] = []
    if link_header(names, instance.object) is not None and parent is not None:
        link = names.link(parent.object)
        value = None if link is None else parent.values.get(link.name)
        if value is None and parent.object == names.record:
            raise ValueError(f"有的{parent.object}没有编号，写成工作簿以后{instance.object}对不上它")
        row.append(None if value is None or link is None else _cell(value, link))
    for field in names.objects[instance.object].fields:
        row.append(_cell(instance.values[field.name], field) if field.name in instance.values else None)
    found.setdefault(instance.object, []).append(row)


def _distinct_owners(names: RecordNames, instances: Sequence[Instance]) -> list[Instance]:
    owners: dict[str, Instance] = {}
    for instance in instances:
        owner = instance.parent
        if owner is None or not (owner.values or owner.rows):
            continue
        link = names.link(owner.object)
        name = str(owner.values.get(link.name, "")) if link is not None else ""
        other = owners.setdefault(fold_word(name), owner)
        if other is not owner and plain_record(names, other) != plain_record(names, owner):
            raise ValueError(f"各条记录给出的{owner.object}（{name}）的情况不一样，写不进同一个工作簿")
    if len(owners) > 1 and "" in owners:
        raise ValueError(f"有几个{names.owners[0]}，其中有的没有名称，写成工作簿以后对不上")
    return list(owners.values())


def _refuse_mixed_lists(names: RecordNames, tops: Sequence[Instance], found: dict[str, list[list[object]]]) -> None:
    """A sheet says of every parent that its list is known: a workbook cannot hold that some are not."""
    pending = list(tops)
    while pending:
        instance = pending.pop()
        for child in names.objects[instance.object].kind.children:
            rows = instance.rows.get(child)
            if rows is None and child in found and child != names.record:
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


def exact_cell(number: int | Fraction) -> int | Decimal | str | None:
    """A number as a cell of a workbook; a text where a spreadsheet would not keep its digits, None where no decimal holds
    it.

    >>> exact_cell(Fraction(7, 2)), exact_cell(Fraction(1, 3))
    (Decimal('3.5'), None)
    """
    whole = simplify(number)
    written = whole if isinstance(whole, int) else _decimal_text(whole)
    return None if written is None else _kept(written)


def near_cell(number: int | Fraction) -> int | Decimal | str:
    """A number as a cell of a workbook, of one that no decimal holds the 15 digits that a spreadsheet keeps.

    >>> near_cell(Fraction(7, 2)), near_cell(Fraction(-10, 3))
    (Decimal('3.5'), Decimal('-3.33333333333333'))
    """
    exact = exact_cell(number)
    if exact is not None:
        return exact
    with localcontext() as context:
        context.prec = _DIGITS
        return Decimal(number.numerator) / Decimal(number.denominator)


def _kept(written: int | str) -> int | Decimal | str:
    if isinstance(written, int):
        return written if -(10**_DIGITS) < written < 10**_DIGITS else str(written)
    digits = written.lstrip("-").replace(".", "").lstrip("0")
    return Decimal(written) if digits.isdigit() and len(digits) <= _DIGITS else written


def _number_cell(value: int | Fraction, field: Field) -> object:
    written = value_as_text(value, field)
    if not isinstance(written, (int, str)):
        raise _unwritable(field)
    return _kept(written)


def _unwritable(field: Field) -> ValueError:
    return ValueError(f"{field.name}的值没有有限的小数写法，写不进文件")
