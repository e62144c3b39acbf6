"""The counts of a long ledger, without a result of each record.

Why this exists: what a hundred thousand records come to, in numbers, takes seconds in columns. Of results that are alike one is
asked of the definition, and counted as often as there are such.

Invariants: the counts are those of `analysis.summary`, in the same order, whether or not NumPy is there; where the columns do not
tell all of them, every record is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from policyrules.analysis.summary import LedgerSummary
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio
from policyrules.policy import Policy
from policyrules.records.ledger import Ledger
from policyrules.results import DecisionResult, Outcome, objects_of

if TYPE_CHECKING:
    from policyrules.columns.results import FrameResult

_KEPT = 64


def counts_of(
    policy: Policy,
    ledger: Ledger,
    portfolio: Portfolio,
    found: FrameResult | None,
    turns: Callable[[range], Iterable[int]] = iter,
) -> LedgerSummary:
    """The summary of a ledger without what is missing. ``found``: its results in columns, None without them; ``turns``: hands
    out the numbers of records that are evaluated one by one, and may show how far it is."""
    summary = LedgerSummary.empty(policy.program)
    tallied = None if found is None or not len(found) else found.tallied()

    def outcome(record: int) -> Outcome:
        return policy.evaluate(ledger.records[record].instance, portfolio)

    if found is None or tallied is None:
        for number in turns(range(len(ledger.records))):
            summary.add(outcome(number), missing=False)
        return summary
    asked = lru_cache(_KEPT)(outcome)
    summary.records = len(ledger.records)
    unsettled = tallied.unsettled
    if tallied.owners is not None:
        # What is said of a county is said by the first of its records; in some formats each record brings its own.
        owned: dict[Hashable, int] = {}
        alike: dict[int, int] = {}
        for record, owner in enumerate(tallied.owners.tolist()):
            if owner not in alike:
                alike[owner] = owned.setdefault(_content(ledger.records[record].instance.parent), record)
        open_ = {record for record in owned.values() if summary.add_shared(asked(record))}
        for record, owner in enumerate(tallied.owners.tolist() if open_ else ()):
            unsettled[record] |= alike[owner] in open_
    for name, classes in tallied.decisions.items():
        for one in classes:
            path = found.path(one.object, one.row) if one.object else ""
            summary.add_alike(_result(asked(one.record), path, name), one.count)
    for name, counter in tallied.findings.items():
        summary.findings[name] = counter  # type: ignore[assignment]  # statuses are texts
    summary.unsettled = int(unsettled.sum())
    if tallied.next_due is not None:
        summary.next_due = min(filter(None, (summary.next_due, tallied.next_due)))
    return summary


def _result(outcome: Outcome, path: str, name: str) -> DecisionResult:
    """A decision of an outcome: of the record itself, or of the row at ``path``."""
    if not path:
        return outcome[name]
    return next(one.decisions[name] for one in objects_of(outcome)[1:] if one.path == path)


def _content(instance: Instance | None) -> Hashable:
    """All that is known of an instance, of what it belongs to, and of the rows of both: alike of two that are alike. Rows nest
    as deep as kinds of objects do."""
    if instance is None:
        return None
    rows = tuple((kind, None if held is None else tuple(map(_rows, held))) for kind, held in instance.rows.items())
    return instance.path, frozenset(instance.values.items()), rows, _content(instance.parent)


def _rows(instance: Instance) -> Hashable:
    rows = tuple((kind, None if held is None else tuple(map(_rows, held))) for kind, held in instance.rows.items())
    return frozenset(instance.values.items()), rows
