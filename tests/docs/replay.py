"""Replays the documentation: writes the files that a page shows, runs its commands, compares what comes out.

Why this exists: every command and every output in the pages is real, and stays so. The pages are the test data; this
module only reads them. ``python -m tests.docs.replay --write docs/manual.md`` puts the outputs of today into a page.

How a page is read:

* a fenced block whose info string is ``language path`` (```` ```rules 滨江省/规则.rules ````) is a file;
* a block ``console`` holds commands after ``$`` and what they print (both streams, as a terminal shows them);
* a line of an expected output that begins with ``……`` stands for any lines left out;
* ``console 数字可变``: figures and bars may differ, because they count things that others edit;
* a block ``text`` after files, on the page of diagnostics, is a part of what ``policyrules check`` says of them.

Invariants: a page runs in a folder of its own, which holds copies of ``policies`` and ``examples`` where it asks for
them; nothing is written elsewhere; no shell runs, only the commands named in `run_command`.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ELLIPSIS = "……"
MADE = {"影响.html": "docs/影响示例.html"}
"""What commands of pages write that is kept beside the pages, to be looked at."""

_FENCE = re.compile(r"^(`{3,})([^\n`]*)\n(.*?)^\1[ ]*$", re.MULTILINE | re.DOTALL)
_ESCAPE = re.compile(r"⟨(?:U\+([0-9A-F]{4,6})|字节 ([0-9A-F ]+)|([^⟨⟩]+?) × ([0-9]+))⟩")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. ``start`` and ``end`` bound its text in the page; ``line`` is where the text begins."""

    language: str
    info: str
    text: str
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a page: what the page says it prints, and what it printed."""

    command: str
    expected: str
    got: str
    loose: bool
    line: int

    @property
    def agrees(self) -> bool:
        """Whether the page tells the truth."""
        return matches(self.expected, self.got, loose=self.loose)


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found = []
    for fence in _FENCE.finditer(text):
        language, _, info = fence.group(2).strip().partition(" ")
        line = text.count("\n", 0, fence.start(3)) + 1
        found.append(Block(language, info.strip(), fence.group(3), fence.start(3), fence.end(3), line))
    return found


def content(text: str) -> bytes:
    """The bytes of a file as a page shows it: ``⟨U+200B⟩`` a character, ``⟨字节 FF⟩`` bytes, ``⟨字 × 3⟩`` repetition.

    >>> content("甲⟨乙 × 2⟩⟨U+0041⟩").decode()
    '甲乙乙A'
    """
    parts: list[bytes] = []
    done = 0
    for found in _ESCAPE.finditer(text):
        parts.append(text[done : found.start()].encode())
        character, raw, word, times = found.groups()
        if character:
            parts.append(chr(int(character, 16)).encode("utf-8", "surrogatepass"))
        elif raw:
            parts.append(bytes.fromhex(raw))
        else:
            parts.append((word.replace("⏎", "\n") * int(times)).encode())
        done = found.end()
    parts.append(text[done:].encode())
    return b"".join(parts)


def write_file(folder: Path, path: str, text: str) -> None:
    """Write a file block below ``folder``."""
    target = folder / path
    assert folder.resolve() in target.resolve().parents, path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content(text))


@contextlib.contextmanager
def workplace(*copies: str) -> Iterator[Path]:
    """An empty folder to work in, with copies of folders of the project."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="policyrules-docs-") as name:
        folder = Path(name)
        for copy in copies:
            shutil.copytree(ROOT / copy, folder / copy, ignore=shutil.ignore_patterns("__pycache__"))
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(before)


def run_command(command: str) -> str:
    """What a command prints, standard output and error together. Only ``policyrules`` and a few file commands run."""
    words = shlex.split(command)
    match words:
        case ["policyrules", *arguments]:
            return _policyrules(arguments)
        case ["python", "examples/ledger/generate.py", *arguments]:
            subprocess.run([sys.executable, "examples/ledger/generate.py", *arguments], check=True)
        case ["mkdir", path]:
            Path(path).mkdir(parents=True)
        case ["ln", "-s", target, path]:
            Path(path).symlink_to(target)
        case ["rm", path]:
            Path(path).unlink()
        case _:
            raise AssertionError(f"a page may not run this: {command}")
    return ""


def _policyrules(arguments: list[str]) -> str:
    from policyrules.cli import run

    said = io.StringIO()
    kept = {name: os.environ.pop(name, None) for name in ("COLUMNS", "FORCE_COLOR")}
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            run(arguments)
    finally:
        os.environ.update({name: value for name, value in kept.items() if value is not None})
    return said.getvalue()


def commands(block: Block) -> list[tuple[str, str]]:
    """The commands of a console block, each with what follows it."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            assert found, f"line {block.line}: a console block begins with a command"
            found[-1][1].append(line)
    return [(command, "\n".join(lines)) for command, lines in found]


def replay(text: str, folder: Path, *, only: tuple[str, ...] = ("console",)) -> Iterator[Step]:
    """Write the files and run the commands of a page, in order."""
    for block in blocks(text):
        if block.language in only:
            for command, expected in commands(block):
                yield Step(command, expected, run_command(command), "数字可变" in block.info, block.line)
        elif "/" in block.info or "." in block.info:
            write_file(folder, block.info, block.text)


def matches(expected: str, got: str, *, loose: bool = False) -> bool:
    """Whether ``got`` is what a page says; lines that begin with ``……`` stand for any lines.

    >>> matches("甲\\n……（略）\\n丁", "甲\\n乙\\n丙\\n丁"), matches("甲 3 个", "甲 12 个", loose=True)
    (True, True)
    """
    parts: list[list[str]] = [[]]
    for line in _lines(expected, loose):
        if line.startswith(ELLIPSIS):
            parts.append([])
        else:
            parts[-1].append(line)
    lines = _lines(got, loose)
    if len(parts) == 1:
        return parts[0] == lines
    first, *middle, last = parts
    if lines[: len(first)] != first or (last and lines[-len(last) :] != last):
        return False
    rest = lines[len(first) : len(lines) - len(last)]
    for part in middle:
        at = next((i for i in range(len(rest) - len(part) + 1) if rest[i : i + len(part)] == part), None)
        if at is None:
            return False
        rest = rest[at + len(part) :]
    return len(first) + len(last) <= len(lines)


def _lines(text: str, loose: bool) -> list[str]:
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    if not loose:
        return lines
    plain = (re.sub(r"[ ─█]+", " ", re.sub(r"[0-9]+(?:\.[0-9]+)?%?", "#", line)) for line in lines)
    return [line.rstrip() for line in plain]


def report(step: Step) -> str:
    """A disagreement as a person mends it."""
    return f"line {step.line}: $ {step.command}\n--- the page says\n{step.expected}\n--- it prints\n{step.got}"


# ---- putting today's outputs into a page ----------------------------------------------------------------------------


def refreshed(text: str, folder: Path) -> str:
    """The page with the output of every command that no longer agrees put anew, whole."""
    pieces: list[str] = []
    done = 0
    for block in blocks(text):
        if block.language == "console":
            lines: list[str] = []
            for command, expected in commands(block):
                got = run_command(command)
                same = matches(expected, got, loose="数字可变" in block.info)
                shown = expected if same else got.strip("\n")
                lines.append(f"$ {command}\n" + (f"{shown}\n" if shown else ""))
            pieces += [text[done : block.start], "\n".join(lines) if "\n\n$ " in block.text else "".join(lines)]
            done = block.end
        elif "/" in block.info or "." in block.info:
            write_file(folder, block.info, block.text)
    return "".join(pieces) + text[done:]


def main(arguments: list[str]) -> int:
    """``--write PAGE...``: refresh pages; without it, say where they disagree."""
    write = "--write" in arguments
    failed = 0
    for name in (argument for argument in arguments if argument != "--write"):
        path = Path(name).resolve()
        text = path.read_text(encoding="utf-8")
        with workplace("policies", "examples") as folder:
            if write:
                path.write_text(refreshed(text, folder), encoding="utf-8")
                for made, kept in MADE.items():
                    if (folder / made).exists():
                        shutil.copyfile(folder / made, ROOT / kept)
                continue
            for step in replay(text, folder):
                if not step.agrees:
                    failed += 1
                    print(report(step))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
