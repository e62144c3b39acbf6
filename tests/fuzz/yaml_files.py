"""Hostile YAML: manifests, clause tables, scenario files, lock files, lists of equivalent mutants.

python -m tests.fuzz.yaml_files --count 10000 --seed 1
"""

from __future__ import annotations

import itertools
import re
import sys
import time
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from random import Random

from policyrules.diagnostics import Diagnostic
from policyrules.language.scan import decode
from policyrules.program.files import read_layer
from policyrules.program.folders import LOCK_NAME
from policyrules.program.keys import KEYS
from policyrules.program.lock import LockEntry, lock_text, read_lock
from policyrules.testing import equivalents, scenarios

from . import corpus, mutate
from .rules import SLOWEST, check_diagnostic
from .running import Fault, Trial, command_line, run_trials

PIECES: tuple[str, ...] = (
    "&a ", "*a", "<<: *a", "!!str ", "!!python/object:os.system ", "!tag ", "? ", "- ", "- - - ", ": ", "{", "}", "[", "]", "[[[[", "{a: {b: {c: ", "|", ">", "|2\n  ",
    "---\n", "...\n", "%YAML 1.2\n", "# 注", "'", '"', "\\", "\t", "  ", "NO", "no", "yes", "on", "true", "null", "~", "010", "0x1F", "0o17", "0b1", "12:30", "1_000", "1e3", ".inf",
    ".nan", "-.INF", "2025-09-15", "2025-09-15 12:30:00", "2025-13-45", "=", "<<", "id: CN\n", "id: CN\nid: XX\n", "extends: ../..\n", "extends: /etc\n", "extends: null\n",
    "extends: [../甲, ../乙]\n", "extends:\n  - ../甲\n  - ../甲/\n", "上级: [.., '../../..', null, 1, {甲: 乙}]\n", "上级: []\n", "语言: 2\n", "language: 99\n", "简称: 甲文\n", "简称: 甲·文\n", "short: 1\n",
    "补助: 3 万元\n", "补助: {至少: 1}\n", "发现: {带动农户: 已说明}\n", "理由: [1]\n",
    "评估日: 2025-09-15\n", "情形:\n", "  - 名称: 甲\n", "预期: {分类: 升级}\n", "记录: {}\n", "沿用: 甲\n", "台账: [{份数: 99999999}]\n", "参数: {数量线: .nan}\n", "资产[0].去向: 出租\n",
    "\u3000", "：", "，", "“”", "\x00", "\u202e", "\ud800", "9" * 400, "字" * 2_000, "[" * 200, "- " * 200,
)  # fmt: skip

_SCENARIO = """\
政策: ..
评估日: 2025-09-15
参数: {数量线: 5}
说明: 小例子
基础记录:
  基础: {项目编号: 甲, 停产: 是, 建成日: 2022-01-01}
情形:
  - 名称: 停产一年的归盘活
    条款: [L0-1]
    沿用: 基础
    记录: {户数: 3, 资产: [{资产编号: 一, 闲置日: 2020-01-01}]}
    台账: [{沿用: 基础, 份数: 2}]
    预期:
      分类: 盘活
      资产[0].去向: 出租
      发现: {办理验收: 不适用}
      缺项: {分类: [有潜力]}
    各层:
      国家: {分类: 无}
"""
_KEY = re.compile(r"(?m)^([ -]*)([a-z_0-9]+):")
_EXCUSES = "等价变异:\n  - 声明: 规则 甲\n    变化: 删去 乙\n    理由: 乙 总是真\n"


@cache
def seeds() -> tuple[tuple[str, str], ...]:
    """(kind, text) of sound files."""
    found: list[tuple[str, str]] = []
    for layer in corpus.small_layers():
        found += [("layer.yaml", layer.manifest_source.text), ("clauses.yaml", layer.clauses.source.text)]
    for folder in corpus.real_folders():
        found.append(("layer.yaml", (folder / "layer.yaml").read_text(encoding="utf-8")))
        clauses = (folder / "clauses.yaml").read_text(encoding="utf-8").split("\n  - id:")
        found.append(("clauses.yaml", "\n  - id:".join(clauses[:4]) + "\n"))
    # The same in Chinese, and in a mixture once words of one are put into the other.
    for kind, text in tuple(found):
        found.append((kind, _KEY.sub(lambda key: key[1] + KEYS.get(key[2], key[2]) + ":", text)))
    found += [("scenario", _SCENARIO)] * 4
    found += [("lock", lock_text([LockEntry("甲", "0" * 64), LockEntry("乙", "f" * 64)]))] * 2
    found.append(("excuses", _EXCUSES))
    return tuple(found)


def make_text(random: Random) -> tuple[str, bytes]:
    """A hostile YAML file and what it is taken for."""
    kind, text = random.choice(seeds())
    if random.random() < 0.15:
        kind = random.choice(seeds())[0]
    if random.random() < 0.05:
        return kind, random.randbytes(random.randrange(500))
    for _ in range(random.choice((1, 1, 2, 4))):
        if random.random() < 0.6:
            at = random.randrange(len(text) + 1)
            at = (
                text.rfind("\n", 0, at) + 1
                if random.random() < 0.4
                else text.rfind(" ", 0, at) + 1
                if random.random() < 0.7
                else at
            )
            text = text[:at] + mutate.pick(random, PIECES) + text[at + random.choice((0, 0, 3, 12)) :]
        else:
            text = mutate.mutate_text(random, text, 1)
    data = text.encode("utf-8", "surrogatepass")
    return kind, mutate.encode(random, text) if random.random() < 0.05 else data


def check_text(kind: str, data: bytes, folder: Path, seconds: float = SLOWEST) -> str:
    """Read the file as what it is; returns how it ended. Raises `Fault`, or whatever escapes from the package."""
    began = time.process_time()
    found: tuple[Diagnostic, ...]
    if kind in ("layer.yaml", "clauses.yaml"):
        sound = dict(seeds()[:2])
        for name in ("layer.yaml", "clauses.yaml"):
            (folder / name).write_bytes(data if name == kind else sound[name].encode())
        found = read_layer(folder)[1]
    elif kind == "lock":
        (folder / LOCK_NAME).write_bytes(data)
        found = read_lock(folder).problems
    elif kind == "scenario":
        path = folder / "scenarios" / "甲.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        found = scenarios.read_file(path)[1]
    else:
        source, found = decode(data, "等价变异.yaml")
        if source is not None:
            found = equivalents.read_list(source)[1]
    spent = time.process_time() - began
    if spent > seconds:
        raise Fault(f"took {spent:.2f} s")
    decoded = (data.decode(encoding, "replace") for encoding in ("utf-8", "gb18030", "utf-16"))
    text = "\n".join((*decoded, str(folder), _KNOWN))
    paths = frozenset(diagnostic.file for diagnostic in found)
    for diagnostic in found:
        check_diagnostic(diagnostic, text, paths)
    return "refused" if any(diagnostic.severity == "error" for diagnostic in found) else "read"


# Names of keys and formats that messages may show.
_KNOWN = (
    "layer.yaml clauses.yaml layer.lock YAML title document_number short issuer level region extends issued in_force_from in_force_until assumed note headings clauses place"
    " offices under summary kind decides reason source_note starts ends sha256 SHA sentences words true false null scope principle deadline procedure ledger classification measure duty"
    " prohibition intake aggregate disposal responsible authority provisions policyrules lock JX scenarios scenario coverage source write hashes YAML txt shengji panhuo"
)  # fmt: skip


def texts(seed: int, start: int = 0) -> Iterator[tuple[int, str, bytes]]:
    """Files without end; the n-th of a seed is always the same."""
    for number in itertools.count(start):
        kind, data = make_text(Random(f"{seed}:{number}"))
        yield number, kind, data


def main() -> int:
    """Reads the command line and runs."""
    options = command_line("Hostile YAML through the readers of the package.", 10_000).parse_args()
    made = texts(options.seed, options.start)
    trials = (Trial(number, kind, partial(check_text, kind, data), {kind: data}) for number, kind, data in made)
    return run_trials(trials, options, 5 * SLOWEST)


if __name__ == "__main__":
    sys.exit(main())
