"""What a result rests on that nobody said: cells that were presumed, parameters at their 缺省.

Why this exists: a result that is only as good as a presumption must name it. What it names is defined by meaning, as a
fold over steps: a value rests on the parts that settle it, whatever the order they are written in. A 且 that is false
rests on its false parts alone, a 或 that is true on its true ones; whatever is not settled by some of its parts rests on
all of them.

Invariant: of two programs that differ in the order of operands, every result rests on the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from policyrules.engine.evaluate import Joined, Run, counted_for, evaluate, instance_at, operands_of
from policyrules.engine.folding import rows_alone
from policyrules.engine.instances import Instance
from policyrules.engine.members import PreparedStatistic, Together
from policyrules.engine.portfolio import Index, World
from policyrules.engine.steps import Step
from policyrules.program import nodes as core
from policyrules.program.amended import Junction
from policyrules.program.graph import Kind, Name

Assumptions = frozenset[Name]
"""Names of presumptions (their field) and of parameters."""


def in_order(run: Run, found: Assumptions, kind: Kind) -> tuple[str, ...]:
    """Those of one kind by their words, in the order of the program's declarations."""
    if not found:
        return ()
    return tuple(dict.fromkeys(name.word for name in run.engine.assumable if name.kind is kind and name in found))


def assumptions(run: Run, step: Step) -> Assumptions:
    """What the value of ``step`` rests on; of a decision or the body of a 术语 worked out once."""
    found = run.rests.get(step)
    if found is None:
        names: set[Name] = set()
        _collect(run, step, names)
        found = run.rests[step] = frozenset(names)
    return found


def _collect(run: Run, step: Step, found: set[Name]) -> None:
    node = step.node
    if not run.engine.assumes(node):
        return
    match node:
        case core.TermValue() | core.DecisionIs() | core.DecisionHas() | core.DecisionValue() | core.AmountValue():
            found |= assumptions(run, step.parts[0])
        case core.FieldValue(field=field) | core.Present(core.FieldValue(field=field)):
            # Only the step of a blank cell with presumptions has parts: their conditions.
            cell = node if isinstance(node, core.FieldValue) else node.operand
            if step.parts and run.presumed(field, instance_at(cell.at, step.frames))[0].values:
                found.add(Name(Kind.PRESUMPTION, field.name, field.object))
            _all(run, step.parts, found)
        case core.ParameterValue(name):
            found.add(Name(Kind.PARAMETER, name))
        case (
            core.Member(right=core.ParameterRef(name))
            | core.Overlaps(right=core.ParameterRef(name))
            | core.Subset(right=core.ParameterRef(name))
            | core.Less(right=core.ParameterRef(name))
        ):
            if Name(Kind.PARAMETER, name) in run.engine.assuming:
                found.add(Name(Kind.PARAMETER, name))
            _all(run, step.parts, found)
        case core.StatisticValue():
            counted = counted_for(run, node, step.frames)
            for source in counted.sources.values():
                _all(run, source.steps, found)
            _all(run, counted.asked, found)
            if run.world is not None and counted.index is not None:
                words = _of_members(run, run.world, counted.prepared, counted.index)
                found.update(Name(Kind.PARAMETER, word) for word in words)
        case core.All():
            _joined(run, step, node, False, found)
        case core.Any():
            _joined(run, step, node, True, found)
        case Junction(every) | core.Quantified(every):
            _joined(run, step, node, not every, found)
        case core.AtLeast():
            _all(run, [part for part in step.parts if step.value is None or part.value is step.value], found)
        case _:
            _all(run, step.parts, found)


def _of_members(run: Run, world: World, prepared: PreparedStatistic, index: Index) -> frozenset[str]:
    """The parameters at their 缺省 that the contributions to a statistic rest on. What other records presume is theirs to say; a
    缺省 that was read is one for all."""
    if index.defaults is None:
        _put_defaults(run, world, run.engine.together(prepared.statistic.name))
        # What was counted under one reading of the text serves others that leave it as it is, each with members of its own.
        name = prepared.statistic.name
        index.defaults = world.index(name, run.engine.together(name), run.contribute).defaults
        assert index.defaults is not None, "one of those that are looked at together"
    return index.defaults


def _put_defaults(run: Run, world: World, together: Together) -> None:
    """Look at the members once, for all statistics that are worked out together: of those that are alike at the first, and no more
    than it takes to find every 缺省 that a statistic may read of a member with such rows."""
    engine = run.engine
    found: dict[str, set[str]] = {name: set() for name in together.names}
    open_ = {name: words for name in together.names if (words := engine.assumed_by(name))}
    for member, like in world.alike(engine.assuming_cells(open_)) if open_ else ():
        if like is not member:
            continue
        without, unsaid = _without(run, member)
        asked = [name for name in open_ if not found[name] >= engine.assumed_by(name, without, unsaid)]
        if not asked:
            continue
        with world.at_hand(member):
            # One evaluation for all of them: they read the same decisions and terms.
            other = Run(engine, member, world, run.contribute)
            for name in asked:
                for source in other.contributed(name)[1].values():
                    for step in source.steps:
                        found[name] |= {one.word for one in assumptions(other, step) if one.kind is Kind.PARAMETER}
                if found[name] >= open_[name]:
                    del open_[name]
        if not open_:
            break
    for name, rested in found.items():
        world.index(name, together, run.contribute).defaults = frozenset(rested)


def _without(run: Run, member: Instance) -> tuple[frozenset[str], frozenset[str]]:
    """The kinds of rows that a member has none of, and those of them whose list was not supplied."""
    rows = rows_alone(member).rows
    kinds = [kind for kind in run.program.objects[member.object].children if not rows.get(kind)]
    return frozenset(kinds), frozenset(kind for kind in kinds if rows.get(kind) is None)


def _joined(run: Run, step: Step, node: Joined, settling: bool, found: set[Name]) -> None:
    if step.value is not settling:
        _all(run, step.parts, found)
        return
    _all(run, [part for part in step.parts if part.value is settling], found)
    for operand, seen in operands_of(node, step.frames)[len(step.parts) :]:
        # Evaluation stopped at the first part that settles it; the others may settle it as well.
        if run.engine.assumes(operand):
            part = evaluate(run, operand, seen)
            if part.value is settling:
                _collect(run, part, found)


def _all(run: Run, parts: Iterable[Step], found: set[Name]) -> None:
    for part in parts:
        _collect(run, part, found)
