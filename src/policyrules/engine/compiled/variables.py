"""Few local variables: what is read once stands where it is read, and a name that nothing reads any more is given again.

Why this exists: of a function Python reaches the first 256 variables in one step and every other in two, the second of which it does
not make fast either; a program of hundreds of conditions has thousands of names, of which few are needed at a time.

Invariants: a value moves only to where all that it reads is still the same, in the same loop, and is read there at most once; a
name is given again only behind all that reads it, and one that was there before a loop not before the end of the loop; what
is asked of others is asked where it was written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from heapq import heappop, heappush
from typing import Final

from policyrules.engine.compiled.blocks import nesting

AT_ONCE: Final = 256
"""Variables that Python reaches in one step."""
DEEPEST: Final = 60
"""Brackets in brackets that are written at most."""
_WORD: Final = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\b[A-Za-z]+[0-9]+\b""")
"""Texts, which stay as they are, and names."""
_VALUES: Final = re.compile(r"( *)(v[0-9]+) = (\w+\.values)\.get")
"""What asks an instance for its cells."""
_BOUND: Final = 8
"""From so many cells on it is faster to keep what asks for them than to look it up for each."""
_VALUE: Final = re.compile(r" *([cx][0-9]+) = (.+)")
"""A cell that is read, or a value that is worked out: where it begins with a bracket it is one bracket."""


def few(lines: Sequence[str], kept: Container[str]) -> list[str]:
    """The lines of a function with as few variables as they need. ``kept``: names in it that are parameters, or no variables. A line
    that writes a name first reads nothing after it."""
    if any(line.lstrip().startswith("def ") for line in lines[1:]):
        # A function in the function shares variables with it, whatever the line.
        return list(lines)
    return _again(_filled(_read_once(_asked(lines), kept)), kept)


def _asked(lines: Sequence[str]) -> list[str]:
    """The lines with the cells of an instance of which few are read asked for by a method."""
    uses = Counter(word for line in lines for word in _WORD.findall(line) if word[0] == "v")
    few_ = {name for name, count in uses.items() if count <= _BOUND}
    told: list[str] = []
    for line in lines:
        found = _VALUES.fullmatch(line)
        if found is not None and found[2] in few_:
            line = f"{found[1]}{found[2]} = {found[3]}"
        else:
            line = _WORD.sub(lambda one: f"{one[0]}.get" if one[0] in few_ else one[0], line)
        told.append(line)
    return told


def _read_once(lines: Sequence[str], kept: Container[str]) -> list[str]:
    """The lines with each value that is read once written where it is read: behind what settles it, it is not worked out at all."""
    read: dict[str, list[int]] = {}
    written: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        for found in _WORD.finditer(line):
            word = found[0]
            if word[0] not in "'\"" and word not in kept:
                gets = line.startswith((" = ", " += "), found.end()) or line.endswith("for ", 0, found.start())
                places = written if gets else read
                places.setdefault(word, []).append(number)
    around = _loops(lines)
    moved: dict[int, dict[str, str]] = {}
    """For each line the values that are written in it in place of names."""
    deep: dict[int, int] = {}
    told: list[str] = []
    for number, line in enumerate(lines):
        if number in moved:
            line = _replaced(line, moved[number])
        one = None if "R." in line else _VALUE.match(line)
        if one is not None and len(found_in := read.get(one[1], [])) == len(written[one[1]]) == 1:
            name, value = one.groups()
            (there,) = found_in
            same = not any(number < at <= there for word in _WORD.findall(value) for at in written.get(word, ()))
            if there not in deep:
                deep[there] = nesting(lines[there])
            if same and around[there] is around[number] and nesting(value) + deep[there] <= DEEPEST:
                bare = value[0] == "(" or " " not in value
                moved.setdefault(there, {})[name] = value if bare else f"({value})"
                continue
        told.append(line)
    return told


def _filled(lines: Sequence[str]) -> list[str]:
    """The lines with something in each block, also where all that stood in it stands where it is read, behind the block."""
    told: list[str] = []
    for line in lines:
        # A value moves to a line behind it: what ends a block that is empty now is there.
        if told and told[-1].endswith(":") and _depth(line) <= (head := _depth(told[-1])):
            told.append(" " * (head + 1) + "pass")
        told.append(line)
    return told


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _replaced(line: str, by: Mapping[str, str]) -> str:
    return _WORD.sub(lambda found: by.get(found[0], found[0]), line)


def _again(lines: Sequence[str], kept: Container[str]) -> list[str]:
    """The lines with names given again, where Python does not reach all that there are in one step."""
    reach: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        for word in _WORD.findall(line):
            if word[0] in "'\"" or word in kept:
                continue
            found = reach.get(word)
            if found is None:
                reach[word] = [number, number]
            else:
                found[1] = number
    if len(reach) <= AT_ONCE:
        return list(lines)
    around = _loops(lines)
    given = _given({name: (first, _beyond(first, last, around)) for name, (first, last) in reach.items()})
    return [_replaced(line, given) for line in lines]


class _Loop:
    """A loop, from its head to its last line, and the one that it stands in."""

    __slots__ = ("depth", "end", "outer", "start")

    def __init__(self, start: int, depth: int, outer: _Loop | None) -> None:
        self.start = self.end = start
        self.depth = depth
        self.outer = outer


def _loops(lines: Sequence[str]) -> list[_Loop | None]:
    """For each line the innermost loop around it; a head stands outside its loop."""
    around: list[_Loop | None] = []
    open_: _Loop | None = None
    for number, line in enumerate(lines):
        depth = _depth(line)
        while open_ is not None and open_.depth >= depth:
            open_ = open_.outer
        around.append(open_)
        if line.startswith("for ", depth):
            open_ = _Loop(number, depth, open_)
        inside = open_
        while inside is not None:
            inside.end = number
            inside = inside.outer
    return around


def _beyond(first: int, last: int, around: Sequence[_Loop | None]) -> int:
    """How far a name reaches: to the end of every loop that it reaches into from outside."""
    # What is written first in a loop is read in the same round alone.
    loop = around[last]
    while loop is not None and first < loop.start:
        last, loop = loop.end, loop.outer
    return last


def _given(reach: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """For each name, in the order of their first lines, the first that is free."""
    free: list[int] = []
    taken: list[tuple[int, int]] = []
    given: dict[str, str] = {}
    for name, (first, last) in sorted(reach.items(), key=lambda one: one[1][0]):
        while taken and taken[0][0] <= first:
            heappush(free, heappop(taken)[1])
        number = heappop(free) if free else len(taken)
        given[name] = f"a{number}"
        heappush(taken, (last, number))
    return given
