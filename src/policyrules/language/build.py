"""From what the grammar recognised to surface nodes, bottom-up while the parser reduces.

Why this exists: Lark calls one method of `Builder` for each rule of ``grammar.lark``, under the rule's name, with the
children already built. So no tree is walked, nothing recurses, and a condition of 5,000 terms is one flat node.

Invariants: a method never raises on what a user wrote: what is wrong becomes a diagnostic and a node that stands in
for it, and the parser then drops the declaration. Offsets in tokens are offsets in the declaration; `Builder.base`
is where it begins in the file. `Builder` is the only mutable thing here and serves one text at a time.
"""

from __future__ import annotations

import calendar
import datetime
import re
from fractions import Fraction
from typing import Any, Literal, cast

from lark import Token

from policyrules.diagnostics import Report
from policyrules.language import expressions as surface
from policyrules.language.keywords import KEYED
from policyrules.language.nodes import Bounds, Citation, Clause, Conclusion, Measure, Note, Rank, TypeExpr, Written
from policyrules.language.scan import note_text, strange_letter
from policyrules.language.spoken import compared
from policyrules.operators import INFIX, POSTFIX
from policyrules.source import Source, Span
from policyrules.text import cut_middle, one_line
from policyrules.types import Kind

_DATE = re.compile(r"(\d+) *年 *(\d+) *月 *(\d+)")
_MONTH_DAY = re.compile(r"(\d+) *月 *(\d+)")
_AFTER_NUMBER = re.compile(r"(.*?)(?:及|或|含)?(以上|以下|以内|之内|以外|左右)\Z", re.DOTALL)
_MAX_DIGITS = 40
_DOT = re.compile("[•・‧∙･]")
_LEAP = 2000
# The days of a range are written out in memory.
_MOST_DAYS = 366


HEAD = surface.Ref((), Span(Source("", ""), 0, 0))
"""Stands in a cell for the name above it, until that is known."""


def _bound(literal: surface.Literal_) -> surface.Expr:
    """What a cell compares with: a word there is a name."""
    return surface.Ref((literal,), literal.span) if isinstance(literal, surface.Name) else literal


class Builder(Report):
    """The callbacks of the parser: rule name → node. `begin`, parse, read the node and what was ``found``."""

    def __init__(self) -> None:
        self.begin(Source("", ""), 0)

    def begin(self, source: Source, base: int) -> None:
        """Make ready for one declaration that begins at ``base`` of ``source``."""
        self.source = source
        self.base = base
        self.found = []

    # ---- places ----

    def span(self, token: Token) -> Span:
        """The place of a token in the file."""
        return Span(self.source, self.base + cast(int, token.start_pos), self.base + cast(int, token.end_pos))

    def between_(self, first: Any, last: Any) -> Span:
        """The place from ``first`` to ``last``, each a token or a node."""
        start = self.base + cast(int, first.start_pos) if isinstance(first, Token) else first.span.start
        end = self.base + cast(int, last.end_pos) if isinstance(last, Token) else last.span.end
        return Span(self.source, start, end)

    def around(self, c: list[Any]) -> Span:
        """The place from the first to the last child."""
        return self.between_(c[0], c[-1])

    def word(self, token: Token) -> surface.Name:
        """A word as a name."""
        text = _DOT.sub("·", str(token)) if token.type in ("CALLED", "ROW_NAME") else str(token)
        return surface.Name(text, self.span(token))

    def marked(self, token: Token) -> surface.Name:
        """A word that the parser marked, as it was written."""
        span = self.span(token)
        return surface.Name(span.text, span)

    def words(self, c: list[Any]) -> tuple[surface.Name, ...]:
        """The names among the children."""
        return tuple(self.word(token) for token in c if token.type in ("WORD", "CALLED"))

    # ---- values ----

    def name(self, c: list[Any]) -> surface.Name:
        return self.word(c[0])

    def date(self, c: list[Any]) -> surface.DateLiteral:
        return surface.DateLiteral(self._day(c[0]), self.span(c[0]))

    def _day(self, token: Token) -> datetime.date:
        found = _DATE.match(str(token))
        assert found is not None, "the DATE terminal and _DATE disagree"
        year, month, day = (int(part) for part in found.groups())
        try:
            return datetime.date(year, month, day)
        except ValueError:
            message = f"日历上没有{year}年{month}月{day}日这一天"
            valid = 1 <= month <= 12 and year > 0
            last = f"{year}年{month}月最后一天是{last_day(year, month)}日"
            remedy = last if valid else "月份写 1 至 12，年份从 1 年起"
            self.error("E113", message, self.span(token), remedy)
            return datetime.date.min

    def text(self, c: list[Any]) -> surface.Text:
        span = self.span(c[0])
        # A value in quotes is one that people choose and fill in, as a name is.
        strange = strange_letter(span.text[1:-1])
        if strange is not None:
            self.error("E105", strange, span, "用中文或英文输入法重新输入一遍")
        return surface.Text(span.text[1:-1], span)

    def quantity(self, c: list[Any]) -> surface.Quantity:
        span = self.around(c)
        number = self._number(c[0])
        if len(c) == 1:
            return surface.Quantity(number, None, span)
        unit = str(c[1])
        if unit == "月":
            self.error("E114", f"“{c[0]} 月”不是时长", span, f"时长写“{c[0]} 个月”；日期写全年月日，如 2025年10月31日")
        elif (found := _AFTER_NUMBER.match(unit)) is not None:
            self._after_number(c[0], found.group(1), found.group(2), span)
        return surface.Quantity(number, unit, span)

    def _after_number(self, number: Token, unit: str, word: str, span: Span) -> None:
        plain = f"{number} {unit}".strip()
        remedy = {
            "以上": f"写成“≥ {plain}”；在“取值”后面，单位和“以上”之间留空格：{plain} 以上",
            "以下": f"写成“≤ {plain}”（不含本数用 <）",
            "以内": f"写成“≤ {plain}”",
            "之内": f"写成“≤ {plain}”",
            "以外": f"写成“> {plain}”",
            "左右": f"写成范围，如“介于 {plain} 至 {plain}”",
        }[word]
        if re.match(r"\s*(?:设定|参数|读法)\s", span.source.line_text(span.line)) is not None and word != "左右":
            # Which side counts is said where the number is compared.
            remedy = f"写成“{plain}”；以上、以下由用到它的条件来说"
        both = compared("".join(span.text.split()))
        if both is not None and len(re.findall("[<>≤≥]", both)) == 2:
            remedy = f"两头分开写，写成 {both}"
        self.error("E116", f"“{word}”不能写在数后面", span, remedy)

    def _number(self, token: Token) -> int | Fraction:
        if len(token) > _MAX_DIGITS:
            self.error("E115", f"这个数有 {len(token)} 位，太长了", self.span(token), f"最多 {_MAX_DIGITS} 位")
            return 0
        number = Fraction(str(token))
        return number.numerator if number.denominator == 1 else number

    def signed(self, c: list[Any]) -> surface.Quantity:
        if len(c) == 1:
            return cast(surface.Quantity, c[0])
        return surface.Quantity(-c[1].number, c[1].unit, self.around(c))

    def called(self, c: list[Any]) -> surface.Name:
        return self.word(c[0])

    called_bound = called

    def literals(self, c: list[Any]) -> tuple[surface.Literal_, ...]:
        return tuple(c[0::2])

    def ranked(self, c: list[Any]) -> tuple[surface.Literal_, ...]:
        return tuple(c[0::2])

    def set_literal(self, c: list[Any]) -> surface.SetLiteral:
        items: list[surface.Literal_ | surface.Days] = []
        without: tuple[surface.Literal_, ...] = ()
        is_open = False
        mark: Any = None
        for child in c[1:-1]:
            if isinstance(child, tuple):
                without = child
            elif isinstance(child, Token) and child.type == "WITHOUT":
                mark = child
            elif not isinstance(child, Token):
                items.append(child)
            elif child.type == "OPEN":
                is_open = True
        if without and not is_open:
            listed = self.between_(mark, without[-1])
            remedy = "没有列全的，在“不含”前面写“等”：{ 甲、等，不含 乙 }；列全了的，删去“不含”和后面的值，它们本来就不在其中"
            self.error("E227", "列全了的一组值，不写“不含”", listed, remedy)
        return surface.SetLiteral(tuple(items), is_open, self.around(c), without)

    def days(self, c: list[Any]) -> surface.Days:
        first, last = self.date(c[:1]), self.date(c[2:])
        span = self.around(c)
        count = (last.date - first.date).days + 1
        if count < 1:
            self.error("E141", "前一天比后一天晚", span, "把两个日期对调")
        elif count > _MOST_DAYS:
            self.error("E142", f"从前一天到后一天有 {count} 天，太长了", span, f"一段最多 {_MOST_DAYS} 天，分几段写")
        return surface.Days(first, last, span)

    # ---- expressions ----

    def or_(self, c: list[Any]) -> surface.Or:
        operands: tuple[surface.Expr, ...] = tuple(c[0::2])
        node = surface.Or(operands, False, self.around(c))
        if any(isinstance(operand, surface.And) and not operand.grouped for operand in operands):
            self._mixed(node)
        return node

    def _mixed(self, node: surface.Or) -> None:
        tight: list[str] = []
        pending: list[str] = []
        groups: list[list[str]] = []
        for operand in node.operands:
            parts = operand.operands if isinstance(operand, surface.And) and not operand.grouped else (operand,)
            words = [_shown(part) for part in parts]
            tight.append(f"（{' 且 '.join(words)}）" if len(words) > 1 else words[0])
            pending.append(words[0])
            if len(words) > 1:
                groups.append(pending)
                groups.extend([word] for word in words[1:-1])
                pending = [words[-1]]
        groups.append(pending)
        loose = [f"（{' 或 '.join(group)}）" if len(group) > 1 else group[0] for group in groups]
        self.error(
            "E121",
            "同一层里既有“且”又有“或”，有两种读法",
            node.span,
            f"按本意加上括号：\n      读法一：{cut_middle(' 或 '.join(tight), 400)}\n      读法二：{cut_middle(' 且 '.join(loose), 400)}",
        )

    def and_(self, c: list[Any]) -> surface.And:
        return surface.And(tuple(c[0::2]), False, self.around(c))

    def not_(self, c: list[Any]) -> surface.Not:
        return surface.Not(c[1], self.around(c))

    def infix(self, c: list[Any]) -> surface.Infix:
        operator, right = INFIX[str(c[1])], c[2]
        if operator.takes[1] == {Kind.DURATION} and isinstance(right, surface.Quantity) and right.unit is None:
            number = right.span.text
            remedy = f"写明是多久，如“{number} 个月”“{number} 天”或“{number} 年”"
            self.error("E117", f"“{number}”缺单位", right.span, remedy)
        return surface.Infix(operator, c[0], right, self.around(c))

    def postfix(self, c: list[Any]) -> surface.Postfix:
        return surface.Postfix(POSTFIX[str(c[1])], c[0], self.around(c))

    def yearly(self, c: list[Any]) -> surface.Yearly:
        found = _MONTH_DAY.match(str(c[1]))
        assert found is not None, "the MONTH_DAY terminal and _MONTH_DAY disagree"
        month, day = int(found[1]), int(found[2])
        if not 1 <= month <= 12 or not 1 <= day <= last_day(_LEAP, month):
            remedy = f"{month}月最后一天是{last_day(_LEAP, month)}日" if 1 <= month <= 12 else "月份写 1 至 12"
            self.error("E113", f"日历上没有{month}月{day}日这一天", self.span(c[1]), remedy)
        since = c[3] if len(c) > 2 else None
        if isinstance(since, surface.Sum):
            head, rest = self.between_(c[0], since.first).text, since.span.text
            tail = since.span.text[len(since.first.span.text) :]
            inside = f"{self.between_(c[0], c[2]).text} （{rest}）"
            self.error(
                "E143",
                "“起算”后面的加减有两种读法",
                since.span,
                f"按本意加上括号：写成“{one_line(inside)}”，或“{one_line(f'（{head}）{tail}')}”",
            )
        return surface.Yearly(month, day, since, self.around(c))

    def is_(self, c: list[Any]) -> surface.Is:
        return surface.Is(c[0], c[2], str(c[1]) == "不为", self.around(c))

    def in_(self, c: list[Any]) -> surface.In:
        return surface.In(c[0], c[2], str(c[1]) == "不属于", self.around(c))

    def has(self, c: list[Any]) -> surface.Has:
        last = c[2][-1]
        return surface.Has(c[0], c[2], str(c[1]) == "不含", self.between_(c[0], last))

    def has_any(self, c: list[Any]) -> surface.HasAny:
        return surface.HasAny(c[0], c[2], self.around(c))

    def has_only(self, c: list[Any]) -> surface.HasOnly:
        return surface.HasOnly(c[0], c[2], self.around(c))

    def less(self, c: list[Any]) -> surface.Less:
        return surface.Less(c[0], c[2], self.around(c))

    def between(self, c: list[Any]) -> surface.Between:
        return surface.Between(c[0], c[2], c[4], self.around(c))

    def filled(self, c: list[Any]) -> surface.Filled:
        return surface.Filled(c[0], str(c[1]) == "未填", self.around(c))

    def fallback(self, c: list[Any]) -> surface.Fallback:
        return surface.Fallback(c[1], c[-1], self.around(c))

    def add(self, c: list[Any]) -> surface.Sum:
        signs = (cast(Literal["+", "-"], str(sign)) for sign in c[1::2])
        return surface.Sum(c[0], tuple(zip(signs, c[2::2], strict=True)), self.around(c))

    def multiply(self, c: list[Any]) -> surface.Product:
        signs = (cast(Literal["×", "÷"], str(sign)) for sign in c[1::2])
        return surface.Product(c[0], tuple(zip(signs, c[2::2], strict=True)), self.around(c))

    def negative(self, c: list[Any]) -> surface.Negative:
        return surface.Negative(c[1], self.around(c))

    def ref(self, c: list[Any]) -> surface.Ref:
        return surface.Ref(tuple(self.word(token) for token in c[0::2]), self.around(c))

    def paren(self, c: list[Any]) -> surface.Paren:
        return surface.Paren(c[1], self.around(c))

    def group(self, c: list[Any]) -> tuple[tuple[surface.Expr, ...], Token]:
        """The items, and the closing bracket for the span of whatever holds them."""
        return tuple(child for child in c if not isinstance(child, Token)), c[-1]

    def all_of(self, c: list[Any]) -> surface.And:
        items, closer = c[1]
        return surface.And(items, True, self.between_(c[0], closer))

    def any_of(self, c: list[Any]) -> surface.Or:
        items, closer = c[1]
        return surface.Or(items, True, self.between_(c[0], closer))

    def at_least(self, c: list[Any]) -> surface.AtLeast:
        items, closer = c[3]
        count = self._number(c[1])
        if not isinstance(count, int) or count < 1:
            self.error("E115", "“至少”后面要写正整数", self.span(c[1]), "如“至少 2 项（…；…；…）”")
            count = 1
        return surface.AtLeast(count, items, self.between_(c[0], closer))

    def quantifier(self, c: list[Any]) -> surface.Quantifier:
        kind = cast(Literal["任一", "全部"], str(c[0]))
        (name,) = self.words(c[1:3])
        return surface.Quantifier(kind, str(c[1]) == "其他" and c[1].type != "WORD", name, c[-2], self.around(c))

    def aggregate(self, c: list[Any]) -> surface.Aggregate:
        kind = cast(Literal["计数", "合计", "最大", "最小", "取"], str(c[0]))
        other = c[1].type != "WORD"
        head = [child for child in c if isinstance(child, Token)]
        names = self.words(head)
        where = c[-2] if c[-1] == ")" else None
        span = self.around(c)
        field = names[1] if len(names) > 1 else None
        if kind == "计数" and field is not None:
            remedy = f"写“计数 {names[0].text}”；要数有几种不同的值，用“统计”的“种数”"
            self.error("E130", "“计数”数的是记录，不写字段", field.span, remedy)
        elif kind != "计数" and field is None:
            self.error("E130", f"“{kind}”后面要写明是哪个字段", names[0].span, f"写成“{kind} {names[0].text}.字段名”")
        return surface.Aggregate(kind, other, names[0], field, where, span)

    def extreme(self, c: list[Any]) -> surface.Extreme:
        items, closer = c[1]
        largest = str(c[0]) == "取大"
        span = self.between_(c[0], closer)
        if len(items) < 2:
            word = str(c[0])
            self.error("E219", f"“{word}”要在几个数里取", span, f"写两个以上，用“；”隔开：{word}（甲；乙）")
        return surface.Extreme(largest, items, span)

    def named(self, c: list[Any]) -> surface.Named:
        return surface.Named(self.word(c[1]), c[3], self.around(c))

    def branch(self, c: list[Any]) -> surface.Branch:
        return surface.Branch(c[0], c[2], self.between_(c[0][0], c[2]))

    def choose(self, c: list[Any]) -> surface.Choose:
        branches = tuple(child for child in c if isinstance(child, surface.Branch))
        return surface.Choose(c[1], branches, self.around(c))

    # ---- clauses ----

    def citation(self, c: list[Any]) -> Clause:
        span, whole = self.span(c[1]), self.around(c)
        place = surface.Name(span.text[1:-1].strip(), span)
        if not place.text:
            self.error("E132", "【】里没有写条目", span, "写上条目在文件里的位置，如【二（三）盘活类·界定】")
        quote = self.span(c[2]).text[1:-1] if len(c) == 3 else ""
        return Clause(self.word(c[0]), Citation(place, quote, whole), whole)

    def note(self, c: list[Any]) -> Clause:
        span = self.span(c[0])
        written = span.text
        kind = cast(Literal["释义", "说明"], written[:2])
        whole = Span(self.source, span.start, span.start + len(written.rstrip()))
        keyword = surface.Name(kind, Span(self.source, span.start, span.start + 2))
        return Clause(keyword, Note(kind, note_text(written), whole), whole)

    def _named(self, c: list[Any]) -> Clause:
        return Clause(self.word(c[0]), self.words(c[1:]), self.around(c))

    authority_clause = parent_clause = identity_clause = holders_clause = group_clause = object_clause = _named
    unset_clause = happened_clause = stop_clause = restate_clause = drop_clause = _named

    def _followed(self, c: list[Any]) -> Clause:
        """A keyword and a node, with or without another word between or behind them."""
        return Clause(self.word(c[0]), c[-1], self.around(c))

    value_clause = items_clause = default_clause = applies_clause = condition_clause = reason_clause = _followed

    def _day_clause(self, c: list[Any]) -> Clause:
        return Clause(self.word(c[0]), self.date(c[1:]), self.around(c))

    since_clause = until_clause = _day_clause

    def type_clause(self, c: list[Any]) -> Clause:
        values = c[-1] if isinstance(c[-1], surface.SetLiteral) else None
        names = self.words([child for child in c if isinstance(child, Token)])
        if values is not None and values.open:
            self.error("E135", "取值要列全，不能以“等”结尾", values.span, "删去“等”，或补上“其他”一值")
        items: list[surface.Literal_] = []
        for item in () if values is None else values.items:
            if isinstance(item, surface.Days):
                self.error("E144", f"“{_shown(item)}”是一段日期，不是一个值", item.span, "取值一个一个地写")
            else:
                items.append(item)
        type_ = TypeExpr(
            names[0].text,
            names[1] if len(names) > 1 else None,
            None if values is None else tuple(items),
            self.between_(c[1], c[-1]),
        )
        return Clause(surface.Name("type", self.span(c[0])), type_, self.around(c))

    def bounds_clause(self, c: list[Any]) -> Clause:
        high = None if c[2] == "以上" else c[3]
        return Clause(self.word(c[0]), Bounds(c[1], high, self.between_(c[1], c[-1])), self.around(c))

    def rank_clause(self, c: list[Any]) -> Clause:
        when = c[3] if len(c) > 2 else None
        span = self.between_(c[0], c[1][-1] if when is None else when)
        if len(c[1]) < 2:
            self.error("E130", "“先后”后面至少要写两个值", span, "先的写在前，如“先后 盘活、升级”")
        return Clause(self.word(c[0]), Rank(c[1], when, span), span)

    def measure_clause(self, c: list[Any]) -> Clause:
        kind = str(c[0])
        object_, *field = self.words(c[1:])
        if kind == "计数" and field:
            self.error("E130", f"“{kind}”数的是记录，不写字段", field[0].span, f"写“{kind} {object_.text}”")
        elif kind in ("合计", "种数") and not field:
            self.error(
                "E130", f"“{kind}”后面要写明是哪个字段或术语", object_.span, f"写成“{kind} {object_.text}.字段名”"
            )
        return Clause(self.word(c[0]), Measure(object_, field[0] if field else None), self.around(c))

    def same_clause(self, c: list[Any]) -> Clause:
        return Clause(self.word(c[0]), tuple(c[1::2]), self.around(c))

    def then_clause(self, c: list[Any]) -> Clause:
        tone = self.word(c[1]) if len(c) == 5 else None
        target, verb, values = self.word(c[-3]), str(c[-2]), c[-1]
        if verb == "为" and len(values) > 1:
            listed = "、".join(_shown(value) for value in values)
            remedy = f"多选的决定用“含”：{target.text} 含 {listed}；单选的决定只能写一个值"
            self.error("E123", "“为”后面只能写一个值", self.between_(values[0], values[-1]), remedy)
        return Clause(self.word(c[0]), Conclusion(tone, target, verb, values), self.between_(c[0], values[-1]))

    output_clause = overlap_clause = _named

    # ---- cells of a decision table: conditions on a name that stands above them ----

    def table_row(self, c: list[Any]) -> tuple[surface.Expr | None, ...]:
        return tuple(c[1::2])

    def any_cell(self, c: list[Any]) -> None:
        return None

    def values_cell(self, c: list[Any]) -> surface.Is | surface.In:
        first = c[0] if isinstance(c[0], Token) else c[0][0]
        return self._among(c[-1], False, self.between_(first, c[-1][-1]))

    def other_cell(self, c: list[Any]) -> surface.Is | surface.In:
        return self._among(c[1], True, self.between_(c[0], c[1][-1]))

    def _among(self, values: tuple[surface.Literal_, ...], negated: bool, span: Span) -> surface.Is | surface.In:
        if len(values) == 1:
            return surface.Is(HEAD, values[0], negated, span)
        within = self.between_(values[0], values[-1])
        return surface.In(HEAD, surface.SetLiteral(values, False, within), negated, span)

    def in_cell(self, c: list[Any]) -> surface.In:
        return surface.In(HEAD, c[1], str(c[0]) == "不属于", self.around(c))

    def has_cell(self, c: list[Any]) -> surface.Has:
        return surface.Has(HEAD, c[1], str(c[0]) == "不含", self.between_(c[0], c[1][-1]))

    def has_any_cell(self, c: list[Any]) -> surface.HasAny:
        return surface.HasAny(HEAD, c[1], self.around(c))

    def between_cell(self, c: list[Any]) -> surface.Between:
        return surface.Between(HEAD, _bound(c[-3]), _bound(c[-1]), self.around(c))

    def filled_cell(self, c: list[Any]) -> surface.Filled:
        return surface.Filled(HEAD, str(c[0]) == "未填", self.around(c))

    def sides_cell(self, c: list[Any]) -> surface.Expr:
        return c[0] if len(c) == 1 else surface.And((c[0], c[1]), False, self.around(c))

    def sign_side(self, c: list[Any]) -> surface.Infix:
        return surface.Infix(INFIX[str(c[0])], HEAD, _bound(c[1]), self.around(c))

    def least_side(self, c: list[Any]) -> surface.Infix:
        return surface.Infix(INFIX["≥"], HEAD, _bound(c[0]), self.around(c))

    def below_side(self, c: list[Any]) -> surface.Infix:
        return surface.Infix(INFIX["<"], HEAD, _bound(c[1]), self.around(c))

    def amount_clause(self, c: list[Any]) -> Clause:
        then = self.marked(c[0])
        tone = self.word(c[1]) if len(c) == 5 else None
        return Clause(then, Conclusion(tone, self.word(c[-3]), "为", (), c[-1]), self.between_(c[0], c[-1]))

    def mode_clause(self, c: list[Any]) -> Clause:
        return Clause(self.marked(c[0]), (), self.span(c[0]))

    def limit_clause(self, c: list[Any]) -> Clause:
        return Clause(self.marked(c[0]), c[1], self.around(c))

    def say_clause(self, c: list[Any]) -> Clause:
        return Clause(self.word(c[0]), self.text(c[1:]), self.around(c))

    # ---- declarations ----

    def key(self, c: list[Any]) -> tuple[surface.Name, Token]:
        """The key, and its closing bracket for the span of the declaration."""
        name = self.word(c[1])
        return name, c[2]

    def _declaration(self, c: list[Any]) -> Written:
        key, closer = c[2] if len(c) > 2 and isinstance(c[2], tuple) else (None, c[1])
        if key is not None and not key.text.isascii() and c[0] in KEYED:
            said = "写单位的，写在类型里，如 名称：金额（万元）；" if key.text in _UNITS else ""
            remedy = f"{said}键给别的系统用，自己起：用英文字母、数字和下划线，同一对象里不重复，如（market_benefit）；也可以不写（键），程序就用中文名"
            self.error("E109", f"键“{key.text}”不是英文词", key.span, remedy)
        found = tuple(self._bare_set(each) for each in c[2 if key is None else 3 :])
        span = self.between_(c[0], found[-1] if found else closer)
        return Written(self.word(c[0]), self.word(c[1]), key, found, span)

    def _bare_set(self, found: Clause | surface.SetLiteral) -> Clause:
        if isinstance(found, Clause):
            return found
        brace = Span(self.source, found.span.start, found.span.start + 1)
        return Clause(surface.Name("values", brace), found, found.span)

    data_declaration = extension_declaration = logic_declaration = table_declaration = _declaration

    def start(self, c: list[Any]) -> Written | tuple[surface.Expr | None, ...]:
        return cast("Written | tuple[surface.Expr | None, ...]", c[0])


_UNITS = ("元", "万元", "亿元", "亩", "公顷", "户", "人", "个", "天", "个月", "年")


def last_day(year: int, month: int) -> int:
    """The number of days of a month; 31 for a month that does not exist.

    >>> last_day(2024, 2)
    29
    """
    return calendar.monthrange(year, month)[1] if 1 <= month <= 12 and 1 <= year <= 9999 else 31


def _shown(node: surface.Expr | surface.Literal_ | surface.Days) -> str:
    """The words of a node on one line, cut where they are long: for messages."""
    return cut_middle(one_line(node.span.text), 40)
