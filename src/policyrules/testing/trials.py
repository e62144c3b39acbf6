"""What a 试验 would change in the scenarios of the layers that it varies.

Why this exists: scenarios say what the text in force demands. Under a trial some come out otherwise, and that is no fault of the
trial: whoever drafts wants to know which, since they are what would have to be written anew.

Invariants: what is told of is what a scenario expects and no longer gets; one that does not pass as things stand is told only where it
comes out otherwise; scenarios of layers above the one that is varied are not asked, for nothing changes there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from policyrules.diagnostics import Diagnostic, render
from policyrules.policy import load
from policyrules.program.folders import Folders
from policyrules.program.stack import Stack
from policyrules.program.titles import layer_names
from policyrules.program.trial_files import read_trial
from policyrules.report.layout import Line, Piece, wrap
from policyrules.report.text import diagnostic_lines
from policyrules.testing.checks import Check
from policyrules.testing.runner import Policies, ScenarioResult, run_files, run_scenario
from policyrules.testing.scenarios import find_files


@dataclass(frozen=True, slots=True)
class CheckChange:
    """An expectation that comes out otherwise. ``layer``: as of `BlockResult`."""

    layer: str
    before: Check
    after: Check

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "layer": self.layer,
            "label": self.before.label,
            "line": self.before.span.line,
            "expected": self.before.expected,
            "before": self.before.got,
            "after": self.after.got,
            "passed_before": self.before.passed,
            "passed_after": self.after.passed,
            "why": list(self.after.why),
        }


@dataclass(frozen=True, slots=True)
class ScenarioChange:
    """A scenario that comes out otherwise. ``diagnostics``: why it can no longer run."""

    result: ScenarioResult
    checks: tuple[CheckChange, ...]
    diagnostics: tuple[Diagnostic, ...]

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        scenario = self.result.scenario
        return {
            "name": scenario.name,
            "file": self.result.file,
            "line": scenario.span.line,
            "clauses": [clause for clause, _ in scenario.clauses],
            "checks": [check.to_dict() for check in self.checks],
            "diagnostics": [diagnostic.to_dict() for diagnostic in self.diagnostics],
        }


@dataclass(frozen=True, slots=True)
class TrialRun:
    """The scenarios under a trial. ``title``: of the trial; ``varied``: the layer that it varies; ``scenarios``: how many were asked."""

    title: str
    varied: str
    scenarios: int
    changes: tuple[ScenarioChange, ...]
    diagnostics: tuple[Diagnostic, ...]

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "title": self.title,
            "varied": self.varied,
            "scenarios": self.scenarios,
            "changed": [change.to_dict() for change in self.changes],
            "diagnostics": [diagnostic.to_dict() for diagnostic in self.diagnostics],
        }


def is_trial_folder(path: Path) -> bool:
    """Whether a folder holds a trial."""
    return path.is_dir() and read_trial(path, Folders()) is not None


def run_under(folder: Path, through: Callable[[list[Path], str, int], Iterable[Path]]) -> TrialRun:
    """The scenarios of the layer that the trial in ``folder`` varies, and of those below it, with the trial and without.
    ``through``: goes through files and shows how far it has come.

    Raises `PolicyError` for a trial that does not load.
    """
    policy = load(folder)
    stack, trial = policy.stack, policy.trial
    assert trial is not None, folder
    own = folder.resolve()
    varied: dict[Path, Stack] = {}
    for layer in stack.layers:
        upper = stack.down_to(layer.id)
        if upper.trial is not None:
            varied[layer.files.folder.resolve()] = upper
    found = [path for path in find_files(list(varied)) if own not in path.resolve().parents]
    files = sorted({path.resolve(): path for path in map(_typed, found)}.values())
    run = run_files(through(files, "核对", len(files)), Policies(stacks=dict(varied)))
    asked = [result for result in run.results if result.scenario.policy in varied]
    plain = Policies(typed={path: Path(os.path.relpath(path)) for path in varied})
    changes = [
        change
        for result in asked
        if result.status != "passed" and (change := _change(run_scenario(result.scenario, plain), result)) is not None
    ]
    names = layer_names([layer.manifest for layer in policy.layers])
    return TrialRun(trial.title, names[trial.layer], len(asked), tuple(changes), run.diagnostics)


def _typed(path: Path) -> Path:
    """A path from the working folder where it lies below it."""
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path


def _change(old: ScenarioResult, new: ScenarioResult) -> ScenarioChange | None:
    if old.status == "error":
        return None
    if new.status == "error":
        return ScenarioChange(old, (), new.diagnostics)
    checks = tuple(
        CheckChange(block.layer, before, after)
        for block, other in zip(old.blocks, new.blocks, strict=True)
        for before, after in zip(block.checks, other.checks, strict=True)
        if not after.passed and (before.passed or before.got != after.got)
    )
    return ScenarioChange(old, checks, ()) if checks else None


# ---- as text --------------------------------------------------------------------------------------------------------


def trial_run_lines(run: TrialRun, *, width: int = 80) -> list[Line]:
    """Each scenario that comes out otherwise, with what it expects and what it would be, and the count."""
    lines = diagnostic_lines(run.diagnostics)
    for change in run.changes:
        lines += [*_change_lines(change, width), ()]
    head = f"试验“{run.title}”变动{run.varied}，照它再核对一遍现有的情形"
    if not run.scenarios:
        said = f"{head}：{run.varied}和以下各层没有情形"
    elif not run.changes:
        said = f"{head}：{run.scenarios} 个情形的结果都不变"
    else:
        said = (
            f"{head}：{run.scenarios} 个情形里 {len(run.changes)} 个的结果会变。"
            "这不算不符：情形写的是现行规定，试验成了规定才要改"
        )
    return lines + wrap(Piece(said, "name"), width)


def _change_lines(change: ScenarioChange, width: int) -> Iterator[Line]:
    scenario = change.result.scenario
    yield from wrap(Piece(scenario.name, "name"), width, lead=(Piece("会变  ", "doubt"),))
    cited = f"　条款 {'、'.join(place for place, _ in scenario.clauses)}" if scenario.clauses else ""
    yield from wrap(Piece(f"{change.result.file}:{scenario.span.line}{cited}", "quiet"), width, lead="      ")
    for diagnostic in change.diagnostics:
        yield from ((Piece("      " + line),) for line in render(diagnostic).split("\n"))
    layer = ""
    for one in change.checks:
        indent = "      "
        if one.layer:
            if one.layer != layer:
                yield (Piece(f"{indent}只按{one.layer}：", "name"),)
            indent += "  "
        layer = one.layer
        yield (Piece(f"{indent}{one.before.label}", "name"), Piece(f"（第 {one.before.span.line} 行）", "quiet"))
        yield from wrap(one.before.expected, width, lead=f"{indent}  应为    ")
        if not one.before.passed:
            yield from wrap(Piece(one.before.got, "bad"), width, lead=f"{indent}  现行    ")
        yield from wrap(Piece(one.after.got, "doubt"), width, lead=f"{indent}  照试验  ")
        for number, line in enumerate(one.after.why):
            yield from wrap(line, width, lead=f"{indent}  {'原因' if not number else '    '}    ")
