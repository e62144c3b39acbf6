"""Plain records read at once: the same as the general reader gives, and read at once indeed.

The random part is that of `tests.records.fast_long`, in small.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.records import fast_long
from tests.records.fast_long import ROOT, World, compare, compare_all, seen, trial, worlds

import policyrules as pr
from policyrules.program.nodes import Field
from policyrules.records import fast, tables
from policyrules.records.build import at_once, build_instance, general_instance
from policyrules.records.cells import glance, parse_cell
from policyrules.records.export import plain_record
from policyrules.records.fast import cells_reader
from policyrules.records.json_files import read_json, read_json_lines
from policyrules.records.ledger import Ledger
from policyrules.records.names import Offers, record_names
from policyrules.testing.build import policy_from_text
from policyrules.types import Kind, Type

AS_OF = datetime.date(2025, 9, 15)
TEXT = """\
对象 县（county） 标识 县名
  字段 县名（county_name）：文本
  字段 示范县（model）：是否
对象 乡镇（towns） 属于 县
  字段 人口（people）：整数（人）
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 已建成（built）：是否
  字段 投资（money）：金额（万元） 取值 0 万元 至 100 万元
  字段 比重（share）：比例 取值 0% 至 100%
  字段 建成日（day）：日期 取值 2020年1月1日 以上
  字段 等次（grade）：枚举 { 好、差 }
  字段 成因（causes）：多选 { 市场、技术 }
  字段 立项（year）：年份
  字段 户数（households）：整数（户）
对象 资金（funds） 属于 项目
  字段 金额（amount）：金额（万元）
对象 拨付（payments） 属于 资金
  字段 数额（sum）：金额（元）
"""
CLOSE = "提示 对照\n  当 任一 资金 满足（任一 其他 资金 满足（金额 = 本.金额））\n  说 “有相同的”\n"
RECORD = {
    "id": "XM-001 号",
    "built": True,
    "money": 12.34,
    "share": "0.6",
    "day": "2023-05-01",
    "grade": "好",
    "causes": ["技术", "市场"],
    "year": 2023,
    "households": 8,
    "funds": [{"amount": 3, "payments": [{"sum": "5"}, {}]}, {"amount": "2.5"}],
    "county": {"county_name": "青山县", "model": False, "towns": [{"people": 12}]},
}


def world(text: str = TEXT) -> World:
    return World.of("text", policy_from_text(text, as_of=AS_OF).program)


@pytest.fixture(scope="module")
def own() -> World:
    return world()


def test_a_plain_record_is_read_at_once(own: World) -> None:
    found = at_once(own.names, RECORD)
    assert found is not None
    assert found.values == {
        "编号": "XM-001 号",
        "已建成": True,
        "投资": 123_400,
        "比重": Fraction(3, 5),
        "建成日": datetime.date(2023, 5, 1),
        "等次": "好",
        "成因": frozenset({"技术", "市场"}),
        "立项": 2023,
        "户数": 8,
    }
    assert (found.object, found.path, found.identity, found.notes, found.problems) == (
        "项目",
        "项目",
        "XM-001 号",
        (),
        (),
    )
    funds = found.rows["资金"]
    assert funds is not None and [row.values for row in funds] == [{"金额": 30_000}, {"金额": 25_000}]
    payments = funds[0].rows["拨付"]
    assert payments is not None and [row.path for row in payments] == ["资金[0].拨付[0]", "资金[0].拨付[1]"]
    assert payments[0].values == {"数额": 5} and "拨付" not in funds[1].rows and payments[0].parent is funds[0]
    county = found.parent
    assert county is not None and county.values == {"县名": "青山县", "示范县": False} and county.identity == "青山县"
    towns = county.rows["乡镇"]
    assert towns is not None and towns[0].path == "乡镇[0]" and towns[0].values == {"人口": 12}
    assert found.layers == own.names.parts and county.layers == ()


def test_names_blanks_and_unknown_keys_are_read_at_once_too(own: World) -> None:
    record = {"投 资": 5, "已建成": None, "grade": "", "moeny": 1, "资金": None, "year": float("nan"), 7: 1}
    found = at_once(own.names, record)
    assert found is not None and found.values == {"投资": 50_000} and found.rows == {"资金": None}
    assert len(found.notes) == 2 and "“moeny”" in found.notes[0] and "money" in found.notes[0]
    assert compare(own, record) == "noted"


@pytest.mark.parametrize(
    "record",
    [
        {"money": -1},
        {"money": 100.01},
        {"money": "101"},
        {"grade": "中"},
        {"day": "2019-12-31"},
        {"day": datetime.date(2019, 12, 31)},
        {"year": 999},
        {"households": 1.5},
        {"households": True},
        {"built": 2},
        {"built": [True]},
        {"causes": ["天气"]},
        {"money": 1, "投资": 2},
        {"money": 1, "投 资": 2},
        {"funds": {}},
        {"funds": [1]},
        {"funds": [{"payments": [{"sum": "x"}]}]},
        {"county": [], "县": {}},
        {"county": {"model": "也许"}},
        {"county": "青山县"},
    ],
)
def test_what_cannot_be_read_is_for_the_general_reader(own: World, record: dict[str, object]) -> None:
    assert at_once(own.names, record) is None
    assert compare(own, record) == "refused"


@pytest.mark.parametrize(
    "record",
    [
        {"built": True, "已 建 成": "是"},
        {"county": {"moeny": 1}, "moeny": 1},
        {"county": {"projct": 1, "项目": 2}, "projct": 1, "项目": 2},
        {"county": {f"无{at}": 1 for at in range(60)}, **{f"没{at}": 1 for at in range(60)}},
        {"funds": [{"moeny": 1}, {"amount": 1, "payments": [{"smu": 1}]}], "moeny": 1, "grad": 1},
    ],
)
def test_notes_are_those_of_the_general_reader(own: World, record: dict[str, object]) -> None:
    assert compare(own, record) == ("read" if "built" in record else "noted")
    shared, alone = Offers(), Offers()
    for _ in range(2):
        at_once_read = build_instance(own.program, record, names=own.names, offers=shared)
        general = general_instance(own.general, record, offers=alone)
        assert at_once_read[0].notes == general[0].notes


def test_the_first_records_are_read_as_all_others_are(own: World) -> None:
    names = record_names(own.program)
    given = [seen(build_instance(own.program, RECORD, names=names)[0]) for _ in range(40)]
    assert given == given[:1] * 40 and isinstance(names.kept[0], fast.FastReader)


EQUALS: tuple[object, ...] = (
    1, True, 1.0, Decimal(1), Decimal("1.0"), Fraction(1), "1", "1.0", complex(1), 0, False, 0.0, -0.0, Decimal(0), Decimal("0E+100"), "0", "-0",
    fast_long.Whole(1), fast_long.Share(1.0), fast_long.Text("1"), fast_long.Scalar(1), fast_long.Scalar(True), [1], [True], ["1"], (1,), ("1",), [1.0],
)  # fmt: skip


@pytest.mark.parametrize("turn", [0, 1, 2])
def test_what_is_remembered_of_a_cell_never_answers_for_an_equal_one(turn: int) -> None:
    order = (list(EQUALS), list(reversed(EQUALS)), [*EQUALS[13:], *EQUALS[:13]])[turn]
    text = "对象 项目（project）\n" + "".join(
        f"  字段 项{at}（f{at}）：{type_}\n"
        for at, type_ in enumerate(
            (
                "是否", "整数（个）", "小数", "比例", "金额（元）", "金额（万元）", "面积（公顷）", "日期", "年份", "时长（年）", "文本", "枚举 { 甲、乙 }",
                "多选 { 甲、乙 }", "多选（文本）",
            )
        )
    )  # fmt: skip
    fresh = world(text)
    for key in [field.key for field in fresh.names.objects["项目"].fields]:
        for value in (*order, *order):
            compare(fresh, {key: value})


WAN = Field("项目", "投资", "money", Type(Kind.MONEY, "万元"), False, None, None, (), None, fast_long.ORIGIN)
MONEY = World.of(
    "money", policy_from_text("对象 项目（project）\n  字段 投资（money）：金额（万元）\n", as_of=AS_OF).program
)


@given(st.one_of(st.floats(), st.decimals(places=4, min_value=-(10**12), max_value=10**12).map(float)))
def test_floats_are_read_by_their_shortest_writing(number: float) -> None:
    found = at_once(MONEY.names, {"money": number})
    parsed = parse_cell(number, WAN)
    if number != number or isinstance(parsed, (int, Fraction)):
        assert found is not None and found.values.get("投资") == parsed
    else:
        assert found is None


@given(
    st.one_of(
        st.text(),
        st.from_regex(r"[+-]?\s?[0-9０-９]{0,5}[.,]?[0-9]{0,5}(万元|%|[eE+-]5)?", fullmatch=True),
        st.dates().map(str),
    )
)
def test_what_is_taken_at_a_glance_is_what_the_cell_means(text: str) -> None:
    for kind, unit in (
        (Kind.TEXT, None),
        (Kind.MONEY, "万元"),
        (Kind.RATIO, None),
        (Kind.YEAR, None),
        (Kind.DATE, None),
    ):
        field = Field("项目", "某", "some", Type(kind, unit), False, None, None, (), None, fast_long.ORIGIN)
        found = glance(field)(text)
        assert found is None or (found, type(found)) == (parsed := parse_cell(text, field), type(parsed))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "_MOST_KEPT", 5)
    fresh = world()
    assert at_once(fresh.names, {}) is not None
    for number in range(40):
        record = {
            "id": f"第 {number}",
            "share": number / 64,
            "causes": ["技术"] * (number % 9),
            "day": f"2023-05-{number % 28 + 1:02}",
        }
        assert compare(fresh, record) == "read"
    reader = fresh.names.kept[0]
    assert isinstance(reader, fast.FastReader)
    kept = [value for value in reader._read.__globals__.values() if isinstance(value, fast._Cells)]
    assert len(kept) > 5 and all(len(one) <= 5 for one in kept)


def test_rows_compared_too_often_are_refused_alike() -> None:
    close = world(TEXT + CLOSE)
    few: dict[str, object] = {"funds": [{"amount": 1}] * 500}
    assert at_once(close.names, few) is not None
    # Four parts for each pair: 4 · 1,118² is below five million, 4 · 1,119² is not.
    for rows in (1_000, 1_118, 1_119):
        record: dict[str, object] = {"funds": [{"amount": 1}] * rows}
        _, problems = general_instance(close.general, record)
        assert (at_once(close.names, record) is None) == bool(problems)
        assert compare(close, record) == ("refused" if rows == 1_119 else "read")


def test_no_name_is_anything_but_a_text_in_the_source(own: World) -> None:
    names = ("'", '"', "{v}", "\\", "a\nb", "'] = 1; raise SystemExit #", "{0}", "%s", "字" * 150)
    fields = {
        name: Field("项目", name, f"{name}_k", Type(Kind.BOOL), False, None, None, (), None, fast_long.ORIGIN)
        for name in names
    }
    odd = World.of("odd", dataclasses.replace(own.program, fields={**own.program.fields, "项目": fields}))
    assert at_once(odd.names, {}) is not None
    for name in names:
        for label in (name, f"{name}_k"):
            found = at_once(odd.names, {label: True})
            assert found is not None and found.values == {name: True} and compare(odd, {label: True}) == "read"


@pytest.mark.parametrize("at", range(4), ids=lambda at: ("national", "county", "funds", "sample")[at])
def test_both_readers_agree_on_loaded_stacks(at: int) -> None:
    counted = trial(at, worlds()[at]) + trial(at + 10, worlds()[at])
    assert counted["read"] > 3 and counted["refused"] > 3


@pytest.mark.parametrize("seed", range(25))
def test_both_readers_agree_on_programs_made_up(seed: int) -> None:
    trial(seed)


def _ledger(found: Ledger) -> object:
    records = [
        (seen(one.instance), one.identity, one.name, one.file, one.row) for one in (*found.records, *found.set_aside)
    ]
    return records, len(found.records), list(map(repr, found.problems)), found.notes


def test_both_readers_agree_on_the_example_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    county = worlds()[1]
    path = tmp_path / "ledger.xlsx"
    script = ROOT / "examples" / "ledger" / "generate.py"
    subprocess.run([sys.executable, str(script), str(path), "--projects", "60"], check=True)
    policy = pr.load(fast_long.STACKS["county"], as_of=AS_OF)
    read = policy.read(path)
    with monkeypatch.context() as patched:
        # As if no cell of the workbook were plain.
        patched.setattr(tables, "glance", lambda field: lambda cell: None)
        assert _ledger(policy.read(path)) == _ledger(read)
    records = [json.loads(json.dumps(plain_record(county.names, one.instance))) for one in read.records]
    assert len(records) > 50 and all(at_once(county.names, record) is not None for record in records)
    for record in records:
        assert compare(county, record) == "read"
    compare_all(county, [*records, records[0], dict(records[1])])
    text = json.dumps(
        [*records, {**records[2], "formed": "也许"}, records[3], 5, {"project_id": "X", "odd": 1}], ensure_ascii=False
    )
    lines = "\n".join(json.dumps(record) for record in records) + '\n{"formed": true, "formed": false}\n'
    whole = [read_json(text, "台账", county.program, names) for names in (county.names, county.general)]
    by_line = [
        read_json_lines(lines.splitlines(), "台账", county.program, names) for names in (county.names, county.general)
    ]
    for at_once_read, general in (whole, by_line):
        assert _ledger(at_once_read) == _ledger(general)


# ---- cells of flat records ------------------------------------------------------------------------------------------

FLAT = """\
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 投资（money）：金额（万元） 取值 0 万元 以上
  字段 建成日（day）：日期
  字段 已建成（built）：是否
  字段 成因（causes）：多选 { 市场、技术 }
对象 资金（funds） 属于 项目
  字段 金额（amount）：金额（万元）
"""


@pytest.fixture(scope="module")
def cells() -> Callable[..., object]:
    program = policy_from_text(FLAT, as_of=AS_OF).program
    return cells_reader(program, "项目", ("已建成", "投资", "建成日", "成因"))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({}, (None, None, None, None)),
        ({"money": 3}, (None, 30_000, None, None)),
        ({"投资": "0.5", "built": False}, (False, 5_000, None, None)),
        (
            {"id": "A", "money": 1.5, "day": "2024-02-29", "built": True, "causes": []},
            (True, 15_000, datetime.date(2024, 2, 29), frozenset()),
        ),
        (
            {"id": "", "money": None, "day": "不详", "built": "否", "causes": "技术"},
            (False, None, None, frozenset({"技术"})),
        ),
        ({"id": 5, "money": Decimal("NaN"), "causes": ("市场",)}, (None, None, None, frozenset({"市场"}))),
    ],
)
def test_cells_are_given_in_the_order_asked_for(cells: Callable[..., object], record: object, expected: object) -> None:
    assert cells(record) == expected


@pytest.mark.parametrize(
    "record",
    [
        {"money": -1},
        {"id": "-"},
        {"id": [1]},
        {"moeny": 1},
        {"money": 1, "投资": 1},
        {"money": 1, "id": "A", "day": None, "built": True, "cause": ()},
        {"funds": []},
        {"funds": None},
        {"built": 2},
        {7: 1},
        [("money", 1)],
        None,
        fast_long.OrderedDict(money=1),
    ],
)
def test_the_full_reader_is_asked_where_there_is_anything_to_say(cells: Callable[..., object], record: object) -> None:
    assert cells(record) is None


def test_cells_of_no_field_are_an_error() -> None:
    with pytest.raises(KeyError, match="款"):
        cells_reader(policy_from_text(FLAT, as_of=AS_OF).program, "项目", ("款",))


def test_an_owner_is_for_the_full_reader(own: World) -> None:
    read = cells_reader(own.program, "项目", ("等次",))
    assert read({"grade": "差"}) == ("差",)
    assert read({"grade": "差", "county": {}}) is None and read({"grade": "差", "县": None}) is None


def test_a_key_of_the_owner_is_no_field_of_the_record(own: World) -> None:
    # A field that is called as the owner is: by its key the owner is meant, by its name the field.
    clash = Field("项目", "所在", "county", Type(Kind.TEXT), False, None, None, (), None, fast_long.ORIGIN)
    fields = {**own.program.fields, "项目": {**own.program.fields["项目"], "所在": clash}}
    odd = World.of("odd", dataclasses.replace(own.program, fields=fields))
    for record in (
        {"county": {"model": True}, "投资": 5},
        {"county": "甲", "投资": 5},
        {"所在": "某处某地", "投资": 5},
    ):
        compare(odd, record)
    found = at_once(odd.names, {"county": {"model": True}, "所在": "某处某地", "投资": 5})
    assert found is not None and found.values == {"投资": 50_000, "所在": "某处某地"}
    assert found.parent is not None and found.parent.values == {"示范县": True}
    read = cells_reader(odd.program, "项目", ("所在", "投资"))
    assert (
        read({"所在": "某处某地", "投资": 5}) == ("某处某地", 50_000)
        and read({"county": "某处某地", "投资": 5}) is None
    )
