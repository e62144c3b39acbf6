"""What a load says of its own accord: layers that are not in force, rules without a clause, settings nobody can judge."""

from __future__ import annotations

import datetime

import pytest

from policyrules.analysis.compare import compare
from policyrules.analysis.labels import stack_label
from policyrules.analysis.summary import summarise
from policyrules.policy import policy_of
from policyrules.program.stack import Stack
from policyrules.report.comparison import comparison_lines
from policyrules.report.layout import plain
from policyrules.report.ledger import ledger_lines
from policyrules.report.project import project_lines
from policyrules.testing.build import layer_files, policy_from_text, try_policy_from_text

OBJECTS = "对象 项目（project） 标识 编号\n  字段 编号（project_id）：文本\n  字段 停产（stopped）：是否\n"
UPPER = OBJECTS + "决定 分类（category）：单选 { 盘活、其他 }\n规则 甲\n  依据【一】\n  当 停产\n  则 分类 为 盘活\n"
LOWER = "提示 乙\n  依据【一】\n  当 停产\n  说 “话”\n"


def stack(until: str | None = None, assumed: bool = False) -> Stack:
    lower = layer_files(LOWER, 1, since="2025-06-01")
    lower["layer.yaml"] += f"in_force_until: {until}\n" if until else ""
    lower["layer.yaml"] += "assumed: [in_force_from]\nnote: 原文没有写\n" if assumed else ""
    return Stack.of(layer_files(UPPER, 0), lower)


@pytest.mark.parametrize(
    ("day", "until", "said"),
    [
        ("2025-05-31", None, "还没有施行"),
        ("2025-06-01", None, None),
        ("2025-12-31", "2025-12-31", None),
        ("2026-01-01", "2025-12-31", "已经失效"),
        ("2023-12-31", None, "还没有施行"),
    ],
)
def test_a_layer_that_is_not_in_force_is_said_above_every_result(day: str, until: str | None, said: str | None) -> None:
    date = datetime.date.fromisoformat(day)
    policy, found = policy_of(stack(until), as_of=date)
    assert policy is not None
    asleep = [each for each in found if each.code == "W306"]
    record = {"编号": "P1", "停产": True}
    outcome = policy.evaluate(record)
    upper = policy.down_to("L0")
    pages = [
        plain(ledger_lines(summarise(policy.program, [outcome]), policy)),
        plain(project_lines(outcome, policy)),
        plain(comparison_lines(compare(upper, policy, [record]))),
    ]
    if said is None:
        assert asleep == [] and policy.notes == () and stack_label(policy) == "国家＋某省"
        assert all("注意" not in page for page in pages)
        return
    assert len(asleep) == (2 if day < "2024" else 1)
    assert asleep[-1].file == "1/layer.yaml" and said in asleep[-1].message and day in asleep[-1].message
    assert stack_label(policy) == ("没有一层在施行" if day < "2024" else "国家")
    for page in pages:
        head = page.split("\n\n")[0]
        assert "注意：《第1层文件》" in head and said in head.replace("\n", "")


@pytest.mark.parametrize(
    ("day", "until", "said"),
    [
        ("2023-12-31", None, "最早的一份自 2024-01-01 起施行；要看那一天的结果，加 --as-of 2024-01-01"),
        ("2026-03-01", "2025-12-31", "最后的一份到 2025-12-31 为止；要看那一天的结果，加 --as-of 2025-12-31"),
    ],
)
def test_where_no_document_is_in_force_no_page_tells_results(day: str, until: str | None, said: str) -> None:
    files = layer_files(UPPER, 0)
    files["layer.yaml"] += f"in_force_until: {until}\n" if until else ""
    policy, _ = policy_of(Stack.of(files), as_of=datetime.date.fromisoformat(day))
    assert policy is not None
    outcome = policy.evaluate({"编号": "P1", "停产": True})
    about_one = plain(project_lines(outcome, policy, width=200))
    about_all = plain(ledger_lines(summarise(policy.program, [outcome]), policy, width=200))
    for page in (about_one, about_all):
        assert page.rstrip().endswith(f"评估日这一天没有一份文件在施行，什么都不得出。{said}")
        assert "一、" not in page and "找谁" not in page


def test_a_date_that_is_assumed_is_said() -> None:
    policy, found = policy_of(stack(assumed=True), as_of=datetime.date(2025, 9, 15))
    assert policy is not None and found == ()
    assert policy.notes == ("《第1层文件》的施行日 2025-06-01 是推定的，文件里没有写",)
    outcome = policy.evaluate({"编号": "P1"})
    assert policy.notes[0] in plain(ledger_lines(summarise(policy.program, [outcome]), policy, width=200))


CITED = "  依据【一】\n"


@pytest.mark.parametrize(
    ("kind", "body", "needs"),
    [
        ("规则", "  当 停产\n  则 分类 为 其他\n", True),
        ("义务", "  应当 停产\n", True),
        ("禁令", "  不得 停产\n", True),
        ("提示", "  当 停产\n  说 “话”\n", True),
        ("推定", "  当 编号 已填\n  则 停产 为 否\n", False),
        ("术语", "  即 停产\n", False),
    ],
)
def test_a_rule_without_a_clause_is_a_warning(kind: str, body: str, needs: bool) -> None:
    name = "停产" if kind == "推定" else "丙"
    found = try_policy_from_text(UPPER + f"{kind} {name}\n{body}")[1]
    assert [each.code for each in found] == (["W307"] if needs else [])
    if needs:
        assert found[0].severity == "warning" and found[0].span is not None and found[0].span.text == name
    assert try_policy_from_text(UPPER + f"{kind} {name}\n{CITED}{body}")[1] == ()


def test_where_no_clause_is_registered_none_is_asked_for() -> None:
    text = OBJECTS + "提示 丙\n  当 停产\n  说 “话”\n"
    assert policy_from_text(text).warnings == ()
    lower = policy_from_text(text, "提示 丁\n  当 停产\n  说 “话”\n")
    assert lower.warnings == ()


FLOOR = OBJECTS + "参数 {}（floor）：比例 缺省 55%{}\n  授权 从严\n"


@pytest.mark.parametrize(
    ("name", "bounds", "remedy"),
    [
        (
            "产业占比下限",
            "",
            "“产业占比下限”由 55% 改为 40%。是不是更严，请自己核对；要系统把关，请上层在参数 产业占比下限 下写“授权 从严（越高越严）”",
        ),
        ("管理费上限", " 取值 0% 至 90%", "下写“授权 从严（越低越严）”"),
        ("产业占比", "", "下写“授权 从严（越高越严）”，越低越严的写“授权 从严（越低越严）”"),
    ],
)
def test_a_setting_of_which_nobody_knows_whether_it_is_stricter(name: str, bounds: str, remedy: str) -> None:
    upper = FLOOR.format(name, bounds)
    policy, found = try_policy_from_text(upper, f"设定 {name} 为 40%\n")
    assert policy is not None
    assert [each.code for each in found] == ["W301"] and found[0].remedy is not None and remedy in found[0].remedy
    # With the line that is offered form decides.
    directed = upper.replace("授权 从严", "授权 从严（越高越严）")
    assert [each.code for each in try_policy_from_text(directed, f"设定 {name} 为 40%\n")[1]] == ["E309"]
    lower = upper.replace("授权 从严", "授权 从严（越低越严）")
    assert try_policy_from_text(lower, f"设定 {name} 为 40%\n")[1] == ()


@pytest.mark.parametrize(("cited", "code"), [("第5条", "E434"), ("第15条", "E434"), ("第五条", None)])
def test_figures_and_numerals_of_a_clause_are_one(cited: str, code: str | None) -> None:
    files = layer_files(OBJECTS + f"提示 丙\n  依据【{cited}】\n  当 停产\n  说 “话”\n", 0)
    files["clauses.yaml"] = "clauses:\n" + "".join(
        f"- {{id: C{number}, place: {place}, summary: 甲, kind: scope, decides: true}}\n"
        for number, place in enumerate(("第五条·产业占比", "第十五条·其他", "第二条"))
    )
    found = policy_of(Stack.of(files), as_of=datetime.date(2025, 9, 15))[1]
    if code is None:
        assert found == ()
        return
    assert [each.code for each in found] == [code]
    meant = {"第5条": "第五条·产业占比", "第15条": "第十五条·其他"}[cited]
    assert found[0].remedy == f"是不是【{meant}】？"


@pytest.mark.parametrize("cited", ["第1条", "第一条", "第三条第二款"])
def test_another_article_is_never_offered_for_one_that_is_not_there(cited: str) -> None:
    files = layer_files(OBJECTS + f"提示 丙\n  依据【{cited}】\n  当 停产\n  说 “话”\n", 0)
    files["clauses.yaml"] = "clauses:\n" + "".join(
        f"- {{id: C{number}, place: {place}, summary: 甲, kind: scope, decides: true}}\n"
        for number, place in enumerate(("第五条·产业占比", "第四条", "第二条"))
    )
    (found,) = policy_of(Stack.of(files), as_of=datetime.date(2025, 9, 15))[1]
    assert found.code == "E434" and found.remedy is not None
    assert "没有登记这一条" in found.remedy and "是不是" not in found.remedy
