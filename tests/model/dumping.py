"""Outcomes of random cases as lines of JSON, and where two such files differ.

Why this exists: two versions of the program are compared on a hundred thousand cases, each run with its own source:
``PYTHONPATH=/other/src python -m tests.model.long --dump FILE --cases 100000 --seed 1``. A seed gives the same cases with
any version, so that a run is split by giving each part a seed.

Invariant: a line holds all that is said of one record (`to_dict`, and the explanation as text), or why nothing was; it
begins with its number, by which it is made again.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .choosing import Pick, RandomChooser
from .harness import Case, DoesNotLoad, Situation, evaluate, make_case, make_situation, shown
from .probing import presence_read

RECORDS = 8
"""Records that are evaluated under one policy: loading takes longer than evaluating."""
CORRECTED = ("presumed", "defaults")


def reads_presence(case: Case) -> bool:
    """Whether presence of more than plain cells is read: of a presumed one, or of two sets that meet."""
    return any(kind == "sets" or name in case.folded.presumptions for kind, name in presence_read(case))


def situations(seed: int, index: int) -> tuple[Case, list[Situation]]:
    """The policy of a number, and its records."""
    chooser = RandomChooser(f"{seed} dump {index}")
    case = make_case(chooser)
    return case, [make_situation(case, Pick(chooser)) for _ in range(RECORDS)]


def lines(cases: int, seed: int, explained: bool) -> Iterator[str]:
    """One line a record."""
    for index in range(-(-cases // RECORDS)):
        try:
            case, records = situations(seed, index)
        except DoesNotLoad as error:
            yield json.dumps({"case": f"{seed} {index}", "refused": str(error)}, ensure_ascii=False)
            continue
        for number, situation in enumerate(records[: cases - index * RECORDS]):
            line: dict[str, object] = {"case": f"{seed} {index} {number}", "presence": reads_presence(case)}
            try:
                outcome = evaluate(case, situation)
                # The fingerprint of a policy tells versions of the program apart as well.
                line["outcome"] = {**outcome.to_dict(), "policy": None}
                if explained:
                    line["explanation"] = str(outcome.explain())
            except Exception as error:  # a crash is a difference too
                line["crash"] = f"{type(error).__name__}: {error}"
            yield json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def dump(path: Path, cases: int, seed: int, explained: bool) -> None:
    """Write the lines; progress on the error output."""
    with path.open("w", encoding="utf-8") as file:
        for number, line in enumerate(lines(cases, seed, explained), 1):
            file.write(line + "\n")
            if number % 10_000 == 0:
                print(f"{number} cases", file=sys.stderr, flush=True)


_SAID = re.compile(r"（(?:推定|缺省)：[^（）]*）")
"""What an explanation says of it behind a result."""


def without_corrected(value: object) -> object:
    """The data without what a result rests on."""
    if isinstance(value, dict):
        return {key: without_corrected(part) for key, part in value.items() if key not in CORRECTED}
    return [without_corrected(part) for part in value] if isinstance(value, list) else value


def differences(first: Path, second: Path, most: int) -> int:
    """Print how many lines differ, in what, and the first that differ in more than what they rest on."""
    kinds: Counter[str] = Counter()
    with first.open(encoding="utf-8") as one, second.open(encoding="utf-8") as other:
        for left, right in zip(one, other, strict=True):
            if left == right:
                kinds["same"] += 1
                continue
            ours, theirs = json.loads(left), json.loads(right)
            data = [without_corrected(line.get("outcome", line)) for line in (ours, theirs)]
            kind = "differ"
            if data[0] == data[1]:
                words = [_SAID.sub("", str(line.get("explanation"))) for line in (ours, theirs)]
                same_words = words[0] == words[1]
                kind = "differ in presumed or defaults" if same_words else "differ in the explanation"
            elif ours.get("presence"):
                kind = "differ where presence is read"
            kinds[kind] += 1
            if kind == "differ" and kinds[kind] <= most:
                print(f"---- {ours['case']}\n{left}{right}")
    print(dict(kinds))
    return int(kinds["differ"] > 0)


def show(number: str) -> None:
    """Print the case of a line."""
    seed, index, record = map(int, number.split())
    case, records = situations(seed, index)
    print(shown(case, records[record]))
