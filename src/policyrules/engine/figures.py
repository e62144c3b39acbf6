"""The text of a notice with its figures filled in.

Why this exists: 说 “实际 {产业占比}，低于 {产业占比下限}” tells both numbers, of the record that it is told of.

Invariants: a figure decides nothing and changes no status; what is not known is said to be so, never left out and never
shown as a zero; the same evaluation gives the same text.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from policyrules.amounts import amount_line
from policyrules.engine import values as v
from policyrules.engine.evaluate import Run, evaluate, instance_at
from policyrules.engine.instances import Instance
from policyrules.engine.steps import Decided, Reckoned, Step
from policyrules.engine.values import Abstract
from policyrules.program import nodes as core
from policyrules.types import Type, value_text
from policyrules.wording import shown_type, state_text, told_text

Piece: TypeAlias = str | core.Expr
_FEW: Final = 6
"""Values that a sentence lists; of more it says that the matter is open."""


def filled(run: Run, notice: core.Notice, instance: Instance) -> str:
    """The text of a notice for one instance."""
    if not notice.pieces:
        return notice.message
    return "".join(piece if isinstance(piece, str) else _figure(run, piece, instance) for piece in notice.pieces)


def _figure(run: Run, node: core.Expr, instance: Instance) -> str:
    step = evaluate(run, node, (instance,))
    if isinstance(node, core.DecisionValue):
        decided = step.parts[0]
        assert isinstance(decided, Decided)
        return state_text(decided.state, decided.decision)
    if isinstance(node, core.AmountValue):
        reckoned = step.parts[0]
        assert isinstance(reckoned, Reckoned)
        if reckoned.state.status != "determined":
            return amount_line(reckoned.decision, node.type, reckoned.state)
    if isinstance(node, core.FieldValue) and not v.known(step.value):
        return _blank(step, node)
    return figure_text(step.value, shown_type(node))


def _blank(step: Step, node: core.FieldValue) -> str:
    return "没有列出" if instance_at(node.at, step.frames).unlisted else "未填"


def figure_text(value: Abstract, type_: Type) -> str:
    """A value, known or not, as a sentence holds it.

    >>> from fractions import Fraction
    >>> from policyrules.types import RATIO, Kind
    >>> figure_text(v.Interval(20000, 50000), Type(Kind.MONEY, "万元")), figure_text(Fraction(1, 3), RATIO)
    ('2 万元 至 5 万元', '100/3%（约 33.33%）')
    >>> figure_text(None, Type(Kind.BOOL)), figure_text(v.Interval(None, 9), Type(Kind.INTEGER, "个"))
    ('待定', '不大于 9 个')
    """
    match value:
        case v.Void():
            return "不存在"
        case v.Interval(low, high, void):
            ends = [None if end is None else told_text(end, type_) for end in (low, high)]
            known = [end for end in ends if end is not None]
            if not known:
                return "待定"
            text = " 至 ".join(dict.fromkeys(known))
            if len(known) < len(ends):
                text = f"{'不大于' if ends[0] is None else '不小于'} {text}"
            return f"{text}，或不存在" if void else text
        case v.Candidates(options):
            few = options is not None and len(options) <= _FEW
            return f"{'、'.join(told_text(option, type_) for option in options or ())} 之一" if few else "待定"
        case v.SetRange(certain):
            return f"至少 {value_text(certain, type_)}" if certain else "待定"
        case None:
            return "待定"
        case _:
            return told_text(value, type_)
