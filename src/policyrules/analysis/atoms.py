"""Atoms: the acts by which two programs differ, each with its switch, and conditions that hold both sides.

Why this exists: whether a provision brought about a change is found by leaving it out, not by looking at names. So what differs
is taken apart by content (a part of a condition, a rule, a setting, a case of a presumption, a ranking), as far as each part
can be left out alone.

Invariants: with all switches off a mixed condition comes to the old one, with all on to the new one; what both sides have is no
atom, however it is called and wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, TypeVar

from policyrules.program import nodes as core
from policyrules.program.amended import condition_of
from policyrules.program.renaming import NOWHERE
from policyrules.program.walk import walk
from policyrules.source import Span
from policyrules.text import one_line
from policyrules.types import BOOL

AtomKind: TypeAlias = Literal[
    "加条件",
    "改条件",
    "去条件",
    "加规则",
    "改规则",
    "去规则",
    "设定",
    "推定",
    "先后",
    "清单",
    "统计",
    "限额",
    "决定",
    "期限",
]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Atom:
    """One act by which two programs differ. ``name``: of the declaration it is in; ``old`` and ``new``: its words on either
    side, empty where it is not there; ``origin``: who wrote it; ``operation``: what it does, in a word of the language. ``switch``: the parameter that turns it on in the blend, or
    '' where it is chosen when the blend is made (`Blend.program`)."""

    number: int
    kind: AtomKind
    name: str
    old: str
    new: str
    origin: core.Origin
    switch: str
    operation: str = ""


class Atoms:
    """The atoms that were found, and conditions with a switch for each. ``chosen``: those without a switch that are on."""

    def __init__(self, chosen: frozenset[int]) -> None:
        self.found: list[Atom] = []
        self._chosen = chosen

    def add(
        self,
        kind: AtomKind,
        name: str,
        old: str,
        new: str,
        origin: core.Origin,
        *,
        switched: bool = True,
        operation: str = "",
    ) -> Atom:
        """One more atom; without ``switched`` it has no switch."""
        number = len(self.found)
        switch = f"〔{number}〕" if switched else ""
        found = Atom(number, kind, name, old, new, origin, switch, operation or _operation(kind, origin))
        self.found.append(found)
        return found

    def on(self, atom: Atom) -> core.Expr:
        """Whether an atom is switched on."""
        return core.ParameterValue(atom.switch, BOOL, NOWHERE)

    def off(self, atom: Atom) -> core.Expr:
        """Whether it is switched off."""
        return core.Not(self.on(atom), NOWHERE)

    def either(self, atom: Atom, new: core.Expr, old: core.Expr) -> core.Expr:
        """``new`` where an atom is switched on, else ``old``."""
        branches: tuple[tuple[tuple[bool], core.Expr], ...] = (((True,), new), ((False,), old))
        return core.Choose(self.on(atom), branches, new.type, new.span)

    def whole(
        self,
        kind: AtomKind,
        name: str,
        old: str,
        new: str,
        origin: core.Origin,
        pair: tuple[T, T],
        *,
        operation: str = "",
    ) -> T:
        """What has no switch: the old one, or the new one where it was chosen."""
        atom = self.add(kind, name, old, new, origin, switched=False, operation=operation)
        return pair[atom.number in self._chosen]

    # ---- conditions

    def amended(self, name: str, old: core.Amended, new: core.Amended) -> core.Amended:
        """A condition that both have: its base, and each act on it."""
        if condition_of(old) == condition_of(new):
            return new
        base = new.base
        if old.base != new.base:
            base = self.mixed(name, old.base or always(), new.base or always(), new.origin, old.origin)
        pairs = _paired(old.amendments, new.amendments)
        return core.Amended(base, new.origin, tuple(self.act(name, *pair) for pair in pairs))

    def act(self, name: str, old: core.Amendment | None, new: core.Amendment | None) -> core.Amendment:
        """An act on a condition that one side has, or both in other words."""
        act = new or old
        assert act is not None
        if old is not None and new is not None:
            if old.body == new.body:
                return new
            return replace(new, body=self.mixed(name, old.body, new.body, new.origin, old.origin))
        words = words_at(act.body.span)
        # 还须 narrows a condition where it is there; the other acts add cases or take cases out.
        narrows = act.operation in ("还须", "仅限", "还应当")
        if new is not None:
            atom = self.add("加条件", name, "", words, act.origin, operation=act.operation)
            body = self.either(atom, act.body, always()) if narrows else all_of((self.on(atom), act.body))
        else:
            atom = self.add("去条件", name, words, "", act.origin, operation=f"去掉 {act.operation}")
            body = self.either(atom, always(), act.body) if narrows else all_of((self.off(atom), act.body))
        return replace(act, body=body)

    def optional(
        self, name: str, old: core.Expr | None, new: core.Expr | None, origin: core.Origin
    ) -> core.Expr | None:
        """A condition that either side may leave out."""
        if old == new:
            return new
        return self.mixed(name, old or always(), new or always(), origin, origin)

    def mixed(self, name: str, old: core.Expr, new: core.Expr, by: core.Origin, was: core.Origin) -> core.Expr:
        """An expression of which parts differ: each of them is an atom."""
        if old == new:
            return new
        for kind in (core.All, core.Any):
            if isinstance(old, kind) or isinstance(new, kind):
                mixed = self._joined(kind, name, old, new, by, was)
                if mixed is not None:
                    return mixed
        if isinstance(old, core.Not) and isinstance(new, core.Not):
            return replace(new, operand=self.mixed(name, old.operand, new.operand, by, was))
        return self.either(self._part(name, old, new, by, was), new, old)

    def _part(self, name: str, old: core.Expr, new: core.Expr, by: core.Origin, was: core.Origin) -> Atom:
        words = ["" if _is_true(one) else words_at(one.span) for one in (old, new)]
        kind: AtomKind = "加条件" if not words[0] else "去条件" if not words[1] else "改条件"
        return self.add(kind, name, words[0], words[1], by if words[1] else was)

    def _joined(
        self,
        kind: type[core.All] | type[core.Any],
        name: str,
        old: core.Expr,
        new: core.Expr,
        by: core.Origin,
        was: core.Origin,
    ) -> core.Expr | None:
        """Two 且, or two 或 (a condition by itself is one of one part): what both have stays, the rest is paired."""
        here, there = _flat(kind, old), _flat(kind, new)
        gone = [part for part in here if part not in there]
        come = [part for part in there if part not in here]
        kept = [part for part in there if part in here]
        if not kept and not (isinstance(old, kind) and isinstance(new, kind)):
            return None
        found = list(kept)
        neutral = always() if kind is core.All else _false()
        if len(gone) == len(come) == 1:
            found.append(self.mixed(name, gone[0], come[0], by, was))
            gone, come = [], []
        for part in come:
            twin = next((one for one in gone if _subject(one) == _subject(part)), None)
            if twin is None:
                atom = self.add("加条件", name, "", words_at(part.span), by)
                found.append(self.either(atom, part, neutral))
            else:
                gone.remove(twin)
                found.append(self.mixed(name, twin, part, by, was))
        for part in gone:
            atom = self.add("去条件", name, words_at(part.span), "", was)
            found.append(self.either(atom, neutral, part))
        return found[0] if len(found) == 1 else kind(tuple(found), new.span)


# ---- parts ----------------------------------------------------------------------------------------------------------


def always() -> core.Expr:
    """What holds always."""
    return core.Constant(True, BOOL, NOWHERE)


def _false() -> core.Expr:
    return core.Constant(False, BOOL, NOWHERE)


def _is_true(node: core.Expr) -> bool:
    return isinstance(node, core.Constant) and node.value is True


def all_of(parts: Iterable[core.Expr | None]) -> core.Expr:
    """All of the conditions that are there."""
    found = tuple(part for part in parts if part is not None)
    return found[0] if len(found) == 1 else core.All(found, found[-1].span)


def _flat(kind: type[core.All] | type[core.Any], node: core.Expr) -> list[core.Expr]:
    if not isinstance(node, kind):
        return [node]
    return [part for operand in node.operands for part in _flat(kind, operand)]


def _subject(node: core.Expr) -> tuple[object, ...]:
    """What a condition is about: the kind of its outermost node, and the names and cells it reads."""
    read: list[object] = []
    for part in walk(node):
        name = getattr(part, "name", None) or getattr(part, "decision", None)
        field = getattr(part, "field", None)
        read += [one for one in (name, field.name if isinstance(field, core.Field) else None) if one]
    return (type(node).__name__, *dict.fromkeys(read))


def _paired(
    old: Sequence[core.Amendment], new: Sequence[core.Amendment]
) -> Iterator[tuple[core.Amendment | None, core.Amendment | None]]:
    """Atoms on a condition, those of both sides paired: by who wrote them, else by what they say."""
    left = list(old)
    twins: dict[int, core.Amendment] = {}
    tests: tuple[Callable[[core.Amendment, core.Amendment], bool], ...] = (
        lambda one, other: (one.operation, one.body) == (other.operation, other.body),
        lambda one, other: _key_of(one) == _key_of(other),
    )
    for same in tests:
        for place, act in enumerate(new):
            if place not in twins:
                twin = next((one for one in left if same(one, act)), None)
                if twin is not None:
                    twins[place] = twin
                    left.remove(twin)
    # What is gone stays before what followed it.
    for place, act in enumerate(new):
        twin = twins.get(place)
        if twin is not None:
            at = old.index(twin)
            for one in [one for one in left if old.index(one) < at]:
                left.remove(one)
                yield one, None
        yield twin, act
    for one in left:
        yield one, None


def _key_of(act: core.Amendment) -> tuple[str, str, str, str]:
    return act.operation, act.origin.layer, act.origin.kind, act.origin.name


def _operation(kind: AtomKind, origin: core.Origin) -> str:
    """What an act does where it is no act of a 修订."""
    match kind:
        case "加规则" | "改规则":
            return origin.kind
        case "设定" | "推定" | "先后":
            return kind
        case "清单" if origin.kind == "增列":
            return origin.kind
        case _:
            return "改"


def words_at(span: Span) -> str:
    """What stands somewhere, in one line."""
    return one_line(span.words)
