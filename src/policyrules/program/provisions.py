"""Rules, duties, prohibitions, notices and decisions: amendments folded over what the layer above left.

Why this exists: `修订` is folded in a fixed order whatever the spelling order (还须, 仅限, 还应当 / 还不得, 或者, 除外),
each part keeping its origin; a base out of force lets its amendments lapse; a 重申 keeps it alive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from policyrules.diagnostics import Diagnostic, Label
from policyrules.language import nodes as surface
from policyrules.program import nodes as core
from policyrules.program.authority import Grant, Subject, check_act
from policyrules.program.expressions import Checker
from policyrules.program.force import in_force
from policyrules.program.parameters import acts_on, written_value
from policyrules.program.symbols import Act, Declared, DeclaredProvision, Provision, Symbols
from policyrules.source import Span
from policyrules.types import BOOL

_OPERATION_ORDER: Final[tuple[surface.OperationKind, ...]] = ("还须", "仅限", "还应当", "还不得", "或者", "除外")

_FITS: Final[dict[str, tuple[surface.OperationKind, ...]]] = {
    "规则": ("还须", "或者", "除外"),
    "义务": ("仅限", "还应当", "或者", "除外"),
    "禁令": ("仅限", "还不得", "或者", "除外"),
    "提示": ("仅限", "或者", "除外"),
}


@dataclass(slots=True)
class Folded:
    """A provision while amendments are folded over it."""

    when: core.Expr
    demand: core.Expr | None
    origins: list[core.Origin]
    alive: bool
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """The hash of a provision as an amending layer sees it, where the amendment stands and where its base."""

    sha256: str
    amendment: Span
    base: Span


@dataclass(slots=True)
class Pins:
    """What each layer's amendments were written against: layer id → amended name → pin."""

    entries: dict[str, dict[str, Pin]] = field(default_factory=dict)

    def add(self, act: Act, base: Span, sha256: str) -> None:
        """Pin what ``act`` amends, as its layer sees it."""
        target = act.node.target
        self.entries.setdefault(act.layer.id, {})[target.text] = Pin(sha256, target.span, base)


def all_of(operands: list[core.Expr], like: core.Expr) -> core.Expr:
    """The conjunction, flat where the first operand is a conjunction that folding made."""
    flat: list[core.Expr] = []
    for operand in operands:
        if isinstance(operand, core.All) and all(isinstance(part, core.Sourced) for part in operand.operands):
            flat.extend(operand.operands)
        elif not (isinstance(operand, core.Constant) and operand.value is True):
            flat.append(operand)
    if not flat:
        return operands[0]
    return flat[0] if len(flat) == 1 else core.All(tuple(flat), like.span)


def any_of(operands: list[core.Expr], like: core.Expr) -> core.Expr:
    """The disjunction, flat where an operand is a disjunction that folding made."""
    flat: list[core.Expr] = []
    for operand in operands:
        if isinstance(operand, core.Any) and all(isinstance(part, core.Sourced) for part in operand.operands):
            flat.extend(operand.operands)
        else:
            flat.append(operand)
    return core.Any(tuple(flat), like.span)


def base_condition(
    checker: Checker,
    when: surface.Expr | None,
    exceptions: tuple[surface.Expr, ...],
    frames: tuple[str, ...],
    origin: core.Origin,
) -> core.Expr | None:
    """当 … 除外 … of one declaration, as written by ``origin``; always true where there is no 当."""
    if when is None:
        # Nobody wrote this condition: an empty place at its declaration, so that no words are taken for its own.
        nowhere = Span(origin.span.source, origin.span.start, origin.span.start)
        condition: core.Expr | None = core.Constant(True, BOOL, nowhere)
    else:
        condition = checker.condition(when, frames)
    if condition is None:
        return None
    parts: list[core.Expr] = (
        [] if when is None and exceptions else [core.Sourced(condition, origin, "base", condition.span)]
    )
    for exception in exceptions:
        checked = checker.condition(exception, frames)
        if checked is None:
            return None
        parts.append(core.Sourced(core.Not(checked, exception.span), origin, "除外", exception.span))
    return all_of(parts, parts[0])


def default_authority(node: surface.RuleDecl | surface.DutyDecl | surface.NoticeDecl) -> surface.Authority:
    """The default 授权 of a provision that states none (rules take their decision's)."""
    return "从严" if isinstance(node, surface.DutyDecl) else "细化"


def provision_object(symbols: Symbols, node: Provision) -> str | None:
    """The object a provision speaks of; None after reporting an unknown one."""
    if node.object is None:
        return symbols.root()
    if node.object.text in symbols.objects:
        return node.object.text
    if node.object.text not in symbols.broken:
        near = symbols.nearest(node.object.text, symbols.objects)
        symbols.error(
            "E201", f"没有名为 {node.object.text} 的对象", node.object.span, f"是不是 {near[0]}？" if near else None
        )
    return None


Fingerprint = Callable[[object], str]


def fold(
    symbols: Symbols,
    checker: Checker,
    declared: DeclaredProvision,
    frames: tuple[str, ...],
    grants: list[Grant],
    subject: Subject,
    folded: Folded,
    stopped: list[core.Stopped],
    pins: Pins,
    fingerprint: Fingerprint,
    tail: object,
    decision: str = "",
) -> Folded | None:
    """Fold every amendment of lower layers over ``folded``; None when the provision is out (停用, or not in force).

    ``decision``: what a rule decides, empty for the rest.
    """
    name = declared.node.name.text
    noun = {"从严规则": "规则"}.get(subject, subject)
    out: core.Stopped | None = None
    for act in acts_on(symbols, name, surface.AmendmentDecl):
        node = act.node
        assert isinstance(node, surface.AmendmentDecl)
        if not _targets_upper(symbols, act, declared):
            continue
        pins.add(act, declared.node.name.span, fingerprint((folded.when, folded.demand, tail)))
        if node.ranks:
            symbols.error("E302", f"“{name}”是{noun}，没有先后可定", node.ranks[0].span, "先后 只用于单选的决定")
            continue
        now = in_force(act.layer, node.common, symbols.as_of)
        if node.restate:
            if now:
                folded.origins.append(restating(act.origin))
                folded.alive = True
            continue
        if node.stop:
            if check_act(symbols, grants, subject, "停用", name, node.span) and now:
                if not act.origin.notes:
                    symbols.error("E207", f"停用“{name}”没有说明理由", node.span, "加一行 说明 …")
                out = core.Stopped(name, declared.origin, act.origin, False, decision)
            continue
        operations = _operations(symbols, checker, node, noun, frames, grants, subject, name)
        if not now:
            continue
        if not folded.alive:
            symbols.warn(
                "W302",
                f"所修订的“{name}”在评估日不在有效期内，本修订随之失效",
                node.target.span,
                "要让它继续有效，先 重申",
                (Label(declared.node.name.span, "上层条文在这里"),),
            )
            stopped.append(core.Stopped(name, declared.origin, act.origin, True, decision))
            continue
        for kind, body in operations:
            _apply(folded, kind, body, act.origin)
        if operations:
            folded.origins.append(act.origin)
        if node.common.authority is not None and node.common.authority_span is not None:
            grants.append(Grant(node.common.authority, node.common.authority_span, True))
    if out is not None:
        stopped.append(out)
        return None
    return folded if folded.alive else None


def restating(origin: core.Origin) -> core.Origin:
    """The origin of a 修订 that only restates: readers must not take it for a change."""
    return replace(origin, kind="重申")


def _targets_upper(symbols: Symbols, act: Act, declared: Declared) -> bool:
    if declared.layer.level < act.layer.level:
        return True
    where = "本层" if declared.layer.level == act.layer.level else "下层"
    symbols.error(
        "E303",
        f"“{act.node.target.text}”是{where}的，修订只能用于上层",
        act.node.target.span,
        "直接改那条规则" if where == "本层" else None,
        (Label(declared.node.name.span, "在这里声明"),),
    )
    return False


def _operations(
    symbols: Symbols,
    checker: Checker,
    node: surface.AmendmentDecl,
    noun: str,
    frames: tuple[str, ...],
    grants: list[Grant],
    subject: Subject,
    name: str,
) -> list[tuple[surface.OperationKind, core.Expr]]:
    """The checked operations in folding order; each unfit or unauthorised one is reported and left out."""
    result: list[tuple[surface.OperationKind, core.Expr]] = []
    for kind in _OPERATION_ORDER:
        for operation in node.operations:
            if operation.kind != kind:
                continue
            if kind not in _FITS.get(noun, ()):
                fits = "、".join(_FITS.get(noun, ()))
                symbols.error(
                    "E302", f"“{name}”是{noun}，不能用 {kind}", operation.span, f"{noun}可用：{fits}" if fits else None
                )
                continue
            if not check_act(symbols, grants, subject, kind, name, operation.span):
                continue
            body = checker.condition(operation.body, frames)
            if body is not None:
                result.append((kind, body))
    return result


def _apply(folded: Folded, kind: surface.OperationKind, body: core.Expr, origin: core.Origin) -> None:
    part = core.Sourced(body, origin, kind, body.span)
    match kind:
        case "还须" | "仅限":
            folded.when = all_of([folded.when, part], folded.when)
        case "除外":
            negated = core.Sourced(core.Not(body, body.span), origin, kind, body.span)
            folded.when = all_of([folded.when, negated], folded.when)
        case "或者":
            folded.when = any_of([folded.when, part], folded.when)
        case "还应当":
            assert folded.demand is not None
            folded.demand = all_of([folded.demand, part], folded.demand)
        case "还不得":
            assert folded.demand is not None
            folded.demand = any_of([folded.demand, part], folded.demand)


def alive(symbols: Symbols, declared: Declared) -> bool:
    """Whether a declaration is in force by itself at the as-of date."""
    return in_force(declared.layer, declared.node.common, symbols.as_of)


def build_presumptions(symbols: Symbols, checker: Checker) -> dict[tuple[str, str], core.Presumption]:
    """All 推定, by (object, field), lowest layer first; the amended field's 授权 is checked."""
    cases: dict[tuple[str, str], list[core.PresumptionCase]] = {}
    fields: dict[tuple[str, str], core.Field] = {}
    for declared in sorted(symbols.provisions.values(), key=lambda item: item.order):
        node = declared.node
        if not isinstance(node, surface.PresumptionDecl):
            continue
        object_ = provision_object(symbols, node)
        if object_ is None:
            continue
        info = symbols.objects[object_]
        for case in node.cases:
            name = case.field.text
            target = info.fields.get(name)
            if target is None:
                if name not in symbols.broken:
                    near = symbols.nearest(name, info.fields)
                    symbols.error(
                        "E201",
                        f"{object_}没有名为 {name} 的字段，不能推定",
                        case.field.span,
                        f"是不是 {near[0]}？" if near else "推定只能用于字段和研判",
                    )
                continue
            value = written_value(symbols, case.value, target.type)
            when = checker.condition(case.when, (object_,))
            if value is None or when is None:
                continue
            level = info.field_levels[name]
            if level < declared.layer.level:
                authority = info.field_authority.get(name)
                grant = (
                    Grant(authority[0], authority[1], True) if authority else Grant("细化", target.origin.span, False)
                )
                if not check_act(symbols, [grant], "字段", "推定", name, case.span):
                    continue
            fields[(object_, name)] = target
            entry = cases.setdefault((object_, name), [])
            if alive(symbols, declared):
                entry.append(
                    core.PresumptionCase(
                        declared.layer.level,
                        core.Sourced(when, declared.origin, "base", when.span),
                        value,
                        declared.origin,
                    )
                )
    return {
        key: core.Presumption(fields[key], tuple(sorted(found, key=lambda case: -case.level)))
        for key, found in sorted(cases.items())
        if found
    }


def unresolved_acts(symbols: Symbols) -> None:
    """Report amendments, extensions and settings whose target does not exist or is of another kind."""
    for act in symbols.acts:
        name = act.node.target.text
        if name in symbols.broken:
            continue
        target: Declared | None = symbols.provisions.get(name) or symbols.globals.get(name)
        if isinstance(act.node, (surface.ExtensionDecl, surface.SettingDecl)):
            target = symbols.globals.get(name)
        if target is None:
            pool = [*symbols.provisions, *symbols.globals]
            near = symbols.nearest(name, pool)
            symbols.error(
                "E303",
                f"上层没有名为 {name} 的条文，不能{act.origin.kind}",
                act.node.target.span,
                f"是不是 {'、'.join(near)}？" if near else "检查名称，或先看上层有哪些规则",
            )
            continue
        node = target.node
        match act.node:
            case surface.SettingDecl() if not isinstance(node, surface.ParameterDecl):
                wrong = "设定只能用于参数和读法"
            case surface.ExtensionDecl() if not isinstance(node, (surface.ListDecl, surface.DecisionDecl)):
                wrong = "增列只能用于清单和多选的决定"
            case surface.AmendmentDecl() if isinstance(node, surface.PresumptionDecl) and not act.node.restate:
                wrong = "推定不能修订；下层另写推定即可，下层优先"
            case surface.AmendmentDecl() if not act.node.restate and isinstance(
                node, (surface.ParameterDecl, surface.ListDecl, surface.TermDecl, surface.StatisticDecl)
            ):
                wrong = "参数用 设定，清单用 增列；术语和统计只能重申"
            case _:
                continue
        symbols.diagnostics.append(
            Diagnostic(
                "E302",
                f"{name}是{target.origin.kind}：{wrong}",
                act.node.target.span,
                related=(Label(node.name.span, "在这里声明"),),
            )
        )
