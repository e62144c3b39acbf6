"""The coverage of an official text as one page: the text on the left, what encodes or explains it on the right.

Why this exists: people judge an encoding by reading down the document. The page is one file without external resources,
so that it can be sent, printed and filed; it reads well without its few lines of script.

Invariants: everything that comes from a file is escaped; the page depends on the coverage alone (no clock, no path that
the coverage does not show); status is said in words, never by colour only.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from policyrules.analysis.clause_coverage import (
    CLAUSE_STATUS_NAMES,
    STATE_NAMES,
    CitingDeclaration,
    ClauseRow,
    clause_counts,
)
from policyrules.analysis.coverage_text import quoted_text
from policyrules.analysis.sentence_coverage import COUNTED, STATUS_NAMES, SentenceRow, SourceCoverage
from policyrules.source import Source, Span

_KIND_NAMES: dict[str, str] = {
    "scope": "范围",
    "principle": "原则",
    "deadline": "期限",
    "procedure": "程序",
    "ledger": "台账",
    "classification": "分类",
    "measure": "措施",
    "duty": "义务",
    "prohibition": "禁令",
    "intake": "入库",
    "aggregate": "汇总",
    "disposal": "处置",
    "responsible": "职责",
    "authority": "授权",
}

_MOST_AGAIN: Final = 1 << 20
"""Characters of rules that stand beside several clauses and are written out beside each of them; from there on, beside the first."""

_STYLE = """
:root { --ink: #1f2328; --soft: #57606a; --line: #d0d7de; --paper: #fff; --tint: #f6f8fa;
  --encoded: #1a6b3c; --unquoted: #6a3d9a; --explained: #7a5200; --uncovered: #b3261e; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1360px; padding: 2rem 2rem 6rem; color: var(--ink); background: var(--paper);
  font: 16px/1.75 "PingFang SC", "Microsoft YaHei", "Source Han Sans SC", "Noto Sans CJK SC", sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.4; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 3rem 0 .75rem; padding-bottom: .35rem; border-bottom: 2px solid var(--ink); }
h3 { font-size: 1rem; margin: 1.75rem 0 .5rem; }
.lead, .soft { color: var(--soft); }
.lead { margin: 0 0 1.25rem; }
table.summary { border-collapse: collapse; margin: 0 0 1rem; }
table.summary th, table.summary td { border: 1px solid var(--line); padding: .3rem .9rem; text-align: left; }
table.summary th { background: var(--tint); font-weight: 600; }
.problems { border-left: 4px solid var(--uncovered); background: #fff5f4; padding: .5rem 1rem; margin: 0 0 1rem; }
.problems ul { margin: .25rem 0; padding-left: 1.2rem; }
nav { position: sticky; top: 0; z-index: 1; background: var(--paper); padding: .6rem 0;
  border-bottom: 1px solid var(--line); }
nav button { font: inherit; font-size: .9rem; padding: .2rem .9rem; margin-right: .4rem; border: 1px solid var(--line);
  border-radius: 1rem; background: var(--paper); color: inherit; cursor: pointer; }
nav button[aria-pressed="true"] { background: var(--ink); border-color: var(--ink); color: #fff; }
.row { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); gap: 2rem; padding: 1rem 0;
  border-top: 1px solid var(--line); }
.text { font-family: "Songti SC", "Source Han Serif SC", "Noto Serif CJK SC", SimSun, serif; font-size: 1.05rem; }
.unit { margin: 0 0 .5rem; padding-left: .75rem; border-left: 4px solid var(--line); }
.unit.encoded { border-color: var(--encoded); }
.unit.unquoted { border-color: var(--unquoted); border-left-style: dashed; background: #f8f4fc; }
.unit.explained { border-color: var(--explained); border-left-style: double; }
.unit.uncovered { border-color: var(--uncovered); background: #fff5f4; }
.unit.structure { border-color: transparent; }
.unit.title { text-align: center; font-weight: 700; }
.unit.offices { font-size: .95rem; }
.chip { font: 600 .75rem/1.4 sans-serif; margin-left: .4rem; white-space: nowrap; }
.encoded > .chip { color: var(--encoded); }
.unquoted > .chip { color: var(--unquoted); }
.explained > .chip { color: var(--explained); }
.uncovered > .chip { color: var(--uncovered); }
mark { background: #fff3c4; color: inherit; padding: 0 1px; }
.gap { color: var(--uncovered); font-size: .9rem; margin: 0 0 .5rem .75rem; }
.clause { margin: 0 0 1.25rem; font-size: .92rem; }
.clause > header { margin-bottom: .3rem; }
.place { font-weight: 700; }
.id { font-family: ui-monospace, Consolas, monospace; font-size: .82rem; color: var(--soft); }
.clause p { margin: .2rem 0; }
.text .reason { font-size: .92rem; margin: 0 0 .5rem .75rem; }
.reason { border-left: 4px double var(--explained); padding-left: .75rem; }
.nothing { color: var(--uncovered); }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; background: var(--tint); }
summary { cursor: pointer; padding: .25rem .7rem; }
pre { margin: 0; padding: .5rem .9rem .7rem; white-space: pre-wrap; overflow-wrap: anywhere;
  border-top: 1px solid var(--line); border-radius: 0 0 6px 6px; background: var(--paper);
  font: .88rem/1.7 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
body[data-filter="encoded"] [data-has]:not([data-has~="encoded"]),
body[data-filter="unquoted"] [data-has]:not([data-has~="unquoted"]),
body[data-filter="explained"] [data-has]:not([data-has~="explained"]),
body[data-filter="uncovered"] [data-has]:not([data-has~="uncovered"]) { display: none; }
body[data-filter="encoded"] .unit:not(.encoded), body[data-filter="unquoted"] .unit:not(.unquoted),
body[data-filter="explained"] .unit:not(.explained), body[data-filter="uncovered"] .unit:not(.uncovered) { opacity: .4; }
@media (max-width: 800px) { .row { grid-template-columns: 1fr; gap: .75rem; } body { padding: 1rem; } }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt; } nav { display: none; }
  .unit, .clause > header, details { break-inside: avoid; } h2, h3 { break-after: avoid; }
  mark { text-decoration: underline; background: none; } }
"""

_SCRIPT = """
const buttons = document.querySelectorAll("nav button");
for (const button of buttons) button.addEventListener("click", () => {
  document.body.dataset.filter = button.dataset.filter;
  for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
});
window.addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("details")) one.open = true;
});
"""


@dataclass(slots=True)
class _Section:
    """A stretch of the page under one heading; ``level`` 2 for a chapter, 3 for an article, 0 without a heading."""

    level: int
    heading: str
    groups: list[list[SentenceRow]] = field(default_factory=list)


@dataclass(slots=True)
class _Shown:
    """What stands on the page so far: clauses, and rules by where they are written, each with the clause beside which it stands;
    ``again``: characters of rules that stand there more than once."""

    clauses: set[str] = field(default_factory=set)
    rules: dict[Span, str] = field(default_factory=dict)
    again: int = 0


def render_html(coverage: SourceCoverage) -> str:
    """One self-contained page: summary, filter, then the text section by section beside its clauses and rules."""
    title = f"{coverage.title}：逐句对照"
    shown = _Shown()
    rows = {row.clause.id: row for row in coverage.clauses}
    parts = [
        "<!DOCTYPE html>",
        '<html lang="zh-CN">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        '<body data-filter="all">',
        *_summary(coverage, title),
        "<main>",
    ]
    sections = _sections(coverage.sentences)
    for index, section in enumerate(sections):
        if section.level:
            has = _has(_rows_under(sections, index))
            parts.append(f'<h{section.level} data-has="{has}">{escape(section.heading)}</h{section.level}>')
        for group in section.groups:
            parts.extend(_group(group, rows, shown, coverage.source))
    parts.extend(("</main>", f"<script>{_SCRIPT}</script>", "</body>", "</html>", ""))
    return "\n".join(parts)


def _summary(coverage: SourceCoverage, title: str) -> Iterator[str]:
    yield "<header>"
    yield f"<h1>{escape(title)}</h1>"
    yield (
        '<p class="lead">左边是文件原文，逐句标明处理情况，画出的是规则引用的原话，没有画出的话没有规则引到；'
        "右边是对应的条款登记和规则原文，不产出结论的写明理由。一句话有规则引了它的话，才算已编码；"
        "只有所属的条款被引用、这一句的话没有引到，又没有写理由的，是未引原话。</p>"
    )
    yield '<table class="summary"><tbody>'
    yield f"<tr><th>句</th><td>共 {coverage.total}</td>"
    yield "".join(f"<td>{STATUS_NAMES[status]} {coverage.count(status)}</td>" for status in COUNTED) + "</tr>"
    yield f"<tr><th>条款</th><td>共 {len(coverage.clauses)}</td>"
    for clause_status, number in clause_counts(coverage.clauses).items():
        # A clause is counted by citation: it has no state between cited and uncovered.
        wide = ' colspan="2"' if clause_status == "cited" else ""
        yield f"<td{wide}>{CLAUSE_STATUS_NAMES[clause_status]} {number}</td>"
    yield "</tr></tbody></table>"
    yield f"<p>{quoted_text(coverage)}</p>"
    if coverage.diagnostics:
        yield f'<div class="problems"><strong>需要处理的问题 {len(coverage.diagnostics)} 个</strong><ul>'
        for found in coverage.diagnostics:
            place = f"（{found.span}）" if found.span is not None else ""
            remedy = f"。改法：{found.remedy}" if found.remedy else ""
            yield f"<li>{escape(found.message + place + remedy)}</li>"
        yield "</ul></div>"
    elif coverage.complete:
        yield "<p>每一句都有规则引到，或说明了理由；引文逐字核对无误；各条原文与登记时一致。</p>"
    yield "</header>"
    yield '<nav aria-label="筛选"><button type="button" data-filter="all" aria-pressed="true">全部</button>'
    for status in COUNTED:
        label = f"{STATUS_NAMES[status]} {coverage.count(status)}"
        yield f'<button type="button" data-filter="{status}" aria-pressed="false">{label}</button>'
    yield "</nav>"


def _sections(sentences: Sequence[SentenceRow]) -> list[_Section]:
    sections = [_Section(0, "")]
    for row in sentences:
        if row.status == "structure" and row.unit.kind in ("chapter", "article"):
            sections.append(_Section(2 if row.unit.kind == "chapter" else 3, row.unit.text))
            continue
        groups = sections[-1].groups
        # Sentences of the same clauses share one row, so that their rules stand beside them once.
        if groups and groups[-1][0].clauses == row.clauses and (row.clauses or row.status == groups[-1][0].status):
            groups[-1].append(row)
        else:
            groups.append([row])
    return sections


def _rows_under(sections: Sequence[_Section], index: int) -> list[SentenceRow]:
    """The rows of a section, and for a chapter those of its articles."""
    level = sections[index].level
    end = next((i for i in range(index + 1, len(sections)) if sections[i].level <= level), len(sections))
    return [row for section in sections[index:end] for group in section.groups for row in group]


def _has(rows: Sequence[SentenceRow]) -> str:
    return " ".join(status for status in COUNTED if any(row.status == status for row in rows))


def _group(group: Sequence[SentenceRow], rows: dict[str, ClauseRow], shown: _Shown, source: Source) -> Iterator[str]:
    yield f'<div class="row" data-has="{_has(group)}">'
    yield '<div class="text">'
    for row in group:
        yield f'<p class="unit {row.status} {row.unit.kind}">{_marked(row, source)}{_chip(row)}</p>'
        for gap in row.gaps:
            yield f'<p class="gap">不属于任何一条：{escape(gap)}</p>'
        for reason in row.reasons:
            yield f'<p class="reason">这一句不产出结论：{escape(reason)}</p>'
    yield "</div>"
    yield '<div class="rules">'
    for clause in group[0].clauses:
        yield from _clause(rows[clause], shown)
        shown.clauses.add(clause)
    if not group[0].clauses and any(row.status == "uncovered" for row in group):
        yield '<p class="nothing">条款表里没有对应的条款。</p>'
    yield "</div></div>"


def _chip(row: SentenceRow) -> str:
    if row.status == "structure":
        return ""
    share = f" {row.quoted_characters * 100 // row.characters}%" if row.status == "encoded" and row.characters else ""
    return f'<span class="chip">{STATUS_NAMES[row.status]}{share}</span>'


def _marked(row: SentenceRow, source: Source) -> str:
    """The unit's text with its quotes marked; line breaks and stars of the file are left out."""
    pieces: list[str] = []
    reached = row.unit.start
    for mark in row.marks:
        names = [f"{row.quoted_by[index].kind} {row.quoted_by[index].name}" for index in mark.declarations]
        who = "；".join(names) or "登记为责任单位"
        pieces.append(_clean(source.text[reached : mark.start]))
        pieces.append(f'<mark title="{escape(who)}">{_clean(source.text[mark.start : mark.end])}</mark>')
        reached = mark.end
    pieces.append(_clean(source.text[reached : row.unit.end]))
    return "".join(pieces)


def _clean(text: str) -> str:
    return escape("".join(char for char in text if char not in "*\r\n"))


def _clause(row: ClauseRow, shown: _Shown) -> Iterator[str]:
    clause = row.clause
    repeated = clause.id in shown.clauses
    anchor = "" if repeated else f' id="{escape(clause.id)}"'
    yield f'<section class="clause {row.status}"{anchor}>'
    yield (
        f'<header><span class="place">【{escape(clause.place)}】</span> '
        f'<span class="soft">{escape(_KIND_NAMES.get(clause.kind, clause.kind))}</span> '
        f'<span class="id">{escape(clause.id)}</span></header>'
    )
    if repeated:
        yield f'<p class="soft">见<a href="#{escape(clause.id)}">上文</a>，此处仍属同一条。</p></section>'
        return
    yield f"<p>{escape(clause.summary)}</p>"
    if row.offices:
        yield f'<p class="soft">责任单位：{escape("、".join(row.offices))}</p>'
    if clause.source_note is not None:
        yield f'<p class="soft">原文问题：{escape(clause.source_note)}</p>'
    if clause.reason is not None:
        yield f'<p class="reason">不产出结论：{escape(clause.reason)}</p>'
    for note in row.notes:
        yield f'<p class="{"nothing" if row.status == "uncovered" else "soft"}">{escape(note)}</p>'
    for declaration in row.declarations:
        yield from _declaration(declaration, clause.id, shown)
    yield "</section>"


def _declaration(declaration: CitingDeclaration, clause: str, shown: _Shown) -> Iterator[str]:
    title = f"{declaration.kind} {declaration.name}{STATE_NAMES[declaration.state]}"
    yield f"<details open><summary>{escape(title)} "
    yield f'<span class="id">{escape(declaration.span.place)}</span></summary>'
    first_beside = shown.rules.setdefault(declaration.span, clause)
    length = declaration.span.end - declaration.span.start
    if first_beside != clause and shown.again + length > _MOST_AGAIN:
        yield f'<p class="soft">规则原文见<a href="#{escape(first_beside)}">上文</a>。</p></details>'
        return
    shown.again += length if first_beside != clause else 0
    # A span starts after the indentation of its first line; the others keep theirs until here.
    first, _, rest = declaration.span.text.partition("\n")
    body = first if not rest else f"{first}\n{textwrap.indent(textwrap.dedent(rest), '  ')}"
    yield f"<pre>{escape(body.rstrip())}</pre></details>"
