"""What the rows of sums in a table are called: 合计, 甲乡小计：, 总计（3 个）, 其中：…

Why this exists: between the rows of a ledger stand those that add them up. One that is taken for a row of its own counts
every amount twice, and people write a colon, a bracket or a number behind its name.

Invariants: a name that merely begins with such a word, as a village or a project may (小计村, 总部项目), is none; every text
that is one holds one of `MARKS` or `LATIN`, so that a column without them need not be looked at text by text.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.spelling import fold_word

MARKS: Final = ("合计", "总计", "小计", "共计", "累计", "汇总", "总和", "平均", "其中")
_STEMS: Final = ("total", "totals", "sum", "average")
LATIN: Final = frozenset(
    (*_STEMS, *(lead + mark + stem for lead in ("sub", "grand") for mark in ("", "-", "_") for stem in _STEMS[:2]))
)
"""The names of sums in Latin letters, as `fold_word` has them."""
_LONGEST: Final = 40
_ORNAMENT: Final = re.compile(r"^[\W_]+|[\W_]+$")
_HOW_MANY: Final = (
    r"[0-9一二三四五六七八九十百千两]+(?:个|项|户|家|条|笔|人|亩|处|万元|元)?(?:项目|资产|乡镇|乡|镇|县)?"
)
# What stands behind the word: that it is a sum, of how many, then a colon, a bracket or a dash and anything.
_BEHIND: Final = rf"(?:数|额|值|数额|金额)?(?:{_HOW_MANY})?(?:[:(\[{{【<=+*/\-—].*)?"
# Before it stands what is added up; a bracket that is open there holds a remark of a name.
_BEFORE: Final = r"(?:.*[)\]}】])?[^()\[\]{}【】]*"
_ALONE: Final = re.compile(rf"(?:总?合计|总计|小计|共计){_BEHIND}")
_SUM: Final = re.compile(
    rf"{_BEFORE}(?:合计|总计|小计|共计|累计){_BEHIND}"
    rf"|(?:{_BEFORE}[省市州县区乡镇村组页表年季月])?(?:汇总|总和|平均){_BEHIND}"
    rf"|(?:{'|'.join(LATIN)})(?:[:(=].*)?"
    r"|其中.*"
)

_COUNT: Final = re.compile(rf"(?:以上)?(?:共|计|共有|总共|合共)?(?:{_HOW_MANY})")
# Of households, one may be called by its number: 一户.
_MEASURED: Final = re.compile(r"(?:以上|共|计).*[个项户家条笔处]|个|项目|资产")
_NAME: Final = re.compile(r"其中[^\W_0-9]")


def _word(text: str) -> str:
    return _ORNAMENT.sub("", fold_word(text))


def is_sum(text: str) -> bool:
    """Whether a text is what a row of sums is called.

    >>> [is_sum(text) for text in ("合计：", "A县小计", "合计（3个）", "其中：", "Total:")]
    [True, True, True, True, True]
    >>> [is_sum(text) for text in ("小计村大棚", "总部项目", "合计路 3 号", "统计设备", "冷库（含小计）")]
    [False, False, False, False, False]
    """
    if len(text) > _LONGEST:
        return False
    word = _word(text)
    return (word.isascii() or any(mark in word for mark in MARKS)) and _SUM.fullmatch(word) is not None


def says_sum(text: str) -> bool:
    """Whether a text says that its row is one of sums wherever in the row it stands: 合计, 总计：, not 甲乡小计 or 累计."""
    return len(text) <= _LONGEST and "计" in text and _ALONE.fullmatch(_word(text)) is not None


def is_count(text: str) -> bool:
    """Whether a text may say how many there are: what a row of sums has in the place of a number.

    >>> [is_count(text) for text in ("2", "共2个", "三个项目", "以上 2 个", "P2", "2号")]
    [True, True, True, True, False, False]
    """
    return len(text) <= _LONGEST and _COUNT.fullmatch(_word(text)) is not None


def counts_only(text: str) -> bool:
    """Whether a text can say nothing but how many there are: 共2个, 2个项目, 以上 3 户; not 2 or 一户, which may be a number of
    its own.

    >>> [counts_only(text) for text in ("共2个", "2个", "以上三户", "2", "共2", "二", "一户")]
    [True, True, True, False, False, False, False]
    """
    return is_count(text) and _MEASURED.search(text) is not None


def may_be_name(text: str) -> bool:
    """Whether a text that is what a row of sums is called may as well be the name of a village or a project.

    >>> may_be_name("其中村合作社"), may_be_name("其中：A县"), may_be_name("A县小计")
    (True, False, False)
    """
    return _NAME.match(_word(text)) is not None
