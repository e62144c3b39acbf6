"""The page of figures: Markdown and a chart, from what was measured.

Why this exists: figures in documents go stale unless a command writes them, and mean nothing without how they were taken.

Invariants: the page holds no paths and no names of machines or people; the chart is plain SVG, drawn here.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from html import escape

from benchmarks.measure import UNITS, Figure, Section

CHART = "performance.svg"
_INTRO = """# Performance

Written by `python -m benchmarks --write`; do not edit. What is measured, against whom, and in whose favour was erred stands
above each table.

![Times of the engines side by side](performance.svg)

## How figures are taken

Everything that is compared runs in one process, interleaved: each rival once a round, in an order that changes from round
to round, after a run that is not counted. Garbage is collected before each measurement and not during it. *cpu* is
processor time of all threads, *wall* the time that passed; both are told as the best of the rounds, cpu as the median too.
The *ratio* is cpu time by that of the yardstick in the same round, the median of the rounds: below 1 is faster than the
yardstick. Where something else runs on the machine wall times suffer most, ratios least.

Nothing is measured that does not say what the definition says, on every record that is compared.
"""


def number(value: float) -> str:
    """Three figures that count.

    >>> number(1234.5), number(12.345), number(0.012345)
    ('1,230', '12.3', '0.0123')
    """
    if value == 0:
        return "0"
    places = 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, places):,.{max(0, places)}f}"


def rows(section: Section) -> list[list[str]]:
    """The table of a section: a head, then a row for each figure."""
    scale, unit = UNITS[section.unit], section.unit
    notes = any(figure.note for figure in section.figures)
    head = ["", f"cpu best, {unit}", f"cpu median, {unit}", f"wall best, {unit}"]
    head += ["ratio"] * (section.yardstick is not None) + ["memory"] * notes
    found = [head]
    for figure in section.figures:
        row = [figure.name, *(number(one * scale) for one in (figure.cpu, figure.cpu_median, figure.wall))]
        if section.yardstick is not None:
            row.append(
                "" if figure.ratio is None else "1" if figure.name == section.yardstick else number(figure.ratio)
            )
        found.append(row + [figure.note] * notes)
    return found


def _section(section: Section) -> list[str]:
    lines = [f"## {section.title}", ""]
    for paragraph in section.text:
        lines += [paragraph, ""]
    if section.figures:
        if section.yardstick:
            lines += [f"Yardstick: {section.yardstick}.", ""]
        head, *rest = rows(section)
        lines += [f"| {' | '.join(head)} |", f"|{'|'.join(['---', *['--:'] * (len(head) - 1)])}|"]
        lines += [f"| {' | '.join(row)} |" for row in rest]
        lines.append("")
    lines += [f"- {name}: {value}" for name, value in section.facts]
    lines += [f"- not measured: {name} ({why})" for name, why in section.skipped]
    return lines if lines[-1] == "" else [*lines, ""]


def page(sections: Sequence[Section], machine: Sequence[tuple[str, str]], day: datetime.date, how: str) -> str:
    """The page as Markdown; ``how``: the command that took the figures."""
    lines = [_INTRO, "## The machine", "", f"Taken on {day.isoformat()} with `{how}`.", ""]
    lines += ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in machine), ""]
    for section in sections:
        lines += _section(section)
    return "\n".join(lines).rstrip("\n") + "\n"


# ---- chart ----------------------------------------------------------------------------------------------------------

_WIDTH, _LEFT, _RIGHT, _ROW = 860, 300, 150, 22
_OURS, _THEIRS, _YARDSTICK, _INK, _GRID = "#1f6f8b", "#b9c4c9", "#e0a458", "#22313a", "#e4e9eb"


def chart(sections: Sequence[Section]) -> str:
    """Bars on a scale of powers of ten, a panel for each section that compares."""
    panels = [section for section in sections if len(section.figures) > 1]
    parts: list[str] = []
    y = 16
    for section in panels:
        parts += _panel(section, y)
        y += 58 + _ROW * len(section.figures)
    style = "font-family: system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', sans-serif; font-size: 12px"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" width="{_WIDTH}" height="{y}" '
        f'role="img" aria-label="Times of the engines side by side" style="{style}">\n'
        f'<rect width="{_WIDTH}" height="{y}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _panel(section: Section, top: int) -> list[str]:
    scale = UNITS[section.unit]
    figures = sorted(section.figures, key=lambda figure: figure.cpu)
    values = [max(figure.cpu * scale, 1e-9) for figure in figures]
    low, high = math.floor(math.log10(values[0]) - 0.3), math.ceil(math.log10(values[-1]))
    span = _WIDTH - _LEFT - _RIGHT

    def x(value: float) -> float:
        return _LEFT + span * (math.log10(value) - low) / (high - low)

    title = f"{section.title} ({section.unit} cpu, best; shorter is faster)"
    parts = [f'<text x="16" y="{top + 12}" font-weight="600" fill="{_INK}">{escape(title)}</text>']
    bottom = top + 24 + _ROW * len(figures)
    for power in range(low, high + 1):
        at = x(10.0**power)
        parts.append(f'<line x1="{at:.1f}" y1="{top + 22}" x2="{at:.1f}" y2="{bottom}" stroke="{_GRID}"/>')
        told = f"{10.0**power:,.0f}" if power >= 0 else f"{10.0**power:g}"
        parts.append(
            f'<text x="{at:.1f}" y="{bottom + 13}" text-anchor="middle" font-size="10" fill="{_INK}">{told}</text>'
        )
    for place, (figure, value) in enumerate(zip(figures, values, strict=True)):
        y = top + 24 + place * _ROW
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 14}" text-anchor="end" fill="{_INK}">{escape(figure.name)}</text>')
        end = x(value)
        colour = _colour(figure, section.yardstick)
        parts.append(f'<rect x="{_LEFT}" y="{y + 3}" width="{max(1.0, end - _LEFT):.1f}" height="15" fill="{colour}"/>')
        ratio = "" if figure.ratio is None or figure.name == section.yardstick else f"  (× {number(figure.ratio)})"
        parts.append(f'<text x="{end + 6:.1f}" y="{y + 14}" fill="{_INK}">{number(value)}{ratio}</text>')
    return parts


def _colour(figure: Figure, yardstick: str | None) -> str:
    if figure.name == yardstick:
        return _YARDSTICK
    return _OURS if figure.name.startswith("policyrules") else _THEIRS
