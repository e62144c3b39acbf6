"""A ledger evaluated at once against the definition, record by record: everything that both say, output by output."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

import policyrules as pr
from policyrules import Outcome
from policyrules.columns.domains import RECORDS, joined
from policyrules.columns.outputs import FINDING_STATUSES
from policyrules.columns.results import FrameResult
from policyrules.columns.tables import Exact, Table
from policyrules.results import STATUS_NAMES, DecisionResult, ObjectOutcome, candidate_text

Said = dict[tuple[Any, ...], Any]


def definition(outcomes: Sequence[Outcome]) -> Said:
    """What the definition says."""
    found: Said = {}
    for place, outcome in enumerate(outcomes):
        for part, path in _objects(outcome):
            for result in part.decisions.values():
                found["决定", place, result.path or path, result.name] = _decision(result)
        for one in outcome.findings:
            found["检查", place, one.object, one.unlisted, one.name] = (one.status, one.due)
    return found


def _objects(outcome: ObjectOutcome) -> Iterator[tuple[ObjectOutcome, str]]:
    yield outcome, outcome.path
    for rows in outcome.children.values():
        for row in rows:
            yield from _objects(row)


def _decision(result: DecisionResult) -> tuple[Any, ...]:
    if result.kind:
        return (result.status, result.value, result.interval)
    value = result.value
    if isinstance(value, frozenset):
        value = tuple(one for one in result.values if one in value)  # type: ignore[assignment]  # as columns have it
    return (result.status, value, tuple(map(candidate_text, result.candidates)))


def columnar(result: FrameResult, program: pr.program.nodes.Program) -> Said:  # type: ignore[name-defined]  # a module
    """What the columns say, told of each record as the definition tells it."""
    prepared = result.prepared
    line = [prepared.record]
    while (parent := program.objects[line[-1]].parent) is not None:
        line.append(parent)
    # Of each record the row of each object above it; of what records belong to, the records that belong to it.
    owner: dict[str, list[int]] = {line[0]: list(range(len(result)))}
    for below, kind in itertools.pairwise(line):
        above = prepared.tables[below].above
        assert above is not None
        owner[kind] = [int(above[row]) for row in owner[below]]
    found: Said = {}
    codes = {name: code for code, name in STATUS_NAMES.items()}
    for kind in prepared.tables:
        table = result.table(kind).columns
        listed = {name: _handed_out(column) for name, column in table.items()}
        of = zip(listed["记录"], listed["行"], strict=True) if "记录" in listed else None
        pairs: list[Any] | None = None if of is None else list(of)
        for decision in program.decisions.values():
            name = decision.name
            if name not in listed:
                continue
            for row, told in enumerate(listed[f"{name}·状态"]):
                if told is None:
                    # The record's own stack has no such decision.
                    continue
                status = codes[told]  # type: ignore[index]  # a name
                value = listed[name][row]
                said: tuple[Any, ...]
                if decision.type is None:
                    value = tuple(value) if isinstance(value, list) else value
                    candidates = listed[f"{name}·候选"][row]
                    said = (status, value, tuple(candidates))  # type: ignore[arg-type]  # a list
                else:
                    low, high = listed[f"{name}·低"][row], listed[f"{name}·高"][row]
                    gone = status in ("none", "not_applicable") or _is_void(result, name, row)
                    said = (status, value, None if gone else (low, high))
                if pairs is not None:
                    own, at = pairs[row]
                    paths = result.paths(kind, np.array([at]))
                    found["决定", own, paths[0], name] = said
                    continue
                for record, path in _where(result, program, line, owner, kind, row, decision.object):
                    found["决定", record, path, name] = said
    every = result.findings_of(frozenset(FINDING_STATUSES))
    columns = {name: column.to_list() for name, column in every.columns.items()}
    for at in range(len(every)):
        record, kind, row = columns["记录"][at], columns["对象"][at], columns["行"][at]
        due, path = columns["期限"][at], columns["路径"][at]
        key = (path, _below(columns["没有列出"][at]), columns["名称"][at])
        said = (codes[columns["状态"][at]], due)  # type: ignore[index]  # a name
        records: Any = [record]
        if record is None:
            top = _top(result, line, str(kind))
            owning = _owner_row(result, str(kind), int(row), top)  # type: ignore[arg-type]  # a number
            records = [one for one, own in enumerate(owner[top]) if own == owning]
        for one in records:
            found["检查", one, *key] = said
    return found


def _handed_out(column: Any) -> list[Any]:
    """What a column lists; numbers go into files and frames as the same."""
    told: list[Any] = column.to_list()
    if isinstance(column, Exact) and len(column):
        written = Table({"数": column}).to_arrow().column(0).to_pylist()
        assert [None if one is None else Fraction(one) for one in written] == told
    return told


def _below(unlisted: Any) -> str:
    return unlisted or ""


def _top(result: FrameResult, line: Sequence[str], kind: str) -> str:
    while kind not in line:
        belongs = result.prepared.tables[kind].belongs
        assert belongs is not None
        kind = belongs
    return kind


def _owner_row(result: FrameResult, kind: str, row: int, top: str) -> int:
    while kind != top:
        table = result.prepared.tables[kind]
        assert table.parent is not None and table.belongs is not None
        row, kind = int(table.parent[row]), table.belongs
    return row


def _is_void(result: FrameResult, name: str, row: int) -> bool:
    forms = result._forms
    for asked in result._found.asked:
        decision = getattr(asked.output, "decision", None)
        if decision is None or name != (decision.name if forms is None else forms.name("决定", decision.name)):
            continue
        domain, at = asked.domain, row
        if forms is not None and ("决定", decision.name) in forms.only:
            # Told record by record, of those that have it.
            domain = joined((domain, RECORDS))
            record = result._records(domain, np.array([row]))
            if not forms.having("决定", decision.name, record)[0]:  # type: ignore[index]  # some have it not
                continue
            places = result._layout.map(domain, asked.domain)
            at = row if places is None else int(places[row])
        return bool(result._found.pieces[asked.key].mask("void")[at])
    return False


def _where(
    result: FrameResult,
    program: Any,
    line: Sequence[str],
    owner: dict[str, list[int]],
    kind: str,
    row: int,
    object_: str,
) -> Iterator[tuple[int, str]]:
    top = _top(result, line, kind)
    paths = result.paths(kind, np.array([row]))
    if kind == line[0]:
        # What differs from record to record, also of what they belong to.
        yield row, paths[0] if object_ == kind else object_
        return
    holder = _owner_row(result, kind, row, top)
    for record, own in enumerate(owner[top]):
        if own == holder:
            yield record, paths[0]


def differences(policy: pr.Policy, records: Sequence[Any], **options: Any) -> tuple[list[str], FrameResult]:
    """What the two say differently, and the result of the columns."""
    outcomes = [one for one in policy.evaluate_all(records, on_error="collect") if isinstance(one, Outcome)]
    result = policy.evaluate_frame(records, **options)
    said, ours = definition(outcomes), columnar(result, policy.program)
    found = []
    for key in {**said, **ours}:
        if said.get(key) != ours.get(key):
            found.append(f"{key}：定义 {said.get(key)}；列 {ours.get(key)}")
    return found, result
