"""Frozen dataclasses with slots that are cheap to declare.

Why this exists: `dataclasses` compiles seven functions for every class, half a thousandth of a second each time a process
starts; a program has sixty kinds of nodes, and a process that reads what is known already calls few of their functions.

Invariants: a class is what ``@dataclass(frozen=True, slots=True)`` makes of it, and its functions are those that `dataclasses`
writes; they are written when one of them is first called. Such a class inherits from such classes alone.

>>> from policyrules.frozen import frozen
>>> @frozen
... class Point:
...     x: int
...     y: int = 0
>>> Point(1), Point(1) == Point(1, 0), len({Point(1), Point(1)})
(Point(x=1, y=0), True, 1)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar, dataclass_transform

_T = TypeVar("_T")
_COMPARING: Final = ("__eq__", "__hash__")
_WRITTEN: Final = ("__init__", "__repr__", *_COMPARING)


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def frozen(cls: type[_T]) -> type[_T]:
    """``cls`` as a frozen dataclass with slots."""
    return _made(cls, equal=True)


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(dataclasses.field,))
def single(cls: type[_T]) -> type[_T]:
    """As `frozen`, of things that are what they are: each equals itself alone (``eq=False``)."""
    return _made(cls, equal=False)


def _made(cls: type[_T], *, equal: bool) -> type[_T]:
    own = [name for name in _WRITTEN if name not in cls.__dict__ and (equal or name not in _COMPARING)]
    if cls.__doc__ is None:
        # Else its signature would be looked for, which takes longer than all the rest.
        cls.__doc__ = cls.__name__
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    for name in own:
        setattr(made, name, _later(made, name, own))
    made.__setattr__ = _no_setting
    made.__delattr__ = _no_deleting
    made.__getstate__ = _state
    made.__setstate__ = _set_state
    return made  # type: ignore[no-any-return]  # a class, as it was


def _later(made: Any, name: str, own: list[str]) -> Callable[..., Any]:
    """What stands for a function of a class until it is called."""

    def function(self: object, /, *given: Any, **named: Any) -> Any:
        _write(made, own)
        return getattr(made, name)(self, *given, **named)

    function.__name__ = name
    function.__qualname__ = f"{made.__qualname__}.{name}"
    return function


def _write(made: Any, own: list[str]) -> None:
    """Write the functions of a class."""
    fields = dataclasses.fields(made)
    space: dict[str, Any] = {field.name: field for field in fields}
    space |= {"__annotations__": {field.name: field.type for field in fields}, "__qualname__": made.__qualname__}
    space |= {"__module__": made.__module__, "__doc__": made.__doc__}
    if hasattr(made, "__post_init__"):
        space["__post_init__"] = made.__post_init__
    twin: Any = dataclasses.dataclass(frozen=True)(type(made.__name__, (), space))
    for name in own:
        setattr(made, name, twin.__dict__[name])


def _no_setting(self: object, name: str, value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _no_deleting(self: object, name: str) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
