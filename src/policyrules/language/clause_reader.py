"""The clauses of one declaration, handed out by keyword.

Why this exists: the grammar takes clauses in any order. Whoever makes a declaration of them asks for each by its keyword, and
says what is wrong at its place.

Invariant: the grammar lets only one kind of body follow each keyword in a family of declarations, so that what is cast here
cannot be anything else.
"""

from __future__ import annotations

from typing import Literal, cast

from policyrules.diagnostics import Report
from policyrules.language import nodes as surface
from policyrules.language.expressions import Expr, Name, SetLiteral
from policyrules.language.keywords import LIMITS
from policyrules.source import Span


class ClauseReader(Report):
    """The clauses of one declaration, and what is wrong with them."""

    def __init__(self, written: surface.Written) -> None:
        super().__init__()
        self.written = written
        self.keyword = written.keyword.text

    @property
    def header(self) -> Span:
        """The keyword and the name."""
        return self.written.keyword.span.to(self.written.name.span)

    def each(self, *keywords: str) -> list[surface.Clause]:
        """The clauses with one of the keywords, in source order."""
        return [clause for clause in self.written.clauses if clause.keyword.text in keywords]

    def first(self, *keywords: str) -> surface.Clause | None:
        found = self.each(*keywords)
        return found[0] if found else None

    def names(self, keyword: str) -> tuple[Name, ...]:
        clause = self.first(keyword)
        return () if clause is None else cast("tuple[Name, ...]", clause.body)

    def name(self, keyword: str) -> Name | None:
        return next(iter(self.names(keyword)), None)

    def condition(self, keyword: str) -> Expr | None:
        return next(iter(self.conditions(keyword)), None)

    def conditions(self, keyword: str) -> tuple[Expr, ...]:
        return tuple(cast(Expr, clause.body) for clause in self.each(keyword))

    def type(self) -> surface.TypeExpr:
        return cast(surface.TypeExpr, self.each("type")[0].body)

    def bounds(self) -> surface.Bounds | None:
        clause = self.first("取值")
        return None if clause is None else cast(surface.Bounds, clause.body)

    def ranks(self) -> tuple[surface.Rank, ...]:
        return tuple(cast(surface.Rank, clause.body) for clause in self.each("先后"))

    def limits(self) -> tuple[surface.Limit, ...]:
        return tuple(
            surface.Limit(cast(Literal["不超过", "不少于"], clause.keyword.text), cast(Expr, clause.body), clause.span)
            for clause in self.each(*LIMITS)
        )

    def items(self, keyword: str) -> SetLiteral:
        return cast(SetLiteral, self.each(keyword)[0].body)
