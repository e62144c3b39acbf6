"""The page of diagnostics as data: one section a code, each with files and what a command says of them.

Why this exists: every code is a promise. The test runs each example; ``python -m tests.docs.pages`` puts the outputs of
today into the page (``--write``), or says which codes have no section.

How a section is run: a fresh folder with the page's 上层 and an empty 本层 that extends it; the section's files on top
(a ``rules`` block without a path is ``本层/规则.rules``); a ``text`` block is the part of ``policyrules check 本层`` that
carries the code; ``console`` blocks are replayed as everywhere. An empty ``text`` block is filled by ``--write``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from tests.docs.replay import ROOT, Block, blocks, commands, matches, run_command, workplace, write_file

PAGE = ROOT / "docs" / "diagnostics.md"
HEADING = re.compile(r"^### ([EW][0-9]{3})　(.+)$", re.MULTILINE)
_CODE = re.compile(r"\"([EW][0-9]{3})\"")
CHECK = "policyrules check 本层"
MADE = "另行生成"
"""Marks the output of an example that is too large for a page: `_MAKERS` writes its files."""
_HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\u200b-\u200f\ufeff]")

_UPPER = {
    "上层/layer.yaml": "id: UP\ntitle: 上层文件（示例）\nlevel: 国家\nregion: 全国\nin_force_from: 2025-01-01\n",
    "上层/clauses.yaml": """\
clauses:
  - {id: UP-1, place: 一·范围, summary: 范围, kind: scope, decides: true}
  - {id: UP-2, place: 一·界定, summary: 分类界定, kind: classification, decides: true}
  - {id: UP-3, place: 二·入库, summary: 入库, kind: intake, decides: true}
  - {id: UP-4, place: 二·期限, summary: 期限, kind: deadline, decides: true}
""",
    "本层/layer.yaml": "id: LOW\ntitle: 本层文件（示例）\nlevel: 省\nregion: 某省\nextends: ../上层\nin_force_from: 2025-01-01\n",
    "并列/layer.yaml": "id: BES\ntitle: 并列文件（示例）\nshort: 并列文件\nlevel: 国家\nregion: 全国\nin_force_from: 2025-01-01\n",
    "并列/clauses.yaml": """\
clauses:
  - {id: BES-1, place: 一·并列, summary: 示例, kind: classification, decides: true}
""",
    "本层/clauses.yaml": """\
clauses:
  - {id: LOW-1, place: 一·示例, summary: 示例, kind: classification, decides: true}
""",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One code's part of the page; ``offset`` is where its text begins in the page."""

    code: str
    title: str
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Example:
    """One example, run: the block that shows the output, what it shows, what came out."""

    block: Block
    expected: str
    got: str

    @property
    def agrees(self) -> bool:
        """Whether the page shows what comes out."""
        return bool(self.got.strip()) and matches(self.expected, self.got)


def sections(page: str) -> list[Section]:
    """The sections of the page, in order."""
    heads = list(HEADING.finditer(page))
    ends = [head.start() for head in heads[1:]] + [len(page)]
    return [
        Section(head.group(1), head.group(2), _own_part(page[head.end() : end]), head.end())
        for head, end in zip(heads, ends, strict=True)
    ]


def _own_part(text: str) -> str:
    chapter = re.search(r"^## ", text, re.MULTILINE)
    return text[: chapter.start()] if chapter else text


def upper_rules(page: str) -> str:
    """The rules of the upper layer that the page shows at its beginning."""
    return next(block.text for block in blocks(page) if block.info == "上层/规则.rules")


def run_section(section: Section, upper: str) -> Iterator[Example]:
    """Run the examples of one section in a folder of its own."""
    with workplace() as folder:
        for path, text in {**_UPPER, "上层/规则.rules": upper}.items():
            write_file(folder, path, text)
        for block in blocks(section.text):
            if block.language == "console":
                shown = [(f"$ {command}\n{expected}".strip(), command) for command, expected in commands(block)]
                got = "\n".join(f"$ {command}\n{run_command(command)}".strip() for _, command in shown)
                yield Example(block, block.text, got)
            elif block.language == "text" and block.info == MADE:
                yield Example(block, block.text, said_of(section.code, _MAKERS[section.code](folder)))
            elif block.language == "text" and not block.info:
                yield Example(block, block.text, said_of(section.code, run_command(CHECK)))
            elif block.info or block.language == "rules":
                write_file(folder, block.info or "本层/规则.rules", block.text)


def said_of(code: str, output: str) -> str:
    """The first finding with ``code`` in the output of ``check``: diagnostics are parted by empty lines."""
    found = [part for part in output.strip("\n").split("\n\n") if f"[{code}]" in part.split("\n")[0]]
    # Characters that show nothing are shown as a space: a page must not hold what the rules may not.
    return _HIDDEN.sub(" ", found[0]) if found else ""


# ---- examples too large for a page ----------------------------------------------------------------------------------


def _long_chain(folder: Path) -> str:
    links = "".join(f"术语 术语{n}\n  即 {f'术语{n - 1} 且 ' if n > 1 else ''}已形成\n" for n in range(1, 202))
    write_file(folder, "本层/规则.rules", links)
    return run_command(CHECK)


def _too_many(folder: Path) -> str:
    """Thirty thousand declarations take ten seconds to read: three stand for them, and are told as if."""
    write_file(folder, "上层/规则.rules", "对象 项目（project）\n  字段 已形成（formed）：是否\n")
    write_file(folder, "本层/规则.rules", "".join(f"术语 术语{n}\n  即 已形成\n" for n in range(3)))
    with mock.patch("policyrules.program.collecting.MAX_DECLARATIONS", 4):
        return run_command(CHECK).replace("超过 4 条", "超过 30000 条")


def _too_many_readings(folder: Path) -> str:
    spoken = "".join(
        f"读法 读法{n:03}：枚举 {{ 宽、严 }} 缺省 宽\n  依据【一·示例】\n规则 规则{n:03}\n  依据【一·示例】\n"
        f"  当 视 读法{n:03}（宽：已形成；严：非 已形成）\n  则 意见 为 可\n"
        for n in range(600)
    )
    head = "对象 项目（project）\n  字段 已形成（formed）：是否\n决定 意见：单选 { 可 }\n  依据【一·示例】\n"
    write_file(folder, "本层/规则.rules", head + spoken)
    return run_command(CHECK)


def _long_table(folder: Path) -> str:
    head = "决策表 入库表\n  依据【三·入库】“投资过小的不得入库”\n  得出 入库意见\n  | 总投资 | 入库意见 |\n"
    rows = "".join(f"  | ≥ {n} 万元 < {n + 1} 万元 | 不得入库 |\n" for n in range(1001))
    write_file(folder, "本层/规则.rules", head + rows)
    return run_command(CHECK)


def _too_many_layers(folder: Path) -> str:
    for number in range(65):
        write_file(folder, f"第{number}层/clauses.yaml", "clauses: []\n")
        upper = f"../第{number - 1}层" if number else "null"
        manifest = f"id: L{number}\ntitle: 第{number}层\nlevel: 县\nregion: 某县\nextends: {upper}\n"
        write_file(folder, f"第{number}层/layer.yaml", manifest + "in_force_from: 2025-01-01\n")
    return run_command("policyrules check 第64层")


def _two_dates(folder: Path) -> str:
    import datetime

    import policyrules as pr
    from policyrules.analysis.compare import aligned

    first = pr.load("上层", as_of=datetime.date(2025, 9, 15))
    second = pr.load("上层", as_of=datetime.date(2025, 12, 31))
    try:
        aligned(first, second)
    except pr.PolicyError as error:
        return str(error)
    return ""


def _later_word(folder: Path) -> str:
    """As if 起满 had come with version 2."""
    write_file(folder, "本层/layer.yaml", _UPPER["本层/layer.yaml"] + "language: 1\n")
    write_file(folder, "本层/规则.rules", "对象 项目\n  字段 建成日：日期\n术语 建成满年\n  即 建成日 起满 1 年\n")
    with mock.patch.dict("policyrules.language.keywords.ADDED", {"起满": 2}):
        return run_command(CHECK)


_MAKERS = {
    "E160": _later_word,
    "E210": _long_chain,
    "E213": _too_many,
    "E233": _long_table,
    "E234": _too_many_readings,
    "E389": _too_many_layers,
    "E651": _two_dates,
}


# ---- the codes there are --------------------------------------------------------------------------------------------


def codes_in_source() -> set[str]:
    """Every code that the package writes anywhere but in the table of codes."""
    found: set[str] = set()
    for path in sorted((ROOT / "src" / "policyrules").rglob("*.py")):
        if path.name != "codes.py":
            found.update(_CODE.findall(path.read_text(encoding="utf-8")))
    return found


def refreshed(page: str) -> str:
    """The page with every output that no longer agrees put anew."""
    upper = upper_rules(page)
    for section in reversed(sections(page)):
        for example in reversed(list(run_section(section, upper))):
            if not example.agrees:
                start, end = section.offset + example.block.start, section.offset + example.block.end
                page = page[:start] + example.got.strip("\n") + "\n" + page[end:]
    return page


def main(arguments: list[str]) -> int:
    """Say which codes have no section; with ``--write``, refresh the outputs."""
    path = Path(arguments[-1]) if arguments and not arguments[-1].startswith("-") else PAGE
    page = path.read_text(encoding="utf-8")
    if "--write" in arguments:
        page = refreshed(page)
        path.write_text(page, encoding="utf-8")
    upper = upper_rules(page)
    for section in sections(page):
        for example in run_section(section, upper):
            if f"[{section.code}]" not in example.got and f"[{section.code}]" not in section.text:
                print(f"{section.code}: the example does not give it\n{example.got}")
    lacking = sorted(codes_in_source() - {section.code for section in sections(page)})
    surplus = sorted({section.code for section in sections(page)} - codes_in_source())
    print(f"without a section: {' '.join(lacking) or 'none'}; without a source: {' '.join(surplus) or 'none'}")
    return 1 if lacking or surplus else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
