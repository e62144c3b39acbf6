"""A ledger evaluated in parts, one after the other or in several processes.

Why this exists: a ledger of 100,000 records is evaluated with a steady amount of memory and with every core. A part is
what a run of records comes to: counts, tasks, rows and texts, as far as the command shows them; no outcome outlives it.

Invariants: parts come in the ledger's order and hold the same whoever made them; a process ends with the command,
whatever ends that; nothing is asked of an outcome that the command does not show.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final, Protocol, TypeVar

from policyrules.analysis.summary import LedgerSummary
from policyrules.cli.shared import UserError, settled
from policyrules.engine.folding import opened
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio
from policyrules.policy import Policy
from policyrules.program import costs
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.result_tables import Documents, TableMaker, TablePart
from policyrules.records.result_texts import TextMaker
from policyrules.records.tasks import EXPLAINED, UNDONE, TaskList
from policyrules.report.ledger import ListRow, list_row
from policyrules.results import Outcome, without_notes

_P = TypeVar("_P", covariant=True)

_RUN: Final = 20
SOON: Final = 300
"""Records for which code is written before the first."""
MANY: Final = 3_000
"""Records from which several processes are worth their start, and columns."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a command shows beside counts and tasks: ``texts``, the JSON of each outcome; ``tables``, with what the
    documents are called; ``rows`` of the list."""

    texts: bool = False
    tables: Documents | None = None
    rows: bool = False

    @property
    def whole(self) -> bool:
        """Whether every result is shown, with what lies behind it."""
        return self.texts or self.tables is not None


PAGE: Final = Wanted()


@dataclass(slots=True)
class Part:
    """What a run of ``records`` records comes to."""

    records: int
    summary: LedgerSummary
    tasks: TaskList
    explained: TaskList
    texts: list[str]
    tables: TablePart | None
    rows: list[ListRow]


def jobs_for(records: int, asked: int | None, run: int = _RUN) -> int:
    """How many processes evaluate so many records, ``run`` of them at a time."""
    if asked is not None:
        return max(1, min(asked, -(-records // run)))
    if records < MANY:
        return 1
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def asked_of(policy: Policy, records: Sequence[LedgerRecord], wanted: Wanted = PAGE) -> int:
    """How many of the records, from the first, can be asked for what they lack before one waits too long: told from the rules and
    the numbers of rows alone, and from whether every result is told with it. The first always can."""
    cost = costs.asking(policy.program)
    left = costs.MOST_TOLD if wanted.whole else costs.MOST_ASKED
    for number, record in enumerate(records):
        left -= _asking(opened(record.instance), cost)
        if left < 0:
            return max(number, 1)
    return len(records)


def _asking(root: Instance, cost: Mapping[str, int]) -> int:
    """What it costs to tell what a record lacks. Of rows that are not there one may be looked at all the same."""
    counted: dict[str, int] = {}
    one: Instance | None = root
    below = ""
    while one is not None:
        waiting = [rows for kind, rows in one.rows.items() if kind != below]
        while waiting:
            for row in waiting.pop() or ():
                counted[row.object] = counted.get(row.object, 0) + 1
                waiting.extend(row.rows.values())
        below, one = one.object, one.parent
    return sum(parts * counted.get(kind, 1) for kind, parts in cost.items())


def evaluated(
    policy: Policy,
    ledger: Ledger,
    wanted: Wanted,
    jobs: int = 1,
    asked: int | None = None,
    those: Sequence[int] | None = None,
    portfolio: Portfolio | None = None,
) -> Generator[Part, None, None]:
    """The parts of a ledger, each record against all of it. ``portfolio``: its records, where they are known already; ``asked``: how many records, the first, are asked for what they lack
    (None: all). ``those``: the only records to look at, from 0, where the others have nothing to be told and all are counted
    already: parts count what is missing alone. Close it: processes end with it.

    Raises `UserError` where a process ended before its work was done.
    """
    if portfolio is None:
        portfolio = policy.portfolio(ledger.portfolio)
        portfolio.alone = True
    work = _Work(policy, ledger.records, portfolio, wanted, asked, those)
    runs = work.runs
    if not runs:
        return
    if len(work.those) > SOON:
        policy.interpreter.hasten(behind=wanted.whole)
    # What all share, the statistics over the ledger, is worked out here once, before the others begin.
    yield work.part(0)
    if jobs > 1 and runs > 1:
        yield from in_processes(work, range(1, runs), min(jobs, runs - 1))
        return
    with settled():
        yield from map(work.part, range(1, runs))


class _Work:
    """What every process knows."""

    def __init__(
        self,
        policy: Policy,
        records: Sequence[LedgerRecord],
        portfolio: Portfolio,
        wanted: Wanted,
        asked: int | None = None,
        those: Sequence[int] | None = None,
    ) -> None:
        self.policy, self.records, self.portfolio, self.wanted = policy, records, portfolio, wanted
        self.asked = len(records) if asked is None else asked
        self.counted = those is not None
        self.those: Sequence[int] = range(len(records)) if those is None else those
        self.texts = TextMaker()
        self.maker = None if wanted.tables is None else TableMaker(wanted.tables)

    @property
    def runs(self) -> int:
        """How many parts there are."""
        return -(-len(self.those) // _RUN)

    def part(self, run: int) -> Part:
        """The ``run``-th part."""
        those = self.those[run * _RUN : (run + 1) * _RUN]
        part = Part(
            len(those),
            LedgerSummary.empty(self.policy.program),
            TaskList(UNDONE),
            TaskList(EXPLAINED),
            [],
            None if self.maker is None else TablePart(),
            [],
        )
        with self.portfolio.at_hand(*[self.records[place].instance for place in those]):
            for place in those:
                number, record = place + 1, self.records[place]
                # What no rule reads was said once of the whole ledger.
                outcome = without_notes(self.policy.evaluate(record.instance, self.portfolio))
                self._take(part, outcome, record, number)
            part.tasks.settle()
            part.explained.settle()
        return part

    def _take(self, part: Part, outcome: Outcome, record: LedgerRecord, number: int) -> None:
        # All is asked of an outcome while its evaluation is at hand.
        asked = number <= self.asked
        if not self.counted:
            part.summary.add(outcome, missing=asked)
        elif asked:
            part.summary.add_missing(outcome)
        part.tasks.add(outcome, record, number)
        part.explained.add(outcome, record, number)
        if part.tables is not None and self.maker is not None:
            self.maker.add(part.tables, outcome, record, asked=asked)
        if self.wanted.rows:
            part.rows.append(list_row(outcome, self.policy.program, number, record.name))
        if self.wanted.texts:
            part.texts.append(self.texts.text(outcome, asked=asked))


# ---- processes ------------------------------------------------------------------------------------------------------


class Divided(Protocol[_P]):
    """Work that is done in parts, by whoever knows it."""

    def part(self, run: int) -> _P:
        """The ``run``-th part."""


def in_processes(work: Divided[_P], runs: range, jobs: int) -> Iterator[_P]:
    """The parts of some runs: the k-th process makes every ``jobs``-th of them, and waits while it is not asked. This process is one
    of them: each copy has the records that it looks at once more."""
    # A copy of this process has all that is needed at once. Beside threads, and on other systems, a copy is not safe.
    fork = sys.platform == "linux" and threading.active_count() == 1
    context: Any = multiprocessing.get_context("fork" if fork else "spawn")
    waiting: list[Connection] = []
    processes: list[Any] = []
    try:
        for first in range(1, jobs):
            receive, send = context.Pipe(duplex=False)
            waiting.append(receive)
            inherited = tuple(waiting) if fork else ()
            process = context.Process(target=_serve, args=(work, runs[first::jobs], send, inherited), daemon=True)
            process.start()
            processes.append(process)
            # The end of a process is then the end of what it sends.
            send.close()
        with settled():
            for number, run in enumerate(runs):
                place = number % jobs
                yield _received(waiting[place - 1]) if place else work.part(run)
    finally:
        for process in processes:
            process.terminate()
        for process, connection in zip(processes, waiting, strict=False):
            process.join()
            connection.close()


def _received(connection: Connection) -> Any:
    try:
        found = connection.recv()
    except (EOFError, ConnectionError):
        said = "分担评估的一个进程中途没有了，多半是内存不够；没有做完，请加 --jobs 1 再试"
        raise UserError(said) from None
    if isinstance(found, BaseException):
        raise found
    return found


def _serve(work: Divided[Any], runs: range, send: Connection, inherited: Sequence[Connection]) -> None:
    """Make parts and send them, until nobody wants them any more. The interrupt of a terminal reaches every process: it is
    the first one's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for connection in inherited:
        connection.close()
    try:
        with settled():
            for run in runs:
                send.send(work.part(run))
    except (BrokenPipeError, ConnectionError):
        return
    except BaseException as error:
        send.send(_portable(error))


def _portable(error: BaseException) -> BaseException:
    """The error, or where it cannot travel what it says."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__} {error}")
    return error
