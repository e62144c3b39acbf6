"""From the text of a rule file to its surface tree, with every syntax diagnostic at once.

Why this exists: one grammar, one parser, one place where a file is cut into declarations so that an error in one
leaves the others standing.

Invariants: `parse_source` never raises on any text and returns the same for the same text; each declaration with an
error gives at least one diagnostic and leaves a `Broken` node with what could be read of it; no expression that is
returned nests deeper than `walk.MAX_NESTING`. Declarations begin at the start of a line; 字段 and 研判 join the last 对象
above them.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import cast

from lark import Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.lexer import PatternStr

from policyrules.diagnostics import Diagnostic
from policyrules.language import at_sight, changes_said, headings, stops, syntax_messages, tables, walk
from policyrules.language.build import Builder
from policyrules.language.declare import declare
from policyrules.language.expressions import Name
from policyrules.language.habits import NUMBERING
from policyrules.language.keywords import ADDED, CLAUSES, DECLARATIONS, EDITS
from policyrules.language.nodes import Broken, Clause, Declaration, FieldDecl, File, ObjectDecl, Written
from policyrules.language.scan import check_size, scan
from policyrules.language.table_lines import read_rows
from policyrules.operators import COMPARISONS
from policyrules.source import Source, Span
from policyrules.spelling import nearest

MAX_DECLARATIONS = 20_000
MAX_ERRORS = 500
_MOST_CLAUSES_TRIED = 8

_ANY_KEYWORD = "|".join(sorted(DECLARATIONS, key=len, reverse=True))
# What came later was a name before, which may stand at the start of a line.
_KEYWORDS = "|".join(sorted((word for word in DECLARATIONS if word not in ADDED), key=len, reverse=True))
# A 决策表 is told by the lines below it: no other text has lines that begin with a bar.
_TABLE = re.compile(r"^[ ]*(决策表)(?=[ ]+\w)", re.MULTILINE)
_ROW = re.compile(r"^[ ]*\|", re.MULTILINE)
# A value that is spelled like a keyword may begin a line of a list: 、 or } then follows.
_HEAD = re.compile(rf"^[ ]*({_KEYWORDS})(?!\w)(?!\s*[、}},;.=<>≠≤≥)+\-×÷])", re.MULTILINE)
# What a notice says, behind its own word.
_SAID = re.compile("[ ]+提示[ ]*“")
# A declaration in a trial. No other text has such a line.
_EDIT = re.compile(rf"^[ ]*({'|'.join(EDITS)})[ ]+({_ANY_KEYWORD})(?=[ ]+[^\W\d])", re.MULTILINE)
# A declaration numbered as in a document: 1. 提示 甲.
_NUMBERED = re.compile(rf"^[ ]*({NUMBERING.pattern})(?=({_KEYWORDS})\s+\w)", re.MULTILINE)
_GLUED = re.compile(rf"^({_ANY_KEYWORD})(\w+)", re.MULTILINE)
_DECLARED = re.compile(rf"(?<!\w)(?:{_ANY_KEYWORD})\s+([^\W\d]\w*)")
_CLAUSE = re.compile(
    rf"^[ ]*({'|'.join(sorted({word for each in CLAUSES.values() for word in each.order}))})(?!\w)", re.M
)
# Stands for the first character of a word that is marked; no text holds it.
_MARK = "\uf8fe"
# A limit begins a line; 单值 and 累计 follow the type, in the line of the name.
_LIMIT = re.compile(r"^[ ]*(不超过|不少于)(?!\w)", re.MULTILINE)
_MODE = re.compile(r"(?<=[ )])(单值|累计)(?!\w)")
_THEN = re.compile(r"(?<!\w)(则)(?!\w)")
# Behind a number a word that came later may be its unit.
_UNIT = re.compile(rf"[0-9]\s*(?:{'|'.join(ADDED)})(?!\w)")


class _Workshop:
    """The parser, its builder, and a lock: the builder serves one declaration at a time."""

    def __init__(self) -> None:
        self.builder = Builder()
        self.lock = threading.Lock()
        self.words = tables.EveryWord()
        self.lark = tables.parser(self.builder, self.words)
        self.shown = {
            terminal.name: terminal.pattern.value if isinstance(terminal.pattern, PatternStr) else terminal.name.lower()
            for terminal in self.lark.terminals
        }
        self.shown["QUOTED"] = "quote"
        # Nobody writes what is marked.
        for marked in ("AMOUNT", *tables.MARKED):
            del self.shown[marked]

    def parse(self, source: Source, text: str, start: int, *, first: bool = False) -> _Parsed:
        """What the grammar finds in ``text``, the lexed text of ``source`` from ``start`` on; ``first``: as the first
        version of the language reads it."""
        with self.lock:
            self.builder.begin(source, start)
            self.words.added, self.words.first = [], first
            self.words.noting = _MARK in text or any(word in text for word in ADDED)
            try:
                written = cast(Written, self.lark.parse(text))
                places = [Span(source, start + first, start + last) for first, last in self.words.added]
                added = tuple(Name(place.text, place) for place in places)
                # The row of a table has no clauses.
                clauses = written.clauses if isinstance(written, Written) else ()
                return _Parsed(written, clauses, self.builder.found, None, frozenset(), added)
            except UnexpectedInput as failure:
                state = getattr(failure, "state", None)
                clauses = () if state is None else tuple(_clauses(state.value_stack))
                expected = frozenset() if state is None else self.expected(state.parse_conf.states[state.position])
                return _Parsed(None, clauses, self.builder.found, failure, expected)

    def expected(self, actions: Iterable[object]) -> frozenset[str]:
        """What would have fitted, as `stops.Stop.expected` has it."""
        found = {self.shown[str(name)] for name in actions if str(name) in self.shown}
        if "compare" in found:
            found |= COMPARISONS.keys()
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A declaration, or where the grammar stopped and what would have fitted; and the clauses read in either case.
    ``added``: the words of a later version of the language in a declaration that was read."""

    written: Written | None
    clauses: tuple[Clause, ...]
    diagnostics: list[Diagnostic]
    failure: UnexpectedInput | None
    expected: frozenset[str]
    added: tuple[Name, ...] = ()


def _clauses(values: Iterable[object]) -> Iterator[Clause]:
    """The finished clauses among the values of a parser that stopped; repetitions are trees of their own."""
    for value in values:
        if isinstance(value, Clause):
            yield value
        elif isinstance(value, Tree):
            yield from (child for child in value.children if isinstance(child, Clause))


@cache
def workshop() -> _Workshop:
    """The one parser of the process, built on first use."""
    return _Workshop()


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A stretch of the file that holds one declaration; ``keyword`` is '' before the first; ``act``: where the word of a
    trial begins that stands before it."""

    keyword: str
    start: int
    end: int
    act: int | None = None


@dataclass(slots=True)
class _Reading:
    """What has been read of a file so far."""

    source: Source
    lexed: str
    declarations: list[Declaration]
    fields: dict[int, list[FieldDecl]]
    diagnostics: list[Diagnostic]
    broken: list[Broken]
    object_index: int | None = None
    object_broken: bool = False
    added: list[Name] = field(default_factory=list)
    edits: list[Written] = field(default_factory=list)


def parse_source(source: Source) -> tuple[File, tuple[Diagnostic, ...]]:
    """The surface tree of a rule file, and every syntax diagnostic in source order.

    Declarations with an error are in `File.broken`. Never raises, whatever the text.

    >>> file, diagnostics = parse_source(Source("甲.rules", "规则 升级类\\n  当 资源有支撑\\n  则 分类 为 升级\\n"))
    >>> file.declarations[0].name.text, diagnostics
    ('升级类', ())
    """
    too_large = check_size(source)
    if too_large is not None:
        return File(source, (), ()), (too_large,)
    scanned = scan(source)
    chunks = _chunks(scanned.lexed)
    if len(chunks) > MAX_DECLARATIONS:
        place = Span(source, chunks[MAX_DECLARATIONS].start, chunks[MAX_DECLARATIONS].start + 1)
        message = f"一个文件里的声明超过 {MAX_DECLARATIONS:,} 个"
        return File(source, (), scanned.comments), (Diagnostic("E101", message, place, remedy="分成几个文件"),)
    reading = _Reading(source, scanned.lexed, [], {}, list(scanned.diagnostics), [])
    spoiled = sorted(diagnostic.span.start for diagnostic in scanned.diagnostics if diagnostic.span is not None)
    for chunk in chunks:
        at = bisect_left(spoiled, chunk.start)
        # Past the limit nothing more is listed, so nothing more is looked for.
        if len(reading.diagnostics) > MAX_ERRORS:
            _give_up(reading, chunk)
        elif at < len(spoiled) and spoiled[at] < chunk.end:
            _give_up(reading, chunk, _readable(reading, chunk), spoiled[at : bisect_left(spoiled, chunk.end)])
        else:
            _read(reading, chunk)
    declarations = tuple(
        replace(declaration, fields=tuple(reading.fields.get(index, ())))
        if isinstance(declaration, ObjectDecl)
        else declaration
        for index, declaration in enumerate(reading.declarations)
    )
    broken, added, edits = tuple(reading.broken), tuple(reading.added), tuple(reading.edits)
    file = File(source, declarations, scanned.comments, broken, added, edits)
    return file, _listed(reading.diagnostics)


def _listed(found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """In source order, cut where there are too many to read."""
    diagnostics = sorted(found, key=lambda each: each.span.start if each.span is not None else -1)
    if len(diagnostics) > MAX_ERRORS:
        message = f"错误超过 {MAX_ERRORS} 处，从这里起不再列出"
        diagnostics[MAX_ERRORS:] = [Diagnostic("E140", message, diagnostics[MAX_ERRORS].span, remedy="先改前面的")]
    return tuple(diagnostics)


def _chunks(lexed: str) -> list[_Chunk]:
    heads = [
        (found.group(1), found.start(1)) for found in _HEAD.finditer(lexed) if not _SAID.match(lexed, found.start())
    ]
    heads.extend((found.group(2), found.start(1)) for found in _NUMBERED.finditer(lexed))
    heads.sort(key=lambda head: head[1])
    acts = {found.start(2): found.start(1) for found in _EDIT.finditer(lexed)}
    heads.extend((found.group(2), found.start(2)) for found in _EDIT.finditer(lexed))
    heads.sort(key=lambda head: head[1])
    heads = sorted([*heads, *_tables(lexed, [start for _, start in heads])], key=lambda head: head[1])
    starts = [acts.get(start, start) for _, start in heads] + [len(lexed)]
    chunks = [
        _Chunk(keyword, start, end, acts.get(start)) for (keyword, start), end in zip(heads, starts[1:], strict=True)
    ]
    if lexed[: starts[0]].strip():
        chunks.insert(0, _Chunk("", 0, starts[0]))
    return chunks


def _tables(lexed: str, heads: list[int]) -> list[tuple[str, int]]:
    """The heads of tables: each is followed by a row before anything else is declared."""
    rows = [found.start() for found in _ROW.finditer(lexed)]
    tables = [found.start(1) for found in _TABLE.finditer(lexed)] if rows else []
    ends = sorted([*heads, *tables, len(lexed)])
    found: list[tuple[str, int]] = []
    for start in tables:
        end = ends[bisect_right(ends, start)]
        row = bisect_left(rows, start)
        if row < len(rows) and rows[row] < end:
            found.append(("决策表", start))
    return found


def _give_up(reading: _Reading, chunk: _Chunk, clauses: Iterable[Clause] = (), errors: Iterable[int] = ()) -> None:
    """Leave an error node for a declaration: what it declares, and of its ``clauses`` those without an error in them."""
    places = tuple(errors)
    declares = [
        Name(found.group(1), Span(reading.source, found.start(1), found.end(1)))
        for found in _DECLARED.finditer(reading.lexed, chunk.start, chunk.end)
    ]
    if chunk.keyword == "决策表" and declares:
        # Who amends a row of it is not told that there is none.
        count = sum(1 for _ in _ROW.finditer(reading.lexed, chunk.start, chunk.end))
        declares = [replace(declares[0], text=f"{declares[0].text}·{number}") for number in range(1, count)]
    _break(
        reading,
        Broken(
            chunk.keyword,
            tuple(declares),
            tuple(
                clause
                for clause in clauses
                if not any(clause.span.start <= at < clause.span.end for at in places)
                and not any(map(walk.too_deep, walk.expressions((clause,))))
            ),
            Span(reading.source, chunk.start, chunk.end),
        ),
    )


def _break(reading: _Reading, broken: Broken) -> None:
    reading.broken.append(broken)
    if broken.keyword == "对象":
        reading.object_index, reading.object_broken = None, True


def _readable(reading: _Reading, chunk: _Chunk, parsed: _Parsed | None = None) -> tuple[Clause, ...]:
    """The clauses of a declaration with an error in its text, of which ``parsed`` was read. Where the grammar stops in
    one, it goes on at the next line that begins with a clause, what stands before being passed over."""
    text = reading.lexed[chunk.start : chunk.end]
    numbered = NUMBERING.match(text)
    header = _DECLARED.match(text, 0 if numbered is None else numbered.end())
    if header is None:
        return ()
    found: list[Clause] = []
    read = header.end()
    for _ in range(_MOST_CLAUSES_TRIED):
        if parsed is None:
            rest = f"{header.group():>{header.end()}}{' ' * (read - header.end())}{text[read:]}"
            parsed = workshop().parse(reading.source, rest, chunk.start)
        found.extend(parsed.clauses)
        read = max([read, *(clause.span.end - chunk.start for clause in parsed.clauses)])
        broken = len(text) - len(text[read:].lstrip())
        following = next((head.start(1) for head in _CLAUSE.finditer(text, read) if head.start(1) > broken), None)
        if parsed.failure is None or following is None:
            break
        read, parsed = following, None
    return tuple(found)


def _read(reading: _Reading, chunk: _Chunk) -> None:
    found = at_sight.wrong(reading.source, reading.lexed, chunk.keyword, chunk.start, chunk.end)
    if found is not None:
        assert found.span is not None, "what is wrong with a text has a place"
        reading.diagnostics.append(found)
        clauses = () if found.code == "E108" else _readable(reading, chunk)
        _give_up(reading, chunk, clauses, (found.span.start,))
        return
    if not chunk.keyword:
        reading.diagnostics.append(_before_first(reading, chunk))
        _give_up_glued(reading, chunk.start, chunk.end)
        return
    row = _ROW.search(reading.lexed, chunk.start, chunk.end) if chunk.keyword == "决策表" else None
    table = chunk if row is None else replace(chunk, end=row.start())
    parsed = _parse(reading.source, table.keyword, reading.lexed[table.start : table.end], table.start)
    if row is not None:
        parsed = _with_rows(reading, chunk, parsed, row.start())
    diagnostics = tuple(parsed.diagnostics)
    declaration: Declaration | FieldDecl | None = None
    if parsed.failure is not None:
        stop = _stop(reading, table, parsed.failure, parsed.expected)
        glued = _GLUED.match(reading.lexed, stop.token.start) if stop.token.kind == "word" else None
        if stop.token.text == "决策表" and stop.first_on_line(stop.token):
            reading.diagnostics.append(_no_rows(Span(reading.source, stop.token.start, stop.token.end)))
            _give_up(reading, chunk)
            return
        if glued is not None and stop.at_clause:
            _read(reading, replace(chunk, end=stop.token.start))
            _give_up_glued(reading, stop.token.start, chunk.end)
            return
        # A value that was already found wrong (3 月, 2月30日) is the likelier cause than the place of the stop.
        diagnostics = diagnostics or (syntax_messages.explain(stop),)
    elif not diagnostics and parsed.written is not None:
        written = _as_edit(reading, chunk, parsed.written)
        # What a trial changes is declared once it is put together with what is there.
        changes = written.act is not None and written.act.text != "新增"
        declaration, diagnostics = (None, ()) if changes else declare(written)
        for expression in walk.expressions(parsed.clauses) if declaration is not None or changes else ():
            deep = walk.too_deep(expression)
            if deep is not None:
                declaration, diagnostics = None, (at_sight.too_deep(deep.span),)
                break
        if changes and not diagnostics:
            reading.edits.append(written)
            reading.added.extend(parsed.added)
            return
    reading.diagnostics.extend(diagnostics)
    if declaration is None:
        places = [diagnostic.span.start for diagnostic in diagnostics if diagnostic.span is not None]
        _give_up(reading, chunk, _readable(reading, chunk, parsed), places)
        return
    reading.added.extend(parsed.added)
    if isinstance(declaration, FieldDecl):
        _join(reading, chunk, declaration)
    else:
        if isinstance(declaration, ObjectDecl):
            reading.object_index, reading.object_broken = len(reading.declarations), False
        reading.declarations.append(declaration)


def _as_edit(reading: _Reading, chunk: _Chunk, written: Written) -> Written:
    """What was written, with the word of a trial that stands before it."""
    if chunk.act is None:
        return written
    word = reading.lexed[chunk.act : chunk.start].strip()
    act = Name(word, Span(reading.source, chunk.act, chunk.act + len(word)))
    reading.added.append(act)
    return replace(written, act=act, span=act.span.to(written.span))


def _with_rows(reading: _Reading, chunk: _Chunk, parsed: _Parsed, start: int) -> _Parsed:
    """A table whose clauses were read, with its rows, which begin at ``start``."""
    output = next((clause.body for clause in parsed.clauses if clause.keyword.text == "得出"), None)
    if parsed.written is None or not isinstance(output, tuple):
        return parsed

    def parse(text: str, place: int) -> tuple[object, list[Diagnostic], UnexpectedInput | None]:
        read = _parse(reading.source, "规则", text, place)
        return read.written, read.diagnostics, read.failure

    rows, found = read_rows(reading.source, reading.lexed, start, chunk.end, cast(Name, output[0]), parse)
    span = parsed.written.span if not rows else parsed.written.span.to(rows[-1].span)
    written = replace(parsed.written, clauses=(*parsed.written.clauses, *rows), span=span)
    return replace(parsed, written=written, clauses=written.clauses, diagnostics=[*parsed.diagnostics, *found])


def _parse(source: Source, keyword: str, text: str, start: int) -> _Parsed:
    """What the grammar finds in a declaration that begins at ``start``. Whatever could be read before is read as it was:
    a number has the unit it had, and the words that came with amounts are marked only where a declaration does not parse
    without."""
    if _UNIT.search(text) is not None:
        parsed = workshop().parse(source, text, start, first=True)
        if parsed.failure is None:
            return parsed
    parsed = workshop().parse(source, text, start)
    if parsed.failure is None or not (places := [*_marked(keyword, text)]):
        return parsed
    for at in places:
        text = f"{text[:at]}{_MARK}{text[at + 1 :]}"
    marked = workshop().parse(source, text, start)
    further = marked.failure is None or _offset(marked.failure, len(text)) > _offset(parsed.failure, len(text))
    return marked if further else parsed


def _marked(keyword: str, text: str) -> Iterator[int]:
    """Where the words stand that came with amounts."""
    if keyword in ("规则", "补充规则"):
        yield from (found.start(1) for found in _THEN.finditer(text))
    if keyword in ("决定", "修订"):
        yield from (found.start(1) for found in _LIMIT.finditer(text))
    colon, line = text.find(":"), text.find("\n")
    if keyword == "决定" and colon >= 0:
        yield from (found.start(1) for found in _MODE.finditer(text, colon, line if line >= 0 else len(text)))


def _offset(failure: UnexpectedInput, end: int) -> int:
    """Where in the text of a declaration the grammar stopped."""
    if isinstance(failure, UnexpectedToken) and failure.token.type != "$END":
        return cast(int, failure.token.start_pos)
    return cast(int, failure.pos_in_stream) if isinstance(failure, UnexpectedCharacters) else end


def _join(reading: _Reading, chunk: _Chunk, field: FieldDecl) -> None:
    if reading.object_index is not None:
        reading.fields.setdefault(reading.object_index, []).append(field)
        return
    _give_up(reading, chunk, field.written.clauses)
    # Under an object that did not parse, one error is enough.
    if not reading.object_broken:
        remedy = "先写“对象 项目（project）”，再写它的字段；给上一层的对象加字段，也先写一行“对象 …”"
        message = f"“{field.kind} {field.name.text}”的上面没有“对象”"
        span = Span(field.span.source, field.span.start, field.name.span.end)
        reading.diagnostics.append(Diagnostic("E126", message, span, remedy=remedy))


def _give_up_glued(reading: _Reading, start: int, end: int) -> None:
    """Declarations whose keyword and name are written together, one diagnostic each."""
    for found in _GLUED.finditer(reading.lexed, start, end):
        keyword, name = found.groups()
        span = Span(reading.source, found.start(), found.end())
        _break(reading, Broken(keyword, (Name(name, Span(reading.source, found.start(2), found.end())),), (), span))
        if not reading.diagnostics or reading.diagnostics[-1].span != span:
            message = f"“{found.group()}”中间缺空格"
            reading.diagnostics.append(Diagnostic("E120", message, span, remedy=f"写成“{keyword} {name}”"))


def _before_first(reading: _Reading, chunk: _Chunk) -> Diagnostic:
    token = stops.tokens_of(reading.lexed, chunk.start, chunk.end)[0]
    span = Span(reading.source, token.start, token.end)
    glued = _GLUED.match(reading.lexed, token.start)
    if glued is not None:
        return Diagnostic("E120", f"“{token.text}”中间缺空格", span, remedy=f"写成“{glued.group(1)} {glued.group(2)}”")
    if token.text == "决策表":
        return _no_rows(span)
    head = headings.HEADS.get(token.text.casefold())
    changed = changes_said.changed(reading.lexed[token.start : chunk.end].partition("\n")[0])
    if changed is not None:
        message, end, remedy = changed
        return Diagnostic("E125", message, replace(span, end=token.start + end), remedy=remedy)
    if head is not None:
        return Diagnostic("E125", f"规则语言不写“{token.text}”", span, remedy=f"写“{head}”")
    named = re.match(r"\s+(\w+)[ \t]*(?:\n|$)", reading.lexed[token.end : token.end + 100])
    if token.text in headings.STOPPED and named is not None:
        whole = Span(reading.source, token.start, token.end + named.end(1))
        remedy = f"写成两行，先“修订 {named[1]}”，后“停用”"
        return Diagnostic("E125", "停用写在“修订”里", whole, remedy=remedy)
    sign = reading.source.text[token.start : token.start + 2]
    if sign in ("//", "/*"):
        return Diagnostic("E137", f"注释不用“{sign}”", replace(span, end=token.start + 2), remedy="写“#”")
    near = nearest(token.text, DECLARATIONS, 1)
    shown = f"是不是“{near[0]}”？" if near else ""
    remedy = f"{shown}每个声明另起一行，以这些词之一开头：{'、'.join(DECLARATIONS)}"
    words = token.text if token.kind in ("word", "number") else "这段文字"
    if token.kind == "mark":
        # As it stands in the file, whatever it is read as.
        words = reading.source.text[token.start : token.end]
    return Diagnostic("E125", f"“{words}”不是声明的开头", span, remedy=remedy)


def _no_rows(span: Span) -> Diagnostic:
    """About a 决策表 that nothing tells from a name: no line below it begins with a bar."""
    remedy = "在下面写表头和行，每行以“|”起头和收尾：| 总投资 | 补助档次 |"
    following = span.source.text[span.end :].split("\n")[1:6]
    head = next((line.strip() for line in following if re.search(r"\S\s*[\t|｜]\s*\S", line)), "")
    if head:
        cells = [cell.strip() for cell in re.split(r"[\t|｜]", head.strip("|｜"))]
        remedy = f"每行以“|”起头和收尾，格子之间写“|”：| {' | '.join(cells)} |"
    return Diagnostic("E152", "“决策表”的下面没有行", span, remedy=remedy)


def _stop(reading: _Reading, chunk: _Chunk, failure: UnexpectedInput, expected: frozenset[str]) -> stops.Stop:
    tokens = stops.tokens_of(reading.lexed, chunk.start, chunk.end)
    offset = chunk.start + _offset(failure, chunk.end - chunk.start)
    index = next((number for number, token in enumerate(tokens) if token.end > offset), len(tokens))
    return stops.Stop(reading.source, chunk.keyword, tokens, index, expected)
