"""Changes inside the expressions of a rule file: what mutation testing tries at each node.

Why this exists: which changes are worth trying is a list that grows; it is kept apart from where declarations hold
their expressions (`mutants`).

Invariants: a change puts another node in the place of one, or takes one out of a list; what people are shown is both
in their canonical spelling; nothing here recurses.
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Literal, assert_never, cast

from policyrules.language import expressions as surface
from policyrules.language.keywords import KEYWORDS
from policyrules.language.layout import flat, item_text, literals_text, set_text
from policyrules.language.walk import children
from policyrules.operators import AT_LEAST, AT_MOST, EQUAL, GREATER, LESS, NOT_EQUAL, POSTFIX
from policyrules.source import Span, fold_characters

_OTHER: Final = {"≥": GREATER, ">": AT_LEAST, "≤": LESS, "<": AT_MOST, "=": NOT_EQUAL, "≠": EQUAL}
_STRICTER: Final = ((GREATER, AT_MOST), (AT_LEAST, LESS))
_PLAIN: Final = re.compile(r"[^\W\d]\w*")
LEFT_OUT: Final = "（去掉）"


@dataclass(frozen=True, slots=True)
class TextEdit:
    """The text at ``span`` becomes ``text``; people are shown that ``before`` becomes ``after``."""

    kind: str
    span: Span
    text: str
    before: str
    after: str


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


def as_literal(value: str, span: Span) -> surface.Literal_:
    """A value as rules write it: in quotes where it is no plain word.

    >>> from policyrules.source import Source
    >>> literals_text(tuple(as_literal(value, Span(Source("", ""), 0, 0)) for value in ("盘活", "134项", "等")))
    '盘活、“134项”、“等”'
    """
    plain = _PLAIN.fullmatch(value) is not None and value not in KEYWORDS
    return surface.Name(value, span) if plain else surface.Text(value, span)


def shown(item: surface.Literal_ | surface.Days | surface.Expr) -> str:
    """A value or an expression on one line."""
    return item_text(item) if isinstance(item, surface.Name | surface.Days) else flat(item)


def list_cuts(
    kind: str, items: Sequence[surface.Literal_ | surface.Days | surface.Expr], *, least: int = 0
) -> Iterator[TextEdit]:
    """Each item of a list taken out, with the mark that separates it; lists keep at least ``least`` items."""
    for index, item in enumerate(items if len(items) > least else ()):
        span = item.span
        if index + 1 < len(items):
            span = Span(span.source, span.start, items[index + 1].span.start)
        elif index:
            span = Span(span.source, items[index - 1].span.end, span.end)
        yield TextEdit(kind, span, "", shown(item), LEFT_OUT)


def without_cuts(without: Sequence[surface.Literal_], items: surface.SetLiteral | surface.Ref) -> Iterator[TextEdit]:
    """Each value of 不含 taken out, of one alone the whole 不含."""
    if len(without) != 1 or isinstance(items, surface.Ref):
        yield from list_cuts("不含少一值", without)
        return
    new = set_text(replace(items, without=()))
    yield TextEdit("不含少一值", items.span, new, set_text(items), new)


# ---- literals -------------------------------------------------------------------------------------------------------


def neighbours(
    value: surface.Literal_, name: str, vocabulary: Vocabulary, taken: Sequence[str] = ()
) -> Iterator[surface.Literal_]:
    """What may stand in the place of a value of ``name``: the next declared one, or one unit or day more and less."""
    match value:
        case surface.Name(text=text) | surface.Text(text=text):
            other = vocabulary.neighbour(name, text, taken)
            if other is not None:
                yield as_literal(other, value.span)
        case surface.Quantity() | surface.DateLiteral():
            yield from moved(value)
        case _:
            assert_never(value)


def moved(value: surface.Quantity | surface.DateLiteral) -> Iterator[surface.Quantity | surface.DateLiteral]:
    """One day more and less, or one unit of the last digit written."""
    if isinstance(value, surface.DateLiteral):
        yield from (replace(value, date=value.date + datetime.timedelta(days=days)) for days in (1, -1))
        return
    decimals = itertools.takewhile(str.isdigit, fold_characters(value.span.text).partition(".")[2])
    step = Fraction(1, 10 ** len(list(decimals)))
    written = Fraction(value.number)
    for size in (abs(written) + step, abs(written) - step):
        if size >= 0:
            number = size if written >= 0 else -size
            yield replace(value, number=number.numerator if number.denominator == 1 else number)


# ---- expressions ----------------------------------------------------------------------------------------------------


def condition_changes(
    root: surface.Expr,
    vocabulary: Vocabulary,
    *,
    boolean: bool = True,
    spelled: Callable[[surface.Expr], str | None] = flat,
) -> Iterator[TextEdit]:
    """Every change of one expression, from the outside in; ``boolean``: it is a condition, not a number or a date;
    ``spelled``: what a node reads at its place (None: it cannot stand there)."""
    waiting: list[tuple[surface.Expr, bool, surface.Expr]] = [(root, boolean, root)]
    while waiting:
        node, holds, around = waiting.pop()
        if isinstance(node, surface.Quantity | surface.DateLiteral):
            kind = "数值" if isinstance(node, surface.Quantity) else "日期"
            for other in moved(node):
                yield TextEdit(kind, node.span, flat(other), flat(around), flat(around, (node, flat(other))))
        for kind, new in _others(node, holds, vocabulary):
            text = spelled(new)
            if text is not None:
                yield TextEdit(kind, node.span, text, flat(node), flat(new))
        yield from _inside(node)
        if isinstance(node, surface.Not) and isinstance(node.operand, surface.Ref):
            continue
        inside = node if isinstance(node, _SHOWN_WHOLE) else around
        inner = [(child, holds and isinstance(node, _CONDITIONS), inside) for child in children(node)]
        if isinstance(node, surface.Choose):
            # A selector is a value; only the branches are conditions.
            inner[0] = (node.selector, False, node)
        if isinstance(node, surface.Quantifier) or (isinstance(node, surface.Aggregate) and inner):
            inner = [(inner[0][0], True, inner[0][0])]
        waiting.extend(reversed(inner))


_CONDITIONS: Final = (surface.And, surface.Or, surface.Not, surface.Paren, surface.AtLeast, surface.Choose)
"""Nodes whose parts are conditions where they are conditions themselves."""

_LONGER: Final = {"之月末": "之季末", "之季末": "之年末", "之年末": "之月末"}
_LEAP: Final = 2000
"""A year that has every day."""

_SHOWN_WHOLE: Final = (
    *_CONDITIONS,
    surface.Infix,
    surface.Is,
    surface.In,
    surface.Has,
    surface.HasAny,
    surface.HasOnly,
    surface.Between,
    surface.Fallback,
)
"""Nodes that are shown around a changed number or date in them."""


def _others(node: surface.Expr, holds: bool, vocabulary: Vocabulary) -> Iterator[tuple[str, surface.Expr]]:
    """The nodes that may stand in the place of ``node``, with the sort of change."""
    span = node.span
    match node:
        case surface.Ref():
            if holds:
                yield "取反", surface.Not(node, span)
        case surface.Not(operand=operand):
            yield "取反", operand
        case surface.And(operands=operands, grouped=grouped):
            yield "且或", surface.Or(operands, grouped, span)
        case surface.Or(operands=operands, grouped=grouped):
            yield "且或", surface.And(operands, grouped, span)
        case surface.AtLeast(count=count, operands=operands):
            for other in (count + 1, count - 1):
                if 1 <= other <= len(operands):
                    yield "至少项数", replace(node, count=other)
        case surface.Infix(operator=operator):
            if operator.words in _OTHER:
                yield "比较", replace(node, operator=_OTHER[operator.words])
        case surface.Is(left=left, value=value, negated=negated):
            values = tuple(neighbours(value, _subject(left), vocabulary))
            if negated or not values:
                yield "取反", replace(node, negated=not negated)
            for each in values:
                kind = "数值" if isinstance(each, surface.Quantity) else "相邻值"
                yield "日期" if isinstance(each, surface.DateLiteral) else kind, replace(node, value=each)
        case surface.In(left=left, right=right, negated=negated):
            # What is not negated and has values of its own has these changed instead.
            if negated or isinstance(right, surface.Ref):
                yield "取反", replace(node, negated=not negated)
            for new in _swapped(_items(right), left, vocabulary):
                yield "相邻值", replace(node, right=replace(cast("surface.SetLiteral", right), items=(new,)))
        case surface.Has(left=left, values=values, negated=negated):
            if negated:
                yield "取反", replace(node, negated=False)
            for new in _swapped(values, left, vocabulary):
                yield "相邻值", replace(node, values=(new,))
        case (
            surface.HasAny(left=left, right=right)
            | surface.HasOnly(left=left, right=right)
            | surface.Less(left=left, right=right)
        ):
            if isinstance(node, surface.Less):
                yield "去掉除去", left
            for new in _swapped(_items(right), left, vocabulary):
                yield "相邻值", replace(node, right=replace(cast("surface.SetLiteral", right), items=(new,)))
        case surface.Between(left=left, low=low, high=high):
            for above, below in _STRICTER:
                both = (surface.Infix(above, left, low, span), surface.Infix(below, left, high, span))
                yield "比较", surface.Paren(surface.And(both, False, span), span)
        case surface.Filled(negated=negated):
            yield "取反", replace(node, negated=not negated)
        case surface.Sum(rest=rest):
            for index, (sign, term) in enumerate(rest):
                minus: Literal["+", "-"] = "+" if sign == "-" else "-"
                yield "加减", replace(node, rest=(*rest[:index], (minus, term), *rest[index + 1 :]))
        case surface.Product(rest=factors):
            for index, (mark, factor) in enumerate(factors):
                times: Literal["×", "÷"] = "×" if mark == "÷" else "÷"
                yield "乘除", replace(node, rest=(*factors[:index], (times, factor), *factors[index + 1 :]))
        case surface.Quantifier(kind=kind, other=other):
            yield "任一全部", replace(node, kind="全部" if kind == "任一" else "任一")
            if other:
                yield "去掉其他", replace(node, other=False)
        case surface.Aggregate(kind=kind, other=other, where=where):
            if kind == "最大" or kind == "最小":
                yield "最大最小", replace(node, kind="最小" if kind == "最大" else "最大")
            if where is not None and kind != "取":
                yield "去掉其中", replace(node, where=None)
            if other:
                yield "去掉其他", replace(node, other=False)
        case surface.Postfix(operator=operator):
            if operator.words in _LONGER:
                yield "月季年末", replace(node, operator=POSTFIX[_LONGER[operator.words]])
        case surface.Yearly(month=month, day=day, since=since):
            for by in (1, -1):
                other_day = datetime.date(_LEAP, month, day) + datetime.timedelta(days=by)
                yield "日期", replace(node, month=other_day.month, day=other_day.day)
            if since is not None:
                yield "去掉起算", replace(node, since=None)
        case surface.Extreme(largest=largest, operands=operands):
            yield "取小取大", replace(node, largest=not largest)
            if len(operands) == 2:
                yield from (("去掉一项", operand) for operand in operands)
            else:
                for index in range(len(operands)):
                    yield "去掉一项", replace(node, operands=(*operands[:index], *operands[index + 1 :]))
        case surface.Fallback(first=first, second=second):
            if holds:
                yield "取反", surface.Not(surface.Paren(node, span), span)
            yield "去掉首选", second
            yield "去掉缺则", first
        case (
            surface.Quantity()
            | surface.DateLiteral()
            | surface.Text()
            | surface.Named()
            | surface.Paren()
            | surface.Negative()
            | surface.Choose()
        ):
            return
        case _:
            assert_never(node)


def _inside(node: surface.Expr) -> Iterator[TextEdit]:
    """Changes of a stretch inside ``node``: lists without one of their items, neighbouring branches exchanged."""
    match node:
        case surface.And(operands=operands, grouped=True) | surface.Or(operands=operands, grouped=True) if (
            len(operands) == 2
        ):
            for gone, kept in (operands, operands[::-1]):
                yield TextEdit("少一个条件", node.span, f"（{flat(kept)}）", flat(gone), LEFT_OUT)
        case surface.And(operands=operands) | surface.Or(operands=operands):
            yield from list_cuts("少一个条件", operands, least=1)
        case surface.AtLeast(count=count, operands=operands):
            yield from list_cuts("少一个条件", operands, least=max(count, 2))
        case (
            surface.In(right=surface.SetLiteral(items=items, without=without))
            | surface.HasAny(right=surface.SetLiteral(items=items, without=without))
            | surface.HasOnly(right=surface.SetLiteral(items=items, without=without))
            | surface.Less(right=surface.SetLiteral(items=items, without=without))
        ):
            yield from list_cuts("集合少一值", items, least=1)
            yield from without_cuts(without, node.right)
        case surface.Has(values=values):
            yield from list_cuts("集合少一值", values, least=1)
        case surface.Choose(branches=branches):
            for index, (one, two) in enumerate(itertools.pairwise(branches)):
                pair = (replace(one, body=two.body), replace(two, body=one.body))
                new = replace(node, branches=(*branches[:index], *pair, *branches[index + 2 :]))
                text = f"{flat(two.body)}；{literals_text(two.values)}：{flat(one.body)}"
                yield TextEdit("分支对调", one.body.span.to(two.body.span), text, flat(node), flat(new))
        case _:
            return


def _items(right: surface.SetLiteral | surface.Ref) -> tuple[surface.Literal_ | surface.Days, ...]:
    return right.items if isinstance(right, surface.SetLiteral) else ()


def _swapped(
    items: Sequence[surface.Literal_ | surface.Days], left: surface.Expr, vocabulary: Vocabulary
) -> Iterator[surface.Literal_]:
    """What may stand in the place of the one word of a set."""
    if len(items) == 1 and isinstance(items[0], surface.Name | surface.Text):
        yield from neighbours(items[0], _subject(left), vocabulary, (items[0].text,))


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
