"""Work that is begun in a process of its own gives what it gives here, whatever becomes of the process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from policyrules.testing.build import write_layers

# A process is copied only where it has no threads, which the one that runs tests may have.
BEGIN = """
import os, signal
os.sched_getaffinity = lambda _: set(range({cores}))
from policyrules.cli.beside import apart
here = os.getpid()
"""


def _said(code: str, *, cores: int = 2) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN.format(cores=cores) + code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_it_is_done_in_another_process_and_comes_back() -> None:
    assert (
        _said("found = apart(lambda: (os.getpid() == here, ['甲', '乙']))(); print(found)") == "(False, ['甲', '乙'])"
    )


def test_with_one_core_it_is_done_here() -> None:
    assert _said("print(apart(os.getpid)() == here)", cores=1) == "True"


def test_an_error_is_met_here() -> None:
    assert _said("try: apart(lambda: 1 // 0)()\nexcept ZeroDivisionError: print(os.getpid() == here)") == "True"


def test_what_a_lost_process_did_not_do_is_done_here() -> None:
    lost = "def lost():\n    if os.getpid() != here: os.kill(os.getpid(), signal.SIGKILL)\n    return '甲'\nprint(apart(lost)())"
    assert _said(lost) == "甲"


TEXT = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否 由 村
  字段 前景（prospect）：枚举 { 好、差 }
读法 停产读法（reading）：枚举 { 从宽、从严 } 缺省 从宽
  依据【一】“停产的”
  释义 两种读法
决定 分类（category）：单选 { 盘活 }
  依据【一】
规则 盘活类
  依据【一】
  当 停产 且 （前景 为 差 或 停产读法 为 从严）
  则 分类 为 盘活
"""


def test_an_impact_is_the_same_bytes_with_a_process_beside(tmp_path: Path) -> None:
    write_layers(tmp_path, TEXT)
    records = [{"编号": "甲", "停产": "是"}, {"编号": "乙", "前景": "好"}, {"编号": "丙", "停产": "是", "前景": "差"}]
    ledger = tmp_path / "台账.jsonl"
    ledger.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
    stated = ["impact", "0", "0", ledger.name, "--as-of", "2026-03-01", "--set-new", "停产读法=从严", "--json"]
    stated += ["--sweep", "停产读法", "--dates", "自动"]
    code = f"""
from policyrules.cli import impact, run
os.chdir({str(tmp_path)!r})
impact.MANY = {{many}}
impact.apart = lambda work: print('begun', flush=True) or apart(work)
assert run({stated!r}) == 0
"""
    here, beside = _said(code.format(many=4)), _said(code.format(many=3))
    assert beside == "begun\n" + here
    told = json.loads(here)
    assert told["blanks"] and told["readings"] and told["sweeps"]
