"""Types and units of numbers in expressions: constants, sums, products, comparability, what stands beside an operator.

Why this exists: 万元 against 年 is an error at load; 元 and 万元 convert; counts compare with any counting unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, TypeGuard

from policyrules.language import expressions as surface
from policyrules.language import spoken
from policyrules.operators import (
    DAYS_BETWEEN,
    EARLIER,
    LATER,
    WORKDAYS_EARLIER,
    WORKDAYS_LATER,
    YEAR_END,
    YEAR_OF,
    Operator,
)
from policyrules.program import nodes as core
from policyrules.program.literals import quantity_value
from policyrules.program.symbols import Symbols
from policyrules.program.units import COUNTERS, WORKDAYS, part, undeclared
from policyrules.source import Span
from policyrules.text import one_line
from policyrules.types import (
    AREA_UNITS,
    DATE,
    DAYS,
    DECIMAL,
    FIRST_YEAR,
    INTEGER,
    MONEY_UNITS,
    MONTHS,
    NUMERIC,
    ORDERED,
    RATIO,
    YEAR,
    Kind,
    Type,
    number_text,
    unit_factor,
)

Check: TypeAlias = Callable[[surface.Expr, tuple[str, ...], Type | None], core.Expr | None]
Bodies: TypeAlias = Mapping[str, core.Expr]

_PLAIN = (Kind.INTEGER, Kind.DECIMAL, Kind.RATIO)
# Each shift of a date stands inside the next one: years, months and days are all that people write.
MAX_SHIFTS = 4


def quantity_constant(symbols: Symbols, node: surface.Quantity, hint: Type | None) -> core.Expr | None:
    """A written number as a constant; the hint decides what ``3 年`` is and which unit a bare number lacks."""
    type_ = _quantity_type(node, hint)
    uncounted = _uncounted(symbols, node, hint)
    wrong = node.unit is not None and (uncounted or unit_factor(type_, node.unit) is None)
    if wrong and (apart := symbols.apart(node.span.text)):
        symbols.error("E120", f"“{node.span.text}”中间缺空格", node.span, f"写成 {apart}")
        return None
    if uncounted:
        message, remedy = undeclared(node, hint)
        symbols.error("E205", message, node.span, remedy)
        return None
    meant = spoken.day_remedy(node.span.text) if hint is not None and hint.kind is Kind.DATE else None
    if meant is not None:
        symbols.error("E145", f"“{one_line(node.span.text)}”是文件里的时间说法，规则里另有写法", node.span, meant)
        return None
    value = quantity_value(node, type_, symbols)
    return None if value is None else core.Constant(value, type_, node.span)


def _uncounted(symbols: Symbols, node: surface.Quantity, hint: Type | None) -> bool:
    """Whether a number has a unit that nothing counts in, where no type beside it says what its unit has to be."""
    unit = node.unit
    if unit is None or unit in WORKDAYS or (hint is not None and hint.kind is not Kind.INTEGER):
        return False
    if hint is None:
        return unit not in _KNOWN_UNITS and unit not in COUNTERS and unit not in symbols.units
    return hint.unit is None and (unit in _KNOWN_UNITS or (unit not in COUNTERS and unit not in symbols.units))


def _quantity_type(node: surface.Quantity, hint: Type | None) -> Type:
    unit = node.unit
    if hint is not None and hint.kind in NUMERIC:
        # The number is read as what it stands beside, so that a wrong or missing unit is explained in those words.
        if hint.kind is Kind.INTEGER and unit is not None and hint.unit is None and unit not in _KNOWN_UNITS:
            return Type(Kind.INTEGER, unit)
        return hint
    if unit is None:
        return INTEGER if isinstance(node.number, int) else DECIMAL
    if unit in MONEY_UNITS:
        return Type(Kind.MONEY, unit)
    if unit in AREA_UNITS:
        return Type(Kind.AREA, unit)
    if unit == "天":
        return DAYS
    if unit == "个月":
        return MONTHS
    if unit == "年":
        return YEAR if node.number >= FIRST_YEAR else MONTHS
    if unit == "%":
        return RATIO
    return Type(Kind.INTEGER, unit)


_KNOWN_UNITS = frozenset({*MONEY_UNITS, *AREA_UNITS, "天", "个月", "年", "%"})


def counts_workdays(type_: Type) -> bool:
    """Whether numbers of the type count working days."""
    return type_.kind is Kind.INTEGER and type_.unit in WORKDAYS


def beside(found: core.Expr, operand: surface.Expr, bodies: Bodies) -> Type:
    """The hint for ``operand`` beside ``found``: its type, and for a number without a unit what it is counted in there. Of a
    quotient of two amounts 2 is twice, of the difference of two years it is two years. ``bodies``: what terms stand for."""
    while isinstance(operand, (surface.Paren, surface.Negative)):
        operand = operand.inner if isinstance(operand, surface.Paren) else operand.operand
    if not isinstance(operand, surface.Quantity) or operand.unit is not None:
        return found.type
    if found.type.kind is Kind.RATIO and _made_of(found, _is_quotient, bodies):
        return Type(Kind.RATIO, "倍")
    if found.type == MONTHS and _made_of(found, _is_of_years, bodies):
        return Type(Kind.DURATION, "年")
    return found.type


def _made_of(
    found: core.Expr, is_one: Callable[[core.Expr], bool], bodies: Bodies, known: dict[str, bool] | None = None
) -> bool:
    """Whether an expression is one, or a term of one, or a sum or an extreme of such and of written numbers. ``known``: of the
    terms that were looked into."""
    known = {} if known is None else known
    match found:
        case core.TermValue(name=name):
            if name not in known:
                known[name] = name in bodies and _made_of(bodies[name], is_one, bodies, known)
            return known[name]
        case core.Sum(terms=terms):
            parts = [operand for _, operand in terms]
        case core.Extreme(operands=operands):
            parts = list(operands)
        case _:
            return is_one(found)
    computed = [part for part in parts if not isinstance(part, core.Constant)]
    return bool(computed) and all(_made_of(part, is_one, bodies, known) for part in computed)


def _is_quotient(found: core.Expr) -> bool:
    return (
        isinstance(found, core.Product)
        and found.factors[0][1].type.kind is not Kind.RATIO
        and any(operator == "÷" for operator, _ in found.factors)
    )


def _is_of_years(found: core.Expr) -> bool:
    """Whether the difference of two years is there, in months."""
    return (
        isinstance(found, core.Product)
        and len(found.factors) == 2
        and isinstance(found.factors[0][1], core.Sum)
        and all(operand.type.kind in (Kind.YEAR, Kind.INTEGER) for _, operand in found.factors[0][1].terms)
    )


def written_type(node: surface.Expr) -> Type | None:
    """The type that a number or a date has by itself; None for anything else."""
    match node:
        case surface.Quantity():
            return _quantity_type(node, None)
        case surface.DateLiteral():
            return DATE
        case _:
            return None


def period_hint(node: surface.Expr) -> Type | None:
    """The hint for a 时长 beside a date: a number without any unit needs one, so that its error names the unit; of another unit
    it is told that it is no 时长."""
    if not isinstance(node, surface.Quantity):
        return None
    return MONTHS if node.unit is None else DATE


def period_remedy(node: surface.Expr, before: str = "") -> str:
    """How to write the 时长 that ``node`` was meant to be; ``before``: the sign that stands in front."""
    text = "".join(node.span.text.split())
    said = spoken.written(text)
    if said is not None and spoken.is_period(said):
        return f"写成 {said}"
    return f"时长写成 {before} 3 个月、{before} 2 年 或 {before} 90 天这样" if before else "写成 12 个月、2 年 或 90 天"


def year_of(node: surface.Expr) -> str:
    """How the year of a date is written that stands on one side of a comparison."""
    text = one_line(node.span.text)
    return f"{text} 之年" if isinstance(node, surface.Ref) else f"（{text}） 之年"


def of_a_year(node: surface.Postfix, year: core.Expr, compared: surface.Infix | None) -> tuple[Span, str]:
    """What to write where the end of a year, or its year, is asked of a year, and in the place of what: the days of a year are
    compared by their years. ``compared``: the comparison around it."""
    text = one_line(node.operand.span.text)
    if node.operator is YEAR_OF:
        return node.span, f"写成 {text}"
    if node.operator is YEAR_END:
        match year:
            case core.AsOfYear(back=back):
                return node.span, "写成 评估日 之年末" if not back else f"写成 （评估日 - {back} 年） 之年末"
            case core.Constant(value=number):
                return node.span, f"写成 {number}年12月31日"
        if compared is not None:
            # No later than its last day is no later than the year, later than it is a later year; what is left turns on that one day.
            words = compared.operator.words
            if compared.right is node and words in ("≤", ">"):
                return compared.span, f"写成 {year_of(compared.left)} {words} {text}"
            if compared.left is node and words in ("≥", "<"):
                return compared.span, f"写成 {text} {words} {year_of(compared.right)}"
    return (
        node.operand.span,
        f"年份里没有哪一天，比年份就行的，用 之年：评估日 之年 ≤ {text}；要一个日子的，另设一个日期字段",
    )


def elapsed_for(operands: tuple[core.Expr, core.Expr], written: tuple[surface.Expr, surface.Expr], words: str) -> str:
    """How it is written that so much time has passed since a date, where date and time were compared."""
    left, right = (one_line(side.span.text) for side in written)
    if operands[0].type.kind is Kind.DATE:
        if words == "≥":
            return f"写成 {left} 起满 {right}"
        told = f"；从另一天算起的，写 {left} {words} … + {right}" if words in ("≤", "<") else ""
        return f"写成 评估日 {words} {left} + {right}{told}"
    return f"写成 {right} 起满 {left}" if words == "≤" else f"写成 {right} + {left} {words} 评估日"


def comparable(symbols: Symbols, left: Type, right: Type, span: Span) -> bool:
    """Whether values of the two types may stand on two sides of a comparison, or in two branches; reports if not."""
    if left.kind is right.kind:
        if left.kind is Kind.DURATION and left.family != right.family:
            symbols.error("E205", "天与月、年不能换算，不能比较", span, "两边用同一种时长")
            return False
        if left.kind is Kind.INTEGER and left.unit and right.unit and left.unit != right.unit:
            symbols.error("E205", f"一边以{left.unit}计，一边以{right.unit}计，不能比较", span, _SAME_QUANTITY)
            return False
        if left.kind is Kind.ENUM and left.values and right.values and not set(left.values) & set(right.values):
            symbols.error("E204", "两边的取值没有相同的，永远不会相等", span, "检查是不是比错了字段")
            return False
        return True
    if {left.kind, right.kind} in ({Kind.INTEGER, Kind.DECIMAL}, {Kind.RATIO, Kind.DECIMAL}):
        return True
    if {left.kind, right.kind} == {Kind.ENUM, Kind.TEXT}:
        return True
    message = f"一边是{kind_text(left)}，一边是{kind_text(right)}，不能比较"
    if left.kind in NUMERIC and right.kind in NUMERIC:
        symbols.error("E205", message, span, _SAME_QUANTITY)
    else:
        symbols.error("E204", message, span, _same_kind(left, right))
    return False


def _same_kind(left: Type, right: Type) -> str:
    """What two sides are written as that cannot be compared, of which one is no number."""
    if Kind.SET in (left.kind, right.kind) and {left.kind, right.kind} & NUMERIC:
        return "有几个值，写“计数”和字段的名称，用它来比"
    if Kind.TEXT in (left.kind, right.kind):
        return "数和日期不加引号；文字只和文字比"
    return "数和数比，日期和日期比，词和词比；检查是不是比错了字段"


_SAME_QUANTITY: Final = "两边写成同一种量；数后面的单位，用另一边的那一类"


def applied(
    symbols: Symbols,
    operator: Operator,
    written: tuple[surface.Expr, surface.Expr],
    operands: tuple[core.Expr, core.Expr],
    span: Span,
) -> core.Expr | None:
    """An operator between two operands that are checked themselves."""
    words = operator.words
    for operand, side, kinds in zip(operands, written, operator.takes, strict=True):
        if isinstance(operand, core.DecisionValue) and (operator.compares or operand.type.kind in kinds):
            name = operand.name
            symbols.error("E208", f"决定 {name} 不能用 {words} 比较", side.span, f"写成 {name} 为 …")
            return None
    if operator.compares and {operand.type.kind for operand in operands} == {Kind.DATE, Kind.YEAR}:
        first, second = (
            year_of(side) if one.type.kind is Kind.DATE else one_line(side.span.text)
            for one, side in zip(operands, written, strict=True)
        )
        symbols.error("E204", "一边是日期，一边是年份，不能比较", span, f"写成 {first} {words} {second}")
        return None
    if operator.compares and {operand.type.kind for operand in operands} == {Kind.DATE, Kind.DURATION}:
        remedy = elapsed_for(operands, written, words)
        symbols.error("E204", "一边是日期，一边是时长，不能比较", span, remedy)
        return None
    if operator.compares and not comparable(symbols, operands[0].type, operands[1].type, span):
        return None
    for place, operand, side, kinds in zip(("左边", "右边"), operands, written, operator.takes, strict=True):
        kind = operand.type.kind
        if kind in kinds:
            continue
        if operator.refusal is not None:
            message, remedy = operator.refusal
            symbols.error("E204", message.format(kind=kind.value), span, remedy)
        else:
            wanted = "、".join(each.value for each in Kind if each in kinds)
            example = period_remedy(side) if kinds == {Kind.DURATION} else None
            symbols.error("E204", f"{words} {place}要的是{wanted}", side.span, example)
        return None
    return core.Apply(operator, operands, operator.gives, span)


def kind_text(type_: Type) -> str:
    """A type as people write it: 金额（万元）."""
    return f"{type_.kind.value}（{type_.unit}）" if type_.unit else type_.kind.value


def arithmetic_sum(
    symbols: Symbols, check: Check, bodies: Bodies, node: surface.Sum, frames: tuple[str, ...], hint: Type | None
) -> core.Expr | None:
    """Sums of one family; date ± duration, date − date, year − year, year ± years."""
    operands: list[tuple[str, surface.Expr]] = [("+", node.first), *node.rest]
    # The first operand that is not a bare number says which type the bare numbers have.
    base: core.Expr | None = None
    spoken: surface.Expr | None = None
    for _, operand in operands:
        if not isinstance(operand, surface.Quantity):
            spoken, base = operand, check(operand, frames, hint)
            if base is None:
                return None
            break
    wanted = beside(base, node.first, bodies) if base is not None else hint or _written_first(operands)
    # Each operand is checked once: twice at every level would be exponential in a nested sum.
    first = base if node.first is spoken else check(node.first, frames, wanted)
    if first is None:
        return None
    expression, type_ = first, first.type
    if type_.kind not in NUMERIC and type_.kind is not Kind.DATE:
        symbols.error("E204", f"{type_.kind.value}不能加减", node.first.span, _not_added(type_))
        return None
    terms: list[tuple[int, core.Expr]] = [(1, expression)]
    shifts = 0
    for sign_text, operand in node.rest:
        sign = 1 if sign_text == "+" else -1
        if type_.kind is Kind.DATE:
            shifts += 1
            if shifts > MAX_SHIFTS:
                symbols.error("E108", f"日期最多连着加减 {MAX_SHIFTS} 次", operand.span, "把几段时长先合成一段")
                return None
            moved = _moved(symbols, check, expression, sign_text, operand, frames, node.span)
            if moved is None:
                return None
            expression, type_ = moved, moved.type
            terms = [(1, expression)]
            continue
        if type_.kind is Kind.YEAR and _is_years(operand):
            terms.append((sign, core.Constant(operand.number, INTEGER, operand.span)))
            continue
        whole = core.Sum(_signed(terms), type_, node.span)
        known = None if type_ == INTEGER and _is_part(operand) else beside(whole, operand, bodies)
        second = base if operand is spoken else check(operand, frames, known)
        if second is None:
            return None
        if type_.kind is Kind.YEAR and second.type.kind is Kind.YEAR:
            if sign > 0:
                symbols.error(
                    "E204", "两个年份不能相加", operand.span, "相差几年写“−”：当年 − 年度；过几年写年数：年度 + 2 年"
                )
                return None
            terms.append((sign, second))
            difference = core.Sum(_signed(terms), INTEGER, node.span)
            expression = core.Product(
                (("×", difference), ("×", core.Constant(12, INTEGER, node.span))), MONTHS, node.span
            )
            type_, terms = MONTHS, [(1, expression)]
            continue
        if type_.kind is Kind.YEAR and second.type.kind is Kind.INTEGER:
            terms.append((sign, second))
            continue
        if second.type.kind not in NUMERIC or not comparable(symbols, type_, second.type, operand.span):
            if second.type.kind not in NUMERIC:
                symbols.error("E204", f"{second.type.kind.value}不能加减", operand.span, _not_added(second.type))
            return None
        if Kind.DECIMAL in (type_.kind, second.type.kind) and type_.kind is not second.type.kind:
            type_ = DECIMAL
        terms.append((sign, second))
    if len(terms) == 1:
        return terms[0][1]
    return core.Sum(_signed(terms), type_, node.span)


def _moved(
    symbols: Symbols,
    check: Check,
    day: core.Expr,
    sign: str,
    operand: surface.Expr,
    frames: tuple[str, ...],
    span: Span,
) -> core.Expr | None:
    """A day moved by a period; or the days from another one to it."""
    if isinstance(operand, surface.Quantity) and operand.unit is None:
        text = number_text(operand.number)
        symbols.error("E205", "时长缺少单位", operand.span, f"写成 {text} 天；若本意是月，就写 {text} 个月")
        return None
    second = check(operand, frames, period_hint(operand))
    if second is None:
        return None
    if second.type.kind is Kind.DURATION:
        return core.Apply(LATER if sign == "+" else EARLIER, (day, second), DATE, span)
    if counts_workdays(second.type):
        return core.Apply(WORKDAYS_LATER if sign == "+" else WORKDAYS_EARLIER, (day, second), DATE, span)
    if second.type.kind is Kind.DATE and sign != "+":
        return core.Apply(DAYS_BETWEEN, (day, second), DAYS, span)
    symbols.error("E204", "日期只能加减时长，或减另一个日期", operand.span, period_remedy(operand, sign))
    return None


def _written_first(operands: list[tuple[str, surface.Expr]]) -> Type | None:
    """The type of the first written number that has a unit of the language: of 1 − 50% the 1 lacks one."""
    numbers = (one for _, one in operands if isinstance(one, surface.Quantity))
    return next((_quantity_type(one, None) for one in numbers if one.unit in ("%", *MONEY_UNITS, *AREA_UNITS)), None)


def _is_years(operand: surface.Expr) -> TypeGuard[surface.Quantity]:
    """Whether it is a number of years, not a year: 2 年, not 2023 年."""
    return isinstance(operand, surface.Quantity) and operand.unit == "年" and operand.number < FIRST_YEAR


def _is_part(node: surface.Expr) -> bool:
    """Whether a part of a whole is written that is no number of the language: 3 成."""
    return (
        isinstance(node, surface.Quantity) and node.unit not in (None, "%") and part(node.number, node.unit) is not None
    )


def _not_added(type_: Type) -> str:
    """What to do with what is no number, in a sum."""
    if type_.kind is Kind.DATE:
        return "日期写在前面：日期 + 30 天、后一个日期 − 前一个日期"
    return "加减的写数：金额、比例、整数这样的字段；两个条件写“且”或“或”" if type_.kind is Kind.BOOL else "加减的写数"


def _signed(terms: list[tuple[int, core.Expr]]) -> tuple[tuple[core.Sign, core.Expr], ...]:
    return tuple((1 if sign > 0 else -1, expression) for sign, expression in terms)


def arithmetic_product(
    symbols: Symbols, check: Check, node: surface.Product, frames: tuple[str, ...]
) -> core.Expr | None:
    """Products: at most one dimension; quotients of one dimension are ratios."""
    first = check(node.first, frames, None)
    if first is None:
        return None
    type_ = first.type
    if type_.kind is Kind.BOOL and all(operator == "÷" for operator, _ in node.rest):
        others = [check(operand, frames, type_) for _, operand in node.rest]
        if not all(other is not None and other.type.kind is Kind.BOOL for other in others):
            if None not in others:
                _multiplies(symbols, type_, node.first.span)
            return None
        named = [one_line(part.span.text) for part in (node.first, *(operand for _, operand in node.rest))]
        remedy = f"都要满足的，写“{' 且 '.join(named)}”；满足一个就行的，写“{' 或 '.join(named)}”"
        symbols.error("E204", "条件之间不写“/”", node.span, remedy)
        return None
    if not _multiplies(symbols, type_, node.first.span):
        return None
    factors: list[tuple[core.Times, core.Expr]] = [("×", first)]
    before = node.first
    for operator, operand in node.rest:
        if operator == "÷" and _each(symbols, before, operand, [factor.type for _, factor in factors]):
            return None
        before = operand
        second = check(operand, frames, None)
        if second is None or not _multiplies(symbols, second.type, operand.span):
            return None
        other = second.type
        if operator == "×":
            if type_.kind not in _PLAIN and other.kind not in _PLAIN:
                remedy = "只是倍数的，不带单位；按亩算钱的，面积先除以一亩：面积 ÷ 1 亩 × 500 元"
                symbols.error("E205", f"{kind_text(type_)}不能乘以{kind_text(other)}", node.span, remedy)
                return None
            if type_.kind in _PLAIN:
                type_ = _plain_product(type_, other) if other.kind in _PLAIN else other
        elif other.kind in _PLAIN:
            if type_.kind in _PLAIN:
                type_ = RATIO if type_.kind is not Kind.DECIMAL and other.kind is not Kind.DECIMAL else DECIMAL
        elif type_.kind is other.kind and type_.family == other.family:
            type_ = RATIO
        else:
            symbols.error("E205", f"{kind_text(type_)}不能除以{kind_text(other)}", node.span, "同类的量相除得比例")
            return None
        factors.append((operator, second))
    if type_.kind is Kind.DURATION:
        remedy = "直接比时长，如“评估日 - 日期 ≥ 365 天”；满多久写“日期 起满 1 年”"
        symbols.error("E204", "时长不能乘除", node.span, remedy)
        return None
    return core.Product(tuple(factors), type_, node.span)


def _each(symbols: Symbols, number: surface.Expr, unit: surface.Expr, before: list[Type]) -> bool:
    """Whether 500 元/户 is written, so much for each: the unit is no number to divide by. It is reported; ``before``: what the
    factors are that stand before."""
    match number, unit:
        case surface.Quantity(unit=str()), surface.Ref((surface.Name(text),)) if not symbols.declares(text):
            if text not in _EACH and text not in _KNOWN_UNITS:
                return False
        case _:
            return False
    amount, area = one_line(number.span.text), text in AREA_UNITS
    remedy = f"每{text}多少，只写数和单位，写成 {amount}"
    counts = [type_.kind is Kind.AREA if area else type_ == Type(Kind.INTEGER, text) for type_ in before]
    if text in ("年", "月"):
        remedy = f"规则里的数额不分年月；只算一{text}的写 {amount}，几{text}合起来的写 {amount} × 3 这样"
    elif not any(counts):
        fields = [field for info in symbols.objects.values() for field in info.fields.values()]
        fitting = (
            one for one in fields if (one.type.kind is Kind.AREA if area else one.type == Type(Kind.INTEGER, text))
        )
        count = next((one.name for one in fitting), "面积" if area else f"{text}数")
        count += f" ÷ 1 {text}" if area else ""
        remedy = f"要的是总数，写成 {count} × {amount}；已经除以{count}的数和它比，只写 {amount}"
        if len(before) > 1:
            remedy = f"{amount}是每{text}的，乘的是有多少{text}：{count} × {amount}"
    span = Span(number.span.source, number.span.start, unit.span.end)
    symbols.error("E205", f"“{one_line(span.text)}”里的“{text}”不是一个数，不能除以它", span, remedy)
    return True


_EACH: Final = frozenset("户人个家笔项次处件名套台头只株月")


def _plain_product(left: Type, right: Type) -> Type:
    if left.kind is Kind.INTEGER and right.kind is Kind.INTEGER:
        return INTEGER if not (left.unit or right.unit) else Type(Kind.INTEGER, left.unit or right.unit)
    if left.kind is Kind.RATIO and right.kind is Kind.RATIO:
        return RATIO
    return DECIMAL


def _multiplies(symbols: Symbols, type_: Type, span: Span) -> bool:
    if type_.kind in NUMERIC and type_.kind not in (Kind.YEAR,):
        return True
    remedy = "年份只加减年数，或减另一个年份：年度 + 2 年、当年 − 年度" if type_.kind is Kind.YEAR else "乘除的是数"
    symbols.error("E204", f"{kind_text(type_)}不能乘除", span, remedy)
    return False


def arithmetic_extreme(
    symbols: Symbols, check: Check, bodies: Bodies, node: surface.Extreme, frames: tuple[str, ...], hint: Type | None
) -> core.Expr | None:
    """取大 and 取小: numbers, or dates, that compare."""
    # What is no bare number says which type the bare numbers have; it is checked once, as in sums.
    spoken = next((operand for operand in node.operands if not is_number(operand)), None)
    base = None if spoken is None else check(spoken, frames, hint)
    if spoken is not None and base is None:
        return None
    wanted = hint if base is None else base.type
    checked: list[core.Expr] = []
    for operand in node.operands:
        known = wanted if base is None else beside(base, operand, bodies)
        one = base if operand is spoken else check(operand, frames, known)
        if one is None:
            return None
        if one.type.kind not in ORDERED:
            word = "取大" if node.largest else "取小"
            symbols.error(
                "E204", f"{word}要的是数或日期，这里是{one.type.kind.value}", operand.span, "各项都写数或日期"
            )
            return None
        if checked and not comparable(symbols, checked[0].type, one.type, operand.span):
            return None
        checked.append(one)
    mixed = len({one.type.kind for one in checked}) > 1
    unit = next((one.type for one in checked if one.type.unit), checked[0].type)
    return core.Extreme(node.largest, tuple(checked), DECIMAL if mixed else unit, node.span)


def is_number(node: surface.Expr) -> bool:
    """Whether a bare number stands there, in parentheses or with a sign."""
    while isinstance(node, (surface.Paren, surface.Negative)):
        node = node.inner if isinstance(node, surface.Paren) else node.operand
    return isinstance(node, surface.Quantity)
