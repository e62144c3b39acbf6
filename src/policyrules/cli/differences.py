"""The command ``diff``: how two stacks of rules differ, without a ledger.

Invariant: the exit code says whether the rules say anything else (1) or not (0).
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Final

from policyrules.analysis.structure import structure
from policyrules.cli.arguments import AsOf, Json, NewSets, OldSets, Operand, Option
from policyrules.cli.bounds import check_rules
from policyrules.cli.outputs import Force, check_outputs, check_suffix
from policyrules.cli.reading import with_own
from policyrules.cli.shared import FINE, FOUND, date_of, json_text, print_json
from policyrules.policy import load
from policyrules.records.workbook import write_workbook
from policyrules.report.structure_text import structure_lines, structure_sheets
from policyrules.report.terminal import Screen
from policyrules.writing import json_bytes, write_file

SUFFIXES: Final = (".xlsx", ".json")


def diff(
    before: Annotated[Path, Operand("原来的层", "如 policies/national", folder=True)],
    after: Annotated[Path, Operand("现在的层", "如 policies/jiangxi；同一个文件夹配两个评估日也行", folder=True)],
    output: Annotated[
        Path | None, Option(("-o", "--output"), "写成工作簿（.xlsx）或 .json，不再显示在屏幕上", "文件", Path)
    ] = None,
    force: Force = False,
    as_of: AsOf = None,
    old_date: Annotated[
        datetime.date | None, Option(("--as-of-old",), "原来的一边看这一天的规则", "日期", date_of)
    ] = None,
    new_date: Annotated[
        datetime.date | None, Option(("--as-of-new",), "现在的一边看这一天的规则", "日期", date_of)
    ] = None,
    old_sets: OldSets = None,
    new_sets: NewSets = None,
    everything: Annotated[bool, Option(("--all",), "文字不截短，每个字段都说是什么")] = False,
    long: Annotated[bool, Option(("--long",), "规则再长也比；不写时，两套规则合起来太长、要等太久的，就不比")] = False,
    as_json: Json = False,
) -> int:
    """What two stacks, two dates, or two versions of a folder say otherwise."""
    screen = Screen(quiet=as_json)
    if output is not None:
        check_suffix("-o", output, SUFFIXES)
        check_outputs([output], [], force)
    if not long:
        check_rules([before, after])
    # Without a date both sides are of one day, also where the day changes meanwhile.
    today = as_of or datetime.date.today()
    old = with_own(load(before, as_of=old_date or today), old_sets, "--set-old")
    new = with_own(load(after, as_of=new_date or today), new_sets, "--set-new")
    found = structure(old, new)
    if output is not None:
        if output.suffix.lower() == ".json":
            write_file(output, json_bytes(json_text(found.to_dict())))
        else:
            write_workbook(output, structure_sheets(found))
        screen.say(f"条文上的不同 {len(found.changes)} 处，已写到 {output}", style="good")
    if as_json:
        print_json(found.to_dict())
    elif output is None:
        screen.show(structure_lines(found, width=screen.width, everything=everything))
    return FOUND if found.differs else FINE
