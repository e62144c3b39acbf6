"""From the words of a command line to an exit code.

Why this exists: whatever goes wrong, a person reads one Chinese sentence and a script reads a code.

Exit codes: 0 fine; 1 the check itself found something (diagnostics, failed scenarios, uncovered clauses, a file to be
reformatted, rules that differ); 2 the command was used wrongly or a file cannot be opened; 3 results were written, but some rows of the
ledger could not be read; 130 interrupted (143 and 129 where the system or the end of its terminal ended it, see `policyrules.__main__`).

Invariants: results go to standard output, everything else to standard error; no fault of a user ends in a trace.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Final

from policyrules import LANGUAGE_VERSION, __version__
from policyrules.cli.arguments import Option, command_help, parameters, program_help, read
from policyrules.cli.shared import (
    FINE,
    FOUND,
    MISUSED,
    NothingRead,
    UsageError,
    UserError,
    meant,
    print_json,
    show_diagnostics,
)
from policyrules.diagnostics import PolicyError, RecordError
from policyrules.interrupts import INTERRUPTED, SAID
from policyrules.patience import LONG, Overrun
from policyrules.report.layout import Piece
from policyrules.report.terminal import Screen, abandon_output, prepare_streams
from policyrules.writing import error_text

# The module a command stands in, as the function of its name, is imported when the command is called: `check` does not
# wait for what `evaluate` needs.
# For who keeps ledgers first, then for who writes rules, in the order of the work, then scenarios, then other systems.
COMMANDS: Final = {
    "evaluate": ("ledgers", "评估台账：每个项目的分类、措施、入库意见、义务和禁令。-o 可写 .xlsx、.csv、.json。"),
    "explain": (
        "ledgers",
        "说明一个项目（写编号或名称）：结果、理由、条款原文、缺什么、找谁，以及上层单独会得出什么。",
    ),
    "compare": (
        "comparison",
        "比较两套规则在同一份台账上的结果：变了什么、变了谁、与哪些条文有关。-o 可写 .xlsx、.json。",
    ),
    "impact": (
        "impact",
        "一个变动影响什么：谁、多少钱、由哪一条引起。-o 可写 .html（网页）、.xlsx、.json。",
    ),
    "diff": (
        "differences",
        "两套规则（两层、两天、同一层的两个版本）条文上有什么不同：原文字、现文字、依据；不用台账。退出码 1 表示有不同。",
    ),
    "template": ("ledgers", "写一份空白台账：每个对象一个工作表，表头和可选值都已填好。"),
    "new-layer": ("scaffold", "新建一层：写好 layer.yaml、clauses.yaml 和带注释示例的规则文件，读入即通过。"),
    "new-trial": ("scaffold", "新建一个试验：改动某一层的规定而不改它的文件，只用来推算、比较。"),
    "list": ("inventory", "列出各层声明的字段、取值、规则、参数等等，本层在前；--find 找词。"),
    "check": ("layers", "检查规则：语法、名称、类型、单位、条款、层级权限，一次报全。"),
    "fmt": ("layers", "整理规则文件的写法：空格、标点、换行统一，意思不变。"),
    "export-table": ("tables", "把一张决策表写成 .xlsx 或 .csv，在表格软件里改。"),
    "import-table": ("tables", "把改好的表格读回决策表：先核对，-w 才写回规则文件。"),
    "lock": ("layers", "认可上层规则现在的内容：把本层修订所依据的上层规定记入 layer.lock。"),
    "coverage": ("coverage", "核对条款：每一条（每一句）要么有规则引用，要么说明了为什么不产出结论。"),
    "test": ("scenarios", "核对情形文件：记录、评估日、参数和预期的结果。"),
    "mutate": (
        "scenarios",
        "把规则逐处改动（≥ 改为 >，去掉一个条件），看有没有情形发现；没有发现的，给一个可抄的情形。",
    ),
    "schema": ("layers", "输出一条记录的 JSON Schema，供别的系统对接。"),
}
_HELP = ("-h", "--help")
_VERSION = ("--version", "-V")


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
        if "--json" in arguments:
            print_json({"problems": [problem.to_dict() for problem in error.problems]})
        else:
            screen.fail("记录读不出来：", *map(str, error.problems), sentences=True)
        return FOUND
    except NothingRead as error:
        if "--json" in arguments:
            print_json(error.data)
        else:
            screen.fail(*error.lines, sentences=True)
        return MISUSED
    except UserError as error:
        if "--json" in arguments and not isinstance(error, UsageError):
            print_json({"error": "\n".join(error.lines)})
        screen.fail(*error.lines)
        return MISUSED
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nobody is left to tell.
        abandon_output()
        return FINE
    except OSError as error:
        if error.filename is None:
            abandon_output()
            # What is shown is no file that was left as it was, and those of -o may have been written before.
            screen.fail(f"写不出来或读不出来：{error_text(error).partition('，')[0]}")
            return MISUSED
        screen.fail(f"{error.filename}：{error_text(error)}")
        return MISUSED
    except Overrun as error:
        if "--json" in arguments:
            print_json({"error": str(error)})
        screen.fail(*error.args)
        return MISUSED
    except KeyboardInterrupt:
        screen.fail(SAID)
        return INTERRUPTED
    except Exception as error:
        from policyrules.records.workbook import MissingExcel, TooWide

        if isinstance(error, MissingExcel | TooWide):
            screen.fail(str(error))
            return MISUSED
        if os.environ.get("POLICYRULES_TRACEBACK"):
            raise
        screen.fail(
            f"程序内部出错：{type(error).__name__} {error}",
            "请设环境变量 POLICYRULES_TRACEBACK=1 再运行一次，把全部输出发给维护者",
        )
        return 70


def _run(arguments: list[str], screen: Screen) -> int:
    name, *words = arguments or ["--help"]
    if name in _HELP:
        screen.show(program_help([(command, about) for command, (_, about) in COMMANDS.items()], screen.width))
        return FINE if arguments else MISUSED
    if name in _VERSION:
        python = ".".join(map(str, sys.version_info[:3]))
        screen.show([(Piece(f"policyrules {__version__}（规则语言第 {LANGUAGE_VERSION} 版；Python {python}）"),)])
        return FINE
    if name not in COMMANDS:
        what = "选项" if name.startswith("-") else "命令"
        raise UsageError(
            f"用法不对：没有“{name}”这个{what}{meant(name, (*COMMANDS, *_VERSION))}", "看说明：policyrules --help"
        )
    module, about = COMMANDS[name]
    command = getattr(importlib.import_module(f"policyrules.cli.{module}"), name.replace("-", "_"))
    takes = parameters(command)
    if not any(isinstance(one.form, Option) and LONG in one.form.flags for one in takes):
        # It is the watch alone that hears of it.
        words = [word for word in words if word != LONG]
    if any(word in _HELP for word in words):
        screen.show(command_help(name, about, takes, screen.width))
        return FINE
    try:
        values = read(takes, words)
    except UserError as error:
        raise UsageError(
            f"用法不对：{error.lines[0]}", *error.lines[1:], f"看说明：policyrules {name} --help"
        ) from None
    code: int = command(**values)
    return code
