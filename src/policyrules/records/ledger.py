"""A ledger as it was read: records to evaluate, records set aside, and everything that could not be read.

Why this exists: every format ends here, and everything that evaluates, reports or compares a ledger begins here.

Invariants: a record is an `Instance`, whose cells were read once; each record of ``records`` was read without a finding;
the place of every finding is a `policyrules.diagnostics.CellPlace`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.engine.instances import Instance

_MOST_NOTES: Final = 200


class Notes:
    """What a reader has to say beside its findings: each thing once, and no more of it than anybody reads."""

    def __init__(self) -> None:
        self._told: dict[str, None] = {}
        self._rest = 0

    def add(self, *notes: str) -> None:
        """Say something."""
        for note in notes:
            if note not in self._told:
                if len(self._told) < _MOST_NOTES:
                    self._told[note] = None
                else:
                    self._rest += 1

    def told(self) -> tuple[str, ...]:
        """All that was said; of what came too late, how much it was."""
        return (*self._told, f"另有 {self._rest} 处提示从略") if self._rest else tuple(self._told)


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

    @property
    def place(self) -> tuple[str, str, int | None, str]:
        """Where it stands: what it is known by, whoever reads the ledger."""
        return self.file, self.sheet, self.row, self.identity


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that a ledger holds: ``records`` to evaluate, ``set_aside`` those that cannot be, the ``problems`` that say why,
    and ``notes`` (columns not used, sheets not read). ``elsewhere``: that of the notes which says how many records lie in other
    places than the rules it was read for (`regions`), None where none does."""

    records: tuple[LedgerRecord, ...] = ()
    set_aside: tuple[LedgerRecord, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()
    elsewhere: str | None = None

    def __repr__(self) -> str:
        aside = f"，{len(self.set_aside)} 个没有评" if self.set_aside else ""
        said = f"，{len(self.problems)} 处读不出来" if self.problems else ""
        return f"<Ledger：{len(self.records)} 个{aside}{said}>"

    @property
    def portfolio(self) -> tuple[Instance, ...]:
        """The members that statistics should count over: every record, and what could be read of those set aside. A
        project that cannot be evaluated then counts as possible, and no threshold is missed in silence."""
        return tuple(record.instance for record in (*self.records, *self.set_aside))
