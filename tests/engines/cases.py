"""A program, records and what an engine makes of them; cut down where it differs from the definition, and kept.

Why this exists: a disagreement of a long run is worth having for ever, and only what is small is read.

Invariants: a case is text and plain data, whole in one file; cutting down never changes what kind of difference it is: an
engine and the definition differ, or the engine breaks.
"""

from __future__ import annotations

import copy
import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml

import policyrules as pr
from policyrules.diagnostics import RecordError
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio

from .programs import Program
from .records import Record
from .saying import Answer, Engine, NotTaken, Said, definition, differences

KEPT: Final = Path(__file__).parent / "kept"


@dataclass(frozen=True)
class Case:
    """``ledger``: whether the records are each other's portfolio, or nobody supplied one."""

    program: Program
    records: tuple[Record, ...]
    ledger: bool

    def read(self, policy: pr.Policy) -> tuple[Sequence[Instance], Portfolio | None]:
        """The records, read for a policy."""
        if self.ledger:
            portfolio = policy.portfolio(self.records)
            return portfolio.members, portfolio
        return [policy.instance(record) for record in self.records], None


def held_against(answer: Answer, policy: pr.Policy, case: Case) -> Iterator[tuple[int, str]]:
    """Of each record what an engine says otherwise than the definition; where it breaks, that."""
    roots, portfolio = case.read(policy)
    yield from compared(answer, roots, portfolio, lambda: definition(policy)(roots, portfolio))


def compared(
    answer: Answer, roots: Sequence[Instance], portfolio: Portfolio | None, right: Callable[[], list[Said]]
) -> Iterator[tuple[int, str]]:
    """As `held_against`, of records that were read; ``right``: what the definition says of them."""
    try:
        found = answer(roots, portfolio)
    except NotTaken:
        return
    except Exception as error:  # any crash is a difference here
        yield 0, f"{type(error).__name__}: {error}"
        return
    expected = right()
    if len(found) != len(expected):
        yield 0, f"{len(found)} answers to {len(expected)} records"
    for index, (one, known) in enumerate(zip(found, expected, strict=False)):
        for told in differences(one, known):
            yield index, told


def fails(engine: Engine, case: Case) -> str:
    """The first difference, empty where there is none, or the case is none."""
    try:
        policy = case.program.load()
    except Exception:  # a stack that is no stack any more
        return ""
    if policy is None:
        return ""
    try:
        answer = engine(policy)
    except Exception as error:  # as above
        return f"{type(error).__name__}: {error}"
    try:
        return next((told for _, told in held_against(answer, policy, case)), "")
    except (RecordError, KeyError):
        return ""


def cut_down(engine: Engine, case: Case, budget: int = 1500) -> Case:
    """The case without what its difference does not need."""
    tries = 0

    def still(smaller: Case) -> bool:
        nonlocal tries
        tries += 1
        return tries <= budget and bool(fails(engine, smaller))

    before = None
    while before != case and tries <= budget:
        before = case
        for step in (_fewer_records, _fewer_pieces, _fewer_lines, _fewer_cells):
            case = step(case, still)
    return case


def _fewer_records(case: Case, still: Any) -> Case:
    for record in case.records:
        if len(case.records) > 1:
            alone = replace(case, records=(record,))
            if still(alone):
                return alone
    at = 0
    while at < len(case.records) and len(case.records) > 1:
        smaller = replace(case, records=(*case.records[:at], *case.records[at + 1 :]))
        if still(smaller):
            case = smaller
        else:
            at += 1
    if case.ledger:
        smaller = replace(case, ledger=False)
        case = smaller if still(smaller) else case
    return case


def _fewer_pieces(case: Case, still: Any) -> Case:
    for level in reversed(range(len(case.program.layers))):
        for piece in reversed(range(len(case.program.layers[level]))):
            smaller = replace(case, program=case.program.without(level, piece))
            if still(smaller):
                case = smaller
    return case


def _fewer_lines(case: Case, still: Any) -> Case:
    for level in reversed(range(len(case.program.layers))):
        for piece in reversed(range(len(case.program.layers[level]))):
            lines = case.program.layers[level][piece].split("\n")
            for at in reversed(range(1, len(lines))):
                left = [*lines[:at], *lines[at + 1 :]]
                smaller = replace(case, program=_with_piece(case.program, level, piece, "\n".join(left)))
                if still(smaller):
                    case, lines = smaller, left
    return case


def _with_piece(program: Program, level: int, piece: int, text: str) -> Program:
    layers = [list(pieces) for pieces in program.layers]
    layers[level][piece] = text
    return replace(program, layers=tuple(tuple(pieces) for pieces in layers))


def _fewer_cells(case: Case, still: Any) -> Case:
    for number in range(len(case.records)):
        for path in reversed(list(_paths(case.records[number]))):
            records = copy.deepcopy(case.records)
            holder: Any = records[number]
            for step in path[:-1]:
                holder = holder[step]
            del holder[path[-1]]
            smaller = replace(case, records=records)
            if still(smaller):
                case = smaller
    return case


def _paths(value: Record) -> Iterator[tuple[Any, ...]]:
    """Where the cells, rows and lists of a record are."""
    for key, inner in value.items():
        yield (key,)
        if isinstance(inner, dict):
            yield from ((key, *path) for path in _paths(inner))
        elif isinstance(inner, list):
            for index, row in enumerate(inner):
                if isinstance(row, dict):
                    yield key, index
                    yield from ((key, index, *path) for path in _paths(row))


# ---- kept -----------------------------------------------------------------------------------------------------------


class _Text(yaml.SafeDumper):
    """Rule text as it stands."""


_Text.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def dumped(case: Case, why: str) -> str:
    """A case as a file holds it."""
    held = {
        "why": why,
        "as_of": case.program.as_of.isoformat(),
        "layers": [
            {"extends": list(above), "rules": "\n".join(piece.rstrip("\n") for piece in pieces) + "\n"}
            for pieces, above in zip(case.program.layers, case.program.extends, strict=True)
        ],
        "ledger": case.ledger,
        "records": list(case.records),
    }
    return yaml.dump(held, Dumper=_Text, allow_unicode=True, sort_keys=False, width=120)


def kept(path: Path) -> Case:
    """A case that was kept."""
    held = yaml.safe_load(path.read_text(encoding="utf-8"))
    program = Program(
        tuple((layer["rules"],) for layer in held["layers"]),
        tuple(tuple(layer["extends"]) for layer in held["layers"]),
        datetime.date.fromisoformat(str(held["as_of"])),
    )
    return Case(program, tuple(_plain(record) for record in held["records"]), held["ledger"])


def _plain(value: Any) -> Any:
    """As records have it: days as text."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime.date) else value
