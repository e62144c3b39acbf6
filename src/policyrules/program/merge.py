"""Merging rules, duties, prohibitions and notices: what lower layers did to each, kept as data.

Why this exists: an amendment says "and also" to what another office wrote, so its part of a condition must never lose its
author. A condition is kept as its base and the amendments over it (`core.Amended`); what they mean together is said once,
in `amended`.

Invariants: the operations of one 修订 are folded in a fixed order whatever the spelling order (还须, 仅限, 还应当 / 还不得,
或者, 除外), those of upper layers first, and layers that stand side by side must not pull apart; a base out of force lets its amendments lapse, and a 重申 keeps it alive; what an
amending layer saw is pinned whether or not its amendment is in force.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias, TypeVar

from policyrules.diagnostics import Label
from policyrules.language import nodes as surface
from policyrules.language.expressions import Expr, Ref
from policyrules.language.times_said import deadline_meant
from policyrules.program import nodes as core
from policyrules.program.amounts import concluded_amount
from policyrules.program.authority import Grant, Operation, Subject, check_act, grant_of, granted, stated_grant
from policyrules.program.check import Checker
from policyrules.program.exceptions import whole_rows
from policyrules.program.figures import figures
from policyrules.program.layers import Layer, in_force, parallel
from policyrules.program.literals import literal_text, literal_value
from policyrules.program.parameters import Decided
from policyrules.program.pins import Pin
from policyrules.program.quantities import counts_workdays
from policyrules.program.symbols import Act, Declared, Global, Provision, Symbols
from policyrules.spelling import affordable
from policyrules.text import one_line, some
from policyrules.types import DATE, Kind, Type

_OPERATION_ORDER: Final[tuple[core.Operation, ...]] = ("还须", "仅限", "还应当", "还不得", "或者", "除外")

_FITS: Final[dict[str, tuple[core.Operation, ...]]] = {
    "规则": ("还须", "或者", "除外"),
    "义务": ("仅限", "还应当", "或者", "除外"),
    "禁令": ("仅限", "还不得", "或者", "除外"),
    "提示": ("仅限", "或者", "除外"),
}

_Provision = TypeVar("_Provision", core.Rule, core.Duty, core.Notice)
Amendable: TypeAlias = surface.RuleDecl | surface.DutyDecl | surface.NoticeDecl


@dataclass(slots=True)
class Merge:
    """What merging works with, and what it gathers besides the program's tables: the ``pins`` of each layer's amendments
    by amended name, and what was ``stopped``. ``rows``: what the rows of sound decision tables say, by their rules; ``kept``: of
    provisions that are as the layers above the lowest have them what they are there, None where they do not hold."""

    symbols: Symbols
    as_of: datetime.date
    checker: Checker
    decided: dict[str, Decided]
    fingerprint: Callable[[object, Layer], str]
    pins: dict[str, dict[str, Pin]] = field(default_factory=dict)
    stopped: list[core.Stopped] = field(default_factory=list)
    rows: Mapping[str, core.Amended] = field(default_factory=dict)
    kept: dict[str, core.Rule | core.Duty | core.Notice | None] = field(default_factory=dict)

    def keeps(self, name: str, kind: type[_Provision], found: dict[str, _Provision]) -> bool:
        """Whether a provision is as the layers above have it; then it goes among those ``found`` if it holds there."""
        kept = self.kept.get(name)
        if isinstance(kept, kind):
            found[name] = kept
        return name in self.kept

    def in_force(self, layer: Layer, common: surface.Common) -> bool:
        """Whether a declaration of ``layer`` is in force at the evaluation date."""
        return in_force(layer, common, self.as_of)

    def pin(self, act: Act[surface.Acting], base: Declared[Global | Provision], seen: object) -> None:
        """Pin what ``act`` amends, as its layer sees it."""
        target = act.node.target
        pin = Pin(self.fingerprint(seen, act.layer), target.span, base.node.name.span)
        # A lock file says the same whatever stands beside its layer.
        naming = self.symbols.naming
        name = target.text if naming is None else naming.said(act.layer, target.text)
        self.pins.setdefault(act.layer.id, {})[name] = pin


@dataclass(slots=True)
class _Target:
    """A provision of object ``owner`` while amendments are folded over it. ``tail``: what else of it is pinned; ``decision``: what a rule
    decides, empty for the rest; ``done``: what lower layers did."""

    declared: Declared[Amendable]
    owner: str
    noun: str
    subject: Subject
    grants: list[tuple[Layer, Grant]]
    when: core.Amended
    demand: core.Amended | None = None
    tail: tuple[object, ...] = ()
    decision: str = ""
    origins: list[core.Origin] = field(default_factory=list)
    done: list[_Done] = field(default_factory=list)

    def seen(self, layer: Layer | None = None) -> tuple[core.Amended, core.Amended | None]:
        """当 and what is demanded, as the layers above ``layer`` left them (None: all layers)."""
        said = [one for act in self.done if layer is None or act.layer.level in layer.above for one in act.amendments]
        narrowing, demanding = self.when.amendments, () if self.demand is None else self.demand.amendments
        when = replace(self.when, amendments=(*narrowing, *(one for one in said if one.operation not in _DEMANDING)))
        demanded = (*demanding, *(one for one in said if one.operation in _DEMANDING))
        assert self.demand is not None or not demanded, "only duties and prohibitions have these operations"
        return when, None if self.demand is None else replace(self.demand, amendments=demanded)


@dataclass(frozen=True, slots=True)
class _Done:
    """What a layer did to a provision, in force at the evaluation date. ``revives``: it restates."""

    layer: Layer
    node: surface.AmendmentDecl
    amendments: tuple[core.Amendment, ...] = ()
    revives: bool = False


def merged_rules(merge: Merge) -> dict[str, core.Rule]:
    """Every rule in force."""
    rules: dict[str, core.Rule] = {}
    for declared in merge.symbols.declared(surface.RuleDecl):
        if merge.keeps(declared.name, core.Rule, rules):
            continue
        node = declared.node
        if node.table is not None and declared.name not in merge.rows:
            continue
        decided = _decision_of(merge, node)
        object_ = provision_object(merge.symbols, node)
        if decided is None and object_ is not None:
            # What else is wrong with the rule is said in the same load.
            _condition(merge, node.when, node.exceptions, object_, declared.origin)
        if decided is None or object_ is None:
            continue
        if not _of_its_object(merge, node, decided, object_):
            continue
        amount = None if decided.amount is None else concluded_amount(merge.checker, node, decided, object_)
        values = _rule_values(merge, node, decided)
        if node.table is not None:
            # Whether the layer may conclude is asked once, for the whole table.
            when: core.Amended | None = merge.rows[declared.name]
        else:
            when = _condition(merge, node.when, node.exceptions, object_, declared.origin)
        if values is None or when is None or (amount is None) != (decided.amount is None):
            continue
        if node.table is None and not _may_conclude(merge, declared.layer, node, decided):
            continue
        own = decided.grants if node.common.authority is None else (grant_of(node, "细化"),)
        grants = [(declared.layer, grant) for grant in own]
        subject: Subject = "从严规则" if decided.node.mode == "由宽到严" else "规则"
        tail = (decided.name, values if amount is None else amount, node.tone)
        target = _Target(declared, object_, "规则", subject, grants, when, None, tail, decided.name)
        if _fold(merge, target):
            rules[declared.name] = core.Rule(
                declared.name,
                object_,
                decided.name,
                values,
                node.tone,
                target.when,
                node.kind == "补充规则",
                declared.layer.level,
                tuple(target.origins),
                amount,
            )
    return rules


def table_decision(merge: Merge, layer: Layer, node: surface.TableDecl) -> tuple[Decided, str] | None:
    """The decision and the object of a 决策表, where its rows may conclude; None after reporting why not."""
    decided, object_ = _decision_of(merge, node), provision_object(merge.symbols, node)
    if decided is None or object_ is None or not _of_its_object(merge, node, decided, object_):
        return None
    return (decided, object_) if _may_conclude(merge, layer, node, decided) else None


def _of_its_object(merge: Merge, node: surface.RuleDecl | surface.TableDecl, decided: Decided, object_: str) -> bool:
    owner = merge.symbols.root if decided.node.object is None else decided.node.object.text
    if owner == object_:
        return True
    kind = "规则" if isinstance(node, surface.RuleDecl) else "决策表"
    word = node.written.keyword.text
    message = f"决定 {decided.name} 说的是{owner}，{kind} {node.name.text} 说的是{object_}"
    label = Label(decided.node.name.span, "决定在这里")
    merge.symbols.error("E212", message, node.decision.span, f"写成 {word} {node.name.text} 对 {owner}", label)
    return False


def merged_duties(merge: Merge) -> dict[str, core.Duty]:
    """Every duty and prohibition in force."""
    duties: dict[str, core.Duty] = {}
    for declared in merge.symbols.declared(surface.DutyDecl):
        if merge.keeps(declared.name, core.Duty, duties):
            continue
        node = declared.node
        object_ = provision_object(merge.symbols, node)
        if object_ is None:
            continue
        when = _condition(merge, node.when, node.exceptions, object_, declared.origin)
        demand = _condition(merge, node.demand, (), object_, declared.origin)
        deadline: core.Expr | None = None
        if node.deadline is not None:
            deadline = merge.checker.check(node.deadline, (object_,), DATE)
            if deadline is None:
                continue
            if deadline.type.kind is not Kind.DATE:
                remedy = "写日期，或一个日期字段、参数；条件写“到期”"
                if deadline.type.kind is Kind.DURATION or counts_workdays(deadline.type):
                    remedy = f"写明从哪一天起算：… + {one_line(node.deadline.span.text)}"
                until = deadline_meant("".join(one_line(node.deadline.span.text).split()))
                remedy = remedy if until is None else f"写成“{until}”"
                merge.symbols.error("E204", "期限要的是日期", node.deadline.span, remedy)
                continue
        expiry = None if node.expiry is None else merge.checker.condition(node.expiry, (object_,))
        reason = None if node.reason is None else _reason(merge, node.reason, object_)
        if when is None or demand is None or (node.expiry is not None and expiry is None):
            continue
        if node.reason is not None and reason is None:
            continue
        # What is pinned of a declaration without 到期 is what it was before there was one.
        tail: tuple[object, ...] = (deadline,) if expiry is None else (deadline, expiry)
        tail = tail if reason is None else (*tail, "否则说明", reason)
        subject: Subject = "禁令" if node.kind == "禁令" else "义务"
        target = _Target(
            declared, object_, subject, subject, [(declared.layer, grant_of(node, "从严"))], when, demand, tail
        )
        if _fold(merge, target):
            assert target.demand is not None
            duties[declared.name] = core.Duty(
                declared.name,
                object_,
                subject == "禁令",
                target.when,
                target.demand,
                deadline,
                expiry,
                declared.layer.level,
                tuple(target.origins),
                reason,
            )
            if target.subject == "禁令":
                merge.symbols.found.extend(whole_rows(duties[declared.name], merge.symbols.lists))
    return duties


def _reason(merge: Merge, ref: Ref, object_: str) -> core.Filled | None:
    """The cell of 否则说明: one that somebody can write a reason into, of the record or of what it belongs to."""
    found = merge.checker.check(ref, (object_,))
    if found is None:
        return None
    if not isinstance(found, core.FieldValue):
        remedy = "写一个文本字段；没有的，在对象里声明一个，如 字段 未做到的理由（reason）：文本"
        merge.symbols.error("E228", f"“{ref.span.text}”不是字段，理由没有地方填", ref.span, remedy)
        return None
    if found.type.kind not in (Kind.TEXT, Kind.ENUM, Kind.SET):
        message = f"“{ref.span.text}”的类型是{found.type.kind.value}，写不下理由"
        remedy = "写文本字段；理由只有几种的，也可以是枚举或多选"
        label = Label(found.field.origin.span, "字段在这里声明")
        merge.symbols.error("E228", message, ref.span, remedy, label)
        return None
    return core.Filled(found.at, found.field, False, ref.span)


def merged_notices(merge: Merge) -> dict[str, core.Notice]:
    """Every notice in force."""
    notices: dict[str, core.Notice] = {}
    for declared in merge.symbols.declared(surface.NoticeDecl):
        if merge.keeps(declared.name, core.Notice, notices):
            continue
        node = declared.node
        object_ = provision_object(merge.symbols, node)
        when = None if object_ is None else _condition(merge, node.when, node.exceptions, object_, declared.origin)
        if object_ is None or when is None:
            continue
        message = node.message.text
        # The first version of the language knows no figures: what is in braces is text.
        first = declared.layer.files.manifest.language == 1
        pieces = () if first else figures(merge.checker, node.message, object_)
        tail = (message, *(piece for piece in pieces if not isinstance(piece, str)))
        grants = [(declared.layer, grant_of(node, "细化"))]
        target = _Target(declared, object_, "提示", "提示", grants, when, None, tail)
        if _fold(merge, target):
            notices[declared.name] = core.Notice(
                declared.name, object_, target.when, message, declared.layer.level, tuple(target.origins), pieces
            )
    return notices


def provision_object(symbols: Symbols, node: Provision | surface.TableDecl) -> str | None:
    """The object a provision speaks of; None after reporting an unknown one."""
    if node.object is not None:
        return symbols.known_object(node.object.text, node.object.span)
    failed = symbols.root in symbols.broken and symbols.root not in symbols.objects
    return None if failed else symbols.root


def _condition(
    merge: Merge, when: Expr | None, exceptions: tuple[Expr, ...], object_: str, origin: core.Origin
) -> core.Amended | None:
    """当 … 除外 … of one declaration, as written by ``origin``; its 除外 are its first amendments."""
    base = None if when is None else merge.checker.condition(when, (object_,))
    if when is not None and base is None:
        return None
    amendments: list[core.Amendment] = []
    for exception in exceptions:
        body = merge.checker.condition(exception, (object_,))
        if body is None:
            return None
        amendments.append(core.Amendment("除外", body, origin))
    return core.Amended(base, origin, tuple(amendments))


# ---- rules and their decisions --------------------------------------------------------------------------------------


def _decision_of(merge: Merge, node: surface.RuleDecl | surface.TableDecl) -> Decided | None:
    name = node.decision.text
    found = merge.decided.get(name)
    if found is None and name not in merge.symbols.broken:
        near = [
            one for one, known in merge.decided.items() if known.node.key is not None and known.node.key.text == name
        ] or merge.symbols.nearest(name, merge.decided)
        remedy = f"是不是 {near[0]}？" if near else f"已有的决定：{'、'.join(merge.decided)}"
        merge.symbols.error("E201", f"没有名为 {name} 的决定", node.decision.span, remedy)
    return found


def _rule_values(merge: Merge, node: surface.RuleDecl, decided: Decided) -> tuple[str, ...] | None:
    if decided.amount is not None:
        return ()
    if node.amount is not None:
        message = f"决定 {decided.name} 是{decided.node.mode}，得出的是写明的值，不是算式"
        remedy = (
            f"这里写它的一个值：{'、'.join(decided.values[:12])}；要得出数额，另写一个决定，类型写“金额（万元）”这样"
        )
        label = Label(decided.node.name.span, "决定在这里")
        merge.symbols.error("E216", message, node.amount.span, remedy, label)
        return None
    words: list[str] = []
    for literal in node.values:
        value = literal_value(literal, Type(Kind.ENUM, None, decided.values), merge.symbols)
        if value is None:
            return None
        words.append(str(value))
    if decided.node.mode != "多选" and len(words) != 1:
        message = f"决定 {decided.name} 是{decided.node.mode}，一条规则只能得出一个值"
        merge.symbols.error("E207", message, node.span, "写成 则 决定 为 值")
        return None
    return tuple(dict.fromkeys(words))


def _may_conclude(merge: Merge, layer: Layer, node: surface.RuleDecl | surface.TableDecl, decided: Decided) -> bool:
    upper = decided.declared
    supplement = isinstance(node, surface.RuleDecl) and node.kind == "补充规则"
    if supplement and upper.layer.level not in layer.above:
        message = f"决定 {decided.name} 是本层声明的，没有可补充的上层规则"
        merge.symbols.error("E305", message, node.name.span, "写成 规则", Label(decided.node.name.span, "决定在这里"))
        return False
    if upper.layer.level == layer.level:
        return True
    subject: Subject = "从严决定" if decided.node.mode == "由宽到严" else "决定"
    act: Operation = "补充规则" if supplement else "新规则"
    return check_act(merge.symbols, decided.grants, subject, act, decided.name, node.name.span)


# ---- amendments -----------------------------------------------------------------------------------------------------


def _fold(merge: Merge, target: _Target) -> bool:
    """Fold what lower layers did over ``target``; False when it is out (停用, or not in force). Each layer folds over what
    the layers above it left, and no layer over what one beside it did."""
    symbols, declared, name = merge.symbols, target.declared, target.declared.name
    in_force_itself = merge.in_force(declared.layer, declared.node.common)
    target.origins.append(declared.origin)
    out: core.Stopped | None = None
    for act in symbols.acts_on(declared, surface.AmendmentDecl):
        node = act.node
        when, demand = target.seen(act.layer)
        merge.pin(act, declared, (when, demand, target.tail))
        if node.ranks:
            remedy = "先后 只用于单选和单值的决定"
            symbols.error("E302", f"“{name}”是{target.noun}，没有先后可定", node.ranks[0].span, remedy)
            continue
        if node.limits:
            no_limits(symbols, name, target.noun, node.limits[0])
            continue
        now = merge.in_force(act.layer, node.common)
        if node.restate:
            if now:
                target.origins.append(restating(act.origin))
                target.done.append(_Done(act.layer, node, revives=True))
            continue
        grants = granted(target.grants, act.layer)
        if node.stop:
            if check_act(symbols, grants, target.subject, "停用", name, node.span) and now:
                if not act.origin.notes and not symbols.tried(node.span):
                    symbols.error("E207", f"停用“{name}”没有说明理由", node.span, "加一行 说明 …")
                out = core.Stopped(name, declared.origin, act.origin, False, target.decision)
                target.done.append(_Done(act.layer, node))
            continue
        operations = list(_operations(merge, node, target, grants))
        if not now:
            continue
        if not (in_force_itself or any(one.revives and one.layer.level in act.layer.above for one in target.done)):
            message = f"所修订的“{name}”在评估日不在有效期内，本修订随之失效"
            remedy = "要让它继续有效，先 重申"
            symbols.warn("W302", message, node.target.span, remedy, Label(declared.node.name.span, "上层条文在这里"))
            merge.stopped.append(core.Stopped(name, declared.origin, act.origin, True, target.decision))
            continue
        if operations:
            amendments = tuple(core.Amendment(operation, body, act.origin) for operation, body in operations)
            target.done.append(_Done(act.layer, node, amendments))
            target.origins.append(act.origin)
        target.grants.extend((act.layer, grant) for grant in stated_grant(node.common))
    _check_alike(symbols, name, target.done)
    if out is not None:
        merge.stopped.append(out)
        return False
    target.when, target.demand = target.seen()
    return in_force_itself or any(one.revives for one in target.done)


_WIDENING: Final = ("或者",)
_DEMANDING: Final = ("还应当", "还不得")


def _check_alike(symbols: Symbols, name: str, done: Sequence[_Done]) -> None:
    """Report where documents that stand side by side pull one provision apart: nobody said which of them goes first. What
    all of them narrow, or all widen, means the same in any order."""
    stops = [one.layer for one in done if one.node.stop]
    for number, one in enumerate(done):
        for other in done[:number]:
            settled = any(one.layer.level in low.above and other.layer.level in low.above for low in stops)
            if settled or not parallel(one.layer, other.layer) or not _pull_apart(one, other):
                continue
            titles = f"《{other.layer.files.title}》和《{one.layer.files.title}》"
            message = f"{titles}互不从属，对“{name}”一个{_doing(other)}，一个{_doing(one)}，分不出先后"
            remedy = "请发文单位统一；上层授权 自定 的，同时继承两份文件的下一层可以停用这一条，另写一条"
            symbols.error("E315", message, one.node.span, remedy, Label(other.node.span, "另一份在这里"))


def _pull_apart(one: _Done, other: _Done) -> bool:
    if one.node.stop != other.node.stop:
        return True
    mine, theirs = ({act.operation in _WIDENING for act in _of_when(each)} for each in (one, other))
    return bool(mine and theirs) and len(mine | theirs) > 1


def _of_when(done: _Done) -> list[core.Amendment]:
    return [act for act in done.amendments if act.operation not in _DEMANDING]


def _doing(done: _Done) -> str:
    words = [act.operation for act in _of_when(done)]
    return "停用" if done.node.stop else "重申" if done.revives else f"用 {'、'.join(dict.fromkeys(words)) or '修订'}"


def restating(origin: core.Origin) -> core.Origin:
    """The origin of a 修订 that only restates: readers must not take it for a change."""
    return replace(origin, kind="重申")


def _operations(
    merge: Merge, node: surface.AmendmentDecl, target: _Target, grants: Sequence[Grant]
) -> Iterator[tuple[core.Operation, core.Expr]]:
    """The checked operations in folding order; each unfit or unauthorised one is reported and left out."""
    fits, name = _FITS[target.noun], target.declared.name
    for kind in _OPERATION_ORDER:
        for operation in node.operations:
            if operation.kind != kind:
                continue
            if kind not in fits:
                message = f"“{name}”是{target.noun}，不能用 {kind}"
                merge.symbols.error("E302", message, operation.span, f"{target.noun}可用：{'、'.join(fits)}")
                continue
            if not check_act(merge.symbols, grants, target.subject, kind, name, operation.span):
                continue
            body = merge.checker.condition(operation.body, (target.owner,))
            if body is not None:
                yield kind, body


def no_limits(symbols: Symbols, name: str, what: str, limit: surface.Limit) -> None:
    """Report a limit on what has no amount."""
    message = f"“{name}”是{what}，没有数额可限，不能用 {limit.kind}"
    symbols.error("E302", message, limit.span, f"{limit.kind} 只用于得出数额的决定")


def unresolved_acts(symbols: Symbols) -> None:
    """Report amendments, extensions and settings whose target does not exist or is of another kind."""
    for act in (act for acts in symbols.acts.values() for act in acts):
        name = act.node.target.text
        if name in symbols.broken:
            continue
        target: Declared[Provision] | Declared[Global] | None = symbols.globals.get(name)
        if isinstance(act.node, surface.AmendmentDecl):
            target = symbols.provisions.get(name) or target
        if target is None:
            if act.layer.files.manifest.uppers and not act.layer.above:
                # The folder of its upper layer could not be read, and that is told: nothing is known of what stands in it.
                continue
            message = f"上层没有名为 {name} 的条文，不能{act.origin.kind}"
            symbols.error("E303", message, act.node.target.span, _meant_target(symbols, act))
            continue
        wrong = _unfit(act.node, target.node)
        if wrong:
            label = Label(target.node.name.span, "在这里声明")
            symbols.error("E302", f"{name}是{target.origin.kind}：{wrong}", act.node.target.span, None, label)


def _meant_target(symbols: Symbols, act: Act[surface.Acting]) -> str:
    """Which declaration of an upper layer was probably meant; else what of the upper layers can be acted on so."""
    name, kind = act.node.target.text, act.origin.kind
    if not affordable(len(symbols.found), len(symbols.provisions) + len(symbols.globals)):
        return "检查名称，或先看上层有哪些规则"
    above = {
        one.name: one.node
        for one in (*symbols.provisions.values(), *symbols.globals.values())
        if one.layer.level in act.layer.above and not _unfit(act.node, one.node)
    }
    if not above:
        return f"上层没有可以{kind}的条文；本层自己的，直接改"
    concluding = [
        rule
        for rule, node in above.items()
        if isinstance(node, surface.RuleDecl) and name in map(literal_text, node.values)
    ]
    if concluding:
        return f"“{name}”是决定的值，得出它的规则：{some(concluding, 4)}；写成“{kind} {concluding[0]}”"
    near = symbols.nearest(name, above)
    if near:
        return f"是不是 {'、'.join(near)}？"
    return f"上层可以{kind}的：{some(list(above), 8)}"


def _unfit(act: surface.Acting, node: Global | Provision) -> str:
    """Why ``act`` cannot be done to ``node``; empty where it can."""
    match act:
        case surface.SettingDecl() if not isinstance(node, surface.ParameterDecl):
            return "设定只能用于参数和读法"
        case surface.ExtensionDecl() if not isinstance(node, (surface.ListDecl, surface.DecisionDecl)):
            return "增列只能用于清单和多选的决定"
        case surface.AmendmentDecl() if isinstance(node, surface.PresumptionDecl) and not act.restate:
            return "推定不能修订；下层另写推定即可，下层优先"
        case surface.AmendmentDecl() if not act.restate and isinstance(
            node, (surface.ParameterDecl, surface.ListDecl, surface.TermDecl, surface.StatisticDecl)
        ):
            return "参数用 设定，清单用 增列；术语和统计只能重申"
        case _:
            return ""
