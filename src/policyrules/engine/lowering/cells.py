"""What rules read, as nodes: cells with what is presumed of blank ones, and parameters.

Why this exists: a cell is read by many conditions, and what may stand in it is told once, apart from what is asked of it; a parameter
is a value, or a cell of a table of its own where records differ in it.

Invariants: a cell is lowered once for each place it is seen from; a cell that nobody filled may hold whatever its declaration permits,
or what is presumed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, assert_never

from policyrules.engine import values as v
from policyrules.engine.lowering.circuit import Circuit
from policyrules.engine.lowering.nodes import PARAMETERS, Bit, Cell, Place, Space
from policyrules.engine.lowering.places import Places, cell_at
from policyrules.engine.lowering.values import Items, Lowered, Options, Range, TextSet, Truth, Unlowered, Values
from policyrules.engine.prepared import Engine
from policyrules.program import nodes as core
from policyrules.types import Kind, Value

Said: TypeAlias = tuple[tuple[tuple[Bit, Value], ...], Truth]
"""What presumptions say: the values, each with whether a cell may have it by them; and whether they speak."""


class Cells:
    """The cells and parameters of one program, made into nodes of one circuit. ``vary``: parameters that are inputs, of which
    ``given`` always have a value; ``holds``: whether a case of a presumption does, of an instance."""

    def __init__(
        self,
        engine: Engine,
        values: Values,
        vary: frozenset[str],
        given: frozenset[str],
        holds: Callable[[core.PresumptionCase, Place], Truth],
    ) -> None:
        self.c = values.c
        self._engine = engine
        self._program = engine.program
        self._values = values
        self._vary = vary
        self._given = given
        self._holds = holds
        self._root = Place(Space(engine.program.root))
        self._cells: dict[tuple[str, str, Place], Lowered] = {}
        self._said: dict[tuple[str, str, Place], Said] = {}

    # ---- cells

    def value(self, cell: Cell) -> Lowered:
        """What a cell may hold."""
        # Of thousands of values a cell has as many bits, and as many conditions ask for one of them.
        key = (cell.object, cell.name, cell.place)
        found = self._cells.get(key)
        if found is None:
            found = self._cells[key] = self._held(cell)
        return found

    def _held(self, cell: Cell) -> Lowered:
        values, c = self._values, self.c
        field = cell.field
        assert isinstance(field, core.Field)
        blank = values.unknown(field.type, field.low, field.high)
        if cell.place.unlisted:
            return blank
        presumed = (field.object, field.name) in self._program.presumptions
        if not presumed and isinstance(held := values.cell(cell), Truth | Options | TextSet | Items):
            return _perhaps(c, cell, held)
        options: list[tuple[Bit, Lowered]] = [(c.known(cell), values.cell(cell))]
        empty = c.blank(cell)
        if presumed:
            said, speaks = self._presumed(cell)
            options += [
                (c.all_of((empty, speaks.true, bit)), values.constant(value, field.type)) for bit, value in said
            ]
            empty = c.all_of((empty, c.negation(speaks.true)))
        options.append((empty, blank))
        return values.one_of(options, field.type)

    def present(self, cell: Cell) -> Truth:
        """Whether there is something in a cell, or presumed of it."""
        # 5.8.2, 5.8.3, 5.8.7, 5.10.11
        c, speaks = self.c, self._presumed(cell)[1]
        if cell.place.unlisted:
            return Truth(speaks.true, c.true)
        known = c.known(cell)
        return Truth(c.any_of((known, speaks.true)), c.any_of((known, speaks.possible)))

    def among(self, node: core.Expr, places: Places, among: v.SetRange) -> Truth | None:
        """Whether an enumerated cell of which nothing is presumed is among values, as two tests whatever it may hold; None of
        anything else. What `Values.member` says value by value."""
        if not isinstance(node, core.FieldValue) or node.field.type.kind is not Kind.ENUM:
            return None
        cell, listed = cell_at(node.at, node.field, places), node.field.type.values
        if listed is None or cell.place.unlisted or (node.field.object, node.field.name) in self._program.presumptions:
            return None
        sure: set[Value | None] = set(among.certain.intersection(listed))
        may: set[Value | None] = {value for value in among.possible or () if value in listed}
        if among.possible is None:
            may = {value for value in listed if value not in among.barred}
        if len(sure) == len(listed):
            sure.add(None)
        if may:
            may.add(None)
        return Truth(self.c.among(cell, sure), self.c.among(cell, may))

    def _presumed(self, cell: Cell) -> Said:
        """What the presumptions say of a blank cell. 5.7."""
        key = (cell.object, cell.name, cell.place)
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = self._presume(cell)
        return found

    def _presume(self, cell: Cell) -> Said:
        c = self.c
        presumption = self._program.presumptions.get((cell.object, cell.name))
        cases = () if presumption is None else presumption.cases
        told = [(case, self._holds(case, cell.place)) for case in cases]
        heard: list[tuple[Value, Truth]] = []
        for case, when in told:
            over = [other.true for below, other in told if case.level in self._engine.above[below.level]]
            free = c.negation(c.any_of(over))
            heard.append((case.value, Truth(c.all_of((when.true, free)), c.all_of((when.possible, free)))))
        said: dict[tuple[type, Value], list[Bit]] = {}
        for value, when in heard:
            said.setdefault((type(value), value), []).append(when.possible)
        options = tuple((c.any_of(bits), value) for (_, value), bits in said.items())
        true, possible = c.any_of(when.true for _, when in heard), c.any_of(when.possible for _, when in heard)
        return options, Truth(true, possible)

    # ---- parameters

    def parameter(self, name: str) -> Lowered:
        """The value of a parameter."""
        parameter = self._program.parameters[name]
        if name not in self._vary:
            return self._values.constant(self._engine.parameters[name], parameter.type)
        if parameter.type.kind in (Kind.SET, Kind.TEXT):
            raise Unlowered(f"{parameter.type.kind.value}的参数不能逐个县给")
        cell = Cell(self._root, PARAMETERS, name, parameter)
        held = self._values.cell(cell)
        if name in self._given:
            return held
        # What nobody set is what the text says of it: its 缺省, or all that it may be.
        default: v.Abstract = v.unknown(parameter.type, parameter.low, parameter.high)
        if parameter.value is not None and parameter.state in ("default", "fixed", "set"):
            default = parameter.value
        unset = self._values.constant(default, parameter.type)
        return self._values.one_of([(self.c.known(cell), held), (self.c.blank(cell), unset)], parameter.type)

    def parameter_filled(self, name: str, negated: bool) -> Truth:
        """Whether a parameter was given."""
        parameter = self._program.parameters[name]
        filled = parameter.state in ("fixed", "set")
        if name not in self._vary or filled:
            return self._values.truth(filled is not negated)
        cell = Cell(self._root, PARAMETERS, name, parameter)
        return self._values.sure(self.c.among(cell, (None,), rest=not negated))

    def value_set(self, right: core.ValueSet) -> v.SetRange:
        """The values of a written set, a list or a parameter of several."""
        if isinstance(right, core.ParameterRef) and right.name in self._vary:
            raise Unlowered("多选的参数不能逐个县给")
        return self._engine.value_set(right)


def _perhaps(c: Circuit, cell: Cell, held: Lowered) -> Lowered:
    """What a cell may hold that is blank where nobody filled it, of its kinds that are no numbers."""
    blank = c.blank(cell)
    match held:
        case Truth(true, _):
            return Truth(true, c.any_of((true, blank)))
        case Options(options, _):
            if cell.field.type.values is None:
                return Options(tuple((c.known(cell), one) for _, one in options), blank)
            return Options(tuple((c.any_of((bit, blank)), one) for bit, one in options), c.false)
        case Items(items):
            return Items({value: Truth(truth.true, c.any_of((truth.true, blank))) for value, truth in items.items()})
        case TextSet():
            return held
        case Range():
            raise AssertionError("numbers have bounds")
        case _:
            assert_never(held)
