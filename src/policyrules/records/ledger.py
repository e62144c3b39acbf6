"""A ledger as it was read: records to evaluate, records set aside, and everything that could not be read.

Why this exists: every format ends here, and everything that evaluates, reports or compares a ledger begins here.

Invariants: a record is an `Instance`, whose cells were read once; each record of ``records`` was read without a finding;
the place of every finding is a `policyrules.diagnostics.CellPlace`.
"""

from __future__ import annotations

from dataclasses import dataclass

from policyrules.diagnostics import Diagnostic
from policyrules.engine.instances import Instance


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """One record of a ledger, and where it stood. For a record set aside ``instance`` is what could be read of it: what
    could not is blank there, lists with an unreadable row are not supplied. ``identity``: the number it was given;
    ``name``: what it is called beside the number, empty where the ledger does not say."""

    instance: Instance
    identity: str
    name: str = ""
    file: str = ""
    sheet: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that a ledger holds: ``records`` to evaluate, ``set_aside`` those that cannot be, the ``problems`` that say why,
    and ``notes`` (columns not used, sheets not read)."""

    records: tuple[LedgerRecord, ...] = ()
    set_aside: tuple[LedgerRecord, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def portfolio(self) -> tuple[Instance, ...]:
        """The members that statistics should count over: every record, and what could be read of those set aside. A
        project that cannot be evaluated then counts as possible, and no threshold is missed in silence."""
        return tuple(record.instance for record in (*self.records, *self.set_aside))
