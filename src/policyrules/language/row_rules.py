"""The rows of a 决策表 as the rules that they are.

Why this exists: layers, explanations and tests know rules, and need not know of tables.

Invariants: a row becomes one rule, called after its table and its own name or number; its clauses stand where its cells do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from policyrules.diagnostics import Label, Report
from policyrules.language import expressions as surface
from policyrules.language import nodes
from policyrules.language.layout import flat
from policyrules.language.table_cells import REST, ROW_MARK, ROW_NAME, SPECIAL, TONE
from policyrules.source import Span


def rows_as_rules(
    written: nodes.Written, object_: surface.Name | None, common: nodes.Common, report: Report
) -> tuple[tuple[nodes.RuleDecl, ...], tuple[surface.Ref, ...], bool]:
    """The rules that the rows are, the inputs, and whether the last row is 其余."""
    head, *lines = [clause for clause in written.clauses if clause.keyword.text == "row"]
    decision = next(cast("tuple[surface.Name, ...]", c.body)[0] for c in written.clauses if c.keyword.text == "得出")
    columns = [cell.text for cell in cast(nodes.Row, head.body).cells]
    is_input = [name != decision.text and name not in SPECIAL for name in columns]
    inputs = tuple(
        surface.Ref(tuple(surface.Name(part, cell.span) for part in cell.text.split(".")), cell.span)
        for cell, wanted in zip(cast(nodes.Row, head.body).cells, is_input, strict=True)
        if wanted
    )
    rules: list[nodes.RuleDecl] = []
    names: dict[str, Span] = {}
    rest = False
    for number, line in enumerate(lines, 1):
        cells = dict(zip(columns, cast(nodes.Row, line.body).cells, strict=True))
        tests = [cell for cell, wanted in zip(cells.values(), is_input, strict=True) if wanted]
        if _is_rest(tests):
            rest = number == len(lines)
            tests = []
            if not rest:
                reader_remedy = "移到最后一行；它指上面各行都不成立"
                report.error("E153", f"“{REST}”只写在最后一行", line.span, reader_remedy)
        own = cells[ROW_NAME].text if ROW_NAME in cells else str(number)
        if own in names:
            report.error("E150", f"行名“{own}”写了两次", cells[ROW_NAME].span, "换一个", Label(names[own], "先在这里"))
        names.setdefault(own, line.span)
        rules.append(
            _rule(written, object_, common, decision, f"{written.name.text}{ROW_MARK}{own}", line, tests, cells)
        )
    return tuple(rules), inputs, rest


def _is_rest(tests: list[nodes.Cell]) -> bool:
    """其余 below the first input, and any value below the others."""
    first, *others = tests
    body = first.body
    plain = isinstance(body, surface.Is) and not body.negated and isinstance(body.value, surface.Name)
    return plain and first.text == REST and all(cell.body is None for cell in others)


def _rule(
    written: nodes.Written,
    object_: surface.Name | None,
    common: nodes.Common,
    decision: surface.Name,
    name: str,
    line: nodes.Clause,
    tests: list[nodes.Cell],
    cells: dict[str, nodes.Cell],
) -> nodes.RuleDecl:
    conditions = [cast(surface.Expr, cell.body) for cell in tests if cell.body is not None]
    clauses: list[nodes.Clause] = []
    citations = cells["依据"].body if "依据" in cells else ()
    for citation in cast("tuple[nodes.Citation, ...]", citations):
        clauses.append(nodes.Clause(surface.Name("依据", citation.span), citation, citation.span))
    when: surface.Expr | None = None
    if conditions:
        when = conditions[0]
        if len(conditions) > 1:
            place = conditions[0].span.to(conditions[-1].span)
            when = surface.And(tuple(conditions), False, place)
            when = replace(when, span=replace(place, said=flat(when)))
        clauses.append(nodes.Clause(surface.Name("当", when.span), when, when.span))
    then = cast(nodes.Conclusion, cells[decision.text].body)
    tone = cells[TONE].body if TONE in cells else None
    then = replace(then, tone=tone if isinstance(tone, surface.Name) else None)
    place = cells[decision.text].span
    clauses.append(nodes.Clause(surface.Name("则", place), then, place))
    note = cells["释义"].body if "释义" in cells else None
    if isinstance(note, nodes.Note):
        clauses.append(nodes.Clause(surface.Name("释义", note.span), note, note.span))
    own = nodes.Common(
        cast("tuple[nodes.Citation, ...]", citations) or common.citations,
        (*common.notes, *((note,) if isinstance(note, nodes.Note) else ())),
        common.authority,
        common.since,
        common.until,
    )
    bar = Span(line.span.source, line.span.start, line.span.end)
    named = surface.Name(name, cells[ROW_NAME].span if ROW_NAME in cells else bar)
    keyword = surface.Name("规则", Span(line.span.source, line.span.start, line.span.start + 1))
    as_written = nodes.Written(keyword, named, None, tuple(clauses), line.span)
    return nodes.RuleDecl(
        "规则",
        named,
        object_,
        when,
        (),
        cast("nodes.Tone | None", None if then.tone is None else then.tone.text),
        decision,
        then.values,
        then.amount,
        own,
        as_written,
        line.span,
        written.name,
    )
