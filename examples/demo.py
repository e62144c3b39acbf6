"""The main job, end to end: an invented county's ledger under the nation, + Jiangxi, + county standards.

``make demo`` runs this. It writes the workbook (invented, seeded), evaluates all its projects three times, prints what
each layer makes of them and what changes from layer to layer, explains one project, and leaves the results in ``out/``.
"""

from __future__ import annotations

import datetime
import gc
import shutil
import sys
import time
from pathlib import Path

import policyrules as pr
from policyrules.analysis.compare import Gathered
from policyrules.analysis.comparing import Comparing
from policyrules.analysis.labels import documents_of
from policyrules.analysis.summary import summarise
from policyrules.records.results import write_results
from policyrules.records.tasks import tasks_of
from policyrules.report.comparison import comparison_lines
from policyrules.report.layout import Line, plain
from policyrules.report.ledger import ledger_lines
from policyrules.report.project import project_lines

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "examples" / "ledger"))

from generate import generate  # noqa: E402  # the generator lives beside its data, not in the package

AS_OF = datetime.date(2025, 11, 15)
STACKS = (
    ("只看国家指导意见", ROOT / "policies" / "national"),
    ("国家 + 江西", ROOT / "policies" / "jiangxi"),
    ("国家 + 江西 + 示例县标准", ROOT / "examples" / "county"),
)


def show(lines: list[Line]) -> None:
    """Print report lines."""
    print(plain(lines))


def main(out: Path = ROOT / "out") -> None:
    """Run the demonstration. ``out``: the folder for the workbook and the results."""
    start = time.perf_counter()
    # Nearly everything made here stays until the end: looking for garbage all the while would find none.
    gc.set_threshold(100_000, 50, 50)
    width = min(100, shutil.get_terminal_size((100, 24)).columns)
    out.mkdir(exist_ok=True)
    workbook = out / "示例台账.xlsx"
    generate(workbook)
    policies = [pr.load(folder, as_of=AS_OF) for _, folder in STACKS]
    ledger = policies[-1].read(workbook)
    print(f"台账 {workbook.relative_to(out.parent)}（全部为虚构）：读入 {len(ledger.records)} 个项目，")
    print(f"有 {len(ledger.set_aside)} 个项目因填写问题先放在一边，其余照常评估：")
    for problem in ledger.problems:
        print(f"  {problem}")
    evaluated = len(ledger.records)
    outcomes = []
    for (title, _), policy in zip(STACKS, policies, strict=True):
        # The set-aside projects stay in the portfolio as possible members; they are not evaluated themselves.
        results = [result for result, _ in zip(policy.evaluate_all(ledger.portfolio), range(evaluated), strict=False)]
        outcomes.append(results)
        summary = summarise(policy.program, results, missing=False)
        tasks = tasks_of(results, ledger)
        show(ledger_lines(summary, policy, tasks=tasks, ledger=ledger, width=width, title=title))
    for index in (1, 2):
        before, after = policies[index - 1], policies[index]
        pairs = enumerate(zip(outcomes[index - 1], outcomes[index], strict=True))
        gathered = Gathered(before, after)
        gathered.follow(Comparing(before, after).part((place, old, new) for place, (old, new) in pairs))
        show(comparison_lines(gathered.comparison(), width=width))
    changed = next(
        new
        for old, new in zip(outcomes[0], outcomes[1], strict=True)
        if old["分类"].value == "升级" and new["分类"].status == "none"
    )
    print("\n一个因江西的规定而改变结果的项目：\n")
    show(project_lines(changed, policies[1], width=width, only=("分类",)))
    written = write_results(out / "评估结果.csv", outcomes[-1], ledger=ledger, documents=documents_of(policies[-1]))
    names = "、".join(str(path.relative_to(out.parent)) for path in written)
    print(f"\n全部结果已写入 {names}（可用 Excel 或 WPS 打开）；用时 {time.perf_counter() - start:.1f} 秒。")
    print("自己试：.venv/bin/policyrules evaluate examples/county out/示例台账.xlsx -o out/结果.xlsx")
    print(f"        .venv/bin/policyrules explain examples/county out/示例台账.xlsx {changed.identity}")


if __name__ == "__main__":
    main()
