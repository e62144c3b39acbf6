"""Known operations, known bytes.

Why this exists: a library built by another compiler, or for another processor, is used only where it does what this one did.

Invariants: what is expected comes from plain Python integers, not from the library; every operation is asked of every type
that it has; needs nothing but the standard library.
"""

from __future__ import annotations

import array
import ctypes
import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any, Final

OPERATIONS: Final = (
    *(
        "ALL",
        "FILL",
        "EQUAL",
        "GREATER",
        "BETWEEN",
        "AMONG",
        "IN_TABLE",
        "MEETS",
        "LOOK_UP",
        "CHOOSE",
    ),
    *("ADD", "SUBTRACT", "MULTIPLY", "LEAST", "GREATEST", "POSITIVE", "SIGNED", "CONVERT", "WEIGH"),
)
ROWS: Final = (
    "SOME",
    "ROW_COUNT",
    "ROW_SUM",
    "ROW_LEAST",
    "ROW_GREATEST",
    "SPREAD",
    "SPREAD_NUMBER",
    "SET_BITS",
    "SAME_CODE",
    "SETS_MEET",
    "GROUP",
    "TELL",
    "FINDING_COUNT",
    "ENDS",
    "FINDINGS",
)
_CODES: Final = "bhiq"
_WORDS: Final = 5
_COUNT: Final = _WORDS * 64

Numbers = list[int]


def _fitted(value: int, type_: int) -> int:
    """A number as so many bytes hold it."""
    bits = 8 << type_
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


class _Bench:
    """Columns and planes, and the library at work on them."""

    def __init__(self, run: Any, rows: Any, variant: int) -> None:
        self.run, self.rows, self.variant = run, rows, variant
        rng = random.Random("policyrules")
        self.numbers: list[list[Numbers]] = []
        for type_ in range(4):
            edge = (1 << ((8 << type_) - 1)) - 1
            near = [-edge - 1, -edge, -2, -1, 0, 1, 2, 3, edge - 1, edge]
            self.numbers.append(
                [
                    [rng.choice(near) if rng.random() < 0.5 else rng.randint(-edge, edge) for _ in range(_COUNT)]
                    for _ in range(2)
                ]
            )
        self.bits = [[rng.randint(0, 1) for _ in range(_COUNT)] for _ in range(2)]
        self.places = sorted(rng.randint(0, _COUNT) for _ in range(_COUNT - 1))
        self.places = [0, *self.places, _COUNT]
        self.anywhere = [rng.randrange(_COUNT) for _ in range(_COUNT)]
        self.table = [rng.randint(0, 1) for _ in range(9)]
        self.wide = [rng.randint(-(2**31), 2**31 - 1) for _ in range(9)]

    def done(
        self,
        op: str,
        type_: int,
        out: str,
        arguments: Sequence[tuple[str, Any, int]],
        flip: int = 0,
        x: int = 0,
        y: int = 0,
    ) -> list[int]:
        """What the library makes of arguments: kind of array, values, bytes for 64 elements. ``out``: "bits" or a kind."""
        kept = [_words(values) if kind == "bits" else array.array(kind, values) for kind, values, _ in arguments]
        target = array.array("Q" if out == "bits" else out, [0]) * (_WORDS if out == "bits" else _COUNT)
        step = 8 if out == "bits" else 64 * target.itemsize
        slots = array.array("q", [target.buffer_info()[0], step, 0])
        for own, (_, _, each) in zip(kept, arguments, strict=True):
            slots.extend((own.buffer_info()[0], each, 0))
        number = OPERATIONS.index(op)
        names = [*range(1, len(arguments) + 1), 0, 0, 0][:3]
        code = array.array("q", [number, type_, 0, *names, flip, x, y])
        now = (ctypes.c_void_p * (len(arguments) + 1))()
        given = (code.buffer_info()[0], 1, slots.buffer_info()[0], len(arguments) + 1, ctypes.addressof(now))
        # Two words at a time and then one.
        if self.run(self.variant, *given, 0, _WORDS, 2):
            return []
        return _bits(target) if out == "bits" else target.tolist()

    def of_rows(self, op: str, out: str, given: Sequence[int | array.array[Any] | None]) -> list[int]:
        """What the library makes of rows: ``given`` as it takes it behind ``count``."""
        target = array.array("Q" if out == "bits" else out, [0]) * (_WORDS if out == "bits" else _COUNT)
        if not self.of_rows_into(op, target, _COUNT, given):
            return []
        return _bits(target) if out == "bits" else target.tolist()

    def of_rows_into(
        self, op: str, target: array.array[Any], count: int, given: Sequence[int | array.array[Any] | None]
    ) -> bool:
        """As `of_rows` of ``count`` elements, to ``target``; whether it was done."""
        places = [one.buffer_info()[0] if isinstance(one, array.array) else one or 0 for one in given]
        handed = array.array("q", [target.buffer_info()[0], count, *places])
        return not self.rows(self.variant, ROWS.index(op), handed.buffer_info()[0])


def _words(bits: Sequence[int]) -> array.array[int]:
    each = [sum(bit << place for place, bit in enumerate(bits[at : at + 64])) for at in range(0, len(bits), 64)]
    return array.array("Q", each)


def _bits(words: Sequence[int]) -> list[int]:
    return [word >> place & 1 for word in words for place in range(64)]


def failure(run: Any, rows: Any, variant: int) -> str:
    """The first operation that does not give what it should; empty: all do."""
    bench = _Bench(run, rows, variant)
    for name, found, expected in itertools.chain(
        _planes(bench), _tests(bench), _numbers(bench), _of_rows(bench), _groups(bench), _findings(bench)
    ):
        if found != expected:
            return name
    return ""


def _planes(bench: _Bench) -> Any:
    chance = random.Random("planes")
    for many, flip in itertools.product((1, 2, 3, 4, 5, 6, 7), (0, 1)):
        which, turned = [chance.choice((1, 3)) for _ in range(many)], [chance.randint(0, 1) for _ in range(many)]
        table = [number for one, turn in zip(which, turned, strict=True) for number in (one, -turn)]
        left, right = ("bits", bench.bits[0], 8), ("bits", bench.bits[1], 8)
        found = bench.done("ALL", 0, "bits", [left, ("q", table, 0), right], flip, many)
        pairs = list(zip(which, turned, strict=True))
        each = zip(*bench.bits, strict=True)
        expected = [flip ^ all((a if one == 1 else b) ^ turn for one, turn in pairs) for a, b in each]
        yield f"ALL {many}", found, list(map(int, expected))
    for flip in (0, 1):
        yield "FILL", bench.done("FILL", 0, "bits", [], flip), [flip] * _COUNT


def _tests(bench: _Bench) -> Any:
    for type_, kind in enumerate(_CODES):
        left, right = bench.numbers[type_]
        # The second shares some elements with the first.
        right = [a if bit else b for a, b, bit in zip(left, right, bench.bits[0], strict=True)]
        step = 64 << type_
        a, b = (kind, left, step), (kind, right, step)
        fixed = [(kind, [value] * 64, 0) for value in (-2, 1, 2)]
        for flip in (0, 1):
            pairs = list(zip(left, right, strict=True))
            yield (
                f"EQUAL {type_}",
                bench.done("EQUAL", type_, "bits", [a, b], flip),
                [(x == y) ^ flip for x, y in pairs],
            )
            yield (
                f"GREATER {type_}",
                bench.done("GREATER", type_, "bits", [a, b], flip),
                [(x > y) ^ flip for x, y in pairs],
            )
            yield (
                f"MEETS {type_}",
                bench.done("MEETS", type_, "bits", [a, b], flip),
                [(x & y != 0) ^ flip for x, y in pairs],
            )
            if type_ > 1:
                for op, test in (("EQUAL", int.__eq__), ("GREATER", int.__gt__)):
                    for x, y in ((1, 2), (3, 1), (-2, 5)):
                        expected = [
                            int(test(_fitted(p * x, type_), _fitted(q * y, type_))) ^ flip
                            for p, q in zip(left, left[1:] + left[:1], strict=True)
                        ]
                        turned = (kind, left[1:] + left[:1], step)
                        yield f"{op} {type_} {x} {y}", bench.done(op, type_, "bits", [a, turned], flip, x, y), expected
            found = bench.done("GREATER", type_, "bits", [a, fixed[1]], flip)
            yield f"GREATER {type_}", found, [(x > 1) ^ flip for x in left]
            found = bench.done("BETWEEN", type_, "bits", [a, fixed[0], fixed[2]], flip)
            yield f"BETWEEN {type_}", found, [(-2 <= x <= 2) ^ flip for x in left]
            found = bench.done("AMONG", type_, "bits", [a, *fixed], flip, 3)
            yield f"AMONG {type_}", found, [(x in (-2, 1, 2)) ^ flip for x in left]
            found = bench.done("IN_TABLE", type_, "bits", [a, ("B", bench.table, 0)], flip, -3, 9)
            yield f"IN_TABLE {type_}", found, [bench.table[min(max(x + 3, 0), 8)] ^ flip for x in left]
        found = bench.done("LOOK_UP", type_, "i", [a, ("i", bench.wide, 0)], 0, -3, 9)
        yield f"LOOK_UP {type_}", found, [bench.wide[min(max(x + 3, 0), 8)] for x in left]


def _numbers(bench: _Bench) -> Any:
    how: dict[str, Callable[[int, int], int]] = {
        "ADD": lambda a, b: a + b,
        "SUBTRACT": lambda a, b: a - b,
        "MULTIPLY": lambda a, b: a * b,
        "LEAST": min,
        "GREATEST": max,
        "POSITIVE": lambda a, b: abs(a) or 1,
        "SIGNED": lambda a, b: -a if b < 0 else a,
    }
    left, right = bench.numbers[1]
    expected = [_fitted(x - y, 1) for x, y in zip(left, right, strict=True)]
    yield "SUBTRACT 1", bench.done("SUBTRACT", 1, "h", [("h", left, 128), ("h", right, 128)]), expected
    for type_ in (2, 3):
        kind, step = _CODES[type_], 64 << type_
        left, right = bench.numbers[type_]
        a, b, plane = (kind, left, step), (kind, right, step), ("bits", bench.bits[0], 8)
        for op, calculated in how.items():
            expected = [_fitted(calculated(x, y), type_) for x, y in zip(left, right, strict=True)]
            yield f"{op} {type_}", bench.done(op, type_, kind, [a, b]), expected
        both = zip(bench.bits[0], left, right, strict=True)
        yield (
            f"CHOOSE {type_}",
            bench.done("CHOOSE", type_, kind, [plane, a, b]),
            [x if bit else y for bit, x, y in both],
        )
        found = bench.done("CHOOSE", type_, kind, [plane, (kind, [7] * 64, 0), b])
        yield f"CHOOSE {type_}", found, [7 if bit else y for bit, y in zip(bench.bits[0], right, strict=True)]
    for source, target in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (3, 2)):
        given = bench.numbers[source][0]
        found = bench.done("CONVERT", target, _CODES[target], [(_CODES[source], given, 64 << source)], 0, source)
        yield f"CONVERT {source} {target}", found, [_fitted(x, target) for x in given]
    for type_, weight in itertools.product((0, 2), (1, 81, 162)):
        planes = [("bits", one, 8) for one in bench.bits]
        arguments = [planes[0], ("q", [1, 81, 3, weight], 0), planes[1]]
        found = bench.done("WEIGH", type_, "Bi"[type_ // 2], arguments, 0, 2)
        expected = [81 * x + weight * y for x, y in zip(*bench.bits, strict=True)]
        yield f"WEIGH {type_} {weight}", found, expected


def _of_rows(bench: _Bench) -> Any:
    segments = [range(a, b) for a, b in itertools.pairwise(bench.places)]
    bits, plane = bench.bits[0], _words(bench.bits[0])
    starts, anywhere = array.array("q", bench.places), array.array("q", bench.anywhere)
    found = bench.of_rows("SOME", "bits", [starts, plane, 0, 0])
    yield "SOME", found, [int(any(bits[i] for i in one)) for one in segments]
    found = bench.of_rows("ROW_COUNT", "i", [starts, plane])
    yield "ROW_COUNT", found, [sum(bits[i] for i in one) for one in segments]
    found = bench.of_rows("SPREAD", "bits", [anywhere, plane, 0, 0])
    yield "SPREAD", found, [bits[i] for i in bench.anywhere]
    held = array.array("Q", [0]) * _WORDS
    ends = bench.of_rows("ENDS", "bits", [starts, held])
    yield "ENDS", ends, [int(i + 1 in bench.places[1:]) for i in range(_COUNT)]
    yield "ENDS", _bits(held), [int(len(one) > 0) for one in segments]
    last = _words(ends)
    found = bench.of_rows("SOME", "bits", [starts, plane, last, held])
    yield "SOME", found, [int(any(bits[i] for i in one)) for one in segments]
    owners = [outer for outer, one in enumerate(segments) for _ in one]
    found = bench.of_rows("SPREAD", "bits", [array.array("q", owners), plane, last, held])
    yield "SPREAD", found, [bits[outer] for outer in owners]
    for type_, kind in enumerate(_CODES):
        own = bench.numbers[type_][0]
        numbers = array.array(kind, own)
        found = bench.of_rows("SPREAD_NUMBER", kind, [anywhere, numbers, type_, type_])
        yield f"SPREAD_NUMBER {type_}", found, [own[i] for i in bench.anywhere]
        chosen = [[own[i] for i in one if bits[i]] for one in segments]
        for op, how in (("ROW_SUM", sum), ("ROW_LEAST", min), ("ROW_GREATEST", max)):
            found = bench.of_rows(op, "q", [starts, plane, numbers, type_, 3])
            yield f"{op} {type_}", found, [_fitted(how(one), 3) if one else 0 for one in chosen]
        codes = [number % 7 for number in own]
        held = array.array(kind, codes)
        found = bench.of_rows("SET_BITS", "q", [starts, held, type_, 3])
        yield f"SET_BITS {type_}", found, [sum({1 << codes[i] for i in one}) for one in segments]
        # Codes of another column by what they are here; the last stands for -1.
        mapping = [3, -1, 0, 6, 5, 1, 4, -1]
        told = array.array("q", mapping)
        others = [number % 8 - 1 for number in bench.numbers[type_][1]]
        theirs = array.array(kind, others)
        for places in (None, anywhere):
            at = range(_COUNT) if places is None else bench.anywhere
            found = bench.of_rows("SAME_CODE", "bits", [places, held, type_, None, theirs, type_, told, 7])
            yield (
                f"SAME_CODE {type_}",
                found,
                [int(codes[i] == mapping[other]) for i, other in zip(at, others, strict=True)],
            )
            given = [places, starts, held, type_, None, starts, held, type_, told]
            found = bench.of_rows("SETS_MEET", "bits", given)
            sets = [{codes[i] for i in one} for one in segments]
            met = [{mapping[code] for code in one} for one in sets]
            yield f"SETS_MEET {type_}", found, [int(bool(sets[i] & other)) for i, other in zip(at, met, strict=True)]


def _groups(bench: _Bench) -> Any:
    codes = [[number % 7 - 1 for number in bench.numbers[type_][0]] for type_ in range(3)]
    held = [array.array(_CODES[type_], own) for type_, own in enumerate(codes)]
    keys = array.array("q")
    for type_, own in enumerate(held):
        keys.extend((own.buffer_info()[0], type_, 1, 2 * 7**type_))
    plane = _words(bench.bits[0])
    planes, counts = array.array("q", [plane.buffer_info()[0], 1]), array.array("i", [0]) * (2 * 7**3)
    numbers = [
        2 * sum((code + 1) * 7**type_ for type_, code in enumerate(own)) + bit
        for *own, bit in zip(*codes, bench.bits[0], strict=True)
    ]
    told = array.array("B", [number * 37 % 256 for number in range(2 * 7**3)])
    for type_, kind in ((1, "H"), (2, "i")):
        found = bench.of_rows("GROUP", kind, [keys, 3, planes, 1, counts, type_])
        yield f"GROUP {type_}", found, numbers
        yield f"GROUP {type_}", counts.tolist(), [type_ * numbers.count(number) for number in range(2 * 7**3)]
        for place in range(8):
            # The last of the planes is looked at.
            planes_of = [array.array("Q", [0]) * _WORDS for _ in range(place + 1)]
            addresses = array.array("q", [one.buffer_info()[0] for one in planes_of])
            bench.of_rows("TELL", "bits", [array.array(kind, numbers), told, addresses, place + 1, type_])
            yield f"TELL {place}", _bits(planes_of[place]), [told[number] >> place & 1 for number in numbers]


def _findings(bench: _Bench) -> Any:
    """Of records: some, with three digits; all, with a day; of rows: some, with a day where it is known."""
    bits, digit = bench.bits
    plane, other = _words(bits), _words(digit)
    starts, elsewhere = array.array("q", bench.places), array.array("q", bench.anywhere)
    called = array.array("i", [number % 5 for number in bench.anywhere])
    days = array.array("i", bench.anywhere)
    at, to = plane.buffer_info()[0], other.buffer_info()[0]
    own, row, path, day = (one.buffer_info()[0] for one in (starts, elsewhere, called, days))
    kinds = [
        (at, to, 0, at, 0, 0, 0, 0, 0, 8, 0, 0, 0),
        (0, 0, to, 0, 0, row, path, 0, 0, 16, 1, 9, 3),
        (at, 0, to, to, own, 0, 0, 0, day, 24, 10, 0, 0),
        (at, 0, 0, 0, own, row, path, to, day, 34, 4, 0, 5),
    ] * 20
    table = array.array("q", [number for kind in kinds for number in kind])
    # From the second word of records on, and not to the end of one.
    first, count = 64, 100
    expected = []
    for record in range(first, first + count):
        for kind in kinds:
            rows = range(bench.places[record], bench.places[record + 1]) if kind[4] else [record]
            for turn, element in enumerate(rows):
                if kind[0] and not bits[element]:
                    continue
                told = [bits[element] if one == at else digit[element] if one else 0 for one in kind[1:4]]
                expected.append(
                    (
                        kind[9] | told[0] | told[1] << 1 | told[2] << 2,
                        record + 7,
                        (elsewhere[element] if kind[5] else element) + kind[12],
                        0 if kind[7] and not digit[element] else days[element] if kind[8] else kind[11],
                        kind[10] + (called[element] if kind[6] else turn if kind[4] else 0),
                    )
                )
    found = array.array("q", [0])
    bench.of_rows_into("FINDING_COUNT", found, count, [first, table, len(kinds)])
    yield "FINDING_COUNT", found[0], len(expected)
    for type_, kind_ in ((1, "h"), (2, "i")):
        codes = array.array(kind_, [0]) * len(expected)
        columns = [array.array("i", [0]) * len(expected) for _ in range(4)]
        used, room = array.array("B", [0]) * (10 + _COUNT), array.array("Q", [0]) * (256 * (len(kinds) // 64 + 1))
        bench.of_rows_into("FINDINGS", codes, count, [first, table, len(kinds), type_, *columns, used, room, 7])
        yield f"FINDINGS {type_}", list(zip(codes, *columns, strict=True)), expected
        paths = {one[4] for one in expected}
        yield f"FINDINGS {type_}", used.tolist(), [int(path in paths) for path in range(10 + _COUNT)]


__all__ = ["OPERATIONS", "ROWS", "failure"]
