"""``python -m policyrules``, and the entry point of the command ``policyrules``."""

from __future__ import annotations

import gc
import signal
import sys
from contextlib import suppress

from policyrules import patience
from policyrules.interrupts import INTERRUPTED, SAID, Ended, answered


def main() -> int:
    """Run the command line; the exit code."""
    asked: list[int] = []

    def end(number: int, frame: object) -> None:
        # Once is enough: nothing may keep the command from clearing up behind itself.
        signal.signal(number, signal.SIG_IGN)
        asked.append(number)
        raise Ended

    code = INTERRUPTED
    signals = answered(end)
    if patience.watched(sys.argv[1:]):
        patience.watch()
    try:
        code = _main()
    except KeyboardInterrupt:
        # Before the command line could answer for itself, while modules are still read.
        with suppress(OSError, ValueError):
            if sys.stderr is not None:
                sys.stderr.write(f"{SAID}\n")
    finally:
        patience.leave()
        for number in signals:
            signal.signal(number, signal.SIG_DFL)
    return 128 + asked[0] if asked and code == INTERRUPTED else code


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
