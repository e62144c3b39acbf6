"""Mappings that nobody changes.

Why this exists: policies and results are shared between threads and kept behind a fingerprint; a table that somebody
emptied would make both lie. A proxy would do, but neither pickles nor is written as JSON.

Invariant: a `ReadOnly` reads as fast as the dict that it is.
"""

from __future__ import annotations

from typing import NoReturn, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class ReadOnly(dict[_K, _V]):
    """A mapping that nobody changes, and that is a dict all the same: it pickles, copies and is written as JSON."""

    def _refuse(self, *given: object, **named: object) -> NoReturn:
        raise TypeError("规则、参数和结果是只读的")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[ReadOnly[_K, _V]], tuple[dict[_K, _V]]]:
        return type(self), (dict(self),)
