"""统计 over a whole ledger: what every record gets, worked out for all of them at once.

Why this exists: what a statistic is depends on keys and on sums, and both are columns: members are added up by key, keys
are looked up by what is known of them, and the definition's bounds (`engine.tally`) are asked once for each sums that come.

Invariants: a record counts among the others once; a blank key of its own agrees with itself; values are exact; records are
counted with those of the same set of parameters, which is one more part of a key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NoReturn

import numpy as np

from policyrules.columns.adding import Adds, Amounts, amounts, chosen, columns, put_together, sums_of
from policyrules.columns.bits import Array, Mask
from policyrules.columns.contributed import Component, Field, Held, KeyPart, Listed, Plan, Signature
from policyrules.columns.counted import Ends, ends_of, ends_of_counts
from policyrules.columns.grouping import (
    Keys,
    Matched,
    Part,
    Vocabulary,
    matched,
    numbered,
    together,
    unified,
)
from policyrules.columns.groups import cells_of
from policyrules.columns.outputs import Piece
from policyrules.columns.store import Prepared
from policyrules.engine import tally as tallies
from policyrules.engine import values as v
from policyrules.engine.lowering.values import Range
from policyrules.engine.tally import Contribution
from policyrules.engine.values import Abstract
from policyrules.program import nodes as core

# ---- one statistic --------------------------------------------------------------------------------------------------


class _ContributionsAsked(Exception):
    """Sums do not say what a statistic is."""


def _ask() -> NoReturn:
    raise _ContributionsAsked


@dataclass(slots=True)
class Own:
    """What the records of some rows that ask, with a key that is not known, contribute themselves. Of each pair of such a row
    (``row``, a place in ``rows``) and a ``member``: whether its key, as that of another, matches, and whether it surely agrees
    or may. ``lists``: of each of the rows how many lists of its own match; ``unlimited``: whether one of them may hold more.
    One of ``rows`` stands for all of ``every`` that are ``alike``: of each of these its place in ``rows``."""

    every: Array
    alike: Array
    rows: Array
    row: Array
    member: Array
    match: Mask
    sure: Mask
    agrees: Mask
    lists: Array
    unlimited: Mask


class Census:
    """One statistic over one ledger. ``sets``: of each record its set of parameters."""

    def __init__(
        self, plan: Plan, pieces: dict[Hashable, Piece], prepared: Prepared, sets: Array | None = None
    ) -> None:
        self.plan = plan
        self.sets = sets
        self.prepared = prepared
        self.statistic = plan.counted.prepared
        self.tally = self.statistic.tally
        self._cells: dict[tuple[str, str], Part] = {}
        self._sets = range(0 if sets is None or not len(sets) else int(sets.max()) + 1)
        piece = pieces[plan.member.own]
        self.piece = piece
        sure, possible = piece.mask(plan.where[0]), piece.mask(plan.where[1])
        self.members = np.flatnonzero(possible)
        """The rows that may count."""
        self.sure = sure.take(self.members)
        self._keys(pieces)
        self._contributed = self._amounts()

    # ---- keys

    def _keys(self, pieces: dict[Hashable, Piece]) -> None:
        """Number the keys of members, of lists, and those that are asked for, in the same codes."""
        plan = self.plan
        listing = [(pieces[one.signature.own], one, self._listed(pieces[one.signature.own], one)) for one in plan.open]
        asking = pieces[plan.asking.own]
        of_members = self._parts(self.piece, plan.member, plan.keys)
        of_asking = self._parts(asking, plan.asking, plan.asked)
        of_lists = [self._parts(piece, one.signature, one.keys, rows) for piece, one, rows in listing]
        self.vocabularies: list[Vocabulary] = []
        codes: list[list[Array]] = []
        for parts in zip(of_members, of_asking, *of_lists, strict=True):
            vocabulary, own = unified(parts)
            self.vocabularies.append(vocabulary)
            codes.append(own)
        sizes = [one.size for one in self.vocabularies]

        def keyed(place: int, rows: int) -> tuple[Array, list[Array]]:
            # Sets of parameters first: most that comes next goes with them, and few numbers are left.
            found, parts = together([(own[place], size) for own, size in zip(codes, sizes, strict=True)][::-1], rows)
            return found, parts[::-1]

        alike = len(codes) == 0 or all(mine is theirs for mine, theirs in ((own[0], own[1]) for own in codes))
        self._same_keys = alike and asking.count == self.piece.count and plan.asking.object == plan.member.object
        self.asked, asked = keyed(1, asking.count)
        """Of each row that asks the number of its key."""
        member, theirs = (self.asked, asked) if self._same_keys else keyed(0, self.piece.count)
        self.member_key = member.take(self.members)
        # Of what different values there are it is asked key by key, and not of keys that nobody has.
        exactly = self.tally.statistic.kind == "种数"
        self.asked_keys = Keys(asked, _present(self.asked, asked, exactly))
        self.member_keys = Keys(theirs, _present(self.member_key, theirs, exactly))
        known = np.ones(_count(asked), np.bool_)
        for part, vocabulary in zip(asked, self.vocabularies, strict=True):
            known &= vocabulary.known[part]
        self.known = known
        """Of each key that is asked for whether all of it is known."""
        self.list_record = np.concatenate(
            [np.zeros(0, np.int64), *(self._rows_of(one.signature.object, rows) for _, one, rows in listing)]
        )
        lists = [np.concatenate([np.zeros(0, np.int32), *own[2:]]) for own in codes]
        self.list_key, held = together(list(zip(lists, sizes, strict=True)), len(self.list_record))
        self.list_keys = Keys(held, _present(self.list_key, held, exactly))

    def _listed(self, piece: Piece, one: Listed) -> Array:
        return np.flatnonzero(piece.mask(one.exists) & piece.mask(one.where))

    def _parts(
        self, piece: Piece, signature: Signature, keys: Sequence[KeyPart], rows: Array | None = None
    ) -> list[Part]:
        found = [
            self._cell(key, signature.object) if isinstance(key, Field) else self._values(piece, signature, key)
            for key in keys
        ]
        if self.sets is not None:
            records = self._records(signature.object)
            found.append(Part(self.sets if records is None else self.sets[records], self._sets))
        return found if rows is None else [Part(part.codes[rows], part.values) for part in found]

    def _values(self, piece: Piece, signature: Signature, component: Component) -> Part:
        numbers, first = piece.alike(component.places)
        held = self._held(piece, signature, component.places, first)
        return Part(numbers, [component.decode(held, at) for at in range(len(first))])

    def _held(self, piece: Piece, signature: Signature, places: Iterable[int], first: Array) -> Held:
        tables = self.prepared.tables
        return Held(
            {place: piece.at(place, first) for place in places},
            {place: tables[table].columns[name].texts for place, (table, name) in signature.cells.items()},
        )

    def _cell(self, key: Field, object_: str) -> Part:
        """The cells of a field, by the rows of a table below it."""
        own = (key.object, key.name)
        found = self._cells.get(own)
        if found is None:
            table = self.prepared.tables[key.object]
            cells = cells_of(table.columns.get(key.name), table.rows, key.field)
            found = self._cells[own] = cells.part(table.rows)
        rows = self._above(object_, key.up)
        return found if rows is None else Part(found.codes[rows], found.values)

    # ---- rows and records

    def _above(self, object_: str, up: int) -> Array | None:
        """Of each row of a table the row of what is ``up`` steps above; None: the row itself."""
        found: Array | None = None
        for _ in range(up):
            table = self.prepared.tables[object_]
            assert table.belongs is not None
            step = table.above if table.parent is None else table.parent
            assert step is not None
            found = step if found is None else step[found]
            object_ = table.belongs
        return found

    def _records(self, object_: str) -> Array | None:
        """Of each row of a table the record it is of; None: the row itself."""
        up, kind = 0, object_
        while kind != self.prepared.record:
            belongs = self.prepared.tables[kind].belongs
            assert belongs is not None
            up, kind = up + 1, belongs
        return self._above(object_, up)

    def _rows_of(self, object_: str, rows: Array) -> Array:
        records = self._records(object_)
        return rows if records is None else records[rows]

    # ---- what is added

    def _meets(self) -> Array | None:
        if self.plan.match is None:
            return None
        sure, possible = (self.piece.mask(place).take(self.members) for place in self.plan.match)
        found: Array = sure.astype(np.int8) + possible
        return found

    def _amounts(self) -> Amounts | None:
        value = self.plan.counted.value
        if not isinstance(value, Range) or self.plan.value is None or self.tally.statistic.kind == "种数":
            return None
        low, high, *bits = self.plan.value.places
        piece, members = self.piece, self.members
        ends = [(piece.number(place)[members], piece.scales[place]) for place in (low, high)]
        open_low, open_high, void, perhaps = (piece.mask(place)[members] for place in bits)
        return amounts(ends[0], ends[1], (open_low, open_high, void, perhaps), len(members))

    def _sums(self, own: Own) -> tuple[list[Array], Array]:
        """The sums of each key that is asked for, those of them that ``own`` is of behind them; and which are unlimited."""
        meets, size = self._meets(), _count(self.member_keys.parts)
        adds = {
            joined: columns(self.tally, self.sure, meets, self._contributed, joined=joined) for joined in (True, False)
        }
        present = self.asked_keys.present
        found = []
        for surely, perhaps in zip(adds[True], adds[False], strict=True):
            of_all = put_together(self.member_key, perhaps, size)
            alike = isinstance(surely, int) and surely == perhaps
            whole = {True: of_all if alike else put_together(self.member_key, surely, size), False: of_all}
            total = np.zeros(_count(self.asked_keys.parts), whole[True].dtype)
            for one in self.matches:
                total[one.asked] += one.sums(whole[one.sure])
            of_own = total[self.asked[own.rows]]
            np.add.at(of_own, own.row, self._changed(own, surely, perhaps))
            found.append(np.concatenate([total[present], of_own]))
        others = self.lists[self.asked[own.rows]] - own.lists
        unlimited = np.concatenate([self.lists[present] > 0, own.unlimited | (others > 0)])
        return found, unlimited

    @staticmethod
    def _changed(own: Own, surely: Adds, perhaps: Adds) -> Array:
        """What it changes that a record's own is its own."""
        sure, may = chosen(surely, own.member), chosen(perhaps, own.member)
        found: Array = np.where(own.sure, sure, np.where(own.agrees, may, 0)) - np.where(own.match, may, 0)
        return found

    # ---- a record's own

    def _own(self) -> Own:
        """Of the rows that ask with a key that is not known, and whose record contributes something itself."""
        if self._is_own_member:
            return self._own_members()
        open_ = ~self.known[self.asked]
        row, member = self._pairs(open_, self._rows_of(self.plan.member.object, self.members))
        match, sure, agrees = self._agree(row, member)
        kept = match | agrees
        row, member, match, sure, agrees = (one[kept] for one in (row, member, match, sure, agrees))
        by, list_ = self._pairs(open_, self.list_record)
        flags = np.zeros(len(open_), np.bool_)
        flags[row] = flags[by] = True
        rows = np.flatnonzero(flags)
        place = np.empty(len(open_), np.intp)
        place[rows] = np.arange(len(rows))
        lists, unlimited = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.bool_)
        if len(by):
            alike, may = self._lists_match(by, list_)
            np.add.at(lists, place[by], alike)
            unlimited[place[by[may]]] = True
        return Own(rows, np.arange(len(rows)), rows, place[row], member, match, sure, agrees, lists, unlimited)

    @property
    def _is_own_member(self) -> bool:
        """Whether each row that asks is itself the one member that it contributes, by the same key."""
        return self.statistic.depth == 0 and self._same_keys and not len(self.list_record)

    def _own_members(self) -> Own:
        """`_own` of rows that are their own members: those that ask and add alike get the same."""
        member = np.flatnonzero(~self.known[self.member_key])
        if self.plan.value is None:
            meets = self._meets()
            adds = self.sure[member].astype(np.int8)
            if meets is not None:
                adds += 2 * meets[member]
            alike, first = numbered([self.member_key[member], adds])
        else:
            alike = first = np.arange(len(member))
        every, member = self.members[member], member[first]
        rows = self.members[member]
        match, sure, agrees = self._agree(rows, member)
        none = np.zeros(len(rows), np.int64)
        place = np.arange(len(rows))
        return Own(every, alike, rows, place, member, match, sure, agrees, none, np.zeros(len(rows), np.bool_))

    def _pairs(self, open_: Mask, records: Array) -> tuple[Array, Array]:
        """Rows that ask, each with all that its record has; ``records``: of each of these its record."""
        asking = self._records(self.plan.asking.object)
        if not len(records) or not open_.any():
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        if asking is None and self.statistic.depth == 0 and records is self.members:
            own = np.flatnonzero(open_[records])
            return records[own], own
        rows = np.flatnonzero(open_)
        order = np.argsort(records, kind="stable")
        counts = np.bincount(records, minlength=self.prepared.rows)
        starts = np.cumsum(counts) - counts
        of = rows if asking is None else asking[rows]
        times = counts[of]
        ends = np.cumsum(times)
        places = np.repeat(starts[of] - ends + times, times) + np.arange(int(ends[-1]))
        return np.repeat(rows, times), order[places]

    def _agree(self, row: Array, member: Array) -> tuple[Mask, Mask, Mask]:
        """Of pairs: whether the keys match as those of others do, and whether the member surely agrees, or may."""
        statistic, above = self.statistic, statistic_ups(self.statistic.statistic)
        match, sure, agrees = (np.ones(len(row), np.bool_) for _ in range(3))
        asked, theirs = self.asked[row], self.member_key[member]
        rows = self.members[member]
        for at, vocabulary in enumerate(self.vocabularies):
            left, right = self.asked_keys.parts[at][asked], self.member_keys.parts[at][theirs]
            surely, perhaps = vocabulary.agree(left, right)
            match &= perhaps
            if statistic.below != statistic.depth and at < len(above):
                cell = self._one_cell(above[at], row, rows)
                sure &= surely | cell
                agrees &= perhaps | cell
        return match, sure & agrees, agrees

    def _one_cell(self, up: int, row: Array, member: Array) -> Mask:
        """`PreparedStatistic.one_cell`."""
        statistic = self.statistic
        if up >= statistic.depth:
            return np.ones(len(row), np.bool_)
        mine = self._above(self.plan.asking.object, up - statistic.below)
        theirs = self._above(self.plan.member.object, up)
        found: Mask = (row if mine is None else mine[row]) == (member if theirs is None else theirs[member])
        return found

    def _lists_match(self, row: Array, list_: Array) -> tuple[Mask, Mask]:
        """Of pairs of a row that asks and a list of its record's own: whether they match, and whether the list may hold members
        of the group, what is above its rows agreeing with itself."""
        above = statistic_ups(self.statistic.statistic)
        match, may = np.ones(len(row), np.bool_), np.ones(len(row), np.bool_)
        asked, theirs = self.asked[row], self.list_key[list_]
        for at, vocabulary in enumerate(self.vocabularies):
            _, perhaps = vocabulary.agree(self.asked_keys.parts[at][asked], self.list_keys.parts[at][theirs])
            match &= perhaps
            if at < len(above) and above[at] < self.statistic.depth:
                may &= perhaps
        return match, may

    # ---- values

    def values(self) -> Ends:
        """What the statistic may be of any row that asks; of each what that comes to is said by `spread`."""
        self.matches = matched(self.vocabularies, self.asked_keys, self.member_keys)
        self.lists = np.zeros(_count(self.asked_keys.parts), np.int64)
        if len(self.list_key):
            held = np.bincount(self.list_key, minlength=_count(self.list_keys.parts))
            for one in matched(self.vocabularies, self.asked_keys, self.list_keys):
                self.lists[one.asked] += one.sums(held)
        own = self._own()
        sums, unlimited = self._sums(own)
        if self.tally.statistic.kind == "计数":
            # A count is between its sums.
            found, places = ends_of_counts(sums[0], sums[1], unlimited), np.arange(len(unlimited))
        else:
            kinds, places = self._kinds(own, sums, unlimited)
            found = ends_of(kinds)
        self._by_key = np.zeros(_count(self.asked_keys.parts), np.intp)
        present = self.asked_keys.present
        self._by_key[present] = places[: len(present)]
        self._of_own = own, places[len(present) :]
        return found

    def _kinds(self, own: Own, sums: Sequence[Array], unlimited: Mask) -> tuple[list[Abstract], Array]:
        """The values that come, and of each key that is asked for, then of each of `Own.rows`, its place among them."""
        scale = 1 if self._contributed is None else self._contributed.scale
        numbers, first = numbered([*sums, unlimited])
        kinds: list[Abstract] = []
        odd: list[int] = []
        table = np.zeros(len(first), np.int32)
        for at, element in enumerate(first.tolist()):
            try:
                of_sums = sums_of(self.tally, sums, element, scale)
                found = self.tally.bounds(of_sums, _ask, unlimited=bool(unlimited[element]))
            except _ContributionsAsked:
                odd.append(at)
            else:
                table[at] = len(kinds)
                kinds.append(found)
        places: Array = table[numbers]
        if odd:
            contributions = Contributions(self, own)
            seen: dict[Hashable, int] = {}
            for element in np.flatnonzero(np.isin(numbers, odd)).tolist():
                key = (bool(unlimited[element]), *contributions.key(element))
                place = seen.get(key)
                if place is None:
                    place = seen[key] = len(kinds)
                    of_sums = sums_of(self.tally, sums, element, scale)
                    of_element = partial(contributions.held, element)
                    kinds.append(self.tally.bounds(of_sums, of_element, unlimited=bool(unlimited[element])))
                places[element] = place
        return kinds, places

    def spread(self, table: Array) -> Array:
        """Of each row that asks what ``table`` has for its value."""
        if not len(table):
            return np.zeros(len(self.asked), table.dtype)
        found: Array = table[self._by_key].take(self.asked)
        own, places = self._of_own
        found[own.every] = table[places].take(own.alike)
        return found


class Contributions:
    """What groups hold, contribution by contribution, where sums do not say it."""

    def __init__(self, census: Census, own: Own) -> None:
        self.census = census
        self.own = own
        plan, piece = census.plan, census.piece
        places = [*plan.where, *(plan.match or ()), *(() if plan.value is None else plan.value.places)]
        classes, first = piece.alike(places)
        held = census._held(piece, plan.member, places, first)
        self.of: list[Contribution] = [self._contribution(held, at) for at in range(len(first))]
        self.classes = classes[census.members]
        width = max(len(first), 1)
        pairs, counts = np.unique(census.member_key.astype(np.int64) * width + self.classes, return_counts=True)
        self.counts = counts.tolist()
        self.contribution = (pairs % width).tolist()
        keys = np.arange(_count(census.member_keys.parts) + 1)
        self.starts = np.searchsorted(pairs // width, keys).tolist()
        self.matches: dict[int, list[tuple[Matched, int]]] = {}
        for one in census.matches:
            for at, asked in enumerate(one.asked.tolist()):
                self.matches.setdefault(asked, []).append((one, at))
        self.pairs: dict[int, list[int]] = {}
        for pair, row in enumerate(own.row.tolist()):
            self.pairs.setdefault(row, []).append(pair)

    def _contribution(self, held: Held, at: int) -> Contribution:
        plan = self.census.plan
        where: Any = True if held.parts[plan.where[0]][at] else None
        payload: Any = None
        if plan.value is not None:
            payload = plan.value.decode(held, at)
        if plan.match is not None:
            sure, possible = plan.match
            match: v.Truth = True if held.parts[sure][at] else None if held.parts[possible][at] else False
            payload = match if plan.value is None else tallies.Part(match, payload)
        return where, payload

    def _asked(self, element: int) -> tuple[int, list[int]]:
        """The key that is asked for, and the pairs of a record with its own."""
        present = self.census.asked_keys.present
        if element < len(present):
            return int(present[element]), []
        row = element - len(present)
        return int(self.census.asked[self.own.rows[row]]), self.pairs.get(row, [])

    def key(self, element: int) -> tuple[Hashable, ...]:
        """Elements of the same hold the same."""
        asked, pairs = self._asked(element)
        return asked, *sorted(map(self._pair, pairs))

    def _pair(self, pair: int) -> tuple[int, bool, bool, bool]:
        own = self.own
        return (
            int(self.classes[own.member[pair]]),
            bool(own.match[pair]),
            bool(own.sure[pair]),
            bool(own.agrees[pair]),
        )

    def held(self, element: int) -> Counter[Contribution]:
        """The contributions to what is asked."""
        asked, pairs = self._asked(element)
        found: Counter[Contribution] = Counter()
        for one, at in self.matches.get(asked, ()):
            for key in one.keys[one.first[at] : one.last[at]].tolist():
                for place in range(self.starts[key], self.starts[key + 1]):
                    where, payload = self.of[self.contribution[place]]
                    found[where if one.sure else None, payload] += self.counts[place]
        for number, match, sure, agrees in map(self._pair, pairs):
            where, payload = self.of[number]
            if match:
                found[None, payload] -= 1
            if agrees:
                found[where if sure else None, payload] += 1
        return +found


def statistic_ups(statistic: core.Statistic) -> list[int]:
    """Of each key how many steps above a member it is."""
    return [key.at.up for key in statistic.same]


def _count(parts: Sequence[Array]) -> int:
    """How many numbers keys have."""
    return len(parts[0]) if parts else 1


def _present(numbers: Array, parts: Sequence[Array], exactly: bool) -> Array:
    """Which numbers there are; where rows are many more than numbers, unless ``exactly``, all that there may be."""
    count = _count(parts)
    if not exactly and _MANY * count <= len(numbers):
        return np.arange(count)
    flags = np.zeros(count, np.bool_)
    flags[numbers] = True
    return np.flatnonzero(flags)


_MANY: Final = 8


__all__ = ["Census"]
