"""The policies themselves: filling in a blank changes only what asked for it, and never what was settled.

Random policies are small; these are wide and deep. There is no second opinion on them here, only what must hold of any
policy when one more cell is filled in. Cells whose blankness itself is read (已填 / 未填, 首选, 推定, 期限) are left alone.
"""

from __future__ import annotations

import copy
import datetime
import itertools
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import policyrules as pr
from policyrules.types import Kind, json_value

from .checking import SETTLED, decisions_of

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("policies/national", "policies/jiangxi", "examples/county")
AS_OF = datetime.date(2026, 3, 1)


RULES = "\n".join(
    path.read_text(encoding="utf-8") for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.rules"))
)
TERMS = dict(re.findall(r"^术语 (\w+)[^\n]*\n(.*?)(?=^\w|\Z)", RULES, re.MULTILINE | re.DOTALL))
WORD = re.compile(r"[^\W\d]\w*")
READ_AS_BLANK = (
    re.compile(r"首选(.*?)缺则", re.DOTALL),
    re.compile(r"([\w.]+)\s*(?:已填|未填)"),
    re.compile(r"^\s*期限 (.*)$", re.MULTILINE),
    re.compile(r"^\s*(?:当 .*)?则 (\w+) 为", re.MULTILINE),
)


def read_as_blank() -> set[str]:
    """Names, of fields or of whole lists, whose blankness itself is read; and whatever a 则 may presume."""
    found: set[str] = set()
    pending = [word for pattern in READ_AS_BLANK for text in pattern.findall(RULES) for word in WORD.findall(text)]
    while pending:
        word = pending.pop()
        if word not in found:
            found.add(word)
            pending.extend(WORD.findall(TERMS.get(word, "")))
    return found


def some_value(field: Any, rng: random.Random) -> Any:
    """A value within the field's bounds, as JSON gives it."""
    type_ = field.type
    match type_.kind:
        case Kind.BOOL:
            return rng.random() < 0.5
        case Kind.ENUM:
            return rng.choice(type_.values or ("",))
        case Kind.SET:
            values = type_.values or ("甲", "乙")
            return sorted(rng.sample(values, rng.randint(0, min(3, len(values)))))
        case Kind.TEXT:
            return rng.choice(("甲", "乙"))
        case Kind.DATE:
            return (AS_OF - datetime.timedelta(days=rng.choice((0, 1, 40, 400, 800, -30)))).isoformat()
        case Kind.YEAR:
            low = int(field.low) if isinstance(field.low, int) else 2018
            return rng.randint(max(low, 2018), 2026)
        case _:
            assert not isinstance(field.low, datetime.date) and not isinstance(field.high, datetime.date)
            low_value = field.low if field.low is not None else 0
            high_value = field.high if field.high is not None else low_value + rng.choice((1, 10, 1000)) * 10_000
            step = rng.choice((0, 1, 2, 3, 10, 100)) if type_.kind is not Kind.RATIO else rng.choice((0, 1))
            scale = 10_000 if type_.kind in (Kind.MONEY, Kind.AREA) else 1
            return json_value(min(high_value, low_value + step * scale), type_)


def some_record(policy: pr.Policy, rng: random.Random, blanks: float) -> dict[str, Any]:
    """A random project with its county and rows."""
    program = policy.program

    def row(name: str) -> dict[str, Any]:
        made = {f.name: some_value(f, rng) for f in program.fields.get(name, {}).values() if rng.random() >= blanks}
        for child in program.objects[name].children:
            if child != "项目" and rng.random() >= blanks / 2:
                made[child] = [row(child) for _ in range(rng.randint(0, 2))]
        return made

    record = row("项目")
    identity = program.objects["项目"].identity
    if identity is not None:
        record[identity] = "P-1"
    record["县"] = row("县")
    return record


def open_cells(
    program: Any, name: str, data: dict[str, Any], path: str, at: tuple[Any, ...]
) -> Iterator[tuple[tuple[Any, ...], str, Any]]:
    """Blank cells as (where in the record, path as blanks name it, field)."""
    for field in program.fields.get(name, {}).values():
        if field.name not in data:
            yield at, path, field
    for child in program.objects[name].children:
        for index, row in enumerate(data.get(child, []) if child != "项目" else []):
            below = f"{child}[{index}]" if path in ("项目", "县") else f"{path}.{child}[{index}]"
            yield from open_cells(program, child, row, below, (*at, child, index))
    if name == "项目":
        yield from open_cells(program, "县", data["县"], "县", (*at, "县"))


@pytest.fixture(scope="module", params=FOLDERS)
def policy(request: pytest.FixtureRequest) -> pr.Policy:
    return pr.load(ROOT / str(request.param), as_of=AS_OF)


def changed_by_one_answer(policy: pr.Policy, seed: int, answers: int) -> list[str]:
    """Fill in single blanks of one random record; what changed without having asked."""
    rng = random.Random(seed)
    record = some_record(policy, rng, rng.choice((0.15, 0.4)))
    skip = read_as_blank()
    before = policy.evaluate(record, portfolio=[])
    asked = {
        (name, path): {(b.object, b.name) for b in result.missing.relevant}
        for _, path, name, result in decisions_of(before)
    }
    asked_by = {(f.name, f.target): {(b.object, b.name) for b in f.missing.relevant} for f in before.findings}
    cells = [
        cell
        for cell in open_cells(policy.program, "项目", record, "项目", ())
        if cell[2].name not in skip and cell[2].object not in skip
    ]
    found: list[str] = []
    for at, where, field in rng.sample(cells, min(answers, len(cells))):
        filled = copy.deepcopy(record)
        target = filled
        for step in at:
            target = target[step]
        value = some_value(field, rng)
        target[field.name] = value
        after = policy.evaluate(filled, portfolio=[])
        results = {(name, path): result for _, path, name, result in decisions_of(after)}
        for _, path, name, result in decisions_of(before):
            again = results[name, path]
            settled = result.status in SETTLED
            same = (result.status, result.value, settled or result.candidates) == (
                again.status,
                again.value,
                settled or again.candidates,
            )
            if not same and (where, field.name) not in asked[name, path]:
                found.append(
                    f"{name}（{path}）：{result.text} → {again.text}，因 {where}.{field.name}={value}，没有列出"
                )
        statuses = {(f.name, f.target): f.status for f in after.findings}
        for finding in before.findings:
            key = finding.name, finding.target
            fine = {finding.status, "not_applicable"} if finding.status == "compliant" else {finding.status}
            if statuses[key] not in fine and (where, field.name) not in asked_by[key]:
                found.append(f"{key}：{finding.status} → {statuses[key]}，因 {where}.{field.name}={value}，没有列出")
    return found


@pytest.mark.parametrize("seed", range(4))
def test_one_answer_changes_only_what_asked_for_it(policy: pr.Policy, seed: int) -> None:
    assert not changed_by_one_answer(policy, seed, 12)


CLASSED = {"项目阶段": "运营", "已形成": True, "困难起始日": "2025-06-01", "停产日": "2025-06-01"}


def cells_of_classes(policy: pr.Policy) -> dict[str, tuple[Any, ...]]:
    """What the class of a project is read from, where every answer can be tried."""
    found = {}
    for blank in policy.evaluate(CLASSED, portfolio=[])["分类"].missing.relevant:
        field = policy.program.fields["项目"].get(blank.name) if blank.object == "项目" else None
        if field is not None and field.type.kind in (Kind.BOOL, Kind.ENUM):
            found[field.name] = (True, False) if field.type.kind is Kind.BOOL else field.type.values or ()
    return found


def test_some_answer_to_what_decides_a_class_settles_it(policy: pr.Policy) -> None:
    cells, rng = cells_of_classes(policy), random.Random(7)
    assert len(cells) >= 9
    several = repeating = 0
    for _ in range(250):
        record = {**CLASSED, **{n: rng.choice(values) for n, values in cells.items() if rng.random() < 0.5}}
        missing = policy.evaluate(record, portfolio=[])["分类"].missing
        asked = [blank.name for blank in missing.deciding]
        if not set(asked) <= cells.keys() or not missing:
            continue
        several, repeating = several + 1, repeating + (not missing.exact)
        answers = itertools.product(*(cells[name] for name in asked))
        filled = ({**record, **dict(zip(asked, answer, strict=True))} for answer in answers)
        assert any(policy.evaluate(one, portfolio=[])["分类"].status in SETTLED for one in filled), (record, asked)
    assert several > 60 and repeating > 20
