"""Outcomes as lines of JSON, as fast as can be.

Why this exists: a ledger of many records says the same of them again and again; what was said once, word for word, is not put together
anew.

Invariants: a text is the one that `json` writes of `Outcome.to_dict`, byte for byte; what is kept is bounded.
"""

from __future__ import annotations

import json
from typing import Any, Final

from policyrules.results import DecisionResult, Finding, Outcome, ValueSources, detail_of, is_open

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_CONSTANTS: Final = {None: "null", True: "true", False: "false"}
_MOST_KEPT: Final = 20_000


class _Text(str):
    """What is JSON already."""

    __slots__ = ()


class TextMaker:
    """Makes the texts of outcomes; what several have in common is kept."""

    def __init__(self) -> None:
        self._sources: dict[tuple[int, bool], tuple[ValueSources, _Text]] = {}
        self._findings: dict[tuple[object, ...], str] = {}
        self._names: dict[str, str] = {}
        self._nothing: dict[tuple[type, bool], str] = {}

    def __reduce__(self) -> tuple[type[TextMaker], tuple[()]]:
        # What is kept is known by where it lies.
        return TextMaker, ()

    def text(self, outcome: Outcome, *, asked: bool = True) -> str:
        """An outcome as one line of JSON, without spaces: ledgers are long. ``asked``: as for `Outcome.to_dict`."""

        def sources(value: ValueSources) -> _Text:
            return self._told(value, asked)

        def told(result: DecisionResult | Finding) -> _Text:
            if isinstance(result, Finding):
                first = self._finding(result)
            else:
                first = self._written(result.to_dict(detail=False, asked=asked, told=sources))[:-1]
            return _Text(first + (self._last(result) if asked else self._unasked(result)))

        return self._written(outcome.to_dict(asked=asked, each=told))

    def _finding(self, finding: Finding) -> str:
        """All but what is dear of a finding, the bracket left open."""
        key = (
            finding.name,
            finding.status,
            finding.object,
            finding.label,
            finding.owner,
            finding.unlisted,
            finding.clauses,
            finding.offices,
            finding.due,
            finding.message,
            finding.reason,
        )
        found = self._findings.get(key)
        if found is None:
            if len(self._findings) >= _MOST_KEPT:
                self._findings.clear()
            found = self._findings[key] = _encode(finding.to_dict(detail=False))[:-1]
        return found

    def _told(self, sources: ValueSources, asked: bool) -> _Text:
        # Whoever makes results keeps the sources of a value: one is mostly the very same.
        key = id(sources), asked
        kept = self._sources.get(key)
        if kept is None:
            if len(self._sources) >= _MOST_KEPT:
                self._sources.clear()
            kept = self._sources[key] = sources, _Text(_encode(sources.to_dict(asked=asked)))
        return kept[1]

    def _last(self, result: DecisionResult | Finding, *, asked: bool = True) -> str:
        return "," + _encode(detail_of(result, asked=asked))[1:]

    def _unasked(self, result: DecisionResult | Finding) -> str:
        """What is dear of a result, where nobody asked for it: the same of all that are open, and of all others."""
        key = type(result), is_open(result)
        found = self._nothing.get(key)
        if found is None:
            found = self._nothing[key] = self._last(result, asked=False)
        return found

    def _name(self, name: str) -> str:
        found = self._names.get(name)
        if found is None:
            if len(self._names) >= _MOST_KEPT:
                self._names.clear()
            found = self._names[name] = _encode(name) + ":"
        return found

    def _written(self, value: Any) -> str:
        """Plain JSON, of which parts may be texts already. To encode a list or an object takes longer to begin than to do: what is
        in it is encoded."""
        kind = type(value)
        if kind is _Text:
            return value  # type: ignore[no-any-return]  # a text
        if kind is dict:
            return "{" + ",".join([self._name(name) + self._written(one) for name, one in value.items()]) + "}"
        if kind is list:
            return "[" + ",".join([_encode(one) if type(one) is str else self._written(one) for one in value]) + "]"
        if kind is bool or value is None:
            return _CONSTANTS[value]
        return _encode(value)
