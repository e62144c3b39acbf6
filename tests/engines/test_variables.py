"""Few variables: what a function comes to stays, whatever of its values moved and whatever of its variables share a name.

Why this exists: a value that moved too far, or whose name was given away too early, would be another's, in programs of hundreds of
conditions alone.
"""

from __future__ import annotations

import random
import re

import pytest
from tests.engines.cases import cut_down, dumped
from tests.engines.engines import compiled
from tests.engines.long import Met, run

from policyrules.engine.compiled import variables
from policyrules.engine.compiled.variables import few


@pytest.fixture(autouse=True)
def every_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are given again in every function, however small."""
    monkeypatch.setattr(variables, "AT_ONCE", 0)


def test_a_name_is_given_again_behind_what_reads_it() -> None:
    lines = ["def f(I0):", " n1 = I0 + 1", " n2 = n1 * 2", " n3 = n2 + 1", " return n2, n3"]
    assert few(lines, {"I0"}) == ["def f(I0):", " a0 = I0 + 1", " a0 = a0 * 2", " a1 = a0 + 1", " return a0, a1"]


def test_what_is_read_once_stands_where_it_is_read() -> None:
    lines = ["def f(I0):", " c1 = I0('x2')", " x2 = (c1 + 1)", " if I0('c1'):", "  n3 = (c1 or x2)", " return n3"]
    assert few(lines, {"I0"}) == [
        "def f(I0):",
        " a0 = I0('x2')",
        " if I0('c1'):",
        "  a0 = (a0 or (a0 + 1))",
        " return a0",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        # Read in every round of a loop; of another value by then; told by somebody else; what finds it has two lines.
        [" x1 = (I0 * 2)", " for n2 in I0:", "  n3 += x1", " return n3"],
        [" n1 = 1", " x2 = (n1 + 1)", " n1 = 5", " return x2, n1"],
        [" x1 = R.told(I0)", " return x1"],
        [" if I0:", "  x1 = 2", " else:", "  x1 = 3", " return x1"],
    ],
)
def test_what_may_not_move_stays(lines: list[str]) -> None:
    found = few(["def f(I0, R):", *lines], {"I0", "R"})
    assert len(found) == 1 + len(lines)


def test_what_a_loop_reads_keeps_its_name_to_the_end_of_the_loop() -> None:
    lines = [
        "def f(I0):",
        " x1 = 5",
        " n2 = 0",
        " for I3 in I0:",
        "  x4 = I3 + x1",
        "  x5 = x4 * 2",
        "  n2 += x5",
        " return n2",
    ]
    found = few(lines, {"I0"})
    # 5 is read in every round: neither I3, x4 nor x5 may take its place.
    (kept,) = re.findall(r"(a\d+) = 5", found[1])
    assert not re.search(rf"\b{kept}\b", "\n".join(found[5:])) and f"{kept} =" not in "\n".join(found[2:])
    space: dict[str, object] = {}
    exec("\n".join(found), space)
    assert space["f"]([1, 2, 3]) == 2 * (6 + 7 + 8)  # type: ignore[operator]  # a function


def test_texts_are_no_names() -> None:
    lines = [
        "def f(I0):",
        " n1 = (I0 == 'n1')",
        ' n2 = (I0 == "n1\'s n2")',
        " n3 = (I0 == 'a\\'n1')",
        " return n1, n2, n3",
    ]
    found = "\n".join(few(lines, {"I0"}))
    for text in ("'n1'", '"n1\'s n2"', "'a\\'n1'"):
        assert text in found


def test_few_names_and_functions_in_functions_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = ["def f(I0):", " x1 = 1", " def f2():", "  nonlocal x1", "  x1 = 2", " f2()", " x3 = x1", " return x3"]
    assert few(inner, {"I0"}) == inner
    monkeypatch.setattr(variables, "AT_ONCE", 2)
    lines = ["def f(I0):", " n1 = I0", " n2 = n1", " return n2"]
    assert few(lines, {"I0"}) == lines


class Writer:
    """Functions at random, of the statements that the engine writes: conditions, guards, loops that count or find."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names = 0

    def fresh(self) -> str:
        self.names += 1
        return f"x{self.names}"

    def value(self, seen: list[str]) -> str:
        one, other = self.random.choice(seen), self.random.choice(seen)
        return self.random.choice(
            (f"(({one} + {other}) % 97)", f"{one} - 2 * {other} % 89", f"({one} if {other} > 9 else 3)")
        )

    def block(self, seen: list[str], depth: int, pad: str) -> list[str]:
        lines: list[str] = []
        seen = [*seen]
        for _ in range(self.random.randint(3, 9)):
            name = self.fresh()
            kind = self.random.random() if depth < 3 else 0.0
            test = f"{self.random.choice(seen)} % 2"
            if kind < 0.6:
                lines.append(f"{pad}{name} = {self.value(seen)}")
            elif kind < 0.75:
                lines.append(f"{pad}if {test}:")
                lines += self.block(seen, depth + 1, pad + " ")
                lines += [f"{pad} {name} = {self.value(seen)}", f"{pad}else:", f"{pad} {name} = 1"]
            elif kind < 0.9:
                lines += [f"{pad}{name} = 0", f"{pad}for {(row := self.fresh())} in (1, 2, 3):"]
                lines += self.block([*seen, row], depth + 1, pad + " ")
                lines.append(f"{pad} {name} += {row} * {self.random.choice(seen)}")
            else:
                lines += [f"{pad}{name} = 0", f"{pad}for {(row := self.fresh())} in (5, 6, 7, 8):"]
                lines += [f"{pad} if ({row} + {self.random.choice(seen)}) % 3 == 0:", f"{pad}  {name} = {row}"]
                lines.append(f"{pad}  break")
            seen.append(name)
        lines.append(f"{pad}T.append(({', '.join(self.random.sample(seen, min(4, len(seen))))}, ))")
        return lines


def test_functions_at_random() -> None:
    before = after = 0
    names = re.compile(r"\b[xa]\d+\b")
    for seed in range(60):
        lines = ["def f(I0, T):", *Writer(seed).block(["I0"], 0, " ")]
        given = few(lines, {"I0", "T"})
        assert told(given) == told(lines), seed
        before += len(set(names.findall("\n".join(lines))))
        after += len(set(names.findall("\n".join(given))))
    assert 2 * after < before


def told(lines: list[str]) -> list[object]:
    """What a function tells of some numbers."""
    space: dict[str, object] = {}
    exec("\n".join(lines), space)
    found: list[object] = []
    for number in range(5):
        space["f"](number, found)  # type: ignore[operator]  # a function
    return found


def test_generated_programs_and_records() -> None:
    found = next(run(100, 21, {"compiled": compiled}, 25, Met()), None)
    assert found is None, found and f"[{found[0]}] {found[2]}\n{dumped(cut_down(compiled, found[1]), '')}"
