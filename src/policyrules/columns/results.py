"""What a ledger comes to, as columns.

Why this exists: people who evaluate a million records want columns with types: values by name, candidates as lists, exact
amounts, findings one a row; in NumPy, Polars, pandas or Arrow.

Invariants: what stands here is what the definition gives, in its order; amounts are whole numbers over a scale, never
binary; a list of findings holds all that are not 不适用, first those of what records belong to, then by record, in the order
of the program.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, Literal, NoReturn, TypeAlias

import numpy as np

from policyrules.columns.bits import Array, Mask
from policyrules.columns.domains import RECORD, RECORDS, Domain, Layout, axis_of, domain_of, joined
from policyrules.columns.evaluating import Evaluated
from policyrules.columns.findings import Findings, labelled
from policyrules.columns.naming import OWNER, holders, name_field, owner_names, texts_of
from policyrules.columns.outputs import FINDING_STATUSES, STATUSES, Came, Piece, Said
from policyrules.columns.stacks import Forms
from policyrules.columns.store import Prepared
from policyrules.columns.tables import (
    AnyColumn,
    Columns,
    Days,
    Exact,
    Labels,
    Lists,
    Numbers,
    Table,
    Truths,
    fits,
    mixed,
    taken,
)
from policyrules.columns.tallying import Tallied, tallied
from policyrules.engine.lowering.lowered import AmountOutput, DecisionOutput, FindingOutput
from policyrules.engine.lowering.nodes import Place, is_divided
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.results import STATUS_NAMES, candidate_text
from policyrules.types import Kind, Type, unit_factor

Names: TypeAlias = Literal["zh", "key"]

_STATUS: Final = "状态"
_CANDIDATES: Final = "候选"


def statuses_of(statuses: Collection[str]) -> frozenset[str]:
    """Statuses of findings by either of their names. Raises `ValueError` for any other."""
    known = {told: status for status in FINDING_STATUSES for told in (status, STATUS_NAMES[status])}
    for one in statuses:
        if one not in known:
            raise ValueError(f"没有“{one}”这种状态，可以给：{'、'.join(known)}")
    return frozenset(known[one] for one in statuses)


@dataclass(frozen=True, slots=True)
class _Told:
    """Columns of one output: where they have rows, and what it is (`Forms`)."""

    domain: Domain
    columns: dict[str, AnyColumn]
    of: tuple[str, str]


class FrameResult:
    """What a ledger comes to, in columns; row for row the records of the ledger that are evaluated.

    ``columns``: of each decision on a record its value under its name, and ``名·状态``, ``名·候选``; of an amount ``名·低`` and
    ``名·高`` as well, in its unit; of each rule asked for whether it holds. ``findings``: one row a finding. ``handed``: of
    each construct that the definition had to be asked for, for how many records. ``engine``: which executor ran.
    ``unmatched``: the counties for which parameters or a stack were given and that no record names.
    """

    def __init__(
        self,
        prepared: Prepared,
        program: core.Program,
        found: Evaluated,
        names: Names,
        engine: str,
        first: Mapping[str, int] | None = None,
        forms: Forms | None = None,
        unmatched: tuple[str, ...] = (),
    ) -> None:
        if names not in ("zh", "key"):
            raise ValueError(f"names 只能是 zh、key，给的是 {names!r}")
        self.prepared = prepared
        self._first = first or {}
        self.program = program
        self.engine = engine
        self.unmatched = unmatched
        self._found = found
        self._names = names
        self._forms = forms

    def __len__(self) -> int:
        return self.prepared.evaluated

    def __repr__(self) -> str:
        return f"<FrameResult：{self.prepared.record} {len(self)} 个，{self.engine}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("列式结果只在这个进程里用；要带到别处，取 columns、table(…).to_arrow()，或用 evaluate_parquet")

    @property
    def handed(self) -> Mapping[str, int]:
        """What went to the definition."""
        return self._found.handed.records

    @cached_property
    def columns(self) -> Columns:
        """The columns of the records."""
        return self.table(self.prepared.record).columns

    def table(self, object_: str) -> Table:
        """The decisions on all instances of an object, row for row its table; of records also those on what they belong to
        that differ from record to record. Records, and what they belong to, are told with what they are called by. Of rows
        below records each is told with its record (``记录``, from 0) and its row of the table (``行``), of rows of what records
        belong to with what that is called (``所属``) and its row; where decisions on such rows differ from record to record,
        there is a row for each of both. Raises `KeyError` for an object that there is none of."""
        if object_ not in self.program.objects:
            raise KeyError(object_)
        found: dict[str, AnyColumn] = {}
        own: list[_Told] = []
        for asked in self._found.asked:
            if isinstance(asked.output, FindingOutput):
                continue
            decision = asked.output.decision
            of = ("决定", decision.name)
            if not self._belongs(asked.domain, asked.place, of, object_):
                continue
            name = self._called(decision)
            piece = self._found.pieces[asked.key]
            if isinstance(asked.output, DecisionOutput):
                assert asked.said is not None
                own.append(_Told(asked.domain, _decided(name, asked.said, piece), of))
            else:
                own.append(_Told(asked.domain, _amount(name, asked.output, piece), of))
        for refused, given in self._found.refused:
            decision_ = refused.declaration
            if isinstance(decision_, core.Decision):
                domain = domain_of((RECORD, axis_of(refused.place)))
                of = ("决定", decision_.name)
                if self._belongs(domain, refused.place, of, object_):
                    columns = _given(self._called(decision_), decision_, [one.result for one in given])
                    own.append(_Told(domain, columns, of))
        for rule in self._found.rules:
            of = ("规则", rule.name)
            if self._belongs(rule.domain, rule.place, of, object_):
                piece = self._found.pieces["rule", rule.name]
                name = rule.name if self._forms is None else self._forms.name("规则", rule.name)
                truths = Truths(piece.mask("true"), piece.mask("possible"))
                own.append(_Told(rule.domain, {name: truths}, of))
        domain = joined(self._domain(one.domain, one.of) for one in own)
        parts: dict[str, list[tuple[AnyColumn, Mask | None]]] = {}
        for one in own:
            places = self._layout.map(domain, one.domain) if one.domain != domain else None
            if places is not None and domain and domain[0] == RECORD:
                places = places[: self._layout.cut(len(self)).count(domain)]
            having = self._having(one, domain)
            for name, column in one.columns.items():
                column = column if places is None else taken(column, places)
                parts.setdefault(name, []).append((column, having))
        for name, several in parts.items():
            plain = len(several) == 1 and several[0][1] is None
            found[name] = several[0][0] if plain else mixed(several, len(several[0][0]))
        by_record = object_ == self.prepared.record or (bool(domain) and domain[0] == RECORD)
        found = {**self._which(object_, domain), **found}
        if self._first.get(self.prepared.record, 0) and not by_record:
            # What is the same for all records was told with the first of them.
            found = {name: taken(column, np.zeros(0, np.intp)) for name, column in found.items()}
        return Table(found)

    def _which(self, object_: str, domain: Domain) -> dict[str, AnyColumn]:
        """The columns that say which instances the rows of a table are."""
        prepared, table = self.prepared, self.prepared.tables.get(object_)
        if object_ in self._line:
            field = name_field(prepared, self.program, object_)
            if table is None or not field:
                return {}
            return {field: texts_of(prepared, object_, field, len(self) if object_ == prepared.record else table.rows)}
        if len(domain) < 2:
            return {}
        found: dict[str, AnyColumn] = {}
        places = np.arange(self._layout.cut(len(self)).count(domain))
        rows = self._layout.rows(domain, domain[-1])
        own = places if rows is None else rows[: len(places)]
        if domain[0] == RECORD:
            found["记录"] = Numbers(self._records(domain, places) + self._first.get(prepared.record, 0))
        if table is not None and holders(prepared, object_, own[:0])[0] != prepared.record:
            found[OWNER] = owner_names(prepared, self.program, object_, own)
        return {**found, "行": Numbers(own + self._first.get(object_, 0))}

    def _called(self, decision: core.Decision) -> str:
        if self._names == "key":
            return decision.key
        return decision.name if self._forms is None else self._forms.name("决定", decision.name)

    def _having(self, one: _Told, domain: Domain) -> Mask | None:
        """Of each row whether its record has the output; None: all have."""
        if self._forms is None or one.of not in self._forms.only:
            return None
        rows = np.arange(self._layout.cut(len(self)).count(domain))
        records = self._records(domain, rows) + self._first.get(self.prepared.record, 0)
        return self._forms.having(*one.of, records)

    def _domain(self, domain: Domain, of: tuple[str, str]) -> Domain:
        """Where an output has rows: what some records do not have is told record by record."""
        only = self._forms is not None and of in self._forms.only
        return joined((domain, RECORDS)) if only else domain

    def _belongs(self, domain: Domain, place: Place, of: tuple[str, str], object_: str) -> bool:
        if self._domain(domain, of) == RECORDS:
            return object_ == self.prepared.record
        return self._object(place) == object_

    @cached_property
    def _layout(self) -> Layout:
        """The elements of the whole ledger."""
        return Layout(self.prepared.tables, self._line, None)

    def _records(self, domain: Domain, places: Array) -> Array:
        """Of elements the record."""
        rows = self._layout.rows(domain, RECORD)
        return places if rows is None else rows[places]

    @cached_property
    def _line(self) -> tuple[str, ...]:
        return tuple(belonging.line(self.program.objects, self.prepared.record))

    # ---- findings

    @cached_property
    def findings(self) -> Table:
        """All findings that are not 不适用."""
        return self.findings_of(frozenset(FINDING_STATUSES) - {"not_applicable"})

    def findings_of(self, statuses: Collection[str]) -> Table:
        """Findings that stand as one of ``statuses`` ("violated", "违反"…). ``记录``: the record's row from 0, none of what
        is told once for all records; ``所属``: of what records belong to, and its rows, what that is called; ``对象``: what kind
        of instance, ``行``: its row in that table.

        Raises `ValueError` for a status that there is none of."""
        return self._reader.table(statuses_of(statuses))

    def paths(self, object_: str, rows: Array) -> list[str]:
        """What results call the instances of some rows of a table: 项目, 资产[0], 资金[0].明细[1]."""
        codes, texts = self._reader.path(object_, rows)
        return [texts[code] for code in codes.tolist()]

    def tallied(self) -> Tallied | None:
        """Which results are alike, and how many of each; None where the columns do not tell it."""
        return tallied(self.program, self.prepared, self._found, self._layout, self._forms)

    @cached_property
    def _reader(self) -> Findings:
        said = self._statuses(FINDING_STATUSES)
        return Findings(self._found, self.prepared, self.program, self._layout, self._line, self._first, said)

    def _statuses(self, statuses: Sequence[str]) -> tuple[str, ...]:
        return tuple(STATUS_NAMES[status] for status in statuses) if self._names == "zh" else tuple(statuses)

    def _object(self, place: Place) -> str:
        return self._line[place.up] if place.space.source is None else place.space.object


def _given(name: str, decision: core.Decision, results: Sequence[Any]) -> dict[str, AnyColumn]:
    """What the definition gave, as columns."""
    codes = np.arange(len(results))
    found: dict[str, AnyColumn] = {}
    statuses = labelled(codes, [STATUS_NAMES[one.status] for one in results])
    if decision.type is not None:
        ends = [one.interval or (None, None) for one in results]
        day = decision.type.kind is Kind.DATE
        return {
            name: _column([one.value for one in results], day=day),
            f"{name}·{_STATUS}": statuses,
            f"{name}·低": _column([low for low, _ in ends], day=day),
            f"{name}·高": _column([high for _, high in ends], day=day),
        }
    if decision.mode == "多选":
        values = [
            None if one.value is None else tuple(value for value in decision.values if value in one.value)
            for one in results
        ]
        found[name] = _lists(codes, values)
    else:
        found[name] = labelled(codes, [one.value for one in results])
    found[f"{name}·{_STATUS}"] = statuses
    found[f"{name}·{_CANDIDATES}"] = _lists(codes, [tuple(map(candidate_text, one.candidates)) for one in results])
    return found


def _column(values: Sequence[Any], *, day: bool) -> Exact | Days:
    known = np.array([value is not None for value in values], np.bool_)
    if day:
        return Days(np.array([0 if one is None else one.toordinal() for one in values], np.int64), known)
    exact = [Fraction(one or 0) for one in values]
    scale = math.lcm(1, *(one.denominator for one in exact))
    whole = np.empty(len(exact), object)
    whole[:] = [int(one * scale) for one in exact]
    return Exact(whole, scale, known)


def _decided(name: str, said: Said, piece: Piece) -> dict[str, AnyColumn]:
    codes, came = said.classes(piece)
    if came is None:
        # Several blocks may be told at once: each of them would write the same.
        own = [*said.shown] or _columns_of(said.decision, said.every)
        said.shown[:] = own
    else:
        own = _columns_of(said.decision, came)
    parts = (name, f"{name}·{_STATUS}", f"{name}·{_CANDIDATES}")
    return {part: replace(column, rows=codes) for part, column in zip(parts, own, strict=True)}


def _columns_of(decision: core.Decision, came: Sequence[Came]) -> list[Labels | Lists]:
    """Value, status and candidates of classes, a row each."""
    rows = np.arange(len(came))
    value: Labels | Lists
    if decision.mode == "多选":
        value = _lists(rows, [one.value if isinstance(one.value, tuple) else None for one in came])
    else:
        value = labelled(rows, [one.value if isinstance(one.value, str) else None for one in came])
    statuses = labelled(rows, [STATUS_NAMES[one.status] for one in came])
    return [value, statuses, _lists(rows, [one.shown for one in came])]


def _lists(codes: Array, values: Sequence[tuple[str, ...] | None]) -> Lists:
    places: dict[Hashable, int] = {}
    for value in values:
        if value is not None:
            places.setdefault(value, len(places))
    numbers = np.array([-1 if value is None else places[value] for value in values], np.int32)
    return Lists(codes, numbers, tuple(places))  # type: ignore[arg-type]  # tuples


def _amount(name: str, output: AmountOutput, piece: Piece) -> dict[str, AnyColumn]:
    type_ = output.decision.type
    assert type_ is not None
    status = piece.status()
    void = piece.mask("void")
    determined = status == STATUSES.index("determined")
    low = _end(piece, "low", type_, ~void & ~piece.mask("open_low"), output)
    high = _end(piece, "high", type_, ~void & ~piece.mask("open_high"), output)
    return {
        name: _end(piece, "low", type_, determined, output),
        f"{name}·{_STATUS}": Labels.of(status, tuple(STATUS_NAMES[one] for one in STATUSES)),
        f"{name}·低": low,
        f"{name}·高": high,
    }


def _end(piece: Piece, part: str, type_: Type, known: Mask, output: AmountOutput) -> Exact | Days:
    values = piece.number(part)
    if type_.kind is Kind.DATE:
        return Days(values, known)
    factor = unit_factor(type_, type_.unit) if type_.unit and type_.kind is not Kind.INTEGER else 1
    scale = piece.scales[part] * Fraction(factor or 1)
    whole = values
    if scale.denominator != 1:
        whole = values if values.dtype == object or fits(values, scale.denominator) else values.astype(object)
        whole = whole * scale.denominator
    divided = whole.dtype == object and is_divided(output.value.low if part == "low" else output.value.high)
    return Exact(whole, scale.numerator, known, divided)
