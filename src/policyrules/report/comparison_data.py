"""The comparison of two stacks as JSON text, piece by piece.

Why this exists: of a long ledger hundreds of thousands of results change, and thousands of them say the same for the same cause:
what is said is put into words once.

Invariant: the pieces together are what `json.dumps` writes of `Comparison.to_dict` with the ledger's problems and the notes,
indented by two.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator
from itertools import islice
from typing import Final

from policyrules.analysis.causes import looked_text
from policyrules.analysis.compare import Change, Comparison, FindingChange
from policyrules.records.ledger import Ledger

_MANY: Final = 500
"""Changes of one piece."""
_KEPT: Final = 20_000
"""Texts that are kept."""
_OWN: Final = ("identity", "index", "object")
"""What a change begins with: what tells it from others that say the same."""


def comparison_texts(comparison: Comparison, ledger: Ledger) -> Iterator[str]:
    """The whole document. ``ledger``: whose problems it tells."""
    notes = dict.fromkeys((*comparison.before.notes, *comparison.after.notes, *looked_text(comparison)))
    data = comparison.to_dict(listed=False) | {
        "problems": [problem.to_dict() for problem in ledger.problems],
        "notes": list(notes),
    }
    lists: dict[str, tuple[Change | FindingChange, ...]] = {
        "changes": comparison.changes,
        "finding_changes": comparison.finding_changes,
    }
    mark = "{\n  "
    for name, value in data.items():
        yield f"{mark}{json.dumps(name)}: "
        mark = ",\n  "
        if name in lists:
            yield from _list(lists[name])
        else:
            yield _indented(value, 2)
    yield "\n}\n"


def _list(changes: Iterable[Change | FindingChange]) -> Iterator[str]:
    texts = _texts(changes)
    mark = "[\n    "
    while several := list(islice(texts, _MANY)):
        yield mark + ",\n    ".join(several)
        mark = ",\n    "
    yield "[]" if mark[0] == "[" else "\n  ]"


def _texts(changes: Iterable[Change | FindingChange]) -> Iterator[str]:
    known: dict[Hashable, str] = {}
    for change in changes:
        key = _said(change)
        rest = known.get(key)
        if rest is None:
            if len(known) >= _KEPT:
                known.clear()
            data = change.to_dict()
            rest = known[key] = _indented({name: data[name] for name in data if name not in _OWN}, 4)[1:]
        identity, path = (json.dumps(text, ensure_ascii=False) for text in (change.identity, change.path))
        own = f'"identity": {identity},\n      "index": {change.index},\n      "object": {path},'
        yield f"{{\n      {own}{rest}"


def _said(change: Change | FindingChange) -> Hashable:
    """What a change says beside what is its own. Causes and provisions are told apart by which they are: as long as there are
    changes, there are they."""
    if isinstance(change, Change):
        return (
            change.decision,
            change.before,
            change.after,
            change.before_status,
            change.after_status,
            change.before_clauses,
            change.after_clauses,
            change.difference,
            change.moved,
            id(change.provisions),
            id(change.causes),
        )
    return (
        change.finding,
        change.kind,
        change.before,
        change.after,
        change.before_clauses,
        change.after_clauses,
        id(change.provisions),
        id(change.cause),
    )


def _indented(value: object, by: int) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n" + " " * by)
