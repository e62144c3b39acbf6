"""The decision in C, written by hand and built for this machine, where there is a C compiler.

Why this exists: it says how far any engine is from what the machine can do. It is built when asked for and never shipped.

Invariants: the columns are those that NumPy by hand reads; the kernel keeps nothing between calls but scratch memory, so
it runs in one thread.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.decision31.by_numpy import enough_of
from benchmarks.decision31.data import AS_OF, Records, day

# In the order of the structure in kernel.c.
_ORDER = (
    *("county", "kind", "running", "benefit", "chain", "prospect", "difficulty", "driving", "tech", "operator"),
    *("formed", "seasonal", "resource", "foundation", "potential", "insured"),
    *("total", "spent", "paid", "asked", "own", "debts", "households", "workers", "land"),
    *("approved_on", "started_on", "accept_by", "accepted_on", "stopped_on"),
)


def compiler() -> str | None:
    """The C compiler, if there is one."""
    return shutil.which("gcc") or shutil.which("clang") or shutil.which("cc")


@cache
def _library() -> ctypes.CDLL:
    found = compiler()
    if found is None:
        raise LookupError("no C compiler")
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "kernel.so"
        source = str(Path(__file__).parent / "kernel.c")
        flags = ["-O3", "-march=native", "-std=c11", "-shared", "-fPIC"]
        subprocess.run([found, *flags, "-o", str(built), source], check=True)
        # Loaded, it stays mapped when the file goes.
        return ctypes.CDLL(str(built))


def _pointer(array: np.ndarray[Any, Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def decide(records: Records) -> np.ndarray[Any, Any]:
    """The bytes of the seven outputs (7 × n). Raises `LookupError` without a C compiler."""
    library, n = _library(), ctypes.c_size_t(records.n)
    columns = (ctypes.c_void_p * len(_ORDER))(*(records.columns[name].ctypes.data for name in _ORDER))
    size = (records.counties + 1) * 7
    sure, perhaps = np.zeros(size, np.int32), np.zeros(size, np.int32)
    library.count(n, columns, _pointer(sure), _pointer(perhaps))
    low, high = enough_of(sure, perhaps)
    enough = low.view(np.uint8) | high.view(np.uint8) << 1
    out = np.empty((7, records.n), np.uint8)
    days = [ctypes.c_int16(day(AS_OF.replace(year=AS_OF.year - years))) for years in (0, 1, 2, 3)]
    library.decide(n, columns, _pointer(enough), *days, _pointer(out))
    return out
