"""Findings of many kinds come in the order of the records, each as it stands."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from policyrules.columns import listing
from policyrules.columns.bits import Array, pack, unpack
from policyrules.columns.listing import DIGITS, Kind, listed

Row = tuple[int, int, int, int, int]


def kinds_at_random(chance: random.Random) -> tuple[list[Kind], int, dict[str, Any]]:
    """Kinds of records and of rows, few and many, planes and fixed; how many records; and the rest of what is asked."""
    records = chance.choice((0, 1, 63, 64, 200))
    tables = []
    for longest in (1, 3, 40):
        lengths = [chance.choice((0, 1, chance.randrange(longest + 1))) for _ in range(records)]
        tables.append(np.array([0, *itertools.accumulate(lengths)], np.int64))
    kinds = []
    path = 0
    for number in range(chance.choice((1, 5, 64, 130))):
        starts = chance.choice((None, None, *tables))
        count = records if starts is None else int(starts[-1])
        share = chance.choice((0.02, 0.5, 1.0))

        def plane(share: float = share, count: int = count) -> Any:
            # What stands behind the last element means nothing.
            bits = [chance.random() < share for _ in range(count)]
            return pack(np.array(bits + [True] * (-count % 64), np.bool_))

        def numbers(most: int, dtype: Any, count: int = count) -> Array:
            return np.array([chance.randrange(most) for _ in range(count)], dtype)

        named = chance.random() < 0.3
        kinds.append(
            Kind(
                number,
                None if chance.random() < 0.1 else plane(),
                tuple(chance.choice((0, 1, plane(0.5))) for _ in range(DIGITS)),
                starts,
                numbers(90, np.int64) if chance.random() < 0.3 else None,
                chance.choice((0, 11)),
                None if chance.random() < 0.5 else plane(0.5),
                numbers(9, np.int32) if chance.random() < 0.5 else chance.choice((0, 739_000)),
                numbers(7, np.int32) if named else None,
                path,
            )
        )
        path += 60
    return kinds, records, {"first": chance.choice((0, 128)), "room": chance.choice((0, 2)), "paths": path}


def one_by_one(kinds: Sequence[Kind], records: int, *, first: int, room: int, paths: int) -> list[Row]:
    """Element by element."""

    def bit(plane: Any, element: int) -> int:
        return int(unpack(plane, element + 1)[element])

    found: list[Row] = []
    for record, kind in itertools.product(range(records), kinds):
        start, stop = (record, record + 1) if kind.starts is None else kind.starts[record : record + 2].tolist()
        for element in range(start, stop):
            if kind.there is not None and not bit(kind.there, element):
                continue
            digits = [own if isinstance(own, int) else bit(own, element) for own in kind.digits]
            day = kind.days if isinstance(kind.days, int) else int(kind.days[element])
            own = int(kind.paths[element]) if kind.paths is not None else element - start
            found.append(
                (
                    kind.number * 8 + digits[0] + 2 * digits[1] + 4 * digits[2],
                    first + record,
                    (element if kind.rows is None else int(kind.rows[element])) + kind.first,
                    day if kind.known is None or bit(kind.known, element) else 0,
                    kind.path + own,
                )
            )
    return found


def as_rows(
    kinds: Sequence[Kind], records: int, *, threads: int, kernel: Any = None, first: int, room: int, paths: int
) -> list[Row]:
    """What is listed, behind the rows that are left free."""
    found = listed(
        kinds, records, first=first, room=room, numbers=len(kinds), paths=paths, kernel=kernel, threads=threads
    )
    rows = list(zip(*(column[room:].tolist() for column in found.columns), strict=True))
    assert len(found.codes) == len(rows) + room
    assert np.flatnonzero(found.used).tolist() == sorted({row[4] for row in rows})
    return rows


@pytest.mark.parametrize("seed", range(12))
def test_in_the_order_of_the_records(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(f"listing {seed}")
    kinds, records, options = kinds_at_random(chance)
    expected = one_by_one(kinds, records, **options)
    assert as_rows(kinds, records, threads=1, **options) == expected
    monkeypatch.setattr(listing, "_NEAR", 64)
    assert as_rows(kinds, records, threads=2, **options) == expected


def test_more_kinds_than_a_short_number_has() -> None:
    kind = Kind(5_000, None, (1, 0, 1), None, None, 0, None, 0, None, 0)
    found = listed([kind], 3, first=0, room=0, numbers=5_001, paths=1, kernel=None, threads=1)
    assert found.codes.tolist() == [5_000 * 8 + 5] * 3
