"""Random edits of random policies: a trial is the same edit made in a text, in every shape of declaration and of stack.

Why this exists: edits are to be right for declarations of every kind, not for those that somebody thought of. The texts are edited
as texts; only the trial goes through the overlay.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace

import pytest
from tests.engines.programs import Program, modelled, wide
from tests.model.choosing import RandomChooser
from tests.program.trials import unmarked

import policyrules as pr
from policyrules.testing.build import try_policy_from_text

_LEFT_OUT = ("规则", "补充规则", "修订", "增列", "设定", "推定", "义务", "禁令", "提示", "术语", "统计", "决策表")
_EDITED = (*_LEFT_OUT, "参数", "读法", "清单", "决定")
_AUTHORITY = {"E301", "E308", "E309"}
_LAPSED = {"E303", "E304"}
SEEDS, RUN = range(80), 20


def loaded(program: Program, trial: str | None = None, level: int = 0) -> tuple[pr.Policy | None, set[str]]:
    texts = ["\n".join(pieces) for pieces in program.layers]
    apart = [(above, f"{at}号文" if len(program.layers) > 1 else None) for at, above in enumerate(program.extends)]
    chain = all(above == ((at - 1,) if at else ()) for at, above in enumerate(program.extends))
    policy, found = try_policy_from_text(
        *texts,
        as_of=program.as_of,
        extends=None if chain else apart,
        trial=trial,
        varies=None if trial is None else f"L{level}",
    )
    return policy, {one.code for one in found if one.severity == "error"}


def edited(program: Program, level: int, chance: random.Random) -> tuple[Program, str]:
    """The program with some pieces of a layer edited or left out, and the trial that says so."""
    kept: list[str] = []
    trial: list[str] = []
    for piece in program.layers[level]:
        words = piece.split()
        word, name = (words[0], re.split(r"[（：]", words[1])[0]) if len(words) > 1 else ("", "")
        if (
            "\n决" in piece.lstrip()
            or "对象" in piece
            or len(re.findall(r"^(?:" + "|".join(_EDITED) + ") ", piece, re.M)) != 1
        ):
            kept.append(piece)
            continue
        if word in _LEFT_OUT and chance.random() < 0.1:
            trial.append(f"去掉 {word} {name}\n")
            continue
        if word in _EDITED and chance.random() < 0.4:
            changed = piece
            if chance.random() < 0.6:
                changed = re.sub(r"(?<=[≥>≤<=] )(\d+)", lambda found: str(int(found[1]) + 1), piece)
            else:
                changed = piece.replace(" 且 ", " 或 ").replace("市场", "技术")
            if changed != piece:
                trial.append(f"改 {changed.strip()}\n")
                kept.append(changed)
                continue
        kept.append(piece)
    layers = (*program.layers[:level], tuple(kept), *program.layers[level + 1 :])
    return replace(program, layers=layers), "".join(trial)


def told(seed: int) -> str:
    """What came of one random edit, tried and made in the text."""
    chance = random.Random(seed)
    program = (wide if seed % 2 else modelled)(RandomChooser(seed))
    level = chance.randrange(len(program.layers))
    written, trial = edited(program, level, chance)
    if not trial or loaded(program)[0] is None:
        return "nothing to try"
    varied, errors = loaded(program, trial, level)
    same, refused = loaded(written)
    if same is not None:
        assert varied is not None, (errors, trial)
        assert unmarked(varied.program) == unmarked(same.program), trial
        return "same"
    if varied is None:
        assert errors <= refused, trial
        return "refused"
    # Beyond an authority, or acts of lower layers on what is gone: told, and not refused.
    assert refused <= _AUTHORITY | _LAPSED, (refused, trial)
    return "told"


@pytest.mark.parametrize("first", SEEDS[::RUN])
def test_random_edits_are_the_same_edits_made_in_the_text(first: int) -> None:
    counted = Counter(map(told, range(first, first + RUN)))
    assert counted["same"] > RUN // 4, counted
