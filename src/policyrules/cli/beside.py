"""One piece of work done by a process of its own, while this one does the rest.

Why this exists: what an impact is counted from and what is told beside it do not wait for each other, and computers have more than one
core.

Invariants: what comes of it is what the work gives here; where no process can be had, or one ends too soon, it is done here; a process
ends with the command.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from policyrules import patience
from policyrules.cli.evaluation import answering_to_the_first, uninterrupted

_T = TypeVar("_T")


def apart(work: Callable[[], _T]) -> Callable[[], _T]:
    """Begin ``work`` in a process of its own, if that is safe and a core is left for it: what is returned waits for what it gives, or
    does it here."""
    # A copy of this process has all that is needed at once. Beside threads, and on other systems, a copy is not safe.
    if sys.platform != "linux" or threading.active_count() > 1 or len(os.sched_getaffinity(0)) < 2:
        return work
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_done, args=(work, send, receive), daemon=True)
    with uninterrupted():
        process.start()
    # The end of a process is then the end of what it sends.
    send.close()

    def given() -> _T:
        try:
            found: _T | patience.Overrun = receive.recv()
        except (EOFError, ConnectionError):
            # Whatever ended it, an error among them, is met again here.
            return work()
        finally:
            receive.close()
            process.terminate()
            process.join()
        if isinstance(found, patience.Overrun):
            raise found
        return found

    return given


def _done(work: Callable[[], Any], send: Connection, receive: Connection) -> None:
    """Do the work and send what it gives; nothing where it does not end well."""
    answering_to_the_first()
    receive.close()
    if patience.watching():
        patience.watch()
    try:
        send.send(work())
    except patience.Overrun as error:
        send.send(error)
    except BaseException:
        return
