"""What the commands share: reading dates, parameters, policies and ledgers as people give them, and saying so.

Why this exists: each command stays a few lines, and the same slip gets the same answer everywhere.

Invariant: what the user can put right is a `UserError`, `PolicyError` or `RecordError`, never another exception.
"""

from __future__ import annotations

import datetime
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from policyrules.diagnostics import Diagnostic, render
from policyrules.report.layout import Line, Piece
from policyrules.report.terminal import Screen

if TYPE_CHECKING:
    from policyrules.engine.outcome import Outcome
    from policyrules.engine.portfolio import Portfolio
    from policyrules.policy import Policy
    from policyrules.records.ledger import Ledger

FINE, FOUND, MISUSED, ROWS_SET_ASIDE = 0, 1, 2, 3
_LONGEST_NOTE = 100


class UserError(Exception):
    """Something the user can put right; shown as its message, with exit code 2."""


def check_writable(output: Path | None) -> None:
    """Long work must not end in "no such folder": what can be seen beforehand is said beforehand."""
    if output is None:
        return
    if output.is_dir():
        raise UserError(f"{output} 是文件夹，不是文件")
    if not output.parent.is_dir():
        raise UserError(f"没有文件夹“{output.parent}”，先建好再写 {output.name}")


def print_json(data: object) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def date_of(text: str | None) -> datetime.date | None:
    if text is None:
        return None
    digits = text.strip().replace("年", "-").replace("月", "-").removesuffix("日").replace("/", "-").replace(".", "-")
    try:
        year, month, day = (int(part) for part in digits.split("-"))
        return datetime.date(year, month, day)
    except ValueError:
        raise UserError(f"--as-of 的“{text}”不是日期，写成 2025-09-15 这样") from None


def parameters_of(sets: list[str] | None) -> dict[str, object]:
    given: dict[str, object] = {}
    for item in sets or []:
        name, mark, value = item.replace("＝", "=").partition("=")
        if not mark or not name.strip():
            raise UserError(f"--set 的“{item}”要写成 参数=值，如 --set 反向约束数量=5")
        given[name.strip()] = value.strip()
    return given


def load_policy(folder: Path, as_of: str | None, sets: list[str] | None, screen: Screen) -> Policy:
    """The policy; warnings go to standard error in one line, errors raise `PolicyError`."""
    from policyrules.policy import load

    policy = load(folder, as_of=date_of(as_of), parameters=parameters_of(sets))
    if policy.warnings:
        screen.say(f"读入规则时有 {len(policy.warnings)} 条警告，见 policyrules check {folder}", "doubt")
    return policy


def show_diagnostics(diagnostics: tuple[Diagnostic, ...], screen: Screen, *, results: bool = False) -> None:
    styles = {"error": "bad", "warning": "doubt", "note": "quiet"}
    for diagnostic in diagnostics:
        first, *rest = render(diagnostic).split("\n")
        lines: list[Line] = [(Piece(first, styles[diagnostic.severity]),), *((Piece(line),) for line in rest), ()]
        if results:
            screen.show(lines)
        else:
            screen.fail("\n".join([first, *rest, ""]))


def read_ledger(policy: Policy, path: Path, screen: Screen) -> Ledger:
    """The ledger with its problems said aloud; raises `UserError` where nothing of it can be used."""
    if not path.exists():
        raise UserError(f"没有这个文件或文件夹：{path}")
    ledger = policy.read(path)
    for note in ledger.notes:
        cut = note if len(note) <= _LONGEST_NOTE else note[:_LONGEST_NOTE] + "……（全文见 --json）"
        screen.say(f"提示：{cut}", "quiet")
    if not ledger.records and ledger.problems:
        raise UserError("\n".join(str(problem) for problem in ledger.problems[:20]))
    if not ledger.records:
        raise UserError(f"{path} 里没有一条记录")
    return ledger


def say_problems(ledger: Ledger, screen: Screen, *, limit: int = 20) -> None:
    if not ledger.problems:
        return
    screen.say(f"\n{len(ledger.problems)} 处读不出来，{len(ledger.set_aside)} 个项目没有评估：", "bad")
    for problem in ledger.problems[:limit]:
        screen.say(f"  {problem}")
    if len(ledger.problems) > limit:
        screen.say(f"  另有 {len(ledger.problems) - limit} 处，加 --json 看全部")


def evaluate_ledger(policy: Policy, ledger: Ledger, screen: Screen) -> list[Outcome]:
    """The outcome of each record, in order, against the whole ledger."""
    portfolio: Portfolio = policy.portfolio(ledger.portfolio)
    found = (policy.evaluate(record.instance, portfolio) for record in screen.progress(ledger.records, "评估"))
    # What no rule reads was said once of the whole ledger.
    return [replace(outcome, notes=()) for outcome in found]
