"""Commands about a ledger: ``evaluate``, ``explain``, ``compare``, ``template``.

Invariant: of two sides that are compared, each takes the parameters and the columns it knows; a record appears on both
sides or on neither, and is found by where it stands in the ledger.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeAlias

from policyrules.analysis.compare import aligned, compare_outcomes
from policyrules.analysis.summary import summarise
from policyrules.cli.arguments import AsOf, Json, Layer, Operand, Option, Output, Sets
from policyrules.cli.layers import load_policy
from policyrules.cli.shared import FINE, ROWS_SET_ASIDE, UserError, json_text, meant, parameters_of, print_json
from policyrules.policy import Policy, load
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.results import RESULT_SUFFIXES, write_results
from policyrules.records.templates import write_template
from policyrules.report.comparison import comparison_lines
from policyrules.report.project import project_lines
from policyrules.report.terminal import Screen
from policyrules.report.text import layer_label, ledger_lines, list_lines
from policyrules.results import Outcome

LedgerPath: TypeAlias = Annotated[Path, Operand("台账", "台账：.xlsx、.csv、.json，或每个对象一个 CSV 的文件夹")]


def evaluate(
    folder: Layer,
    ledger_path: LedgerPath,
    output: Output = None,
    as_of: AsOf = None,
    sets: Sets = None,
    listed: Annotated[bool, Option(("--list",), "再逐个列出项目的结果")] = False,
    as_json: Json = False,
) -> int:
    """What the rules make of every record; a summary for people, everything in the file or the JSON."""
    screen = Screen(quiet=as_json)
    if output is not None and output.suffix.lower() not in RESULT_SUFFIXES:
        raise UserError(f"-o 的“{output.name}”要以 .xlsx、.csv、.json 或 .jsonl 结尾")
    _check_writable(output)
    policy = load_policy(folder, as_of, sets, screen)
    ledger = _read_ledger(policy, ledger_path, screen)
    outcomes = _evaluate_ledger(policy, ledger, screen)
    if output is not None:
        written = write_results(output, outcomes, ledger=ledger)
        screen.say(f"结果已写到 {'、'.join(str(path) for path in written)}", "good")
    summary = summarise(policy.program, outcomes)
    if as_json:
        data: dict[str, object] = {
            "policy": {"fingerprint": policy.fingerprint, "layers": [layer.manifest.id for layer in policy.layers]},
            "as_of": policy.as_of.isoformat(),
            "summary": summary.to_dict(),
            "records": [outcome.to_dict() for outcome in outcomes] if output is None else [],
            "problems": [problem.to_dict() for problem in ledger.problems],
            "notes": [*policy.notes, *ledger.notes],
        }
        print_json(data)
    else:
        if listed:
            screen.show([*list_lines(outcomes, policy, width=screen.width), ()])
        screen.show(ledger_lines(summary, policy, width=screen.width))
    _say_problems(ledger, screen)
    return ROWS_SET_ASIDE if ledger.problems else FINE


def explain(
    folder: Layer,
    ledger_path: LedgerPath,
    identity: Annotated[str | None, Operand("项目编号", "文件里只有一个项目时可以不写", str)] = None,
    only: Annotated[list[str] | None, Option(("--only",), "只说明这个决定或义务，可写多次", "决定", many=True)] = None,
    full: Annotated[bool, Option(("--full",), "不成立的规则也列出理由")] = False,
    as_of: AsOf = None,
    sets: Sets = None,
    as_json: Json = False,
) -> int:
    """Why one record comes out as it does, and what upper layers alone would say."""
    screen = Screen(quiet=as_json)
    policy = load_policy(folder, as_of, sets, screen)
    _check_names(policy, only)
    ledger = _read_ledger(policy, ledger_path, screen)
    record = _pick(ledger, identity, ledger_path)
    # One record alone is no ledger: what depends on the others stays unknown.
    portfolio = policy.portfolio(ledger.portfolio) if len(ledger.portfolio) > 1 else None
    outcome = policy.evaluate(record.instance, portfolio)
    upper = list(_upper_outcomes(policy, ledger, record, alone=portfolio is None))
    if as_json:
        data = outcome.to_dict()
        data["notes"] = [*policy.notes, *outcome.notes]
        data["explanation"] = outcome.explain().to_dict()
        data["upper"] = [{"label": label, **other.to_dict(detail=False)} for label, other in upper]
        print_json(data)
        return FINE
    names = tuple(only or ())
    lines = project_lines(outcome, policy, width=screen.width, upper=upper, only=names, full=full, title=record.name)
    screen.show(lines)
    return FINE


def _pick(ledger: Ledger, identity: str | None, path: Path) -> LedgerRecord:
    if identity is None:
        if len(ledger.records) == 1:
            return ledger.records[0]
        some = "、".join(record.identity for record in ledger.records[:5] if record.identity)
        raise UserError(f"{path} 里有 {len(ledger.records)} 个项目，写上要说明的项目编号，如 {some}")
    for record in ledger.records:
        if record.identity == identity:
            return record
    problems = [str(problem) for problem in ledger.problems if problem.cell.record == identity]
    if problems:
        raise UserError(f"项目 {identity} 读不出来：\n" + "\n".join(problems))
    near = meant(identity, [record.identity for record in ledger.records])
    raise UserError(f"{path} 里没有编号为“{identity}”的项目{near}")


def _check_names(policy: Policy, only: list[str] | None) -> None:
    program = policy.program
    known = [n for d in program.decisions.values() for n in (d.name, d.key)] + [*program.duties, *program.notices]
    for name in only or []:
        if name not in known:
            raise UserError(f"没有叫“{name}”的决定、义务、禁令或提示{meant(name, known)}")


def _upper_outcomes(
    policy: Policy, ledger: Ledger, record: LedgerRecord, *, alone: bool
) -> Iterator[tuple[str, Outcome]]:
    """What each upper part of the stack alone gives for the record, top first."""
    for layer in policy.layers[:-1]:
        upper = policy.down_to(layer.id)
        portfolio = None if alone else upper.portfolio(ledger.portfolio)
        yield layer_label(layer), upper.evaluate(record.instance, portfolio)


def compare(
    before: Annotated[Path, Operand("原来的层", "如 policies/national")],
    after: Annotated[Path, Operand("现在的层", "如 policies/jiangxi")],
    ledger_path: LedgerPath,
    output: Output = None,
    as_of: AsOf = None,
    sets: Sets = None,
    everything: Annotated[bool, Option(("--all",), "列出全部有变化的项目")] = False,
    as_json: Json = False,
) -> int:
    """What changes for each record from one stack to the other."""
    screen = Screen(quiet=as_json)
    _check_writable(output)
    old, new = _load_two(before, after, as_of, parameters_of(sets))
    old, new = aligned(old, new)
    old_ledger, new_ledger = _two_ledgers(old, new, ledger_path, screen)
    old_outcomes = dict(zip(map(_place_of, old_ledger.records), _evaluate_ledger(old, old_ledger, screen), strict=True))
    new_outcomes = dict(zip(map(_place_of, new_ledger.records), _evaluate_ledger(new, new_ledger, screen), strict=True))
    pairs = [(old_outcomes[where], outcome) for where, outcome in new_outcomes.items() if where in old_outcomes]
    comparison = compare_outcomes(old, new, pairs)
    problems = new_ledger if len(new_ledger.problems) >= len(old_ledger.problems) else old_ledger
    if as_json or output is not None:
        data = comparison.to_dict()
        data["problems"] = [problem.to_dict() for problem in problems.problems]
        data["notes"] = list(dict.fromkeys((*old.notes, *new.notes)))
        if output is not None:
            output.write_text(json_text(data), encoding="utf-8")
            screen.say(f"结果已写到 {output}", "good")
        if as_json:
            print_json(data)
    if not as_json:
        screen.show(comparison_lines(comparison, width=screen.width, everything=everything))
    _say_problems(problems, screen)
    return ROWS_SET_ASIDE if problems.problems else FINE


def _two_ledgers(old: Policy, new: Policy, path: Path, screen: Screen) -> tuple[Ledger, Ledger]:
    """The ledger as each policy reads it. Where one stack is the beginning of the other, the longer one knows every
    column, and one reading serves both."""
    longer, shorter = (new, old) if len(new.layers) >= len(old.layers) else (old, new)
    ids = [[layer.manifest.id for layer in policy.layers] for policy in (longer, shorter)]
    ledger = _read_ledger(longer, path, screen)
    if ids[0][: len(ids[1])] == ids[1]:
        return ledger, ledger
    other = _read_ledger(shorter, path, Screen(quiet=True))
    return (other, ledger) if longer is new else (ledger, other)


def _place_of(record: LedgerRecord) -> tuple[str, str, int | None, str]:
    """Where a record stands: what it is known by on both sides."""
    return (record.file, record.sheet, record.row, record.identity)


def _load_two(
    before: Path, after: Path, as_of: datetime.date | None, given: dict[str, object]
) -> tuple[Policy, Policy]:
    """Both policies, each with the parameters it knows; one that neither knows is an error."""
    policies = [load(folder, as_of=as_of) for folder in (before, after)]
    known = [{n for p in policy.program.parameters.values() for n in (p.name, p.key)} for policy in policies]
    unknown = [name for name in given if not any(name in names for names in known)]
    if unknown:
        near = meant(unknown[0], [name for names in known for name in sorted(names)])
        raise UserError(f"没有叫“{unknown[0]}”的参数{near}")
    set_ = [
        policy.with_parameters({n: v for n, v in given.items() if n in names}) if given else policy
        for policy, names in zip(policies, known, strict=True)
    ]
    return set_[0], set_[1]


def template(
    folder: Layer,
    output: Annotated[Path, Option(("-o", "--output"), "要写的工作簿，如 台账.xlsx；必填", "文件", Path)],
    as_of: AsOf = None,
    as_json: Json = False,
) -> int:
    """An empty workbook for people to fill in."""
    screen = Screen(quiet=as_json)
    _check_writable(output)
    policy = load_policy(folder, as_of, None, screen)
    if output.exists():
        raise UserError(f"{output} 已经有了，换一个名称")
    write_template(output, policy.program)
    screen.say(f"空白台账已写到 {output}", "good")
    if as_json:
        print_json({"written": [output.as_posix()]})
    return FINE


# ---- reading and showing ledgers --------------------------------------------------------------------------------------

_LONGEST_NOTE = 100


def _check_writable(output: Path | None) -> None:
    """Long work must not end in "no such folder": what can be seen beforehand is said beforehand."""
    if output is None:
        return
    if output.is_dir():
        raise UserError(f"{output} 是文件夹，不是文件")
    if not output.parent.is_dir():
        raise UserError(f"没有文件夹“{output.parent}”，先建好再写 {output.name}")


def _read_ledger(policy: Policy, path: Path, screen: Screen) -> Ledger:
    """The ledger with its problems said aloud; raises `UserError` where nothing of it can be used."""
    if not path.exists():
        raise UserError(f"没有这个文件或文件夹：{path}")
    ledger = policy.read(path)
    for note in ledger.notes:
        cut = note if len(note) <= _LONGEST_NOTE else note[:_LONGEST_NOTE] + "……（全文见 --json）"
        screen.say(f"提示：{cut}", "quiet")
    if not ledger.records and ledger.problems:
        raise UserError("\n".join(str(problem) for problem in ledger.problems[:20]))
    if not ledger.records:
        raise UserError(f"{path} 里没有一条记录")
    return ledger


def _say_problems(ledger: Ledger, screen: Screen, *, limit: int = 20) -> None:
    if not ledger.problems:
        return
    screen.say(f"\n{len(ledger.problems)} 处读不出来，{len(ledger.set_aside)} 个项目没有评估：", "bad")
    for problem in ledger.problems[:limit]:
        screen.say(f"  {problem}")
    if len(ledger.problems) > limit:
        screen.say(f"  另有 {len(ledger.problems) - limit} 处，加 --json 看全部")


def _evaluate_ledger(policy: Policy, ledger: Ledger, screen: Screen) -> list[Outcome]:
    """The outcome of each record, in order, against the whole ledger."""
    portfolio = policy.portfolio(ledger.portfolio)
    found = (policy.evaluate(record.instance, portfolio) for record in screen.progress(ledger.records, "评估"))
    # What no rule reads was said once of the whole ledger.
    return [replace(outcome, notes=()) for outcome in found]
