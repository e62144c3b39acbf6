"""Causes by brute force: every selection of the acts that a result may turn on, evaluated by the definition.

    python -m tests.analysis.brute [LEDGER.xlsx] [--pairs NJ,JC,NC] [--every 1]

Why this exists: what `analysis.attribution` says of a change comes from a circuit and a few operations on sets of selections. Here
nothing of that is used: the program under each selection is evaluated by the definition, record by record, and the least
sets are searched for in the table of its results, as they are defined.

Invariants: the acts that a result reads are those that it is said to, and those that its evaluation asks for. Of up to `WHOLE` of them
all selections are evaluated. Where there are more, those of the acts that are said to bear on the result are, each with the other
acts off, with them on, and with them unknown. The engine is three-valued: where a result is settled while they are unknown,
they bear on nothing (``proved``); where it is open anyway, they are turned over one by one and at random (``tried``). Only
what could come out otherwise is evaluated: an evaluation writes down the switches and statistics that it asked for, and where
these answer alike it is not made again (`Known`).
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Generic, TypeAlias, TypeVar

from tests.analysis.example import PAIRS, ROOT, Case, case

from policyrules.analysis.attribution import Cause, Spot
from policyrules.analysis.lattice import Selection
from policyrules.analysis.trials import Asked, Trials, outcome_of, targets
from policyrules.engine import values as v
from policyrules.engine.evaluate import Run
from policyrules.engine.instances import Instance
from policyrules.engine.members import Own
from policyrules.engine.portfolio import World
from policyrules.engine.values import Truth
from policyrules.interpreter import Interpreter

WHOLE = 10
"""Acts of which all selections are evaluated."""
AT_RANDOM = 8
"""Fillings of the other acts at random, for each selection where the result is open."""
SETTLED = frozenset({"determined", "none", "not_applicable"})


def subsets(acts: Iterable[int]) -> Iterator[Selection]:
    """All of them, small ones first."""
    acts = tuple(acts)
    return map(frozenset, chain.from_iterable(combinations(acts, count) for count in range(len(acts) + 1)))


# ---- the definitions ------------------------------------------------------------------------------------------------


def least(acts: Selection, holds: Callable[[Selection], bool]) -> set[Selection]:
    """The selections for which ``holds``, and for no smaller part of them."""
    found: list[Selection] = []
    for one in subsets(sorted(acts)):
        if not any(other < one for other in found) and holds(one):
            found.append(one)
    return set(found)


def sets_of(acts: Selection, told: Mapping[Selection, Hashable]) -> tuple[set[Selection], ...]:
    """What is enough, what changes and what undoes, from the result under every selection of some acts."""
    old, new = told[frozenset()], told[acts]
    return (
        least(acts, lambda one: told[one] == new),
        least(acts, lambda one: told[acts - one] != new),
        least(acts, lambda one: told[acts - one] == old),
    )


def bearing(acts: Selection, told: Mapping[Selection, Hashable]) -> Selection:
    """The acts that make a difference somewhere."""
    return frozenset(act for act in acts if any(told[one] != told[one ^ {act}] for one in told))


# ---- the definition -------------------------------------------------------------------------------------------------


Question: TypeAlias = str | tuple[str, Instance]
"""What an evaluation turns on: a switch, or a statistic as an instance asks for it."""
Answer: TypeAlias = Callable[[Question], Hashable]
_T = TypeVar("_T")


class Known(Generic[_T]):
    """What was found, by the answers that it followed from. Evaluating is deterministic: where the same questions are answered alike,
    the same is asked next, and the same found."""

    def __init__(self) -> None:
        self._question: Question | None = None
        self._next: dict[Hashable, Known[_T]] = {}
        self._found: list[_T] = []

    def find(self, answer: Answer) -> list[_T]:
        """What follows from these answers, if it is known."""
        at: Known[_T] | None = self
        while at is not None and at._question is not None:
            at = at._next.get(answer(at._question))
        return [] if at is None else at._found

    def put(self, trail: Mapping[Question, Hashable], found: _T) -> _T:
        """What followed from the answers given to questions, in the order they were asked."""
        at = self
        for question, given in trail.items():
            assert at._question in (None, question) and not at._found, "evaluating is deterministic"
            at._question = question
            at = at._next.setdefault(given, Known())
        at._found = [found]
        return found


class Switches(dict[str, Any]):
    """The parameters of a program; those that turn acts on are answered as the selection of the moment says, and written down."""

    def __init__(self, parameters: Mapping[str, Any], acts: Mapping[str, int]) -> None:
        super().__init__(parameters)
        self.acts = acts
        self.on: Selection = frozenset()
        self.unknown: Selection = frozenset()
        self.trail: dict[Question, Hashable] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.acts:
            return super().__getitem__(name)
        return self.trail.setdefault(name, self.stands(name))

    def stands(self, name: str) -> Truth:
        """Whether an act is on."""
        act = self.acts[name]
        return None if act in self.unknown else act in self.on

    @contextmanager
    def noting(self) -> Iterator[dict[Question, Hashable]]:
        """What is asked for meanwhile."""
        before, self.trail = self.trail, {}
        try:
            yield self.trail
        finally:
            self.trail = before


class Watched(Run):
    """An evaluation that writes down what statistics it asked for; these are worked out apart."""

    def __init__(self, sheet: Sheet, subject: Instance) -> None:
        super().__init__(sheet.engine, subject, None, sheet.contribute)
        self.sheet = sheet

    def statistic(self, name: str, asking: Instance | None = None) -> Any:
        question = name, asking or self.subject
        value = self.sheet.statistic(*question, self.subject)
        self.sheet.switches.trail[question] = value
        return SimpleNamespace(value=value)


class Sheet:
    """The whole program of both policies, for all selections with the same acts without a switch, and what it said."""

    def __init__(self, trials: Trials, chosen: Selection, counted: Selection) -> None:
        base = trials.side(chosen).interpreter
        acts = {switch: act for act, switch in trials.switches.items()}
        self.interpreter = Interpreter(base.program, "", like=base)
        self.engine = self.interpreter.engine
        self.switches = self.engine.parameters = Switches(self.engine.parameters, acts)
        self.counted = counted
        self.members = trials.portfolio.members
        self.evaluations = 0
        self.read: dict[Spot, set[int]] = {}
        self._results: dict[Spot, Known[Hashable]] = {}
        self._contributed: dict[tuple[tuple[str, ...], Instance], Known[dict[str, Own]]] = {}
        self._world: tuple[tuple[Selection, Selection], World] | None = None
        self._statistics: dict[tuple[str, Instance, Selection, Selection], v.Abstract] = {}

    def result(self, spot: Spot, instance: Instance) -> Hashable:
        """What a result is, as the switches stand."""
        known = self._results.setdefault(spot, Known())
        root = self.members[spot.index]
        for found in known.find(lambda question: self._answer(question, root)):
            return found
        with self.switches.noting() as trail:
            self.evaluations += 1
            run = Watched(self, root)
            found = outcome_of(self.interpreter, run, Asked(spot.name, spot.value), instance)
        self.read.setdefault(spot, set()).update(self.switches.acts[one] for one in trail if isinstance(one, str))
        return known.put(trail, found)

    def statistic(self, name: str, asking: Instance, root: Instance) -> v.Abstract:
        """What a statistic comes to."""
        key = self.switches.on & self.counted, self.switches.unknown & self.counted
        place = (name, asking, *key)
        if place not in self._statistics:
            if self._world is None or self._world[0] != key:
                self._world = key, World(self.members)
            with self.switches.noting() as trail:
                run = Run(self.engine, root, self._world[1], self.contribute)
                self._statistics[place] = run.statistic(name, asking).value
            self._assert_counted(trail)
        return self._statistics[place]

    def contribute(self, world: World, member: Instance, names: tuple[str, ...]) -> dict[str, Own]:
        """What a member contributes to several statistics."""
        known = self._contributed.setdefault((names, member), Known())
        for found in known.find(lambda question: self._answer(question, member)):
            return found
        with self.switches.noting() as trail:
            run = Watched(self, member)
            found = {name: run.contributed(name)[0] for name in names}
        self._assert_counted(trail)
        return known.put(trail, found)

    def _answer(self, question: Question, root: Instance) -> Hashable:
        return self.switches.stands(question) if isinstance(question, str) else self.statistic(*question, root)

    def _assert_counted(self, trail: Iterable[Question]) -> None:
        asked = {self.switches.acts[one] for one in trail if isinstance(one, str)}
        assert asked <= self.counted, f"statistics turn on {sorted(asked - self.counted)} too"


class Asking:
    """The program of both policies under selections, by the definition alone, asked again only where one of its questions is answered
    otherwise; what statistics come to is shared by selections that are alike in all that these read, where they are asked one after
    the other (`order`)."""

    def __init__(self, trials: Trials) -> None:
        self.trials = trials
        self.members = trials.portfolio.members
        self.without_switch = frozenset(atom.number for atom in trials.blend.chosen)
        side = trials.side(frozenset())
        self.counted = self.without_switch.union(*map(side.acts_of, side.program.statistics))
        self._sheets: dict[Selection, Sheet] = {}
        self._targets: dict[int, dict[str, Instance]] = {}
        self.asked = 0

    def under(self, selection: Selection, unknown: Selection = frozenset()) -> Callable[[Spot], Hashable]:
        """Results under a selection in which some switches are neither on nor off; to be asked for before the next selection."""
        chosen = selection & self.without_switch
        sheet = self._sheets.get(chosen)
        if sheet is None:
            sheet = self._sheets[chosen] = Sheet(self.trials, chosen, self.counted)
        sheet.switches.on, sheet.switches.unknown = selection, unknown

        def result(spot: Spot) -> Hashable:
            self.asked += 1
            return sheet.result(spot, self.instance(spot))

        return result

    def read(self, spot: Spot) -> Selection:
        """The acts that a result was seen to turn on, but for those that statistics do."""
        return frozenset().union(*(sheet.read.get(spot, ()) for sheet in self._sheets.values()))

    @property
    def evaluations(self) -> int:
        """How often a result was worked out by the definition."""
        return sum(sheet.evaluations for sheet in self._sheets.values())

    def order(self, selection: Selection, unknown: Selection = frozenset()) -> tuple[list[int], ...]:
        """Those that share what members contribute stand together."""
        return tuple(map(sorted, (selection & self.counted, unknown & self.counted, selection, unknown)))

    def instance(self, spot: Spot) -> Instance:
        """The object of a spot."""
        found = self._targets.get(spot.index)
        if found is None:
            program = self.trials.side(frozenset()).program
            found = self._targets[spot.index] = targets(program, self.members[spot.index])
        return found[spot.path]


# ---- comparing ------------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """Of one decision: changes, the different causes of them, the subsets in which these were looked for, and what of the acts outside
    is proved or only tried, in selections."""

    changes: int = 0
    causes: set[Cause] = field(default_factory=set)
    subsets: int = 0
    exhaustive: int = 0
    left_out: int = 0
    proved: int = 0
    tried: int = 0
    faults: list[str] = field(default_factory=list)


def check(found: Case, spots: Iterable[Spot]) -> tuple[dict[str, Tally], Asking]:
    """Work the causes of some changes out by brute force and compare; also who was asked."""
    trials = Trials(found.blend, found.portfolio)
    asking = Asking(trials)
    every = frozenset(atom.number for atom in found.blend.atoms)
    tallies: dict[str, Tally] = {}
    wanted: dict[Selection, dict[Spot, None]] = {}
    unsure: dict[tuple[Selection, Selection], dict[Spot, None]] = {}
    varied: dict[Spot, Selection] = {}
    read: dict[Spot, Selection] = {}
    spots = tuple(spots)
    nothing = frozenset[int]()
    for on, unknown in ((nothing, frozenset(trials.switches)), (every, nothing), (nothing, nothing)):
        result = asking.under(on, unknown)
        for spot in spots:
            result(spot)
    for spot in spots:
        cause, tally = found.found.causes[spot], tallies.setdefault(spot.name, Tally())
        tally.changes += 1
        tally.causes.add(cause)
        asked = read[spot] = frozenset(cause.acts) | asking.read(spot)
        whole = len(asked) <= WHOLE
        acts = varied[spot] = asked if whole else frozenset(cause.relevant)
        if len(acts) > WHOLE or not cause.complete:
            tally.left_out += 1
            del varied[spot]
            continue
        tally.exhaustive += whole
        tally.subsets += 1 << len(acts)
        for one in subsets(acts):
            wanted.setdefault(one, {})[spot] = None
            if not whole:
                wanted.setdefault(every - acts | one, {})[spot] = None
                outside = frozenset(act for act in asked - acts if act in trials.switches)
                unsure.setdefault((one, outside), {})[spot] = None
    told: dict[Spot, dict[Selection, Hashable]] = {spot: {} for spot in varied}

    def ask(wanted: Mapping[Selection, Mapping[Spot, None]]) -> Iterator[tuple[Spot, Selection, Hashable]]:
        for selection, some in sorted(wanted.items(), key=lambda item: asking.order(item[0])):
            result = asking.under(selection)
            for spot in some:
                yield spot, selection, result(spot)

    for spot, selection, outcome in ask(wanted):
        told[spot][selection] = outcome
    further: dict[Selection, dict[Spot, None]] = {}
    for (one, outside), some in sorted(unsure.items(), key=lambda item: asking.order(*item[0])):
        result = asking.under(one, outside)
        for spot in some:
            outcome = result(spot)
            assert isinstance(outcome, tuple)
            if outcome[0] in SETTLED:
                tallies[spot.name].proved += 1
                if outcome != told[spot][one]:
                    tallies[spot.name].faults.append(f"{spot} {sorted(one)}: {outcome} != {told[spot][one]}")
                continue
            tallies[spot.name].tried += 1
            for more in _fillings(outside, f"{spot.index}{sorted(one)}"):
                further.setdefault(one | more, {})[spot] = None
    for spot, selection, outcome in ask(further):
        if outcome != told[spot][selection & varied[spot]]:
            tallies[spot.name].faults.append(f"{spot} {sorted(selection)}: {outcome}")
    for spot, acts in varied.items():
        if more := asking.read(spot) - read[spot]:
            tallies[spot.name].faults.append(f"{spot}: {sorted(more)} are asked for too")
        tallies[spot.name].faults += _compared(found, spot, acts, every, told[spot])
    return tallies, asking


def _fillings(outside: Selection, seed: str) -> Iterator[Selection]:
    chance = random.Random(seed)
    for act in sorted(outside):
        yield frozenset({act})
        yield outside - {act}
    for _ in range(AT_RANDOM):
        yield frozenset(act for act in sorted(outside) if chance.random() < 0.5)


def _compared(
    found: Case, spot: Spot, acts: Selection, every: Selection, told: Mapping[Selection, Hashable]
) -> Iterator[str]:
    """What is wrong with a cause."""
    cause = found.found.causes[spot]
    table = {one: told[one] for one in subsets(acts)}
    for one in table:
        beside = told.get(every - acts | one, table[one])
        if beside != table[one]:
            yield f"{spot} {sorted(one)}: other acts matter"
    both = table[frozenset()], table[acts]
    if any(theirs not in (mine, None) for mine, theirs in zip(both, found.said[spot], strict=True)):
        yield f"{spot}: the two policies say {found.said[spot]}"
    said = (cause.enough, cause.change, cause.undo)
    for word, mine, theirs in zip(("enough", "change", "undo"), sets_of(acts, table), said, strict=True):
        if mine != set(theirs) or len(mine) != len(theirs):
            yield f"{spot} {word}: {sorted(map(sorted, mine))} is right, {sorted(map(sorted, theirs))} is told"
    if bearing(acts, table) != frozenset(cause.relevant):
        yield f"{spot}: {sorted(bearing(acts, table))} bear on it, {cause.relevant} are told"
    new = table[acts]
    rises = all(table[one | {act}] == new for one in table if table[one] == new for act in acts)
    if rises is not cause.monotone:
        yield f"{spot}: monotone is {cause.monotone}"
    if _how(cause) != cause.how:
        yield f"{spot}: {cause.how} is told of {_how(cause)}"


def _how(cause: Cause) -> str:
    match [len(one) for one in cause.enough]:
        case [1]:
            return "alone"
        case [_]:
            return "jointly"
        case _:
            shared = Counter(act for one in cause.enough for act in one)
            return "either" if max(shared.values()) == 1 else "mixed"


def main() -> int:
    """Read the command line and print what was compared."""
    parser = argparse.ArgumentParser(description="Causes of the example ledger, by brute force.")
    parser.add_argument("ledger", nargs="?", type=Path, help="a workbook; generated where none is given")
    parser.add_argument("--pairs", default=",".join(PAIRS), help="which pairs (default %(default)s)")
    parser.add_argument("--every", type=int, default=1, help="only every so many changes (default %(default)s)")
    options = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        ledger = options.ledger or Path(folder) / "台账.xlsx"
        if options.ledger is None:
            subprocess.run([sys.executable, str(ROOT / "examples/ledger/generate.py"), str(ledger)], check=True)
        for name in options.pairs.split(","):
            start = time.process_time()
            found = case(ledger, *PAIRS[name])
            asked = evaluated = 0
            spots = list(found.found.causes)[:: options.every]
            for decision in dict.fromkeys(spot.name for spot in spots):
                tallies, asking = check(found, [spot for spot in spots if spot.name == decision])
                asked += asking.asked
                evaluated += asking.evaluations
                tally = tallies[decision]
                print(
                    f"{name} {decision}: {tally.changes} changes of {len(tally.causes)} causes, "
                    f"{tally.exhaustive} over all acts read, {tally.left_out} left out; {tally.subsets} subsets; "
                    f"others proved to bear on nothing in {tally.proved}, tried in {tally.tried}; "
                    f"{len(tally.faults)} disagreements",
                    flush=True,
                )
                for fault in tally.faults[:5]:
                    print(f"  {fault}")
                wrong += len(tally.faults)
            took = time.process_time() - start
            print(f"{name}: {asked} results, {evaluated} different evaluations, {took:.0f} s of CPU", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
