"""What a lower layer may do to the upper (language.md, section 6): each act under each 授权, both places shown."""

from __future__ import annotations

import pytest

from policyrules.testing.build import policy_from_text, try_policy_from_text

TOP = """
对象 项目（project） 标识 编号
  字段 编号（project_id）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否
  字段 丙（c）：是否
  {field_authority}
参数 线（line）：整数（个） {parameter}
清单 名单
  即 {{ 一、二{open} }}
  {list_authority}
决定 类（kind）：{mode} {{ 宽、中、严 }}
  {decision_authority}
规则 上规则
  当 甲
  则 类 {verb} 严
义务 上义务
  当 甲
  应当 乙
  {duty_authority}
禁令 上禁令
  当 甲
  不得 乙
  {duty_authority}
提示 上提示
  当 甲
  说 “提示”
"""

ACTS = {
    "还须": "修订 上规则\n  还须 丙\n",
    "规则或者": "修订 上规则\n  或者 丙\n",
    "规则除外": "修订 上规则\n  除外 丙\n",
    "停用规则": "修订 上规则\n  停用\n  说明 不再需要\n",
    "重申规则": "修订 上规则\n  重申\n",
    "新规则": "规则 下规则\n  当 丙\n  则 类 {verb} 严\n",
    "补充规则": "补充规则 下补充\n  当 丙\n  则 类 {verb} 严\n",
    "先后": "修订 类\n  先后 严、宽\n",
    "设定": "设定 线 为 5 个\n",
    "增列": "增列 名单 {{ 三 }}\n",
    "推定": "推定 丙\n  当 甲\n  则 丙 为 是\n",
    "义务仅限": "修订 上义务\n  仅限 丙\n",
    "义务或者": "修订 上义务\n  或者 丙\n",
    "义务还应当": "修订 上义务\n  还应当 丙\n",
    "义务除外": "修订 上义务\n  除外 丙\n",
    "停用义务": "修订 上义务\n  停用\n  说明 不再需要\n",
    "禁令仅限": "修订 上禁令\n  仅限 丙\n",
    "禁令或者": "修订 上禁令\n  或者 丙\n",
    "禁令还不得": "修订 上禁令\n  还不得 丙\n",
    "禁令除外": "修订 上禁令\n  除外 丙\n",
    "提示仅限": "修订 上提示\n  仅限 丙\n",
    "提示或者": "修订 上提示\n  或者 丙\n",
}


def attempt(
    act: str,
    *,
    authority: str = "",
    duty: str = "",
    mode: str = "单选",
    parameter: str = "未定 取值 1 个 至 9 个",
    open_: bool = False,
    list_: str = "",
) -> list[str]:
    """Codes of the errors when a lower layer does ``act``."""
    verb = "含" if mode == "多选" else "为"
    top = TOP.format(
        field_authority="",
        parameter=parameter,
        open="、等" if open_ else "",
        list_authority=f"授权 {list_}" if list_ else "",
        mode=mode,
        decision_authority=f"授权 {authority}" if authority else "",
        duty_authority=f"授权 {duty}" if duty else "",
        verb=verb,
    )
    _, diagnostics = try_policy_from_text(top, ACTS[act].format(verb=verb))
    for diagnostic in diagnostics:
        if diagnostic.code == "E301":
            assert diagnostic.related, "a breach shows the provision that binds"
    return [d.code for d in diagnostics if d.severity == "error"]


REFINES = ["还须", "规则除外", "补充规则", "先后"]
WIDENS = ["规则或者", "停用规则", "新规则"]


@pytest.mark.parametrize("act", REFINES)
def test_细化_lets_fewer_cases_conclude_the_value(act: str) -> None:
    assert attempt(act, authority="细化") == []
    assert attempt(act) == [], "细化 is the default of a 单选 decision"


@pytest.mark.parametrize("act", WIDENS)
def test_细化_refuses_what_lets_more_cases_conclude_it(act: str) -> None:
    assert attempt(act, authority="细化") == ["E301"]


@pytest.mark.parametrize("act", [*REFINES, *WIDENS])
def test_固定_lets_nothing_but_a_restatement(act: str) -> None:
    assert attempt(act, authority="固定") == ["E301"]
    assert attempt("重申规则", authority="固定") == []


@pytest.mark.parametrize("act", [*REFINES, *WIDENS])
def test_自定_lets_anything(act: str) -> None:
    assert attempt(act, authority="自定") == []


@pytest.mark.parametrize("act", ["规则或者", "新规则", "补充规则"])
def test_从严_lets_stricter_values_and_a_wider_当_of_a_stricter_rule(act: str) -> None:
    assert attempt(act, mode="由宽到严") == [], "从严 is the default of a 由宽到严 decision"
    assert attempt(act, mode="由宽到严", authority="从严") == []


@pytest.mark.parametrize("act", ["还须", "规则除外", "停用规则"])
def test_从严_refuses_a_condition_added_to_a_rule_that_concludes_a_stricter_value(act: str) -> None:
    assert attempt(act, mode="由宽到严") == ["E301"]


@pytest.mark.parametrize("act", ["义务或者", "义务还应当", "禁令或者", "禁令还不得"])
def test_从严_lets_more_be_demanded_of_a_duty(act: str) -> None:
    assert attempt(act) == [], "从严 is the default of duties and prohibitions"


@pytest.mark.parametrize("act", ["义务仅限", "义务除外", "停用义务", "禁令仅限", "禁令除外"])
def test_从严_refuses_what_makes_a_duty_laxer(act: str) -> None:
    assert attempt(act) == ["E301"]
    assert attempt(act, duty="自定") == []


@pytest.mark.parametrize("act", ["义务仅限", "义务除外", "禁令仅限", "禁令除外"])
def test_细化_of_a_duty_lets_it_be_narrowed(act: str) -> None:
    assert attempt(act, duty="细化") == []


def test_a_notice_may_be_narrowed_not_widened() -> None:
    assert attempt("提示仅限") == []
    assert attempt("提示或者") == ["E301"]


def test_an_open_parameter_may_be_set_within_its_bounds_only() -> None:
    assert attempt("设定") == []
    assert attempt("设定", parameter="缺省 3 个 取值 1 个 至 9 个") == []
    assert attempt("设定", parameter="未定 取值 1 个 至 4 个") == ["E206"]


def test_a_fixed_parameter_needs_自定() -> None:
    assert attempt("设定", parameter="= 3 个") == ["E301"]
    assert attempt("设定", parameter="= 3 个 授权 自定") == []


def test_an_open_list_may_be_extended_a_closed_one_needs_自定() -> None:
    assert attempt("增列", open_=True) == []
    assert attempt("增列") == ["E301"]
    assert attempt("增列", list_="自定") == []


def test_a_presumption_is_a_refinement() -> None:
    assert attempt("推定") == []


def test_the_grant_of_the_layer_that_amended_protects_its_amendment() -> None:
    top = TOP.format(
        field_authority="",
        parameter="未定",
        open="",
        list_authority="",
        mode="单选",
        decision_authority="授权 细化",
        duty_authority="",
        verb="为",
    )
    middle = "修订 上规则\n  还须 丙\n  授权 固定\n"
    _, diagnostics = try_policy_from_text(top, middle, "修订 上规则\n  还须 乙\n")
    assert [d.code for d in diagnostics if d.severity == "error"] == ["E301"]
    policy_from_text(top, middle, "修订 上规则\n  重申\n")


def test_a_setting_by_the_province_can_bind_the_county() -> None:
    top = "对象 项目（project）\n  字段 数（n）：整数（个）\n参数 线（line）：整数（个） 未定 取值 1 个 至 9 个\n"
    _, diagnostics = try_policy_from_text(top, "设定 线 为 5 个\n  授权 固定\n", "设定 线 为 6 个\n")
    assert [d.code for d in diagnostics if d.severity == "error"] == ["E301"]
    policy = policy_from_text(top, "设定 线 为 5 个\n", "设定 线 为 6 个\n")
    assert policy.program.parameters["线"].value == 6


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("修订 上义务\n  还须 丙\n", "E302"),
        ("修订 上规则\n  还应当 丙\n", "E302"),
        ("修订 上义务\n  还不得 丙\n", "E302"),
        ("修订 上规则\n  先后 宽、严\n", "E302"),
        ("修订 类\n  还须 丙\n", "E302"),
        ("增列 线 { 一 }\n", "E302"),
        ("设定 名单 为 5 个\n", "E302"),
        ("修订 名单\n  还须 丙\n", "E302"),
        ("修订 上规则\n  还须 丙\n修订 上规则\n  除外 乙\n", "E304"),
        ("规则 下\n  当 丙\n  则 类 为 严\n修订 下\n  还须 乙\n", "E3"),
        ("修订 上规则\n  停用\n", "E301"),
    ],
)
def test_unfit_amendments_are_explained(text: str, code: str) -> None:
    top = TOP.format(
        field_authority="",
        parameter="未定",
        open="",
        list_authority="",
        mode="单选",
        decision_authority="",
        duty_authority="",
        verb="为",
    )
    _, diagnostics = try_policy_from_text(top, text)
    errors = [d.code for d in diagnostics if d.severity == "error"]
    assert errors and all(e.startswith(code) for e in errors if not e.startswith("E301") or code == "E301"), errors
