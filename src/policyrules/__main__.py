"""``python -m policyrules``, and the entry point of the command ``policyrules``."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

INTERRUPTED = 130


class Ended(KeyboardInterrupt):
    """The system wants the command to end, or its terminal is gone: an interrupt like any other, so that no file stays half written.

    Of a plain `KeyboardInterrupt` that passes through an ``exec`` the interpreter ends by that signal, caught or not.
    """


def main() -> int:
    """Run the command line; the exit code."""
    asked: list[int] = []

    def end(number: int, frame: object) -> None:
        # Once is enough: nothing may keep the command from clearing up behind itself.
        signal.signal(number, signal.SIG_IGN)
        asked.append(number)
        raise Ended

    code = INTERRUPTED
    answered = _answered(end)
    try:
        code = _main()
    except KeyboardInterrupt:
        # Before the command line could answer for itself, while modules are still read.
        with suppress(OSError, ValueError):
            if sys.stderr is not None:
                sys.stderr.write("已中断\n")
    finally:
        for number in answered:
            signal.signal(number, signal.SIG_DFL)
    return 128 + asked[0] if asked and code == INTERRUPTED else code


def _answered(end: Callable[[int, object], None]) -> list[int]:
    """Have ``end`` answer the signals that would end the process at once; those which it answers now."""
    answered: list[int] = []
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Whoever runs the command may want it to hear nothing (nohup), or may answer himself.
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            # Beside the main thread no signal is answered.
            with suppress(ValueError):
                signal.signal(number, end)
                answered.append(number)
    return answered


def _main() -> int:
    # A load makes hundreds of thousands of small objects that all stay: looking for garbage among them as they come
    # takes a quarter of its time and finds nothing.
    gc.set_threshold(100_000, 50, 50)
    from policyrules.cli import run

    code = run(sys.argv[1:])
    # The process ends here: nothing is worth a last look for garbage among all that was loaded.
    gc.freeze()
    return code


if __name__ == "__main__":
    sys.exit(main())
