"""Nothing that somebody wrote into a file, a name or an argument reaches a terminal as anything but characters.

Every command is given files, names and arguments that hold control characters, line ends and marks that turn the
direction of a text; what comes out is compared with what may come out, line by line.
"""

from __future__ import annotations

import importlib
import io
import json
import re
import sys
from pathlib import Path

import pytest
from tests.report.sample import NATION, PROVINCE, records

from policyrules.cli import run
from policyrules.diagnostics import Diagnostic, render
from policyrules.report.layout import Piece
from policyrules.report.terminal import Screen, write_data
from policyrules.source import Source, Span
from policyrules.testing.build import write_layers
from policyrules.text import printable

EVIL = "甲\x1b[2J\x1b]0;pwn\x07\x9b2J\u202e\u2066\u200b\r\n伪造的一行\x85\u2028\x7f\x00\ud800"
NAME = "甲\x1b[2J\x07\u202e\r\n伪造的一行"
"""What a file may be called."""


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_layers(tmp_path, NATION, PROVINCE)
    (tmp_path / "台账.json").write_text(json.dumps(records(), ensure_ascii=False), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command wrote, every character of which a terminal may show."""
    run(list(arguments))
    captured = capsys.readouterr()
    text = captured.out + captured.err
    odd = sorted({char for char in text if not char.isprintable() and char not in "\n\u3000"})
    assert not odd, f"{odd} in {text!r}"
    assert "\n伪造" not in text
    return text


def odd_ledger(stack: Path, kind: str) -> str:
    if kind == "xlsx":
        openpyxl = importlib.import_module("openpyxl")
        book = openpyxl.Workbook()
        book.active.title = "项目"
        for row in (
            ["编号", "已形成", "甲\u202e乙\n伪造的列"],
            ["P1", "也许\u202e", 1],
            [EVIL[4:5] + "P2\n伪造", "是", 2],
        ):
            book.active.append([value.replace("\x1b", "") if isinstance(value, str) else value for value in row])
        book.create_sheet("表\u202e\u2066单").append(["甲"])
        book.save(stack / "台账.xlsx")
        return "台账.xlsx"
    record = {
        "key": {"编号": "P1", EVIL: 1},
        "identity": {"编号": EVIL, "已形成": True},
        "name": {"编号": "P1", "已形成": True, "项目名称": EVIL, "名称": EVIL, "类型": EVIL},
        "value": {"编号": EVIL, "已形成": EVIL, "闲置": EVIL},
        "enum": {"编号": "P1", "链条": EVIL, "资产": [{"闲置起始日": EVIL, EVIL: EVIL}], "县": {"县名": EVIL, EVIL: 1}},
    }[kind]
    file = stack / "怪.json"
    file.write_text(json.dumps([record, {"编号": "P7", "已形成": True}]), encoding="utf-8")
    return "怪.json"


@pytest.mark.parametrize("kind", ["key", "identity", "name", "value", "enum", "xlsx"])
def test_ledgers(stack: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    ledger = odd_ledger(stack, kind)
    for command in (["evaluate", "1"], ["evaluate", "1", "--list"], ["explain", "1"], ["compare", "0", "1", "--all"]):
        name, *others = command
        said(capsys, name, *[o for o in others if o[0] != "-"], ledger, *[o for o in others if o[0] == "-"])
    for identity in ("P1", EVIL.replace("\ud800", "").replace("\x00", "")):
        said(capsys, "explain", "1", ledger, identity, "--full")


def test_a_name_is_one_line_in_the_heading(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = [{"编号": "P1", "项目名称": "甲\n  分类  盘活\r", "已形成": False}]
    (stack / "名.json").write_text(json.dumps(ledger, ensure_ascii=False), encoding="utf-8")
    assert said(capsys, "explain", "0", "名.json").startswith("P1　甲   分类  盘活\n")
    # What programs read keeps it.
    run(["evaluate", "0", "名.json", "-o", "结果.json"])
    assert "甲\\n" not in said(capsys, "evaluate", "0", "名.json")


@pytest.mark.parametrize("file", ["rules.rules", "layer.yaml", "clauses.yaml"])
def test_texts_of_a_layer(stack: Path, capsys: pytest.CaptureFixture[str], file: str) -> None:
    path = stack / "1" / file
    text = path.read_text(encoding="utf-8")
    for place in (0, len(text) // 2, len(text)):
        evil = EVIL.replace("\ud800", "")
        path.write_text(text[:place] + evil + text[place:], encoding="utf-8", newline="")
        for command in (["check", "1"], ["evaluate", "1", "台账.json"], ["fmt", "1"], ["lock", "1"], ["coverage", "1"]):
            said(capsys, *command)


def test_names_of_files_and_folders(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stack / "1" / f"{NAME}.rules").write_text("规则 甲\n  当 （", encoding="utf-8")
    text = said(capsys, "check", "1")
    assert "�[2J" in text
    said(capsys, "fmt", "1")
    (stack / "1" / f"{NAME}.rules").unlink()
    (stack / "1").rename(stack / NAME)
    (stack / f"{NAME}.json").write_text("[{", encoding="utf-8")
    (stack / f"{NAME}.txt").write_text("原文。\n", encoding="utf-8")
    for command in (
        ["check", NAME, f"{NAME}没有"],
        ["evaluate", NAME, "台账.json"],
        ["evaluate", NAME, f"{NAME}.json"],
        ["evaluate", f"{NAME}.json", NAME],
        ["evaluate", NAME, "台账.json", "-o", f"{NAME}.csv"],
        ["evaluate", NAME, "台账.json", "-o", f"{NAME}.csv"],
        ["compare", "0", NAME, "台账.json", "-o", f"{NAME}.xlsx"],
        ["coverage", NAME, "--source", f"{NAME}.txt", "--html", f"{NAME}.html"],
        ["lock", NAME],
        ["schema", NAME, "-o", f"{NAME}.结果.json"],
        ["new-layer", f"{NAME}新", "--extends", NAME, "--id", "GX"],
        ["test", NAME],
        ["mutate", NAME, "--file", NAME],
    ):
        said(capsys, *command)


def test_arguments(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (
        ["check", "1", "--as-of", NAME],
        ["check", "1", "--set", NAME],
        ["check", "1", "--set", f"{NAME}=1"],
        ["check", "1", "--set", f"反向数量={NAME}"],
        ["explain", "1", "台账.json", "P1", "--only", NAME],
        ["explain", "1", "台账.json", NAME],
        ["evaluate", "1", NAME],
        ["evaluate", "1", "台账.json", "-o", NAME],
        ["compare", "0", "1", "台账.json", "--set", f"{NAME}=1"],
        ["coverage", "1", "--source", "台账.json", "--layer", NAME],
        ["new-layer", "新", "--level", NAME],
        ["mutate", "1", "--sample", NAME],
        ["check", "1", f"--{NAME}"],
        [NAME],
    ):
        said(capsys, *command)


def test_an_excerpt_does_not_print_what_it_complains_of() -> None:
    source = Source("甲\x1b[2J.rules", "规则 甲\x1b[2J乙\u202e丙\n")
    text = render(Diagnostic("E103", "这里有\x1b", Span(source, 4, 5), remedy="改\n法"))
    assert text.splitlines()[1:] == ["    1 │ 规则 甲�[2J乙�丙", "      │        ^", "   改法：改", "      法"]
    assert printable(text.replace("\n", "")) == text.replace("\n", "")


def test_a_very_long_name_is_cut_in_a_message() -> None:
    text = render(Diagnostic("E201", f"没有名为 {'甲' * 150_000} 的字段", None))
    assert len(text) < 1_100 and "…" in text


class _Terminal(io.StringIO):
    encoding = "gbk"

    def isatty(self) -> bool:
        return True


def test_json_on_a_terminal_keeps_the_data_and_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    data = {"甲\x9b2J\u202e": "P𠀀1\x7f\n"}
    write_data(json.dumps(data, ensure_ascii=False), escape=True)
    text = terminal.getvalue()
    assert text.isprintable() and json.loads(text) == data and "甲" in text and "𠀀" not in text


@pytest.mark.parametrize("colour", ["", "1"])
def test_colours_are_all_that_moves(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], colour: str
) -> None:
    monkeypatch.setenv("FORCE_COLOR", colour)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    Screen().show([(Piece(NAME, "bad"), Piece(EVIL.replace("\ud800", ""), "name"))])
    out = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert out.count("\n") == 1 and out.rstrip("\n").isprintable()


def test_a_message_is_one_line_whatever_it_quotes() -> None:
    diagnostic = Diagnostic("E664", "前面没有叫“甲: {乙: 1}\n”的基础记录\x1b[2J")
    assert diagnostic.message == "前面没有叫“甲: {乙: 1} ”的基础记录�[2J"
