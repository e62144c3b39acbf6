"""Where a value has elements: once, for each county, for each record, for each row, for each pair of rows.

Why this exists: a node of a circuit has one value for each element of its space, but mostly reads less than that: what only
looks at the county is worked out once a county, what only looks at the inner of two rows once a row.

Invariants: a domain is the axes that a value depends on, and those that they need; of the axes the first is the base
(records, what they belong to, or sets of parameters), each other is of rows and lies inside those before it; elements are
ordered by the axes, rows as their table has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from policyrules.columns.bits import Array
from policyrules.columns.store import Table
from policyrules.engine.lowering.nodes import PARAMETERS, Place, Space


@dataclass(frozen=True, slots=True)
class Base:
    """The records (``up`` 0), what they belong to, ``up`` steps above, or sets of parameters (-1)."""

    up: int


Axis: TypeAlias = Base | Space
Domain: TypeAlias = tuple[Axis, ...]
"""Axes, outermost first; none: the same everywhere."""

RECORD: Final = Base(0)
PARAMETER: Final = Base(-1)
NOWHERE: Final[Domain] = ()
RECORDS: Final[Domain] = (RECORD,)


def axis_of(place: Place) -> Axis:
    """The axis that the instances at a place are on."""
    return Base(place.up) if place.space.source is None else place.space


def domain_of(axes: Iterable[Axis]) -> Domain:
    """The domain of what depends on ``axes``."""
    bases: set[int] = set()
    spaces: dict[Space, None] = {}
    waiting = list(axes)
    while waiting:
        axis = waiting.pop()
        if isinstance(axis, Base):
            bases.add(axis.up)
        elif axis not in spaces:
            spaces[axis] = None
            assert axis.source is not None, axis
            waiting.append(axis_of(axis.source))
            if axis.without is not None and axis.without.source is not None:
                waiting.append(axis.without)
    if not bases:
        return ()
    # A record has one county; a county and a set of parameters meet in a record.
    base = 0 if len(bases) > 1 and -1 in bases else min(bases)
    return (Base(base), *sorted(spaces, key=lambda space: space.depth))


def joined(domains: Iterable[Domain]) -> Domain:
    """The domain of what depends on all that these do."""
    found = NOWHERE
    for domain in domains:
        if domain and domain != found:
            found = domain_of((*found, *domain)) if found else domain
    return found


def outer(domain: Domain) -> Domain:
    """The domain around the innermost axis."""
    return domain_of(domain[:-1])


@dataclass(slots=True)
class Elements:
    """The elements of a domain: how many; of each the row of its table, by its innermost axis (``row``, None: the same
    number); ``starts``: where those of each element of the domain around it begin, and the last end."""

    count: int
    row: Array | None = None
    starts: Array | None = None
    _parent: Array | None = None

    @property
    def parent(self) -> Array:
        """Of each the element of the domain around it."""
        if self._parent is None:
            assert self.starts is not None
            self._parent = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        return self._parent


class Layout:
    """The domains of one block of records. ``tables``: of the block; ``sets``: of each record its set of parameters."""

    def __init__(self, tables: Mapping[str, Table], line: tuple[str, ...], sets: Array | None) -> None:
        self.tables = tables
        self.line = line
        """The object of the records, and those above it."""
        self.sets = sets
        self._elements: dict[Domain, Elements] = {}
        self._maps: dict[tuple[Domain, Domain], Array | None] = {}

    def count(self, domain: Domain) -> int:
        """How many elements there are."""
        return self.elements(domain).count if domain else 1

    def elements(self, domain: Domain) -> Elements:
        """The elements of a domain."""
        found = self._elements.get(domain)
        if found is None:
            found = self._elements[domain] = self._made(domain)
        return found

    def cut(self, records: int) -> Kept:
        """How many elements are of the first ``records``."""
        return Kept(self, records)

    def _made(self, domain: Domain) -> Elements:
        axis = domain[-1]
        if isinstance(axis, Base):
            table = self.tables.get(PARAMETERS if axis == PARAMETER else self.line[axis.up])
            return Elements(0 if table is None else table.rows)
        assert axis.source is not None
        around = outer(domain)
        count = self.count(around)
        table = self.tables.get(axis.object)
        if table is None or table.starts is None:
            return Elements(0, None, np.zeros(count + 1, np.int64))
        owners = self.rows(around, axis_of(axis.source))
        starts = table.starts
        alone = axis.without is not None and axis.without.object == axis.object
        if owners is None and not alone:
            return Elements(int(starts[-1]), None, starts)
        first, last = (starts[:-1], starts[1:]) if owners is None else (starts[owners], starts[owners + 1])
        counts = last - first
        skipped: Array | None = None
        if alone:
            assert axis.without is not None
            own = self.rows(around, axis.without)
            skipped = np.arange(count) if own is None else own
            # What is not among them is none that is left out.
            skipped = np.where((first <= skipped) & (skipped < last), skipped, np.iinfo(np.int64).max)
            counts -= skipped < last
        starts = np.zeros(count + 1, np.int64)
        np.cumsum(counts, out=starts[1:])
        row = np.repeat(first - starts[:-1], counts)
        row += np.arange(len(row))
        if skipped is not None:
            row += row >= np.repeat(skipped, counts)
        return Elements(len(row), row, starts)

    def rows(self, domain: Domain, axis: Axis) -> Array | None:
        """Of each element the row of the table that an axis is of; None: the same number."""
        last = domain[-1]
        if isinstance(last, Base):
            if last == axis:
                return None
            assert isinstance(axis, Base)
            if axis == PARAMETER:
                assert self.sets is not None
                return self.sets
            found: Array | None = None
            for up in range(last.up, axis.up):
                step = self.tables[self.line[up]].above
                assert step is not None
                found = step.astype(np.intp) if found is None else step[found]
            return found
        if last == axis:
            return self.elements(domain).row
        parent = self.elements(domain).parent
        inner = self.rows(outer(domain), axis)
        return parent if inner is None else inner[parent]

    def map(self, inner: Domain, target: Domain) -> Array | None:
        """Of each element of ``inner`` the element of ``target``, a domain it depends on; None: the same number."""
        if inner == target:
            return None
        key = (inner, target)
        if key not in self._maps:
            self._maps[key] = self._mapped(inner, target)
        return self._maps[key]

    def _mapped(self, inner: Domain, target: Domain) -> Array | None:
        last = inner[-1]
        if isinstance(last, Base):
            assert isinstance(target[-1], Base)
            return self.rows(inner, target[-1])
        own = self.elements(inner)
        assert own.starts is not None
        if target[-1] != last:
            around = self.map(outer(inner), target)
            return own.parent if around is None else around[own.parent]
        around = self.map(outer(inner), outer(target))
        if around is None:
            return None
        theirs = self.elements(target).starts
        assert theirs is not None
        place = np.arange(own.count) - own.starts[own.parent]
        found: Array = theirs[around[own.parent]] + place
        return found


@dataclass(frozen=True, slots=True)
class Kept:
    """The first ``records`` of a layout."""

    layout: Layout
    records: int

    def count(self, domain: Domain) -> int:
        """How many elements are of them."""
        if not domain or domain[0] != RECORD:
            return self.layout.count(domain)
        if len(domain) == 1:
            return self.records
        starts = self.layout.elements(domain).starts
        assert starts is not None
        return int(starts[self.count(outer(domain))])
