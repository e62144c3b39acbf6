"""计数, 合计, 最大, 最小 and 取 of rows as nodes: what `engine.aggregates` says of values, for a circuit.

Why this exists: sentences 5.5.5 to 5.5.8 can be checked beside the definition by eye.

Invariants: of rows that were not supplied nothing is said here but what declarations say; what is returned holds whatever
the rows that perhaps count come to.
"""

from __future__ import annotations

from typing import assert_never

from policyrules.engine.aggregates import not_supplied
from policyrules.engine.lowering.circuit import Circuit
from policyrules.engine.lowering.nodes import Bit, Cell, Num, Space
from policyrules.engine.lowering.values import Items, Lowered, Options, Range, Truth, Unlowered, Values
from policyrules.program import nodes as core


def aggregated(
    values: Values, node: core.Aggregate, supplied: Bit, rows: Space, counts: Truth, held: Lowered | None
) -> Lowered:
    """An aggregate over the rows of a space. ``counts``: whether a row counts; ``held``: its value."""
    c = values.c
    unlisted = values.constant(not_supplied(node), node.type)
    if supplied is c.false:
        return unlisted
    found = _over_rows(values, node, rows, counts, held)
    return values.one_of([(supplied, found), (c.negation(supplied), unlisted)], node.type)


def _over_rows(values: Values, node: core.Aggregate, rows: Space, counts: Truth, held: Lowered | None) -> Lowered:
    match node.kind:
        case "计数":
            return _count(values.c, rows, counts)
        case "合计":
            assert isinstance(held, Range)
            if isinstance(node.value, core.AmountValue):
                # 5.16.15: what no rule gives adds nothing.
                exists, held = values.existing(held)
                counts = values.conjunction((counts, exists))
            return _total(values, rows, counts, held)
        case "最大" | "最小":
            assert isinstance(held, Range)
            return _extreme(values, rows, counts, held, largest=node.kind == "最大")
        case "取":
            assert held is not None
            return _picked(values, node, rows, counts, held)
        case _:
            assert_never(node.kind)


def _count(c: Circuit, rows: Space, counts: Truth) -> Range:
    low = c.row_count(rows, counts.true)
    high = low if counts.true is counts.possible else c.row_count(rows, counts.possible)
    return Range(low, high, c.false, c.false, c.false, c.false)


def _total(values: Values, rows: Space, counts: Truth, held: Range) -> Range:
    c = values.c
    zero = c.const(0)
    there = c.all_of((counts.possible, c.negation(held.void)))

    def part(number: Num, open_: Bit, largest: bool) -> tuple[Num, Bit]:
        # What may be left out adds 0 as well.
        outside = (
            number
            if counts.true is counts.possible
            else c.choice(counts.true, number, c.extremum((number, zero), largest=largest))
        )
        return c.row_sum(rows, c.all_of((there, c.negation(open_))), outside), c.some_row(
            rows, c.all_of((there, open_))
        )

    low, open_low = part(held.low, held.open_low, False)
    exact = held.low is held.high and counts.true is counts.possible and held.open_low is held.open_high
    high, open_high = (low, open_low) if exact else part(held.high, held.open_high, True)
    return Range(
        low,
        high,
        open_low,
        open_high,
        c.some_row(rows, c.all_of((counts.true, held.void))),
        c.some_row(rows, c.all_of((counts.possible, held.perhaps))),
    )


def _extreme(values: Values, rows: Space, counts: Truth, held: Range, *, largest: bool) -> Range:
    c = values.c
    there = c.all_of((counts.possible, c.negation(held.void)))
    firm = c.all_of((counts.true, c.negation(held.perhaps)))
    # The near bound holds whatever else counts; the far bound is reached if everything counts.
    near, open_near = (held.low, held.open_low) if largest else (held.high, held.open_high)
    far, open_far = (held.high, held.open_high) if largest else (held.low, held.open_low)
    some, sure = c.some_row(rows, there), c.some_row(rows, firm)
    farthest = c.row_extremum(rows, c.all_of((there, c.negation(open_far))), far, largest=largest)
    farthest_open = c.some_row(rows, c.all_of((there, open_far)))
    if counts.true is counts.possible and held.low is held.high and firm is there and held.open_low is held.open_high:
        nearest = farthest
        nearest_open = c.negation(c.some_row(rows, c.all_of((firm, c.negation(open_near)))))
        if held.open_low is c.false:
            nearest_open = c.false
    else:
        told = c.all_of((firm, c.negation(open_near)))
        nearest_sure = c.row_extremum(rows, told, near, largest=largest)
        nearest_any = c.row_extremum(rows, there, near, largest=not largest)
        nearest = c.choice(sure, nearest_sure, nearest_any)
        nearest_open = c.either(
            sure, c.negation(c.some_row(rows, told)), c.some_row(rows, c.all_of((there, open_near)))
        )
    low, open_low, high, open_high = (
        (nearest, nearest_open, farthest, farthest_open)
        if largest
        else (farthest, farthest_open, nearest, nearest_open)
    )
    return Range(low, high, open_low, open_high, c.negation(some), c.negation(sure))


def _picked(values: Values, node: core.Aggregate, rows: Space, counts: Truth, held: Lowered) -> Lowered:
    """取: the one row that matches; wholly unknown where no row surely does."""
    c = values.c
    sure = c.some_row(rows, counts.true)
    found: Lowered
    match held:
        case Truth(true, possible):
            outside = c.all_of((counts.possible, c.negation(true)))
            found = Truth(
                c.negation(c.some_row(rows, outside)), c.some_row(rows, c.all_of((counts.possible, possible)))
            )
        case Range():
            there = c.all_of((counts.possible, c.negation(held.void)))
            found = Range(
                c.row_extremum(rows, there, held.low, largest=False),
                c.row_extremum(rows, there, held.high, largest=True),
                c.some_row(rows, c.all_of((there, held.open_low))),
                c.some_row(rows, c.all_of((there, held.open_high))),
                c.negation(c.some_row(rows, there)),
                c.some_row(rows, c.all_of((counts.possible, held.perhaps))),
            )
        case Options(options, any):
            if any is not c.false and any.space is not None and node.type.values is None:
                raise Unlowered("取 文本")
            told: list[tuple[Bit, str | Cell]] = []
            for bit, one in options:
                if isinstance(one, Cell):
                    raise Unlowered("取 文本")
                told.append((c.some_row(rows, c.all_of((counts.possible, bit))), one))
            found = Options(tuple(told), c.some_row(rows, c.all_of((counts.possible, any))))
        case Items(items):
            found = Items(
                {
                    one: Truth(
                        c.negation(c.some_row(rows, c.all_of((counts.possible, c.negation(truth.true))))),
                        c.some_row(rows, c.all_of((counts.possible, truth.possible))),
                    )
                    for one, truth in items.items()
                }
            )
        case _:
            raise Unlowered("取 多选（文本）")
    return values.one_of([(sure, found), (c.negation(sure), values.unknown(node.type))], node.type)
