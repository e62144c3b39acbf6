"""The canonical text of surface nodes: the formatter's core.

Why this exists: one spelling. Punctuation, spaces, the order of clauses and the breaking of lines are settled here and
nowhere else; there are no options.

Invariants: parsing the printed text of an error-free file gives the same declarations and the same comments; printing
that again gives the same text. Declarations, fields, comments and single blank lines between them keep their source
order; inside a declaration the clauses stand in the order of ``docs/language.md``, one a line, and a comment goes with
the clause it stood before or behind. A comment in the middle of a clause moves in front of that clause.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from policyrules.language.layout import (
    STEP,
    braces,
    broken,
    broken_set,
    date_text,
    flat,
    literal_text,
    literals_text,
    quoted,
    set_text,
)
from policyrules.language.nodes import (
    AmendmentDecl,
    Bounds,
    Citation,
    Comment,
    Common,
    DatedValue,
    DecisionDecl,
    Declaration,
    DutyDecl,
    Expr,
    ExtensionDecl,
    FieldDecl,
    File,
    ListDecl,
    Literal_,
    Name,
    Note,
    NoticeDecl,
    ObjectDecl,
    ParameterDecl,
    PresumptionDecl,
    Rank,
    RuleDecl,
    SetLiteral,
    SettingDecl,
    StatisticDecl,
    TermDecl,
    TypeExpr,
)
from policyrules.source import Span

_COMMENT = re.compile("[#＃][^\n]*")
_NOT_A_NOTE = "、，,}｝）)；;.．"


def print_file(file: File) -> str:
    """The canonical text of a file, with a final line end; '' for an empty one.

    Meant for files that parsed without errors: what did not parse is not in the tree.
    """
    units = _units(file)
    inside: dict[int, list[Comment]] = {}
    between: list[Comment] = []
    at = 0
    for comment in file.comments:
        place = comment.span.start
        while at < len(units) and units[at].end <= place:
            at += 1
        if at < len(units) and units[at].start < place:
            inside.setdefault(at, []).append(comment)
        elif at > 0 and "\n" not in file.source.text[units[at - 1].end : place]:
            inside.setdefault(at - 1, []).append(comment)
        else:
            between.append(comment)
    lines: list[str] = []
    end = 0
    waiting = iter(between)
    comment_ = next(waiting, None)
    for index, unit in enumerate(units):
        while comment_ is not None and comment_.span.start < unit.start:
            _blank_line(lines, file, end, comment_.span.start)
            lines.append(unit.indent + comment_.text)
            end = comment_.span.end
            comment_ = next(waiting, None)
        _blank_line(lines, file, end, unit.start)
        lines.extend(_with_comments(file, unit, inside.get(index, [])))
        end = max([unit.end, *(comment.span.end for comment in inside.get(index, ()))])
    while comment_ is not None:
        _blank_line(lines, file, end, comment_.span.start)
        lines.append(comment_.text)
        end = comment_.span.end
        comment_ = next(waiting, None)
    return "".join(f"{line}\n" for line in lines)


def print_declaration(declaration: Declaration | FieldDecl) -> str:
    """The canonical text of one declaration, without a final line end; an object with its fields."""
    lines = [text for line in _lines(declaration) for text in line.texts]
    if isinstance(declaration, ObjectDecl):
        for field_ in declaration.fields:
            lines.extend(STEP + text for line in _lines(field_) for text in line.texts)
    return "\n".join(lines)


def print_expression(node: Expr) -> str:
    """The canonical text of an expression on one line.

    >>> from policyrules.language.parser import parse_source
    >>> from policyrules.source import Source
    >>> file, _ = parse_source(Source("甲.rules", "术语 甲 即 市场效益  为 好  且 非  停产"))
    >>> print_expression(file.declarations[0].body)
    '市场效益 为 好 且 非 停产'
    """
    return flat(node)


# ---- units, blank lines and comments --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """A clause as it is printed, with the place it had (None for a node that was not written)."""

    texts: tuple[str, ...]
    span: Span
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class _Unit:
    """A declaration or a field, in source order."""

    node: Declaration | FieldDecl
    indent: str
    start: int
    end: int


def _units(file: File) -> list[_Unit]:
    units: list[_Unit] = []
    for declaration in file.declarations:
        units.append(_Unit(declaration, "", declaration.span.start, declaration.span.end))
        if isinstance(declaration, ObjectDecl):
            units.extend(_Unit(each, STEP, each.span.start, each.span.end) for each in declaration.fields)
    return sorted(units, key=lambda unit: unit.start)


def _blank_line(lines: list[str], file: File, end: int, start: int) -> None:
    """Keep one blank line where the source had any."""
    if lines and file.source.text.count("\n", end, start) > 1:
        lines.append("")


def _with_comments(file: File, unit: _Unit, comments: Sequence[Comment]) -> list[str]:
    lines = _lines(unit.node)
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


def _lines(node: Declaration | FieldDecl) -> list[_Line]:
    """The clauses of a declaration in canonical order; the first is the header."""
    common = node.common
    match node:
        case ObjectDecl():
            header = f"对象 {_name(node.name, node.key)}"
            parts = [node.parent, node.identity]
            header += f" 属于 {node.parent.text}" if node.parent is not None else ""
            header += f" 标识 {node.identity.text}" if node.identity is not None else ""
            body: list[_Line] = []
            return _all(node, header, parts, body, common)
        case FieldDecl():
            header = f"{node.kind} {_name(node.name, node.key)}：{_type(node.type)}"
            header += f" {_bounds(node.bounds)}" if node.bounds is not None else ""
            header += f" 由 {_names(node.holders)}" if node.holders else ""
            header += f" 分组 {node.group.text}" if node.group is not None else ""
            return _all(node, header, [node.type, node.bounds, *node.holders, node.group], [], common)
        case ParameterDecl():
            header = f"{node.kind} {_name(node.name, node.key)}：{_type(node.type)}"
            header += " 未定" if node.state == "unset" else ""
            header += "".join(f" {'=' if node.state == 'fixed' else '缺省'} {_dated(value)}" for value in node.values)
            header += f" {_bounds(node.bounds)}" if node.bounds is not None else ""
            return _all(node, header, [node.type, *node.values, node.bounds], [], common)
        case ListDecl():
            body = [_Line(tuple(broken_set(f"{STEP}即 ", node.items, STEP)), node.items.span)]
            return _all(node, f"清单 {_name(node.name, node.key)}", [], body, common)
        case TermDecl():
            header = f"术语 {_name(node.name, node.key)}{_object(node.object)}"
            return _all(node, header, [node.object], [_condition("即", node.body)], common)
        case StatisticDecl():
            measured = node.object.text + (f".{node.field.text}" if node.field is not None else "")
            place = node.object.span if node.field is None else node.object.span.to(node.field.span)
            body = [_Line((f"{STEP}{node.kind} {measured}",), place)]
            if node.same:
                same = "、".join(flat(ref) for ref in node.same)
                body.append(_Line((f"{STEP}相同 {same}",), node.same[0].span.to(node.same[-1].span)))
            body.extend(_conditions(("其中", node.where), ("符合", node.match)))
            return _all(node, f"统计 {_name(node.name, node.key)}", [], body, common)
        case DecisionDecl():
            header = f"决定 {_name(node.name, node.key)}{_object(node.object)}：{node.mode} "
            values = SetLiteral(node.values, False, node.name.span)
            headers = broken_set(header, values, STEP)
            body = list(_conditions(("适用 当", node.applies)))
            if node.default is not None:
                body.append(_Line((f"{STEP}默认 {literal_text(node.default)}",), node.default.span))
            body.extend(_rank(rank) for rank in node.ranks)
            return _all(node, headers, [node.object, *node.values], body, common)
        case RuleDecl():
            tone = f"{node.tone} " if node.tone is not None else ""
            verb = "含" if _says_has(node) else "为"
            then = f"{STEP}则 {tone}{node.decision.text} {verb} {literals_text(node.values)}"
            body = [
                *_conditions(("当", node.when)),
                _Line((then,), node.decision.span.to(node.values[-1].span)),
                *(_condition("除外", each) for each in node.exceptions),
            ]
            return _all(node, f"{node.kind} {node.name.text}{_object(node.object)}", [node.object], body, common)
        case DutyDecl():
            demand = "应当" if node.kind == "义务" else "不得"
            body = [
                *_conditions(("当", node.when), (demand, node.demand), ("期限", node.deadline)),
                *(_condition("除外", each) for each in node.exceptions),
            ]
            return _all(node, f"{node.kind} {node.name.text}{_object(node.object)}", [node.object], body, common)
        case NoticeDecl():
            body = [
                *_conditions(("当", node.when)),
                _Line((f"{STEP}说 {quoted(node.message.text)}",), node.message.span),
                *(_condition("除外", each) for each in node.exceptions),
            ]
            return _all(node, f"提示 {node.name.text}{_object(node.object)}", [node.object], body, common)
        case AmendmentDecl():
            body = [_condition(operation.kind, operation.body) for operation in node.operations]
            body.extend(_rank(rank) for rank in node.ranks)
            word = "停用" if node.stop else "重申"
            if node.stop or node.restate:
                body.append(_Line((STEP + word,), node.word_span or node.span))
            return _all(node, f"修订 {node.target.text}", [], body, common)
        case ExtensionDecl():
            body = [_Line(tuple(broken_set(STEP, node.items, STEP)), node.items.span)]
            return _all(node, f"增列 {node.target.text}", [], body, common)
        case SettingDecl():
            header = f"设定 {node.target.text}" + "".join(f" 为 {_dated(value)}" for value in node.values)
            return _all(node, header, list(node.values), [], common)
        case PresumptionDecl():
            body = []
            for case in node.cases:
                body.append(_condition("当", case.when))
                then = f"{STEP}则 {case.field.text} 为 {literal_text(case.value)}"
                body.append(_Line((then,), case.field.span.to(case.value.span)))
            return _all(node, f"推定 {node.name.text}{_object(node.object)}", [node.object], body, common)
        case _:
            assert_never(node)


def _says_has(node: RuleDecl) -> bool:
    """Was 含 written? The tree keeps the values only; the words between are in the source."""
    between = Span(node.span.source, node.decision.span.end, node.values[0].span.start)
    return "含" in _COMMENT.sub("", between.text)


def _all(
    node: Declaration | FieldDecl,
    header: str | list[str],
    parts: Sequence[Name | TypeExpr | Bounds | DatedValue | Literal_ | None],
    body: list[_Line],
    common: Common,
) -> list[_Line]:
    name = node.target if isinstance(node, (AmendmentDecl, ExtensionDecl, SettingDecl)) else node.name
    key = None if isinstance(node, _KEYLESS) else node.key
    ends = [part.span.end for part in (name, key, *parts) if part is not None]
    headers = (header,) if isinstance(header, str) else tuple(header)
    lines = [_Line(headers, Span(node.span.source, node.span.start, max(ends)))]
    lines.extend(_Line((STEP + _citation(each),), each.span) for each in common.citations)
    lines.extend(body)
    if common.since is not None:
        lines.append(_Line((f"{STEP}自 {date_text(common.since)} 起",), common.since_span or node.span))
    if common.until is not None:
        lines.append(_Line((f"{STEP}至 {date_text(common.until)} 止",), common.until_span or node.span))
    if common.authority is not None:
        lines.append(_Line((f"{STEP}授权 {common.authority}",), common.authority_span or node.span))
    lines.extend(_Line((STEP + _note(each),), each.span, is_note=True) for each in common.notes)
    return lines


_KEYLESS = (RuleDecl, DutyDecl, NoticeDecl, AmendmentDecl, ExtensionDecl, SettingDecl, PresumptionDecl)


def _name(name: Name, key: Name | None) -> str:
    return name.text + (f"（{key.text}）" if key is not None else "")


def _names(names: tuple[Name, ...]) -> str:
    return "、".join(name.text for name in names)


def _object(object_: Name | None) -> str:
    return f" 对 {object_.text}" if object_ is not None else ""


def _conditions(*found: tuple[str, Expr | None]) -> list[_Line]:
    return [_condition(keyword, body) for keyword, body in found if body is not None]


def _condition(keyword: str, body: Expr) -> _Line:
    return _Line(tuple(broken(f"{STEP}{keyword} ", body, STEP)), body.span)


def _rank(rank: Rank) -> _Line:
    text = f"{STEP}先后 {literals_text(rank.values)}"
    if rank.when is None:
        return _Line((text,), rank.span)
    return _Line(tuple(broken(f"{text} 仅当 ", rank.when, STEP)), rank.span)


def _citation(citation: Citation) -> str:
    return f"依据【{citation.place.text}】" + (quoted(citation.quote) if citation.quote else "")


def _note(note: Note) -> str:
    # A mark that follows a name would make the word 释义 read as a name: a colon keeps it a note.
    separator = "：" if note.text[:1] in _NOT_A_NOTE else " "
    return f"{note.kind}{separator}{note.text}"


def _dated(value: DatedValue) -> str:
    text = set_text(value.value) if isinstance(value.value, SetLiteral) else literal_text(value.value)
    return text + (f" 自 {date_text(value.since)} 起" if value.since is not None else "")


def _type(type_: TypeExpr) -> str:
    unit = f"（{type_.unit.text}）" if type_.unit is not None else ""
    return f"{type_.kind}{unit}" + (f" {braces(type_.values)}" if type_.values is not None else "")


def _bounds(bounds: Bounds) -> str:
    high = "以上" if bounds.high is None else f"至 {literal_text(bounds.high)}"
    return f"取值 {literal_text(bounds.low)} {high}"
