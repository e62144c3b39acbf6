"""Large ledgers: Parquet to Parquet, memory, the county stack in columns, a nation's counties in one run.

Why this exists: most of the time of a large ledger goes into reading it, and what it needs of memory decides whether it
runs at all.

Invariants: each job runs in a process of its own, which tells its time and the most memory it has held; files are made
in a temporary folder and go with it.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks import engines
from benchmarks.measure import Figure, NotBuilt, Section, alone, peak_memory

if TYPE_CHECKING:
    import pyarrow as pa

    import policyrules as pr

Job = Callable[[Path, int], None]
"""What is measured: from the files in a folder, which hold so many records, to files in it."""

PART = 1 << 18
COUNTIES = 2_800
AMENDING = 200
"""Of the counties so many have layers of their own that amend rules."""


# ---- files ----------------------------------------------------------------------------------------------------------


def decision_file(folder: Path, n: int) -> Path:
    """``n`` records of the decision of 31 fields as a Parquet file."""
    import pyarrow.parquet as pq

    from benchmarks.decision31 import data

    path = folder / "records.parquet"
    pq.write_table(data.records(n).table(), path, row_group_size=PART)
    return path


def ledger_files(folder: Path, n: int, *, invented: int = 537) -> tuple[Path, dict[str, Path]]:
    """An example ledger of ``invented`` projects again and again, with new numbers, as ``n`` projects; and the rows of each
    object below a project. Columns by key; what hangs below carries the number of its project."""
    import pyarrow.parquet as pq

    import policyrules as pr
    from benchmarks import stack
    from policyrules.records.export import plain_record
    from policyrules.records.names import record_names

    policy = pr.load(stack.COUNTY, as_of=stack.AS_OF)
    names = record_names(policy.program)
    shown = names.objects[names.record]
    with stack.ledger(invented) as path:
        rows = [plain_record(names, record.instance) for record in policy.read(path).records]
    identity = next(field.key for field in shown.fields if field.name == shown.kind.identity)
    below = [names.objects[child].kind.key for child in shown.kind.children]
    flat = {field.key for field in shown.fields}
    tables = {"": _table(rows, sorted(flat))}
    for key in below:
        listed = [{identity: row[identity], **one} for row in rows for one in row.get(key, ())]  # type: ignore[attr-defined]  # rows of lists as JSON has them
        if listed:
            # What hangs below these in turn is left out.
            kind = names.objects[next(child for child in shown.kind.children if names.objects[child].kind.key == key)]
            tables[key] = _table(listed, [identity, *(field.key for field in kind.fields)])
    paths = {key: folder / f"{key or 'projects'}.parquet" for key in tables}
    writers = {key: pq.ParquetWriter(paths[key], table.schema) for key, table in tables.items()}
    waiting: dict[str, list[pa.Table]] = {key: [] for key in tables}
    try:
        for number in range(-(-n // len(rows))):
            # The same projects under new numbers; in the last turn no more than are wanted.
            kept = tables[""].column(identity).slice(0, n - number * len(rows))
            for key, table in tables.items():
                waiting[key].append(_renumbered(table, identity, number, kept))
                if sum(map(len, waiting[key])) >= PART:
                    _write(writers[key], waiting.pop(key))
                    waiting[key] = []
        for key, rest in waiting.items():
            _write(writers[key], rest)
    finally:
        for writer in writers.values():
            writer.close()
    return paths.pop(""), paths


def _table(rows: list[dict[str, Any]], columns: list[str]) -> pa.Table:
    import pyarrow as pa

    made = {}
    for name in columns:
        cells = [row.get(name) for row in rows]
        # Numbers with places are written as text, and then all of the column are.
        numbers = [isinstance(cell, int) and not isinstance(cell, bool) for cell in cells]
        if any(numbers) and any(isinstance(cell, str) for cell in cells):
            cells = [str(cell) if number else cell for cell, number in zip(cells, numbers, strict=True)]
        made[name] = pa.array(cells)
    return pa.table(made)


def _write(writer: Any, tables: list[pa.Table]) -> None:
    """As one row group."""
    import pyarrow as pa

    if tables:
        writer.write_table(pa.concat_tables(tables).combine_chunks())


def _renumbered(table: pa.Table, identity: str, number: int, kept: pa.ChunkedArray) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    table = table.filter(pc.is_in(table.column(identity), value_set=kept.combine_chunks()))
    named = pc.binary_join_element_wise(table.column(identity), pa.scalar(f"-{number}"), "")
    return table.set_column(table.schema.get_field_index(identity), identity, named)


# ---- jobs: each in a process of its own ----------------------------------------------------------------------------


def _by_polars(folder: Path, n: int) -> None:
    import polars as pl

    from benchmarks.decision31 import by_polars, data

    shape = data.records(1)
    counties = data.county_count(n)
    lazy = pl.scan_parquet(decision_path(folder))
    words = {**data.ENUMS, "county": tuple(data.county_names(counties))}
    lazy = lazy.with_columns(
        *(
            pl.col(name).cast(pl.Enum(list(own))).to_physical().cast(pl.Int32).fill_null(-1)
            for name, own in words.items()
        ),
        *(pl.col(name).cast(pl.Int8).fill_null(-1) for name in data.BOOLS),
        *(pl.col(name).cast(pl.Int32).fill_null(-1) for name in (*data.AMOUNTS, *data.COUNTS)),
        *(pl.col(name).cast(pl.Int32).fill_null(data.BLANK_DAY) for name in data.DATES),
    ).select(list(shape.columns))
    by_polars.query(lazy, counties, "streaming").sink_parquet(folder / "out.parquet")


def _by_numpy(folder: Path, n: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from benchmarks.decision31 import by_numpy, data

    counties = data.county_count(n)
    file = pq.ParquetFile(decision_path(folder), read_dictionary=["county", *data.ENUMS])
    sure: Any = 0
    perhaps: Any = 0
    for batch in file.iter_batches(PART, columns=["county", "kind", "formed", "running"]):
        part = data.from_batch(batch, counties)
        one, other = by_numpy.counted(part, by_numpy.groups(part))
        sure, perhaps = sure + one, perhaps + other
    many = by_numpy.enough_of(sure, perhaps)
    schema = pa.schema([(f"output{number}", pa.uint8()) for number in range(7)])
    with pq.ParquetWriter(folder / "out.parquet", schema) as writer:
        for batch in file.iter_batches(PART, columns=list(data.FIELDS[1:])):
            out = by_numpy.decide(data.from_batch(batch, counties), many=many)
            writer.write_table(pa.table([pa.array(row) for row in out], schema=schema))


def _by_policyrules(executor: str) -> Job:
    from benchmarks.decision31 import data

    run = engines.parquet(data.policy(), executor)
    return lambda folder, n: run(decision_path(folder), folder / "out.parquet", {})


def _stack(executor: str) -> Job:
    import policyrules as pr
    from benchmarks import stack

    run = engines.parquet(pr.load(stack.COUNTY, as_of=stack.AS_OF), executor)

    def job(folder: Path, n: int) -> None:
        children = {
            path.stem: path for path in folder.glob("*.parquet") if path.stem not in ("projects", "out", "findings")
        }
        run(folder / "projects.parquet", folder / "out.parquet", children)

    return job


def decision_path(folder: Path) -> Path:
    """Where `decision_file` has written."""
    return folder / "records.parquet"


JOBS: dict[str, Callable[[], Job]] = {
    "polars": lambda: _by_polars,
    "by_numpy": lambda: _by_numpy,
    **{f"decision-{executor}": partial(_by_policyrules, executor) for executor in engines.EXECUTORS},
    **{f"stack-{executor}": partial(_stack, executor) for executor in engines.EXECUTORS},
}
"""What loads the rules that a job works by, if any, and gives the job."""


# ---- sections -------------------------------------------------------------------------------------------------------


def _files(key: str, title: str, text: str, jobs: dict[str, str], folder: Path, n: int, rounds: int) -> Section:
    section = Section(key, title, (text,), "ns", next(iter(jobs)))
    taken: dict[str, list[dict[str, float]]] = {}
    for number in range(rounds):
        # What was written just now goes to the disk before the next begins.
        os.sync()
        for name, job in list(jobs.items()):
            try:
                if not number and job.startswith(("decision", "stack")):
                    _asked(job)
                if number and name not in taken:
                    continue
                taken.setdefault(name, []).append(alone("benchmarks.columns", job, str(folder), str(n)))
            except NotBuilt as missing:
                section.skipped.append((name, str(missing)))
    base = next(iter(taken.values()), [])
    for name, several in taken.items():
        cpus, walls = ([one[what] / n for one in several] for what in ("cpu", "wall"))
        ratio = median(one["cpu"] / own["cpu"] for one, own in zip(several, base, strict=True))
        note = f"{max(one['peak'] for one in several) / 2**20:,.0f} MiB at most"
        section.figures.append(Figure(name, min(cpus), median(cpus), min(walls), median(walls), ratio, note))
    return section


def _asked(job: str) -> None:
    # Whether the engine is there is asked before a process is started for it.
    from benchmarks.decision31 import data

    engines.parquet(data.policy(), job.partition("-")[2])


def parquet(n: int, rounds: int = 1) -> Section:
    """The decision of 31 fields from Parquet to Parquet."""
    text = (
        f"{n:,} records from one Parquet file to another, each engine once a round in a process of its own; time a record, importing "
        "and loading the rules not counted, and the most memory the process held. The file holds words, dates and 64-bit amounts, as other systems "
        "write them. Polars streams on all cores; NumPy reads with pyarrow, a piece at a time."
    )
    jobs = {
        "NumPy by hand with pyarrow": "by_numpy",
        "Polars by hand, streaming": "polars",
        **{f"policyrules, {executor}": f"decision-{executor}" for executor in engines.EXECUTORS},
    }
    with tempfile.TemporaryDirectory() as folder:
        decision_file(Path(folder), n)
        return _files(
            f"parquet_{n}", f"The decision from Parquet to Parquet, {n:,} records", text, jobs, Path(folder), n, rounds
        )


def stack_in_columns(n: int, rounds: int = 1) -> Section:
    """The county stack from Parquet to Parquet."""
    text = (
        f"The projects of the example ledger again and again under new numbers, {n:,} in all, with the rows below them in files of "
        "their own: all decisions and findings. Importing and loading the rules are not counted."
    )
    jobs = {f"policyrules, {executor}": f"stack-{executor}" for executor in engines.EXECUTORS}
    key, title = f"stack_parquet_{n}", f"The county stack from Parquet to Parquet, {n:,} projects"
    with tempfile.TemporaryDirectory() as folder:
        try:
            _asked("stack-numpy")
        except NotBuilt as missing:
            return Section(key, title, (text,), "ns", None, skipped=[(name, str(missing)) for name in jobs])
        ledger_files(Path(folder), n)
        return _files(key, title, text, jobs, Path(folder), n, rounds)


def county_layers(count: int) -> dict[str, pr.Policy]:
    """Policies of counties below the province, each with one to three amendments of its own. All of them are invented."""
    import policyrules as pr
    from benchmarks import stack
    from policyrules.program.neighbours import Neighbours

    found = {}
    neighbours = Neighbours(stack.AS_OF)
    with tempfile.TemporaryDirectory() as name:
        for number in range(count):
            acts = (
                f"修订 盘活类\n  除外 停产日 起满 {24 + number % 37} 个月\n",
                f"提示 本县留意\n  当 计划总投资 > {100 + 10 * number} 万元\n  说 “大额”\n",
                f"修订 升级类\n  除外 带动脱贫户 < {1 + number % 11} 户\n",
            )
            folder = Path(name) / str(number)
            folder.mkdir()
            above = os.path.relpath(stack.ROOT / "policies" / "jiangxi", folder)
            manifest = (
                f"id: C{number}\ntitle: 示例{number}县细则\nlevel: 县\nregion: 示例{number}县\nextends: {above}\n"
            )
            (folder / "layer.yaml").write_text(f"{manifest}in_force_from: 2025-01-01\n", "utf-8")
            (folder / "clauses.yaml").write_text("clauses: []\n", "utf-8")
            text = "".join(acts[(number + turn) % 3] for turn in range(1 + number % 3))
            (folder / "a.rules").write_text(text, "utf-8")
            policy, problems = pr.try_load(folder, as_of=stack.AS_OF, beside=neighbours)
            assert policy is not None, problems
            found[f"示例{number}县"] = policy
    return found


def nation(n: int, rounds: int, amending: int = AMENDING) -> Section:
    """Many counties that set parameters in one run, against one county."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    import policyrules as pr
    from benchmarks import stack
    from benchmarks.measure import interleaved

    base, name = "all under one county", f"each under its own of {COUNTIES:,} counties"
    layers = f"the same, and {amending} of them amend rules"
    section = Section(
        f"nation_{n}",
        f"A nation in one run, {n:,} projects",
        (
            f"Prepared codes of {n:,} projects under the province's rules, with an open parameter set once for all, and "
            f"set by each of {COUNTIES:,} invented counties; then {amending} of them also amend one to three provisions in layers of "
            "their own: take cases out of rules, each from its own number on, and give notices of their own; time a project.",
        ),
        "ns",
        base,
    )
    policy = pr.load(stack.ROOT / "policies" / "jiangxi", as_of=stack.AS_OF)
    try:
        evaluate = engines.counties(policy)
    except NotBuilt as missing:
        section.skipped = [(one, str(missing)) for one in (base, name, layers)]
        return section
    with tempfile.TemporaryDirectory() as folder:
        path, children = ledger_files(Path(folder), n)
        table = pq.read_table(path)
        codes = np.random.default_rng(31).integers(0, COUNTIES, table.num_rows, dtype=np.int32)
        names = pa.array([f"示例{number}县" for number in range(COUNTIES)])
        own = pa.DictionaryArray.from_arrays(pa.array(codes), names).cast(pa.string())
        table = table.set_column(table.schema.get_field_index("county"), "county", own)
        ledger = engines.prepared(policy, table, {key: pq.read_table(own) for key, own in children.items()})
    given = {name: {"反向约束数量": 2 + number % 9} for number, name in enumerate(names.to_pylist())}
    stacks = policy.stacks(county_layers(amending), given)
    one = engines.frames(policy.with_parameters({"反向约束数量": 5}), "numpy")
    works: dict[str, Callable[[], object]] = {
        base: lambda: one(ledger),
        name: lambda: evaluate(ledger, given, "county"),
        layers: lambda: policy.evaluate_frame(ledger, stacks=stacks, by="county", engine="numpy"),
    }
    section.figures = interleaved(works, rounds=rounds, pieces=n, yardstick=base)
    return section


def sections(*, quick: bool, large: bool, rounds: int) -> list[Section]:
    """All of them; ``quick``: small, to see that they run; ``large``: 10 M records as well."""
    if quick:
        return [parquet(20_000), stack_in_columns(1_000), nation(1_000, 1, 3)]
    found = [parquet(1_000_000, rounds), stack_in_columns(1_000_000, rounds), nation(1_000_000, rounds)]
    if large:
        found += [parquet(10_000_000), stack_in_columns(10_000_000), nation(10_000_000, 1)]
    return found


def main() -> None:
    """Run one job and print what it took as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("job", choices=sorted(JOBS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("records", type=int)
    arguments = parser.parse_args()
    # Imports are not counted, nor is loading the rules: they are the same for one record and for ten million.
    import numpy  # noqa: F401  # only so that its import is not counted
    import pyarrow.parquet  # noqa: F401  # as above

    if arguments.job == "polars":
        import polars  # noqa: F401  # as above
    elif arguments.job.startswith(("decision", "stack")):
        import policyrules.columns.arrow
        import policyrules.columns.frame
        import policyrules.columns.parquet
        import policyrules.columns.prepare  # noqa: F401  # as above
        from benchmarks import stack  # noqa: F401  # as above
    job = JOBS[arguments.job]()
    wall, cpu = time.perf_counter(), time.process_time()
    job(arguments.folder, arguments.records)
    taken = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "peak": peak_memory()}
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
