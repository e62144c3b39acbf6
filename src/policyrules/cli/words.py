"""The command line's own words in Chinese: help headings and usage errors of the command-line library.

Why this exists: an official who mistypes an option must not meet an English sentence. The library (Typer) writes its
messages in English; they are recognised by what they are, not by their exact wording where that can be avoided.

Invariant: an error that is not recognised is still shown, in its own words, under a Chinese heading.
"""

from __future__ import annotations

import re
from typing import Any, Final

from policyrules.source import display_width
from policyrules.spelling import nearest

_HELP: Final[tuple[tuple[str, str], ...]] = (
    ("Usage: ", "用法："),
    ("[OPTIONS]", "[选项]"),
    ("COMMAND [ARGS]...", "命令 [参数]..."),
    ("Arguments:", "参数："),
    ("Options:", "选项："),
    ("Commands:", "命令："),
    ("Show this message and exit.", "显示这份说明。"),
    ("\\[required]", "[必填]"),
    ("[required]", "[必填]"),
    ("; required]", "；必填]"),
    ("[default: ", "[缺省："),
    ("TEXT", "文字"),
    ("INTEGER", "整数"),
    ("(dynamic)", "（自动）"),
)


_COLUMN: Final = 20


def help_text(text: str) -> str:
    """A help page with its fixed words in Chinese, its columns aligned by the width of Chinese characters.

    >>> help_text("Usage: policyrules check [OPTIONS] {层}")
    '用法：policyrules check [选项] 层'
    """
    text = re.sub(r"\{([^{}\n]+)\}", r"\1", text).replace(" <path>", "")
    for english, chinese in _HELP:
        text = text.replace(english, chinese)
    lines = text.split("\n")
    for number, line in enumerate(lines):
        # Two columns, as the library pads them: by characters, which is too little for Chinese.
        found = re.match(r"  (\S.*?) {2,}(\S.*)$", line)
        if found:
            lines[number] = f"  {found[1]}{' ' * max(2, _COLUMN - display_width(found[1]))}{found[2]}"
        elif re.match(r" {12,}\S", line):
            lines[number] = " " * (_COLUMN + 2) + line.strip()
    return "\n".join(lines)


def usage_error(error: Any) -> str:
    """A usage error of the command-line library, in Chinese; ``error`` is any of its exceptions."""
    message = _message(error)
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "policyrules")
    return f"用法不对：{message}\n看说明：{path} --help"


def _message(error: Any) -> str:
    written = str(getattr(error, "message", "") or "")
    match type(error).__name__:
        case "NoSuchOption":
            near = "、".join(getattr(error, "possibilities", None) or ())
            return f"没有“{error.option_name}”这个选项" + (f"，是不是 {near}？" if near else "")
        case "MissingParameter":
            return f"缺少{_parameter(error)}"
        case "BadOptionUsage" if "does not take a value" in written:
            return f"选项“{error.option_name}”后面不带值"
        case "BadOptionUsage":
            return f"选项“{error.option_name}”后面要有一个值"
        case "BadParameter":
            return f"{_parameter(error)}不对：{written}"
        case _:
            group = getattr(getattr(error, "ctx", None), "command", None)
            return _usage_message(written, list(getattr(group, "commands", ())))


def _usage_message(written: str, commands: list[str]) -> str:
    found = re.match(r"No such command '(.+?)'", written)
    if found:
        near = "、".join(nearest(found.group(1), commands))
        return f"没有“{found.group(1)}”这个命令" + (f"，是不是 {near}？" if near else "")
    found = re.match(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", written)
    if found:
        return f"多出来的参数：{found.group(1)}"
    if written.startswith("Missing command"):
        return "没有写命令"
    return written or "参数不全或写错"


def _parameter(error: Any) -> str:
    hint = getattr(error, "param_hint", None)
    parameter = getattr(error, "param", None)
    if hint is None and parameter is not None:
        options = getattr(parameter, "opts", None) or ()
        named = getattr(parameter, "param_type_name", "") == "option"
        hint = "、".join(options) if named else getattr(parameter, "metavar", None) or parameter.name
        return f"选项 {hint}" if named else f"参数“{str(hint).strip('[]').removesuffix('...')}”"
    return f"参数 {hint}" if hint else "参数"
