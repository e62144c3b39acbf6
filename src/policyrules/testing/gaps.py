"""The scenario that is missing: for a change of the rules that no scenario notices, a record on which it would show.

Why this exists: who reads that nobody noticed ``≥ → >`` still has to invent the record that tells them apart. Here the
record of a scenario that comes near is taken and changed in one or two values until the rules as they are and the changed
ones differ on it, and what was found is written as a scenario to copy.

Invariants: the outcome is left blank, for a person who reads the document; the same files give the same text; of one change
no more than `MOST_TRIED` records are tried; nothing is written to a file.
"""

from __future__ import annotations

import datetime
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final, TypeAlias

from policyrules.analysis.changes import LEFT_OUT
from policyrules.analysis.mutants import Mutant
from policyrules.engine.portfolio import Portfolio
from policyrules.interpreter import Interpreter
from policyrules.operators import EXCLUDING, INCLUDING
from policyrules.program import nodes as core
from policyrules.program.graph import Graph, Kind, definitions, inputs, reachable
from policyrules.program.naming import MARK
from policyrules.program.walk import walk
from policyrules.results import Outcome, objects_of
from policyrules.testing.runner import BlockResult, prepared
from policyrules.testing.scenarios import COPY, Scenario
from policyrules.types import Kind as TypeKind
from policyrules.types import Type, Value, add_months, bare_number, canonical, number_text, value_text

MOST_TRIED: Final = 240
_NEAREST, _PAIRED = 8, 2
"""Scenarios whose records are changed in one value, and in two."""
_MOST_VALUES, _MOST_FIELDS, _MOST_MEMBERS = 9, 24, 40
_SAME_BOUND: Final = {**INCLUDING, **EXCLUDING}
_COMPARED: Final = re.compile(r"^(.*?) ?([≥>≤<]) ?([^≥>≤<]*)$")
_PLAIN: Final = re.compile(r"^[\u4e00-\u9fff][\w（）、\u4e00-\u9fff]*$|^\d{4}-\d\d-\d\d$|^\d+%$")

Plain: TypeAlias = Any
"""A value as scenario files have it: a text, a whole number, a list or a mapping of such."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A scenario that is missing. ``says``: what it has to tell apart; ``like`` and ``file``: the scenario whose record was
    taken, '' where none was found that reaches the place; ``changes``: what was changed in it; ``results``: what to fill in;
    ``scenario``: the whole, to copy; ``fields``: whose values must meet, where no record was found."""

    says: str
    like: str = ""
    file: str = ""
    changes: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    scenario: str = ""
    fields: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "says": self.says,
            "like": self.like or None,
            "file": self.file or None,
            "changes": list(self.changes),
            "results": list(self.results),
            "scenario": self.scenario or None,
            "fields": list(self.fields),
        }


@dataclass(frozen=True, slots=True)
class Trial:
    """One stack of one scenario, under the rules as they are and under the changed ones. ``tried``: called for each record before it is
    evaluated under either, and raises where that is too often."""

    scenario: Scenario
    ran: BlockResult
    before: Interpreter
    after: Interpreter
    tried: Callable[[], None]


def find_gap(
    mutant: Mutant,
    trials: Sequence[Trial],
    before: tuple[core.Program, Graph],
    after: core.Program,
    targets: Sequence[str],
) -> Gap:
    """The scenario that would notice ``mutant``. ``trials``: scenarios that reach a result that depends on it, the nearest
    first; ``before``: the program as it is; ``targets``: the results that depend on it."""
    says = told_apart(mutant)
    program, graph = before
    fields = _fields(program, graph, mutant, targets)
    values = {field: _values(field, numbers, program) for field, numbers in _constants(fields, program, after, mutant)}
    open_: Gap | None = None
    for trial, record, changes in itertools.islice(_records(trials, values, program), MOST_TRIED):
        found = _differing(trial, record, targets)
        if found:
            gap = _gap(says, mutant, trial, record, changes, [path for path, _ in found])
            if any(settled for _, settled in found):
                return gap
            # What stays open as the rules are is harder to look up in a document.
            open_ = open_ or gap
    if open_ is not None:
        return open_
    own = _fields(program, graph, mutant, ())
    return Gap(says, fields=tuple(dict.fromkeys(_called(field, program) for field in own or fields))[:_MOST_FIELDS])


def told_apart(mutant: Mutant) -> str:
    """What a scenario has to tell apart, in words.

    >>> from dataclasses import replace as changed
    >>> m = Mutant("A", "a.rules", 1, "提示 甲", "比较", "占比 > 30%", "占比 ≥ 30%", 0, 0, "", 0, (), ())
    >>> told_apart(m), told_apart(changed(m, after=LEFT_OUT)), told_apart(changed(m, after="占比 > 31%"))
    ('占比正好是 30% 时', '去掉“占比 > 30%”结果就不同的', '按“占比 > 30%”和按“占比 > 31%”结果不同的')
    """
    one, other = _COMPARED.match(mutant.before), _COMPARED.match(mutant.after)
    if one and other and one[1] == other[1] and one[3] == other[3] and _SAME_BOUND[one[2]] == other[2]:
        return f"{one[1] or '这一格'}正好是 {one[3]} 时"
    if mutant.before == mutant.declaration:
        return "没有这一条结果就不同的"
    if mutant.after == LEFT_OUT:
        return f"去掉“{mutant.before}”结果就不同的"
    return f"按“{mutant.before}”和按“{mutant.after}”结果不同的"


# ---- which values -----------------------------------------------------------------------------------------------------


def _fields(program: core.Program, graph: Graph, mutant: Mutant, targets: Iterable[str]) -> list[core.Field]:
    """The inputs that the changed declaration reads, then the others of the ``targets``."""
    found: dict[core.Field, None] = {}
    for node in _nodes(graph, mutant):
        if isinstance(node, core.FieldValue | core.Filled):
            found[node.field] = None
    found.update(inputs(graph, targets)[0])
    identity = program.objects[program.root].identity if program.root in program.objects else None
    return [one for one in found if not (one.object == program.root and one.name == identity)]


def _nodes(graph: Graph, mutant: Mutant) -> Iterator[core.Expr]:
    """The nodes of the changed declaration and of what it reads, without the decision it is for; of a value (参数, 清单)
    those of its readers."""
    named = [name for name in graph if name.word in mutant.targets or name.word.partition(MARK)[2] in mutant.targets]
    own = [name for name in named if name.kind is not Kind.DECISION] or named
    if all(name.kind in (Kind.PARAMETER, Kind.LIST) for name in own):
        own += [name for name, one in graph.items() if not set(own).isdisjoint(one.reads)]
    for name in reachable(graph, own):
        if name in graph:
            yield from walk(*graph[name].bodies)


def _constants(
    fields: Sequence[core.Field], program: core.Program, after: core.Program, mutant: Mutant
) -> Iterator[tuple[core.Field, list[tuple[Value, Type]]]]:
    """For each field the values written in the rules, before and after, that it may be compared with."""
    known: dict[tuple[Value, Type], None] = {}
    for one in (after, program):
        graph = definitions(one)
        for node in _nodes(graph, mutant):
            if isinstance(node, core.Constant):
                known[node.value, node.type] = None
            elif isinstance(node, core.ParameterValue):
                value = one.parameters[node.name].value
                if value is not None:
                    known[value, node.type] = None
    for field in fields[:_MOST_FIELDS]:
        yield field, list(known)


def _values(field: core.Field, numbers: Iterable[tuple[Value, Type]], program: core.Program) -> list[Plain]:
    """What may be filled in, the values at which something turns first; what the field does not permit is left out."""
    kind, declared = field.type.kind, field.type.values
    if kind is TypeKind.BOOL:
        return ["是", "否"]
    if kind is TypeKind.ENUM:
        return list(declared or ())
    if kind is TypeKind.SET:
        said = list(declared or (v for v, _ in numbers if isinstance(v, str)))
        return [*([value] for value in said[: _MOST_VALUES - 1]), []]
    if kind is TypeKind.TEXT:
        return [value for value, _ in numbers if isinstance(value, str)][:_MOST_VALUES]
    found: dict[Value, None] = {}
    for value, type_ in numbers:
        found.update(dict.fromkeys(_around(value, type_, field, program.as_of)))
    if kind is TypeKind.DATE:
        found.update(dict.fromkeys((program.as_of, program.as_of - datetime.timedelta(1))))
    elif not found:
        found.update(dict.fromkeys([canonical(1, field.type), canonical(100, field.type), 0]))
    written = (_written(value, field.type) for value in found if _permitted(value, field))
    return [one for one in written if one is not None][:_MOST_VALUES]


def _around(value: Value, type_: Type, field: core.Field, as_of: datetime.date) -> Iterator[Value]:
    """``value`` itself and its neighbours, as far as the field is of its kind; the day that lies a period back."""
    if isinstance(value, bool | str | frozenset):
        return
    if field.type.kind is TypeKind.DATE:
        if type_.kind is TypeKind.DURATION and isinstance(value, int):
            day = add_months(as_of, -value) if type_.family == "months" else as_of - datetime.timedelta(value)
        else:
            day = value if isinstance(value, datetime.date) else None
        if day is not None:
            yield from (day, day + datetime.timedelta(1), day - datetime.timedelta(1))
    elif not isinstance(value, datetime.date) and (
        type_.kind is field.type.kind or (type_.kind in (TypeKind.INTEGER, TypeKind.DECIMAL) and type_.unit is None)
    ):
        step = Fraction(1, 100) if field.type.kind is TypeKind.RATIO else canonical(1, field.type)
        yield from (value, value - step, value + step)


def _permitted(value: Value, field: core.Field) -> bool:
    low, high = field.low, field.high
    return (low is None or value >= low) and (high is None or value <= high)  # type: ignore[operator]  # of one kind


def _written(value: Value, type_: Type) -> Plain:
    """A value as a scenario has it; None for a number that has no finite decimals."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    assert not isinstance(value, str | frozenset)
    text = value_text(value, type_) if type_.kind is TypeKind.RATIO else number_text(bare_number(value, type_))
    if "/" in text:
        return None
    return int(text) if text.lstrip("-").isdigit() else text


def _called(field: core.Field, program: core.Program) -> str:
    return field.name if field.object == program.root else f"{field.object}.{field.name}"


# ---- which records ----------------------------------------------------------------------------------------------------

_Edit: TypeAlias = tuple[dict[str, Plain], str]


def _records(
    trials: Sequence[Trial], values: Mapping[core.Field, Sequence[Plain]], program: core.Program
) -> Iterator[tuple[Trial, dict[str, Plain], tuple[str, ...]]]:
    """Records to try: as they are, then with one value changed, then with two."""
    near = [trial for trial in trials if len(trial.scenario.portfolio or ()) <= _MOST_MEMBERS]
    for trial in near:
        yield trial, trial.scenario.record, ()
    for trial in near[:_NEAREST]:
        for record, change in _edits(trial.scenario.record, list(values), values, program):
            yield trial, record, (change,)
    fields = list(values)
    for trial in near[:_PAIRED]:
        for number, first in enumerate(fields):
            for changed, one in _edits(trial.scenario.record, [first], values, program):
                for record, other in _edits(changed, fields[number + 1 :], values, program):
                    yield trial, record, (one, other)


def _edits(
    record: dict[str, Plain],
    fields: Iterable[core.Field],
    values: Mapping[core.Field, Sequence[Plain]],
    program: core.Program,
) -> Iterator[_Edit]:
    """The record with one of ``fields`` changed: its own, those of what it belongs to, and those of its first row."""
    for field in fields:
        kind = program.objects[field.object]
        named = next((word for word in (kind.name, kind.key) if word in record), kind.name)
        if field.object == program.root:
            for value, changed, said in _changed(record, field, values[field]):
                yield changed, f"{field.name}：{said} → {_shown(value)}"
        elif kind.parent == program.root:
            rows = record.get(named) or [{}]
            if isinstance(rows, list) and isinstance(rows[0], dict):
                for value, row, said in _changed(rows[0], field, values[field]):
                    place = f"{field.object}第1行 {field.name}"
                    yield {**record, named: [row, *rows[1:]]}, f"{place}：{said} → {_shown(value)}"
        elif program.objects[program.root].parent == field.object:
            owner = record.get(named) or {}
            if isinstance(owner, dict):
                for value, changed, said in _changed(owner, field, values[field]):
                    yield {**record, named: changed}, f"{field.object} {field.name}：{said} → {_shown(value)}"


def _changed(
    holder: Mapping[str, Plain], field: core.Field, values: Sequence[Plain]
) -> Iterator[tuple[Plain, dict[str, Plain], str]]:
    word = next((name for name in (field.name, field.key) if name in holder), field.name)
    old = holder.get(word)
    for value in values:
        if value != old:
            yield value, {**holder, word: value}, "没有填" if old is None else _shown(old)


def _shown(value: Plain) -> str:
    return "、".join(map(str, value)) or "（空）" if isinstance(value, list) else str(value)


def _differing(trial: Trial, record: dict[str, Plain], targets: Sequence[str]) -> list[tuple[str, bool]]:
    """The results that differ, by what an expectation calls them, each with whether it is settled under the rules as they
    are; none where the record cannot be read."""
    instance, portfolio = trial.ran.record, trial.ran.portfolio
    if record is not trial.scenario.record:
        changed = replace(trial.scenario, record=record)
        instance, portfolio, faults = prepared(changed, trial.ran.policy, strict=False)
        if faults:
            return []
    sides = []
    for engine in (trial.before, trial.after):
        trial.tried()
        members = None if portfolio is None else Portfolio(portfolio.members)
        sides.append(dict(_told(engine.evaluate(instance, members), targets)))
    before, after = sides
    # What the changed rules do not ask any more is like what never applies.
    return [(name, said[0]) for name, said in before.items() if after.get(name, _NO_MORE)[1] != said[1]]


_NO_MORE: Final = (True, "not_applicable")


def _told(outcome: Outcome, targets: Sequence[str]) -> Iterator[tuple[str, tuple[bool, object]]]:
    for part in objects_of(outcome):
        for result in part.decisions.values():
            if result.name in targets and result.shared is None:
                where = "" if result.path in ("", outcome.path) else f"{result.path}."
                said = [(value, one.tone, one.certain) for value, one in result.by_value.items()]
                yield f"{where}{result.name}", (result.status != "undetermined", (result.text, said))
    for finding in outcome.findings:
        if finding.name in targets and finding.shared is None:
            where = "" if finding.target in ("", outcome.path) else f"@{finding.target}"
            settled = finding.status != "unverified"
            yield f"发现.{finding.name}{where}", (settled, finding.status)


# ---- the scenario to copy ---------------------------------------------------------------------------------------------


def _gap(
    says: str, mutant: Mutant, trial: Trial, record: dict[str, Plain], changes: tuple[str, ...], results: Sequence[str]
) -> Gap:
    scenario = trial.scenario
    lines = [f"  - 名称: {_quoted(f'{mutant.declaration}：{says}')}"]
    lines.append(f"    评估日: {scenario.as_of.isoformat()}")
    if scenario.clauses:
        lines.append(f"    条款: {_flow([place for place, _ in scenario.clauses])}")
    if scenario.parameters:
        lines.append(f"    参数: {_flow(scenario.parameters)}")
    lines += ["    记录:", *_block(record, "      ")]
    if scenario.portfolio is not None:
        members = [f"      - {_flow(row)}" for row in _gathered(scenario.portfolio)]
        lines += ["    台账:", *members] if members else ["    台账: []"]
    expected = [f"{_quoted(name)}:" for name in results if not name.startswith("发现.")]
    findings = [f"  {_quoted(name.removeprefix('发现.'))}:" for name in results if name.startswith("发现.")]
    expected += ["发现:", *findings] if findings else []
    indent = "      "
    if trial.ran.layer:
        lines += ["    各层:", f"      {_quoted(trial.ran.layer)}:"]
        indent += "  "
    else:
        lines.append("    预期:")
    lines += [indent + line for line in expected]
    results = [name.removeprefix("发现.") for name in results]
    return Gap(says, scenario.name, scenario.span.source.path, changes, tuple(results), "\n".join(lines))


def _gathered(members: Iterable[Mapping[str, Plain]]) -> Iterator[dict[str, Plain]]:
    """Members of a ledger as they were written: copies as one, with their number."""
    rows: list[tuple[dict[str, Plain], int]] = []
    for member in members:
        row, copy = {key: value for key, value in member.items() if key != COPY}, member.get(COPY)
        if copy is not None and copy > 1 and rows and rows[-1][0] == row:
            rows[-1] = row, rows[-1][1] + 1
        else:
            rows.append((row, 1))
    for row, count in rows:
        yield {**row, "份数": count} if count > 1 else row


def _block(record: Mapping[str, Plain], indent: str) -> Iterator[str]:
    for key, value in record.items():
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            yield f"{indent}{_quoted(key)}:"
            yield from (f"{indent}  - {_flow(item)}" for item in value)
        else:
            yield f"{indent}{_quoted(key)}: {_flow(value)}"


def _flow(value: Plain) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{_quoted(key)}: {_flow(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(_flow(item) for item in value) + "]"
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            return _quoted(str(value))


def _quoted(text: str) -> str:
    """``text`` for a YAML file, in quotes where it could be read as anything else.

    >>> _quoted("停产"), _quoted("资产[0].去向"), _quoted("1.5")
    ('停产', '"资产[0].去向"', '"1.5"')
    """
    return text if _PLAIN.match(text) else json.dumps(text, ensure_ascii=False)
