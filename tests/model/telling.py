"""What notices tell: the text of an outcome against the model (5.10.14 to 5.10.18).

Why this exists: apart from `checking`, because it reads text. A text is parted at its figures; what the model knows of a
figure must be told, and what is told as known must hold in every completion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from .naive import Model
from .syntax import AmountRef, DecRef, Expr, Notice, Ref, Row, Value
from .truths import VOID, Mark, Possible

PARTED = "｜"
_NUMBER = re.compile(r"(-?[0-9.]+(?:/[0-9]+)?) ?([^0-9（]*)(?:（约 .*）)?")
_UNITS: dict[str, int | Fraction] = {"万元": 10_000, "元": 1, "亿元": 100_000_000, "%": Fraction(1, 100)}
_UNSURE = ("未填", "待定", "至", "不小于", "不大于", "之一", "不存在", "至少", "没有列出")


def message_of(figures: tuple[Expr | DecRef, ...], written: list[str]) -> str:
    """The text of a notice with its figures; ``written``: how rules write them."""
    return PARTED.join(["看", *(f"{{{word}}}" for word in written), ""])


def pieces(message: str) -> list[str]:
    """What is told of each figure."""
    return message.split(PARTED)[1:-1]


def says(piece: str, value: Value | Mark, kind: str) -> bool:
    """Whether a piece tells just this value."""
    match value:
        case Mark():
            return piece == "不存在"
        case bool():
            return piece == ("是" if value else "否")
        case str():
            return piece == value
        case frozenset():
            return set(piece.split("、")) == set(value) if value else piece == "（空）"
        case int() | Fraction():
            found = _NUMBER.fullmatch(piece)
            factor = None if found is None else 12 if kind == "月" and found[2] == "年" else _UNITS.get(found[2], 1)
            return found is not None and factor is not None and Fraction(found[1]) * factor == value
        case _:
            return piece == f"{value.year}年{value.month}月{value.day}日"


def known(model: Model, figure: Expr | DecRef, row: Row) -> Possible:
    """What the model knows of a figure; a decision is its value or 无."""
    if not isinstance(figure, DecRef):
        return model.amount(figure, [row])
    result = model.decide(figure.decision, model.owner(figure.object, [row]))
    if result.status == "not_applicable":
        return frozenset({"不适用"})
    if result.status not in ("determined", "none"):
        return None
    if isinstance(result.value, frozenset):
        return frozenset({"、".join(sorted(result.value)) or "（没有）"})
    return frozenset({result.value or "无"})


def weaker(model: Model, notice: Notice, row: Row, message: str) -> Iterator[str]:
    """What the text fails to tell though it follows as the record stands."""
    for figure, piece in zip(notice.figures, pieces(message), strict=True):
        found = known(model, figure, row)
        if found is not None and len(found) == 1 and not _agrees(piece, found, figure):
            yield f"模型知道是 {found}，说的是“{piece}”"
        if isinstance(figure, Ref):
            cell = model.cell(figure, [row])
            if figure.name in cell.blank and figure.name not in model.folded.presumptions and piece != "未填":
                yield f"{figure.name} 没有填，说的是“{piece}”"


def contradicts(model: Model, notice: Notice, row: Row, message: str) -> Iterator[str]:
    """What the text tells for sure and a completion denies."""
    for figure, piece in zip(notice.figures, pieces(message), strict=True):
        found = known(model, figure, row)
        ends = None if isinstance(figure, DecRef) else _ends(piece, getattr(figure, "kind", ""))
        for one in found or ():
            if ends is not None and isinstance(one, int | Fraction) and not ends[0] <= one <= ends[1]:
                yield f"补全后是 {one}，说的是“{piece}”"
        if any(word in piece for word in _UNSURE) or piece.startswith("冲突"):
            continue
        if found is not None and not any(_agrees(piece, frozenset({one}), figure) for one in found):
            yield f"补全后是 {found}，说的是“{piece}”"


def _ends(piece: str, kind: str) -> tuple[Fraction | float, Fraction | float] | None:
    """The ends of an interval that a piece tells; None where it tells none."""
    told = piece.removesuffix("，或不存在")
    sides = told.removeprefix("不小于 ").removeprefix("不大于 ").split(" 至 ")
    numbers = []
    for side in sides:
        found = _NUMBER.fullmatch(side)
        if found is None:
            return None
        factor = 12 if kind == "月" and found[2] == "年" else _UNITS.get(found[2], 1)
        numbers.append(Fraction(found[1]) * factor)
    if told.startswith("不小于"):
        return numbers[0], float("inf")
    if told.startswith("不大于"):
        return -float("inf"), numbers[0]
    return (numbers[0], numbers[-1]) if len(numbers) == 2 else None


def _agrees(piece: str, found: Possible, figure: Expr | DecRef) -> bool:
    assert found is not None
    (value,) = found
    if isinstance(figure, DecRef) and isinstance(value, str):
        return set(piece.split("、")) == set(value.split("、"))
    if isinstance(figure, AmountRef) and value is VOID:
        return piece in ("无", "不适用")
    return says(piece, value, getattr(figure, "kind", "")) or (value is VOID and piece == "不存在")
