"""What went wrong where the grammar stopped: syntax diagnostics in the words of policy staff.

Why this exists: a parser knows only which token it did not expect. People need to hear which slip it probably was (a
missing space, a comma between conditions, 如果 for 当) and how to write it.

Invariants: each check is a function from a `Stop` to a diagnostic or None; the first that answers wins, so the order of
`_CHECKS` goes from the surest to the vaguest; `explain` always answers. No name of a grammar terminal is shown.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from policyrules.diagnostics import Diagnostic, Label
from policyrules.language import (
    changes_said,
    clauses_said,
    conclusions,
    declared_said,
    formulas,
    groups_said,
    habits,
    headings,
    rows_said,
    scopes,
    separators,
    spoken,
    turns,
    values_said,
)
from policyrules.language.keywords import (
    CLAUSES,
    CONDITIONS,
    DECLARATIONS,
    FOREIGN_MARKS,
    KEYWORDS,
    LIMITS,
    NUMBER_TAILS,
    SYNONYMS,
    clause_list,
)
from policyrules.language.stops import (
    CLAUSE_WORDS,
    COMPARISON_SIGNS,
    END,
    JOINERS,
    OPERATOR_WORDS,
    Stop,
    Token,
)
from policyrules.language.table_cells import TONES
from policyrules.source import Span
from policyrules.spelling import nearest
from policyrules.text import one_line

_WHOLE_WORDS = ("当年", "当月", "当前", "当地", "至少", "至多", "至今", "对于", "自从", "不满足")
"""Words of Chinese that begin with one of the language."""
_NEVER_VALUES = ("计数", "合计", "最大", "最小", "取", "首选", "评估日", "本", "(", "-", "视")
_REACHING = ("+", "-", "−", "×", "÷", "*", "/", ".")
_BOUNDS = (*JOINERS, "(", ")", ";", ":", "仅当", ",")


def explain(stop: Stop) -> Diagnostic:
    """The diagnostic for the place where the grammar stopped."""
    for check in _CHECKS:
        diagnostic = check(stop)
        if diagnostic is not None:
            return diagnostic
    return _generic(stop)


# ---- the checks, surest first ---------------------------------------------------------------------------------------


def _symbol(stop: Stop) -> Diagnostic | None:
    token = stop.token
    if token.kind != "mark":
        return None
    normal = unicodedata.normalize("NFKC", token.text)
    if normal != token.text and token.text not in FOREIGN_MARKS:
        message = f"“{token.text}”（U+{ord(token.text):04X}）和“{normal}”形近，其实不是同一个字"
        return stop.report("E105", message, token, f"重新输入“{normal}”")
    if token.text not in FOREIGN_MARKS:
        return None
    if token.text in ("[", "《", "〈", "〔", "〖") and (bracketed := _bracketed(stop)) is not None:
        return bracketed
    return stop.report("E137", f"规则语言不用“{token.text}”", token, FOREIGN_MARKS[token.text])


def _bracketed(stop: Stop) -> Diagnostic | None:
    """[甲 或 乙] 且 丙, 效益 属于 [好，差], 则 分类 为 [升级]: what stands in square brackets."""
    line = stop.source.text[stop.token.start : stop.token.start + 200].partition("\n")[0]
    found = re.match(r"[\[［《〈〔〖]([^\[\]［］《》〈〉〔〕〖〗]+)[\]］》〉〕〗]", line)
    if found is None:
        return None
    if stop.token.text != "[":
        inner = one_line(found[1]).strip()
        marked = Token("mark", stop.token.text, stop.token.start, stop.token.start + found.end())
        if stop.back().text == "说":
            return stop.report("E137", f"规则语言不用“{stop.token.text}”", marked, f"写成：说 “{inner}”")
        if stop.back().text == "依据" or re.fullmatch(r"[^\W\d]\w*", inner) is None:
            return None
        gap = " " if stop.back().end == stop.token.start and stop.back().kind == "word" else ""
        return stop.report("E137", f"名称和值不放在“{found[0][0]}{found[0][-1]}”里", marked, f"写成“{gap}{inner}”")
    inner, verb = " ".join(found[1].split()), stop.back().text
    if verb in ("属于", "不属于", "含任一", "全部属于"):
        inner = "{ " + "、".join(part.strip() for part in re.split("[、,，;；]", inner)) + " }"
    elif verb not in ("为", "不为", "=", "含", "不含") or re.search("[、,，;；]", inner) is not None:
        inner = f"（{inner}）"
    marked = Token("mark", "[", stop.token.start, stop.token.start + found.end())
    return stop.report("E137", "规则语言不用“[ ]”", marked, f"写成“{inner}”")


def _declaration_inside(stop: Stop) -> Diagnostic | None:
    token = stop.token
    if token.kind != "word":
        return None
    if token.text in DECLARATIONS and token.text not in stop.expected and stop.at_clause:
        return stop.report("E125", f"“{token.text}”要写在行首", token, "每个声明另起一行")
    glued = None if _fitting(stop, token.text) else _glued_front(token.text, DECLARATIONS)
    if glued is not None and stop.first_on_line(token) and stop.at_clause:
        return stop.report("E120", f"“{token.text}”中间缺空格", token, f"写成“{glued[0]} {glued[1]}”")
    return None


def _key(stop: Stop) -> Diagnostic | None:
    """Inside the bracket of a header: 字段 名称（…）."""
    if stop.index not in (3, 4) or stop.tokens[2].text != "(" or stop.back().text == ")":
        return None
    line = stop.source.text[stop.tokens[2].end :]
    written = re.split(r"[)）\n]", line, maxsplit=1)[0].strip()
    token = Token("word", written, stop.tokens[2].end, stop.tokens[2].end + max(1, len(written)))
    if not written:
        return stop.report("E109", "（）里没有写键", token, "写上英文键，如（market_benefit），或删去（）")
    remedy = "键以英文字母开头，只用英文字母、数字和下划线，如（market_benefit）"
    return stop.report("E109", f"键“{written}”的写法不对", token, remedy)


def _colon(stop: Stop) -> Diagnostic | None:
    before = stop.back()
    if stop.token.text != ":" or before.text not in KEYWORDS or before.text in DECLARATIONS:
        return None
    return stop.report("E137", f"“{before.text}”后面不写冒号", stop.token, "删去冒号，空一格接着写")


def _second_comparison(stop: Stop) -> Diagnostic | None:
    token = stop.token
    compares = {*COMPARISON_SIGNS, *OPERATOR_WORDS}
    if not {token.text, *SYNONYMS.get(token.text, ())} & compares or "且" not in stop.expected:
        return None
    if token.text in stop.expected or token.text in NUMBER_TAILS:
        return None
    ends = (*JOINERS, "非", "(", ")", *CLAUSE_WORDS - compares)
    earlier = next((each for each in reversed(stop.tokens[: stop.index]) if each.text in {*compares, *ends}), None)
    if earlier is None or earlier.text in ends:
        return None
    label = Label(Span(stop.source, earlier.start, earlier.end), f"这里已经写了“{earlier.text}”")
    remedy = "一次只写一个比较，两个比较用“且”连起来；在两个数之间写“介于 a 至 b”"
    return stop.report("E131", f"“{earlier.text}”后面又写了“{token.text}”", token, remedy, label)


def _number_tail(stop: Stop) -> Diagnostic | None:
    token, before = stop.token, stop.back()
    sign = NUMBER_TAILS.get(token.text)
    number = before if before.kind == "number" else stop.back(2)
    if sign is None or number.kind != "number":
        return None
    at = stop.tokens.index(number)
    if stop.tokens[at - 1].text in ("÷", "/", "×", "*"):
        compared = next((each.text for each in reversed(stop.tokens[:at]) if each.text in COMPARISON_SIGNS), "")
        # 2/3 以上: the number is what is divided, and the sign stands before all of it.
        remedy = f"删去“{token.text}”" if compared == sign else f"删去“{token.text}”，在整个算式前面写“{sign}”"
        return stop.report("E116", f"“{token.text}”不能写在数后面", token, remedy)
    unit = before.text if before is not number else ""
    plain = number.text + (unit if unit == "%" else f" {unit}" if unit else "")
    written = stop.tokens[at - 1].text
    if written in COMPARISON_SIGNS and sign in COMPARISON_SIGNS:
        said = "" if written in (sign, {"≥": ">=", "≤": "<="}.get(sign)) else f"；连这个数也算的，写“{sign} {plain}”"
        marked = Token("word", "", stop.tokens[at - 1].start, token.end)
        kept = f"{stop.tokens[at - 1].text} {plain}"
        lead = "写成" if not said else "不连这个数的，写"
        return stop.report("E116", f"前面写了“{written}”，数后面不写“{token.text}”", marked, f"{lead}“{kept}”{said}")
    remedy = "写成“介于 a 至 b”" if sign == "介于" else f"写成“{sign} {plain}”"
    if stop.keyword in ("设定", "参数", "读法") and sign != "介于":
        # Which side counts is said where the number is compared.
        marked = Token("word", "", number.start, token.end)
        return stop.report("E116", f"这里只写一个数，不写“{token.text}”", marked, f"写成“{plain}”")
    return stop.report("E116", f"“{token.text}”不能写在数后面", token, remedy)


def _missing_before(stop: Stop) -> Diagnostic | None:
    """A clause keyword, or what joins conditions, that was read as a name or a value, because one was missing before it."""
    taken, before = stop.back(), stop.back(2)
    said = (taken.text, *(SYNONYMS.get(taken.text, ()) if taken.text.isascii() else ()))
    if not {*said}.isdisjoint(JOINERS) and before.text in CONDITIONS and before.text not in LIMITS:
        remedy = f"删去“{taken.text}”；前面还有条件的，补在它前面"
        return stop.report("E138", f"“{taken.text}”前面缺条件", taken, remedy)
    if taken.kind != "word" or taken.text not in (*CLAUSE_WORDS, *JOINERS) or stop.index < 2:
        return None
    if before.text in ("已填", "未填") and taken.text in JOINERS:
        return stop.report("E138", f"“{taken.text}”后面缺条件", taken, f"补上条件，或删去“{taken.text}”")
    if before.text in JOINERS and taken.text == before.text:
        return stop.report("E138", f"“{taken.text}”写了两次", taken, f"删去一个“{taken.text}”")
    if before.text in (*OPERATOR_WORDS, *COMPARISON_SIGNS, "、", "对", "由"):
        return stop.report("E138", f"“{before.text}”后面缺值，接着就写了“{taken.text}”", before, "补上值")
    if before.text in (*JOINERS, "非") or before.text in CLAUSE_WORDS or before.text in DECLARATIONS:
        if before.text in JOINERS or before.text == "非":
            what, remedy = "条件", f"补上条件，或删去“{before.text}”"
        elif before.text in DECLARATIONS:
            what, remedy = "名称", f"写成“{before.text} 名称”"
        elif before.text in CONDITIONS:
            # Without the word the provision would always speak, or demand something else.
            what, remedy = "内容", "补上内容"
        else:
            what, remedy = "内容", f"补上，或删去“{before.text}”"
        return stop.report("E138", f"“{before.text}”后面缺{what}，接着就写了“{taken.text}”", before, remedy)
    return None


def _unfinished(stop: Stop) -> Diagnostic | None:
    if stop.token.kind != END:
        return None
    last = stop.back()
    if last.text in NUMBER_TAILS:
        return None
    if last.text in (*JOINERS, "非"):
        return stop.report("E138", f"“{last.text}”后面缺条件", last, f"补上条件，或删去“{last.text}”")
    if last.text in (*OPERATOR_WORDS, *COMPARISON_SIGNS):
        return stop.report("E138", f"“{last.text}”后面缺值", last, "补上值")
    toned = stop.back(2).text in TONES and stop.back(3).text == "则"
    if last.kind == "word" and (stop.back(2).text == "则" or (toned and last.text not in KEYWORDS)):
        return stop.report("E124", "“则”后面先写决定的名称", last, f"写成“决定名 为 {last.text}”")
    if last.text in KEYWORDS and last.kind == "word":
        return stop.report("E138", f"“{last.text}”后面没有写完", last, f"“{last.text}”后面写{_listed(stop)}")
    return stop.report("E138", f"“{_words(last)}”后面没有写完", last, f"接着可以写{_listed(stop)}")


def _elsewhere(stop: Stop) -> Diagnostic | None:
    """A clause of another declaration."""
    token = stop.token
    if not stop.at_clause or token.text not in CLAUSE_WORDS or token.text in stop.expected:
        return None
    allowed = CLAUSES[stop.keyword].all
    if token.text in allowed or (_fitting(stop, token.text) and not stop.first_on_line(token)):
        return None
    remedy = f"“{stop.keyword}”里可以写：{clause_list(stop.keyword)}"
    return stop.report("E129", f"“{token.text}”不能写在“{stop.keyword}”里", token, remedy)


def _synonym(stop: Stop) -> Diagnostic | None:
    token = stop.token
    if token.kind != "word":
        return None
    fitting = _fitting(stop, token.text)
    if not fitting:
        return None
    if stop.ahead().text in _NEVER_VALUES and len(fitting) > 1:
        # What follows is computed, and 为 takes a value that is written out.
        fitting = [word for word in fitting if word not in ("为", "不为")]
    shown = "或".join(f"“{word}”" for word in fitting)
    remedy = f"写{shown}{_operand_example(stop, fitting[0])}"
    if fitting == ["且"] and "、" in SYNONYMS[token.text] and habits.clause_of(stop) == "除外":
        # Whether both at once are excepted, or each, is not said.
        one, other = (f"写“{word}”{_operand_example(stop, word)}" for word in JOINERS)
        remedy = f"两样都有才除外的，{one}；有一样就除外的，{other}"
    if "介于" in fitting:
        remedy = "写“介于 a 至 b”"
        if stop.ahead().kind != "number":
            remedy = "几个值之一写“属于 { 甲、乙 }”；从多少到多少写“介于 a 至 b”；某天、某数以前或以后写“<”或“>”"
    return stop.report("E124", f"规则语言不写“{token.text}”", token, remedy)


def _fitting(stop: Stop, word: str) -> list[str]:
    if stop.opener.startswith("{"):
        return ["、"] if "、" in SYNONYMS.get(word, ()) else []
    return [each for each in SYNONYMS.get(word, ()) if each in stop.expected and each != "、" and stop.belongs(each)]


def _operand_example(stop: Stop, word: str) -> str:
    """``，如“投资 > 50 万元”``, where what stands around the word shows how."""
    before, value = stop.back(), _value_ahead(stop)
    if word in JOINERS:
        left, right = _condition_before(stop), _condition_after(stop)
        return f"，如“{left} {word} {right}”" if left and right and len(left) + len(right) <= 60 else ""
    if word not in (*JOINERS, *OPERATOR_WORDS, *COMPARISON_SIGNS) or before.kind != "word" or before.text in KEYWORDS:
        return ""
    if word in ("已填", "未填"):
        return f"，如“{before.text} {word}”"
    return f"，如“{before.text} {word} {value}”" if value else ""


def _condition_before(stop: Stop) -> str:
    """What is written before the place, back to where its condition begins, on one line."""
    start = stop.index
    while start > 0 and stop.tokens[start - 1].text not in (*_BOUNDS, *CLAUSE_WORDS - set(OPERATOR_WORDS)):
        start -= 1
    return habits.written(stop, stop.tokens[start], stop.back()) if start < stop.index else ""


def _condition_after(stop: Stop) -> str:
    """What is written after the word at the place, up to where its condition ends, on one line."""
    end = start = stop.index + 1
    while end < len(stop.tokens) and stop.tokens[end].text not in _BOUNDS and not stop.first_on_line(stop.tokens[end]):
        end += 1
    return habits.written(stop, stop.tokens[start], stop.tokens[end - 1]) if end > start else ""


def _value_ahead(stop: Stop, start: int = 1) -> str:
    """The value ``start`` tokens ahead, a number with its unit; '' where none stands there."""
    at = stop.index + start
    tokens = stop.tokens[at : at + 2]
    if not tokens or tokens[0].kind not in ("word", "number", "date"):
        return ""
    if tokens[0].text in KEYWORDS:
        return _condition_after(stop) if start == 1 else ""
    value = spoken.written(tokens[0].text) or tokens[0].text
    if tokens[0].kind == "word" and len(tokens) == 2 and tokens[1].text in _REACHING and start == 1:
        # 停产日 晚于 建成日 + 3 天: all of it is what is compared with.
        return _condition_after(stop)
    if tokens[0].kind == "number" and len(tokens) == 2 and (tokens[1].kind == "word" or tokens[1].text == "%"):
        unit = tokens[1].text
        for tail in NUMBER_TAILS:
            unit = unit.removesuffix(tail)
        said = spoken.written(value + unit)
        if said is not None:
            return said
        value += unit if unit == "%" else f" {unit}" if unit and unit not in KEYWORDS else ""
    return value


def _glued(stop: Stop) -> Diagnostic | None:
    """A keyword and a name written together, at the front of this word or at the back of the one before."""
    token, before = stop.token, stop.back()
    if token.kind == "word":
        expected = [word for word in stop.expected if word in KEYWORDS and stop.belongs(word)]
        glued = _glued_front(token.text, expected)
        if glued is not None:
            return stop.report("E120", f"“{token.text}”中间缺空格", token, f"写成“{glued[0]} {glued[1]}”")
        synonyms = [word for word in SYNONYMS if len(word) > 1 and not word.isascii() and _fitting(stop, word)]
        glued = _glued_front(token.text, synonyms)
        if glued is not None:
            fitting = _fitting(stop, glued[0])[0]
            message = f"规则语言不写“{glued[0]}”，关键词后面也要空一格"
            piece = habits.piece_from(stop, token.start + len(glued[0]))
            value = spoken.value(piece)
            token = Token("word", token.text, token.start, token.start + len(glued[0]) + len(piece))
            if value is None and (piece != glued[1] or piece[:1].isdecimal()):
                # What stands there was not understood whole, and a part of it would say something else.
                return stop.report("E124", message, token, f"“{glued[0]}”换成“{fitting}”，前后各空一格")
            return stop.report("E124", message, token, f"写成“{fitting} {value or glued[1]}”")
    if token.text == "(" and before.kind == "word" and before.text not in KEYWORDS:
        return _glued_group(stop)
    joined = (*JOINERS, *OPERATOR_WORDS)
    if before.kind != "word" or before.text in KEYWORDS or token.text in joined:
        return None
    if token.kind not in ("word", "number", "date", "quote") and token.text != "{":
        return None
    said = [word for word in SYNONYMS if len(word) > 1 and not word.isascii() and _fitting(stop, word)]
    tail = next((word for word in sorted((*joined, *said), key=len, reverse=True) if before.text.endswith(word)), "")
    if not tail or tail == before.text:
        return None
    following = _value_ahead(stop, 0) or habits.written(stop, token, _closing(stop))
    meant = tail if tail in joined else _fitting(stop, tail)[0]
    remedy = f"写成“{before.text.removesuffix(tail)} {meant} {following}”"
    if tail not in joined:
        return stop.report("E124", f"规则语言不写“{tail}”，词之间也要空一格", before, remedy)
    return stop.report("E120", f"“{before.text}”中间缺空格", before, remedy)


def _closing(stop: Stop) -> Token:
    """The last token of what begins at the place: the brace that closes a list, else itself."""
    if stop.token.text != "{":
        return stop.token
    return next((each for each in stop.tokens[stop.index :] if each.text == "}"), stop.token)


def _glued_group(stop: Stop) -> Diagnostic | None:
    """The word before a bracket, and what stands before it, written together."""
    before = stop.back()
    found = re.fullmatch(r"至少(\w+)项", before.text)
    count = None if found is None else found[1] if found[1].isdecimal() else spoken.integer(found[1])
    if count is not None:
        return stop.report("E120", f"“{before.text}”中间缺空格", before, f"写成“至少 {count} 项（…；…）”")
    for word in ("同时满足", "任一满足", "满足", "其中"):
        head = before.text.removesuffix(word)
        if head != before.text:
            return stop.report("E120", f"“{before.text}”中间缺空格", before, f"写成“{head} {word}（…）”")
    return None


def _glued_front(text: str, words: list[str] | tuple[str, ...]) -> tuple[str, str] | None:
    if text in _WHOLE_WORDS or spoken.time_meant(text) is not None:
        return None
    for word in sorted(words, key=lambda each: (-len(each), each)):
        if text.startswith(word) and len(text) > len(word):
            return word, text[len(word) :]
    return None


def _two_operands(stop: Stop) -> Diagnostic | None:
    """Two names, or a name and a number, with nothing between them."""
    token, before = stop.token, stop.back()
    if token.kind not in ("word", "number", "date", "quote") or before.kind not in ("word", "number", "date", "quote"):
        return None
    if "且" not in stop.expected or token.text in KEYWORDS or (stop.first_on_line(token) and stop.at_clause):
        return None
    left, right = _words(before), _words(token)
    if before.text == "是" and habits.begins_operand(stop, 1):
        return stop.report("E130", "条件前面不写“是”", before, "删去“是”")
    if token.text == "的" and stop.ahead().kind == "number":
        return stop.report("E130", "规则语言不写“的”", token, "写“×”")
    if stop.opener.startswith("{"):
        return stop.report("E130", f"“{left}”和“{right}”之间缺顿号", token, f"写成“{left}、{right}”")
    if habits.clause_of(stop) in ("则", *LIMITS):
        words = token.kind == before.kind == "word"
        remedy = f"结论只写一个值，几个值各写一条规则；{_FORMULA}" if words else _FORMULA
    elif "为" in stop.expected:
        whole = _compared_before(stop)
        remedy = f"两个条件写“{left} 且 {right}”或“{left} 或 {right}”；{left}是某个值，写“{left} 为 {right}”"
        if whole:
            remedy = f"两个条件写“{whole} 且 {right}”或“{whole} 或 {right}”"
        if token.kind in ("number", "date"):
            sign = NUMBER_TAILS.get(_tail(stop), "")
            value = _value_ahead(stop, 0)
            remedy = (
                f"补上比较号，如“{left} {sign} {value}”" if sign in COMPARISON_SIGNS else "补上比较号：≥、>、≤、< 或 ="
            )
            each = re.fullmatch(r"每个?([^\W\d])", left)
            if each is not None:
                remedy = f"每{each[1]}多少的，乘上{each[1]}数：{each[1]}数 × {value}"
            if stop.ahead().text in ("-", "~", "—", "到", "至") and (high := _value_ahead(stop, 2)):
                remedy = f"写成“{left} 介于 {token.text} 至 {high}”"
                last = stop.tokens[min(stop.index + 1 + len(high.split()), len(stop.tokens) - 1)]
                token = Token("word", "", before.start, last.end)
    else:
        remedy = f"都要满足写“{left} 且 {right}”，满足一个写“{left} 或 {right}”"
    return stop.report("E130", f"“{left}”和“{right}”之间缺少连接的词", token, remedy)


_FORMULA = "数额写成算式，名称、数和“×”之间空一格：总投资 × 30%、户数 × 500 元；几个数里取小的写 取小（甲；乙）"


def _compared_before(stop: Stop) -> str:
    """The comparison whose right side ends before the place, short enough for a message; '' where none does."""
    before = _condition_before(stop)
    compared = any(word in (*OPERATOR_WORDS, *COMPARISON_SIGNS) for word in before.split())
    return before if compared and "…" not in before and "“" not in before else ""


def _tail(stop: Stop) -> str:
    """以上, 以下 or the like behind the number that stands here."""
    words = [each.text for each in stop.tokens[stop.index + 1 : stop.index + 3]]
    return next((tail for word in words for tail in NUMBER_TAILS if word.endswith(tail)), "")


def _near_clause(stop: Stop) -> Diagnostic | None:
    """A word that no clause begins with."""
    token = stop.token
    if not stop.at_clause or token.kind != "word" or stop.keyword not in CLAUSES:
        return None
    allowed = CLAUSES[stop.keyword].all
    near = _near(token.text, [word for word in (*allowed, *DECLARATIONS) if word in KEYWORDS])
    shown = "".join(f"是不是“{word}”？" for word in near)
    if not shown and stop.first_on_line(token) and (said := _condition_here(stop)):
        shown = f"和上一行都要满足的，前面写“且”：且 {said}；满足一个就行的，写“或”；"
    remedy = f"{shown}“{stop.keyword}”里可以写：{clause_list(stop.keyword)}"
    if stop.first_on_line(token) and token.start == stop.source.text.rfind("\n", 0, token.start) + 1:
        return stop.report("E125", f"“{token.text}”不是声明，也不是“{stop.keyword}”里的一项", token, remedy)
    return stop.report("E124", f"“{token.text}”不是“{stop.keyword}”里的一项", token, remedy)


def _condition_here(stop: Stop) -> str:
    """A condition that stands on a line of its own behind another; '' where none does."""
    line = habits.line_from(stop, stop.index)
    compares = any(one.text in (*OPERATOR_WORDS, *COMPARISON_SIGNS) for one in line[1:])
    if habits.clause_of(stop) not in {*CONDITIONS} - {"期限", *LIMITS} or not compares:
        return ""
    return habits.written(stop, line[0], line[-1])


def _near(word: str, words: list[str]) -> list[str]:
    """The words that look like ``word``: `nearest`, and of two characters those that share one in its place."""
    found = nearest(word, words, 2)
    if not found and len(word) == 2:
        pairs = [each for each in dict.fromkeys(words) if len(each) == 2]
        found = [each for each in pairs if each[0] == word[0] or each[1] == word[1]][:2]
    return found


def _type(stop: Stop) -> Diagnostic | None:
    """The value of a parameter without its sign."""
    token = stop.token
    if stop.keyword not in ("参数", "读法") or not stop.at_clause or token.kind not in ("number", "date", "quote"):
        return None
    if ":" not in [each.text for each in stop.tokens[: stop.index]]:
        return None
    remedy = f"文本已定的写“= {_value_ahead(stop, 0)}”，没有设定时先用的写“缺省 {_value_ahead(stop, 0)}”"
    return stop.report("E130", "值前面缺“=”或“缺省”", token, remedy)


def _open_inside(stop: Stop) -> Diagnostic | None:
    if stop.opener.startswith("{") and stop.back().text == "等":
        return stop.report("E135", "“等”后面又写了别的值", stop.back(), "“等”写在最后：{ 甲、乙、等 }")
    return None


_NAMED_INSIDE: Final = re.compile(r"[{｛][^{}｛｝\n]*[=＝]\s*([^{}｛｝\n]*?)\s*[}｝]")


def _generic(stop: Stop) -> Diagnostic:
    token, before = stop.token, stop.back()
    shown = _words(token) if token.kind in ("quote", "place", "note") else f"“{_words(token)}”"
    after = f"“{_words(before)}”后面" if before.text else "这里"
    only = [word for word in stop.expected if word in KEYWORDS]
    if len(stop.expected) == len(only) == 1:
        token = before if stop.first_on_line(token) and not stop.first_on_line(before) else token
        return stop.report("E130", f"{after}缺“{only[0]}”", token, f"在“{_words(before)}”后面写上“{only[0]}”")
    remedy = f"这里可以写{_listed(stop)}"
    if "且" in stop.expected and (token.text == "%" or (before.text == "." and token.kind == "number")):
        # 总投资的30%, 每户0.5万元: a number inside a word.
        remedy = _FORMULA
    if stop.opener.startswith("{"):
        remedy = "列举的值用顿号隔开，写成“{ 甲、乙 }”"
        if "=" in (token.text, before.text, stop.back(2).text):
            # A number of a trial that has a name.
            remedy = "起了名的数连单位写在“=”后面，写成“{名称 = 10 户}”这样"
            inside = _NAMED_INSIDE.search(stop.source.text, stop.tokens[0].start) if stop.keyword == "设定" else None
            if inside is not None:
                remedy = f"设定的就是一个值，不另起名，也不用花括号，写成“为 {inside[1]}”"
    return stop.report("E130", f"{after}不能写{shown}", token, remedy)


def _words(token: Token) -> str:
    return {"quote": "引文", "place": "条目", "note": "说明"}.get(token.kind, _KIND_NAMES.get(token.text, token.text))


_KIND_NAMES = {
    "word": "名称",
    "number": "数字",
    "date": "日期",
    "quote": "“…”",
    "place": "【…】",
    "(": "（",
    ")": "）",
    ":": "：",
    ";": "；",
    ",": "，",
    "-": "−",
}


def _listed(stop: Stop) -> str:
    """What would have fitted, the clauses of this declaration only, in a fixed order.

    The grammar's tables are merged: what fits other places of the same kind is left out as well as can be told.
    """
    if stop.wants_operand:
        return "条件或值：名称、数字、日期，或以“非”“任一满足”等开头的条件"
    words = [word for word in KEYWORDS if word in stop.expected and stop.belongs(word) and word not in ("项", "等")]
    if not stop.at_clause:
        words = [
            word for word in words if word not in CLAUSE_WORDS or word in OPERATOR_WORDS or "且" not in stop.expected
        ]
    if "且" in stop.expected:
        words.sort(key=lambda word: word not in (*JOINERS, *OPERATOR_WORDS))
    kinds = [name for kind, name in _KIND_NAMES.items() if kind in stop.expected and kind.isalpha()]
    if ":" in stop.expected and "type" in (CLAUSES[stop.keyword].all if stop.keyword in CLAUSES else ()):
        kinds.insert(0, "“：类型”")
    elif ":" in stop.expected and not stop.at_clause:
        kinds.insert(0, "“：”")
    closers = [")"] if stop.opener.startswith("(") and ")" in stop.expected else []
    found = [*kinds, *words[:14], *(_KIND_NAMES[mark] for mark in closers)]
    return "、".join(found) if found else "别的内容"


_CHECKS = (
    changes_said.named_with_kind,
    changes_said.line_of_amendment,
    changes_said.excepted_line,
    changes_said.between_declarations,
    groups_said.item_a_line,
    groups_said.line_without_semicolon,
    scopes.bracketed,
    separators.in_braces,
    declared_said.type_said,
    declared_said.colon_left_out,
    declared_said.bounds_said,
    values_said.list_without_word,
    values_said.term_without_word,
    values_said.limit_said,
    values_said.measure_said,
    values_said.default_said,
    values_said.parameter_said,
    clauses_said.in_force,
    clauses_said.deadline,
    clauses_said.supposed,
    clauses_said.supposed_alone,
    clauses_said.excepted,
    separators.ranked,
    clauses_said.then_in_duty,
    clauses_said.neither,
    clauses_said.when_inside,
    clauses_said.no_conclusion,
    clauses_said.notice_text,
    clauses_said.note_said,
    clauses_said.citations,
    habits.citation_bracket,
    habits.days_listed,
    headings.heading_after,
    headings.heading_quoted,
    headings.defined_as,
    headings.name_in_parts,
    headings.decision_without_mode,
    formulas.mistyped,
    formulas.chosen_in_words,
    formulas.comment,
    formulas.unit_sign,
    formulas.doubled_sign,
    formulas.exclamation,
    formulas.single_quotes,
    formulas.money_sign,
    habits.numbering,
    conclusions.regarded,
    conclusions.several,
    conclusions.bracketed,
    clauses_said.excepted_behind,
    separators.behind_keyword,
    _symbol,
    _key,
    _unfinished,
    groups_said.other_head,
    rows_said.enough_of,
    formulas.counted_if,
    formulas.method,
    formulas.unit_in_brackets,
    habits.function,
    habits.function_without_bracket,
    formulas.formula,
    formulas.pattern,
    habits.ends,
    habits.before_a_day,
    habits.apart,
    habits.quantifier,
    habits.within,
    habits.respectively,
    habits.until_now,
    habits.period_since,
    turns.but,
    turns.outside,
    turns.outside_behind,
    turns.unless,
    turns.between,
    values_said.measured_here,
    formulas.chained,
    rows_said.added_up,
    rows_said.where_unbracketed,
    rows_said.unbracketed,
    rows_said.which_rows,
    rows_said.some_or_all,
    rows_said.computed_after,
    rows_said.how_many,
    _missing_before,
    clauses_said.citation,
    headings.heading_before,
    headings.headless,
    _colon,
    habits.unquoted_message,
    habits.comma_before_clause,
    habits.less_on_the_right,
    habits.direction_without_brackets,
    habits.bare_set,
    habits.bare_list,
    separators.in_group,
    separators.comma,
    _open_inside,
    separators.listing,
    turns.parted,
    separators.semicolon,
    _number_tail,
    _second_comparison,
    _type,
    habits.day_said,
    habits.fullness,
    habits.doubled,
    scopes.not_compared,
    scopes.negation,
    conclusions.otherwise,
    habits.in_principle,
    conclusions.called,
    conclusions.conclusion_sign,
    conclusions.tone,
    habits.day_with_tail,
    conclusions.second_value,
    clauses_said.verb_left_out,
    habits.third_part,
    habits.bare_choice,
    habits.period_without_sign,
    _elsewhere,
    _declaration_inside,
    _synonym,
    _glued,
    turns.value_in_quotes,
    _two_operands,
    clauses_said.then_left_out,
    clauses_said.when_left_out,
    _near_clause,
)
