"""Turns of phrase of documents, typed as they stand there: who obeys the answer says what the phrase says."""

from __future__ import annotations

import pytest
from tests.language.test_glued import NOTICE
from tests.language.test_slips import BASE, meaning, obeyed

from policyrules.testing.build import try_policy_from_text


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("但 已形成", "已形成"),
        ("已形成 但 停产日 未填", "已形成 且 停产日 未填"),
        ("已形成 且 但是 停产日 未填", "已形成 且 停产日 未填"),
        ("除 已形成 外", "非 已形成"),
        ("除了 市场效益 为 好 之外", "非（市场效益 为 好）"),
        ("已形成 且 除 停产日 未填 外", "已形成 且 非（停产日 未填）"),
        ("应收租金 在10万元到50万元之间", "应收租金 介于 10 万元 至 50 万元"),
        ("利用率 在30%至50%之间", "利用率 介于 30% 至 50%"),
        ("带动户数 在十户和一千户之间", "带动户数 介于 10 户 至 1000 户"),
        ("市场效益“好”", "市场效益 为 好"),
        ("已形成 且 链条 “较完备”", "已形成 且 链条 为 较完备"),
    ],
)
def test_who_obeys_says_what_the_phrase_says(said: str, meant: str) -> None:
    assert meaning(obeyed(NOTICE.format(said))) == meaning(NOTICE.format(meant))


@pytest.mark.parametrize(
    ("said", "code", "remedy"),
    [
        ("至少两项（已形成；市场效益 为 好）", "E120", "写成“至少 2 项（已形成；市场效益 为 好）”"),
        ("已形成 但 停产日 未填 的除外", "E124", "写成“已形成 且 非（停产日 未填）”"),
        ("除 已形成", "E130", ""),
        ("应收租金 在很多到更多之间", "E130", ""),
    ],
)
def test_what_is_told(said: str, code: str, remedy: str) -> None:
    first = try_policy_from_text(BASE + NOTICE.format(said))[1][0]
    assert first.code == code and remedy in (first.remedy or "")
