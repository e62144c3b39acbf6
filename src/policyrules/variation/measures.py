"""What is told beside a record: where it belongs, and what it amounts to.

Why this exists: a change is asked for by township and in money; both are read off the record as it was read, never off a result.

Invariants: a blank is a blank: an amount of which any part is not filled in is None, never zero; no rows, where rows were supplied,
are zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from policyrules.engine.instances import Instance
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.spelling import fold_word, nearest
from policyrules.types import NUMERIC, Kind, Number, bare_number, simplify, value_text
from policyrules.variation.model import Measure, Total


class Unknown(ValueError):
    """A name that no field bears, or one that cannot be added up or told apart by; says what was meant."""


@dataclass(frozen=True, slots=True)
class Where:
    """A field of a record, of what it belongs to, or of its rows. ``line``: from the record to the object that has it: names of rows
    to go down, or '' for each step up."""

    name: str
    field: core.Field
    line: tuple[str, ...]

    def instances(self, root: Instance) -> tuple[Instance, ...] | None:
        """The objects that have it; None where a list was not supplied, or what the record belongs to is not known."""
        found: tuple[Instance, ...] = (root,)
        for step in self.line:
            below: list[Instance] = []
            for one in found:
                if not step:
                    if one.parent is None:
                        return None
                    below.append(one.parent)
                    continue
                rows = one.rows.get(step)
                if rows is None:
                    return None
                below += rows
            found = tuple(below)
        return found


def where(programs: Sequence[core.Program], name: str) -> Where:
    """The field that ``name`` means: ``乡镇``, ``资金.金额``, ``县.县名``, by names or keys, in the first program that has it.

    Raises `Unknown`.
    """
    given, _, field_name = name.rpartition(".")
    known: dict[str, None] = {}
    for program in programs:
        lines = _lines(program)
        for object_, line in lines.items():
            kind = program.objects.get(object_)
            called = {object_, "" if kind is None else kind.key} | ({""} if object_ == program.root else set())
            fields = program.fields.get(object_, {})
            known |= dict.fromkeys(own if object_ == program.root else f"{object_}.{own}" for own in fields)
            if fold_word(given) not in map(fold_word, called):
                continue
            for field in fields.values():
                if fold_word(field_name) in (fold_word(field.name), fold_word(field.key)):
                    told = field.name if object_ == program.root else f"{object_}.{field.name}"
                    return Where(told, field, line)
    near = "、".join(nearest(name, known))
    raise Unknown(f"没有叫“{name}”的字段{f'，是不是 {near}？' if near else ''}")


def _lines(program: core.Program) -> dict[str, tuple[str, ...]]:
    """How each object is reached from the record: what it belongs to, the rows of either."""
    line = belonging.line(program.objects, program.root)
    found = {above: ("",) * steps for steps, above in enumerate(line)}
    for object_, kind in program.objects.items():
        for child in kind.children:
            if object_ in found and child not in found:
                found[child] = (*found[object_], child)
    return found


class Beside:
    """What is told of each record beside its results: ``by`` fields and ``measures``, by the names that people gave."""

    def __init__(
        self, programs: Sequence[core.Program], by: Iterable[str], money: Iterable[str], weight: Iterable[str]
    ) -> None:
        self._by = {one.name: one for one in (where(programs, name) for name in by)}
        self._measured = {one.name: one for one in (where(programs, name) for name in money)}
        weights = {one.name: one for one in (where(programs, name) for name in weight)}
        for one in self._by.values():
            if any(one.line):
                raise Unknown(f"不能按“{one.name}”分组：一个{programs[0].root}可以有几行{one.field.object}")
        for one in (*self._measured.values(), *weights.values()):
            if one.field.type.kind not in NUMERIC - {Kind.RATIO, Kind.YEAR}:
                raise Unknown(f"“{one.name}”不是可以相加的数")
        self.by = tuple(self._by)
        kinds = dict.fromkeys(weights, "weight") | dict.fromkeys(self._measured, "money")
        self._measured |= weights
        self.measures = tuple(
            Measure(name, one.field.type.unit or "", "money" if kinds[name] == "money" else "weight")
            for name, one in self._measured.items()
        )

    def groups(self, root: Instance) -> dict[str, str]:
        """What each field of ``by`` holds, '' where it is blank."""
        found: dict[str, str] = {}
        for name, one in self._by.items():
            places = one.instances(root)
            value = None if not places else places[0].values.get(one.field.name)
            found[name] = "" if value is None else value_text(value, one.field.type)
        return found

    def amounts(self, root: Instance) -> dict[str, Number | None]:
        """What each measure comes to."""
        return {name: _sum(one.instances(root), one.field) for name, one in self._measured.items()}

    def own(self, root: Instance, instance: Instance) -> dict[str, Number | None]:
        """What the measures come to of a row of a record: its own where it has one, else the record's; nothing where it has none."""
        mine = {
            name: _sum((instance,), one.field)
            for name, one in self._measured.items()
            if one.field.object == instance.object and instance is not root
        }
        return {**self.amounts(root), **mine} if mine else {}


def _sum(instances: tuple[Instance, ...] | None, field: core.Field) -> Number | None:
    if instances is None:
        return None
    total: Number = 0
    for one in instances:
        value = one.values.get(field.name)
        if not isinstance(value, Number):
            return None
        total += bare_number(value, field.type)
    return simplify(total)


def totals(measures: Iterable[Measure], amounts: Iterable[Mapping[str, Number | None]]) -> dict[str, Total]:
    """Of each measure the sum of what is known, and how many lack it."""
    rows = list(amounts)
    found: dict[str, Total] = {}
    for measure in measures:
        known = [row[measure.name] for row in rows]
        filled = [one for one in known if one is not None]
        found[measure.name] = Total(simplify(sum(filled)), len(known) - len(filled))
    return found
