"""统计: aggregates over the portfolio, with the record itself in it once.

Why this exists: each of n records is evaluated against all of them; each member is looked at once per statistic, and a
record only adjusts what its group holds, so that n records take time proportional to n.

Invariants: a member counts for a group by what is known of its keys and its condition (`Entry`); a tally is a multiset
of such contributions, and bounds are a function of the tally alone. Keys are compared by what they may be: two that
surely differ never meet; a member with an unknown key possibly belongs to every group it may match.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from operator import itemgetter
from typing import Any, Final, Literal, TypeAlias, assert_never
from weakref import WeakKeyDictionary

from policyrules.engine import values as v
from policyrules.engine.instances import Instance, instances_of, same_content
from policyrules.engine.values import Abstract, Truth
from policyrules.program.nodes import At, FieldValue, Program, Statistic
from policyrules.program.ranges import declared_bounds, values_declared
from policyrules.spelling import fold_word
from policyrules.text import cut
from policyrules.types import simplify
from policyrules.wording import blank_detail

Key: TypeAlias = tuple[Abstract, ...]
Contribution: TypeAlias = tuple[Truth, Any]
"""Whether a member counts (True or unknown), and what it adds: 占比 whether it meets 符合; 合计 and 种数 its value."""


# ---- what one member contributes ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One member, or one of its rows: its keys, and its contribution (``where`` is never False)."""

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
    """A statistic and what is worked out of it once. ``asked``: the nodes of its keys as the record under evaluation
    sees them (None where a key belongs to a row); ``own_match``: whether a record's own rows surely match its own keys;
    ``value_low``: a declared lower bound of what is added up."""

    statistic: Statistic
    asked: tuple[FieldValue | None, ...]
    own_match: Truth
    value_low: Any


def prepare(program: Program, statistic: Statistic) -> PreparedStatistic:
    """A statistic over records, or over rows of them."""
    depth = len(_line(program, statistic.object)) - 1
    asked = tuple(
        None if key.at.up < depth else key if depth == 0 else replace(key, at=At(0, key.at.up - depth))
        for key in statistic.same
    )
    low = None if statistic.value is None else declared_bounds(statistic.value)[0]
    return PreparedStatistic(statistic, asked, None if None in asked else True, low)


def _line(program: Program, object: str) -> list[str]:
    """From a kind of rows up to the kind of the records; the kind alone where it is not below them."""
    line = [object]
    while line[-1] != program.root:
        parent = program.objects[line[-1]].parent
        if parent is None:
            return [object]
        line.append(parent)
    return line


def contributing(program: Program, subject: Instance, object: str) -> tuple[Sequence[Instance], bool]:
    """The instances of a kind that a record contributes, and whether some list of them was not supplied."""
    level = [subject]
    for kind in reversed(_line(program, object)[:-1]):
        if any(instance.rows.get(kind) is None for instance in level):
            return instances_of(program, subject).get(object, ()), True
        level = [row for instance in level for row in instance.rows.get(kind) or ()]
    return level, False


def match_keys(left: Key, right: Key) -> Truth:
    """Whether two groups are one."""
    return v.conjunction(v.compare("=", one, other) for one, other in zip(left, right, strict=True))


# ---- bounds of a tally ----------------------------------------------------------------------------------------------


def tally_bounds(prepared: PreparedStatistic, tally: Counter[Contribution], *, unlimited: bool) -> Abstract:
    """What a statistic may be for a multiset of contributions; ``unlimited``: any number of others may join."""
    match prepared.statistic.kind:
        case "计数":
            certain = sum(count for (where, _), count in tally.items() if where)
            return v.interval(certain, None if unlimited else sum(tally.values()))
        case "占比":
            return share_bounds(tally, unlimited=unlimited)
        case "合计":
            total: Abstract = 0
            for (where, value), count in tally.items():
                total = v.add(total, v.multiply(value if where else v.hull(0, value), count))
            if not unlimited:
                return total
            low, _, void = v.bounds(total)
            non_negative = prepared.value_low is not None and prepared.value_low >= 0
            return v.Interval(low if non_negative else None, None, void)
        case "种数":
            return kinds_bounds(prepared, tally, unlimited=unlimited)
        case _:
            assert_never(prepared.statistic.kind)


def share_bounds(tally: Counter[Contribution], *, unlimited: bool) -> Abstract:
    """占比, exactly: each member counts in both numerator and denominator, or in neither. 0 of 0 is void."""
    count = tally.__getitem__
    ones, zeros, either = count((True, True)), count((True, False)), count((True, None))
    maybe_one, maybe_zero, maybe = count((None, True)), count((None, False)), count((None, None))
    firm = ones + zeros + either
    if unlimited:
        return v.Interval(0, 1, firm == 0)
    # Fewest ones: whatever is open counts as a zero, and a possible one stays outside.
    low_of, low_among = ones, firm + maybe_zero + maybe
    # Most ones: whatever is open counts as a one, and a possible zero stays outside.
    high_of, high_among = ones + either + maybe_one + maybe, firm + maybe_one + maybe
    if not low_among and not high_among:
        return v.VOID
    low = simplify(Fraction(low_of, low_among)) if low_among else 1
    high = simplify(Fraction(high_of, high_among)) if high_among else 0
    return v.interval(low, high, firm == 0)


def kinds_bounds(prepared: PreparedStatistic, tally: Counter[Contribution], *, unlimited: bool) -> Abstract:
    """种数: different values. Of a 多选 each of its values counts. A blank is some value, and may be a new one."""
    value = prepared.statistic.value
    declared = None if value is None else values_declared(value.type)
    certain: set[Any] = set()
    possible: set[Any] = set()
    sure_unknown = False
    new = 0
    boundless = unlimited
    for (where, payload), count in tally.items():
        if isinstance(payload, (frozenset, v.SetRange)):
            least, most = v.set_range(payload)
            boundless = boundless or most is None
            possible |= most or frozenset()
            certain |= least if where else frozenset()
        elif v.known(payload):
            possible.add(payload)
            if where:
                certain.add(payload)
        else:
            new += count
            sure_unknown = sure_unknown or where is True
    low = len(certain) or int(sure_unknown)
    high = None if boundless else len(possible) + new
    if declared is not None:
        high = declared if high is None else min(high, declared)
    return v.interval(low, high)


def alone(prepared: PreparedStatistic, own: Own) -> Abstract:
    """A statistic where no portfolio was supplied: the record's own contribution, and any number of others."""
    return tally_bounds(prepared, Counter(entry.joined(prepared.own_match) for entry in own.entries), unlimited=True)


# ---- the portfolio --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """What one member contributes to one statistic, and the parameters at their 缺省 that this rests on."""

    own: Own
    defaults: frozenset[str]


NAMED: Final = 3
"""How many of the members that a statistic waits for are named."""
_LONGEST_LABEL: Final = 40


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of a group is settled and what is not, of everybody: ``sure`` count, ``by_key`` count if the record is of
    their group, ``open`` wait for what is unknown of themselves; ``first``: of these the first in the portfolio, with their
    places."""

    sure: int
    by_key: int
    open: int
    first: tuple[tuple[int, Instance], ...]


@dataclass(frozen=True, slots=True)
class Others:
    """`Waiting` without the record itself, with the words for ``first``."""

    sure: int
    by_key: int
    open: int
    first: tuple[str, ...]


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
    parameters at their 缺省 that the contributions rest on; ``waiting``: what of a group is not settled, by its key,
    and ``parts`` what each group of known or unknown keys holds of that."""

    own: dict[Instance, Own] = field(default_factory=dict)
    exact: dict[Key, Counter[Contribution]] = field(default_factory=dict)
    loose: dict[Key, Counter[Contribution]] = field(default_factory=dict)
    members: dict[Key, list[tuple[Instance, Entry]]] = field(default_factory=dict)
    unlimited: int = 0
    groups: dict[Key, tuple[Counter[Contribution], Abstract]] = field(default_factory=dict)
    defaults: frozenset[str] = frozenset()
    waiting: dict[tuple[Key, bool], Waiting] = field(default_factory=dict)
    parts: dict[tuple[Key, bool], Waiting] = field(default_factory=dict)


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
            found = index.groups[key] = tally, tally_bounds(prepared, tally, unlimited=index.unlimited > 0)
        return found

    def value(self, prepared: PreparedStatistic, index: Index, subject: Instance, key: Key, own: Own) -> Abstract:
        """A statistic for ``subject``, which is in the portfolio once: as a member, in the place of the member it stands
        for, or in addition."""
        tally, bounds = self._group(prepared, index, key)
        if subject in self._places and prepared.own_match and all(map(v.known, key)):
            return bounds
        replaced = self.replaced_by(subject)
        theirs = index.own[replaced] if replaced is not None else _NOBODY
        adjusted = Counter(tally)
        for entry in theirs.entries:
            match = match_keys(key, entry.key)
            if match is not False:
                adjusted[entry.joined(match)] -= 1
        for entry in own.entries:
            adjusted[entry.joined(prepared.own_match)] += 1
        unlimited = index.unlimited - theirs.unlimited + own.unlimited
        return tally_bounds(prepared, +adjusted, unlimited=unlimited > 0)

    def others(self, prepared: PreparedStatistic, index: Index, subject: Instance, key: Key, *, values: bool) -> Others:
        """What is settled and what is not of all but the record itself; with ``values`` also what they add."""
        group = self._waiting(prepared, index, key, values)
        replaced = self.replaced_by(subject)
        entries = index.own[replaced].entries if replaced is not None else ()
        own = [_settled(prepared, key, entry, values) for entry in entries]
        first = [cut(self.label(member), _LONGEST_LABEL) for _, member in group.first if member is not replaced]
        return Others(
            group.sure - own.count("sure"),
            group.by_key - own.count("by_key"),
            group.open - own.count("open"),
            tuple(first[:NAMED]),
        )

    def _waiting(self, prepared: PreparedStatistic, index: Index, key: Key, values: bool) -> Waiting:
        found = index.waiting.get((key, values))
        if found is None:
            exact = all(map(v.known, key))
            held = [key] if exact and key in index.members else []
            held += [
                other for other in (index.loose if exact else index.members) if match_keys(key, other) is not False
            ]
            parts = [self._part(prepared, index, key, other, values) for other in held]
            found = index.waiting[key, values] = Waiting(
                sum(part.sure for part in parts),
                sum(part.by_key for part in parts),
                sum(part.open for part in parts),
                _first(one for part in parts for one in part.first),
            )
        return found

    def _part(self, prepared: PreparedStatistic, index: Index, key: Key, other: Key, values: bool) -> Waiting:
        """What of those with the keys ``other`` is settled for a group."""
        found = index.parts.get((other, values))
        if found is None:
            # As if the keys matched: what is open of themselves is open for every group.
            said = [
                (_settled(prepared, other, entry, values), member) for member, entry in index.members.get(other, ())
            ]
            count = Counter(how for how, _ in said)
            waiting = _first((self._places[member], member) for how, member in said if how == "open")
            found = index.parts[other, values] = Waiting(count["sure"], count["by_key"], count["open"], waiting)
        if match_keys(key, other) is True:
            return found
        return Waiting(0, found.sure + found.by_key, found.open, found.first)

    def counted(
        self, prepared: PreparedStatistic, index: Index, subject: Instance, key: Key, own: Own
    ) -> Iterator[tuple[Instance, Entry, Truth]]:
        """The members that count for ``subject``: the record or row, its entry, and whether its keys match. The record
        itself first."""
        for entry in own.entries:
            yield subject, entry, prepared.own_match
        replaced = self.replaced_by(subject)
        exact = all(map(v.known, key)) and key in index.members
        for other in ([key] if exact else []) + [k for k in index.members if not exact or k != key]:
            match = match_keys(key, other)
            if match is not False:
                for member, entry in index.members[other]:
                    if member is not replaced:
                        yield member, entry, match


def _settled(
    prepared: PreparedStatistic, key: Key, entry: Entry, values: bool
) -> Literal["sure", "by_key", "open"] | None:
    """What is left to say of a member's entry before it counts for the group ``key``, or does not; None where it belongs
    to another."""
    match = match_keys(key, entry.key)
    if match is False:
        return None
    adds = values and prepared.statistic.kind != "计数" and not v.known(entry.payload)
    if entry.where is None or adds or not all(map(v.known, entry.key)):
        return "open"
    return "sure" if match else "by_key"


def _first(members: Iterable[tuple[int, Instance]]) -> tuple[tuple[int, Instance], ...]:
    """The first in the portfolio, each once: one more than are named, for the record itself may be among them."""
    return tuple(heapq.nsmallest(NAMED + 1, dict(members).items(), key=itemgetter(0)))


_NOBODY: Final = Own(())
