"""Which provisions brought a change about, found by trying them out.

Why this exists: a list of provisions that look alike names those that do nothing and leaves out those that do. Here a result
is asked for under the selections of the acts by which two programs differ (`analysis.atoms`), and what is said of a
provision is what those results say.

Invariants: nothing is named that was not tried; a set is called enough, changing or undoing because the result under it is
that, and the definition, asked again for the whole program, agrees, or the cause is a fault and not told; of each kind all
least sets are told, or it is said up to what size they were tried.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final, Literal, TypeAlias

from policyrules.analysis.atoms import Atom, Blend
from policyrules.analysis.counting import Counting, Under
from policyrules.analysis.lattice import SIZE, WHOLE, Columns, Plane, Selection
from policyrules.analysis.planes import Element, Planes, Shape, Split, Unfit, at, elements
from policyrules.engine.compiled.tables import decided
from policyrules.engine.evaluate import Run
from policyrules.engine.instances import Instance
from policyrules.engine.lowering.lowered import AmountOutput, DecisionOutput, lowered, roots
from policyrules.engine.lowering.nodes import Bit
from policyrules.engine.lowering.values import Truth
from policyrules.engine.portfolio import Portfolio
from policyrules.interpreter import Interpreter
from policyrules.program import nodes as core
from policyrules.program.graph import Kind, Name, definitions, reachable, sliced

How: TypeAlias = Literal["alone", "jointly", "either", "mixed", "unfound"]

BY_DEFINITION: Final = 10
"""Up to so many acts all selections are tried where the definition has to be asked for each of them."""
_CHOSEN: Final = 4
"""Acts without a switch for which a circuit is made under each selection of them."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A decision on one object of one record: the number of the record, the path of the object, the decision; of a decision
    that takes several values the one that is asked about, else ''."""

    index: int
    path: str
    decision: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a result changed. ``enough``: the least sets of acts that bring the new result about by themselves; ``change``: those
    without which it is another; ``undo``: those without which it is the old one. ``complete``: whether all selections of
    the acts that the result reads (``acts``) were tried, else ``size`` is how large the sets were that were put in and left
    out; ``monotone``: whether the new result stays whatever is added to what brings it about, None where not all was tried;
    ``relevant``: the acts that make a difference in some selection."""

    enough: tuple[Selection, ...]
    change: tuple[Selection, ...]
    undo: tuple[Selection, ...]
    complete: bool
    size: int
    acts: tuple[int, ...]
    relevant: tuple[int, ...]
    monotone: bool | None

    @property
    def how(self) -> How:
        """``alone``: one act; ``jointly``: only several together; ``either``: several sets without a common act, each enough;
        ``mixed``: sets of which some share an act; ``unfound``: none of the tried size."""
        if not self.enough:
            return "unfound"
        if len(self.enough) == 1:
            return "alone" if len(self.enough[0]) == 1 else "jointly"
        apart = all(one.isdisjoint(other) for one, other in combinations(self.enough, 2))
        return "either" if apart else "mixed"

    @property
    def masked(self) -> tuple[Selection, ...]:
        """Sets without which the result is another but not the old one, and no part of which undoes it: something else stands
        behind them (抵消)."""
        return tuple(one for one in self.change if not any(other <= one for other in self.undo))

    @property
    def named(self) -> Selection:
        """Every act that is part of a set that is enough, or undoes."""
        return frozenset().union(*self.enough, *self.undo)

    def parts(self) -> dict[int, Literal["alone", "jointly", "either"]]:
        """What each act of a set that is enough does: ``alone`` where it is the only such set, ``jointly`` where it needs
        others, ``either`` where it is enough and something else is too."""
        found: dict[int, Literal["alone", "jointly", "either"]] = {}
        for act in sorted(frozenset().union(*self.enough)):
            if frozenset({act}) in self.enough:
                found[act] = "alone" if len(self.enough) == 1 else "either"
            else:
                found[act] = "jointly"
        return found


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the definition, asked again, does not say what was found: under which selection. Nothing is told of such a change."""

    spot: Spot
    selection: Selection
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Causes:
    """``causes``: of each change that was asked about; ``faults``: of those whose cause was not confirmed; ``checked``: how many
    results of the definition confirmed them; ``asked``: decisions for which the definition was asked selection by selection."""

    causes: dict[Spot, Cause]
    faults: tuple[Fault, ...]
    checked: int
    asked: tuple[str, ...]


# ---- what a decision comes to ---------------------------------------------------------------------------------------


def outcome_of(run: Run, decision: core.Decision, instance: Instance, value: str = "") -> Hashable:
    """What a decision comes to, as far as two results are told apart: how it stands, what it may be and surely is; of an amount how
    it stands and its number; of one value of several 不适用, 含, 可能 or 不含."""
    if decision.type is not None:
        amount = run.amount(decision.name, instance).state
        return amount.status, amount.value
    state = run.decision(decision.name, instance).state
    return _told(decision, state.status, state.candidates, state.certain, value)


def _told(
    decision: core.Decision, status: str, candidates: Iterable[object], certain: Iterable[object], value: str
) -> Hashable:
    if not value:
        return status, frozenset(map(str, candidates)), frozenset(certain)
    if status == "not_applicable":
        return "不适用"
    return "含" if value in certain else "可能" if value in candidates else "不含"


class Results:
    """What one decision (or one value of it) comes to on instances, under every column."""

    def __init__(self, blend: Blend, decision: str, portfolio: Portfolio, value: str = "", *, circuits: bool = True) -> None:
        self.blend = blend
        self.decision = decision
        self.value = value
        self.portfolio = portfolio
        whole = _slice(blend, (), decision)
        read = _parameters(whole, decision)
        self.chosen = tuple(
            atom for atom in blend.atoms if not atom.switch and (atom.name in whole.decisions or atom.kind == "清单")
        )
        self.acts = tuple(atom for atom in blend.atoms if atom.switch and atom.switch in read)
        self._sides: list[_Circuit] = []
        if circuits and len(self.chosen) <= _CHOSEN:
            self._make_circuits(whole)
        if not self._sides:
            self._ask(whole)
        self._found: dict[Hashable, Split] = {}

    def _make_circuits(self, whole: core.Program) -> None:
        try:
            first = _Circuit(self, whole)
            self.acts = first.acts
            self.columns = Columns([atom.number for atom in (*self.acts, *self.chosen)])
            if not self.columns.whole and self.chosen:
                return
            sides = [first]
            for answers in list(product((False, True), repeat=len(self.chosen)))[1:]:
                # The first of the acts without a switch has the lowest place.
                on = [atom.number for atom, answer in zip(self.chosen, reversed(answers), strict=True) if answer]
                sides.append(_Circuit(self, _slice(self.blend, on, self.decision)))
            inner = Columns([atom.number for atom in self.acts])
            for side in sides:
                side.start(inner)
            self._sides = sides
        except Unfit:
            self._sides = []

    def _ask(self, whole: core.Program) -> None:
        """Prepare to ask the definition."""
        self.columns = Columns([atom.number for atom in (*self.acts, *self.chosen)], whole=BY_DEFINITION)
        self._under: dict[Selection, tuple[Interpreter, Portfolio]] = {}

    @property
    def by_definition(self) -> bool:
        """Whether the definition is asked for each selection."""
        return not self._sides

    def of(self, root: Instance, instance: Instance) -> Split:
        """What it comes to on an instance of a record: each outcome with the columns in which it does."""
        if self._sides:
            try:
                return self._by_circuits(root, instance)
            except Unfit:
                self._sides = []
                self._found = {}
                self._ask(_slice(self.blend, (), self.decision))
        return self._by_definition(root, instance)

    def _by_circuits(self, root: Instance, instance: Instance) -> Split:
        alike = tuple([side.alike(root, instance) for side in self._sides])
        found = self._found.get(alike)
        if found is None:
            found = {}
            width = self._sides[0].columns.count
            for place, side in enumerate(self._sides):
                for outcome, plane in side.outcomes(root, instance).items():
                    found[outcome] = found.get(outcome, 0) | plane << (place * width)
            self._found[alike] = found
        return found

    def _by_definition(self, root: Instance, instance: Instance) -> Split:
        found: Split = {}
        for column in range(self.columns.count):
            interpreter, portfolio = self._selected(self.columns.selection(column))
            run = interpreter.run(root, portfolio)
            outcome = outcome_of(run, interpreter.program.decisions[self.decision], instance, self.value)
            found[outcome] = found.get(outcome, 0) | 1 << column
        return found

    def _selected(self, selection: Selection) -> tuple[Interpreter, Portfolio]:
        found = self._under.get(selection)
        if found is None:
            chosen = frozenset(atom.number for atom in self.chosen) & selection
            switches = {atom.number: atom.switch for atom in self.acts}
            base = Interpreter(_slice(self.blend, chosen, self.decision), "")
            found = self._under[selection] = Under(base, switches)(selection), Portfolio(self.portfolio.members)
        return found


class _Circuit:
    """The circuit of one slice, and what it comes to under all columns."""

    def __init__(self, results: Results, program: core.Program) -> None:
        self.portfolio = results.portfolio
        self.value = results.value
        self.interpreter = Interpreter(program, "")
        engine = self.interpreter.engine
        self.switches = {atom.number: atom.switch for atom in results.acts}
        whole = lowered(engine, vary=self.switches.values())
        output = next(
            (one for one in (*whole.decisions, *whole.amounts) if one.decision.name == results.decision), None
        )
        if output is None:
            raise Unfit
        self.output = output
        self.read = tuple(self._read(output))
        self.shape = Shape(self.read, whole.root)
        if self.shape.told:
            raise Unfit
        # What the definition counts may turn on more switches than the circuit reads itself.
        self.acts = results.acts

    def _read(self, output: DecisionOutput | AmountOutput) -> Iterator[Bit]:
        match output:
            case AmountOutput():
                yield from (node for node in roots(output))  # type: ignore[misc]  # numbers are read beside bits
            case DecisionOutput(chosen=found):
                for truth in self._truths(output):
                    yield from (truth.true, truth.possible)

    def _truths(self, output: DecisionOutput) -> list[Truth]:
        found = output.chosen
        concluded = list(found.concluded)
        if self.value:
            concluded = [concluded[output.decision.values.index(self.value)]]
        return [found.applies, *concluded, *([] if self.value else found.rankings)]

    def start(self, columns: Columns) -> None:
        """Prepare for columns."""
        self.columns = columns
        self.on = {name: columns.on[act] for act, name in self.switches.items()}
        under = Under(self.interpreter, self.switches)
        self.counts = Counting(self.interpreter, self.switches, columns, self.on, self.portfolio, under)

    def _element(self, root: Instance, instance: Instance) -> Element:
        place = self.output.place
        return next(one for one in elements(place.space, root) if at(place, one) is instance)

    def alike(self, root: Instance, instance: Instance) -> Hashable:
        """What the decision reads of an instance, and what it is told of others."""
        element = self._element(root, instance)
        told = [
            (node.id, *self.counts(node.name, root, at(node.place, element[: node.place.space.depth + 1])).items())
            for node in self.shape.counted
            if node.place.space.depth < len(element)
        ]
        if len(told) < len(self.shape.counted):
            return root.path, id(root), id(instance)
        return self.shape.of(element), tuple(told)

    def outcomes(self, root: Instance, instance: Instance) -> Split:
        """What the decision comes to on an instance."""
        planes = Planes(self.interpreter.engine, self.on, self.columns.full, root, self.counts)
        element = self._element(root, instance)
        output = self.output
        if isinstance(output, AmountOutput):
            return self._amount(output, planes, element)
        pairs = [(planes.bit(one.true, element), planes.bit(one.possible, element)) for one in self._truths(output)]
        classes: list[tuple[Plane, tuple[bool | None, ...]]] = [(self.columns.full, ())]
        for true, possible in pairs:
            kinds: tuple[tuple[Plane, bool | None], ...] = (
                (true, True),
                (possible & ~true, None),
                (self.columns.full & ~possible, False),
            )
            classes = [
                (plane & kind, (*truths, truth))
                for plane, truths in classes
                for kind, truth in kinds
                if plane & kind
            ]
        found: Split = {}
        for plane, truths in classes:
            outcome = self._outcome(output.decision, truths)
            found[outcome] = found.get(outcome, 0) | plane
        return found

    def _outcome(self, decision: core.Decision, truths: Sequence[bool | None]) -> Hashable:
        values = decision.values
        if self.value:
            concluded = [truths[1] if value == self.value else False for value in values]
            ranked: Sequence[bool | None] = [False for _ in decision.ranks]
        else:
            concluded, ranked = list(truths[1 : 1 + len(values)]), truths[1 + len(values) :]
        state = decided(decision, truths[0], concluded, ranked)
        return _told(decision, state.status, state.candidates, state.certain, self.value)

    def _amount(self, output: AmountOutput, planes: Planes, element: Element) -> Split:
        from policyrules.engine import values as v

        value, full = output.value, self.columns.full
        found: Split = {}
        statuses = {status: planes.bit(bit, element) for status, bit in output.status.items()}
        void, perhaps = planes.bit(value.void, element), planes.bit(value.perhaps, element)
        ends: list[Split] = []
        for number, open_ in ((value.low, value.open_low), (value.high, value.open_high)):
            plane = planes.bit(open_, element) | void
            end: Split = {None: plane} if plane else {}
            for one, columns in planes.number(number, element).items() if plane != full else ():
                if columns & ~plane:
                    end[one] = end.get(one, 0) | columns & ~plane
            ends.append(end)
        for status, stands in statuses.items():
            for gone, perhaps_gone in product((False, True), repeat=2):
                plane = stands & (void if gone else full & ~void) & (perhaps if perhaps_gone else full & ~perhaps)
                for low, lows in ends[0].items() if plane else ():
                    for high, highs in ends[1].items():
                        if both := plane & lows & highs:
                            outcome = status, v.VOID if gone else v.interval(low, high, perhaps_gone)
                            found[outcome] = found.get(outcome, 0) | both
        return found


def _slice(blend: Blend, chosen: Iterable[int], decision: str) -> core.Program:
    program = blend.program(chosen)
    return sliced(program, definitions(program), [decision])


def _parameters(program: core.Program, decision: str) -> frozenset[str]:
    """The parameters that a decision reads."""
    found = reachable(definitions(program), [Name(Kind.DECISION, decision)])
    return frozenset(name.word for name in found if name.kind is Kind.PARAMETER)


# ---- causes ---------------------------------------------------------------------------------------------------------


def cause_of(columns: Columns, found: Split) -> Cause | None:
    """Why the result is another with all acts than with none; None where it is not."""
    old = next(plane for plane in found.values() if plane & 1)
    new = next(plane for plane in found.values() if plane >> (columns.count - 1) & 1)
    if old == new:
        return None
    turning = dict.fromkeys(act for plane in found.values() for act in columns.turns_on(plane))
    return Cause(
        columns.least(new),
        columns.least_without(columns.full & ~new),
        columns.least_without(old),
        columns.whole,
        columns.size,
        columns.acts,
        tuple(act for act in columns.acts if act in turning),
        columns.rises(new),
    )


def instances_by_path(root: Instance) -> dict[str, Instance]:
    """A record, its rows, and what it belongs to with its rows, by path; where a path is used twice, the nearest."""
    waiting, found = [root], dict[str, Instance]()
    above = root.parent
    while above is not None:
        waiting.append(above)
        above = above.parent
    for instance in waiting:
        if instance.path not in found:
            found[instance.path] = instance
            waiting.extend(row for rows in instance.rows.values() for row in rows or ())
    return found


def causes(
    blend: Blend,
    portfolio: Portfolio,
    spots: Iterable[Spot],
    *,
    confirmed: Callable[[Spot], tuple[Hashable, Hashable]] | None = None,
) -> Causes:
    """Why each of these results changed. ``confirmed``: what the old and the new program say of one themselves."""
    by_decision: dict[tuple[str, str], list[Spot]] = {}
    for spot in spots:
        by_decision.setdefault((spot.decision, spot.value), []).append(spot)
    found: dict[Spot, Cause] = {}
    checks: dict[Selection, list[tuple[Spot, Callable[[Hashable], bool], str]]] = {}
    asked: list[str] = []
    faults: dict[Spot, Fault] = {}
    instances = {spot: _instance(portfolio, spot) for own in by_decision.values() for spot in own}
    every = frozenset(atom.number for atom in blend.atoms)
    for (decision, value), own in by_decision.items():
        results = Results(blend, decision, portfolio, value)
        known: dict[int, tuple[Split, Cause | None]] = {}
        for spot in own:
            root, instance = instances[spot]
            split = results.of(root, instance)
            pair = known.get(id(split))
            if pair is None:
                pair = known[id(split)] = split, cause_of(results.columns, split)
            cause = pair[1]
            old = next(outcome for outcome, plane in split.items() if plane & 1)
            new = next(outcome for outcome, plane in split.items() if plane >> (results.columns.count - 1) & 1)
            if confirmed is not None:
                for which, (said, got) in enumerate(zip(confirmed(spot), (old, new), strict=True)):
                    if said != got and spot not in faults:
                        faults[spot] = Fault(spot, every if which else frozenset(), _words(said), _words(got))
            if cause is None or spot in faults:
                continue
            found[spot] = cause
            for one in cause.enough:
                checks.setdefault(one, []).append((spot, lambda got, new=new: got == new, _words(new)))  # type: ignore[misc]
            for one in cause.change:
                checks.setdefault(every - one, []).append((spot, lambda got, new=new: got != new, f"不是{_words(new)}"))  # type: ignore[misc]
            for one in cause.undo:
                checks.setdefault(every - one, []).append((spot, lambda got, old=old: got == old, _words(old)))  # type: ignore[misc]
        if results.by_definition:
            asked.append(decision)
    checked = 0
    for selection, asks in checks.items():
        outcomes = _Unsliced(blend, portfolio, selection)
        for spot, holds, words in asks:
            got = outcomes.of(spot, *instances[spot])
            checked += 1
            if not holds(got) and spot not in faults:
                faults[spot] = Fault(spot, selection, words, _words(got))
    told = {spot: cause for spot, cause in found.items() if spot not in faults}
    return Causes(told, tuple(faults.values()), checked, tuple(dict.fromkeys(asked)))


class _Unsliced:
    """The whole program under one selection, by the definition, with all records."""

    def __init__(self, blend: Blend, portfolio: Portfolio, selection: Selection) -> None:
        chosen = frozenset(atom.number for atom in blend.chosen) & selection
        program = blend.program(chosen)
        switches = {atom.number: atom.switch for atom in blend.atoms if atom.switch}
        self._interpreter = Under(Interpreter(program, ""), switches)(selection)
        self._portfolio = Portfolio(portfolio.members)
        self._runs: dict[int, Run] = {}

    def of(self, spot: Spot, root: Instance, instance: Instance) -> Hashable:
        run = self._runs.get(spot.index)
        if run is None:
            run = self._runs[spot.index] = self._interpreter.run(root, self._portfolio)
        return outcome_of(run, self._interpreter.program.decisions[spot.decision], instance, spot.value)


def _instance(portfolio: Portfolio, spot: Spot) -> tuple[Instance, Instance]:
    root = portfolio.members[spot.index]
    return root, instances_by_path(root)[spot.path]


def _words(outcome: Hashable) -> str:
    return str(outcome)


def atoms_of(blend: Blend, acts: Iterable[int]) -> tuple[Atom, ...]:
    """The atoms of numbers, in their order."""
    return tuple(blend.atoms[act] for act in sorted(acts))
