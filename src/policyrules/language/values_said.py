"""Slips in declared lists, terms, limits, defaults, statistics and parameters: 清单 范围 { 好 }, 术语 大：甲 > 5, 上限 5 万元, 求和 项目.投资.

Why this exists: each of them has one word of its own, and offices write another, or none.

Invariants: as in `habits`. The rest of a line is repeated as it was written.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import spoken
from policyrules.language.declared_said import MEASURE, VALUE, number_shown, rest_of_line
from policyrules.language.habits import line_from
from policyrules.language.keywords import KEYWORDS, LIMITS, SYNONYMS
from policyrules.language.stops import CLAUSE_WORDS, END, Stop, Token
from policyrules.source import fold_characters
from policyrules.text import one_line

_LIMITS_SAID: Final = {
    **dict.fromkeys(
        (
            "上限",
            "最多",
            "最高",
            "封顶",
            "至多",
            "不得超过",
            "不能超过",
            "不高于",
            "不大于",
            "最高限额",
            "最高不超过",
            "最多不超过",
        ),
        "不超过",
    ),
    **dict.fromkeys(
        (
            "下限",
            "最少",
            "最低",
            "至少",
            "不得低于",
            "不得少于",
            "不低于",
            "不小于",
            "最低限额",
            "最低不少于",
            "最少不低于",
        ),
        "不少于",
    ),
}
_MEASURES_SAID: Final = {
    **dict.fromkeys(("求和", "总和", "总计", "加总", "总额", "累加", "汇总", "sum"), "合计"),
    **dict.fromkeys(("数量", "个数", "计算", "总数", "数", "统计", "count"), "计数"),
    **dict.fromkeys(("比例", "比重", "占比率", "比率"), "占比"),
    **dict.fromkeys(("去重", "去重计数", "不重复计数", "种类数"), "种数"),
}
_AVERAGES: Final = ("平均", "平均值", "平均数", "均值", "average")
_GROUPS: Final = ("按", "分组", "按照", "分")


_LIST_LINE: Final = re.compile(
    r"(?:(清单|增列)\s+([^\W\d]\w*)\s*(\(\w+\))?)?\s*(?:(?:即|:|=|为|是|包括|包含|含|有|指)\s*)*([{(\[【]?)\s*([^{}()\[\]【】=:]+?)\s*[})\]】]?"
)
_TERM_LINE: Final = re.compile(r"术语\s+([^\W\d]\w*(?:\s*\(\w+\))?(?:\s+对\s+\w+)?)\s*[:：=＝]?\s*(.+)")
_DEFAULT: Final = re.compile(r"(默认值?|缺省值?|其他|其余|否则)(?:\s|为|是|等于|=|:)*")
_UNDECIDED: Final = ("待定", "暂定", "另定", "另行确定", "未确定", "无", "没有")
_PARAMETER: Final = re.compile(
    rf"(参数|读法)\s+([^\W\d]\w*?)\s*(\(\w+\))?\s*(?::\s*(\w+(?:\s*\(\w+\))?))?\s*(?:为|是|=|:|,|默认|缺省|\s)*\s*{MEASURE}(?=\s*(?:$|[。;,]|自|至|依据|授权|取值))"
)
_KINDS: Final = {
    **dict.fromkeys(("元", "万元", "亿元"), "金额（{}）"),
    **dict.fromkeys(("亩", "公顷"), "面积（{}）"),
    **dict.fromkeys(("天", "个月", "年"), "时长（{}）"),
    "%": "比例",
}


def _line(stop: Stop) -> tuple[int, str]:
    """Where the line of the stop begins, and what stands on it, folded, without spaces at its ends and its comment."""
    at = stop.token.start if stop.token.kind != END else stop.back().start
    start = stop.source.text.rfind("\n", 0, at) + 1
    line = re.split("[#＃]", stop.source.text[start:].partition("\n")[0], maxsplit=1)[0]
    start += len(line) - len(line.lstrip())
    return start, fold_characters(line.strip())


def list_without_word(stop: Stop) -> Diagnostic | None:
    """清单 范围 { 好、差 }, 清单 范围：好、差, 包括 { 好、差 }, 增列 范围 即 { 好 }."""
    if stop.keyword not in ("清单", "增列") or stop.index < 2 or "{" in [one.text for one in stop.tokens[: stop.index]]:
        return None
    start, line = _line(stop)
    found = _LIST_LINE.fullmatch(line)
    if found is None or (found[4] == "(" and re.search("[、,;/÷]", found[5]) is None):
        # One word in round brackets is a key.
        return None
    word = "即 " if stop.keyword == "清单" else ""
    head = "" if found[1] is None else f"{found[1]} {found[2]}{(found[3] or '').replace('(', '（').replace(')', '）')} "
    values = VALUE.findall(stop.source.text[start + found.start(5) : start + found.end(5)])
    if not head and (stop.keyword != "清单" or values[0] in (*CLAUSE_WORDS, *SYNONYMS)):
        return None
    meant = f"{head}{word}{{ {'、'.join(values)} }}"
    marked = Token("word", "", start, start + len(line))
    return stop.report(
        "E130", f"“{stop.keyword}”的值写在{'“即”后面的' if word else ''}花括号里", marked, f"写成“{meant}”"
    )


def term_without_word(stop: Stop) -> Diagnostic | None:
    """术语 大额（big）：总投资 > 5 万元, 术语 大额 总投资 > 5 万元, and its formula on a line without 即."""
    if stop.keyword != "术语" or "即" in [one.text for one in stop.tokens[: stop.index]] or stop.index < 2:
        return None
    if "=" in [one.text for one in stop.tokens[: stop.index + 1]]:
        return None
    start, line = _line(stop)
    found = _TERM_LINE.fullmatch(line)
    if found is not None and (stop.token.start > start + found.start(2) - 2):
        first = found[2].split()[0]
        if first in (*KEYWORDS, *SYNONYMS):
            return None
        name = one_line(stop.source.text[start + found.start(1) : start + found.end(1)]).strip()
        rest = one_line(stop.source.text[start + found.start(2) : start + len(line)])
        marked = Token("word", "", start, start + len(line))
        return stop.report("E130", "名称和内容之间写“即”", marked, f"写成“术语 {name} 即 {rest}”")
    if found is None and stop.first_on_line(stop.token) and stop.token.text not in (*KEYWORDS, *SYNONYMS):
        marked = Token("word", "", start, start + len(line))
        rest = one_line(stop.source.text[start : start + len(line)])
        return stop.report("E130", "内容前面缺“即”", marked, f"写成“即 {rest}”")
    return None


def limit_said(stop: Stop) -> Diagnostic | None:
    """上限 5 万元, 最高不超过 5 万元, ≤ 5 万元, 5 万元 封顶: another word for 不超过 in a decision."""
    token = stop.token
    if stop.keyword not in ("决定", "修订") or not stop.at_clause or "且" in stop.expected:
        return None
    whole = rest_of_line(stop, token)
    marked = Token("word", "", token.start, token.start + len(whole))
    apart = "" if stop.first_on_line(token) else "另起一行"
    if token.text in LIMITS and apart:
        return stop.report("E130", f"“{token.text}”写在行首", marked, f"另起一行写“{one_line(whole)}”")
    above = re.fullmatch(rf"{MEASURE}\s*(?:封顶|为上限|为限|以内|以下)", whole)
    if above is not None:
        return stop.report("E124", "上限写“不超过”", marked, f"写成“不超过 {number_shown(above[1], above[2])}”")
    sign = {"≤": "不超过", "<=": "不超过", "≥": "不少于", ">=": "不少于"}.get(token.text)
    if sign is not None and not apart:
        return stop.report("E124", f"“决定”里不写“{token.text}”", token, f"写“{sign}”")
    word = next((word for word in sorted(_LIMITS_SAID, key=len, reverse=True) if token.text.startswith(word)), "")
    if not word or token.kind != "word":
        return None
    rest = re.sub(r"^(?:[:为是至\s]|不超过|不少于)+", "", whole[len(word) :]).strip()
    value = re.fullmatch(MEASURE, rest)
    said = rest if value is None else number_shown(value[1], value[2])
    if not said:
        return None
    meant = f"{_LIMITS_SAID[word]} {said}"
    return stop.report("E124", f"规则语言不写“{word}”", marked, f"另起一行写“{meant}”" if apart else f"写成“{meant}”")


def measure_said(stop: Stop) -> Diagnostic | None:
    """统计 里的 求和, 平均, 按, 计数（项目）, 合计 项目 总投资: other words for what is counted."""
    token, before = stop.token, stop.back()
    if stop.keyword != "统计":
        return None
    if token.text == "(" and before.text in ("计数", "合计", "占比", "种数"):
        inside = [one.text for one in stop.tokens[stop.index + 1 : stop.index + 5]]
        end = next((n for n, text in enumerate(inside) if text == ")"), 0)
        if end:
            marked = Token("word", "", before.start, stop.tokens[stop.index + 1 + end].end)
            meant = f"{before.text} {''.join(inside[:end])}"
            return stop.report("E124", f"“{before.text}”后面不加括号", marked, f"写成“{meant}”")
    if stop.back(2).text in ("合计", "种数", "占比") and token.kind == "word" and token.text not in KEYWORDS:
        marked = Token("word", "", before.start, token.end)
        return stop.report("E130", "对象和字段之间写“.”", marked, f"写成“{before.text}.{token.text}”")
    if not stop.at_clause or token.kind != "word" or token.text in KEYWORDS:
        return None
    if token.text in _AVERAGES:
        said = [one.text for one in line_from(stop, stop.index + 1)]
        what = "".join(said[:3]) if said[1:2] == ["."] else "项目.字段"
        remedy = f"分成两个统计，一个写“合计 {what}”，一个写“计数 {what.partition('.')[0]}”，用的地方写一个 ÷ 另一个"
        return stop.report("E124", f"规则语言没有“{token.text}”", token, remedy)
    if token.text in _GROUPS and stop.index > 2:
        rest = [one for one in line_from(stop, stop.index + 1) if one.kind == "word"]
        what = "、".join(one.text.removesuffix("分组").removesuffix("统计") for one in rest) or "字段"
        marked = Token("word", "", token.start, rest[-1].end if rest else token.end)
        return stop.report("E124", f"规则语言不写“{token.text}”", marked, f"每一组各算各的，写成“相同 {what}”")
    meant_word = _MEASURES_SAID.get(token.text.casefold())
    return (
        None if meant_word is None else stop.report("E124", f"规则语言不写“{token.text}”", token, f"写“{meant_word}”")
    )


def measured_here(stop: Stop) -> Diagnostic | None:
    """占比 or 种数 in a condition, as if it were 计数 or 合计."""
    taken, of = stop.back(), stop.token
    if taken.text not in ("占比", "种数") or stop.keyword == "统计" or of.kind != "word" or stop.first_on_line(taken):
        return None
    rest = [token.text for token in stop.tokens[stop.index + 1 : stop.index + 4]]
    field = f".{rest[1]}" if rest[:1] == ["."] and len(rest) > 1 else ""
    what = f"{taken.text} {of.text}{field}"
    if "其中" in rest:
        what += "，下一行写 其中 …（原来的条件）"
    match = "，下一行写 符合 …（占比的分子）" if taken.text == "占比" else ""
    remedy = f"另写 统计 名称，下一行写 {what}{match}；这里写统计的名称"
    return stop.report("E129", f"“{taken.text}”只在“统计”里算", taken, remedy)


def default_said(stop: Stop) -> Diagnostic | None:
    """参数 … 默认 5 万元, 决定 … 缺省 好, 默认 = 好, 默认为好: the word for what holds otherwise."""
    if stop.keyword not in ("参数", "读法", "决定") or stop.index < 2:
        return None
    if stop.keyword != "决定" and stop.at_clause and stop.token.text in _UNDECIDED[:5]:
        return stop.report("E124", f"规则语言不写“{stop.token.text}”", stop.token, "写“未定”")
    right = "默认" if stop.keyword == "决定" else "缺省"
    first = next((one for one in (stop.back(), stop.token) if _DEFAULT.match(one.text)), None)
    if first is None or (first.text in ("其他", "其余", "否则") and (right != "默认" or not stop.first_on_line(first))):
        return None
    rest = rest_of_line(stop, first)
    found = _DEFAULT.match(rest)
    value = None if found is None else re.match(r"[0-9.]+|\w+|“[^“”]*”", rest[found.end() :])
    if found is None or value is None or rest.startswith(f"{right} {value[0]}") or value[0] in KEYWORDS:
        return None
    end = first.start + found.end() + value.end()
    shown = stop.source.text[end - len(value[0]) : end]
    marked = Token("word", "", first.start, end)
    return stop.report("E129", f"“{stop.keyword}”里写“{right}”和值", marked, f"写成“{right} {shown}”")


def _bound_said(stop: Stop) -> Diagnostic | None:
    """设定 甲 为 不低于 40%, 为 低于40%: which side counts is said where the number is compared."""
    first = next((one for one in (stop.back(2), stop.back(), stop.token) if _BOUND.match(one.text)), None)
    if stop.keyword != "设定" or first is None or first.start < stop.tokens[0].end:
        return None
    rest = rest_of_line(stop, first)
    value = spoken.value("".join(_BOUND.sub("", rest).split()))
    if value is None:
        return None
    marked = Token("word", "", first.start, first.start + len(rest))
    return stop.report("E116", f"这里只写一个数，不写“{_bound(rest)}”", marked, f"写成“{value}”")


def _bound(text: str) -> str:
    found = _BOUND.match(text)
    return "" if found is None else found[0].strip()


_BOUND: Final = re.compile(
    "(?:不(?:低于|高于|少于|多于|超过|大于|小于)|(?:低于|高于|少于|多于|超过|大于|小于|不足|至少|至多|最多|最少|达到)|[≥≤<>]=?)[ \t\u3000]*"
)


def parameter_said(stop: Stop) -> Diagnostic | None:
    """参数 上限：5 万元, 参数 上限 5 万元, 参数 上限：金额（万元）：5 万元: a value without its sign, or without a type."""
    token = stop.ahead() if stop.token.text == "," else stop.token
    if stop.keyword == "设定" and stop.index == 2 and token.kind in ("number", "date", "quote"):
        rest = rest_of_line(stop, token)
        whole = re.match(MEASURE + r"(?=\s|$)", rest)
        end = token.end if whole is None else token.start + whole.end()
        marked = Token("word", "", token.start, end)
        return stop.report("E130", "值前面缺“为”", marked, f"写成“为 {one_line(stop.source.text[token.start : end])}”")
    if (bound := _bound_said(stop)) is not None:
        return bound
    if stop.keyword not in ("参数", "读法") or token.kind != "number":
        return None
    if token is stop.token and stop.at_clause and ":" in [one.text for one in stop.tokens[: stop.index]]:
        return None
    start, line = _line(stop)
    found = _PARAMETER.match(line)
    if found is None or start != stop.tokens[0].start or found.start(5) != token.start - start:
        return None
    value = number_shown(found[5], found[6])
    key = (found[3] or "").replace("(", "（").replace(")", "）")
    type_ = (found[4] or parameter_type(found[6])).replace("(", "（").replace(")", "）")
    marked = Token("word", "", start, start + found.end())
    remedy = f"写成“{found[1]} {found[2]}{key}：{type_} = {value}”；没有设定时先用的，“=”换成“缺省”"
    if found[4] is not None:
        return stop.report("E130", "值前面缺“=”或“缺省”", marked, remedy)
    return stop.report("E133", f"“{found[1]} {found[2]}”没有写类型", marked, remedy)


def parameter_type(unit: str) -> str:
    """The type of a parameter whose value has a unit.

    >>> parameter_type("万元"), parameter_type("%"), parameter_type("户"), parameter_type("")
    ('金额（万元）', '比例', '整数（户）', '整数')
    """
    return _KINDS.get(unit, "整数（{}）" if unit else "整数").format(unit)
