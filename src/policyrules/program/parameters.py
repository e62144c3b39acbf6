"""Parameters, lists and the values of decisions: what the text fixes, what layers set, what holds at the as-of date.

Why this exists: a value may be fixed (``=``), a default (缺省) or open (未定), dated, and set by lower layers or by the
caller within its bounds (`given`); a list may be extended. All of it is settled before any condition is checked.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from policyrules.diagnostics import Label
from policyrules.language import nodes as surface
from policyrules.language.expressions import DateLiteral, Days, Literal_, SetLiteral
from policyrules.program import nodes as core
from policyrules.program.authority import Grant, Operation, check_act, grant_of, granted, stated_grant
from policyrules.program.collecting import bounds_of, key_of
from policyrules.program.direction import Stretch, check_directed, refuse_laxer, stretches
from policyrules.program.layers import Layer, in_force, parallel
from policyrules.program.literals import (
    alike,
    apart,
    declared_type,
    element_type,
    every_day,
    folded,
    literal_value,
    single,
    word_text,
)
from policyrules.program.symbols import Act, Declared, Symbols
from policyrules.types import DATE, ORDERED, Kind, Type, Value, value_text


def dated(values: tuple[surface.DatedValue, ...], as_of: datetime.date) -> surface.DatedValue | None:
    """The value that holds at ``as_of``: the latest that has begun."""
    begun = [value for value in values if value.since is None or value.since <= as_of]
    return max(begun, key=lambda value: value.since or datetime.date.min) if begun else None


def written_value(symbols: Symbols, node: Literal_ | SetLiteral, type_: Type) -> Value | None:
    """A parameter's written value as a canonical value; None after reporting."""
    if not isinstance(node, SetLiteral):
        if type_.kind is not Kind.SET:
            return literal_value(node, type_, symbols)
        alone = literal_value(node, element_type(type_), symbols)
        return None if alone is None else frozenset({str(alone)})
    if type_.kind is not Kind.SET:
        symbols.error("E204", f"{type_.kind.value}只有一个值，不能写 {{ }}", node.span, "只写一个值，删去花括号")
        return None
    if node.open:
        symbols.error("E204", "参数的值是全的，不用“等”", node.span, "删去 等")
        return None
    items = [literal_value(item, element_type(type_), symbols) for item in single(node.items, symbols)]
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
        key_of(node),
        node.kind == "读法",
        type_,
        node.state,
        None,
        low,
        high,
        declared.origin,
        None,
        None if node.common.authority is None else node.common.authority.direction,
    )
    own: list[tuple[Value, surface.DatedValue]] = []
    for candidate in node.values:
        written = written_value(symbols, candidate.value, type_)
        if written is None:
            return None
        own.append((written, candidate))
    current = dated(node.values, as_of)
    value: Value | None = None
    if current is not None:
        value = written_value(symbols, current.value, type_)
        if value is not None and not _within(symbols, parameter, value, current, node):
            value = None
    parameter = replace(parameter, value=value, state="unset" if value is None else node.state)
    if not check_directed(symbols, name, type_, node.common.authority):
        return None
    asked: list[_Asked] = []
    if parameter.direction is not None:
        asked.append(_Asked(declared.layer, parameter.direction, [(declared.layer, each) for each in stretches(own)]))
    return _as_set(symbols, parameter, _settings(symbols, declared, parameter, asked, as_of))


def _settings(
    symbols: Symbols,
    declared: Declared[surface.ParameterDecl],
    parameter: core.Parameter,
    asked: list[_Asked],
    as_of: datetime.date,
) -> list[_Set]:
    """The settings of lower layers that are in force, each checked against what stands above it. ``asked``: what the layers so far
    ask of those below them."""
    node, name, type_ = declared.node, declared.name, parameter.type
    grants = [(declared.layer, grant_of(node, "细化"))]
    set_: list[_Set] = []
    for act in symbols.acts_on(declared, surface.SettingDecl):
        given: list[tuple[Value, surface.DatedValue]] = []
        for entry in act.node.values:
            written = written_value(symbols, entry.value, type_)
            if written is not None:
                given.append((written, entry))
                _within(symbols, parameter, written, entry, node)
        operation: Operation = "设定固定值" if node.state == "fixed" else "设定"
        above = [one for one in set_ if one.act.layer.level in act.layer.above]
        owed = _owed(replace(parameter, value=above[-1].value) if above else parameter, act.node)
        if not check_act(symbols, granted(grants, act.layer), "参数", operation, name, act.node.span, owed):
            continue
        manifest = act.layer.files.manifest
        until = min((day for day in (manifest.in_force_until, act.node.common.until) if day is not None), default=None)
        held = stretches(given, manifest.in_force_from, until)
        ruling = [one for one in asked if one.layer.level in act.layer.above]
        if not all([refuse_laxer(symbols, name, type_, one.direction, one.above(act.layer), held) for one in ruling]):
            continue
        stated = act.node.common.authority
        direction = ruling[0].direction if ruling else None
        if not _directed_alike(symbols, name, type_, direction, stated):
            continue
        if stated is not None and stated.direction is not None and direction is None:
            # What stands above this setting may be gone below: it asks for its own value alone.
            asked.append(_Asked(act.layer, stated.direction, [(act.layer, each) for each in held]))
        elif stated is None or stated.authority == "从严":
            for one in ruling:
                one.held.extend((act.layer, each) for each in held)
        # 从严 without a direction keeps the one that was stated above.
        grants.extend(
            (act.layer, replace(grant, direction=direction) if grant.authority == "从严" and direction else grant)
            for grant in stated_grant(act.node.common)
        )
        entry_now = dated(act.node.values, as_of)
        if entry_now is not None and in_force(act.layer, act.node.common, as_of):
            set_.append(_Set(act, entry_now, written_value(symbols, entry_now.value, type_)))
    return set_


@dataclass(frozen=True, slots=True)
class _Asked:
    """A direction that ``layer`` stated for those below it, and the values ``held`` that may not be loosened."""

    layer: Layer
    direction: core.Direction
    held: list[tuple[Layer, Stretch]]

    def above(self, layer: Layer) -> list[Stretch]:
        """The values that stand above ``layer``."""
        return [stretch for holding, stretch in self.held if holding.level in layer.above]


@dataclass(frozen=True, slots=True)
class _Set:
    """A 设定 in force, and what it says at the evaluation date."""

    act: Act[surface.SettingDecl]
    entry: surface.DatedValue
    value: Value | None


def _as_set(symbols: Symbols, parameter: core.Parameter, every: list[_Set]) -> core.Parameter:
    """The parameter as the lowest layers that set it do; documents that stand side by side must do so alike."""
    upper = {level for one in every for level in one.act.layer.above}
    lowest = [one for one in every if one.act.layer.level not in upper]
    for one in lowest[1:]:
        if one.value != lowest[0].value:
            first = lowest[0]
            said = [f"《{each.act.layer.files.title}》设定为 {each.entry.value.span.text}" for each in (first, one)]
            message = f"“{parameter.name}”{'，'.join(said)}，两份文件互不从属"
            remedy = f"在同时继承两份文件的下一层里写 设定 {parameter.name} 为 …"
            symbols.error("E316", message, one.entry.span, remedy, Label(first.entry.span, "另一份在这里"))
            return parameter
    if not lowest:
        return parameter
    return replace(parameter, value=lowest[0].value, state="set", setter=lowest[0].act.origin)


def _directed_alike(
    symbols: Symbols, name: str, type_: Type, direction: core.Direction | None, stated: surface.StatedAuthority | None
) -> bool:
    """Whether what a setting states for the layers below it has an order, and goes the way that was stated above."""
    if stated is None or stated.direction is None or direction in (None, stated.direction):
        return check_directed(symbols, name, type_, stated)
    message = f"“{name}”在上层是 从严（{direction}），这里写了相反的方向"
    symbols.error("E310", message, stated.span, f"写成 授权 从严（{direction}），或删去授权一句")
    return False


_LOW_WORDS: Final = ("下限", "最少", "最低", "至少", "最短", "最小")
_HIGH_WORDS: Final = ("上限", "最多", "最高", "至多", "最长", "最大")


def _owed(parameter: core.Parameter, node: surface.SettingDecl) -> str:
    """What to do about a setting of which form does not show whether it is stricter: the two values, and the line that
    an upper layer writes to have it checked."""
    type_, old, name = parameter.type, parameter.value, parameter.name
    new = node.values[-1].value.span.text if node.values else ""
    said = f"“{name}”由{'未定' if old is None else f' {value_text(old, type_)} '}改为 {new}。是不是更严，请自己核对"
    if type_.kind not in ORDERED:
        return said
    if any(word in name for word in _LOW_WORDS):
        line = "“授权 从严（越高越严）”"
    elif any(word in name for word in _HIGH_WORDS):
        line = "“授权 从严（越低越严）”"
    else:
        line = "“授权 从严（越高越严）”，越低越严的写“授权 从严（越低越严）”"
    return f"{said}；要系统把关，请上层在参数 {name} 下写{line}"


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
    above = high is not None and value > high  # type: ignore[operator]  # as above
    return bool(below or above)


def range_text(declared: core.Parameter | core.Field) -> str:
    """The declared bounds, as people write them."""
    left = "" if declared.low is None else value_text(declared.low, declared.type)
    right = "" if declared.high is None else value_text(declared.high, declared.type)
    return f"{left} 至 {right}" if right else f"{left} 以上"


def build_list(symbols: Symbols, declared: Declared[surface.ListDecl], as_of: datetime.date) -> core.ValueList | None:
    """A 清单 with the values that lower layers added."""
    node = declared.node
    items = symbols.added[declared.name] = {}
    without = _without(symbols, node.items)
    if without is None or not _add_listed(symbols, node.items, items, declared.layer):
        return None
    if not apart(node.items, tuple(items), tuple(without), symbols):
        return None
    grants = [(declared.layer, grant_of(node, "细化"))]
    origins = [declared.origin]
    for act in symbols.acts_on(declared, surface.ExtensionDecl):
        operation: Operation = "增列开放清单" if node.items.open else "增列"
        if not check_act(symbols, granted(grants, act.layer), "清单", operation, declared.name, act.node.span):
            continue
        if not _may_add(symbols, declared, granted(grants, act.layer), act.node.items, without):
            continue
        grants.extend((act.layer, grant) for grant in stated_grant(act.node.common))
        if in_force(act.layer, act.node.common, as_of):
            _add_listed(symbols, act.node.items, items, act.layer)
            origins.append(act.origin)
    barred = tuple(word for word in without if word not in items)
    return core.ValueList(declared.name, tuple(items), node.items.open, tuple(origins), barred)


def _without(symbols: Symbols, literal: SetLiteral) -> dict[str, Literal_] | None:
    """What 不含 names, each with its place; None after reporting."""
    found: dict[str, Literal_] = {}
    for item in literal.without:
        word = word_text(item)
        if word is None:
            symbols.error("E204", "清单里要的是词或带引号的文字", item.span, "给它加上引号“”")
            return None
        if word in found:
            symbols.error("E202", f"值 {word} 在“不含”里写了两次", item.span, "删去一处")
            return None
        found[word] = item
    return found


def _may_add(
    symbols: Symbols,
    declared: Declared[surface.ListDecl],
    grants: Sequence[Grant],
    added: SetLiteral,
    without: Mapping[str, Literal_],
) -> bool:
    """Whether nothing is added that the list says is surely not meant; 自定 may."""
    if all(grant.authority == "自定" for grant in grants):
        return True
    sound = True
    for item in added.items:
        word = None if isinstance(item, Days) else word_text(item)
        if word is not None and word in without:
            message = f"不能把“{word}”增列进“{declared.name}”：上层写明不含它"
            label = Label(without[word].span, "上层在这里写明不含")
            remedy = "删去这一个值；确要增列的，请上层写明 授权 自定"
            sound = symbols.refuse("E308", message, item.span, remedy, label) and sound
    return sound


def _add_listed(symbols: Symbols, literal: SetLiteral, items: dict[Value, frozenset[int]], layer: Layer) -> bool:
    """Words to a list of words, dates to a list of dates; what its first value is says which it is."""
    kinds = [type(item) for item in items] or [datetime.date if _is_date(item) else str for item in literal.items[:1]]
    if kinds[:1] != [datetime.date]:
        return _add_items(symbols, literal, items, layer)
    for item in literal.items:
        if isinstance(item, Days):
            days = tuple(every_day(item))
        elif isinstance(item, DateLiteral):
            days = (item.date,)
        else:
            symbols.error(
                "E204", "这份清单里是日期，不能写别的", item.span, "写成 2026年10月1日 这样的日期，或另写一份清单"
            )
            return False
        again = next((day for day in days if day in items and not _beside(symbols, layer, items[day])), None)
        if again is not None:
            symbols.error("E202", f"{value_text(again, DATE)} 已经在清单里", item.span, "删去一处")
            continue
        for day in days:
            items[day] = items.get(day, frozenset()) | {layer.level}
    return True


def _beside(symbols: Symbols, layer: Layer, levels: frozenset[int]) -> bool:
    """Whether all that wrote a value stand beside ``layer``: what documents beside each other list is one value."""
    return all(parallel(layer, symbols.layers[level]) for level in levels)


def _is_date(item: Literal_ | Days) -> bool:
    return isinstance(item, DateLiteral | Days)


def list_without(symbols: Symbols, listed: core.ValueList, levels: frozenset[int]) -> core.ValueList:
    """A list without the values that only layers at ``levels`` wrote."""
    if not levels:
        return listed
    written = symbols.added[listed.name]
    return replace(listed, items=tuple(item for item in listed.items if not written[item] <= levels))


def _add_items(symbols: Symbols, literal: SetLiteral, items: dict[Value, frozenset[int]], layer: Layer) -> bool:
    """Add what ``layer`` wrote to ``items``. A value that a document beside it wrote as well is one value."""
    seen = {folded(item): item for item in items if isinstance(item, str)}
    for item in literal.items:
        word = None if isinstance(item, Days) else word_text(item)
        if word is None:
            symbols.error("E204", "清单里要的是词或带引号的文字", item.span, "给它加上引号“”")
            return False
        if word in items and _beside(symbols, layer, items[word]):
            items[word] |= {layer.level}
            continue
        same = alike(word, seen)
        if same is not None:
            symbols.error("E202", f"值 {word} 已经在清单里{same}", item.span, "删去一处")
            continue
        items[word] = frozenset({layer.level})
    return True


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision before its rules are merged: its ``values``, 增列 included, each ``by`` the layers that wrote it, who
    ``added`` some, and what it grants; ``amount``: the type of an amount."""

    declared: Declared[surface.DecisionDecl]
    values: tuple[str, ...]
    by: tuple[frozenset[int], ...]
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
    values: dict[Value, frozenset[int]] = {}
    _add_items(symbols, SetLiteral(node.values, False, node.span), values, declared.layer)
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
        _add_items(symbols, act.node.items, values, act.layer)
        origins.append(act.origin)
    written = tuple(values.values())
    amount = None if node.type is None else declared_type(node.type, None, node.default, symbols)
    if node.type is not None and amount is None:
        symbols.broken.add(name)
        return None
    return Decided(declared, tuple(str(value) for value in values), written, tuple(origins), (grant,), amount)


def decision_kind(node: surface.DecisionDecl) -> str:
    """What a decision is, in words: its mode, or the kind of its amount."""
    return node.mode if node.type is None else node.type.kind
