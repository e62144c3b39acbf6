"""Coverage of clauses: which declarations cite each clause of a layer, and why the others decide nothing.

Why this exists: an official who signs for the encoding must be able to go down the document and find nothing missing.
This starts from the clause table alone; what becomes of each sentence takes the text (see `sentence_coverage`).

Invariants:

* a clause is *cited* where a declaration cites it, else *explained* where it is marked as deciding nothing, with the
  reason, else *uncovered*. That a clause is cited does not say that all its sentences are encoded;
* rows are in the order of the clause table, declarations in canonical order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from policyrules.policy import Policy
from policyrules.program.clause_table import Clause
from policyrules.program.files import LayerFiles
from policyrules.program.origins import origin_key, origins_of
from policyrules.source import Span

State: TypeAlias = Literal["", "stopped", "lapsed"]
STATE_NAMES: dict[State, str] = {"": "", "stopped": "（已停用）", "lapsed": "（已失效）"}

ClauseStatus: TypeAlias = Literal["cited", "explained", "uncovered"]
CLAUSE_STATUS_NAMES: dict[ClauseStatus, str] = {"cited": "有声明引用", "explained": "已说明", "uncovered": "未覆盖"}


@dataclass(frozen=True, slots=True)
class CitingDeclaration:
    """A declaration that cites a clause, with the quotes it takes from it. ``state``: '' in force, ``stopped`` by a
    lower layer, ``lapsed`` with its base."""

    kind: str
    name: str
    layer: str
    quotes: tuple[str, ...]
    state: State
    span: Span

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "kind": self.kind,
            "name": self.name,
            "layer": self.layer,
            "quotes": list(self.quotes),
            "state": self.state,
            "file": self.span.source.path,
            "line": self.span.line,
        }


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """A clause and what stands for it. ``notes`` are oddities in words, such as a clause marked as deciding nothing
    that is cited all the same."""

    layer: str
    clause: Clause
    offices: tuple[str, ...]
    status: ClauseStatus
    declarations: tuple[CitingDeclaration, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "layer": self.layer,
            "clause": self.clause.id,
            "place": self.clause.place,
            "kind": self.clause.kind,
            "summary": self.clause.summary,
            "offices": list(self.offices),
            "status": self.status,
            "reason": self.clause.reason,
            "source_note": self.clause.source_note,
            "declarations": [declaration.to_dict() for declaration in self.declarations],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class LayerCoverage:
    """The clauses of one layer, in the order of its table."""

    layer: str
    title: str
    rows: tuple[ClauseRow, ...]


@dataclass(frozen=True, slots=True)
class ClauseCoverage:
    """All layers, top first."""

    layers: tuple[LayerCoverage, ...]

    @property
    def uncovered(self) -> tuple[ClauseRow, ...]:
        """The clauses of all layers that are neither cited nor explained."""
        return tuple(row for layer in self.layers for row in layer.rows if row.status == "uncovered")

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "layers": [
                {
                    "layer": layer.layer,
                    "title": layer.title,
                    **clause_counts(layer.rows),
                    "clauses": [row.to_dict() for row in layer.rows],
                }
                for layer in self.layers
            ]
        }


def clause_counts(rows: Sequence[ClauseRow]) -> dict[ClauseStatus, int]:
    """How many clauses have each status."""
    return {status: sum(row.status == status for row in rows) for status in CLAUSE_STATUS_NAMES}


Cited: TypeAlias = Mapping[tuple[str, str], Sequence[CitingDeclaration]]
"""By layer and clause: what cites it, in canonical order."""


def clause_coverage(policy: Policy) -> ClauseCoverage:
    """For each clause of each layer: the declarations that cite it, or its reason for deciding nothing, or neither."""
    cited = citing_declarations(policy)
    return ClauseCoverage(
        tuple(LayerCoverage(layer.id, layer.title, clause_rows(layer, cited)) for layer in policy.layers)
    )


def citing_declarations(policy: Policy) -> Cited:
    """What cites the clauses of all layers."""
    states: dict[tuple[str, str, int, str, str], State] = {
        origin_key(stopped.origin): "lapsed" if stopped.lapsed else "stopped" for stopped in policy.program.stopped
    }
    origins = origins_of(policy.program)
    cited: dict[tuple[str, str], list[CitingDeclaration]] = {}
    for origin in origins:
        quotes: dict[tuple[str, str], list[str]] = {}
        for citation in origin.citations:
            quotes.setdefault((citation.layer, citation.clause), []).append(citation.quote)
        for key, texts in quotes.items():
            state = states.get(origin_key(origin), "")
            found = tuple(dict.fromkeys(texts))
            declaration = CitingDeclaration(origin.kind, origin.name, origin.layer, found, state, origin.span)
            cited.setdefault(key, []).append(declaration)
    return cited


def clause_rows(layer: LayerFiles, cited: Cited) -> tuple[ClauseRow, ...]:
    """The clauses of one layer, in the order of its table."""
    return tuple(
        _clause_row(layer, clause, tuple(cited.get((layer.id, clause.id), ()))) for clause in layer.clauses.clauses
    )


def _clause_row(layer: LayerFiles, clause: Clause, declarations: tuple[CitingDeclaration, ...]) -> ClauseRow:
    notes: list[str] = []
    if declarations:
        status: ClauseStatus = "cited"
        if not clause.decides:
            notes.append("登记为不产出结论，但有声明引用了它")
        if all(declaration.state for declaration in declarations):
            notes.append("引用它的声明都已停用或失效")
    elif not clause.decides and clause.reason is not None:
        status = "explained"
    else:
        status = "uncovered"
        notes.append("登记为产出结论，但没有声明引用它" if clause.decides else "登记为不产出结论，但没有写理由")
    return ClauseRow(layer.id, clause, layer.clauses.offices_of(clause), status, declarations, tuple(notes))
