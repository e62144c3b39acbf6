"""What commands write: never over an input, never over what is there unless asked, whole or not at all."""

from __future__ import annotations

import importlib
import json
import os
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.report.sample import NATION, PROVINCE, records

from policyrules.cli import run
from policyrules.testing.build import write_layers
from policyrules.writing import write_file, write_files

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_layers(tmp_path, NATION, PROVINCE)
    (tmp_path / "台账.json").write_text(json.dumps(records(), ensure_ascii=False), encoding="utf-8")
    (tmp_path / "原文.txt").write_text("一、总则\n\n这一句谁也没有登记。\n", encoding="utf-8")
    (tmp_path / "夹").mkdir()
    (tmp_path / "夹" / "项目.csv").write_text("编号,已形成\nP1,是\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "command",
    [
        "evaluate 1 台账.json -o 台账.json --force",
        "evaluate 1 台账.json -o ./夹/../台账.json --force",
        "evaluate 1 台账.json -o 软.json --force",
        "evaluate 1 台账.json -o 硬.json --force",
        "evaluate 1 软.json -o 台账.json --force",
        "evaluate 1 夹 -o 夹/项目.csv --force",
        "evaluate 1 夹 -o 夹/新.csv",
        "evaluate 1 夹 -o 夹外.csv --force",
        "evaluate 1 夹/项目.csv -o 夹/项目.csv --force",
        "compare 0 1 台账.json -o 台账.json --force",
        "compare 0 1 台账.json -o 软.json --force",
        "schema 1 -o 规则.json --force",
        "schema 1 -o 1/rules.rules --force",
        "coverage 1 --source 原文.txt --html 原文.txt --force",
        "coverage 1 --source 页.html --html 页.html --force",
        "template 1 -o 1/layer.yaml --force",
    ],
)
def test_an_input_is_never_written_over(stack: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    (stack / "软.json").symlink_to("台账.json")
    os.link(stack / "台账.json", stack / "硬.json")
    os.link(stack / "夹" / "项目.csv", stack / "夹外.csv")
    (stack / "规则.json").symlink_to("1/rules.rules")
    (stack / "页.html").write_text("原文。\n", encoding="utf-8")
    before = contents(stack)
    assert run(command.split()) == 2
    assert contents(stack) == before
    said = capsys.readouterr()
    assert said.out == "" and any(word in said.err for word in ("就是要读的", "在要读的文件夹", "是链接", "结尾"))


@pytest.mark.parametrize(
    ("command", "there"),
    [
        ("evaluate 1 台账.json -o 结果.xlsx", "结果.xlsx"),
        ("evaluate 1 台账.json -o 结果.json", "结果.json"),
        ("evaluate 1 台账.json -o 结果.csv", "结果.csv"),
        ("evaluate 1 台账.json -o 结果.csv", "结果_发现.csv"),
        ("evaluate 1 台账.json -o 结果.csv", "结果_未读入.csv"),
        ("compare 0 1 台账.json -o 比较.xlsx", "比较.xlsx"),
        ("compare 0 1 台账.json -o 比较.json", "比较.json"),
        ("schema 1 -o 格式.json", "格式.json"),
        ("template 1 -o 空白.xlsx", "空白.xlsx"),
        ("coverage 1 --source 原文.txt --html 对照.html", "对照.html"),
    ],
)
def test_what_is_there_is_written_over_when_asked_only(
    stack: Path, capsys: pytest.CaptureFixture[str], command: str, there: str
) -> None:
    (stack / there).write_bytes(b"remarks")
    before = contents(stack)
    assert run(command.split()) == 2
    assert contents(stack) == before
    assert f"{there} 已经有了" in (said := capsys.readouterr().err) and "--force" in said
    assert run([*command.split(), "--force"]) in (0, 1)
    assert (stack / there).read_bytes() != b"remarks"
    # Nothing is left over beside it.
    assert not [path for path in stack.rglob(".*")]


def test_a_side_file_that_is_a_folder_is_found_before_anything_is_written(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stack / "结果_发现.csv").mkdir()
    assert run(["evaluate", "1", "台账.json", "-o", "结果.csv", "--force"]) == 2
    assert "结果_发现.csv 是文件夹" in capsys.readouterr().err and not (stack / "结果.csv").exists()


def test_each_text_has_its_page(stack: Path) -> None:
    for name in ("二.txt", "三.txt"):
        (stack / name).write_text(f"{name}的一句话。\n", encoding="utf-8")
    sources = [word for name in ("原文.txt", "二.txt", "三.txt") for word in ("--source", name)]
    assert run(["coverage", "1", *sources, "--html", "页.html"]) == 1
    pages = [(stack / name).read_text(encoding="utf-8") for name in ("页.html", "页-L1.html", "页-L1-2.html")]
    assert "二.txt的一句话" in pages[1] and "三.txt的一句话" in pages[2]


@pytest.mark.parametrize(
    "command",
    [
        "evaluate 1 台账.json -o 结果.txt",
        "compare 0 1 台账.json -o 比较.html",
        "compare 0 1 台账.json -o 比较.csv",
        "compare 0 1 台账.json -o 比较",
        "schema 1 -o 格式.yaml",
        "template 1 -o 空白.csv",
        "template 1 -o 空白.xls",
        "coverage 1 --source 原文.txt --html 对照.pdf",
    ],
)
def test_a_suffix_that_is_not_written_is_refused(stack: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    before = contents(stack)
    assert run(command.split()) == 2
    assert "结尾" in capsys.readouterr().err and contents(stack) == before


def test_formatting_a_folder_writes_nothing_outside_it(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stack / "别处.rules").write_text("术语   甲 即 乙\n", encoding="utf-8")
    (stack / "0" / "链接.rules").symlink_to("../别处.rules")
    before = (stack / "别处.rules").read_bytes()
    assert run(["fmt", "-w", "0"]) == 1
    assert "0/链接.rules 错误[E384]" in capsys.readouterr().err and (stack / "别处.rules").read_bytes() == before
    # Named itself, it is meant.
    assert run(["fmt", "-w", "0/链接.rules"]) == 0
    assert (stack / "0" / "链接.rules").is_symlink() and (stack / "别处.rules").read_bytes() != before


def test_pipes_and_devices_are_not_written_to(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(stack / "管.json")
    assert run(["schema", "1", "-o", "管.json", "--force"]) == 2
    assert "管道或设备" in capsys.readouterr().err
    with pytest.raises(OSError):
        write_file(stack / "管.json", b"")
    assert stat.S_ISFIFO((stack / "管.json").stat().st_mode)


# ---- the comparison as a workbook -----------------------------------------------------------------------------------


def test_a_comparison_is_a_workbook(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "0", "1", "台账.json", "-o", "比较.xlsx", "--as-of", "2025-09-15"]) == 0
    said = capsys.readouterr()
    assert said.out == "" and "比较已写到 比较.xlsx" in said.err
    book = importlib.import_module("openpyxl").load_workbook(stack / "比较.xlsx")
    assert book.sheetnames == ["概要", "变化", "义务和提示", "引起变化的条文"]
    assert run(["compare", "0", "1", "台账.json", "--json", "--as-of", "2025-09-15"]) == 0
    data = json.loads(capsys.readouterr().out)
    header, *rows = book["变化"].iter_rows(values_only=True)
    assert header == ("编号", "名称", "县", "决定", "原结果", "现结果", "由什么引起")
    assert len(rows) == len(data["changes"]) > 0
    assert {(row[0], row[4], row[5]) for row in rows} == {
        (change["identity"], change["before"]["text"], change["after"]["text"]) for change in data["changes"]
    }
    assert book["义务和提示"].max_row == len(data["finding_changes"]) + 1
    assert book["变化"].freeze_panes == book["义务和提示"].freeze_panes == "C2"
    _, *provisions = book["引起变化的条文"].iter_rows(values_only=True)
    assert provisions and all("/" not in row[3] and row[3].rpartition(":")[2].isdigit() for row in provisions)
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert all(len(cell) <= 200 for cell in cells if isinstance(cell, str))


def test_a_comparison_as_json(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "0", "1", "台账.json", "-o", "比较.json"]) == 0
    assert json.loads((stack / "比较.json").read_text(encoding="utf-8"))["records"] == 5
    assert capsys.readouterr().out == ""


# ---- a disk that takes no more --------------------------------------------------------------------------------------


def limited(stack: Path, size: int, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process that may write no file larger than ``size``."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    environment: Mapping[str, str] = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "policyrules", *arguments]
    return subprocess.run(command, cwd=stack, env=environment, capture_output=True, check=False, preexec_fn=limit)


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("evaluate 1 台账.json -o 结果.xlsx --force", "结果.xlsx"),
        ("evaluate 1 台账.json -o 结果.json --force", "结果.json"),
        ("evaluate 1 台账.json -o 结果.csv --force", "结果.csv"),
        ("compare 0 1 台账.json -o 比较.xlsx --force", "比较.xlsx"),
        ("template 1 -o 空白.xlsx --force", "空白.xlsx"),
        ("schema 1 -o 格式.json --force", "格式.json"),
        ("coverage 1 --source 原文.txt --html 对照.html --force", "对照.html"),
        ("fmt 0/rules.rules -w", "0/rules.rules"),
        ("lock 1", "1/layer.lock"),
    ],
)
def test_a_full_disk_leaves_what_was_there(stack: Path, command: str, file: str) -> None:
    target = stack / file
    if file == "1/layer.lock":
        assert run(["lock", "1"]) == 0
    elif not target.exists():
        target.write_bytes(b"older")
    before = contents(stack)
    done = limited(stack, 10, *command.split())
    said = done.stderr.decode()
    assert done.returncode == 2 and "Traceback" not in said
    assert file in said and "文件超过系统允许的大小，没有写成，原来的文件没有动" in said
    assert contents(stack) == before


@pytest.mark.parametrize("command", ["new-layer", "new-trial"])
def test_a_folder_that_cannot_be_filled_is_not_left_behind(stack: Path, command: str) -> None:
    (stack / "有").mkdir()
    assert limited(stack, 100_000, command, "有/新/样", "--extends", "1").returncode == 0
    sizes = {path.name: path.stat().st_size for path in (stack / "有" / "新" / "样").iterdir()}
    shutil.rmtree(stack / "有" / "新")
    longest = max(sizes, key=lambda name: sizes[name])
    before = contents(stack), sorted(stack.rglob("*"))
    # No file fits, and all but the longest.
    for size, file in ((10, "layer.yaml"), (sizes[longest] - 1, longest)):
        done = limited(stack, size, command, "有/新/层", "--extends", "1")
        assert done.returncode == 2
        said = f"有/新/层/{file}：文件超过系统允许的大小，没有写成，原来的文件没有动"
        assert done.stderr.decode().splitlines()[-1] == said
        assert (contents(stack), sorted(stack.rglob("*"))) == before
    assert limited(stack, 100_000, command, "有/新/层", "--extends", "1").returncode == 0
    assert {path.name for path in (stack / "有" / "新" / "层").iterdir()} == {*sizes}


def test_fingerprints_on_a_full_disk(stack: Path) -> None:
    table = stack / "1" / "clauses.yaml"
    table.write_text(
        "clauses:\n- {id: L1-1, place: 二（三）升级类, summary: 升级, kind: classification, decides: true, "
        "starts: 但产业, ends: 不完整。}\n- {id: L1-2, place: 二（三）盘活类, summary: 盘活, kind: classification, "
        "decides: true}\n- {id: L1-3, place: 五·反向, summary: 反向, kind: intake, decides: true}\n"
        "- {id: L1-4, place: 三·展会, summary: 展会, kind: measure, decides: true}\n",
        encoding="utf-8",
    )
    (stack / "原文.txt").write_text("但产业链条不完整。\n", encoding="utf-8")
    before = contents(stack)
    done = limited(stack, 10, "coverage", "1", "--source", "原文.txt", "--write-hashes")
    assert done.returncode == 2 and "clauses.yaml：文件超过系统允许的大小" in done.stderr.decode()
    assert contents(stack) == before


# ---- the writer -----------------------------------------------------------------------------------------------------


def test_mode_and_link_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "甲.json", tmp_path / "乙.json"
    target.write_bytes(b"older")
    target.chmod(0o640)
    link.symlink_to("甲.json")
    write_file(link, b"newer")
    assert link.is_symlink() and target.read_bytes() == b"newer" and stat.S_IMODE(target.stat().st_mode) == 0o640
    write_file(link, b"own", follow=False)
    assert not link.is_symlink() and (link.read_bytes(), target.read_bytes()) == (b"own", b"newer")


def test_a_new_file_has_the_mode_of_any_other(tmp_path: Path) -> None:
    (tmp_path / "别的").write_bytes(b"")
    write_file(tmp_path / "新", b"")
    assert (tmp_path / "新").stat().st_mode == (tmp_path / "别的").stat().st_mode


def test_files_that_belong_together_are_written_all_or_none(tmp_path: Path) -> None:
    (tmp_path / "一").write_bytes(b"older")
    with pytest.raises(OSError) as caught:
        write_files([(tmp_path / "一", b"newer"), (tmp_path / "无此夹" / "二", b"newer")])
    assert caught.value.filename == str(tmp_path / "无此夹" / "二")
    assert contents(tmp_path) == {"一": b"older"}


def test_an_interrupt_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(handle: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "一").write_bytes(b"older")
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "一", b"newer")
    assert contents(tmp_path) == {"一": b"older"}


def test_the_county_of_a_comparison_stands_in_one_column() -> None:
    from policyrules.analysis.compare import compare
    from policyrules.records.ledger import LedgerRecord
    from policyrules.report.comparison_sheets import comparison_sheets
    from policyrules.testing.build import policy_from_text

    text = (
        "对象 县（county）\n  字段 县名（county_name）：文本\n"
        "对象 项目（project） 属于 县 标识 编号\n  字段 编号（id）：文本\n  字段 所在县（in_county）：文本\n  字段 停产（stopped）：是否\n"
        "决定 类（kind）：单选 {{ 上 }}\n规则 上类\n  当 停产 为 {0}\n  则 类 为 上\n"
    )
    before, after = (policy_from_text(text.format(word)) for word in ("是", "否"))
    given = [{"编号": "1", "停产": True, "所在县": "甲县"}, {"编号": "2", "停产": True, "县": {"县名": "乙县"}}]
    records = [LedgerRecord(after.instance(one), str(one["编号"])) for one in given]
    sheet = comparison_sheets(compare(before, after, given), records, ())[1]
    assert sheet.header[:3] == ("编号", "名称", "县") and "所在县" not in sheet.header
    assert [row[2] for row in sheet.rows] == ["甲县", "乙县"]
