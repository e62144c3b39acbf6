"""What scenarios exercise: for each rule, duty, prohibition and notice, and for each condition, which truths were seen.

Why this exists: a rule that no scenario ever saw false is a rule whose conditions nobody checked. Conditions are told
apart by where they are written, so that a national rule counts whatever stack it was seen in.

Invariants: conditions are evaluated by the interpreter itself, on the very records of the scenarios; the order is that
of the programs; a condition that cannot be unknown (已填 / 未填) is not expected to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from policyrules.analysis.provisions import one_line
from policyrules.engine.instances import Instance, instances_of
from policyrules.program import nodes as pn
from policyrules.source import Span

if TYPE_CHECKING:
    from policyrules.engine.portfolio import Portfolio
    from policyrules.policy import Policy
    from policyrules.testing.scenarios import Scenario

Truth: TypeAlias = bool | None
TRUTHS: Final[tuple[Truth, ...]] = (True, False, None)
_WORDS: Final[dict[Truth, str]] = {True: "true", False: "false", None: "unknown"}


@dataclass(slots=True)
class Seen:
    """The scenarios in which something was true, false or unknown. ``expected``: the truths it can have."""

    expected: tuple[Truth, ...] = TRUTHS
    names: dict[Truth, dict[str, None]] = field(default_factory=lambda: {truth: {} for truth in TRUTHS})

    def add(self, truth: Truth, scenario: str) -> None:
        """Note that it was ``truth`` in ``scenario``."""
        self.names[truth].setdefault(scenario)

    @property
    def lacking(self) -> tuple[Truth, ...]:
        """The truths that were expected and never seen."""
        return tuple(truth for truth in self.expected if not self.names[truth])

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys: scenarios by truth."""
        return {_WORDS[truth]: list(self.names[truth]) for truth in TRUTHS}


@dataclass(slots=True)
class ConditionSeen:
    """One condition as written. ``part``: 当, or what is demanded or forbidden (应当, 不得)."""

    layer: str
    part: str
    text: str
    place: str
    seen: Seen


@dataclass(slots=True)
class SpeakerSeen:
    """One rule, duty, prohibition or notice: its own truth (whether it applies), and its conditions by place.

    ``demand``: for a duty or prohibition, whether what is demanded was met where it applied.
    """

    kind: str
    name: str
    layer: str
    place: str
    seen: Seen
    demand: Seen | None
    conditions: dict[str, ConditionSeen] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """True where every truth of the rule and of each of its conditions was seen."""
        own = not self.seen.lacking and (self.demand is None or not self.demand.lacking)
        return own and all(not condition.seen.lacking for condition in self.conditions.values())

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "kind": self.kind,
            "name": self.name,
            "layer": self.layer,
            "place": self.place,
            "complete": self.complete,
            "seen": self.seen.to_dict(),
            "demand": None if self.demand is None else self.demand.to_dict(),
            "conditions": [
                {"layer": c.layer, "part": c.part, "text": c.text, "place": c.place, "seen": c.seen.to_dict()}
                for c in self.conditions.values()
            ],
        }


class Coverage:
    """Gathers what scenarios exercise; `observe` is handed to the runner."""

    def __init__(self) -> None:
        self.speakers: dict[str, SpeakerSeen] = {}

    def observe(self, scenario: Scenario, policy: Policy, root: Instance, portfolio: Portfolio | None) -> None:
        """Evaluate every condition of the policy on one scenario's record."""
        program, engine = policy.program, policy.interpreter.engine
        run = engine.run(root, None if portfolio is None else portfolio.world(engine, root))
        instances = instances_of(program, root)
        for name, object_, kind, parts in _speakers(program):
            speaker = self.speakers.get(name)
            if speaker is None:
                speaker = self.speakers[name] = _new_speaker(program, name, kind, parts)
            for instance in instances.get(object_, ()):
                frames = (instance,)
                applies = engine.compiler.code(parts[0][1])(run, frames)
                speaker.seen.add(_truth(applies), scenario.name)
                for word, expression in parts:
                    if word != "当" and applies is False:
                        continue
                    if word != "当" and speaker.demand is not None:
                        speaker.demand.add(_truth(engine.compiler.code(expression)(run, frames)), scenario.name)
                    for layer, condition in conditions(expression, _layer(program, name)):
                        seen = _condition(speaker, layer, word, condition)
                        seen.add(_truth(engine.compiler.code(condition)(run, frames)), scenario.name)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        speakers = list(self.speakers.values())
        return {
            "complete": sum(speaker.complete for speaker in speakers),
            "total": len(speakers),
            "rules": [speaker.to_dict() for speaker in speakers],
        }


_Parts: TypeAlias = tuple[tuple[str, pn.Expr], ...]


def _speakers(program: pn.Program) -> Iterator[tuple[str, str, str, _Parts]]:
    for rule in program.rules.values():
        yield rule.name, rule.object, "补充规则" if rule.supplement else "规则", (("当", rule.when),)
    for duty in program.duties.values():
        kind, word = ("禁令", "不得") if duty.prohibition else ("义务", "应当")
        yield duty.name, duty.object, kind, (("当", duty.when), (word, duty.demand))
    for notice in program.notices.values():
        yield notice.name, notice.object, "提示", (("当", notice.when),)


def _origin(program: pn.Program, name: str) -> pn.Origin:
    found = program.rules.get(name) or program.duties.get(name) or program.notices[name]
    return found.origins[0]


def _layer(program: pn.Program, name: str) -> str:
    return _origin(program, name).layer


def _new_speaker(program: pn.Program, name: str, kind: str, parts: _Parts) -> SpeakerSeen:
    origin = _origin(program, name)
    # Without 当 it always applies: there is no false to be seen.
    always = isinstance(_bare(parts[0][1]), pn.Constant)
    expected: tuple[Truth, ...] = (True,) if always else TRUTHS
    demand = Seen() if len(parts) > 1 else None
    return SpeakerSeen(kind, name, origin.layer, _place(origin.span), Seen(expected), demand)


def _bare(expression: pn.Expr) -> pn.Expr:
    while isinstance(expression, pn.Sourced):
        expression = expression.body
    return expression


def conditions(expression: pn.Expr, layer: str) -> Iterator[tuple[str, pn.Expr]]:
    """The single conditions of an expression, as written, each with the layer that wrote it; groups are taken apart."""
    waiting: list[tuple[str, pn.Expr]] = [(layer, expression)]
    while waiting:
        owner, node = waiting.pop()
        match node:
            case pn.Sourced(body=body, origin=origin):
                waiting.append((origin.layer, body))
            case pn.All(operands=operands) | pn.Any(operands=operands) | pn.AtLeast(operands=operands):
                waiting.extend((owner, operand) for operand in reversed(operands))
            case pn.Not(operand=operand):
                waiting.append((owner, operand))
            case pn.Constant():
                pass
            case _:
                yield owner, node


def _condition(speaker: SpeakerSeen, layer: str, word: str, expression: pn.Expr) -> Seen:
    key = _place(expression.span, exact=True)
    found = speaker.conditions.get(key)
    if found is None:
        settled = isinstance(expression, pn.FieldFilled | pn.ParameterFilled)
        expected: tuple[Truth, ...] = (True, False) if settled else TRUTHS
        text = one_line(expression.span.text)
        found = speaker.conditions[key] = ConditionSeen(layer, word, text, _place(expression.span), Seen(expected))
    return found.seen


def _truth(value: object) -> Truth:
    return value if isinstance(value, bool) else None


def _place(span: Span, *, exact: bool = False) -> str:
    return f"{span.source.path}:{span.line}" + (f":{span.start}-{span.end}" if exact else "")
