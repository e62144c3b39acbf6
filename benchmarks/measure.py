"""How time is taken: interleaved rounds in one process, and ratios within a round.

Why this exists: machines differ, and other work disturbs them. What is compared stands side by side in every round, so
that whatever slows one slows the other.

Invariants: every work is run once before it is measured; the order changes from round to round; processor time (all
threads of the process) and wall time are both taken; garbage is collected before each measurement and not during it.
"""

from __future__ import annotations

import gc
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNITS = {"s": 1.0, "ms": 1e3, "µs": 1e6, "ns": 1e9}


class NotBuilt(LookupError):
    """What was to be measured is not there: an engine that is not built, a package that is not installed."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one work took, in seconds a piece: processor and wall time, best and median of the rounds. ``ratio``: the median
    of its processor time by that of the yardstick in the same round (None where nothing is compared)."""

    name: str
    cpu: float
    cpu_median: float
    wall: float
    wall_median: float
    ratio: float | None = None
    note: str = ""


@dataclass(slots=True)
class Section:
    """One table: what is measured, by what yardstick, and what could not be. ``text``: how it was taken, as paragraphs
    of the page. ``facts``: figures that are no times, as text."""

    key: str
    title: str
    text: Sequence[str]
    unit: str
    yardstick: str | None = None
    figures: list[Figure] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Processor and wall time of one run."""
    gc.collect()
    gc.disable()
    try:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        return time.process_time() - cpu, time.perf_counter() - wall
    finally:
        gc.enable()


def interleaved(
    works: Mapping[str, Callable[[], object]],
    *,
    rounds: int,
    pieces: Mapping[str, int] | int = 1,
    yardstick: str | None = None,
) -> list[Figure]:
    """Run every work once in each round. ``pieces``: how many pieces one run of a work does; ``yardstick``: the work that the
    others are set against."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    names = list(works)
    for work in works.values():
        work()
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            count = pieces if isinstance(pieces, int) else pieces[name]
            cpu, wall = seconds(works[name])
            taken[name].append((cpu / count, wall / count))
    return _figures(taken, yardstick)


def processes(
    commands: Mapping[str, Sequence[str]],
    *,
    rounds: int,
    yardstick: str,
    environment: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Figure]:
    """As `interleaved`, of whole processes: ``commands`` are arguments of this Python, ``environment`` what is set for each.
    The first run of each is not counted. Raises `RuntimeError` for one that breaks down."""
    import resource

    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, arguments in commands.items():
            given = {**os.environ, **(environment or {}).get(name, {})}
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            wall = time.perf_counter()
            done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=given, check=False, capture_output=True)
            wall = time.perf_counter() - wall
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            # Commands say with their code what they found; what fails says so on its own.
            if done.returncode < 0 or b"Traceback" in done.stderr:
                raise RuntimeError(f"{name}: {done.stderr.decode()[-500:]}")
            if number:
                cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                taken[name].append((cpu, wall))
    return _figures(taken, yardstick)


def _figures(taken: Mapping[str, Sequence[tuple[float, float]]], yardstick: str | None) -> list[Figure]:
    found = []
    for name, runs in taken.items():
        ratio = None
        if yardstick in taken:
            pairs = zip(runs, taken[yardstick], strict=True)
            ratio = statistics.median(own[0] / base[0] for own, base in pairs if base[0])
        cpus, walls = [cpu for cpu, _ in runs], [wall for _, wall in runs]
        found.append(Figure(name, min(cpus), statistics.median(cpus), min(walls), statistics.median(walls), ratio))
    return found


def alone(module: str, *arguments: str, timeout: float = 1_200) -> dict[str, float]:
    """What ``python -m module arguments`` prints as JSON, run in a process of its own, so that its memory is its own."""
    import json

    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=timeout)
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2_000:])
    found: dict[str, float] = json.loads(done.stdout)
    return found


def peak_memory() -> int:
    """The most memory that this process has held, in bytes."""
    import resource

    # What the system counts for a process may begin with that of the one that started it; this does not.
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def processor() -> str:
    """The kind of processor, as the system calls it."""
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def machine(packages: Sequence[str]) -> list[tuple[str, str]]:
    """What the figures were taken on: kind of machine and versions, no names of machines or people."""
    told = [
        ("processor", f"{processor()}, {os.cpu_count()} cores, {platform.machine()}"),
        ("system", platform.system()),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
    ]
    for package in packages:
        try:
            told.append((package, version(package)))
        except PackageNotFoundError:
            told.append((package, "not installed"))
    return told
