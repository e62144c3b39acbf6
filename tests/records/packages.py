"""Workbooks part by part, as other software writes them, or as nobody does.

Why this exists: openpyxl writes one kind of workbook. What must be read, or refused, of the others is written here as XML.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

HEADER = ("项目编号", "项目名称", "实际到位", "利用率", "带动户数", "建成日")


def text_cell(address: str, text: str) -> str:
    """A cell that holds its text itself."""
    return f'<c r="{address}" t="inlineStr"><is><t>{text}</t></is></c>'


def text_row(number: int, texts: Iterable[str]) -> str:
    """A row of texts from column A."""
    cells = (text_cell(f"{chr(ord('A') + index)}{number}", text) for index, text in enumerate(texts) if text)
    return f'<row r="{number}">{"".join(cells)}</row>'


def worksheet(rows: str, after: str = "", header: Iterable[str] = HEADER) -> str:
    """A sheet of projects whose header stands in row 1."""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{text_row(1, header)}{rows}</sheetData>{after}</worksheet>'


def styles(*codes: str) -> str:
    """Styles 1, 2 and so on, each with a number format; style 0 is General."""
    formats = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{_attribute(code)}"/>' for number, code in enumerate(codes, start=164)
    )
    cells = "".join(f'<xf numFmtId="{number}"/>' for number in (0, *range(164, 164 + len(codes))))
    return f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><cellXfs>{cells}</cellXfs></styleSheet>'


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def workbook_parts(
    sheets: str | Mapping[str, str], *, shared: str = "", style: str = "", folder: str = "worksheets", before: str = ""
) -> dict[str, str | bytes]:
    """The parts of a workbook by name. ``sheets``: the XML of the sheet 项目, or of each sheet by its name; ``before``:
    what stands in the part of the workbook before its sheets."""
    named = {"项目": sheets} if isinstance(sheets, str) else sheets
    relations = [("worksheet", f"{folder}/sheet{number}.xml") for number in range(1, len(named) + 1)]
    parts: dict[str, str | bytes] = {f"xl/{folder}/sheet{n}.xml": part for n, part in enumerate(named.values(), 1)}
    for kind, target, part in (("sharedStrings", "sharedStrings.xml", shared), ("styles", "styles.xml", style)):
        if part:
            relations.append((kind, target))
            parts[f"xl/{target}"] = part
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(named, 1))
    related = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(relations, 1)
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{before}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
        **parts,
    }


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """The file of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()
