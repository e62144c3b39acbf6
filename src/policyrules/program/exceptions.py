"""Exceptions that take out more than was meant: a 除外 on the set that a prohibition tests.

Why this exists: 除外 用途 含 甲 takes the whole row out, also where the row holds other things that are forbidden. Where 不得
tests the same set for its values, form tells that one value was probably meant.

Invariant: a warning, never a refusal; what is written keeps its meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policyrules.diagnostics import Diagnostic
from policyrules.program import nodes as core
from policyrules.program.amended import condition_of
from policyrules.program.walk import walk
from policyrules.text import cut, one_line


def whole_rows(ban: core.Duty, lists: Mapping[str, core.ValueList]) -> Iterator[Diagnostic]:
    """A warning for each 除外 of a prohibition that names values which the prohibition forbids one by one."""
    forbidden = [node for node in walk(condition_of(ban.demand)) if isinstance(node, core.Overlaps)]
    for amendment in ban.when.amendments:
        if amendment.operation != "除外" or amendment.origin != ban.when.origin:
            # What a lower layer takes out it takes out whole: it cannot rewrite 不得.
            continue
        named = _named(amendment.body)
        for test in forbidden if named is not None else ():
            assert named is not None
            if test.left == named[0] and any(_may_hold(test.right, value, lists) for value in named[1]):
                values = "、".join(str(value) for value in named[1])
                set_ = one_line(test.left.span.text)
                whole = cut(one_line(test.span.text), 80)
                item = whole.replace(set_, f"{set_} 除去 {{ {values} }}", 1)
                message = f"除外使整行都不受“{ban.name}”约束：{set_} 里还有别的也不管了"
                remedy = f"只除去这一项的，删去除外，写成 不得 {item}；整行都不管的，写进“当”：当 非（{one_line(amendment.body.span.text)}）"
                yield Diagnostic("W228", message, amendment.body.span, "warning", remedy)
                break


def _named(body: core.Expr) -> tuple[core.FieldValue, tuple[object, ...]] | None:
    """The set and the values of it that an exception names, where it does nothing else."""
    match body:
        case core.Contains(left=core.FieldValue() as left, values=values, negated=False):
            return left, values
        case core.Overlaps(left=core.FieldValue() as left, right=core.Literals(items, False)):
            return left, items
        case _:
            return None


def _may_hold(right: core.ValueSet | core.Expr, value: object, lists: Mapping[str, core.ValueList]) -> bool:
    """Whether what is forbidden names the value, or may mean it."""
    if isinstance(right, core.ListRef):
        listed = lists.get(right.name)
        if listed is None:
            return False
        right = core.Literals(listed.items, listed.open, listed.without)
    return isinstance(right, core.Literals) and (value in right.items or (right.open and value not in right.without))
