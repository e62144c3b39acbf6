"""Slips that come from spreadsheets and programs: AND(…), IF(…), DATE(2025,1,1), TODAY(), !甲, =>, 甲 like 乙, // 注.

Why this exists: who keeps ledgers in Excel types what Excel understands. What means the same in the language is written out.

Invariants: as in `habits`. What a formula holds is taken as it was written, so that slips inside it are told next.
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Final

from policyrules.diagnostics import Diagnostic
from policyrules.language import spoken
from policyrules.language.habits import FUNCTIONS, arguments, begins_operand, clause_of, line_from, written
from policyrules.language.keywords import KEYWORDS
from policyrules.language.layout import date_text
from policyrules.language.stops import COMPARISON_SIGNS, JOINERS, Stop, Token
from policyrules.operators import MIRRORED
from policyrules.text import one_line

_JOINING: Final = {"and": "且", "or": "或", "并且": "且", "或者": "或"}
_NOT: Final = ("not", "非")
_CHOOSING: Final = ("if", "ifs", "iif", "如果", "若")
_TODAY: Final = ("today", "now", "sysdate", "getdate", "今天", "今日")
_ROUNDING: Final = ("round", "roundup", "rounddown", "int", "trunc", "ceiling", "floor", "四舍五入", "取整")
_PATTERNS: Final = ("like", "匹配", "包含文字", "模糊匹配", "类似")
_QUOTES: Final = {"‘": "’", "'": "'", "’": "’", "`": "`"}
_MONEY: Final = ("¥", "￥", "$")
_SIGNS: Final = {("=", ">"): "≥", ("=", "<"): "≤", ("&", "&"): "且", ("|", "|"): "或"}
_SUMS: Final = ("+", "-", "−", "×", "÷", "*", "/")
_DAYS_APART: Final = ("datediff", "相差天数", "间隔天数", "天数差", "日期差", "相差", "间隔")
_COMPARED: Final = {"≥": "≥", ">=": "≥", ">": ">", "<": "<", "≤": "≤", "<=": "≤", "=": "=", "==": "="}
_FALLBACKS: Final = ("coalesce", "nvl", "ifnull", "isnull")
_LOOKUPS: Final = ("vlookup", "hlookup", "xlookup", "lookup", "index", "match")
_SPANS: Final = {"y": "年", "m": "个月", "d": "天"}


def formula(stop: Stop) -> Diagnostic | None:
    """AND(甲, 乙), NOT(甲), IF(甲, 乙, 丙), DATE(2025,1,1), TODAY(), ISBLANK(甲), YEAR(甲), DATEDIF(甲, 乙, "Y")."""
    before = stop.back()
    if stop.token.text != "(" or before.kind != "word":
        return None
    name = before.text.casefold()
    if name in FUNCTIONS or not (begins_operand(stop, 1) or stop.back(2).text in (*COMPARISON_SIGNS, *_SUMS)):
        return None
    parts, end = arguments(stop)
    whole = Token("word", before.text, before.start, end)
    apart = _month(stop, name, parts, before.start, end) or _apart(stop, name, parts, before.start, end)
    if apart is not None:
        return apart
    meant = _meant(stop, name, parts)
    return None if meant is None else stop.report("E124", f"规则语言不写“{before.text}（…）”", whole, meant)


def _meant(stop: Stop, name: str, parts: list[str]) -> str | None:
    full = len(parts) if all(parts) else 0
    if name in _JOINING and full > 1:
        return f"写成“（{f' {_JOINING[name]} '.join(parts)}）”"
    blank = (
        re.fullmatch(r"(?:isblank|isnull|isempty)[（(]\s*([^()（）]+?)\s*[)）]", parts[0], re.IGNORECASE)
        if parts
        else None
    )
    if name in _NOT and full == 1 and blank is not None:
        return f"写成“{blank[1]} 已填”"
    if name in _NOT and full == 1:
        return f"写成“非（{parts[0]}）”"
    if name in _CHOOSING:
        if (
            full == 3
            and clause_of(stop) == "则"
            and stop.back(2).text == "则"
            and all(" 为 " in one for one in parts[1:])
        ):
            one, other = (f"则 {part}" for part in parts[1:])
            return f"分成两条规则：一条写“当 {parts[0]}”“{one}”，另一条写“当 非（{parts[0]}）”“{other}”"
        return _chosen(stop, *parts) if full == 3 else "写“视（条件）（是：甲；否：乙）”"
    if name in _TODAY:
        return "写成“评估日”"
    if name == "date" and full == 3:
        return _day(parts)
    if name in ("isblank", "isnull", "isempty") and full == 1:
        return f"写成“{parts[0]} 未填”"
    if name == "year" and full == 1:
        return f"写成“{parts[0]} 之年”"
    if name in ("edate", "eomonth") and full == 2 and re.fullmatch("[-−]?[0-9]+", parts[1]) is not None:
        length = parts[1].lstrip("-−")
        moved = f"{parts[0]} {'+' if length == parts[1] else '−'} {length} 个月"
        if name == "eomonth":
            moved = f"{parts[0]} 之月末" if not int(length) else f"（{moved}） 之月末"
        return f"写成“{moved}”"
    if name in _FALLBACKS and full == 2:
        return f"写成“（首选 {parts[0]}，缺则 {parts[1]}）”"
    difference = (
        re.fullmatch(r"([^()（）+−-]+?)\s*[-−]\s*([^()（）+−-]+)", parts[0]) if name == "abs" and full == 1 else None
    )
    if difference is not None:
        one, other = difference.groups()
        return f"写成“取大（{one} − {other}；{other} − {one}）”"
    if name in _LOOKUPS:
        return "上级的字段直接写名称；取明细里一行的数，写“取 对象.字段 其中（条件）”；有没有这样的一行，写“任一 对象 满足（条件）”"
    if name in ("datedif", "datediff"):
        unit = _SPANS.get(re.sub(r"\W", "", parts[-1]).casefold(), "年")
        day = parts[0] if full == 3 else "日期"
        return f"满多久写“{day} 起满 1 {unit}”；两个日期相差几天写“后一个日期 − 前一个日期”"
    if name not in _ROUNDING and name.isascii() and name.isalpha():
        return "规则语言没有这个函数；条件由字段、数和“≥”“为”“属于”这些词写成"
    if name in _ROUNDING:
        return "规则语言不取整，按准确的数比较；删去它和它的括号"
    return None


def _apart(stop: Stop, name: str, parts: list[str], start: int, end: int) -> Diagnostic | None:
    """DATEDIF(开工日, TODAY(), "Y") ≥ 3, DATEDIF(甲, 乙, "D") > 90, DAYS(乙, 甲) > 90: with what it is compared with."""
    if name == "datedif" and len(parts) == 3:
        (first, last), span = parts[:2], re.sub(r"\W", "", parts[2]).casefold()
    elif name == "days" and len(parts) == 2:
        (last, first), span = parts, "d"
    elif name in _DAYS_APART and len(parts) == 2 and all(parts):
        one, other = (_today(part) for part in parts)
        whole = Token("word", "", start, end)
        remedy = f"晚的日期写在前面，写“{other} − {one}”或“{one} − {other}”，比的数写天数，如 90 天"
        return stop.report("E124", f"规则语言不写“{stop.back().text}（…）”", whole, remedy)
    else:
        return None
    rest = [one for one in stop.tokens if one.start >= end][:3]
    sign = _COMPARED.get(rest[0].text) if rest else None
    unit = _SPANS.get(span)
    if sign is None or unit is None or len(rest) < 2 or rest[1].kind != "number":
        return None
    first, last, number = _today(first), _today(last), rest[1].text
    marked = Token("word", "", start, rest[1].end)
    said = f"规则语言不写“{stop.back().text}（…）”"
    if unit == "天" and last != "评估日":
        return stop.report("E124", said, marked, f"写成“{last} − {first} {sign} {number} 天”")
    if sign not in ("≥", "<") and unit != "天":
        # Whole months and years are counted: more than 3 of them is 4.
        if sign not in (">", "≤") or not number.isdecimal():
            return None
        sign, number = {">": "≥", "≤": "<"}[sign], str(int(number) + 1)
    if last == "评估日" and sign == "≥":
        return stop.report("E124", said, marked, f"写成“{first} 起满 {number} {unit}”")
    return stop.report("E124", said, marked, f"写成“{last} {sign} {first} + {number} {unit}”")


def _month(stop: Stop, name: str, parts: list[str], start: int, end: int) -> Diagnostic | None:
    """MONTH(停产日) = 3, MONTH(停产日) ≥ 7: by the first day of a month, which day of every year is on or after another."""
    rest = [one for one in stop.tokens if one.start >= end][:2]
    sign = (
        _COMPARED.get(rest[0].text) if name in ("month", "月份", "月") and len(parts) == 1 and len(rest) == 2 else None
    )
    number = int(rest[1].text) if sign is not None and rest[1].text.isdecimal() else 0
    if sign is None or not 1 <= number <= 12:
        return None
    day, following = parts[0], number % 12 + 1
    meant = f"{day} 之月末 + 1 天 = （每年 {following}月1日 起算 {day}）"
    if sign != "=":
        # From March on: the next first of March comes after the year's end.
        first = number if sign in ("≥", "<") else number + 1
        if not 2 <= first <= 12:
            return None
        meant = f"（每年 {first}月1日 起算 （{day} + 1 天）） {'>' if sign in ('≥', '>') else '≤'} {day} 之年末"
    marked = Token("word", "", start, rest[1].end)
    return stop.report("E124", f"规则语言不写“{stop.back().text}（…）”", marked, f"写成“{meant}”")


def method(stop: Stop) -> Diagnostic | None:
    """资金.count(), 资金.金额.sum()."""
    tokens = (stop.back(), *line_from(stop, stop.index))
    at = 0 if stop.token.text == "(" else 2
    if stop.back(2).text != "." or [one.text for one in tokens[at + 1 : at + 3]] != ["(", ")"]:
        return None
    word = FUNCTIONS.get(tokens[at].text.casefold())
    first = stop.back(3)
    subject = first.text if at == 0 else f"{first.text}.{tokens[0].text}"
    if word is None or stop.back(4).text == "." or (word == "计数") != (at == 0):
        return None
    marked = Token("word", "", first.start, tokens[at + 2].end)
    said = f"规则语言不写“.{tokens[at].text}（）”"
    return stop.report("E124", said, marked, f"写成“{word} {subject}”")


def _today(part: str) -> str:
    return "评估日" if part.casefold().replace(" ", "") in ("today()", "now()", "today（）", "今天", "today") else part


def _chosen(stop: Stop, condition: str, first: str, second: str) -> str:
    """IF(…): in a conclusion whose values are words, two rules."""
    first, second = (re.sub(r"^[“\"']|[”\"']$", "", part) for part in (first, second))
    if clause_of(stop) == "则" and stop.back(2).text == "为" and not re.search("[0-9]", first + second):
        decision = stop.back(3).text
        return (
            f"分成两条规则：一条写“当 {condition}”“则 {decision} 为 {first}”，"
            f"另一条写“当 非（{condition}）”“则 {decision} 为 {second}”"
        )
    if (spoken.truth_meant(first), spoken.truth_meant(second)) == ("是", "否"):
        return f"写成“（{condition}）”"
    return f"写成“视（{condition}）（是：{first}；否：{second}）”"


def _day(parts: list[str]) -> str | None:
    try:
        day = datetime.date(*map(int, parts))
    except (ValueError, TypeError):
        return None
    return f"写成“{date_text(day)}”"


def counted_if(stop: Stop) -> Diagnostic | None:
    """COUNTIF(资金.金额, ">5 万元"), SUMIF(资金.资金来源, "衔接资金", 资金.金额)."""
    before = stop.back()
    name = before.text.casefold()
    if stop.token.text != "(" or name not in ("countif", "sumif"):
        return None
    parts, end = arguments(stop)
    field = re.fullmatch(r"(\w+)\.(\w+)", parts[0]) if len(parts) > 1 else None
    if field is None or (name == "sumif" and len(parts) != 3):
        return None
    wanted = parts[1].strip("“”\"' ")
    sign = re.match(r"[<>=≥≤≠]+", wanted)
    condition = f"{field[2]} {wanted}" if sign is not None else f"{field[2]} 为 {wanted}"
    said = f"计数 {field[1]}" if name == "countif" else f"合计 {parts[2]}"
    marked = Token("word", before.text, before.start, end)
    return stop.report("E124", f"规则语言不写“{before.text}（…）”", marked, f"写成“{said} 其中（{condition}）”")


def unit_in_brackets(stop: Stop) -> Diagnostic | None:
    """应收租金（万元） ≥ 50, 50（万元）: the unit as in the head of a column."""
    before = stop.back()
    if stop.token.text != "(" or before.kind not in ("word", "number") or before.text in KEYWORDS:
        return None
    inside = stop.tokens[stop.index + 1 : stop.index + 3]
    if len(inside) < 2 or inside[1].text != ")" or inside[0].text not in _UNITS:
        return None
    unit, rest = inside[0].text, stop.tokens[stop.index + 3 : stop.index + 5]
    gap = "" if unit == "%" else " "
    if before.kind == "number":
        marked = Token("word", "", before.start, inside[1].end)
        return stop.report("E130", "单位不加括号", marked, f"写成“{before.text}{gap}{unit}”")
    if len(rest) < 2 or rest[0].text not in COMPARISON_SIGNS or rest[1].kind != "number":
        marked = Token("word", "", stop.token.start, inside[1].end)
        return stop.report("E130", "单位写在数后面", marked, f"删去“（{unit}）”")
    marked = Token("word", "", before.start, rest[1].end)
    meant = f"{before.text} {rest[0].text} {rest[1].text}{gap}{unit}"
    return stop.report("E130", "单位写在数后面", marked, f"写成“{meant}”")


_UNITS: Final = ("元", "万元", "亿元", "亩", "公顷", "天", "个月", "年", "户", "人", "个", "家", "笔", "项", "次", "%")


def doubled_sign(stop: Stop) -> Diagnostic | None:
    """=>, =<, &&, ||: a sign of two marks."""
    token = stop.token
    for one, other in ((stop.back(), token), (token, stop.ahead())):
        meant = _SIGNS.get((one.text, other.text))
        if meant is not None and one.end == other.start:
            both = Token("mark", one.text + other.text, one.start, other.end)
            code = "E137" if meant in JOINERS else "E124"
            return stop.report(code, f"规则语言不写“{both.text}”", both, f"写“{meant}”")
    return None


def exclamation(stop: Stop) -> Diagnostic | None:
    """!已形成."""
    token, after = stop.token, stop.ahead()
    if token.text != "!" or not stop.wants_operand or (after.kind != "word" and after.text != "("):
        return None
    if after.kind == "word":
        marked = Token("mark", "!", token.start, after.end)
        return stop.report("E137", "规则语言不用“!”", marked, f"写成“非 {after.text}”")
    return stop.report("E137", "规则语言不用“!”", token, "写“非”")


def single_quotes(stop: Stop) -> Diagnostic | None:
    """‘好’, '好', 「好」 for “好”."""
    token = stop.token
    closing = _QUOTES.get(token.text)
    if closing is None:
        return None
    line = stop.source.text[token.end :].partition("\n")[0]
    inside, found, _ = line.partition(closing)
    if not found or not inside.strip():
        return None
    end = token.end + len(inside) + len(found)
    marked = Token("mark", token.text, token.start, end)
    return stop.report("E137", f"规则语言不用“{token.text}”", marked, f"引号用“”，写成：“{one_line(inside).strip()}”")


def money_sign(stop: Stop) -> Diagnostic | None:
    """￥50."""
    token, after = stop.token, stop.ahead()
    if token.text not in _MONEY or after.kind != "number":
        return None
    line = line_from(stop, stop.index + 2)
    unit = line[0].text if line and line[0].text in ("元", "万元", "亿元", "万", "亿") else ""
    said = f"{after.text} {unit}{'元' if not unit.endswith('元') else ''}"
    marked = Token("mark", token.text, token.start, line[0].end if unit else after.end)
    return stop.report("E137", f"规则语言不用“{token.text}”", marked, f"写成“{said}”")


def mistyped(stop: Stop) -> Diagnostic | None:
    """1O 户, l0 户, .5, 50.%: a figure with a letter that looks like one, or with nothing on one side of its point."""
    line_start = stop.source.text.rfind("\n", 0, stop.token.start) + 1
    line = stop.source.text[line_start:].partition("\n")[0].partition("#")[0]
    for found in _MISTYPED.finditer(line):
        here = line_start + found.end() > stop.back().start and line_start + found.start() <= stop.token.end
        if here and "“" not in line[: found.start()]:
            text = found[0].translate(_LOOKALIKE)
            shown = f"0{text}" if text.startswith(".") else text.removesuffix(".")
            letter = next((char for char in found[0] if char.isalpha()), "")
            said = (
                f"“{found[0]}”里的“{letter}”是字母，不是数字"
                if letter
                else f"小数点{'前' if text[0] == '.' else '后'}面没有数字"
            )
            marked = Token("number", "", line_start + found.start(), line_start + found.end())
            return stop.report("E116", said, marked, f"写成“{shown}”")
    return None


_MISTYPED: Final = re.compile(
    r"(?<![\w.])(?:(?=[OolI]*[0-9])(?=[0-9]*[OolI])[0-9OolI]+(?=[ \t\u3000%％万亿元户人个天年月笔项亩]|$)|\.[0-9]+(?![0-9.])|[0-9]+\.(?=[ \t]*[%％]))"
)
_LOOKALIKE: Final = str.maketrans("OolI", "0011")


def chosen_in_words(stop: Stop) -> Diagnostic | None:
    """当 如果 甲 那么 乙 否则 丙: a condition that depends on another."""
    inside = clause_of(stop) in ("当", "应当", "不得", "除外") and stop.token.text in (
        "如果",
        "若",
        "那么",
        "否则",
        "则",
    )
    if not inside and stop.back().text not in ("如果", "若", "假如"):
        return None
    start = stop.source.text.rfind("\n", 0, stop.token.start) + 1
    line = stop.source.text[start:].partition("\n")[0].partition("#")[0].rstrip()
    # One word after the other: a pattern of all three would try each with each.
    when = _WHEN.search(line)
    then = None if when is None else _THEN.search(line, when.end())
    other = None if then is None else _OTHERWISE.search(line, then.end())
    if when is None or then is None or other is None:
        return None
    said = line[when.end() : then.start()], line[then.end() : other.start()], line[other.end() :]
    condition, first, second = (part.strip(" \t\u3000,，;；") for part in said)
    if not (condition and first and second):
        return None
    marked = Token("word", "", start + when.start(), start + len(line))
    meant = f"视（{condition}）（是：{first}；否：{second}）"
    return stop.report("E124", "规则语言不写“如果 … 那么 … 否则 …”", marked, f"写成“{meant}”")


_WHEN: Final = re.compile("如果|若|假如")
_THEN: Final = re.compile("那么|那|则|就")
_OTHERWISE: Final = re.compile("否则|不然")


def unit_sign(stop: Stop) -> Diagnostic | None:
    """总投资 × 5 ‰, 面积 > 1000 ㎡."""
    number, sign = stop.back(), stop.token
    if sign.text not in ("‰", "㎡", "m²") or number.kind != "number":
        return None
    shown = spoken.value(f"{number.text}‰")
    if sign.text != "‰":
        shown = f"{(Decimal(number.text) / 10_000).normalize():f} 公顷"
    marked = Token("mark", sign.text, number.start, sign.end)
    return stop.report("E137", f"规则语言不用“{sign.text}”", marked, f"写成 {shown}")


def comment(stop: Stop) -> Diagnostic | None:
    """// 注."""
    token = stop.token
    first = stop.back() if stop.back().text == token.text else token
    second = token if first is not token else stop.ahead()
    if token.text not in ("/", "÷") or second.text != token.text or first.end != second.start:
        return None
    marked = Token("mark", "//", first.start, second.end)
    return stop.report("E137", "注释不用“//”", marked, "写“#”")


def pattern(stop: Stop) -> Diagnostic | None:
    """项目类型 like “养殖*”."""
    token, subject = stop.token, stop.back()
    if token.text.casefold() not in _PATTERNS or subject.kind != "word":
        return None
    remedy = f"文字只能整个相同；把要的值都列出来：{subject.text} 属于 {{ 甲、乙 }}"
    return stop.report("E124", f"规则语言不写“{token.text}”", token, remedy)


def chained(stop: Stop) -> Diagnostic | None:
    """10 万元 ≤ 应收租金 ≤ 50 万元; 应收租金 ≥ 10 万元 且 ≤ 50 万元."""
    token = stop.token
    sign = _SIGN_OF.get(token.text)
    if sign is None:
        return None
    above = line_from(stop, stop.index + 1)
    if not above or above[0].kind not in ("number", "word", "date"):
        return None
    top = _amount(above)
    if stop.back().text in JOINERS:
        earlier = next((n for n in range(stop.index - 2, 0, -1) if stop.tokens[n].text in _SIGN_OF), None)
        if earlier is None or stop.tokens[earlier - 1].kind != "word":
            return None
        subject = stop.tokens[earlier - 1].text
        last = above[top or 0]
        marked = Token("mark", token.text, token.start, last.end)
        meant = f"{subject} {sign} {written(stop, above[0], last)}"
        said = f"“{stop.back().text}”后面的“{sign}”左边没有写是什么"
        return stop.report("E130", said, marked, f"写成“{meant}”")
    subject_at = stop.index - 1
    first = stop.tokens[subject_at - 1] if subject_at > 0 else token
    if stop.tokens[subject_at].kind != "word" or first.text not in _SIGN_OF:
        return None
    begin = subject_at - 2
    if begin >= 0 and stop.tokens[begin].kind == "word" and begin > 0 and stop.tokens[begin - 1].kind == "number":
        begin -= 1
    if begin < 0 or stop.tokens[begin].kind not in ("number", "date") or top is None:
        return None
    subject = stop.tokens[subject_at].text
    low = written(stop, stop.tokens[begin], stop.tokens[subject_at - 2])
    marked = Token("mark", "", stop.tokens[begin].start, above[top].end)
    high = written(stop, above[0], above[top])
    meant = f"{subject} {MIRRORED[_SIGN_OF[first.text]]} {low} 且 {subject} {sign} {high}"
    return stop.report("E131", "一次只写一个比较，两个比较用“且”连起来", marked, f"写成“{meant}”")


def _amount(tokens: tuple[Token, ...]) -> int | None:
    """The place of the last token of a number with its unit, or of a date, that begins here."""
    if tokens[0].kind == "date":
        return 0
    if tokens[0].kind != "number":
        return None
    following = tokens[1] if len(tokens) > 1 else None
    has_unit = following is not None and following.text not in KEYWORDS
    return int(has_unit and following is not None and (following.kind == "word" or following.text == "%"))


_SIGN_OF: Final = {"<": "<", "≤": "≤", ">": ">", "≥": "≥", "<=": "≤", ">=": "≥"}
