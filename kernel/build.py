"""Builds the library, here or for another platform.

Why this exists: a wheel needs a C compiler once, where it is built. ``python build.py`` puts the library beside the package;
``python build.py x86_64-windows-gnu`` builds for a target of Zig's; with ``--wheel`` a wheel for it comes to ``dist``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "policyrules_kernel" / "kernel.c"
TARGET = "POLICYRULES_KERNEL_TARGET"
"""The variable that names a target to the hook of a build."""

# Of a target of Zig's the name of the library and the tag of the wheel.
TARGETS = {
    "x86_64-linux-gnu.2.17": ("kernel.so", "manylinux_2_17_x86_64.manylinux2014_x86_64"),
    "aarch64-linux-gnu.2.17": ("kernel.so", "manylinux_2_17_aarch64.manylinux2014_aarch64"),
    "x86_64-linux-musl": ("kernel.so", "musllinux_1_1_x86_64"),
    "aarch64-linux-musl": ("kernel.so", "musllinux_1_1_aarch64"),
    "x86_64-windows-gnu": ("kernel.dll", "win_amd64"),
    "aarch64-windows-gnu": ("kernel.dll", "win_arm64"),
    "x86_64-macos.11.0": ("kernel.dylib", "macosx_11_0_x86_64"),
    "aarch64-macos.11.0": ("kernel.dylib", "macosx_11_0_arm64"),
}


class NoCompiler(LookupError):
    """There is neither a C compiler nor Zig."""


def compiler(target: str | None = None) -> list[str]:
    """The command that compiles; for another ``target`` Zig's. Raises `NoCompiler`."""
    if target is None:
        for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
            found = shutil.which(name) if name else None
            if found:
                return [found]
    if find_spec("ziglang") is not None:
        return [sys.executable, "-m", "ziglang", "cc", *([] if target is None else ["-target", target])]
    raise NoCompiler("没有 C 编译器（cc、gcc、clang），也没有 ziglang（pip install ziglang）")


def library(target: str | None = None) -> str:
    """The name of the library."""
    if target is not None:
        return TARGETS[target][0]
    return {"win32": "kernel.dll", "darwin": "kernel.dylib"}.get(sys.platform, "kernel.so")


def tag(target: str | None = None) -> str:
    """The tag of the wheel."""
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_") if target is None else TARGETS[target][1]
    return f"py3-none-{platform}"


def build(folder: Path, target: str | None = None) -> Path:
    """Compile into ``folder``. Raises `NoCompiler`, `subprocess.CalledProcessError`."""
    made = folder / library(target)
    flags = ["-O3", "-std=gnu11", "-fwrapv", "-fno-strict-aliasing", "-fvisibility=hidden", "-shared"]
    if not made.name.endswith(".dll"):
        flags.append("-fPIC")
    command = compiler(target)
    if "ziglang" in command:
        flags.append("-s")
    subprocess.run([*command, *flags, "-o", str(made), str(SOURCE)], check=True)
    # Windows gets libraries for linking as well.
    for beside in ("kernel.pdb", "kernel.lib"):
        (folder / beside).unlink(missing_ok=True)
    return made


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="?", choices=sorted(TARGETS))
    parser.add_argument("--wheel", action="store_true")
    given = parser.parse_args()
    if not given.wheel:
        print(build(SOURCE.parent, given.target))
        return
    environment = os.environ if given.target is None else {**os.environ, TARGET: given.target}
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=HERE, env=environment, check=True)


if __name__ == "__main__":
    main()
