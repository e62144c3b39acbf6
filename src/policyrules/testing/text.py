"""Scenario results as lines of Chinese text: what passed in one line, what failed with expected, got and why.

Why this exists: the same text serves the command line and pytest.

Invariant: passed scenarios take one line at most.
"""

from __future__ import annotations

from collections.abc import Collection

from policyrules.diagnostics import Diagnostic, render
from policyrules.report.layout import STATUS_STYLES, Line, Piece, wrap
from policyrules.report.text import diagnostic_lines, heading
from policyrules.testing.checks import Check
from policyrules.testing.runner import Run, ScenarioResult
from policyrules.testing.scenario_coverage import ScenarioCoverage, Seen, SpeakerSeen

_WORDS = {"passed": "通过", "failed": "不符", "error": "出错"}


def run_lines(run: Run, *, width: int = 80, verbose: bool = False) -> list[Line]:
    """The whole run: what is wrong with files, each scenario that did not pass (all when ``verbose``), the count."""
    lines = diagnostic_lines(run.diagnostics)
    told: set[Diagnostic] = set()
    for result in run.results:
        if result.status != "passed":
            lines.extend(result_lines(result, width=width, told=told))
            told.update(result.diagnostics)
            lines.append(())
        elif verbose:
            lines.extend(wrap(result.scenario.name, width, lead=(Piece("通过  ", "good"),)))
    failed, errors = run.count("failed"), run.count("error")
    summary = f"情形 {len(run.results)} 个：通过 {run.count('passed')}"
    summary += (f"，不符 {failed}" if failed else "") + (f"，出错 {errors}" if errors else "")
    if not run.results:
        broken = any(diagnostic.severity == "error" for diagnostic in run.diagnostics)
        summary = "文件有错，一个情形也没有核对" if broken else "没有找到任何情形"
    lines.append((Piece(summary, "good" if run.passed else "bad"),))
    return lines


def result_lines(result: ScenarioResult, *, width: int = 80, told: Collection[Diagnostic] = ()) -> list[Line]:
    """One scenario that did not pass: where it stands, then every check that failed; ``told``: what was shown before is not
    shown again."""
    scenario = result.scenario
    lead = (Piece(f"{_WORDS[result.status]}  ", STATUS_STYLES[result.status]),)
    lines = wrap(Piece(scenario.name, "name"), width, lead=lead)
    cited = f"　条款 {'、'.join(place for place, _ in scenario.clauses)}" if scenario.clauses else ""
    lines.extend(wrap(Piece(f"{result.file}:{scenario.span.line}{cited}", "quiet"), width, lead="      "))
    for diagnostic in result.diagnostics:
        if diagnostic in told:
            place = f"{diagnostic.file}:{diagnostic.line}" if diagnostic.line else diagnostic.file
            lines.extend(wrap(f"同前面一处：{place} 错误[{diagnostic.code}]", width, lead="      "))
            continue
        lines.extend((Piece("      " + line),) for line in render(diagnostic).split("\n"))
    for block in result.blocks:
        failed = [check for check in block.checks if not check.passed]
        indent = "      "
        if block.layer and failed:
            lines.append((Piece(f"{indent}只按{block.layer}：", "name"),))
            indent += "  "
        for check in failed:
            lines.extend(_check_lines(check, indent, width))
    return lines


def _check_lines(check: Check, indent: str, width: int) -> list[Line]:
    lines: list[Line] = [(Piece(f"{indent}{check.label}", "name"), Piece(f"（第 {check.span.line} 行）", "quiet"))]
    lines.extend(wrap(Piece(check.expected, "good"), width, lead=f"{indent}  应为  "))
    lines.extend(wrap(Piece(check.got, "bad"), width, lead=f"{indent}  结果  "))
    for number, line in enumerate(check.why):
        lines.extend(wrap(line, width, lead=f"{indent}  {'原因' if not number else '    '}  "))
    return lines


_TRUTH_WORDS: dict[bool | None, str] = {True: "成立", False: "不成立", None: "未知"}


def coverage_lines(coverage: ScenarioCoverage, *, width: int = 80, verbose: bool = False) -> list[Line]:
    """What scenarios did not exercise: rules and conditions with the truths never seen; all when ``verbose``."""
    speakers = list(coverage.speakers.values())
    complete = sum(speaker.complete for speaker in speakers)
    lines = heading("检验到的规则")
    file = ""
    # The rules of one file stand together, whichever stack they were seen in first.
    files = list(dict.fromkeys(_file(speaker) for speaker in speakers))
    for speaker in sorted(speakers, key=lambda one: files.index(_file(one))):
        lacking = _lacking(speaker.seen)
        demand = _lacking(speaker.demand) if speaker.demand is not None else ""
        open_conditions = [c for c in speaker.conditions.values() if c.seen.lacking]
        if speaker.complete and not verbose:
            continue
        if file != (file := _file(speaker)):
            lines.extend(wrap(Piece(file, "title"), width))
        head = [Piece(f"{speaker.kind} {speaker.name}", "name"), Piece(f"　第 {_line(speaker)} 行", "quiet")]
        lines.extend(wrap(head, width, lead="  "))
        if speaker.complete:
            lines.append((Piece("    都见过", "good"),))
        if lacking:
            lines.append((Piece(f"    没有情形见过它{lacking}", "bad"),))
        if demand:
            lines.append((Piece(f"    没有情形见过它的要求{demand}", "bad"),))
        for condition in open_conditions:
            text = [Piece(f"{condition.part} {condition.text}"), Piece(f"　没见过{_lacking(condition.seen)}", "doubt")]
            lines.extend(wrap(text, width, lead="    · ", rest="      "))
    style = "good" if complete == len(speakers) else "doubt"
    said = f"规则、义务、禁令、提示 {len(speakers)} 条：成立、不成立、未知都见过的 {complete} 条"
    return [*lines, (Piece(said, style),)]


def _file(speaker: SpeakerSeen) -> str:
    return speaker.place.rpartition(":")[0]


def _line(speaker: SpeakerSeen) -> str:
    return speaker.place.rpartition(":")[2]


def _lacking(seen: Seen) -> str:
    return "、".join(_TRUTH_WORDS[truth] for truth in seen.lacking)
