"""Coverage of an official text: is every sentence of it encoded by rules, or explained?

Why this exists: an official who signs for the encoding must be able to go down the document and find nothing missing,
invented or bent. This starts from the text, and proves on the way that each quote stands in its clause and that each
clause is still the text it was registered for.

Invariants:

* a sentence is judged by its own words: it is *encoded* where a declaration in force quotes words of it, *explained*
  where its whole clause decides nothing or the clause table gives a reason for this very sentence, *unquoted* where
  its clause is cited and neither holds, *uncovered* where part of it belongs to no clause or to an uncovered one. Of a
  sentence that several clauses share, each part is judged, and the worst counts;
* a list of offices is encoded where the clause table registers them all, as that is how they come with every result;
* titles, headings, addressees and signature that no clause claims, and headings over a clause, are *structure*;
* everything is in the order of the text; offsets are those of the text as given;
* the work grows with the text, the clauses and the quotes together, not with their product.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, Protocol, TypeAlias, TypeVar

from policyrules.analysis.clause_coverage import CitingDeclaration, ClauseRow, citing_declarations, clause_rows
from policyrules.analysis.clause_places import Stretch, bent_quote, locate_clauses, locate_reasons, unpinned_clauses
from policyrules.analysis.sentences import Unit, split_units
from policyrules.diagnostics import Diagnostic
from policyrules.policy import Policy
from policyrules.program.files import LayerFiles
from policyrules.program.quotes import Normalised, normalise, normalise_located
from policyrules.source import Source

Status: TypeAlias = Literal["encoded", "unquoted", "explained", "uncovered", "structure"]
STATUS_NAMES: dict[Status, str] = {
    "encoded": "已编码",
    "unquoted": "未引原话",
    "explained": "已说明",
    "uncovered": "未覆盖",
    "structure": "标题等",
}
COUNTED: tuple[Status, ...] = ("encoded", "unquoted", "explained", "uncovered")
"""What sentences are counted by."""
MOST_SHARED: Final = 50
"""Clauses of one sentence that are looked at, the first: more overlap by mistake (E446), and each would repeat them all."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text that declarations quote; ``declarations`` index into the row's ``quoted_by``. None where it
    is the name of an office that the clause table registers."""

    start: int
    end: int
    declarations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SentenceRow:
    """A unit of the text: the clauses it belongs to, the declarations in force that quote from it, and what is left.

    ``gaps`` are pieces that say something and belong to no clause; ``reasons`` why this very sentence decides nothing;
    ``rest`` the words of an encoded one that stand in no quote. Characters are counted without marks and white space.
    """

    unit: Unit
    status: Status
    clauses: tuple[str, ...]
    quoted_by: tuple[CitingDeclaration, ...]
    marks: tuple[Mark, ...]
    gaps: tuple[str, ...]
    reasons: tuple[str, ...]
    rest: tuple[str, ...]
    characters: int
    quoted_characters: int
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
            "reasons": list(self.reasons),
            "rest": list(self.rest),
            "characters": self.characters,
            "quoted_characters": self.quoted_characters,
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
    def total(self) -> int:
        """How many units say something: all but structure."""
        return len(self.sentences) - self.count("structure")

    @property
    def uncovered(self) -> tuple[SentenceRow, ...]:
        """The units of which some part has no clause, or a clause that is neither cited nor explained."""
        return tuple(row for row in self.sentences if row.status == "uncovered")

    @property
    def unquoted(self) -> tuple[SentenceRow, ...]:
        """The units whose clause is cited, of which no words are quoted, and for which no reason is given."""
        return tuple(row for row in self.sentences if row.status == "unquoted")

    @property
    def quoted(self) -> tuple[int, int]:
        """How many characters stand in quotes, out of how many, over the units that are not explained."""
        rows = [row for row in self.sentences if row.status in ("encoded", "unquoted", "uncovered")]
        return sum(row.quoted_characters for row in rows), sum(row.characters for row in rows)

    @property
    def complete(self) -> bool:
        """Each sentence is encoded or explained, every quote is exact, every clause is the text it was registered
        for."""
        wrong = any(found.severity == "error" for found in self.diagnostics)
        return not (self.uncovered or self.unquoted or wrong)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        quoted, characters = self.quoted
        return {
            "layer": self.layer,
            "title": self.title,
            "file": self.source.path,
            "complete": self.complete,
            **{status: self.count(status) for status in STATUS_NAMES},
            "characters": characters,
            "quoted_characters": quoted,
            "sentences": [row.to_dict() for row in self.sentences],
            "clauses": [row.to_dict() for row in self.clauses],
            "diagnostics": [diagnostic.to_dict() for diagnostic in self.diagnostics],
        }


def source_coverage(source: Source, policy: Policy, layer_id: str | None = None) -> SourceCoverage:
    """The official text ``source`` of the layer ``layer_id``, sentence by sentence.

    Where no layer is named, it is the one that `layer_of` tells from the text. Problems are in ``diagnostics``: ``E440`` a
    quote that is not in its clause, ``E441`` to ``E446`` clauses that cannot be found or are not what was registered, ``E448``
    to ``W448`` reasons of sentences, ``W447`` clauses without fingerprint.

    Raises `KeyError` where ``layer_id`` is no layer of the policy.
    """
    text = normalise_located(source.text)
    layer = {one.id: one for one in policy.layers}[layer_id or layer_of(source, policy.layers).id]
    rows = clause_rows(layer, citing_declarations(policy))
    found: list[Diagnostic] = []
    stretches = locate_clauses(layer.clauses, text, found, source.path)
    quotes = _locate_quotes(rows, stretches, text, source, found)
    units = split_units(source.text)
    places = [_inside(text, unit.start, unit.end) for unit in units]
    reasons = locate_reasons(layer.clauses, stretches, places, text, found)
    page = _Page(layer, text, source, {row.clause.id: row for row in rows}, stretches, quotes, reasons)
    touching = _overlapping(stretches, places, MOST_SHARED)
    quoted = _overlapping(quotes, places)
    each = zip(units, places, touching, quoted, strict=True)
    sentences = tuple(page.row(unit, *place, clauses, words) for unit, place, clauses, words in each)
    found.extend(page.stale(places, quoted))
    found.extend(unpinned_clauses(layer.clauses, stretches, source.path))
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
    """Where words stand in the normalised text that a declaration quotes from ``clause``; no declaration where they
    are the name of an office."""

    declaration: CitingDeclaration | None
    clause: str
    start: int
    end: int


def _locate_quotes(
    rows: Sequence[ClauseRow],
    stretches: Sequence[Stretch],
    text: Normalised,
    source: Source,
    found: list[Diagnostic],
) -> tuple[_Quote, ...]:
    """The quotes of declarations in force; bent ones, whoever wrote them, go to ``found``."""
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
                if start < 0:
                    found.append(bent_quote(declaration.span, quote, stretch, stretches, text, source, found))
                elif not declaration.state:
                    quotes.append(_Quote(declaration, row.clause.id, start, start + len(wanted)))
    return tuple(quotes)


class _Placed(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


_T = TypeVar("_T", bound=_Placed)


def _overlapping(several: Sequence[_T], places: Iterable[tuple[int, int]], most: int | None = None) -> list[list[_T]]:
    """For each of the ``places``, which follow one another, what overlaps it, in the order of ``several``; the first ``most``."""
    waiting = sorted(range(len(several)), key=lambda number: several[number].start, reverse=True)
    inside: list[int] = []
    first = 0
    found: list[list[_T]] = []
    for start, end in places:
        begun: list[int] = []
        while waiting and several[waiting[-1]].start < end:
            begun.append(waiting.pop())
        if begun:
            first = min([several[number].end for number in begun] + ([first] if inside else []))
            inside = sorted(inside + begun)
        if inside and first <= start:
            inside = [number for number in inside if several[number].end > start]
            first = min((several[number].end for number in inside), default=0)
        found.append([several[number] for number in inside[:most]])
    return found


def _inside(text: Normalised, start: int, end: int) -> tuple[int, int]:
    """The stretch of the normalised text whose characters stand in ``[start, end)`` of the original."""
    return bisect.bisect_left(text.offsets, start), bisect.bisect_left(text.offsets, end)


@dataclass(frozen=True, slots=True)
class _Page:
    """The text with all that is known of it. Positions are those of the normalised text; ``reasons`` by clause and by
    where the unit begins."""

    layer: LayerFiles
    text: Normalised
    source: Source
    rows: Mapping[str, ClauseRow]
    stretches: Sequence[Stretch]
    quotes: Sequence[_Quote]
    reasons: Mapping[tuple[str, int], int]

    def row(
        self, unit: Unit, start: int, end: int, touching: Sequence[Stretch], quoted: Sequence[_Quote]
    ) -> SentenceRow:
        """What becomes of one unit: ``touching`` are its clauses, ``quoted`` the quotes that it has a part of."""
        if unit.kind == "offices":
            quoted = [*quoted, *self.offices(touching, start, end)]
        declarations = tuple(dict.fromkeys(quote.declaration for quote in quoted if quote.declaration is not None))
        marks = tuple(_marks(quoted, declarations, start, end))
        marked = [(first, last) for first, last, _ in marks]
        gaps = tuple(self.left(start, end, ((stretch.start, stretch.end) for stretch in touching)))
        status = self.status(unit, touching, quoted, gaps, start, end)
        return SentenceRow(
            unit,
            status,
            tuple(stretch.clause.id for stretch in touching),
            declarations,
            tuple(Mark(*self.text.original(first, last), who) for first, last, who in marks),
            () if status == "structure" else gaps,
            tuple(self.reason(stretch, start) for stretch in touching if (stretch.clause.id, start) in self.reasons),
            tuple(self.left(start, end, marked)) if status == "encoded" else (),
            self.weight(start, end),
            sum(self.weight(first, last) for first, last in marked),
            self.source.line_column(unit.start)[0],
        )

    def status(
        self,
        unit: Unit,
        touching: Sequence[Stretch],
        quoted: Sequence[_Quote],
        gaps: Sequence[str],
        start: int,
        end: int,
    ) -> Status:
        """How the unit stands: the worst of its parts."""
        says = unit.kind in ("sentence", "offices")
        if not touching and not says:
            return "structure"
        cited = {quote.clause for quote in quoted if quote.declaration is not None}
        parts = [self.part(stretch, cited, start, end) for stretch in touching]
        if gaps or "uncovered" in parts or not touching:
            return "uncovered"
        if unit.kind == "offices" and "unquoted" in parts and self.all_registered(quoted, start, end):
            return "encoded"
        if "unquoted" in parts:
            # The heading over a clause says nothing by itself; a provision in the shape of a heading does.
            over = all(stretch.start < start or end < stretch.end for stretch in touching)
            return "unquoted" if says or not over else "structure"
        return "encoded" if "encoded" in parts else "explained"

    def part(self, stretch: Stretch, cited: Container[str], start: int, end: int) -> Status:
        """How the part of a unit stands that belongs to one clause; ``cited``: the clauses that are quoted in it."""
        row = self.rows[stretch.clause.id]
        if row.status == "uncovered":
            return "uncovered"
        if stretch.clause.id in cited:
            return "encoded"
        has_reason = (stretch.clause.id, start) in self.reasons
        says = self.weight(max(start, stretch.start), min(end, stretch.end)) > 0
        return "explained" if has_reason or not says or not row.clause.decides else "unquoted"

    def reason(self, stretch: Stretch, start: int) -> str:
        """The reason of the clause of ``stretch`` for the unit that begins at ``start``."""
        return stretch.clause.sentences[self.reasons[stretch.clause.id, start]].reason

    def stale(self, places: Iterable[tuple[int, int]], quoted: Iterable[Sequence[_Quote]]) -> Iterator[Diagnostic]:
        """A reason why a sentence decides nothing, of which words are quoted all the same."""
        clauses = {stretch.clause.id: stretch.clause for stretch in self.stretches}
        for (start, _), quotes in zip(places, quoted, strict=True):
            for quote in quotes:
                index = self.reasons.get((quote.clause, start))
                if index is not None and quote.declaration is not None:
                    clause = clauses[quote.clause]
                    message = f"【{clause.place}】的这一句写了不产出结论的理由，{quote.declaration.kind} "
                    message += f"{quote.declaration.name} 却引了它的话"
                    span = self.layer.clauses.span_of(clause, "sentences", index, "words")
                    yield Diagnostic("W448", message, span, "warning", "去掉这条理由；规则引错了句子的，改正引文")
                    break

    def offices(self, touching: Sequence[Stretch], start: int, end: int) -> list[_Quote]:
        """The names in a list of offices that the clause table registers for its clauses."""
        found: list[_Quote] = []
        for stretch in touching:
            for name in map(normalise, self.layer.clauses.offices_of(stretch.clause)):
                at = self.text.text.find(name, start, end)
                while at >= 0:
                    found.append(_Quote(None, stretch.clause.id, at, at + len(name)))
                    at = self.text.text.find(name, at + len(name), end)
        return found

    def all_registered(self, quoted: Sequence[_Quote], start: int, end: int) -> bool:
        """Whether a list of offices names none, up to its first full stop, that is not registered."""
        stop = self.text.text.find("。", start, end)
        marked = [(first, last) for first, last, _ in _marks(quoted, (), start, end)]
        left = self.left(start, end if stop < 0 else stop, marked)
        return bool(marked) and all(piece.strip("（〔([：:、，") == "责任单位" for piece in left)

    def left(self, start: int, end: int, taken: Iterable[tuple[int, int]]) -> Iterator[str]:
        """The pieces of ``[start, end)`` outside what is ``taken`` (in order) that say something."""
        reached = start
        for first, last in (*taken, (end, end)):
            upto = min(first, end)
            if upto > reached and self.weight(reached, upto):
                begun, ended = self.text.original(reached, upto)
                yield "".join(char for char in self.source.text[begun:ended] if char != "*" and not char.isspace())
            reached = max(reached, last)

    def weight(self, start: int, end: int) -> int:
        """How many characters say something."""
        return sum(char.isalnum() for char in self.text.text[start:end])


def _marks(
    quoted: Sequence[_Quote], declarations: Sequence[CitingDeclaration], start: int, end: int
) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """The quotes of one unit as stretches that do not overlap, cut where any quote begins or ends, each with which of
    ``declarations`` quote it."""
    numbers = {declaration: number for number, declaration in enumerate(declarations)}
    begun: dict[int, list[int]] = {}
    ended: dict[int, list[int]] = {}
    for quote in quoted:
        # The names of offices are nobody's.
        number = -1 if quote.declaration is None else numbers.get(quote.declaration, -1)
        begun.setdefault(max(start, quote.start), []).append(number)
        ended.setdefault(min(end, quote.end), []).append(number)
    open_: Counter[int] = Counter()
    for first, last in pairwise(sorted({*begun, *ended})):
        open_.update(begun.get(first, ()))
        for number in ended.get(first, ()):
            open_[number] -= 1
            if not open_[number]:
                del open_[number]
        if open_:
            yield first, last, tuple(sorted(number for number in open_ if number >= 0))
