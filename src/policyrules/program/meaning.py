"""The meaning of a provision as text and hash: what a lock file pins.

Why this exists: an amendment is written against a certain meaning of the upper rule. The hash covers conditions, terms,
lists and statistics transitively; neither citations, nor notes, nor layout, nor parameter values.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping

from policyrules.program import nodes as core
from policyrules.source import Span


def meaning(
    value: object,
    terms: Mapping[str, core.Term],
    lists: Mapping[str, core.ValueList],
    statistics: Mapping[str, core.Statistic],
) -> object:
    """``value`` (a node, or a tuple of nodes) as nested plain tuples, definitions expanded, provenance left out."""

    # Definitions enter by their hash: a term used twice, inside terms used twice, stays linear.
    known: dict[tuple[str, str], str] = {}

    def defined(kind: str, name: str, body: object) -> tuple[str, str]:
        if (kind, name) not in known:
            known[(kind, name)] = name
            known[(kind, name)] = digest(plain(body))
        return (kind, known[(kind, name)])

    def plain(item: object) -> object:
        match item:
            case core.Sourced():
                return plain(item.body)
            case core.TermValue():
                term = terms.get(item.name)
                return (item.at.frame, item.at.up, defined("term", item.name, item.name if term is None else term.body))
            case core.StatisticValue():
                statistic = statistics.get(item.name)
                return defined("statistic", item.name, item.name if statistic is None else statistic)
            case core.ValueSet() if item.list is not None and item.list in lists:
                listed = lists[item.list]
                return ("list", tuple(sorted(str(v) for v in listed.items)), listed.open)
            case core.Field():
                return ("field", item.object, item.key, item.type.kind.value)
            case core.Origin() | Span():
                return None
            case tuple():
                return tuple(plain(part) for part in item)
            case frozenset():
                return ("set", *sorted(map(repr, item)))
            case _ if dataclasses.is_dataclass(item):
                return (
                    type(item).__name__,
                    *(plain(getattr(item, part.name)) for part in dataclasses.fields(item) if part.name != "origin"),
                )
            case _:
                return repr(item)

    return plain(value)


def whole(value: object) -> object:
    """``value`` as nested plain tuples, citations and notes included, places in files left out: what a fingerprint covers.

    Sets are sorted and mappings keep their order, so that the text of it does not depend on the hash seed.
    """
    match value:
        case Span():
            return None
        case tuple() | list():
            return tuple(whole(part) for part in value)
        case frozenset():
            return ("set", *sorted(map(repr, value)))
        case dict():
            return tuple((repr(key), whole(entry)) for key, entry in value.items())
        case _ if dataclasses.is_dataclass(value):
            return (type(value).__name__, *(whole(getattr(value, part.name)) for part in dataclasses.fields(value)))
        case _:
            return repr(value)


def digest(plain: object) -> str:
    """SHA-256 (hex) of what `meaning` returned."""
    return hashlib.sha256(repr(plain).encode("utf-8")).hexdigest()
