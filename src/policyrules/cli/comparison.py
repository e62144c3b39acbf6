"""The command ``compare``: what changes for each record of a ledger from one stack to the other.

Invariant: of two sides that are compared, each takes the parameters and the columns it knows; a record appears on both sides or on
neither, and is found by where it stands in the ledger; no outcome outlives its record.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Final

from policyrules.analysis.attribution import weight_of
from policyrules.analysis.compare import MOST_CAUSES, Gathered, aligned
from policyrules.analysis.comparing import Comparing, Part
from policyrules.cli.arguments import AsOf, Json, NewSets, OldSets, Operand, Option, Sets, whole
from policyrules.cli.bounds import check_length, check_records, check_rules
from policyrules.cli.evaluation import SOON, in_processes, jobs_for
from policyrules.cli.outputs import Force, check_outputs, check_suffix
from policyrules.cli.reading import LedgerPath, check_order, load_two, say_problems, two_ledgers, with_own
from policyrules.cli.shared import FINE, ROWS_SET_ASIDE, parameters_of, settled
from policyrules.engine.portfolio import Portfolio
from policyrules.policy import Policy
from policyrules.program import costs
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.workbook import write_workbook
from policyrules.report.comparison import comparison_lines
from policyrules.report.comparison_data import comparison_texts
from policyrules.report.comparison_sheets import comparison_sheets
from policyrules.report.terminal import Screen, write_data
from policyrules.results import Outcome
from policyrules.writing import json_bytes, write_file

COMPARISON_SUFFIXES: Final = (".xlsx", ".json")
_RUN: Final = 50


def compare(
    before: Annotated[Path, Operand("原来的层", "如 policies/national", folder=True)],
    after: Annotated[Path, Operand("现在的层", "如 policies/jiangxi", folder=True)],
    ledger_path: LedgerPath,
    output: Annotated[
        Path | None, Option(("-o", "--output"), "写成工作簿（.xlsx）或 .json，不再显示在屏幕上", "文件", Path)
    ] = None,
    force: Force = False,
    as_of: AsOf = None,
    sets: Sets = None,
    old_sets: OldSets = None,
    new_sets: NewSets = None,
    everything: Annotated[bool, Option(("--all",), "列出全部有变化的项目")] = False,
    all_causes: Annotated[
        bool,
        Option(("--all-causes",), "由什么引起逐个查完；不写时，台账很长就只查前面的，后面的写明没有查"),
    ] = False,
    long: Annotated[
        bool, Option(("--long",), "台账再长也比；不写时，不到 5 MB 的文件有几万个项目的，要等太久，就不比")
    ] = False,
    jobs: Annotated[
        int | None, Option(("--jobs",), "用几个进程评估；不写时，台账长就用全部处理器", "个数", whole(1, 256))
    ] = None,
    as_json: Json = False,
) -> int:
    """What changes for each record from one stack to the other."""
    screen = Screen(quiet=as_json)
    check_order("compare", [before, after], ledger_path)
    if output is not None:
        check_suffix("-o", output, COMPARISON_SUFFIXES)
        check_outputs([output], [ledger_path], force)
    if not (long or all_causes):
        check_rules([before, after])
    old, new = load_two(before, after, as_of, parameters_of(sets))
    old, new = with_own(old, old_sets, "--set-old"), with_own(new, new_sets, "--set-new")
    old, new = aligned(old, new)
    if old.fingerprint == new.fingerprint:
        said = "两边是同一套规则，参数也一样，结果不会有变化；要比参数的两种取值，用 --set-old、--set-new"
        screen.say(f"提示：{said}", style="doubt")
    old_ledger, new_ledger = two_ledgers(old, new, ledger_path, screen)
    if not (long or all_causes):
        written = as_json or output is not None
        instead = "请分成几个文件，或只留要比的" + ("；只看页（不写 -o、--json）能多比一半" if written else "")
        # Writing every change takes as long again as one of the two.
        stacks = [new, old, new] if written else [new, old]
        check_length(stacks, new_ledger, ledger_path, costs.MOST_CHANGED, ("逐个比较", "比"), instead)
        check_records(stacks, new_ledger, ledger_path, instead)
    told = as_json or (output is not None and output.suffix.lower() == ".json")
    work = _Work(old, new, old_ledger, new_ledger, clauses=told)
    gathered, records = Gathered(old, new), len(work.both)
    problems = new_ledger if len(new_ledger.problems) >= len(old_ledger.problems) else old_ledger
    with settled():
        with closing(_compared(work, jobs_for(records, jobs, _RUN))) as parts:
            for part in screen.progress(parts, "评估", records, lambda part: part.records):
                gathered.follow(part)
        stage = screen.stage("查由什么引起……")
        try:
            comparison = gathered.comparison(work.members, None if all_causes else MOST_CAUSES)
        finally:
            screen.stage("", stage)
        if output is not None:
            if output.suffix.lower() == ".json":
                write_file(output, map(json_bytes, comparison_texts(comparison, problems)))
            else:
                write_workbook(output, comparison_sheets(comparison, [new for _, new in work.both], problems.problems))
            said = f"{comparison.after.program.root} {comparison.records} 个，有变化的 {comparison.changed_projects} 个"
            screen.say(f"{said}；比较已写到 {output}", style="good")
        if as_json:
            for text in comparison_texts(comparison, problems):
                write_data(text, escape=True)
        elif output is None:
            screen.show(comparison_lines(comparison, width=screen.width, everything=everything))
    say_problems(problems, screen)
    return ROWS_SET_ASIDE if problems.problems else FINE


class _Work:
    """What every process knows. ``both``: each record as the two policies read it; ``clauses``: whether those are told on which
    changes rest."""

    def __init__(self, old: Policy, new: Policy, old_ledger: Ledger, new_ledger: Ledger, *, clauses: bool) -> None:
        self.old, self.new = old, new
        olds = {record.place: record for record in old_ledger.records}
        self.both: Sequence[tuple[LedgerRecord, LedgerRecord]] = [
            (olds[record.place], record) for record in new_ledger.records if record.place in olds
        ]
        self._ledgers = old_ledger, new_ledger
        self._portfolios = old.portfolio(old_ledger.portfolio), new.portfolio(new_ledger.portfolio)
        self.clauses = clauses
        self._comparing = Comparing(old, new, clauses=clauses)

    @property
    def runs(self) -> int:
        """How many parts there are."""
        return -(-len(self.both) // _RUN)

    def part(self, run: int) -> Part:
        """The ``run``-th part."""
        return self._comparing.part(self._pairs(run))

    def _pairs(self, run: int) -> Iterator[tuple[int, Outcome, Outcome]]:
        old, new = self._portfolios
        for index in range(run * _RUN, min((run + 1) * _RUN, len(self.both))):
            first, second = self.both[index]
            yield index, self.old.evaluate(first.instance, old), self.new.evaluate(second.instance, new)

    def members(self) -> tuple[Portfolio, Sequence[int]]:
        """The records as the policy with more layers reads them, which knows every field of both, and where each that was compared
        stands among them."""
        side = int(len(self.new.layers) >= len(self.old.layers))
        standing = {record.place: place for place, record in enumerate(self._ledgers[side].records)}
        return self._portfolios[side], [standing[pair[side].place] for pair in self.both]


def _compared(work: _Work, jobs: int) -> Generator[Part, None, None]:
    """The parts of a comparison, in the ledger's order. Close it: processes end with it."""
    if not work.runs:
        return
    if sum(weight_of(record.instance) for _, record in work.both) > SOON:
        for policy in (work.old, work.new):
            policy.interpreter.hasten(behind=work.clauses)
    # What all share, the statistics over the ledger, is worked out here once, before the others begin.
    yield work.part(0)
    if jobs > 1 and work.runs > 1:
        yield from in_processes(work, range(1, work.runs), min(jobs, work.runs - 1))
        return
    yield from map(work.part, range(1, work.runs))
