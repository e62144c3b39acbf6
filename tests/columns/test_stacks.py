"""Records under stacks of their own agree with the definition under each stack, output by output."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import policyrules as pr
from policyrules import Outcome
from policyrules.program.united import NotTogether
from policyrules.types import Kind

from ..engines.programs import Program, modelled, wide
from ..engines.records import Maker
from ..model.choosing import Pick, RandomChooser
from .agreeing import Said, columnar, definition

SEEDS = range(60)
COUNTED: Counter[str] = Counter()


def expected(
    policy: pr.Policy, stacks: Mapping[str, pr.Policy], records: Sequence[Any], by: tuple[str, ...]
) -> tuple[Said, int]:
    """What the definition says of each record under its own stack, among those of its county; and how much of it the policy
    itself says otherwise."""
    counties: dict[str | None, list[int]] = {}
    for place, record in enumerate(records):
        told = next((record[name] for name in by if name in record), None)
        counties.setdefault(told if told in stacks else None, []).append(place)
    found: Said = {}
    differ = 0
    for county, places in counties.items():
        own = policy if county is None else stacks[county]
        outcomes = [*own.evaluate_all([records[place] for place in places], on_error="collect")]
        plain = [*policy.evaluate_all([records[place] for place in places], on_error="collect")]
        kept = [place for place, one in zip(places, outcomes, strict=True) if isinstance(one, Outcome)]
        said = definition([one for one in outcomes if isinstance(one, Outcome)])
        other = definition([one for one in plain if isinstance(one, Outcome)])
        differ += sum(said.get(key) != other.get(key) for key in {**said, **other})
        found.update(((key[0], kept[key[1]], *key[2:]), value) for key, value in said.items())
    return found, differ


def differences(
    policy: pr.Policy, stacks: Mapping[str, pr.Policy], records: Sequence[Any], by: tuple[str, ...], **options: Any
) -> tuple[list[str], int]:
    """What the columns say differently from the definition under each stack."""
    said, differ = expected(policy, stacks, records, by)
    result = policy.evaluate_frame(records, stacks=stacks, by=by[0], **options)
    ours = columnar(result, result.program)
    found = [
        f"{key}：定义 {said.get(key)}；列 {ours.get(key)}"
        for key in {**said, **ours}
        if said.get(key) != ours.get(key)
    ]
    return found, differ


def varied(program: Program, chance: random.Random) -> Program:
    """The program with pieces of some layers left out or edited."""
    layers = []
    for pieces in program.layers:
        kept = []
        for piece in pieces:
            if "对象" in piece or "节假日" in piece or "调休" in piece or chance.random() < 0.7:
                kept.append(piece)
            elif chance.random() < 0.5:
                edit = chance.random()
                if edit < 0.5:
                    piece = re.sub(r"(?<=[≥>≤<=] )(\d+)", lambda found: str(int(found[1]) + 1), piece)
                else:
                    piece = piece.replace(" 且 ", " 或 ") if edit < 0.75 else piece.replace("市场", "技术")
                kept.append(piece)
        layers.append(tuple(kept))
    return replace(program, layers=tuple(layers))


@pytest.mark.parametrize("seed", SEEDS)
def test_random_stacks(seed: int) -> None:
    chance = random.Random(seed)
    program = (wide if seed % 2 else modelled)(RandomChooser(seed))
    policy = program.load()
    if policy is None:
        return
    root = policy.program.fields[policy.program.root]
    keys = [own for own in root.values() if own.type.kind in (Kind.ENUM, Kind.TEXT) and own.name != "编号"]
    if not keys:
        return
    by = chance.choice(keys)
    pick = Pick(RandomChooser(f"stacks {seed}"))
    maker = Maker(policy, finest=False)
    counties = [value for value in maker.values[by.object, by.name] if isinstance(value, str)][:4]
    stacks = {}
    for county in counties:
        for _ in range(12):
            own = varied(program, chance).load()
            if own is not None:
                stacks[county] = own
                break
    records = [maker.record(pick, f"{number}号") for number in range(chance.choice((1, 12, 70)))]
    try:
        found, differ = differences(policy, stacks, records, (by.name, by.key), block=64, threads=1 + seed % 2)
    except NotTogether as refused:
        COUNTED[str(refused)] += 1
        return
    assert found == []
    COUNTED["differ" if differ else "alike"] += 1


def test_most_of_them_said_something() -> None:
    """Run after those above, in the same process."""
    if sum(COUNTED.values()) > len(SEEDS) // 2:
        assert COUNTED["differ"] > len(SEEDS) // 3, COUNTED
