"""Ledgers and the two sides of a comparison, as commands are given them.

Why this exists: every command that takes a ledger refuses the same slips in the same words.

Invariants: of two sides each takes the parameters and the columns it knows; a record appears on both sides or on neither, and is
found by where it stands in the ledger.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeAlias

from policyrules.cli.arguments import Operand
from policyrules.cli.shared import NothingRead, UserError, meant, parameters_of
from policyrules.diagnostics import RecordError
from policyrules.policy import Policy, load
from policyrules.program.folders import MANIFEST_NAME
from policyrules.records.ledger import Ledger
from policyrules.report.terminal import Screen
from policyrules.variation.whole import two_readings

LedgerPath: TypeAlias = Annotated[
    Path, Operand("台账", "台账：.xlsx、.csv、.json、.jsonl、.parquet，或每个对象一个 CSV 的文件夹")
]


def two_ledgers(old: Policy, new: Policy, path: Path, screen: Screen) -> tuple[Ledger, Ledger]:
    """The ledger as each policy reads it; what is wrong with it is said once."""
    screens = iter((screen, Screen(quiet=True)))
    return two_readings(old, new, lambda policy: read_given(policy, path, next(screens)))


def load_two(before: Path, after: Path, as_of: datetime.date | None, given: dict[str, object]) -> tuple[Policy, Policy]:
    """Both policies, each with the parameters it knows; one that neither knows is an error."""
    policies = [load(folder, as_of=as_of) for folder in (before, after)]
    known = [{n for p in policy.program.parameters.values() for n in (p.name, p.key)} for policy in policies]
    unknown = [name for name in given if not any(name in names for names in known)]
    if unknown:
        near = meant(unknown[0], [name for names in known for name in sorted(names)])
        raise UserError(f"没有叫“{unknown[0]}”的参数{near}")
    set_ = [
        policy.with_parameters({n: v for n, v in given.items() if n in names}) if given else policy
        for policy, names in zip(policies, known, strict=True)
    ]
    return set_[0], set_[1]


def with_own(policy: Policy, sets: list[str] | None, flag: str) -> Policy:
    """``policy`` with the parameters that one side alone is given."""
    given = parameters_of(sets, flag)
    names = [name for parameter in policy.program.parameters.values() for name in (parameter.name, parameter.key)]
    for name in given:
        if name not in names:
            raise UserError(f"{flag}：这一边没有叫“{name}”的参数{meant(name, names)}")
    return policy.with_parameters(given) if given else policy


_LONGEST_NOTE = 100
_MOST_TOLD = 20


def check_order(command: str, layers: Sequence[Path], ledger_path: Path) -> None:
    """Raise `UserError` where the ledger stands before a layer."""
    ledger = next((path for path in layers if path.is_file()), None)
    if ledger is not None and (ledger_path / MANIFEST_NAME).is_file():
        right = [*(path for path in (*layers, ledger_path) if path is not ledger), ledger]
        said = f"先写层，后写台账：{ledger} 是文件，{ledger_path} 是层的文件夹"
        raise UserError(said, f"改为：policyrules {command} {' '.join(map(str, right))}")


def read_given(policy: Policy, path: Path, screen: Screen, *, paged: bool = False) -> Ledger:
    """The ledger with its problems said aloud; raises `UserError` where nothing of it can be used. ``paged``: a page follows that
    says which records lie elsewhere."""
    if not path.exists():
        raise UserError(f"没有这个文件或文件夹：{path}")
    try:
        ledger = policy.read(path)
    except RecordError as error:
        raise UserError(*map(str, error.problems)) from None
    for note in ledger.notes:
        if paged and note == ledger.elsewhere:
            continue
        cut = note if len(note) <= _LONGEST_NOTE else note[:_LONGEST_NOTE] + "……（全文见 --json）"
        screen.say(f"提示：{cut}", style="quiet")
    if not ledger.records and ledger.problems:
        raise NothingRead(_unread(ledger), *map(str, ledger.problems[:_MOST_TOLD]), *_left(ledger))
    if not ledger.records:
        raise NothingRead(_unread(ledger), f"{path} 里没有一条记录")
    return ledger


def say_problems(ledger: Ledger, screen: Screen) -> None:
    """What of a ledger could not be read, as many lines of it as anybody reads."""
    if not ledger.problems:
        return
    screen.say("", f"{len(ledger.problems)} 处读不出来，{len(ledger.set_aside)} 个项目没有评估：", style="bad")
    for line in (*map(str, ledger.problems[:_MOST_TOLD]), *_left(ledger)):
        screen.say(f"  {line}")


def _left(ledger: Ledger) -> list[str]:
    left = len(ledger.problems) - _MOST_TOLD
    return [f"另有 {left} 处，加 --json 看全部"] if left > 0 else []


def _unread(ledger: Ledger) -> dict[str, object]:
    return {
        "records": [],
        "problems": [problem.to_dict() for problem in ledger.problems],
        "notes": list(ledger.notes),
    }
