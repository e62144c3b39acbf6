"""A circuit worked out for one record under all selections of acts at once.

Why this exists: what a record comes to under each selection is asked for; all that differs between them are switches, so every
bit of the circuit is a set of selections (`analysis.lattice`) and every number one for each set of them.

Invariants: a selection is in the set of a bit where the circuit gives that bit under it; what is not there ("anything") is `NOTHING`,
which nothing decides by; what cannot be told so is refused (`Unfit`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Generic, Protocol, Self, TypeAlias, TypeVar, assert_never

from policyrules.analysis.lattice import Plane, Selections, Unfit
from policyrules.engine import values as v
from policyrules.engine.compiled.parts import PARTS, parts_of
from policyrules.engine.instances import Instance, ascend, unlisted_row
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.functions import functions
from policyrules.engine.lowering.nodes import PARAMETERS
from policyrules.engine.prepared import Engine

Element: TypeAlias = tuple[Instance, ...]
"""An element of a space: the record, and the row of each space that is around it."""
T = TypeVar("T")


class Cases(Protocol):
    """A set of cases: of selections (`lattice`), or of numbered columns as the bits of a whole number."""

    def __and__(self, other: Self, /) -> Self: ...
    def __or__(self, other: Self, /) -> Self: ...


P = TypeVar("P", bound=Cases)
Split: TypeAlias = dict[Any, Plane]
"""What something comes to, each with the selections under which it does."""
Counts: TypeAlias = Callable[[str, Instance, Instance], dict[v.Abstract, Plane]]
"""A statistic, by name, the record and the instance that asks."""

MOST: Final = 2000
"""Different values that one number may come to."""


class Nothing:
    """What is not there."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = Nothing()


class Shape:
    """What some nodes read of a record: records that are alike in it come to the same."""

    def __init__(self, roots: Iterable[n.Bit | n.Num], root: n.Space) -> None:
        nodes = n.reachable(roots)
        self.root = root
        self.told = [node for node in nodes if isinstance(node, n.Told)]
        self.counted = [node for node in nodes if isinstance(node, n.Counted)]
        self._cells: dict[n.Space, dict[n.Place, dict[str, None]]] = {root: {}}
        self._lists: dict[n.Space, dict[tuple[n.Place, str], None]] = {}
        self._inside: dict[n.Space, dict[n.Space, None]] = {}
        self._latest: Instance | None = None
        self._number = 0
        self._numbers: dict[tuple[object, ...], int] = {}
        for node in nodes:
            for cell in n.cells_of(node):
                if cell.object != PARAMETERS:
                    self._cells.setdefault(cell.place.space, {}).setdefault(cell.place, {})[cell.name] = None
                    self._room(cell.place.space)
            match node:
                case n.HasList(place=place, object=kind):
                    self._lists.setdefault(place.space, {})[place, kind] = None
                    self._room(place.space)
                case n.SomeRow(rows=rows) | n.RowCount(rows=rows) | n.RowSum(rows=rows) | n.RowExtremum(rows=rows):
                    self._room(rows)
                case _:
                    pass

    def _room(self, space: n.Space) -> None:
        while space.parent is not None:
            self._inside.setdefault(space.parent, {})[space] = None
            space = space.parent

    def of(self, element: Element) -> tuple[object, ...]:
        """What is read of a record, or of an element inside it."""
        if len(element) == 1:
            return self._of(self.root, element)
        if self._latest is not element[0]:
            # What is read of a record with many rows is long: it is looked at once, and known by its number.
            self._latest = element[0]
            self._number = self._numbers.setdefault(self._of(self.root, element[:1]), len(self._numbers))
        return self._number, element[-1].path

    def _of(self, space: n.Space, element: Element) -> tuple[object, ...]:
        cells: list[object] = []
        for place, names in self._cells.get(space, {}).items():
            held = tuple(map(at(place, element).values.get, names))
            # True and 1 are not the same.
            cells += (held, tuple(map(type, held)))
        lists = tuple([at(place, element).rows.get(kind) is None for place, kind in self._lists.get(space, ())])
        inside = tuple(
            [tuple([self._of(rows, one) for one in within(rows, element)]) for rows in self._inside.get(space, ())]
        )
        return (*cells, lists, inside)


def at(place: n.Place, element: Element) -> Instance:
    """The instance at a place."""
    space = place.space
    instance = element[0 if space.parent is None else space.depth]
    if place.up:
        instance = ascend(instance, place.up)
    for kind in place.below:
        instance = unlisted_row(instance, kind)
    return instance


def within(space: n.Space, outer: Element) -> Iterator[Element]:
    """The elements of a space inside an element of one around it."""
    assert space.parent is not None and space.source is not None
    outer = outer[: space.parent.depth + 1]
    without = None if space.without is None else outer[space.without.depth]
    for row in at(space.source, outer).rows.get(space.object) or ():
        if row is not without:
            yield (*outer, row)


def elements(space: n.Space, root: Instance) -> Iterator[Element]:
    """All elements of a space in a record."""
    if space.parent is None:
        yield (root,)
        return
    for outer in elements(space.parent, root):
        yield from within(space, outer)


class Planes(Generic[P]):
    """A record in many cases at once: a set of cases for every bit. ``full`` and ``none``: all of them and none; ``on``: of each switch,
    by its name, those in which it is on; ``counts``: what statistics come to."""

    def __init__(
        self,
        engine: Engine,
        full: P,
        none: P,
        on: Mapping[str, P],
        root: Instance,
        counts: Callable[[str, Instance, Instance], dict[v.Abstract, P]],
    ) -> None:
        self._on = on
        self._full, self._none = full, none
        self._root = root
        self._counts = counts
        self._functions = functions(engine.working_days)
        self._found: dict[int | tuple[int, Element], Any] = {}

    def _without(self, plane: P) -> P:
        """The cases that are not in a set."""
        raise NotImplementedError

    # ---- bits

    def bit(self, node: n.Bit, element: Element) -> P:
        """The selections under which a bit is true."""
        space = node.space
        if space is None or space.parent is None:
            key: int | tuple[int, Element] = node.id
            own = element[:1]
        else:
            own = element[: space.depth + 1]
            key = (node.id, own)
        found: P | None = self._found.get(key)
        if found is None:
            found = self._found[key] = self._bit(node, own)
        return found

    def _union(self, planes: Iterable[P]) -> P:
        found = self._none
        for plane in planes:
            found |= plane
        return found

    def _known(self, truth: bool) -> P:
        return self._full if truth else self._none

    def _bit(self, node: n.Bit, element: Element) -> P:
        match node:
            # The most frequent first.
            case n.AllOf(bits=bits):
                plane = self._full
                for bit in bits:
                    plane &= self.bit(bit, element)
                    if not plane:
                        break
                return plane
            case n.AnyOf(bits=bits):
                plane = self._none
                for bit in bits:
                    plane |= self.bit(bit, element)
                    if plane == self._full:
                        break
                return plane
            case n.Neg(bit=bit):
                return self._without(self.bit(bit, element))
            case n.Fixed(value=value):
                return self._known(value)
            case n.In(cell=cell, values=values, rest=rest):
                if cell.object == PARAMETERS:
                    on = self._on[cell.name]
                    yes, no = ((truth in values) is not rest for truth in (True, False))
                    return self._known(yes) if yes is no else on if yes else self._without(on)
                held = cell_value(cell, element)
                return self._known(any(type(held) is type(one) and held == one for one in values) is not rest)
            case n.Holds(cell=cell, item=item):
                return self._known(item in (cell_value(cell, element) or ()))
            case n.HoldsOther(cell=cell, items=items):
                return self._known(any(one not in items for one in cell_value(cell, element) or ()))
            case n.Meets(left=left, right=right):
                return self._known(
                    not frozenset(cell_value(left, element) or ()).isdisjoint(cell_value(right, element) or ())
                )
            case n.SameText(left=left, right=right):
                text = cell_value(left, element)
                return self._known(text is not None and text == cell_value(right, element))
            case n.Compare(order=order, left=left, right=right):
                both = self._both(self.number(left, element), self.number(right, element), ORDERS[order])
                return both.get(True, self._none)
            case n.Enough(count=count, bits=bits):
                held_by = self._how_many([self.bit(bit, element) for bit in bits])
                return self._union(plane for number, plane in held_by.items() if number >= count)
            case n.SomeRow(rows=rows, bit=bit):
                return self._union(self.bit(bit, inner) for inner in within(rows, element))
            case n.HasList(place=place, object=kind):
                return self._known(at(place, element).rows.get(kind) is not None)
            case n.Switch():
                raise AssertionError("switches are parameters here")
            case n.ComesTo():
                raise AssertionError("decisions are not looked up here")
            case n.Defined(call=call):
                return self._without(self._called(call, element).get(None, self._none))
            case n.BitOf(value=value, part=part):
                truth = part in ("true", "possible")
                told = self._foreign(value, element)
                return self._union(
                    plane for one, plane in told.items() if parts_of(one, truth=truth, day=False)[PARTS[part]]
                )
            case _:
                assert_never(node)

    # ---- numbers

    def number(self, node: n.Num, element: Element) -> dict[Any, P]:
        """What a number comes to."""
        space = node.space
        if space is None or space.parent is None:
            key: int | tuple[int, Element] = node.id
            own = element[:1]
        else:
            own = element[: space.depth + 1]
            key = (node.id, own)
        found: dict[Any, P] | None = self._found.get(key)
        if found is None:
            found = self._found[key] = self._number(node, own)
            if len(found) > MOST:
                raise Unfit
        return found

    def _number(self, node: n.Num, element: Element) -> dict[Any, P]:
        match node:
            case n.Const(value=value):
                return {value: self._full}
            case n.Read(cell=cell):
                held = cell_value(cell, element)
                return {NOTHING if held is None else held: self._full}
            case n.SizeOf(cell=cell):
                held = cell_value(cell, element)
                return {NOTHING if held is None else len(held): self._full}
            case n.Linear(constant=constant, terms=terms):
                total: dict[Any, P] = {constant: self._full}
                for factor, number in terms:
                    total = self._both(total, _times(factor, self.number(number, element)), _plus)
                return total
            case n.Times(left=left, right=right):
                return self._both(
                    self.number(left, element), self.number(right, element), lambda one, other: one * other
                )
            case n.Over(left=left, right=right):
                return self._both(self.number(left, element), self.number(right, element), _quotient)
            case n.Extremum(largest=largest, numbers=numbers):
                meaning: Callable[[Any, Any], Any] = max if largest else min
                found = self.number(numbers[0], element)
                for number in numbers[1:]:
                    found = self._both(found, self.number(number, element), meaning)
                return found
            case n.Choice(bit=bit, yes=yes, no=no):
                plane = self.bit(bit, element)
                return self._either(plane, lambda: self.number(yes, element), lambda: self.number(no, element))
            case n.HowMany(bits=bits):
                return self._how_many([self.bit(bit, element) for bit in bits])
            case n.RowCount(rows=rows, bit=bit):
                return self._how_many([self.bit(bit, inner) for inner in within(rows, element)])
            case n.RowSum(rows=rows, bit=bit, number=number):
                return self._of_rows(rows, bit, number, element, {0: self._full}, _plus)
            case n.RowExtremum(largest=largest, rows=rows, bit=bit, number=number):
                further: Callable[[Any, Any], Any] = max if largest else min
                found = self._of_rows(
                    rows, bit, number, element, {None: self._full}, lambda one, other: _further(further, one, other)
                )
                return {NOTHING if one is None else one: plane for one, plane in found.items()}
            case n.Call():
                return {NOTHING if one is None else one: plane for one, plane in self._called(node, element).items()}
            case n.NumOf(value=value, part=part):
                end: dict[Any, P] = {}
                for one, plane in self._foreign(value, element).items():
                    low, high, _ = v.bounds(one)
                    bound = low if part == "low" else high
                    add(end, NOTHING if bound is None else bound, plane)
                return end
            case _:
                assert_never(node)

    def _of_rows(
        self,
        rows: n.Space,
        bit: n.Bit,
        number: n.Num,
        element: Element,
        start: dict[Any, P],
        meaning: Callable[[Any, Any], Any],
    ) -> dict[Any, P]:
        found = start
        for inner in within(rows, element):
            plane, so_far = self.bit(bit, inner), found
            if plane:
                found = self._either(
                    plane,
                    lambda before=so_far, row=inner: self._both(before, self.number(number, row), meaning),  # type: ignore[misc]  # what a lambda keeps has no type
                    lambda before=so_far: before,  # type: ignore[misc]  # what a lambda keeps has no type
                )
                if len(found) > MOST:
                    raise Unfit
        return found

    def _either(self, plane: P, yes: Callable[[], dict[Any, P]], no: Callable[[], dict[Any, P]]) -> dict[Any, P]:
        found: dict[Any, P] = {}
        for chosen, split in ((plane, yes), (self._without(plane), no)):
            if chosen:
                for one, there in split().items():
                    if both := there & chosen:
                        add(found, one, both)
        return found

    @staticmethod
    def _both(left: dict[Any, P], right: dict[Any, P], meaning: Callable[[Any, Any], Any]) -> dict[Any, P]:
        found: dict[Any, P] = {}
        for one, here in left.items():
            for other, there in right.items():
                both = here & there
                if both:
                    gone = one is NOTHING or other is NOTHING
                    add(found, NOTHING if gone else meaning(one, other), both)
        return found

    def _how_many(self, planes: Sequence[P]) -> dict[Any, P]:
        sure = sum(plane == self._full for plane in planes)
        found: dict[int, P] = {sure: self._full}
        for plane in planes:
            if plane and plane != self._full:
                before, found = found, {}
                for count, there in before.items():
                    if more := there & plane:
                        add(found, count + 1, more)
                    if same := there & self._without(plane):
                        add(found, count, same)
        return found

    def _called(self, call: n.Call, element: Element) -> dict[Any, P]:
        function = self._functions[call.name]
        given: dict[Any, P] = {(): self._full}
        for number in call.arguments:
            given = self._both(given, self.number(number, element), lambda before, one: (*before, one))
        found: dict[Any, P] = {}
        for arguments, plane in given.items():
            add(found, NOTHING if arguments is NOTHING else function(*arguments, *call.fixed), plane)
        return found

    def _foreign(self, node: n.Foreign, element: Element) -> dict[v.Abstract, P]:
        if isinstance(node, n.Told):
            raise AssertionError("what the definition tells is refused beforehand")
        return self._counts(node.name, self._root, at(node.place, element))


class Selected(Planes[Plane]):
    """A record under all selections of acts."""

    def __init__(
        self, engine: Engine, sets: Selections, on: Mapping[str, Plane], root: Instance, counts: Counts
    ) -> None:
        super().__init__(engine, sets.full, sets.none, on, root, counts)

    def _without(self, plane: Plane) -> Plane:
        return ~plane


def cell_value(cell: n.Cell, element: Element) -> Any:
    """What a cell of a record holds; None for a blank."""
    return at(cell.place, element).values.get(cell.name)


def add(found: dict[T, P], value: T, plane: P) -> None:
    """Say of more selections that something comes to a value."""
    before = found.get(value)
    found[value] = plane if before is None else before | plane


def _plus(left: Any, right: Any) -> Any:
    return left + right


def _times(factor: Any, split: dict[Any, P]) -> dict[Any, P]:
    return {one if one is NOTHING else factor * one: plane for one, plane in split.items()}


def _quotient(left: Any, right: Any) -> Any:
    from fractions import Fraction

    return NOTHING if right == 0 else Fraction(left) / right


def _further(meaning: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
    return other if one is None else meaning(one, other)


ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": lambda one, other: one < other,
    "≤": lambda one, other: one <= other,
    "=": lambda one, other: one == other,
}
