"""统计: aggregates over the portfolio, with the record itself in it once.

Why this exists: each of n records is evaluated against all of them; each member is looked at once per statistic, and a
record only adjusts what its group holds, so that n records take time proportional to n. A member is a record, or a row
of one.

Invariants: a member counts for a group by what is known of its keys and its condition (`Entry`); a tally is a multiset
of such contributions, and bounds are a function of the tally alone (`engine.tally`). Keys are compared by what they may
be: two that surely differ never meet; a member with an unknown key possibly belongs to every group it may match.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Final, Literal, TypeAlias
from weakref import WeakKeyDictionary

from policyrules.engine import values as v
from policyrules.engine.folding import at_hand, mark_of
from policyrules.engine.instances import Instance, bare, same_content
from policyrules.engine.members import (
    Adds,
    Entry,
    Key,
    Known,
    Own,
    PreparedStatistic,
    Together,
    joining,
    match_keys,
    own_unlimited,
)
from policyrules.engine.tally import Contribution, Sums, Tally, added, settled, sums_of
from policyrules.engine.values import Abstract, Truth
from policyrules.frozen import frozen
from policyrules.spelling import fold_word
from policyrules.text import cut
from policyrules.wording import blank_detail

# ---- the portfolio --------------------------------------------------------------------------------------------------


NAMED: Final = 3
"""How many of the records that a statistic waits for are named."""
_KEPT: Final = NAMED + 2
"""Whether there are more is told by one more, and the record itself may be among them."""
_LONGEST_LABEL: Final = 40


@frozen
class Waiting:
    """What of a group is settled and what is not, of everybody: ``sure`` members count, ``by_key`` count if the group is
    theirs, ``open`` wait for what is unknown of themselves; ``first``: the first records in the portfolio that ``open``
    members are of."""

    sure: int
    by_key: int
    open: int
    first: tuple[Instance, ...]


@frozen
class Others:
    """`Waiting` without the record itself; ``lists``: lists of rows that were not supplied and may hold members. ``called``:
    what the first records are called that ``open`` and ``lists`` are of, and ``more`` whether there are others."""

    sure: int
    by_key: int
    open: int
    lists: int
    called: tuple[str, ...]
    more: bool


Alike: TypeAlias = dict[tuple[Key, Truth, Any], Adds]
"""What members add to one statistic, each once."""
Contribute: TypeAlias = Callable[["World", Instance, tuple[str, ...]], Mapping[str, Own]]
"""What a member contributes to each of several statistics."""


class Portfolio:
    """Records that are counted together, prepared once and used for any number of evaluations.

    ``members``: root instances. ``given``: what each of them was read from, if anything, so that a record without a number is
    known by the object that it is. What statistics need of the members is worked out when first asked for and kept
    with the portfolio, separately for each engine. ``alone``: nobody else looks at the members meanwhile, so that those that are put
    away (`engine.folding`) are put away again.
    """

    __slots__ = ("_given", "_worlds", "alone", "members")

    def __init__(self, members: Sequence[Instance], given: Sequence[object] = ()) -> None:
        self.members = tuple(members)
        self._worlds: WeakKeyDictionary[Any, World] = WeakKeyDictionary()
        self.alone = False
        # The objects are kept beside their places: an id alone may be another object's by now.
        self._given = {id(one): (place, one) for place, one in enumerate(given) if not self.members[place].identity}

    def __reduce__(self) -> tuple[type[Portfolio], tuple[tuple[Instance, ...]]]:
        return Portfolio, (self.members,)

    def with_record(self, given: object, root: Instance) -> tuple[Portfolio, Instance]:
        """The portfolio and the record in it, where ``root`` was read just now from ``given``: the member that was read
        from the same object, or where that holds something else by now, ``root`` in its place."""
        place = self._given.get(id(given), (None, None))[0]
        if place is None or self.members[place] is root:
            return self, root
        if same_content(self.members[place], root):
            return self, self.members[place]
        return Portfolio((*self.members[:place], root, *self.members[place + 1 :])), root

    def at_hand(self, *members: Instance) -> AbstractContextManager[None]:
        """As `folding.at_hand`, where nobody else looks at the members."""
        return at_hand(*members) if self.alone else nullcontext()

    def known_to(self, engine: Any) -> bool:
        """Whether an engine has seen the members."""
        world = self._worlds.get(engine)
        return world is not None and world.looked_through

    def known_by(self, engine: Any) -> None:
        """An engine has seen the members: that they can be read by it is not asked again."""
        self._worlds.setdefault(engine, World(self.members, self.alone)).looked_through = True

    def has(self, engine: Any, instance: Instance) -> bool:
        """Whether an engine has seen ``instance`` among the members."""
        world = self._worlds.get(engine)
        return world is not None and world.looked_through and instance in world

    def world(self, engine: Any, subject: Instance, *, stratified: bool) -> World:
        """The members as one engine sees them while it evaluates ``subject``. ``stratified``: some statistic reads
        statistics."""
        found = self._worlds.get(engine)
        if found is None:
            found = self._worlds[engine] = World(self.members, self.alone)
        if stratified and subject not in found:
            # What members count depends on the others, so the newcomer must be among them from the start.
            return World(found.with_subject(subject), self.alone)
        return found


@dataclass(slots=True)
class Lists:
    """Lists that were not supplied: how many, and the first records of which."""

    count: int = 0
    first: tuple[Instance, ...] = ()

    def put(self, member: Instance) -> None:
        """One more list; records come in their order."""
        self.count += 1
        if len(self.first) < _KEPT and member not in self.first:
            self.first = (*self.first, member)


_NO_LISTS: Final = Lists()


@dataclass(slots=True, eq=False)
class Block:
    """Keys that match a group alike, and what is put together for them when first asked for: what their members come to,
    what of these is not settled (without what they add, and with it), and lists that were not supplied."""

    keys: tuple[Key, ...]
    match: Truth
    sums: Sums | None = None
    waiting: dict[bool, Waiting] | None = None
    lists: Lists | None = None


@dataclass(slots=True)
class Group:
    """What belongs to a group, for sure or perhaps: the keys of its members, what these come to, the lists that were not
    supplied and may hold others, and what the statistic is."""

    blocks: tuple[Block, ...]
    sums: Sums
    lists: Lists
    value: Abstract


@dataclass(slots=True)
class Keys:
    """Keys to be found by what matches them. ``order``: as they came; ``places``: by how far their parts are known;
    ``near``: of those the ones that have certain parts in common, put together when asked for; ``single``: one key by
    itself."""

    order: dict[Key, int] = field(default_factory=dict)
    places: dict[Known, list[Key]] = field(default_factory=dict)
    near: dict[tuple[Known, Known], dict[Key, Block]] = field(default_factory=dict)
    single: dict[tuple[Key, Truth], Block] = field(default_factory=dict)

    def put(self, key: Key) -> None:
        """One more key; one that is there stays."""
        if key not in self.order:
            self.order[key] = len(self.order)
            self.places.setdefault(tuple(map(_known, key)), []).append(key)

    def matching(self, key: Key) -> tuple[Block, ...]:
        """The keys that match ``key``. Only those are compared that agree in what both know, and none where all of those
        agree perhaps, whatever they are."""
        if not self.places:
            return ()
        known = tuple(map(_known, key))
        found: list[Block] = []
        settled = all([how == "known" for how in known])
        for theirs in self.places:
            if settled and theirs == known:
                # Of keys that are known one alone can match: the same.
                match = match_keys(key, key) if key in self.order else False
                found += [] if match is False else [Block((key,), match)]
                continue
            pairs = list(zip(known, theirs, strict=True))
            both = [place for place, pair in enumerate(pairs) if pair == ("known", "known")]
            near = self._near(known, theirs, both).get(tuple([key[place] for place in both]))
            if near is None:
                continue
            if len(both) < len(pairs) and all("some" not in pair for pair in pairs):
                found.append(near)
                continue
            for other in near.keys:
                match = match_keys(key, other)
                if match is not False:
                    found.append(self.single.setdefault((other, match), Block((other,), match)))
        return tuple(found)

    def _near(self, known: Known, theirs: Known, both: list[int]) -> dict[Key, Block]:
        found = self.near.get((known, theirs))
        if found is None:
            near: dict[Key, list[Key]] = {}
            for other in self.places[theirs]:
                near.setdefault(tuple([other[place] for place in both]), []).append(other)
            # Only what is whole is kept: others may look at the same time.
            found = self.near[known, theirs] = {parts: Block(tuple(keys), None) for parts, keys in near.items()}
        return found

    def listed(self, blocks: Iterable[Block]) -> list[tuple[Key, Truth]]:
        """The keys of blocks, first those that surely match, then those that perhaps do, as they came."""
        pairs = [(key, block.match) for block in blocks for key in block.keys]
        return sorted(pairs, key=lambda pair: (pair[1] is not True, self.order[pair[0]]))


def _known(part: Abstract) -> Literal["known", "some", "any"]:
    if type(part) is str:
        return "known"
    match part:
        case None | v.SetRange() | v.Candidates(None) | v.Interval(None, None):
            return "any"
        case _:
            return "known" if v.known(part) else "some"


@dataclass(slots=True)
class Index:
    """What the members contribute to one statistic, of their rows no more than what these are called (`bare`). ``adds``: what each of
    them adds, a record or a row of one; ``rows``: of a record that is no member itself those of its rows that are; ``members``: by key;
    ``tables``: what those come to together that are not told one by one; ``open``: the lists that were not supplied, by what
    is known of the key of their rows, and ``lists`` these keys by record; ``groups``: what was put together for a key that was asked for; ``defaults``: the
    parameters at their 缺省 that the contributions rest on, None before anybody asked; ``waiting``: what of a group is not settled, its members
    alone or also what they add; ``latest``: what the statistic came to for the record and the row of it that asked last."""

    adds: dict[Instance, Adds] = field(default_factory=dict)
    rows: dict[Instance, tuple[Instance, ...]] = field(default_factory=dict)
    keys: Keys = field(default_factory=Keys)
    members: dict[Key, list[Instance]] = field(default_factory=dict)
    tables: dict[Key, Counter[Contribution]] = field(default_factory=dict)
    open_keys: Keys = field(default_factory=Keys)
    open: dict[Key, Lists] = field(default_factory=dict)
    lists: dict[Instance, tuple[Key, ...]] = field(default_factory=dict)
    groups: dict[Key, Group] = field(default_factory=dict)
    defaults: frozenset[str] | None = None
    waiting: dict[tuple[Key, bool], Waiting] = field(default_factory=dict)
    latest: tuple[Instance, Instance, Key, Abstract] | None = None

    def put(self, member: Instance, own: Own, alike: Alike, bared: dict[int, Instance]) -> None:
        """What one record contributes. ``alike``: what others contributed before; ``bared``: what is kept of each row of the record."""
        rows: list[Instance] = []
        for entry in own.entries:
            row = entry.row
            if row is not member:
                row = bared.get(id(row)) or bared.setdefault(id(row), bare(row))
                rows.append(row)
            held = (entry.key, entry.where, entry.payload)
            adds = alike.get(held)
            if adds is None:
                adds = alike[held] = Adds(*held)
            self.adds[row] = adds
            members = self.members.get(adds.key)
            if members is None:
                self.keys.put(adds.key)
                self.members[adds.key] = [row]
            else:
                members.append(row)
        if rows:
            self.rows[member] = tuple(rows)
        if own.open:
            self.lists[member] = own.open
            for key in own.open:
                self.open_keys.put(key)
                self.open.setdefault(key, Lists()).put(member)

    def put_like(self, member: Instance, like: Instance) -> None:
        """What a record without rows contributes, the same as another one."""
        adds = self.adds.get(like)
        if adds is not None:
            self.adds[member] = adds
            self.members[adds.key].append(member)
        opened = self.lists.get(like)
        if opened is not None:
            self.lists[member] = opened
            for key in opened:
                self.open[key].put(member)

    def own(self, member: Instance) -> list[Adds]:
        """What the members add that a record is, or has."""
        own = self.adds.get(member)
        return [self.adds[row] for row in self.rows.get(member, ())] if own is None else [own]

    def come_to(self, tally: Tally, block: Block) -> Sums:
        """What the members of some keys come to."""
        if block.sums is None:
            block.sums = sums_of(tally, self.held([block]))
        return block.sums

    def held(self, blocks: Iterable[Block]) -> Counter[Contribution]:
        """The contributions of the members of several keys."""
        found: Counter[Contribution] = Counter()
        for block in blocks:
            for key in block.keys:
                for (where, payload), count in self._come_to(key).items():
                    found[where if block.match else None, payload] += count
        return found

    def _come_to(self, key: Key) -> Mapping[Contribution, int]:
        told = self.tables.get(key)
        return Counter([self.adds[row].joined(True) for row in self.members[key]]) if told is None else told


class World:
    """The members of one portfolio under one engine. A record is one of them by itself; else by its number, of which width,
    case and white space do not count. ``looked_through``: whether the members were found to be such as the engine reads; ``alone``:
    as of a `Portfolio`."""

    __slots__ = ("_by_identity", "_indexes", "_latest", "_places", "alone", "looked_through", "members")

    def __init__(self, members: tuple[Instance, ...], alone: bool = False) -> None:
        self.members = members
        self.alone = alone
        self.looked_through = False
        self._places: dict[Instance, int] = {}
        self._by_identity: dict[str, Instance] = {}
        for place, member in enumerate(members):
            self._places.setdefault(member, place)
            if member.identity:
                self._by_identity.setdefault(fold_word(member.identity), member)
        self._indexes: dict[str, Index] = {}
        self._latest: tuple[Instance | None, dict[tuple[str, Instance], Abstract]] = None, {}

    def __contains__(self, instance: Instance) -> bool:
        return instance in self._places

    def at_hand(self, member: Instance) -> AbstractContextManager[None]:
        """As of a `Portfolio`."""
        return at_hand(member) if self.alone else nullcontext()

    def replaced_by(self, subject: Instance) -> Instance | None:
        """The member that ``subject`` stands for: itself, or the first of the same identity."""
        if subject in self._places:
            return subject
        return self._by_identity.get(fold_word(subject.identity)) if subject.identity else None

    def with_subject(self, subject: Instance) -> tuple[Instance, ...]:
        """The members with ``subject`` among them once."""
        replaced = self.replaced_by(subject)
        if replaced is None:
            return (*self.members, subject)
        place = self._places[replaced]
        return (*self.members[:place], subject, *self.members[place + 1 :])

    def label(self, member: Instance) -> str:
        """How people find a member: its identity, or its place in the portfolio."""
        return member.identity or blank_detail("place", self._places.get(member, 0) + 1)

    def index(self, name: str, together: Together, contribute: Contribute) -> Index:
        """What the members contribute to a statistic, which is worked out ``together`` with others."""
        found = self._indexes.get(name)
        if found is None:
            self._build(together, contribute)
            found = self._indexes.setdefault(name, Index())
        return found

    def alike(self, cells: Sequence[str] | None) -> Iterator[tuple[Instance, Instance]]:
        """The members, each with the first that holds the same in some cells and is without rows as well: itself, where none is known
        to, and where there are no ``cells`` to tell it by."""
        first: dict[Hashable, Instance] = {}
        for member in self._places:
            mark = None if cells is None else mark_of(member, cells)
            yield member, member if mark is None else first.setdefault(mark, member)

    def _build(self, together: Together, contribute: Contribute) -> None:
        indexes: dict[str, tuple[Index, Alike]] = {}
        for member, like in self.alike(together.cells):
            if like is not member:
                for index, _ in indexes.values():
                    index.put_like(member, like)
                continue
            with self.at_hand(member):
                bared: dict[int, Instance] = {}
                owns = contribute(self, member, together.names)
                for name, own in owns.items():
                    found = indexes.get(name)
                    if found is None:
                        found = indexes[name] = Index(), {}
                    found[0].put(member, own, found[1], bared)
        self._indexes.update({name: index for name, (index, _) in indexes.items()})

    def told(self, subject: Instance) -> dict[tuple[str, Instance], Abstract]:
        """What was told of the record that is asked for now: a statistic by its name, and the record or the row of it that asked."""
        # Others may ask for another record at the same time.
        latest = self._latest
        if latest[0] is not subject:
            latest = self._latest = subject, {}
        return latest[1]

    def group(self, prepared: PreparedStatistic, index: Index, key: Key) -> Group:
        """Everything that belongs to a group for sure or perhaps."""
        found = index.groups.get(key)
        if found is None:
            tally, blocks = prepared.tally, index.keys.matching(key)
            each = [index.come_to(tally, block) for block in blocks]
            sums = reduce(added, each) if each else tally.nothing
            lists = self._together([self._lists(index, block) for block in index.open_keys.matching(key)])
            value = tally.bounds(sums, lambda: index.held(blocks), unlimited=lists.count > 0)
            found = index.groups[key] = Group(blocks, sums, lists, value)
        return found

    def value(
        self,
        prepared: PreparedStatistic,
        index: Index,
        subject: Instance,
        asking: Instance,
        key: Key,
        own: Callable[[], Own],
    ) -> Abstract:
        """A statistic for ``subject``, which is in the portfolio once: as a member, in the place of the member it stands
        for, or in addition. ``asking``: the record or the row of it whose ``key`` says which group is meant; ``own``: what
        ``subject`` contributes, asked for where it matters."""
        group = self.group(prepared, index, key)
        if subject in self._places and all(map(v.known, key)):
            # A key of its own that is not known is that of another row, and the group has it as one that may match.
            return group.value
        latest = index.latest
        if latest is not None and latest[0] is subject and latest[1] is asking and latest[2] == key:
            # Whoever looks at a record asks more than once.
            return latest[3]
        found = self._value(prepared, index, subject, asking, key, own())
        index.latest = subject, asking, key, found
        return found

    def _value(
        self, prepared: PreparedStatistic, index: Index, subject: Instance, asking: Instance, key: Key, own: Own
    ) -> Abstract:
        group, tally = self.group(prepared, index, key), prepared.tally
        replaced = self.replaced_by(subject)
        changed: Counter[Contribution] = Counter()
        for adds in index.own(replaced) if replaced is not None else ():
            match = match_keys(key, adds.key)
            if match is not False:
                changed[adds.joined(match)] -= 1
        for entry, agrees in joining(prepared, asking, key, own):
            changed[entry.joined(agrees)] += 1

        def held() -> Counter[Contribution]:
            every = index.held(group.blocks)
            every.update(changed)
            return +every

        sums = added(group.sums, sums_of(tally, changed))
        unlimited = own_unlimited(prepared, key, own) or self.others_open(prepared, index, subject, key)
        return tally.bounds(sums, held, unlimited=unlimited)

    def others_open(self, prepared: PreparedStatistic, index: Index, subject: Instance, key: Key) -> bool:
        """Whether a list of rows of a member beside ``subject`` was not supplied and may hold members of the group."""
        lists, replaced = self.group(prepared, index, key).lists, self.replaced_by(subject)
        return any(member is not replaced for member in lists.first[:2])

    def others(self, prepared: PreparedStatistic, index: Index, subject: Instance, key: Key, *, values: bool) -> Others:
        """What is settled and what is not of all but the record itself; with ``values`` also what they add."""
        group, waiting = self.group(prepared, index, key), self._waiting(prepared, index, key, values)
        replaced = self.replaced_by(subject)
        own, opened = (index.own(replaced), index.lists.get(replaced, ())) if replaced is not None else ([], ())
        left = [_left(prepared, key, adds, values) for adds in own]
        lists = sum(match_keys(key, other) is not False for other in opened)
        first = [one for one in self._first((*waiting.first, *group.lists.first)) if one is not replaced]
        return Others(
            waiting.sure - left.count("sure"),
            waiting.by_key - left.count("by_key"),
            waiting.open - left.count("open"),
            group.lists.count - lists,
            tuple([cut(self.label(member), _LONGEST_LABEL) for member in first[:NAMED]]),
            len(first) > NAMED,
        )

    def _waiting(self, prepared: PreparedStatistic, index: Index, key: Key, values: bool) -> Waiting:
        found = index.waiting.get((key, values))
        if found is None:
            parts = [self._part(prepared, index, block, values) for block in self.group(prepared, index, key).blocks]
            found = index.waiting[key, values] = Waiting(
                sum(part.sure for part in parts),
                sum(part.by_key for part in parts),
                sum(part.open for part in parts),
                self._first(member for part in parts for member in part.first),
            )
        return found

    def _part(self, prepared: PreparedStatistic, index: Index, block: Block, values: bool) -> Waiting:
        """What of those with some keys is settled for a group."""
        if block.waiting is None:
            block.waiting = {}
        found = block.waiting.get(values)
        if found is None:
            # As if the keys matched: what is open of themselves is open for every group.
            left = [
                (_left(prepared, key, index.adds[row], values), row) for key in block.keys for row in index.members[key]
            ]
            count = Counter(how for how, _ in left)
            sure, by_key = (count["sure"], 0) if block.match else (0, count["sure"])
            first = self._first(self._record(row) for how, row in left if how == "open")
            found = block.waiting[values] = Waiting(sure, by_key, count["open"], first)
        return found

    def _record(self, row: Instance) -> Instance:
        """The member of the portfolio that a member of a statistic is, or is a row of."""
        while row not in self._places:
            assert row.parent is not None, "a row of a record"
            row = row.parent
        return row

    def _lists(self, index: Index, block: Block) -> Lists:
        if block.lists is None:
            block.lists = self._together([index.open[key] for key in block.keys])
        return block.lists

    def _together(self, lists: Sequence[Lists]) -> Lists:
        if not lists:
            return _NO_LISTS
        return Lists(sum(each.count for each in lists), self._first(one for each in lists for one in each.first))

    def _first(self, members: Iterable[Instance]) -> tuple[Instance, ...]:
        """The first in the portfolio, each once."""
        return tuple(heapq.nsmallest(_KEPT, dict.fromkeys(members), key=self._places.__getitem__))

    def counted(
        self, prepared: PreparedStatistic, index: Index, subject: Instance, asking: Instance, key: Key, own: Own
    ) -> Iterator[tuple[Instance, Entry, Truth]]:
        """The members that count: the record each is of, its entry, and whether its keys match. The record's own first."""
        for entry, match in joining(prepared, asking, key, own):
            yield subject, entry, match
        replaced = self.replaced_by(subject)
        for other, match in index.keys.listed(self.group(prepared, index, key).blocks):
            for row in index.members[other]:
                member, adds = self._record(row), index.adds[row]
                if member is not replaced:
                    yield member, Entry(adds.key, adds.where, adds.payload, row), match


def _left(prepared: PreparedStatistic, key: Key, adds: Adds, values: bool) -> Literal["sure", "by_key", "open"] | None:
    """What is left to say of a member's entry before it counts for the group ``key``, or does not; None where it belongs
    to another. With ``values`` also what it adds."""
    match = match_keys(key, adds.key)
    if match is False:
        return None
    more = values and prepared.statistic.kind != "计数" and not settled(adds.payload)
    if adds.where is None or more or not all(map(v.known, adds.key)):
        return "open"
    return "sure" if match else "by_key"
