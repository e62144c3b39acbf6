"""``layer.yaml`` of a 试验: what it is called, which stack it stands on, and which layer of that it varies.

Why this exists: a trial is no document: it has no number, no level and no date in force, and must never be taken for one.

Invariant: what `is_trial` says of a manifest decides how a folder is read, everywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from policyrules.diagnostics import Diagnostic, Report
from policyrules.program import strict_yaml
from policyrules.program.keys import in_english
from policyrules.program.strict_yaml import YamlMapping, YamlNode
from policyrules.program.yaml_records import Id, Line, mapping_in, read_record
from policyrules.source import Source, Span

TRIAL: Final = "试验"
_WORDS: Final = (TRIAL, "trial")
_SAID = re.compile(r"^[ ]*[\"']?(?:kind|类别)[\"']?[ ]*[:：]", re.MULTILINE)


def _kind(whose: str, node: YamlNode, report: Report) -> object:
    if strict_yaml.plain(node) not in _WORDS:
        report.error("E424", f"{whose}只能写 {TRIAL}", node.span, "写成 试验；现行文件的层没有这一行，删去它")
    return TRIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialManifest:
    """The ``layer.yaml`` of a trial. ``extends``: the folder of the stack it stands on; ``varies``: the layer of that which it varies,
    by its id or by what it is called, None: the lowest."""

    kind: Annotated[str, _kind]
    id: Id
    title: Line
    extends: Line
    varies: Line | None = None
    note: Line | None = None


def is_trial(source: Source) -> bool:
    """Whether ``source``, a ``layer.yaml``, says that its folder is a trial (or of what other kind it is, which no layer does).

    >>> is_trial(Source("layer.yaml", "编号: SY\\n类别: 试验\\n")), is_trial(Source("layer.yaml", "id: CN\\n"))
    (True, False)
    """
    if _SAID.search(source.text) is None:
        return False
    tree = _tree(source)
    return tree is not None and tree.get("kind") is not None


def _tree(source: Source) -> YamlMapping | None:
    tree, _ = strict_yaml.read(source)
    found = None if tree is None else in_english(tree, Report())
    return found if isinstance(found, YamlMapping) else None


def kind_span(source: Source) -> Span:
    """Where a manifest says that it is one of a trial."""
    return manifest_span(source, "kind")


def manifest_span(source: Source, key: str) -> Span:
    """The place of the value of ``key`` in a manifest; its beginning where it is not written."""
    tree = _tree(source)
    return Span(source, 0, 0) if tree is None else strict_yaml.span_at(tree, (key,))


def read_trial_manifest(source: Source) -> tuple[TrialManifest | None, tuple[Diagnostic, ...]]:
    """The manifest of a trial, or None, and everything that is wrong with it.

    >>> text = "kind: 试验\\nid: SY1\\ntitle: 升级类加户数\\nextends: ../jiangxi\\nvaries: JX\\n"
    >>> read_trial_manifest(Source("layer.yaml", text))[0].varies
    'JX'
    """
    report = Report()
    mapping, found = mapping_in(source, "layer.yaml 应逐行写“名称: 值”", report)
    manifest = None if mapping is None else read_record(TrialManifest, mapping, report)
    return manifest, (*found, *report.found)
