"""README, CONTRIBUTING, CHANGELOG and the page on architecture: what they show is so."""

from __future__ import annotations

import ast
import doctest
import re
from pathlib import Path

import pytest
from tests.docs.replay import ROOT, blocks, replay, report, run_command, workplace

PAGES = [
    ROOT / name
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/architecture.md",
        "docs/cluster.md",
        "docs/columns.md",
        "docs/engines.md",
        "docs/language.md",
        "docs/manual.md",
        "docs/diagnostics.md",
        "docs/scenarios.md",
        "docs/影响.md",
        "docs/写法.md",
    )
]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_python_examples_run(text: str) -> None:
    code = "\n".join(block.text for block in blocks(text) if block.language == "python")
    examples = doctest.DocTestParser().get_doctest(code, {}, "page", "page", 0)
    said: list[str] = []
    with workplace("policies", "examples"):
        result = doctest.DocTestRunner(verbose=False).run(examples, out=said.append)
    assert result.attempted >= 3
    assert result.failed == 0, "".join(said)


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_commands_print_what_is_shown(text: str) -> None:
    with workplace("policies") as folder:
        steps = list(replay(text, folder))
    assert steps
    assert [report(step) for step in steps if not step.agrees] == []


def test_the_rules_shown_stand_in_the_policies() -> None:
    shown = [block for block in blocks(README) if block.language == "rules" and not block.info]
    for block, layer in zip(shown, ("national", "jiangxi"), strict=True):
        texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "policies" / layer).rglob("*.rules"))]
        assert any(block.text.strip() in text for text in texts), block.text


def test_what_is_to_be_made_are_targets_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in (README, CONTRIBUTING, ARCHITECTURE):
        for target in re.findall(r"(?:^|`)make ([a-z]+)", page, re.MULTILINE):
            assert re.search(rf"^(?:\w+ )*{target}(?: \w+)*:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_pages_are_sound_markdown(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count("\n```") % 2 == 0, "a fence is open"
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert len(re.findall(r"^# ", outside, re.MULTILINE)) == 1
    for table in re.findall(r"(?:^\|.*\|$\n?)+", outside, re.MULTILINE):
        rows = [re.sub(r"`[^`]*`", "", row).count("|") for row in table.strip().splitlines()]
        assert len(set(rows)) == 1, table


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_pages_hold_no_hidden_characters(page: Path) -> None:
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]", page.read_text(encoding="utf-8"))


# ---- architecture ---------------------------------------------------------------------------------------------------


def ranks() -> dict[str, int]:
    """The ranks that the test of imports keeps, read from its text."""
    tree = ast.parse((ROOT / "tests" / "project" / "test_imports.py").read_text(encoding="utf-8"))
    assigned = next(
        node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RANKS"
    )
    found: dict[str, int] = ast.literal_eval(assigned.value)
    return found


def test_the_rooms_are_those_of_the_import_test_in_its_order() -> None:
    table = ARCHITECTURE[ARCHITECTURE.index("| room | holds |") :].split("\n\n")[0]
    listed = [re.findall(r"`([a-z_]+)(?:\.py|/)`", row.split("|")[1]) for row in table.splitlines()[2:]]
    kept = {name: rank for name, rank in ranks().items() if not name.startswith("__")}
    assert sorted(name for row in listed for name in row) == sorted(kept)
    order = [{kept[name] for name in row} for row in listed]
    assert all(len(same) == 1 for same in order)
    assert [same.pop() for same in order] == sorted({rank for rank in kept.values()})


@pytest.mark.parametrize(
    "page", [ROOT / "docs" / "architecture.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name
)
def test_the_modules_named_exist(page: Path) -> None:
    for name in re.findall(r"`([\w/*]+(?:\.py|\.lark|/))`", page.read_text(encoding="utf-8").replace("`utils.py`", "")):
        places = (ROOT / "src" / "policyrules" / name, ROOT / name)
        assert any(place.exists() for place in places) or any(ROOT.glob(name)), name


def test_every_folder_of_tests_is_described() -> None:
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.glob("test_*.py"))}
    assert {name for name in folders if f"tests/{name}/" not in CONTRIBUTING} == set()


def test_the_changelog_names_every_command() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    known = re.findall(r"^  ([a-z][a-z-]+)  ", run_command("policyrules --help"), re.MULTILINE)
    assert {name for name in known if f"`{name}`" not in changelog} == set()
