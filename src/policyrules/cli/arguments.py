"""What a command takes, how a command line is read, and the pages of help: in Chinese from the start.

Why this exists: an official who mistypes an option must not meet an English sentence. `argparse` tells options from
other words and knows every way of writing an option; what is missing, unknown or too much is found and said here.

Invariants: a value that was not given is not passed on, so that defaults stand in one place, the command's own
signature; a slip is a `UserError`; no line of help is wider than the screen.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import inspect
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, TypeAlias, get_type_hints

from policyrules.cli.shared import UserError, date_of, meant
from policyrules.patience import LONG
from policyrules.report.layout import Line, Piece, wrap
from policyrules.source import display_width

_WIDEST_NAME: Final = 26


@dataclass(frozen=True, slots=True)
class Operand:
    """A word without an option before it. ``shown``: what people call it; ``many``: all words that are left, as a list;
    ``folder``: it names a folder, so that a file in its place tells that it was forgotten."""

    shown: str
    help: str
    read: Callable[[str], object] = Path
    many: bool = False
    folder: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """``value``: what people call what follows it, '' for a switch; ``many``: may be written several times and gives a
    list; ``read``: turns the text into a value, and raises `ValueError` with what it should be."""

    flags: tuple[str, ...]
    help: str
    value: str = ""
    read: Callable[[str], object] = str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a command's function, and how people write it."""

    name: str
    needed: bool
    form: Operand | Option


def parameters(function: Callable[..., int]) -> tuple[Parameter, ...]:
    """What a command takes: its function's parameters, each annotated with an `Operand` or an `Option`."""
    hints = get_type_hints(function, include_extras=True)
    given = inspect.signature(function).parameters.values()
    return tuple(Parameter(one.name, one.default is one.empty, hints[one.name].__metadata__[0]) for one in given)


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


Layer: TypeAlias = Annotated[Path, Operand("层", "层的文件夹，如 policies/jiangxi；上面的层会一并读入")]
AsOf: TypeAlias = Annotated[
    datetime.date | None, Option(("--as-of",), "评估日，如 2025-09-15；不写就用今天", "日期", date_of)
]
Sets: TypeAlias = Annotated[
    list[str] | None, Option(("--set",), "给参数定值，可写多次，如 --set 反向约束数量=5", "参数=值", many=True)
]
OldSets: TypeAlias = Annotated[
    list[str] | None, Option(("--set-old",), "只给原来的一边定参数，可写多次", "参数=值", many=True)
]
NewSets: TypeAlias = Annotated[
    list[str] | None, Option(("--set-new",), "只给现在的一边定参数，可写多次", "参数=值", many=True)
]
Json: TypeAlias = Annotated[bool, Option(("--json",), "输出 JSON，键名稳定")]


# ---- reading --------------------------------------------------------------------------------------------------------


def read(takes: Sequence[Parameter], words: Sequence[str]) -> dict[str, object]:
    """The values that ``words`` give, by parameter. Raises `UserError` for a slip.

    >>> takes = [Parameter("folder", True, Operand("层", "", str)), Parameter("as_of", False, Option(("--as-of",), "", "日期"))]
    >>> read(takes, ["policies/jiangxi", "--as-of=2025-09-15"])
    {'folder': 'policies/jiangxi', 'as_of': '2025-09-15'}
    >>> read(takes, ["policies/jiangxi", "--asof", "2025-09-15"])
    Traceback (most recent call last):
    policyrules.cli.shared.UserError: 没有“--asof”这个选项，是不是 --as-of？
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    by_flag: dict[str, Option] = {}
    for one in takes:
        if isinstance(one.form, Option):
            parser.add_argument(*one.form.flags, dest=one.name, action="append" if one.form.value else "store_true")
            by_flag |= dict.fromkeys(one.form.flags, one.form)
    for word in words:
        try:
            os.fsencode(word)
        except UnicodeEncodeError:
            raise UserError("参数里有系统不能表示的字符") from None
        if "\x00" in word:
            raise UserError("参数里有空字符")
    # After `--` everything is a word.
    end = words.index("--") if "--" in words else len(words)
    try:
        given, others = parser.parse_known_args(words[:end])
    except argparse.ArgumentError as error:
        flag = str(error.argument_name).rpartition("/")[2]
        raise UserError(f"选项“{flag}”{'后面要有一个值' if by_flag[flag].value else '后面不带值'}") from None
    for word in others:
        if word.startswith("-") and word != "-":
            flag = word.partition("=")[0]
            raise UserError(f"没有“{flag}”这个选项{meant(flag, by_flag)}")
    operands = [*others, *words[end + 1 :]]
    values: dict[str, object] = {}
    for one in takes:
        match one.form:
            case Option(flags=flags, value=""):
                taken: list[object] = [True] if getattr(given, one.name) else []
            case Option(flags=flags):
                taken = [_value(one.form, text) for text in getattr(given, one.name) or ()]
                if one.needed and not taken:
                    raise UserError(f"缺少选项 {'、'.join(flags)}")
            case Operand():
                count = len(operands) if one.form.many else 1
                taken, operands = [_read(one.form.read, word) for word in operands[:count]], operands[count:]
                if one.needed and not taken:
                    raise UserError(_lacking(one.form, takes, values))
        if taken:
            values[one.name] = taken if one.form.many else taken[-1]
    if operands:
        raise UserError(f"多出来的参数：{' '.join(operands)}")
    return values


def _lacking(last: Operand, takes: Sequence[Parameter], values: dict[str, object]) -> str:
    """Which word was forgotten: where a file stands in the place of a folder, the folder, else the last."""
    whole = f"应有：{' '.join(_operands(takes))}"
    for one in takes:
        given = values.get(one.name)
        if isinstance(one.form, Operand) and one.form.folder and isinstance(given, Path) and given.is_file():
            return f"缺少参数“{one.form.shown}”：在它的位置上写的“{given}”是文件；{whole}"
    return f"缺少参数“{last.shown}”；{whole}"


def _value(option: Option, text: str) -> object:
    try:
        return _read(option.read, text)
    except ValueError as error:
        raise UserError(f"选项 {option.flags[-1]} 的“{text}”应是 {error}") from None


def _read(read: Callable[[str], object], text: str) -> object:
    """What ``text`` stands for. In a locale that knows ASCII only, words come as bytes: names of files stay what they
    are, everything else is UTF-8."""
    if read is not Path:
        with contextlib.suppress(UnicodeError):
            text = text.encode("utf-8", "surrogateescape").decode()
    return read(text)


def _operands(takes: Sequence[Parameter]) -> list[str]:
    """The words without an option before them, as the line of usage shows them."""
    shown = [(one, one.form.shown + ("..." if one.form.many else "")) for one in takes if isinstance(one.form, Operand)]
    return [name if one.needed else f"[{name}]" for one, name in shown]


# ---- help -----------------------------------------------------------------------------------------------------------


def command_help(name: str, about: str, takes: Sequence[Parameter], width: int) -> list[Line]:
    """The page of one command."""
    operands: list[tuple[str, str]] = []
    options: list[tuple[str, str]] = []
    for one in takes:
        if isinstance(one.form, Option):
            options.append((f"{', '.join(one.form.flags)} {one.form.value}".rstrip(), one.form.help))
        else:
            shown = one.form.shown + ("..." if one.form.many else "")
            operands.append((shown if one.needed else f"[{shown}]", one.form.help))
    waits = (
        []
        if any(name == LONG for name, _ in options)
        else [(LONG, "要等再久也算完；不写时，不到 5 MB 的文件算了 30 秒还没有算完就停下")]
    )
    usage = " ".join(["用法：policyrules", name, "[选项]", *_operands(takes)])
    return [
        (Piece(usage),),
        (),
        *wrap(about, width, lead="  "),
        *_columns("参数：", operands, width),
        *_columns("选项：", [*options, *waits, ("-h, --help", "显示这份说明")], width),
    ]


def program_help(commands: Sequence[tuple[str, str]], width: int) -> list[Line]:
    """The first page: what there is."""
    about = "用中文写的政策规则：检查、评估台账、说明理由、比较层级、核对情形。"
    codes = "退出码：0 正常；1 检查出问题或有不同；2 用法不对或文件打不开；3 结果已写出，但台账有读不出的行。"
    return [
        (Piece("用法：policyrules 命令 [选项] [参数]..."),),
        (),
        *wrap(about, width, lead="  "),
        *_columns("命令：", commands, width),
        (),
        *wrap("看一个命令的用法：policyrules 命令 --help；看版本：policyrules --version", width, lead="  "),
        *wrap(codes, width, lead="  "),
    ]


def _columns(title: str, rows: Sequence[tuple[str, str]], width: int) -> list[Line]:
    column = min(max(display_width(name) for name, _ in rows), _WIDEST_NAME)
    lines: list[Line] = [(), (Piece(title),)]
    for name, said in rows:
        lead = f"  {name}{' ' * (max(0, column - display_width(name)) + 2)}"
        lines += wrap(said, width, lead=lead, rest=" " * (column + 4))
    return lines
