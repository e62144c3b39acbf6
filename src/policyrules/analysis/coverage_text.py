"""The coverage of clauses and of an official text as people read it in a terminal.

Why this exists: what is left to do must be seen at once, below a line that counts it; all the rest on demand.

Invariants: what is wrong with clauses and quotes comes last, after the sentences it is about; clauses are counted by
citation and say so, sentences by their own words; whatever a line quotes, it stays one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policyrules.analysis.clause_coverage import (
    CLAUSE_STATUS_NAMES,
    STATE_NAMES,
    ClauseCoverage,
    ClauseRow,
    LayerCoverage,
    clause_counts,
)
from policyrules.analysis.sentence_coverage import COUNTED, STATUS_NAMES, SentenceRow, SourceCoverage
from policyrules.diagnostics import render
from policyrules.text import printable

_MOST_AGAIN: Final = 50
"""Of so many declarations that cite a clause it is told at each of its sentences, of all at the first."""


def render_text(coverage: ClauseCoverage | SourceCoverage, everything: bool = False) -> str:
    """A summary, then what is uncovered, unquoted or odd.

    ``everything``: every row, with what stands for it, and the words of each sentence that nothing quotes.
    """
    if isinstance(coverage, SourceCoverage):
        lines = _source_lines(coverage, everything)
        if coverage.diagnostics:
            lines.append(f"需要处理的问题 {len(coverage.diagnostics)} 个：")
        return "\n".join((*map(printable, lines), *(render(found) for found in coverage.diagnostics)))
    return "\n".join(printable(line) for layer in coverage.layers for line in _layer_lines(layer, everything))


def quoted_text(coverage: SourceCoverage) -> str:
    """How much of the text stands in quotes, in words.

    Rounded down, so that only all of it is 100%.
    """
    quoted, characters = coverage.quoted
    if not characters:
        return ""
    return f"除已说明的以外共 {characters} 字，规则引到 {quoted} 字（{quoted * 100 // characters}%）"


def _layer_lines(layer: LayerCoverage, everything: bool) -> list[str]:
    said = "，".join(f"{CLAUSE_STATUS_NAMES[status]} {number}" for status, number in clause_counts(layer.rows).items())
    lines = [f"{layer.title}（{layer.layer}）：共 {len(layer.rows)} 条，{said}"]
    for row in layer.rows:
        if not (everything or row.notes or row.status == "uncovered"):
            continue
        name = CLAUSE_STATUS_NAMES[row.status]
        lines.append(f"  [{name}] 【{row.clause.place}】{row.clause.summary}（{row.clause.id}）")
        lines.extend(f"      {note}" for note in row.notes)
        lines.extend(_grounds(row, "      ") if everything else ())
    return lines


def _source_lines(coverage: SourceCoverage, everything: bool) -> list[str]:
    said = "，".join(f"{STATUS_NAMES[status]} {coverage.count(status)}" for status in COUNTED)
    lines = [f"{coverage.title}（{coverage.layer}）", f"原文 {coverage.source.path}：共 {coverage.total} 句，{said}"]
    lines.extend(filter(None, (quoted_text(coverage),)))
    places = {row.clause.id: row for row in coverage.clauses}
    told: dict[str, int] = {}
    for sentence in coverage.sentences:
        if everything or sentence.status in ("uncovered", "unquoted"):
            lines.append(f"  第 {sentence.line} 行 [{STATUS_NAMES[sentence.status]}] {sentence.unit.text}")
            lines.extend(_sentence_lines(sentence, places, everything, told))
    return lines


def _sentence_lines(
    sentence: SentenceRow, places: dict[str, ClauseRow], everything: bool, told: dict[str, int]
) -> Iterator[str]:
    """What there is to say of a sentence; ``told``: at which line of the text the grounds of a clause were told whole."""
    for gap in sentence.gaps:
        yield f"      不属于任何一条：{gap}"
    for reason in sentence.reasons:
        yield f"      理由：{reason}"
    if everything and sentence.rest:
        yield f"      没有引到的话：{'｜'.join(piece.strip('，、；：。') for piece in sentence.rest)}"
    for clause in sentence.clauses:
        row = places[clause]
        if everything or row.status == "uncovered" or sentence.status == "unquoted":
            yield f"      【{row.clause.place}】{CLAUSE_STATUS_NAMES[row.status]}"
        if everything:
            grounds = list(_grounds(row, "          "))
            line = told.setdefault(clause, sentence.line)
            # A clause of thousands of sentences, cited by thousands of rules, tells them once.
            if line != sentence.line and len(grounds) > _MOST_AGAIN:
                grounds[_MOST_AGAIN:] = [f"          其余 {len(grounds) - _MOST_AGAIN} 个见第 {line} 行"]
            yield from grounds


def _grounds(row: ClauseRow, indent: str) -> Iterator[str]:
    """What stands for a clause: the declarations that cite it, or the reason why there are none."""
    for declaration in row.declarations:
        yield f"{indent}{declaration.kind} {declaration.name}{STATE_NAMES[declaration.state]}（{declaration.span}）"
    if row.clause.reason is not None:
        yield f"{indent}理由：{row.clause.reason}"
