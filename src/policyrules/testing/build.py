"""Policies from rule texts, for tests: no folders, no manifests, no clause tables to write.

Why this exists: a test of the language should show the rule text and the record, and nothing else.

Invariant: the texts go through all that files go through; whatever place a text cites becomes a clause of its layer.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import yaml

from policyrules.diagnostics import Diagnostic, PolicyError
from policyrules.policy import Policy, policy_of
from policyrules.program.stack import Stack
from policyrules.source import fold_characters

_LEVELS = ("国家", "省", "市", "县")
_REGIONS = ("全国", "某省", "某市", "某县")
# Behind the keyword, or in the cell of a table, where several may follow one another.
_CITED = re.compile(r"(?:依据|[|｜”】])\s*【([^】\n]*)】")
AS_OF = datetime.date(2025, 9, 15)


def layer_files(
    text: str,
    level: int,
    *,
    layer_id: str | None = None,
    since: str = "2024-01-01",
    extends: Sequence[int] | None = None,
    short: str | None = None,
) -> dict[str, str]:
    """The files of one layer, by name: manifest, a clause for every place that ``text`` cites, the rules. ``extends``: the
    layers it extends, by their numbers (the one before it where left out); ``short``: its 简称.

    >>> sorted(layer_files("规则 甲", 0))
    ['clauses.yaml', 'layer.yaml', 'rules.rules']
    """
    number = min(level, 3)
    above = tuple(extends) if extends is not None else (level - 1,) if level else ()
    manifest = {
        "id": layer_id or f"L{level}",
        "title": f"第{level}层文件",
        "level": _LEVELS[number],
        "region": _REGIONS[number],
        "extends": f"../{above[0]}" if len(above) == 1 else [f"../{number}" for number in above] or None,
        "in_force_from": since,
        **({} if short is None else {"short": short}),
    }
    # Places compare after folding, so that one clause serves every spelling of its place.
    places = {"".join(fold_characters(place).split()): place.strip() for place in _CITED.findall(text)}
    table = {
        "clauses": [
            {
                "id": f"{manifest['id']}-{index}",
                "place": place,
                "summary": "测试用条款",
                "kind": "classification",
                "decides": True,
            }
            for index, place in enumerate((p for p in places.values() if p), 1)
        ]
    }
    return {
        "layer.yaml": yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False),
        "clauses.yaml": yaml.safe_dump(table, allow_unicode=True, sort_keys=False),
        "rules.rules": text,
    }


def trial_files(text: str, number: int, *, varies: str | None = None) -> dict[str, str]:
    """The files of a 试验 of the layers before it, by name, its rules ``text``. ``number``: of the layers; ``varies``: the id of the
    one it varies (the lowest where None)."""
    manifest = {"kind": "试验", "id": "SY", "title": "试着改", "extends": f"../{number - 1}", "varies": varies}
    return {"layer.yaml": yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False), "rules.rules": text}


def write_layers(folder: Path, *layers: str) -> Path:
    """Write ``layers``, top first, as folders ``0``, ``1``, ... below ``folder``; the path of the lowest."""
    lowest = folder
    for level, text in enumerate(layers):
        lowest = folder / str(level)
        lowest.mkdir(parents=True, exist_ok=True)
        for name, content in layer_files(text, level).items():
            (lowest / name).write_text(content, encoding="utf-8")
    return lowest


Extends: TypeAlias = Sequence[tuple[Sequence[int], str | None]]
"""Of each layer the numbers of those it extends, and its 简称."""


def stack_from_text(
    *layers: str, extends: Extends | None = None, trial: str | None = None, varies: str | None = None
) -> Stack:
    """A stack from rule texts, the top layer first; ``extends``: where it is no chain, the lowest last; ``trial``: the rules of a
    试验 that ``varies`` the layer of that id (L0, L1 ..., the lowest where None)."""
    tried = () if trial is None else (trial_files(trial, len(layers), varies=varies),)
    if extends is None:
        return Stack.of(*(layer_files(text, level) for level, text in enumerate(layers)), *tried)
    numbered = enumerate(zip(layers, extends, strict=True))
    files = (layer_files(text, level, extends=above, short=short) for level, (text, (above, short)) in numbered)
    return Stack.of(*files, *tried)


def try_policy_from_text(
    *layers: str,
    as_of: datetime.date = AS_OF,
    parameters: Mapping[str, object] | None = None,
    extends: Extends | None = None,
    trial: str | None = None,
    varies: str | None = None,
) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """As `policy_from_text`, with all diagnostics returned instead of raised."""
    stack = stack_from_text(*layers, extends=extends, trial=trial, varies=varies)
    return policy_of(stack, as_of=as_of, parameters=parameters)


def policy_from_text(
    *layers: str,
    as_of: datetime.date = AS_OF,
    parameters: Mapping[str, object] | None = None,
    extends: Extends | None = None,
    trial: str | None = None,
    varies: str | None = None,
) -> Policy:
    """A policy from rule texts, the top layer first; ``extends``, ``trial`` and ``varies`` as for `stack_from_text`.

    Raises `PolicyError` that carries every diagnostic.

    >>> policy = policy_from_text('''
    ... 对象 项目（project） 标识 编号
    ...   字段 编号（id）：文本
    ...   字段 停产（stopped）：是否
    ... 决定 分类（category）：单选 { 盘活、其他 }
    ... 规则 盘活类
    ...   依据【二·界定】“停产的”
    ...   当 停产
    ...   则 分类 为 盘活
    ... ''')
    >>> policy.evaluate({"停产": True})["分类"].value
    '盘活'
    """
    policy, diagnostics = try_policy_from_text(
        *layers, as_of=as_of, parameters=parameters, extends=extends, trial=trial, varies=varies
    )
    if policy is None:
        raise PolicyError(diagnostics)
    return policy
