"""The commands as people and scripts use them: output, exit codes, and an answer in Chinese to every slip."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.report.sample import NATION, PROVINCE, records

from policyrules.cli import run
from policyrules.cli.entry import COMMANDS
from policyrules.cli.shared import date_of, parameters_of
from policyrules.source import display_width
from policyrules.testing.build import write_layers

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    write_layers(tmp_path, NATION, PROVINCE)
    (tmp_path / "台账.json").write_text(json.dumps(records(), ensure_ascii=False), encoding="utf-8")
    return tmp_path


class Console:
    """Runs a command line and keeps what it said."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        code = run([str(argument) for argument in arguments])
        said = self._capsys.readouterr()
        assert "Traceback" not in said.err and "Error" not in said.err
        return code, said.out, said.err


@pytest.fixture
def console(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Console:
    monkeypatch.setenv("COLUMNS", "100")
    return Console(capsys)


# ---- check ----------------------------------------------------------------------------------------------------------


def test_check(console: Console, stack: Path) -> None:
    code, out, _ = console("check", stack / "0", "--as-of", "2025-09-15")
    assert code == 0
    assert out.startswith("通过") and "决定 3、规则 5、义务 2、提示 1" in out


def test_check_as_json(console: Console, stack: Path) -> None:
    code, out, err = console("check", stack / "0", stack / "1", "--json")
    data = json.loads(out)
    assert (code, err, data["ok"], len(data["layers"])) == (0, "", True, 2)
    assert data["layers"][0]["counts"]["规则"] == 5


def test_check_finds_errors(console: Console, stack: Path) -> None:
    (stack / "1" / "rules.rules").write_text(PROVINCE.replace("链条 为 不完整", "链条 为 不完正"), encoding="utf-8")
    code, out, _ = console("check", stack / "1")
    assert code == 1
    assert "不完正" in out and "^" in out and "不通过" in out
    code, out, _ = console("check", stack / "1", "--json")
    assert code == 1 and json.loads(out)["layers"][0]["diagnostics"][0]["line"] == 4


def test_strict(console: Console, stack: Path) -> None:
    # An amendment that no lock pins is a warning.
    assert console("check", stack / "1")[0] == 0
    assert console("check", stack / "1", "--strict")[0] == 1
    assert console("lock", stack / "1")[0] == 0
    assert (stack / "1" / "layer.lock").is_file()
    # The uppermost layer amends nothing.
    assert console("lock", stack / "0") == (0, "", "本层没有修订或重申上层的规定，没有要锁定的，没有写文件\n")
    assert json.loads(console("lock", stack / "0", "--json")[1]) == {"written": []}
    assert not (stack / "0" / "layer.lock").exists()
    assert console("check", stack / "1", "--strict")[0] == 0


# ---- evaluate, explain, compare -------------------------------------------------------------------------------------


def test_evaluate(console: Console, stack: Path) -> None:
    code, out, err = console("evaluate", stack / "1", stack / "台账.json", "--as-of", "2025-09-15", "--list")
    assert code == 0
    assert "分类（项目 5 个，适用 4 个）" in out and "P4" in out
    assert "警告" in err


def test_evaluate_opens_with_what_has_to_be_done(console: Console, stack: Path) -> None:
    arguments = ("evaluate", stack / "1", stack / "台账.json", "--as-of", "2025-09-15")
    code, out, _ = console(*arguments)
    first = out.split("\n\n")[1]
    assert code == 0 and first.startswith("一、要处理的（2 处：某县 1 处，1 个项目 1 处）")
    assert "违反  细化标准" in first and "严格论证　违反 1 处" in first and "“在严格论证的基础上”" in first
    assert "义务（按项目" not in out and "义务（按项目" in console(*arguments, "--all")[1]
    tasks = json.loads(console(*arguments, "--json")[1])["tasks"]
    assert [(task["owner"], task["identity"], task["finding"]) for task in tasks] == [
        ("某县", "", "细化标准"),
        ("", "P3", "严格论证"),
    ]


def test_documents_are_named_in_workbooks(console: Console, stack: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    manifest = stack / "0" / "layer.yaml"
    manifest.write_text(
        manifest.read_text(encoding="utf-8") + "document_number: 农规发〔2024〕26号\n", encoding="utf-8"
    )
    code, out, _ = console("evaluate", stack / "1", stack / "台账.json", "-o", stack / "结果.xlsx")
    assert code == 0 and "依据：农规发〔2024〕26号、《第1层文件》" in out
    sheet = openpyxl.load_workbook(stack / "结果.xlsx")["要处理"]
    header = [cell.value for cell in sheet[1]]
    cited = [row[header.index("文号和条款")] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert cited[:2] == ["农规发〔2024〕26号【七·县级】", "农规发〔2024〕26号【二（三）·论证】"]


def test_evaluate_with_a_parameter(console: Console, stack: Path) -> None:
    _, out, _ = console("evaluate", stack / "1", stack / "台账.json", "--set", "反向数量=1", "--json")
    data = json.loads(out)
    assert data["summary"]["decisions"]["入库"]["values"] == {"不禁止": 0, "暂缓": 1}
    assert data["records"][0]["identity"] == "P1"


@pytest.mark.parametrize("suffix", [".json", ".csv", ".xlsx"])
def test_results_are_written(console: Console, stack: Path, suffix: str) -> None:
    target = stack / f"结果{suffix}"
    code, _, err = console("evaluate", stack / "1", stack / "台账.json", "-o", target)
    assert code == 0 and target.is_file() and "结果已写到" in err


def test_rows_that_cannot_be_read(console: Console, stack: Path) -> None:
    bad = [*records(), {"编号": "P9", "已形成": "也许"}]
    (stack / "台账.json").write_text(json.dumps(bad, ensure_ascii=False), encoding="utf-8")
    target = stack / "结果.json"
    code, out, err = console("evaluate", stack / "1", stack / "台账.json", "-o", target)
    assert code == 3 and target.is_file()
    assert "项目：5 个" in out.replace("\n", "") and "P9" in err and "也许" in err
    assert "没有评估的项目 1 个：P9" in out
    code, out, _ = console("evaluate", stack / "1", stack / "台账.json", "--json")
    assert code == 3 and json.loads(out)["problems"][0]["path"]


def test_explain(console: Console, stack: Path) -> None:
    code, out, _ = console("explain", stack / "1", stack / "台账.json", "P2", "--as-of", "2025-09-15")
    assert code == 0
    assert "规则 升级类：升级　不成立" in out and "只按国家" in out
    code, out, _ = console("explain", stack / "1", stack / "台账.json", "P2", "--json")
    data = json.loads(out)
    assert code == 0 and data["upper"][0]["label"] == "国家" and data["explanation"]["reasons"]


def test_two_documents_of_one_level_are_told_apart(console: Console, stack: Path) -> None:
    for number, more in (
        (0, "document_number: 农规发〔2024〕26号"),
        (1, "short: 财农19号\ndocument_number: 财农〔2021〕19号"),
    ):
        manifest = stack / str(number) / "layer.yaml"
        text = manifest.read_text(encoding="utf-8").replace("level: 省", "level: 国家").replace("某省", "全国")
        manifest.write_text(f"{text}{more}\n", encoding="utf-8")
    at = ("--as-of", "2025-09-15")
    code, out, _ = console("explain", stack / "1", stack / "台账.json", "P2", *at)
    assert code == 0 and "只按农规发〔2024〕26号  加上财农19号" in out
    assert "政策：农规发〔2024〕26号＋财农19号" in out and "依据：农规发〔2024〕26号、财农〔2021〕19号" in out
    assert "财农〔2021〕19号【二（三）升级类】“但产业链条不完整”" in out and "国家" not in out
    code, out, _ = console("compare", stack / "0", stack / "1", stack / "台账.json", *at)
    assert (
        code == 0
        and out.startswith("农规发〔2024〕26号 → 农规发〔2024〕26号＋财农19号")
        and "财农19号 修订“升级类”" in out
    )


def test_explain_one_record_alone(console: Console, stack: Path) -> None:
    one = stack / "一个.json"
    one.write_text(json.dumps(records()[4], ensure_ascii=False), encoding="utf-8")
    code, out, _ = console("explain", stack / "1", one, "--only", "入库", "--set", "反向数量=1")
    # Without the ledger the count of the others is unknown, not zero.
    assert code == 0 and "待定：暂缓、不禁止" in out and "全县台账" in out


def test_compare(console: Console, stack: Path) -> None:
    code, out, _ = console("compare", stack / "0", stack / "1", stack / "台账.json", "--as-of", "2025-09-15")
    assert code == 0 and "国家 → 国家＋某省" in out and "升级 → 无（1）" in out
    code, out, _ = console("compare", stack / "0", stack / "1", stack / "台账.json", "--json", "-o", stack / "差.json")
    assert json.loads(out) == json.loads((stack / "差.json").read_text(encoding="utf-8"))


def test_compare_gives_each_side_the_parameters_it_knows(console: Console, stack: Path) -> None:
    code, _, _ = console("compare", stack / "0", stack / "1", stack / "台账.json", "--set", "反向数量=2")
    assert code == 0
    code, _, err = console("compare", stack / "0", stack / "1", stack / "台账.json", "--set", "反向数两=2")
    assert code == 2 and "是不是 反向数量" in err


# ---- scenarios, schema, template, coverage, new layer ---------------------------------------------------------------


def test_test(console: Console, stack: Path) -> None:
    folder = stack / "1" / "scenarios"
    folder.mkdir()
    text = "评估日: 2025-09-15\n情形:\n  - {名称: 甲, 记录: {已形成: 否}, 预期: {分类: 不适用}}\n"
    (folder / "甲.yaml").write_text(text, encoding="utf-8")
    assert console("test", stack)[:2] == (0, "情形 1 个：通过 1\n")
    code, out, _ = console("test", stack, "--coverage", "--json")
    assert code == 0 and json.loads(out)["coverage"]["total"] > 0
    assert "没有情形见过它" in console("test", folder / "甲.yaml", "--coverage")[1]
    (folder / "甲.yaml").write_text(text.replace("不适用", "升级"), encoding="utf-8")
    code, out, _ = console("test", stack)
    assert code == 1 and "应为  升级" in out


def test_schema_and_template(console: Console, stack: Path) -> None:
    code, out, _ = console("schema", stack / "1")
    assert code == 0 and json.loads(out)["type"] == "object"
    target = stack / "空白.xlsx"
    assert console("template", stack / "1", "-o", target)[0] == 0
    assert target.is_file()
    assert console("template", stack / "1", "-o", target)[0] == 2


def test_coverage(console: Console, stack: Path) -> None:
    assert console("coverage", stack / "1")[0] == 0
    assert console("coverage", stack / "1", "--html", stack / "a.html")[0] == 2
    (stack / "0" / "rules.rules").write_text(NATION.split("提示 县级目标", maxsplit=1)[0], encoding="utf-8")
    code, out, _ = console("coverage", stack / "0")
    assert code == 1 and "未覆盖 1" in out
    assert json.loads(console("coverage", stack / "0", "--json")[1])["ok"] is False


def test_coverage_of_a_text(console: Console, stack: Path) -> None:
    text = stack / "原文.txt"
    text.write_text("一、总则\n\n这一句谁也没有登记。\n", encoding="utf-8")
    page = stack / "对照.html"
    code, out, err = console("coverage", stack / "0", "--source", text, "--html", page)
    assert code == 1 and "未覆盖" in out and page.is_file() and "对照页已写到" in err
    assert console("coverage", stack / "0", "--source", stack / "无.txt")[0] == 1


def test_a_sentence_that_nothing_quotes_is_found(console: Console, tmp_path: Path) -> None:
    table = """\
clauses:
- {id: A-1, place: 一, summary: 入库, kind: intake, decides: true, starts: 项目, ends: 氛围。}
"""
    write_layer = {
        "layer.yaml": "id: A\ntitle: 示例\nlevel: 国家\nregion: 全国\nin_force_from: 2025-01-01\n",
        "clauses.yaml": table,
        "规则.rules": "对象 项目（project）\n  标识 编号\n  字段 编号（project_id）：文本\n  字段 完成（done）：是否\n"
        "义务 完成\n  依据【一】“项目要完成”\n  应当 完成\n",
        "原文.txt": "项目要完成。形成良好氛围。\n",
    }
    for name, content in write_layer.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    code, out, _ = console("coverage", tmp_path, "--source", tmp_path / "原文.txt")
    assert code == 1 and "未引原话 1" in out and "第 1 行 [未引原话] 形成良好氛围。" in out
    given = table.replace("ends: 氛围。}", "ends: 氛围。, sentences: [{words: 形成良好氛围, reason: 宣传}]}")
    (tmp_path / "clauses.yaml").write_text(given, encoding="utf-8")
    code, out, _ = console("coverage", tmp_path, "--source", tmp_path / "原文.txt")
    assert code == 0 and "未引原话 0，已说明 1" in out
    code, out, _ = console("coverage", tmp_path, "--source", tmp_path / "原文.txt", "--json")
    assert json.loads(out)["sources"][0]["sentences"][1]["reasons"] == ["宣传"]


OWN = """\
clauses:
- {id: L1-1, place: 二（三）升级类, summary: 升级, kind: classification, decides: true, starts: 但产业, ends: 不完整。}
- {id: L1-2, place: 二（三）盘活类, summary: 盘活, kind: classification, decides: true, starts: 暂时困难, ends: 困难的。}
- {id: L1-3, place: 五·反向, summary: 反向, kind: intake, decides: true}
- {id: L1-4, place: 三·展会, summary: 展会, kind: measure, decides: true}
"""


def test_fingerprints_are_written(console: Console, stack: Path) -> None:
    text, table = stack / "原文.txt", stack / "1" / "clauses.yaml"
    text.write_text("但产业链条不完整。\n暂时困难的。\n", encoding="utf-8")
    table.write_bytes(b"\xef\xbb\xbf" + OWN.replace("困难的。", "暂时困难的。").encode())
    code, out, _ = console("coverage", stack / "1", "--source", text)
    command = f"policyrules coverage {stack / '1'} --source {text} --write-hashes"
    assert "W447" in out and command in out
    before = table.read_bytes()
    code, out, err = console(*command.split()[1:])
    assert code == 1 and "新登记 2 条" in err and "W447" not in out and "E441" in out
    after = table.read_bytes()
    assert after.startswith(b"\xef\xbb\xbf") and re.sub(rb', sha256: "[0-9a-f]{64}"', b"", after) == before
    assert "没有改动" in console(*command.split()[1:])[2] and table.read_bytes() == after
    text.write_text("但产业链条仍不完整。\n暂时困难的。\n", encoding="utf-8")
    code, out, _ = console("coverage", stack / "1", "--source", text)
    assert code == 1 and "E445" in out and "再运行 policyrules coverage" in out
    assert "改动 1 条：【二（三）升级类】" in console(*command.split()[1:])[2]
    text.write_text("只剩这一句。\n", encoding="utf-8")
    code, out, err = console(*command.split()[1:], "--json")
    assert code == 1 and json.loads(out)["written"] == [] and table.read_bytes() != after


def test_whose_text_it_is_can_be_said(console: Console, stack: Path) -> None:
    text = stack / "原文.txt"
    text.write_text("谁也没有登记的一句。\n", encoding="utf-8")
    for options, layer in (((), "L1"), (("--layer", "L0"), "L0"), (("--layer", "L1"), "L1")):
        code, out, _ = console("coverage", stack / "1", "--source", text, *options, "--json")
        assert code == 1 and json.loads(out)["sources"][0]["layer"] == layer
    code, _, err = console("coverage", stack / "1", "--source", text, "--layer", "L7")
    assert code == 2 and "没有编号为“L7”的层" in err
    for option in (("--layer", "L1"), ("--write-hashes",)):
        code, _, err = console("coverage", stack / "1", *option)
        assert code == 2 and "--source" in err


def test_places_are_shown_as_typed(console: Console, stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stack / "1" / "scenarios"
    folder.mkdir()
    layers = "{国家: {分类: 不适用}}"
    text = (
        f"评估日: 2025-09-15\n情形:\n  - {{名称: 甲, 记录: {{已形成: 否}}, 预期: {{分类: 不适用}}, 各层: {layers}}}\n"
    )
    (folder / "甲.yaml").write_text(text, encoding="utf-8")
    for here, typed in ((stack, "1"), (stack / "0", "../1")):
        monkeypatch.chdir(here)
        code, out, _ = console("test", typed, "--coverage", "--json")
        assert code == 0
        rules = json.loads(out)["coverage"]["rules"]
        places = [one["place"] for rule in rules for one in (rule, *rule["conditions"])]
        upper = {"1": "0", "../1": "../0"}[typed]
        assert all(place.startswith((f"{typed}/", f"{upper}/")) or place.startswith("rules.rules") for place in places)
        assert not any(str(stack) in place for place in places)
        seen = [(one["text"], one["place"]) for rule in rules for one in rule["conditions"]]
        assert len({(rule["name"], *pair) for rule in rules for pair in seen}) == len(rules) * len(set(seen))
    assert str(stack) in console("test", folder / "甲.yaml", "--coverage")[1].replace("\n", "")


@pytest.mark.parametrize(
    ("region", "level"), [("青山县", "县"), ("全国", "国家"), ("江西省", "省"), ("新余市", "市"), ("某地", "省")]
)
def test_a_new_layer_has_the_level_of_its_region(console: Console, stack: Path, region: str, level: str) -> None:
    code, _, err = console("new-layer", stack / "丁", "--extends", stack / "0", "--region", region)
    assert code == 0, err
    assert f"层级: {level}" in (stack / "丁" / "layer.yaml").read_text(encoding="utf-8")


def test_a_new_layer_may_extend_several(console: Console, stack: Path) -> None:
    assert console("new-layer", stack / "甲", "--extends", stack / "0", "--id", "JIA", "--region", "全国")[0] == 0
    code, _, err = console("new-layer", stack / "乙", "--extends", stack / "甲", "--extends", stack / "1", "--id", "YI")
    assert code == 0, err
    text = (stack / "乙" / "layer.yaml").read_text(encoding="utf-8")
    # Below both: the lower of the two levels is the highest it may have.
    assert '上级: ["../甲", "../1"]' in text and "层级: 市" in text
    code, out, _ = console("check", stack / "乙")
    assert code == 0 and "层 4" in out, out


def test_the_examples_of_a_new_layer_load_in_the_names_of_those_above(console: Console, stack: Path) -> None:
    folder = stack / "新层"
    assert console("new-layer", folder, "--extends", stack / "1", "--region", "某县")[0] == 0
    rules = folder / "规则.rules"
    text = rules.read_text(encoding="utf-8")
    assert "反向约束数量" not in text and "# 义务 某项义务" in text
    lines = text.split("\n")[3:]
    bare = [re.sub("^# (?!--)", "", line).replace("“原文里的话”", "") for line in lines]
    rules.write_text("\n".join(bare), encoding="utf-8")
    code, out, _ = console("check", folder)
    assert code == 0 and "本层 义务 1" in out, out


@pytest.mark.parametrize("extends", [True, False])
def test_a_new_layer_loads(console: Console, stack: Path, extends: bool) -> None:
    folder = stack / "新层"
    options = ["--extends", stack / "1"] if extends else []
    code, _, err = console("new-layer", folder, *options, "--id", "GX", "--title", '意见"：一', "--region", "某地")
    assert code == 0 and "下一步" in err
    code, out, _ = console("check", folder)
    assert code == 0, out
    code, _, err = console("new-layer", folder)
    assert code == 2 and "没有写入任何文件" in err


# ---- slips ----------------------------------------------------------------------------------------------------------


def test_a_table_that_could_not_be_read_is_not_written(console: Console, stack: Path) -> None:
    text = stack / "原文.txt"
    text.write_text(
        "某办法\n" + "".join(f"第{n}条　各地应当办好这一件事。\n" for n in range(1, 6_001)), encoding="utf-8"
    )
    code, _, err = console("new-layer", stack / "新", "--source", text, "--level", "国家", "--region", "全国")
    assert code == 2 and "条款表会超过 1 MiB" in err and "分成几个文件" in err
    assert not (stack / "新").exists()


def test_new_layers_below_new_layers_load(console: Console, stack: Path) -> None:
    """Ids are not those of the layers above; a level that rises is refused before anything is written."""
    above = stack / "1"
    for name in ("甲", "乙", "丙"):
        assert console("new-layer", stack / name, "--extends", above, "--level", "县", "--region", "某县")[0] == 0
        assert console("check", stack / name)[0] == 0
        above = stack / name
    assert "NEW3" in (stack / "丙" / "layer.yaml").read_text(encoding="utf-8")
    code, _, err = console("new-layer", stack / "丁", "--extends", above, "--id", "NEW2", "--region", "某县")
    assert code == 2 and "“NEW2”上面的层已经用了" in err and not (stack / "丁").exists()
    code, _, err = console("new-layer", stack / "丁", "--extends", above, "--level", "国家")
    assert code == 2 and "高于上一层" in err and not (stack / "丁").exists()


def test_a_record_without_number_is_explained_as_lists_call_it(console: Console, stack: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "台账.csv"
    ledger.write_text("编号,已形成\n,是\n,否\n", encoding="utf-8")
    code, out, err = console("evaluate", stack / "1", ledger, "--list", "--as-of", "2025-09-15")
    if "第 2 个" not in out:
        pytest.fail(out + err)
    code, _, err = console("explain", stack / "1", ledger, "--as-of", "2025-09-15")
    assert code == 2 and "“第 1 个”、“第 2 个”" in err
    for asked in ("第 2 个", "第2个"):
        assert console("explain", stack / "1", ledger, asked, "--as-of", "2025-09-15")[0] == 0
    assert console("explain", stack / "1", ledger, "第 3 个", "--as-of", "2025-09-15")[0] == 2


@pytest.mark.parametrize("command", ["new-layer", "new-trial"])
@pytest.mark.parametrize(("flag", "text"), [("--title", "意见\n一"), ("--id", "G\x1b[2JX"), ("--title", "意\u202e见")])
def test_what_cannot_be_read_back_is_not_written(
    stack: Path, console: Console, command: str, flag: str, text: str
) -> None:
    folder = stack / "新"
    code, out, err = console(command, folder, "--extends", stack / "0", flag, text)
    assert code == 2 and flag in err and "控制字符" in err and not folder.exists()
    assert text not in out + err


@pytest.mark.parametrize("command", ["new-layer", "new-trial"])
@pytest.mark.parametrize("text", ["", " ", "\u3000"])
def test_a_title_without_content_is_not_written(stack: Path, console: Console, command: str, text: str) -> None:
    folder = stack / "新"
    code, _, err = console(command, folder, "--extends", stack / "0", "--title", text)
    assert code == 2 and "--title 没有内容" in err and not folder.exists()


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ("chek 0", "没有“chek”这个命令，是不是 check"),
        ("check", "缺少参数“层"),
        ("check 0 --asof 2025-01-01", "没有“--asof”这个选项，是不是 --as-of"),
        ("check 0 --as-of", "选项“--as-of”后面要有一个值"),
        ("check 0 --as-of --json", "选项“--as-of”后面要有一个值"),
        ("check 0 --as", "没有“--as”这个选项，是不是 --as-of"),
        ("check -x 0", "没有“-x”这个选项"),
        ("test -- -x", "没有这个文件或文件夹：-x"),
        ("mutate 0 --sample 三", "选项 --sample 的“三”应是 1 以上的整数"),
        ("mutate 0 --least 101", "选项 --least 的“101”应是 0 至 100 的整数"),
        ("template 0", "缺少选项 -o、--output"),
        ("--strict", "没有“--strict”这个选项"),
        ("check 0 --json=1", "选项“--json”后面不带值"),
        ("check 0 --as-of 去年", "“去年”不是日期"),
        ("check 0 --set 反向数量", "要写成 参数=值"),
        ("evaluate 0", "缺少参数“台账”"),
        ("evaluate 0 没有.xlsx", "没有这个文件或文件夹"),
        ("evaluate 0 0/layer.yaml", "后缀应为"),
        ("evaluate 0 台账.json -o 结果.doc", "要以 .json、.jsonl、.csv、.xlsx 或 .parquet 结尾"),
        ("evaluate 0 台账.json -o 无此夹/结果.csv", "没有文件夹"),
        ("evaluate 0 台账.json -o 0", "要以 .json"),
        ("evaluate 0 台账.json 多 余", "多出来的参数：多 余"),
        ("explain 0 台账.json", "有 5 个项目，写上要说明的项目编号"),
        ("explain 0 台账.json P11", "没有编号或名称为“P11”的项目，是不是 P1"),
        ("explain 0 台账.json P1 --only 分累", "没有叫“分累”的决定、义务、禁令或提示，是不是 分类"),
        ("test 无此夹", "没有这个文件或文件夹"),
        ("test 0", "没有情形文件"),
        ("schema 0 -o 0", "要以 .json 结尾"),
        ("new-layer 新 --level 乡", "“乡”不是层级"),
    ],
)
def test_slips_are_answered(
    console: Console, stack: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, answer: str
) -> None:
    monkeypatch.chdir(stack)
    code, out, err = console(*arguments.split())
    assert (code, out) == (2, "")
    assert answer in err


@pytest.mark.parametrize("arguments", ["check 无此层", "evaluate 无此层 台账.json", "schema 无此层", "lock 无此层"])
def test_a_layer_that_is_not_there(
    console: Console, stack: Path, monkeypatch: pytest.MonkeyPatch, arguments: str
) -> None:
    monkeypatch.chdir(stack)
    code, out, err = console(*arguments.split())
    assert code == 1 and "无此层" in out + err


def test_errors_as_json(console: Console, stack: Path) -> None:
    code, out, err = console("evaluate", stack / "9", stack / "台账.json", "--json")
    assert (code, err) == (1, "") and json.loads(out)["diagnostics"][0]["code"]


def test_a_workbook_that_is_none(console: Console, stack: Path) -> None:
    (stack / "假.xlsx").write_text("不是工作簿", encoding="utf-8")
    code, _, err = console("evaluate", stack / "0", stack / "假.xlsx")
    assert code == 2 and "假.xlsx" in err


# ---- help, streams, encodings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_chinese(console: Console, command: str) -> None:
    code, out, _ = console(*([command] if command else []), "--help")
    assert code == 0
    for english in ("Usage", "Options", "Arguments", "Commands", "Show this", "required", "TEXT", "<path>"):
        assert english not in out


def test_no_command_shows_help(console: Console) -> None:
    code, out, _ = console()
    assert code == 2 and "用法" in out


def test_help_fits_the_window(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in (40, 72, 200):
        monkeypatch.setenv("COLUMNS", str(columns))
        for command in ([], *([name] for name in COMMANDS)):
            lines = console(*command, "--help")[1].splitlines()
            assert lines[0].startswith("用法：policyrules ")
            assert all(display_width(line) <= columns for line in lines[1:]), command


def outside(stack: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, as a terminal or a script starts it."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment}
    command = [sys.executable, "-m", "policyrules", *map(str, arguments)]
    return subprocess.run(command, cwd=stack, env=settings, capture_output=True, check=False)


def test_a_pipe_gets_plain_text(stack: Path) -> None:
    done = outside(stack, "evaluate", "1", "台账.json", PYTHONIOENCODING="utf-8")
    assert done.returncode == 0 and b"\x1b" not in done.stdout + done.stderr


def test_colour_is_asked_for_and_refused(stack: Path) -> None:
    coloured = outside(stack, "evaluate", "1", "台账.json", FORCE_COLOR="1", PYTHONIOENCODING="utf-8")
    assert b"\x1b" in coloured.stdout
    plain = outside(stack, "evaluate", "1", "台账.json", FORCE_COLOR="1", NO_COLOR="1", PYTHONIOENCODING="utf-8")
    assert b"\x1b" not in plain.stdout


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_a_console_that_lacks_characters(stack: Path, encoding: str) -> None:
    done = outside(stack, "evaluate", "1", "台账.json", PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    if encoding == "gbk":
        assert "评估" in done.stdout.decode("gbk")


def test_a_reader_that_goes_away(stack: Path) -> None:
    script = f"{sys.executable} -m policyrules schema 1 | head -1"
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(["sh", "-c", script], cwd=stack, env=settings, capture_output=True, check=False)
    assert b"Traceback" not in done.stderr and b"Broken" not in done.stderr


def test_dates_and_parameters_as_people_type_them() -> None:
    assert str(date_of("2025年9月5日")) == "2025-09-05"
    assert str(date_of("2025/9/5")) == "2025-09-05"
    assert parameters_of(["反向数量＝5", "甲= 乙 "]) == {"反向数量": "5", "甲": "乙"}


def test_fmt(console: Console, stack: Path) -> None:
    file = stack / "0" / "rules.rules"
    before = file.read_text(encoding="utf-8")
    code, out, _ = console("fmt", file)
    assert code == 0 and "决定 分类（category）" in out and file.read_text(encoding="utf-8") == before
    assert console("fmt", stack / "0", "--check")[0] == 1
    assert console("fmt", stack / "0", "--write")[0] == 0
    assert console("fmt", stack / "0", "--check")[0] == 0
    assert console("check", stack / "0")[0] == 0
    file.write_text("规则 甲\n  当 （", encoding="utf-8")
    code, out, err = console("fmt", file)
    assert (code, out) == (1, "") and "rules.rules:" in err
    assert json.loads(console("fmt", file, "--json")[1])["diagnostics"]


def test_what_was_written_as_json(console: Console, stack: Path) -> None:
    for arguments in (
        ["lock", stack / "1"],
        ["template", stack / "1", "-o", stack / "甲.xlsx"],
        ["new-layer", stack / "乙"],
    ):
        code, out, err = console(*arguments, "--json")
        assert (code, err) == (0, "") and all(Path(path).is_file() for path in json.loads(out)["written"])


def test_json_is_said_also_where_nothing_can_be_read(
    console: Console, stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(stack)
    code, out, err = console("evaluate", "0", "没有.json", "--json")
    assert code == 2 and json.loads(out) == {"error": "没有这个文件或文件夹：没有.json"} and "没有.json" in err


def test_a_long_remark_is_broken_for_a_window_and_whole_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from policyrules.report.terminal import Screen
    from policyrules.source import display_width

    monkeypatch.setenv("TERM", "dumb")
    Screen().say("  " + "长" * 100)
    assert capsys.readouterr().err == "  " + "长" * 100 + "\n"
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    Screen().say("  " + "长" * 100)
    first, *rest = capsys.readouterr().err.splitlines()
    assert first.startswith("  长") and rest and all(line.startswith("      长") for line in rest)
    assert all(display_width(line) <= 60 for line in (first, *rest))


def test_compare_sets_a_parameter_on_one_side(console: Console, stack: Path) -> None:
    at = (stack / "1", stack / "1", stack / "台账.json", "--as-of", "2025-09-15")
    code, out, err = console("compare", *at, "--set-old", "反向数量=2", "--set-new", "反向数量=9", "--json")
    assert code == 0 and "同一套规则" not in err
    changed = json.loads(out)
    # Two of the same type breach a limit of two, not one of nine.
    assert changed["changes"] or changed["finding_changes"]
    code, out, err = console("compare", *at, "--set", "反向数量=2", "--json")
    assert code == 0 and json.loads(out)["changes"] == []
    code, out, err = console("compare", *at)
    assert "两边是同一套规则，参数也一样" in err and "--set-new" in err
    code, _, err = console("compare", *at, "--set-old", "反向数两=2")
    assert code == 2 and "--set-old：这一边没有叫“反向数两”的参数，是不是 反向数量？" in err


def test_compare_says_which_word_was_forgotten(console: Console, stack: Path) -> None:
    code, _, err = console("compare", stack / "1", stack / "台账.json")
    assert code == 2 and f"缺少参数“现在的层”：在它的位置上写的“{stack / '台账.json'}”是文件" in err
    code, _, err = console("compare", stack / "0", stack / "1")
    assert code == 2 and "缺少参数“台账”；应有：原来的层 现在的层 台账" in err
