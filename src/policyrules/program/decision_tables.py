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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from policyrules.diagnostics import Label
from policyrules.language import nodes as surface
from policyrules.program import nodes as core
from policyrules.program.merge import Merge, table_decision
from policyrules.program.parameters import Decided
from policyrules.program.regions import (
    Axis,
    Box,
    gaps,
    meetings,
    number_of,
    region_text,
)
from policyrules.program.symbols import DeclaredTable
from policyrules.program.table_space import (
    AS_OF,
    DAYS,
    MOST_BOXES,
    InputKey,
    Known,
    Space,
    Values,
    atoms,
    bounds_of,
    key_of,
    subject_of,
)
from policyrules.types import BOOL, ORDERED, Kind, Number, Type, Value, value_text

MOST_ROWS: Final = 1_000
MOST_EXCLUDED: Final = 50_000
MOST_EXCLUDED_IN_ALL: Final = 500_000
"""Of all tables of a stack: each condition is written out, and checked, again."""
_MOST_SHOWN: Final = 5
_MOST_MEETINGS: Final = 5_000
_MOST_TRIED: Final = 200
_MOST_WORK: Final = 20_000


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


def checked_tables(merge: Merge, known: Known) -> dict[str, core.Amended]:
    """The conditions of all rows, by the names of their rules: those of sound rows of sound tables."""
    found: dict[str, core.Amended] = {}
    left = MOST_EXCLUDED_IN_ALL
    for declared in merge.symbols.tables.values():
        table = _checked(merge, declared)
        if table is None:
            merge.symbols.broken.update(row.name.text for row in declared.node.rows)
            continue
        told, excluded = _conditions(merge, table, known, left)
        found |= told
        left = max(0, left - excluded)
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
    for atom in atoms(when):
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


# ---- rows as rules --------------------------------------------------------------------------------------------------


def _conditions(merge: Merge, table: _Table, known: Known, left: int) -> tuple[dict[str, core.Amended], int]:
    """What each row says: its cells, and for 取首行 and 其余 none of the rows above that could hold beside it; and how many
    conditions of rows above that takes, of which ``left`` may be."""
    found: dict[str, core.Amended] = {}
    most = min(MOST_EXCLUDED, left)
    beside = _beside(table, known, most + 1) if table.node.meeting == "取首行" else set()
    excluded = 0
    for number, (row, when) in enumerate(table.rows):
        origin = merge.symbols.provisions[row.name.text].origin
        rest = table.node.rest and row is table.node.rows[-1]
        amendments: list[core.Amendment] = []
        for above in range(number):
            if rest or (above, number) in beside:
                their, body = table.rows[above]
                amendments.append(core.Amendment("除外", body or core.Constant(True, BOOL, their.span), origin))
                excluded += max(1, sum(1 for _ in atoms(body)))
        if excluded > most:
            name = table.node.name
            message = f"决策表 {name.text} 的行太多，逐行除去上面各行要写 {MOST_EXCLUDED:,} 个以上的条件"
            if most < MOST_EXCLUDED:
                message = f"各决策表的行太多，逐行除去上面各行合起来要写 {MOST_EXCLUDED_IN_ALL:,} 个以上的条件，到决策表 {name.text} 为止"
            remedy = "把各行的范围写得互不重叠，再删去“取首行”；或分成几张表"
            merge.symbols.error("E233", message, row.span, remedy)
            merge.symbols.broken.update(one.name.text for one in table.node.rows)
            return {}, excluded
        found[row.name.text] = core.Amended(when, origin, tuple(amendments))
    return found, excluded


def _beside(table: _Table, known: Known, most: int) -> set[tuple[int, int]]:
    """Pairs of rows that may hold at once for some values of the parameters, at most ``most``. Of two others one is false
    wherever the other is true, not unknown: some one of their cells already tells them apart."""
    # A blank is filled in later: a test on its value is unknown until then, not false.
    space = Space(table.heads, [when for _, when in table.rows], known, {}, blanks_apart=False)
    boxes = [(number, box) for number, (_, when) in enumerate(table.rows) for box in space.boxes(when, False)]
    return {(first, second) for first, second, _ in meetings(boxes, space.axes, most)}


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
    fixed[AS_OF] = merge.as_of
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
        _report_meetings(merge, rows, results, known)
    if wants_all:
        _report_gaps(merge, table, results, known)


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
    space = Space(table.heads, [when for _, when in rows], known, values)
    sure: list[tuple[int, Box]] = []
    possible: list[Box] = []
    for number, (_, when) in enumerate(rows):
        sure.extend((number, box) for box in space.boxes(when, True))
        possible.extend(space.boxes(when, False))
        if len(possible) > MOST_BOXES:
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
    cells = (*atoms(one), *atoms(two))
    names = dict.fromkeys(
        right.name
        for atom in cells
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


# ---- parameters without a value -------------------------------------------------------------------------------------


def _choices(table: _Table, known: Known, fixed: Values) -> list[Values] | None:
    """Values of the 未定 parameters, one choice for each way in which they can lie among the bounds of the table and one
    another; None where there are too many."""
    unset: dict[str, set[InputKey]] = {}
    for _, when in table.rows:
        for atom in atoms(when):
            match atom:
                case core.Apply(operands=(_, core.ParameterValue(name=name))) if name not in fixed:
                    unset.setdefault(name, set()).add(subject_of(atom))
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
    table: _Table, known: Known, fixed: Values, parameter: core.Parameter, keys: set[InputKey], several: int
) -> list[Value]:
    """Values of a parameter: each bound beside it, and enough between two of them to tell ``several`` parameters apart."""
    bounds: set[Number] = set()
    for end in (parameter.low, parameter.high):
        if end is not None:
            bounds.add(number_of(end))
    for head in table.heads:
        if key_of(head) in keys:
            bounds.update(number_of(end) for end in bounds_of(head, known) if end is not None)
    space = Space(table.heads, [when for _, when in table.rows], known, fixed)
    for _, when in table.rows:
        for atom in atoms(when):
            if subject_of(atom) in keys:
                bounds.update(number_of(value) for value in space.named(atom))
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
        least, most = DAYS[0] if least is None else least, DAYS[1] if most is None else most
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
