"""Mutation testing: change the rule files one place at a time, and see whether any scenario notices.

Why this exists: a scenario that would pass whatever the rule says checks nothing. A change that no scenario notices is
either a gap in the scenarios or a part of the rule that makes no difference; both want to be known.

Invariants: files are read once and never written; a mutant goes through the normal parser and the normal checks, and
one that they refuse is counted apart; a mutant is noticed where a scenario that passed fails or cannot run; scenarios
that do not pass to begin with are left out and named. The same files give the same report.
"""

from __future__ import annotations

import datetime
import functools
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal, TypeAlias

from policyrules.analysis.changes import Vocabulary
from policyrules.analysis.mutants import RESTATEMENT, Mutant, mutants_of, vocabulary_of
from policyrules.diagnostics import Diagnostic, ordered
from policyrules.engine.asking import Asking
from policyrules.engine.members import looks
from policyrules.engine.portfolio import Portfolio
from policyrules.interpreter import Interpreter
from policyrules.language import nodes as surface
from policyrules.language.parser import parse_source
from policyrules.language.walk import each_declaration
from policyrules.program import costs
from policyrules.program import nodes as core
from policyrules.program.clause_table import Clause
from policyrules.program.files import LayerFiles
from policyrules.program.fingerprints import meaning_hash
from policyrules.program.given import given_parameters
from policyrules.program.graph import Graph, Kind, bearing_on, definitions, sliced
from policyrules.program.layers import Layer
from policyrules.program.naming import MARK
from policyrules.program.stack import Stack
from policyrules.source import Source
from policyrules.testing.checks import check
from policyrules.testing.equivalents import Excuse, read_excuses
from policyrules.testing.expectations import Expected
from policyrules.testing.gaps import Gap, Trial, find_gap
from policyrules.testing.runner import BlockResult, ScenarioResult, run_files, shown_path
from policyrules.testing.scenarios import Scenario, find_files
from policyrules.variation.work import TooMuch, Work

Status: TypeAlias = Literal["noticed", "unnoticed", "excused", "stillborn", "restatement"]
STATUS_NAMES: Final[dict[Status, str]] = {
    "noticed": "发现",
    "unnoticed": "没有发现",
    "excused": "等价",
    "stillborn": "读不进",
    "restatement": "重申",
}

_Key: TypeAlias = tuple[Path, datetime.date]
"""A stack: the folder of its lowest layer, and the date."""

_ANY_DATE: Final = datetime.date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class MutantResult:
    """One mutant, tried. ``by``: the scenario that noticed; ``ran``: the scenarios that ran and did not; ``reason``: why
    it is equivalent, or why it could not be read; ``gap``: the scenario that is missing where nobody noticed."""

    mutant: Mutant
    status: Status
    by: str = ""
    ran: tuple[str, ...] = ()
    reason: str = ""
    gap: Gap | None = None

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            **self.mutant.to_dict(),
            "status": self.status,
            "noticed_by": self.by or None,
            "ran": list(self.ran),
            "reason": self.reason or None,
            "gap": None if self.gap is None else self.gap.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class MutationReport:
    """What became of every mutant, in the order of layers, files and lines.

    ``possible``: how many mutants there are (more than were tried where only a sample was); ``scenarios``: how many
    scenarios took part; ``left_out``: names of those that do not pass even without any change; ``unused``: excuses that
    fit no mutant that was tried, or one that was noticed; ``stopped``: whether fewer were tried than were asked for, drawn at random,
    since all would take too long.
    """

    folder: str
    possible: int
    scenarios: int
    left_out: tuple[str, ...]
    results: tuple[MutantResult, ...]
    unused: tuple[Excuse, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    stopped: bool = False

    def of(self, status: Status) -> tuple[MutantResult, ...]:
        """The results of one status."""
        return tuple(result for result in self.results if result.status == status)

    @property
    def share(self) -> Fraction | None:
        """Noticed among noticed and unnoticed; None where nothing was tried."""
        noticed, unnoticed = len(self.of("noticed")), len(self.of("unnoticed"))
        return Fraction(noticed, noticed + unnoticed) if noticed + unnoticed else None

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "folder": self.folder,
            "possible": self.possible,
            "tried": len(self.results),
            "stopped": self.stopped,
            "scenarios": self.scenarios,
            "left_out": list(self.left_out),
            "counts": {status: len(self.of(status)) for status in STATUS_NAMES},
            "unused_excuses": [excuse.to_dict() for excuse in self.unused],
            "diagnostics": [diagnostic.to_dict() for diagnostic in self.diagnostics],
            "mutants": [result.to_dict() for result in self.results],
        }


def mutate(
    folder: Path | str,
    scenario_paths: Sequence[Path] | None = None,
    *,
    whole_stack: bool = False,
    sample: int | None = None,
    seed: int = 0,
    files: Sequence[str] = (),
    most: int | None = None,
    progress: Callable[[MutantResult, int], None] | None = None,
) -> MutationReport:
    """Try every mutant of the rule files of the layer in ``folder`` (``whole_stack``: and of the layers above).

    ``scenario_paths``: scenario files, or folders that hold some; the folders of the stack when left out. Of them those
    count whose stack holds the changed file. ``sample``: that many mutants only, drawn with ``seed``; ``files``: only rule
    files of these names. Each mutant takes a check of the whole stack, and the scenarios that may notice it: minutes for a few hundred
    rules. ``most``: mutants are tried in an order drawn with ``seed`` as long as that takes so many steps (`costs.MOST_MUTATED`).
    ``progress`` sees each result and how many there will be at most.

    Raises `PolicyError` where the unchanged stack does not load.
    """
    folder = Path(folder)
    stack = Stack.read(folder)
    if most is not None:
        most -= costs.CHECKED_BEFORE * _length(stack)
        if most < _length(stack):
            return MutationReport(shown_path(folder), 0, 0, (), (), stopped=True)
    # Declared values are the same at any date, so any date will do.
    vocabulary = vocabulary_of(stack.program(_ANY_DATE))
    layers = stack.layers[0 if whole_stack else -1 :]
    paths = scenario_paths if scenario_paths is not None else [layer.files.folder for layer in stack.layers]
    run = run_files(find_files(list(paths)))
    passed = [result for result in run.results if result.status == "passed"]
    excuses, wrong = read_excuses(layer.files for layer in stack.layers)
    bench = _Bench(stack, _cases(passed), most)
    mutants = list(_mutants(layers, vocabulary, files))
    possible = len(mutants)
    wanted: Sequence[int] = range(possible)
    if most is not None or (sample is not None and sample < possible):
        drawn = random.Random(seed).sample(wanted, possible if sample is None else min(sample, possible))
        wanted = drawn if most is not None else sorted(drawn)
    found: dict[int, MutantResult] = {}
    used: set[Excuse] = set()
    for index in wanted:
        mutant, place = mutants[index]
        try:
            result = bench.try_one(mutant, place)
        except TooMuch:
            break
        excuse = excuses.get((mutant.layer, *mutant.identity))
        if excuse is not None and result.status == "unnoticed":
            used.add(excuse)
            result = replace(result, status="excused", reason=excuse.reason)
        elif result.status == "unnoticed":
            # That nobody noticed is told without the scenario that is missing, where that takes too long.
            with suppress(TooMuch):
                result = replace(result, gap=bench.gap(mutant, place))
        found[index] = result
        if progress is not None:
            progress(result, len(wanted))
    results = [found[index] for index in sorted(found)]
    tried = {(result.mutant.layer, *result.mutant.identity) for result in results}
    whole = len(results) == possible and not files
    ids = {layer.id for layer in layers}
    unused = [e for key, e in excuses.items() if e not in used and (key in tried or (whole and e.layer in ids))]
    return MutationReport(
        shown_path(folder),
        possible,
        len({(result.file, result.scenario.name) for result in passed}),
        tuple(result.scenario.name for result in run.results if result.status != "passed"),
        tuple(results),
        tuple(unused),
        ordered([*run.diagnostics, *wrong]),
        len(results) < len(wanted),
    )


def _length(stack: Stack) -> int:
    """How many characters the rule files of a stack have."""
    return sum(len(file.source.text) for layer in stack.layers for file in layer.parsed)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a mutant's ``file`` stands: the folder of its layer, and its number there. Other stacks may hold the layer
    under another path."""

    folder: Path
    number: int
    file: surface.File


def _mutants(layers: Iterable[Layer], vocabulary: Vocabulary, files: Sequence[str]) -> Iterator[tuple[Mutant, _Place]]:
    for layer in layers:
        folder = layer.files.folder.resolve()
        for number, file in enumerate(layer.parsed):
            if not files or Path(file.source.path).name in files:
                place = _Place(folder, number, file)
                for mutant in mutants_of(file, layer.id, vocabulary):
                    yield mutant, place


# ---- scenarios ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One scenario under one stack: what was evaluated, and what is expected, each with the name it turns on."""

    name: str
    order: int
    clauses: frozenset[str]
    key: _Key
    scenario: Scenario
    ran: BlockResult
    expected: tuple[tuple[Expected, str], ...]

    @property
    def setting(self) -> str:
        """The parameter values, as a key."""
        return repr(sorted(self.ran.policy.parameters.items()))


def _cases(results: Iterable[ScenarioResult]) -> list[_Case]:
    """Scenarios that pass as things stand, split by the stacks they speak of."""
    cases: list[_Case] = []
    for result in results:
        scenario = result.scenario
        clauses = frozenset(_resolved((place for place, _ in scenario.clauses), result.blocks[0].policy.layers))
        for block, ran in zip(scenario.blocks, result.blocks, strict=True):
            key = (ran.policy.folder.resolve(), ran.policy.as_of)
            expected = tuple((one, _target(one)) for one in block.expected)
            cases.append(_Case(scenario.name, len(cases), clauses, key, scenario, ran, expected))
    return cases


def _target(expected: Expected) -> str:
    """The decision or finding an expectation turns on: ``资产去向`` of ``资产[0].资产去向``."""
    return expected.target.partition("@")[0].rpartition(".")[2]


def _resolved(places: Iterable[str], layers: Iterable[LayerFiles]) -> Iterator[str]:
    layers = tuple(layers)
    for place in places:
        for layer in layers:
            found = layer.clauses.resolve(place, near=False)
            if isinstance(found, Clause):
                yield found.id


# ---- trying one mutant ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Unchanged:
    """A stack at one date as it is, and what each target depends on (``words``)."""

    stack: Stack
    as_of: datetime.date
    program: core.Program
    graph: Graph
    as_it_is: _Changed
    words: dict[str, frozenset[str]] = field(default_factory=dict)

    @staticmethod
    def at(stack: Stack, as_of: datetime.date) -> _Unchanged:
        program = stack.program(as_of)
        graph = definitions(program)
        return _Unchanged(stack, as_of, program, graph, _Changed(program, graph, "", True))

    def depends(self, target: str, names: Sequence[str]) -> bool:
        """Whether the decision or finding ``target`` depends on any of ``names``."""
        if target not in self.words:
            words = bearing_on(self.graph, target) | {target}
            # A file names without its document what the stack calls with it.
            self.words[target] = words | {word.partition(MARK)[2] for word in words if MARK in word}
        return not self.words[target].isdisjoint(names)

    def original(self, place: _Place) -> surface.File | None:
        """The file at ``place``, where this stack holds its layer."""
        layers = (one for one in self.stack.layers if one.files.folder.resolve() == place.folder)
        return next((layer.parsed[place.number] for layer in layers), None)

    def changed(self, place: _Place, file: surface.File) -> _Changed:
        """The stack checked again, with ``file`` at ``place``."""
        original = self.original(place)
        assert original is not None
        changed = self.stack.with_file(replace(file, source=original.source)).check(self.as_of)
        if not changed.sound:
            errors = [one.message for one in changed.symbols.found if one.severity == "error"]
            return _Changed(None, {}, errors[0], False)
        program, own = changed.program, self.program
        # What objects and fields are declared as was read with the records; what was stopped gives no result.
        same = replace(program, objects=own.objects, fields=own.fields, stopped=own.stopped) == own
        return _Changed(program, definitions(program), "", same)


@dataclass(slots=True)
class _Changed:
    """A stack with one mutant in it. ``program`` is None where it does not load; ``same``: it is no other program."""

    program: core.Program | None
    graph: Graph
    problem: str
    same: bool
    interpreters: dict[tuple[str, tuple[str, ...]], tuple[Interpreter, core.Program] | None] = field(
        default_factory=dict
    )


class _Bench:
    """Scenarios ready to run against one mutant after another. What noticed a declaration's last mutant goes first."""

    def __init__(self, stack: Stack, cases: Sequence[_Case], most: int | None) -> None:
        self.stack = stack
        self.cases = cases
        self.work = Work()
        self.work.left = most
        self._latest: tuple[Mutant, dict[_Key, _Changed]] | None = None
        self.stacks: dict[_Key, _Unchanged] = {}
        self.kills: dict[tuple[str, str], dict[int, int]] = {}
        for case in cases:
            if case.key not in self.stacks:
                self.stacks[case.key] = _Unchanged.at(case.ran.policy.stack, case.key[1])

    def try_one(self, mutant: Mutant, place: _Place) -> MutantResult:
        """Run the scenarios that may notice ``mutant`` until one does."""
        changed_file, problem = _parsed(place.file, mutant)
        if changed_file is None:
            return MutantResult(mutant, "stillborn", reason=problem)
        keys = [key for key, stack in self.stacks.items() if stack.original(place) is not None]

        def of(key: _Key) -> _Changed:
            return self._changed(mutant, place, changed_file, key)

        if mutant.kind == RESTATEMENT and all(self._restates(key, of(key)) for key in keys):
            return MutantResult(mutant, "restatement")
        names = (*mutant.targets, *self._decisions_of(mutant))
        ran: list[str] = []
        alive = False
        for case in self._candidates(mutant, names, keys):
            state = of(case.key)
            if state.program is None:
                continue
            alive = True
            if state.same:
                continue
            if self._notices(case, state, names):
                tally = self.kills.setdefault((mutant.path, mutant.declaration), {})
                tally[case.order] = tally.get(case.order, 0) + 1
                return MutantResult(mutant, "noticed", by=case.name)
            ran.append(case.name)
        if not alive:
            # Nobody looked: see at least whether it loads.
            state = of(keys[0]) if keys else self._changed_alone(place, changed_file)
            if state.program is None:
                return MutantResult(mutant, "stillborn", reason=state.problem)
        return MutantResult(mutant, "unnoticed", ran=tuple(dict.fromkeys(ran)))

    def gap(self, mutant: Mutant, place: _Place) -> Gap | None:
        """The scenario that would notice ``mutant``; None where it changes nothing anywhere."""
        names = (*mutant.targets, *self._decisions_of(mutant))
        changed_file, _ = _parsed(place.file, mutant)
        assert changed_file is not None
        keys = [key for key, stack in self.stacks.items() if stack.original(place) is not None]
        candidates = self._candidates(mutant, names, keys)
        # Where no scenario looks at it, any record may be the one to begin with.
        candidates = candidates or [case for case in self.cases if case.key in keys]
        states: dict[_Key, _Changed] = {}
        for key in [*dict.fromkeys(case.key for case in candidates), *keys]:
            states.setdefault(key, self._changed(mutant, place, changed_file, key))
        differing = [key for key, state in states.items() if state.program is not None and not state.same]
        if not differing:
            return None
        unchanged, program = self.stacks[differing[0]], states[differing[0]].program
        assert program is not None
        kinds = (Kind.DECISION, Kind.DUTY, Kind.NOTICE)
        results = [name.word for name in unchanged.graph if name.kind in kinds]
        targets = tuple(word for word in results if unchanged.depends(word, names))
        trials: list[Trial] = []
        for case in candidates:
            if case.key == differing[0]:
                old = _interpreter(unchanged.as_it_is, case, targets)
                new = _interpreter(states[case.key], case, targets)
                if old is not None and new is not None:
                    tried = functools.partial(self.work.spend, self._steps(case, old[0].program))
                    trials.append(Trial(case.scenario, case.ran, old[0], new[0], tried))
        return find_gap(mutant, trials, (unchanged.program, unchanged.graph), program, targets)

    def _changed(self, mutant: Mutant, place: _Place, file: surface.File, key: _Key) -> _Changed:
        """The stack of ``key`` with a mutant in it; kept for the questions about this mutant."""
        if self._latest is None or self._latest[0] is not mutant:
            self._latest = mutant, {}
        found = self._latest[1].get(key)
        if found is None:
            self.work.spend(_length(self.stacks[key].stack))
            found = self._latest[1][key] = self.stacks[key].changed(place, file)
        return found

    def _changed_alone(self, place: _Place, file: surface.File) -> _Changed:
        self.work.spend(_length(self.stack))
        return self._alone.changed(place, file)

    @functools.cached_property
    def _alone(self) -> _Unchanged:
        """The stack where no scenario is of it."""
        return _Unchanged.at(self.stack, _ANY_DATE)

    def _steps(self, case: _Case, program: core.Program) -> int:
        """What it takes to evaluate the record of a case under a program; nothing where nobody counts."""
        if self.work.left is None:
            return 0
        looking, members = costs.looking(program), () if case.ran.portfolio is None else case.ran.portfolio.members
        seen = sum(looks(looking, one) for one in members) if looking else 0
        parts = Asking(program, blank=False).of(case.ran.record)
        return parts // costs.PARTS_OF_A_CHARACTER + seen * costs.CHARACTERS_OF_A_LOOK

    def _restates(self, key: _Key, changed: _Changed) -> bool:
        """Whether the stack decides the same without the restatement."""
        program = changed.program
        return program is not None and _meaning(self.stacks[key].program) == _meaning(program)

    def _candidates(self, mutant: Mutant, names: Sequence[str], keys: Collection[_Key]) -> list[_Case]:
        """The scenarios that look at something the mutant can reach: those that noticed before, those that cite its
        clause, then the others."""
        tally = self.kills.get((mutant.path, mutant.declaration), {})
        clauses = frozenset(_resolved(mutant.places, [layer.files for layer in self.stack.layers]))
        found = [
            case
            for case in self.cases
            if case.key in keys and any(self.stacks[case.key].depends(target, names) for _, target in case.expected)
        ]
        return sorted(found, key=lambda case: (-tally.get(case.order, 0), not (clauses & case.clauses), case.order))

    def _decisions_of(self, mutant: Mutant) -> list[str]:
        """Decisions of the rules that the mutant's declaration amends: a rule that was stopped may come back."""
        return [
            node.decision.text
            for layer in self.stack.layers
            for file in layer.parsed
            for node in each_declaration(file)
            if isinstance(node, surface.RuleDecl) and node.name.text in mutant.targets
        ]

    def _notices(self, case: _Case, state: _Changed, names: Sequence[str]) -> bool:
        stack = self.stacks[case.key]
        looked_at = [(expected, target) for expected, target in case.expected if stack.depends(target, names)]
        targets = tuple(sorted({target for _, target in looked_at}))
        interpreter = _interpreter(state, case, targets)
        if interpreter is None:
            return True
        engine, program = interpreter
        self.work.spend(self._steps(case, engine.program))
        portfolio = None if case.ran.portfolio is None else Portfolio(case.ran.portfolio.members)
        outcome = engine.evaluate(case.ran.record, portfolio)
        return any(not check(expected, outcome, program).passed for expected, _ in looked_at)


def _parsed(original: surface.File, mutant: Mutant) -> tuple[surface.File | None, str]:
    """The file with the changed declaration in it; only that declaration is parsed again."""
    span = original.declarations[mutant.index].span
    text = mutant.within(span)
    declarations: tuple[surface.Declaration, ...] = ()
    if text.strip():
        source = Source(original.source.path, text, original.source.layer)
        parsed, diagnostics = parse_source(source)
        if diagnostics:
            return None, diagnostics[0].message
        declarations = parsed.declarations
    rest = original.declarations
    changed = (*rest[: mutant.index], *declarations, *rest[mutant.index + 1 :])
    return replace(original, declarations=changed), ""


def _meaning(program: core.Program) -> str:
    """Everything that can bear on a result, whatever is cited for it."""
    cited = (program.decisions, program.rules, program.duties, program.notices)
    parts: list[object] = [replace(one, origins=()) for table in cited for one in table.values()]
    parts += [*program.parameters.values(), *program.presumptions.values()]
    return meaning_hash(tuple(parts), program.terms, program.lists, program.statistics)


def _interpreter(state: _Changed, case: _Case, targets: tuple[str, ...]) -> tuple[Interpreter, core.Program] | None:
    """The changed stack with the scenario's parameters, cut down to ``targets``; None where they do not fit it."""
    key = (case.setting, targets)
    if key not in state.interpreters:
        assert state.program is not None
        table, problems = given_parameters(state.program.parameters, case.ran.policy.parameters)
        program = replace(state.program, parameters=table)
        built = (Interpreter(sliced(program, state.graph, targets), ""), program)
        state.interpreters[key] = None if problems else built
    return state.interpreters[key]
