"""Parameters that records differ in: a nation's counties in one run.

Why this exists: a county is a row of parameter values. Ten million projects under 2,800 of them are one program with a few
more columns, not 2,800 programs.

Invariants: a value is checked as the one caller's of `Policy.with_parameters` is; a record whose county has no values of its
own is under those of the policy.
"""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from policyrules.columns.bits import Array
from policyrules.columns.pieces import Pieces, of_values
from policyrules.columns.running import Sets
from policyrules.columns.store import Column, Prepared, Table
from policyrules.diagnostics import Diagnostic, PolicyError
from policyrules.engine.lowering.nodes import PARAMETERS
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.program.given import given_parameters
from policyrules.spelling import fold_word
from policyrules.types import Kind


@dataclass(frozen=True, slots=True)
class Counties:
    """``sets``: the values as columns, first those of the policy alone; ``given``: of each set what was given, by Chinese
    name; ``vary``: the parameters that are given at all; ``unmatched``: the counties that no record names."""

    sets: Sets
    given: tuple[Any, ...]
    vary: frozenset[str]
    unmatched: tuple[str, ...] = ()


def counties(
    program: core.Program, prepared: Prepared, parameters: Mapping[str, Mapping[str, object]] | object, by: str
) -> Counties:
    """The parameters of a run. ``parameters``: values by name or key of each county, by what the field ``by`` holds of it,
    or a frame with a column ``by`` and one for each parameter. ``by``: the name or key of a text or an enumeration of the
    record, or of what it belongs to.

    Raises `PolicyError` for a value that may not be set, `KeyError` for a field or a parameter that there is none of, and
    `ValueError` for a parameter that cannot differ from record to record.
    """
    table = rows_of(parameters, by)
    names = {own.key: own.name for own in program.parameters.values()}
    given: list[dict[str, object]] = [{}]
    places: dict[str, int] = {}
    for county, values in table.items():
        told = {names.get(name, name): value for name, value in values.items() if value is not None}
        for name in told:
            if name not in program.parameters:
                raise KeyError(name)
        if told:
            places[county] = len(given)
            given.append(told)
    vary = sorted({name for values in given for name in values}, key=list(program.parameters).index)
    for name in vary:
        if program.parameters[name].type.kind in (Kind.SET, Kind.TEXT):
            raise ValueError(f"参数 {name} 是{program.parameters[name].type.kind.value}，不能逐县给，请分开求值")
    known: dict[Hashable, Any] = {}
    read = [_read(program, values, known) for values in given]
    columns = {name: column_of(program.parameters[name], [values.get(name) for values in read]) for name in vary}
    sets, unmatched = places_of(program, prepared, by, places)
    return Counties(Sets(Table(PARAMETERS, len(given), columns), sets), tuple(given), frozenset(vary), unmatched)


def rows_of(parameters: object, by: str) -> Mapping[str, Mapping[str, object]]:
    """Values by name or key of each county: as they are given, or from a frame."""
    if isinstance(parameters, Mapping):
        return parameters
    given: Any = parameters
    for method, arguments in (("to_dicts", ()), ("to_pylist", ()), ("to_dict", ("records",))):
        if hasattr(given, method):
            given = getattr(given, method)(*arguments)
            break
    rows: Iterable[Mapping[str, object]] = given
    found: dict[str, Mapping[str, object]] = {}
    for row in rows:
        county = str(row[by])
        if county in found:
            raise ValueError(f"参数表里 {by} 为“{county}”的有两行")
        found[county] = {name: value for name, value in row.items() if name != by and value == value}
    return found


def _read(program: core.Program, values: Mapping[str, object], known: dict[Hashable, Any]) -> dict[str, Any]:
    """The canonical values. ``known``: those of values that came before; counties mostly set the same."""
    found: dict[str, Any] = {}
    problems: list[Diagnostic] = []
    for name in sorted(values):
        raw = values[name]
        key = (name, type(raw), raw)
        try:
            found[name] = known[key]
        except (KeyError, TypeError):
            table, wrong = given_parameters({name: program.parameters[name]}, {name: raw})
            problems += wrong
            found[name] = table[name].value
            if not wrong and isinstance(raw, (str, int, float, Decimal, Fraction, datetime.date)):
                known[key] = found[name]
    if problems:
        raise PolicyError(problems)
    return found


def column_of(own: core.Parameter, values: list[Any]) -> Column:
    """The values of a parameter as a column, None where it has none."""
    # A parameter has a type and bounds, as a field has.
    pieces = Pieces(own)  # type: ignore[arg-type]  # as said
    pieces.add(of_values(own, values))  # type: ignore[arg-type]  # as said
    return pieces.column()


def places_of(
    program: core.Program, prepared: Prepared, by: str, places: Mapping[str, int]
) -> tuple[Array, tuple[str, ...]]:
    """Of each record its set: that of the county that it names, else the first; and the names of ``places`` that none names.
    White space and the width of letters make no other county."""
    rows: Array | None = None
    for kind in belonging.line(program.objects, prepared.record):
        table = prepared.tables.get(kind)
        if table is None:
            break
        own = next((one for one in program.fields[kind].values() if by in (one.name, one.key)), None)
        if own is not None:
            found, unmatched = _codes(table.columns.get(own.name), table.rows, places, own)
            return found if rows is None else found[rows], unmatched
        if table.above is None:
            break
        rows = table.above if rows is None else table.above[rows]
    raise KeyError(by)


def _codes(
    column: Column | None, rows: int, places: Mapping[str, int], own: core.Field
) -> tuple[Array, tuple[str, ...]]:
    if own.type.kind not in (Kind.TEXT, Kind.ENUM):
        raise ValueError(f"{own.name} 是{own.type.kind.value}，按县给参数要用文本或者枚举的字段")
    named: dict[str, str] = {}
    for name in places:
        other = named.setdefault(fold_word(str(name)), name)
        if other != name:
            raise ValueError(f"“{other}”和“{name}”是同一个{own.name}，只能给一次")
    if column is None:
        return np.zeros(rows, np.int32), tuple(places)
    texts = own.type.values or column.texts
    sets = {folded: places[name] for folded, name in named.items()}
    table = np.array([*(sets.get(fold_word(text), 0) for text in texts), 0], np.int32)
    found: Array = table[column.values]
    met = set(np.unique(found).tolist())
    return found, tuple(name for name, place in places.items() if place not in met)


__all__ = ["Counties", "column_of", "counties", "places_of", "rows_of"]
