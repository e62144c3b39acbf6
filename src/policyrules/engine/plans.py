"""Plans: which blanks settle a condition one way or the other, and how plans join.

Why this exists: the arithmetic of "how many answers are enough" is the same for conditions, counts and decisions.

Invariants: a plan's size adds up as if no blank repeated; joining never copies, so that one pass stays linear.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from policyrules.engine.outcome import Blank, Missing
from policyrules.program.nodes import CompareOp


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Blanks that settle something one way, as a tree so that plans are joined without copying."""

    size: int
    parts: tuple[Plan | Blank, ...] = ()


MaybePlan: TypeAlias = Plan | None
"""None: it cannot come out that way."""
NO_EFFORT: Final = Plan(0)


def together(plans: Iterable[MaybePlan]) -> MaybePlan:
    """All of the plans."""
    found: list[Plan] = []
    for plan in plans:
        if plan is None:
            return None
        if plan.size:
            found.append(plan)
    if len(found) == 1:
        return found[0]
    return Plan(sum(plan.size for plan in found), tuple(found))


def cheapest(plans: Iterable[MaybePlan]) -> MaybePlan:
    """The smallest of the plans, the first of equals."""
    return min((plan for plan in plans if plan is not None), key=lambda plan: plan.size, default=None)


def cheapest_of(count: int, plans: Sequence[MaybePlan]) -> MaybePlan:
    """The smallest ``count`` of the plans."""
    possible = sorted((plan for plan in plans if plan is not None), key=lambda plan: plan.size)
    return together(possible[:count]) if len(possible) >= count else None


@dataclass(frozen=True, slots=True, eq=False)
class Residual:
    """What is left of a condition: its blanks (``parts``), the fewest that make it true and false. Of a value: both
    are the blanks that make it known."""

    parts: tuple[Residual | Blank, ...]
    true: MaybePlan
    false: MaybePlan
    exact: bool = True

    @property
    def settle(self) -> MaybePlan:
        """The fewest blanks that make it known."""
        return cheapest((self.true, self.false))


TRUE: Final = Residual((), NO_EFFORT, None)
FALSE: Final = Residual((), None, NO_EFFORT)
KNOWN: Final = Residual((), NO_EFFORT, NO_EFFORT)


def ask(blank: Blank) -> Residual:
    """The residual of a single blank: an answer may settle it either way."""
    plan = Plan(1, (blank,))
    return Residual((blank,), plan, plan)


def opposite(residual: Residual) -> Residual:
    """非."""
    return Residual(residual.parts, residual.false, residual.true, residual.exact)


def all_of(residuals: Sequence[Residual]) -> Residual:
    """且."""
    return Residual(
        tuple(r for r in residuals if r.parts),
        together(r.true for r in residuals),
        cheapest(r.false for r in residuals),
        all(r.exact for r in residuals),
    )


def any_of(residuals: Sequence[Residual]) -> Residual:
    """或."""
    return opposite(all_of([opposite(r) for r in residuals]))


def joined(residuals: Sequence[Residual]) -> Residual:
    """A value that several others make up: an upper bound unless there is one blank."""
    plan = together(r.settle for r in residuals)
    exact = all(r.exact for r in residuals) and (plan is None or plan.size <= 1)
    return Residual(tuple(r for r in residuals if r.parts), plan, plan, exact)


def either(first: Residual, second: Residual) -> Residual:
    """首选 whose first choice is absent: filling it in settles the value just as filling in the second does."""
    if not first.parts or not second.parts:
        return second
    return Residual(
        (first, second),
        cheapest((first.true, second.true)),
        cheapest((first.false, second.false)),
        first.exact and second.exact,
    )


def counted(op: CompareOp, bound: Any, rows: Sequence[Residual]) -> Residual:
    """A count of rows against a known number: the cheapest rows are brought in or kept out."""
    sure = sum(r is TRUE for r in rows)
    open = [r for r in rows if r.parts]
    bound = math.ceil(bound) if op in ("≥", "<") else math.floor(bound)

    def reaching(least: int) -> MaybePlan:
        return cheapest_of(max(least - sure, 0), [r.true for r in open])

    def staying(most: int) -> MaybePlan:
        if most < sure:
            return None
        return cheapest_of(max(sure + len(open) - most, 0), [r.false for r in open])

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
    return Residual(tuple(open), true, false, all(r.exact for r in open))


def _exactly(count: int, open: Sequence[Residual]) -> MaybePlan:
    """The fewest blanks for exactly ``count`` of the rows to count."""
    forced_in = [r.true for r in open if r.false is None]
    forced_out = [r.false for r in open if r.true is None]
    free = [r for r in open if r.true is not None and r.false is not None]
    wanted = count - len(forced_in)
    if not 0 <= wanted <= len(free):
        return None
    # Those whose way in is cheapest compared with their way out come in.
    free.sort(key=lambda r: (r.true.size if r.true else 0) - (r.false.size if r.false else 0))
    return together((*forced_in, *forced_out, *(r.true for r in free[:wanted]), *(r.false for r in free[wanted:])))


def answer(residual: Residual) -> Missing:
    """The residual as people read it: every blank once, in the order met; ``exact`` False where one repeats."""
    relevant, repeats = _flatten(residual.parts)
    plan = residual.settle
    deciding, _ = _flatten((plan,) if plan is not None else ())
    return Missing(tuple(relevant), tuple(deciding), residual.exact and not repeats)


def _flatten(parts: Iterable[Residual | Plan | Blank]) -> tuple[list[Blank], bool]:
    """The blanks of a tree in the order met, each once, and whether one repeats."""
    found: dict[Blank, None] = {}
    seen: set[int] = set()
    repeats = False
    pending: list[Residual | Plan | Blank] = list(reversed(tuple(parts)))
    while pending:
        part = pending.pop()
        if isinstance(part, Blank):
            repeats = repeats or part in found
            found[part] = None
        elif id(part) in seen:
            repeats = True
        else:
            seen.add(id(part))
            pending.extend(reversed(part.parts))
    return list(found), repeats
