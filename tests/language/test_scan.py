"""What stands before parsing: folding, quotes, notes and comments, encodings, and what no text may hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyrules.language import nodes as n
from policyrules.language.expressions import Name, Text
from policyrules.language.parser import parse_source
from policyrules.language.scan import MAX_BYTES, decode, scan
from policyrules.program.files import read_text
from policyrules.source import Source

RULE = "规则 甲\n  则 乙 为 丙\n"


def codes(text: str) -> list[str]:
    return [diagnostic.code for diagnostic in parse_source(Source("甲.rules", text))[1]]


def parse(text: str) -> n.File:
    file, diagnostics = parse_source(Source("甲.rules", text))
    assert not diagnostics, "\n".join(map(str, diagnostics))
    return file


def test_full_width_forms_mean_the_same() -> None:
    narrow = "参数 线(x):金额(万元) = 50.5 万元\n规则 甲\n 依据【二(一)】“原文”\n 当 任一满足(a1 >= 60%;b_2 != 3 个)\n 则 乙 为 丙\n"
    wide = "参数　线（ｘ）：金额（万元）　＝　５０．５　万元\n规则　甲\n　依据【二(一)】“原文”\n　当　任一满足（ａ１　＞＝　６０％；ｂ＿２　！＝　３　个）\n　则　乙　为　丙\n"
    assert parse(narrow).declarations == parse(wide).declarations


def test_quotes_places_and_notes_are_verbatim() -> None:
    (rule,) = parse(
        "规则 甲\n 依据【二（一）·Ａ；#】“全角（１）＋“内层”、# 不是注释”\n 则 乙 为 “ａ，ｂ”\n 释义 “广”（含“看好”）＝１ # 也不是注释\n"
    ).declarations
    assert isinstance(rule, n.RuleDecl)
    (citation,) = rule.common.citations
    assert (citation.place.text, citation.quote) == ("二（一）·Ａ；#", "全角（１）＋“内层”、# 不是注释")
    assert isinstance(rule.values[0], Text) and rule.values[0].text == "ａ，ｂ"
    assert rule.common.notes[0].text == "“广”（含“看好”）＝１ # 也不是注释"


@pytest.mark.parametrize("quote", ["“原“文”一”", '"原“文"', "＂原文＂", "「原「文」」", "『原文』"])
def test_quote_marks(quote: str) -> None:
    (notice,) = parse(f"提示 甲 说 {quote}").declarations
    assert isinstance(notice, n.NoticeDecl) and notice.message.text == quote[1:-1]


@pytest.mark.parametrize("text", ["“没有收尾", "多出”", '"没有收尾', "「没有", "没有」", "“外“内”", "【没有", "没有】"])
def test_unpaired_marks_stay_in_their_declaration(text: str) -> None:
    file, diagnostics = parse_source(Source("甲.rules", f"规则 丁\n  则 乙 为 {text}\n{RULE}"))
    assert [diagnostic.code for diagnostic in diagnostics] == ["E107" if "【" in text or "】" in text else "E106"]
    assert diagnostics[0].line == 2
    assert [each.name.text for each in file.declarations if isinstance(each, n.RuleDecl)] == ["甲"]


def test_notes_only_at_clause_position() -> None:
    (decision,) = parse(
        "决定 甲（a）：单选 { 说明、释义 }\n  默认 说明\n  说明 这是说明\n  释义：这是释义\n"
    ).declarations
    assert isinstance(decision, n.DecisionDecl)
    assert decision.default == Name("说明", decision.name.span)
    assert [(note.kind, note.text) for note in decision.common.notes] == [("说明", "这是说明"), ("释义", "这是释义")]
    assert codes("规则 甲 则 乙 为 丙\n  说明\n") == ["E139"]


def test_comments() -> None:
    file = parse("# 一\n规则 甲 # 二\n  ＃ 三\n  则 乙 为 “# 四” # 五\n# 规则 丁 则 己 为 庚\n")
    assert [comment.text for comment in file.comments] == ["# 一", "# 二", "# 三", "# 五", "# 规则 丁 则 己 为 庚"]
    assert len(file.declarations) == 1


def test_scan_keeps_every_offset() -> None:
    text = "规则　甲 # 注\n 依据【二】“原文”\n 释义 说\n"
    lexed = scan(Source("甲.rules", text)).lexed
    assert len(lexed) == len(text)
    assert [index for index, char in enumerate(text) if char == "\n"] == [
        index for index, char in enumerate(lexed) if char == "\n"
    ]


# ---- what no text may hold ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("char", "code"),
    [("\x00", "E103"), ("\x07", "E103"), ("\x7f", "E103"), ("\x85", "E103"), ("\r", "E103"), ("\ud800", "E103")]
    + [(char, "E104") for char in "\u200b\u200d\u202e\u2066\u2069\u00ad\u3164\ufe0f\u2028\U000e0041"]
    + [("\ufeff", "E104"), ("\uf8ff", "E103"), ("\ufffd", "E103")],
)
def test_hidden_characters(char: str, code: str) -> None:
    for text in (f"规则 子{char}丑\n  则 乙 为 丙\n", f"规则 子\n  依据【二】“原{char}文”\n  则 乙 为 丙\n"):
        file, diagnostics = parse_source(Source("甲.rules", text + RULE))
        assert [diagnostic.code for diagnostic in diagnostics] == [code]
        assert diagnostics[0].span is not None and diagnostics[0].span.text == char
        assert len(file.declarations) == 1
        assert any(name.text.startswith("子") for broken in file.broken for name in broken.declares)
    file, diagnostics = parse_source(Source("甲.rules", f"{RULE}# 注{char}释\n"))
    assert [diagnostic.code for diagnostic in diagnostics] == [code]


@pytest.mark.parametrize("word", ["mаrket", "Ａа", "甲а", "Х线", "α甲α", "οmega", "⽇期", "甲①", "ｘ²", "ﬁeld", "㈱"])
def test_look_alikes(word: str) -> None:
    for text in (
        f"规则 {word}\n  则 乙 为 丙\n",
        f"规则 甲\n  当 {word}\n  则 乙 为 丙\n",
        f"清单 甲（{word}）\n  即 {{ 乙 }}\n",
    ):
        found = codes(text)
        assert "E105" in found and set(found) <= {"E105", "E109"}, (text, found)
    assert codes(f"规则 甲\n  依据【{word}】“{word}”\n  则 乙 为 丙\n  说明 {word}\n# {word}\n") == []


@pytest.mark.parametrize(
    "letter",
    list("ニカロエハトターへのㄧㄏㄒㄚᄀㅣ가ᴏᴄʟɑıᎪᏴⴰⵔᐃᑌᖴՕაאعกꓐⲁ〡〻ʼˈ٣๑𝼀𞤀"),
)
def test_letters_of_other_scripts(letter: str) -> None:
    """Whatever they are drawn like: ニ and 二 must not be two values, and a name is what people can type."""
    for word in (f"分类{letter}", f"分{letter}类", f"{letter}"):
        if word[0].isdigit() or not word[0].isalpha():
            continue
        found = parse_source(Source("甲.rules", f"规则 甲\n  当 {word}\n  则 乙 为 丙\n"))[1]
        assert [diagnostic.code for diagnostic in found] == ["E105"], word
        assert f"“{letter}”（U+{ord(letter):04X}）" in found[0].message and found[0].remedy
    assert "E105" in codes(f"决定 甲（a）：单选 {{ “二”、“{letter}” }}\n  依据【一】“原文”\n")
    # Words that nobody fills in may hold them.
    assert codes(f"规则 甲\n  依据【一】“原文{letter}”\n  则 乙 为 丙\n  说明 {letter}\n# {letter}\n") == []


def test_what_a_letter_is_mistaken_for_is_said() -> None:
    (found,) = parse_source(Source("甲.rules", "规则 分类ニ\n  则 乙 为 丙\n"))[1]
    assert found.message == "“分类ニ”里的“ニ”（U+30CB）是日文假名，和“二”形近"


@pytest.mark.parametrize(
    ("char", "code"),
    [(c, "E104") for c in "\u0301\u0338\u20dd\u3099\ufe20"] + [(c, "E103") for c in "\ue000\U000f0000"],
)
def test_marks_over_other_letters_and_private_characters(char: str, code: str) -> None:
    for text in (f"规则 甲\n  依据【一】“原{char}文”\n  则 乙 为 丙\n", f"规则 甲{char}\n  则 乙 为 丙\n"):
        assert code in codes(text)


@pytest.mark.parametrize("word", ["市场效益", "㐀", "A类", "naïve", "x_1", "𠀀", "β系数", "_"])
def test_honest_names(word: str) -> None:
    assert codes(f"规则 {word}\n  当 {word}\n  则 乙 为 丙\n") == []


def test_keys_are_ascii_identifiers() -> None:
    for key in ("市场", "é", "2a", "a-b", "a b", "", "“a”", "a.b", "β"):
        assert codes(f"清单 甲（{key}）\n  即 {{ 乙 }}\n") == ["E109"], key
    assert codes("清单 甲（ａ_1）\n  即 { 乙 }\n") == []


def test_size() -> None:
    line = "# 一二三四五六七八九十\n"
    count = MAX_BYTES // len(line.encode())
    assert codes(line * count) == []
    assert codes(line * (count + 1)) == ["E101"]


def test_decode() -> None:
    for data in (RULE.encode(), b"\xef\xbb\xbf" + RULE.encode(), RULE.encode("gb18030")):
        source, diagnostics = decode(data, "甲.rules", "CN")
        assert source is not None and not diagnostics
        assert (source.text, source.path, source.layer) == (RULE, "甲.rules", "CN")
    for data in (b"\xff\xff\xff", RULE.encode("utf-16"), b"\x81"):
        source, diagnostics = decode(data, "甲.rules")
        assert source is None
        assert [(diagnostic.code, diagnostic.file) for diagnostic in diagnostics] == [("E102", "甲.rules")]
    source, diagnostics = decode(b"#" * (MAX_BYTES + 1), "甲.rules")
    assert source is None and diagnostics[0].code == "E101"


def test_damaged_utf8_is_not_read_as_something_else() -> None:
    data = (RULE * 5).encode()
    damaged = data[:10] + b"\xff" + data[11:]
    source, diagnostics = decode(damaged, "甲.rules")
    assert source is None
    assert [(diagnostic.code, diagnostic.line) for diagnostic in diagnostics] == [("E102", 1)]


@pytest.mark.parametrize(
    ("start", "path", "said"),
    [
        (b"PK\x03\x04", "原文.docx", "这是 Word 文档，不是纯文本"),
        (b"PK\x03\x04", "原文.OFD", "这是 OFD 版式文件"),
        (b"PK\x03\x04", "原文.txt", "这是压缩的文档"),
        (b"\xd0\xcf\x11\xe0", "原文.wps", "这是 WPS 文档"),
        (b"%PDF-1.7", "原文.pdf", "这是 PDF 文件"),
    ],
)
@pytest.mark.parametrize("size", [10, MAX_BYTES + 10])
def test_documents_of_office_programs(tmp_path: Path, start: bytes, path: str, said: str, size: int) -> None:
    (tmp_path / path).write_bytes(start + b"\x00" * size)
    for source, diagnostics in (decode(start + b"\xff" * size, path), read_text(tmp_path / path, path)):
        assert source is None
        assert [(found.code, found.file) for found in diagnostics] == [("E102", path)]
        assert said in diagnostics[0].message and ".txt" in (diagnostics[0].remedy or "")


def test_a_byte_order_mark_in_memory_is_harmless() -> None:
    assert codes("\ufeff" + RULE) == []
