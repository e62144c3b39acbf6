"""An amount as results tell it: exact numbers in its own unit, and the words for them.

Why this exists: the engine reckons in one unit of each kind (元, 亩, 月); people declared another, and read what a rule
gives rather than an interval of canonical numbers.

Invariant: nothing is rounded; what is told of a rule is what it gives within the limits of the amount.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from policyrules.engine import values as v
from policyrules.engine.amounts import Amount
from policyrules.engine.values import Abstract
from policyrules.program.nodes import Decision
from policyrules.results import STATUS_NAMES, AmountEnd, Candidate, RuleAmount, not_applicable
from policyrules.types import Type, bare_number, value_text
from policyrules.wording import amount_text


@dataclass(frozen=True, slots=True)
class Told:
    """``by_rules``: what rules give, as people read it, each with the rules that give it; none for the 默认."""

    value: Any
    interval: tuple[AmountEnd, AmountEnd] | None
    text: str
    candidates: tuple[Candidate, ...]
    certain: frozenset[str]
    by_rules: dict[str, tuple[str, ...]]
    amounts: tuple[RuleAmount, ...]


def told_amount(decision: Decision, type_: Type, state: Amount) -> Told:
    """How an amount of ``type_`` is told."""
    shares = {share.rule: share for share in state.shares}
    texts = {rule: amount_text(share.value, type_) for rule, share in shares.items()}
    by_rules: dict[str, tuple[str, ...]] = {}
    for rules in (state.standing, state.open):
        # Rules that hold take the place of those that may and give the same.
        stage: dict[str, tuple[str, ...]] = {}
        for rule in rules:
            stage[texts[rule]] = (*stage.get(texts[rule], ()), rule)
        by_rules = {**stage, **by_rules}
    by_rules = {text: by_rules[text] for text in dict.fromkeys(texts[r] for r in (*state.standing, *state.open))}
    held = [rule for rule in state.standing if state.status == "conflict" or v.known(shares[rule].value)]
    certain = frozenset(texts[rule] for rule in held)
    number = _existing(state.value)
    shown = "" if number is None else amount_text(number, type_)
    if decision.mode == "累计" and number is not None:
        # The parts are told rule by rule; what is decided is the sum.
        by_rules = {shown: (*state.standing, *state.open)}
        certain = frozenset({shown} if state.status == "determined" else ())
    elif len(certain) > 1 and state.status != "conflict":
        certain = frozenset()
    candidates: tuple[Candidate, ...] = tuple(by_rules)
    if not state.standing and state.status != "not_applicable" and decision.mode == "单值":
        default = None if decision.default_amount is None else value_text(decision.default_amount, type_)
        if default is not None and (state.defaulted or state.status == "undetermined"):
            by_rules.setdefault(default, ())
        candidates = (default,) if state.defaulted else tuple(dict.fromkeys((*by_rules, default)))
    if state.applies is not True:
        candidates = (*candidates, not_applicable)
    return Told(
        _end(state.value, type_) if state.status == "determined" else None,
        None if number is None else (_end(v.bounds(number)[0], type_), _end(v.bounds(number)[1], type_)),
        _text(decision, state, shown),
        candidates,
        certain,
        by_rules,
        tuple(
            RuleAmount(
                share.rule,
                share.truth is True,
                _end(v.bounds(share.value)[0], type_),
                _end(v.bounds(share.value)[1], type_),
                texts[share.rule],
            )
            for share in state.shares
        ),
    )


def _existing(value: Abstract) -> Abstract:
    """What an amount may be where there is one; None where there is none."""
    exists, number = v.existing(value)
    return None if exists is False else number


def amount_line(decision: Decision, type_: Type, state: Amount) -> str:
    """An amount on one line, as explanations have it."""
    number = _existing(state.value)
    if state.status in ("determined", "undetermined"):
        return _text(decision, state, "" if number is None else amount_text(number, type_))
    if state.status != "conflict":
        return STATUS_NAMES[state.status]
    held = {share.rule: amount_text(share.value, type_) for share in state.shares}
    listed = dict.fromkeys(held[rule] for rule in (*state.standing, *state.open))
    return f"{STATUS_NAMES['conflict']}：{'、'.join(listed)}"


def _text(decision: Decision, state: Amount, shown: str) -> str:
    if state.status == "determined":
        return shown
    if state.status != "undetermined":
        return ""
    other = []
    if not state.standing and decision.mode == "单值" and decision.default_amount is None:
        other.append("无")
    if state.applies is None:
        other.append("不适用")
    return f"{STATUS_NAMES['undetermined']}：{' 或 '.join([*([shown] if shown else []), *other])}"


def _end(end: Any, type_: Type) -> Any:
    return end if end is None or isinstance(end, datetime.date) else bare_number(end, type_)
