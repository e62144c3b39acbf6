"""Junk arguments and files for the command line: an exit code from 0 to 3, and no trace.

    python -m tests.fuzz.commands --count 2000 --seed 1

Everything happens two folders deep in a temporary folder, so that ``..`` stays inside it.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

from policyrules.cli import run
from policyrules.testing.build import write_layers

from . import corpus, mutate
from .running import Fault, Trial, command_line, run_trials

COMMANDS: tuple[str, ...] = (
    "check", "evaluate", "explain", "compare", "test", "schema", "template", "coverage", "fmt", "lock", "new-layer", "check", "evaluate", "explain",
    "list", "export-table", "import-table", "mutate", "impact", "impact", "diff", "new-trial", "chek", "", "--help", "help", "--version",
)  # fmt: skip
OPTIONS: tuple[str, ...] = (
    "--json", "--json", "--as-of", "--set", "--strict", "--list", "-o", "--output", "--force", "--only", "--full", "--all", "--source", "--verbose", "--check", "--help",
    "-h", "--", "-x", "--as-of=2025-09-15", "--set=数量线=5", "--nope", "-", "--by", "--money", "--sweep", "--dates", "--also", "--set-old", "--set-new", "--decision",
)  # fmt: skip
OPERANDS: tuple[str, ...] = (
    "0", "1", "1", "1", "坏", "坏yaml", "空", "没有", "..", ".", "", " ", "1/rules.rules", "1/layer.yaml", "台账.json", "台账.json", "台账.jsonl", "坏.json", "坏.csv", "坏.xlsx",
    "台账.pdf", "空.json", "情形.scenario.yaml", "坏.scenario.yaml", "甲", "P1", "\ud800", "\x00", "a" * 300, "甲" * 100, "结果.json", "结果.csv", "结果.xlsx", "结果.txt",
    "/不存在/结果.json", "子/结果.json", "2025-09-15", "2025-02-30", "2025年9月15日", "去年", "数量线=5", "数量线=nan", "数量线=5 个", "数量线", "=", "停产读法=宽", "无此=1",
    "分类", "无此决定", "项目.csv", "1\n2", "[bold]", "{}", "%s", "变动.html", "变动.xlsx", "变动.json", "自动", "数量线", "数量线=0..9", "户数=3..1", "2025-09-15,2026-09-15", "乙=1", "乙=试",
)  # fmt: skip

_RECORDS = '[{"项目编号": "甲", "停产": true, "建成日": "2022-01-01", "资产": [{"资产编号": "一"}]}, {"项目编号": "P1"}, {"项目编号": "坏", "户数": "很多"}]'
_BESIDE = """\
对象 项目（project） 标识 项目编号
  字段 项目编号（project_id）：文本
  字段 停产（stopped）：是否
决定 分类：单选 { 停、开 }
规则 停的
  当 停产
  则 分类 为 停
"""
_TRIAL = "类别: 试验\n编号: SY\n标题: 试\n上级: ../1\n变动: L1\n"
_EDITS = """\
改 修订 升级类
  还须 难点 且 户数 ≥ {线 = 3 户}
新增 规则 都归盘活
  当 停产
  则 分类 为 盘活
去掉 设定 数量线
"""
_SCENARIOS = "政策: ./1\n评估日: 2025-09-15\n情形:\n  - 名称: 甲\n    记录: {项目编号: 甲, 停产: 是, 建成日: 2022-01-01}\n    预期: {分类: 盘活}\n"


def furnish(folder: Path, random: Random) -> Path:
    """The working folder: a sound stack, broken ones, ledgers sound and broken."""
    work = folder / "甲" / "乙"
    work.mkdir(parents=True)
    write_layers(work, *("".join(texts) for texts in corpus.SMALL))
    for name in ("坏", "坏yaml"):
        (work / name).mkdir()
        for member in ("layer.yaml", "clauses.yaml", "rules.rules"):
            data = (work / "0" / member).read_bytes()
            spoiled = member.endswith("rules") if name == "坏" else not member.endswith("rules")
            (work / name / member).write_bytes(mutate.mutate_bytes(random, data) if spoiled else data)
    # A county that extends the lowest layer and a document beside it.
    (work / "旁").mkdir()
    for member in ("layer.yaml", "clauses.yaml"):
        data = (work / "0" / member).read_text(encoding="utf-8").replace("L0", "P0")
        (work / "旁" / member).write_text(data, encoding="utf-8")
    (work / "旁" / "规则.rules").write_text(_BESIDE, encoding="utf-8")
    (work / "并").mkdir()
    lowest = (work / "1" / "layer.yaml").read_text(encoding="utf-8").replace("L1", "Q1")
    lowest = re.sub("(?m)^extends:.*$", "extends: [../1, ../旁]", lowest)
    (work / "并" / "layer.yaml").write_text(lowest, encoding="utf-8")
    (work / "并" / "clauses.yaml").write_bytes((work / "1" / "clauses.yaml").read_bytes().replace(b"L1", b"Q1"))
    (work / "分档.csv").write_text("总投资,链条,档次\n< 10 万元,—,低\n≥ 10 万元,—,高\n", encoding="utf-8")
    for name, spoil in (("试", False), ("坏试", True)):
        (work / name).mkdir()
        for member, text in (("layer.yaml", _TRIAL), ("试.rules", _EDITS)):
            data = text.encode()
            (work / name / member).write_bytes(mutate.mutate_bytes(random, data) if spoil else data)
    (work / "空").mkdir()
    (work / "台账.json").write_text(_RECORDS, encoding="utf-8")
    (work / "台账.jsonl").write_text('{"项目编号": "甲"}\n{"项目编号": "乙"}\n', encoding="utf-8")
    (work / "空.json").write_text("", encoding="utf-8")
    (work / "项目.csv").write_text("项目编号,停产\n甲,是\n乙,也许\n", encoding="gb18030")
    for name in ("坏.json", "坏.csv", "坏.xlsx", "台账.pdf"):
        (work / name).write_bytes(
            random.randbytes(200) if random.random() < 0.5 else mutate.mutate_bytes(random, _RECORDS.encode())
        )
    (work / "情形.scenario.yaml").write_text(_SCENARIOS, encoding="utf-8")
    (work / "坏.scenario.yaml").write_text(mutate.mutate_text(random, _SCENARIOS), encoding="utf-8", errors="replace")
    return work


def make_arguments(random: Random) -> list[str]:
    """A command and what somebody may write after it."""
    command = mutate.pick(random, COMMANDS)
    if random.random() < 0.5:
        # Mostly right, so that the command gets to its work.
        ledger = random.choice(("台账.json", "台账.json", "台账.jsonl", "项目.csv", "坏.json", "坏.csv", "坏.xlsx"))
        layer = random.choice(("1", "1", "0", "并", "坏", "坏yaml", "试", "坏试"))
        sound = {
            "evaluate": [layer, ledger],
            "explain": [layer, ledger, random.choice(("甲", "P1", "坏", "丁"))],
            "compare": ["0", layer, ledger],
            "impact": [random.choice(("0", "1")), random.choice((layer, layer, "试", "坏试")), ledger],
            "diff": ["0", random.choice((layer, "试"))],
            "new-trial": [layer, random.choice(("新试", "1", "试", "坏.json"))],
            "test": ["情形.scenario.yaml"],
            "export-table": [
                random.choice(("1", "0", "坏")),
                random.choice(("分档", "优先次序", "分类")),
                "-o",
                "分档.xlsx",
            ],
            "import-table": [
                "0",
                "分档",
                random.choice(("分档.csv", "坏.csv", "坏.xlsx")),
                random.choice(("-w", "--json")),
            ],
            "mutate": [layer, "--sample", "3", "--scenarios", "情形.scenario.yaml"],
            "list": [random.choice(("1", "并", "坏"))],
            "new-layer": [random.choice(("新", "新/层", "1", "坏.json"))],
        }
        words = [command, *sound.get(command, [layer])]
        if random.random() < 0.5:
            words.append(mutate.pick(random, OPTIONS))
        if random.random() < 0.4:
            words.append(mutate.pick(random, OPERANDS))
        return words
    return [command, *(mutate.pick(random, random.choice((OPTIONS, OPERANDS))) for _ in range(random.randrange(6)))]


def check_command(arguments: list[str], work: Path) -> int:
    """Run in ``work``; the exit code. Raises `Fault`, or whatever escapes."""
    said, complained = io.StringIO(), io.StringIO()
    before = Path.cwd()
    os.chdir(work)
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            code = run(arguments)
    finally:
        os.chdir(before)
    words = said.getvalue() + complained.getvalue()
    if code not in (0, 1, 2, 3):
        raise Fault(f"exit code {code}: {words[-300:]}")
    if "Traceback" in words or "程序内部出错" in words:
        raise Fault(f"a trace: {words[-300:]}")
    if code and not words.strip():
        raise Fault(f"exit code {code} without a word")
    return code


def commands(seed: int, start: int = 0) -> Iterator[tuple[int, Random, list[str]]]:
    """Commands without end; the n-th of a seed is always the same."""
    for number in itertools.count(start):
        random = Random(f"{seed}:{number}")
        yield number, random, make_arguments(random)


def _check_furnished(random: Random, arguments: list[str], folder: Path) -> str:
    return str(check_command(arguments, furnish(folder, random)))


def main() -> int:
    """Reads the command line and runs."""
    options = command_line("Junk arguments for the command line.", 2_000).parse_args()
    made = commands(options.seed, options.start)
    trials = (
        Trial(
            number, arguments[0], partial(_check_furnished, random, arguments), {"命令.txt": repr(arguments).encode()}
        )
        for number, random, arguments in made
    )
    return run_trials(trials, options, 20)


if __name__ == "__main__":
    sys.exit(main())
