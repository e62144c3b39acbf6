"""Where clauses and quotes stand in the official text, and what does not stand where it should.

Why this exists: an encoding may leave nothing out, and it may invent nothing either. This is the second half: clauses
are found by their first and last words and pinned by a fingerprint, quotes must be their exact words.

Invariants: stretches are in the order of the text; comparisons are made on the normal form (see `program.quotes`); what
is wrong is a diagnostic at the line of the clause table or of the rule, with the nearest words of the text.
"""

from __future__ import annotations

import bisect
import difflib
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from policyrules.diagnostics import Diagnostic, Label
from policyrules.program.clause_table import Clause, ClauseTable
from policyrules.program.quotes import Normalised, fingerprint, normalise
from policyrules.source import Source, Span


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a clause stands in the normalised text."""

    clause: Clause
    start: int
    end: int


def locate_clauses(table: ClauseTable, text: Normalised, found: list[Diagnostic], shown: str) -> tuple[Stretch, ...]:
    """The clauses that can be found in the text, in its order; whatever is wrong with them goes to ``found``.

    ``shown``: the path of the text as people type it, for remedies that name a command.
    """
    stretches: list[Stretch] = []
    for clause in table.clauses:
        if clause.starts is None or clause.ends is None:
            message = f"【{clause.place}】没有登记起止字样，无法与原文核对"
            remedy = f"补上 {table.key_of(clause, 'starts')} 和 {table.key_of(clause, 'ends')}"
            found.append(Diagnostic("E441", message, table.span_of(clause), remedy=remedy))
            continue
        starts, ends = normalise(clause.starts), normalise(clause.ends)
        start = text.text.find(starts)
        if not starts or start < 0:
            message = f"原文里没有【{clause.place}】的起始字样"
            span = table.span_of(clause, "starts")
            found.append(
                Diagnostic("E442", message, span, remedy=_nearest_remedy(starts, text, 0, len(text.text), found))
            )
            continue
        if text.text.find(starts, start + 1) >= 0:
            message = f"【{clause.place}】的起始字样在原文里不止一处"
            found.append(Diagnostic("E443", message, table.span_of(clause, "starts"), remedy="多写几个字"))
        end = text.text.find(ends, start) if ends else -1
        if end < 0:
            message = f"【{clause.place}】的结束字样不在起始字样之后的原文里"
            found.append(Diagnostic("E444", message, table.span_of(clause, "ends"), remedy="照录原文这一条最后几个字"))
            continue
        stretch = Stretch(clause, start, end + len(ends))
        stretches.append(stretch)
        if clause.sha256 not in (None, fingerprint(text.text[stretch.start : stretch.end])):
            message = f"【{clause.place}】的原文与登记时不同"
            span = table.span_of(clause, "sha256")
            remedy = f"对照原文复核这一条和引用它的规则，再运行 {_computing(table, shown)}"
            found.append(Diagnostic("E445", message, span, remedy=remedy))
    in_order = tuple(sorted(stretches, key=lambda stretch: (stretch.start, stretch.end)))
    _check_overlaps(table, in_order, found)
    return in_order


def unpinned_clauses(table: ClauseTable, stretches: Sequence[Stretch], shown: str) -> tuple[Diagnostic, ...]:
    """One warning for all clauses that have no fingerprint; ``shown`` as for `locate_clauses`."""
    bare = [stretch.clause for stretch in stretches if stretch.clause.sha256 is None]
    if not bare:
        return ()
    message = f"{len(bare)} 条没有登记文本指纹，原文改动不会察觉"
    ids = {clause.id for clause in bare}
    span = table.span_of(next(clause for clause in table.clauses if clause.id in ids), "id")
    return (Diagnostic("W447", message, span, "warning", f"定稿以后运行 {_computing(table, shown)}"),)


def _computing(table: ClauseTable, shown: str) -> str:
    """The command that computes the fingerprints of the table."""
    return f"policyrules coverage {posixpath.dirname(table.source.path) or '.'} --source {shown} --write-hashes"


def locate_reasons(
    table: ClauseTable,
    stretches: Sequence[Stretch],
    sentences: Sequence[tuple[int, int]],
    text: Normalised,
    found: list[Diagnostic],
) -> dict[tuple[str, int], int]:
    """For which sentences the clauses give reasons: by clause and by where the sentence begins, which of its reasons.

    What names no sentence of its clause, or one that has a reason already, goes to ``found``.
    """
    reasons: dict[tuple[str, int], int] = {}
    for stretch in stretches:
        clause = stretch.clause
        for index, entry in enumerate(clause.sentences):
            span = table.span_of(clause, "sentences", index, "words")
            words = normalise(entry.words)
            start = text.text.find(words, stretch.start, stretch.end)
            if not words or start < 0:
                message = f"【{clause.place}】里没有这句话：{_cut(entry.words)}"
                remedy = _nearest_remedy(words, text, stretch.start, stretch.end, found)
                found.append(Diagnostic("E448", message, span, remedy=remedy))
                continue
            if text.text.find(words, start + 1, stretch.end) >= 0:
                message = f"【{clause.place}】里有几处都是这几个字，不知道是哪一句"
                found.append(Diagnostic("E448", message, span, remedy="多写几个字"))
                continue
            at = bisect.bisect_right(sentences, start, key=itemgetter(0)) - 1
            begins, stops = sentences[at] if at >= 0 else (0, 0)
            if start + len(words) > stops:
                message = f"【{clause.place}】的这条理由跨了几句"
                found.append(Diagnostic("E448", message, span, remedy="一句写一条理由，只照录这一句的话"))
            elif (clause.id, begins) in reasons:
                first = table.span_of(clause, "sentences", reasons[clause.id, begins], "words")
                message = f"【{clause.place}】的同一句写了两条理由"
                label = Label(first, "第一条在这里")
                found.append(Diagnostic("E449", message, span, remedy="并成一条", related=(label,)))
            else:
                reasons[clause.id, begins] = index
    return reasons


def _check_overlaps(table: ClauseTable, stretches: Sequence[Stretch], found: list[Diagnostic]) -> None:
    reach: Stretch | None = None
    for stretch in stretches:
        if reach is not None and stretch.start < reach.end:
            message = f"【{stretch.clause.place}】与【{reach.clause.place}】的原文有重叠"
            label = Label(table.span_of(reach.clause, "ends"), "另一条到这里为止")
            span = table.span_of(stretch.clause, "starts")
            found.append(Diagnostic("E446", message, span, remedy="调整起止字样，使各条首尾相接", related=(label,)))
        if reach is None or stretch.end > reach.end:
            reach = stretch


def bent_quote(
    cited_by: Span,
    quote: str,
    stretch: Stretch,
    stretches: Sequence[Stretch],
    text: Normalised,
    source: Source,
    found: Sequence[Diagnostic],
) -> Diagnostic:
    """The finding for a quote, cited at ``cited_by``, that does not stand in the clause of ``stretch``; ``found``: what was found
    before."""
    wanted = normalise(quote)
    span = _quote_span(cited_by, quote)
    message = f"引文不是【{stretch.clause.place}】的原文"
    elsewhere = text.text.find(wanted)
    if elsewhere >= 0:
        owner = next((one for one in stretches if one.start <= elsewhere < one.end), None)
        line = source.line_column(text.offsets[elsewhere])[0]
        remedy = (
            f"这段话在【{owner.clause.place}】" if owner is not None else f"这段话在原文第 {line} 行，不属于任何一条"
        )
    else:
        remedy = _nearest_remedy(wanted, text, stretch.start, stretch.end, found, source)
    return Diagnostic("E440", message, span, remedy=remedy)


def _quote_span(span: Span, quote: str) -> Span:
    """The quote inside its declaration, where it is written there just so; else the whole declaration."""
    start = span.text.find(quote)
    if start < 0:
        return span
    return Span(span.source, span.start + start, span.start + start + len(quote))


_LONGEST: Final = 200
"""So much of the words that do not stand in the text is looked for: no more is shown."""
_MOST_COMPARED: Final = 5_000_000
"""Characters of the text that are compared with wrong words, in all: nobody reads thousands of offers."""


def _nearest_remedy(
    wanted: str, text: Normalised, start: int, end: int, found: Sequence[Diagnostic], source: Source | None = None
) -> str:
    """The stretch of ``text`` that looks most like ``wanted``, as a remedy; ``found``: what was found before."""
    if (end - start) * len(found) > _MOST_COMPARED:
        return "照录原文"
    stretch, wanted = text.text[start:end], wanted[:_LONGEST]
    matcher = difflib.SequenceMatcher(None, stretch, wanted, autojunk=False)
    best = matcher.find_longest_match()
    if best.size < 2:
        return "照录原文"
    first = max(0, best.a - best.b)
    last = min(len(stretch), first + len(wanted))
    if source is None:
        return f"原文是“{_cut(stretch[first:last])}”"
    begun, ended = text.original(start + first, start + last)
    raw = "".join(char for char in source.text[begun:ended] if char != "*" and not char.isspace())
    return f"原文是“{_cut(raw)}”"


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
