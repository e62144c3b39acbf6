"""The nodes of a circuit: two-valued operations on bits and exact numbers.

Why this exists: the definition speaks in three values, intervals, candidates and rows. Lowering says once, in nodes of about
thirty kinds, what all of that is in terms of bits and numbers; a fast engine is a small table over these nodes.

Invariants:

* a node is made once: two nodes of one `Circuit` with the same content are the same object; operands are made before what
  reads them, so ``id`` is a topological order;
* every node is total: of a cell that is blank `Read` is any number, and nothing that decides anything reads it;
* a node belongs to one space, the innermost its operands belong to; the spaces of its operands lie on one line;
* what a user wrote is in constants only.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import field
from fractions import Fraction
from typing import Any as AnyValue
from typing import Final, Literal, TypeAlias

from policyrules.frozen import frozen, single
from policyrules.program import nodes as core
from policyrules.types import Kind, Number, Value

Exact: TypeAlias = int | Fraction | datetime.date
Order: TypeAlias = Literal["<", "≤", "="]

PARAMETERS: Final = "参数"
"""The object of the cells that stand for parameters."""

# ---- where things are -----------------------------------------------------------------------------------------------


@frozen
class Space:
    """What a node has one value for. The outermost are the records (``parent`` None); a space inside another has an element
    for each row of ``object`` that the instance at ``source`` of an outer element has, but for the row of the space
    ``without`` (其他)."""

    object: str
    parent: Space | None = None
    source: Place | None = None
    without: Space | None = None

    @property
    def depth(self) -> int:
        """How many spaces are around it."""
        return 0 if self.parent is None else self.parent.depth + 1

    def within(self, other: Space) -> bool:
        """Whether it is ``other`` or lies inside it."""
        space: Space | None = self
        while space is not None:
            if space == other:
                return True
            space = space.parent
        return False


@frozen
class Place:
    """An instance, seen from the elements of ``space``: the element itself, or what a record belongs to, ``up`` steps above.
    ``below``: of a list that was not supplied the row that stands for its rows, by kinds; ``listed``: such a row as one that
    was listed with nothing filled in."""

    space: Space
    up: int = 0
    below: tuple[str, ...] = ()
    listed: bool = False

    def above(self, steps: int) -> Place:
        """The instance ``steps`` above."""
        if steps == 0:
            return self
        if self.below:
            rest = self.below[:-1]
            return Place(self.space, self.up, rest, self.listed and bool(rest)).above(steps - 1)
        if self.space.source is not None:
            return self.space.source.above(steps - 1)
        return Place(self.space, self.up + steps)

    @property
    def unlisted(self) -> bool:
        """Whether only what is above it is known."""
        return bool(self.below) and not self.listed


@frozen
class Cell:
    """A cell of a record, of one of its rows, or of what it belongs to; or a parameter that varies (``object`` 参数)."""

    place: Place
    object: str
    name: str
    field: core.Field | core.Parameter = field(compare=False, repr=False)

    @property
    def kind(self) -> Kind:
        """The kind of its type."""
        return self.field.type.kind

    @property
    def domain(self) -> frozenset[Value | None] | None:
        """What it may hold, blank (None) included; None where that is not a list."""
        if self.kind is Kind.BOOL:
            return frozenset({True, False, None})
        if self.kind is Kind.ENUM and self.field.type.values is not None:
            return frozenset({*self.field.type.values, None})
        return None


# ---- bits -----------------------------------------------------------------------------------------------------------


@single
class Node:
    """What all nodes have: their place in the order, and the space they belong to (None: the same everywhere)."""

    id: int
    space: Space | None


@single
class Fixed(Node):
    """True, or false."""

    value: bool


@single
class In(Node):
    """Whether a cell holds one of ``values`` (None stands for a blank); where ``rest``, whether it holds none of them. A cell
    with a short domain has ``rest`` False, one with a long domain is asked for the fewer values; numbers, dates and sets are asked
    for a blank only."""

    cell: Cell
    values: frozenset[Value | None]
    rest: bool


@single
class Holds(Node):
    """Whether the set in a cell holds ``item``; false of a blank."""

    cell: Cell
    item: str


@single
class HoldsOther(Node):
    """Whether the set in a cell holds something that is not among ``items``; false of a blank."""

    cell: Cell
    items: frozenset[str]


@single
class Meets(Node):
    """Whether two cells hold sets that share a text; false where one is blank."""

    left: Cell
    right: Cell


@single
class SameText(Node):
    """Whether two cells hold the same text, neither being blank."""

    left: Cell
    right: Cell


@single
class Compare(Node):
    """Whether two numbers, or two days, stand in an order."""

    order: Order
    left: Num
    right: Num


@single
class Neg(Node):
    """Not."""

    bit: Bit


@single
class AllOf(Node):
    """All of two bits or more."""

    bits: tuple[Bit, ...]


@single
class AnyOf(Node):
    """Any of two bits or more."""

    bits: tuple[Bit, ...]


@single
class Enough(Node):
    """Whether at least ``count`` of the bits are true."""

    count: int
    bits: tuple[Bit, ...]


@single
class SomeRow(Node):
    """Whether ``bit`` is true of one of the rows of ``rows``, a space inside its own."""

    rows: Space
    bit: Bit


@single
class HasList(Node):
    """Whether the list of rows of ``object`` was supplied to an instance."""

    place: Place
    object: str


@single
class Switch(Node):
    """Whether a provision is there: an input, by its name."""

    name: str


@single
class Defined(Node):
    """Whether a function of dates has a value."""

    call: Call


ValuePart: TypeAlias = Literal["true", "possible", "low", "high", "open_low", "open_high", "void", "perhaps_void"]


@single
class ComesTo(Node):
    """Whether a decision comes to one of ``items`` (None: 无), surely or (``sure`` False) possibly; where ``negated``, whether
    it comes to another value. 5.9.18, 5.9.19: of one that does not apply neither."""

    value: Comes
    items: frozenset[str | None]
    negated: bool
    sure: bool


@single
class BitOf(Node):
    """A bit of a value that another engine works out."""

    value: Foreign
    part: ValuePart


Bit: TypeAlias = (
    Fixed
    | In
    | Holds
    | HoldsOther
    | Meets
    | SameText
    | Compare
    | Neg
    | AllOf
    | AnyOf
    | Enough
    | SomeRow
    | HasList
    | Switch
    | Defined
    | ComesTo
    | BitOf
)

# ---- numbers --------------------------------------------------------------------------------------------------------


@single
class Const(Node):
    """A number or a day."""

    value: Exact


@single
class Read(Node):
    """The number or the day in a cell; of a blank one anything."""

    cell: Cell


@single
class Linear(Node):
    """``constant`` and multiples of numbers, added up."""

    constant: Number
    terms: tuple[tuple[Number, Num], ...]


@single
class Times(Node):
    """A product."""

    left: Num
    right: Num


@single
class Over(Node):
    """A quotient; where the divisor is 0 anything."""

    left: Num
    right: Num


@single
class Extremum(Node):
    """The least or the greatest of two numbers or more."""

    largest: bool
    numbers: tuple[Num, ...]


@single
class Choice(Node):
    """One number where ``bit`` is true, another where it is not."""

    bit: Bit
    yes: Num
    no: Num


@single
class HowMany(Node):
    """How many of the bits are true."""

    bits: tuple[Bit, ...]


@single
class SizeOf(Node):
    """How many values the set in a cell holds; of a blank one anything."""

    cell: Cell


@single
class RowCount(Node):
    """How many rows of ``rows`` meet ``bit``."""

    rows: Space
    bit: Bit


@single
class RowSum(Node):
    """What ``number`` adds up to over the rows of ``rows`` that meet ``bit``."""

    rows: Space
    bit: Bit
    number: Num


@single
class RowExtremum(Node):
    """The least or the greatest ``number`` of the rows that meet ``bit``; of none anything."""

    largest: bool
    rows: Space
    bit: Bit
    number: Num


@single
class Call(Node):
    """A function of dates (`functions`), which may have no value (`Defined`; then it is anything)."""

    name: str
    arguments: tuple[Num, ...]
    fixed: tuple[int, ...]


@single
class NumOf(Node):
    """A bound of a value that another engine works out; where it is open anything."""

    value: Foreign
    part: ValuePart


Num: TypeAlias = (
    Const
    | Read
    | Linear
    | Times
    | Over
    | Extremum
    | Choice
    | HowMany
    | SizeOf
    | RowCount
    | RowSum
    | RowExtremum
    | Call
    | NumOf
)

# ---- what is looked up -----------------------------------------------------------------------------------------------


@single
class Comes(Node):
    """What a decision of one value comes to on the instance at ``place``, by its truths, of each the certain and the possible
    bit: whether it applies, whether each of its values is concluded, whether each of its rankings holds. Only in circuits that
    look decisions up (`Lowering`): others say in bits what it may come to."""

    decision: core.Decision
    place: Place
    truths: tuple[Bit, ...]

    @property
    def pairs(self) -> list[tuple[Bit, Bit]]:
        """The truths, one after the other."""
        return [*zip(self.truths[::2], self.truths[1::2], strict=True)]


# ---- what is not lowered --------------------------------------------------------------------------------------------


@single
class Counted(Node):
    """A 统计, asked by the instance at ``place``: of a whole portfolio, so no operation on one record. ``own``: of a count or a share
    of records whether this one counts, surely and perhaps, and of a share whether it meets 符合; empty where it is not told."""

    name: str
    place: Place
    own: tuple[Bit, ...]


@single
class Told(Node):
    """What the definition says of an expression, seen from ``places``. ``why``: the construct that is not lowered."""

    expression: AnyValue
    places: tuple[Place, ...]
    why: str


Foreign: TypeAlias = Counted | Told
AnyNode: TypeAlias = Bit | Num | Foreign | Comes

# ---- what nodes read ----------------------------------------------------------------------------------------------


def operands(node: AnyNode) -> tuple[AnyNode, ...]:
    """The nodes that a node reads; of the rows of a space also those of the body."""
    match node:
        case Compare(left=left, right=right) | Times(left=left, right=right) | Over(left=left, right=right):
            return (left, right)
        case Neg(bit=bit) | SomeRow(bit=bit) | RowCount(bit=bit):
            return (bit,)
        case AllOf(bits=bits) | AnyOf(bits=bits) | Enough(bits=bits) | HowMany(bits=bits):
            return bits
        case Defined(call=call):
            return (call,)
        case BitOf(value=value) | NumOf(value=value) | ComesTo(value=value):
            return (value,)
        case Comes(truths=truths):
            return truths
        case Linear(terms=terms):
            return tuple(number for _, number in terms)
        case Extremum(numbers=numbers):
            return numbers
        case Choice(bit=bit, yes=yes, no=no):
            return (bit, yes, no)
        case RowSum(bit=bit, number=number) | RowExtremum(bit=bit, number=number):
            return (bit, number)
        case Call(arguments=arguments):
            return arguments
        case Counted(own=own):
            return own
        case _:
            return ()


def reachable(roots: Iterable[AnyNode]) -> list[AnyNode]:
    """The nodes that ``roots`` read, operands before what reads them."""
    found: dict[int, AnyNode] = {}
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node.id not in found:
            found[node.id] = node
            waiting.extend(operands(node))
    return [found[id_] for id_ in sorted(found)]


def is_divided(number: Num) -> bool:
    """Whether a number may be a quotient by what records hold, or made of one: over no scale that is known beforehand."""
    seen: set[int] = set()
    waiting: list[AnyNode] = [number]
    while waiting:
        node = waiting.pop()
        if node.id in seen:
            continue
        seen.add(node.id)
        match node:
            case Over(left=left, right=right):
                if not isinstance(right, Const):
                    return True
                waiting.append(left)
            case Linear() | Times() | Extremum() | Choice() | RowSum() | RowExtremum():
                waiting += [part for part in operands(node) if isinstance(part, Num)]
            case _:
                pass
    return False


def cells_of(node: AnyNode) -> tuple[Cell, ...]:
    """The cells that a node itself reads."""
    match node:
        case In(cell=cell) | Holds(cell=cell) | HoldsOther(cell=cell) | Read(cell=cell) | SizeOf(cell=cell):
            return (cell,)
        case SameText(left=left, right=right) | Meets(left=left, right=right):
            return (left, right)
        case _:
            return ()
