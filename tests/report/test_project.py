"""The page about one project and the summary of a ledger, as an official reads them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests.report.sample import NATION, nation, province, records

from policyrules.analysis.beside import beside
from policyrules.analysis.compare import compare
from policyrules.analysis.summary import summarise
from policyrules.policy import Policy, policy_of
from policyrules.program.stack import Stack
from policyrules.records.tasks import tasks_of
from policyrules.records.wording import blank_name, holders_text
from policyrules.report.comparison import comparison_lines
from policyrules.report.layout import line_width, plain
from policyrules.report.ledger import ledger_lines, list_lines, list_row
from policyrules.report.project import project_lines
from policyrules.report.text import percent
from policyrules.results import Outcome
from policyrules.testing.build import AS_OF, layer_files, policy_from_text

MEASURES = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否 由 评估组
对象 资产（assets） 属于 项目 标识 资产编号
  字段 资产编号（asset_id）：文本
  字段 资产名称（name）：文本
  字段 乙（asset_b）：是否 由 评估组
决定 措施（support）：多选 { 贷款、展会、培训、减租、新建 }
规则 信贷
  依据【三·信贷】
  当 甲
  则 支持 措施 含 贷款
规则 展会
  依据【三·展会】
  当 甲
  则 措施 含 展会
规则 培训
  依据【二·培训】
  当 甲
  则 鼓励 措施 含 培训
规则 减租
  依据【二·减租】
  当 乙 或 任一 资产 满足（资产.乙）
  则 可 措施 含 减租
规则 新建
  依据【二·新建】
  当 乙
  则 措施 含 新建
义务 管护 对 资产
  依据【五·管护】
  应当 资产.乙 且 项目.乙
"""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return {outcome.identity: outcome for outcome in province().evaluate_all(records())}


def with_offices(text: str, offices: dict[str, list[str]]) -> Policy:
    """A policy of one layer, with the offices that some of its clauses name."""
    files = layer_files(text, 0)
    table = yaml.safe_load(files["clauses.yaml"])
    for clause in table["clauses"]:
        clause["offices"] = offices.get(clause["place"], [])
    policy, _ = policy_of(Stack.of({**files, "clauses.yaml": yaml.safe_dump(table, allow_unicode=True)}), as_of=AS_OF)
    assert policy is not None
    return policy


def page(outcome: Outcome, width: int = 100, **options: object) -> str:
    upper = [("国家", o) for o in nation().evaluate_all(records()) if o.identity == outcome.identity]
    lines = project_lines(outcome, province(), width=width, upper=upper, **options)  # type: ignore[arg-type]
    assert all(line_width(line) <= width for line in lines)
    return plain(lines)


def test_the_upper_layer_is_shown_beside(outcomes: dict[str, Outcome]) -> None:
    shown = page(outcomes["P2"])
    assert "只按国家  加上某省" in shown
    assert "分类  升级      无" in shown


def test_what_stood_in_the_way(outcomes: dict[str, Outcome]) -> None:
    shown = page(outcomes["P2"])
    assert "规则 升级类：升级　不成立：还须 链条 为 不完整（链条：较完备） 否" in shown
    assert "依据 某省【二（三）升级类】“但产业链条不完整”" in shown


def test_quotes_of_both_layers(outcomes: dict[str, Outcome]) -> None:
    shown = page(outcomes["P1"])
    assert "依据 国家【二（二）·界定】“对资源有支撑的”" in shown
    assert "还须 链条 为 不完整（链条：不完整）　是" in shown
    assert "依据 某省【二（三）升级类】“但产业链条不完整”" in shown


def test_a_restatement_is_cited(outcomes: dict[str, Outcome]) -> None:
    assert "依据 某省【二（三）盘活类】“暂时困难的”" in page(outcomes["P3"])


def test_who_would_know_it(outcomes: dict[str, Outcome]) -> None:
    shown = page(outcomes["P4"])
    assert "分类：补 1 项就可能定下来：链条" in shown
    assert "评估组：链条" in shown


def test_findings_with_their_words(outcomes: dict[str, Outcome]) -> None:
    shown = page(outcomes["P3"])
    assert "违反    义务 严格论证" in shown and "“在严格论证的基础上”" in shown
    assert "违反    义务 细化标准（某县）" in shown
    assert "请按期完成分类" in shown


def test_measures_by_tone(outcomes: dict[str, Outcome]) -> None:
    shown = page(outcomes["P1"])
    assert "2 项确定" in shown and "可：培训" in shown
    assert "加上某省，增加 展会" in shown


def test_each_measure_has_its_own_clauses_and_offices() -> None:
    policy = with_offices(MEASURES, {"三·信贷": ["市场处", "计财处"], "三·展会": ["市场处"]})
    outcome = policy.evaluate({"甲": True})
    assert {value: one.offices for value, one in outcome["措施"].by_value.items()} == {
        "贷款": ("市场处", "计财处"),
        "展会": ("市场处",),
        "培训": (),
        "减租": (),
        "新建": (),
    }
    shown = plain(project_lines(outcome, policy, width=80))
    told = shown[shown.index("逐项的依据和责任单位") :].split("\n")
    assert [line.strip() for line in told[1:] if line] == [
        "措施",
        "支持  贷款",
        "依据 国家【三·信贷】",
        "单位 市场处、计财处",
        "·     展会",
        "依据 国家【三·展会】",
        "单位 市场处",
        "鼓励  培训",
        "依据 国家【二·培训】",
        "单位 条文没有写",
        "另有 2 项待定，加 --only 措施 看各项的依据和单位",
    ]
    # One list of the offices of everything would say nothing of who does what.
    assert "、责任单位\n" not in shown


def test_open_measures_are_told_in_short() -> None:
    policy = policy_from_text(MEASURES)
    shown = plain(project_lines(policy.evaluate({"甲": True}), policy, width=80, only=("措施",)))
    assert "    待定  减租（语气 可；依据 国家【二·减租】）" in shown
    assert "    待定  新建（依据 国家【二·新建】）" in shown


def test_a_conflict_is_told_value_by_value() -> None:
    policy = policy_from_text(NATION)
    outcome = policy.evaluate({"编号": "P", "已形成": True, "资源有支撑": True, "困难": "暂时经营困难"})
    shown = plain(project_lines(outcome, policy, width=80))
    assert "·     升级\n          依据 国家【二（二）·界定】" in shown
    assert "·     盘活\n          依据 国家【二（三）·界定】" in shown


def test_only_one_decision(outcomes: dict[str, Outcome]) -> None:
    shown = page(outcomes["P1"], only=("category",))
    assert "分类" in shown and "资产去向" not in shown and "严格论证" not in shown


def test_everything(outcomes: dict[str, Outcome]) -> None:
    assert len(page(outcomes["P4"], full=True).split("\n")) > len(page(outcomes["P4"]).split("\n"))


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_pages_fit_any_window(outcomes: dict[str, Outcome], width: int) -> None:
    for outcome in outcomes.values():
        page(outcome, width)
        page(outcome, width, full=True)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_the_summary_fits(outcomes: dict[str, Outcome], width: int) -> None:
    summary = summarise(province().program, outcomes.values())
    tasks = tasks_of(list(outcomes.values()))
    for everything in (False, True):
        lines = ledger_lines(summary, province(), tasks=tasks, width=width, everything=everything)
        assert all(line_width(line) <= width for line in lines)
        shown = plain(lines).replace("\n", "")
        assert "政策：国家＋某省" in shown and "要处理的（2 处" in shown and "要补的（" in shown


def test_the_summary_says_what_matters(outcomes: dict[str, Outcome]) -> None:
    summary = summarise(province().program, outcomes.values())
    shown = plain(ledger_lines(summary, province(), width=100, everything=True))
    assert "分类（项目 5 个，适用 4 个）" in shown
    assert "待定  1   25.0%  （可能：升级 1、无 1）" in shown
    assert "评估组：链条 1（1）" in shown
    assert "县级设定：参数“反向数量” 1" in shown
    assert "\n某县\n  违反    细化标准" in shown


def test_the_list(outcomes: dict[str, Outcome]) -> None:
    rows = [list_row(one, province().program, number) for number, one in enumerate(outcomes.values(), start=1)]
    shown = plain(list_lines(rows, width=100)).split("\n")
    assert shown[0].split() == ["编号", "分类", "入库", "违反"]
    assert shown[4].split() == ["P3", "盘活", "1"]


@pytest.mark.parametrize(
    ("part", "whole", "shown"), [(1, 2, "50.0%"), (2, 3, "66.7%"), (1, 8, "12.5%"), (0, 5, "0.0%")]
)
def test_percent(part: int, whole: int, shown: str) -> None:
    assert percent(part, whole) == shown


def test_names_of_blanks() -> None:
    assert blank_name("rows", "资产", "") == "资产（整张表）"
    assert blank_name("portfolio", "台账", "") == "全县台账"
    assert blank_name("recognition", "资金来源", "资金[0]") == "资金[0].资金来源（须认定）"
    assert holders_text(("县农业农村局",)) == "县农业农村局"
    assert holders_text((), "parameter") == "县级设定"
    assert holders_text(()) == "未写明由谁掌握"
    assert holders_text((), "rows") == ""


def test_rows_are_called_by_number_or_name_and_else_by_their_place() -> None:
    policy = policy_from_text(MEASURES)
    rows = [{"资产编号": "A1", "资产名称": "大棚"}, {"资产名称": "冷库"}, {}]
    outcome = policy.evaluate({"编号": "P", "资产": rows})
    assert [finding.label for finding in outcome.findings] == ["资产 A1", "资产 冷库", "资产第3行"]
    assert [finding.object for finding in outcome.findings] == ["资产[0]", "资产[1]", "资产[2]"]
    shown = plain(project_lines(outcome, policy, width=120))
    assert "管护（资产 A1、资产 冷库、资产第3行）" in shown and "资产[" not in shown
    assert "资产[" not in str(outcome.explain()) and "义务 资产第3行 管护" in str(outcome.explain())


def test_a_name_on_two_objects_is_written_out() -> None:
    policy = policy_from_text(MEASURES)
    outcome = policy.evaluate({"编号": "P", "资产": [{"资产编号": "A1"}]})
    shown = plain(project_lines(outcome, policy, width=120, only=("管护",)))
    assert "评估组：资产 A1.乙、项目.乙" in shown
    alone = plain(project_lines(policy.evaluate({"编号": "P", "资产": []}), policy, width=120, only=("措施",)))
    assert "评估组：乙" in alone
    summary = plain(ledger_lines(summarise(policy.program, [outcome]), policy, width=120, everything=True))
    assert "项目.乙 1" in summary and "资产.乙 1" in summary


def test_what_several_layers_wrote_is_not_told_in_the_words_of_one() -> None:
    policy = policy_from_text(
        "对象 项目（project）\n  字段 甲（a）：是否\n  字段 乙（b）：是否\n  字段 丙（c）：是否\n"
        "义务 手续\n  依据【国】“涉及集体资产的”\n  当 甲\n  应当 丙\n",
        "修订 手续\n  依据【省】“各种资产”\n  或者 乙\n",
    )
    outcome = policy.evaluate({"甲": False, "乙": True, "丙": False})
    shown = plain(project_lines(outcome, policy, width=120))
    assert "当 满足其中一项　是" in shown and "或者 乙　是" in shown and "当 甲" not in shown
    assert "“各种资产”" in shown and "“涉及集体资产的”" not in shown


def test_what_is_enough_is_told_only_where_that_is_known() -> None:
    policy = policy_from_text(
        "对象 项目（project）\n  字段 多（a）：整数（个）\n  字段 少（b）：整数（个）\n  字段 甲（c）：是否\n"
        "决定 类（kind）：单选 { 上、下 }\n"
        "规则 上类\n  当 多 + 少 > 5 个\n  则 类 为 上\n"
        "规则 下类\n  当 多 + 少 < 5 个\n  则 类 为 下\n"
        "决定 去向（path）：单选 { 留 }\n规则 留下\n  当 甲\n  则 去向 为 留\n"
    )
    section = plain(project_lines(policy.evaluate({}), policy)).partition("缺什么、找谁")[2]
    assert "类：补哪几项能定下来，看补的是什么\n" in section
    assert "去向：补 1 项就可能定下来：甲\n" in section


def test_one_ledger_is_asked_for_once() -> None:
    counts = "".join(f"统计 数{n}\n  计数 项目\n  其中 甲{n}\n" for n in (1, 2, 3))
    fields = "".join(f"  字段 甲{n}（a{n}）：是否 由 评估组\n" for n in (1, 2, 3))
    rules = "规则 多\n  当 数1 ≥ 2 个 且 数2 ≥ 2 个 且 数3 ≥ 2 个\n  则 类 为 多\n"
    funds = "对象 资金（funds） 属于 项目\n  字段 甲列（c）：是否 由 财务\n  字段 乙列（d）：是否 由 乡镇\n"
    decision = "决定 类（kind）：单选 { 多 }\n决定 钱（money）：单选 { 有 }\n"
    rules += "规则 有钱\n  当 任一 资金 满足（甲列 且 乙列）\n  则 钱 为 有\n"
    text = f"对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n{fields}{funds}{counts}{decision}{rules}"
    policy = policy_from_text(text)
    shown = plain(project_lines(policy.evaluate({"编号": "P1", "甲1": True, "甲2": True, "甲3": True}), policy))
    section = shown.partition("缺什么、找谁")[2].partition("\n\n")[0] + "\n"
    assert "类：补 1 项就可能定下来：全县台账\n" in section or "类：至多补 1 项就可能定下来：全县台账\n" in section
    assert "本次评估：全县台账\n" in section
    assert "  资金（整张表）\n" in section and "未写明" not in section


def test_a_stopped_rule_is_told_with_its_clause_and_why() -> None:
    upper = NATION.replace("  适用 当 已形成\n", "  适用 当 已形成\n  授权 自定\n", 1)
    policy = policy_from_text(upper, "修订 升级类\n  依据【三】“不再执行”\n  停用\n  说明 另有规定\n")
    shown = plain(project_lines(policy.evaluate({"编号": "P1", "已形成": True}), policy, only=("分类",)))
    assert "规则 升级类：停用" in shown and "某省【三】“不再执行”" in shown and "另有规定" in shown


FIRMS = """\
对象 县（county）
  字段 示范（model）：是否
对象 企业（firm） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否 由 乡镇
对象 车间（shop） 属于 企业
  字段 面积（area）：面积（亩）
统计 停产数
  计数 企业
  其中 停产
决定 类（kind）：单选 { 上、下 }
规则 甲
  当 停产 且 停产数 ≥ 2
  则 类 为 上
义务 乙 对 车间
  当 面积 > 3 亩
  应当 面积 < 5 亩
提示 丙 对 县
  当 示范
  说 “示范县”
"""


def test_a_policy_about_firms_never_speaks_of_projects() -> None:
    before, after = (policy_from_text(text) for text in (FIRMS, FIRMS.replace("≥ 2", "≥ 1")))
    county = {"示范": True}
    records = [
        {"编号": "A", "停产": True, "县": county, "车间": [{"面积": 6}, {}]},
        {"编号": "B", "县": county, "车间": [{}]},
    ]
    outcomes = list(before.evaluate_all(records))
    pages = [project_lines(outcome, before, full=full) for outcome in outcomes for full in (False, True)]
    pages += [
        ledger_lines(summarise(before.program, outcomes), before, tasks=tasks_of(outcomes), everything=True),
        comparison_lines(compare(before, after, records)),
    ]
    shown = "\n".join(map(plain, pages))
    assert "项目" not in shown and "项目" not in "".join(str(outcome.explain()) for outcome in outcomes)
    assert "另有 1 条记录未定（B）" in shown and "本企业：计入" in shown
    assert "义务（按企业或车间个数）" in shown
    # What is said of the county is said once, though both firms bring it along.
    assert shown.count("\n县\n  提示    丙") == 1
    assert [dict(counter) for counter in summarise(before.program, outcomes).owner_findings.values()] == [{"notice": 1}]


ROWS = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
对象 资产（assets） 属于 项目 标识 号
  字段 号（no）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否
  字段 期（d）：日期
决定 去向（path） 对 资产：单选 { 处置 }
规则 应处置 对 资产
  依据【一】“甲的处置”
  授权 自定
  当 甲
  则 去向 为 处置
义务 手续 对 资产
  依据【一】“甲的办手续”
  当 甲
  应当 非 甲 且 非 乙
  期限 期
"""
MORE_ROWS = """
修订 应处置
  依据【二】“乙的处置”
  或者 乙
修订 手续
  依据【二】“乙的办手续”
  或者 乙
"""


def test_rows_are_told_together_only_where_clauses_and_days_are_the_same() -> None:
    policy = policy_from_text(ROWS, MORE_ROWS)
    upper = {"甲": True, "乙": False, "期": "2025-01-01"}
    lower = {"甲": False, "乙": True, "期": "2025-02-02"}
    rows = [
        {"号": "A1", **upper},
        {"号": "A2", **lower},
        {"号": "A3", **upper},
        {"号": "A4", **upper, "期": "2025-03-03"},
    ]
    shown = plain(project_lines(policy.evaluate({"资产": rows}), policy))
    assert "手续（资产 A1、资产 A3），期限 2025年1月1日" in shown
    assert "手续（资产 A2），期限 2025年2月2日" in shown
    assert "手续（资产 A4），期限 2025年3月3日" in shown
    first, second = shown.index("资产 A1.去向、资产 A3.去向、资产 A4.去向"), shown.index("资产 A2.去向")
    assert first < shown.index("依据 国家【一】") < second < shown.index("依据 某省【二】")
    assert "某省【二】“乙的办手续”\n" in shown
    # The same condition on another row is told again where it came out otherwise.
    assert "或者 乙　是" in shown.partition("义务 资产 A2 手续：逾期")[2].partition("义务 资产 A3")[0]
    assert shown.count("非 甲　否") == 1


def test_that_it_may_not_apply_is_not_counted_among_the_values() -> None:
    policy = policy_from_text("""
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否
决定 措施（measures）：多选 { 贷款、培训 }
  适用 当 甲
规则 贷款的
  依据【一】“贷款”
  当 乙
  则 措施 含 贷款、培训
""")
    shown = plain(project_lines(policy.evaluate({}), policy))
    assert "0 项确定，2 项待定" in shown and "待定：贷款、培训、不适用" in shown


READINGS = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否
读法 口径（reading）：枚举 { 从宽、从严 } 缺省 从宽
  依据【一】“等”
决定 分类（category）：单选 { 升级、盘活 }
规则 升级
  依据【二】“升级”
  当 甲
  则 分类 为 升级
规则 盘活
  依据【三】“盘活”
  当 甲 且 口径 为 从严
  则 分类 为 盘活
决定 措施（support）：多选 { 贷款、展会、培训 }
规则 贷款
  依据【四】“贷款”
  当 甲 且 口径 为 从宽
  则 措施 含 贷款
规则 展会
  依据【五】“展会”
  当 甲 且 （口径 为 从宽 或 乙）
  则 措施 含 展会
规则 培训
  依据【六】“培训”
  当 乙 且 口径 为 从严
  则 措施 含 培训
"""


def test_a_default_is_told_with_its_value() -> None:
    policy = policy_from_text("""
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 人数（n）：整数（人）
  字段 短板（gap）：枚举 { 市场、技术、设施 }
参数 盘活优先（ranked）：是否 缺省 否
参数 可办的（doable）：多选 { 市场、技术、设施 } 缺省 { 设施、技术 }
参数 起点（least）：整数（人） 缺省 5 人
决定 分类（category）：单选 { 升级、盘活 }
  依据【一】“分类”
  先后 盘活、升级 仅当 盘活优先
规则 升级
  依据【二】“升级”
  当 人数 ≥ 起点
  则 分类 为 升级
规则 盘活
  依据【三】“盘活”
  当 短板 属于 可办的
  则 分类 为 盘活
""")
    record = {"编号": "P", "人数": 5, "短板": "技术"}
    shown = plain(project_lines(policy.evaluate(record), policy, width=100))
    assert "（按缺省：可办的＝{ 技术、设施 }、盘活优先＝否、起点＝5 人）" in shown, shown
    chosen = policy.with_parameters({"盘活优先": False, "可办的": ["技术"]})
    shown = plain(project_lines(chosen.evaluate(record), chosen, width=100))
    assert "（按缺省：起点＝5 人）" in shown, shown


def test_another_reading_is_told_line_by_line() -> None:
    policy = policy_from_text(READINGS)
    outcome = policy.evaluate({"编号": "P", "甲": True})
    shown = plain(project_lines(outcome, policy, width=80)).split("\n")
    start = next(number for number, line in enumerate(shown) if line.endswith("、换一种读法"))
    assert shown[start + 1 : start + 7] == [
        "  口径改按“从严”读：",
        "    国家【一】“等”",
        "    分类  升级 → 冲突：升级、盘活",
        "    措施  少了 1 项确定：贷款",
        "          1 项由确定变为可能：展会",
        "          多出 1 项可能：培训",
    ]


def test_what_was_asked_for_and_does_not_apply_is_told_with_why(outcomes: dict[str, Outcome]) -> None:
    shown = page(outcomes["P2"], only=("严格论证",))
    assert "不适用  义务 严格论证" in shown and "当 分类 为 盘活（分类：无）　否" in shown
    shown = page(outcomes["P5"], only=("分类",))
    assert "不适用：分类" in shown and "已形成　否" in shown


def test_what_is_open_is_told_by_its_blanks_alone() -> None:
    policy = policy_from_text(
        "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n"
        + "".join(f"  字段 甲{n}（a{n}）：是否\n" for n in range(9))
        + "术语 内\n  即 同时满足（甲0；任一满足（甲1；甲2））\n术语 外\n  即 内 且 甲3\n"
        + "决定 类（kind）：单选 { 上 }\n规则 上类\n  当 外 且 任一满足（"
        + "；".join(f"甲{n}" for n in range(4, 9))
        + "）\n  则 类 为 上\n"
    )
    outcome = policy.evaluate({"编号": "1", "甲1": False})

    def reasons(**options: Any) -> list[str]:
        shown = plain(project_lines(outcome, policy, **options))
        return [line.lstrip(" │├└─") for line in shown.partition("、理由\n")[2].partition("\n\n")[0].splitlines()]

    waiting = [line.partition("（")[0] for line in reasons()[2:]]
    assert waiting == ["甲0", "甲2", "甲3", "甲4", "甲5", "甲6", "…… 另有 2 项，加 --full 看"]
    for options in ({"only": ("类",)}, {"full": True}):
        assert any(line.startswith("内　未知") for line in reasons(**options))


def test_what_a_lower_layer_adds_to_an_open_rule_is_quoted(outcomes: dict[str, Outcome]) -> None:
    open_ = next(one for one in outcomes.values() if one["分类"].status == "undetermined")
    shown = plain(project_lines(open_, province(), width=200))
    reasons = shown[shown.index("、理由") :]
    assert "规则 升级类：升级　未知" in reasons and "还须 链条 为 不完整" in reasons
    amended = reasons[reasons.index("规则 升级类") : reasons.index("还须 链条")]
    assert amended.count("依据 ") == 2


def many_values(values: int, duties: int, measures: str = "支持") -> Policy:
    return policy_from_text(
        "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 甲（a）：是否\n  字段 乙（b）：是否\n"
        "决定 类（kind）：单选 { 上、下 }\n"
        "规则 上类\n  依据【一】“上等的”\n  当 甲 且 非 乙\n  则 类 为 上\n规则 下类\n  依据【一】\n  当 非 甲\n  则 类 为 下\n"
        f"决定 措施（support）：多选 {{ {'、'.join(f'措施{n}' for n in range(values))} }}\n"
        + "".join(f"规则 给{n}\n  依据【二·{n}】\n  当 甲\n  则 {measures} 措施 含 措施{n}\n" for n in range(values))
        + "".join(f"义务 做{n}\n  依据【三】\n  应当 甲\n" for n in range(duties))
        + "义务 不做\n  依据【三】“不得乙”\n  应当 乙\n"
    )


def test_a_long_page_is_told_in_short() -> None:
    policy = many_values(60, 9)
    outcome = policy.evaluate({"编号": "P", "甲": True, "乙": False})
    full, short = (plain(project_lines(outcome, policy, folded=folded)).split("\n") for folded in (False, True))
    assert len(full) > 60 and len(short) < 30
    assert [line.strip() for line in short if "项" in line][:3] == [
        "措施  60 项确定",
        "支持 60 项；各项加 --only 措施 看",
        "合规    9 项",
    ]
    # What decides comes first, then what is wrong with its words; what does not hold is named.
    places = [short.index(line) for line in short if line[1:2] == "、"]
    assert [short[place][2:] for place in places][:3] == ["结果", "理由", "义务、禁令和提示"]
    page = "\n".join(short)
    assert "规则 上类：上　是" in page and "“上等的”" in page and "不成立：下类：下" in page
    assert "违反    义务 不做" in page and "“不得乙”" in page
    assert "--all" in short[-1] and not any("--all" in line for line in full)
    # Asked for, or whole, nothing is folded.
    for options in ({"only": ("措施",)}, {"full": True}):
        assert "措施59" in plain(project_lines(outcome, policy, folded=True, **options))  # type: ignore[arg-type]


def test_a_page_that_fits_a_screen_is_whole() -> None:
    policy = many_values(5, 2)
    outcome = policy.evaluate({"编号": "P", "甲": True, "乙": False})
    assert project_lines(outcome, policy, folded=True) == project_lines(outcome, policy)


def test_few_values_stay_listed_on_a_short_page() -> None:
    policy = many_values(12, 60)
    outcome = policy.evaluate({"编号": "P", "甲": False, "乙": True})
    short = plain(project_lines(outcome, policy, folded=True))
    assert "违反    义务 做59" in short and "合规    不做" in short
    open_ = plain(project_lines(policy.evaluate({"编号": "P"}), policy, folded=True))
    assert "待定：措施0、" in open_ and "措施11" in open_


NOMINAL = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
对象 资产（asset） 属于 项目 标识 资产号
  字段 资产号（aid）：文本
  字段 拟处置（proposed）：是否
  字段 已处置（done）：是否
  字段 该处置（needed）：是否
读法 借名读法（reading）：枚举 { 提出就算、处置了才算 } 缺省 提出就算
  依据【一】“进行处置”
  释义 从哪一步算起，没有写
禁令 借名处置 对 资产
  依据【一】“严禁借名处置”
  当 非 该处置
  不得 任一满足（已处置；借名读法 为 提出就算 且 拟处置）
提示 拟处置 对 资产
  依据【一】“严禁借名处置”
  当 同时满足（借名读法 为 处置了才算；拟处置；非 已处置；非 该处置）
  说 “先停下来”
提示 别的 对 资产
  依据【二】“另一句”
  当 借名读法 为 处置了才算 且 拟处置
  说 “另一句话”
禁令 从宽 对 资产
  依据【一】“严禁借名处置”
  当 借名读法 为 处置了才算
  不得 拟处置
义务 登记
  依据【二】“登记”
  应当 编号 已填
"""
PROPOSED = {"拟处置": True, "已处置": False, "该处置": False}


def nominal(*assets: dict[str, object], only: tuple[str, ...] = (), width: int = 80) -> list[str]:
    policy = policy_from_text(NOMINAL)
    record = {"编号": "P", "资产": [{"资产号": f"Z{n}", **one} for n, one in enumerate(assets)]}
    return plain(project_lines(policy.evaluate(record), policy, width=width, only=only)).split("\n")


def test_a_breach_under_one_reading_alone_says_so() -> None:
    shown = nominal(PROPOSED)
    start = next(number for number, line in enumerate(shown) if "借名处置（资产 Z0）" in line)
    assert "          按借名读法（处置了才算）不算违反，只提示“拟处置”" in shown[start : start + 4], shown
    start = next(number for number, line in enumerate(shown) if line.endswith("、换一种读法"))
    assert shown[start + 1 : start + 4] == [
        "  借名读法改按“处置了才算”读：",
        "    国家【一】“进行处置”",
        "    释义：从哪一步算起，没有写",
    ]
    assert {tuple(line.split()) for line in shown[start + 4 : start + 8]} == {
        ("借名处置（资产", "Z0）", "违反", "→", "合规"),
        ("从宽（资产", "Z0）", "不适用", "→", "违反"),
        ("别的（资产", "Z0）", "不适用", "→", "提示"),
        ("拟处置（资产", "Z0）", "不适用", "→", "提示"),
    }


def test_one_that_is_a_breach_under_every_reading_says_nothing_of_them() -> None:
    shown = "\n".join(nominal({**PROPOSED, "已处置": True}, only=("借名处置",)))
    assert "违反" in shown and "借名读法（" not in shown and "换一种读法" not in shown


def test_breaches_of_several_rows_say_of_how_many_it_holds() -> None:
    shown = "\n".join(nominal(PROPOSED, {**PROPOSED, "已处置": True}, only=("借名处置",)))
    assert "按借名读法（处置了才算）不算违反，只提示“拟处置”（1 处）" in shown


def test_what_is_not_verified_says_what_another_reading_makes_of_it() -> None:
    # Whether it was disposed of is open; proposed it was not, which settles nothing.
    shown = "\n".join(nominal({"拟处置": True, "已处置": False}, only=("借名处置",)))
    assert "待核实" in shown and "按借名读法（处置了才算）为合规" in shown


def test_a_folded_page_counts_what_is_no_matter_of_doing() -> None:
    text = NOMINAL + "".join(f"禁令 旁{n}\n  当 借名读法 为 处置了才算\n  不得 编号 未填\n" for n in range(45))
    policy = policy_from_text(text)
    record = {"编号": "P", "资产": [{"资产号": "Z", "拟处置": False, "已处置": False, "该处置": True}]}
    outcome = policy.with_parameters({"借名读法": "处置了才算"}).evaluate(record)
    folded = plain(project_lines(outcome, policy, width=80, folded=True))
    # 45 of them, and 从宽, are met under this reading and do not apply under the other.
    assert "借名读法改按“提出就算”读：" in folded and "    46 项义务、禁令、提示状态不同，加 --all 看" in folded
    whole = plain(project_lines(outcome, policy, width=80))
    assert [line.split() for line in whole.split("\n") if line.split()[:1] == ["旁7"]] == [
        ["旁7", "合规", "→", "不适用"]
    ]


def test_what_many_duties_lack_is_counted_on_a_folded_page() -> None:
    fields = "".join(f"  字段 甲{n}（a{n}）：是否\n" for n in range(300))
    duties = "".join(f"义务 做{n}\n  依据【一·做】\n  应当 甲{n}\n" for n in range(300))
    rule = "决定 类（kind）：单选 { 子、丑 }\n规则 定\n  依据【一·做】\n  当 甲0 且 甲1\n  则 类 为 子\n"
    policy = policy_from_text(f"对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n{fields}{duties}{rule}")
    outcome = policy.evaluate({"编号": "P"})
    whole, short = (plain(project_lines(outcome, policy, width=100, folded=folded)) for folded in (False, True))
    # Of the 300 blanks two keep 类 open.
    assert "措施、义务还缺 298 项，加 --all 看" in short and "还缺 298 项" not in whole
    assert "做99" in whole and "做99" not in short and "等 300 项" in short
    assert "甲99" in whole and "甲99" not in short


MANY = """对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 户数（n）：整数（户） 取值 0 户 以上 由 村
决定 分类（category）：单选 { 甲、乙 }
  依据【一·分类】
""" + "".join(f"规则 第{n:03}条\n  依据【一·分类】\n  当 户数 = {n} 户\n  则 分类 为 甲\n" for n in range(203))


def test_of_very_many_rules_that_speak_the_first_are_told_and_the_others_counted() -> None:
    policy = policy_from_text(MANY)
    open_ = policy.evaluate({"编号": "一"})
    said = plain(project_lines(open_, policy, only=["分类"]))
    assert said.count("规则 第") == 200 and "规则 第199条" in said and "规则 第200条" not in said
    assert "…… 另有 3 条规则成立或未知，加 --full 看" in said
    # All of them where all is asked for, and none is left out of the data.
    whole = plain(project_lines(open_, policy, full=True))
    assert whole.count("规则 第") == 203 and "另有" not in whole
    assert len([one for one in open_["分类"].explain().children if one.role == "rule"]) == 203
    # What is true comes first, then what does not hold is counted as ever.
    settled = plain(project_lines(policy.evaluate({"编号": "一", "户数": 202}), policy, only=["分类"]))
    assert settled.count("规则 第") == 1 and "规则 第202条" in settled and "另有 202 条规则不成立" in settled


def test_of_very_many_decisions_a_folded_page_tells_the_first_and_counts_the_others() -> None:
    text = "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 停产（stopped）：是否 由 村\n" + "".join(
        f"决定 决定{n:03}：单选 {{ 甲 }}\n规则 规则{n:03}\n  依据【一】\n  当 停产\n  则 决定{n:03} 为 甲\n"
        for n in range(102)
    )
    policy = policy_from_text(text)
    outcome = policy.evaluate({"编号": "一"})
    folded = plain(project_lines(outcome, policy, folded=True))
    assert "决定099" in folded and "决定100" not in folded and "…… 另有 2 个决定，加 --all 看" in folded
    whole = plain(project_lines(outcome, policy))
    assert "决定101" in whole and "另有" not in whole
    # So does the page of a ledger.
    summary = summarise(policy.program, [outcome])
    first = plain(ledger_lines(summary, policy))
    assert "决定099" in first and "决定100（" not in first and "…… 另有 2 个决定，加 --all 看" in first
    every = plain(ledger_lines(summary, policy, everything=True))
    assert "决定101（" in every and "个决定，加" not in every


BESIDE = """对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 核查日（checked）：日期
  字段 部门（offices）：多选（文本）
  字段 类别（kind）：枚举 { 盘活、巩固 }
  字段 论证（argued）：是否
术语 查过
  即 核查日 ≤ 评估日
决定 措施（support）：多选 { 贷款、展会 }
规则 信贷
  依据【三】“在论证的基础上，实施贷款”
  当 类别 为 盘活
  则 措施 含 贷款
义务 核实
  依据【一】“全面核实”
  当 类别 已填
  应当 查过
提示 核实晚了
  依据【一】“全面核实”
  当 核查日 > 2025年6月30日
  说 “晚了”
提示 类别要改
  依据【一】“全面核实”
  当 类别 为 盘活
  说 “同一条，说的是别的事”
提示 部门没有填
  依据【二】“会同部门”
  当 查过 且 部门 未填
  说 “别的条文”
提示 先论证
  依据【三】“在论证的基础上”
  当 类别 为 盘活 且 非 论证
  说 “论证以前先不要实施”
"""


def test_what_was_asked_for_comes_with_the_notices_of_the_same_matter() -> None:
    policy = policy_from_text(BESIDE)
    record = {"编号": "P", "核查日": "2025-07-01", "类别": "盘活", "论证": False}

    def told(only: str, **more: object) -> str:
        return plain(project_lines(policy.evaluate({**record, **more}), policy, width=80, only=(only,)))

    assert "合规    义务 核实" in told("核实") and "提示    核实晚了\n          晚了" in told("核实")
    assert "类别要改" not in told("核实") and "部门没有填" not in told("核实")
    assert "核实晚了" not in told("核实", 核查日="2025-06-30")
    # By name or key; of a decision what its rules ask as well.
    for name in ("措施", "support"):
        assert "论证以前先不要实施" in told(name) and "别的事" not in told(name)
    assert "先论证" not in told("措施", 论证=True)
    assert beside(policy.program, ["核实"]) == ("核实晚了",) and beside(policy.program, ["没有的", "先论证"]) == ()
