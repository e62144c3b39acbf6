"""Commands about scenario files: ``test`` runs them, ``mutate`` asks what they would not notice.

Invariant: nothing is written; the exit code is 1 where a scenario failed, or fewer changes were noticed than asked for.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

from policyrules.cli.shared import FINE, FOUND, UserError, print_json
from policyrules.report.terminal import Screen
from policyrules.testing import mutate as mutation
from policyrules.testing.mutate_text import mutation_lines
from policyrules.testing.runner import run_files
from policyrules.testing.scenario_coverage import ScenarioCoverage
from policyrules.testing.scenarios import find_files
from policyrules.testing.text import coverage_lines, run_lines


def test(paths: list[Path] | None = None, coverage: bool = False, verbose: bool = False, as_json: bool = False) -> int:
    """Run scenario files, those of the current folder where none is named."""
    screen = Screen(quiet=as_json)
    wanted = paths or [Path()]
    for path in wanted:
        if not path.exists():
            raise UserError(f"没有这个文件或文件夹：{path}")
    files = find_files(wanted)
    if not files:
        raise UserError(
            f"{'、'.join(map(str, wanted))} 里没有情形文件（scenarios 文件夹里的 .yaml，或 *.scenario.yaml）"
        )
    result = run_files(screen.progress(files, "核对"))
    seen = ScenarioCoverage(result.results) if coverage else None
    if as_json:
        print_json(result.to_dict() | ({"coverage": seen.to_dict()} if seen is not None else {}))
    else:
        screen.show(run_lines(result, width=screen.width, verbose=verbose))
        if seen is not None:
            screen.show(coverage_lines(seen, width=screen.width, verbose=verbose))
    return FINE if result.passed else FOUND


def mutate(
    folder: Path,
    scenarios: list[Path] | None = None,
    stack: bool = False,
    files: list[str] | None = None,
    sample: int | None = None,
    seed: int = 0,
    least: int = 95,
    everything: bool = False,
    as_json: bool = False,
) -> int:
    """Change the rules one place at a time; ``least``: per cent of the changes that must be noticed."""
    screen = Screen(quiet=as_json)
    for path in scenarios or ():
        if not path.exists():
            raise UserError(f"没有这个文件或文件夹：{path}")
    counter = _Counter(screen)
    report = mutation.mutate(
        folder, scenarios, whole_stack=stack, sample=sample, seed=seed, files=tuple(files or ()), progress=counter.step
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

    def step(self, result: mutation.MutantResult, total: int) -> None:
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
