"""Which notices tell of the same matter as a decision, a duty or a prohibition.

Why this exists: what was done, but late, is done, and a notice alone says that it was late; a measure is given, and a notice alone
says what has to come first. Who asks for the one has to be told the other.

Invariants: seen from the program alone: the notice cites a clause that is cited there, and reads a fact that is asked there, be it
through terms; the order is the program's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from policyrules.program.amended import condition_of
from policyrules.program.nodes import (
    AmountValue,
    DecisionHas,
    DecisionIs,
    DecisionValue,
    Expr,
    FieldValue,
    Filled,
    Origin,
    Program,
    TermValue,
)
from policyrules.program.walk import expressions, walk

_Fact: TypeAlias = tuple[str, str]


def beside(program: Program, words: Iterable[str]) -> tuple[str, ...]:
    """The notices beside what ``words`` name (decisions by name or key), those among the words left out."""
    asked = set(words)
    matters = [_matter(program, word) for word in asked]
    return tuple(
        name
        for name, notice in program.notices.items()
        if name not in asked
        and any(
            not clauses.isdisjoint(_clauses(notice.origins))
            and not facts.isdisjoint(_facts(program, [condition_of(notice.when)]))
            for clauses, facts in matters
        )
    )


def _matter(program: Program, word: str) -> tuple[set[_Fact], set[_Fact]]:
    """The clauses that a decision, duty or prohibition cites, and the facts that it turns on: of a duty what is demanded until when,
    and not to whom it applies, which many share."""
    duty = program.duties.get(word)
    if duty is not None:
        return _clauses(duty.origins), set(_facts(program, [condition_of(duty.demand), duty.deadline, duty.expiry]))
    decision = next((one for one in program.decisions.values() if word in (one.name, one.key)), None)
    if decision is None:
        return set(), set()
    rules = [program.rules[name] for name in (*decision.rules, *decision.supplements)]
    bodies = [*expressions(decision), *(body for rule in rules for body in expressions(rule))]
    origins = [*decision.origins, *(origin for rule in rules for origin in rule.origins)]
    return _clauses(origins), {("", decision.name), *_facts(program, bodies)}


def _clauses(origins: Iterable[Origin]) -> set[_Fact]:
    return {(citation.layer, citation.clause) for origin in origins for citation in origin.citations}


def _facts(program: Program, bodies: Iterable[Expr | None]) -> Iterator[_Fact]:
    """The fields, by object and name, and the decisions that expressions read, through terms."""
    waiting, seen = list(bodies), set[str]()
    while waiting:
        for node in walk(waiting.pop()):
            match node:
                case FieldValue(field=field) | Filled(field=field):
                    yield field.object, field.name
                case DecisionValue(name=name) | AmountValue(name=name):
                    yield "", name
                case DecisionIs(decision=name) | DecisionHas(decision=name):
                    yield "", name
                case TermValue(name=name) if name not in seen:
                    seen.add(name)
                    waiting.append(program.terms[name].body)
                case _:
                    pass
