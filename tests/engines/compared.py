"""A circuit, read plainly, held against the definition.

Why this exists: an error of the lowering is every fast engine's error; it is found here first, apart from any of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import policyrules as pr
from policyrules.engine.instances import Instance
from policyrules.engine.lowering.lowered import Lowered, lowered
from policyrules.engine.portfolio import Portfolio
from policyrules.results import Outcome

from .reference import Reference, amounts, decisions, findings


def circuit(policy: pr.Policy, **options: Any) -> Lowered:
    """The circuit of a policy."""
    return lowered(policy.interpreter.engine, **options)


def differences(
    policy: pr.Policy,
    found: Lowered,
    root: Instance,
    portfolio: Portfolio | None,
    outcome: Outcome,
    parameters: dict[str, Any] | None = None,
    switches: frozenset[str] | None = None,
    circuit_policy: pr.Policy | None = None,
) -> Iterator[str]:
    """What of a circuit is not what the definition says (``outcome``, of ``policy``). ``circuit_policy``: whose circuit it is,
    where parameters or switches make another of it."""
    own = policy.interpreter.run(root, portfolio)
    run = own if circuit_policy is None else circuit_policy.interpreter.run(root, portfolio)
    reference = Reference(found, run, parameters, switches)
    for output, instance, decided in decisions(reference):
        state = own.decision(output.decision.name, instance).state
        expected = (state.status, state.candidates, state.applies, state.concluded, state.open)
        got = (decided.status, decided.candidates, decided.applies, decided.concluded, decided.open)
        if expected != got:
            yield f"{output.decision.name} {instance.path}: circuit {got}, definition {expected}"
    for amount, instance, status, value in amounts(reference):
        reckoned = own.amount(amount.decision.name, instance).state
        if reckoned.value != value or (status and status != reckoned.status):
            yield (
                f"{amount.decision.name} {instance.path}: circuit {status} {value}, "
                f"definition {reckoned.status} {reckoned.value}"
            )
    refused = {(one.declaration.name, one.place.below) for one in found.refused}
    told = {
        (one.name, one.object, one.unlisted): (one.status, one.due)
        for one in outcome.findings
    }
    seen: set[tuple[str, str, str]] = set()
    for one in findings(reference):
        kind = one.unlisted[-1] if one.unlisted else ""
        key = (one.name, one.instance.path, kind)
        if key in seen:
            yield f"{key}: twice in the circuit"
        seen.add(key)
        expected_ = told.get(key)
        if expected_ != (one.status, one.due):
            yield f"{key}: circuit {(one.status, one.due)}, definition {expected_}"
    for key in told.keys() - seen:
        if not any(name == key[0] and bool(below) == bool(key[2]) for name, below in refused):
            yield f"{key}: not in the circuit"
