"""The benchmarks run, and every rival says what the definition says. No time is looked at."""

from __future__ import annotations

import datetime
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import pytest
from benchmarks.measure import Figure, NotBuilt, Section, interleaved

import policyrules as pr
from benchmarks import __main__ as command
from benchmarks import engines, page, reading, stack, ten_thousand
from policyrules.engine.instances import Instance

numpy = pytest.importorskip("numpy", reason="numpy is not installed (extra `peers`)")

from benchmarks.decision31 import by_c, by_hand, by_numpy, codes, data, peers, run  # noqa: E402

N = 600


@pytest.fixture(scope="module")
def records() -> data.Records:
    return data.records(N)


@pytest.fixture(scope="module")
def rows(records: data.Records) -> list[dict[str, Any]]:
    return records.rows()


@pytest.fixture(scope="module")
def together(rows: list[dict[str, Any]]) -> list[tuple[codes.Result, ...]]:
    return run.of_definition(data.policy(), rows, together=True)


@pytest.fixture(scope="module")
def alone(rows: list[dict[str, Any]]) -> list[tuple[codes.Result, ...]]:
    return run.of_definition(data.policy(), rows, together=False)


def as_results(out: Any) -> list[tuple[codes.Result, ...]]:
    return [codes.results(out[:, number].tolist()) for number in range(out.shape[1])]


def test_the_records_are_as_described(records: data.Records, rows: list[dict[str, Any]]) -> None:
    assert len(rows[0]) == 31
    again = data.records(N)
    assert all((records.columns[name] == again.columns[name]).all() for name in records.columns)
    cells = [value for row in rows for name, value in row.items() if name != "id"]
    assert 0.11 < cells.count(None) / len(cells) < 0.13
    amounts = [row[name] for row in rows for name in data.AMOUNTS if row[name] is not None]
    assert 0 in amounts
    assert max(amounts) < data.MOST


def test_the_records_bring_out_every_status(together: list[tuple[codes.Result, ...]]) -> None:
    # A rival that gets conflicts or blanks wrong must have something to get wrong.
    seen = {(name, result[0]) for results in together for name, result in zip(codes.VALUES, results, strict=True)}
    assert {status for _, status in seen} == {"determined", "undetermined", "conflict", "none", "not_applicable"}
    assert all((name, "undetermined") in seen and (name, "determined") in seen for name in codes.VALUES)


def test_plain_python_says_what_the_definition_says(
    rows: list[dict[str, Any]],
    alone: list[tuple[codes.Result, ...]],
    together: list[tuple[codes.Result, ...]],
) -> None:
    assert [by_hand.decide_alone(row) for row in rows] == alone
    assert by_hand.decide_all(rows) == together


@pytest.mark.parametrize("block", [64, 1 << 16])
def test_numpy_says_what_the_definition_says(
    records: data.Records, together: list[tuple[codes.Result, ...]], block: int
) -> None:
    assert as_results(by_numpy.decide(records, block)) == together


@pytest.mark.skipif(by_c.compiler() is None, reason="there is no C compiler")
def test_c_says_what_the_definition_says(records: data.Records, together: list[tuple[codes.Result, ...]]) -> None:
    assert as_results(by_c.decide(records)) == together


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_polars_says_what_the_definition_says(
    records: data.Records, together: list[tuple[codes.Result, ...]], engine: Any
) -> None:
    pytest.importorskip("polars", reason="polars is not installed (extra `peers`)")
    from benchmarks.decision31 import by_polars

    found = by_polars.decide(by_polars.frame(records), records.counties, engine)
    assert as_results(by_polars.codes(found)) == together


@pytest.mark.parametrize("name", peers.PEERS)
def test_a_peer_says_what_the_definition_says(
    name: str, rows: list[dict[str, Any]], alone: list[tuple[codes.Result, ...]]
) -> None:
    package, make = peers.PEERS[name]
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed (extra `peers`)")
    decide = make()
    assert [decide(peers.for_peer(name, peers.prepared(row, 0, 1 << 62))) for row in rows] == alone


def test_the_same_records_come_back_from_a_table(records: data.Records) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra `peers`)")
    (batch,) = records.table().combine_chunks().to_batches()
    assert isinstance(batch, pyarrow.RecordBatch)
    back = data.from_batch(batch.select(data.FIELDS[1:]), records.counties)
    assert all((back.columns[name] == records.columns[name]).all() for name in records.columns)


@pytest.mark.skipif(sys.platform == "win32", reason="memory and processor time of children are asked as Unix has them")
def test_files_say_what_memory_says(tmp_path: Path) -> None:
    pl = pytest.importorskip("polars", reason="polars is not installed (extra `peers`)")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra `peers`)")
    from benchmarks import columns

    columns.decision_file(tmp_path, N)
    wanted = by_numpy.decide(data.records(N))
    for job in ("by_numpy", "polars"):
        columns.JOBS[job]()(tmp_path, N)
        found = pl.read_parquet(tmp_path / "out.parquet")
        assert (numpy.stack([found[name].to_numpy() for name in found.columns]) == wanted).all(), job
    projects, below = columns.ledger_files(tmp_path, 30, invented=20)
    ids = pl.read_parquet(projects)["project_id"]
    assert len(ids) == ids.n_unique() == 30
    assert set(pl.read_parquet(below["assets"])["project_id"]) <= set(ids)


def test_a_rival_that_is_wrong_is_not_measured() -> None:
    right = [("determined", "甲", frozenset({"甲"}))]
    run.checked("right", [(right[0],)], [(right[0],)])
    with pytest.raises(run.Unequal, match="wrong, record 0"):
        run.checked("wrong", [(("undetermined", None, frozenset()),)], [(right[0],)])


def test_one_decision_runs() -> None:
    section = run.one_record(20, 1)
    assert section.yardstick == run.BY_HAND
    assert {"policyrules, the definition", run.BY_HAND} <= {figure.name for figure in section.figures}
    assert run.NUMPY in {figure.name for figure in run.many(150, 1).figures}


@pytest.mark.parametrize("case", [ten_thousand.enumerated(40), ten_thousand.deep(9), ten_thousand.wide(60)])
def test_many_rules_run(case: ten_thousand.Case) -> None:
    # What is said by hand is compared with the definition inside.
    section = ten_thousand.section(case, 1)
    assert all(figure.cpu >= 0 for figure in section.figures)


def test_the_stack_runs() -> None:
    section = stack.projects(10, 1)
    assert {"read a dict", section.yardstick} <= {figure.name for figure in section.figures}


def test_both_readers_say_the_same_of_what_is_measured() -> None:
    county = pr.load(stack.COUNTY, as_of=stack.AS_OF)
    flat = [reading.flat_record(Random(1), number) for number in range(20)]
    for policy, records in ((reading.flat_policy(), flat), (county, reading.example_records(county, 20))):
        at_once, by_key = reading.readers(policy).values()
        for record in records:
            one, told = at_once(record), by_key(record)
            assert isinstance(told, tuple)
            other, *found = told
            assert isinstance(one, Instance) and not any(found)
            assert one.values == other.values


def test_reading_runs() -> None:
    flat, projects = reading.sections(quick=True, rounds=1)
    assert [figure.name for figure in flat.figures] == ["at once", "key by key", "values alone"]
    assert [figure.name for figure in projects.figures] == ["at once", "key by key"]


def test_the_report_of_a_variation_runs() -> None:
    section = stack.variation(10, 1, ())
    assert [figure.name for figure in section.figures][1:] == list(stack.VARIATIONS)
    assert [name for name, _ in section.facts] == [f"page, {name}" for name in stack.VARIATIONS]


def test_what_is_not_built_is_said() -> None:
    class Bare:
        """A policy without any engine but the definition."""

    with pytest.raises(NotBuilt, match="compile"):
        engines.compiled(Bare())  # type: ignore[arg-type]
    with pytest.raises(NotBuilt, match="evaluate_frame"):
        engines.frames(Bare(), "numpy")  # type: ignore[arg-type]


def test_rounds_are_interleaved() -> None:
    order: list[str] = []
    figures = interleaved(
        {"one": lambda: order.append("one"), "two": lambda: order.append("two")}, rounds=2, yardstick="one"
    )
    # Each once beforehand, then a round in the order given, then one that begins with the second.
    assert order == ["one", "two", "one", "two", "two", "one"]
    assert [figure.name for figure in figures] == ["one", "two"]


def test_the_page_and_its_chart() -> None:
    figures = [Figure("by hand", 1e-6, 2e-6, 3e-6, 4e-6, 1.0), Figure("policyrules <x>", 5e-6, 6e-6, 7e-6, 8e-6, 5.0)]
    section = Section("key", "A title", ("How it was taken.",), "µs", "by hand", figures)
    section.facts.append(("loading", "1 s"))
    section.skipped.append(("a peer", "not installed"))
    text = page.page([section], [("Python", "CPython")], datetime.date(2026, 1, 2), "a command")
    assert "| by hand | 1.00 | 2.00 | 3.00 | 1 |" in text
    assert "| policyrules <x> | 5.00 | 6.00 | 7.00 | 5.00 |" in text
    assert "- not measured: a peer (not installed)" in text
    assert "Taken on 2026-01-02 with `a command`." in text
    drawn = page.chart([section])
    assert drawn.startswith("<svg ")
    assert "policyrules &lt;x&gt;" in drawn
    assert "× 5.00" in drawn


def test_the_command_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    cases = (ten_thousand.enumerated(20), ten_thousand.deep(5))
    monkeypatch.setenv("POLICYRULES_CACHE", "off")
    monkeypatch.setattr(
        ten_thousand, "sections", lambda *, quick, rounds: [ten_thousand.section(case, rounds) for case in cases]
    )
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick", "--only", "rules"])
    command.main()
    said = capsys.readouterr().out
    assert "20 rules on one enumerated field  (ratio to: plain Python by hand)" in said
    assert "A chain of 5 definitions" in said
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--only", "rules", "--json"])
    command.main()
    told = json.loads(capsys.readouterr().out)
    assert [section["key"] for section in told] == ["rules_20", "deep_5"]
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick", "--write"])
    with pytest.raises(SystemExit):
        command.main()
