"""Taking apart what stands in a YAML file: the questions that every file format asks of its nodes.

Why this exists: a manifest, a scenario and a list of excuses all expect lists here, groups of known keys there, and say
where something else stands. They ask in one way and answer with one code each, in their own words.

Invariant: nothing raises; what does not fit is reported at its place and read as nothing.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeGuard

from policyrules.diagnostics import Report, shown_text
from policyrules.language import spoken
from policyrules.program.strict_yaml import (
    NARROW_COLON,
    YamlEntry,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
)
from policyrules.source import Span, fold_characters
from policyrules.spelling import nearest

_QUOTES: Final = "“”‘’"


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
            wide = isinstance(node, YamlScalar) and not node.quoted and "：" in str(node.value)
            if (
                isinstance(node, YamlSequence)
                and node.items
                and all(isinstance(one, YamlMapping) for one in node.items)
            ):
                listed = "不是列表，每行开头的“- ”、外面的方括号删去"
                remedy = f"{remedy}；{listed}" if remedy else listed
            self.report(message, node.span, NARROW_COLON if wide else remedy, code)
        return isinstance(node, YamlMapping)

    def named(self, entry: YamlEntry, code: str = "") -> bool:
        """Whether the name of an entry may be that of something declared; reported where its marks are those of a text."""
        name = shown_text(entry.key)
        if "：" in entry.key:
            self.report(f"“{name}”里的冒号是全角的，连后面的字一起成了名称", entry.key_span, NARROW_COLON, code)
        elif entry.key.strip(_QUOTES) != entry.key:
            remedy = f'去掉引号，或用半角的："{name.strip(_QUOTES)}"'
            self.report(f"“{name}”的引号是中文的，成了名称的一部分", entry.key_span, remedy, code)
        else:
            return True
        return False

    def entries(self, node: YamlNode, message: str, remedy: str | None = None) -> tuple[YamlEntry, ...]:
        """The ``name: value`` of a group."""
        return node.entries if self.group(node, message, remedy) else ()

    def items(self, node: YamlNode, message: str, remedy: str | None = None) -> tuple[YamlNode, ...] | None:
        """The items of a list; None where it is none."""
        if isinstance(node, YamlSequence):
            return node.items
        self.report(message, node.span, remedy)
        return None

    def keys(
        self, node: YamlMapping, known: Sequence[str], code: str = "", called: Mapping[str, str] | None = None
    ) -> bool:
        """Whether a group has the ``known`` names only; the others are reported. ``called``: what people call some of them."""
        strange = [entry for entry in node.entries if entry.key not in known]
        for entry in strange:
            if not self.named(entry, code):
                continue
            meant = key_meant(entry.key, known, called)
            remedy = f"是不是“{meant}”？" if meant else f"可写：{'、'.join(known)}"
            self.report(f"不认识“{shown_text(entry.key)}”", entry.key_span, remedy, code)
        return not strange


def key_meant(word: str, known: Sequence[str], called: Mapping[str, str] | None = None) -> str:
    """The key that a wrong ``word`` probably stands for; '' where none is like it."""
    meant = (called or {}).get(word, "")
    return meant if meant in known else next(iter(nearest(word, known)), "")


def is_blank(node: YamlNode | None) -> bool:
    """True where nothing is written: no key, or no value."""
    return node is None or (isinstance(node, YamlScalar) and node.value is None)


def listed(node: YamlNode) -> tuple[YamlNode, ...]:
    """The items of a list, or the one value that stands for a list of one."""
    return node.items if isinstance(node, YamlSequence) else (node,)


def day_in(text: str) -> datetime.date | None:
    """The day that ``text`` names in another spelling than 2021-03-26; None where it names none, or not for sure.

    >>> str(day_in("2021年3月26日")), str(day_in("2021/3/26")), day_in("2021年2月30日"), day_in("二〇二一年")
    ('2021-03-26', '2021-03-26', None, None)
    >>> str(day_in("20210326")), str(day_in("“２０２１-３-２６”")), str(day_in("二〇二一年三月二十六日"))
    ('2021-03-26', '2021-03-26', '2021-03-26')
    """
    plain = re.sub(r"[Tt ]0{1,2}:00(?::00)?$", "", fold_characters(text).strip("\"'[]{}“”‘’ "))
    found = re.fullmatch(
        r"([0-9]{4})[年./÷-]([0-9]{1,2})[月./÷-]([0-9]{1,2})[日号]?|([0-9]{4})([0-9]{2})([0-9]{2})", plain
    )
    if found is None:
        shown = spoken.value(plain) or ""
        found = re.fullmatch("([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日()", shown)
    try:
        return None if found is None else datetime.date(*(int(part) for part in found.groups() if part))
    except ValueError:
        return None
