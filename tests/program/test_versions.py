"""The version of the language that a layer states: what a later version added is refused, or is nobody's name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policyrules import LANGUAGE_VERSION
from policyrules.cli import run
from policyrules.diagnostics import Diagnostic
from policyrules.language.keywords import ADDED, KEYWORDS, RESERVED
from policyrules.language.parser import parse_source
from policyrules.policy import try_load
from policyrules.source import Source
from policyrules.testing.build import write_layers

RULES = """\
对象 项目（project）
  字段 建成日（built）：日期
  字段 停产（stopped）：是否
术语 满年
  即 停产 且 建成日 起满 12 个月
"""


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if 起满 and the reserved word 评估日 had come with version 2."""
    monkeypatch.setitem(ADDED, "起满", 2)
    monkeypatch.setitem(ADDED, "评估日", 2)


def check(folder: Path, text: str, version: str = "", key: str = "language") -> tuple[Diagnostic, ...]:
    # The name of the folder is part of what is read, so that nothing read before the word was planted comes again.
    lowest = write_layers(folder, text)
    if version:
        with (lowest / "layer.yaml").open("a", encoding="utf-8") as file:
            file.write(f"{key}: {version}\n")
    _, found = try_load(lowest)
    return tuple(one for one in found if one.severity == "error")


@pytest.mark.usefixtures("planted")
def test_without_a_version_everything_may_be_written(tmp_path: Path) -> None:
    assert check(tmp_path, RULES) == ()
    named = RULES.replace("停产（stopped）", "起满（stopped）").replace("停产 且", "起满 且")
    assert check(tmp_path, named) == ()


@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize("key", ["language", "语言"])
def test_version_1_refuses_the_word_where_it_is_a_keyword(tmp_path: Path, key: str) -> None:
    (found,) = check(tmp_path, RULES, "1", key)
    assert (found.code, found.line, found.column) == ("E160", 5, 14)
    assert found.span is not None and found.span.text == "起满"
    assert found.remedy == f"把 layer.yaml 的 {key} 改为 2"
    assert [label.span.text for label in found.related] == ["1"]


@pytest.mark.usefixtures("planted")
def test_version_1_leaves_names_alone(tmp_path: Path) -> None:
    text = RULES.replace("停产（stopped）", "起满（stopped）").replace("停产 且 建成日 起满 12 个月", "非 起满")
    assert check(tmp_path, text, "1") == ()


@pytest.mark.usefixtures("planted")
def test_version_1_refuses_a_reserved_word_nobody_declared(tmp_path: Path) -> None:
    text = RULES.replace("停产 且 建成日 起满 12 个月", "停产 且 建成日 < 评估日")
    (found,) = check(tmp_path, text, "1")
    assert (found.code, found.line) == ("E160", 5) and found.span is not None and found.span.text == "评估日"


@pytest.mark.usefixtures("planted")
def test_version_2_has_the_word_and_takes_it_for_no_name(tmp_path: Path) -> None:
    assert check(tmp_path, RULES, "2") == ()
    for declared in ("字段 起满（full）：是否", "参数 评估日（x）：日期 未定", "提示 起满\n  当 停产\n  说 “话”"):
        text = (
            RULES + declared + "\n" if not declared.startswith("字段") else RULES.replace("术语", f"  {declared}\n术语")
        )
        (found,) = check(tmp_path / declared[:2], text, "2")
        assert found.code == "E111" and "第 2 版的词" in found.message and found.remedy == "换一个名称"


@pytest.mark.usefixtures("planted")
def test_a_version_speaks_of_its_own_layer(tmp_path: Path) -> None:
    lowest = write_layers(tmp_path, RULES, "提示 甲\n  依据【一】\n  当 满年\n  说 “话”\n")
    with (lowest / "layer.yaml").open("a", encoding="utf-8") as file:
        file.write("language: 1\n")
    policy, found = try_load(lowest)
    assert policy is not None and not [one for one in found if one.severity == "error"]


@pytest.mark.usefixtures("planted")
def test_words_are_seen_wherever_the_grammar_takes_them_for_keywords() -> None:
    text = RULES.replace("停产 且", "任一 项目 满足（建成日 起满 1 年） 且")
    file, _ = parse_source(Source("甲.rules", text))
    assert [(word.text, word.span.text, word.span.line) for word in file.added] == [("起满", "起满", 5)] * 2


def test_nothing_is_planted_for_good() -> None:
    assert all(1 < version <= LANGUAGE_VERSION for version in ADDED.values())
    assert set(ADDED) <= {*KEYWORDS, *RESERVED}
    assert LANGUAGE_VERSION == 2


def test_a_version_nobody_knows(tmp_path: Path) -> None:
    (found,) = check(tmp_path, RULES, "3")
    assert found.code == "E161" and "第 3 版" in found.message


def test_check_shows_the_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_layers(tmp_path, RULES)
    assert run(["check", str(folder)]) == 0
    assert "规则语言第" not in capsys.readouterr().out
    with (folder / "layer.yaml").open("a", encoding="utf-8") as file:
        file.write("language: 2\n")
    assert run(["check", str(folder)]) == 0
    assert "规则语言第 2 版" in capsys.readouterr().out
    assert run(["check", "--json", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out)["layers"][0]["language"] == 2


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("决定 补（aid）：金额（万元）\n", "：金额（万元）"),
        ("决定 补（aid）：日期\n", "：日期"),
        ("决定 类（kind）：单选 { 高、低 }\n规则 一\n  则 类 为 3 × 2\n", "3 × 2"),
        ("清单 假 即 { 2025年1月1日 至 2025年1月7日 }\n", "2025年1月1日 至 2025年1月7日"),
        ("清单 名 即 { 东、等，不含 西 }\n", "西"),
        ("参数 线（line）：整数（个） 缺省 3 个\n  授权 从严（越高越严）\n", "授权 从严（越高越严）"),
        ("修订 表·2\n  还须 停产\n", "表·2"),
        ("术语 新\n  即 甲文·停产\n", "甲文·停产"),
    ],
)
def test_version_1_refuses_what_needs_no_new_word(tmp_path: Path, text: str, place: str) -> None:
    found = [one for one in check(tmp_path, RULES + text, "1") if one.code == "E160"]
    assert place in [one.span.text for one in found if one.span is not None]
    assert all(one.remedy == "把 layer.yaml 的 language 改为 2" for one in found)
    assert not [one for one in check(tmp_path / "2", RULES + text, "2") if one.code == "E160"]


def test_version_1_knew_counts_of_working_days_and_open_lists(tmp_path: Path) -> None:
    text = "参数 几天（days）：整数（个工作日） 缺省 3 个工作日\n清单 名 即 { 东、西、等 }\n"
    assert check(tmp_path, RULES + text, "1") == ()


def test_braces_are_text_in_version_1(tmp_path: Path) -> None:
    text = RULES + "提示 甲\n  依据【一】\n  当 停产\n  说 “{建成日} 建成”\n"
    told = {}
    for version in ("", "1", "2"):
        folder = write_layers(tmp_path / f"v{version}", text)
        if version:
            with (folder / "layer.yaml").open("a", encoding="utf-8") as file:
                file.write(f"language: {version}\n")
        policy, _ = try_load(folder)
        assert policy is not None
        told[version] = policy.evaluate({"停产": True, "建成日": "2025-01-02"}).findings[0].message
    assert told == {"": "2025年1月2日 建成", "1": "{建成日} 建成", "2": "2025年1月2日 建成"}
