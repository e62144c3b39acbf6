from __future__ import annotations

import datetime
import decimal
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.records.sample import FIELDS

from policyrules.diagnostics import Diagnostic
from policyrules.program.nodes import Field
from policyrules.records import cells
from policyrules.records.cells import UnreadableCell, is_blank, parse_cell
from policyrules.records.export import value_as_text
from policyrules.records.foreign_values import plain_value
from policyrules.records.wording import expectation
from policyrules.types import Kind, Type

EPOCH = datetime.date(1899, 12, 30)
BY_KEY = {(field.object, field.key): field for field in FIELDS}


def of(key: str, object_: str = "项目") -> Field:
    return BY_KEY[object_, key]


def refused(value: object, key: str, **options: object) -> str:
    found = parse_cell(value, of(key), **options)  # type: ignore[arg-type]
    assert isinstance(found, Diagnostic), found
    return found.expected


@pytest.mark.parametrize(
    "value",
    [
        "2025-09-15",
        "2025-9-15",
        "2025/9/15",
        "2025/09/15",
        "2025.9.15",
        "20250915",
        20250915,
        "2025年9月15日",
        "2025 年 9 月 15 日",
        "2025年9月15号",
        "２０２５年９月１５日",
        "2025－9－15",
        " 2025-09-15\u3000",
        "2025-09-15 00:00:00",
        "2025-09-15T08:30:00",
        "2025/9/15 0:00",
        datetime.date(2025, 9, 15),
        datetime.datetime(2025, 9, 15, 13, 5),
    ],
)
def test_dates_as_people_type_them(value: object) -> None:
    assert parse_cell(value, of("completed_on")) == datetime.date(2025, 9, 15)


@pytest.mark.parametrize("value", [45915, 45915.0, 45915.75, Decimal(45915)])
def test_serial_numbers_only_in_workbooks(value: object) -> None:
    assert parse_cell(value, of("completed_on"), epoch=EPOCH) == datetime.date(2025, 9, 15)
    assert isinstance(parse_cell(value, of("completed_on")), Diagnostic)


@pytest.mark.parametrize(
    "value",
    [
        "2025年9月",
        "2025",
        2025,
        2025.9,
        202509,
        "2025-02-30",
        "2025-13-01",
        "2025-9/15",
        "25-9-15",
        "15/9/2025",
        "去年",
        "9月15日",
        True,
        "45915",
        "2025-09-15T00:00:00Z",
        datetime.datetime(2025, 9, 15, tzinfo=datetime.UTC),
        [],
        {},
    ],
)
def test_what_is_no_date(value: object) -> None:
    assert "年月日写全" in refused(value, "completed_on", epoch=EPOCH)


@pytest.mark.parametrize(
    "value", ["是", "有", "对", "√", "✓", "✔", "☑", "TRUE", "True", "ｙ", "Yes", "1", 1, 1.0, True]
)
def test_yes(value: object) -> None:
    assert parse_cell(value, of("formed")) is True


@pytest.mark.parametrize("value", ["否", "无", "不是", "×", "✗", "✘", "false", "N", "no", "0", 0, Decimal("0"), False])
def test_no(value: object) -> None:
    assert parse_cell(value, of("formed")) is False


@pytest.mark.parametrize("value", ["错", "未", "☐", "○", "2", 2, "也许", "-", "/", "不适用", "基本是", [], 0.5])
def test_neither_yes_nor_no(value: object) -> None:
    assert "“是”或“否”" in refused(value, "formed")


@pytest.mark.parametrize("value", [None, "", " ", "\u3000", "\n", "\u200b", "未知", "不详"])
@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_blank_everywhere(value: object, field: Field) -> None:
    if value == "未知" and field.key == "jx_industry":
        assert parse_cell(value, field) == "未知"
    else:
        assert parse_cell(value, field) is None


@pytest.mark.parametrize("value", ["-", "—", "——", "/", "无", "暂无", "N/A", "?", "不适用"])
@pytest.mark.parametrize(
    "key", ["completed_on", "actual_wan", "households", "project_name", "approval_year", "utilisation"]
)
def test_placeholders_are_reported_not_guessed(value: str, key: str) -> None:
    if (value, key) == ("无", "project_name"):
        assert parse_cell(value, of(key)) == "无"
        return
    assert "请留空" in refused(value, key)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Type(Kind.MONEY, "万元"), "没有或不知道的请留空，是零请填 0"),
        (Type(Kind.DATE), "没有或不知道的请留空"),
        (Type(Kind.YEAR), "没有或不知道的请留空"),
        (Type(Kind.ENUM, None, ("好", "差")), "没有或不知道的请留空"),
        (Type(Kind.SET, None, ("资金", "技术")), "不知道的请留空，查过一项也没有的请写“无”"),
    ],
)
def test_what_to_write_for_nothing_is_told_as_the_field_can_hold_it(kind: Type, said: str) -> None:
    found = parse_cell("待定", Field("项目", "某项", "one", kind, False, None, None, (), None, origin=None))
    assert isinstance(found, Diagnostic) and str(found.remedy).endswith(f"；{said}")


def test_a_masked_cell_of_numpy_is_blank() -> None:
    assert is_blank(plain_value(np.ma.masked))
    assert plain_value(np.ma.array([1, 2], mask=[False, True])) == [1, None]


def test_the_word_none_where_it_means_something() -> None:
    assert parse_cell("无", of("difficulty")) == "无"
    assert parse_cell("无", of("link_modes")) == frozenset({"无"})
    assert parse_cell("无", of("causes")) == frozenset()
    assert parse_cell("（空）", of("causes")) == frozenset()
    assert parse_cell([], of("causes")) == frozenset()
    assert parse_cell(["无"], of("causes")) == parse_cell(["无"], of("supported")) == frozenset()


@pytest.mark.parametrize(
    ("value", "key", "expected"),
    [
        (300, "actual_wan", 3_000_000),
        ("300", "actual_wan", 3_000_000),
        ("300万元", "actual_wan", 3_000_000),
        ("300 万", "actual_wan", 3_000_000),
        ("３００万元", "actual_wan", 3_000_000),
        ("0.03亿元", "actual_wan", 3_000_000),
        ("3,000,000 元", "actual_wan", 3_000_000),
        ("3，000，000元", "actual_wan", 3_000_000),
        (0.1, "actual_wan", 1_000),
        (Decimal("12.3456"), "actual_wan", 123_456),
        ("12.34567", "actual_wan", Fraction(1234567, 10)),
        ("-5", "profit_wan", -50_000),
        ("－5", "profit_wan", -50_000),
        ("60%", "utilisation", Fraction(3, 5)),
        ("60％", "utilisation", Fraction(3, 5)),
        ("0.6", "utilisation", Fraction(3, 5)),
        (0.6, "utilisation", Fraction(3, 5)),
        (Fraction(1, 3), "utilisation", Fraction(1, 3)),
        ("100%", "utilisation", 1),
        (1, "utilisation", 1),
        ("2.5", "area", Fraction(75, 2)),
        ("37.5 亩", "area", Fraction(75, 2)),
        ("12 户", "households", 12),
        ("12个", "households", 12),
        (12.0, "households", 12),
        ("1,200", "households", 1200),
        (2025, "approval_year", 2025),
        ("2025年", "approval_year", 2025),
        ("2025年度", "approval_year", 2025),
        ("12 个月", "months", 12),
        ("3年", "months", 36),
        ("0.5年", "months", 6),
        (12, "months", 12),
        ("30天", "days", 30),
        ("30日", "days", 30),
        ("1.50", "factor", Fraction(3, 2)),
        (".5", "factor", Fraction(1, 2)),
        (" 七大・稻米/油料 ", "jx_industry", "七大·稻米/油料"),
        ("１３４项", "jx_industry", "134项"),
        ("暂时 经营困难", "difficulty", "暂时经营困难"),
        (["市场行情变化", "其他"], "causes", frozenset({"市场行情变化", "其他"})),
        (("其他",), "causes", frozenset({"其他"})),
        ({"其他"}, "causes", frozenset({"其他"})),
        ("市场行情变化、其他", "causes", frozenset({"市场行情变化", "其他"})),
        ("市场行情变化；其他", "causes", frozenset({"市场行情变化", "其他"})),
        ("市场行情变化;其他，资金周转困难", "causes", frozenset({"市场行情变化", "其他", "资金周转困难"})),
        ("市场行情变化/其他|资金周转困难\n", "causes", frozenset({"市场行情变化", "其他", "资金周转困难"})),
        ("茶叶、油茶", "supported", frozenset({"茶叶", "油茶"})),
        ([101, "茶叶"], "supported", frozenset({"101", "茶叶"})),
        (" P001 ", "project_id", "P001"),
        (1001, "project_id", "1001"),
        (1001.0, "project_id", "1001"),
        ("001", "project_id", "001"),
        (360121000000001234, "project_id", "360121000000001234"),
    ],
)
def test_values(value: object, key: str, expected: object) -> None:
    found = parse_cell(value, of(key))
    assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "key", "says"),
    [
        (60, "utilisation", "如果是 60%，请连 % 一起写"),
        ("101%", "utilisation", "在 0% 至 100% 之间"),
        (-1, "actual_wan", "在 0 万元 至 100000000 万元 之间"),
        (10**9, "actual_wan", "至 100000000 万元"),
        ("1e400000", "actual_wan", "金额"),
        pytest.param(10**5000, "actual_wan", "金额", id="huge"),
        ("9" * 5000, "actual_wan", "金额"),
        ("1.2E+05", "actual_wan", "写全"),
        ("3,00", "actual_wan", "金额"),
        ("30万美元", "actual_wan", "“万美元”不是这一项的单位"),
        ("300 年", "actual_wan", "单位"),
        ("约300", "actual_wan", "金额"),
        ("300-400", "actual_wan", "金额"),
        (True, "actual_wan", "金额"),
        (float("inf"), "actual_wan", "金额"),
        (datetime.date(2025, 1, 1), "actual_wan", "金额"),
        ("12.5", "households", "整数"),
        ("12亩", "households", "“亩”不是"),
        (25, "approval_year", "四位数"),
        ("3月", "months", "“3 个月”"),
        ("0.3年", "months", "时长"),
        ("3个月", "days", "“个月”不是"),
        ("12 斤", "factor", "“斤”不是"),
        ("暂时困难", "difficulty", "是不是“暂时经营困难”"),
        (3, "difficulty", "下列之一：无、暂时经营困难、难以为继"),
        (["其他", "天气"], "causes", "若干项"),
        (["其他", None], "causes", "空的一项"),
        ([["其他"]], "causes", "若干项"),
        ("、", "causes", "若干项"),
        ("-", "causes", "留空"),
        ({"a": 1}, "supported", "若干项文字"),
        (True, "project_id", "文字"),
        (1.5, "project_id", "文字"),
        (1e16, "project_id", "15 位"),
        ("3.60121E+11", "project_id", "科学计数法"),
        (datetime.datetime(2024, 3, 1), "project_name", "改成了日期"),
        ("甲\u202e乙", "project_name", "控制字符"),
        ("a" * 10_001, "project_name", "不超过"),
        (b"abc", "project_name", "文字"),
        ("#N/A", "actual_wan", "报错"),
        ("#DIV/0!", "project_name", "报错"),
        ("#####", "completed_on", "报错"),
    ],
)
def test_what_cannot_be_read_says_what_was_expected(value: object, key: str, says: str) -> None:
    assert says in refused(value, key)


def test_a_long_number_id_of_a_workbook_has_lost_its_tail() -> None:
    assert "15 位" in refused(360121000000001234, "project_id", epoch=EPOCH)


def test_reader_markers_keep_their_reason() -> None:
    found = parse_cell(UnreadableCell("#REF!", "一个值"), of("formed"))
    assert isinstance(found, Diagnostic) and (found.code, found.cell.value, found.expected) == (
        "E501",
        "#REF!",
        "一个值",
    )


def test_header_units() -> None:
    assert parse_cell("5,000", of("actual_wan"), unit="元") == 5000
    assert parse_cell("5万元", of("actual_wan"), unit="元") == 50_000
    assert parse_cell(60, of("utilisation"), unit="%") == Fraction(3, 5)
    assert parse_cell("60%", of("utilisation"), unit="%") == Fraction(3, 5)
    assert parse_cell(0, of("utilisation"), unit="%") == 0
    assert "分不清" in refused(0.6, "utilisation", unit="%")


def test_expectation_names_bounds_and_units() -> None:
    assert expectation(of("households")) == "整数，单位户，不小于 0 户"
    assert expectation(of("formed")) == "“是”或“否”"


junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.fractions(),
    st.text(max_size=30),
    st.dates(),
    st.datetimes(),
    st.binary(max_size=5),
    st.lists(st.one_of(st.text(max_size=5), st.none(), st.integers()), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sampled_from(["300万元", "60%", "2025年9月15日", "是", "无", "1,000", "-", "3 个月", "九", "²", "１２", "٣"]),
)


@settings(max_examples=300, deadline=None)
@given(junk, st.sampled_from(FIELDS), st.sampled_from([None, EPOCH]), st.sampled_from([None, "元", "%", "个月", "怪"]))
def test_no_value_raises_and_every_value_stays_in_bounds(
    value: object, field: Field, epoch: datetime.date | None, unit: str | None
) -> None:
    found = parse_cell(value, field, epoch=epoch, unit=unit)
    if found is None or isinstance(found, Diagnostic):
        return
    assert not isinstance(found, float)
    if field.low is not None:
        assert found >= field.low  # type: ignore[operator]
    written = value_as_text(found, field)
    if written is not None:
        assert parse_cell(written, field) == found


@settings(max_examples=200, deadline=None)
@given(st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, places=6))
def test_decimals_are_exact_however_they_are_given(number: Decimal) -> None:
    field = of("profit_wan")
    exact = Fraction(number) * 10_000
    with decimal.localcontext(prec=3):
        assert parse_cell(number, field) == exact
        assert parse_cell(str(number), field) == exact or "E" in str(number)
        assert parse_cell(f"{number:f} 万元", field) == exact


def test_binary_noise_of_python_floats_is_kept_not_hidden() -> None:
    assert parse_cell(0.1, of("factor")) == Fraction(1, 10)
    assert parse_cell(0.1 + 0.2, of("factor")) == Fraction("0.30000000000000004")


def test_the_false_of_numpy_is_no_blank() -> None:
    assert [parse_cell(np.bool_(value), of("formed")) for value in (False, True)] == [False, True]
    assert [parse_cell(value, of("formed")) for value in (np.datetime64("NaT"), np.float32("nan"))] == [None, None]


def test_scalars_of_arrow_are_what_they_hold() -> None:
    pa = pytest.importorskip("pyarrow")
    for kind in (pa.null(), pa.bool_(), pa.int64(), pa.float32(), pa.string(), pa.date32(), pa.list_(pa.string())):
        assert parse_cell(pa.scalar(None, kind), of("formed")) is None
    assert parse_cell(pa.scalar(True), of("formed")) is True
    assert [plain_value(pa.scalar(0.1, width)) for width in (pa.float16(), pa.float32())] == [
        Decimal("0.1"),
        Decimal("0.1"),
    ]
    assert plain_value(pa.scalar({"甲": None})) == {"甲": None}
    # What is no cell at all is no blank.
    assert isinstance(parse_cell(pa.int64(), of("formed")), Diagnostic)


@pytest.mark.parametrize("written", ["同上", "〃", "″", "”", '"', "''", " 同 上 ", "“”"])
@pytest.mark.parametrize(
    "key", ["project_name", "completed_on", "actual_wan", "formed", "difficulty", "causes", "supported"]
)
def test_what_stands_for_another_cell_is_no_value(written: str, key: str) -> None:
    assert "不会去看别的格子" in refused(written, key)


@pytest.mark.parametrize(
    "written", ["待补充", "未填", "空", "空白", "。", "不清楚", "未统计", "暂缺", "/", "——", "待定"]
)
@pytest.mark.parametrize("key", ["project_name", "actual_wan", "supported"])
def test_what_is_written_for_nothing_is_no_value(written: str, key: str) -> None:
    assert "不知道的请留空" in refused(written, key)


@pytest.mark.parametrize(
    ("value", "key", "says"),
    [
        *(
            (rough, "actual_wan", "只填确定的数")
            for rough in ("约50万", "近50万", "50余万元", "50万元左右", "≥50", "50万元以上")
        ),
        *(
            (two, "actual_wan", "一格只填一个数")
            for two in ("3-5", "50/60", "50+20", "50（含配套）", "50万元（含自筹）", "50~60")
        ),
        ("50户200人", "households", "一格只填一个数"),
        ("约50户", "households", "只填确定的数"),
        ("约60%", "utilisation", "只填确定的数"),
        ("2023.5.1-2024.5.1", "completed_on", "一格只填一个日子"),
        ("2023年5月1日至2024年5月1日", "completed_on", "一格只填一个日子"),
        ("3月5日", "completed_on", "请把单元格格式改成年月日"),
        ("2024年3月", "completed_on", "请把单元格格式改成年月日"),
        ("2024年", "completed_on", "请把单元格格式改成年月日"),
        *(
            (date, "completed_on", "年月日写全")
            for date in ("2023.5", "2023年5月", "5月", 2023, "2023-05", "5月1日", 2023.5)
        ),
        ("是（2023年）", "formed", "写到备注里"),
        ("详见附件", "actual_wan", "不会去看别处"),
        ("见备注", "completed_on", "不会去看别处"),
    ],
)
def test_what_cannot_be_read_is_told_by_what_it_is(value: object, key: str, says: str) -> None:
    assert says in refused(value, key, epoch=EPOCH)


def test_a_text_may_refer_to_an_annex() -> None:
    assert parse_cell("详见附件", of("project_name")) == "详见附件"


@pytest.mark.parametrize(
    ("text", "key"),
    [("、".join(f"产业{place}" for place in range(1_400)), "supported"), ("、".join(["务工就业"] * 1_000), "causes")],
)
def test_a_long_text_that_many_rows_name_is_read_once(text: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    parse_set = cells._parse_set

    def counted(value: object, field: Field, workbook: bool) -> object:
        read.append(value)
        return parse_set(value, field, workbook)

    monkeypatch.setattr(cells, "_parse_set", counted)
    cells._parsed_long.cache_clear()
    found = [parse_cell(f"{text[:-1]}{text[-1]}", of(key)) for _ in range(3)]
    assert len(read) == 1
    assert found[0] == found[1] == found[2]
    # What is remembered is of one field alone.
    other = parse_cell(text, of("link_modes"))
    assert (other == frozenset({"务工就业"})) is (key == "causes")
