"""Parameters, lists and the values of decisions: what the text fixes, what layers set, what holds at the as-of date.

Why this exists: a value may be fixed (``=``), a default (缺省) or open (未定), dated, and set by lower layers or by the
caller within its bounds (`given`); a list may be extended. All of it is settled before any condition is checked.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from fractions import Fraction

from policyrules.diagnostics import Label
from policyrules.language import nodes as surface
from policyrules.language.expressions import Literal_, SetLiteral
from policyrules.program import nodes as core
from policyrules.program.authority import Grant, Operation, check_act, grant_of, stated_grant
from policyrules.program.layers import in_force
from policyrules.program.literals import alike, declared_type, element_type, folded, literal_value, word_text
from policyrules.program.symbols import Declared, Symbols, bounds_of
from policyrules.types import ORDERED, Kind, Type, Value, value_text


def dated(values: tuple[surface.DatedValue, ...], as_of: datetime.date) -> surface.DatedValue | None:
    """The value that holds at ``as_of``: the latest that has begun."""
    begun = [value for value in values if value.since is None or value.since <= as_of]
    return max(begun, key=lambda value: value.since or datetime.date.min) if begun else None


def written_value(symbols: Symbols, node: Literal_ | SetLiteral, type_: Type) -> Value | None:
    """A parameter's written value as a canonical value; None after reporting."""
    if not isinstance(node, SetLiteral):
        if type_.kind is not Kind.SET:
            return literal_value(node, type_, symbols)
        single = literal_value(node, element_type(type_), symbols)
        return None if single is None else frozenset({str(single)})
    if type_.kind is not Kind.SET:
        symbols.error("E204", f"{type_.kind.value}只有一个值，不能写 {{ }}", node.span)
        return None
    if node.open:
        symbols.error("E204", "参数的值是全的，不用“等”", node.span, "删去 等")
        return None
    items = [literal_value(item, element_type(type_), symbols) for item in node.items]
    return None if None in items else frozenset(str(item) for item in items)


def parameter_type(symbols: Symbols, node: surface.ParameterDecl) -> Type | None:
    """The declared type of a parameter."""
    value = node.values[0].value if node.values else None
    return declared_type(node.type, node.bounds, value, symbols)


def build_parameter(
    symbols: Symbols, declared: Declared[surface.ParameterDecl], type_: Type, as_of: datetime.date
) -> core.Parameter | None:
    """A parameter as of the evaluation date, settings of lower layers applied, each checked for authority and bounds."""
    node, name = declared.node, declared.name
    low, high = bounds_of(symbols, node.bounds, type_)
    if node.kind == "读法" and node.state == "unset":
        symbols.error("E207", f"读法 {name} 要有一个缺省读法", node.span, "写 缺省 某一读法，并用 释义 说明理由")
        return None
    parameter = core.Parameter(
        name,
        node.key.text if node.key else name,
        node.kind == "读法",
        type_,
        node.state,
        None,
        low,
        high,
        declared.origin,
        None,
    )
    for candidate in node.values:
        if written_value(symbols, candidate.value, type_) is None:
            return None
    current = dated(node.values, as_of)
    value: Value | None = None
    if current is not None:
        value = written_value(symbols, current.value, type_)
        if value is not None and not _within(symbols, parameter, value, current, node):
            value = None
    parameter = replace(parameter, value=value, state="unset" if value is None else node.state)
    grants = [grant_of(node, "细化")]
    for act in symbols.acts_on(declared, surface.SettingDecl):
        for entry in act.node.values:
            written = written_value(symbols, entry.value, type_)
            if written is not None:
                _within(symbols, parameter, written, entry, node)
        operation: Operation = "设定固定值" if node.state == "fixed" else "设定"
        owed = _owed(symbols, parameter, act.node)
        if not check_act(symbols, grants, "参数", operation, name, act.node.span, owed):
            continue
        grants.extend(stated_grant(act.node.common))
        entry_now = dated(act.node.values, as_of)
        if entry_now is not None and in_force(act.layer, act.node.common, as_of):
            value = written_value(symbols, entry_now.value, type_)
            parameter = replace(parameter, value=value, state="set", setter=act.origin)
    return parameter


def _owed(symbols: Symbols, parameter: core.Parameter, node: surface.SettingDecl) -> str:
    """What to do about a setting of which structure does not show whether it is stricter."""
    type_, old = parameter.type, parameter.value
    new = node.values[-1].value.span.text if node.values else ""
    if type_.kind not in ORDERED or old is None:
        return "是不是更严，请自己核对"
    was = value_text(old, type_)
    ends = ["" if end is None else value_text(end, type_) for end in (parameter.low, parameter.high)]
    if type_.kind is Kind.RATIO:
        ends = [ends[0] or "0%", ends[1] or "100%"]
    name = parameter.name
    if any(word in name for word in ("下限", "最少", "最低", "至少", "最短")):
        bounds = f"“取值 {was} 至 {ends[1]}”" if ends[1] else f"“取值 {was} 以上”"
    elif any(word in name for word in ("上限", "最多", "最高", "最长")) and ends[0]:
        bounds = f"“取值 {ends[0]} 至 {was}”"
    else:
        bounds = "“取值 … 至 …”，把可以设的范围写明"
    return f"“{name}”由 {was} 改为 {new}。是不是更严，请自己核对；要系统把关，请上层写{bounds}"


def _within(
    symbols: Symbols, parameter: core.Parameter, value: Value, entry: surface.DatedValue, node: surface.ParameterDecl
) -> bool:
    if out_of_bounds(value, parameter.low, parameter.high):
        span = node.bounds.span if node.bounds else node.span
        message = f"{parameter.name} 的值 {value_text(value, parameter.type)} 超出允许的范围"
        symbols.error("E206", message, entry.span, f"取 {range_text(parameter)} 之间的值", Label(span, "范围在这里"))
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


def range_text(parameter: core.Parameter) -> str:
    """The declared bounds, as people write them."""
    left = "" if parameter.low is None else value_text(parameter.low, parameter.type)
    right = "" if parameter.high is None else value_text(parameter.high, parameter.type)
    return f"{left} 至 {right}" if right else f"{left} 以上"


def build_list(symbols: Symbols, declared: Declared[surface.ListDecl], as_of: datetime.date) -> core.ValueList | None:
    """A 清单 with the values that lower layers added."""
    node = declared.node
    items: list[Value] = []
    if not _add_items(symbols, node.items, items):
        return None
    grants = [grant_of(node, "细化")]
    origins = [declared.origin]
    for act in symbols.acts_on(declared, surface.ExtensionDecl):
        operation: Operation = "增列开放清单" if node.items.open else "增列"
        if not check_act(symbols, grants, "清单", operation, declared.name, act.node.span):
            continue
        grants.extend(stated_grant(act.node.common))
        if in_force(act.layer, act.node.common, as_of):
            _add_items(symbols, act.node.items, items)
            origins.append(act.origin)
    return core.ValueList(declared.name, tuple(items), node.items.open, tuple(origins))


def _add_items(symbols: Symbols, literal: SetLiteral, items: list[Value]) -> bool:
    seen = {folded(item): item for item in items if isinstance(item, str)}
    for item in literal.items:
        word = word_text(item)
        if word is None:
            symbols.error("E204", "清单里要的是词或带引号的文字", item.span)
            return False
        same = alike(word, seen)
        if same is not None:
            symbols.error("E202", f"值 {word} 已经在清单里{same}", item.span, "删去一处")
            continue
        items.append(word)
    return True


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision before its rules are merged: its ``values``, 增列 included, who ``added`` some, and what it grants;
    ``amount``: the type of an amount."""

    declared: Declared[surface.DecisionDecl]
    values: tuple[str, ...]
    added: tuple[core.Origin, ...]
    grants: tuple[Grant, ...]
    amount: Type | None = None

    @property
    def node(self) -> surface.DecisionDecl:
        """The declaration."""
        return self.declared.node

    @property
    def name(self) -> str:
        """The decision's name."""
        return self.declared.name

    @property
    def type(self) -> Type:
        """What conditions see of it."""
        if self.amount is not None:
            return self.amount
        return Type(Kind.SET if self.node.mode == "多选" else Kind.ENUM, None, self.values)


def build_decided(symbols: Symbols, declared: Declared[surface.DecisionDecl]) -> Decided | None:
    """The values of a decision, or the type of an amount; 增列 of lower layers adds to those of multiple-choice decisions
    only. None after reporting."""
    node, name = declared.node, declared.name
    grant = grant_of(node, "从严" if node.mode == "由宽到严" else "细化")
    if grant.authority == "从严" and node.mode != "由宽到严":
        message = f"决定 {name} 是{decision_kind(node)}，值之间没有宽严，不能写 授权 从严"
        symbols.error("E207", message, grant.span, "写 细化、自定 或 固定")
        grant = replace(grant, authority="细化")
    values: list[Value] = []
    _add_items(symbols, SetLiteral(node.values, False, node.span), values)
    origins: list[core.Origin] = []
    for act in symbols.acts_on(declared, surface.ExtensionDecl):
        if node.mode != "多选":
            symbols.error(
                "E302",
                f"决定 {name} 是{decision_kind(node)}，不能增列值",
                act.node.span,
                "只有多选的决定和清单可以增列",
            )
            continue
        if not check_act(symbols, [grant], "决定", "增列", name, act.node.span):
            continue
        # Names resolve against all layers whatever the date: the values exist, rules that conclude them are dated.
        _add_items(symbols, act.node.items, values)
        origins.append(act.origin)
    amount = None if node.type is None else declared_type(node.type, None, node.default, symbols)
    if node.type is not None and amount is None:
        symbols.broken.add(name)
        return None
    return Decided(declared, tuple(str(value) for value in values), tuple(origins), (grant,), amount)


def decision_kind(node: surface.DecisionDecl) -> str:
    """What a decision is, in words: its mode, or the kind of its amount."""
    return node.mode if node.type is None else node.type.kind
