"""From the words of a command line to an exit code.

Why this exists: whatever goes wrong, a person reads one Chinese sentence and a script reads a code.

Exit codes: 0 fine; 1 the check itself found something (diagnostics, failed scenarios, uncovered clauses, a file to be
reformatted); 2 the command was used wrongly or a file cannot be opened; 3 results were written, but some rows of the
ledger could not be read.

Invariants: results go to standard output, everything else to standard error; no fault of a user ends in a trace.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import cast

from policyrules.cli.arguments import command_help, program_help, read
from policyrules.cli.commands import COMMANDS
from policyrules.cli.shared import FINE, FOUND, MISUSED, UserError, print_json, show_diagnostics
from policyrules.diagnostics import PolicyError, RecordError
from policyrules.report.terminal import Screen, prepare_streams
from policyrules.spelling import nearest

_HELP = ("-h", "--help")


def run(arguments: list[str]) -> int:
    """Run the command line with ``arguments``; the exit code. Never raises for a user's fault."""
    prepare_streams()
    screen = Screen()
    try:
        return _run(arguments, screen)
    except PolicyError as error:
        if "--json" in arguments:
            print_json({"diagnostics": [diagnostic.to_dict() for diagnostic in error.diagnostics]})
        else:
            show_diagnostics(error.diagnostics, screen)
        return FOUND
    except RecordError as error:
        screen.fail(f"记录读不出来：{error}")
        return FOUND
    except UserError as error:
        screen.fail(str(error))
        return MISUSED
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except OSError as error:
        from policyrules.program.files import error_text

        screen.fail(f"{error.filename or ''}：{error_text(error)}".lstrip("："))
        return MISUSED
    except KeyboardInterrupt:
        screen.fail("已中断")
        return 130
    except Exception as error:
        from policyrules.records.workbook import MissingExcel

        if isinstance(error, MissingExcel):
            screen.fail(str(error))
            return MISUSED
        if os.environ.get("POLICYRULES_TRACEBACK"):
            raise
        screen.fail(
            f"程序内部出错：{type(error).__name__} {error}\n"
            "请设环境变量 POLICYRULES_TRACEBACK=1 再运行一次，把全部输出发给维护者"
        )
        return 70


def _run(arguments: list[str], screen: Screen) -> int:
    name, *words = arguments or ["--help"]
    if name in _HELP:
        screen.show(program_help(COMMANDS.values(), screen.width))
        return FINE if arguments else MISUSED
    command = COMMANDS.get(name)
    try:
        if command is None:
            what = "选项" if name.startswith("-") else "命令"
            near = "、".join(nearest(name, COMMANDS))
            raise UserError(f"没有“{name}”这个{what}" + (f"，是不是 {near}？" if near else ""))
        if any(word in _HELP for word in words):
            screen.show(command_help(command, screen.width))
            return FINE
        values = read(command, words)
    except UserError as error:
        path = "policyrules" if command is None else f"policyrules {name}"
        raise UserError(f"用法不对：{error}\n看说明：{path} --help") from None
    module = importlib.import_module(f"policyrules.cli.{command.module}")
    return cast(int, getattr(module, name.replace("-", "_"))(**values))
