"""``layer.yaml`` and ``clauses.yaml``: what a layer is, and the table of its clauses.

Why this exists: every rule cites a clause, and every layer says where it stands and since when. Both files are filled
in by policy staff, so whatever is wrong with them is said in Chinese, at its line and column, all of it at once.

Invariants: models are frozen; ids and places of a `ClauseTable` are unique; a clause that decides nothing has a reason;
the heading a clause names exists. A table that was returned beside errors holds the sound clauses only.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from policyrules.diagnostics import Diagnostic, Label, nearest
from policyrules.program import strict_yaml
from policyrules.program.strict_yaml import YamlMapping, YamlNode, YamlSequence
from policyrules.source import Source, Span, fold_characters

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
]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _iso_date(value: object) -> object:
    # Only the one spelling that the strict reader lets through; pydantic alone would take numbers and times as well.
    if isinstance(value, str) and _DATE.fullmatch(value):
        return datetime.date.fromisoformat(value)
    raise ValueError


_Text: TypeAlias = Annotated[str, Field(min_length=1, pattern=r"\S")]
_Name: TypeAlias = Annotated[str, Field(pattern=r"^[\w.\-]+$")]
_Date: TypeAlias = Annotated[datetime.date, BeforeValidator(_iso_date)]
_Texts: TypeAlias = Annotated[tuple[_Text, ...], Field(strict=False)]
_Digest: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LayerManifest(_Record):
    """``layer.yaml``. Dates are None where the document gives none; ``assumed`` names the keys of dates assumed."""

    id: _Name
    title: _Text
    document_number: _Text | None = None
    issuer: _Text | None = None
    level: Level
    region: _Text
    extends: _Text | None = None
    issued: _Date | None = None
    in_force_from: _Date
    in_force_until: _Date | None = None
    assumed: _Texts = ()
    note: _Text | None = None


class Heading(_Record):
    """A heading for which the document names offices; clauses ``under`` it inherit them."""

    place: _Text
    title: _Text
    offices: _Texts = ()


class Clause(_Record):
    """One clause. ``starts`` and ``ends`` bound its text in the document, ``sha256`` pins it (see `quotes`)."""

    id: _Name
    place: _Text
    under: _Text | None = None
    summary: _Text
    kind: ClauseKind
    decides: bool
    reason: _Text | None = None
    offices: _Texts = ()
    source_note: _Text | None = None
    starts: _Text | None = None
    ends: _Text | None = None
    sha256: _Digest | None = None


# What people call the keys, for messages.
_KEY_WORDS: dict[str, str] = {
    "id": "编号",
    "title": "标题",
    "document_number": "文号",
    "issuer": "发文机关",
    "level": "层级",
    "region": "适用地区",
    "extends": "上一层",
    "issued": "成文日期",
    "in_force_from": "施行日期",
    "in_force_until": "失效日期",
    "assumed": "推定的日期",
    "note": "说明",
    "headings": "有责任单位的标题",
    "clauses": "条款",
    "place": "位置",
    "under": "所属标题",
    "summary": "要点",
    "kind": "类别",
    "decides": "是否产出结论",
    "reason": "不产出结论的理由",
    "offices": "责任单位",
    "source_note": "原文问题",
    "starts": "起始字样",
    "ends": "结束字样",
    "sha256": "文本指纹",
}
_CHOICES: dict[str, tuple[str, ...]] = {"level": LEVELS, "kind": get_args(ClauseKind)}
_DATE_KEYS = ("issued", "in_force_from", "in_force_until")


def _key(name: str) -> str:
    word = _KEY_WORDS.get(name)
    return f"{name}（{word}）" if word else name


# ---- the table ------------------------------------------------------------------------------------------------------


def _place_key(text: str) -> str:
    """Places compare without white space, full-width forms and variants of the middle dot."""
    return re.sub(r"[•・‧∙･]", "·", "".join(fold_characters(text).split()))


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
        if begun:
            return tuple(clause for _, clause in begun)
        if not near:
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
        return Diagnostic("E434", f"条款表里没有【{place_or_id}】", span, remedy=remedy)

    def offices_of(self, clause: Clause) -> tuple[str, ...]:
        """Responsible offices: those the clause names itself, then those of its heading, without repetition."""
        heading = self._headings.get(clause.under) if clause.under is not None else None
        return tuple(dict.fromkeys((*clause.offices, *(heading.offices if heading is not None else ()))))

    def span_of(self, clause: Clause, key: str | None = None) -> Span:
        """The place of the clause in ``clauses.yaml``; of the value of ``key`` where it is given and written."""
        node = self._nodes[clause.id]
        if key is not None:
            return strict_yaml.span_at(node, (key,))
        return node.span


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
    mapping, problem = _mapping(tree, "layer.yaml 应逐行写“名称: 值”")
    if mapping is None:
        return None, (*found, problem) if problem is not None else found
    manifest, wrong = _validate(LayerManifest, mapping)
    if manifest is not None:
        wrong = (*wrong, *_check_manifest(manifest, mapping))
    return manifest, _without_echoes(found, wrong)


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
    mapping, problem = _mapping(tree, "clauses.yaml 应有“clauses:”，下面逐条登记")
    if mapping is None:
        return None, (*found, problem) if problem is not None else found
    wrong: list[Diagnostic] = []
    for entry in mapping.entries:
        if entry.key not in ("headings", "clauses"):
            wrong.append(_unknown_key(entry.key, entry.key_span, ("headings", "clauses")))
    listed = mapping.get("clauses")
    if listed is None:
        wrong.append(_missing_key("clauses", mapping))
    headings = _read_list(Heading, mapping.get("headings"), "headings", wrong)
    clauses = _read_list(Clause, listed, "clauses", wrong)
    if not isinstance(listed, YamlSequence):
        return None, _without_echoes(found, wrong)
    known = _unique(headings, ("place",), wrong)
    kept = _unique(clauses, ("id", "place"), wrong)
    for clause, node in kept:
        wrong.extend(_check_clause(clause, node, [heading.place for heading, _ in known]))
    table = ClauseTable(
        source,
        tuple(clause for clause, _ in kept),
        tuple(heading for heading, _ in known),
        {clause.id: node for clause, node in kept},
        {clause.id: clause for clause, _ in kept},
        {_place_key(clause.place): clause for clause, _ in kept},
        {heading.place: heading for heading, _ in known},
    )
    return table, _without_echoes(found, wrong)


def _without_echoes(found: Sequence[Diagnostic], wrong: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """A value that the strict reader refused is not reported once more for being of the wrong type."""
    refused = {(found.span.start, found.span.end) for found in found if found.span is not None}
    return (*found, *(item for item in wrong if item.span is None or (item.span.start, item.span.end) not in refused))


def _mapping(node: YamlNode, message: str) -> tuple[YamlMapping | None, Diagnostic | None]:
    if isinstance(node, YamlMapping):
        return node, None
    remedy = "冒号用半角“:”，后面留一个空格" if "：" in node.span.text or ":" in node.span.text else None
    return None, Diagnostic("E430", message, node.span, remedy=remedy)


_R = TypeVar("_R", bound=_Record)
_P = TypeVar("_P", Heading, Clause)


def _read_list(
    model: type[_R], node: YamlNode | None, key: str, wrong: list[Diagnostic]
) -> list[tuple[_R, YamlMapping]]:
    if node is None or (isinstance(node, strict_yaml.YamlScalar) and node.value is None and key == "headings"):
        return []
    if not isinstance(node, YamlSequence):
        wrong.append(Diagnostic("E422", f"{_key(key)}应是列表", node.span, remedy="另起一行，每项以“- ”开头"))
        return []
    read: list[tuple[_R, YamlMapping]] = []
    for item in node.items:
        mapping, problem = _mapping(item, f"{_key(key)}的每一项应逐行写“名称: 值”")
        if mapping is None:
            if problem is not None:
                wrong.append(problem)
            continue
        record, problems = _validate(model, mapping)
        wrong.extend(problems)
        if record is not None:
            read.append((record, mapping))
    return read


def _unique(
    records: Sequence[tuple[_P, YamlMapping]], keys: tuple[str, ...], wrong: list[Diagnostic]
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
                message = f"{_key(key)}“{value}”用了两遍"
                wrong.append(Diagnostic("E426", message, span, remedy="改成不同的写法", related=(label,)))
            else:
                seen[mark] = span
        if not doubled:
            kept.append((record, node))
    return kept


# ---- checks beyond single values ------------------------------------------------------------------------------------


def _check_manifest(manifest: LayerManifest, mapping: YamlMapping) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for index, name in enumerate(manifest.assumed):
        if name not in _DATE_KEYS:
            span = strict_yaml.span_at(mapping, ("assumed", index))
            known = "、".join(_key(key) for key in _DATE_KEYS)
            found.append(Diagnostic("E431", f"assumed 里的“{name}”不是日期的名称", span, remedy=f"可写：{known}"))
        elif getattr(manifest, name) is None:
            span = strict_yaml.span_at(mapping, ("assumed", index))
            remedy = f"填上 {name}，或从 assumed 里去掉"
            found.append(Diagnostic("E431", f"{_key(name)}没有填，谈不上推定", span, remedy=remedy))
    if manifest.assumed and manifest.note is None:
        span = strict_yaml.key_span_at(mapping, ("assumed",))
        remedy = "在 note 里写明原文怎么说、为什么这样推定"
        found.append(Diagnostic("E431", "日期是推定的，却没有说明为什么", span, remedy=remedy))
    until = manifest.in_force_until
    if until is not None and until < manifest.in_force_from:
        label = Label(strict_yaml.span_at(mapping, ("in_force_from",)), "施行日期在这里")
        span = strict_yaml.span_at(mapping, ("in_force_until",))
        found.append(Diagnostic("E432", "失效日期早于施行日期", span, related=(label,)))
    return found


def _check_clause(clause: Clause, node: YamlMapping, headings: Sequence[str]) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    if not clause.decides and clause.reason is None:
        span = strict_yaml.span_at(node, ("decides",))
        message = f"【{clause.place}】写明不产出结论，却没有理由"
        found.append(Diagnostic("E427", message, span, remedy="在 reason 里写明为什么不产出结论"))
    if clause.decides and clause.reason is not None:
        span = strict_yaml.span_at(node, ("reason",))
        message = f"【{clause.place}】写明产出结论，又写了不产出结论的理由"
        found.append(Diagnostic("W427", message, span, "warning", remedy="decides 改为 false，或 reason 改为 null"))
    if clause.under is not None and clause.under not in headings:
        near = nearest(clause.under, headings)
        remedy = f"是不是“{near[0]}”？" if near else "先在 headings 里登记这个标题"
        span = strict_yaml.span_at(node, ("under",))
        found.append(Diagnostic("E428", f"headings 里没有“{clause.under}”", span, remedy=remedy))
    if (clause.starts is None) != (clause.ends is None):
        absent = "starts" if clause.starts is None else "ends"
        span = strict_yaml.key_span_at(node, ("ends" if absent == "starts" else "starts",))
        message = f"【{clause.place}】缺少 {_key(absent)}"
        found.append(Diagnostic("E429", message, span, remedy="starts 和 ends 要么都写，要么都不写"))
    return found


# ---- validation errors in words -------------------------------------------------------------------------------------

_EXPECTED: dict[str, str] = {
    "string_type": "文字",
    "bool_type": "true（是）或 false（否）",
    "tuple_type": "列表",
    "value_error": "日期",
}


def _validate(model: type[_R], mapping: YamlMapping) -> tuple[_R | None, tuple[Diagnostic, ...]]:
    try:
        return model.model_validate(strict_yaml.plain(mapping)), ()
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True, include_input=True)
        return None, tuple(_in_words(model, mapping, detail) for detail in details)


def _in_words(model: type[_Record], mapping: YamlMapping, detail: Any) -> Diagnostic:
    path: strict_yaml.Path = tuple(detail["loc"])
    kind: str = detail["type"]
    name = str(path[0]) if path else ""
    span = strict_yaml.span_at(mapping, path)
    whose = f"{_key(name)}的第 {path[1] + 1} 项" if len(path) > 1 and isinstance(path[1], int) else _key(name)
    if kind == "extra_forbidden":
        return _unknown_key(name, strict_yaml.key_span_at(mapping, path), tuple(model.model_fields))
    if kind == "missing":
        return _missing_key(name, mapping)
    if detail["input"] is None:
        return Diagnostic("E422", f"{whose}不能空着", strict_yaml.key_span_at(mapping, path), remedy="填上内容")
    if kind == "literal_error":
        allowed = _CHOICES[name]
        near = nearest(str(detail["input"]), allowed)
        known = f"是不是“{near[0]}”？" if near else f"可写：{'、'.join(allowed)}"
        return Diagnostic("E424", f"{whose}不能写“{_written(span)}”", span, remedy=known)
    if kind == "value_error":
        message = f"{whose}“{_written(span)}”不是日期"
        return Diagnostic("E423", message, span, remedy="写成 2024-10-21；文件没有给出的写 null")
    if kind == "string_pattern_mismatch" and name == "id":
        return Diagnostic("E425", f"{whose}只能用文字、数字和 - _ .", span, remedy="例如 JX-2-3-1")
    if kind == "string_pattern_mismatch" and name == "sha256":
        remedy = "不要手填：先写 null，再由 policyrules coverage 层 --source 原文.txt --write-hashes 计算"
        return Diagnostic("E425", f"{whose}应是 64 位十六进制小写字符", span, remedy=remedy)
    if kind in ("string_too_short", "string_pattern_mismatch"):
        return Diagnostic("E425", f"{whose}是空的", span, remedy="填上内容；没有的写 null")
    expected = _EXPECTED.get(kind, "另一种写法")
    remedy = ""
    if kind == "string_type":
        remedy = "只写一个值" if isinstance(detail["input"], list | dict) else f'加引号："{_written(span)}"'
    elif kind == "tuple_type":
        remedy = "写成 [甲, 乙]，或另起一行、每项以“- ”开头；没有的写 []"
    return Diagnostic("E422", f"{whose}应是{expected}", span, remedy=remedy or None)


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _written(span: Span) -> str:
    """The first line of a value as it stands in the file, without quotes."""
    return _cut(span.text.partition("\n")[0].strip().strip("\"'"))


def _unknown_key(name: str, span: Span, known: Sequence[str]) -> Diagnostic:
    near = nearest(name, known) or [key for key in known if _KEY_WORDS.get(key) == name]
    remedy = f"是不是 {_key(near[0])}？" if near else f"可写：{'、'.join(known)}"
    return Diagnostic("E420", f"不认识“{_cut(name)}”", span, remedy=remedy)


def _missing_key(name: str, mapping: YamlMapping) -> Diagnostic:
    span = mapping.entries[0].key_span if mapping.entries else mapping.span
    return Diagnostic("E421", f"缺少 {_key(name)}", span, remedy=f"补上一行“{name}: ……”")
