"""What engine tests share: a small declared world, and the truth of one condition in it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import cache

import policyrules as pr
from policyrules.testing.build import policy_from_text

WORLD = """
对象 县（county）
  字段 示范县（model_county）：是否
对象 类型统计（type_counts） 属于 县
  字段 统计类型（counted_type）：文本
  字段 盘活数（revived）：整数（个） 取值 0 个 以上
  字段 达标（reached）：是否
  字段 等次（grade）：枚举 { 高、低 }
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 类型（type）：文本
  字段 甲（a）：是否 由 评估组
  字段 乙（b）：是否
  字段 丙（c）：是否
  字段 数（n）：整数（个） 取值 0 个 至 10 个
  字段 数二（m）：整数（个） 取值 1 个 至 4 个
  字段 宽数（w）：整数（个）
  字段 款（money）：金额（万元）
  字段 链条（chain）：枚举 { 较完备、不完整 }
  字段 难度（level）：枚举 { 无、暂时、持续 }
  字段 成因（causes）：多选 { 市场、技术、设施 }
  字段 停产日（stopped）：日期
  字段 期限日（due）：日期
  字段 来源（kind）：文本
对象 资金（funds） 属于 项目
  字段 年度（year）：年份
  字段 金额数（amount）：金额（万元） 取值 0 万元 以上
  字段 余额（balance）：金额（万元）
  字段 已付（paid）：是否
"""
AS_OF = datetime.date(2025, 9, 15)

TEST = """
决定 测（test）：单选 { 真 }
规则 测规则
  依据【一】“原文”
  当 {condition}
  则 测 为 真
"""


@cache
def policy(*layers: str) -> pr.Policy:
    """The world and what one or more layers add to it."""
    return policy_from_text(WORLD + layers[0], *layers[1:], as_of=AS_OF)


def truth(
    condition: str,
    record: Mapping[str, object] | None = None,
    more: str = "",
    portfolio: Sequence[Mapping[str, object]] | None = None,
) -> bool | None:
    """Whether a condition on a project is true, false or unknown."""
    result = policy(more + TEST.replace("{condition}", condition)).evaluate(dict(record or {}), portfolio)["测"]
    return {"determined": True, "none": False, "undetermined": None}[result.status]


def names(blanks: Sequence[object]) -> list[str]:
    """Blanks as ``object.name``, the record's own without object."""
    return [
        blank.name if blank.object in ("", "项目") else f"{blank.object}.{blank.name}"  # type: ignore[attr-defined]
        for blank in blanks
    ]
