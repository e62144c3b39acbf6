"""A first clause table for an official text: an entry for every article or section, found by its heading.

Why this exists: a document of sixteen articles is a hundred and fifty lines of clause table, and nothing in them but the
kind of a clause and whether it decides anything takes judgement. That is left open (待定); the rest is written here.

Invariants: the clauses together hold every sentence of the body, none holds a sentence of another; ids and places are
unique; the words that begin and end a clause find it in the text, where any words of it can.
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from policyrules.analysis.sentences import Unit, split_units
from policyrules.language.spoken import integer
from policyrules.program.quotes import Normalised, fingerprint, normalise_located
from policyrules.source import Source, fold_characters
from policyrules.text import cut

_NUMERAL: Final = "(?:[零〇一二三四五六七八九十百千]+|[0-9]+)"
# What opens a clause or a part of the document, by its level: lower ones stand inside higher ones.
_MARKS: Final = (
    ("章", re.compile(rf"第({_NUMERAL})(?:章|部分)")),
    ("节", re.compile(rf"第({_NUMERAL})节")),
    ("条", re.compile(rf"第({_NUMERAL})条(?:之({_NUMERAL}))?")),
    ("一", re.compile("([一二三四五六七八九十百]+)、")),
    ("（一）", re.compile("[（(]([一二三四五六七八九十百]+)[）)]")),
)
_SHORTEST: Final = 8
_LONGEST_SUMMARY: Final = 24
_NUMBER: Final = re.compile("[\u4e00-\u9fff]{1,12}〔[0-9]{4}〕[0-9]{1,5}号")
_DAY: Final = "([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日"
_IN_FORCE: Final = re.compile(rf"自{_DAY}起(?:施行|实施|执行|生效)")


@dataclass(frozen=True, slots=True)
class DraftClause:
    """One clause: ``number`` is what its id ends with (5, 2-1); ``offices``: those that a list of offices in it names; the
    rest as in the clause table."""

    number: str
    place: str
    summary: str
    starts: str
    ends: str
    sha256: str
    offices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """The clauses of a text, and what its head and foot say of the document; '' and None where they do not."""

    clauses: tuple[DraftClause, ...]
    title: str
    document_number: str
    issued: datetime.date | None
    in_force_from: datetime.date | None


@dataclass(slots=True)
class _Piece:
    """A stretch of the text that becomes a clause: its place in parts (二, （一）), its first words, its units."""

    path: tuple[str, ...]
    number: str
    title: str
    units: list[Unit]


def draft_clauses(source: Source) -> Draft:
    """The clauses of ``source`` by its headings (第X条; where there is none 一、 and （一）; else its paragraphs).

    >>> draft = draft_clauses(Source("a.txt", "某办法\\n第一条　为了发展，制定本办法。\\n第二条　适用于本县。\\n某局\\n"))
    >>> [(one.number, one.place, one.summary, one.ends) for one in draft.clauses]
    [('1', '第一条', '为了发展', '展，制定本办法。'), ('2', '第二条', '适用于本县', '二条 适用于本县。')]
    >>> draft.title
    '某办法'
    """
    units = split_units(source.text)
    text = normalise_located(source.text)
    pieces = _pieces(source.text, [unit for unit in units if unit.kind not in ("title", "addressees", "signature")])
    # A title broken into lines has no space where they met.
    heads = [re.sub(r"(?<=[^ -~])\s+(?=[^ -~])", "", unit.text) for unit in units if unit.kind == "title"]
    feet = [unit.text for unit in units if unit.kind == "signature"]
    number = next((found[0] for head in heads if (found := _NUMBER.search(_as_printed(head)))), "")
    titles = [head for head in heads if _NUMBER.search(_as_printed(head)) is None]
    # The red head of a letter names the office, not the document.
    titles = [head for head in titles if not head.endswith("文件")] or titles
    return Draft(
        _clauses(pieces, text, source.text),
        cut("".join(titles[:2]) if len("".join(titles[:1])) < 8 else "".join(titles[:1]), 80),
        number,
        next((day for foot in feet if (day := _day(re.search(_DAY, "".join(foot.split()))))), None),
        _day(_IN_FORCE.search("".join(source.text.split()))),
    )


def _as_printed(text: str) -> str:
    """``text`` with the brackets of a document number as they are printed."""
    return re.sub(r"[\[［(（]([0-9]{4})[\]］)）]", r"〔\1〕", text)


def _day(found: re.Match[str] | None) -> datetime.date | None:
    try:
        return None if found is None else datetime.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


# ---- where clauses begin --------------------------------------------------------------------------------------------


def _pieces(text: str, units: list[Unit]) -> list[_Piece]:
    """The body cut at its headings, in order."""
    marked = [(unit, *_mark(text, unit)) for unit in units]
    levels = {level for _, level, _, _ in marked}
    articles = "条" in levels
    if not levels & {"条", "一", "（一）"}:
        return _paragraphs(text, units)
    pieces: list[_Piece] = []
    above: tuple[str, ...] = ()
    begun = False
    waiting: list[Unit] = []
    for unit, level, number, title in marked:
        begun = begun or level == "条"
        path: tuple[str, ...] | None = None
        match level:
            case "章" | "节":
                above = (_shown(unit, level),) if level == "章" else (*above[:1], _shown(unit, level))
                waiting = [unit]
            case "条":
                path = (*above, _shown(unit, level))
            case "一" if not begun or not articles:
                above = (_shown(unit, level),)
                path = above if unit.kind != "chapter" else None
                waiting = [unit] if path is None else []
            case "（一）" if not begun or not articles:
                path = (*above[:1], _shown(unit, level))
        if path is not None:
            inside = level == "（一）" and above
            pieces.append(_Piece(path, f"{_figure(above[0])}-{number}" if inside else number, title, [unit]))
            waiting = []
        elif waiting and unit is waiting[0]:
            continue
        elif waiting:
            # Text right under a heading.
            pieces.append(_Piece(above, _figure(above[-1]) or "0", _bare(waiting[0].text), [*waiting, unit]))
            waiting = []
        elif pieces:
            pieces[-1].units.append(unit)
        else:
            pieces.append(_Piece(("引言",), "0", _bare(unit.text), [unit]))
    if waiting:
        # A heading that nothing follows is all there is of its part.
        pieces.append(_Piece(above, _figure(above[-1]), _bare(waiting[0].text), waiting))
    return pieces


def _paragraphs(text: str, units: list[Unit]) -> list[_Piece]:
    """Of a text without headings: a clause a paragraph."""
    pieces: list[_Piece] = []
    for unit in units:
        if not pieces or _opens_line(text, unit.start):
            number = str(len(pieces) + 1)
            pieces.append(_Piece((f"第{number}段",), number, unit.text, []))
        pieces[-1].units.append(unit)
    return pieces


def _mark(text: str, unit: Unit) -> tuple[str, str, str]:
    """The level of the heading that opens the unit, its number in figures, and what follows it; '' where none does."""
    if _opens_line(text, unit.start):
        for level, pattern in _MARKS:
            found = pattern.match(unit.text)
            if found is not None:
                figures = [_figure(part) for part in found.groups() if part]
                return level, "-".join(figures), _bare(unit.text)
    return "", "", ""


def _opens_line(text: str, start: int) -> bool:
    # Web pages indent with blanks that do not break, and a page of a printed file begins with a form feed.
    return all(char.isspace() or char in "*#" for char in text[text.rfind("\n", 0, start) + 1 : start])


def _shown(unit: Unit, level: str) -> str:
    """The heading's own number as it stands: 第五条, 二, （一）."""
    pattern = next(pattern for known, pattern in _MARKS if known == level)
    found = pattern.match(unit.text)
    assert found is not None
    shown = found[1] if level == "一" else found[0]
    return shown.translate({ord("("): "（", ord(")"): "）"})


def _figure(shown: str) -> str:
    numeral = re.search(_NUMERAL, shown)
    if numeral is None:
        return ""
    number = integer(numeral[0].replace("〇", "零"))
    return numeral[0] if number is None else str(number)


def _bare(text: str) -> str:
    """A heading's words without its number."""
    for _, pattern in _MARKS:
        text = pattern.sub("", text, count=1) if pattern.match(text) else text
    return text.strip(" \t\u3000*")


# ---- what the table says of them ------------------------------------------------------------------------------------


def _clauses(pieces: list[_Piece], text: Normalised, source: str) -> tuple[DraftClause, ...]:
    places = _places(pieces)
    taken: set[str] = set()
    numbered = {piece.number: _numbered(piece.number) for piece in pieces}
    found: list[DraftClause] = []
    at = {offset: index for index, offset in enumerate(text.offsets)}
    for piece, place in zip(pieces, places, strict=True):
        inside = [index for unit in piece.units for index in range(unit.start, unit.end) if index in at]
        if not inside:
            continue
        start, end = at[inside[0]], at[inside[-1]] + 1
        number = next(one for one in numbered[piece.number] if one not in taken)
        taken.add(number)
        starts, ends = _first_words(text, start, end), _last_words(text, start, end)
        first, last = (_raw(source, text, *stretch) for stretch in (starts, ends))
        offices = dict.fromkeys(name for unit in piece.units if unit.kind == "offices" for name in _offices(unit.text))
        digest = fingerprint(text.text[start:end])
        found.append(DraftClause(number, place, _summary(piece), first, last, digest, tuple(offices)))
    return tuple(found)


def _numbered(number: str) -> Iterator[str]:
    yield number
    yield from (f"{number}-{more}" for more in itertools.count(2))


def _places(pieces: list[_Piece]) -> list[str]:
    """The places, as short as they tell the clauses apart: 第五条; 第二章·第五条 where another chapter has one, too."""
    last = Counter(piece.path[-1] for piece in pieces)
    parents = {piece.path[:-1] for piece in pieces}
    places: list[str] = []
    for piece in pieces:
        if piece.path[-1].endswith("条"):
            place = piece.path[-1] if last[piece.path[-1]] == 1 else "·".join(piece.path)
        else:
            place = "·".join(piece.path) + ("·引言" if piece.path in parents else "")
        places.append(place)
    seen: Counter[str] = Counter()
    for index, place in enumerate(places):
        key = fold_characters(place)
        seen[key] += 1
        if seen[key] > 1:
            places[index] = f"{place}·{seen[key]}"
    return places


def _summary(piece: _Piece) -> str:
    words = re.split("[，。；：,;:！？]", piece.title.strip())[0].strip(" \t\u3000")
    if not words and len(piece.units) > 1:
        words = re.split("[，。；：,;:！？]", _bare(piece.units[1].text))[0]
    return cut("".join((words or piece.path[-1]).split()), _LONGEST_SUMMARY)


# What the name of an office ends with; 各市、县农业农村局 is one name.
_OFFICE: Final = re.compile(r".*(?:[局处厅委办部室科站院所会行司社队组府]|中心|单位|企业|主体)(?:[（(].*[）)])?")


_LONGEST_OFFICE: Final = 200


def _offices(listed: str) -> list[str]:
    """The names in （责任单位：甲处、乙处。……）, up to the end of its first sentence.

    >>> _offices("（责任单位：各市、县（区）农业农村局，产业处、市场处。以下不再列出）")
    ['各市、县（区）农业农村局', '产业处', '市场处']
    """
    text = re.split("[。；;]", re.split("[：:]", listed.strip()[1:-1], maxsplit=1)[-1])[0]
    names: list[str] = []
    begun = ""
    for part in re.split("[、，,]", text):
        begun += ("、" if begun else "") + part.strip()
        # Nothing that long is a name.
        if len(begun) > _LONGEST_OFFICE or _OFFICE.fullmatch(begun) is not None:
            names.append(begun)
            begun = ""
    return [name for name in (*names, begun) if name]


def _first_words(text: Normalised, start: int, end: int) -> tuple[int, int]:
    """The shortest beginning of the stretch that stands nowhere else."""

    def alone(length: int) -> bool:
        words = text.text[start : start + length]
        return text.text.find(words) == start and text.text.find(words, start + 1) < 0

    return start, start + _shortest(alone, end - start)


def _last_words(text: Normalised, start: int, end: int) -> tuple[int, int]:
    """The shortest end of the stretch that stands nowhere in it before."""
    length = _shortest(lambda length: text.text.find(text.text[end - length : end], start) == end - length, end - start)
    return end - length, end


def _shortest(enough: Callable[[int], bool], longest: int) -> int:
    """The shortest length of words that is enough, or ``longest``: where one is, every longer one is as well."""
    low, high = 0, min(_SHORTEST, longest)
    while high < longest and not enough(high):
        low, high = high, min(2 * high, longest)
    while high - low > 1 and low >= _SHORTEST:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _raw(source: str, text: Normalised, start: int, end: int) -> str:
    """The characters of the original, on one line."""
    first, last = text.original(start, end)
    return " ".join(source[first:last].split())
