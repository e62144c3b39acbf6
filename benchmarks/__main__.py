"""``python -m benchmarks``: where the time of loading and evaluating goes.

Every figure is a median of several runs; figures that depend on the machine stand beside a ratio to something measured
in the same run: starting Python, parsing with nothing checked, or a hand-written function that decides the four classes
of the same record (two-valued, no trace, no blanks: the least that any program would have to do).
"""

from __future__ import annotations

import argparse
import datetime
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AS_OF = datetime.date(2025, 9, 15)
STACKS = {
    "national": ROOT / "policies" / "national",
    "+ jiangxi": ROOT / "policies" / "jiangxi",
    "+ county": ROOT / "examples" / "county",
}
RECORD = {
    "project_id": "B001",
    "county": "示例县",
    "formed": True,
    "stage": "运营",
    "op_status": "停产闲置",
    "seasonal": False,
    "difficulty": "暂时经营困难",
    "difficulty_causes": ["市场行情变化", "资金周转困难"],
    "market_potential": True,
    "prospect": "看好",
    "can_recover": True,
    "driving": "强",
    "market_benefit": "差",
    "chain": "不完整",
    "resource_support": True,
    "foundation": True,
    "tech_gap": True,
    "tech_level": "一般",
    "strict_argument_done": True,
    "sources": [{"kind": "衔接资金", "amount_wan": 300, "year": 2021}, {"kind": "其他", "amount_wan": 20}],
    "assets": [{"asset_id": f"Z{i}", "owner": "集体", "asset_class": "经营性"} for i in range(3)],
}


def by_hand(record: dict[str, object]) -> list[str]:
    """The four classes of the national text in plain Python, for a record without blanks."""
    found = []
    if record["market_benefit"] == "好" and record["chain"] == "较完备" and record["prospect"] == "广":
        found.append("巩固")
    if record["resource_support"] and record["foundation"] and record["market_benefit"] == "有待提升":
        found.append("升级")
    if record["difficulty"] == "暂时经营困难" and record["market_potential"] and record["prospect"] in ("广", "看好"):
        found.append("盘活")
    if (
        record["difficulty"] == "难以为继"
        and record["driving"] == "起不到"
        and record["tech_level"] == "落后"
        and record["prospect"] == "不看好"
    ):
        found.append("调整")
    return found


def median_seconds(work: Callable[[], object], runs: int, inner: int = 1) -> float:
    """Median seconds of one call of ``work``."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        for _ in range(inner):
            work()
        taken.append((time.perf_counter() - start) / inner)
    return statistics.median(taken)


def process_seconds(arguments: list[str], runs: int) -> float:
    """Median seconds of a whole process."""

    def run() -> None:
        subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False, capture_output=True)

    run()
    return median_seconds(run, runs)


def startup(runs: int) -> dict[str, float]:
    """Whole processes: Python alone, importing the package, checking each stack."""
    figures = {"python -c pass": process_seconds(["-c", "pass"], runs)}
    figures["import policyrules"] = process_seconds(["-c", "import policyrules"], runs)
    for name, folder in STACKS.items():
        relative = str(folder.relative_to(ROOT))
        figures[f"policyrules check {name}"] = process_seconds(["-m", "policyrules", "check", relative], runs)
    return figures


def loading(runs: int) -> dict[str, float]:
    """Inside one process, the whole stack: reading files and YAML, parsing, checking and merging."""
    from policyrules.program.load import load_stack

    from policyrules.language.parser import parse_source
    from policyrules.program.assemble import assemble
    from policyrules.program.files import read_stack
    from policyrules.program.symbols import Layer

    folder = STACKS["+ county"]
    stack, _ = read_stack(folder)
    layers = tuple(
        Layer(
            level,
            files,
            tuple(parse_source(source)[0] for source in files.sources),
            {clause.id: index for index, clause in enumerate(files.clauses.clauses)},
        )
        for level, files in enumerate(stack)
    )
    sources = [source for files in stack for source in files.sources]
    return {
        "files and YAML": median_seconds(lambda: read_stack(folder), runs),
        "parsing rules": median_seconds(lambda: [parse_source(source) for source in sources], runs),
        "checking and merging": median_seconds(lambda: assemble(layers, AS_OF), runs),
        "all": median_seconds(lambda: load_stack(folder, AS_OF), runs),
    }


def evaluating(runs: int) -> dict[str, float]:
    """One project: by hand, and by each stack with findings and trace; then what is asked for lazily."""
    import policyrules as pr

    figures = {"four classes by hand": median_seconds(lambda: by_hand(RECORD), runs, 1000)}
    for name, folder in STACKS.items():
        policy = pr.load(folder, as_of=AS_OF)
        instance = policy.instance(RECORD)
        policy.evaluate(instance)
        figures[f"evaluate, {name}"] = median_seconds(lambda p=policy, i=instance: p.evaluate(i), runs, 20)
        figures[f"read the record, {name}"] = median_seconds(lambda p=policy: p.instance(RECORD), runs, 20)
    outcome = policy.evaluate(instance)
    figures["missing inputs of every decision"] = median_seconds(
        lambda: [result.missing for result in policy.evaluate(instance)], runs, 5
    )
    figures["whole explanation"] = median_seconds(outcome.explain, runs, 3)
    figures["to_dict with detail"] = median_seconds(outcome.to_dict, runs, 3)
    return figures


def ledger(runs: int) -> dict[str, float]:
    """The example ledger of 537 projects: reading the workbook, evaluating under each stack."""
    import policyrules as pr

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.xlsx"
        subprocess.run([sys.executable, str(ROOT / "examples" / "ledger" / "generate.py"), str(path)], check=True)
        figures: dict[str, float] = {}
        for name, stack in STACKS.items():
            policy = pr.load(stack, as_of=AS_OF)
            read = policy.read(path)
            if name == "national":
                figures["read the workbook"] = median_seconds(lambda p=policy: p.read(path), runs)
            figures[f"evaluate 537 projects, {name}"] = median_seconds(
                lambda p=policy, r=read: list(p.evaluate_all(r.portfolio)),
                runs,
            )
    return figures


def show(title: str, figures: dict[str, float], base: str) -> None:
    """One table: milliseconds and the ratio to ``base``."""
    print(f"\n{title} (ratio to: {base})")
    for name, seconds in figures.items():
        print(f"  {name:<42} {seconds * 1000:>12.4f} ms {seconds / figures[base]:>12.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="seconds as JSON instead of tables")
    arguments = parser.parse_args()
    sections = {
        "Starting": (startup(arguments.runs), "python -c pass"),
        "Loading nation + Jiangxi + county": (loading(arguments.runs), "parsing rules"),
        "Evaluating one project": (evaluating(arguments.runs), "four classes by hand"),
        "Example ledger": (ledger(max(1, arguments.runs // 2)), "evaluate 537 projects, national"),
    }
    if arguments.json:
        print(json.dumps({title: figures for title, (figures, _) in sections.items()}, ensure_ascii=False, indent=2))
        return
    for title, (figures, base) in sections.items():
        show(title, figures, base)


if __name__ == "__main__":
    main()
