"""The counts of a long ledger, without a result of each record.

Why this exists: what a hundred thousand records come to, in numbers, takes seconds in columns, and which of them somebody has to
look at for more.

Invariants: the counts are those of `analysis.summary`, in the same order, whether or not NumPy is there; where the columns do not
tell all of them, every record is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policyrules.analysis.summary import LedgerSummary
from policyrules.engine.instances import Instance, nameless
from policyrules.engine.portfolio import Portfolio
from policyrules.policy import Policy
from policyrules.records.ledger import Ledger
from policyrules.records.tasks import EXPLAINED, UNDONE, lapsed

if TYPE_CHECKING:
    from policyrules.columns.results import FrameResult
    from policyrules.columns.tallying import Tallied


@dataclass(frozen=True, slots=True)
class Told:
    """What columns tell of a ledger: its ``summary`` without what is missing; ``open``: the records with a decision that is open,
    ``looked``: those with something to be done or explained, of what several belong to the first of them, from 0.
    ``along``: where that has no name it is called by all of them: the others behind the first."""

    summary: LedgerSummary
    open: Sequence[int]
    looked: Sequence[int]
    along: Mapping[int, Sequence[int]]


def counts_of(
    policy: Policy,
    ledger: Ledger,
    portfolio: Portfolio,
    found: FrameResult | None,
    turns: Callable[[range], Iterable[int]] = iter,
) -> LedgerSummary:
    """The summary of a ledger without what is missing. ``found``: its results in columns, None without them; ``turns``: hands
    out the numbers of records that are evaluated one by one, and may show how far it is."""
    told = None if found is None else told_of(policy, ledger, portfolio, found)
    if told is not None:
        return told.summary
    summary = LedgerSummary.empty(policy.program)
    for number in turns(range(len(ledger.records))):
        instance = ledger.records[number].instance
        with portfolio.at_hand(instance):
            summary.add(policy.evaluate(instance, portfolio), missing=False)
    return summary


def told_of(policy: Policy, ledger: Ledger, portfolio: Portfolio, found: FrameResult) -> Told | None:
    """What columns tell of a ledger; None where they do not tell it."""
    tallied = found.tallied() if len(found) else None
    if tallied is None:
        return None
    summary = LedgerSummary.empty(policy.program)
    summary.records = len(ledger.records)
    unsettled, open_, looked = tallied.unsettled, tallied.open, tallied.looked
    along: dict[int, list[int]] = {}
    if tallied.owners is not None:
        # What is said of a county is said by the first of its records, and by the first that sees it otherwise; in some formats
        # each record brings its own.
        owned: dict[Hashable, int] = {}
        alike: dict[tuple[int, ...], int] = {}
        seen = [*zip(tallied.owners.tolist(), *(codes.tolist() for codes in tallied.apart), strict=True)]
        for record, (owner, *told) in enumerate(seen):
            if (owner, *told) not in alike:
                content = _content(ledger.records[record].instance.parent)
                alike[owner, *told] = owned.setdefault((content, *told), record)
        shared: dict[int, tuple[bool, bool]] = {}
        # What the results of counties rest on is not looked at: the definition would ask every record for it.
        policy.interpreter.hasten()
        for record in owned.values():
            instance = ledger.records[record].instance
            with portfolio.at_hand(instance):
                outcome = policy.evaluate(instance, portfolio)
                shared[record] = summary.add_shared(outcome)
                if any(
                    (finding.status in (*UNDONE, *EXPLAINED) or lapsed(finding, outcome.as_of))
                    and nameless(finding.shared, finding.label)
                    for finding in outcome.findings
                ):
                    along[record] = []
        looked[list(shared)] = True
        for record, key in enumerate(seen if along or any(map(any, shared.values())) else ()):
            first = alike[key]
            single, several = shared[first]
            unsettled[record] |= single
            open_[record] |= several
            if first in along and record != first:
                along[first].append(record)
    for name, classes in tallied.decisions.items():
        for one in classes:
            summary.add_alike(name, one.came, one.values, one.count)
    for name in _in_order(policy, ledger, portfolio, tallied):
        summary.findings[name] = tallied.findings[name]  # type: ignore[assignment]  # statuses are texts
    summary.unsettled = int(unsettled.sum())
    if tallied.next_due is not None:
        summary.next_due = min(filter(None, (summary.next_due, tallied.next_due)))
    return Told(summary, open_.nonzero()[0].tolist(), looked.nonzero()[0].tolist(), along)


def _in_order(policy: Policy, ledger: Ledger, portfolio: Portfolio, tallied: Tallied) -> Iterable[str]:
    """The findings in the order in which they first come. Those that first come in one record stand as it has them."""
    groups: dict[int, list[str]] = {}
    for name in tallied.findings:
        groups.setdefault(tallied.begins.get(name, -1), []).append(name)
    for record, names in groups.items():
        if record >= 0 and len(names) > 1:
            instance = ledger.records[record].instance
            with portfolio.at_hand(instance):
                findings = policy.evaluate(instance, portfolio).findings
            ranks = {finding.name: rank for rank, finding in reversed([*enumerate(findings)])}
            names.sort(key=ranks.__getitem__)
        yield from names


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
