"""What a command may write to, asked before it begins its work.

Why this exists: a ledger took an official days to fill in. An output that is an input, or a file that holds something
else already, is refused before anything is read; long work must not end in "no such folder" either.

Invariants: every file that a command will write is looked at, also those beside the one that was named; an input is never
written over, whatever is said; what exists is written over for ``--force`` only.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, TypeAlias

from policyrules.cli.arguments import Option
from policyrules.cli.shared import UserError
from policyrules.writing import same_file

Output: TypeAlias = Annotated[Path | None, Option(("-o", "--output"), "写到文件（.json），不写就显示", "文件", Path)]
Force: TypeAlias = Annotated[bool, Option(("--force",), "要写的文件已经有了，也写；不写这一项就不覆盖")]


def check_suffix(option: str, output: Path, suffixes: Sequence[str]) -> None:
    """Raise `UserError` where ``output`` does not end as what is written there does."""
    *others, last = suffixes
    wanted = f"{'、'.join(others)} 或 {last}" if others else last
    if output.suffix.lower() not in suffixes:
        raise UserError(f"{option} 的“{output.name}”要以 {wanted} 结尾")
    real = Path(os.path.realpath(output))
    if real.suffix.lower() not in suffixes:
        raise UserError(f"{option} 的“{output.name}”是链接，指向“{real.name}”，不写")


def check_outputs(outputs: Iterable[Path], inputs: Iterable[Path], force: bool) -> None:
    """Raise `UserError` where one of ``outputs`` is, or lies in, one of ``inputs``, cannot be written, or exists while
    ``force`` is not given."""
    inputs = list(inputs)
    there: list[Path] = []
    for output in outputs:
        for read in inputs:
            _check_apart(output, read)
        if output.is_dir():
            raise UserError(f"{output} 是文件夹，不是文件")
        if not output.parent.is_dir():
            raise UserError(f"没有文件夹“{output.parent}”，先建好再写 {output.name}")
        try:
            mode = output.stat().st_mode
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(mode):
            raise UserError(f"{output} 是管道或设备，不是普通文件")
        there.append(output)
    if there and not force:
        names = "、".join(map(str, there))
        raise UserError(f"{names} 已经有了，没有写入；换一个名称，确要覆盖就加 --force")


def _check_apart(output: Path, read: Path) -> None:
    if same_file(output, read):
        raise UserError(f"{output} 就是要读的 {read}，写了会毁掉它；换一个名称")
    if read.is_dir():
        inside = os.path.realpath(output).startswith(os.path.join(os.path.realpath(read), ""))
        hard = output.exists() and any(os.path.samefile(output, one) for one in read.iterdir() if one.is_file())
        if inside or hard:
            raise UserError(f"{output} 在要读的文件夹 {read} 里，写了会混进台账；换一个地方")
