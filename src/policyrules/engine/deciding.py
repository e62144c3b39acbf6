"""Deciding sets: the fewest blanks that settle a condition one way or the other.

Why this exists: the arithmetic of "how many answers are enough" is the same for conditions, counts and decisions.

Invariants: a way's size adds up as if no blank repeated; joining never copies, so that one pass stays linear; a way that
agrees works: some answers to its blanks settle it that way, since whatever counts on answers to one blank was found to allow
one of them; what is told of an outcome agrees. Of ways of one size it is the same one, in whatever order parts, rules, rows of
a table and rows with names are written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, TypeAlias

from policyrules.engine.values import Abstract, Truth
from policyrules.explanation import Blank, Missing
from policyrules.frozen import single
from policyrules.operators import CompareOp


@single
class Answers:
    """The answers to a blank that a test counts on to come out one way: those of ``points``, and others, that ``allows`` allows.
    Of a test that is not looked into nothing is known: no other is found to allow the same answer."""

    points: tuple[Any, ...] = ()
    allows: Callable[[Any], bool] | None = None


@single
class Way:
    """Blanks that settle something one way, as a tree so that ways are joined without copying. ``first``: the first of the
    blanks as declared; ``mark``: a number that the blanks add up to, in whatever order, the less the earlier they are declared.
    ``blank``: of a way to ask a single one, and ``answers`` which answers it counts on; None where any will do."""

    size: int
    parts: tuple[Way, ...] = ()
    first: Place = ()
    mark: int = 0
    blank: Blank | None = None
    answers: Answers | None = None

    @property
    def rank(self) -> tuple[int, Place, int]:
        """What is compared of ways: the smallest, then the one that asks for what is declared first."""
        return self.size, self.first, self.mark


Place: TypeAlias = tuple[Any, ...]
MaybeWay: TypeAlias = Way | None
"""None: it cannot come out that way."""
NO_EFFORT: Final = Way(0)


@single
class Reached:
    """A way to make a number known: what it may be then, whether it is ``free`` to come to the ends of that, and ``dense``, to each of it."""

    way: Way
    value: Abstract
    free: bool = True
    dense: bool = True


def asking(blank: Blank, answers: Answers | None = None) -> Way:
    """To ask one blank."""
    place, mark = _placed(blank.kind, blank.declared, blank.where, blank.name, blank.detail)
    return Way(1, (), place, mark, blank, answers)


_MARKS: Final = 96
"""Bits in which no sum of marks is full."""
_MOST_PLACED: Final = 20_000
_KINDS: Final = {
    kind: place
    for place, kind in enumerate(
        ("field", "rows", "portfolio", "parameter", "calendar", "recognition", "conflict", "presumption", "undefined")
    )
}


def _place(blank: Blank) -> Place:
    """Where a blank stands among all: cells before lists and the ledger, each as declared; of rows by what they are called."""
    return _placed(blank.kind, blank.declared, blank.where, blank.name, blank.detail)[0]


@lru_cache(maxsize=_MOST_PLACED)
def _placed(kind: str, declared: int, where: str, name: str, detail: str) -> tuple[Place, int]:
    """The place of a blank, and its mark: a ledger asks for the same ones again and again."""
    # What is named by its words is named in the order written.
    words = sorted(name) if kind in ("undefined", "recognition") else [name]
    called = [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", where)]
    place = _KINDS[kind], declared, tuple(called), "".join(words), detail
    mark = int.from_bytes(blake2b(repr(place).encode("utf-8", "surrogatepass"), digest_size=8).digest())
    return place, (declared << _MARKS) + mark


def together(ways: Iterable[MaybeWay]) -> MaybeWay:
    """All of the ways."""
    found: list[Way] = []
    size = mark = 0
    for way in ways:
        if way is None:
            return None
        if way.size:
            found.append(way)
            size += way.size
            mark += way.mark
    if not found:
        return NO_EFFORT
    return found[0] if len(found) == 1 else Way(size, tuple(found), min(way.first for way in found), mark)


def cheapest(ways: Iterable[MaybeWay]) -> MaybeWay:
    """The smallest of the ways, of equals the one that asks for what is declared first."""
    best: MaybeWay = None
    for way in ways:
        if way is not None and (
            best is None or way.size < best.size or (way.size == best.size and way.rank < best.rank)
        ):
            best = way
    return best


def cheapest_of(count: int, ways: Iterable[tuple[int, MaybeWay]]) -> MaybeWay:
    """The smallest ``count`` of the ways, each given with how many times it is there."""
    possible = sorted(((most, way) for most, way in ways if way is not None), key=lambda one: one[1].rank)
    taken: list[Way] = []
    for most, way in possible:
        if count <= 0:
            break
        taken.append(repeated(way, min(most, count)))
        count -= most
    return None if count > 0 else together(taken)


def repeated(way: Way, times: int) -> Way:
    """``way`` for each of several that are alike and are named together."""
    if times == 1:
        return way
    return Way(way.size * times, (way,), way.first, way.mark * times) if times and way.size else NO_EFFORT


@single
class Open:
    """What is left of a condition: its blanks (``parts``), the fewest that make it true and false. Of a value: both
    are the blanks that make it known."""

    parts: tuple[Open | Blank, ...]
    true: MaybeWay
    false: MaybeWay
    exact: bool = True

    @property
    def settle(self) -> MaybeWay:
        """The fewest blanks that make it known."""
        return cheapest((self.true, self.false))


TRUE: Final = Open((), NO_EFFORT, None)
FALSE: Final = Open((), None, NO_EFFORT)
KNOWN: Final = Open((), NO_EFFORT, NO_EFFORT)


def ask(blank: Blank) -> Open:
    """What is open of a single blank: an answer may settle it either way."""
    way = asking(blank)
    return Open((blank,), way, way)


def tested(found: Open, points: Iterable[Any] = (), holds: Callable[[Any], Truth] | None = None) -> Open:
    """What is open of a test on values: it counts on other answers to be true than to be false. Of a single blank ``holds`` says what
    the test comes to with an answer, and ``points`` are answers that it may turn on."""
    known = tuple(points)

    def told(way: MaybeWay, truth: bool) -> MaybeWay:
        return counting(way, Answers(known, None if holds is None else lambda answer: holds(answer) is truth))

    return Open(found.parts, told(found.true, True), told(found.false, False), found.exact)


def counting(way: MaybeWay, answers: Answers) -> MaybeWay:
    """A way whose blanks are asked for such answers."""
    if way is None or not way.size:
        return way
    if way.blank is not None:
        # Most tests are of one cell.
        return Way(1, (), way.first, way.mark, way.blank, answers)
    leaves = tuple([Way(1, (), leaf.first, leaf.mark, leaf.blank, answers) for leaf in leaves_of(way)])
    return Way(way.size, leaves, way.first, way.mark)


def valued(way: MaybeWay, answers: Answers) -> MaybeWay:
    """A way of whose blanks those that any answer did for are asked for such answers."""
    if way is None or not way.size:
        return way
    leaves = [
        leaf if leaf.answers is not None else Way(1, (), leaf.first, leaf.mark, leaf.blank, answers)
        for leaf in leaves_of(way)
    ]
    return Way(way.size, tuple(leaves), way.first, way.mark)


def opposite(open_: Open) -> Open:
    """非."""
    return Open(open_.parts, open_.false, open_.true, open_.exact)


def all_of(opens: Sequence[Open]) -> Open:
    """且."""
    return Open(
        tuple(r for r in opens if r.parts),
        together(r.true for r in opens),
        cheapest(r.false for r in opens),
        all(r.exact for r in opens),
    )


def any_of(opens: Sequence[Open]) -> Open:
    """或."""
    return opposite(all_of([opposite(r) for r in opens]))


def joined(opens: Sequence[Open]) -> Open:
    """A value that several others make up: an upper bound unless there is one blank."""
    way = together(r.settle for r in opens)
    exact = all(r.exact for r in opens) and (way is None or way.size <= 1)
    return Open(tuple(r for r in opens if r.parts), way, way, exact)


def either(first: Open, second: Open) -> Open:
    """首选 whose first choice is absent: filling it in settles the value just as filling in the second does."""
    if not first.parts or not second.parts:
        return second
    return Open(
        (first, second),
        cheapest((first.true, second.true)),
        cheapest((first.false, second.false)),
        first.exact and second.exact,
    )


def counted(op: CompareOp, bound: Any, rows: Sequence[tuple[int, Open]]) -> Open:
    """A count of rows, each given with how many are like it, against a known number: the cheapest rows are brought in or
    kept out."""
    sure = sum(count for count, r in rows if r is TRUE)
    open = [(count, r) for count, r in rows if r.parts]
    among = sum(count for count, _ in open)
    bound = math.ceil(bound) if op in ("≥", "<") else math.floor(bound)

    def reaching(least: int) -> MaybeWay:
        return cheapest_of(max(least - sure, 0), [(count, r.true) for count, r in open])

    def staying(most: int) -> MaybeWay:
        if most < sure:
            return None
        return cheapest_of(max(sure + among - most, 0), [(count, r.false) for count, r in open])

    match op:
        case "≥":
            true, false = reaching(bound), staying(bound - 1)
        case ">":
            true, false = reaching(bound + 1), staying(bound)
        case "<":
            true, false = staying(bound - 1), reaching(bound)
        case "≤":
            true, false = staying(bound), reaching(bound + 1)
        case _:
            equal = _exactly(bound - sure, open)
            other = cheapest((reaching(bound + 1), staying(bound - 1)))
            true, false = (equal, other) if op == "=" else (other, equal)
    return Open(tuple(r for _, r in open), true, false, all(r.exact for _, r in open))


def _exactly(wanted: int, open: Sequence[tuple[int, Open]]) -> MaybeWay:
    """The fewest blanks for exactly ``wanted`` of the rows to count."""
    ways: list[Way] = []
    free: list[tuple[int, Way, Way]] = []
    for count, r in open:
        if r.true is None or r.false is None:
            only = r.true or r.false
            if only is None:
                return None
            wanted -= count if r.false is None else 0
            ways.append(repeated(only, count))
        else:
            free.append((count, r.true, r.false))
    if wanted < 0:
        return None
    # Those whose way in is cheapest compared with their way out come in.
    for count, true, false in sorted(free, key=lambda one: (one[1].size - one[2].size, one[1].rank, one[2].rank)):
        inside = min(wanted, count)
        wanted -= inside
        ways += [repeated(true, inside), repeated(false, count - inside)]
    return together(ways) if wanted == 0 else None


def answer(open_: Open) -> Missing:
    """What is open as people read it: every blank once, in the order met; ``exact`` False where one repeats. No blanks are told to
    decide that were not found to."""
    relevant, repeats = _flatten(open_.parts)
    way = agreeing((open_.true, open_.false))
    deciding = blanks_of(way) if way is not None and Agreement().take(way) else ()
    return Missing(tuple(relevant), deciding, open_.exact and not repeats)


def flat(open_: Open) -> Open:
    """The same with its blanks side by side, for whoever joins it to others again and again."""
    blanks, repeats = _flatten(open_.parts)
    # One that comes twice says so of all that it is part of.
    parts = (*blanks, *blanks[:1]) if repeats else tuple(blanks)
    true, false = _flat(open_.true), _flat(open_.false)
    return Open(parts, true, true if open_.true is open_.false else false, open_.exact)


def _flat(way: MaybeWay) -> MaybeWay:
    return None if way is None else Way(way.size, tuple(leaves_of(way)), way.first, way.mark)


def blanks_of(way: MaybeWay) -> tuple[Blank, ...]:
    """The blanks of a way, each once, as declared."""
    leaves = [] if way is None else leaves_of(way)
    return tuple(sorted({leaf.blank for leaf in leaves if leaf.blank is not None}, key=_place))


def leaves_of(way: Way) -> list[Way]:
    """The ways to ask a single blank that a way is made of, each once, in their order."""
    if way.blank is not None:
        return [way]
    found: list[Way] = []
    seen: set[int] = set()
    pending = [way]
    while pending:
        part = pending.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if part.blank is not None:
            found.append(part)
        pending.extend(reversed(part.parts))
    return found


# ---- agreement ------------------------------------------------------------------------------------------------------

_MOST_TESTS: Final = 64
"""Tests of one blank that are held against each other."""
_MOST_WAYS: Final = 8
"""Ways that are tried until one agrees."""


class Agreement:
    """Ways that are taken together, and which answers they count on: to every blank there is one that all of them allow."""

    __slots__ = ("_on",)

    def __init__(self) -> None:
        self._on: dict[Blank, tuple[Answers, ...]] = {}

    def take(self, way: Way) -> bool:
        """Take a way as well, where it agrees with itself and with what was taken; whether it does."""
        taken: dict[Blank, tuple[Answers, ...]] = {}
        for leaf in leaves_of(way):
            blank, answers = leaf.blank, leaf.answers
            if blank is None or answers is None:
                continue
            others = taken.get(blank) or self._on.get(blank, ())
            if answers in others:
                continue
            taken[blank] = (*others, answers)
            if others and not _agree(taken[blank]):
                return False
        self._on.update(taken)
        return True


def _agree(tests: Sequence[Answers]) -> bool:
    if len(tests) > _MOST_TESTS:
        return False
    allowed = [one.allows for one in tests if one.allows is not None]
    return len(allowed) == len(tests) and any(
        all(allows(point) for allows in allowed) for one in tests for point in one.points
    )


def distinct(way: Way) -> bool:
    """Whether no value is asked for twice, and what is asked agrees."""
    if way.size <= 1:
        return True
    leaves = leaves_of(way)
    values = [leaf.blank for leaf in leaves if leaf.answers is None]
    if values:
        tests = {leaf.blank for leaf in leaves if leaf.answers is not None}
        if len(leaves) < way.size or len(set(values)) < len(values) or not tests.isdisjoint(values):
            return False
    return Agreement().take(way)


def agreeing(ways: Iterable[MaybeWay]) -> MaybeWay:
    """The smallest of the ways that agrees with itself, where that is one of the first; else the smallest of all."""
    ranked = sorted((way for way in ways if way is not None), key=lambda way: way.rank)
    return next((way for way in ranked[:_MOST_WAYS] if Agreement().take(way)), ranked[0] if ranked else None)


def _flatten(parts: Iterable[Open | Blank]) -> tuple[list[Blank], bool]:
    """The blanks of a tree in the order met, each once, and whether one repeats."""
    found: dict[Blank, None] = {}
    seen: set[int] = set()
    repeats = False
    pending: list[Open | Blank] = list(reversed(tuple(parts)))
    while pending:
        part = pending.pop()
        if isinstance(part, Blank):
            known = len(found)
            found[part] = None
            repeats = repeats or len(found) == known
        elif id(part) in seen:
            repeats = True
        else:
            seen.add(id(part))
            pending.extend(part.parts[::-1])
    return list(found), repeats
