"""What to write where a provision asks for what stands in other records: a 统计 that counts for whom the provision speaks.

Why this exists: 合计 项目.应收租金 in a duty on a county means the projects of that county. A 统计 without 相同 would add up
those of every county, one without the 其中 that was asked those of every kind.

Invariant: a text that is given to be written comes to what was asked, whatever the ledger; what no statistic can say is told
as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policyrules.language import expressions as surface
from policyrules.language import nodes as declared
from policyrules.language.keywords import DECLARATIONS
from policyrules.language.layout import flat
from policyrules.language.walk import children
from policyrules.program.symbols import Symbols
from policyrules.source import Span
from policyrules.text import one_line
from policyrules.types import Kind

_LONGEST_CONDITION: Final = 120
_SELF: Final = "本"
_OF: Final = re.compile(rf"^[ \t　]*(?:(?:{'|'.join(DECLARATIONS)})[ 　]+\w+[ 　]+)?对[ 　]+(\w+)", re.MULTILINE)
_LIKE: Final = "原来的条件"
_ACTS: Final = ("修订",)


def counted_across(symbols: Symbols, frames: tuple[str, ...], node: surface.Quantifier | surface.Aggregate) -> str:
    """The remedy for a quantifier or an aggregate over records, or rows of records, written where ``frames`` are spoken of."""
    rows, kind = node.object.text, node.kind
    where = node.body if isinstance(node, surface.Quantifier) else node.where
    if kind in ("最大", "最小", "取"):
        field = node.field.text if isinstance(node, surface.Aggregate) and node.field is not None else "…"
        said = f"台账里的数只有统计算得出（计数、占比、合计、种数），没有“{kind}”"
        sign = {"最大": ">", "最小": "<"}.get(kind)
        more = "超过" if kind == "最大" else "低于"
        asked = f"任一 {rows} 满足（{field} {sign} …{f' 且 {_LIKE}' if where is not None else ''}）"
        return said if sign is None else f"{said}；问有没有{more}某个数的，写 {asked}"
    own = symbols.root in symbols.line(frames[-1])
    if node.other and own:
        return f"统计把这一个{symbols.root}自己也数在内，没有“其他”；自己也算的，删去“其他”再写"
    shared = None if own else _shared(symbols, frames[-1], rows)
    whose = "全部" if shared is None else f"全{shared}"
    lines, named, used = [f"计数 {rows}"], f"{whose}{'' if where is None else '符合的'}{rows}数", ""
    if kind == "合计" and isinstance(node, surface.Aggregate) and node.field is not None:
        lines, named = [f"合计 {rows}.{node.field.text}"], f"{whose}{rows}{node.field.text}"
    elif kind == "任一":
        used = " ≥ 1"
    elif kind == "全部":
        named, used = f"{whose}不符合的{rows}数", " = 0"
    if shared is not None:
        lines.append(grouped_by(symbols, shared, rows))
    if where is not None:
        lines.append(f"其中 {_condition(symbols, frames, rows, where, negated=kind == '全部')}")
    named = _free(symbols, named)
    written = "，下一行写 ".join([f"另写 统计 {named}", *lines])
    near = symbols.objects[symbols.root].parent
    told = f"；只算同一个{near}的，统计里再加一行 {grouped_by(symbols, near, rows)}" if own and near is not None else ""
    return f"{written}；这里写 {named}{used}{told}"


def grouping(symbols: Symbols, object_: str, rows: str) -> str | None:
    """The line of a statistic over ``rows`` that counts what a provision on an ``object_`` has before it: the rows of its
    record, the records of its county; None where that is all of them."""
    if symbols.root in symbols.line(object_):
        return None if rows == symbols.root else grouped_by(symbols, symbols.root, rows)
    shared = _shared(symbols, object_, rows)
    return None if shared is None else grouped_by(symbols, shared, rows)


def grouped_by(symbols: Symbols, above: str, rows: str) -> str:
    """The line of a statistic over ``rows`` that keeps those of one ``above`` together: by its 标识, else by what says its
    name, on it or on the record; where nothing does, what has to be filled in."""
    info = symbols.objects[above]
    named = [] if info.identity is None else [info.identity.text]
    named += [
        name
        for name in (f"{above}名称", f"{above}名", "名称")
        if name in info.fields and info.fields[name].type.kind is Kind.TEXT
    ]
    if named:
        line = symbols.line(rows)
        again = sum(named[0] in symbols.objects[object_].fields for object_ in line) > 1
        return f"相同 {above}.{named[0]}" if again else f"相同 {named[0]}"
    fields = symbols.objects[symbols.root].fields
    said = (f"所在{above}", f"所属{above}", f"{above}名", f"{above}名称", above)
    found = next((name for name in said if name in fields), None)
    return f"相同 …（写能分清各个{above}的字段）" if found is None else f"相同 {found}"


def spoken_of(symbols: Symbols, span: Span) -> str:
    """The object that the declaration around a place speaks of, by its words: it may be no declaration that can be read."""
    text = span.source.text
    start = end = text.rfind("\n", 0, span.start) + 1
    while not _begins(text[start:end]) and start > 0:
        start, end = text.rfind("\n", 0, start - 1) + 1, start
    end = text.find("\n", span.start) + 1
    while end > 0 and not _begins(text[end : text.find("\n", end) + 1]):
        end = text.find("\n", end) + 1
    header = text[start : span.start].split(maxsplit=2)
    named = _OF.search(text, start, end or len(text))
    if named is not None and named[1] in symbols.objects:
        return named[1]
    if len(header) > 1 and header[0] in _ACTS and header[1] in symbols.provisions:
        node = symbols.provisions[header[1]].node
        if not isinstance(node, declared.PresumptionDecl) and node.object is not None:
            return node.object.text
    return symbols.root


def _begins(line: str) -> bool:
    return line.split(maxsplit=1)[:1] != [] and line.split(maxsplit=1)[0] in DECLARATIONS


def _shared(symbols: Symbols, object_: str, rows: str) -> str | None:
    """What ``object_`` and ``rows`` both belong to, or are."""
    above = symbols.line(rows)
    return next((each for each in symbols.line(object_) if each in above), None)


def _condition(symbols: Symbols, frames: tuple[str, ...], rows: str, where: surface.Expr, *, negated: bool) -> str:
    """What was asked of each row, as a statistic says it."""
    text = one_line(flat(where))
    selves = [ref for ref in _own_refs(where) if ref.parts[0].text == _SELF]
    form = "非（{}）" if negated else "{}"
    if any(object_ not in symbols.line(rows) for object_ in frames) or (
        selves and symbols.root in symbols.line(frames[-1])
    ):
        told = f"只能说{rows}和它的上级；要和这一个相同的，写成 相同 字段"
        return form.format(f"…（{_LIKE}，{told}）")
    if selves:
        return form.format(f"…（{_LIKE}，“{_SELF}.”改成“{frames[-1]}.”）")
    return form.format(text if len(text) <= _LONGEST_CONDITION else f"…（{_LIKE}）")


def _own_refs(node: surface.Expr) -> Iterator[surface.Ref]:
    """The names in a condition that are seen from the row it is asked of, not from rows of that row."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, surface.Ref):
            yield current
        if not isinstance(current, surface.Quantifier | surface.Aggregate):
            waiting.extend(children(current))


def _free(symbols: Symbols, name: str) -> str:
    """``name``, or where it is taken the name with a number behind it."""
    plain = name.replace("·", "")
    tried = (plain, *(f"{plain}{number}" for number in range(2, 10)))
    return next((each for each in tried if not symbols.declares(each)), plain)
