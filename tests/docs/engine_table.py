"""The table of docs/engines.md: what of the language each engine works out itself.

Why this exists: nothing of the language may be left out by an engine without a word. Each operator, each node and each
declaration has a row, and each reason for asking the definition stands in one.
``python -m tests.docs.engine_table --write`` puts the table into the page.

Invariants: the rows are those of the code; the words in quotes are those that an engine tells.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from policyrules.operators import OPERATORS
from policyrules.program import nodes

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "engines.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"

NODES = {
    "Constant": "a value written out",
    "AsOf": "评估日",
    "AsOfYear": "当年, 上年",
    "FieldValue": "a field",
    "ParameterValue": "a parameter",
    "TermValue": "a 术语",
    "StatisticValue": "a 统计",
    "DecisionValue": "a decision after 视",
    "AmountValue": "a decision of an amount, as a value",
    "Not": "非",
    "All": "且, 全部满足",
    "Any": "或, 任一满足",
    "AtLeast": "至少 n 项满足",
    "Yearly": "每年",
    "Member": "为, 属于 and their negations, of one value",
    "Contains": "含, 不含",
    "Overlaps": "含任一",
    "Subset": "全部属于",
    "Less": "除去",
    "DecisionIs": "a decision 为, 属于",
    "DecisionHas": "a 多选 decision 含, 含任一, 不含, 全部属于",
    "Filled": "已填, 未填",
    "ParameterFilled": "已填, 未填, of a parameter",
    "Present": "whether a value is there (首选)",
    "Supplied": "whether a list was supplied",
    "Sum": "+ and − of numbers",
    "Product": "×, ÷",
    "Extreme": "取小, 取大",
    "Quantified": "存在, 所有, 没有 of rows",
    "Aggregate": "计数, 合计, 最大, 最小, 取 of rows",
    "Choose": "视",
    "Fallback": "首选",
    "Term": "术语",
    "Statistic": "统计",
    "Rank": "先后",
    "Limit": "不超过, 不少于",
    "Decision": "决定: 单选, 由宽到严, 多选, amounts",
    "Rule": "规则, 补充规则",
    "Amended": "修订 and what is left of it",
    "Duty": "应当, 不得, with 期限 and 到期",
    "Notice": "提示",
    "Presumption": "推定",
}
"""What evaluating meets, by the class of its node, in words."""
NOT_EVALUATED = {
    "Citation": "where a provision stands",
    "Origin": "where it comes from",
    "Edit": "what a trial does to a declaration",
    "Trial": "which trial varies the stack",
    "ObjectKind": "what records are of",
    "Field": "read by FieldValue",
    "At": "a part of other nodes",
    "Apply": "one row for each operator",
    "Literals": "a part of 属于 and its kind",
    "ListRef": "a part of 属于 and its kind",
    "ParameterRef": "a part of 属于 and its kind",
    "Children": "a part of Quantified and Aggregate",
    "Amendment": "a part of Amended",
    "Parameter": "read by ParameterValue",
    "ValueList": "read by ListRef",
    "PresumptionCase": "a part of Presumption",
    "Stopped": "says what is no longer in force",
    "Program": "the whole",
}
"""Nodes that have no row, and why."""
BOTH = {
    "equal": ("…的比较",),
    "not_equal": ("…的比较",),
    "ParameterValue": ("多选（文本）的参数",),
    "TermValue": ("…的值",),
    "Overlaps": ("两个多选（文本）之间的比较",),
    "Subset": ("两个多选（文本）之间的比较",),
    "Less": ("多选（文本）的 除去",),
    "Aggregate": ("取 文本", "取 多选（文本）"),
    "Choose": ("视 多选", "多选（文本）的值之间的选择"),
    "Fallback": ("多选（文本）的值之间的选择",),
    "Rank": ("多于四个附条件的先后", "循环的先后"),
    "Duty": ("期限的条件中的工作日或者金额",),
    "StatisticValue": ("没有列出的行的统计",),
}
"""Forms of a construct that both engines ask the definition for, in the words they tell."""
COLUMNS = {
    "Statistic": ("统计", "多选（文本）的统计"),
    "ParameterValue": ("…的参数不能逐个县给", "多选的参数不能逐个县给"),
}
"""Those that only the columnar engine asks for."""
COMPILED = {"Statistic": "told by the definition: “统计 (its name)”"}
"""What the compiled engine says of a construct as a whole."""
NEVER = ("运算 …",)
"""Of an operator that lowering does not know: there is none, and a test says so."""


def rows() -> list[tuple[str, ...]]:
    """The rows of the table: operators, then nodes."""
    found = [
        (f"`{operator.name}`", f"{operator.words}: {operator.doc}", *_engines(operator.name))
        for operator in OPERATORS.values()
    ]
    return found + [(f"`{name}`", words, *_engines(name)) for name, words in NODES.items()]


def _engines(name: str) -> tuple[str, str, str]:
    both = BOTH.get(name, ())
    return "yes", COMPILED.get(name) or _told(both), _told((*both, *COLUMNS.get(name, ())))


def _told(words: tuple[str, ...]) -> str:
    return "lowered" if not words else f"lowered; told by the definition: {', '.join(f'“{one}”' for one in words)}"


def table() -> str:
    """The table as the page has it."""
    head = ("", "in rules", "definition", "compiled", "columns")
    lines = [head, ("---",) * len(head), *rows()]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def node_classes() -> set[str]:
    """The classes of `program.nodes`, and of what it is made of."""
    home = f"{nodes.__package__}."
    return {name for name, own in vars(nodes).items() if isinstance(own, type) and own.__module__.startswith(home)}


def refusals() -> Iterator[str]:
    """The words of every `Unlowered` that is raised, … for what they are filled in with."""
    source = ROOT / "src" / "policyrules"
    for path in sorted([*(source / "engine" / "lowering").glob("*.py"), *(source / "columns").glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Unlowered":
                match node.args[0]:
                    case ast.Constant(value=str(words)):
                        yield words
                    case ast.JoinedStr(values=parts):
                        yield "".join(str(one.value) if isinstance(one, ast.Constant) else "…" for one in parts)
                    case _:
                        raise AssertionError(f"{path.name}: words that are not written out")


def written(page: str) -> str:
    """The page with the table of today."""
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    return page[:begin] + "\n" + table() + "\n" + page[end:]


if __name__ == "__main__" and "--write" in sys.argv:
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
