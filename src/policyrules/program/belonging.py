"""What a kind of object belongs to: 资产 to a 项目, that to a 县.

Why this exists: where a name is looked for, what a record brings along, which rows a statistic is of: all of it goes up the same
line, of the declarations while they are read as of the program that they become.

Invariants: a line ends, also where declarations belong to each other in a circle, and where what they belong to is not declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Belonging(Protocol):
    """What says of a kind of object which kind it belongs to."""

    @property
    def parent(self) -> str | None: ...


def line(objects: Mapping[str, Belonging], kind: str) -> list[str]:
    """A kind of object and those that it belongs to, one above the other; empty where it is not among ``objects``.

    >>> from policyrules.testing.build import policy_from_text
    >>> program = policy_from_text('''
    ... 对象 县（county）
    ... 对象 项目（project）属于 县
    ... 对象 资产（asset）属于 项目
    ... 决定 分类（category）：单选 { 盘活 }
    ... ''').program
    >>> line(program.objects, "资产"), line(program.objects, "乡镇")
    (['资产', '项目', '县'], [])
    """
    found: list[str] = []
    current: str | None = kind
    while current is not None and current in objects and current not in found:
        found.append(current)
        current = objects[current].parent
    return found
