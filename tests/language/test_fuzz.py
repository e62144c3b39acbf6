"""Whatever the text, the parser answers: no exception, located diagnostics, the same again, and it prints stably."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.language.test_printer import TIDY
from tests.language.test_syntax_messages import SLIPS

from policyrules.codes import CODES
from policyrules.diagnostics import render
from policyrules.language.keywords import DECLARATIONS, KEYWORDS
from policyrules.language.parser import parse_source
from policyrules.language.printer import print_file
from policyrules.language.scan import decode
from policyrules.source import Source

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
WORDS = [
    *KEYWORDS,
    *DECLARATIONS,
    "甲",
    "乙",
    "盘活",
    "10",
    "50 万元",
    "60%",
    "2025年10月31日",
    "2月30日",
    "“文”",
    "【二】",
]
MARKS = [
    *'（）(){}；;：:，,、。=≠<>≤≥+-−×÷.%“”"「」【】#\n\n  \t\u3000',
    "\n  ",
    "释义 说",
    "说明",
    "\x00",
    "\u200b",
    "а",
    "\r\n",
]


def check(text: str) -> None:
    source = Source("甲.rules", text)
    file, diagnostics = parse_source(source)
    for diagnostic in diagnostics:
        assert diagnostic.code in CODES
        assert diagnostic.span is not None
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text) + 1
        assert diagnostic.message and diagnostic.remedy
        render(diagnostic)
    assert parse_source(source) == (file, diagnostics)
    if not diagnostics:
        printed = print_file(file)
        again, found = parse_source(Source("甲.rules", printed))
        assert not found, printed
        assert again.declarations == file.declarations
        assert sorted(each.text for each in again.comments) == sorted(each.text for each in file.comments)
        assert print_file(again) == printed


@QUICK
@given(st.text())
def test_any_text(text: str) -> None:
    check(text)


@QUICK
@given(st.lists(st.sampled_from([*WORDS, *MARKS])), st.sampled_from(["", " "]))
def test_any_words(words: list[str], between: str) -> None:
    check(between.join(words))


@QUICK
@given(st.sampled_from(DECLARATIONS), st.lists(st.sampled_from([*WORDS, *MARKS]), max_size=12))
def test_any_clauses(keyword: str, words: list[str]) -> None:
    check(f"{keyword} 甲 {' '.join(words)}")


@QUICK
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_mutated_rules(seed: int, times: int) -> None:
    chance = random.Random(seed)
    text = chance.choice([TIDY, *SLIPS.split("\n---\n")])
    for _ in range(times):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice([0, 0, 1, 1, 2, 8]))
        put = chance.choice(["", chance.choice(WORDS), chance.choice(MARKS), text[start:end] * 2])
        text = text[:start] + put + text[end:]
    check(text)


@QUICK
@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    source, diagnostics = decode(data, "甲.rules")
    assert (source is None) == bool(diagnostics)
