"""What the compiled engine tells of a side is what the outcomes and the definition tell, decision by decision and finding by finding."""

from __future__ import annotations

from itertools import product

import pytest

from policyrules.policy import Policy
from policyrules.records.ledger import LedgerRecord
from policyrules.testing.build import policy_from_text
from policyrules.variation import study
from policyrules.variation.freeing import Deciding
from policyrules.variation.heard import Hearing
from policyrules.variation.selections import Input, selected, several, singles
from policyrules.variation.study import Side

TEXT = """
对象 县（county）
  字段 县名（county_name）：文本
  字段 脱贫（out）：是否
对象 类型（kinds） 属于 县
  字段 名称（kind_name）：文本
  字段 太多（many）：是否
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 户数（households）：整数（户） 取值 0 户 以上
  字段 停产（stopped）：是否
对象 资产（assets） 属于 项目 标识 资产编号
  字段 资产编号（asset_id）：文本
  字段 闲置（idle）：是否
决定 县别（county_class）：单选 { 重点、一般 } 对 县
规则 重点县 对 县
  依据【一】“重点”
  当 脱贫
  则 县别 为 重点
决定 限制（limits）：单选 { 停批 } 对 类型
规则 停批类型 对 类型
  依据【一】“停批”
  当 太多 且 县.脱贫
  则 限制 为 停批
决定 分类（category）：单选 { 升级、盘活 }
规则 升级类
  依据【一】“升级”
  当 户数 ≥ 10 户
  则 分类 为 升级
规则 盘活类
  依据【一】“盘活”
  当 停产 或 任一 资产 满足（闲置）
  则 分类 为 盘活
决定 措施（measures）：多选 { 补助、贷款 }
规则 补助措施
  依据【一】“补助”
  当 分类 为 升级
  则 措施 含 补助
规则 贷款措施
  依据【一】“贷款”
  当 户数 ≥ 5 户
  则 措施 含 贷款
决定 去向（goes）：单选 { 转让 } 对 资产
规则 转让资产 对 资产
  依据【一】“转让”
  当 闲置 且 项目.户数 < 10 户
  则 去向 为 转让
义务 报告
  依据【一】“报告”
  当 停产
  应当 户数 ≥ 3 户
义务 登记 对 资产
  依据【一】“登记”
  当 闲置
  应当 项目.停产
禁令 县里不得 对 县
  依据【一】“不得”
  当 脱贫
  不得 县名 为 “丙”
提示 看类型 对 类型
  依据【一】“看”
  当 太多
  说 “看一看”
"""
COUNTIES = (
    {"县名": "甲", "脱贫": True, "类型": [{"名称": "养殖", "太多": True}, {"名称": "种植"}]},
    {"县名": "乙", "类型": []},
    {"县名": "丙", "脱贫": True},
)


def policy() -> Policy:
    return policy_from_text(TEXT)


def side(policy: Policy, *, names: tuple[str, ...] = ()) -> Side:
    given = product(COUNTIES, (None, 2, 7, 12), (None, True, False), (None, [], [{"资产编号": "1", "闲置": True}]))
    records: list[dict[str, object]] = []
    for number, (county, households, stopped, assets) in enumerate(given):
        told = {"县": county, "户数": households, "停产": stopped, "资产": assets}
        records.append({"编号": str(number), **{name: value for name, value in told.items() if value is not None}})
    portfolio = policy.portfolio(records)
    several = tuple(LedgerRecord(one, one.identity) for one in portfolio.members)
    names = names or tuple(name for name, one in policy.program.decisions.items() if one.mode != "多选")
    return Side(policy, several, portfolio, names)


def test_what_is_heard_is_the_outcome() -> None:
    own = side(policy())
    quick, whole = Hearing(own, many=True), Hearing(side(policy()), many=False)
    shared = 0
    for index in range(len(own.roots)):
        mine, theirs = quick(index), whole(index)
        assert list(mine.objects) == [path for path, stands in theirs.objects.items() if stands]
        assert list(mine.findings.items()) == list(theirs.findings.items())
        for path, stands in mine.objects.items():
            assert list(stands) == list(theirs.objects[path])
            for name, one in stands.items():
                other = theirs.objects[path][name]
                for what in ("name", "status", "value", "candidates", "certain", "values", "shared", "kind"):
                    assert getattr(one, what) == getattr(other, what), (index, path, name, what)
        outcome = own.policy.evaluate(own.roots[index], own.portfolio)
        for found in outcome.findings:
            shared += found.shared is not None
            assert quick.shared(found.name, index, found.target) == found.shared
            assert quick.finding_kinds[found.name] == found.kind
    assert shared


def test_states_are_those_of_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    own = side(policy())
    told = own.under(own.program)
    monkeypatch.setattr(study, "_MANY", 0)
    assert list(own.under(own.program).items()) == list(told.items())
    assert {path for _, path, _ in told} == {"县", "类型[0]", "类型[1]", "资产[0]", "项目"}
    # What the decisions do not read is left out of a program as well: rows that stand for lists that nobody supplied are told of none.
    assert list(own.under(own.policy.program).items()) == list(told.items())
    some = [3, 40, 2]
    assert list(own.under(own.program, some, ["分类"])) == [(index, "项目", "分类") for index in some]


def test_what_does_not_turn_is_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def outcomes() -> list[object]:
        own = side(policy())
        deciding = Deciding(own.program, own.portfolio, "分类")
        found: list[object] = []
        for root in own.roots:
            subject = deciding.subject(root, root.path)
            inputs = deciding.with_values(subject, deciding.inputs(subject))
            for freed in ([one] for one in inputs if one.values):
                found.append((freed, deciding.outcomes(subject, *singles(freed))))
        return found

    quick = outcomes()
    monkeypatch.setattr(Deciding, "turns", lambda self, node, names: True)
    assert quick == outcomes()


@pytest.mark.parametrize("counts", [(2, 0, 3, 1), (1, 4), (3, 2, 2)])
@pytest.mark.parametrize("size", [1, 2])
def test_a_column_holds_what_is_selected(counts: tuple[int, ...], size: int) -> None:
    deciding = side(policy())
    field = next(iter(deciding.program.fields["项目"].values()))
    inputs = [
        Input((f"路径{place}", "名"), "", field, "现值", tuple(f"值{value}" for value in range(count)))
        for place, count in enumerate(counts)
    ]
    given, full = several(inputs, size)
    seen = set()
    for column in range(full.bit_length()):
        held = {
            place: value
            for place, one in enumerate(inputs)
            for value, plane in given[one.spot]
            if plane >> column & 1 and value != one.now
        }
        chosen = selected(inputs, size, column)
        assert held == {place: inputs[place].values[value] for place, value in chosen}
        seen.add(chosen)
    assert len(seen) == full.bit_length()
