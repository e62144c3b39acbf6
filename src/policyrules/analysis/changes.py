"""Changes inside the expressions of a rule file: what mutation testing tries at each node.

Why this exists: which changes are worth trying is a list that grows; it is kept apart from where declarations hold
their expressions (`mutants`).

Invariants: every change is one stretch of the original text and its replacement; comments inside a stretch are never
taken for rule text; nothing here recurses.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, assert_never

from policyrules.language import nodes as surface
from policyrules.language.keywords import KEYWORDS
from policyrules.language.walk import children
from policyrules.source import Span, fold_characters

_COMPARE: Final[dict[str, str]] = {"≥": ">", ">": "≥", "≤": "<", "<": "≤", "=": "≠", "≠": "="}
_COMPARE_MARK: Final = r"[<>!]=|<>|==|[≠<≤>≥=]"
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_WORD: Final = re.compile(r"[^\W\d]\w*")
_SHOWN: Final = 90
LEFT_OUT: Final = "（去掉）"


@dataclass(frozen=True, slots=True)
class Change:
    """``text[start:end]`` becomes ``replacement``; ``text[first:last]`` around it is what people are shown, unless
    ``before`` and ``after`` say it in other words."""

    kind: str
    start: int
    end: int
    replacement: str
    first: int
    last: int
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Declared values by name. One name may stand on several objects, with values of its own on each. ``many``: the
    decisions that are 多选; ``conditions``: the terms that are true or false."""

    values: Mapping[str, tuple[tuple[str, ...], ...]]
    many: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()

    def neighbour(self, name: str, value: str, taken: Sequence[str] = ()) -> str | None:
        """The value declared after ``value`` (the first after the last) that is not ``taken``; None where the name has
        no such value, or no other.

        >>> Vocabulary({"链条": (("较完备", "不完整", "无"),)}).neighbour("链条", "无")
        '较完备'
        """
        for declared in self.values.get(name, ()):
            if value in declared:
                at = declared.index(value)
                others = [other for other in (*declared[at + 1 :], *declared[:at]) if other not in taken]
                return others[0] if others else None
            if value == "无" and declared:
                return declared[0]
        return None

    def absent(self, name: str, taken: Sequence[str]) -> str | None:
        """The last declared value that is not ``taken``: the least likely to be covered by another provision."""
        free = [value for declared in self.values.get(name, ()) for value in declared if value not in taken]
        return free[-1] if free else None


def written(value: str) -> str:
    """A value as rules write it: in quotes where it is no plain word.

    >>> written("盘活"), written("134项"), written("等")
    ('盘活', '“134项”', '“等”')
    """
    plain = _WORD.fullmatch(value) is not None and value not in KEYWORDS
    return value if plain else f"“{value}”"


def masked(text: str) -> str:
    """``text`` with its comments blanked, character by character; quotes may hold a # that begins none.

    >>> masked("当 停产  # 且 闲置")
    '当 停产        '
    """
    return re.sub(r"“[^”]*”|#[^\n]*", lambda m: m.group() if m.group()[0] == "“" else " " * len(m.group()), text)


def cut(kind: str, start: int, end: int) -> Change:
    """A stretch taken out."""
    return Change(kind, start, end, "", start, end)


def list_cuts(kind: str, items: Sequence[surface.Literal_ | surface.Expr], *, least: int = 0) -> Iterator[Change]:
    """Each item of a list taken out, with the mark that separates it; lists keep at least ``least`` items."""
    if len(items) <= least:
        return
    for index, item in enumerate(items):
        start, end = item.span.start, item.span.end
        if index + 1 < len(items):
            end = items[index + 1].span.start
        elif index:
            start = items[index - 1].span.end
        yield Change(kind, start, end, "", start, end, before=one_line(item.span.text), after=LEFT_OUT)


def one_line(text: str) -> str:
    """A stretch of rule text in one line, without its comments; the middle of a long one is left out."""
    joined = " ".join(masked(text).split())
    return joined if len(joined) <= _SHOWN else f"{joined[: _SHOWN - 25]}…{joined[-24:]}"


# ---- literals -------------------------------------------------------------------------------------------------------


def literal_changes(value: surface.Literal_, name: str, vocabulary: Vocabulary) -> Iterator[Change]:
    """A value of ``name`` replaced by its neighbour, or moved by one unit or one day."""
    span = value.span
    match value:
        case surface.Name(text=text) | surface.Text(text=text):
            other = vocabulary.neighbour(name, text)
            if other is not None:
                yield Change("相邻值", span.start, span.end, written(other), span.start, span.end)
        case surface.Quantity():
            yield from _quantity_changes(value)
        case surface.DateLiteral():
            yield from _date_changes(value)
        case _:
            assert_never(value)


def _quantity_changes(value: surface.Quantity) -> Iterator[Change]:
    """One unit more and one less (of the last digit written)."""
    span = value.span
    found = _NUMBER.search(fold_characters(span.text))
    if found is None:
        return
    digits = found.group()
    places = len(digits.partition(".")[2])
    step = Fraction(1, 10**places)
    for moved in (Fraction(digits) + step, Fraction(digits) - step):
        if moved >= 0:
            text = str(moved) if not places else f"{int(moved * 10**places):0{places + 1}d}"
            text = text if not places else f"{text[:-places]}.{text[-places:]}"
            start = span.start + found.start()
            yield Change("数值", start, span.start + found.end(), text, span.start, span.end)


def _date_changes(value: surface.DateLiteral) -> Iterator[Change]:
    for days in (1, -1):
        moved = value.date + datetime.timedelta(days=days)
        text = f"{moved.year}年{moved.month}月{moved.day}日"
        yield Change("日期", value.span.start, value.span.end, text, value.span.start, value.span.end)


# ---- expressions ----------------------------------------------------------------------------------------------------


def condition_changes(root: surface.Expr, vocabulary: Vocabulary, *, boolean: bool = True) -> Iterator[Change]:
    """Every change of one expression, from the outside in; ``boolean``: it is a condition, not a number or a date."""
    waiting: list[tuple[surface.Expr, bool, surface.Expr]] = [(root, boolean, root)]
    while waiting:
        node, holds, around = waiting.pop()
        yield from _node_changes(node, holds, around, vocabulary)
        inner = [(child, holds and _keeps(node), _around(node, around)) for child in children(node)]
        if isinstance(node, surface.Choose):
            # A selector is a value; only the branches are conditions.
            inner[0] = (inner[0][0], False, node)
        if isinstance(node, surface.Not) and isinstance(node.operand, surface.Ref):
            continue
        if isinstance(node, surface.Quantifier) or (isinstance(node, surface.Aggregate) and inner):
            inner = [(inner[0][0], True, inner[0][0])]
        waiting.extend(reversed(inner))


def _keeps(node: surface.Expr) -> bool:
    """Whether the parts of a condition are conditions themselves."""
    match node:
        case surface.And() | surface.Or() | surface.Not() | surface.Paren() | surface.AtLeast() | surface.Choose():
            return True
        case _:
            return False


def _around(node: surface.Expr, around: surface.Expr) -> surface.Expr:
    """What to show around a changed part: the nearest comparison or test, or the condition itself."""
    match node:
        case surface.And() | surface.Or() | surface.AtLeast() | surface.Paren() | surface.Not():
            return node
        case (
            surface.Compare()
            | surface.Is()
            | surface.In()
            | surface.Has()
            | surface.HasAny()
            | surface.Between()
            | surface.Elapsed()
            | surface.Choose()
            | surface.Fallback()
        ):
            return node
        case _:
            return around


def _node_changes(node: surface.Expr, holds: bool, around: surface.Expr, vocabulary: Vocabulary) -> Iterator[Change]:
    first, last = node.span.start, node.span.end
    match node:
        case surface.Ref():
            if holds:
                yield Change("取反", first, first, "非 ", first, last)
        case surface.Quantity():
            for change in _quantity_changes(node):
                yield _shown(change, around)
        case surface.DateLiteral():
            for change in _date_changes(node):
                yield _shown(change, around)
        case surface.Text() | surface.Paren() | surface.Negative():
            return
        case surface.Not():
            yield Change("取反", first, node.operand.span.start, "", first, last)
        case surface.And() | surface.Or():
            yield from _junction_changes(node)
        case surface.AtLeast():
            yield from _at_least_changes(node)
        case surface.Compare():
            at = _between(node.left, node.right, _COMPARE_MARK)
            if at is not None:
                yield Change("比较", *at, _COMPARE[node.op], first, last)
        case surface.Is():
            yield from _is_changes(node, vocabulary)
        case surface.In():
            yield from _negation(node, node.left, node.right, "不属于" if node.negated else "属于")
            if isinstance(node.right, surface.SetLiteral):
                yield from list_cuts("集合少一值", node.right.items, least=1)
                if len(node.right.items) == 1:
                    yield from _swaps(node.right.items, node.left, node.span, vocabulary)
        case surface.Has():
            yield from _negation(node, node.left, node.values[0], "不含" if node.negated else "含")
            yield from list_cuts("集合少一值", node.values, least=1)
            if len(node.values) == 1:
                yield from _swaps(node.values, node.left, node.span, vocabulary)
        case surface.HasAny():
            if isinstance(node.right, surface.SetLiteral):
                yield from list_cuts("集合少一值", node.right.items, least=1)
                if len(node.right.items) == 1:
                    yield from _swaps(node.right.items, node.left, node.span, vocabulary)
        case surface.Between():
            what, low, high = node.left.span.text, node.low.span.text, node.high.span.text
            yield Change("比较", first, last, f"（{what} > {low} 且 {what} ≤ {high}）", first, last)
            yield Change("比较", first, last, f"（{what} ≥ {low} 且 {what} < {high}）", first, last)
        case surface.Filled():
            at = _find(node, node.ref.span.end, last, "已填|未填")
            if at is not None:
                yield Change("取反", *at, "已填" if node.negated else "未填", first, last)
        case surface.Elapsed():
            return
        case surface.Sum():
            for (sign, right), left in zip(node.rest, (node.first, *(o for _, o in node.rest)), strict=False):
                at = _between(left, right, r"[-+]")
                if at is not None:
                    yield Change("加减", *at, "+" if sign == "-" else "-", first, last)
        case surface.Product():
            for (mark, factor), before in zip(node.rest, (node.first, *(o for _, o in node.rest)), strict=False):
                at = _between(before, factor, r"[×÷]")
                if at is not None:
                    yield Change("乘除", *at, "×" if mark == "÷" else "÷", first, last)
        case surface.Quantifier():
            other = "全部" if node.kind == "任一" else "任一"
            yield Change("任一全部", first, first + len(node.kind), other, first, last)
            if node.other:
                at = _find(node, first, node.object.span.start, r"其他")
                if at is not None:
                    yield Change("去掉其他", *at, "", first, last)
        case surface.Aggregate():
            yield from _aggregate_changes(node)
        case surface.Choose():
            for one, two in zip(node.branches, node.branches[1:], strict=False):
                text = node.span.source.text
                between = text[one.body.span.end : two.body.span.start]
                swapped = f"{two.body.span.text}{between}{one.body.span.text}"
                yield Change("分支对调", one.body.span.start, two.body.span.end, swapped, first, last)
        case surface.Fallback():
            if holds:
                yield Change("取反", first, last, f"非（{node.span.text}）", first, last)
            yield Change("去掉首选", first, last, node.second.span.text, first, last)
            yield Change("去掉缺则", first, last, node.first.span.text, first, last)
        case _:
            assert_never(node)


def _shown(change: Change, around: surface.Expr) -> Change:
    return Change(change.kind, change.start, change.end, change.replacement, around.span.start, around.span.end)


def _find(node: surface.Expr, start: int, end: int, pattern: str) -> tuple[int, int] | None:
    """The last place of ``pattern`` in a stretch, outside comments."""
    stretch = fold_characters(masked(node.span.source.text[start:end]))
    places = list(re.finditer(pattern, stretch))
    return (start + places[-1].start(), start + places[-1].end()) if places else None


def _between(left: surface.Expr, right: surface.Expr, pattern: str) -> tuple[int, int] | None:
    return _find(left, left.span.end, right.span.start, pattern)


def _negation(
    node: surface.Expr, left: surface.Expr, right: surface.Literal_ | surface.SetLiteral | surface.Ref, word: str
) -> Iterator[Change]:
    """不为 for 为 and the like, and the other way round; only what was negated loses it, else its values are changed."""
    at = _find(node, left.span.end, right.span.start, word)
    if at is not None and word.startswith("不"):
        yield Change("取反", *at, word[1:], node.span.start, node.span.end)
    elif at is not None and isinstance(right, surface.Ref):
        yield Change("取反", *at, "不" + word, node.span.start, node.span.end)


def _is_changes(node: surface.Is, vocabulary: Vocabulary) -> Iterator[Change]:
    word = "不为" if node.negated else "为"
    at = _find(node, node.left.span.end, node.value.span.start, word)
    changes = list(literal_changes(node.value, _subject(node.left), vocabulary))
    if at is not None and (node.negated or not changes):
        yield Change("取反", *at, "为" if node.negated else "不为", node.span.start, node.span.end)
    for change in changes:
        yield _shown(change, node)


def _swaps(
    values: Sequence[surface.Literal_], left: surface.Expr, shown: Span, vocabulary: Vocabulary
) -> Iterator[Change]:
    taken = [value.text for value in values if isinstance(value, surface.Name | surface.Text)]
    for value in values:
        if isinstance(value, surface.Name | surface.Text):
            other = vocabulary.neighbour(_subject(left), value.text, taken)
            if other is not None:
                yield Change("相邻值", value.span.start, value.span.end, written(other), shown.start, shown.end)


def _subject(left: surface.Expr) -> str:
    """The name whose values stand on the right."""
    node = left
    while True:
        match node:
            case surface.Ref(parts=parts):
                return parts[-1].text
            case surface.Aggregate(field=surface.Name(text=text)):
                return text
            case surface.Paren(inner=inner):
                node = inner
            case surface.Fallback(first=inner):
                node = inner
            case surface.Choose(branches=branches):
                node = branches[0].body
            case _:
                return ""


def _junction_changes(node: surface.And | surface.Or) -> Iterator[Change]:
    """且 for 或 and the other way round; each operand left out."""
    text = node.span.source.text
    first, last = node.span.start, node.span.end
    own, other = ("且", "或") if isinstance(node, surface.And) else ("或", "且")
    if node.grouped:
        word, instead = ("同时满足", "任一满足") if isinstance(node, surface.And) else ("任一满足", "同时满足")
        yield Change("且或", first, first + len(word), instead, first, last)
    else:
        parts = [node.operands[0].span.text]
        for left, right in zip(node.operands, node.operands[1:], strict=False):
            at = _between(left, right, own)
            assert at is not None, "a junction has its word between its operands"
            parts += [text[left.span.end : at[0]], other, text[at[1] : right.span.start], right.span.text]
        yield Change("且或", node.operands[0].span.start, node.operands[-1].span.end, "".join(parts), first, last)
    if node.grouped and len(node.operands) == 2:
        for gone, kept in (node.operands, node.operands[::-1]):
            shown = one_line(gone.span.text)
            yield Change("少一个条件", first, last, f"（{kept.span.text}）", first, last, shown, LEFT_OUT)
    else:
        yield from list_cuts("少一个条件", node.operands, least=1)


def _at_least_changes(node: surface.AtLeast) -> Iterator[Change]:
    first, last = node.span.start, node.span.end
    found = _NUMBER.search(fold_characters(node.span.text))
    if found is not None:
        for count in (node.count + 1, node.count - 1):
            if 1 <= count <= len(node.operands):
                yield Change("至少项数", first + found.start(), first + found.end(), str(count), first, last)
    if len(node.operands) > max(node.count, 2):
        yield from list_cuts("少一个条件", node.operands)


def _aggregate_changes(node: surface.Aggregate) -> Iterator[Change]:
    first, last = node.span.start, node.span.end
    swapped = {"最大": "最小", "最小": "最大"}.get(node.kind)
    if swapped is not None:
        yield Change("最大最小", first, first + len(node.kind), swapped, first, last)
    if node.where is not None and node.kind != "取":
        named = node.field if node.field is not None else node.object
        yield Change("去掉其中", named.span.end, last, "", first, last)
    if node.other:
        at = _find(node, first, node.object.span.start, "其他")
        if at is not None:
            yield Change("去掉其他", *at, "", first, last)
