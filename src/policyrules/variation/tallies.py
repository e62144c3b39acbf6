"""What a statistic comes to along an axis.

Why this exists: a statistic counts other records, and at other places of the axis other records may count. What each member
contributes is worked out once for all places; a group is put together again only where one of its members contributes
something else.

Invariants: bounds and matches are those of `engine.portfolio`; what is told at a place is the definition's value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from policyrules.analysis.planes import at, elements
from policyrules.engine import values as v
from policyrules.engine.evaluate import evaluate
from policyrules.engine.instances import Instance
from policyrules.engine.lowering.counted import Contributed
from policyrules.engine.members import Entry, Key, Own, joining, match_keys, own_unlimited
from policyrules.engine.portfolio import Alike, Group, Index, Portfolio, World
from policyrules.engine.tally import Contribution, Part, Sums, added, sums_of
from policyrules.program.graph import Kind, Name, reachable, reads
from policyrules.program.walk import walk
from policyrules.variation.along import Along, Circuit, Runs
from policyrules.variation.piecewise import Axis, Cut, Moving, Steps, Unfit, behind, combined, cuts_of, glued, together
from policyrules.variation.work import Work

_NOTHING: Final = Own(())
_PIECE: Final = 8
"""Steps that one record more in a group takes, in each piece."""


@dataclass(frozen=True, slots=True)
class _Joined:
    """A group in one piece of the axis: what its members come to, those that are not the same everywhere, and records of which a
    list was not supplied that may hold members."""

    group: Group
    sums: Sums
    changed: Counter[Contribution]
    open: tuple[Instance, ...]


class Tallies:
    """The statistics of a circuit that turn on its parameter. ``turned``: where members contribute otherwise, with the tests that
    turn there."""

    def __init__(self, circuit: Circuit, axis: Axis, runs: Runs, portfolio: Portfolio, work: Work) -> None:
        self._circuit = circuit
        self._work = work
        self._along = Along(circuit, axis, runs, None, work)
        self._runs = runs
        self._portfolio = portfolio
        self._tables: dict[str, _Table] = {}

    def __call__(self, name: str, root: Instance, asking: Instance) -> Moving:
        """What a statistic comes to for a record (``asking``: it, or the row of it that says which group is meant)."""
        return self.table(name).value(root, asking)

    def table(self, name: str) -> _Table:
        """One statistic. Raises `Unfit`."""
        found = self._tables.get(name)
        if found is None:
            found = self._tables[name] = _Table(
                name, self._circuit, self._along, self._runs, self._portfolio, self._work
            )
        return found


class _Table:
    def __init__(self, name: str, circuit: Circuit, along: Along, runs: Runs, portfolio: Portfolio, work: Work) -> None:
        engine = circuit.lowered.engine
        contributed = circuit.lowered.statistics.get(name)
        prepared = engine.statistics[name]
        # Statistics that read statistics depend on who asks; keys that turn move members from group to group.
        if contributed is None or engine.stratified or self._turn(circuit, (*prepared.statistic.same, *prepared.asked)):
            raise Unfit
        self.prepared = prepared
        self.turned: dict[Cut, set[int]] = {}
        self._contributed: Contributed = contributed
        self._along = along
        self._runs = runs
        self._work = work
        self._world = World(portfolio.members)
        self._index = Index()
        self._owns: dict[Instance, Moving] = {}
        self._moving: list[tuple[Instance, Steps]] = []
        self._groups: dict[Key, list[tuple[Cut, _Joined]]] = {}
        self._values: dict[Key, Moving] = {}
        alike: Alike = {}
        for member in dict.fromkeys(portfolio.members):
            own = self._owns[member] = self._own(member)
            if type(own) is Steps:
                self._moving.append((member, own))
            else:
                self._index.put(member, own, alike, {})

    @staticmethod
    def _turn(circuit: Circuit, keys: Sequence[Any]) -> bool:
        engine = circuit.lowered.engine
        presumed = engine.program.presumptions
        names = [name for key in keys for part in walk(key) for name in reads(part, presumed)]
        found = reachable(engine.graph, [name for name in names if name in engine.graph])
        return Name(Kind.PARAMETER, circuit.varied) in found

    # ---- what members contribute

    def _own(self, member: Instance) -> Moving:
        along, contributed = self._along, self._contributed
        along.start(member)
        entries: list[Moving] = []
        for element in elements(contributed.place.space, member):
            row = at(contributed.place, element)
            counts = along.value(contributed.where, element)
            if counts is False:
                continue
            adds = [along.value(one, element) for one in (contributed.match, contributed.value) if one is not None]
            keys = [along.value(key, element) for key in contributed.keys]
            entries.append(combined([counts, *adds, *keys], _entry(row, len(adds))))
        opened: list[Moving] = []
        # What is missing further up comes first.
        for one in reversed(contributed.open):
            for element in elements(one.holder.space, member):
                exists, perhaps = along.bit(one.exists, element), along.bit(one.where.possible, element)
                if exists is False or perhaps is False:
                    continue
                keys = [along.value(key, element) for key in one.keys]
                opened.append(combined([exists, perhaps, *keys], _open))
        for node, cuts in along.noted.items():
            for cut in cuts:
                self.turned.setdefault(cut, set()).add(node)
        count = len(entries)
        return combined(
            [*entries, *opened],
            lambda *found: Own(
                tuple([entry for entry in found[:count] if entry is not None]),
                tuple([key for key in found[count:] if key is not None]),
            ),
        )

    # ---- groups

    def value(self, root: Instance, asking: Instance) -> Moving:
        """What it comes to."""
        run = self._runs(root)
        key: Key = tuple([evaluate(run, one, (asking,)).value for one in self.prepared.asked])
        if root in self._world and all(map(v.known, key)):
            found = self._values.get(key)
            if found is None:
                found = self._values[key] = glued([(cut, self._come_to(joined)) for cut, joined in self._group(key)])
            return found
        return self._beside(root, asking, key)

    def _come_to(self, joined: _Joined) -> v.Abstract:
        group = joined.group
        unlimited = group.lists.count > 0 or bool(joined.open)
        return self.prepared.tally.bounds(joined.sums, lambda: self._held(joined), unlimited=unlimited)

    def _held(self, joined: _Joined) -> Counter[Contribution]:
        every = self._index.held(joined.group.blocks)
        every.update(joined.changed)
        return +every

    def _group(self, key: Key) -> list[tuple[Cut, _Joined]]:
        """What belongs to a group for sure or perhaps, from cut to cut."""
        found = self._groups.get(key)
        if found is None:
            group = self._world.group(self.prepared, self._index, key)
            self._work.spend(1 + sum(len(cuts_of(own)) for _, own in self._moving))
            near = [(member, own) for member, own in self._moving if _may_join(own, key)]
            found = self._groups[key] = [
                (cut, self._joined(group, near, key, cut)) for cut in (None, *together(own for _, own in near))
            ]
        return found

    def _joined(self, group: Group, near: Sequence[tuple[Instance, Steps]], key: Key, cut: Cut) -> _Joined:
        changed: Counter[Contribution] = Counter()
        opened: list[Instance] = []
        self._work.spend(1 + len(near))
        for member, steps in near:
            own: Own = steps.from_cut(cut)
            changed.update(_matching(own, key))
            if any(match_keys(key, other) is not False for other in own.open):
                opened.append(member)
        sums = added(group.sums, sums_of(self.prepared.tally, changed))
        return _Joined(group, sums, changed, tuple(opened))

    def _beside(self, root: Instance, asking: Instance, key: Key) -> Moving:
        """For a record that is no member, or of which it is not known what group is meant: `World.value`."""
        own = self._owns[root] if root in self._owns else self._own(root)
        replaced = self._world.replaced_by(root)
        before: Moving = self._owns[replaced] if replaced is not None else _NOTHING
        group = self._group(key)
        cuts = sorted({*(cut for cut, _ in group if cut is not None), *together([own, before])})
        joined = glued(group)
        self._work.spend(_PIECE * (1 + len(cuts)))
        return glued(
            [
                (cut, self._adjusted(behind(joined, cut), asking, key, behind(own, cut), behind(before, cut), replaced))
                for cut in (None, *cuts)
            ]
        )

    def _adjusted(
        self, joined: _Joined, asking: Instance, key: Key, own: Own, before: Own, replaced: Instance | None
    ) -> v.Abstract:
        tally = self.prepared.tally
        changed: Counter[Contribution] = Counter()
        changed.subtract(_matching(before, key))
        for entry, agrees in joining(self.prepared, asking, key, own):
            changed[entry.joined(agrees)] += 1

        def held() -> Counter[Contribution]:
            every = self._index.held(joined.group.blocks)
            every.update(joined.changed)
            every.update(changed)
            return +every

        sums = added(joined.sums, sums_of(tally, changed))
        others = any(member is not replaced for member in (*joined.group.lists.first[:2], *joined.open))
        unlimited = own_unlimited(self.prepared, key, own) or others
        return tally.bounds(sums, held, unlimited=unlimited)


def _entry(row: Instance, adds: int) -> Callable[..., Entry | None]:
    def made(counts: v.Truth, *rest: Any) -> Entry | None:
        if counts is False:
            return None
        given = rest[:adds]
        payload = Part(*given) if adds == 2 else given[0] if adds else None
        return Entry(rest[adds:], counts, payload, row)

    return made


def _open(exists: bool, perhaps: bool, *keys: v.Abstract) -> Key | None:
    return keys if exists and perhaps else None


def _may_join(own: Steps, key: Key) -> bool:
    return any(
        match_keys(key, other) is not False
        for one in own.values
        for other in (*(entry.key for entry in one.entries), *one.open)
    )


def _matching(own: Own, key: Key) -> Counter[Contribution]:
    found: Counter[Contribution] = Counter()
    for entry in own.entries:
        match = match_keys(key, entry.key)
        if match is not False:
            found[entry.joined(match)] += 1
    return found
