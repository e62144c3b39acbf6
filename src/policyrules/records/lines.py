"""Lines of a table that are no records: sums, remarks, signatures, page headers, numbers of columns, headings of groups.

Why this exists: what an office prints, signs and hands on is a ledger with a good deal around it. Such a line taken for a
record is a project that nobody has; a record taken for such a line is lost.

Invariants: what is told by a line alone is told by its form, never by what stands elsewhere; only whether a heading of a group
is one hangs on there being other rows (`may_be_heading`); nothing here raises.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from policyrules.records.cells import UnreadableCell, is_blank
from policyrules.records.heads import MergedCell, shown_cell, unit_alone
from policyrules.records.sums import is_count, is_sum, says_sum
from policyrules.records.units import units_said
from policyrules.spelling import fold_cell

_LONGEST: Final = 60

# ---- sums -----------------------------------------------------------------------------------------------------------


def is_total(filled: Sequence[object]) -> bool:
    """Whether the cells of a row that hold anything are those of a row of sums."""
    first = shown_cell(filled[0])
    if isinstance(first, str) and is_sum(first):
        return True
    # Each of the words has this character, and most rows have it nowhere.
    texts = (cell.value if isinstance(cell, MergedCell) else cell for cell in filled)
    return any(isinstance(text, str) and "计" in text and says_sum(text) for text in texts)


def blank_or_total(cell: object) -> bool:
    """Whether the cell that says which row it is holds nothing, or what a row of sums has there: its name, or how many it
    adds up (2 个)."""
    value = shown_cell(cell)
    if isinstance(value, UnreadableCell):
        return False
    if isinstance(value, str):
        return is_blank(value) or is_sum(value) or is_count(value)
    return is_blank(value) or isinstance(value, (int, float, Decimal))


# ---- remarks --------------------------------------------------------------------------------------------------------

_NOTE: Final = re.compile(r"(注|备注|说明|填表|填报|制表|审核|单位负责)[^，。]{0,6}[:：]")
_SIGNED: Final = (
    r"(?:填表|填报|制表|报送|上报|统计|汇总|录入)(?:单位|部门|人|人员|日期|时间)?|(?:审核|复核|审批|审定|校对|经办|联系)人?"
    r"|(?:单位|部门|主要|科室|项目)?负责人|(?:分管|主管|主要|单位)领导|(?:联系)?电话|手机|联系方式|(?:领导)?签[字章名]|盖章|公章"
)
_NOTED: Final = r"注|备注|附注|附|说明|(?:填表|填报|编制)说明|(?:数据|资料)来源"
_LABEL: Final = re.compile(
    rf"[(*★※#\[]*(?:{_SIGNED}|{_NOTED})(?:[(\[](?:签[字章名]|盖章|公章|章|手机|手写)*[)\]])?(?:签[字章名]|盖章)?[)\]]*"
)
_PAGE: Final = re.compile(
    r"[(\[]?(?:第[0-9一二三四五六七八九十]{1,4}页(?:[,、/]?[(]?共[0-9一二三四五六七八九十]{1,4}页[)]?)?"
    r"|[(\[]?续(?:上)?表[0-9一二三四五六七八九十]{0,3}|接上[页表]|转下[页表]|以下(?:空白|无正文|为空)|此页无正文)[)\]]?"
)
# The date of a ledger, and the further remarks beneath the first.
_DATED: Final = re.compile(r"[0-9]{4}年[0-9]{1,2}月(?:[0-9]{1,2}日)?|[(\[]?[0-9]{1,2}[.、)\]]\D.{4,}[。;!]")
MARKS: Final = (
    *("填表", "填报", "制表", "报送", "上报", "统计", "汇总", "录入", "审核", "复核", "审批", "审定", "校对", "经办"),
    *("联系", "负责", "领导", "电话", "手机", "签字", "签章", "签名", "盖章", "公章", "备注", "附注", "说明", "数据"),
    *("资料", "续表", "上表", "上页", "下页", "下表", "空白", "正文", "为空"),
)
"""Each label with which a line of signatures, remarks or pages begins holds one of these, or begins as `BEGINNINGS`."""


# Most cells are told from labels by their first character.
_LABEL_BEGINS: Final = frozenset("(（*★※#[【［填报制送上统汇录审复校经联单部主科项负分电手领签盖公注备附说编数资")


def begins_form(text: str) -> bool:
    """Whether a text is, or begins with, what a line of signatures or remarks begins with: 填表人：张三, 备注."""
    if len(text) > _LONGEST * 10 or text.lstrip()[:1] not in _LABEL_BEGINS:
        return False
    word = "".join(fold_cell(text).split())
    found = _LABEL.match(word)
    return found is not None and (found.end() == len(word) or word[found.end()] == ":")


def is_remark(filled: Sequence[object]) -> bool:
    """A line of text beneath or between the rows: merged over several columns; or beginning like a remark or a signature, with
    no more than such and what is filled in behind them."""
    across = [cell for cell in filled if isinstance(cell, MergedCell)]
    if len(filled) >= 3 and len(across) == len(filled) and sum(cell.first_column for cell in across) == 1:
        return True
    first = shown_cell(filled[0])
    if not isinstance(first, str):
        return False
    alone = len(filled) == 1
    if alone and len(first) <= _LONGEST * 10:
        word = "".join(fold_cell(first).split())
        if _NOTE.match(first.strip()) or _PAGE.fullmatch(word) or _DATED.fullmatch(word):
            return True
    if not begins_form(first):
        return False
    texts = [text for cell in filled if isinstance(text := shown_cell(cell), str)]
    dates = sum(isinstance(shown_cell(cell), datetime.date) for cell in filled)
    return len(texts) + dates == len(filled) or ":" in fold_cell(first) or sum(map(begins_form, texts)) > 1


_EXAMPLES: Final = re.compile(r"(?:填[写报表])?(?:示例|样例|范例|举例|例子?|例如)([0-9一二三]?)(?:[:：].*)?")


def is_example(cell: object) -> bool:
    """Whether a row that begins with this cell only shows how to fill in: 例, 示例："""
    return _example(cell) is not None


def is_numbered_example(cell: object) -> bool:
    """Whether an example has a number, so that it may as well be that of a row: 例1, 示例二："""
    found = _example(cell)
    return found is not None and bool(found[1])


def _example(cell: object) -> re.Match[str] | None:
    text = shown_cell(cell)
    return _EXAMPLES.fullmatch("".join(text.split())) if isinstance(text, str) and len(text) <= _LONGEST else None


_TO_FILL: Final = re.compile(
    r"[(\[]?(?:(?:非?必|选)填项?|可选|是/否|是否|有/无|数字|整数|小数|文本|文字|日期|年份|金额|百分比|单选|多选|下拉.*|自动.*|手工.*"
    r"|(?:请|只)?填.+|请?选.+|(?:格式)?(?:如|例|例如|形如|格式)[:：]?.+)[)\]]?"
)


def says_what_to_fill(filled: Sequence[object]) -> bool:
    """Whether a line beneath the heads says what belongs in each column: 必填, 是/否, 填数字, 如 2025-01-01."""
    texts = [shown_cell(cell) for cell in filled]
    return len(texts) >= _FEWEST - 1 and all(
        isinstance(text, str)
        and len(text) <= _LONGEST
        and _TO_FILL.fullmatch("".join(fold_cell(text).split())) is not None
        for text in texts
    )


_NO_UNIT: Final = re.compile(r"[-—–_/\\\\*.~·]+|无|(?:计量)?单位|备注")


def says_no_unit(cell: str) -> bool:
    """Whether a cell in a line of units says that its column has none: —, /, 文本, 是否; or that this is such a line: 单位.

    >>> [says_no_unit(text) for text in ("—", "文本", "单位：", "茶园")]
    [True, True, True, False]
    """
    word = "".join(fold_cell(cell[:_LONGEST]).split()).rstrip(":")
    return _NO_UNIT.fullmatch(word) is not None or _TO_FILL.fullmatch(word) is not None


def is_signed(own: object, before: object) -> bool:
    """Whether a cell of a line of signatures belongs to it: a label itself, or the name behind one (before it 填表人：)."""
    text, label = shown_cell(own), shown_cell(before)
    if not isinstance(text, str) or begins_form(text):
        return isinstance(text, str)
    ends = isinstance(label, str) and begins_form(label) and ":" not in fold_cell(label)[:-1]
    return ends and not re.search("[0-9A-Za-z]", text)


_BEGINS_WITH_UNIT: Final = re.compile(
    r"[(\[{【]?(?:金额|货币|币值|计量|面积|资金|投资|数据)?(?:单\s*位|以.{1,4}为单位|(?<=.)[:为])"
)


def said_in(filled: Sequence[object]) -> str:
    """The text of a row that says the unit of others, alone or beside a remark or two: 单位：元; empty where it is no such row."""
    for cell in filled:
        if not isinstance(shown_cell(cell), str):
            return ""
    for cell in filled:
        text = str(shown_cell(cell))
        own = len(filled) == 1 and is_remark(filled)
        if len(text) <= 100 and units_said(text, True) and (own or _BEGINS_WITH_UNIT.match(fold_cell(text))):
            return text
    return ""


# ---- numbers of columns ---------------------------------------------------------------------------------------------

_NUMBERS_LINE: Final = frozenset({"栏次", "列次", "栏目", "列号", "序号", "行次"})
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_NUMBERED: Final = re.compile(r"[(\[]?([0-9]{1,3}|[A-Z]{1,2})[)\]]?(?:[.、])?(?:=.+|[(].*[=+].*[)])?")
_FEWEST: Final = 3
_LONGEST_ORDINAL: Final = 8


def numbers_columns(filled: Sequence[object]) -> bool:
    """Whether a line beneath the heads numbers the columns: 1 2 3 4=2+3, 甲 乙 1 2, ① ② ③, A B C, 栏次 1 2.

    >>> numbers_columns([1, 2, "3=1+2"]), numbers_columns(["甲", "乙", 1, 2]), numbers_columns([1, 2]), numbers_columns([3, 5, 7])
    (True, True, False, False)
    """
    cells = [shown_cell(cell) for cell in filled]
    lead = bool(cells) and isinstance(cells[0], str) and "".join(cells[0].split()) in _NUMBERS_LINE
    labels = [_label(cell) for cell in cells[lead:]]
    if len(labels) < (2 if lead else _FEWEST) or None in labels:
        return False
    stems = [place for kind, place in filter(None, labels) if kind == "甲"]
    rest = [(kind, place) for kind, place in filter(None, labels) if kind != "甲"]
    kinds = {kind for kind, _ in rest}
    numbers = [place for _, place in rest]
    begins = not numbers or numbers[0] in (0, 1, len(stems) + 1)
    return (
        stems == list(range(1, len(stems) + 1))
        and [kind for kind, _ in filter(None, labels)][: len(stems)] == ["甲"] * len(stems)
        and len(kinds) <= 1
        and begins
        and numbers == list(range(numbers[0] if numbers else 0, (numbers[0] if numbers else 0) + len(numbers)))
    )


def _label(cell: object) -> tuple[str, int] | None:
    """What a cell numbers its column: how, and as which."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int):
        return ("1", cell) if 0 <= cell < 1000 else None
    if not isinstance(cell, str) or len(cell) > _LONGEST:
        return None
    text = "".join(fold_cell(cell).split()).upper()
    raw = "".join(cell.split())
    if len(raw) == 1 and raw in _CIRCLED:
        return "①", _CIRCLED.index(raw) + 1
    if len(text) == 1 and text in _STEMS:
        return "甲", _STEMS.index(text) + 1
    found = _NUMBERED.fullmatch(text)
    if found is None:
        return None
    if found[1].isdigit():
        return "1", int(found[1])
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return "A", number


# ---- headings of groups ---------------------------------------------------------------------------------------------

_COUNT: Final = "[一二三四五六七八九十]{1,3}"
_ORDINAL: Final = re.compile(rf"(?:第?{_COUNT}(?:部分|类|批)?[、.]?|\({_COUNT}\)[、.]?|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ][、.]?)")
_HEADING: Final = re.compile(
    rf"(?:{_COUNT}[、.]|\({_COUNT}\)[、.]?|第{_COUNT}(?:部分|类|批)[、.:]|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ][、.])(?!{_COUNT}[、.])\S.*"
)
BEGINNINGS: Final = "第一二三四五六七八九十注附例示样范举填"
"""Of Chinese characters and digits alone an ordinal, an example, or a label without one of the `MARKS`, begins with one of these."""


_ORDINAL_BEGINS: Final = frozenset("一二三四五六七八九十第(（ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ")


def is_ordinal(cell: object) -> bool:
    """Whether a cell holds the number of a heading and nothing else: 一, 二、, （三）."""
    if not isinstance(cell, str) or len(cell) > _LONGEST_ORDINAL or cell.lstrip()[:1] not in _ORDINAL_BEGINS:
        return False
    return _ORDINAL.fullmatch(_bare(cell)) is not None


def is_heading(cell: object) -> bool:
    """Whether a cell holds a heading with its number: 一、青山县, （二）养殖业（3个）.

    >>> is_heading("一、青山县"), is_heading("（二）养殖业"), is_heading("一村一品"), is_heading("十里铺大棚"), is_heading("（二期）大棚")
    (True, True, False, False, False)
    """
    if not isinstance(cell, str) or len(cell) > _LONGEST or cell.lstrip()[:1] not in _ORDINAL_BEGINS:
        return False
    return _HEADING.fullmatch(_bare(cell)) is not None


def _bare(text: str) -> str:
    # Folding makes Ⅰ the letter I.
    return "".join(text.replace("（", "(").replace("）", ")").replace("．", ".").split())


# ---- cells by themselves --------------------------------------------------------------------------------------------


def may_be_no_row(cell: object) -> bool:
    """Whether a row with this cell may be a total, a heading of a group, or a remark beneath a table."""
    if not isinstance(cell, str):
        return False
    return (
        is_sum(cell)
        or is_remark([cell])
        or is_example(cell)
        or is_ordinal(cell)
        or is_heading(cell)
        or ("单" in cell and bool(said_in([cell])))
    )


def may_say_unit(cell: object) -> bool:
    """Whether a cell says a unit and nothing else."""
    return isinstance(cell, str) and bool(unit_alone(cell))
