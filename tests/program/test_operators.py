"""Each operator is one record; whoever must know it is asked for it here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

import pytest
from tests.docs.test_language import PAGE, table_rows

from policyrules.engine.operations import MEANINGS
from policyrules.language.keywords import KEYWORDS
from policyrules.operators import ELAPSED, INFIX, OPERATORS, Operator
from policyrules.program import nodes as core
from policyrules.program.walk import walk
from policyrules.testing.build import policy_from_text

BASE = """
对象 项目（project）
  字段 总投资（total）：金额（万元）
  字段 已拨付（paid）：金额（万元）
  字段 利用率（rate）：比例
  字段 闲置起始日（idle_since）：日期
  字段 立项日（approved_on）：日期
  字段 到期日（due_on）：日期
  字段 开工日（begun_on）：日期
  字段 验收日（accepted_on）：日期
  字段 帮扶方式（help）：多选 { 贴息、培训 }
"""


def not_matching(operators: Mapping[str, Operator], table: Collection[str]) -> list[str]:
    """Operators that a table does not know, and what it knows that is no operator."""
    return sorted(set(operators) ^ set(table))


def not_written_up(operators: Mapping[str, Operator], page: str) -> list[str]:
    """Operators whose words stand in code nowhere on the page."""
    written = {word.replace("−", "-") for code in re.findall(r"`([^`\n]+)`", page) for word in code.split()}
    return [name for name, operator in operators.items() if operator.words not in written]


def test_the_engine_has_a_meaning_for_each() -> None:
    assert not_matching(OPERATORS, MEANINGS) == []


def test_the_reference_has_each() -> None:
    section = PAGE[PAGE.index("## 4. Expressions") : PAGE.index("## 5.")]
    assert not_written_up(OPERATORS, section) == []
    forms = " ".join(row[0] for row in table_rows("## 4. Expressions"))
    assert not_written_up({operator.name: operator for operator in INFIX.values()}, forms) == []


def test_a_new_one_would_be_asked_for() -> None:
    new = Operator("sooner", "早于", ELAPSED.takes, ELAPSED.gives, "比另一天早", "甲日 早于 乙日")
    with_new = {**OPERATORS, new.name: new}
    assert not_matching(with_new, MEANINGS) == not_written_up(with_new, PAGE) == [new.name]


def applied(example: str) -> Iterator[Operator]:
    program = policy_from_text(f"{BASE}术语 示例\n  即 {example}\n").program
    for node in walk(program.terms["示例"].body):
        if isinstance(node, core.Apply):
            yield node.operator


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_its_example_is_read_as_the_operator(operator: Operator) -> None:
    assert [found.name for found in applied(operator.example)] == [operator.name]


@pytest.mark.parametrize("words", INFIX)
def test_every_way_to_write_it_is_in_the_grammar(words: str) -> None:
    operator = INFIX[words]
    assert list(applied(operator.example.replace(f" {operator.words} ", f" {words} "))) == [operator]
    assert (words in KEYWORDS) is words.isalpha()
