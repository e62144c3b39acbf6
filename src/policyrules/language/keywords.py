"""The words of the language: what each is for, which clauses each declaration takes, and what people write instead.

Why this exists: syntax diagnostics, the check of clauses and the reference pages speak of the same words, so the words
and their sentences are written once. The grammar alone decides where a word is a keyword; a test demands that every
keyword of the grammar stands here.

Invariants: every clause named in `CLAUSES` is a key of `KEYWORDS`; every key of `CLAUSES` is in `DECLARATIONS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policyrules.operators import INFIX, POSTFIX

DECLARATIONS: tuple[str, ...] = (
    "对象",
    "字段",
    "研判",
    "参数",
    "读法",
    "清单",
    "术语",
    "统计",
    "决定",
    "规则",
    "补充规则",
    "义务",
    "禁令",
    "提示",
    "修订",
    "增列",
    "设定",
    "推定",
    "决策表",
)
"""The words that begin a declaration, at the start of a line."""

KEYWORDS: dict[str, str] = {
    "对象": "声明一类记录",
    "字段": "声明对象的一项事实",
    "研判": "声明由指定的人判断的一项事实",
    "参数": "声明一个由某一层定的数或值",
    "读法": "声明文本歧义的几种读法",
    "清单": "声明一组值",
    "术语": "给一个条件或算式起名",
    "统计": "声明对全部记录的计数或合计",
    "决定": "声明一项结论和它的取值",
    "规则": "声明在什么情况下得出什么结论",
    "补充规则": "声明上级规则都不适用时的结论",
    "义务": "声明应当做到的事",
    "禁令": "声明不得做的事",
    "提示": "声明要告诉使用者的话",
    "修订": "改动上一层的规则、义务或禁令",
    "增列": "给上一层的清单或多选决定加值",
    "设定": "给上一层的参数定值",
    "推定": "声明空着的事实怎样推定",
    "依据": "引用文件的条目和原文",
    "授权": "说明下一层可以改什么",
    "自": "从哪一天起有效",
    "起": "从哪一天起有效",
    "至": "到哪一天为止，或范围的上限",
    "止": "到哪一天为止",
    "释义": "说明一个说法是怎样理解的",
    "说明": "写给读者的话",
    "属于": "属于哪个对象，或是不是其中之一",
    "标识": "对象用哪个字段认定是同一条",
    "取值": "数值的范围",
    "以上": "只有下限的范围",
    "由": "由谁填写或判断",
    "分组": "字段在表格里的分组",
    "缺省": "没有设定时用的值",
    "未定": "值还没有定",
    "已发生": "做完、发生了才填的日子，不会晚于评估日",
    "即": "清单或术语的内容",
    "等": "清单没有列完",
    "对": "说的是哪个对象",
    "适用": "决定在什么情况下才有意义",
    "默认": "没有规则得出结论时的值",
    "单值": "决定的数额只有一个",
    "累计": "各条规则的数额加起来",
    "不超过": "决定的数额最多是多少",
    "不少于": "决定的数额最少是多少",
    "先后": "几个值同时成立时谁优先",
    "仅当": "先后只在什么情况下成立",
    "计数": "数有几条",
    "占比": "符合的占全部的比例",
    "合计": "加起来是多少",
    "种数": "有几种不同的值",
    "最大": "最大的值",
    "最小": "最小的值",
    "取": "取唯一一条的值",
    "取小": "几个数里最小的",
    "取大": "几个数里最大的",
    "相同": "统计哪些项相同的记录",
    "其中": "只算满足条件的",
    "符合": "占比的分子",
    "当": "条件",
    "则": "结论",
    "除外": "不适用的情形",
    "应当": "应当做到的事",
    "原则上应当": "应当做到、做不到须说明的事",
    "否则说明": "没有做到的，理由写在哪个字段",
    "不得": "不得做的事",
    "期限": "到哪一天为止做到",
    "到期": "什么情况一出现就该已经做到",
    "说": "要说的话",
    "还须": "给上级规则再加条件",
    "仅限": "缩小上级义务或禁令的范围",
    "还应当": "给上级义务再加要求",
    "还不得": "给上级禁令再加禁止的事",
    "或者": "放宽上级规则的条件",
    "停用": "停用上级规则",
    "重申": "照样重复上级的规定",
    "重点": "结论的语气",
    "支持": "结论的语气",
    "鼓励": "结论的语气",
    "引导": "结论的语气",
    "可": "结论的语气",
    "且": "两个条件都满足",
    "或": "两个条件满足一个",
    "非": "条件不满足",
    "为": "等于某个值",
    "不为": "不等于某个值",
    "不属于": "不在其中",
    "含": "多选里有某个值",
    "不含": "多选里没有某个值",
    "含任一": "多选里有其中之一",
    "全部属于": "多选里没有这些以外的值",
    "除去": "多选里去掉一些值",
    "介于": "在两个数之间，含两头",
    "已填": "已经填写",
    "未填": "没有填写",
    **{words: operator.doc for words, operator in (INFIX | POSTFIX).items() if words.isalpha()},
    "每年": "每年都有的一天",
    "起算": "从哪一天起，头一个这样的日子",
    "首选": "先用的值",
    "缺则": "没有这一行时用的值",
    "同时满足": "几项都满足",
    "任一满足": "几项满足一项",
    "至少": "几项中至少满足几项",
    "项": "几项中至少满足几项",
    "任一": "有一条满足",
    "全部": "每一条都满足",
    "其他": "除本条以外的",
    "满足": "要满足的条件",
    "视": "按参数的值分别处理",
    "决策表": "声明一张表，每一行是一条规则",
    "得出": "决策表得出哪个决定",
    "取首行": "决策表里先写的一行算数",
    "可重叠": "决策表里几行可以同时成立",
    "不足": "格子里的上限，不含本数",
    "改": "试验里改动一条规定",
    "新增": "试验里加上一条规定",
    "去掉": "试验里去掉一条规定，或其中一句",
}
"""Every keyword and what it is for, in words that complete “…”是关键词（…）."""

RESERVED: dict[str, str] = {
    "本": "指外面一层的记录",
    "评估日": "指评估的日期",
    "当年": "指评估日的年份",
    "上年": "指评估日的前一年",
    "是": "是否的值",
    "否": "是否的值",
}
"""Words that are no keywords, but mean something wherever a name stands."""

LANGUAGE_VERSION: Final = 2
"""The newest version of the language that this package speaks."""

ADDED: dict[str, int] = {
    **dict.fromkeys(POSTFIX, 2),
    "每年": 2,
    "起算": 2,
    "当年": 2,
    "上年": 2,
    "原则上应当": 2,
    "否则说明": 2,
    "全部属于": 2,
    "除去": 2,
    "决策表": 2,
    "得出": 2,
    "取首行": 2,
    "可重叠": 2,
    "不足": 2,
    "已发生": 2,
    "改": 2,
    "新增": 2,
    "去掉": 2,
    **dict.fromkeys(("单值", "累计", "不超过", "不少于", "取小", "取大"), 2),
}
"""The words that came with a later version of the language, and which. They are keywords only where no name could stand
in the versions before, so a text that was valid keeps its meaning, and a name that was declared keeps standing."""

EDITS: tuple[str, ...] = ("改", "新增", "去掉")
"""The words that a 试验 writes before a declaration."""

KEYED: tuple[str, ...] = ("对象", "字段", "研判", "参数", "读法", "清单", "术语", "统计", "决定")
"""The declarations that have a key."""

AUTHORITIES: tuple[str, ...] = ("固定", "细化", "从严", "自定")
DIRECTIONS: tuple[str, ...] = ("越高越严", "越低越严")
MODES: tuple[str, ...] = ("单选", "由宽到严", "多选")
LIMITS: tuple[str, ...] = ("不超过", "不少于")
OPERATIONS: tuple[str, ...] = ("还须", "仅限", "还应当", "还不得", "或者", "除外")
CONDITIONS: tuple[str, ...] = (
    *OPERATIONS,
    *LIMITS,
    "即",
    "其中",
    "符合",
    "当",
    "应当",
    "原则上应当",
    "不得",
    "期限",
    "到期",
    "适用",
)
"""The clauses whose body is an expression (即 of a 清单 apart)."""


@dataclass(frozen=True, slots=True)
class Clauses:
    """The clauses of one kind of declaration: ``required`` once, ``optional`` at most once, ``repeatable`` any
    number of times; all in the order they are printed. 依据, 释义, 说明 and 授权 go with every declaration. ``type`` stands
    for ``：类型``, ``values`` for ``{ … }``.

    ``order``: the rank of each in print, those of one rank in the order of the text; ranks below 0 stand on the line of
    the name.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    repeatable: tuple[str, ...]
    order: dict[str, int]

    @property
    def all(self) -> tuple[str, ...]:
        """Every clause, in the order people write them."""
        return (*self.required, *self.optional, *self.repeatable, *_EVERYWHERE)


_EVERYWHERE = ("依据", "授权", "释义", "说明")


def _clauses(beside: str, below: str) -> Clauses:
    """From a line of the table: the clauses beside the name, and those on lines of their own."""
    found: dict[str, list[str]] = {"": [], "?": [], "*": []}
    order = {"依据": 0, "授权": 900, "释义": 901, "说明": 901}
    for first, slots in ((-100, beside.split()), (1, below.split())):
        for rank, slot in enumerate(slots, first):
            times = slot[-1] if slot[-1] in "?*" else ""
            for word in slot.removesuffix(times).split("/"):
                found[times].append(word)
                order[word] = rank
    return Clauses(tuple(found[""]), tuple(found["?"]), tuple(found["*"]), order)


def _table_clauses() -> Clauses:
    """Those of a 决策表: its rows come last, whatever stands above them."""
    found = _clauses("对?", "得出 取首行? 可重叠? 自? 至?")
    return Clauses(found.required, found.optional, ("row",), {**found.order, "row": 1000})


# In the order of print; "?" at most once, "*" any number of times, "/" in the order of the text.
CLAUSES: dict[str, Clauses] = {
    "对象": _clauses("属于? 标识?", ""),
    "字段": _clauses("type 取值? 已发生? 由? 分组?", ""),
    "研判": _clauses("type 取值? 由? 分组?", ""),
    "参数": _clauses("type 未定? =/缺省/自* 取值?", ""),
    "读法": _clauses("type 未定? =/缺省/自*", ""),
    "清单": _clauses("", "即"),
    "术语": _clauses("对?", "即"),
    "统计": _clauses("", "计数? 占比? 合计? 种数? 相同? 其中? 符合?"),
    "决定": _clauses("对? type 单值? 累计?", "适用? 不超过/不少于* 默认? 先后*"),
    "规则": _clauses("对?", "当? 则 除外* 自? 至?"),
    "补充规则": _clauses("对?", "当? 则 除外* 自? 至?"),
    "义务": _clauses("对?", "当? 应当/原则上应当? 否则说明? 期限? 到期? 除外* 自? 至?"),
    "禁令": _clauses("对?", "当? 不得 期限? 到期? 除外* 自? 至?"),
    "提示": _clauses("对?", "当? 说 除外* 自? 至?"),
    "修订": _clauses("", f"{'/'.join(OPERATIONS)}* 先后* 不超过/不少于* 停用? 重申? 自? 至?"),
    "增列": _clauses("", "values"),
    "设定": _clauses("为/自*", "至?"),
    "推定": _clauses("对?", "当/则* 自? 至?"),
    "决策表": _table_clauses(),
}

MISSING: dict[str, str] = {
    "type": "在名称后面写类型，如“：是否”“：金额（万元）”“：枚举 { 甲、乙 }”",
    "决定 type": "在名称后面写取值，如“：单选 { 甲、乙 }”；得出数额的写类型，如“：金额（万元）”",
    "清单 即": "写上“即 { 甲、乙 }”",
    "术语 即": "写上“即”和条件或算式",
    "则": "写上结论：则 决定名 为 值",
    "应当": "写上应当做到的事：应当 …",
    "不得": "写上不得做的事：不得 …",
    "说": "写上要说的话：说 “…”",
    "values": "写上要加的值：{ 甲、乙 }",
    "得出": "写上得出哪个决定：得出 决定名",
}
"""What to write where a required clause is missing; for one kind of declaration only where it is named."""

MISPLACED: dict[str, str] = {
    "当": "写条件的是规则、义务、禁令、提示、推定",
    "则": "写结论的是规则、补充规则、推定",
    "应当": "要求写在“义务”里；规则的语气写在“则”后面：则 应当 …",
    "原则上应当": "做不到可以说明理由的要求写在“义务”里；上层“否则说明”的，下层只能还应当，不能去掉",
    "否则说明": "“否则说明”跟在“义务”的“原则上应当”后面；上层写了的，下层不能去掉，也不能换",
    "不得": "禁止的事写在“禁令”里；不得做的结论写成决定的值",
    "还须": "改动上级规则用“修订”",
    "仅限": "改动上级规则用“修订”",
    "还应当": "改动上级义务用“修订”",
    "还不得": "改动上级禁令用“修订”",
    "停用": "改动上级规则用“修订”",
    "重申": "重申上级规则用“修订”",
    "默认": "默认值写在“决定”里；参数没有设定时用的值写“缺省”",
    "缺省": "缺省值写在“参数”里；决定的默认值写“默认”",
    "期限": "期限写在“义务”或“禁令”里",
    "到期": "到期的条件写在“义务”或“禁令”里",
    "说": "要说的话写在“提示”里",
    "累计": "累计写在“决定”的类型后面",
    "单值": "单值写在“决定”的类型后面",
    "先后": "先后写在“决定”里，或写在对上级决定的“修订”里",
    "其中": "统计的条件写“其中”；计数、合计的条件写在括号里：其中（…）",
    "自": "有效期写在规则、义务、禁令、提示、修订、推定里，或跟在参数的值后面",
    "至": "有效期写在规则、义务、禁令、提示、修订、推定里",
    "=": "固定的值写在“参数”里；设定上级参数写“设定 参数名 为 值”",
    "为": "设定上级参数写“设定 参数名 为 值”；参数固定的值写“= 值”",
    "属于": "属于哪个对象，写在“对象”里",
    "对": "说的是哪个对象，写在术语、决定、规则、义务、禁令、提示、推定里",
    "去掉": "去掉其中一句，写在试验的“改”里",
}
"""Where a clause belongs that stands in the wrong declaration."""


def clause_name(clause: str) -> str:
    """A clause as people call it."""
    return {"type": "：类型", "values": "{ … }", "row": "表的行"}.get(clause, clause)


def clause_list(declaration: str) -> str:
    """What may be written in a declaration, as a list for people.

    >>> clause_list("清单")
    '即、依据、授权、释义、说明'
    """
    return "、".join("“：类型”" if clause == "type" else clause_name(clause) for clause in CLAUSES[declaration].all)


SYNONYMS: dict[str, tuple[str, ...]] = {
    "如果": ("当",),
    "若": ("当",),
    "假如": ("当",),
    "凡": ("当",),
    "条件": ("当",),
    "如": ("当",),
    "那么": ("则",),
    "那": ("则",),
    "结论": ("则",),
    "应该": ("应当",),
    "必须": ("应当",),
    **dict.fromkeys(
        (
            "应",
            "须",
            "需",
            "需要",
            "要求",
            "务必",
            "要",
            "应当要",
            "一律应当",
            "均应当",
            "都应当",
            "均应",
            "都应",
            "一律应",
            "均须",
            "均需",
        ),
        ("应当",),
    ),
    "禁止": ("不得",),
    "严禁": ("不得",),
    "不准": ("不得",),
    "不许": ("不得",),
    "不能": ("不得",),
    **dict.fromkeys(("不可", "不得有", "不得存在", "一律不得", "均不得", "都不得", "一律禁止"), ("不得",)),
    "除了": ("除外",),
    **dict.fromkeys(("例外", "排除"), ("除外",)),
    "但": ("除外",),
    **dict.fromkeys(("来源", "填报单位", "填报人", "填写单位", "责任单位", "由谁填"), ("由",)),
    "根据": ("依据",),
    "按照": ("依据",),
    "截至": ("至", "期限"),
    "截止": ("至", "期限"),
    "逾期": ("到期",),
    "过期": ("到期",),
    "备注": ("说明",),
    "注": ("说明",),
    "解释": ("释义",),
    **dict.fromkeys(("提醒", "提示内容", "提示语", "提示信息", "话术"), ("说",)),
    **dict.fromkeys(("适用条件", "适用情形", "前提", "前提条件", "触发条件"), ("当",)),
    **dict.fromkeys(("处理意见", "处理结果", "结果"), ("则",)),
    **dict.fromkeys(("出处", "政策依据", "文件依据", "法律依据"), ("依据",)),
    **dict.fromkeys(
        ("还需", "还要", "还必须", "还须满足", "还需满足", "另须", "另需", "增加条件", "还应满足"), ("还须",)
    ),
    "还应": ("还应当",),
    "还应该": ("还应当",),
    **dict.fromkeys(("只限", "限于", "仅限于", "只限于"), ("仅限",)),
    **dict.fromkeys(("还禁止", "还不准", "还不许", "也不得"), ("还不得",)),
    "废止": ("停用",),
    "取消": ("停用",),
    "撤销": ("停用",),
    "并且": ("且",),
    "而且": ("且",),
    "并": ("且",),
    "同时": ("且",),
    "或者": ("或",),
    "或是": ("或",),
    "和": ("且", "、"),
    "及": ("且", "、"),
    "与": ("且", "、"),
    "以及": ("且", "、"),
    "是": ("为", "即"),
    **dict.fromkeys(("指", "是指", "系指", "即为", "定义为"), ("即",)),
    "不是": ("不为",),
    "等于": ("为", "="),
    "不等于": ("不为", "≠"),
    "大于": (">",),
    "超过": (">",),
    "高于": (">",),
    "多于": (">",),
    "小于": ("<",),
    "低于": ("<",),
    "少于": ("<",),
    **dict.fromkeys(("不足", "未满", "不满", "未达", "未达到", "不到"), ("<",)),
    **dict.fromkeys(("超出", "超", "逾", "突破", "已超过", "已超", "已逾"), (">",)),
    **dict.fromkeys(("未超过", "没有超过", "没超过", "未超", "未超出", "尚未超过"), ("≤",)),
    **dict.fromkeys(("没有达到", "没达到", "尚未达到", "不及", "未及", "未足"), ("<",)),
    "不少于": ("≥",),
    "不低于": ("≥",),
    "不小于": ("≥",),
    "大于等于": ("≥",),
    "大于或等于": ("≥",),
    **dict.fromkeys(("达到", "达", "已达", "已达到", "最少", "起码"), ("≥",)),
    **dict.fromkeys(("至多", "最多", "顶多"), ("≤",)),
    **dict.fromkeys(("不止", "多出"), (">",)),
    "至少为": ("≥",),
    "以上": ("≥",),
    "及以上": ("≥",),
    "不超过": ("≤",),
    "不高于": ("≤",),
    "不大于": ("≤",),
    "不多于": ("≤",),
    "小于等于": ("≤",),
    "小于或等于": ("≤",),
    "以下": ("≤",),
    "及以下": ("≤",),
    "以内": ("≤",),
    "之内": ("≤",),
    **{
        f"{forbidding}{comparing}": (sign,)
        for forbidding in ("不得", "不能", "不应", "不可", "不许", "不准", "不应当")
        for sign, words in (("≥", ("低于", "少于", "小于", "不足")), ("≤", ("超过", "高于", "大于", "多于", "超出")))
        for comparing in words
    },
    **dict.fromkeys(("晚于", "迟于"), (">",)),
    "早于": ("<",),
    **dict.fromkeys(("不晚于", "不迟于"), ("≤",)),
    "不早于": ("≥",),
    "包含": ("含",),
    "包括": ("含",),
    "含有": ("含",),
    "不包含": ("不含",),
    "不包括": ("不含",),
    "在": ("属于", "介于"),
    "处于": ("属于", "介于"),
    "不在": ("不属于",),
    **dict.fromkeys(("between", "BETWEEN"), ("介于",)),
    "之间": ("介于",),
    "没有填": ("未填",),
    "没填": ("未填",),
    **dict.fromkeys(("未填写", "未填报", "未录入"), ("未填",)),
    "没有填写": ("未填",),
    "为空": ("未填",),
    "空白": ("未填",),
    **dict.fromkeys(("已填写", "已填报", "已录入"), ("已填",)),
    "填了": ("已填",),
    "不为空": ("已填",),
    "加": ("+",),
    "减": ("-",),
    "乘": ("×",),
    "乘以": ("×",),
    "除以": ("÷",),
    **dict.fromkeys(("and", "AND", "And"), ("且",)),
    **dict.fromkeys(("or", "OR", "Or"), ("或",)),
    **dict.fromkeys(("in", "IN", "In"), ("属于",)),
    **dict.fromkeys(("is", "IS", "Is"), ("为",)),
    **dict.fromkeys(("when", "When", "if", "If", "IF"), ("当",)),
    **dict.fromkeys(("then", "Then", "THEN"), ("则",)),
    "不": ("非",),
    "并非": ("非",),
    "否则": ("缺则",),
}
"""What people write, and what the language writes instead (the first that fits the place is offered first)."""

NUMBER_TAILS: dict[str, str] = {
    "以上": "≥",
    "及以上": "≥",
    "以下": "≤",
    "及以下": "≤",
    "以内": "≤",
    "之内": "≤",
    "以外": ">",
    "之间": "介于",
    "左右": "介于",
}
"""What people write behind a number, and the sign that says it in front."""

FOREIGN_MARKS: dict[str, str] = {
    "。": "删去它，句末不写句号",
    "!": "删去它；不等于写“≠”或“不为”，条件不满足写“非”",
    "?": "删去它",
    "·": "名称里不写“·”；条目名称写在【】里",
    "‘": "引号用“”",
    "’": "引号用“”",
    "'": "引号用“”",
    "`": "引号用“”",
    "《": "文件和条目名称写在【】里",
    "》": "文件和条目名称写在【】里",
    "[": "括号用（）",
    "]": "括号用（）",
    "&": "写“且”，两个条件都满足",
    "|": "写“或”，两个条件满足一个",
    "~": "范围写“至”：介于 a 至 b",
    "～": "范围写“至”：介于 a 至 b",
    "—": "减号用 −，范围写“至”",
    "→": "写“则”，结论另起一行",
    "⇒": "写“则”，结论另起一行",
    "∧": "写“且”，两个条件都满足",
    "∨": "写“或”，两个条件满足一个",
    "¬": "写“非”，条件不满足",
    "∈": "写“属于”",
    "¥": "金额写单位“元”或“万元”",
    "￥": "金额写单位“元”或“万元”",
    "$": "金额写单位“元”或“万元”",
    "≈": "没有说准是多少；写明从多少到多少：介于 a 至 b",
    "≒": "没有说准是多少；写明从多少到多少：介于 a 至 b",
    "‰": "比例写成百分数，如 5%",
    "^": "规则语言没有乘方",
    "\\": "除写“÷”",
    "@": "删去它",
}
"""Marks that are no part of the language, and what to write instead."""
