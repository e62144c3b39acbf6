"""Members of a portfolio: what one of them contributes to a statistic, and for whom it counts.

Why this exists: whoever counts, the portfolio, the compiled engine, the columns, asks of one member the same: of which groups
it is, whether it counts, and what it adds.

Invariants: a member counts for a group by what is known of its keys and its condition (`Entry`); keys are compared by what they
may be: two that surely differ never meet, and a member with an unknown key possibly belongs to every group it may match.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from policyrules.engine import values as v
from policyrules.engine.instances import Instance, ascend, unlisted_row
from policyrules.engine.tally import Contribution, Tally, sums_of
from policyrules.engine.values import Abstract, Truth
from policyrules.frozen import frozen, single
from policyrules.program import belonging
from policyrules.program.nodes import At, FieldValue, Program, Statistic, TermValue
from policyrules.program.ranges import Ranges

Key: TypeAlias = tuple[Abstract, ...]
Known: TypeAlias = tuple[Literal["known", "some", "any"], ...]
"""How far the parts of a key are known: "any" agrees perhaps with whatever is not void."""


# ---- what one member contributes ------------------------------------------------------------------------------------


@frozen
class Adds:
    """What a member adds, and others with it that are alike: its keys, and its contribution (``where`` is never False)."""

    key: Key
    where: Truth
    payload: Any

    def joined(self, match: Truth) -> Contribution:
        """The contribution to a group that the keys match for sure, or perhaps."""
        return (self.where if match is True else None), self.payload


@frozen
class Entry(Adds):
    """One member, a record or a row of one, and what it adds."""

    row: Instance


@frozen
class Own:
    """What one record contributes. ``open``: of each list of rows that was not supplied and may hold members, the key that
    all of them have, as far as it is known."""

    entries: tuple[Entry, ...]
    open: tuple[Key, ...] = ()


@frozen
class Together:
    """Statistics for which the members of a portfolio are looked at once. ``cells``: the fields of a record that they read, so that
    records without rows that are alike in these contribute the same; None where they read statistics, which are of each record."""

    names: tuple[str, ...]
    cells: tuple[str, ...] | None


@single
class PreparedStatistic:
    """A statistic and what is worked out of it once. ``depth``: steps from a member up to its record; ``below``: how many
    of them lead from a member to the instance whose keys say which group is meant, the record or a row of it; ``asked``: the
    keys as that instance sees them; ``tally``: how contributions are put together."""

    statistic: Statistic
    depth: int
    below: int
    asked: tuple[FieldValue | TermValue, ...]
    tally: Tally

    def agrees(self, asking: Instance, key: Key, entry: Entry) -> Truth:
        """Whether an entry of the record's own belongs to the group meant: a cell agrees with itself, even a blank one."""
        if self.below == self.depth:
            return True
        return v.conjunction(
            True if one_cell else v.compare("=", *pair)
            for one_cell, *pair in zip(self.one_cell(asking, entry.row), key, entry.key, strict=True)
        )

    def one_cell(self, asking: Instance, row: Instance) -> list[bool]:
        """Of each key, whether a row of the record and the instance that says which group is meant have it in one cell."""
        ups = [key.at.up for key in self.statistic.same]
        return [up >= self.depth or ascend(row, up) is ascend(asking, up - self.below) for up in ups]


def prepare(program: Program, statistic: Statistic) -> PreparedStatistic:
    """A statistic over records, or over rows of them."""
    depth = len(_line(program, statistic.object)) - 1
    below = min((depth, *(key.at.up for key in statistic.same)))
    asked = tuple(replace(key, at=At(0, key.at.up - below)) for key in statistic.same)
    value = statistic.value
    tally = Tally(statistic, value is not None and Ranges(program.terms, {}).never_negative(value))
    return PreparedStatistic(statistic, depth, below, asked, tally)


def _line(program: Program, object: str) -> list[str]:
    """From a kind of rows up to the kind of the records."""
    line = belonging.line(program.objects, object)
    return line[: line.index(program.root) + 1]


def contributing(program: Program, subject: Instance, object: str) -> tuple[Sequence[Instance], Sequence[Instance]]:
    """The instances of a kind that a record contributes, and for each list of them that was not supplied an unlisted row."""
    level, unlisted = [subject], list[Instance]()
    for kind in reversed(_line(program, object)[:-1]):
        unlisted = [unlisted_row(row, kind) for row in unlisted]
        unlisted += [unlisted_row(instance, kind) for instance in level if instance.rows.get(kind) is None]
        level = [row for instance in level for row in instance.rows.get(kind) or ()]
    return level, unlisted


def looks(looking: Mapping[str, int], record: Instance) -> int:
    """How often statistics look at a record and its rows. ``looking``: how many of them look at each instance of a kind."""
    found = looking.get(record.object, 0)
    if len(looking) > (record.object in looking):
        waiting = [record]
        while waiting:
            for kind, rows in waiting.pop().rows.items():
                found += looking.get(kind, 0) * len(rows or ())
                waiting += rows or ()
    return found


def match_keys(left: Key, right: Key) -> Truth:
    """Whether two groups are one."""
    return v.conjunction(v.compare("=", one, other) for one, other in zip(left, right, strict=True))


def alone(prepared: PreparedStatistic, asking: Instance, key: Key, own: Own) -> Abstract:
    """A statistic where no portfolio was supplied: the record's own contribution, and any number of others."""
    held = Counter(entry.joined(match) for entry, match in joining(prepared, asking, key, own))
    return prepared.tally.bounds(sums_of(prepared.tally, held), lambda: held, unlimited=True)


def of_one(prepared: PreparedStatistic, where: Truth, match: Truth) -> Abstract:
    """A count or a share of records where no portfolio was supplied: of a record whether it counts, and meets 符合. It agrees with
    itself, whatever its group."""
    held = Counter[Contribution]()
    if where is not False:
        held[where, None if prepared.statistic.match is None else match] = 1
    return prepared.tally.bounds(sums_of(prepared.tally, held), lambda: held, unlimited=True)


def own_unlimited(prepared: PreparedStatistic, key: Key, own: Own) -> bool:
    """Whether a list of the record's own that may hold members of the group was not supplied. What is above its rows agrees
    with itself."""
    ups = [key.at.up for key in prepared.statistic.same]
    return any(
        all(
            up >= prepared.depth or v.compare("=", *pair) is not False
            for up, *pair in zip(ups, key, other, strict=True)
        )
        for other in own.open
    )


def joining(prepared: PreparedStatistic, asking: Instance, key: Key, own: Own) -> Iterator[tuple[Entry, Truth]]:
    """The record's own entries that belong to the group meant, or may."""
    for entry in own.entries:
        match = prepared.agrees(asking, key, entry)
        if match is not False:
            yield entry, match
