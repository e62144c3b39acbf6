"""One decision of 31 fields: one record at a time, and many in columns.

Why this exists: this is the size of a decision that somebody would otherwise write by hand, or give to another engine.

Invariants: everybody's results are compared with the definition's before anything is measured.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from benchmarks import engines
from benchmarks.decision31 import by_hand, codes, data
from benchmarks.measure import NotBuilt, Section, interleaved

BY_HAND = "plain Python by hand"
NUMPY = "NumPy by hand, blocks"
INVENTED = (
    "The decision is invented (`benchmarks/decision31/decision.rules`): 31 fields with money, dates, enumerations and "
    "booleans, a count of the portfolio for each county and kind, seven outputs that partly read one another. One cell in "
    "eight is blank. Every rival gives value, status and candidates of all seven outputs, and is compared with the definition "
    "on every record that is measured, or on the first 10,000."
)


class Unequal(AssertionError):
    """A rival that does not say what the definition says."""


def checked(name: str, found: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> None:
    """Raises `Unequal` with the first record that differs."""
    for number, (own, wanted) in enumerate(zip(found, expected, strict=True)):
        if own != wanted:
            raise Unequal(f"{name}, record {number}: {own} instead of {wanted}")


def of_definition(policy: Any, rows: list[dict[str, Any]], *, together: bool) -> list[tuple[Any, ...]]:
    """The seven results of each record by the definition; ``together``: each against all of them."""
    if together:
        outcomes = list(policy.evaluate_all(rows))
    else:
        define = engines.defined(policy)
        outcomes = [define(policy.instance(row)) for row in rows]
    return [tuple(codes.defined(outcome[name]) for name in codes.VALUES) for outcome in outcomes]


def one_record(n: int, rounds: int) -> Section:
    """Each engine on ``n`` dict records, one at a time, without a portfolio."""
    from benchmarks.decision31 import peers

    policy = data.policy()
    rows = data.records(n).rows()
    expected = of_definition(policy, rows, together=False)
    instances = [policy.instance(row) for row in rows]
    define = engines.defined(policy)
    section = Section(
        "decision31_record",
        "A decision of 31 fields, one record",
        (
            INVENTED,
            f"{n:,} dict records, one call each; time a record. No portfolio is given, so the count is from the record's own "
            "contribution upwards for everybody. Python by hand asks each cell at most once and hands out results made "
            "beforehand.",
            "In favour of the others: Python by hand and the peers give no citations, no reasons and nothing that is missing, and "
            "check nothing that they read; peers get dates as numbers and what they need of the count beside the record, "
            "compiled once, one call for all seven outputs; their formulas for what is certain and what is possible were "
            "simplified by hand, and the last step from a number to a result is a table in Python.",
        ),
        "µs",
        BY_HAND,
    )
    works: dict[str, Callable[[], object]] = {BY_HAND: lambda: [by_hand.decide_alone(row) for row in rows]}
    checked(BY_HAND, [by_hand.decide_alone(row) for row in rows], expected)
    try:
        program = engines.compiled(policy)

        def said(found: Any) -> tuple[Any, ...]:
            return tuple(codes.defined(found[name]) for name in codes.VALUES)

        checked("compiled", [said(program(row)) for row in rows], expected)
        checked("compiled, read already", [said(program.decide(one)) for one in instances], expected)
        told = engines.told(codes.VALUES)
        works["policyrules, compiled, dict in"] = lambda: [told(program(row)) for row in rows]
        works["policyrules, compiled, record read already"] = lambda: [told(program.decide(one)) for one in instances]
    except NotBuilt as missing:
        section.skipped.append(("policyrules, compiled", str(missing)))
    for name, make in peers.installed().items():
        decide = make()
        given = [peers.for_peer(name, peers.prepared(row, 0, 1 << 62)) for row in rows]
        checked(name, [decide(row) for row in given], expected)
        works[name] = lambda decide=decide, given=given: [decide(row) for row in given]  # type: ignore[misc]  # what a lambda keeps has no type
    section.skipped += [
        (name, f"{package} is not installed (extra `peers`)")
        for name, (package, _) in peers.PEERS.items()
        if name not in works
    ]
    works["policyrules, reading a dict"] = lambda: [policy.instance(row) for row in rows]
    works["policyrules, the definition"] = lambda: [define(one) for one in instances]
    works["policyrules, evaluate(dict)"] = lambda: [policy.evaluate(row) for row in rows]
    section.figures = interleaved(works, rounds=rounds, pieces=n, yardstick=BY_HAND)
    return section


def rivals(
    records: data.Records,
) -> tuple[dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]], list[tuple[str, str]]]:
    """Who evaluates columns by hand: the work, and what makes bytes (7 × n) of what it gives; and who is not there."""
    from benchmarks.decision31 import by_c, by_numpy

    found: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
        NUMPY: (lambda: by_numpy.decide(records), lambda out: out)
    }
    missing = []
    if by_c.compiler() is None:
        missing.append(("C by hand, blocks", "there is no C compiler"))
    else:
        found["C by hand, blocks, -O3 -march=native"] = (lambda: by_c.decide(records), lambda out: out)
    if find_spec("polars") is None:
        missing.append(("Polars by hand", "polars is not installed (extra `peers`)"))
    else:
        from benchmarks.decision31 import by_polars

        frame = by_polars.frame(records)
        found["Polars by hand, in memory"] = (
            lambda: by_polars.decide(frame, records.counties, "in-memory"),
            by_polars.codes,
        )
        found["Polars by hand, streaming"] = (
            lambda: by_polars.decide(frame, records.counties, "streaming"),
            by_polars.codes,
        )
    return found, missing


def many(n: int, rounds: int) -> Section:
    """Each engine on ``n`` records in columns, the count over all of them included."""
    policy = data.policy()
    sample = data.records(min(n, 10_000))
    rows = sample.rows()
    expected = of_definition(policy, rows, together=True)
    checked(BY_HAND, by_hand.decide_all(rows), expected)
    small, _ = rivals(sample)
    for name, (work, as_bytes) in small.items():
        out = as_bytes(work())
        checked(name, [codes.results(out[:, number].tolist()) for number in range(sample.n)], expected)
    section = Section(
        "decision31_columns",
        "The same decision in columns",
        (
            f"{n:,} records; time a record. The count for each county and kind is part of it. Everybody starts from "
            "columns in memory in the codes that suit it, and gives typed columns: by hand a byte an output that says value, "
            "status and candidates. Those by hand gave the same bytes on all rows, and the definition's results on the first 10,000.",
            "Polars may use all cores, everybody else one: processor time is of all threads, wall time shows what the cores "
            "bring. Polars reads the codes that NumPy by hand reads, a blank being a code, so that it carries no nulls. The "
            "definition is not measured here: it takes thousands of times as long.",
        ),
        "ns",
        NUMPY,
    )
    records = data.records(n)
    found, section.skipped = rivals(records)
    reference = found[NUMPY][0]()
    works = {name: work for name, (work, _) in found.items()}
    for name, (work, as_bytes) in found.items():
        if not (as_bytes(work()) == reference).all():
            raise Unequal(f"{name} differs from {NUMPY}")
    for executor in engines.EXECUTORS:
        name = f"policyrules, prepared codes, {executor}"
        try:
            evaluate = engines.frames(policy, executor)
            given = evaluate(engines.prepared(policy, sample.table()))
            checked(name, engines.results_of_frame(given, codes.VALUES), expected)
            codes_ = engines.prepared(policy, records.table())
        except NotBuilt as missing:
            section.skipped.append((name, str(missing)))
            continue
        works[name] = lambda evaluate=evaluate, codes_=codes_: evaluate(codes_).columns  # type: ignore[misc]  # what a lambda keeps has no type
    section.figures = interleaved(works, rounds=rounds, pieces=n, yardstick=NUMPY)
    return section
