"""Keys that nobody wrote: the name itself, whatever else is declared, good in JSON, in Python and in a workbook."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from policyrules.cli import run
from policyrules.policy import Policy, load
from policyrules.records.model import json_schema
from policyrules.testing.build import policy_from_text, try_policy_from_text, write_layers

RULES = """\
对象 县 标识 县名
  字段 县名：文本
对象 项目 属于 县 标识 编号
  字段 编号：文本
  字段 停产：是否
  字段 产业134项：是否
  研判 有前景：是否
对象 资金 属于 项目
  字段 金额：金额（万元）
参数 最低额：金额（万元） 缺省 10 万元
读法 怎样算：枚举 { 甲、乙 } 缺省 甲
决定 分类：单选 { 盘活、其他 }
  默认 其他
规则 盘活类
  当 停产 且 合计 资金.金额 ≥ 最低额 且 非 有前景 且 产业134项
  则 分类 为 盘活
"""
RECORD = {
    "编号": "甲",
    "停产": True,
    "产业134项": True,
    "有前景": False,
    "资金": [{"金额": 6}, {"金额": 4}],
    "县": {"县名": "青山县"},
}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return policy_from_text(RULES)


def test_a_key_is_the_name(policy: Policy) -> None:
    program = policy.program
    assert {kind.name: kind.key for kind in program.objects.values()} == {"县": "县", "项目": "项目", "资金": "资金"}
    assert all(field.key == field.name for fields in program.fields.values() for field in fields.values())
    assert [one.key for one in (*program.parameters.values(), *program.decisions.values())] == [
        "怎样算",
        "最低额",
        "分类",
    ]


def test_records_evaluate_and_results_are_under_the_name(policy: Policy) -> None:
    outcome = policy.evaluate(RECORD)
    assert outcome["分类"].text == "盘活"
    assert json.loads(json.dumps(outcome.to_dict()))["decisions"]["分类"]["value"] == "盘活"
    assert policy.evaluate({**RECORD, "资金": [{"金额": "9.99万元"}]})["分类"].text == "其他"


def test_the_model_takes_the_names(policy: Policy) -> None:
    record = policy.Record(**RECORD)
    assert policy.evaluate(record)["分类"].text == "盘活"
    assert record.停产 is True and record.产业134项 is True
    assert all(name.isidentifier() for name in policy.Record.model_fields)
    assert json.loads(record.model_dump_json(by_alias=True))["产业134项"] is True


def test_the_schema_takes_them(policy: Policy) -> None:
    schema = json_schema(policy.program)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(RECORD)
    assert not validator.is_valid({**RECORD, "停产": 3})
    assert not validator.is_valid({**RECORD, "资金": [{"金额": []}]})


def test_a_key_depends_on_no_other_declaration(policy: Policy) -> None:
    first, *others = RULES.split("\n参数 ")
    more = policy_from_text(
        first.replace("  字段 停产", "  字段 新的：是否\n  字段 停产") + "\n参数 " + "\n参数 ".join(others)
    )
    assert {field.key for field in more.program.fields["项目"].values()} == {
        *(field.key for field in policy.program.fields["项目"].values()),
        "新的",
    }
    lower = policy_from_text(RULES, "对象 项目\n  字段 乡镇：文本\n")
    assert [field.key for field in lower.program.fields["项目"].values()][-1] == "乡镇"
    assert policy_from_text(RULES).fingerprint == policy.fingerprint


def test_keys_that_are_written_stay_and_both_are_read() -> None:
    policy = policy_from_text(RULES.replace("字段 停产：", "字段 停产（stopped）："))
    assert policy.program.fields["项目"]["停产"].key == "stopped"
    assert policy.evaluate({**RECORD})["分类"].text == "盘活"
    given = {**RECORD, "stopped": True}
    del given["停产"]
    assert policy.evaluate(given)["分类"].text == "盘活"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("字段 停产：", "字段 甲（编号_）：", "E109"),
        ("字段 停产：", "字段 资金：", "E202"),
        ("字段 停产：是否", "字段 stop：是否\n  字段 停产（stop）：是否", "E202"),
    ],
)
def test_two_of_one_key_are_told(old: str, new: str, says: str) -> None:
    loaded, found = try_policy_from_text(RULES.replace(old, new))
    assert loaded is None and says in {one.code for one in found}


def test_an_object_gets_no_key_afterwards() -> None:
    loaded, found = try_policy_from_text(RULES, "对象 项目（project）\n  字段 乡镇：文本\n")
    (told,) = (one for one in found if one.code == "E202")
    assert loaded is None and told.remedy == "删去（project），或写在最初声明的地方"


def test_an_empty_workbook_reads_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import openpyxl

    folder = write_layers(tmp_path, RULES)
    assert run(["template", str(folder), "-o", str(tmp_path / "台账.xlsx")]) == 0
    book = openpyxl.load_workbook(tmp_path / "台账.xlsx")
    sheet = book["项目"]
    head = [cell.value for cell in sheet[1]]
    sheet.append([RECORD.get(str(name)) and {"编号": "甲"}.get(str(name), "是") for name in head])
    book["资金"].append(["甲", 12])
    book.save(tmp_path / "台账.xlsx")
    ledger = load(folder).read(tmp_path / "台账.xlsx")
    assert ledger.problems == () and ledger.records[0].instance.values["停产"] is True
    assert ledger.records[0].instance.rows["资金"][0].values["金额"] == 120_000


def test_they_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", str(write_layers(tmp_path, RULES)), "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)["entries"]
    assert {entry["name"]: entry["key"] for entry in entries if entry["kind"] == "字段"}["停产"] == "停产"
