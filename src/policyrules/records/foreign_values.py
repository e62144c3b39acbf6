"""Values of other libraries as Python holds them: NaN, NaT and NA, scalars and arrays of numpy, pandas and Arrow.

Why this exists: frames and services hand over what their library holds, and a cell means the same whoever wrote it. None of the
libraries is needed here: their values are known by what they can do.

Invariants: nothing here raises for any value; a float of 32 bits is the shortest decimal that is this number.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from policyrules.records.arrow_cells import cell_of

_OWN: Final = frozenset(
    {type(None), bool, int, str, Decimal, Fraction, datetime.date, datetime.datetime, list, tuple, dict, set, frozenset}
)


def plain_value(value: object) -> object:
    """``value`` as Python itself would hold it; None where it stands for nothing, whoever wrote it: NaN, NaT and NA.

    A scalar of another library is what it says it is of Python, an array a list. What is nothing of the kind is handed on as it is.

    >>> plain_value(float("nan")), plain_value(Decimal("NaN")), plain_value(0.5), plain_value("nan")
    (None, None, 0.5, 'nan')
    """
    kind = type(value)
    if kind in _OWN:
        return None if kind is Decimal and isinstance(value, Decimal) and value.is_nan() else value
    if _is_nothing(value):
        return None
    if isinstance(value, (bool, int, str, datetime.date, Decimal, Fraction)):
        return value
    if isinstance(value, float):
        # A subclass may write itself as no float does.
        return float(value)
    return _unwrapped(value, kind.__name__)


def _is_nothing(value: object) -> bool:
    """What is not equal to itself is no value: NaN and NaT say so; NA says neither yes nor no, and answers with itself."""
    try:
        differs = value != value  # the question is whether it is equal to itself
        return not hasattr(differs, "__len__") and (_is_neither(differs) if differs is value else bool(differs))
    except Exception:
        # Whatever a foreign object makes of the question, it is not nothing.
        return False


def _is_neither(value: object) -> bool:
    """Whether ``value`` is neither true nor false; the False of numpy, which is equal to itself, is false."""
    try:
        return bool(value)
    except TypeError:
        return True


def _unwrapped(value: Any, kind: str) -> object:
    """A scalar or an array of numpy, a column of pandas, a scalar of Arrow, as Python holds it; any other object itself."""
    if type(value).__module__ == "pyarrow.lib":
        held = cell_of(value)
        return held if held is value else plain_value(held)
    shape = getattr(value, "shape", None)
    if isinstance(value, type) or not isinstance(shape, tuple):
        return value
    if kind == "MaskedConstant":
        # What numpy has for a cell that is not there.
        return None
    try:
        if shape:
            return [plain_value(item) for item in value] if len(shape) == 1 else value
        if kind.startswith("datetime"):
            # A date of numpy counts days, seconds or billionths of them; its text is the same for all.
            return datetime.date.fromisoformat(str(value)[:10])
        if kind.startswith("float"):
            # The shortest decimal that is this number at its own precision.
            return Decimal(str(value))
        inner = value if kind.startswith("timedelta") else value.item()
        return inner if type(inner) in _OWN else value
    except Exception:
        return value
