"""``layer.yaml``: what a layer is.

Why this exists: every layer says where it stands and since when. The file is filled in by policy staff, so whatever is wrong
with it is said in Chinese, at its line and column, all of it at once.

Invariants: records are frozen; a date that is assumed is there, and there is a note that says why.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias, get_args

from policyrules.diagnostics import Diagnostic, Label, Report
from policyrules.language.keywords import LANGUAGE_VERSION
from policyrules.program import strict_yaml
from policyrules.program.keys import KEYS, called, spelling
from policyrules.program.strict_yaml import YamlMapping, YamlNode, YamlSequence
from policyrules.program.yaml_records import (
    Date,
    Id,
    Line,
    Lines,
    as_written,
    line,
    lines,
    mapping_in,
    mapping_of,
    matching,
    read_record,
    without_echoes,
)
from policyrules.source import Source, Span
from policyrules.spelling import nearest

Level: TypeAlias = Literal["国家", "省", "市", "县"]
LEVELS: tuple[str, ...] = get_args(Level)

LONGEST_SHORT: Final = 16
"""How many characters the 简称 of a layer may have: it stands in headings of columns."""

# ---- values ---------------------------------------------------------------------------------------------------------


def _uppers(whose: str, node: YamlNode, report: Report) -> object:
    """One folder, or several as a list."""
    if not isinstance(node, YamlSequence):
        return line(whose, node, report)
    if not node.items:
        report.error("E392", f"{whose}的列表是空的", node.span, "写上各上层的文件夹；没有上层的写 null")
    named: dict[str, Span] = {}
    for number, item in enumerate(node.items, 1):
        value = line(f"{whose}的第 {number} 项", item, report)
        if isinstance(value, str):
            first = named.setdefault(value.strip().rstrip("/"), item.span)
            if first is not item.span:
                label = Label(first, "先在这里")
                report.error("E391", f"{whose}里“{value}”写了两遍", item.span, "删去一处", label)
    return tuple(named)


def _language(whose: str, node: YamlNode, report: Report) -> object:
    """A version of the rule language."""
    value = strict_yaml.plain(node)
    if isinstance(value, bool) or not isinstance(value, int):
        report.error("E422", f"{whose}应是整数", node.span, f"写成 1 到 {LANGUAGE_VERSION}，或不写这一行")
    elif not 1 <= value <= LANGUAGE_VERSION:
        message = f"{whose}没有第 {value} 版，这个程序认得的是第 1 至 {LANGUAGE_VERSION} 版"
        report.error("E161", message, node.span, f"写成 {LANGUAGE_VERSION}；文件是用更新的程序写的，就换用新的程序")
    return value


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
        report.error("E424", f"{whose}不能写“{as_written(node.span)}”", node.span, remedy)
    return value


_DATE_KEYS: Final = ("issued", "in_force_from", "in_force_until")
_DATES_BY_WORD: Final = {KEYS[key]: key for key in _DATE_KEYS}


def _date_names(whose: str, node: YamlNode, report: Report) -> object:
    """Names of dates, in either spelling."""
    given = lines(whose, node, report)
    return tuple(_DATES_BY_WORD.get(name, name) for name in given) if isinstance(given, tuple) else given


_short = matching(
    rf"[^\s“”【】＋→、]{{1,{LONGEST_SHORT}}}",
    f"最多 {LONGEST_SHORT} 个字，中间没有空格、引号、方括号和顿号",
    "写成人们平常的叫法，如 农规发26号；没有的写 null",
)


def _settings(whose: str, node: YamlNode, report: Report) -> object:
    mapping = mapping_of(node, f"{whose}应逐行写“名称: 值”", report)
    return None if mapping is None else read_record(ReportSettings, mapping, report)


# ---- what the file holds --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """What reports on a ledger tell beside results: ``decision``, the one that headlines speak of; fields ``by`` which changes are told
    apart; fields that are added up, ``money`` and others, ``weight``."""

    decision: Line | None = None
    by: Lines = ()
    money: Lines = ()
    weight: Lines = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerManifest:
    """``layer.yaml``. Dates are None where the document gives none; ``assumed`` names the keys of dates assumed; ``short``
    is what tells the layer from another one of its level and region (简称, see `titles`); ``extends`` one folder or several."""

    id: Id
    title: Line
    document_number: Line | None = None
    short: Annotated[str, _short] | None = None
    issuer: Line | None = None
    level: Annotated[Level, _level]
    region: Line
    extends: Annotated[str | tuple[str, ...], _uppers] | None = None
    language: Annotated[int, _language] | None = None
    issued: Date | None = None
    in_force_from: Date
    in_force_until: Date | None = None
    assumed: Annotated[tuple[str, ...], _date_names] = ()
    note: Line | None = None
    reports: Annotated[ReportSettings, _settings] | None = None

    def in_force(self, as_of: datetime.date) -> bool:
        """Whether the document is in force at ``as_of`` (both ends included)."""
        return self.in_force_from <= as_of and (self.in_force_until is None or as_of <= self.in_force_until)

    @property
    def uppers(self) -> tuple[str, ...]:
        """The folders of the layers it extends, as written."""
        return (self.extends,) if isinstance(self.extends, str) else self.extends or ()


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
    report = Report()
    mapping, found = mapping_in(source, "layer.yaml 应逐行写“名称: 值”", report)
    if mapping is None:
        return None, (*found, *report.found)
    manifest = read_record(LayerManifest, mapping, report)
    if manifest is not None:
        _check_manifest(manifest, mapping, report)
    return manifest, without_echoes(found, report.found)


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
