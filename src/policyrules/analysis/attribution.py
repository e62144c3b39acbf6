"""Which provisions brought a change about, found by trying them out.

Why this exists: a list of provisions that look alike names those that do nothing and leaves out those that do. Here a result
is asked for under the selections of the acts by which two programs differ (`analysis.atoms`), and what is said of a
provision is what those results say.

Invariants: nothing is named that was not tried; a set is called enough, changing or undoing because the result under it is
that, and the definition, asked again, agrees, or the cause is a fault and not told; of each kind all least sets are told, or it
is said up to what size they were tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, Literal, TypeAlias

from policyrules.analysis.blending import Blend
from policyrules.analysis.counting import running
from policyrules.analysis.lattice import Plane, Selection, Unfit
from policyrules.analysis.planes import Split
from policyrules.analysis.trials import SIZE, Asked, Results, Trials, outcome_of, targets
from policyrules.engine.evaluate import Run
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio
from policyrules.interpreter import Interpreter
from policyrules.program.graph import Kind, Name, reachable, result_named

How: TypeAlias = Literal["alone", "jointly", "either", "mixed", "unfound"]
Part: TypeAlias = Literal["alone", "jointly", "either"]

CONFIRMED: Final = 3
"""Of so many changes with one cause it is confirmed by the definition; of a decision that takes one value of all, until there are"""
ALL_CONFIRMED: Final = 1_000
"""so many of them, counted by their weight (`weight_of`)."""
RUNS_ASKED: Final = 12_000
"""Records that the definition is asked about under some selection; two rows count as a record. At least one is."""
MEMBERS_ASKED: Final = 30_000
"""So many times a member is asked by the definition what it contributes to statistics; at least once all of them."""
ROWS: Final = 20
"""So many rows of a record make its results as long again to look at."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A result on one object of one record: the number of the record among the members, the path of the object, the decision or
    finding; of a decision that takes several values the one that is asked about, else ''."""

    index: int
    path: str
    name: str
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

    def parts(self) -> dict[int, Part]:
        """What each act of a set that is enough does: ``alone`` where it is the only such set, ``jointly`` where it needs
        others, ``either`` where it is enough and something else is too."""
        found: dict[int, Part] = {}
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
    results of the definition confirmed them; ``by_definition``: of what
    the definition was asked selection by selection."""

    causes: dict[Spot, Cause]
    faults: tuple[Fault, ...]
    checked: int
    by_definition: tuple[str, ...]


# ---- causes ---------------------------------------------------------------------------------------------------------


def ends(results: Results, found: Split) -> tuple[Hashable, Hashable]:
    """What it comes to with none of the acts, and with all."""
    sides = frozenset[int](), frozenset(results.acts)
    old, new = (next(one for one, plane in found.items() if results.sets.holds(plane, side)) for side in sides)
    return old, new


def cause_of(results: Results, found: Split) -> Cause | None:
    """Why the result is another with all acts than with none; None where it is not. Where there are too many least sets, those
    of up to `SIZE` acts or fewer are told."""
    before, after = ends(results, found)
    if before == after:
        return None
    for size in (results.size, *range(min(SIZE, results.size - 1), 0, -1)) if results.size else ():
        try:
            return _cause(results, found, found[before], found[after], size)
        except Unfit:
            continue
    return Cause((), (), (), False, 0, results.acts, results.acts, None)


def _cause(results: Results, found: Split, old: Plane, new: Plane, size: int) -> Cause:
    sets = results.sets
    sets.begin()
    others = [plane for plane in found.values() if plane is not new]
    another = others[0]
    for plane in others[1:]:
        another |= plane
    whole = results.whole and size == results.size
    return Cause(
        sets.least(new, size),
        sets.least(sets.turned(another), size),
        sets.least(sets.turned(old), size),
        whole,
        size,
        results.acts,
        sets.turns_on(*found.values()) if results.whole else results.acts,
        sets.rises(new) if results.whole else None,
    )


def rows_of(root: Instance) -> int:
    """How many rows a record has."""
    count, waiting = 0, [root]
    while waiting:
        for rows in waiting.pop().rows.values():
            count += len(rows or ())
            waiting.extend(rows or ())
    return count


def weight_of(root: Instance) -> int:
    """How long a result of a record takes to look at, by its rows: one and, for every `ROWS` of them, one more."""
    return _weight(rows_of(root))


def _weight(rows: int) -> int:
    return 1 + rows // ROWS


Check: TypeAlias = tuple[Spot, Callable[[Hashable], bool], str]


def causes(
    blend: Blend,
    portfolio: Portfolio,
    spots: Iterable[Spot],
    *,
    said: Callable[[Spot], tuple[Hashable, Hashable]] | None = None,
) -> Causes:
    """Why each of these results changed. ``said``: what the old and the new program say of one themselves (None: the program does
    not have it)."""
    # Record by record: results of one have much in common.
    asked = sorted(spots, key=lambda spot: spot.index)
    search = _Search(Trials(blend, portfolio, dict.fromkeys(spot.name for spot in asked)), said)
    for spot in asked:
        search.ask(spot)
    search.confirm()
    told = {spot: cause for spot, cause in search.found.items() if spot not in search.faults}
    return Causes(told, tuple(search.faults.values()), search.checked, tuple(search.by_definition))


@dataclass(frozen=True, slots=True)
class _Tried:
    """A selection among all acts: these acts, or with ``but`` all but these."""

    acts: Selection
    but: bool = False

    def __contains__(self, act: object) -> bool:
        return (act in self.acts) is not self.but


@dataclass(slots=True)
class _Question:
    """One kind of result. ``known``: by what it comes to under every selection, why it is another with all acts, and what it is with
    none and with all; ``confirmed``: how many changes have a cause; ``several``: how many are confirmed, by their weight."""

    results: Results
    single: bool
    known: dict[frozenset[tuple[Hashable, Plane]], tuple[Cause | None, Hashable, Hashable]]
    confirmed: Counter[Cause]
    several: int = 0


class _Search:
    def __init__(self, trials: Trials, said: Callable[[Spot], tuple[Hashable, Hashable]] | None) -> None:
        self.trials = trials
        self.said = said
        self.members = trials.portfolio.members
        self.every = frozenset(atom.number for atom in trials.blend.atoms)
        self.found: dict[Spot, Cause] = {}
        self.faults: dict[Spot, Fault] = {}
        self.checked = 0
        self.by_definition: dict[str, None] = {}
        self._checks: dict[_Tried, list[Check]] = {}
        self._targets: dict[int, dict[str, Instance]] = {}
        self._questions: dict[Asked, _Question] = {}
        self._rows: dict[int, int] = {}
        self._statistics: Selection | None = None

    def instance(self, spot: Spot) -> tuple[Instance, Instance]:
        """The record and the object of a spot."""
        program = self.trials.side(frozenset()).program
        found = self._targets.get(spot.index)
        if found is None:
            found = self._targets[spot.index] = targets(program, self.members[spot.index])
        instance, decision = found[spot.path], program.decisions.get(spot.name)
        # A record tells the decisions on what it belongs to with its own.
        while decision is not None and instance.object != decision.object and instance.parent is not None:
            instance = instance.parent
        return self.members[spot.index], instance

    def ask(self, spot: Spot) -> None:
        """Find the cause of a result."""
        asked = Asked(spot.name, spot.value)
        question = self._questions.get(asked)
        if question is None:
            question = self._questions[asked] = _Question(
                self.trials.results(asked), self._single(asked), {}, Counter()
            )
        results, known = question.results, question.known
        split = results.of(*self.instance(spot))
        same = frozenset(split.items())
        if same not in known:
            known[same] = cause_of(results, split), *ends(results, split)
        cause, old, new = known[same]
        self._agrees(spot, old, new)
        if cause is not None and spot not in self.faults:
            self.found[spot] = cause
            self._check(question, spot, cause, old, new)
        if results.by_definition:
            self.by_definition[asked.name] = None

    def _single(self, asked: Asked) -> bool:
        """Whether it is a decision that takes one value."""
        name = result_named(self.trials.side(frozenset()).graph, asked.name)
        return isinstance(name, Name) and name.kind is Kind.DECISION and not asked.value

    def _agrees(self, spot: Spot, old: Hashable, new: Hashable) -> None:
        """The program with nothing on is the old one, that with everything on the new one."""
        if self.said is None:
            return
        pairs = zip((frozenset[int](), self.every), self.said(spot), (old, new), strict=True)
        for selection, said, got in pairs:
            if said is not None and said != got and spot not in self.faults:
                self.faults[spot] = Fault(spot, selection, str(got), str(said))

    def _check(self, question: _Question, spot: Spot, cause: Cause, old: Hashable, new: Hashable) -> None:
        done = question.confirmed[cause]
        question.confirmed[cause] += 1
        if done >= CONFIRMED and not (question.single and question.several < ALL_CONFIRMED):
            return
        question.several += _weight(self._rows_of(spot.index))
        for one in cause.enough:
            self._put(_Tried(one), spot, lambda got: got == new, str(new))
        for one in cause.change:
            self._put(_Tried(one, but=True), spot, lambda got: got != new, f"不是{new}")
        for one in cause.undo:
            self._put(_Tried(one, but=True), spot, lambda got: got == old, str(old))

    def _rows_of(self, index: int) -> int:
        found = self._rows.get(index)
        if found is None:
            found = self._rows[index] = rows_of(self.members[index])
        return found

    def _put(self, selection: _Tried, spot: Spot, holds: Callable[[Hashable], bool], words: str) -> None:
        self._checks.setdefault(selection, []).append((spot, holds, words))

    def confirm(self) -> None:
        """Ask the definition about every set that was found, of the program as far as it was asked about and of all records."""
        names = tuple(dict.fromkeys(spot.name for spot in self.found))
        counted = {name: self._counted_by(name) for name in names}
        portfolio = Portfolio(self.members)
        most = max(1, MEMBERS_ASKED // max(1, len(self.members)))
        alike: dict[Selection, Interpreter] = {}
        asked = 0
        # What reads statistics is asked together, since these are kept; the rest as far as it is asked about under a selection.
        counting = tuple(name for name in names if counted[name] is not None)
        for selection, checks in self._checks.items():
            alone = tuple(dict.fromkeys(spot.name for spot, _, _ in checks if counted[spot.name] is None))
            interpreters: dict[bool, Interpreter] = {}
            runs: dict[tuple[int, bool], Run] = {}
            for spot, holds, words in checks:
                acts = counted[spot.name]
                on = frozenset(act for act in acts or () if act in selection)
                if acts is not None and len(alike) >= most and on not in alike:
                    continue
                root, instance = self.instance(spot)
                interpreter = interpreters.get(acts is None)
                if interpreter is None:
                    interpreter = self.trials.under(selection, alone if acts is None else counting)
                    interpreters[acts is None] = interpreter
                run = runs.get((spot.index, acts is None))
                if run is None:
                    cost = 1 + self._rows_of(spot.index) // 2
                    if asked and asked + cost > RUNS_ASKED:
                        continue
                    asked += cost
                    # Under selections that are alike in what statistics read, the members contribute alike.
                    like = interpreter if acts is None else alike.setdefault(on, interpreter)
                    run = running(interpreter, root, None if acts is None else portfolio, like=like)
                    runs[spot.index, acts is None] = run
                got = outcome_of(interpreter, run, Asked(spot.name, spot.value), instance)
                self.checked += 1
                if not holds(got):
                    told = frozenset(act for act in self.every if act in selection)
                    self._refute(Fault(spot, told, words, str(got)))

    def _counted_by(self, name: str) -> Selection | None:
        """The acts that statistics read; None of what reads no statistics."""
        side = self.trials.side(frozenset())
        called = result_named(side.graph, name)
        if called is None or all(one.kind is not Kind.STATISTIC for one in reachable(side.graph, [called])):
            return None
        if self._statistics is None:
            chosen = frozenset(atom.number for atom in self.trials.blend.chosen)
            self._statistics = chosen.union(*map(side.acts_of, side.program.statistics))
        return self._statistics

    def _refute(self, fault: Fault) -> None:
        """What is wrong of one change is told of none that has the same cause."""
        cause = self.found.get(fault.spot)
        for spot, other in self.found.items():
            if other == cause and (spot.name, spot.value) == (fault.spot.name, fault.spot.value):
                self.faults.setdefault(spot, replace(fault, spot=spot))
