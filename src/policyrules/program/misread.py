"""What loads and may have been meant otherwise: 应当 验收日 已填 至 2025年12月31日 止, 任一满足（甲 且 乙）, 不得 用途 含 甲、乙.

Why this exists: `至 … 止` behind a condition is when the provision is in force, and reads like a day by which something is done;
a group with one item holds where that item does, whatever its head says; of what is forbidden or excepted 含 甲、乙 takes both at
once. Nothing is wrong with the text, so nothing refuses it.

Invariants: a warning at the words themselves, of declarations that could be read; a text that is laid out as `fmt` does it has the first
of them never. Work is bounded by the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import expressions as surface
from policyrules.language import nodes
from policyrules.language.keywords import CONDITIONS
from policyrules.language.walk import children, expressions, walk
from policyrules.program.layers import Layer
from policyrules.text import cut, one_line


def misread(layer: Layer) -> Iterator[Diagnostic]:
    """A warning for each such place of a layer's files."""
    for file in layer.parsed:
        for kind in (one for one in file.declarations if isinstance(one, nodes.ObjectDecl)):
            for declared in kind.fields:
                yield from _several_in_one(declared.written)
        yield from filter(None, (_before_its_layer(layer, declaration) for declaration in file.declarations))
        for written in (*(one.written for one in file.declarations), *file.edits):
            yield from _in_force_behind_conditions(written)
            yield from _several_in_one(written)
            for root in expressions(written.clauses):
                yield from map(_of_one, filter(_is_of_one, walk(root)))
            for clause in written.clauses:
                if clause.keyword.text in _FORBIDDING:
                    for condition in expressions((clause,)):
                        yield from _all_of_them(condition, clause.keyword.text)


def _before_its_layer(layer: Layer, declaration: nodes.Declaration) -> Diagnostic | None:
    """至 2024年12月31日 止 in a document in force from 2025 on: never in force."""
    common, manifest = declaration.common, layer.files.manifest
    until, since = common.until, common.since
    ended = until is not None and until < manifest.in_force_from
    late = since is not None and manifest.in_force_until is not None and since > manifest.in_force_until
    if not ended and not late:
        return None
    word = "至" if ended else "自"
    clause = next((one for one in declaration.written.clauses if one.keyword.text == word), None)
    day = manifest.in_force_from if ended else manifest.in_force_until
    about = f"{'自' if ended else '到'} {day} {'起才施行' if ended else '为止'}"
    message = f"这一条从来没有有效过：《{manifest.title}》{about}"
    remedy = "说的是某个日子的，写成“当”里的比较，或“期限”；日期写错了，改日期"
    return Diagnostic("W247", message, declaration.span if clause is None else clause.span, "warning", remedy)


def _in_force_behind_conditions(written: nodes.Written) -> Iterator[Diagnostic]:
    condition: nodes.Clause | None = None
    for before, clause in pairwise(written.clauses):
        word = clause.keyword.text
        if word not in ("自", "至"):
            continue
        if before.keyword.text not in ("自", "至"):
            condition = before if before.keyword.text in CONDITIONS else None
        if condition is None or "\n" in clause.span.source.text[condition.span.end : clause.span.start]:
            continue
        words = one_line(clause.span.text)
        message = f"“{words}”写在“{condition.keyword.text}”这一行里，说的是这一条的有效期，不是条件"
        day = words[1:-1].strip()
        remedy = f"是有效期的，另起一行写；说的是某个日子的，写成比较，如 {'≥' if word == '自' else '≤'} {day}；做到为止的，写“期限 {day}”"
        yield Diagnostic("W239", message, clause.span, "warning", remedy)


_FORBIDDING: Final = ("不得", "还不得", "除外")


def _all_of_them(condition: surface.Expr, word: str) -> Iterator[Diagnostic]:
    """不得 用途 含 还债、发奖金: only who does both breaks it."""
    left: list[surface.Expr] = [condition]
    while left:
        node = left.pop()
        match node:
            case surface.Has(left=subject, values=values, negated=False) if len(values) > 1:
                text, name = one_line(node.span.text), one_line(subject.span.text)
                said = [one_line(value.span.text) for value in values]
                comes = "除外" if word == "除外" else "算违反"
                message = f"“{cut(text, 60)}”写在“{word}”里：这 {len(said)} 样同时都有的才{comes}，缺一样的不{comes}"
                each = " 且 ".join(f"{name} 含 {value}" for value in said)
                remedy = f"有一样就算的，写成“{name} 含任一 {{ {'、'.join(said)} }}”；都有才算的，写“（{each}）”"
                yield Diagnostic("W241", message, node.span, "warning", remedy)
            case surface.Not():
                pass
            case _:
                left.extend(reversed(children(node)))


def _several_in_one(written: nodes.Written) -> Iterator[Diagnostic]:
    """含任一 { “还债、发奖金” }: one value, which no cell of several holds. Of one value people may call it so, unless it is all that
    is listed."""
    for listed, several in _listed(written):
        for value in listed:
            if not isinstance(value, surface.Text) or not (several or len(listed) == 1):
                continue
            parts = [part.strip() for part in _BETWEEN.split(value.text)]
            if len(parts) < 2 or not all(parts):
                continue
            said = "、".join(f"“{part}”" for part in parts)
            message = f"引号里写了 {len(parts)} 样，只算一个值“{cut(value.text, 40)}”"
            remedy = f"几个值各用各的引号，写成 {said}；就是一个值的，中间不写“、”"
            yield Diagnostic("W246", message, value.span, "warning", remedy)


def _listed(written: nodes.Written) -> Iterator[tuple[Sequence[object], bool]]:
    """The values that a declaration lists, and whether a cell holds several of them."""
    for clause in written.clauses:
        if isinstance(clause.body, nodes.TypeExpr):
            yield clause.body.values or (), clause.body.kind == "多选"
        elif isinstance(clause.body, surface.SetLiteral):
            yield clause.body.items, False
    for root in expressions(written.clauses):
        for node in walk(root):
            match node:
                case surface.Has(values=values):
                    yield values, True
                case (
                    surface.HasAny(right=surface.SetLiteral(items=items))
                    | surface.HasOnly(right=surface.SetLiteral(items=items))
                ):
                    yield items, True
                case surface.In(right=surface.SetLiteral(items=items)):
                    yield items, False
                case _:
                    pass


_BETWEEN: Final = re.compile("[、；;]|(?<![0-9])[，,]|[，,](?![0-9])")
"""What stands between several; 1,000 元 is one."""


def _is_of_one(node: surface.Expr) -> bool:
    """Whether a group has one item, whose parts are joined against its head."""
    match node:
        case (
            surface.And(operands=(surface.Or(grouped=False),), grouped=True)
            | surface.Or(operands=(surface.And(grouped=False),), grouped=True)
            | surface.AtLeast(count=1, operands=(surface.And(grouped=False),))
        ):
            return True
        case _:
            return False


def _of_one(node: surface.Expr) -> Diagnostic:
    every = isinstance(node, surface.And)
    text, joiner = one_line(node.span.text), "或" if every else "且"
    head = "同时满足" if every else "任一满足" if isinstance(node, surface.Or) else "至少 1 项"
    message = f"“{cut(text, 60)}”里只有一项，这一项用“{joiner}”连着，“{head}”不起作用"
    meant = "几项都要的" if every else "几项里有一项就行的"
    return Diagnostic("W240", message, node.span, "warning", f"{meant}，各项之间写“；”；就是“{joiner}”的，删去“{head}”")
