"""Membership and sets that may be unknown, as nodes.

Why this exists: 属于, 含, 含任一, 全部属于 and 除去 read a list that may be open, of which more is possible than is certain, against a value or
a set of which only a set of possibilities is known.

Invariants: what surely belongs possibly belongs; nothing belongs for sure to what a list only may hold; a blank 多选 of texts
may hold anything.
"""

from __future__ import annotations

from collections.abc import Iterable

from policyrules.engine import values as v
from policyrules.engine.lowering.nodes import Bit, Cell, Exact, Num
from policyrules.engine.lowering.values import (
    Items,
    Lowered,
    Options,
    Range,
    TextSet,
    Truth,
    Unlowered,
    Values,
    is_exact,
)
from policyrules.types import INTEGER


class Sets:
    """The operations on sets, making nodes in the circuit of ``values``."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.c = values.c

    def member(self, value: Lowered, among: v.SetRange) -> Truth:
        """Whether a scalar is among values."""
        c = self.c
        match value:
            case Truth():
                # What a 是否 may be, each with whether it may.
                may = ((value.possible, True), (c.negation(value.true), False))
                return self._member_of([(bit, self._listed(one, among)) for bit, one in may], c.false, among)
            case Options(options, any):
                return self._member_of([(bit, self._listed(one, among)) for bit, one in options], any, among)
            case Range():
                return self._number_among(value, among)
            case _:
                raise AssertionError("a set is no scalar")

    def _member_of(self, options: list[tuple[Bit, Truth]], any: Bit, among: v.SetRange) -> Truth:
        c = self.c
        outside = c.any_of(c.all_of((bit, c.negation(truth.true))) for bit, truth in options)
        inside = c.any_of(c.all_of((bit, truth.possible)) for bit, truth in options)
        anything = c.fixed(among.possible is None or bool(among.possible))
        return Truth(
            c.negation(c.any_of((any, outside))),
            c.any_of((c.all_of((any, anything)), inside)),
        )

    def _listed(self, one: str | bool | Cell, among: v.SetRange) -> Truth:
        c = self.c
        if isinstance(one, Cell):
            certain = c.among(one, among.certain)
            if among.possible is None:
                return Truth(certain, c.all_of((c.known(one), c.among(one, among.barred, rest=True))))
            return Truth(certain, c.among(one, among.possible))
        return Truth(c.fixed(one in among.certain), c.fixed(among.may_hold(one)))

    def _number_among(self, value: Range, among: v.SetRange) -> Truth:
        c = self.c
        exists = c.negation(value.void)
        true = c.any_of(self.values.compare("=", value, self.values.number(one)).true for one in _sorted(among.certain))
        if is_exact(value):
            # Whether it exists or not, it may not be among them where it is perhaps void.
            if among.possible is None:
                barred = c.any_of(
                    self.values.compare("=", value, self.values.number(one)).true for one in _sorted(among.barred)
                )
                return Truth(true, c.all_of((exists, c.any_of((c.negation(barred), value.perhaps)))))
            may = c.any_of(c.compare("=", value.low, c.const(one)) for one in _sorted(among.possible))
            return Truth(true, c.all_of((exists, may)))
        settled = c.all_of(
            (
                c.negation(value.perhaps),
                self.values.bounded("=", value.low, value.open_low, value.high, value.open_high),
            )
        )
        if among.possible is None:
            barred = c.any_of(
                self.values.compare("=", value, self.values.number(one)).true for one in _sorted(among.barred)
            )
            return Truth(true, c.all_of((exists, c.negation(c.all_of((settled, barred))))))
        may = c.any_of(self._within(value, c.const(one)) for one in _sorted(among.possible))
        return Truth(true, c.all_of((exists, may)))

    def _within(self, value: Range, one: Num) -> Bit:
        c = self.c
        return c.all_of(
            (
                c.any_of((value.open_low, c.compare("≤", value.low, one))),
                c.any_of((value.open_high, c.compare("≤", one, value.high))),
            )
        )

    def not_member(self, value: Lowered, among: v.SetRange) -> Truth:
        """Whether a scalar is none of the values."""
        truth = self.values.negation(self.member(value, among))
        if not isinstance(value, Range):
            return truth
        c = self.c
        exists, firm = c.negation(value.void), c.negation(value.perhaps)
        return Truth(c.all_of((truth.true, firm)), c.all_of((truth.possible, exists)))

    def held(self, value: Lowered, item: str) -> Truth:
        """Whether a set holds an item."""
        match value:
            case Items(items):
                return items.get(item) or self.values.truth(False)
            case TextSet(None):
                return self.values.unknown_truth
            case TextSet(cell) if cell is not None:
                bit = self.c.holds(cell, item)
                return Truth(bit, self.c.any_of((bit, self.c.blank(cell))))
            case _:
                raise AssertionError("a scalar is no set")

    def overlaps(self, value: Lowered, other: v.SetRange | Lowered) -> Truth:
        """Whether a set holds one of the values of another."""
        c = self.c
        if not isinstance(other, v.SetRange):
            if isinstance(value, Items) and isinstance(other, Items):
                return self.values.disjunction(
                    self.values.conjunction((truth, other.items[one]))
                    for one, truth in value.items.items()
                    if one in other.items
                )
            if isinstance(value, TextSet) and isinstance(other, TextSet):
                return self._text_sets_meet(value.cell, other.cell)
            raise Unlowered("两个多选（文本）之间的比较")
        certain = self.values.disjunction(self.held(value, one) for one in sorted(other.certain))
        may = [self.held(value, one) for one in sorted(other.possible or ()) if one not in other.certain]
        possible = c.any_of((certain.possible, *(truth.possible for truth in may)))
        if other.possible is None:
            possible = c.any_of((possible, self._something_else(value, other.barred)))
        if isinstance(value, TextSet) and value.cell is None:
            # Of all the texts there are none of a list without entries is one.
            possible = c.fixed(other.possible is None or bool(other.possible))
        return Truth(certain.true, possible)

    def _text_sets_meet(self, left: Cell | None, right: Cell | None) -> Truth:
        c = self.c
        meets = c.false if left is None or right is None else c.meets(left, right)
        blank = [c.true if cell is None else c.blank(cell) for cell in (left, right)]
        empty = [
            c.false if cell is None else c.all_of((c.known(cell), c.negation(c.holds_other(cell, ()))))
            for cell in (left, right)
        ]
        # Where one is blank they may share a text, unless the other surely holds none.
        open_ = c.all_of((c.any_of(blank), c.negation(c.any_of(empty))))
        return Truth(meets, c.any_of((meets, open_)))

    def _something_else(self, value: Lowered, items: frozenset[str]) -> Bit:
        """Whether a set may hold something beside ``items``."""
        c = self.c
        match value:
            case Items(held):
                return c.any_of(truth.possible for one, truth in held.items() if one not in items)
            case TextSet(None):
                return c.true
            case TextSet(cell) if cell is not None:
                return c.any_of((c.holds_other(cell, items), c.blank(cell)))
            case _:
                raise AssertionError("a scalar is no set")

    def _surely_else(self, value: Lowered, items: frozenset[str]) -> Bit:
        """Whether a set surely holds something beside ``items``."""
        match value:
            case Items(held):
                return self.c.any_of(truth.true for one, truth in held.items() if one not in items)
            case TextSet(cell) if cell is not None:
                return self.c.holds_other(cell, items)
            case _:
                return self.c.false

    def subset(self, value: Lowered, other: v.SetRange | Lowered) -> Truth:
        """Whether a set holds nothing but what belongs to another."""
        c = self.c
        if not isinstance(other, v.SetRange):
            if isinstance(value, Items) and isinstance(other, Items):
                return self.values.conjunction(
                    self.values.disjunction(
                        (self.values.negation(truth), other.items.get(one) or self.values.truth(False))
                    )
                    for one, truth in value.items.items()
                )
            raise Unlowered("两个多选（文本）之间的比较")
        if other.possible is None:
            wrong = c.any_of(self.held(value, one).true for one in sorted(other.barred))
        else:
            wrong = self._surely_else(value, frozenset(other.possible))
        return Truth(c.negation(self._something_else(value, frozenset(other.certain))), c.negation(wrong))

    def less(self, value: Lowered, other: v.SetRange | Lowered) -> Lowered:
        """A set without what belongs to another."""
        if not isinstance(value, Items):
            raise Unlowered("多选（文本）的 除去")
        found: dict[str, Truth] = {}
        for one, truth in value.items.items():
            if isinstance(other, v.SetRange):
                belongs = Truth(self.c.fixed(one in other.certain), self.c.fixed(other.may_hold(one)))
            else:
                belongs = self.held(other, one)
            found[one] = self.values.conjunction((truth, self.values.negation(belongs)))
        return Items(found)

    def size(self, value: Lowered) -> Range:
        """How many values a set holds."""
        c = self.c
        match value:
            case Items(items):
                least = c.how_many(truth.true for truth in items.values())
                if all(truth.true is truth.possible for truth in items.values()):
                    return self.values.exact(least)
                most = c.how_many(truth.possible for truth in items.values())
                return Range(least, most, c.false, c.false, c.false, c.false)
            case TextSet(None):
                return self.values.between(INTEGER, 0, None)
            case TextSet(cell) if cell is not None:
                blank = c.blank(cell)
                number = c.size_of(cell)
                return Range(c.choice(blank, c.const(0), number), number, c.false, blank, c.false, c.false)
            case _:
                raise AssertionError("a scalar is no set")


def _sorted(values: Iterable[v.Abstract]) -> list[Exact]:
    # Numbers, or days: of one kind.
    return sorted(values)  # type: ignore[arg-type]  # as said
