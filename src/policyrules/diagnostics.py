"""Diagnostics as values: stable codes, both places of a conflict, the underlined line, a remedy.

Why this exists: a user's error is data that phases return together; nothing here prints. Exceptions are only the two
that carry data across the public face: `PolicyError` (every diagnostic of a load) and `RecordError` (one bad record).

Codes: ``E1xx`` text and syntax, ``E2xx`` names, types and units, ``E3xx`` layers and authority, ``E4xx`` manifests and
clauses, ``E5xx`` records and ledgers, ``E6xx`` scenarios and parameters; ``W...`` are warnings with the same hundreds.
Each code has a paragraph in ``docs/diagnostics.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from policyrules.source import Span, display_width

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Label:
    """A place and what it is: the second place of a conflict, the upper provision that binds."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about a text. ``span`` is None where a whole folder or file is meant (``path`` names it)."""

    code: str
    message: str
    span: Span | None = None
    severity: Severity = "error"
    remedy: str | None = None
    related: tuple[Label, ...] = ()
    path: str | None = None

    @property
    def file(self) -> str:
        """The file people should open."""
        return self.span.source.path if self.span is not None else (self.path or "")

    @property
    def line(self) -> int | None:
        """Line from 1, or None where no line is meant."""
        return self.span.line if self.span is not None else None

    @property
    def column(self) -> int | None:
        """Column from 1 in characters, or None."""
        return self.span.column if self.span is not None else None

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "end_column": None if self.span is None else self.span.column + _first_line_length(self.span),
            "remedy": self.remedy,
            "related": [
                {
                    "file": label.span.source.path,
                    "line": label.span.line,
                    "column": label.span.column,
                    "message": label.message,
                }
                for label in self.related
            ],
        }

    def __str__(self) -> str:
        return render(self)


_SEVERITY_NAMES: dict[str, str] = {"error": "错误", "warning": "警告", "note": "提示"}


def _first_line_length(span: Span) -> int:
    length = span.text.find("\n")
    return max(1, length if length >= 0 else span.end - span.start)


def _excerpt(span: Span, message: str) -> list[str]:
    line, column = span.source.line_column(span.start)
    text = span.source.line_text(line).replace("\t", " ")
    # A very long line is cut around the place, so that the underline stays in sight.
    first = max(0, column - 1 - 40) if len(text) > 120 else 0
    shown = text[first : first + 120]
    lead = text[first : column - 1]
    marked = text[column - 1 : column - 1 + _first_line_length(span)][: max(1, 120 - len(lead))]
    gutter = f"{line:>5} │ "
    prefix = "…" if first else ""
    caret = " " * (display_width(prefix) + display_width(lead)) + "^" * max(1, display_width(marked))
    return [f"{gutter}{prefix}{shown}", f"      │ {caret}" + (f" {message}" if message else "")]


def render(diagnostic: Diagnostic) -> str:
    """The diagnostic as people read it in a terminal, in Chinese, without a final line end."""
    head = f"{_SEVERITY_NAMES[diagnostic.severity]}[{diagnostic.code}]"
    lines: list[str] = []
    if diagnostic.span is not None:
        lines.append(f"{diagnostic.span} {head}：{diagnostic.message}")
        lines.extend(_excerpt(diagnostic.span, ""))
    else:
        lines.append((f"{diagnostic.path} " if diagnostic.path else "") + f"{head}：{diagnostic.message}")
    for label in diagnostic.related:
        lines.append(f"   另见 {label.span}：{label.message}")
        lines.extend(_excerpt(label.span, ""))
    if diagnostic.remedy:
        lines.append(f"   改法：{diagnostic.remedy}")
    return "\n".join(lines)


def sort_key(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    """Order of display: file, line, column, code, message; the same whatever order the phases ran in."""
    return (diagnostic.file, diagnostic.line or 0, diagnostic.column or 0, diagnostic.code, diagnostic.message)


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics without repetition, in display order."""
    return tuple(dict.fromkeys(sorted(diagnostics, key=sort_key)))


class PolicyError(Exception):
    """Rule texts or layers cannot be loaded; ``diagnostics`` holds everything that was found, in display order."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = ordered(diagnostics)
        super().__init__("\n\n".join(render(diagnostic) for diagnostic in self.diagnostics))


class RecordError(Exception):
    """A record cannot be read: where (``path``), what stood there (``value``) and what was expected.

    ``path`` is readable by people and machines alike: ``资产[0].闲置起始日``.
    """

    def __init__(self, path: str, value: object, expected: str) -> None:
        self.path = path
        self.value = value
        self.expected = expected
        super().__init__(f"{path}：{value!r} 不能识别，应为{expected}")
