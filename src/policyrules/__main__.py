"""``python -m policyrules``, and the entry point of the command ``policyrules``."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run the command line; the exit code."""
    try:
        return _main()
    except KeyboardInterrupt:
        # Before the command line could answer for itself, while modules are still read.
        if sys.stderr is not None:
            sys.stderr.write("已中断\n")
        return 130


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
