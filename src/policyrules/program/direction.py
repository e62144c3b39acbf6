"""Which way is stricter: a lower layer's value against what holds above it, on every stretch of time.

Why this exists: 授权 从严（越高越严） says of a number or a date which of two values is the stricter one, so that form alone
tells whether a 设定 keeps within the authority it was given. What an upper layer says may change on a day, and so may the
setting: the two are compared wherever both are in force.

Invariants: nothing here reads the evaluation date, so a stack is refused or accepted whatever the date; an equal value is
never laxer; a what-if of the caller (`given`) is no layer and is not compared.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policyrules.diagnostics import Label
from policyrules.program import nodes as core
from policyrules.source import Span
from policyrules.types import ORDERED, Kind, Number, Type, Value, value_text

if TYPE_CHECKING:
    from policyrules.language import nodes as surface
    from policyrules.program.symbols import Symbols

HIGHER: core.Direction = "越高越严"


def is_laxer(direction: core.Direction, value: Value, above: Value) -> bool:
    """Whether ``value`` is laxer than what stands above it; both of one ordered type.

    >>> is_laxer("越高越严", 40, 55), is_laxer("越高越严", 55, 55), is_laxer("越低越严", 40, 55)
    (True, False, False)
    """
    if direction == HIGHER:
        return bool(value < above)  # type: ignore[operator]  # ordered, and of one type
    return bool(value > above)  # type: ignore[operator]  # as above


def strict_end(parameter: core.Parameter) -> Number | datetime.date | None:
    """The strictest value that the declared bounds of a parameter permit; None where there is none."""
    return parameter.high if parameter.direction == HIGHER else parameter.low


@dataclass(frozen=True, slots=True)
class Stretch:
    """A value and the days on which a layer holds it, both included (None: from ever, for ever)."""

    value: Value
    since: datetime.date | None
    until: datetime.date | None
    span: Span

    def meets(self, other: Stretch) -> bool:
        """Whether there is a day in both."""
        return not _before(self.until, other.since) and not _before(other.until, self.since)


def _before(end: datetime.date | None, start: datetime.date | None) -> bool:
    return end is not None and start is not None and end < start


def stretches(
    dated: Iterable[tuple[Value, surface.DatedValue]],
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> tuple[Stretch, ...]:
    """The values of one declaration in the order they begin, each until the next begins, within ``since`` to ``until``."""
    ordered = sorted(dated, key=lambda pair: pair[1].since or datetime.date.min)
    found: list[Stretch] = []
    for index, (value, entry) in enumerate(ordered):
        following = ordered[index + 1] if index + 1 < len(ordered) else None
        end = until
        if following is not None:
            assert following[1].since is not None, "only one value has no day, and it is the first"
            if following[1].since == datetime.date.min:
                continue
            end = min(following[1].since - datetime.timedelta(days=1), until or datetime.date.max)
        start = max(entry.since, since) if entry.since is not None and since is not None else entry.since or since
        if not _before(end, start):
            found.append(Stretch(value, start, end, entry.span))
    return tuple(found)


def refuse_laxer(
    symbols: Symbols,
    name: str,
    type_: Type,
    direction: core.Direction,
    above: Sequence[Stretch],
    held: Sequence[Stretch],
) -> bool:
    """Report each value ``held`` by a lower layer that on some day is laxer than what stands ``above``, with both places
    and both values; whether there is none."""
    sound = True
    for value in held:
        strictest: Stretch | None = None
        for upper in above:
            laxer = value.meets(upper) and is_laxer(direction, value.value, upper.value)
            if laxer and (strictest is None or is_laxer(direction, strictest.value, upper.value)):
                strictest = upper
        if strictest is None:
            continue
        mine, theirs = value_text(value.value, type_), value_text(strictest.value, type_)
        less, least = ("低于", "不低于") if direction == HIGHER else ("高于", "不高于")
        if type_.kind is Kind.DATE:
            less, least = ("早于", "不早于") if direction == HIGHER else ("晚于", "不晚于")
        message = f"“{name}”设为 {mine}，{less}上层的 {theirs}：上层授权 从严（{direction}），只可更严"
        remedy = f"写{least} {theirs} 的值；确要放宽的，请上层写明 授权 自定"
        label = Label(strictest.span, f"上层这时是 {theirs}")
        sound = symbols.refuse("E309", message, value.span, remedy, label) and sound
    return sound


def check_directed(symbols: Symbols, name: str, type_: Type, stated: surface.StatedAuthority | None) -> bool:
    """Whether what states a direction has an order; reported where it has not."""
    if stated is None or stated.direction is None or type_.kind in ORDERED:
        return True
    message = f"“{name}”是{type_.kind.value}，没有高低，不能写 从严（{stated.direction}）"
    symbols.error("E310", message, stated.span, f"删去（{stated.direction}）")
    return False
