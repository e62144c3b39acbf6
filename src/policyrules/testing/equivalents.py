"""The list of changes that make no difference: 等价变异.yaml of a layer.

Why this exists: some changes of a rule cannot change a result (a condition that another one implies). People say so
once, with the reason, and mutation testing stops asking.

The file stands in the layer's folder or in its ``scenarios`` folder::

    等价变异:
      - 声明: 术语 占比达到
        变化: 同类型低效数 > 0 个 → 同类型低效数 ≥ 0 个
        理由: 一个都没有时占比为零，达不到任何占比

声明 and 变化 are as the report of mutation testing prints them.

Invariant: reading never raises; an entry without a reason is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.program import strict_yaml
from policyrules.program.files import LayerFiles, read_text
from policyrules.program.quotes import normalise
from policyrules.program.shapes import Reader
from policyrules.program.strict_yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence
from policyrules.source import Source, Span

FILE_NAME: Final = "等价变异.yaml"
_KEYS: Final = ("声明", "变化", "理由")


@dataclass(frozen=True, slots=True)
class Excuse:
    """One change that makes no difference, and why."""

    layer: str
    declaration: str
    change: str
    reason: str
    span: Span = field(compare=False, repr=False)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "layer": self.layer,
            "declaration": self.declaration,
            "change": self.change,
            "reason": self.reason,
            "file": self.span.source.path,
            "line": self.span.line,
        }


def read_excuses(layers: Iterable[LayerFiles]) -> tuple[dict[tuple[str, str, str], Excuse], tuple[Diagnostic, ...]]:
    """The excuses of every layer, by layer and `Mutant.identity`, and what is wrong with the lists."""
    excuses: dict[tuple[str, str, str], Excuse] = {}
    found: list[Diagnostic] = []
    for layer in layers:
        for path in (Path(layer.folder) / FILE_NAME, Path(layer.folder) / "scenarios" / FILE_NAME):
            if not path.is_file():
                continue
            shown = f"{layer.shown}/{path.relative_to(layer.folder).as_posix()}"
            source, problems = read_text(path, shown, layer.id)
            found.extend(problems)
            if source is not None:
                entries, problems = read_list(source)
                found.extend(problems)
                excuses.update(
                    ((layer.id, normalise(entry.declaration), normalise(entry.change)), entry) for entry in entries
                )
    return excuses, tuple(found)


def read_list(source: Source) -> tuple[tuple[Excuse, ...], tuple[Diagnostic, ...]]:
    """The entries of one list, and what is wrong with it."""
    tree, found = strict_yaml.read(source)
    if tree is None:
        return (), found
    reader = Reader("E670", found=list(found))
    written = tree.get("等价变异") if isinstance(tree, YamlMapping) else None
    items = written.items if isinstance(written, YamlSequence) else None
    if items is None:
        reader.report("没有“等价变异:”，或它不是列表", tree.span, "每项写 声明、变化、理由")
    read = [entry for node in items or () if (entry := _entry(node, source, reader)) is not None]
    return tuple(read), tuple(reader.found)


def _entry(node: YamlNode, source: Source, reader: Reader) -> Excuse | None:
    if not reader.group(node, "这一项应逐行写 声明、变化、理由"):
        return None
    reader.keys(node, _KEYS)
    texts: list[str] = []
    for key in _KEYS:
        value = node.get(key)
        if not isinstance(value, YamlScalar) or value.value in (None, ""):
            reader.report(f"这一项没有写“{key}”", (value or node).span, f"加一行“{key}: …”")
            return None
        texts.append(str(value.value).strip())
    declaration, change, reason = texts
    return Excuse(source.layer, declaration, change, reason, node.span)
