"""An impact as the sections of the page look at it: what is called what, and what finds what in the list.

Why this exists: a flow, a bar, a township and a row of the list speak of the same cells; what marks a cell, and what an act is called,
has one home.

Invariants: a mark is a letter and a number, never a text of the ledger; a name is the same in every section.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from policyrules.report.impact_page.figures import added
from policyrules.report.impact_page.html import Markup, tag
from policyrules.text import cut
from policyrules.types import Number
from policyrules.variation.model import (
    Act,
    Cause,
    Cell,
    DecisionImpact,
    Direction,
    Impact,
    Measure,
    Record,
    State,
    Total,
)

OPEN: Final = "待定"
CLASH: Final = "冲突"
NONE: Final = "无"
APART: Final = "不适用"
ABSENT: Final = "没有这一项"
DIRECTIONS: Final[tuple[Direction, ...]] = ("得", "失", "移", "明确", "变不明")


@dataclass(frozen=True, eq=False)
class View:
    """``most``: how many rows the list may have, None for all."""

    impact: Impact
    most: int | None

    @property
    def root(self) -> str:
        """What the ledger lists (项目)."""
        return self.impact.about.root

    @cached_property
    def main(self) -> DecisionImpact | None:
        """The decision that headlines speak of."""
        several = self.impact.decisions
        named = next((one for one in several if one.name == self.impact.about.decision), None)
        return named or next((one for one in several if one.changed), several[0] if several else None)

    @cached_property
    def decisions(self) -> tuple[DecisionImpact, ...]:
        """Those of one value, that of the headlines first."""
        return tuple(sorted(self.impact.decisions, key=lambda one: one is not self.main))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all decisions in that order, then of amounts."""
        told = [one.name for one in self.decisions] + [one.name for one in self.impact.amounts]
        several = (self.impact.cells, self.impact.groups, self.impact.directions)
        return tuple(dict.fromkeys([*told, *(one.decision for part in several for one in part)]))

    @cached_property
    def by_decision(self) -> Mapping[str, Sequence[Cell]]:
        """Cells by decision."""
        found: dict[str, list[Cell]] = {}
        for cell in self.impact.cells:
            found.setdefault(cell.decision, []).append(cell)
        return found

    def cells(self, decision: str) -> Sequence[Cell]:
        """What differs in a decision."""
        return self.by_decision.get(decision, ())

    @cached_property
    def money(self) -> tuple[Measure, ...]:
        """What is added up in money; weights are told apart."""
        return tuple(one for one in self.impact.about.measures if one.kind == "money")

    @cached_property
    def records(self) -> Mapping[int, Record]:
        """Records by number."""
        return {record.index: record for record in self.impact.records}

    def amount(self, cell: Cell, measure: Measure) -> Number | None:
        """A measure of a cell: a row's own, else the record's."""
        own = cell.amounts or self.records[cell.record].amounts
        return own.get(measure.name)

    def sums(self, cells: Iterable[Cell], measure: Measure) -> Total:
        """A measure over cells, each record once and each row by itself."""
        told = {(cell.record, cell.path if cell.amounts else ""): self.amount(cell, measure) for cell in cells}
        return added(told.values())

    def identity(self, index: int) -> str:
        """What a record is called in short."""
        record = self.records.get(index)
        return cut(record.identity, 40) if record is not None and record.identity else f"第 {index + 1} 个"

    # ---- acts and causes

    @cached_property
    def layers(self) -> Mapping[str, str]:
        """Short names of layers."""
        about = self.impact.about
        return {layer.id: layer.name for side in (about.old, about.new) for layer in side.layers}

    @cached_property
    def acts(self) -> Mapping[int, Act]:
        """Acts by number."""
        return {act.number: act for act in self.impact.acts}

    def act(self, number: int, limit: int = 40) -> str:
        """What an act is called: its number on this page, what it does, to what."""
        act = self.acts.get(number)
        if act is None:
            return f"{number + 1}"
        return f"{number + 1} {cut(f'{act.operation}“{act.name}”', limit)}"

    def act_link(self, number: int, *, brief: bool = False) -> Markup:
        """As `act`, leading to its words; ``brief``: its number alone."""
        return tag("a", number + 1 if brief else self.act(number), href=f"#a{number}")

    def why(self, cell: Cell) -> str:
        """Why a cell differs, in a few words: acts by their numbers alone."""
        if cell.cause is None:
            return "没有找到条文"
        cause = self.impact.causes[cell.cause]
        if not cause.enough:
            return self.cause_text(cause)
        sets = ["＋".join(str(act + 1) for act in one) for one in cause.enough[:6]]
        rest = "…" if len(cause.enough) > 6 else ""
        if sum(map(len, cause.enough)) == 1:
            return sets[0]
        return f"{' 或 '.join(sets)}{rest} {'任一即可' if len(cause.enough) > 1 else '共同'}"

    def cause_text(self, cause: Cause) -> str:
        """A cause by the names of its acts alone."""
        if not cause.enough:
            return f"试到 {cause.size} 条，没有找到"
        sets = ["＋".join(self.act(number, 24) for number in one) for one in cause.enough[:3]]
        rest = f" 等 {len(cause.enough)} 组" if len(cause.enough) > 3 else ""
        if len(cause.enough) > 1:
            return f"{' 或 '.join(sets)}{rest}，任一即可"
        return f"{sets[0]} 共同" if len(cause.enough[0]) > 1 else f"只由 {sets[0]}"

    # ---- marks

    @cached_property
    def _flows(self) -> Mapping[tuple[str, str, str], str]:
        told = [(one.name, flow.before, flow.after) for one in self.impact.decisions for flow in one.flows]
        told += [(cell.decision, cell.before.text, cell.after.text) for cell in self.impact.cells]
        return {key: f"f{number}" for number, key in enumerate(dict.fromkeys(told))}

    def flow_mark(self, decision: str, before: str, after: str) -> str:
        """Marks cells that went from one result to another."""
        return self._flows.get((decision, before, after), "f")

    @cached_property
    def _groups(self) -> Mapping[tuple[str, str], str]:
        told = [(group.by, group.value) for group in self.impact.groups]
        told += [item for record in self.impact.records for item in record.groups.items()]
        return {key: f"g{number}" for number, key in enumerate(dict.fromkeys(told))}

    def group_mark(self, by: str, value: str) -> str:
        """Marks cells of records of which a field holds a value."""
        return self._groups.get((by, value), "g")

    def decision_mark(self, name: str) -> str:
        """Marks cells of a decision."""
        return f"d{self.names.index(name)}" if name in self.names else "d"

    def direction_mark(self, direction: Direction) -> str:
        """Marks cells by how they move."""
        return f"v{DIRECTIONS.index(direction)}"

    def marks(self, cell: Cell) -> tuple[str, str, str]:
        """All marks of a cell: those of its flow, of its record, and of its cause."""
        flow = [
            self.flow_mark(cell.decision, cell.before.text, cell.after.text),
            self.decision_mark(cell.decision),
            self.direction_mark(cell.direction),
        ]
        record = [f"r{cell.record}"]
        record += [self.group_mark(by, value) for by, value in self.records[cell.record].groups.items()]
        if cell.cause is None:
            return " ".join(flow), " ".join(record), "x"
        cause = self.impact.causes[cell.cause]
        acts = [f"a{act}" for act in dict.fromkeys(act for one in cause.enough for act in one)]
        return " ".join(flow), " ".join(record), " ".join([f"c{cause.number}", *acts])

    @cached_property
    def listed(self) -> Sequence[Cell]:
        """The cells that the list shows, in its order."""
        cells = [cell for name in self.names for cell in self.cells(name)]
        return cells if self.most is None else cells[: self.most]


def state_text(state: State) -> str:
    """A result, and where it is open what it may be."""
    if state.status not in ("undetermined", "conflict") or not state.candidates:
        return state.text
    return f"{state.text}：{'、'.join(state.candidates)}"


def titled(measure: Measure, word: str = "") -> str:
    """A measure as the head of a column: its name, which of it, its unit."""
    unit = f"（{cut(measure.unit, 8)}）" if measure.unit else ""
    return f"{cut(measure.name, 14)}{f'，{word}' if word else ''}{unit}"


def record_marks(records: Iterable[int]) -> str:
    """Marks any cell of some records."""
    return " ".join(f"r{index}" for index in dict.fromkeys(records))
