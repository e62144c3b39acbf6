"""Cells of a 决策表: the words that only tables know, and the text of a condition as a cell has it.

Why this exists: a table is read, printed and changed by several; what a cell may say is the same for all of them.

Invariant: a cell that is read again from its text says what it said.
"""

from __future__ import annotations

from typing import Final

from policyrules.language import expressions as surface
from policyrules.language import nodes
from policyrules.language.layout import flat, item_text, literals_text, set_text

ROW_NAME: Final = "行名"
TONE: Final = "语气"
TONES: Final = ("应当", "重点", "支持", "鼓励", "引导", "可")
REST: Final = "其余"
ANY: Final = "—"
ROW_MARK: Final = "·"
"""Between the name of a table and that of its row; no other name holds it."""
SPECIAL: Final = (ROW_NAME, TONE, "依据", "释义")
"""Columns that say something of the row itself; a field of that name is written with its object, 项目.行名."""


def cell_text(test: surface.Expr) -> str | None:
    """The canonical text of a condition as a cell has it; None where no cell can say it."""
    match test:
        case surface.Paren(inner=inner):
            return cell_text(inner)
        case surface.And(operands=(surface.Infix() as first, surface.Infix() as second), grouped=False):
            one, two = cell_text(first), cell_text(second)
            return None if one is None or two is None else f"{one} {two}"
        case surface.Infix(operator=operator, right=right) if operator.compares:
            return f"{operator.words} {flat(right)}"
        case surface.Is(value=value, negated=negated):
            return ("不为 " if negated else "") + literals_text((value,))
        case surface.In(right=surface.SetLiteral(open=False) as listed, negated=negated) if _plain(listed):
            return ("不为 " if negated else "") + "、".join(map(item_text, listed.items))
        case surface.In(right=right, negated=negated):
            shown = set_text(right) if isinstance(right, surface.SetLiteral) else flat(right)
            return f"{'不属于' if negated else '属于'} {shown}"
        case surface.Has(values=values, negated=negated):
            return f"{'不含' if negated else '含'} {literals_text(values)}"
        case surface.HasAny(right=right):
            return f"含任一 {set_text(right) if isinstance(right, surface.SetLiteral) else flat(right)}"
        case surface.Between(low=low, high=high):
            return f"{flat(low)} 至 {flat(high)}"
        case surface.Filled(negated=negated):
            return "未填" if negated else "已填"
        case _:
            return None


def _plain(listed: surface.SetLiteral) -> bool:
    """Whether a cell may hold the values without 属于: several, none of them a stretch of days."""
    return len(listed.items) > 1 and not any(isinstance(item, surface.Days) for item in listed.items)


def cell_tests(when: surface.Expr) -> tuple[surface.Expr, ...]:
    """The conditions of single cells in the condition of a row: one cell has both of its sides on the same name."""
    if not isinstance(when, surface.And):
        return (when,)
    lefts = [flat(each.left) if isinstance(each, surface.Infix) else "" for each in when.operands]
    return (when,) if lefts[0] and len(set(lefts)) == 1 else when.operands


def condition_text(test: surface.Expr | None) -> str:
    """The text of what a cell was read as; None: any value."""
    text = ANY if test is None else cell_text(test)
    assert text is not None, "the grammar of cells has a spelling for each"
    return text


def concluded_text(then: nodes.Conclusion) -> str:
    """The canonical text of what is concluded, without the decision."""
    return literals_text(then.values) if then.amount is None else flat(then.amount)
