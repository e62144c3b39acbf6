"""统计 for one record: what it contributes, and what a statistic comes to for it.

Why this exists: sentences 5.11 of docs/language.md as steps, beside how members are counted together (`portfolio`). Reasons, missing
inputs and assumptions are told from what is kept here.

Invariants: what a node comes to is asked of `evaluate`, through `See`; nothing here is worked out twice for one record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from policyrules.engine import values as v
from policyrules.engine.instances import Instance
from policyrules.engine.members import Entry, Key, Own, PreparedStatistic, alone, contributing, joining, own_unlimited
from policyrules.engine.portfolio import Index, World
from policyrules.engine.steps import Frames, Source, Step
from policyrules.engine.tally import Part
from policyrules.engine.values import Truth
from policyrules.program import nodes as core

See: TypeAlias = Callable[[core.Expr, Frames], Step]
"""What a node comes to, seen from some frames."""


class Counted:
    """A 统计 for a record, ``subject``, or for one row of it (``asking``): its value; what the record itself contributes
    (``own``), and what each entry of that follows from. ``asked``: the steps of the keys that say which group is meant, and
    ``key`` their values; ``world``, ``index``: the portfolio and what its members contribute, None without one;
    ``own_unlimited``, ``others_unlimited``: a list of rows of the record, of another member, was not supplied and may hold
    members of the group."""

    __slots__ = (
        "_subject",
        "_world",
        "asked",
        "asking",
        "index",
        "key",
        "others_unlimited",
        "own",
        "own_unlimited",
        "prepared",
        "sources",
        "value",
    )

    def __init__(
        self,
        prepared: PreparedStatistic,
        subject: Instance,
        asking: Instance,
        asked: tuple[Step, ...],
        own: Own,
        sources: dict[Instance, Source],
        world: World | None,
        index: Index | None,
    ) -> None:
        self.prepared = prepared
        self.asking = asking
        self.asked = asked
        self.own = own
        self.sources = sources
        self.index = index
        self._subject = subject
        self._world = world
        self.key = tuple([step.value for step in asked])
        self.own_unlimited = own_unlimited(prepared, self.key, own)
        self.others_unlimited = False
        if world is None or index is None:
            self.value = alone(prepared, asking, self.key, own)
        else:
            self.others_unlimited = world.others_open(prepared, index, subject, self.key)
            self.value = world.value(prepared, index, subject, asking, self.key, lambda: own)

    def members(self) -> Iterator[tuple[Instance, Entry, Truth]]:
        """The members that count or may: the record each is of, its entry, and whether its keys match. Without a portfolio
        those of the record itself alone."""
        if self._world is not None and self.index is not None:
            return self._world.counted(self.prepared, self.index, self._subject, self.asking, self.key, self.own)
        return ((self._subject, *pair) for pair in self.joining())

    def joining(self) -> Iterator[tuple[Entry, Truth]]:
        """Those of the record itself: each entry, and whether its keys match."""
        return joining(self.prepared, self.asking, self.key, self.own)


def contributed(
    program: core.Program, subject: Instance, prepared: PreparedStatistic, see: See
) -> tuple[Own, dict[Instance, Source]]:
    """What the record ``subject`` contributes to a statistic, and what this follows from, by record or row; also of a row that
    does not count."""
    statistic = prepared.statistic
    rows, unlisted = contributing(program, subject, statistic.object)
    adds = [part for part in (statistic.match, statistic.value) if part is not None]
    entries: list[Entry] = []
    sources: dict[Instance, Source] = {}
    for row in rows:
        frames = (row,)
        where = None if statistic.where is None else see(statistic.where, frames)
        counts: Truth = True if where is None else where.value
        if counts is False:
            sources[row] = Source(where, (), ())
            continue
        steps = tuple([see(part, frames) for part in adds])
        keys = tuple([see(key, frames) for key in statistic.same])
        sources[row] = Source(where, steps, keys)
        values = [step.value for step in steps]
        for index, part in enumerate(adds):
            if isinstance(part, core.AmountValue):
                # 5.16.15: what no rule gives adds nothing, and is no value.
                exists, values[index] = v.existing(values[index])
                counts = v.conjunction((counts, exists))
        if counts is False:
            continue
        added = Part(*values) if len(values) == 2 else values[0] if values else None
        entries.append(Entry(tuple([key.value for key in keys]), counts, added, row))
    opened: list[Key] = []
    for row in unlisted:
        # 5.11.14: what is known of rows that nobody listed may keep all of them out, or in another group.
        where = None if statistic.where is None else see(statistic.where, (row,))
        keys = tuple([see(key, (row,)) for key in statistic.same])
        sources[row] = Source(where, (), keys)
        if sources[row].counts:
            opened.append(tuple([key.value for key in keys]))
    return Own(tuple(entries), tuple(opened)), sources
