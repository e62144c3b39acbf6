"""Causes by brute force: every selection of the acts that a result may turn on, evaluated by the definition.

    python -m tests.analysis.brute [LEDGER.xlsx] [--pairs NJ,JC,NC] [--every 1]

Why this exists: what `analysis.attribution` says of a change comes from a circuit and a few operations on sets of selections. Here
nothing of that is used: the program under each selection is evaluated by the definition, record by record, and the least
sets are searched for in the table of its results, as they are defined.

Invariants: of a result that reads up to `WHOLE` acts all selections of these are evaluated. Where it reads more, those of the acts that
are said to bear on it are, each with the other acts off, with them on, and with them unknown. The engine is three-valued:
where a result is settled while they are unknown, they bear on nothing (``proved``); where it is open anyway, they are
turned over one by one and at random (``tried``).
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
from dataclasses import dataclass, field, replace
from itertools import chain, combinations
from pathlib import Path

from tests.analysis.example import PAIRS, ROOT, Case, case

from policyrules.analysis.attribution import Cause, Spot
from policyrules.analysis.lattice import Selection
from policyrules.analysis.trials import Asked, Trials, outcome_of, targets
from policyrules.engine.evaluate import Run, contributed
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Own, World
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


class Asking:
    """The whole program of both policies under selections, by the definition alone; what the members of the portfolio contribute
    is shared by selections that are alike in all that statistics read, where these are asked one after the other (`order`)."""

    def __init__(self, trials: Trials) -> None:
        self.trials = trials
        self.members = trials.portfolio.members
        side = trials.side(frozenset())
        self.counted = frozenset().union(*map(side.acts_of, side.program.statistics))
        self.counted |= {atom.number for atom in trials.blend.chosen}
        self._last: tuple[tuple[Selection, Selection], World, Callable[..., dict[str, Own]]] | None = None
        self._targets: dict[int, dict[str, Instance]] = {}
        self.asked = 0

    def under(self, selection: Selection, unknown: Selection = frozenset()) -> Callable[[Spot], Hashable]:
        """Results under a selection in which some switches are neither on nor off."""
        interpreter = self.trials.under(selection)
        if unknown:
            parameters = dict(interpreter.program.parameters)
            for act in unknown:
                name = self.trials.switches[act]
                parameters[name] = replace(parameters[name], value=None, state="unset")
            program = replace(interpreter.program, parameters=parameters)
            interpreter = Interpreter(program, "", like=interpreter)
        key = selection & self.counted, unknown & self.counted
        if self._last is None or self._last[0] != key:
            self._last = key, World(self.members), _contribute(interpreter)
        _, world, contribute = self._last

        def result(spot: Spot) -> Hashable:
            self.asked += 1
            run = Run(interpreter.engine, self.members[spot.index], world, contribute)
            return outcome_of(interpreter, run, Asked(spot.name, spot.value), self.instance(spot))

        return result

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


def _contribute(interpreter: Interpreter) -> Callable[..., dict[str, Own]]:
    engine = interpreter.engine

    def contribute(world: World, member: Instance, stratum: int) -> dict[str, Own]:
        run = Run(engine, member, world, contribute)
        return {
            name: contributed(run, prepared)[0]
            for name, prepared in engine.statistics.items()
            if engine.strata[name] == stratum
        }

    return contribute


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


def check(found: Case, spots: Iterable[Spot]) -> tuple[dict[str, Tally], int]:
    """Work the causes of some changes out by brute force and compare; also how many results were asked for."""
    trials = Trials(found.blend, found.portfolio)
    asking = Asking(trials)
    every = frozenset(atom.number for atom in found.blend.atoms)
    tallies: dict[str, Tally] = {}
    wanted: dict[Selection, dict[Spot, None]] = {}
    unsure: dict[tuple[Selection, Selection], dict[Spot, None]] = {}
    varied: dict[Spot, Selection] = {}
    for spot in spots:
        cause, tally = found.found.causes[spot], tallies.setdefault(spot.name, Tally())
        tally.changes += 1
        tally.causes.add(cause)
        whole = len(cause.acts) <= WHOLE
        acts = varied[spot] = frozenset(cause.acts if whole else cause.relevant)
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
                outside = frozenset(act for act in cause.acts if act not in acts and act in trials.switches)
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
        tallies[spot.name].faults += _compared(found, spot, acts, every, told[spot])
    return tallies, asking.asked


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
            asked = 0
            spots = list(found.found.causes)[:: options.every]
            for decision in dict.fromkeys(spot.name for spot in spots):
                tallies, more = check(found, [spot for spot in spots if spot.name == decision])
                asked += more
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
            print(f"{name}: {asked} results of the definition, {time.process_time() - start:.0f} s of CPU", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
