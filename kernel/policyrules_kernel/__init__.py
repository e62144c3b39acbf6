"""A machine in C for the plane programs of policyrules, loaded with ctypes.

Why this exists: with it ledgers in columns are evaluated several times as fast; without it nothing is missing. It is a
library without any of Python in it, so one wheel serves every Python of a platform.

Invariants: `load` gives a library that has just worked out known operations to known bytes, on the instruction set that it
is going to use, or none.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policyrules_kernel import selftest

__version__ = "0.1.0"

FORMAT = 4
"""Of the tables of operations."""

VARIANTS = ("portable", "SSE2", "AVX2", "AVX-512")


class Unusable(Exception):
    """The library is not used, and why."""


@dataclass(frozen=True)
class Kernel:
    """The machine. ``run(variant, code, operations, slots, slot count, pointers, first, last, width)`` works out words
    ``first`` to ``last``, ``width`` at a time; ``rows(variant, operation, what is given)`` what rows come to. Addresses are integers; both give 0, or what went wrong."""

    library: ctypes.CDLL
    run: Any
    rows: Any
    variant: int

    @property
    def name(self) -> str:
        """The instruction set."""
        return VARIANTS[self.variant]


def library_name() -> str:
    """The name of the library here."""
    return {"win32": "kernel.dll", "darwin": "kernel.dylib"}.get(sys.platform, "kernel.so")


_loaded: dict[Path, Kernel | Unusable] = {}


def load(path: Path | None = None) -> Kernel:
    """The machine, tested (once). ``path``: of another library than the one beside this file. Raises `Unusable`."""
    path = path or Path(__file__).parent / library_name()
    if path not in _loaded:
        try:
            _loaded[path] = _opened(path)
        except Unusable as reason:
            _loaded[path] = reason
    found = _loaded[path]
    if isinstance(found, Unusable):
        raise found
    return found


def _opened(path: Path) -> Kernel:
    if sys.byteorder != "little":
        raise Unusable("只支持小端序的处理器")
    if not path.exists():
        raise Unusable(f"没有 {path.name}：安装时没有编译")
    try:
        library = ctypes.CDLL(str(path))
    except OSError as fault:
        raise Unusable(f"{path.name} 装载不了：{fault}") from fault
    integer, pointer = ctypes.c_int64, ctypes.c_void_p
    try:
        form, variant = library.policyrules_kernel_format, library.policyrules_kernel_variant
        run, rows = library.policyrules_kernel_run, library.policyrules_kernel_rows
    except AttributeError as fault:
        raise Unusable(f"{path.name} 里缺函数：{fault}") from fault
    for function, arguments in (
        (form, ()),
        (variant, ()),
        (run, (integer, pointer, integer, pointer, integer, pointer, integer, integer, integer)),
        (rows, (integer, integer, pointer)),
    ):
        function.restype, function.argtypes = integer, arguments
    if form() != FORMAT:
        raise Unusable(f"指令表的版本不同：{path.name} 是 {form()}，要 {FORMAT}")
    kernel = Kernel(library, run, rows, variant())
    wrong = selftest.failure(run, rows, kernel.variant)
    if wrong:
        raise Unusable(f"自检不符（{kernel.name}）：{wrong}")
    return kernel


__all__ = ["FORMAT", "VARIANTS", "Kernel", "Unusable", "load"]
