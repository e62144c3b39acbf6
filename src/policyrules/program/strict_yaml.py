"""Strict reading of the YAML files beside the rules: what is written is what is meant, or it is refused.

Why this exists: YAML guesses. ``NO`` becomes false, ``010`` eight, ``12:30`` seven hundred and fifty, and an alias can
unfold into gigabytes. People who fill in ``layer.yaml`` and ``clauses.yaml`` must not have to know that. This module
builds its own tree on the event layer of PyYAML, so that nothing is resolved behind the author's back and every later
finding can point at a line and a column.

Invariants:

* `read` never raises, whatever the text; nesting (at most 64) and the number of nodes are checked here, on the stream of
  events, before anything is built and before the YAML library meets a limit of its own;
* a tree has no anchor, alias, tag, merge key or repeated key; keys are texts;
* a scalar is a text, a whole number, true, false or null; dates stay texts;
* spans lie inside the source that was read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, assert_never

import yaml

from policyrules.diagnostics import Diagnostic, Label, unmerged
from policyrules.source import Source, Span
from policyrules.text import cut

MAX_CHARACTERS = 1 << 20
MAX_DEPTH = 64
MAX_NODES = 100_000
_MAX_DIGITS = 30

# libyaml reads a 70 KB stack in a few milliseconds; the Python parser takes twenty times as long and says the same.
_LOADER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader

Plain: TypeAlias = "str | int | bool | list[Plain] | dict[str, Plain] | None"
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class YamlScalar:
    """One value. ``quoted``: it stood in quotes or in a block, so that it is a text whatever it looks like."""

    value: str | int | bool | None
    quoted: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class YamlSequence:
    """A list."""

    items: tuple[YamlNode, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class YamlEntry:
    """``key: value``; the key is always a text."""

    key: str
    value: YamlNode
    key_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class YamlMapping:
    """Keys with values, in the order written, without repetition."""

    entries: tuple[YamlEntry, ...]
    span: Span = field(compare=False, repr=False)

    def get(self, key: str) -> YamlNode | None:
        """The value of ``key``, or None where the key is not there."""
        return next((entry.value for entry in self.entries if entry.key == key), None)


YamlNode: TypeAlias = YamlScalar | YamlSequence | YamlMapping


def read(source: Source) -> tuple[YamlNode | None, tuple[Diagnostic, ...]]:
    """The tree of ``source`` and what is wrong with it.

    The tree is None where the text has no structure to go on with (syntax, limits, an empty file). Where only single
    values or keys were refused, the tree is there, with those values as texts, so that one reading reports everything.

    >>> tree, found = read(Source("layer.yaml", "id: CN\\nissued: 2024-10-21\\nextends: null\\n"))
    >>> plain(tree), found
    ({'id': 'CN', 'issued': '2024-10-21', 'extends': None}, ())
    >>> _, found = read(Source("clauses.yaml", "decides: yes\\n"))
    >>> found[0].code, found[0].line, found[0].column
    ('E410', 1, 10)
    """
    refused = _check_characters(source) or unmerged(source, "E400")
    if refused is not None:
        return None, (refused,)
    deep = _many_brackets(source.text)
    if deep is not None:
        tree, found = _read(source, deep)
        if found and found[-1].code == "E404":
            return tree, found
    return _read(source, len(source.text))


def _read(source: Source, end: int) -> tuple[YamlNode | None, tuple[Diagnostic, ...]]:
    builder = _Builder(source)
    try:
        for event in yaml.parse(source.text[:end], Loader=_LOADER):
            stopped = builder.take(event)
            if stopped is not None:
                return None, (*builder.diagnostics, stopped)
    except yaml.YAMLError as error:
        return None, (*builder.diagnostics, _syntax_error(source, error))
    if builder.root is None:
        empty = Diagnostic("E403", "文件里没有内容", Span(source, 0, 0), remedy="按“名称: 值”逐行填写")
        return None, (*builder.diagnostics, empty)
    return builder.root, tuple(builder.diagnostics)


def plain(node: YamlNode) -> Plain:
    """The tree as plain values: dicts, lists, texts, whole numbers, booleans and None."""
    match node:
        case YamlScalar():
            return node.value
        case YamlSequence():
            return [plain(item) for item in node.items]
        case YamlMapping():
            return {entry.key: plain(entry.value) for entry in node.entries}
        case _:
            assert_never(node)


def span_at(node: YamlNode, path: Path) -> Span:
    """The place of the value at ``path`` (keys and list positions from the root), or of the nearest part that exists.

    >>> tree, _ = read(Source("a.yaml", "clauses:\\n  - id: A\\n"))
    >>> str(span_at(tree, ("clauses", 0, "id"))), str(span_at(tree, ("clauses", 0, "place")))
    ('a.yaml:2:9', 'a.yaml:2:5')
    """
    return _reached(node, path)[0].span


def key_span_at(node: YamlNode, path: Path) -> Span:
    """The place of the key that ends ``path``; of the value where the path ends in a list position."""
    holder, missed = _reached(node, path[:-1])
    if path and not missed and isinstance(holder, YamlMapping):
        for entry in holder.entries:
            if entry.key == path[-1]:
                return entry.key_span
    return holder.span if missed else span_at(node, path)


def _reached(node: YamlNode, path: Path) -> tuple[YamlNode, bool]:
    """The last part on the way that exists, and whether anything after it is missing."""
    for step in path:
        inner: YamlNode | None = None
        if isinstance(node, YamlMapping) and isinstance(step, str):
            inner = node.get(step)
        elif isinstance(node, YamlSequence) and isinstance(step, int) and 0 <= step < len(node.items):
            inner = node.items[step]
        if inner is None:
            return node, True
        node = inner
    return node, False


# ---- characters -----------------------------------------------------------------------------------------------------

STRANGE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U000e0000-\U000e0fff]"
)
"""What no YAML file here may hold: characters that nobody sees."""


def _check_characters(source: Source) -> Diagnostic | None:
    if len(source.text) > MAX_CHARACTERS:
        message = f"文件过长：{len(source.text)} 个字符，上限 {MAX_CHARACTERS} 个"
        return Diagnostic("E401", message, Span(source, 0, 0), remedy="把文件拆小")
    found = STRANGE.search(source.text)
    if found is None:
        return None
    return _strange(found.group(), Span(source, found.start(), found.end()))


# Brackets, quoted texts (a quote opens one where a value may begin), and ends of lines.
_BRACKETS = re.compile(r"""(?<![^\s,\[{:])(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*')|[\[\]{}\n]""")


def _many_brackets(text: str) -> int | None:
    """Where one more bracket is opened on a line than may be nested; None where that is nowhere.

    The library looks ahead to the end of the line, so that a limit of its own (1,000 levels, from PyYAML 6.0.4 on) would
    be met before the event of the first bracket. Up to here it can look, and what nests too deep does so by here.
    """
    if all(line.count("[") + line.count("{") <= MAX_DEPTH for line in text.split("\n")):
        return None
    depth = 0
    for found in _BRACKETS.finditer(text):
        match found.group()[0]:
            case "\n":
                depth = 0
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
        if depth > MAX_DEPTH:
            return found.end()
    return None


def _strange(character: str, span: Span) -> Diagnostic:
    message = f"这里有一个看不见的字符（U+{ord(character):04X}）"
    return Diagnostic("E402", message, span, remedy="删去这个字符；多半是从网页或公文软件里带过来的")


# ---- building -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet. ``key`` is the key that waits for its value."""

    mapping: bool
    flow: bool
    start: int
    items: list[YamlNode] = field(default_factory=list)
    entries: dict[str, YamlEntry] = field(default_factory=dict)
    key: YamlScalar | None = None


class _Builder:
    """Builds the tree from events with a stack of its own; `take` returns a diagnostic where reading must stop."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root: YamlNode | None = None
        self.diagnostics: list[Diagnostic] = []
        self._stack: list[_Open] = []
        self._nodes = 0
        self._documents = 0

    def take(self, event: Any) -> Diagnostic | None:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            return self._open(event)
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            return self._close(event)
        if isinstance(event, yaml.AliasEvent):
            remedy = "把内容照写一遍；值本来就以 * 开头的，加引号"
            return Diagnostic("E405", "这里引用了别处的内容（*），不允许", self._at(event), remedy=remedy)
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                message = "一个文件里只能有一份内容，不能再用 --- 另起"
                return Diagnostic("E407", message, self._at(event), remedy="拆成两个文件")
            if event.version is not None or event.tags:
                return Diagnostic("E407", "文件开头不能有 % 指令", self._at(event), remedy="删去这一行")
        return None

    def _at(self, event: Any) -> Span:
        length = len(self.source.text)
        start = min(event.start_mark.index, length)
        end = max(start, min(event.end_mark.index, length))
        while end > start and self.source.text[end - 1] in " \r\n\t":
            end -= 1
        return Span(self.source, start, end)

    def _refuse_extras(self, event: Any, span: Span) -> Diagnostic | None:
        """Anchors and tags stop the reading: what follows could mean something else than it seems."""
        if event.anchor is not None:
            return Diagnostic("E405", "这里给内容起了代号（&），不允许", span, remedy="删去代号；值以 & 开头时加引号")
        if event.tag is not None:
            return Diagnostic("E406", "这里用了类型标记（!），不允许", span, remedy="删去标记；值以 ! 开头时加引号")
        self._nodes += 1
        if self._nodes > MAX_NODES:
            return Diagnostic("E401", f"内容过多：超过 {MAX_NODES} 项", span, remedy="把文件拆小")
        return None

    def _open(self, event: Any) -> Diagnostic | None:
        span = self._at(event)
        refused = self._refuse_extras(event, span)
        if refused is not None:
            return refused
        if len(self._stack) >= MAX_DEPTH:
            return Diagnostic("E404", f"层层嵌套超过 {MAX_DEPTH} 层", span, remedy="检查括号和缩进")
        if self._wants_key():
            return Diagnostic("E409", "名称只能是文字，不能是列表或分组", span, remedy="值以 [ 或 { 开头时加引号")
        self._stack.append(_Open(isinstance(event, yaml.MappingStartEvent), bool(event.flow_style), span.start))
        return None

    def _close(self, event: Any) -> Diagnostic | None:
        done = self._stack.pop()
        children: list[YamlNode] = done.items or [entry.value for entry in done.entries.values()]
        # A block ends, for the library, where the next token starts; for people it ends with its last value.
        end = self._at(event).end if done.flow or not children else children[-1].span.end
        span = Span(self.source, done.start, max(done.start, end))
        if done.mapping:
            self._put(YamlMapping(tuple(done.entries.values()), span))
        else:
            self._put(YamlSequence(tuple(done.items), span))
        return None

    def _scalar(self, event: Any) -> Diagnostic | None:
        span = self._at(event)
        refused = self._refuse_extras(event, span)
        if refused is not None:
            return refused
        is_key = self._wants_key()
        quoted = bool(event.style)
        if is_key and not quoted and event.value == "<<":
            return Diagnostic("E405", "这里引用了别处的内容（<<），不允许", span, remedy="把内容照写一遍")
        if not is_key and not quoted and event.value == "" and (alone := self._alone(span)) is not None:
            return alone
        value: str | int | bool | None = event.value
        if event.style == '"':
            # An escape can smuggle in what the text itself may not hold.
            hidden = STRANGE.search(event.value)
            if hidden is not None:
                return _strange(hidden.group(), span)
        if not quoted:
            value, surprise = _plain_value(event.value, span)
            if surprise is not None:
                self.diagnostics.append(surprise)
                value = event.value
            elif is_key and not isinstance(value, str):
                self.diagnostics.append(_not_a_name(event.value, span))
                value = event.value
        scalar = YamlScalar(value, quoted, span)
        if is_key:
            self._stack[-1].key = scalar
        else:
            self._put(scalar)
        return None

    def _alone(self, span: Span) -> Diagnostic | None:
        """A name in braces without a value, {升级} or {户数:3}: it would be read as a name that is blank."""
        holder = self._stack[-1] if self._stack else None
        key = None if holder is None or not holder.mapping or not holder.flow else holder.key
        if key is None or key.quoted or re.match(r"\s*:|\[", self.source.text[key.span.end : span.start + 1]):
            return None
        text = str(key.value)
        parted = re.fullmatch(r"([^\s:：=]+) *(?::|：|==?| (?:为|是|等于)(?= )) *(.+)", text)
        if parted is not None:
            if "：" in text:
                # Told where the name is looked at.
                return None
            message, remedy = f"“{cut(text, 40)}”没有分成名称和值", f"写成 {parted[1]}: {parted[2]}"
        else:
            message = f"花括号里的“{cut(text, 40)}”没有写值"
            remedy = f"写成 {text}: 值；空着的写 {text}: null；是几个值的，放在方括号里：[{text}]"
        return Diagnostic("E400", message, key.span, remedy=remedy)

    def _wants_key(self) -> bool:
        return bool(self._stack) and self._stack[-1].mapping and self._stack[-1].key is None

    def _put(self, node: YamlNode) -> None:
        if not self._stack:
            self.root = node
            return
        holder = self._stack[-1]
        if not holder.mapping:
            holder.items.append(node)
            return
        key = holder.key
        assert key is not None
        holder.key = None
        name = str(key.value)
        first = holder.entries.get(name)
        if first is None:
            holder.entries[name] = YamlEntry(name, node, key.span)
            return
        remedy, label = "只留一处；是两条不同内容的，检查缩进和开头的“- ”", Label(first.key_span, "第一处在这里")
        self.diagnostics.append(Diagnostic("E408", f"“{name}”写了两遍", key.span, remedy=remedy, related=(label,)))


# ---- plain scalars --------------------------------------------------------------------------------------------------

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LOOSE_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?", re.DOTALL)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_WORDS = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false", "null"})
_DECIMAL = "是小数，读入时会变成近似值"
_SURPRISES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"~|\.(?:inf|Inf|INF|nan|NaN|NAN)|[-+]\.(?:inf|Inf|INF)"), "在有的软件里是空值或无穷大"),
    (re.compile(r"[-+]?0[0-9_]+"), "以 0 开头，在有的软件里会读成八进制数"),
    (re.compile(r"[-+]?0[xXoObB][0-9a-fA-F_]+"), "在有的软件里会换算成另一个数"),
    (re.compile(r"[-+]?[0-9][0-9_]*(?::[0-9]{1,2})+(?:\.[0-9_]*)?"), "中间有冒号，在有的软件里会读成六十进制数"),
    (re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?|[-+]?[0-9_]+\.[0-9]*_[0-9_]*"), "数字中间有下划线"),
    (re.compile(r"\+[0-9]+"), "数字前有加号"),
    (re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"), _DECIMAL),
    (re.compile(r"<<|="), "在有的软件里另有含义"),
)


def _plain_value(text: str, span: Span) -> tuple[str | int | bool | None, Diagnostic | None]:
    """What an unquoted scalar means; a diagnostic where software would disagree about it."""
    match text:
        case "true":
            return True, None
        case "false":
            return False, None
        case "null" | "":
            return None, None
    if text.isascii():
        # Most values are Chinese or begin with a letter; only what could be a number or a sign is looked at closely.
        if _INTEGER.fullmatch(text):
            if len(text) > _MAX_DIGITS:
                return text, _surprise(text, "位数太多", span)
            return int(text), None
        if text.lower() in _WORDS:
            return text, _bool_word(text, span)
        if text[0] not in "~.+-0123456789<=" or _DATE.fullmatch(text):
            return text, None
        if _LOOSE_DATE.fullmatch(text):
            year, month, day = re.split("[Tt ]", text)[0].split("-")
            remedy = f"写成 {year}-{month:0>2}-{day:0>2}，四位年、两位月、两位日"
            return text, Diagnostic("E410", f"日期“{cut(text, 40)}”的写法不统一", span, remedy=remedy)
        for pattern, why in _SURPRISES:
            if pattern.fullmatch(text):
                return text, _surprise(text, why, span)
    return text, None


def _surprise(text: str, why: str, span: Span) -> Diagnostic:
    if why == _DECIMAL and "e" in text.lower():
        # In quotes it is no number either.
        return Diagnostic(
            "E410", f"“{cut(text, 40)}”{why}", span, remedy="把数写全，如 1e5 写成 100000；是文字就加引号"
        )
    meant = "加上引号，就照写的读，还是这个数" if why == _DECIMAL else "是文字就加引号"
    return Diagnostic("E410", f"“{cut(text, 40)}”{why}", span, remedy=f'{meant}："{cut(text, 40)}"')


def _bool_word(text: str, span: Span) -> Diagnostic:
    lower = text.lower()
    if lower == "null":
        meant = "空着写 null"
    else:
        meant = "是写 true，否写 false" if lower not in ("true", "false") else f"写小写的 {lower}"
    message = f"“{text}”在有的软件里是“是／否／空”，在有的软件里是文字"
    return Diagnostic("E410", message, span, remedy=f'{meant}；是文字就加引号："{text}"')


def _not_a_name(text: str, span: Span) -> Diagnostic:
    if text == "":
        return Diagnostic("E409", "冒号前面没有名称", span, remedy="在冒号前写上名称")
    return Diagnostic("E409", f"名称只能是文字，“{cut(text, 40)}”不是", span, remedy=f'加引号："{cut(text, 40)}"')


# ---- syntax errors --------------------------------------------------------------------------------------------------

NARROW_COLON: Final = "冒号用半角“:”，后面留一个空格"
_INDENTATION = ("这里的缩进或标点接不上", "同一级的行左边对齐，下一级多缩两个空格；值里有“: ”或“ #”时加引号")
# What the library says, and what people need to hear; the first that occurs in the library's sentence is taken.
_PROBLEMS: tuple[tuple[str, tuple[str, str]], ...] = (
    ("mapping values are not allowed", ("这里不该再有冒号", "值里有“: ”时给值加引号；否则检查上一行的引号和缩进")),
    ("could not find expected ':'", ("这一行缺少冒号", "写成“名称: 值”，冒号用半角，后面留一个空格")),
    ("tab character", ("缩进里有制表符", "改用空格缩进")),
    ("unknown escape character", ("引号里的反斜杠不能识别", "反斜杠写两遍，或改用单引号")),
    ("expected hexdecimal number", ("引号里的反斜杠不能识别", "反斜杠写两遍，或改用单引号")),
    ("hexadecimal number", ("引号里的反斜杠不能识别", "反斜杠写两遍，或改用单引号")),
    ("unexpected end of stream", ("引号没有合上", "补上后一半引号")),
    ("document indicator", ("引号没有合上", "补上后一半引号")),
    ("',' or ']'", ("方括号没有合上，或项与项之间缺少逗号", "补上半角的“]”或“,”")),
    ("',' or '}'", ("花括号没有合上，或项与项之间缺少逗号", "补上半角的“}”或“,”")),
    ("block sequence entries are not allowed", ("列表的“- ”不能写在这里", "另起一行，缩进两个空格再写“- ”")),
    ("sequence entries are not allowed", ("列表的“- ”不能写在这里", "另起一行，缩进两个空格再写“- ”")),
    ("expected node content", ("这里缺少内容", "检查前面的括号有没有合上、值有没有写")),
    ("directive", ("行首的 % 不能识别", "值以 % 开头时加引号")),
    ("block scalar", ("“|”或“>”后面不能再写内容", "内容从下一行开始写；值以 | 或 > 开头时加引号")),
    ("comment or a line break", ("“|”或“>”后面不能再写内容", "内容从下一行开始写；值以 | 或 > 开头时加引号")),
    ("<document start>", ("文件末尾有多出来的内容", "检查缩进；整个文件应是“名称: 值”的分组")),
)

_OPENED = (
    "unexpected end of stream",
    "document indicator",
    "could not find expected ':'",
    "',' or ']'",
    "',' or '}'",
    "a tag",
)


def _bracketed_name(text: str, at: int) -> tuple[int, str] | None:
    """The name in braces in which a square bracket opens ``at``, and where it starts: {甲[0]: …}."""
    if text[at : at + 1] != "[":
        return None
    before = re.search(r"[^{},\n\[\]]{1,80}\Z", text[max(0, at - 80) : at])
    after = re.match(r"(?:\[[0-9]{1,6}\][^\[\]{},:\n]{0,80})+(?=: )", text[at : at + 200])
    if before is None or after is None:
        return None
    name = f"{before[0]}{after[0]}".strip().strip("“”‘’")
    return at - len(before[0].lstrip()), name


def _wide_colon(text: str, at: int, said: str) -> int | None:
    """Where a full-width colon made a name of what follows it: before a bracket ``at``, or on the line above, which has no
    other and so goes on to this line."""
    if "',' or '}'" in said and text[at : at + 1] in ("[", "{"):
        before = text[max(0, at - 80) : at].rstrip(" ")
        return max(0, at - 80) + len(before) - 1 if before.endswith("：") else None
    if "could not find expected ':'" in said:
        line = text[at:].partition("\n")[0]
        found = line.find("：")
        return None if found < 0 or ":" in line[:found] else at + found
    if "mapping values are not allowed" not in said:
        return None
    above = text[: text.rfind("\n", 0, at) + 1].rstrip()
    line = above[above.rfind("\n") + 1 :]
    found = line.find("：")
    return None if found < 0 or ":" in line else len(above) - len(line) + found


def _glued_line(text: str, at: int, said: str) -> tuple[str, str] | None:
    """What is wrong with the line that holds ``at``, or with the one above: 层级:县, -编号: 甲, a line further in than its list."""
    line_start = text.rfind("\n", 0, at) + 1
    line = text[line_start:].partition("\n")[0]
    if "could not find expected ':'" in said:
        narrow = re.match(r"\s*(?:- +)?([^\s:#\"']{1,40}):(\S.{0,60})", line)
        return None if narrow is None else ("冒号后面缺空格", f"写成“{narrow[1]}: {narrow[2].strip()}”")
    if "mapping values are not allowed" not in said:
        return None
    above = text[:line_start].rstrip().rpartition("\n")[2]
    dashed = re.match(r"\s*-(?![\s-])([^:]{1,40}:)", above)
    if dashed is not None:
        return "上一行的“-”后面缺空格", f"上一行写成“- {dashed[1]} …”"
    glued = re.match(r"\s*(?:- +)?([^\s:#\"'\-][^\s:#\"']{0,40}):([^\s/].{0,60})$", above)
    if glued is not None:
        return "上一行的冒号后面缺空格", f"上一行写成“{glued[1]}: {glued[2].strip()}”"
    marked = re.match(r"(\s*)(?:－|—+|–|·|•|●|[0-9]{1,2}[.、)）]) *([^\s:][^:]*: .*)$", above)
    if marked is not None:
        return "列表的每一项以半角的“- ”开头", f"上一行写成“{marked[1]}- {marked[2].strip()}”"
    bare = re.match(
        r"\s*(?:- +)?([^\s:#=\"'\[{\-][^\s:#=\"'\[{]{0,12})(?: +(?:为|是|等于) +| *== *| *= *| +)([^\s:#][^:#]{0,60})$",
        above,
    )
    if bare is not None:
        return "上一行没有写冒号", f"上一行写成“{bare[1]}: {bare[2].strip()}”"
    twice = re.match(r"\s*(?:- +)?([^\s:#\"'{\[]+): +([^\s:#\"'{\[]+: +\S.*)$", line)
    if twice is not None and at >= line_start + twice.start(2):
        inner = twice[2].strip().strip("｛｝")
        remedy = f"冒号是值里的，给值加引号；是下一层的，写成“{twice[1]}: {{{inner}}}”，或另起一行、多缩两个空格"
        return "一行里有两个冒号", remedy
    lone = re.match(r"\s*- +([^\s:#\"'\[{][^:#]{0,60})$", above)
    if lone is not None:
        return "上一行没有写名称和冒号", f"上一行写成“- …: {lone[1].strip()}”，这一行才接得上"
    key = re.match(r"(\s*(?:- +)?)[^\s:#\"'][^:#]*: +\S", above)
    indent = len(line) - len(line.lstrip(" "))
    head = text[:line_start].rstrip().rpartition("\n")[0].rstrip().rpartition("\n")[2]
    own = len(head) - len(head.lstrip(" "))
    if key is not None and "-" not in key[1] and head.endswith(":") and own >= len(key[1]) and indent > own:
        return "上一行没有缩进", f"上一行是“{head.strip()}”下面的，和这一行左边对齐，前面空 {indent} 格"
    if key is not None and "-" not in key[1] and head.endswith(":") and indent == len(key[1]) + 2:
        return "列表的每一项以“- ”开头", f"上一行写成“{key[1]}- {above.strip()}”"
    named = re.match(r" *[^\s:#\"'-][^:#]*:(?: |$)", line) is not None
    below = text[line_start:].partition("\n")[2].partition("\n")[0]
    if (
        key is not None
        and named
        and "-" in key[1]
        and re.match(rf" {{{indent}}}[^\s-]", below)
        and indent > len(key[1])
    ):
        # The lines below stand where this one does.
        return "上一行的“- ”没有对齐", f"上一行的“- ”前面空 {indent - 2} 格，后面的名称才和这一行左边对齐"
    if key is not None and named and indent != len(key[1]):
        return "这一行和上一行没有对齐", f"名称和上一行的名称左边对齐，前面空 {len(key[1])} 格"
    return None


def _out_of_line(text: str, at: int, said: str) -> tuple[str, str] | None:
    """A name that stands a little further out than the one above it."""
    line_start = text.rfind("\n", 0, at) + 1
    line = text[line_start:].partition("\n")[0]
    above = text[:line_start].rstrip().rpartition("\n")[2]
    key = re.match(r"(\s*(?:- +)?)[^\s:#\"'][^:#]*:(?: |$)", above)
    indent = len(line) - len(line.lstrip(" "))
    misfit = re.search("block end|expected '-' indicator|expected key", said) is not None
    if not misfit or key is None or re.match(r" *[^\s:#\"'-][^:#]*:(?: |$)", line) is None:
        return None
    if not 0 < len(key[1]) - indent <= 1:
        return None
    return "这一行和上一行没有对齐", f"名称和上一行的名称左边对齐，前面空 {len(key[1])} 格"


def _syntax_error(source: Source, error: yaml.YAMLError) -> Diagnostic:
    said = f"{getattr(error, 'context', None) or ''}；{getattr(error, 'problem', None) or ''}"
    # What is left open is shown where it was opened, everything else where reading stuck.
    opened = any(clue in said for clue in _OPENED)
    marks = [getattr(error, "context_mark", None), getattr(error, "problem_mark", None)]
    mark = next((mark for mark in (marks if opened else marks[::-1]) if mark is not None), None)
    start = min(mark.index, len(source.text)) if mark is not None else 0
    character = source.text[start : start + 1]
    code = "E400"
    message, remedy = next((words for clue, words in _PROBLEMS if clue in said), _INDENTATION)
    problem = start if marks[1] is None else marks[1].index
    name = _bracketed_name(source.text, marks[1].index) if "',' or '}'" in said and marks[1] is not None else None
    if name is not None:
        start, text = name
        message, remedy = "花括号里的名称有方括号，要加半角引号", f'写成 "{text}": …'
    elif (wide := _wide_colon(source.text, start if "expected ':'" in said else problem, said)) is not None:
        start, message, remedy = wide, "这里的冒号是全角的，不能把名称和值分开", NARROW_COLON
    elif (glued := _glued_line(source.text, start, said) or _out_of_line(source.text, start, said)) is not None:
        message, remedy = glued
    elif "cannot start any token" in said:
        if character == "\t":
            message, remedy = "缩进里有制表符", "改用空格缩进"
        else:
            message, remedy = f"值不能以“{character}”开头", "给值加引号"
    elif "anchor" in said or "alias" in said:
        code, message = "E405", "“&”“*”在这里另有含义，不允许"
        remedy = "是引用别处内容的，把内容照写一遍；值本来就以 & 或 * 开头的，给值加引号"
    elif "a tag" in said or "tag handle" in said:
        code, message, remedy = "E406", "“!”在这里另有含义，不允许", "给值加引号"
    return Diagnostic(code, message, Span(source, start, min(start + 1, len(source.text))), remedy=remedy)
