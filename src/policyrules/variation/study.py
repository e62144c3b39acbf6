"""Two policies and a ledger, ready to be asked what-if questions.

Why this exists: sweeps, dates, readings, blanks and nearest changes all ask what results come to under a program that differs in
one thing, or for a record that does. They ask here, of a program cut down to what the decisions read.

Invariants: what is told is the definition's result; neither policy is changed, nor any record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Final, TypeAlias

from policyrules.amounts import told_amount
from policyrules.analysis.pairs import Stands
from policyrules.analysis.trials import targets
from policyrules.engine.compiled.tables import Decided
from policyrules.engine.evaluate import Run
from policyrules.engine.instances import Instance, shared_by
from policyrules.engine.missing import Inquiry, decision_missing
from policyrules.engine.portfolio import Portfolio
from policyrules.engine.unlisted import judged
from policyrules.explanation import Missing
from policyrules.interpreter import Interpreter
from policyrules.policy import Policy
from policyrules.program import belonging, costs
from policyrules.program import nodes as core
from policyrules.program.graph import Graph, definitions, sliced
from policyrules.records.ledger import LedgerRecord
from policyrules.results import Candidate, DecisionResult, candidate_text
from policyrules.types import Value
from policyrules.variation.model import SETTLED, Direction, State
from policyrules.variation.work import Work

Key: TypeAlias = tuple[int, str, str]
"""A result: the number of the record among those compared, the path of the object, the decision."""
States: TypeAlias = Mapping[Key, State]

WORDS: Final = {"none": "无", "not_applicable": "不适用", "undetermined": "待定", "conflict": "冲突"}
PARTS: Final = 10
"""Parts of conditions that are looked at in one step."""
READY: Final = 50
"""Records whose evaluation takes as long as to make ready what evaluates them."""
ABSENT: Final = State("没有这一项", "absent", ())
"""Stands for a decision that one of the two policies does not have."""


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two policies. ``records``: those that are compared, as this side reads them; ``portfolio``: all that is counted;
    ``names``: the decisions that are asked about, as far as this side has them; ``work``: what is counted of what is asked under other
    programs."""

    policy: Policy
    records: tuple[LedgerRecord, ...]
    portfolio: Portfolio
    names: tuple[str, ...]
    work: Work = field(default_factory=Work)

    @cached_property
    def program(self) -> core.Program:
        """The program, cut down to what the decisions read."""
        program = self.policy.program
        return sliced(program, definitions(program), self.names)

    @cached_property
    def graph(self) -> Graph:
        """What reads what in `program`."""
        return definitions(self.program)

    def asking(self, name: str) -> Mapping[str, int]:
        """The parts of all conditions that a decision reads (`costs.asking`)."""
        found = self._asking.get(name)
        if found is None:
            found = self._asking[name] = costs.asking(sliced(self.program, self.graph, [name]))
        return found

    @cached_property
    def _asking(self) -> dict[str, Mapping[str, int]]:
        return {}

    @cached_property
    def interpreter(self) -> Interpreter:
        """The definition of what the decisions read, the policy being as it stands."""
        return Interpreter(self.program, "")

    @cached_property
    def missing(self) -> Callable[[Key], Missing]:
        """What is missing of a result, each asked for once."""
        return _Missing(self)

    @cached_property
    def states(self) -> States:
        """What the decisions come to as the policy stands."""
        return asked(self.program, self.roots, self.portfolio, self.names)

    def under(
        self,
        program: core.Program,
        indexes: Iterable[int] | None = None,
        names: Sequence[str] | None = None,
    ) -> dict[Key, State]:
        """What the decisions come to under a program like `program` (other values of parameters, another date) for the records
        ``indexes`` (all where None); ``names``: of these decisions only."""
        indexes = range(len(self.roots)) if indexes is None else list(indexes)
        names = self.names if names is None else names
        self.work.spend((len(indexes) + READY) * self.steps(names))
        return asked(sliced(program, self.graph, names), self.roots, self.portfolio, names, indexes)

    def steps(self, names: Sequence[str]) -> int:
        """What it takes, in the mean, to evaluate some decisions of a record: by the parts of the conditions that they read, and the
        numbers of rows."""
        if self.work.left is None:
            return 0
        reading = costs.asking(sliced(self.program, self.graph, names))
        records = max(len(self.roots), 1)
        parts = sum(parts * max(self._rows[kind], records) for kind, parts in reading.items())
        return -(-parts // (PARTS * records))

    @cached_property
    def _rows(self) -> Counter[str]:
        """How many objects of each kind all records have."""
        return Counter(one.object for index in range(len(self.roots)) for one in self.targets(index).values())

    def targets(self, index: int) -> dict[str, Instance]:
        """What results of a record are about, by path."""
        return targets(self.policy.program, self.roots[index], self._judged)

    @cached_property
    def _judged(self) -> frozenset[str]:
        return judged(self.policy.program)

    @cached_property
    def roots(self) -> tuple[Instance, ...]:
        """The records, as the engine reads them."""
        return tuple(record.instance for record in self.records)


class _Missing:
    """What is missing of the results of a side: those of one record of one evaluation."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._found: dict[Key, Missing] = {}
        self._latest: tuple[int, Inquiry, dict[str, Instance]] | None = None

    def __call__(self, key: Key) -> Missing:
        found = self._found.get(key)
        if found is None:
            side, (index, path, name) = self._side, key
            if self._latest is None or self._latest[0] != index:
                root = side.roots[index]
                inquiry = Inquiry(side.interpreter.run(root, side.portfolio))
                self._latest = index, inquiry, targets(side.program, root)
            _, inquiry, instances = self._latest
            found = self._found[key] = decision_missing(inquiry, name, instances[path])
        return found


@dataclass(frozen=True, eq=False)
class Study:
    """Both sides. Record ``i`` of the one is record ``i`` of the other."""

    old: Side
    new: Side

    @cached_property
    def differ(self) -> dict[Key, tuple[State, State]]:
        """The results that differ between the sides, in ledger order."""
        return differing(self.old.states, self.new.states)

    def own(self, keys: Iterable[Key]) -> list[Key]:
        """Those of some results that are a record's own, or the first of what several records share."""
        own = {key for side in (self.old, self.new) for key, _ in each_object(side)}
        return [key for key in keys if key in own]


def each_object(side: Side) -> Iterator[tuple[Key, State]]:
    """What decisions come to as the policy stands, in ledger order; what a record belongs to once, though every record brings it
    along."""
    program = side.policy.program
    told: set[Hashable] = set()
    for key, state in side.states.items():
        index, path, name = key
        if not of_record(program, program.decisions[name].object):
            root = side.roots[index]
            mark = (name, path, shared_by(root, targets(side.program, root)[path]))
            if mark in told:
                continue
            told.add(mark)
        yield key, state


def of_record(program: core.Program, kind: str) -> bool:
    """Whether objects of a kind are records or rows of them."""
    return program.root in belonging.line(program.objects, kind)


def asked(
    program: core.Program,
    roots: Sequence[Instance],
    portfolio: Portfolio,
    names: Sequence[str],
    indexes: Iterable[int] | None = None,
) -> dict[Key, State]:
    """What decisions of one value (also amounts) come to, by record, object and decision, in that order."""
    interpreter = Interpreter(program, "")
    found: dict[Key, State] = {}
    by_object: dict[str, list[core.Decision]] = {}
    for name in names:
        decision = program.decisions.get(name)
        if decision is not None:
            by_object.setdefault(decision.object, []).append(decision)
    alone = by_object.keys() <= {program.root}
    numbers = range(len(roots)) if indexes is None else list(indexes)
    wanted = [one.name for several in by_object.values() for one in several if one.type is None]
    compiled = interpreter.compiled(wanted) if wanted and len(numbers) > _MANY else None
    told = frozenset[str]() if compiled is None else frozenset(wanted) - compiled.refused.keys()
    for index in numbers:
        root = roots[index]
        stands: dict[tuple[str, int], Decided] = {}
        if compiled is not None and told:
            results = compiled.decide(root, portfolio)
            stands = {(name, id(one)): decided for name in told for one, decided in results.rows(name)}
        run: Run | None = None
        for path, instance in [(root.path, root)] if alone else targets(program, root).items():
            for decision in by_object.get(instance.object, ()):
                decided = stands.get((decision.name, id(instance)))
                if decided is not None:
                    found[index, path, decision.name] = decision_state(decided.status, decided.candidates)
                    continue
                if run is None:
                    run = interpreter.run(root, portfolio)
                found[index, path, decision.name] = state_in(run, decision, instance)
    return found


def state_in(run: Run, decision: core.Decision, instance: Instance) -> State:
    """What a decision of one value, or an amount, comes to in an evaluation."""
    if decision.type is not None:
        amount = run.amount(decision.name, instance).state
        return State(_amount_text(amount.status, told_amount(decision, decision.type, amount).text), amount.status, ())
    state = run.decision(decision.name, instance).state
    return decision_state(state.status, state.candidates)


_MANY: Final = 200
"""From so many records on it pays to write code for a program."""


def state_of(result: Stands | None) -> State:
    """A result that an outcome tells, in a few words: which class, else 待定, 冲突, 无, 不适用."""
    if result is None:
        return ABSENT
    if isinstance(result, DecisionResult) and result.kind:
        return State(_amount_text(result.status, result.text), result.status, ())
    return decision_state(result.status, result.candidates)


@lru_cache(maxsize=4096)
def decision_state(status: str, candidates: tuple[Candidate, ...]) -> State:
    """How a decision of values stands, in a few words."""
    told = tuple(map(candidate_text, candidates))
    return State(WORDS.get(status) or told[0], status, told)


def _amount_text(status: str, text: str) -> str:
    return text if status in ("determined", "undetermined") else WORDS[status]


def differing(old: States, new: States) -> dict[Key, tuple[State, State]]:
    """The results that differ, in the order of the records; one that a side does not have equals one that says nothing."""
    found: dict[Key, tuple[State, State]] = {}
    for key in sorted({**old, **new}, key=lambda one: one[0]):
        before, after = old.get(key, ABSENT), new.get(key, ABSENT)
        if not same(before, after):
            found[key] = before, after
    return found


def same(one: State, other: State) -> bool:
    """Whether two results say the same."""
    if "absent" in (one.status, other.status):
        return {one.status, other.status} <= {"absent", "none", "not_applicable"}
    return one == other


def settled(state: State) -> bool:
    """Whether a result is certain: neither open nor a conflict of rules."""
    return state.status in SETTLED


def direction(before: State, after: State) -> Direction:
    """How a result moves from one side to the other."""
    match settled(before), settled(after):
        case True, False:
            return "变不明"
        case False, True:
            return "明确"
        case False, False:
            fewer = set(after.candidates) <= set(before.candidates)
            return "明确" if fewer and after.candidates != before.candidates else "变不明"
        case _:
            was, now = (one.status == "determined" for one in (before, after))
            return "移" if was == now else "得" if now else "失"


def with_parameter(program: core.Program, name: str, value: Value | None) -> core.Program:
    """A program in which a parameter has another value (None: none); whether anybody may set it is not asked."""
    parameter = replace(program.parameters[name], value=value, state="unset" if value is None else "set")
    return replace(program, parameters={**program.parameters, name: parameter})
