"""Commands about scenario files: ``test`` runs them, ``mutate`` asks what they would not notice.

Invariant: nothing is written; the exit code is 1 where a scenario failed, or fewer changes were noticed than asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from policyrules.cli.arguments import Json, Layer, Operand, Option, whole
from policyrules.cli.shared import FINE, FOUND, UserError, print_json, settled
from policyrules.program import costs
from policyrules.report.terminal import Screen
from policyrules.testing import mutate as mutation
from policyrules.testing.mutate_text import mutation_lines
from policyrules.testing.runner import run_files
from policyrules.testing.scenario_coverage import ScenarioCoverage
from policyrules.testing.scenarios import find_files
from policyrules.testing.text import coverage_lines, run_lines
from policyrules.testing.trials import is_trial_folder, run_under, trial_run_lines


def test(
    paths: Annotated[
        list[Path] | None,
        Operand(
            "文件或文件夹", "情形文件，或其中有情形文件的文件夹；写试验的文件夹，看它会让哪些情形的结果改变", many=True
        ),
    ] = None,
    coverage: Annotated[bool, Option(("--coverage",), "再列出哪些规则和条件没有被情形检验到")] = False,
    own: Annotated[bool, Option(("--own",), "和 --coverage 一起：只看情形所在的层自己写的，不看上面各层的")] = False,
    verbose: Annotated[bool, Option(("-v", "--verbose"), "通过的情形也列出")] = False,
    as_json: Json = False,
) -> int:
    """Run scenario files, those of the current folder where none is named; of a trial, tell which of the layers that it varies
    come out otherwise, which is no failure."""
    screen = Screen(quiet=as_json)
    wanted = paths or [Path()]
    for path in wanted:
        if not path.exists():
            raise UserError(f"没有这个文件或文件夹：{path}")
    files = find_files(wanted)
    tried = [path for path in wanted if is_trial_folder(path)]
    if not files and not tried:
        raise UserError(_none_in(wanted))
    if not files and (coverage or own):
        raise UserError("--coverage 看的是情形文件检验到哪些规则，试验里没有情形文件", "写它变动的那一层的文件夹")
    with settled():
        result = run_files(screen.progress(files, "核对", len(files)), again=coverage or own)
        seen = ScenarioCoverage(result.results) if coverage or own else None
        if seen is not None and own:
            seen = seen.own()
        trials = [run_under(path, screen.progress) for path in tried]
    if as_json:
        more: dict[str, object] = {"trials": [one.to_dict() for one in trials]} if trials else {}
        print_json(result.to_dict() | more | ({"coverage": seen.to_dict()} if seen is not None else {}))
    else:
        for one in trials:
            screen.show(trial_run_lines(one, width=screen.width))
        if files:
            screen.show(run_lines(result, width=screen.width, verbose=verbose))
        if seen is not None and (files or not trials):
            screen.show(coverage_lines(seen, width=screen.width, verbose=verbose))
    return FINE if result.passed or not files else FOUND


def mutate(
    folder: Layer,
    scenarios: Annotated[
        list[Path] | None,
        Option(("--scenarios",), "情形在哪里，可写多次；不写就用各层文件夹里的", "文件或文件夹", Path, many=True),
    ] = None,
    stack: Annotated[bool, Option(("--stack",), "上面各层的规则文件也改")] = False,
    files: Annotated[
        list[str] | None, Option(("--file",), "只改这个规则文件，可写多次，如 盘活.rules", "文件名", many=True)
    ] = None,
    sample: Annotated[int | None, Option(("--sample",), "只抽查这么多处", "个数", whole(1))] = None,
    seed: Annotated[
        int, Option(("--seed",), "抽查的种子，缺省 0；同一个种子抽到同样的变异", "数", whole(-999_999_999))
    ] = 0,
    least: Annotated[int, Option(("--least",), "发现的不到这个比例算不通过，缺省 95", "百分数", whole(0, 100))] = 95,
    everything: Annotated[bool, Option(("--all",), "发现的、读不进的变异也列出")] = False,
    long: Annotated[
        bool,
        Option(("--long",), "要等再久也逐处改完；不写它、也不写 --sample 时，规则多的只随便抽查一些，并写明抽查了几处"),
    ] = False,
    as_json: Json = False,
) -> int:
    """Change the rules one place at a time; ``least``: per cent of the changes that must be noticed."""
    screen = Screen(quiet=as_json)
    for path in scenarios or ():
        if not path.exists():
            raise UserError(f"没有这个文件或文件夹：{path}")
    if scenarios and not find_files(scenarios):
        raise UserError(_none_in(scenarios))
    if is_trial_folder(folder):
        raise UserError(
            f"{folder} 是试验：变异改的是现行的规则文件，看情形守不守得住它，试验不在其内",
            f"看变动的那一层的情形够不够，写那一层的文件夹；看试验会让哪些情形的结果改变，用 policyrules test {folder}",
        )
    counter = _Counter(screen)
    report = mutation.mutate(
        folder,
        scenarios,
        whole_stack=stack,
        sample=sample,
        seed=seed,
        files=tuple(files or ()),
        # Who says how many waits for them.
        most=None if long or sample is not None else costs.MOST_MUTATED,
        progress=counter.step,
    )
    counter.end()
    if not report.results and report.stopped:
        raise UserError(
            f"{folder} 和上面各层的规则太长：每改一处都要把它们全部检查一遍，再核对情形，改一处也要等太久，没有改",
            "等得起的加 --sample 抽查几处，或者加 --long 全改",
        )
    if not report.results:
        raise UserError(f"{folder} 里没有可以改动的规则" + ("，检查 --file 的文件名" if files else ""))
    if as_json:
        print_json(report.to_dict())
    else:
        screen.show(mutation_lines(report, width=screen.width, everything=everything))
    enough = report.share is None or report.share >= Fraction(least, 100)
    return FINE if enough else FOUND


def _none_in(places: Sequence[Path]) -> str:
    """That no scenario file stands in any of some files and folders."""
    return f"{'、'.join(map(str, places))} 里没有情形文件（scenarios 文件夹里的 .yaml，或 *.scenario.yaml）"


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
