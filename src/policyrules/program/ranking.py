"""Merging decisions: the rules that conclude their values, and the rankings and limits of all layers.

Why this exists: nobody amends a decision as a condition is amended. Lower layers say which value goes before which, and tighten what an
amount may come to; each sees what the layers above it left.

Invariants: rankings and limits stand upper layers first, and a limit after those it may tighten; what an amending layer saw is pinned
whether or not it is in force; a layer that is not in force ranks and limits nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from policyrules.language import nodes as surface
from policyrules.language.expressions import Literal_, Name, Text
from policyrules.program import nodes as core
from policyrules.program.amounts import checked_limits, in_turn
from policyrules.program.authority import Operation, check_act
from policyrules.program.layers import Layer, layer_in_force, parallel
from policyrules.program.literals import literal_value, word_text
from policyrules.program.merge import Merge, no_limits, restating
from policyrules.program.parameters import Decided, decision_kind
from policyrules.program.symbols import Act, Declared
from policyrules.types import Kind, Type, Value


def merged_decisions(merge: Merge, rules: Mapping[str, core.Rule]) -> dict[str, core.Decision]:
    """Every decision, with the ``rules`` that conclude its values and the 先后 of lower layers."""
    decisions: dict[str, core.Decision] = {}
    by_decision: dict[str, list[core.Rule]] = {}
    for rule in rules.values():
        by_decision.setdefault(rule.decision, []).append(rule)
    for decided in merge.decided.values():
        node, name = decided.node, decided.name
        named = node.object or Name(merge.symbols.root, node.name.span)
        object_ = merge.symbols.known_object(named.text, named.span)
        if object_ is None:
            continue
        applies = None if node.applies is None else merge.checker.condition(node.applies, (object_,))
        default = _default(merge, decided)
        stated = _default_amount(merge, decided)
        ranks, limits, acting = _ranks_and_limits(merge, decided, object_, rules, stated)
        concluding = by_decision.get(name, [])
        decisions[name] = core.Decision(
            name,
            node.key.text if node.key else name,
            object_,
            node.mode,
            decided.values,
            applies,
            default,
            ranks,
            tuple(rule.name for rule in concluding if not rule.supplement),
            tuple(rule.name for rule in sorted(concluding, key=lambda r: r.level) if rule.supplement),
            (decided.declared.origin, *decided.added, *acting),
            decided.amount,
            stated,
            limits,
        )
    return decisions


def _default(merge: Merge, decided: Decided) -> str | None:
    written = decided.node.default
    if written is None or decided.amount is not None:
        return None
    if decided.node.mode == "多选":
        merge.symbols.error("E207", "多选的决定没有默认值", written.span, "删去 默认 一句")
        return None
    value = literal_value(written, Type(Kind.ENUM, None, decided.values), merge.symbols)
    return None if value is None else str(value)


def _default_amount(merge: Merge, decided: Decided) -> Value | None:
    written = decided.node.default
    if written is None or decided.amount is None:
        return None
    return literal_value(written, decided.amount, merge.symbols)


def _ranks_and_limits(
    merge: Merge, decided: Decided, object_: str, rules: Mapping[str, core.Rule], stated: Value | None
) -> tuple[tuple[core.Rank, ...], tuple[core.Limit, ...], list[core.Origin]]:
    """先后 and limits, its own and of lower layers, upper first; and who amended or restated the decision."""
    symbols, declared, node, name = merge.symbols, decided.declared, decided.node, decided.name
    own = _checked_ranks(merge, decided, node.ranks, object_, declared, rules)
    limits = checked_limits(merge.checker, node.limits, decided, object_, declared.layer.level, declared.origin)
    alive = layer_in_force(declared.layer, merge.as_of)
    ranks = [(declared.layer, rank) for rank in own] if alive else []
    limits = limits if alive else []
    acting: list[core.Origin] = []
    default = node.default.text if isinstance(node.default, (Name, Text)) else None
    amount = decided.amount
    for act in symbols.acts_on(declared, surface.AmendmentDecl):
        amendment = act.node
        if amendment.operations or amendment.stop:
            span = amendment.operations[0].span if amendment.operations else amendment.target.span
            fits = "先后、不超过、不少于" if amount is not None else "先后"
            symbols.error(
                "E302", f"“{name}”是决定，只能用 {fits} 或 重申", span, "要改得出某个值的条件，修订得出它的规则"
            )
            continue
        beside = {other.level for other in symbols.layers if parallel(act.layer, other)}
        values = tuple(
            value for value, by in zip(decided.values, decided.by, strict=True) if not by or not by <= beside
        )
        ranked = tuple(rank for by, rank in ranks if by.level not in beside)
        seen: tuple[object, ...] = (node.mode, values, default, ranked)
        if amount is not None:
            bounds = tuple((each.kind, each.bound) for each in limits if each.level not in beside)
            seen = (node.mode, amount, stated, ranked, bounds)
        merge.pin(act, declared, seen)
        now = merge.in_force(act.layer, amendment.common)
        if amendment.restate:
            if now:
                acting.append(restating(act.origin))
            continue
        if amendment.limits and amount is None:
            no_limits(symbols, name, decision_kind(node), amendment.limits[0])
            continue
        acts: tuple[Operation, ...] = (
            *(("先后",) if amendment.ranks else ()),
            *(("限额",) if amendment.limits else ()),
        )
        if not all(check_act(symbols, decided.grants, "决定", each, name, amendment.span) for each in acts):
            continue
        checked = _checked_ranks(merge, decided, amendment.ranks, object_, act, rules)
        level = act.layer.level
        further = checked_limits(merge.checker, amendment.limits, decided, object_, level, act.origin)
        if now:
            ranks = [*ranks, *((act.layer, rank) for rank in checked)]
            limits = [*limits, *further]
            acting.append(act.origin)
    bounding = in_turn(limits, lambda level: symbols.layers[level].above)
    return tuple(rank for _, rank in ranks), bounding, acting


def _checked_ranks(
    merge: Merge,
    decided: Decided,
    written: tuple[surface.Rank, ...],
    object_: str,
    by: Declared[surface.DecisionDecl] | Act[surface.AmendmentDecl],
    rules: Mapping[str, core.Rule],
) -> list[core.Rank]:
    symbols, mode = merge.symbols, decided.node.mode
    result: list[core.Rank] = []
    for rank in written:
        if mode not in ("单选", "单值"):
            symbols.error("E302", f"决定 {decided.name} 是{mode}，先后 只用于单选和单值", rank.span, "删去这一行")
            continue
        words: list[str] = []
        for item in rank.values:
            value: Value | None
            if decided.amount is not None:
                value = _ranked_rule(merge, decided, item, by.layer, rules)
            else:
                value = literal_value(item, Type(Kind.ENUM, None, decided.values), symbols)
            if value is not None:
                words.append(str(value))
        when = None if rank.when is None else merge.checker.condition(rank.when, (object_,))
        if len(words) != len(rank.values) or (rank.when is not None and when is None):
            continue
        if len(set(words)) < 2 or len(set(words)) != len(words):
            symbols.error("E207", "先后 要写两个以上不同的值", rank.span, "写成 先后 甲、乙")
            continue
        result.append(core.Rank(tuple(words), when, by.origin))
    return result


def _ranked_rule(
    merge: Merge, decided: Decided, item: Literal_, layer: Layer, rules: Mapping[str, core.Rule]
) -> str | None:
    """A rule that 先后 of an amount names, in force or not, as ``layer`` calls it; None after reporting that it is none of
    its rules."""
    word = word_text(item)
    if word is not None and merge.symbols.naming is not None:
        word = merge.symbols.naming.rule(merge.symbols, layer, Name(word, item.span))
        if word is None:
            return None
    declared = merge.symbols.provisions.get(word or "")
    if declared is not None and isinstance(declared.node, surface.RuleDecl):
        if declared.node.decision.text == decided.name:
            return word
    elif word is not None and word in merge.symbols.broken:
        return None
    named = [rule.name for rule in rules.values() if rule.decision == decided.name]
    near = merge.symbols.nearest(word or "", named)
    remedy = (f"是不是“{near[0]}”？" if near else "") + f"先后 后面写得出{decided.name}的规则：{'、'.join(named[:12])}"
    merge.symbols.error("E206", f"“{item.span.text}”不是得出 {decided.name} 的规则", item.span, remedy)
    return None
