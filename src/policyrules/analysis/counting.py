"""What a statistic comes to under all selections of acts at once.

Why this exists: a statistic counts other records, and under each selection other records may count. The selections under which
the same records count come to the same, so it is worked out once for each such class, with the records of one group: of what
is counted by conditions alone from these, else by the definition.

Invariants: what is told is the definition's value; selections are put into one class only where every record that may belong
to the group meets the conditions alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final, TypeAlias

from policyrules.analysis.lattice import Plane, Selection, Selections, Unfit
from policyrules.analysis.planes import Selected, Shape, add
from policyrules.engine import values as v
from policyrules.engine.evaluate import Run, evaluate
from policyrules.engine.instances import Instance
from policyrules.engine.lowering.lower import Lowering
from policyrules.engine.lowering.nodes import Bit, Place
from policyrules.engine.members import Key, Own, PreparedStatistic, match_keys
from policyrules.engine.portfolio import Keys, Portfolio, World
from policyrules.engine.tally import Contribution, sums_of
from policyrules.engine.values import Truth
from policyrules.interpreter import Interpreter
from policyrules.program.graph import Kind, reachable, reads
from policyrules.program.nodes import Expr
from policyrules.program.walk import walk

MANY: Final = 500
"""Of more members than these functions tell what they contribute."""
Kinds: TypeAlias = Counter[tuple[tuple[Plane, ...], Truth]]
"""How many records meet the conditions of a statistic alike, and whether these belong to a group."""

MOST_CLASSES: Final = 600
"""Classes of one group; beyond, the definition is asked selection by selection elsewhere."""


class Counting:
    """Statistics of the program of ``interpreter``; ``switches``: of each act its parameter; ``keys``: which groups the records belong
    to, by what tells that, for all statistics that are told by the same."""

    def __init__(
        self,
        interpreter: Interpreter,
        switches: Mapping[int, str],
        sets: Selections,
        portfolio: Portfolio,
        keys: dict[tuple[Expr, ...], dict[Instance, Key]],
    ) -> None:
        self.keys = keys
        self.interpreter = interpreter
        self.engine = interpreter.engine
        self.switches = switches
        self.sets = sets
        self.on = {switch: sets.on[act] for act, switch in switches.items()}
        self.portfolio = portfolio
        self.under = Under(interpreter, switches)
        self._tables: dict[str, _Table] = {}
        self._found: dict[tuple[object, ...], dict[v.Abstract, Plane]] = {}

    def __call__(self, name: str, root: Instance, asking: Instance) -> dict[v.Abstract, Plane]:
        """What a statistic comes to for a record (``asking``: it, or the row of it that says which group is meant)."""
        table = self._tables.get(name)
        if table is None:
            table = self._tables[name] = _Table(self, self.engine.statistics[name])
        key = table.key(root, asking)
        place = table.place(root, asking, key)
        found = self._found.get(place)
        if found is None:
            found = self._found[place] = table.comes_to(root, asking, key)
        return found


class Under:
    """The interpreter of one program under each selection of acts."""

    def __init__(self, base: Interpreter, switches: Mapping[int, str]) -> None:
        self.base = base
        self.switches = switches
        self._found: dict[Selection, Interpreter] = {}

    def __call__(self, selection: Container[int]) -> Interpreter:
        on = frozenset(act for act in self.switches if act in selection)
        found = self._found.get(on)
        if found is None:
            given = self.base.program.parameters
            names = [self.switches[act] for act in sorted(on)]
            parameters = {**given, **{name: replace(given[name], value=True) for name in names}}
            program = replace(self.base.program, parameters=parameters)
            found = self._found[on] = Interpreter(program, "", like=self.base)
        return found


def running(
    interpreter: Interpreter, root: Instance, portfolio: Portfolio | None, *, like: Interpreter | None = None
) -> Run:
    """A fresh evaluation of one record. ``like``: an interpreter under which the members contribute alike; what they do is kept with
    it. Few members are asked by the definition alone: functions would have to be written for each selection."""
    counting = like or interpreter
    engine = counting.engine

    def contribute(world: World, member: Instance, names: tuple[str, ...]) -> dict[str, Own]:
        functions = counting.counting() if len(world.members) > MANY else {}
        run = Run(engine, member, world, contribute)
        return {name: functions[name].own(member) if name in functions else run.contributed(name)[0] for name in names}

    world = None if portfolio is None else portfolio.world(engine, root, stratified=engine.stratified)
    return Run(interpreter.engine, root, world, contribute)


class _Table:
    """One statistic."""

    def __init__(self, counting: Counting, prepared: PreparedStatistic) -> None:
        self.counting = counting
        self.prepared = prepared
        statistic = prepared.statistic
        program = counting.engine.program
        self.name = statistic.name
        # Records of one kind that are grouped by what does not turn on a switch, and counted by conditions alone.
        self.by_group = (
            statistic.object == program.root
            and not counting.engine.stratified
            and not self._switches((*statistic.same, *prepared.asked))
        )
        self.by_class = self.by_group and not self._switches([one for one in (statistic.value,) if one is not None])
        self.acts = self._switches(
            one for one in (*statistic.same, statistic.where, statistic.match, statistic.value) if one is not None
        )
        self.alone = self.by_class and statistic.value is None
        self._planes: dict[tuple[object, ...], tuple[Plane, ...]] = {}
        self._kinds: dict[Key, Kinds] = {}
        self._groups: dict[Key, tuple[Portfolio, list[Plane]]] = {}

    def _switches(self, nodes: Iterable[Expr]) -> frozenset[int]:
        """The acts that expressions read, through any number of names."""
        engine = self.counting.engine
        names = [name for node in nodes for part in walk(node) for name in reads(part, engine.program.presumptions)]
        # Presumptions of a field that is read are names of the graph.
        found = reachable(engine.graph, [name for name in names if name in engine.graph])
        words = {name.word for name in (*found, *names) if name.kind is Kind.PARAMETER}
        return frozenset(act for act, word in self.counting.switches.items() if word in words)

    def key(self, root: Instance, asking: Instance) -> Key:
        """Which group is meant, as far as it is known; of a statistic whose groups turn on switches, the record."""
        if not self.by_group:
            return (None,)
        own = self._keys.get(root) if asking is root else None
        if own is not None:
            return own
        run = self.counting.interpreter.run(root, None)
        return tuple([evaluate(run, one, (asking,)).value for one in self.prepared.asked])

    def place(self, root: Instance, asking: Instance, key: Key) -> tuple[object, ...]:
        """Records that have this in common are told the same."""
        if all(map(v.known, key)):
            return self.name, key
        if self._own(root, asking):
            # Each counts in its own group for sure: those that meet the conditions alike are told the same.
            return self.name, key, self._conditions(root)
        return self.name, root, asking

    def _own(self, root: Instance, asking: Instance) -> bool:
        """Whether a record asks for itself what is counted by conditions alone."""
        return self.alone and asking is root and root in self._keys

    def comes_to(self, root: Instance, asking: Instance, key: Key) -> dict[v.Abstract, Plane]:
        counting = self.counting
        found: dict[v.Abstract, Plane] = {}
        known = all(map(v.known, key))
        if self.alone and (known or self._own(root, asking)):
            kinds = self._kinds_of(key)
            if not known:
                # What is not known of a key of its own agrees with itself.
                own, match = self._conditions(root), match_keys(key, key)
                kinds = kinds + Counter({(own, True): 1})
                if match is not False:
                    kinds[own, match] -= 1
            for plane in self._classes(planes for (planes, _), count in kinds.items() if count):
                add(found, self._counted(kinds, plane), plane)
            return found
        portfolio, classes = self._together(root, key)
        for plane in classes:
            interpreter = counting.under(counting.sets.first(plane) & self.acts)
            add(found, running(interpreter, root, portfolio).statistic(self.name, asking).value, plane)
        return found

    def _counted(self, kinds: Kinds, plane: Plane) -> v.Abstract:
        """What it comes to where members meet conditions under all selections of a set, or under none."""
        held: Counter[Contribution] = Counter()
        for (planes, match), count in kinds.items():
            truths = [
                True if plane & true is plane else None if plane & possible is plane else False
                for true, possible in zip(planes[::2], planes[1::2], strict=True)
            ]
            where = truths.pop(0) if self.prepared.statistic.where is not None else True
            if where is not False:
                held[where if match else None, truths[0] if truths else None] += count
        tally = self.prepared.tally
        return tally.bounds(sums_of(tally, held), lambda: held, unlimited=False)

    def _kinds_of(self, key: Key) -> Kinds:
        """How those that belong to a group, or may, meet the conditions, and whether they surely belong to it."""
        found = self._kinds.get(key)
        if found is None:
            keys, kinds = self._by_key
            found = self._kinds[key] = Counter()
            for block in keys.matching(key):
                for own in block.keys:
                    for planes, count in kinds[own].items():
                        found[planes, block.match] += count
        return found

    def _together(self, root: Instance, key: Key) -> tuple[Portfolio, list[Plane]]:
        """The records that may belong to a group, and the record that asks; and the selections under which they count alike."""
        found = self._groups.get(key)
        if found is None:
            every = self.counting.portfolio.members
            members = every if not self.by_group else [one for one, own in self._keys.items() if _meet(key, own)]
            found = Portfolio(members), self._classes(map(self._conditions, members if self.by_class else ()))
            if not self.by_group or _meet(key, key) or root not in self._keys:
                self._groups[key] = found
        return found

    @cached_property
    def _by_key(self) -> tuple[Keys, dict[Key, Counter[tuple[Plane, ...]]]]:
        """The keys of the records, and how those that have one meet the conditions."""
        keys = Keys()
        kinds: dict[Key, Counter[tuple[Plane, ...]]] = {}
        for member, own in self._keys.items():
            keys.put(own)
            kinds.setdefault(own, Counter())[self._conditions(member)] += 1
        return keys, kinds

    @cached_property
    def _keys(self) -> dict[Instance, Key]:
        counting, same = self.counting, self.prepared.statistic.same
        found = counting.keys.get(same)
        if found is None:
            found = {}
            for member in counting.portfolio.members:
                run = counting.interpreter.run(member, None)
                found[member] = tuple([evaluate(run, one, (member,)).value for one in same])
            counting.keys[same] = found
        return found

    # ---- classes

    def _classes(self, conditions: Iterable[tuple[Plane, ...]]) -> list[Plane]:
        """Sets of selections under which those count alike that meet these conditions."""
        sets = self.counting.sets
        different: dict[Plane, None] = {}
        if self.by_class:
            for planes in conditions:
                different.update(dict.fromkeys(planes))
        else:
            different.update((sets.on[act], None) for act in sets.acts if act in self.acts)
        classes = [sets.full]
        for plane in different:
            if plane and plane is not sets.full:
                classes = [part for one in classes for part in (one & plane, one & ~plane) if part]
                if len(classes) > MOST_CLASSES:
                    raise Unfit
        return classes

    def _conditions(self, member: Instance) -> tuple[Plane, ...]:
        """Where a member surely, and possibly, meets each condition."""
        bits, shape = self._lowered
        alike = shape.of((member,))
        found = self._planes.get(alike)
        if found is None:
            counting = self.counting
            planes = Selected(counting.engine, counting.sets, counting.on, member, counting)
            found = self._planes[alike] = tuple([planes.bit(bit, (member,)) for bit in bits])
        return found

    @cached_property
    def _lowered(self) -> tuple[list[Bit], Shape]:
        counting, statistic = self.counting, self.prepared.statistic
        lowering = Lowering(counting.engine, vary=counting.switches.values())
        place = Place(lowering.root)
        truths = [lowering.truth(one, (place,)) for one in (statistic.where, statistic.match) if one is not None]
        bits = [bit for truth in truths for bit in (truth.true, truth.possible)]
        shape = Shape(bits, lowering.root)
        if shape.told or shape.counted:
            raise Unfit
        return bits, shape


def _meet(key: Key, other: Key) -> bool:
    """Whether two groups may be one."""
    return match_keys(key, other) is not False
