"""Numbers of records are found, and told apart, as their texts are; also where their hashes agree, or begin alike."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from policyrules.columns.keys import Keys, lookup, repeats
from policyrules.columns.store import Texts


def keys_of(texts: list[str], mask: int) -> Keys:
    """Keys of which only some digits of the hashes are left."""
    found = Keys(Texts.of(texts))
    found.__dict__["hashes"] = Keys(Texts.of(texts)).hashes & np.uint64(mask)
    return found


def some_texts(chance: random.Random, count: int) -> list[str]:
    return [
        ""
        if chance.random() < 0.1
        else chance.choice("abcd") * chance.randint(0, 20) + str(chance.randint(0, 2 * count))
        for _ in range(count)
    ]


# All digits; all of one bucket; a bucket each, and few of them.
@pytest.mark.parametrize("mask", [2**64 - 1, 7, 2**64 - 2**61, 0])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 70, 500])
def test_found_as_texts_are(count: int, mask: int) -> None:
    chance = random.Random(f"keys {count} {mask}")
    own, wanted = some_texts(chance, count), ["", "z", *some_texts(chance, count + 10)]
    first: dict[str, int] = {}
    for place, text in enumerate(own):
        if text:
            first.setdefault(text, place)
    found = lookup(keys_of(own, mask), keys_of(wanted, mask))
    assert found.tolist() == [first.get(text, -1) for text in wanted]
    times = Counter(own)
    assert repeats(keys_of(own, mask)).tolist() == [text != "" and times[text] > 1 for text in own]


def test_a_hash_is_of_its_text_alone() -> None:
    texts = [f"P{number}" + "x" * (number % 30) for number in range(300)]
    whole = Keys(Texts.of(texts)).hashes
    assert [int(Keys(Texts.of([text])).hashes[0]) for text in texts] == whole.tolist()
    assert len(set(whole.tolist())) == 300
