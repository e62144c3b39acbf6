"""``python -m policyrules``, and the entry point of the command ``policyrules``.

Why this exists: the command line needs Typer, which is an extra; where it is missing people get a sentence.
"""

from __future__ import annotations

import gc
import importlib.util
import sys


def main() -> int:
    """Run the command line; the exit code."""
    if importlib.util.find_spec("typer") is None:
        sys.stderr.write("命令行要用到 typer，还没有安装。请运行：pip install 'policyrules[cli]'\n")
        return 2
    # A load makes hundreds of thousands of small objects that all stay: looking for garbage among them as they come
    # takes a quarter of its time and finds nothing.
    gc.set_threshold(100_000, 50, 50)
    from policyrules.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
