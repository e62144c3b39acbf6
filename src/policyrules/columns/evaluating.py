"""A ledger in codes under one policy: which passes it takes, and what comes out.

Why this exists: statistics come before what reads them, and what a circuit does not have comes from the definition; here the
passes are put in their order.

Invariants: every output that is asked for is there, from the planes or from the definition; which and why is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias, TypeVar

from policyrules.columns import classed
from policyrules.columns.contributed import Plan, plan_counted
from policyrules.columns.counted import Counted
from policyrules.columns.counting import Census
from policyrules.columns.domains import RECORD, Domain, axis_of, domain_of, joined
from policyrules.columns.groups import Groups, grouped
from policyrules.columns.handing import Given, Ledger, Told
from policyrules.columns.outputs import Asked, Piece, ask
from policyrules.columns.planeprogram import ColumnFacts, Facts, Output, Program
from policyrules.columns.planner import Planner
from policyrules.columns.running import BLOCK, Elsewhere, Run, Sets, facts_of, firsts, joined_pieces
from policyrules.columns.store import Prepared
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.counted import Contributed
from policyrules.engine.lowering.lowered import AmountOutput, AnyOutput, DecisionOutput, Lowered, Refused, roots
from policyrules.engine.lowering.values import Items, Options, Range, Truth, Unlowered
from policyrules.engine.lowering.values import Lowered as Value
from policyrules.engine.portfolio import Index

_MOST_KEPT: Final = 16

_Made = TypeVar("_Made")


@dataclass(slots=True)
class Handed:
    """What went to the definition: of each construct how many records."""

    records: Counter[str] = field(default_factory=Counter)

    def add(self, why: str, records: int) -> None:
        """So many records went there."""
        self.records[why] += records


@dataclass(frozen=True, slots=True)
class RuleAsked:
    """A rule of which it is told whether it holds: of the instances at ``place``."""

    name: str
    place: n.Place
    domain: Domain


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What came out: of each output its pieces, put together. ``refused``: what only the definition gives; ``rules``: of each
    rule asked for whether it holds. ``kernel``, ``threads``: what worked it out."""

    asked: tuple[Asked, ...]
    pieces: Mapping[Hashable, Piece]
    refused: tuple[tuple[Refused, tuple[Given, ...]], ...]
    rules: tuple[RuleAsked, ...]
    ledger: Ledger
    handed: Handed
    kernel: Any = None
    threads: int = 1


AnyPlan: TypeAlias = Plan | classed.Plan
Strata: TypeAlias = dict[int, dict[str, dict[int, n.Counted]]]
"""Statistics by stratum, then by name: the nodes that ask them."""


class Evaluation:
    """One policy over one ledger."""

    def __init__(
        self,
        lowered: Lowered,
        ledger: Ledger,
        sets: Sets | None = None,
        *,
        block: int = BLOCK,
        threads: int = 2,
        kernel: Any = None,
        whole: Mapping[str, Index] | None = None,
    ) -> None:
        """``whole``: of each statistic what the members of a larger ledger contribute, of which this is a part."""
        self.kernel = kernel
        self.lowered = lowered
        self.whole = whole
        self.engine = lowered.engine
        self.prepared = ledger.prepared
        self.sets = sets
        self.block = block
        self.threads = threads
        self.ledger = ledger
        self.handed = Handed()
        self.elsewhere = Elsewhere()
        self._told: dict[int, n.Foreign] = {}
        self._ledger_facts: Facts | None = None

    def evaluated(self, outputs: Sequence[AnyOutput], rules: Sequence[str], refused: Sequence[Refused]) -> Evaluated:
        """All of ``outputs``; ``rules``: those of which it is told whether they hold."""
        program, asked, spoken = self._program(outputs, rules)
        pieces = self._pass(program, self.prepared.evaluated)
        return self._told_of(asked, spoken, pieces, refused, range(self.prepared.evaluated))

    def streamed(
        self,
        outputs: Sequence[AnyOutput],
        rules: Sequence[str],
        refused: Sequence[Refused],
        make: Callable[[Prepared, dict[str, int], Evaluated], _Made],
    ) -> Iterator[_Made]:
        """As `evaluated`, block by block: what is made of the block, the first row of it in each table, and what came out, by
        whichever thread worked it out. What is the same for all records comes with each."""
        program, asked, spoken = self._program(outputs, rules)
        run = self._run(program)
        rows = self.prepared.evaluated
        if refused:
            # What was evaluated is kept for all that asks it.
            self.threads = 1

        def made(start: int, pieces: Mapping[Hashable, Piece]) -> _Made:
            end = min(start + run.size(self.block), rows)
            found = self._told_of(asked, spoken, pieces, refused, range(start, end))
            return make(run.cut(start, end), firsts(self.prepared, start), found)

        if rows:
            yield from run.blocks(self.block, self.threads, rows, made)
        else:
            yield made(0, run.empty())

    def _program(
        self, outputs: Sequence[AnyOutput], rules: Sequence[str]
    ) -> tuple[Program, list[Asked], list[RuleAsked]]:
        truths = {name: self.lowered.conditions[name] for name in rules}
        self._elsewhere(outputs, rules)
        facts = self._facts()
        key = (facts.key, tuple(map(id, outputs)), tuple(rules))
        found: tuple[Program, list[Asked], list[RuleAsked]] = self._once(
            key, lambda: self._planned(facts, outputs, truths)
        )
        return found

    def _told_of(
        self,
        asked: Sequence[Asked],
        spoken: Sequence[RuleAsked],
        pieces: Mapping[Hashable, Piece],
        refused: Sequence[Refused],
        records: range,
    ) -> Evaluated:
        given: list[tuple[Refused, tuple[Given, ...]]] = []
        for one in refused:
            given.append((one, tuple(self.ledger.given(one, records))))
            self.handed.add(one.why, len(records))
        of_rules = tuple(spoken)
        return Evaluated(
            tuple(asked), pieces, tuple(given), of_rules, self.ledger, self.handed, self.kernel, self.threads
        )

    def _once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What is made for like ledgers, made once: the last few are kept."""
        kept = self.lowered.kept
        found = kept.get(key)
        if found is None:
            found = make()
            if len(kept) >= _MOST_KEPT:
                kept.pop(next(iter(kept)), None)
            kept[key] = found
        return found

    def _planned(
        self, facts: Facts, outputs: Sequence[AnyOutput], truths: Mapping[str, Truth]
    ) -> tuple[Program, list[Asked], list[RuleAsked]]:
        planner = Planner(self.engine.program, facts)
        told: dict[Hashable, Output] = {}
        asked = [ask(planner, place, output, told) for place, output in enumerate(outputs)]
        spoken = [self._rule(planner, name, truth, told) for name, truth in truths.items()]
        return planner.finished(told), asked, spoken

    def _rule(self, planner: Planner, name: str, truth: Truth, told: dict[Hashable, Output]) -> RuleAsked:
        planner.plan((truth.true, truth.possible))
        decision = next(one for one in self.engine.program.decisions.values() if name in (*one.rules, *one.supplements))
        decided: list[DecisionOutput | AmountOutput] = [*self.lowered.decisions, *self.lowered.amounts]
        place = next(output.place for output in decided if output.decision is decision)
        bits = {"true": planner.bit(truth.true), "possible": planner.bit(truth.possible)}
        domain = joined((domain_of((axis_of(place),)), *map(planner.domain, bits.values())))
        for part, bit in bits.items():
            told[("rule", name), part] = planner.output(bit, domain)
        return RuleAsked(name, place, domain)

    def _facts(self) -> Facts:
        if self._ledger_facts is None:
            self._ledger_facts = facts_of(self.prepared, self.sets)
        return replace(self._ledger_facts, foreign=self.elsewhere.facts)

    def _run(self, program: Program) -> Run:
        days = self.lowered.kept.setdefault("days", {})
        cuts = self.lowered.kept.setdefault("cuts", {})
        return Run(
            self.engine, self.lowered.root, program, self.prepared, self.sets, self.elsewhere, days, self.kernel, cuts
        )

    def _pass(self, program: Program, rows: int) -> dict[Hashable, Piece]:
        run = self._run(program)
        found: dict[Hashable, list[Piece]] = {}
        domains = {key[0]: output.domain for key, output in program.outputs.items() if isinstance(key, tuple)}
        for pieces in run.blocks(self.block, self.threads, rows, lambda _, pieces: pieces, whole=True):
            for key, piece in pieces.items():
                domain = domains[key]
                if key not in found or (domain and domain[0] == RECORD):
                    found.setdefault(key, []).append(piece)
        if not found:
            # No records: what is of counties is there all the same.
            found = {key: [piece] for key, piece in run.empty().items()}
        return {key: joined_pieces(pieces) for key, pieces in found.items()}

    # ---- values from elsewhere

    def contributions(self, outputs: Sequence[AnyOutput], stratum: int) -> dict[str, classed.Census]:
        """What the members contribute to the statistics of a stratum that ``outputs`` need; those of the strata before it
        are of the whole ledger."""
        for number, counted in self._strata(outputs).items():
            if number == stratum:
                return {name: one for name, one in self._counted(counted) if isinstance(one, classed.Census)}
            self._stratum(counted)
        return {}

    def strata(self, outputs: Sequence[AnyOutput]) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """The strata of the statistics that ``outputs`` need; and the constructs that the definition has to be asked for."""
        strata = self._strata(outputs)
        self._elsewhere(outputs)
        return tuple(strata), tuple(dict.fromkeys(self.handed.records))

    def _elsewhere(self, outputs: Sequence[AnyOutput], rules: Sequence[str] = ()) -> None:
        """Work out the statistics that outputs and rules read, those first that others read."""
        for counted in self._strata(outputs, rules).values():
            self._stratum(counted)
        if self._told:
            self.elsewhere.told = Told(self.ledger, self._told)
            # What was evaluated is kept for all that asks it.
            self.threads = 1

    def _strata(self, outputs: Sequence[AnyOutput], rules: Sequence[str] = ()) -> Strata:
        """The statistics that outputs and rules read, by stratum; what the definition tells is noted."""

        def needed() -> list[n.Bit | n.Num]:
            nodes = [node for output in outputs for node in roots(output)]
            truths = (self.lowered.conditions[name] for name in rules)
            return nodes + [bit for truth in truths for bit in (truth.true, truth.possible)]

        key = ("strata", *map(id, outputs), *rules)
        told, found = self._once(key, lambda: self._reached(needed()))
        for node in told:
            self._tell(node, node.why)
        return found  # type: ignore[no-any-return]  # as it was made

    def _reached(self, waiting: list[n.Bit | n.Num]) -> tuple[list[n.Told], Strata]:
        told: list[n.Told] = []
        counted: dict[str, dict[int, n.Counted]] = {}
        seen: set[int] = set()
        while waiting:
            for node in n.reachable(waiting):
                if node.id in seen:
                    continue
                seen.add(node.id)
                if isinstance(node, n.Told):
                    told.append(node)
                elif isinstance(node, n.Counted):
                    counted.setdefault(node.name, {})[node.id] = node
            waiting = [
                node
                for name in counted
                if (own := self.lowered.statistics[name]) is not None
                for node in contributed_nodes(own)
                if node.id not in seen
            ]
        return told, {
            stratum: {name: own for name, own in counted.items() if self.engine.strata[name] == stratum}
            for stratum in sorted({self.engine.strata[name] for name in counted})
        }

    def _tell(self, node: n.Foreign, why: str) -> None:
        if node.id in self._told:
            return
        self._told[node.id] = node
        self.handed.add(why, self.prepared.evaluated)
        for part in ("true", "possible", "open_low", "open_high", "void", "perhaps_void"):
            self.elsewhere.facts[node.id, part] = ColumnFacts(low=0, high=1)
        for part in ("low", "high"):
            self.elsewhere.facts[node.id, part] = ColumnFacts(dtype="object", python=True)

    def _stratum(self, counted: Mapping[str, Mapping[int, n.Counted]]) -> None:
        for name, census in self._counted(counted):
            if isinstance(census, classed.Census):
                assert self.whole is not None
                census.index = self.whole[name]
            planes = census.planes if isinstance(census, Groups) else None
            value = Counted(census.values(), census.spread, planes)
            for number in counted[name]:
                self.elsewhere.counted[number] = value
                self.elsewhere.facts.update(((number, part), facts) for part, facts in value.facts().items())

    def _counted(
        self, counted: Mapping[str, Mapping[int, n.Counted]]
    ) -> Iterator[tuple[str, Census | Groups | classed.Census]]:
        """Of each statistic what the members contribute; what cannot be put into classes, the definition tells."""
        if self._told and self.elsewhere.told is None:
            self.elsewhere.told = Told(self.ledger, self._told)
            self.threads = 1
        facts = self._facts()
        key = (facts.key, tuple(counted), self.whole is None)
        program, plans, refused = self._once(key, lambda: self._counting(facts, counted))
        for name, why in refused.items():
            for node in counted[name].values():
                self._tell(node, why)
        if not plans:
            return
        pieces = self._pass(program, self.prepared.rows)
        places = None if self.sets is None else self.sets.places
        for name, plan in plans.items():
            own = self._with_counts(pieces, plan)
            if isinstance(plan, classed.Plan):
                yield name, classed.Census(plan, own, self.prepared, places)
            else:
                groups = grouped(plan, own[plan.member.own], self.prepared, places, self.kernel, self.threads)
                yield name, groups or Census(plan, own, self.prepared, places)

    def _counting(self, facts: Facts, names: Iterable[str]) -> tuple[Program, dict[str, AnyPlan], dict[str, str]]:
        """The program of what members contribute, and why some statistics are not in it."""
        planner = Planner(self.engine.program, facts)
        told: dict[Hashable, Output] = {}
        plans: dict[str, AnyPlan] = {}
        refused: dict[str, str] = {}
        for name in names:
            own = self.lowered.statistics[name]
            try:
                if own is None:
                    raise Unlowered("统计")
                # Of a part of a ledger, in classes: others' contributions come so too.
                planned = plan_counted if self.whole is None else classed.plan_counted
                plans[name] = planned(planner, name, own, told)
            except Unlowered as why:
                refused[name] = why.why
        wanted = {own for plan in plans.values() for own in plan.owns}
        told = {key: output for key, output in told.items() if isinstance(key, tuple) and key[0] in wanted}
        return planner.finished(told), plans, refused

    def _with_counts(self, pieces: Mapping[Hashable, Piece], plan: AnyPlan) -> dict[Hashable, Piece]:
        """Those of one statistic; a signature without parts has as many elements as its table has rows."""
        found: dict[Hashable, Piece] = {}
        opened = [one[0] if isinstance(one, tuple) else one.signature for one in plan.open]
        for signature in (plan.member, plan.asking, *opened):
            table = self.prepared.tables.get(signature.object)
            rows = 0 if table is None else table.rows
            found[signature.own] = pieces.get(signature.own) or Piece(rows, {})
        return found


def contributed_nodes(counted: Contributed) -> list[n.Bit | n.Num]:
    """The nodes that the contributions to a statistic read."""
    values: list[Value] = [counted.where, *counted.keys, *counted.asked]
    values += [one for one in (counted.match, counted.value) if one is not None]
    found: list[n.Bit | n.Num] = []
    for one in counted.open:
        found.append(one.exists)
        values += [one.where, *one.keys]
    for value in values:
        match value:
            case Truth(true, possible):
                found += [true, possible]
            case Range():
                found += [value.low, value.high, value.open_low, value.open_high, value.void, value.perhaps]
            case Options(options, any_):
                found += [any_, *(bit for bit, _ in options)]
            case Items(items):
                found += [bit for truth in items.values() for bit in (truth.true, truth.possible)]
            case _:
                continue
    return found


def chosen(lowered: Lowered, outputs: Collection[str] | None) -> tuple[list[AnyOutput], list[Refused]]:
    """The outputs that names or keys ask for; all where None."""

    def wanted(name: str, key: str = "") -> bool:
        return outputs is None or name in outputs or (key != "" and key in outputs)

    decided: list[DecisionOutput | AmountOutput] = [*lowered.decisions, *lowered.amounts]
    found: list[AnyOutput] = [one for one in decided if wanted(one.decision.name, one.decision.key)]
    found += [one for one in lowered.findings if wanted(one.declaration.name)]
    return found, [one for one in lowered.refused if wanted(one.declaration.name, getattr(one.declaration, "key", ""))]


__all__ = ["Evaluated", "Evaluation", "Handed", "chosen"]
