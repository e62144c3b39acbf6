"""Problems of records as values: where, what stood there, what was expected, in Chinese.

Why this exists: readers and `build_instance` never raise for what a person typed; they hand back these, and reports
list them beside the results, so that nothing of a ledger is lost in silence.

Invariant: ``value`` is small (a scalar, or a short description of something large), so that a problem can always be
shown, compared and written.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from policyrules.diagnostics import RecordError
from policyrules.types import number_text

PROBLEM_NAMES: Final[dict[str, str]] = {
    "E501": "填写的值读不懂",
    "E502": "记录的结构不对",
    "E503": "同一字段给了两个值",
    "E504": "这一行对不上所属的记录",
    "E505": "编号重复",
    "E506": "表或列不能用",
    "E507": "文件打不开",
    "E508": "所属的行读不出来，整条记录没有评",
}

_LONGEST_SHOWN: Final = 60
# No ledger holds a number of more digits; Python itself refuses to write integers of more than some thousand digits.
_LARGEST: Final = 10**60


def shown(value: object) -> str:
    """``value`` as people see it in a message: short, whatever it is.

    >>> shown("去年"), shown(None), shown([1, 2]), shown({"a": 1}), shown(True), shown(10**99)
    ('“去年”', '空', '一个列表（2 项）', '一组字段', 'true', '一个过大的数')
    """
    match value:
        case None:
            return "空"
        case bool():
            return "true" if value else "false"
        case str():
            text = "".join(char if char.isprintable() else "�" for char in value[: _LONGEST_SHOWN + 1])
            return f"“{text[:_LONGEST_SHOWN]}…”" if len(value) > _LONGEST_SHOWN else f"“{text}”"
        case int():
            return str(int(value)) if abs(value) < _LARGEST else "一个过大的数"
        case float() | Decimal():
            return str(value)[:_LONGEST_SHOWN]
        case Fraction():
            small = abs(value.numerator) < _LARGEST and value.denominator < _LARGEST
            return number_text(value) if small else "一个过长的数"
        case datetime.date():
            return value.isoformat()
        case list() | tuple() | set() | frozenset():
            return f"一个列表（{len(value)} 项）"
        case Mapping():
            return "一组字段"
        case _:
            return "不认识的内容"


def small(value: object) -> object:
    """``value`` itself where it is a short scalar, else what `shown` says of it."""
    if value is None or isinstance(value, (bool, float, datetime.date)):
        return value
    if isinstance(value, int) and abs(value) < _LARGEST:
        return value
    if isinstance(value, str) and len(value) <= _LONGEST_SHOWN:
        return value
    return shown(value)


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """One thing that a record or a ledger holds and nobody can read.

    ``path``: readable by people and machines (``资产[0].闲置起始日``); ``value``: what stood there; ``expected``: what
    should stand there, in Chinese. ``file``, ``sheet``, ``row`` (from 1, as the workbook shows it), ``column`` (letter)
    where known. ``record``: the number of the record it belongs to; ``set_aside``: that record was not evaluated.
    """

    code: str
    path: str
    value: object
    expected: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    record: str = ""
    set_aside: bool = False

    @property
    def place(self) -> str:
        """Where, in Chinese: ``台账.xlsx 工作表“项目”第 5 行 F 列``; empty where nothing is known."""
        parts: list[str] = []
        if self.file:
            parts.append(self.file)
        if self.sheet:
            parts.append(f"工作表“{self.sheet}”")
        if self.row is not None:
            parts.append(f"第 {self.row} 行")
        if self.column:
            parts.append(f"{self.column} 列")
        return " ".join(parts)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        plain = self.value if self.value is None or isinstance(self.value, (bool, int, str)) else shown(self.value)
        return {
            "code": self.code,
            "path": self.path,
            "value": plain,
            "expected": self.expected,
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "record": self.record,
            "set_aside": self.set_aside,
        }

    def __str__(self) -> str:
        return render_problem(self)


def render_problem(problem: RecordProblem) -> str:
    """The problem in one line of Chinese.

    >>> print(RecordProblem("E501", "已形成", "也许", "“是”或“否”", sheet="项目", row=5, column="C", record="P001"))
    错误[E501] 工作表“项目” 第 5 行 C 列（P001）已形成：填的是“也许”，应为“是”或“否”
    """
    where = problem.place
    who = f"（{problem.record}）" if problem.record else ""
    head = f"错误[{problem.code}]" + (f" {where}" if where else "") + (who or (" " if where or problem.path else ""))
    path = f"{problem.path}：" if problem.path else ""
    match problem.code:
        case "E501" | "E502":
            body = f"填的是{shown(problem.value)}，应为{problem.expected}"
        case "E503":
            body = f"两处填的不一样（{problem.value}），应为{problem.expected}"
        case _:
            body = problem.expected
    return f"{head}{path}{body}".replace("\n", " ")


def record_error(problems: tuple[RecordProblem, ...]) -> RecordError:
    """The exception for callers who want one: it is about the first problem, the others are its notes."""
    first = problems[0]
    error = RecordError(first.path, first.value, first.expected)
    for problem in problems[1:]:
        error.add_note(render_problem(problem))
    return error
