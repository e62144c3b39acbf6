"""Two policies and one ledger: loading what the command ``compare`` puts side by side.

Why this exists: each side takes the parameters and the columns it knows, and the ledger is read once where that is enough.

Invariant: a record appears on both sides or on neither; it is found by where it stands in the ledger.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from policyrules.cli.shared import UserError, read_ledger
from policyrules.diagnostics import nearest
from policyrules.report.terminal import Screen

if TYPE_CHECKING:
    from policyrules.policy import Policy
    from policyrules.records.ledger import Ledger, LedgerRecord


def two_ledgers(old: Policy, new: Policy, path: Path, screen: Screen) -> tuple[Ledger, Ledger]:
    """The ledger as each policy reads it. Where one stack is the beginning of the other, the longer one knows every
    column, and one reading serves both."""
    longer, shorter = (new, old) if len(new.layers) >= len(old.layers) else (old, new)
    ids = [[layer.manifest.id for layer in policy.layers] for policy in (longer, shorter)]
    ledger = read_ledger(longer, path, screen)
    if ids[0][: len(ids[1])] == ids[1]:
        return ledger, ledger
    other = read_ledger(shorter, path, Screen(quiet=True))
    return (other, ledger) if longer is new else (ledger, other)


def place_of(record: LedgerRecord) -> tuple[str, str, int | None, str]:
    """Where a record stands: what it is known by on both sides."""
    return (record.file, record.sheet, record.row, record.identity)


def load_two(before: Path, after: Path, as_of: datetime.date | None, given: dict[str, object]) -> tuple[Policy, Policy]:
    """Both policies, each with the parameters it knows; one that neither knows is an error."""
    from policyrules.policy import load

    policies = [load(folder, as_of=as_of) for folder in (before, after)]
    known = [{n for p in policy.program.parameters.values() for n in (p.name, p.key)} for policy in policies]
    unknown = [name for name in given if not any(name in names for names in known)]
    if unknown:
        near = nearest(unknown[0], [name for names in known for name in sorted(names)])
        raise UserError(f"没有叫“{unknown[0]}”的参数" + (f"，是不是 {'、'.join(near)}？" if near else ""))
    set_ = [
        policy.with_parameters({n: v for n, v in given.items() if n in names}) if given else policy
        for policy, names in zip(policies, known, strict=True)
    ]
    return set_[0], set_[1]
