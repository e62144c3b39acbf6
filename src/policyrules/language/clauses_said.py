"""Slips in the clauses of provisions: 自 … 起施行, 义务 里的 则, 应当不得, 不得 当, 则 分类 不为 升级, 提示 里的 “…”, 备注.

Why this exists: a document says when it is in force, what must be done and what is not to be in many words; the language has one
for each, and says nothing of what a rule does not come to.

Invariants: as in `habits`. What is demanded stays demanded, what is forbidden stays forbidden, and a day stays the day.
"""

from __future__ import annotations

import datetime
import re
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import nodes, spoken
from policyrules.language.habits import clause_of, line_from, written
from policyrules.language.keywords import CLAUSES, CONDITIONS, KEYWORDS, LIMITS, SYNONYMS
from policyrules.language.layout import date_text
from policyrules.language.stops import CLAUSE_WORDS, COMPARISON_SIGNS, END, JOINERS, OPERATOR_WORDS, Stop, Token
from policyrules.language.times_said import deadline_meant
from policyrules.source import fold_characters
from policyrules.text import one_line

_DAY: Final = r"([0-9]{4}) *年 *([0-9]{1,2}) *月 *([0-9]{1,2}) *日"
_YEAR: Final = r"([0-9]{4}) *年度?(?!\s*[0-9])"
_FORCE: Final = r"(?:起?\s*(?:开始|正式)?\s*(?:施行|执行|实施|生效|试行|实行|适用|有效))"
_FROM: Final = re.compile(
    rf"(?:自|从|于|(?:施行|生效|实施|执行|起始)(?:日期|时间)?\s*:?)?\s*{_DAY}\s*(?:之日)?\s*(?:{_FORCE}|起|开始)?"
)
_TO: Final = re.compile(
    rf"(?:有效期|有效|执行|实施|施行)?\s*(?:终止日期|失效日期|截止日期|截止时间|截止到|截至|截止|至|到|止于)\s*:?\s*{_DAY}\s*(?:为止|止|废止|失效|前)?"
    rf"|{_DAY}\s*(?:为止|止|废止|失效)"
)
_BOTH_DAYS: Final = re.compile(
    rf"(?:有效期限?|执行期限?|施行期限?|有效时间|实施时间|执行时间)\s*:?\s*[为是]?\s*(?:自|从)?\s*{_DAY}\s*(?:起)?\s*(?:至|到|-|—+|~)\s*{_DAY}\s*(?:为?止)?"
)
_TERM: Final = re.compile(r"(?:有效期|试行期|执行期)\s*:?为?\s*(\w+?)\s*年")
_FROM_YEAR: Final = re.compile(rf"(?:自|从)\s*{_YEAR}\s*(?:{_FORCE}|起|开始)?")
_UNDATED: Final = re.compile(
    r"(?:自|从)?\s*(?:本\w{0,6}|文件)?(?:发布|印发|公布|下发|颁布|通过|签发|印制|批准)之?日\s*(?:起|开始)?\s*\w*"
)
_ALSO: Final = re.compile(r"[\s,;、。]*")
_THEN: Final = ("则", "那么", "那", "就")
_DEMANDS: Final = ("应当", *(word for word, meant in SYNONYMS.items() if meant == ("应当",)))
_FORBIDS: Final = ("不得", *(word for word, meant in SYNONYMS.items() if meant == ("不得",)))
_NEITHER: Final = (
    "应当不得",
    "应不得",
    "不得应当",
    "不应当",
    "不应",
    "不应该",
    "不该",
    "不要",
    "不允许",
    "不可以",
    "应当不",
)
_NEGATIVE: Final = ("不为", "不是", "≠", "<>", "!=", "不得", "非", "不", "不含", "并非", "不得为", "不能为", "不列为")
_INNER: Final = {*CONDITIONS} - {"期限", "当", "适用", *LIMITS}
_NOTES: Final = ("备注", "注", "注释", "附注", "解释", "说明文字", "注意")


def in_force(stop: Stop) -> Diagnostic | None:
    """自 2025年1月1日 起施行, 2025年1月1日起执行，有效期至 2026年12月31日, 有效期 5 年, 自发布之日起施行."""
    if (
        stop.keyword not in CLAUSES
        or "至" not in CLAUSES[stop.keyword].all
        or (stop.token.kind == END and stop.index < 2)
    ):
        return None
    text, at = stop.source.text, stop.token.start if stop.token.kind != END else stop.back().start
    start = text.rfind("\n", 0, at) + 1
    line = re.split("[#＃]", fold_characters(text[start:].partition("\n")[0]), maxsplit=1)[0].rstrip(" \t\u3000。;,")
    start, said = start + len(line) - len(line.lstrip(" \t\u3000")), line.lstrip(" \t\u3000")
    if start < stop.tokens[0].end:
        return None
    meant = _meant_days(said)
    if meant is None or "".join(meant.split()) == "".join(said.split()):
        return None
    marked = Token("word", "", start, start + len(said))
    until = re.fullmatch("写成“至 (.+) 止”", meant)
    if (
        until is not None
        and "期限" in CLAUSES[stop.keyword].all
        and re.search("有效|废止|失效|执行|施行|实施", said) is None
    ):
        # Of a duty it may be the day by which it is to be done.
        remedy = f"要在这一天以前做到的，写成“期限 {until[1]}”；规定本身到这一天为止的，写“至 {until[1]} 止”"
        return stop.report("E124", f"规则语言不写“{one_line(said)}”", marked, remedy)
    if meant.startswith("从"):
        return stop.report("E124", "没有写是哪一天", marked, meant)
    return stop.report("E124", "有效期写“自 … 起”和“至 … 止”", marked, meant)


def deadline(stop: Stop) -> Diagnostic | None:
    """期限为 2025年10月31日, 限期 …, 于 2025年10月31日 前, 2025年10月31日前: the day by which a duty is to be done."""
    if stop.keyword not in ("义务", "禁令") or stop.index < 2:
        return None
    at = stop.token.start if stop.token.kind != END else stop.back().start
    start = stop.source.text.rfind("\n", 0, at) + 1
    line = re.split("[#＃]", stop.source.text[start:].partition("\n")[0], maxsplit=1)[0]
    start += len(line) - len(line.lstrip())
    line = fold_characters(line.strip()).rstrip("。;,")
    short = len(line) <= _LONGEST_LINE
    before = (_BEFORE_DEMAND.fullmatch(line) or _WITHIN_DEMAND.fullmatch(line)) if short else None
    if before is not None:
        word, rest = before["word"] or "应当", before["rest"].strip(" ,")
        word = "应当" if stop.keyword == "义务" and word in _DEMANDS else word
        marked = Token("word", "", start, start + len(line))
        until = tuple(part for part in before.groups() if part is not None and part.isdecimal())
        remedy = f"写成两行，先“{word} {rest}”，后“期限 {_shown(until[:3])}”"
        return stop.report("E124", "要在哪一天以前做到，另写一行“期限”", marked, remedy)
    by_then = re.match(r"(?:期限|时限|限期|完成时限|办理时限)(?:为|是|:|\s)+(.+)", line) if short else None
    last = None if by_then is None else deadline_meant("".join(by_then[1].split()))
    if (
        by_then is not None
        and last is not None
        and last != "".join(by_then[1].split())
        and not _DAY_ALONE.fullmatch(by_then[1])
    ):
        marked = Token("word", "", start, start + len(line))
        return stop.report("E124", "期限写全年月日", marked, f"写成“期限 {last}”")
    found = None if re.match(r"期限\s+[^≤<>=在于至不截]", line) else _DEADLINE.fullmatch(line)
    by = None if found is not None else re.match(r"(?:期限|时限|限期)(?:为|是|:|\s)+(?=\S)", line)
    if found is None and (by is None or not re.search("为|是|时限|限期", by[0])):
        return None
    parts = tuple(part for part in found.groups() if part is not None) if found is not None else ()
    day = _shown(parts) if parts else one_line(line[by.end() :] if by is not None else "")
    marked = Token("word", "", start, start + len(line))
    return stop.report("E124", "要在哪一天以前做到，写“期限”", marked, f"写成“期限 {day}”")


_DAY_ALONE: Final = re.compile(rf"{_DAY}\s*(?:之前|以前|前|为止|止)?")
_BY_THEN: Final = r"(?:为|是|在|于|至|到|≤|<=|不晚于|不迟于|截至|截止|截止到|:|\s)"
_DEADLINE: Final = re.compile(
    rf"(?:(?:期限|时限|限期|完成时限|办理时限|于|在){_BY_THEN}*)?{_DAY}\s*(?:之前|以前|前|底前|内)"
    rf"|(?:期限|时限|限期|完成时限|办理时限){_BY_THEN}+{_DAY}(?:为?止)?"
)
_DEMAND: Final = rf"(?P<word>{'|'.join(sorted((*_DEMANDS, *_FORBIDS), key=len, reverse=True))})"
_BEFORE_DEMAND: Final = re.compile(rf"(?:于|在)?\s*{_DAY}\s*(?:之前|以前|前|底前)\s*,?\s*{_DEMAND}(?P<rest>[^,;。]+)")
_WITHIN_DEMAND: Final = re.compile(rf"{_DEMAND}\s*(?:于|在)?\s*{_DAY}\s*(?:之前|以前|前|底前)\s*,?(?P<rest>[^,;。]+)")


def _meant_days(said: str) -> str | None:
    """The remedy for the time in which something is in force."""
    if _UNDATED.fullmatch(said) is not None:
        return "从哪一天起有效，就写那一天：自 2025年1月1日 起；整份文件从哪天起施行，写在 layer.yaml 里，这里不用写"
    both = _BOTH_DAYS.fullmatch(said)
    if both is not None:
        return f"写成“自 {_shown(both.groups()[:3])} 起 至 {_shown(both.groups()[3:])} 止”"
    term = _TERM.fullmatch(said)
    if term is not None:
        return "从哪一天到哪一天，写明两个日子：自 2025年1月1日 起 至 2029年12月31日 止"
    year = _FROM_YEAR.fullmatch(said)
    if year is not None:
        return f"写成“自 {year[1]}年1月1日 起”"
    first = _FROM.match(said)
    rest = said if first is None else said[first.end() :]
    begun = first is not None and (first.end() > first.end(3) or first.start(1) > 0)
    if first is not None and not rest:
        return f"写成“自 {_shown(first.groups())} 起”" if begun else None
    rest = _ALSO.sub("", rest, count=1)
    last, term = _TO.fullmatch(rest), _TERM.fullmatch(rest)
    shown = (
        ""
        if first is None or (last is not None and _TO.fullmatch(said) is not None)
        else f"自 {_shown(first.groups())} 起 "
    )
    if last is None and (last := _TO.fullmatch(said)) is not None:
        shown = ""
    if last is not None:
        ended = _shown(last.groups()[:3] if last[1] else last.groups()[3:])
        note = "；当天已经失效的，写前一天" if said.endswith(("废止", "失效")) else ""
        return f"写成“{shown}至 {ended} 止”{note}"
    years = None if term is None else int(term[1]) if term[1].isdecimal() else spoken.integer(term[1])
    if first is None or years is None:
        return None
    try:
        day = datetime.date(int(first[1]) + years, int(first[2]), int(first[3])) - datetime.timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return f"写成“{shown}至 {date_text(day)} 止”"


def _shown(parts: tuple[str, ...]) -> str:
    return f"{int(parts[0])}年{int(parts[1])}月{int(parts[2])}日"


# ---- duties and prohibitions ----------------------------------------------------------------------------------------


def then_in_duty(stop: Stop) -> Diagnostic | None:
    """义务 … 则 户数 > 5 户, 禁令 … 则 不得 停产: what is demanded behind the word of rules."""
    if stop.keyword not in ("义务", "禁令"):
        return None
    at = next((n for n in range(min(stop.index, len(stop.tokens) - 1), 1, -1) if stop.tokens[n].text in _THEN), None)
    if at is None or any(stop.first_on_line(one) for one in stop.tokens[at + 1 : stop.index + 1]):
        return None
    if stop.tokens[at].text != "则" and not stop.first_on_line(stop.tokens[at]):
        return None
    if at < stop.index and any(
        one.text in CLAUSE_WORDS - {*_DEMANDS, *_FORBIDS, *OPERATOR_WORDS} for one in stop.tokens[at + 1 : stop.index]
    ):
        return None
    word = stop.tokens[at + 1] if at + 1 < len(stop.tokens) else None
    demands = word is not None and word.text in _DEMANDS
    forbids = word is not None and word.text in _FORBIDS
    right = "不得" if stop.keyword == "禁令" else "应当"
    if (demands and right == "不得") or (forbids and right == "应当"):
        return _other_way(stop, at, at + 2)
    last = word if word is not None and (demands or forbids) else stop.tokens[at]
    marked = Token("word", "", stop.tokens[at].start, last.end)
    return stop.report("E124", f"“{stop.keyword}”里不写“{stop.tokens[at].text}”", marked, f"写“{right}”")


def neither(stop: Stop) -> Diagnostic | None:
    """应当不得 停产, 应当 不得 停产, 不应当 停产."""
    if stop.keyword not in ("义务", "禁令"):
        return None
    for at in (stop.index, stop.index - 1):
        if not 1 < at < len(stop.tokens):
            continue
        pair = (stop.tokens[at - 1].text, stop.tokens[at].text)
        both = pair in (("应当", "不得"), ("不得", "应当")) or (pair[0] in _DEMANDS and pair[1] in _FORBIDS)
        first = at - 1 if both else at
        if (both or stop.tokens[at].text in _NEITHER) and stop.first_on_line(stop.tokens[first]):
            if stop.keyword == "义务":
                return _other_way(stop, first, at + 1)
            marked = Token("word", "", stop.tokens[first].start, stop.tokens[at].end)
            return stop.report(
                "E124", f"规则语言不写“{written(stop, stop.tokens[first], stop.tokens[at])}”", marked, "写“不得”"
            )
    return None


def _other_way(stop: Stop, first: int, start: int) -> Diagnostic:
    """What is forbidden in a 义务, or demanded in a 禁令; what it is begins at the token numbered ``start``."""
    rest = line_from(stop, start)
    said = "…" if not rest or stop.first_on_line(rest[0]) else written(stop, rest[0], rest[-1])
    last = rest[-1] if said != "…" else stop.tokens[start - 1]
    marked = Token("word", "", stop.tokens[first].start, last.end)
    words = written(stop, stop.tokens[first], stop.tokens[start - 1])
    if stop.keyword == "禁令":
        return stop.report("E124", f"“禁令”里不写“{words}”", marked, f"要求写在“义务”里：应当 {said}")
    after = stop.tokens[start + len(rest) : start + len(rest) + 1]
    if after and after[0].text in JOINERS:
        remedy = f"不许有的全部放在括号里：应当 非（{said} {after[0].text} …）"
        return stop.report("E124", f"“义务”里不写“{words}”", marked, remedy)
    remedy = f"写成“应当 非（{said}）”；写成禁令的，另写“禁令”：不得 {said}"
    return stop.report("E124", f"“义务”里不写“{words}”", marked, remedy)


def when_inside(stop: Stop) -> Diagnostic | None:
    """不得 当 停产: the condition itself follows the word."""
    for steps in (1, 2):
        said, before = stop.back(steps - 1) if steps > 1 else stop.token, stop.back(steps)
        if said.text != "当" or before.text not in _INNER or stop.first_on_line(said) or not stop.first_on_line(before):
            continue
        return stop.report("E124", f"“{before.text}”后面直接写条件，不写“当”", said, "删去“当”")
    return None


# ---- conclusions ----------------------------------------------------------------------------------------------------


def no_conclusion(stop: Stop) -> Diagnostic | None:
    """则 分类 不为 升级, 则 不得 分类 为 升级: what a rule does not come to."""
    if stop.keyword not in ("规则", "补充规则", "推定"):
        return None
    line = [n for n in range(stop.index + 1) if n < len(stop.tokens)]
    at = next((n for n in reversed(line) if stop.tokens[n].text == "则"), None)
    if (
        at is None
        or stop.index - at > 3
        or any(stop.first_on_line(one) for one in stop.tokens[at + 1 : stop.index + 1])
    ):
        return None
    said = next((one for one in stop.tokens[at + 1 : stop.index + 1] if one.text in _NEGATIVE), None)
    if said is None:
        return None
    value = line_from(stop, stop.tokens.index(said) + 1)
    if stop.keyword == "推定" and len(value) == 1 and value[0].text in ("是", "否") and said is not stop.tokens[at + 1]:
        marked = Token("word", "", said.start, value[0].end)
        other = "否" if value[0].text == "是" else "是"
        return stop.report("E124", f"推定只写是什么，不写“{said.text}”", marked, f"写成“为 {other}”")
    remedy = (
        "写它得出的那个值；不得出某个值的，在得出那个值的规则里加一行“除外”，写上这里的条件；不许做的事，另写一条“禁令”"
    )
    return stop.report("E124", f"规则只写得出什么，不写“{said.text}”", said, remedy)


def verb_left_out(stop: Stop) -> Diagnostic | None:
    """则 分类 升级."""
    token, before = stop.token, stop.back()
    if not {"为", "含"} <= stop.expected or "且" in stop.expected or before.kind != "word" or before.text in KEYWORDS:
        return None
    if token.kind not in ("word", "number", "quote") or token.text in KEYWORDS or stop.first_on_line(token):
        return None
    last = line_from(stop, stop.index)[-1]
    truth = token.text in ("是", "否") and last is token
    if clause_of(stop) not in ("则", "当") or (token.text in SYNONYMS and not truth):
        return None
    marked = Token("word", "", before.start, last.end)
    meant = f"{before.text} 为 {written(stop, token, last)}"
    return stop.report("E130", f"“{before.text}”后面缺“为”", marked, f"写成“{meant}”")


# ---- notices, notes -------------------------------------------------------------------------------------------------


def notice_text(stop: Stop) -> Diagnostic | None:
    """提示 的 内容 “…”, 则 说 “…”, 说 “…”，请核对: what a notice says."""
    token = stop.token
    if stop.keyword != "提示":
        return None
    line = [one for one in stop.tokens if _same_line(stop, one, token)]
    if (token.text == "说" and stop.back().text in _THEN) or (stop.back().text == "说" and stop.back(2).text in _THEN):
        then = stop.back() if token.text == "说" else stop.back(2)
        return stop.report("E124", f"“提示”里不写“{then.text}”", then, f"删去“{then.text}”")
    if not line or line[0] is stop.tokens[0]:
        return None
    quote = next((one for one in line if one.kind == "quote"), None)
    if quote is None:
        return None
    if line[0].text == "说" and token.start > quote.start and token.kind in ("word", "mark") and line[-1] is not quote:
        rest = re.sub(r"[\s。;；]+$", "", stop.source.text[quote.end : line[-1].end])
        if not rest or stop.source.text[quote.end :].lstrip().startswith(("自", "至", "除外", "依据", "授权")):
            return None
        inner = stop.source.text[quote.start + 1 : quote.end - 1] + re.sub("[“”]", "", rest)
        marked = Token("quote", "", line[0].start, line[-1].end)
        return stop.report("E130", "“说”的话都写在一对引号里", marked, f"写成：说 “{one_line(inner)}”")
    words = [one.text for one in line[: line.index(quote)]]
    if "依据" in words or "说" in [one.text for one in stop.tokens] or len(words) > 2 or token.start > quote.end:
        return None
    if any(one in CLAUSE_WORDS - {"则"} for one in words):
        return None
    marked = Token("quote", "", line[0].start, quote.end)
    inner = one_line(stop.source.text[quote.start + 1 : quote.end - 1])
    return stop.report("E130", "要说的话前面缺“说”", marked, f"写成：说 “{inner}”")


def _same_line(stop: Stop, one: Token, other: Token) -> bool:
    start, end = sorted((one.start, other.start))
    return "\n" not in stop.source.text[start:end]


def note_said(stop: Stop) -> Diagnostic | None:
    """备注：这是说明."""
    token = stop.token
    if token.text not in _NOTES or not stop.at_clause or not stop.first_on_line(token) or stop.ahead().kind == END:
        return None
    return stop.report("E124", f"规则语言不写“{token.text}”", token, "写“释义”" if token.text == "解释" else "写“说明”")


def citations(stop: Stop) -> Diagnostic | None:
    """依据【一】【二】, 依据【一】、【二】, 依据【一】：“…”."""
    token, before = stop.token, stop.back()
    if before.kind == "place" and token.text in ("、", ",", "和", "及", "与", ";") and stop.ahead().kind == "place":
        return _cited(stop, token, stop.ahead())
    if before.kind == "place" and token.kind == "place":
        return _cited(stop, token, token)
    if before.text == ":" and stop.back(2).kind == "place":
        return stop.report("E137", "条目后面不写冒号", before, "删去冒号")
    if token.text == ":" and before.kind == "place":
        return stop.report("E137", "条目后面不写冒号", token, "删去冒号")
    return None


def citation(stop: Stop) -> Diagnostic | None:
    """依据 without a place in 【】, a quote without marks, a place where a name belongs."""
    token, before = stop.token, stop.back()
    if "place" in stop.expected:
        if token.kind == "quote":
            return stop.report("E132", "“依据”后面缺条目", token, "先写条目，再写原文：依据【二（三）盘活类·界定】“…”")
        line = stop.source.text[token.start :].partition("\n")[0]
        place = one_line(re.split('[“"＂「]', line, maxsplit=1)[0])
        if token.text == ":" and stop.ahead().kind == "place":
            return stop.report("E137", "“依据”后面不写冒号", token, "删去冒号")
        if token.kind in ("word", "number") and place and not re.search(r"[【】《》\[\]]", place):
            begin = before.start if before.text == "依据" else token.start
            marked = Token("word", "", begin, token.start + len(re.split('[“"＂「]', line, maxsplit=1)[0].rstrip()))
            return stop.report(
                "E132", "“依据”后面要写条目，放在【】里", marked, f"条目写在【】里，写成“依据【{place}】”"
            )
        remedy = "条目写在【】里：依据【二（三）盘活类·界定】“…”"
        return stop.report("E132", "“依据”后面要写条目，放在【】里", token, remedy)
    if before.kind == "place" and token.kind in ("word", "mark") and token.text not in KEYWORDS:
        if token.kind == "word" and stop.first_on_line(token):
            return None
        return stop.report("E132", "引文没有放在引号里", token, "原文放在“”里：依据【…】“…”")
    if token.kind == "quote" and before.kind == "quote" and stop.back(2).kind == "place":
        return stop.report("E132", "一处依据只写一段引文", token, "另写一个“依据【…】“…””")
    if token.kind == "place" and before.text != "依据":
        return stop.report("E132", "条目前面缺“依据”", token, "写成“依据【…】“…””")
    if token.kind == "quote" and stop.at_clause and (stop.first_on_line(token) or "且" not in stop.expected):
        return stop.report("E132", "引文前面缺“依据【条目】”", token, "写成“依据【…】“…””")
    return None


def _cited(stop: Stop, first: Token, place: Token) -> Diagnostic:
    marked = Token("place", "", first.start, place.end)
    name = one_line(stop.source.text[place.start + 1 : place.end - 1])
    return stop.report("E132", "每个条目前面写“依据”", marked, f"写成“依据【{name}】”")


def when_left_out(stop: Stop) -> Diagnostic | None:
    """规则 甲 / 停产: a condition without 当."""
    token = stop.token
    allowed = CLAUSES[stop.keyword].all if stop.keyword in CLAUSES else ()
    if (
        "当" not in allowed
        or ("当" in [one.text for one in stop.tokens] and not _demand_due(stop))
        or not stop.at_clause
        or not stop.first_on_line(token)
    ):
        return None
    if token.kind != "word" or token.text in KEYWORDS or token.text in SYNONYMS:
        return None
    line = line_from(stop, stop.index)
    end = next((n for n, one in enumerate(line) if one.text in CLAUSE_WORDS - {*OPERATOR_WORDS}), len(line))
    if any(token.text.startswith(word) for word in (*allowed, *SYNONYMS) if len(word) > 1):
        return None
    if "当" in [one.text for one in stop.tokens] and token.text.startswith(_MODAL):
        return None
    if end > 1 and not any(one.text in (*OPERATOR_WORDS, *COMPARISON_SIGNS, *JOINERS) for one in line[:end]):
        return None
    said = written(stop, line[0], line[end - 1])
    marked = Token("word", "", token.start, line[end - 1].end)
    demand = {"义务": "应当", "禁令": "不得"}.get(stop.keyword)
    modal = _MODAL_INSIDE.fullmatch(written(stop, line[0], line[-1])) if demand is not None else None
    if modal is not None and demand is not None:
        whole = Token("word", "", token.start, line[-1].end)
        return stop.report("E124", f"“{demand}”写在最前面", whole, _demanded(demand, modal))
    remedy = f"是条件的，写成“当 {said}”"
    if demand is not None and demand not in [one.text for one in stop.tokens]:
        what = "要做到的" if demand == "应当" else "不许做的"
        remedy = f"{what}，写“{demand} {said}”；是条件的，写“当 {said}”"
    return stop.report("E124", f"“{said}”不是“{stop.keyword}”里的一项", marked, remedy)


_MODAL_INSIDE: Final = re.compile(
    r"(?P<what>[^\W\d]\w*?) *(?:(?P<never>不得|不能|不应|不可|严禁)|应当|应该|必须|应|须) *(?P<said>(?P<bound>(?:少|低|小|高|大|多|早|晚|迟)于|超过)?.+)"
)


def _demanded(demand: str, found: re.Match[str]) -> str:
    """户数不得少于3户 in a duty demands what the same words in a prohibition forbid."""
    what, said = found["what"], found["said"]
    if demand == "不得":
        return f"写成“不得 {what} {said}”" if found["never"] else f"要做到的，改成“义务”，写“应当 {what} {said}”"
    if found["never"] and not found["bound"]:
        return f"不许做的，改成“禁令”，写“不得 {what} {said}”"
    return f"写成“应当 {what} {'不' if found['never'] else ''}{said}”"


_MODAL: Final = ("不", "无", "免", "可", "应", "须", "必", "需", "原则", "一般", "暂", "鼓励", "支持", "禁", "严")


def _demand_due(stop: Stop) -> bool:
    """Whether 当 stands there already, and what is demanded does not."""
    demand = {"义务": ("应当", "原则上应当"), "禁令": ("不得",)}.get(stop.keyword, ())
    words = [one.text for one in stop.tokens]
    return bool(demand) and not any(word in words for word in demand)


def supposed(stop: Stop) -> Diagnostic | None:
    """停产的，应当 …; 如果 停产，应当 …; 凡停产的应当 …; 停产的，分类 为 升级: a condition and what follows from it in one line."""
    if stop.keyword not in _FOLLOWS or stop.index < 1:
        return None
    start, line = _own_line(stop)
    head = stop.source.text[stop.tokens[0].start : start]
    found = None if re.search(r"(?m)^\s*(?:当|应当|则|不得|说)\s", head) else _SUPPOSED.fullmatch(line)
    if found is None or start < stop.tokens[0].end:
        return None
    said, word, rest = found["said"].strip(), found["word"] or "", found["rest"].strip(" ,")
    balanced = said.count("(") == said.count(")") and rest.count("(") == rest.count(")")
    if said.startswith("除") or not balanced or line.startswith(("当", "则 ")):
        # What stands behind 当 and a comma may be one more condition.
        return None
    allowed = CLAUSES[stop.keyword].all
    words = ("说",) if word in ("提示", "提醒") else (word, *SYNONYMS.get(word, ()))
    meant = next((one for one in words if one in allowed and one in _FOLLOWS.values()), "")
    if word and not meant:
        return None
    if not word and (stop.keyword != "规则" or re.match(r"\s*的", line[found.end("said") :]) is None):
        return None
    marked = Token("word", "", start, start + len(line))
    remedy = f"写成两行，先“当 {said}”，后“{meant or _FOLLOWS[stop.keyword]} {rest}”"
    return stop.report("E124", "条件和要求各写一行", marked, remedy)


def supposed_alone(stop: Stop) -> Diagnostic | None:
    """凡停产的， with 则 on the next line: a condition without a space behind its word."""
    if stop.keyword not in _FOLLOWS or stop.index < 1 or not stop.at_clause or not stop.first_on_line(stop.token):
        return None
    start, line = _own_line(stop)
    found = _ALONE.fullmatch(line)
    if found is None or start < stop.tokens[0].end or "当" in [one.text for one in stop.tokens]:
        return None
    marked = Token("word", "", start, start + len(stop.source.text[start:].partition("\n")[0].rstrip()))
    return stop.report("E124", "条件写在“当”后面", marked, f"写成“当 {found[1]}”")


_ALONE: Final = re.compile(r"(?:凡是?|如果|假如|倘若|若|对于?)([^\s,;。“”][^,;。“”]*?)(?:的话|的项目|的|时)")
_LONGEST_LINE: Final = 300
"""No line that a person typed is longer."""
_FOLLOWS: Final = {"义务": "应当", "禁令": "不得", "规则": "则", "提示": "说"}
_SUPPOSED: Final = re.compile(
    r"(?:当|如果|若|如|凡是|凡|对于|对)?\s*(?P<said>[^,;。“”]+?)\s*(?:的\s*,?|,)\s*"
    rf"(?P<word>{'|'.join(sorted((*_DEMANDS, *_FORBIDS, *_THEN, '提示', '提醒', '说'), key=len, reverse=True))})?\s*(?P<rest>[^,;。]+)"
)
_EXCEPTED: Final = re.compile(
    r"(?:但是|但|不过)?\s*(?P<said>[^,;。]+?)\s*的?\s*,?\s*(?:除外|不适用(?:本条|本规则|本款)?|不在此限|不包括在内|例外)"
    r"|(?:不包括|不适用于|不含|除非)\s+(?P<other>[^,;。]+)"
)
_EXCEPTED_BEHIND: Final = re.compile(
    r"(?P<kept>(?:则|应当|不得|说)\s*[^,;。()]+?)\s*(?:[,;]\s*|\(\s*)(?:但是|但|不过)?\s*(?P<said>[^,;。()]+?)\s*的?\s*,?\s*"
    r"(?:除外|不适用|不在此限|不包括在内|例外)\s*\)?"
)


def excepted_behind(stop: Stop) -> Diagnostic | None:
    """则 分类 为 盘活，但效益为好的除外: an exception in the line of what it is made from."""
    if stop.keyword not in CLAUSES or "除外" not in CLAUSES[stop.keyword].all or stop.index < 1:
        return None
    start, line = _own_line(stop)
    found = _EXCEPTED_BEHIND.fullmatch(line)
    if found is None or start < stop.tokens[0].end:
        return None
    marked = Token("word", "", start, start + len(line))
    remedy = f"写成两行，先“{found['kept'].strip()}”，后“除外 {found['said'].strip()}”"
    return stop.report("E124", "例外另写一行“除外”", marked, remedy)


def excepted(stop: Stop) -> Diagnostic | None:
    """但 户数 > 5 户 的 除外, 不包括 户数 > 5 户: an exception on a line of its own."""
    if stop.keyword not in CLAUSES or "除外" not in CLAUSES[stop.keyword].all or stop.index < 1:
        return None
    start, line = _own_line(stop)
    more = re.match(r"(?:且|并且|并|同时|而且)\s+(.+)", line) if stop.keyword == "修订" else None
    if more is not None and start >= stop.tokens[0].end:
        marked = Token("word", "", start, start + len(line))
        return stop.report("E124", "修订里加一个条件，写“还须”", marked, f"写成“还须 {more[1]}”")
    found = _EXCEPTED.fullmatch(line)
    if found is None or start < stop.tokens[0].end or line.split()[0] in (*CLAUSE_WORDS - {"不含"}, *JOINERS, "非"):
        return None
    said = (found["said"] or found["other"]).strip()
    marked = Token("word", "", start, start + len(line))
    return stop.report("E124", "例外写“除外”，后面写条件", marked, f"写成“除外 {said}”")


def _own_line(stop: Stop) -> tuple[int, str]:
    """The line of the place, without a note behind it, and where it begins."""
    at = stop.token.start if stop.token.kind != END else stop.back().start
    text = stop.source.text
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    end = len(text) if end < 0 else end
    if end - start > _LONGEST_LINE:
        return start, ""
    line = re.split("[#＃]", text[start:end], maxsplit=1)[0]
    start += len(line) - len(line.lstrip())
    return start, fold_characters(line.strip()).rstrip("。;,")


def then_left_out(stop: Stop) -> Diagnostic | None:
    """规则 甲 / 当 停产 / 分类 为 升级, or 列为升级类: what follows, on a line without 则."""
    words = [one.text for one in stop.tokens[: stop.index]]
    if stop.keyword not in ("规则", "补充规则") or "当" not in words or "则" in words or not stop.at_clause:
        return None
    start, line = _own_line(stop)
    if not stop.first_on_line(stop.token) or stop.token.text in KEYWORDS or _CONCLUDED.fullmatch(line) is None:
        return None
    marked = Token("word", "", start, start + len(line))
    remedy = f"是结论的，写成“则 {line}”；是条件的，写成“且 {line}”"
    return stop.report("E124", f"“{line}”前面缺“则”或“且”", marked, remedy)


_CONCLUDED: Final = re.compile(r"\w+ +(?:为|含|=|是) *[^,;。]+|(?:列|归|定|评|认定|划归?)为? *\w+")


def clause_meant(keyword: str, clause: nodes.Clause) -> str | None:
    """What to write instead of a whole clause of another declaration, where its words say it."""
    word = clause.keyword.text
    rest = one_line(clause.span.source.text[clause.keyword.span.end : clause.span.end])
    if word == "则" and keyword in ("义务", "禁令"):
        if rest.split()[0] in ("重点", "支持", "鼓励", "引导", "可"):
            # What may be done is no duty.
            return None
        rest = rest.removeprefix("应当 ")
        demanded = "应当" if keyword == "义务" else "不得"
        return f"写成“{demanded} {rest}”；写结论的，另写一条“规则”"
    if word == "不得" and keyword == "义务":
        return f"写成“应当 非（{rest}）”；写成禁令的，另写“禁令”：不得 {rest}"
    if word in ("当", "其中", "符合", "=") and keyword in ("术语", "清单"):
        return f"写成“即 {rest}”"
    if word == "=" and keyword in ("统计", "设定"):
        return f"写成“{'为 ' if keyword == '设定' else ''}{rest}”"
    if keyword == "修订" and word in ("应当", "不得"):
        return f"写成“还{word} {rest}”"
    if keyword == "修订" and word == "当":
        return f"规则另外还要满足的，写“还须 {rest}”；义务、禁令、提示只在这时才有的，写“仅限 {rest}”"
    if word == "当" and keyword == "统计":
        return f"写成“其中 {rest}”"
    if word == "为" and keyword in ("参数", "读法"):
        return f"写成“= {rest}”；没有设定时先用的，写“缺省 {rest}”"
    if word == "type":
        if keyword == "提示":
            return f"删去它；要说的话放在下一行：说 “{rest}”"
        return f"删去它；是条件的，放在下一行：当 {rest}" if "当" in CLAUSES[keyword].all else None
    return None
