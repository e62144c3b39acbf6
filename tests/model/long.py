"""Long runs: ``python -m tests.model.long --cases 5000 --seed 1``.

Why this exists: CI tries a few hundred cases, the rare ones need thousands. A failure is reduced choice by choice before
it is printed with its rule text, its record and both results; the choices are printed too, to keep it as a test.
``--dump`` and ``--differences`` compare two versions of the program instead (`dumping`).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from .checking import Disagreement
from .choosing import Chooser, Pick, RandomChooser, ReplayChooser, reduced
from .dumping import differences, dump, show
from .folding import fold
from .harness import (
    Case,
    DoesNotLoad,
    Situation,
    check,
    check_once,
    load,
    make_case,
    make_once,
    make_situation,
    shown,
)
from .probing import probes

Found = tuple[Case | None, Situation | None, list[Disagreement]]
Run = Callable[[Chooser], Found]
Look = Callable[[Case, Situation], list[Disagreement]]


def agree(case: Case, situation: Situation) -> list[Disagreement]:
    """No completion contradicts; Kleene is reached."""
    return list(check(case, situation, limit=60, seed=0))


def answer(case: Case, situation: Situation) -> list[Disagreement]:
    """Monotone; relevant and deciding blanks; readings."""
    return list(probes(case, situation, seed=0))


def exact(case: Case, situation: Situation) -> list[Disagreement]:
    """Exact where nothing is read twice."""
    return list(check_once(case, situation.root, 1500, 0))


def several(look: Look, records: int) -> Run:
    """A run that makes a policy and looks at some records."""

    def run(chooser: Chooser) -> Found:
        case = make_case(chooser)
        for _ in range(records):
            situation = make_situation(case, Pick(chooser))
            found = look(case, situation)
            if found:
                return case, situation, found
        return case, None, []

    return run


def once(chooser: Chooser) -> Found:
    """A run over a policy that reads no field twice."""
    case, root = make_once(chooser)
    situation = Situation(root, [])
    return case, situation, exact(case, situation)


RUNS: dict[str, tuple[Run, Look]] = {
    "completions": (several(agree, 3), agree),
    "answers": (several(answer, 2), answer),
    "once": (once, exact),
}


def guarded(run: Run, chooser: Chooser) -> Found:
    """A crash of the package, or a refusal to load, is a disagreement too."""
    try:
        return run(chooser)
    except DoesNotLoad as error:
        return None, None, [Disagreement("不能载入", "", str(error))]
    except RecursionError:
        return None, None, []
    except Exception as error:  # any crash is a finding here
        return None, None, [Disagreement("崩溃", type(error).__name__, str(error)[:300])]


def minimal(run: Run, look: Look, choices: list[int], kind: str, budget: int) -> tuple[list[int], str]:
    """The reduced choices; and the failure as text, with declarations that do not matter left out."""

    def fails(tried: list[int]) -> list[int] | None:
        chooser = ReplayChooser(tried)
        _, _, found = guarded(run, chooser)
        return chooser.made if any(f.kind == kind for f in found) else None

    best = reduced(choices, fails, budget)
    case, situation, found = guarded(run, ReplayChooser(best))
    if case is not None and situation is not None:
        case = without_idle(case, situation, look, kind)
        found = look(case, situation)
    text = "" if case is None else shown(case, situation)
    return best, text + "\n" + "\n".join(map(str, found))


def without_idle(case: Case, situation: Situation, look: Look, kind: str) -> Case:
    """The case with every declaration left out that the failure does not need."""
    for entry in reversed(case.policy.declarations):
        policy = replace(case.policy, declarations=tuple(d for d in case.policy.declarations if d is not entry))
        try:
            smaller = Case(policy, fold(policy), load(policy))
            if any(found.kind == kind for found in look(smaller, situation)):
                case = smaller
        except (DoesNotLoad, KeyError, AssertionError):
            # Something that stays refers to it.
            continue
    return case


def main(arguments: Iterable[str]) -> int:
    """Run, report, and say how many failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--what", choices=[*RUNS, "all"], default="all")
    parser.add_argument("--shown", type=int, default=2, help="failures printed of each kind")
    parser.add_argument("--budget", type=int, default=400, help="tries to reduce a failure")
    parser.add_argument("--ignore", nargs="*", default=[], help="kinds only counted")
    parser.add_argument("--dump", type=Path, help="write the outcomes of the cases to this file, and stop")
    parser.add_argument("--explained", action="store_true", help="write the explanations too")
    parser.add_argument("--differences", type=Path, nargs=2, help="compare two such files, and stop")
    parser.add_argument("--show", help="print the case of a line of such a file: its three numbers")
    options = parser.parse_args(list(arguments))
    if options.dump is not None:
        dump(options.dump, options.cases, options.seed, options.explained)
        return 0
    if options.differences is not None:
        first, second = options.differences
        return differences(first, second, options.shown)
    if options.show is not None:
        show(options.show)
        return 0
    names = list(RUNS) if options.what == "all" else [options.what]
    kinds: Counter[str] = Counter()
    began = time.monotonic()
    for index in range(options.cases):
        if index and index % 1000 == 0:
            print(f"{index} cases, {time.monotonic() - began:.0f} s, {dict(kinds)}", file=sys.stderr, flush=True)
        name = names[index % len(names)]
        chooser = RandomChooser(f"{options.seed} {name} {index}")
        _, _, found = guarded(RUNS[name][0], chooser)
        for kind in dict.fromkeys(f.kind for f in found):
            kinds[kind] += 1
            if kinds[kind] <= options.shown and kind not in options.ignore:
                choices, text = minimal(*RUNS[name], chooser.made, kind, options.budget)
                print(
                    f"==== {name}, seed {options.seed}, case {index}: {kind}\n{text}\nchoices = {choices}\n", flush=True
                )
    seconds = time.monotonic() - began
    print(f"{options.cases} cases in {seconds:.0f} s: {dict(kinds) or 'no disagreement'}")
    return 1 if any(kind not in options.ignore for kind in kinds) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
