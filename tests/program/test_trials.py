"""试验: an edit of a trial is the same edit made in the text of the layer; authority is told, not refused; nothing real rests on one."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
from tests.docs.replay import ROOT, blocks
from tests.program.trials import unmarked

import policyrules as pr
from policyrules.analysis.attribute import blended, edit_of
from policyrules.cli.entry import run
from policyrules.language.formatting import format_source
from policyrules.language.nodes import Clause, Declaration, TableDecl
from policyrules.program.stack import Stack
from policyrules.testing.build import layer_files, policy_from_text, try_policy_from_text
from policyrules.types import BOOL

AS_OF = datetime.date(2025, 11, 15)

TOP = """\
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 有潜力（potential）：是否
  字段 户数（households）：整数（户） 取值 0 户 以上
  字段 投资（total）：金额（万元） 取值 0 万元 以上
  字段 建成日（built）：日期
决定 分类（category）：单选 { 升级、盘活、无类 }
  依据【一】
规则 升级类
  依据【一】
  当 有潜力
  则 分类 为 升级
规则 盘活类
  依据【一】
  当 停产
  则 分类 为 盘活
参数 门槛（bar）：金额（万元） 缺省 50 万元 取值 1 万元 至 900 万元
  依据【一】
  授权 从严（越高越严）
参数 定死（fixed）：整数（户） = 3 户
  依据【一】
清单 名单
  依据【一】
  即 { 甲、等，不含 乙 }
"""
LOW = """\
修订 升级类
  依据【二】“升级的话”
  还须 户数 ≥ 5 户 且 非 停产
  除外 投资 < 10 万元
  释义 这样读
修订 盘活类
  依据【二】
  还须 有潜力
术语 大户
  依据【二】
  即 户数 ≥ 20 户
提示 大户提示
  依据【二】
  当 大户
  说 “大户”
提示 小户提示
  依据【二】
  当 户数 < 2 户
  除外 停产
  说 “小户”
设定 门槛 为 60 万元
  依据【二】
推定 推定潜力
  依据【二】
  当 户数 ≥ 30 户 则 有潜力 为 是
"""
COUNTY = """\
修订 盘活类
  依据【三】
  除外 投资 > 800 万元
修订 小户提示
  依据【三】
  仅限 有潜力
"""


def tried(trial: str, *layers: str, varies: str | None = "L1") -> pr.Policy:
    return policy_from_text(*(layers or (TOP, LOW)), as_of=AS_OF, trial=trial, varies=varies)


def errors(trial: str, *layers: str, varies: str | None = "L1") -> list[tuple[str, int | None]]:
    policy, found = try_policy_from_text(*(layers or (TOP, LOW)), as_of=AS_OF, trial=trial, varies=varies)
    bad = [one for one in found if one.severity == "error"]
    assert (policy is None) == bool(bad)
    assert all(one.file.startswith(f"{len(layers or (TOP, LOW))}/") and one.remedy for one in bad), bad
    return [(one.code, one.line) for one in bad]


# ---- an edit is the same edit made in the text -----------------------------------------------------------------------

EDITS = [
    (
        "改 修订 升级类\n  还须 户数 ≥ 9 户 且 非 停产\n",
        ("还须 户数 ≥ 5 户 且 非 停产", "还须 户数 ≥ 9 户 且 非 停产"),
    ),
    ("改 修订 升级类\n  去掉 除外\n", ("  除外 投资 < 10 万元\n", "")),
    (
        "改 修订 升级类\n  除外 投资 < 10 万元\n  除外 停产\n",
        ("  除外 投资 < 10 万元\n", "  除外 投资 < 10 万元\n  除外 停产\n"),
    ),
    ("改 修订 升级类\n  去掉 还须、释义\n", ("  还须 户数 ≥ 5 户 且 非 停产\n", ""), ("  释义 这样读\n", "")),
    ("去掉 修订 盘活类\n  说明 试试\n", ("修订 盘活类\n  依据【二】\n  还须 有潜力\n", "")),
    ("改 术语 大户\n  即 户数 ≥ 15 户 或 投资 > 100 万元\n", ("户数 ≥ 20 户", "户数 ≥ 15 户 或 投资 > 100 万元")),
    ("改 设定 门槛 为 70 万元 自 2025年1月1日 起\n", ("为 60 万元", "为 70 万元 自 2025年1月1日 起")),
    (
        "改 推定 推定潜力\n  当 户数 ≥ 9 户 则 有潜力 为 是\n  当 户数 = 0 户 则 有潜力 为 否\n",
        ("  当 户数 ≥ 30 户 则 有潜力 为 是\n", "  当 户数 ≥ 9 户 则 有潜力 为 是\n  当 户数 = 0 户 则 有潜力 为 否\n"),
    ),
    ("去掉 推定 推定潜力\n", ("推定 推定潜力\n  依据【二】\n  当 户数 ≥ 30 户 则 有潜力 为 是\n", "")),
    ("改 提示 小户提示\n  说 “换句话”\n  去掉 除外\n", ("  除外 停产\n  说 “小户”\n", "  说 “换句话”\n")),
    (
        "改 提示 小户提示\n  自 2025年1月1日 起\n  至 2025年10月1日 止\n",
        ("  说 “小户”\n", "  说 “小户”\n  自 2025年1月1日 起\n  至 2025年10月1日 止\n"),
    ),
    (
        "新增 修订 分类\n  先后 盘活、升级 仅当 停产\n新增 提示 又一条\n  当 停产\n  说 “又”\n",
        ("术语 大户", "修订 分类\n  先后 盘活、升级 仅当 停产\n提示 又一条\n  当 停产\n  说 “又”\n术语 大户"),
    ),
    (
        "新增 对象 项目\n  字段 新项（fresh）：是否\n新增 术语 新的\n  即 新项 且 停产\n改 提示 大户提示\n  当 新的\n",
        ("  当 大户\n", "  当 新的\n"),
        ("术语 大户", "对象 项目\n  字段 新项（fresh）：是否\n术语 新的\n  即 新项 且 停产\n术语 大户"),
    ),
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit[0].splitlines()[0])
@pytest.mark.parametrize("below", [(), (COUNTY,)], ids=["alone", "county"])
def test_an_edit_is_the_same_edit_made_in_the_text(edit: tuple[object, ...], below: tuple[str, ...]) -> None:
    trial, *replaced = edit
    low, lower = LOW, below
    for old, new in replaced:  # type: ignore[misc]
        assert low.count(old) == 1
        low = low.replace(old, new)
    assert isinstance(trial, str)
    varied = tried(trial, TOP, LOW, *lower)
    written = policy_from_text(TOP, low, *lower, as_of=AS_OF)
    assert unmarked(varied.program) == unmarked(written.program)
    assert unmarked(varied.program) != unmarked(policy_from_text(TOP, LOW, *lower, as_of=AS_OF).program)


def conditions(policy: pr.Policy, node: Declaration) -> list[Clause]:
    """The clauses of a declaration that are conditions for sure."""
    words = {"当", "还须", "仅限", "或者", "除外", "还应当", "还不得", "应当", "不得", "适用", "其中", "符合", "到期"}
    term = policy.program.terms.get(node.written.name.text)
    if node.written.keyword.text == "推定":
        return []
    return [
        clause
        for clause in node.written.clauses
        if clause.keyword.text in words or (clause.keyword.text == "即" and term is not None and term.body.type == BOOL)
    ]


def negated(policy: pr.Policy, layer: int) -> tuple[str, Stack]:
    """A trial that turns every condition of a layer round, and the stack with the same done to its texts."""
    trial, stack = "", policy.stack
    for file in policy.stack.layers[layer].parsed:
        text, cuts = file.source.text, []
        for node in file.declarations:
            clauses = [] if isinstance(node, TableDecl) else conditions(policy, node)
            if not clauses:
                continue
            trial += f"改 {node.written.keyword.text} {node.written.name.text}\n"
            for clause in clauses:
                body = clause.body.span  # type: ignore[union-attr]
                trial += f"  {clause.keyword.text}{' 当' if clause.keyword.text == '适用' else ''} 非 （{body.text}）\n"
                cuts.append((body.start, body.end))
        for start, end in reversed(cuts):
            text = f"{text[:start]}非 （{text[start:end]}）{text[end:]}"
        stack = stack.with_text(file.source.path, text)
    return trial, stack


@pytest.mark.parametrize(
    ("folder", "layer"),
    [
        ("policies/national", 0),
        ("policies/jiangxi", 0),
        ("policies/jiangxi", 1),
        ("examples/county", 1),
        ("examples/county", 2),
    ],
)
def test_every_condition_of_a_layer_turned_round(tmp_path: Path, folder: str, layer: int) -> None:
    policy = pr.load(ROOT / folder, as_of=AS_OF)
    trial, stack = negated(policy, layer)
    write_trial(tmp_path / "试验", ROOT / folder, policy.layers[layer].id, trial)
    varied = pr.load(tmp_path / "试验", as_of=AS_OF)
    assert varied.trial is not None and len(varied.trial.edits) == trial.count("改 ")
    assert unmarked(varied.program) == unmarked(stack.program(AS_OF))


PAGE = [
    block.text
    for block in blocks((ROOT / "docs" / "language.md").read_text(encoding="utf-8"))
    if block.language == "rules" and block.info in ("", "lower")
]


def test_every_declaration_of_the_reference_taken_away() -> None:
    """One by one: what then does not stand in the text does not stand under the trial either."""
    top = "\n".join(text for text in PAGE if "修订 " not in text and "增列 " not in text and "设定 " not in text)
    policy = policy_from_text(top, as_of=AS_OF)
    (file,) = policy.stack.layers[0].parsed
    stood = 0
    for node in file.declarations:
        keyword, name = node.written.keyword.text, node.written.name.text
        if keyword == "对象":
            continue
        text = file.source.text[: node.written.span.start] + file.source.text[node.written.span.end :]
        written = policy.stack.with_text("0/rules.rules", text).check(AS_OF)
        varied, found = try_policy_from_text(top, as_of=AS_OF, trial=f"去掉 {keyword} {name}\n")
        codes = sorted(one.code for one in written.diagnostics if one.severity == "error")
        assert codes == sorted(one.code for one in found if one.severity == "error"), (keyword, name)
        if varied is not None:
            stood += 1
            assert unmarked(varied.program) == unmarked(written.program)
    assert stood > 20


def write_trial(folder: Path, extends: Path, varies: str, text: str) -> Path:
    folder.mkdir(parents=True)
    above = Path(os.path.relpath(extends, folder)).as_posix()
    manifest = f'类别: 试验\n编号: SYT\n标题: 试着改\n上级: "{above}"\n变动: {varies}\n'
    (folder / "layer.yaml").write_text(manifest, encoding="utf-8")
    (folder / "改动.rules").write_text(text, encoding="utf-8")
    return folder


# ---- authority is told, not refused ---------------------------------------------------------------------------------


def verdicts(trial: str, *layers: str, varies: str = "L1") -> list[tuple[str, str]]:
    policy = tried(trial, *layers, varies=varies)
    assert policy.trial is not None
    return [(edit.name, edit.authority) for edit in policy.trial.edits]


BEYOND = [
    # The nation grants its rules 细化: what widens one, or stops it, is refused.
    ("改 修订 升级类\n  还须 停产\n  或者 户数 > 50 户\n", "E301"),
    ("新增 修订 分类\n  重申\n新增 规则 又一类\n  当 停产\n  则 分类 为 无类\n", "E301"),
    # 60 万元 is set, 50 is the least that 越高越严 allows.
    ("改 设定 门槛 为 40 万元\n", "E309"),
    ("新增 设定 定死 为 2 户\n", "E301"),
    ("新增 增列 名单\n  { 乙 }\n", "E308"),
]


@pytest.mark.parametrize(("trial", "code"), BEYOND, ids=lambda one: one.splitlines()[0])
def test_what_the_text_would_be_refused_for_is_told_of_a_trial(trial: str, code: str) -> None:
    policy, found = try_policy_from_text(TOP, LOW, as_of=AS_OF, trial=trial, varies="L1")
    assert policy is not None and policy.trial is not None
    edit = policy.trial.edits[-1]
    assert edit.authority == "无" and edit.note
    (told,) = (one for one in found if one.code == "W326")
    assert edit.note in told.message and told.related and told.file == "2/rules.rules"
    assert any("1 处该层自己无权作出" in note for note in policy.notes)
    # The same written in the layer itself is refused, with the same code and in the same words.
    added = trial.replace("新增 ", "")
    low = LOW
    if trial.startswith("改 修订"):
        low = low.replace("  除外 投资", "  或者 户数 > 50 户\n  除外 投资")
    elif trial.startswith("改"):
        low = low.replace("60 万元", "40 万元")
    else:
        low += added
    refused = [one for one in try_policy_from_text(TOP, low, as_of=AS_OF)[1] if one.severity == "error"]
    assert [one.code for one in refused] == [code]
    assert refused[0].message == edit.note


def test_what_goes_beyond_an_authority_takes_effect_all_the_same() -> None:
    record = {"编号": "甲", "停产": "否", "有潜力": "否", "户数": 60, "投资": 100}
    assert policy_from_text(TOP, LOW, as_of=AS_OF).evaluate(record)["分类"].text == "无"
    widened = tried("改 修订 升级类\n  或者 户数 > 50 户\n")
    assert widened.evaluate(record)["分类"].text == "升级"
    stopped = tried("改 修订 升级类\n  停用\n  去掉 还须、除外\n")
    assert stopped.trial is not None and stopped.trial.edits[0].authority == "无"
    assert "升级类" not in stopped.program.rules


def test_what_a_layer_may_do_is_said_to_be_so() -> None:
    assert verdicts("改 修订 升级类\n  还须 户数 ≥ 9 户\n") == [("升级类", "有")]
    assert verdicts("去掉 修订 盘活类\n") == [("盘活类", "有")]
    # Nothing stands above the nation.
    assert verdicts("改 规则 升级类\n  当 停产\n", varies="L0") == [("升级类", "不适用")]


def test_what_a_lower_layer_would_have_to_mend_is_told() -> None:
    county = COUNTY + "设定 门槛 为 65 万元\n  依据【三】\n"
    trial = "改 设定 门槛 为 70 万元\n去掉 提示 小户提示\n改 修订 盘活类\n  还须 停产\n"
    policy, found = try_policy_from_text(TOP, LOW, county, as_of=AS_OF, trial=trial, varies="L1")
    assert policy is not None and policy.trial is not None
    assert [edit.authority for edit in policy.trial.edits] == ["有"] * 3
    told = [one for one in found if one.code == "W327"]
    assert [("小户提示" in one.message, "门槛" in one.message) for one in told] == [(True, False), (False, True)]
    assert all(one.file == "2/rules.rules" for one in told)
    assert policy.program.parameters["门槛"].value == 650_000 and "小户提示" not in policy.program.notices


# ---- numbers with a name --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("literal", "type_", "value"),
    [
        ("户数 ≥ {线 = 10 户}", "整数（户）", 10),
        ("投资 ≥ {线 = 1.5 万元}", "金额（万元）", 15_000),
        ("户数 × 2 ≥ {线 = 10.0 户}", "小数（户）", 10),
        ("建成日 ≥ {线 = 2020年1月1日}", "日期", datetime.date(2020, 1, 1)),
        ("建成日 起满 {线 = 18 个月}", "时长（个月）", 18),
        ("建成日 之年 ≥ {线 = 2020 年}", "年份", 2020),
        ("投资 ÷ 100 万元 ≥ {线 = 60%}", "比例", "3/5"),
        ("户数 > {线 = −1}", "整数", -1),
    ],
)
def test_a_named_number_is_a_parameter(literal: str, type_: str, value: object) -> None:
    policy = tried(f"改 修订 升级类\n  还须 {literal}\n")
    assert policy.trial is not None and policy.trial.named == ("线",)
    parameter = policy.program.parameters["线"]
    assert (str(parameter.type), str(parameter.value)) == (type_, str(value))
    plain = literal.replace("{线 = ", "").replace("}", "")
    record = {"编号": "甲", "停产": "否", "有潜力": "是", "户数": 10, "投资": 80, "建成日": "2021-05-01"}
    written = policy_from_text(TOP, LOW.replace("户数 ≥ 5 户 且 非 停产", plain), as_of=AS_OF)
    mine, theirs = (one.evaluate(record)["分类"] for one in (policy, written))
    assert (mine.text, mine.rules, mine.defaults) == (theirs.text, theirs.rules, theirs.defaults)


def test_a_named_number_may_be_set() -> None:
    policy = tried("改 修订 升级类\n  还须 户数 ≥ {线 = 10 户}\n")
    record = {"编号": "甲", "停产": "否", "有潜力": "是", "户数": 11, "投资": 80}
    said = [policy.with_parameters({"线": line}).evaluate(record)["分类"].text for line in (10, 11, 12)]
    assert said == ["升级", "升级", "无"]
    assert policy.evaluate(record)["分类"].defaults == ()


# ---- what is cited --------------------------------------------------------------------------------------------------


def test_what_a_trial_writes_cites_the_trial() -> None:
    record = {"编号": "甲", "停产": "是", "有潜力": "是", "户数": 11, "投资": 80}
    policy = tried("新增 提示 试提示\n  当 停产\n  说 “试”\n改 修订 盘活类\n  还须 停产\n")
    outcome = policy.evaluate(record)
    (finding,) = (one for one in outcome.findings if one.name == "试提示")
    assert [one.place for one in finding.citations] == ["试验“试着改”"] and finding.clauses == ()
    assert [one.place for one in outcome["分类"].citations] == ["一", "试验“试着改”", "二"]
    assert "试验“试着改”" in str(outcome["分类"].explain())
    assert not [one for one in policy.warnings if one.code == "W307"]


# ---- nothing real rests on a trial ----------------------------------------------------------------------------------


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``上`` and ``下``, and a trial ``试`` that varies ``下``."""
    monkeypatch.chdir(tmp_path)
    for name, text, level in (("上", TOP, 0), ("下", LOW, 1)):
        files = layer_files(text, level)
        (tmp_path / name).mkdir()
        for path, content in files.items():
            (tmp_path / name / path).write_text(content.replace("../0", "../上"), encoding="utf-8")
    write_trial(tmp_path / "试", tmp_path / "下", "L1", "去掉 修订 盘活类\n")
    return tmp_path


@pytest.mark.parametrize("extends", ["../试", "[../上, ../试]"])
@pytest.mark.parametrize("kind", ["layer", "trial"])
def test_nothing_extends_a_trial(folders: Path, extends: str, kind: str) -> None:
    if kind == "trial" and extends.startswith("["):
        extends = "../试"
    manifest = layer_files("", 2)["layer.yaml"].replace("../1", extends).replace("'", "").replace("id: L2", "id: L9")
    if kind == "trial":
        manifest = f"kind: 试验\nid: S2\ntitle: 又试\nextends: {extends}\n"
    (folders / "更下").mkdir()
    (folders / "更下" / "layer.yaml").write_text(manifest, encoding="utf-8")
    (folders / "更下" / "clauses.yaml").write_text("clauses: []\n", encoding="utf-8")
    (folders / "更下" / "a.rules").write_text("", encoding="utf-8")
    policy, found = pr.try_load("更下", as_of=AS_OF)
    assert policy is None
    told = next(one for one in found if one.code == "E322")
    assert told.file == "更下/layer.yaml" and told.line is not None
    assert told.related[0].span.source.path == "试/layer.yaml"


def test_a_trial_is_not_put_in_force(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in folders.rglob("*") if path.is_file()}
    for command in (
        ["lock", "试"],
        ["coverage", "试"],
        ["new-layer", "新", "--extends", "试"],
        ["new-trial", "新", "--extends", "试"],
    ):
        assert run(command) == 1, command
        said = capsys.readouterr()
        assert "错误[E322]" in said.err + said.out and "layer.yaml:1:5" in said.err + said.out
    assert {path: path.read_bytes() for path in folders.rglob("*") if path.is_file()} == before


def test_what_is_kept_of_a_trial_is_what_was_loaded(
    folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICYRULES_CACHE", str(tmp_path / "cache"))
    first, again = pr.load("试", as_of=AS_OF), pr.load("试", as_of=AS_OF)
    assert again.fingerprint == first.fingerprint and again.trial == first.trial and again.notes == first.notes
    assert [one.span.place for one in again.trial.edits] == ["试/改动.rules:1"]  # type: ignore[union-attr]
    assert again.at(datetime.date(2025, 1, 1)).trial is not None
    assert again.folder == Path("试")
    (folders / "试" / "改动.rules").write_text("去掉 术语 大户\n去掉 提示 大户提示\n", encoding="utf-8")
    assert len(pr.load("试", as_of=AS_OF).trial.edits) == 2  # type: ignore[union-attr]
    (folders / "下" / "rules.rules").write_text(LOW.replace("20 户", "21 户"), encoding="utf-8")
    assert pr.load("试", as_of=AS_OF).fingerprint != first.fingerprint


def test_a_trial_goes_with_the_layer_it_varies() -> None:
    policy = tried("改 修订 盘活类\n  还须 停产\n", TOP, LOW, COUNTY)
    assert policy.down_to("L1").trial is not None and policy.down_to("L0").trial is None
    assert policy.at(datetime.date(2025, 1, 1)).trial is not None
    assert policy.stack.base.program(AS_OF).trial is None


# ---- what is wrong with a trial -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trial", "expected"),
    [
        ("修订 升级类\n  还须 停产\n", [("E323", 1)]),
        ("改 规则 升级类\n  当 停产\n", [("E324", 1)]),
        ("改 修订 升级\n  还须 停产\n", [("E324", 1)]),
        ("改 规则 盘活\n  当 停产\n", [("E324", 1)]),
        ("改 字段 停产：是否\n", [("E324", 1)]),
        ("改 对象 项目\n", [("E324", 1)]),
        ("改 术语 大户\n  去掉 除外\n", [("E324", 2)]),
        ("改 术语 大户\n  即 停产\n改 术语 大户\n  即 停产\n", [("E324", 3)]),
        ("去掉 术语 大户\n  即 停产\n去掉 提示 大户提示\n", [("E324", 2)]),
        ("改 修订 升级类\n  即 停产\n", [("E129", 2)]),
        ("改 修订 升级类\n  还须 没有这个\n", [("E201", 2)]),
        ("改 修订 升级类\n  还须 户数 ≥ 3 万元\n", [("E205", 2)]),
        ("改 修订 升级类\n  还须 户数 ≥ {线 = 3 亩}\n", [("E205", 2)]),
        ("改 修订 升级类\n  还须 户数 ≥ {定死 = 3 户}\n", [("E202", 2)]),
        ("改 修订 升级类\n  还须 户数 ≥ {线 = 3 户} 且 户数 ≤ {线 = 9 户}\n", [("E324", 2)]),
        ("新增 提示 试\n  说 “试”\n  去掉 当\n", [("E129", 3)]),
        ("改 修订 升级类\n  还须 户数 ≥\n", [("E120", 2)]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_said_at_its_place(trial: str, expected: list[tuple[str, int]]) -> None:
    found = errors(trial)
    assert [line for _, line in found] == [line for _, line in expected]
    if expected[0][0] not in ("E120", "E205"):
        assert found == expected


@pytest.mark.parametrize("number", ["{线 = }", "{线 = 户}", "{线 =、3 户}", "{ = 3 户}"])
def test_how_a_named_number_is_written_is_told(number: str) -> None:
    _, found = try_policy_from_text(
        TOP, LOW, as_of=AS_OF, trial=f"改 修订 升级类\n  还须 户数 ≥ {number}\n", varies="L1"
    )
    [told] = [one for one in found if one.severity == "error"]
    assert told.code == "E130" and told.remedy == "起了名的数连单位写在“=”后面，写成“{名称 = 10 户}”这样"


def test_the_layer_that_is_varied_must_be_there() -> None:
    assert errors("去掉 术语 大户\n", varies="江西省") == [("E325", 5)]
    assert tried("去掉 提示 大户提示\n", varies="某省").trial is not None
    assert tried("去掉 提示 大户提示\n", varies=None).trial is not None


def test_what_is_wrong_without_the_trial_is_told_as_such() -> None:
    policy, found = try_policy_from_text(
        TOP, LOW.replace("当 大户\n", "当 没有\n"), trial="去掉 修订 盘活类\n", as_of=AS_OF
    )
    assert policy is None
    assert {one.file for one in found if one.severity == "error"} == {"1/rules.rules"}


def test_only_a_trial_writes_what_a_trial_writes() -> None:
    for text in ("改 术语 大户\n  即 停产\n", "新增 术语 又\n  即 停产\n", "去掉 术语 大户\n"):
        policy, found = try_policy_from_text(TOP, LOW + text, as_of=AS_OF)
        assert policy is None
        assert [one.code for one in found if one.severity == "error"] == ["E323"]
    policy, found = try_policy_from_text(TOP, LOW.replace("≥ 20 户", "≥ {线 = 20 户}"), as_of=AS_OF)
    assert policy is None
    assert "E323" in [one.code for one in found]


def test_the_words_of_a_trial_stay_names() -> None:
    """A text that uses them as names means what it meant, also at the beginning of a line."""
    text = TOP + (
        "术语 改 即 停产\n术语 新增 即 有潜力\n术语 去掉\n  即\n    改 且\n    新增\n"
        "规则 改类\n  依据【一】\n  当 任一满足（\n    改；\n    去掉\n  ）\n  则 分类 为 无类\n"
    )
    policy = policy_from_text(text, as_of=AS_OF)
    assert {"改", "新增", "去掉"} <= set(policy.program.terms)
    record = {"编号": "甲", "停产": "否", "有潜力": "是", "户数": 60, "投资": 100}
    assert "改类" not in policy.evaluate(record)["分类"].rules


def test_a_trial_is_formatted() -> None:
    text = (
        "# 试\n改 修订 升级类 # 头\n  去掉 除外、释义\n  还须  户数≥{线=10户}\n\n"
        "去掉 修订 盘活类\n  说明 试\n新增 对象 项目\n字段 新：是否\n改 设定 门槛 为 5 万元\n"
    )
    once = format_source(text)
    assert once == (
        "# 试\n改 修订 升级类  # 头\n  还须 户数 ≥ {线 = 10 户}\n  去掉 除外、释义\n\n"
        "去掉 修订 盘活类\n  说明 试\n新增 对象 项目\n  字段 新：是否\n改 设定 门槛 为 5 万元\n"
    )
    assert format_source(once) == once


# ---- acts -----------------------------------------------------------------------------------------------------------


def test_every_edit_is_an_act_in_the_words_and_at_the_place_of_the_trial() -> None:
    trial = (
        "改 修订 升级类\n  还须 户数 ≥ {线 = 10 户} 且 非 停产\n  去掉 除外\n"
        "去掉 修订 盘活类\n"
        "改 术语 大户\n  即 户数 ≥ 15 户\n"
        "改 设定 门槛 为 70 万元\n"
        "去掉 推定 推定潜力\n"
        "新增 修订 分类\n  先后 盘活、升级\n"
        "去掉 提示 小户提示\n"
        "新增 提示 又一条\n  说 “又”\n"
    )
    before, after = policy_from_text(TOP, LOW, as_of=AS_OF), tried(trial)
    both = blended(before, after)
    assert both.beside == ()
    said = {(one.name, one.old, one.new, one.origin.span.line) for one in both.atoms}
    assert said == {
        ("升级类", "户数 ≥ 5 户", "户数 ≥ {线 = 10 户}", 1),
        ("升级类", "投资 < 10 万元", "", 1),
        ("盘活类", "有潜力", "", 4),
        ("大户", "户数 ≥ 20 户", "户数 ≥ 15 户", 5),
        ("门槛", "60 万元", "70 万元", 7),
        ("有潜力", "当 户数 ≥ 30 户 则 有潜力 为 是", "", 8),
        ("分类", "", "盘活、升级", 9),
        ("小户提示", "提示 小户提示 依据【二】 当 户数 < 2 户 除外 停产 说 “小户”", "", 11),
        ("又一条", "", "新增 提示 又一条 说 “又”", 12),
    }
    assert all(one.origin.span.source.path == "2/rules.rules" for one in both.atoms)
    assert all(one.origin.citations[0].place == "试验“试着改”" for one in both.atoms)
    edits = [edit_of(after, one) for one in both.atoms]
    assert all(
        edit is not None and edit.name in (one.name, "推定潜力") for edit, one in zip(edits, both.atoms, strict=True)
    )
    assert [edit_of(before, one) for one in both.atoms] == [None] * len(edits)
