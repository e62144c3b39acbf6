"""Pairs of programs of which one is the other with pieces left out or edited in place.

Why this exists: causes are to be right for edits of every kind, not for those that somebody thought of.

Invariants: the same seed gives the same pair.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace

from tests.engines.programs import Program, modelled, wide
from tests.engines.records import Maker
from tests.model.choosing import Pick, RandomChooser

import policyrules as pr
from policyrules.analysis.attribution import Spot
from policyrules.analysis.trials import Asked, outcome_of, targets
from policyrules.engine.portfolio import Portfolio

_LEFT_OUT = frozenset(["规则", "修订", "设定", "推定", "先后", "补充规则", "义务", "禁令", "提示"])
_EDITED = frozenset(["规则", "修订", "设定", "术语", "统计", "推定", "义务"])


def pair(seed: int) -> tuple[pr.Policy, pr.Policy, list[dict[str, object]]] | None:
    """Two policies and records that both read; None where they are not sound, or not different."""
    chooser = RandomChooser(seed)
    program = (wide if seed % 2 else modelled)(chooser)
    edited = replace(program, layers=tuple(_edited(program, random.Random(seed))))
    one, other = (edited, program) if seed % 3 else (program, edited)
    before, after = one.load(), other.load()
    if before is None or after is None or before.fingerprint == after.fingerprint:
        return None
    maker = Maker(after)
    pick = Pick(chooser)
    return before, after, [maker.record(pick, str(number)) for number in range(4)]


def _edited(program: Program, chance: random.Random) -> Iterator[tuple[str, ...]]:
    for pieces in program.layers:
        kept = []
        for piece in pieces:
            word = piece.split()[0] if piece.split() else ""
            if word in _LEFT_OUT and chance.random() < 0.25:
                continue
            if word in _EDITED and chance.random() < 0.3:
                if chance.random() < 0.6:
                    piece = re.sub(r"(?<=[≥>≤<=] )(\d+)", lambda found: str(int(found[1]) + 1), piece)
                else:
                    piece = piece.replace(" 且 ", " 或 ")
            kept.append(piece)
        yield tuple(kept)


def differing(
    before: pr.Policy, after: pr.Policy, olds: Portfolio, news: Portfolio, every: list[Asked]
) -> dict[Spot, tuple[object, object]]:
    """What the two say of everything that is asked of both of them."""
    found: dict[Spot, tuple[object, object]] = {}
    for index, (old, new) in enumerate(zip(olds.members, news.members, strict=True)):
        if new.problems:
            continue
        runs = before.interpreter.run(old, olds), after.interpreter.run(new, news)
        there = targets(before.program, old)
        for path, instance in targets(after.program, new).items():
            for asked in every:
                program = before.program
                known = {**program.decisions, **program.duties, **program.notices}.get(asked.name)
                if known is None or known.object != instance.object or path not in there:
                    continue
                decision = program.decisions.get(asked.name)
                if decision is not None and (instance.unlisted or (asked.value and asked.value not in decision.values)):
                    continue
                found[Spot(index, path, asked.name, asked.value)] = (
                    outcome_of(before.interpreter, runs[0], asked, there[path]),
                    outcome_of(after.interpreter, runs[1], asked, instance),
                )
    return found


def things(policy: pr.Policy) -> list[Asked]:
    """All that a policy says, the values of 多选 decisions one by one too."""
    program = policy.program
    found = [Asked(name) for name in (*program.decisions, *program.duties, *program.notices)]
    for decision in program.decisions.values():
        found += [Asked(decision.name, value) for value in decision.values if decision.mode == "多选"]
    return found
