"""What varies in a circuit: parameters and provisions as inputs.

Why this exists: one circuit stands for many programs. With a parameter given as an input it must say what the program says
that was loaded with it; with provisions switched off, what the program says that was loaded without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.engines.long import programs
from tests.engines.programs import Program
from tests.engines.records import Maker
from tests.engines.reference import reading
from tests.engines.saying import Said, definition, differences
from tests.model.choosing import Pick

import policyrules as pr
from policyrules.diagnostics import PolicyError
from policyrules.engine.lowering.lowered import lowered
from policyrules.policy import policy_of
from policyrules.program import nodes as core
from policyrules.testing.build import policy_from_text

RECORDS = 6


def loaded(seed: int, most: int) -> Iterator[tuple[int, Program, pr.Policy, Pick]]:
    """Programs that load."""
    for _, (number, program, pick) in zip(range(most), programs(seed), strict=False):
        policy = program.load()
        if policy is not None:
            yield number, program, policy, pick


def test_a_parameter_given_is_the_program_loaded_with_it() -> None:
    tried = 0
    for number, _, policy, pick in loaded(21, 30):
        parameters = policy.program.parameters
        vary = frozenset(name for name, one in parameters.items() if one.state in ("unset", "default"))
        if not vary:
            continue
        circuit = lowered(policy.interpreter.engine, vary=vary)
        maker = Maker(policy)
        for _ in range(2):
            given = {name: value for name in sorted(vary) if (value := maker.parameter(name, pick)) is not None}
            try:
                other = policy.with_parameters(given)
            except PolicyError:
                continue
            values = {name: other.program.parameters[name].value for name in given}
            roots = [other.instance(maker.record(pick, None)) for _ in range(RECORDS)]
            found = reading(circuit, other, values)(roots, None)
            for index, (one, right) in enumerate(zip(found, definition(other)(roots, None), strict=True)):
                assert list(differences(one, right)) == [], f"program {number}, {given}, record {index}"
                tried += 1
    assert tried > 150


def test_what_is_switched_off_is_as_if_nobody_had_written_it() -> None:
    tried = some_off = 0
    for number, _, policy, pick in loaded(22, 36):
        if len(policy.layers) == 1:
            continue
        provisions = Provisions(policy.layers[0].manifest.id)
        circuit = lowered(policy.interpreter.engine, switched=provisions)
        origins = provisions.origins
        whole = [name for name in origins if only_switched(policy, origins[name])]
        for off in ((), *(pick.some(whole, 1, 2) for _ in range(2 if whole else 0))):
            other, _ = policy_of(policy.stack.without([origins[name] for name in off]), as_of=policy.as_of)
            if other is None:
                continue
            maker = Maker(policy)
            roots = [policy.instance(maker.record(pick, None)) for _ in range(RECORDS)]
            found = reading(circuit, other, switches=frozenset(origins.keys() - set(off)))(roots, None)
            for one, right in zip(found, definition(other)(roots, None), strict=True):
                assert list(differences(outside(one), right)) == [], f"program {number}, off: {off}"
                tried += 1
                some_off += bool(off)
    assert tried > 60 and some_off > 10


class Provisions:
    """A switch for each provision of the layers below ``top``, by the line it stands on."""

    def __init__(self, top: str) -> None:
        self.top = top
        self.origins: dict[str, core.Origin] = {}

    def __call__(self, origin: core.Origin, what: str) -> str | None:
        if origin.layer == self.top or what == "检查":
            return None
        name = f"{origin.span.source.path}:{origin.span.line}"
        self.origins[name] = origin
        return name


def only_switched(policy: pr.Policy, origin: core.Origin) -> bool:
    """Whether all that a provision does is behind its switch: it declares nothing that is told of, and sets no limit."""
    limits = [limit.origin.span for decision in policy.program.decisions.values() for limit in decision.limits]
    return origin.kind not in ("义务", "禁令", "提示", "决定") and origin.span not in limits


def outside(said: Said) -> Said:
    """What comes out, not what stands behind it."""
    return replace(said, inner={})


def test_an_unset_parameter_is_every_value() -> None:
    policy = policy_from_text(
        "对象 项目（project）\n  字段 数（n）：整数（个）\n参数 线（line）：整数（个） 未定 取值 2 个 至 4 个\n"
        "  依据【一】“字”\n决定 类（k）：单选 { 高 }\n规则 高的\n  依据【一】“字”\n  当 数 ≥ 线\n  则 类 为 高\n"
    )
    circuit = lowered(policy.interpreter.engine, vary={"线"})
    roots = [policy.instance({"数": number}) for number in (1, 3, 4)]
    unset = [said.decisions["项目", "类"][0] for said in reading(circuit, policy)(roots, None)]
    given = [said.decisions["项目", "类"][0] for said in reading(circuit, policy, {"线": 3})(roots, None)]
    assert unset == ["none", "undetermined", "determined"]
    assert given == ["none", "determined", "determined"]
