"""A ledger whose projects are each under the layer of their own county comes to what each county's command says of its own."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.columns.test_stacks import LAYERS, RECORDS, WORLD

from policyrules.cli import counties, run
from policyrules.policy import Policy, load
from policyrules.records.workbook import SheetPlan, write_workbook
from policyrules.testing.build import layer_files

NAMES = ("编号", "所在县", "停产", "投资", "户数", "类型")
OWN = {
    **LAYERS,
    # A field of its own, which nobody else's rules read.
    "丁县": "对象 项目\n  字段 验收（accepted）：是否\n提示 没验收\n  依据【三·验收】“验收”\n  当 非 验收\n  说 “没验收”\n",
}


def write_layer(folder: Path, text: str, name: str, region: str, extends: str | None = None) -> Path:
    """One layer, called and placed as it should be."""
    folder.mkdir(parents=True)
    for file, content in layer_files(text, 3 if extends else 0, layer_id=name).items():
        if file == "layer.yaml":
            manifest = {**yaml.safe_load(content), "region": region, "extends": extends, "title": f"{region}的办法"}
            content = yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False)
        (folder / file).write_text(content, encoding="utf-8")
    return folder


def write_records(path: Path, records: Sequence[dict[str, Any]]) -> Path:
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def ledger() -> list[dict[str, Any]]:
    """The seven of `test_stacks`; one of a county that wrote nothing, one of none; one that comes twice, and one that cannot be read."""
    found = [dict(zip(NAMES, row, strict=True)) for row in RECORDS]
    found[6]["验收"] = False
    found.append({"编号": "8", "所在县": "戊县", "停产": True, "户数": 3, "类型": "养殖"})
    found.append({"编号": "9", "停产": True, "投资": 200, "户数": 3, "类型": "养殖"})
    # A second 7: it counts as possible among those of its county.
    found.append({"编号": "7", "所在县": "丁县", "停产": True, "户数": 3, "类型": "养殖"})
    found.insert(3, {"编号": "坏", "所在县": "乙县", "停产": "也许", "户数": 3, "类型": "养殖"})
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_layer(tmp_path / "省", WORLD, "SHENG", "某省")
    for number, (county, text) in enumerate(OWN.items()):
        # Counties of one city lie in its folder.
        write_layer(tmp_path / "县目录" / "某市" / county, text, f"X{number}", county, "../../../省")
    write_records(tmp_path / "台账.jsonl", ledger())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def outcome(command: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = run(command.split())
    out, err = capsys.readouterr()
    return code, out, err


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def lines_of(path: Path) -> dict[str, str]:
    """What a file of results says of each record; of what could not be read it says the same in lines of its own."""
    lines = path.read_text("utf-8").splitlines()
    return {json.loads(line)["identity"]: line for line in lines if "identity" in json.loads(line)}


EACH = "evaluate 省 台账.jsonl --as-of 2025-09-15 --each 所在县=县目录"


def test_records_come_to_what_their_county_s_command_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Byte for byte: the ledger of each county alone, under its layer; all others together under the province."""
    code, _, _ = outcome(f"{EACH} -o 全部.jsonl", capsys)
    assert code == 3
    lines = lines_of(folder / "全部.jsonl")
    records = ledger()
    seen = []
    for county in (*OWN, None):
        path = "省" if county is None else f"县目录/某市/{county}"
        own = [one for one in records if (one.get("所在县") if one.get("所在县") in OWN else None) == county]
        write_records(folder / "部分.jsonl", own)
        outcome(f"evaluate {path} 部分.jsonl --as-of 2025-09-15 -o 部分结果.jsonl --force", capsys)
        for number, line in lines_of(folder / "部分结果.jsonl").items():
            assert lines[number] == line
            seen.append(number)
    assert sorted(seen) == [str(number) for number in range(1, 10)]
    assert list(lines) == [str(number) for number in range(1, 10)]


def test_one_record_is_explained_under_its_own_county_s_layer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the command of its county explains it, on the ledger of that county; one of none under the province, among all of those."""
    records = ledger()
    where = {str(one["编号"]): one.get("所在县") for one in records}
    for number in map(str, range(1, 10)):
        county = where[number] if where[number] in OWN else None
        own = [one for one in records if (one.get("所在县") if one.get("所在县") in OWN else None) == county]
        write_records(folder / "部分.jsonl", own)
        path = "省" if county is None else f"县目录/某市/{county}"
        for options in ("", "--json", "--full"):
            alone = outcome(f"explain {path} 部分.jsonl {number} --as-of 2025-09-15 {options}", capsys)
            each = outcome(f"explain 省 台账.jsonl {number} --as-of 2025-09-15 --each 所在县=县目录 {options}", capsys)
            assert each[:2] == alone[:2]
            assert each[0] == 0 and each[1]


def test_what_a_county_does_not_decide_is_not_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """去向 is a decision of 丙县 alone."""
    command = "explain 省 台账.jsonl {} --as-of 2025-09-15 --each 所在县=县目录 --only {}"
    county = next(str(one["编号"]) for one in ledger() if one.get("所在县") == "丙县")
    assert outcome(command.format(county, "去向"), capsys)[0] == 0
    code, _, err = outcome(command.format("8", "去向"), capsys)
    assert code != 0 and "没有叫“去向”的决定" in err
    code, _, err = outcome(command.format("8", "没有"), capsys)
    assert code != 0 and "没有叫“没有”的决定" in err


def test_the_page_worked_by_hand(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two of 丙县, one a conflict; what nobody else decides is counted for those who do."""
    code, out, err = outcome(f"{EACH} --list", capsys)
    assert code == 3
    head = "".join(out.split("台账评估结果")[1].split())
    assert "政策：国家　评估日：2025年9月15日　项目：9个".replace("　", "") in head.replace("　", "")
    assert (
        "注意：各项目按“所在县”分别评，各成一份台账。按自己的层评的：甲县2、乙县2、丙县2、丁县1；"
        "没有自己的层、按国家评的：戊县1；没有填、按国家评的：1" in head
    )
    # 1 to 7 as `test_stacks` has them; 8 and 9 as 7, under the upper rules.
    assert "分类（项目9个）盘活333.3%" in head and "升级111.1%" in head and "冲突444.4%" in head
    assert "去向（项目2个）" in head and "退150.0%" in head
    listed = out.split("台账评估结果")[0]
    assert listed.count("退") == 1 and "9" in listed
    assert "2 处读不出来，2 个项目没有评估" in err


def test_tables_and_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(f"{EACH} -o 结果.csv", capsys)[0] == 3
    rows = {row["编号"]: row for row in table(folder / "结果.csv")}
    assert [rows[str(number)]["分类·状态"] for number in range(1, 10)] == [
        "已定",
        "已定",
        "已定",
        "无",
        "冲突",
        "已定",
        "冲突",
        "冲突",
        "冲突",
    ]
    assert [rows[str(number)]["去向·状态"] for number in (4, 5, 6, 7)] == ["", "无", "已定", ""]
    found = {(row["编号"], row["事项"]): row for row in table(folder / "结果_发现.csv")}
    # By whose document: that of the project's own county.
    assert found["1", "本县留意"]["内容"] == "甲" and found["6", "本县留意"]["内容"] == "丙"
    assert found["7", "没验收"]["依据"] == "《丁县的办法》【三·验收】"
    assert ("7", "留意") in found and ("3", "留意") not in found
    # Two that stand still of one kind: 7 is alone in its county, 8 and 9 are one ledger, and so are 5 and 6.
    told = {number: row["结果"] for (number, name), row in found.items() if name == "多的"}
    # With 3 there is the one of 乙县 that could not be read, with 7 the second one.
    assert told == {"3": "待核实", "5": "提示", "6": "提示", "7": "待核实", "8": "提示", "9": "提示"}
    code, out, _ = outcome(f"{EACH} --json", capsys)
    data = json.loads(out)
    assert data["policy"]["layers"] == ["SHENG"]
    assert [(one["value"], one["layers"]) for one in data["each"]["stacks"]] == [
        (name, ["SHENG", f"X{number}"]) for number, name in enumerate(OWN)
    ]
    assert data["each"]["field"] == "所在县" and len(data["records"]) == 9
    assert code == 3 and data["notes"][0].startswith("各项目按“所在县”分别评")


def test_counts_are_those_of_the_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    summary = json.loads(outcome(f"{EACH} --json", capsys)[1])["summary"]
    counts = json.loads(outcome(f"{EACH} --counts --json", capsys)[1])["summary"]
    for name in ("missing", "missing_measures"):
        del summary[name]
    summary.pop("missing_asked", None)
    assert {**counts, "missing_asked": 0} == {**summary, "missing_asked": 0}


def test_columns(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert outcome(f"{EACH} -o 结果.parquet", capsys)[0] == 3
    policy = load(folder / "省", as_of=load("省").as_of.replace(2025, 9, 15))
    stacks = {name: folder / "县目录" / "某市" / name for name in OWN}
    expected = policy.evaluate_frame([one for one in ledger() if one["编号"] != "坏"][:9], stacks=stacks, by="所在县")
    told = parquet.read_table("结果.parquet").to_pydict()
    assert told == expected.table("项目").to_arrow().to_pydict()
    assert told["去向·状态"] == [None, None, None, None, "无", "已定", None, None, None]


def test_the_bytes_do_not_depend_on_processes(folder: Path) -> None:
    """Nor on how a process comes by what it has to know."""
    write_records(
        folder / "台账.jsonl", [{**one, "编号": f"{one['编号']}-{turn}"} for turn in range(9) for one in ledger()]
    )
    said = []
    for seed, jobs in (("1", "1"), ("2", "3")):
        done = subprocess.run(
            [sys.executable, "-m", "policyrules", *EACH.split(), "--jobs", jobs, "--json"],
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=False,
        )
        assert done.returncode == 3, done.stderr
        said.append(done.stdout)
    assert said[0] == said[1]


def test_layers_lie_wherever_they_lie(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, plain, _ = outcome(f"{EACH} --json", capsys)
    assert code == 3
    city = folder / "县目录" / "某市"
    first, second = sorted(path.name for path in city.iterdir())[:2]
    # One is a link to where the county keeps it, and is read from where the link is; one lies deep among folders that hold no layer.
    (folder / "各县").mkdir()
    (city / first).rename(folder / "各县" / first)
    (city / first).symlink_to(Path("../../各县") / first, target_is_directory=True)
    deep = city / "一" / "二" / "三" / "四"
    deep.mkdir(parents=True)
    (city / second).rename(deep / second)
    manifest = deep / second / "layer.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("../../../省", f"{'../' * 7}省"), encoding="utf-8")
    # Neither a second link to a layer nor one around in a circle makes anything of it.
    (city / "又一处").symlink_to(folder / "各县" / first, target_is_directory=True)
    (deep / "回头").symlink_to(city, target_is_directory=True)
    code, moved, _ = outcome(f"{EACH} --json", capsys)
    assert code == 3

    def told(page: str) -> list[tuple[object, object]]:
        found = json.loads(page)
        return [(one.get("identity"), one.get("decisions")) for one in found["records"]]

    assert told(moved) == told(plain)
    assert [one["value"] for one in json.loads(moved)["each"]["stacks"]] == [
        one["value"] for one in json.loads(plain)["each"]["stacks"]
    ]


def test_too_many_folders(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyrules.cli.counties._MOST_FOLDERS", 3)
    code, _, err = outcome(EACH, capsys)
    assert code == 2 and "里的文件夹超过 3 个" in err


def test_layers_that_cannot_be_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused with the name of the county, before anything is written."""

    def refused(*words: str) -> str:
        code, out, err = outcome(f"{EACH} -o r.json", capsys)
        assert code in (1, 2) and not out and not (folder / "r.json").exists()
        for word in words:
            assert word in err, err
        return err

    county = folder / "县目录" / "某市" / "甲县"
    rules = (county / "rules.rules").read_text("utf-8")
    (county / "rules.rules").write_text(rules.replace("户数 > 5 户", "户数 > 5 亩"), encoding="utf-8")
    refused("“甲县”的层（县目录/某市/甲县）读不进来：错误 1 条", "rules.rules:3")
    (county / "rules.rules").write_text(rules, encoding="utf-8")
    # A second layer of the county that does not know the first.
    other = write_layer(folder / "县目录" / "另一份", "提示 甲提示\n  当 停产\n  说 “甲”\n", "X9", "甲县", "../../省")
    refused("“甲县”有几层", "县目录/另一份、县目录/某市/甲县")
    # One that extends it is the county's.
    manifest = (other / "layer.yaml").read_text("utf-8").replace("../../省", "../某市/甲县")
    (other / "layer.yaml").write_text(manifest, encoding="utf-8")
    assert outcome(f"{EACH} --json", capsys)[0] == 3
    (other / "layer.yaml").write_text(manifest.replace("id: X9", "id: X1"), encoding="utf-8")
    refused("编号都是 X1")
    (other / "layer.yaml").write_text("id: X9\n", encoding="utf-8")
    refused("县目录/另一份/layer.yaml")


@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx", "folder"])
def test_what_is_wrong_with_a_layer_is_told_before_a_long_ledger_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    rows = [
        {
            "编号": str(n),
            "所在县": "戊县",
            "类型": f"甲县和别处{hashlib.sha256(bytes([n % 256, n // 256])).hexdigest()}",
        }
        for n in range(9_000)
    ]
    path = folder / "长"

    def ledger_of(county: str) -> Path:
        records = [*rows, {"编号": "末", "所在县": county, "类型": "养殖"}]
        table = [["编号", "所在县", "类型"], *([one[name] for name in ("编号", "所在县", "类型")] for one in records)]
        if kind == "jsonl":
            return write_records(path.with_suffix(".jsonl"), records)
        if kind == "xlsx":
            write_workbook(path.with_suffix(".xlsx"), [SheetPlan("项目", tuple(table[0]), table[1:])])
            return path.with_suffix(".xlsx")
        path.mkdir(exist_ok=True)
        place = path / "项目.csv" if kind == "folder" else path.with_suffix(".csv")
        place.write_text("".join(f"{','.join(row)}\n" for row in table), encoding="gb18030")
        return path if kind == "folder" else place

    rules = folder / "县目录" / "某市" / "甲县" / "rules.rules"
    rules.write_text(rules.read_text("utf-8").replace("户数 > 5 户", "户数 > 5 亩"), encoding="utf-8")
    reading: list[str] = []
    whole = Policy.read

    def noted(self: Policy, source: Any, **how: Any) -> Any:
        reading.append(capsys.readouterr().err)
        return whole(self, source, **how)

    monkeypatch.setattr(Policy, "read", noted)
    told = "“甲县”的层（县目录/某市/甲县）读不进来：错误 1 条"
    # A piece may end right behind the name.
    monkeypatch.setattr(counties, "_PIECE", 97)
    code, out, err = outcome(f"evaluate 省 {ledger_of('甲县').name} --each 所在县=县目录", capsys)
    assert (code, out) == (1, "") and told in err and "rules.rules:3" in err
    assert told in reading[0] and "policyrules check 县目录/某市/甲县" in reading[0]
    # One that is only spoken of within other words is not needed.
    code, out, err = outcome(f"evaluate 省 {ledger_of('乙县').name} --each 所在县=县目录 --json", capsys)
    assert code in (0, 3) and "甲县" not in [one["value"] for one in json.loads(out)["each"]["stacks"]]
    # One that stands in another column is told, and not needed either.
    reading.clear()
    rows[0]["类型"] = "甲县"
    code, out, err = outcome(f"evaluate 省 {ledger_of('乙县').name} --each 所在县=县目录 -o 结果.csv", capsys)
    assert code in (0, 3) and told in reading[0] and "rules.rules:3" not in err


def test_layers_beside_the_named_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_layer(folder / "别处" / "省", WORLD, "BIE", "别省")
    write_layer(folder / "别处" / "乙县", LAYERS["乙县"], "YI", "乙县", "../省")
    code, _, err = outcome(EACH.replace("县目录", "别处"), capsys)
    assert code == 2 and "“乙县”的层（别处/乙县）不在 省 之下" in err, err
    # A field that is declared otherwise, and a decision of another kind.
    county = folder / "县目录" / "某市" / "丁县" / "rules.rules"
    county.write_text("决定 去向（way）：多选 { 留、退 }\n规则 退的\n  当 停产\n  则 去向 为 退\n", encoding="utf-8")
    code, _, err = outcome(EACH, capsys)
    assert code == 2 and "“丁县”的决定 去向 与别的不是一类" in err and "policyrules evaluate 县目录/某市/丁县" in err
    county.write_text("对象 项目\n  字段 验收（accepted）：文本\n", encoding="utf-8")
    other = folder / "县目录" / "某市" / "甲县" / "rules.rules"
    other.write_text("对象 项目\n  字段 验收（accepted）：是否\n", encoding="utf-8")
    code, _, err = outcome(EACH, capsys)
    assert code == 2 and "“丁县”的字段 项目.验收 与别的声明得不同" in err


def test_stacks_that_columns_do_not_hold(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two counties presume in a circle: no one program holds both, and each is what it is all the same."""
    pytest.importorskip("pyarrow")
    for county, text in (
        ("甲县", "推定 停产的\n  当 户数 = 0 户\n  则 停产 为 是\n"),
        ("丙县", "推定 户数的\n  当 停产\n  则 户数 为 1 户\n"),
    ):
        (folder / "县目录" / "某市" / county / "rules.rules").write_text(text, encoding="utf-8")
    code, out, err = outcome(f"{EACH} -o 结果.parquet", capsys)
    assert (code, out) == (2, "") and "互相引用成了一圈" in err and "甲县、丙县" in err and ".xlsx、.csv、.json" in err
    assert not (folder / "结果.parquet").exists()
    assert outcome(f"{EACH} --counts", capsys)[0] == outcome(EACH, capsys)[0] == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("所在县", "要写成 字段=文件夹"),
        ("=县目录", "要写成 字段=文件夹"),
        ("所在县=没有的", "没有文件夹“没有的”"),
        ("在县=县目录", "没有“在县”这个字段，是不是 所在县"),
        ("户数=县目录", "字段“户数”是整数"),
        ("所在县=空的", "里没有一层规则"),
    ],
)
def test_slips(folder: Path, capsys: pytest.CaptureFixture[str], given: str, said: str) -> None:
    (folder / "空的").mkdir()
    code, out, err = outcome(EACH.replace("所在县=县目录", given), capsys)
    assert (code, out) == (2, "") and said in err


def test_what_was_not_used_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A region that is spelled otherwise would go unseen."""
    write_records(folder / "台账.jsonl", [{**one, "所在县": "丙"} for one in ledger() if one.get("所在县") == "丙县"])
    code, out, err = outcome(EACH, capsys)
    assert code == 0 and "没有用到：丁县（县目录/某市/丁县）、丙县" in err
    assert "没有自己的层、按国家评的：丙 2（是不是 丙县？）" in "".join(out.split("\n"))
