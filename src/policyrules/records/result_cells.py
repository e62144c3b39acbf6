"""Cells of the tables of results: texts that no spreadsheet takes for formulas, none longer than a cell may be.

Why this exists: results go back to people who keep ledgers in workbooks. What a cell holds is the same in a workbook, in CSV
and in whatever table a report writes.

Invariants: no text starts like a formula, and none is longer than `LONGEST`; an amount is a number only where a cell holds it
exactly.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, TypeAlias

from policyrules.program.nodes import Citation
from policyrules.records.export import exact_cell, near_cell
from policyrules.results import DecisionResult
from policyrules.text import cut, cut_clauses

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

LONGEST: Final = 200
"""How many characters a cell of a table may have, for people to read it in its column."""
_LONGEST_QUOTE: Final = 90
MOST_KEPT: Final = 20_000
"""Of so many texts what they come to is kept."""

Cell: TypeAlias = str | int | Decimal | datetime.date | None
Cells: TypeAlias = tuple[Cell, ...]
Documents: TypeAlias = Mapping[str, str]
"""What the document of each layer is called, by the layer's id."""
NO_NAMES: Final[Documents] = {}


def escape_formula(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula: an apostrophe before = + - @, tab and line ends, and before
    their full-width forms, which spreadsheets fold.

    >>> escape_formula("=HYPERLINK(1)"), escape_formula("盘活")
    ("'=HYPERLINK(1)", '盘活')
    """
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def safe(cells: Iterable[Cell]) -> Cells:
    """Cells with their texts as a table may hold them."""
    return tuple([_safe_text(cell) if isinstance(cell, str) else cell for cell in cells])


@lru_cache(maxsize=MOST_KEPT)
def _safe_text(text: str) -> str:
    # Most texts of a ledger's results were there before.
    return escape_formula(cut(text, LONGEST))


class Cite:
    """Citations in the words of a table; a ledger cites few different ones, so what each comes to is kept."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        # Most results have the very citations of others: to compare those would take longer than all the rest.
        self._kept: dict[int, tuple[tuple[Citation, ...], str | None, str | None]] = {}

    def places(self, citations: tuple[Citation, ...]) -> str | None:
        """Documents and places, each once: 农规发〔2024〕26号【六（十八）·资产管护】."""
        return self._of(citations)[1]

    def quote(self, citations: tuple[Citation, ...]) -> str | None:
        """The words of the first that is quoted, in short."""
        return self._of(citations)[2]

    def _of(self, citations: tuple[Citation, ...]) -> tuple[tuple[Citation, ...], str | None, str | None]:
        kept = self._kept.get(id(citations))
        if kept is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            named = listed(f"{self._documents.get(c.layer, c.layer)}【{c.place}】" for c in citations)
            quote = next((c.quote for c in citations if c.quote), None)
            short = None if quote is None else cut_clauses("".join(quote.split()), _LONGEST_QUOTE)
            kept = self._kept[id(citations)] = citations, named, short
        return kept


def listed(words: Iterable[str], mark: str = "、") -> str | None:
    """The ``words``, each once, as many as a cell may hold, then how many there are; None where there are none.

    >>> listed(["甲", "乙", "甲"]), listed([])
    ('甲、乙', None)
    """
    names = list(dict.fromkeys(words))
    text = mark.join(names)
    if len(text) <= LONGEST:
        return text or None
    end = f" 等 {len(names)} 项"
    # All together are longer than that: one of them is the first that has no room.
    shown, length = 1, len(names[0]) + len(end)
    while (length := length + len(mark) + len(names[shown])) <= LONGEST:
        shown += 1
    return cut(mark.join(names[:shown]), LONGEST - len(end)) + end


def in_short(result: DecisionResult) -> str:
    """The result in a cell: of many values how many, since 逐项结果 has a row for each."""
    if not result.many or result.status in ("none", "not_applicable"):
        return result.text
    sure = len(result.certain)
    maybe = sum(1 for candidate in result.candidates if candidate not in result.certain)
    parts = ([f"{sure} 项确定"] if sure else []) + ([f"{maybe} 项可能"] if maybe else [])
    return "，".join(parts) or "没有"


def number_cell(result: DecisionResult) -> Cell:
    """An amount as a cell: a number in the unit of the head, percent for a ratio, as near as a cell holds it (`exactly` says
    where that is not the very number); None where it is not determined."""
    value = result.value
    if result.status != "determined" or isinstance(value, (str, frozenset)):
        return None
    if isinstance(value, (int, Fraction)):
        number = value * 100 if result.kind == "比例" else value
        return near_cell(number)
    return value


def exactly(result: DecisionResult) -> str | None:
    """What an amount is where its cell holds a number near it."""
    value = result.value
    if result.status != "determined" or not isinstance(value, Fraction):
        return None
    number = value * 100 if result.kind == "比例" else value
    return f"准确数：{result.text}" if exact_cell(number) is None else None
