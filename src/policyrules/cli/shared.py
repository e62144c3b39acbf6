"""What the commands share: exit codes, dates and parameters as people type them, showing what was found.

Why this exists: each command stays a few lines, and the same slip gets the same answer everywhere.

Invariant: what the user can put right is a `UserError`, `PolicyError` or `RecordError`, never another exception.
"""

from __future__ import annotations

import datetime
import gc
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from policyrules.diagnostics import Diagnostic, render
from policyrules.program.given import Typed
from policyrules.report.layout import Line, Piece
from policyrules.report.terminal import Screen, write_data
from policyrules.spelling import nearest

FINE, FOUND, MISUSED, ROWS_SET_ASIDE = 0, 1, 2, 3
_OBJECTS: Final = 50_000
"""Objects that come before one looks for garbage: those of a few records."""


class UserError(Exception):
    """Something the user can put right; shown as its ``lines``, with exit code 2. Whatever a line quotes, it stays one."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


class UsageError(UserError):
    """Words of a command line that cannot be understood: whether JSON was wanted is not known either."""


class NothingRead(UserError):
    """Nothing of a ledger can be used. ``data``: what the command gives as JSON instead of results."""

    def __init__(self, data: dict[str, object], *lines: str) -> None:
        self.data = data
        super().__init__(*lines)


def json_text(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def print_json(data: object) -> None:
    write_data(json_text(data), escape=True)


def meant(word: str, names: Iterable[str]) -> str:
    """The end of a sentence about a ``word`` that nobody knows: the nearest of ``names``, where one is near."""
    near = "、".join(nearest(word, names))
    return f"，是不是 {near}？" if near else ""


def date_of(text: str) -> datetime.date:
    digits = text.strip().replace("年", "-").replace("月", "-").removesuffix("日").replace("/", "-").replace(".", "-")
    try:
        year, month, day = (int(part) for part in digits.split("-"))
        return datetime.date(year, month, day)
    except ValueError:
        raise UserError(f"--as-of 的“{text}”不是日期，写成 2025-09-15 这样") from None


def parameters_of(sets: list[str] | None, flag: str = "--set") -> dict[str, object]:
    given: dict[str, object] = {}
    for item in sets or []:
        name, mark, value = item.replace("＝", "=").partition("=")
        if not mark or not name.strip():
            raise UserError(f"{flag} 的“{item}”要写成 参数=值，如 {flag} 反向约束数量=5")
        given[name.strip()] = Typed(value.strip())
    return given


def show_diagnostics(diagnostics: tuple[Diagnostic, ...], screen: Screen, *, results: bool = False) -> None:
    styles = {"error": "bad", "warning": "doubt", "note": "quiet"}
    for diagnostic in diagnostics:
        first, *rest = render(diagnostic).split("\n")
        lines: list[Line] = [(Piece(first, styles[diagnostic.severity]),), *((Piece(line),) for line in rest), ()]
        if results:
            screen.show(lines)
        else:
            screen.fail(first, *rest, "")


@contextmanager
def settled() -> Iterator[None]:
    """While records are evaluated: what is there by now stays to the end, so that no look for garbage is in it (which in a process
    of its own would copy it page by page), and what a record leaves behind goes without one."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
