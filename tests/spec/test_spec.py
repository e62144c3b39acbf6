"""Every numbered sentence of docs/language.md section 5, on every engine; and every quote of it in the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.spec.chunks import ENGINES, Case, answer, cases

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("\n## 5. ") : PAGE.index("\n## 6. ")]
SENTENCES = re.findall(r"^- \*\*(5\.[0-9]+\.[0-9]+)\*\* ", SECTION, re.MULTILINE)
_QUOTED = re.compile(r"“([^“”]*[a-z]{2,}[^“”]*(?:“[^“”]*”[^“”]*)*)”")


def identifiers() -> Iterator[str]:
    """Sentence, file and line of each case."""
    for case in cases():
        yield f"{'+'.join(case.sentences)}-{case.place}"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", cases(), ids=identifiers())
def test_what_follows_from_the_sentence(case: Case, engine: str) -> None:
    assert answer(case, engine) == case.expected, str(case)


def test_sentences_are_numbered_without_gap() -> None:
    expected: list[str] = []
    for number in SENTENCES:
        _, part, place = map(int, number.split("."))
        last = expected[-1].split(".") if expected else ["5", "0", "0"]
        same = part == int(last[1])
        assert place == (int(last[2]) + 1 if same else 1), number
        assert same or part == int(last[1]) + 1, number
        expected.append(number)


def test_every_sentence_has_a_case_and_every_case_a_sentence() -> None:
    covered = {sentence for case in cases() for sentence in case.sentences}
    assert sorted(set(SENTENCES) - covered) == []
    assert sorted(covered - set(SENTENCES)) == []


def plain(text: str) -> str:
    """Without marks of Markdown and differences of white space, which a quote need not keep."""
    return "".join(re.sub(r"[*`\\]|\[([^\]]*)\]\([^)]*\)", r"\1", text).split())


def quotes() -> Iterator[tuple[str, str]]:
    """Every English sentence that the tests of the meaning quote."""
    for path in sorted([*(ROOT / "tests" / "engine").glob("*.py"), *(ROOT / "tests" / "spec").glob("*.md")]):
        for match in _QUOTED.finditer(path.read_text(encoding="utf-8")):
            if " " in match.group(1):
                yield path.name, match.group(1)


def test_every_quoted_sentence_stands_on_the_page() -> None:
    page = plain(PAGE)
    lacking = [
        (name, quote)
        for name, quote in quotes()
        if not all(plain(piece).rstrip(".") in page for piece in quote.split("…"))
    ]
    assert lacking == []
