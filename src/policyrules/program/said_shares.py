"""Bounds by another amount, as documents put them: 租金 占 原值 的 30% 以上, 比 上年收入 增长 10%, 为 户数 的两倍.

Why this exists: 的 30% is a share of what stands before it, 增长 10% a change from it; where nobody says of what, that is
what to tell.

Invariants: those of `said_bounds`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from policyrules.language import spoken
from policyrules.operators import MIRRORED
from policyrules.program.bound_words import (
    LONGEST_VALUE,
    SIGN,
    SIGNS,
    TAIL,
    SaidValue,
    bounds_in,
    sign_behind,
    values_in,
)
from policyrules.types import NUMERIC, RATIO, Kind, Type

_TIMES: Final = re.compile(rf"([0-9]+(?:\.[0-9]+)?|[{''.join('一二两三四五六七八九十百')}]+)倍")
_MORE: Final = ("增长", "增加", "提高", "上升", "提升", "高", "多", "上涨")
_LESS: Final = ("减少", "下降", "降低", "下滑", "低", "少", "下跌")
_GROWN: Final = re.compile(rf"({'|'.join((*_MORE, *_LESS))})(?:了|出)?")
MORE_THAN_HALF: Final = ("过半", "超过半数", "超半数", "超过一半")


def of_nothing(subject: str, type_: Type | None, said: str, names: Mapping[str, Type | None]) -> str | None:
    """户数 半数以上, 户数 ≥ 30%: a share, and nobody says of what."""
    if type_ is None or type_.kind in (Kind.RATIO, Kind.DECIMAL, Kind.YEAR):
        return None
    if any(name in said and spoken.written(name) is not None for name in names):
        return None
    sign, share = ">", "50%"
    if said not in MORE_THAN_HALF:
        found = bounds_in(RATIO, said)
        if found is None or len(found) != 1 or found[0].value.sort != "number":
            return None
        sign, share = found[0].sign or "=", found[0].value.text
    return f"没有说是哪个数的 {share}；{share_of_what(subject, sign, share)}"


def share_of_what(subject: str, sign: str, share: str) -> str:
    """The remedy for a ``share``, as the language writes it, that an amount is compared with.

    >>> share_of_what("户数", "≥", "50%")
    '全部的数记在一个字段里（如 全部户数），写“户数 ≥ 全部户数 × 50%”这样的比较'
    """
    whole = f"全部{subject.rpartition('.')[2]}" if re.fullmatch(r"[\w.]+", subject) else "总数"
    of = f"{whole} {_fraction(share) or f'× {share}'}"
    return f"全部的数记在一个字段里（如 {whole}），写“{subject} {sign} {of}”这样的比较"


def of_another(subject: str, type_: Type | None, said: str, names: Mapping[str, Type | None]) -> str | None:
    """占 甲 的 30% 以上, 不低于 甲 的 80%, 为 甲 的两倍, 比 甲 增长 10%."""
    part = re.match("占", said)
    grown = re.match("比|较", said)
    sign = "" if part or grown else SIGN.match(said)
    rest = said[1:] if part or grown else said[sign.end() :] if isinstance(sign, re.Match) else said
    mark = SIGNS[sign[1]] if isinstance(sign, re.Match) else ""
    if part is None and grown is None and not isinstance(sign, re.Match):
        return None
    lead = _TIMES.match(rest)
    if lead is not None and rest[lead.end() :] in names and mark and (shown := _fraction(lead[0])) is not None:
        return _written(subject, mark, _part(rest[lead.end() :], shown, names))
    for other in sorted((name for name in names if rest.startswith(name)), key=len, reverse=True):
        behind = rest[len(other) :]
        known = names[other]
        if known is not None and known.kind not in NUMERIC:
            continue
        if grown is not None:
            found = _changed(subject, type_, other, behind)
        else:
            found = _by_so_much(subject, mark, other, behind) or _share(
                subject, mark, other, behind, part is not None, names
            )
        if found is not None:
            return found
    return None


def _by_so_much(subject: str, mark: str, other: str, behind: str) -> str | None:
    """低于 甲 30% 以上: lower by so much of it, or lower than so much of it."""
    share = re.match(r"([0-9]+(?:\.[0-9]+)?)%", behind)
    tail = None if share is None else TAIL.fullmatch(behind[share.end() :])
    if share is None or tail is None or mark not in ("<", ">"):
        return None
    more = sign_behind(tail, SaidValue("number", share[0], ""))
    if more not in ("", "≥"):
        return None
    whole = Decimal(100) + (Decimal(share[1]) if mark == ">" else -Decimal(share[1]))
    if whole <= 0:
        return None
    by = f"{subject} {(mark if not more else '≤' if mark == '<' else '≥')} {other} × {whole.normalize():f}%"
    said = "低了" if mark == "<" else "高了"
    return f"{said} {share[0]} 的，写“{by}”；和它的 {share[0]} 比，写“{subject} {mark} {other} × {share[0]}”"


def _share(
    subject: str, mark: str, other: str, behind: str, part: bool, names: Mapping[str, Type | None]
) -> str | None:
    behind = re.sub(r"^的?(?:比例|比重|比率|份额|占比)", "", behind) if part else behind
    inner = SIGN.match(behind)
    if inner is not None and part:
        mark, behind = SIGNS[inner[1]], behind[inner.end() :]
    behind = behind.removeprefix("的")
    for length in range(min(len(behind), LONGEST_VALUE), 0, -1):
        shown = _fraction(behind[:length])
        if shown is None:
            continue
        tail = TAIL.fullmatch(behind[length:])
        sign = None if tail is None else sign_behind(tail, SaidValue("number", shown, ""))
        if sign is None or (sign and mark and sign != mark) or not (sign or mark or not part):
            continue
        return _written(subject, sign or mark or "=", _part(other, shown, names))
    return None


def share_of(said: str, names: Mapping[str, Type | None]) -> str | None:
    """How 甲的30%, 甲的一半 or 两倍甲 is written; None where ``said`` is no share of one of ``names``.

    >>> share_of("原值的一半", {"原值": None}), share_of("两倍原值", {"原值": None}), share_of("原值的", {"原值": None})
    ('原值 × 50%', '原值 × 2', None)
    """
    lead = _TIMES.match(said)
    if lead is not None and said[lead.end() :] in names and (shown := _fraction(lead[0])) is not None:
        return _part(said[lead.end() :], shown, names)
    beyond = _BEYOND.fullmatch(said)
    over = None if beyond is None or beyond[1] not in names else spoken.value(beyond[2])
    if beyond is not None and over is not None:
        none = f"0{over.lstrip('0123456789.')}"
        return f"取大（{beyond[1]} − {over}；{none}）"
    for other in sorted((name for name in names if said.startswith(f"{name}的")), key=len, reverse=True):
        shown = _fraction(said[len(other) + 1 :])
        if shown is not None:
            return _part(other, shown, names)
    return None


def _part(other: str, shown: str, names: Mapping[str, Type | None]) -> str:
    """甲 × 2 ÷ 3; of a count, which nothing but a share of it may have a part, 甲 × （2 ÷ 3）."""
    type_ = names.get(other)
    third = re.fullmatch(r"(?:× (\d+) )?÷ (\d+)", shown)
    if third is None or type_ is None or type_.kind is not Kind.INTEGER:
        return f"{other} {shown}"
    return f"{other} × （{third[1] or 1} ÷ {third[2]}）"


_BEYOND: Final = re.compile("(.+?)(?:超过|超出|高于|大于)(.+?)(?:以上)?的?部分")


def _fraction(piece: str) -> str | None:
    """× 30%, × 2, ÷ 3 for 30%, 两倍, 三分之一."""
    times = _TIMES.fullmatch(piece)
    if times is not None:
        figure = _figure(times[1])
        return None if figure is None else f"× {figure}"
    shown = spoken.value(piece)
    if shown is None:
        return None
    third = re.fullmatch(r"（(\d+) ÷ (\d+)）", shown)
    if third is not None:
        return f"÷ {third[2]}" if third[1] == "1" else f"× {third[1]} ÷ {third[2]}"
    return f"× {shown}" if shown.endswith("%") else None


def _changed(subject: str, type_: Type | None, other: str, behind: str) -> str | None:
    """增长 10% 以上, 减少 5 万元, 下降: against another amount."""
    how = _GROWN.match(behind)
    if how is None:
        return None
    up, rest = how[1] in _MORE, behind[how.end() :]
    if not rest:
        return _written(subject, ">" if up else "<", other)
    inner = SIGN.match(rest)
    mark = "" if inner is None else SIGNS[inner[1]]
    rest = rest if inner is None else rest[inner.end() :]
    for value in values_in(type_, rest, ""):
        tail = TAIL.fullmatch(value.rest)
        sign = None if tail is None else sign_behind(tail, value)
        points = type_ is not None and type_.kind is Kind.RATIO and "百分点" not in rest
        if sign is None or (sign and mark and sign != mark) or points or type_ is None or value.sort != "number":
            continue
        return _against(subject, sign or mark or "=", up, f"{other} {'+' if up else '−'} {value.text}")
    length = _share_length(rest)
    share = re.match(r"([0-9]+(?:\.[0-9]+)?)%", spoken.value(rest[:length]) or "")
    if share is None or (type_ is not None and type_.kind is Kind.RATIO):
        return None
    found = TAIL.fullmatch(rest[length:])
    sign = None if found is None else sign_behind(found, SaidValue("number", share[0], ""))
    if sign is None or (sign and mark and sign != mark):
        return None
    whole = Decimal(100) + (Decimal(share[1]) if up else -Decimal(share[1]))
    return _against(subject, sign or mark or "=", up, f"{other} × {whole.normalize():f}%") if whole > 0 else None


def _share_length(text: str) -> int:
    return next((end for end in range(len(text), 0, -1) if (spoken.value(text[:end]) or "").endswith("%")), 0)


def _against(subject: str, sign: str, up: bool, amount: str) -> str:
    """Grown by at least so much is at least that; shrunk by at least so much is at most that."""
    return _written(subject, sign if up else MIRRORED[sign], amount)


def _written(subject: str, sign: str, amount: str) -> str:
    return f"写成“{subject} {sign or '='} {amount}”"


def _figure(text: str) -> str | None:
    if text[0].isascii():
        return text
    number = spoken.integer(text)
    return None if number is None else str(number)
