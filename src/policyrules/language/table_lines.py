"""The rows of a 决策表: lines of cells, from the text below its clauses to surface nodes.

Why this exists: a table is read by lines and columns, which the grammar does not know; what stands in a cell the grammar
reads like anything else. A cell below the name of an input is the end of a condition on it; one below the decision is
what a 则 would say.

Invariants: every wrong cell is found, each at its place; a row without an error has a cell for each column. Nothing
raises on any text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, cast

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from policyrules.diagnostics import Diagnostic, Label, Report
from policyrules.language import expressions as surface
from policyrules.language import nodes
from policyrules.language.keywords import NUMBER_TAILS, SYNONYMS
from policyrules.language.layout import flat
from policyrules.language.scan import BLOT
from policyrules.language.spoken import compared, truth_meant, value
from policyrules.language.table_cells import ANY, REST, ROW_MARK, SPECIAL, TONES, concluded_text, condition_text
from policyrules.operators import COMPARISONS, MIRRORED
from policyrules.source import Source, Span
from policyrules.text import cut, one_line, quoted

Parse = Callable[[str, int], tuple[object, list[Diagnostic], UnexpectedInput | None]]
"""What the grammar makes of a text that begins at a place of the file: the node, what was found, where it stopped."""

_LINE: Final = re.compile(r"[^\n]*")
_WORD: Final = re.compile(r"[^\W\d]\w*")
_CALLED: Final = r"(?:[\w〔〕]+[·•・‧∙･])?[^\W\d]\w*"
_REF: Final = re.compile(rf"({_CALLED})(?: *\. *({_CALLED}))?")
_DOT: Final = re.compile(r"[•・‧∙･]")
_NAME: Final = re.compile(r"\w+")
_CITATION: Final = re.compile(rf"(【{BLOT}*】) *(“{BLOT}*”)?")
_FORMS: Final = "可写：< 10 万元、≥ 10 万元 < 50 万元、10 万元 至 50 万元、甲、乙、不为 甲、是、已填、—"


@dataclass(frozen=True, slots=True)
class _Piece:
    """The characters between two bars, without the spaces around them."""

    text: str
    span: Span


class _Reader(Report):
    """One table while it is read; ``columns``: below each name what its cells are."""

    def __init__(self, source: Source, lexed: str, parse: Parse, decision: surface.Name) -> None:
        super().__init__()
        self.source = source
        self.lexed = lexed
        self.parse = parse
        self.decision = decision
        self.columns: list[surface.Ref | str] = []


def read_rows(
    source: Source, lexed: str, start: int, end: int, decision: surface.Name, parse: Parse
) -> tuple[tuple[nodes.Clause, ...], tuple[Diagnostic, ...]]:
    """The lines of a table from ``start`` to ``end`` of the file as clauses, the head first; and what is wrong."""
    reader = _Reader(source, lexed, parse, decision)
    clauses: list[nodes.Clause] = []
    place = start
    while place < end:
        line = _LINE.match(lexed, place, end)
        assert line is not None, "the pattern takes any line"
        at, place = place, line.end() + 1
        if not line.group().strip():
            continue
        pieces = _pieces(reader, at, line.end())
        if pieces is None:
            continue
        if _is_rule(pieces):
            reader.error("E151", "决策表里不写分隔线", _stripped(reader, at, line.end()), "删去这一行")
            continue
        if not reader.columns:
            cells = _head(reader, pieces)
            if cells is None:
                return (), tuple(reader.found)
        else:
            cells = _row(reader, pieces, at, line.end())
        if cells is not None:
            clauses.append(_clause(cells, _stripped(reader, at, line.end())))
    if len(clauses) < 2 and not reader.found:
        where = clauses[0].span if clauses else _span(reader, start, start + 1)
        reader.error("E152", "决策表的表头下面没有行", where, "在表头下面写行：| … | … |")
    return tuple(clauses), tuple(reader.found)


def _clause(cells: tuple[nodes.Cell, ...], span: Span) -> nodes.Clause:
    keyword = surface.Name("row", Span(span.source, span.start, span.start + 1))
    return nodes.Clause(keyword, nodes.Row(cells), span)


def _span(reader: _Reader, start: int, end: int) -> Span:
    return Span(reader.source, start, end)


def _stripped(reader: _Reader, start: int, end: int) -> Span:
    """The place of a line without the spaces around it."""
    text = reader.lexed[start:end]
    first = start + len(text) - len(text.lstrip())
    return _span(reader, first, first + len(text.strip()))


def _pieces(reader: _Reader, start: int, end: int) -> list[_Piece] | None:
    """What stands between the bars of a line; None after reporting a line that is none of a table."""
    whole = _stripped(reader, start, end)
    text = reader.lexed[whole.start : whole.end]
    if text.startswith("决策表"):
        reader.error("E152", "这张决策表的下面没有行", whole, "在下面写表头和行：| 总投资 | 补助档次 |")
        return None
    if not text.startswith("|"):
        said = "表里各格用“|”隔开，每行以“|”起头" if "\t" in whole.text else "决策表的行以“|”起头"
        shown = cut(one_line(whole.text.replace("\t", " | ")), 60)
        remedy = f"写成：| {shown} |" if "\t" in whole.text else "依据、得出等写在表头上面；行写成：| … | … |"
        reader.error("E148", said, whole, remedy)
        return None
    if len(text) < 2 or not text.endswith("|"):
        remedy = "在行末补上“|”"
        if re.search("[#＃]", reader.source.text[whole.end : end]) is not None:
            # What stands behind it is a comment, the bars of the row as well.
            remedy = "“#”后面都是注释，行里的格子也算在内；注释另写一行，或写在“释义”一列"
        reader.error("E148", "决策表的行以“|”收尾", _span(reader, whole.end - 1, whole.end), remedy)
        return None
    found: list[_Piece] = []
    bars = [whole.start + index for index, char in enumerate(text) if char == "|"]
    for left, right in itertools.pairwise(bars):
        inside = reader.lexed[left + 1 : right]
        first = left + 1 + len(inside) - len(inside.lstrip())
        words = inside.strip()
        # Of an empty cell the place is the whole of it.
        span = _span(reader, first, first + len(words)) if words else _span(reader, left, right)
        found.append(_Piece(words, span))
    return found


def _is_rule(pieces: list[_Piece]) -> bool:
    """Whether a line is the one that Markdown writes below the head: |---|:--:|."""
    drawn = all(re.fullmatch(":?[-—―─=]+:?", piece.text) for piece in pieces)
    # A single dash is any value.
    return drawn and all(len(piece.text) > 1 for piece in pieces)


# ---- the head -------------------------------------------------------------------------------------------------------


def _head(reader: _Reader, pieces: list[_Piece]) -> tuple[nodes.Cell, ...] | None:
    cells: list[nodes.Cell] = []
    seen: dict[str, Span] = {}
    for piece in pieces:
        named = _REF.fullmatch(piece.text)
        if named is None:
            what = f"表头的“{cut(piece.text, 40)}”不是名称" if piece.text else "表头有一格是空的"
            remedy = "写字段、术语、统计、参数或决定的名称；各层对象上都有的写全，如 项目.名称"
            united = re.fullmatch(r"([^\W\d]\w*) *\( *([^()]+?) *\)", piece.text)
            if united is not None:
                remedy = (
                    f"写成 {united[1]}；单位写在格子里的数后面，如 ≥ 5 {united[2].removeprefix('单位').lstrip(':')}"
                )
            reader.error("E150", what, piece.span, remedy)
            continue
        text = _DOT.sub(ROW_MARK, piece.text.replace(" ", ""))
        if text in seen:
            reader.error("E150", f"表头里“{text}”写了两次", piece.span, "删去一列", Label(seen[text], "先在这里"))
            continue
        seen[text] = piece.span
        if text == reader.decision.text or text in SPECIAL:
            reader.columns.append(text)
            cells.append(nodes.Cell(text, surface.Name(text, piece.span), piece.span))
            continue
        parts = tuple(
            surface.Name(
                _DOT.sub(ROW_MARK, named[index]),
                _span(reader, piece.span.start + named.start(index), piece.span.start + named.end(index)),
            )
            for index in (1, 2)
            if named[index] is not None
        )
        reader.columns.append(surface.Ref(parts, piece.span))
        cells.append(nodes.Cell(text, surface.Name(text, piece.span), piece.span))
    if reader.found:
        return None
    whole = pieces[0].span.to(pieces[-1].span)
    if reader.decision.text not in reader.columns:
        remedy = f"加一列“{reader.decision.text}”，或改正“得出”后面的决定"
        label = Label(reader.decision.span, "要得出的是这个决定")
        reader.error("E150", f"表头里没有“{reader.decision.text}”一列", whole, remedy, label)
    elif all(isinstance(column, str) for column in reader.columns):
        reader.error("E150", "表头里没有一列条件", whole, "加上依据它分档的列，如“总投资”")
    return None if reader.found else tuple(cells)


# ---- rows -----------------------------------------------------------------------------------------------------------


def _row(reader: _Reader, pieces: list[_Piece], start: int, end: int) -> tuple[nodes.Cell, ...] | None:
    if len(pieces) != len(reader.columns):
        more = len(pieces) > len(reader.columns)
        place = pieces[len(reader.columns)].span if more else pieces[-1].span
        wanted = "、".join(flat(column) if isinstance(column, surface.Ref) else column for column in reader.columns)
        message = f"这一行有 {len(pieces)} 格，表头有 {len(reader.columns)} 格"
        reader.error("E149", message, place, f"依次写：{wanted}；哪个值都行的写“{ANY}”")
        return None
    before = len(reader.found)
    tests = _tests(reader, pieces, start, end)
    cells: list[nodes.Cell] = []
    for column, piece, test in zip(reader.columns, pieces, tests, strict=True):
        match column:
            case surface.Ref():
                cells.append(nodes.Cell(condition_text(test), _on(test, column), piece.span))
            case "依据":
                cells.append(_citations(reader, piece))
            case "释义":
                cells.append(_note(reader, piece))
            case "语气":
                cells.append(_tone(reader, piece))
            case "行名":
                cells.append(_row_name(reader, piece))
            case _:
                cells.append(_conclusion(reader, piece))
    return tuple(cells) if len(reader.found) == before else None


def _tests(reader: _Reader, pieces: list[_Piece], start: int, end: int) -> list[surface.Expr | None]:
    """The conditions of a row, what no input stands above left blank; after an error each cell by itself."""
    shown = list(reader.lexed[start:end])
    inputs = [isinstance(column, surface.Ref) for column in reader.columns]
    for piece, is_input in zip(pieces, inputs, strict=True):
        plain = _WORD.fullmatch(piece.text)
        if (is_input and piece.text != REST and not (plain and piece.text in _SHADOWED)) or not piece.text:
            continue
        blank = piece.span.start - start
        shown[blank : blank + len(piece.text)] = " " * len(piece.text)
    read, problems, failure = reader.parse("".join(shown), start)
    if failure is None and not problems:
        tests = list(cast("tuple[surface.Expr | None, ...]", read))
    else:
        tests = [
            _single(reader, piece) if is_input and piece.text != REST else None
            for piece, is_input in zip(pieces, inputs, strict=True)
        ]
    for index, (piece, is_input) in enumerate(zip(pieces, inputs, strict=True)):
        if (is_input and piece.text == REST) or (is_input and piece.text in _SHADOWED):
            tests[index] = surface.Is(_hole(), surface.Name(piece.text, piece.span), False, piece.span)
    return tests


_SHADOWED: Final = ("不足",)
"""A word that only cells know may be a value as it stands."""


def _hole() -> surface.Ref:
    return surface.Ref((), Span(Source("", ""), 0, 0))


_REST_SAID: Final = (
    "其他",
    "其它",
    "其他情况",
    "其余情况",
    "其他情形",
    "其余情形",
    "否则",
    "其它情况",
    "以上都不是",
    "默认",
)
_ANY_SAID: Final = (
    *("不限", "均可", "任意", "任何", "所有", "全部", "都可以", "无限制", "无要求", "不论"),
    *("/", "÷", "*", "\\"),
)


def cell_meant(word: str) -> str | None:
    """What to write where a cell says 其余, or any value, in another word; None where it says neither.

    >>> cell_meant("其他"), cell_meant("不限"), cell_meant("好")
    ('上面各行都不成立的，写成 其余', '哪个值都行的，写成 —', None)
    """
    if word in _REST_SAID:
        return f"上面各行都不成立的，写成 {REST}"
    return f"哪个值都行的，写成 {ANY}" if word in _ANY_SAID else None


def _single(reader: _Reader, piece: _Piece) -> surface.Expr | None:
    """The condition in one cell; None after reporting why there is none, and of an empty cell."""
    if not piece.text:
        return None
    read, problems, failure = reader.parse(f"|{piece.text}|", piece.span.start - 1)
    parted = _parted(piece.text) if problems or failure is not None else None
    if parted is not None:
        reader.error(
            "E151", f"“{cut(one_line(piece.span.text), 40)}”这一格里两个比较之间不写标点", piece.span, f"写成 {parted}"
        )
    elif problems:
        reader.found.extend(problems)
    elif failure is not None:
        reader.error("E151", f"“{cut(one_line(piece.span.text), 40)}”这一格读不懂", piece.span, _meant(piece, failure))
    else:
        return cast("tuple[surface.Expr | None, ...]", read)[0]
    return None


_VALUE: Final = r"-?[0-9]+(?:\.[0-9]+)? *[^\W\d]*%?|[^\W\d]\w*"
_SPOKEN: Final = re.compile(rf"([^\W\d]+?) *({_VALUE})")
_TAILED: Final = re.compile(r"(-?[0-9]+(?:\.[0-9]+)? *(?:%|[^\W\d]+?)?) *(及以上|以上|及以下|以下|以内|之内)")
_BUT: Final = re.compile(r"(?:除了? *)?([^\W\d]\w*?) *(?:以外|之外|除外)的?")
_TILDE: Final = re.compile(rf"({_VALUE}) *(?:~|～|到|—|-) *({_VALUE})")


_DAY: Final = re.compile(r"([0-9]{4} *[-/÷.年] *[0-9]{1,2} *[-/÷.月] *[0-9]{1,2} *[日号]?) *([之以]?[前后]|起|止)")
_SIDES: Final = {"前": ("<", "≤"), "后": (">", "≥"), "起": ("≥", ""), "止": ("≤", "")}
_INSIDE: Final = re.compile(r"([0-9][0-9.]* *[^\W\d]*%?) *([<≤]) *[^\W\d]\w*? *([<≤]) *([0-9][0-9.]* *[^\W\d]*%?)")


_PARTED: Final = re.compile(rf"([<>≤≥]=?) *({_VALUE}) *[,，;；、且] *([<>≤≥]=?) *({_VALUE})")


def _parted(text: str) -> str | None:
    """≥20%，<50%; 10户以上，20户以下: two bounds with a mark between them, the lower first."""
    signed = _PARTED.fullmatch(text)
    if signed is None:
        bare = re.sub(" *[,，;；、且] *", "", text.replace("(含)", "及"))
        return None if bare == text else compared(bare)
    one, other = (f"{signed[1]} {signed[2].strip()}", f"{signed[3]} {signed[4].strip()}")
    if signed[1][0] in "<≤" and signed[3][0] in ">≥":
        one, other = other, one
    return f"{one} {other}" if one[0] in ">≥" and other[0] in "<≤" else None


def _meant(piece: _Piece, failure: UnexpectedInput) -> str:
    """What to write instead of a cell that is not understood."""
    truth = truth_meant(piece.text)
    if piece.text in ("√", "×") and truth is not None:
        return f"写成 {truth}；没有要求的，写成 {ANY}"
    other = cell_meant(piece.text)
    if other is not None:
        return other
    day = _DAY.fullmatch(piece.text)
    if day is not None and (shown := value(day[1])) is not None:
        sign, loose = _SIDES[day[2].lstrip("之以")]
        return f"写成 {sign} {shown}" + (f"；当天也算的，写 {loose} {shown}" if loose else "")
    inside = _INSIDE.fullmatch(piece.text)
    if inside is not None:
        return f"写成 {MIRRORED[inside[2]]} {inside[1].strip()} {inside[3]} {inside[4].strip()}"
    said = compared(piece.text.replace("(含)", "及"))
    if said is None and re.match("约|大约|大概", piece.text):
        return "没有说准是多少；写明从多少到多少，如 45% 至 55%"
    if said is not None:
        return f"写成 {said}"
    spoken = _SPOKEN.fullmatch(piece.text)
    signs = [sign for sign in SYNONYMS.get(spoken[1], ()) if sign in COMPARISONS] if spoken is not None else []
    if spoken is not None and signs:
        return f"写成 {signs[0]} {spoken[2]}"
    tailed = _TAILED.fullmatch(piece.text)
    if tailed is not None:
        return f"写成 {NUMBER_TAILS[tailed[2]]} {tailed[1].strip()}"
    but = _BUT.fullmatch(piece.text)
    if but is not None:
        return f"写成 不为 {but[1]}"
    range_ = _TILDE.fullmatch(piece.text)
    if range_ is not None:
        low, high = (re.sub(r"(?<=[0-9])(?=[^\W\d])", " ", end.strip()) for end in range_.groups())
        return f"写成 {low} 至 {high}；两头都算"
    place = failure.pos_in_stream if isinstance(failure, UnexpectedCharacters) else None
    if isinstance(failure, UnexpectedToken) and failure.token.type != "$END":
        place = failure.token.start_pos
    listed = [part.strip() for part in re.split("[,，;；/÷]|或", piece.text)]
    if len(listed) > 1 and all(_WORD.fullmatch(part) for part in listed):
        return f"几个值之间写“、”，写成 {'、'.join(listed)}"
    rest = piece.text[place - 1 :] if place is not None and place > 0 else ""
    return (f"从“{cut(rest, 20)}”起读不下去；" if rest and rest != piece.text else "") + _FORMS


def _on(test: surface.Expr | None, head: surface.Ref) -> surface.Expr | None:
    """The condition of a cell on the name above it; its place says all of it."""
    whole: surface.Expr
    match test:
        case None:
            return None
        case surface.And(operands=operands):
            whole = replace(test, operands=tuple(cast(surface.Expr, _on(each, head)) for each in operands))
        case surface.Filled():
            whole = replace(test, ref=head)
        case surface.Infix() | surface.Is() | surface.In() | surface.Has() | surface.HasAny() | surface.Between():
            whole = replace(test, left=head)
        case _:
            raise AssertionError(f"no cell holds {type(test).__name__}")
    return replace(whole, span=replace(whole.span, said=flat(whole)))


# ---- the other columns ----------------------------------------------------------------------------------------------


def _conclusion(reader: _Reader, piece: _Piece) -> nodes.Cell:
    """What a 则 would say: read as one, so that a cell may hold whatever may stand there."""
    name = reader.decision
    if not piece.text or piece.text.strip("-—―─") == "":
        reader.error("E151", f"这一行没有写“{name.text}”", piece.span, "写上得出的值；没有结论的行删去")
        return nodes.Cell("", None, piece.span)
    # Several values stand behind 含; what is computed may hold a 、 as well.
    for verb in ("含", "为") if "、" in piece.text else ("为",):
        before = f"规则 甲 则 {name.text} {verb} "
        read, problems, failure = reader.parse(before + piece.text, piece.span.start - len(before))
        if failure is None:
            break
    if problems:
        reader.found.extend(problems)
    elif failure is not None:
        message = f"“{cut(one_line(piece.span.text), 40)}”不是“则 {name.text} 为”后面可写的"
        reader.error("E151", message, piece.span, "写决定的值，如“低”；几个值之间写“、”")
    else:
        (clause,) = cast(nodes.Written, read).clauses
        if isinstance(clause.body, nodes.Conclusion):
            then = replace(clause.body, tone=None, target=name)
            return nodes.Cell(concluded_text(then), then, piece.span)
    return nodes.Cell("", None, piece.span)


def _tone(reader: _Reader, piece: _Piece) -> nodes.Cell:
    if not piece.text or not piece.text.strip("-—"):
        return nodes.Cell("", None, piece.span)
    if piece.text not in TONES:
        reader.error("E151", f"“{piece.text}”不是语气", piece.span, f"写{'、'.join(TONES)}之一，没有的空着")
        return nodes.Cell("", None, piece.span)
    return nodes.Cell(piece.text, surface.Name(piece.text, piece.span), piece.span)


def _row_name(reader: _Reader, piece: _Piece) -> nodes.Cell:
    if not _NAME.fullmatch(piece.text):
        what = f"行名“{cut(piece.text, 40)}”里有别的符号" if piece.text else "这一行没有写行名"
        reader.error("E151", what, piece.span, "行名用中文、字母和数字，如“一档”；不要行名就删去这一列")
        return nodes.Cell("", None, piece.span)
    return nodes.Cell(piece.text, surface.Name(piece.text, piece.span), piece.span)


def _citations(reader: _Reader, piece: _Piece) -> nodes.Cell:
    found: list[nodes.Citation] = []
    place = 0
    text = "" if not piece.text.strip("-—") else piece.text
    while place < len(text):
        cited = _CITATION.match(text, place)
        if cited is None:
            remedy = "写成【条目】“原文”；用整张表的依据就空着"
            reader.error("E132", "依据的格子里写【条目】和“原文”", piece.span, remedy)
            break
        spans = [_span(reader, piece.span.start + cited.start(i), piece.span.start + cited.end(i)) for i in (1, 2, 0)]
        name = surface.Name(spans[0].text[1:-1].strip(), spans[0])
        if not name.text:
            reader.error("E132", "【】里没有写条目", spans[0], "写上条目在文件里的位置")
        quote = spans[1].text[1:-1] if cited[2] is not None else ""
        found.append(nodes.Citation(name, quote, spans[2]))
        place = cited.end() + len(text[cited.end() :]) - len(text[cited.end() :].lstrip())
    shown = "".join(f"【{each.place.text}】" + (quoted(each.quote) if each.quote else "") for each in found)
    return nodes.Cell(shown, tuple(found), piece.span)


def _note(reader: _Reader, piece: _Piece) -> nodes.Cell:
    if not piece.text or not piece.text.strip("-—"):
        return nodes.Cell("", None, piece.span)
    if not re.fullmatch(f"“{BLOT}+”", piece.text):
        said = cut(one_line(piece.span.text), 40)
        reader.error("E151", "释义的格子里写一句带引号的话", piece.span, f"写成“{said}”，没有的空着")
        return nodes.Cell("", None, piece.span)
    text = piece.span.text[1:-1].strip()
    return nodes.Cell(quoted(text), nodes.Note("释义", text, piece.span), piece.span)
