"""The language reference: every chunk of rules loads, every example runs, every table says what the code says."""

from __future__ import annotations

import datetime
import doctest
import re
from collections.abc import Iterator

import pytest
from tests.docs.replay import ROOT, Block, blocks

from policyrules import LANGUAGE_VERSION
from policyrules.language.keywords import ADDED, CLAUSES, DECLARATIONS, KEYWORDS, RESERVED, clause_name
from policyrules.policy import Policy
from policyrules.testing.build import policy_from_text, try_policy_from_text

PAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
RULES = [block for block in blocks(PAGE) if block.language == "rules"]
TOP = "\n".join(block.text for block in RULES if not block.info)
LOWER = "\n".join(block.text for block in RULES if block.info == "lower")
AS_OF = datetime.date(2025, 9, 15)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return policy_from_text(TOP, as_of=AS_OF)


def test_the_page_is_one_policy(policy: Policy) -> None:
    assert policy.warnings == ()
    assert len(policy.program.decisions) == 7


def test_the_lower_layer_loads_on_it() -> None:
    stack = policy_from_text(TOP, LOWER, as_of=AS_OF)
    assert {warning.code for warning in stack.warnings} <= {"W304"}
    assert stack.program.parameters["低效个数"].value == 5


def broken() -> Iterator[Block]:
    yield from (block for block in RULES if re.search(r"E[0-9]{3}", block.info))


@pytest.mark.parametrize("block", list(broken()), ids=lambda block: str(block.info))
def test_what_is_not_accepted_gives_its_code(block: Block) -> None:
    layers = (TOP, block.text) if "lower" in block.info else (TOP + "\n" + block.text,)
    loaded, diagnostics = try_policy_from_text(*layers, as_of=AS_OF)
    assert loaded is None
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error"]
    assert {diagnostic.code for diagnostic in errors} == {block.info.split()[-1]}
    assert all(diagnostic.remedy for diagnostic in errors)


def test_the_examples_run(policy: Policy) -> None:
    code = "\n".join(block.text for block in blocks(PAGE) if block.language == "python")
    examples = doctest.DocTestParser().get_doctest(code, {"policy": policy}, "language.md", "docs/language.md", 0)
    said: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(examples, out=said.append)
    assert result.failed == 0, "".join(said)
    assert result.attempted > 10


def table_rows(heading: str) -> list[list[str]]:
    """The rows of the first table after a heading, without its head."""
    after = PAGE[PAGE.index(heading) :]
    lines = after[after.index("\n|") + 1 :].splitlines()
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows[2:]


def test_the_table_of_clauses_is_the_table_of_the_code() -> None:
    def named(cell: str) -> set[str]:
        return set(re.findall(r"`([^`]+)`", cell))

    written = {row[0].strip("`"): tuple(map(named, row[1:])) for row in table_rows("## 3. Declarations")}
    assert tuple(written) == DECLARATIONS
    for name, clauses in CLAUSES.items():
        parts = (clauses.required, clauses.optional, clauses.repeatable)
        assert written[name] == tuple({clause_name(clause) for clause in part} for part in parts), name


def test_every_keyword_is_listed_and_no_other() -> None:
    part = PAGE[PAGE.index("## 8. All keywords") :].partition("\n")[2]
    words = set(re.findall(r"[\u4e00-\u9fff]+", part))
    assert words == {*KEYWORDS, *RESERVED}


def test_the_words_of_the_version_are_listed() -> None:
    assert f"Language version {LANGUAGE_VERSION}:" in PAGE
    part = PAGE[PAGE.index("The words of version 2 are") :].partition("\n\n")[0]
    assert set(re.findall(r"[\u4e00-\u9fff]+", part)) == {word for word, version in ADDED.items() if version == 2}


def test_the_contents_point_to_headings() -> None:
    contents = PAGE[PAGE.index("- [1. Text]") : PAGE.index("## 1. Text")]
    anchors = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^##+ (.+)$", PAGE, re.MULTILINE)
    }
    assert {anchor for anchor in re.findall(r"\(#([^)]+)\)", PAGE)} <= anchors
    assert anchors - {"clauses-of-every-declaration", "versions-of-the-language"} == set(
        re.findall(r"\(#([^)]+)\)", contents)
    )


def test_the_sentences_that_the_code_cites_stand_on_the_page() -> None:
    known = set(re.findall(r"^- \*\*(5\.[0-9]+\.[0-9]+)\*\*", PAGE, re.MULTILINE))
    for path in sorted((ROOT / "src").rglob("*.py")):
        cited = set(re.findall(r"\b5\.[0-9]+\.[0-9]+\b", path.read_text(encoding="utf-8")))
        assert cited <= known, (path.name, cited - known)


def test_the_limits_are_those_of_the_code() -> None:
    from policyrules.analysis.compare import MOST_CAUSES
    from policyrules.language import build, parser, scan, walk
    from policyrules.program import (
        collecting,
        costs,
        decision_tables,
        files,
        folders,
        graph,
        quantities,
        ranges,
        scope,
        strict_yaml,
        truisms,
    )
    from policyrules.records import csv_files
    from policyrules.report import project_picked, reasons
    from policyrules.testing import scenarios

    rows = {row[0]: row[1] for row in table_rows("## 7. Limits")}
    assert scan.MAX_BYTES == 1 << 20
    opened = (
        "parts of conditions that open results read, and 50 a result, of which `impact` tells what is missing and what settles them, "
        "unless `--all-missing` asks for all"
    )
    varied = (
        "steps in which `impact` looks at parameters from end to end, and at days, of a ledger file of 5,000,000 bytes or less, and in step "
        "with its length of a longer one, unless `--long` takes the time"
    )
    compared = "parts of conditions tried on pairs of rows of one record"
    empty = "parts of all conditions, and 50 a record, for the records of a ledger file with fewer than three cells filled in"
    asked = (
        "parts of conditions, and 50 a record, as far as cells are blank, for the records of a ledger of which it is told what is missing, "
        "unless `--all-missing` asks for all"
    )
    told = "the same, where each result is written with what it lacks, with other readings, and with what it assumes"
    turned = "names that are looked at again to tell what other readings of the text would give, and all parameters for each reading"
    assert costs.PARTS_OF_A_NAME == 50
    reread = (
        "the same names, and the readings themselves, for all records of a ledger whose every result is told with other readings, unless "
        "`--all-missing` asks for all; and for one record of a ledger file of less than 5,000,000 bytes with all of its rows, unless "
        "`--long` takes the time"
    )
    handed = (
        "what terms say of single fields, seen from where they are read, among which conditions that hold always or never "
        "are looked for (W215)"
    )
    speaking = "rules of one decision that an explanation tells one by one, unless `--full` asks for all"
    paged = "decisions that a folded page of a project, and the page of a ledger, tell one by one, unless `--all` asks for all"
    tried = (
        "parts of conditions, and 50 a decision, of the decisions of which `impact` tries what settles them, "
        "and what would bring them about"
    )
    freed = (
        "steps in which `impact` tries what settles results that wait for very many blanks: the blanks times the parts of conditions, "
        "and a quarter of their third power"
    )
    assert costs.OF_A_ROW == 3
    rules = (
        "bytes of the rule files of all stacks together that `compare`, `diff` and `impact` hold against each other, those of rows of tables "
        "three times, unless `--long` takes the time"
    )
    blended = (
        "parts of conditions of two stacks together, of which `compare` tells by what results changed, "
        "unless `--all-causes` asks for all, and which `impact` takes, unless `--long` takes the time"
    )
    caused = (
        "results of the records of a ledger of which `compare` tells by what they changed, "
        "unless `--all-causes` asks for all"
    )
    written = (
        "the same, for all records whose results are told one by one, of a ledger file of less than 5,000,000 bytes, "
        "unless `--long` takes the time"
    )
    counted = (
        "records of such a file, once for each layer of the stack, that `explain` counts once more under each upper part of it, "
        "unless `--long` takes the time"
    )
    members = (
        "records of such a file, and rows of them, that statistics look at where results are told one by one: once for each statistic of "
        "each stack, unless `--long` takes the time; so for the records of 台账 of one scenario file"
    )
    lacked = (
        "parts of conditions of one record of such a file of which every result is written, as JSON or into a workbook: those looked at for "
        "each row, and those looked at for rows of rows, unless `--long` takes the time; and those looked at for rows of rows, beyond half "
        "of all parts of each record, of all records of which it is told what they lack"
    )
    held = (
        "parts of conditions of the records of such a file that are looked at for rows of rows, beyond half of all parts of each record: "
        "as often as there are stacks, unless `--long` takes the time"
    )
    explained = (
        "parts of conditions of one record of such a file that `explain --json` tells with all reasons: those looked at for each row, "
        "twice, and those looked at for rows of rows, unless `--only` asks for some results or `--long` takes the time"
    )
    alone = "the same, for one record of such a file with all of its rows, unless `--long` takes the time"
    changed = (
        "parts of all conditions, and 50 a record, for the records of such a file of which it is told what changes: as often as there are "
        "stacks, and once more where `compare` writes each change, unless `--long` takes the time"
    )
    assert csv_files.SMALL == 5_000_000
    whole = "values of the records of one scenario file, 沿用 and 份数 written out, and ten for each record of 台账"
    checked = (
        "parts of all conditions, and 50 a record, for the records of one scenario file with all of their rows: once for each stack that "
        "is asked, and for each expectation that does not hold a quarter once more, or eight times the parts that its result reads; "
        "a third as many with `--coverage`"
    )
    assert (costs.CHECKED_AGAIN, costs.TOLD) == (3, 8)
    assert (costs.CHECKED_BEFORE, costs.PARTS_OF_A_CHARACTER, costs.CHARACTERS_OF_A_LOOK) == (3, 3, 2)
    mutated = (
        "characters of the rule files of a stack that `mutate` checks again: all of them for each change, and three times before the first; "
        "three parts of conditions, looked at for the record of a scenario, are as much as one, and half a record that a statistic looks at; "
        "unless `--sample` says how many, or `--long` takes the time"
    )
    loaded = (
        f"declarations of the stacks that the scenarios of one file ask, and {costs.OF_A_STACK} a stack: once for each date, for the "
        "parameters given at it, and for each part of a stack"
    )
    assert rows == {
        opened: f"{costs.MOST_OPEN:,}",
        varied: f"{costs.MOST_VARIED:,}",
        turned: f"{costs.MOST_TURNED:,}",
        reread: f"{costs.MOST_REREAD:,}",
        handed: f"{truisms._MOST_HANDED:,}",
        speaking: str(reasons._MOST_SPEAKING),
        paged: str(project_picked.MOST_DECISIONS),
        tried: f"{costs.MOST_TRIED:,}",
        freed: f"{costs.MOST_FREED:,}",
        compared: f"{costs.MOST_COMPARED:,}",
        empty: f"{costs.MOST_EMPTY:,}",
        asked: f"{costs.MOST_ASKED:,}",
        told: f"{costs.MOST_TOLD:,}",
        caused: f"{MOST_CAUSES:,}",
        rules: f"{costs.MOST_READ:,}",
        blended: f"{costs.MOST_BLENDED:,}",
        written: f"{costs.MOST_WRITTEN:,}",
        changed: f"{costs.MOST_CHANGED:,}",
        counted: f"{costs.MOST_COUNTED:,}",
        alone: f"{costs.MOST_ALONE:,}",
        lacked: f"{costs.MOST_LACKED:,}",
        held: f"{costs.MOST_HELD:,}",
        explained: f"{costs.MOST_EXPLAINED:,}",
        "rows below the records of such a file that are told one by one, unless `--long` takes the time": f"{costs.MOST_BELOW:,}",
        members: f"{costs.MOST_MEMBERS:,}",
        "the same, where `explain --json` tells all reasons with whom statistics counted, unless `--only` asks for some results or "
        "`--long` takes the time": f"{costs.MOST_LISTED:,}",
        whole: f"{scenarios.MAX_CELLS:,}",
        checked: f"{costs.MOST_CHECKED:,}",
        loaded: f"{costs.MOST_LOADED:,}",
        mutated: f"{costs.MOST_MUTATED:,}",
        "份数 of one record": f"{scenarios.MAX_COPIES:,}",
        "rule files of a stack together": f"{files.MAX_STACK_BYTES >> 20} MiB",
        "a file": "1 MiB",
        "nesting of a condition": str(walk.MAX_NESTING),
        "quantifiers and aggregates inside one another": str(scope.MAX_ROW_CONDITIONS),
        "durations added to or taken from one date in a row": str(quantities.MAX_SHIFTS),
        "factors of a product, terms that it reads included": str(ranges.MAX_NUMBER_LENGTH),
        "nesting of a YAML file": str(strict_yaml.MAX_DEPTH),
        "values of a YAML file": f"{strict_yaml.MAX_NODES:,}",
        "declarations of a stack": f"{collecting.MAX_DECLARATIONS:,}",
        "objects one below the other": str(collecting.MAX_OBJECT_DEPTH),
        "rows of a decision table": f"{decision_tables.MOST_ROWS:,}",
        "conditions that 取首行 and 其余 take from the rows of one table": f"{decision_tables.MOST_EXCLUDED:,}",
        "the same, of all tables of a stack": f"{decision_tables.MOST_EXCLUDED_IN_ALL:,}",
        "layers of a stack": str(files.MAX_LAYERS),
        "rule files of a layer": f"{folders.MAX_FILES:,}",
        "definitions that read each other in a chain": str(graph.MAX_CHAIN),
        "days of a stretch of dates in a list": str(build._MOST_DAYS),
        "digits of a written number": str(build._MAX_DIGITS),
        "errors told of one file": str(parser.MAX_ERRORS),
    }


def test_operators_in_the_table_are_in_use(policy: Policy) -> None:
    """Each example of the table of expressions loads as a term of the page's policy."""
    for number, row in enumerate(table_rows("## 4. Expressions")):
        example = row[2].strip("`")
        where = " 对 资金" if re.search("资金来源|内容", example) else ""
        if "本." in example:
            example = f"任一 其他 资金 满足（{example}）"
        loaded, diagnostics = try_policy_from_text(f"{TOP}\n术语 示例{number}{where}\n  即 {example}\n", as_of=AS_OF)
        assert loaded is not None, (row, diagnostics)


def test_the_trial_of_the_page_is_one() -> None:
    (text,) = (block.text for block in RULES if block.info == "trial")
    policy = policy_from_text(TOP, LOWER, as_of=AS_OF, trial=text)
    assert policy.trial is not None
    assert [(edit.act, edit.name, edit.authority) for edit in policy.trial.edits] == [
        ("改", "升级类", "有"),
        ("新增", "又一条提示", "有"),
        ("去掉", "效益差的先盘活", "有"),
    ]
    assert policy.trial.named == ("户数",)
