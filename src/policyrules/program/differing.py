"""What programs say otherwise than one of them: taken from each, so that none has to be held whole.

Why this exists: a nation's counties are thousands of programs that differ in a provision or two. Each is looked through once and let
go; what stays is what it says otherwise, and the values of its parameters.

Invariants: who wrote something, and words for people, are no difference; of a layer and of those above it that two programs
have in common the places are the same in both; programs that cannot be had in one are refused with what they differ in.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from policyrules.operators import HOLIDAYS, WORKED
from policyrules.program import nodes as core
from policyrules.program.order import above
from policyrules.program.renaming import TABLES, Key, Thing, bare
from policyrules.types import Kind

Several: TypeAlias = int
"""Some of the programs: a bit for each, the first the lowest."""


class NotTogether(ValueError):
    """Programs cannot be had in one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one of the programs stands: its number among those that differ in more than values (``number``), and the values of the parameters in which
    it differs from the first, None where nobody set one."""

    number: int
    values: Mapping[str, core.Parameter]


@dataclass(slots=True)
class Declared:
    """The ``objects`` and ``fields`` of several programs, those of the first before those that others declare beside them."""

    objects: dict[str, core.ObjectKind]
    fields: dict[str, dict[str, core.Field]]

    @classmethod
    def of(cls, program: core.Program) -> Declared:
        """Those of the first."""
        return cls(dict(program.objects), {name: dict(own) for name, own in program.fields.items()})

    def take(self, program: core.Program, called: str = "") -> None:
        """Take in what one more program declares. ``called``: what people know it by.

        Raises `NotTogether` where it declares something otherwise.
        """
        told = _whose(called)
        for name, kind in program.objects.items():
            old = self.objects.get(name)
            if old is None:
                self.objects[name] = kind
            elif (old.parent, old.identity, old.key) != (kind.parent, kind.identity, kind.key):
                raise NotTogether(f"{told}对象 {name} 与别的声明得不同，请分开求值")
            else:
                children = tuple(dict.fromkeys((*old.children, *kind.children)))
                self.objects[name] = replace(old, children=children)
        for object_, fields in program.fields.items():
            own = self.fields.setdefault(object_, {})
            for name, one in fields.items():
                known = own.setdefault(name, one)
                if known is not one and _declared(known) != _declared(one):
                    raise NotTogether(f"{told}字段 {object_}.{name} 与别的声明得不同，请分开求值")


@dataclass(slots=True)
class Differing:
    """What programs say otherwise than ``base``, the first of them. ``numbers``: of what is said otherwise the number of the
    programs that say so; ``differ``: by that number what they say; ``called``: by it what one of them is called; ``declared``: objects and fields of all; ``slots``: the places of layers, with the id of
    those that ``base`` has; ``beside``: of two places whether neither layer there is above the other; ``varying``: the parameters of which
    somebody else set another value."""

    base: core.Program
    numbers: dict[Hashable, int] = field(default_factory=dict)
    differ: list[dict[Key, Thing | None]] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    declared: Declared = field(init=False)
    slots: list[str | None] = field(default_factory=list)
    beside: dict[tuple[int, int], bool] = field(default_factory=dict)
    varying: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.declared = Declared.of(self.base)
        self.slots = list(self.base.layers)
        siblings = frozenset(self.base.siblings)
        for low in range(len(self.base.layers)):
            for up in range(low):
                self.beside[up, low] = not above(up, low, siblings)
        self.differ.append({})
        self.called.append("")
        self.numbers[frozenset()] = 0

    def add(self, program: core.Program, called: str = "") -> Standing:
        """Take a program in. ``called``: what people know it by.

        Raises `NotTogether` where the first and it cannot be had in one.
        """
        self._fits(program, called)
        program = self._levelled(program)
        differ: dict[Key, Thing | None] = {}
        values: dict[str, core.Parameter] = {}
        for kind, table in TABLES:
            ours: Mapping[Any, Any] = getattr(self.base, table)
            theirs: Mapping[Any, Any] = getattr(program, table)
            for name, one in theirs.items():
                other = ours.get(name)
                if one is other or one == other:
                    continue
                if kind == "参数" and other is not None and _is_value_of(one, other):
                    if _held(one) != _held(other):
                        values[name] = one
                        self.varying.add(name)
                elif other is None or bare(one) != bare(other):
                    differ[kind, name] = bare(one)
            differ.update(((kind, name), None) for name in ours if name not in theirs)
        number = self.numbers.setdefault(frozenset(differ.items()), len(self.differ))
        if number == len(self.differ):
            self.differ.append(differ)
            self.called.append(called)
        return Standing(number, values)

    def _fits(self, program: core.Program, called: str) -> None:
        base, told = self.base, _whose(called)
        if program.as_of != base.as_of:
            raise NotTogether(f"{told}评估日是 {program.as_of}，不是 {base.as_of}，请分开求值")
        if program.root != base.root:
            raise NotTogether(f"{told}一条记录是{program.root}，不是{base.root}，请分开求值")
        for name in (HOLIDAYS, WORKED):
            days = [frozenset(one.lists[name].items) if name in one.lists else None for one in (program, base)]
            if days[0] != days[1]:
                raise NotTogether(f"{told}清单 {name} 与别的不同，工作日算得不同，请分开求值")
        self.declared.take(program, called)

    # ---- levels

    def _levelled(self, program: core.Program) -> core.Program:
        """A program with its layers at places that all share: a layer that others have at theirs, any other at one where it
        stands to those above it as it does."""
        siblings = frozenset(program.siblings)
        places: list[int] = []
        for low, layer in enumerate(program.layers):
            beside = {places[up]: not above(up, low, siblings) for up in range(low)}
            places.append(self._place(layer, places[-1] if places else -1, beside))
        if places == list(range(len(places))):
            return program
        moved: dict[str, Any] = {}
        for table in ("rules", "duties", "notices"):
            own: Mapping[str, Any] = getattr(program, table)
            moved[table] = {name: replace(one, level=places[one.level]) for name, one in own.items()}
        moved["decisions"] = {
            name: replace(one, limits=tuple(replace(limit, level=places[limit.level]) for limit in one.limits))
            for name, one in program.decisions.items()
        }
        moved["presumptions"] = {
            key: replace(one, cases=tuple(replace(case, level=places[case.level]) for case in one.cases))
            for key, one in program.presumptions.items()
        }
        return replace(program, **moved)

    def _place(self, layer: str, after: int, beside: Mapping[int, bool]) -> int:
        def fits(place: int) -> bool:
            return place > after and all(self.beside.get((up, place), so) is so for up, so in beside.items())

        known = [place for place, one in enumerate(self.slots) if one == layer and fits(place)]
        free = [place for place, one in enumerate(self.slots) if one is None and fits(place)]
        found = (known or free or [len(self.slots)])[0]
        if found == len(self.slots):
            self.slots.append(None)
        self.beside.update(((up, found), so) for up, so in beside.items())
        return found


def _is_value_of(one: core.Parameter, base: core.Parameter) -> bool:
    """Whether a parameter is another one of which somebody set the value, or that one itself."""
    if (one.type, one.low, one.high) != (base.type, base.low, base.high) or one.type.kind in (Kind.SET, Kind.TEXT):
        return False
    return _is_set(one) or (one.state, one.value) == (base.state, base.value)


def _is_set(parameter: core.Parameter) -> bool:
    return parameter.state in ("fixed", "set")


def _held(parameter: core.Parameter) -> tuple[Any, bool]:
    return parameter.value, _is_set(parameter)


def _whose(called: str) -> str:
    return f"“{called}”的" if called else ""


def _declared(own: core.Field) -> tuple[Any, ...]:
    return own.key, own.type, own.low, own.high


def numbers(several: Several) -> Iterator[int]:
    """The numbers of some programs."""
    while several:
        lowest = several & -several
        yield lowest.bit_length() - 1
        several ^= lowest


__all__ = ["Declared", "Differing", "NotTogether", "Several", "Standing", "numbers"]
