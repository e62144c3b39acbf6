"""Remedies of syntax completed with the names of the stack: what a parser cannot know when it stops.

Why this exists: 当应收租金大于等于50万元 lacks spaces, and only declared names say where; 则 列为 暂缓新增 lacks a decision, and
only the declared values say which. A file is parsed alone and once; a stack knows every name.

Invariant: a finding keeps its code and its place; only its remedy becomes more exact, and never says another thing. Where the words
around it are none of the language, that is what is told instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import nodes as surface
from policyrules.language.keywords import CONDITIONS
from policyrules.language.times_said import deadline_meant
from policyrules.program.across import grouping, spoken_of
from policyrules.program.layers import Layer
from policyrules.program.literals import value_called, word_text
from policyrules.program.manifest import LEVELS
from policyrules.program.said_amounts import amount_around
from policyrules.program.said_conditions import Said, either_forbidden, said_around, share
from policyrules.program.said_subjects import ADDABLE
from policyrules.program.scope import day_named
from policyrules.program.symbols import Symbols
from policyrules.source import Span, fold_characters
from policyrules.text import one_line, some
from policyrules.types import NUMERIC, Kind, Type

_OF_CONDITIONS: Final = ("E112", "E114", "E116", "E120", "E122", "E123", "E124", "E129", "E130", "E131", "E137", "E138")
_READ: Final = 100
"""Who made so many slips reads the first of them first."""
_DECISION: Final = re.compile(r"写成“决定名 为 (\w+)”")
_WHOLE: Final = re.compile(r"写成“(合计|种数|最大|最小|取) (\w+)\.字段名”")
_FIELD: Final = re.compile(r"写成“(合计|最大|最小) (\w+)\.字段”")
_COUNT: Final = re.compile(r"(?:len|length|count|rows|size)[（(]\s*(\w+)\s*[)）]", re.IGNORECASE)
_PERIOD: Final = re.compile(r"写成“(\w+) [+] [0-9]")
_MEASURED: Final = re.compile(r"(?:占比|种数) (\w+)(?:[.]\w+)?")
_QUOTED: Final = re.compile("引号用“”，写成：“[^“”]+”")
_FOLLOWING: Final = 200
_SIGN_FOR: Final = re.compile("写“[≥≤]”，如“([^“”]+)”")
_OPTIONS: Final = re.compile(r"两个条件写“([^“”]+) 且 (\w+)”")


def completed(found: Iterable[Diagnostic], symbols: Symbols) -> Iterator[Diagnostic]:
    """The findings of syntax with their remedies completed."""
    for number, diagnostic in enumerate(found):
        said = _said(diagnostic, symbols) if number < _READ else None
        if said is not None and said.words:
            message = f"规则语言不写“{one_line(said.words)}”"
            yield Diagnostic("E124", message, said.span, remedy=said.remedy)
            continue
        if said is not None:
            yield replace(diagnostic, remedy=said.remedy, place=said.span)
            continue
        remedy = _completed(diagnostic, symbols)
        yield diagnostic if remedy is None else replace(diagnostic, remedy=remedy)


def upper_left_out(found: Iterable[Diagnostic], layers: Sequence[Layer]) -> Iterator[Diagnostic]:
    """The findings, the first unknown name of a layer that stands alone below the highest level told that nothing is above it."""
    alone = len(layers) == 1 and layers[0].files.manifest.level != LEVELS[0] and not layers[0].files.manifest.uppers
    for diagnostic in found:
        if alone and diagnostic.code in ("E201", "E303"):
            key, alone = layers[0].files.manifest_key("extends"), False
            said = f"上层声明的名称，在 layer.yaml 的“{key}”里写上那一层的文件夹才认得"
            yield replace(diagnostic, remedy=f"{diagnostic.remedy}；{said}" if diagnostic.remedy else said)
        else:
            yield diagnostic


def _said(diagnostic: Diagnostic, symbols: Symbols) -> Said | None:
    """The condition, or the amount, in which the grammar stopped, as a document puts it."""
    if diagnostic.span is None or diagnostic.code not in _OF_CONDITIONS:
        return None
    # 已形成 且: a condition is missing, and nobody knows which.
    missing = diagnostic.code == "E138" and diagnostic.span.text not in CONDITIONS and not _verb_behind(diagnostic.span)
    said = None if missing else said_around(symbols, diagnostic.span)
    if said is not None and said.remedy.startswith("都要满足") and (diagnostic.remedy or "").startswith("各项之间"):
        # In a group the marks between its items are meant.
        return None
    if said is not None and not said.sure and (diagnostic.code != "E130" or "写成" in (diagnostic.remedy or "")):
        said = None
    if said is not None:
        return None if _given(diagnostic, said) or _QUOTED.fullmatch(diagnostic.remedy or "") else said
    own = _of_its_own(symbols, diagnostic.span, _OPTIONS.match(diagnostic.remedy or ""))
    return own or amount_around(symbols, diagnostic.span) or _share_before(diagnostic.span, symbols)


def _verb_behind(place: Span) -> bool:
    """未填 或 为 0: what is compared was left out, and not the whole condition."""
    text = place.source.text[place.end : place.end + _FOLLOWING]
    return re.match(r"[ \u3000]*(?:(?:不?为|不?属于|不?含)[ \u3000]|[≥>≤<=≠])", text) is not None


def _share_before(place: Span, symbols: Symbols) -> Said | None:
    """总投资的30% > 5 万元: the grammar stopped at the sign, behind a word that holds the number."""
    text = place.source.text
    before = re.search(r"\w+[0-9]\Z", text[max(0, place.start - _FOLLOWING) : place.start])
    if text[place.start : place.start + 1] not in ("%", "％") or before is None:
        return None
    span = Span(place.source, place.start - len(before[0]), place.start + 1)
    if re.match(r"\s*则", place.source.line_text(place.line)) is not None:
        # Of an amount that was not understood whole, no part is given.
        return None
    shown = share(symbols, spoken_of(symbols, place), span.text)
    return None if shown is None else Said(f"写成“{shown}”", span)


def _given(diagnostic: Diagnostic, said: Said) -> bool:
    """Whether a finding gives the same text already, up to where the condition ends."""
    assert diagnostic.span is not None
    text, remedy = said.remedy.removeprefix("写成“").removesuffix("”"), diagnostic.remedy or ""
    rest = diagnostic.span.source.text[diagnostic.span.end : said.span.end]
    told = remedy == f"写成“{text}”" or (remedy.startswith("写“") and remedy.endswith(f"如“{text}”"))
    return told and "".join(text.split()).endswith("".join(fold_characters(rest).split()))


def _completed(diagnostic: Diagnostic, symbols: Symbols) -> str | None:
    span, remedy = diagnostic.span, diagnostic.remedy or ""
    if span is None:
        return None
    match diagnostic.code:
        case "E112":
            due = re.match(r"\s*期限\s", span.source.line_text(span.line)) is not None
            until = deadline_meant("".join(span.text.split())) if due else None
            return None if until is None else f"写成“{until}”"
        case "E120":
            apart = symbols.apart(span.text)
            if apart is not None and apart.startswith("不得 "):
                bare = f"写成“{apart.removeprefix('不得 ')}”"
                asked = either_forbidden(bare, span.text)
                return asked if asked != bare else f"写成“{apart}”"
            return None if apart is None else f"写成“{apart}”"
        case "E124":
            decision = _DECISION.fullmatch(remedy)
            if decision is not None:
                value = _value_of(symbols, decision[1])
                names = _deciding(symbols, value)
                if names:
                    return "或".join(f"写成“{name} 为 {value}”" for name in names)
                apart = symbols.apart(decision[1])
                known = some([one.name for one in symbols.declared(surface.DecisionDecl)], 4)
                said = f"先写得出哪个决定，再写“为”和值；已有的决定：{known}" if known else "先声明“决定”，再写得出什么"
                return said if apart is None else f"写成“{apart}”"
            period = _PERIOD.search(remedy)
            if period is not None:
                day = day_named(symbols, period[1])
                return remedy if day is None else remedy.replace(period[1], day)
            line = span.source.line_text(span.line)[: span.column - 1].split()
            if line[:1] == ["不得"] and (found := _SIGN_FOR.fullmatch(remedy)) is not None:
                asked = either_forbidden(f"写成“{found[1]}”", span.text)
                return asked if not asked.startswith("写成") else None
            if (called := _counted(symbols, span.text)) is not None:
                return called
            whole = _FIELD.fullmatch(remedy)
            if whole is not None:
                return _summed(symbols, whole[1], whole[2], False, spoken_of(symbols, span))
            if line and (line[-1] in symbols.objects or _several(symbols, line[-1])) and remedy.startswith("写“≥”"):
                return remedy.replace(f"“{line[-1]} ", f"“计数 {line[-1]} ")
            rows = bool(line) and line[-1] in symbols.objects and line[-1] not in symbols.line(spoken_of(symbols, span))
            if rows and remedy.startswith("写"):
                return remedy.replace(f"“{line[-1]} ", f"“计数 {line[-1]} ")
            return None
        case "E129":
            measured = _MEASURED.search(remedy)
            if measured is None or symbols.root not in symbols.line(measured[1]):
                return None
            group = grouping(symbols, spoken_of(symbols, span), measured[1])
            return None if group is None else remedy.replace(measured[0], f"{measured[0]}，下一行写 {group}")
        case "E130":
            rest = span.source.text[span.end : span.end + _FOLLOWING].partition("\n")[0]
            period = _PERIOD.search(remedy)
            if period is not None and (day := day_named(symbols, period[1])) is not None:
                return remedy.replace(period[1], day)
            options, whole = _OPTIONS.match(remedy), _WHOLE.fullmatch(remedy)
            if whole is not None:
                return _summed(symbols, whole[1], whole[2], "术语" in diagnostic.message, spoken_of(symbols, span))
            return None if options is None else _joined(symbols, options[1], options[2], rest)
        case _:
            return None


def _value_of(symbols: Symbols, said: str) -> str:
    """The value of a decision that a document calls so: 升级类, 列为升级; else what was said."""
    bare = re.sub("^(?:(?:列|定|评|判|归|划|认定|确定|判定|评定|划分)(?:为|入|成)|纳入|属于|按)", "", said)
    bare = re.sub("(?:处理|管理|办理|对待|执行)$", "", bare)
    for one in symbols.declared(surface.DecisionDecl):
        values = tuple(word for word in map(word_text, one.node.values) if word is not None)
        found = value_called(said, values) or value_called(bare, values)
        if found is not None:
            return found
    return said


def _deciding(symbols: Symbols, value: str) -> list[str]:
    """The decisions that may have this value, by name."""
    decisions = symbols.declared(surface.DecisionDecl)
    listed = {one.name: [word for word in map(word_text, one.node.values) if word is not None] for one in decisions}
    return [name for name, values in listed.items() if value in values]


def _summed(symbols: Symbols, kind: str, word: str, statistic: bool, object_: str) -> str | None:
    """How to write a sum over ``word``, which names no field yet, in a ``statistic`` or in a condition on an ``object_``."""
    if word in symbols.objects:
        fields = [field for field in symbols.objects[word].fields.values() if field.type.kind in ADDABLE]
        listed = [f"“{kind} {word}.{field.name}”" for field in fields]
        return f"写成{some(listed, 3)}" if listed and kind == "合计" else None
    owner = next((object_ for object_, info in symbols.objects.items() if word in info.fields), None)
    if owner is not None:
        return f"写成“{kind} {owner}.{word}”"
    known = symbols.globals.get(word)
    if known is None:
        return None
    if isinstance(known.node, surface.TermDecl):
        owner = known.node.object.text if known.node.object else symbols.root
        if statistic or owner != symbols.root or owner not in symbols.line(object_):
            return f"写成“{kind} {owner}.{word}”"
        return f"直接写“{word}”；要全部{owner}的，另写 统计 全部{word}，里面写 合计 {owner}.{word}，这里写 全部{word}"
    if isinstance(known.node, surface.StatisticDecl):
        return f"“{word}”已经是统计出来的数，在条文里直接写“{word}”"
    return f"“{word}”是{known.origin.kind}，{kind}只认字段和术语，写成“{kind} 对象.字段”"


def _joined(symbols: Symbols, left: str, right: str, rest: str) -> str | None:
    """What belongs between two words: 为 before a value of the left one, 且 or 或 between two names, or what is no name;
    ``left``: a comparison where the word ends one; ``rest``: what follows."""
    *compared, left = left.rsplit(" ", 1)
    fields = {name: field.type for info in symbols.objects.values() for name, field in info.fields.items()}
    names = {*fields, *symbols.globals, *symbols.broken, *symbols.objects}
    values = fields[left].values or () if left in fields else ()
    if right in values and not compared:
        return f"写成“{left} 为 {right}”"
    rows = symbols.objects.get(left)
    if rows is not None and right in rows.fields and not compared:
        return _of_rows(left, right, rows.fields[right].type, re.split(r"[\n；;]| 且 | 或 ", rest)[0].strip())
    if left not in names and (f"{left}{right}" in names or f"{left}{right}" in _values(symbols)):
        return f"中间不空格，写成“{left}{right}”"
    if right.endswith("于") and (found := _ordered(symbols, left, right, rest.split())) is not None:
        return found
    if right not in names and values and not compared:
        return f"“{right}”不是{left}可以取的值；可选：{some(values, 8)}"
    if right not in names:
        return f"“{right}”不是已经声明的名称，检查是否写错；两个条件之间写“且”或“或”"
    if compared:
        return None
    if left not in names:
        return f"“{left}”不是已经声明的名称，检查是否写错"
    listed = next((word for word in (left, right) if word in symbols.objects), None)
    if listed is not None:
        return (
            f"{listed}是一行一行填的；有一行就行的写“任一 {listed} 满足（…）”，每一行都要的写“全部 {listed} 满足（…）”"
        )
    return f"都要满足写“{left} 且 {right}”，满足一个写“{left} 或 {right}”"


def _counted(symbols: Symbols, said: str) -> str | None:
    """How len(资金) is written."""
    found = _COUNT.fullmatch(said)
    return f"写成“计数 {found[1]}”" if found is not None and found[1] in symbols.objects else None


def _several(symbols: Symbols, name: str) -> bool:
    """Whether a field has several values."""
    return any(info.fields[name].type.kind is Kind.SET for info in symbols.objects.values() if name in info.fields)


def _of_its_own(symbols: Symbols, place: Span, options: re.Match[str] | None) -> Said | None:
    """县 脱贫县, 项目 停产: a field of what the condition speaks of, or of what that belongs to."""
    line = [] if options is None else symbols.line(spoken_of(symbols, place))
    if options is None or options[1] not in line or options[2] not in symbols.objects[options[1]].fields:
        return None
    object_, field = options[1], options[2]
    start = place.source.text.rfind(object_, 0, place.start)
    shown = field if object_ == line[0] else f"{object_}.{field}"
    return Said(f"写成“{shown}”", Span(place.source, start, place.end))


def _of_rows(object_: str, field: str, type_: Type, rest: str) -> str:
    """资金 金额 ≥ 50 万元, 问题 已整改: a condition on rows, without its words."""
    # 来源 为 衔接 的 合计 > 5 万元: more than a condition on a row.
    condition = "…" if re.search(r"(?:^| )的(?: |$)", rest) else one_line(f"{field} {rest}").strip()
    said = f"有一行就行的写“任一 {object_} 满足（{condition}）”，每一行都要的写“全部 {object_} 满足（{condition}）”"
    if type_.kind in NUMERIC - {Kind.YEAR}:
        said += f"，加起来的写“合计 {object_}.{field}”"
    return said


def _values(symbols: Symbols) -> set[str]:
    """Every value of a field or a decision."""
    fields = (field for info in symbols.objects.values() for field in info.fields.values())
    found = {value for field in fields for value in field.type.values or ()}
    for one in symbols.declared(surface.DecisionDecl):
        found.update(word for word in map(word_text, one.node.values) if word is not None)
    return found


_STRICTER: Final = ("严于", "高于", "重于", "更严于")
_MILDER: Final = ("宽于", "低于", "轻于", "松于")


def _ordered(symbols: Symbols, left: str, right: str, rest: list[str]) -> str | None:
    """市场效益 好于 差, 入库意见 严于 暂缓新增: values in words, of which only 由宽到严 has an order."""
    decision = next((one.node for one in symbols.declared(surface.DecisionDecl) if one.name == left), None)
    if decision is not None:
        values = [word for word in map(word_text, decision.values) if word is not None]
        value = rest[0] if rest else ""
        if decision.mode == "由宽到严" and value in values:
            at = values.index(value)
            parts = {
                **dict.fromkeys(_STRICTER, values[at + 1 :]),
                **dict.fromkeys(_MILDER, values[:at]),
                **{f"不{word}": values[: at + 1] for word in _STRICTER},
                **{f"不{word}": values[at:] for word in _MILDER},
            }
            meant = parts.get(right, [])
            if meant:
                return f"比“{value}”{right[:-1]}的，就是：{left} 属于 {{ {'、'.join(meant)} }}"
    else:
        field = next((info.fields[left] for info in symbols.objects.values() if left in info.fields), None)
        values = list(field.type.values or ()) if field is not None else []
    if not values:
        return None
    return f"这样的值没有高低；要哪几个值，就写成 {left} 属于 {{ … }}；可选：{some(values, 8)}"
