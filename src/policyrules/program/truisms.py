"""Conditions that hold of every record, or of none, by what is declared of the fields they read.

Why this exists: 利用率 > 100% of a field that goes to 100%, or 市场效益 为 好 且 市场效益 为 差, is a slip that nothing else
notices: the rule is in force and never speaks. Nor does anything notice a rule whose 当 was forgotten.

Invariants: only what single cells may hold, how two values compare, and whether a cell is filled are reasoned about, exactly,
one of them at a time; a condition that some readable record meets and another fails is never reported. Presumed values keep to
the same declarations, so they change nothing. What may be void (a number that does not exist), and what a decision comes to,
is told to be impossible at most: where it is void, a comparison and its opposite both fail.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, islice, pairwise, permutations
from typing import Any, Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import spoken
from policyrules.language.table_cells import ROW_MARK
from policyrules.operators import OPPOSITE
from policyrules.program import nodes as core
from policyrules.program.cells import EITHER, Atom, Cell, Reaches, atom_of, cell_of, left_by
from policyrules.program.lateness import Lateness
from policyrules.program.ranges import constant
from policyrules.program.speaking import spoken_of_another
from policyrules.program.walk import Declaration, expressions, walk
from policyrules.source import Span
from policyrules.text import cut, one_line
from policyrules.types import FIRST_YEAR, LAST_YEAR, Kind, value_text

_NEVER: Final = "不可能"
_MOST_PARTS: Final = 200
"""Of wider conditions than anybody writes only the single parts are looked at."""
_MOST_PAIRED: Final = 20
_DEEPEST: Final = 8
"""How many terms are looked into, one in the other."""
_MOST_HANDED: Final = 200_000
"""What terms say, seen from where they are read, all together: of a program with more only what conditions say themselves is looked at
from there on."""


@dataclass(slots=True)
class _Known(Reaches):
    """A program, and what its terms say, each worked out once."""

    terms: dict[tuple[str, bool], tuple[Atom, ...]] = field(default_factory=dict)
    deep: int = 0
    left: int = field(default_factory=lambda: _MOST_HANDED)
    _numbers: dict[Hashable, int] = field(default_factory=dict)
    _numbered: dict[int, tuple[core.Expr, int]] = field(default_factory=dict)

    def whole(self, part: core.Expr) -> int:
        """A number that equal parts share: what stands for a part in many places is as short as one of a few words."""
        found = self._numbered.get(id(part))
        if found is None:
            match part:
                case core.Not(operand=operand):
                    made: Hashable = (core.Not, self.whole(operand))
                case core.All(operands=operands) | core.Any(operands=operands):
                    made = (type(part), *map(self.whole, operands))
                case _:
                    made = part
            # It is kept, so that no other takes its place.
            found = self._numbered[id(part)] = part, self._numbers.setdefault(made, len(self._numbers))
        return found[1]

    def says(self, name: str, truth: bool) -> tuple[Atom, ...]:
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
    late = Lateness(program)
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
        if isinstance(declaration, core.Notice) and (found := _always_said(declaration)) is not None:
            yield found
        if isinstance(declaration, core.Duty):
            yield from late.of(declaration)
        if isinstance(declaration, core.Duty | core.Notice):
            yield from spoken_of_another(declaration, program)
        if isinstance(declaration, core.Duty) and (found := _vacuous(declaration, known)) is not None:
            yield found
        if isinstance(declaration, core.Presumption):
            yield from _one_within_another(declaration, known)
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


def _always_said(notice: core.Notice) -> Diagnostic | None:
    """A notice whose 当 was forgotten is said of everything."""
    if notice.when.base is not None or notice.when.amendments:
        return None
    said = f"“提示 {notice.name}”没有写“当”，每个{notice.object}都提示这句话"
    return Diagnostic("W215", said, notice.when.origin.span, "warning", "写上条件：另起一行写“当 …”")


def _of_condition(root: core.Expr, known: _Known) -> Iterator[Diagnostic]:
    settled: set[int] = set()
    for node in walk(root):
        if id(node) in settled:
            continue
        match node:
            case core.All(operands=parts) | core.Any(operands=parts) if len(parts) <= _MOST_PARTS:
                every = isinstance(node, core.All)
                told = [[] if _excepted(part, parts) else _said_of_part(part, every, known) for part in parts]
                found = _joined(told, every) or _forked(parts, told, every, known)
                for two in _ranges(parts):
                    # 介于 holds always where both of its ends do: one alone says nothing of it.
                    settled.update(map(id, two))
                    found = found or _both([atom for part in two for atom in _said_by(part, True, known)])
            case core.AtLeast(count=count, operands=parts, span=span):
                found = _too_many([list(_said_by(part, True, known)) for part in parts], count, span)
            case core.Not():
                continue
            case core.Apply(operator=operator, operands=(first, second), span=span) if (
                operator.words in OPPOSITE and None not in (both := (constant(first), constant(second)))
            ):
                found = _of_constants(operator.words, *both, span)
            case core.Member(
                left=core.FieldValue(field=read) as left, right=core.Literals(items, False), negated=False
            ) if len(items) > 1 and read.type.kind is Kind.YEAR:
                each = [Atom(cell_of(left), node.span, "=", item) for item in items]
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


def _both(atoms: Sequence[Atom]) -> Diagnostic | None:
    """What a range says: it is impossible where one of its ends is, and holds always where both do."""
    never = next((atom for atom in atoms if _never(atom)), None)
    if never is not None:
        return _told(never, [never], "不可能成立")
    always = len(atoms) == 2 and all(map(_always, atoms))
    return _told(atoms[0], [atoms[0]], "总是成立") if always else None


def _excepted(part: core.Expr, parts: Sequence[core.Expr]) -> bool:
    """Whether a lower layer took cases out of what an upper one wrote: it may take out all of them."""
    return isinstance(part, core.Not) and part.span.source.layer != parts[0].span.source.layer


def _alone(atom: Atom) -> Diagnostic | None:
    if _never(atom):
        return _told(atom, [atom], "不可能成立")
    return _told(atom, [atom], "总是成立") if _always(atom) else None


def _always(atom: Atom) -> bool:
    """Whether every value of the cell is what one part says; that a day may lie past the year 9999 makes no condition of it."""
    return (atom.cell.total or atom.cell.calendar) and _never(atom.opposite())


def _never(atom: Atom) -> bool:
    """Whether no value of the cell is what one part says."""
    return left_by([atom]).empty


def _joined(parts: Sequence[list[Atom]], every: bool) -> Diagnostic | None:
    """What several parts say of one cell together, where no part says it alone; of 或, what their opposites say."""
    cells: dict[Cell, list[tuple[int, Atom]]] = {}
    for number, part in enumerate(parts):
        for atom in part:
            cells.setdefault(atom.cell, []).append((number, atom))
    for group in cells.values():
        own = [[atom for number, atom in group if number == each] for each in dict.fromkeys(n for n, _ in group)]
        # 或 always holds where the opposites of its parts cannot hold together.
        if len(own) > 1 and not any(left_by(part).empty for part in own) and left_by(atom for _, atom in group).empty:
            atoms = [atom for _, atom in group]
            return _told(atoms[-1], atoms, "不可能同时成立" if every else "总有一个成立")
    return None


def _forked(parts: Sequence[core.Expr], told: Sequence[list[Atom]], every: bool, known: _Known) -> Diagnostic | None:
    """A part of 且 that is an 或 of which each one is impossible beside the other parts; of 或, one that is an 且 of which each
    one holds where the other parts do not."""
    for at, part in enumerate(parts if len(parts) <= _MOST_PAIRED else ()):
        choices, truth = _choices(part, every)
        if not 0 < len(choices) <= _MOST_PAIRED or _excepted(part, parts):
            continue
        beside = [*told[:at], *told[at + 1 :]]
        if any(_joined([*beside, list(_said_by(one, truth, known))], every) is None for one in choices):
            continue
        words = cut(one_line(part.span.words), 60)
        said = f"“{words}”里的每一项都不可能和另外的条件同时成立"
        if not every:
            said = f"“{words}”和另外的条件总有一个成立"
        return Diagnostic("W215", said, part.span, "warning", "核对这几个条件；满足一个就行的写“或”，都要满足的写“且”")
    return None


def _choices(part: core.Expr, truth: bool) -> tuple[tuple[core.Expr, ...], bool]:
    """Of what is true (not ``truth``: false) the conditions of which one is, and whether that is to say true; nothing where it is no
    choice."""
    match part:
        case core.Not(operand=inner):
            return _choices(inner, not truth)
        case core.All(operands=parts) | core.Any(operands=parts) if isinstance(part, core.Any) is truth:
            return parts, truth
        case _:
            return (), truth


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


def _one_within_another(presumption: core.Presumption, known: _Known) -> Iterator[Diagnostic]:
    """户数 ≥ 10 户 则 好, 户数 ≥ 5 户 则 中: cases of one layer have no order, and where both hold nothing is presumed for sure."""
    cases, type_ = presumption.cases, presumption.field.type
    if len(cases) > _MOST_PAIRED:
        return
    for first, second in permutations(cases, 2):
        if first.level != second.level or first.value == second.value:
            continue
        both = [list(_said_by(first.when, True, known)), list(_said_by(second.when, False, known))]
        if _joined(both, True) is None:
            continue
        inner, outer = (cut(one_line(one.when.span.words), 60) for one in (first, second))
        values = " 和 ".join(value_text(one.value, type_) for one in (first, second))
        said = f"“{inner}”成立时“{outer}”也成立，推定的值却不同（{values}）：几种情形不分先后，两种都成立的，推定不出是哪个"
        bare = f"（{outer}）" if " 或 " in outer else outer
        remedy = f"后一种写成“{bare} 且 非（{inner}）”" if "…" not in f"{inner}{outer}" else "写成不会一起成立的情形"
        yield Diagnostic("W248", said, second.when.span, "warning", remedy)


def _too_many(parts: Sequence[list[Atom]], count: int, span: Span) -> Diagnostic | None:
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
    holds = not left_by([Atom(Cell(None, first, first), span, sign, second)]).empty
    said = f"“{cut(one_line(span.words), 60)}”{'总是成立' if holds else '不可能成立'}：两边都是写定的数"
    return Diagnostic("W215", said, span, "warning", "把一边写成字段、术语或参数的名称")


# ---- what a part says ------------------------------------------------------------------------------------------------


def _said_of_part(part: core.Expr, truth: bool, known: _Known) -> list[Atom]:
    """What surely holds where one of several parts is true (not ``truth``: false), and that it is, whatever it is made of."""
    said, inner, holds = list(_said_by(part, truth, known)), part, truth
    while isinstance(inner, core.Not):
        inner, holds = inner.operand, not holds
    if atom_of(inner, known) is None:
        said.append(
            Atom(Cell(("整", known.whole(inner)), left=EITHER), part.span, values=frozenset({True}), inside=holds)
        )
    return said


def _said_by(node: core.Expr, truth: bool, known: _Known) -> Iterator[Atom]:
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
                cell = Cell((at, read.object, read.name, "含", value), left=EITHER)
                yield Atom(cell, span, values=frozenset({True}), inside=truth != negated)
        case core.TermValue(at=at, name=name, type=type_, span=span) if type_.kind is Kind.BOOL:
            for atom in known.says(name, truth):
                if known.left == 0:
                    return
                known.left -= 1
                mark = _seen_from(atom.cell.mark, at)
                if mark is not None:
                    cell = atom.cell if mark == atom.cell.mark else replace(atom.cell, mark=mark)
                    yield Atom(cell, span, atom.sign, atom.value, atom.values, atom.inside)
        case _:
            atom_ = atom_of(node, known)
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
        case ("起满", since, family):
            seen = _seen_from(since, at)
            return None if seen is None else ("起满", seen, family)
        case (str(), *_):
            return mark
        case _:
            return None


# ---- what is told ---------------------------------------------------------------------------------------------------


def _told(at: Atom, atoms: list[Atom], what: str) -> Diagnostic:
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


def _of_four_figures(atom: Atom) -> str:
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
        ends = (declared.low or FIRST_YEAR, declared.high or LAST_YEAR)
    low, high = (None if end is None else value_text(end, declared.type) for end in ends)
    if low is None or high is None:
        return "" if low is None and high is None else f"{low} 以上" if low is not None else f"不超过 {high}"
    return f"{low} 至 {high}"
