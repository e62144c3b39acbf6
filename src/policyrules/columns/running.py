"""A circuit over a ledger in codes, block by block.

Why this exists: between a program and what it is worked out for stand the facts of the ledger, the inputs of each block, and
the threads.

Invariants: what comes out is the same for every size of block and number of threads; a block and its registers are all
that is held beside the ledger and what comes out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np

from policyrules.columns.bits import LINE, WORD, Array, Plane, Slab, cut, pack, words
from policyrules.columns.counted import Counted
from policyrules.columns.crew import ahead
from policyrules.columns.daytables import DayTables, Tables
from policyrules.columns.daywise import functions
from policyrules.columns.domains import RECORDS, Layout
from policyrules.columns.kernel import Cuts, KernelMachine, cut_once
from policyrules.columns.machine import DTYPES, Machine
from policyrules.columns.outputs import Asked, Piece, ask
from policyrules.columns.planeprogram import ColumnFacts, Facts, Input, Output, Program, RegisterKind, name_of
from policyrules.columns.planner import Planner
from policyrules.columns.resolving import resolved
from policyrules.columns.store import Column, Prepared, Table
from policyrules.columns.stretches import Cut
from policyrules.engine.lowering.lowered import AnyOutput, Lowered
from policyrules.engine.lowering.nodes import PARAMETERS, Space
from policyrules.engine.prepared import Engine
from policyrules.program import belonging
from policyrules.types import NUMERIC, Kind

BLOCK: Final = 131_072

_Made = TypeVar("_Made")

Told: TypeAlias = Callable[[Hashable, Layout, Mapping[str, int]], Any]
"""A part of a value that the definition gives, of the elements of a block; where its tables begin."""


@dataclass(frozen=True, slots=True)
class Sets:
    """Parameters that records differ in: a ``table`` of them, and of each record its row (``places``)."""

    table: Table
    places: Array


@dataclass(slots=True)
class Elsewhere:
    """Values that are worked out elsewhere. ``parts``: of each key a plane or numbers, over the rows of a table of the whole
    ledger; ``facts``: what they are; ``counted``: statistics, of which those parts are there that a program has read;
    ``told``: those that are asked block by block."""

    parts: dict[Hashable, Array] = field(default_factory=dict)
    counted: dict[int, Counted] = field(default_factory=dict)
    facts: dict[Hashable, ColumnFacts] = field(default_factory=dict)
    told: Told | None = None

    def read(self, program: Program) -> None:
        """See to it that all parts of statistics that a program reads are there."""
        wanted: dict[int, list[Hashable]] = {}
        for register in program.registers:
            if register.input is None or register.input.part != "foreign" or register.input.name in self.parts:
                continue
            assert isinstance(register.input.name, tuple)
            number, part = register.input.name
            if number in self.counted:
                wanted.setdefault(number, []).append(part)
        for number, parts in wanted.items():
            found = self.counted[number].parts(parts)
            self.parts.update(((number, part), array) for part, array in found.items())


def facts_of(prepared: Prepared, sets: Sets | None) -> Facts:
    """What a program has to know of a ledger: coarse, so that like ledgers have the same program."""
    if sets is not None:
        return _facts_of({**prepared.tables, PARAMETERS: sets.table})
    found: Facts | None = prepared.kept.get("facts")
    if found is None:
        found = prepared.kept["facts"] = _facts_of(prepared.tables)
    return found


def _facts_of(tables: Mapping[str, Table]) -> Facts:
    columns = {
        (table.object, name): _column_facts(column)
        for table in tables.values()
        for name, column in table.columns.items()
        if not _is_blank(column)
    }
    lists = {name: table for name, table in tables.items() if table.starts is not None}
    return Facts(
        columns,
        frozenset(name for name, table in lists.items() if table.supplied is None),
        {name: _power(_longest(table)) for name, table in lists.items()},
    )


def _is_blank(column: Column) -> bool:
    # Mostly the first rows say it.
    return column.known is not None and not (len(column.known) and column.known[0]) and not column.known.any()


def _longest(table: Table) -> int:
    assert table.starts is not None
    return int(np.diff(table.starts).max()) if len(table.starts) > 1 else 0


def _power(number: int) -> int:
    """The next power of 2."""
    return 1 << (number - 1).bit_length() if number > 0 else 0


def _column_facts(column: Column) -> ColumnFacts:
    kind = column.field.type.kind
    if kind not in NUMERIC and kind is not Kind.DATE:
        return ColumnFacts(1, name_of(column.padded.dtype), column.known is not None)
    low, high = min(column.low or 0, 0), max(column.high or 0, 0)
    bound = _power(max(abs(low), abs(high)) + 1)
    return ColumnFacts(
        column.scale,
        name_of(column.padded.dtype),
        column.known is not None,
        -bound if low < 0 else 0,
        bound,
        column.wide,
    )


def planned(lowered: Lowered, outputs: Sequence[AnyOutput], facts: Facts) -> tuple[Program, list[Asked]]:
    """The program of outputs; their keys are their places."""
    planner = Planner(lowered.engine.program, facts)
    told: dict[Hashable, Output] = {}
    asked = [ask(planner, place, output, told) for place, output in enumerate(outputs)]
    return planner.finished(told), asked


class Run:
    """One program over one ledger."""

    def __init__(
        self,
        engine: Engine,
        root: Space,
        program: Program,
        prepared: Prepared,
        sets: Sets | None,
        elsewhere: Elsewhere,
        days: Tables | None = None,
        kernel: Any = None,
        cuts: Cuts | None = None,
    ) -> None:
        self.program = program
        self.prepared = prepared
        self.needed = _needed(program, prepared)
        """The ledger without the cells that the program does not read."""
        self.sets = sets
        self.elsewhere = elsewhere
        elsewhere.read(program)
        self.line = tuple(belonging.line(engine.program.objects, root.object))
        tables = prepared.tables if sets is None else {**prepared.tables, PARAMETERS: sets.table}
        self.constants = resolved(program, lambda table, name: tables[table].columns[name])
        self.days = DayTables(functions(engine.working_days), {} if days is None else days)
        self.kernel = kernel
        self.cut_program: Cut | None = None
        if kernel is not None:
            self.cut_program = cut_once(
                program,
                self.constants,
                lambda: Machine(program, self.days, self.constants),
                lambda input_: tables[input_.table].columns.get(str(input_.name)),
                elsewhere.parts,
                {} if cuts is None else cuts,
            )
            self.program = self.cut_program.program
        self.flags = None if sets is None else _Flags(sets, self.program)
        self.whole: dict[int, Array] = {}
        self.first = self._machine()
        layout = Layout(tables, self.line, None if sets is None else sets.places)
        self.first.start(layout, lambda input_: self._read(input_, layout, {}))

    def _machine(self) -> Machine:
        if self.cut_program is None:
            return Machine(self.program, self.days, self.constants)
        return KernelMachine(self.kernel, self.cut_program, self.days, self.constants)

    def blocks(
        self,
        size: int,
        threads: int,
        rows: int,
        make: Callable[[int, dict[Hashable, Piece]], _Made],
        *,
        whole: bool = False,
    ) -> Iterator[_Made]:
        """Of each block of the first ``rows`` records what is made of where it begins and what was put out, in their order;
        made by whichever thread worked the block out. ``whole``: outputs of records are views of arrays for the whole ledger."""
        size = self.size(size)
        starts = range(0, rows, size)
        wanted = self.program.outputs
        if whole:
            self._whole(wanted, rows)
        threads = min(threads, len(starts))
        machines: SimpleQueue[Machine] = SimpleQueue()
        machines.put(self.first)
        for _ in range(threads - 1):
            machine = self._machine()
            machine.follow(self.first)
            machines.put(machine)

        def work(start: int) -> _Made:
            machine = machines.get()
            try:
                found = self._block(machine, start, min(start + size, rows), wanted)
            finally:
                machines.put(machine)
            made = make(start, found)
            self.needed.let_go()
            return made

        return ahead(threads, work, starts)

    def _whole(self, wanted: Mapping[Hashable, Output], rows: int) -> None:
        """Arrays that outputs of the records are written to, so that no block is put behind another."""
        early = {one.target for one in self.program.early}
        length = words(rows)
        kinds: dict[int, RegisterKind] = {}
        for output in wanted.values():
            at = output.register
            if at is None or at in early or output.domain != RECORDS:
                continue
            register = self.program.registers[at]
            if register.input is None and register.kind is not RegisterKind.PYTHON:
                kinds[at] = register.kind
        lengths = {at: length if kind is RegisterKind.PLANE else length * WORD for at, kind in kinds.items()}
        slab = Slab(sum(lengths[at] * np.dtype(DTYPES[kind]).itemsize + LINE for at, kind in kinds.items()) + LINE)
        self.whole = {at: slab.room(lengths[at], DTYPES[kind]) for at, kind in kinds.items()}

    @staticmethod
    def size(block: int) -> int:
        """How many records a block has: whole words."""
        return max(WORD, block // WORD * WORD)

    def cut(self, start: int, end: int) -> Prepared:
        """A block of records."""
        last = end if end == self.prepared.rows else min(-(-end // WORD) * WORD, self.prepared.rows)
        return replace(self.prepared.block(start, last), evaluated=end - start)

    def empty(self) -> dict[Hashable, Piece]:
        """What is put out for a ledger without records."""
        machine = self._machine()
        machine.follow(self.first)
        return self._block(machine, 0, 0, self.program.outputs)

    def _block(
        self, machine: Machine, start: int, end: int, wanted: Mapping[Hashable, Output]
    ) -> dict[Hashable, Piece]:
        # A block ends where words do, but for the last row of the ledger.
        last = end if end == self.prepared.rows else min(-(-end // WORD) * WORD, self.prepared.rows)
        block = self.needed.block(start, last)
        tables = dict(block.tables)
        places = None
        if self.sets is not None:
            tables[PARAMETERS] = self.sets.table
            places = self.sets.places[start:last].astype(np.intp)
        layout = Layout(tables, self.line, places)
        first = firsts(self.prepared, start)
        begin, stop = start // WORD, words(last)
        machine.into = {
            at: array[begin:stop] if array.dtype == np.uint64 else array[begin * WORD : stop * WORD]
            for at, array in self.whole.items()
        }
        machine.run(layout, lambda input_: self._read(input_, layout, first))
        kept = layout.cut(end - start) if end < last else None
        found: dict[Hashable, tuple[int, dict[Hashable, Array | int]]] = {}
        scales: dict[Hashable, dict[Hashable, int]] = {}
        copies: dict[int, Array] = {}
        for key, output in wanted.items():
            assert isinstance(key, tuple)
            own, part = key
            # What was set aside stands behind the last that is evaluated, and its rows behind theirs.
            count = kept.count(output.domain) if kept is not None else layout.count(output.domain)
            value: Array | int = output.value
            if output.register is not None:
                copy = copies.get(output.register)
                if copy is None:
                    whole: Array = machine.values[output.register]
                    copy = whole[: words(count)] if whole.dtype == np.uint64 else whole[:count]
                    # A register is written again for the next block; what is read from the ledger stays.
                    if output.register not in self.whole and self.program.registers[output.register].input is None:
                        copy = np.array(copy)
                    copies[output.register] = copy
                value = copy
            found.setdefault(own, (count, {}))[1][part] = value
            scales.setdefault(own, {})[part] = output.scale
        return {own: Piece(count, parts, scales[own]) for own, (count, parts) in found.items()}

    def _read(self, input_: Input, layout: Layout, first: Mapping[str, int]) -> Any:
        if input_.part == "foreign":
            whole = self.elsewhere.parts.get(input_.name)
            if whole is None:
                assert self.elsewhere.told is not None
                return self.elsewhere.told(input_.name, layout, first)
            begin = first[input_.table]
            stop = begin + layout.tables[input_.table].rows
            return cut(whole, begin, stop) if whole.dtype == np.uint64 else whole[begin:stop]
        if input_.part == "flag":
            assert self.flags is not None
            return self.flags.of(str(input_.name), layout)
        table = layout.tables[input_.table]
        if input_.part == "list":
            return table.supplied
        column = table.columns[str(input_.name)]
        match input_.part:
            case "known":
                return column.known
            case "codes":
                return column.padded[: column.rows]
            case _:
                return column


def _needed(program: Program, prepared: Prepared) -> Prepared:
    """A ledger with those columns that a program reads."""
    tables = {}
    for name, table in prepared.tables.items():
        own = program.reads.get(name, ())
        columns = {field: table.columns[field] for field in own if field in table.columns}
        tables[name] = replace(table, columns=columns)
    return replace(prepared, tables=tables)


class _Flags:
    """Truths of sets of parameters, of each record of a block: a record gets eight of them at once."""

    def __init__(self, sets: Sets, program: Program) -> None:
        inputs = [register.input for register in program.registers]
        names = [str(one.name) for one in inputs if one is not None and one.part == "flag"]
        columns = [sets.table.columns[name].values.astype(np.uint8) for name in names]
        self._places = {name: divmod(at, _TOGETHER) for at, name in enumerate(names)}
        self._tables = [
            np.bitwise_or.reduce([column << bit for bit, column in enumerate(columns[at : at + _TOGETHER])])
            for at in range(0, len(columns), _TOGETHER)
        ]
        self._latest = threading.local()

    def of(self, name: str, layout: Layout) -> Plane:
        """The plane of one of them. They are asked for in the order of the program, and the latest are kept."""
        table, bit = self._places[name]
        key, found = getattr(self._latest, "kept", (None, None))
        if key is None or key[0] is not layout or key[1] != table:
            assert layout.sets is not None
            found = self._tables[table].take(layout.sets)
            self._latest.kept = (layout, table), found
        assert found is not None
        return pack(found & np.uint8(1 << bit))


_TOGETHER: Final = 8


def firsts(prepared: Prepared, start: int) -> dict[str, int]:
    """The first row of each table in the block that begins with record ``start``."""
    found = {prepared.record: start}
    pending = [prepared.record]
    while pending:
        above = pending.pop()
        for name, table in prepared.tables.items():
            if table.belongs == above and table.starts is not None and name not in found:
                found[name] = int(table.starts[found[above]])
                pending.append(name)
    return found


def joined_pieces(pieces: Iterable[Piece]) -> Piece:
    """Pieces one behind the other; all of them of one output. Planes that do not end with a word come last."""
    found = list(pieces)
    if len(found) == 1:
        return found[0]
    parts: dict[Hashable, Array | int] = {}
    joined: dict[int, Array | int] = {}
    for part, value in found[0].parts.items():
        if isinstance(value, int):
            parts[part] = value
            continue
        # What is the same of one block is the same of all.
        known = joined.get(id(value))
        if known is not None:
            parts[part] = known
        elif (whole := _one_behind_other([piece.parts[part] for piece in found])) is not None:
            parts[part] = whole
        elif value.dtype == np.uint64:
            parts[part] = _joined_planes([(piece.count, piece.parts[part]) for piece in found])
        else:
            parts[part] = np.concatenate([piece.number(part) for piece in found])
        joined[id(value)] = parts[part]
    return Piece(sum(piece.count for piece in found), parts, found[0].scales)


def _one_behind_other(arrays: Sequence[Array | int]) -> Array | None:
    """The array that these are, where they are views of one array, one behind the other; None: they are not."""
    first = arrays[0]
    base = getattr(first, "base", None)
    if not isinstance(first, np.ndarray) or not isinstance(base, np.ndarray) or first.dtype.hasobject:
        return None
    if base.ndim != 1 or not base.flags.c_contiguous:
        return None
    begin: int = first.__array_interface__["data"][0]
    length = 0
    for array in arrays:
        if isinstance(array, int) or array.base is not base or array.dtype != first.dtype:
            return None
        if array.__array_interface__["data"][0] != begin + length * first.itemsize:
            return None
        length += len(array)
    offset = begin - base.__array_interface__["data"][0]
    return base.view(np.uint8)[offset : offset + length * first.itemsize].view(first.dtype)


def _joined_planes(planes: Sequence[tuple[int, Any]]) -> Plane:
    if all(count % WORD == 0 for count, _ in planes[:-1]):
        return np.concatenate([plane for _, plane in planes])
    from policyrules.columns.bits import pack, unpack

    return pack(np.concatenate([unpack(plane, count) for count, plane in planes]))
