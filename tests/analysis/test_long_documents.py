"""Coverage of documents far longer than people write: the work grows with text, clauses and quotes, never with their product."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.analysis import clause_places, coverage_page, coverage_text
from policyrules.analysis.coverage_page import render_html
from policyrules.analysis.coverage_text import render_text
from policyrules.analysis.hashes import hash_clauses
from policyrules.analysis.sentence_coverage import MOST_SHARED, SourceCoverage, source_coverage
from policyrules.program import clause_table
from policyrules.program.clause_table import read_clauses
from policyrules.program.quotes import fingerprint
from policyrules.source import Source, Span
from policyrules.testing.build import write_layers

HEAD = "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 甲（a）：是否\n决定 分类（cat）：单选 { 上、下 }\n  授权 自定\n"


def clause(number: int, starts: str, ends: str, place: str = "") -> str:
    lines = f"- id: C{number}\n  place: {place or f'第{number}条'}\n  summary: 要点\n  kind: classification\n  decides: true\n"
    return lines + f"  starts: {starts}\n  ends: {ends}\n"


def rule(number: int, *citations: str) -> str:
    cited = "".join(f"  依据{citation}\n" for citation in citations)
    return f"规则 规则{number}\n{cited}  当 甲\n  则 分类 为 上\n"


def covered(folder: Path, rules: Iterable[str], clauses: Iterable[str], text: str) -> SourceCoverage:
    lowest = write_layers(folder, HEAD + "".join(rules))
    (lowest / "clauses.yaml").write_text("clauses:\n" + "".join(clauses), encoding="utf-8")
    return source_coverage(Source("原文.txt", text), pr.load(lowest))


def test_a_sentence_of_which_thousands_of_rules_quote_words(tmp_path: Path) -> None:
    # With every quote beside every other this would take an hour.
    count = 1200
    words = [f"第{number}项工作" for number in range(count)]
    text = f"县级应当做好{'、'.join(words)}。"
    rules = (rule(number, f"【第1条】“{one}”") for number, one in enumerate(words))
    (sentence,) = covered(tmp_path, rules, [clause(1, "县级应当", f"{words[-1]}。")], text).sentences
    assert sentence.status == "encoded" and len(sentence.quoted_by) == len(sentence.marks) == count
    for mark in sentence.marks:
        (who,) = mark.declarations
        assert f"“{text[mark.start : mark.end]}”" in sentence.quoted_by[who].span.text


def test_quotes_inside_one_another_are_told_apart(tmp_path: Path) -> None:
    text = "县级应当做好各项工作。县级负责。"
    rules = [
        rule(1, "【第1条】“应当做好各项”"),
        rule(2, "【第1条】“做好各项工作”"),
        rule(3, "【第1条】“工作。县级负责”"),
    ]
    first, second = covered(tmp_path, rules, [clause(1, "县级应当", "县级负责。")], text).sentences
    names = [one.name for one in first.quoted_by]
    assert names == ["规则1", "规则2", "规则3"]
    told = [(text[mark.start : mark.end], [names[who] for who in mark.declarations]) for mark in first.marks]
    assert told == [
        ("应当", ["规则1"]),
        ("做好各项", ["规则1", "规则2"]),
        ("工作", ["规则2", "规则3"]),
        ("。", ["规则3"]),
    ]
    assert [(text[mark.start : mark.end], mark.declarations) for mark in second.marks] == [("县级负责", (0,))]


def test_clauses_that_all_overlap_are_not_each_told_at_every_sentence(tmp_path: Path) -> None:
    count = 120
    text = "".join(f"第{number}条县级做好第{number}项工作。" for number in range(count))
    clauses = [clause(number, f"第{number}条县级", f"第{count - 1}项工作。") for number in range(count)]
    found = covered(tmp_path, [rule(1, "【第1条】“县级做好第1项工作”")], clauses, text)
    assert [len(row.clauses) for row in found.sentences] == [min(number + 1, MOST_SHARED) for number in range(count)]
    assert sum(one.code == "E446" for one in found.diagnostics) == count - 1 and not found.complete


def test_offers_for_words_that_are_not_in_the_text_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"第{number}条县级做好第{number}项工作。" for number in range(20))
    # So much that five clauses beyond the first are compared with the whole text.
    monkeypatch.setattr(clause_places, "_MOST_COMPARED", 5 * len(text))
    clauses = [clause(number, f"第{number}条市级", f"第{number}项工作。") for number in range(20)]
    found = covered(tmp_path, [rule(1, "【第1条】“县级做好第1项工作”")], clauses, text)
    remedies = [str(one.remedy) for one in found.diagnostics if one.code == "E442"]
    assert len(remedies) == 20
    assert all(one.startswith("原文是“") for one in remedies[:6]) and set(remedies[6:]) == {"照录原文"}


def test_of_a_long_wrong_quote_the_beginning_is_compared(tmp_path: Path) -> None:
    text = f"县级应当{'做好各项工作，' * 5000}并且落实。"
    wrong = f"县级必须{'做好各项工作，' * 5000}"
    found = covered(tmp_path, [rule(1, f"【第1条】“{wrong}”")], [clause(1, "县级应当", "落实。")], text)
    (bent,) = (one for one in found.diagnostics if one.code == "E440")
    assert bent.remedy is not None and bent.remedy.startswith("原文是“") and len(bent.remedy) < 100


def test_a_rule_of_many_clauses_does_not_stand_beside_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = range(1, 31)
    text = "".join(f"第{number}条县级做好第{number}项工作。" for number in places)
    clauses = [clause(number, f"第{number}条", f"第{number}项工作。") for number in places]
    cited = [f"【第{number}条】“县级做好第{number}项工作”" for number in places]
    found = covered(tmp_path, [rule(1, *cited)], clauses, text)
    assert render_html(found).count("<pre>") == 30
    span = found.clauses[0].declarations[0].span
    monkeypatch.setattr(coverage_page, "_MOST_AGAIN", 2 * (span.end - span.start))
    page = render_html(found)
    # Beside the first, twice more, and from there on where it stands first.
    assert page.count("<pre>") == 3
    assert page.count('规则原文见<a href="#C1">上文</a>') == 27 and page.count('id="C1"') == 1


def test_many_rules_of_a_clause_are_told_whole_at_its_first_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "县级应当做好各项工作。\n县级负责落实。\n"
    rules = [rule(number, "【第1条】“做好各项工作”", "【第1条】“负责落实”") for number in range(5)]
    found = covered(tmp_path, rules, [clause(1, "县级应当", "落实。")], text)
    assert render_text(found, everything=True).count("规则 规则4（") == 2
    monkeypatch.setattr(coverage_text, "_MOST_AGAIN", 2)
    told = render_text(found, everything=True)
    assert told.count("规则 规则1（") == 2 and told.count("规则 规则4（") == 1
    assert told.count("其余 3 个见第 1 行") == 1


def test_fingerprints_of_thousands_of_clauses(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 3000
    text = "".join(f"第{number}条县级做好第{number}项工作。\n" for number in range(count))
    source = Source(
        "clauses.yaml", "clauses:\n" + "".join(clause(n, f"第{n}条", f"第{n}项工作。") for n in range(count))
    )
    table, found = read_clauses(source)
    assert table is not None and found == ()
    compared: list[object] = []
    monkeypatch.setattr(clause_table.Clause, "__eq__", lambda self, other: compared.append(self) or self is other)
    hashed = hash_clauses(table, Source("原文.txt", text))
    # What was written is read back and compared once; no clause is looked for among all.
    assert len(compared) <= 1
    monkeypatch.undo()
    assert hash_clauses(table, Source("原文.txt", text)).added == table.clauses
    hashed = hash_clauses(table, Source("原文.txt", text))
    assert hashed.text is not None
    again, _ = read_clauses(Source("clauses.yaml", hashed.text))
    assert again is not None
    assert again.clauses[7].sha256 == fingerprint("第7条县级做好第7项工作。")
    assert hash_clauses(again, Source("原文.txt", text)).text == hashed.text


def test_a_citation_is_not_held_against_every_place(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 4000
    read: list[str] = []
    figures = clause_table._in_figures
    monkeypatch.setattr(clause_table, "_in_figures", lambda place: read.append(place) or figures(place))
    text = "".join(clause(number, "甲", "乙", f"第{number}条·甲") for number in range(count))
    table, _ = read_clauses(Source("clauses.yaml", "clauses:\n" + text))
    assert table is not None
    for number in range(count):
        found = table.resolve(f"第{number}条", near=False)
        # 第1条 is the beginning of no other place, 第1 would be.
        assert isinstance(found, clause_table.Clause) and found.id == f"C{number}"
        assert table.resolve(f"第{number}款", near=False) == ()
    # Each place once, and each citation that is not found at once.
    assert len(read) <= 3 * count
    beginning = table.resolve("第12", near=False)
    assert isinstance(beginning, tuple)
    assert [one.id for one in beginning] == [f"C{n}" for n in range(count) if str(n).startswith("12")]
    said = table.unresolved("第12", Span(table.source, 0, 1))
    assert said.code == "E435" and f"对应 {len(beginning)} 条" in said.message
    assert table.unresolved("第十二款", Span(table.source, 0, 1)).code == "E434"
