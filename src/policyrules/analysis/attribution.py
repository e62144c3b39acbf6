"""Which provisions brought a change about, found by trying them out.

Why this exists: a list of provisions that look alike names those that do nothing and leaves out those that do. Here a result
is asked for under selections of the atoms by which two programs differ (`analysis.atoms`), and what is said of a provision
is what those results say.

Invariants: nothing is named that was not tried; a set is called enough, changing or undoing because evaluating under it
gives that; of each kind all minimal sets up to the stated size are told, or it is said that the search stopped.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Final, Literal, TypeAlias

from policyrules.analysis.atoms import Atom, Blend
from policyrules.engine.evaluate import Run
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio
from policyrules.engine.prepared import Engine
from policyrules.interpreter import Interpreter
from policyrules.program import nodes as core
from policyrules.program.graph import Kind, Name, definitions, reachable, sliced

Selection: TypeAlias = frozenset[int]
"""Numbers of the atoms that are on."""
How: TypeAlias = Literal["alone", "jointly", "either", "mixed", "unfound"]

WHOLE: Final = 10
"""With up to so many atoms all selections are tried."""
SIZE: Final = 3
"""With more of them sets of up to so many are."""


@dataclass(frozen=True, slots=True)
class Place:
    """A decision on one object of one record: the number of the record, the path of the object, the decision."""

    index: int
    path: str
    decision: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a result changed. ``enough``: the least sets that bring the new result about by themselves; ``change``: those
    without which it is another; ``undo``: those without which it is the old one. ``complete``: whether all selections were
    tried, else ``size`` is how large the sets were; ``atoms``: how many the decision reads, and ``tried`` how many
    selections were evaluated."""

    enough: tuple[Selection, ...]
    change: tuple[Selection, ...]
    undo: tuple[Selection, ...]
    complete: bool
    size: int
    atoms: int
    tried: int

    @property
    def how(self) -> How:
        """``alone``: one provision, and without it the old result stands; ``jointly``: only several together;
        ``either``: several sets, each enough; ``mixed``: sets of which some share a provision, or one that is enough though
        without it another result stands; ``unfound``: none of the tried size."""
        if not self.enough:
            return "unfound"
        if len(self.enough) == 1:
            only = self.enough[0]
            if len(only) > 1:
                return "jointly"
            return "alone" if only in self.undo else "mixed"
        apart = all(one.isdisjoint(other) for one, other in combinations(self.enough, 2))
        return "either" if apart else "mixed"

    @property
    def masked(self) -> tuple[Selection, ...]:
        """Sets without which the result changes, but to neither the old one: something else stands behind them (抵消)."""
        return tuple(one for one in self.change if not any(other <= one for other in self.undo))

    @property
    def named(self) -> Selection:
        """Every provision that is part of a set that is enough, or undoes."""
        return frozenset().union(*self.enough, *self.undo)


class Trials:
    """Results of one decision under selections of atoms. ``atoms``: those that it reads."""

    def __init__(self, blend: Blend, decision: str, portfolio: Portfolio) -> None:
        self.blend = blend
        self.decision = decision
        self.portfolio = portfolio
        self.tried = 0
        self._engines: dict[frozenset[int], Engine] = {}
        self._results: dict[tuple[Instance, Selection], Hashable] = {}
        self._selected: dict[Selection, tuple[Interpreter, Portfolio | None]] = {}
        whole = self._slice(frozenset())
        self.counts = bool(whole.statistics)
        read = _read(whole, decision)
        # What has no switch is chosen when the program is made: which of that a slice reads is not told by it.
        self.atoms: tuple[Atom, ...] = tuple(
            atom for atom in blend.atoms if (atom.switch in read if atom.switch else _concerns(atom, whole))
        )

    def _slice(self, chosen: frozenset[int]) -> core.Program:
        program = self.blend.program(chosen)
        return sliced(program, definitions(program), [self.decision])

    def result(self, root: Instance, instance: Instance, selection: Selection) -> Hashable:
        """What the decision comes to on an instance of a record: how it stands, and what it may be."""
        key = (instance, selection)
        found = self._results.get(key)
        if found is None:
            found = self._results[key] = self._evaluate(root, instance, selection)
        return found

    def _evaluate(self, root: Instance, instance: Instance, selection: Selection) -> Hashable:
        interpreter, portfolio = self._under(selection)
        self.tried += 1
        run = interpreter.run(root, portfolio)
        return outcome_of(run, interpreter.program.decisions[self.decision], instance)

    def _under(self, selection: Selection) -> tuple[Interpreter, Portfolio | None]:
        found = self._selected.get(selection)
        if found is None:
            chosen = frozenset(atom.number for atom in self.blend.chosen) & selection
            base = self._base(chosen)
            parameters = dict(base.program.parameters)
            for atom in self.atoms:
                if atom.switch and atom.number in selection:
                    parameters[atom.switch] = replace(parameters[atom.switch], value=True)
            program = replace(base.program, parameters=parameters)
            found = self._selected[selection] = (
                Interpreter(program, "", like=base),
                # Only what counts others needs them.
                Portfolio(self.portfolio.members) if self.counts else None,
            )
        return found

    def _base(self, chosen: frozenset[int]) -> Interpreter:
        found = self._bases.get(chosen)
        if found is None:
            found = self._bases[chosen] = Interpreter(self._slice(chosen), "")
        return found

    @cached_property
    def _bases(self) -> dict[frozenset[int], Interpreter]:
        return {}


def outcome_of(run: Run, decision: core.Decision, instance: Instance) -> Hashable:
    """What a decision comes to, as far as two results are told apart: how it stands and what it may be."""
    if decision.type is not None:
        amount = run.amount(decision.name, instance).state
        return amount.status, amount.value
    state = run.decision(decision.name, instance).state
    return state.status, frozenset(map(str, state.candidates)), frozenset(state.certain)


def _read(program: core.Program, decision: str) -> frozenset[str]:
    """The parameters that a decision reads."""
    found = reachable(definitions(program), [Name(Kind.DECISION, decision)])
    return frozenset(name.word for name in found if name.kind is Kind.PARAMETER)


def _concerns(atom: Atom, program: core.Program) -> bool:
    """Whether an atom without a switch is about something in a slice."""
    return atom.name in program.decisions or (atom.kind == "清单" and atom.name in program.lists)


def cause(trials: Trials, root: Instance, instance: Instance, *, most: int = SIZE) -> Cause:
    """Why the decision of ``trials`` comes out otherwise on an instance: by all selections of up to `WHOLE` atoms, else by
    sets of up to ``most``."""
    atoms = tuple(atom.number for atom in trials.atoms)
    everything = frozenset(atoms)
    before = trials.tried
    old = trials.result(root, instance, frozenset())
    new = trials.result(root, instance, everything)

    def on(selection: Selection) -> Hashable:
        return trials.result(root, instance, selection)

    whole = len(atoms) <= WHOLE
    size = len(atoms) if whole else most
    return Cause(
        least(atoms, size, lambda one: on(one) == new),
        least(atoms, size, lambda one: on(everything - one) != new),
        least(atoms, size, lambda one: on(everything - one) == old),
        whole,
        size,
        len(atoms),
        trials.tried - before,
    )


def least(atoms: Sequence[int], size: int, holds: Mapping[Selection, bool] | object) -> tuple[Selection, ...]:
    """The sets of up to ``size`` atoms for which ``holds``, without those that contain another of them.

    >>> [sorted(one) for one in least((1, 2, 3), 3, lambda one: 1 in one or {2, 3} <= one)]
    [[1], [2, 3]]
    """
    found: list[Selection] = []
    for count in range(1, size + 1):
        for chosen in combinations(atoms, count):
            one = frozenset(chosen)
            if not any(other <= one for other in found) and holds(one):  # type: ignore[operator]  # a function
                found.append(one)
    return tuple(found)


def instances_by_path(root: Instance) -> Iterator[tuple[str, Instance]]:
    """A record, its rows, and what it belongs to, by path."""
    waiting = [root]
    above = root.parent
    while above is not None:
        waiting.append(above)
        above = above.parent
    seen: set[str] = set()
    while waiting:
        instance = waiting.pop()
        if instance.path in seen:
            continue
        seen.add(instance.path)
        yield instance.path, instance
        for rows in instance.rows.values():
            waiting.extend(rows or ())


def causes(
    blend: Blend, portfolio: Portfolio, places: Iterable[Place], *, most: int = SIZE
) -> dict[Place, Cause]:
    """Why each of these results changed. Records that read the same to a decision are tried one by one, but selections are
    prepared once a decision."""
    found: dict[Place, Cause] = {}
    by_decision: dict[str, list[Place]] = {}
    for place in places:
        by_decision.setdefault(place.decision, []).append(place)
    for decision, own in by_decision.items():
        trials = Trials(blend, decision, portfolio)
        for place in own:
            root = portfolio.members[place.index]
            instance = dict(instances_by_path(root))[place.path]
            found[place] = cause(trials, root, instance, most=most)
    return found
