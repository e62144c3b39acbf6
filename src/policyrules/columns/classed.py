"""统计 over a part of a larger ledger: what members contribute, class by class, and what is made of all parts.

Why this exists: where a ledger is dealt out, what others contribute comes as classes of keys and contributions, not as
columns. Sums, bounds and matches of keys are those of the definition (`engine.portfolio`, `engine.tally`), asked once a
class; a ledger in one piece is counted as columns (`columns.counting`).

Invariants: a record counts among the others once; a blank key of its own agrees with itself; values are exact; what cannot
be put into classes is asked of the definition record by record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from policyrules.columns.bits import Array
from policyrules.columns.contributed import Decode, Held, Signature, decoder
from policyrules.columns.counted import Ends, ends_of
from policyrules.columns.outputs import Piece
from policyrules.columns.planeprogram import Output
from policyrules.columns.planner import Planner
from policyrules.columns.store import Prepared
from policyrules.engine import values as v
from policyrules.engine.lowering.counted import Contributed
from policyrules.engine.lowering.values import Truth
from policyrules.engine.members import Key, PreparedStatistic, match_keys
from policyrules.engine.portfolio import Index, Lists, World
from policyrules.engine.tally import Contribution, Part, added, sums_of
from policyrules.engine.values import Abstract
from policyrules.types import Kind, Type

# ---- one statistic --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Plan:
    """What is put out of a program for one statistic, and how it is read back."""

    counted: Contributed
    member: Signature
    where: Decode
    keys: tuple[Decode, ...]
    match: Decode | None
    value: Decode | None
    open: tuple[tuple[Signature, Decode, Decode, tuple[Decode, ...]], ...]
    asking: Signature
    asked: tuple[Decode, ...]

    @property
    def owns(self) -> tuple[Hashable, ...]:
        """The keys of its outputs."""
        return (self.member.own, self.asking.own, *(one.own for one, _, _, _ in self.open))


def plan_counted(planner: Planner, name: str, counted: Contributed, told: dict[Hashable, Output]) -> Plan:
    """Plan what one statistic needs. Raises `Unlowered` where it cannot be put into classes."""
    statistic = counted.prepared.statistic
    member = Signature(planner, ("member", name), statistic.object, told)
    types = [key.type for key in statistic.same]
    boolean = Type(Kind.BOOL)
    open_: list[tuple[Signature, Decode, Decode, tuple[Decode, ...]]] = []
    for at, one in enumerate(counted.open):
        signature = Signature(planner, ("open", name, at), one.holder.space.object, told)
        open_.append(
            (
                signature,
                decoder(signature, Truth(one.exists, one.exists), boolean),
                decoder(signature, one.where, boolean),
                tuple(decoder(signature, key, type_) for key, type_ in zip(one.keys, types, strict=True)),
            )
        )
    asking = Signature(planner, ("asking", name), counted.asking.space.object, told)
    return Plan(
        counted,
        member,
        decoder(member, counted.where, boolean),
        tuple(decoder(member, key, type_) for key, type_ in zip(counted.keys, types, strict=True)),
        None if counted.match is None else decoder(member, counted.match, boolean),
        None
        if counted.value is None or statistic.value is None
        else decoder(member, counted.value, statistic.value.type),
        tuple(open_),
        asking,
        tuple(decoder(asking, key, type_) for key, type_ in zip(counted.asked, types, strict=True)),
    )


@dataclass(frozen=True, slots=True)
class Alike:
    """Members that contribute the same: their key, and what they add (None: they do not count)."""

    key: Key
    counts: tuple[v.Truth, Any] | None

    def joined(self, match: v.Truth) -> Contribution:
        """The contribution to a group that the keys match for sure, or perhaps."""
        assert self.counts is not None
        where, payload = self.counts
        return (where if match is True else None), payload


_SET: Final = -1


def _key(held: Held, at: int, keys: Sequence[Decode]) -> Key:
    """The key of a class, behind the number of its set of parameters."""
    own = (held.parts[_SET][at],) if _SET in held.parts else ()
    return (*own, *(key(held, at) for key in keys))


class Census:
    """One statistic over one ledger, its members in classes. ``sets``: of each record its set of parameters; records are
    counted with those of the same set, and the number of that stands before the parts of a key."""

    def __init__(
        self, plan: Plan, pieces: dict[Hashable, Piece], prepared: Prepared, sets: Array | None = None
    ) -> None:
        self.plan = plan
        self.sets = sets
        self.prepared = prepared
        self.statistic: PreparedStatistic = plan.counted.prepared
        self.index = Index()
        self.world = World(())
        self.classes: list[Alike] = []
        self.member_class, self.classes = self._members(pieces[plan.member.own])
        counts = np.bincount(self.member_class, minlength=len(self.classes)).tolist()
        for alike, count in zip(self.classes, counts, strict=True):
            if alike.counts is not None:
                self.index.keys.put(alike.key)
                self.index.tables.setdefault(alike.key, Counter())[alike.joined(True)] += count
        self.open_of: dict[int, list[Key]] = {}
        for signature, exists, where, keys in plan.open:
            self._lists(pieces[signature.own], signature, exists, where, keys)
        self.asking_class, self.asked = self._asking(pieces[plan.asking.own])

    # ---- classes

    def _held(self, piece: Piece, signature: Signature) -> tuple[Array, int, Held]:
        names: list[Hashable] = list(signature.parts)
        if self.sets is not None:
            records = self._records(signature.object)
            own = self.sets[: piece.count] if records is None else self.sets[records[: piece.count]]
            piece = Piece(piece.count, {**piece.parts, _SET: own}, piece.scales)
            names.append(_SET)
        found, first = piece.alike(names)
        parts = {place: piece.at(place, first) for place in range(len(signature.parts))}
        if self.sets is not None:
            parts[_SET] = piece.at(_SET, first)
        tables = self.prepared.tables
        texts = {place: tables[table].columns[name].texts for place, (table, name) in signature.cells.items()}
        return found, len(first), Held(parts, texts)

    def _members(self, piece: Piece) -> tuple[Array, list[Alike]]:
        plan = self.plan
        found, count, held = self._held(piece, plan.member)
        classes: list[Alike] = []
        for at in range(count):
            key = _key(held, at, plan.keys)
            where: Any = plan.where(held, at)
            counts: tuple[v.Truth, Any] | None = None
            if where is not False:
                adds: list[Any] = [one(held, at) for one in (plan.match, plan.value) if one is not None]
                payload: Any = Part(*adds) if len(adds) == 2 else adds[0] if adds else None  # both
                counts = (where, payload)
            classes.append(Alike(key, counts))
        return found, classes

    def _lists(
        self, piece: Piece, signature: Signature, exists: Decode, where: Decode, keys: tuple[Decode, ...]
    ) -> None:
        found, count, held = self._held(piece, signature)
        record_of = self._records(signature.object)
        for at in range(count):
            if exists(held, at) is not True or where(held, at) is False:
                continue
            key = _key(held, at, keys)
            rows = np.flatnonzero(found == at)
            self.index.open_keys.put(key)
            lists = self.index.open.setdefault(key, Lists())
            lists.count += len(rows)
            for record in (rows if record_of is None else record_of[rows]).tolist():
                self.open_of.setdefault(record, []).append(key)

    def _records(self, object_: str) -> Array | None:
        """Of each row of a table the record it is of."""
        found: Array | None = None
        while object_ != self.prepared.record:
            table = self.prepared.tables[object_]
            assert table.parent is not None and table.belongs is not None
            found = table.parent if found is None else table.parent[found]
            object_ = table.belongs
        return found

    def _asking(self, piece: Piece) -> tuple[Array, list[Key]]:
        found, count, held = self._held(piece, self.plan.asking)
        return found, [_key(held, at, self.plan.asked) for at in range(count)]

    # ---- values

    def values(self) -> Ends:
        """What the statistic may be of any row that asks; of each what that comes to is said by `spread`."""
        groups = [
            self.world.group(self.statistic, self.index, key).value if all(map(v.known, key)) else None
            for key in self.asked
        ]
        settled = np.array([all(map(v.known, key)) for key in self.asked], np.bool_)
        places = self.asking_class
        self.kinds: list[Abstract] = list(groups)
        found = places.copy()
        if not settled.all():
            open_ = np.flatnonzero(~settled[places])
            seen: dict[Hashable, int] = {}
            owners = self._owners()
            alike: Array | None = None
            if self.statistic.depth == 0:
                # A record is its own member: those of one class, that ask alike, get the same.
                pairs = places[open_] * max(len(self.classes), 1) + self.member_class[open_]
                _, first, alike = np.unique(pairs, return_index=True, return_inverse=True)
                asking, open_ = open_, open_[first]
            for row in open_.tolist():
                signature, entries, lists = self._own(row, int(places[row]), owners)
                place = seen.get(signature)
                if place is None:
                    place = seen[signature] = len(self.kinds)
                    self.kinds.append(self._value(self.asked[int(places[row])], entries, lists))
                found[row] = place
            if alike is not None:
                found[asking] = found[open_][alike]
        self._places = found
        return ends_of(self.kinds)

    def spread(self, table: Array) -> Array:
        """Of each row that asks what ``table`` has for its value."""
        found: Array = table[self._places] if len(table) else np.zeros(len(self._places), table.dtype)
        return found

    def _owners(self) -> tuple[Array | None, Array | None]:
        """Of each row that asks its record; of the records where their members begin."""
        asking = self._records(self.plan.asking.object)
        members = self._records(self.plan.member.object)
        if members is None:
            return asking, None
        return asking, np.searchsorted(members, np.arange(self.prepared.rows + 1))

    def _own(
        self, row: int, place: int, owners: tuple[Array | None, Array | None]
    ) -> tuple[Hashable, list[tuple[Alike, tuple[bool, ...]]], list[Key]]:
        """What the record of a row that asks contributes itself: each entry with which of its keys are in one cell."""
        asking, begin = owners
        record = row if asking is None else int(asking[row])
        first, last = (record, record + 1) if begin is None else (int(begin[record]), int(begin[record + 1]))
        entries: list[tuple[int, tuple[bool, ...]]] = []
        for member in range(first, last):
            number = int(self.member_class[member])
            if self.classes[number].counts is not None:
                entries.append((number, self._one_cell(row, member)))
        entries.sort()
        lists = self.open_of.get(record, [])
        signature = (place, tuple(entries), tuple(lists))
        return signature, [(self.classes[number], cells) for number, cells in entries], lists

    def _one_cell(self, asking: int, member: int) -> tuple[bool, ...]:
        """`PreparedStatistic.one_cell`."""
        statistic = self.statistic
        if statistic.below == statistic.depth:
            return ()
        found: list[bool] = []
        for key in statistic.statistic.same:
            up = key.at.up
            same = up >= statistic.depth or self._above(self.plan.member.object, member, up) == self._above(
                self.plan.asking.object, asking, up - statistic.below
            )
            found.append(same)
        return tuple(found)

    def _above(self, object_: str, row: int, up: int) -> int:
        for _ in range(up):
            table = self.prepared.tables[object_]
            assert table.parent is not None and table.belongs is not None
            row, object_ = int(table.parent[row]), table.belongs
        return row

    def _value(self, key: Key, entries: Sequence[tuple[Alike, tuple[bool, ...]]], lists: Sequence[Key]) -> Abstract:
        """`World.value` of a member with an unknown key."""
        statistic, tally = self.statistic, self.statistic.tally
        group = self.world.group(statistic, self.index, key)
        behind = 0 if self.sets is None else 1
        changed: Counter[Contribution] = Counter()
        for alike, cells in entries:
            match = match_keys(key, alike.key)
            if match is not False:
                changed[alike.joined(match)] -= 1
            agrees: v.Truth = True
            if statistic.below != statistic.depth:
                agrees = v.conjunction(
                    True if same else v.compare("=", *pair)
                    for same, *pair in zip(cells, key[behind:], alike.key[behind:], strict=True)
                )
            if agrees is not False:
                changed[alike.joined(agrees)] += 1

        def held() -> Counter[Contribution]:
            every = self.index.held(group.blocks)
            every.update(changed)
            return +every

        ups = [one.at.up for one in statistic.statistic.same]
        own_unlimited = any(
            all(
                up >= statistic.depth or v.compare("=", *pair) is not False
                for up, *pair in zip(ups, key[behind:], other[behind:], strict=True)
            )
            for other in lists
        )
        others = group.lists.count - sum(match_keys(key, other) is not False for other in lists)
        sums = added(group.sums, sums_of(tally, changed))
        return tally.bounds(sums, held, unlimited=own_unlimited or others > 0)
