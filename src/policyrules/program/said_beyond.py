"""What documents say and rules have no word for: 每半年一次, 连续两年以上亏损, 收益前10%, 30日内登记, 不足10户的按10户.

Why this exists: the rest of such a phrase is often a condition of its own, and whoever leaves out what stands before it writes
a rule with another meaning. Each is known here with the fact to record instead, and the text that asks for it.

Invariants: what a phrase leaves open (from which day, which of two) is told as such, and no one of them is picked; nothing is
given that leaves a part of the phrase out. Only what is left over when a condition is understood is read here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from policyrules.language import spoken
from policyrules.language.times_said import deadline_meant
from policyrules.program.bound_words import SIGN, SIGNS
from policyrules.types import NUMERIC, Kind, Type

_NUMBER: Final = "(?:[0-9]+|[一二两三四五六七八九十百]+)"
_LENGTH: Final = rf"(?:{_NUMBER}(?:个?工作日|个?工作天|年半|个?月|个?季度|年度?|周|个?星期|天|日)|半年)"
_EVERY: Final = re.compile(
    rf"(?P<said>每(?:个|隔)?(?P<length>半年|{_LENGTH}|年度?|季度?|月度?|周|星期|旬)(?:[末底初])?)(?:至少|最少|不少于|应当?|都|均|要)*"
    rf"(?:开展|进行|组织|实施|完成)?(?:(?P<times>{_NUMBER})次)?(?:的)?(?P<rest>.*)"
)
_IN_A_ROW: Final = re.compile(
    rf"(?P<before>.*?)(?:已|已经)?(?P<said>(?:连续|持续)(?:满|超过|达到?|不少于)?(?P<length>{_LENGTH})(?:(?:及|和|或)?以上|的)?)(?:都|均|皆|的)?(?P<behind>.*)"
)
_FOR_SO_LONG: Final = re.compile(rf"({_LENGTH})(?:及|和|或)?以上(?:连续|持续)")
_RANKED: Final = re.compile(
    r"(?P<subject>.*?)(?P<said>(?:的?(?:排名|排序|名次|位次))?(?:位于|位居|处于|进入|排在|居于|列|居|排|在|为|属于|位列)?(?:全[县市省国乡镇村]+的?)?"
    rf"(?:(?P<front>前|后|末位?|倒数|最后|末尾)第?(?P<figure>[0-9.]+[%名位个]|百分之{_NUMBER}|{_NUMBER}(?:成|分之{_NUMBER}|[名位个]))"
    r"|名列前茅|排名靠前|排名靠后|排名(?:第一|最后|末位)))(?:以内|之内|内|的)*"
)
_ON_AVERAGE: Final = re.compile(
    rf"(?P<subject>.+?)(?P<sign>{SIGN.pattern})(?P<said>(?:全[县市省国乡镇村]+)?(?:的)?(?:平均(?:水平|数|值)?|均值|均线|中位数|中位值))(?:以上|以下)?的?"
)
_WITHIN: Final = re.compile(
    rf"(?:在|自|于|从)?(?P<since>.*?)(?:之?日起|起|之后|以后|后)?的?(?P<said>(?P<length>{_LENGTH})(?:之内|以内|内)),?(?:完成|办理|予以|进行)?(?P<done>.*)"
)
_BY_A_DAY: Final = re.compile(
    "(?:在|于)?(?P<said>(?P<day>[0-9年月日底末次翌每当本今季度号上下半中旬三二一四]+)(?:之前|以前|前)),?(?:完成|办理)?(?P<done>.+)"
)
_VAGUE: Final = re.compile(
    "(?P<said>原则上|一般|通常|尽量|尽可能|力争|及时|立即|尽快|尽早|适时|酌情|视情况?|视情形|根据实际|结合实际|因地制宜|切实|积极|优先|逐步|从严|合理|适当|充分)(?:予以|给予|地)?(?P<rest>.*)"
)
_COUNT: Final = r"[0-9][0-9.]*(?:[万亿]?元|个月|公[里顷斤]|平方米|[^\W\d])"
COUNTED_AS: Final = (
    rf"(?<![不得能应可未])(?:(?P<less>不足|不满|未满|不到|低于|少于)|超过|超出|高于|大于|多于)(?P<value>{_COUNT})(?:的部分|部分|的)?,?"
    rf"(?:一律|均|都|也|可)?(?:按照?(?P<to>{_COUNT})(?:标准)?(?:计算|计|算|补助|执行|发放)?|(?P<none>不(?:予?补助?|计算?|算)))"
)
"""How a number is counted as another: 不足10户的按10户, but not 不超过10户的按8户, which asks."""
_COUNTED_AS: Final = re.compile(rf"(?P<subject>.*?),?\(?(?P<said>{COUNTED_AS})\)?")
_TIMES: Final = re.compile(rf"(?P<times>{_NUMBER})次$")
_YEARS_AT_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Beyond:
    """``said``: the words that rules do not know; ``remedy``: what to record and write instead; ``sure``: whether they are what is
    wrong, whatever else could be told of the same place."""

    said: str
    remedy: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an object. ``names``: with their types, where those are known; ``dated``: the date of what happened, by its
    name; ``read``: a condition as it is written, where it is understood; ``yearly``: rows with a field for the year, and how the
    condition is written of one of them; ``root``: what the ledger has one row for."""

    names: Mapping[str, Type | None]
    dated: Mapping[str, str]
    read: Callable[[str], str | None]
    yearly: Callable[[str], tuple[str, str, str] | None]
    root: str


def beyond(known: Known, said: str) -> Beyond | None:
    """What to record and write for a phrase, all of it in one piece; None where it is no such phrase."""
    if said.startswith("年内") and (asked := known.read(f"当{said}")) is not None:
        return Beyond("年内", f"写成“{asked}”")
    return (
        _counted_as(known, said)
        or _every(known, said)
        or _in_a_row(known, said)
        or _on_average(known, said)
        or _ranked(known, said)
        or _within(known, said)
        or _by_a_day(known, said)
        or _vague(known, said)
        or _about(known, said)
        or _step_by_step(said)
        or _no_subject(known, said)
    )


def _every(known: Known, said: str) -> Beyond | None:
    """每半年 停产核查, 每年 带动户数 ≥ 10 户."""
    found = _EVERY.fullmatch(said)
    length = None if found is None else spoken.each(found["length"])
    if found is None or length is None:
        return None
    rest = found["rest"]
    condition = known.read(rest) if rest else None
    of_rows = known.yearly(rest) if rest else None
    condition = condition or (of_rows and of_rows[2])
    if condition is not None and " " in condition:
        asked = f"全部 {of_rows[0]} 满足（{of_rows[2]}）" if of_rows else f"全部 明细 满足（{condition}）"
        remedy = f"每一期的数一期一行记在明细表里，写“{asked}”；只有一个数的，写“{condition}”"
        return Beyond(found["said"], remedy)
    done = _TIMES.sub("", rest)
    times = found["times"] or (_TIMES.search(rest) or {"times": "1"})["times"]
    count = (int(times) if times.isdecimal() else spoken.integer(times)) or 1
    number, _, unit = length.partition(" ")
    months = int(number) * {"年": 12, "个月": 1}.get(unit, 0)
    counted = f"日期 ≥ 评估日 − {length}", count
    if months and 12 % months == 0:
        counted = "日期 之年 = 当年", 12 // months * count
    in_rows = f"一次一行记在明细表里，写“计数 明细 其中（{counted[0]}） ≥ {counted[1]}”"
    if count > 1:
        return Beyond(found["said"], f"没有周而复始的写法；{in_rows}")
    day = f"最近{done.removeprefix('已') or '一次'}日"
    remedy = f"没有周而复始的写法；最近一次的日子记在一个日期字段里（如 {day}），写“评估日 ≤ {day} + {length}”"
    if counted[0].endswith("当年"):
        remedy += f"；看一年里有几次的，{in_rows}"
    return Beyond(found["said"], remedy)


def _in_a_row(known: Known, said: str) -> Beyond | None:
    """连续两年以上 停产, 连续三年 利润 < 0 万元."""
    found = _IN_A_ROW.fullmatch(_FOR_SO_LONG.sub(r"连续\1以上", said))
    length = None if found is None else spoken.length(_whole(found["length"]))
    if found is None or length is None:
        return None
    rest = found["before"] + found["behind"]
    for text in (f"{rest}连续{_whole(found['length'])}以上", f"{rest}满{length}", f"{rest}{length}以上"):
        asked = known.read("".join(text.split())) if rest else None
        if asked is not None:
            return Beyond(found["said"], f"写成“{asked}”")
    of_rows = known.yearly(rest) if rest else None
    condition = (known.read(rest) if rest else None) or (of_rows and of_rows[2])
    years = re.fullmatch("([0-9]+) 年", length)
    if condition is None or years is None:
        number, unit = length.partition(" ")[::2]
        name = f"连续{'月' if unit == '个月' else unit[-1]}数"
        counted = f"连续了多久已经是一个数的，记在一个字段里（如 {name}），写“{name} ≥ {number}”"
        since = f"从某一天起一直这样的，那一天记在日期字段里，写“日期 起满 {length}”"
        return Beyond(found["said"], f"{since}；{counted}")
    rows, year, text = of_rows or ("年度情况", "年份", condition)
    many = int(years[1])
    if not 2 <= many <= _YEARS_AT_MOST:
        return Beyond(found["said"], f"连续了几年记在一个字段里（如 连续年数），写“连续年数 ≥ {many}”")
    others = [f"任一 其他 {rows} 满足（{year} = 本.{year} + {n} 年 且 {text}）" for n in range(1, many)]
    asked = f"任一 {rows} 满足（{text} 且 {' 且 '.join(others)}）"
    if of_rows:
        return Beyond(found["said"], f"写成“{asked}”")
    counted = f"连续了几年已经是一个数的，记在一个字段里（如 连续年数），写“连续年数 ≥ {many}”"
    return Beyond(found["said"], f"一年一行记在明细表里（如 {rows}，其中有 {year}），写“{asked}”；{counted}")


def _whole(length: str) -> str:
    return re.sub("年度$", "年", length)


def _ranked(known: Known, said: str) -> Beyond | None:
    """收益 前10%, 收益 排名 后三名, 名列前茅."""
    found = _RANKED.fullmatch(said)
    if found is None:
        return None
    what = found["subject"].removesuffix("的")
    what = what if what in known.names else ""
    last = found["front"] not in (None, "前") or "后" in found["said"]
    figure = spoken.value(found["figure"]) if found["figure"] else None
    if figure is not None and figure.endswith("%"):
        name = f"{what}名次占比"
        asked = f"{name} > {(100 - Decimal(figure[:-1])).normalize():f}%" if last else f"{name} ≤ {figure}"
        field = f"{name}：比例"
    elif figure is not None and "÷" in figure:
        name = f"{what}名次占比"
        part, _, whole = figure.strip("（）").partition(" ÷ ")
        asked = f"{name} > {int(whole) - int(part)} ÷ {whole}" if last else f"{name} ≤ {part} ÷ {whole}"
        field = f"{name}：比例"
    else:
        name = f"{what}{'倒数' if last else ''}名次"
        number = "…" if figure is None else figure.partition(" ")[0]
        asked, field = f"{name} ≤ {number}", f"{name}：整数"
    return Beyond(found["said"], f"规则里不排名次；名次排好，记在一个字段里（如 {field}），写“{asked}”")


def _on_average(known: Known, said: str) -> Beyond | None:
    """收益 高于 全县平均水平."""
    found = _ON_AVERAGE.fullmatch(said)
    type_ = None if found is None else known.names.get(found["subject"])
    if found is None or type_ is None or type_.kind not in NUMERIC:
        return None
    sign, name = SIGNS[SIGN.match(found["sign"])[1]] or "=", found["subject"]  # type: ignore[index]  # what found it has one
    if "中位" in found["said"]:
        remedy = f"规则里不算中位数；算好的数写成参数（如 中位数），写“{name} {sign} 中位数”"
        return Beyond(found["said"], remedy)
    remedy = (
        f"另写两条“统计”，一条 合计 {known.root}.{name}（如 {name}总数），一条 计数 {known.root}（如 {known.root}总数），"
        f"两条都写 相同 和 其中 说明算哪些，这里写“{name} {sign} {name}总数 ÷ {known.root}总数”"
    )
    return Beyond(found["said"], remedy)


def _within(known: Known, said: str) -> Beyond | None:
    """30日内 登记, 建成后30日内 登记."""
    found = _WITHIN.fullmatch(said)
    length = None if found is None else spoken.length(found["length"])
    if found is None or length is None:
        return None
    done = re.sub("(?:完成|完毕|到位|的|已填)$", "", found["done"])
    if not done and not found["since"].startswith(tuple(known.names)):
        # 登记 30日内.
        found_since, done = "", found["since"]
    else:
        found_since = found["since"]
    if not done or re.search(r"[^\w]", done) is not None:
        return None
    bare = done.removeprefix("已")
    day = _day(known, done)
    own = day or f"{bare}日"
    start = _day(known, found_since) if found_since else None
    since = start or (f"{found_since.removesuffix('日')}日" if found_since else "起算日")
    lead = "" if day else f"哪一天{bare}的记在一个日期字段里（如 {own}），"
    if not found_since:
        lead = f"没有说从哪一天算起；{lead}起算日换成那一天的字段，"
    asked = f"{own} 已填 且 {own} ≤ {since} + {length}"
    remedy = f"{lead}写“{asked}”；应当做到的，下一行再写“期限 {since} + {length}”"
    if not found_since and "工作日" not in length:
        remedy += f"；说的是最近这段时间的，写“{own} ≥ 评估日 − {length}”"
    return Beyond(found["said"], remedy, sure=not found_since)


def _by_a_day(known: Known, said: str) -> Beyond | None:
    """2025年底前 已验收, 10月底前 登记."""
    found = _BY_A_DAY.fullmatch(said)
    if found is None:
        return None
    until, condition = deadline_meant(f"{found['day']}前"), known.read(found["done"])
    remedy = None if until is not None else spoken.day_remedy(f"{found['day']}前", due=True)
    if until is None and remedy is None:
        return None
    own = _day(known, found["done"])
    done = condition or (f"{own} 已填" if own else found["done"])
    by = f"写“期限 {until}”" if until is not None else re.sub("^写成", "写 期限", remedy or "")
    day = own or f"{found['done'].removeprefix('已')}日"
    asked = f"；问那一天以前做没做的，写“{day} ≤ {until}”" if until is not None else ""
    return Beyond(found["said"], f"要在哪一天以前做到的，这里写“{done}”，另起一行：{by}{asked}", sure=False)


def _vague(known: Known, said: str) -> Beyond | None:
    """及时 已验收, 视情况 停产: how much, or by when, nobody says."""
    found = _VAGUE.fullmatch(said)
    if found is None or not found["rest"]:
        return None
    condition = known.read(found["rest"])
    if condition is None:
        return None
    remedy = (
        f"“{found['said']}”到什么程度，规则里算不出；有日子的，写“{condition}”，下一行加“期限”；"
        "要人来判断的，另设一个“研判”，这里写它的名称；都没有的，这条不产出结论，不写规则"
    )
    return Beyond(found["said"], remedy, sure=False)


def _about(known: Known, said: str) -> Beyond | None:
    """带动户数 十几户, 年收益 几十万元, 带动户数 10余户: how many, nobody says for sure."""
    for name in sorted((one for one in known.names if said.startswith(one)), key=len, reverse=True):
        found = _SOME_DOZEN.fullmatch(said[len(name) :])
        type_ = known.names[name]
        if found is not None and type_ is not None and type_.kind in NUMERIC:
            return Beyond(found[0], f"没有说准是多少；写明从多少到多少：{name} 介于 … 至 …，或只写一头：{name} ≥ …")
    return None


_SOME_DOZEN: Final = re.compile(
    "(?:为|是|有|达到?|近|将近|接近|约)?(?:[0-9一二两三四五六七八九十百千万]*[几数余多][十百千万]*|上[十百千万]|近[0-9.]+[万千]?)(?:余|多)?[^0-9]{1,3}"
)


def _step_by_step(said: str) -> Beyond | None:
    """逐级 审核, 村乡县层层上报: who does so one after another."""
    found = re.fullmatch("[村乡镇县市省、,]*(?P<said>逐级|层层|分级|按程序|按规定程序)(?P<done>.+)", said)
    if found is None:
        return None
    done = found["done"].removesuffix("的")
    fields = f"乡镇已{done} 且 县级已{done}"
    remedy = f"经过哪几级，各级各记一个字段，用“且”连起来，如“{fields}”；先后要紧的，记日期，再比早晚"
    return Beyond(found["said"], remedy, sure=False)


def _no_subject(known: Known, said: str) -> Beyond | None:
    """少于3户, 家数不少于3家: what is compared is not said, or is no name."""
    for mark in SIGN.finditer(said):
        shown, sign = spoken.value(said[mark.end() :]), SIGNS[mark[1]]
        if shown is None or not sign or len(mark[1]) < _SHORTEST or not shown[0].isdecimal():
            continue
        subject = said[: mark.start()]
        if subject and (subject in known.names or not subject.isidentifier()):
            continue
        if subject:
            return Beyond(
                said, f"“{subject}”不是已经声明的名称，检查是否写错；声明以后，写“{subject} {sign} {shown}”", sure=False
            )
        unit = shown.partition(" ")[2] or ("%" if shown.endswith("%") else "")
        fitting = [
            name
            for name, type_ in known.names.items()
            if type_ is not None and (type_.unit == unit or (unit == "%" and type_.kind is Kind.RATIO))
        ]
        name = fitting[0] if fitting else "甲"
        lead = "没有说是哪个数；是" if fitting else "没有说是哪个数；那个数叫"
        return Beyond(said, f"{lead}{name}的，写“{name} {sign} {shown}”", sure=False)
    return None


_SHORTEST: Final = 2


def _day(known: Known, said: str) -> str | None:
    """The date field that words call so: 停产, 已验收, 建成日."""
    type_ = known.names.get(said)
    if type_ is not None and type_.kind is Kind.DATE:
        return said
    return known.dated.get(said) or known.dated.get(said.removeprefix("已")) or None


def _counted_as(known: Known, said: str) -> Beyond | None:
    """带动户数 不足10户的按10户, in what is asked instead of what is reckoned."""
    found = _COUNTED_AS.fullmatch(said)
    if found is None or found["none"]:
        return None
    values = [spoken.value(found[one]) for one in ("value", "to")]
    if None in values:
        return None
    name = found["subject"] if found["subject"] in known.names else "甲"
    word = "取大" if found["less"] else "取小"
    if values[0] == values[1]:
        remedy = f"这是怎样算数，不是条件；算的地方写“{word}（{name}；{values[1]}）”"
        return Beyond(found["said"], f"{remedy}{'，甲换成那个数' if name == '甲' else ''}")
    sign = "<" if found["less"] else ">"
    return Beyond(found["said"], f"分成两条规则，一条“当 {name} {sign} {values[0]}”，按 {values[1]} 算，一条照常算")
