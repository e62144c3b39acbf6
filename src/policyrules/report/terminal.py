"""Where reports meet the terminal: colour, width, encodings, progress. The only module that uses Rich.

Why this exists: the same lines go to a colour terminal, a narrow one, a pipe, a file, or a console that knows GBK only.
Rich is an extra; without it everything works in plain text.

Invariants: a pipe gets plain text; NO_COLOR and TERM=dumb are respected; a character that the console cannot show never
ends the program, and is never lost; nothing that somebody wrote into a file, a name or an argument moves the cursor or
forges a line: one line in is one line out, and what cannot be printed is ``�``; results go to standard output,
everything else to standard error.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TextIO, TypeVar

from policyrules.report.layout import TERMINAL, Line, Piece, text, wrap
from policyrules.source import display_width
from policyrules.text import printable
from policyrules.writing import json_bytes

_T = TypeVar("_T")
_NARROWEST: Final = 40
_WIDEST: Final = 120
_PIPE_WIDTH: Final = 100
_PATIENCE: Final = 0.7
"""Seconds before progress is shown: short work needs none."""
_PAUSE: Final = 0.2


def prepare_streams() -> None:
    """Make standard output and error survive being closed, and characters that their encoding does not have: these are
    written as ``\\u76d8``."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (it stays open)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def abandon_output() -> None:
    """Let go of a standard output that takes nothing any more, so that the end of the program does not try again."""
    # A stream that is no file has nothing to let go of.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_data(data: str | bytes, *, escape: bool = False) -> None:
    """Write what programs read, as JSON or rule text (bytes: in UTF-8), to standard output: in a pipe or a file it is UTF-8 whatever
    the locale says, byte for byte what was meant. ``escape``: on a terminal, what it cannot show is written as JSON escapes it.
    """
    stream = sys.stdout
    buffer = getattr(stream, "buffer", None)
    if buffer is None or stream.isatty():
        text = data if isinstance(data, str) else data.decode()
        stream.write("".join(map(_escaped, text)) if escape else text)
    else:
        stream.flush()
        buffer.write(json_bytes(data) if isinstance(data, str) else data)
    stream.flush()


def _escaped(char: str) -> str:
    if char.isprintable() or char in "\n\u3000":
        try:
            char.encode(sys.stdout.encoding or "utf-8")
        except UnicodeEncodeError:
            return json.dumps(char)[1:-1]
        return char
    return json.dumps(char)[1:-1]


class Screen:
    """Standard output and error, as the environment allows. ``quiet`` silences remarks and progress."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self._consoles: dict[int, Any] = {}

    @property
    def width(self) -> int:
        """Columns to lay out for: the window's (40 at least; lines past 120 are hard to read), or 100 in a pipe."""
        if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
            return _PIPE_WIDTH
        return max(_NARROWEST, min(shutil.get_terminal_size((80, 24)).columns, _WIDEST))

    def show(self, lines: Iterable[Line]) -> None:
        """Write report lines to standard output."""
        self._write(sys.stdout, lines)

    def say(self, *lines: str, style: str = "") -> None:
        """Write one remark to standard error."""
        if not self.quiet:
            self._write(sys.stderr, [row for line in lines for row in self._fitting(Piece(line, style))])

    def fail(self, *lines: str, sentences: bool = False) -> None:
        """Write an error to standard error, whatever ``quiet`` says. ``sentences``: no column of them points at another, so
        that long ones may be broken."""
        styled = [Piece(line, "" if number else "bad") for number, line in enumerate(lines)]
        self._write(sys.stderr, [row for one in styled for row in (self._fitting(one) if sentences else [(one,)])])

    def _fitting(self, piece: Piece) -> list[Line]:
        """``piece`` in lines that a window can show; in a pipe or a file it stays one."""
        if not sys.stderr.isatty():
            return [(piece,)]
        margin = " " * (len(piece.text) - len(piece.text.lstrip(" ")))
        width = max(_NARROWEST, min(shutil.get_terminal_size((80, 24)).columns, _WIDEST))
        return wrap(Piece(piece.text[len(margin) :], piece.style), width, lead=margin, rest=margin + "    ")

    def _write(self, stream: TextIO, lines: Iterable[Line]) -> None:
        console = self._console(stream)
        if console is None:
            for line in lines:
                stream.write(_shown(text(line)).rstrip() + "\n")
            stream.flush()
            return
        from rich.text import Text

        for line in lines:
            styled = Text(no_wrap=True, overflow="ignore", end="")
            for piece in line:
                styled.append(_shown(piece.text), TERMINAL[piece.style])
            console.print(styled, soft_wrap=True)

    def _console(self, stream: TextIO) -> Any:
        """Rich's console for ``stream``, or None where plain text is right."""
        if not _colourful(stream):
            return None
        key = id(stream)
        if key not in self._consoles:
            try:
                from rich.console import Console
            except ImportError:
                self._consoles[key] = None
            else:
                self._consoles[key] = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
        return self._consoles[key]

    def progress(
        self, items: Iterable[_T], label: str, total: int, size: Callable[[_T], int] = lambda _: 1
    ) -> Iterator[_T]:
        """``items`` as they come, with a line on standard error once the work takes a while: how many of ``total`` are done,
        how fast, and how long the rest will take. ``size``: how many of them an item stands for. A pipe gets no line."""
        if self.quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            yield from items
            return
        started = shown = time.monotonic()
        done, line = 0, ""
        try:
            for item in items:
                yield item
                done += size(item)
                now = time.monotonic()
                if now - started > _PATIENCE and now - shown >= _PAUSE and done < total:
                    line = _over(line, _progress_text(label, done, total, now - started))
                    shown = now
        finally:
            if line:
                _over(line, "")

    def stage(self, label: str, before: str = "") -> str:
        """Say on one line of standard error what is being done, over what was said ``before``; what stands there now. '' clears the
        line. A pipe gets no line."""
        if self.quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            return ""
        return _over(before, label)


def _shown(text: str) -> str:
    """``text`` as a terminal may show it. Where the locale knows ASCII only, the names of files hold bytes instead of
    characters; they are UTF-8 more often than not."""
    if not text.isascii():
        with contextlib.suppress(UnicodeEncodeError):
            text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return printable(text)


def _progress_text(label: str, done: int, total: int, seconds: float) -> str:
    """How far the work is.

    >>> _progress_text("评估", 12345, 100000, 30.0)
    '评估 12,345/100,000（12%），每秒 412 个，还要约 3 分 33 秒'
    """
    rate = done / seconds
    left = round((total - done) / rate)
    minutes, rest = divmod(left, 60)
    hours, minutes_left = divmod(minutes, 60)
    wait = f"{hours} 小时 {minutes_left} 分" if hours else f"{minutes} 分 {rest} 秒" if minutes else f"{rest} 秒"
    speed = f"每秒 {rate:,.0f} 个" if rate >= 10 else f"每秒 {rate:.1f} 个"
    return f"{label} {done:,}/{total:,}（{done * 100 // total}%），{speed}，还要约 {wait}"


def _over(line: str, text: str) -> str:
    """Write ``text`` over the ``line`` that stands on standard error, with nothing but blanks and the return of the
    carriage; what stands there now."""
    room = shutil.get_terminal_size((80, 24)).columns - 1
    while display_width(text) > room:
        text = text[:-1]
    blank = " " * max(0, display_width(line) - display_width(text))
    sys.stderr.write(f"\r{text}{blank}" + ("" if text else "\r"))
    sys.stderr.flush()
    return text


def _colourful(stream: TextIO) -> bool:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty() or bool(os.environ.get("FORCE_COLOR"))
