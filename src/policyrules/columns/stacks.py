"""Records under stacks of their own: a nation's counties in one run, whatever their layers say.

Why this exists: counties do not only set values, they amend rules. All of their stacks are one program with switches
(`policyrules.program.united`), and a switch is one more parameter that records differ in: what is common is worked out once.

Invariants: of each record everything is what the policy of its own stack says, among the records of its own county; what a
stack does not have, its records do not have: neither a decision nor a finding, not even one that does not apply.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from policyrules.columns.bits import Array, Mask
from policyrules.columns.evaluating import Evaluated
from policyrules.columns.instances import schema_key
from policyrules.columns.parameters import Counties, column_of, places_of
from policyrules.columns.running import Sets
from policyrules.columns.store import Column, Prepared, Table, padded
from policyrules.engine.lowering.deciding import MOST_RANKINGS
from policyrules.engine.lowering.lowered import Lowered, lowered
from policyrules.engine.lowering.nodes import PARAMETERS
from policyrules.interpreter import Interpreter
from policyrules.program import nodes as core
from policyrules.program.differing import Differing, Several, Standing, numbers
from policyrules.program.united import United, united


@dataclass(frozen=True, slots=True)
class Forms:
    """What outputs are of which records. ``shown``: what people call those that are kept in several forms; ``only``: of those
    that some records do not have, by set of parameters which have them; ``places``: of each record its set."""

    shown: Mapping[tuple[str, str], str]
    only: Mapping[tuple[str, str], Mask]
    places: Array

    def name(self, kind: str, inner: str) -> str:
        """What people call something."""
        return self.shown.get((kind, inner), inner)

    def having(self, kind: str, inner: str, records: Array) -> Mask | None:
        """Which of some records have something; None: all."""
        only = self.only.get((kind, inner))
        return None if only is None else only[self.places[records]]

    def told(self, found: Evaluated) -> Evaluated:
        """What came out, of findings that only the definition gives those that records have, under the names that people know."""
        refused = []
        for one, given in found.refused:
            if not isinstance(one.declaration, core.Decision):
                records = np.array([each.record for each in given], np.int64)
                having = self.having(_kind(one.declaration), one.declaration.name, records)
                if having is not None:
                    given = tuple(each for each, kept in zip(given, having.tolist(), strict=True) if kept)
                one = replace(one, declaration=_called(one.declaration, self.shown))
            refused.append((one, given))
        return replace(found, refused=tuple(refused))

    def outputs(self, names: Collection[str] | None) -> Collection[str] | None:
        """What is meant by names of outputs, in all of its forms."""
        return None if names is None else self._every(names)

    def rules(self, names: Collection[str] | bool) -> Collection[str] | bool:
        """What is meant by names of rules."""
        return names if isinstance(names, bool) else self._every(names)

    def _every(self, names: Collection[str]) -> list[str]:
        return [*names, *(inner for (_, inner), name in self.shown.items() if name in names)]


class Stacks:
    """Stacks by the name of the county whose they are, put together. ``standings``: where each stands, first the one of those that have none."""

    def __init__(
        self, united: United, standings: tuple[Standing, ...], names: tuple[str, ...], fingerprint: str
    ) -> None:
        self.united = united
        self.standings = standings
        self.names = names
        self.fingerprint = fingerprint

    def __reduce__(self) -> tuple[type[Stacks], tuple[object, ...]]:
        # Circuits are made anew where they are needed.
        return Stacks, (self.united, self.standings, self.names, self.fingerprint)

    @property
    def program(self) -> core.Program:
        """The program that holds all of them."""
        return self.united.program

    @cached_property
    def schema(self) -> str:
        """What ledgers are known by that were prepared for them."""
        return schema_key(self.program)

    @cached_property
    def interpreter(self) -> Interpreter:
        """The definition of whatever is the same under all of them."""
        return self.under(self.standings[0])

    def under(self, standing: Standing) -> Interpreter:
        """The definition under one of them."""
        return Interpreter(self.united.under(standing), self.fingerprint)

    @cached_property
    def lowered(self) -> Lowered:
        """The circuit in which switches and values are inputs."""
        united = self.united
        made = lowered(
            self.interpreter.engine,
            vary=(*united.varying, *united.switches),
            given=united.switches,
            there=united.there,
        )
        # Findings are told under the names that people know.
        findings = (replace(one, declaration=_called(one.declaration, united.shown)) for one in made.findings)
        return replace(made, findings=tuple(findings))

    def of(self, prepared: Prepared, by: str) -> tuple[Counties, Forms]:
        """The sets of parameters of a ledger's records, and which outputs are theirs. ``by``: the name or key of the field that names the county.

        Raises `KeyError` for a field that there is none of.
        """
        named = {name: at for at, name in enumerate(self.names, start=1)}
        places, unmatched = places_of(self.program, prepared, by, named)
        table = Table(PARAMETERS, len(self.standings), self._columns)
        only = {key: self._having(several) for key, several in self.united.only.items()}
        vary = frozenset((*self.united.varying, *self.united.switches))
        return Counties(Sets(table, places), self.standings, vary, unmatched), Forms(self.united.shown, only, places)

    @cached_property
    def _columns(self) -> Mapping[str, Column]:
        program = self.program
        found: dict[str, Column] = {}
        for name in self.united.varying:
            own = program.parameters[name]
            values = [
                one.values[name].value if name in one.values else own.value if own.state in _SET else None
                for one in self.standings
            ]
            found[name] = column_of(own, values)
        for name, several in self.united.switches.items():
            own = program.parameters[name]
            on = self._having(several)
            # A parameter has a type, as a field has.
            found[name] = Column(own, len(on), padded(on.view(np.int8)), None, low=0, high=1)  # type: ignore[arg-type]  # as said
        return found

    @cached_property
    def _programs(self) -> Array:
        """Of each set the number of its program."""
        return np.array([one.number for one in self.standings], np.int64)

    def _having(self, several: Several) -> Mask:
        flags = np.zeros(self.united.programs, np.bool_)
        flags[list(numbers(several))] = True
        found: Mask = flags[self._programs]
        return found


_SET: Final = ("fixed", "set")


def _kind(declaration: core.Duty | core.Notice) -> str:
    return "义务" if isinstance(declaration, core.Duty) else "提示"


def _called(declaration: core.Duty | core.Notice, shown: Mapping[tuple[str, str], str]) -> core.Duty | core.Notice:
    name = shown.get((_kind(declaration), declaration.name))
    return declaration if name is None else replace(declaration, name=name)


def stacks_of(base: core.Program, programs: Iterable[tuple[str, core.Program]], fingerprint: str) -> Stacks:
    """Stacks put together. ``base``: that of records whose county has none; ``programs``: by county, one after the other: none is
    held but for what it says otherwise.

    Raises `policyrules.program.differing.NotTogether` (a `ValueError`) for programs that cannot be had in one.
    """
    differing = Differing(base)
    standings = [Standing(0, {})]
    names = []
    for name, program in programs:
        standings.append(differing.add(program, name))
        names.append(name)
    return Stacks(united(differing, MOST_RANKINGS), tuple(standings), tuple(names), fingerprint)


__all__ = ["Forms", "Stacks", "stacks_of"]
