"""Blocks of Python and what has a name in them: frames of loops, instances, cells, constants.

Why this exists: whoever writes an operation asks for a cell by what it is and gets the name of a local variable that was filled
before, once, in the block from which all who read it can see it.

Invariants: a name is given once; a statement stands in a block only where all that it reads is written before it; no text of a
user stands outside literals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from policyrules.engine.compiled.facts import Facts
from policyrules.engine.compiled.sharing import ROOT, Sharing
from policyrules.engine.lowering.nodes import Bit, Cell, Place, Space


class Block:
    """Statements of a frame, under facts; ``depth``: how many blocks are around it."""

    __slots__ = ("depth", "facts", "frame", "guard", "lines")

    def __init__(self, frame: Frame, facts: Facts, depth: int) -> None:
        self.lines: list[str | tuple[str, Block]] = []
        self.frame = frame
        self.facts = facts
        self.depth = depth
        self.guard: Guard | None = None

    def add(self, line: str) -> None:
        """One more statement."""
        self.lines.append(line)

    def inside(self, facts: Facts | None = None) -> Block:
        """A block that may be put into this one."""
        return Block(self.frame, Facts(self.facts) if facts is None else facts, self.depth + 1)

    def put(self, head: str, block: Block) -> None:
        """A block under a head (``if …:``, ``for …:``)."""
        self.lines.append((head, block))

    def text(self, indent: int = 0) -> Iterator[str]:
        """Its lines."""
        pad = " " * indent
        for line in self.lines:
            if isinstance(line, str):
                yield pad + line
            else:
                head, block = line
                if not head:
                    yield from block.text(indent)
                    continue
                yield pad + head
                yield from block.text(indent + 1) if block.lines else (f"{pad} pass",)


class Guard:
    """What is worked out only where tests hold: of everything that is read behind it something stands in their place where they
    do not."""

    __slots__ = ("_inside", "_instead", "_other", "_text", "numbers", "tests")

    def __init__(self, text: str, tests: Sequence[tuple[Bit, bool]], numbers: frozenset[tuple[int, bool]]) -> None:
        self._text = text
        self.tests = tests
        self.numbers = numbers
        self._inside: Block | None = None
        self._other: Block | None = None
        self._instead: list[str] = []

    def is_last_of(self, block: Block) -> bool:
        """Whether it stands at the end of a block."""
        return bool(block.lines) and self._other is not None and block.lines[-1] == ("else:", self._other)

    def otherwise(self, line: str) -> None:
        """What stands in the place of more of it."""
        self._instead.append(line)

    def put(self, block: Block, inside: Block) -> None:
        """More of it, at the end of a block."""
        if not inside.lines:
            return
        if self._inside is None or self._other is None or not self.is_last_of(block):
            self._inside, self._other = inside, block.inside()
            block.put(f"if {self._text}:", inside)
            block.put("else:", self._other)
            block.guard = self
        else:
            self._inside.lines += inside.lines
        self._other.lines += self._instead
        self._instead = []


class Frame:
    """The code for one element of a space: how its instance is called, the block that is run for each, what is named."""

    __slots__ = ("block", "head", "instance", "names", "seen", "space")

    def __init__(self, space: Space, instance: str, facts: Facts, depth: int) -> None:
        self.space = space
        self.instance = instance
        self.head = Block(self, facts, depth)
        self.block = Block(self, facts, depth)
        self.names: dict[int, str] = {}
        self.seen: dict[Any, str] = {}


class Scope:
    """What has a name while the nodes that ``sharing`` knows are written. ``constants``: names for values that have no literal; ``given``: cells of the
    record that are local variables from the start; ``start``: what the names of constants begin with."""

    def __init__(self, sharing: Sharing, root: Space, given: dict[Cell, str], start: str) -> None:
        self.sharing = sharing
        self._start = start
        self.given = given
        self.constants: dict[str, Any] = {}
        self._constant_names: dict[tuple[type, Any], str] = {}
        self._fresh = 0
        self.open: dict[int, Block] = {}
        self.frames = [Frame(root, "I0", Facts(), 0)]
        self.open[ROOT] = self.frames[0].block

    # ---- names

    def fresh(self, start: str) -> str:
        """A name that nothing has."""
        self._fresh += 1
        return f"{start}{self._fresh}"

    def constant(self, value: Any) -> str:
        """A value that is the same for all records."""
        if type(value) in (str, bool, type(None)) or (type(value) is int and -(10**15) < value < 10**15):
            text = repr(value)
            return f"({text})" if text[0] == "-" else text
        key = (type(value), value)
        found = self._constant_names.get(key)
        if found is None:
            found = self._constant_names[key] = f"{self._start}{len(self.constants)}"
            self.constants[found] = value
        return found

    def constant_of(self, value: object) -> str:
        """Something that the code uses as it is."""
        name = f"{self._start}{len(self.constants)}"
        self.constants[name] = value
        return name

    def frame_of(self, space: Space | None) -> Frame:
        """The frame of a space."""
        if space is None:
            return self.frames[0]
        for frame in reversed(self.frames):
            if frame.space is space or frame.space == space:
                return frame
        raise AssertionError(space)

    def instance(self, place: Place) -> str:
        """The instance at a place."""
        if place.up == 0:
            return self.frame_of(place.space).instance
        return self._of(Place(place.space, place.up - 1), ("up", place.up), "I", ".parent")

    def path(self, place: Place) -> str:
        """The path of the instance at a place."""
        return self._of(place, ("path", place.up), "p", ".path")

    def _values(self, place: Place) -> str:
        return self._of(place, ("values", place.up), "v", ".values.get")

    def rows(self, place: Place, kind: str) -> str:
        """The rows of a kind that an instance has, None where they were not supplied."""
        return self._of(place, ("rows", place.up, kind), "r", f".rows.get({kind!r})")

    def _of(self, place: Place, key: tuple[str | int, ...], letter: str, what: str) -> str:
        """The name of ``what`` the instance at a place has, which is read once, at the head of its frame."""
        frame = self.frame_of(place.space)
        found = frame.seen.get(key)
        if found is None:
            instance = self.instance(place)
            found = frame.seen[key] = self.fresh(letter)
            frame.head.add(f"{found} = {instance}{what}")
        return found

    def cell(self, cell: Cell) -> str:
        """What a cell holds."""
        given = self.given.get(cell)
        if given is not None:
            return given
        number = self.sharing.cells[cell]
        frame = self.frame_of(cell.place.space)
        found = frame.names.get(number)
        if found is not None:
            return found
        read = f"{self._values(cell.place)}({cell.name!r})"
        if self.sharing.uses[number] == 1 and frame is self.frames[-1]:
            return read
        name = frame.names[number] = self.fresh("c")
        self.block_for(number, frame).add(f"{name} = {read}")
        return name

    def block_for(self, number: int, frame: Frame) -> Block:
        """Where something that is shared is worked out: as far in as all who read it allow."""
        if number in self.sharing.first:
            return frame.block
        return self.block_below(self.sharing.above[number], frame)

    def block_below(self, above: int, frame: Frame) -> Block:
        """Where a reader, or what stands above it, is written in a frame."""
        # Further in there may be loops that are not in sight from here.
        around = self.frames[: self.frames.index(frame) + 1]
        while True:
            found = self.open.get(above)
            if found is not None and found.frame in around:
                # What several loops read is worked out in each of them.
                return found if found.frame is frame else frame.block
            above = self.sharing.above[above]


def nesting(text: str) -> int:
    """How many brackets stand in each other in a text, at most."""
    depth = deepest = 0
    for sign in text:
        if sign == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif sign == ")":
            depth -= 1
    return deepest
