"""A mapping of a YAML file as a frozen record: its fields are the keys, their annotations say what each value must be.

Why this exists: a layer, a clause and a 试验 are each filled in by policy staff, key by key. What a record holds is said once,
where it is declared, and whatever is wrong with it is said in the same words.

Invariants: a record is made only where nothing was wrong with its mapping; a key without a default must be there, and null may
stand where None is the default.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import MISSING, fields
from functools import cache
from typing import Annotated, Any, Final, TypeAlias, TypeVar, cast, get_args, get_origin, get_type_hints

from policyrules.diagnostics import Diagnostic, Report, shown_text
from policyrules.program import strict_yaml
from policyrules.program.keys import KEYS, called, in_english, spelling
from policyrules.program.shapes import day_in
from policyrules.program.strict_yaml import NARROW_COLON, YamlMapping, YamlNode, YamlScalar, YamlSequence
from policyrules.source import Source, Span
from policyrules.spelling import nearest
from policyrules.text import cut

_S = TypeVar("_S")

Kind: TypeAlias = Callable[[str, YamlNode, Report], object]
"""What a value must be: reads a node (named ``whose`` in messages), and reports where it is something else."""


def matching(pattern: str, otherwise: str, remedy: str) -> Kind:
    """A text of the form ``pattern``; of any other text it is said that it ``otherwise``."""
    form = re.compile(pattern, re.DOTALL)

    def read(whose: str, node: YamlNode, report: Report) -> object:
        value = node.value if isinstance(node, YamlScalar) else node
        if value is None:
            report.error("E422", f"{whose}不能空着", node.span, "填上内容")
        elif not isinstance(value, str):
            instead = f'加引号："{as_written(node.span)}"' if isinstance(node, YamlScalar) else "只写一个值"
            report.error("E422", f"{whose}应是文字", node.span, instead)
        elif not form.fullmatch(value):
            report.error("E425", f"{whose}{otherwise}", node.span, remedy)
        return value

    return read


def lines(whose: str, node: YamlNode, report: Report) -> object:
    """Several texts, as a list."""
    if isinstance(node, YamlSequence):
        return tuple(line(f"{whose}的第 {number} 项", item, report) for number, item in enumerate(node.items, 1))
    value = strict_yaml.plain(node)
    said = [one.strip() for one in re.split("[、，,；;]", value) if one.strip()] if isinstance(value, str) else []
    remedy = "写成 [甲, 乙]，或另起一行、每项以“- ”开头；没有的写 []"
    report.error("E422", f"{whose}应是列表", node.span, f"写成 [{', '.join(said)}]" if said else remedy)
    return None


def flag(whose: str, node: YamlNode, report: Report) -> object:
    """Yes or no."""
    value = strict_yaml.plain(node)
    if isinstance(value, str):
        value = {"是": True, "否": False}.get(value)
    if not isinstance(value, bool):
        report.error("E422", f"{whose}应是 true（是）或 false（否）", node.span, "是写 是 或 true，否写 否 或 false")
    return value


def _day_remedy(written: str) -> str:
    day = day_in(re.sub("^(?:自|从|于)|(?:之日)?(?:起|止)?(?:施行|执行|实施)?$", "", written.strip("“”‘’「」 ")))
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
    written = as_written(node.span)
    report.error("E423", f"{whose}“{written}”不是日期", node.span, _day_remedy(written))
    return None


line = matching(r".*\S.*", "是空的", "填上内容；没有的写 null")
_name = matching(r"[\w.\-]+", "只能用文字、数字和 - _ .", "例如 JX-2-3-1")

Id: TypeAlias = Annotated[str, _name]
Line: TypeAlias = Annotated[str, line]
Date: TypeAlias = Annotated[datetime.date, _date]
Lines: TypeAlias = Annotated[tuple[str, ...], lines]


def without_echoes(found: Sequence[Diagnostic], wrong: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """A value that the strict reader refused is not reported once more for being of the wrong type."""
    refused = {(found.span.start, found.span.end) for found in found if found.span is not None}
    return (*found, *(item for item in wrong if item.span is None or (item.span.start, item.span.end) not in refused))


def mapping_in(source: Source, message: str, report: Report) -> tuple[YamlMapping | None, tuple[Diagnostic, ...]]:
    """The mapping that a file is, its keys in English, and what the strict reader found; None after reporting where it is none."""
    tree, found = strict_yaml.read(source)
    return None if tree is None else mapping_of(in_english(tree, report), message, report), found


def mapping_of(node: YamlNode, message: str, report: Report) -> YamlMapping | None:
    """``node`` where it is a mapping; None after reporting."""
    if isinstance(node, YamlMapping):
        return node
    wide = isinstance(node, YamlScalar) and ("：" in node.span.text or ":" in node.span.text)
    remedy = NARROW_COLON if wide else None
    if isinstance(node, YamlSequence) and node.items:
        remedy = "各项写在它下面，前面缩进两个空格" if "应有" in message else "不是列表，外面的方括号、开头的“- ”删去"
    report.error("E430", message, node.span, remedy)
    return None


def read_list(model: type[_S], node: YamlNode | None, whose: str, report: Report) -> list[tuple[_S, YamlMapping]]:
    """The records of a list that nothing is wrong with, each with its mapping; ``node`` None: none is written."""
    if node is None:
        return []
    if not isinstance(node, YamlSequence):
        report.error("E422", f"{whose}应是列表", node.span, "另起一行，每项以“- ”开头")
        return []
    read: list[tuple[_S, YamlMapping]] = []
    for item in node.items:
        mapping = mapping_of(item, f"{whose}的每一项应逐行写“名称: 值”", report)
        record = read_record(model, mapping, report) if mapping is not None else None
        if mapping is not None and record is not None:
            read.append((record, mapping))
    return read


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


def read_record(model: type[_S], mapping: YamlMapping, report: Report) -> _S | None:
    """The record that ``mapping`` writes; None where anything is wrong with it."""
    before = len(report.found)
    shape = _shape(cast(Hashable, model))
    values: dict[str, Any] = {}
    for name, (kind, default) in shape.items():
        node = mapping.get(name)
        if node is None:
            if default is MISSING:
                missing_key(name, mapping, tuple(shape), report)
        elif not (isinstance(node, YamlScalar) and node.value is None):
            values[name] = kind(called(name, mapping), node, report)
        elif default is not None:
            report.error(
                "E422", f"{called(name, mapping)}不能空着", strict_yaml.key_span_at(mapping, (name,)), "填上内容"
            )
    check_keys(mapping, tuple(shape), report)
    return model(**values) if len(report.found) == before else None


def as_written(span: Span) -> str:
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


def check_keys(mapping: YamlMapping, known: Sequence[str], report: Report) -> None:
    """Report every key that is not ``known``, with what may be meant."""
    for entry in mapping.entries:
        if entry.key not in known:
            near, key = _key_meant(entry.key, known)
            shown = near[0] if key and near[0] != key else f"{key}（{KEYS.get(key, '')}）"
            remedy = f"是不是 {shown}？" if key else f"可写：{'、'.join(spelling(key, mapping) for key in known)}"
            report.error("E420", f"不认识“{shown_text(spelling(entry.key, mapping))}”", entry.key_span, remedy)


def _key_meant(word: str, known: Sequence[str]) -> tuple[list[str], str]:
    """What a wrong key looks like, and the key it probably stands for; '' where it is like none."""
    said = _KEYS_SAID.get(word, "")
    near = nearest(word, (*known, *(KEYS[key] for key in known))) if said not in known else [KEYS[said]]
    return near, next((key for key in known if near and near[0] in (key, KEYS[key])), "")


def missing_key(name: str, mapping: YamlMapping, known: Sequence[str], report: Report) -> None:
    """Report that a key is not there, where none that is not ``known`` is told to stand for it."""
    if any(_key_meant(entry.key, known)[1] == name for entry in mapping.entries if entry.key not in known):
        return
    span = mapping.entries[0].key_span if mapping.entries else mapping.span
    report.error("E421", f"缺少 {called(name, mapping)}", span, f"补上一行“{spelling(name, mapping)}: ……”")
