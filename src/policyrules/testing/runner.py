"""Runs scenario files and says what passed, what failed and why.

Why this exists: the command line, the pytest plugin and Python tests all run scenarios the same way.

Invariants: running never raises for a fault of a file or a policy (it becomes a result with status ``error`` and
diagnostics); results are in file order; a folder is read once, and its policies only re-dated or re-set after that.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from policyrules.diagnostics import Diagnostic, Label, PolicyError, ordered
from policyrules.engine.instances import Instance
from policyrules.engine.members import looks
from policyrules.engine.portfolio import Portfolio
from policyrules.policy import Policy, policy_of
from policyrules.program import costs
from policyrules.program.clause_table import Clause
from policyrules.program.layers import parallel
from policyrules.program.manifest import LayerManifest
from policyrules.program.stack import Stack
from policyrules.records.build import build_all
from policyrules.source import Span
from policyrules.spelling import nearest
from policyrules.testing.checks import Check, check
from policyrules.testing.scenarios import COPY, Block, Scenario, read_file

Status: TypeAlias = Literal["passed", "failed", "error"]


@dataclass(frozen=True, slots=True)
class BlockResult:
    """One stack's part of a scenario: the layer's label (empty for the whole stack), its checks, and what was evaluated."""

    layer: str
    checks: tuple[Check, ...]
    policy: Policy = field(compare=False, repr=False)
    record: Instance = field(compare=False, repr=False)
    portfolio: Portfolio | None = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One scenario, run. ``diagnostics``: why it could not run (status ``error``)."""

    scenario: Scenario
    blocks: tuple[BlockResult, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def file(self) -> str:
        """The scenario's file, as people call it."""
        return self.scenario.span.source.path

    @property
    def status(self) -> Status:
        """``error`` where it could not run, ``failed`` where a check did not hold, else ``passed``."""
        if self.diagnostics:
            return "error"
        return "passed" if all(check.passed for block in self.blocks for check in block.checks) else "failed"

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "name": self.scenario.name,
            "file": self.file,
            "line": self.scenario.span.line,
            "status": self.status,
            "as_of": self.scenario.as_of.isoformat(),
            "clauses": [clause for clause, _ in self.scenario.clauses],
            "checks": [{"layer": block.layer, **check.to_dict()} for block in self.blocks for check in block.checks],
            "diagnostics": [diagnostic.to_dict() for diagnostic in self.diagnostics],
        }


@dataclass(frozen=True, slots=True)
class Run:
    """All results, and what was wrong with the files themselves."""

    results: tuple[ScenarioResult, ...]
    diagnostics: tuple[Diagnostic, ...]

    def count(self, status: Status) -> int:
        """How many scenarios ended so."""
        return sum(result.status == status for result in self.results)

    @property
    def passed(self) -> bool:
        """True where every file was sound and every scenario passed; no scenario at all is not a pass."""
        broken = any(diagnostic.severity == "error" for diagnostic in self.diagnostics)
        return bool(self.results) and not broken and self.count("passed") == len(self.results)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "passed": self.count("passed"),
            "failed": self.count("failed"),
            "errors": self.count("error"),
            "diagnostics": [diagnostic.to_dict() for diagnostic in self.diagnostics],
            "scenarios": [result.to_dict() for result in self.results],
        }


@dataclass(slots=True)
class Policies:
    """Policies by folder, date, parameters and (where only the upper part of the stack is meant) lowest layer, each made
    once. ``typed``: folders as people type them, by the whole path; one that is not in it is shown by its whole path;
    ``stacks``: what stands in a folder, where it is not what is read there."""

    typed: dict[Path, Path] = field(default_factory=dict)
    stacks: dict[Path, Stack] = field(default_factory=dict)
    _made: dict[tuple[Path, datetime.date, str, str], Policy | tuple[Diagnostic, ...]] = field(default_factory=dict)

    def get(
        self, folder: Path, as_of: datetime.date, parameters: Mapping[str, Any], layer: str = ""
    ) -> Policy | tuple[Diagnostic, ...]:
        """The policy of ``folder`` (down to ``layer``) at ``as_of`` with ``parameters``, or why it cannot be had."""
        key = (folder, as_of, repr(sorted(parameters.items(), key=lambda item: item[0])), layer)
        if key not in self._made:
            try:
                self._made[key] = self._make(folder, as_of, parameters, layer)
            except PolicyError as error:
                self._made[key] = error.diagnostics
        return self._made[key]

    def _make(
        self, folder: Path, as_of: datetime.date, parameters: Mapping[str, Any], layer: str
    ) -> Policy | tuple[Diagnostic, ...]:
        if layer:
            whole = self.get(folder, as_of, parameters)
            return whole if isinstance(whole, tuple) else whole.down_to(layer)
        if parameters:
            bare = self.get(folder, as_of, {})
            return bare if isinstance(bare, tuple) else bare.with_parameters(parameters)
        if folder not in self.stacks:
            self.stacks[folder] = Stack.read(self.typed.get(folder, folder))
        policy, found = policy_of(self.stacks[folder], as_of=as_of)
        return found if policy is None else policy


def run_files(files: Iterable[Path], policies: Policies | None = None) -> Run:
    """Run every scenario of ``files``."""
    policies = Policies() if policies is None else policies
    results: list[ScenarioResult] = []
    diagnostics: list[Diagnostic] = []
    for path in files:
        file, found = read_file(path, shown_path(path))
        diagnostics.extend(found)
        left = Looks()
        for scenario in file.scenarios if file is not None else ():
            policies.typed.setdefault(scenario.policy, _typed(scenario.policy, path))
            results.append(run_scenario(scenario, policies, left))
    return Run(tuple(results), ordered(diagnostics))


def shown_path(path: Path) -> str:
    """``path`` from the working folder where it lies below it, as it is otherwise."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def _typed(folder: Path, file: Path) -> Path:
    """The policy's ``folder`` as the path of the scenario ``file`` was typed: relative where that was."""
    if file.is_absolute():
        return folder
    return Path(os.path.relpath(folder))


class Looks:
    """How often the statistics of the scenarios of one file may still look at the records of their 台账."""

    def __init__(self) -> None:
        self.left = costs.MOST_MEMBERS

    def spend(self, scenario: Scenario, policy: Policy, record: Instance, portfolio: Portfolio) -> Diagnostic | None:
        """Let those of one policy look; what is said where that is too often."""
        looking = costs.looking(policy.program)
        self.left -= sum(looks(looking, one) for one in (record, *portfolio.members)) if looking else 0
        if self.left >= 0:
            return None
        said = f"全文件的统计看台账里的记录，合计超过 {costs.MOST_MEMBERS:,} 次（每项统计把每条记录看一次）"
        return Diagnostic("E401", said, scenario.record_span, remedy="分成几个文件，或减少“份数”")


def run_scenario(scenario: Scenario, policies: Policies, left: Looks | None = None) -> ScenarioResult:
    """Run one scenario under every stack it speaks of. ``left``: as of all scenarios of its file, where it is not run by itself."""
    left = Looks() if left is None else left

    def failed(*diagnostics: Diagnostic) -> ScenarioResult:
        return ScenarioResult(scenario, (), ordered(diagnostics))

    policy = policies.get(scenario.policy, scenario.as_of, scenario.parameters)
    if isinstance(policy, tuple):
        return failed(*(_at_parameters(diagnostic, scenario) for diagnostic in policy))
    wrong = [d for place, span in scenario.clauses if (d := _check_clause(place, span, policy)) is not None]
    if wrong:
        return failed(*wrong)
    blocks: list[BlockResult] = []
    for block in scenario.blocks:
        chosen = _stack(block, scenario, policy, policies)
        if isinstance(chosen, tuple):
            return failed(*chosen)
        record, portfolio, faults = prepared(scenario, chosen, strict=chosen is policy)
        if faults:
            return failed(*faults)
        if portfolio is not None and (too_often := left.spend(scenario, chosen, record, portfolio)) is not None:
            return failed(too_often)
        outcome = chosen.evaluate(record, portfolio)
        checks = tuple(check(expected, outcome, chosen.program) for expected in block.expected)
        blocks.append(BlockResult(block.layer or "", checks, chosen, record, portfolio))
    return ScenarioResult(scenario, tuple(blocks), ())


def _at_parameters(diagnostic: Diagnostic, scenario: Scenario) -> Diagnostic:
    """A fault of a parameter is shown where the scenario gives it."""
    if diagnostic.path != "参数" and diagnostic.code != "E603":
        return diagnostic
    related = diagnostic.related
    if diagnostic.span is not None:
        related = (Label(diagnostic.span, "参数在这里声明"), *related)
    return replace(diagnostic, place=scenario.parameter_span, related=related)


def _check_clause(place: str, span: Span, policy: Policy) -> Diagnostic | None:
    """A clause that no layer has, or that several have at that place."""
    exact = [(layer, c) for layer in policy.layers if (c := layer.clauses.get(place.strip())) is not None]
    if exact:
        return None
    found: list[Clause] = []
    for layer in policy.layers:
        resolved = layer.clauses.resolve(place)
        if isinstance(resolved, Clause):
            found.append(resolved)
    if len(found) == 1:
        return None
    if found:
        ids = "、".join(clause.id for clause in found)
        return Diagnostic("E668", f"“{place}”在几层文件里都有", span, remedy=f"写编号：{ids}")
    ids_and_places = [name for layer in policy.layers for c in layer.clauses.clauses for name in (c.id, c.place)]
    near = nearest(place, ids_and_places)
    remedy = f"是不是{'、'.join(near)}？" if near else "编号和位置见各层的 clauses.yaml"
    return Diagnostic("E668", f"条款表里没有“{place}”", span, remedy=remedy)


def _stack(block: Block, scenario: Scenario, policy: Policy, policies: Policies) -> Policy | tuple[Diagnostic, ...]:
    """The policy a block speaks of: the whole stack, or the part of it that ends with the named layer."""
    if block.layer is None:
        return policy
    meant = [layer for layer in policy.stack.layers if _is_called(block.layer, layer.files.manifest)]
    beside = [layer for layer in meant if parallel(meant[0], layer)]
    if beside:
        listed = "、".join(f"{layer.id}（{layer.files.title}）" for layer in (meant[0], *beside))
        message = f"“{block.layer}”可以是几份并列的文件"
        return (Diagnostic("E669", message, block.span, remedy=f"写编号：{listed}"),)
    if meant:
        if meant[0].files is policy.layers[-1]:
            return policy
        return policies.get(scenario.policy, scenario.as_of, scenario.parameters, meant[0].id)
    manifests = [layer.manifest for layer in policy.layers]
    known = "、".join(f"{manifest.level}（{manifest.region}，{manifest.id}）" for manifest in manifests)
    return (Diagnostic("E669", f"没有“{block.layer}”这一层", block.span, remedy=f"可写：{known}"),)


def _is_called(name: str, manifest: LayerManifest) -> bool:
    """Whether a layer may be called ``name`` in a scenario."""
    names = {manifest.id, manifest.level, manifest.title, manifest.region, manifest.short, manifest.document_number}
    return name in names or (len(name) > 1 and manifest.region.startswith(name))


def _records(scenario: Scenario, policy: Policy) -> list[dict[str, Any]]:
    """The record and the members of its ledger; those without an identity get one."""
    records = [dict(record) for record in (scenario.record, *(scenario.portfolio or ()))]
    copies = [record.pop(COPY, None) for record in records]
    kind = policy.program.objects.get(policy.program.root)
    if scenario.portfolio is None or kind is None or kind.identity is None:
        return records
    names = (kind.identity, policy.program.fields[kind.name][kind.identity].key)
    if records[0].keys().isdisjoint(names):
        records[0][kind.identity] = f"本{kind.name}"
    for number, (record, copy) in enumerate(zip(records[1:], copies[1:], strict=True), 1):
        given = next((record[name] for name in names if name in record), None)
        if copy is not None or given is None:
            for name in names:
                record.pop(name, None)
            record[kind.identity] = f"{given or f'台账{number}'}" + (f"-{copy}" if copy is not None else "")
    return records


def prepared(
    scenario: Scenario, policy: Policy, *, strict: bool
) -> tuple[Instance, Portfolio | None, list[Diagnostic]]:
    """The record and its ledger as the engine reads them, and what of them cannot be read; ``strict``: also keys that no
    layer declares, which in a scenario are slips, not remarks."""
    found: list[Diagnostic] = []
    names = policy.record_names
    record, *members = _records(scenario, policy)
    instances = [*build_all(policy.program, [record], names=names), *build_all(policy.program, members, names=names)]
    for number, instance in enumerate(instances):
        lead = f"台账[{number - 1}]：" if number else ""
        for problem in instance.problems:
            span = scenario.record_span if lead else scenario.places.get(problem.cell.path, scenario.record_span)
            said = re.sub(r"^错误\[E\d+\]\s*(?:（[^）]*）)?\s*", "", str(problem))
            found.append(Diagnostic(problem.code, lead + said, span))
        for note in instance.notes if strict else ():
            span = scenario.record_span if lead else _noted(note, scenario)
            found.append(Diagnostic("E667", lead + note, span))
    portfolio = None if scenario.portfolio is None else Portfolio(instances[1:])
    return instances[0], portfolio, list(dict.fromkeys(found))


def _noted(note: str, scenario: Scenario) -> Span:
    """Where the key that a note names was written: the note begins with the path of its object."""
    path, _, rest = note.partition("：")
    key = re.search(r"“([^”]+)”", rest)
    named = key.group(1) if key else ""
    return scenario.places.get(named, scenario.places.get(f"{path}.{named}", scenario.record_span))
