"""The command ``mutate``: change the rules one place at a time, and list what no scenario notices.

Why this exists: kept apart from the other commands because it is for those who write scenarios, and takes minutes.

Invariant: nothing is written; the exit code is 1 where fewer changes were noticed than asked for.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from policyrules.cli.shared import FINE, FOUND, UserError, print_json
from policyrules.report.terminal import Screen

if TYPE_CHECKING:
    from policyrules.testing.mutate import MutantResult


def add_mutate(app: typer.Typer, command: type[Any]) -> None:
    """Add the command to ``app``; ``command``: the class of its commands."""
    app.command("mutate", cls=command)(run_mutate)


def run_mutate(
    folder: Annotated[Path, typer.Argument(metavar="层", help="层的文件夹，如 policies/jiangxi")],
    scenarios: Annotated[
        list[Path] | None,
        typer.Option("--scenarios", metavar="文件或文件夹", help="情形在哪里，可写多次；不写就用各层文件夹里的"),
    ] = None,
    stack: Annotated[bool, typer.Option("--stack", help="上面各层的规则文件也改")] = False,
    files: Annotated[
        list[str] | None, typer.Option("--file", metavar="文件名", help="只改这个规则文件，可写多次，如 盘活.rules")
    ] = None,
    sample: Annotated[int | None, typer.Option("--sample", metavar="个数", help="只抽查这么多处")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="数", help="抽查的种子；同一个种子抽到同样的变异")] = 0,
    least: Annotated[
        int, typer.Option("--least", metavar="百分数", min=0, max=100, help="发现的不到这个比例，就算不通过")
    ] = 95,
    everything: Annotated[bool, typer.Option("--all", help="发现的、读不进的变异也列出")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，键名稳定")] = False,
) -> int:
    """变异检验：把规则逐处改动（≥ 改为 >，且 改为 或，去掉一个条件 ……），看有没有情形发现。"""
    from policyrules.testing.mutate import mutate
    from policyrules.testing.mutate_text import mutation_lines

    screen = Screen(quiet=as_json)
    for path in scenarios or []:
        if not path.exists():
            raise UserError(f"没有这个文件或文件夹：{path}")
    if sample is not None and sample < 1:
        raise UserError("--sample 要写正整数")
    counter = _Counter(screen)
    report = mutate(
        folder,
        scenarios,
        whole_stack=stack,
        sample=sample,
        seed=seed,
        files=tuple(files or ()),
        progress=counter.step,
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
