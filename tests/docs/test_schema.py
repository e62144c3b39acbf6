"""The schema of an impact, as it is published: it is that of the code, and holds for impacts of every kind."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from tests.docs import schema
from tests.impact import sample as made
from tests.report.impact_sample import NEW, OLD, asked, sample

from policyrules.variation.model import Impact

SCHEMA: Any = json.loads(schema.FILE.read_text(encoding="utf-8"))
MORE = "决定 补贴（grant）：金额（万元）\n  依据【五】“补助”\n规则 给补贴\n  依据【五】“补助”\n  当 有证\n  则 补贴 为 2 万元\n"
IMPACTS = {
    "counted": sample(),
    "with everything asked": asked(sample()),
    "no change": sample(OLD, OLD),
    "an empty ledger": sample(records=[]),
    "an amount of one side": sample(OLD, NEW + MORE),
    "no places, no money": sample(by=(), money=(), weight=()),
    "by hand": made.IMPACT,
    "hostile texts": made.poisoned(made.IMPACT, "\ud83d\ude00<script>\x00"),
}


def test_the_file_is_that_of_the_code() -> None:
    assert schema.FILE.read_text(encoding="utf-8") == schema.written(), "make schema"
    assert Impact.schema() == SCHEMA
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", IMPACTS)
def test_the_json_of_impacts_is_as_the_file_says(name: str) -> None:
    data = json.loads(json.dumps(IMPACTS[name].to_dict()))
    jsonschema.Draft202012Validator(SCHEMA).validate(data)


def test_what_is_no_impact_is_refused() -> None:
    data = made.IMPACT.to_dict()
    # A key too few, one too many, a float in the place of an exact number.
    for spoil in (
        lambda one: one.pop("cells"),
        lambda one: one.update(more=1),
        lambda one: one["records"][0]["amounts"].update({"资金.金额": 0.5}),
    ):
        other = json.loads(json.dumps(data))
        spoil(other)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(SCHEMA).validate(other)
