"""Commands about a stack of layers itself, and its rule files: ``check``, ``schema``, ``lock``, ``fmt``."""

from __future__ import annotations

import datetime
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

from policyrules.cli.arguments import AsOf, Json, Layer, Operand, Option, Sets
from policyrules.cli.outputs import Force, Output, check_outputs, check_suffix
from policyrules.cli.shared import FINE, FOUND, UserError, json_text, parameters_of, print_json, show_diagnostics
from policyrules.diagnostics import Diagnostic, PolicyError
from policyrules.language import nodes as surface
from policyrules.language.formatting import formatted
from policyrules.language.keywords import DECLARATIONS
from policyrules.policy import Policy, load, try_load
from policyrules.program.files import no_layer, read_text
from policyrules.program.folders import LOCK_NAME, leaves
from policyrules.program.lock import write_locks
from policyrules.program.nodes import Trial
from policyrules.report.layout import Line, Piece
from policyrules.report.terminal import Screen, write_data
from policyrules.writing import json_bytes, write_file


def load_policy(folder: Path, as_of: datetime.date | None, sets: list[str] | None, screen: Screen) -> Policy:
    """The policy; warnings go to standard error in one line, errors raise `PolicyError`."""
    policy = load(folder, as_of=as_of, parameters=parameters_of(sets))
    if policy.warnings:
        screen.say(f"读入规则时有 {len(policy.warnings)} 条警告，见 policyrules check {folder}", style="doubt")
    return policy


def refuse_trial(policy: Policy) -> None:
    """Raises `PolicyError` for a trial: what is put in force, or vouched for, rests on no trial."""
    trial = policy.stack.trial if policy.trial is not None else None
    if trial is not None:
        raise PolicyError([no_layer(trial.files.manifest_source, trial.files.shown)])


def check(
    folders: Annotated[list[Path], Operand("层", "一个或几个层的文件夹", many=True)],
    as_of: AsOf = None,
    sets: Sets = None,
    strict: Annotated[bool, Option(("--strict",), "有警告也算不通过")] = False,
    as_json: Json = False,
) -> int:
    """Load each stack and say everything that is wrong with it."""
    screen = Screen()
    code = FINE
    reports: list[dict[str, object]] = []
    for folder in folders:
        policy, diagnostics = try_load(folder, as_of=as_of, parameters=parameters_of(sets))
        errors = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
        warnings = sum(diagnostic.severity == "warning" for diagnostic in diagnostics)
        bad = errors > 0 or policy is None or (strict and warnings > 0)
        code = FOUND if bad else code
        counts = _counts(policy) if policy is not None else {}
        own = _own_counts(policy) if policy is not None and policy.trial is None else {}
        notes = list(policy.notes) if policy is not None else []
        version = policy.layers[-1].manifest.language if policy is not None else None
        listed = [diagnostic.to_dict() for diagnostic in diagnostics]
        reports.append(
            {
                "folder": folder.as_posix(),
                "ok": not bad,
                "counts": counts,
                "own": own,
                "language": version,
                "notes": notes,
                **({} if policy is None or policy.trial is None else {"trial": _trial_dict(policy.trial)}),
                "diagnostics": listed,
            }
        )
        if as_json:
            continue
        show_diagnostics(diagnostics, screen, results=True)
        said = _listed(counts)
        if policy is not None and policy.trial is not None:
            said += f"；试验，改动 {len(policy.trial.edits)} 处"
        elif policy is not None and len(policy.layers) > 1:
            rules = {word: number for word, number in own.items() if word not in _NAMING}
            said += f"；其中本层 {_listed(rules)}" if rules else "；本层没有规则、修订或设定"
        said += f"；规则语言第 {version} 版" if version is not None else ""
        tail = (f"，警告 {warnings} 条" if warnings else "") + (f"（{said}）" if said else "")
        head = Piece("不通过" if bad else "通过", "bad" if bad else "good")
        screen.show([(head, Piece(f" {folder}" + (f"：错误 {errors} 条" if errors else "") + tail))])
        if policy is not None:
            screen.show(_edit_lines(policy))
            screen.show([(Piece(f"  {note}", "doubt"),) for note in notes if note not in _messages(diagnostics)])
    if as_json:
        print_json({"ok": code == FINE, "layers": reports})
    return code


_MAY: Final = {"有": "该层有权", "无": "该层无权", "不适用": "上面没有层"}


def _edit_lines(policy: Policy) -> list[Line]:
    """What a trial changes, with its words before and after."""
    lines: list[Line] = []
    for edit in () if policy.trial is None else policy.trial.edits:
        style = "bad" if edit.authority == "无" else "quiet"
        lines.append((Piece(f"  {edit.act} {edit.kind} {edit.name}　"), Piece(_MAY[edit.authority], style)))
        lines += [(Piece(f"    {side}：{words}"),) for side, words in (("原", edit.old), ("现", edit.new)) if words]
    return lines


def _trial_dict(trial: Trial) -> dict[str, object]:
    edits = [
        {
            "act": edit.act,
            "kind": edit.kind,
            "name": edit.name,
            "old": edit.old,
            "new": edit.new,
            "authority": edit.authority,
            "note": edit.note,
            "place": edit.span.place,
        }
        for edit in trial.edits
    ]
    return {"id": trial.id, "title": trial.title, "layer": trial.layer, "edits": edits, "parameters": list(trial.named)}


def _counts(policy: Policy) -> dict[str, int]:
    program = policy.program
    prohibitions = sum(duty.prohibition for duty in program.duties.values())
    return {
        "层": len(policy.layers),
        "决定": len(program.decisions),
        "规则": len(program.rules),
        "义务": len(program.duties) - prohibitions,
        "禁令": prohibitions,
        "提示": len(program.notices),
        "参数": len(program.parameters),
        "条款": sum(len(layer.clauses.clauses) for layer in policy.layers),
    }


def _own_counts(policy: Policy) -> dict[str, int]:
    """What the lowest layer itself declares, by the word each declaration begins with."""
    files = policy.stack.layers[-1].parsed
    words = Counter(node.written.keyword.text for file in files for node in file.declarations)
    words.update(field.written.keyword.text for file in files for node in file.declarations for field in _fields(node))
    return {word: words[word] for word in DECLARATIONS if words[word] and word != "对象"}


_NAMING = ("字段", "研判", "清单", "术语", "统计", "读法")
"""What gives names and rules nothing."""


def _fields(node: surface.Declaration) -> tuple[surface.FieldDecl, ...]:
    return node.fields if isinstance(node, surface.ObjectDecl) else ()


def _listed(counts: dict[str, int]) -> str:
    return "、".join(f"{name} {number}" for name, number in counts.items() if number)


def _messages(diagnostics: Iterable[Diagnostic]) -> set[str]:
    return {diagnostic.message for diagnostic in diagnostics}


def schema(folder: Layer, output: Output = None, force: Force = False, as_of: AsOf = None) -> int:
    """The JSON Schema of a record."""
    screen = Screen()
    if output is not None:
        check_suffix("-o", output, (".json",))
        check_outputs([output], [], force)
    data = load_policy(folder, as_of, None, screen).json_schema()
    if output is None:
        print_json(data)
    else:
        write_file(output, json_bytes(json_text(data)))
        screen.say(f"已写到 {output}", style="good")
    return FINE


def lock(folder: Layer, as_of: AsOf = None, as_json: Json = False) -> int:
    """Write down what the amendments of a layer were written against."""
    screen = Screen(quiet=as_json)
    policy = load(folder, as_of=as_of)
    refuse_trial(policy)
    write_locks(policy.layers[-1:], policy.pins)
    written = os.path.lexists(folder / LOCK_NAME)
    if written:
        screen.say(f"已写入 {folder / LOCK_NAME}", style="good")
    else:
        screen.say("本层没有修订或重申上层的规定，没有要锁定的，没有写文件")
    if as_json:
        print_json({"written": [(folder / LOCK_NAME).as_posix()] if written else []})
    return FINE


def fmt(
    paths: Annotated[list[Path], Operand("文件或层", "规则文件，或其中有规则文件的文件夹", many=True)],
    write: Annotated[bool, Option(("-w", "--write"), "写回文件；不写就只显示")] = False,
    check_only: Annotated[bool, Option(("--check",), "只看哪些文件还没有整理")] = False,
    as_json: Json = False,
) -> int:
    """Show rule files in canonical form, write them, or say which are not in it."""
    screen = Screen(quiet=as_json)
    code = FINE
    changed: list[str] = []
    found: list[Diagnostic] = []
    for path, inside in _rule_files(paths):
        if inside is not None and leaves(inside, path):
            message = "这个链接指到了文件夹之外，不读也不写"
            found.append(Diagnostic("E384", message, path=path.as_posix(), remedy="把文件本身放进文件夹"))
            code = FOUND
            continue
        source, diagnostics = read_text(path, path.as_posix())
        text, problems = formatted(source) if source is not None else (None, ())
        found.extend([*diagnostics, *problems])
        if source is None or text is None:
            code = FOUND
            continue
        if text != source.text:
            changed.append(path.as_posix())
        if write and text != source.text:
            write_file(path, text.encode())
            screen.say(f"已整理 {path}", style="good")
        elif check_only and text != source.text:
            screen.say(f"还没有整理：{path}", style="doubt")
        elif not write and not check_only and not as_json:
            write_data(text)
    if as_json:
        print_json({"changed": changed, "diagnostics": [diagnostic.to_dict() for diagnostic in found]})
    else:
        show_diagnostics(tuple(found), screen)
    return FOUND if check_only and changed else code


def _rule_files(paths: Iterable[Path]) -> list[tuple[Path, Path | None]]:
    """The rule files among ``paths``, each with the folder it was found in, None where it was named itself. In a stable
    order, each once."""
    found: dict[Path, Path | None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob("*.rules"), key=lambda p: p.as_posix())
            if not inside:
                readable = os.access(path, os.R_OK | os.X_OK)
                raise UserError(f"{path} {'里没有规则文件（.rules）' if readable else '没有权限读'}")
            for one in inside:
                found.setdefault(one, path)
        else:
            found[path] = None
    return list(found.items())
