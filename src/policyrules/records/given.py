"""Records as callers give them, and the ledgers they belong to, read for one policy.

Why this exists: a policy is loaded by many who evaluate nothing, or evaluate later; what reading needs is imported with this
module, when the first record comes.

Invariants: a record or a portfolio is looked through once for each policy; whatever cannot be read raises `RecordError` before
anything is evaluated.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from policyrules.diagnostics import RecordError, moved
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio
from policyrules.program.nodes import Program
from policyrules.records.build import at_once, build_all, build_or_raise, check_read_for
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.names import RecordNames, record_names

if TYPE_CHECKING:
    from pydantic import BaseModel

    from policyrules.engine.prepared import Engine

Record: TypeAlias = "Mapping[str, Any] | BaseModel | Instance | LedgerRecord"
"""A record as callers have it: by key or Chinese name with nested rows, a `Policy.Record` model, or read already."""
Records: TypeAlias = "Portfolio | Ledger | Sequence[Record]"
"""The ledger that a record belongs to."""


class Reader:
    """Reads what is given to one policy. ``engine``: gives the engine of its definition, when portfolios come; ``like``: the
    reader of the same program with other parameter values, which has the same names."""

    def __init__(self, program: Program, engine: Callable[[], Engine], *, like: Reader | None = None) -> None:
        self.program = program
        self._engine = engine
        self._like = like

    @cached_property
    def names(self) -> RecordNames:
        """The names of every field and row list, looked up once for all records."""
        return record_names(self.program) if self._like is None else self._like.names

    def instance(self, record: Record) -> Instance:
        """As `Policy.instance`."""
        if type(record) is dict:
            plain = at_once(self.names, record)
            if plain is not None:
                return plain
        record = record.instance if isinstance(record, LedgerRecord) else record
        if not isinstance(record, Instance):
            return build_or_raise(self.program, record, names=self.names)
        check_read_for(self.names, record)
        if record.problems:
            raise RecordError(record.problems, identity=record.problems[0].cell.record)
        return record

    def instances(self, records: Ledger | Iterable[Record]) -> Iterator[Instance]:
        """All of some records, one after the other; of one that cannot be read what stands for it."""
        given = records.portfolio if isinstance(records, Ledger) else records
        plain = (record.instance if isinstance(record, LedgerRecord) else record for record in given)
        return build_all(self.program, plain, names=self.names)

    def portfolio(self, records: Portfolio | Ledger | Iterable[Record]) -> Portfolio:
        """As `Policy.portfolio`."""
        if isinstance(records, Portfolio):
            engine = self._engine()
            if not records.known_to(engine):
                deque(self.instances(records.members), maxlen=0)
                records.known_by(engine)
            return records
        given = _listed(records)
        members = tuple(self.instances(given))
        for index, (record, member) in enumerate(zip(given, members, strict=True)):
            told = record.instance if isinstance(record, LedgerRecord) else record
            if member.problems and member is not told:
                raise refusal(index, member)
        return Portfolio(members, given)

    def possible_portfolio(self, records: Portfolio | Ledger | Iterable[Record]) -> Portfolio:
        """As `portfolio`, with a record that cannot be read as one that may be anything."""
        if isinstance(records, Portfolio):
            return self.portfolio(records)
        return Portfolio(tuple(self.instances(_listed(records))))

    def read(self, record: Record, portfolio: Records | None) -> tuple[tuple[str, ...], Instance, Portfolio | None]:
        """A record, what its reader noted, and the ledger that it belongs to, with the record as it stands there."""
        if isinstance(portfolio, Portfolio):
            told = record.instance if isinstance(record, LedgerRecord) else record
            if isinstance(told, Instance) and not told.problems and portfolio.has(self._engine(), told):
                # It was looked at when the portfolio was.
                return told.notes, told, portfolio
        root = self.instance(record)
        notes = root.notes
        if portfolio is None:
            return notes, root, None
        ledger, root = self.portfolio(portfolio).with_record(record, root)
        return notes, root, ledger


def _listed(records: Ledger | Iterable[Record]) -> Sequence[Record]:
    return records.portfolio if isinstance(records, Ledger) else tuple(records)


def refusal(index: int, member: Instance) -> RecordError:
    """Why the ``index``-th of some records is not evaluated."""
    problems = [moved(problem, set_aside=True) for problem in member.problems]
    identity = member.identity or next((problem.cell.record for problem in problems if problem.cell.record), "")
    return RecordError(problems, index=index, identity=identity)
