"""The command ``fmt``: which files it is asked to format; the formatting itself is the language's."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from policyrules.cli.shared import FINE, FOUND, print_json, show_diagnostics
from policyrules.diagnostics import Diagnostic
from policyrules.language.formatting import formatted
from policyrules.program.files import read_text
from policyrules.report.terminal import Screen


def fmt(paths: list[Path], write: bool = False, check_only: bool = False, as_json: bool = False) -> int:
    """Show rule files in canonical form, write them, or say which are not in it."""
    screen = Screen(quiet=as_json)
    code = FINE
    changed: list[str] = []
    found: list[Diagnostic] = []
    for path in _rule_files(paths):
        source, diagnostics = read_text(path, path.as_posix())
        text, problems = formatted(source) if source is not None else (None, ())
        found.extend([*diagnostics, *problems])
        if source is None or text is None:
            code = FOUND
            continue
        if text != source.text:
            changed.append(path.as_posix())
        if write and text != source.text:
            path.write_text(text, encoding="utf-8")
            screen.say(f"已整理 {path}", "good")
        elif check_only and text != source.text:
            screen.say(f"还没有整理：{path}", "doubt")
        elif not write and not check_only and not as_json:
            sys.stdout.write(text)
    if as_json:
        print_json({"changed": changed, "diagnostics": [diagnostic.to_dict() for diagnostic in found]})
    else:
        show_diagnostics(tuple(found), screen)
    return FOUND if check_only and changed else code


def _rule_files(paths: Iterable[Path]) -> list[Path]:
    """The rule files among ``paths``; folders are searched for them. In a stable order, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.rglob("*.rules"), key=lambda p: p.as_posix()) if path.is_dir() else [path]
        found.update(dict.fromkeys(inside))
    return list(found)
