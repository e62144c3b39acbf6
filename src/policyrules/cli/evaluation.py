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
from collections import Counter
from collections.abc import Container, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from queue import Queue
from typing import Any, Final, Protocol, TypeVar

from policyrules import patience
from policyrules.analysis.attribution import weight_of
from policyrules.analysis.summary import LedgerSummary
from policyrules.cli.shared import UserError, settled
from policyrules.engine.portfolio import Portfolio
from policyrules.policy import Policy
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.result_cells import Documents
from policyrules.records.result_rows import TableMaker, TablePart
from policyrules.records.result_texts import TextMaker
from policyrules.records.results import csv_lines
from policyrules.records.tasks import EXPLAINED, LAPSED, UNDONE, TaskList, called
from policyrules.report.ledger import ListRow, list_row
from policyrules.results import Outcome, without_notes
from policyrules.writing import json_bytes

_P = TypeVar("_P", covariant=True)

_RUN: Final = 20
SOON: Final = 300
"""Records for which code is written before the first."""
MANY: Final = 3_000
"""Records from which several processes are worth their start, and columns."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a command shows beside counts and tasks: ``texts``, the JSON of each outcome; ``tables``, with what the
    documents are called, ``lines``: as far as can be as they stand in CSV files; ``rows`` of the list; ``few``: of the tasks no more
    than a page shows."""

    texts: bool = False
    tables: Documents | None = None
    rows: bool = False
    lines: bool = False
    few: bool = False

    @property
    def whole(self) -> bool:
        """Whether every result is shown, with what lies behind it."""
        return self.texts or self.tables is not None


@dataclass(slots=True)
class Part:
    """What a run of ``records`` records comes to."""

    records: int
    summary: LedgerSummary
    tasks: TaskList
    explained: TaskList
    lapsed: TaskList
    texts: list[bytes]
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


def evaluated(
    policy: Policy,
    ledger: Ledger,
    wanted: Wanted,
    jobs: int = 1,
    asked: int | None = None,
    those: Sequence[int] | None = None,
    portfolio: Portfolio | None = None,
    looked: Container[int] | None = None,
    along: Mapping[int, Sequence[int]] | None = None,
) -> Generator[Part, None, None]:
    """The parts of a ledger, each record against all of it. ``portfolio``: its records, where they are known already; ``asked``: how many records, the first, are asked for what they lack
    (None: all). ``those``: the only records to look at, from 0, where the others have nothing to be told and all are counted
    already: parts count what is missing alone; of them ``looked`` are those with something to be done or explained (None: any may be); ``along``: the records that stand with
    one of these behind what has no name.
    Close it: processes end with it.

    Raises `UserError` where a process ended before its work was done.
    """
    if portfolio is None:
        portfolio = policy.portfolio(ledger.portfolio)
        portfolio.alone = True
    work = _Work(policy, ledger.records, portfolio, wanted, asked, those, looked, along)
    runs = work.runs
    if not runs:
        return
    if len(work.those) > SOON or sum(weight_of(ledger.records[number].instance) for number in work.those) > SOON:
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
        looked: Container[int] | None = None,
        along: Mapping[int, Sequence[int]] | None = None,
    ) -> None:
        self.policy, self.records, self.portfolio, self.wanted = policy, records, portfolio, wanted
        self.asked = len(records) if asked is None else asked
        self.counted = those is not None
        self.looked, self.along = looked, along or {}
        self.told: Counter[str] | None = Counter() if wanted.few else None
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
            TaskList(UNDONE, told=self.told),
            TaskList(EXPLAINED),
            TaskList(LAPSED, told=self.told),
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
            part.lapsed.settle()
            if part.tables is not None and self.wanted.lines:
                part.tables = part.tables.lined(csv_lines)
        return part

    def _take(self, part: Part, outcome: Outcome, record: LedgerRecord, number: int) -> None:
        # All is asked of an outcome while its evaluation is at hand.
        asked = number <= self.asked
        if not self.counted:
            part.summary.add(outcome, missing=asked)
        elif asked:
            part.summary.add_missing(outcome)
        if self.looked is None or number - 1 in self.looked:
            others = [(one + 1, called(self.records[one].identity, one + 1)) for one in self.along.get(number - 1, ())]
            part.tasks.add(outcome, record, number, others)
            part.explained.add(outcome, record, number, others)
            part.lapsed.add(outcome, record, number, others)
        if part.tables is not None and self.maker is not None:
            self.maker.add(part.tables, outcome, record, asked=asked)
        if self.wanted.rows:
            part.rows.append(list_row(outcome, self.policy.program, number, record.name))
        if self.wanted.texts:
            part.texts.append(json_bytes(self.texts.text(outcome, asked=asked)))


# ---- processes ------------------------------------------------------------------------------------------------------


class Divided(Protocol[_P]):
    """Work that is done in parts, by whoever knows it."""

    def part(self, run: int) -> _P:
        """The ``run``-th part."""


def in_processes(work: Divided[_P], runs: range, jobs: int) -> Iterator[_P]:
    """The parts of some runs, in their order. This process is one of ``jobs``: each copy has the records that it looks at once more.
    Every process makes the next part that nobody makes yet; this one, which has to take what the others made as well, makes one only
    while none of theirs has come."""
    # A copy of this process has all that is needed at once. Beside threads, and on other systems, a copy is not safe.
    fork = sys.platform == "linux" and threading.active_count() == 1
    context: Any = multiprocessing.get_context("fork" if fork else "spawn")
    others: list[Connection] = []
    processes: list[Any] = []
    left = iter(runs)
    found: dict[int, _P] = {}
    try:
        for _ in range(1, jobs):
            mine, its = context.Pipe()
            others.append(mine)
            inherited = tuple(others) if fork else ()
            process = context.Process(target=_serve, args=(work, its, inherited, patience.watching()), daemon=True)
            with uninterrupted():
                process.start()
                processes.append(process)
            # The end of a process is then the end of what it sends.
            its.close()
        for connection in others * _AT_ONCE:
            _give(connection, next(left, None))
        with settled():
            for run in runs:
                while run not in found:
                    ready = _ready(others, 0 if len(found) < _AHEAD else None)
                    own = None if ready else next(left, None)
                    if own is not None:
                        found[own] = work.part(own)
                        continue
                    for connection in ready or _ready(others):
                        number, part = _received(connection)
                        found[number] = part
                        _give(connection, next(left, None))
                yield found.pop(run)
    finally:
        for process in processes:
            process.terminate()
        for process, connection in zip(processes, others, strict=False):
            process.join()
            connection.close()


_AT_ONCE: Final = 3
"""Parts that a process is told to make before the first of them was taken, so that it never waits for being told."""
_AHEAD: Final = 16
"""Parts that wait for one before them, at most, while this process makes more."""


@contextmanager
def uninterrupted() -> Iterator[None]:
    """While a copy of this process is made an interrupt waits: what Python itself runs then would swallow it. The copy begins so as
    well, and says by `answering_to_the_first` when it may be ended."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def answering_to_the_first() -> None:
    """In a copy of the process: the interrupt of a terminal reaches every process and is the first one's to answer, which ends the
    others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGHUP})


def _ready(others: Sequence[Connection], timeout: float | None = None) -> list[Connection]:
    """Those that have sent something; without a ``timeout`` at least one."""
    there = wait(others, timeout)
    return [one for one in others if one in there]


def _give(connection: Connection, run: int | None) -> None:
    """Tell a process to make a part, if there is one left."""
    if run is not None:
        try:
            connection.send(run)
        except (BrokenPipeError, ConnectionError):
            raise UserError(_GONE) from None


_GONE: Final = "分担评估的一个进程中途没有了，多半是内存不够；没有做完，请加 --jobs 1 再试"


def _received(connection: Connection) -> Any:
    """The next part that a process made, and which one it is."""
    try:
        found = pickle.loads(connection.recv_bytes())
    except (EOFError, ConnectionError):
        raise UserError(_GONE) from None
    if isinstance(found, BaseException):
        raise found
    return found


def _serve(work: Divided[Any], connection: Connection, inherited: Sequence[Connection], watched: bool) -> None:
    """Make the parts that are asked for and send them, until nobody wants them any more."""
    answering_to_the_first()
    if watched:
        patience.watch()
    for other in inherited:
        other.close()
    # What is made is sent by a thread of its own: the first process takes it when it has time.
    made: Queue[bytes | None] = Queue(_AT_ONCE)
    sending = threading.Thread(target=_send, args=(connection, made), daemon=True)
    sending.start()
    try:
        with settled():
            while True:
                run = connection.recv()
                made.put(pickle.dumps((run, work.part(run)), pickle.HIGHEST_PROTOCOL))
    except (EOFError, ConnectionError):
        # Nobody is there any more.
        return
    except BaseException as error:
        made.put(pickle.dumps(_portable(error)))
        made.put(None)
        sending.join()


def _send(connection: Connection, made: Queue[bytes | None]) -> None:
    there = True
    while (data := made.get()) is not None:
        if there:
            try:
                connection.send_bytes(data)
            except (BrokenPipeError, ConnectionError):
                # Whoever makes them sees it as well, and must not wait for room.
                there = False


def _portable(error: BaseException) -> BaseException:
    """The error, or where it cannot travel what it says."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__} {error}")
    return error
