"""What members contribute to a 统计, as nodes.

Why this exists: a statistic is of a whole portfolio, so an engine first works out what each member contributes, then puts
that together; here `engine.evaluate.contributed` is said for a circuit.

Invariants: of each statistic either all is here, or the construct why it is not.
"""

from __future__ import annotations

from collections.abc import Sequence

from policyrules.engine.lowering.lower import Lowering
from policyrules.engine.lowering.nodes import Bit, Place
from policyrules.engine.lowering.places import space_of
from policyrules.engine.lowering.values import Lowered, Range, Truth, Unlowered
from policyrules.engine.members import PreparedStatistic
from policyrules.frozen import frozen
from policyrules.program import nodes as core


@frozen
class OpenList:
    """The rows of lists that were not supplied, of the instances at ``holder`` where ``exists``: whether they may count, and
    what is known of their keys."""

    holder: Place
    exists: Bit
    where: Truth
    keys: tuple[Lowered, ...]


@frozen
class Contributed:
    """What the instances at ``place`` contribute: whether they count, their keys, and what they add. ``asked``: the keys as
    the instance at ``asking`` sees them."""

    prepared: PreparedStatistic
    place: Place
    where: Truth
    keys: tuple[Lowered, ...]
    match: Truth | None
    value: Lowered | None
    open: tuple[OpenList, ...]
    asking: Place
    asked: tuple[Lowered, ...]


def contributed(lowering: Lowering, name: str, unlisted: Sequence[Place]) -> Contributed:
    """What members contribute to a statistic. ``unlisted``: where rows of its kind may be that nobody listed, seen from the
    records.

    Raises `Unlowered` for a construct that is not lowered.
    """
    prepared = lowering.engine.statistics[name]
    statistic = prepared.statistic
    values, c = lowering.values, lowering.c
    place = space_of(lowering.program, statistic.object)
    where = values.truth(True) if statistic.where is None else lowering.truth(statistic.where, (place,))
    match = None if statistic.match is None else lowering.truth(statistic.match, (place,))
    value = None if statistic.value is None else lowering.expression(statistic.value, (place,))
    if isinstance(statistic.value, core.AmountValue):
        # 5.16.15: what no rule gives adds nothing, and is no value.
        assert isinstance(value, Range)
        exists, value = values.existing(value)
        where = values.conjunction((where, exists))
    open_: list[OpenList] = []
    for below in unlisted:
        if below.above(len(below.below)).up:
            # What records belong to contributes nothing.
            continue
        holder = below.above(len(below.below))
        missing = c.negation(c.has_list(holder, below.below[0]))
        perhaps = values.truth(True) if statistic.where is None else lowering.truth(statistic.where, (below,))
        keys = tuple(lowering.expression(key, (below,)) for key in statistic.same)
        open_.append(OpenList(holder, missing, perhaps, keys))
    asking = place.above(prepared.below)
    return Contributed(
        prepared,
        place,
        where,
        tuple(lowering.expression(key, (place,)) for key in statistic.same),
        match,
        value,
        tuple(open_),
        asking,
        tuple(lowering.expression(key, (asking,)) for key in prepared.asked),
    )


__all__ = ["Contributed", "OpenList", "Unlowered", "contributed"]
