"""The canonical text of surface nodes: the formatter's core.

Why this exists: one spelling. Punctuation, spaces, the order of clauses and the breaking of lines are settled here and
nowhere else; there are no options.

Invariants: parsing the printed text of an error-free file gives the same declarations and the same comments; printing
that again gives the same text. Declarations, fields, comments and single blank lines between them keep their source
order; inside a declaration the clauses stand in the order of ``docs/language.md``, one a line, and a comment goes with
the clause it stood before or behind. A comment in the middle of a clause moves in front of that clause.
"""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from policyrules.language import nodes as surface
from policyrules.language.expressions import DateLiteral, Expr, Name, SetLiteral
from policyrules.language.keywords import CLAUSES, CONDITIONS
from policyrules.language.layout import (
    STEP,
    braces,
    broken,
    broken_set,
    date_text,
    flat,
    literal_text,
    literals_text,
    set_text,
)
from policyrules.source import Span, display_width
from policyrules.text import quoted

_LAST = 899
"""The rank in print of what belongs in no declaration but that of a 试验: before 授权 and the notes."""
_NOT_A_NOTE = "、，,}｝）)；;.．"


def print_file(file: surface.File) -> str:
    """The canonical text of a file, with a final line end; '' for an empty one.

    Meant for files that parsed without errors: what did not parse is not in the tree.
    """
    units = _units(file)
    inside: dict[int, list[surface.Comment]] = {}
    between: deque[surface.Comment] = deque()
    at = 0
    for comment in file.comments:
        place = comment.span.start
        while at < len(units) and units[at].span.end <= place:
            at += 1
        if at < len(units) and units[at].span.start < place:
            inside.setdefault(at, []).append(comment)
        elif at > 0 and "\n" not in file.source.text[units[at - 1].span.end : place]:
            inside.setdefault(at - 1, []).append(comment)
        else:
            between.append(comment)
    lines: list[str] = []
    end = 0
    for index, unit in enumerate([*units, None]):
        while between and (unit is None or between[0].span.start < unit.span.start):
            comment = between.popleft()
            _blank_line(lines, file, end, comment.span.start)
            lines.append((unit.indent if unit is not None else "") + comment.text)
            end = comment.span.end
        if unit is not None:
            own = inside.get(index, [])
            _blank_line(lines, file, end, unit.span.start)
            lines.extend(_with_comments(file, unit, own))
            end = max([unit.span.end, *(comment.span.end for comment in own)])
    return "".join(f"{line}\n" for line in lines)


# ---- units, blank lines and comments --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """A clause as it is printed, with the place it had."""

    texts: tuple[str, ...]
    span: Span
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class _Unit:
    """A declaration or a field."""

    written: surface.Written
    indent: str
    span: Span


def _units(file: surface.File) -> list[_Unit]:
    """Declarations and fields, in source order."""
    units: list[_Unit] = []
    for declaration in file.declarations:
        units.append(_Unit(declaration.written, "", declaration.written.span))
        if isinstance(declaration, surface.ObjectDecl):
            units.extend(_Unit(each.written, STEP, each.span) for each in declaration.fields)
    units.extend(_Unit(edit, "", edit.span) for edit in file.edits)
    return sorted(units, key=lambda unit: unit.span.start)


def _blank_line(lines: list[str], file: surface.File, end: int, start: int) -> None:
    """Keep one blank line where the source had any."""
    if lines and file.source.text.count("\n", end, start) > 1:
        lines.append("")


def _with_comments(file: surface.File, unit: _Unit, comments: Sequence[surface.Comment]) -> list[str]:
    lines = _lines(unit.written)
    before: dict[int, list[str]] = {}
    behind: dict[int, list[str]] = {}
    above: list[str] = []
    for comment in comments:
        place = comment.span.start
        words = comment.text
        enclosing = next((index for index, line in enumerate(lines) if line.span.start < place < line.span.end), None)
        line_start = file.source.text.rfind("\n", 0, place) + 1
        trailing = bool(file.source.text[line_start:place].strip())
        placed = [(line.span, index) for index, line in enumerate(lines) if not line.is_note]
        earlier = [(span.end, index) for span, index in placed if span.end <= place]
        later = [(line.span.start, index) for index, line in enumerate(lines) if line.span.start > place]
        if enclosing == 0:
            above.append(words)
        elif enclosing is not None:
            before.setdefault(enclosing, []).append(words)
        elif trailing and earlier:
            behind.setdefault(max(earlier)[1], []).append(words)
        elif later and min(later)[1] > 0:
            before.setdefault(min(later)[1], []).append(words)
        else:
            above.append(words)
    printed = [unit.indent + words for words in above]
    for index, line in enumerate(lines):
        printed.extend(unit.indent + STEP + words for words in before.get(index, ()))
        texts = [unit.indent + text for text in line.texts]
        if index in behind:
            # A line holds one comment: what came together by reordering goes above.
            *others, last = behind[index]
            printed.extend(unit.indent + (STEP if index else "") + words for words in others)
            texts[-1] += STEP + last
        printed.extend(texts)
    return printed


# ---- declarations ---------------------------------------------------------------------------------------------------


def _lines(written: surface.Written) -> list[_Line]:
    """The clauses of a declaration in the order of `CLAUSES`; the first line is the header."""
    order = CLAUSES[written.keyword.text].order
    clauses = in_print(written)
    beside = [clause for clause in clauses if order.get(clause.keyword.text, _LAST) < 0]
    act = f"{written.act.text} " if written.act is not None else ""
    header = f"{act}{written.keyword.text} {written.name.text}" + (f"（{written.key.text}）" if written.key else "")
    texts = [header]
    for clause in beside:
        texts = [f"{header}{'' if isinstance(clause.body, surface.TypeExpr) else ' '}{clause_text(clause)}"]
        if isinstance(clause.body, surface.TypeExpr) and clause.body.values and written.keyword.text == "决定":
            values = SetLiteral(clause.body.values, False, clause.span)
            texts = broken_set(f"{header}：{clause.body.kind} ", values, STEP)
        header = texts[0]
    end = max(part.span.end for part in (written.name, written.key, *beside) if part is not None)
    lines = [_Line(tuple(texts), Span(written.span.source, written.span.start, end))]
    widths = _widths(written)
    for clause in clauses[len(beside) :]:
        if isinstance(clause.body, surface.Row):
            lines.append(_Line((STEP + row_text(clause.body, widths),), clause.span))
            continue
        lines.append(_Line(tuple(_clause_lines(clause)), clause.span, isinstance(clause.body, surface.Note)))
    return lines


def in_print(written: surface.Written) -> tuple[surface.Clause, ...]:
    """The clauses of a declaration in the order in which they are printed."""
    order = CLAUSES[written.keyword.text].order
    return tuple(sorted(written.clauses, key=lambda clause: order.get(clause.keyword.text, _LAST)))


def _widths(written: surface.Written) -> list[int]:
    """How wide each column of a table is, in columns of a terminal."""
    rows = [clause.body.cells for clause in written.clauses if isinstance(clause.body, surface.Row)]
    return [max(display_width(cell.text) for cell in column) for column in zip(*rows, strict=True)]


def row_text(row: surface.Row, widths: Sequence[int] = ()) -> str:
    """The canonical text of one line of a table, its cells filled up to ``widths``."""
    shown = [cell.text for cell in row.cells]
    if widths:
        shown = [text + " " * (width - display_width(text)) for text, width in zip(shown, widths, strict=True)]
    return f"| {' | '.join(shown)} |"


def _clause_lines(clause: surface.Clause) -> list[str]:
    """A clause on lines of its own, broken where it is long."""
    word = clause.keyword.text
    match clause.body:
        case SetLiteral():
            return broken_set(STEP if word == "values" else f"{STEP}{word} ", clause.body, STEP)
        case surface.Rank(when=when) if when is not None:
            return broken(f"{STEP}先后 {literals_text(clause.body.values)} 仅当 ", when, STEP)
        case surface.Conclusion(amount=amount) as then if amount is not None:
            return broken(f"{STEP}{word} {_concluded(then)}", amount, STEP)
        case body if word in CONDITIONS:
            return broken(f"{STEP}{_CONDITION_WORDS.get(word, word)} ", cast(Expr, body), STEP)
        case _:
            return [STEP + clause_text(clause)]


_CONDITION_WORDS = {"适用": "适用 当"}


def clause_text(clause: surface.Clause) -> str:
    """The canonical text of one clause on one line.

    >>> from policyrules.language.parser import parse_source
    >>> from policyrules.source import Source
    >>> file, _ = parse_source(Source("甲.rules", "规则 甲  则 分类  为 升级 当 停产   且 闲置"))
    >>> [clause_text(clause) for clause in file.declarations[0].written.clauses]
    ['则 分类 为 升级', '当 停产 且 闲置']
    """
    word = clause.keyword.text
    match clause.body:
        case surface.TypeExpr() as type_:
            return f"：{type_text(type_)}"
        case surface.Bounds(low=low, high=high):
            return f"{word} {literal_text(low)} {'以上' if high is None else f'至 {literal_text(high)}'}"
        case surface.Rank(values=values, when=when):
            return f"{word} {literals_text(values)}" + ("" if when is None else f" 仅当 {flat(when)}")
        case surface.Measure(object=object_, field=field):
            return f"{word} {object_.text}" + (f".{field.text}" if field is not None else "")
        case surface.Conclusion() as then:
            return f"{word} {conclusion_text(then)}"
        case surface.Row() as row:
            return row_text(row)
        case surface.Citation(place=place, quote=quote):
            return f"{word}【{place.text}】" + (quoted(quote) if quote else "")
        case surface.Note(text=text):
            # A mark that follows a name would make the word 释义 read as a name: a colon keeps it a note.
            return f"{word}{'：' if text[:1] in _NOT_A_NOTE else ' '}{text}"
        case SetLiteral() as items:
            return set_text(items) if word == "values" else f"{word} {set_text(items)}"
        case Name() as name:
            return f"{word} {name.text}"
        case DateLiteral(date=date) if word in ("自", "至"):
            return f"{word} {date_text(date)} {'起' if word == '自' else '止'}"
        case tuple() as names:
            texts = [each.text if isinstance(each, Name) else flat(each) for each in names]
            shown = "、".join(texts)
            if word == "授权" and len(texts) > 1:
                shown = f"{texts[0]}（{texts[1]}）"
            return f"{word} {shown}" if names else word
        case expression:
            return f"{_CONDITION_WORDS.get(word, word)} {flat(expression)}"


def conclusion_text(then: surface.Conclusion) -> str:
    """The canonical text behind 则."""
    return _concluded(then) + (literals_text(then.values) if then.amount is None else flat(then.amount))


def _concluded(then: surface.Conclusion) -> str:
    tone = f"{then.tone.text} " if then.tone is not None else ""
    return f"{tone}{then.target.text} {then.verb} "


def type_text(type_: surface.TypeExpr) -> str:
    """The canonical text of a type."""
    unit = f"（{type_.unit.text}）" if type_.unit is not None else ""
    return f"{type_.kind}{unit}" + (f" {braces(type_.values)}" if type_.values is not None else "")


def case_text(case: surface.PresumptionCase) -> str:
    """The canonical text of one case of a 推定 on one line."""
    return f"当 {flat(case.when)} 则 {case.field.text} 为 {literal_text(case.value)}"


def since_text(since: datetime.date | None) -> str:
    """What stands behind a dated value: a space and its day, or nothing."""
    return "" if since is None else f" 自 {date_text(since)} 起"
