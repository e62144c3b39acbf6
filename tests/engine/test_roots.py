"""The record's object comes from the program: a policy about 企业 or 农户 says no more than one about 项目."""

from __future__ import annotations

import pytest

from policyrules.testing.build import policy_from_text

TEXT = """
对象 县（county）
  字段 贫困县（poor）：是否
对象 {record}（record） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 行业（sector）：枚举 {{ 种植、加工 }}
统计 同行停产
  计数 {record}
  相同 行业
  其中 停产
术语 停产的 即 停产 且 贫困县
决定 去向（path）：由宽到严 {{ 保留、整顿 }}
  默认 保留
规则 整顿类
  依据【一】“停产的”
  当 停产的 且 同行停产 ≥ 2 个
  则 去向 为 整顿
义务 报告
  依据【一】“应当报告”
  当 停产
  应当 行业 为 加工
"""


@pytest.mark.parametrize("record", ["企业", "农户", "项目"])
def test_a_rule_that_names_no_object_speaks_of_the_record(record: str) -> None:
    policy = policy_from_text(TEXT.format(record=record))
    assert policy.program.root == record
    county = {"贫困县": "是"}
    ledger = [{"编号": str(n), "停产": "是", "行业": "加工", "县": county} for n in range(2)]
    outcomes = list(policy.evaluate_all(ledger))
    assert [outcome["去向"].value for outcome in outcomes] == ["整顿", "整顿"]
    assert [outcome.path for outcome in outcomes] == [record, record]
    alone = policy.evaluate(ledger[0])
    assert alone["去向"].status == "undetermined"
    assert [str(blank) for blank in alone["去向"].missing] == ["同行停产"]
    assert [(finding.name, finding.status, finding.object) for finding in alone.findings] == [
        ("报告", "compliant", record)
    ]
    assert f"本{record}：计入" in str(outcomes[0].explain())
