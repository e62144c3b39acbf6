from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from tests.records.test_build import FULL

from policyrules.program.nodes import Program
from policyrules.records.build import build_instance
from policyrules.records.model import json_schema, record_model


@pytest.fixture(scope="module")
def record_class() -> type[BaseModel]:
    from tests.records.sample import build_program

    return record_model(build_program())


def test_keys_and_chinese_names(record_class: Any) -> None:
    record = record_class.model_validate(
        {"project_id": "P1", "实际到位": "300万元", "资金": [{"金额": 5, "kind": "其他"}]}
    )
    assert record.project_id == "P1" and record.actual_wan == Decimal(300) and record.sources[0].amount_wan == 5
    assert record.formed is None and record.assets is None
    assert record_class(formed="是", completed_on="2025年9月15日").completed_on == datetime.date(2025, 9, 15)


def test_a_model_builds_the_same_instance_as_its_mapping(program: Program, record_class: Any) -> None:
    model, problems = build_instance(program, record_class.model_validate(FULL))
    mapping, _ = build_instance(program, FULL)
    assert (problems, model.notes) == ((), ())
    pending = [(model, mapping)]
    while pending:
        left, right = pending.pop()
        assert left.values == right.values and left.path == right.path
        for child in {**left.rows, **right.rows}:
            ours, theirs = left.rows.get(child), right.rows.get(child)
            assert (ours is None) == (theirs is None)
            pending.extend(zip(ours or (), theirs or (), strict=True))
        if left.parent is not None and right.parent is not None and left.path == "项目":
            pending.append((left.parent, right.parent))


def test_units_and_choices_survive_the_model(program: Program, record_class: Any) -> None:
    record = record_class(
        utilisation="60%", area="37.5亩", months="3年", causes=["其他"], difficulty=" 难以为继 ", growth=0.1
    )
    assert record.utilisation == Decimal("0.6") and record.area == Decimal("2.5") and record.months == 36
    assert record.causes == frozenset({"其他"}) and record.difficulty == "难以为继" and record.growth == Decimal("0.1")
    instance, problems = build_instance(program, record)
    assert problems == () and instance.values["工期"] == 36


def test_typos_reach_the_notes(program: Program, record_class: Any) -> None:
    notes = build_instance(program, record_class(projct_id="P1"))[0].notes
    assert len(notes) == 1 and "project_id" in notes[0]


@pytest.mark.parametrize(
    "data",
    [
        {"formed": "也许"},
        {"actual_wan": -1},
        {"困难程度": "很难"},
        {"causes": ["天气"]},
        {"sources": "没有"},
        {"formed": True, "已形成": False},
        {"area": "1亩"},
        {"actual_wan": float("inf")},
    ],
)
def test_bad_values_are_refused(record_class: Any, data: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        record_class.model_validate(data)


def test_schema_says_units_holders_and_choices(program: Program) -> None:
    schema: Any = json_schema(program)
    json.dumps(schema, ensure_ascii=False, allow_nan=False)
    assert schema["$schema"].endswith("2020-12/schema") and schema["title"] == "项目"
    money = schema["properties"]["actual_wan"]
    assert money["title"] == "实际到位" and money["x-unit"] == "万元" and money["x-holders"] == ["县农业农村局"]
    assert "万元" in money["description"] and money["x-group"] == "基本信息"
    assert schema["properties"]["difficulty"]["enum"] == ["无", "暂时经营困难", "难以为继", None]
    assert schema["properties"]["difficulty"]["x-judged"] is True
    assert schema["properties"]["实际到位"]["$ref"] == "#/properties/actual_wan"
    assert schema["properties"]["sources"]["items"]["$ref"] == "#/$defs/sources"
    assert "谋划、在库的不算" in schema["properties"]["formed"]["description"]
    assert set(schema["$defs"]) == {"county_context", "type_counts", "sources", "assets", "repairs"}


def test_schema_is_a_schema_and_accepts_records(program: Program) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema(program)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(FULL)
    for bad in (
        {"formed": "也许"},
        {"困难程度": "很难"},
        {"sources": {}},
        {"assets": [{"repairs": 1}]},
        {"实际到位": -1},
    ):
        assert not validator.is_valid(bad)


def test_pydantic_can_describe_the_model(record_class: Any) -> None:
    described = record_class.model_json_schema()
    assert described["properties"]["actual_wan"]["title"] == "实际到位"
