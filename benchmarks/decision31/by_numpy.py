"""The decision in NumPy, written by hand: blocks that stay in the cache, results written into registers.

Why this exists: it is the vectorised code that an analyst with time would end up with. A condition is a pair of byte
masks, certainly true and possibly true; an amount is its two bounds, so that a comparison with blanks costs two
comparisons and no mask.

Invariants: amounts stay below `MOST`; no product leaves 32 bits; a blank day is the earliest there is.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from benchmarks.decision31.data import AS_OF, BLANK_DAY, Records, day

Array = np.ndarray[Any, Any]
BLOCK: Final = 1 << 16
# The upper bound of a blank amount: above ten times any amount, and ten times it is below 2³².
_UNBOUNDED: Final = np.uint32(1 << 28)
_TODAY: Final = np.int16(day(AS_OF))
_MONTHS_12: Final = np.int16(day(AS_OF.replace(year=2024)))
_MONTHS_24: Final = np.int16(day(AS_OF.replace(year=2023)))
_MONTHS_36: Final = np.int16(day(AS_OF.replace(year=2022)))
_BLANK_DAY: Final = np.int16(BLANK_DAY)
ENOUGH: Final = 5


def groups(records: Records) -> Array:
    """The number of the group of each record: county and kind, a blank one before the first."""
    columns = records.columns
    number = columns["county"].astype(np.int32)
    number += 1
    number *= 7
    number += columns["kind"]
    number += 1
    return number


def enough(records: Records, number: Array) -> tuple[Array, Array]:
    """For each group: whether surely, and whether possibly, enough like it have stopped."""
    return enough_of(*counted(records, number))


def counted(records: Records, number: Array) -> tuple[Array, Array]:
    """How many of each group have stopped, surely and possibly, blank keys as groups of their own."""
    formed, running = records.columns["formed"], records.columns["running"]
    size = (records.counties + 1) * 7
    sure, perhaps = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for start in range(0, records.n, 1 << 17):
        part = slice(start, start + (1 << 17))
        f, r, g = formed[part], running[part], number[part]
        true = f == 1
        true &= r == 2
        sure += np.bincount(g[true], minlength=size)
        possible = r == 2
        possible |= r < 0
        possible &= f != 0
        perhaps += np.bincount(g[possible], minlength=size)
    return sure, perhaps


def enough_of(sure: Array, perhaps: Array) -> tuple[Array, Array]:
    """The two thresholds for each group from what each group surely and possibly counts itself."""
    low, own = sure.reshape(-1, 7).copy(), perhaps.reshape(-1, 7)
    # A blank key agrees for sure with the record alone; everybody may agree with it.
    low[0, :] = low[:, 0] = 0
    high = own.copy()
    high[1:, 1:] += own[1:, :1] + own[:1, 1:] + own[0, 0]
    high[1:, 0] = own[1:].sum(1) + own[0].sum()
    high[0, 1:] = own[:, 1:].sum(0) + own[:, 0].sum()
    high[0, 0] = own.sum()
    return (low >= ENOUGH).ravel(), (high >= ENOUGH).ravel()


def decide(records: Records, block: int = BLOCK, many: tuple[Array, Array] | None = None) -> Array:
    """The bytes of the seven outputs, one row of the result each (7 × n). ``many``: what `enough` says of all records, where
    these are a part of them."""
    n, columns = records.n, records.columns
    number = groups(records)
    many_sure, many_perhaps = enough(records, number) if many is None else many
    out = np.empty((7, n), np.uint8)
    masks = np.empty((48, block), bool)
    amounts = np.empty((16, block), np.uint32)
    for start in range(0, n, block):
        size = min(block, n - start)
        part = slice(start, start + size)
        _block(
            {name: column[part] for name, column in columns.items()},
            number[part],
            many_sure,
            many_perhaps,
            [mask[:size] for mask in masks],
            [amount[:size] for amount in amounts],
            [row[part] for row in out],
        )
    return out


def _byte(out: Array, bits: list[tuple[int, Array]], spare: Array) -> None:
    # The byte of an output from the masks of its bits.
    first, mask = bits[0]
    np.multiply(mask.view(np.uint8), np.uint8(1 << first), out=out)
    for bit, mask in bits[1:]:
        np.multiply(mask.view(np.uint8), np.uint8(1 << bit), out=spare)
        np.bitwise_or(out, spare, out=out)


def _block(
    c: dict[str, Array],
    number: Array,
    many_sure: Array,
    many_perhaps: Array,
    m: list[Array],
    u: list[Array],
    out: list[Array],
) -> None:
    eq, ne, lt, le, gt, ge = np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal
    both, either, no, but = np.logical_and, np.logical_or, np.logical_not, np.greater  # a but not b: a > b
    spare, spare8 = m[0], m[1].view(np.uint8)

    # Bounds of the amounts, and the multiples that are compared.
    def bounds(name: str, low: Array, high: Array) -> None:
        np.maximum(c[name], 0, out=low.view(np.int32))
        np.minimum(c[name].view(np.uint32), _UNBOUNDED, out=high)

    total, total_, spent, spent_, paid, paid_, x, x_, y, y_ = u[:10]
    bounds("total", total, total_)
    bounds("spent", spent, spent_)
    bounds("paid", paid, paid_)

    # 资金意见. What is spent or paid above the total; what lags behind the payments.
    over, over_, within, within_, behind, behind_ = m[2:8]
    gt(spent, total_, out=over)
    gt(spent_, total, out=over_)
    no(over_, out=within)
    no(over, out=within_)
    gt(paid, total_, out=spare)
    either(over, spare, out=over)
    gt(paid_, total, out=spare)
    either(over_, spare, out=over_)
    np.multiply(spent, 5, out=x)
    np.multiply(spent_, 5, out=x_)
    np.multiply(paid, 3, out=y)
    np.multiply(paid_, 3, out=y_)
    lt(x_, y, out=behind)
    lt(x, y_, out=behind_)
    but(within, behind_, out=within)
    but(within_, behind, out=within_)
    formed, formed_ = m[44:46]
    eq(c["formed"], 1, out=formed)
    ne(c["formed"], 0, out=formed_)
    both(behind, formed, out=behind)
    both(behind_, formed_, out=behind_)
    settled, other, left, conflict, none = m[10:15]
    but(behind, over_, out=settled)
    either(settled, over, out=settled)
    but(settled, within_, out=settled)
    either(over_, behind_, out=other)
    but(within, other, out=spare)
    either(settled, spare, out=settled)
    either(over, behind, out=other)
    both(within, other, out=conflict)
    either(within, other, out=none)
    no(none, out=none)
    # A value is a candidate where it is left, or open while nothing is settled.
    but(behind, over, out=left)
    a, b, d = m[15:18]
    but(within_, within, out=a)
    but(a, settled, out=a)
    either(a, within, out=a)
    but(behind_, behind, out=b)
    but(b, settled, out=b)
    either(b, left, out=b)
    but(over_, over, out=d)
    but(d, settled, out=d)
    either(d, over, out=d)
    _byte(out[2], [(0, a), (1, b), (2, d), (4, none), (6, conflict)], spare8)
    # 为 超出投资: perhaps where it is a candidate, surely where it is the only one.
    overspent, overspent_ = m[18:20]
    overspent_[:] = d
    eq(out[2], 4, out=overspent)

    # 验收意见.
    accept_by, accepted = c["accept_by"], c["accepted_on"]
    late, late_, undated, blank = m[20:24]
    eq(accepted, _BLANK_DAY, out=blank)
    eq(accept_by, _BLANK_DAY, out=undated)
    le(accepted, accept_by, out=a)
    but(a, blank, out=a)
    either(a, undated, out=a)
    gt(accepted, accept_by, out=b)
    either(b, undated, out=b)
    lt(accept_by, _TODAY, out=d)
    both(d, blank, out=d)
    ge(accept_by, _TODAY, out=spare)
    either(spare, undated, out=spare)
    both(spare, blank, out=spare)
    _byte(out[3], [(0, a), (1, b), (2, d), (3, spare), (4, undated)], spare8)
    either(b, d, out=late_)
    but(late_, undated, out=late)

    # 分类.
    con, con_, up, up_, rev, rev_, adj, adj_ = m[24:32]
    promising, promising_, potential, potential_ = m[2:6]
    prospect, tech, difficulty, benefit, running = (
        c[name] for name in ("prospect", "tech", "difficulty", "benefit", "running")
    )
    le(prospect, 1, out=promising_)
    ge(prospect, 0, out=promising)
    both(promising, promising_, out=promising)
    eq(benefit, 0, out=con)
    lt(benefit, 1, out=con_)
    eq(c["chain"], 0, out=spare)
    both(con, spare, out=con)
    both(con, promising, out=con)
    lt(c["chain"], 1, out=spare)
    both(con_, spare, out=con_)
    both(con_, promising_, out=con_)
    eq(benefit, 1, out=up)
    lt(benefit, 0, out=up_)
    either(up_, up, out=up_)
    eq(c["resource"], 1, out=spare)
    both(up, spare, out=up)
    eq(c["foundation"], 1, out=spare)
    both(up, spare, out=up)
    ne(c["resource"], 0, out=spare)
    both(up_, spare, out=up_)
    ne(c["foundation"], 0, out=spare)
    both(up_, spare, out=up_)
    eq(c["potential"], 1, out=potential)
    ne(c["potential"], 0, out=potential_)
    passing, passing_ = m[6:8]
    eq(difficulty, 1, out=passing)
    lt(difficulty, 0, out=passing_)
    either(passing_, passing, out=passing_)
    stopped = c["stopped_on"]
    full, full_, idle, idle_ = m[32:36]
    both(passing, promising, out=rev)
    both(passing_, promising_, out=rev_)
    le(stopped, _MONTHS_24, out=full_)
    but(rev, full_, out=rev)
    eq(stopped, _BLANK_DAY, out=blank)
    but(full_, blank, out=full)
    but(rev_, full, out=rev_)
    eq(running, 2, out=idle)
    lt(running, 0, out=idle_)
    either(idle_, idle, out=idle_)
    le(stopped, _MONTHS_12, out=full_)
    but(full_, blank, out=full)
    both(full, idle, out=full)
    both(full_, idle_, out=full_)
    either(rev, full, out=rev)
    either(rev_, full_, out=rev_)
    both(rev, potential, out=rev)
    both(rev_, potential_, out=rev_)
    weak, weak_, backward, backward_, hopeless, hopeless_ = m[36:42]
    eq(c["driving"], 2, out=weak)
    lt(c["driving"], 0, out=weak_)
    either(weak_, weak, out=weak_)
    eq(tech, 2, out=backward)
    lt(tech, 0, out=backward_)
    either(backward_, backward, out=backward_)
    eq(prospect, 3, out=hopeless)
    lt(prospect, 0, out=hopeless_)
    either(hopeless_, hopeless, out=hopeless_)
    for truth, one, two, three in ((adj, weak, backward, hopeless), (adj_, weak_, backward_, hopeless_)):
        either(one, two, out=truth)
        both(truth, three, out=truth)
        both(one, two, out=spare)
        either(truth, spare, out=truth)
    eq(difficulty, 2, out=spare)
    both(adj, spare, out=adj)
    lt(difficulty, 0, out=m[42])
    either(spare, m[42], out=spare)
    both(adj_, spare, out=adj_)
    # settled: one is left and outranks everything open.
    but(up, rev_, out=settled)
    either(settled, rev, out=settled)
    but(settled, adj_, out=settled)
    either(settled, adj, out=settled)
    but(settled, con_, out=settled)
    either(adj_, rev_, out=other)
    either(other, up_, out=other)
    but(con, other, out=spare)
    either(settled, spare, out=settled)
    either(adj, rev, out=other)
    either(other, up, out=spare)
    both(con, spare, out=conflict)
    either(con, spare, out=none)
    no(none, out=none)
    but(up_, up, out=a)
    but(a, settled, out=a)
    but(up, other, out=left)
    either(a, left, out=up)
    but(rev_, rev, out=a)
    but(a, settled, out=a)
    but(rev, adj, out=left)
    either(a, left, out=rev)
    but(con_, con, out=a)
    but(a, settled, out=a)
    either(con, a, out=con)
    but(adj_, adj, out=a)
    but(a, settled, out=a)
    either(adj, a, out=adj)
    # 适用: without it nothing but 不适用; while it is open, never a conflict.
    for candidate in (con, up, rev, adj, none):
        both(candidate, formed_, out=candidate)
    both(conflict, formed, out=conflict)
    no(formed, out=spare)
    _byte(out[0], [(0, con), (1, up), (2, rev), (3, adj), (4, none), (5, spare), (6, conflict)], spare8)
    adjusted = m[43]
    eq(out[0], 8, out=adjusted)

    # 入库意见.
    forbid, forbid_, pause, pause_ = m[24], m[25], m[26], m[28]
    bounds("debts", x, x_)
    np.multiply(x, 10, out=y)
    np.multiply(total_, 7, out=u[10])
    gt(y, u[10], out=forbid)
    np.multiply(x_, 10, out=y)
    np.multiply(total, 7, out=u[10])
    gt(y, u[10], out=forbid_)
    eq(c["insured"], 0, out=spare)
    both(forbid, spare, out=forbid)
    ne(c["insured"], 1, out=spare)
    both(forbid_, spare, out=forbid_)
    lt(total_, 500_000, out=spare)
    either(forbid, spare, out=forbid)
    lt(total, 500_000, out=spare)
    either(forbid_, spare, out=forbid_)
    bounds("own", spent, spent_)
    np.multiply(spent, 5, out=spent)
    np.multiply(spent_, 5, out=spent_)
    lt(spent_, total, out=pause)
    lt(spent, total_, out=pause_)
    np.take(many_sure, number, out=spare, mode="clip")
    either(pause, spare, out=pause)
    np.take(many_perhaps, number, out=spare, mode="clip")
    either(pause_, spare, out=pause_)
    _scale(m, pause, pause_, forbid, forbid_, a, b)
    for candidate in (a, b, forbid_):
        but(candidate, formed, out=candidate)
    _byte(out[1], [(0, a), (1, b), (2, forbid_), (5, formed_)], spare8)
    refused = m[29]
    eq(out[1], 4, out=refused)

    # 补助档次.
    high, high_, middle, middle_, low, low_, nothing, nothing_ = m[2:10]
    households, workers, land = c["households"], c["workers"], c["land"]
    blank = m[23]
    lt(households, 0, out=blank)
    ge(households, 50, out=high)
    either(high, blank, out=high_)
    ge(total, 5_000_000, out=spare)
    both(high, spare, out=high)
    ge(total_, 5_000_000, out=spare)
    both(high_, spare, out=high_)
    ge(households, 20, out=middle)
    ge(workers, 30, out=spare)
    either(middle, spare, out=middle)
    either(middle, blank, out=middle_)
    lt(workers, 0, out=spare)
    either(middle_, spare, out=middle_)
    ge(households, 5, out=low)
    either(low, blank, out=low_)
    le(land, 500, out=spare)
    both(low_, spare, out=low_)
    both(low, spare, out=low)
    ge(land, 0, out=spare)
    both(low, spare, out=low)
    le(c["asked"], 0, out=nothing_)
    either(nothing_, forbid_, out=nothing_)
    eq(c["asked"], 0, out=nothing)
    either(nothing, refused, out=nothing)
    but(low, middle_, out=settled)
    either(settled, middle, out=settled)
    but(settled, high_, out=settled)
    either(settled, high, out=settled)
    but(settled, nothing_, out=settled)
    either(settled, nothing, out=settled)
    but(nothing_, nothing, out=a)
    but(a, settled, out=a)
    either(nothing, a, out=a)
    but(high_, high, out=b)
    but(b, settled, out=b)
    but(high, nothing, out=left)
    either(b, left, out=b)
    either(nothing, high, out=other)
    but(middle_, middle, out=d)
    but(d, settled, out=d)
    but(middle, other, out=left)
    either(d, left, out=d)
    either(other, middle, out=other)
    but(low_, low, out=low_)
    but(low_, settled, out=low_)
    but(low, other, out=left)
    either(low_, left, out=low_)
    either(other, low, out=other)
    no(other, out=none)
    _byte(out[4], [(0, b), (1, d), (2, low_), (3, a), (4, none)], spare8)

    # 帮扶措施: the certain ones, and the open ones beside them.
    loan, loan_, skill, skill_, train, train_, sell, sell_ = m[2:10]
    np.multiply(x, 2, out=y)
    np.multiply(x_, 2, out=y_)
    lt(y_, total, out=loan)
    lt(y, total_, out=loan_)
    eq(difficulty, 1, out=spare)
    both(loan, spare, out=loan)
    lt(difficulty, 0, out=a)
    either(spare, a, out=spare)
    both(loan_, spare, out=loan_)
    ge(tech, 1, out=skill)
    lt(tech, 0, out=skill_)
    lt(workers, 10, out=train_)
    ge(workers, 0, out=train)
    both(train, train_, out=train)
    either(train, backward, out=train)
    either(train_, backward_, out=train_)
    eq(benefit, 2, out=sell)
    lt(benefit, 0, out=sell_)
    either(sell_, sell, out=sell_)
    le(c["operator"], 1, out=spare)
    both(sell_, spare, out=sell_)
    both(sell, spare, out=sell)
    ge(c["operator"], 0, out=spare)
    both(sell, spare, out=sell)
    for true, possible in ((loan, loan_), (train, train_), (sell, sell_)):
        but(possible, true, out=possible)
    _byte(
        out[5],
        [(0, loan), (1, skill), (2, train), (3, sell), (4, loan_), (5, skill_), (6, train_), (7, sell_)],
        spare8,
    )

    # 监管等级.
    strict, strict_ = overspent, overspent_
    either(strict, adjusted, out=strict)
    either(strict_, adj, out=strict_)
    eq(c["seasonal"], 0, out=spare)
    both(spare, idle, out=spare)
    either(late, spare, out=late)
    ne(c["seasonal"], 1, out=spare)
    both(spare, idle_, out=spare)
    either(late_, spare, out=late_)
    approved, started = c["approved_on"], c["started_on"]
    le(approved, _MONTHS_36, out=a)
    but(a, formed, out=b)
    either(late_, b, out=late_)
    ne(approved, _BLANK_DAY, out=b)
    both(a, b, out=a)
    but(a, formed_, out=a)
    either(late, a, out=late)
    # The difference of two days: of a blank one it wraps, and is masked.
    difference = u[10].view(np.int16)[: len(started)]
    np.subtract(accepted, started, out=difference)
    gt(difference, 730, out=a)
    eq(accepted, _BLANK_DAY, out=b)
    eq(started, _BLANK_DAY, out=d)
    either(b, d, out=b)
    either(late_, a, out=late_)
    either(late_, b, out=late_)
    but(a, b, out=a)
    either(late, a, out=late)
    _scale(m, late, late_, strict, strict_, a, b)
    _byte(out[6], [(0, a), (1, b), (2, strict_)], spare8)


def _scale(m: list[Array], middle: Array, middle_: Array, strict: Array, strict_: Array, a: Array, b: Array) -> None:
    # 由宽到严 with the first as default: ``a`` where it stays possible, ``b`` where the second is a candidate; the third
    # is one wherever it is possible.
    but = np.greater
    np.logical_or(middle, strict, out=a)
    np.logical_not(a, out=a)
    but(middle_, strict, out=b)
