"""The page of diagnostics: every code has its section and every section its code, and every example is run."""

from __future__ import annotations

import re

import pytest
from tests.docs.pages import PAGE, Section, codes_in_source, run_section, sections, upper_rules

from policyrules.codes import CODES

TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = sections(TEXT)
UPPER = upper_rules(TEXT)


def test_every_code_has_a_section_and_every_section_a_code() -> None:
    written = [section.code for section in SECTIONS]
    assert len(written) == len(set(written))
    assert set(written) == codes_in_source() == CODES.keys()


def test_codes_stand_in_their_chapter() -> None:
    chapter = ""
    for line in TEXT.splitlines():
        if line.startswith("## "):
            chapter = line
        elif line.startswith("### "):
            code = line[4:8]
            shown = chapter.split("　")[0]
            assert code[:2] in shown.replace("W", "E") or code.replace("W", "E")[:3] in shown.replace("W", "E"), line


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: str(section.code))
def test_the_example_gives_what_the_page_shows(section: Section) -> None:
    words = re.sub(r"```.*?```", "", section.text, flags=re.DOTALL).strip()
    assert len(words) >= 20, "a paragraph says what it means and what to do"
    examples = list(run_section(section, UPPER))
    assert examples, "every code has an example"
    for example in examples:
        assert example.agrees, f"the page says\n{example.expected}\nit prints\n{example.got}"
    assert any(f"[{section.code}]" in example.got for example in examples)


def test_no_word_of_the_machinery_reaches_the_reader() -> None:
    shown = "\n".join(re.findall(r"^```(?:text|console)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))
    assert not re.search(r"\b(Token|Tree|Decl|Clause|None|True|Traceback|Exception|WORD|LALR)\b", shown)
