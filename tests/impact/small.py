"""Small random policies and records of which everything that an input may hold can be tried one by one."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations, product
from typing import Any

from policyrules.analysis.trials import targets
from policyrules.engine.instances import Instance, label_of
from policyrules.policy import Policy
from policyrules.records.ledger import LedgerRecord
from policyrules.testing.build import policy_from_text
from policyrules.variation.model import State
from policyrules.variation.study import Side, state_in

NUMBERS = tuple(range(7))
ITEMS = ("水", "电", "路")
_SUBSETS = tuple(
    frozenset(some) for some in chain.from_iterable(combinations(ITEMS, size) for size in range(len(ITEMS) + 1))
)
DOMAINS: Mapping[str, Sequence[Any]] = {
    "形成": (True, False),
    "有潜力": (True, False),
    "档次": ("好", "中", "差"),
    "缺项": _SUBSETS,
    "户数": NUMBERS,
    "人数": NUMBERS,
    "闲置": (True, False),
    "原值": NUMBERS,
}
DECLARED = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 形成（formed）：是否
  研判 有潜力（potential）：是否
  研判 档次（grade）：枚举 { 好、中、差 }
  字段 缺项（lacking）：多选 { 水、电、路 }
  字段 户数（households）：整数（户） 取值 0 户 至 6 户
  字段 人数（people）：整数（户） 取值 0 户 至 6 户
对象 资产（asset） 属于 项目
  字段 闲置（idle）：是否
  字段 原值（value）：整数（户） 取值 0 户 至 6 户
"""
_PARTS = (
    "形成",
    "非 有潜力",
    "有潜力",
    "档次 为 {grade}",
    "档次 属于 {{ {grade}、中 }}",
    "缺项 含 水",
    "缺项 含 电、路",
    "缺项 不含 路",
    "户数 ≥ {number} 户",
    "户数 < {number} 户",
    "人数 = {number} 户",
    "户数 > 人数",
    "户数 + 人数 ≥ {number} 户",
    "户数 - 人数 > {number} 户",
    "户数 × 2 > 人数 + {number} 户",
    "人数 ÷ 户数 ≥ {number}0%",
    "户数 ÷ （人数 + 户数） > {number}0%",
    "合计 资产.原值 × 2 > 户数 + 人数",
    "取小（户数；人数） ≥ {number} 户",
    "合计 资产.原值 ≥ {number} 户",
    "任一 资产 满足（闲置 且 原值 ≥ {number} 户）",
    "全部 资产 满足（原值 ≤ 户数）",
    "计数 资产 其中（闲置） ≥ 2",
    "最大 资产.原值 > {number} 户",
)


def _condition(chance: random.Random) -> str:
    parts = [
        part.format(grade=chance.choice(("好", "差")), number=chance.randint(1, 5))
        for part in chance.sample(_PARTS, chance.randint(1, 3))
    ]
    return parts[0] if len(parts) == 1 else (" 且 " if chance.random() < 0.8 else " 或 ").join(parts)


def random_policy(chance: random.Random) -> Policy:
    """A decision on the record and one on its rows."""
    default = "\n  默认 乙" if chance.random() < 0.2 else ""
    text = DECLARED + f"决定 分类（category）：单选 {{ 甲、乙、丙 }}{default}\n"
    for number in range(chance.randint(2, 4)):
        value = chance.choice("甲乙丙")
        text += f"规则 第{number}条\n  依据【一】“文中”\n  当 {_condition(chance)}\n  则 分类 为 {value}\n"
    text += "决定 去向（way）：单选 { 留、走 }\n  对 资产\n  默认 留\n"
    number = chance.randint(1, 5)
    text += (
        f"规则 走\n  依据【二】“文中”\n  对 资产\n  当 闲置 且 原值 < {number} 户 且 项目.{chance.choice(('形成', '有潜力'))}\n"
        "  则 去向 为 走\n"
    )
    return policy_from_text(text)


def random_record(chance: random.Random, number: int, blank: float) -> dict[str, Any]:
    """A record with two assets or none, some of its cells blank."""

    def filled(names: Sequence[str]) -> dict[str, Any]:
        return {name: chance.choice(DOMAINS[name]) for name in names if chance.random() >= blank}

    rows = [filled(("闲置", "原值")) for _ in range(chance.choice((0, 2)))]
    own = filled(("形成", "有潜力", "档次", "缺项", "户数", "人数"))
    return {
        "编号": str(number),
        **{k: sorted(v) if isinstance(v, frozenset) else v for k, v in own.items()},
        "资产": rows,
    }


def side_of(policy: Policy, records: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Side:
    """A side of a study."""
    portfolio = policy.portfolio(records)
    return Side(policy, tuple(LedgerRecord(one, one.identity) for one in portfolio.members), portfolio, tuple(names))


def cells(root: Instance) -> Iterator[tuple[str, Instance, str]]:
    """The cells of a record and its rows: what people call them, whose they are, and their names."""
    for instance in (root, *(row for rows in root.rows.values() for row in rows or ())):
        for name in DOMAINS:
            if (instance is root) == (name not in ("闲置", "原值")):
                yield f"{label_of(instance)}.{name}", instance, name


class Trying:
    """A record of which cells hold something else for a while."""

    def __init__(self, side: Side, index: int) -> None:
        self.side = side
        self.root = side.roots[index]
        self.cells = {label: (instance, name) for label, instance, name in cells(self.root)}

    def options(self, label: str) -> list[Any]:
        """What else a cell may hold."""
        instance, name = self.cells[label]
        return [value for value in DOMAINS[name] if value != instance.values.get(name)]

    def under(self, values: Mapping[str, Any], path: str, decision: str) -> State:
        """What a decision comes to where cells hold ``values``, by the definition."""
        before = {label: dict(self.cells[label][0].values) for label in values}
        try:
            for label, value in values.items():
                instance, name = self.cells[label]
                instance.values[name] = value
            run = self.side.interpreter.run(self.root, self.side.portfolio)
            found = targets(self.side.program, self.root)[path]
            return state_in(run, self.side.program.decisions[decision], found)
        finally:
            for label in reversed(list(values)):
                self.cells[label][0].values.clear()
                self.cells[label][0].values.update(before[label])

    def whatever(self, labels: Sequence[str], path: str, decision: str) -> Iterator[State]:
        """What it comes to for everything that some cells may hold."""
        for values in product(*(DOMAINS[self.cells[label][1]] for label in labels)):
            yield self.under(dict(zip(labels, values, strict=True)), path, decision)
