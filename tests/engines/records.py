"""Records that lie in wait: values at every constant of a program and right beside it, blanks everywhere, lists of any length.

Why this exists: a record of plain values meets no edge. What an engine gets wrong lies at a bound, in the last place of a
number that binary floating point does not hold, at the end of a month, in a list that is empty or was not supplied.

Invariants: a record is plain data that the reader takes; the same choices give the same record.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

from tests.model.choosing import Pick

import policyrules as pr
from policyrules.program import nodes as core
from policyrules.types import Kind, bare_number

Record = dict[str, Any]

_NUMBERS: tuple[int | Fraction, ...] = (
    0,
    1,
    2,
    -1,
    3,
    Fraction(3, 10),
    Fraction(30000000000000004, 10**17),
    Fraction(1, 10),
    16777216,
    16777217,
    2**53,
    2**53 + 1,
    Fraction(1, 4),
    10**12,
)
_DAYS = (
    datetime.date(2024, 2, 29),
    datetime.date(2025, 2, 28),
    datetime.date(2025, 1, 31),
    datetime.date(2025, 3, 31),
    datetime.date(2023, 12, 31),
    datetime.date(2024, 1, 1),
    datetime.date(9999, 12, 31),
    datetime.date(1, 1, 1),
)
_TEXTS = ("甲文", "乙文", "丙", "某文", "别的")


def constants(value: object, found: set[Any], seen: set[int]) -> None:
    """Every number and day that a program writes, and its texts."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | Fraction | datetime.date):
        found.add(value)
    elif isinstance(value, tuple | list | frozenset):
        for one in value:
            constants(one, found, seen)
    elif isinstance(value, dict):
        constants(tuple(value.values()), found, seen)
    elif is_dataclass(value) and id(value) not in seen and type(value).__name__ not in ("Span", "Source", "Origin"):
        seen.add(id(value))
        for part in fields(value):
            constants(getattr(value, part.name), found, seen)


class Maker:
    """Makes records for one policy. ``finest``: what lies right beside a constant, and whether numbers beyond 64 bits come up:
    engines take other ways with them."""

    def __init__(self, policy: pr.Policy, *, finest: bool = True) -> None:
        self.program = policy.program
        self.finest = finest
        found: set[Any] = set()
        constants(
            tuple(getattr(self.program, f.name) for f in fields(self.program) if f.name not in ("layers", "sources")),
            found,
            set(),
        )
        self.days = sorted({one for one in found if isinstance(one, datetime.date)} | {self.program.as_of})
        self.numbers = sorted(one for one in found if not isinstance(one, datetime.date))
        self.values = {
            (field.object, field.name): tuple(self._values(field))
            for own in self.program.fields.values()
            for field in own.values()
        }

    def parameter(self, name: str, pick: Pick) -> object | None:
        """A value that a parameter may be given; None where none is to be given."""
        values = tuple(self._values(self.program.parameters[name]))
        return None if not values or pick.chance(30) else pick.one(values)

    def _values(self, field: core.Field | core.Parameter) -> Iterator[object]:
        type_ = field.type
        match type_.kind:
            case Kind.BOOL:
                yield from (True, False)
            case Kind.ENUM:
                yield from type_.values or ()
            case Kind.TEXT:
                yield from _TEXTS
            case Kind.SET:
                values = type_.values or _TEXTS[:3]
                yield from (
                    [],
                    [values[0]],
                    [values[-1]],
                    list(values[:2]),
                    list(values),
                    [values[-1], "别的"][: 2 - bool(type_.values)],
                )
            case Kind.DATE:
                near = [self._moved(day, step) for day in self.days for step in (0, 1, -1)]
                ends = [day.replace(day=calendar.monthrange(day.year, day.month)[1]) for day in self.days]
                months = [self._month_before(day) for day in self.days]
                for day in dict.fromkeys((*near, *ends, *months, *_DAYS)):
                    if _within(day, field):
                        yield day.isoformat()
            case _:
                whole = type_.kind in (Kind.INTEGER, Kind.YEAR, Kind.DURATION)
                tiny = 1 if whole else Fraction(1, 10**17 if self.finest else 10**4)
                for base in (*self.numbers, *_NUMBERS):
                    if not self.finest and (abs(base) >= 2**40 or 10**6 % Fraction(base).denominator):
                        continue
                    for number in (base, base - tiny, base + tiny):
                        if whole and Fraction(number).denominator != 1:
                            continue
                        if type_.kind is Kind.YEAR and not 1900 <= number <= 2100:
                            continue
                        if _within(number, field):
                            yield plain(number, type_)

    @staticmethod
    def _moved(day: datetime.date, days: int) -> datetime.date:
        try:
            return day + datetime.timedelta(days=days)
        except OverflowError:
            return day

    @staticmethod
    def _month_before(day: datetime.date) -> datetime.date:
        if (day.year, day.month) == (1, 1):
            return day
        year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
        return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))

    # ---- records

    def record(self, pick: Pick, identity: str | None) -> Record:
        """One record; ``identity``: its 标识, if there is one."""
        blanks = pick.one((0, 15, 40, 75))
        kind = self.program.objects[self.program.root]
        made = self._row(kind.name, pick, blanks)
        if kind.identity is not None:
            made.pop(kind.identity, None)
            if identity is not None:
                made[kind.identity] = identity
        if kind.parent is not None:
            made[kind.parent] = self._row(kind.parent, pick, blanks)
        return made

    def _row(self, object_: str, pick: Pick, blanks: int) -> Record:
        made: Record = {}
        for name in self.program.fields.get(object_, {}):
            values = self.values[object_, name]
            if values and not pick.chance(blanks):
                made[name] = pick.one(values)
        for child in self.program.objects[object_].children:
            if child == self.program.root or pick.chance(12 + blanks // 3):
                continue
            made[child] = [self._row(child, pick, blanks) for _ in range(pick.one((0, 1, 2, 2, 3, 9)))]
        return made


def _within(value: Any, field: core.Field | core.Parameter) -> bool:
    low: Any = field.low
    high: Any = field.high
    return (low is None or low <= value) and (high is None or value <= high)


def plain(number: int | Fraction, type_: Any) -> object:
    """A canonical number as a record gives it, in the unit of its field; as text where it is no whole number."""
    value = Fraction(bare_number(number, type_))
    if value.denominator == 1:
        return value.numerator
    digits = value.denominator
    places = 0
    while digits % 10 and 10**places % digits:
        places += 1
        if places > 60:
            return str(round(value, 12).numerator)
    while 10**places % digits:
        places += 1
    scaled = abs(value.numerator) * 10**places // digits
    text = str(scaled).rjust(places + 1, "0")
    return ("-" if value < 0 else "") + f"{text[:-places]}.{text[-places:]}"
