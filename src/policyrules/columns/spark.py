"""A ledger on a Spark cluster, where one machine is too small.

Why this exists: provincial platforms keep their ledgers in Spark. Spark deals the rows out and groups what 统计 need; reading and
deciding are those of one machine (`columns.parts`). No engine for distribution is written here.

Invariants: the only module that imports pyspark; frames that come out are lazy, and nothing of the ledger is brought to the
driver but tables of what records belong to, and what 统计 need of each group; what comes out is what `evaluate_frame` says
of the same tables; what cannot be exact here is refused before anything is run.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeAlias

from policyrules.columns import MissingBatch
from policyrules.columns.arrow import ArrowSource, pa
from policyrules.columns.evaluating import chosen
from policyrules.columns.instances import prepare_instances
from policyrules.columns.parts import (
    BLANK,
    DECIMAL,
    DIGITS,
    KEY,
    MIXED,
    ORDER,
    PLACES,
    SCHEMA_OF_COUNTS,
    SCHEMA_OF_PROBLEMS,
    TABLE,
    Amounts,
    Job,
    Loaded,
    Schema,
    decisions_of,
    findings_of,
    is_by_record,
    is_finding,
    level_of,
    loaded,
    names_of,
    object_of,
    packed,
    problem_key,
    problem_rows,
    run_counts,
    run_decisions,
    run_findings,
    run_problems,
    run_together,
    schema_of,
)
from policyrules.columns.prepare import prepare_tables
from policyrules.columns.results import Names
from policyrules.columns.stacks import Forms, Stacks
from policyrules.columns.store import Prepared
from policyrules.columns.whole import Row
from policyrules.diagnostics import CellPlace, Diagnostic, RecordError, Report, shown_text
from policyrules.engine.instances import same_content
from policyrules.engine.lowering.lowered import AnyOutput, Refused
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.records.build import owner_of
from policyrules.records.cells import parse_cell
from policyrules.records.foreign_values import plain_value
from policyrules.records.headers import HeaderReader
from policyrules.records.ledger import Notes
from policyrules.records.names import RecordNames
from policyrules.records.tables import Table
from policyrules.spelling import fold_word
from policyrules.types import value_text

NEEDS_SPARK: Final = "在 Spark 集群上评台账需要另装组件：pip install policyrules[spark]"

_THERE: Final = importlib.util.find_spec("pyspark") is not None
sql: Any = importlib.import_module("pyspark.sql") if _THERE else None
F: Any = importlib.import_module("pyspark.sql.functions") if _THERE else None
T: Any = importlib.import_module("pyspark.sql.types") if _THERE else None
DataFrame: TypeAlias = Any
"""``pyspark.sql.DataFrame``."""

ROWS: Final = 100_000
MOST_GROUPS: Final = 1_000_000
MOST_OWNERS: Final = 200_000


class NotOnSpark(ValueError):
    """Something that a cluster cannot say exactly; the message says what, and what to do, in Chinese."""


def evaluate_spark(
    program: core.Program | Stacks,
    fingerprint: str,
    frame: DataFrame,
    *,
    children: Mapping[str, DataFrame] | None = None,
    outputs: Collection[str] | None = None,
    order: str | None = None,
    names: Names = "zh",
    amounts: Amounts = "decimal",
    rows: int = ROWS,
    most: int = MOST_GROUPS,
    by: str = "",
) -> SparkResult:
    """What a ledger in frames of Spark comes to (`Policy.evaluate_spark`). ``by``: the field that says which of some stacks a
    record is under."""
    if not _THERE:
        raise MissingBatch(NEEDS_SPARK)
    given = packed(program, fingerprint, by)
    own = loaded(given)
    _, forms = own.under(_nothing(own))
    outputs = outputs if forms is None else forms.outputs(outputs)
    job = Job(given, None if outputs is None else tuple(outputs), names, (), False, (), rows, amounts)
    _refuse(own, job, forms)
    return SparkResult(*_dealt(job, frame, children or {}, order), most)


class SparkResult:
    """What a ledger on a cluster comes to, each part of it a frame that is worked out when it is asked for.

    ``records``: the decisions on records, one row a record that is evaluated, under its 标识, with the columns of
    `FrameResult.columns`. ``findings``: one row a finding that is not 不适用. ``problems``: what could not be read, and
    without 代码 what else is to be said. Statistics are worked out once, when the result is made.
    """

    def __init__(self, job: Job, rows: DataFrame, empty: Prepared, most: int) -> None:
        self._own = loaded(job.program)
        self._rows = rows
        self._empty = empty
        said = problem_rows(empty)
        unused = f"没有一个{self._own.names.record}属于"
        self._said = [row for row in said if row[1] is not None or not row[5].startswith(unused)]
        self._job = _counted(self._own, job, rows, most)
        self._known = frozenset(map(problem_key, said))

    @property
    def records(self) -> DataFrame:
        """The decisions on records."""
        return self.table(self._own.names.record)

    def table(self, object_: str) -> DataFrame:
        """The decisions on records, or on rows of theirs (with the record's 标识, their 路径 and their own number).

        Raises `KeyError` for what is neither.
        """
        kinds = [self._own.names.record]
        for kind in kinds:
            kinds += self._own.names.rows_of(kind)
        if object_ not in kinds:
            raise KeyError(object_)
        empty = self._empty if object_ in self._empty.tables else _nothing(self._own)
        if object_ not in empty.tables:
            raise KeyError(object_)
        schema = schema_of(decisions_of(self._own, self._job, empty, object_), self._job.amounts)
        return self._mapped(partial(run_decisions, self._job, object_, schema), schema)

    @property
    def findings(self) -> DataFrame:
        """The findings under the 标识 of their record; those on what records belong to with its name in 所属, and where all its
        records share them once, without a 标识."""
        schema = schema_of(findings_of(self._own, self._job, self._empty, owners=False), self._job.amounts)
        found = self._mapped(partial(run_findings, self._job, False, schema), schema)
        if any(is_finding(one) and not is_by_record(one) for one in chosen(self._own.lowered, self._job.outputs)[0]):
            found = found.union(self._mapped(partial(run_findings, self._job, True, schema), schema).distinct())
        return found

    @property
    def problems(self) -> DataFrame:
        """What could not be read: 记录 is the 标识 of the record that waits for it; rows without 代码 are notes."""
        job = self._job
        told = self._mapped(partial(run_problems, _knowing(job, self._known)), SCHEMA_OF_PROBLEMS)
        if not self._said:
            return told
        first = self._rows.sparkSession.createDataFrame(
            [tuple(row) for row in self._said], _struct(SCHEMA_OF_PROBLEMS), verifySchema=False
        )
        return first.union(told)

    def _mapped(self, work: Any, schema: Schema) -> DataFrame:
        return self._rows.mapInArrow(work, _struct(schema))


def _knowing(job: Job, known: frozenset[str]) -> Job:
    return replace(job, known=known)


def _struct(schema: Schema) -> Any:
    types = {
        "string": T.StringType(),
        "bigint": T.LongType(),
        "date": T.DateType(),
        "boolean": T.BooleanType(),
        "array<string>": T.ArrayType(T.StringType()),
        DECIMAL: T.DecimalType(DIGITS, PLACES),
    }
    return T.StructType([T.StructField(name, types[type_]) for name, type_ in schema])


def _nothing(own: Loaded) -> Prepared:
    """A ledger without records."""
    return prepare_instances(own.interpreter.program, own.names, [])


# ---- what is refused ------------------------------------------------------------------------------------------------


def _refuse(own: Loaded, job: Job, forms: Forms | None) -> None:
    """Raise `KeyError` for outputs that there are not, and `NotOnSpark` for what a part of a ledger cannot tell."""
    found, refused = chosen(own.lowered, job.outputs)
    if job.outputs is not None:
        every, others = chosen(own.lowered, None)
        known = {name for one in (*every, *others) for name in names_of(one)}
        for name in job.outputs:
            if name not in known:
                raise KeyError(name)
    if not own.names.record:
        raise NotOnSpark("这套规则没有声明任何对象，评不了台账")
    asked: list[AnyOutput | Refused] = [*found, *refused]
    for output in asked:
        if level_of(output) and not is_finding(output):
            name = names_of(output)[0]
            name = name if forms is None else forms.name("决定", name)
            said = f"“{name}”是{object_of(own, output)}的决定"
            raise NotOnSpark(f"{said}，集群上只给{own.names.record}和它的明细的决定；请用 outputs= 选其他的输出")
    _, whys = own.evaluation(_nothing(own)).strata(found)
    whys = (*whys, *(one.why for one in refused))
    if whys and own.interpreter.program.statistics:
        raise NotOnSpark(
            f"这些写法要由解释器逐条评：{'、'.join(dict.fromkeys(whys))}；规则里又有统计，要看到整个台账，集群上的每一份看不到。"
            "请用 outputs= 选不用它们的输出，或在一台机器上评（evaluate_frame）"
        )


# ---- statistics -----------------------------------------------------------------------------------------------------


def _counted(own: Loaded, job: Job, rows: DataFrame, most: int) -> Job:
    """The job with what the whole ledger contributes to statistics: pass after pass, each reading those before it."""
    found, _ = chosen(own.lowered, job.outputs)
    strata, _ = own.evaluation(_nothing(own)).strata(found)
    told: list[Row] = []
    statistics = [name for name, at in own.interpreter.engine.strata.items() if at in strata]
    schema = _struct(SCHEMA_OF_COUNTS)
    for stratum in strata:
        counts = rows.mapInArrow(partial(run_counts, job, stratum), schema)
        grouped = counts.repartition("name", "key").mapInArrow(run_together, schema)
        table = grouped.limit(most + 1).toArrow()
        if table.num_rows > most:
            raise NotOnSpark(
                f"统计的各组和组内不同的情况超过 {most:,} 种，放不进一台机器；"
                "请按县分开评，或用 most= 放宽（每一百万种约需 1 GB 内存）"
            )
        told += sorted(Row(*row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True))
        job = job.counting(told, statistics)
    return job


# ---- how rows are dealt out -----------------------------------------------------------------------------------------


def _dealt(
    job: Job, frame: DataFrame, children: Mapping[str, DataFrame], order: str | None
) -> tuple[Job, DataFrame, Prepared]:
    """All rows in one frame, those of one number together; what workers have to know; and the same ledger without records."""
    own = loaded(job.program)
    names = own.names
    tables = {names.record: frame}
    for name, child in children.items():
        object_ = next((one for one, kind in names.objects.items() if name in (one, kind.kind.key)), None)
        if object_ is None or object_ in tables:
            known = "、".join(one for one in names.objects if one != names.record)
            said = f"children 里的“{shown_text(str(name))}”不是规则里的对象，或给了两次；可以给：{known}"
            raise RecordError([Diagnostic("E506", said, CellPlace())])
        if not isinstance(child, sql.DataFrame):
            raise TypeError(f"children 里的“{name}”要给 Spark 的 DataFrame，给的是 {type(child).__name__}")
        tables[object_] = child
    for object_, table in tables.items():
        if len(set(table.columns)) < len(table.columns):
            raise NotOnSpark(f"{object_}表有两列同名；请先改名")
    nested = _nested(names, frame)
    if nested and len(tables) > 1:
        raise TypeError("明细在记录的列里，就不能再用 children 另给")
    _agree(names, frame)
    below = names.rows_of(names.record)
    deeper = [one for one in tables if one != names.record and one not in below and not _above(names, one)]
    if deeper:
        raise NotOnSpark(
            f"{deeper[0]}是{names.objects[deeper[0]].kind.parent}的明细，集群上不能另给一张表；请把各级明细放进{names.record}的列里（nested）"
        )
    owners = {name: _collected(name, one) for name, one in tables.items() if _above(names, name)}
    moving = {name: one for name, one in tables.items() if name not in owners}
    job = replace(
        job,
        tables=tuple(moving),
        owners=tuple((name, _stream(table)) for name, table in owners.items()),
        keyed=names.objects[names.record].kind.identity is not None,
    )
    rows = _united(names, moving, order, nested=nested)
    if job.keyed:
        # A number is never in two partitions, and its rows stand one behind the other.
        rows = rows.repartition(KEY).sortWithinPartitions(KEY, TABLE, ORDER, MIXED)
    sources = {name: ArrowSource(_headed(one)) for name, one in moving.items()}
    sources |= {name: ArrowSource(table) for name, table in owners.items()}
    empty = prepare_tables(own.interpreter.program, names, sources)
    return job, rows, empty


def _above(names: RecordNames, object_: str) -> bool:
    """Whether an object is what records belong to, or rows of that."""
    line = belonging.line({name: own.kind for name, own in names.objects.items()}, object_)
    return names.record not in line and any(kind in names.owners for kind in line)


def _collected(name: str, frame: DataFrame) -> Any:
    table = frame.limit(MOST_OWNERS + 1).toArrow()
    if table.num_rows > MOST_OWNERS:
        raise NotOnSpark(f"{name}表超过 {MOST_OWNERS:,} 行，不能整张发给每台机器；请按地区分开评")
    return table


def _stream(table: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    found: bytes = sink.getvalue().to_pybytes()
    return found


def _headed(frame: DataFrame) -> Any:
    """A table without rows."""
    return frame.limit(0).toArrow()


def _united(names: RecordNames, tables: Mapping[str, DataFrame], order: str | None, *, nested: bool) -> DataFrame:
    """All tables as one: the key of each row, its table, its order, and its cells in a column of the table."""
    if order is not None and order not in tables[names.record].columns:
        raise KeyError(order)
    found: DataFrame | None = None
    for place, (object_, frame) in enumerate(tables.items()):
        cells = F.struct(*[F.col(_quoted(name)) for name in frame.columns])
        mixed = F.xxhash64(*[F.col(_quoted(name)) for name in frame.columns])
        named = _named(names, object_, frame, nested=nested)
        key = F.concat(F.lit(BLANK), mixed.cast("string"))
        if named is not None:
            column, field = named
            fold = F.udf(partial(_folded, field), T.StringType(), useArrow=False)
            key = F.coalesce(fold(_plain(frame, column)), key)
        one = frame.select(
            key.alias(KEY),
            F.lit(place).alias(TABLE),
            _ordering(frame, order).alias(ORDER),
            mixed.alias(MIXED),
            cells.alias(f"{TABLE}{place}"),
        )
        found = one if found is None else found.unionByName(one, allowMissingColumns=True)
    assert found is not None
    return found


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _plain(frame: DataFrame, column: str) -> Any:
    """A column as Python gets it: a short binary number as the decimal that is written for it."""
    if isinstance(frame.schema[column].dataType, T.FloatType):
        return F.col(_quoted(column)).cast("string").cast("double")
    return F.col(_quoted(column))


def _ordering(frame: DataFrame, order: str | None) -> Any:
    type_ = T.DecimalType(38, 6)
    if order is None or order not in frame.columns:
        return F.lit(None).cast(type_)
    column = F.col(_quoted(order))
    match frame.schema[order].dataType:
        case T.DateType():
            return F.unix_date(column).cast(type_)
        case T.TimestampType():
            return F.unix_micros(column).cast(type_)
        case T.NumericType():
            return column.cast(type_)
        case other:
            raise NotOnSpark(f"order 的列“{order}”要是数、日期或时间，现在是 {other.simpleString()}；请先换算")


def _named(names: RecordNames, object_: str, frame: DataFrame, *, nested: bool) -> tuple[str, core.Field] | None:
    """The column that says which record a row is, or is of, and the field that it is read as; None where there is none."""
    identity = names.objects[names.record].kind.identity
    field = names.objects[names.record].by_name.get(identity or "")
    if field is None:
        return None
    if nested:
        own = names.objects[object_]
        found = [head for head in frame.columns if own.field(head) is field and own.child(head) is None]
    else:
        heads = tuple(frame.columns)
        columns = HeaderReader(names, Report(), Notes()).columns(Table(object_, [(1, heads)]), object_, 0)
        mine = object_ == names.record
        found = [column.header for column in columns.read if (column.field is field if mine else column.link)]
    if len(found) > 1:
        raise NotOnSpark(f"{object_}表有几列都像是{identity}：{'、'.join(found)}；请只留一列")
    return (found[0], field) if found else None


def _folded(field: core.Field, cell: object) -> str | None:
    """What a number is looked up by; None where there is none."""
    parsed = parse_cell(plain_value(cell), field)
    if parsed is None or isinstance(parsed, Diagnostic):
        return None
    return fold_word(value_text(parsed, field.type)) or None


# ---- rows within records --------------------------------------------------------------------------------------------


def _nested(names: RecordNames, frame: DataFrame) -> bool:
    """Whether rows of lists, or what records belong to, stand within the records."""
    own = names.objects[names.record]
    labels = {label for name in names.owners for label in (name, names.objects[name].kind.key)}
    meant = [field.dataType for field in frame.schema if own.child(field.name) is not None or field.name in labels]
    return any(map(_holds_rows, meant))


def _holds_rows(type_: T.DataType) -> bool:
    return isinstance(type_, T.StructType) or (
        isinstance(type_, T.ArrayType) and isinstance(type_.elementType, T.StructType)
    )


def _agree(names: RecordNames, frame: DataFrame) -> None:
    """Raise `NotOnSpark` where records give two accounts of what they belong to."""
    labels = {label for name in names.owners[:1] for label in (name, names.objects[name].kind.key)}
    columns = [field.name for field in frame.schema if field.name in labels and _holds_rows(field.dataType)]
    link = names.link(names.owners[0]) if names.owners else None
    if not columns or link is None:
        return
    accounts = frame.select(*[F.col(_quoted(name)) for name in columns]).distinct().limit(MOST_OWNERS + 1).collect()
    if len(accounts) > MOST_OWNERS:
        raise NotOnSpark(
            f"各{names.record}带的{names.owners[0]}情况超过 {MOST_OWNERS:,} 种；请把它放进一张表，用 children 给"
        )
    seen: dict[str, Any] = {}
    for account in accounts:
        built = owner_of(names, account.asDict(recursive=True))
        assert built is not None
        value = built[0].values.get(link.name)
        key = "" if value is None else fold_word(value_text(value, link.type))
        earlier = seen.setdefault(key, built[0])
        if key and earlier is not built[0] and not same_content(earlier, built[0]):
            raise NotOnSpark(
                f"不同的{names.record}说的是同一个{names.owners[0]}（{shown_text(value_text(value, link.type))}），内容却不同，"  # type: ignore[arg-type]  # known
                "不知道以哪一份为准；请先改好"
            )


def with_rows(frame: DataFrame, identity: str, children: Mapping[str, tuple[DataFrame, str]]) -> DataFrame:
    """``frame`` with the rows of other frames in columns of lists: of each name a frame, and its column that holds the
    ``identity`` of the record. A record without rows has an empty list, one without a number none, for nobody knows its
    rows. Values of both columns are compared as they are written; rows that name no record are not in what comes out.
    """
    for name, (child, link) in children.items():
        cells = [F.col(_quoted(column)) for column in child.columns if column != link]
        rows = child.groupBy(F.col(_quoted(link)).alias("_link")).agg(
            F.sort_array(F.collect_list(F.struct(*cells))).alias(name)
        )
        joined = frame.join(rows, F.col(_quoted(identity)) == F.col("_link"), "left").drop("_link")
        listed = F.coalesce(F.col(_quoted(name)), F.array().cast(rows.schema[name].dataType))
        frame = joined.withColumn(name, F.when(F.col(_quoted(identity)).isNotNull(), listed))
    return frame


__all__ = ["MOST_GROUPS", "ROWS", "NotOnSpark", "SparkResult", "evaluate_spark", "with_rows"]
