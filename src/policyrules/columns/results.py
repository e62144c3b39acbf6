"""What a ledger comes to, as columns.

Why this exists: people who evaluate a million records want columns with types: values by name, candidates as lists, exact
amounts, findings one a row; in NumPy, Polars, pandas or Arrow.

Invariants: what stands here is what the definition gives, in its order; amounts are whole numbers over a scale, never
binary; a list of findings holds all that are not 不适用, first those of what records belong to, then by record, in the order
of the program.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from policyrules.columns.bits import Array, Mask
from policyrules.columns.domains import RECORD, RECORDS, Domain, Layout, axis_of, domain_of, joined
from policyrules.columns.evaluating import Evaluated, RuleAsked
from policyrules.columns.handing import Given
from policyrules.columns.outputs import FINDING_STATUSES, STATUSES, Asked, Came, Piece, came_out, decision_parts
from policyrules.columns.store import Prepared
from policyrules.engine.lowering.lowered import AmountOutput, DecisionOutput, FindingOutput
from policyrules.engine.lowering.nodes import Place, Space
from policyrules.program import nodes as core
from policyrules.results import STATUS_NAMES, Finding, candidate_text
from policyrules.types import Kind, Type, unit_factor

Names: TypeAlias = Literal["zh", "key"]


@dataclass(frozen=True, slots=True)
class Labels:
    """One of a few values a row: its place in ``values``; -1: none."""

    codes: Array
    values: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def to_list(self) -> list[str | None]:
        """The values."""
        table = [*self.values, None]
        return [table[code] for code in self.codes.tolist()]


@dataclass(frozen=True, slots=True)
class Lists:
    """One of a few lists a row: its place in ``values``; -1: none."""

    codes: Array
    values: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.codes)

    def to_list(self) -> list[list[str] | None]:
        """The lists."""
        table: list[list[str] | None] = [*map(list, self.values), None]
        return [table[code] for code in self.codes.tolist()]


@dataclass(frozen=True, slots=True)
class Exact:
    """A number a row: ``values`` over ``scale``, where ``known``."""

    values: Array
    scale: int
    known: Mask

    def __len__(self) -> int:
        return len(self.values)

    def to_list(self) -> list[Fraction | None]:
        """The numbers."""
        return [
            Fraction(value) / self.scale if known else None
            for value, known in zip(self.values.tolist(), self.known.tolist(), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Days:
    """A day a row: its ordinal, where ``known``."""

    values: Array
    known: Mask

    def __len__(self) -> int:
        return len(self.values)

    def to_list(self) -> list[datetime.date | None]:
        """The days."""
        return [
            datetime.date.fromordinal(value) if known else None
            for value, known in zip(self.values.tolist(), self.known.tolist(), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Truths:
    """True, false or unknown a row."""

    true: Mask
    possible: Mask

    def __len__(self) -> int:
        return len(self.true)

    def to_list(self) -> list[bool | None]:
        """The truths."""
        return [
            True if true else None if possible else False
            for true, possible in zip(self.true.tolist(), self.possible.tolist(), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Numbers:
    """A whole number a row; -1: none."""

    values: Array

    def __len__(self) -> int:
        return len(self.values)

    def to_list(self) -> list[int | None]:
        """The numbers."""
        return [None if value < 0 else value for value in self.values.tolist()]


@dataclass(frozen=True, slots=True)
class Strings:
    """A text a row, made when asked for."""

    make: Callable[[], list[str]]
    count: int

    def __len__(self) -> int:
        return self.count

    def to_list(self) -> list[str]:
        """The texts."""
        return self.make()


AnyColumn: TypeAlias = Labels | Lists | Exact | Days | Truths | Numbers | Strings
Columns: TypeAlias = Mapping[str, AnyColumn]

_STATUS: Final = "状态"
_CANDIDATES: Final = "候选"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of one length."""

    columns: Columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def to_arrow(self) -> Any:
        """A table of pyarrow: texts as dictionaries, exact numbers as decimals (as texts where no decimal is exact)."""
        pa = _arrow()
        return pa.table({name: _arrow_array(pa, column) for name, column in self.columns.items()})

    def to_polars(self) -> Any:
        """A frame of Polars."""
        try:
            import polars
        except ImportError as missing:
            raise ImportError("这里需要另装组件：pip install polars") from missing
        return polars.from_arrow(self.to_arrow())

    def to_pandas(self) -> Any:
        """A frame of pandas."""
        return self.to_arrow().to_pandas()


def _arrow() -> Any:
    from policyrules.columns.arrow import pa

    return pa


def _arrow_array(pa: Any, column: AnyColumn) -> Any:
    match column:
        case Labels(codes, values):
            return pa.DictionaryArray.from_arrays(
                pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(values, pa.string())
            )
        case Lists(codes, values):
            return pa.array(values, pa.list_(pa.string())).take(pa.array(codes.astype(np.int32), mask=codes < 0))
        case Days(values, known):
            days = (values.astype(np.int64) - datetime.date(1970, 1, 1).toordinal()).astype(np.int32)
            return pa.array(days, mask=~known).cast(pa.date32())
        case Truths(true, possible):
            return pa.array(true, mask=possible & ~true)
        case Numbers(values):
            return pa.array(values, mask=values < 0)
        case Exact():
            return _decimals(pa, column)
        case Strings():
            return pa.array(column.to_list(), pa.string())


def _decimals(pa: Any, column: Exact) -> Any:
    from decimal import Decimal

    places = _places(column.scale)
    if places is None:
        return pa.array([None if one is None else str(one) for one in column.to_list()], pa.string())
    factor = 10**places // column.scale
    held = [
        Decimal(int(value) * factor).scaleb(-places) if known else None
        for value, known in zip(column.values.tolist(), column.known.tolist(), strict=True)
    ]
    return pa.array(held, pa.decimal128(38, places))


def _places(scale: int) -> int | None:
    """How many decimal places numbers over a scale have; None where they have no end."""
    for places in range(19):
        if 10**places % scale == 0:
            return places
    return None


class FrameResult:
    """What a ledger comes to, in columns; row for row the records of the ledger that are evaluated.

    ``columns``: of each decision on a record its value under its name, and ``名·状态``, ``名·候选``; of an amount ``名·低`` and
    ``名·高`` as well, in its unit; of each rule asked for whether it holds. ``findings``: one row a finding. ``handed``: of
    each construct that the definition had to be asked for, for how many records. ``engine``: which executor ran.
    """

    def __init__(
        self,
        prepared: Prepared,
        program: core.Program,
        found: Evaluated,
        names: Names,
        engine: str,
        first: Mapping[str, int] | None = None,
    ) -> None:
        self.prepared = prepared
        self._first = first or {}
        self.program = program
        self.engine = engine
        self._found = found
        self._names = names

    def __len__(self) -> int:
        return self.prepared.evaluated

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
        that differ from record to record. Where those on rows of what records belong to differ so, there is a row for each record
        (``记录``, from 0) and row (``行``)."""
        found: dict[str, AnyColumn] = {}
        record = object_ == self.prepared.record
        if record and self.prepared.identity_field:
            identity = self.prepared.identity
            found[self.prepared.identity_field] = Strings(
                lambda: [identity(row) for row in range(len(self))], len(self)
            )
        own: list[tuple[Domain, dict[str, AnyColumn]]] = []
        for asked in self._found.asked:
            if isinstance(asked.output, FindingOutput) or not self._belongs(asked, object_):
                continue
            decision = asked.output.decision
            name = decision.name if self._names == "zh" else decision.key
            piece = self._found.pieces[asked.key]
            if isinstance(asked.output, DecisionOutput):
                own.append((asked.domain, _decided(name, asked.output, piece)))
            else:
                own.append((asked.domain, _amount(name, asked.output, piece)))
        for refused, given in self._found.refused:
            decision_ = refused.declaration
            if isinstance(decision_, core.Decision):
                domain = domain_of((RECORD, axis_of(refused.place)))
                if self._belongs(Asked(None, None, refused.place, domain), object_):  # type: ignore[arg-type]  # a place
                    name = decision_.name if self._names == "zh" else decision_.key
                    own.append((domain, _given(name, decision_, [one.result for one in given])))
        for rule in self._found.rules:
            if self._belongs(rule, object_):
                piece = self._found.pieces["rule", rule.name]
                own.append((rule.domain, {rule.name: Truths(piece.mask("true"), piece.mask("possible"))}))
        domain = joined(one for one, _ in own)
        for one, columns in own:
            places = self._layout.map(domain, one) if one != domain else None
            if places is not None and domain and domain[0] == RECORD:
                places = places[: self._layout.cut(len(self)).count(domain)]
            for name, column in columns.items():
                found[name] = column if places is None else taken(column, places)
        if len(domain) > 1 and domain[0] == RECORD and self._layout.rows(domain, domain[-1]) is not None:
            count = self._layout.cut(len(self)).count(domain)
            places = np.arange(count)
            rows = self._layout.rows(domain, domain[-1])
            assert rows is not None
            found = {"记录": Numbers(self._records(domain, places)), "行": Numbers(rows[:count]), **found}
        return Table(found)

    def _belongs(self, asked: Asked | RuleAsked, object_: str) -> bool:
        if asked.domain == RECORDS:
            return object_ == self.prepared.record
        return self._object(asked.place) == object_

    @cached_property
    def _layout(self) -> Layout:
        """The elements of the whole ledger."""
        return Layout(Space(self.prepared.record), self.prepared.tables, self._line, None)

    def _records(self, domain: Domain, places: Array) -> Array:
        """Of elements the record."""
        rows = self._layout.rows(domain, RECORD)
        return places if rows is None else rows[places]

    @cached_property
    def _line(self) -> tuple[str, ...]:
        line = [self.prepared.record]
        while (parent := self.program.objects[line[-1]].parent) is not None:
            line.append(parent)
        return tuple(line)

    # ---- findings

    @cached_property
    def findings(self) -> Table:
        """All findings that are not 不适用."""
        return self.findings_of(frozenset(FINDING_STATUSES) - {"not_applicable"})

    def findings_of(self, statuses: frozenset[str]) -> Table:
        """Findings by how they stand. ``记录``: the record's row from 0, none of what records belong to; ``对象``: what kind
        of instance, ``行``: its row in that table."""
        wanted = np.array([status in statuses for status in FINDING_STATUSES])
        parts: list[tuple[int, str, Array, Array, Array, Array]] = []
        labels: list[str] = []
        for asked in self._found.asked:
            output = asked.output
            if not isinstance(output, FindingOutput):
                continue
            name = output.declaration.name
            piece = self._found.pieces[asked.key]
            codes = piece.status()
            there = wanted[codes]
            if not (piece.is_fixed("exists") and piece.parts["exists"]):
                there &= piece.mask("exists")
            places = np.flatnonzero(there)
            if not len(places):
                continue
            due = np.zeros(len(places), np.int64)
            if "due" in piece.parts:
                known = piece.mask("due_known")[places]
                due = np.where(known, piece.number("due")[places], 0)
            records, rows = self._where(asked, places)
            number = labels.index(name) if name in labels else len(labels)
            if number == len(labels):
                labels.append(name)
            kind = output.place.below[-1] if output.place.below else ""
            object_ = self._object(asked.place)
            parts.append((number, f"{object_}\t{kind}", records, rows, codes[places], due))
        for refused, given in self._found.refused:
            if isinstance(refused.declaration, core.Decision):
                continue
            told = [one for one in given if isinstance(one.result, Finding) and one.result.status in statuses]
            if not told:
                continue
            name = refused.declaration.name
            if name not in labels:
                labels.append(name)
            kind = refused.place.below[-1] if refused.place.below else ""
            parts.append(
                (
                    labels.index(name),
                    f"{told[0].object}\t{kind}",
                    np.array([one.record for one in told], np.int64) - self._first.get(self.prepared.record, 0),
                    np.array([one.row for one in told], np.int64) - self._first.get(told[0].object, 0),
                    np.array([FINDING_STATUSES.index(_finding(one).status) for one in told], np.int32),
                    np.array([_ordinal(_finding(one).due) for one in told], np.int64),
                )
            )
        return self._listed(parts, labels)

    def _listed(self, parts: Sequence[tuple[int, str, Array, Array, Array, Array]], labels: Sequence[str]) -> Table:
        kinds = list(dict.fromkeys(part[1] for part in parts))
        counts = [len(part[2]) for part in parts]

        def together(place: int, dtype: Any) -> Array:
            if not parts:
                return np.zeros(0, dtype)
            return np.concatenate([part[place] for part in parts]).astype(dtype)

        records, rows = together(2, np.int64), together(3, np.int64)
        order = np.argsort(records, kind="stable")
        names = np.repeat(np.array([part[0] for part in parts], np.int32), counts)[order]
        objects = np.repeat(np.array([kinds.index(part[1]) for part in parts], np.int32), counts)[order]
        due = together(5, np.int64)[order]
        records, rows = records[order], rows[order]
        held = [kind.split("\t") for kind in kinds]
        paths, texts = self._paths([own for own, _ in held], objects, rows)
        return Table(
            {
                "记录": Numbers(np.where(records < 0, -1, records + self._first.get(self.prepared.record, 0))),
                "对象": _labels(objects, [own for own, _ in held]),
                "行": Numbers(rows + self._begin(held)[objects] if len(rows) else rows),
                "路径": _labels(paths, texts),
                "没有列出": _labels(objects, [kind or None for _, kind in held]),
                "名称": Labels(names, tuple(labels)),
                "状态": Labels(together(4, np.int32)[order], self._statuses(FINDING_STATUSES)),
                "期限": Days(due, due > 0),
            }
        )

    def _begin(self, held: Sequence[Sequence[str]]) -> Array:
        """Of each kind where its rows begin."""
        return np.array([self._first.get(own[0], 0) for own in held], np.int64)

    def _paths(self, kinds: Sequence[str], objects: Array, rows: Array) -> tuple[Array, list[str]]:
        """What results call each instance: 项目, 资产[0], 资金[0].明细[1]."""
        found = np.zeros(len(rows), np.int64)
        texts: list[str] = []
        for kind in dict.fromkeys(kinds):
            places = np.flatnonzero(np.isin(objects, [at for at, own in enumerate(kinds) if own == kind]))
            codes, own = self._path(kind, rows[places])
            found[places] = codes + len(texts)
            texts += own
        return found, texts

    def _path(self, kind: str, rows: Array) -> tuple[Array, list[str]]:
        if kind in self._line:
            return np.zeros(len(rows), np.int64), [kind]
        table = self.prepared.tables[kind]
        assert table.parent is not None and table.starts is not None and table.belongs is not None
        holders = table.parent[rows]
        turns = rows - table.starts[holders]
        above, holding = self._path(table.belongs, holders)
        longest = int(turns.max()) + 1 if len(turns) else 1
        held, codes = np.unique(above * longest + turns, return_inverse=True)
        texts = []
        for one in held.tolist():
            holder = holding[one // longest]
            texts.append(f"{holder}.{kind}[{one % longest}]" if holder.endswith("]") else f"{kind}[{one % longest}]")
        return codes, texts

    def _statuses(self, statuses: Sequence[str]) -> tuple[str, ...]:
        return tuple(STATUS_NAMES[status] for status in statuses) if self._names == "zh" else tuple(statuses)

    def _object(self, place: Place) -> str:
        return self._line[place.up] if place.space.source is None else place.space.object

    def _where(self, asked: Asked, places: Array) -> tuple[Array, Array]:
        """Of elements their record, -1 where they are of none, and the row of their table."""
        domain = asked.domain
        rows = self._layout.rows(domain, axis_of(asked.place))
        rows = places if rows is None else rows[places]
        records = self._records(domain, places) if domain[0] == RECORD else np.full(len(places), -1)
        return records, rows


def _finding(given: Given) -> Finding:
    assert isinstance(given.result, Finding)
    return given.result


def _ordinal(day: datetime.date | None) -> int:
    return 0 if day is None else day.toordinal()


def taken(column: AnyColumn, places: Array) -> AnyColumn:
    """The rows of a column at ``places``."""
    match column:
        case Labels(codes, values):
            return Labels(codes[places], values)
        case Lists(codes, lists):
            return Lists(codes[places], lists)
        case Exact(values, scale, known):
            return Exact(values[places], scale, known[places])
        case Days(days, known):
            return Days(days[places], known[places])
        case Truths(true, possible):
            return Truths(true[places], possible[places])
        case Numbers(values):
            return Numbers(values[places])
        case Strings(make, _):
            return Strings(
                lambda: [one for texts in [make()] for one in (texts[place] for place in places.tolist())], len(places)
            )


def _given(name: str, decision: core.Decision, results: Sequence[Any]) -> dict[str, AnyColumn]:
    """What the definition gave, as columns."""
    codes = np.arange(len(results))
    found: dict[str, AnyColumn] = {}
    statuses = _labels(codes, [STATUS_NAMES[one.status] for one in results])
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
        found[name] = _labels(codes, [one.value for one in results])
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


def _decided(name: str, output: DecisionOutput, piece: Piece) -> dict[str, AnyColumn]:
    decision = output.decision
    candidates = [value for value, _ in output.chosen.candidates]
    codes, rows = piece.classes(decision_parts(decision, candidates))
    came = [came_out(decision, candidates, bits) for bits in rows]
    found: dict[str, AnyColumn] = {}
    if decision.mode == "多选":
        found[name] = _lists(codes, [_several(decision, one) for one in came])
    else:
        found[name] = _labels(codes, [one.value if isinstance(one.value, str) else None for one in came])
    found[f"{name}·{_STATUS}"] = _labels(codes, [STATUS_NAMES[one.status] for one in came])
    found[f"{name}·{_CANDIDATES}"] = _lists(codes, [tuple(map(candidate_text, one.candidates)) for one in came])
    return found


def _several(decision: core.Decision, came: Came) -> tuple[str, ...] | None:
    if not isinstance(came.value, frozenset):
        return None
    return tuple(value for value in decision.values if value in came.value)


def _labels(codes: Array, values: Sequence[str | None]) -> Labels:
    names = tuple(dict.fromkeys(value for value in values if value is not None))
    places = np.array([-1 if value is None else names.index(value) for value in values], np.int32)
    return Labels(places[codes] if len(places) else codes.astype(np.int32), names)


def _lists(codes: Array, values: Sequence[tuple[str, ...] | None]) -> Lists:
    places: dict[Hashable, int] = {}
    for value in values:
        if value is not None:
            places.setdefault(value, len(places))
    numbers = np.array([-1 if value is None else places[value] for value in values], np.int32)
    return Lists(numbers[codes] if len(numbers) else codes.astype(np.int32), tuple(places))  # type: ignore[arg-type]  # tuples


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
        f"{name}·{_STATUS}": Labels(status.astype(np.int32), tuple(STATUS_NAMES[one] for one in STATUSES)),
        f"{name}·低": low,
        f"{name}·高": high,
    }


def _end(piece: Piece, part: str, type_: Type, known: Mask, output: AmountOutput) -> Exact | Days:
    values = piece.number(part)
    if type_.kind is Kind.DATE:
        return Days(values, known)
    factor = unit_factor(type_, type_.unit) if type_.unit and type_.kind is not Kind.INTEGER else 1
    scale = piece.scales[part] * Fraction(factor or 1)
    whole = values if scale.denominator == 1 else values.astype(object) * scale.denominator
    return Exact(whole, scale.numerator, known)
