"""What is missing is told of so many of the first records as can be waited for; of the others it is said that nobody looked, and
nothing else of them is left out."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from policyrules.cli import run
from policyrules.cli.bounds import asked_of, written_of
from policyrules.policy import load
from policyrules.program import costs
from policyrules.program.graph import definitions
from policyrules.records.csv_files import SMALL
from policyrules.testing.build import policy_from_text, write_layers

TEXT = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否 由 县农业农村局
  字段 论证（argued）：是否 由 乡镇
对象 资产（asset） 属于 项目
  字段 闲置（idle）：是否
决定 分类（category）：单选 { 盘活 }
  依据【一】
规则 盘活类
  依据【一】
  当 停产
  则 分类 为 盘活
义务 严格论证
  依据【一】
  当 停产
  应当 论证
规则 有闲置
  依据【一】
  当 任一 资产 满足（闲置）
  则 分类 为 盘活
"""
# Of a record 50 beside the conditions, 停产 twice, 论证, 任一: two thirds of 54 where it has its number alone, a third with one cell
# more; of a row of 资产 its 闲置, a quarter of 1 made whole; where there is no row one is thought of.
PLAIN = 36 + 3, 18 + 1, 36 + 1, 36 + 1, 18 + 1, 18 + 1
RECORDS: list[dict[str, Any]] = [
    {"编号": "甲", "资产": [{"闲置": "否"}] * 3},
    {"编号": "乙", "停产": "否", "资产": []},
    {"编号": "丙"},
    {"编号": "丁", "资产": [{"闲置": "是"}]},
    {"编号": "戊", "停产": "是", "资产": []},
    {"编号": "己", "停产": "否", "资产": []},
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_layers(tmp_path, TEXT)
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in RECORDS)
    (tmp_path / "台账.jsonl").write_text("".join(lines), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for bound in ("MOST_ASKED", "MOST_TOLD"):
        monkeypatch.setattr(costs, bound, sum(PLAIN[:3]) - 1)
    return tmp_path


def said(capfd: pytest.CaptureFixture[str], *options: str) -> str:
    assert run(["evaluate", "0", "台账.jsonl", "--as-of", "2026-03-01", *options, "--force"]) == 0
    return capfd.readouterr().out


def test_what_a_record_costs() -> None:
    policy = policy_from_text(TEXT)
    assert costs.asking(policy.program) == {"项目": 54, "资产": 1}


@pytest.mark.parametrize(("most", "asked"), [(1, 1), (sum(PLAIN[:3]) - 1, 2), (sum(PLAIN[:3]), 3), (sum(PLAIN), 6)])
def test_so_many_of_the_first(folder: Path, monkeypatch: pytest.MonkeyPatch, most: int, asked: int) -> None:
    monkeypatch.setattr(costs, "MOST_ASKED", most)
    policy = load(folder / "0")
    records = policy.read(folder / "台账.jsonl").records
    assert asked_of(policy, records) == asked
    # Where every result is shown with what it lacks, there is a bound of its own.
    assert asked_of(policy, records, whole=True) == 2


def test_the_page_says_it_above_and_where_offices_are_asked(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    page = "".join(said(capfd).split())
    assert "缺什么只查了前2个项目（共6个）" in page and "加--all-missing" in page
    assert page.index("缺什么只查了前2个") < page.index("要补的")
    # 甲, 丙 are open, and counted as such; 甲 alone was asked.
    assert "要补的（2个项目因此定不下来，下面只算了前2个项目的）" in page
    assert "县农业农村局：停产1（1）" in page
    whole = "".join(said(capfd, "--all-missing").split())
    # Of 丙 the cell or the list settles it: as short a way, and cells are declared before lists.
    assert "只查了" not in whole and "要补的（2个项目因此定不下来）" in whole and "县农业农村局：停产2（2）" in whole


def test_json_has_a_field_at_the_record_and_null_where_something_is_missing(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = json.loads(said(capfd, "--json"))
    whole = json.loads(said(capfd, "--json", "--all-missing"))
    assert given["summary"]["missing_asked"] == 2 and "missing_asked" not in whole["summary"]
    assert any("只查了前 2 个项目（共 6 个）" in note for note in given["notes"])
    assert not any("只查了" in note for note in whole["notes"])
    left = {record["identity"]: record for record in given["records"]}
    # 丁 is decided by its row, and whether the duty applies is open; 己 has nothing open.
    assert [name for name, one in left.items() if one.get("missing_asked") is False] == ["丙", "丁", "戊", "己"]
    for before, after in zip(given["records"], whole["records"], strict=True):
        if before.pop("missing_asked", True):
            assert before == after
            continue
        for one, other in zip(
            [*before["decisions"].values(), *before["findings"]],
            [*after["decisions"].values(), *after["findings"]],
            strict=True,
        ):
            open_ = one["status"] in ("undetermined", "unverified")
            assert (one["missing"] is None) == open_
            # Nor were other readings tried, or what was assumed. Everything else of it stands.
            dear = ("readings", "presumed", "defaults")
            assert all(one[name] is None for name in dear if name in one)
            left_out = dict.fromkeys(("missing", *(name for name in dear if name in one)), 0)
            # Of what is only possible the clauses are told, not what they say.
            for value in other.get("by_value", {}).values():
                if not value["certain"]:
                    value["citations"] = value["offices"] = None
            assert one | left_out == other | left_out
            assert not open_ or other["missing"]["relevant"]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_tables_say_it_at_each_record(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    said(capfd, "-o", "半.csv")
    said(capfd, "-o", "全.csv", "--all-missing")
    half, whole = rows(folder / "半.csv"), rows(folder / "全.csv")
    assert [one.pop("最少要补") for one in half] == ["停产（县农业农村局）", "", "没有查缺什么", "", "", ""]
    assert [bool(one.pop("最少要补")) for one in whole] == [True, False, True, False, False, False]
    assert half == whole
    missing = [(one["编号"], one["为了定"], one["说明"]) for one in rows(folder / "半_缺项.csv")]
    assert [one for one in missing if one[0] != "甲"] == [
        ("丙", "分类、严格论证", "没有查缺什么"),
        ("丁", "严格论证", "没有查缺什么"),
        ("戊", "严格论证", "没有查缺什么"),
    ]
    told = rows(folder / "半_要处理.csv")
    assert "只查了前 2 个项目（共 6 个）" in told[0]["事项"]
    assert [(one["编号"], one["情况或所缺"]) for one in told[1:]] == [("甲", "停产"), ("丙", "没有查缺什么")]
    # What is open of those stands together, with what it cites; all else has its row.
    for name, open_ in (("逐项结果", ("状态", "待定", "值")), ("发现", ("结果", "待核实", "事项"))):
        column, status, named = open_
        part, all_ = rows(folder / f"半_{name}.csv"), rows(folder / f"全_{name}.csv")
        assert [one for one in part if one[column] != status] == [one for one in all_ if one[column] != status]
        left, right = ([one for one in found if one[column] == status] for found in (part, all_))
        assert [(one["编号"], one["依据"]) for one in left] == [(one["编号"], one["依据"]) for one in right]
        assert [one[named] for one in left] == [one[named] for one in right]
        assert {one["编号"]: one.get("内容") for one in left if one["编号"] != "甲"} == {
            "丙": "没有查缺什么" if name == "发现" else None,
            **({"丁": "没有查缺什么", "戊": "没有查缺什么"} if name == "发现" else {}),
        }


MANY = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
"""


def test_what_is_open_stands_in_as_few_cells_as_hold_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    # 60 findings and 60 values, each of a name of eight characters; a cell holds 200: 22 names with the marks between them.
    names = [f"须核实的事项{number:02}" for number in range(60)]
    duties = "".join(f"禁令 {name}\n  依据【{number}】\n  不得 停产\n" for number, name in enumerate(names))
    values = [f"要用的措施{number:02}支" for number in range(60)]
    rules = "".join(
        f"规则 用{value}\n  依据【乙{number}】\n  当 停产\n  则 措施 含 {value}\n"
        for number, value in enumerate(values)
    )
    measures = f"决定 措施（measures）：多选 {{ {'、'.join(values)} }}\n  依据【总】\n"
    write_layers(tmp_path, MANY + duties + measures + rules)
    (tmp_path / "台账.jsonl").write_text('{"编号": "甲"}\n{"编号": "乙"}\n', encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        patch.setattr(costs, "MOST_TOLD", 1)
        assert run(["evaluate", "0", "台账.jsonl", "--as-of", "2026-03-01", "-o", "r.csv"]) == 0
    capfd.readouterr()
    for file, column, wanted in (("发现", "事项", names), ("逐项结果", "值", values)):
        found = rows(tmp_path / f"r_{file}.csv")
        assert [one[column] for one in found if one["编号"] == "甲"] == wanted
        together = [one for one in found if one["编号"] == "乙"]
        assert [one[column].split("、") for one in together] == [wanted[:22], wanted[22:44], wanted[44:]]
        assert "【0】" in together[0]["依据"] or "【乙0】" in together[0]["依据"]
        assert all(len(cell) <= 200 for one in together for cell in one.values())


@pytest.mark.parametrize("options", ["", "--json", "-o r.jsonl", "-o r.csv"])
def test_the_same_bytes_by_several_processes(folder: Path, capfd: pytest.CaptureFixture[str], options: str) -> None:
    lines = (
        json.dumps({**one, "编号": f"{one['编号']}{n}"}, ensure_ascii=False) + "\n"
        for n in range(12)
        for one in RECORDS
    )
    (folder / "台账.jsonl").write_text("".join(lines), encoding="utf-8")
    found = []
    for jobs in ("1", "3"):
        page = said(capfd, *options.split(), "--jobs", jobs)
        found.append((page, {path.name: path.read_bytes() for path in folder.glob("r*")}))
    assert found[0] == found[1]


def test_nothing_is_said_where_all_were_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for bound in ("MOST_ASKED", "MOST_TOLD"):
        monkeypatch.setattr(costs, bound, sum(PLAIN))
    for options in ("", "--json"):
        assert said(capfd, *options.split()) == said(capfd, *options.split(), "--all-missing")


@pytest.mark.parametrize("options", ["-o r.csv", "-o r.jsonl", "--json", "--list"])
def test_a_small_file_of_more_records_than_can_be_told_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], options: str
) -> None:
    words = ["evaluate", "0", "台账.jsonl", "--as-of", "2026-03-01", *options.split(), "--force"]
    monkeypatch.setattr(costs, "MOST_WRITTEN", sum(PLAIN))
    assert run(words) == 0
    # One part less, and 己 is beyond.
    monkeypatch.setattr(costs, "MOST_WRITTEN", sum(PLAIN) - 1)
    for path in folder.glob("r*"):
        path.unlink()
    capfd.readouterr()
    assert run(words) == 2
    found = capfd.readouterr()
    told = "".join((found.out + found.err).split())
    assert "台账.jsonl不大，却有6个项目" in told and "最多写5个，从第6行（己）起写不完" in told and "--counts" in told
    assert not list(folder.glob("r*"))
    # Whoever is ready to wait has all of it; a page and numbers are another matter.
    assert run([*words, "--long"]) == 0
    assert run([*words, "--all-missing"]) == 0
    assert run(words[:5]) == 0 and run([*words[:5], "--counts"]) == 0


LONGER = """
义务 再论证
  依据【二】
  当 停产
  应当 论证
"""
# Two parts more of a record, 56, whatever is filled in, and 1 of a row of 资产, of which one is thought of where there is none.
COMPARED = 56 + 3, 56 + 1, 56 + 1, 56 + 1, 56 + 1, 56 + 1


@pytest.mark.parametrize(
    ("options", "times"),
    [
        ("compare 0 1 台账.jsonl", 2),
        ("compare 1 0 台账.jsonl --all", 2),
        ("compare 0 1 台账.jsonl -o r.xlsx", 3),
        ("compare 0 1 台账.jsonl -o r.json", 3),
        ("compare 0 1 台账.jsonl --json", 3),
        ("impact 0 1 台账.jsonl", 2),
        ("impact 0 1 台账.jsonl -o r.html", 2),
        ("impact 0 1 台账.jsonl --json", 2),
        ("impact 0 1 台账.jsonl --also 乙=0 --also 丙=1 -o r.xlsx", 4),
        ("impact 0 0 台账.jsonl --also 乙=1 -o r.json", 3),
    ],
)
def test_a_small_file_of_more_records_than_can_be_compared_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], options: str, times: int
) -> None:
    write_layers(folder, TEXT, LONGER)
    words = [*options.split(), "--as-of", "2026-03-01", "--force"]
    # Under each stack as if it were the longest, and once more where each change is written.
    monkeypatch.setattr(costs, "MOST_CHANGED", times * sum(COMPARED))
    assert run(words) == 0
    # One part less, and 己 is beyond.
    monkeypatch.setattr(costs, "MOST_CHANGED", times * sum(COMPARED) - 1)
    for path in folder.glob("r*"):
        path.unlink()
    capfd.readouterr()
    assert run(words) == 2
    found = capfd.readouterr()
    told = "".join((found.out + found.err).split())
    assert "台账.jsonl不大，却有6个项目，逐个比较要等太久" in told and "最多比5个，从第6行（己）起比不完" in told
    assert "等得起的加--long" in told and ("--also" in told) == ("--also" in options)
    assert ("不写-o、--json" in told) == (options.startswith("compare") and times == 3)
    assert not list(folder.glob("r*"))
    assert run([*words, "--long"]) == 0
    assert run([*words, "--all-causes" if options.startswith("compare") else "--all-missing"]) == 0


COUNTED = """
统计 停产数
  计数 项目
  其中 停产
提示 停产多
  当 停产数 ≥ 1 个
  说 “停产的不止一个”
"""


def test_upper_parts_of_a_stack_are_not_counted_under_a_ledger_that_is_too_long(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_layers(folder, TEXT + COUNTED, LONGER)
    words = ["explain", "1", "台账.jsonl", "戊", "--as-of", "2026-03-01", "--json"]

    def above(*more: str) -> tuple[int, bool]:
        capfd.readouterr()
        assert run([*words, *more]) == 0
        found = json.loads(capfd.readouterr().out)
        return len(found["upper"]), any("上级各层单独会怎样定没有算" in note for note in found["notes"])

    # Six records under two layers.
    monkeypatch.setattr(costs, "MOST_COUNTED", 12)
    assert above() == (1, False)
    monkeypatch.setattr(costs, "MOST_COUNTED", 11)
    assert above() == (0, True) and above("--long") == (1, False)
    assert run(words[:-1]) == 0
    assert "加 --long" in capfd.readouterr().err
    # Where nothing is counted over the ledger one record costs no more than another.
    write_layers(folder, TEXT, LONGER)
    assert above() == (1, False)


ROWS_COUNTED = """
统计 闲置数
  计数 资产
  其中 闲置
提示 闲置多
  当 闲置数 ≥ 1 个
  说 “闲置的不止一个”
"""
# Each of the six records is looked at once, and each of four rows of 资产.
LOOKED_AT = 6 + 4


@pytest.mark.parametrize("options", ["", "--list", "--json", "-o r.csv", "-o r.jsonl"])
def test_statistics_do_not_look_at_more_records_than_fit(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], options: str
) -> None:
    write_layers(folder, TEXT + COUNTED + ROWS_COUNTED)
    words = ["evaluate", "0", "台账.jsonl", "--as-of", "2026-03-01", *options.split(), "--force"]
    monkeypatch.setattr(costs, "MOST_MEMBERS", LOOKED_AT)
    assert run(words) == 0
    monkeypatch.setattr(costs, "MOST_MEMBERS", LOOKED_AT - 1)
    for path in folder.glob("r*.*"):
        path.unlink()
    capfd.readouterr()
    assert run(words) == 2
    found = capfd.readouterr()
    told = "".join((found.out + found.err).split())
    assert "台账.jsonl不大，却有6个项目，2项统计都要把它们看一遍" in told
    assert "最多看5个，从第6行（己）起看不完" in told and "--long" in told
    assert not list(folder.glob("r*.*"))
    # Who waits is told, and in columns nothing is kept of each.
    assert run([*words, "--long"]) == 0
    assert run(["evaluate", "0", "台账.jsonl", "--counts"]) == 0


@pytest.mark.parametrize(
    ("command", "most"), [("explain 0 台账.jsonl 戊", LOOKED_AT), ("compare 0 1 台账.jsonl", 2 * LOOKED_AT)]
)
def test_nor_where_one_is_explained_or_all_are_compared(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], command: str, most: int
) -> None:
    write_layers(folder, TEXT + COUNTED + ROWS_COUNTED, LONGER)
    monkeypatch.setattr(costs, "MOST_MEMBERS", most)
    assert run(command.split()) == 0
    monkeypatch.setattr(costs, "MOST_MEMBERS", most - 1)
    assert run(command.split()) == 2
    assert "项统计都要把它们看一遍" in capfd.readouterr().err
    assert run([*command.split(), "--long"]) == 0


def test_records_do_not_have_more_rows_together_than_one_waits_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_layers(folder, TEXT, LONGER)
    rows = [json.loads(line) for line in (folder / "台账.jsonl").read_text("utf-8").splitlines()]
    most = sum(len(row.get("资产", ())) for row in rows)
    assert most >= 3
    monkeypatch.setattr(costs, "MOST_BELOW", most)
    assert run(["evaluate", "0", "台账.jsonl"]) == 0
    monkeypatch.setattr(costs, "MOST_BELOW", most - 1)
    capfd.readouterr()
    for words in ("evaluate 0 台账.jsonl", "compare 0 0 台账.jsonl"):
        assert run(words.split()) == 2
        assert f"各个项目的行合计最多{most - 1}行" in "".join(capfd.readouterr().err.split())
        assert run([*words.split(), "--long"]) == 0
    # Of counts alone, and of one record, nobody waits long.
    assert run(["evaluate", "0", "台账.jsonl", "--counts"]) == run(["explain", "0", "台账.jsonl", "丁"]) == 0


def test_one_record_does_not_have_more_rows_than_one_waits_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_layers(folder, TEXT, LONGER)
    first = "explain 0 台账.jsonl 甲"
    every = ["evaluate 0 台账.jsonl", "evaluate 0 台账.jsonl --json", "compare 0 0 台账.jsonl", first]
    # 甲 has three rows of 资产.
    monkeypatch.setattr(costs, "MOST_ALONE", PLAIN[0])
    for words in every:
        assert run(words.split()) == 0
    monkeypatch.setattr(costs, "MOST_ALONE", PLAIN[0] - 1)
    capfd.readouterr()
    for words in every:
        assert run(words.split()) == 2
        told = "".join(capfd.readouterr().err.split())
        assert "台账.jsonl第1行（甲）有3行资产，逐行评下来要等太久" in told and "--long" in told
        assert run([*words.split(), "--long"]) == 0
    # What others are does not matter to who asks for one, and a record without rows is never too long.
    assert run(["explain", "0", "台账.jsonl", "丁"]) == run(["evaluate", "0", "台账.jsonl", "--counts"]) == 0


PAIRS = """
规则 两处闲置
  依据【一】
  当 任一 资产 满足（闲置 且 任一 其他 资产 满足（闲置））
  则 分类 为 盘活
"""


@pytest.mark.parametrize("rules", ["", PAIRS])
def test_reasons_as_data_are_not_told_of_more_rows_than_one_waits_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], rules: str
) -> None:
    write_layers(folder, TEXT + rules)
    # Twice the 54 of a record (PAIRS adds its 任一) and the 1 (3: 闲置 且 任一 …, and 闲置 within it) of each of three rows; of three rows held
    # against three the condition within PAIRS: 任一 and 闲置.
    every, row = costs.asking(load(folder / "0").program).values()
    most = 2 * (every + 3 * row) + (9 * 2 if rules else 0)
    words = ["explain", "0", "台账.jsonl", "甲", "--json"]
    monkeypatch.setattr(costs, "MOST_EXPLAINED", most)
    assert run(words) == 0
    monkeypatch.setattr(costs, "MOST_EXPLAINED", most - 1)
    capfd.readouterr()
    assert run(words) == 2
    told = "".join(capfd.readouterr().err.split())
    assert (
        "台账.jsonl第1行（甲）有3行资产，逐行评下来要等太久：按规则里要逐条说明理由的条件、行数和行与行的对照计步"
        in told
    )
    assert f"一个项目最多{most - 1}步" in told and "只说明一项的加--only；等得起的加--long" in told
    # People are shown a page, who asks for some results gets these, and a record without rows is never too long.
    for others in (
        words[:-1],
        [*words, "--only", "分类"],
        [*words, "--long"],
        ["explain", "0", "台账.jsonl", "丙", "--json"],
    ):
        assert run(others) == 0
    monkeypatch.setattr(costs, "MOST_EXPLAINED", 1)
    assert run(["explain", "0", "台账.jsonl", "丙", "--json"]) == 0


def test_what_is_lacked_is_not_told_of_more_rows_held_against_each_other_than_one_waits_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_layers(folder, TEXT + PAIRS)
    # As for reasons, with what is asked of a row once.
    every, row = costs.asking(load(folder / "0").program).values()
    most = every + 3 * row + 9 * 2
    asked = [
        ["evaluate", "0", "台账.jsonl", "--json"],
        ["evaluate", "0", "台账.jsonl", "-o", "全.json", "--force"],
        ["evaluate", "0", "台账.jsonl", "-o", "全.jsonl", "--force"],
        ["evaluate", "0", "台账.jsonl", "-o", "全.xlsx", "--force"],
    ]
    monkeypatch.setattr(costs, "MOST_LACKED", most)
    for words in asked:
        assert run(words) == 0
    monkeypatch.setattr(costs, "MOST_LACKED", most - 1)
    for words in asked:
        capfd.readouterr()
        assert run(words) == 2
        told = "".join(capfd.readouterr().err.split())
        assert "台账.jsonl第1行（甲）有3行资产，逐行评下来要等太久：按规则里条件的长短、行数和行与行的对照计步" in told
        assert f"一个项目最多{most - 1}步" in told and "等得起的加--long" in told
        assert run([*words, "--long"]) == 0
    # The page tells of rows what has to be done, not what each lacks.
    assert run(["evaluate", "0", "台账.jsonl"]) == 0


READ = """
读法 口径（reading）：枚举 { 宽、中、严 } 缺省 宽
  依据【一】
禁令 不得闲置 对 资产
  依据【一】
  当 口径 为 宽
  不得 闲置
"""


def test_what_other_readings_cost() -> None:
    policy = policy_from_text(TEXT + READ)
    # Two other readings, for each of which the prohibition is looked at again.
    assert costs.rereading(policy.program, definitions(policy.program)) == {"项目": 2, "": 2, "资产": 2}
    # One that says more counts for more: 51 comparisons with 且 between them, 当, and what is forbidden.
    wide = TEXT + READ.replace("口径 为 宽", " 且 ".join(["口径 为 宽"] * 51))
    program = policy_from_text(wide).program
    assert costs.rereading(program, definitions(program))["资产"] == 2 * (1 + (51 * 2 + 1 + 1) // 50)


def test_so_many_of_the_first_are_told_with_other_readings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_layers(folder, TEXT + READ)
    monkeypatch.setattr(costs, "MOST_TOLD", 10**6)
    # Of 甲 with three rows 10 names, of 乙 and 丙 6: where there is no row one is thought of.
    for most, asked in ((10, 1), (15, 1), (16, 2), (22, 3)):
        monkeypatch.setattr(costs, "MOST_REREAD", most)
        policy = load(folder / "0")
        assert asked_of(policy, policy.read(folder / "台账.jsonl").records, whole=True) == asked
    monkeypatch.setattr(costs, "MOST_ASKED", 10**6)
    assert asked_of(policy, policy.read(folder / "台账.jsonl").records) == 6


def test_one_record_does_not_have_more_rows_to_be_read_otherwise_than_one_waits_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_layers(folder, TEXT + READ)
    every = ["evaluate 0 台账.jsonl --json", "evaluate 0 台账.jsonl -o 果.jsonl --force", "explain 0 台账.jsonl 甲"]
    for most, code in ((10, 0), (9, 2)):
        monkeypatch.setattr(costs, "MOST_REREAD", most)
        for words in every:
            assert run(words.split()) == code
    told = "".join(capfd.readouterr().err.split())
    assert (
        "台账.jsonl第1行（甲）有3行资产，逐行评下来要等太久" in told
        and "按规则里读法和跟着它变的规定、行数计步" in told
    )
    for words in every:
        assert run([*words.split(), "--long"]) == 0
    # The page of a ledger tells no other readings of all results, and a record without rows may have as many as a layer may.
    monkeypatch.setattr(costs, "MOST_REREAD", 0)
    assert run(["evaluate", "0", "台账.jsonl"]) == run(["explain", "0", "台账.jsonl", "丙"]) == 0


def test_a_long_file_may_hold_more(folder: Path) -> None:
    policy = load(folder / "0")
    records = policy.read(folder / "台账.jsonl").records * 3
    assert written_of(policy, records, 1, sum(PLAIN)) == written_of(policy, records, SMALL - 1, sum(PLAIN)) == 6
    assert written_of(policy, records, SMALL, sum(PLAIN)) == 18


def test_values_that_are_only_possible_are_told_by_their_clauses(folder: Path) -> None:
    """In JSON of a record of which nobody looked for what it lacks; what is settled, and all of the first records, is told whole."""
    policy = load(folder / "0")
    first, *_, settled, _ = policy.evaluate_all(policy.read(folder / "台账.jsonl"))
    for asked, offices in ((True, []), (False, None)):
        found = first["分类"].to_dict(asked=asked)["by_value"]["盘活"]
        assert (found["certain"], found["rules"], found["offices"]) == (False, ["盘活类"], offices)
        assert found["clauses"] == list(first["分类"].clauses)
        assert (found["citations"] is None) is not asked
    found = settled["分类"].to_dict(asked=False)["by_value"]["盘活"]
    assert found["certain"] and found["citations"] and found["offices"] == []


def test_rows_of_many_records_held_against_each_other_are_not_told_for_longer_than_one_waits(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_layers(folder, TEXT + PAIRS)
    write_layers(folder / "旧", TEXT + PAIRS.replace("任一 其他", "全部 其他"))
    records = [{"编号": name, "资产": [{}] * rows} for name, rows in (("甲", 10), ("乙", 2), ("丙", 10))]
    (folder / "台账.json").write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    # Of ten rows each is looked at for each in two parts, beyond half of all parts of a record; of two rows it is less than that.
    free = sum(costs.asking(load(folder / "0").program).values()) // 2
    most, words = 2 * (10 * 10 * 2 - free), ["台账.json", "--as-of", "2026-03-01"]
    one = (["evaluate", "0", *words], ["evaluate", "0", *words, "--json"])
    two = (["compare", "旧/0", "0", *words], ["impact", "旧/0", "0", *words])
    for every, stacks in ((one, 1), (two, 2)):
        monkeypatch.setattr(costs, "MOST_HELD", most * stacks)
        for asked in every:
            assert run(asked) == 0
        monkeypatch.setattr(costs, "MOST_HELD", most * stacks - 1)
        for asked in every:
            capfd.readouterr()
            assert run(asked) == 2
            told = "".join(capfd.readouterr().err.split())
            assert "台账.json不大，里面要互相对照的行却有很多，逐个评下来要等太久" in told
            assert "到第3行（丙）超过了" in told and "等得起的加--long" in told
            assert run([*asked, "--long"]) == 0
    assert run(["evaluate", "0", *words, "--counts"]) == 0
    assert run(["explain", "0", "台账.json", "丙"]) == 0
    # What each lacks is told of the first, as far as rows are held against each other.
    monkeypatch.setattr(costs, "MOST_TOLD", 10**6)
    policy = load(folder / "0")
    for bound, told_of in ((1, 1), (most // 2, 2), (most - 1, 2), (most, 3)):
        monkeypatch.setattr(costs, "MOST_LACKED", bound)
        assert asked_of(policy, policy.read(folder / "台账.json").records, whole=True) == told_of


def test_reasons_as_data_do_not_list_more_counted_records_than_one_waits_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_layers(folder, TEXT + COUNTED + ROWS_COUNTED)
    words = ["explain", "0", "台账.jsonl", "甲", "--json"]
    monkeypatch.setattr(costs, "MOST_LISTED", LOOKED_AT)
    assert run(words) == 0
    monkeypatch.setattr(costs, "MOST_LISTED", LOOKED_AT - 1)
    capfd.readouterr()
    assert run(words) == 2
    assert "统计都要把它们看一遍，要等太久" in "".join(capfd.readouterr().err.split())
    for others in ([*words, "--long"], [*words, "--only", "分类"], words[:-1]):
        assert run(others) == 0
