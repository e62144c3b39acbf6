"""Coverage: is every clause, and every sentence of the official text, encoded by rules or explained?

Why this exists: an official who signs for the encoding must be able to go down the document and find nothing missing,
invented or bent. `clause_coverage` starts from the clause table; `source_coverage` from the official text, and proves
on the way that each quote stands in its clause and that each clause is still the text it was registered for.

Invariants:

* a clause is *encoded* where a declaration cites it, else *explained* where it is marked as deciding nothing, with the
  reason, else *uncovered*;
* a sentence is *uncovered* as soon as any part of it that says something belongs to no clause or to an uncovered one;
  titles, headings, addressees and signature that no clause claims are *structure*;
* everything is in the order of the clause table or of the text; offsets are those of the text as given.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from policyrules.analysis.clause_places import Stretch, bent_quote, locate_clauses
from policyrules.analysis.sentences import Unit, split_units
from policyrules.diagnostics import Diagnostic, render
from policyrules.policy import Policy
from policyrules.program.files import LayerFiles
from policyrules.program.manifest import Clause
from policyrules.program.nodes import Origin
from policyrules.program.origins import ordered_origins, origin_key, origins_of
from policyrules.program.quotes import Normalised, normalise, normalise_located
from policyrules.source import Source, Span

State: TypeAlias = Literal["", "stopped", "lapsed"]
Status: TypeAlias = Literal["encoded", "explained", "uncovered", "structure"]
STATUS_NAMES: dict[Status, str] = {
    "encoded": "已编码",
    "explained": "已说明",
    "uncovered": "未覆盖",
    "structure": "标题等",
}
COUNTED: tuple[Status, ...] = ("encoded", "explained", "uncovered")
"""What clauses and sentences are counted by."""


# ---- clauses --------------------------------------------------------------------------------------------------------


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
    status: Status
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
        """The clauses of all layers that are neither encoded nor explained."""
        return tuple(row for layer in self.layers for row in layer.rows if row.status == "uncovered")

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "layers": [
                {
                    "layer": layer.layer,
                    "title": layer.title,
                    **counts(layer.rows),
                    "clauses": [row.to_dict() for row in layer.rows],
                }
                for layer in self.layers
            ]
        }


def counts(rows: Sequence[ClauseRow | SentenceRow]) -> dict[Status, int]:
    """How many clauses or sentences have each status."""
    return {status: sum(row.status == status for row in rows) for status in COUNTED}


_Cited: TypeAlias = dict[tuple[str, str], list[CitingDeclaration]]


def clause_coverage(policy: Policy, more: Iterable[Origin] = ()) -> ClauseCoverage:
    """For each clause of each layer: the declarations that cite it, or its reason for deciding nothing, or neither.

    ``more``: declarations that the program does not hold, such as rules out of force at its date.
    """
    cited = _cited(policy, more)
    return ClauseCoverage(
        tuple(LayerCoverage(layer.id, layer.title, _clause_rows(layer, cited)) for layer in policy.layers)
    )


def _cited(policy: Policy, more: Iterable[Origin]) -> _Cited:
    """By layer and clause: what cites it, in canonical order."""
    states: dict[tuple[str, str, int, str, str], State] = {
        origin_key(stopped.origin): "lapsed" if stopped.lapsed else "stopped" for stopped in policy.program.stopped
    }
    origins = ordered_origins((*origins_of(policy.program), *more), policy.program.layers)
    cited: _Cited = {}
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


def _clause_rows(layer: LayerFiles, cited: _Cited) -> tuple[ClauseRow, ...]:
    return tuple(
        _clause_row(layer, clause, tuple(cited.get((layer.id, clause.id), ()))) for clause in layer.clauses.clauses
    )


def _clause_row(layer: LayerFiles, clause: Clause, declarations: tuple[CitingDeclaration, ...]) -> ClauseRow:
    notes: list[str] = []
    if declarations:
        status: Status = "encoded"
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


# ---- the text -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text that declarations quote; ``declarations`` index into the row's ``quoted_by``."""

    start: int
    end: int
    declarations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SentenceRow:
    """A unit of the text: the clauses it belongs to, the declarations that quote from it, and what is left over.

    ``gaps`` are pieces that say something and belong to no clause.
    """

    unit: Unit
    status: Status
    clauses: tuple[str, ...]
    quoted_by: tuple[CitingDeclaration, ...]
    marks: tuple[Mark, ...]
    gaps: tuple[str, ...]
    line: int

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "text": self.unit.text,
            "kind": self.unit.kind,
            "line": self.line,
            "start": self.unit.start,
            "end": self.unit.end,
            "status": self.status,
            "clauses": list(self.clauses),
            "quoted_by": [declaration.to_dict() for declaration in self.quoted_by],
            "gaps": list(self.gaps),
        }


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """The official text of one layer, unit by unit, with its clauses and what is wrong with them."""

    layer: str
    title: str
    source: Source
    sentences: tuple[SentenceRow, ...]
    clauses: tuple[ClauseRow, ...]
    diagnostics: tuple[Diagnostic, ...]

    def count(self, status: Status) -> int:
        """How many units have this status."""
        return sum(row.status == status for row in self.sentences)

    @property
    def uncovered(self) -> tuple[SentenceRow, ...]:
        """The units that are neither encoded nor explained."""
        return tuple(row for row in self.sentences if row.status == "uncovered")

    @property
    def complete(self) -> bool:
        """Nothing is uncovered, every quote is exact, every clause is the text it was registered for."""
        return not self.uncovered and not any(found.severity == "error" for found in self.diagnostics)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "layer": self.layer,
            "title": self.title,
            "file": self.source.path,
            "complete": self.complete,
            **{status: self.count(status) for status in STATUS_NAMES},
            "sentences": [row.to_dict() for row in self.sentences],
            "clauses": [row.to_dict() for row in self.clauses],
            "diagnostics": [diagnostic.to_dict() for diagnostic in self.diagnostics],
        }


def source_coverage(
    source: Source, policy: Policy, layer_id: str | None = None, more: Iterable[Origin] = ()
) -> SourceCoverage:
    """The official text ``source`` of the layer ``layer_id``, sentence by sentence.

    Where no layer is named, it is the one that `layer_of` tells from the text. Problems are in ``diagnostics``:
    ``E440`` a quote that is not in its clause, ``E441`` to ``E446`` clauses that cannot be found or are not what was
    registered, ``W447`` a clause without fingerprint.

    Raises `KeyError` where ``layer_id`` is no layer of the policy.
    """
    text = normalise_located(source.text)
    layer = {one.id: one for one in policy.layers}[layer_id or layer_of(source, policy.layers).id]
    rows = _clause_rows(layer, _cited(policy, more))
    found: list[Diagnostic] = []
    stretches = locate_clauses(layer.clauses, text, found, source.path)
    quotes = _locate_quotes(layer, rows, stretches, text, source, found)
    sentences = tuple(_sentence_row(unit, source, text, rows, stretches, quotes) for unit in split_units(source.text))
    return SourceCoverage(layer.id, layer.title, source, sentences, rows, tuple(found))


def layer_of(source: Source, layers: Sequence[LayerFiles]) -> LayerFiles:
    """The layer, of ``layers`` top first, whose text ``source`` is: the one most of whose anchors (``starts`` and
    ``ends``) are found in it.

    The lowest of several that match equally well, so also where nothing matches: it is the one under work.
    """
    text = normalise(source.text)

    def matches(layer: LayerFiles) -> int:
        anchors = (anchor for clause in layer.clauses.clauses for anchor in (clause.starts, clause.ends) if anchor)
        return sum(bool(words) and words in text for words in map(normalise, anchors))

    return max(reversed(layers), key=matches)


@dataclass(frozen=True, slots=True)
class _Quote:
    """Where a declaration's quote stands in the normalised text."""

    declaration: CitingDeclaration
    start: int
    end: int


def _locate_quotes(
    layer: LayerFiles,
    rows: Sequence[ClauseRow],
    stretches: Sequence[Stretch],
    text: Normalised,
    source: Source,
    found: list[Diagnostic],
) -> tuple[_Quote, ...]:
    where = {stretch.clause.id: stretch for stretch in stretches}
    quotes: list[_Quote] = []
    for row in rows:
        stretch = where.get(row.clause.id)
        for declaration in row.declarations if stretch is not None else ():
            assert stretch is not None
            for quote in declaration.quotes:
                wanted = normalise(quote)
                if not wanted:
                    continue
                start = text.text.find(wanted, stretch.start, stretch.end)
                if start >= 0:
                    quotes.append(_Quote(declaration, start, start + len(wanted)))
                else:
                    found.append(bent_quote(declaration.span, quote, stretch, stretches, text, source))
    return tuple(quotes)


def _sentence_row(
    unit: Unit,
    source: Source,
    text: Normalised,
    rows: Sequence[ClauseRow],
    stretches: Sequence[Stretch],
    quotes: Sequence[_Quote],
) -> SentenceRow:
    start, end = _inside(text, unit.start, unit.end)
    statuses = {row.clause.id: row.status for row in rows}
    touching = [stretch for stretch in stretches if stretch.start < end and start < stretch.end]
    gaps: list[str] = []
    reached = start
    for stretch in touching:
        if stretch.start > reached:
            gaps.append(text.text[reached : stretch.start])
        reached = max(reached, stretch.end)
    if reached < end:
        gaps.append(text.text[reached:end])
    gaps = [gap for gap in gaps if any(char.isalnum() for char in gap)]
    of_clauses = [statuses[stretch.clause.id] for stretch in touching]
    status: Status
    if not touching and unit.kind not in ("sentence", "offices"):
        status, gaps = "structure", []
    elif gaps or "uncovered" in of_clauses or not touching:
        status = "uncovered"
    else:
        status = "encoded" if "encoded" in of_clauses else "explained"
    quoted = [quote for quote in quotes if quote.start < end and start < quote.end]
    declarations = tuple(dict.fromkeys(quote.declaration for quote in quoted))
    return SentenceRow(
        unit,
        status,
        tuple(stretch.clause.id for stretch in touching),
        declarations,
        _marks(text, quoted, declarations, start, end),
        tuple(gaps),
        source.line_column(unit.start)[0],
    )


def _inside(text: Normalised, start: int, end: int) -> tuple[int, int]:
    """The stretch of the normalised text whose characters stand in ``[start, end)`` of the original."""
    return bisect.bisect_left(text.offsets, start), bisect.bisect_left(text.offsets, end)


def _marks(
    text: Normalised, quoted: Sequence[_Quote], declarations: Sequence[CitingDeclaration], start: int, end: int
) -> tuple[Mark, ...]:
    """The quotes of one unit as stretches of the original that do not overlap: cut where any quote begins or ends."""
    edges = sorted({edge for quote in quoted for edge in (max(start, quote.start), min(end, quote.end))})
    marks: list[Mark] = []
    for first, last in pairwise(edges):
        who = tuple(
            index
            for index, declaration in enumerate(declarations)
            if any(q.declaration == declaration and q.start <= first and last <= q.end for q in quoted)
        )
        if who:
            begun, ended = text.original(first, last)
            marks.append(Mark(begun, ended, who))
    return tuple(marks)


# ---- as text --------------------------------------------------------------------------------------------------------


def render_text(coverage: ClauseCoverage | SourceCoverage, everything: bool = False) -> str:
    """The coverage as people read it in a terminal: a summary, then what is uncovered or odd.

    ``everything``: every row, with what stands for it. What is wrong with clauses and quotes comes last.
    """
    if isinstance(coverage, SourceCoverage):
        lines = _source_lines(coverage, everything)
        if coverage.diagnostics:
            lines.append(f"需要处理的问题 {len(coverage.diagnostics)} 个：")
        return "\n".join((*lines, *(render(found) for found in coverage.diagnostics)))
    return "\n".join(line for layer in coverage.layers for line in _layer_lines(layer, everything))


def _counts_text(rows: Sequence[ClauseRow | SentenceRow]) -> str:
    return "，".join(f"{STATUS_NAMES[status]} {number}" for status, number in counts(rows).items())


def _layer_lines(layer: LayerCoverage, everything: bool) -> list[str]:
    lines = [f"{layer.title}（{layer.layer}）：共 {len(layer.rows)} 条，{_counts_text(layer.rows)}"]
    for row in layer.rows:
        if not (everything or row.notes or row.status == "uncovered"):
            continue
        lines.append(f"  [{STATUS_NAMES[row.status]}] 【{row.clause.place}】{row.clause.summary}（{row.clause.id}）")
        lines.extend(f"      {note}" for note in row.notes)
        lines.extend(_grounds(row, "      ") if everything else ())
    return lines


def _source_lines(coverage: SourceCoverage, everything: bool) -> list[str]:
    total = len(coverage.sentences) - coverage.count("structure")
    said = _counts_text(coverage.sentences)
    lines = [f"{coverage.title}（{coverage.layer}）", f"原文 {coverage.source.path}：共 {total} 句，{said}"]
    places = {row.clause.id: row for row in coverage.clauses}
    for sentence in coverage.sentences:
        if not (everything or sentence.status == "uncovered"):
            continue
        lines.append(f"  第 {sentence.line} 行 [{STATUS_NAMES[sentence.status]}] {sentence.unit.text}")
        for gap in sentence.gaps:
            lines.append(f"      不属于任何一条：{gap}")
        for clause in sentence.clauses:
            row = places[clause]
            if everything or row.status == "uncovered":
                lines.append(f"      【{row.clause.place}】{STATUS_NAMES[row.status]}")
            lines.extend(_grounds(row, "          ") if everything else ())
    return lines


STATE_NAMES: dict[str, str] = {"": "", "stopped": "（已停用）", "lapsed": "（已失效）"}


def _grounds(row: ClauseRow, indent: str) -> Iterator[str]:
    """What stands for a clause: the declarations that cite it, or the reason why there are none."""
    for declaration in row.declarations:
        yield f"{indent}{declaration.kind} {declaration.name}{STATE_NAMES[declaration.state]}（{declaration.span}）"
    if row.clause.reason is not None:
        yield f"{indent}理由：{row.clause.reason}"
