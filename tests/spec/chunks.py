"""The cases of ``tests/spec/*.md``: sentences, rules, records, and what must come of them.

Why this exists: what the language means is held in files that people who know the language can read and every engine can
run; this is all the code between them and an engine.

A file is parted by headings ``## 5.1.3 5.1.4 …``: the numbers of the sentences (docs/language.md) that a part stands for.
In a part:

* ``rules`` blocks add declarations to ``world.rules``; a ``rules 下层`` block is one more layer below, a ``rules 并列 甲文``
  block one below the world alone, called 甲文; what follows as 下层 extends all that nobody extends yet; a ``rules 试验 L1``
  block is a 试验 of all of them that varies the layer of that id (the world is L0);
* ``load`` blocks say what loading reports: ``载入 => E314`` (无: nothing);
* ``conditions`` blocks hold records and, indented, conditions with their truth: ``甲 且 乙 => 未知`` (拒绝: it does not load);
* ``cases`` blocks hold records and, indented, what is asked of the outcome: ``类 => 待定：红、蓝``, ``类.缺 => 甲``.

A record is a YAML flow mapping by Chinese names; ``台账 […]``, ``参数 {…}`` and ``评估日 …`` may follow on its line. A line
that leaves a bracket open goes on in the next.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml

import policyrules as pr
from policyrules.testing.build import Extends, policy_from_text, try_policy_from_text

FOLDER = Path(__file__).resolve().parent
WORLD = (FOLDER / "world.rules").read_text(encoding="utf-8")
AS_OF = datetime.date(2025, 9, 15)

Record: TypeAlias = Mapping[str, object]
Engine: TypeAlias = Callable[[pr.Policy, Record, "Sequence[Record] | None"], pr.Outcome]


def by_definition(policy: pr.Policy, record: Record, portfolio: Sequence[Record] | None) -> pr.Outcome:
    """The definition."""
    notes, root, ledger = policy._reader.read(record, portfolio)
    return policy.interpreter.evaluate(root, ledger, notes)


def compiled(policy: pr.Policy, record: Record, portfolio: Sequence[Record] | None) -> pr.Outcome:
    """Code written for the policy, as after many records."""
    policy.interpreter.hasten(behind=True)
    return policy.evaluate(record, portfolio)


ENGINES: dict[str, Engine] = {"definition": by_definition, "compiled": compiled}
"""Every engine there is: each runs every case."""

FINDINGS = {
    "compliant": "合规",
    "violated": "违反",
    "explained": "已说明",
    "unverified": "待核实",
    "in_progress": "进行中",
    "overdue": "逾期",
    "not_applicable": "不适用",
    "notice": "提示",
}
TRUTHS = {"determined": "是", "none": "否", "undetermined": "未知"}
REFUSED = "拒绝"
BLANKS = {
    "rows": "未附 ",
    "portfolio": "台账 ",
    "parameter": "参数 ",
    "recognition": "认定 ",
    "conflict": "冲突 ",
    "calendar": "清单 ",
    "presumption": "推定 ",
    "undefined": "无定义 ",
}
# Decisions that one policy holds for conditions.
MOST = 60


@dataclass(frozen=True)
class Given:
    """A record, and what goes with it. Written as it stands in the file, so that cases compare and cache."""

    record: str
    portfolio: str | None = None
    parameters: str = "{}"
    as_of: datetime.date = AS_OF


@dataclass(frozen=True)
class Case:
    """One expectation of one record. ``layers``: what is added to the world, top layer first; ``extends``: of each what it
    extends, and what it is called, where they are no chain."""

    place: str
    sentences: tuple[str, ...]
    layers: tuple[str, ...]
    given: Given
    asked: str
    expected: str
    condition: bool
    extends: tuple[tuple[tuple[int, ...], str | None], ...] | None = None
    trial: tuple[str, str] | None = None
    """The rules of a 试验, and the id of the layer that it varies."""

    def __str__(self) -> str:
        return f"{self.place} {self.given.record}: {self.asked} => {self.expected}"


# ---- reading --------------------------------------------------------------------------------------------------------

_HEADING = re.compile(r"^## ((?:5\.[0-9]+\.[0-9]+ ?)+)")
_FENCE = re.compile(r"^```(.*)$")
_PART = re.compile(r" (?=(?:台账|参数|评估日) )")


def read(path: Path) -> Iterator[Case]:
    """The cases of one file."""
    sentences: tuple[str, ...] = ()
    layers: list[str] = [""]
    extends: list[tuple[tuple[int, ...], str | None]] = [((), None)]
    trial: tuple[str, str] | None = None
    kind: str | None = None
    block: list[tuple[int, str]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        heading, fence = _HEADING.match(line), _FENCE.match(line)
        if kind is None and heading:
            sentences, layers, extends, trial = tuple(heading.group(1).split()), [""], [((), None)], None
        elif kind is None and fence:
            kind, block = fence.group(1).strip(), []
        elif kind is not None and fence:
            text = "\n".join(content for _, content in block) + "\n"
            match kind:
                case "rules":
                    layers[0] += text
                case "rules 下层":
                    extended = {above for found, _ in extends for above in found}
                    extends.append((tuple(number for number in range(len(layers)) if number not in extended), None))
                    layers.append(text)
                case "cases" | "conditions" | "load":
                    apart = tuple(extends) if any(short for _, short in extends) else None
                    for case in read_cases(path, sentences, tuple(layers), block, kind):
                        yield replace(case, extends=apart, trial=trial)
                case _ if kind.startswith("rules 试验 "):
                    trial = text, kind.split()[-1]
                case _ if kind.startswith("rules 并列 "):
                    extends.append(((0,), kind.split()[-1]))
                    layers.append(text)
                case _:
                    raise AssertionError(f"{path.name}:{number}: what is a block {kind!r}?")
            kind = None
        elif kind is not None:
            block.append((number, line))
    assert kind is None, f"{path.name}: a block is not closed"


def read_cases(
    path: Path, sentences: tuple[str, ...], layers: tuple[str, ...], block: list[tuple[int, str]], kind: str
) -> Iterator[Case]:
    given: Given | None = Given("{}") if kind == "load" else None
    for number, line in _joined(block):
        if not line.strip():
            continue
        if kind != "load" and not line.startswith(" "):
            given = _given(line)
            continue
        place = f"{path.name}:{number}"
        assert given is not None and " => " in line, f"{place}: {line}"
        asked, _, expected = line.strip().rpartition(" => ")
        yield Case(place, sentences, layers, given, asked.strip(), expected.strip(), kind == "conditions")


def _joined(block: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Lines, each with those that follow while a bracket is open."""
    kept: tuple[int, str] | None = None
    for number, line in block:
        first, text = (number, line) if kept is None else (kept[0], f"{kept[1]} {line.strip()}")
        still_open = sum(text.count(mark) for mark in "{[") > sum(text.count(mark) for mark in "}]")
        if still_open:
            kept = first, text
        else:
            kept = None
            yield first, text


def _given(line: str) -> Given:
    record, *rest = _PART.split(line)
    parts = dict(part.split(" ", 1) for part in rest)
    as_of = datetime.date.fromisoformat(parts["评估日"].strip()) if "评估日" in parts else AS_OF
    return Given(record, parts.get("台账"), parts.get("参数", "{}"), as_of)


@cache
def data(text: str) -> Any:
    """A flow mapping or list as plain data; dates as they are written."""
    return yaml.load(text, Loader=_Loader)


class _Loader(yaml.SafeLoader):
    """Dates stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def cases() -> tuple[Case, ...]:
    """Every case of every file, in the order of the files."""
    return tuple(case for path in sorted(FOLDER.glob("*.md")) if path.stem != "README" for case in read(path))


# ---- running --------------------------------------------------------------------------------------------------------


@cache
def _conditions(layers: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """The conditions that are asked with the same declarations: which policy holds each, and under which number."""
    asked = dict.fromkeys(
        case.asked for case in cases() if case.condition and case.expected != REFUSED and case.layers == layers
    )
    return {condition: divmod(index, MOST) for index, condition in enumerate(asked)}


@cache
def _policy(
    layers: tuple[str, ...],
    extends: Extends | None,
    group: int | None,
    parameters: str,
    as_of: datetime.date,
    trial: tuple[str, str] | None,
) -> pr.Policy:
    """The world with what ``layers`` add; with a group of conditions, a decision for each."""
    top, *below = layers
    if group is not None:
        top += "".join(
            f"决定 测{number}（test_{number}）：单选 {{ 真 }}\n规则 测规则{number}\n  当 {condition}\n  则 测{number} 为 真\n"
            for condition, (at, number) in _conditions(layers).items()
            if at == group
        )
    text, varies = trial or (None, None)
    policy = policy_from_text(WORLD + top, *below, as_of=as_of, extends=extends, trial=text, varies=varies)
    given = data(parameters)
    return policy.with_parameters(given) if given else policy


@cache
def _outcome(case: Case, engine: str) -> pr.Outcome:
    given = case.given
    group = _conditions(case.layers)[case.asked][0] if case.condition else None
    policy = _policy(case.layers, case.extends, group, given.parameters, given.as_of, case.trial)
    portfolio = None if given.portfolio is None else data(given.portfolio)
    return ENGINES[engine](policy, data(given.record), portfolio)


def answer(case: Case, engine: str) -> str:
    """What an engine says, in the words of the file."""
    if case.expected == REFUSED:
        policy, _ = try_policy_from_text(WORLD + case.layers[0] + f"术语 测 即 {case.asked}\n", as_of=AS_OF)
        return REFUSED if policy is None else "载入了"
    if case.asked == "载入":
        top, *below = case.layers
        trial, varies = case.trial or (None, None)
        _, found = try_policy_from_text(
            WORLD + top, *below, as_of=AS_OF, extends=case.extends, trial=trial, varies=varies
        )
        return _words(one.code for one in found if one.severity == "error")
    outcome = _outcome(case, engine)
    if case.condition:
        number = _conditions(case.layers)[case.asked][1]
        return TRUTHS[outcome[f"测{number}"].status]
    return outcome_says(outcome, case.asked)


def outcome_says(outcome: pr.Outcome, asked: str) -> str:
    """What an outcome says to what is asked of it, in the words of the file."""
    if asked == "次序":
        return _words(f"{f.name}@{f.target}：{FINDINGS[f.status]}" for f in outcome.findings)
    name, *way = asked.split(".")
    name, _, where = name.partition("@")
    findings = [f for f in outcome.findings if f.name == name and where in ("", f.target)]
    if findings:
        (finding,) = findings
        return _finding(finding, way)
    return _decision(_result(outcome, name, where), way)


def _result(outcome: pr.Outcome, name: str, where: str) -> pr.DecisionResult:
    if not where:
        return outcome[name]
    at = re.fullmatch(r"(\w+)\[([0-9]+)\]", where)
    assert at is not None, where
    return outcome.children[at.group(1)][int(at.group(2))].decisions[name]


def _decision(result: pr.DecisionResult, way: list[str]) -> str:
    match way:
        case []:
            return result.text
        case ["缺"]:
            return _listed(result.missing.relevant)
        case ["够"]:
            return _listed(result.missing.deciding) + ("" if result.missing.exact else "（上界）")
        case ["够几项"]:
            return f"{len(result.missing.deciding)}" + ("" if result.missing.exact else "（上界）")
        case ["谁知道"]:
            return _words(f"{blank.name}：{'、'.join(blank.holders)}" for blank in result.missing)
        case ["推定"]:
            return _words(result.presumed)
        case ["缺省"]:
            return _words(result.defaults)
        case ["默认"]:
            return "是" if result.defaulted else "否"
        case ["规则"]:
            return _words(result.rules)
        case ["规则", value]:
            return _words(result.by_value[value].rules)
        case ["依据"]:
            return _words(citation.place for citation in result.citations)
        case ["依据", value]:
            return _words(citation.place for citation in result.by_value[value].citations)
        case ["逐项"]:
            return _words(f"{value} {'确定' if one.certain else '待定'}" for value, one in result.by_value.items())
        case ["语气"]:
            return _words(f"{value}：{result.tones[value] or '无'}" for value in result.values if value in result.tones)
        case ["成员"]:
            return _words(_members(result.explain()))
        case ["读法"]:
            return _words(
                f"{name}·{other}：{found.text}" for name, by in result.readings.items() for other, found in by.items()
            )
        case _:
            raise AssertionError(way)


def _members(reason: pr.Reason) -> Iterator[str]:
    """The members of the portfolio that an explanation lists, and how each counts."""
    if "成员" in reason.notes:
        yield f"{reason.text}：{reason.value}"
    for below in reason.children:
        yield from _members(below)


def _finding(finding: pr.Finding, way: list[str]) -> str:
    match way:
        case []:
            return FINDINGS[finding.status]
        case ["缺"]:
            return _listed(finding.missing.relevant)
        case ["够"]:
            return _listed(finding.missing.deciding) + ("" if finding.missing.exact else "（上界）")
        case ["说"]:
            return finding.message
        case ["理由"]:
            return finding.reason or "（没有）"
        case ["依据"]:
            return _words(citation.place for citation in finding.citations)
        case ["期限"]:
            return "（没有）" if finding.due is None else finding.due.isoformat()
        case ["读法"]:
            return _words(
                f"{name}·{other}：{'，'.join(filter(None, (FINDINGS[found.status], found.due and str(found.due), found.message)))}"
                for name, by in finding.readings.items()
                for other, found in by.items()
            )
        case _:
            raise AssertionError(way)


def _listed(blanks: Iterable[pr.Blank]) -> str:
    return _words(
        BLANKS.get(blank.kind, "")
        + (blank.name if blank.kind != "field" or blank.object in ("", "项目") else f"{blank.object}.{blank.name}")
        + (f" {blank.detail}" if blank.count else "")
        for blank in blanks
    )


def _words(words: Iterable[str]) -> str:
    """Listed; （没有） where there are none."""
    return "、".join(words) or "（没有）"
