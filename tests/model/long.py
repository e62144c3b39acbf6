"""Long runs: ``python -m tests.model.long --cases 5000 --seed 1``.

Why this exists: CI tries a few hundred cases, the rare ones need thousands. A failure is reduced choice by choice before
it is printed with its rule text, its record and both results; the choices are printed too, to keep it as a test.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable

from .checking import Disagreement
from .choosing import Chooser, Pick, RandomChooser, ReplayChooser, reduced
from .harness import Case, DoesNotLoad, Situation, check, check_once, make_case, make_once, make_situation, shown
from .probing import probes

Run = Callable[[Chooser], tuple[Case | None, Situation | None, list[Disagreement]]]


def completions(chooser: Chooser) -> tuple[Case | None, Situation | None, list[Disagreement]]:
    """No completion contradicts; Kleene is reached."""
    case = make_case(chooser)
    for _ in range(3):
        situation = make_situation(case, Pick(chooser))
        found = list(check(case, situation, limit=60, seed=0))
        if found:
            return case, situation, found
    return case, None, []


def answers(chooser: Chooser) -> tuple[Case | None, Situation | None, list[Disagreement]]:
    """Monotone; relevant and deciding blanks; readings."""
    case = make_case(chooser)
    for _ in range(2):
        situation = make_situation(case, Pick(chooser))
        found = list(probes(case, situation, seed=0))
        if found:
            return case, situation, found
    return case, None, []


def once(chooser: Chooser) -> tuple[Case | None, Situation | None, list[Disagreement]]:
    """Exact where nothing is read twice."""
    case, root = make_once(chooser)
    return case, Situation(root, []), list(check_once(case, root, 1500, 0))


RUNS: dict[str, Run] = {"completions": completions, "answers": answers, "once": once}


def guarded(run: Run, chooser: Chooser) -> tuple[Case | None, Situation | None, list[Disagreement]]:
    """A crash of the package, or a refusal to load, is a disagreement too."""
    try:
        return run(chooser)
    except DoesNotLoad as error:
        return None, None, [Disagreement("不能载入", "", str(error))]
    except RecursionError:
        return None, None, []
    except Exception as error:  # any crash is a finding here
        return None, None, [Disagreement("崩溃", type(error).__name__, str(error)[:300])]


def minimal(run: Run, choices: list[int], kind: str, budget: int) -> tuple[list[int], str]:
    """The reduced choices, and the reduced failure as text."""

    def fails(tried: list[int]) -> list[int] | None:
        chooser = ReplayChooser(tried)
        _, _, found = guarded(run, chooser)
        return chooser.made if any(f.kind == kind for f in found) else None

    best = reduced(choices, fails, budget)
    case, situation, found = guarded(run, ReplayChooser(best))
    text = "" if case is None else shown(case, situation)
    return best, text + "\n" + "\n".join(map(str, found))


def main(arguments: Iterable[str]) -> int:
    """Run, report, and say how many failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--what", choices=[*RUNS, "all"], default="all")
    parser.add_argument("--shown", type=int, default=2, help="failures printed of each kind")
    parser.add_argument("--budget", type=int, default=400, help="tries to reduce a failure")
    parser.add_argument("--ignore", nargs="*", default=["定局不成（上界）"], help="kinds only counted")
    options = parser.parse_args(list(arguments))
    names = list(RUNS) if options.what == "all" else [options.what]
    kinds: Counter[str] = Counter()
    began = time.monotonic()
    for index in range(options.cases):
        name = names[index % len(names)]
        chooser = RandomChooser(f"{options.seed} {name} {index}")
        _, _, found = guarded(RUNS[name], chooser)
        for kind in dict.fromkeys(f.kind for f in found):
            kinds[kind] += 1
            if kinds[kind] <= options.shown and kind not in options.ignore:
                choices, text = minimal(RUNS[name], chooser.made, kind, options.budget)
                print(f"==== {name}, seed {options.seed}, case {index}: {kind}\n{text}\nchoices = {choices}\n", flush=True)
    seconds = time.monotonic() - began
    print(f"{options.cases} cases in {seconds:.0f} s: {dict(kinds) or 'no disagreement'}")
    return 1 if any(kind not in options.ignore for kind in kinds) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
