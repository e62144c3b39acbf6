"""What another reading makes of a result: told exactly where evaluating under it says so, and worked out no further than it turns."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import policyrules as pr
from policyrules import interpreter
from policyrules.engine.steps import Step
from policyrules.results import DecisionResult, Finding, ObjectOutcome
from policyrules.testing.build import policy_from_text

OBJECTS = """
对象 县（county）
  字段 示范（model）：是否
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否
  字段 数（n）：整数（个）
  字段 开工日（began）：日期
  字段 停产日（stopped）：日期
对象 资产（asset） 属于 项目
  字段 坏（broken）：是否
  字段 旧（old）：是否
读法 口径（reading）：枚举 { 前、后 } 缺省 前
"""
TERM = """
术语 成立 即 视 口径（前：甲；后：乙）
术语 再成立 即 成立 且 数 ≥ 1 个
规则 上类
  当 再成立
  则 类 为 上
决定 类（kind）：单选 { 上、下 }
禁令 不得上
  不得 类 为 上
提示 上了
  当 成立
  说 “类是{类}”
"""
PRESENCE = """
术语 示范的 即 数 ≥ 1 个
术语 所说 即 视 口径（前：甲 且 乙；后：甲）
决定 类（kind）：单选 { 上、下 }
规则 上类
  当 （首选 所说，缺则 示范的）
  则 类 为 上
义务 交代
  应当 （首选 所说，缺则 示范的）
"""
DAYS = """
决定 起日（start）：日期
规则 起的
  当 乙
  则 起日 为 停产日
术语 起算日 即 视 口径（前：开工日；后：取大（起日；开工日））
义务 报告
  当 甲
  应当 数 ≥ 1 个
  期限 起算日
"""
STATISTIC = """
术语 成立 即 视 口径（前：甲；后：乙）
统计 成立数
  计数 项目
  其中 成立
禁令 过多
  不得 成立数 ≥ 2 个
决定 类（kind）：单选 { 上、下 }
规则 上类
  当 成立数 ≥ 2 个
  则 类 为 上
"""
ROWS = """
术语 不行 对 资产 即 视 口径（前：坏；后：坏 或 旧）
义务 修理 对 资产
  应当 非 不行
禁令 有一件
  不得 任一 资产 满足（不行）
禁令 示范县 对 县
  当 示范 且 口径 为 后
  不得 示范
"""
UNLISTED = """
推定 推坏 对 资产
  当 甲 则 坏 为 否
术语 所知 对 资产 即 视 口径（前：旧；后：坏）
禁令 不行 对 资产
  不得 首选 所知，缺则 乙
义务 好的 对 资产
  应当 所知
"""
PRESUMED = """
推定 推甲
  当 口径 为 前 且 乙 则 甲 为 是
禁令 不得甲
  不得 甲
"""
AMOUNT = """
决定 补助（aid）：金额（万元）
规则 补助的
  当 甲
  则 补助 为 视 口径（前：数 × 1 万元 ÷ 1 个；后：2 万元）
提示 补助多少
  当 甲
  说 “补助 {补助}”
"""


def said(outcome: pr.Outcome) -> dict[tuple[str, str], DecisionResult | Finding]:
    found: dict[tuple[str, str], DecisionResult | Finding] = {
        (one.name, one.path): one for one in ObjectOutcome.results(outcome) if isinstance(one, DecisionResult)
    }
    return found | {(one.name, one.target): one for one in outcome.findings}


def stands(result: DecisionResult | Finding) -> tuple[object, ...]:
    if isinstance(result, DecisionResult):
        return result.status, result.value, result.candidates, result.certain
    return result.status, result.due, "" if result.status == "not_applicable" else result.message


FLAGS = (None, True, False)
RECORDS: list[dict[str, Any]] = [
    {"编号": "1", "甲": a, "乙": b, "数": n} for a in FLAGS for b in FLAGS for n in (None, 0, 1)
]
DATED: list[dict[str, Any]] = [
    {"编号": "1", "甲": True, "乙": True, "数": 0, "开工日": one, "停产日": other}
    for one in (None, "2025-01-06", "2025-12-01")
    for other in (None, "2025-01-06", "2025-12-01")
]
HELD: list[dict[str, Any]] = [
    {"编号": "1", "县": {"示范": True}, **rows}
    for rows in (
        {},
        {"资产": []},
        {"资产": [{"坏": False, "旧": True}]},
        {"资产": [{"坏": False, "旧": True}, {"坏": True}]},
        {"资产": [{"坏": False}]},
    )
]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        (TERM, RECORDS),
        (PRESENCE, RECORDS),
        (DAYS, DATED),
        (STATISTIC, RECORDS),
        (ROWS, HELD),
        (UNLISTED, RECORDS),
        (PRESUMED, RECORDS),
        (AMOUNT, RECORDS),
    ],
    ids=["term", "presence", "days", "statistic", "rows", "unlisted", "presumed", "amount"],
)
@pytest.mark.parametrize("quick", [False, True], ids=["definition", "compiled"])
def test_another_reading_is_told_exactly_where_evaluating_under_it_differs(
    text: str, records: list[dict[str, Any]], quick: bool
) -> None:
    policy = policy_from_text(OBJECTS + text)
    if quick:
        policy.interpreter.hasten()
    other = policy.with_parameters({"口径": "后"})
    differ = 0
    for portfolio in (None, [{"编号": "2", "甲": True, "乙": False}, {"编号": "3", "乙": False}]):
        for record in records:
            right = said(other.evaluate(record, portfolio))
            for key, result in said(policy.evaluate(record, portfolio)).items():
                told = result.readings.get("口径", {})
                turns = stands(result) != stands(right[key])
                assert list(told) == (["后"] if turns else []), (record, key)
                # With all that it rests on, and for those reasons.
                assert not turns or told["后"] == right[key]
                differ += turns
    assert differ >= 2


def test_a_reading_that_a_rule_asks_whether_it_was_set_counts_as_set_under_another_one() -> None:
    policy = policy_from_text(OBJECTS + "禁令 设过\n  不得 口径 已填\n")
    [finding] = policy.evaluate({"编号": "1"}).findings
    assert finding.status == "compliant" and finding.readings["口径"]["后"].status == "violated"


def test_what_reads_no_reading_is_not_evaluated_for_any(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = policy_from_text(OBJECTS + TERM + "禁令 旁\n  不得 甲\n")
    outcome = policy.evaluate({"编号": "1", "甲": True, "乙": True})
    aside = next(one for one in outcome.findings if one.name == "旁")
    other = policy.evaluate({"编号": "2"})
    assert other.findings
    monkeypatch.setattr(interpreter, "Run", None)
    assert aside.readings == {}


def test_readings_that_come_to_the_same_go_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    # A hundred rules and duties stand on one term; it comes to the same, so none of them is asked again.
    many = "".join(f"规则 规{n}\n  当 成立 且 数 ≥ {n} 个\n  则 类 含 上\n" for n in range(50))
    many += "".join(f"禁令 禁{n}\n  不得 成立 且 数 ≥ {n} 个\n" for n in range(50))
    text = OBJECTS + "术语 成立 即 视 口径（前：甲；后：乙）\n决定 类（kind）：多选 { 上 }\n" + many
    made = 0
    plain = Step.__init__

    def counting(self: Step, *args: Any) -> None:
        nonlocal made
        made += 1
        plain(self, *args)

    def steps(record: dict[str, Any]) -> tuple[int, int]:
        nonlocal made
        outcome = policy_from_text(text).evaluate(record)
        monkeypatch.setattr(Step, "__init__", counting)
        made = 0
        turned = sum(bool(one.readings) for one in outcome.results())
        monkeypatch.setattr(Step, "__init__", plain)
        return turned, made

    turned, few = steps({"编号": "1", "甲": True, "乙": True, "数": 3})
    assert turned == 0 and few < 20
    turned, many_ = steps({"编号": "1", "甲": True, "乙": False, "数": 60})
    assert turned == 51 and many_ > 100


def test_what_nobody_asked_for_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    # Fifty prohibitions turn on the reading, each by a term of its own; one of them is asked for.
    many = "".join(
        f"术语 术{n} 即 视 口径（前：甲；后：乙） 且 数 ≥ {n} 个\n禁令 禁{n}\n  不得 术{n}\n" for n in range(50)
    )
    outcome = policy_from_text(OBJECTS + many).evaluate({"编号": "1", "甲": True, "乙": False, "数": 60})
    last = next(one for one in outcome.findings if one.name == "禁49")
    asked: list[str] = []
    plain = interpreter.Run.term

    def term(self: Any, name: str, instance: Any) -> Step:
        asked.append(name)
        return plain(self, name, instance)

    monkeypatch.setattr(interpreter.Run, "term", term)
    assert last.readings["口径"]["后"].status == "compliant"
    assert set(asked) == {"术49"}
    asked.clear()
    # What was answered is kept.
    assert last.readings["口径"]["后"].status == "compliant" and not asked


def test_under_another_reading_members_are_asked_only_for_what_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = "统计 转的数（turned）\n  依据【一】“原文”\n  计数 项目\n  其中 视 口径（前：甲；后：乙）\n"
    counts += "统计 别的数（plain）\n  依据【一】“原文”\n  计数 项目\n  其中 甲\n"
    duties = "禁令 多了\n  不得 转的数 ≥ 2 个\n禁令 也多了\n  不得 别的数 ≥ 2 个\n"
    policy = policy_from_text(OBJECTS + counts + duties)
    record: dict[str, Any] = {"编号": "1", "甲": True, "乙": False}
    outcome = policy.evaluate(record, [record, {"编号": "2", "甲": True, "乙": True}, {"编号": "3", "乙": False}])
    found = {one.name: one for one in outcome.findings}
    assert [one.status for one in found.values()] == ["violated", "violated"]
    asked: list[tuple[str, ...]] = []
    plain = interpreter.Interpreter._contribute

    def contribute(self: Any, world: Any, member: Any, names: tuple[str, ...]) -> Any:
        asked.append(names)
        return plain(self, world, member, names)

    monkeypatch.setattr(interpreter.Interpreter, "_contribute", contribute)
    assert found["多了"].readings["口径"]["后"].status == "compliant"
    assert found["也多了"].readings == {}
    assert asked.count(("转的数",)) == 3 and not any("别的数" in names for names in asked[-3:])


def test_the_policy_is_asked_for_findings_too() -> None:
    policy = policy_from_text(OBJECTS + ROWS)
    record = {"编号": "1", "资产": [{"坏": False, "旧": True}, {"坏": True}]}
    told = policy.readings(record, "修理", path="资产[0]")["口径"]["后"]
    assert isinstance(told, Finding) and (told.status, told.object) == ("violated", "资产[0]")
    assert policy.readings(record, "修理", path="资产[1]") == {}


def test_other_readings_of_findings_are_json_and_travel() -> None:
    policy = policy_from_text(OBJECTS + TERM)
    outcome = policy.evaluate({"编号": "1", "甲": True, "乙": False, "数": 1})
    first = outcome.to_dict()["findings"][0]  # type: ignore[index]  # plain JSON
    assert (first["status"], first["readings"]["口径"]["后"]["status"]) == ("violated", "compliant")
    assert "readings" not in first["readings"]["口径"]["后"]
    travelled = pickle.loads(pickle.dumps(outcome))
    assert travelled.to_dict() == outcome.to_dict()
    assert "readings" not in outcome.to_dict(detail=False)["findings"][0]  # type: ignore[index]  # plain JSON


def test_results_told_under_a_reading_share_what_evaluates_it() -> None:
    values = "、".join(f"读{number}" for number in range(300))
    policy = policy_from_text(
        OBJECTS.replace("枚举 { 前、后 } 缺省 前", f"枚举 {{ {values} }} 缺省 读0")
        + """
决定 类（kind）：单选 { 上 }
规则 上类
  当 口径 为 读0
  则 类 为 上
"""
    )
    interpreter = policy.interpreter
    told = [policy.evaluate({"编号": name})["类"].readings["口径"] for name in ("一", "二")]
    assert [len(one) for one in told] == [299, 299]
    # With ten thousand records as with two there is one for each reading.
    assert len(interpreter._readings) == 299
