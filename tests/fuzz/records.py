"""Junk records, as a program might hand them to `Policy.evaluate`: a result or a `RecordError`, nothing else.

python -m tests.fuzz.records --count 100000 --seed 1
"""

from __future__ import annotations

import datetime
import decimal
import enum
import itertools
import json
import sys
from collections import OrderedDict, UserDict
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Final

import policyrules as pr

from .ledgers import HEADERS, VALUES, policy, sound_records
from .running import Fault, Trial, command_line, run_trials


class _Colour(enum.Enum):
    RED = "红"


class _Odd:
    """Does not let itself be compared, shown or measured."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no equality")

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __len__(self) -> int:
        raise RuntimeError("no length")

    def __bool__(self) -> bool:
        raise RuntimeError("no truth")


def _loop() -> list[object]:
    looped: list[object] = []
    looped.append(looped)
    return looped


def _deep() -> object:
    found: object = {}
    for _ in range(5_000):
        found = {"资金": [found]}
    return found


_MAKERS: tuple[Callable[[], object], ...] = (
    lambda: float("nan"), lambda: float("inf"), lambda: float("-inf"), lambda: decimal.Decimal("NaN"), lambda: decimal.Decimal("sNaN"),
    lambda: decimal.Decimal("Infinity"), lambda: decimal.Decimal("1E+999999"), lambda: decimal.Decimal("-0"), lambda: Fraction(1, 3), lambda: Fraction(10**90, 7),
    lambda: 10**5_000, lambda: -(10**400), lambda: 1j, lambda: b"bytes", lambda: bytearray(b"x"), lambda: object(), _Odd, lambda: _Colour.RED, lambda: ...,
    lambda: NotImplemented, lambda: len, lambda: iter(()), lambda: {1, 2}, lambda: frozenset({"集体"}), lambda: (1, 2), lambda: range(9), lambda: {},
    lambda: [], lambda: [{}], lambda: [None], lambda: [[[]]], _loop, _deep, lambda: {"县名": _loop()}, lambda: datetime.datetime.now(datetime.UTC),
    lambda: datetime.datetime.max, lambda: datetime.time(1), lambda: datetime.timedelta(1), lambda: datetime.date.min, lambda: MappingProxyType({"金额": 3}),
    lambda: OrderedDict(金额=3), lambda: UserDict({"金额": 3}), lambda: [MappingProxyType({"金额": 3})], lambda: memoryview(b"x"), lambda: "字" * 100_000,
    lambda: {"字" * 1_000: 1}, lambda: type, lambda: int, lambda: Exception("x"), lambda: [{"金额": 1}] * 300,
)  # fmt: skip


def junk(random: Random) -> object:
    """One strange value."""
    return random.choice(_MAKERS)() if random.random() < 0.7 else random.choice(VALUES)


def make_record(random: Random) -> object:
    """A sound record with junk in it, or nothing but junk."""
    if random.random() < 0.1:
        return junk(random)
    if random.random() < 0.1:
        return {junk_key(random): junk(random) for _ in range(random.randrange(5))}
    record = json.loads(json.dumps(random.choice(sound_records())))
    for _ in range(random.choice((1, 1, 2, 5))):
        target = record
        lists = [value for value in record.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
        if lists and random.random() < 0.4:
            target = random.choice(random.choice(lists))
        key = random.choice(list(target)) if random.random() < 0.7 and target else junk_key(random)
        try:
            target[key] = junk(random)
        except TypeError:
            continue
    return record


def junk_key(random: Random) -> object:
    """A strange key that a dict takes."""
    fields = policy().program.fields["项目"]
    return random.choice(
        (
            None,
            1,
            1.5,
            True,
            (),
            b"x",
            float("nan"),
            *HEADERS,
            *fields,
            *(field.key for field in fields.values()),
            "资金",
            "sources",
            "县",
        )
    )


def check_record(record: object, *, full: bool = False) -> str:
    """Evaluate; returns how it ended. Raises whatever but `RecordError` escapes."""
    try:
        outcome = policy().evaluate(record)  # type: ignore[arg-type]
    except pr.RecordError as error:
        if not error.path and not error.expected:
            raise Fault("a RecordError without path and expectation") from error
        str(error)
        if any(word in error.expected for word in ("Error", "object at", "NoneType", "Traceback")):
            raise Fault(f"unfit words: {error.expected}") from error
        return "refused"
    json.dumps(outcome.to_dict(), ensure_ascii=True)
    if full:
        str(outcome.explain())
    return "evaluated"


_SLOWEST: Final = 120
"""Seconds of processor time: rules that hold each row against each other take the square of 300 of them."""


def _check_number(seed: int, number: int, _: Path) -> str:
    return check_record(make_record(Random(f"{seed}:{number}")), full=number % 20 == 0)


def main() -> int:
    """Reads the command line and runs."""
    options = command_line("Junk records through evaluation.", 100_000).parse_args()
    trials = (
        Trial(number, "record", partial(_check_number, options.seed, number))
        for number in itertools.count(options.start)
    )
    return run_trials(trials, options, _SLOWEST)


if __name__ == "__main__":
    sys.exit(main())
