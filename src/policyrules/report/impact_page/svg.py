"""What pictures are made of: plain SVG with real text, placed by arithmetic.

Why this exists: a few kinds of marks need no drawing library, print sharp, and can be read aloud.

Invariants: a mark has a ``<title>``; what is open is hatched, so that a grey print tells it from what is sure; the same values give the
same picture. Lengths are in units of the picture, of which a line of text takes 13.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Final

from policyrules.report.impact_page.figures import px
from policyrules.report.impact_page.html import Attribute, Content, Markup, link, tag
from policyrules.source import display_width
from policyrules.text import cut, printable
from policyrules.types import Number

WIDTH: Final = 640
SURE: Final = "#7a2331"
PALE: Final = "#c9ced6"
OLD: Final = "#8b93a0"
NEW: Final = "#2c5f8a"
INK: Final = "#1d2430"
_PALETTE: Final = (
    "#2f6f4f",
    "#2c5f8a",
    "#c08a1e",
    "#a4473c",
    "#6b4c9a",
    "#2a8c8c",
    "#8c5a2b",
    "#b0578d",
    "#6f7f2a",
    "#41506b",
)
_WORDS: Final[Mapping[str, str]] = {
    "待定": "url(#p-open)",
    "冲突": "url(#p-clash)",
    "无": "#4a4f57",
    "不适用": "#aeb4bd",
    "没有这一项": "url(#p-absent)",
}


def patterns() -> Markup:
    """What hatched marks are filled with, once for the page."""

    def pattern(name: str, size: int, *content: Content, turned: int = 45) -> Markup:
        told = f"rotate({turned})" if turned else None
        box = dict[str, Attribute](width=size, height=size, patternUnits="userSpaceOnUse", patternTransform=told)
        return tag("pattern", *content, id=name, **box)

    def ground(fill: str) -> Markup:
        return tag("rect", width=8, height=8, fill=fill)

    def stripe(fill: str, width: str) -> Markup:
        return tag("rect", width=width, height=8, fill=fill)

    def across(fill: str, height: str) -> Markup:
        return tag("rect", width=8, height=height, fill=fill)

    told = [
        pattern("p-open", 5, ground("#e9ebee"), stripe("#767d89", "2")),
        pattern("p-clash", 5, ground("#f0e4ea"), stripe("#8a3d63", "1.4"), across("#8a3d63", "1.4")),
        pattern("p-absent", 4, ground("#fff"), tag("circle", cx=2, cy=2, r="0.7", fill="#9aa1ac"), turned=0),
        pattern("p-maybe", 4, ground("#fff"), stripe(SURE, "1.6")),
        pattern("p-joint", 4, ground("#dfe7ef"), stripe(NEW, "1.8"), turned=135),
        pattern("p-either", 4, ground("#fff"), tag("circle", cx=2, cy=2, r="1.1", fill=NEW), turned=0),
        pattern("p-new", 4, ground("#fff"), stripe(NEW, "1.6")),
        pattern("p-old", 4, ground("#fff"), stripe(OLD, "1.4"), turned=135),
    ]
    return tag("svg", tag("defs", told), width=0, height=0, class_="defs", aria_hidden="true")


def inks(values: Sequence[str]) -> Callable[[str], str]:
    """What the results of a decision are filled with, by the order in which its values are declared."""
    fixed = {value: _PALETTE[place % len(_PALETTE)] for place, value in enumerate(values)} | dict(_WORDS)
    return lambda value: fixed.get(value) or (_WORDS["待定"] if value.startswith("待定") else "#5a6270")


def picture(width: Number, height: Number, described: str, *marks: Content, kind: str = "") -> Markup:
    """A picture in a box of its own."""
    drawn = tag(
        "svg",
        *marks,
        viewBox=f"0 0 {px(width)} {px(height)}",
        role="img",
        aria_label=described,
        class_=kind or None,
    )
    return tag("div", drawn, class_="box pic")


def mark(name: str, title: str, **attributes: Attribute) -> Markup:
    """A mark that says what it is."""
    return tag(name, tag("title", title), **attributes)


def rect(title: str, x: Number, y: Number, width: Number, height: Number, fill: str, **attributes: Attribute) -> Markup:
    """A bar; one of nothing is nothing."""
    if width <= 0 or height <= 0:
        return Markup()
    box = dict[str, Attribute](
        x=px(x) if x else None, y=px(y) if y else None, width=px(width), height=px(height), fill=fill
    )
    return mark("rect", title, **box, **attributes)


def label(
    x: Number, y: Number, content: str, *, anchor: str = "", size: int = 13, kind: str = "", limit: int = 60
) -> Markup:
    """A line of text, its middle at ``y``."""
    told = cut(printable(content), limit)
    place = dict[str, Attribute](x=px(x), y=px(y + Fraction(size * 36, 100)), font_size=None if size == 13 else size)
    titled = tag("title", content) if told != content else None
    return tag("text", titled, told, **place, text_anchor=anchor or None, class_=kind or None)


def line(x1: Number, y1: Number, x2: Number, y2: Number, stroke: str = PALE, **attributes: Attribute) -> Markup:
    """A line that only guides the eye."""
    ends = dict[str, Attribute](x1=px(x1), y1=px(y1), x2=px(x2), y2=px(y2), stroke=stroke)
    return tag("line", **ends, **attributes)


def wide(content: str, size: int = 13) -> int:
    """About how wide a text is."""
    return display_width(content) * size * 53 // 100 + 2


def chosen(content: Markup, marks: str) -> Markup:
    """A mark that shows its rows of the list when it is chosen; what they are, its title says before the colon."""
    return link(content, marks) if marks and content else content


def join_marks(several: Sequence[Markup]) -> Markup:
    """Marks as one."""
    return Markup("".join(several))
