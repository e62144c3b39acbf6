"""The text of a Word document (.docx), paragraph by paragraph, with the numbers that Word itself puts before paragraphs.

Why this exists: official texts arrive as .docx, and saving them as plain text loses the numbers (第五条, （一）) that Word
generates. What is read is what a reader sees on the page as running text; what is left out or doubtful is said.

Invariants: the package is streamed within the limits of `records.workbook_parts`, and no part declares entities; numbers
are counted as Word counts them, and a form of number that is not known here is a note and never a guess; what was
deleted or hidden is no text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from policyrules.records.workbook_parts import MOST_PIECES, Package, PartReader, Refused

MAX_DOCUMENT_BYTES: Final = 64 << 20
"""Pictures are most of a large document; its text is bounded by what a text may have."""

_MOST_CHARACTERS: Final = 1 << 20
_SPACES: Final = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_OTHERS: Final = {
    "http://schemas.openxmlformats.org/markup-compatibility/2006 Fallback": "Fallback",
    "http://schemas.openxmlformats.org/officeDocument/2006/math oMath": "oMath",
    "http://purl.oclc.org/ooxml/officeDocument/math oMath": "oMath",
    "http://schemas.openxmlformats.org/drawingml/2006/main blip": "picture",
    "http://purl.oclc.org/ooxml/drawingml/main blip": "picture",
    "urn:schemas-microsoft-com:vml imagedata": "picture",
}
"""Elements of other kinds that are looked for."""
_DEEPEST_STYLE: Final = 32
_MOST_STYLES: Final = 1_000
_MOST_LEVELS: Final = 9


class TooLong(Refused):
    """The text of a document passes a limit; says which."""


@dataclass(frozen=True, slots=True)
class WordText:
    """``text``: the paragraphs, one a line; ``notes``: what a reader must know of how it was read."""

    text: str
    notes: tuple[str, ...]


def word_text(data: bytes) -> WordText | None:
    """The text of a Word document; None where ``data`` is a package of another kind (a workbook, an OFD file).

    Raises `Refused` where the document is damaged or passes a limit, `TooLong` where its text does.
    """
    package = Package(io.BytesIO(data))
    try:
        body = "word/document.xml"
        if "[Content_Types].xml" in package:
            body = package.of_type("wordprocessingml.document.main+xml") or body
        if body not in package:
            return None
        related = {kind: name for kind, name in package.relations(body).values()}
        styles, numbering = _Styles(), _Numbering()
        for kind, reader in (("styles", styles), ("numbering", numbering)):
            if related.get(kind, "") in package and related.get(kind):
                package.read(related[kind], reader)
        found = _Body(styles, numbering)
        package.read(body, found)
        return WordText("\n".join(found.lines) + "\n", tuple(found.notes()))
    finally:
        package.close()


# ---- numbers as Word writes them ------------------------------------------------------------------------------------

_DIGITS: Final = "零一二三四五六七八九"
_LEGAL: Final = "零壹贰叁肆伍陆柒捌玖"


def _chinese(number: int, digits: str = _DIGITS, places: str = "十百千") -> str:
    """
    >>> [_chinese(number) for number in (1, 10, 12, 20, 21, 105, 110, 1000)]
    ['一', '十', '十二', '二十', '二十一', '一百零五', '一百一十', '一千']
    """
    if not 0 < number < 10_000:
        return str(number)
    written, gap = "", False
    for power in (3, 2, 1, 0):
        digit = number // 10**power % 10
        if digit:
            written += (digits[0] if gap and written else "") + digits[digit] + (places[power - 1] if power else "")
        gap = not digit
    # 一十二 is 十二, but for numbers of money.
    return written[1:] if 10 <= number < 20 and digits == _DIGITS else written


def _roman(number: int) -> str:
    written = ""
    for value, mark in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        written += mark * (number // value)
        number %= value
    return written


def _letters(number: int) -> str:
    # Word goes on with AA, BB.
    return chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1) if 0 < number <= 26 * 8 else str(number)


def _circled(number: int) -> str:
    return chr(0x245F + number) if 1 <= number <= 20 else str(number)


_FORMS: Final[dict[str, Callable[[int], str]]] = {
    "decimal": str,
    "decimalZero": lambda number: f"{number:02d}",
    "decimalFullWidth": lambda number: str(number).translate({48 + digit: 0xFF10 + digit for digit in range(10)}),
    "decimalHalfWidth": str,
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "japaneseCounting": _chinese,
    "taiwaneseCounting": _chinese,
    "taiwaneseCountingThousand": _chinese,
    "chineseLegalSimplified": lambda number: _chinese(number, _LEGAL, "拾佰仟"),
    "ideographDigital": lambda number: "".join((*"〇一二三四五六七八九",)[int(digit)] for digit in str(number)),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "lowerLetter": lambda number: _letters(number).lower(),
    "upperLetter": _letters,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperRoman": _roman,
}
"""How a number is written in each form that documents use."""
_SILENT: Final = ("bullet", "none")


@dataclass(slots=True)
class _Level:
    """How paragraphs of one level are numbered. ``text``: 第%1条, with the numbers of levels (from 1) in place."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    style: str = ""
    legal: bool = False
    restart: bool = True
    spaced: bool = True


@dataclass(slots=True)
class _List:
    """``w:num``: which definition it is of, where its levels start anew, and those that it has of its own."""

    definition: str = ""
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, _Level] = field(default_factory=dict)


# ---- parts ----------------------------------------------------------------------------------------------------------


class _WordPart(PartReader):
    """A part of the document whose elements are known by their local names; '' for those of other kinds."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        self.open(_local(tag), {key.rpartition(" ")[2]: value for key, value in attributes.items()})

    def end(self, tag: str) -> None:
        super().end(tag)
        self.close(_local(tag))

    def open(self, name: str, given: dict[str, str]) -> None:
        raise NotImplementedError

    def close(self, name: str) -> None:
        # Text is of the body only.
        self.texts.clear()


def _local(tag: str) -> str:
    space, _, name = tag.rpartition(" ")
    return name if space in _SPACES else _OTHERS.get(tag, "")


def _number(text: str | None, otherwise: int = 0) -> int:
    return int(text) if text is not None and re.fullmatch(r"-?[0-9]{1,6}", text) else otherwise


def _on(given: dict[str, str]) -> bool:
    return given.get("val", "true") not in ("0", "false", "off")


class _Styles(_WordPart):
    """What styles bring: by style, what it is based on, its list and its level (of paragraphs), and the marks of its text."""

    def __init__(self) -> None:
        super().__init__()
        self.based: dict[str, str] = {}
        self.marks: dict[str, dict[str, bool]] = {}
        self._known: dict[tuple[str, str], bool] = {}
        self.lists: dict[str, str] = {}
        self.levels: dict[str, int] = {}
        self.standard = ""
        self._style = ""

    def open(self, name: str, given: dict[str, str]) -> None:
        self.texts.clear()
        match name:
            case "style":
                self._style = given.get("styleId", "")
                paragraphs = given.get("type", "paragraph") == "paragraph"
                if paragraphs and given.get("default", "0") in ("1", "true", "on"):
                    self.standard = self._style
            case "tblStylePr":
                # Of some cells only.
                self._style = ""
            case "basedOn" if self._style:
                self.based[self._style] = given.get("val", "")
            case "numId" if self._style:
                self.lists[self._style] = given.get("val", "")
            case "ilvl" if self._style:
                self.levels[self._style] = _number(given.get("val"))
            case "vanish" | "strike" | "dstrike" if self._style:
                self.marks.setdefault(self._style, {})[_MARKS[name]] = _on(given)

    def numbering(self, style: str) -> tuple[str, int | None, str]:
        """The list and the level (None where only the list tells) of paragraphs of ``style``, and the style that says so;
        '' where they are not numbered."""
        for _ in range(_DEEPEST_STYLE):
            if style in self.lists:
                return self.lists[style], self.levels.get(style), style
            if style not in self.based:
                break
            style = self.based[style]
        return "", None, ""

    def marked(self, style: str, mark: str) -> bool:
        """Whether texts of ``style`` are hidden, or struck out."""
        if not self.marks:
            return False
        found = self._known.get((style, mark))
        if found is None:
            line = [style]
            while line[-1] in self.based and len(line) < _DEEPEST_STYLE:
                line.append(self.based[line[-1]])
            said = next((self.marks[one] for one in line if mark in self.marks.get(one, {})), {})
            found = said.get(mark, False)
            if len(self._known) < _MOST_STYLES:
                self._known[style, mark] = found
        return found


_MARKS: Final = {"vanish": "hidden", "strike": "struck", "dstrike": "struck"}


class _Numbering(_WordPart):
    """The definitions of numbered lists and the lists made of them."""

    def __init__(self) -> None:
        super().__init__()
        self.definitions: dict[str, dict[int, _Level]] = {}
        self.lists: dict[str, _List] = {}
        # A definition may only name a style of lists, which another one defines.
        self._named: dict[str, str] = {}
        self._defined: dict[str, str] = {}
        self._definition = ""
        self._levels: dict[int, _Level] = {}
        self._level = _Level()
        self._list = _List()
        self._overridden = 0

    def open(self, name: str, given: dict[str, str]) -> None:
        self.texts.clear()
        value = given.get("val")
        match name:
            case "abstractNum":
                self._definition = given.get("abstractNumId", "")
                self._levels = self.definitions.setdefault(self._definition, {})
            case "numStyleLink":
                self._named[self._definition] = value or ""
            case "styleLink":
                self._defined[value or ""] = self._definition
            case "num":
                self._list = self.lists.setdefault(given.get("numId", ""), _List())
                self._levels = self._list.levels
            case "abstractNumId":
                self._list.definition = value or ""
            case "lvlOverride":
                self._overridden = _number(given.get("ilvl"))
            case "startOverride":
                self._list.starts[self._overridden] = _number(value, 1)
            case "lvl":
                at = _number(given.get("ilvl"))
                # Word knows no deeper ones.
                self._level = self._levels.setdefault(at, _Level()) if 0 <= at < _MOST_LEVELS else _Level()
            case "start":
                self._level.start = _number(value, 1)
            case "numFmt":
                self._level.form = value or "decimal"
            case "lvlText":
                self._level.text = (value or "")[:64]
            case "pStyle":
                self._level.style = value or ""
            case "isLgl":
                self._level.legal = _on(given)
            case "lvlRestart":
                self._level.restart = value != "0"
            case "suff":
                self._level.spaced = value != "nothing"

    def definition(self, known: _List) -> tuple[str, dict[int, _Level]]:
        """The definition that a list is of, and how its levels are numbered."""
        name = known.definition
        if not self.definitions.get(name):
            name = self._defined.get(self._named.get(name, ""), name)
        levels = self.definitions.get(name, {})
        return name, {**levels, **known.levels} if known.levels else levels


class _Body(_WordPart):
    """The paragraphs of the document. A paragraph may hold others (a text box): they stand before it."""

    def __init__(self, styles: _Styles, numbering: _Numbering) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._styles = styles
        self._numbering = numbering
        self._open: list[_Paragraph] = []
        self._skipped = 0
        self._characters = 0
        self._reading = False
        self._counters: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        self._numbered = 0
        self._unknown: dict[str, None] = {}
        self._seen: dict[str, int] = {}
        self._words: dict[str, str] = {}
        # The text of paragraphs whose mark was deleted goes on in the next one.
        self._carried: list[str] = []
        self._gone = self._in_row = False

    def open(self, name: str, given: dict[str, str]) -> None:
        if self._skipped:
            self._skipped += 1
            return
        self._flush()
        match name:
            case "Fallback" | "pPrChange" | "rPrChange" | "rt":
                # The same once more, how it was before, and how a character is pronounced.
                self._skipped = 1
                return
            case "del" | "moveFrom" | "cellDel":
                self._skipped = 1
                self._count("changed")
                if self._open and self._open[-1].properties > 1:
                    self._open[-1].joined = True
                elif name == "cellDel" or self._in_row:
                    self._gone = True
                return
            case "trPr":
                self._in_row = True
            case "altChunk" | "subDoc":
                self._count("others")
            case "oMath":
                self._count("formulas")
            case "picture":
                self._count("pictures")
            case "ins" | "moveTo":
                self._count("changed")
            case "footnoteReference" | "endnoteReference":
                self._count("footnotes")
            case "tbl":
                self._count("tables")
                # No paragraph goes on in the cells of a table.
                self._put_down()
            case "p":
                self._open.append(_Paragraph(parts=self._carried))
                self._carried = []
        if not self._open:
            return
        paragraph = self._open[-1]
        match name:
            case "pStyle":
                paragraph.style = given.get("val", "")
            case "numId":
                paragraph.number = given.get("val", "")
            case "ilvl":
                paragraph.level = _number(given.get("val"))
            case "rPr" | "pPr":
                paragraph.properties += 1
            case "r":
                style = paragraph.style or self._styles.standard
                paragraph.hidden = self._styles.marked(style, "hidden")
                paragraph.struck = self._styles.marked(style, "struck")
                paragraph.raised = False
            case "rStyle" if paragraph.properties:
                style = given.get("val", "")
                paragraph.hidden = paragraph.hidden or self._styles.marked(style, "hidden")
                paragraph.struck = paragraph.struck or self._styles.marked(style, "struck")
            case "vanish" if paragraph.properties:
                paragraph.hidden = _on(given)
            case "strike" | "dstrike" if paragraph.properties:
                # What is struck once is struck, whichever of the two says no.
                paragraph.struck = _on(given) or (paragraph.struck and name == "dstrike")
            case "vertAlign" if paragraph.properties:
                paragraph.raised = given.get("val") in ("superscript", "subscript")
            case "t":
                self._reading = not paragraph.hidden
                self._count("hidden", paragraph.hidden)
            case "sym":
                self._count("symbols")
            case "tab" if not paragraph.properties:
                self._add("\u3000")
            case "br" | "cr":
                self._add("\n")
            case "noBreakHyphen":
                self._add("-")

    def close(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
            self.texts.clear()
            return
        self._flush()
        self._clear_up(name)
        if not self._open:
            return
        match name:
            case "t":
                self._reading = False
            case "rPr" | "pPr":
                self._open[-1].properties -= 1
            case "p":
                self._finish(self._open[-1])
                self._open.pop()

    def _clear_up(self, name: str) -> None:
        """What ends with an element, whether or not a paragraph is open."""
        match name:
            case "trPr" | "tcPr":
                self._in_row = False
                if self._gone:
                    # Of a row, or a cell, that was deleted nothing more is read, to its end.
                    self._gone, self._skipped = False, 1
            case "tc" | "txbxContent" | "body":
                self._put_down()

    def _put_down(self) -> None:
        """A line of what was to go on in a paragraph that does not come."""
        self.lines.extend("".join(self._carried).split("\n") if self._carried else ())
        self._carried = []

    def _flush(self) -> None:
        if self._reading and self._open and self.texts:
            if len(self.texts) >= MOST_PIECES:
                raise TooLong("有一处文字过长")
            text, paragraph = "".join(self.texts), self._open[-1]
            if paragraph.struck:
                self._count("struck")
                self._words.setdefault("struck", text[:_SHOWN])
            before = paragraph.parts[-1][-_SHOWN:] if paragraph.parts else ""
            if paragraph.raised and text[:1].isdigit() and before[-1:].isdigit():
                self._count("raised")
                self._words.setdefault("raised", f"{before}{text[:_SHOWN]}")
            self._add(text)
        self.texts.clear()

    def _add(self, text: str) -> None:
        self._characters += len(text)
        if self._characters > _MOST_CHARACTERS:
            raise TooLong(f"文字超过 {_MOST_CHARACTERS} 个")
        self._open[-1].parts.append(text)

    def _count(self, what: str, really: bool = True) -> None:
        if really:
            self._seen[what] = self._seen.get(what, 0) + 1

    def _finish(self, paragraph: _Paragraph) -> None:
        if paragraph.joined:
            self._carried = paragraph.parts
            return
        label = self._label(paragraph)
        text = "".join(paragraph.parts)
        if label and text.strip():
            self._numbered += 1
            self._add(label)
            text = f"{label}{text.lstrip()}"
        self._add("\n")
        self.lines.extend(text.split("\n"))

    def _label(self, paragraph: _Paragraph) -> str:
        """What Word writes before the paragraph; counts it."""
        number, level, style = self._styles.numbering(paragraph.style or self._styles.standard)
        if paragraph.number is not None:
            number, level, style = paragraph.number, paragraph.level, ""
        elif paragraph.level is not None:
            level = paragraph.level
        known = self._numbering.lists.get(number)
        if number in ("", "0") or known is None:
            return ""
        definition, levels = self._numbering.definition(known)
        if level is None:
            level = next((at for at, one in levels.items() if style and one.style == style), 0)
        if level not in levels or not 0 <= level < _MOST_LEVELS:
            return ""
        counters = self._counters.setdefault(definition, {})
        if level in known.starts and (number, level) not in self._begun:
            counters[level] = known.starts[level]
        else:
            counters[level] = counters.get(level, levels[level].start - 1) + 1
        self._begun.add((number, level))
        for deeper in [at for at in counters if at > level and levels.get(at, _Level()).restart]:
            del counters[deeper]
        return self._written(levels, counters, level)

    def _written(self, levels: dict[int, _Level], counters: dict[int, int], level: int) -> str:
        own = levels[level]
        if own.form in _SILENT:
            return ""

        def number(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            one = levels.get(at, _Level())
            form = "decimal" if own.legal else one.form
            if form not in _FORMS:
                self._unknown.setdefault(form)
            return _FORMS.get(form, str)(counters.get(at, one.start))

        label = re.sub(r"%([1-9])", number, own.text)
        return label + ("\u3000" if own.spaced and label[-1:].isalnum() else "")

    def notes(self) -> list[str]:
        """What was left out, changed or counted."""
        said = []
        if self._numbered:
            said.append(f"Word 自动编的号 {self._numbered} 处，已按 Word 的数法写进文字")
        if self._unknown:
            said.append(f"自动编号里有不认得的样式（{'、'.join(self._unknown)}），按阿拉伯数字写，请和原文对照")
        if "changed" in self._seen:
            said.append(f"文档里有修订痕迹 {self._seen['changed']} 处，按全部接受以后的文字读")
        if "hidden" in self._seen:
            said.append("隐藏的文字没有读")
        if "struck" in self._seen:
            said.append(
                f"划了删除线的文字 {self._seen['struck']} 处（如“{self._words['struck']}”），仍然读入了；不算数的请删去再读"
            )
        if "raised" in self._seen:
            said.append(
                f"紧跟在数字后面的上标或下标数字 {self._seen['raised']} 处，连成一个数读了"
                f"（如“{self._words['raised']}”），请和原文对照"
            )
        for what, name in _LEFT_OUT.items():
            if what in self._seen:
                said.append(f"{name} {self._seen[what]} 处没有读，里面有规定的请照原文补上")
        if "footnotes" in self._seen:
            said.append(f"脚注和尾注 {self._seen['footnotes']} 处没有读")
        if "tables" in self._seen:
            said.append(f"表格 {self._seen['tables']} 张，一格一行地读")
        return said


_SHOWN: Final = 12
_LEFT_OUT: Final = {"formulas": "公式", "symbols": "符号字体的符号", "pictures": "图片", "others": "嵌入的文件"}


@dataclass(slots=True)
class _Paragraph:
    """A paragraph that has not ended. ``number``: of the list it names itself; ``properties``: how many are open; ``joined``: its end
    was deleted, so that the next one goes on with it; of the text that comes: whether it is ``hidden``, ``struck`` out, ``raised``."""

    style: str = ""
    number: str | None = None
    level: int | None = None
    parts: list[str] = field(default_factory=list)
    properties: int = 0
    joined: bool = False
    hidden: bool = False
    struck: bool = False
    raised: bool = False
