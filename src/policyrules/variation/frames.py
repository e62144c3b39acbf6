"""The rows of an impact as frames of Arrow, Polars and pandas.

Why this exists: analysts go on from the list of changes in the tools they know.

Invariants: amounts are decimals where some decimal is exact, else texts; a blank is null.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Protocol

from policyrules.types import number_text

_PLACES: Final = 18


class Flat(Protocol):
    """Rows of one shape. ``row_names``: their columns; ``numbers``: those of exact numbers."""

    def rows(self) -> Iterator[dict[str, object]]: ...
    def row_names(self) -> tuple[str, ...]: ...
    def numbers(self) -> tuple[str, ...]: ...


def to_arrow(flat: Flat) -> Any:
    """The rows as a table of pyarrow. Raises `policyrules.columns.MissingBatch` (an `ImportError`) without it."""
    from policyrules.columns.arrow import pa

    rows = list(flat.rows())
    numbers = flat.numbers()
    columns: dict[str, Any] = {}
    for name in flat.row_names():
        values = [row[name] for row in rows]
        if name in numbers:
            kind = _decimal(pa, values)
            columns[name] = pa.array([_told(value, kind != pa.string()) for value in values], kind)
        else:
            columns[name] = pa.array(
                values, pa.bool_() if all(isinstance(one, bool) for one in values) and values else pa.string()
            )
    return pa.table(columns)


def to_polars(flat: Flat) -> Any:
    """The rows as a Polars frame. Raises `ImportError` without Polars or pyarrow."""
    from policyrules.columns.tables import polars_of

    return polars_of(to_arrow(flat))


def to_pandas(flat: Flat) -> Any:
    """The rows as a pandas frame. Raises `ImportError` without pandas or pyarrow."""
    return to_arrow(flat).to_pandas()


def _decimal(pa: Any, values: list[Any]) -> Any:
    """Decimals with as many places as all need; texts where a number has no end."""
    places = 0
    for value in values:
        if isinstance(value, Fraction):
            needed = next((n for n in range(_PLACES + 1) if 10**n % value.denominator == 0), None)
            if needed is None:
                return pa.string()
            places = max(places, needed)
    return pa.decimal128(38, places)


def _told(value: Any, exact: bool) -> Any:
    if value is None:
        return None
    if not exact:
        return number_text(value)
    return Decimal(Fraction(value).numerator) / Decimal(Fraction(value).denominator)
