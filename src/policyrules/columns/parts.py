"""A ledger in parts: what a worker of a cluster does with the rows that it is handed.

Why this exists: where one machine is too small, rows are dealt out so that all rows of one number come to one worker, one
after the other. Each part is then a ledger by itself: it goes through the same reader and the same planes as on one machine, and
what 统计 need of all others is handed to it.

Invariants: no cluster is known here, only Arrow batches in and out; a number is never cut in two; what comes out has the
schema that was announced, whatever the part holds; what is not exact is not put out.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from policyrules.columns.arrow import ArrowSource, pa
from policyrules.columns.bits import Array
from policyrules.columns.domains import RECORD, axis_of, domain_of
from policyrules.columns.evaluating import Evaluation, chosen
from policyrules.columns.findings import labelled
from policyrules.columns.frame import interpreters
from policyrules.columns.handing import Ledger
from policyrules.columns.naming import holders, texts_of
from policyrules.columns.parameters import Counties
from policyrules.columns.prepare import prepare_tables
from policyrules.columns.results import FrameResult, Names
from policyrules.columns.sources import Source
from policyrules.columns.stacks import Forms, Stacks
from policyrules.columns.store import Prepared
from policyrules.columns.tables import AnyColumn, Days, Exact, Labels, Lists, Numbers, Strings, Table, Truths, taken
from policyrules.columns.whole import Row, contributed_rows, together, wholes
from policyrules.diagnostics import Diagnostic, shown
from policyrules.engine.lowering import nodes as n
from policyrules.engine.lowering.lowered import AnyOutput, FindingOutput, Lowered, Refused, lowered, roots
from policyrules.engine.portfolio import Index
from policyrules.interpreter import Interpreter
from policyrules.program import nodes as core
from policyrules.records.names import RecordNames, record_names

Amounts: TypeAlias = Literal["decimal", "text"]
PLACES: Final = 18
DIGITS: Final = 38
DECIMAL: Final = f"decimal({DIGITS},{PLACES})"

KEY, TABLE, ORDER, MIXED = "k", "t", "o", "h"
"""The columns of rows on their way: what their number is folded to, their table, their order, and what orders those without."""
BLANK: Final = "\x00"
"""What keys of rows without a number begin with: each stands by itself."""
SCHEMA_OF_COUNTS: Final = (
    ("name", "string"),
    ("what", "string"),
    ("key", "string"),
    ("payload", "string"),
    ("count", "bigint"),
)
SCHEMA_OF_PROBLEMS: Final = (
    ("记录", "string"),
    ("代码", "string"),
    ("对象", "string"),
    ("位置", "string"),
    ("值", "string"),
    ("说明", "string"),
)


class NoOrder(ValueError):
    """Several rows have one number, and nothing says which comes first; the message says so in Chinese."""


class Inexact(ValueError):
    """An amount that no column of decimals holds; the message says so in Chinese."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker has to know. ``program``: what it evaluates (`packed`); ``tables``: the objects whose rows come, the
    records first; ``keyed``: rows come by key; ``owners``: tables that are handed whole to each part, as Arrow streams;
    ``records``: so many rows are one part, or a few more; ``counts``: what the whole ledger contributes to statistics."""

    program: bytes
    outputs: tuple[str, ...] | None
    names: Names
    tables: tuple[str, ...]
    keyed: bool
    owners: tuple[tuple[str, bytes], ...]
    records: int
    amounts: Amounts
    known: frozenset[str] = frozenset()
    counts: bytes = b""

    def counting(self, rows: Sequence[Row], statistics: Sequence[str]) -> Job:
        """With what the whole ledger contributes to ``statistics``."""
        return replace(self, counts=json.dumps([list(statistics), list(map(list, rows))]).encode())


@dataclass(frozen=True, slots=True)
class Loaded:
    """A policy as a worker holds it, made once a process. ``stacks``: those that records are under by what the field ``by``
    holds, None where all are under the policy."""

    interpreter: Interpreter
    names: RecordNames
    lowered: Lowered
    stacks: Stacks | None = None
    by: str = ""

    def under(self, prepared: Prepared) -> tuple[Counties | None, Forms | None]:
        """What the records of a part differ in, and which outputs are theirs."""
        return (None, None) if self.stacks is None else self.stacks.of(prepared, self.by)

    def evaluation(self, prepared: Prepared, whole: Mapping[str, Index] | None = None) -> Evaluation:
        """Of a part, or of a ledger that stands for itself."""
        counties, _ = self.under(prepared)
        if counties is None or self.stacks is None:
            return Evaluation(self.lowered, Ledger(self.interpreter, prepared), threads=1, whole=whole)
        ledger = Ledger(self.interpreter, prepared, counties.sets.places, interpreters(counties, self.stacks.under))
        return Evaluation(self.lowered, ledger, counties.sets, threads=1, whole=whole)


def packed(program: core.Program | Stacks, fingerprint: str, by: str = "") -> bytes:
    """What workers evaluate: a program, or stacks by what the field ``by`` holds."""
    return pickle.dumps((program, fingerprint, by))


@lru_cache(maxsize=4)
def loaded(program: bytes) -> Loaded:
    """The policy that was packed."""
    told, fingerprint, by = pickle.loads(program)
    if isinstance(told, Stacks):
        return Loaded(told.interpreter, record_names(told.program), told.lowered, told, by)
    interpreter = Interpreter(told, fingerprint)
    return Loaded(interpreter, record_names(told), lowered(interpreter.engine))


@lru_cache(maxsize=2)
def _whole(counts: bytes) -> dict[str, Index]:
    if not counts:
        return {}
    statistics, rows = json.loads(counts)
    return wholes((Row(*row) for row in rows), statistics)


# ---- parts ----------------------------------------------------------------------------------------------------------


def _cut(job: Job, batches: Iterator[Any]) -> Iterator[Any]:
    """Batches as tables of about ``job.records`` rows, no key in two of them."""
    held: list[Any] = []
    rows = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        held.append(batch)
        rows += batch.num_rows
        if rows < job.records:
            continue
        table = pa.Table.from_batches(held)
        stop = rows
        if job.keyed:
            keys = table.column(KEY)
            last = keys[-1].as_py()
            while stop and keys[stop - 1].as_py() == last:
                stop -= 1
        if stop:
            yield table.slice(0, stop)
            table = table.slice(stop)
            held, rows = table.to_batches(), table.num_rows
    if held:
        yield pa.Table.from_batches(held)


def parts(job: Job, batches: Iterator[Any]) -> Iterator[Prepared]:
    """Ledgers, each of some of the rows."""
    own = loaded(job.program)
    for table in _cut(job, batches):
        which = table.column(TABLE).to_numpy()
        sources: dict[str, Source] = {}
        for place, object_ in enumerate(job.tables):
            rows = table.filter(pa.array(which == place))
            if place == 0 and job.keyed:
                _one_order(own.names, rows)
            held = rows.column(f"{TABLE}{place}").combine_chunks()
            if isinstance(held, pa.ChunkedArray):
                held = held.chunk(0) if held.num_chunks else pa.array([], held.type)
            heads = [held.type.field(at).name for at in range(held.type.num_fields)]
            sources[object_] = ArrowSource(pa.Table.from_arrays(held.flatten(), heads))
        yield prepare_tables(own.interpreter.program, own.names, {**sources, **_owners(job)})


def _owners(job: Job) -> dict[str, Source]:
    found: dict[str, Source] = {}
    for object_, stream in job.owners:
        with pa.ipc.open_stream(stream) as reader:
            found[object_] = ArrowSource(reader.read_all())
    return found


def _one_order(names: RecordNames, rows: Any) -> None:
    """Raise `NoOrder` where rows of one number have no order."""
    keys, order = rows.column(KEY).to_pylist(), rows.column(ORDER).to_pylist()
    for at in range(1, len(keys)):
        twice = keys[at] == keys[at - 1] and not keys[at].startswith(BLANK)
        if twice and (order[at - 1] is None or order[at] == order[at - 1]):
            identity = names.objects[names.record].kind.identity
            raise NoOrder(
                f"{identity}“{shown_key(keys[at])}”有几行，只评在先的一行，集群上的表却没有先后；"
                "请用 order= 给一列（如行号、填报时间）说谁在先，并且同一个编号的各行在这一列里不同"
            )


def shown_key(key: str) -> str:
    """A key, short."""
    return key[:60]


# ---- what is put out ------------------------------------------------------------------------------------------------


def level_of(output: AnyOutput | Refused) -> int:
    """How many steps above the records an output is: 0 of records and their rows."""
    place = output.place.above(len(output.place.below))
    space = place
    while space.space.source is not None:
        space = space.space.source
    return space.up


def object_of(own: Loaded, output: AnyOutput | Refused) -> str:
    """The object whose instances an output is of."""
    place = output.place.above(len(output.place.below))
    if place.space.source is not None:
        return place.space.object
    return (own.names.record, *own.names.owners)[place.up]


def names_of(output: AnyOutput | Refused) -> tuple[str, ...]:
    """What an output may be asked for by: its name, and its key where it has one."""
    declared = output.declaration if isinstance(output, FindingOutput | Refused) else output.decision
    return (declared.name, declared.key) if isinstance(declared, core.Decision) else (declared.name,)


def wanted(own: Loaded, job: Job, test: Callable[[AnyOutput | Refused], bool]) -> tuple[list[AnyOutput], list[Refused]]:
    """The outputs asked for that pass a test."""
    found, refused = chosen(own.lowered, job.outputs)
    return [one for one in found if test(one)], [one for one in refused if test(one)]


def is_finding(output: AnyOutput | Refused) -> bool:
    """Whether it is a finding, not a decision."""
    if isinstance(output, Refused):
        return not isinstance(output.declaration, core.Decision)
    return isinstance(output, FindingOutput)


def result_of(
    own: Loaded, job: Job, prepared: Prepared, found: Sequence[AnyOutput], refused: Sequence[Refused]
) -> FrameResult:
    """What outputs come to of one part."""
    evaluation = own.evaluation(prepared, _whole(job.counts))
    evaluated = evaluation.evaluated(found, (), refused)
    _, forms = own.under(prepared)
    evaluated = evaluated if forms is None else forms.told(evaluated)
    return FrameResult(prepared, own.interpreter.program, evaluated, job.names, "numpy", forms=forms)


def decisions_of(own: Loaded, job: Job, prepared: Prepared, object_: str) -> dict[str, AnyColumn]:
    """The columns of the decisions on the instances of an object: the records', or rows of theirs."""
    found, refused = wanted(own, job, lambda one: not is_finding(one) and object_of(own, one) == object_)
    result = result_of(own, job, prepared, found, refused)
    columns = dict(result.table(object_).columns)
    if object_ == own.names.record:
        return columns
    # Places in a part say nothing to people.
    for name in ("记录", "行"):
        columns.pop(name, None)
    count = _rows_of(prepared, object_)
    rows = np.arange(count)
    paths = result.paths(object_, rows)
    head: dict[str, AnyColumn] = {}
    identity = prepared.identity_field
    if identity:
        records = holders(prepared, object_, rows)[1]
        head[identity] = labelled(np.arange(count), [prepared.identity(row) for row in records.tolist()])
    head["路径"] = labelled(rows, paths)
    number = own.names.objects[object_].kind.identity
    if number is not None:
        head[f"{object_}·{number}"] = texts_of(prepared, object_, number, count)
    return {**head, **columns}


def _rows_of(prepared: Prepared, object_: str) -> int:
    """How many rows of an object belong to records that are evaluated."""
    line = [object_]
    while line[-1] != prepared.record:
        belongs = prepared.tables[line[-1]].belongs if line[-1] in prepared.tables else None
        if belongs is None:
            return 0
        line.append(belongs)
    count = prepared.evaluated
    for name in reversed(line[:-1]):
        starts = prepared.tables[name].starts
        assert starts is not None
        count = int(starts[count])
    return count


def is_by_record(output: AnyOutput | Refused) -> bool:
    """Whether it is of records, or may differ from record to record."""
    return level_of(output) == 0 or isinstance(output, Refused) or reads_records(output)


def findings_of(own: Loaded, job: Job, prepared: Prepared, *, owners: bool) -> dict[str, AnyColumn]:
    """The list of findings: those by record, or (``owners``) those that all records of one owner share."""
    found, refused = wanted(own, job, lambda one: is_finding(one) and is_by_record(one) != owners)
    result = result_of(own, job, prepared, found, refused)
    columns = result.findings.columns
    told: list[list[Any]] = [list(columns[name].to_list()) for name in ("记录", "对象", "行")]
    records, objects, rows = told
    places = np.arange(len(rows))
    if not owners and None in records:
        # What a part has once, for all its records alike come to it, another part may have record by record.
        places, records = _by_record(prepared, records, objects, rows)
    numbers = [None if row is None else prepared.identity(row) for row in records]
    rest = {name: taken(column, places) for name, column in columns.items() if name not in ("记录", "行")}
    return {prepared.identity_field or "标识": labelled(np.arange(len(places)), numbers), **rest}


def _by_record(
    prepared: Prepared, records: Sequence[int | None], objects: Sequence[str], rows: Sequence[int]
) -> tuple[Array, list[int]]:
    """Findings one for each record that they concern: their places in the list, and the records."""
    places: list[int] = []
    found: list[int] = []
    for place, (record, kind, row) in enumerate(zip(records, objects, rows, strict=True)):
        if record is not None:
            concerned = [record]
        else:
            owner, held = holders(prepared, kind, np.array([row]))
            concerned = np.flatnonzero(_owner_rows(prepared, owner) == held[0]).tolist()
        places += [place] * len(concerned)
        found += concerned
    return np.array(places, np.int64), found


def _owner_rows(prepared: Prepared, owner: str) -> Array:
    """Of each record that is evaluated the row of what it belongs to."""
    found: Array = np.arange(prepared.evaluated)
    table = prepared.records
    while table.object != owner:
        assert table.above is not None and table.belongs is not None
        found, table = table.above[found], prepared.tables[table.belongs]
    return found


# ---- schemas --------------------------------------------------------------------------------------------------------


def schema_of(columns: dict[str, AnyColumn], amounts: Amounts) -> tuple[tuple[str, str], ...]:
    """Names and types, as SQL writes them."""
    return tuple((name, _type_of(column, amounts)) for name, column in columns.items())


def _type_of(column: AnyColumn, amounts: Amounts) -> str:
    match column:
        case Labels() | Strings():
            return "string"
        case Lists():
            return "array<string>"
        case Days():
            return "date"
        case Truths():
            return "boolean"
        case Numbers():
            return "bigint"
        case Exact():
            return DECIMAL if amounts == "decimal" else "string"


def arrow_table(columns: dict[str, AnyColumn], schema: Sequence[tuple[str, str]], amounts: Amounts) -> Any:
    """The columns as a table of Arrow with the types that were announced."""
    arrays = []
    for name, type_ in schema:
        column = columns[name]
        if isinstance(column, Exact):
            arrays.append(_exact(name, column, amounts))
            continue
        array = Table({name: column}).to_arrow().column(0)
        arrays.append(array.cast(_ARROW[type_]) if type_ in _ARROW else array)
    return pa.Table.from_arrays(arrays, [name for name, _ in schema])


_ARROW: Final[dict[str, Any]] = {"string": pa.string(), "bigint": pa.int64(), "array<string>": pa.list_(pa.string())}


def _exact(name: str, column: Exact, amounts: Amounts) -> Any:
    told = column.to_list()
    if amounts == "text":
        return pa.array([None if one is None else str(one) for one in told], pa.string())
    return pa.array([None if one is None else _decimal(name, one) for one in told], pa.decimal128(DIGITS, PLACES))


def _decimal(name: str, value: Fraction) -> Decimal:
    whole = value * 10**PLACES
    if whole.denominator != 1 or abs(whole.numerator) >= 10**DIGITS:
        raise Inexact(
            f'“{name}”有一个数 {shown(value)}，{PLACES} 位小数写不准；请用 amounts="text"，各数按原样写成文本'
        )
    sign, digits = int(whole.numerator < 0), tuple(map(int, str(abs(whole.numerator))))
    return Decimal((sign, digits, -PLACES))


# ---- what workers run -----------------------------------------------------------------------------------------------

Schema: TypeAlias = tuple[tuple[str, str], ...]


def run_decisions(job: Job, object_: str, schema: Schema, batches: Iterator[Any]) -> Iterator[Any]:
    """The decisions on an object, part by part."""
    own = loaded(job.program)
    for prepared in parts(job, batches):
        yield from arrow_table(decisions_of(own, job, prepared, object_), schema, job.amounts).to_batches()


def run_findings(job: Job, owners: bool, schema: Schema, batches: Iterator[Any]) -> Iterator[Any]:
    """The findings, part by part."""
    own = loaded(job.program)
    for prepared in parts(job, batches):
        yield from arrow_table(findings_of(own, job, prepared, owners=owners), schema, job.amounts).to_batches()


def run_counts(job: Job, stratum: int, batches: Iterator[Any]) -> Iterator[Any]:
    """What members contribute to the statistics of a stratum, part by part."""
    own = loaded(job.program)
    found, _ = wanted(own, job, lambda one: True)
    for prepared in parts(job, batches):
        evaluation = own.evaluation(prepared, _whole(job.counts))
        censuses = evaluation.contributions(found, stratum)
        yield from _counts(row for name, census in censuses.items() for row in contributed_rows(name, census))


def run_together(batches: Iterator[Any]) -> Iterator[Any]:
    """Contributions put together: those of one key come to one worker."""
    rows = (
        Row(*row) for batch in batches for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    )
    yield from _counts(together(rows))


def _counts(rows: Iterator[Row]) -> Iterator[Any]:
    told = list(rows)
    types = (pa.string(), pa.string(), pa.string(), pa.string(), pa.int64())
    arrays = [pa.array([row[at] for row in told], type_) for at, type_ in enumerate(types)]
    yield pa.RecordBatch.from_arrays(arrays, [name for name, _ in SCHEMA_OF_COUNTS])


def run_problems(job: Job, batches: Iterator[Any]) -> Iterator[Any]:
    """What cannot be read, part by part."""
    for prepared in parts(job, batches):
        yield problems_batch(problem_rows(prepared, job.known))


ProblemRow: TypeAlias = tuple[str | None, str | None, str | None, str | None, str | None, str]


def problem_rows(prepared: Prepared, known: frozenset[str] = frozenset()) -> list[ProblemRow]:
    """What is to be said of a ledger, but for what is known: findings, and notes without a code."""
    said = [_problem_row(one) for one in prepared.problems]
    said += [(None, None, None, None, None, _without_numbers(note)) for note in prepared.notes]
    return [row for row in said if problem_key(row) not in known]


def problem_key(row: ProblemRow) -> str:
    """What two rows that say the same have in common."""
    return hashlib.sha256(repr(row).encode("utf-8", "surrogatepass")).hexdigest()


def _problem_row(found: Diagnostic) -> ProblemRow:
    cell = found.cell
    remedy = f"，应为{found.remedy}" if found.remedy is not None else ""
    value = None if cell.value is None else shown(cell.value).strip("“”")
    text = _without_numbers(f"{found.message}{remedy}")
    return cell.record or None, found.code, cell.sheet or None, cell.path or None, value, text


_NUMBERS: Final = re.compile(r"第 [\d,]+(?:、[\d,]+)*(?: 等 [\d,]+)? ([行条])")


def _without_numbers(text: str) -> str:
    """A message without numbers of rows: those of a part say nothing to people.

    >>> _without_numbers("与第 3 行的编号相同"), _without_numbers("“项目”第 5、9 行像是合计行，没有读入")
    ('与别的行的编号相同', '“项目”有的行像是合计行，没有读入')
    """
    return _NUMBERS.sub(lambda found: ("别的" if text[: found.start()].endswith("与") else "有的") + found[1], text)


def problems_batch(rows: Sequence[ProblemRow]) -> Any:
    """The rows as a batch of Arrow."""
    arrays = [pa.array([row[at] for row in rows], pa.string()) for at in range(len(SCHEMA_OF_PROBLEMS))]
    return pa.RecordBatch.from_arrays(arrays, [name for name, _ in SCHEMA_OF_PROBLEMS])


def reads_records(output: AnyOutput) -> bool:
    """Whether what an output on the owner of records comes to may differ from record to record."""
    axes = []
    for node in n.reachable(roots(output)):
        places = [cell.place for cell in n.cells_of(node)]
        match node:
            case n.HasList(place=place) | n.Counted(place=place):
                places.append(place)
            case n.Told():
                places += node.places
            case _:
                pass
        axes += [axis_of(place) for place in places]
    return RECORD in domain_of(axes)
