"""Workbooks to fill in.

Why this exists: an empty workbook with the right sheets, units and choices saves most of the errors that readers report.

A workbook for a few decisions has only the columns that they can depend on: nobody fills in a hundred to get one answer.

Invariant: the same program gives the same bytes, and what is filled in reads back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from policyrules.program import belonging
from policyrules.program.graph import definitions, inputs
from policyrules.program.nodes import Field, Program
from policyrules.records.names import RecordNames, record_names
from policyrules.records.wording import bounds_text, description, kind_text
from policyrules.records.workbook import SheetPlan, write_workbook
from policyrules.spelling import fold_word
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


_GROUPS: Final = ("FFFFF2CC", "FFE2EFDA", "FFFCE4D6", "FFDDEBF7", "FFEADCF4", "FFD9EAD3", "FFF4CCCC", "FFD0E0E3")
"""What the headings of the groups (分组) are coloured in, one after the other."""
_WIDEST_LEAD: Final = 3


def write_template(path: str | Path, program: Program, only: Sequence[str] = ()) -> None:
    """Write an empty workbook for the records of ``program``: a sheet an object, a guide, lists to choose from.

    ``only``: decisions, duties, prohibitions or notices; only what these can depend on is asked for then.
    Raises `OSError` where the file cannot be written, `MissingExcel` where openpyxl is missing.
    """
    names = record_names(_narrowed(program, only) if only else program)
    sheets = [_guide_sheet(names)]
    sheets += [sheet_plan(names, object_, []) for object_ in sheet_order(names)]
    write_workbook(Path(path), sheets)


def _narrowed(program: Program, only: Sequence[str]) -> Program:
    """``program`` with the objects and fields alone that ``only`` can depend on, and what names a record and tells whose a
    row is; fields by group, those of no group first."""
    names = record_names(program)
    fields, objects = inputs(definitions(program), only)
    read = {(field.object, field.name) for field in fields}
    kept = {names.record} if names.record else set()
    for object_ in (*objects, *(field.object for field in fields)):
        for kind in belonging.line(program.objects, object_):
            # Of what the record belongs to nothing is asked that nobody reads.
            if kind in kept or (kind in names.owners and not any(owner == kind for owner, _ in read)):
                break
            kept.add(kind)
    owner_names = {name for owner in names.owners for name in names.link_names(owner)}
    chosen: dict[str, dict[str, Field]] = {}
    for object_ in program.objects:
        lead = {program.objects[object_].identity}
        if object_ == names.record:
            titles = [title for title in names.titles if names.objects[object_].field(title) is not None]
            lead.update(titles[:1])
        own = [
            field
            for field in names.objects[object_].fields
            if (object_, field.name) in read
            or field.name in lead
            or (object_ == names.record and fold_word(field.name) in owner_names)
            or (names.link(object_) == field and any(child in kept for child in names.rows_of(object_)))
        ]
        groups = list(dict.fromkeys(field.group for field in own if field.group is not None))
        own.sort(key=lambda field: (field.name not in lead, -1 if field.group is None else groups.index(field.group)))
        chosen[object_] = {field.name: field for field in own}
    return replace(
        program,
        objects={
            name: replace(
                kind,
                parent=kind.parent if kind.parent in kept else None,
                children=tuple(child for child in kind.children if child in kept),
            )
            for name, kind in program.objects.items()
            if name in kept
        },
        fields={name: own for name, own in chosen.items() if name in kept},
    )


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
    groups = list(dict.fromkeys(field.group for field in fields if field.group is not None))
    heads = {
        index: _GROUPS[groups.index(field.group) % len(_GROUPS)]
        for index, field in enumerate(fields, start=lead)
        if field.group is not None
    }
    fixed = lead or _lead(names, object_)
    return SheetPlan(object_, tuple(header), rows, choices, formats, prompts, fixed=fixed, heads=heads)


def _lead(names: RecordNames, object_: str) -> int:
    """How many columns stay in view: those up to the number and the name of a row, where they stand at the front."""
    fields = [field.name for field in names.objects[object_].fields]
    wanted = [names.objects[object_].kind.identity, *(names.titles if object_ == names.record else ())]
    places = [fields.index(name) for name in wanted if name in fields[:_WIDEST_LEAD]]
    return max(places, default=0) + 1 if fields else 0


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
    return SheetPlan("填写说明", header, rows, report=True, tall=True)
