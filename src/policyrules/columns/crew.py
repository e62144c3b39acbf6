"""Several threads on one job.

Why this exists: arrays are read, coded and written outside Python's lock, so that threads share the work of one process:
nothing has to be sent to another, and memory is what a few columns take, not a ledger for each worker.

Invariants: what comes out stands in the order of what was put in, whatever the number of threads; where several fail, the
first of them in that order is told; nothing goes on behind the back of whoever was told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Final, TypeVar

from policyrules.columns.threads import workers

_Thing = TypeVar("_Thing")
_Found = TypeVar("_Found")


def some(threads: int) -> int:
    """A number of threads. Raises `ValueError` for what is none, or less than one."""
    if not isinstance(threads, int) or threads < 1:
        raise ValueError(f"threads 是几个线程，至少 1，给的是 {threads!r}")
    return threads


class Crew:
    """So many ``threads``, with the one that asks among them. A thing that is done may itself be parted among them.

    >>> with Crew(2) as crew:
    ...     crew.each(lambda row: sum(crew.each(abs, row)), [[1, -2], [3], []])
    [3, 3, 0]
    """

    def __init__(self, threads: int) -> None:
        """Raises `ValueError` for less than one."""
        self.threads = some(threads)
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Crew:
        if self.threads > 1:
            self._pool = ThreadPoolExecutor(self.threads - 1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def each(self, do: Callable[[_Thing], _Found], things: Iterable[_Thing]) -> list[_Found]:
        """What ``do`` makes of each thing."""
        waiting = deque(enumerate(things))
        if self._pool is None or len(waiting) < 2:
            return [do(thing) for _, thing in waiting]
        found: dict[int, _Found] = {}
        failed: dict[int, Exception] = {}

        def work() -> None:
            while waiting:
                try:
                    place, thing = waiting.popleft()
                except IndexError:
                    return
                try:
                    found[place] = do(thing)
                except Exception as error:
                    failed[place] = error
                    # What stands before it was begun already.
                    waiting.clear()

        # Who asks works too: it waits for no thread that waits for it.
        helpers = [self._pool.submit(work) for _ in range(min(self.threads, len(waiting)) - 1)]
        try:
            work()
        finally:
            waiting.clear()
            for helper in helpers:
                if not helper.cancel():
                    helper.result()
        if failed:
            raise failed[min(failed)]
        return [found[place] for place in range(len(found))]


def ahead(threads: int, do: Callable[[_Thing], _Found], things: Iterable[_Thing]) -> Iterator[_Found]:
    """What ``do`` makes of each thing, one after the other; as many as there are ``threads`` are made ahead. Whoever stops
    asking, or is told of an error, has waited for those that were begun.

    >>> list(ahead(3, abs, [1, -2, -3]))
    [1, 2, 3]
    """
    if threads < 2:
        yield from map(do, things)
        return
    pool = workers(threads, "ahead")
    waiting: deque[Future[_Found]] = deque()
    try:
        for thing in things:
            waiting.append(pool.submit(do, thing))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
        wait(waiting)


ALONE: Final = Crew(1)
"""Nobody else."""
