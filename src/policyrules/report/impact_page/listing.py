"""The list: every changed result with its record, what it was and is, by what, and what is missing.

Why this exists: whoever is concerned is found by name; the list is what flows, bars and townships lead to, and what is taken along as CSV.

Invariants: one row is one changed result; it carries the marks of all that leads to it; where rows are left out, how many, and the
command that gives them, stand above it.
"""

from __future__ import annotations

from policyrules.report.impact_page.figures import number
from policyrules.report.impact_page.html import Column, Content, Markup, Row, note, table, tag
from policyrules.report.impact_page.view import View, state_text, titled
from policyrules.text import cut
from policyrules.variation.model import Cell


def listing(view: View) -> Markup:
    """The section."""
    cells = [cell for name in view.names for cell in view.cells(name)]
    if not cells:
        return note("没有变化，名单是空的。")
    shown = cells if view.most is None else cells[: view.most]
    rows_apart = any(cell.path != view.root for cell in cells)
    told: list[Content] = []
    if len(shown) < len(cells):
        words = f"共 {number(len(cells))} 处变化，这里只列前 {number(len(shown))} 处。"
        told.append(tag("p", words, "全部名单：同一条命令写成工作簿（-o 影响.xlsx）。", class_="warn"))
    told.append(_tools(view))
    records = {cell.record for cell in cells}
    counted = f"{number(len(records))} 个{cut(view.root, 10)}，{number(len(cells))} 处变化"
    words = "。“由”里的数字是第三节里的编号；点开看原因和两边的原文。"
    told.append(tag("p", counted, words, tag("span", id="shown"), class_="note"))
    told.append(
        table(_head(view, rows_apart), [_row(view, cell, rows_apart) for cell in shown], kind="sort list", name="rows")
    )
    return tag("div", told, id="list")


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
    row.append(
        "、".join(cut(blank, 24) for blank in cell.blanks[:4])
        + (f" 等 {len(cell.blanks)} 项" if len(cell.blanks) > 4 else "")
    )
    for measure in view.impact.about.measures:
        amount = view.amount(cell, measure)
        row.append("未填" if amount is None else number(amount))
    return Row(row, view.marks(cell))


def _why(view: View, cell: Cell) -> Content:
    if cell.cause is None:
        return tag("em", "没有找到条文")
    return tag("a", cut(view.why(cell), 56), href=f"#y{cell.cause}")
