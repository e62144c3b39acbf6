"""Texts before they are parsed: bytes to text, what no text may hold, and the text that the lexer sees.

Why this exists: quotes, places in 【】, comments and notes hold words that are no part of the language; full-width
characters mean what their ASCII forms mean. `scan` settles both once, so that the grammar stays small.

Invariants: ``len(Scan.lexed) == len(source.text)``, so an offset means the same place in both; every diagnostic is
located; nothing here raises on any bytes or any text.

Names. A word may hold Chinese characters, Latin, Greek and Cyrillic letters, digits and ``_``. Refused as look-alikes are
(by `unicodedata`): letters of two alphabets in one word; a letter of another alphabet that looks like a Latin one;
characters that Unicode itself (NFKC) reads as another character, such as the radical ⽇ for 日; and every letter, mark or
digit of another script, for many are drawn like Chinese characters: ニ and 二, ㄧ and 一.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from policyrules.diagnostics import UNMERGED, Diagnostic, unmerged
from policyrules.language.keywords import ADDED, DECLARATIONS
from policyrules.language.nodes import Comment
from policyrules.source import Source, Span, fold_characters, repaired_utf8

MAX_BYTES = 1 << 20
BLOT = "\uf8ff"
"""Stands in the lexed text for each character of a quote, a place or a note."""

_MAX_REPORTED = 20

# Cc, Cf, surrogates, private use, the letters and marks that show nothing, and marks drawn onto the character before.
_SUSPECT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u302a-\u302f"
    "\u3099\u309a\ufe20-\ufe2f\ue000-\uf8ff\U000f0000-\U0010ffff]+|\r(?!\n)"
)

_CONTROL_NAMES = {"\x00": "空字符", "\r": "单独的回车符", "\ufffd": "损坏的字符"}
_CLOSERS = {"“": "”", "「": "」", "『": "』", "【": "】"}
_MARK = re.compile(
    '“[^“”\n]*(?:“[^“”\n]*”[^“”\n]*)*”|「[^「」\n]*(?:「[^「」\n]*」[^「」\n]*)*」|『[^『』\n]*』|"[^"\n]*"|＂[^＂\n]*＂'
    '|【[^【】\n]*】|[#＃][^\n]*|[“”「」『』【】"＂]|(?<!\\w)(?:释义|说明)(?!\\w)'
)
# What stands before 释义 or 说明 where the word is a name or a value, not the start of a note.
_WANTS_NAME = re.compile(
    r"(?:[、，,{｛（(：:；;.．=＝<>＜＞≠≤≥+＋\-×÷]|(?<!\w)(?:为|不为|含|不含|含任一|属于|不属于|由|分组|对|标识|缺省|默认|先后"
    rf"|且|或|非|任一|全部|其他|授权|{'|'.join(word for word in DECLARATIONS if word not in ADDED)}))[ \t\u3000]*\Z"
    # A cell of a table: no text before had a bar outside of quotes, notes and comments.
    r"|[|｜][ \t\u3000]*\Z"
)
_AFTER_NAME = re.compile(r"[ \t\u3000]*[、，,}｝）)；;.．]")

_LOOKALIKE = frozenset("АВЕЅІЈКМНОРСТУХҮԚԜаеѕіјорсухһԛԝѵӏ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχγ")
_ALPHABET_NAMES = {"LATIN": "拉丁", "GREEK": "希腊", "CYRILLIC": "西里尔"}
_SCRIPT_NAMES = {
    "HIRAGANA": "日文假名",
    "KATAKANA": "日文假名",
    "BOPOMOFO": "注音符号",
    "HANGUL": "韩文字母",
    "CHEROKEE": "切罗基字母",
    "TIFINAGH": "提非纳字母",
    "CANADIAN": "加拿大原住民音节字",
    "ARMENIAN": "亚美尼亚字母",
    "LATIN": "国际音标或罕用的拉丁字母",
}
# The Chinese character that a letter of another script is mistaken for.
_DRAWN_LIKE = dict(zip("ニカロエハトターチオㄧㄏㄚㄒㅣㅡㅁㅅ", "二力口工八卜夕一千才一厂丫下丨一口人", strict=True))
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
    document = document_kind(data, path)
    if document is not None:
        return None, (
            Diagnostic(
                "E102",
                f"这是{' ' if document[0].isascii() else ''}{document}，不是纯文本",
                remedy=_AS_TEXT[data[:2]],
                path=path,
            ),
        )
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


_BY_SUFFIX = {".docx": "Word 文档", ".doc": "Word 文档", ".wps": "WPS 文档", ".ofd": "OFD 版式文件"}
_BY_SUFFIX |= {".xlsx": "工作簿", ".xls": "工作簿", ".et": "工作簿"}
PACKED: Final = b"PK\x03\x04"
"""The first bytes of a document or workbook as it is written today: a packed folder."""
CONTAINER: Final = b"\xd0\xcf\x11\xe0"
"""The first bytes of an old one (.doc, .xls, .wps), and of one under a password."""
_DOCUMENTS = (
    (PACKED, "压缩的文档（Word、WPS 或 OFD）"),
    (CONTAINER, "Word 或 WPS 文档"),
    (b"%PDF-", "PDF 文件"),
)
_SAVE = "用 Word 或 WPS 打开，另存为“纯文本（.txt）”，编码选 UTF-8；版式文件（OFD）没有另存的，全选复制到记事本，再存为 .txt"
_COPY = "打开以后全选、复制到记事本，存为 .txt，编码选 UTF-8；扫描件要先识别文字"
_AS_TEXT = {PACKED[:2]: _SAVE, CONTAINER[:2]: _SAVE, b"%P": _COPY}


def document_kind(data: bytes, path: str) -> str | None:
    """What a file of an office program is called, by its first bytes and its suffix; None for any other file.

    >>> document_kind(b"PK\\x03\\x04", "原文.docx"), document_kind("第一条".encode(), "原文.docx")
    ('Word 文档', None)
    """
    for start, name in _DOCUMENTS:
        if data.startswith(start):
            return name if start == b"%PDF-" else _BY_SUFFIX.get(path[path.rfind(".") :].lower(), name)
    return None


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
    twofold = unmerged(source, "E137")
    if twofold is not None:
        diagnostics.append(twofold)
        lexed = UNMERGED.sub(lambda found: " " * len(found[0]), lexed)
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


_LONGEST_LINE = 300
_TURNED = re.compile(r'[^“”"＂「」『』]*?([“”]([^“”"＂「」『』]+)[“”])[^“”"＂「」『』]*')
"""A line with one pair of curly quotes, of which one looks the wrong way: ”大”, “大“."""


def _line_around(source: Source, at: int) -> tuple[int, str]:
    """Where the line of a place begins, and the line; '' where nobody typed one so long."""
    start, end = source.text.rfind("\n", 0, at) + 1, source.text.find("\n", at)
    end = len(source.text) if end < 0 else end
    return start, source.text[start:end] if end - start <= _LONGEST_LINE else ""


def _unpaired(source: Source, start: int) -> Diagnostic:
    mark = source.text[start]
    if mark in "【】":
        first, line = _line_around(source, start)
        place = re.match(r"【\s*([^\s“”\"「」【】]+)\s*(?=[“\"「]|$)", line[start - first :])
        if mark == "【" and place is not None:
            cited = re.search(r"依据\s*$", line[: start - first])
            begin = start if cited is None else first + cited.start()
            span = Span(source, begin, start + len(place[0].rstrip()))
            word = "" if cited is None else "依据"
            return Diagnostic("E107", "“【”在本行里没有收尾的“】”", span, remedy=f"写成“{word}【{place[1]}】”")
        if mark == "【":
            return _text_error(source, "E107", "“【”在本行里没有收尾的“】”", start, start + 1, "在条目名称后面补上“】”")
        message, remedy = "多出一个“】”，前面没有“【”", "在条目名称前面补上“【”，或删去“】”"
        return _text_error(source, "E107", message, start, start + 1, remedy)
    first, line = _line_around(source, start)
    turned = _TURNED.fullmatch(line)
    if turned is not None:
        begin = first + turned.start(1)
        quote = Span(source, begin, begin + len(turned[1]))
        return Diagnostic("E106", "引号的方向反了，或只用了一边的引号", quote, remedy=f"写成“{turned[2]}”")
    whole = _whole_quote(source, start, first, line)
    if whole is not None:
        return whole
    if mark in _CLOSERS or mark in '"＂':
        closer = _CLOSERS.get(mark, mark)
        message = "前引号没有收尾：本行里没有和它配对的后引号"
        return _text_error(source, "E106", message, start, start + 1, f"在引文末尾补上 {closer} ；引文不能跨行")
    return _text_error(source, "E106", "后引号前面没有前引号", start, start + 1, "补上前引号，或删去这个后引号")


_SAYS = re.compile(r"[ \t\u3000]*(?:说|提示|提醒)[ \t\u3000:：]*")


def _whole_quote(source: Source, start: int, first: int, line: str) -> Diagnostic | None:
    """说 “大, 依据【一】“话", 说 大”: of a pair of quotes one is missing, or of another form; the other stands where the line ends, or where
    what is said begins."""
    said = re.split("[#＃]", line, maxsplit=1)[0].rstrip()
    at = start - first
    if not said or any(mark in said[:at] + said[at + 1 : -1] for mark in '“”"＂「」『』'):
        return None
    if said[at] in '“"＂「『' and at < len(said) - 1:
        end = len(said) - (said[-1] in "”\"＂」』'’")
        begin, inner = at, said[at + 1 : end].strip().rstrip("。；;")
    elif said[at] in '”＂"」』' and at == len(said) - 1 and (says := _SAYS.match(said)) is not None and says.end() < at:
        begin, inner = says.end(), said[says.end() : at].strip()
    else:
        return None
    if not inner or inner.strip('“”"＂「」『』') != inner:
        return None
    span = Span(source, first + begin, first + len(said))
    message = "前引号没有收尾：本行里没有和它配对的后引号" if begin == at else "后引号前面没有前引号"
    return Diagnostic("E106", message, span, remedy=f"引号成对，写成：“{inner}”")


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
            message = f"这里有{_CONTROL_NAMES.get(char, '私用字符' if category == 'Co' else '控制字符')}（{shown}）"
            remedy = "删去它；多半是从别处粘贴或转换时带来的"
            if char == "\r":
                remedy = "这里本是换行：删去它，按回车键另起一行；每一行都这样的，在编辑器里把换行符换成常用的再存"
            yield _text_error(source, "E103", message, found.start(), found.end(), remedy)
        elif category in ("Mn", "Me") and unicodedata.combining(char):
            message = f"这里有叠在前一个字上的符号（{shown}），读到的和看到的会不一样"
            yield _text_error(source, "E104", message, found.start(), found.end(), "删去它，或把这个字重新输入一遍")
        else:
            message = f"这里有看不见的字符（{shown}），读到的和看到的会不一样"
            yield _text_error(source, "E104", message, found.start(), found.end(), "删去它，或把这一行重新输入一遍")


def _alphabet(char: str) -> str:
    """The alphabet of a letter that names may hold; '' for everything else."""
    name = unicodedata.name(char, "")
    return next((alphabet for alphabet in _ALPHABET_NAMES if name.startswith(alphabet)), "")


def _in_names(char: str) -> bool:
    """Whether a name may hold the character, as far as its script goes."""
    if char.isascii() or char in "〇々":
        return True
    name = unicodedata.name(char, "")
    if name.startswith("LATIN"):
        # With marks or without, but none of phonetics: ɑ, ʟ, ı are drawn like a, L, i.
        base = unicodedata.normalize("NFD", char)[0]
        return base.isascii() or (char <= "ſ" and char not in "ıĸ")
    return name.startswith(("GREEK", "CYRILLIC", "CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH"))


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
            bare = re.sub("^[\u2460-\u249b]+", "", word)
            remedy = "把这个词用中文或英文输入法重新输入一遍"
            before = lexed[lexed.rfind("\n", 0, found.start()) + 1 : found.start()]
            if not re.sub("[\u2460-\u249b\u2160-\u217f]", "", word) and not before.strip():
                point = re.compile(r"[.、)]?[ ]*").match(lexed, found.end())
                end = found.end() if point is None else point.end()
                yield _text_error(source, "E105", message, found.start(), end, "删去编号")
                continue
            if bare and bare != word and _FOREIGN.search(bare) is None:
                remedy = f"条件和条款不编号，写成“{bare}”"
            yield _text_error(source, "E105", message, found.start(), found.end(), remedy)


def strange_letter(word: str) -> str | None:
    """What is to be said of a letter in ``word`` that belongs to no script of ours; None where there is none.

    >>> strange_letter("分类ニ")
    '“分类ニ”里的“ニ”（U+30CB）是日文假名，和“二”形近'
    """
    for found in _FOREIGN.finditer(word):
        char = found.group()
        # What Unicode reads as one of ours (① as 1) is no other script.
        if not _in_names(char) and not all(map(_in_names, unicodedata.normalize("NFKC", char))):
            name = unicodedata.name(char, "")
            script = next((said for start, said in _SCRIPT_NAMES.items() if name.startswith(start)), "别的文字")
            like = f"，和“{_DRAWN_LIKE[char]}”形近" if char in _DRAWN_LIKE else "，名称里不用"
            return f"“{word}”里的“{char}”（U+{ord(char):04X}）是{script}{like}"
    return None


def _look_alike(word: str) -> str | None:
    strange = strange_letter(word)
    if strange is not None:
        return strange
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
