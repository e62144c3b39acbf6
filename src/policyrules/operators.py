"""The operators of the language, as data: one record each, applied by the one node `Apply` of the program.

Why this exists: what an operator is called, what it takes and what it gives stands in one place; parser, printer, checker
and every engine read it. An engine keeps a table from operator to what it does, and a test demands an entry, or an
explicit refusal, for each record here. What rules write between two operands is one surface node (`Infix`) for all.

Invariants: names are unique, stable and ASCII, since fingerprints and engines' tables are keyed by them; ``takes`` has one
entry per operand; a reader of the program may rely on both.
"""

from __future__ import annotations

from dataclasses import field
from typing import Final, Literal, TypeAlias

from policyrules.frozen import frozen
from policyrules.types import BOOL, DATE, DAYS, INTEGER, ORDERED, YEAR, Kind, Type

_EQUATED: Final = frozenset(Kind) - {Kind.SET}
_DATE: Final = frozenset({Kind.DATE})
_PERIOD: Final = frozenset({Kind.DURATION})


@frozen
class Operator:
    """An operator. ``words``: how a rule writes it, and ``also`` in other ways; ``takes``: the kinds each operand may be
    of; ``gives``: its type; ``doc``: what it is for, in words that complete “…”是关键词（…）.

    ``compares``: both operands are of one sort, and a bare number takes the type of the other. ``refusal``: what is said
    of an operand it does not take, and what to write instead; most need none. ``counts``: the word a count without a
    unit of its own is shown with.
    """

    name: str
    words: str
    takes: tuple[frozenset[Kind], ...] = field(compare=False, repr=False)
    gives: Type = field(compare=False, repr=False)
    doc: str = field(compare=False, repr=False)
    example: str = field(compare=False, repr=False)
    also: tuple[str, ...] = field(default=(), compare=False, repr=False)
    compares: bool = field(default=False, compare=False, repr=False)
    refusal: tuple[str, str] | None = field(default=None, compare=False, repr=False)
    counts: str = field(default="", compare=False, repr=False)


def _equality(name: str, words: str, doc: str, also: tuple[str, ...]) -> Operator:
    refusal = ("多选的值不能用等号比较", "用 含、不含 或 含任一")
    return Operator(name, words, (_EQUATED, _EQUATED), BOOL, doc, f"总投资 {words} 已拨付", also, True, refusal)


def _order(name: str, words: str, doc: str, also: tuple[str, ...] = ()) -> Operator:
    refusal = (f"{{kind}}没有大小，不能用 {words} 比较", "用 为、不为 或 属于")
    return Operator(name, words, (ORDERED, ORDERED), BOOL, doc, f"利用率 {words} 20%", also, True, refusal)


EQUAL: Final = _equality("equal", "=", "相等", ("==",))
NOT_EQUAL: Final = _equality("not_equal", "≠", "不相等", ("!=", "<>"))
LESS: Final = _order("less", "<", "小于，日期为早于")
AT_MOST: Final = _order("at_most", "≤", "不大于，日期为不晚于", ("<=",))
GREATER: Final = _order("greater", ">", "大于，日期为晚于")
AT_LEAST: Final = _order("at_least", "≥", "不小于，日期为不早于", (">=",))
ELAPSED: Final = Operator("elapsed", "起满", (_DATE, _PERIOD), BOOL, "从某一天起满一段时间", "闲置起始日 起满 12 个月")
LATER: Final = Operator("later", "+", (_DATE, _PERIOD), DATE, "日期之后一段时长，月末对齐", "立项日 + 3 个月")
EARLIER: Final = Operator("earlier", "-", (_DATE, _PERIOD), DATE, "日期之前一段时长，月末对齐", "到期日 - 30 天")
DAYS_BETWEEN: Final = Operator("days_between", "-", (_DATE, _DATE), DAYS, "两个日期相差的天数", "验收日 - 开工日")
SET_SIZE: Final = Operator(
    "set_size", "计数", (frozenset({Kind.SET}),), INTEGER, "一个多选字段选了几项", "计数 帮扶方式", counts="个"
)

YEAR_OF: Final = Operator("year_of", "之年", (_DATE,), YEAR, "一个日期的年份", "验收日 之年")
MONTH_END: Final = Operator("month_end", "之月末", (_DATE,), DATE, "一个日期所在月份的最后一天", "验收日 之月末")
QUARTER_END: Final = Operator("quarter_end", "之季末", (_DATE,), DATE, "一个日期所在季度的最后一天", "验收日 之季末")
YEAR_END: Final = Operator("year_end", "之年末", (_DATE,), DATE, "一个日期所在年份的最后一天", "验收日 之年末")
_COUNT: Final = frozenset({Kind.INTEGER})
WORKDAYS_LATER: Final = Operator(
    "workdays_later", "+", (_DATE, _COUNT), DATE, "日期之后几个工作日，当日不计", "立项日 + 5 个工作日"
)
WORKDAYS_EARLIER: Final = Operator(
    "workdays_earlier", "-", (_DATE, _COUNT), DATE, "日期之前几个工作日，当日不计", "到期日 - 5 个工作日"
)
WORKDAYS_ELAPSED: Final = Operator(
    "workdays_elapsed", "起满", (_DATE, _COUNT), BOOL, "从某一天起满几个工作日", "立项日 起满 5 个工作日"
)

_INFIX: Final = (EQUAL, NOT_EQUAL, LESS, AT_MOST, GREATER, AT_LEAST, ELAPSED)
WORKDAYS: Final = (WORKDAYS_LATER, WORKDAYS_EARLIER, WORKDAYS_ELAPSED)
"""Those that need the calendar of the stack."""
HOLIDAYS: Final = "节假日"
WORKED: Final = "调休上班"
"""The lists of dates that are the calendar."""
_POSTFIX: Final = (YEAR_OF, MONTH_END, QUARTER_END, YEAR_END)
_BY_TYPE: Final = (LATER, EARLIER, DAYS_BETWEEN, SET_SIZE, *WORKDAYS)
"""What they are is told from the types of their operands only."""

OPERATORS: Final[dict[str, Operator]] = {operator.name: operator for operator in (*_INFIX, *_POSTFIX, *_BY_TYPE)}
COMPARISONS: Final[dict[str, Operator]] = {operator.words: operator for operator in _INFIX if operator.compares}
"""By the sign a rule writes."""
CompareOp: TypeAlias = Literal["=", "≠", "<", "≤", ">", "≥"]
"""That sign."""
MIRRORED: Final[dict[str, CompareOp]] = {"=": "=", "≠": "≠", "<": ">", "≤": "≥", ">": "<", "≥": "≤"}
"""The sign that says the same where both sides change places."""
OPPOSITE: Final[dict[str, CompareOp]] = {"=": "≠", "≠": "=", "<": "≥", "≤": ">", ">": "≤", "≥": "<"}
"""The sign that holds where another does not."""
INCLUDING: Final[dict[str, CompareOp]] = {"<": "≤", ">": "≥"}
"""The sign of the same bound where the bound itself counts too."""
EXCLUDING: Final[dict[str, CompareOp]] = {"≤": "<", "≥": ">"}
"""The sign of the same bound where it does not."""

INFIX: Final[dict[str, Operator]] = {
    words: operator for operator in _INFIX for words in (operator.words, *operator.also)
}
"""What stands between two operands, by every way to write it."""
POSTFIX: Final[dict[str, Operator]] = {operator.words: operator for operator in _POSTFIX}
"""What stands behind one operand."""
