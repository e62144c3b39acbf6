"""From which value of a parameter on, and from which day on, results are others.

Why this exists: a number in a rule is chosen, and days pass: both are read off a line, at the places where something happens.

Invariants: a stretch on which nothing changes is one row; what is sure is a line and what is open a hatched band above it; ends are
exact where the sweep says so, else it is said that values were tried one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from policyrules.analysis.labels import date_text
from policyrules.impact.model import Bounds, Grid, Moved, Sweep
from policyrules.report.impact_page.charts import Day, Sign, Stretch, steps, strip
from policyrules.report.impact_page.figures import number, span
from policyrules.report.impact_page.html import Column, Content, Markup, Row, join, more, note, table, tag
from policyrules.report.impact_page.places import identities
from policyrules.report.impact_page.summary import proposed_piece, switching
from policyrules.report.impact_page.view import View, class_word, record_marks
from policyrules.text import cut
from policyrules.types import Number

_MOST_PIECES: Final = 400
_MOST_MARKED: Final = 200
_NO_CHANGE: Final = Bounds(0, 0)


def thresholds(view: View) -> Markup:
    """The section of sweeps and of grids of two."""
    told = [_sweep(view, sweep, place) for place, sweep in enumerate(view.impact.sweeps)]
    told += [_grid(grid) for grid in view.impact.grids]
    return tag("div", told)


def _sweep(view: View, sweep: Sweep, place: int) -> Markup:
    unit = f"（{cut(sweep.unit, 8)}）" if sweep.unit else ""
    title = tag("h3", f"{cut(sweep.parameter, 40)}{unit}", tag("small", cut(sweep.side, 40)))
    told: list[Content] = [title]
    if words := switching(sweep):
        told.append(tag("p", words, class_="lead"))
    decisions = _decisions(view, sweep)
    for which, name in enumerate(decisions[:3]):
        drawn = _line(sweep, name)
        words = f"“{cut(name, 30)}”与原来不同的个数：实线是确定的，斜线到至多（还有没填的）。"
        told.append(tag("figure", drawn, tag("figcaption", words)))
        if which == 0 and len(sweep.pieces) > 1:
            told.append(_slider(sweep, place))
    tried = (
        "各段的两端就是结果变化的地方。"
        if sweep.exact
        else f"逐值试了 {number(sweep.tried)} 个取值，两个取值之间没有试。"
    )
    told += [_pieces(view, sweep, decisions), note(tried, cut(sweep.note, 300))]
    return tag("div", told, class_="sweep", id=f"w{place}")


def _decisions(view: View, sweep: Sweep) -> list[str]:
    """Those of which any number moves, that of the headlines first."""
    found = [name for name in view.names if len({piece.changed.get(name, _NO_CHANGE) for piece in sweep.pieces}) > 1]
    known = [name for name in view.names if any(name in piece.changed for piece in sweep.pieces)]
    return found or known[:1]


def edges(sweep: Sweep) -> list[Fraction]:
    """Where one stretch ends and the next begins, in the middle where there is room between them; with both outer ends.

    Where whole numbers are all there is, each is drawn as one wide.
    """
    inner = [
        Fraction((one.high if one.high is not None else one.at) + (other.low if other.low is not None else other.at))
        / 2
        for one, other in zip(sweep.pieces, sweep.pieces[1:], strict=False)
    ]
    first, last = sweep.pieces[0], sweep.pieces[-1]
    low, high = (
        Fraction(one if one is not None else piece.at) for one, piece in ((first.low, first), (last.high, last))
    )
    if inner:
        spread = (max(high, inner[-1]) - min(low, inner[0])) / 12 or Fraction(1)
        low = inner[0] - spread if first.low is None else low
        high = inner[-1] + spread if last.high is None else high
        gaps = [
            Fraction(other.low - one.high)
            for one, other in zip(sweep.pieces, sweep.pieces[1:], strict=False)
            if one.high is not None and other.low is not None
        ]
        half = min(gaps, default=Fraction(0)) / 2
        low, high = (low - half if first.low is not None else low), (high + half if last.high is not None else high)
    elif low == high:
        low, high = low - 1, high + 1
    return [low, *inner, high]


def _line(sweep: Sweep, decision: str) -> Markup:
    if not sweep.pieces:
        return Markup()
    ends = edges(sweep)
    stretches = []
    for piece, low, high in zip(sweep.pieces, ends, ends[1:], strict=False):
        one = piece.changed.get(decision, _NO_CHANGE)
        stretches.append(Stretch(low, high, one.low, one.high, f"{cut(piece.text, 60)}：{_told(one)}"))
    unit = f" {sweep.unit}" if sweep.unit else ""
    signs = []
    if sweep.proposed is not None:
        there = proposed_piece(sweep)
        words = f"：{_told(there.changed.get(decision, _NO_CHANGE))}" if there is not None else ""
        signs.append(Sign(sweep.proposed, f"拟定 {number(sweep.proposed)}{unit}{words}", True))
    signs += [Sign(one, f"切换值 {number(one)}") for one in sweep.switching if one is not None]
    described = f"{sweep.parameter}取不同的值时，{decision}与原来不同的个数"
    return steps(stretches, signs, ticks(ends[0], ends[-1]), described)


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


def _pieces(view: View, sweep: Sweep, decisions: Sequence[str]) -> Markup:
    main = view.main
    values = [*main.values] if main is not None and any(main.name in piece.bounds for piece in sweep.pieces) else []
    there = proposed_piece(sweep)
    rows = []
    for piece in sweep.pieces[:_MOST_PIECES]:
        row: list[Content] = [cut(piece.text, 60)]
        row += [span(one.low, one.high, "–") for name in decisions for one in [piece.changed.get(name, _NO_CHANGE)]]
        for value in values:
            one = piece.bounds.get(main.name, {}).get(value) if main is not None else None
            row.append("" if one is None else span(one.low, one.high, "–"))
        rows.append(Row(row, kind="on" if piece is there else ""))
    head = [Column("取值"), *(Column(f"{cut(name, 12)}不同", "n") for name in decisions)]
    head += [Column(class_word(main.name, cut(value, 12)) if main is not None else "", "n") for value in values]
    rest = len(sweep.pieces) - _MOST_PIECES
    left = note(f"只列前 {_MOST_PIECES} 段，还有 {rest} 段；其余见 JSON（-o 影响.json）。") if rest > 0 else None
    return join([table(head, rows), left])


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
        mine: list[dict[str, object]] = []
        for piece in sweep.pieces:
            more_, fewer = ([one for one in piece.moved if one not in base], sorted(base - {*piece.moved}))
            shown = [one[:_MOST_MARKED] for one in (more_, fewer)]
            names |= {str(one): view.identity(one) for several in shown for one in several}
            changed = [f"{cut(name, 16)} {_told(one)}" for name, one in piece.changed.items() if one.high]
            mine.append(
                {
                    "t": cut(piece.text, 60),
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
    title = tag("h3", f"{cut(grid.parameters[0], 20)} 与 {cut(grid.parameters[1], 20)} 一起变")
    drawn = tag("div", tag("table", tag("thead", head), tag("tbody", rows), class_="heat"), class_="box")
    return join([title, drawn, note(f"“{cut(grid.decision, 20)}”与原来不同的个数（确定–至多），颜色越深越多。")])


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
                _flips(view, one.new),
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


def _flips(view: View, moved: Sequence[Moved]) -> Content:
    if not moved:
        return "·"
    counts = Counter((one.decision, one.before, one.after) for one in moved)
    told = "；".join(
        f"{cut(name, 12)} {cut(before, 16)} → {cut(after, 16)} {number(many)}"
        for (name, before, after), many in counts.most_common(5)
    )
    return more(
        told + ("…" if len(counts) > 5 else ""), identities(view, list(dict.fromkeys(one.record for one in moved)))
    )
