"""The impact of a variation, as a typed result.

Why this exists: the page, the workbook, the terminal and other systems tell one thing, and read it here. Its JSON is `Impact.to_dict`,
its schema `Impact.schema`.

Invariants: values only, nothing is evaluated when it is read; a record is told once (`Impact.records`) and meant by its number
there, an act by its number among `Impact.acts`, a cause by its number among `Impact.causes`; what is certain and what is open
are never added up; a blank amount is counted, never zero; every order follows the ledger and the rules.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from policyrules.types import Number
from policyrules.variation.plain import plain, schema

Direction: TypeAlias = Literal["得", "失", "移", "明确", "变不明"]
"""How a result of one value moves. 得: from none to one; 失: from one to none; 移: from one to another; 明确: what was open is settled,
or fewer things are possible; 变不明: what was settled is open, or more things are possible."""
How: TypeAlias = Literal["alone", "jointly", "either", "mixed", "unfound"]
Authority: TypeAlias = Literal["有", "无", "不适用"]
"""Whether the layer that an act is written in, or varies, may do it under the layers above it."""


# ---- what was compared ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of one side. ``name``: its short title; ``in_force``: on the evaluation date; ``assumed``: whether a date of it
    is assumed, ``note`` what its manifest says of that; ``varied``: titles of trials that vary it."""

    id: str
    name: str
    title: str
    level: str
    document_number: str
    in_force: bool
    in_force_from: str
    assumed: bool
    note: str
    varied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """One side: ``label``, short (国家＋江西省); ``parameters``: what the caller set, by name; ``fingerprint`` of the policy."""

    label: str
    layers: tuple[Layer, ...]
    parameters: Mapping[str, str]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Measure:
    """What is added up over records: a field of the record (计划总投资), or of its rows (资金.金额). ``kind``: money, or a weight (带动脱贫户)
    beside which nothing is added."""

    name: str
    unit: str
    kind: Literal["money", "weight"]


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """The ledger. ``sha256`` of the file ('' of a folder, or of records from memory); ``records``: how many were evaluated; ``set_aside``: the
    numbers of those that could not be read; ``said_invented``: whether the file says that it is invented (虚构)."""

    name: str
    sha256: str
    records: int
    set_aside: tuple[str, ...]
    said_invented: bool


@dataclass(frozen=True, slots=True)
class About:
    """What was asked. ``title``: in one line; ``by``: the fields by which places are told; ``command``: how to do it again;
    ``notes``: what a reader of any figure must know (a layer not in force, dates that are assumed, what was not tried)."""

    title: str
    old: Side
    new: Side
    as_of: datetime.date
    root: str
    ledger: LedgerFile
    by: tuple[str, ...]
    measures: tuple[Measure, ...]
    decision: str
    command: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A record that something is said of. ``groups``: by each of `About.by` its value, '' where blank; ``amounts``: of each of
    `About.measures`, None where blank."""

    index: int
    identity: str
    name: str
    groups: Mapping[str, str]
    amounts: Mapping[str, Number | None]


# ---- what changed ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """An act by which the two sides differ. ``kind``: as of `analysis.atoms.Atom`; ``operation``: what it does, in a word of the
    language (还须, 设定); ``layer``: id of who wrote it; ``name``: of what it acts on; ``old`` and ``new``: its words, '' where it is not
    there; ``clauses``: ids; ``citations``: document number, place and quote, as people read them; ``place``: file:line;
    ``authority``: whether the layer may do it, and ``authority_note`` why not."""

    number: int
    kind: str
    operation: str
    layer: str
    name: str
    old: str
    new: str
    clauses: tuple[str, ...]
    citations: tuple[str, ...]
    place: str
    authority: Authority = "不适用"
    authority_note: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """From how many to how many, once every blank is filled in."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over some records, and how many of them have a blank, which is in no sum."""

    value: Number
    blank: int


@dataclass(frozen=True, slots=True)
class Flow:
    """How many objects went from one result to another (``before`` = ``after``: they stayed). ``records``: of those that went, each once;
    ``totals``: of each measure; ``places``: of those that went, how many objects each value ('' where blank) of each of `About.by` has."""

    before: str
    after: str
    count: int
    records: tuple[int, ...]
    totals: Mapping[str, Total]
    places: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DecisionImpact:
    """A decision that takes one value. ``values``: in declared order; ``ordered``: whether that order is from lenient to strict
    (由宽到严); ``one_sided``: the side that alone has it; ``bounds``: of each value, and of 无, on each side; ``changed``: how many objects
    differ; ``unread``: how many more may, since records could not be read, whom the upper ends of ``bounds`` count (None: nobody
    knows, because such a record may have any number of these objects, and ``bounds`` count none of them); ``how``: the changes
    by how they come about (`Cause.how`; unfound: no cause)."""

    name: str
    key: str
    object: str
    values: tuple[str, ...]
    ordered: bool
    one_sided: Literal["", "old", "new"]
    objects: int
    changed: int
    flows: tuple[Flow, ...]
    bounds: Mapping[str, tuple[Bounds, Bounds]]
    unread: int | None = 0
    how: Mapping[str, int] = field(default_factory=dict)


SETTLED: Final = frozenset({"determined", "none", "not_applicable", "absent"})
"""The states in which it is settled which value there is."""


@dataclass(frozen=True, slots=True)
class State:
    """A result: ``text`` in a word (升级, 待定, 无; of an amount 3 万元), ``status``, and what it may be (升级, 无); of an amount nothing."""

    text: str
    status: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One decision on one object that differs. ``record``: index in `Impact.records`; ``path``: the object (``项目``, ``资产[0]``) and
    ``label`` what people call it; ``sure``: whether both sides are settled, so that the change is certain; ``cause``: number of the
    cause, None where none was found; ``blanks``: what the new side waits for, some of it only together with others; ``amounts``: of a row its own
    instead of the record's."""

    record: int
    path: str
    label: str
    decision: str
    before: State
    after: State
    direction: Direction
    sure: bool
    cause: int | None
    blanks: tuple[str, ...]
    amounts: Mapping[str, Number | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why results changed, found by trying out: sets of acts that are ``enough`` by themselves, without which the result is another
    (``change``) or the old one (``undo``); ``masked``: without them it is another and still not the old one. ``complete``: whether all
    selections were tried, else ``size`` is up to how many acts; ``text``: in a sentence."""

    number: int
    how: How
    text: str
    enough: tuple[tuple[int, ...], ...]
    change: tuple[tuple[int, ...], ...]
    undo: tuple[tuple[int, ...], ...]
    masked: tuple[tuple[int, ...], ...]
    complete: bool
    size: int
    cells: int


@dataclass(frozen=True, slots=True)
class ProvisionCount:
    """For how many changed cells an act is enough alone, needed with others, or enough beside others; ``by_decision``: their sum,
    decision by decision; ``parts``: the three (alone, jointly, either) decision by decision; ``totals`` over the records of these
    cells, each once."""

    act: int
    alone: int
    jointly: int
    either: int
    by_decision: Mapping[str, int]
    totals: Mapping[str, Total]
    parts: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PairCount:
    """Two acts: in how many cells both are needed together, either is enough, or one stands behind the other (抵消)."""

    a: int
    b: int
    jointly: int
    either: int
    masked: int


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one decision by what a field of the record holds ('' where blank). ``all``: records of the ledger there; ``sure`` and
    ``open``: objects that surely, and that perhaps, change; totals and records of each apart."""

    by: str
    value: str
    decision: str
    all: int
    sure: int
    open: int
    sure_totals: Mapping[str, Total]
    open_totals: Mapping[str, Total]
    sure_records: tuple[int, ...] = ()
    open_records: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DirectionCount:
    """Cells of one decision by how they move; ``totals`` over their records, each once."""

    decision: str
    direction: Direction
    count: int
    records: tuple[int, ...]
    totals: Mapping[str, Total]


@dataclass(frozen=True, slots=True)
class ValueMove:
    """One value of a decision that takes several (a measure of support): who gains and who loses it for sure, and of whom it becomes
    settled that it holds, or does not, and of whom open."""

    decision: str
    value: str
    gained: tuple[int, ...]
    lost: tuple[int, ...]
    settled_in: tuple[int, ...]
    settled_out: tuple[int, ...]
    opened: tuple[int, ...]


MOVES: Final = ("gained", "lost", "settled_in", "settled_out", "opened")
"""How a value of a decision that takes several moves: the fields of `ValueMove` and of `Follow`."""


@dataclass(frozen=True, slots=True)
class Follow:
    """What follows for a record of which a decision of one value changes: the values of a decision that takes several which it surely
    gains and loses, of which it becomes settled that they hold or do not, and which become open (as `ValueMove` counts them)."""

    record: int
    decision: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    settled_in: tuple[str, ...]
    settled_out: tuple[str, ...]
    opened: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingMove:
    """A duty, prohibition or notice whose status moves, on so many objects. ``breach``: whether it is newly violated or overdue."""

    name: str
    kind: str
    before: str
    after: str
    breach: bool
    count: int
    records: tuple[int, ...]


# ---- what else could be -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AmountImpact:
    """A decision of an amount: the sum over the objects where it is determined on both sides (0 where it is none), how many these are,
    and how many are open on either side, which are in no sum. Shares and years have no sum: ``old`` and ``new`` are None."""

    name: str
    key: str
    unit: str
    one_sided: Literal["", "old", "new"]
    objects: int
    open: int
    changed: int
    old: Number | None
    new: Number | None


@dataclass(frozen=True, slots=True)
class Onward:
    """Objects that the new side brings from one result to another (``before``, ``now``), or that it leaves and the variation changes, and
    what they come to under the variation (``there``)."""

    decision: str
    before: str
    now: str
    there: str
    count: int
    records: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Variation:
    """Another variation beside the new side, against the same old side. ``moved``: record, path and decision of each object that
    differs; ``onward``: where what the new side changes goes under this variation."""

    label: str
    side: Side
    decisions: tuple[DecisionImpact, ...]
    moved: tuple[tuple[int, str, str], ...]
    onward: tuple[Onward, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of values of a parameter on which nothing changes. ``low`` and ``high``: its ends, None where there is none;
    whether each belongs to it; ``at``: a value inside, None of a parameter that is no number; ``text``: as people read it (4 至 6 个). ``bounds``: by decision and
    value, how many; ``changed``: by decision, how many objects differ from the old side, from (surely) to (at most);
    ``moved``: records that surely differ from the old side there, ``perhaps`` those that may."""

    low: Number | None
    high: Number | None
    low_closed: bool
    high_closed: bool
    at: Number | None
    text: str
    bounds: Mapping[str, Mapping[str, Bounds]]
    changed: Mapping[str, Bounds]
    moved: tuple[int, ...]
    perhaps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sweep:
    """A parameter of a side (``side``: new or old) from end to end; numbers in canonical units (元; a share as 3/5), ``unit`` as people
    write them (万元; % of a share), of which one is ``scale`` canonical ones. ``proposed``: its value on that side, None where it has none; ``exact``: whether the ends of pieces are exactly
    where results change, else the values were tried one by one (逐值), ``tried`` of them; ``switching``: the nearest values below and
    above the proposed one at which any result changes, None where none is: where a parameter need not be whole, the number where
    another piece ends, whether or not it belongs to it. ``note``: what a reader must know;
    ``proposed_text`` and ``switching_texts``: these numbers as people read them, '' where there is none."""

    parameter: str
    unit: str
    side: str
    proposed: Number | None
    exact: bool
    tried: int
    pieces: tuple[Piece, ...]
    switching: tuple[Number | None, Number | None]
    note: str = ""
    proposed_text: str = ""
    switching_texts: tuple[str, str] = ("", "")
    scale: Number = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """Two parameters: for each piece of the first (rows) and of the second how many objects of ``decision`` differ from the old side.
    ``exact``: whether pieces end exactly where results change; ``note``: why not."""

    parameters: tuple[str, str]
    decision: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    changed: tuple[tuple[Bounds, ...], ...]
    exact: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A result that flips: record, path, decision, and what it was and is."""

    record: int
    path: str
    decision: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DateChange:
    """A day on which results flip, on either side. ``because``: what falls on it (a layer comes into force, 36 个月 are full), and which
    layers are not in force on it; ``old`` and ``new``: what flips on each side, against what it was on the day ``since``: the day
    before, or of a day that was asked for the evaluation date; ``differ``: by decision, how many objects differ between the sides
    from that day."""

    on: datetime.date
    because: tuple[str, ...]
    old: tuple[Moved, ...]
    new: tuple[Moved, ...]
    differ: Mapping[str, int]
    since: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One change of an input. ``field`` as people call it (项目.带动脱贫户); ``before`` and ``after`` as they read them; ``margin``: by how
    much, '' where it is no number."""

    field: str
    before: str
    after: str
    kind: Literal["事实", "研判", "日期"]
    margin: str


@dataclass(frozen=True, slots=True)
class Nearest:
    """What would bring a result to a target on the new side: each of ``ways`` a least set of changes, facts before judgements;
    ``more``: how many others there are; ``tried``: sets of up to so many changes were tried, so that where there is no way it takes more
    than that, or something else than a change of what is on record."""

    record: int
    path: str
    decision: str
    now: str
    target: str
    ways: tuple[tuple[Step, ...], ...]
    more: int
    tried: int


@dataclass(frozen=True, slots=True)
class BlankValue:
    """An input that is blank. ``records``: those whose results of one value it bears on, ``settles``: those that it settles alone whatever is
    filled in; ``cover``: its place in the order in which filling in settles most, 0 where it settles none; ``totals`` over
    ``records``; ``by_decision``: on how many records' results of one decision it bears, and how many of these it settles alone."""

    field: str
    holders: tuple[str, ...]
    records: tuple[int, ...]
    settles: tuple[int, ...]
    cover: int
    totals: Mapping[str, Total]
    by_decision: Mapping[str, tuple[int, int]] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """Another reading of the text (读法): what it changes on each side."""

    parameter: str
    value: str
    current: str
    old: tuple[Moved, ...]
    new: tuple[Moved, ...]
    differ: Mapping[str, int]
    """By decision, how many objects then differ between the sides."""


@dataclass(frozen=True, slots=True)
class LaxerCount:
    """By how many objects a decision is laxer and stricter on the new side. ``ordered``: it is declared from lenient to strict
    (由宽到严), and 无 is laxer than all it may say; else to have a value (有类) counts as laxer than to have none. ``beside``: what
    moves and is neither; ``open``: what is open on either side, or does not apply on one."""

    decision: str
    ordered: bool
    laxer: tuple[int, ...]
    stricter: tuple[int, ...]
    beside: int
    open: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What a variation changes.

    ``decisions``: those of one value that either side has, ``amounts``: those of an amount; ``cells``: what differs in either, in ledger order; ``directions``, ``groups``,
    ``provisions`` count cells; ``values`` and ``findings``: what follows for measures and duties (`follows`: record by record); ``sweeps``, ``grids``,
    ``dates``, ``nearest``, ``blanks``, ``readings``, ``variations``: where they were asked for, else empty; ``beside``: what differs
    between the sides and is no act (fields of another kind); ``unattributed``: how many cells have no cause.
    """

    about: About
    records: tuple[Record, ...]
    acts: tuple[Act, ...]
    decisions: tuple[DecisionImpact, ...]
    amounts: tuple[AmountImpact, ...]
    cells: tuple[Cell, ...]
    causes: tuple[Cause, ...]
    provisions: tuple[ProvisionCount, ...]
    pairs: tuple[PairCount, ...]
    groups: tuple[Group, ...]
    directions: tuple[DirectionCount, ...]
    values: tuple[ValueMove, ...]
    findings: tuple[FindingMove, ...]
    complied: int
    """Objects to which a duty newly applies and who comply with it."""
    sweeps: tuple[Sweep, ...] = ()
    grids: tuple[Grid, ...] = ()
    dates: tuple[DateChange, ...] = ()
    nearest: tuple[Nearest, ...] = ()
    blanks: tuple[BlankValue, ...] = ()
    readings: tuple[Reading, ...] = ()
    variations: tuple[Variation, ...] = ()
    beside: tuple[str, ...] = ()
    unattributed: int = 0
    laxer: tuple[LaxerCount, ...] = ()
    form: Mapping[str, int] = field(default_factory=dict)
    """What the new layers' provisions are by their form (更宽, 更窄, 更具体 ...), each with how many: 更具体 may be laxer in effect."""
    holders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Who knows each of the inputs that cells lack, or decides it, by what it is called there (`Cell.blanks`)."""

    def __repr__(self) -> str:
        told = "、".join(f"{one.name} {one.changed}" for one in self.decisions if one.changed)
        return f"<Impact {self.about.title}（评估日 {self.about.as_of}）：{told or '没有变化'}>"

    def follows(self) -> tuple[Follow, ...]:
        """``values`` record by record, for those of which a decision of one value changes, in their order."""
        records = {cell.record for cell in self.cells}
        found: dict[tuple[int, str], dict[str, list[str]]] = {}
        for value in self.values:
            for move in MOVES:
                for index in getattr(value, move):
                    if index in records:
                        found.setdefault((index, value.decision), {}).setdefault(move, []).append(value.value)
        order = {name: place for place, name in enumerate(dict.fromkeys(one.decision for one in self.values))}
        return tuple(
            Follow(index, name, *(tuple(moves.get(move, ())) for move in MOVES))
            for (index, name), moves in sorted(found.items(), key=lambda item: (item[0][0], order[item[0][1]]))
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON with stable keys, as `schema` describes it."""
        data = plain(self)
        assert isinstance(data, dict)
        return data

    @staticmethod
    def schema() -> dict[str, Any]:
        """The JSON Schema (2020-12) of `to_dict`."""
        return schema(Impact, "policyrules impact")

    def row_names(self) -> tuple[str, ...]:
        """The columns of `rows`."""
        beside = (*self.about.by, *(measure.name for measure in self.about.measures))
        taken = set(_COLUMNS)
        # What a field of the record shares with a column of ours is told with its kind of record.
        return (*_COLUMNS, *(f"{self.about.root}.{name}" if name in taken else name for name in beside))

    def numbers(self) -> tuple[str, ...]:
        """Those columns of `rows` that hold exact numbers."""
        return self.row_names()[len(_COLUMNS) + len(self.about.by) :]

    def rows(self) -> Iterator[dict[str, object]]:
        """Each changed cell as a flat row, with what its record is called, where it is, its amounts, and its cause in words.

        Columns (`row_names`): 编号, 名称, 对象, 决定, 原, 现, 变化, 确定, 由, 缺, then each of `About.by` and of `About.measures` (exact
        numbers; None where blank).
        """
        records = {record.index: record for record in self.records}
        names = self.row_names()
        for cell in self.cells:
            record = records[cell.record]
            amounts = cell.amounts or record.amounts
            told: tuple[object, ...] = (
                record.identity,
                record.name,
                cell.label,
                cell.decision,
                cell.before.text,
                cell.after.text,
                cell.direction,
                cell.sure,
                "" if cell.cause is None else self.causes[cell.cause].text,
                "、".join(cell.blanks),
                *(record.groups[name] for name in self.about.by),
                *(amounts[measure.name] for measure in self.about.measures),
            )
            yield dict(zip(names, told, strict=True))

    def to_polars(self) -> Any:
        """`rows` as a Polars frame, amounts as decimals. Raises `ImportError` where ``policyrules[parquet]`` or Polars is missing."""
        from policyrules.variation.frames import to_polars

        return to_polars(self)

    def to_pandas(self) -> Any:
        """`rows` as a pandas frame, amounts as decimals. Raises `ImportError` where ``policyrules[parquet]`` or pandas is missing."""
        from policyrules.variation.frames import to_pandas

        return to_pandas(self)


_COLUMNS: Final = ("编号", "名称", "对象", "决定", "原", "现", "变化", "确定", "由", "缺")
