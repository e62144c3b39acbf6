"""One case: a random policy, loaded by the package from files, and random records evaluated both ways.

Why this exists: the property tests and the long runs do the same with other numbers.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import policyrules as pr
from policyrules import Outcome

from .checking import (
    Disagreement,
    candidates_of,
    compare,
    decision_results,
    decisions_of,
    finding_key,
    world_findings,
)
from .choosing import Chooser, Pick
from .completions import as_it_stands, choices, holes_of, instances, unlisted_as_it_stands, world, worlds
from .folding import Folded, fold
from .generate import Generator, OnceGenerator, make_portfolio, make_record, shown_record, uses_portfolio
from .printing import chunks, record, text_of, write_stack
from .resting import check_resting
from .syntax import Policy, Row

BLANKS = (0, 20, 45, 0)


@dataclass
class Case:
    """A policy in both forms."""

    policy: Policy
    folded: Folded
    loaded: pr.Policy


@dataclass
class Situation:
    """A record and its portfolio."""

    root: Row
    members: list[Row] | None


class DoesNotLoad(AssertionError):
    """The package refuses a policy that the generator takes for sound."""


def load(policy: Policy, files: list[list[list[str]]] | None = None) -> pr.Policy:
    """The policy as the package reads it from a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        lowest = write_stack(
            Path(folder), policy, files if files is not None else [[pieces] for pieces in chunks(policy)]
        )
        loaded, diagnostics = pr.try_load(lowest, as_of=policy.as_of)
    if loaded is None:
        raise DoesNotLoad("\n".join(map(str, diagnostics)) + "\n" + text_of(policy))
    return loaded


def make_case(chooser: Chooser) -> Case:
    """A random policy, loaded."""
    policy = Generator(chooser).policy()
    return Case(policy, fold(policy), load(policy))


def blank_out(root: Row, names: frozenset[str]) -> None:
    """Leave these cells of a record blank: what is presumed is seen only there."""
    for row in instances(root):
        given = names & row.values.keys()
        row.values = {name: value for name, value in row.values.items() if name not in given}
        row.blank |= given


def leave_out(root: Row, pick: Pick) -> None:
    """Supply some lists of a record not at all: what is demanded of their rows is judged all the same."""
    for row in [*instances(root)]:
        for name in row.rows:
            if pick.chance(60):
                row.rows[name] = None
                row.unsupplied |= {name}


def make_situation(case: Case, pick: Pick) -> Situation:
    """A random record; its portfolio where the policy counts."""
    blanks = pick.one(BLANKS)
    identity = None if pick.chance(4) else "0号"
    root = make_record(case.policy, pick, blanks, identity)
    if case.folded.presumptions and pick.chance(40):
        blank_out(root, frozenset(case.folded.presumptions))
    if pick.chance(40):
        leave_out(root, pick)
    members: list[Row] | None = []
    if uses_portfolio(case.policy):
        members = make_portfolio(case.policy, pick, pick.one(BLANKS))
        if members is not None and identity is not None and pick.chance(30):
            # The ledger may list the record, even in an older state: by its key it is the same one.
            members.insert(pick.between(0, len(members)), make_record(case.policy, pick, blanks, identity))
    return Situation(root, members)


def evaluate(case: Case, situation: Situation, loaded: pr.Policy | None = None) -> Outcome:
    """What the package says."""
    members = situation.members
    portfolio = None if members is None else [record(case.policy, member) for member in members]
    return (loaded or case.loaded).evaluate(record(case.policy, situation.root), portfolio=portfolio)


def check(case: Case, situation: Situation, limit: int, seed: int) -> Iterator[Disagreement]:
    """All disagreements on one record."""
    outcome = evaluate(case, situation)
    root, members = situation.root, situation.members
    least = (as_it_stands(case.folded, root, members), unlisted_as_it_stands(case.folded, root, members))
    yield from compare(case.folded, root, outcome, least, worlds(case.folded, root, members, limit, seed))
    yield from check_resting(case.folded, root, members, outcome)


def check_once(case: Case, root: Row, limit: int, seed: int) -> Iterator[Disagreement]:
    """What all completions agree on must be said, where no blank is read twice and all completions can be tried."""
    rng = random.Random(seed)
    holes = holes_of(case.policy, case.folded, root, [], rng)
    total = 1
    for hole in holes:
        total *= len(hole.domain)
    if total > limit:
        return
    outcome = evaluate(case, Situation(root, []))
    seen: dict[tuple[str, ...], set[object]] = {}
    for filled in choices(holes, limit, rng):
        world_ = world(case.folded, root, [], filled, seed)
        for key, decided in decision_results(world_.model, case.folded, world_.root).items():
            seen.setdefault(key, set()).add((decided.status, decided.value))
        for which, findings in world_findings(world_, case.folded).items():
            seen.setdefault(which, set()).update(finding.status for finding in findings)
    for _, path, name, result in decisions_of(outcome):
        agreed = seen[name, path]
        default = case.folded.decisions[name].default
        if result.status == "undetermined" and default is not None and candidates_of(result) == {default}:
            # The table to the letter: P empty, U the default alone.
            continue
        if len(agreed) == 1 and agreed != {(result.status, result.value)}:
            yield Disagreement(
                "不够精确", f"{name} {path}", f"引擎：{result.status} {result.candidates}；补全都是 {agreed}"
            )
    for found in outcome.findings:
        agreed = seen[finding_key(found)]
        if len(agreed) == 1 and agreed != {found.status}:
            yield Disagreement("不够精确", f"{found.name} {found.object}", f"引擎：{found.status}；补全都是 {agreed}")


def make_once(chooser: Chooser) -> tuple[Case, Row]:
    """A policy that reads no field twice, and a record for it."""
    policy = OnceGenerator(chooser).policy()
    pick = Pick(chooser)
    return Case(policy, fold(policy), load(policy)), make_record(policy, pick, pick.one((30, 50, 15)), "0号", True)


def shown(case: Case, situation: Situation | None) -> str:
    """The case for people to read."""
    text = f"评估日 {case.policy.as_of}\n{text_of(case.policy)}"
    if situation is not None:
        text += f"\n记录：{shown_record(situation.root, case.policy)}\n"
        if situation.members is None:
            text += "台账：未提供\n"
        for member in situation.members or []:
            text += f"台账：{shown_record(member, case.policy)}\n"
    return text
