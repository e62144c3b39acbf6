"""What a result cites: the provisions it rests on, their clauses, and the offices of those.

Why this exists: a provision that lower layers amended has several authors, and often only one of them speaks to a record.
A result that quoted the others as well would hold up words that say nothing of the case. This is section 5.15 of
docs/language.md, as a fold over the steps of folded conditions (`program.amended`).

Invariants: wherever a provision is behind a result, some of its authors are cited; which of them depends on the truth of
their parts alone, not on the order these are written in. What is cited is put together once for each pattern of truth.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final, TypeAlias

from policyrules.engine.compiled.conditions import Seen
from policyrules.engine.decisions import State
from policyrules.engine.evaluate import Run, completed
from policyrules.engine.instances import Instance
from policyrules.engine.prepared import Engine
from policyrules.engine.steps import Step
from policyrules.frozen import frozen
from policyrules.program.amended import Junction, Part, parts_of
from policyrules.program.nodes import Citation, Decision, Duty, Notice, Origin, Rule, Tone
from policyrules.results import ValueSources

Provision: TypeAlias = Rule | Duty | Notice
Cited: TypeAlias = tuple[int, ...]
"""Which of the origins of a provision are cited, by their place among them."""

# 语气 from strongest to weakest: where several rules conclude one value, the strongest is told.
_TONES: Final[tuple[Tone | None, ...]] = ("应当", "重点", "支持", "鼓励", "引导", "可", None)


@frozen
class Sources:
    """Citations in order; ids of clauses and offices, each once."""

    citations: tuple[Citation, ...] = ()
    clauses: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()


def sources_of(origins: Iterable[Origin]) -> Sources:
    """The clauses and offices behind declarations, in the order first named."""
    citations = tuple(dict.fromkeys(citation for origin in origins for citation in origin.citations))
    return Sources(
        citations,
        tuple(dict.fromkeys(citation.clause for citation in citations if citation.clause)),
        tuple(dict.fromkeys(office for citation in citations for office in citation.offices)),
    )


class Grounds:
    """Says what the results of one program cite."""

    def __init__(self, engine: Engine) -> None:
        program = engine.program
        self._rules = program.rules
        # What is cited of a provision whose conditions have one author, whatever they come to.
        self._fixed: dict[str, Cited] = {}
        # Of the others: who wrote each part (the engine keeps the parts), and who wrote any.
        self._authors: dict[int, int] = {}
        self._acting: dict[str, frozenset[int]] = {}
        provisions: list[Provision] = [*program.rules.values(), *program.duties.values(), *program.notices.values()]
        for provision in provisions:
            name, origins = provision.name, provision.origins
            trees = [engine.conditions[name], *([engine.demands[name]] if isinstance(provision, Duty) else ())]
            authors = {id(part): origins.index(part.origin) for tree in trees for part in parts_of(tree)}
            if not any(authors.values()):
                self._fixed[name] = tuple(range(len(origins)))
            else:
                self._authors.update(authors)
                self._acting[name] = frozenset(authors.values())
        self._whole = {p.name: sources_of(p.origins) for p in provisions if p.name in self._fixed}
        self._sources: dict[tuple[str, Cited], Sources] = {}
        self._values: dict[tuple[object, ...], ValueSources] = {}

    @property
    def parted(self) -> Collection[str]:
        """The provisions of which it turns on the truth of their parts who is cited."""
        return self._acting

    def whole(self, provision: Provision) -> Sources | None:
        """What a provision cites whatever its conditions come to; None where it turns on them."""
        return self._whole.get(provision.name)

    # ---- provisions -------------------------------------------------------------------------------------------------

    def _cited(self, run: Run | Seen, provision: Provision, instance: Instance) -> Cited:
        """Which authors of a provision with several the result of ``instance`` rests on: 5.15.4 to 5.15.8."""
        acting = self._acting[provision.name]
        when = run.condition(provision.name, instance)
        rested = self._rested(run, when, True)
        base = 0 in rested
        if isinstance(provision, Duty) and when.value is not False:
            demand = self._rested(run, run.demand(provision.name, instance), provision.prohibition)
            base = base and 0 in demand
            rested |= demand
        found = [0] if base else []
        for number in range(1, len(provision.origins)):
            # One that wrote no part restates what stands above it.
            if number in rested if number in acting else found:
                found.append(number)
        return tuple(found)

    def _rested(self, run: Run | Seen, step: Step, speaking: bool) -> set[int]:
        """The authors of the parts that a condition rests on: those that come out as the whole does. ``speaking``: the
        truth by which the provision speaks; where the whole is unknown, a part with that truth is behind it as well."""
        node = step.node
        if isinstance(node, Part):
            return {self._authors[id(node)]}
        assert isinstance(node, Junction)
        found: set[int] = set()
        # One part may have settled it where others would have as well.
        for part in completed(run, step) if isinstance(run, Run) else step.parts:
            if part.value is step.value or (step.value is None and part.value is speaking):
                found |= self._rested(run, part, speaking)
        return found

    def of_finding(self, run: Run | Seen, provision: Duty | Notice, instance: Instance) -> Sources:
        """What a finding cites."""
        found = self._whole.get(provision.name)
        if found is not None:
            return found
        key = provision.name, self._cited(run, provision, instance)
        found = self._sources.get(key)
        if found is None:
            found = self._sources[key] = sources_of(provision.origins[number] for number in key[1])
        return found

    def of_rules(self, run: Run | Seen, names: Iterable[str], instance: Instance) -> tuple[Cited, ...]:
        """What each of several rules cites."""
        fixed, rules = self._fixed, self._rules
        return tuple([fixed.get(name) or self._cited(run, rules[name], instance) for name in names])

    def origins(self, names: Sequence[str], cited: Sequence[Cited]) -> list[Origin]:
        """The origins cited of several rules."""
        pairs = zip(names, cited, strict=True)
        return [self._rules[name].origins[number] for name, numbers in pairs for number in numbers]

    # ---- values -----------------------------------------------------------------------------------------------------

    def of_values(
        self, run: Run | Seen, decision: Decision, instance: Instance, state: State, whole: Sources
    ) -> dict[str, ValueSources]:
        """Each value that holds or may hold with what it rests on; ``whole``: what the result as a whole cites."""
        behind: dict[str, list[str]] = {}
        for names in (state.unknown_rules, state.true_rules):
            # A rule that holds takes the place of those that may.
            stage: dict[str, list[str]] = {}
            for name in names:
                for value in self._rules[name].values:
                    stage.setdefault(value, []).append(name)
            behind.update(stage)
        if len(state.candidates) == 1:
            (only,) = state.candidates
            if not isinstance(only, str):
                return {}
            certain = state.status == "determined" or only in state.certain
            rules = () if state.defaulted else tuple(behind.get(only, ()))
            return {only: self._value(only, certain, rules, whole)}
        candidates, sure = frozenset(state.candidates), frozenset(state.certain)
        found: dict[str, ValueSources] = {}
        for value in decision.values:
            if value not in candidates:
                continue
            rules = tuple(behind.get(value, ()))
            cited = self.of_rules(run, rules, instance)
            key = (decision.name, value, value in sure, rules, cited)
            kept = self._values.get(key)
            if kept is None:
                # What no rule concludes is the 默认.
                sources = sources_of(self.origins(rules, cited) if rules else decision.origins)
                kept = self._values[key] = self._value(value, value in sure, rules, sources)
            found[value] = kept
        return found

    def of_amount(
        self,
        run: Run | Seen,
        decision: Decision,
        instance: Instance,
        shown: dict[str, tuple[str, ...]],
        certain: frozenset[str],
    ) -> dict[str, ValueSources]:
        """Each amount that holds or may hold, as people read it, with what it rests on; ``shown``: the rules that give it,
        none for the 默认."""
        found: dict[str, ValueSources] = {}
        for text, rules in shown.items():
            origins = self.origins(rules, self.of_rules(run, rules, instance)) if rules else list(decision.origins)
            found[text] = self._value(text, text in certain, rules, sources_of(origins))
        return found

    def _value(self, value: str, certain: bool, rules: tuple[str, ...], sources: Sources) -> ValueSources:
        tone = min((self._rules[name].tone for name in rules), key=_TONES.index, default=None)
        return ValueSources(value, certain, tone, rules, sources.clauses, sources.citations, sources.offices)
