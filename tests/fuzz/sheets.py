"""Hostile sheets for import-table, and hostile Word documents for new-layer; a long runner.

    python -m tests.fuzz.sheets --count 5000 --seed 1

Why this exists: a table of cases goes out to a spreadsheet and comes back as people left it, and official texts come as
Word files of any origin. Whatever comes, the answer is findings, a table that stays what it says, or a draft; no trace.
"""

from __future__ import annotations

import csv
import io
import itertools
import sys
import time
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from random import Random

from openpyxl import Workbook
from openpyxl.utils.exceptions import IllegalCharacterError
from tests.analysis.word_files import NUMBERED, document, paragraph

from policyrules.analysis.drafting import draft_clauses
from policyrules.analysis.word_documents import word_text
from policyrules.diagnostics import Diagnostic
from policyrules.language.formatting import formatted
from policyrules.language.parser import parse_source
from policyrules.records.table_sheets import WrittenTable, edited, read_sheet, sheet_rows, written_table
from policyrules.records.workbook_parts import Refused
from policyrules.source import Source

from . import corpus, mutate
from .rules import SLOWEST, known_codes
from .running import Fault, Trial, command_line, run_trials

TABLES = ("分档", "优先次序")
CELLS: tuple[str, ...] = (
    "—", "-", "", "其余", "不足", "< 10 万元", "≥ 10 万元 < 50 万元", "10 万元 以上 不足 50 万元", "10 万元 至 50 万元", "50 万元 至 10 万元", "= 5 户", "不为 完整", "完整、不完整",
    "属于 { 甲、乙、等 }", "含 种苗", "不含 道路", "含任一 { 种苗 }", "已填", "未填", "是", "否", "低", "高", "最低", "总投资", "户数", "行名", "语气", "依据", "释义", "档次", "优先", "补助",
    "【一】“原文”", "“话”", "#注", "# 一行注", "|", "甲|乙", "“|”", "\n", "甲\n乙", "=1+1", "+1", "'=1", "2025年1月1日", "2025-01-01", "10", "0.1", "1e5", "10%", "当年", "≥ 示范户数",
    "参数", "决策表 乙", "规则 甲", "得出 档次", "分档·1", "上层·分类", "〉", "｜", "字" * 300,
)  # fmt: skip
WORDS: tuple[str, ...] = (
    "第一条", "第十二条　", "一、", "（一）", "1.", "(1)", "①", "第一章 总则", "附件", "附件：1.", "为了规范衔接资金管理，制定本办法。", "应当在 5 个工作日内下达。", "原则上不低于 55%。", "本办法自2025年1月1日起施行。",
    "……等", "“引号”", "  ", "\u3000\u3000", "。", "；", "第" * 50, "农规发〔2024〕26号", "各省、自治区、直辖市：", "X" * 400,
)  # fmt: skip
INSIDE: tuple[str, ...] = (
    "<w:r><w:tab/><w:t>甲</w:t></w:r>", "<w:r><w:br/></w:r>", "<w:del><w:r><w:delText>删</w:delText></w:r></w:del>", "<w:ins><w:r><w:t>插</w:t></w:r></w:ins>", "<w:r><w:footnoteReference w:id='1'/></w:r>",
    "<w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r>", "<w:hyperlink><w:r><w:t>链</w:t></w:r></w:hyperlink>", "<w:r><w:pict/></w:r>", "<w:sdt><w:sdtContent><w:r><w:t>控</w:t></w:r></w:sdtContent></w:sdt>",
    "<w:r><w:sym w:char='F0FE'/></w:r>", "<w:r><w:noBreakHyphen/></w:r>", "<w:fldSimple w:instr='PAGE'><w:r><w:t>3</w:t></w:r></w:fldSimple>", "<w:r><w:t/></w:r>", "<w:r>" * 40 + "</w:r>" * 40,
)  # fmt: skip


@cache
def _table(name: str) -> WrittenTable:
    file, problems = parse_source(Source("敌.rules", corpus.RULES, "L0"))
    assert not [one for one in problems if one.severity == "error"]
    table = written_table(file, name)
    assert table is not None
    return table


def make_sheet(random: Random) -> tuple[str, str, bytes]:
    """The name of a table, a file name, and the sheet that came back."""
    name = random.choice(TABLES)
    rows = [list(row) for row in sheet_rows(_table(name))]
    for _ in range(random.choice((0, 1, 1, 2, 5))):
        at = random.randrange(len(rows))
        row = rows[at]
        place = random.randrange(len(row) + 1)
        match random.randrange(9):
            case 0:
                rows.insert(at, [mutate.pick(random, CELLS) for _ in range(random.choice((1, len(row), 9)))])
            case 1 if len(rows) > 1:
                del rows[at]
            case 2:
                row.insert(place, mutate.pick(random, CELLS))
            case 3 if row:
                del row[place - 1]
            case 4:
                other = random.randrange(len(rows))
                rows[at], rows[other] = rows[other], rows[at]
            case 5 if row:
                row[place - 1] = mutate.mutate_text(random, row[place - 1], 1)
            case 6 if row:
                row[place - 1] = mutate.pick(random, (*mutate.STRANGE, *mutate.WORDS))
            case _ if row:
                row[place - 1] = mutate.pick(random, CELLS)
            case _:
                row.append(mutate.pick(random, CELLS))
    if random.random() < 0.3:
        book = Workbook()
        for number, row in enumerate(rows, 1):
            for column, text in enumerate(row, 1):
                try:
                    book.active.cell(number, column, _typed(random, text))
                except (IllegalCharacterError, ValueError):
                    continue
        data = io.BytesIO()
        try:
            book.save(data)
        except UnicodeEncodeError:
            return name, "表.csv", b"\xff"
        return name, "表.xlsx", data.getvalue()
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    data_ = text.getvalue().encode("utf-8", "surrogatepass")
    return name, "表.csv", mutate.mutate_bytes(random, data_) if random.random() < 0.1 else data_


def _typed(random: Random, text: str) -> object:
    """What a spreadsheet makes of what is typed."""
    if random.random() < 0.1:
        return random.choice((1, 0.5, True, 45915, "=A1", None))
    return text


def check_sheet(name: str, file: str, data: bytes, folder: Path) -> str:
    """Put the sheet back; returns how it ended. Raises `Fault`, or whatever escapes from the package."""
    path = folder / file
    path.write_bytes(data)
    sheet, _ = read_sheet(path, name)
    if isinstance(sheet, Diagnostic):
        _check([sheet])
        return "sheet unread"
    table = _table(name)
    result = edited(table, sheet)
    _check(result.found)
    if result.text is None:
        if not result.found:
            raise Fault("refused without a word")
        return "sheet refused"
    source = Source("敌.rules", result.text, "L0")
    if formatted(source)[0] is None:
        raise Fault("what was put back is not formatted")
    again = written_table(parse_source(source)[0], name)
    if again is None:
        raise Fault("the table is gone")
    if result.text.count("\n决定 ") != corpus.RULES.count("\n决定 "):
        raise Fault("more than the table changed")
    return "sheet put back"


def _check(found: list[Diagnostic] | tuple[Diagnostic, ...]) -> None:
    for diagnostic in found:
        if diagnostic.code not in known_codes():
            raise Fault(f"unknown code {diagnostic.code}: {diagnostic.message}")
        str(diagnostic)
        diagnostic.to_dict()


def make_document(random: Random) -> bytes:
    """A Word document as somebody may have made it."""
    paragraphs = []
    for _ in range(random.choice((0, 1, 5, 20))):
        text = "".join(mutate.pick(random, WORDS) for _ in range(random.choice((0, 1, 2, 3))))
        number = random.choice((None, None, 5, 5, 0, 99))
        inside = mutate.pick(random, INSIDE) if random.random() < 0.3 else ""
        body = paragraph(text, number=number, level=random.choice((0, 0, 1, 7)), inside=inside)
        if random.random() < 0.1:
            body = f"<w:tbl><w:tr><w:tc>{body}</w:tc><w:tc/></w:tr></w:tbl>"
        paragraphs.append(body)
    data = document(*paragraphs, numbering=NUMBERED if random.random() < 0.8 else "")
    return mutate.mutate_bytes(random, data) if random.random() < 0.2 else data


def check_document(data: bytes) -> str:
    """Read and draft; returns how it ended. Raises `Fault`, or whatever escapes from the package."""
    try:
        text = word_text(data)
    except Refused as refused:
        if not str(refused):
            raise Fault("refused without a word") from refused
        return "document refused"
    if text is None:
        return "no document"
    draft = draft_clauses(Source("文.txt", text.text))
    for clause in draft.clauses:
        if not clause.number or not clause.place:
            raise Fault(f"a clause without a number or a place: {clause}")
    places = [clause.place for clause in draft.clauses]
    if len(set(places)) < len(places):
        raise Fault("two clauses of one place")
    return "document drafted" if draft.clauses else "document without clauses"


def check_number(number: int, random: Random, folder: Path) -> str:
    """One sheet, or now and then one document."""
    started = time.process_time()
    ended = check_sheet(*make_sheet(random), folder) if number % 3 else check_document(make_document(random))
    if time.process_time() - started > 5 * SLOWEST:
        raise Fault("too slow")
    return ended


def numbers(seed: int, start: int = 0) -> Iterator[tuple[int, Random]]:
    """Cases without end; the n-th of a seed is always the same."""
    for number in itertools.count(start):
        yield number, Random(f"{seed}:{number}")


def main() -> int:
    """Reads the command line and runs."""
    options = command_line("Hostile sheets and Word documents.", 5_000).parse_args()
    made = numbers(options.seed, options.start)
    trials = (Trial(number, "case", partial(check_number, number, random)) for number, random in made)
    return run_trials(trials, options, 20)


if __name__ == "__main__":
    sys.exit(main())
