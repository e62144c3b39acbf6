"""Rows that nobody listed (5.10.10 to 5.10.13): what is demanded of them, judged once, at what their list belongs to.

Why this exists: apart from `naive`, because it is about one list more than the record has. As the record stands nothing
is known of such a row. In a completion there are rows, and whatever was said without the list must hold of each of them;
for all of them counts what stands above them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .expressions import walk
from .naive import Model, operands
from .syntax import (
    Agg,
    AmountRef,
    Choose,
    DecHas,
    DecIs,
    DecRef,
    Expr,
    Fallback,
    Filled,
    ParamRef,
    Policy,
    Quant,
    Ref,
    Row,
    TermRef,
)
from .truths import Possible, Truth


def nobody_listed(row: Row) -> bool:
    """Whether a row, or what it belongs to, is of a list that was not supplied."""
    current: Row | None = row
    while current is not None:
        if current.unlisted or not current.recorded:
            return True
        current = current.parent
    return False


def anchor(row: Row) -> Row:
    """The nearest instance above such a row that the record has."""
    while nobody_listed(row):
        assert row.parent is not None
        row = row.parent
    return row


def empty(policy: Policy, object_: str, parent: Row | None, *, unlisted: bool) -> Row:
    """A row without anything in it."""
    lists = [child for child in policy.children(object_) if child != "项目"]
    return Row(
        object_,
        rows=dict.fromkeys(lists),
        parent=parent,
        path=object_,
        blank=frozenset(known.name for known in policy.fields_of(object_)),
        unsupplied=frozenset(lists),
        unlisted=unlisted,
    )


def unlisted_rows(policy: Policy, root: Row) -> Iterator[Row]:
    """For every list that was not supplied a row of which nothing is known, and such rows below it."""
    pending = [root, *([root.parent] if root.parent is not None else [])]
    while pending:
        row = pending.pop()
        for name, rows in row.rows.items():
            if rows is None:
                made = empty(policy, name, row, unlisted=True)
                yield made
                pending.append(made)
            else:
                pending.extend(rows)


class UnlistedModel(Model):
    """The model, asked about rows that nobody listed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._emptied: dict[int, Row] = {}

    def field(self, name: str, row: Row) -> Possible:
        if row.unlisted:
            return None
        found = super().field(name, row)
        if found is None and self.exact and any(row is made for made in self._emptied.values()):
            # What is declared of a cell holds of a row with nothing in it, too.
            return frozenset(
                next(known.type.domain for known in self.policy.fields_of(row.object) if known.name == name)
            )
        return found

    def cond(self, expr: Expr, frames: list[Row]) -> Truth:
        if isinstance(expr, Filled) and isinstance(expr.what, Ref) and self.cell(expr.what, frames).unlisted:
            return None
        return super().cond(expr, frames)

    def present_cell(self, name: str, row: Row) -> Truth:
        there = super().present_cell(name, row)
        return None if row.unlisted and there is False else there

    def supplied(self, object_: str, frames: list[Row]) -> Truth:
        parent = next(o.parent for o in self.policy.objects if o.name == object_)
        assert parent is not None
        return None if self.owner(parent, frames[-1:]).unlisted else super().supplied(object_, frames)

    def amount(self, expr: Expr, frames: list[Row]) -> Possible:
        if isinstance(expr, Fallback) and self.counts_above(expr, frames):
            return self.amount(expr.second, frames)
        return super().amount(expr, frames)

    def given(self, reason: Ref, row: Row) -> Truth:
        return None if self.cell(reason, [row]).unlisted else super().given(reason, row)

    def late(self, deadline: Expr, row: Row) -> tuple[bool, Truth]:
        blank, over = super().late(deadline, row)
        parts = (deadline, getattr(deadline, "start", None))
        own = any(isinstance(part, Ref) and self.cell(part, [row]).unlisted for part in parts)
        return blank, None if own else over

    # ---- what stands above ------------------------------------------------------------------------------------------

    def counts_above(self, expr: Fallback, frames: list[Row]) -> bool:
        """Whether a row that says nothing would take the second, and the second is there above."""
        if not any(map(nobody_listed, frames)):
            return False
        saying_nothing = [self.emptied(frame) for frame in frames]
        return self.present(expr.first, saying_nothing) is False and self.stands(expr.second, frames) is True

    def emptied(self, row: Row) -> Row:
        """A row that nobody listed with nothing in it; another as it is."""
        if not nobody_listed(row):
            return row
        if id(row) not in self._emptied:
            parent = None if row.parent is None else self.emptied(row.parent)
            self._emptied[id(row)] = empty(self.policy, row.object, parent, unlisted=False)
        return self._emptied[id(row)]

    def stands(self, expr: Expr | DecRef, frames: list[Row]) -> Truth:
        """Whether it reads cells or lists, all of them there and above; None where it reads none."""
        match expr:
            case Ref():
                row = self.cell(expr, frames)
                return not nobody_listed(row) and self.present_cell(expr.name, row) is True
            case Filled(Ref() as read):
                row = self.cell(read, frames)
                return not nobody_listed(row) and read.name not in row.blank
            case Filled() | ParamRef():
                return None
            case TermRef(name, object_):
                return self.stands(self.folded.terms[name].body, [self.owner(object_, frames)])
            case DecIs() | DecHas() | DecRef() | AmountRef():
                return False if nobody_listed(self.owner(expr.object, frames)) else None
            case Agg() | Quant():
                return self.present(expr, frames) is True and not self.of_unlisted(expr, frames)
            case Fallback(first, second):
                either = {self.stands(first, frames), self.stands(second, frames)}
                return True if True in either else False if False in either else None
            case Choose():
                parts: tuple[Expr | DecRef, ...] = (expr.selector, *(body for _, body in expr.branches))
            case _:
                parts = operands(expr)
        every = {self.stands(part, frames) for part in parts}
        return False if False in every else True if True in every else None

    def of_unlisted(self, expr: Agg | Quant, frames: list[Row]) -> bool:
        """Whether a condition on rows reads anything of a row that nobody listed."""
        lines: set[str] = set()
        for frame in frames:
            row: Row | None = frame
            while row is not None and nobody_listed(row):
                lines.add(row.object)
                row = row.parent
        read = (
            node.object for node in walk(expr) if isinstance(node, Ref | TermRef | DecIs | DecHas | DecRef | AmountRef)
        )
        return any(object_ in lines for object_ in read)
