"""Units as people write them: in the brackets of a head, in a title, in a line of their own.

Why this exists: 500000 is fifty 万元 or 500,000 of them, and only a word beside the table says which. What may be a unit is
applied exactly or told to be none that the field knows; a remark that cannot be one (必填, 见说明) is a remark.

Invariant: nothing that may be a unit of a field's numbers is left out without being in `Remark.doubtful`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from policyrules.program.nodes import Field
from policyrules.records.cells import accepts_unit, factor_under
from policyrules.spelling import fold_cell, fold_word
from policyrules.types import AREA_UNITS, Kind

LOOKS_LIKE_UNIT: Final = re.compile(
    r".{0,3}(元|万|亿|亩|公顷|米|㎡|%|‰|天|日|月|年|岁|吨|公斤|千克|kg|斤|户|人|个|家|千|百)"
)
_SAME_COUNT: Final = {"人": frozenset({"名", "人口"})}
"""What else is written for a unit of what is counted."""
_WITH: Final = re.compile("(?:不?含|不?包[含括]).+")
# What is counted one by one has no other measure.
_COUNTED: Final = frozenset("人个户家项次")
_COUNTS: Final = re.compile("(?:[人户家口名位批组头只羽株棵条台座]|人口)(?:次|数)?")
_MONEY: Final = re.compile(r"[十百千万亿]*[元角分圆]|.{0,3}[元币]|[¥$€£]|美金|英镑|[a-z]*(?:rmb|cny|yuan|usd)")
_CURRENCY: Final = re.compile(r"人民币|本币|rmb|cny|¥")
_CURRENCY_AROUND: Final = re.compile(r"^(?:人民币|rmb|cny|¥)(?=.)|(?<=.)(?:人民币|rmb|cny)$")
_PERCENT: Final = frozenset({"百分比", "百分数", "百分之", "百分之几", "百分率", "percent", "pct"})


def unit_word(written: str) -> str:
    """A unit as the fields know it: without the currency where that is the own one, and without what introduces it.

    >>> unit_word("人民币万元"), unit_word("以元计"), unit_word("RMB"), unit_word("yuan")
    ('万元', '元', 'rmb', '元')
    """
    word = fold_cell(written)
    said = re.fullmatch(r"[以按](.+?)(?:为单位|计算?|填[写报列]?|统计|列示)", word)
    word = said[1] if said else word
    small = word.lower()
    bare = _CURRENCY_AROUND.sub("", small)
    if bare != small:
        word = bare
    if small in _PERCENT:
        return "%"
    return "元" if bare == "yuan" else small if _CURRENCY.fullmatch(small) else word


# ---- heads ----------------------------------------------------------------------------------------------------------

_BRACKETS: Final = re.compile(r"(.+?)[(\[{【〔<〈《](?:单位[::]?)?([^()\[\]{}【】〔〕<>〈〉《》]*)[)\]}】〕>〉》]?")
_AFTER_SLASH: Final = re.compile(r"(.+)[/÷](.+)")
# With nothing around it a word behind a head, or before it, is a remark where it is what a unit is called.
_BEHIND: Final = re.compile(r"(.+?)[\s_::,、\-]+(?:单位[::]?)?([^\s_::,、\-]{1,6})")
_BEFORE: Final = re.compile(r"([^\s_::,、\-]{1,6})[\s_::,、\-]+(.+)")
_PERCENT_BEHIND: Final = re.compile("(.+?)(?:%|百分比|百分数)")
_BETWEEN: Final = re.compile(r"[、,;:]")
_SAYS_UNIT: Final = re.compile(r"(?:金额|货币|币值|计量|面积|数据)?单位[为是]?|币种")
_DATED: Final = re.compile(r"[0-9][0-9.\-/至到年月日]*[年月日][底末初前]?")
_TIMES: Final = re.compile(r"[×x][0-9]+|[×x]?10(?:\^|的).*")
# How forms number their columns: A, 3=1+2.
_LABEL: Final = re.compile(r"[A-Ja-j]|[A-Za-z0-9]{1,3}=[A-Za-z0-9+\-/÷×]+")
_SCALES: Final = r"[十百千万亿][户人个家次项吨头只株]?"
_HIDDEN: Final = {
    Kind.MONEY: re.compile(
        r".*(?:(?<![单多二公])元(?![旦素阳江谋氏宝坝])|[万亿兆镑]|(?<!货)币|美金|外汇).*|[十百千]*[角分毛块圆]|[十百千]+|10{3,}"
    ),
    Kind.AREA: re.compile(r".*(?:[亩顷㎡坪]|平方|平米|[公英]里).*|米|10{3,}"),
    Kind.DURATION: re.compile(r"个?(?:周|星期|礼拜|季度?|旬|小时|分钟)"),
    Kind.RATIO: re.compile(r".*[%‰].*|.*分之.*|成"),
    Kind.INTEGER: re.compile(_SCALES),
    Kind.DECIMAL: re.compile(_SCALES),
}
"""What may be a unit of such numbers, though it is not written as one."""
_PLAIN_REMARKS: Final = frozenset({"required", "optional", "must", "必填", "选填"})


@dataclass(frozen=True, slots=True)
class Remark:
    """What stands in the brackets of a head: the ``unit`` that it gives; what may be one and is none that the field knows
    (``doubtful``); what else it says (``rest``)."""

    unit: str | None = None
    doubtful: str = ""
    rest: str = ""


def head_splits(text: str) -> list[tuple[str, str]]:
    """How a head may be parted into a name and remarks in brackets, the fewest remarks first; required marks are dropped.

    >>> head_splits("*总投资（含自筹）（万元）"), head_splits("利润/亿元"), head_splits("停产")
    ([('总投资(含自筹)', '万元'), ('总投资', '含自筹,万元')], [('利润', '亿元')], [('停产', '')])
    >>> head_splits("总投资 元"), head_splits("元_总投资"), head_splits("总投资〔元〕"), head_splits("总投资(元")
    ([('总投资', '元')], [('总投资', '元')], [('总投资', '元')], [('总投资', '元')])
    """
    bare = fold_cell(text).replace("*", "").replace("★", "").strip()
    word = "".join(bare.split())
    found: list[tuple[str, str]] = []
    name, remarks = word, ""
    while parted := _BRACKETS.fullmatch(name):
        name, remarks = parted[1], parted[2] + ("," + remarks if found else "")
        found.append((name, remarks))
    if not found and (percent := _PERCENT_BEHIND.fullmatch(word)):
        found.append((percent[1], "%"))
    if not found and (slashed := _AFTER_SLASH.fullmatch(word)):
        found.append((slashed[1], slashed[2]))
    if not found:
        behind, before = _BEHIND.fullmatch(bare), _BEFORE.fullmatch(bare)
        beside = [*([(behind[1], behind[2])] if behind else []), *([(before[2], before[1])] if before else [])]
        found += [("".join(name.split()), unit) for name, unit in beside if says_unit(unit_word(unit))]
    return found or [(word, "")]


def remark_of(written: str, field: Field) -> Remark:
    """What a remark in the head of a number's column says.

    >>> from policyrules.types import Type
    >>> money = Field("项目", "总投资", "total", Type(Kind.MONEY, "万元"), False, None, None, (), None, origin=None)
    >>> remark_of("含自筹，元", money), remark_of("RMB", money), remark_of("必填", money)
    (Remark(unit='元', doubtful='', rest='含自筹'), Remark(unit=None, doubtful='RMB', rest=''), Remark(unit=None, doubtful='', rest='必填'))
    """
    folded = fold_cell(written)
    whole = _unit_for(folded, field)
    if accepts_unit(field, whole):
        return Remark(whole)
    units: list[str] = []
    currencies: list[str] = []
    doubtful: list[str] = []
    rest: list[str] = []
    for part in _BETWEEN.split(folded):
        part = re.sub(r"^单位", "", part)
        word = _unit_for(part, field)
        if not part or _SAYS_UNIT.fullmatch(part):
            continue
        if accepts_unit(field, word):
            units.append(word)
        elif _is_name(part, field):
            continue
        elif field.type.kind is Kind.MONEY and _CURRENCY.fullmatch(word):
            currencies.append(part)
        elif _may_be_unit(part, word, field):
            doubtful.append(part)
        else:
            rest.append(part)
    if len({factor_under(field, unit) for unit in units}) > 1:
        doubtful += units
    if currencies and not units and field.type.unit != "元":
        # Whose money it is does not say how much of it one is.
        doubtful += currencies
    return Remark(units[0] if units and not doubtful else None, "、".join(doubtful), "、".join(rest))


def says_more(remark: str, field: Field) -> bool:
    """Whether a remark says more than what may be filled in.

    >>> from policyrules.types import Type
    >>> done = Field("项目", "已形成", "formed", Type(Kind.BOOL), False, None, None, (), None, origin=None)
    >>> says_more("是/否", done), says_more("2024年底", done)
    (False, True)
    """
    told = "".join((field.type.kind.value, "多选单选文本必填选填日期年月日数字是否填有无", *(field.type.values or ())))
    return not set(re.sub(r"[\W_a-zA-Z0-9]", "", remark)) <= set(told)


def _unit_for(written: str, field: Field) -> str:
    """As `unit_word`; of what a field counts also called 户数, 人数, 名."""
    word, own = unit_word(written), field.type.unit
    if field.type.kind is not Kind.INTEGER or not own:
        return word
    return own if word.removesuffix("数") in (own, *_SAME_COUNT.get(own, ())) else word


def _is_name(part: str, field: Field) -> bool:
    """Whether a remark only says the field once more: by its name, its key or words of that."""
    word, key = fold_word(part), fold_word(field.key)
    words = "|".join(map(re.escape, key.split("_")))
    return word in (key, fold_word(field.name)) or re.fullmatch(f"(?:{words})+", word) is not None


def _may_be_unit(part: str, word: str, field: Field) -> bool:
    kind = field.type.kind
    if kind is Kind.INTEGER and field.type.unit not in (None, "", "个") and says_count(word):
        # So many people are not so many households.
        return True
    if kind is Kind.INTEGER and _WITH.fullmatch(word):
        return False
    if kind is Kind.INTEGER and len(word) == 1 and word not in "万亿千百%" and "\u4e00" <= word <= "\u9fff":
        # What is counted is called by many names.
        return False
    if kind not in (Kind.DURATION, Kind.YEAR) and _DATED.fullmatch(word):
        return False
    if LOOKS_LIKE_UNIT.fullmatch(word) or _TIMES.fullmatch(word.lower()):
        return True
    if _LABEL.fullmatch(part):
        return False
    if any(unicodedata.category(char) == "Sc" for char in part):
        return True
    if any(char.isascii() and char.isalpha() for char in part):
        return fold_word(part) not in _PLAIN_REMARKS
    hidden = _HIDDEN.get(kind)
    return hidden is not None and hidden.fullmatch(word) is not None


# ---- titles and lines -----------------------------------------------------------------------------------------------

_PLAIN_UNIT: Final = r"(?:人民币)?[百千万亿]*元|亩|公顷"
_UNIT_SAID: Final = re.compile(
    r"(?:^|[^\u4e00-\u9fff]|金额|货币|币值|计量|面积|资金|投资|数据)单\s*位(?:均|都|统一)?\s*[:为]\s*([^:()\[\]{}【】。;\s]+)"
    rf"|[以按]({_PLAIN_UNIT})(?:为单位|计(?![补价税酬征])|填|统计|列示)"
    # With nothing between, or without the word itself, money and areas alone are meant.
    r"|(?:(?:^|[^\u4e00-\u9fff]|金额|货币|计量|面积)单\s*位\s*|(?:金额|货币|币值|面积|资金|投资)\s*[:为]\s*)"
    rf"({_PLAIN_UNIT})(?![\u4e00-\u9fff])"
)
_TITLE_MONEY: Final = re.compile(r"[(\[{【]([百千万亿]*元)[)\]}】]")
UNIT_ALONE: Final = re.compile(r"[(\[{【]?(?:单位[:为]?)?([^()\[\]{}【】:]{1,10})[)\]}】]?")


def says_unit(word: str) -> bool:
    """Whether a word, as `unit_word` has it, is what a unit is called."""
    return LOOKS_LIKE_UNIT.fullmatch(word) is not None or _MONEY.fullmatch(word.lower()) is not None


def says_count(word: str) -> bool:
    """Whether a word, as `unit_word` has it, is what things are counted by: 人次, 户数, 头."""
    return _COUNTS.fullmatch(word) is not None


def units_said(text: str, counted: bool = False) -> list[str]:
    """The units that a text says are meant, in so many words; ``counted``: also of what is counted one by one.

    >>> units_said("单位：元"), units_said("注：本表金额单位均为元"), units_said("金额均按元填写"), units_said("总投资（元）")
    (['元'], ['元'], ['元'], [])
    """
    folded = fold_cell(text)
    pieces = [
        piece for found in _UNIT_SAID.findall(folded) for said in found for piece in re.split("[、,/和]", said) if piece
    ]
    units = [word for word in dict.fromkeys(map(unit_word, pieces)) if says_unit(word)]
    return [word for word in units if counted or word not in _COUNTED]


def units_beside(text: str) -> list[str]:
    """The units that a comment beside a cell gives; whoever wrote it may stand in front.

    >>> units_beside("县农业农村局:\\n单位：元"), units_beside("元"), units_beside("含自筹资金")
    (['元'], ['元'], [])
    """
    said = units_said(text, True)
    last = fold_cell(re.split(r"[:：\n]", text.strip())[-1])
    alone = UNIT_ALONE.fullmatch(last)
    if said or alone is None or not re.fullmatch(rf"{_PLAIN_UNIT}|%", alone[1]):
        return said
    return [unit_word(alone[1])]


def units_of_title(cells: list[str]) -> list[str]:
    """The units that the cells of a title above a header give.

    >>> units_of_title(["单位：元"]), units_of_title(["台账（万元）", "亩"]), units_of_title(["填报单位：青山县农业农村局"])
    (['元'], ['万元', '亩'], [])
    """
    text = "\t".join(cells)
    alone = [unit_word(cell) for cell in cells if re.fullmatch(_PLAIN_UNIT, fold_cell(cell))]
    return list(dict.fromkeys([*units_said(text), *_TITLE_MONEY.findall(fold_cell(text)), *alone]))


def concerns(unit: str, field: Field) -> bool:
    """Whether a unit may be meant for a field: one of amounts for amounts alone, one of areas for areas alone."""
    if _MONEY.fullmatch(unit.lower()):
        return field.type.kind is Kind.MONEY
    return field.type.kind is Kind.AREA if unit in AREA_UNITS else True
