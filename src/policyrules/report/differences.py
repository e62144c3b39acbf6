"""The differences of two layers as a Markdown page in Chinese.

Why this exists: officials read the differences beside the two documents; the page is generated, so it never says more
or less than the rules do.

Invariants: restatements stand in a section of their own; the same rules give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from policyrules.analysis.differences import Difference, Differences
from policyrules.program.nodes import Citation

_SECTIONS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("改动上层的条文", ("修订", "停用", "设定", "增列", "推定")),
    ("新增的结论", ("决定", "规则", "补充规则")),
    ("新增的义务、禁令和提示", ("义务", "禁令", "提示")),
    ("新增的参数、读法和说法", ("参数", "读法", "清单", "术语", "统计")),
    ("新增的字段", ("对象", "字段")),
)
_LONGEST_QUOTE: Final = 80


def render_markdown(found: Differences, *, level: int = 2) -> str:
    """The page's sections, headings from ``level`` on; no title, no final line end."""
    mark = "#" * level
    blocks: list[str] = []
    for title, kinds in _SECTIONS:
        entries = [difference for difference in found.differences if difference.kind in kinds]
        if entries:
            blocks.append(f"{mark} {title}（{len(entries)}）")
            blocks.append("\n".join(_table(entries, acting=kinds[0] == "修订")))
    if found.restatements:
        blocks.append(f"{mark} 重申（{len(found.restatements)}）：与上层相同，不是差异")
        blocks.append("\n".join(_restated(found.restatements)))
    return "\n\n".join(blocks)


def _table(entries: Sequence[Difference], *, acting: bool) -> list[str]:
    lines = ["| 条文 | 方向 | 内容 | 本层依据 |" + (" 上层依据 |" if acting else "")]
    lines.append("|" + "---|" * (5 if acting else 4))
    for entry in entries:
        head = f"{entry.kind} {entry.name}"
        if entry.concerns not in (head, "") and entry.kind not in ("字段", "对象"):
            head += f"<br>（{entry.concerns}）"
        parts = "<br>".join(str(part).strip() for part in entry.parts)
        cells = [head, "、".join(entry.directions), parts, cited(entry.citations)]
        if acting:
            cells.append(cited(entry.base.citations) if entry.base is not None else "")
        lines.append(_row(cells))
    return lines


def _restated(entries: Sequence[Difference]) -> list[str]:
    lines = ["| 上层条文 | 本层依据 | 上层依据 |", "|---|---|---|"]
    for entry in entries:
        base = entry.base
        head = f"{base.kind} {base.name}" if base is not None else entry.name
        lines.append(_row([head, cited(entry.citations), cited(base.citations) if base is not None else ""]))
    return lines


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(map(cell_text, cells)) + " |"


def cited(citations: Iterable[Citation]) -> str:
    """Clauses with their quotes, one a line."""
    return "<br>".join(f"{c.clause} 【{c.place}】" + (f"“{_quote(c.quote)}”" if c.quote else "") for c in citations)


def _quote(quote: str) -> str:
    joined = "".join(quote.split())
    return joined if len(joined) <= _LONGEST_QUOTE else f"{joined[:_LONGEST_QUOTE]}……"


def cell_text(text: str) -> str:
    """Text that stays in one cell of a Markdown table.

    >>> cell_text("甲 | 乙")
    '甲 \\\\| 乙'
    """
    return text.replace("|", "\\|").replace("\n", " ")
