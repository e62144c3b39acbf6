"""What the keys of ``layer.yaml`` and ``clauses.yaml`` are called, and the kinds of clauses: in English and in Chinese.

Why this exists: both files are filled in by policy staff, who write 编号 and 施行日期; programs and older files write ``id`` and
``in_force_from``. One table says what belongs together; readers, messages and pages use it.

Invariants: every key has one Chinese name and no two keys share one; a tree that `in_english` returned holds English keys
only, each of them once; each entry still knows where and how its key was written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, assert_never

from policyrules.diagnostics import Label, Report
from policyrules.program.strict_yaml import YamlEntry, YamlMapping, YamlNode, YamlScalar, YamlSequence

KEYS: Final[dict[str, str]] = {
    "id": "编号",
    "title": "标题",
    "document_number": "文号",
    "short": "简称",
    "issuer": "发文机关",
    "level": "层级",
    "region": "适用地区",
    "extends": "上级",
    "varies": "变动",
    "language": "语言",
    "issued": "成文日期",
    "in_force_from": "施行日期",
    "in_force_until": "失效日期",
    "assumed": "推定的日期",
    "note": "说明",
    "reports": "报告",
    "decision": "主要决定",
    "by": "分组字段",
    "money": "金额字段",
    "weight": "权重字段",
    "headings": "章节",
    "clauses": "条款",
    "place": "位置",
    "under": "所属章节",
    "summary": "要点",
    "kind": "类别",
    "decides": "产出结论",
    "reason": "理由",
    "offices": "责任单位",
    "source_note": "原文问题",
    "starts": "起始字样",
    "ends": "结束字样",
    "sha256": "文本指纹",
    "sentences": "不产出结论的句子",
    "words": "原话",
}
"""Every key of both files, and what it is called in Chinese."""

_ENGLISH: Final = {word: key for key, word in KEYS.items()}

UNDECIDED: Final = "undecided"
CLAUSE_KINDS: Final[dict[str, str]] = {
    "scope": "适用范围",
    "principle": "原则",
    "deadline": "时限",
    "procedure": "程序",
    "ledger": "台账",
    "classification": "分类",
    "measure": "措施",
    "duty": "义务",
    "prohibition": "禁止",
    "intake": "入库",
    "aggregate": "统计",
    "disposal": "处置",
    "responsible": "责任",
    "authority": "授权",
    UNDECIDED: "待定",
}
"""What each kind of clause is called in Chinese."""

KIND_MEANINGS: Final[dict[str, tuple[str, str]]] = {
    "scope": ("管哪些对象、哪些地区", "本办法适用于使用衔接资金的产业项目"),
    "principle": ("总的要求和方向，单凭它判断不了做到没有", "坚持因地制宜、分类施策"),
    "deadline": ("哪一天以前、多少天以内办完", "10月31日前完成分类"),
    "procedure": ("谁先做、谁后做，经过哪些步骤", "经村申报、乡镇审核、县级审定"),
    "ledger": ("登记什么、怎样登记", "建立项目台账，逐项登记"),
    "classification": ("分成哪几类，各类怎样认定", "连续停产的列为盘活类"),
    "measure": ("给什么支持，采取什么办法", "可以给予贷款贴息"),
    "duty": ("应当做到的事", "应当每年评估一次"),
    "prohibition": ("不得做的事", "不得用于偿还债务"),
    "intake": ("能不能申报、入库、立项", "没有落实用地的不得入库"),
    "aggregate": ("对全部记录算个数、总数、占比", "用于产业的比例不低于55%"),
    "disposal": ("资产和项目怎样退出、处置", "无盘活价值的依规报废"),
    "responsible": ("哪个单位负责", "由县农业农村局牵头"),
    "authority": ("留给下一级定的", "具体标准由县级制定"),
    UNDECIDED: ("还没有看是哪一种，新登记时用", ""),
}
"""What each kind of clause means, and words that are of it."""


def in_english(node: YamlNode, report: Report) -> YamlNode:
    """The tree with every key under its English name. One key in both spellings is reported at the second."""
    match node:
        case YamlScalar():
            return node
        case YamlSequence(items=items):
            return replace(node, items=tuple(in_english(item, report) for item in items))
        case YamlMapping(entries=entries):
            kept: dict[str, YamlEntry] = {}
            for entry in entries:
                key = _ENGLISH.get(entry.key, entry.key)
                first = kept.get(key)
                if first is None:
                    kept[key] = replace(entry, key=key, value=in_english(entry.value, report))
                    continue
                message = f"“{_bare(first)}”和“{_bare(entry)}”是同一项，写了两遍"
                report.error("E450", message, entry.key_span, "只留一处", Label(first.key_span, "第一处在这里"))
            return replace(node, entries=tuple(kept.values()))
        case _:
            assert_never(node)


def spelling(key: str, mapping: YamlMapping) -> str:
    """``key`` as ``mapping`` writes it, or would: in Chinese where its keys are Chinese.

    >>> from policyrules.program.strict_yaml import read
    >>> from policyrules.source import Source
    >>> tree, _ = read(Source("a.yaml", "编号: A\\n"))
    >>> spelling("id", in_english(tree, Report())), spelling("title", in_english(tree, Report()))
    ('编号', '标题')
    """
    own = next((entry for entry in mapping.entries if entry.key == key), None)
    chinese = _is_chinese(own) if own is not None else any(map(_is_chinese, mapping.entries))
    return KEYS.get(key, key) if chinese else key


def called(key: str, mapping: YamlMapping) -> str:
    """``key`` for people: as the file spells it, an English one with its Chinese name."""
    spelled = spelling(key, mapping)
    return spelled if spelled != key or key not in KEYS else f"{key}（{KEYS[key]}）"


def _is_chinese(entry: YamlEntry) -> bool:
    return _bare(entry) in _ENGLISH


def _bare(entry: YamlEntry) -> str:
    """The key as it is written, without quotes."""
    return entry.key_span.text.strip("\"'")
