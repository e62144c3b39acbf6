"""The picture of flows: results on the left, results on the right, and what went where between them.

Why this exists: from what to what, for how many, is seen at once where bands are as thick as they count.

Invariants: what changed is dark and what stayed is pale; results without end are told as one; labels do not lie on each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from policyrules.report.impact_page.figures import apart, number, px
from policyrules.report.impact_page.html import Markup, tag
from policyrules.report.impact_page.svg import WIDTH, chosen, label, line, mark, picture, rect, wide
from policyrules.text import cut


@dataclass(frozen=True, slots=True)
class Band:
    """How many went from one result to another; ``changed``: whether they differ, also where the word is the same (待定, of fewer
    possible); ``marks`` of their rows in the list."""

    before: str
    after: str
    count: int
    changed: bool
    marks: str = ""


@dataclass(frozen=True, slots=True)
class _Side:
    """One side: its results with their counts, and where each begins."""

    word: str
    counts: dict[str, int]
    tops: dict[str, Fraction]
    texts: dict[str, str]


_NODES: Final = 18


def gathered(bands: Sequence[Band], order: Sequence[str]) -> tuple[list[Band], list[str]]:
    """Bands between few enough results to be told apart, and these in order: the smallest are one, called 其余."""
    sizes: dict[str, int] = {}
    for band in bands:
        for end in (band.before, band.after):
            sizes[end] = sizes.get(end, 0) + band.count
    ranked = [value for value in dict.fromkeys([*order, *sizes]) if value in sizes]
    if len(ranked) <= _NODES:
        return list(bands), ranked
    kept = set(sorted(ranked, key=lambda value: -sizes[value])[: _NODES - 1])
    rest = f"其余 {len(ranked) - len(kept)} 种"
    sums: dict[tuple[str, str, bool], list[Band]] = {}
    for band in bands:
        before, after = (one if one in kept else rest for one in (band.before, band.after))
        sums.setdefault((before, after, band.changed), []).append(band)
    told = [
        Band(*key, " ".join(one.marks for one in several if one.marks))
        for (before, after, changed), several in sums.items()
        for key in [(before, after, sum(one.count for one in several), changed)]
    ]
    return told, [*(value for value in ranked if value in kept), rest]


def alluvial(
    bands: Sequence[Band], order: Sequence[str], ink: Callable[[str], str], described: str, *, small: bool = False
) -> Markup:
    """The picture; ``order``: of results, from top to bottom; ``ink``: what each is filled with; ``small``: one of several."""
    bands, ranked = gathered([band for band in bands if band.count], order)
    if not bands:
        return Markup()
    size, width, bar = (11, 330, 8) if small else (13, WIDTH, 12)
    counts = [
        {value: many for value in ranked if (many := sum(one.count for one in bands if end(one) == value))}
        for end in (_before, _after)
    ]
    most = max(map(len, counts))
    height = max(120 if small else 210, most * (size + 6))
    total = sum(counts[0].values())
    unit = Fraction(height - 8 * (most - 1), total)
    old, new = (_side(word, several, unit, height) for word, several in zip("原现", counts, strict=True))
    left = max(wide(text, size) for text in old.texts.values()) + 14 + bar
    right = width - max(wide(text, size) for text in new.texts.values()) - 14 - bar
    drawn = [*_bands(bands, ranked, (old.tops, new.tops), unit, (left, right), total, ink, numbered=not small)]
    for side, x, way in ((old, left - bar, -1), (new, right, 1)):
        drawn += _nodes(side, x, bar, way, unit, (height, size, total), ink)
    moved = tag("g", drawn, transform="translate(0 4)")
    return picture(width, height + 8, described, moved, kind="small" if small else "")


def _before(band: Band) -> str:
    return band.before


def _after(band: Band) -> str:
    return band.after


def _side(word: str, counts: dict[str, int], unit: Fraction, height: int) -> _Side:
    gap = Fraction(height - unit * sum(counts.values()), max(len(counts) - 1, 1)) if len(counts) > 1 else Fraction(0)
    place, tops = Fraction(0), dict[str, Fraction]()
    for value, many in counts.items():
        tops[value] = place
        place += many * unit + gap
    return _Side(word, counts, tops, {value: f"{cut(value, 10)} {number(many)}" for value, many in counts.items()})


def _bands(
    bands: Sequence[Band],
    ranked: Sequence[str],
    tops: tuple[dict[str, Fraction], dict[str, Fraction]],
    unit: Fraction,
    ends: tuple[int, int],
    total: int,
    ink: Callable[[str], str],
    *,
    numbered: bool,
) -> list[Markup]:
    """Pale bands first, dark ones over them, their numbers last."""
    rank = {value: place for place, value in enumerate(ranked)}
    left, right = ends
    middle = Fraction(left + right, 2)
    places: list[list[Fraction]] = [[], []]
    for side, (end, other) in enumerate(((_before, _after), (_after, _before))):
        offsets = dict(tops[side])
        places[side] = [Fraction(0)] * len(bands)
        order = sorted(range(len(bands)), key=lambda one: (rank[end(bands[one])], rank[other(bands[one])]))
        for place in order:
            value = end(bands[place])
            places[side][place] = offsets[value]
            offsets[value] += bands[place].count * unit
    pale, dark, words = list[Markup](), list[Markup](), list[Markup]()
    taken: list[tuple[Fraction, Fraction]] = []
    for place in sorted(range(len(bands)), key=lambda one: -bands[one].count):
        band, y0, y1 = bands[place], places[0][place], places[1][place]
        thick = max(band.count * unit, Fraction(1))
        path = (
            f"M{left},{px(y0)}C{px(middle)},{px(y0)} {px(middle)},{px(y1)} {right},{px(y1)}"
            f"v{px(thick)}C{px(middle)},{px(y1 + thick)} {px(middle)},{px(y0 + thick)} {left},{px(y0 + thick)}Z"
        )
        told = f"{band.before} → {band.after}"
        said = "" if band.before != band.after else "（可能的结果变了）" if band.changed else "（没有变）"
        title = f"{told}{said}：{number(band.count)} 个，占{share(band.count, total)}"
        fill = ink(band.before)
        opacity = None if band.changed else "0.35" if fill.startswith("url") else "0.16"
        drawn = mark("path", title, d=path, fill=fill, fill_opacity=opacity)
        (dark if band.changed else pale).append(chosen(drawn, band.marks))
        for at in (Fraction(1, 2), Fraction(7, 20), Fraction(13, 20)) if band.changed and numbered else ():
            ease = at * at * (3 - 2 * at)
            x, y = left + (right - left) * at, y0 + (y1 - y0) * ease + thick / 2
            if all(abs(x - other_x) > 30 or abs(y - other_y) > 13 for other_x, other_y in taken):
                taken.append((x, y))
                words.append(label(x, y, number(band.count), anchor="middle", size=12, kind="halo"))
                break
    return [*pale, *([tag("g", dark, fill_opacity="0.85")] if dark else ()), *words]


def _nodes(
    side: _Side, x: int, bar: int, way: int, unit: Fraction, sizes: tuple[int, int, int], ink: Callable[[str], str]
) -> list[Markup]:
    """The bars of a side with their labels, these pushed apart. ``way``: 1 to the right of the bar, -1 to the left."""
    height, size, total = sizes
    centres = [side.tops[value] + many * unit / 2 for value, many in side.counts.items()]
    spots = apart(centres, size + 3, Fraction(size, 2), height - Fraction(size, 2))
    edge = x if way < 0 else x + bar
    drawn = []
    for (value, many), centre, spot in zip(side.counts.items(), centres, spots, strict=True):
        title = f"{side.word} {value}：{number(many)} 个，占{share(many, total)}"
        drawn.append(rect(title, x, side.tops[value], bar, max(many * unit, Fraction(1)), ink(value)))
        if abs(spot - centre) > 2:
            drawn.append(line(edge + way, centre, edge + 6 * way, spot, "#8b93a0"))
        anchor = "end" if way < 0 else ""
        drawn.append(label(edge + 8 * way, spot, side.texts[value], anchor=anchor, size=size))
    return drawn


def share(part: int, whole: int) -> str:
    """A share in per cent, to a tenth, and said to be about that where it is not exact.

    >>> share(1, 4), share(1, 8), share(1, 3)
    ('25%', '12.5%', '约 33.3%')
    """
    tenths = Fraction(part * 1000, whole)
    told = (tenths + Fraction(1, 2)).__floor__()
    exact = "" if tenths.denominator == 1 else "约 "
    return f"{exact}{told // 10}.{told % 10}%" if told % 10 else f"{exact}{told // 10}%"
