"""What must not matter: the order of operands, declarations, files and records, an empty layer, the hash seed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from policyrules import Blank, DecisionResult, Finding, Outcome

from .checking import decisions_of
from .choosing import Pick, RandomChooser
from .harness import Case, Situation, evaluate, load, make_case, make_situation, shown
from .printing import chunks, record
from .strategies import bounded, cases
from .syntax import And, AtLeast, Or, Policy, Rule


def written(outcome: Outcome) -> bytes:
    return json.dumps(outcome.to_dict(), ensure_ascii=False).encode()


def shuffled(policy: Policy, rng: random.Random) -> list[list[list[str]]]:
    """The same declarations in another order, over several files."""
    layers: list[list[list[str]]] = []
    for pieces in chunks(policy):
        # An object is opened once with its parent; every other part of it may stand anywhere.
        mixed = list(pieces)
        rng.shuffle(mixed)
        files: list[list[str]] = [[] for _ in range(rng.randint(1, 3))]
        for piece in mixed:
            rng.choice(files).append(piece)
        layers.append(files)
    return layers


@bounded(35)
@given(cases(), st.integers(0, 2**20))
def test_order_of_declarations_and_files(drawn: tuple[Case, list[Situation]], seed: int) -> None:
    case, situations = drawn
    again = load(case.policy, shuffled(case.policy, random.Random(seed)))
    for situation in situations:
        first, second = evaluate(case, situation), evaluate(case, situation, again)
        assert written(first) == written(second), shown(case, situation)
        assert str(first.explain()).count("\n") == str(second.explain()).count("\n")


def operands_mixed(node: object, rng: random.Random) -> object:
    """The same with the operands of 且, 或 and 至少, and the 除外 of rules, in another order."""
    if isinstance(node, tuple):
        return tuple(operands_mixed(item, rng) for item in node)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    parts = {part.name: operands_mixed(getattr(node, part.name), rng) for part in fields(node)}
    for several in ("parts",) if isinstance(node, And | Or | AtLeast) else ("exceptions",):
        if isinstance(node, And | Or | AtLeast | Rule):
            mixed = list(parts[several])  # type: ignore[call-overload]  # a tuple
            rng.shuffle(mixed)
            parts[several] = tuple(mixed)
    return replace(node, **parts)


def asked(result: DecisionResult | Finding) -> object:
    """What is missing; what is relevant but for its order. A blank that is named by its words is named in the order written."""

    def named(blank: Blank) -> tuple[str, str, str]:
        return blank.kind, blank.object, "" if blank.kind == "undefined" else blank.name

    missing = result.missing
    return {named(blank) for blank in missing.relevant}, [named(blank) for blank in missing.deciding], missing.exact


def told(outcome: Outcome) -> object:
    """All that is said of a record, in whatever order its conditions are written."""
    found = [(name, path, result) for _, path, name, result in decisions_of(outcome)]
    return (
        [(name, path, result.to_dict(detail=False), asked(result)) for name, path, result in found],
        [(finding.to_dict(detail=False), asked(finding)) for finding in outcome.findings],
    )


@bounded(30)
@given(cases(), st.integers(0, 2**20))
def test_order_of_operands(drawn: tuple[Case, list[Situation]], seed: int) -> None:
    case, situations = drawn
    mixed = operands_mixed(case.policy, random.Random(seed))
    assert isinstance(mixed, Policy)
    again = load(mixed)
    for situation in situations:
        first, second = evaluate(case, situation), evaluate(case, situation, again)
        assert told(first) == told(second), shown(case, situation)


@bounded(35)
@given(cases())
def test_an_empty_lower_layer_is_an_identity(drawn: tuple[Case, list[Situation]]) -> None:
    case, situations = drawn
    lower = load(replace(case.policy, levels=case.policy.levels + 1))
    for situation in situations:
        first, second = evaluate(case, situation).to_dict(), evaluate(case, situation, lower).to_dict()
        for data in (first, second):
            del data["policy"]
        assert first == second, shown(case, situation)


@bounded(25)
@given(cases())
def test_an_empty_document_beside_is_an_identity(drawn: tuple[Case, list[Situation]]) -> None:
    case, situations = drawn
    levels = case.policy.levels
    lineage = (*map(case.policy.extends, range(levels)), (0,) if levels > 1 else (), (levels - 1, levels))
    beside = load(replace(case.policy, levels=levels + 2, lineage=lineage))
    assert beside.program.siblings
    for situation in situations:
        first, second = evaluate(case, situation).to_dict(), evaluate(case, situation, beside).to_dict()
        for data in (first, second):
            del data["policy"]
        assert first == second, shown(case, situation)


@bounded(35)
@given(cases(), st.integers(0, 2**20))
def test_order_of_the_portfolio(drawn: tuple[Case, list[Situation]], seed: int) -> None:
    case, situations = drawn
    rng = random.Random(seed)
    for situation in situations:
        members = list(situation.members or [])
        rng.shuffle(members)
        other = Situation(situation.root, members if situation.members is not None else None)
        first, second = evaluate(case, situation), evaluate(case, other)
        assert settled(first) == settled(second), shown(case, situation)


def settled(outcome: Outcome) -> object:
    """Everything but explanations of which member was met first."""
    return (
        sorted((name, path, result.to_dict(detail=False).items()) for _, path, name, result in decisions_of(outcome)),
        [finding.to_dict(detail=False) for finding in outcome.findings],
    )


@bounded(30)
@given(cases(situations=1), st.integers(0, 2**20))
def test_evaluating_all_keeps_each_result(drawn: tuple[Case, list[Situation]], seed: int) -> None:
    case, (situation,) = drawn
    ledger = [record(case.policy, row) for row in [situation.root, *(situation.members or [])]]
    ledger = list({str(entry.get("编号", "")): entry for entry in reversed(ledger)}.values())
    mixed = list(ledger)
    random.Random(seed).shuffle(mixed)
    there = {outcome.identity: settled(outcome) for outcome in case.loaded.evaluate_all(ledger)}
    back = {outcome.identity: settled(outcome) for outcome in case.loaded.evaluate_all(mixed)}
    alone = {str(e.get("编号", "")): settled(case.loaded.evaluate(e, portfolio=ledger)) for e in ledger}
    assert there == back == alone, shown(case, situation)


# ---- hash seeds -----------------------------------------------------------------------------------------------------

POLICIES = 12


def digest() -> str:
    """Outcomes of fixed random cases, as JSON lines."""
    lines: list[str] = []
    for seed in range(POLICIES):
        chooser = RandomChooser(f"invariance {seed}")
        case = make_case(chooser)
        for _ in range(2):
            outcome = evaluate(case, make_situation(case, Pick(chooser)))
            lines += [json.dumps(outcome.to_dict(), ensure_ascii=False), str(outcome.explain())]
    return "\n".join(lines)


def test_the_hash_seed_does_not_matter() -> None:
    here = Path(__file__).resolve().parent
    outputs = []
    for seed in ("0", "4242"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join([str(here.parent), *sys.path]),
        }
        code = f"import sys; from {here.name}.test_invariance import digest; sys.stdout.buffer.write(digest().encode())"
        outputs.append(
            subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout
        )
    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"\n") > POLICIES
