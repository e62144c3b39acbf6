"""统计: aggregates over the portfolio, with the record itself in it once.

Why this exists: each of n records is evaluated against all of them; each member is looked at once per statistic, and a
record only adjusts what its group holds, so that n records take time proportional to n. A member is a record, or a row
of one.

Invariants: a member counts for a group by what is known of its keys and its condition (`Entry`); a tally is a multiset
of such contributions, and bounds are a function of the tally alone (`engine.tally`). Keys are compared by what they may
be: two that surely differ never meet; a member with an unknown key possibly belongs to every group it may match.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from policyrules.engine import values as v
from policyrules.engine.instances import Instance, ascend, same_content
from policyrules.engine.tally import Contribution, tally_bounds
from policyrules.engine.values import Abstract, Truth
from policyrules.program.nodes import At, FieldValue, Program, Statistic, TermValue
from policyrules.program.ranges import never_negative
from policyrules.spelling import fold_word
from policyrules.wording import blank_detail

Key: TypeAlias = tuple[Abstract, ...]


# ---- what one member contributes ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One member, a record or a row of one: its keys, and its contribution (``where`` is never False)."""

    row: Instance
    key: Key
    where: Truth
    payload: Any

    def joined(self, match: Truth) -> Contribution:
        """The contribution to a group that the keys match for sure, or perhaps."""
        return (self.where if match is True else None), self.payload


@dataclass(frozen=True, slots=True)
class Own:
    """What one record contributes; ``unlimited`` where a list of rows was not supplied."""

    entries: tuple[Entry, ...]
    unlimited: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PreparedStatistic:
    """A statistic and what is worked out of it once. ``depth``: steps from a member up to its record; ``below``: how many
    of them lead from a member to the instance whose keys say which group is meant, the record or a row of it; ``asked``: the
    keys as that instance sees them; ``non_negative``: what is added up is nowhere below zero."""

    statistic: Statistic
    depth: int
    below: int
    asked: tuple[FieldValue | TermValue, ...]
    non_negative: bool

    def agrees(self, asking: Instance, key: Key, entry: Entry) -> Truth:
        """Whether an entry of the record's own belongs to the group meant: a cell agrees with itself, even a blank one."""
        if self.below == self.depth:
            return True
        return v.conjunction(
            True
            if up >= self.depth or ascend(entry.row, up) is ascend(asking, up - self.below)
            else v.compare("=", *pair)
            for up, *pair in zip([at.at.up for at in self.statistic.same], key, entry.key, strict=True)
        )


def prepare(program: Program, statistic: Statistic) -> PreparedStatistic:
    """A statistic over records, or over rows of them."""
    depth = len(_line(program, statistic.object)) - 1
    below = min((depth, *(key.at.up for key in statistic.same)))
    asked = tuple(replace(key, at=At(0, key.at.up - below)) for key in statistic.same)
    value = statistic.value
    return PreparedStatistic(statistic, depth, below, asked, value is not None and never_negative(value, program.terms))


def _line(program: Program, object: str) -> list[str]:
    """From a kind of rows up to the kind of the records."""
    line = [object]
    while line[-1] != program.root:
        parent = program.objects[line[-1]].parent
        assert parent is not None
        line.append(parent)
    return line


def lists_below(program: Program, subject: Instance, object: str) -> Iterator[tuple[Instance, str]]:
    """The lists on the way from a record down to its rows of a kind that were not supplied: whose each is, and of what."""
    level = [subject]
    for kind in reversed(_line(program, object)[:-1]):
        yield from ((instance, kind) for instance in level if instance.rows.get(kind) is None)
        level = [row for instance in level for row in instance.rows.get(kind) or ()]


def contributing(program: Program, subject: Instance, object: str) -> tuple[Sequence[Instance], bool]:
    """The instances of a kind that a record contributes, and whether some list of them was not supplied."""
    level, unlimited = [subject], False
    for kind in reversed(_line(program, object)[:-1]):
        lists = [instance.rows.get(kind) for instance in level]
        unlimited = unlimited or None in lists
        level = [row for rows in lists for row in rows or ()]
    return level, unlimited


def match_keys(left: Key, right: Key) -> Truth:
    """Whether two groups are one."""
    return v.conjunction(v.compare("=", one, other) for one, other in zip(left, right, strict=True))


def bounds_of(prepared: PreparedStatistic, tally: Counter[Contribution], *, unlimited: bool) -> Abstract:
    """What a statistic may be for a multiset of contributions; ``unlimited``: any number of others may join."""
    return tally_bounds(prepared.statistic, tally, non_negative=prepared.non_negative, unlimited=unlimited)


def alone(prepared: PreparedStatistic, asking: Instance, key: Key, own: Own) -> Abstract:
    """A statistic where no portfolio was supplied: the record's own contribution, and any number of others."""
    return bounds_of(
        prepared, Counter(entry.joined(match) for entry, match in joining(prepared, asking, key, own)), unlimited=True
    )


def joining(prepared: PreparedStatistic, asking: Instance, key: Key, own: Own) -> Iterator[tuple[Entry, Truth]]:
    """The record's own entries that belong to the group meant, or may."""
    for entry in own.entries:
        match = prepared.agrees(asking, key, entry)
        if match is not False:
            yield entry, match


# ---- the portfolio --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """What one member contributes to one statistic, and the parameters at their 缺省 that this rests on."""

    own: Own
    defaults: frozenset[str]


Contribute: TypeAlias = Callable[["World", Instance, int], Mapping[str, Member]]
"""What a member contributes to each statistic of a stratum."""


class Portfolio:
    """Records that are counted together, prepared once and used for any number of evaluations.

    ``members``: root instances. ``given``: what each of them was read from, if anything, so that a record without a number is
    known by the object that it is. What statistics need of the members is worked out when first asked for and kept
    with the portfolio, separately for each engine.
    """

    __slots__ = ("_given", "_worlds", "members")

    def __init__(self, members: Sequence[Instance], given: Sequence[object] = ()) -> None:
        self.members = tuple(members)
        self._worlds: WeakKeyDictionary[Any, World] = WeakKeyDictionary()
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

    def known_to(self, engine: Any) -> bool:
        """Whether an engine has seen the members."""
        return engine in self._worlds

    def world(self, engine: Any, subject: Instance, *, stratified: bool) -> World:
        """The members as one engine sees them while it evaluates ``subject``. ``stratified``: some statistic reads
        statistics."""
        found = self._worlds.get(engine)
        if found is None:
            found = self._worlds[engine] = World(self.members)
        if stratified and subject not in found:
            # What members count depends on the others, so the newcomer must be among them from the start.
            return World(found.with_subject(subject))
        return found


@dataclass(slots=True)
class Index:
    """What the members contribute to one statistic. ``exact``: groups whose keys are known; ``loose``: those with an
    unknown key; ``groups``: what was put together for a key that was asked for, and its bounds; ``defaults``: the
    parameters at their 缺省 that the contributions rest on."""

    own: dict[Instance, Own] = field(default_factory=dict)
    exact: dict[Key, Counter[Contribution]] = field(default_factory=dict)
    loose: dict[Key, Counter[Contribution]] = field(default_factory=dict)
    members: dict[Key, list[tuple[Instance, Entry]]] = field(default_factory=dict)
    unlimited: int = 0
    groups: dict[Key, tuple[Counter[Contribution], Abstract]] = field(default_factory=dict)
    defaults: frozenset[str] = frozenset()


class World:
    """The members of one portfolio under one engine. A record is one of them by itself; else by its number, of which width,
    case and white space do not count."""

    __slots__ = ("_by_identity", "_indexes", "_places", "members")

    def __init__(self, members: tuple[Instance, ...]) -> None:
        self.members = members
        self._places: dict[Instance, int] = {}
        self._by_identity: dict[str, Instance] = {}
        for place, member in enumerate(members):
            self._places.setdefault(member, place)
            if member.identity:
                self._by_identity.setdefault(fold_word(member.identity), member)
        self._indexes: dict[str, Index] = {}

    def __contains__(self, instance: Instance) -> bool:
        return instance in self._places

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

    def index(self, name: str, stratum: int, contribute: Contribute) -> Index:
        """What the members contribute to a statistic; all statistics of its stratum are worked out together."""
        found = self._indexes.get(name)
        if found is None:
            self._build(stratum, contribute)
            found = self._indexes.setdefault(name, Index())
        return found

    def _build(self, stratum: int, contribute: Contribute) -> None:
        indexes: dict[str, Index] = {}
        for member in self._places:
            for name, contributed in contribute(self, member, stratum).items():
                index = indexes.setdefault(name, Index())
                own = index.own[member] = contributed.own
                # What other records presume is theirs to say; a 缺省 that was read is one for all.
                index.defaults |= contributed.defaults
                index.unlimited += own.unlimited
                for entry in own.entries:
                    table = index.exact if all(map(v.known, entry.key)) else index.loose
                    table.setdefault(entry.key, Counter())[entry.joined(True)] += 1
                    index.members.setdefault(entry.key, []).append((member, entry))
        self._indexes.update(indexes)

    def _group(self, prepared: PreparedStatistic, index: Index, key: Key) -> tuple[Counter[Contribution], Abstract]:
        """Everything that belongs to a group for sure or perhaps."""
        found = index.groups.get(key)
        if found is None:
            tally: Counter[Contribution] = Counter()
            exact = all(map(v.known, key))
            tables: list[dict[Key, Counter[Contribution]]] = [index.loose] if exact else [index.exact, index.loose]
            if exact:
                tally.update(index.exact.get(key, {}))
            for table in tables:
                for other, held in table.items():
                    if match_keys(key, other) is not False:
                        for (_, payload), count in held.items():
                            tally[None, payload] += count
            found = index.groups[key] = tally, bounds_of(prepared, tally, unlimited=index.unlimited > 0)
        return found

    def value(
        self, prepared: PreparedStatistic, index: Index, subject: Instance, asking: Instance, key: Key, own: Own
    ) -> Abstract:
        """A statistic for ``subject``, which is in the portfolio once: as a member, in the place of the member it stands
        for, or in addition. ``asking``: the record or the row of it whose ``key`` says which group is meant."""
        tally, bounds = self._group(prepared, index, key)
        if subject in self._places and all(map(v.known, key)):
            # A key of its own that is not known is that of another row, and the group has it as one that may match.
            return bounds
        replaced = self.replaced_by(subject)
        theirs = index.own[replaced] if replaced is not None else _NOBODY
        adjusted = Counter(tally)
        for entry in theirs.entries:
            match = match_keys(key, entry.key)
            if match is not False:
                adjusted[entry.joined(match)] -= 1
        for entry, agrees in joining(prepared, asking, key, own):
            adjusted[entry.joined(agrees)] += 1
        unlimited = own.unlimited or self.others_unlimited(index, subject)
        return bounds_of(prepared, +adjusted, unlimited=unlimited)

    def others_unlimited(self, index: Index, subject: Instance) -> bool:
        """Whether a member beside ``subject`` has a list of rows that was not supplied."""
        replaced = self.replaced_by(subject)
        return index.unlimited > (replaced is not None and index.own[replaced].unlimited)

    def counted(
        self, prepared: PreparedStatistic, index: Index, subject: Instance, asking: Instance, key: Key, own: Own
    ) -> Iterator[tuple[Instance, Entry, Truth]]:
        """The members that count: the record each is of, its entry, and whether its keys match. The record's own first."""
        for entry, match in joining(prepared, asking, key, own):
            yield subject, entry, match
        replaced = self.replaced_by(subject)
        exact = all(map(v.known, key)) and key in index.members
        for other in ([key] if exact else []) + [k for k in index.members if not exact or k != key]:
            match = match_keys(key, other)
            if match is not False:
                for member, entry in index.members[other]:
                    if member is not replaced:
                        yield member, entry, match


_NOBODY: Final = Own(())
