"""Conditions that hold of every record, or of none, by what is declared of the fields they read.

Why this exists: 利用率 > 100% of a field that goes to 100%, or 市场效益 为 好 且 市场效益 为 差, is a slip that nothing else
notices: the rule is in force and never speaks. Nor does anything notice a rule whose 当 was forgotten.

Invariants: only what single cells may hold, how two values compare, and whether a cell is filled are reasoned about, exactly,
one of them at a time; a condition that some readable record meets and another fails is never reported. Presumed values keep to
the same declarations, so they change nothing. What may be void (a number that does not exist), and what a decision comes to,
is told to be impossible at most: where it is void, a comparison and its opposite both fail.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, islice, pairwise
from typing import Any, Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import spoken
from policyrules.language.table_cells import ROW_MARK
from policyrules.operators import SET_SIZE, YEAR_OF
from policyrules.program import nodes as core
from policyrules.program.ranges import Ranges, constant
from policyrules.program.walk import Declaration, expressions, walk
from policyrules.source import Span
from policyrules.text import cut, one_line
from policyrules.types import ORDERED, Kind, value_text

_NEVER: Final = "不可能"
_MOST_PARTS: Final = 200
"""Of wider conditions than anybody writes only the single parts are looked at."""
_MOST_PAIRED: Final = 20
_DEEPEST: Final = 8
"""How many terms are looked into, one in the other."""
_MOST_HANDED: Final = 200_000
"""What terms say, seen from where they are read, all together: of a program with more only what conditions say themselves is looked at
from there on."""

_OPPOSITE: Final = {"<": "≥", "≤": ">", ">": "≤", "≥": "<", "=": "≠", "≠": "="}
_TURNED: Final = {"<": ">", "≤": "≥", ">": "<", "≥": "≤", "=": "=", "≠": "≠"}


@dataclass(frozen=True, slots=True)
class _Cell:
    """What may hold one value or another: a field, a count, whether a field is filled, how much more one value is than another.

    ``low``, ``high``, ``left``: what it may hold at all; ``total``: whether what is said of it fails only where the opposite
    holds; ``field``: where it is one."""

    mark: Hashable
    low: Any = None
    high: Any = None
    left: frozenset[Any] | None = None
    total: bool = True
    field: core.Field | None = None


@dataclass(frozen=True, slots=True)
class _Atom:
    """What one part says of one cell: it lies ``sign`` of ``value``, or is (not) one of ``values``."""

    cell: _Cell
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
            elif atom.inside:
                # Of texts anything may be written, until one is named.
                self.left = set(atom.values - self.without)
            else:
                self.without |= atom.values
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


@dataclass(slots=True)
class _Known:
    """A program, and what its terms say, each worked out once."""

    program: core.Program
    terms: dict[tuple[str, bool], tuple[_Atom, ...]] = field(default_factory=dict)
    deep: int = 0
    left: int = field(default_factory=lambda: _MOST_HANDED)
    ranges: Ranges = field(init=False)

    def __post_init__(self) -> None:
        self.ranges = Ranges(self.program.terms, self.program.parameters)

    def says(self, name: str, truth: bool) -> tuple[_Atom, ...]:
        """What surely holds where a term is true (not ``truth``: false), seen from where it is declared."""
        term = self.program.terms.get(name)
        if term is None or self.deep >= _DEEPEST:
            return ()
        if (name, truth) not in self.terms:
            self.deep += 1
            self.terms[name, truth] = tuple(islice(_said_by(term.body, truth, self), _MOST_PARTS))
            self.deep -= 1
        return self.terms[name, truth]


def truisms(program: core.Program, like: core.Program | None = None) -> Iterator[Diagnostic]:
    """A warning for every such condition, each at its words. ``like``: a program without any that has the same terms and decisions;
    what they share is not looked at again."""
    known = _Known(program)
    settled = {id(declaration) for declaration in (() if like is None else _declarations(like))}
    for declaration in _declarations(program):
        # How far a chain of terms is looked into depends on which of them came first.
        if id(declaration) in settled and not isinstance(declaration, core.Term):
            continue
        if isinstance(declaration, core.Rule) and ROW_MARK in declaration.name:
            # A tier may end where its input does, and the rest of a table may be empty: only what no record meets is a slip.
            base = () if declaration.when.base is None else _of_condition(declaration.when.base, known)
            yield from (found for found in base if _NEVER in found.message)
            continue
        if isinstance(declaration, core.Rule) and (found := _unconditional(declaration, program)) is not None:
            yield found
        if isinstance(declaration, core.Duty) and (found := _vacuous(declaration, known)) is not None:
            yield found
        for root in expressions(declaration):
            yield from _of_condition(root, known)


def _declarations(program: core.Program) -> Iterator[Declaration]:
    tables: tuple[Iterable[Declaration], ...] = (
        program.terms.values(),
        program.statistics.values(),
        program.presumptions.values(),
        program.rules.values(),
        program.decisions.values(),
        program.duties.values(),
        program.notices.values(),
    )
    return (declaration for table in tables for declaration in table)


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


def _of_condition(root: core.Expr, known: _Known) -> Iterator[Diagnostic]:
    settled: set[int] = set()
    for node in walk(root):
        if id(node) in settled:
            continue
        match node:
            case core.All(operands=parts) | core.Any(operands=parts) if len(parts) <= _MOST_PARTS:
                every = isinstance(node, core.All)
                told = [[] if _excepted(part, parts) else list(_said_by(part, every, known)) for part in parts]
                found = _joined(told, every) or (_forked(parts, told, known) if every else None)
                for two in _ranges(parts):
                    # 介于 holds always where both of its ends do: one alone says nothing of it.
                    settled.update(map(id, two))
                    found = found or _both([atom for part in two for atom in _said_by(part, True, known)])
            case core.AtLeast(count=count, operands=parts, span=span):
                found = _too_many([list(_said_by(part, True, known)) for part in parts], count, span)
            case core.Not():
                continue
            case core.Apply(operator=operator, operands=(first, second), span=span) if (
                operator.words in _OPPOSITE and None not in (both := (constant(first), constant(second)))
            ):
                found = _of_constants(operator.words, *both, span)
            case core.Member(
                left=core.FieldValue(field=read) as left, right=core.Literals(items, False), negated=False
            ) if len(items) > 1 and read.type.kind is Kind.YEAR:
                each = [_Atom(_cell(left), node.span, "=", item) for item in items]
                found = next((_told(atom, [atom], "里有不可能的值") for atom in each if _never(atom)), None)
            case _:
                # A term by its name says what it says where it is declared.
                atoms = [] if isinstance(node, core.TermValue) else list(_said_by(node, True, known))
                found = _alone(atoms[0]) if len(atoms) == 1 else None
        if found is not None:
            yield found
            settled.update(id(part) for part in walk(node))


def _ranges(parts: Sequence[core.Expr]) -> Iterator[tuple[core.Expr, core.Expr]]:
    """The two comparisons that each 介于 among parts became: one place of the text said both."""
    for one, other in pairwise(parts):
        if isinstance(one, core.Apply) and isinstance(other, core.Apply) and one.span == other.span:
            yield one, other


def _both(atoms: Sequence[_Atom]) -> Diagnostic | None:
    """What a range says: it is impossible where one of its ends is, and holds always where both do."""
    never = next((atom for atom in atoms if _never(atom)), None)
    if never is not None:
        return _told(never, [never], "不可能成立")
    always = len(atoms) == 2 and all(atom.cell.total and _never(atom.opposite()) for atom in atoms)
    return _told(atoms[0], [atoms[0]], "总是成立") if always else None


def _excepted(part: core.Expr, parts: Sequence[core.Expr]) -> bool:
    """Whether a lower layer took cases out of what an upper one wrote: it may take out all of them."""
    return isinstance(part, core.Not) and part.span.source.layer != parts[0].span.source.layer


def _alone(atom: _Atom) -> Diagnostic | None:
    if _never(atom):
        return _told(atom, [atom], "不可能成立")
    return _told(atom, [atom], "总是成立") if atom.cell.total and _never(atom.opposite()) else None


def _never(atom: _Atom) -> bool:
    """Whether no value of the cell is what one part says."""
    return _left([atom]).empty


def _joined(parts: Sequence[list[_Atom]], every: bool) -> Diagnostic | None:
    """What several parts say of one cell together, where no part says it alone; of 或, what their opposites say."""
    cells: dict[_Cell, list[tuple[int, _Atom]]] = {}
    for number, part in enumerate(parts):
        for atom in part:
            cells.setdefault(atom.cell, []).append((number, atom))
    for group in cells.values():
        own = [[atom for number, atom in group if number == each] for each in dict.fromkeys(n for n, _ in group)]
        # 或 always holds where the opposites of its parts cannot hold together.
        if len(own) > 1 and not any(_left(part).empty for part in own) and _left(atom for _, atom in group).empty:
            atoms = [atom for _, atom in group]
            return _told(atoms[-1], atoms, "不可能同时成立" if every else "总有一个成立")
    return None


def _forked(parts: Sequence[core.Expr], told: Sequence[list[_Atom]], known: _Known) -> Diagnostic | None:
    """A part of 且 that is an 或 of which each one is impossible beside the other parts."""
    for at, part in enumerate(parts if len(parts) <= _MOST_PAIRED else ()):
        if not isinstance(part, core.Any) or len(part.operands) > _MOST_PAIRED:
            continue
        beside = [*told[:at], *told[at + 1 :]]
        each = [_joined([*beside, list(_said_by(one, True, known))], True) for one in part.operands]
        if each and None not in each:
            words = cut(one_line(part.span.words), 60)
            said = f"“{words}”里的每一项都不可能和另外的条件同时成立"
            return Diagnostic(
                "W215", said, part.span, "warning", "核对这几个条件；满足一个就行的写“或”，都要满足的写“且”"
            )
    return None


def _vacuous(duty: core.Duty, known: _Known) -> Diagnostic | None:
    """A duty that is kept, or a prohibition that is not broken, wherever it applies: what it asks for is what it begins with."""
    when, demand = duty.when, duty.demand
    if when.base is None or demand.base is None or when.amendments or demand.amendments:
        return None
    if (
        _joined([list(_said_by(when.base, True, known)), list(_said_by(demand.base, duty.prohibition, known))], True)
        is None
    ):
        return None
    kind, word, outcome = ("禁令", "不得", "不可能") if duty.prohibition else ("义务", "应当", "总是")
    first, second = (cut(one_line(one.span.words), 60) for one in (when.base, demand.base))
    said = f"“{kind} {duty.name}”查不出违反：“当”里的“{first}”成立时，“{word}”后面的“{second}”{outcome}成立"
    return Diagnostic("W215", said, demand.base.span, "warning", f"核对“当”和“{word}”两处的条件")


def _too_many(parts: Sequence[list[_Atom]], count: int, span: Span) -> Diagnostic | None:
    """至少 k 项 of which all are asked for and cannot hold together, or of which no two can."""
    if count == len(parts):
        return _joined(parts, True)
    if count < 2 or len(parts) > _MOST_PAIRED:
        return None
    if any(_joined(pair, True) is None for pair in combinations(parts, 2)):
        return None
    said = f"“{cut(one_line(span.words), 60)}”不可能成立：这 {len(parts)} 项里没有两项能同时成立"
    return Diagnostic("W215", said, span, "warning", "核对这几个条件；满足一个就行的写“或”")


def _of_constants(sign: str, first: Any, second: Any, span: Span) -> Diagnostic | None:
    """Two numbers that are written out, compared with each other."""
    holds = not _left([_Atom(_Cell(None, first, first), span, sign, second)]).empty
    said = f"“{cut(one_line(span.words), 60)}”{'总是成立' if holds else '不可能成立'}：两边都是写定的数"
    return Diagnostic("W215", said, span, "warning", "把一边写成字段、术语或参数的名称")


def _left(atoms: Iterable[_Atom]) -> _Range:
    """What one cell may hold by what it is and by the atoms, one at least."""
    found: _Range | None = None
    for atom in atoms:
        cell = atom.cell
        found = found or _Range(cell.low, cell.high, left=None if cell.left is None else set(cell.left))
        found.narrow(atom)
    assert found is not None
    return found


# ---- what a part says ------------------------------------------------------------------------------------------------


def _said_by(node: core.Expr, truth: bool, known: _Known) -> Iterator[_Atom]:
    """What surely holds where ``node`` is true (not ``truth``: where it is false)."""
    match node:
        case core.Not(operand=operand, span=span):
            for atom in _said_by(operand, not truth, known):
                yield replace(atom, span=span)
        case core.All(operands=operands) | core.Any(operands=operands):
            if isinstance(node, core.All) == truth and len(operands) <= _MOST_PARTS:
                for operand in operands:
                    yield from _said_by(operand, truth, known)
        case core.Contains(left=core.FieldValue(at=at, field=read), values=values, negated=negated, span=span):
            # Not to hold all of several is to lack one, nobody knows which; not to lack all, the same.
            for value in values if truth or len(values) == 1 else ():
                cell = _Cell((at, read.object, read.name, "含", value), left=_EITHER)
                yield _Atom(cell, span, values=frozenset({True}), inside=truth != negated)
        case core.TermValue(at=at, name=name, type=type_, span=span) if type_.kind is Kind.BOOL:
            for atom in known.says(name, truth):
                if known.left == 0:
                    return
                known.left -= 1
                mark = _seen_from(atom.cell.mark, at)
                if mark is not None:
                    cell = atom.cell if mark == atom.cell.mark else replace(atom.cell, mark=mark)
                    yield _Atom(cell, span, atom.sign, atom.value, atom.values, atom.inside)
        case _:
            atom_ = _atom(node, known)
            if atom_ is not None and (truth or atom_.cell.total):
                yield atom_ if truth else atom_.opposite()


def _seen_from(mark: Hashable, at: core.At) -> Hashable | None:
    """The mark of a cell that a term reads, seen from where the term is read ``at``; None where that cannot be said."""
    match mark:
        case (core.At(frame=0, up=up), *rest):
            return (core.At(at.frame, at.up + up), *rest)
        case ("双", first, second):
            both = _seen_from(first, at), _seen_from(second, at)
            return None if None in both else ("双", *both)
        case (str(), *_):
            return mark
        case _:
            return None


def _atom(node: core.Expr, known: _Known) -> _Atom | None:
    """What a single test says of one cell; None where it says something else."""
    match node:
        case core.FieldValue(span=span) if node.type.kind is Kind.BOOL:
            return _Atom(_cell(node), span, values=frozenset({True}))
        case core.Filled(at=at, field=read, negated=negated, span=span):
            # Filled in or not is how people write that it does not matter.
            cell = _Cell((at, read.object, read.name, "已填"), left=_EITHER, total=False)
            return _Atom(cell, span, values=frozenset({True}), inside=not negated)
        case core.DecisionIs(at=at, decision=name, items=items, negated=negated, span=span):
            decided = known.program.decisions.get(name)
            values: frozenset[Any] | None = None if decided is None else frozenset({*decided.values, None})
            return _Atom(
                _Cell((at, name, "决定"), left=values, total=False), span, values=frozenset(items), inside=not negated
            )
        case core.Member(left=core.FieldValue(field=read) as left, right=core.Literals(items, False), span=span):
            if read.type.kind in (Kind.BOOL, Kind.ENUM, Kind.TEXT):
                return _Atom(_cell(left), span, values=frozenset(items), inside=not node.negated)
            if len(items) == 1 and isinstance(items[0], (int, datetime.date)):
                return _Atom(_cell(left), span, "≠" if node.negated else "=", items[0])
            return None
        case core.Apply(operator=operator, operands=(first, second), span=span) if operator.words in _OPPOSITE:
            return _compared(first, operator.words, second, known, span)
        case _:
            return None


_EITHER: Final = frozenset({True, False})
_YEARS: Final = (1000, 9999)


def _cell(read: core.FieldValue) -> _Cell:
    declared = read.field
    left: frozenset[Any] | None = None
    if declared.type.kind is Kind.BOOL:
        left = _EITHER
    elif declared.type.kind is Kind.ENUM and declared.type.values is not None:
        left = frozenset(declared.type.values)
    low, high = declared.low, declared.high
    if declared.type.kind is Kind.YEAR:
        # What readers of records take for a year.
        low, high = low or _YEARS[0], high or _YEARS[1]
    return _Cell((read.at, declared.object, declared.name), low, high, left, field=declared)


def _measured(node: core.Expr, known: _Known) -> _Cell | None:
    """The cell that a number or a day is read from."""
    match node:
        case core.FieldValue():
            return _cell(node) if node.type.kind in ORDERED else None
        case core.AsOf():
            return _Cell(("评估日",))
        case core.AsOfYear(back=back):
            return _Cell(("年", back), None, _YEARS[1])
        case core.ParameterValue(name=name):
            return _Cell(("参数", name), *known.ranges.reach(node))
        case core.StatisticValue(name=name, at=at):
            statistic = known.program.statistics.get(name)
            counted = statistic is not None and statistic.kind in ("计数", "种数")
            low = None
            if statistic is not None and statistic.kind == "合计" and statistic.value is not None:
                least = known.ranges.reach(statistic.value)[0]
                low = 0 if least is not None and least >= 0 else None
            return _Cell((at, name, "统计") if at is not None else ("统计", name), 0 if counted else low, total=counted)
        case core.TermValue(at=at, name=name):
            return _Cell((at, name, "术语"), *known.ranges.reach(node), total=False)
        case core.AmountValue(at=at, name=name):
            return _Cell((at, name, "数额"), total=False)
        case core.Aggregate(kind="计数"):
            return _Cell(node, 0)
        case core.Aggregate(kind=kind, value=value):
            return _Cell(
                node, *known.ranges.reach(node), total=kind == "合计" and value is not None and _total(value, known)
            )
        case core.Sum() | core.Product() | core.Extreme() if node.type.kind is not Kind.DATE:
            ends = known.ranges.reach(node)
            return None if ends == (None, None) else _Cell(node, *ends, total=_total(node, known))
        case core.Apply(operator=operator, operands=(core.FieldValue(at=at, field=read),)) if operator is YEAR_OF:
            return _Cell((at, read.object, read.name, "年份"), 1, _YEARS[1])
        case core.Apply(operator=operator, operands=(core.FieldValue(at=at, field=read),)) if operator is SET_SIZE:
            return _Cell(
                (at, read.object, read.name, "个数"), 0, None if read.type.values is None else len(read.type.values)
            )
        case _:
            return None


def _total(node: core.Expr, known: _Known) -> bool:
    """Whether a number surely exists, if perhaps unknown."""
    match node:
        case core.Sum(terms=terms):
            return all(_total(term, known) for _, term in terms)
        case core.Product(factors=factors):
            return all(_total(f, known) and (times == "×" or bool(constant(f))) for times, f in factors)
        case core.Extreme(operands=operands):
            return all(_total(operand, known) for operand in operands)
        case core.Constant():
            return True
        case _:
            cell = _measured(node, known)
            return cell is not None and cell.total


def _compared(first: core.Expr, sign: str, second: core.Expr, known: _Known, span: Span) -> _Atom | None:
    if constant(first) is not None:
        first, second, sign = second, first, _TURNED[sign]
    one = _measured(first, known)
    if one is None:
        return None
    value = constant(second)
    if value is not None:
        return None if isinstance(value, (str, bool, frozenset)) else _Atom(one, span, sign, value)
    other = _measured(second, known)
    if other is None:
        return None
    total = one.total and other.total
    if one.mark == other.mark:
        return _Atom(_Cell(("双", one.mark, one.mark), 0, 0, total=total), span, sign, 0)
    if repr(one.mark) > repr(other.mark):
        one, other, sign = other, one, _TURNED[sign]
    return _Atom(_Cell(("双", one.mark, other.mark), total=total), span, sign, 0)


# ---- what is told ---------------------------------------------------------------------------------------------------


def _told(at: _Atom, atoms: list[_Atom], what: str) -> Diagnostic:
    words = list(dict.fromkeys(cut(one_line(atom.span.words), 60) for atom in atoms))
    if len(words) == 1 and len(atoms) > 1:
        # 介于 is two comparisons.
        what = what.replace("同时", "")
    message = f"“{'”和“'.join(words[:3])}”{what}"
    declared = None if at.cell.field is None or len(atoms) > 1 else _range_of(at.cell.field)
    message += f"：{at.cell.field.name}的取值是{declared}" if declared and at.cell.field is not None else ""
    remedy = _of_four_figures(at) or "核对这个条件，或字段声明的取值" if at.cell.field is not None else "核对这个条件"
    if len(atoms) > 1:
        remedy = "核对这几个条件；满足一个就行的写“或”，都要满足的写“且”"
    return Diagnostic("W215", message, at.span, "warning", remedy)


def _of_four_figures(atom: _Atom) -> str:
    """年度 ≥ 21年: what is given to be written is the year that two figures stand for."""
    if atom.cell.field is None or atom.cell.field.type.kind is not Kind.YEAR or not isinstance(atom.value, int):
        return ""
    year = spoken.whole_year(atom.value)
    words = one_line(atom.span.words)
    found = re.sub(rf"(?<![0-9])0?{atom.value} ?年", f"{year}年", words)
    return f"年份写四位，写成“{found}”" if year is not None and found != words and len(words) <= 60 else ""


def _range_of(declared: core.Field) -> str:
    if declared.type.values is not None:
        return cut("、".join(declared.type.values), 60)
    ends = (declared.low, declared.high)
    if declared.type.kind is Kind.YEAR:
        ends = (declared.low or _YEARS[0], declared.high or _YEARS[1])
    low, high = (None if end is None else value_text(end, declared.type) for end in ends)
    if low is None or high is None:
        return "" if low is None and high is None else f"{low} 以上" if low is not None else f"不超过 {high}"
    return f"{low} 至 {high}"
