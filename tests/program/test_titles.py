"""What layers and their documents are called: by place where that tells them apart, else by what does."""

from __future__ import annotations

import datetime

import pytest

from policyrules.analysis.labels import label_of, stack_label
from policyrules.program.manifest import LayerManifest
from policyrules.program.stack import Stack
from policyrules.program.titles import citing_names, document_names, layer_names
from policyrules.testing.build import layer_files, policy_from_text


def layer(id_: str, level: str, region: str, title: str = "意见", **more: str) -> LayerManifest:
    since = datetime.date(2025, 1, 1)
    return LayerManifest(id=id_, title=title, level=level, region=region, in_force_from=since, **more)  # type: ignore[arg-type]


NATION = layer("CN", "国家", "全国", document_number="农规发〔2024〕26号")
PROVINCE = layer("JX", "省", "江西省", document_number="赣农字〔2025〕23号", short="赣农23号")


def test_layers_are_called_by_their_place_where_that_tells_them_apart() -> None:
    assert layer_names([NATION, PROVINCE]) == {"CN": "国家", "JX": "江西省"}


@pytest.mark.parametrize(
    ("second", "names"),
    [
        ({"short": "财农19号", "document_number": "财农〔2021〕19号"}, ["农规发〔2024〕26号", "财农19号"]),
        ({"document_number": "财农〔2021〕19号"}, ["农规发〔2024〕26号", "财农〔2021〕19号"]),
        (
            {"title": "关于加强衔接资金使用管理的若干具体意见"},
            ["农规发〔2024〕26号", "关于加强衔接资金使用管理的若干…"],
        ),
        ({"short": "农规发〔2024〕26号"}, ["农规发〔2024〕26号（CN）", "农规发〔2024〕26号（CZ）"]),
    ],
)
def test_two_documents_of_one_level_are_told_apart(second: dict[str, str], names: list[str]) -> None:
    found = layer_names([NATION, layer("CZ", "国家", "全国", **second), PROVINCE])
    assert [found["CN"], found["CZ"], found["JX"]] == [*names, "江西省"]


def test_documents_are_called_by_their_numbers() -> None:
    plain = layer("QS", "县", "青山县", "青山县细则")
    assert document_names([NATION, PROVINCE, plain]) == {
        "CN": "农规发〔2024〕26号",
        "JX": "赣农字〔2025〕23号",
        "QS": "《青山县细则》",
    }
    assert document_names([layer("A", "县", "甲县"), layer("B", "县", "甲县")]) == {
        "A": "《意见》（A）",
        "B": "《意见》（B）",
    }


def test_clauses_are_cited_by_number_or_short_title_else_by_the_layer() -> None:
    plain, short = layer("QS", "县", "青山县", "青山县细则"), layer("BS", "市", "滨市", "滨市办法", short="滨市办法")
    assert citing_names([NATION, PROVINCE, short, plain]) == {
        "CN": "农规发〔2024〕26号",
        "JX": "赣农字〔2025〕23号",
        "BS": "滨市办法",
        "QS": "青山县",
    }
    twice = layer("A", "县", "甲县", short="办法"), layer("B", "县", "乙县", short="办法")
    assert citing_names(twice) == {"A": "办法（A）", "B": "办法（B）"}


def test_reports_use_them() -> None:
    policy = policy_from_text("对象 项目（project）\n  字段 甲（a）：是否\n", "", "")
    assert (
        stack_label(policy) == "国家＋某省＋某市"
        and label_of("L1", policy) == "某省"
        and label_of("没有", policy) == "没有"
    )
    texts = [layer_files("对象 项目（project）\n  字段 甲（a）：是否\n", 0), layer_files("", 1), layer_files("", 2)]
    texts[2]["layer.yaml"] = (
        texts[2]["layer.yaml"].replace("level: 市", "level: 省").replace("某市", "某省") + "short: 补充意见\n"
    )
    two = Stack.of(*texts).check(datetime.date(2025, 9, 15))
    assert two.sound
    names = layer_names([one.files.manifest for one in Stack.of(*texts).layers])
    assert list(names.values()) == ["国家", "第1层文件", "补充意见"]
