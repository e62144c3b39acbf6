"""Write ``docs/差异.md``: how the province's rules differ from the nation's, beside the rows of the reading.

The first part is derived from the rules alone. The second accounts for each row of ``differences_rows.yaml``: the rows
name clauses, and the provisions that rest on those clauses are looked up in the rules, so that no list of rules is kept
by hand. A row is refused where nothing rests on its clauses and no reason is given, and where a restatement (重申) shows
as a difference. That what the province adds is absent from the nation is a third matter: see `tools.additions`.

Usage::

    python -m tools.differences_page           # write the page
    python -m tools.differences_page --check   # change nothing; exit status 1 where the page is out of date
    python -m tools.differences_page --check --national TEXT   # hold the additions against the national text as well

The exit status is 1 where a row or an addition is refused.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from policyrules.analysis.differences import Difference, Differences, differences
from policyrules.analysis.sentence_coverage import source_coverage
from policyrules.policy import Policy, load
from policyrules.program.clause_table import Clause
from policyrules.program.nodes import Citation, Origin
from policyrules.program.origins import origins_of
from policyrules.program.quotes import normalise
from policyrules.report.differences import cell_text, render_markdown
from policyrules.source import Source
from tools import additions

ROOT = Path(__file__).resolve().parent.parent

PAGE = ROOT / "docs" / "差异.md"
ROWS = Path(__file__).with_name("differences_rows.yaml")
RESTATED = ("D05", "D14", "D20", "D31", "D48", "D56", "D57")
# Any day on which both documents are in force: what layers declare is the same on each.
AS_OF = datetime.date(2025, 9, 15)

_DEFINITIONS = ("术语", "统计", "对象", "字段")
_CLASSES = ("改动", "增加", "省略", "措辞", "重申")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the reading: what differs in a few words, and the clauses it falls on in either document.

    ``phrases``: the very words of the lower document, where its clause holds more than this row; ``upper_phrases``:
    those of the upper one.
    """

    id: str
    kind: str
    text: str
    upper: tuple[str, ...]
    lower: tuple[str, ...]
    phrases: tuple[str, ...]
    upper_phrases: tuple[str, ...]
    reason: str
    offices: bool


@dataclass(frozen=True, slots=True)
class Account:
    """How a row stands in the rules. ``upper``: provisions of the upper layer; ``changes``: differences;
    ``restatements``: provisions repeated; ``verdict`` in words."""

    row: Row
    upper: tuple[str, ...]
    changes: tuple[Difference, ...]
    restatements: tuple[Difference, ...]
    verdict: str


def read_rows(text: str) -> tuple[Row, ...]:
    """The rows of the data file, in its order.

    >>> read_rows("行: {D01: {类: 改动, 说明: 少一种, 国: [CN-1], 赣: [JX-1]}}")[0].lower
    ('JX-1',)
    """
    data: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)["行"]
    return tuple(
        Row(
            name,
            row["类"],
            row["说明"],
            tuple(row.get("国") or ()),
            tuple(row.get("赣") or ()),
            tuple(row.get("句") or ()),
            tuple(row.get("国句") or ()),
            row.get("理由") or "",
            row.get("责任单位") == "是",
        )
        for name, row in data.items()
    )


def account(row: Row, found: Differences, policy: Policy) -> tuple[Account, list[str]]:
    """How a row stands in the rules, and why it cannot stand so."""
    problems = _unknown(row, policy)
    standing = _standing(policy, row)
    restated = tuple(entry for entry in found.restatements if _rests_on(entry, row) and _acts_on(entry, row.upper))
    resting = tuple(entry for entry in found.differences if _rests_on(entry, row))
    acting = tuple(entry for entry in resting if _acts_on(entry, row.upper))
    changes: tuple[Difference, ...] = ()
    match row.kind:
        case "重申":
            if not restated:
                problems.append(f"{row.id}：没有一条重申同时依据 {'、'.join((*row.upper, *row.lower))}")
            if acting:
                problems.append(f"{row.id}：应是重申，却有修订：{'、'.join(entry.name for entry in acting)}")
            verdict = "重申：与国家相同，不是差异"
        case "改动" | "增加":
            changes = _telling(resting)
            verdict = f"差异：{_directions(changes)}" if changes else row.reason
        case "省略":
            # What the lower layer amends does not stand as it was.
            amended = {f"{entry.base.kind} {entry.base.name}" for entry in found.differences if entry.base is not None}
            standing = tuple(name for name in standing if name not in amended)
            said = "江西没有写到" if not row.lower else "江西少写的"
            verdict = f"{said}，国家的条文照旧适用" if standing else row.reason
        case "措辞":
            verdict = f"不改变结果：{row.reason}" if row.reason else ""
        case _:
            problems.append(f"{row.id}：没有“{row.kind}”这一类，可写：{'、'.join(_CLASSES)}")
            verdict = ""
    if row.offices:
        verdict = _offices(policy)
        changes = ()
    if not verdict:
        explained = _explained(policy, (*row.upper, *row.lower))
        verdict = f"两边都不产生结论：{explained}" if explained else ""
    if not verdict:
        problems.append(f"{row.id}：没有规则依据它的条款，也没有写理由")
    return Account(row, standing, changes, restated, verdict), problems


def _unknown(row: Row, policy: Policy) -> list[str]:
    known = {clause.id for layer in policy.layers for clause in layer.clauses.clauses}
    return [f"{row.id}：没有条款 {clause}" for clause in (*row.upper, *row.lower) if clause not in known]


def _telling(changes: Sequence[Difference]) -> tuple[Difference, ...]:
    """The differences that say something by themselves: terms and statistics only serve others, and values are added
    to a decision (增列) for the rules that conclude them."""
    speaking = tuple(entry for entry in changes if entry.kind not in _DEFINITIONS)
    return tuple(entry for entry in speaking if entry.kind != "增列") or speaking


def _rests_on(entry: Difference, row: Row) -> bool:
    """Whether a declaration rests on the row's clauses, and quotes its words (or a part of them) where any are given."""
    return any(citation.clause in row.lower and _says(citation, row.phrases) for citation in entry.citations)


def _says(citation: Citation, phrases: Sequence[str]) -> bool:
    """Whether a citation quotes one of ``phrases``, or a part of one; whatever it quotes, where there are none."""
    quote = normalise(citation.quote)
    wanted = [normalise(phrase) for phrase in phrases]
    return not wanted or any(phrase in quote or (quote and quote in phrase) for phrase in wanted)


def _acts_on(entry: Difference, clauses: Iterable[str]) -> bool:
    """Whether an amendment acts on a provision that rests on any of ``clauses``."""
    return entry.base is not None and bool({citation.clause for citation in entry.base.citations} & set(clauses))


def _standing(policy: Policy, row: Row) -> tuple[str, ...]:
    """The provisions in force that rest on the row's upper clauses and their words, as ``规则 升级类``."""
    gone = {stopped.name for stopped in policy.program.stopped if not stopped.lapsed}
    found = [
        f"{origin.kind} {origin.name}"
        for origin in origins_of(policy.program)
        if _speaks(origin)
        and origin.name not in gone
        and any(one.clause in row.upper and _says(one, row.upper_phrases) for one in origin.citations)
    ]
    return tuple(dict.fromkeys(found))


def _speaks(origin: Origin) -> bool:
    return origin.kind in ("决定", "规则", "补充规则", "义务", "禁令", "提示", "清单", "参数", "读法")


def _directions(changes: Sequence[Difference]) -> str:
    return "、".join(dict.fromkeys(direction for entry in changes for direction in entry.directions))


def _explained(policy: Policy, clauses: Sequence[str]) -> str:
    """Why clauses that decide nothing decide nothing, as the clause tables say."""
    found: list[str] = []
    for layer in policy.layers:
        for name in clauses:
            clause = layer.clauses.get(name)
            if isinstance(clause, Clause) and not clause.decides and clause.reason:
                found.append(f"{clause.id} {clause.reason}")
    return "；".join(found)


def _offices(policy: Policy) -> str:
    counts = []
    for layer in policy.layers:
        held = sum(bool(layer.clauses.offices_of(clause)) for clause in layer.clauses.clauses)
        counts.append(f"{layer.manifest.id} {held} 条")
    return f"写明责任单位的条款：{'、'.join(counts)}；责任单位登记在条款表，随条款带进每一项结果"


def build(policy: Policy, rows: Sequence[Row]) -> tuple[str, list[str]]:
    """The whole page, and what keeps it from being sound."""
    found = differences(policy)
    accounts: list[Account] = []
    problems: list[str] = []
    for row in rows:
        entry, wrong = account(row, found, policy)
        accounts.append(entry)
        problems.extend(wrong)
    for name in RESTATED:
        if not any(row.id == name and row.kind == "重申" for row in rows):
            problems.append(f"{name}：应当列为重申")
    shown = {id(change) for entry in accounts for change in entry.changes}
    others = tuple(
        entry for entry in found.differences if id(entry) not in shown and entry.kind not in (*_DEFINITIONS, "增列")
    )
    return _page(found, accounts, others), problems


def _page(found: Differences, accounts: Sequence[Account], others: Sequence[Difference]) -> str:
    upper, lower = found.titles[found.upper[-1]], found.titles[found.lower[-1]]
    acting = sum(entry.base is not None and entry.kind not in ("字段",) for entry in found.differences)
    lines = [
        f"# {lower[1]}与{upper[1]}的差异",
        "",
        "<!-- 本页由 tools/differences_page.py 按规则生成，不要手改。 -->",
        "",
        f"上层：{upper[0]}。下层：{lower[0]}。",
        "",
        "本页分两部分。第一部分全部由规则得出：下层写了什么修订、新增了什么、重申了什么。"
        f"第二部分对照两份文件逐句读出的 {len(accounts)} 处不同，说明每一处落在哪些规则上，或者为什么不改变结果。"
        "重申不是差异；下层没有写到的，上层照旧适用。",
        "",
        f"下层改动上层条文 {acting} 处，其他新增 {len(found.differences) - acting} 处，重申 {len(found.restatements)} 处。",
        "",
        "方向只说从规则的写法看得出来的："
        "更严，符合的更少或者要求更多；更窄，适用的更少；更宽，适用的更多；更具体，上层没有定的定了下来；改变，换了一个数，宽严上层没有写；增加，上层没有。",
        "",
        "## 一、规则里的差异",
        "",
        render_markdown(found, level=3),
        "",
        f"## 二、逐处对照（{len(accounts)} 处）",
        "",
        "| 编号 | 哪里不同 | 国家的条文 | 江西的条文 | 怎样算 |",
        "|---|---|---|---|---|",
    ]
    lines.extend(_account_line(entry) for entry in accounts)
    lines.extend(["", f"## 三、逐处对照以外的（{len(others)}）", ""])
    lines.append(
        "规则里有、逐句对照没有单列的。术语、统计、字段和给措施加的值只为别的条文服务，见第一部分，这里不再列。"
    )
    lines.append("")
    lines.extend(f"- {entry.kind} {entry.name}（{'、'.join(entry.clauses) or '没有引用条款'}）" for entry in others)
    return "\n".join(lines) + "\n"


def _account_line(entry: Account) -> str:
    row = entry.row
    upper = _provisions(row.upper, entry.upper)
    lower_names = [f"{change.kind} {change.name}（{'、'.join(change.directions)}）" for change in entry.changes]
    lower_names += [f"重申 {restated.name}" for restated in entry.restatements]
    cells = [row.id, row.text, upper, _provisions(row.lower, lower_names), entry.verdict]
    return "| " + " | ".join(cell_text(cell) for cell in cells) + " |"


def _provisions(clauses: Sequence[str], names: Sequence[str]) -> str:
    head = "、".join(clauses) if clauses else "（没有写）"
    return "<br>".join([head, *dict.fromkeys(names)])


def unaccounted(policy: Policy, text: Path | None) -> list[str]:
    """What is wrong with the table of additions, held against the national ``text`` where it is at hand."""
    national = None
    if text is not None:
        source = Source(text.name, text.read_text(encoding="utf-8"))
        national = source_coverage(source, load(ROOT / "policies" / "national", as_of=AS_OF), "CN")
    table = additions.read_table(additions.TABLE.read_text(encoding="utf-8"))
    return additions.check(table, differences(policy), national)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the page; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="change nothing; 1 where the page is out of date")
    parser.add_argument(
        "--national", type=Path, metavar="TEXT", help="the national document, to hold additions against"
    )
    options = parser.parse_args(arguments)
    policy = load(ROOT / "policies" / "jiangxi", as_of=AS_OF)
    text, problems = build(policy, read_rows(ROWS.read_text(encoding="utf-8")))
    problems.extend(unaccounted(policy, options.national))
    for problem in problems:
        sys.stderr.write(problem + "\n")
    if problems:
        return 1
    if options.check:
        current = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
        if current != text:
            sys.stderr.write(f"{PAGE.relative_to(ROOT)} 已过时，运行 python -m tools.differences_page\n")
            return 1
        return 0
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
