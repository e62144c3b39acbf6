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
from policyrules.engine.asking import Asking
from policyrules.engine.instances import Instance
from policyrules.engine.members import looks
from policyrules.engine.portfolio import Portfolio
from policyrules.policy import Policy, policy_of
from policyrules.program import costs
from policyrules.program.clause_table import Clause
from policyrules.program.collecting import weight
from policyrules.program.graph import Graph, definitions, reachable, result_named
from policyrules.program.layers import parallel
from policyrules.program.manifest import LayerManifest
from policyrules.program.nodes import Program
from policyrules.program.stack import Stack
from policyrules.program.walk import walk
from policyrules.records.build import build_all
from policyrules.records.names import Offers
from policyrules.source import Span
from policyrules.spelling import fold_word
from policyrules.testing.checks import Check, check
from policyrules.testing.expectations import Expected
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

    def of(self, scenario: Scenario, left: Left, layer: str = "") -> Policy | tuple[Diagnostic, ...]:
        """The policy that a scenario asks (down to ``layer``), or why it cannot be had."""
        return self._get(scenario, left, scenario.parameters, layer)

    def _get(
        self, scenario: Scenario, left: Left, parameters: Mapping[str, Any], layer: str = ""
    ) -> Policy | tuple[Diagnostic, ...]:
        folder, as_of = scenario.policy, scenario.as_of
        key = (folder, as_of, repr(sorted(parameters.items(), key=lambda item: item[0])), layer)
        if key not in self._made:
            try:
                made = self._make(scenario, left, parameters, layer)
            except PolicyError as error:
                made = error.diagnostics
            if made is None:
                # Nothing is kept of it: for the next file it may be made.
                return (left.too_many(scenario),)
            self._made[key] = made
        return self._made[key]

    def _make(
        self, scenario: Scenario, left: Left, parameters: Mapping[str, Any], layer: str
    ) -> Policy | tuple[Diagnostic, ...] | None:
        """None where the file has had as many as it may."""
        if layer or parameters:
            whole = self._get(scenario, left, parameters if layer else {})
            if isinstance(whole, tuple):
                return whole
            if not left.load(whole.stack):
                return None
            return whole.down_to(layer) if layer else whole.with_parameters(parameters)
        folder = scenario.policy
        if folder not in self.stacks:
            self.stacks[folder] = Stack.read(self.typed.get(folder, folder))
        if not left.load(self.stacks[folder]):
            return None
        policy, found = policy_of(self.stacks[folder], as_of=scenario.as_of)
        return found if policy is None else policy


def run_files(files: Iterable[Path], policies: Policies | None = None, *, again: bool = False) -> Run:
    """Run every scenario of ``files``. ``again``: as of `Left`."""
    policies = Policies() if policies is None else policies
    results: list[ScenarioResult] = []
    diagnostics: list[Diagnostic] = []
    for path in files:
        file, found = read_file(path, shown_path(path))
        diagnostics.extend(found)
        left = Left(again=again)
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


class Left:
    """What the scenarios of one file may still cost. ``again``: conditions are looked at once more, to tell which are exercised."""

    def __init__(self, *, again: bool = False) -> None:
        self.members = costs.MOST_MEMBERS
        self.parts = costs.MOST_CHECKED // (costs.CHECKED_AGAIN if again else 1)
        self.declarations = costs.MOST_LOADED
        self.offers = Offers()
        self._most = self.parts
        self._asking: dict[Policy, Asking] = {}
        self._graphs: dict[Policy, Graph] = {}
        self._read: dict[tuple[Policy, str], int] = {}

    def load(self, stack: Stack) -> bool:
        """Let one more policy be made of a stack; False where that is too many."""
        written = (node for layer in stack.layers for file in layer.parsed for node in file.declarations)
        cost = sum(map(weight, written)) + costs.OF_A_STACK
        if self.declarations < cost:
            return False
        self.declarations -= cost
        return True

    @staticmethod
    def too_many(scenario: Scenario) -> Diagnostic:
        """What is said of a scenario for which no policy is made any more."""
        said = "全文件的情形用到许多评估日、参数、层，每换一种就要把各层的规则合并一遍"
        said += f"：声明合计超过 {costs.MOST_LOADED:,} 条（每次另计 {costs.OF_A_STACK} 条），这个情形没有核对"
        return Diagnostic("E401", said, scenario.span, remedy="分成几个文件，或少用几个评估日、几组参数")

    def check(self, scenario: Scenario, policy: Policy, record: Instance) -> Diagnostic | None:
        """Let one policy be asked of a record; what is said where all of its rows are too many."""
        return self._spend(self._of(policy).of(record), scenario.record_span, "这个情形没有核对")

    def tell(self, expected: Expected, policy: Policy) -> Diagnostic | None:
        """Let it be told why an expectation does not hold; what is said where that is told too often."""
        parts = max(self._of(policy).bare // 4, costs.TOLD * self._read_by(expected.target, policy))
        return self._spend(parts, expected.span, "从这一项起没有核对")

    def _read_by(self, target: str, policy: Policy) -> int:
        """How many parts the conditions have that the result of an expectation reads."""
        if policy not in self._graphs:
            self._graphs[policy] = definitions(policy.program)
        if (policy, target) not in self._read:
            graph = self._graphs[policy]
            named = (result_named(graph, word) for word in re.split(r"[.@]", target))
            names = [name for name in named if name is not None]
            bodies = (graph[name].bodies for name in reachable(graph, names[:1]) if name in graph)
            self._read[policy, target] = sum(1 for several in bodies for _ in walk(*several))
        return self._read[policy, target]

    def _of(self, policy: Policy) -> Asking:
        if policy not in self._asking:
            self._asking[policy] = Asking(policy.program, blank=False)
        return self._asking[policy]

    def _spend(self, parts: int, span: Span, so: str) -> Diagnostic | None:
        if self.parts < parts:
            said = "全文件的情形核对下来要等太久：按规则里条件的长短、记录的行数和不符的预期计步，"
            said += f"合计超过 {self._most:,} 步，{so}"
            return Diagnostic("E401", said, span, remedy="分成几个文件，或减少记录里的行")
        self.parts -= parts
        return None

    def look(self, scenario: Scenario, policy: Policy, record: Instance, portfolio: Portfolio) -> Diagnostic | None:
        """Let the statistics of one policy look at records; what is said where that is too often."""
        looking = costs.looking(policy.program)
        self.members -= sum(looks(looking, one) for one in (record, *portfolio.members)) if looking else 0
        if self.members >= 0:
            return None
        said = f"全文件的统计看台账里的记录，合计超过 {costs.MOST_MEMBERS:,} 次（每项统计把每条记录看一次）"
        return Diagnostic("E401", said, scenario.record_span, remedy="分成几个文件，或减少“份数”")


def run_scenario(scenario: Scenario, policies: Policies, left: Left | None = None) -> ScenarioResult:
    """Run one scenario under every stack it speaks of. ``left``: as of all scenarios of its file, where it is not run by itself."""
    left = Left() if left is None else left

    def failed(*diagnostics: Diagnostic) -> ScenarioResult:
        return ScenarioResult(scenario, (), ordered(diagnostics))

    policy = policies.of(scenario, left)
    if isinstance(policy, tuple):
        return failed(*(_at_parameters(diagnostic, scenario) for diagnostic in policy))
    wrong = [
        d for place, span in scenario.clauses if (d := _check_clause(place, span, policy, left.offers)) is not None
    ]
    if wrong:
        return failed(*wrong)
    blocks: list[BlockResult] = []
    for block in scenario.blocks:
        chosen = _stack(block, scenario, policy, policies, left)
        if isinstance(chosen, tuple):
            return failed(*chosen)
        record, portfolio, faults = prepared(scenario, chosen, strict=chosen is policy, offers=left.offers)
        if faults:
            return failed(*faults)
        too_much = left.check(scenario, chosen, record)
        if too_much is None and portfolio is not None:
            too_much = left.look(scenario, chosen, record, portfolio)
        if too_much is not None:
            return failed(too_much)
        outcome = chosen.evaluate(record, portfolio)
        checks: list[Check] = []
        for expected in block.expected:
            checks.append(check(expected, outcome, chosen.program, left.offers))
            if not checks[-1].passed and (too_much := left.tell(expected, chosen)) is not None:
                return failed(too_much)
        blocks.append(BlockResult(block.layer or "", tuple(checks), chosen, record, portfolio))
    return ScenarioResult(scenario, tuple(blocks), ())


def _at_parameters(diagnostic: Diagnostic, scenario: Scenario) -> Diagnostic:
    """A fault of a parameter is shown where the scenario gives it."""
    if diagnostic.code == "E380" and diagnostic.place is None and scenario.folder_span.end:
        return replace(diagnostic, place=scenario.folder_span)
    if diagnostic.path != "参数" and not diagnostic.message.startswith("参数 "):
        return diagnostic
    named = [name for name in scenario.parameter_places if f" {name} " in f"{diagnostic.message} "]
    if not named:
        return diagnostic
    related = diagnostic.related
    if diagnostic.span is not None:
        related = (Label(diagnostic.span, "参数在这里声明"), *related)
    return replace(diagnostic, place=scenario.parameter_places[max(named, key=len)], related=related)


def _check_clause(place: str, span: Span, policy: Policy, offers: Offers) -> Diagnostic | None:
    """A clause that no layer has, or that several have at that place."""
    exact = [(layer, c) for layer in policy.layers if (c := layer.clauses.get(place.strip())) is not None]
    if exact:
        return None
    found: list[Clause] = []
    for layer in policy.layers:
        resolved = layer.clauses.resolve(place, near=False)
        if isinstance(resolved, Clause):
            found.append(resolved)
    if len(found) == 1:
        return None
    if found:
        ids = "、".join(clause.id for clause in found)
        return Diagnostic("E668", f"“{place}”在几层文件里都有", span, remedy=f"写编号：{ids}")
    ids_and_places = [name for layer in policy.layers for c in layer.clauses.clauses for name in (c.id, c.place)]
    folded = {fold_word(name): name for name in ids_and_places}
    parts = [folded.get(fold_word(part.strip("【】[]“”‘’\"' "))) for part in re.split("[、，,;；]", place)]
    listed = ", ".join(part for part in parts if part is not None)
    near = offers.nearest(place, ids_and_places)
    remedy = f"是不是{'、'.join(near)}？" if near else "编号和位置见各层的 clauses.yaml"
    if None not in parts:
        remedy = f"写成 [{listed}]" if len(parts) > 1 else f"写成 {listed}"
    return Diagnostic("E668", f"条款表里没有“{place}”", span, remedy=remedy)


def _stack(
    block: Block, scenario: Scenario, policy: Policy, policies: Policies, left: Left
) -> Policy | tuple[Diagnostic, ...]:
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
        return policies.of(scenario, left, meant[0].id)
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
    scenario: Scenario, policy: Policy, *, strict: bool, offers: Offers | None = None
) -> tuple[Instance, Portfolio | None, list[Diagnostic]]:
    """The record and its ledger as the engine reads them, and what of them cannot be read; ``strict``: also keys that no
    layer declares, which in a scenario are slips, not remarks."""
    found: list[Diagnostic] = []
    names = policy.record_names
    record, *members = _records(scenario, policy)
    given = ([record], members)
    instances = [one for some in given for one in build_all(policy.program, some, names=names, offers=offers)]
    for number, instance in enumerate(instances):
        lead = f"台账[{number - 1}]：" if number else ""
        for problem in instance.problems:
            places = scenario.member_places[number - 1] if lead else scenario.places
            span = places.get(problem.cell.path, places.get("", scenario.record_span))
            said = re.sub(r"^错误\[E\d+\]\s*(?:（[^）]*）)?\s*", "", str(problem))
            found.append(Diagnostic(problem.code, lead + said, span))
        for note in instance.notes if strict else ():
            places = scenario.member_places[number - 1] if lead else scenario.places
            key, span = _noted(note, places, scenario.record_span)
            found.append(Diagnostic("E667", lead + note, span, remedy=_elsewhere(key, policy.program)))
    portfolio = None if scenario.portfolio is None else Portfolio(instances[1:])
    return instances[0], portfolio, list(dict.fromkeys(found))


def _noted(note: str, places: Mapping[str, Span], record: Span) -> tuple[str, Span]:
    """The key that a note names, and where it was written: the note begins with the path of its object."""
    path, _, rest = note.partition("：")
    key = re.search(r"“([^”]+)”", rest)
    named = key.group(1) if key else ""
    return named, places.get(named, places.get(f"{path}.{named}", places.get("", record)))


def _elsewhere(key: str, program: Program) -> str | None:
    """Where what is no field of a record belongs."""
    if key in program.decisions:
        return f"“{key}”是决定，由规则得出；应得出什么，写在“预期”里"
    if key in program.parameters:
        return f"“{key}”是参数，写在“参数”里"
    if key in program.duties or key in program.notices:
        return f"“{key}”由规则得出；应是什么，写在“预期”的“发现”里"
    rows = re.match(r"(\w+)(?:\[[0-9]+\])?\.(\w+)$", key)
    if rows is not None and rows[1] in program.objects:
        return f"明细一行一组，写成 {rows[1]}: [{{{rows[2]}: …}}]"
    return None
