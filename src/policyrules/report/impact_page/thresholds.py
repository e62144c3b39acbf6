"""From which value of a parameter on, and from which day on, results are others.

Why this exists: a number in a rule is chosen, and days pass: both are read off a line, at the places where something happens.

Invariants: a stretch on which nothing changes is one row; what is sure is a line and what is open a hatched band above it; ends are
exact where the sweep says so, else it is said that values were tried one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from policyrules.report.impact_page.charts import Bar, Day, Part, Sign, Stretch, bars, steps, strip
from policyrules.report.impact_page.figures import number, span
from policyrules.report.impact_page.html import Column, Content, Markup, Row, join, note, table, tag
from policyrules.report.impact_page.places import flips
from policyrules.report.impact_page.svg import NEW
from policyrules.report.impact_page.view import View, record_marks
from policyrules.report.impact_words import class_word, moving_decisions, proposed_piece, sweep_note
from policyrules.text import cut, printable
from policyrules.types import Number, date_text
from policyrules.variation.model import Bounds, DateChange, Grid, Moved, Piece, Sweep

_MOST_PIECES: Final = 120
_MOST_MARKED: Final = 40
_MOST_COLUMNS: Final = 6
_MOST_BARS: Final = 30
_DRAWN: Final = 2
_NOTHING: Final = Bounds(0, 0)


def thresholds(view: View) -> Markup:
    """The section of sweeps and of grids of two."""
    told = [_sweep(view, sweep, place) for place, sweep in enumerate(view.impact.sweeps)]
    told += [_grid(grid) for grid in view.impact.grids]
    return tag("div", told)


@dataclass(frozen=True, slots=True)
class Series:
    """What is counted along a parameter: how many differ from the old side, or how many come to a value; one range a piece."""

    words: str
    counts: tuple[Bounds, ...]

    @property
    def moves(self) -> tuple[int, int]:
        """By how much what is sure moves from end to end, and what is possible."""
        return (
            max(one.low for one in self.counts) - min(one.low for one in self.counts),
            max(one.high for one in self.counts) - min(one.high for one in self.counts),
        )


def series(view: View, sweep: Sweep) -> list[Series]:
    """All that moves along a parameter, the headlines' differences first, then what moves most; where nothing moves, those
    differences alone."""
    differ = [
        Series(f"“{cut(name, 16)}”与原来不同", tuple(piece.changed.get(name, _NOTHING) for piece in sweep.pieces))
        for name in view.names
        if any(name in piece.changed for piece in sweep.pieces)
    ]
    keys = dict.fromkeys((name, value) for piece in sweep.pieces for name, of in piece.bounds.items() for value in of)
    values = [
        Series(
            f"“{cut(name, 16)}”为{class_word(name, cut(value, 16))}",
            tuple(piece.bounds.get(name, {}).get(value, _NOTHING) for piece in sweep.pieces),
        )
        for name, value in keys
    ]
    moving = [one for one in differ if any(one.moves)]
    moving += sorted((one for one in values if any(one.moves)), key=lambda one: one.moves, reverse=True)
    return moving or differ[:1]


def _sweep(view: View, sweep: Sweep, place: int) -> Markup:
    unit = f"（{cut(sweep.unit, 8)}）" if sweep.unit else ""
    side = {"old": "原来那边", "new": "现在这边"}.get(sweep.side, cut(sweep.side, 20))
    told: list[Content] = [tag("h3", f"{cut(sweep.parameter, 40)}{unit}", tag("small", side))]
    if words := sweep_note(sweep, view.impact):
        told.append(tag("p", f"{cut(words, 400)}。", class_="lead"))
    several = series(view, sweep)
    # What moves most is what is chosen by.
    drawn = sorted(several, key=lambda one: one.moves, reverse=True)[:_DRAWN]
    for which, one in enumerate(drawn):
        picture = _line(sweep, one) if _numeric(sweep) else _bars(sweep, one)
        caption = f"{one.words}的个数：{'实线' if _numeric(sweep) else '实心'}是确定的，斜线是补齐资料后至多还有的。"
        told.append(tag("figure", picture, tag("figcaption", caption)))
        if which == 0 and len(sweep.pieces) > 1:
            told.append(_slider(sweep, place))
    tried = "各段的两端就是结果变化的地方。" if sweep.exact else f"逐值试了 {number(sweep.tried)} 个取值。"
    told += [_pieces(sweep, several), note(tried)]
    return tag("div", told, class_="sweep", id=f"w{place}")


def _numeric(sweep: Sweep) -> bool:
    return all(piece.at is not None for piece in sweep.pieces)


def _ends(piece: Piece) -> tuple[Fraction, Fraction]:
    at = Fraction(piece.at or 0)
    return (
        Fraction(piece.low) if piece.low is not None else at,
        Fraction(piece.high) if piece.high is not None else at,
    )


def edges(pieces: Sequence[Piece]) -> list[Fraction]:
    """Where one stretch is drawn to end and the next to begin, with both outer ends: in the middle where there is room between them, so
    that each whole number is one wide where whole numbers are all there is."""
    ends = [_ends(piece) for piece in pieces]
    inner = [(one[1] + other[0]) / 2 for one, other in pairwise(ends)]
    low, high = ends[0][0], ends[-1][1]
    if not inner:
        return [low - 1, high + 1] if low == high else [low, high]
    half = min(other[0] - one[1] for one, other in pairwise(ends)) / 2
    spread = (max(high, inner[-1]) - min(low, inner[0])) / 12 or Fraction(1)
    low = inner[0] - spread if pieces[0].low is None else low - half
    high = inner[-1] + spread if pieces[-1].high is None else high + half
    return [low, *inner, high]


def _line(sweep: Sweep, one: Series) -> Markup:
    if not sweep.pieces:
        return Markup()
    scale = Fraction(sweep.scale)
    ends = [end / scale for end in edges(sweep.pieces)]
    stretches = [
        Stretch(low, high, told.low, told.high, f"{cut(piece.text, 60)}：{_told(told)}")
        for piece, told, low, high in zip(sweep.pieces, one.counts, ends, ends[1:], strict=False)
    ]
    there = proposed_piece(sweep)
    signs = []
    if sweep.proposed is not None:
        words = f"：{_told(one.counts[sweep.pieces.index(there)])}" if there is not None else ""
        told = value_text(sweep, sweep.proposed, sweep.proposed_text)
        signs.append(Sign(Fraction(sweep.proposed) / scale, f"拟定 {told}{words}", True))
    for tip, words in zip(sweep.switching, sweep.switching_texts, strict=True):
        if tip is not None:
            signs.append(Sign(Fraction(tip) / scale, f"切换值 {value_text(sweep, tip, words)}"))
    unit = "%" if sweep.unit == "%" else ""
    axis = [(value, words + unit) for value, words in ticks(ends[0], ends[-1])]
    return steps(stretches, signs, axis, f"{sweep.parameter}取不同的值时，{one.words}的个数")


def value_text(sweep: Sweep, value: Number, words: str) -> str:
    """A value of a parameter as people read it."""
    if words:
        return cut(words, 24)
    unit = cut(sweep.unit, 8)
    return f"{number(Fraction(value) / Fraction(sweep.scale))}{unit if unit == '%' else f' {unit}' if unit else ''}"


def _bars(sweep: Sweep, one: Series) -> Markup:
    """Where there is no axis: a bar for each value."""
    there = proposed_piece(sweep)
    rows = []
    for piece, told in zip(sweep.pieces[:_MOST_BARS], one.counts, strict=False):
        words = f"{cut(piece.text, 30)}{'（拟定）' if piece is there else ''}"
        parts = (Part(told.low, NEW, "确定"), Part(told.high - told.low, "url(#p-new)", "还可能"))
        rows.append(Bar(words, parts))
    return bars(rows, f"{sweep.parameter}取不同的值时，{one.words}的个数")


def _told(one: Bounds) -> str:
    return f"确定 {number(one.low)} 个" + (f"，至多 {number(one.high)} 个" if one.high > one.low else "")


def ticks(low: Number, high: Number) -> list[tuple[Number, str]]:
    """Round values between two, at most ten.

    >>> [word for _, word in ticks(Fraction(-1, 2), Fraction(81, 2))]
    ['0', '5', '10', '15', '20', '25', '30', '35', '40']
    """
    width = Fraction(high) - Fraction(low)
    step = Fraction(1)
    while width / step < 1:
        step /= 10
    while width / (step * 10) > 1:
        step *= 10
    step = next(
        step * share
        for share in (Fraction(1, 5), Fraction(1, 2), Fraction(1), Fraction(2))
        if width / (step * share) <= 10
    )
    if low >= 0 and width > 3:
        step = max(step, Fraction(1))
    first = -((-Fraction(low)) // step)
    return [(value, number(value)) for place in range(11) if (value := (first + place) * step) <= high]


def _slider(sweep: Sweep, place: int) -> Markup:
    """Moves over the stretches; what it says is in the page already."""
    there = proposed_piece(sweep)
    at = sweep.pieces.index(there) if there is not None else 0
    return tag(
        "div",
        tag("label", "移动取值 ", tag("input", type="range", min=0, max=len(sweep.pieces) - 1, value=at, step=1)),
        tag("output"),
        class_="slide",
        data_w=place,
        hidden=True,
    )


def _pieces(sweep: Sweep, several: Sequence[Series]) -> Markup:
    there = proposed_piece(sweep)
    shown = several[:_MOST_COLUMNS]
    rows = []
    for place, piece in enumerate(sweep.pieces[:_MOST_PIECES]):
        row: list[Content] = [cut(piece.text, 60)]
        row += [span(one.counts[place].low, one.counts[place].high, "–") for one in shown]
        rows.append(Row(row, kind="on" if piece is there else ""))
    head = [Column("取值"), *(Column(one.words, "n") for one in shown)]
    rest = len(sweep.pieces) - _MOST_PIECES
    left = f"只列前 {_MOST_PIECES} 段，还有 {rest} 段；其余见 JSON（-o 影响.json）。" if rest > 0 else ""
    left += f"只列变得最多的 {_MOST_COLUMNS} 项，共 {len(several)} 项。" if len(several) > _MOST_COLUMNS else ""
    return join([table(head, rows), note("短横前是确定的，后是补齐资料后至多的。", left)])


def swept(view: View) -> Mapping[str, object] | None:
    """For the sliders: of each stretch what it says, and who differs from the old side there and not at the proposed value, and the
    other way round."""
    if not view.impact.sweeps:
        return None
    told: list[list[dict[str, object]]] = []
    names: dict[str, str] = {}
    for sweep in view.impact.sweeps:
        there = proposed_piece(sweep) or (sweep.pieces[0] if sweep.pieces else None)
        base = set(there.moved) if there is not None else set()
        # Decisions that stay the same all along are told by other sections.
        moving = moving_decisions(sweep)
        mine: list[dict[str, object]] = []
        for piece in sweep.pieces:
            more_, fewer = ([one for one in piece.moved if one not in base], sorted(base - {*piece.moved}))
            shown = [one[:_MOST_MARKED] for one in (more_, fewer)]
            names |= {str(one): printable(view.identity(one)) for several in shown for one in several}
            named = {name: one for name, one in piece.changed.items() if one.high}
            changed = [f"{printable(cut(name, 16))} {_told(named[name])}" for name in moving or named if name in named]
            mine.append(
                {
                    "t": printable(cut(piece.text, 60)),
                    "c": "；".join(changed) or "没有一个与原来不同",
                    "n": [len(more_), len(fewer)],
                    "m": shown[0],
                    "f": shown[1],
                }
            )
        told.append(mine)
    return {"names": names, "sweeps": told}


def _grid(grid: Grid) -> Markup:
    """Two parameters: the darker, the more."""
    most = max((one.high for row in grid.changed for one in row), default=0)
    head = tag(
        "tr",
        tag("th", f"{cut(grid.parameters[0], 20)} ＼ {cut(grid.parameters[1], 20)}"),
        [tag("th", cut(one, 24), class_="n") for one in grid.columns],
    )
    rows = [
        tag(
            "tr",
            tag("th", cut(name, 24)),
            [
                tag("td", span(one.low, one.high, "–"), class_=f"n h{one.high * 8 // most if most else 0}")
                for one in row
            ],
        )
        for name, row in zip(grid.rows, grid.changed, strict=True)
    ]
    words = f"“{cut(grid.decision, 20)}”与原来不同的个数，短横前是确定的，后是补齐资料后至多的；颜色越深越多。"
    words += "" if grid.exact else "逐值试的，两个取值之间没有试。"
    title = tag("h3", f"{cut(grid.parameters[0], 20)} 与 {cut(grid.parameters[1], 20)} 一起变")
    drawn = tag("div", tag("table", tag("thead", head), tag("tbody", rows), class_="heat"), class_="box")
    return join([title, drawn, note(words, cut(grid.note, 200))])


# ---- days -------------------------------------------------------------------------------------------------------------


def dates(view: View) -> Markup:
    """The section of days on which results flip."""
    several = sorted(view.impact.dates, key=lambda one: one.on)
    today = view.impact.about.as_of
    days = [Day(today.toordinal(), "评估日", 0, f"评估日 {date_text(today)}")]
    for one in several:
        moved = [*one.old, *one.new]
        title = (
            f"{date_text(one.on)}：{'；'.join(one.because)}，现在这边变 {len(one.new)} 个，原来那边变 {len(one.old)} 个"
        )
        days.append(
            Day(
                one.on.toordinal(),
                date_text(one.on),
                len(one.new),
                title,
                record_marks(m.record for m in moved[:_MOST_MARKED]),
            )
        )
    rows = [
        Row(
            [
                date_text(one.on),
                "；".join(cut(because, 80) for because in one.because),
                _flips(view, one.old),
                [_flips(view, one.new), _since(one)],
                "，".join(f"{cut(name, 12)} {number(many)}" for name, many in one.differ.items()) or "·",
            ]
        )
        for one in several[:_MOST_PIECES]
    ]
    words = "圆点越大，那一天现在这边变的结果越多；空心的是评估日。"
    drawn = tag("figure", strip(days, "结果改变的日子"), tag("figcaption", words)) if several else None
    head = [
        Column("日子"),
        Column("因为", "w"),
        Column("原来那边", "w"),
        Column("现在这边", "w"),
        Column("此后两边不同的"),
    ]
    return tag("div", drawn, table(head, rows) if rows else note("查过的日子里没有结果改变。"))


def _since(one: DateChange) -> Content:
    if one.since is None or one.since.toordinal() == one.on.toordinal() - 1:
        return None
    return note(f"和 {date_text(one.since)} 比")


def _flips(view: View, moved: Sequence[Moved]) -> Content:
    return flips(view, moved, 5, 16) if moved else "·"
