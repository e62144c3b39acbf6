"""A typed program as bytes, and back: plain tables of numbers and texts, never code.

Why this exists: checking a stack takes a hundred times as long as reading what came of it. Objects are written by class,
field by field, as columns of places in one table, so that reading makes thousands of them without a step of Python for
each. There is nothing in the bytes that could be run, and no class is named in them. The classes of programs are imported where
bytes hold one: whoever reads findings and pins alone waits for none of them.

Invariants: what is read is equal to what was written, places in texts included, and shares what was shared, since engines
tell nodes apart by identity; the same program gives the same bytes; what this module does not know is refused when it is
written. Bytes that somebody changed may raise anything or give anything: whoever reads asks first whether they are its own.
"""

from __future__ import annotations

import dataclasses
import datetime
import gc
import json
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cache
from itertools import islice, repeat
from operator import attrgetter
from typing import Any, Final

from policyrules.diagnostics import Diagnostic, Label
from policyrules.program.pins import Pin
from policyrules.readonly import ReadOnly
from policyrules.source import Source, Span
from policyrules.types import Kind, Type

_ALWAYS: Final[tuple[type, ...]] = (Span, Type, Label, Diagnostic, Pin)


@cache
def classes() -> tuple[type, ...]:
    """Every class of which there may be objects, in the order of their numbers."""
    from policyrules.program import nodes

    home = f"{nodes.__package__}."
    own = (one for one in vars(nodes).values() if isinstance(one, type) and one.__module__.startswith(home))
    return (*_ALWAYS, *(one for one in own if dataclasses.is_dataclass(one)))


@cache
def _names(cls: type) -> tuple[str, ...]:
    return tuple(one.name for one in dataclasses.fields(cls))


def _setters(cls: type) -> tuple[Callable[[Any, Any], None], ...]:
    # The members of a frozen class are set through its slots, as its own constructor does.
    return tuple(cls.__dict__[name].__set__ for name in _names(cls))


_PAIRS: Final[tuple[type, ...]] = (dict, ReadOnly)
_BETWEEN: Final = "\0"


# ---- writing --------------------------------------------------------------------------------------------------------


class _Table:
    """Everything below some values, each object once. A place says which group and which of it, until all are known."""

    def __init__(self) -> None:
        self.texts: dict[str, int] = {}
        self.values: dict[tuple[type, object], int] = {}
        self.sources: list[Source] = []
        from policyrules.operators import Operator

        self.operator = Operator
        self.numbers = {cls: number for number, cls in enumerate(classes())}
        self.objects: list[list[object]] = [[] for _ in self.numbers]
        self.columns: list[list[list[int]]] = [[[] for _ in _names(cls)] for cls in self.numbers]
        self.tuples: list[list[int]] = []
        self.pairs: list[tuple[int, list[int]]] = []
        # The values that were given hold everything below them, so that no identity is used again.
        self._known: dict[int, int] = {}

    def place(self, value: object) -> int:
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = self._placed(value)
        return known

    def _placed(self, value: Any) -> int:
        kind = type(value)
        if kind is str:
            return _TEXT + self.texts.setdefault(value, len(self.texts))
        if kind in _PLAIN or kind is self.operator:
            return _VALUE + self.values.setdefault((kind, value), len(self.values))
        if kind is Source:
            self.sources.append(value)
            return _SOURCE + len(self.sources) - 1
        if kind is tuple:
            parts = list(map(self.place, value))
            if any(_PAIR <= part < _OBJECT for part in parts):
                raise TypeError("a mapping in a tuple")
            self.tuples.append(parts)
            return _TUPLE + len(self.tuples) - 1
        if kind in _PAIRS:
            self.pairs.append((_PAIRS.index(kind), [self.place(part) for pair in value.items() for part in pair]))
            return _PAIR + len(self.pairs) - 1
        number = self.numbers[kind]
        self.objects[number].append(value)
        return _OBJECT + number * _GROUP + len(self.objects[number]) - 1

    def fill(self) -> None:
        """Place what the fields of the objects hold, until nothing new comes."""
        done = [0] * len(self.objects)
        while any(len(objects) > at for objects, at in zip(self.objects, done, strict=True)):
            for (cls, number), objects in zip(self.numbers.items(), self.objects, strict=True):
                new = objects[done[number] :]
                done[number] += len(new)
                for name, column in zip(_names(cls), self.columns[number], strict=True):
                    column.extend(map(self.place, map(attrgetter(name), new)))


_GROUP: Final = 1 << 32
_TEXT, _VALUE, _SOURCE, _TUPLE, _PAIR, _OBJECT = (number * _GROUP for number in range(6))
_PLAIN: Final = frozenset({type(None), bool, int, Fraction, datetime.date, Kind, frozenset})


def encoded(*values: object) -> tuple[bytes, tuple[Source, ...]]:
    """``values`` (programs, findings, pins) as bytes, and the sources that they speak of, which the bytes do not hold.

    Raises `KeyError`, `TypeError` or `ValueError` where something in them is not known here.
    """
    table = _Table()
    roots = [table.place(value) for value in values]
    table.fill()
    sizes = {_TEXT: len(table.texts), _VALUE: len(table.values), _SOURCE: len(table.sources)}
    sizes |= {_OBJECT + number * _GROUP: len(objects) for number, objects in enumerate(table.objects)}
    sizes |= {_TUPLE: len(table.tuples), _PAIR: len(table.pairs)}
    starts: dict[int, int] = {}
    total = 0
    for group, size in sizes.items():
        starts[group // _GROUP] = total
        total += size

    def flat(places: Iterable[int]) -> list[int]:
        return [starts[place >> 32] + (place & 0xFFFF_FFFF) for place in places]

    numbers = array("I" if total > 0xFFFF else "H")
    numbers.extend(len(parts) for parts in table.tuples)
    for parts in table.tuples:
        numbers.extend(flat(parts))
    for _, parts in table.pairs:
        numbers.extend(flat(parts))
    for columns in table.columns:
        for column in columns:
            numbers.extend(flat(column))
    if any(_BETWEEN in text for text in table.texts):
        raise ValueError("a text that holds what stands between texts")
    head = json.dumps(
        {
            "code": numbers.typecode,
            "texts": len(table.texts),
            "values": [_written(kind, value) for kind, value in table.values],
            "objects": _without_last_zeros([len(objects) for objects in table.objects]),
            "tuples": len(table.tuples),
            "pairs": [[kind, len(parts)] for kind, parts in table.pairs],
            "roots": flat(roots),
        }
    ).encode()
    texts = _BETWEEN.join(table.texts).encode("utf-8", "surrogatepass")
    lengths = array("I", (len(head), len(texts)))
    return b"".join((lengths.tobytes(), head, texts, numbers.tobytes())), tuple(table.sources)


def _without_last_zeros(counts: list[int]) -> list[int]:
    while counts and not counts[-1]:
        counts.pop()
    return counts


def _written(kind: type, value: Any) -> object:
    if kind is Fraction:
        return ["fraction", value.numerator, value.denominator]
    if kind is datetime.date:
        return ["date", value.isoformat()]
    if kind is Kind:
        return ["kind", value.value]
    if kind is frozenset:
        if not all(type(item) is str for item in value):
            raise TypeError("a set of something else than texts")
        return ["set", sorted(value)]
    return value if kind in (type(None), bool, int) else ["operator", value.name]


# ---- reading --------------------------------------------------------------------------------------------------------


def decoded(data: bytes, sources: Sequence[Source]) -> list[Any]:
    """What `encoded` was given, from what it gave. Raises anything where ``data`` is not what it gave."""
    # Thousands of new objects, none of them garbage: looking for some would take longer than making them.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _decoded(data, sources)
    finally:
        if collecting:
            gc.enable()


def _decoded(data: bytes, sources: Sequence[Source]) -> list[Any]:
    lengths = array("I", data[: 2 * array("I").itemsize])
    begin = 2 * lengths.itemsize
    middle, end = begin + lengths[0], begin + lengths[0] + lengths[1]
    head = json.loads(data[begin:middle])
    texts = data[middle:end].decode("utf-8", "surrogatepass").split(_BETWEEN) if head["texts"] else []
    numbers = array(head["code"])
    numbers.frombytes(memoryview(data)[end:])
    if len(texts) != head["texts"] or sum(head["objects"]) > len(numbers):
        raise ValueError("another number of texts or objects")
    table: list[Any] = [*texts, *map(_value, head["values"]), *sources]
    first = len(table)
    counts = head["objects"]
    kinds = _ALWAYS if len(counts) <= len(_ALWAYS) else classes()
    if len(counts) > len(kinds):
        raise ValueError("objects of no known class")
    for cls, count in zip(kinds, counts, strict=False):
        table.extend(map(object.__new__, repeat(cls, count)))
    # Tuples hold texts, objects and earlier tuples; the table grows while they are read.
    sizes = numbers[: head["tuples"]]
    rest = map(table.__getitem__, islice(numbers, len(sizes), None))
    append = table.append
    for size in sizes:
        append(tuple(islice(rest, size)))
    used = len(sizes) + sum(sizes)
    for kind, count in head["pairs"]:
        append(_PAIRS[kind](zip(*[map(table.__getitem__, numbers[used : used + count])] * 2, strict=True)))
        used += count
    for cls, count in zip(kinds, counts, strict=False):
        if count:
            objects = table[first : first + count]
            first += count
            for setter in _setters(cls):
                deque(map(setter, objects, map(table.__getitem__, numbers[used : used + count])), 0)
                used += count
    if used != len(numbers):
        raise ValueError("another number of places")
    return [table[place] for place in head["roots"]]


def _value(written: Any) -> object:
    if not isinstance(written, list):
        return written
    match written:
        case ["fraction", numerator, denominator]:
            return Fraction(numerator, denominator)
        case ["date", text]:
            return datetime.date.fromisoformat(text)
        case ["kind", word]:
            return Kind(word)
        case ["operator", name]:
            from policyrules.operators import OPERATORS

            return OPERATORS[name]
        case ["set", items]:
            return frozenset(items)
        case _:
            raise ValueError("a value of no known kind")
