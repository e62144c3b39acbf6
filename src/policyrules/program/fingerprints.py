"""Fingerprints: of what a provision means, which a lock file pins, and of all that a policy says.

Why this exists: an amendment is written against a certain meaning of the upper rule. Its hash covers conditions, terms,
lists and statistics transitively; neither citations, nor notes, nor layout, nor parameter values.

Invariant: lock files in every office hold these hashes, so the text of a meaning never changes; that is why each node is
written out here and not as its class happens to look.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final, TypeAlias, cast

from policyrules.operators import Operator
from policyrules.program import nodes as core
from policyrules.program.amended import Folded, Part, folded
from policyrules.program.graph import ordered
from policyrules.program.walk import expressions, walk
from policyrules.source import Span
from policyrules.types import Type, Value

_MOST_JOINED: Final = 256
"""Conditions that amendments were folded into that are kept as text; more than the layers make of one provision."""


def meaning_hash(
    value: object,
    terms: Mapping[str, core.Term],
    lists: Mapping[str, core.ValueList],
    statistics: Mapping[str, core.Statistic],
) -> str:
    """The hash (SHA-256, hex) of what ``value``, a node or a tuple of nodes, means: definitions expanded, provenance left
    out. Definitions enter by their hash: a term used twice, inside terms used twice, stays linear."""
    return Meanings(terms, lists, statistics, {}).hash_of(value)


class Meanings:
    """Hashes of what nodes mean (`meaning_hash`), many of them. ``known``: hashes of the same tables, added to; ``bare``: the
    name that its own document gives what the stack calls otherwise.

    What layer after layer adds to a condition is written once: a condition that many amend is pinned by each of them, with all that
    stood before."""

    def __init__(
        self,
        terms: Mapping[str, core.Term],
        lists: Mapping[str, core.ValueList],
        statistics: Mapping[str, core.Statistic],
        known: dict[tuple[str, str], str],
        bare: Mapping[str, str] = {},
    ) -> None:
        self._lists, self._known, self._bare = lists, known, bare
        self._bodies: dict[tuple[str, str], core.Term | core.Statistic] = {
            **{("term", name): term for name, term in terms.items()},
            **{("statistic", name): statistic for name, statistic in statistics.items()},
        }
        self._texts: dict[int, tuple[core.Expr, str]] = {}
        self._joined: dict[tuple[object, ...], tuple[object, str]] = {}
        self._numbered = 0
        if not known:
            # Each definition after those it reads, so that a long chain of names is never one deep recursion.
            for kind, name in ordered({key: tuple(_reads(body)) for key, body in self._bodies.items()})[0]:
                self._defined(kind, name)

    def hash_of(self, value: object) -> str:
        """The hash of a node or a tuple of nodes."""
        return _hashed(self._plain(value))

    def _defined(self, kind: str, name: str) -> str:
        key = kind, name
        if key not in self._known:
            self._known[key] = name
            body = self._bodies.get(key, name)
            self._known[key] = _hashed(self._plain(body.body if isinstance(body, core.Term) else body))
        return repr((kind, self._known[key]))

    def _kept(self, body: core.Expr) -> None:
        """Write a condition for whoever comes to it again."""
        if id(body) not in self._texts:
            self._texts[id(body)] = body, self._plain(body)

    def _folded(self, found: Folded) -> tuple[object, str]:
        """What amendments were folded into as `_plain` writes its expression, and what tells it from others. The first part alone holds
        others; what an amendment was folded over was written for the one before it."""
        if isinstance(found, Part):
            body = found.body
            # What is taken out is negated anew each time.
            own = body.operand if isinstance(body, core.Not) and id(body) not in self._texts else body
            return (id(own) if id(own) in self._texts else self._plain(own), own is body), self._plain(body)
        parts = [self._folded(part) for part in found.parts]
        key = found.every, *(mark for mark, _ in parts)
        kept = self._joined.get(key)
        if kept is None:
            if len(self._joined) >= _MOST_JOINED:
                self._joined.clear()
            operands = _tuple([text for _, text in parts])
            # The number stands for all that the key holds.
            self._numbered += 1
            kept = self._joined[key] = -self._numbered, _node("All" if found.every else "Any", operands, "None")
        return kept

    def _plain(self, item: object) -> str:
        """A node as nested tuples are printed."""
        kept = self._texts.get(id(item))
        if kept is not None:
            return kept[1]
        plain = self._plain
        match item:
            case core.Amended(base=base, amendments=amendments):
                for body in (*([] if base is None else [base]), *(one.body for one in amendments)):
                    self._kept(body)
                return self._folded(folded(item))[1]
            case core.Apply(operator, operands):
                return self._applied(operator, operands)
            case core.FieldValue(at, field):
                return _node("FieldValue", plain(at), plain(field), "None")
            case core.TermValue():
                return _tuple([repr(item.at.frame), repr(item.at.up), self._defined("term", item.name)])
            case core.StatisticValue(name, _, at):
                found = self._defined("statistic", name)
                return found if at is None else _tuple([repr(at.frame), repr(at.up), found])
            case core.Literals(items, open_, without):
                return _node("ValueSet", plain(items), repr(repr(open_)), "'None'", "'None'", *_excluded(without))
            case core.ListRef(name):
                listed = self._lists[name]
                values = tuple(sorted(str(v) for v in listed.items))
                return _node("list", repr(values), repr(listed.open), *_excluded(listed.without))
            case core.ParameterRef(name):
                return _node("ValueSet", "()", "'False'", "'None'", plain(name))
            case core.DecisionHas(at, name, values, "only"):
                return _node("DecisionHasOnly", plain(at), plain(name), plain(values), "None")
            case core.DecisionHas(at, name, values, how):
                either, none = repr(repr(how == "any")), repr(repr(how == "none"))
                return _node("DecisionHas", plain(at), plain(name), plain(values), either, none, "None")
            case core.Yearly(month, day, since):
                return _node("Yearly", repr(month), repr(day), plain(since))
            case core.Filled(at, field, negated):
                return _node("FieldFilled", plain(at), plain(field), repr(repr(negated)), "None")
            case core.Fallback(_, first, second, type_):
                return _node("Fallback", plain(first), plain(second), plain(type_), "None")
            case core.Field():
                return repr(("field", item.object, item.key, item.type.kind.value))
            case core.Origin() | Span():
                return "None"
            case tuple():
                return _tuple([plain(part) for part in item])
            case frozenset():
                return repr(("set", *sorted(map(repr, item))))
            case _ if (names := _fields(cast(Hashable, type(item)))) is not None:
                return _node(
                    type(item).__name__, *(plain(getattr(item, name)) for name, _ in names if name != "origin")
                )
            case str():
                return repr(repr(self._bare.get(item, item)))
            case _:
                return repr(repr(item))

    def _applied(self, operator: Operator, operands: tuple[core.Expr, ...]) -> str:
        parts = [self._plain(operand) for operand in operands]
        match operator.name:
            case "equal" | "not_equal" | "less" | "at_most" | "greater" | "at_least":
                return _node("Compare", repr(repr(operator.words)), *parts, "None")
            case "elapsed":
                return _node("Elapsed", *parts, self._plain(operands[1].type), "None")
            case "later" | "earlier":
                sign = 1 if operator.name == "later" else -1
                return _node("DateShift", *parts, self._plain(operands[1].type), repr(repr(sign)), "None")
            case "days_between":
                return _node("DateDifference", *parts, "None")
            case "set_size":
                return _node("SetSize", *parts, "None")
            case _:
                return _node(operator.name, *parts, "None")


def _node(name: str, *parts: str) -> str:
    return _tuple([repr(name), *parts])


def _excluded(without: tuple[Value, ...]) -> tuple[str, ...]:
    # A list without 不含 is hashed as it was before there was any.
    return (repr(tuple(sorted(str(value) for value in without))),) if without else ()


def _reads(definition: core.Term | core.Statistic) -> Iterator[tuple[str, str]]:
    for node in walk(*expressions(definition)):
        if isinstance(node, core.TermValue):
            yield ("term", node.name)
        elif isinstance(node, core.StatisticValue):
            yield ("statistic", node.name)


Texts: TypeAlias = dict[int, tuple[object, str]]
"""What declarations say, by identity, each with the declaration, so that the identity stays its own."""


def text_hash(value: object, texts: Texts | None = None) -> str:
    """The hash (SHA-256, hex) of all that ``value`` says, citations and notes included, places in files left out. ``texts``:
    what was written for declarations before, added to: programs that differ in parameter values share all others."""
    return _hashed(_text(value, {}, texts))


_SHARED: Final = frozenset({core.Field, Type})
_MANY_VALUES: Final = 256
"""Values of a type beyond which it is written as a hash: it stands on every node that reads such a field."""


def _text(value: object, long: dict[int, str], texts: Texts | None = None) -> str:
    """As nested plain tuples are printed: sets sorted and mappings in their order, so that the hash seed does not matter.
    ``long``: by identity the hashes of the values of types that have many, and what fields and types say."""
    if value is None or type(value) is str:
        # Most of what is written.
        return repr(repr(value))
    if type(value) in _SHARED:
        # It stands on every node that reads it.
        found = long.get(id(value))
        if found is None:
            found = long[id(value)] = _written(value, long, texts)
        return found
    return _written(value, long, texts)


def _written(value: object, long: dict[int, str], texts: Texts | None) -> str:
    match value:
        case Span():
            return "None"
        case Type(kind, unit, values) if values is not None and len(values) > _MANY_VALUES:
            if id(values) not in long:
                long[id(values)] = _digest(values)
            return repr(("Type", repr(kind), repr(unit), long[id(values)]))
        case Operator():
            return repr(value.name)
        case tuple() | list():
            return _tuple([_text(part, long, texts) for part in value])
        case frozenset():
            return repr(("set", *sorted(map(repr, value))))
        case _ if (names := _fields(cast(Hashable, type(value)))) is not None:
            said = ((getattr(value, name), later) for name, later in names)
            parts = [
                _text(own, long, texts)
                for own, later in said
                if not (later and (own is None or own is False or own == ()))
            ]
            return _tuple([repr(type(value).__name__), *parts])
        case Mapping():
            return _tuple([_tuple([repr(repr(key)), _entry(entry, long, texts)]) for key, entry in value.items()])
        case _:
            return repr(repr(value))


def _entry(entry: object, long: dict[int, str], texts: Texts | None) -> str:
    """A declaration of a table, written once for all programs that hold it."""
    if texts is None or _fields(cast(Hashable, type(entry))) is None:
        return _text(entry, long)
    if id(entry) not in texts:
        texts[id(entry)] = entry, _text(entry, long)
    return texts[id(entry)][1]


def _tuple(parts: Sequence[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


@cache
def _fields(kind: Hashable) -> tuple[tuple[str, bool], ...] | None:
    """The fields of a kind of node, each with whether it came later; None of what is no node."""
    if not dataclasses.is_dataclass(kind):
        return None
    return tuple((part.name, part.metadata == core.UNSAID) for part in dataclasses.fields(kind))


def _digest(plain: object) -> str:
    return _hashed(repr(plain))


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
