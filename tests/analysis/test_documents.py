"""Official texts from Word documents: what a reader sees is read, numbers that Word makes among it, within limits."""

from __future__ import annotations

import io
import random
import time
import zipfile
from pathlib import Path

import pytest
from tests.analysis.word_files import NUMBERED, document, paragraph

from policyrules.analysis.documents import read_document
from policyrules.analysis.word_documents import _chinese, word_text
from policyrules.language.spoken import integer
from policyrules.records.workbook_parts import Refused


def lines(data: bytes) -> list[str]:
    read = word_text(data)
    assert read is not None
    return read.text.splitlines()


def test_paragraphs_are_lines() -> None:
    run = '<w:r><w:t>其中</w:t><w:tab/><w:t xml:space="preserve"> 甲</w:t><w:br/><w:t>乙&amp;丙</w:t></w:r>'
    assert lines(document(paragraph("某办法"), paragraph(inside=run))) == ["某办法", "其中\u3000 甲", "乙&丙"]


@pytest.mark.parametrize("main", ["http://purl.oclc.org/ooxml/wordprocessingml/main"])
def test_the_strict_form_is_read(main: str) -> None:
    assert lines(document(paragraph("甲"), main=main)) == ["甲"]


def test_numbers_that_word_makes_are_written_out() -> None:
    data = document(
        paragraph("为了发展。", number=5),
        paragraph("甲；", number=5, level=1),
        paragraph("乙。", number=5, level=1),
        paragraph("没有编号的一段。"),
        paragraph("再一条。", number=5),
        paragraph("丙。", number=5, level=1),
        numbering=NUMBERED,
    )
    assert lines(data) == [
        "第一条\u3000为了发展。",
        "（一）甲；",
        "（二）乙。",
        "没有编号的一段。",
        "第二条\u3000再一条。",
        "（一）丙。",
    ]
    read = word_text(data)
    assert read is not None and read.notes == ("Word 自动编的号 5 处，已按 Word 的数法写进文字",)


def test_numbers_of_a_style_and_lists_that_start_anew() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="Tiao"><w:pPr><w:numPr><w:numId w:val="5"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Own"><w:basedOn w:val="Tiao"/></w:style>'
    )
    again = '<w:num w:numId="6"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>'
    data = document(
        paragraph("甲。", style="Tiao"),
        paragraph("乙。", style="Own"),
        paragraph("丙。", style="Tiao", number=0),
        paragraph("丁。", number=6),
        paragraph("戊。", number=6),
        paragraph("", number=5),
        paragraph("己。", number=5),
        styles=styles,
        numbering=NUMBERED + again,
    )
    assert lines(data) == [
        "第一条\u3000甲。",
        "第二条\u3000乙。",
        "丙。",
        "第七条\u3000丁。",
        "第八条\u3000戊。",
        "",
        "第十条\u3000己。",
    ]


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("decimal", "3"),
        ("decimalEnclosedCircle", "③"),
        ("chineseLegalSimplified", "叁"),
        ("upperLetter", "C"),
        ("lowerRoman", "iii"),
        ("decimalZero", "03"),
    ],
)
def test_forms_of_numbers(form: str, shown: str) -> None:
    numbering = (
        f'<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="{form}"/>'
        '<w:lvlText w:val="%1、"/></w:lvl></w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num>'
    )
    assert lines(document(paragraph("甲", number=5), numbering=numbering)) == [f"{shown}、甲"]


def test_a_form_nobody_knows_is_said() -> None:
    read = word_text(document(paragraph("甲", number=5), numbering=NUMBERED.replace("chineseCounting", "hebrew1")))
    assert read is not None and read.text == "第1条\u3000甲\n"
    assert any("hebrew1" in note and "请和原文对照" in note for note in read.notes)


def test_chinese_numbers_read_back() -> None:
    assert [number for number in range(1, 10_000) if integer(_chinese(number)) != number] == []


def test_what_was_deleted_hidden_or_noted_is_no_text_and_is_said() -> None:
    inside = (
        "<w:r><w:t>留</w:t></w:r><w:del><w:r><w:delText>删</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>移走</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>加</w:t></w:r></w:ins>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
        '<w:r><w:footnoteReference w:id="2"/></w:r>'
    )
    read = word_text(document(paragraph(inside=inside)))
    assert read is not None and read.text == "留加\n"
    assert any("修订痕迹 3 处" in note for note in read.notes)
    assert any("隐藏" in note for note in read.notes) and any("脚注和尾注 1 处" in note for note in read.notes)


def test_a_text_box_stands_once_before_its_paragraph() -> None:
    box = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<mc:Choice><w:txbxContent>{paragraph('框里的话')}</w:txbxContent></mc:Choice>"
        f"<mc:Fallback><w:txbxContent>{paragraph('框里的话')}</w:txbxContent></mc:Fallback></mc:AlternateContent>"
    )
    assert lines(document(paragraph("正文", inside=f"<w:r>{box}</w:r>"))) == ["框里的话", "正文"]


def test_entities_are_refused() -> None:
    bomb = '<!DOCTYPE w [<!ENTITY a "甲"><!ENTITY b "&a;&a;&a;">]>'
    with pytest.raises(Refused):
        word_text(document(paragraph("甲"), prolog=bomb))


def test_a_text_without_end_is_refused() -> None:
    with pytest.raises(Refused):
        word_text(document(paragraph("甲\n" * 200_000)))
    with pytest.raises(Refused):
        word_text(document(*(paragraph("甲" * 1000) for _ in range(1100))))


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def archive(**parts: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as written:
        for name, text in parts.items():
            written.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return data.getvalue()


def test_a_document_is_known_by_what_it_is(tmp_path: Path) -> None:
    source, found, _ = read_document(write(tmp_path, "原文.doc", document(paragraph("第一条。"))), "原文.doc")
    assert source is not None and source.text == "第一条。\n" and found == ()
    source, found, _ = read_document(write(tmp_path, "原文.docx", "第一条。\n".encode("gb18030")), "原文.docx")
    assert source is not None and source.text == "第一条。\n" and found == ()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("原文.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "Word 文档"),
        ("原文.wps", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "WPS 文档"),
        ("原文.pdf", b"%PDF-1.7\n", "PDF"),
        ("原文.ofd", archive(OFD_xml="<a/>"), "OFD"),
        ("原文.xlsx", archive(xl__workbook_xml="<a/>"), "工作簿"),
    ],
)
def test_others_are_named_and_refused(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    source, (found,), _ = read_document(write(tmp_path, name, data), name)
    assert source is None and found.code == "E102"
    assert says in found.message
    assert ".docx" in (found.remedy or "") or "识别文字" in (found.remedy or "")


def test_a_damaged_document_is_refused_kindly(tmp_path: Path) -> None:
    data = document(paragraph("甲" * 500))
    source, (found,), _ = read_document(write(tmp_path, "原文.docx", data[:-40]), "原文.docx")
    assert source is None and found.code == "E451" and "xlsx" not in f"{found.message}{found.remedy}"
    assert "另存为" in (found.remedy or "")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    source, (found,), _ = read_document(tmp_path / "无.docx", "无.docx")
    assert source is None and found.code == "E381"


def test_numbers_count_as_text() -> None:
    long = NUMBERED.replace('w:val="第%1条"', f'w:val="{"%1" * 32}"').replace("chineseCounting", "upperRoman")
    long = long.replace('<w:start w:val="1"/>', '<w:start w:val="888888"/>', 1)
    with pytest.raises(Refused):
        word_text(document(*(paragraph("甲", number=5) for _ in range(1000)), numbering=long))


@pytest.mark.parametrize("seed", range(60))
def test_documents_that_nobody_wrote_are_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    whole = document(
        paragraph("第一条　甲。", number=5),
        paragraph("乙", style="Tiao", inside="<w:r><w:rPr><w:vanish/></w:rPr><w:t>丙</w:t></w:r>"),
        styles='<w:style w:type="paragraph" w:styleId="Tiao"><w:basedOn w:val="Tiao"/></w:style>',
        numbering=NUMBERED,
    )
    with zipfile.ZipFile(io.BytesIO(whole)) as archive_:
        parts = {name: archive_.read(name) for name in archive_.namelist()}
    name = chance.choice(list(parts))
    text = bytearray(parts[name])
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text))
        match chance.randrange(4):
            case 0:
                text[at] = chance.randrange(256)
            case 1:
                del text[at : at + chance.randint(1, 40)]
            case 2:
                text[at:at] = text[at : at + chance.randint(1, 60)]
            case _:
                text[at:at] = chance.choice(
                    [b'"-7"', b"<w:p>", b"</w:p>", b"<w:del/>", b"&#0;", b'w:val="99999999999"']
                )
    parts[name] = bytes(text)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as written:
        for part, content in parts.items():
            written.writestr(part, content)
    try:
        read = word_text(made.getvalue())
    except Refused:
        return
    assert read is None or read.text.endswith("\n")


# ---- what is no text, and what is not as it looks -------------------------------------------------------------------


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def noted(data: bytes) -> tuple[list[str], str]:
    read = word_text(data)
    assert read is not None
    return read.text.splitlines(), "；".join(read.notes)


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next_and_counts_once() -> None:
    gone = "<w:pPr><w:numPr><w:numId w:val='5'/></w:numPr><w:rPr><w:del w:id='1'/></w:rPr></w:pPr>"
    data = document(
        f"<w:p>{gone}<w:del><w:r><w:delText>旧的一条。</w:delText></w:r></w:del></w:p>",
        paragraph("甲。", number=5),
        f"<w:p>{gone}{run('补助')}</w:p>",
        paragraph("六十万元。", number=5),
        numbering=NUMBERED,
    )
    assert noted(data)[0] == ["第一条\u3000甲。", "第二条\u3000补助六十万元。"]
    # At the end of a cell, or of the text, nothing goes on.
    assert lines(
        document(f"<w:tbl><w:tr><w:tc><w:p>{gone}{run('一')}</w:p></w:tc></w:tr></w:tbl>", paragraph("二"))
    ) == [
        "一",
        "二",
    ]
    assert lines(document(paragraph("一"), f"<w:p>{gone}{run('二')}</w:p>")) == ["一", "二"]
    table = f"<w:tbl><w:tr><w:tc>{paragraph('二')}</w:tc></w:tr></w:tbl>"
    assert lines(document(f"<w:p>{gone}{run('一')}</w:p>", table)) == ["一", "二"]


def test_rows_and_cells_that_were_deleted_are_no_text() -> None:
    def row(inside: str, *texts: str) -> str:
        cells = "".join(f"<w:tc>{inside if place else ''}{paragraph(text)}</w:tc>" for place, text in enumerate(texts))
        return f"<w:tr>{cells}</w:tr>"

    gone = f"<w:tr><w:trPr><w:del w:id='1'/></w:trPr><w:tc>{paragraph('删')}</w:tc></w:tr>"
    new = f"<w:tr><w:trPr><w:ins w:id='1'/></w:trPr><w:tc>{paragraph('新')}</w:tc></w:tr>"
    other = row("<w:tcPr><w:cellDel w:id='1'/></w:tcPr>", "丙", "丁")
    table = f"<w:tbl>{row('', '甲', '乙')}{gone}{new}{other}</w:tbl>"
    assert lines(document(table, paragraph("后"))) == ["甲", "乙", "新", "丙", "后"]


@pytest.mark.parametrize(
    ("properties", "shown", "said"),
    [
        ("<w:strike/>", "补助5060万元", "删除线的文字 1 处（如“50”）"),
        ("<w:dstrike/>", "补助5060万元", "删除线"),
        ('<w:strike/><w:dstrike w:val="0"/>', "补助5060万元", "删除线"),
        ('<w:strike w:val="0"/>', "补助5060万元", ""),
        ('<w:rStyle w:val="Gone"/>', "补助5060万元", "删除线"),
        ('<w:rStyle w:val="Gone"/><w:strike w:val="0"/>', "补助5060万元", ""),
        ('<w:rStyle w:val="Hidden"/>', "补助60万元", "隐藏"),
        ('<w:rStyle w:val="Below"/>', "补助60万元", "隐藏"),
        ('<w:rStyle w:val="Below"/><w:vanish w:val="0"/>', "补助5060万元", ""),
    ],
)
def test_marks_of_texts_come_from_runs_and_from_styles(properties: str, shown: str, said: str) -> None:
    styles = (
        '<w:style w:type="character" w:styleId="Gone"><w:rPr><w:strike/></w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="Hidden"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="Below"><w:basedOn w:val="Hidden"/></w:style>'
        '<w:style w:type="table" w:styleId="T"><w:tblStylePr><w:rPr><w:vanish/></w:rPr></w:tblStylePr></w:style>'
    )
    inside = run("补助") + run("50", properties) + run("60万元")
    found, notes = noted(document(paragraph(inside=inside), styles=styles))
    assert found == [shown] and (said in notes if said else notes == "")


def test_a_raised_digit_behind_a_digit_is_told() -> None:
    raised = '<w:vertAlign w:val="superscript"/>'
    found, notes = noted(document(paragraph(inside=run("满50") + run("2", raised) + run("户。"))))
    assert found == ["满502户。"] and "满502" in notes
    # The 2 of square metres can be taken for nothing else.
    assert noted(document(paragraph(inside=run("50m") + run("2", raised)))) == (["50m2"], "")


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        (
            '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><m:t>a</m:t></m:r></m:oMath>',
            "公式 1 处",
        ),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>', "符号字体的符号 1 处"),
        (
            '<w:r><w:drawing><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"/></w:drawing></w:r>',
            "图片 1 处",
        ),
        ("<w:altChunk/>", "嵌入的文件 1 处"),
    ],
)
def test_what_is_not_read_is_told(inside: str, said: str) -> None:
    found, notes = noted(document(paragraph("前", inside=inside)))
    assert found == ["前"] and said in notes and "没有读" in notes


def test_levels_of_one_list_and_definitions_that_only_name_a_style() -> None:
    own = (
        '<w:num w:numId="6"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:lvl w:ilvl="0"><w:start w:val="3"/>'
        '<w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:lvlOverride></w:num>'
    )
    linked = (
        '<w:abstractNum w:abstractNumId="7"><w:numStyleLink w:val="Tiao"/></w:abstractNum>'
        '<w:abstractNum w:abstractNumId="8"><w:styleLink w:val="Tiao"/><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="decimal"/><w:lvlText w:val="第%1款"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="9"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="10"><w:abstractNumId w:val="8"/></w:num>'
    )
    data = document(
        paragraph("甲", number=6),
        paragraph("乙", number=6, level=1),
        paragraph("丙", number=9),
        paragraph("丁", number=10),
        numbering=NUMBERED + own + linked,
    )
    assert lines(data) == ["3.甲", "（一）乙", "第1款\u3000丙", "第2款\u3000丁"]


def test_levels_without_number_are_none() -> None:
    deep = "".join(f'<w:lvl w:ilvl="{at}"><w:lvlText w:val="%1"/></w:lvl>' for at in range(-5, 5_000))
    own = f'<w:num w:numId="6"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">{deep}</w:lvlOverride></w:num>'
    before = time.process_time()
    found = lines(document(*(paragraph("甲", number=6) for _ in range(5_000)), numbering=NUMBERED + own))
    assert found[-1] == "5000\u3000甲" and time.process_time() - before < 5


def test_two_documents_in_one_file_are_refused(tmp_path: Path) -> None:
    one, other = document(paragraph("甲")), document(paragraph("乙"))
    source, (found,), _ = read_document(write(tmp_path, "两份.docx", one + other), "两份.docx")
    assert source is None and found.code == "E451"
    # Bytes in front that no directory speaks of any more are what some software leaves of a part that it wrote anew.
    dead = one[: one.index(b"PK\x01\x02")]
    source, found_, _ = read_document(write(tmp_path, "旧字节.docx", dead + other), "旧字节.docx")
    assert source is not None and source.text == "乙\n" and not found_


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("甲.doc", b"{\\rtf1\\ansi }", "RTF"),
        ("甲.doc", "\ufeff<html><body>第一条</body></html>".encode(), "网页"),
        ("甲.doc", b"\n<!DOCTYPE HTML>\n<p>", "网页"),
        ("甲.xml", b'<?xml version="1.0"?><a/>', "XML"),
        ("甲.docx", b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "密码"),
    ],
)
def test_texts_of_other_programs_and_locked_documents_are_named(
    tmp_path: Path, name: str, data: bytes, says: str
) -> None:
    source, (found,), _ = read_document(write(tmp_path, name, data), name)
    assert source is None and found.code == "E102" and says in found.message and ".docx" in (found.remedy or "")


def test_lines_end_as_any_system_ends_them(tmp_path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        path = write(tmp_path, "原文.txt", f"第一条　甲。{end}第二条　<乙>。{end}".encode())
        source, found, notes = read_document(path, "原文.txt")
        assert source is not None and source.text == "第一条　甲。\n第二条　<乙>。\n" and not found and not notes


def test_what_nobody_sees_is_no_text_and_is_told(tmp_path: Path) -> None:
    text = "第一条　甲。\n第二\u200b条　乙\xad丙\ue004。\n第三条　\U0001f004é\t㎡。\n"
    source, found, notes = read_document(write(tmp_path, "原文.txt", text.encode()), "原文.txt")
    assert (
        source is not None and source.text == "第一条　甲。\n第二条　乙丙。\n第三条　\U0001f004é\t㎡。\n" and not found
    )
    assert len(notes) == 1 and "3 处没有读" in notes[0] and "第 2 行" in notes[0]
    text = "第一条　\u3164甲。\x0c第二条\u3000乙\U0002ebf0丙\U000323b0。\u2028第三条　丁。\n"
    source, found, notes = read_document(write(tmp_path, "原文.txt", text.encode()), "原文.txt")
    assert source is not None and not found, "rare characters stay, whatever Python knows of them; a page ends a line"
    assert source.text == "第一条　甲。\n第二条\u3000乙\U0002ebf0丙\U000323b0。\n第三条　丁。\n"
    assert len(notes) == 1 and "1 处没有读" in notes[0] and "第 1 行" in notes[0]
    source, (only,), _ = read_document(write(tmp_path, "原文.txt", "第一条　甲。\n\0".encode()), "原文.txt")
    assert source is None and only.code == "E103" and "第 2 行" in only.message
    data = document(paragraph("第一条　甲\u200b乙。"))
    source, _, notes = read_document(write(tmp_path, "原文.docx", data), "原文.docx")
    assert source is not None and source.text == "第一条　甲乙。\n" and "1 处没有读" in "".join(notes)
