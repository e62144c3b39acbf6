"""Parameter values that a caller gives: by name or key, checked for type, bounds and authority.

Why this exists: the text leaves some values open, and whoever evaluates may settle them, within what the text allows.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from policyrules.diagnostics import Diagnostic
from policyrules.program import nodes as core
from policyrules.program.parameters import out_of_bounds, range_text
from policyrules.spelling import nearest
from policyrules.text import cut, one_line
from policyrules.types import Kind, Type, Value, canonical, exact_number, number_text, unit_factor, value_text


class Typed(str):
    """A value as somebody typed it, who may mean 30% by 30; from a program 30 is 3000%."""

    __slots__ = ()


def given_parameters(
    parameters: Mapping[str, core.Parameter], given: Mapping[str, object]
) -> tuple[dict[str, core.Parameter], list[Diagnostic]]:
    """The table with the caller's values (by Chinese name or key) applied; each checked for type, bounds, authority."""
    found: list[Diagnostic] = []
    result = dict(parameters)
    by_key = {parameter.key: name for name, parameter in parameters.items()}
    # Callers from outside may use anything as a name; it is reported as a name nobody knows.
    for given_name in sorted(given, key=str):
        name = given_name if given_name in parameters else by_key.get(given_name)
        if name is None:
            near = nearest(str(given_name), [*parameters, *by_key])
            known = f"可用的参数：{'、'.join(list(parameters)[:20])}" if parameters else "这套规则没有参数，不用给"
            remedy = f"是不是 {'、'.join(near)}？" if near else known
            found.append(Diagnostic("E601", f"没有名为 {given_name} 的参数", path="参数", remedy=remedy))
            continue
        parameter = parameters[name]
        raw = given[given_name]
        if raw is None:
            continue
        value = given_value(raw, parameter.type)
        place = parameter.origin.span
        if value is None:
            written = "，写上百分号，如 30%" if parameter.type.kind is Kind.RATIO else ""
            message, remedy = f"参数 {name} 不能取“{_shown(raw)}”", f"应为 {parameter.type}{written}"
            found.append(Diagnostic("E602", message, path="参数", remedy=remedy))
        elif parameter.state == "fixed":
            remedy = "它的值以文本为准；确要试算，请另写一层并由上层授权 自定"
            found.append(Diagnostic("E603", f"参数 {name} 是文本定死的，不能另给", place, remedy=remedy))
        elif out_of_bounds(value, parameter.low, parameter.high):
            message = f"参数 {name} 的值 {value_text(value, parameter.type)} 超出允许的范围"
            found.append(Diagnostic("E206", message, place, remedy=f"取 {range_text(parameter)} 之间的值"))
        else:
            setter = core.Origin("", "给定", name, (), (), (), place)
            result[name] = replace(parameter, state="set", value=value, setter=setter)
    return result, found


def _shown(raw: object) -> str:
    """What the caller gave, as people would write it, cut where it is long.

    >>> _shown(["甲", "乙"]), _shown(True), _shown("很多")
    ('甲、乙', '是', '很多')
    """
    match raw:
        case bool():
            text = "是" if raw else "否"
        case list() | tuple():
            text = "、".join(map(_scalar_text, raw))
        case set() | frozenset():
            text = "、".join(sorted(map(_scalar_text, raw)))
        case _:
            text = _scalar_text(raw)
    return cut(one_line(text), 40)


def _scalar_text(raw: object) -> str:
    # Only values that we know are asked for their text: anybody's object may answer with an error.
    match raw:
        case str():
            return raw
        case int() | Fraction():
            return number_text(raw)
        case float() | Decimal():
            return str(raw)
        case datetime.date():
            return raw.isoformat()
        case _:
            return "不认识的内容"


def given_value(raw: object, type_: Type) -> Value | None:
    """A caller's value of a parameter: a Python value in the parameter's own unit, or text as rules write it.

    >>> from policyrules.types import Type, Kind
    >>> given_value("12 个月", Type(Kind.DURATION, "个月")), given_value(2, Type(Kind.MONEY, "万元"))
    (12, 20000)
    """
    match type_.kind:
        case Kind.BOOL:
            if isinstance(raw, bool):
                return raw
            words = {"是": True, "否": False, "true": True, "false": False}
            return words.get(raw.strip()) if isinstance(raw, str) else None
        case Kind.ENUM:
            return raw if isinstance(raw, str) and raw in (type_.values or ()) else None
        case Kind.TEXT:
            return raw if isinstance(raw, str) else None
        case Kind.SET:
            if isinstance(raw, str):
                raw = [part.strip() for part in raw.strip("{} ｛｝").replace(",", "、").split("、") if part.strip()]
            if not isinstance(raw, (list, tuple, set, frozenset)):
                return None
            if not all(isinstance(item, str) for item in raw):
                return None
            items = frozenset(raw)
            return items if type_.values is None or items <= set(type_.values) else None
        case Kind.DATE:
            if isinstance(raw, datetime.datetime):
                return raw.date()
            if isinstance(raw, datetime.date):
                return raw
            if not isinstance(raw, str):
                return None
            text = raw.strip().replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-")
            parts = [part.strip() for part in text.split("-")]
            try:
                return datetime.date(int(parts[0]), int(parts[1]), int(parts[2])) if len(parts) == 3 else None
            except ValueError:
                return None
        case _:
            return _given_number(raw, type_)


def _given_number(raw: object, type_: Type) -> Value | None:
    number = exact_number(raw)
    if number is not None and type_.kind is Kind.RATIO and isinstance(raw, Typed) and not -1 <= number <= 1:
        # 30 typed in for 30% is not 3000%: rules do not take it either.
        return None
    if number is not None:
        value = canonical(number, type_)
    elif isinstance(raw, str):
        text = raw.strip()
        digits = text.rstrip("元万亿亩公顷天个月年%％户人处项家台栋间头只 ")
        unit = text[len(digits) :].strip().replace("％", "%")
        bare = exact_number(digits.strip())
        factor = unit_factor(type_, unit) if unit else None
        if bare is None or factor is None:
            return None
        value = bare * factor
        value = value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value
    else:
        return None
    if type_.kind in (Kind.INTEGER, Kind.YEAR, Kind.DURATION) and not isinstance(value, int):
        return None
    return value
