"""统计: aggregates over the portfolio, with the record itself in it once.

Why this exists: each of n records is evaluated against all of them; each member is looked at once per statistic, and a
record only adjusts what its group holds, so that n records take time proportional to n.

Invariants: a member counts for a group by what is known of its keys and its condition (`Entry`); a tally is a multiset
of such contributions, and bounds are a function of the tally alone. Keys are compared by what they may be: two that
surely differ never meet; a member with an unknown key possibly belongs to every group it may match.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from policyrules.engine import values as v
from policyrules.engine.closures import Code, declared_bounds
from policyrules.engine.expressions import Compiler
from policyrules.engine.instances import Instance, instances_of
from policyrules.engine.values import Abstract, Truth
from policyrules.program.nodes import (
    At,
    Choose,
    Expr,
    Fallback,
    Field,
    FieldValue,
    Program,
    Sourced,
    Statistic,
    TermValue,
)
from policyrules.types import Kind, simplify

if TYPE_CHECKING:
    from policyrules.engine.evaluation import Engine, Run

RECORD: Final = "项目"
"""The kind of the records that a portfolio holds: what a rule speaks of when it says nothing else."""

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
class CompiledStatistic:
    """A statistic with its closures. ``asked``: the keys as the record under evaluation sees them (None where a key
    belongs to a row), ``asked_fields`` their nodes; ``own_match``: whether a record's own rows surely match its own keys; ``value_low``: a declared
    lower bound of what is added up."""

    statistic: Statistic
    same: tuple[Code, ...]
    asked: tuple[Code | None, ...]
    where: Code | None
    match: Code | None
    value: Code | None
    own_match: Truth
    value_low: Any
    asked_fields: tuple[FieldValue | None, ...] = ()


def compile_statistic(program: Program, compiler: Compiler, statistic: Statistic) -> CompiledStatistic:
    """Closures of a statistic over records, or over rows of them."""
    depth = _depth(program, statistic.object)
    asked = tuple(
        None if key.at.up < depth else key if depth == 0 else replace(key, at=At(0, key.at.up - depth))
        for key in statistic.same
    )
    return CompiledStatistic(
        statistic,
        tuple(compiler.code(key) for key in statistic.same),
        tuple(None if key is None else compiler.code(key) for key in asked),
        where=None if statistic.where is None else compiler.code(statistic.where),
        match=None if statistic.match is None else compiler.code(statistic.match),
        value=None if statistic.value is None else compiler.code(statistic.value),
        own_match=None if None in asked else True,
        value_low=None if statistic.value is None else declared_bounds(statistic.value)[0],
        asked_fields=asked,
    )


def _depth(program: Program, object: str) -> int:
    """Steps from a kind up to the records of the portfolio, which are 项目."""
    line = [object]
    while line[-1] != RECORD and (parent := program.objects[line[-1]].parent) is not None:
        line.append(parent)
    return len(line) - 1 if line[-1] == RECORD else 0


def contributions_of(compiled: CompiledStatistic, run: Run) -> Own:
    """What the record of a run contributes."""
    statistic = compiled.statistic
    subject = run.subject
    if statistic.object == subject.object:
        rows: Sequence[Instance] = (subject,)
        unlimited = False
    else:
        rows = instances_of(run.engine.program, subject).get(statistic.object, ())
        unlimited = _unsupplied(run.engine.program, subject, statistic.object)
    entries = []
    for row in rows:
        frames = (row,)
        where = True if compiled.where is None else compiled.where(run, frames)
        if where is False:
            continue
        payload = None
        if compiled.match is not None:
            payload = compiled.match(run, frames)
        elif compiled.value is not None:
            payload = compiled.value(run, frames)
        entries.append(Entry(row, tuple(code(run, frames) for code in compiled.same), where, payload))
    return Own(tuple(entries), unlimited)


def _unsupplied(program: Program, subject: Instance, object: str) -> bool:
    line = [object]
    while line[-1] != subject.object:
        parent = program.objects[line[-1]].parent
        if parent is None:
            return False
        line.append(parent)
    level = [subject]
    for kind in reversed(line[:-1]):
        if any(instance.rows.get(kind) is None for instance in level):
            return True
        level = [row for instance in level for row in instance.rows.get(kind) or ()]
    return False


def own_key(compiled: CompiledStatistic, run: Run) -> Key:
    """The keys of the record under evaluation; anything where a key belongs to a row."""
    frames = (run.subject,)
    return tuple(v.ANY_TEXT if code is None else code(run, frames) for code in compiled.asked)


def match_keys(left: Key, right: Key) -> Truth:
    """Whether two groups are one."""
    return v.conjunction(v.compare("=", one, other) for one, other in zip(left, right, strict=True))


# ---- bounds of a tally ----------------------------------------------------------------------------------------------


def tally_bounds(compiled: CompiledStatistic, tally: Counter[Contribution], *, unlimited: bool) -> Abstract:
    """What a statistic may be for a multiset of contributions; ``unlimited``: any number of others may join."""
    match compiled.statistic.kind:
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
            non_negative = compiled.value_low is not None and compiled.value_low >= 0
            return v.Interval(low if non_negative else None, None, void)
        case "种数":
            return kinds_bounds(compiled, tally, unlimited=unlimited)
        case _:
            assert_never(compiled.statistic.kind)


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


def kinds_bounds(compiled: CompiledStatistic, tally: Counter[Contribution], *, unlimited: bool) -> Abstract:
    """种数: different values. Of a 多选 each of its values counts. A blank is some value, and may be a new one."""
    value = compiled.statistic.value
    declared = None if value is None else _kinds_declared(value)
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


def _kinds_declared(value: Expr) -> int | None:
    """How many different values the type has, where it declares them."""
    match value:
        case Sourced(body=body):
            return _kinds_declared(body)
        case FieldValue(field=Field(type=type_)) | TermValue(type=type_) | Choose(type=type_) | Fallback(type=type_):
            return 2 if type_.kind is Kind.BOOL else None if type_.values is None else len(type_.values)
        case _:
            return None


# ---- the portfolio --------------------------------------------------------------------------------------------------


class Portfolio:
    """Records that are counted together, prepared once and used for any number of evaluations.

    ``members``: root instances (projects). What statistics need of them is worked out when first asked for and kept
    with the portfolio, separately for each engine.
    """

    __slots__ = ("_worlds", "members")

    def __init__(self, members: Sequence[Instance]) -> None:
        self.members = tuple(members)
        self._worlds: dict[Engine, World] = {}

    def world(self, engine: Engine, subject: Instance) -> World:
        """The members as one engine sees them while it evaluates ``subject``."""
        found = self._worlds.get(engine)
        if found is None:
            found = self._worlds[engine] = World(engine, self.members)
        if engine.stratified and subject not in found:
            # What members count depends on the others, so the newcomer must be among them from the start.
            return World(engine, found.with_subject(subject))
        return found


@dataclass(slots=True)
class Index:
    """What the members contribute to one statistic. ``exact``: groups whose keys are known; ``loose``: those with an
    unknown key; ``groups``: what was put together for a key that was asked for, and its bounds."""

    own: dict[Instance, Own] = field(default_factory=dict)
    exact: dict[Key, Counter[Contribution]] = field(default_factory=dict)
    loose: dict[Key, Counter[Contribution]] = field(default_factory=dict)
    members: dict[Key, list[tuple[Instance, Entry]]] = field(default_factory=dict)
    unlimited: int = 0
    groups: dict[Key, tuple[Counter[Contribution], Abstract]] = field(default_factory=dict)
    trail: tuple[tuple[str, str], ...] = ()


class World:
    """The members of one portfolio under one engine."""

    __slots__ = ("_by_identity", "_indexes", "_places", "engine", "members")

    def __init__(self, engine: Engine, members: tuple[Instance, ...]) -> None:
        self.engine = engine
        self.members = members
        self._places: dict[Instance, int] = {}
        self._by_identity: dict[str, Instance] = {}
        for place, member in enumerate(members):
            self._places.setdefault(member, place)
            if member.identity:
                self._by_identity.setdefault(member.identity, member)
        self._indexes: dict[str, Index] = {}

    def __contains__(self, instance: Instance) -> bool:
        return instance in self._places

    def replaced_by(self, subject: Instance) -> Instance | None:
        """The member that ``subject`` stands for: itself, or the first of the same identity."""
        if subject in self._places:
            return subject
        return self._by_identity.get(subject.identity) if subject.identity else None

    def with_subject(self, subject: Instance) -> tuple[Instance, ...]:
        """The members with ``subject`` among them once."""
        replaced = self.replaced_by(subject)
        if replaced is None:
            return (*self.members, subject)
        place = self._places[replaced]
        return (*self.members[:place], subject, *self.members[place + 1 :])

    def label(self, member: Instance) -> str:
        """How people find a member: its identity, or its place in the portfolio."""
        return member.identity or f"组合第 {self._places.get(member, 0) + 1} 条"

    def index(self, name: str) -> Index:
        """What the members contribute to a statistic; all statistics of its stratum are worked out together."""
        found = self._indexes.get(name)
        if found is None:
            self._build(self.engine.dependencies.strata[name])
            found = self._indexes[name]
        return found

    def _build(self, stratum: int) -> None:
        strata = self.engine.dependencies.strata
        wanted = {name: Index() for name in self.engine.statistics if strata[name] == stratum}
        trails: dict[str, dict[tuple[str, str], None]] = {name: {} for name in wanted}
        for member in self._places:
            run = self.engine.run(member, self)
            for name, index in wanted.items():
                compiled = self.engine.statistics[name]
                run.trail = []
                own = index.own[member] = contributions_of(compiled, run)
                # What other records presume is theirs to say; a 缺省 that was read is one for all.
                trails[name].update((step, None) for step in run.trail if step[0] == "缺省")
                index.unlimited += own.unlimited
                for entry in own.entries:
                    table = index.exact if all(map(v.known, entry.key)) else index.loose
                    table.setdefault(entry.key, Counter())[entry.joined(True)] += 1
                    index.members.setdefault(entry.key, []).append((member, entry))
        for name, index in wanted.items():
            index.trail = tuple(trails[name])
        self._indexes.update(wanted)

    def _group(self, compiled: CompiledStatistic, index: Index, key: Key) -> tuple[Counter[Contribution], Abstract]:
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
            found = index.groups[key] = tally, tally_bounds(compiled, tally, unlimited=index.unlimited > 0)
        return found

    def value(self, compiled: CompiledStatistic, run: Run, key: Key, own: Own) -> Abstract:
        """A statistic for the record of ``run``, which is in the portfolio once: as a member, in the place of the
        member it stands for, or in addition."""
        index = self.index(compiled.statistic.name)
        run.trail.extend(index.trail)
        subject = run.subject
        tally, bounds = self._group(compiled, index, key)
        if subject in self._places and compiled.own_match and all(map(v.known, key)):
            return bounds
        replaced = self.replaced_by(subject)
        theirs = index.own[replaced] if replaced is not None else _NOBODY
        adjusted = Counter(tally)
        for entry in theirs.entries:
            match = match_keys(key, entry.key)
            if match is not False:
                adjusted[entry.joined(match)] -= 1
        for entry in own.entries:
            adjusted[entry.joined(compiled.own_match)] += 1
        unlimited = index.unlimited - theirs.unlimited + own.unlimited
        return tally_bounds(compiled, +adjusted, unlimited=unlimited > 0)

    def counted(self, compiled: CompiledStatistic, run: Run) -> Iterator[tuple[Instance, Entry, Truth]]:
        """The members that count for the record of ``run``: the record or row, its entry, and whether its keys match.
        The record itself first."""
        key = own_key(compiled, run)
        for entry in contributions_of(compiled, run).entries:
            yield run.subject, entry, compiled.own_match
        index = self.index(compiled.statistic.name)
        replaced = self.replaced_by(run.subject)
        exact = all(map(v.known, key)) and key in index.members
        for other in ([key] if exact else []) + [k for k in index.members if not exact or k != key]:
            match = match_keys(key, other)
            if match is not False:
                for member, entry in index.members[other]:
                    if member is not replaced:
                        yield member, entry, match


_NOBODY: Final = Own(())
