"""The list: every changed result with its record, what it was and is, by what, and what is missing.

Why this exists: whoever is concerned is found by name; the list is what flows, bars and townships lead to, and what is taken along as CSV.

Invariants: one row is one changed result; it carries the marks of all that leads to it; where rows are left out, how many, and the
command that gives them, stand above it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from policyrules.report.impact_page.figures import number
from policyrules.report.impact_page.html import Column, Content, Markup, Row, note, table, tag
from policyrules.report.impact_page.view import View, state_text, titled
from policyrules.text import cut, some
from policyrules.variation.model import Cell

_SETS: Final = 6
_NAMED: Final = 80
_BLANKS: Final = 3


def listing(view: View) -> Markup:
    """The section."""
    cells = [cell for name in view.names for cell in view.cells(name)]
    if not cells:
        return note("没有变化，名单是空的。")
    shown = view.listed
    if not shown:
        return note(f"共 {number(len(cells))} 处变化，名单没有列；要列就加 --list 再做一次。")
    rows_apart = any(cell.path != view.root for cell in cells)
    told: list[Content] = []
    if len(shown) < len(cells):
        words = f"共 {number(len(cells))} 处变化，这里只列前 {number(len(shown))} 处。"
        told.append(tag("p", words, "全部名单：同一条命令写成工作簿（-o 影响.xlsx）。", class_="warn"))
    told.append(_tools(view))
    records = {cell.record for cell in cells}
    counted = f"{number(len(records))} 个{cut(view.root, 10)}，{number(len(cells))} 处变化"
    told.append(tag("p", f"{counted}。", _acts(view, shown), tag("span", id="shown"), class_="note"))
    told.append(
        table(_head(view, rows_apart), [_row(view, cell, rows_apart) for cell in shown], kind="sort list", name="rows")
    )
    return tag("div", told, id="list")


def _acts(view: View, cells: Sequence[Cell]) -> str:
    """What the numbers of the list stand for, said once."""
    causes = dict.fromkeys(cell.cause for cell in cells if cell.cause is not None)
    acts = sorted({act for one in causes for several in view.impact.causes[one].enough[:_SETS] for act in several})
    named = "；".join(view.act(act) for act in acts[:_NAMED])
    rest = f"；其余见第三节（共 {len(acts)} 条）" if len(acts) > _NAMED else ""
    return (
        f"“由”里的数字是第三节的编号，只写一个的就只由它引起，点开看原因和两边的原文：{named}{rest}。" if acts else ""
    )


def _tools(view: View) -> Markup:
    """What the script works with; without it there is nothing to work."""
    names = [name for name in view.names if view.cells(name)]
    options = [tag("option", "所有决定", value="")]
    options += [tag("option", cut(name, 24), value=view.decision_mark(name)) for name in names]
    return tag(
        "div",
        tag("input", type="search", id="search", placeholder="找编号、名称、乡镇……", aria_label="在名单里找"),
        tag("select", options, id="decision", aria_label="只看一项决定"),
        tag("button", "不再筛选", type="button", id="all", hidden=True),
        tag("a", "下载名单（CSV）", id="csv", href="#list", download="名单.csv"),
        class_="screen tool",
        hidden=True,
    )


def _head(view: View, rows_apart: bool) -> list[Column]:
    head = [Column("编号"), Column("名称")]
    head += [Column("对象")] if rows_apart else []
    head += [Column(cut(by, 14), "" if place == 0 else "s") for place, by in enumerate(view.impact.about.by)]
    head += [Column("决定"), Column("原来"), Column("现在"), Column("由"), Column("缺")]
    measures = view.impact.about.measures
    return head + [Column(titled(one), "n" if place == 0 else "n s") for place, one in enumerate(measures)]


def _row(view: View, cell: Cell, rows_apart: bool) -> Row:
    record = view.records[cell.record]
    row: list[Content] = [view.identity(cell.record), cut(record.name, 60)]
    row += [cut(cell.label, 40) if cell.path != view.root else ""] if rows_apart else []
    row += [cut(record.groups.get(by, ""), 24) for by in view.impact.about.by]
    row += [cut(cell.decision, 24), cut(state_text(cell.before), 60), cut(state_text(cell.after), 60)]
    row.append(_why(view, cell))
    row.append(some([cut(blank, 24) for blank in cell.blanks], _BLANKS))
    for measure in view.impact.about.measures:
        amount = view.amount(cell, measure)
        row.append("未填" if amount is None else number(amount))
    return Row(row)


def marked(view: View) -> Mapping[str, object] | None:
    """What finds the rows of the list, for the script: marks that many rows have are said once, and meant by their number."""
    if not view.listed:
        return None
    parts: list[tuple[str, ...]] = list(zip(*map(view.marks, view.listed), strict=True))
    numbers = [{one: number_ for number_, one in enumerate(dict.fromkeys(part))} for part in parts]
    rows = [[known[one] for one in part] for part, known in zip(parts, numbers, strict=True)]
    return {"marks": [list(known) for known in numbers], "rows": rows}


def _why(view: View, cell: Cell) -> Content:
    if cell.cause is None:
        return tag("em", "没有找到条文")
    return tag("a", view.why(cell), href=f"#y{cell.cause}")
