"""Is what the province adds really absent from the national document?

Why this exists: ``docs/差异.md`` is derived from rules, so a sentence that the national rules left out would show as an
addition of the province. Each declaration that only the province makes is therefore held against the national *text*,
beside a committed table, ``additions.yaml``.

Invariants:

* each added 规则, 义务, 禁令 and 提示 stands in one entry of the table, and the table names no other;
* an entry says with which words the text of the province goes beyond the nation (``国家没有``: they stand in its quotes
  and nowhere in the national text), or which words of the nation say the same (``国家也有``: they stand in the national
  text, and the national rules quote them or explain their sentence) together with what is added all the same (``不同``);
* whatever four or more characters the quotes share with the national text, the entry accounts for: they lie in its
  ``国家也有``, in ``同字`` (the same characters about something else) or among ``常用语`` of the whole table.

Without the texts, which are not part of the project, only what does not need them is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from policyrules.analysis.differences import Difference, Differences
from policyrules.analysis.sentence_coverage import SourceCoverage
from policyrules.program.quotes import normalise, normalise_located

TABLE = Path(__file__).with_name("additions.yaml")
SHORTEST = 4
"""How many characters in common are no accident."""

_KINDS = ("规则", "补充规则", "义务", "禁令", "提示")
_KEYS = ("声明", "国家没有", "国家也有", "不同", "同字")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: the declarations it is about, and how the nation stands to them."""

    names: tuple[str, ...]
    absent: tuple[str, ...]
    national: tuple[str, ...]
    added: str
    shared: tuple[str, ...]

    @property
    def shown(self) -> str:
        """What the entry is called in messages."""
        return "、".join(self.names) or "（没有写声明）"


@dataclass(frozen=True, slots=True)
class Table:
    """The whole table; ``common``: words that both documents are full of."""

    entries: tuple[Entry, ...]
    common: tuple[str, ...]
    problems: tuple[str, ...]


def read_table(text: str) -> Table:
    """The table, in its order, with what is wrong with its form.

    >>> table = read_table("常用语: [帮扶产业]\\n新增: [{声明: [路径甲], 国家没有: [技术支撑]}]")
    >>> table.entries[0].absent, table.common
    (('技术支撑',), ('帮扶产业',))
    """
    data: Mapping[str, Any] = yaml.safe_load(text)
    entries: list[Entry] = []
    problems: list[str] = []
    for raw in data["新增"]:
        entry = Entry(
            tuple(raw.get("声明") or ()),
            tuple(raw.get("国家没有") or ()),
            tuple(raw.get("国家也有") or ()),
            raw.get("不同") or "",
            tuple(raw.get("同字") or ()),
        )
        entries.append(entry)
        problems.extend(f"{entry.shown}：不认识“{key}”，可写：{'、'.join(_KEYS)}" for key in raw if key not in _KEYS)
        if not entry.absent and not entry.national:
            problems.append(f"{entry.shown}：要么写国家没有哪些话，要么写国家也有哪句话")
        if bool(entry.national) != bool(entry.added):
            problems.append(f"{entry.shown}：国家也有的，写明江西的不同；写了不同的，写明国家的原话")
    return Table(tuple(entries), tuple(data.get("常用语") or ()), tuple(problems))


def additions(found: Differences) -> tuple[Difference, ...]:
    """What only the lower layer declares and what leads to a result by itself."""
    return tuple(entry for entry in found.differences if entry.base is None and entry.kind in _KINDS)


def check(table: Table, found: Differences, national: SourceCoverage | None) -> list[str]:
    """What is wrong with the table, in words. ``national``: the coverage of the national text, where it is at hand."""
    added = {entry.name: entry for entry in additions(found)}
    problems = list(table.problems)
    named = [name for entry in table.entries for name in entry.names]
    problems.extend(f"{name}：只有江西有，additions.yaml 里没有写" for name in added if name not in named)
    problems.extend(f"{name}：写了不止一次" for name in dict.fromkeys(named) if named.count(name) > 1)
    problems.extend(f"{name}：不是江西新增的声明，从 additions.yaml 里去掉" for name in named if name not in added)
    for entry in table.entries:
        quotes = [
            normalise(citation.quote) for name in entry.names if name in added for citation in added[name].citations
        ]
        for words in entry.absent:
            if not any(normalise(words) in quote for quote in quotes):
                problems.append(f"{entry.shown}：“{words}”不在它的引文里")
        if national is not None:
            problems.extend(f"{entry.shown}：{problem}" for problem in _against(entry, quotes, table, national))
    return problems


def _against(entry: Entry, quotes: Sequence[str], table: Table, national: SourceCoverage) -> Iterator[str]:
    """What is wrong with one entry, held against the national text."""
    text = normalise(national.source.text)
    for words in entry.absent:
        if normalise(words) in text:
            yield f"国家的文件里有“{words}”"
    for words in entry.national:
        if normalise(words) not in text:
            yield f"国家的文件里没有“{words}”"
        elif not _stands(normalise(words), national):
            yield f"国家的文件里有“{words}”，国家的规则却没有引到，也没有写理由"
    phrases = tuple(dict.fromkeys(phrase for quote in quotes for phrase in shared_phrases(quote, text)))
    for phrase in phrases:
        if any(phrase in normalise(words) for words in entry.national):
            continue
        left = _without(phrase, (*table.common, *entry.shared))
        if any(len(run) >= SHORTEST for run in left):
            yield f"“{phrase}”国家的文件里也有，没有说明"
    for words in entry.shared:
        if not any(normalise(words) in phrase for phrase in phrases):
            yield f"“{words}”不是与国家的文件相同的话，不必写"


def _stands(words: str, national: SourceCoverage) -> bool:
    """Whether the national rules quote part of ``words``, or their sentence says why it decides nothing."""
    text = normalise_located(national.source.text)
    start = text.text.find(words)
    begun, ended = text.original(start, start + len(words))
    rows = [row for row in national.sentences if row.unit.start < ended and begun < row.unit.end]
    return any(
        row.status in ("explained", "structure") or any(mark.start < ended and begun < mark.end for mark in row.marks)
        for row in rows
    )


def shared_phrases(quote: str, text: str) -> Iterator[str]:
    """The longest pieces of ``quote``, without marks, that stand in ``text``; none is part of another.

    >>> list(shared_phrases("推行合格证，统筹用好公益性岗位吸纳群众", "统筹用好现有公益性岗位，吸纳更多群众就业"))
    ['统筹用好', '公益性岗位']
    """
    for run in re.findall(r"[^\W_]+", quote):
        reached = 0
        for start in range(len(run)):
            end = start
            while end < len(run) and run[start : end + 1] in text:
                end += 1
            if end - start >= SHORTEST and end > reached:
                yield run[start:end]
                reached = end


def _without(phrase: str, words: Iterable[str]) -> list[str]:
    """The pieces of ``phrase`` between any of ``words``, longest first."""
    for one in sorted(map(normalise, words), key=len, reverse=True):
        phrase = phrase.replace(one, "\n")
    return phrase.split("\n")
