"""What a ledger file says is read as it is meant, or refused with its place: quotes, widths, delimiters, bytes, units,
things given twice, and files without end."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from tests.records.sample import held

from policyrules.program.nodes import Program
from policyrules.records import csv_files, json_files
from policyrules.records.csv_files import decode
from policyrules.records.ledger import Ledger
from policyrules.records.reading import read_ledger
from policyrules.testing.build import policy_from_text

MakeCsv = Callable[..., Path]
MakeWorkbook = Callable[..., Path]


def write(folder: Path, text: str | bytes, name: str = "项目.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def places(ledger: Ledger) -> list[tuple[str, int | None, str]]:
    return [(problem.code, problem.cell.row, problem.cell.column) for problem in ledger.problems]


def numbers(ledger: Ledger) -> list[str]:
    return [record.identity for record in ledger.records]


HEAD = "项目编号,项目名称,已形成,实际到位（万元）,带动户数\n"


# ---- quotes and widths ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ['P2,"冷库,是,50,10\n', 'P2,"冷"库,是,50,10\n', 'P2,冷库,是,50,"10\n'])
def test_a_quote_that_is_not_closed_refuses_the_file_at_its_row(tmp_path: Path, program: Program, bad: str) -> None:
    ledger = read_ledger(write(tmp_path, f"{HEAD}P1,大棚,否,120,10\n{bad}P3,茶园,否,50,10\n"), program)
    assert ledger.records == () and places(ledger) == [("E507", 3, "")]
    assert "引号" in ledger.problems[0].expected


@pytest.mark.parametrize(
    "rows",
    [
        'P2,"冷库,是,50,10\nP3,茶园",否,50,10\n',
        # The second quote stands in an earlier column, in a later one, and rows further down.
        'P2,冷库,是,"50,10\nP3,茶园",否,50,10\n',
        'P2,"冷库,是,50,10\nP3,茶园,否,50",10\n',
        'P2,"冷库,是,50,10\nP3,茶园,否,50,10\nP4,果园,否,50,10\nP5,鱼塘",否,50,10\n',
    ],
)
def test_two_stray_quotes_do_not_make_one_row_of_several(tmp_path: Path, program: Program, rows: str) -> None:
    ledger = read_ledger(write(tmp_path, f"{HEAD}P1,大棚,否,120,10\n{rows}P9,丁,否,50,10\n"), program)
    assert ledger.records == () and places(ledger)[0] == ("E507", 3, "")
    assert "后面的行" in ledger.problems[0].expected


def test_a_swallowed_row_is_seen_in_a_column_that_the_rules_do_not_know(tmp_path: Path, program: Program) -> None:
    text = '项目编号,备注,已形成\nP1,"好,是\nP2,好",否\n'
    assert places(read_ledger(write(tmp_path, text), program)) == [("E507", 2, "")]


def test_a_header_that_swallowed_rows(tmp_path: Path, program: Program) -> None:
    text = '项目编号,已形成,"备注\nP1,是,好\nP2,是,好"\nP3,否,好\n'
    ledger = read_ledger(write(tmp_path, text), program)
    assert ledger.records == () and places(ledger) == [("E507", 1, "")]


def test_line_ends_within_cells_are_read_and_told(tmp_path: Path, program: Program) -> None:
    text = '项目编号,项目名称,备注,已形成\nP1,"大棚\n一期","甲，\n乙",是\n"P\n2",冷库,,是\n'
    ledger = read_ledger(write(tmp_path, text), program)
    assert held(ledger.records[0].instance) == {"项目编号": "P1", "项目名称": "大棚\n一期", "已形成": True}
    assert "B 列第 2 行的项目名称里有换行" in "\n".join(ledger.notes)
    assert places(ledger) == [("E501", 3, "A")] and "换行" in ledger.problems[0].expected


def test_a_row_wider_than_the_head_holds_no_values(tmp_path: Path, program: Program) -> None:
    ledger = read_ledger(write(tmp_path, f"{HEAD}P1,大棚,否,1,200,10\nP2,冷库,是,50,10\n"), program)
    assert numbers(ledger) == ["P2"] and places(ledger) == [("E509", 2, "F")]
    (problem,) = ledger.problems
    assert (problem.cell.record, problem.cell.set_aside) == ("P1", True) and "1,200" in problem.expected
    # What has moved is unknown to statistics as well.
    assert held(ledger.set_aside[0].instance) == {}


def test_a_wide_row_of_a_list_sets_its_project_aside(make_csv: MakeCsv, program: Program) -> None:
    folder = make_csv(项目="项目编号\nP1\nP2\n", 资金="项目编号,金额\nP1,1,200\nP2,5\n")
    ledger = read_ledger(folder, program)
    assert numbers(ledger) == ["P2"] and places(ledger) == [("E509", 2, "C")]


def test_a_row_with_nothing_but_a_cell_beyond_the_header(tmp_path: Path, program: Program) -> None:
    ledger = read_ledger(write(tmp_path, "项目编号,项目名称\n,,1\nP2,冷库\n"), program)
    assert numbers(ledger) == ["P2"] and places(ledger) == [("E509", 2, "C")]


def test_a_header_that_says_the_same_many_times(tmp_path: Path, program: Program) -> None:
    """Each row asks for each column that is read: columns and rows of a small file would be looked at a thousand million times."""
    heads = ",".join(["实际到位"] * 4_000)
    ledger = read_ledger(write(tmp_path, f"项目编号,{heads}\n" + "P,1\n" * 20_000), program)
    assert numbers(ledger) == [] and [problem.code for problem in ledger.problems] == ["E506"]
    assert "超过 500 列" in str(ledger.problems[0]) and "每个列名只写一次" in str(ledger.problems[0])


def test_a_column_without_a_name_is_told(make_workbook: MakeWorkbook, tmp_path: Path, program: Program) -> None:
    rows: list[list[object]] = [["项目编号", None, "已形成"], ["P1", "甲", "是"], ["P2", None, "是", "另记"]]
    ledger = read_ledger(make_workbook({"项目": rows}), program)
    assert numbers(ledger) == ["P1", "P2"] and ledger.problems == ()
    assert ledger.notes == (
        "“项目”B 列没有列名，第 2 行填在那里的没有用上",
        "“项目”D 列没有列名，第 3 行填在那里的没有用上",
    )
    ledger = read_ledger(write(tmp_path, "项目编号,,已形成,,\nP1,甲,是,,\n"), program)
    assert numbers(ledger) == ["P1"] and "B 列没有列名" in ledger.notes[0]


# ---- delimiters and bytes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["，", "；", ";", "|", "\t"])
def test_the_head_alone_tells_the_delimiter(tmp_path: Path, program: Program, mark: str) -> None:
    many = mark.join(["东边", "西边", "南边", "北边"])
    ledger = read_ledger(write(tmp_path, f"项目编号,已形成,项目名称\nP1,否,{many}\n"), program)
    assert ledger.problems == () and held(ledger.records[0].instance)["项目名称"] == many


@pytest.mark.parametrize(("mark", "said"), [(";", ";"), ("，", "，"), ("\t", "制表符")])
def test_a_row_that_is_parted_otherwise_than_the_head(tmp_path: Path, program: Program, mark: str, said: str) -> None:
    """As rows copied from another file: the whole of one is no number of a project."""
    row = mark.join(["P2", "大棚", "是"])
    ledger = read_ledger(write(tmp_path, f"项目编号,项目名称,已形成\nP1,冷库,是\n{row}\n"), program)
    assert (
        numbers(ledger) == ["P1"]
        and places(ledger) == [("E509", 3, "A")]
        and f"用“{said}”分格" in str(ledger.problems[0])
    )
    # A number with marks in it, a list within a row, a remark beneath the table.
    text = f"项目编号,项目名称,已形成\nP{mark}2,,\nP3,甲{mark}乙{mark}丙,是\n注：甲{mark}乙{mark}丙,,\n"
    ledger = read_ledger(write(tmp_path, text), program)
    assert numbers(ledger) == [f"P{mark}2", "P3"] and ledger.problems == ()
    # A remark that goes on in the next line, under a head of its own.
    ledger = read_ledger(write(tmp_path, f"项目编号,项目名称,备注\nP1,冷库,原属\n,,甲{mark}乙{mark}丙\n"), program)
    assert numbers(ledger) == ["P1"] and ledger.problems == ()


def test_titles_with_commas_do_not_tell_the_delimiter(tmp_path: Path, program: Program) -> None:
    ledger = read_ledger(write(tmp_path, "甲县,乙镇,丙村,丁组\n项目编号;已形成\nP1;是\n"), program)
    assert numbers(ledger) == ["P1"] and ledger.problems == ()


@pytest.mark.parametrize("first", ["sep=\n", 'sep="\n', "sep= \n", "sep=x\n"])
def test_a_first_line_that_tells_no_delimiter(tmp_path: Path, program: Program, first: str) -> None:
    assert numbers(read_ledger(write(tmp_path, f"{first}项目编号,已形成\nP1,是\n"), program)) == ["P1"]


def test_one_damaged_byte_makes_no_file_of_another_encoding() -> None:
    pick = random.Random(8)
    names = ["甲乙丙", "蔬菜大棚", "冷链物流", "茶叶加工厂", "县里的合作社"]
    for _ in range(400):
        rows = [f"P{n},{pick.choice(names)},120" for n in range(pick.randint(1, 4))]
        data = bytearray(b"id,name,total\n" + "\n".join(rows).encode())
        at = pick.choice([place for place, byte in enumerate(data) if byte > 0x7F])
        data[at] = pick.choice([byte for byte in range(256) if byte != data[at]])
        found = decode(bytes(data), "a.csv")
        text = found if isinstance(found, str) else ""
        # Another byte may make another character of UTF-8; none makes mojibake of the whole.
        assert (
            not text
            or sum(char not in "甲乙丙蔬菜大棚冷链物流茶叶加工厂县里的合作社" for char in text if char > "\x7f") <= 2
        )
        if not isinstance(found, str):
            assert found.code == "E507" and found.cell.row is not None and "损坏" in found.expected
    for text in ("项目编号,镇\nP1,城关", "id,name\n1,甲", "联通"):
        assert decode(text.encode("gb18030"), "a.csv") == text or text == "联通"


def test_a_workbook_under_another_name(tmp_path: Path, program: Program) -> None:
    ledger = read_ledger(write(tmp_path, b"PK\x03\x04" + b"\x00" * 40), program)
    assert "Excel 工作簿" in ledger.problems[0].expected and ".csv" in ledger.problems[0].expected
    ledger = read_ledger(write(tmp_path, b"\xd0\xcf\x11\xe0" + b"\x00" * 40, "a.json"), program)
    assert "加了密" in ledger.problems[0].expected


def test_a_field_without_end_says_its_row(tmp_path: Path, program: Program) -> None:
    ledger = read_ledger(write(tmp_path, "项目编号,已形成\nP1," + "x" * 140_000 + "\n"), program)
    assert places(ledger) == [("E507", 2, "")] and "131,072" in ledger.problems[0].expected


def test_a_long_value_is_cut_and_quoted_once(tmp_path: Path, program: Program) -> None:
    ledger = read_ledger(write(tmp_path, "项目编号,已形成\nP1," + "9" * 500 + "\n"), program)
    said = str(ledger.problems[0])
    assert "填的是“999" in said and "““" not in said and len(said) < 200


# ---- units of titles ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "yuan"),
    [
        ("单位：元", 500_000),
        ("（单位:千元）", 500_000_000),
        ("金额单位：万元", 5_000_000_000),
        ("计量单位: 人民币元", 500_000),
        ("甲县项目台账（元）", 500_000),
        ("本表以元为单位", 500_000),
        ("单 位：元", 500_000),
        ("单位：元、户", 500_000),
        ("填报单位：元宝县农业农村局", 5_000_000_000),
        ("甲县项目台账", 5_000_000_000),
    ],
)
def test_the_unit_of_a_title_is_applied_exactly(
    make_workbook: MakeWorkbook, tmp_path: Path, program: Program, title: str, yuan: int
) -> None:
    head, row = ["项目编号", "实际到位", "利润（万元）", "带动户数"], ["P1", 500_000, 3, 10]
    text = "\n".join(",".join(map(str, cells)) for cells in ([title], head, row))
    for path in (make_workbook({"项目": [[title], head, row]}), write(tmp_path, text)):
        ledger = read_ledger(path, program)
        assert ledger.problems == ()
        values = ledger.records[0].instance.values
        assert (values["实际到位"], values["利润"], values["带动户数"]) == (yuan, 30_000, 10)


def test_a_unit_written_in_its_own_cell_holds(tmp_path: Path, program: Program) -> None:
    text = "台账,,单位：,元\n项目编号,实际到位,面积\nP1,3万元,2\nP2,3,2\n"
    first, second = (record.instance.values for record in read_ledger(write(tmp_path, text), program).records)
    assert (first["实际到位"], second["实际到位"], first["面积"]) == (30_000, 3, 30)
    text = "单位：元、亩\n项目编号,实际到位,面积\nP1,3,2\n"
    (record,) = read_ledger(write(tmp_path, text), program).records
    assert (record.instance.values["实际到位"], record.instance.values["面积"]) == (3, 2)


@pytest.mark.parametrize("title", ["单位：万美元", "单位：元、万元", "单位：万吨", "单位：元/平方米"])
def test_a_unit_of_a_title_that_cannot_be_applied_refuses_the_table(
    tmp_path: Path, program: Program, title: str
) -> None:
    ledger = read_ledger(write(tmp_path, f"{title}\n项目编号,实际到位\nP1,5\n"), program)
    assert ledger.records == () and places(ledger) == [("E506", 1, "")] and "单位" in ledger.problems[0].expected


def test_thousands_in_heads_and_cells(tmp_path: Path, program: Program) -> None:
    (record,) = read_ledger(write(tmp_path, "项目编号,实际到位（千元）,利润\nP1,1.5,2 百万元\n"), program).records
    assert (record.instance.values["实际到位"], record.instance.values["利润"]) == (1_500, 2_000_000)


# ---- columns that look like a field ---------------------------------------------------------------------------------


def test_a_column_that_looks_like_a_field_is_proposed(tmp_path: Path, program: Program) -> None:
    text = "项目编号,困难情况评定,增长\nP1,难以为继,5%\nP2,暂时经营困难,6%\n"
    notes = "\n".join(read_ledger(write(tmp_path, text), program).notes)
    assert "没有“困难程度”这一列，每个项目的困难程度都按没有填处理" in notes
    assert "“困难情况评定”（B 列）就是它，请把列名改成“困难程度”" in notes
    assert "没有“增长率”这一列" in notes


def test_a_column_with_other_things_in_it_is_not_proposed(tmp_path: Path, program: Program) -> None:
    text = "项目编号,困难情况评定\nP1,路远\n"
    assert "没有“困难程度”" not in "\n".join(read_ledger(write(tmp_path, text), program).notes)


# ---- JSON -----------------------------------------------------------------------------------------------------------


def read(folder: Path, program: Program, text: str | object, name: str = "台账.json") -> Ledger:
    given = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    return read_ledger(write(folder, given, name), program)


@pytest.mark.parametrize(
    "text",
    [
        '{"项目": [{"项目编号": "P1"}], "项目": [{"项目编号": "P2"}]}',
        '{"项目": [{"项目编号": "P1"}], "project": [{"项目编号": "P2"}]}',
        '{"项目": [{"项目编号": "P1"}], "项目": []}',
        '{"县": {"县名": "A"}, "项目": [{"项目编号": "P1"}], "县": {"县名": "B"}}',
    ],
)
def test_a_key_twice_at_the_top_refuses_the_file(tmp_path: Path, program: Program, text: str) -> None:
    ledger = read(tmp_path, program, text)
    assert ledger.records == () and [problem.code for problem in ledger.problems] == ["E503"]


def test_a_county_by_name_and_by_key(tmp_path: Path, program: Program) -> None:
    both = {"项目": [{"项目编号": "P1"}], "县": {"县名": "A"}, "county_context": {"县名": "B"}}
    assert "E503" in [problem.code for problem in read(tmp_path, program, both).problems]


A1, A2, B = ({"县名": "A", "脱贫县": True}, {"县名": "Ａ ", "脱贫县": False}, {"县名": "B", "脱贫县": True})


@pytest.mark.parametrize(
    "document",
    [
        {"县": [A1, B, A2], "项目": [{"项目编号": "P1", "所在县": "A"}, {"项目编号": "P2", "所在县": "B"}]},
        [{"项目编号": "P1", "县": A1}, {"项目编号": "P2", "县": B}, {"项目编号": "P3", "县": A2}],
    ],
)
def test_two_accounts_of_one_county_set_its_projects_aside(tmp_path: Path, program: Program, document: object) -> None:
    ledger = read(tmp_path, program, document)
    assert numbers(ledger) == ["P2"] and held(ledger.records[0].instance)["县"] == B
    assert {problem.code for problem in ledger.problems} == {"E505", "E508"} and "同一个县（" in str(ledger.problems[0])
    assert all("县" not in held(aside.instance) for aside in ledger.set_aside)


def test_one_county_told_twice_alike_is_one(tmp_path: Path, program: Program) -> None:
    ledger = read(tmp_path, program, {"县": [A1, dict(A1)], "项目": [{"项目编号": "P1", "所在县": "A"}]})
    assert ledger.problems == () and held(ledger.records[0].instance)["县"] == A1


def test_a_county_that_is_another_is_not_taken(tmp_path: Path, program: Program) -> None:
    records = [{"项目编号": "P1", "所在县": "B"}, {"项目编号": "P2"}, {"项目编号": "P3", "所在县": "Ａ"}]
    ledger = read(tmp_path, program, {"项目": records, "县": A1})
    assert ["县" in held(record.instance) for record in ledger.records] == [False, True, True]
    assert ledger.notes == ("第 1 条的县是“B”，对不上给出的任何一个县，县的情况按未提供处理",)


def test_a_record_twice_where_the_first_cannot_be_read(tmp_path: Path, program: Program) -> None:
    ledger = read(tmp_path, program, [{"项目编号": "P1", "已形成": "也许"}, {"项目编号": "P1", "已形成": True}])
    assert ledger.records == () and [problem.code for problem in ledger.problems] == ["E501", "E505"]
    assert [member.identity for member in ledger.portfolio] == ["P1", ""]


def test_too_deep_says_where(tmp_path: Path, program: Program) -> None:
    ledger = read(tmp_path, program, '[\n"[",\n' + "[" * 200_000)
    assert places(ledger) == [("E507", 3, "")] and "第 100 个字符" in ledger.problems[0].expected


# ---- bounds ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".xlsx"])
def test_pipes_and_devices_are_not_opened(tmp_path: Path, program: Program, suffix: str) -> None:
    pipe, device = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        ledger = read_ledger(path, program)
        assert [problem.code for problem in ledger.problems] == ["E507"] and "普通文件" in str(ledger.problems[0])


def test_a_pipe_or_a_link_to_nowhere_is_no_list_that_was_not_supplied(make_csv: MakeCsv, program: Program) -> None:
    folder = make_csv(项目="项目编号\nP1\n")
    os.mkfifo(folder / "资金.csv")
    (folder / "资产.csv").symlink_to(folder / "没有.csv")
    ledger = read_ledger(folder, program)
    assert ledger.records == () and [problem.cell.file for problem in ledger.problems] == ["资产.csv", "资金.csv"]


def test_too_many_rows_columns_and_cells(tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "_MOST_ROWS", 20)
    monkeypatch.setattr(csv_files, "_MOST_COLUMNS", 30)
    monkeypatch.setattr(csv_files, "_MOST_CELLS", 200)
    rows = "".join(f"P{n}\n" for n in range(40))
    assert places(read_ledger(write(tmp_path, f"项目编号\n{rows}"), program)) == [("E507", 36, "")]
    assert places(read_ledger(write(tmp_path, "项目编号\nP1" + ",x" * 40), program)) == [("E507", 2, "")]
    assert places(read_ledger(write(tmp_path, "项目编号\nP1" + ",x\n" * 201), program)) == [("E507", None, "")]
    for end in ("\n", "\r", "\r\n"):
        assert places(read_ledger(write(tmp_path, "项目编号\nP1" + end * 201), program)) == [("E507", None, "")]
        assert places(read_ledger(write(tmp_path, "项目编号\nP1" + end * 190), program)) == []


def test_too_much_json(tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files, "MOST_RECORDS", 20)
    monkeypatch.setattr(json_files, "_MOST_BROKEN", 5)
    monkeypatch.setattr(json_files, "_MOST_VALUES", 100)
    ledger = read(tmp_path, program, "\n".join(json.dumps({"项目编号": f"P{n}"}) for n in range(30)), "a.jsonl")
    assert len(ledger.records) == 20 and places(ledger) == [("E507", 20, "")]
    assert places(read(tmp_path, program, [{}] * 25))[-1] == ("E507", 20, "")
    assert len(read(tmp_path, program, "{\n" * 30, "a.jsonl").problems) == 6
    assert "100 项" in str(read(tmp_path, program, "[" + "[]," * 200 + "[]]").problems[0])


def test_memory_that_does_not_suffice_is_told(
    tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("policyrules.records.reading.read_json", full)
    assert "内存不够" in str(read(tmp_path, program, [{}]).problems[0])


def test_notes_are_few_however_much_there_is_to_say(tmp_path: Path, program: Program) -> None:
    rows = "".join(f",z{n}\n" for n in range(3_000))
    ledger = read_ledger(write(tmp_path, f"项目编号,备注\n{rows}"), program)
    assert len(ledger.notes) <= 3 and "等 3000 行" in "".join(ledger.notes)
    many = [{f"键{n}项{at}": 1 for at in range(60)} for n in range(200)]
    ledger = read(tmp_path, program, many)
    assert len(ledger.records) == 200 and len(ledger.notes) == 201 and ledger.notes[-1].startswith("另有 ")
    wide = "项目编号," + ",".join(f"列{n}" for n in range(5_000)) + "\nP1\n"
    assert sum(map(len, read_ledger(write(tmp_path, wide), program).notes)) < 5_000


def test_many_bad_cells_are_told_once_a_row(tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyrules.records.table_rows._MOST_PROBLEMS", 4)
    rows = "".join(f"P{n},也许,很多,一些\n" for n in range(10))
    ledger = read_ledger(write(tmp_path, f"项目编号,已形成,实际到位,带动户数\n{rows}"), program)
    assert len(ledger.set_aside) == 10 and len(ledger.problems) == 12
    assert "这一行另有 2 处读不出来" in str(ledger.problems[-1])


def test_offers_are_few_however_many_words_are_wrong(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from policyrules.records import names

    compared: list[str] = []

    def near(word: str, known: tuple[str, ...]) -> str:
        compared.append(word)
        return ""

    monkeypatch.setattr(names, "near_names", near)
    offers = names.Offers()
    for number in range(10_000):
        offers.near(f"词{number % 5_000}", ("甲",) * 100)
    assert len(compared) == len(set(compared)) <= 1_001


def test_a_fraction_is_exact_in_every_unit(tmp_path: Path, program: Program) -> None:
    (record,) = read_ledger(write(tmp_path, "单位：亿元\n项目编号,实际到位\nP1,0.123456789123\n"), program).records
    assert record.instance.values["实际到位"] == Fraction(123456789123, 10000)


def test_a_long_text_may_hold_more_rows(tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "_MOST_ROWS", 20)
    monkeypatch.setattr(csv_files, "SMALL", 100)
    monkeypatch.setattr(csv_files, "_MOST_ROWS_OF_MANY", 60)
    rows = [f"P{n}\n" for n in range(90)]
    assert len(read_ledger(write(tmp_path, "项目编号\n" + "".join(rows[:50])), program).records) == 50
    assert places(read_ledger(write(tmp_path, "项目编号\n" + "".join(rows)), program)) == [("E507", 76, "")]


def test_records_up_to_the_limit_are_all(tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files, "MOST_RECORDS", 20)
    exactly = [{"项目编号": f"P{n}"} for n in range(20)]
    for text, name in ((json.dumps(exactly), "a.json"), ("\n".join(map(json.dumps, exactly)) + "\n\n", "a.jsonl")):
        ledger = read(tmp_path, program, text, name)
        assert len(ledger.records) == 20 and ledger.problems == ()


def test_long_json_lines(tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines may be more than a text that is read at once; a mark, damage and another encoding are met as in any text."""
    monkeypatch.setattr(csv_files, "_LARGEST_FILE", 400)
    lines = "".join(json.dumps({"项目编号": f"甲{n}"}, ensure_ascii=False) + "\n" for n in range(40))
    plain = read_ledger(write(tmp_path, lines, "a.jsonl"), program)
    assert numbers(plain) == [f"甲{n}" for n in range(40)] and plain.problems == ()
    marked = read_ledger(write(tmp_path, lines.encode("utf-8-sig"), "b.jsonl"), program)
    assert numbers(marked) == numbers(plain) and marked.problems == ()
    other = read_ledger(write(tmp_path, lines.encode("gb18030"), "c.jsonl"), program)
    assert other.records == () and "MB" in str(other.problems[0])
    one_line = read_ledger(write(tmp_path, "[" + "1," * 400 + "1]\n", "d.jsonl"), program)
    assert one_line.records == () and one_line.problems
    monkeypatch.setattr(csv_files, "_LARGEST_LINES", 500)
    assert "GB" in str(read_ledger(tmp_path / "a.jsonl", program).problems[0])


def test_equal_values_are_kept_once(tmp_path: Path, program: Program) -> None:
    text = "\n".join(json.dumps({"项目编号": f"P{n}", "项目名称": "同一个名称"}, ensure_ascii=False) for n in range(2))
    one, other = (record.instance.values for record in read(tmp_path, program, text, "a.jsonl").records)
    assert one["项目名称"] is other["项目名称"]


# ---- units beside, below and beneath --------------------------------------------------------------------------------

TABLE = [["项目编号", "实际到位", "利润（万元）", "带动户数"], ["P1", 500_000, 3, 10]]
APPLIED = [
    ([["单位\n元"], *TABLE], "项目"),
    ([["金额:元"], *TABLE], "项目"),
    ([["单位", "元"], *TABLE], "项目"),
    (TABLE, "项目（单位：元）"),
    ([TABLE[0], [None, "（元）", None, "户"], TABLE[1]], "项目"),
    ([TABLE[0], [None, "元", "万元", None], TABLE[1]], "项目"),
    # What is said again is no other unit.
    ([["单位：元"], *TABLE, ["单位：元"]], "项目"),
]


@pytest.mark.parametrize(("rows", "sheet"), APPLIED)
def test_a_unit_is_applied_wherever_it_is_said_above_the_rows(
    make_workbook: MakeWorkbook, program: Program, rows: list[list[object]], sheet: str
) -> None:
    ledger = read_ledger(make_workbook({sheet: rows}), program)
    assert ledger.problems == () and len(ledger.records) == 1
    values = ledger.records[0].instance.values
    assert (values["实际到位"], values["利润"], values["带动户数"]) == (500_000, 30_000, 10)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        (["单位：元"], 1),
        (["单位：元"], 2),
        (["注：本表金额单位为元"], 2),
        (["制表人：某某", None, "单位：元"], 2),
        (["金额：千元"], 2),
        (["单位：万美元"], 2),
    ],
)
def test_another_unit_among_the_rows_refuses_the_table(
    tmp_path: Path, make_workbook: MakeWorkbook, program: Program, said: list[object], at: int
) -> None:
    rows = [*TABLE[:at], said, *TABLE[at:]]
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows)
    for path in (make_workbook({"项目": rows}), write(tmp_path, text)):
        ledger = read_ledger(path, program)
        assert ledger.records == () and places(ledger) == [("E506", at + 1, "")]
        assert "写着单位" in ledger.problems[0].expected and "列名" in ledger.problems[0].expected


@pytest.mark.parametrize(
    "said",
    [
        # The unit the numbers were read in; a column's own; what is no unit of anything.
        ["单位：万元"],
        ["注：利润（元）另行统计"],
        ["注：填报单位：元宝县农业农村局"],
        ["单位：户"],
    ],
)
def test_a_remark_that_says_no_other_unit_is_a_remark(
    make_workbook: MakeWorkbook, program: Program, said: list[object]
) -> None:
    ledger = read_ledger(make_workbook({"项目": [*TABLE, said]}), program)
    assert ledger.problems == () and [record.identity for record in ledger.records] == ["P1"]
    assert ledger.records[0].instance.values["实际到位"] == 5_000_000_000


def test_a_line_of_units_that_differs_from_the_heads_takes_its_column_out(
    make_workbook: MakeWorkbook, program: Program
) -> None:
    rows = [TABLE[0], [None, "（元）", "（元）", None], TABLE[1]]
    ledger = read_ledger(make_workbook({"项目": rows}), program)
    assert places(ledger) == [("E506", 2, "C")] and "两" not in ledger.problems[0].expected
    assert "利润" not in ledger.records[0].instance.values


def test_a_row_whose_cells_are_like_units_is_a_row_where_no_number_has_one(
    make_workbook: MakeWorkbook, program: Program
) -> None:
    rows: list[list[object]] = [["项目编号", "实际到位"], ["一户", None], ["二户", 3]]
    ledger = read_ledger(make_workbook({"项目": rows}), program)
    assert [record.identity for record in ledger.records] == ["一户", "二户"]


def test_a_line_end_in_a_column_that_is_not_used_is_told(tmp_path: Path, program: Program) -> None:
    """A stray pair of quotes: the second row is in the remark of the first."""
    ledger = read_ledger(write(tmp_path, '项目编号,实际到位,批注\nP1,1,"a\nP2,乙"\nP3,3,c\n'), program)
    assert [record.identity for record in ledger.records] == ["P1", "P3"]
    said = [note for note in ledger.notes if "换行" in note]
    assert len(said) == 1 and "C 列第 2 行的格子里有换行" in said[0] and "引号" in said[0]


@pytest.mark.parametrize(
    "text", ['{"records": [{"项目编号": "P1"}, {"项目编号": "P2"}]}', '{"数据": {"项目": []}}', "{}", '{"批注": 3}']
)
def test_records_under_a_name_that_means_nothing_are_refused(tmp_path: Path, program: Program, text: str) -> None:
    """They would be one blank record, and the others lost."""
    ledger = read_ledger(write(tmp_path, text, "a.json"), program)
    assert not ledger.records and [problem.code for problem in ledger.problems] == ["E502"]
    assert "最外层没有一项是规则里的字段" in ledger.problems[0].expected


def test_records_listed_in_the_answer_of_a_service_are_refused(tmp_path: Path, program: Program) -> None:
    """One of the names around them may be a field by chance; they would be one record, blank but for that."""
    text = '{"code": 0, "实际到位": 2, "rows": [{"项目编号": "P1"}, {"项目编号": "P2"}]}'
    ledger = read_ledger(write(tmp_path, text, "a.json"), program)
    assert not ledger.records and [problem.code for problem in ledger.problems] == ["E502"]
    assert "“rows”里像是一条条记录" in ledger.problems[0].expected
    # What has a number is a record, whatever it has besides.
    text = '{"项目编号": "P1", "实际到位": 2, "历史": [{"实际到位": 1}]}'
    ledger = read_ledger(write(tmp_path, text, "a.json"), program)
    assert [one.identity for one in ledger.records] == ["P1"] and "没有“历史”这个字段" in ledger.notes[0]


def test_a_row_of_amounts_alone_is_set_aside(tmp_path: Path, program: Program) -> None:
    head = "序号,项目编号,项目名称,实际到位,批注\n1,P1,大棚,5,\n"
    for row in (",,,110,", "新建项目,,,110,", ",,,110,未分配"):
        ledger = read_ledger(write(tmp_path, f"{head}{row}\n2,P2,冷库,6,\n"), program)
        assert [one.identity for one in ledger.records] == ["P1", "P2"]
        (problem,) = ledger.problems
        assert (problem.code, problem.cell.row) == ("E501", 3) and "只填了数，像是小计" in problem.expected
    # A table that has nothing but numbers and amounts says no more of any row.
    ledger = read_ledger(write(tmp_path, "项目编号,实际到位\nP1,5\n,6\n"), program)
    assert len(ledger.records) == 2


@pytest.mark.parametrize("text", ['{"实际到位": 3}', '{"资金": []}', '{"县": {}}', '{"批注": 3, "ACTUAL_WAN": 3}'])
def test_one_record_alone_needs_one_name_that_is_known(tmp_path: Path, program: Program, text: str) -> None:
    ledger = read_ledger(write(tmp_path, text, "a.json"), program)
    assert len(ledger.records) == 1 and not ledger.problems


def test_a_record_that_names_another_county_than_it_brings_along_is_told(tmp_path: Path) -> None:
    text = "对象 县\n  字段 县名：文本\n  字段 脱贫：是否\n对象 项目 属于 县 标识 编号\n  字段 编号：文本\n  字段 所在县：文本\n"
    program = policy_from_text(text).program
    record = '{"编号": "%s", "所在县": "%s", "县": {"县名": "%s", "脱贫": true}}'
    given = ",".join(record % each for each in (("P1", "甲县", "乙县"), ("P2", " 丙县", "丙县"), ("P3", "", "丁县")))
    ledger = read_ledger(write(tmp_path, f"[{given}]", "a.json"), program)
    assert len(ledger.records) == 3 and not ledger.problems
    (note,) = ledger.notes
    assert note == "第 1 条写的县是“甲县”，带来的却是“乙县”的情况；照带来的算，请核对"


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("带动户数（评估）", True),
        ("实际到位（含自筹）", True),
        ("困难程度（评估组填）", True),
        ("带动户数（户）", False),
        ("实际到位（万元）", False),
        ("困难程度（必填）", False),
        ("困难程度（无/暂时经营困难/难以为继）", False),
        ("困难程度（单选）", False),
        ("困难程度（difficulty）", False),
    ],
)
def test_a_head_that_says_more_than_the_field_is_told(tmp_path: Path, program: Program, head: str, told: bool) -> None:
    ledger = read_ledger(write(tmp_path, f"项目编号,项目名称,{head}\nP1,茶园,\n"), program)
    assert len(ledger.records) == 1
    name = head.partition("（")[0]
    assert ledger.notes == ((f"“项目”的“{head}”（C 列）当作“{name}”读入，请核对是不是同一项",) if told else ())


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_a_record_that_is_called_a_sum_is_told(suffix: str, tmp_path: Path, program: Program) -> None:
    records = [
        {"项目编号": "P1", "实际到位": 5},
        {"项目编号": "A县合计", "实际到位": 5},
        {"项目编号": "合计村1", "实际到位": 5},
    ]
    path = tmp_path / f"台账{suffix}"
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    path.write_text(f"[{','.join(lines)}]" if suffix == ".json" else "\n".join(lines), "utf-8")
    ledger = read_ledger(path, program)
    assert [one.identity for one in ledger.records] == ["P1", "A县合计", "合计村1"] and ledger.problems == ()
    assert [note for note in ledger.notes if "像是合计" in note] == [
        "第 2 条的编号是“A县合计”，像是合计，仍算一个项目；不是项目的请删去"
    ]
