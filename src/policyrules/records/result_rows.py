"""The rows that outcomes give in the tables of results, before the heads of the tables are known.

Why this exists: outcomes of a long ledger come in runs, from several processes, and are let go as they are read. A run becomes
a `TablePart`, plain rows that travel.

Invariants: the same outcomes give the same rows; nothing here evaluates, beyond asking an outcome for what it lacks; what is
said of a county is marked, since the next run may say it again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, groupby
from operator import itemgetter
from typing import Final, Protocol, TypeAlias

from policyrules.engine.instances import nameless
from policyrules.explanation import Blank, told_apart
from policyrules.program.nodes import Citation
from policyrules.records.ledger import LedgerRecord
from policyrules.records.result_cells import (
    LONGEST,
    MOST_KEPT,
    NO_NAMES,
    Cell,
    Cells,
    Cite,
    Documents,
    exactly,
    in_short,
    listed,
    number_cell,
    safe,
)
from policyrules.records.tasks import places
from policyrules.records.wording import NOT_ASKED, holders_text
from policyrules.results import (
    KIND_NAMES,
    STATUS_NAMES,
    DecisionResult,
    Finding,
    Outcome,
    ValueSources,
    is_open,
    objects_of,
)

_BLANK_NAMES: Final[dict[str, str]] = {
    "field": "字段未填",
    "rows": "明细未提供",
    "portfolio": "没有提供全部台账",
    "parameter": "参数未设",
    "recognition": "须认定",
    "conflict": "结论冲突，须先解决",
    "presumption": "推定不一致",
    "undefined": "算不出来",
    "calendar": "节假日没有列出",
}


_Pairs: TypeAlias = Iterable[tuple[Outcome, LedgerRecord | None]]
Mark: TypeAlias = Hashable | None


@dataclass(frozen=True, slots=True)
class Column:
    """How a decision stands in 结果. ``amount``: with a column for numbers and one for what is open; ``unit``: of these."""

    amount: bool
    unit: str


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One row of 结果 before its head is known: ``decisions`` by name, ``below`` by the label of their column."""

    lead: Cells
    decisions: dict[str, tuple[Column, Cells]]
    below: dict[str, Cell]
    rest: Cells


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A row of 要处理 about a result that is open, before it is known which places have a column."""

    lead: Cells
    places: dict[str, Cell]
    rest: Cells


@dataclass(slots=True)
class TablePart:
    """The rows that a run of outcomes gives. What is said of a county is marked, since the next part may say it again. ``lines``: rows
    of a table whose head is known beforehand as they stand in a file, in lots."""

    results: list[ResultRow] = field(default_factory=list)
    values: list[Cells] = field(default_factory=list)
    findings: list[tuple[Mark, Cells]] = field(default_factory=list)
    missing: list[tuple[Mark, list[Cells]]] = field(default_factory=list)
    open: list[tuple[Mark, OpenRow]] = field(default_factory=list)
    places: dict[str, None] = field(default_factory=dict)
    lines: dict[str, list[tuple[Mark, bytes]]] = field(default_factory=dict)
    told: set[tuple[str, Mark]] = field(default_factory=set)

    def is_new(self, table: str, said: _Said) -> bool:
        """Whether a table has not said it yet: what several records bring along of their county comes with the first."""
        return is_new(self.told, table, _mark(said))

    def __reduce__(self) -> tuple[type[TablePart], tuple[object, ...]]:
        # What was told stands in the rows.
        return TablePart, (
            self.results,
            self.values,
            self.findings,
            self.missing,
            self.open,
            self.places,
            self.lines,
        )

    def lined(self, written: Callable[[Iterable[Cells]], bytes]) -> TablePart:
        """The same, with the rows of 逐项结果, 发现 and 缺项 ``written`` as lines: whoever made them does it, and whoever puts the parts
        together has nothing to do but to copy."""
        values: list[tuple[Mark, Sequence[Cells]]] = [(None, self.values)]
        findings = [(mark, [cells]) for mark, cells in self.findings]
        lines: dict[str, list[tuple[Mark, bytes]]] = {}
        for table, lots in (("逐项结果", values), ("发现", findings), ("缺项", self.missing)):
            lines[table] = [
                (mark, written(chain.from_iterable(rows for _, rows in lot)))
                for mark, lot in groupby(lots, key=itemgetter(0))
            ]
        return TablePart(self.results, open=self.open, places=self.places, lines=lines)


def is_new(told: set[tuple[str, Mark]], table: str, mark: Mark) -> bool:
    """Whether a table has not ``told`` what ``mark`` stands for yet; it is told then."""
    if mark is None:
        return True
    known = (table, mark) in told
    told.add((table, mark))
    return not known


class TableMaker:
    """Makes parts. ``documents``: what the document of each layer is called (its id where it is not among them)."""

    def __init__(self, documents: Documents = NO_NAMES) -> None:
        self._documents = documents
        self._cite = Cite(documents)
        self._kept: dict[Hashable, tuple[object, Cells]] = {}

    def __reduce__(self) -> tuple[type[TableMaker], tuple[Documents]]:
        # What is kept is known by where it lies.
        return TableMaker, (self._documents,)

    def part(self, pairs: _Pairs) -> TablePart:
        """The rows of some outcomes, each with the record behind it."""
        part = TablePart()
        for outcome, source in pairs:
            self.add(part, outcome, source)
        return part

    def add(self, part: TablePart, outcome: Outcome, source: LedgerRecord | None, *, asked: bool = True) -> None:
        """Put the rows of one more outcome, with the record behind it, to a part. Not ``asked``: of what is open in it is said
        that nobody looked for what it lacks."""
        self._result(part, outcome, source, asked)
        self._values(part, outcome, source, asked)
        self._findings(part, outcome, source, asked)
        unasked = []
        for said in _parts(outcome):
            if said.shared is None:
                if asked and (rows := _missing_rows(outcome, source, said)):
                    part.missing.append((None, rows))
                elif not asked and is_open(said):
                    unasked.append(said.name)
            elif part.is_new("缺项", said):
                told = asked or not is_open(said)
                rows = _missing_rows(outcome, source, said) if told else [_unasked_row(outcome, source, said)]
                part.missing.append((_mark(said), rows))
        if unasked:
            part.missing.append((None, [safe((outcome.identity, _name(source), listed(unasked), *_UNASKED))]))
        lying = places(source.instance) if source is not None else {}
        part.places.update(dict.fromkeys(lying))
        several: dict[str, list[DecisionResult]] = {}
        for result in (result for one in objects_of(outcome) for result in one):
            if part.is_new("要处理", result) and not result.many and result.status in ("undetermined", "conflict"):
                if asked or result.shared is not None:
                    part.open.append((_mark(result), self._open(outcome, source, result, lying, asked)))
                else:
                    several.setdefault(STATUS_NAMES[result.status], []).append(result)
        lead = (outcome.identity, _name(source))
        own = dict(zip(lying, safe(lying.values()), strict=True)) if several else {}
        for status, results in several.items():
            for named, cited in self._together([(_called(outcome, one), one.citations) for one in results]):
                rest = (status, named, None, cited, None, None, None, NOT_ASKED, None)
                part.open.append((None, OpenRow(safe(lead), own, safe(rest))))

    def _result(self, part: TablePart, outcome: Outcome, source: LedgerRecord | None, asked: bool) -> None:
        decisions: dict[str, tuple[Column, Cells]] = {}
        deciding: dict[Blank, None] = {}
        for name, result in outcome.decisions.items():
            cited, status = self._cite.places(result.citations), STATUS_NAMES[result.status]
            if result.kind:
                open_ = result.text if result.status in ("undetermined", "conflict") else exactly(result)
                column = Column(True, result.unit or ("%" if result.kind == "比例" else ""))
                decisions[name] = column, safe((number_cell(result), status, open_, cited))
            else:
                decisions[name] = _PLAIN, safe((in_short(result), status, cited))
            if asked:
                deciding.update(dict.fromkeys(result.missing.deciding))
        texts: dict[str, list[str]] = {}
        for label, text in _below(outcome):
            texts.setdefault(label, []).append(text)
        below = dict(zip(texts, safe(listed(said, "；") for said in texts.values()), strict=True))
        # What is said of the county is not this record's doing.
        own = [finding for finding in outcome.findings if finding.shared is None]
        broken = [f.name for f in own if f.status in ("violated", "overdue")]
        unverified = [f.name for f in own if f.status == "unverified"]
        lacking: Iterable[str] = map(str, told_apart(deciding))
        if not asked and any(map(is_open, outcome.decisions.values())):
            lacking = (NOT_ASKED,)
        told = (listed(words, "；") for words in (broken, unverified, lacking, outcome.notes))
        lead = safe((outcome.identity, _name(source), _place(source)))
        part.results.append(ResultRow(lead, decisions, below, safe((*told, outcome.as_of))))

    def _values(self, part: TablePart, outcome: Outcome, source: LedgerRecord | None, asked: bool) -> None:
        lead = safe((outcome.identity, _name(source)))
        for one in objects_of(outcome):
            for result in one:
                open_: list[tuple[str, tuple[Citation, ...]]] = []
                for value in result.by_value.values():
                    if asked or value.certain:
                        part.values.append((*lead, *self._value(result, value)))
                    else:
                        open_.append((value.value, value.citations))
                for named, cited in self._together(open_):
                    cells = (result.label, result.name, named, "待定", None, cited, None, None)
                    part.values.append((*lead, *safe(cells)))

    def _value(self, result: DecisionResult, value: ValueSources) -> Cells:
        key = result.label, result.name, id(value)
        kept = self._kept.get(key)
        if kept is None:
            cells = (
                result.label,
                result.name,
                value.value,
                "确定" if value.certain else "待定",
                value.tone,
                self._cite.places(value.citations),
                self._cite.quote(value.citations),
                listed(value.offices),
            )
            kept = self._keep(key, value, safe(cells))
        return kept[1]

    def _findings(self, part: TablePart, outcome: Outcome, source: LedgerRecord | None, asked: bool) -> None:
        """What of a record is to be verified has a row each where what it lacks was asked for, else it stands together."""
        lead = safe((outcome.identity, _name(source)))
        together: list[tuple[str, tuple[Citation, ...]]] = []
        for finding in outcome.findings:
            if finding.status == "not_applicable":
                continue
            if not asked and finding.status == "unverified" and finding.shared is None:
                together.append((_called(outcome, finding), finding.citations))
            elif finding.shared is None or part.is_new("发现", finding):
                whose = lead if finding.shared is None else safe(_whose(outcome, source, finding))
                part.findings.append((_mark(finding), (*whose, *self._finding(finding))))
        for named, cited in self._together(together):
            cells = (named, None, STATUS_NAMES["unverified"], None, None, cited, None, None, NOT_ASKED)
            part.findings.append((None, (*lead, *safe(cells))))

    def _finding(self, finding: Finding) -> Cells:
        key = (
            finding.name,
            finding.status,
            finding.label,
            finding.due,
            finding.clauses,
            finding.message,
            finding.reason,
        )
        kept = self._kept.get(key)
        if kept is None:
            cells = (
                finding.name,
                KIND_NAMES[finding.kind],
                STATUS_NAMES[finding.status],
                finding.label,
                finding.due,
                self._cite.places(finding.citations),
                self._cite.quote(finding.citations),
                listed(finding.offices),
                finding.message or (f"理由：{finding.reason}" if finding.reason else None),
            )
            kept = self._keep(key, None, safe(cells))
        return kept[1]

    def _keep(self, key: Hashable, by: object, cells: Cells) -> tuple[object, Cells]:
        """Keep cells for the next that has the same; ``by``: what has to stay for the key to hold."""
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        kept = self._kept[key] = by, cells
        return kept

    def _together(self, said: Sequence[tuple[str, tuple[Citation, ...]]]) -> Iterator[tuple[str, str | None]]:
        """Names, in as few cells as hold them, and with each cell the places that those in it cite."""
        names: list[str] = []
        cited: list[tuple[Citation, ...]] = []
        length = 0
        for name, citations in said:
            if names and length + len(name) + 1 > LONGEST:
                yield "、".join(names), self._places(cited)
                names, cited, length = [], [], 0
            names.append(name)
            cited.append(citations)
            length += len(name) + 1
        if names:
            yield "、".join(names), self._places(cited)

    def _places(self, cited: Iterable[tuple[Citation, ...]]) -> str | None:
        return listed(filter(None, map(self._cite.places, cited)))

    def _open(
        self,
        outcome: Outcome,
        source: LedgerRecord | None,
        result: DecisionResult,
        lying: Mapping[str, str],
        asked: bool,
    ) -> OpenRow:
        found = told_apart(result.missing.deciding) if asked else ()
        rest = (
            STATUS_NAMES[result.status],
            result.name,
            None if result.path in ("", outcome.path) else result.label,
            self._cite.places(result.citations),
            self._cite.quote(result.citations),
            None,
            None,
            listed((str(replace(blank, holders=())) for blank in found), "；") if asked else NOT_ASKED,
            listed(filter(None, (holders_text(blank.holders, blank.kind) for blank in found))),
        )
        own = dict(zip(lying, safe(lying.values()), strict=True))
        return OpenRow(safe(_whose(outcome, source, result)), own, safe(rest))


_PLAIN: Final = Column(False, "")


class _Said(Protocol):
    """A finding or a decision: what it is called, of what, and what is equal wherever the same county is meant."""

    @property
    def name(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def shared(self) -> Hashable | None: ...
    @property
    def label(self) -> str: ...


def _mark(said: _Said) -> Mark:
    return None if said.shared is None else (said.name, said.status, said.shared)


def _called(outcome: Outcome, said: DecisionResult | Finding) -> str:
    """What is said, and of what where that is not the record."""
    path = said.target if isinstance(said, Finding) else said.path
    return said.name if path in ("", outcome.path) else f"{said.label}·{said.name}"


def _whose(outcome: Outcome, source: LedgerRecord | None, part: _Said) -> tuple[str | None, str | None]:
    """Number and name of the record that ``part`` is of; neither for what is said of its county, where that has a name."""
    if part.shared is None or nameless(part.shared, part.label):
        return outcome.identity, _name(source)
    return None, None


def _parts(outcome: Outcome) -> Iterator[DecisionResult | Finding]:
    for part in objects_of(outcome):
        yield from part.decisions.values()
    yield from outcome.findings


def _missing_rows(outcome: Outcome, source: LedgerRecord | None, part: DecisionResult | Finding) -> list[Cells]:
    missing = part.missing
    if not missing.relevant:
        return []
    purpose = _called(outcome, part)
    deciding = set(missing.deciding)
    lead = safe((*_whose(outcome, source, part), purpose))
    return [(*lead, *safe(_blank_cells(blank, blank in deciding))) for blank in missing.relevant]


def _unasked_row(outcome: Outcome, source: LedgerRecord | None, part: DecisionResult | Finding) -> Cells:
    return safe((*_whose(outcome, source, part), f"{part.label}·{part.name}", *_UNASKED))


_UNASKED: Final = (None, None, NOT_ASKED, None, None)
"""What stands in 缺项 of results that are open where nobody looked for what they lack."""


def _blank_cells(blank: Blank, deciding: bool) -> tuple[str | None, ...]:
    what = _BLANK_NAMES[blank.kind] + (f"：{blank.detail}" if blank.detail else "")
    return (
        blank.label or blank.object or None,
        blank.name,
        what,
        "、".join(blank.holders) or None,
        "是" if deciding else None,
    )


def _below(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Decisions on the rows of an outcome, as (column, text), in the order of the rows."""
    for row in objects_of(outcome)[1:]:
        for result in row.decisions.values():
            yield f"{row.object}·{result.name}", f"{row.label}：{result.text}"


def _name(source: LedgerRecord | None) -> str | None:
    return None if source is None else source.name or None


def _place(source: LedgerRecord | None) -> str | None:
    if source is None or source.row is None:
        return None
    return f"{source.sheet} 第 {source.row} 行" if source.sheet else f"第 {source.row} 条"
