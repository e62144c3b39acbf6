"""What a row among those of a table is when the columns are known: a heading, an example, a line of numbers.

Why this exists: what a line says alone (`policyrules.records.lines`) is not enough where a project may be called as a heading or a sum
is; the columns in which its cells stand tell.

Invariant: a row with a number of its own, or with more in words than a line that is none has, is a record.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.records.cells import parse_cell
from policyrules.records.headers import is_filled
from policyrules.records.heads import MergedCell, own_cell, shown_cell
from policyrules.records.lines import is_example, is_heading, is_ordinal, is_signed, numbers_columns
from policyrules.records.sums import is_sum, may_be_name
from policyrules.records.tables import Columns
from policyrules.types import NUMERIC

_MOST_BESIDE_A_SUM: Final = 2


def begins_as_remark(columns: Columns, here: dict[int, object]) -> bool:
    """Whether a row that begins like a line of remarks has no number of its own: what stands there belongs to the line."""
    before: object = None
    for place, (index, cell) in enumerate(here.items()):
        own = not isinstance(cell, MergedCell) or cell.first_column
        if place and own and index in columns.numbers and not is_signed(cell, before):
            return False
        before = cell
    return True


def begins_as_example(columns: Columns, here: dict[int, object]) -> bool:
    """Whether a row begins as an example does, where its number stands or what counts the rows."""
    place, first = next(iter(here.items()))
    return is_example(first) and (place in columns.numbers or all(place != one.index for one in columns.read))


def filled_as_rows(columns: Columns, here: dict[int, object], epoch: datetime.date | None) -> bool:
    """Whether a row that is called as one of sums may be called, as a village is (其中村), has more in words than any sum has."""
    texts = [text for cell in here.values() if isinstance(text := shown_cell(cell), str)]
    if not all(may_be_name(text) for text in texts if is_sum(text)):
        return False
    beside = others = 0
    for column in columns.read:
        cell = shown_cell(here.get(column.index))
        called = column.index in columns.numbers or (isinstance(cell, str) and is_sum(cell))
        if called or column.field is None or column.field.type.kind in NUMERIC:
            continue
        others += 1
        parsed = parse_cell(cell, column.field, epoch=epoch)
        beside += parsed is not None and not isinstance(parsed, Diagnostic) and not str(cell)[:1].isdigit()
    return beside >= min(_MOST_BESIDE_A_SUM, others) > 0


def is_line_of_numbers(columns: Columns, cells: Sequence[object]) -> bool:
    """Whether a line numbers the columns, and is no record: a label stands where no number does."""
    cells = [own_cell(cell) for cell in cells]
    if not numbers_columns([cell for cell in cells if is_filled(cell)]):
        return False
    counted = {column.index for column in columns.read if column.field is None or column.field.type.kind in NUMERIC}
    counted |= columns.numbers
    texts = (index for index, cell in enumerate(cells) if is_filled(cell) and index not in counted)
    return next(texts, None) is not None or not all(
        str(shown_cell(cell)).isdigit() for cell in cells if is_filled(cell)
    )


def may_be_heading(columns: Columns, here: dict[int, object]) -> bool:
    """Whether a row is a heading of those beneath it, where there are others: 一、青山县, (二) and 养殖业, with the sums of the
    group at most. It has no number of its own."""
    place, first = next(iter(here.items()))
    first = shown_cell(first)
    titles = {place}
    if not is_heading(first):
        if not is_ordinal(first) or (place != columns.serial and place not in columns.numbers):
            return False
        title = next((index for index in here if index != place), None)
        if title is None or not isinstance(shown_cell(here[title]), str):
            return False
        titles.add(title)
    for index in columns.numbers.intersection(here):
        own = shown_cell(here[index])
        if index not in titles or not isinstance(own, str) or re.search("[0-9A-Za-z]", re.sub(r"[(（].*", "", own)):
            return False
    fields = {column.index: column.field for column in columns.read}
    return all(
        (field := fields.get(index)) is None or field.type.kind in NUMERIC
        for index, cell in here.items()
        if index not in titles and (not isinstance(cell, MergedCell) or cell.first_column)
    )
