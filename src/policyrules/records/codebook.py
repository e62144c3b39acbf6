"""What a head says of the marks that stand for yes and no: 停产（1=是，0=否）, 停产（0是1否）, 停产（否填√）.

Why this exists: forms and surveys bring their code book along in the heads of their columns, and not all of them count 1 as
yes. Read as usual such a column would say the contrary of what was filled in.

Invariant: a mark is never read against what its head says of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from policyrules.program.nodes import Field
from policyrules.records.cells import FALSE_WORDS, TRUE_WORDS
from policyrules.spelling import fold_cell
from policyrules.types import Kind

_MARK: Final = r"[0-9]+|[√×✓✔✗✘☑]|打?[勾钩对叉]|[yn](?![a-z])"
_NOT: Final = ("尚未", "还没有", "还没", "还未", "没有", "并非", "不是", "未", "非", "不", "没", "无")
_AFFIRMS: Final = re.compile("已经|已|具有|具备|有|能够|能|可以|可")
_DENIES: Final = frozenset("未非不没无")
_WORDS: Final = {
    "不存在": False,
    "存在": True,
    "不是": False,
    "没有": False,
    "是": True,
    "否": False,
    "有": True,
    "无": False,
    "未": False,
}
_IS: Final = r"填写|填报|填|表示|代表|用|为|即|打|写|记作|记|的"
_BETWEEN: Final = re.compile(rf"[\W_]|{_IS}|者|或")
_PAIRED: Final = re.compile(rf"(?:[=:→“”‘’\"]|{_IS})+")
_TURNED: Final = re.compile("(?:反向|逆向|相反)(?:指标|填写?|填报)?")
_TICKS: Final = {"勾": "√", "钩": "√", "对": "√", "叉": "×"}


def is_turned(remark: str, field: Field) -> bool:
    """Whether a remark in the head of a field of 是否 gives marks, or yes and no, another meaning than they have, or names the
    contrary of the field alone.

    >>> from policyrules.types import Type
    >>> idle = Field("项目", "停产", "idle", Type(Kind.BOOL), False, None, None, (), None, origin=None)
    >>> [is_turned(text, idle) for text in ("1是0否", "是/否", "是打√", "1=停产；0=未停产", "必填", "2024年底")]
    [False, False, False, False, False, False]
    >>> [is_turned(text, idle) for text in ("0是1否", "1=否，2=是", "否填√", "未停产填1", "无为是", "否", "反向")]
    [True, True, True, True, True, True, True]
    """
    if field.type.kind is not Kind.BOOL:
        return False
    text = "".join(fold_cell(remark).lower().split())
    text = re.sub("^是否(?=.)(?![\\W_])", "", text)
    if _TURNED.fullmatch(text):
        return True
    tokens = _tokens("".join(fold_cell(field.name).lower().split()))
    if _BETWEEN.sub("", tokens.sub("", text)):
        # It says something else, which is told.
        return False
    found = list(tokens.finditer(text))
    said = [None if one["mark"] else _says(one, field) for one in found]
    marks = [one["mark"] for one in found if one["mark"]]
    words = [yes for yes in said if yes is not None]
    if not marks:
        between = (text[one.end() : other.start()] for one, other in pairwise(found))
        pairs = list(zip(words, words[1:], between, strict=False))[::2]
        if len(words) % 2 == 0 and pairs and all(_PAIRED.fullmatch(middle) for *_, middle in pairs):
            return any(one is not other for one, other, _ in pairs)
        return bool(words) and not any(words)
    if len(marks) != len(words):
        return False
    return any(_usual(mark) is not yes for mark, yes in zip(marks, words, strict=True))


def _tokens(name: str) -> re.Pattern[str]:
    """What a remark is made of: the name of the field or its end (形成 of 已形成), with a denial in front or none, other words of
    yes and no, marks."""
    ends = "|".join(re.escape(name[at:]) for at in range(1, len(name) - 1))
    denied = f"(?:{'|'.join(_NOT)})"
    end = rf"|(?P<deny>{denied})?(?P<end>{ends})" if ends else "|(?P<deny>(?!))(?P<end>(?!))"
    return re.compile(
        rf"(?P<no>{denied})?(?P<name>{re.escape(name)}){end}|(?P<word>{'|'.join(_WORDS)})|(?P<mark>{_MARK})"
    )


def _says(found: re.Match[str], field: Field) -> bool:
    """Whether a word says that a field holds."""
    if found["name"]:
        return not found["no"]
    if found["end"]:
        # What the name says in front of its end may deny it itself: 不符合 of 不符合要求.
        name = "".join(fold_cell(field.name).lower().split())
        turned = bool(_DENIES.intersection(name.removesuffix(found["end"])))
        return turned is bool(found["deny"])
    return _WORDS[found["word"]]


def opposite_of(name: str, known: str) -> bool:
    """Whether a name says that another does not hold.

    >>> opposite_of("未停产", "停产"), opposite_of("停产", "停产")
    (True, False)
    >>> opposite_of("未形成", "已形成"), opposite_of("规划未衔接", "规划已衔接"), opposite_of("已形成", "未形成")
    (True, True, True)
    """
    return name in _denials(known) or known in _denials(name)


def _denials(name: str) -> Iterator[str]:
    """What denies a name: a word in front of it, or one in the place of its 已, 有, 能."""
    for word in _NOT:
        yield f"{word}{name}"
        for found in _AFFIRMS.finditer(name):
            yield f"{name[: found.start()]}{word}{name[found.end() :]}"


def _usual(mark: str) -> bool | None:
    word = _TICKS.get(mark[-1], mark)
    return True if word in TRUE_WORDS else False if word in FALSE_WORDS else None
