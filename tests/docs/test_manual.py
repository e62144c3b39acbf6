"""The manual for policy staff and the page on scenario files: every step is done again, every output compared."""

from __future__ import annotations

import functools
import re

import pytest
from tests.docs.replay import ROOT, Step, blocks, replay, report, run_command, workplace

MANUAL = (ROOT / "docs" / "manual.md").read_text(encoding="utf-8")
SCENARIOS = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")


@functools.cache
def replayed(name: str) -> tuple[Step, ...]:
    """The steps of a page, done once for all tests here."""
    with workplace("policies") as folder:
        return tuple(replay((ROOT / "docs" / name).read_text(encoding="utf-8"), folder))


@pytest.mark.parametrize("name", ["manual.md", "scenarios.md"])
def test_every_command_prints_what_the_page_shows(name: str) -> None:
    steps = replayed(name)
    assert len(steps) > 2
    assert [report(step) for step in steps if not step.agrees] == []


def test_the_walk_through_ends_with_passing_scenarios() -> None:
    tests = [step for step in replayed("manual.md") if step.command.startswith("policyrules test")]
    assert "不符 1" in tests[0].got
    assert "通过 3" in tests[-1].got and "不符" not in tests[-1].got


def test_the_rules_read_aloud_stand_in_the_policies() -> None:
    shown = [block for block in blocks(MANUAL) if block.language == "rules" and not block.info]
    assert len(shown) == 2
    for block, layer in zip(shown, ("national", "jiangxi"), strict=True):
        texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "policies" / layer).rglob("*.rules"))]
        assert any(block.text.strip() in text for text in texts), block.text


def test_the_commands_and_options_exist() -> None:
    listed = re.findall(r"^\| `policyrules ([a-z-]+)", MANUAL, re.MULTILINE)
    known = re.findall(r"^  ([a-z][a-z-]+)  ", run_command("policyrules --help"), re.MULTILINE)
    assert set(listed) <= set(known)
    for option in set(re.findall(r"`(--[a-z-]+)", MANUAL)) - {"--help", "--json"}:
        assert any(option in run_command(f"policyrules {command} --help") for command in listed), option


def test_the_contents_point_to_headings() -> None:
    for title, anchor in re.findall(r"^- \[([^]]+)\]\(#([^)]+)\)", MANUAL, re.MULTILINE):
        assert f"\n## {title}\n" in MANUAL
        assert anchor == re.sub(r"[^\w-]", "", title.replace(" ", "-"))


def test_every_key_of_a_scenario_file_is_explained() -> None:
    from policyrules.testing.expectations import EXPECTATION_KEYS
    from policyrules.testing.scenarios import _CASE_KEYS, _FILE_KEYS

    for key in {*_FILE_KEYS, *_CASE_KEYS, *EXPECTATION_KEYS}:
        assert re.search(rf"\| [^|]*{key}", SCENARIOS), key
