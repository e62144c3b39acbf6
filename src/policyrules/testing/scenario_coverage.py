"""What scenarios exercise: for each rule, duty, prohibition and notice, and for each condition, which truths were seen.

Why this exists: a rule that no scenario ever saw false is a rule whose conditions nobody checked. Conditions are told
apart by where they are written, so that a national rule counts whatever stack it was seen in.

Invariants: conditions are evaluated by the definition itself, on the very records of the scenarios; the order is that of
the programs; a condition that cannot be unknown (已填 / 未填) is not expected to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias, assert_never

from policyrules.engine.evaluate import Run, evaluate
from policyrules.engine.instances import Instance, instances_of
from policyrules.engine.unlisted import judged
from policyrules.engine.values import Truth
from policyrules.program import nodes as core
from policyrules.program.amended import Folded, Junction, Part, folded
from policyrules.testing.runner import BlockResult, ScenarioResult
from policyrules.text import cut, one_line

Speaker: TypeAlias = core.Rule | core.Duty | core.Notice
TRUTHS: Final[tuple[Truth, ...]] = (True, False, None)
_WORDS: Final[dict[Truth, str]] = {True: "true", False: "false", None: "unknown"}
_LONGEST_TEXT: Final = 60


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
    """One condition as written. ``part``: 当, what is demanded or forbidden (应当, 不得), or 到期."""

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


class ScenarioCoverage:
    """What scenarios exercise, by rule, duty, prohibition and notice."""

    def __init__(self, results: Iterable[ScenarioResult]) -> None:
        self.speakers: dict[str, SpeakerSeen] = {}
        self.lowest: dict[str, None] = {}
        """The layers that scenarios are about: the last of each stack."""
        for result in results:
            for block in result.blocks:
                if block.layer == "":
                    self.lowest.setdefault(block.policy.layers[-1].id)
                self._observe(result.scenario.name, block)

    def own(self) -> ScenarioCoverage:
        """What `lowest` wrote alone: its rules, and its conditions in those that it amends."""
        found = ScenarioCoverage(())
        found.lowest = self.lowest
        for name, speaker in self.speakers.items():
            written = {place: one for place, one in speaker.conditions.items() if one.layer in self.lowest}
            if speaker.layer in self.lowest:
                found.speakers[name] = replace(speaker, conditions=written)
            elif written:
                # Whether the rest of it was seen is for the layer that wrote it.
                nothing = Seen(())
                place = next(iter(written.values())).place
                found.speakers[name] = replace(speaker, place=place, seen=nothing, demand=None, conditions=written)
        return found

    def _observe(self, scenario: str, block: BlockResult) -> None:
        """Evaluate every condition of the policy on one scenario's record."""
        program = block.policy.program
        run = block.policy.interpreter.run(block.record, block.portfolio)
        instances = instances_of(program, block.record, judged(program))
        for declared in _speakers(program):
            when = folded(declared.when)
            speaker = self.speakers.setdefault(declared.name, _new_speaker(declared, when))
            for instance in instances.get(declared.object, ()):
                if instance.unlisted and isinstance(declared, core.Rule):
                    continue
                frames = (instance,)
                applies = evaluate(run, when, frames).value
                speaker.seen.add(applies, scenario)
                _observe(speaker, run, "当", when, frames, scenario)
                if isinstance(declared, core.Duty) and speaker.demand is not None and applies is not False:
                    demand = folded(declared.demand)
                    met = evaluate(run, demand, frames).value
                    speaker.demand.add(met, scenario)
                    word = "不得" if declared.prohibition else "应当" if declared.reason is None else "原则上应当"
                    _observe(speaker, run, word, demand, frames, scenario)
                    if declared.reason is not None and met is False:
                        reason = Part(declared.reason, declared.origins[0])
                        _observe(speaker, run, "否则说明", reason, frames, scenario)
                    if declared.expiry is not None and met is declared.prohibition:
                        expiry = Part(declared.expiry, declared.origins[0])
                        _observe(speaker, run, "到期", expiry, frames, scenario)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        speakers = list(self.speakers.values())
        return {
            "complete": sum(speaker.complete for speaker in speakers),
            "total": len(speakers),
            "rules": [speaker.to_dict() for speaker in speakers],
        }


def _speakers(program: core.Program) -> Iterator[Speaker]:
    yield from program.rules.values()
    yield from program.duties.values()
    yield from program.notices.values()


def _new_speaker(declared: Speaker, when: Folded) -> SpeakerSeen:
    match declared:
        case core.Rule(supplement=supplement):
            kind = "补充规则" if supplement else "规则"
        case core.Duty(prohibition=prohibition):
            kind = "禁令" if prohibition else "义务"
        case core.Notice():
            kind = "提示"
        case _:
            assert_never(declared)
    # Without 当 it always applies: there is no false to be seen.
    always = isinstance(when, Part) and isinstance(when.body, core.Constant)
    seen = Seen((True,) if always else TRUTHS)
    origin = declared.origins[0]
    demand = Seen() if isinstance(declared, core.Duty) else None
    return SpeakerSeen(kind, declared.name, origin.layer, origin.span.place, seen, demand)


def _observe(
    speaker: SpeakerSeen, run: Run, word: str, condition: Folded, frames: tuple[Instance, ...], scenario: str
) -> None:
    for layer, single in conditions(condition, speaker.layer):
        _condition(speaker, layer, word, single).add(evaluate(run, single, frames).value, scenario)


def conditions(condition: Folded, layer: str) -> Iterator[tuple[str, core.Expr]]:
    """The single conditions of a condition, as written, each with the layer that wrote it; groups are taken apart."""
    waiting: list[tuple[str, Folded | core.Expr]] = [(layer, condition)]
    while waiting:
        owner, node = waiting.pop()
        match node:
            case Part(body=body, origin=origin):
                waiting.append((origin.layer, body))
            case Junction(parts=parts):
                waiting.extend((owner, part) for part in reversed(parts))
            case core.All(operands=operands) | core.Any(operands=operands) | core.AtLeast(operands=operands):
                waiting.extend((owner, operand) for operand in reversed(operands))
            case core.Not(operand=operand):
                waiting.append((owner, operand))
            case core.Constant():
                pass
            case _:
                yield owner, node


def _condition(speaker: SpeakerSeen, layer: str, word: str, expression: core.Expr) -> Seen:
    span = expression.span
    key = f"{span.place}:{span.start}-{span.end}"
    found = speaker.conditions.get(key)
    if found is None:
        settled = isinstance(expression, core.Filled | core.ParameterFilled)
        expected: tuple[Truth, ...] = (True, False) if settled else TRUTHS
        text = cut(one_line(span.words), _LONGEST_TEXT)
        found = speaker.conditions[key] = ConditionSeen(layer, word, text, span.place, Seen(expected))
    return found.seen
