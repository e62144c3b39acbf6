"""Conditions that hold of every record, or of none, by what is declared of the fields they read.

Why this exists: 利用率 > 100% of a field that goes to 100%, or 市场效益 为 好 且 市场效益 为 差, is a slip that nothing else
notices: the rule is in force and never speaks. Nor does anything notice a rule whose 当 was forgotten.

Invariants: only what single cells may hold is reasoned about, exactly, one cell at a time; a condition that some readable
record meets and another fails is never reported. Presumed values keep to the same declarations, so they change nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from policyrules.diagnostics import Diagnostic
from policyrules.language.decision_tables import ROW_MARK
from policyrules.program import nodes as core
from policyrules.program.walk import Declaration, expressions, walk
from policyrules.source import Span
from policyrules.text import cut, one_line
from policyrules.types import Kind, Value, value_text

_Cell: TypeAlias = tuple[core.At, str, str]
_NEVER: Final = "不可能"
_MOST_PARTS: Final = 200
"""Of wider conditions than anybody writes only the single parts are looked at."""

_OPPOSITE: Final = {"<": "≥", "≤": ">", ">": "≤", "≥": "<", "=": "≠", "≠": "="}
_TURNED: Final = {"<": ">", "≤": "≥", ">": "<", "≥": "≤", "=": "=", "≠": "≠"}


@dataclass(frozen=True, slots=True)
class _Atom:
    """What one part says of one cell: it lies ``sign`` of ``value``, or is (not) one of ``values``."""

    cell: _Cell
    field: core.Field
    span: Span
    sign: str = ""
    value: Any = None
    values: frozenset[Any] = frozenset()
    inside: bool = True

    def opposite(self, span: Span | None = None) -> _Atom:
        """What its 非 says, written at ``span``."""
        sign = _OPPOSITE.get(self.sign, "")
        return replace(self, span=span or self.span, sign=sign, inside=not self.inside)


@dataclass(slots=True)
class _Range:
    """What a cell may still hold: between two ends, each included or not, or one of ``left``."""

    low: Any
    high: Any
    low_open: bool = False
    high_open: bool = False
    left: set[Any] | None = None
    without: set[Any] = field(default_factory=set)

    def narrow(self, atom: _Atom) -> None:
        """Leave what the atom admits."""
        if not atom.sign:
            if self.left is not None:
                self.left = self.left & atom.values if atom.inside else self.left - atom.values
            return
        if atom.sign in ("≥", ">", "=") and (self.low is None or atom.value >= self.low):
            self.low_open = atom.sign == ">" or (self.low == atom.value and self.low_open)
            self.low = atom.value
        if atom.sign in ("≤", "<", "=") and (self.high is None or atom.value <= self.high):
            self.high_open = atom.sign == "<" or (self.high == atom.value and self.high_open)
            self.high = atom.value
        if atom.sign == "=" and not self.low == self.high == atom.value:
            # Outside of what was left.
            self.left = set()
        if atom.sign == "≠":
            self.without.add(atom.value)

    @property
    def empty(self) -> bool:
        """Whether nothing is left."""
        if self.left is not None and not self.left:
            return True
        if self.low is None or self.high is None:
            return False
        if self.low > self.high or (self.low == self.high and (self.low_open or self.high_open)):
            return True
        return bool(self.low == self.high and self.low in self.without)


def truisms(program: core.Program) -> Iterator[Diagnostic]:
    """A warning for every such condition, each at its words."""
    tables: tuple[Iterable[Declaration], ...] = (
        program.terms.values(),
        program.statistics.values(),
        program.presumptions.values(),
        program.rules.values(),
        program.decisions.values(),
        program.duties.values(),
        program.notices.values(),
    )
    for declaration in (declaration for table in tables for declaration in table):
        if isinstance(declaration, core.Rule) and ROW_MARK in declaration.name:
            # A tier may end where its input does, and the rest of a table may be empty: only what no record meets is a slip.
            base = () if declaration.when.base is None else _of_condition(declaration.when.base)
            yield from (found for found in base if _NEVER in found.message)
            continue
        if isinstance(declaration, core.Rule) and (found := _unconditional(declaration, program)) is not None:
            yield found
        for root in expressions(declaration):
            yield from _of_condition(root)


def _unconditional(rule: core.Rule, program: core.Program) -> Diagnostic | None:
    """Of a decision with one result, a rule without any condition leaves nothing to decide; measures and amounts may be for
    everybody."""
    decision = program.decisions[rule.decision]
    single = decision.mode in ("单选", "由宽到严")
    if not single or rule.supplement or rule.when.base is not None or rule.when.amendments:
        return None
    said = f"“规则 {rule.name}”没有写“当”，总是成立：只要问到{decision.name}，就得出{rule.values[0]}"
    remedy = f"写上条件；别的规则都不成立时才这样，就在“决定 {decision.name}”里写“默认 {rule.values[0]}”"
    return Diagnostic("W215", said, rule.when.origin.span, "warning", remedy)


def _of_condition(root: core.Expr) -> Iterator[Diagnostic]:
    settled: set[int] = set()
    for node in walk(root):
        if id(node) in settled:
            continue
        match node:
            case core.All(operands=parts) | core.Any(operands=parts) if len(parts) <= _MOST_PARTS:
                every = isinstance(node, core.All)
                found = _joined([_atom(part) for part in _flat(parts, type(node))], every)
                if found is not None:
                    yield found
                    settled.update(id(part) for part in walk(node))
            case core.Not():
                pass
            case _:
                atom = _atom(node)
                if atom is not None:
                    yield from _alone(atom)


def _flat(parts: Iterable[core.Expr], kind: type[core.Expr]) -> Iterator[core.Expr]:
    for part in parts:
        if isinstance(part, core.All | core.Any) and isinstance(part, kind):
            yield from _flat(part.operands, kind)
        else:
            yield part


def _alone(atom: _Atom) -> Iterator[Diagnostic]:
    if _never(atom):
        yield _said(atom, [atom], "不可能成立")
    elif _never(atom.opposite()):
        yield _said(atom, [atom], "总是成立")


def _never(atom: _Atom) -> bool:
    """Whether no value of the cell is what one part says."""
    values = atom.field.type.values
    if not atom.sign and values is not None:
        # Only declared values are named, so that counting them is enough.
        return not atom.values if atom.inside else len(atom.values) == len(values)
    return _declared(atom.field, [atom]).empty


def _joined(atoms: list[_Atom | None], every: bool) -> Diagnostic | None:
    """What several parts say of one cell together, where no part says it alone."""
    cells: dict[_Cell, list[_Atom]] = {}
    for atom in atoms:
        if atom is not None:
            cells.setdefault(atom.cell, []).append(atom)
    for group in cells.values():
        # 或 always holds where the opposites of its parts cannot hold together.
        met = [atom if every else atom.opposite() for atom in group]
        if len(group) < 2 or any(map(_never, met)):
            continue
        if _declared(group[0].field, met).empty:
            return _said(group[-1], group, "不可能同时成立" if every else "总有一个成立")
    return None


def _declared(declared: core.Field, atoms: Iterable[_Atom]) -> _Range:
    """What a cell may hold by its declaration and the atoms."""
    kind = declared.type.kind
    left: set[Any] | None = {True, False} if kind is Kind.BOOL else None
    if kind is Kind.ENUM and declared.type.values is not None:
        left = set(declared.type.values)
    found = _Range(declared.low, declared.high, left=left)
    for atom in atoms:
        found.narrow(atom)
    return found


def _atom(node: core.Expr) -> _Atom | None:
    """What a part says of one cell; None where it says something else."""
    match node:
        case core.Not(operand=operand):
            inner = _atom(operand)
            return None if inner is None else inner.opposite(node.span)
        case core.FieldValue(at=at, field=read, span=span) if read.type.kind is Kind.BOOL:
            return _Atom((at, read.object, read.name), read, span, values=frozenset({True}))
        case core.Member(left=core.FieldValue(at=at, field=read), right=core.Literals(items, False), span=span):
            if read.type.kind in (Kind.BOOL, Kind.ENUM):
                cell = (at, read.object, read.name)
                return _Atom(cell, read, span, values=frozenset(items), inside=not node.negated)
            if len(items) == 1 and isinstance(items[0], (int, datetime.date)) and read.type.kind is not Kind.TEXT:
                sign = "≠" if node.negated else "="
                return _Atom((at, read.object, read.name), read, span, sign, items[0])
            return None
        case core.Apply(operator=operator, operands=(first, second), span=span) if operator.words in _OPPOSITE:
            sign = operator.words
            if isinstance(first, core.Constant):
                first, second, sign = second, first, _TURNED[sign]
            if not (isinstance(first, core.FieldValue) and isinstance(second, core.Constant)):
                return None
            return _compared(first, sign, second.value, span)
        case _:
            return None


def _compared(read: core.FieldValue, sign: str, value: Value, span: Span) -> _Atom | None:
    cell = (read.at, read.field.object, read.field.name)
    if read.type.kind is Kind.ENUM or isinstance(value, (str, bool, frozenset)):
        return None
    return _Atom(cell, read.field, span, sign, value)


def _said(at: _Atom, atoms: list[_Atom], what: str) -> Diagnostic:
    words = list(dict.fromkeys(cut(one_line(atom.span.words), 60) for atom in atoms))
    if len(words) == 1 and len(atoms) > 1:
        # 介于 is two comparisons.
        what = what.replace("同时", "")
    message = f"“{'”和“'.join(words[:3])}”{what}"
    declared = _range_of(at.field)
    message += f"：{at.field.name}的取值是{declared}" if declared and len(atoms) == 1 else ""
    remedy = "核对这个条件，或字段声明的取值"
    if len(atoms) > 1:
        remedy = "核对这几个条件；满足一个就行的写“或”，都要满足的写“且”"
    return Diagnostic("W215", message, at.span, "warning", remedy)


def _range_of(declared: core.Field) -> str:
    if declared.type.values is not None:
        return cut("、".join(declared.type.values), 60)
    low, high = (None if end is None else value_text(end, declared.type) for end in (declared.low, declared.high))
    if low is None or high is None:
        return "" if low is None and high is None else f"{low} 以上" if low is not None else f"不超过 {high}"
    return f"{low} 至 {high}"
