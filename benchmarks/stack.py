"""The real stack: an invented county's standards on Jiangxi's provisions on the national text, with the example ledger.

Why this exists: this is what offices run, with every decision, finding and citation.

Invariants: the ledger is the invented one of `examples/ledger`; in the page every figure of many is of one project.
"""

from __future__ import annotations

import datetime
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import policyrules as pr
from benchmarks import engines
from benchmarks.measure import ROOT, NotBuilt, Section, interleaved, processes
from policyrules.records.export import plain_record
from policyrules.records.names import record_names

COUNTY = ROOT / "examples" / "county"
AS_OF = datetime.date(2025, 11, 15)
PROJECTS = 537
_CACHE = "POLICYRULES_CACHE"


@contextmanager
def ledger(projects: int) -> Iterator[Path]:
    """The example ledger as a workbook, for as long as it is needed."""
    sys.path.insert(0, str(ROOT / "examples" / "ledger"))
    try:
        from generate import generate  # type: ignore[import-not-found]  # lies beside the example, in no package
    finally:
        sys.path.pop(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.xlsx"
        generate(path, count=projects)
        yield path


def loading(rounds: int) -> Section:
    """Whole processes that load the stack, and the command on the ledger's first projects."""
    load = f"import policyrules as pr, datetime; pr.load('examples/county', as_of=datetime.date({AS_OF:%Y, %-m, %-d}))"
    evaluated = "load it again and evaluate one record"
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "python -c pass": ("-c", "pass"),
            "import policyrules": ("-c", "import policyrules"),
            "import the modules that load": ("-c", "import policyrules as pr; pr.load"),
            "load the county stack, nothing kept": ("-c", load),
            "load the county stack again": ("-c", load),
            evaluated: ("-c", f"{load}.evaluate({{}})"),
        }
        # What is installed holds the bytecode of its modules; a checkout may be told to keep none.
        installed = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(Path(folder) / "bytecode")}
        environment = {name: installed for name in commands} | {
            "load the county stack, nothing kept": {**installed, _CACHE: "off"},
            "load the county stack again": {**installed, _CACHE: str(Path(folder) / "kept")},
            evaluated: {**installed, _CACHE: str(Path(folder) / "kept")},
        }
        figures = processes(commands, rounds=rounds, yardstick="python -c pass", environment=environment)
    return Section(
        "stack_loading",
        "Loading the county stack in a new process",
        (
            "Whole processes, from start to end: three layers, all files read. “Again” is where an earlier process may have kept "
            "what it checked (`POLICYRULES_CACHE`); what it takes beyond importing the modules that load is the loading. Modules have "
            "their bytecode, as where the package is installed.",
        ),
        "ms",
        "python -c pass",
        figures,
    )


def projects(count: int, rounds: int) -> Section:
    """Reading, deciding and explaining the projects of the ledger, in one process."""
    policy = pr.load(COUNTY, as_of=AS_OF)
    names = record_names(policy.program)
    with ledger(count) as path:
        read = policy.read(path)
    instances = [record.instance for record in read.records]
    rows = [plain_record(names, instance) for instance in instances]
    portfolio = policy.portfolio(read)
    define = engines.defined(policy)
    n = len(instances)
    explained = max(1, n // 20)
    base = "the definition, without a portfolio"
    works: dict[str, Callable[[], object]] = {
        "read a dict": lambda: [policy.instance(row) for row in rows],
        base: lambda: [define(one) for one in instances],
        "evaluate(dict), without a portfolio": lambda: [policy.evaluate(row) for row in rows],
        "evaluate_all, every project against all": lambda: list(policy.evaluate_all(portfolio)),
        "evaluate and explain everything": lambda: [policy.evaluate(one).explain() for one in instances[:explained]],
    }
    pieces = dict.fromkeys(works, n) | {"evaluate and explain everything": explained}
    section = Section(
        "stack_projects",
        "The county stack, a project",
        (
            f"The {n} readable projects of the example ledger (invented), under the county's standards on Jiangxi's provisions on "
            f"the national text: all decisions and findings with their citations; time a project. Explaining is measured on "
            f"{explained} of them.",
        ),
        "µs",
        base,
    )
    try:
        program = engines.compiled(policy)
        own = [one.name for one in policy.program.decisions.values() if one.object == names.record]
        told = engines.told(own, findings=True)
        works["compiled, dict in"] = lambda: [told(program(row)) for row in rows]
        works["compiled, record read already"] = lambda: [told(program.decide(one)) for one in instances]
        pieces |= {"compiled, dict in": n, "compiled, record read already": n}
    except NotBuilt as missing:
        section.skipped.append(("compiled", str(missing)))
    section.figures = interleaved(works, rounds=rounds, pieces=pieces, yardstick=base)
    return section


def command(count: int, rounds: int) -> Section:
    """`policyrules evaluate` on the whole ledger, a process each time."""
    with ledger(count) as path, tempfile.TemporaryDirectory() as folder:
        arguments = ("-m", "policyrules", "evaluate", "examples/county", os.fspath(path), "--as-of", AS_OF.isoformat())
        start = "python -m policyrules --help"
        commands = {
            start: ("-m", "policyrules", "--help"),
            f"policyrules evaluate, {count} projects from Excel": arguments,
        }
        kept = {name: {_CACHE: str(Path(folder) / "kept")} for name in commands}
        figures = processes(commands, rounds=rounds, yardstick=start, environment=kept)
    text = ("The whole command in a new process: workbook in, summary out.",)
    return Section("stack_command", "The command on the example ledger", text, "ms", start, figures)


VARIATIONS = {
    "nation to Jiangxi": ("policies/national", "policies/jiangxi"),
    "Jiangxi to county": ("policies/jiangxi", "examples/county"),
    "nation to county": ("policies/national", "examples/county"),
}
ASKED = ("--sweep", "反向约束数量", "--dates", "自动")


def variation(count: int, rounds: int, asked: Sequence[str] = ASKED) -> Section:
    """`policyrules impact` on the whole ledger, its page written, a process each time; set against `policyrules evaluate`."""
    with ledger(count) as path, tempfile.TemporaryDirectory() as folder:
        given = ("--as-of", AS_OF.isoformat())
        base = f"policyrules evaluate, {count} projects"
        commands: dict[str, tuple[str, ...]] = {
            base: ("-m", "policyrules", "evaluate", "examples/county", os.fspath(path), *given)
        }
        for number, (name, sides) in enumerate(VARIATIONS.items()):
            page = os.fspath(Path(folder) / f"{number}.html")
            commands[name] = (
                "-m",
                "policyrules",
                "impact",
                *sides,
                os.fspath(path),
                *given,
                *asked,
                "-o",
                page,
                "--force",
            )
        kept = {name: {_CACHE: str(Path(folder) / "kept")} for name in commands}
        figures = processes(commands, rounds=rounds, yardstick=base, environment=kept)
        section = Section(
            "stack_variation",
            "The report of a variation",
            (
                "The whole command in a new process: workbook in, page out. Both sides evaluate every project, every changed result has "
                "its causes, one parameter is swept from end to end, the days of two years on which results flip are found, with blanks, "
                "nearest changes and readings.",
            ),
            "ms",
            base,
            figures,
        )
        for number, name in enumerate(VARIATIONS):
            section.facts.append(
                (f"page, {name}", f"{(Path(folder) / f'{number}.html').stat().st_size / 1_000:,.0f} kB")
            )
    return section


def sections(*, quick: bool, rounds: int) -> list[Section]:
    """All of them; ``quick``: small, to see that they run."""
    count = 60 if quick else PROJECTS
    few = 1 if quick else min(3, rounds)
    return [loading(1 if quick else rounds), projects(count, rounds), command(count, few), variation(count, few)]
