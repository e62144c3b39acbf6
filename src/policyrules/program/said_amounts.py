"""Amounts as documents put them, read with the names of the stack: 总投资的30%，不超过50万元; 每户 500 元; 500 元/户; 孰低.

Why this exists: what a rule concludes is a formula, and offices write what the document says. A parser stops somewhere in it,
or a piece of it is taken for a name; here the whole of what stands behind 则 is read once more with every name known.

Invariants: an amount is understood whole or not at all; what is given to be written means what was said. What leaves open of
which number, or by which count, is given for each that it may be. Work is bounded by the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Final

from policyrules.diagnostics import Diagnostic, Report
from policyrules.language import nodes as surface
from policyrules.language import spoken
from policyrules.program.across import spoken_of
from policyrules.program.bound_words import quantity_said
from policyrules.program.literals import declared_type
from policyrules.program.said_beyond import COUNTED_AS
from policyrules.program.said_conditions import Said, meant, names_of
from policyrules.program.said_shares import share_of
from policyrules.program.symbols import Symbols
from policyrules.source import Span, fold_characters
from policyrules.types import AREA_UNITS, NUMERIC, Kind, Type

_LONGEST: Final = 120
_NESTED: Final = 5
_OPTIONS: Final = 3
_CODES: Final = ("E115", "E201", "E204", "E205", "E206")
_READ: Final = 100
"""Who made so many slips reads the first of them first."""

_TONES: Final = "应当|重点|支持|鼓励|引导|可"
_THEN: Final = re.compile(rf"[ \t\u3000]*则[ \t\u3000:：]+(?:(?:{_TONES})[ \t\u3000]+)?")
_LIMITED: Final = re.compile(r"[ \t\u3000]*(?:不超过|不少于)[ \t\u3000:：]+")
_DEFINED: Final = re.compile(r"(?:[ \t\u3000]*|术语[ \t\u3000]+\w+[ \t\u3000]+)即[ \t\u3000:：]+")
_DECLARED: Final = re.compile(r"[ \t\u3000]*(决定|修订)[ \t\u3000]+(\w+)")
_VERB: Final = re.compile(r"(?:等于|按照|按|为|是|含|==?|:)?")
_LEADS: Final = re.compile(r"(?:按照|按|以|为|取|就|给予|发放|一次性|定额|补助|补贴|奖补|奖励|标准|,|:)+")
_TAILS: Final = re.compile(
    r"(?:的?(?:给予|予以)?(?:补助|补贴|奖补|奖励|资金|标准|比例|计算|核定|计|发放|执行|确定)|整|的|。|;|,)+$"
)
_MOST: Final = "不得超过|不能超过|不应超过|不超过|不高于|不大于|不多于|至多|上限为|上限|封顶为|封顶|最高|最多"
_LEAST: Final = "不得低于|不能低于|不应低于|不低于|不少于|不小于|至少|下限为|下限|最低|最少"
_LIMIT: Final = re.compile(
    r"[,;。]?(?:但是|但|并且|且|并|同时)?(?:每个项目|单个项目|补助金额|补助额|补助|补贴|金额|总额)?(?P<each>每个?[户人亩]均?)?"
    rf"(?:(?P<most>(?:最高|最多)?(?:{_MOST}))|(?P<least>(?:最低|最少)?(?:{_LEAST})))(?:为|至)?"
)
_ABOVE: Final = re.compile(r"[,;。]?(?:但是|但|并且|且)?以?([0-9.]+[^,;。]{1,3}?)(?:为上限|为限|封顶)")
_SMALLEST: Final = "较小|较低|较少|孰低|孰小|就低|最小|最低|取低|取小"
_GREATEST: Final = "较大|较高|较多|孰高|孰大|就高|最大|最高|取高|取大"
_OF_SEVERAL: Final = re.compile(
    rf"(.+?)(?:之间|之中|中|两者|二者|两项|相比|,|、)*的?(?:(?P<least>{_SMALLEST})|(?P<most>{_GREATEST}))(?:的?一?[个项]|者|的?值|的?数|的?金额)?的?"
)
_GROUP: Final = re.compile(r"(?i:(?P<least>取小|最小值?|min)|(?P<most>取大|最大值?|max))\((.+)\)")
_BARE_GROUP: Final = re.compile("(?:(?P<least>取小|最小值?)|(?P<most>取大|最大值?))(.+)")
_ALTOGETHER: Final = re.compile(
    r"(.+?)(?:两者|二者|两项|几项)?(?:(?P<more>之和|的和|相加|加总|合计|总和)|(?P<less>之差|的差|相减))"
)
_NOTHING: Final = ("不补助", "不予补助", "不给予补助", "不给予", "不补贴", "不奖补", "免", "免除", "无", "没有", "零")
_BY_COUNT: Final = re.compile(r"(?:按照?)?([^\W\d]\w*?)(?:,|每[户人个]|补助)?([0-9][0-9.]*(?:元|万元|亿元))")
_BETWEEN: Final = re.compile("和|与|、|及|以及|,|;|跟|同|或者|或")
_ADDED: Final = re.compile(r"(?P<more>\+|加上|加)|(?P<less>[-−]|减去|减|扣除|扣减)")
_TIMES: Final = re.compile(r"(?P<by>[×*]|乘以|乘)|(?P<over>[÷/]|除以)")
_RATE: Final = re.compile(
    r"每个?([^\W\d])均?(?:补助|补贴|奖补|奖励|按|发)?([0-9][0-9.]*[^\W\d]+)|([0-9][0-9.]*[^\W\d]+?)每个?([^\W\d])"
)
_BEHIND: Final = re.compile(r"(.+[^\W\d)])([0-9][0-9.]*%|[一二三四五六七八九]成|一半)")
_RANGE: Final = re.compile(r"([0-9][0-9.]*[^\W\d]*)(?:至|到|-|−|~|—+)([0-9][0-9.]*[^\W\d]+)(?:之间)?")
_COUNTED_AS: Final = re.compile(rf"[,;(]?{COUNTED_AS}\)?")
_HELD: Final = "其数"
_COUNTED: Final = "户人个家笔项次处件名套台头只株"


@dataclass(frozen=True, slots=True)
class _Read:
    """A formula, or each that may be meant; ``rank``: 0 of a sum, 1 of a product, 2 where it needs no bracket; ``why``: what
    was left open; ``rate``: of what it is so much each."""

    texts: tuple[str, ...]
    rank: int = 2
    why: str = ""
    rate: str = ""

    def inside(self, rank: int) -> tuple[str, ...]:
        """The texts as they stand inside what has a rank."""
        return self.texts if self.rank >= rank else tuple(f"（{text}）" for text in self.texts)


class _Ask(Exception):
    """What was said is no amount; ``args[0]``: what to write instead."""


def amounts_told(found: Iterable[Diagnostic], symbols: Symbols) -> Iterator[Diagnostic]:
    """The findings of checking with the remedies of those that stand in an amount completed."""
    for number, diagnostic in enumerate(found):
        said = None
        if (
            number < _READ
            and diagnostic.severity == "error"
            and diagnostic.code in _CODES
            and diagnostic.span is not None
        ):
            said = amount_around(symbols, diagnostic.span)
        yield diagnostic if said is None else replace(diagnostic, remedy=said.remedy, place=said.span)


def amount_around(symbols: Symbols, place: Span) -> Said | None:
    """How the amount around a place is written, in a 则 of a decision that is one, in its limits, or in a 术语; None where it is
    not understood, or is written so already."""
    source, start = place.source, place.source.text.rfind("\n", 0, place.start) + 1
    end = source.text.find("\n", place.start)
    line = re.split("#|//", source.text[start : len(source.text) if end < 0 else end])[0].rstrip()
    if len(line) > 2 * _LONGEST:
        return None
    object_ = spoken_of(symbols, place)
    if object_ not in symbols.objects:
        return None
    for form in (_THEN, _LIMITED, _DEFINED):
        head = form.match(line)
        if head is None:
            continue
        rest = line[head.end() :]
        if form is _DEFINED and meant(symbols, object_, rest) is not None:
            # 术语 小额 即 总投资 不超过 5 万元: a condition.
            return None
        for decision, lead, type_ in _decisions(symbols, form, rest, source.text, start):
            before = f"{decision} 为 " if form is _THEN else ""
            remedy = _remedy(symbols, object_, type_, before, decision, rest[lead:])
            if remedy is not None and remedy != f"写成“{rest}”":
                return Said(remedy, Span(source, start + head.end(), start + len(line)))
    return None


def _decisions(
    symbols: Symbols, form: re.Pattern[str], rest: str, text: str, start: int
) -> Iterator[tuple[str, int, Type | None]]:
    """The decisions whose amount may be said, where in ``rest`` that begins, and the type."""
    if form is _DEFINED:
        yield "", 0, None
        return
    amounts = {
        one.name: type_
        for one in symbols.declared(surface.DecisionDecl)
        if one.node.type is not None
        and (type_ := declared_type(one.node.type, None, one.node.default, Report())) is not None
    }
    if form is _LIMITED:
        header = next((found for found in map(_DECLARED.match, reversed(text[:start].split("\n"))) if found), None)
        if header is not None and (header[2] in amounts or header[2] not in symbols.globals):
            yield header[2], 0, amounts.get(header[2])
        return
    named = next((name for name in sorted(amounts, key=len, reverse=True) if rest.startswith(name)), None)
    if named is not None:
        behind = rest[len(named) :]
        gap = len(behind) - len(behind.lstrip())
        verb = _VERB.match(fold_characters(behind.lstrip()))
        yield named, len(named) + gap + (0 if verb is None else verb.end()), amounts[named]
        return
    if re.match(r"\w+[ \t\u3000]*(?:为|含|=)", rest) is None:
        yield from ((name, 0, type_) for name, type_ in islice(amounts.items(), _OPTIONS))


def _remedy(symbols: Symbols, object_: str, type_: Type | None, before: str, decision: str, text: str) -> str | None:
    folded = "".join(fold_characters(text).split()).rstrip("。;,")
    if not 1 <= len(folded) <= _LONGEST:
        return None
    folded = re.sub(f"^每一?个?{re.escape(object_)}", "", folded)
    sums = _sums(symbols, object_)
    names = {**names_of(symbols, object_), **{name: type_ for name, (_, type_) in sums.items()}}
    try:
        read = _Reader(names, type_, decision).amount(folded)
    except _Ask as asked:
        return str(asked)
    if read is None:
        return None
    texts = list(read.texts[:_OPTIONS])
    for name, (shown, _) in sums.items():
        texts = [text.replace(name, shown) for text in texts]
    offered = "或".join(f"“{before}{text}”" for text in texts)
    return f"{read.why}写成{offered}" if offered else read.why


def _sums(symbols: Symbols, object_: str) -> dict[str, tuple[str, Type | None]]:
    """What is added up or counted over rows, by how it is written without a space, as it is written."""
    line, found = symbols.line(object_), dict[str, tuple[str, Type | None]]()
    for rows, info in symbols.objects.items():
        if info.parent not in line or rows in line:
            continue
        found[f"计数{rows}"] = (f"计数 {rows}", Type(Kind.INTEGER))
        for field in info.fields.values():
            if field.type.kind in NUMERIC:
                found[f"合计{rows}.{field.name}"] = (f"合计 {rows}.{field.name}", field.type)
    return found


class _Reader:
    """Reads amounts of a type with these names; ``decision``: what the amount is of."""

    def __init__(self, names: Mapping[str, Type | None], type_: Type | None, decision: str) -> None:
        self.names, self.type, self.decision = names, type_, decision

    def amount(self, said: str, depth: int = 0) -> _Read | None:
        """The whole of ``said``."""
        if not said or depth > _NESTED:
            return None
        found = (
            self.counted_as(said, depth)
            or self.unit_left_out(said)
            or self.formula(said, depth)
            or self.limited(said, depth)
            or self.extreme(said, depth)
            or self.altogether(said, depth)
            or self.share_alone(said)
        )
        if found is not None:
            return found
        self.no_amount(said, depth)
        count = _BY_COUNT.fullmatch(said)
        if count is not None and self.counted(count[1]) and (rate := self.value(count[2])) is not None:
            return _Read((f"{count[1]} × {rate.texts[0]}",), 1)
        lead = _LEADS.match(said)
        bare = said if lead is None else said[lead.end() :]
        for shorter in dict.fromkeys((_TAILS.sub("", said), bare, _TAILS.sub("", bare))):
            if shorter and shorter != said and (found := self.amount(shorter, depth + 1)) is not None:
                return found
        return None

    # ---- limits, and the least of several ---------------------------------------------------------------------------

    def limited(self, said: str, depth: int) -> _Read | None:
        """总投资的30%，不超过50万元; 总投资的30%（最高50万元）."""
        bracketed = re.fullmatch(r"(.+)\(([^()]+)\)", said)
        if bracketed is not None and _LIMIT.match(bracketed[2]) is not None:
            said = f"{bracketed[1]},{bracketed[2]}"
        for mark in reversed([*_LIMIT.finditer(said), *_ABOVE.finditer(said)]):
            above = mark.re is _ABOVE
            if above and mark.end() != len(said):
                continue
            value = mark[1] if above else (mark["each"] or "") + said[mark.end() :]
            bound = self.amount(_TAILS.sub("", value), depth + 1) if value else None
            if bound is None or len(bound.texts) != 1:
                continue
            least = not above and mark["least"] is not None
            if not said[: mark.start()]:
                word, what = ("不少于", "下限") if least else ("不超过", "上限")
                raise _Ask(f"这是{what}，写在“决定 {self.decision}”里：{word} {bound.texts[0]}；这里写怎么算")
            base = self.amount(said[: mark.start()], depth + 1)
            if base is not None and not self.decision and base.texts[0] in self.names and not mark[0].startswith(","):
                # Of a term it may be a condition.
                return None
            if base is not None:
                return _extreme((base, bound), greatest=least)
        return None

    def counted_as(self, said: str, depth: int) -> _Read | None:
        """户数（不足10户的按10户）× 500 元: at least so many of the name before it, or at least so much of all that stands before."""
        mark = _COUNTED_AS.search(said)
        if mark is None:
            return None
        value, to = spoken.value(mark["value"]), spoken.value(mark["to"] or mark["value"])
        end = mark.end() - (mark[0][-1] == ")" and mark[0][0] != "(")
        before, behind = said[: mark.start()], said[end:]
        word = "取大" if mark["less"] else "取小"
        name = max((name for name in self.names if before.endswith(name)), key=len, default="")
        if value is None or to is None or not (name if behind else before):
            raise _Ask(f"前面写上是哪个数，如 {word}（户数；{value or mark['value']}）")
        if mark["none"] and mark["less"]:
            none = f"{self.decision or '结果'} 为 0 {value.partition(' ')[2]}".rstrip()
            raise _Ask(f"分成两条规则：“当”里写 ≥ {value} 的，照这样算；写 < {value} 的，写“{none}”")
        if not mark["none"] and value != to:
            sign = "<" if mark["less"] else ">"
            raise _Ask(f"分成两条规则：“当”里写 {sign} {value} 的，按 {to} 算；其余的照常算")
        if not behind:
            base = self.amount(before, depth + 1)
            return None if base is None else _extreme((base, _Read((value,))), greatest=word == "取大")
        inner = _Reader({**self.names, _HELD: self.names[name]}, self.type, self.decision)
        whole = inner.amount(f"{before.removesuffix(name)}{_HELD}{behind}", depth + 1)
        shown = f"{word}（{name}；{value}）"
        return None if whole is None else replace(whole, texts=tuple(one.replace(_HELD, shown) for one in whole.texts))

    def extreme(self, said: str, depth: int) -> _Read | None:
        """总投资和5万元中较小的, 取小（总投资，5万元）."""
        bare = _BARE_GROUP.fullmatch(said)
        if bare is not None and "(" not in bare[3][:1]:
            both = self.two(bare[3], depth)
            return None if both is None else _extreme(both, greatest=bare["most"] is not None)
        group = _GROUP.fullmatch(said)
        of_several = _OF_SEVERAL.fullmatch(said) if group is None else None
        found = group or of_several
        if found is None:
            return None
        parts = _parted(found[3] if group is not None else found[1], re.compile("[,;、]") if group else _BETWEEN)
        texts = [text for text, _ in parts]
        read = [self.formula(re.sub("^(?:按照|按|以|取|就)", "", text), depth + 1) for text in texts]
        known = [one for one in read if one is not None]
        if len(known) != len(texts) or len(known) < 2:
            return None
        return _extreme(known, greatest=found["most"] is not None)

    def two(self, said: str, depth: int) -> list[_Read] | None:
        """Two amounts with nothing between them, where there is one way to part them."""
        found: list[list[_Read]] = []
        marked = _parted(said, re.compile("[、,;]"))
        cuts = [(said[:at], said[at:]) for at in range(1, len(said))]
        for first, second in cuts if len(marked) != 2 else [(marked[0][0], marked[1][0])]:
            left, right = self.formula(first, depth + 1), self.formula(second, depth + 1)
            if left is not None and right is not None:
                found.append([left, right])
        return found[0] if len(found) == 1 else None

    # ---- formulas ---------------------------------------------------------------------------------------------------

    def formula(self, said: str, depth: int) -> _Read | None:
        """Sums, products, shares, names, numbers with their units."""
        if depth > _NESTED or not said:
            return None
        return self.of_sum(said, depth) if said not in self.names else _Read((said,))

    def of_sum(self, said: str, depth: int) -> _Read | None:
        parts = _parted(said, _ADDED)
        if len(parts) > 1:
            read = [self.of_product(text, depth) for text, _ in parts]
            if all(one is not None for one in read):
                signs = [" " + ("+" if mark["more"] else "−") + " " for _, mark in parts[1:] if mark is not None]
                found = _joined([one for one in read if one is not None], signs, rank=0)
                # 甲减去乙的30%: of the last alone, or of the whole.
                whole, _, part = said.rpartition("的")
                if not whole and (behind := _BEHIND.fullmatch(said)) is not None:
                    whole, part = behind[1], behind[2]
                inner = self.of_sum(whole, depth + 1) if whole and _fraction(part) is not None else None
                also = () if inner is None else tuple(f"{text} {_fraction(part)}" for text in inner.inside(1))
                return replace(found, texts=(*found.texts, *also))
        return self.of_product(said, depth)

    def of_product(self, said: str, depth: int) -> _Read | None:
        parts = _parted(said, _TIMES)
        if len(parts) == 1:
            found = self.single(said, depth)
            return self.each(found.rate, found) if found is not None and found.rate else found
        factors: list[_Read] = []
        signs: list[str] = []
        rate = ""
        for text, mark in parts:
            over = mark is not None and mark["over"] is not None
            if over and text not in self.names and (text in _COUNTED or text in AREA_UNITS):
                # 500 元/户: so much for each.
                if rate or not signs + factors or not factors[-1].texts[0][0].isdecimal():
                    return None
                rate = text
                continue
            factor = self.single(text, depth) or self.plain(text)
            if factor is None or (factor.rate and rate):
                return None
            rate = rate or factor.rate
            signs += [] if mark is None else [" ÷ " if over else " × "]
            factors.append(factor)
        why = ""
        if not rate and " ÷ " not in signs and (unit := self.of_area(factors)):
            money = next(one.texts[0] for one in factors if one.texts[0].endswith("元"))
            rate, why = unit, f"{money}是每{unit}的，"
        if not rate:
            return _joined(factors, signs, rank=1)
        counted = next((n for n, one in enumerate(factors) if self.counts(one.texts[0], rate)), None)
        if counted is None:
            return self.each(rate, factors[0]) if len(factors) == 1 else None
        if rate in AREA_UNITS and " ÷ " not in signs:
            # Money is multiplied with a number: the area has to be one first.
            factors.insert(0, factors.pop(counted))
            counted = 0
        if rate in AREA_UNITS:
            factors[counted] = _Read((f"{factors[counted].texts[0]} ÷ 1 {rate}",), 1, why)
        return _joined(factors, signs, rank=1)

    def of_area(self, factors: list[_Read]) -> str:
        """The unit of an area that an amount of money is multiplied with; '' where none is."""
        types = [self.names.get(one.texts[0]) for one in factors]
        areas = [type_.unit or "" for type_ in types if type_ is not None and type_.kind is Kind.AREA]
        return areas[0] if len(areas) == 1 and any(one.texts[0].endswith("元") for one in factors) else ""

    def altogether(self, said: str, depth: int) -> _Read | None:
        """总投资与已支出之和."""
        found = _ALTOGETHER.fullmatch(said)
        whole, _, share = said.rpartition("的")
        part = _fraction(share) if whole else None
        if part is not None and (inner := self.altogether(f"{whole}之和", depth + 1)) is not None:
            # 甲和乙的30%: of both, or of the last alone.
            single = tuple(f"{text} {part}" for text in inner.texts)
            return replace(inner, texts=(*(f"（{text}） {part}" for text in inner.texts), *single))
        if found is None or depth > _NESTED:
            return None
        read = [self.formula(text, depth + 1) for text, _ in _parted(found[1], _BETWEEN)]
        known = [one for one in read if one is not None]
        if len(known) != len(read) or len(known) < 2:
            return None
        return _joined(known, [" + " if found["more"] else " − "] * (len(known) - 1), rank=0)

    def counted(self, name: str) -> bool:
        """Whether a name says how many."""
        type_ = self.names.get(name)
        return type_ is not None and type_.kind is Kind.INTEGER

    def counts(self, name: str, unit: str) -> bool:
        """Whether a name says how many of a unit there are."""
        type_ = self.names.get(name)
        if type_ is None:
            return name in self.names
        return (
            type_.kind is Kind.AREA if unit in AREA_UNITS else type_.kind is Kind.INTEGER and type_.unit in (unit, None)
        )

    def each(self, unit: str, rate: _Read) -> _Read:
        """So much for each of a unit, where nothing says how many there are."""
        amount = rate.texts[0]
        known = [
            name
            for name, type_ in self.names.items()
            if type_ is not None and self.counts(name, unit) and not name.startswith("计数")
        ]
        exact = [name for name in known if (found := self.names[name]) is not None and found.unit is not None]
        names = exact or known
        parts = [f"{name} ÷ 1 {unit}" if unit in AREA_UNITS else name for name in names]
        if not parts:
            what = "面积" if unit in AREA_UNITS else f"{unit}数"
            why = f"有多少{unit}记在一个字段里（如 {what}），乘上它："
            return _Read((f"{what} ÷ 1 {unit} × {amount}" if unit in AREA_UNITS else f"{what} × {amount}",), 1, why)
        why = "" if len(parts) == 1 else f"按哪个数算每{unit}，就乘哪个数："
        return _Read(tuple(f"{part} × {amount}" for part in parts), 1, why)

    def single(self, said: str, depth: int) -> _Read | None:
        """What holds no sign of its own."""
        if said in self.names:
            return _Read((said,))
        if said.startswith("(") and said.endswith(")") and len(_parted(said[1:-1], re.compile("[)]"))) == 1:
            return self.formula(said[1:-1], depth + 1)
        group = _GROUP.fullmatch(said)
        if group is not None:
            return self.extreme(said, depth + 1)
        rated = _RATE.fullmatch(said)
        if rated is not None and (value := self.value(rated[2] or rated[3])) is not None:
            unit = rated[1] or rated[4]
            return replace(value, rate=unit) if unit in _COUNTED or unit in AREA_UNITS else None
        return self.share(said, depth) or self.value(said)

    def share(self, said: str, depth: int) -> _Read | None:
        """总投资的30%, 总投资一半, 30%的总投资, 两倍总投资."""
        whole = share_of(said, self.names)
        if whole is not None:
            return _Read((whole,), 1)
        for name in sorted((name for name in self.names if name in said), key=len, reverse=True):
            if said.startswith(name) and (part := _fraction(said[len(name) :].removeprefix("的"))) is not None:
                return _Read((f"{name} {part}",), 1)
            if said.endswith(name) and (part := _fraction(said.removesuffix(name).removesuffix("的"))) is not None:
                return _Read((f"{name} {part}",), 1)
        closed = said.rfind(")") + 1
        if said.startswith("(") and closed and (part := _fraction(said[closed:])) is not None:
            inner = self.single(said[:closed], depth + 1)
            return inner and replace(inner, texts=tuple(f"{text} {part}" for text in inner.inside(1)), rank=1)
        for at in [found.start() for found in re.finditer("的", said)]:
            left, right = said[:at], said[at + 1 :]
            for of, part in ((left, _fraction(right)), (right, _fraction(left))):
                inner = None if part is None else self.formula(of, depth + 1)
                if inner is not None:
                    return replace(inner, texts=tuple(f"{text} {part}" for text in inner.inside(1)), rank=1)
        return None

    def value(self, said: str) -> _Read | None:
        """A number with its unit."""
        if said.endswith("内"):
            return None
        shown = None if self.type is None else quantity_said(self.type, said)
        if shown is None:
            shown = spoken.value(said)
            unit = "" if shown is None else shown.partition(" ")[2]
            if unit not in ("元", "万元", "亿元", *AREA_UNITS):
                shown = None
        return None if shown is None else _Read((shown,))

    def plain(self, said: str) -> _Read | None:
        """A number or a share that something is multiplied with."""
        shown = spoken.value(said)
        return None if shown is None or " " in shown.strip("（）") else _Read((shown,))

    def unit_left_out(self, said: str) -> _Read | None:
        """户数 × 500, where money is due."""
        parts = _parted(said, _TIMES)
        if self.type is None or self.type.kind is not Kind.MONEY or len(parts) != 2 or "÷" in said:
            return None
        (first, _), (second, _) = parts if parts[1][0] not in self.names else reversed(parts)
        type_ = self.names.get(first)
        if type_ is None or type_.kind is not Kind.INTEGER or re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", second) is None:
            return None
        units = dict.fromkeys(("元", self.type.unit or "元"))
        return _Read(tuple(f"{first} × {second} {unit}" for unit in units), 1, f"没有写 {second} 的单位；")

    # ---- what is no amount ------------------------------------------------------------------------------------------

    def share_alone(self, said: str) -> _Read | None:
        """30%: of what, nobody says."""
        part = None if self.type is None or self.type.kind in (Kind.RATIO, Kind.DECIMAL) else _fraction(said)
        if part is None or self.type is None:
            return None
        kind = self.type.kind
        names = [
            name for name, type_ in self.names.items() if type_ is not None and type_.kind is kind and "." not in name
        ]
        why = f"没有说是哪个数的 {said}；"
        if not names:
            return _Read((f"甲 {part}",), 1, f"{why}是哪个字段的，就乘在哪个字段后面：")
        return _Read(tuple(f"{name} {part}" for name in names), 1, why)

    def no_amount(self, said: str, depth: int) -> None:
        """3至5万元, 5万元以内, 每户500元、每人200元: what is written instead is raised."""
        if said in _NOTHING and self.decision and self.type is not None and self.type.unit is not None:
            zero = f"{self.decision} 为 0 {self.type.unit}"
            raise _Ask(f"不给的，写“{zero}”；没有规则得出数额的，本来就是“无”，这条规则可以不写")
        within = re.fullmatch("(.+?)(?:以内|之内|以下|左右)", said)
        bound = None if within is None else self.value(within[1])
        if bound is not None and self.decision:
            raise _Ask(
                f"没有写定是多少；最多这么多的，在“决定 {self.decision}”里写“不超过 {bound.texts[0]}”，这里写怎么算"
            )
        if re.match("大?约", said) or re.search("[0-9]%(?:至|到|-|−|~|—)[0-9]", said):
            raise _Ask("没有写定是多少；写定一个数，各有各的数的，记在一个字段里，这里写字段的名称")
        ends = _RANGE.fullmatch(re.sub("^每个?[户人亩]", "", said))
        if ends is not None and self.value(ends[2]) is not None:
            raise _Ask(
                "没有写定是多少；各有各的数的，记在一个字段里，这里写字段的名称；最多、最少是多少，写“不超过”“不少于”"
            )
        several = [self.formula(text, depth + 1) for text, _ in _parted(said, _BETWEEN)]
        known = [one.texts[0] for one in several if one is not None]
        if len(known) == len(several) > 1:
            listed = "；".join(known)
            raise _Ask(
                f"一条规则只写一个数；几个数取最小的写“取小（{listed}）”，取最大的写“取大（{listed}）”，加起来的写“{' + '.join(known)}”"
            )


def _fraction(said: str) -> str | None:
    """× 30%, ÷ 3 for 30%, 三分之一."""
    shown = share_of(f"甲的{said}", {"甲": None})
    return None if shown is None else shown.removeprefix("甲 ")


def _extreme(parts: Iterable[_Read], *, greatest: bool) -> _Read:
    found = _joined([replace(one, rank=2) for one in parts], None, rank=2)
    word = "取大" if greatest else "取小"
    return replace(found, texts=tuple(f"{word}（{text}）" for text in found.texts))


def _joined(parts: list[_Read], signs: list[str] | None, rank: int) -> _Read:
    """Parts joined by ``signs`` (None: by semicolons), for each of what they may be."""
    texts: list[str] = []
    marks = ["；"] * (len(parts) - 1) if signs is None else signs
    # What is divided by, or taken away, keeps its bracket.
    needed = [rank, *(rank + (mark in (" ÷ ", " − ")) for mark in marks)]
    for chosen in islice(product(*(one.inside(need) for one, need in zip(parts, needed, strict=True))), _OPTIONS):
        texts.append("".join(f"{mark}{text}" for mark, text in zip(["", *marks], chosen, strict=True)))
    why = "".join(dict.fromkeys(one.why for one in parts))
    return _Read(tuple(texts), rank, why)


def _parted(said: str, mark: re.Pattern[str]) -> list[tuple[str, re.Match[str] | None]]:
    """The pieces between marks that stand in no bracket, each with the mark before it."""
    found: list[tuple[str, re.Match[str] | None]] = []
    begin, last = 0, None
    for one in mark.finditer(said):
        if said.count("(", 0, one.start()) == said.count(")", 0, one.start()):
            found.append((said[begin : one.start()], last))
            begin, last = one.end(), one
    return [*found, (said[begin:], last)]
