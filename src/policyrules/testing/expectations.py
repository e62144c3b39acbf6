"""What a scenario expects, as it is written.

Why this exists: expectations are written in the words of the documents (``分类: 无``), in short forms and long ones; whoever checks
them (`policyrules.testing.checks`) knows one form of each.

Written forms:

* a decision: a value, 无, 不适用, 待定, 冲突; ``{状态: 待定, 可能: [盘活, 升级]}``; for 多选 a list (exactly these,
  determined), or ``{含: [...], 不含: [...], 待定: [...], 语气: {值: 支持}}``; for an amount a number with its unit (``3 万元``) or a
  day, or ``{状态: 待定, 区间: [0 万元, 5 万元]}`` (不限: no end);
* 发现: a status by name, ``名称@资产[0]`` for one object, ``名称@资产`` where no list of them was supplied, or ``{状态: 进行中, 期限: 2025-10-31}``,
  of a notice ``{状态: 提示, 说: 实际 40%，低于 55%}``;
* 缺项, 最少补, 依据, 责任单位: by decision or finding, a list (exactly) or ``{含: [...], 不含: [...]}``;
* 读法: decision or finding → reading → its other value → result or status.

Invariant: reading asks no policy; what is written wrongly is a diagnostic at its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, assert_never, get_args

from policyrules.diagnostics import Diagnostic
from policyrules.program import strict_yaml
from policyrules.program.shapes import Reader, day_in, is_blank, key_meant, listed
from policyrules.program.strict_yaml import YamlEntry, YamlMapping, YamlNode, YamlScalar, YamlSequence
from policyrules.results import (
    STATUS_NAMES,
    FindingStatus,
)
from policyrules.source import Span
from policyrules.spelling import nearest

_DECISION_STATUS = {
    "已定": "determined",
    "待定": "undetermined",
    "冲突": "conflict",
    "无": "none",
    "不适用": "not_applicable",
}
FINDING_STATUS = {name: status for status, name in STATUS_NAMES.items() if status in get_args(FindingStatus)}

What: TypeAlias = Literal["decision", "finding", "missing", "deciding", "clauses", "offices", "reading"]

_LISTS: Final[dict[str, What]] = {"缺项": "missing", "最少补": "deciding", "依据": "clauses", "责任单位": "offices"}
EXPECTATION_KEYS: Final = ("发现", *_LISTS, "读法")
_CALLED: Final = {
    **dict.fromkeys(("义务", "禁令", "提示", "状态", "要求"), "发现"),
    **dict.fromkeys(("缺少", "缺", "还缺", "空项", "缺的项", "缺漏"), "缺项"),
    **dict.fromkeys(("至少补", "最少", "补填"), "最少补"),
    **dict.fromkeys(("条款", "依据条款"), "依据"),
    **dict.fromkeys(("单位", "负责单位", "责任"), "责任单位"),
}
"""What people call the keys beside the decisions."""
_RESULT_KEYS: Final = ("状态", "可能", "区间", "含", "不含", "待定", "语气")
_STATES: Final = {
    **dict.fromkeys(("未知", "不确定", "不知道", "待核定", "待核查", "待定", "无法判断"), "待核实"),
    **dict.fromkeys(("成立", "满足", "达标", "符合", "不违反", "做到", "是"), "合规"),
    **dict.fromkeys(("不成立", "不满足", "不达标", "不符合", "违规", "不合规", "否"), "违反"),
    **dict.fromkeys(("未到期", "进行", "在办"), "进行中"),
    **dict.fromkeys(("超期", "过期", "到期"), "逾期"),
}
"""What people call the states of a finding."""
_FORM: Final = "另起一行、多缩两个空格，或放在花括号里，写“名称: 内容”，如 {}"


@dataclass(frozen=True, slots=True)
class WantResult:
    """A decision's result. Each part is checked only where it is given. ``value``: determined with it; ``exact``: 多选,
    determined, exactly these; ``candidates``: exactly these are possible, in any order; ``interval``: of an amount."""

    status: str | None = None
    value: str | None = None
    exact: tuple[str, ...] | None = None
    candidates: tuple[str, ...] | None = None
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    tones: tuple[tuple[str, str], ...] = ()
    interval: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class WantFinding:
    """A finding's status (None: any), deadline (ISO date), and what a notice tells."""

    status: str | None = None
    due: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class WantNames:
    """Names: exactly ``exact`` in any order, or with ``has`` and without ``lacks``."""

    exact: tuple[str, ...] | None = None
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


Want: TypeAlias = WantResult | WantFinding | WantNames


@dataclass(frozen=True, slots=True)
class Expected:
    """One expectation.

    ``target``: decision path (``资产[0].资产去向``) or finding (``处置程序@资产[0]``); ``reading``: where ``what`` is a
    reading, the 读法 and its other value.
    """

    what: What
    target: str
    want: Want
    span: Span = field(compare=False, repr=False)
    reading: tuple[str, str] = ("", "")

    @property
    def label(self) -> str:
        """What is checked, as a line names it."""
        if self.what == "reading":
            return f"{self.target}（{self.reading[0]}＝{self.reading[1]}）"
        names = {"finding": "发现", **{what: name for name, what in _LISTS.items()}}
        return f"{names.get(self.what, '')} {self.target}".lstrip()


def read_expectations(node: YamlNode) -> tuple[tuple[Expected, ...], tuple[Diagnostic, ...]]:
    """The expectations written at ``node`` (under 预期, or under one layer of 各层)."""
    reader = Reader("E666")
    return tuple(_expectations(node, reader)), tuple(reader.found)


def _expectations(node: YamlNode, reader: Reader) -> Iterator[Expected]:
    for entry in reader.entries(node, "预期应逐行写“决定: 结果”", _FORM.format("预期: {分类: 升级}")):
        if not reader.named(entry) or _misplaced(entry, reader):
            continue
        if entry.key not in EXPECTATION_KEYS:
            result = _want_result(entry.value, reader)
            if result is not None:
                yield Expected("decision", entry.key.strip(), result, entry.value.span)
            continue
        example = "{按期验收: 逾期}" if entry.key == "发现" else "{分类: [市场效益]}"
        form = _FORM.format(f"{entry.key}: {example}")
        for inner in reader.entries(entry.value, f"“{entry.key}”应逐项写“名称: 内容”", form):
            target, written = inner.key.strip(), inner.value
            if not reader.named(inner):
                continue
            if entry.key == "读法":
                yield from _readings(target, written, reader)
            elif entry.key == "发现":
                finding = _want_finding(written, reader)
                if finding is not None:
                    yield Expected("finding", target, finding, written.span)
            else:
                names = _want_names(written, reader)
                if names is not None:
                    yield Expected(_LISTS[entry.key], target, names, written.span)


def _misplaced(entry: YamlEntry, reader: Reader) -> bool:
    """Whether an entry is one of the keys in another word, or one that stands beside 预期; it is reported."""
    group = entry.value if isinstance(entry.value, YamlMapping) else None
    if entry.key in EXPECTATION_KEYS or group is None or any(one.key in _RESULT_KEYS for one in group.entries):
        return False
    if entry.key == "各层":
        reader.report("“各层”写在“预期”里面了", entry.key_span, "和“预期”左边对齐，写在它下面")
        return True
    meant = key_meant(entry.key, EXPECTATION_KEYS, _CALLED)
    if meant:
        reader.report(f"不认识“{entry.key}”", entry.key_span, f"是不是“{meant}”？")
    return bool(meant)


def _readings(target: str, node: YamlNode, reader: Reader) -> Iterator[Expected]:
    form = "读法应写成“决定: {读法: {另一种读法: 结果}}”"
    for reading in reader.entries(node, form):
        for other in reader.entries(reading.value, form):
            want = _want_finding(other.value, reader) if _of_finding(other.value) else _want_result(other.value, reader)
            if want is not None:
                yield Expected("reading", target, want, other.value.span, (reading.key, other.key))


def _of_finding(node: YamlNode | None) -> bool:
    """Whether what is expected can only be of a finding. 不适用 alone is a status of either, told apart where the name is known."""
    if isinstance(node, YamlMapping):
        return any(entry.key in ("期限", "说") for entry in node.entries) or _of_finding(node.get("状态"))
    return _word(node) in FINDING_STATUS.keys() - _DECISION_STATUS.keys()


def _texts(node: YamlNode, reader: Reader) -> tuple[str, ...]:
    texts: list[str] = []
    for item in listed(node):
        if isinstance(item, YamlScalar) and item.value is not None:
            texts.append(_word(item))
        else:
            reader.report("这里应是名称", item.span)
    return tuple(texts)


def _word(node: YamlNode | None) -> str:
    """A value as people mean it; '' where there is none, or a list or a group."""
    if not isinstance(node, YamlScalar) or node.value is None:
        return ""
    if isinstance(node.value, bool):
        return "是" if node.value else "否"
    return str(node.value).strip()


def _status(written: YamlNode | None, known: Mapping[str, str], span: Span, reader: Reader) -> str | None:
    word = _word(written)
    if word in known:
        return known[word]
    listed = f"可写：{'、'.join(known)}"
    if not isinstance(written, YamlScalar):
        reader.report("状态只写一个", span, listed)
        return None
    if known is FINDING_STATUS:
        listed += "；决定的结果不写在“发现”里，直接写在“预期”下面"
    meant = _STATES.get(word) if known is FINDING_STATUS else None
    near = [meant] if meant else nearest(word, known, half=False)
    reader.report(f"没有“{word}”这种状态", span, f"是不是“{near[0]}”？{listed}" if near else listed)
    return None


def _want_result(node: YamlNode, reader: Reader) -> WantResult | None:
    match node:
        case YamlScalar(value=None):
            reader.report("没有写预期的结果", node.span, "没有结论写“无”")
            return None
        case YamlScalar():
            word = _word(node)
            if word in _DECISION_STATUS:
                return WantResult(status=_DECISION_STATUS[word])
            return WantResult(status="determined", value=word)
        case YamlSequence():
            return WantResult(status="determined", exact=_texts(node, reader))
        case YamlMapping():
            if not node.entries:
                reader.report("没有写预期的结果", node.span, "一样也没有的写 []")
                return None
            if not reader.keys(node, _RESULT_KEYS):
                return None
            return _want_mapping(node, reader)
        case _:
            assert_never(node)


def _want_mapping(node: YamlMapping, reader: Reader) -> WantResult | None:
    parts: dict[str, tuple[str, ...]] = {}
    status: str | None = None
    tones: list[tuple[str, str]] = []
    for entry in node.entries:
        if entry.key == "状态":
            status = _status(entry.value, _DECISION_STATUS, entry.value.span, reader)
            if status is None:
                return None
        elif entry.key == "语气":
            if not reader.group(entry.value, "“语气”应逐项写“值: 语气”"):
                return None
            tones = [
                (tone.key, _word(tone.value)) for tone in entry.value.entries if isinstance(tone.value, YamlScalar)
            ]
        else:
            parts[entry.key] = _texts(entry.value, reader)
    ends = parts.get("区间")
    if ends is not None and len(ends) != 2:
        reader.report("“区间”要写两头", node.span, "写成 区间: [0 万元, 5 万元]；没有界的一头写 不限")
        return None
    if ("可能" in parts or ends is not None) and status is None:
        status = "undetermined"
    return WantResult(
        status,
        candidates=parts.get("可能"),
        has=parts.get("含", ()),
        lacks=parts.get("不含", ()),
        open=parts.get("待定", ()),
        tones=tuple(tones),
        interval=None if ends is None else (ends[0], ends[1]),
    )


def _want_finding(node: YamlNode, reader: Reader) -> WantFinding | None:
    written: YamlNode | None = node
    due = said = None
    if isinstance(node, YamlMapping):
        if not node.entries:
            reader.report("没有写预期的状态", node.span, f"可写：{'、'.join(FINDING_STATUS)}")
            return None
        if not reader.keys(
            node, ("状态", "期限", "说"), called={"截止": "期限", "到期": "期限", "内容": "说", "话": "说"}
        ):
            return None
        written, day, text = node.get("状态"), node.get("期限"), node.get("说")
        due = _word(day) if isinstance(day, YamlScalar) else None
        meant = day_in(due) if due else None
        if due and due != str(meant):
            reader.report("期限不是日期", strict_yaml.span_at(node, ("期限",)), f"写成 {meant or '2025-12-31 这样'}")
            return None
        said = _word(text) if isinstance(text, YamlScalar) else None
        if written is None:
            return WantFinding(due=due, said=said)
    status = _status(written, FINDING_STATUS, node.span, reader)
    return None if status is None else WantFinding(status, due, said)


def _want_names(node: YamlNode, reader: Reader) -> WantNames | None:
    if isinstance(node, YamlMapping):
        if not node.entries:
            reader.report("没有写预期的名称", node.span, "一项也没有的写 []")
            return None
        if not reader.keys(
            node, ("含", "不含"), called={"包括": "含", "包含": "含", "不包括": "不含", "不包含": "不含"}
        ):
            return None
        has, lacks = node.get("含"), node.get("不含")
        return WantNames(None, _texts(has, reader) if has else (), _texts(lacks, reader) if lacks else ())
    return WantNames(()) if is_blank(node) else WantNames(_texts(node, reader))
