"""A circuit on paper: one node a line, so that a person can check it against what was written.

Why this exists: whoever doubts an engine looks here first: what each node reads, and the words of the source that it stands for.

Invariants: what is printed is a whole slice: every operand stands above what reads it; the same circuit prints the same.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import assert_never

from policyrules.engine.lowering.lowered import AmountOutput, DecisionOutput, FindingOutput, Lowered, roots
from policyrules.engine.lowering.nodes import (
    AllOf,
    AnyNode,
    AnyOf,
    Bit,
    BitOf,
    Call,
    Cell,
    Choice,
    Comes,
    ComesTo,
    Compare,
    Const,
    Counted,
    Defined,
    Enough,
    Exact,
    Extremum,
    Fixed,
    HasList,
    Holds,
    HoldsOther,
    HowMany,
    In,
    Linear,
    Meets,
    Neg,
    Num,
    NumOf,
    Over,
    Place,
    Read,
    RowCount,
    RowExtremum,
    RowSum,
    SameText,
    SizeOf,
    SomeRow,
    Space,
    Switch,
    Times,
    Told,
    reachable,
)
from policyrules.types import Value

_QUOTED = 30


def shown(lowered: Lowered, outputs: Iterable[str] | None = None) -> str:
    """The circuit of some outputs (by name; all where None), a node a line: its number, what it is, by numbers what it reads,
    and where what it stands for was written; then each output with the nodes that say how it stands."""
    names = None if outputs is None else frozenset(outputs)
    every: tuple[DecisionOutput | AmountOutput | FindingOutput, ...] = (
        *lowered.decisions,
        *lowered.amounts,
        *lowered.findings,
    )
    kept = [one for one in every if names is None or _name(one) in names]
    lines = [_line(lowered, node) for node in reachable(node for output in kept for node in roots(output))]
    lines += [line for output in kept for line in _output(output)]
    lines += [
        f"{one.declaration.name}：由定义判断（{one.why}）"
        for one in lowered.refused
        if names is None or one.declaration.name in names
    ]
    return "\n".join(lines) + "\n"


def _name(output: DecisionOutput | AmountOutput | FindingOutput) -> str:
    return output.declaration.name if isinstance(output, FindingOutput) else output.decision.name


def _output(output: DecisionOutput | AmountOutput | FindingOutput) -> Iterator[str]:
    yield f"{_name(output)} [{_place(output.place)}]"
    if isinstance(output, DecisionOutput):
        found = output.chosen
        yield f"  适用：一定 {found.applies.true.id}，可能 {found.applies.possible.id}"
        for value, truth in zip(output.decision.values, found.concluded, strict=True):
            yield f"  {value}：一定 {truth.true.id}，可能 {truth.possible.id}"
    if isinstance(output, AmountOutput):
        amount = output.value
        yield f"  从 {amount.low.id}（不限 {amount.open_low.id}）到 {amount.high.id}（不限 {amount.open_high.id}）"
    if isinstance(output, FindingOutput) and output.place.below:
        yield f"  没有列出 {output.exists.id}"
    for status, bit in (
        output.status.items() if not isinstance(output, DecisionOutput) else output.chosen.status.items()
    ):
        yield f"  {status} {bit.id}"


def _line(lowered: Lowered, node: AnyNode) -> str:
    line = f"{node.id:>5}  {_text(node)}"
    if node.space is not None and node.space.parent is not None:
        line += f" [{_space(node.space)}]"
    span = lowered.circuit.spans.get(node.id)
    if span is None or isinstance(node, Fixed):
        return line
    words = " ".join(span.source.text[span.start : span.end].split())
    quote = words if len(words) <= _QUOTED else words[:_QUOTED] + "…"
    return f"{line}  # {span.source.path}:{span.line} “{quote}”"


def _text(node: AnyNode) -> str:
    match node:
        case Fixed(value=value):
            return "真" if value else "假"
        case In(cell=cell, values=values, rest=rest):
            return f"{_cell(cell)} {'不' * rest}属于 {{{'、'.join(sorted(map(_value, values)))}}}"
        case Holds(cell=cell, item=item):
            return f"{_cell(cell)} 含 {item}"
        case HoldsOther(cell=cell, items=items):
            return f"{_cell(cell)} 含 {{{'、'.join(sorted(items))}}} 以外"
        case Meets(left=left, right=right):
            return f"{_cell(left)} 与 {_cell(right)} 有交集"
        case SameText(left=left, right=right):
            return f"{_cell(left)} 同 {_cell(right)}"
        case Compare(order=order, left=one, right=other):
            return f"{one.id} {order} {other.id}"
        case Neg(bit=bit):
            return f"非 {bit.id}"
        case AllOf(bits=bits):
            return f"都 {_ids(bits)}"
        case AnyOf(bits=bits):
            return f"任一 {_ids(bits)}"
        case Enough(count=count, bits=bits):
            return f"至少 {count} 个 {_ids(bits)}"
        case SomeRow(rows=rows, bit=bit):
            return f"有一行 {_space(rows)}：{bit.id}"
        case HasList(place=place, object=kind):
            return f"{_place(place)} 附了 {kind}"
        case Switch(name=name):
            return f"开关 {name}"
        case Defined(call=call):
            return f"有值 {call.id}"
        case BitOf(value=value, part=part) | NumOf(value=value, part=part):
            return f"{value.id} 的 {part}"
        case Const(value=value):
            return _exact(value)
        case Read(cell=cell):
            return _cell(cell)
        case Linear(constant=constant, terms=terms):
            return " + ".join(
                [*(f"{factor}×{number.id}" for factor, number in terms), *[f"{constant}"] * (constant != 0)]
            )
        case Times(left=one, right=other):
            return f"{one.id} × {other.id}"
        case Over(left=one, right=other):
            return f"{one.id} ÷ {other.id}"
        case Extremum(largest=largest, numbers=numbers):
            return f"{'最大' if largest else '最小'} {_ids(numbers)}"
        case Choice(bit=bit, yes=yes, no=no):
            return f"{bit.id} 则 {yes.id} 否则 {no.id}"
        case HowMany(bits=bits):
            return f"个数 {_ids(bits)}"
        case SizeOf(cell=cell):
            return f"{_cell(cell)} 的项数"
        case RowCount(rows=rows, bit=bit):
            return f"行数 {_space(rows)}：{bit.id}"
        case RowSum(rows=rows, bit=bit, number=number):
            return f"合计 {_space(rows)}：{bit.id} 的 {number.id}"
        case RowExtremum(largest=largest, rows=rows, bit=bit, number=number):
            return f"{'最大' if largest else '最小'} {_space(rows)}：{bit.id} 的 {number.id}"
        case Call(name=name, arguments=arguments, fixed=fixed):
            return f"{name}({', '.join([*(str(one.id) for one in arguments), *map(str, fixed)])})"
        case Counted(name=name, place=place):
            return f"统计 {name}（{_place(place)}）"
        case Comes(decision=decision, place=place, truths=truths):
            return f"{_place(place)} 的 {decision.name}：{_ids(truths)}"
        case ComesTo(value=value, items=items, negated=negated, sure=sure):
            asked = "、".join(sorted("无" if item is None else item for item in items))
            return f"{value.id} {'一定' if sure else '可能'}{'不' * negated}属于 {{{asked}}}"
        case Told(why=why):
            return f"由定义判断（{why}）"
        case _:
            assert_never(node)


def _ids(nodes: Iterable[Bit | Num]) -> str:
    return " ".join(str(node.id) for node in nodes)


def _value(value: Value | None) -> str:
    return "空" if value is None else {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)


def _exact(value: Exact) -> str:
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def _cell(cell: Cell) -> str:
    return f"{_place(cell.place)}.{cell.name}"


def _place(place: Place) -> str:
    return _space(place.space) + "↑" * place.up + "".join(f"·{kind}（没有列出）" for kind in place.below)


def _space(space: Space) -> str:
    found = space.object if space.parent is None else f"{_space(space.parent)}/{space.object}"
    return found if space.without is None else f"{found}（其他）"
