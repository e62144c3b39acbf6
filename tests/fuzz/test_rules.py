"""A bounded run of `tests.fuzz.rules`: hostile rule texts give diagnostics, never a trace. The long run is a command."""

from __future__ import annotations

import itertools
import json
from collections import Counter

import pytest
from tests.fuzz import corpus
from tests.fuzz.rules import Case, cases, check_case, load_case, load_from_disk
from tests.fuzz.running import limited

from policyrules.diagnostics import render

COUNT, PARTS = 1_000, 10
# Times are held to four seconds here, for test machines may be slow and busy; the long run holds them to one.


def test_the_small_stack_loads_and_runs() -> None:
    for level, texts in enumerate(corpus.SMALL):
        for file, text in enumerate(texts):
            case = Case("sound", level, file, text.encode())
            assert check_case(case) == "loads", [render(found) for found in load_case(case)[1]]


@pytest.mark.parametrize("part", range(PARTS))
def test_hostile_texts_give_diagnostics(part: int) -> None:
    ends: Counter[str] = Counter()
    each = COUNT // PARTS
    for number, case in itertools.islice(cases(20250915, part * each, real_share=0.003), each):
        try:
            with limited(20):
                ends[check_case(case, thorough=False, seconds=4)] += 1
        except Exception as error:
            error.add_note(f"case 20250915:{number} ({case.kind}): {case.data[:2_000]!r}")
            raise
    # The texts are worth something only where some still load and most do not.
    assert ends["loads"] > each / 20 and ends["refused"] > each / 2, ends


def test_loading_in_memory_agrees_with_loading_from_files() -> None:
    for _, case in itertools.islice(cases(3, real_share=0), 25):
        if case.data.strip() in {text.encode().strip() for text in corpus.SMALL[case.level]}:
            # On the disk one of two files that hold the same is passed over.
            continue
        in_memory = {(found.code, found.message) for found in load_case(case)[1] if found.file.endswith("敌.rules")}
        from_files = {(found.code, found.message) for found in load_from_disk(case) if found.file.endswith("敌.rules")}
        assert in_memory == from_files


def test_the_same_text_gives_the_same_diagnostics() -> None:
    for _, case in itertools.islice(cases(4, real_share=0), 50):
        first, second = (json.dumps([found.to_dict() for found in load_case(case)[1]]) for _ in range(2))
        assert first == second
