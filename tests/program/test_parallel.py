"""Several upper layers (language.md, sections 5.18 and 6): how stacks are read, refusals with both places, names, locks."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.analysis.differences import differences
from policyrules.diagnostics import Diagnostic
from policyrules.language.formatting import formatted
from policyrules.program.files import read_stack
from policyrules.program.lock import write_locks
from policyrules.program.stack import Stack
from policyrules.source import Source
from policyrules.testing.build import layer_files, policy_from_text, try_policy_from_text

AS_OF = datetime.date(2025, 9, 15)
TOP = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否
  字段 数（n）：整数（个） 取值 0 个 至 9 个
决定 类（kind）：单选 { 上、下 }
  授权 自定
规则 上类
  依据【一】“原”
  当 甲
  则 类 为 上
"""
FIRST = """
决定 意见（opinion）：单选 { 支持、反对 }
规则 给意见
  依据【一】“原”
  当 甲
  则 意见 为 支持
  授权 自定
规则 下类
  依据【二】“原”
  当 甲
  则 类 为 下
"""
SECOND = """
决定 意见（opinion）：单选 { 好、坏 }
规则 给意见
  依据【一】“原”
  当 乙
  则 意见 为 好
"""
DIAMOND = (((), None), ((0,), "甲文"), ((0,), "乙文"), ((1, 2), None))


def write(folder: Path, name: str, extends: str, text: str = "", **more: str) -> Path:
    """A layer in ``folder``."""
    where = folder / name
    where.mkdir(parents=True)
    values = {"id": name.upper(), "title": f"文件{name}", "level": "国家", "region": "某地", **more}
    values.setdefault("in_force_from", "2024-01-01")
    lines = [*(f'{key}: "{value}"' for key, value in values.items()), f"extends: {extends}"]
    (where / "layer.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (where / "clauses.yaml").write_text("clauses: []\n", encoding="utf-8")
    (where / "a.rules").write_text(text, encoding="utf-8")
    return where


def codes(found: tuple[Diagnostic, ...]) -> list[str]:
    return [one.code for one in found if one.severity == "error"]


# ---- reading --------------------------------------------------------------------------------------------------------


def test_a_shared_layer_is_read_once_and_the_order_is_by_level_date_and_id(tmp_path: Path) -> None:
    write(tmp_path, "top", "null")
    write(tmp_path, "b", "../top")
    write(tmp_path, "a", "[../top]", in_force_from="2024-05-01")
    write(tmp_path, "p", "../top", level="省", in_force_from="2023-01-01")
    (tmp_path / "way").symlink_to(tmp_path / "top")
    lowest = write(tmp_path, "c", "[../p, ../a, ../b, ../way]", level="县")
    layers, found = read_stack(lowest)
    assert found == ()
    # By level, then date in force, then id: b begins before a, the province comes after both.
    assert [layer.id for layer in layers] == ["TOP", "B", "A", "P", "C"]
    assert [layer.uppers for layer in layers] == [(), ("TOP",), ("TOP",), ("TOP",), ("TOP", "B", "A", "P")]


def test_a_circle_is_refused_where_it_closes(tmp_path: Path) -> None:
    write(tmp_path, "top", "null")
    write(tmp_path, "a", "[../top, ../b]")
    write(tmp_path, "b", "../a")
    _, found = read_stack(write(tmp_path, "c", "[../top, ../b]"))
    (circle,) = [one for one in found if one.code == "E386"]
    assert circle.span is not None and circle.span.text == "../b" and "a" in circle.message
    assert [label.span.source.path for label in circle.related] == [f"{(tmp_path / 'b').as_posix()}/layer.yaml"]


def test_two_folders_with_one_id_are_refused_with_both_places(tmp_path: Path) -> None:
    write(tmp_path, "a", "null", id="X")
    write(tmp_path, "b", "null", id="X")
    _, found = read_stack(write(tmp_path, "c", "[../a, ../b]"))
    (twice,) = [one for one in found if one.code == "E387"]
    assert twice.span is not None and twice.related[0].span.source.path.endswith("a/layer.yaml")


def test_a_national_document_stands_beside_a_province_and_not_below_it(tmp_path: Path) -> None:
    write(tmp_path, "nation", "null")
    write(tmp_path, "province", "../nation", level="省")
    write(tmp_path, "funds", "null")
    assert read_stack(write(tmp_path, "county", "[../province, ../funds]", level="县"))[1] == ()
    _, found = read_stack(write(tmp_path, "hung", "../province"))
    (wrong,) = found
    assert wrong.code == "E388" and "extends: [../甲, ../乙]" in str(wrong.remedy)


@pytest.mark.parametrize(
    ("extends", "code"), [("[../top, ../top/]", "E391"), ("[]", "E392"), ("[../top, 3]", "E422"), ("{a: b}", "E422")]
)
def test_what_is_wrong_with_the_list(tmp_path: Path, extends: str, code: str) -> None:
    write(tmp_path, "top", "null")
    _, found = read_stack(write(tmp_path, "c", extends))
    assert codes(found)[0] == code


def test_every_upper_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    write(tmp_path, "top", "null")
    _, found = read_stack(write(tmp_path, "c", "[../gone, ../top, ../lost]"))
    assert codes(found) == ["E380", "E380"]


def test_a_list_of_one_is_a_chain(tmp_path: Path) -> None:
    write(tmp_path, "top", "null", TOP.replace("  依据【一】“原”\n", ""))
    one = pr.load(write(tmp_path, "c", "../top"), as_of=AS_OF)
    (tmp_path / "c" / "layer.yaml").write_text(
        (tmp_path / "c" / "layer.yaml").read_text(encoding="utf-8").replace("../top", "[../top]"), encoding="utf-8"
    )
    assert pr.load(tmp_path / "c", as_of=AS_OF).fingerprint == one.fingerprint and one.program.siblings == ()


# ---- what nothing may depend on -------------------------------------------------------------------------------------


def test_the_order_in_which_layers_are_shown_decides_nothing() -> None:
    rules = "参数 线（bar）：整数（个） 未定 取值 1 个 至 9 个\n"
    texts = {
        "A": "设定 线 为 3 个\n修订 上类\n  依据【一】“改”\n  还须 乙\n推定 推甲\n  当 甲 则 丙 为 是\n",
        "B": "设定 线 为 3 个\n修订 上类\n  依据【一】“改”\n  除外 数 ≥ 线\n推定 推乙\n  当 乙 则 丙 为 否\n",
        "C": "补充规则 补下\n  依据【一】“改”\n  当 甲\n  则 类 为 下\n",
    }
    top = TOP.replace("  字段 数", "  字段 丙（c）：是否\n  字段 数") + rules
    last = "决定 丙看（seen）：单选 { 有 }\n规则 丙看的\n  依据【一】“改”\n  当 丙\n  则 丙看 为 有\n"
    extends = (((), None), ((0,), None), ((0,), None), ((0,), None), ((1, 2, 3), None))
    told: list[list[str]] = []
    for order in itertools.permutations(texts):
        policy = policy_from_text(top, *(texts[name] for name in order), last, extends=extends, as_of=AS_OF)
        outcomes = [
            policy.evaluate({"编号": "1", "甲": a, "乙": b, "数": n})
            for a, b, n in itertools.product((True, False, None), (True, False, None), (2, 3, None))
        ]
        told.append(
            [
                f"{name} {one[name].text} {sorted(map(str, one[name].missing))}"
                for one in outcomes
                for name in ("类", "丙看")
            ]
        )
    assert all(each == told[0] for each in told)
    assert any("冲突" in line or "推定" in line for line in told[0])


def test_an_empty_document_beside_changes_nothing() -> None:
    alone = policy_from_text(TOP, FIRST, extends=DIAMOND[:2])
    both = policy_from_text(TOP, FIRST, "# 没有内容\n", "# 没有内容\n", extends=DIAMOND)
    for a in (True, False, None):
        one, two = alone.evaluate({"甲": a}), both.evaluate({"甲": a})
        assert one["类"].to_dict() == two["类"].to_dict() and one["意见"].text == two["意见"].text


# ---- refusals -------------------------------------------------------------------------------------------------------


def refused(first: str, second: str, lowest: str = "", top: str = TOP) -> list[Diagnostic]:
    """The errors of a county under two documents."""
    _, found = try_policy_from_text(top, first, second, lowest, extends=DIAMOND, as_of=AS_OF)
    return [one for one in found if one.severity == "error"]


def test_acting_on_what_stands_beside_says_what_would_have_to_be_extended() -> None:
    (error,) = refused(FIRST, "修订 下类\n  依据【一】“改”\n  还须 乙\n")
    assert error.code == "E314" and "第1层文件" in error.message and "没有继承" in error.message
    assert error.span is not None and error.span.source.path.startswith("2/")
    assert error.related[0].span.source.path.startswith("1/") and error.related[0].span.text == "下类"
    assert "2/layer.yaml 里写 extends: [../0, ../1]" in str(error.remedy)
    # Written so, it loads.
    extends = (DIAMOND[0], DIAMOND[1], ((0, 1), "乙文"), ((2,), None))
    text = "修订 下类\n  依据【一】“改”\n  还须 乙\n"
    assert (
        policy_from_text(TOP, FIRST, text, "", extends=extends).evaluate({"甲": True, "乙": False})["类"].text == "上"
    )


def test_amendments_that_pull_apart_and_settings_that_differ_show_both_places() -> None:
    narrow, widen = "修订 上类\n  依据【一】“改”\n  还须 乙\n", "修订 上类\n  依据【一】“改”\n  或者 乙\n"
    parameter = "参数 线（bar）：整数（个） 未定 取值 1 个 至 9 个\n"
    for text, other, code in ((narrow, widen, "E315"), ("设定 线 为 2 个\n", "设定 线 为 3 个\n", "E316")):
        (error,) = refused(text, other, top=TOP + parameter)
        assert error.code == code and error.span is not None
        paths = {error.span.source.path, error.related[0].span.source.path}
        assert paths == {"1/rules.rules", "2/rules.rules"}
    # The remedy of the second, typed in below both.
    assert refused("设定 线 为 2 个\n", "设定 线 为 3 个\n", "设定 线 为 5 个\n", TOP + parameter) == []


def test_what_is_not_in_force_sets_nothing_and_amends_nothing() -> None:
    parameter = "参数 线（bar）：整数（个） 未定 取值 1 个 至 9 个\n"
    late = "设定 线 为 3 个 自 2026年1月1日 起\n修订 上类\n  依据【一】“改”\n  或者 乙\n  自 2026年1月1日 起\n"
    early = "设定 线 为 2 个\n修订 上类\n  依据【一】“改”\n  还须 乙\n"
    assert refused(early, late, top=TOP + parameter) == []


def test_each_document_protects_its_own_text_and_nobody_beside_it() -> None:
    first = "修订 上类\n  依据【一】“改”\n  还须 乙\n  授权 固定\n"
    assert refused(first, "修订 上类\n  依据【一】“改”\n  还须 乙\n") == []
    (error,) = refused(first, "", "修订 上类\n  依据【一】“改”\n  还须 乙\n")
    assert error.code == "E301" and error.related[0].span.source.path.startswith("1/")


def test_a_lapsed_amendment_is_not_revived_by_what_stands_beside() -> None:
    top = TOP.replace("  则 类 为 上\n", "  则 类 为 上\n  至 2025年1月1日 止\n")
    restated = "修订 上类\n  依据【一】“申”\n  重申\n"
    amended = "修订 上类\n  依据【一】“改”\n  还须 乙\n"
    policy, found = try_policy_from_text(top, restated, amended, "", extends=DIAMOND, as_of=AS_OF)
    assert policy is not None and "W302" in [one.code for one in found]
    assert policy.evaluate({"甲": True, "乙": False})["类"].text == "上"


def test_fields_and_other_things_of_one_name_are_refused() -> None:
    field = "对象 项目\n  字段 档次（rank）：枚举 { 高、低 }\n"
    assert [one.code for one in refused(field, "术语 档次\n  即 数 ≥ 3 个\n")] == ["E202"]
    assert [one.code for one in refused(field, field.replace("高、低", "低、高"))] == ["E317"]
    assert [one.code for one in refused(field, field.replace("rank", "grade"))] == ["E317"]
    assert refused(field, field) == []
    assert [one.code for one in refused(field, field.replace("档次", "等次"))] == ["E202"]


def test_one_field_without_a_key_is_read_by_both_documents() -> None:
    field = "对象 项目\n  字段 所在县：文本\n"
    counted = "统计 同县数\n  依据【一】“原”\n  计数 项目\n  相同 所在县\n"
    assert refused(field, field + counted) == []
    assert refused(field + counted, field) == []
    assert [one.code for one in refused(field, field.replace("所在县", "所在县（county）"))] == ["E317"]
    # That a document reads what it declares itself is not told as well, however the other wrote it.
    assert [one.code for one in refused(field, field.replace("所在县：", "所在县（county）：") + counted)] == ["E317"]


def test_declared_names_hold_no_document() -> None:
    (error,) = refused("规则 甲文·新\n  依据【一】“原”\n  当 甲\n  则 类 为 上\n", "")
    assert error.code == "E321" and error.remedy is not None and error.remedy.startswith("写成 规则 新")


# ---- names ----------------------------------------------------------------------------------------------------------


def both(lowest: str = "") -> pr.Policy:
    return policy_from_text(TOP, FIRST, SECOND, lowest, extends=DIAMOND, as_of=AS_OF)


def test_shared_names_and_keys_are_told_apart_in_results() -> None:
    outcome = both().evaluate({"编号": "1", "甲": True, "乙": True})
    assert {(name, result.key, result.text) for name, result in outcome.decisions.items()} == {
        ("类", "kind", "冲突：上、下"),
        ("甲文·意见", "L1_opinion", "支持"),
        ("乙文·意见", "L2_opinion", "好"),
    }
    # A conflict names both documents.
    sources = outcome["类"].by_value
    assert [(value, one.rules, one.citations[0].layer) for value, one in sources.items()] == [
        ("上", ("上类",), "L0"),
        ("下", ("下类",), "L1"),
    ]


def test_the_id_serves_as_well_as_the_short_title_and_a_full_name_needs_no_clash() -> None:
    text = "提示 提\n  依据【一】“原”\n  当 L1·意见 为 支持 且 甲文·意见 不为 反对 且 类 为 上\n  说 “好”\n"
    for lowest in (text, text.replace("·", "•")):
        assert both(lowest).evaluate({"甲": True})["甲文·意见"].text == "支持"
    chain = policy_from_text(TOP, FIRST, text.replace("甲文", "L1"), extends=(*DIAMOND[:1], ((0,), None), ((1,), None)))
    assert chain.evaluate({"甲": True})["意见"].text == "支持"


def test_a_document_speaks_of_its_own_records_whatever_stands_beside() -> None:
    firms = """
对象 企业（firm） 标识 企业号
  字段 企业号（firm_id）：文本
  字段 丙（c）：是否
决定 信用（credit）：单选 { 好 }
规则 信用好
  依据【一】“原”
  当 丙
  则 信用 为 好
"""
    extends = (((), "甲文"), ((), "乙文"), ((0, 1), None))
    alone, beside = policy_from_text(firms), policy_from_text(TOP, firms, "", extends=extends, as_of=AS_OF)
    assert (alone.program.root, beside.program.root) == ("企业", "项目")
    for policy in (alone, beside):
        assert policy.program.decisions["信用"].object == policy.program.rules["信用好"].object == "企业"


def test_a_rule_elsewhere_takes_no_name_from_a_field() -> None:
    # The name of a rule is read by nobody, so it stands in nobody's way.
    first = "对象 项目\n  字段 停产（stopped）：是否\n提示 甲提\n  依据【一】“原”\n  当 停产\n  说 “停”\n"
    second = "规则 停产\n  依据【一】“原”\n  当 乙\n  则 类 为 下\n"
    assert refused(first, second, "提示 提\n  依据【一】“原”\n  当 停产\n  说 “停”\n修订 停产\n  重申\n") == []
    term = "术语 上类二\n  依据【一】“原”\n  即 乙\n"
    rule = "规则 上类二\n  依据【一】“原”\n  当 乙\n  则 类 为 下\n"
    assert refused(term, rule, "提示 提\n  依据【一】“原”\n  当 上类二\n  说 “停”\n") == []


def test_parameters_go_to_the_document_that_declares_them() -> None:
    text = "参数 线（bar）：整数（个） 未定 取值 1 个 至 9 个\n"
    policy = policy_from_text(TOP, text, text, "", extends=DIAMOND, as_of=AS_OF, parameters={"甲文·线": 3, "L2_bar": 4})
    assert {name: own.value for name, own in policy.program.parameters.items()} == {"甲文·线": 3, "乙文·线": 4}
    for layer, value in (("L1", 3), ("L2", 4)):
        assert policy.down_to(layer).program.parameters["线"].value == value


def test_a_name_with_its_document_is_kept_by_the_formatter() -> None:
    source = Source("a.rules", "修订 甲文·给意见\n 依据【一】“原” 还须 乙文·意见 为 好\n")
    text, problems = formatted(source)
    assert problems == () and text is not None and "修订 甲文·给意见" in text and "乙文·意见 为 好" in text
    assert formatted(Source("a.rules", text)) == (text, ())


def test_the_parts_of_the_stack_have_their_plain_names() -> None:
    policy = both("修订 甲文·给意见\n  依据【一】“改”\n  还须 乙\n")
    record = policy.instance({"编号": "1", "甲": True, "乙": False})
    assert policy.evaluate(record)["甲文·意见"].text == "无"
    for layer, text in (("L1", "支持"), ("L2", "无")):
        upper = policy.down_to(layer)
        assert [one.id for one in upper.layers] == ["L0", layer] and upper.program.siblings == ()
        assert upper.evaluate(record)["意见"].text == text


def test_leaving_a_provision_out_leaves_its_namesake() -> None:
    policy = both("修订 甲文·给意见\n  依据【一】“改”\n  还须 乙\n修订 乙文·给意见\n  依据【一】“改”\n  还须 甲\n")
    origins = policy.program.rules["甲文·给意见"].origins[:1]
    rules = policy.stack.without(origins).program(AS_OF).rules
    assert "甲文·给意见" not in rules and "给意见" in rules
    assert [origin.layer for origin in rules["给意见"].origins] == ["L2", "L3"]


# ---- locks, differences, fingerprints -------------------------------------------------------------------------------


def county(tmp_path: Path) -> Iterator[Path]:
    texts = (TOP, FIRST, SECOND, "修订 甲文·给意见\n  依据【一】“改”\n  还须 乙\n修订 上类\n  依据【一】“改”\n  重申\n")
    for level, (text, (extends, short)) in enumerate(zip(texts, DIAMOND, strict=True)):
        where = tmp_path / str(level)
        where.mkdir()
        for name, content in layer_files(text, level, extends=extends, short=short).items():
            (where / name).write_text(content, encoding="utf-8")
        yield where


def test_locks_hold_whatever_stands_beside(tmp_path: Path) -> None:
    *_, lowest = county(tmp_path)
    policy = pr.load(lowest, as_of=AS_OF)
    write_locks(policy.layers, policy.pins)
    assert pr.try_load(lowest, as_of=AS_OF)[1] == ()
    # Another document beside, with the same names, and a value more in a list of the nation's: nothing moved.
    other = tmp_path / "4"
    other.mkdir()
    for name, content in layer_files(SECOND, 4, extends=(0,), short="丙文").items():
        (other / name).write_text(content.replace("level: 县", "level: 国家"), encoding="utf-8")
    manifest = layer_files("", 5, extends=(3, 4))
    (tmp_path / "5").mkdir()
    for name, content in manifest.items():
        (tmp_path / "5" / name).write_text(content, encoding="utf-8")
    assert [str(one) for one in pr.try_load(tmp_path / "5", as_of=AS_OF)[1]] == []
    rules = tmp_path / "1" / "rules.rules"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("  当 甲\n  则 意见", "  当 非 甲\n  则 意见"), encoding="utf-8"
    )
    assert [one.code for one in pr.try_load(tmp_path / "5", as_of=AS_OF)[1]] == ["W303"]


def test_differences_know_whose_name_is_meant() -> None:
    policy = both("修订 甲文·给意见\n  依据【一】“改”\n  还须 乙\n修订 乙文·给意见\n  依据【一】“改”\n  重申\n")
    found = differences(policy)
    assert found.upper == ("L0", "L1", "L2") and found.lower == ("L3",)
    (change,) = found.differences
    assert change.base is not None and (change.base.layer, change.concerns) == ("L1", "决定 意见 为 支持")
    (restated,) = found.restatements
    assert restated.base is not None and restated.base.layer == "L2"
    assert differences(policy, "L1").lower == ("L3",) and differences(policy, "L1").upper == ("L0", "L1")


def test_fingerprints_tell_who_extends_whom() -> None:
    chain = (((), None), ((0,), "甲文"), ((0, 1), "乙文"), ((1, 2), None))
    third = SECOND.replace("意见", "看法").replace("opinion", "view")
    one, two = (policy_from_text(TOP, FIRST, third, "", extends=shape) for shape in (DIAMOND, chain))
    assert one.fingerprint != two.fingerprint and two.program.siblings == ()


def test_texts_without_a_list_are_a_chain_whatever_they_extend() -> None:
    # What was so before: each extends the one before it.
    stack = Stack.of(
        *(layer_files(text, level, extends=(0,) if level else ()) for level, text in enumerate((TOP, "", "")))
    )
    assert [sorted(layer.above) for layer in stack.layers] == [[], [0], [0, 1]]


BONUS = "规则 国补\n  则 补 为 数\n"


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_limits_that_go_round_in_a_circle_bind_whatever_the_order(order: tuple[int, ...]) -> None:
    """甲 is above 丙, and 乙 above 丁; each holds against one of the others, and is held against by another: 不超过 holds."""
    top = TOP + "决定 补（aid）：整数（个）\n  授权 自定\n" + BONUS
    upper = {"甲": "不少于 5 个", "乙": "不少于 8 个", "丙": "不超过 4 个", "丁": "不超过 2 个"}
    names = [("甲", "乙")[one] if one < 2 else ("丙", "丁")[one - 2] for one in order if one < 2]
    lower = [("丙", "丁")[one - 2] for one in order if one >= 2]
    above = {"丙": names.index("甲") + 1, "丁": names.index("乙") + 1}
    texts = [top, *(f"修订 补\n  {upper[name]}\n" for name in (*names, *lower)), ""]
    extends = [((), None), *(((0,), name) for name in names), *(((above[name],), name) for name in lower)]
    policy = policy_from_text(*texts, extends=[*extends, ((3, 4), None)])
    assert policy.evaluate({"数": 3})["补"].value == 2


def test_a_figure_that_several_documents_declare_is_told_apart() -> None:
    bonus = "参数 线（line）：整数（个） = 3 个\n"
    told = "提示 看看\n  说 “{线}”\n"
    extends = [((), None), ((0,), "甲文"), ((0,), "乙文"), ((1, 2), None)]
    policy, found = try_policy_from_text(TOP, bonus, bonus, told, extends=extends)
    assert policy is not None
    (warning,) = [one for one in found if one.code == "W225"]
    assert warning.remedy == "写成 {甲文·线} 或 {乙文·线}" and warning.span is not None and warning.span.text == "线"
