"""The decision in plain Python, one dict record at a time: the yardstick.

Why this exists: it is what somebody would write who knows the rules, the blanks and CPython well, and has all day. It
branches before it looks anything up, asks each cell at most once, and hands out results that were made beforehand.

Invariants: a truth is 3 (true), 1 (unknown) or 0 (false), so that ``&`` is 且 and ``|`` is 或; results equal the
definition's on every record that a test tries.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from benchmarks.decision31.codes import CONFLICT, DECODED, NONE, NOT_APPLICABLE, Result
from benchmarks.decision31.data import AS_OF

_MONTHS_12: Final = datetime.date(2024, 9, 15)
_MONTHS_24: Final = datetime.date(2023, 9, 15)
_MONTHS_36: Final = datetime.date(2022, 9, 15)
_LONG: Final = datetime.timedelta(days=730)
_INFINITE: Final = 1 << 62
_TRUTH: Final = {True: 3, False: 0, None: 1}


def _table(trues: tuple[str, ...], *words: str) -> dict[str | None, int]:
    return {None: 1, **dict.fromkeys(words, 0), **dict.fromkeys(trues, 3)}


_COMPLETE: Final = _table(("较完备",), "不完整")
_PROMISING: Final = _table(("广", "看好"), "一般", "不看好")
_HOPELESS: Final = {"广": 0, "看好": 0, "一般": 0, "不看好": 5, None: 1}
_WEAK: Final = {"强": 0, "中": 0, "弱": 5, None: 1}
_BACKWARD: Final = {"先进": 0, "普通": 0, "落后": 5, None: 1}
# Five for a true part, one for an unknown one: the sum says how many there are of each.
_TWO_OF_THREE: Final = [3 if s // 5 >= 2 else 1 if s // 5 + s % 5 >= 2 else 0 for s in range(16)]
_GROUPS: Final = _table(("村集体", "合作社"), "企业", "农户")


def single(key: int, count: int, outranks: Callable[[int, int], bool]) -> int:
    """The byte of a 单选 whose values have the truths in ``key``, two bits each: section 5.9 of the language page."""
    truths = [key >> 2 * value & 3 for value in range(count)]
    true = [value for value in range(count) if truths[value] == 3]
    perhaps = [value for value in range(count) if truths[value] in (1, 2)]
    left = [value for value in true if not any(outranks(other, value) for other in true)]
    mask = sum(1 << value for value in left)
    opened = sum(1 << value for value in perhaps)
    if len(left) > 1:
        return mask | opened | CONFLICT
    if left:
        return mask if all(outranks(left[0], other) for other in perhaps) else mask | opened
    return opened | NONE


def _scale(key: int) -> int:
    # 由宽到严 of three values with the first as default: truths of the second and the third.
    middle, strict = key & 3, key >> 2 & 3
    if strict == 3:
        return 4
    return (2 if middle == 3 else 1 | 2 * (middle > 0)) | 4 * (strict > 0)


def _ranked(*chains: Sequence[int]) -> Callable[[int, int], bool]:
    return lambda one, other: any(
        one in chain and other in chain and chain.index(one) < chain.index(other) for chain in chains
    )


def _perhaps(code: int) -> int:
    # The same where 适用 is unknown: never a conflict.
    return code & ~CONFLICT | NOT_APPLICABLE


def _is(code: int, mask: int) -> int:
    return 0 if not code & mask else 1 if code & ~mask else 3


_category_codes = [single(key, 4, _ranked((3, 2, 1))) for key in range(256)]
_fund_codes = [single(key, 3, _ranked((2, 1))) for key in range(64)]
_grade_codes = [single(key, 4, _ranked((3, 0, 1, 2))) for key in range(256)]
_scale_codes = [_scale(key) for key in range(16)]
_measure_codes = [
    sum((1 << bit if key >> 2 * bit & 3 == 3 else 16 << bit if key >> 2 * bit & 3 else 0) for bit in range(4))
    for key in range(256)
]


def _made(name: str, codes: Sequence[int], asked: int = 0) -> list[tuple[Result, int]]:
    # Each result with whether it is one of the values in ``asked``.
    return [(DECODED[name][code], _is(code, asked)) for code in codes]


_CATEGORY: Final = {
    True: _made("分类", _category_codes, 8),
    None: _made("分类", [_perhaps(code) for code in _category_codes], 8),
}
_INTAKE: Final = {
    False: _made("入库意见", _scale_codes, 4),
    None: _made("入库意见", [_perhaps(code) for code in _scale_codes], 4),
}
_FUNDS: Final = _made("资金意见", _fund_codes, 4)
_GRADE: Final = [DECODED["补助档次"][code] for code in _grade_codes]
_REFUSED_GRADE: Final = DECODED["补助档次"][8]
_MEASURES: Final = [DECODED["帮扶措施"][code] for code in _measure_codes]
_WATCH: Final = [DECODED["监管等级"][code] for code in _scale_codes]
_NO_CATEGORY: Final = DECODED["分类"][NOT_APPLICABLE]
_NO_INTAKE: Final = DECODED["入库意见"][NOT_APPLICABLE]
_IN_TIME, _LATE, _MISSED, _NOT_YET, _UNDATED, _UNDUE = (
    DECODED["验收意见"][code] for code in (1, 2, 4, 8, 15 | NONE, 3 | NONE)
)


def decide(r: Mapping[str, Any], low: int, high: int) -> tuple[Result, Result, Result, Result, Result, Result, Result]:
    """The seven results of a record; ``low``, ``high``: how many like it have stopped, at least and at most."""
    formed, total, difficulty, tech = r["formed"], r["total"], r["difficulty"], r["tech"]
    benefit, running = r["benefit"], r["running"]

    if formed is False:
        category, adjusted = _NO_CATEGORY, 0
    else:
        prospect, potential = r["prospect"], r["potential"]
        key = 0
        if benefit == "好":
            key = _COMPLETE[r["chain"]] & _PROMISING[prospect]
        elif benefit == "有待提升":
            key = (_TRUTH[r["resource"]] & _TRUTH[r["foundation"]]) << 2
        elif benefit is None:
            key = 1 & _COMPLETE[r["chain"]] & _PROMISING[prospect]
            key |= (1 & _TRUTH[r["resource"]] & _TRUTH[r["foundation"]]) << 2
        if potential is not False:
            hopeful = 0
            if difficulty == "暂时困难":
                hopeful = _PROMISING[prospect]
            elif difficulty is None:
                hopeful = 1 & _PROMISING[prospect]
            idle = 3 if running == "停产" else 1 if running is None else 0
            if hopeful or idle:
                stopped = r["stopped_on"]
                if stopped is None:
                    hopeful = (hopeful | idle) & 1
                elif stopped > _MONTHS_12:
                    pass
                elif stopped > _MONTHS_24:
                    hopeful |= idle
                else:
                    hopeful = idle
                key |= (hopeful if potential else hopeful & 1) << 4
        if difficulty == "难以为继":
            key |= _TWO_OF_THREE[_WEAK[r["driving"]] + _BACKWARD[tech] + _HOPELESS[prospect]] << 6
        elif difficulty is None:
            key |= (1 & _TWO_OF_THREE[_WEAK[r["driving"]] + _BACKWARD[tech] + _HOPELESS[prospect]]) << 6
        category, adjusted = _CATEGORY[formed][key]

    debts = r["debts"]
    if formed:
        intake, refused = _NO_INTAKE, 0
    else:
        own = r["own"]
        if total is None:
            key = 5
            if low >= 5:
                key = 7
        else:
            key = 3 if low >= 5 else 1 if high >= 5 else 0
            if own is None:
                if total:
                    key |= 1
            elif 5 * own < total:
                key = 3
            if total < 500_000:
                key |= 12
            else:
                insured = r["insured"]
                if insured is not True:
                    if debts is None:
                        key |= 4
                    elif 10 * debts > 7 * total:
                        key |= 12 if insured is False else 4
        intake, refused = _INTAKE[formed][key]

    spent, paid = r["spent"], r["paid"]
    if spent is not None and paid is not None and total is not None:
        behind = 5 * spent < 3 * paid
        key = 48 if spent > total or paid > total else 0
        if behind:
            if formed is not False:
                key |= 12 if formed else 4
        elif spent <= total:
            key |= 3
    else:
        spent_low, spent_high = (0, _INFINITE) if spent is None else (spent, spent)
        paid_low, paid_high = (0, _INFINITE) if paid is None else (paid, paid)
        total_low, total_high = (0, _INFINITE) if total is None else (total, total)
        if spent_low > total_high or paid_low > total_high:
            key = 48
        elif spent_high > total_low or paid_high > total_low:
            key = 16
        else:
            key = 0
        if 5 * spent_low >= 3 * paid_high:
            enough = 3
        elif 5 * spent_high >= 3 * paid_low:
            enough = 1
            if formed is not False:
                key |= 12 if formed and 5 * spent_high < 3 * paid_low else 4
        else:
            enough = 0
            if formed is not False:
                key |= 12 if formed else 4
        if enough and spent_low <= total_high:
            key |= enough if spent_high <= total_low else 1
    funds, overspent = _FUNDS[key]

    accept_by, accepted = r["accept_by"], r["accepted_on"]
    if accepted is None:
        if accept_by is None:
            acceptance, late = _UNDATED, 1
        elif accept_by < AS_OF:
            acceptance, late = _MISSED, 3
        else:
            acceptance, late = _NOT_YET, 0
    elif accept_by is None:
        acceptance, late = _UNDUE, 1
    elif accepted <= accept_by:
        acceptance, late = _IN_TIME, 0
    else:
        acceptance, late = _LATE, 3

    workers, asked = r["workers"], r["asked"]
    if asked == 0 or refused == 3:
        grade = _REFUSED_GRADE
    else:
        key = 64 if asked is None or refused else 0
        many = 1 if workers is None else 3 if workers >= 30 else 0
        households = r["households"]
        if households is None:
            key |= 0 if total is not None and total < 5_000_000 else 1
            key |= (1 | many) << 2
            land = r["land"]
            if land is None or land <= 500:
                key |= 16
        elif households >= 5:
            land = r["land"]
            key |= 16 if land is None else 48 if land <= 500 else 0
            if households >= 20:
                key |= 12
                if households >= 50:
                    key |= 1 if total is None else 3 if total >= 5_000_000 else 0
            else:
                key |= many << 2
        else:
            key |= many << 2
        grade = _GRADE[key]

    key = 0
    if difficulty == "暂时困难" or difficulty is None:
        if debts is not None and total is not None:
            key = 0 if 2 * debts >= total else 1 if difficulty is None else 3
        elif total is None or total > 0:
            key = 1
    if tech == "落后":
        key |= 60
    else:
        key |= 12 if tech == "普通" else 0 if tech == "先进" else 20
        if workers is None:
            key |= 16
        elif workers < 10:
            key |= 48
    if benefit == "差":
        key |= _GROUPS[r["operator"]] << 6
    elif benefit is None:
        key |= (_GROUPS[r["operator"]] & 1) << 6
    measures = _MEASURES[key]

    strict = overspent | adjusted
    if strict == 3:
        watch = _WATCH[12]
    else:
        middle = late
        if middle != 3 and (running == "停产" or running is None):
            seasonal = r["seasonal"]
            if seasonal is not True:
                middle |= 3 if running and seasonal is False else 1
        if middle != 3:
            started = r["started_on"]
            if accepted is None or started is None:
                middle |= 1
            elif accepted - started > _LONG:
                middle = 3
            if middle != 3 and formed is not True:
                approved = r["approved_on"]
                if approved is None:
                    middle |= 1
                elif approved <= _MONTHS_36:
                    middle |= 1 if formed is None else 3
        watch = _WATCH[middle | strict << 2]
    return category, intake, funds, acceptance, grade, measures, watch


def counted(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str | None, str | None], tuple[int, int]]:
    """For each county and kind, blank or not, how many have stopped: surely, and at most. A blank key agrees for sure with
    the record itself alone, and counts as none here: one is below every threshold."""
    sure: dict[tuple[str | None, str | None], int] = {}
    perhaps: dict[tuple[str | None, str | None], int] = {}
    keys = set()
    for r in rows:
        key = r["county"], r["kind"]
        keys.add(key)
        truth = stopped(r)
        if truth == 3 and None not in key:
            sure[key] = sure.get(key, 0) + 1
        if truth:
            perhaps[key] = perhaps.get(key, 0) + 1
    whole: dict[tuple[str | None, str | None], tuple[int, int]] = {}
    of_county: dict[str | None, int] = {}
    of_kind: dict[str | None, int] = {}
    for (county, kind), count in perhaps.items():
        of_county[county] = of_county.get(county, 0) + count
        of_kind[kind] = of_kind.get(kind, 0) + count
    every = sum(perhaps.values())
    for key in keys:
        county, kind = key
        if county is None:
            most = every if kind is None else of_kind.get(kind, 0) + of_kind.get(None, 0)
        elif kind is None:
            most = of_county.get(county, 0) + of_county.get(None, 0)
        else:
            most = sum(perhaps.get(one, 0) for one in (key, (county, None), (None, kind), (None, None)))
        whole[key] = sure.get(key, 0), most
    return whole


def stopped(r: Mapping[str, Any]) -> int:
    """已形成 且 运营状态 为 停产."""
    running = r["running"]
    return _TRUTH[r["formed"]] & (3 if running == "停产" else 1 if running is None else 0)


def decide_alone(r: Mapping[str, Any]) -> tuple[Result, ...]:
    """A record without its portfolio: it counts itself, and anybody else may count."""
    return decide(r, 0, _INFINITE)


def decide_all(rows: Sequence[Mapping[str, Any]]) -> list[tuple[Result, ...]]:
    """Every record against all of them."""
    tally = counted(rows)
    found: list[tuple[Result, ...]] = []
    for r in rows:
        low, high = tally[r["county"], r["kind"]]
        found.append(decide(r, low, high))
    return found
