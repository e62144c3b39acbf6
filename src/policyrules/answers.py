"""What lies behind a result: whoever can be asked, and the fields that are filled when somebody looks.

Why this exists: most callers want a value. What is dear (missing inputs, other readings, reasons) is worked out when first asked
for, and a result that the compiled engine began is filled as far as it is read; a result itself is a plain value all the same.

Invariants: the handle to whoever made a result is no field: it takes no part in equality. Before a result is pickled, missing
inputs and other readings are settled, so that they travel; reasons do not, since they are many times larger: ask
`Policy.explain` of the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from policyrules.explanation import Missing, Reason

_T = TypeVar("_T")


class Answers(Protocol):
    """What may be asked of whoever made a result: an engine, or what was settled before the result travelled.
    ``instance`` is whatever the maker knows the object of the result by."""

    def missing(self, instance: Any, result: str) -> Missing: ...

    def readings(self, instance: Any, result: str) -> Mapping[str, Mapping[str, Any]]: ...

    def reason(self, instance: Any, result: str, *, members: bool = True) -> Reason: ...


@dataclass(frozen=True, slots=True)
class Settled:
    """The answers that travel with a pickled result."""

    found: Missing
    other: Mapping[str, Mapping[str, Any]]

    def missing(self, instance: Any, result: str) -> Missing:
        return self.found

    def readings(self, instance: Any, result: str) -> Mapping[str, Mapping[str, Any]]:
        return self.other

    def reason(self, instance: Any, result: str, *, members: bool = True) -> Reason:
        raise LookupError("理由没有随结果一起传来；请用 policy.explain(record) 再问")


class Completing(Answers, Protocol):
    """Whoever made a result and left fields of it open until somebody asks for one."""

    def complete(self, part: Any, name: str) -> None:
        """Fill the field ``name`` of a result, and whatever else is known then."""


class Filling:
    """What may have fields that are open: they are filled when one of them is first read. Nothing else tells it from what was
    made whole."""

    __slots__ = ("_maker",)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            maker = None if name.startswith("_") else _maker_of(self)
            if maker is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            maker.complete(self, name)
            return object.__getattribute__(self, name)


def _maker_of(part: Any) -> Completing | None:
    try:
        return object.__getattribute__(part, "_maker")  # type: ignore[no-any-return]  # set by `begun` alone
    except AttributeError:
        return None


def begun(kind: type[_T], maker: Completing, given: Mapping[str, Any]) -> _T:
    """A result of which only the fields ``given`` are known; the others are open."""
    part = object.__new__(kind)
    set_ = object.__setattr__
    set_(part, "_maker", maker)
    for name, value in given.items():
        set_(part, name, value)
    return part


def starting(kind: type[_T], *names: str) -> Callable[..., _T]:
    """What makes results of which only some fields are known, the others open, as fast as can be: a function of the maker and of
    what stands in the slots ``names``."""
    slots = ("_maker", *names)
    arguments = ", ".join(f"a{place}" for place in range(len(slots)))
    lines = [f"def start({arguments}):", " part = new(kind)"]
    lines += [f" s{place}(part, a{place})" for place in range(len(slots))]
    space: dict[str, Any] = {"new": object.__new__, "kind": kind}
    space.update((f"s{place}", getattr(kind, slot).__set__) for place, slot in enumerate(slots))
    exec("\n".join((*lines, " return part")), space)
    return space["start"]  # type: ignore[no-any-return]  # as written


def fill(part: object, given: Mapping[str, Any]) -> None:
    """Fill fields that were left open."""
    for name, value in given.items():
        object.__setattr__(part, name, value)


class Asked(Filling):
    """A result with a handle to its maker, which is none of its fields."""

    __slots__ = ("_answers", "_instance")

    _answers: Answers | None
    _instance: Any

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), _values(self), None if answers_of(self) is None else self._settled())

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def _settled(self) -> Settled:
        raise NotImplementedError


def attach(result: Asked, answers: Answers, instance: Any) -> None:
    """Let ``result`` be asked what lies behind it."""
    object.__setattr__(result, "_answers", answers)
    object.__setattr__(result, "_instance", instance)


def answers_of(result: Asked) -> Answers | None:
    """Whoever can be asked about ``result``: whoever made it, where nothing else is said."""
    return getattr(result, "_answers", None) or _maker_of(result)


def asked_of(result: Asked) -> Answers:
    """As `answers_of`; raises `LookupError` where nobody can be asked."""
    answers = answers_of(result)
    if answers is None:
        # To say that nothing is missing would be an answer, and a wrong one.
        raise LookupError("这个结果不是求值得来的，不知道还缺什么；请用 policy.missing(record, …) 问")
    return answers


def _values(result: Asked) -> tuple[Any, ...]:
    return tuple(getattr(result, each.name) for each in fields(result))  # type: ignore[arg-type]  # subclasses are dataclasses


def _restored(kind: type[Any], values: tuple[Any, ...], answers: Settled | None) -> Any:
    result = kind(*values)
    if answers is not None:
        attach(result, answers, None)
    return result


def travelling(readings: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """Readings as they travel: those of a result under another reading, which have no end, stay behind."""
    return {
        name: {
            other: _restored(type(result), _values(result), Settled(result.missing, {}))
            for other, result in results.items()
        }
        for name, results in readings.items()
    }
