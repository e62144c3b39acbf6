"""Diagnostics as values: stable codes, both places of a conflict, the underlined line, a remedy.

Why this exists: a user's error is data that phases return together; nothing here prints. There is one kind of finding,
whether it is about a text of rules (its place is a `Span`) or about a cell of a ledger (a `CellPlace`). Exceptions are
only the two that carry findings across the public face: `PolicyError` (every diagnostic of a load) and `RecordError`
(one bad record).

Invariants: every code stands in `policyrules.codes`; what a `CellPlace` holds is small (`small`), so that a finding can
always be shown, compared and written; findings and both exceptions pickle.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias

from policyrules.frozen import frozen
from policyrules.source import Source, Span, display_width
from policyrules.text import cut_middle, printable
from policyrules.types import number_text

Severity = Literal["error", "warning", "note"]


@frozen
class Label:
    """A place and what it is: the second place of a conflict, the upper provision that binds."""

    span: Span
    message: str


@frozen
class CellPlace:
    """A place in a ledger or a record, and what stands there.

    ``row``: from 1, as the workbook shows it; ``column``: its letter; ``path``: the field, readable by people and machines
    (``资产[0].闲置起始日``); ``value``: what was filled in; ``record``: the number of the record that the place belongs to;
    ``set_aside``: that record was not evaluated because of the finding.
    """

    path: str = ""
    value: object = None
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    record: str = ""
    set_aside: bool = False

    def __str__(self) -> str:
        parts = [self.file, f"工作表“{self.sheet}”" if self.sheet else ""]
        parts += [f"第 {self.row} 行" if self.row is not None else "", f"{self.column} 列" if self.column else ""]
        return " ".join(filter(None, parts))


_LONG_NAME: Final = re.compile(r"\w{121,}")
_LONGEST_TEXT: Final = 4_000


def _readable(text: str) -> str:
    """A text without names that nobody would read to their end."""
    if len(text) <= 120:
        return text
    return cut_middle(_LONG_NAME.sub(lambda found: cut_middle(found[0], 60), text), _LONGEST_TEXT)


Place: TypeAlias = Span | CellPlace | None


@frozen
class Diagnostic:
    """One finding. ``place`` is None where a whole folder or file is meant (``path`` names it). ``remedy`` says what to
    write instead; of a cell, what belongs there."""

    code: str
    message: str
    place: Place = None
    severity: Severity = "error"
    remedy: str | None = None
    related: tuple[Label, ...] = ()
    path: str | None = None

    def __post_init__(self) -> None:
        # A message is one line, whatever it quotes; a remedy may show several.
        object.__setattr__(self, "message", _readable(printable(self.message)))
        if self.remedy is not None:
            object.__setattr__(self, "remedy", _readable(self.remedy))

    @property
    def span(self) -> Span | None:
        """The place in a text; None where the finding is not about one."""
        return self.place if isinstance(self.place, Span) else None

    @property
    def cell(self) -> CellPlace:
        """The place in a ledger; an empty one where the finding is not about one."""
        return self.place if isinstance(self.place, CellPlace) else CellPlace()

    @property
    def expected(self) -> str:
        """What belongs in the cell, or what is wrong with the row, in Chinese."""
        return self.message if self.remedy is None else self.remedy

    @property
    def file(self) -> str:
        """The file people should open."""
        return self.span.source.path if self.span is not None else (self.path or self.cell.file)

    @property
    def line(self) -> int | None:
        """Line from 1, or None where no line is meant."""
        return self.span.line if self.span is not None else None

    @property
    def column(self) -> int | None:
        """Column from 1 in characters, or None."""
        return self.span.column if self.span is not None else None

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys: one set for texts, one for cells."""
        if isinstance(self.place, CellPlace):
            plain = self.place.value
            plain = plain if plain is None or isinstance(plain, (bool, int, str)) else shown(plain)
            cell = asdict(replace(self.place, value=plain))
            return {"code": self.code, "path": cell["path"], "value": plain, "expected": self.expected, **cell}
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


def _excerpt(span: Span) -> list[str]:
    line, column = span.source.line_column(span.start)
    text = printable(span.source.line_text(line))
    # A very long line is cut around the place, so that the underline stays in sight.
    first = max(0, column - 1 - 40) if len(text) > 120 else 0
    shown = text[first : first + 120]
    lead = text[first : column - 1]
    marked = text[column - 1 : column - 1 + _first_line_length(span)][: max(1, 120 - len(lead))]
    gutter = f"{line:>5} │ "
    prefix = "…" if first else ""
    caret = " " * (display_width(prefix) + display_width(lead)) + "^" * max(1, display_width(marked))
    return [f"{gutter}{prefix}{shown}", f"      │ {caret}"]


def render(diagnostic: Diagnostic) -> str:
    """The diagnostic as people read it in a terminal, in Chinese, without a final line end. What cannot be printed is
    ``�``, and what is longer than anybody reads is cut; `Diagnostic.to_dict` has all of it."""
    head = f"{_SEVERITY_NAMES[diagnostic.severity]}[{diagnostic.code}]"
    if isinstance(diagnostic.place, CellPlace):
        return _render_cell(head, diagnostic, diagnostic.place)
    lines: list[str] = []
    if diagnostic.span is not None:
        lines.append(_told(f"{diagnostic.span} {head}：{diagnostic.message}"))
        lines.extend(_excerpt(diagnostic.span))
    else:
        where = f"{cut_middle(diagnostic.path, 300)} " if diagnostic.path else ""
        lines.append(_told(f"{where}{head}：{diagnostic.message}"))
    for label in diagnostic.related:
        lines.append(_told(f"   另见 {label.span}：{label.message}"))
        lines.extend(_excerpt(label.span))
    if diagnostic.remedy:
        # A remedy may list several; whatever its lines quote, they stay below its first.
        first, *others = diagnostic.remedy.split("\n")
        lines.extend(map(_told, (f"   改法：{first}", *(f"      {line.lstrip()}" for line in others))))
    return "\n".join(lines)


def _render_cell(head: str, diagnostic: Diagnostic, cell: CellPlace) -> str:
    where = str(cell)
    who = f"（{cell.record}）" if cell.record else " " if where or cell.path else ""
    path = f"{cell.path}：" if cell.path else ""
    remedy = f"，应为{diagnostic.remedy}" if diagnostic.remedy is not None else ""
    return _told(f"{head}{f' {where}' if where else ''}{who}{path}{diagnostic.message}{remedy}")


_LONGEST_LINE: Final = 1_000


def _told(line: str) -> str:
    return printable(cut_middle(line, _LONGEST_LINE))


def sort_key(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    """Order of display: file, line, column, code, message; the same whatever order the phases ran in."""
    return (diagnostic.file, diagnostic.line or 0, diagnostic.column or 0, diagnostic.code, diagnostic.message)


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics without repetition, in display order."""
    return tuple(dict.fromkeys(sorted(diagnostics, key=sort_key)))


# ---- findings about cells -------------------------------------------------------------------------------------------

_LONGEST_SHOWN: Final = 60
# No ledger holds a number of more digits; Python itself refuses to write integers of more than some thousand digits.
_LARGEST: Final = 10**60


def shown(value: object) -> str:
    """``value`` as people see it in a message: short, whatever it is.

    >>> shown("去年"), shown(None), shown([1, 2]), shown({"a": 1}), shown(True), shown(10**99)
    ('“去年”', '空', '一个列表（2 项）', '一组字段', 'true', '一个过大的数')
    """
    match value:
        case None:
            return "空"
        case bool():
            return "true" if value else "false"
        case str():
            return f"“{shown_text(value)}”"
        case int():
            return str(int(value)) if abs(value) < _LARGEST else "一个过大的数"
        case float() | Decimal():
            return str(value)[:_LONGEST_SHOWN]
        case Fraction():
            fits = abs(value.numerator) < _LARGEST and value.denominator < _LARGEST
            return number_text(value) if fits else "一个过长的数"
        case datetime.date():
            return value.isoformat()
        case list() | tuple() | set() | frozenset():
            return f"一个列表（{len(value)} 项）"
        case Mapping():
            return "一组字段"
        case _:
            kind = type(value)
            return f"不认识的内容（{shown_text(f'{kind.__module__}.{kind.__qualname__}')}）"


def shown_text(text: str) -> str:
    """``text`` short and printable."""
    return printable(text[:_LONGEST_SHOWN]) + ("…" if len(text) > _LONGEST_SHOWN else "")


def small(value: object) -> object:
    """``value`` itself where it is a short scalar, else what people see of it."""
    if value is None or isinstance(value, (bool, float, datetime.date)):
        return value
    if isinstance(value, int) and abs(value) < _LARGEST:
        return value
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_SHOWN else shown_text(value)
    return shown(value)


def unfit(code: str, value: object, expected: str, place: CellPlace | None = None) -> Diagnostic:
    """The finding that ``value`` (or, of E503, two values for one field) stands where something else belongs.

    >>> print(unfit("E501", "也许", "“是”或“否”", CellPlace("已形成", sheet="项目", row=5, column="C", record="P001")))
    错误[E501] 工作表“项目” 第 5 行 C 列（P001）已形成：填的是“也许”，应为“是”或“否”
    """
    if code == "E503":
        value = shown_text(str(value))
        message = f"两处填的不一样（{value}）"
    else:
        message = f"填的是{shown(value)}"
    return Diagnostic(code, message, replace(place or CellPlace(), value=small(value)), remedy=expected)


def moved(diagnostic: Diagnostic, **place: Any) -> Diagnostic:
    """The finding about a cell with these parts of its place."""
    return replace(diagnostic, place=replace(diagnostic.cell, **place))


UNMERGED: Final = re.compile(r"^(?:<{7}(?!<)|>{7}(?!>)|\|{7}(?!\|)|={7}$).*", re.MULTILINE)
"""What a program leaves in a text where two people changed the same lines."""


def unmerged(source: Source, code: str) -> Diagnostic | None:
    """About the first such mark in a text; None where it has none.

    >>> unmerged(Source("甲.rules", "<<<<<<< 甲\\n=======\\n>>>>>>> 乙\\n"), "E137").message
    '两个人改了同一处，合在一起时留下了记号'
    """
    found = UNMERGED.search(source.text) if "<<<<<<<" in source.text or ">>>>>>>" in source.text else None
    if found is None:
        return None
    message = "两个人改了同一处，合在一起时留下了记号"
    remedy = "两种写法里留下对的一种，<<<<<<<、=======、>>>>>>> 开头的几行都删去"
    return Diagnostic(code, message, Span(source, found.start(), found.end()), remedy=remedy)


@dataclass(slots=True)
class Report:
    """Where a phase leaves its findings (``found``), in the order it meets them."""

    found: list[Diagnostic] = field(default_factory=list, kw_only=True)

    def error(self, code: str, message: str, place: Place, remedy: str | None = None, *related: Label) -> None:
        """Note an error."""
        self.found.append(Diagnostic(code, message, place, "error", remedy, related))

    def warn(self, code: str, message: str, place: Place, remedy: str | None = None, *related: Label) -> None:
        """Note a warning."""
        self.found.append(Diagnostic(code, message, place, "warning", remedy, related))


# ---- exceptions -----------------------------------------------------------------------------------------------------


class PolicyError(Exception):
    """Rule texts or layers cannot be loaded; ``diagnostics`` holds everything that was found, in display order."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = ordered(diagnostics)
        super().__init__("\n\n".join(render(diagnostic) for diagnostic in self.diagnostics))

    # An exception is made again from its ``args``, which is the message and not what it was made from.
    def __reduce__(self) -> tuple[type[PolicyError], tuple[object], dict[str, object]]:
        return type(self), (self.diagnostics,), self.__dict__


class RecordError(Exception):
    """A record, or a ledger, cannot be read. ``path``, ``value`` and ``expected`` say where, what stood there and what was
    expected of the first finding; ``problems`` are all of them, each with its code, and those after the first are the
    exception's notes. ``index``: the place of the record among those given together, from 0; ``identity``: its number, empty
    where that cannot be read.

    ``path`` is readable by people and machines alike: ``资产[0].闲置起始日``.
    """

    def __init__(self, problems: Iterable[Diagnostic], index: int | None = None, identity: str = "") -> None:
        self.problems = tuple(problems)
        self.index, self.identity = index, identity
        first = self.problems[0]
        self.path, self.value, self.expected = first.cell.path, first.cell.value, first.expected
        said = f"{self.path}：{self.value!r} 不能识别，应为{self.expected}" if first.remedy else render(first)
        which = "" if index is None else f"第 {index + 1} 条（{identity}）" if identity else f"第 {index + 1} 条"
        super().__init__(printable(f"{which}{said}"))
        for problem in self.problems[1:]:
            self.add_note(render(problem))

    def __reduce__(self) -> tuple[type[RecordError], tuple[object, ...], dict[str, object]]:
        return type(self), (self.problems, self.index, self.identity), self.__dict__
