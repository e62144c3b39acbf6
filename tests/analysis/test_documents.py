"""Official texts from Word documents: what a reader sees is read, numbers that Word makes among it, within limits."""

from __future__ import annotations

import io
import random
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
