"""``layer.yaml`` and ``clauses.yaml``: what a layer is, and the table of its clauses.

Why this exists: every rule cites a clause, and every layer says where it stands and since when. Both files are filled
in by policy staff, so whatever is wrong with them is said in Chinese, at its line and column, all of it at once.

Invariants: records are frozen; ids and places of a `ClauseTable` are unique; a clause that decides nothing has a reason;
the heading a clause names exists. A table that was returned beside errors holds the sound clauses only.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar, cast, get_args, get_origin, get_type_hints

from policyrules.diagnostics import Diagnostic, Label, Report, shown_text
from policyrules.language.keywords import LANGUAGE_VERSION
from policyrules.language.spoken import integer
from policyrules.program import strict_yaml
from policyrules.program.keys import CLAUSE_KINDS, KEYS, KIND_MEANINGS, UNDECIDED, called, in_english, spelling
from policyrules.program.shapes import day_in
from policyrules.program.strict_yaml import NARROW_COLON, YamlMapping, YamlNode, YamlScalar, YamlSequence
from policyrules.source import Source, Span, fold_characters
from policyrules.spelling import nearest
from policyrules.text import cut, some

Level: TypeAlias = Literal["国家", "省", "市", "县"]
LEVELS: tuple[str, ...] = get_args(Level)

ClauseKind: TypeAlias = Literal[
    "scope",
    "principle",
    "deadline",
    "procedure",
    "ledger",
    "classification",
    "measure",
    "duty",
    "prohibition",
    "intake",
    "aggregate",
    "disposal",
    "responsible",
    "authority",
    "undecided",
]

LONGEST_SHORT: Final = 16
"""How many characters the 简称 of a layer may have: it stands in headings of columns."""

# ---- values ---------------------------------------------------------------------------------------------------------

Kind: TypeAlias = Callable[[str, YamlNode, Report], object]
"""What a value must be: reads a node (named ``whose`` in messages), and reports where it is something else."""


def _matching(pattern: str, otherwise: str, remedy: str) -> Kind:
    """A text of the form ``pattern``; of any other text it is said that it ``otherwise``."""
    form = re.compile(pattern, re.DOTALL)

    def read(whose: str, node: YamlNode, report: Report) -> object:
        value = node.value if isinstance(node, YamlScalar) else node
        if value is None:
            report.error("E422", f"{whose}不能空着", node.span, "填上内容")
        elif not isinstance(value, str):
            instead = f'加引号："{_written(node.span)}"' if isinstance(node, YamlScalar) else "只写一个值"
            report.error("E422", f"{whose}应是文字", node.span, instead)
        elif not form.fullmatch(value):
            report.error("E425", f"{whose}{otherwise}", node.span, remedy)
        return value

    return read


def _texts(whose: str, node: YamlNode, report: Report) -> object:
    if isinstance(node, YamlSequence):
        return tuple(_text(f"{whose}的第 {number} 项", item, report) for number, item in enumerate(node.items, 1))
    report.error("E422", f"{whose}应是列表", node.span, "写成 [甲, 乙]，或另起一行、每项以“- ”开头；没有的写 []")
    return None


_upper = _matching(r".*\S.*", "是空的", "填上内容；没有的写 null")


def _uppers(whose: str, node: YamlNode, report: Report) -> object:
    """One folder, or several as a list."""
    if not isinstance(node, YamlSequence):
        return _upper(whose, node, report)
    if not node.items:
        report.error("E392", f"{whose}的列表是空的", node.span, "写上各上层的文件夹；没有上层的写 null")
    named: dict[str, Span] = {}
    for number, item in enumerate(node.items, 1):
        value = _upper(f"{whose}的第 {number} 项", item, report)
        if isinstance(value, str):
            first = named.setdefault(value.strip().rstrip("/"), item.span)
            if first is not item.span:
                label = Label(first, "先在这里")
                report.error("E391", f"{whose}里“{value}”写了两遍", item.span, "删去一处", label)
    return tuple(named)


def _flag(whose: str, node: YamlNode, report: Report) -> object:
    value = strict_yaml.plain(node)
    if isinstance(value, str):
        value = {"是": True, "否": False}.get(value)
    if not isinstance(value, bool):
        report.error("E422", f"{whose}应是 true（是）或 false（否）", node.span, "是写 是 或 true，否写 否 或 false")
    return value


def _language(whose: str, node: YamlNode, report: Report) -> object:
    """A version of the rule language."""
    value = strict_yaml.plain(node)
    if isinstance(value, bool) or not isinstance(value, int):
        report.error("E422", f"{whose}应是整数", node.span, f"写成 1 到 {LANGUAGE_VERSION}，或不写这一行")
    elif not 1 <= value <= LANGUAGE_VERSION:
        message = f"{whose}没有第 {value} 版，这个程序认得的是第 1 至 {LANGUAGE_VERSION} 版"
        report.error("E161", message, node.span, f"写成 {LANGUAGE_VERSION}；文件是用更新的程序写的，就换用新的程序")
    return value


def _day_remedy(written: str) -> str:
    day = day_in(written)
    if day is not None:
        return f"写成 {day}"
    if written in ("长期", "长期有效", "永久", "无", "无期限", "未定"):
        return "没有这个日期的，写 null"
    return "写上那一天，四位年、两位月、两位日，如 2024-10-21"


def _date(whose: str, node: YamlNode, report: Report) -> object:
    value = strict_yaml.plain(node)
    # Only the one spelling that the strict reader lets through; the library would take 20241021 as well.
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            pass
    written = _written(node.span)
    report.error("E423", f"{whose}“{written}”不是日期", node.span, _day_remedy(written))
    return None


_LEVELS_SAID: Final = {
    **dict.fromkeys(("区", "县区", "县（区）", "县级市", "旗"), "县"),
    **dict.fromkeys(("州", "盟", "地区", "地市", "设区市"), "市"),
    **dict.fromkeys(("自治区", "直辖市"), "省"),
    **dict.fromkeys(("中央", "全国", "部委"), "国家"),
}


def _level(whose: str, node: YamlNode, report: Report) -> object:
    value = strict_yaml.plain(node)
    if value not in LEVELS:
        near = [_LEVELS_SAID[str(value)]] if str(value) in _LEVELS_SAID else nearest(str(value), LEVELS)
        remedy = f"是不是“{near[0]}”？" if near else f"可写：{'、'.join(LEVELS)}"
        report.error("E424", f"{whose}不能写“{_written(node.span)}”", node.span, remedy)
    return value


_DATE_KEYS: Final = ("issued", "in_force_from", "in_force_until")
_DATES_BY_WORD: Final = {KEYS[key]: key for key in _DATE_KEYS}
_KINDS_BY_WORD: Final = {word: kind for kind, word in CLAUSE_KINDS.items()}


def _clause_kind(whose: str, node: YamlNode, report: Report) -> object:
    """A kind of clause by its English or its Chinese name."""
    value = strict_yaml.plain(node)
    if isinstance(value, str) and (value in CLAUSE_KINDS or value in _KINDS_BY_WORD):
        return _KINDS_BY_WORD.get(value, value)
    near = nearest(str(value), (*_KINDS_BY_WORD, *CLAUSE_KINDS), half=False)
    remedy = f"是不是“{near[0]}”？" if near else ""
    remedy += "可写：" + "；".join(
        f"{word}（{kind}），{KIND_MEANINGS[kind][0]}" for word, kind in _KINDS_BY_WORD.items()
    )
    report.error("E424", f"{whose}不能写“{_written(node.span)}”", node.span, remedy)
    return value


def _date_names(whose: str, node: YamlNode, report: Report) -> object:
    """Names of dates, in either spelling."""
    given = _texts(whose, node, report)
    return tuple(_DATES_BY_WORD.get(name, name) for name in given) if isinstance(given, tuple) else given


_text = _matching(r".*\S.*", "是空的", "填上内容；没有的写 null")
_name = _matching(r"[\w.\-]+", "只能用文字、数字和 - _ .", "例如 JX-2-3-1")
_short = _matching(
    rf"[^\s“”【】＋→、]{{1,{LONGEST_SHORT}}}",
    f"最多 {LONGEST_SHORT} 个字，中间没有空格、引号、方括号和顿号",
    "写成人们平常的叫法，如 农规发26号；没有的写 null",
)
_digest = _matching(
    r"[0-9a-f]{64}",
    "应是 64 位十六进制小写字符",
    "不要手填：先写 null，再由 policyrules coverage 层 --source 原文.txt --write-hashes 计算",
)


def _reasons(whose: str, node: YamlNode, report: Report) -> object:
    if not isinstance(node, YamlSequence):
        report.error(
            "E422", f"{whose}应是列表", node.span, "写成 [{words: 原话, reason: 理由}]，或另起一行、每项以“- ”开头"
        )
        return None
    return tuple(record for record, _ in _read_list(SentenceReason, node, whose, report))


_Text: TypeAlias = Annotated[str, _text]
Id: TypeAlias = Annotated[str, _name]
Line: TypeAlias = Annotated[str, _text]
Upper: TypeAlias = Annotated[str, _upper]
"""What the manifest of a 试验 holds as well."""
_Date: TypeAlias = Annotated[datetime.date, _date]
_Texts: TypeAlias = Annotated[tuple[str, ...], _texts]


def _settings(whose: str, node: YamlNode, report: Report) -> object:
    mapping = mapping_of(node, f"{whose}应逐行写“名称: 值”", report)
    return None if mapping is None else read_record(ReportSettings, mapping, report)


# ---- what the files hold --------------------------------------------------------------------------------------------

# The fields are the shape of the file: a key without a default must be there, null may stand where None is the default.


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """What reports on a ledger tell beside results: ``decision``, the one that headlines speak of; fields ``by`` which changes are told
    apart; fields that are added up, ``money`` and others, ``weight``."""

    decision: _Text | None = None
    by: _Texts = ()
    money: _Texts = ()
    weight: _Texts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerManifest:
    """``layer.yaml``. Dates are None where the document gives none; ``assumed`` names the keys of dates assumed; ``short``
    is what tells the layer from another one of its level and region (简称, see `titles`); ``extends`` one folder or several."""

    id: Annotated[str, _name]
    title: _Text
    document_number: _Text | None = None
    short: Annotated[str, _short] | None = None
    issuer: _Text | None = None
    level: Annotated[Level, _level]
    region: _Text
    extends: Annotated[str | tuple[str, ...], _uppers] | None = None
    language: Annotated[int, _language] | None = None
    issued: _Date | None = None
    in_force_from: _Date
    in_force_until: _Date | None = None
    assumed: Annotated[tuple[str, ...], _date_names] = ()
    note: _Text | None = None
    reports: Annotated[ReportSettings, _settings] | None = None

    def in_force(self, as_of: datetime.date) -> bool:
        """Whether the document is in force at ``as_of`` (both ends included)."""
        return self.in_force_from <= as_of and (self.in_force_until is None or as_of <= self.in_force_until)

    @property
    def uppers(self) -> tuple[str, ...]:
        """The folders of the layers it extends, as written."""
        return (self.extends,) if isinstance(self.extends, str) else self.extends or ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading for which the document names offices; clauses ``under`` it inherit them."""

    place: _Text
    title: _Text
    offices: _Texts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceReason:
    """Why one sentence of a clause decides nothing, though others of it do. ``words`` of it tell which one."""

    words: _Text
    reason: _Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause. ``starts`` and ``ends`` bound its text in the document, ``sha256`` pins it (see `quotes`).

    ``sentences``: those of its sentences that decide nothing, each with its reason.
    """

    id: Annotated[str, _name]
    place: _Text
    under: _Text | None = None
    summary: _Text
    kind: Annotated[ClauseKind, _clause_kind]
    decides: Annotated[bool, _flag]
    reason: _Text | None = None
    offices: _Texts = ()
    source_note: _Text | None = None
    starts: _Text | None = None
    ends: _Text | None = None
    sha256: Annotated[str, _digest] | None = None
    sentences: Annotated[tuple[SentenceReason, ...], _reasons] = ()


# ---- the table ------------------------------------------------------------------------------------------------------


def _place_key(text: str) -> str:
    """Places compare without white space, full-width forms and variants of the middle dot."""
    return re.sub(r"[•・‧∙･]", "·", "".join(fold_characters(text).split()))


def _numbered(place: str) -> bool:
    """Whether a place is nothing but the number of an article: 第5条, 第五条第二款."""
    return re.fullmatch(r"第[0-9]+条(第[0-9]+款)?(第[0-9]+项)?", _in_figures(place)) is not None


def _in_figures(place: str) -> str:
    """A place with its numbers in figures."""
    return _NUMERALS.sub(lambda found: str(number) if (number := integer(found[0])) is not None else found[0], place)


_NUMERALS: Final = re.compile("[零一二三四五六七八九十百]+")


@dataclass(frozen=True, slots=True, eq=False)
class ClauseTable:
    """The clauses of one layer, in file order, with their places in the file."""

    source: Source
    clauses: tuple[Clause, ...]
    headings: tuple[Heading, ...]
    _nodes: dict[str, YamlMapping] = field(repr=False)
    _by_id: dict[str, Clause] = field(repr=False)
    _by_place: dict[str, Clause] = field(repr=False)
    _headings: dict[str, Heading] = field(repr=False)

    def get(self, clause_id: str) -> Clause | None:
        """The clause with exactly this id."""
        return self._by_id.get(clause_id)

    def resolve(self, place_or_id: str, *, near: bool = True) -> Clause | tuple[Clause, ...]:
        """The clause that a citation names, or the clauses it may have meant (none, where nothing is near).

        A clause is named by its id, by its place, or by the part of its place before ``·`` where that part begins the
        place of no other clause. Several candidates come in file order. Without ``near`` no look-alikes are sought.
        """
        found = self._by_id.get(place_or_id.strip())
        if found is not None:
            return found
        wanted = _place_key(place_or_id)
        found = self._by_place.get(wanted)
        if found is not None:
            return found
        begun = [(place, clause) for place, clause in self._by_place.items() if wanted and place.startswith(wanted)]
        if len(begun) == 1 and begun[0][0].startswith(wanted + "·"):
            return begun[0][1]
        if not begun and place_or_id.strip():
            begun = [(name, clause) for name, clause in self._by_id.items() if name.startswith(place_or_id.strip())]
        if not begun and wanted:
            # 第5条 for 第五条, or the other way round.
            figures = _in_figures(wanted)
            begun = [each for each in self._by_place.items() if _in_figures(each[0]).startswith(figures)]
        if begun:
            return tuple(clause for _, clause in begun)
        if not near or _numbered(wanted):
            # Another number is another clause: none of them is meant.
            return ()
        alike = nearest(wanted, self._by_place) or nearest(place_or_id, self._by_id)
        return tuple(self._by_place.get(name) or self._by_id[name] for name in alike)

    def unresolved(self, place_or_id: str, span: Span, *, near: bool = True) -> Diagnostic:
        """The finding for a citation at ``span`` that `resolve` could not settle."""
        candidates = self.resolve(place_or_id, near=near)
        if isinstance(candidates, Clause):
            candidates = (candidates,)
        shown = [f"【{clause.place}】" for clause in candidates[:6]] + (["……"] if len(candidates) > 6 else [])
        wanted = _place_key(place_or_id)
        if len(candidates) > 1 and all(_place_key(clause.place).startswith(wanted) for clause in candidates):
            message = f"【{place_or_id}】对应 {len(candidates)} 条，不知道是哪一条"
            return Diagnostic("E435", message, span, remedy=f"写全：{'、'.join(shown)}")
        remedy = f"是不是{'、'.join(shown)}？" if shown else f"位置见 {self.source.path}"
        if not shown and near and _numbered(wanted):
            remedy = f"{self.source.path} 里没有登记这一条，先登记，或改写已登记的位置"
        return Diagnostic("E434", f"条款表里没有【{place_or_id}】", span, remedy=remedy)

    def offices_of(self, clause: Clause) -> tuple[str, ...]:
        """Responsible offices: those the clause names itself, then those of its heading, without repetition."""
        heading = self._headings.get(clause.under) if clause.under is not None else None
        return tuple(dict.fromkeys((*clause.offices, *(heading.offices if heading is not None else ()))))

    def span_of(self, clause: Clause, *path: str | int) -> Span:
        """The place of the clause in ``clauses.yaml``; of the value at ``path`` where it is given and written."""
        return strict_yaml.span_at(self._nodes[clause.id], path)

    def key_of(self, clause: Clause, key: str) -> str:
        """``key`` as the clause spells it: starts, or 起始字样."""
        return spelling(key, self._nodes[clause.id])


# ---- reading --------------------------------------------------------------------------------------------------------


def read_manifest(source: Source) -> tuple[LayerManifest | None, tuple[Diagnostic, ...]]:
    """``layer.yaml`` as a manifest, or None, and everything that is wrong with it.

    >>> text = "id: CN\\ntitle: 意见\\nlevel: 国家\\nregion: 全国\\nin_force_from: 2024-10-21\\n"
    >>> read_manifest(Source("layer.yaml", text))[0].in_force_from
    datetime.date(2024, 10, 21)
    >>> _, found = read_manifest(Source("layer.yaml", text + "isuer: 农业农村部\\n"))
    >>> found[0].message, found[0].remedy, found[0].line
    ('不认识“isuer”', '是不是 issuer（发文机关）？', 6)
    """
    tree, found = strict_yaml.read(source)
    if tree is None:
        return None, found
    report = Report()
    tree = in_english(tree, report)
    mapping = mapping_of(tree, "layer.yaml 应逐行写“名称: 值”", report)
    if mapping is None:
        return None, (*found, *report.found)
    manifest = read_record(LayerManifest, mapping, report)
    if manifest is not None:
        _check_manifest(manifest, mapping, report)
    return manifest, _without_echoes(found, report.found)


def read_clauses(source: Source) -> tuple[ClauseTable | None, tuple[Diagnostic, ...]]:
    """``clauses.yaml`` as a table of its sound clauses, or None where there is no list of clauses at all, and
    everything that is wrong with it.

    >>> text = "clauses:\\n- {id: A-1, place: 一·原则, summary: 原则, kind: principle, decides: true}\\n"
    >>> table, found = read_clauses(Source("clauses.yaml", text))
    >>> table.resolve("一").id, found
    ('A-1', ())
    """
    tree, found = strict_yaml.read(source)
    if tree is None:
        return None, found
    report = Report()
    tree = in_english(tree, report)
    mapping = mapping_of(tree, "clauses.yaml 应有“条款:”（clauses），下面逐条登记", report)
    if mapping is None:
        return None, (*found, *report.found)
    _unknown_keys(mapping, ("headings", "clauses"), report)
    listed = mapping.get("clauses")
    if listed is None:
        _missing_key("clauses", mapping, report)
    written = mapping.get("headings")
    blank = isinstance(written, YamlScalar) and written.value is None
    headings = _read_list(Heading, None if blank else written, called("headings", mapping), report)
    clauses = _read_list(Clause, listed, called("clauses", mapping), report)
    if not isinstance(listed, YamlSequence):
        return None, _without_echoes(found, report.found)
    known = _unique(headings, ("place",), report)
    kept = _unique(clauses, ("id", "place"), report)
    for clause, node in kept:
        _check_clause(clause, node, [heading.place for heading, _ in known], spelling("headings", mapping), report)
    _check_undecided(kept, report)
    table = ClauseTable(
        source,
        tuple(clause for clause, _ in kept),
        tuple(heading for heading, _ in known),
        {clause.id: node for clause, node in kept},
        {clause.id: clause for clause, _ in kept},
        {_place_key(clause.place): clause for clause, _ in kept},
        {heading.place: heading for heading, _ in known},
    )
    return table, _without_echoes(found, report.found)


def _without_echoes(found: Sequence[Diagnostic], wrong: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """A value that the strict reader refused is not reported once more for being of the wrong type."""
    refused = {(found.span.start, found.span.end) for found in found if found.span is not None}
    return (*found, *(item for item in wrong if item.span is None or (item.span.start, item.span.end) not in refused))


def mapping_of(node: YamlNode, message: str, report: Report) -> YamlMapping | None:
    """``node`` where it is a mapping; None after reporting."""
    if isinstance(node, YamlMapping):
        return node
    remedy = NARROW_COLON if "：" in node.span.text or ":" in node.span.text else None
    report.error("E430", message, node.span, remedy)
    return None


_R = TypeVar("_R", LayerManifest, ReportSettings, Heading, Clause, SentenceReason)
_P = TypeVar("_P", Heading, Clause)


def _read_list(model: type[_R], node: YamlNode | None, whose: str, report: Report) -> list[tuple[_R, YamlMapping]]:
    if node is None:
        return []
    if not isinstance(node, YamlSequence):
        report.error("E422", f"{whose}应是列表", node.span, "另起一行，每项以“- ”开头")
        return []
    read: list[tuple[_R, YamlMapping]] = []
    for item in node.items:
        mapping = mapping_of(item, f"{whose}的每一项应逐行写“名称: 值”", report)
        record = read_record(model, mapping, report) if mapping is not None else None
        if mapping is not None and record is not None:
            read.append((record, mapping))
    return read


def _unique(
    records: Sequence[tuple[_P, YamlMapping]], keys: tuple[str, ...], report: Report
) -> list[tuple[_P, YamlMapping]]:
    """The first record of each id and place; the others are reported with both places."""
    seen: dict[tuple[str, str], Span] = {}
    kept: list[tuple[_P, YamlMapping]] = []
    for record, node in records:
        doubled = False
        for key in keys:
            value = getattr(record, key)
            mark = (key, _place_key(value) if key == "place" else value)
            span = strict_yaml.span_at(node, (key,))
            if mark in seen:
                doubled = True
                label = Label(seen[mark], "第一处在这里")
                report.error("E426", f"{called(key, node)}“{value}”用了两遍", span, "改成不同的写法", label)
            else:
                seen[mark] = span
        if not doubled:
            kept.append((record, node))
    return kept


# ---- checks beyond single values ------------------------------------------------------------------------------------


def _check_manifest(manifest: LayerManifest, mapping: YamlMapping, report: Report) -> None:
    for index, name in enumerate(manifest.assumed):
        if name not in _DATE_KEYS:
            span = strict_yaml.span_at(mapping, ("assumed", index))
            known = "、".join(called(key, mapping) for key in _DATE_KEYS)
            report.error("E431", f"{spelling('assumed', mapping)} 里的“{name}”不是日期的名称", span, f"可写：{known}")
        elif getattr(manifest, name) is None:
            span = strict_yaml.span_at(mapping, ("assumed", index))
            remedy = f"填上 {spelling(name, mapping)}，或从 {spelling('assumed', mapping)} 里去掉"
            report.error("E431", f"{called(name, mapping)}没有填，谈不上推定", span, remedy)
    if manifest.assumed and manifest.note is None:
        span = strict_yaml.key_span_at(mapping, ("assumed",))
        report.error(
            "E431",
            "日期是推定的，却没有说明为什么",
            span,
            f"在 {spelling('note', mapping)} 里写明原文怎么说、为什么这样推定",
        )
    until = manifest.in_force_until
    if until is not None and until < manifest.in_force_from:
        label = Label(strict_yaml.span_at(mapping, ("in_force_from",)), "施行日期在这里")
        report.error("E432", "失效日期早于施行日期", strict_yaml.span_at(mapping, ("in_force_until",)), _LATER, label)


_LATER: Final = "改正其中一个日期；没有失效日期的写 null"


def _check_clause(
    clause: Clause, node: YamlMapping, headings: Sequence[str], headings_key: str, report: Report
) -> None:
    reason = spelling("reason", node)
    if not clause.decides and clause.reason is None:
        span = strict_yaml.span_at(node, ("decides",))
        report.error(
            "E427", f"【{clause.place}】写明不产出结论，却没有理由", span, f"在 {reason} 里写明为什么不产出结论"
        )
    if clause.decides and clause.reason is not None:
        span = strict_yaml.span_at(node, ("reason",))
        message = f"【{clause.place}】写明产出结论，又写了不产出结论的理由"
        report.warn("W427", message, span, f"{spelling('decides', node)} 改为 false，或 {reason} 改为 null")
    if clause.under is not None and clause.under not in headings:
        near = nearest(clause.under, headings)
        remedy = f"是不是“{near[0]}”？" if near else f"先在 {headings_key} 里登记这个标题"
        report.error("E428", f"{headings_key} 里没有“{clause.under}”", strict_yaml.span_at(node, ("under",)), remedy)
    if (clause.starts is None) != (clause.ends is None):
        absent = "starts" if clause.starts is None else "ends"
        span = strict_yaml.key_span_at(node, ("ends" if absent == "starts" else "starts",))
        both = f"{spelling('starts', node)} 和 {spelling('ends', node)}"
        report.error("E429", f"【{clause.place}】缺少 {called(absent, node)}", span, f"{both} 要么都写，要么都不写")


def _check_undecided(clauses: Sequence[tuple[Clause, YamlMapping]], report: Report) -> None:
    """One warning for all clauses of which nobody has said yet what they are."""
    waiting = [(clause, node) for clause, node in clauses if clause.kind == UNDECIDED]
    if not waiting:
        return
    node = waiting[0][1]
    places = some([f"【{clause.place}】" for clause, _ in waiting], 4, "条", mark="")
    message = f"还有 {len(waiting)} 条没有定类别：{places}"
    words = "、".join(word for kind, word in CLAUSE_KINDS.items() if kind != UNDECIDED)
    remedy = f"逐条看原文，把 {spelling('kind', node)} 改为：{words}；不产出结论的，{spelling('decides', node)} 写 否，并写 {spelling('reason', node)}"
    report.warn("W465", message, strict_yaml.span_at(node, ("kind",)), remedy)


# ---- records and their keys -----------------------------------------------------------------------------------------


@cache
def _shape(model: type[Any]) -> dict[str, tuple[Kind, object]]:
    """The keys of a record, each with what its value must be and its default (`MISSING` where the key must be there)."""
    shape: dict[str, tuple[Kind, object]] = {}
    hints = get_type_hints(model, include_extras=True)
    for entry in fields(model):
        hint = hints[entry.name]
        annotated = next(part for part in (hint, *get_args(hint)) if get_origin(part) is Annotated)
        shape[entry.name] = (annotated.__metadata__[0], entry.default)
    return shape


_S = TypeVar("_S")


def read_record(model: type[_S], mapping: YamlMapping, report: Report) -> _S | None:
    """The record that ``mapping`` writes; None where anything is wrong with it."""
    before = len(report.found)
    shape = _shape(cast(Hashable, model))
    values: dict[str, Any] = {}
    for name, (kind, default) in shape.items():
        node = mapping.get(name)
        if node is None:
            if default is MISSING:
                _missing_key(name, mapping, report)
        elif not (isinstance(node, YamlScalar) and node.value is None):
            values[name] = kind(called(name, mapping), node, report)
        elif default is not None:
            report.error(
                "E422", f"{called(name, mapping)}不能空着", strict_yaml.key_span_at(mapping, (name,)), "填上内容"
            )
    _unknown_keys(mapping, tuple(shape), report)
    return model(**values) if len(report.found) == before else None


def _written(span: Span) -> str:
    """The first line of a value as it stands in the file, without quotes."""
    return cut(span.text.partition("\n")[0].strip().strip("\"'"), 40)


_KEYS_SAID: Final = {
    **dict.fromkeys(("级别", "层次", "层级别"), "level"),
    **dict.fromkeys(("备注", "注", "注释"), "note"),
    **dict.fromkeys(("条目", "条款", "条", "条文"), "place"),
    **dict.fromkeys(("内容", "摘要", "概要"), "summary"),
    **dict.fromkeys(("类型", "种类", "分类"), "kind"),
    **dict.fromkeys(("部门", "责任部门", "牵头单位", "主管部门"), "offices"),
    **dict.fromkeys(("文件名", "文件名称", "名称"), "title"),
    **dict.fromkeys(("生效日期", "实施日期", "执行日期", "开始日期"), "in_force_from"),
    **dict.fromkeys(("废止日期", "终止日期", "截止日期", "有效期至", "到期日期"), "in_force_until"),
    **dict.fromkeys(("发布日期", "印发日期", "发文日期"), "issued"),
    **dict.fromkeys(("发文单位", "制定机关", "发布单位"), "issuer"),
    **dict.fromkeys(("上层", "上位文件", "上级文件", "继承"), "extends"),
    **dict.fromkeys(("地区", "适用范围", "区域"), "region"),
}
"""What else people call the keys of the files."""


def _unknown_keys(mapping: YamlMapping, known: Sequence[str], report: Report) -> None:
    for entry in mapping.entries:
        if entry.key not in known:
            said = _KEYS_SAID.get(entry.key, "")
            near = nearest(entry.key, (*known, *(KEYS[key] for key in known))) if said not in known else [KEYS[said]]
            key = next((key for key in known if near and near[0] in (key, KEYS[key])), "")
            shown = near[0] if key and near[0] != key else f"{key}（{KEYS.get(key, '')}）"
            remedy = f"是不是 {shown}？" if key else f"可写：{'、'.join(spelling(key, mapping) for key in known)}"
            report.error("E420", f"不认识“{shown_text(spelling(entry.key, mapping))}”", entry.key_span, remedy)


def _missing_key(name: str, mapping: YamlMapping, report: Report) -> None:
    span = mapping.entries[0].key_span if mapping.entries else mapping.span
    report.error("E421", f"缺少 {called(name, mapping)}", span, f"补上一行“{spelling(name, mapping)}: ……”")
