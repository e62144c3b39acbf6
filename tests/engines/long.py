"""Long runs: ``python -m tests.engines.long --pairs 200000 --seed 1 [--engine circuit]``.

Why this exists: CI tries a few hundred pairs of a program and a record, the rare ones need hundreds of thousands. The first
disagreement is cut down and printed as the file to keep (`kept/`); what the run has met is told construct by construct.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from tests.model.choosing import Chooser, Pick, RandomChooser

import policyrules as pr
from policyrules.engine import values as v
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio
from policyrules.engine.steps import Step
from policyrules.program import nodes as core
from policyrules.program.amended import Junction

from .aimed import aimed
from .cases import Case, compared, cut_down, dumped
from .engines import ENGINES
from .programs import Program, modelled, wide
from .records import Maker
from .saying import Engine, definition

GENERAL: Final = (modelled, wide)
"""The generators that make programs of every construct."""
_WATCHED = 8
"""One record of so many is looked into for the constructs that it meets."""


@dataclass
class Met:
    """What a run has met. ``decided``, ``open``: by construct, how often it came to something, and stayed unknown."""

    programs: int = 0
    pairs: int = 0
    unsound: int = 0
    handed: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)

    def watch(self, policy: pr.Policy, root: Instance, portfolio: Portfolio | None) -> None:
        """Count the constructs that a record meets."""
        outcome = policy.interpreter.evaluate(root, portfolio)
        self.statuses.update(one.status for one in outcome.results())
        run = policy.interpreter.evaluation(root, portfolio).run
        waiting: list[Step] = [*run._conditions.values(), *run._demands.values(), *run._terms.values()]
        for decided in run._decided.values():
            waiting += decided.parts
            self.decided[f"决定 {decided.decision.mode}"] += 1
        for reckoned in run._amounts.values():
            waiting += reckoned.parts
            self.decided[f"金额 {reckoned.decision.mode}"] += 1
        seen: set[int] = set()
        while waiting:
            step = waiting.pop()
            if id(step) in seen:
                continue
            seen.add(id(step))
            waiting += step.parts
            known = v.known(step.value) or step.value is v.VOID
            (self.decided if known else self.open)[construct(step)] += 1

    def told(self) -> str:
        """All of it."""
        lines = [f"{self.programs} programs, {self.pairs} pairs; {self.unsound} programs did not load"]
        lines.append("statuses: " + "、".join(f"{name} {number}" for name, number in self.statuses.most_common()))
        for name in sorted({*self.decided, *self.open}):
            lines.append(f"  {name}: decided {self.decided[name]}, open {self.open[name]}")
        if self.handed:
            lines.append("handed to the definition: " + str(dict(self.handed)))
        return "\n".join(lines)


def construct(step: Step) -> str:
    """What a step is called in the count."""
    match step.node:
        case core.Apply(operator=operator):
            return f"{operator.name} {step.node.operands[0].type.kind.value}"
        case core.Quantified(every=every):
            return "全部" if every else "任一"
        case core.Aggregate(kind=kind):
            return f"{kind} of rows"
        case Junction():
            return "amended condition"
        case _ as node:
            return type(node).__name__


def programs(
    seed: int, makers: Sequence[Callable[[Chooser], Program]] = GENERAL
) -> Iterator[tuple[int, Program, Pick]]:
    """Programs without end, of the generators in turn, each with what else is chosen for it."""
    for number in count(seed * 1_000_000):
        chooser = RandomChooser(number)
        yield number, makers[number % len(makers)](chooser), Pick(chooser)


def cases(program: Program, policy: pr.Policy, pick: Pick, records: int) -> Iterator[Case]:
    """The cases of one program: records without a portfolio, and, where it counts, as a portfolio."""
    maker = Maker(policy, finest=pick.chance(40))
    made = tuple(maker.record(pick, None if pick.chance(10) else f"{number}号") for number in range(records))
    if policy.program.statistics:
        ledger = pick.between(2, 8)
        yield Case(program, made[:ledger], True)
        made = made[ledger:]
    yield Case(program, made, False)


def run(
    pairs: int,
    seed: int,
    engines: dict[str, Engine],
    records: int,
    met: Met,
    progress: float = 0,
    makers: Sequence[Callable[[Chooser], Program]] = GENERAL,
) -> Iterator[tuple[str, Case, str]]:
    """Disagreements of ``engines``: which, the case, and what."""
    said = time.monotonic()
    for number, program, pick in programs(seed, makers):
        if met.pairs >= pairs:
            return
        policy = program.load()
        if policy is None:
            met.unsound += 1
            continue
        met.programs += 1
        answers = {}
        given = list(cases(program, policy, pick, records))
        for name, engine in engines.items():
            try:
                answers[name] = engine(policy)
            except Exception as error:  # any crash is a disagreement
                yield name, given[-1], f"{type(error).__name__}: {error}"
        for case in given:
            roots, portfolio = case.read(policy)
            # What the definition says is worked out once for all engines.
            right = definition(policy)(roots, portfolio)
            for name, answer in answers.items():
                found = next(compared(answer, roots, portfolio, lambda right=right: right), None)
                if found is not None:
                    yield name, case, f"program {number}, record {found[0]}: {found[1]}"
            for root in roots[::_WATCHED]:
                met.watch(policy, root, portfolio)
            met.pairs += len(case.records)
        if progress and time.monotonic() - said > progress:
            said = time.monotonic()
            print(f"{met.programs} programs, {met.pairs} pairs", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", type=int, default=30, help="records of one program")
    parser.add_argument("--engine", choices=[*ENGINES, "all"], action="append", help="all where none is named")
    parser.add_argument("--aimed", action="store_true", help="programs about signs, scales and turning points alone")
    parser.add_argument("--keep-going", action="store_true", help="print every disagreement, cut down none")
    options = parser.parse_args(arguments)
    asked = options.engine or ["all"]
    engines = ENGINES if "all" in asked else {name: ENGINES[name] for name in asked}
    met = Met()
    start = time.process_time()
    bad = 0
    makers = (aimed,) if options.aimed else GENERAL
    for name, case, why in run(options.pairs, options.seed, engines, options.records, met, progress=20, makers=makers):
        bad += 1
        print(f"[{name}] {why}", flush=True)
        if not options.keep_going:
            smaller = cut_down(ENGINES[name], case)
            print(dumped(smaller, f"{name}: …"))
            break
    print(met.told())
    print(f"{bad} disagreements, {time.process_time() - start:.0f} s of processor time")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
