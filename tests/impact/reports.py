"""Whole reports of generated variations, against results worked out apart; a long runner.

    python -m tests.impact.reports --count 500 --seed 1

Why this exists: a report joins a dozen answers over whatever rules and records people have. Whatever they are, it comes, in
each of its forms, and what it counts is what the two sides say.
"""

from __future__ import annotations

import itertools
import json
import sys
from functools import partial
from pathlib import Path

from tests.analysis.pairs import pair
from tests.fuzz.running import Trial, command_line, run_trials

import policyrules as pr
from policyrules.report.impact_page import impact_page
from policyrules.report.impact_sheets import impact_sheets
from policyrules.report.impact_text import impact_lines
from policyrules.results import DecisionResult


def check(seed: int) -> str:
    """One pair: what became of it. Raises what escapes, and `AssertionError` where a count is wrong."""
    made = pair(seed)
    if made is None:
        return "none"
    before, after, records = made
    sweeps = [name for name, one in after.program.parameters.items() if one.type.kind.value in ("整数", "金额")][:2]
    found = pr.impact(before, after, records, sweeps=sweeps, dates="auto", by=(), money=(), weight=())
    told = json.loads(json.dumps(found.to_dict(), ensure_ascii=False))
    for width in (60, 100):
        assert impact_lines(found, width=width) and impact_lines(found, width=width, everything=True)
    assert impact_sheets(found)
    assert impact_page(found) == impact_page(found)
    assert {(one["record"], one["path"], one["decision"]) for one in told["cells"]} == _changed(before, after, records)
    return "changes" if told["cells"] else "no change"


def _changed(before: pr.Policy, after: pr.Policy, records: list[dict[str, object]]) -> set[tuple[int, str, str]]:
    """What differs of the decisions of one value that both sides have; what equal counties come to is told once."""
    found = set()
    shared = set()
    sides = [policy.evaluate_all(records) for policy in (before, after)]
    for number, (old, new) in enumerate(zip(*sides, strict=True)):
        olds, news = (
            {(one.path, one.name): one for one in side.results() if isinstance(one, DecisionResult)}
            for side in (old, new)
        )
        for key in olds.keys() & news.keys():
            modes = [policy.program.decisions[key[1]].mode for policy in (before, after)]
            states = _state(olds[key]), _state(news[key])
            if "多选" not in modes and states[0] != states[1]:
                mark = (repr(records[number].get("县")), key, states)
                if not key[0].startswith("县") or mark not in shared:
                    found.add((number, *key))
                shared.add(mark)
    return found


def _state(one: DecisionResult) -> tuple[object, ...]:
    return one.value, one.status, one.candidates, one.interval


def _check(seed: int, _: Path) -> str:
    return check(seed)


def main() -> int:
    """Reads the command line and runs."""
    options = command_line("Whole reports of generated variations.", 200).parse_args()
    first = options.seed + options.start
    trials = (Trial(number, "pair", partial(_check, number)) for number in itertools.count(first))
    return run_trials(trials, options, 60)


if __name__ == "__main__":
    sys.exit(main())
