"""The example ledger between two policies: what differs, and why, as is told.

Why this exists: golden values, brute force and texts with pieces left out all look at the same three pairs.

Invariants: nothing is kept between calls; only decisions that take one value are compared.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from tests.analysis.pairs import differing

import policyrules as pr
from policyrules.analysis.atoms import Blend
from policyrules.analysis.attribute import blended
from policyrules.analysis.attribution import Cause, Causes, Spot, causes
from policyrules.analysis.trials import Asked
from policyrules.engine.portfolio import Portfolio

ROOT = Path(__file__).resolve().parents[2]
DAY = datetime.date(2025, 11, 15)
PAIRS = {
    "NJ": ("policies/national", "policies/jiangxi"),
    "JC": ("policies/jiangxi", "examples/county"),
    "NC": ("policies/national", "examples/county"),
}


@dataclass(frozen=True)
class Case:
    """Two policies, the ledger, and why single values differ."""

    before: pr.Policy
    after: pr.Policy
    blend: Blend
    portfolio: Portfolio
    said: dict[Spot, tuple[object, object]]
    found: Causes

    def spot(self, identity: str, name: str) -> Spot:
        """A change."""
        (spot,) = [
            spot
            for spot in self.found.causes
            if self.portfolio.members[spot.index].identity == identity and spot.name == name
        ]
        return spot

    def of(self, identity: str, name: str) -> Cause:
        """The cause of a change."""
        return self.found.causes[self.spot(identity, name)]

    def named(self, *sets: frozenset[int]) -> set[frozenset[str]]:
        """Sets of acts by the names of what they act on."""
        return {frozenset(self.blend.atoms[act].origin.name for act in one) for one in sets}

    def enough(self, identity: str, name: str) -> set[frozenset[str]]:
        """What is enough, by the names of the acts."""
        return self.named(*self.of(identity, name).enough)


def case(path: Path, old: str | Path, new: str | Path) -> Case:
    """Two folders of the repository, or elsewhere, over a ledger."""
    before, after = pr.load(ROOT / old, as_of=DAY), pr.load(ROOT / new, as_of=DAY)
    read = after.read(path)
    portfolio = after.portfolio(read)
    asked = [Asked(one.name) for one in after.program.decisions.values() if one.mode != "多选"]
    said = differing(before, after, before.portfolio(read), portfolio, asked)
    single = {spot: pair for spot, pair in said.items() if pair[0] != pair[1]}
    blend = blended(before, after)
    return Case(before, after, blend, portfolio, single, causes(blend, portfolio, single, said=single.__getitem__))
