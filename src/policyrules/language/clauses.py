"""Clauses as the grammar reads them, before a declaration claims them.

Why this exists: clauses come in any order, and a clause that is missing, repeated or out of place deserves a message
of its own. So the grammar reads a list of clauses, and `declare` makes a declaration of it.

Invariants: ``keyword`` is the word people wrote (``：`` is ``type``, a bare ``{ … }`` is ``values``); citations and
notes are clauses too, and are the nodes of the surface tree as they stand.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TypeAlias

from policyrules.language.nodes import (
    Bounds,
    Citation,
    Expr,
    Literal_,
    Name,
    Note,
    Rank,
    Ref,
    SetLiteral,
    Text,
    TypeExpr,
)
from policyrules.source import Span


@dataclass(frozen=True, slots=True)
class WordClause:
    """A keyword alone (停用, 重申, 未定), or with names: 属于, 标识, 对, 由, 分组, 授权."""

    keyword: str
    names: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class DayClause:
    """自 … 起, 至 … 止."""

    keyword: str
    date: datetime.date
    span: Span


@dataclass(frozen=True, slots=True)
class TypeClause:
    """``：类型``."""

    keyword: str
    type: TypeExpr
    span: Span


@dataclass(frozen=True, slots=True)
class BoundsClause:
    """取值."""

    keyword: str
    bounds: Bounds
    span: Span


@dataclass(frozen=True, slots=True)
class ValueClause:
    """``= v``, 缺省, 为, 默认 with a value; 即 and a bare ``{ … }`` with a set."""

    keyword: str
    value: Literal_ | SetLiteral
    span: Span


@dataclass(frozen=True, slots=True)
class RankClause:
    """先后."""

    keyword: str
    rank: Rank
    span: Span


@dataclass(frozen=True, slots=True)
class MeasureClause:
    """计数, 占比, 合计, 种数 of a 统计."""

    keyword: str
    object: Name
    field: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class SameClause:
    """相同."""

    keyword: str
    refs: tuple[Ref, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ConditionClause:
    """A keyword and an expression: 当, 除外, 应当, 即, 其中, 期限, 还须, 适用 …"""

    keyword: str
    body: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class ThenClause:
    """则."""

    keyword: str
    tone: str | None
    target: Name
    verb: str
    values: tuple[Literal_, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class SayClause:
    """说."""

    keyword: str
    message: Text
    span: Span


Clause: TypeAlias = (
    WordClause
    | DayClause
    | TypeClause
    | BoundsClause
    | ValueClause
    | RankClause
    | MeasureClause
    | SameClause
    | ConditionClause
    | ThenClause
    | SayClause
    | Citation
    | Note
)


@dataclass(frozen=True, slots=True)
class Written:
    """One declaration as the grammar read it."""

    keyword: str
    keyword_span: Span
    name: Name
    key: Name | None
    clauses: tuple[Clause, ...]
    span: Span


def clause_keyword(clause: Clause) -> str:
    """The word a clause is known by."""
    match clause:
        case Citation():
            return "依据"
        case Note():
            return clause.kind
        case _:
            return clause.keyword
