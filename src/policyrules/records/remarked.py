"""Keys of records that say more than the name of a field: 总投资（元）, 总投资（必填）.

Why this exists: whoever writes a table out as JSON, as rows of Python or as Parquet takes the heads of its columns along as
keys. A remark there says of the cell what it says in a table: how much one of its numbers is.

Invariant: a unit is applied exactly, or the cell is refused with it; it is never let go beside a number.
"""

from __future__ import annotations

from policyrules.diagnostics import shown_text
from policyrules.program.nodes import Field
from policyrules.records.cells import CellInUnit, UnreadableCell, is_blank
from policyrules.records.codebook import is_turned
from policyrules.records.heads import head_name
from policyrules.records.names import ObjectNames, RecordNames
from policyrules.records.units import remark_of, says_more
from policyrules.spelling import fold_word
from policyrules.types import NUMERIC


def says_anything(names: RecordNames, key: str) -> bool:
    """Whether a key says anything of a record, with or without a remark."""
    return (
        names.says(key)
        or names.objects[names.record].field(head_name(names.objects[names.record], (), key)[0]) is not None
    )


def cell_under(names: ObjectNames, key: str, cell: object) -> tuple[Field, object, str] | None:
    """The field that ``key``, which is the name of none, begins with; the cell as a unit in it makes it; and what the key
    says more, for a person to look at. None where it begins with no field."""
    name, remark = head_name(names, (), key)
    field = names.field(name)
    if field is None:
        return None
    if is_turned(remark, field) and not is_blank(cell):
        reason = f"写在“{field.name}”之下的“是”“否”；名称里的“{shown_text(remark)}”和通常的填法不一样"
        return field, UnreadableCell(shown_text(key), reason), ""
    if field.type.kind not in NUMERIC or fold_word(remark) in (fold_word(field.key), fold_word(field.name)):
        return field, cell, remark if says_more(remark, field) else ""
    said = remark_of(remark, field)
    if said.doubtful and not is_blank(cell):
        plain = f"{field.name}（{field.type.unit}）" if field.type.unit else field.name
        reason = f"写在“{plain}”之下的数；名称里的“{said.doubtful}”不能换算，看不出一个数是多少"
        return field, UnreadableCell(shown_text(key), reason), ""
    return (
        field,
        cell if said.unit is None else CellInUnit(cell, said.unit),
        said.rest if says_more(said.rest, field) else "",
    )
