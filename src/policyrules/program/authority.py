"""What a lower layer may do to what an upper layer declared (language.md, section 6).

Why this exists: authority is declared and checked when files load; a breach shows both places. Strictness is judged
locally; what structure cannot settle is marked as owed to the verifier.

Invariant: silence grants only the defaults: 从严 for 由宽到严 decisions, duties and prohibitions, 细化 for the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from policyrules.diagnostics import Label
from policyrules.language import nodes as surface
from policyrules.language.nodes import Authority
from policyrules.program.layers import Layer
from policyrules.program.symbols import Symbols
from policyrules.source import Span

_OtherAct: TypeAlias = Literal[
    "停用", "先后", "限额", "新规则", "补充规则", "增列", "增列开放清单", "设定", "设定固定值", "推定"
]
Operation: TypeAlias = surface.OperationKind | _OtherAct

Subject: TypeAlias = Literal["规则", "从严规则", "义务", "禁令", "提示", "决定", "从严决定", "清单", "参数", "字段"]
"""从严规则 / 从严决定: of a 由宽到严 decision."""

_REFINES: Final[frozenset[Operation]] = frozenset(
    {"还须", "仅限", "除外", "先后", "限额", "补充规则", "增列开放清单", "设定", "推定"}
)
_STRICTER: Final[dict[Subject, frozenset[Operation]]] = {
    "从严规则": frozenset({"或者"}),
    "从严决定": frozenset({"新规则", "补充规则"}),
    "义务": frozenset({"还应当", "或者"}),
    "禁令": frozenset({"还不得", "或者"}),
}
_OWED: Final[frozenset[Operation]] = frozenset({"设定", "增列开放清单", "推定"})


@dataclass(frozen=True, slots=True)
class Grant:
    """One statement of authority: what it says and where (the declaration itself for a default). ``direction``: which way
    is stricter, so that values tell it by themselves (`direction`)."""

    authority: Authority
    span: Span
    stated: bool
    direction: surface.Direction | None = None


Granting: TypeAlias = (
    surface.ParameterDecl
    | surface.ListDecl
    | surface.DecisionDecl
    | surface.RuleDecl
    | surface.DutyDecl
    | surface.NoticeDecl
)

Ruling: TypeAlias = Literal["allowed", "owed", "refused"]


def grant_of(node: Granting, default: Authority) -> Grant:
    """What a declaration grants to lower layers: what it states, or ``default``."""
    stated = node.common.authority
    return Grant(default, node.name.span, False) if stated is None else _stated(stated)


def stated_grant(common: surface.Common) -> tuple[Grant, ...]:
    """The 授权 that an act states for the layers below it, if any."""
    stated = common.authority
    return () if stated is None else (_stated(stated),)


def _stated(stated: surface.StatedAuthority) -> Grant:
    return Grant(stated.authority, stated.span, True, stated.direction)


def granted(grants: Iterable[tuple[Layer, Grant]], layer: Layer) -> list[Grant]:
    """What ``layer`` is granted by the layers above it: each document protects its own text, and from nobody beside it."""
    return [grant for stating, grant in grants if stating.level in layer.above]


def ruling(grant: Grant, subject: Subject, act: Operation) -> Ruling:
    """Whether ``act`` on ``subject`` keeps within ``grant``.

    A condition added to a rule that concludes a stricter value, or to a duty's 当, is laxer: refused under 从严.
    """
    match grant.authority:
        case "自定":
            return "allowed"
        case "固定":
            return "refused"
        case "细化":
            if act in _REFINES and not (subject in ("义务", "禁令") and act == "还须"):
                return "allowed"
            return "refused"
        case "从严":
            if grant.direction is not None and act in ("设定", "设定固定值"):
                return "allowed"
            if act in _STRICTER.get(subject, frozenset()):
                return "allowed"
            return "owed" if act in _OWED else "refused"


_TEXT: Final[dict[Operation, str]] = {
    "还须": "加条件（还须）",
    "仅限": "缩小适用（仅限）",
    "还应当": "加要求（还应当）",
    "还不得": "加禁止（还不得）",
    "或者": "放宽条件（或者）",
    "除外": "除外",
    "停用": "停用",
    "先后": "定先后",
    "限额": "加限额（不超过、不少于）",
    "新规则": "另立规则得出上层决定的值",
    "补充规则": "补充规则",
    "增列": "增列",
    "增列开放清单": "增列",
    "设定": "设定",
    "设定固定值": "改动文本已经定死的值",
    "推定": "推定",
}

_ALLOWED_TEXT: Final[dict[Authority, str]] = {
    "固定": "只可重申",
    "细化": "只可还须、除外、仅限、推定、补充规则、先后、限额，以及设定留给下层的参数",
    "从严": "只可更严：由宽到严的决定可另立规则，义务、禁令可 或者、还应当、还不得",
    "自定": "怎样改都可以",
}


def check_act(
    symbols: Symbols,
    grants: Sequence[Grant],
    subject: Subject,
    act: Operation,
    name: str,
    span: Span,
    owed: str = "是不是更严，请自己核对",
) -> bool:
    """Check ``act`` against every grant; a breach is reported with both places, and whether the act may stand is returned. ``owed``: what to do where structure
    does not show whether the act is stricter."""
    for grant in grants:
        result = ruling(grant, subject, act)
        if result == "refused":
            how = f"授权 {grant.authority}" if grant.stated else f"没有写授权，按 {grant.authority}"
            message = f"不能对“{name}”{_TEXT[act]}：上层{how}，{_ALLOWED_TEXT[grant.authority]}"
            label = Label(grant.span, f"上层在这里：{how}")
            if not symbols.refuse("E301", message, span, _remedy(subject, act, grant), label):
                return False
        if result == "owed":
            message = f"对“{name}”的{_TEXT[act]}是否更严，从结构上看不出来"
            symbols.warn("W301", message, span, owed, Label(grant.span, f"上层授权 {grant.authority}"))
    return True


def _remedy(subject: Subject, act: Operation, grant: Grant) -> str:
    if act == "新规则" and grant.authority == "细化":
        return "要在上层都不适用时才给出结论，用 补充规则；要收窄上层规则，用 修订 … 还须"
    if act == "停用":
        return "请上层写明 授权 自定；要收窄，用 还须 或 除外"
    if act in ("还须", "仅限", "除外") and subject in ("从严规则", "义务", "禁令"):
        return "加这个条件会放宽上层的约束；请上层写明 授权 细化 或 自定"
    if act == "或者":
        return "这会让更多情形得出该结论；请上层写明 授权 自定"
    if act == "设定固定值":
        return "文本已经写明的值不能改；请上层写明 授权 自定"
    return "请上层放宽授权，或改用上层允许的写法"
