"""Commands about a ledger and one stack: ``evaluate``, ``explain``, ``template``.

Invariant: what of a ledger cannot be read is said and set aside; it never keeps the others from being told of.
"""

from __future__ import annotations

import re
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Annotated, Final

from policyrules.analysis.counts import Told, counts_of, told_of
from policyrules.analysis.labels import documents_of, label_of
from policyrules.analysis.summary import LedgerSummary
from policyrules.cli.arguments import AsOf, Json, Layer, Operand, Option, Sets, whole
from policyrules.cli.bounds import asked_of, check_length, check_records, counted_above
from policyrules.cli.columns import COLUMNS, column_paths, in_columns
from policyrules.cli.counties import Counties, Each, each_county, policy_data
from policyrules.cli.evaluation import (
    MANY,
    Part,
    Wanted,
    evaluated,
    jobs_for,
)
from policyrules.cli.layers import load_policy
from policyrules.cli.outputs import Force, check_outputs, check_suffix
from policyrules.cli.reading import (
    LedgerPath,
    check_order,
    read_given,
    say_problems,
)
from policyrules.cli.shared import (
    FINE,
    ROWS_SET_ASIDE,
    UserError,
    meant,
    print_json,
)
from policyrules.engine.portfolio import Portfolio
from policyrules.policy import Policy
from policyrules.program import costs
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.result_tables import ResultTables
from policyrules.records.results import (
    RESULT_SUFFIXES,
    STREAMED,
    document_text,
    result_paths,
    write_tables,
    write_texts,
)
from policyrules.records.spool import Spool
from policyrules.records.tasks import EXPLAINED, LAPSED, TaskList
from policyrules.records.templates import write_template
from policyrules.records.wording import asked_text
from policyrules.report.ledger import ListRow, ledger_lines, list_lines
from policyrules.report.project import project_lines
from policyrules.report.terminal import Screen, write_data
from policyrules.results import Outcome, narrowed
from policyrules.spelling import nearest
from policyrules.text import some

COMPARISON_SUFFIXES: Final = (".xlsx", ".json")


def evaluate(
    folder: Layer,
    ledger_path: LedgerPath,
    output: Annotated[
        Path | None,
        Option(("-o", "--output"), "结果写到文件：.xlsx、.csv、.parquet（各几个文件）、.json 或 .jsonl", "文件", Path),
    ] = None,
    force: Force = False,
    as_of: AsOf = None,
    sets: Sets = None,
    listed: Annotated[bool, Option(("--list",), "再逐个列出项目的结果")] = False,
    everything: Annotated[bool, Option(("--all",), "要处理的、各项义务、措施、缺项都列全")] = False,
    only_counts: Annotated[
        bool, Option(("--counts",), "只要个数，不列要处理的和要补的；台账长时快得多，写 .parquet 时就是这样")
    ] = False,
    all_missing: Annotated[
        bool, Option(("--all-missing",), "缺什么逐个查完；不写时，台账很长就只查前面的，后面的写明没有查")
    ] = False,
    long: Annotated[
        bool, Option(("--long",), "台账再长也逐个写出结果；不写时，几万个项目大半没有填的，要等太久，就不写")
    ] = False,
    jobs: Annotated[
        int | None, Option(("--jobs",), "用几个进程评估；不写时，台账长就用全部处理器", "个数", whole(1, 256))
    ] = None,
    each: Each = None,
    as_json: Json = False,
) -> int:
    """What the rules make of every record; a summary for people, everything in the file or the JSON."""
    screen = Screen(quiet=as_json)
    check_order("evaluate", [folder], ledger_path)
    if output is not None:
        check_suffix("-o", output, (*RESULT_SUFFIXES, COLUMNS))
    columns = output is not None and output.suffix.lower() == COLUMNS
    if only_counts and output is not None and not columns:
        raise UserError(f"--counts 不写逐个的结果，-o 只能是 {COLUMNS}")
    if (only_counts or columns) and listed:
        raise UserError("--list 逐个列出，不能和 --counts、.parquet 一起用")
    if output is not None and not columns:
        check_outputs(result_paths(output), [ledger_path], force)
    policy = load_policy(folder, as_of, sets, screen)
    policy = policy if each is None else each_county(policy, each, ledger_path, screen)
    if output is not None and columns:
        check_outputs(column_paths(policy, output), [ledger_path], force)
    ledger = read_given(policy, ledger_path, screen, paged=True)
    if only_counts or columns:
        return _counted(policy, ledger, output, screen, everything=everything, as_json=as_json)
    streamed = output is not None and output.suffix.lower() in STREAMED
    documents = documents_of(policy) if output is not None and not streamed else None
    records = len(ledger.records)
    lines = output is not None and output.suffix.lower() == ".csv"
    few = output is None and not as_json and not everything
    wanted = Wanted(streamed or (as_json and output is None), documents, listed and not as_json, lines, few)
    if (wanted.whole or wanted.rows) and not (long or all_missing):
        instead = f"请分成几个文件，或只留要评的；只要个数用 --counts，要全部结果可以写成 {COLUMNS}"
        check_length([policy], ledger, ledger_path, costs.MOST_WRITTEN, ("逐个写出结果", "写"), instead)
        check_records(_counting(policy), ledger, ledger_path, instead, whole=wanted.whole, lacks=wanted.whole)
    asked = records if all_missing else asked_of(policy, ledger.records, whole=wanted.whole)
    partly = () if asked == records else (asked_text(policy.program.root, asked, records, told=wanted.whole),)
    notes = (*policy.notes, *partly)
    portfolio = policy.portfolio(ledger.portfolio)
    # Nobody but this command looks at the records: those that are put away are put away again.
    portfolio.alone = True
    # What is told of records waits on the disk that the results go to.
    folder = Path(tempfile.gettempdir()) if output is None else output.parent
    summary = LedgerSummary.empty(policy.program)
    tasks, explained, lapsed = (
        TaskList(folder=folder),
        TaskList(EXPLAINED, folder=folder),
        TaskList(LAPSED, folder=folder),
    )
    rows: Spool[ListRow] = Spool(folder)

    def counted(found: Iterable[Part]) -> Iterator[Part]:
        """Each part once, counted as it passes: a long ledger's results are not kept."""
        for part in screen.progress(found, "评估", records if those is None else len(those), lambda part: part.records):
            summary.follow(part.summary)
            tasks.follow(part.tasks)
            explained.follow(part.explained)
            lapsed.follow(part.lapsed)
            for row in part.rows:
                rows.append(row)
            yield part

    those: list[int] | None = None
    looked: frozenset[int] | None = None
    along: Mapping[int, Sequence[int]] = {}
    if output is None and not as_json and not listed and records >= MANY:
        told = _told(policy, ledger, portfolio, screen)
        if told is not None:
            summary = told.summary
            looked, along = frozenset(told.looked), told.along
            those = sorted({*looked, *(record for record in told.open if record < asked)})
            summary.asked = asked
    if (those is None or those) and not (long or all_missing):
        instead = "请分成几个文件，或只留要评的；只要个数用 --counts"
        check_records(_counting(policy), ledger, ledger_path, instead)

    with (
        closing(rows),
        closing(tasks),
        closing(explained),
        closing(lapsed),
        closing(
            evaluated(policy, ledger, wanted, jobs_for(records, jobs), asked, those, portfolio, looked, along)
        ) as found,
    ):
        parts = counted(found)
        if output is not None:
            if streamed:
                texts = (text for part in parts for text in part.texts)
                written = write_texts(output, texts, lambda: tasks.all, ledger=ledger, notes=notes)
            else:
                holding = notes if ledger.elsewhere is None else (*notes, ledger.elsewhere)
                written = _write_tables(output, parts, tasks, lapsed, ledger, policy, holding)
            screen.say(f"结果已写到 {'、'.join(str(path) for path in written)}", style="good")
        if as_json:

            def after() -> dict[str, object]:
                return {
                    "summary": summary.to_dict(),
                    "tasks": (task.to_dict() for task in tasks.all),
                    "problems": [problem.to_dict() for problem in ledger.problems],
                    "notes": [*notes, *ledger.notes],
                }

            texts = (text for part in parts for text in part.texts)
            for piece in document_text(policy_data(policy), "records", texts, after):
                write_data(piece, escape=True)
        else:
            deque(parts, maxlen=0)
            if listed and policy.in_force:
                screen.show(chain(list_lines(rows, width=screen.width), [()]))
            page = ledger_lines(
                summary,
                policy,
                tasks=tasks.all,
                explained=explained.all,
                lapsed=lapsed.all,
                ledger=ledger,
                width=screen.width,
                everything=everything,
            )
            screen.show(page)
    say_problems(ledger, screen)
    return ROWS_SET_ASIDE if ledger.problems else FINE


def _counted(
    policy: Policy, ledger: Ledger, output: Path | None, screen: Screen, *, everything: bool, as_json: bool
) -> int:
    """What a ledger comes to in numbers; in columns where that can be."""
    stage = screen.stage("按列评估……")
    try:
        found = in_columns(policy, ledger, output)
    finally:
        screen.stage("", stage)
    records = len(ledger.records)
    portfolio = policy.portfolio(ledger.portfolio)
    portfolio.alone = True
    summary = counts_of(policy, ledger, portfolio, found, lambda turns: screen.progress(turns, "评估", records))
    if output is not None:
        screen.say(f"结果已写到 {'、'.join(str(path) for path in column_paths(policy, output))}", style="good")
    if as_json:
        counts = summary.to_dict()
        # Nobody has asked what is missing: nothing is not what there is.
        for name in ("missing", "missing_measures"):
            del counts[name]
        print_json(
            {
                **policy_data(policy),
                "summary": counts,
                "problems": [problem.to_dict() for problem in ledger.problems],
                "notes": [*policy.notes, *ledger.notes],
            }
        )
    else:
        page = ledger_lines(summary, policy, tasks=None, ledger=ledger, width=screen.width, everything=everything)
        screen.show(page)
    say_problems(ledger, screen)
    return ROWS_SET_ASIDE if ledger.problems else FINE


def _counting(policy: Policy) -> list[Policy]:
    """The policy that counts most, of those that count each its own records."""
    every = (policy.base, *policy.own.values()) if isinstance(policy, Counties) else (policy,)
    return [max(every, key=lambda one: len(one.program.statistics))]


def _told(policy: Policy, ledger: Ledger, portfolio: Portfolio, screen: Screen) -> Told | None:
    """What columns tell of a ledger, None where they do not or are not there."""
    stage = screen.stage("按列评估……")
    try:
        found = in_columns(policy, ledger, None)
        return None if found is None else told_of(policy, ledger, portfolio, found)
    finally:
        screen.stage("", stage)


def _write_tables(
    output: Path,
    parts: Iterable[Part],
    tasks: TaskList,
    lapsed: TaskList,
    ledger: Ledger,
    policy: Policy,
    notes: Sequence[str],
) -> tuple[Path, ...]:
    with ResultTables(output.parent) as tables:
        for part in parts:
            if part.tables is not None:
                tables.add(part.tables)
        return write_tables(
            output, tables.plans(tasks.all, ledger, documents_of(policy), notes, lapsed=lapsed.all), tables.lines
        )


def explain(
    folder: Layer,
    ledger_path: LedgerPath,
    identity: Annotated[
        str | None, Operand("项目编号", "项目的编号或名称，没有编号的写“第 1 个”；文件里只有一个项目时可以不写", str)
    ] = None,
    only: Annotated[
        list[str] | None,
        Option(("--only",), "只说明这个决定或义务；可写多次，也可用顿号隔开", "决定", many=True),
    ] = None,
    everything: Annotated[bool, Option(("--all",), "各项措施的依据、合规的义务、不成立的规则都列全")] = False,
    full: Annotated[bool, Option(("--full",), "全部理由：每条规则、每个条件")] = False,
    as_of: AsOf = None,
    sets: Sets = None,
    each: Each = None,
    long: Annotated[
        bool, Option(("--long",), "台账再长，也算上级各层单独会怎样定；不写时，几万个项目的不算，并写明")
    ] = False,
    as_json: Json = False,
) -> int:
    """Why one record comes out as it does, and what upper layers alone would say."""
    screen = Screen(quiet=as_json)
    check_order("explain", [folder], ledger_path)
    policy = load_policy(folder, as_of, sets, screen)
    policy = policy if each is None else each_county(policy, each, ledger_path, screen)
    names = _wanted(policy, only)
    ledger = read_given(policy, ledger_path, screen)
    record = _pick(ledger, identity, ledger_path)
    # One record alone is no ledger: what depends on the others stays unknown.
    portfolio = policy.portfolio(ledger.portfolio) if len(ledger.portfolio) > 1 else None
    if isinstance(policy, Counties):
        policy, beside = policy.under(record.instance, policy.portfolio(ledger.portfolio))
        portfolio = None if portfolio is None else beside
        names = _wanted(policy, only)
    if not long:
        own = [place for place, one in enumerate(ledger.records) if one is record]
        instead = "请分成几个文件，或只留和它一起统计的"
        check_records([policy], ledger, ledger_path, instead, told=own, whole=True, reasons=as_json and not names)
    outcome = policy.evaluate(record.instance, portfolio)
    upper, unseen = list[tuple[str, Outcome]](), list[str]()
    if long or counted_above(policy, ledger, ledger_path):
        upper = list(_upper_outcomes(policy, record, portfolio))
    else:
        root = policy.program.root
        unseen = [f"台账有 {len(ledger.records)} 个{root}，上级各层单独会怎样定没有算；要算，加 --long"]
    if as_json:
        told = narrowed(outcome, names)
        data = told.to_dict()
        data["notes"] = [*policy.notes, *outcome.notes, *unseen]
        explanation = told.explain()
        if names:
            # What was asked for is explained also where it does not apply.
            explanation = replace(explanation, reasons=tuple(result.explain() for result in told.results()))
        data["explanation"] = explanation.to_dict()
        data["upper"] = [
            {"label": label, **narrowed(other, _said(policy, other, names)).to_dict(detail=False)}
            for label, other in upper
        ]
        print_json(data)
        return FINE
    screen.say(*(f"提示：{said}" for said in unseen), style="doubt")
    page = project_lines(
        outcome,
        policy,
        width=screen.width,
        upper=upper,
        only=names,
        full=full,
        folded=not everything,
        title=record.name,
    )
    screen.show(page)
    return FINE


def _pick(ledger: Ledger, identity: str | None, path: Path) -> LedgerRecord:
    if identity is None:
        if len(ledger.records) == 1:
            return ledger.records[0]
        few = "、".join(
            record.identity or f"“第 {number} 个”" for number, record in enumerate(ledger.records[:5], start=1)
        )
        raise UserError(f"{path} 里有 {len(ledger.records)} 个项目，写上要说明的项目编号，如 {few}")
    for record in ledger.records:
        if record.identity == identity:
            return record
    named = [record for record in ledger.records if record.name == identity]
    if len(named) == 1:
        return named[0]
    if named:
        numbers = some([record.identity for record in named if record.identity], 5, "个")
        raise UserError(f"{path} 里有 {len(named)} 个项目叫“{identity}”，写上项目编号：{numbers}")
    # As lists and reports call what has no number.
    counted = re.fullmatch("第 *([0-9]{1,7}) *个", identity)
    if counted and 0 < int(counted[1]) <= len(ledger.records):
        return ledger.records[int(counted[1]) - 1]
    problems = [str(problem) for problem in ledger.problems if problem.cell.record == identity]
    if problems:
        raise UserError(f"项目 {identity} 读不出来：", *problems)
    near = meant(identity, [record.identity for record in ledger.records])
    called = {record.name: record.identity for record in ledger.records if record.name}
    names = nearest(identity, called) or [name for name in called if identity in name][:3]
    if not near and names:
        near = f"，是不是 {'、'.join(f'{called[name]}（{name}）' for name in names)}？"
    raise UserError(f"{path} 里没有编号或名称为“{identity}”的项目{near}")


def _wanted(policy: Policy, only: list[str] | None) -> tuple[str, ...]:
    """The names after --only, several of them parted by 、 too. Of what is none that speaks, it is told what it is."""
    program = policy.program
    known = [n for d in program.decisions.values() for n in (d.name, d.key)] + [*program.duties, *program.notices]
    given = tuple(name for text in only or () for name in ([text] if text in known else _parted(text)))
    for name in given:
        if name not in known:
            raise UserError(f"没有叫“{name}”的决定、义务、禁令或提示{_instead(policy, name, known)}")
    if only and not given:
        raise UserError("--only 后面要写一个决定、义务、禁令或提示的名称")
    return given


def _parted(text: str) -> list[str]:
    return [name for part in re.split("[、，,;；]", text) if (name := part.strip())]


def _instead(policy: Policy, name: str, known: list[str]) -> str:
    """What a name is that neither decides nor finds, and what to ask for instead."""
    program = policy.program
    rule = program.rules.get(name)
    if rule is not None:
        return f"：它是一条规则，得出的是“{rule.decision}”；写 --only {rule.decision}"
    holding = [one.name for one in program.decisions.values() if name in one.values]
    if holding:
        return f"：它是“{'”“'.join(holding)}”的一个值；写 --only {holding[0]}"
    names = policy.stack.names
    provision = names.provisions.get(name)
    if provision is not None:
        return f"：有这条{provision.origin.kind}，评估日 {policy.as_of} 不在有效期内或已经停用，没有用上"
    owners = [info.name for info in names.objects.values() if name in info.fields]
    if name in names.objects or name in names.globals or owners:
        what = names.globals[name].origin.kind if name in names.globals else "对象"
        what = f"{'、'.join(owners)}的字段" if owners else what
        return f"：它是{what}，用在决定的理由里；有哪些决定，见 policyrules list {policy.folder}"
    near = meant(name, known)
    return near or f"；有哪些，见 policyrules list {policy.folder}"


def _said(policy: Policy, upper: Outcome, names: Sequence[str]) -> tuple[str, ...]:
    """What an upper part of the stack calls what was asked for."""
    return tuple(policy.stack.said(upper.layers[-1], name) for name in names)


def _upper_outcomes(policy: Policy, record: LedgerRecord, portfolio: Portfolio | None) -> Iterator[tuple[str, Outcome]]:
    """What each upper part of the stack alone gives for the record, top first. ``portfolio``: the records it is counted among."""
    for layer in policy.layers[:-1]:
        upper = policy.down_to(layer.id)
        if upper.program.root != policy.program.root:
            # Its document speaks of other records.
            continue
        among = None if portfolio is None else upper.portfolio(portfolio.members)
        yield label_of(layer.id, policy), upper.evaluate(record.instance, among)


def template(
    folder: Layer,
    output: Annotated[Path, Option(("-o", "--output"), "要写的工作簿，如 台账.xlsx；必填", "文件", Path)],
    only: Annotated[
        list[str] | None,
        Option(("--only",), "只要这些决定或义务用得着的列；可写多次，也可用顿号隔开", "决定", many=True),
    ] = None,
    force: Force = False,
    as_of: AsOf = None,
    as_json: Json = False,
) -> int:
    """An empty workbook for people to fill in."""
    screen = Screen(quiet=as_json)
    check_suffix("-o", output, (".xlsx",))
    check_outputs([output], [], force)
    policy = load_policy(folder, as_of, None, screen)
    wanted = _wanted(policy, only)
    by_key = {decision.key: decision.name for decision in policy.program.decisions.values()}
    write_template(output, policy.program, [by_key.get(name, name) for name in wanted])
    screen.say(f"空白台账已写到 {output}", style="good")
    if as_json:
        print_json({"written": [output.as_posix()]})
    return FINE
