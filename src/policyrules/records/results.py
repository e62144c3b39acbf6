"""Results as files: JSON, JSON lines, CSV and Excel.

Why this exists: results go back to people who keep ledgers in workbooks (the tables are said in
`policyrules.records.result_tables`), and to systems that read JSON. A workbook opens with 要处理.

Invariants: the same outcomes give the same bytes; files are written as outcomes come, or from rows that wait on the disk,
so that a long ledger's results are never in memory at once; nothing here evaluates. JSON cites by the ids of clauses.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Final

from policyrules.explanation import Plain
from policyrules.records.ledger import Ledger
from policyrules.records.result_cells import NO_NAMES, Documents
from policyrules.records.result_rows import TableMaker
from policyrules.records.result_tables import TABLES, ResultTables
from policyrules.records.result_texts import TextMaker
from policyrules.records.spool import Rows
from policyrules.records.tasks import Task, lapsed_of, sources, tasks_of
from policyrules.records.workbook import SheetPlan, write_workbook
from policyrules.results import Outcome
from policyrules.writing import file_name, json_bytes, write_file, write_files

RESULT_SUFFIXES: Final = (".json", ".jsonl", ".csv", ".xlsx")
STREAMED: Final = (".json", ".jsonl")
"""Suffixes of files that take the texts of outcomes; the others take tables."""


def write_results(
    path: str | Path,
    outcomes: Iterable[Outcome],
    *,
    ledger: Ledger | None = None,
    documents: Documents = NO_NAMES,
    notes: Sequence[str] = (),
) -> tuple[Path, ...]:
    """Write ``outcomes`` to ``path`` by its suffix, and return the files written.

    ``ledger``: where the records came from; it gives their names and places, and what was not read. ``documents``: what
    the document of each layer is called (its id where it is not among them). ``notes``: what holds of all results (a layer not
    in force); 要处理 begins with it. ``.csv`` writes a file for each table
    (``结果.csv``, ``结果_逐项结果.csv`` ...), for a CSV file holds one. Raises `ValueError` for another suffix,
    `OSError` where the file cannot be written, `MissingExcel` where openpyxl is missing.
    """
    path = Path(path)
    if path.suffix.lower() not in RESULT_SUFFIXES:
        raise ValueError(f"结果文件的后缀应为 {'、'.join(RESULT_SUFFIXES)} 之一：{path.name}")
    outcomes = tuple(outcomes)
    tasks = tasks_of(outcomes, ledger)
    if path.suffix.lower() in STREAMED:
        texts = map(json_bytes, map(TextMaker().text, outcomes))
        return write_texts(path, texts, lambda: tasks, ledger=ledger, notes=notes)
    with ResultTables(path.parent) as tables:
        tables.add(TableMaker(documents).part(zip(outcomes, sources(outcomes, ledger), strict=True)))
        return write_tables(path, tables.plans(tasks, ledger, documents, notes, lapsed=lapsed_of(outcomes, ledger)))


def result_paths(path: Path) -> tuple[Path, ...]:
    """The files that `write_results` writes for ``path``: one, but a CSV file for each table.

    >>> [one.name for one in result_paths(Path("r.csv"))]
    ['r.csv', 'r_逐项结果.csv', 'r_发现.csv', 'r_缺项.csv', 'r_未读入.csv', 'r_要处理.csv']
    """
    if path.suffix.lower() != ".csv":
        return (path,)
    return path, *(path.with_name(f"{path.stem}{file_name(f'_{name}')}{path.suffix}") for name in TABLES[1:])


# ---- tables ---------------------------------------------------------------------------------------------------------


def write_tables(
    path: Path, tables: Sequence[SheetPlan], lines: Mapping[str, Iterable[bytes]] | None = None
) -> tuple[Path, ...]:
    """Write the tables of results as CSV files or as a workbook, by the suffix of ``path``; the files written. ``lines``: by the name
    of a table, those of its rows that `csv_lines` has written already."""
    paths = result_paths(path)
    if path.suffix.lower() == ".csv":
        write_files(
            (one, chain(_csv_pieces(table), (lines or {}).get(table.name, ())))
            for one, table in zip(paths, tables, strict=True)
        )
    else:
        *others, first = tables
        write_workbook(path, (first, *others))
    return paths


_LINES: Final = 500
_MOST_KEPT: Final = 20_000
"""Texts of cells that are kept, since most of them come again."""


def _csv_pieces(table: SheetPlan) -> Iterator[bytes]:
    head = io.StringIO(newline="")
    csv.writer(head, lineterminator="\r\n").writerow(table.header)
    # The mark tells Excel that the file is UTF-8.
    yield head.getvalue().encode("utf-8-sig", errors="replace")
    rows = iter(table.rows)
    while some := list(islice(rows, _LINES)):
        yield csv_lines(some)


def csv_lines(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows of a table as they stand in its CSV file."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    # Dates write themselves as ISO, blanks as nothing.
    writer.writerows([_csv_text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8", errors="replace")


# Where lists are parted by other marks than commas, a program takes what follows such a mark for a cell of its own.
_INNER_FORMULA: Final = re.compile(r"([;|\t\r\n] *)(?=[=+\-@＝＋－＠])")


@lru_cache(maxsize=_MOST_KEPT)
def _csv_text(text: str) -> str:
    """``text`` as a cell of a CSV file.

    >>> _csv_text("x;=HYPERLINK(1)")
    "x;'=HYPERLINK(1)"
    """
    return _INNER_FORMULA.sub(r"\1'", text.replace("\x00", "�"))


# ---- JSON -----------------------------------------------------------------------------------------------------------


def write_texts(
    path: Path,
    texts: Iterable[bytes],
    tasks: Callable[[], Rows[Task]],
    *,
    ledger: Ledger | None = None,
    notes: Sequence[str] = (),
) -> tuple[Path, ...]:
    """As `write_results`, for a file of `STREAMED`, from the text of each outcome (`result_texts`), as bytes, as it comes. ``tasks``: asked
    once all texts are written."""
    whole = path.suffix.lower() == ".json"
    pieces = _json_document(texts, tasks, ledger, notes) if whole else _json_lines(texts, ledger, notes)
    write_file(path, pieces)
    return (path,)


def document_text(
    before: Mapping[str, object], name: str, items: Iterable[bytes], after: Callable[[], Plain]
) -> Iterator[bytes]:
    """A JSON object piece by piece: what is known before, the list ``name`` with an item a line, then what is known only
    after the items."""
    head = "".join(f"{json.dumps(key)}: {_indented(value)},\n" for key, value in before.items())
    yield json_bytes("{\n" + head + f"{json.dumps(name)}: [")
    mark = b"\n"
    for item in items:
        yield mark + item
        mark = b",\n"
    mark = b"\n],\n"
    for key, value in after().items():
        yield mark + json_bytes(f"{json.dumps(key)}: ")
        yield from map(json_bytes, _listed(value) if isinstance(value, Iterator) else (_indented(value),))
        mark = b",\n"
    yield b"\n}\n"


def _indented(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _listed(items: Iterator[object]) -> Iterator[str]:
    """`_indented` of a list, item by item."""
    mark = "["
    for item in items:
        yield f"{mark}\n  " + _indented(item).replace("\n", "\n  ")
        mark = ","
    yield "[]" if mark == "[" else "\n]"


def _json_document(
    texts: Iterable[bytes], tasks: Callable[[], Rows[Task]], ledger: Ledger | None, notes: Sequence[str]
) -> Iterator[bytes]:
    def after() -> Plain:
        return {"tasks": (task.to_dict() for task in tasks()), "notes": list(notes), **_ledger_dict(ledger)}

    return document_text({}, "results", texts, after)


def _json_lines(texts: Iterable[bytes], ledger: Ledger | None, notes: Sequence[str]) -> Iterator[bytes]:
    """One outcome a line; then, where there is something to say of all of them or of the ledger, one line that holds only
    that."""
    for text in texts:
        yield text + b"\n"
    if notes or (ledger is not None and (ledger.problems or ledger.notes)):
        yield json_bytes(json.dumps({"notes": list(notes), **_ledger_dict(ledger)}, ensure_ascii=False) + "\n")


def _ledger_dict(ledger: Ledger | None) -> dict[str, object]:
    if ledger is None:
        return {}
    return {
        "problems": [problem.to_dict() for problem in ledger.problems],
        "set_aside": [
            {"identity": r.identity, "file": r.file, "sheet": r.sheet, "row": r.row} for r in ledger.set_aside
        ],
        "ledger_notes": list(ledger.notes),
    }
