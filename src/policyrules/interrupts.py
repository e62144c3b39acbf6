"""What ends a command from outside: who sits at the terminal, or the system.

Why this exists: a command may be ended while its modules are still read, when nothing of the command line is there to answer for it,
and says the same then.

Invariants: nothing is imported here that takes time.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Final

INTERRUPTED: Final = 130
"""The exit code of a command that was interrupted."""
SAID: Final = "已中断"


class Ended(KeyboardInterrupt):
    """The system wants the command to end, or its terminal is gone: an interrupt like any other, so that no file stays half written.

    Of a plain `KeyboardInterrupt` that passes through an ``exec`` the interpreter ends by that signal, caught or not.
    """


def answered(end: Callable[[int, object], None]) -> list[int]:
    """Have ``end`` answer the signals that would end the process at once; those which it answers now."""
    found: list[int] = []
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Whoever runs the command may want it to hear nothing (nohup), or may answer himself.
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            # Beside the main thread no signal is answered.
            with suppress(ValueError):
                signal.signal(number, end)
                found.append(number)
    return found
