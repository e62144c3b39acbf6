"""Decision tables: each row as the rule it is, and where rows meet or leave something out.

Why this exists: the rows of a table are rules like any other, so that layers, explanations and tests need not know of
tables; what only a table promises, that one row at most holds and none is missing, is decided here when it loads.

Invariants: what a row means does not depend on the values of parameters; whether rows meet does, as of the evaluation
date, and of a 未定 parameter every value is looked at that makes a difference. Where two rows are said to meet, some
readable record meets both, were it known whole.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from policyrules.diagnostics import Label
from policyrules.language import nodes as surface
from policyrules.operators import SET_SIZE
from policyrules.program import nodes as core
from policyrules.program.merge import Merge, table_decision
from policyrules.program.parameters import Decided
from policyrules.program.ranges import declared_bounds
from policyrules.program.regions import (
    Axis,
    Box,
    Sort,
    gaps,
    meetings,
    number_of,
    region_text,
    stretches,
)
from policyrules.program.symbols import DeclaredTable
from policyrules.types import BOOL, ORDERED, Kind, Number, Type, Value, value_text

MOST_ROWS: Final = 1_000
MOST_EXCLUDED: Final = 50_000
_MOST_BOXES: Final = 4_000
_MOST_SHOWN: Final = 5
_MOST_MEETINGS: Final = 5_000
_MOST_TRIED: Final = 200
_MOST_WORK: Final = 20_000

Values: TypeAlias = Mapping[str, Value]
"""The values of parameters, by name."""


@dataclass(slots=True)
class _Table:
    """A table whose inputs and decision are sound. ``heads``: its inputs, typed; ``rows``: of each row the conditions of
    its cells, without the rows above it."""

    declared: DeclaredTable
    decided: Decided
    object: str
    heads: list[core.Expr]
    rows: list[tuple[surface.RuleDecl, core.Expr | None]]

    @property
    def node(self) -> surface.TableDecl:
        """The declaration."""
        return self.declared.node


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the names that inputs may be: checked terms and statistics, parameters and lists as of the date, which
    decisions have a 默认, and which fields somebody presumes."""

    terms: Mapping[str, core.Term]
    statistics: Mapping[str, core.Statistic]
    parameters: Mapping[str, core.Parameter]
    lists: Mapping[str, core.ValueList]
    defaulted: frozenset[str]
    presumed: frozenset[tuple[str, str]]


def checked_tables(merge: Merge, known: Known) -> dict[str, core.Amended]:
    """The conditions of all rows, by the names of their rules: those of sound rows of sound tables."""
    found: dict[str, core.Amended] = {}
    for declared in merge.symbols.tables.values():
        table = _checked(merge, declared)
        if table is None:
            merge.symbols.broken.update(row.name.text for row in declared.node.rows)
            continue
        found |= _conditions(merge, table, known)
        whole = len(table.rows) == len(table.node.rows)
        if whole and merge.in_force(declared.layer, declared.node.common):
            _examine(merge, table, known)
    return found


def _checked(merge: Merge, declared: DeclaredTable) -> _Table | None:
    """A table with its inputs checked, and each row by itself; None where no row can mean anything."""
    node, symbols = declared.node, merge.symbols
    if len(node.rows) > MOST_ROWS:
        message = f"决策表 {node.name.text} 有 {len(node.rows):,} 行，最多 {MOST_ROWS:,} 行"
        symbols.error("E233", message, node.name.span, "分成几张表")
        return None
    concluded = table_decision(merge, declared.layer, node)
    if concluded is None:
        return None
    decided, object_ = concluded
    heads = [merge.checker.check(ref, (object_,)) for ref in node.inputs]
    typed = [head for head in heads if head is not None]
    if len(typed) < len(heads):
        return None
    rows: list[tuple[surface.RuleDecl, core.Expr | None]] = []
    for row in node.rows:
        when = None if row.when is None else merge.checker.condition(row.when, (object_,))
        if row.when is not None and (when is None or not _plain(merge, when)):
            symbols.broken.add(row.name.text)
            continue
        rows.append((row, when))
    return _Table(declared, decided, object_, typed, rows)


def _plain(merge: Merge, when: core.Expr) -> bool:
    """Whether the cells compare with constants and parameters only."""
    for atom in _atoms(when):
        match atom:
            case core.Apply(operands=(_, core.Constant() | core.ParameterValue() | core.AsOf())):
                continue
            case core.Apply(operands=(_, other)):
                wrong: core.Expr = other
            case core.Overlaps(right=right) if not isinstance(right, core.ValueSet):
                wrong = right
            case _:
                continue
        message = f"“{wrong.span.text}”会变，格子里只和常数、参数比较"
        merge.symbols.error("E232", message, wrong.span, "把这个比较写成“术语”，用它作一列，格子里写“是”或“否”")
        return False
    return True


def _atoms(when: core.Expr | None) -> Iterator[core.Expr]:
    """The conditions of single cells, of two-sided ones each side."""
    if isinstance(when, core.All):
        for operand in when.operands:
            yield from _atoms(operand)
    elif when is not None:
        yield when


# ---- rows as rules --------------------------------------------------------------------------------------------------


def _conditions(merge: Merge, table: _Table, known: Known) -> dict[str, core.Amended]:
    """What each row says: its cells, and for 取首行 and 其余 none of the rows above that could hold beside it."""
    found: dict[str, core.Amended] = {}
    beside = _beside(table, known) if table.node.meeting == "取首行" else set()
    excluded = 0
    for number, (row, when) in enumerate(table.rows):
        origin = merge.symbols.provisions[row.name.text].origin
        rest = table.node.rest and row is table.node.rows[-1]
        amendments: list[core.Amendment] = []
        for above in range(number):
            if rest or (above, number) in beside:
                their, body = table.rows[above]
                amendments.append(core.Amendment("除外", body or core.Constant(True, BOOL, their.span), origin))
                excluded += sum(1 for _ in _atoms(body))
        if excluded > MOST_EXCLUDED:
            name = table.node.name
            message = f"决策表 {name.text} 的行太多，逐行除去上面各行要写 {MOST_EXCLUDED:,} 个以上的条件"
            remedy = "把各行的范围写得互不重叠，再删去“取首行”；或分成几张表"
            merge.symbols.error("E233", message, row.span, remedy)
            merge.symbols.broken.update(one.name.text for one in table.node.rows)
            return {}
        found[row.name.text] = core.Amended(when, origin, tuple(amendments))
    return found


def _beside(table: _Table, known: Known) -> set[tuple[int, int]]:
    """Pairs of rows that may hold at once for some values of the parameters. Of two others one is false wherever the
    other is true, not unknown: some one of their cells already tells them apart."""
    # A blank is filled in later: a test on its value is unknown until then, not false.
    space = _Space(table.heads, [when for _, when in table.rows], known, {}, blanks_apart=False)
    boxes = [(number, box) for number, (_, when) in enumerate(table.rows) for box in space.boxes(when, False)]
    pairs = len(table.rows) * len(table.rows)
    return {(first, second) for first, second, _ in meetings(boxes, space.axes, pairs)}


# ---- where rows meet, and what they leave out -----------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    """What was found under one choice of values for the 未定 parameters."""

    chosen: Values
    axes: Sequence[Axis]
    meetings: list[tuple[int, int, Box]]
    gaps: list[Box]
    finished: bool


def _examine(merge: Merge, table: _Table, known: Known) -> None:
    node = table.node
    wants_one = node.meeting == "一行"
    wants_all = not node.rest and table.decided.node.default is None and table.decided.node.mode not in ("多选", "累计")
    if not wants_one and not wants_all:
        return
    rows = table.rows[:-1] if node.rest else table.rows
    fixed: dict[str, Value] = {name: each.value for name, each in known.parameters.items() if each.value is not None}
    fixed[_AS_OF] = merge.as_of
    choices = _choices(table, known, fixed)
    if choices is None or len(choices) * len(rows) > _MOST_WORK:
        remedy = "没有定的参数定了值再核对，或把表分小"
        message = f"决策表 {node.name.text} 用到的参数没有定的太多，没有核对各行是否重叠、有没有漏掉的情形"
        merge.symbols.warn("W238", message, node.name.span, remedy)
        return
    results: list[_Found] = []
    for chosen in choices:
        found = _look(table, rows, known, {**fixed, **chosen}, chosen, wants_one, wants_all)
        if found is None:
            message = f"决策表 {node.name.text} 太大，没有核对各行是否重叠、有没有漏掉的情形"
            merge.symbols.warn("W238", message, node.name.span, "把表分小")
            return
        results.append(found)
    if wants_one:
        _report_meetings(merge, table, rows, results, known)
    if wants_all:
        _report_gaps(merge, table, results, known)


_AS_OF: Final = "评估日"
_DAYS: Final = (datetime.date.min.toordinal(), datetime.date.max.toordinal())
"""The first and the last day there is."""


def _look(
    table: _Table,
    rows: Sequence[tuple[surface.RuleDecl, core.Expr | None]],
    known: Known,
    values: Values,
    chosen: Values,
    wants_one: bool,
    wants_all: bool,
) -> _Found | None:
    """Where rows meet and what they leave out under these values; None where there are too many boxes."""
    space = _Space(table.heads, [when for _, when in rows], known, values)
    sure: list[tuple[int, Box]] = []
    possible: list[Box] = []
    for number, (_, when) in enumerate(rows):
        sure.extend((number, box) for box in space.boxes(when, True))
        possible.extend(space.boxes(when, False))
        if len(possible) > _MOST_BOXES:
            return None
    # Whether rows meet for every value of a parameter is told from all meetings.
    most = _MOST_MEETINGS if chosen else 2 * _MOST_SHOWN
    met = meetings(sure, space.axes, most) if wants_one else []
    missed, finished = gaps(possible, space.axes, _MOST_SHOWN + 1) if wants_all else ([], True)
    return _Found(chosen, space.axes, met, missed, finished)


def _when_chosen(found: _Found, known: Known, everywhere: bool) -> str:
    """For which values of 未定 parameters something is so."""
    if not found.chosen:
        return ""
    names = "、".join(found.chosen)
    if everywhere:
        return f"（{names}未定，取什么值都是这样）"
    values = "、".join(
        f"{name} 取 {value_text(value, known.parameters[name].type)}" for name, value in found.chosen.items()
    )
    return f"（{names}未定，如 {values} 时）"


def _report_meetings(
    merge: Merge,
    table: _Table,
    rows: Sequence[tuple[surface.RuleDecl, core.Expr | None]],
    results: Sequence[_Found],
    known: Known,
) -> None:
    seen: set[tuple[int, int]] = set()
    pairs = [{pair[:2] for pair in found.meetings} for found in results]
    for found in results:
        for first, second, box in found.meetings:
            if (first, second) in seen:
                continue
            seen.add((first, second))
            if len(seen) > 2 * _MOST_SHOWN:
                return
            everywhere = all((first, second) in others for others in pairs)
            one, two = rows[first][0], rows[second][0]
            said = _when_chosen(found, known, everywhere)
            message = f"“{one.name.text}”和“{two.name.text}”同时成立：{region_text(box, found.axes)}{said}"
            remedy = "把范围写得不重叠，如 ≥ 10 万元 < 50 万元；要以先写的一行为准，在表头上面加一行“取首行”"
            labels = [Label(one.span, f"“{one.name.text}”在这里"), *_setters(rows[first][1], rows[second][1], known)]
            if everywhere:
                merge.symbols.error("E230", message, two.span, remedy, *labels)
            else:
                merge.symbols.warn("W238", message, two.span, remedy, *labels)


def _setters(one: core.Expr | None, two: core.Expr | None, known: Known) -> Iterator[Label]:
    """Where lower layers set the parameters that two rows compare with."""
    atoms = (*_atoms(one), *_atoms(two))
    names = dict.fromkeys(
        right.name
        for atom in atoms
        if isinstance(atom, core.Apply) and isinstance(right := atom.operands[-1], core.ParameterValue)
    )
    for name in names:
        parameter = known.parameters.get(name)
        if parameter is not None and parameter.setter is not None:
            yield Label(parameter.setter.span, f"“{name}”在这里设定")


def _report_gaps(merge: Merge, table: _Table, results: Sequence[_Found], known: Known) -> None:
    name = table.node.name
    with_gaps = [found for found in results if found.gaps]
    if not with_gaps:
        if not all(found.finished for found in results):
            message = f"决策表 {name.text} 太大，没有核完有没有漏掉的情形"
            merge.symbols.warn("W238", message, name.span, "把表分小")
        return
    found = with_gaps[0]
    shown = [region_text(box, found.axes) for box in found.gaps[:_MOST_SHOWN]]
    more = "；等等" if len(found.gaps) > _MOST_SHOWN else ""
    said = _when_chosen(found, known, len(with_gaps) == len(results))
    message = f"决策表 {name.text} 没有写到这些情形：{'；'.join(shown)}{more}{said}"
    remedy = "补上行，或在最后写一行“其余”；没有结论本来就对的，给决定写“默认”"
    merge.symbols.warn("W237", message, name.span, remedy)


# ---- the space of the inputs ----------------------------------------------------------------------------------------

_Key: TypeAlias = tuple[object, ...]


def _key(left: core.Expr) -> _Key:
    """What an input is, wherever it is read."""
    match left:
        case core.FieldValue(at=at, field=field):
            return "field", at, field.object, field.name
        case core.DecisionValue(at=at, name=name):
            return "decision", at, name
        case core.ParameterValue(name=name):
            return "parameter", name
        case _:
            return "other", left


def _subject(atom: core.Expr) -> _Key:
    """The input that the condition of a cell is about."""
    match atom:
        case (
            core.Apply(operands=(left, _))
            | core.Member(left=left)
            | core.Contains(left=left)
            | core.Overlaps(left=left)
        ):
            return _key(left)
        case core.DecisionIs(at=at, decision=name) | core.DecisionHas(at=at, decision=name):
            return "decision", at, name
        case core.Filled(at=at, field=field):
            return "field", at, field.object, field.name
        case core.ParameterFilled(name=name):
            return "parameter", name
        case _:
            raise AssertionError(f"no cell is {type(atom).__name__}")


class _Space:
    """The axes of a table: for each input its values, whether it is filled in where a cell asks that, and of a 多选 each
    value that a cell names by itself."""

    def __init__(
        self,
        heads: Sequence[core.Expr],
        rows: Sequence[core.Expr | None],
        known: Known,
        values: Values,
        blanks_apart: bool = True,
    ) -> None:
        self.known, self.values, self._blanks_apart = known, values, blanks_apart
        self.axes: list[Axis] = []
        self._place: dict[tuple[_Key, str], int] = {}
        self._masks: dict[tuple[int, str, Number], int] = {}
        self._inside: dict[int, list[Number]] = {}
        own: dict[_Key, list[core.Expr]] = {}
        for row in rows:
            for atom in _atoms(row):
                own.setdefault(_subject(atom), []).append(atom)
        for head in heads:
            self._head(head, _key(head), own.get(_key(head), []))

    def _add(self, key: _Key, part: str, axis: Axis) -> None:
        self._place[key, part] = len(self.axes)
        self.axes.append(axis)

    def _head(self, head: core.Expr, key: _Key, own: list[core.Expr]) -> None:
        name, type_ = head.span.text, head.type
        if type_.kind is Kind.SET:
            for value in dict.fromkeys(value for atom in own for value in self._named(atom)):
                self._add(key, str(value), Axis(name, type_, (True, False), (f"含 {value}", f"不含 {value}")))
        elif type_.kind in ORDERED:
            low, high = (None if end is None else number_of(end) for end in _bounds(head, self.known))
            if type_.kind is Kind.DATE:
                low = _DAYS[0] if low is None else low
                high = _DAYS[1] if high is None else high
            cuts = [number_of(value) for atom in own for value in self._named(atom)]
            self._add(key, "", Axis(name, type_, stretches(type_, cuts, low, high), (), (low, high)))
        else:
            sorts: tuple[Sort, ...] = type_.values or ()
            if type_.kind is Kind.BOOL:
                sorts = (True, False)
            elif type_.values is None:
                sorts = (*dict.fromkeys(value for atom in own for value in self._named(atom)), None)
            elif isinstance(head, core.DecisionValue) and head.name not in self.known.defaulted:
                sorts = (*sorts, None)
            self._add(key, "", Axis(name, type_, sorts))
        if any(isinstance(atom, core.Filled | core.ParameterFilled) for atom in own):
            self._add(key, "已填", Axis(name, type_, (True, False), ("已填", "未填")))

    def _named(self, atom: core.Expr) -> list[Value]:
        """The values that a cell names."""
        match atom:
            case core.Apply(operands=(_, right)):
                value = self._value(right)
                return [] if value is None else [value]
            case core.Member(right=right):
                return list(self._listed(right)[0] or ())
            case core.Overlaps(right=right) if isinstance(right, core.ValueSet):
                return list(self._listed(right)[0] or ())
            case core.Contains(values=values) | core.DecisionHas(values=values):
                return list(values)
            case _:
                return []

    def _value(self, right: core.Expr) -> Value | None:
        match right:
            case core.Constant(value=value):
                return value
            case core.ParameterValue(name=name):
                return self.values.get(name)
            case core.AsOf():
                return self.values.get(_AS_OF)
            case _:
                return None

    def _listed(self, right: core.ValueSet) -> tuple[tuple[Value, ...] | None, bool]:
        """The values of a set (None: not known), and whether others may belong to it."""
        match right:
            case core.Literals(items=items, open=is_open):
                return items, is_open
            case core.ListRef(name=name):
                listed = self.known.lists[name]
                return listed.items, listed.open
            case core.ParameterRef(name=name):
                value = self.values.get(name)
                if not isinstance(value, frozenset):
                    return None, True
                return tuple(sorted(value)), False

    # ---- boxes ----

    def boxes(self, when: core.Expr | None, sure: bool) -> list[Box]:
        """The values for which a row holds: ``sure`` those for which it does, else those for which it may."""
        found: list[list[int]] = [[axis.all for axis in self.axes]]
        for atom in _atoms(when):
            ways = self._ways(atom, sure)
            found = [_narrowed(box, way) for box in found for way in ways]
            found = [box for box in found if all(box)]
            if len(found) > _MOST_BOXES:
                break
        return [tuple(box) for box in found]

    def _ways(self, atom: core.Expr, sure: bool) -> list[dict[int, int]]:
        """What a cell leaves of the axes it speaks of; several ways for 含任一, no two of which meet."""
        key = _subject(atom)
        match atom:
            case core.Filled(negated=negated) | core.ParameterFilled(negated=negated):
                return [{self._place[key, "已填"]: 2 if negated else 1}]
            case core.Contains(values=values, negated=negated):
                return [{self._place[key, value]: 2 if negated else 1 for value in values}]
            case core.DecisionHas(values=values, how="any"):
                return self._any(key, values)
            case core.DecisionHas(values=values, how=how):
                return [{self._place[key, value]: 2 if how == "none" else 1 for value in values}]
            case core.Overlaps(right=right) if isinstance(right, core.ValueSet):
                items, is_open = self._listed(right)
                if is_open and not sure:
                    return [{}]
                return self._any(key, [str(item) for item in items or ()])
            case _:
                place = self._place[key, ""]
                way = {place: self._mask(atom, self.axes[place], sure)}
                filled = self._place.get((key, "已填"))
                presumed = key[0] != "field" or (key[2], key[3]) in self.known.presumed
                if filled is not None and self._blanks_apart and not presumed:
                    # A blank that nobody presumes meets no test on its value.
                    way[filled] = 1
                return [way]

    def _any(self, key: _Key, values: Sequence[str]) -> list[dict[int, int]]:
        ways: list[dict[int, int]] = []
        places = [self._place[key, value] for value in dict.fromkeys(values)]
        for number, place in enumerate(places):
            ways.append({**dict.fromkeys(places[:number], 2), place: 1})
        return ways

    def _mask(self, atom: core.Expr, axis: Axis, sure: bool) -> int:
        match atom:
            case core.Apply(operator=operator, operands=(_, right)):
                bound = self._value(right)
                if bound is None:
                    return 0 if sure else axis.all
                if isinstance(bound, (str, bool, frozenset)):
                    equal = axis.mask(lambda sort: sort == bound)
                    return equal if operator.words == "=" else axis.all ^ equal
                return self._compared(axis, operator.words, number_of(bound))
            case core.Member(right=right, negated=negated):
                items, is_open = self._listed(right)
                if items is None:
                    return 0 if sure else axis.all
                if axis.type.kind in ORDERED:
                    listed = 0
                    for item in items:
                        listed |= self._compared(axis, "=", number_of(item))
                else:
                    listed = axis.mask(lambda sort: sort is not None and sort in items)
                if is_open:
                    # Of what is not listed nobody can say that it is, or is not.
                    return (0 if negated else listed) if sure else (axis.all ^ listed if negated else axis.all)
                return axis.all ^ listed if negated else listed
            case core.DecisionIs(items=chosen, negated=negated):
                held = axis.mask(lambda sort: sort in chosen)
                return axis.all ^ held if negated else held
            case _:
                raise AssertionError(f"no cell is {type(atom).__name__}")

    def _compared(self, axis: Axis, sign: str, bound: Number) -> int:
        key = (id(axis), sign, bound)
        if key not in self._masks:
            if id(axis) not in self._inside:
                self._inside[id(axis)] = axis.inside()
            self._masks[key] = axis.compared(sign, bound, self._inside[id(axis)])
        return self._masks[key]


def _narrowed(box: list[int], way: Mapping[int, int]) -> list[int]:
    return [mask & way.get(index, mask) for index, mask in enumerate(box)]


def _bounds(head: core.Expr, known: Known) -> tuple[Number | datetime.date | None, Number | datetime.date | None]:
    """Bounds of an input, as far as what is declared gives them."""
    match head:
        case core.TermValue(name=name):
            return _bounds(known.terms[name].body, known) if name in known.terms else (None, None)
        case core.StatisticValue(name=name):
            kind = known.statistics[name].kind if name in known.statistics else "合计"
            return (None, None) if kind == "合计" else (0, 1 if kind == "占比" else None)
        case core.ParameterValue(name=name):
            parameter = known.parameters.get(name)
            return (None, None) if parameter is None else (parameter.low, parameter.high)
        case core.Aggregate(kind="计数"):
            return 0, None
        case core.Apply(operator=operator) if operator == SET_SIZE:
            return 0, None
        case _:
            return declared_bounds(head)


# ---- parameters without a value -------------------------------------------------------------------------------------


def _choices(table: _Table, known: Known, fixed: Values) -> list[Values] | None:
    """Values of the 未定 parameters, one choice for each way in which they can lie among the bounds of the table and one
    another; None where there are too many."""
    unset: dict[str, set[_Key]] = {}
    for _, when in table.rows:
        for atom in _atoms(when):
            match atom:
                case core.Apply(operands=(_, core.ParameterValue(name=name))) if name not in fixed:
                    unset.setdefault(name, set()).add(_subject(atom))
                case _:
                    pass
    tried: list[list[tuple[str, Value]]] = []
    for name, keys in unset.items():
        parameter = known.parameters.get(name)
        if parameter is None or parameter.type.kind not in ORDERED:
            return None
        points = _points(table, known, fixed, parameter, keys, len(unset))
        tried.append([(name, point) for point in points])
    count = 1
    for points_of in tried:
        count *= len(points_of)
        if count > _MOST_TRIED:
            return None
    return [dict(combination) for combination in itertools.product(*tried)]


def _points(
    table: _Table, known: Known, fixed: Values, parameter: core.Parameter, keys: set[_Key], several: int
) -> list[Value]:
    """Values of a parameter: each bound beside it, and enough between two of them to tell ``several`` parameters apart."""
    bounds: set[Number] = set()
    for end in (parameter.low, parameter.high):
        if end is not None:
            bounds.add(number_of(end))
    for head in table.heads:
        if _key(head) in keys:
            bounds.update(number_of(end) for end in _bounds(head, known) if end is not None)
    space = _Space(table.heads, [when for _, when in table.rows], known, fixed)
    for _, when in table.rows:
        for atom in _atoms(when):
            if _subject(atom) in keys:
                bounds.update(number_of(value) for value in space._named(atom))
    discrete = parameter.type.kind in (Kind.INTEGER, Kind.YEAR, Kind.DURATION, Kind.DATE)
    ordered: list[Number] = sorted(bounds) or [0]
    found: set[Number] = {*ordered}
    for step in range(1, several + 2 if discrete else several + 1):
        found.update((ordered[0] - step, ordered[-1] + step))
    for low, high in itertools.pairwise(ordered):
        for step in range(1, several + 1):
            found.add(low + Fraction(high - low) * step / (several + 1))
        if discrete:
            for step in range(1, several + 2):
                found.update((low + step, high - step))
    least, most = (None if end is None else number_of(end) for end in (parameter.low, parameter.high))
    if parameter.type.kind is Kind.DATE:
        least, most = _DAYS[0] if least is None else least, _DAYS[1] if most is None else most
    kept = [
        point
        for point in sorted(found)
        if not (least is not None and point < least)
        and not (most is not None and point > most)
        and not (discrete and point != int(point))
    ]
    return [_as_value(point, parameter.type) for point in kept]


def _as_value(point: Number, type_: Type) -> Value:
    if type_.kind is Kind.DATE:
        return datetime.date.fromordinal(int(point))
    return int(point) if point == int(point) else point
