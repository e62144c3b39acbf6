"""The example ledger between two policies: what differs, and why, as is told.

Why this exists: golden values, brute force and texts with pieces left out all look at the same three pairs.

Invariants: nothing is kept between calls; decisions that take one value are compared, those too that only one side has.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import policyrules as pr
from policyrules.analysis.attribute import blended
from policyrules.analysis.attribution import Cause, Causes, Spot, causes
from policyrules.analysis.blending import Blend
from policyrules.engine.portfolio import Portfolio
from policyrules.variation.build import counted

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
    _, count = counted(before, after, read, read)
    standing = {id(root): place for place, root in enumerate(portfolio.members)}
    roots = count.study.new.roots
    said = {
        Spot(standing[id(roots[index])], path, name): pair
        for (index, path, name), pair in count.said.items()
        if pair != (None, None)
    }
    blend = blended(before, after)
    return Case(before, after, blend, portfolio, said, causes(blend, portfolio, said, said=said.__getitem__))
