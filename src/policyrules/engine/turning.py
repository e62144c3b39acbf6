"""Which names come out otherwise for one record under another value of a parameter.

Why this exists: an ambiguity of the text bears on a few conditions, and most records do not get that far: where these conditions
stand as they did, so does all that reads them. What cannot be told from values alone is taken to turn.

Invariants: a name that is not told comes out with the same values on every instance of the record, by the definition; nothing here
says what a result comes to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, assert_never

from policyrules.engine.evaluate import Run
from policyrules.engine.instances import Instance
from policyrules.program import nodes as core
from policyrules.program.graph import Graph, Kind, Name, ordered, reads, turning_on
from policyrules.program.walk import walk

Turning: TypeAlias = Mapping[Name, bool]
"""A parameter and the names that read it, through any number of others, each after what it reads. Whether more of it than its value
may turn: whether a term is there, the parts of the day by which a duty is due."""


def turning(program: core.Program, graph: Graph, read_by: Mapping[Name, Sequence[Name]], parameter: str) -> Turning:
    """What may turn on a parameter for any record."""
    names = turning_on(read_by, [Name(Kind.PARAMETER, parameter)])
    declared = sorted((graph[name] for name in names), key=lambda one: one.place)
    order, _ = ordered({one.name: one.reads for one in declared})
    found: dict[Name, bool] = {}
    for name in order:
        beside: core.Expr | None = None
        if name.kind is Kind.TERM:
            beside = program.terms[name.word].present
        elif name.kind is Kind.DUTY:
            beside = program.duties[name.word].deadline
        parts = () if beside is None else walk(beside)
        found[name] = any(read in names for node in parts for read in reads(node, program.presumptions))
    return found


def bearing(graph: Graph, names: Turning, asked: Name) -> Turning:
    """Those of ``names`` that one of them reads, through any number of others, in their order, and it itself; nothing where it is
    none of them."""
    wanted = {asked}
    for name in reversed([*names]):
        if name in wanted:
            wanted.update(graph[name].reads)
    return {name: deeper for name, deeper in names.items() if name in wanted} if asked in names else {}


class Turned:
    """Which names may come out otherwise in the evaluation ``other`` than in ``now``, of the same record: told of those that are
    asked for, and of what these read. ``instances``: all of the record, by kind."""

    __slots__ = ("_instances", "_now", "_told", "other")

    def __init__(self, now: Run, other: Run, instances: Mapping[str, Sequence[Instance]]) -> None:
        self._now = now
        self.other = other
        self._instances = instances
        self._told: dict[Name, bool] = {}

    def turns(self, names: Turning) -> bool:
        """Whether the last of ``names`` does; the others are all that it reads that may turn (`bearing`)."""
        found, told = False, self._told
        for name, deeper in names.items():
            if name not in told:
                told[name] = self._turns(name, deeper)
            found = told[name]
        return found

    def _turns(self, name: Name, deeper: bool) -> bool:
        # Of a statistic other records count as well.
        if name.kind in (Kind.PARAMETER, Kind.STATISTIC) or (name.kind is Kind.DUTY and deeper):
            return True
        declared = self._now.engine.graph[name]
        if not any(self._told.get(read) for read in declared.reads):
            return False
        those = self._instances.get(declared.object, ())
        return any(one.unlisted for one in those) or _differs(self._now, self.other, name, deeper, those)


def _differs(now: Run, other: Run, name: Name, deeper: bool, instances: Sequence[Instance]) -> bool:
    word, program = name.word, now.program
    match name.kind:
        case Kind.TERM:
            return any(now.term(word, one).value != other.term(word, one).value for one in instances) or (
                deeper
                and any(now.term_present(word, one).value != other.term_present(word, one).value for one in instances)
            )
        case Kind.RULE if program.rules[word].amount is None:
            return any(now.condition(word, one).value != other.condition(word, one).value for one in instances)
        case Kind.DECISION if program.decisions[word].type is None:
            return any(now.decision(word, one).state != other.decision(word, one).state for one in instances)
        case Kind.DECISION:
            return any(now.amount(word, one).state != other.amount(word, one).state for one in instances)
        case Kind.RULE | Kind.PRESUMPTION | Kind.DUTY | Kind.NOTICE:
            # Looked at by what reads it, or by whoever asks for it.
            return True
        case Kind.PARAMETER | Kind.STATISTIC | Kind.LIST:
            raise AssertionError(f"{name} turns on no parameter for a record alone")
        case _:
            assert_never(name.kind)
