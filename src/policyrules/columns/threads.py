"""Threads that work out parts of a ledger.

Why this exists: the machine in C and most of NumPy give up the lock of the interpreter; starting threads anew for each of a
few passes takes as long as a hundred thousand records.

Invariants: a part never waits for another part; what goes wrong in one comes out where the parts are asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, Final

from policyrules.columns.bits import WORD

_FEW: Final = 1 << 16
"""So many rows are not worth a second thread."""


_POOLS: Final[dict[tuple[int, str], ThreadPoolExecutor]] = {}
_LOCK: Final = Lock()


def workers(threads: int, what: str = "parts") -> ThreadPoolExecutor:
    """So many threads for some work, the same ones each time. Work that asks for other work, and waits, is of another kind than it."""
    with _LOCK:
        found = _POOLS.get((threads, what))
        if found is None:
            found = _POOLS[threads, what] = ThreadPoolExecutor(threads, f"policyrules-{what}")
        return found


def dismiss() -> None:
    """End all threads, which nobody waits for: beside them a process cannot be copied."""
    with _LOCK:
        for pool in _POOLS.values():
            pool.shutdown()
        _POOLS.clear()


if hasattr(os, "register_at_fork"):
    # A process that was forked off has none of them.
    os.register_at_fork(after_in_child=_POOLS.clear)


def shared(work: Callable[[int, int], Any], rows: int, threads: int) -> list[Any]:
    """What ``work`` gives of stretches of rows, whole words each, by so many threads; in their order."""
    if threads == 1 or rows <= _FEW:
        return [work(0, rows)] if rows else []
    step = -(-rows // (threads * WORD)) * WORD
    waiting = [workers(threads - 1).submit(work, begin, min(begin + step, rows)) for begin in range(step, rows, step)]
    # One part is this thread's own.
    found = [work(0, min(step, rows))]
    return [*found, *(future.result() for future in waiting)]


__all__ = ["dismiss", "shared", "workers"]
