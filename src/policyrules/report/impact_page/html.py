"""HTML and SVG from values, so that whatever a ledger holds is text and nothing else.

Why this exists: names, words of rules and causes come from files that anybody may have written; one place turns them into markup, and a
text that is no `Markup` cannot get round it.

Invariants: every attribute is quoted, and every element closed but for cells, rows and items, which HTML lets stand open and of which there
are thousands; a picture is well-formed XML; characters that show nothing, move
the cursor or turn the direction are ``�``; attributes come in the order in which they are given.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from policyrules.text import cut, printable


class Markup(str):
    """A text that is markup already."""

    __slots__ = ()


Content: TypeAlias = "str | int | Iterable[Content] | None"
Attribute: TypeAlias = str | int | bool | None

_VOID: Final = frozenset({"br", "input", "meta", "wbr"})
_LEAVES: Final = frozenset({"circle", "line", "path", "rect"})
_OPEN: Final = frozenset({"td", "th", "tr", "li", "dt", "dd", "option"})
_LONGEST: Final = 4000
_PLACED: Final = frozenset("ns")


def text(content: str, limit: int = _LONGEST) -> Markup:
    """A text as markup that shows it, on one line; what is longer than ``limit`` is cut.

    >>> text('<b>"甲"\\x1b&\\u202e')
    '&lt;b&gt;&quot;甲&quot;�&amp;�'
    """
    return Markup(html.escape(printable(cut(content, limit))))


def lines(content: str, limit: int = _LONGEST) -> Markup:
    """As `text`, its line ends kept.

    >>> lines("当 甲\\r\\n  且 乙")
    '当 甲\\n  且 乙'
    """
    return Markup("\n".join(map(text, cut(content, limit).splitlines())))


def join(content: Content) -> Markup:
    """Contents one after another; what is no markup becomes a text.

    >>> join(["<", None, 3, [Markup("<br>"), "甲"]])
    '&lt;3<br>甲'
    """
    match content:
        case None:
            return Markup()
        case Markup():
            return content
        case str():
            return text(content)
        case int():
            return Markup(str(content))
        case _:
            return Markup("".join(map(join, content)))


def tag(name: str, /, *content: Content, **attributes: Attribute) -> Markup:
    """An element. An underscore at the end of an attribute's name is dropped, within it becomes a hyphen; True is an empty attribute, None
    and False are none.

    >>> tag("td", "甲 & 乙", class_="n", data_q='"'), tag("br"), tag("details", "丙", open=True)
    ('<td class="n" data-q="&quot;">甲 &amp; 乙', '<br>', '<details open="">丙</details>')
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{"" if value is True else join(value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{told}>")
    inner = join(content)
    if name in _LEAVES and not inner:
        return Markup(f"<{name}{told}/>")
    return Markup(f"<{name}{told}>{inner}{'' if name in _OPEN else f'</{name}>'}")


def embedded(data: object, name: str) -> Markup:
    """Data for the script, in an element that nothing in it can close.

    >>> embedded({"甲": "</script><!--"}, "d")
    '<script type="application/json" id="d">{"甲":"\\\\u003c/script\\\\u003e\\\\u003c!--"}</script>'
    """
    told = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        told = told.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(f'<script type="application/json" id="{text(name)}">{told}</script>')


# ---- tables -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``kind``: classes of the style sheet: ``n`` numbers, ``w`` long texts, ``s`` on the screen only, ``m`` and its number, of
    which the reader chooses one. ``leads``: marks that what its cells lead to has beside those of their rows; None: they lead nowhere.
    Only the script can lead there, so it makes the links."""

    title: Content
    kind: str = ""
    leads: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells. ``kind``: a class; ``leads``: marks of what its cells lead to, where their columns lead anywhere."""

    cells: Sequence[Content]
    kind: str = ""
    leads: str = ""


def table(
    columns: Sequence[Column], rows: Iterable[Row | Sequence[Content]], *, kind: str = "", name: str = ""
) -> Markup:
    """A table in a box of its own, which is what moves sideways where it is too wide. ``kind``: ``sort`` lets its columns be sorted.

    >>> print(table([Column("甲"), Column("数", "n")], [["乙", 3]]))
    <div class="box"><table class="n2"><thead><tr><th>甲<th class="n">数</thead><tbody><tr><td>乙<td>3</tbody></table></div>
    """
    head = tag(
        "thead",
        tag(
            "tr",
            [tag("th", column.title, class_=column.kind or None, data_g=column.leads) for column in columns],
        ),
    )
    # What a column is, is said once, at the table: `n3` are numbers in its third column.
    places = [
        f"{one}{place}" for place, column in enumerate(columns, 1) for one in column.kind.split() if one in _PLACED
    ]
    kinds = " ".join([kind, *places] if kind else places)
    body: list[Content] = []
    for row in rows:
        if not isinstance(row, Row):
            row = Row(row)
        cells = [tag("td", cell) for cell, _ in zip(row.cells, columns, strict=True)]
        body.append(tag("tr", cells, class_=row.kind or None, data_g=row.leads or None))
    return tag("div", tag("table", head, tag("tbody", body), class_=kinds or None, id=name or None), class_="box")


def note(*content: Content) -> Markup:
    """A line that explains what stands above it."""
    return tag("p", *content, class_="note")


def more(title: Content, *content: Content, folded: bool = False) -> Markup:
    """What is opened to be read; in print it is open, or (``folded``) not there."""
    plain = all(isinstance(one, str) and not isinstance(one, Markup) for one in content)
    inner = content if plain else tag("div", *content)
    return tag("details", tag("summary", title), inner, class_="folded" if folded else None)


def link(content: Content, marks: str, told: str = "") -> Markup:
    """What shows, when it is chosen, the rows of the list that have ``marks``; ``told`` in words, where neither the title of a picture's
    mark nor the head of an article says it, nor ``content``."""
    told = cut(told, 80)
    told = "" if told == content else told
    return tag("a", content, href="#list", data_q=marks, data_t=told or None)
