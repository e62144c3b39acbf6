"""Many rules: ten thousand on one enumerated field, a deep program, a wide condition.

Why this exists: cost must not grow with rules that have nothing to say on a record, and no program that loads may be too
deep or too wide for an engine.

Invariants: rules are generated and invented; the results by hand are those of the definition, compared before anything is
measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import engines
from benchmarks.measure import NotBuilt, Section, interleaved
from policyrules.testing.build import policy_from_text

BY_HAND = "plain Python by hand"
_TRUTH = {True: 3, False: 0, None: 1}


@dataclass(frozen=True, slots=True)
class Case:
    """A generated program, records for it, and the same by hand: status and value of its one decision, 结论."""

    key: str
    title: str
    text: str
    rules: str
    records: Sequence[dict[str, Any]]
    by_hand: Callable[[Mapping[str, Any]], tuple[str, str | None]]


def enumerated(count: int) -> Case:
    """``count`` rules, each on one value of one field; every eighth record is blank."""
    values = [f"值{number}" for number in range(count)]
    kinds = 20
    parts = [
        "对象 项目 标识 编号",
        "  字段 编号（id）：文本",
        f"  字段 代码（code）：枚举 {{ {'、'.join(values)} }}",
        f"决定 结论：单选 {{ {'、'.join(f'类{number}' for number in range(kinds))} }}",
        *(f"规则 则{n}\n  当 代码 为 {value}\n  则 结论 为 类{n % kinds}" for n, value in enumerate(values)),
    ]
    table: dict[str | None, tuple[str, str | None]] = {
        value: ("determined", f"类{number % kinds}") for number, value in enumerate(values)
    }
    table[None] = ("undetermined", None)
    step = max(1, count // 40)
    codes = [None if n % (8 * step) == 0 else value for n, value in enumerate(values) if n % step == 0]
    records = [{"id": f"P{n}", "code": code} for n, code in enumerate(codes)]
    return Case(
        f"rules_{count}",
        f"{count:,} rules on one enumerated field",
        f"{count:,} rules, each on one of {count:,} values of one field, twenty conclusions; one record in eight is blank. By hand "
        "it is one look into a dict.",
        "\n".join(parts),
        records,
        lambda record: table[record["code"]],
    )


def deep(levels: int) -> Case:
    """A chain of ``levels`` terms, each of which reads the one before it."""
    fields = [f"f{number}" for number in range(levels)]
    parts = ["对象 项目 标识 编号", "  字段 编号（id）：文本"]
    parts += [f"  字段 甲{number}（{name}）：是否" for number, name in enumerate(fields)]
    parts += ["术语 层0\n  即 甲0"]
    words = ("且", "或")
    parts += [f"术语 层{n}\n  即 层{n - 1} {words[n % 2]} 甲{n}" for n in range(1, levels)]
    parts += ["决定 结论：单选 { 成立 }", f"规则 唯一\n  当 层{levels - 1}\n  则 结论 为 成立"]
    cells = (True, False, True, None, False, True, True)
    records = [
        {"id": f"P{n}", **{name: cells[(n * 3 + at * (n % 5 + 1)) % 7] for at, name in enumerate(fields)}}
        for n in range(50)
    ]
    results: dict[int, tuple[str, str | None]] = {
        3: ("determined", "成立"),
        0: ("none", None),
        1: ("undetermined", None),
    }

    def by_hand(record: Mapping[str, Any]) -> tuple[str, str | None]:
        # From the end: an or that is true, an and that is false, settles everything before it.
        wanted = 3
        least = 0
        for at in range(levels - 1, 0, -1):
            truth = _TRUTH[record[fields[at]]]
            if at % 2:
                least |= truth & wanted
            else:
                wanted &= truth
            if not wanted & ~least:
                return results[least]
        return results[least | wanted & _TRUTH[record["f0"]]]

    return Case(
        f"deep_{levels}",
        f"A chain of {levels} definitions",
        f"{levels} terms, each of which reads the one before it, 且 and 或 in turn. By hand it is read from the end and stops where "
        "the rest cannot matter.",
        "\n".join(parts),
        records,
        by_hand,
    )


def wide(terms: int) -> Case:
    """One condition of ``terms`` comparisons on fifty amounts."""
    names = [f"a{number}" for number in range(50)]
    parts = ["对象 项目 标识 编号", "  字段 编号（id）：文本"]
    parts += [f"  字段 乙{number}（{name}）：金额（元） 取值 0 元 以上" for number, name in enumerate(names)]
    tests = [(names[n % 50], 1_000 + n) for n in range(terms)]
    condition = " 或 ".join(f"乙{n % 50} ≥ {least} 元" for n, (_, least) in enumerate(tests))
    parts += ["决定 结论：单选 { 成立 }", f"规则 唯一\n  当 {condition}\n  则 结论 为 成立"]
    records = [
        {"id": f"P{n}", **{name: None if (at + n) % 8 == 0 and n % 2 else 900 + n for at, name in enumerate(names)}}
        for n in range(20)
    ]
    lowest = {name: min(least for own, least in tests if own == name) for name, _ in tests}

    def by_hand(record: Mapping[str, Any]) -> tuple[str, str | None]:
        # Whoever writes it sees that the lowest threshold of each field is enough.
        blank = False
        for name, least in lowest.items():
            value = record[name]
            if value is None:
                blank = True
            elif value >= least:
                return "determined", "成立"
        return ("undetermined", None) if blank else ("none", None)

    return Case(
        f"wide_{terms}",
        f"One condition of {terms:,} comparisons",
        f"{terms:,} comparisons of fifty amounts in one 或, nearly all of them false. By hand only the lowest threshold of each field "
        "is compared.",
        "\n".join(parts),
        records,
        by_hand,
    )


def section(case: Case, rounds: int) -> Section:
    """Load it, compare everybody with the definition, and measure a record."""
    start = time.process_time()
    policy = policy_from_text(case.rules)
    loaded = time.process_time() - start
    instances = [policy.instance(record) for record in case.records]
    define = engines.defined(policy)

    def said(found: Any) -> tuple[str, Any]:
        return found["结论"].status, found["结论"].value

    expected = [said(define(one)) for one in instances]
    assert [case.by_hand(record) for record in case.records] == expected, case.key
    found = Section(case.key, case.title, (case.text + " Generated; time a record.",), "µs", BY_HAND)
    found.facts.append(("loading from text, once", f"{loaded:.2f} s"))
    records = case.records
    works: dict[str, Callable[[], object]] = {BY_HAND: lambda: [case.by_hand(record) for record in records]}
    try:
        start = time.process_time()
        program = engines.compiled(policy)
        found.facts.append(("compiling, once", f"{time.process_time() - start:.2f} s"))
        assert [said(program(record)) for record in records] == expected, case.key
        told = engines.told(("结论",))
        works["policyrules, compiled, dict in"] = lambda: [told(program(record)) for record in records]
        works["policyrules, compiled, record read already"] = lambda: [told(program.decide(one)) for one in instances]
    except NotBuilt as missing:
        found.skipped.append(("policyrules, compiled", str(missing)))
    works["policyrules, reading a dict"] = lambda: [policy.instance(record) for record in records]
    some = instances[:8]
    works["policyrules, the definition"] = lambda: [define(one) for one in some]
    pieces = dict.fromkeys(works, len(records)) | {"policyrules, the definition": len(some)}
    found.figures = interleaved(works, rounds=rounds, pieces=pieces, yardstick=BY_HAND)
    return found


def sections(*, quick: bool, rounds: int) -> list[Section]:
    """All three; ``quick``: small, to see that they run."""
    cases = (enumerated(300), deep(20), wide(100)) if quick else (enumerated(10_000), deep(190), wide(5_000))
    return [section(case, rounds) for case in cases]
