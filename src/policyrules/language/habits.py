"""Slips that come from documents and spreadsheets: 自 … 起 30 日内, 不得低于, SUM(…), 否则, 1. 提示, and the like.

Why this exists: people type what the document says, or what Excel understands. Each such habit is known here with the
text that means the same; nothing offered means less, more or the opposite.

Invariants: as in `syntax_messages`, a check gives a diagnostic or None. Where no text means the same, the remedy says so
instead of offering the next best.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import spoken
from policyrules.language.keywords import AUTHORITIES, CLAUSES, DIRECTIONS, KEYWORDS, SYNONYMS
from policyrules.language.stops import CLAUSE_WORDS, END, JOINERS, OPERATOR_WORDS, Stop, Token
from policyrules.operators import INCLUDING, OPPOSITE
from policyrules.source import fold_characters
from policyrules.text import cut, one_line
from policyrules.types import DAY_UNITS, MONTH_UNITS

FUNCTIONS: Final[dict[str, str]] = {
    **dict.fromkeys(("sum", "sumif", "sumifs", "求和", "总和", "总计", "合计"), "合计"),
    **dict.fromkeys(("count", "counta", "countif", "countifs", "计数", "个数"), "计数"),
    **dict.fromkeys(("max", "最大值", "最大"), "最大"),
    **dict.fromkeys(("min", "最小值", "最小"), "最小"),
}
_OF_SEVERAL: Final = {"最大": "取大", "最小": "取小"}
_AVERAGES: Final = ("average", "avg", "averageif", "平均", "平均值", "平均数")
NEGATIONS: Final = ("不是", "没有", "并非", "并不是", "不", "未", "无", "没", "not", "Not", "NOT")
EACH: Final = dict.fromkeys(
    ("所有", "全体", "每", "每个", "每笔", "每项", "每一", "每条", "各"), "全部"
) | dict.fromkeys(("存在", "有", "某", "某个", "有一个", "至少有一个"), "任一")
_BEFORE: Final = dict.fromkeys(("之前", "以前", "前"), "<") | dict.fromkeys(("之后", "以后", "后"), ">")
_PERIODS: Final = (*DAY_UNITS, *MONTH_UNITS)
SETS: Final = ("属于", "不属于", "含任一", "全部属于", "除去")
_SEPARATORS: Final = ("、", ",", ";", "/", "÷", "和", "及", "与", "以及", "或", "或者")
_VALUES: Final = ("word", "number", "date", "quote")
_PRINCIPLE: Final = re.compile(r"(?:原则上|一般|通常|尽量|尽可能)(?:应当|应|须|要|不得)?")
_YEARS: Final = ("每月", "每年", "当年", "本年", "今年", "次年", "翌年", "明年")
_FULL: Final = re.compile(r"(?:已|已经|届)?满(\w*)")
_UNTIL: Final = re.compile(r"(?:-|到|至|——|—)(?:([0-9]{4})年)?(?:([0-9]{1,2})月)?([0-9]{1,2})日")
_SINCE: Final = re.compile(r"^(?:之日起|日起|起|之后|以后|后)的?(?:满)?")
_LONGEST: Final = 60


def written(stop: Stop, first: Token, last: Token) -> str:
    """What was written from one token to another, on one line, short enough for a message."""
    return cut(one_line(stop.source.text[first.start : last.end]), _LONGEST)


def line_from(stop: Stop, start: int) -> tuple[Token, ...]:
    """The tokens from the one numbered ``start`` to the end of its line."""
    tokens = stop.tokens[start:]
    if not tokens:
        return ()
    end = stop.source.text.find("\n", tokens[0].start)
    return tokens if end < 0 else tuple(token for token in tokens if token.start < end)


def clause_of(stop: Stop) -> str:
    """The keyword of the clause in which the grammar stopped."""
    for token in reversed(stop.tokens[: stop.index]):
        if token.text in CLAUSE_WORDS and token.text not in OPERATOR_WORDS and stop.first_on_line(token):
            return token.text
    return ""


def begins_operand(stop: Stop, steps: int) -> bool:
    """Does the token ``steps`` before stand where an expression begins?"""
    before = stop.back(steps + 1)
    return before.text in (*JOINERS, "非", "(", ";", ":") or (before.text in KEYWORDS and before.kind == "word")


def values_from(stop: Stop, start: int) -> list[str]:
    """The values listed from the token numbered ``start`` on, whatever stands between them."""
    found: list[str] = []
    for number, token in enumerate(stop.tokens[start:]):
        if number % 2 == 0 and token.kind in _VALUES and (token.text not in KEYWORDS or token.text == "其他"):
            found.append(stop.source.text[token.start : token.end])
        elif number % 2 == 0 or token.text not in _SEPARATORS:
            break
    return found


# ---- the checks -----------------------------------------------------------------------------------------------------


def citation_bracket(stop: Stop) -> Diagnostic | None:
    token = stop.token
    if stop.back().text != "依据" or token.text not in ("[", "《", "〈", "<", "("):
        return None
    line = one_line("".join(stop.source.text[each.start : each.end] for each in line_from(stop, stop.index)))
    found = re.match(r"[\[［《〈<＜(（〔]([^\]］》〉>＞“\"]+?)[\]］》〉>＞)）〕]+(?:[“\"]|$)", line)
    shown = f"，写成“依据【{found[1]}】”" if found is not None else ""
    return stop.report("E137", f"条目不写在“{token.text}”里", token, f"条目名称写在【】里{shown}")


def numbering(stop: Stop) -> Diagnostic | None:
    """1. 当 …, （一）则 …"""
    start = stop.source.text.rfind("\n", 0, stop.token.start) + 1
    line = stop.source.text[start:].partition("\n")[0]
    start, line = start + len(line) - len(line.lstrip()), line.lstrip()
    found = NUMBERING.match(line)
    rest = re.match(r"\w+", line[found.end() :]) if found is not None else None
    if found is None or rest is None or rest[0] not in KEYWORDS or stop.token.kind == END:
        return None
    if start + found.end() < stop.token.start or start < stop.tokens[0].end:
        return None
    marked = Token("mark", found[0].strip(), start, start + len(found[0].rstrip()))
    return stop.report("E137", f"行首不写编号“{found[0].strip()}”", marked, "删去编号")


NUMBERING: Final = re.compile(
    r"(?:[（(](?:[0-9０-９一二三四五六七八九十百]{1,4}|[a-zA-Z]{1,3})[)）]|[0-9０-９]{1,3}[.．、)）](?![0-9])"
    r"|[0-9]{1,3}(?:[.．][0-9]{1,2})+(?:[.．、]|(?=[ \t\u3000]))|[一二三四五六七八九十]{1,3}[、.．]|[a-zA-ZⅠ-ⅻ][.．、)）]"
    r"|第[0-9一二三四五六七八九十百]{1,5}[条款项章节][、.．:：]?|其[一二三四五六七八九十][,，、:：]|[一二三四五六七八九十]是[,，:：]?"
    r"|附件[0-9一二三四五六七八九十]{0,2}[:：、]?(?=[ \t\u3000])|[\u2460-\u249b]|—{1,2}"
    r"|[-－*＊•·●○■□◆◇★☆▲△►➢✓※])[ \t\u3000]*"
)
"""A number or a bullet before what a line says."""


def function(stop: Stop) -> Diagnostic | None:
    """SUM(资金.金额), 合计（资金.金额）."""
    before = stop.back()
    if stop.token.text != "(" or before.kind != "word":
        return None
    name = before.text.casefold()
    listed, end = arguments(stop)
    if FUNCTIONS.get(name) in _OF_SEVERAL and len(listed) > 1 and all(listed):
        said = f"“{before.text}”在行里取，后面写“对象.字段”" if name in KEYWORDS else f"规则语言不写“{before.text}”"
        whole = Token("word", before.text, before.start, end)
        return stop.report("E124", said, whole, f"写成“{_OF_SEVERAL[FUNCTIONS[name]]}（{'；'.join(listed)}）”")
    if not begins_operand(stop, 1):
        return None
    if name in _AVERAGES and len(listed) == 1 and re.fullmatch(r"\w+\.\w+", listed[0]) is not None:
        whole = Token("word", before.text, before.start, end)
        meant = f"（合计 {listed[0]} ÷ 计数 {listed[0].partition('.')[0]}）"
        return stop.report("E124", f"规则语言没有“{before.text}”", whole, f"写成“{meant}”")
    if name in _AVERAGES:
        return stop.report("E124", f"规则语言没有“{before.text}”", before, "写“合计 对象.字段 ÷ 计数 对象”")
    word = FUNCTIONS.get(name)
    if word is None:
        return None
    if len(listed) == 2 and all(listed) and word in ("合计", "计数"):
        whole = Token("word", before.text, before.start, end)
        said = f"“{before.text}”后面不加括号" if name == word else f"规则语言不写“{before.text}”"
        return stop.report("E124", said, whole, f"写成“{word} {listed[0]} 其中（{listed[1]}）”")
    inner = stop.tokens[stop.index + 1 : stop.index + 5]
    texts = [token.text for token in inner]
    example = "对象.字段" if word != "计数" else "对象"
    if texts[3:4] == [")"] and texts[1] == "." and inner[0].kind == inner[2].kind == "word":
        example = "".join(texts[:3])
    elif texts[1:2] == [")"] and inner[0].kind == "word":
        example = texts[0] if word == "计数" else f"{texts[0]}.字段"
    said = f"“{before.text}”后面不加括号" if name == word else f"规则语言不写“{before.text}”"
    return stop.report("E124", said, before, f"写成“{word} {example}”")


def function_without_bracket(stop: Stop) -> Diagnostic | None:
    """求和 资金.金额, 总计 资金.金额."""
    before = stop.back()
    word = FUNCTIONS.get(before.text.casefold())
    if word is None or before.text in KEYWORDS or stop.token.kind != "word" or not begins_operand(stop, 1):
        return None
    return stop.report("E124", f"规则语言不写“{before.text}”", before, f"写“{word}”")


def arguments(stop: Stop, start: int | None = None) -> tuple[list[str], int]:
    """What stands in the bracket that opens here, or at the token numbered ``start``, part by part, and where it ends; no part
    where none opens or it is not closed."""
    found: list[str] = []
    depth = 0
    tokens = stop.tokens[stop.index if start is None else start :]
    begin = tokens[0].end if tokens else 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 or (depth == 1 and token.text in (",", ";")):
            found.append(one_line(stop.source.text[begin : token.start]))
            begin = token.end
        if depth == 0:
            return [] if token.text != ")" else found, token.end
    return [], begin


def quantifier(stop: Stop) -> Diagnostic | None:
    """所有 资金 满足（…）, 存在 资金 满足（…）: other words for 全部 and 任一."""
    said, rows = stop.back(), stop.token
    if rows.kind != "word" or stop.ahead().text != "满足" or not begins_operand(stop, 1):
        return None
    if said.text in ("任意", "任何"):
        remedy = f"有一行就行的，写“任一 {rows.text} 满足”；每一行都要的，写“全部 {rows.text} 满足”"
        return stop.report("E124", f"“{said.text}”可以读成两个意思", said, remedy)
    meant = EACH.get(said.text)
    if meant is None:
        return None
    return stop.report("E124", f"规则语言不写“{said.text}”", said, f"写“{meant}”")


_PIECE: Final = re.compile(r"(?:[^\s,，；;（）()、“”]|(?<=[0-9])[,，](?=[0-9]))*")


def piece_from(stop: Stop, start: int) -> str:
    """What is written in one piece from ``start`` on, as the language reads it: up to a space, a bracket or a mark that parts."""
    found = _PIECE.match(stop.source.text, start)
    return "" if found is None else fold_characters(found.group())


def ends(stop: Stop) -> Diagnostic | None:
    """介于 10 户 和 20 户, 介于 10 户 到 20 户 之间: what stands between the two ends."""
    if stop.token.text not in ("和", "到", "与", "及", "且", "-", "~"):
        return None
    begin = next(
        (index for index in range(stop.index - 2, max(stop.index - 5, -1), -1) if stop.tokens[index].text == "介于"),
        None,
    )
    line = line_from(stop, stop.index)
    if begin is None or len(line) < 2 or line[1].kind not in ("number", "date"):
        return None
    unit = line[2:3] if line[1].kind == "number" and line[2:3] and line[2].kind == "word" else ()
    after = line[2 + len(unit) : 3 + len(unit)]
    unit = () if unit and unit[0].text == "之间" else unit
    last = unit[-1] if unit else line[1]
    whole = piece_from(stop, line[1].start)
    end = spoken.value(whole) if len(whole) > last.end - line[1].start else None
    if end is not None:
        # 50%, 1,000 户, 2025-10-31: more than the first number of it.
        last = Token("word", whole, line[1].start, line[1].start + len(whole))
        after = tuple(one for one in line if one.start >= last.end)[:1]
    meant = f"介于 {written(stop, stop.tokens[begin + 1], stop.back())} 至 {end or written(stop, line[1], last)}"
    closing = [one for one in (*after, *line[2:3]) if one.text == "之间"]
    marked = Token("word", "", stop.tokens[begin].start, (closing[0] if closing else last).end)
    return stop.report("E124", f"“介于”的两头之间写“至”，不写“{stop.token.text}”", marked, f"写成“{meant}”")


def before_a_day(stop: Stop) -> Diagnostic | None:
    """建成日 在 2024年1月1日 之前."""
    line = line_from(stop, stop.index)
    if stop.token.text != "在" or stop.back().kind != "word" or len(line) < 3:
        return None
    if (soon := _soon_after(stop, line)) is not None:
        return soon
    at = next((n for n, each in enumerate(line) if each.text in _BEFORE), 0)
    if at not in (2, 3) or (at == 2 and line[1].kind not in ("date", "word")):
        return None
    sign = _BEFORE[line[at].text]
    loose = INCLUDING[sign]
    marked = Token("word", "", line[0].start, line[at].end)
    said = f"规则语言不写“在 … {line[at].text}”"
    if at == 3:
        if line[1].kind != "number" or line[2].text != "年":
            return None
        whole = Token("word", "", stop.back().start, line[at].end)
        name, year = stop.back().text, f"{sign} {line[1].text}年"
        remedy = f"{name}是年份的，写成“{name} {year}”；是日期的，写成“{name} 之年 {year}”；当年也算的，用“{loose}”"
        return stop.report("E124", said, whole, remedy)
    day = spoken.time_meant(line[1].text) or written(stop, line[1], line[1])
    beyond = line[at + 1 : at + 3]
    if [each.kind for each in beyond] == ["number", "word"] and beyond[1].text in _PERIODS:
        # 在 建成日 前 30 天: as many days before it, or within them.
        far = f"{day} {'−' if sign == '<' else '+'} {beyond[0].text} {beyond[1].text}"
        name, turned = stop.back().text, OPPOSITE[sign]
        remedy = f"至少隔这么久的，写成“{loose} {far}”；隔得不超过这么久的，写成“{turned} {far} 且 {name} {sign} {day}”"
        return stop.report("E124", said, Token("word", "", marked.start, beyond[1].end), remedy)
    return stop.report("E124", said, marked, f"写成“{sign} {day}”；当天也算的，用“{loose}”")


def _soon_after(stop: Stop, line: tuple[Token, ...]) -> Diagnostic | None:
    """登记日 在 验收日 后 30 日 内, 在 验收日 前 30 日 内: by how many days after or before another."""
    since = 4 if len(line) > 3 and line[2].text == "." else 2
    for last in range(min(len(line), since + 5), since + 1, -1):
        told = "".join(one.text for one in line[since:last])
        found = _SOON.fullmatch(told) if line[1].kind == "word" else None
        length = None if found is None else spoken.period_since(f"某日起{found['length']}内")
        if found is not None and length is not None:
            marked = Token("word", "", stop.back().start, line[last - 1].end)
            name, day = stop.back().text, written(stop, line[1], line[since - 1])
            remedy = f"写成“{name} 介于 {day} − {length[1]} 至 {day}”"
            if found["after"]:
                remedy = f"写成“{name} 介于 {day} 至 {day} + {length[1]}”；比{day}早的也算的，写“{name} ≤ {day} + {length[1]}”"
            return stop.report("E124", "规则语言不写“在 … 内”", marked, remedy)
    return None


_SOON: Final = re.compile("(?:(?P<after>之日起|日起|起|之后|以后|后)|之前|以前|前)的?(?P<length>.+?)(?:之内|以内|内)")


def apart(stop: Stop) -> Diagnostic | None:
    """市场效益 不 为 好: one word with a space in it; 市场效益 非 好."""
    token, following = stop.token, stop.ahead()
    if stop.back().kind != "word" or stop.back().text in KEYWORDS or stop.first_on_line(token):
        return None
    if token.text == "至少" and following.kind == "number":
        line = line_from(stop, stop.index + 1)
        last = line[1] if len(line) > 1 and (line[1].kind == "word" or line[1].text == "%") else line[0]
        meant = f"{stop.back().text} ≥ {written(stop, line[0], last)}"
        return stop.report("E124", "数前面不写“至少”", token, f"写“≥”，如“{meant}”")
    if token.text in ("大于", "小于") and following.text in ("等于", "或等于"):
        marked = Token("word", "", token.start, following.end)
        sign = "≥" if token.text == "大于" else "≤"
        return stop.report("E124", f"规则语言不写“{token.text} {following.text}”", marked, f"写“{sign}”")
    if token.text == "起" and following.text in ("满", "已满"):
        marked = Token("word", "", token.start, following.end)
        return stop.report("E120", "“起满”是一个词，中间不空格", marked, "写“起满”")
    if token.text.casefold() == "not" and following.text.casefold() == "in":
        marked = Token("word", "", token.start, following.end)
        return stop.report("E124", f"规则语言不写“{written(stop, token, following)}”", marked, "写“不属于”")
    if token.text == "不" and following.text in ("为", "属于", "含"):
        marked = Token("word", "", token.start, following.end)
        return stop.report("E120", f"“不{following.text}”是一个词，中间不空格", marked, f"写成“不{following.text}”")
    if token.text == "非" and following.kind == "word":
        return stop.report("E124", "“非”写在整个条件前面", token, "写“不为”")
    return None


def bare_set(stop: Stop) -> Diagnostic | None:
    """属于 甲、乙 without braces, 属于（甲、乙）."""
    token, verb = stop.token, stop.back(2).text
    if token.text == "(" and stop.back().text in SETS and (values := values_from(stop, stop.index + 1)):
        marked = Token("mark", "(", token.start, arguments(stop)[1])
        return stop.report("E123", "列举的值放在花括号里", marked, f"写成“{{ {'、'.join(values)} }}”")
    if token.text not in _SEPARATORS or stop.opener.startswith("{") or stop.back().kind not in _VALUES:
        return None
    subject = stop.back(3).text
    if verb in SETS:
        remedy = f"写成“{subject} {verb} {{ {'、'.join(values_from(stop, stop.index - 1))} }}”"
        code = "E122" if token.text == "," else "E123"
        return stop.report(code, "列举的值没有放在花括号里", token, remedy)
    return None


def less_on_the_right(stop: Stop) -> Diagnostic | None:
    """甲 含任一 { 乙、丙 } 除去 { 丙 }: what is taken out is taken out of the left side."""
    if stop.token.text != "除去":
        return None
    verbs = [
        index for index in range(stop.index) if stop.tokens[index].text in ("含任一", "全部属于", "属于", "不属于")
    ]
    if not verbs or stop.tokens[verbs[-1] - 1].kind != "word":
        return None
    subject, verb = stop.tokens[verbs[-1] - 1].text, stop.tokens[verbs[-1]].text
    right = written(stop, stop.tokens[verbs[-1] + 1], stop.back())
    taken = line_from(stop, stop.index + 1)
    out = written(stop, taken[0], taken[-1]) if taken else "{ … }"
    if verb == "含任一":
        remedy = f"写在左边：{subject} 除去 {out} 含任一 {right}"
    elif verb == "全部属于":
        remedy = f"分成两个条件：{subject} 全部属于 {right} 且 {subject} 不含 …"
    else:
        remedy = (
            f"分成两个条件：{subject} {verb} {right} 且 {subject} 不属于 …" if verb == "属于" else "用括号分成两个条件"
        )
    return stop.report("E130", "“除去”不写在右边", stop.token, remedy)


def direction_without_brackets(stop: Stop) -> Diagnostic | None:
    """授权 从严 越高越严."""
    said = stop.ahead() if stop.token.text == "," else stop.token
    before = stop.back()
    if before.text not in AUTHORITIES or said.text not in DIRECTIONS:
        return None
    marked = Token("word", said.text, before.start, said.end)
    return stop.report("E130", "方向写在括号里", marked, f"写成“{before.text}（{said.text}）”")


def bare_list(stop: Stop) -> Diagnostic | None:
    """清单 甲 即 乙、丙."""
    token = stop.token
    if stop.back().text != "即" or stop.keyword != "清单" or token.kind not in _VALUES:
        return None
    remedy = f"写成“{{ {'、'.join(values_from(stop, stop.index))} }}”"
    return stop.report("E130", "列举的值没有放在花括号里", token, remedy)


def period_since(stop: Stop) -> Diagnostic | None:
    """期限 自 建成日 起 30 天 内."""
    taken, clause = stop.back(), stop.back(2)
    if taken.text != "自" or clause.text not in ("期限", "当", "应当", "到期", "且", "或", "("):
        return None
    line = line_from(stop, stop.index)
    text = "".join(token.text for token in line)
    if "起" not in text:
        return None
    marked = Token("word", "自", taken.start, line[-1].end)
    found = spoken.period_since(text)
    for last in range(len(line) - 1, 0, -1) if found is None and clause.text == "应当" else ():
        inside = spoken.period_since("".join(token.text for token in line[:last]))
        if inside is not None and line[last].text not in KEYWORDS:
            # What is to be done, and by when.
            whole = Token("word", "", clause.start, line[-1].end)
            done = written(stop, line[last], line[-1])
            remedy = f"写成两行，先“应当 {done}”，后“期限 {inside[0]} + {inside[1]}”"
            return stop.report("E124", "规则语言不写“自 … 起 … 内”", whole, remedy)
    if found is not None and clause.text == "期限":
        remedy = f"写成“{found[0]} + {found[1]}”"
    elif found is not None:
        remedy = f"还在期限内，写“评估日 ≤ {found[0]} + {found[1]}”；已经满期，写“{found[0]} 起满 {found[1]}”"
    else:
        remedy = "从某一天起算的期限，写成“日期字段 + 30 天”“日期字段 + 3 个月”"
    return stop.report("E124", "规则语言不写“自 … 起 … 内”", marked, remedy)


def period_without_sign(stop: Stop) -> Diagnostic | None:
    """期限 建成日 30日内."""
    token, before = stop.token, stop.back()
    if token.kind not in ("number", "word") or before.kind != "word" or before.text in KEYWORDS:
        return None
    if clause_of(stop) != "期限" or stop.first_on_line(token) or before.text in _YEARS:
        return None
    day = re.sub("(?:之后|以后|后)$", "", before.text)
    early = stop.index + 1 if token.text in ("前", "之前", "以前", "提前") else 0
    length = spoken.written("".join(one.text for one in line_from(stop, early))) if early else None
    if length is not None and spoken.is_period(length):
        marked = Token("word", "", before.start, line_from(stop, early)[-1].end)
        return stop.report("E130", f"规则语言不写“{token.text}”", marked, f"写成“{before.text} − {length}”")
    rest = "".join(each.text for each in line_from(stop, stop.index))
    begin = token.start if day == before.text else before.start
    marked = Token("word", rest, begin, line_from(stop, stop.index)[-1].end)
    found = spoken.period_since(f"{day or before.text}起{_SINCE.sub('', rest)}")
    if found is None:
        return None
    return stop.report("E130", f"“{before.text}”和时长之间缺“+”", marked, f"写成“{day} + {found[1]}”")


def day_said(stop: Stop) -> Diagnostic | None:
    """每年 10月底前, 次年 3月31日前: the number comes as a second token."""
    token, before = stop.token, stop.back()
    round_ = before.text.startswith("每") and token.kind == "word" and clause_of(stop) == "期限"
    if not round_ and (token.kind != "number" or before.text not in _YEARS):
        return None
    last = stop.index
    for number in range(stop.index, min(stop.index + 8, len(stop.tokens))):
        if stop.first_on_line(stop.tokens[number]):
            break
        last = number
        said = "".join(each.text for each in stop.tokens[stop.index - 1 : number + 1])
        following = stop.tokens[number + 1].text if number + 1 < len(stop.tokens) else ""
        remedy = spoken.day_remedy(said, due=clause_of(stop) == "期限")
        if remedy is not None and following not in ("底", "末", "前", "之前", "以前"):
            marked = Token("word", said, before.start, stop.tokens[last].end)
            return stop.report(
                "E145",
                f"“{written(stop, before, stop.tokens[last])}”是文件里的时间说法，规则里另有写法",
                marked,
                remedy,
            )
    return None


def days_listed(stop: Stop) -> Diagnostic | None:
    """{ 2026年10月1日-2026年10月7日 }, { 2026年10月1日至7日 }: a stretch of days in other words."""
    first, token = stop.back(), stop.token
    if not stop.opener.startswith("{") or first.kind != "date":
        return None
    rest = "".join(each.text for each in line_from(stop, stop.index))
    found = _UNTIL.match(rest)
    if found is None:
        return None
    begun = re.findall("[0-9]+", first.text)
    parts = [part for part in found.groups() if part]
    end = [*begun[: 3 - len(parts)], *parts]
    shown = [f"{year}年{int(month)}月{int(day)}日" for year, month, day in (begun, end)]
    last = next(each for each in stop.tokens[stop.index :] if each.end - token.start >= found.end())
    marked = Token("word", "", first.start, last.end)
    return stop.report("E130", "一段日期中间写“至”，两头都写全年月日", marked, f"写成“{shown[0]} 至 {shown[1]}”")


def fullness(stop: Stop) -> Diagnostic | None:
    """建成日 满三年, 带动户数 满 10 户."""
    token, before = stop.token, stop.back()
    found = _FULL.fullmatch(token.text)
    if (
        found is None
        or found[1] == "足"
        or before.kind != "word"
        or before.text in KEYWORDS
        or "且" not in stop.expected
    ):
        return None
    rest = [each for each in line_from(stop, stop.index + 1)][:2] if not found[1] else []
    said = found[1] or "".join(each.text for each in rest)
    shown = spoken.written(said) or spoken.written(f"{said}内") or said
    last = rest[-1] if rest else token
    marked = Token("word", "", token.start, last.end)
    verb = "起满" if spoken.is_period(shown) else "≥"
    return stop.report("E124", f"规则语言不写“{token.text}”", marked, f"写成“{before.text} {verb} {shown}”")


def bare_choice(stop: Stop) -> Diagnostic | None:
    """视 应收租金 < 10 万元（是：…；否：…）: a condition after 视 stands in brackets."""
    words = [each.text for each in stop.tokens[: stop.index]]
    if "视" not in words or stop.at_clause or "且" in stop.expected or stop.token.kind == END:
        return None
    at = len(words) - 1 - words[::-1].index("视")
    opened = next((n for n in range(stop.index, len(stop.tokens)) if stop.tokens[n].text == "("), None)
    if words[at + 1 : at + 2] == ["("] or stop.index - at < 2 or opened is None or opened < stop.index + 1:
        return None
    condition = written(stop, stop.tokens[at + 1], stop.tokens[opened - 1])
    marked = Token("word", "", stop.tokens[at + 1].start, stop.tokens[opened - 1].end)
    return stop.report("E130", "“视”后面的条件没有放在括号里", marked, f"写成“（{condition}）”")


def doubled(stop: Stop) -> Diagnostic | None:
    """当 如果 甲."""
    before, keyword = stop.back(), stop.back(2)
    if keyword.text not in SYNONYMS.get(before.text, ()) or keyword.text in OPERATOR_WORDS:
        return None
    return stop.report("E124", f"写了“{keyword.text}”，就不再写“{before.text}”", before, f"删去“{before.text}”")


def in_principle(stop: Stop) -> Diagnostic | None:
    """原则上不得, 一般应当: neither a duty nor none."""
    found = _PRINCIPLE.fullmatch(stop.token.text)
    if found is None or not stop.at_clause:
        return None
    if stop.keyword in ("义务", "禁令"):
        line = line_from(stop, stop.index + 1)
        word = line[0].text if line and len(line) > 1 else ""
        forbids = stop.token.text.endswith("不得") or "不得" in (word, *SYNONYMS.get(word, ()))
        if word in ("应当", "不得") or {"应当", "不得"} & {*SYNONYMS.get(word, ())}:
            line = line[1:]
        said = written(stop, line[0], line[-1]) if line else "…"
        said = f"非（{said}）" if forbids else said
        remedy = f"做不到可以说明理由的，在“义务”里写“原则上应当 {said}”，并加一行“否则说明 字段名”；"
        remedy += "没有例外的写“应当”或“不得”；有例外的，例外写在“除外”里；只作提醒的，另写“提示”"
        return stop.report("E124", f"规则语言不写“{stop.token.text}”", stop.token, remedy)
    remedy = "没有例外的删去它，写“应当”或“不得”；有例外的，例外写在“除外”里；只作提醒的，另写“提示”"
    return stop.report("E124", f"规则语言没有“{stop.token.text}”这种语气", stop.token, remedy)


def respectively(stop: Stop) -> Diagnostic | None:
    """带动户数 分别 ≥ 5 户、10 户; 参照 帮扶项目 执行; 人均 收入: what stands for several sentences, for one that stands elsewhere, or for
    a quotient."""
    each = _PER.fullmatch(stop.back().text)
    if each is not None and stop.token.kind == "word" and stop.token.text not in KEYWORDS and begins_operand(stop, 1):
        marked = Token("word", "", stop.back().start, stop.token.end)
        return stop.report(
            "E124", f"规则语言不写“{each[0]}”", marked, f"写成除法：{stop.token.text} ÷ {each[1] or each[2]}数的字段"
        )
    for one in (stop.token, stop.back()):
        if one.text.startswith("分别") and one.kind == "word":
            remedy = "几样各是各的数，就各写一条，各写各的条件和数"
            return stop.report("E124", "规则语言不写“分别”", one, remedy)
        if (
            one.text in ("参照", "比照")
            and one.kind == "word"
            and any(t.text.endswith("执行") for t in line_from(stop, stop.index))
        ):
            remedy = "照着办的那几条，条件里把两种都列上，如“对象 属于 { 甲、乙 }”；上级的条文，写“修订”加“或者”"
            return stop.report("E124", f"规则语言不写“{one.text} … 执行”", one, remedy)
    return None


_PER: Final = re.compile("([人户村亩])均|(?:平均)?每([人户村亩])")


def until_now(stop: Stop) -> Diagnostic | None:
    """停产日 至今 满 1 年, 停产日 距今 超过 1 年."""
    at = stop.index if stop.back().text != "自" else stop.index + 1
    rest = stop.tokens[at:]
    day = stop.tokens[at - 1] if at else stop.token
    if not rest or not (found := _NOW.fullmatch(rest[0].text)) or day.kind != "word" or day.text in KEYWORDS:
        return None
    line = line_from(stop, at + 1)
    if not found[1] and line and (open_ := _how_long(stop, day, rest[0], line)) is not None:
        return open_
    said = found[1] or (line[0].text if line else "")
    number = line if found[1] else line[1:]
    sign = next((sign for sign, words in _ELAPSED.items() if said in words), None)
    if sign is None or not number or number[0].kind not in ("number", "word"):
        return None
    last = number[0]
    if last.kind == "number" and len(number) > 1 and number[1].kind == "word" and number[1].text not in KEYWORDS:
        last = number[1]
    length = f"{number[0].text}{last.text if last is not number[0] else ''}"
    shown = spoken.written(length) or written(stop, number[0], last)
    if not spoken.is_period(shown):
        return None
    meant = f"{day.text} 起满 {shown}" if sign == "≥" else f"评估日 {sign} {day.text} + {shown}"
    first = stop.back() if stop.back().text == "自" else day
    marked = Token("word", "", first.start, last.end)
    return stop.report("E124", f"规则语言不写“{rest[0].text}”", marked, f"写成“{meant}”")


def _how_long(stop: Stop, day: Token, word: Token, line: tuple[Token, ...]) -> Diagnostic | None:
    """停产日 至今 6 个月, 停产日 起 6 个月: whether it has passed or not yet is not said."""
    last = line[1] if line[0].kind == "number" and len(line) > 1 and line[1].kind == "word" else line[0]
    figure = "".join(one.text for one in dict.fromkeys((line[0], last)))
    shown = spoken.written(figure) or written(stop, line[0], last)
    if line[0].kind not in ("number", "word") or not spoken.is_period(shown):
        return None
    if clause_of(stop) == "期限" or any(one.text == "自" for one in stop.tokens[max(0, stop.index - 3) : stop.index]):
        return None
    marked = Token("word", "", day.start, last.end)
    remedy = f"满了的写“{day.text} 起满 {shown}”，还没有满的写“评估日 < {day.text} + {shown}”"
    return stop.report("E124", f"“{word.text}”后面没有说满没满", marked, remedy)


def within(stop: Stop) -> Diagnostic | None:
    """建成日 后 6 个月 内 停产: what happened within some time after a day."""
    at = next(
        (n for n in (stop.index, stop.index - 1) if n > 0 and stop.tokens[n : n + 1] and stop.tokens[n].text in _AFTER),
        0,
    )
    if not at or stop.tokens[at - 1].kind != "word" or stop.tokens[at - 1].text in KEYWORDS:
        return None
    line = line_from(stop, at + 1)
    end = next(
        (n for n, one in enumerate(line[:4]) if one.text in ("内", "之内", "以内") or one.text.endswith("内")), 0
    )
    if not end or end + 1 >= len(line) or line[end + 1].kind != "word":
        return None
    shown = spoken.written("".join(one.text for one in line[: end + 1]))
    day, done = stop.tokens[at - 1].text, line[end + 1].text
    if shown is None or not spoken.is_period(shown) or done in KEYWORDS:
        return None
    marked = Token("word", "", stop.tokens[at - 1].start, line[end + 1].end)
    when = f"{done.removesuffix('的')}日"
    remedy = f"哪一天{done}的记在一个日期字段里（如 {when}），写“{when} ≤ {day} + {shown}”"
    return stop.report("E124", f"规则语言不写“{stop.tokens[at].text} … 内”", marked, remedy)


_AFTER: Final = ("后", "之后", "以后", "起")
_NOW: Final = re.compile(r"(?:起|至今|距今|到现在|到今天|至评估日)(?:已)?(满|超过|达到|不足|≥|>)?")
_ELAPSED: Final = {
    "≥": ("满", "已满", "达", "达到", "已达", "≥", ">=", "不少于", "不低于", "至少"),
    ">": (">", "超过", "大于", "已超过", "超"),
    "<": ("<", "不足", "未满", "不满", "小于", "少于"),
    "≤": ("≤", "<=", "不超过", "不大于"),
}


def day_with_tail(stop: Stop) -> Diagnostic | None:
    """期限 2025年12月31日 前."""
    token, before = stop.token, stop.back()
    if (
        before.kind != "date"
        or token.text not in ("前", "之前", "以前", "止", "为止", "底前")
        or clause_of(stop) != "期限"
    ):
        return None
    return stop.report("E130", f"期限只写日期，不写“{token.text}”", token, f"删去“{token.text}”")


def third_part(stop: Stop) -> Diagnostic | None:
    """项目.资金.金额."""
    if stop.token.text != "." or stop.back(2).text != "." or stop.ahead().kind != "word":
        return None
    before, after = stop.back(), stop.ahead()
    marked = Token("word", "", stop.back(3).start, after.end)
    return stop.report("E130", "名称最多写两段：对象.字段", marked, f"写成“{before.text}.{after.text}”")


def unquoted_message(stop: Stop) -> Diagnostic | None:
    """说 产业占比不够."""
    if stop.back().text != "说" or stop.token.kind in ("quote", END) or "quote" not in stop.expected:
        return None
    line = line_from(stop, stop.index)
    if stop.token.text in KEYWORDS and stop.first_on_line(stop.token):
        return None
    text = stop.source.text[line[0].start : line[-1].end].strip("“”\"'‘’=＝:： ")
    marked = Token("word", text, line[0].start, line[-1].end)
    return stop.report("E130", "“说”后面的话没有放在引号里", marked, f"写成：说 “{text}”")


def comma_before_clause(stop: Stop) -> Diagnostic | None:
    """如果 甲，那么 乙: a comma before what begins another clause."""
    token, after = stop.token, stop.ahead()
    if token.text != "," or not stop.at_clause or stop.first_on_line(after) or after.kind != "word":
        return None
    allowed = CLAUSES[stop.keyword].all if stop.keyword in CLAUSES else ()
    meant = [word for word in (after.text, *SYNONYMS.get(after.text, ())) if word in allowed and word in KEYWORDS]
    if not meant:
        return None
    return stop.report("E122", f"“{after.text}”前面不写逗号", token, f"删去逗号，另起一行写“{meant[0]}”")
