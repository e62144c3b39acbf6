"""The command ``mutate``, run: change the rules one place at a time, and list what no scenario notices.

Why this exists: kept apart from the other commands because it is for those who write scenarios, takes minutes, and has
a line of its own that says how far it has come.

Invariant: nothing is written; the exit code is 1 where fewer changes were noticed than asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from policyrules.cli.shared import FINE, FOUND, UserError, print_json
from policyrules.report.terminal import Screen

if TYPE_CHECKING:
    from policyrules.testing.mutate import MutantResult


def run_mutate(
    folder: Path,
    scenarios: Sequence[Path] | None = None,
    *,
    stack: bool = False,
    files: Sequence[str] = (),
    sample: int | None = None,
    seed: int = 0,
    least: int = 95,
    everything: bool = False,
    as_json: bool = False,
) -> int:
    """Try the mutants of ``folder`` and show the report; the exit code. ``least``: per cent that must be noticed."""
    from policyrules.testing.mutate import mutate
    from policyrules.testing.mutate_text import mutation_lines

    screen = Screen(quiet=as_json)
    for path in scenarios or ():
        if not path.exists():
            raise UserError(f"没有这个文件或文件夹：{path}")
    counter = _Counter(screen)
    report = mutate(
        folder, scenarios, whole_stack=stack, sample=sample, seed=seed, files=tuple(files), progress=counter.step
    )
    counter.end()
    if not report.results:
        raise UserError(f"{folder} 里没有可以改动的规则" + ("，检查 --file 的文件名" if files else ""))
    if as_json:
        print_json(report.to_dict())
    else:
        screen.show(mutation_lines(report, width=screen.width, everything=everything))
    enough = report.share is None or report.share >= Fraction(least, 100)
    return FINE if enough else FOUND


class _Counter:
    """How far it has come, on one line of standard error; only where a person watches."""

    def __init__(self, screen: Screen) -> None:
        self.shown = not screen.quiet and sys.stderr.isatty()
        self.done = 0
        self.unnoticed = 0

    def step(self, result: MutantResult, total: int) -> None:
        """Count one mutant of ``total``."""
        self.done += 1
        self.unnoticed += result.status == "unnoticed"
        if self.shown:
            sys.stderr.write(f"\r变异 {self.done}/{total}，没有发现 {self.unnoticed} ")
            sys.stderr.flush()

    def end(self) -> None:
        """Leave the line clear for the report."""
        if self.shown:
            sys.stderr.write("\r" + " " * 40 + "\r")
