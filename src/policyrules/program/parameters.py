"""Parameters, readings and lists: what the text fixes, what layers set, what holds at the as-of date.

Why this exists: a value may be fixed (``=``), a default (缺省) or open (未定), dated, and set by lower layers or by the
caller within its bounds; a list may be extended. All of it is settled before any condition is checked.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from policyrules.diagnostics import Diagnostic, Label
from policyrules.language import nodes as surface
from policyrules.program import nodes as core
from policyrules.program.authority import Act as AuthorityAct
from policyrules.program.authority import Grant, check_act
from policyrules.program.force import in_force
from policyrules.program.literals import declared_type, literal_value, word_text
from policyrules.program.symbols import Act, DeclaredGlobal, Symbols, bounds_of
from policyrules.spelling import nearest
from policyrules.types import Kind, Type, Value, canonical, exact_number, number_text, unit_factor, value_text


def acts_on(
    symbols: Symbols, name: str, kind: type[surface.AmendmentDecl | surface.ExtensionDecl | surface.SettingDecl]
) -> list[Act]:
    """The acts of one kind on ``name``, upper layers first; two of one layer are an error."""
    found: list[Act] = []
    for act in symbols.acts:
        if not isinstance(act.node, kind) or act.node.target.text != name:
            continue
        earlier = next((other for other in found if other.layer.level == act.layer.level), None)
        if earlier is not None and kind is not surface.ExtensionDecl:
            symbols.error(
                "E304",
                f"本层对“{name}”{act.origin.kind}了两次",
                act.node.target.span,
                "合成一条",
                (Label(earlier.node.target.span, "先在这里"),),
            )
            continue
        found.append(act)
    return sorted(found, key=lambda act: (act.layer.level, act.node.span.source.path, act.node.span.start))


def dated(values: tuple[surface.DatedValue, ...], as_of: datetime.date) -> surface.DatedValue | None:
    """The value that holds at ``as_of``: the latest that has begun."""
    begun = [value for value in values if value.since is None or value.since <= as_of]
    return max(begun, key=lambda value: value.since or datetime.date.min) if begun else None


def written_value(symbols: Symbols, node: surface.Literal_ | surface.SetLiteral, type_: Type) -> Value | None:
    """A parameter's written value as a canonical value; None after reporting."""
    if not isinstance(node, surface.SetLiteral):
        if type_.kind is Kind.SET:
            element = Type(Kind.ENUM, None, type_.values) if type_.values is not None else Type(Kind.TEXT)
            single = literal_value(node, element, symbols.diagnostics)
            return None if single is None else frozenset({str(single)})
        return literal_value(node, type_, symbols.diagnostics)
    if type_.kind is not Kind.SET:
        symbols.error("E204", f"{type_.kind.value}只有一个值，不能写 {{ }}", node.span)
        return None
    if node.open:
        symbols.error("E204", "参数的值是全的，不用“等”", node.span, "删去 等")
        return None
    element = Type(Kind.ENUM, None, type_.values) if type_.values is not None else Type(Kind.TEXT)
    items = [literal_value(item, element, symbols.diagnostics) for item in node.items]
    if any(item is None for item in items):
        return None
    return frozenset(str(item) for item in items)


def parameter_type(symbols: Symbols, node: surface.ParameterDecl) -> Type | None:
    """The declared type of a parameter."""
    value = node.values[0].value if node.values else None
    return declared_type(node.type, node.bounds, value, symbols.diagnostics)


def build_parameter(symbols: Symbols, declared: DeclaredGlobal, type_: Type) -> core.Parameter | None:
    """A parameter as of the evaluation date, settings of lower layers applied, each checked for authority and bounds."""
    node = declared.node
    assert isinstance(node, surface.ParameterDecl)
    name = node.name.text
    low, high = bounds_of(symbols, node.bounds, type_)
    if node.kind == "读法" and node.state == "unset":
        symbols.error("E207", f"读法 {name} 要有一个缺省读法", node.span, "写 缺省 某一读法，并用 释义 说明理由")
        return None
    grants = [
        Grant(
            node.common.authority or "细化", node.common.authority_span or node.name.span, bool(node.common.authority)
        )
    ]
    value: Value | None = None
    state: str = node.state
    for candidate in node.values:
        if written_value(symbols, candidate.value, type_) is None:
            return None
    current = dated(node.values, symbols.as_of)
    if current is not None:
        value = written_value(symbols, current.value, type_)
        if value is not None and not _within(symbols, name, value, type_, low, high, current, node):
            value = None
    if value is None:
        state = "unset"
    setter: core.Origin | None = None
    for act in acts_on(symbols, name, surface.SettingDecl):
        assert isinstance(act.node, surface.SettingDecl)
        if not _is_upper(symbols, act, declared):
            continue
        for entry in act.node.values:
            written = written_value(symbols, entry.value, type_)
            if written is not None:
                _within(symbols, name, written, type_, low, high, entry, node)
        kind: AuthorityAct = "设定固定值" if node.state == "fixed" else "设定"
        if not check_act(symbols, grants, "参数", kind, name, act.node.span):
            continue
        _add_grant(grants, act.node.common)
        if not in_force(act.layer, act.node.common, symbols.as_of):
            continue
        entry_now = dated(act.node.values, symbols.as_of)
        if entry_now is None:
            continue
        value, state, setter = written_value(symbols, entry_now.value, type_), "set", act.origin
    assert state in ("fixed", "default", "set", "unset")
    return core.Parameter(
        name,
        node.key.text if node.key else name,
        node.kind == "读法",
        type_,
        state,  # type: ignore[arg-type]  # narrowed by the assertion above
        value,
        low,
        high,
        declared.origin,
        setter,
    )


def _add_grant(grants: list[Grant], common: surface.Common) -> None:
    if common.authority is not None and common.authority_span is not None:
        grants.append(Grant(common.authority, common.authority_span, True))


def _is_upper(symbols: Symbols, act: Act, declared: DeclaredGlobal) -> bool:
    if declared.layer.level < act.layer.level:
        return True
    symbols.error(
        "E303",
        f"“{act.node.target.text}”是{'本层' if declared.layer.level == act.layer.level else '下层'}声明的，{act.origin.kind}只能用于上层",
        act.node.target.span,
        "直接改声明",
        (Label(declared.node.name.span, "在这里声明"),),
    )
    return False


def _within(
    symbols: Symbols,
    name: str,
    value: Value,
    type_: Type,
    low: int | Fraction | datetime.date | None,
    high: int | Fraction | datetime.date | None,
    entry: surface.DatedValue,
    node: surface.ParameterDecl,
) -> bool:
    if out_of_bounds(value, low, high):
        span = node.bounds.span if node.bounds else node.span
        symbols.error(
            "E206",
            f"{name} 的值 {value_text(value, type_)} 超出允许的范围",
            entry.span,
            f"取 {_range_text(type_, low, high)} 之间的值",
            (Label(span, "范围在这里"),),
        )
        return False
    return True


def out_of_bounds(
    value: Value, low: int | Fraction | datetime.date | None, high: int | Fraction | datetime.date | None
) -> bool:
    """Whether an ordered value lies outside its declared bounds (both included)."""
    if isinstance(value, (bool, str, frozenset)):
        return False
    below = low is not None and value < low  # type: ignore[operator]  # bounds are of the value's own type
    above = high is not None and value > high  # type: ignore[operator]
    return bool(below or above)


def _range_text(
    type_: Type, low: int | Fraction | datetime.date | None, high: int | Fraction | datetime.date | None
) -> str:
    left = "" if low is None else value_text(low, type_)
    right = "" if high is None else value_text(high, type_)
    return f"{left} 至 {right}" if right else f"{left} 以上"


def build_list(symbols: Symbols, declared: DeclaredGlobal) -> core.ValueList | None:
    """A 清单 with the values that lower layers added."""
    node = declared.node
    assert isinstance(node, surface.ListDecl)
    name = node.name.text
    items: list[Value] = []
    open_ = node.items.open
    if not _add_items(symbols, node.items, items):
        return None
    grants = [
        Grant(
            node.common.authority or "细化", node.common.authority_span or node.name.span, bool(node.common.authority)
        )
    ]
    origins = [declared.origin]
    for act in acts_on(symbols, name, surface.ExtensionDecl):
        assert isinstance(act.node, surface.ExtensionDecl)
        if not _is_upper(symbols, act, declared):
            continue
        if not check_act(symbols, grants, "清单", "增列开放清单" if open_ else "增列", name, act.node.span):
            continue
        _add_grant(grants, act.node.common)
        if in_force(act.layer, act.node.common, symbols.as_of):
            _add_items(symbols, act.node.items, items)
            origins.append(act.origin)
    return core.ValueList(name, tuple(items), open_, tuple(origins))


def _add_items(symbols: Symbols, literal: surface.SetLiteral, items: list[Value]) -> bool:
    for item in literal.items:
        word = word_text(item)
        if word is None:
            symbols.error("E204", "清单里要的是词或带引号的文字", item.span)
            return False
        if word in items:
            symbols.error("E202", f"值 {word} 已经在清单里", item.span, "删去一处")
            continue
        items.append(word)
    return True


def decision_values(
    symbols: Symbols, declared: DeclaredGlobal, grants: list[Grant]
) -> tuple[tuple[str, ...], list[core.Origin]]:
    """The values of a decision, 增列 of lower layers appended (multiple-choice decisions only)."""
    node = declared.node
    assert isinstance(node, surface.DecisionDecl)
    name = node.name.text
    values: list[Value] = []
    _add_items(symbols, surface.SetLiteral(node.values, False, node.span), values)
    origins: list[core.Origin] = []
    for act in acts_on(symbols, name, surface.ExtensionDecl):
        assert isinstance(act.node, surface.ExtensionDecl)
        if not _is_upper(symbols, act, declared):
            continue
        if node.mode != "多选":
            symbols.error(
                "E302", f"决定 {name} 是{node.mode}，不能增列值", act.node.span, "只有多选的决定和清单可以增列"
            )
            continue
        if not check_act(symbols, grants, "决定", "增列", name, act.node.span):
            continue
        # Names resolve against all layers whatever the date: the values exist, rules that conclude them are dated.
        _add_items(symbols, act.node.items, values)
        origins.append(act.origin)
    return tuple(str(value) for value in values), origins


def given_parameters(
    parameters: dict[str, core.Parameter], given: Mapping[str, object], as_of: datetime.date
) -> tuple[dict[str, core.Parameter], list[Diagnostic]]:
    """The table with the caller's values (by Chinese name or key) applied; each checked for type, bounds, authority."""
    diagnostics: list[Diagnostic] = []
    result = dict(parameters)
    by_key = {parameter.key: name for name, parameter in parameters.items()}
    # Callers from outside may use anything as a name; it is reported as a name nobody knows.
    for given_name in sorted(given, key=str):
        name = given_name if given_name in parameters else by_key.get(given_name)
        if name is None:
            near = nearest(str(given_name), [*parameters, *by_key])
            diagnostics.append(
                Diagnostic(
                    "E601",
                    f"没有名为 {given_name} 的参数",
                    path="参数",
                    remedy=f"是不是 {'、'.join(near)}？" if near else f"可用的参数：{'、'.join(list(parameters)[:20])}",
                )
            )
            continue
        parameter = parameters[name]
        raw = given[given_name]
        if raw is None:
            continue
        value = given_value(raw, parameter.type)
        if value is None:
            diagnostics.append(
                Diagnostic("E602", f"参数 {name} 不能取“{_shown(raw)}”", path="参数", remedy=f"应为 {parameter.type}")
            )
            continue
        if parameter.state == "fixed":
            diagnostics.append(
                Diagnostic(
                    "E603",
                    f"参数 {name} 是文本定死的，不能另给",
                    parameter.origin.span,
                    remedy="它的值以文本为准；确要试算，请另写一层并由上层授权 自定",
                )
            )
            continue
        if out_of_bounds(value, parameter.low, parameter.high):
            diagnostics.append(
                Diagnostic(
                    "E206",
                    f"参数 {name} 的值 {value_text(value, parameter.type)} 超出允许的范围",
                    parameter.origin.span,
                    remedy=f"取 {_range_text(parameter.type, parameter.low, parameter.high)} 之间的值",
                )
            )
            continue
        setter = core.Origin("", "给定", name, (), (), (), parameter.origin.span)
        result[name] = core.Parameter(
            parameter.name,
            parameter.key,
            parameter.reading,
            parameter.type,
            "set",
            value,
            parameter.low,
            parameter.high,
            parameter.origin,
            setter,
        )
    return result, diagnostics


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
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:39] + "…"


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
