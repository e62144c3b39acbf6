"""What reading one record costs: at once, by functions made from the declarations, and key by key.

Why this exists: a service reads every record that it decides, and a plain record is read by another reader than one with a slip.
Which of them a record takes, and what that saves, shows here alone.

Invariants: both readers read the same records and say the same of them; a flat record of 31 fields stands beside the projects of the
example ledger with their rows.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

import policyrules as pr
from benchmarks import stack
from benchmarks.measure import Section, interleaved
from policyrules.records.build import general_instance
from policyrules.records.export import plain_record
from policyrules.records.fast import cells_reader
from policyrules.records.names import record_names
from policyrules.testing.build import policy_from_text

_AT_ONCE, _BY_KEY = "at once", "key by key"
_FLAT = "\n".join(
    (
        "对象 项目（project） 标识 编号",
        "  字段 编号（id）：文本",
        "  字段 类型（kind）：枚举 { 种植、养殖、加工、文旅 }",
        *(f"  字段 款{at}（money_{at}）：金额（万元） 取值 0 万元 以上" for at in range(7)),
        *(f"  字段 日{at}（day_{at}）：日期" for at in range(5)),
        *(f"  字段 等次{at}（grade_{at}）：枚举 {{ 好、较好、一般、差 }}" for at in range(5)),
        *(f"  字段 有无{at}（flag_{at}）：是否" for at in range(8)),
        *(f"  字段 个数{at}（count_{at}）：整数（个） 取值 0 个 以上" for at in range(4)),
    )
)


def flat_policy() -> pr.Policy:
    """A policy of one flat object: money, dates, choices, yes and no, counts."""
    return policy_from_text(_FLAT, as_of=stack.AS_OF)


def flat_record(random: Random, number: int) -> dict[str, object]:
    """An invented record with every field."""
    record: dict[str, object] = {"id": f"XM{number:06}", "kind": random.choice(("种植", "养殖", "加工", "文旅"))}
    for at in range(7):
        whole = at % 2
        record[f"money_{at}"] = random.randrange(5_000) if whole else random.randrange(500_000) / 100
    for at in range(5):
        day = datetime.date(2020, 1, 1) + datetime.timedelta(random.randrange(2_000))
        record |= {f"day_{at}": day.isoformat(), f"grade_{at}": random.choice(("好", "较好", "一般", "差"))}
    record |= {f"flag_{at}": random.random() < 0.5 for at in range(8)}
    return record | {f"count_{at}": random.randrange(100) for at in range(4)}


def example_records(policy: pr.Policy, projects: int) -> list[dict[str, object]]:
    """The projects of the example ledger as JSON has them."""
    names = record_names(policy.program)
    with stack.ledger(projects) as path:
        records = [plain_record(names, found.instance) for found in policy.read(path).records]
    found: list[dict[str, object]] = json.loads(json.dumps(records))
    return found


def readers(policy: pr.Policy) -> dict[str, Callable[[dict[str, object]], object]]:
    """Both readers of a policy's records."""
    return {_AT_ONCE: policy.instance, _BY_KEY: partial(general_instance, record_names(policy.program))}


def _section(
    key: str,
    title: str,
    text: str,
    works: dict[str, Callable[[dict[str, object]], object]],
    records: Sequence[dict[str, object]],
    rounds: int,
) -> Section:
    def every(work: Callable[[dict[str, object]], object]) -> None:
        for record in records:
            work(record)

    section = Section(key, title, (text,), "µs", _AT_ONCE)
    runs = {name: partial(every, work) for name, work in works.items()}
    section.figures = interleaved(runs, rounds=rounds, pieces=len(records), yardstick=_AT_ONCE)
    return section


def sections(*, quick: bool, rounds: int) -> list[Section]:
    """All of them; ``quick``: small, to see that they run."""
    random = Random(1)
    flat = flat_policy()
    many = [flat_record(random, number) for number in range(50 if quick else 1_000)]
    program = flat.program
    values = cells_reader(program, program.root, list(program.fields[program.root]))
    county = pr.load(stack.COUNTY, as_of=stack.AS_OF)
    return [
        _section(
            "reading_flat",
            "Reading a flat record",
            f"{len(many):,} invented records of 31 fields as JSON has them; time a record. “Values alone” makes no record of them.",
            {**readers(flat), "values alone": values},
            many,
            rounds,
        ),
        _section(
            "reading_stack",
            "Reading a project with its rows",
            "The projects of the example ledger as JSON has them, for the county stack; time a project.",
            readers(county),
            example_records(county, 60 if quick else stack.PROJECTS),
            rounds,
        ),
    ]
