"""What a head says of the marks that stand for yes and no: 停产（1=是，0=否）, 停产（0是1否）, 停产（否填√）.

Why this exists: forms and surveys bring their code book along in the heads of their columns, and not all of them count 1 as
yes. Read as usual such a column would say the contrary of what was filled in.

Invariant: a mark is never read against what its head says of it.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.program.nodes import Field
from policyrules.records.cells import FALSE_WORDS, TRUE_WORDS
from policyrules.spelling import fold_cell
from policyrules.types import Kind

_MARK: Final = r"[0-9]+|[√×✓✔✗✘☑]|打?[勾钩对叉]|[yn](?![a-z])"
_WORD: Final = "不是|没有|是|否|有|无"
_BETWEEN: Final = re.compile(r"[\W_]|填写|填报|填|表示|代表|用|为|即|打|写|记作|记|的|者|或")
_TICKS: Final = {"勾": "√", "钩": "√", "对": "√", "叉": "×"}
_NOT: Final = ("未", "非", "不", "没有", "没", "无", "不是")


def is_turned(remark: str, field: Field) -> bool:
    """Whether a remark in the head of a field of 是否 gives marks another meaning than they have, or names 否 alone.

    >>> from policyrules.types import Type
    >>> idle = Field("项目", "停产", "idle", Type(Kind.BOOL), False, None, None, (), None, origin=None)
    >>> [is_turned(text, idle) for text in ("1是0否", "是/否", "是打√", "1=停产；0=未停产", "必填", "2024年底")]
    [False, False, False, False, False, False]
    >>> [is_turned(text, idle) for text in ("0是1否", "1=否，2=是", "否填√", "未停产填1", "否")]
    [True, True, True, True, True]
    """
    if field.type.kind is not Kind.BOOL:
        return False
    text = "".join(fold_cell(remark).lower().split())
    name = re.escape("".join(fold_cell(field.name).lower().split()))
    tokens = re.compile(rf"(?P<word>(?:{'|'.join(_NOT)})?{name}|{_WORD})|(?P<mark>{_MARK})")
    if _BETWEEN.sub("", tokens.sub("", text)):
        # It says something else, which is told.
        return False
    words = [found["word"] for found in tokens.finditer(text) if found["word"]]
    marks = [found["mark"] for found in tokens.finditer(text) if found["mark"]]
    said = [not word.startswith(("否", *_NOT)) for word in words]
    if not marks:
        return bool(said) and not any(said)
    if len(marks) != len(said):
        return False
    return any(_usual(mark) is not yes for mark, yes in zip(marks, said, strict=True))


def opposite_of(name: str, known: str) -> bool:
    """Whether a name says that another does not hold.

    >>> opposite_of("未停产", "停产"), opposite_of("停产", "停产")
    (True, False)
    """
    return any(name == f"{word}{known}" for word in _NOT)


def _usual(mark: str) -> bool | None:
    word = _TICKS.get(mark[-1], mark)
    return True if word in TRUE_WORDS else False if word in FALSE_WORDS else None
