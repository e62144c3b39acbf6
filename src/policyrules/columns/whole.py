"""What the members of a ledger in parts contribute to 统计, put together.

Why this exists: a statistic is of the whole ledger, which no machine may hold. Each part says what its members come to, as
rows of plain texts that anything can sort and group; rows that say it of one key are put together anywhere, in any order.

Invariants: a text is read back as the value it was made of; equal values have equal texts; sums are exact; what comes of
the parts is what `columns.counting.Census` has of the whole.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, NamedTuple, TypeAlias

from policyrules.columns.classed import Census
from policyrules.engine import values as v
from policyrules.engine.members import Key, PreparedStatistic
from policyrules.engine.portfolio import Block, Index, Lists
from policyrules.engine.tally import Contribution, Part, Sums, Tally, added, sums_of

What: TypeAlias = Literal["sums", "each", "open"]
"""What members of a key come to; members that contribute alike; lists that were not supplied."""


class Row(NamedTuple):
    """Of a statistic ``name``: members with ``key``, what they add (``payload``), how many ``members`` they are."""

    name: str
    what: str
    key: str
    payload: str
    members: int


# ---- values as texts ------------------------------------------------------------------------------------------------


def text_of(value: Any) -> str:
    """A value of the definition, or a tuple of them, as a text.

    >>> text_of((True, None, 3, "甲", Fraction(1, 3)))
    '["t",true,null,3,["s","\\\\u7532"],["f",1,3]]'
    >>> read_text(text_of(v.Interval(Fraction(1, 2), None, True)))
    Interval(low=Fraction(1, 2), high=None, void=True)
    """
    return json.dumps(_plain(value), separators=(",", ":"))


def read_text(text: str) -> Any:
    """The value that `text_of` made a text of."""
    return _value(json.loads(text))


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int():
            return value
        case str():
            return ["s", value]
        case Fraction():
            return ["f", value.numerator, value.denominator]
        case datetime.date():
            return ["d", value.toordinal()]
        case v.Void():
            return ["n"]
        case v.Interval(low, high, void):
            return ["v", _plain(low), _plain(high), void]
        case v.Candidates(values):
            return ["c", None if values is None else [_plain(one) for one in values]]
        case v.SetRange(certain, possible, barred):
            return ["r", sorted(certain), None if possible is None else sorted(possible), sorted(barred)]
        case frozenset():
            return ["m", *sorted(value)]
        case Part():
            return ["p", _plain(value.match), _plain(value.value)]
        case tuple():
            return ["t", *map(_plain, value)]
        case _:
            raise TypeError(f"{type(value).__name__} has no text")


def _value(plain: Any) -> Any:
    if not isinstance(plain, list):
        return plain
    kind, *parts = plain
    match kind:
        case "s":
            return parts[0]
        case "f":
            return Fraction(*parts)
        case "d":
            return datetime.date.fromordinal(parts[0])
        case "n":
            return v.VOID
        case "v":
            return v.Interval(_value(parts[0]), _value(parts[1]), parts[2])
        case "c":
            return v.Candidates(None if parts[0] is None else tuple(map(_value, parts[0])))
        case "r":
            certain, possible, barred = parts
            return v.SetRange(frozenset(certain), None if possible is None else frozenset(possible), frozenset(barred))
        case "m":
            return frozenset(parts)
        case "p":
            return Part(*map(_value, parts))
        case "t":
            return tuple(map(_value, parts))
        case _:
            raise ValueError(f"no text of a value: {plain!r}")


# ---- out of a part --------------------------------------------------------------------------------------------------


def _by_sums(statistic: PreparedStatistic) -> bool:
    """Whether what a statistic comes to is told by sums alone (`Tally.bounds`)."""
    kind, tally = statistic.statistic.kind, statistic.tally
    return kind in ("计数", "合计") or (kind == "占比" and (statistic.statistic.value is None or tally.non_negative))


def contributed_rows(name: str, census: Census) -> Iterator[Row]:
    """What the members of one part contribute to a statistic."""
    index, statistic = census.index, census.statistic
    for key, held in index.tables.items():
        said = text_of(key)
        if _by_sums(statistic):
            yield Row(name, "sums", said, text_of(_both(statistic.tally, held)), 1)
            continue
        for contribution, count in held.items():
            yield Row(name, "each", said, text_of(contribution), count)
    for key, lists in index.open.items():
        yield Row(name, "open", text_of(key), "", lists.count)


def _both(tally: Tally, held: Mapping[Contribution, int]) -> tuple[Sums, Sums]:
    """What contributions come to where their key matches for sure, and where it perhaps does."""
    perhaps: Counter[Contribution] = Counter()
    for (_, payload), count in held.items():
        perhaps[None, payload] += count
    return sums_of(tally, Counter(held)), sums_of(tally, perhaps)


# ---- together -------------------------------------------------------------------------------------------------------


def together(rows: Iterable[Row]) -> Iterator[Row]:
    """As few rows as say the same."""
    counts: Counter[tuple[str, str, str, str]] = Counter()
    sums: dict[tuple[str, str], tuple[Sums, ...]] = {}
    for name, what, key, payload, count in rows:
        if what != "sums":
            counts[name, what, key, payload] += count
            continue
        more = read_text(payload)
        found = sums.get((name, key))
        sums[name, key] = more if found is None else tuple(map(added, found, more))
    for (name, what, key, payload), count in counts.items():
        yield Row(name, what, key, payload, count)
    for (name, key), both in sums.items():
        yield Row(name, "sums", key, text_of(both), 1)


@dataclass(slots=True)
class Whole(Index):
    """What all members contribute to one statistic. ``sums``: of each key what its members come to where it matches for
    sure, and where it perhaps does."""

    sums: dict[Key, tuple[Sums, Sums]] = field(default_factory=dict)

    def come_to(self, tally: Tally, block: Block) -> Sums:
        """What the members of some keys come to."""
        if block.sums is None:
            found = tally.nothing
            for key in block.keys:
                sums = self.sums.get(key)
                if sums is None:
                    return Index.come_to(self, tally, block)
                found = added(found, sums[0 if block.match else 1])
            block.sums = found
        return block.sums


def wholes(rows: Iterable[Row], statistics: Iterable[str]) -> dict[str, Index]:
    """Of each statistic what all members contribute to it."""
    found = {name: Whole() for name in statistics}
    for name, what, said, payload, count in sorted(together(rows)):
        index, key = found[name], read_text(said)
        match what:
            case "sums":
                index.keys.put(key)
                index.sums[key] = read_text(payload)
            case "each":
                index.keys.put(key)
                index.tables.setdefault(key, Counter())[read_text(payload)] += count
            case _:
                index.open_keys.put(key)
                index.open.setdefault(key, Lists()).count += count
    return dict(found)
