"""The cells of a header: what a column is called, in one line or in several.

Why this exists: office ledgers name groups of columns in a first line, groups of these in a second, and the columns beneath
them, write remarks into the heads, and merge cells; a row of records must never pass for a line of heads.

Invariant: nothing here raises, whatever a cell holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from policyrules.records.cells import is_blank
from policyrules.records.names import ObjectNames, RecordNames
from policyrules.records.sums import says_sum
from policyrules.records.units import UNIT_ALONE, head_splits, says_unit, unit_word, units_said
from policyrules.spelling import fold_cell, fold_word
from policyrules.types import Kind


@dataclass(frozen=True, slots=True)
class MergedCell:
    """A cell inside a merged range. ``value``: what the range shows; ``first_column``: the cell is in the first column of
    the range, so that a project number merged over its rows can be read for each of them; ``first_row``: in its first row;
    ``wide``: the range has several columns; ``tall``: several rows."""

    value: object
    first_column: bool
    first_row: bool = True
    wide: bool = False
    tall: bool = False


def shown_cell(cell: object) -> object:
    """What a cell shows, merged with others or not."""
    return cell.value if isinstance(cell, MergedCell) else cell


def own_cell(cell: object) -> object:
    """What a cell shows that is not the rest of a range from the row above."""
    return None if isinstance(cell, MergedCell) and not cell.first_row else shown_cell(cell)


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


_NUMBERED: Final = re.compile(
    r"(?:\((?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})\)|(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[.、)]|[\u2460-\u2473])\s*"
)
_MARKS: Final = "?:。,;、! "
_ASKED: Final = re.compile(r"是否(.+)|(.+)与否")


def unnumbered(text: str) -> str:
    """A head without the number that a form puts before it, and without marks behind it.

    >>> unnumbered("（3）停产？"), unnumbered("2024.停产"), unnumbered("停产")
    ('停产', '2024.停产', '停产')
    """
    bare = fold_cell(text)
    numbered = _NUMBERED.match(bare)
    return (bare if numbered is None else bare[numbered.end() :]).rstrip(_MARKS)


def undressed(names: ObjectNames, links: Sequence[str], text: str) -> tuple[str, str]:
    """The name that a head has between what a form puts around it, and the remarks behind it; two empty texts where the rules know
    none: 1.停产, 停产？, 总投资：, and of yes or no 是否停产. What denies a name is no part of what goes around it."""
    for split, remark in head_splits(unnumbered(text)):
        name = split.rstrip(_MARKS)
        if names.field(name) is not None or fold_word(name) in links:
            return name, remark
        asked = _ASKED.fullmatch(name)
        field = None if asked is None else names.field(asked[1] or asked[2])
        if field is not None and field.type.kind is Kind.BOOL:
            return field.name, remark
    return "", ""


@dataclass(frozen=True, slots=True)
class Heads:
    """What lines of heads say together: the head of each column, and what group of columns stands above it (empty: none)."""

    cells: tuple[object, ...]
    groups: tuple[str, ...]


MOST_LINES: Final = 3
OTHER_TIME: Final = re.compile(
    "(?:计划|预计|规划|拟|目标|预期|上[年期月]|去年|前年|往年|历年|申报|申请|批复|概算|预算|合同|原|(?:调整|变更|改造|实施)前)"
    "(?:数据?|情况|[值额年]|年度|指标|完成|投资|资金|规模|建设)?"
)
"""What stands beneath such a group is another amount than the one that its own head names."""


def in_lines(lines: Sequence[Sequence[object]], known: Callable[[str], bool]) -> Heads | None:
    """The heads that some lines give together: names beneath a group of columns stand in a lower one, under blanks or merged
    heads, whose unit is theirs, and with which they may be one name (计划 above 总投资: 计划总投资). None where the lines are no
    such header, but a title above one or a row beneath it."""
    found: list[object] = []
    groups: list[str] = []
    # By line, what was last said there: over blanks it is the group of what stands beneath.
    above = [""] * len(lines)
    top = bottom = False
    down = _goes_down(lines, known) or _stands_under(lines[-2], lines[-1])
    for index in range(max(map(len, lines))):
        cells = [line[index] if index < len(line) else None for line in lines]
        filled = [at for at, cell in enumerate(cells) if not is_empty(cell)]
        for at in filled:
            cell = cells[at]
            if not isinstance(cell, MergedCell) or cell.first_column:
                above[at:] = [str(shown_cell(cell)), *[""] * (len(lines) - at - 1)]
        named = next((at for at in filled if known(header_text(cells[at]))), None)
        at = max(filled, default=0) if named is None else named
        if named is not None and named < len(lines) - 1:
            name = fold_word(header_text(cells[named]))
            lower = [under for under in filled if under > named and fold_word(str(shown_cell(cells[under]))) != name]
            if lower and not _spans(lines, named, index):
                return None
            if lower and says_sum(header_text(cells[lower[-1]])):
                # The whole of what the other columns of the group are parts of.
                bottom = True
            elif lower:
                top = top or named == 0
                at, named = lower[-1], None
                # What stands beneath a head of several columns, beside others that reach down to it, tells these apart.
                bottom = bottom or (down and at == len(lines) - 1)
        cell = cells[at]
        if down and at == len(lines) - 1 and named is None and isinstance(shown_cell(cell), int):
            cell = str(shown_cell(cell))
        if at and not is_empty(cell) and not isinstance(shown_cell(cell), str):
            return None
        label = header_text(cell)
        over = [group for group in above[:at] if group and group != label] if label else []
        if named == 0:
            top = True
        elif over or (at and label):
            cell = _beneath(over, label, known)
            # A row beneath heads stands under some that are known, or beside one that goes down to it.
            bottom = bottom or (at == len(lines) - 1 and (down or known(cell)))
        if named is not None:
            above[named:] = [""] * (len(lines) - named)
        found.append(cell)
        groups.append("·".join(over))
    return Heads(tuple(found), tuple(groups)) if top and bottom else None


def _goes_down(lines: Sequence[Sequence[object]], known: Callable[[str], bool]) -> bool:
    """Whether the last line belongs to the heads above it, whatever stands there: a head that is known is merged down to it."""
    return any(isinstance(cell, MergedCell) and not cell.first_row and known(header_text(cell)) for cell in lines[-1])


def _stands_under(upper: Sequence[object], last: Sequence[object]) -> bool:
    """Whether a line has names of parts alone, several under each head that stands over them: a row of records has more."""
    parts: dict[int, int] = {}
    over = -1
    for index in range(max(len(upper), len(last))):
        head = upper[index] if index < len(upper) else None
        cell = own_cell(last[index]) if index < len(last) else None
        if not is_empty(head) and not (isinstance(head, MergedCell) and not head.first_column):
            over = index
        if is_blank(cell):
            continue
        text = str(cell)
        if over < 0 or not (_YEAR.fullmatch(text) or (isinstance(cell, str) and not any(map(str.isdigit, text)))):
            return False
        parts[over] = parts.get(over, 0) + 1
    return bool(parts) and min(parts.values()) > 1


_YEAR: Final = re.compile("(?:19|20)[0-9]{2}(?:年度?)?")


def _spans(lines: Sequence[Sequence[object]], at: int, index: int) -> bool:
    """Whether the head in a line is that of several columns: merged over them, or with none of its own beside it."""
    cell = lines[at][index]
    if isinstance(cell, MergedCell):
        return cell.wide
    beside = [line[index + 1] if index + 1 < len(line) else None for line in lines]
    under = [text for cell in beside[at + 1 :] if (text := header_text(cell))]
    plain = (text for text in under if not _YEAR.fullmatch(text))
    return is_empty(beside[at]) and bool(under) and not any(char.isdigit() for text in plain for char in text)


def _beneath(over: Sequence[str], label: str, known: Callable[[str], bool]) -> str:
    """The head of a column under some groups, with their unit where it gives none itself."""
    splits = [head_splits(group)[0] for group in over]
    own, remark = head_splits(label)[0]
    whole = next((f"{name}{own}" for name, _ in reversed(splits) if known(f"{name}{own}")), None)
    head = label if whole is None else f"{whole}（{remark}）" if remark else whole
    given = next((group for _, group in reversed(splits) if group), "")
    return f"{head}（{given}）" if known(head) and given and not remark else head


def under_groups(upper: Sequence[object], header: Sequence[object], known: Callable[[str], bool]) -> Heads | None:
    """The heads of a line whose names all stand in it, under a line of groups; None where the upper line is a title, or the
    groups make no difference: no name is one with that of its group, none comes twice, and none is of another time."""
    width = max(len(upper), len(header))
    shown = [str(shown_cell(cell)) for cell in upper if not is_empty(cell)]
    if len(dict.fromkeys(shown)) < _FEWEST_GROUPS or any(units_said(text, True) for text in shown):
        return None
    if any(not isinstance(shown_cell(cell), str) for cell in (*upper, *header) if not is_empty(cell)):
        return None
    cells: list[object] = []
    groups: list[str] = []
    group = ""
    for index in range(width):
        over = upper[index] if index < len(upper) else None
        under = header[index] if index < len(header) else None
        group = group if is_empty(over) else str(shown_cell(over))
        label = header_text(under)
        cells.append(_beneath([group] if group else [], label, known) if label else under)
        groups.append(group if label else "")
    same = [fold_word(head_splits(str(cell))[0][0]) for cell in cells if isinstance(cell, str) and known(cell)]
    own = sum(1 for cell in header if known(header_text(cell)))
    matters = len(same) > own or len(set(same)) < len(same) or any(map(OTHER_TIME.fullmatch, groups))
    return Heads(tuple(cells), tuple(groups)) if matters else None


_FEWEST_GROUPS: Final = 2


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
