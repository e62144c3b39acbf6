"""Where the grammar stopped, as people see it: the tokens of the declaration, and what would have fitted.

Why this exists: whoever explains a slip looks at the words around the place, never at the parser.

Invariants: tokens are those of the whole declaration, in order; no name of a grammar terminal is among what would have
fitted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from policyrules.diagnostics import Diagnostic, Label
from policyrules.language.keywords import CLAUSES
from policyrules.language.scan import BLOT
from policyrules.operators import INFIX
from policyrules.source import Source, Span

END = "END"

_TOKEN = re.compile(
    rf"(?P<quote>“{BLOT}*”)|(?P<place>【{BLOT}*】)|(?P<note>[释说]{BLOT}+)"
    r"|(?P<date>[0-9]{4} *年 *[0-9]{1,2} *月 *[0-9]{1,2} *日)|(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<word>[^\W\d]\w*)"
    r"|(?P<mark>[<>!]=|<>|==|\S)"
)
OPERATOR_WORDS = (
    "为",
    "不为",
    "属于",
    "不属于",
    "含",
    "不含",
    "含任一",
    "全部属于",
    "除去",
    "介于",
    "已填",
    "未填",
    *filter(str.isalpha, INFIX),
)
JOINERS = ("且", "或")
COMPARISON_SIGNS = tuple(sign for sign in INFIX if not sign.isalpha())
CLAUSE_WORDS = frozenset(word for each in CLAUSES.values() for word in each.all) | {"仅当"}


@dataclass(frozen=True, slots=True)
class Token:
    """A token as people see it; ``start`` and ``end`` are offsets in the file."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the grammar stopped: the tokens of the declaration, the index of the one that does not fit, and the words
    and marks that would have fitted (kinds of tokens by the names of `Token.kind`)."""

    source: Source
    keyword: str
    tokens: tuple[Token, ...]
    index: int
    expected: frozenset[str]

    @property
    def token(self) -> Token:
        """The token that does not fit; at the end, an empty one behind the last."""
        if self.index < len(self.tokens):
            return self.tokens[self.index]
        end = self.tokens[-1].end
        return Token(END, "", end, end)

    def back(self, steps: int = 1) -> Token:
        """The token ``steps`` before; an empty one before the first."""
        index = self.index - steps
        return self.tokens[index] if index >= 0 else Token("", "", 0, 0)

    def ahead(self) -> Token:
        """The token after; an empty one at the end."""
        return self.tokens[self.index + 1] if self.index + 1 < len(self.tokens) else Token(END, "", 0, 0)

    @property
    def at_clause(self) -> bool:
        """Could a clause begin here?"""
        return "依据" in self.expected and not self.opener

    @property
    def in_group(self) -> bool:
        """Is this inside 同时满足（…）, 任一满足（…） or 至少 k 项（…）?"""
        return self.opener in ("(同时满足", "(任一满足", "(项")

    @property
    def wants_operand(self) -> bool:
        """Must an expression begin here?"""
        return "(" in self.expected and "quote" in self.expected

    @property
    def opener(self) -> str:
        """The bracket that is open here, with the word before it; '' outside brackets."""
        at = self.opened
        if at is None:
            return ""
        return self.tokens[at].text + (self.tokens[at - 1].text if at else "")

    @property
    def opened(self) -> int | None:
        """The number of the bracket that is open here; None outside brackets."""
        stack: list[int] = []
        for number, token in enumerate(self.tokens[: self.index]):
            if token.text in ("(", "{"):
                stack.append(number)
            elif token.text in (")", "}") and stack:
                stack.pop()
        return stack[-1] if stack else None

    def belongs(self, word: str) -> bool:
        """Could the word stand here in this kind of declaration? The grammar takes the clauses of its whole family."""
        if word in (*OPERATOR_WORDS, *COMPARISON_SIGNS) and ("且" in self.expected or not self.at_clause):
            return True
        return word not in CLAUSE_WORDS or self.keyword not in CLAUSES or word in CLAUSES[self.keyword].all

    def first_on_line(self, token: Token) -> bool:
        """Is the token the first of its line?"""
        line_start = self.source.text.rfind("\n", 0, token.start) + 1
        return not self.source.text[line_start : token.start].strip()

    def report(self, code: str, message: str, token: Token, remedy: str | None = None, *related: Label) -> Diagnostic:
        """A diagnostic about a token."""
        span = Span(self.source, token.start, max(token.end, token.start + 1))
        if token.kind == END:
            last = self.tokens[-1]
            span = Span(self.source, last.start, last.end)
        return Diagnostic(code, message, span, remedy=remedy, related=related)


def tokens_of(lexed: str, start: int, end: int) -> tuple[Token, ...]:
    """The tokens of a stretch of lexed text, without regard to where they stand."""
    return tuple(
        Token(found.lastgroup or "mark", found.group(), found.start(), found.end())
        for found in _TOKEN.finditer(lexed, start, end)
    )
