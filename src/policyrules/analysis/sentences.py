"""An official text cut into what a reader takes in one by one: titles, headings, sentences, the list of offices.

Why this exists: "nothing is missing" is checked sentence by sentence, on the text as it came to us: pages broken in the
middle of a sentence, paragraphs in one long line, Markdown stars.

Invariants: units come in order, do not overlap, and together hold every character that is not white space; a unit is
cut neither inside brackets nor inside quotes, except where a paragraph leaves them open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

UnitKind: TypeAlias = Literal["title", "addressees", "chapter", "article", "sentence", "offices", "signature"]
"""``chapter``: a heading on a line of its own; ``article``: a heading that opens a paragraph."""

_NUMERAL = "[一二三四五六七八九十百]+"
_ORDINAL = "(?:[零〇一二三四五六七八九十百千]+|[0-9]{1,4})"
_CHAPTER = re.compile(rf"(?:{_NUMERAL}、|第{_NUMERAL}[章节部分]+)[^。；！？]{{0,60}}")
_ARTICLE = re.compile(rf"（{_NUMERAL}）[^，。；：（]{{1,40}}。")
# What opens a new paragraph even where the line before has no end: （五）, 第三条, 1., (1).
_OPENS = re.compile(rf"（{_NUMERAL}）|第{_ORDINAL}[条章节]|[0-9]{{1,3}}[.．、]|[（(][0-9]{{1,3}}[）)]")
_CLAUSE = re.compile(rf"（{_NUMERAL}）|第{_ORDINAL}[章节条]")
_OFFICES = re.compile(r"[（〔(\[]责任单位[：:]")
_ENDS = "。；！？;!?"
_PAIRS = {"（": "）", "〔": "〕", "【": "】", "《": "》", "“": "”", "「": "」", "『": "』", "(": ")", "[": "]"}
_CLOSERS = frozenset(_PAIRS.values())


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: the stretch ``[start, end)`` of the text, which may hold line breaks, and its text without them."""

    kind: UnitKind
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str


def split_units(text: str) -> tuple[Unit, ...]:
    """The units of ``text``, in order.

    >>> for unit in split_units("各市：\\n一、要求\\n（一）明确。甲要乙；丙\\n\\n要丁。\\n某厅"):
    ...     print(unit.kind, unit.text)
    addressees 各市：
    chapter 一、要求
    article （一）明确。
    sentence 甲要乙；
    sentence 丙要丁。
    signature 某厅
    """
    lines = _lines(text)
    body, tail = _front(lines), _tail(lines)
    tail = max(body, tail)
    units: list[Unit] = []
    for line in lines[:body]:
        kind: UnitKind = "addressees" if line.text.endswith(("：", ":")) else "title"
        units.append(Unit(kind, line.start, line.end, line.text))
    for paragraph in _paragraphs(lines[body:tail]):
        units.extend(_paragraph_units(text, paragraph))
    units.extend(Unit("signature", line.start, line.end, line.text) for line in lines[tail:])
    return tuple(units)


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    for match in re.finditer(r"[^\r\n]+", text):
        stripped = match.group().strip()
        if stripped:
            start = match.start() + match.group().index(stripped[0])
            lines.append(_Line(start, start + len(stripped), stripped))
    return lines


def _front(lines: list[_Line]) -> int:
    """How many lines stand before the body: titles and document number, through to the addressees."""
    for index, line in enumerate(lines):
        if _begins(line) or any(mark in line.text for mark in "。；！？"):
            return index
        if line.text.endswith(("：", ":")):
            return index + 1
    return 0


def _tail(lines: list[_Line]) -> int:
    """Where signature and date begin: after the last line that holds an end of sentence or a list of offices."""
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if _begins(line) or _OFFICES.search(line.text) or any(mark in line.text for mark in "。；！？"):
            return index + 1
    return 0


def _is_chapter(line: _Line) -> bool:
    return _CHAPTER.fullmatch(line.text) is not None


def _begins(line: _Line) -> bool:
    """Whether a part or a clause of the body begins with the line, whether or not a sentence ends in it."""
    return _is_chapter(line) or _CLAUSE.match(line.text) is not None


def _paragraphs(lines: list[_Line]) -> list[list[_Line]]:
    """Lines put together again where a page broke a sentence: the line before has no end, this one no beginning."""
    paragraphs: list[list[_Line]] = []
    for line in lines:
        before = paragraphs[-1][-1] if paragraphs else None
        joins = (
            before is not None
            and not _is_chapter(line)
            and not _is_chapter(before)
            and not _OPENS.match(line.text)
            and not before.text.rstrip("*”’」』）〕)").endswith(("。", "；", "！", "？", "：", ":"))
        )
        if joins:
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return paragraphs


def _paragraph_units(text: str, lines: list[_Line]) -> list[Unit]:
    if len(lines) == 1 and _is_chapter(lines[0]):
        return [Unit("chapter", lines[0].start, lines[0].end, lines[0].text)]
    places = [index for line in lines for index in range(line.start, line.end)]
    cuts = _cuts(text, places, respect_pairs=True) or _cuts(text, places, respect_pairs=False) or []
    units: list[Unit] = []
    begun = 0
    for cut in cuts:
        piece = places[begun:cut]
        begun = cut
        # Stars are Markdown; those that open the next sentence stand here, after the full stop.
        shown = "".join(text[index] for index in piece if text[index] != "*").strip()
        inked = [index for index in piece if not text[index].isspace()]
        if not inked:
            continue
        kind: UnitKind = "sentence"
        # With nothing behind it in its paragraph it is a provision, however short: （一）不得挪用。
        if not units and cut < cuts[-1] and _ARTICLE.fullmatch(shown):
            kind = "article"
        elif _OFFICES.match(shown):
            kind = "offices"
        units.append(Unit(kind, inked[0], inked[-1] + 1, shown))
    return units


def _cuts(text: str, places: list[int], respect_pairs: bool) -> list[int] | None:
    """Positions in ``places`` after which a sentence ends; None where brackets or quotes are left open."""
    cuts: list[int] = []
    waiting: list[str] = []
    index = 0
    while index < len(places):
        char = text[places[index]]
        index += 1
        ended = char in _ENDS
        if respect_pairs and char in _PAIRS:
            waiting.append(_PAIRS[char])
            continue
        if respect_pairs and char in _CLOSERS:
            if not waiting or waiting.pop() != char:
                return None
            # “……。” and （……。） end with what they hold.
            ended = index >= 2 and text[places[index - 2]] in "。！？"
        if not ended or waiting:
            continue
        while index < len(places) and text[places[index]] in ("*", "”", "’", *_ENDS):
            index += 1
        cuts.append(index)
    if waiting:
        return None
    if not cuts or cuts[-1] < len(places):
        cuts.append(len(places))
    return cuts
