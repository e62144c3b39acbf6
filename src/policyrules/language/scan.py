"""Texts before they are parsed: bytes to text, what no text may hold, and the text that the lexer sees.

Why this exists: quotes, places in 【】, comments and notes hold words that are no part of the language; full-width
characters mean what their ASCII forms mean. `scan` settles both once, so that the grammar stays small.

Invariants: ``len(Scan.lexed) == len(source.text)``, so an offset means the same place in both; every diagnostic is
located; nothing here raises on any bytes or any text.

Names. A word may hold Chinese characters, letters, digits and ``_``. Refused as look-alikes are (by `unicodedata`):
letters of two alphabets in one word; a letter of another alphabet that looks like a Latin one; and characters that
Unicode itself (NFKC) reads as another character, such as the radical ⽇ for 日.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from policyrules.diagnostics import Diagnostic
from policyrules.language.keywords import DECLARATIONS
from policyrules.language.nodes import Comment
from policyrules.source import Source, Span, fold_characters, repaired_utf8

MAX_BYTES = 1 << 20
BLOT = "\uf8ff"
"""Stands in the lexed text for each character of a quote, a place or a note."""

_MAX_REPORTED = 20

# Cc, Cf, surrogates, and the letters and marks that show nothing.
_SUSPECT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+|\r(?!\n)|\uf8ff+"
)

_CONTROL_NAMES = {"\x00": "空字符", "\r": "单独的回车符", "\ufffd": "损坏的字符", BLOT: "私用字符"}
_CLOSERS = {"“": "”", "「": "」", "『": "』", "【": "】"}
_MARK = re.compile(
    '“[^“”\n]*(?:“[^“”\n]*”[^“”\n]*)*”|「[^「」\n]*(?:「[^「」\n]*」[^「」\n]*)*」|『[^『』\n]*』|"[^"\n]*"|＂[^＂\n]*＂'
    '|【[^【】\n]*】|[#＃][^\n]*|[“”「」『』【】"＂]|(?<!\\w)(?:释义|说明)(?!\\w)'
)
# What stands before 释义 or 说明 where the word is a name or a value, not the start of a note.
_WANTS_NAME = re.compile(
    r"(?:[、，,{｛（(：:；;.．=＝<>＜＞≠≤≥+＋\-×÷]|(?<!\w)(?:为|不为|含|不含|含任一|属于|不属于|由|分组|对|标识|缺省|默认|先后"
    rf"|且|或|非|任一|全部|其他|授权|{'|'.join(DECLARATIONS)}))[ \t\u3000]*\Z"
)
_AFTER_NAME = re.compile(r"[ \t\u3000]*[、，,}｝）)；;.．]")

_LOOKALIKE = frozenset("АВЕЅІЈКМНОРСТУХҮԚԜаеѕіјорсухһԛԝѵӏɡ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχγ" + "ԱՕՏՍօսոհցզաꓐꓑꓓꓔꓖꓗꓙꓚ")
_ALPHABETS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "GEORGIAN", "HEBREW", "ARABIC")
_ALPHABET_NAMES = {"LATIN": "拉丁", "GREEK": "希腊", "CYRILLIC": "西里尔"}
_WORD = re.compile(r"\w+")
_FOREIGN = re.compile(r"[^\W\u4e00-\u9fff\u3400-\u4dbf\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Scan:
    """What the lexer sees of a text: ``lexed`` (folded; quotes, places, notes and comments blotted out), the comments,
    and what is wrong with the text itself."""

    lexed: str
    comments: tuple[Comment, ...]
    diagnostics: tuple[Diagnostic, ...]


def decode(data: bytes, path: str, layer: str = "") -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """The text of a file: UTF-8 (with or without a byte order mark), else GB 18030, else a diagnostic.

    A file that is UTF-8 but for a few damaged bytes is reported at the first of them: reading it as GB 18030 would
    give other characters in silence.

    >>> decode("规则".encode("gb18030"), "a.rules")[0].text
    '规则'
    >>> decode(b"\\xff\\xff", "a.rules")[1][0].code
    'E102'
    """
    if len(data) > MAX_BYTES:
        return None, (_too_large(path, len(data)),)
    try:
        return Source(path, data.decode("utf-8-sig"), layer), ()
    except UnicodeDecodeError:
        pass
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None, (_unreadable(path, "看来是 UTF-16 编码"),)
    repaired = repaired_utf8(data)
    if repaired is not None:
        source = Source(path, repaired, layer)
        place = repaired.index("\ufffd")
        message = "文件是 UTF-8 编码，但这里有损坏的字节，不能识别"
        return None, (Diagnostic("E102", message, Span(source, place, place + 1), remedy="重新输入这个字，再保存文件"),)
    try:
        return Source(path, data.decode("gb18030"), layer), ()
    except UnicodeDecodeError as error:
        return None, (_unreadable(path, f"第 {error.start + 1} 个字节起不能识别"),)


def _too_large(path: str, size: int) -> Diagnostic:
    return Diagnostic(
        "E101",
        f"文件有 {size:,} 字节，超过 1 MiB（{MAX_BYTES:,} 字节）",
        remedy="把声明分到几个文件里，放在同一个文件夹",
        path=path,
    )


def _unreadable(path: str, detail: str) -> Diagnostic:
    message = f"文件既不是 UTF-8，也不是 GB 18030 编码：{detail}"
    return Diagnostic("E102", message, remedy="在编辑器里另存为 UTF-8 编码", path=path)


def check_size(source: Source) -> Diagnostic | None:
    """The diagnostic for a text over 1 MiB in UTF-8, or None."""
    if len(source.text) * 4 <= MAX_BYTES:
        return None
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size <= MAX_BYTES:
        return None
    diagnostic = _too_large(source.path, size)
    return Diagnostic(diagnostic.code, diagnostic.message, Span(source, 0, 1), remedy=diagnostic.remedy)


def scan(source: Source) -> Scan:
    """Fold and blot out; one left-to-right pass over the marks that matter."""
    text = source.text
    diagnostics = list(_hidden_characters(source))
    comments: list[Comment] = []
    pieces: list[str] = []
    done = position = 0
    while (found := _MARK.search(text, position)) is not None:
        start, end = found.span()
        position = end
        mark = text[start]
        if mark in "释说":
            if _is_name(text, start, end):
                continue
            line_end = text.find("\n", end)
            end = position = len(text) if line_end < 0 else line_end
            shown = mark + BLOT * (end - start - 1)
            if not note_text(text[start:end]):
                message = f"“{text[start : start + 2]}”后面没有文字"
                diagnostics.append(_text_error(source, "E139", message, start, start + 2, "在同一行里写上，或删去"))
        elif mark in "#＃":
            words = text[start + 1 : end].rstrip()
            comments.append(Comment("#" + words, Span(source, start, start + 1 + len(words))))
            shown = " " * (end - start)
        elif end - start == 1:
            diagnostics.append(_unpaired(source, start))
            shown = BLOT
        elif mark == "【":
            shown = "【" + BLOT * (end - start - 2) + "】"
        else:
            shown = "“" + BLOT * (end - start - 2) + "”"
        pieces.append(fold_characters(text[done:start]))
        pieces.append(shown)
        done = end
    pieces.append(fold_characters(text[done:]))
    lexed = "".join(pieces)
    if lexed.startswith("\ufeff"):
        lexed = " " + lexed[1:]
    diagnostics.extend(_look_alikes(source, lexed))
    return Scan(lexed, tuple(comments), tuple(diagnostics))


def note_text(written: str) -> str:
    """The words of a note from 释义 or 说明 to the end of its line: without the keyword and a colon after it.

    >>> note_text("释义：“广”包含“看好”")
    '“广”包含“看好”'
    """
    return written[2:].lstrip(":： \t\u3000").strip()


def _is_name(text: str, start: int, end: int) -> bool:
    if _AFTER_NAME.match(text, end) is not None:
        return True
    # A short look back is enough, and keeps a line of a million characters linear.
    first = max(0, start - 40)
    before = text[max(first, text.rfind("\n", first, start) + 1) : start]
    return _WANTS_NAME.search(before) is not None


def _text_error(source: Source, code: str, message: str, start: int, end: int, remedy: str) -> Diagnostic:
    return Diagnostic(code, message, Span(source, start, end), remedy=remedy)


def _unpaired(source: Source, start: int) -> Diagnostic:
    mark = source.text[start]
    if mark in "【】":
        if mark == "【":
            return _text_error(source, "E107", "“【”在本行里没有收尾的“】”", start, start + 1, "在条目名称后面补上“】”")
        message, remedy = "多出一个“】”，前面没有“【”", "在条目名称前面补上“【”，或删去“】”"
        return _text_error(source, "E107", message, start, start + 1, remedy)
    if mark in _CLOSERS or mark in '"＂':
        closer = _CLOSERS.get(mark, mark)
        message = "前引号没有收尾：本行里没有和它配对的后引号"
        return _text_error(source, "E106", message, start, start + 1, f"在引文末尾补上 {closer} ；引文不能跨行")
    return _text_error(source, "E106", "后引号前面没有前引号", start, start + 1, "补上前引号，或删去这个后引号")


def _hidden_characters(source: Source) -> Iterator[Diagnostic]:
    # A byte order mark that a caller left at the start is harmless.
    first = 1 if source.text.startswith("\ufeff") else 0
    for number, found in enumerate(_SUSPECT.finditer(source.text, first)):
        if number == _MAX_REPORTED:
            return
        char = found.group()[0]
        category = unicodedata.category(char)
        shown = f"U+{ord(char):04X}"
        if category in ("Cc", "Cs", "Cn", "Co", "So"):
            message = f"这里有{_CONTROL_NAMES.get(char, '控制字符')}（{shown}）"
            remedy = "删去它；多半是从别处粘贴或转换时带来的"
            yield _text_error(source, "E103", message, found.start(), found.end(), remedy)
        else:
            message = f"这里有看不见的字符（{shown}），读到的和看到的会不一样"
            yield _text_error(source, "E104", message, found.start(), found.end(), "删去它，或把这一行重新输入一遍")


def _alphabet(char: str) -> str:
    name = unicodedata.name(char, "")
    return next((alphabet for alphabet in _ALPHABETS if name.startswith(alphabet)), "")


def _look_alikes(source: Source, lexed: str) -> Iterator[Diagnostic]:
    if _FOREIGN.search(lexed) is None:
        return
    reported = 0
    for found in _WORD.finditer(lexed):
        if reported == _MAX_REPORTED:
            return
        word = found.group()
        # A word with a hidden character is reported already.
        message = _look_alike(word) if _FOREIGN.search(word) and not _SUSPECT.search(word) else None
        if message is not None:
            reported += 1
            remedy = "把这个词用中文或英文输入法重新输入一遍"
            yield _text_error(source, "E105", message, found.start(), found.end(), remedy)


def _look_alike(word: str) -> str | None:
    alphabets: dict[str, str] = {}
    for char in word:
        alphabet = _alphabet(char)
        if alphabet:
            alphabets.setdefault(alphabet, char)
    if len(alphabets) > 1:
        parts = "、".join(f"{_ALPHABET_NAMES.get(name, '其他')}字母“{char}”" for name, char in alphabets.items())
        return f"“{word}”里混有不同文字的字母：{parts}，看起来一样，其实不是同一个字"
    for char in word:
        if char in _LOOKALIKE:
            name = _ALPHABET_NAMES.get(_alphabet(char), "其他")
            return f"“{word}”里的“{char}”（U+{ord(char):04X}）是{name}字母，和英文字母形近"
        normal = unicodedata.normalize("NFKC", char)
        if normal != char:
            return f"“{word}”里的“{char}”（U+{ord(char):04X}）和“{normal}”形近，其实不是同一个字"
    return None
