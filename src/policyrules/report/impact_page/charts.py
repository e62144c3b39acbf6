"""Bars, ranges, dots, steps and strips of days.

Why this exists: how many, from how many to how many, which two together, from which value on, and when, are each seen in a picture of
their own.

Invariants: all bars of a picture have one scale; the number stands beside the bar; what is open is hatched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from policyrules.report.impact_page.figures import apart, number, px
from policyrules.report.impact_page.html import Attribute, Content, Markup, tag
from policyrules.report.impact_page.svg import (
    INK,
    NEW,
    OLD,
    SURE,
    WIDTH,
    chosen,
    join_marks,
    label,
    line,
    mark,
    picture,
    rect,
    wide,
)
from policyrules.types import Number


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: how many, filled with what, what it is in words."""

    count: int
    fill: str
    word: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its label."""

    label: str
    parts: tuple[Part, ...]
    marks: str = ""


def bars(rows: Sequence[Bar], described: str) -> Markup:
    """Bars of one scale, one below the other, each with its numbers behind it."""
    most = max((sum(part.count for part in row.parts) for row in rows), default=0)
    if not most:
        return Markup()
    margin = min(max(wide(row.label) for row in rows) + 10, 290)
    room = WIDTH - margin - 60
    drawn: list[Content] = []
    for place, row in enumerate(rows):
        y = place * 23 + 2
        x = Fraction(margin)
        # As many characters as there is room for.
        limit = next((size for size in range(len(row.label), 0, -1) if wide(row.label[:size]) <= margin - 8), 1)
        told = [label(margin - 8, y + 8, row.label, anchor="end", limit=limit)]
        for part in row.parts:
            width = Fraction(room * part.count, most)
            told.append(rect(f"{part.word} {number(part.count)} 个", x, y, width, 16, part.fill))
            x += width
        told.append(label(x + 6, y + 8, number(sum(part.count for part in row.parts))))
        drawn.append(chosen(join_marks(told), row.marks))
    return picture(WIDTH, len(rows) * 23 + 2, described, drawn)


def mini(parts: Sequence[Part], most: int) -> Markup:
    """A bar within a table."""
    if not any(part.count for part in parts):
        return Markup()
    x, drawn = Fraction(0), list[Markup]()
    for part in parts:
        width = Fraction(100 * part.count, most)
        if part.count:
            # How high it is and what most bars are filled with, the style sheet says once.
            fill = part.fill if part.fill != NEW else None
            box = dict[str, Attribute](x=f"{px(x)}%" if x else None, width=f"{px(width)}%", fill=fill)
            drawn.append(mark("rect", f"{part.word} {number(part.count)}", **box))
        x += width
    return tag("svg", drawn, class_="mini")


@dataclass(frozen=True, slots=True)
class Range:
    """From how many to how many, before and now."""

    label: str
    old: tuple[int, int] | None
    new: tuple[int, int] | None


def ranges(rows: Sequence[Range], described: str) -> Markup:
    """Two bars a row: solid what is sure, hatched what is possible."""
    most = max((end[1] for row in rows for end in (row.old, row.new) if end is not None), default=0)
    if not most:
        return Markup()
    margin = min(max(wide(row.label) for row in rows) + 10, 220)
    room = WIDTH - margin - 92
    drawn: list[Content] = []
    for place, row in enumerate(rows):
        y = place * 34 + 2
        drawn.append(label(margin - 8, y + 13, row.label, anchor="end", limit=16))
        for word, ends, top, solid, hatch in (
            ("原", row.old, y, OLD, "url(#p-old)"),
            ("现", row.new, y + 14, NEW, "url(#p-new)"),
        ):
            if ends is None:
                continue
            low, high = (Fraction(room * end, most) for end in ends)
            title = f"{row.label}，{word}：确定 {number(ends[0])} 个，至多 {number(ends[1])} 个"
            drawn.append(rect(title, margin, top, low, 12, solid))
            drawn.append(rect(title, margin + low, top, high - low, 12, hatch, stroke=solid, stroke_width="0.6"))
            told = number(ends[0]) if ends[0] == ends[1] else f"{number(ends[0])}–{number(ends[1])}"
            drawn.append(label(margin + high + 5, top + 6, f"{word} {told}", size=11))
    return picture(WIDTH, len(rows) * 34, described, drawn)


# ---- dots -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dot:
    """Two acts, by their places on the axes, and what is between them: how many, of which kind."""

    row: int
    column: int
    jointly: int
    either: int
    masked: int
    title: str
    marks: str = ""


def dots(names: Sequence[str], short: Sequence[str], several: Sequence[Dot], described: str) -> Markup:
    """Half a matrix of pairs: a full dot for both together, a ring for either, a cross for one behind the other."""
    most = max((max(dot.jointly, dot.either, dot.masked) for dot in several), default=0)
    if not most:
        return Markup()
    margin = min(max(map(wide, names)) + 10, 300)
    step = min(34, (WIDTH - margin) // max(len(names) - 1, 1))
    drawn: list[Content] = []
    for place, name in enumerate(names):
        y = place * 26 + 13
        drawn.append(label(margin - 8, y, name, anchor="end", limit=26))
        if place:
            drawn.append(line(margin, y, margin + place * step, y, "#e6e8ec"))
        if place < len(names) - 1:
            x = margin + place * step + Fraction(step, 2)
            drawn.append(line(x, y + 13, x, len(names) * 26, "#e6e8ec"))
            drawn.append(label(x, len(names) * 26 + 9, short[place], anchor="middle", size=11))
    for dot in several:
        x, middle = margin + dot.column * step + Fraction(step, 2), dot.row * 26 + 13
        told = []
        for many, kind in ((dot.jointly, "full"), (dot.either, "ring"), (dot.masked, "cross")):
            if not many:
                continue
            radius = 3 + Fraction(8 * isqrt(many * 10_000 // most), 100)
            if kind == "cross":
                ends = f"M{px(x - 4)},{middle - 4}L{px(x + 4)},{middle + 4}M{px(x + 4)},{middle - 4}L{px(x - 4)},{middle + 4}"
                told.append(mark("path", dot.title, d=ends, stroke=SURE, stroke_width=2, fill="none"))
            else:
                fill = NEW if kind == "full" else "none"
                ring = dict[str, Attribute](cx=px(x), cy=middle, r=px(radius), fill=fill, stroke=NEW, stroke_width=2)
                told.append(mark("circle", dot.title, **ring))
        drawn.append(chosen(join_marks(told), dot.marks))
    return picture(WIDTH, len(names) * 26 + 20, described, drawn)


# ---- steps ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of values: how many surely, and at most, and what is told of it."""

    low: Number
    high: Number
    sure: int
    most: int
    title: str


@dataclass(frozen=True, slots=True)
class Sign:
    """A value that is marked below the axis, in words. ``strong``: the one that is proposed."""

    at: Number
    word: str
    strong: bool = False


def steps(
    stretches: Sequence[Stretch], signs: Sequence[Sign], ticks: Sequence[tuple[Number, str]], described: str
) -> Markup:
    """A line of steps for what is sure, a hatched band up to what is possible, over the values of a parameter."""
    if not stretches:
        return Markup()
    low, high = stretches[0].low, stretches[-1].high
    width = Fraction(high - low) or Fraction(1)
    most = max(1, *(one.most for one in stretches))
    left, right, top, bottom = 44, WIDTH - 14, 40, 190

    def across(value: Number) -> Fraction:
        return left + (right - left) * min(max(Fraction(value) - low, Fraction(0)), width) / width

    def up(many: int) -> Fraction:
        return bottom - Fraction((bottom - top) * many, most)

    drawn: list[Content] = []
    step = next(size for size in _steps() if most <= size * 5)
    for many in range(0, most + 1, step):
        drawn.append(line(left, up(many), right, up(many), "#e6e8ec"))
        drawn.append(label(left - 6, up(many), number(many), anchor="end", size=11))
    path: list[str] = []
    hits: list[Content] = []
    for place, one in enumerate(stretches):
        x0, x1 = across(one.low), across(one.high)
        if one.most > one.sure:
            drawn.append(
                rect(one.title, x0, up(one.most), max(x1 - x0, Fraction(3)), up(one.sure) - up(one.most), "url(#p-new)")
            )
        if x1 > x0:
            path.append(f"{'L' if path else 'M'}{px(x0)},{px(up(one.sure))}L{px(x1)},{px(up(one.sure))}")
        else:
            drawn.append(mark("circle", one.title, cx=px(x0), cy=px(up(one.sure)), r=3, fill=NEW))
        hits.append(
            rect(
                one.title,
                x0 - (0 if x1 > x0 else 2),
                top - 4,
                max(x1 - x0, Fraction(4)),
                bottom - top + 4,
                "#000",
                class_="hit",
                data_i=place,
            )
        )
    drawn.append(mark("path", described, d="".join(path), fill="none", stroke=NEW, stroke_width="2.4"))
    drawn.append(line(left, bottom, right, bottom, "#5a6270"))
    last = Fraction(-1000)
    for value, word in sorted(ticks, key=lambda one: Fraction(one[0])):
        x = across(value)
        if low <= value <= high and x - last > wide(word, 11):
            drawn.append(line(x, bottom, x, bottom + 4, "#5a6270"))
            drawn.append(label(x, bottom + 13, word, anchor="middle", size=11))
            last = x
    for row, sign in enumerate(signs):
        x = across(sign.at)
        stroke = SURE if sign.strong else "#5a6270"
        drawn.append(line(x, 9 + row % 3 * 14, x, bottom, stroke, stroke_dasharray="4 3" if sign.strong else "1 3"))
        end = x > WIDTH * Fraction(7, 10)
        kind = "halo strong" if sign.strong else "halo"
        drawn.append(
            label(
                x + (-4 if end else 4),
                8 + row % 3 * 14,
                sign.word,
                anchor="end" if end else "",
                size=12,
                kind=kind,
                limit=40,
            )
        )
    return picture(WIDTH, bottom + 24, described, drawn, hits)


def _steps() -> Sequence[int]:
    return [size * 10**power for power in range(12) for size in (1, 2, 5)] + [10**400]


@dataclass(frozen=True, slots=True)
class Day:
    """A day on a strip: its number, what it is called, how many results flip."""

    at: int
    word: str
    count: int
    title: str
    marks: str = ""


def strip(days: Sequence[Day], described: str) -> Markup:
    """Days on a line, each with a dot as large as what flips; the largest are named."""
    if not days:
        return Markup()
    first, last = min(day.at for day in days), max(day.at for day in days)
    most = max(1, *(day.count for day in days))
    left, right, base = 56, WIDTH - 56, 62

    def across(at: int) -> Fraction:
        return (
            left + Fraction((right - left) * (at - first), last - first) if last > first else Fraction(left + right, 2)
        )

    drawn: list[Content] = [line(left - 20, base, right + 20, base, "#5a6270")]
    named = sorted(sorted(days, key=lambda day: (-day.count, day.at))[:8], key=lambda day: day.at)
    for day in sorted(days, key=lambda day: -day.count):
        radius = 4 + Fraction(12 * isqrt(day.count * 10_000 // most), 100) if day.count else Fraction(4)
        fill = SURE if day.count else "#fff"
        ring = dict[str, Attribute](
            cx=px(across(day.at)), cy=base, r=px(radius), fill=fill, stroke="#fff" if day.count else INK
        )
        drawn.append(chosen(mark("circle", day.title, **ring), day.marks))
    for side in (0, 1):
        mine = named[side::2]
        spots = apart([across(day.at) for day in mine], 124, 62, WIDTH - 62)
        for day, spot in zip(mine, spots, strict=True):
            y = base - 34 if side == 0 else base + 34
            drawn.append(
                line(
                    across(day.at), base - 17 if side == 0 else base + 17, spot, y + (9 if side == 0 else -9), "#8b93a0"
                )
            )
            told = f"{day.word}　{day.count}" if day.count else day.word
            drawn.append(label(spot, y - (2 if side == 0 else -2), told, anchor="middle", size=12, limit=20))
    return picture(WIDTH, 122, described, drawn)
