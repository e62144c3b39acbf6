"""What documents say of one subject whose name is known: 市场效益 不好, 已形成 两年, 近三年 建成, 列为 巩固类, 没有 停产日.

Why this exists: what is said is told apart by what the name stands for: 好 is a value, 已形成 a yes or no, 停产日 a date.
Conditions that are joined, and rows, are read by `said_conditions`, which asks here for each piece.

Invariants: those of `said_conditions`.
"""

from __future__ import annotations

import re
from typing import Final

from policyrules.language import nodes as surface
from policyrules.language import spoken
from policyrules.language.spoken import is_period
from policyrules.program.literals import value_called, word_text
from policyrules.program.said_bounds import bounded, lately
from policyrules.program.symbols import Symbols
from policyrules.types import DATE, NUMERIC, Kind, Type

ADDABLE: Final = NUMERIC - {Kind.YEAR, Kind.RATIO}
FILLED: Final = {
    **dict.fromkeys(
        ("有", "不为空", "非空", "不空", "不是空的", "已填报", "已填写", "已录入", "有填写", "填了", "填过", "为已填"),
        "已填",
    ),
    **dict.fromkeys(
        (
            "没有",
            "为空",
            "无",
            "空缺",
            "空白",
            "缺失",
            "未填报",
            "未填写",
            "未录入",
            "没填报",
            "不填",
            "没填",
            "没有填",
            "是空的",
            "为空的",
        ),
        "未填",
    ),
}
_UNKNOWN: Final = ("未知", "不详", "不清楚", "不明", "为未知", "为不详")
NOT: Final = ("尚未", "未经", "没有", "并非", "并未", "不是", "未", "没", "非", "无", "不")
_TRUTH: Final = re.compile(r"(不)?(?:选|填写?|填为|勾选?|打|等于是?|为|是|==|=|:)*([\w√×]{1,5})")
_VALUED: Final = (
    ("并不是|不为|不是|不属于|不算|并非|不|非|未", True),
    ("被认定为|认定为|被列为|列为|属于|处于|评为|定为|为|是|==|=|:|", False),
)
_HAS: Final = (
    ("不包括|不包含|不含|没有|无|中没有|里没有|中不含", True),
    ("包括|包含|含有|涉及|含|存在|有|中有|里有|中含|中含有|中包括|至少含|至少含有|至少包括|至少包含|至少有", False),
)
SEVERAL: Final = re.compile(r"(、|,|或者|或|和|及|以及|与)")
ONE_OF: Final = re.compile(
    "(?:中的?|其中的?)?(之一|任一|其一|一项|一种|任一[项种个]|(?:任何|任意|随便)一?[项种个]|其中一[项种个]|均可|都可以?|皆可)$"
)
_HOW_MANY: Final = re.compile(
    "(?:含有?|有|为|包括)?((?:至少|不少于|超过|不超过|最多|至多|达到?|[≥>≤<=])?(?:[0-9]+|[一二两三四五六七八九十]+))([项个种条样])((?:及|或)?以上|以下|以内|)"
)
_SPEAKS: Final = re.compile("以上|以下|超过|不足|不少于|不低于|不超过|满|达到?|[<>≥≤]|未满|不到|至少|最多|以内")


def _measured_word(name: str, type_: Type | None) -> str:
    """What a number is called without the word for what it counts: 闲置 of 闲置时长, 带动 of 带动户数; '' for others."""
    if type_ is None:
        return ""
    if type_.kind is Kind.DURATION:
        return (
            re.sub("(?:的?(?:时长|时间|月数|年数|天数|年限))$", "", name) if not name.startswith(("时", "月")) else ""
        )
    if type_.kind is Kind.INTEGER and type_.unit and name.endswith(f"{type_.unit}数"):
        return name.removesuffix(f"{type_.unit}数")
    return ""


def _has_unit(said: str, type_: Type | None) -> bool:
    return type_ is not None and (type_.kind is Kind.DURATION or (type_.unit or "…") in said)


_WRITTEN: Final = re.compile(r"写成“([^“”]+)”")


class Subjects:
    """The names that what is said of an object may begin with. ``names``: what a bare name may mean there, with its type
    where that is known."""

    def __init__(self, symbols: Symbols, object_: str) -> None:
        self.names: dict[str, Type | None] = {}
        twice = set[str]()
        for each in symbols.line(object_):
            for name, field in symbols.objects[each].fields.items():
                twice |= {name} & set(self.names)
                self.names[name] = field.type
        for name, known in symbols.globals.items():
            if isinstance(known.node, surface.DecisionDecl) and known.node.type is None:
                values = tuple(text for text in map(word_text, known.node.values) if text is not None)
                self.names[name] = Type(Kind.SET if known.node.mode == "多选" else Kind.ENUM, None, values)
            elif not isinstance(known.node, surface.ListDecl):
                self.names[name] = None
        for name in twice:
            del self.names[name]
        self.names["评估日"] = DATE
        self.first: dict[str, list[str]] = {}
        for name in sorted(self.names, key=lambda each: (-len(each), each)):
            self.first.setdefault(name[0], []).append(name)
        self.decided = set(symbols.globals)
        self.dated: dict[str, str] = {}
        for name, type_ in self.names.items():
            word = re.sub("之?(?:日期|日|时间)$", "", name)
            if type_ is not None and type_.kind is Kind.DATE and word not in ("", name):
                # What several dates could be called is none of them.
                own = self.names.get(word)
                taken = word in self.names and (own is None or own.kind is not Kind.BOOL)
                self.dated[word] = "" if word in self.dated or taken else name
        self.measured: dict[str, str] = {}
        for name, type_ in self.names.items():
            # 闲置时长, 带动户数: 闲置 一年以上, 带动 10 户以上.
            word = _measured_word(name, type_)
            if word and word not in self.dated:
                self.measured[word] = "" if word in self.measured or word in self.names else name

    def starting(self, said: str) -> list[str]:
        """The names that a text begins with, the longest first."""
        return [name for name in self.first.get(said[:1], ()) if said.startswith(name)]

    def leading(self, said: str) -> str | None:
        """What begins with its subject."""
        for subject in self.starting(said):
            found = self.of(subject, said[len(subject) :])
            if found is not None:
                return found
        return None

    def hidden(self, said: str) -> str | None:
        """What says its subject in another word, or behind what is said of it."""
        for word in sorted((word for word, name in self.dated.items() if name and word in said), key=len, reverse=True):
            found = self.happened(word, self.dated[word], said)
            if found is not None:
                return found
        for word, name in self.measured.items():
            if name and said.startswith(word) and said not in self.names:
                bare = re.sub("^(?:时间|时长|了)", "", said[len(word) :])
                found = (
                    bounded(name, self.names[name], bare, {})
                    if re.search("[0-9一二三四五六七八九十百半两]", bare)
                    else None
                )
                if found is not None and _SPEAKS.search(bare) is not None and _has_unit(bare, self.names[name]):
                    return found
        return self.turned(said)

    def put_round(self, said: str) -> str | None:
        """未停产满一年, 因资金短缺, 资金短缺 in 成因: what does not begin with its subject."""
        return self.not_yet(said) or self.because(said) or self.turned_round(said)

    def not_yet(self, said: str) -> str | None:
        """未停产满一年: whether it counts where nothing happened is not said."""
        late = re.fullmatch("(?:未|没有|尚未|还未|还没有?)(.+?)(?:的)?", said)
        if late is None or said in self.names:
            return None
        for word, day in self.dated.items():
            known = (
                self.happened(word, day, late[1]) if day and word in self.names and late[1].startswith(word) else None
            )
            written = None if known is None else _WRITTEN.fullmatch(known)
            if written is not None and " 起满 " in written[1]:
                out = f"非（{written[1]}）"
                return f"{word}了、还没满的，写“{word} 且 {out}”；没有{word}的也算，写“{out}”"
        return None

    def turned_round(self, said: str) -> str | None:
        """资金短缺 in 成因: the value in front of the field that has it."""
        part = re.fullmatch("(.+?)(not|不)?(?:in|属于)(.+)", said, re.IGNORECASE)
        type_ = None if part is None else self.names.get(part[3])
        if (
            part is None
            or type_ is None
            or type_.kind is not Kind.SET
            or part[3] in self.decided
            or part[1] in self.names
        ):
            return None
        value = value_called(part[1], type_.values or ())
        return None if value is None else f"写成“{part[3]} {'不含' if part[2] else '含'} {value}”"

    def because(self, said: str) -> str | None:
        """因资金短缺: a value that one field alone has."""
        why = re.fullmatch("(?:因为?|由于)(.+?)(?:等?(?:的)?(?:原因|问题|因素))?的?", said)
        if why is None:
            return None
        typed = [
            (name, type_)
            for name, type_ in self.names.items()
            if type_ is not None and type_.kind in (Kind.ENUM, Kind.SET)
        ]
        found = [(name, type_, value) for name, type_ in typed if (value := value_called(why[1], type_.values or ()))]
        if len(found) != 1 or found[0][0] in self.decided:
            return None
        ((name, kind, value),) = found
        return f"写成“{name} {'含' if kind.kind is Kind.SET else '为'} {value}”"

    def happened(self, word: str, day: str, said: str) -> str | None:
        """停产 半年以上, 近三年 建成, 上年度 建成, 已经 停产: what happened, for the field of its day."""
        said = re.sub(rf"^自(?={re.escape(word)})", "", said)
        behind = re.fullmatch(
            rf"(?:已经|已|连续|持续)?{re.escape(word)}(?:之?后)?(?:的?(?:时间|时长|期限)(?=[^内]))?(?:连续|持续)?(.+)",
            said,
        )
        found = None if behind is None else bounded(day, DATE, behind[1], self.names)
        if found is not None or not said.endswith(word):
            return found
        before = said.removesuffix(word)
        if word in self.names and before in ("已经", "已", "正在", "没有", "未", "尚未", "没"):
            # Whether it did is a field of its own.
            return None
        if before in ("已经", "已", "正在"):
            return f"填了{day}就算的，写“{day} 已填”"
        if before in ("没有", "未", "尚未", "没"):
            return f"没有填{day}就算的，写“{day} 未填”"
        found = lately(day, before)
        for front in ("", "在") if found is None else ():
            known = bounded(day, DATE, front + before, {})
            if known is not None and not re.search("起满|评估日", known):
                return known
        return found

    def of(self, subject: str, said: str) -> str | None:
        """``said`` behind a subject."""
        type_ = self.names[subject]
        if said in ("已填", "未填"):
            return f"写成“{subject} {said}”"
        kind = None if type_ is None else type_.kind
        values = () if type_ is None else type_.values or ()
        asked = kind not in (None, Kind.BOOL, Kind.SET) and subject not in self.decided and said not in values
        if said in FILLED and (asked or len(said) > 2) and subject not in self.decided and subject != "评估日":
            return f"写成“{subject} {FILLED[said]}”"
        if said in _UNKNOWN and said not in values and subject not in self.decided and subject != "评估日":
            return f"写成“{subject} 未填”"
        if type_ is not None and kind is Kind.BOOL:
            return self.of_truth(subject, said)
        if type_ is not None and kind in (Kind.ENUM, Kind.SET):
            return self.of_values(subject, type_, said)
        return (
            self.signed(subject, type_, said)
            or bounded(subject, type_, said, self.names)
            or self.changed(subject, type_, said)
        )

    def signed(self, subject: str, type_: Type | None, said: str) -> str | None:
        """利润 为负, 利润 为正数."""
        found = re.fullmatch("(?:为|是)?(负|正)(?:数|值|的)?", said)
        if found is None or type_ is None or type_.kind not in ADDABLE - {Kind.DURATION}:
            return None
        return f"写成“{subject} {'<' if found[1] == '负' else '>'} 0{f' {type_.unit}' if type_.unit else ''}”"

    def of_truth(self, subject: str, said: str) -> str | None:
        """已形成 的, 已形成 两年."""
        told = _TRUTH.fullmatch(said)
        truth = None if told is None else spoken.truth_meant(told[2])
        if said == "" or truth is not None:
            yes = (truth == "否") is (told is not None and told[1] is not None)
            return f"写成“{subject}”" if yes else f"写成“非 {subject}”"
        day = self.dated.get(subject)
        dated = None if not day else self.happened(subject, day, subject + said)
        if dated is not None:
            return dated
        length = re.match(
            r"(?:(?P<over>超过)|已满|满|达到|达|已|起满|(?P<less>不足|未满|不满)|(?P<most>不超过))?(.+?)(?:以上|(?P<within>以下|内|之内|以内))?$",
            said,
        )
        shown = None if length is None else spoken.value(length[4])
        if length is None or shown is None or not is_period(shown):
            return None
        day = f"{subject.removeprefix('已')}日"
        sign = "<" if length["less"] else "≤" if length["most"] or length["within"] else ">" if length["over"] else ""
        asked = f"评估日 {sign} {day} + {shown}" if sign else f"{day} 起满 {shown}"
        return f"{subject}只有“是”和“否”，算不出多久；另设一个日期字段（如 {day}），写 {asked}"

    def of_values(self, subject: str, type_: Type, said: str) -> str | None:
        """市场效益 不好, 分类 为 巩固类 或 升级类, 困难成因 有 市场."""
        several = type_.kind is Kind.SET
        only = (
            re.fullmatch("(?:仅|只|均|都|全部?|皆)(?:仅)?(?:为|是|有|含|属于)(.+?)(?:一项|一种|的)?", said)
            if several
            else None
        )
        if only is not None and (value := value_called(only[1], type_.values or ())) is not None:
            return f"写成“{subject} 含 {value} 且 {subject} 全部属于 {{ {value} }}”"
        many = _HOW_MANY.fullmatch(said) if several else None
        counted = None if many is None else bounded(f"计数 {subject}", Type(Kind.INTEGER), many[1] + many[3], {})
        if many is not None and counted is not None:
            return re.sub(r"([0-9]+)”$", rf"\1 {many[2]}”", counted)
        beside = re.fullmatch("(?:为|是)?除了?(.+?)(?:之外|以外|外)的?|(?:为|是)(.+?)(?:之外|以外)的?", said)
        value = None if beside is None or several else value_called(beside[1] or beside[2], type_.values or ())
        if value is not None:
            return f"写成“{subject} 不为 {value}”"
        step = re.fullmatch("(?:为|是|在)?(.+?)(?:级|档)?(?:及|和|或)?(以上|以下)(?:的|水平|等级)?", said)
        value = None if step is None or several else value_called(step[1], type_.values or ())
        if step is not None and value is not None:
            return self.graded(subject, type_, value, step[0])
        for words, negated in (*_VALUED, *(_HAS if several else ())):
            for word in sorted(words.split("|"), key=len, reverse=True):
                if not said.startswith(word):
                    continue
                rest = said[len(word) :].removesuffix("的")
                one_of = ONE_OF.search(rest)
                # 中 may be a value of its own.
                cuts = [rest] if one_of is None else [rest[: one_of.start(1)], rest[: one_of.start()]]
                for rest in cuts:
                    open_ = rest.endswith("等")
                    listed = SEVERAL.split(rest.removesuffix("等").strip("{}"))
                    values = [value_called(each, type_.values or ()) for each in listed[::2]]
                    if all(values) and values:
                        break
                if not all(values) or not values:
                    continue
                found = [each for each in values if each is not None]
                alike = set(listed[1::2])
                return self.listed(subject, several, found, negated, alike, one_of is not None, open_, word)
        return None

    def graded(self, subject: str, type_: Type, value: str, said: str) -> str | None:
        """效益 中 以上: values have no order; what is declared before it, and what after it, are given."""
        values = type_.values or ()
        at = values.index(value)
        given = [
            f"{subject} 属于 {{ {'、'.join(part)} }}" if len(part) > 1 else f"{subject} 为 {part[0]}"
            for part in (values[: at + 1], values[at:])
        ]
        if len(values) < 3:
            return None
        return f"{type_.kind.value}的值没有大小，“{said}”指的是哪几个就写哪几个：写“{given[0]}”，或写“{given[1]}”"

    def listed(
        self,
        subject: str,
        several: bool,
        values: list[str],
        negated: bool,
        marks: set[str],
        one_of: bool,
        open_: bool,
        verb: str,
    ) -> str | None:
        shown = f"{{ {'、'.join(values)}{'、等' if open_ else ''} }}"
        if not several:
            if len(values) == 1 and not open_:
                return f"写成“{subject} {'不为' if negated else '为'} {values[0]}”"
            return f"写成“{subject} {'不属于' if negated else '属于'} {shown}”"
        if open_:
            return None
        if negated:
            return f"写成“{subject} 不含 {'、'.join(values)}”"
        if len(values) == 1:
            return f"写成“{subject} 含 {values[0]}”"
        if one_of or marks & {"或", "或者"}:
            return f"写成“{subject} 含任一 {shown}”"
        if verb in ("为", "是", "属于", "", "="):
            return f"几个都有，写“{subject} 含 {'、'.join(values)}”；有一个就行，写“{subject} 含任一 {shown}”"
        return f"写成“{subject} 含 {'、'.join(values)}”"

    def changed(self, subject: str, type_: Type | None, said: str) -> str | None:
        """利用率 下降 10 个百分点: from what is not said."""
        if type_ is None or type_.kind not in NUMERIC:
            return None
        doubled = re.fullmatch("(?:比上年|较上年|同比|环比|实现|已经|已)*翻([一两二三])?番(?:以上)?", said)
        if doubled is not None and type_.kind in ADDABLE:
            times = {"两": 4, "二": 4, "三": 8}.get(doubled[1] or "一", 2)
            asked = f"{subject} ≥ 上年{subject} × {times}"
            return f"原来的数记在一个字段里（如 上年{subject}），写“{asked}”"
        how = re.match("(?:同比|环比|连续|逐年)?(?:(增长|增加|提高|上升|提升)|减少|下降|降低|下滑)", said)
        if how is None:
            return None
        compared = f"{subject} {'>' if how[1] else '<'} 上年{subject}"
        return f"没有说和哪个数比；另设一个字段记原来的数（如 上年{subject}），写“{compared}”这样的比较"

    def turned(self, said: str) -> str | None:
        """What has its subject behind it, or none: 没有 停产日, 尚未 形成, 列为 巩固类, 属于 脱贫县."""
        for word in ("是", "为", "属于", "位于", "地处", "在", "有"):
            inner = said.removeprefix(word)
            known = self.names.get(inner)
            if inner != said and known is not None and known.kind is Kind.BOOL and word != "有":
                return f"写成“{inner}”"
            if (
                inner != said
                and word == "有"
                and known is not None
                and known.kind is not Kind.BOOL
                and inner not in self.decided
            ):
                return f"写成“{inner} 已填”"
        for word in ("已填", "未填"):
            inner = said.removeprefix(word)
            if inner != said and inner in self.names and inner not in self.decided:
                return f"写成“{inner} {word}”"
        filled = re.fullmatch("(?:填写|填报|录入|填好|补填|补齐|填上|填)(.+?)(?:完整)?", said)
        known = None if filled is None else self.names.get(filled[1])
        if filled is not None and known is not None and known.kind is not Kind.BOOL and filled[1] not in self.decided:
            return f"写成“{filled[1]} 已填”"
        state = re.fullmatch("(?:已经|已|正在|业已|处于|目前|现已)?(?:处于)?(.+?)(?:的?状态)?", said)
        known = None if state is None else self.names.get(state[1])
        if state is not None and state[1] != said and known is not None and known.kind is Kind.BOOL:
            return f"写成“{state[1]}”"
        done = self.names.get(f"已{said.removeprefix('已经')}")
        if said.startswith("已经") and done is not None and done.kind is Kind.BOOL:
            return f"写成“已{said.removeprefix('已经')}”"
        for word in ("不为", *NOT):
            inner = said.removeprefix(word)
            if inner == said:
                continue
            inner = re.sub("^(?:是|属于|位于|在)", "", inner) if word in ("不", "并非") else inner
            known = self.names.get(inner)
            if known is not None and known.kind is Kind.BOOL:
                told = f"；问有没有填的，写“{inner} 未填”" if word in ("没有", "无", "未", "没") else ""
                return f"写成“非 {inner}”{told}"
            past = self.names.get(f"已{inner}")
            if past is not None and past.kind is Kind.BOOL and word in ("尚未", "未经", "没有", "并未", "未", "没"):
                return f"写成“非 已{inner}”"
            if (
                known is not None
                and word in ("没有", "无", "没")
                and known.kind is not Kind.BOOL
                and inner not in self.decided
            ):
                return f"写成“{inner} 未填”"
        called = re.fullmatch("(?:被)?(?:认定为|列为|评为|定为|划为|归为|属于|列入)(.+)", said)
        if called is not None:
            found = {
                name: value
                for name, type_ in self.names.items()
                if type_ is not None
                and type_.kind is Kind.ENUM
                and (value := value_called(called[1], type_.values or ())) is not None
            }
            if len(found) == 1:
                return "".join(f"写成“{name} 为 {value}”" for name, value in found.items())
        return None
