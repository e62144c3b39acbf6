"""What people are told about a field: what belongs into it, its unit, its bounds, who knows it; and of any other blank, who
settles it.

Why this exists: the message about a bad cell, the guide of a template and the schema of a record say the same thing of a
field in the same words, and so do the tables and pages that ask for what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from policyrules.program.nodes import Field, Parameter
from policyrules.types import Kind, Type, value_text

NOT_ASKED: Final = "没有查缺什么"
"""What is said of a record that is open where nobody looked for what it lacks."""


def asked_text(root: str, asked: int, records: int, *, told: bool = False) -> str:
    """That what is missing was told of the first ``asked`` of so many records alone, and how to have all of it. ``told``: where each
    result is written with what lies behind it.

    >>> asked_text("项目", 8000, 20000)
    '台账很长，缺什么只查了前 8000 个项目（共 20000 个）：后面的项目定不下来的，结论和可能的结论都在，只是没有查缺什么，要补的也没有算它们。要全部查，加 --all-missing'
    """
    said = (
        f"台账很长，缺什么只查了前 {asked} 个{root}（共 {records} 个）：后面的{root}定不下来的，结论和可能的结论都在，"
    )
    more = "，没有试换一种读法、写靠什么推定，表里定不下来的各项并在一起，JSON 里可能的值只写条款" if told else ""
    return f"{said}只是{NOT_ASKED}{more}，要补的也没有算它们。要全部查，加 --all-missing"


def unseen_text(root: str, records: int, left_out: Sequence[str]) -> str:
    """That some parameters, or the days, were not looked at, and how to have them.

    >>> unseen_text("项目", 20000, ["门槛“户数”从头到尾", "结果会变的日子"])
    '20000 个项目，一个一个算要等太久，没有算：门槛“户数”从头到尾、结果会变的日子；报告里其余的都是全部项目的。要算，加 --long'
    """
    return (
        f"{records} 个{root}，一个一个算要等太久，没有算：{'、'.join(left_out)}；"
        f"报告里其余的都是全部{root}的。要算，加 --long"
    )


def lacking_text(root: str, asked: int, records: int) -> str:
    """That an impact tells what is missing of the first ``asked`` of so many records alone, and how to have all of it.

    >>> lacking_text("项目", 600, 20000)
    '空着的太多，缺什么、补上能定下什么只查了前 600 个项目（共 20000 个）；变化、个数和引起变化的条文是全部项目的。要全部查，加 --all-missing'
    """
    return (
        f"空着的太多，缺什么、补上能定下什么只查了前 {asked} 个{root}（共 {records} 个）；"
        f"变化、个数和引起变化的条文是全部{root}的。要全部查，加 --all-missing"
    )


def expectation(field: Field) -> str:
    """What belongs in a cell of ``field``, in Chinese, with its unit and bounds."""
    type_ = field.type
    match type_.kind:
        case Kind.BOOL:
            text = "“是”或“否”"
        case Kind.DATE:
            text = "日期，年月日写全（如 2025-09-15 或 2025年9月15日）"
        case Kind.ENUM:
            text = f"下列之一：{'、'.join(type_.values or ())}"
        case Kind.SET:
            listed = f"下列各项中的若干项，用顿号隔开：{'、'.join(type_.values or ())}"
            text = listed if type_.values else "若干项文字，用顿号隔开"
        case Kind.TEXT:
            text = "文字"
        case Kind.RATIO:
            text = "比例（如 60% 或 0.6）"
        case Kind.YEAR:
            text = "四位数的年份（如 2025）"
        case Kind.MONEY | Kind.AREA | Kind.DURATION:
            number = "300" if type_.kind is Kind.MONEY else "12"
            text = f"{type_.kind.value}，单位{type_.unit}（如 {number} 或 {number}{type_.unit}）"
        case Kind.INTEGER | Kind.DECIMAL:
            text = "整数" if type_.kind is Kind.INTEGER else "数"
            text += f"，单位{type_.unit}" if type_.unit else ""
        case _:
            assert_never(type_.kind)
    return text + _bounds(field, "，在 {low} 至 {high} 之间", "，不小于 {low}", "，不大于 {high}")


def kind_text(type_: Type) -> str:
    """What a value of ``type_`` is, for a guide to filling in.

    >>> kind_text(Type(Kind.ENUM, None, ("好", "差"))), kind_text(Type(Kind.MONEY, "万元"))
    ('选一个：好、差', '金额（万元）')
    """
    match type_.kind:
        case Kind.BOOL:
            return "是 或 否"
        case Kind.ENUM:
            return f"选一个：{'、'.join(type_.values or ())}"
        case Kind.SET:
            return f"可多选：{'、'.join(type_.values)}" if type_.values else "若干项文字，用顿号隔开"
        case Kind.DATE:
            return "日期，如 2025-09-15"
        case Kind.RATIO:
            return "比例，如 60%"
        case kind:
            return f"{kind.value}（{type_.unit}）" if type_.unit else kind.value


def _bounds(field: Field | Parameter, both: str, lower: str, upper: str) -> str:
    """The bounds of a field in the words given for each case; empty where there are none."""
    low = "" if field.low is None else value_text(field.low, field.type)
    high = "" if field.high is None else value_text(field.high, field.type)
    said = both if low and high else lower if low else upper if high else ""
    return said.format(low=low, high=high)


def description(field: Field) -> str:
    """What a field holds, for people: kind, unit, bounds, who judges or knows it, its group, notes."""
    parts = [expectation(field)]
    if field.happened:
        parts.append("已经发生才填，不会晚于评估日")
    if field.judged:
        parts.append("研判")
    if field.holders:
        parts.append(f"由{'、'.join(field.holders)}掌握")
    if field.group:
        parts.append(f"分组：{field.group}")
    parts += [*field.origin.notes, *field.origin.readings] if field.origin is not None else []
    parts.append("不知道的留空")
    return "；".join(part.rstrip("。；") for part in parts) + "。"


def bounds_text(field: Field | Parameter) -> str:
    """The bounds of a field or a parameter for a guide to filling in; empty where there are none."""
    return _bounds(field, "{low} 至 {high}", "{low} 以上", "{high} 以下")


UNKNOWN_HOLDER: Final = "未写明由谁掌握"
DECIDERS: Final[Mapping[str, str]] = {
    "parameter": "县级设定",
    "recognition": "主管部门认定",
    "portfolio": "本次评估",
    "conflict": "县级裁定",
    "calendar": "写规则的单位",
    "rows": "",
}
"""Who decides what is no cell of the ledger."""


def holders_text(holders: Sequence[str], kind: str = "field") -> str:
    """Who would know it; where nobody is declared, who decides such things; empty for a list whose columns different
    people know."""
    if holders:
        return "、".join(holders)
    return DECIDERS.get(kind, UNKNOWN_HOLDER)


def blank_name(kind: str, name: str, object_name: str) -> str:
    """How a missing input is called: whose it is ('' for the record itself), and what it is where it is not a cell of the
    ledger.

    >>> blank_name("field", "闲置起始日", "资产"), blank_name("parameter", "长期闲置月数", "")
    ('资产.闲置起始日', '参数“长期闲置月数”')
    """
    where = f"{object_name}." if object_name else ""
    match kind:
        case "field":
            return where + name
        case "rows":
            return f"{where}{name}（整张表）"
        case "portfolio":
            return "全县台账"
        case "parameter":
            return f"参数“{name}”"
        case "recognition":
            return f"{where}{name}（须认定）"
        case "calendar":
            return f"清单“{name}”"
        case "conflict":
            return f"{where}{name}（冲突未解决）"
        case "presumption":
            return f"{where}{name}（推定不一致）"
        case _:
            return f"{where}{name}（算不出）"
