"""Taking apart what stands in a YAML file: the questions that every file format asks of its nodes.

Why this exists: a manifest, a scenario and a list of excuses all expect lists here, groups of known keys there, and say
where something else stands. They ask in one way and answer with one code each, in their own words.

Invariant: nothing raises; what does not fit is reported at its place and read as nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

from policyrules.diagnostics import Report, shown_text
from policyrules.program.strict_yaml import YamlEntry, YamlMapping, YamlNode, YamlScalar, YamlSequence
from policyrules.source import Span
from policyrules.spelling import nearest


@dataclass(slots=True)
class Reader(Report):
    """``code``: of what is reported."""

    code: str

    def report(self, message: str, span: Span, remedy: str | None = None, code: str = "") -> None:
        """Remember one finding."""
        self.error(code or self.code, message, span, remedy)

    def group(self, node: YamlNode, message: str, remedy: str | None = None, code: str = "") -> TypeGuard[YamlMapping]:
        """Whether ``node`` is a group of ``name: value``."""
        if not isinstance(node, YamlMapping):
            self.report(message, node.span, remedy, code)
        return isinstance(node, YamlMapping)

    def entries(self, node: YamlNode, message: str, remedy: str | None = None) -> tuple[YamlEntry, ...]:
        """The ``name: value`` of a group."""
        return node.entries if self.group(node, message, remedy) else ()

    def items(self, node: YamlNode, message: str, remedy: str | None = None) -> tuple[YamlNode, ...] | None:
        """The items of a list; None where it is none."""
        if isinstance(node, YamlSequence):
            return node.items
        self.report(message, node.span, remedy)
        return None

    def keys(self, node: YamlMapping, known: Sequence[str], code: str = "") -> bool:
        """Whether a group has the ``known`` names only; the others are reported."""
        strange = [entry for entry in node.entries if entry.key not in known]
        for entry in strange:
            near = nearest(entry.key, known)
            remedy = f"是不是“{near[0]}”？" if near else f"可写：{'、'.join(known)}"
            self.report(f"不认识“{shown_text(entry.key)}”", entry.key_span, remedy, code)
        return not strange


def is_blank(node: YamlNode | None) -> bool:
    """True where nothing is written: no key, or no value."""
    return node is None or (isinstance(node, YamlScalar) and node.value is None)


def listed(node: YamlNode) -> tuple[YamlNode, ...]:
    """The items of a list, or the one value that stands for a list of one."""
    return node.items if isinstance(node, YamlSequence) else (node,)
