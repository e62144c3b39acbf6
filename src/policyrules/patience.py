"""The last line of defence: what no command takes for small files, in time and in memory.

Why this exists: every command counts beforehand what a small file will cost and refuses what nobody would wait for unawares
(`policyrules.program.costs`); where such a count falls short, on this machine or for these rules, an office's computer must not be taken
up all the same.

Invariants: nothing is imported here that takes time; what a command says never turns on this, only whether it comes to its end; who asks
for the wait gets it; a file that is not small is never watched, nor is who imports the package.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from typing import Final

SMALL: Final = 5_000_000
"""Bytes: of a shorter file nobody expects that it takes minutes, or all memory."""
MOST_SECONDS: Final = 30.0
"""Seconds a processor works, for small files alone."""
MOST_BYTES: Final = 2_000_000_000
"""Memory in use, for small files alone."""
LONG: Final = "--long"
WAITS: Final = (LONG, "--all-missing", "--all-causes", "--sample")
"""Who writes one of these has time."""
_TICK: Final = 0.25
_CLEARING: Final = 5.0


class Overrun(KeyboardInterrupt):
    """A command took what small files may not take: an interrupt like any other, so that no file stays half written."""

    def __str__(self) -> str:
        return "\n".join(self.args)


def watched(words: Sequence[str]) -> bool:
    """Whether a command line is of small files alone, and asks for no wait.

    >>> watched(["check", "policies/jiangxi"]), watched(["check", "policies/jiangxi", "--long"])
    (True, False)
    """
    if any(word.partition("=")[0] in WAITS for word in words):
        return False
    return not any(_length(word.partition("=")[2] if word.startswith("-") else word) >= SMALL for word in words)


def watch() -> None:
    """From now on this process is ended by an `Overrun` once it has worked for `MOST_SECONDS` or holds `MOST_BYTES`, where the system
    can tell. A process that is made from it is not, unless it says so itself, and then has all of its own time before it."""
    if hasattr(signal, "setitimer") and signal.getsignal(signal.SIGPROF) in (signal.SIG_DFL, _look):
        signal.signal(signal.SIGPROF, _look)
        signal.siginterrupt(signal.SIGPROF, False)
        signal.setitimer(signal.ITIMER_PROF, _TICK, _TICK)


def watching() -> bool:
    """Whether this process is watched."""
    return hasattr(signal, "setitimer") and signal.getsignal(signal.SIGPROF) is _look


def leave() -> None:
    """This process is watched no more."""
    if watching():
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)


def _look(number: int, frame: object) -> None:
    if time.process_time() >= MOST_SECONDS:
        said = f"给的文件都不到 {SMALL // 1_000_000} MB，算了 {MOST_SECONDS:.0f} 秒还没有算完，已停下"
    elif _held() >= MOST_BYTES:
        said = f"给的文件都不到 {SMALL // 1_000_000} MB，用的内存已到 {MOST_BYTES // 1_000_000_000} GB，已停下"
    else:
        return
    # Nothing may keep the command from clearing up behind itself; what swallows an interrupt meets the next.
    signal.setitimer(signal.ITIMER_PROF, _CLEARING, _CLEARING)
    raise Overrun(said, f"请分成几个文件，或只留要用的；等得起的加 {LONG}")


def _length(name: str) -> int:
    """The bytes of a file; of the files of a folder together."""
    try:
        files = os.scandir(name) if os.path.isdir(name) else [name]
        return sum(os.stat(one).st_size for one in files if os.path.isfile(one))
    except (OSError, ValueError):
        return 0


def _held() -> int:
    """The bytes of memory this process holds, where the system tells."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
