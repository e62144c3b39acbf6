"""The reference for writing rules: every block of rules loads, every stated outcome comes out, every table is the code's.

How the page is read: ``rules 共用`` declares what all examples share; below a heading, ``rules`` blocks add to it,
``rules 下层`` blocks are one more layer each, ``rules 并列 甲文`` blocks documents of that name side by side below the top;
``rules E206``, ``rules 下层 E206`` and ``rules 并列 甲文 E206`` are not accepted in that place, for that reason; an ``应为``
block holds records and what comes of them, written as the cases of ``tests/spec`` are; a ``rules 试验`` block is a trial of the
layers of its heading, which the cases are evaluated under.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.docs.replay import ROOT, Block, blocks
from tests.spec.chunks import Case, data, outcome_says, read_cases

from policyrules.language.keywords import DECLARATIONS
from policyrules.policy import Policy
from policyrules.program.keys import CLAUSE_KINDS, KEYS, KIND_MEANINGS
from policyrules.testing.build import Extends, policy_from_text, try_policy_from_text

PATH = ROOT / "docs" / "写法.md"
PAGE = PATH.read_text(encoding="utf-8")
BLOCKS = blocks(PAGE)
SHARED = "".join(block.text for block in BLOCKS if block.info == "共用")


_BESIDE = re.compile(r"并列 (\S+)")
_REFUSED = re.compile(r"(?:(下层|并列 \S+) )?E[0-9]{3}")


@dataclass(frozen=True)
class Pattern:
    """What stands below one heading: its layers, top first, those side by side before what is below them, and its cases."""

    title: str
    layers: tuple[str, ...]
    beside: tuple[str, ...]
    refused: tuple[Block, ...]
    cases: tuple[Case, ...]
    blocks: tuple[Block, ...]
    trial: str | None = None


def patterns() -> Iterator[Pattern]:
    headings = [(found.start(), found[1]) for found in re.finditer(r"^### (.+)$", PAGE, re.MULTILINE)]
    ends = [start for start, _ in headings[1:]] + [len(PAGE)]
    for (start, title), end in zip(headings, ends, strict=True):
        inside = [block for block in BLOCKS if start < block.start < end and block.info != "共用"]
        top = "".join(block.text for block in inside if (block.language, block.info) == ("rules", ""))
        beside = [(found[1], block.text) for block in inside if (found := _BESIDE.fullmatch(block.info))]
        lower = [block.text for block in inside if block.info == "下层"]
        if inside:
            layers = (top, *(text for _, text in beside), *(lower or [""] * bool(beside)))
            refused = tuple(block for block in inside if _REFUSED.fullmatch(block.info))
            cases = tuple(case for block in inside for case in expected(block, layers))
            trial = next((block.text for block in inside if block.info == "试验"), None)
            yield Pattern(title, layers, tuple(name for name, _ in beside), refused, cases, tuple(inside), trial)


def expected(block: Block, layers: tuple[str, ...]) -> Iterator[Case]:
    if block.language == "应为":
        lines = list(enumerate(block.text.splitlines(), block.line))
        yield from read_cases(PATH, (), layers, lines, "cases")


def extends(beside: tuple[str, ...], count: int) -> Extends | None:
    """Of ``count`` layers what each extends, where some stand side by side: the first below them extends them all."""
    if not beside:
        return None
    apart = len(beside)
    below = [
        ((number - 1,) if number > apart + 1 else tuple(range(1, apart + 1)), None)
        for number in range(apart + 1, count)
    ]
    return [((), None), *(((0,), name) for name in beside), *below]


PATTERNS = tuple(patterns())


def policy(pattern: Pattern, case: Case | None = None) -> Policy:
    top, *lower = pattern.layers
    above = extends(pattern.beside, len(pattern.layers))
    if case is None:
        return policy_from_text(SHARED + top, *lower, extends=above, trial=pattern.trial)
    made = policy_from_text(SHARED + top, *lower, as_of=case.given.as_of, extends=above, trial=pattern.trial)
    given = data(case.given.parameters)
    return made.with_parameters(given) if given else made


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.title)
def test_a_pattern_does_what_the_page_says(pattern: Pattern) -> None:
    policy(pattern)
    for case in pattern.cases:
        portfolio = None if case.given.portfolio is None else data(case.given.portfolio)
        outcome = policy(pattern, case).evaluate(data(case.given.record), portfolio)
        assert outcome_says(outcome, case.asked) == case.expected, str(case)


@pytest.mark.parametrize(
    ("pattern", "block"),
    [(pattern, block) for pattern in PATTERNS for block in pattern.refused],
    ids=lambda value: value.info if isinstance(value, Block) else value.title,
)
def test_what_is_not_accepted_gives_its_code(pattern: Pattern, block: Block) -> None:
    """In its place: in the top layer, in one of its documents side by side, or in a layer below what stands there."""
    top, beside = SHARED + pattern.layers[0], dict(zip(pattern.beside, pattern.layers[1:], strict=False))
    lower: tuple[str, ...] = ()
    match block.info.split():
        case [_]:
            top += block.text
        case ["并列", name, _]:
            beside[name] += block.text
            lower = ("",)
        case _:
            lower = (block.text,)
    layers = (top, *beside.values(), *lower)
    loaded, found = try_policy_from_text(*layers, extends=extends(pattern.beside, len(layers)))
    assert loaded is None
    assert {one.code for one in found if one.severity == "error"} == {block.info.split()[-1]}


def test_every_block_is_read() -> None:
    assert {block.language for block in BLOCKS} == {"rules", "应为"}
    read = [block for pattern in PATTERNS for block in pattern.blocks]
    assert [block for block in BLOCKS if block not in read and block.info != "共用"] == []
    known = {
        block.info
        for block in BLOCKS
        if block.info not in ("", "共用", "下层", "试验") and not _BESIDE.fullmatch(block.info)
    }
    assert known == {block.info for pattern in PATTERNS for block in pattern.refused}


def test_there_are_forty_patterns_and_each_states_an_outcome() -> None:
    numbered = [pattern for pattern in PATTERNS if re.match(r"[0-9]+\. ", pattern.title)]
    assert [int(pattern.title.split(".")[0]) for pattern in numbered] == list(range(1, len(numbered) + 1))
    assert len(numbered) >= 40
    assert all(pattern.cases for pattern in numbered)


def test_every_declaration_has_its_part() -> None:
    part = PAGE[PAGE.index("## 三、") : PAGE.index("## 四、")]
    titles = "".join(re.findall(r"^### (.+)$", part, re.MULTILINE))
    assert [word for word in DECLARATIONS if word not in titles] == []


def test_the_kinds_are_those_of_the_code() -> None:
    part = PAGE[PAGE.index("## 十一、") : PAGE.index("## 十二、")]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in re.findall(r"^\|.*\|$", part, re.MULTILINE)]
    assert rows[2:] == [[word, f"`{kind}`", *KIND_MEANINGS[kind]] for kind, word in CLAUSE_KINDS.items()]


def test_the_keys_are_those_of_the_code() -> None:
    part = PAGE[PAGE.index("## 十二、") :]
    assert re.findall(r"^\| (\S+) \| `(\w+)` \|", part, re.MULTILINE) == [(word, key) for key, word in KEYS.items()]


def test_the_contents_point_to_headings() -> None:
    listed = re.findall(r"^- \[([^]]+)\]\(#([^)]+)\)", PAGE, re.MULTILINE)
    assert [title for title, _ in listed] == re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    for title, anchor in listed:
        assert anchor == re.sub(r"[^\w-]", "", title.replace(" ", "-"))
