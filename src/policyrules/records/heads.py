"""The cells of a header: what a column is called, in one line or in two.

Why this exists: office ledgers name groups of columns in a first line and the columns beneath them in a second, write
remarks into the heads, and merge cells; a row of records must never pass for a line of heads.

Invariant: nothing here raises, whatever a cell holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from policyrules.records.cells import is_blank
from policyrules.records.names import ObjectNames, RecordNames
from policyrules.records.units import UNIT_ALONE, head_splits, says_unit, unit_word
from policyrules.spelling import fold_cell, fold_word


@dataclass(frozen=True, slots=True)
class MergedCell:
    """A cell inside a merged range. ``value``: what the range shows; ``first_column``: the cell is in the first column of
    the range, so that a project number merged over its rows can be read for each of them."""

    value: object
    first_column: bool


def shown_cell(cell: object) -> object:
    """What a cell shows, merged with others or not."""
    return cell.value if isinstance(cell, MergedCell) else cell


def is_empty(cell: object) -> bool:
    """Whether a cell shows nothing."""
    return is_blank(shown_cell(cell))


def header_text(cell: object) -> str:
    """The text that a cell gives its column as a head; empty where it gives none."""
    if isinstance(cell, MergedCell):
        cell = cell.value if cell.first_column else ""
    return cell if isinstance(cell, str) and len(cell) <= 200 else ""


def head_name(names: ObjectNames, links: Sequence[str], text: str) -> tuple[str, str]:
    """The name that a head begins with, and the remarks behind it; where the rules know none, what would be the name."""
    whole = "".join(fold_cell(text).split())
    if names.field(whole):
        return whole, ""
    splits = head_splits(text)
    known = (split for split in splits if names.field(split[0]) is not None or fold_word(split[0]) in links)
    return next(known, splits[0])


def in_two_lines(
    upper: Sequence[object], lower: Sequence[object], known: Callable[[str], bool]
) -> tuple[object, ...] | None:
    """The heads that two lines give together: names beneath a group of columns stand in the lower one, under blanks or a
    merged head whose unit is theirs. None where the lines are no such header, but a title above one or a row beneath it."""
    found: list[object] = []
    group, above, grouped = "", False, False
    for index in range(max(len(upper), len(lower))):
        over = upper[index] if index < len(upper) else None
        under = lower[index] if index < len(lower) else None
        name, label = header_text(over), header_text(under)
        if not is_empty(over):
            group = str(shown_cell(over))
        if known(name):
            above, group = True, ""
            if not is_empty(under) and fold_word(str(shown_cell(under))) != fold_word(name):
                return None
            found.append(over)
        elif is_empty(under):
            found.append(over)
        elif not isinstance(shown_cell(under), str):
            return None
        else:
            remark = head_splits(group)[0][1] if group and len(head_splits(label)[0][1]) == 0 else ""
            found.append(f"{label}（{remark}）" if known(label) and remark else label)
            grouped = grouped or (known(label) and (isinstance(over, MergedCell) or is_empty(over)))
    return tuple(found) if above and grouped else None


def known_heads(names: RecordNames) -> Callable[[Sequence[object]], int]:
    """How many cells of a row are names of columns, of whatever object."""
    known = {fold_word(label) for own in names.objects.values() for label in own.by_name}
    known |= {word for object_ in names.objects for word in names.link_names(object_)}

    def heads(cells: Sequence[object]) -> int:
        words = [header_text(cell) for cell in cells]
        return sum(
            1
            for word in words
            if word and known & {fold_word(word), *(fold_word(name) for name, _ in head_splits(word))}
        )

    return heads


def unit_alone(cell: str) -> str:
    """The unit that a cell says and nothing else; empty where it says anything else."""
    found = UNIT_ALONE.fullmatch(fold_cell(cell))
    unit = "" if found is None else unit_word(found[1])
    return unit if says_unit(unit) else ""
