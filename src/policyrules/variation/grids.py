"""Two parameters of one side at once: the pieces of the one by the pieces of the other.

Why this exists: thresholds are set together, and what one of them does often turns on the other.

Invariants: a piece of either parameter is one wherever the other stands: of one of the two every value at which any comparison turns
is gone through, and along the other everything is told at once; where a comparison reads both, the grid says that its pieces
may be too few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policyrules.engine.lowering.lowered import AmountOutput, DecisionOutput, lowered, roots
from policyrules.engine.lowering.nodes import reachable
from policyrules.engine.prepared import Engine
from policyrules.program import nodes as core
from policyrules.types import Kind, Value
from policyrules.variation import piecewise as p
from policyrules.variation.along import TESTS, Circuit
from policyrules.variation.courses import affected, counted_once, course, every_cut, valued
from policyrules.variation.model import Bounds, Grid, State, Sweep
from policyrules.variation.piecewise import Axis, Cut, Moving, Unfit
from policyrules.variation.study import ABSENT, Key, Study, same, settled
from policyrules.variation.sweeps import WHOLE, Asked, ends_of, stretch_text
from policyrules.variation.wishes import WishError

MOST_COLUMNS: Final = 80
MOST_CELLS: Final = 4_000
"""Pieces of a parameter, and cells, of a grid."""


def grid(study: Study, first: Sweep, second: Sweep, decision: str) -> Grid:
    """Two parameters of one side, over what was swept of each: how many objects of ``decision`` differ from the other side, for each
    piece of the first and of the second. A piece of the one is one wherever the other stands.

    Raises `WishError`.
    """
    if first.side != second.side:
        raise WishError("两个参数要在同一侧")
    lines = [_Line.of(study, one) for one in (first, second)]
    if lines[0].asked.name == lines[1].asked.name:
        raise WishError(f"两个都是“{first.parameter}”，要两个不同的参数")
    side = lines[0].asked.side
    if decision not in side.names:
        raise WishError(f"没有问到“{decision}”这个决定，可以问的有：{'、'.join(side.names)}")
    # One of the two is gone through piece by piece; along the other everything is told at once.
    starts = [line.starts(other, decision) for line, other in zip(lines, reversed(lines), strict=True)]
    turned = len(starts[0]) < len(starts[1])
    along, through = (lines[1], lines[0]) if turned else (lines[0], lines[1])
    starts_through = starts[0 if turned else 1]
    if len(starts_through) > MOST_COLUMNS:
        raise WishError(f"“{first.parameter}”和“{second.parameter}”的格子太多，请给小一些的范围")
    columns: list[tuple[Cut, Mapping[Key, Moving]]] = []
    for start, end in zip(starts_through, [*starts_through[1:], None], strict=True):
        states = along.states(valued(through.asked.program, through.asked.name, through.value(start, end)), decision)
        if not (columns and through.ordered and columns[-1][1] == states):
            columns.append((start, states))
    rows: list[Cut] = [None, *p.together(one for _, states in columns for one in states.values())]
    if not along.ordered:
        rows = list(range(len(along.values)))
    if len(rows) * len(columns) > MOST_CELLS:
        raise WishError(f"“{first.parameter}”和“{second.parameter}”的格子太多，请给小一些的范围")
    changed = [
        [_differing(along.asked, {key: p.behind(one, row) for key, one in states.items()}, decision) for row in rows]
        for _, states in columns
    ]
    texts = [along.texts(rows), through.texts([start for start, _ in columns])]
    if turned:
        texts.reverse()
    else:
        changed = [list(row) for row in zip(*changed, strict=True)]
    mixed = _mixed(lines, decision)
    return Grid(
        (first.parameter, second.parameter),
        decision,
        tuple(texts[0]),
        tuple(texts[1]),
        tuple(tuple(row) for row in changed),
        not mixed,
        "有的比较同时看这两个参数，格子的边界可能不全" if mixed else "",
    )


@dataclass(frozen=True, eq=False)
class _Line:
    """One of the two parameters of a grid: over an axis, or over some ``values`` one by one (then the axis counts these)."""

    asked: Asked
    axis: Axis
    values: tuple[Value, ...]

    @staticmethod
    def of(study: Study, swept: Sweep) -> _Line:
        asked = Asked.of(study, swept.parameter, "old" if swept.side == "old" else "new")
        if swept.exact:
            low, high = swept.pieces[0].low, swept.pieces[-1].high
            return _Line(asked, Axis(low, high, dense=asked.type.kind not in WHOLE), ())
        values: list[Value] = [piece.at for piece in swept.pieces if piece.at is not None]
        if not values:
            every = (True, False) if asked.type.kind is Kind.BOOL else asked.type.values or ()
            texts = {asked.text(value): value for value in every}
            values = [texts[piece.text] for piece in swept.pieces if piece.text in texts]
        if len(values) != len(swept.pieces):
            raise WishError(f"“{asked.name}”试的值不能放进两个参数的格子")
        return _Line(asked, Axis(0, len(values) - 1), tuple(values))

    @property
    def ordered(self) -> bool:
        return not self.values

    def value(self, start: Cut, end: Cut) -> Value:
        if self.values:
            return self.values[0 if start is None else start]
        found: Value = self.axis.inside(start, end)
        return found

    def starts(self, beside: _Line, decision: str) -> list[Cut]:
        """Where pieces may begin, wherever the other parameter stands."""
        if self.values:
            return list(range(len(self.values)))
        unknown = valued(self.asked.program, beside.asked.name, None, beside.axis if beside.ordered else None)
        if not affected(unknown, self.asked.name, [decision]):
            return [None]
        try:
            return [None, *every_cut(unknown, self.asked.name, self.axis, self.asked.side, [decision])]
        except Unfit:
            raise WishError(f"“{self.asked.name}”的边界算不出来，请写出要试的值，如 {self.asked.name}=…,…") from None

    def states(self, program: core.Program, decision: str) -> Mapping[Key, Moving]:
        """What a decision comes to along it, under a program."""
        side = self.asked.side
        if not affected(program, self.asked.name, [decision]):
            return side.under(program, names=[decision])
        if self.values:
            every = [side.under(valued(program, self.asked.name, one), names=[decision]) for one in self.values]
            return {key: p.glued([(place, one[key]) for place, one in enumerate(every)]) for key in every[0]}
        try:
            return course(program, self.asked.name, self.axis, side, [decision]).states
        except Unfit:
            raise WishError(f"“{self.asked.name}”的边界算不出来，请写出要试的值，如 {self.asked.name}=…,…") from None

    def texts(self, starts: Sequence[Cut]) -> list[str]:
        if self.values:
            return [self.asked.text(self.values[0 if start is None else start]) for start in starts]
        return [
            stretch_text(self.asked.parameter, *ends_of(self.axis, start, end))
            for start, end in zip(starts, [*starts[1:], None], strict=True)
        ]


def _mixed(lines: Sequence[_Line], decision: str) -> bool:
    """Whether a comparison turns on both parameters."""
    names = [line.asked.name for line in lines]
    program = lines[0].asked.program
    for name in names:
        program = valued(program, name, None)
    whole = lowered(Engine(program), vary=names)
    every: tuple[DecisionOutput | AmountOutput, ...] = (*whole.decisions, *whole.amounts)
    outputs = [one for one in every if one.decision.name == decision]
    turning = [Circuit(whole, name).turning for name in names]
    below = reachable(node for output in outputs for node in roots(output))
    return any(type(node) in TESTS and all(node.id in one for one in turning) for node in below)


def _differing(asked: Asked, states: Mapping[Key, State], decision: str) -> Bounds:
    other = {key: state for key, state in asked.other.states.items() if key[2] == decision}
    keys = {**dict.fromkeys(states), **dict.fromkeys(other)}
    asked.side.work.spend(len(keys))
    program = asked.side.policy.program
    sure = most = 0
    for key in counted_once(asked.side, program, keys, lambda key: (states.get(key), other.get(key))):
        before, after = other.get(key, ABSENT), states.get(key, ABSENT)
        if not same(before, after):
            most += 1
            sure += settled(before) and settled(after)
    return Bounds(sure, most)
