"""What evaluating may cost: how often rows are compared with rows in one record, beyond the length of the record, how
many records a ledger may have that are all but empty, and of how many records of one it is told what they lack.

Why this exists: 任一 资金 满足（任一 其他 资金 满足（…）） looks at every row for every row. The language has no loops, but
ten thousand rows looked at ten thousand times never end for whoever waits. What a record costs is known before it is
evaluated, from the program and the numbers of its rows alone, so that a record that costs too much is set aside with its
place, like one that cannot be read. Of what is not filled in everything is open, and all of the rules are told of it: a
small file may hold very many records that say nothing, which cost as much as full ones. They are refused as a whole
before the first is evaluated; records that say something are never counted. Each statistic looks at every record, and keeps what it
saw: of many statistics over very many records no more is kept than fits. What other readings of the text would give is told of every result:
a layer in which that takes too long is refused. What is open in records that say a little is
told of so many of the first as can be waited for; the others have their results all the same, so long as all of them together can
be waited for, measured by the length of the file.

Invariants: a condition that looks at each row a fixed number of times costs nothing here, however many rows there are;
the cost of the others is counted as if nothing were settled early, as reasons and missing inputs need it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from policyrules.diagnostics import Diagnostic
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.program.graph import Graph, Kind, Name, readers, turning_on
from policyrules.program.walk import Declaration, children, expressions, walk

MOST_COMPARED: Final = 5_000_000
"""Parts of conditions looked at for pairs (and triples) of rows of one record."""

MOST_OPEN: Final = 400_000
"""Parts of conditions that open results read of which an impact tells what they wait for, and what settles them, where nobody asks for
all of it."""

MOST_VARIED: Final = 5_000_000
"""Steps in which an impact looks at parameters from end to end and at days (`variation.work`), of a ledger file that is small, where
nobody is ready to wait. Of a longer one as many more as it is longer."""

MOST_READ: Final = 3_600_000
"""Bytes of the rule files of all stacks together that one command reads to hold them against each other; rows of tables count `OF_A_ROW`
times, since each of their cells is read by itself and held against those of the other rows."""
OF_A_ROW: Final = 3

MOST_BLENDED: Final = 60_000
"""Parts of conditions of two stacks together of which a comparison or an impact tries by what results changed, where nobody asks for all causes: both
are made one program, that is asked again for each kind of result."""

MOST_COUNTED: Final = 100_000
"""Records of a small ledger, for each layer of a stack, that are counted to explain one of them under each upper part of the stack."""

MOST_ALONE: Final = 1_500_000
"""Parts of conditions looked at for what is missing in one record of such a ledger and in all of its rows."""
MOST_EXPLAINED: Final = 250_000
"""Parts of conditions that are told one by one, with all reasons, of one record of such a file: those looked at for each row, twice, and
those looked at for rows of rows."""
MOST_LACKED: Final = 1_000_000
"""Parts of conditions looked at for each row, and for rows of rows, of one record of such a file of which every result is written with what
it lacks; and for rows of rows of all records of which that is told."""
MOST_LISTED: Final = 120_000
"""The same as `MOST_MEMBERS`, where each reason is told as data with all whom its statistics counted."""
MOST_HELD: Final = 15_000_000
"""Parts of conditions tried on rows of the records of such a ledger for other rows of the same record, beyond half of all parts of each
record: of all records that are told one by one, as often as there are stacks."""
MOST_MEMBERS: Final = 1_500_000
"""Records of such a ledger, and rows of them, that statistics look at where records are evaluated one by one: once for each statistic."""

MOST_CHECKED: Final = 8_000_000
"""Parts of conditions looked at for the records of the scenarios of one file, as often as stacks are asked of them; a quarter of those
of a record once more for each expectation that does not hold, since it is told why, or `TOLD` times those that its result reads."""
TOLD: Final = 8
"""As often as a result is evaluated once it could be so long told why it is what it is."""
CHECKED_AGAIN: Final = 3
"""What a scenario costs in all where it is told besides which conditions it exercises."""
MOST_LOADED: Final = 60_000
"""Declarations of the stacks that the scenarios of one file ask, and `OF_A_STACK` each: once for each date, for the parameters that are
given, and for each part of a stack."""
OF_A_STACK: Final = 50

MOST_MUTATED: Final = 2_400_000
"""Characters of rule files that are checked again, change after change, to see whether a scenario notices: those of the whole stack
for each change, and three times before the first; each part of a condition that is looked at for a record of a scenario is as much as
a third of one, and each record that a statistic looks at as much as two."""
CHECKED_BEFORE: Final = 3
PARTS_OF_A_CHARACTER: Final = 3
CHARACTERS_OF_A_LOOK: Final = 2

MOST_TURNED: Final = 500_000
"""Names that are looked at again, for one reading of the text after the other, to tell of a record what other readings would give."""
PARTS_OF_A_NAME: Final = 50
"""Parts of the conditions of a name that is looked at again, which count as one name more."""
MOST_REREAD: Final = 300_000
"""Names that are looked at again for all records of a ledger, and for one with all of its rows, of whose every result it is told what
other readings would give."""

MOST_TRIED: Final = 60_000
"""Parts of conditions, and 50 a decision, of the decisions of which an impact tries what settles them, and what would bring them about:
each has to be worked out apart."""

MOST_FREED: Final = 3_000_000
"""Steps in which an impact tries, of results that wait for very many blanks, what each of these settles, and in which order they do."""

MOST_EMPTY: Final = 2_500_000
"""Parts of conditions looked at for all records of a ledger in which fewer than `FILLED` cells are filled in."""
FILLED: Final = 3
# What a record costs beside the conditions.
_RECORD: Final = 50

MOST_BELOW: Final = 150_000
"""Rows below the records of such a file that are told one by one."""
MOST_ASKED: Final = 4_000_000
"""Parts of conditions looked at for what is missing in the decisions of one ledger, where nobody asks for all of it."""
MOST_TOLD: Final = 800_000
"""The same where every result of every record is told with what it lacks, with other readings, and with what it assumes."""
MOST_WRITTEN: Final = 16_000_000
"""The same parts for all records of a ledger file that is small, whose results are told one by one: whoever gives it does not expect
to wait."""
MOST_CHANGED: Final = 90_000_000
"""Parts of conditions, whether cells are blank or not, for all records of such a file where it is told what changes: as often as there
are stacks, and once more where every change is written."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows that are looked at for rows. ``objects``: of which kinds, outermost first; ``every``: of each, whether all
    rows below one owner are looked at again (else those of the row around alone); ``weight``: the parts of the condition
    that all of them must be tried on."""

    kind: str
    name: str
    objects: tuple[str, ...]
    every: tuple[bool, ...]
    weight: int


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one kind in a record: how many in all, and how many the owner with the most has."""

    total: int
    most: int


def parts_of(program: core.Program) -> int:
    """How many parts all conditions of a program have."""
    return sum(
        sum(1 for _ in walk(expression))
        for table in _declarations(program)
        for declaration in table
        for expression in expressions(declaration)
    )


def blended(before: core.Program, after: core.Program) -> bool:
    """Whether two programs are short enough to be made one, unasked."""
    return parts_of(before) + parts_of(after) <= MOST_BLENDED


def most_empty(program: core.Program) -> int:
    """How many records of a ledger may be all but empty."""
    return MOST_EMPTY // (parts_of(program) + _RECORD)


def asking(program: core.Program) -> dict[str, int]:
    """What it costs to tell what a record lacks, by the kind of object: the parts of all conditions that are tried on one
    instance of it, and of a record what it costs beside them."""
    found = {program.root: _RECORD}
    for declaration in (declaration for table in _declarations(program) for declaration in table):
        for expression in expressions(declaration):
            waiting = [(expression, _base(declaration))]
            while waiting:
                node, kind = waiting.pop()
                found[kind] = found.get(kind, 0) + 1
                inner = node.rows.object if isinstance(node, core.Quantified | core.Aggregate) else kind
                waiting.extend((child, inner) for child in children(node))
    return found


def asked(parts: int, fields: int, filled: int) -> int:
    """What it costs to tell what one instance lacks, of which ``parts`` are tried: as much of them as of its cells is blank, and a
    quarter at least, since what is filled in is looked at as well. What has no cells may be there or not.

    >>> asked(100, 10, 3), asked(100, 10, 10), asked(100, 0, 0)
    (70, 25, 100)
    """
    return -(-parts * max(4 * (fields - filled), fields) // (4 * fields)) if fields else parts


def looking(program: core.Program) -> dict[str, int]:
    """How many statistics look at each instance of a kind of object."""
    found: dict[str, int] = {}
    for statistic in program.statistics.values():
        found[statistic.object] = found.get(statistic.object, 0) + 1
    return found


def _base(declaration: Declaration) -> str:
    """The kind of object that a declaration is on."""
    return declaration.field.object if isinstance(declaration, core.Presumption) else declaration.object


def _declarations(program: core.Program) -> tuple[Iterable[Declaration], ...]:
    return (
        program.terms.values(),
        program.statistics.values(),
        program.rules.values(),
        program.decisions.values(),
        program.duties.values(),
        program.notices.values(),
        program.presumptions.values(),
    )


def too_many_readings(program: core.Program, graph: Graph) -> Diagnostic | None:
    """What is said where to try one 读法 after the other would take too long: at the first that is one too many."""
    left = MOST_TURNED
    weights = dict[Name, int]()
    for parameter, others, turned in _turned(program, graph):
        looked_at = sum(len(graph[name].reads) + _weight(graph, name, weights) for name in turned)
        left -= others * (len(program.parameters) + looked_at)
        if left < 0:
            said = f"读法太多：逐个换一种读法要重看的规定、参数合计超过 {MOST_TURNED:,} 项"
            return Diagnostic(
                "E234", said, parameter.origin.span, remedy="已经定下来怎样读的，按定下来的写，不再写成“读法”"
            )
    return None


def rereading(program: core.Program, graph: Graph) -> dict[str, int]:
    """What it costs to tell what other readings of the text would give, by the kind of object: the names on one instance of it that are
    looked at again, and of a record the other readings themselves."""
    found, weights = {program.root: 0}, dict[Name, int]()
    for _, others, turned in _turned(program, graph):
        found[program.root] += others
        for name in turned:
            kind = graph[name].object
            found[kind] = found.get(kind, 0) + others * _weight(graph, name, weights)
    return found


def _turned(program: core.Program, graph: Graph) -> Iterator[tuple[core.Parameter, int, frozenset[Name]]]:
    """Each 读法, how many other readings it has, and the names that may turn on it."""
    spoken = [parameter for parameter in program.parameters.values() if parameter.reading]
    read_by = readers(graph) if spoken else {}
    for parameter in spoken:
        others = max(len(parameter.type.values or (True, False)) - 1, 1)
        yield parameter, others, turning_on(read_by, [Name(Kind.PARAMETER, parameter.name)])


def _weight(graph: Graph, name: Name, known: dict[Name, int]) -> int:
    """As how many names one counts that is looked at again, by the length of what it says. ``known``: what was told before."""
    if name not in known:
        known[name] = 1 + sum(1 for _ in walk(*graph[name].bodies)) // PARTS_OF_A_NAME
    return known[name]


def comparisons(program: core.Program) -> tuple[Comparison, ...]:
    """Every place of the program where rows are looked at for rows."""
    found: list[Comparison] = []
    for declaration in (declaration for table in _declarations(program) for declaration in table):
        kind, name = _called(declaration)
        base = _base(declaration)
        above = base == program.root or base in belonging.line(program.objects, program.root)
        for expression in expressions(declaration):
            for objects, every, weight in _inside(program, expression, (base,), (), ()):
                # The record itself, and its county, are there once.
                chain = (objects, every) if above else ((base, *objects), (True, *every))
                if len(chain[0]) > 1 and any(chain[1][1:]):
                    found.append(Comparison(kind, name, *chain, weight))
    return tuple(found)


def cost(found: Comparison, rows: Mapping[str, Rows]) -> int:
    """How many parts of conditions that is in a record with these rows."""
    times = 1
    for number, (object_, every) in enumerate(zip(found.objects, found.every, strict=True)):
        counted = rows.get(object_, Rows(0, 0))
        if number == 0 or every:
            times *= counted.total if number == 0 else counted.most
        else:
            owners = rows.get(found.objects[number - 1], Rows(1, 1)).total
            times = -(-times * counted.total // max(owners, 1))
    return times * found.weight


def few_rows(found: Iterable[Comparison]) -> int:
    """With how many rows, of whatever kinds, no record costs too much.

    >>> few_rows([Comparison("规则", "甲", ("资金", "资金"), (True, True), 5)])
    1000
    """
    counted = [(len(one.objects), one.weight) for one in found]
    least, most = 0, MOST_COMPARED
    while least < most:
        half = (least + most + 1) // 2
        if sum(weight * half**depth for depth, weight in counted) <= MOST_COMPARED:
            least = half
        else:
            most = half - 1
    return least


def _called(declaration: Declaration) -> tuple[str, str]:
    match declaration:
        case core.Rule(name=name, origins=origins) | core.Duty(name=name, origins=origins):
            return origins[0].kind, name
        case core.Notice(name=name, origins=origins) | core.Decision(name=name, origins=origins):
            return origins[0].kind, name
        case core.Term(name=name):
            return "术语", name
        case core.Statistic(name=name):
            return "统计", name
        case core.Presumption(cases=cases):
            return cases[0].origin.kind, cases[0].origin.name
        case _:
            assert_never(declaration)


def _inside(
    program: core.Program,
    node: core.Expr,
    frames: tuple[str, ...],
    objects: tuple[str, ...],
    every: tuple[bool, ...],
) -> Iterator[tuple[tuple[str, ...], tuple[bool, ...], int]]:
    """What looks at rows below ``node``: the kinds of rows, outermost first, whether each begins anew, and its weight."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, core.Quantified | core.Aggregate):
            waiting.extend(children(part))
            continue
        rows = part.rows
        innermost = len(frames) - 1
        chain = (*objects, rows.object)
        anew = (*every, rows.at.frame != innermost or rows.at.up > 0)
        below = children(part)
        yield chain, anew, 1 + sum(1 for inner in below for _ in walk(inner))
        for inner in below:
            yield from _inside(program, inner, (*frames, rows.object), chain, anew)
