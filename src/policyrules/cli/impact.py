"""The command ``impact``: what a variation changes.

Invariant: whatever the form (lines, page, workbook, JSON), it tells one `Impact`.
"""

from __future__ import annotations

import datetime
import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

from policyrules.analysis.compare import aligned
from policyrules.cli.arguments import AsOf, Json, NewSets, OldSets, Operand, Option, Sets
from policyrules.cli.beside import apart
from policyrules.cli.bounds import check_causes, check_length, check_records, check_rules
from policyrules.cli.evaluation import MANY
from policyrules.cli.outputs import Force, check_outputs, check_suffix
from policyrules.cli.reading import (
    LedgerPath,
    check_order,
    load_two,
    read_given,
    say_problems,
    two_ledgers,
    with_own,
)
from policyrules.cli.shared import FINE, ROWS_SET_ASIDE, UserError, date_of, parameters_of, settled
from policyrules.policy import Policy, load
from policyrules.program import costs
from policyrules.records.ledger import Ledger
from policyrules.records.workbook import write_workbook
from policyrules.report.impact_sheets import impact_sheets
from policyrules.report.impact_text import impact_lines
from policyrules.report.terminal import Screen, write_data
from policyrules.variation.asking import Asked, Progress
from policyrules.variation.measures import Unknown
from policyrules.variation.model import Impact
from policyrules.variation.source import digest_of, says_invented, size_of
from policyrules.variation.whole import told
from policyrules.variation.wishes import WishError, days_of, sweep_of
from policyrules.writing import json_bytes, write_file

SUFFIXES: Final = (".html", ".xlsx", ".json")


def impact(
    before: Annotated[Path, Operand("原来的层", "如 policies/jiangxi", folder=True)],
    after: Annotated[Path, Operand("现在的层", "一层的文件夹，或一个试验的文件夹", folder=True)],
    ledger_path: LedgerPath,
    output: Annotated[
        Path | None, Option(("-o", "--output"), "写成网页（.html）、工作簿（.xlsx）或 .json", "文件", Path)
    ] = None,
    force: Force = False,
    decision: Annotated[str, Option(("--decision",), "主要看哪个决定；不写，就看第一个有变化的", "决定")] = "",
    by: Annotated[
        list[str] | None, Option(("--by",), "按这些字段分列，如 乡镇,项目类型；可写多次", "字段", many=True)
    ] = None,
    money: Annotated[
        list[str] | None, Option(("--money",), "把这些金额加起来，如 资金.金额,计划总投资", "字段", many=True)
    ] = None,
    weight: Annotated[
        list[str] | None, Option(("--weight",), "把这些数也加起来，如 带动脱贫户", "字段", many=True)
    ] = None,
    also: Annotated[
        list[str] | None, Option(("--also",), "再看一个方案，可写多次，如 --also 乙=试验/乙", "名称=文件夹", many=True)
    ] = None,
    sweep: Annotated[
        list[str] | None,
        Option(
            ("--sweep",),
            "参数从头到尾逐段看，可写多次，如 反向约束数量、户数=0..40、户数=5,8,10；两个参数一起看成一张表",
            "参数",
            many=True,
        ),
    ] = None,
    grid: Annotated[
        list[str] | None, Option(("--grid",), "两个门槛一起看哪些决定；不写，就看主要的一个", "决定", many=True)
    ] = None,
    dates: Annotated[
        str,
        Option(
            ("--dates",),
            "看哪几天，如 2026-06-30,2027-06-30；自动：找出以后分类这样定一个结果的决定会变的每一天",
            "日期",
        ),
    ] = "",
    until: Annotated[
        datetime.date | None, Option(("--until",), "--dates 自动 看到哪一天；不写就看两年", "日期", date_of)
    ] = None,
    title: Annotated[str, Option(("--title",), "报告的标题", "文字")] = "",
    as_of: AsOf = None,
    sets: Sets = None,
    old_sets: OldSets = None,
    new_sets: NewSets = None,
    list_all: Annotated[bool, Option(("--list",), "列出名单：屏幕上也列，网页里不限行数")] = False,
    no_list: Annotated[bool, Option(("--no-list",), "网页、工作簿和屏幕上都不列名单")] = False,
    everything: Annotated[bool, Option(("--all",), "屏幕上列全，不只一屏")] = False,
    all_missing: Annotated[
        bool, Option(("--all-missing",), "缺什么逐个查完；不写时，空着的太多就只查前面的，并写明只查了几个")
    ] = False,
    long: Annotated[
        bool,
        Option(
            ("--long",),
            "要等再久也算完，--sweep、--dates 也是；不写时，几万个项目要等太久的，--sweep、--dates 不算，并写明，再多就都不算",
        ),
    ] = False,
    as_json: Json = False,
) -> int:
    """What changes from one stack to another: for whom, by which provision, and how much."""
    screen = Screen(quiet=as_json)
    check_order("impact", [before, after], ledger_path)
    if output is not None:
        check_suffix("-o", output, SUFFIXES)
        check_outputs([output], [ledger_path], force)
    if list_all and no_list:
        raise UserError("--list 和 --no-list 只能写一个")
    listed = True if list_all else False if no_list else None
    try:
        wishes = tuple(map(sweep_of, sweep or ()))
        days = days_of(dates) or () if dates else None
    except WishError as error:
        raise UserError(str(error)) from None
    if not (long or all_missing):
        check_rules([before, after, *(Path(one.replace("＝", "=").partition("=")[2].strip()) for one in also or ())])
    old, new = load_two(before, after, as_of, parameters_of(sets))
    old, new = aligned(with_own(old, old_sets, "--set-old"), with_own(new, new_sets, "--set-new"))
    if not (long or all_missing):
        check_causes(old, new)
    others = dict(_others(also, new, sets))
    ledgers = two_ledgers(old, new, ledger_path, screen)
    if not (long or all_missing):
        instead = "请分成几个文件，或只留要比的" + ("，或少看几个方案（--also）" if others else "")
        stacks = [new, old, *others.values()]
        check_length(stacks, ledgers[1], ledger_path, costs.MOST_CHANGED, ("逐个比较", "比"), instead)
        check_records(stacks, ledgers[1], ledger_path, instead)
    flags = {
        "--decision": decision,
        "--by": by,
        "--money": money,
        "--weight": weight,
        "--also": also,
        "--sweep": sweep,
        "--grid": grid,
        "--dates": dates,
        "--until": until,
        "--title": title,
        "--list": list_all,
        "--no-list": no_list,
        "--all-missing": all_missing,
        "--long": long,
        "--set": sets,
        "--set-old": old_sets,
        "--set-new": new_sets,
    }
    asked = Asked(
        decision=decision,
        by=_words(by),
        money=_words(money),
        weight=_words(weight),
        title=title,
        command=_command((before, after, ledger_path), new.as_of, flags),
        file=ledger_path.name,
        sha256=digest_of(ledger_path),
        invented=says_invented(ledger_path),
        sweeps=wishes,
        grids=_words(grid) or (),
        days=days,
        until=until,
        all_missing=all_missing,
        long=long,
        size=size_of(ledger_path),
    )
    quiet = Screen(quiet=True)
    more: dict[str, tuple[Policy, Ledger]] = {
        name: (policy, read_given(policy, ledger_path, quiet)) for name, policy in others.items()
    }

    doing = ""

    def stage(label: str) -> None:
        nonlocal doing
        doing = screen.stage(label, doing)

    with settled():
        try:
            beside = apart if len(ledgers[1].records) >= MANY else None
            result = told(old, new, *ledgers, asked, more, Progress(screen.progress, stage), beside)
        except (Unknown, WishError) as error:
            raise UserError(str(error)) from None
        finally:
            stage("")
        if output is not None:
            _write(output, result, listed)
            screen.say(f"报告已写到 {output}", style="good")
        if as_json:
            write_data(_json(result), escape=True)
        else:
            screen.show(impact_lines(result, width=screen.width, everything=everything, listed=listed))
    problems = max(ledgers, key=lambda ledger: len(ledger.problems))
    say_problems(problems, screen)
    return ROWS_SET_ASIDE if problems.problems else FINE


def _write(output: Path, result: Impact, listed: bool | None) -> None:
    """``listed``: whether names are listed, as far as the page does where None."""
    match output.suffix.lower():
        case ".html":
            from policyrules.report.impact_page.page import LISTED, impact_page

            most = LISTED if listed is None else None if listed else 0
            write_file(output, impact_page(result, most=most).encode())
        case ".xlsx":
            write_workbook(output, impact_sheets(result, listed=listed is not False))
        case _:
            write_file(output, json_bytes(_json(result)))


def _json(result: Impact) -> str:
    """The JSON of an impact, a line for each thing that is told."""
    lines: list[str] = []
    for key, value in result.to_dict().items():
        name = json.dumps(key)
        if isinstance(value, list) and value:
            items = ",\n".join(map(_compact, value))
            lines.append(f"{name}: [\n{items}\n]")
        else:
            lines.append(f"{name}: {_compact(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _words(given: Sequence[str] | None) -> tuple[str, ...] | None:
    """Names that were given one by one, or with commas between them; None where none was."""
    if given is None:
        return None
    return tuple(name for one in given for name in re.split("[、，,]", one) if name)


def _others(also: Sequence[str] | None, new: Policy, sets: list[str] | None) -> Iterator[tuple[str, Policy]]:
    """The further variations, on the date of the new side, with the parameters that they know."""
    seen: set[str] = set()
    given = parameters_of(sets)
    for one in also or ():
        name, mark, folder = one.replace("＝", "=").partition("=")
        if not mark or not name.strip() or not folder.strip():
            raise UserError(f"--also 的“{one}”要写成 名称=文件夹，如 --also 乙=试验/乙")
        if name in seen:
            raise UserError(f"--also 里“{name}”写了两遍")
        seen.add(name)
        policy = load(Path(folder.strip()), as_of=new.as_of)
        known = {word for own in policy.program.parameters.values() for word in (own.name, own.key)}
        mine = {word: value for word, value in given.items() if word in known}
        yield name.strip(), policy.with_parameters(mine) if mine else policy


def _command(places: Sequence[Path], as_of: datetime.date, flags: Mapping[str, object]) -> str:
    """How to ask for the same again."""
    words = ["policyrules", "impact", *map(str, places), "--as-of", as_of.isoformat()]
    for flag, value in flags.items():
        if value is True:
            words.append(flag)
            continue
        several = value if isinstance(value, list) else [value] if value else []
        words += [word for one in several for word in (flag, str(one))]
    return shlex.join(words)
