"""Records that wait in little memory.

Why this exists: a ledger of 100,000 records is read once and looked at a record at a time; all that it holds, as objects,
takes gigabytes. A record that was read is put away: what it and its rows hold becomes a run of places in one list of
values, and comes back when somebody asks for it.

Invariants: what comes back is what was put away, to the order of its cells; what cannot be put away so stays as it is.
A record stays the object that it is, its rows come back as new ones: whoever puts a record away again (`at_hand`) is the
only one who looks at it. Two who ask at once get the same rows.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from policyrules.engine.instances import Instance
from policyrules.program.nodes import Program
from policyrules.types import Value

_MOST_KNOWN: Final = 100_000
_MISSING, _NONE, _ROWS = 0, 1, 2
"""Of a list: not there, None, or so many rows and this."""
_LOCK: Final = threading.RLock()


class Shelf:
    """Where the records of one ledger are put away, which were read for ``program``. What many of them say is kept once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.looked_at: tuple[object, bool, bool] | None = None
        """What was found when somebody who reads by other declarations looked."""
        kinds = program.objects.items()
        self._fields = {name: tuple(program.fields.get(name, ())) for name, _ in kinds}
        self._places = {name: {field: at for at, field in enumerate(own)} for name, own in self._fields.items()}
        self._children = {name: kind.children for name, kind in kinds}
        self._values: list[Any] = [None]
        self._known: dict[tuple[type, Hashable], int] = {}

    def put_away(self, root: Instance) -> None:
        """Put a record away with its rows; one of which something would be lost stays as it is."""
        run: list[int] = []
        if type(root) is Instance and self._fold(root, run):
            _put(root, array("I", run).tobytes(), self)

    def filled(self) -> None:
        """No more records come: what is there need not be found again."""
        self._known.clear()

    def cells(self, kind: str, values: dict[str, Value]) -> bytes | None:
        """The cells of one row; None where something would be lost."""
        run: list[int] = []
        return array("I", run).tobytes() if self._fold_cells(kind, values, run) else None

    def held(self, kind: str, cells: bytes) -> int:
        """How many of the cells of a record are filled in, its rows not among them."""
        fields = len(self._fields[kind])
        return fields - memoryview(cells).cast("I")[:fields].tolist().count(0)

    def values(self, kind: str, cells: bytes) -> dict[str, Value]:
        """What `cells` was made of."""
        return self._cells(kind, memoryview(cells).cast("I").tolist(), 0)

    def cell(self, kind: str, cells: bytes, name: str) -> Value | None:
        """One of the values of `cells`, or of a record that was put away."""
        at = self._places[kind].get(name)
        if at is None:
            return None
        found: Value | None = self._values[memoryview(cells).cast("I")[at]]
        return found

    def mark(self, kind: str, cells: bytes, names: Sequence[str]) -> Hashable | None:
        """What is equal of two records that hold the same in some fields, none of the others being looked at, and have the same lists
        without a row; None of one that has rows."""
        run = memoryview(cells).cast("I")
        lists = run[len(self._fields[kind]) :].tolist()
        if lists and max(lists) > _ROWS:
            return None
        places = self._places[kind]
        return self, tuple(lists), tuple([run[places[name]] for name in names])

    def _place(self, value: Hashable) -> int:
        key = (type(value), value)
        place = self._known.get(key)
        if place is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            place = self._known[key] = len(self._values)
            self._values.append(value)
        return place

    def _fold_cells(self, kind: str, values: dict[str, Value], run: list[int]) -> bool:
        places = self._places.get(kind)
        if places is None:
            return False
        start, last = len(run), -1
        run += [0] * len(places)
        for name, value in values.items():
            at = places.get(name, -1)
            if at <= last or value is None:
                return False
            run[start + at] = self._place(value)
            last = at
        return True

    def _fold(self, one: Instance, run: list[int]) -> bool:
        if not self._fold_cells(one.object, one.values, run):
            return False
        children, found = self._children[one.object], 0
        for child in children:
            if child not in one.rows:
                run.append(_MISSING)
                continue
            found += 1
            rows = one.rows[child]
            if rows is None:
                run.append(_NONE)
                continue
            run.append(_ROWS + len(rows))
            for row in rows:
                if row.object != child or row.parent is not one or _more(row):
                    return False
                run += (self._place(row.path), self._place(row.identity))
                if not self._fold(row, run):
                    return False
        return found == len(one.rows) and [*one.rows] == [child for child in children if child in one.rows]

    def unfold(self, one: Instance, cells: bytes) -> tuple[dict[str, Value], dict[str, tuple[Instance, ...] | None]]:
        """The values and rows of a record; ``one``: what rows are to belong to."""
        values, rows, _ = self._unfold(one, memoryview(cells).cast("I").tolist(), 0)
        return values, rows

    def rows(self, one: Instance, cells: bytes) -> dict[str, tuple[Instance, ...] | None]:
        """The rows of a record, for whoever asks only how many they are: none of them has values."""
        return self._unfold(one, memoryview(cells).cast("I").tolist(), 0, values=False)[1]

    def _unfold(
        self, one: Instance, run: list[int], at: int, *, values: bool = True
    ) -> tuple[dict[str, Value], dict[str, tuple[Instance, ...] | None], int]:
        held = self._cells(one.object, run, at) if values else {}
        at += len(self._fields[one.object])
        rows: dict[str, tuple[Instance, ...] | None] = {}
        known = self._values
        for child in self._children[one.object]:
            count = run[at] - _ROWS
            at += 1
            if count < 0:
                if count == _NONE - _ROWS:
                    rows[child] = None
                continue
            made = []
            for _ in range(count):
                row = Instance(child, {}, {}, one, known[run[at]], known[run[at + 1]])
                row.values, row.rows, at = self._unfold(row, run, at + 2, values=values)
                made.append(row)
            rows[child] = tuple(made)
        return held, rows, at

    def _cells(self, kind: str, run: list[int], at: int) -> dict[str, Value]:
        # No more of the run than is looked at: a record may have very many rows.
        known, names = self._values, self._fields[kind]
        return {name: known[place] for name, place in zip(names, run[at : at + len(names)], strict=True) if place}


def _more(row: Instance) -> bool:
    """Whether there is more to a row than is put away of it."""
    return bool(type(row) is not Instance or row.notes or row.unlisted or row.problems or row.layers)


class _PutAway(Instance):
    """A record that was put away: its slots hold what `Shelf` made of its values, and the shelf. It is an `Instance` again
    when somebody asks for either."""

    __slots__ = ()

    if not TYPE_CHECKING:

        @property
        def values(self) -> dict[str, Value]:
            _bring_back(self)
            return self.values

        @values.setter
        def values(self, values: dict[str, Value]) -> None:
            _bring_back(self)
            self.values = values

        @property
        def rows(self) -> dict[str, tuple[Instance, ...] | None]:
            _bring_back(self)
            return self.rows

        @rows.setter
        def rows(self, rows: dict[str, tuple[Instance, ...] | None]) -> None:
            _bring_back(self)
            self.rows = rows

    def __repr__(self) -> str:
        _bring_back(self)
        return repr(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        # A record travels as itself, for a shelf holds all of a ledger, and stays where it is.
        with _LOCK:
            if type(self) is not _PutAway:
                return self.__reduce_ex__(protocol)
            cells, shelf = _held(self)
        values, rows = shelf.unfold(self, cells)
        others = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in ("values", "rows")}
        return _blank, (), (None, {"values": values, "rows": rows, **others})


def _blank() -> Instance:
    return Instance.__new__(Instance)


_CELLS: Final[Any] = Instance.__dict__["values"]
_SHELF: Final[Any] = Instance.__dict__["rows"]


def _held(one: Instance) -> tuple[bytes, Shelf]:
    return _CELLS.__get__(one), _SHELF.__get__(one)


def _put(one: Instance, cells: bytes, shelf: Shelf) -> None:
    with _LOCK:
        # Whoever looks now waits for the lock.
        one.__class__ = _PutAway
        _CELLS.__set__(one, cells)
        _SHELF.__set__(one, shelf)


def _bring_back(one: Instance) -> None:
    with _LOCK:
        if type(one) is _PutAway:
            cells, shelf = _held(one)
            values, rows = shelf.unfold(one, cells)
            _CELLS.__set__(one, values)
            _SHELF.__set__(one, rows)
            one.__class__ = Instance  # type: ignore[assignment]  # as it was


@contextmanager
def at_hand(*roots: Instance) -> Iterator[None]:
    """Records while they are looked at: those that were put away are put away again. Nobody else may look at them meanwhile, and
    nothing may be asked later that looks at their rows again."""
    held = [(root, *_held(root)) for root in roots if type(root) is _PutAway]
    for root, _, _ in held:
        _bring_back(root)
    try:
        yield
    finally:
        for root, cells, shelf in held:
            _put(root, cells, shelf)


def opened(root: Instance) -> Instance:
    """A record that can be looked through: itself, or of one that was put away a copy, whoever else looks at it."""
    with _LOCK:
        if type(root) is not _PutAway:
            return root
        cells, shelf = _held(root)
    made = Instance(
        root.object,
        parent=root.parent,
        path=root.path,
        identity=root.identity,
        notes=root.notes,
        problems=root.problems,
        layers=root.layers,
    )
    made.values, made.rows = shelf.unfold(made, cells)
    return made


def held_of(root: Instance) -> int:
    """How many cells of a record are filled in, its rows not among them; what was put away stays there."""
    with _LOCK:
        if type(root) is not _PutAway:
            return len(root.values)
        cells, shelf = _held(root)
    return shelf.held(root.object, cells)


def rows_alone(root: Instance) -> Instance:
    """A record of which the rows can be counted and nothing else: itself, or of one that was put away a copy without values."""
    with _LOCK:
        if type(root) is not _PutAway:
            return root
        cells, shelf = _held(root)
    made = Instance(root.object, {}, {}, root.parent)
    made.rows = shelf.rows(made, cells)
    return made


def mark_of(root: Instance, names: Sequence[str]) -> Hashable | None:
    """What is equal of two records that hold the same in the fields ``names``, belong to what holds the same, and have no rows, both
    put away or both at hand; None where there are rows. What was put away stays there."""
    with _LOCK:
        away = _held(root) if type(root) is _PutAway else None
    if away is None:
        mark = _mark_at_hand(root, names)
    else:
        cells, shelf = away
        mark = shelf.mark(root.object, cells, names)
    above: list[Hashable] = [mark]
    one = root.parent
    while one is not None:
        if mark is None or type(one) is _PutAway or any(one.rows.values()):
            return None
        above.append((one.object, tuple(one.values.items()), _lists(one)))
        one = one.parent
    return mark and tuple(above)


def _mark_at_hand(root: Instance, names: Sequence[str]) -> Hashable | None:
    if any(root.rows.values()):
        return None
    return root.object, _lists(root), tuple([root.values.get(name) for name in names])


def _lists(one: Instance) -> Hashable:
    return tuple([(kind, rows is None) for kind, rows in one.rows.items()])


def shelf_of(root: Instance) -> Shelf | None:
    """Where a record is put away; None of one that is at hand."""
    with _LOCK:
        return _held(root)[1] if type(root) is _PutAway else None


def value_above(one: Instance | None, object_: str, name: str) -> Value | None:
    """What a field of ``object_`` says of a record, or of what it belongs to; what was put away stays there."""
    while one is not None and one.object != object_:
        one = one.parent
    return None if one is None else cell_of(one, name)


def cell_of(one: Instance, name: str) -> Value | None:
    """The value of one field; what was put away stays there."""
    with _LOCK:
        if type(one) is _PutAway:
            cells, shelf = _held(one)
            return shelf.cell(one.object, cells, name)
    return one.values.get(name)
