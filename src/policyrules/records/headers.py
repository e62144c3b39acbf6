"""The header of a table: which line it is, which column is which field, in which unit its numbers are.

Why this exists: titles above a header are passed by, but for the unit they give; columns stand in any order under Chinese
names or keys, under groups, with comments; a header's unit is converted, a column that the rules do not know is a note with the
nearest name.

Invariants: nothing raises; a unit is applied or reported, never left out; of one field under several groups none is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from policyrules.diagnostics import CellPlace, Diagnostic, Report, shown_text
from policyrules.program.nodes import Field
from policyrules.records.cells import accepts_unit, factor_under, is_blank, parse_cell
from policyrules.records.codebook import is_turned, opposite_of
from policyrules.records.heads import (
    MOST_LINES,
    OTHER_TIME,
    Heads,
    MergedCell,
    head_name,
    header_text,
    in_lines,
    is_empty,
    known_heads,
    own_cell,
    shown_cell,
    under_groups,
    undressed,
    unit_alone,
    unnumbered,
)
from policyrules.records.ledger import Notes
from policyrules.records.lines import says_no_unit
from policyrules.records.names import ObjectNames, Offers, RecordNames
from policyrules.records.tables import (
    HEADER_ROWS,
    Column,
    Columns,
    Table,
    column_letter,
)
from policyrules.records.units import (
    concerns,
    head_splits,
    remark_of,
    says_count,
    says_more,
    says_unit,
    units_beside,
    units_of_title,
)
from policyrules.spelling import fold_cell, fold_word, nearest
from policyrules.types import NUMERIC, Kind

_MOST_NAMED: Final = 50
MOST_ALONE: Final = 5
"""So many things are told one by one."""
_SAMPLED: Final = 20
_UNIT_COLUMNS: Final = frozenset({"单位", "计量单位", "金额单位", "货币单位"})
_FEWEST_HEADS: Final = 2
_SERIALS: Final = frozenset({"序号", "序", "编号", "次序", "行号", "no", "no."})


def line_of_units(cells: Sequence[object], columns: Sequence[Column]) -> bool:
    """Whether a row says the units of the columns above it, of a number's at least, and besides only that others have none:
    （元）, 户, 亩; 单位, —, 文本, 元."""
    numeric = {column.index for column in columns if column.counts()}
    told = False
    for index, cell in enumerate(map(own_cell, cells)):
        if is_blank(cell):
            continue
        if not isinstance(cell, str):
            return False
        if unit_alone(cell):
            told = told or index in numeric
        elif not says_no_unit(cell):
            return False
    return told


class HeaderReader:
    """Reads the headers of tables of one program; ``report`` and ``notes`` are where it leaves what it has to say."""

    def __init__(self, names: RecordNames, report: Report, notes: Notes) -> None:
        self.names = names
        self.report = report
        self.notes = notes
        self.offers = Offers()
        self._heads = known_heads(names)
        self._numbers = frozenset(
            word
            for object_ in names.objects
            if (number := names.link(object_)) is not None
            for word in (number.name, number.key, fold_word(number.name), fold_word(number.key))
        )

    def header_of(self, table: Table, object_: str) -> tuple[int, int]:
        """Index of the header row and how many of its cells are names of ``object_``; titles above it are passed by."""
        names = self.names.objects[object_]
        links = self.names.link_names(names.kind.parent) if names.kind.parent else ()
        best, most = 0, 0
        for index, (_, cells) in enumerate(table.some(0, HEADER_ROWS)):
            matches = 0
            for cell in cells:
                text = header_text(cell)
                matches += bool(text) and (
                    any(
                        name and (names.field(name) is not None or fold_word(name) in links)
                        for name, _ in head_splits(text)
                    )
                    or bool(undressed(names, links, text)[0])
                )
            if matches > most:
                best, most = index, matches
        return best, most

    def _head(self, table: Table, object_: str, at: int) -> tuple[int, int, int, Heads]:
        """The header around row ``at``: its first line and the one behind its last, the number of the last, its heads."""
        names = self.names.objects[object_]
        links = self.names.link_names(names.kind.parent) if names.kind.parent else ()

        def known(text: str) -> bool:
            name = head_name(names, links, text)[0] if fold_cell(text) else ""
            return bool(name) and (names.field(name) is not None or fold_word(name) in links)

        start = max(at - MOST_LINES + 1, 0)
        lines = list(table.some(start, at + MOST_LINES))
        for count in range(MOST_LINES, 1, -1):
            for first in range(max(at - count + 1, start), at + 1):
                taken = lines[first - start : first - start + count]
                if len(taken) == count and (heads := in_lines([cells for _, cells in taken], known)) is not None:
                    return self._several(table, taken, first, heads)
        number, own = lines[at - start]
        if at > start and (heads := under_groups(lines[at - start - 1][1], own, known)) is not None:
            return self._several(table, lines[at - start - 1 : at - start + 1], at - 1, heads)
        return at, at + 1, number, Heads(own, ("",) * len(own))

    def _several(
        self, table: Table, lines: Sequence[tuple[int, tuple[object, ...]]], first: int, heads: Heads
    ) -> tuple[int, int, int, Heads]:
        count = {2: "两", 3: "三"}[len(lines)]
        numbers = "、".join(str(number) for number, _ in lines)
        self.notes.add(f"“{table.name}”的表头有{count}行（第 {numbers} 行），合起来读入了，请核对")
        return first, first + len(lines), lines[-1][0], heads

    def other_head(self, table: Table, number: int, filled: Sequence[object]) -> bool:
        """Whether a line is the head of another table, which is reported: names of columns and nothing else, that of a number
        among them."""
        numbers = self._numbers
        if len(filled) < _FEWEST_HEADS or not any(
            isinstance(text := cell.value if isinstance(cell, MergedCell) else cell, str) and text in numbers
            for cell in filled
        ):
            return False
        texts = [shown_cell(cell) for cell in filled]
        known = self._heads(texts)
        if not all(isinstance(text, str) for text in texts) or known < _FEWEST_HEADS or 2 * known <= len(texts):
            return False
        shown = "、".join(str(text) for text in texts[:_FEWEST_HEADS])
        expected = (
            f"这一行（{shown_text(shown)}……）也像表头，和读作表头的那一行合不起来：像是一张工作表上有两张表，或者表头写得认不出；"
            "这张表没有读入，请把两张表分到两张工作表，表头写成相连的一到三行，列名都写在最下面一行也行"
        )
        self.report.error("E506", expected, table.place(number))
        return True

    def line_units(self, table: Table, columns: Columns, line: tuple[int, tuple[object, ...]]) -> None:
        """Take the units in a line of them beneath the header; a column that cannot be read with its own is left out."""
        number, cells = line
        kept = []
        for column in columns.read:
            cell = own_cell(cells[column.index]) if column.index < len(cells) else None
            unit = unit_alone(cell) if isinstance(cell, str) else ""
            field = column.field
            if not unit or field is None or field.type.kind not in NUMERIC:
                kept.append(column)
            elif column.unit is not None and factor_under(field, unit) != factor_under(field, column.unit):
                expected = f"列名的单位是“{column.unit}”，下面一行写着“{unit}”，这一列没有读入；请只写一处"
                place = CellPlace(field.name, shown_text(str(cell)), table.file, table.name, number)
                self.report.error("E506", expected, replace(place, column=column_letter(column.index)))
            elif self._unit(column, field, unit, table, number):
                kept.append(column)
        columns.read = kept

    def same_units(self, table: Table, number: int, cells: Sequence[object], columns: Columns) -> bool:
        """Whether a line of units beneath heads that stand there once more says those that are read; reported where not."""
        for column in columns.read:
            field, cell = column.field, own_cell(cells[column.index]) if column.index < len(cells) else None
            unit = unit_alone(cell) if isinstance(cell, str) else ""
            if not unit or field is None or field.type.kind not in NUMERIC:
                continue
            if factor_under(field, unit) != factor_under(field, column.unit):
                expected = f"这里写着单位“{unit}”，上面的{field.name}按{column.unit or field.type.unit or '没有单位'}读，两处不一样；这张表没有读入，请改成一样的"
                place = CellPlace(field.name, shown_text(str(cell)), table.file, table.name, number)
                self.report.error("E506", expected, replace(place, column=column_letter(column.index)))
                return False
        return True

    def read_comments(self, table: Table, columns: Columns) -> None:
        """Take the units that comments on heads give; a column that cannot be read with its own is left out. What else comments
        say is noted."""
        lines = {number: cells for number, cells in table.some(columns.first, columns.after)}
        last, width = max(lines, default=0), max(map(len, lines.values()), default=0)
        other: list[str] = []
        for (number, index), text in sorted(table.comments.items()):
            if number < last and number not in lines:
                # What stands beside a title is one.
                continue
            cells = lines.get(number, ())
            units = units_beside(text)
            end = _end(cells, index, width if number != last else 0)
            meant = [
                column
                for column in columns.read
                if cells and index <= column.index < end and column.field is not None
                if column.field.type.kind in NUMERIC and any(concerns(unit, column.field) for unit in units)
            ]
            for column in meant:
                if not self._unit_beside(table, number, column, units, text):
                    columns.read.remove(column)
            if not meant:
                other.append(f"{column_letter(index)}{number}（{shown_text(' '.join(text.split()))}）")
        if other:
            more = f"等 {len(other)} 处" if len(other) > MOST_ALONE else ""
            self.notes.add(f"“{table.name}”里的批注没有用上，请核对：{'、'.join(other[:MOST_ALONE])}{more}")

    def _unit_beside(self, table: Table, number: int, column: Column, units: Sequence[str], text: str) -> bool:
        """Take the unit that a comment on its head gives a column; False where it cannot be read with it."""
        field = column.field
        assert field is not None, "a column of numbers"
        head, letter = shown_text(column.header), column_letter(column.index)
        said = "、".join(units)
        if len(units) == 1 and accepts_unit(field, units[0]):
            if column.unit is None:
                column.unit, column.own_unit = units[0], True
                self.notes.add(f"“{table.name}”的“{head}”（{letter} 列）按列名上批注写的单位“{said}”读入，请核对")
                return True
            if factor_under(field, column.unit) == factor_under(field, units[0]):
                return True
        own = f"列名的单位是“{column.unit}”，" if column.unit is not None else ""
        expected = f"{own}列名上的批注写着单位“{said}”，看不出一个数是多少，这一列没有读入；请把单位写进列名，如“{field.name}（{field.type.unit}）”"
        place = CellPlace(field.name, shown_text(text), table.file, table.name, number)
        self.report.error("E506", expected, replace(place, column=letter))
        return False

    def title_unit(self, table: Table, header: int, columns: list[Column]) -> bool:
        """Take the unit that a title above the header gives for the columns that give none themselves; False where the
        table cannot be read with it."""
        bare = [(column, column.field) for column in columns if column.field is not None and column.unit is None]
        numeric = [(column, field) for column, field in bare if field.type.kind in NUMERIC]
        above = [
            (number, [*map(header_text, cells), *(text for (row, _), text in table.comments.items() if row == number)])
            for number, cells in table.some(0, header)
        ]
        for number, title in [(None, [table.name]), *above]:
            for unit in units_of_title(title):
                meant = [(column, field) for column, field in numeric if concerns(unit, field)]
                taken = [column for column, field in meant if accepts_unit(field, unit)]
                twice = any(column.unit not in (None, unit) for column in taken)
                if twice or (meant and not taken):
                    said = "给了两种单位" if twice else "不能换算成这张表里任何一列的单位"
                    where = "表名里" if number is None else "表头上面"
                    expected = f"{where}写着单位“{unit}”，{said}，这张表没有读入；请把单位写进各列的列名"
                    place = replace(table.place(number), value=shown_text("\t".join(title).strip()))
                    self.report.error("E506", expected, place)
                    return False
                for column in taken:
                    column.unit = unit
        return True

    def columns(self, table: Table, object_: str, at: int) -> Columns:
        """The columns of a table whose header is its row ``at``."""
        start, after, number, heads = self._head(table, object_, at)
        names = self.names.objects[object_]
        links = self.names.link_names(names.kind.parent) if names.kind.parent else ()
        columns: list[Column] = []
        header = heads.cells
        unknown: list[tuple[int, str, str]] = []
        sources: list[tuple[int, Column]] = []
        named: list[int] = []
        dressed = self._dressed(names, links, header)
        for index, cell in enumerate(header):
            text = header_text(cell)
            if not fold_cell(text):
                continue
            named.append(index)
            name, remark = head_name(names, links, text)
            found = names.field(name)
            # The record itself names its county in a field of its own; only rows of lists are joined by the column.
            link = fold_word(name) in links and object_ != self.names.record
            if found is None and not link and index in dressed:
                name, remark = dressed[index]
                found = names.field(name)
                link = fold_word(name) in links and object_ != self.names.record
                self._note_taken(table, index, text, name)
            if found is None and not link:
                unknown.append((index, text, name))
                continue
            column = Column(index, text, found, False)
            if link:
                sources.append((links.index(fold_word(name)), column))
            if remark and found is not None and not self._unit(column, found, remark, table, number):
                continue
            columns.append(column)
        if sources:
            min(sources, key=lambda source: source[0])[1].link = True
        columns = [column for column in columns if column.link or column.field is not None]
        columns = self._apart(table, number, columns, heads)
        self._divided(table, number, names, columns, heads)
        for column in columns:
            group = head_splits(heads.groups[column.index])[0][0]
            if column.field is not None and OTHER_TIME.fullmatch(group) and not column.field.name.startswith(group):
                column.header = f"{group}·{column.header}"
                self._read_as(column, column.field, group, table)
        self._note_unknown(table, object_, after, unknown, {column.field.name for column in columns if column.field})
        last = max(named, default=-1)
        units = {
            index: [column for column in columns if own is None or column.field is own]
            for index, _, name in unknown
            if (own := names.field(name.removesuffix("单位"))) is not None or fold_word(name) in _UNIT_COLUMNS
            if name.endswith("单位")
        }
        serial = next((index for index, _, name in unknown if fold_word(name) in _SERIALS), None)
        lines = [cells for _, cells in table.some(0, after)]
        gaps = frozenset(range(last)).difference(named)
        mine = [one.index for one in columns if one.field and one.field.name == names.kind.identity]
        numbers = frozenset((*mine, *(one.index for one in columns if one.link)))
        identity = mine[0] if mine else -1
        said = Columns(columns, last, gaps, units, serial, start, after, lines, numbers, identity)
        said.refused = (
            self._twofold(table, number, said)
            or self._sideways(table, number, names, said)
            or self._form(table, names, said)
        )
        return said

    def _dressed(
        self, names: ObjectNames, links: Sequence[str], header: Sequence[object]
    ) -> dict[int, tuple[str, str]]:
        """The columns whose heads are names with something of a form around them (`undressed`), where no other column has that
        name, by their places."""
        found: dict[int, tuple[str, str]] = {}
        taken: list[str] = []
        for index, cell in enumerate(header):
            text = header_text(cell)
            if not fold_cell(text):
                continue
            name = head_name(names, links, text)[0]
            if names.field(name) is None and fold_word(name) not in links:
                name, remark = undressed(names, links, text)
                if not name:
                    continue
                found[index] = name, remark
            field = names.field(name)
            taken.append(fold_word(name) if field is None else field.name)
        return {
            index: (name, remark)
            for index, (name, remark) in found.items()
            if taken.count(fold_word(name) if (field := names.field(name)) is None else field.name) == 1
        }

    def _twofold(self, table: Table, number: int, columns: Columns) -> bool:
        """Whether a header is that of two tables beside each other, which is reported: a number in each of two columns, and one
        without a name between them."""
        places = sorted(columns.numbers)
        for one, other in pairwise(places):
            if any(one < gap < other for gap in columns.gaps):
                both = f"{column_letter(one)}、{column_letter(other)}"
                expected = f"编号有两列（{both} 列），中间隔着没有列名的列，像是两张表并排放在一张工作表上；这张表没有读入，请分到两张工作表"
                self.report.error("E506", expected, replace(table.place(number), column=column_letter(other)))
                return True
        return False

    def _sideways(self, table: Table, number: int, names: ObjectNames, columns: Columns) -> bool:
        """Whether a table lies on its side, which is reported: what would be the numbers of its rows are names of its columns."""
        if columns.identity < 0 or len(columns.read) > 1:
            return False
        below = (
            cells[columns.identity]
            for _, cells in table.some(columns.after, columns.after + _SAMPLED)
            if columns.identity < len(cells)
        )
        texts = [text for cell in below if (text := header_text(shown_cell(cell)))]
        fields = [text for text in texts if names.field(head_splits(text)[0][0]) is not None]
        if len(fields) < _FEWEST_HEADS or 2 * len(fields) <= len(texts):
            return False
        letter = column_letter(columns.identity)
        expected = (
            f"{letter} 列写的是字段的名称（{'、'.join(fields[:MOST_ALONE])}），像是横着填的：一行一项、一列一个{names.kind.name}；"
            f"这张表没有读入，请转置成一行一个{names.kind.name}"
        )
        self.report.error("E506", expected, replace(table.place(number), column=letter))
        return True

    def _form(self, table: Table, names: ObjectNames, columns: Columns) -> bool:
        """Whether a table is a form of one record, which is reported: what stands beneath names of fields are names again, each
        with its value beside it."""
        places = {column.index for column in columns.read}
        if any(place + 1 in places for place in places):
            return False
        alone = 0
        for number, cells in table.some(columns.after, columns.after + _SAMPLED):
            here = [
                (column, text)
                for column in columns.read
                if column.index < len(cells) and (text := header_text(shown_cell(cells[column.index])))
            ]
            labels = [
                (column, text)
                for column, text in here
                # A head that stands there once more is over its own column.
                if names.field(head_splits(text)[0][0]) not in (None, column.field)
            ]
            alone += bool(labels) and len(columns.read) == 1
            own = any(column.index == columns.identity for column, _ in labels)
            if own or alone >= _FEWEST_HEADS or (len(labels) >= _FEWEST_HEADS and 2 * len(labels) > len(here)):
                expected = (
                    f"这一行的“{shown_text(labels[0][1])}”是字段的名称，像是一张只填一个{names.kind.name}的表：一格写名称，旁边一格写内容；"
                    f"这张表没有读入，请改成一行一个{names.kind.name}"
                )
                self.report.error(
                    "E506", expected, replace(table.place(number), column=column_letter(labels[0][0].index))
                )
                return True
        return False

    def _apart(self, table: Table, number: int, columns: list[Column], heads: Heads) -> list[Column]:
        """The columns without those of one field under several groups: nobody can tell which of them is meant."""
        kept = columns
        for field in {column.field.name: column.field for column in columns if column.field is not None}.values():
            own = [column for column in columns if column.field is field]
            over = {column.index: head_splits(heads.groups[column.index])[0][0] for column in own}
            if len(set(over.values())) < 2:
                continue
            said = "、".join(f"{column_letter(index)} 列在“{group}”下" for index, group in over.items() if group)
            expected = f"“{field.name}”有几列（{said}），分不清哪一列是要读的，这几列都没有读入；请把要读的一列改名，写明是“{field.name}”"
            place = replace(table.place(number), path=field.name, column=column_letter(own[0].index))
            self.report.error("E506", expected, place)
            kept = [column for column in kept if column not in own]
        return kept

    def _divided(self, table: Table, number: int, names: ObjectNames, columns: Sequence[Column], heads: Heads) -> None:
        """Report fields whose head stands over several columns, of which none is the whole: nobody can tell which is meant."""
        read = {column.index for column in columns}
        given = {column.field.name for column in columns if column.field is not None}
        under: dict[str, list[int]] = {}
        for index, group in enumerate(heads.groups):
            if index in read:
                continue
            over = (names.field(head_splits(part)[0][0]) for part in group.split("·") if part)
            for field in over:
                if field is not None and field.name not in given:
                    under.setdefault(field.name, []).append(index)
        for name, places in under.items():
            said = "、".join(f"{column_letter(at)} 列“{shown_text(header_text(heads.cells[at]))}”" for at in places)
            expected = (
                f"“{name}”下面分了列（{said}），分不清哪一列是要读的，都没有读入；请把要读的一列的列名直接写成“{name}”"
            )
            place = replace(table.place(number), path=name, column=column_letter(places[0]))
            self.report.error("E506", expected, place)

    def _note_unknown(
        self, table: Table, object_: str, after: int, unknown: list[tuple[int, str, str]], given: set[str]
    ) -> None:
        """Say which columns the rules do not know, and which of their fields each may have been meant for."""
        names = self.names.objects[object_]
        parent = names.kind.parent if object_ != self.names.record else None
        known = tuple(dict.fromkeys((*(known.name for known in names.fields), *(known.key for known in names.fields))))
        missing = [field for field in names.fields if field.name not in given]
        said = []
        for index, text, name in unknown[:_MOST_NAMED]:
            place = f"“{shown_text(text)}”（{column_letter(index)} 列"
            if parent and self.names.objects[parent].field(name):
                said.append(f"{place}，是{parent}的字段，请填在{parent}表里）")
                continue
            bare = unnumbered(name).removeprefix("是否")
            against = next(
                (one.name for one in names.fields if one.type.kind is Kind.BOOL and opposite_of(bare, one.name)), None
            )
            if against is not None:
                said.append(f"{place}，和“{against}”正相反：要用它，请另加“{against}”一列，“是”“否”对调着填）")
                continue
            meant = self._meant(table, after, index, name, missing)
            if meant is None:
                said.append(f"{place}{self.offers.near(name, known)}）")
                continue
            said.append(f"{place}，是不是“{meant.name}”？）")
            self.notes.add(
                f"“{table.name}”没有“{meant.name}”这一列，每个{object_}的{meant.name}都按没有填处理；"
                f"如果“{shown_text(text)}”（{column_letter(index)} 列）就是它，请把列名改成“{_called(meant, text)}”{_with_unit(meant)}"
            )
        if len(unknown) > _MOST_NAMED:
            said.append(f"另有 {len(unknown) - _MOST_NAMED} 列")
        if said:
            self.notes.add(f"“{table.name}”中有规则里没有的列，没有用上：{'；'.join(said)}")

    def _meant(self, table: Table, after: int, index: int, name: str, missing: list[Field]) -> Field | None:
        """The field without a column that a column called ``name`` may have been meant for: their names are alike, and what
        stands in the column can be read for the field."""
        alike = nearest(name[:40], [field.name for field in missing], 2)
        likely = [field for field in missing if field.name in alike or _share_word(name[:40], field)]
        below = (cells[index] for _, cells in table.some(after, after + _SAMPLED) if index < len(cells))
        sample = [cell for cell in below if not is_empty(cell)] if likely else []
        fits = [f for f in likely if sample and not any(isinstance(parse_cell(c, f), Diagnostic) for c in sample)]
        order = {one: place for place, one in enumerate(alike)}
        fits.sort(key=lambda field: order.get(field.name, len(order)))
        return fits[0] if fits and (len(fits) == 1 or fits[0].name in alike) else None

    def _unit(self, column: Column, found: Field, remark: str, table: Table, number: int) -> bool:
        """Take the remark of a header as the unit of its numbers; False where the column cannot be read with it."""
        type_ = found.type
        if fold_word(remark) in (fold_word(found.key), fold_word(found.name)):
            return True
        if is_turned(remark, found):
            expected = (
                f"列名里的“{shown_text(remark)}”和通常的填法不一样（是、有、√、1 为是，否、无、×、0 为否），这一列没有读入；"
                f"请把格子里都改成“是”“否”，列名只写“{found.name}”"
            )
            place = replace(table.place(number), path=found.name, value=column.header)
            self.report.error("E506", expected, replace(place, column=column_letter(column.index)))
            return False
        if type_.kind not in NUMERIC:
            self._read_as(column, found, remark, table)
            return True
        said = remark_of(remark, found)
        if said.doubtful:
            unit = f"（{type_.unit}）" if type_.unit else ""
            expected = f"列名的单位“{said.doubtful}”不能换算成{found.name}的单位{unit}，这一列没有读入"
            if not says_unit(said.doubtful) and not says_count(said.doubtful):
                expected = f"列名里的“{said.doubtful}”像是单位，看不出一个数是多少，这一列没有读入；"
                expected += f"请把列名写成“{found.name}{unit}”这样，别的话不要写在括号里"
            place = replace(table.place(number), path=found.name, value=column.header)
            self.report.error("E506", expected, replace(place, column=column_letter(column.index)))
            return False
        if said.unit is not None:
            column.unit, column.own_unit = said.unit, True
        if said.rest:
            self._read_as(column, found, said.rest, table)
        return True

    def _read_as(self, column: Column, found: Field, remark: str, table: Table) -> None:
        """Note that a head says more than the name of the field that it was taken for; what may be filled in is no more."""
        if says_more(remark, found):
            self._note_taken(table, column.index, column.header, found.name)

    def _note_taken(self, table: Table, index: int, head: str, name: str) -> None:
        """Note which name a head was taken for."""
        letter = column_letter(index)
        self.notes.add(f"“{table.name}”的“{shown_text(head)}”（{letter} 列）当作“{name}”读入，请核对是不是同一项")


def _called(field: Field, head: str) -> str:
    """What a head that means a field is to be called: what it says of percents is not lost."""
    percent = field.type.kind is Kind.RATIO and "%" in fold_cell(head)
    return f"{field.name}（%）" if percent else field.name


def _with_unit(field: Field) -> str:
    """How the name of a field is written over numbers that may be in another unit."""
    unit = field.type.unit
    if field.type.kind not in NUMERIC or not unit:
        return ""
    return f"；这一列的数不以{unit}计的，在后面的括号里写上它的单位，如“{field.name}（单位）”"


_EVERYWHERE: Final = frozenset({"项目", "情况", "是否", "名称", "编号", "时间", "日期", "金额", "数量", "年度"})


def _share_word(name: str, field: Field) -> bool:
    """Whether the name of a column and of a field share two characters in a row that not every other name has. Whatever
    is written can be read as a text, so texts are not told by this."""
    pairs = {name[at : at + 2] for at in range(len(name) - 1)} - _EVERYWHERE
    return field.type.kind is not Kind.TEXT and any(pair in field.name for pair in pairs if len(pair) == 2)


def _end(cells: Sequence[object], index: int, width: int) -> int:
    """Behind which column a head ends: it goes on where it is merged, and in an upper line, which has so much ``width``, over
    blanks."""
    end = index + 1
    while end < max(len(cells), width):
        cell = cells[end] if end < len(cells) else None
        if not _continues(cell) and not (width and is_empty(cell)):
            break
        end += 1
    return end


def _continues(cell: object) -> bool:
    return isinstance(cell, MergedCell) and not cell.first_column


def is_filled(cell: object) -> bool:
    return not is_empty(cell)
