"""Checking expressions: from surface to typed nodes, with every type and unit error explained.

Why this exists: execution never meets a wrong type; all errors of a load come together. One function a form, each either
returns its typed node or reports and returns None; a None never causes a second report.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, assert_never

from policyrules.language import expressions as surface
from policyrules.language.nodes import DecisionDecl, ListDecl, ParameterDecl, StatisticDecl, TermDecl
from policyrules.language.walk import walk
from policyrules.operators import (
    AT_LEAST,
    AT_MOST,
    ELAPSED,
    SET_SIZE,
    WORKDAYS_ELAPSED,
    Operator,
)
from policyrules.program import nodes as core
from policyrules.program.choices import choice
from policyrules.program.literals import (
    element_type,
    in_cell,
    literal_text,
    literal_value,
    single,
    word_text,
)
from policyrules.program.presence import presence
from policyrules.program.quantities import (
    applied,
    arithmetic_extreme,
    arithmetic_product,
    arithmetic_sum,
    beside,
    comparable,
    counts_workdays,
    is_number,
    of_a_year,
    quantity_constant,
    written_type,
)
from policyrules.program.ranges import NumberLength, number_length
from policyrules.program.said_conditions import meant
from policyrules.program.scope import (
    FoundAsOf,
    FoundField,
    FoundGlobal,
    FoundYear,
    child_rows,
    lookup,
)
from policyrules.program.slips import (
    blank,
    bounded_behind,
    compared,
    day_said,
    equal_to_value,
    in_a_set,
    kind_asked,
    other_field_said,
    quoted_condition,
    quoted_name,
    several_said,
    subject_left_out,
    tested_as_blank,
    truth_of_above,
    valued,
)
from policyrules.program.symbols import Symbols
from policyrules.program.value_sets import (
    NONE,
    decision_has,
    decision_items,
    decision_on_sets,
    is_reference,
    names_value_set,
    set_values,
    value_set,
)
from policyrules.text import one_line
from policyrules.types import BOOL, DATE, INTEGER, ORDERED, TEXT, Kind, Type

_SET_WORDS: Final = {surface.HasAny: "含任一", surface.HasOnly: "全部属于", surface.Less: "除去"}


class Checker:
    """Checks expressions. ``type_of``: the type of a parameter, term, statistic or decision, None where it has an error of its
    own; it is known, because terms are checked after those that they name. ``lengths``, ``bodies``: of the terms checked so far,
    how long their numbers get and what they stand for. ``compared``: the comparison whose sides are being checked."""

    def __init__(self, symbols: Symbols, type_of: Callable[[str], Type | None]) -> None:
        self.symbols = symbols
        self.type_of = type_of
        self.lengths: dict[str, NumberLength] = {}
        self.bodies: dict[str, core.Expr] = {}
        self.compared: surface.Infix | None = None

    # ---- conditions -------------------------------------------------------------------------------------------------

    def condition(self, node: surface.Expr, frames: tuple[str, ...]) -> core.Expr | None:
        """An expression that is true, false or unknown."""
        found = self.check(node, frames, BOOL)
        if found is not None and found.type.kind is not Kind.BOOL:
            said = meant(self.symbols, frames[-1], node.span.text)
            if said is not None or not bounded_behind(self.symbols, node, found.type, frames):
                self._not_a_condition(node, found.type, said)
            return None
        return found

    def _not_a_condition(self, node: surface.Expr, type_: Type, said: str | None) -> None:
        if isinstance(node, surface.Text):
            quoted_condition(self.symbols, node)
            return
        text = one_line(node.span.text)
        match type_.kind:
            case _ if said is not None:
                remedy = said
            case Kind.ENUM:
                first = (type_.values or ("…",))[0]
                remedy = f"写成 {text} 为 {first} 这样的条件"
            case Kind.SET:
                remedy = f"写成 {text} 含 … 这样的条件"
            case Kind.TEXT | Kind.DATE:
                remedy = f"写成 {text} 已填，或与别的值比较"
            case _:
                remedy = f"写成 {text} ≥ … 这样的比较"
        self.symbols.error("E204", f"“{text}”是{type_.kind.value}，不是“是”或“否”的条件", node.span, remedy)

    def _conditions(self, nodes: tuple[surface.Expr, ...], frames: tuple[str, ...]) -> tuple[core.Expr, ...] | None:
        checked = [self.condition(node, frames) for node in nodes]
        sound = tuple(item for item in checked if item is not None)
        return sound if len(sound) == len(checked) else None

    def _subject_left_out(self, node: surface.And | surface.Or, frames: tuple[str, ...]) -> bool:
        """Whether a value stands for a condition behind 为: 效益 为 好 或 差."""
        subjects = [valued(each) for each in node.operands]
        if not any(subjects) or not any(map(self._unknown, node.operands)):
            return False
        found = len(self.symbols.found)
        checked = [None if each is None else self.check(each, frames) for each in subjects]
        if len(self.symbols.found) > found:
            return True
        types = [None if each is None else each.type for each in checked]
        return subject_left_out(self.symbols, node.operands, types, every=isinstance(node, surface.And))

    def _unknown(self, node: surface.Expr) -> bool:
        if isinstance(node, surface.Text):
            return True
        return isinstance(node, surface.Ref) and len(node.parts) == 1 and not self.symbols.declares(node.parts[0].text)

    # ---- all forms --------------------------------------------------------------------------------------------------

    def check(self, node: surface.Expr, frames: tuple[str, ...], hint: Type | None = None) -> core.Expr | None:
        """``node`` typed; ``hint`` is the type its context wants, used only for numbers whose unit is ambiguous."""
        match node:
            case surface.Paren():
                return self.check(node.inner, frames, hint)
            case surface.Quantity():
                return quantity_constant(self.symbols, node, hint)
            case surface.DateLiteral():
                return core.Constant(node.date, DATE, node.span)
            case surface.Text():
                return core.Constant(node.text, TEXT, node.span)
            case surface.Ref():
                return self._ref(node, frames, hint)
            case surface.Not():
                operand = self.condition(node.operand, frames)
                return None if operand is None else core.Not(operand, node.span)
            case surface.And() | surface.Or():
                if self._subject_left_out(node, frames):
                    return None
                operands = self._conditions(node.operands, frames)
                if operands is None or len(operands) == 1:
                    return None if operands is None else operands[0]
                return (core.All if isinstance(node, surface.And) else core.Any)(operands, node.span)
            case surface.AtLeast():
                return self._at_least(node, frames)
            case surface.Infix():
                return self._infix(node, frames)
            case surface.Postfix():
                return self._postfix(node, frames)
            case surface.Yearly():
                return self._yearly(node, frames)
            case surface.Is():
                return self._is(node, frames)
            case surface.In():
                return self._in(node, frames)
            case surface.Has():
                return self._has(node, frames)
            case surface.HasAny() | surface.HasOnly() | surface.Less():
                return self._on_sets(node, frames)
            case surface.Between():
                return self._between(node, frames)
            case surface.Filled():
                return self._filled(node, frames)
            case surface.Sum():
                return self._short(arithmetic_sum(self.symbols, self.check, self.bodies, node, frames, hint))
            case surface.Product():
                return self._short(arithmetic_product(self.symbols, self.check, node, frames))
            case surface.Negative():
                number = self.check(node.operand, frames, hint)
                if number is None:
                    return None
                if number.type.kind not in ORDERED - {Kind.DATE, Kind.YEAR}:
                    self.symbols.error("E204", "负号后面要的是数", node.span, "删去负号；比早晚用 <、>，不成立写“非”")
                    return None
                return core.Sum(((-1, number),), number.type, node.span)
            case surface.Named():
                remedy = f"另写一条参数 {node.name.text}，这里只写它的名称"
                self.symbols.error("E323", "只有试验里才在条件中给数起名", node.span, remedy)
                return None
            case surface.Extreme():
                return arithmetic_extreme(self.symbols, self.check, self.bodies, node, frames, hint)
            case surface.Quantifier():
                return self._quantifier(node, frames)
            case surface.Aggregate():
                return self._aggregate(node, frames)
            case surface.Choose():
                return choice(self.symbols, self.check, node, frames, hint)
            case surface.Fallback():
                return self._fallback(node, frames, hint)
            case _ as unreachable:
                assert_never(unreachable)

    def _short(self, found: core.Expr | None) -> core.Expr | None:
        """``found``, unless its numbers could get too long."""
        if found is None or not number_length(found, self.lengths).too_long:
            return found
        self.symbols.error("E210", "连乘连除太多，算出的数会过长", found.span, "减少相乘、相除的次数")
        return None

    def _ref(self, node: surface.Ref, frames: tuple[str, ...], hint: Type | None = None) -> core.Expr | None:
        found = lookup(self.symbols, frames, node, hint)
        match found:
            case None:
                return None
            case FoundAsOf():
                return core.AsOf(node.span)
            case FoundYear(back):
                return core.AsOfYear(back, node.span)
            case FoundField(at, field):
                return core.FieldValue(at, field, field.type, node.span)
            case FoundGlobal(declared, at):
                name = declared.node.name.text
                if isinstance(declared.node, ListDecl):
                    self.symbols.error("E208", f"{name}是一份清单，不能直接当值用", node.span, f"写成 … 属于 {name}")
                    return None
                type_ = self.type_of(name)
                if type_ is None:
                    return None
                match declared.node:
                    case ParameterDecl():
                        return core.ParameterValue(name, type_, node.span)
                    case TermDecl():
                        assert at is not None
                        return core.TermValue(at, name, type_, node.span)
                    case StatisticDecl():
                        return core.StatisticValue(name, type_, at, node.span)
                    case DecisionDecl():
                        assert at is not None
                        if declared.node.type is not None:
                            return core.AmountValue(at, name, type_, node.span)
                        return core.DecisionValue(at, name, type_, node.span)
                    case _ as unreachable:
                        assert_never(unreachable)
            case _ as unreachable_found:
                assert_never(unreachable_found)

    def _at_least(self, node: surface.AtLeast, frames: tuple[str, ...]) -> core.Expr | None:
        operands = self._conditions(node.operands, frames)
        if node.count < 1 or node.count > len(node.operands):
            message = f"至少 {node.count} 项，但括号里有 {len(node.operands)} 项"
            self.symbols.error("E207", message, node.span, f"写 1 到 {len(node.operands)} 之间的数")
            return None
        return None if operands is None else core.AtLeast(node.count, operands, node.span)

    def _infix(self, node: surface.Infix, frames: tuple[str, ...]) -> core.Expr | None:
        written = (node.left, node.right)
        if node.operator.compares:
            before, self.compared = self.compared, node
            operands = self.pair(*written, frames, node.operator)
            self.compared = before
        else:
            left, right = [self.check(side, frames) for side in written]
            operands = None if left is None or right is None else (left, right)
        if operands is None:
            return None
        elapsed = node.operator is ELAPSED and counts_workdays(operands[1].type)
        return applied(self.symbols, WORKDAYS_ELAPSED if elapsed else node.operator, written, operands, node.span)

    def _postfix(self, node: surface.Postfix, frames: tuple[str, ...]) -> core.Expr | None:
        operand = self.check(node.operand, frames)
        if operand is None:
            return None
        if operand.type.kind not in node.operator.takes[0]:
            message = f"“{node.operator.words}”前面要的是日期，这里是{operand.type.kind.value}"
            if operand.type.kind is Kind.YEAR:
                span, remedy = of_a_year(node, operand, self.compared)
                self.symbols.error("E204", message, span, remedy)
                return None
            remedy = f"写成 日期 {node.operator.words}；算出来的日期加括号：（日期 + 30 天） {node.operator.words}"
            self.symbols.error("E204", message, node.operand.span, remedy)
            return None
        return core.Apply(node.operator, (operand,), node.operator.gives, node.span)

    def _yearly(self, node: surface.Yearly, frames: tuple[str, ...]) -> core.Expr | None:
        if node.since is None:
            return core.Yearly(node.month, node.day, None, node.span)
        since = self.check(node.since, frames)
        if since is None:
            return None
        if since.type.kind is not Kind.DATE:
            message = f"“起算”后面要的是日期，这里是{since.type.kind.value}"
            self.symbols.error("E204", message, node.since.span, f"写成 每年 {node.month}月{node.day}日 起算 日期")
            return None
        return core.Yearly(node.month, node.day, since, node.span)

    def pair(
        self, left: surface.Expr, right: surface.Expr, frames: tuple[str, ...], operator: Operator
    ) -> tuple[core.Expr, core.Expr] | None:
        """Both sides; a side that is a bare number takes the other's type as hint. A word on the right that is a value of
        the left side's type is explained."""
        if is_number(left) and not is_number(right):
            second = self.check(right, frames)
            first = None if second is None else self.check(left, frames, beside(second, left, self.bodies))
        else:
            if quoted_name(self.symbols, left, frames):
                return None
            known = written_type(right) if isinstance(left, surface.Ref) else None
            first = self.check(left, frames, known)
            if first is not None and compared(self.symbols, left, first, right, operator):
                return None
            if first is not None and isinstance(right, surface.Ref) and len(right.parts) == 1:
                word = right.parts[0]
                values = first.type.values or (("是", "否") if first.type.kind is Kind.BOOL else ())
                if word.text in values and word.text not in self.symbols.globals:
                    said = "" if in_cell(word) else one_line(left.span.text)
                    remedy = equal_to_value(said, first.type, operator, word.text)
                    self.symbols.error(
                        "E204", f"“{word.text}”是取值，{operator.words} 右边要的是另一项", word.span, remedy
                    )
                    return None
            second = None if first is None else self.check(right, frames, beside(first, right, self.bodies))
        return None if first is None or second is None else (first, second)

    # ---- against values ---------------------------------------------------------------------------------

    def _is(self, node: surface.Is, frames: tuple[str, ...]) -> core.Expr | None:
        if quoted_name(self.symbols, node.left, frames) or truth_of_above(self.symbols, node, frames):
            return None
        left = self.check(node.left, frames)
        if left is None:
            return None
        type_ = left.type
        if type_.kind is Kind.ENUM and several_said(
            self.symbols, word_text(node.value) or "", type_, node.span, frames
        ):
            return None
        if isinstance(node.left, surface.Ref) and blank(self.symbols, node.value, type_):
            tested_as_blank(self.symbols, node.left, node.negated, node.span)
            return None
        if isinstance(left, core.AmountValue) and word_text(node.value) == NONE:
            message = f"决定 {left.name} 得出的是{type_.kind.value}，不能和“无”比"
            remedy = "没有得出时，和它的比较都不成立；要按 0 算，在决定里写 默认 0"
            self.symbols.error("E218", message, node.value.span, remedy)
            return None
        if isinstance(left, core.DecisionValue):
            if type_.kind is Kind.SET:
                return decision_has(self.symbols, left, (node.value,), "none" if node.negated else "all", node.span)
            items = decision_items(self.symbols, left, (node.value,))
            if items is None:
                return None
            return core.DecisionIs(left.at, left.name, items, node.negated, node.span)
        if type_.kind is Kind.SET:
            message = f"“{one_line(node.left.span.text)}”可有几个值，不能用 为"
            remedy = (
                f"写成 {one_line(node.left.span.text)} {'不含' if node.negated else '含'} {literal_text(node.value)}"
            )
            self.symbols.error("E204", message, node.span, remedy)
            return None
        if type_.kind is Kind.DATE and day_said(self.symbols, node, frames):
            return None
        if type_.kind not in (Kind.BOOL, Kind.ENUM, Kind.TEXT) and is_reference(self.symbols, node.value, frames):
            shown = literal_text(node.value)
            message = f"为 右边要的是值，{shown} 是另一项"
            written = f"{one_line(node.left.span.text)} {'≠' if node.negated else '='} {shown}"
            self.symbols.error("E204", message, node.value.span, f"写成 {written}")
            return None
        if (
            type_.kind is Kind.TEXT
            and is_reference(self.symbols, node.value, frames)
            and other_field_said(self.symbols, node, frames)
        ):
            return None
        odd = isinstance(node.value, surface.Name) or (
            isinstance(node.value, surface.Quantity) and node.value.unit not in (None, "年")
        )
        if type_.kind is Kind.YEAR and odd and day_said(self.symbols, node, frames):
            return None
        value = literal_value(node.value, type_, self.symbols)
        if value is None:
            return None
        return core.Member(left, core.Literals((value,)), node.negated, node.span)

    def _in(self, node: surface.In, frames: tuple[str, ...]) -> core.Expr | None:
        if quoted_name(self.symbols, node.left, frames) or kind_asked(self.symbols, node.left, node.span, frames):
            return None
        left = self.check(node.left, frames)
        if left is None:
            return None
        type_ = left.type
        if isinstance(node.right, surface.Ref) and several_said(
            self.symbols, node.right.span.text, type_, node.span, frames
        ):
            return None
        if type_.kind is Kind.SET:
            message = f"“{one_line(node.left.span.text)}”可有几个值，不能用 属于"
            self.symbols.error("E204", message, node.span, in_a_set(node))
            return None
        if isinstance(left, core.DecisionValue):
            if not isinstance(node.right, surface.SetLiteral):
                said = meant(self.symbols, frames[-1], node.span.text)
                place = node.right.span if said is None else node.span
                self.symbols.error("E208", "决定的 属于 右边要写出值", place, said or "写成 属于 { 值一、值二 }")
                return None
            if node.right.open:
                self.symbols.error("E208", "决定的值是全的，不用“等”", node.right.span, "删去 等")
                return None
            items = decision_items(self.symbols, left, single(node.right.items, self.symbols))
            if items is None:
                return None
            return core.DecisionIs(left.at, left.name, items, node.negated, node.span)
        if (
            type_.kind in (Kind.DATE, Kind.YEAR)
            and isinstance(node.right, surface.Ref)
            and day_said(self.symbols, node, frames)
        ):
            return None
        right = value_set(self.symbols, self.type_of, node.right, type_, frames)
        return None if right is None else core.Member(left, right, node.negated, node.span)

    def _has(self, node: surface.Has, frames: tuple[str, ...]) -> core.Expr | None:
        left = self.check(node.left, frames)
        if left is None:
            return None
        type_ = left.type
        if type_.kind is not Kind.SET:
            message = f"“{one_line(node.left.span.text)}”是{type_.kind.value}，只有多选才能用 含"
            self.symbols.error("E204", message, node.span, "改用 为 或 属于")
            return None
        if isinstance(left, core.DecisionValue):
            return decision_has(self.symbols, left, node.values, "none" if node.negated else "all", node.span)
        values = set_values(self.symbols, node.values, type_)
        return None if values is None else core.Contains(left, values, node.negated, node.span)

    def _on_sets(
        self, node: surface.HasAny | surface.HasOnly | surface.Less, frames: tuple[str, ...]
    ) -> core.Expr | None:
        """含任一, 全部属于 and 除去: a set, and a set of values or another set."""
        left = self.check(node.left, frames)
        if left is None:
            return None
        word = _SET_WORDS[type(node)]
        type_ = left.type
        if type_.kind is not Kind.SET:
            message = f"“{one_line(node.left.span.text)}”只有一个值，不能用 {word}"
            remedy = "改用 不为 或 不属于" if isinstance(node, surface.Less) else "改用 属于"
            self.symbols.error("E204", message, node.span, remedy)
            return None
        if isinstance(left, core.DecisionValue):
            return decision_on_sets(self.symbols, left, node, word)
        right: core.ValueSet | core.Expr | None
        if isinstance(node.right, surface.Ref) and not names_value_set(self.symbols, node.right):
            name = node.right.parts[0]
            if (
                name.text in (type_.values or ())
                and len(node.right.parts) == 1
                and not is_reference(self.symbols, name, frames)
            ):
                message = f"“{name.text}”是一个值，右边要的是一组值"
                self.symbols.error("E208", message, node.right.span, f"写成 {{ {name.text} }}")
                return None
            right = self.check(node.right, frames)
            if right is None:
                return None
            if right.type.kind is not Kind.SET or isinstance(right, core.DecisionValue):
                self.symbols.error(
                    "E204", f"{word} 右边要的是一组值或另一个多选项", node.right.span, "写成 { 值一、值二 }"
                )
                return None
        else:
            right = value_set(self.symbols, self.type_of, node.right, element_type(type_), frames)
        if right is None:
            return None
        match node:
            case surface.HasAny():
                return core.Overlaps(left, right, node.span)
            case surface.HasOnly():
                return core.Subset(left, right, node.span)
            case surface.Less():
                return core.Less(left, right, type_, node.span)
            case _:
                assert_never(node)

    # ---- the rest ---------------------------------------------------------------------------------------------------

    def _between(self, node: surface.Between, frames: tuple[str, ...]) -> core.Expr | None:
        if any(isinstance(inner, surface.Between) for inner in walk(node.left)):
            # The left side stands in both comparisons: one inside another would double at every level.
            self.symbols.error("E108", "“介于”的左边里又有“介于”", node.left.span, "把左边另写成“术语”，再引用它")
            return None
        sides = self.pair(node.left, node.low, frames, AT_LEAST)
        high = None if sides is None else self.check(node.high, frames, beside(sides[0], node.high, self.bodies))
        if sides is None or high is None:
            return None
        left, low = sides
        first = applied(self.symbols, AT_LEAST, (node.left, node.low), (left, low), node.span)
        second = applied(self.symbols, AT_MOST, (node.left, node.high), (left, high), node.span)
        return None if first is None or second is None else core.All((first, second), node.span)

    def _filled(self, node: surface.Filled, frames: tuple[str, ...]) -> core.Expr | None:
        if kind_asked(self.symbols, node.ref, node.span, frames):
            return None
        found = lookup(self.symbols, frames, node.ref)
        match found:
            case None:
                return None
            case FoundField(at, field):
                return core.Filled(at, field, node.negated, node.span)
            case FoundGlobal(declared, _) if isinstance(declared.node, ParameterDecl):
                return core.ParameterFilled(declared.node.name.text, node.negated, node.span)
            case _:
                word = "未填" if node.negated else "已填"
                self.symbols.error("E208", f"{word}只能问字段和参数", node.span, "改问它所依据的字段")
                return None

    def _quantifier(self, node: surface.Quantifier, frames: tuple[str, ...]) -> core.Expr | None:
        rows = child_rows(self.symbols, frames, node)
        if rows is None:
            return None
        body = self.condition(node.body, (*frames, rows.object))
        return None if body is None else core.Quantified(node.kind == "全部", rows, body, node.span)

    def _values_counted(self, node: surface.Aggregate, frames: tuple[str, ...]) -> core.Expr | None:
        """``计数 名称`` of a 多选 field; None, without a report, where the name is no such field."""
        name = node.object.text
        if node.kind != "计数" or node.other or node.where is not None or name in self.symbols.objects:
            return None
        line = self.symbols.line(frames[-1])
        if not any(name in self.symbols.objects[object_].fields for object_ in line):
            return None
        found = self._ref(surface.Ref((node.object,), node.object.span), frames)
        if found is None or found.type.kind is not Kind.SET:
            return None
        return core.Apply(SET_SIZE, (found,), SET_SIZE.gives, node.span)

    def _aggregate(self, node: surface.Aggregate, frames: tuple[str, ...]) -> core.Expr | None:
        values = self._values_counted(node, frames)
        if values is not None:
            return values
        rows = child_rows(self.symbols, frames, node)
        if rows is None:
            return None
        inner = (*frames, rows.object)
        where = None if node.where is None else self.condition(node.where, inner)
        if node.where is not None and where is None:
            return None
        if node.kind == "计数":
            return core.Aggregate("计数", rows, None, where, INTEGER, node.span)
        if node.field is None:
            self.symbols.error(
                "E207", f"{node.kind} 要写明哪个字段", node.span, f"写成 {node.kind} {node.object.text}.字段名"
            )
            return None
        ref = surface.Ref((node.object, node.field), node.object.span.to(node.field.span))
        value = self.check(ref, inner)
        if value is None:
            return None
        kind = value.type.kind
        wanted = {
            "合计": ORDERED - {Kind.DATE, Kind.YEAR},
            "最大": ORDERED,
            "最小": ORDERED,
            "取": frozenset(Kind) - {Kind.SET},
        }[node.kind]
        if kind not in wanted or isinstance(value, core.DecisionValue):
            counted = f"{node.object.text} 其中（{node.field.text} {'' if kind is Kind.BOOL else '为 …'}）"
            remedy = f"数有几行，写成 计数 {counted.replace(' ）', '）')}"
            if kind is Kind.SET:
                remedy = f"问有没有，写成 任一 {node.object.text} 满足（{node.field.text} 含 …）"
            self.symbols.error("E204", f"{kind.value}不能{node.kind}", node.span, remedy)
            return None
        return core.Aggregate(node.kind, rows, value, where, value.type, node.span)

    def _fallback(self, node: surface.Fallback, frames: tuple[str, ...], hint: Type | None) -> core.Expr | None:
        first = self.check(node.first, frames, hint)
        second = self.check(node.second, frames, first.type if first else hint)
        if first is None or second is None:
            return None
        if not comparable(self.symbols, first.type, second.type, node.span):
            return None
        return core.Fallback(presence(first), first, second, first.type, node.span)
