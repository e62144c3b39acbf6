"""Decisions: values, 适用, 默认 and 先后, with what lower layers add.

Why this exists: a lower layer may rank the values of an upper decision (先后) or restate it, nothing else; the rules that
conclude its values are folded elsewhere and only listed here, in canonical order.
"""

from __future__ import annotations

from policyrules.diagnostics import Label
from policyrules.language import nodes as surface
from policyrules.program import nodes as core
from policyrules.program.authority import Grant, check_act
from policyrules.program.expressions import Checker
from policyrules.program.force import in_force, layer_in_force
from policyrules.program.literals import literal_value
from policyrules.program.parameters import acts_on
from policyrules.program.provisions import Fingerprint, Pins, restating
from policyrules.program.symbols import DeclaredGlobal, Symbols
from policyrules.types import Kind, Type


def build_decision(
    symbols: Symbols,
    checker: Checker,
    declared: DeclaredGlobal,
    valued: tuple[tuple[str, ...], list[core.Origin]],
    grants: list[Grant],
    rules: dict[str, core.Rule],
    pins: Pins,
    fingerprint: Fingerprint,
) -> core.Decision | None:
    """The decision that ``declared`` declares, ``valued`` with its values (增列 included) and who added them."""
    node = declared.node
    assert isinstance(node, surface.DecisionDecl)
    name = node.name.text
    object_ = node.object.text if node.object is not None else symbols.root()
    if object_ not in symbols.objects:
        if object_ not in symbols.broken:
            near = symbols.nearest(object_, symbols.objects)
            span = node.object.span if node.object else node.name.span
            symbols.error("E201", f"没有名为 {object_} 的对象", span, f"是不是 {near[0]}？" if near else None)
        return None
    values, added = valued
    applies = None if node.applies is None else checker.condition(node.applies, (object_,))
    default = _default(symbols, node, values)
    own = _checked_ranks(symbols, checker, node, node.ranks, values, object_, declared.origin)
    ranks, acting = _amended_ranks(symbols, checker, declared, node, own, valued, object_, grants, pins, fingerprint)
    concluding = [rule for rule in rules.values() if rule.decision == name]
    return core.Decision(
        name,
        node.key.text if node.key else name,
        object_,
        node.mode,
        values,
        applies,
        default,
        ranks,
        tuple(rule.name for rule in concluding if not rule.supplement),
        tuple(rule.name for rule in sorted(concluding, key=lambda r: r.level) if rule.supplement),
        (declared.origin, *added, *acting),
    )


def _default(symbols: Symbols, node: surface.DecisionDecl, values: tuple[str, ...]) -> str | None:
    if node.default is None:
        return None
    if node.mode == "多选":
        symbols.error("E207", "多选的决定没有默认值", node.default.span, "删去 默认 一句")
        return None
    value = literal_value(node.default, Type(Kind.ENUM, None, values), symbols.diagnostics)
    return None if value is None else str(value)


def _amended_ranks(
    symbols: Symbols,
    checker: Checker,
    declared: DeclaredGlobal,
    node: surface.DecisionDecl,
    own: list[core.Rank],
    valued: tuple[tuple[str, ...], list[core.Origin]],
    object_: str,
    grants: list[Grant],
    pins: Pins,
    fingerprint: Fingerprint,
) -> tuple[tuple[core.Rank, ...], list[core.Origin]]:
    name = node.name.text
    values = valued[0]
    ranks = own if layer_in_force(declared.layer, symbols.as_of) else []
    acting: list[core.Origin] = []
    for act in acts_on(symbols, name, surface.AmendmentDecl):
        amendment = act.node
        assert isinstance(amendment, surface.AmendmentDecl)
        if declared.layer.level >= act.layer.level:
            symbols.error(
                "E303",
                f"“{name}”不是上层的决定，修订只能用于上层",
                amendment.target.span,
                "直接改声明",
                (Label(node.name.span, "在这里声明"),),
            )
            continue
        if amendment.operations or amendment.stop:
            span = amendment.operations[0].span if amendment.operations else amendment.target.span
            symbols.error(
                "E302", f"“{name}”是决定，只能用 先后 或 重申", span, "要改得出某个值的条件，修订得出它的规则"
            )
            continue
        pins.add(act, node.name.span, fingerprint((node.mode, values, literal(node.default), tuple(ranks))))
        now = in_force(act.layer, amendment.common, symbols.as_of)
        if amendment.restate:
            if now:
                acting.append(restating(act.origin))
            continue
        if not check_act(symbols, grants, "决定", "先后", name, amendment.span):
            continue
        checked = _checked_ranks(symbols, checker, node, amendment.ranks, values, object_, act.origin)
        if now:
            ranks = [*ranks, *checked]
            acting.append(act.origin)
    return tuple(ranks), acting


def literal(node: surface.Literal_ | None) -> str | None:
    """A written default as plain text, for the pinned meaning."""
    return node.text if isinstance(node, (surface.Name, surface.Text)) else None


def _checked_ranks(
    symbols: Symbols,
    checker: Checker,
    node: surface.DecisionDecl,
    written: tuple[surface.Rank, ...],
    values: tuple[str, ...],
    object_: str,
    origin: core.Origin,
) -> list[core.Rank]:
    result: list[core.Rank] = []
    for rank in written:
        if node.mode != "单选":
            symbols.error("E302", f"决定 {node.name.text} 是{node.mode}，先后 只用于单选", rank.span)
            continue
        words: list[str] = []
        for item in rank.values:
            value = literal_value(item, Type(Kind.ENUM, None, values), symbols.diagnostics)
            if value is not None:
                words.append(str(value))
        when = None if rank.when is None else checker.condition(rank.when, (object_,))
        if len(words) != len(rank.values) or (rank.when is not None and when is None):
            continue
        if len(set(words)) < 2 or len(set(words)) != len(words):
            symbols.error("E207", "先后 要写两个以上不同的值", rank.span, "写成 先后 甲、乙")
            continue
        result.append(core.Rank(tuple(words), when, origin))
    return result
