"""Names that stand for one thing here and for another there: what declarations read, and the same under other names.

Why this exists: programs that are put into one may call different things alike. Whoever reads one of them has to read it
under its new name, in conditions, values, lists and rankings alike.

Invariants: nothing but names changes; `reads` tells every name that `renamed` changes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias, TypeVar, assert_never

from policyrules.program import nodes as core
from policyrules.program.amended import condition_of
from policyrules.program.walk import changed, rewrite, walk
from policyrules.source import Source, Span

Thing: TypeAlias = (
    core.Parameter
    | core.ValueList
    | core.Term
    | core.Statistic
    | core.Decision
    | core.Rule
    | core.Duty
    | core.Notice
    | core.Presumption
)
Key: TypeAlias = tuple[str, Any]
"""What something is, and its name; of a presumption the object and the field."""
Called: TypeAlias = Mapping[tuple[str, str], str]
"""New names, by what something is and its name."""
TABLES: Final = (
    ("参数", "parameters"),
    ("清单", "lists"),
    ("术语", "terms"),
    ("统计", "statistics"),
    ("决定", "decisions"),
    ("规则", "rules"),
    ("义务", "duties"),
    ("提示", "notices"),
    ("推定", "presumptions"),
)
FOUND: Final = frozenset({"义务", "提示"})
"""What gives findings."""
SPOKEN: Final = frozenset({"决定", "规则", *FOUND})
"""What has one name among all of these."""
NOWHERE: Final = Span(Source("", ""), 0, 0)
"""The place of what nobody wrote."""
NOBODY: Final = core.Origin("", "", "", (), (), (), NOWHERE)
_T = TypeVar("_T")


def bare(thing: Thing) -> Thing:
    """What something means alone: without who wrote it, and without words for people."""
    match thing:
        case core.Parameter():
            return replace(thing, origin=NOBODY, setter=None, direction=None)
        case core.ValueList():
            return replace(thing, items=tuple(sorted(thing.items, key=str)), origins=(NOBODY,))
        case core.Term() | core.Statistic():
            return replace(thing, origin=NOBODY)
        case core.Decision():
            return replace(
                thing,
                origins=(NOBODY,),
                ranks=tuple(replace(rank, origin=NOBODY) for rank in thing.ranks),
                limits=tuple(replace(limit, origin=NOBODY) for limit in thing.limits),
            )
        case core.Rule():
            return replace(thing, origins=(NOBODY,), tone=None, when=_plain(thing.when))
        case core.Duty():
            return replace(thing, origins=(NOBODY,), when=_plain(thing.when), demand=_plain(thing.demand))
        case core.Notice():
            return replace(thing, origins=(NOBODY,), when=_plain(thing.when), message="", pieces=())
        case core.Presumption():
            return replace(thing, cases=tuple(replace(case, origin=NOBODY) for case in thing.cases))
        case _:
            assert_never(thing)


def _plain(amended: core.Amended) -> core.Amended:
    return core.Amended(condition_of(amended), NOBODY)


def frame(thing: Thing) -> Hashable:
    """What no switch can change; its name is no part of it."""
    match thing:
        case core.Parameter():
            return "参数", thing.type, thing.low, thing.high, thing.state, thing.value
        case core.ValueList():
            return "清单", thing.items, thing.open, thing.without
        case core.Term():
            return "术语", thing.object, thing.type
        case core.Statistic():
            return "统计", thing.kind, thing.object, thing.same, thing.value, thing.match is None, thing.type
        case core.Decision():
            limits = tuple((limit.kind, limit.level) for limit in limits_of(thing))
            return "决定", thing.key, thing.object, thing.mode, thing.default, thing.type, thing.default_amount, limits
        case core.Rule():
            return (
                "规则",
                thing.object,
                thing.decision,
                thing.values,
                thing.supplement,
                thing.level,
                thing.amount is None,
            )
        case core.Duty():
            return "义务", thing.object, thing.prohibition, thing.deadline, thing.expiry, thing.reason
        case core.Notice():
            return "提示", thing.object
        case core.Presumption():
            return "推定", thing.field.object, thing.field.name
        case _:
            assert_never(thing)


def limits_of(decision: core.Decision) -> tuple[core.Limit, ...]:
    """The limits of an amount as they bind, one after the other."""
    return tuple(sorted(decision.limits, key=lambda limit: limit.turn))


# ---- what is read ---------------------------------------------------------------------------------------------------


def reads(thing: Thing) -> Iterator[tuple[str, str]]:
    """The names that something reads, but for its own."""
    for expression in _expressions(thing):
        for node in walk(expression):
            yield from _named(node)
    match thing:
        case core.Rule():
            yield "决定", thing.decision
        case core.Decision():
            yield from (("规则", rule) for rule in (*thing.rules, *thing.supplements))
        case _:
            pass


def _named(node: core.Expr) -> Iterator[tuple[str, str]]:
    match node:
        case core.ParameterValue(name=name) | core.ParameterFilled(name=name):
            yield "参数", name
        case core.TermValue(name=name):
            yield "术语", name
        case core.StatisticValue(name=name):
            yield "统计", name
        case core.DecisionValue(name=name) | core.AmountValue(name=name):
            yield "决定", name
        case core.DecisionIs(decision=name) | core.DecisionHas(decision=name):
            yield "决定", name
        case core.Member(right=right) | core.Overlaps(right=right) | core.Subset(right=right) | core.Less(right=right):
            if isinstance(right, core.ListRef):
                yield "清单", right.name
            elif isinstance(right, core.ParameterRef):
                yield "参数", right.name
        case _:
            pass


def _expressions(thing: Thing) -> Iterator[core.Expr]:
    found: list[core.Expr] = []

    def one(node: core.Expr) -> core.Expr:
        found.append(node)
        return node

    _changed(thing, one)
    return iter(found)


# ---- other names ----------------------------------------------------------------------------------------------------


def renamed(thing: Thing, called: Called) -> Thing:
    """The same where some names are other ones, its own among them."""

    def of(kind: str, name: str) -> str:
        return called.get((kind, name), name)

    def change(node: core.Expr) -> core.Expr:
        for kind, name in _named(node):
            if (kind, name) in called:
                return _called(node, called[kind, name])
        return node

    thing = _changed(thing, lambda node: rewrite(node, change))
    match thing:
        case core.Rule():
            return replace(thing, name=of("规则", thing.name), decision=of("决定", thing.decision))
        case core.Decision():
            ranks = thing.ranks
            if thing.type is not None:
                # Of an amount the rules are ranked.
                ranks = tuple(replace(one, values=tuple(of("规则", rule) for rule in one.values)) for one in ranks)
            return replace(
                thing,
                name=of("决定", thing.name),
                ranks=ranks,
                rules=tuple(of("规则", rule) for rule in thing.rules),
                supplements=tuple(of("规则", rule) for rule in thing.supplements),
            )
        case core.Presumption():
            return thing
        case _:
            name = of(_KINDS[type(thing)], thing.name)
            return thing if name == thing.name else replace(thing, name=name)


_KINDS: Final[dict[type, str]] = {
    core.Parameter: "参数",
    core.ValueList: "清单",
    core.Term: "术语",
    core.Statistic: "统计",
    core.Duty: "义务",
    core.Notice: "提示",
}


def _called(node: core.Expr, name: str) -> core.Expr:
    match node:
        case core.DecisionIs() | core.DecisionHas():
            return replace(node, decision=name)
        case core.Member() | core.Overlaps() | core.Subset() | core.Less():
            right: Any = node.right
            return replace(node, right=replace(right, name=name))
        case _:
            of: Any = node
            return replace(of, name=name)  # type: ignore[no-any-return]  # a node, as it was


def _changed(thing: Thing, change: Callable[[core.Expr], core.Expr]) -> Thing:
    return thing if isinstance(thing, core.Parameter | core.ValueList) else changed(thing, change)


# ---- names of forms -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Names:
    """The names of things that people call alike, by what they are and by their form: the first has the name itself."""

    shown: dict[tuple[str, str], str] = field(default_factory=dict)
    """What people call what has a name of its own."""
    _given: dict[tuple[str, str, Hashable], str] = field(default_factory=dict)
    _taken: dict[str, list[str]] = field(default_factory=dict)
    """Of each name of what kinds of things it is the name."""

    def plain(self, kind: str, name: str, form: Hashable) -> None:
        """A form whose name is the plain one."""
        if (kind, name, form) not in self._given:
            self._given[kind, name, form] = name
            self._taken.setdefault(name, []).append(kind)

    def inner(self, kind: str, name: str, form: Hashable) -> str:
        """The name of a form."""
        found = self._given.get((kind, name, form))
        if found is None:
            kinds = self._taken.setdefault(name, [])
            together = SPOKEN if kind in SPOKEN else {kind}
            found = name if together.isdisjoint(kinds) else f"{name}〔{len(kinds)}〕"
            kinds.append(kind)
            self._given[kind, name, form] = found
            if found != name:
                self.shown[kind, found] = name
        return found


def merged(first: Sequence[_T], second: Sequence[_T]) -> tuple[_T, ...] | None:
    """Both in one order that both have; None where there is none. What only ``second`` has stands behind what it follows there.

    >>> merged("ac", "abc"), merged("ab", "ba"), merged("", "ab")
    (('a', 'b', 'c'), None, ('a', 'b'))
    """
    found = list(first)
    at = 0
    for one in second:
        if one in found:
            place = found.index(one)
            if place < at:
                return None
            at = place + 1
        else:
            found.insert(at, one)
            at += 1
    return tuple(found)
