"""Records of another place than the rules are for: a ledger of three counties under the layer of one.

Why this exists: a layer says which county it is for, and a record which county it lies in. Who evaluates a ledger of all
counties under the standards of one gets results that hold for none of the others, and has to be told.

Invariants: a record counts only where it names a place, and surely another one; a place may be written with what it belongs to
in front, and without 县 at the end. Which fields name a place follows from the level of the layer and the objects that records
belong to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from policyrules.engine.folding import value_above
from policyrules.engine.instances import Instance
from policyrules.program import belonging
from policyrules.program.manifest import LEVELS, LayerManifest
from policyrules.program.nodes import Field, Program
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.text import some
from policyrules.types import Kind

_CALLED: Final = {
    "县": "县市区|县区|区县|市县|县级|县|区|旗",
    "市": "设区市|地级市|市州|地市|州市|市",
    "省": "省区市|省市区|省份|省",
}
"""What a place of a level is called in the names of fields and objects."""
_ENDS: Final = "省市州盟区县旗"
_NAMED: Final = 6


def same_place(one: str, other: str) -> bool:
    """Whether two names may mean one place: 江西省示例县, 示例县, 示例.

    >>> [same_place("示例县", other) for other in ("示例", "吉安市示例县", "示例 县", "甲县", "例县", "示例区")]
    [True, True, True, False, False, False]
    """
    long, short = sorted(("".join(one.split()), "".join(other.split())), key=len, reverse=True)
    for said in (short, *(f"{short}{end}" for end in _ENDS if short[-1:] not in _ENDS)):
        front = long.removesuffix(said)
        if long.endswith(said) and (not front or front[-1] in _ENDS):
            return True
    # 吉安市示例 is 示例县, written without 县.
    return long[-1:] not in _ENDS and any(same_place(f"{long}{end}", short) for end in _ENDS if short.endswith(end))


def placed(ledger: Ledger, program: Program, layers: Collection[LayerManifest]) -> Ledger:
    """The ledger, with what is to be said of records that name other places than the lowest of the ``layers`` are for."""
    at = max((LEVELS.index(one.level) for one in layers), default=0)
    regions = dict.fromkeys(one.region for one in layers if one.level == LEVELS[at] and one.region)
    said = _elsewhere(ledger.records, program, LEVELS[at], tuple(regions))
    return ledger if said is None else replace(ledger, notes=(*ledger.notes, said), elsewhere=said)


def _elsewhere(records: Iterable[LedgerRecord], program: Program, level: str, regions: Sequence[str]) -> str | None:
    """What is to be said of records that name another place than the ``regions`` that the rules of the lowest ``level`` are for;
    None where there are none, or nothing says where a record is."""
    fields = list(_fields(program, level)) if level in _CALLED else []
    if not fields or not regions:
        return None
    counted: Counter[str] = Counter()
    named = fields[0]
    known: dict[str, bool] = {}
    for record in records:
        found = next(((field, value) for field in fields if (value := _value(record.instance, field))), None)
        if found is None:
            continue
        field, value = found
        if value not in known:
            known[value] = not _is_name(value) or any(same_place(value, region) for region in regions)
        if not known[value]:
            counted[value] += 1
            named = field
    if not counted:
        return None
    own, kind = "、".join(regions), program.root
    listed = some([f"{value} {count}" for value, count in counted.most_common()], _NAMED)
    return (
        f"台账里有 {counted.total()} 个{kind}写的是别的{level}（{listed}），本层是{own}的；按{own}的规则评了，"
        f"要各按各的评，用 --each {named.name}=放各{level}的层的文件夹"
    )


def _fields(program: Program, level: str) -> Iterator[Field]:
    """The fields that say in which place of a level a record lies: its own first, then of what it belongs to."""
    words = _CALLED[level]
    place = re.compile(rf"(?:项目)?(?:所在|所属)?(?:{words})(?:\(市、区\)|（市、区）)?(?:名称|名)?")
    for kind in belonging.line(program.objects, program.root):
        own = program.objects[kind]
        of_place = kind != program.root and re.fullmatch(words, kind) is not None
        for field in program.fields.get(kind, {}).values():
            naming = place.fullmatch(field.name) or (of_place and field.name in (own.identity, "名称"))
            if naming and field.type.kind in (Kind.TEXT, Kind.ENUM):
                yield field


def _value(instance: Instance, field: Field) -> str | None:
    found = value_above(instance, field.object, field.name)
    return found if isinstance(found, str) else None


def _is_name(value: str) -> bool:
    """Whether a value is the name of a place, and no number of it."""
    return not any(char.isascii() and char.isalnum() for char in value) and bool(value.strip())
