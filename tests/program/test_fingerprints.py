"""What a policy says has one fingerprint, whatever the program that reads it came to know since."""

from __future__ import annotations

import pytest

from policyrules.program import fingerprints
from policyrules.testing.build import policy_from_text

# Of each kind of declaration and of node that grew a part since: a list, a parameter, what reads a statistic, a decision,
# a rule, a duty, a notice.
TEXT = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 建成（built）：是否
  字段 类型（kind）：枚举 { 种植、养殖、加工 }
清单 常见
  即 { 种植、等 }
参数 个数（count）：整数 缺省 2
统计 同类
  计数 项目
  相同 类型
决定 分类（category）：单选 { 甲、乙 }
  默认 乙
规则 一
  当 同类 ≥ 个数 且 类型 属于 { 种植、养殖 } 且 类型 属于 常见
  则 分类 为 甲
义务 建
  应当 建成
提示 未建
  当 非 建成
  说 “尚未建成 {}”
"""


def test_a_text_of_the_first_version_keeps_its_fingerprint() -> None:
    assert policy_from_text(TEXT).fingerprint == "7162999107a7f916d96a47e1d07cd3b2d1025640f15b14c28124021c991fc9ef"


def test_what_came_later_is_part_of_it_where_it_is_said() -> None:
    texts = (
        TEXT,
        TEXT.replace("种植、等 }", "种植、等，不含 养殖 }"),
        TEXT.replace("缺省 2\n", "缺省 2\n  授权 从严（越高越严）\n"),
        TEXT.replace("尚未建成 {}", "尚未建成 {类型}"),
        TEXT.replace("应当 建成", "原则上应当 建成\n  否则说明 编号"),
    )
    assert len({policy_from_text(text).fingerprint for text in texts}) == len(texts)


def test_what_many_layers_amend_is_pinned_in_step_with_what_they_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each layer pins all that stood before it; what was joined for the layer above is not written again inside it."""
    top = (
        "对象 项目（project）\n  字段 数（n）：整数（户）\n决定 类（class）：单选 { 上 }\n  授权 自定\n"
        "规则 一\n  授权 自定\n  当 数 ≥ 5 户\n  则 类 为 上\n"
    )

    def written(layers: int) -> int:
        below = [
            f"修订 一\n  授权 自定\n  还须 数 ≥ {number} 户\n  或者 数 = {number} 户\n  除外 数 = {100 + number} 户\n"
            for number in range(layers)
        ]
        sizes: list[int] = []
        node = fingerprints._node

        def measured(name: str, *parts: str) -> str:
            sizes.append(sum(map(len, parts)))
            return node(name, *parts)

        with monkeypatch.context() as patched:
            patched.setattr(fingerprints, "_node", measured)
            policy_from_text(top, *below)
        return sum(sizes)

    # What is pinned grows with the layers above for each of them: with the square, and not with the cube.
    assert written(32) < 5 * written(16)
