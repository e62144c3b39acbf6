"""Commands in surroundings that are not what they expect: closed streams, other encodings, other locales, impatience."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.report.sample import NATION, PROVINCE, records

from policyrules import __version__
from policyrules.cli import run
from policyrules.language import scan
from policyrules.testing.build import write_layers

ROOT = Path(__file__).resolve().parents[2]
NAMED = NATION.replace("  字段 论证", "  字段 项目名称（project_name）：文本\n  字段 论证")


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_layers(tmp_path, NAMED, PROVINCE)
    names = ("香菇大棚二期", "香菇大棚一期", "果园", "果园", "光伏")
    ledger = [{**record, "项目名称": name} for record, name in zip(records(), names, strict=True)]
    (tmp_path / "台账.json").write_text(json.dumps(ledger, ensure_ascii=False), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def shell(stack: Path, script: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A line of shell; ``$P`` is the command."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8", **environment}
    settings["P"] = f"{sys.executable} -m policyrules"
    settings = {name: value for name, value in settings.items() if value}
    return subprocess.run(["sh", "-c", script], cwd=stack, env=settings, capture_output=True, check=False)


# ---- streams --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize("command", ["evaluate 1 台账.json", "evaluate 1 台账.json --json", "check 没有", "fmt 1"])
def test_closed_streams(stack: Path, closed: str, command: str) -> None:
    done = shell(stack, f"$P {command} {closed}")
    assert done.returncode in (0, 1) and b"Traceback" not in done.stderr and "内部出错" not in done.stderr.decode()


def test_results_are_written_with_every_stream_closed(stack: Path) -> None:
    assert shell(stack, "$P evaluate 1 台账.json -o 结果.json >&- 2>&- <&-").returncode == 0
    assert len(json.loads((stack / "结果.json").read_text(encoding="utf-8"))["results"]) == 5


@pytest.mark.parametrize("command", ["evaluate 1 台账.json", "evaluate 1 台账.json --json", "fmt 1", "schema 1"])
def test_a_stream_that_takes_nothing_more(stack: Path, command: str) -> None:
    done = shell(stack, f"$P {command} > /dev/full")
    said = done.stderr.decode()
    # Of a screen nothing was there before.
    assert (
        done.returncode == 2
        and "磁盘已满" in said
        and "原来的文件" not in said
        and "No space" not in said
        and "Exception" not in said
    )


@pytest.mark.parametrize(
    "command", ["evaluate 1 少见.json --json", "schema 1", "fmt 1", "explain 1 少见.json P𠀀1 --json"]
)
def test_what_programs_read_is_utf_8_whatever_the_locale(stack: Path, command: str) -> None:
    """JSON and rule text lose nothing, and ids stay what they are."""
    ledger = [{"编号": "P𠀀1", "已形成": True}, {"编号": "P🍄"}]
    (stack / "少见.json").write_text(json.dumps(ledger), encoding="utf-8")
    plain = shell(stack, f"$P {command}")
    for encoding in ("ascii", "gbk", "latin-1", "utf-16"):
        other = shell(stack, f"$P {command}", PYTHONIOENCODING=encoding)
        assert plain.returncode == other.returncode == 0
        assert plain.stdout == other.stdout
    if command.startswith("evaluate"):
        assert [record["identity"] for record in json.loads(plain.stdout)["records"]] == ["P𠀀1", "P🍄"]


def test_reports_escape_what_the_encoding_lacks(stack: Path) -> None:
    (stack / "少见.json").write_text(json.dumps([{"编号": "P𠀀1"}]), encoding="utf-8")
    done = shell(stack, "$P explain 1 少见.json", PYTHONIOENCODING="gbk")
    assert done.stdout.decode("gbk").startswith("P\\U000200001")


def test_a_pure_c_locale(stack: Path) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}
    done = shell(stack, "$P evaluate 1 台账.json -o 结果.csv --set 反向数量=1", **ascii_only)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in stack.glob("结果*")} == {
        "结果.csv",
        "结果_发现.csv",
        "结果_缺项.csv",
        "结果_未读入.csv",
        "结果_要处理.csv",
        "结果_逐项结果.csv",
    }
    assert shell(stack, "$P explain 1 台账.json 香菇大棚二期 --only 分类", **ascii_only).returncode == 0
    done = shell(stack, "$P new-layer 新层 --title 标题 && $P check 新层", **ascii_only)
    assert done.returncode == 0 and '标题: "标题"' in (stack / "新层" / "layer.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("place", ["policyrules.cli", "lark", "policyrules.cli.ledgers"])
def test_an_early_interrupt(stack: Path, place: str) -> None:
    """While modules are still read, as in the first second."""
    script = f"""
import os, signal, sys
class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == {place!r}:
            os.kill(os.getpid(), {int(signal.SIGINT)})
sys.meta_path.insert(0, Impatient())
sys.argv = ["policyrules", "evaluate", "1", "台账.json"]
from policyrules.__main__ import main
sys.exit(main())
"""
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", script], cwd=stack, env=settings, capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (130, "已中断\n")


def _struck(
    folder: Path, command: str, stop: signal.Signals, before: signal.Handlers
) -> subprocess.CompletedProcess[bytes]:
    """A command to which a signal comes while it writes; ``before``: what it does at the start of the process, whatever
    it does in ours (`nohup` ignores it)."""
    script = f"""
import os, sys
real = os.fsync
def ended(handle):
    os.kill(os.getpid(), {int(stop)})
    real(handle)
os.fsync = ended
sys.argv = ["policyrules", *{command.split()!r}]
from policyrules.__main__ import main
sys.exit(main())
"""
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8", "POLICYRULES_CACHE": "off"}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=settings,
        capture_output=True,
        check=False,
        preexec_fn=lambda: signal.signal(stop, before),
    )


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("evaluate 1 台账.json -o 旧.json --force", "旧.json"),
        ("schema 1 -o 旧.json --force", "旧.json"),
        ("template 1 -o 旧.xlsx --force", "旧.xlsx"),
        ("fmt -w 1", "1/规则.rules"),
        ("new-layer 新 --extends 1", "旧.json"),
    ],
)
def test_whoever_ends_a_command_that_writes_finds_everything_as_it_was(
    stack: Path, stop: signal.Signals, command: str, file: str
) -> None:
    """The signal comes when what is to be written stands beside its place."""
    if file.startswith("旧"):
        (stack / file).write_bytes(b"old")
    else:
        (stack / "1").joinpath("规则.rules").write_text("术语 甲  即 已形成\n", encoding="utf-8")
    before = {path: path.read_bytes() for path in sorted(stack.rglob("*")) if path.is_file()}
    done = _struck(stack, command, stop, signal.SIG_DFL)
    said = done.stderr.decode()
    assert done.returncode == 128 + stop and said.splitlines()[-1] == "已中断" and "Traceback" not in said
    assert {path: path.read_bytes() for path in sorted(stack.rglob("*")) if path.is_file()} == before


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_command_that_is_to_outlive_its_terminal_does(stack: Path) -> None:
    """As nohup has it: who ignored the signal before goes on."""
    done = _struck(stack, "schema 1 -o 新.json", signal.SIGHUP, signal.SIG_IGN)
    assert done.returncode == 0 and (stack / "新.json").is_file()


# ---- nothing that can be read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["[{", "[]", '[{"编号": 1, "已形成": "也许"}]', "\x00"])
@pytest.mark.parametrize("command", ["evaluate 1 坏.json", "explain 1 坏.json", "compare 0 1 坏.json"])
def test_nothing_read_is_json_where_json_was_asked_for(
    stack: Path, capsys: pytest.CaptureFixture[str], text: str, command: str
) -> None:
    (stack / "坏.json").write_text(text, encoding="utf-8")
    assert run([*command.split(), "--json"]) == 2
    said = capsys.readouterr()
    data = json.loads(said.out)
    assert said.err == "" and data["records"] == [] and (data["problems"] or data["notes"])
    assert run(command.split()) == 2
    said = capsys.readouterr()
    assert said.out == "" and "坏.json" in said.err


def test_a_text_that_grows_past_the_limit_is_not_formatted(
    stack: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = stack / "大.rules"
    file.write_text("".join(f"术语 甲{number} 即 乙\n" for number in range(40)), encoding="utf-8")
    monkeypatch.setattr(scan, "MAX_BYTES", file.stat().st_size + 10)
    before = file.read_bytes()
    assert run(["fmt", "-w", "大.rules"]) == 1
    assert "整理以后文件有" in capsys.readouterr().err and file.read_bytes() == before


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (["evaluate", "1", "a" * 300], "名称太长"),
        (["evaluate", "1", "台账.json", "-o", "a" * 300 + ".json"], "名称太长"),
        (["schema", "1", "-o", "圈.json", "--force"], "链接绕成了圈"),
        (["lock", "圈"], "圈/layer.yaml 错误[E382]：这个文件读不出来"),
        (["fmt", "空"], "空 里没有规则文件"),
        (["evaluate", "0", "台账.json", "--set", "无此=1"], "这套规则没有参数"),
    ],
)
def test_errors_of_the_system_are_in_chinese(
    stack: Path, capsys: pytest.CaptureFixture[str], command: list[str], answer: str
) -> None:
    (stack / "圈.json").symlink_to("圈.json")
    (stack / "空").mkdir()
    (stack / "圈").mkdir()
    (stack / "圈" / "layer.yaml").symlink_to("layer.yaml")
    if "无此=1" in command:
        write_layers(stack, NATION[: NATION.index("参数")])
    assert run(command) in (1, 2)
    said = capsys.readouterr().err
    assert answer in said and "File name" not in said and "Too many" not in said


@pytest.mark.parametrize(
    "command", [["schema", "1", "-o", "甲\x00.json"], ["new-layer", "甲\x00"], ["check", "甲\x00"]]
)
def test_no_name_holds_a_null_character(stack: Path, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    assert run(command) == 2
    assert "参数里有空字符" in capsys.readouterr().err


# ---- words of the command line --------------------------------------------------------------------------------------


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith(f"policyrules {__version__}（规则语言第 2 版；Python 3.")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("evaluate 台账.json 1", "改为：policyrules evaluate 1 台账.json"),
        ("explain 台账.json 1", "改为：policyrules explain 1 台账.json"),
        ("compare 台账.json 0 1", "改为：policyrules compare 0 1 台账.json"),
        ("compare 0 台账.json 1", "改为：policyrules compare 0 1 台账.json"),
        ("compare 0 台账.json", "缺少参数“现在的层”：在它的位置上写的“台账.json”是文件；应有：原来的层 现在的层 台账"),
    ],
)
def test_words_in_the_wrong_order(stack: Path, capsys: pytest.CaptureFixture[str], command: str, answer: str) -> None:
    assert run(command.split()) == 2
    assert answer in capsys.readouterr().err


def test_a_project_by_its_name(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "1", "台账.json", "香菇大棚二期"]) == 0
    assert capsys.readouterr().out.startswith("P1　香菇大棚二期")
    for name, answer in (
        ("果园", "有 2 个项目叫“果园”，写上项目编号：P3、P4"),
        ("香菇大棚二", "是不是 P1（香菇大棚二期）"),
        ("光", "是不是 P5（光伏）"),
        ("没有的", "没有编号或名称为“没有的”的项目"),
    ):
        assert run(["explain", "1", "台账.json", name]) == 2
        assert answer in capsys.readouterr().err


def test_only_says_that_and_why_something_does_not_apply(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, answers in (
        ("严格论证", ("不适用  义务 严格论证", "当 分类 为 盘活（分类：升级）　否")),
        ("入库", ("不适用：入库", "非 已形成　否")),
    ):
        assert run(["explain", "1", "台账.json", "P1", "--only", name]) == 0
        out = capsys.readouterr().out
        assert all(answer in out for answer in answers)
    for name in ("资产去向", "asset_path"):
        assert run(["explain", "1", "台账.json", "P4", "--only", name]) == 0
        assert "资产去向 不适用：这个项目没有它所说的资产" in capsys.readouterr().out


def test_only_says_what_else_a_name_is(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = stack / "1" / "rules.rules"
    past = "提示 从前的\n  当 已形成\n  说 “从前”\n  至 2020年1月1日 止\n"
    rules.write_text(rules.read_text(encoding="utf-8") + past, encoding="utf-8")
    for name, answer in (
        ("升级类", "它是一条规则，得出的是“分类”；写 --only 分类"),
        ("升级", "它是“分类”的一个值；写 --only 分类"),
        ("链条", "它是项目的字段"),
        ("资产", "它是对象"),
        ("反向数量", "它是参数"),
        ("从前的", "有这条提示，评估日 2025-09-15 不在有效期内或已经停用，没有用上"),
        ("分累", "是不是 分类？"),
        ("没有的名称", "有哪些，见 policyrules list 1"),
        ("分类、升级类", "没有叫“升级类”的"),
        ("、", "--only 后面要写一个"),
    ):
        assert run(["explain", "1", "台账.json", "P1", "--as-of", "2025-09-15", "--only", name]) == 2
        assert answer in capsys.readouterr().err, name
    assert run(["explain", "1", "台账.json", "P1", "--as-of", "2025-09-15", "--only", "分类、入库", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["decisions"]) == ["分类", "入库"]


def test_only_holds_for_json_too(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "1", "台账.json", "P1", "--only", "category", "--only", "严格论证", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert list(data["decisions"]) == ["分类"] and [one["name"] for one in data["findings"]] == ["严格论证"]
    assert [reason["text"] for reason in data["explanation"]["reasons"]] == ["分类", "义务 严格论证"]
    assert all(list(upper["decisions"]) == ["分类"] for upper in data["upper"])
