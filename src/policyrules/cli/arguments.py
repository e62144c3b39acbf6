"""What a command takes, how a command line is read, and the pages of help: in Chinese from the start.

Why this exists: an official who mistypes an option must not meet an English sentence. `argparse` tells options from
other words and knows every way of writing an option; what is missing, unknown or too much is found and said here.

Invariants: a value that was not given is not passed on, so that defaults stand in one place, the command's own
signature; a slip is a `UserError`; no line of help is wider than the screen.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from policyrules.cli.shared import UserError
from policyrules.report.layout import Line, Piece, wrap
from policyrules.source import display_width
from policyrules.spelling import nearest

_WIDEST_NAME: Final = 26


@dataclass(frozen=True, slots=True)
class Operand:
    """A word without an option before it. ``name``: the parameter of the command's function; ``shown``: what people
    call it; ``many``: all words that are left, as a list."""

    name: str
    shown: str
    help: str
    read: Callable[[str], object] = Path
    optional: bool = False
    many: bool = False

    @property
    def usage(self) -> str:
        """How it stands in the first line of help."""
        shown = self.shown + ("..." if self.many else "")
        return f"[{shown}]" if self.optional else shown


@dataclass(frozen=True, slots=True)
class Option:
    """``value``: what people call what follows it, None for a switch; ``many``: may be written several times and gives
    a list; ``read``: turns the text into a value, and raises `ValueError` with what it should be."""

    name: str
    flags: tuple[str, ...]
    help: str
    value: str | None = None
    read: Callable[[str], object] = str
    needed: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """``module`` holds the function, which is called as the command is (``-`` becomes ``_``)."""

    name: str
    module: str
    help: str
    operands: tuple[Operand, ...]
    options: tuple[Option, ...]


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """Reads a whole number within limits.

    >>> whole(0, 100)("95")
    95
    """

    def read(text: str) -> int:
        if re.fullmatch(r"-?[0-9]{1,9}", text) and low <= int(text) and (high is None or int(text) <= high):
            return int(text)
        raise ValueError(f"{low} 至 {high} 的整数" if high is not None else f"{low} 以上的整数")

    return read


# ---- reading --------------------------------------------------------------------------------------------------------


def read(command: Command, words: Sequence[str]) -> dict[str, object]:
    """The values that ``words`` give, by parameter. Raises `UserError` for a slip.

    >>> to = Command("check", "", "", (Operand("folder", "层", "", str),), (Option("as_of", ("--as-of",), "", "日期"),))
    >>> read(to, ["policies/jiangxi", "--as-of=2025-09-15"])
    {'as_of': '2025-09-15', 'folder': 'policies/jiangxi'}
    >>> read(to, ["policies/jiangxi", "--asof", "2025-09-15"])
    Traceback (most recent call last):
    policyrules.cli.shared.UserError: 没有“--asof”这个选项，是不是 --as-of？
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    by_flag = {flag: option for option in command.options for flag in option.flags}
    for option in command.options:
        if option.value is None:
            parser.add_argument(*option.flags, dest=option.name, action="store_true")
        else:
            parser.add_argument(*option.flags, dest=option.name, action="append")
    # After `--` everything is a word.
    end = words.index("--") if "--" in words else len(words)
    try:
        given, others = parser.parse_known_args(words[:end])
    except argparse.ArgumentError as error:
        flag = str(error.argument_name).rpartition("/")[2]
        wrong = "后面要有一个值" if by_flag[flag].value is not None else "后面不带值"
        raise UserError(f"选项“{flag}”{wrong}") from None
    for word in others:
        if word.startswith("-") and word != "-":
            flag = word.partition("=")[0]
            near = "、".join(nearest(flag, by_flag))
            raise UserError(f"没有“{flag}”这个选项" + (f"，是不是 {near}？" if near else ""))
    values: dict[str, object] = {}
    for option in command.options:
        written = getattr(given, option.name)
        if option.needed and not written:
            raise UserError(f"缺少选项 {'、'.join(option.flags)}")
        if option.value is None:
            values |= {option.name: True} if written else {}
        elif written:
            read_ = [_value(option, text) for text in written]
            values[option.name] = read_ if option.many else read_[-1]
    return values | _operands(command.operands, [*others, *words[end + 1 :]])


def _value(option: Option, text: str) -> object:
    try:
        return option.read(text)
    except ValueError as error:
        raise UserError(f"选项 {option.flags[-1]} 的“{text}”应是 {error}") from None


def _operands(operands: Iterable[Operand], words: list[str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for operand in operands:
        taken = words if operand.many else words[:1]
        words = words[len(taken) :]
        if not taken and not operand.optional:
            raise UserError(f"缺少参数“{operand.shown}”")
        if taken:
            read_ = [operand.read(word) for word in taken]
            values[operand.name] = read_ if operand.many else read_[0]
    if words:
        raise UserError(f"多出来的参数：{' '.join(words)}")
    return values


# ---- help -----------------------------------------------------------------------------------------------------------


def command_help(command: Command, width: int) -> list[Line]:
    """The page of one command."""
    usage = " ".join(["用法：policyrules", command.name, "[选项]", *(operand.usage for operand in command.operands)])
    rows = [(operand.usage, operand.help) for operand in command.operands]
    options = [
        (", ".join(option.flags) + (f" {option.value}" if option.value else ""), option.help)
        for option in command.options
    ]
    page = [(Piece(usage),), (), *wrap(command.help, width, lead="  ")]
    page += _columns("参数：", rows, width) if rows else []
    return page + _columns("选项：", [*options, ("-h, --help", "显示这份说明")], width)


def program_help(commands: Iterable[Command], width: int) -> list[Line]:
    """The first page: what there is."""
    about = "用中文写的政策规则：检查、评估台账、说明理由、比较层级、核对情形。"
    codes = "退出码：0 正常；1 检查出问题；2 用法不对或文件打不开；3 结果已写出，但台账有读不出的行。"
    return [
        (Piece("用法：policyrules 命令 [选项] [参数]..."),),
        (),
        *wrap(about, width, lead="  "),
        *_columns("命令：", [(command.name, command.help) for command in commands], width),
        (),
        *wrap("看一个命令的用法：policyrules 命令 --help", width, lead="  "),
        *wrap(codes, width, lead="  "),
    ]


def _columns(title: str, rows: Sequence[tuple[str, str]], width: int) -> list[Line]:
    column = min(max(display_width(name) for name, _ in rows), _WIDEST_NAME)
    lines: list[Line] = [(), (Piece(title),)]
    for name, said in rows:
        lead = f"  {name}{' ' * (max(0, column - display_width(name)) + 2)}"
        lines += wrap(said, width, lead=lead, rest=" " * (column + 4))
    return lines
