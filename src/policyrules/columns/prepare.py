"""The door to prepared ledgers, whatever holds them.

Why this exists: one call takes a ledger, a portfolio, records of Python, a frame of Polars, pandas or Arrow with its
tables below, or the path of a file, and gives the same codes for the same content.

Invariants: what is read is read once; a cache is used only where its ledger, its declarations and its package are those
at hand.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from policyrules.columns.bits import Array
from policyrules.columns.frames import prepare_frames
from policyrules.columns.instances import prepare_instances
from policyrules.columns.sources import Source, source_of
from policyrules.columns.store import Prepared
from policyrules.diagnostics import CellPlace, Diagnostic, RecordError, shown_text
from policyrules.engine.instances import Instance
from policyrules.program import nodes as core
from policyrules.records.ledger import Ledger
from policyrules.records.names import RecordNames
from policyrules.records.reading import read_ledger, unreadable

PARQUET = (".parquet", ".pq")


def prepare_ledger(program: core.Program, names: RecordNames, ledger: Ledger) -> Prepared:
    """A ledger that was read."""
    every = (*ledger.records, *ledger.set_aside)
    return prepare_instances(
        program,
        names,
        [record.instance for record in ledger.records],
        [record.instance for record in ledger.set_aside],
        origin=[record.row or 0 for record in every],
        problems=ledger.problems,
        notes=ledger.notes,
    )


def prepare_members(program: core.Program, names: RecordNames, members: Iterable[Instance]) -> Prepared:
    """Records that were read one by one; those with problems are set aside."""
    numbered = [*enumerate(members, start=1)]
    good = [(place, one) for place, one in numbered if not one.problems]
    bad = [(place, one) for place, one in numbered if one.problems]
    return prepare_instances(
        program,
        names,
        [one for _, one in good],
        [one for _, one in bad],
        origin=[place for place, _ in (*good, *bad)],
        problems=tuple(problem for _, one in bad for problem in one.problems),
        notes=tuple(dict.fromkeys(note for _, one in numbered for note in one.notes)),
    )


def tables_of(
    names: RecordNames, source: object, children: Mapping[str, object] | None
) -> dict[str, Source] | None:
    """The tables of a frame and of those below it, by Chinese name of the object; None where ``source`` is no frame.

    Raises `TypeError` for what is no frame beside one, and `RecordError` (E506) for a name that is no object.
    """
    first = _table(source)
    if first is None:
        return None
    found = {names.record: first}
    for name, given in (children or {}).items():
        object_ = next((own for own, kind in names.objects.items() if name in (own, kind.kind.key)), None)
        if object_ is None or object_ in found:
            known = "、".join(own for own in names.objects if own != names.record)
            said = f"children 里的“{shown_text(str(name))}”不是规则里的对象，或给了两次；可以给：{known}"
            raise RecordError([Diagnostic("E506", said, CellPlace())])
        table = _table(given)
        if table is None:
            raise TypeError(f"children 里的“{name}”要给表：Polars、pandas、Arrow 或 Parquet 文件，给的是 {type(given).__name__}")
        found[object_] = table
    return found


def _table(given: object) -> Source | None:
    if isinstance(given, (str, Path)):
        path = Path(given)
        if path.suffix.lower() not in PARQUET:
            return None
        from policyrules.columns.arrow import parquet_source

        return parquet_source(path)
    return source_of(given)


def prepare_tables(program: core.Program, names: RecordNames, tables: Mapping[str, Source]) -> Prepared:
    """Frames, in memory."""
    return prepare_frames(program, names, tables)


def prepare_path(program: core.Program, path: Path) -> Ledger:
    """The ledger of a file that is no Parquet. Raises `RecordError` where there is none."""
    fault = unreadable(path)
    if fault is not None:
        raise RecordError([fault])
    return read_ledger(path, program)
