"""Commands about decision tables: ``export-table`` and ``import-table``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from policyrules.cli.arguments import AsOf, Json, Layer, Operand, Option
from policyrules.cli.outputs import Force, check_outputs, check_suffix
from policyrules.cli.shared import FINE, FOUND, UserError, meant, print_json, show_diagnostics
from policyrules.diagnostics import Diagnostic
from policyrules.policy import policy_of
from policyrules.program.layers import Layer as ReadLayer
from policyrules.program.stack import Stack
from policyrules.records.table_sheets import (
    SUFFIXES,
    WrittenTable,
    edited,
    in_sheet,
    read_sheet,
    tables_of,
    write_sheet,
    written_table,
)
from policyrules.report.terminal import Screen, write_data
from policyrules.writing import write_file

TableName = Annotated[str, Operand("表名", "决策表的名称，如 补助档次", str)]


def export_table(
    folder: Layer,
    name: TableName,
    output: Annotated[Path, Option(("-o", "--output"), "写到文件（.xlsx 或 .csv）", "文件", Path)],
    force: Force = False,
) -> int:
    """Write a decision table of a layer to a workbook, one row a row."""
    check_suffix("-o", output, SUFFIXES)
    layer, table = _find(folder, name)
    check_outputs([output], [_path(layer, table)], force)
    write_sheet(output, table)
    Screen().say(f"已写到 {output}", style="good")
    return FINE


def import_table(
    folder: Layer,
    name: TableName,
    workbook: Annotated[Path, Operand("表格", "改好的 .xlsx 或 .csv")],
    write: Annotated[bool, Option(("-w", "--write"), "写回规则文件；不写就只显示")] = False,
    as_of: AsOf = None,
    as_json: Json = False,
) -> int:
    """Put the rows of a workbook into the decision table of a layer, once the layer still loads with them."""
    screen = Screen(quiet=as_json)
    if workbook.suffix.lower() not in SUFFIXES:
        raise UserError(f"“{workbook.name}”要以 {' 或 '.join(SUFFIXES)} 结尾")
    layer, table = _find(folder, name)
    sheet, notes = read_sheet(workbook, name)
    for note in notes:
        screen.say(note)
    if isinstance(sheet, Diagnostic):
        show_diagnostics((sheet,), screen)
        return FOUND
    result = edited(table, sheet)
    found = list(result.found)
    if result.text is not None:
        stack = Stack.read(folder).with_text(table.file.source.path, result.text)
        known = {(one.code, one.message) for one in policy_of(Stack.read(folder), as_of=as_of)[1]}
        checked = policy_of(stack, as_of=as_of)[1]
        path, lines = table.file.source.path, result.lines
        found += [in_sheet(one, sheet, path, lines) for one in checked if (one.code, one.message) not in known]
    sound = result.text is not None and all(one.severity != "error" for one in found)
    written = sound and write
    if written:
        assert result.text is not None
        write_file(_path(layer, table), result.text.encode())
    if as_json:
        print_json(
            {
                "written": [_path(layer, table).as_posix()] if written else [],
                "diagnostics": [d.to_dict() for d in found],
            }
        )
        return FINE if sound else FOUND
    show_diagnostics(tuple(found), screen)
    if not sound:
        return FOUND
    if written:
        screen.say(f"已写入 {_path(layer, table)}", style="good")
    else:
        write_data(result.declaration)
    return FINE


def _find(folder: Path, name: str) -> tuple[ReadLayer, WrittenTable]:
    """The table in the layer of ``folder``, as its rule files stand."""
    stack = Stack.read(folder)
    if not stack.layers or stack.layers[-1].files.folder != folder:
        raise UserError(f"{folder} 不是一层规则，先运行 policyrules check {folder}")
    layer = stack.layers[-1]
    for file in layer.parsed:
        table = written_table(file, name)
        if table is not None:
            return layer, table
    names = [one for _, one in tables_of(layer.parsed)]
    listed = (
        f"本层的决策表：{'、'.join(names)}"
        if names
        else f"本层没有决策表；有错误的读不出来，先运行 policyrules check {folder}"
    )
    raise UserError(f"{folder} 里没有名为“{name}”的决策表{meant(name, names)}", listed)


def _path(layer: ReadLayer, table: WrittenTable) -> Path:
    """The rule file of a table."""
    shown = layer.files.shown
    name = table.file.source.path
    return layer.files.folder / (name if shown == "." else name.removeprefix(f"{shown.rstrip('/')}/"))
