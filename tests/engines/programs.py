"""Programs to hold engines against the definition with, as pieces of rule text.

Why this exists: the model's generator makes sound policies of every construct, small and tame; beside it stand programs
over one wide world whose expressions are written as text, so that what the model has no form for (sets of texts, texts
against texts, numbers without bounds, quotients, long sums) comes up as often as the rest.

Invariants: the same choices give the same program; a program is its pieces and its date, so that it can be cut down piece by
piece and written into a file.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.model.choosing import Chooser, Pick
from tests.model.generate import Generator
from tests.model.printing import CITE, chunks

import policyrules as pr
from policyrules.testing.build import try_policy_from_text

Layer = tuple[str, ...]


@dataclass(frozen=True)
class Program:
    """Pieces of text by layer, top first; ``extends``: of each layer those it extends."""

    layers: tuple[Layer, ...]
    extends: tuple[tuple[int, ...], ...]
    as_of: datetime.date

    def text(self) -> str:
        """The whole for people to read."""
        return "\n".join(
            f"# ==== 第{level}层，上层 {self.extends[level]}，评估日 {self.as_of} ====\n" + "\n".join(pieces)
            for level, pieces in enumerate(self.layers)
        )

    def load(self) -> pr.Policy | None:
        """The policy, if it is sound."""
        texts = ["\n".join(pieces) for pieces in self.layers]
        parallel = [
            (above, f"{level}号文" if len(self.layers) > 1 else None) for level, above in enumerate(self.extends)
        ]
        chain = all(above == ((level - 1,) if level else ()) for level, above in enumerate(self.extends))
        policy, _ = try_policy_from_text(*texts, as_of=self.as_of, extends=None if chain else parallel)
        return policy

    def without(self, level: int, piece: int) -> Program:
        """The program but for one piece."""
        layers = list(self.layers)
        layers[level] = (*layers[level][:piece], *layers[level][piece + 1 :])
        return replace(self, layers=tuple(layers))


def modelled(chooser: Chooser) -> Program:
    """A policy of the model's generator."""
    policy = Generator(chooser).policy()
    return Program(
        tuple(tuple(pieces) for pieces in chunks(policy)),
        tuple(policy.extends(level) for level in range(policy.levels)),
        policy.as_of,
    )


# ---- the wide world -------------------------------------------------------------------------------------------------

WORLD = (
    "对象 县（county）\n  字段 县名（cname）：文本\n  字段 示范（model）：是否\n  字段 县数（cn）：整数（个）\n",
    "对象 类统计（counts） 属于 县\n  字段 统类（ck）：枚举 { 红、蓝、绿 }\n  字段 统数（cnum）：整数（个） 取值 0 个 以上\n",
    """对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 名（name）：文本
  字段 又名（alias）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否
  字段 类（kind）：枚举 { 红、蓝、绿 }
  字段 色（colour）：枚举 { 红、蓝 }
  字段 数（n）：整数（个） 取值 0 个 至 10 个
  字段 宽（w）：整数（个）
  字段 款（money）：金额（万元）
  字段 元（yuan）：金额（元） 取值 0 元 以上
  字段 率（rate）：比例
  字段 地（area）：面积（亩）
  字段 因（causes）：多选 { 市场、技术、设施 }
  字段 法（means）：多选 { 市场、技术、设施 }
  字段 词（words）：多选（文本）
  字段 语（terms）：多选（文本）
  字段 始（start）：日期
  字段 终（end）：日期 取值 2020年1月1日 至 2030年12月31日
  字段 年（year）：年份
  字段 期（months）：时长（个月） 取值 0 个月 以上
  字段 天数（days）：时长（天）
""",
    """对象 资金（funds） 属于 项目
  字段 年度（fy）：年份
  字段 额（amount）：金额（万元） 取值 0 万元 以上
  字段 余（balance）：金额（元）
  字段 付（paid）：是否
  字段 种（sort）：枚举 { 红、蓝、绿 }
  字段 标（tags）：多选（文本）
  字段 付日（on）：日期
  字段 份（share）：整数（个）
""",
    "对象 明细（items） 属于 资金\n  字段 件（count）：整数（个） 取值 0 个 以上\n  字段 明（clear）：是否\n  字段 物（thing）：文本\n",
)
PARAMETERS = (
    "参数 参数甲（pa）：整数（个） 取值 0 个 至 9 个\n  未定\n",
    "参数 参数乙（pb）：金额（万元） 取值 0 万元 至 90000 万元\n  缺省 16777.2170 万元\n",
    "参数 参数丙（pc）：枚举 { 红、蓝、绿 }\n  未定\n",
    "参数 参数丁（pd）：是否\n  缺省 是\n",
    "参数 参数戊（pe）：日期 取值 2020年1月1日 至 2030年1月1日\n  未定\n",
    "参数 参数己（pf）：比例 取值 0% 至 100%\n  缺省 30%\n",
)
CALENDAR = (
    "清单 节假日\n" + CITE + "  即 { 2025年1月1日、2025年5月1日 至 2025年5月5日、2024年10月1日 }\n  授权 自定\n",
    "清单 调休上班\n" + CITE + "  即 { 2025年4月27日、2024年10月12日 }\n  授权 自定\n",
)
DATES = (
    datetime.date(2025, 6, 30),
    datetime.date(2024, 2, 29),
    datetime.date(2025, 1, 31),
    datetime.date(2025, 12, 31),
)

NUMBERS = {
    "个": ("0 个", "1 个", "2 个", "3 个", "10 个", "16777217 个", "9007199254740993 个", "-1 个"),
    "金额": (
        "0 元",
        "0.3 元",
        "0.1 元",
        "1 万元",
        "0.0001 万元",
        "16777.2170 万元",
        "16777217 元",
        "9007199254740993 元",
        "900719925474.0993 万元",
        "1 亿元",
        "33.33 万元",
    ),
    "比例": ("0%", "30%", "33.3%", "10%", "100%", "0.1%", "50%", "200%"),
    "日期": (
        "2025年6月30日",
        "2024年2月29日",
        "2025年2月28日",
        "2025年1月31日",
        "2023年12月31日",
        "2025年5月6日",
        "9999年12月31日",
        "2025年6月29日",
    ),
    "年份": ("2024 年", "2025 年", "2023 年", "2026 年"),
    "月": ("1 个月", "0 个月", "12 个月", "18 个月"),
    "天": ("1 天", "30 天", "0 天", "365 天", "-1 天"),
}
FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    "县": {"个": ("县数",), "是否": ("示范",), "文本": ("县名",)},
    "类统计": {"个": ("统数",), "枚举": ("统类",)},
    "项目": {
        "个": ("数", "宽"),
        "金额": ("款", "元"),
        "比例": ("率",),
        "是否": ("甲", "乙"),
        "枚举": ("类",),
        "枚举二": ("色",),
        "多选": ("因", "法"),
        "词": ("词", "语"),
        "文本": ("名", "又名"),
        "日期": ("始", "终"),
        "年份": ("年",),
        "月": ("期",),
        "天": ("天数",),
    },
    "资金": {
        "个": ("份",),
        "金额": ("额", "余"),
        "是否": ("付",),
        "枚举": ("种",),
        "词": ("标",),
        "日期": ("付日",),
        "年份": ("年度",),
    },
    "明细": {"个": ("件",), "是否": ("明",), "文本": ("物",)},
}
ABOVE = {"县": (), "类统计": ("县",), "项目": ("县",), "资金": ("项目", "县"), "明细": ("资金", "项目", "县")}
CHILDREN = {"县": ("类统计",), "项目": ("资金",), "资金": ("明细",), "类统计": (), "明细": ()}
ROWS_SEEN = {"县": ("类统计",), "类统计": (), "项目": ("资金", "类统计"), "资金": ("明细",), "明细": ()}
OPS = ("≥", "<", "=", "≤", ">", "≠")
TEXTS = ("“甲文”", "“乙文”", "“丙”")
MEANS = ("市场", "技术", "设施")
COLOURS = ("红", "蓝", "绿")
PARAMETER_OF = {
    "个": "参数甲",
    "金额": "参数乙",
    "枚举": "参数丙",
    "是否": "参数丁",
    "日期": "参数戊",
    "比例": "参数己",
}


class Writer:
    """Writes expressions as text over the wide world. ``made``: names that may be read, by kind and object."""

    def __init__(self, pick: Pick) -> None:
        self.pick = pick
        self.made: dict[tuple[str, str], list[str]] = {}

    def fields(self, at: str, kind: str) -> list[str]:
        """Names of a kind that are seen from an object."""
        return [name for seen in (at, *ABOVE[at]) for name in FIELDS[seen].get(kind, ())]

    def names(self, at: str, kind: str) -> list[str]:
        """Terms and amounts that are seen from an object."""
        return [name for seen in (at, *ABOVE[at]) for name in self.made.get((seen, kind), ())]

    def number(self, at: str, kind: str, depth: int) -> str:
        """A number, a day or a period."""
        pick = self.pick
        plain = [*self.fields(at, kind), *self.fields(at, kind), *self.names(at, kind)]
        plain += [PARAMETER_OF[kind]] if kind in PARAMETER_OF else []
        if depth == 0 or pick.chance(30):
            return pick.one(plain) if plain and not pick.chance(35) else pick.one(NUMBERS[kind])
        ways = ["plain", "pick", "choose", "fallback", "rows", "rows"]
        ways += {
            "个": ["sum", "count", "count", "size", "product", "texts"],
            "金额": ["sum", "share", "product"],
            "比例": ["ratio", "ratio"],
            "日期": ["moved", "moved", "end", "yearly", "work", "work"],
            "年份": ["of"],
            "月": ["years"],
            "天": ["between", "between"],
        }[kind]
        low = depth - 1
        match pick.one(ways):
            case "pick":
                word = pick.one(("取小", "取大"))
                return f"{word}（{self.number(at, kind, low)}；{self.number(at, kind, low)}）"
            case "choose":
                return self.choice(at, lambda: self.number(at, kind, low))
            case "fallback":
                return (
                    f"（首选 {pick.one(plain or NUMBERS[kind])}，缺则 {self.number(at, kind, low)}）"
                    if plain
                    else NUMBERS[kind][0]
                )
            case "rows":
                return self.aggregate(at, kind, low) or pick.one(NUMBERS[kind])
            case "sum":
                sign = pick.one(("+", "-"))
                return f"（{self.number(at, kind, low)} {sign} {self.number(at, kind, low)}）"
            case "product":
                return (
                    f"（{self.number(at, kind, low)} × {self.number(at, '个' if kind == '金额' else '比例', low)}）"
                    if kind == "金额"
                    else f"（{self.number(at, kind, low)} × {pick.between(0, 3)}）"
                )
            case "share":
                return f"（{self.number(at, kind, low)} × {self.number(at, '比例', low)}）"
            case "ratio":
                of = pick.one(("金额", "个"))
                return f"（{self.number(at, of, low)} ÷ {self.number(at, of, low)}）"
            case "count":
                rows = pick.one(ROWS_SEEN[at] or ("",))
                return f"计数 {rows} 其中（{self.truth(rows, low)}）" if rows else "1 个"
            case "size" | "texts":
                sets = [*self.fields(at, "多选"), *self.fields(at, "词")]
                return f"计数 {pick.one(sets)}" if sets else "2 个"
            case "moved":
                unit = pick.one(("月", "天"))
                return f"（{self.number(at, '日期', low)} {pick.one(('+', '-'))} {self.number(at, unit, 0)}）"
            case "end":
                return f"（{self.number(at, '日期', 0)}） {pick.one(('之月末', '之季末', '之年末'))}"
            case "yearly":
                day = pick.one(("6月30日", "2月29日", "12月31日"))
                if not pick.chance(70):
                    return f"每年 {day}"
                return f"（每年 {day} 起算 {pick.one(self.fields(at, '日期') or ['评估日'])}）"
            case "work":
                days = pick.one((f"{pick.one((0, 1, 3, 20, 300))} 个工作日",))
                return f"（{pick.one(self.fields(at, '日期') or ['评估日'])} {pick.one(('+', '-'))} {days}）"
            case "of":
                return f"（{self.number(at, '日期', 0)}） 之年"
            case "years":
                return f"（{self.number(at, '年份', 0)} - {self.number(at, '年份', 0)}）"
            case "between":
                return f"（{self.number(at, '日期', low)} - {self.number(at, '日期', low)}）"
            case _:
                return pick.one(plain) if plain else pick.one(NUMBERS[kind])

    def aggregate(self, at: str, kind: str, depth: int) -> str | None:
        """合计, 最大, 最小, 取 of rows."""
        pick = self.pick
        found = [(rows, name) for rows in ROWS_SEEN[at] for name in FIELDS[rows].get(kind, ())]
        if not found:
            return None
        rows, name = pick.one(found)
        ways = ["最大", "最小", *(["合计", "合计"] if kind in ("个", "金额") else [])]
        if FIELDS[rows].get("枚举") and pick.chance(40):
            return f"取 {rows}.{name} 其中（{FIELDS[rows]['枚举'][0]} 为 {pick.one(COLOURS)}）"
        where = f" 其中（{self.truth(rows, depth)}）" if pick.chance(70) else ""
        return f"{pick.one(ways)} {rows}.{name}{where}"

    def choice(self, at: str, branch: object) -> str:
        """视."""
        assert callable(branch)
        pick = self.pick
        selectors = [*self.fields(at, "枚举"), *self.fields(at, "是否"), "参数丙", *self.names(at, "单选")]
        selector = pick.one(selectors)
        if selector in self.names(at, "单选"):
            return f"视 {selector}（上：{branch()}；中、下：{branch()}；其余：{branch()}）"
        if selector in self.fields(at, "是否"):
            return f"视 {selector}（是：{branch()}；否：{branch()}）"
        if pick.chance(50):
            return f"视 {selector}（{pick.one(COLOURS)}：{branch()}；其余：{branch()}）"
        return f"视 {selector}（红：{branch()}；蓝：{branch()}；绿：{branch()}）"

    def listed(self, values: Sequence[str]) -> str:
        """A list of values, with 等 and 不含 now and then."""
        pick = self.pick
        items = pick.some(values, 1, 2)
        rest = [value for value in values if value not in items]
        quoted = "、".join(items)
        if pick.chance(30):
            return f"{{ {quoted}、等，不含 {rest[0]} }}" if rest and pick.chance(60) else f"{{ {quoted}、等 }}"
        return f"{{ {quoted} }}"

    def test(self, at: str) -> str:
        """A test of one cell."""
        pick = self.pick
        kind = pick.one(("是否", "枚举", "多选", "词", "文本", "填", "决定", "两设"))
        if kind == "填":
            every = [name for names in FIELDS[at].values() for name in names]
            return f"{pick.one(every)} {pick.one(('已填', '未填'))}"
        if kind == "决定":
            found = self.names(at, "单选")
            many = self.names(at, "众选")
            if many and pick.chance(50):
                how = pick.one(("含", "不含", "含任一"))
                items = "、".join(pick.some(("帮", "扶", "贷"), 1, 2))
                return f"{pick.one(many)} {how} " + (f"{{ {items} }}" if how == "含任一" else items)
            if found:
                return f"{pick.one(found)} " + pick.one(
                    ("为 上", "不为 上", "为 无", "属于 { 上、中 }", "不属于 { 中、下 }")
                )
            kind = "是否"
        found = self.fields(at, "是否" if kind == "两设" else kind)
        if kind == "两设":
            fields = self.fields(at, "多选")
            words = self.fields(at, "词")
            if len(fields) > 1 and pick.chance(50):
                other = pick.one(fields)
                left = pick.one(fields)
                left = left if pick.chance(60) else f"{left} 除去 {pick.one((other, self.listed(MEANS)))}"
                return f"{left} {pick.one(('含任一', '全部属于'))} {other}"
            if len(words) > 1:
                return f"{words[0]} 含任一 {words[1]}"
            kind, found = "是否", self.fields(at, "是否")
        if not found:
            return "评估日 ≥ 2024年1月1日"
        name = pick.one(found)
        match kind:
            case "枚举":
                return f"{name} " + pick.one(
                    (
                        f"为 {pick.one(COLOURS)}",
                        f"不为 {pick.one(COLOURS)}",
                        f"属于 {self.listed(COLOURS)}",
                        f"不属于 {self.listed(COLOURS)}",
                        f"= {pick.one(found)}",
                        "= 参数丙",
                    )
                )
            case "多选" | "词":
                values = MEANS if kind == "多选" else TEXTS
                how = pick.one(("含", "不含", "含任一", "全部属于"))
                return f"{name} {how} " + (
                    self.listed(values) if how in ("含任一", "全部属于") else "、".join(pick.some(values, 1, 2))
                )
            case "文本":
                return f"{name} " + pick.one(
                    (
                        f"为 {pick.one(TEXTS)}",
                        f"不为 {pick.one(TEXTS)}",
                        f"属于 {self.listed(TEXTS)}",
                        f"不属于 {self.listed(TEXTS)}",
                        f"= {pick.one(found)}",
                        f"≠ {pick.one(found)}",
                    )
                )
            case _:
                return name

    def truth(self, at: str, depth: int) -> str:
        """A condition."""
        pick = self.pick
        if depth <= 0:
            return self.test(at) if pick.chance(60) else self.comparison(at, 0)
        low = depth - 1
        match pick.one(
            (
                "test",
                "compare",
                "compare",
                "and",
                "or",
                "not",
                "count",
                "rows",
                "rows",
                "elapsed",
                "term",
                "choose",
                "among",
            )
        ):
            case "compare":
                return self.comparison(at, depth)
            case "and":
                return f"（{self.truth(at, low)} 且 {self.truth(at, low)}）"
            case "or":
                return f"（{self.truth(at, low)} 或 {self.truth(at, low)}）"
            case "not":
                return f"非 （{self.truth(at, low)}）"
            case "count":
                parts = "；".join(self.truth(at, low) for _ in range(3))
                return f"至少 {pick.between(1, 3)} 项（{parts}）"
            case "rows":
                rows = pick.one(ROWS_SEEN[at] or ("",))
                return (
                    f"{pick.one(('任一', '全部'))} {rows} 满足（{self.inner(at, rows, low)}）"
                    if rows
                    else self.test(at)
                )
            case "elapsed":
                days = self.fields(at, "日期") or ["评估日"]
                period = pick.one((self.number(at, "月", 0), self.number(at, "天", 0), "3 个工作日"))
                return f"{pick.one(days)} 起满 {period}"
            case "term":
                found = self.names(at, "术语")
                return pick.one(found) if found else self.test(at)
            case "choose":
                return self.choice(at, lambda: f"（{self.truth(at, low)}）")
            case "among":
                kind = pick.one(("个", "日期", "年份", "金额"))
                items = "、".join(dict.fromkeys(pick.one(NUMBERS[kind]) for _ in range(2)))
                number = self.aggregate(at, kind, low) if pick.chance(50) else None
                return f"{number or self.number(at, kind, low)} {pick.one(('属于', '不属于'))} {{ {items}{'、等' if pick.chance(25) else ''} }}"
            case _:
                return self.test(at)

    def inner(self, at: str, rows: str, depth: int) -> str:
        """A condition on rows, of others of them at times."""
        if rows == "资金" and self.pick.chance(25):
            return f"任一 其他 资金 满足（{self.pick.one(('年度 < 本.年度', '额 > 本.额', '种 = 本.种', '份 = 本.份', '付日 ≤ 本.付日'))}）"
        if rows == "类统计" and self.pick.chance(40):
            return self.pick.one(("统类 = 项目.类", "统数 > 项目.数")) if at == "项目" else "统数 > 1 个"
        return self.truth(rows, depth)

    def comparison(self, at: str, depth: int) -> str:
        """Two numbers."""
        pick = self.pick
        kind = pick.one(("个", "金额", "比例", "日期", "年份", "月", "天", "金额", "日期"))
        low = max(depth - 1, 0)
        if pick.chance(12):
            return f"{self.number(at, kind, low)} 介于 {self.number(at, kind, 0)} 至 {self.number(at, kind, 0)}"
        return f"{self.number(at, kind, low)} {pick.one(OPS)} {self.number(at, kind, low)}"


def statistics(write: Writer) -> list[str]:
    """统计 of records or of rows, which whatever follows may read."""
    pick = write.pick
    found: list[str] = []
    made: list[tuple[str, str, str]] = []
    for number in range(pick.between(1, 2)):
        by = pick.one(("项目", "资金"))
        amount, count = ("款", "数") if by == "项目" else ("额", "份")
        what, kind = pick.one(
            (
                (f"计数 {by}", "个"),
                (f"合计 {by}.{amount}", "金额"),
                (f"合计 {by}.{count}", "个"),
                (f"占比 {by}", "比例"),
                (f"占比 {by}.{amount}", "比例"),
                (f"种数 {by}.{FIELDS[by]['枚举'][0]}", "个"),
            )
        )
        text = f"统计 统{number}\n{CITE}  {what}\n"
        keys = ("类", "示范", "又名", "年") if by == "项目" else ("种", "年度", "类")
        if pick.chance(70):
            text += f"  相同 {'、'.join(pick.some(keys, 1, 2))}\n"
        if pick.chance(60):
            text += f"  其中 {write.truth(by, 1)}\n"
        if kind == "比例":
            text += f"  符合 {write.truth(by, 1)}\n"
        found.append(text)
        made.append((by, kind, f"统{number}"))
    for by, kind, name in made:
        write.made.setdefault((by, kind), []).extend([name, name])
    return found


def wide(chooser: Chooser) -> Program:
    """A program over the wide world."""
    pick = Pick(chooser)
    write = Writer(pick)
    pieces: list[str] = [*WORLD, *PARAMETERS, *(CALENDAR if pick.chance(70) else ())]
    lower: list[str] = []
    objects = ("项目", "项目", "资金", "县", "明细")
    for number in range(pick.between(0, 2)):
        at, name = pick.one(objects), f"术{number}"
        kind = pick.one(("术语", "个", "金额", "日期"))
        body = write.truth(at, 2) if kind == "术语" else write.number(at, kind, 2)
        pieces.append(f"术语 {name} 对 {at}\n{CITE}  即 {body}\n")
        write.made.setdefault((at, kind), []).append(name)
    if pick.chance(50):
        field, value = pick.one(
            (("数", "3 个"), ("款", "1 万元"), ("类", "红"), ("甲", "是"), ("终", "2025年1月1日"), ("率", "30%"))
        )
        pieces.append(f"推定 推甲 对 项目\n{CITE}  当 乙\n  则 {field} 为 {value}\n")
    if pick.chance(30):
        field, value = pick.one((("额", "1 万元"), ("付", "是"), ("种", "红"), ("份", "2 个")))
        when = pick.one(("付日 已填", "项目.甲", "示范 且 项目.乙", "年度 = 2025 年"))
        pieces.append(f"推定 推乙 对 资金\n{CITE}  当 {when}\n  则 {field} 为 {value}\n")
    if pick.chance(40):
        pieces += statistics(write)
    for number in range(pick.between(1, 3)):
        at = pick.one(objects)
        match pick.one(("单选", "由宽到严", "多选", "单值", "累计", "单值")):
            case "单选" | "由宽到严" as mode:
                name = f"定{number}"
                default = f"  默认 {pick.one(('上', '中'))}\n" if pick.chance(35) else ""
                applies = f"  适用 当 {write.truth(at, 1)}\n" if pick.chance(30) else ""
                ranks = ""
                if mode == "单选":
                    for _ in range(pick.between(0, 2)):
                        when = f" 仅当 {write.truth(at, 1)}" if pick.chance(60) else ""
                        ranks += (
                            f"  先后 {'、'.join(v for v in ('上', '中', '下') if pick.chance(70) or v == '上')}{when}\n"
                        )
                    ranks = "".join(line + "\n" for line in ranks.splitlines() if "、" in line.partition("仅当")[0])
                pieces.append(
                    f"决定 {name}（d{number}） 对 {at}：{mode} {{ 上、中、下 }}\n{CITE}{applies}{default}{ranks}  授权 自定\n"
                )
                for rule in range(pick.between(1, 3)):
                    pieces.append(
                        f"规则 规{number}{rule} 对 {at}\n{CITE}  当 {write.truth(at, 2)}\n  则 {name} 为 {pick.one(('上', '中', '下'))}\n"
                    )
                if pick.chance(40):
                    lower.append(
                        f"补充规则 补{number} 对 {at}\n{CITE}  当 {write.truth(at, 1)}\n  则 {name} 为 {pick.one(('上', '中', '下'))}\n"
                    )
                if pick.chance(40) and mode == "单选":
                    lower.append(
                        f"修订 规{number}0\n{CITE}  {pick.one(('还须', '除外', '或者'))} {write.truth(at, 1)}\n"
                    )
                write.made.setdefault((at, "单选"), []).append(name)
            case "多选":
                name = f"众{number}"
                pieces.append(f"决定 {name}（d{number}） 对 {at}：多选 {{ 帮、扶、贷 }}\n{CITE}")
                for rule in range(pick.between(1, 3)):
                    pieces.append(
                        f"规则 规{number}{rule} 对 {at}\n{CITE}  当 {write.truth(at, 2)}\n  则 {name} 含 {'、'.join(pick.some(('帮', '扶', '贷'), 1, 2))}\n"
                    )
                write.made.setdefault((at, "众选"), []).append(name)
            case mode:
                kind = pick.one(("金额", "个", "比例") if mode == "累计" else ("金额", "个", "日期", "比例"))
                named = {"金额": "金额（万元）", "个": "整数（个）", "比例": "比例", "日期": "日期"}[kind]
                name = f"数{number}"
                limits = "".join(
                    f"  {pick.one(('不超过', '不少于'))} {write.number(at, kind, 1)}\n"
                    for _ in range(pick.between(0, 2))
                )
                default = f"  默认 {pick.one(NUMBERS[kind][:4])}\n" if mode == "单值" and pick.chance(30) else ""
                rank = (
                    f"  先后 规{number}0、规{number}1{' 仅当 ' + write.truth(at, 1) if pick.chance(50) else ''}\n"
                    if mode == "单值" and pick.chance(40)
                    else ""
                )
                applies = f"  适用 当 {write.truth(at, 1)}\n" if pick.chance(25) else ""
                sort = "" if mode == "单值" else " 累计"
                pieces.append(
                    f"决定 {name}（d{number}） 对 {at}：{named}{sort}\n{CITE}{applies}{default}{limits}{rank}"
                )
                for rule in range(2 if rank else pick.between(1, 3)):
                    verb = "为"
                    pieces.append(
                        f"规则 规{number}{rule} 对 {at}\n{CITE}  当 {write.truth(at, 2)}\n  则 {name} {verb} {write.number(at, kind, 2)}\n"
                    )
                write.made.setdefault((at, kind), []).append(name)
    for number in range(pick.between(0, 3)):
        at = pick.one(("项目", "资金", "明细", "资金", "县", "类统计"))
        word = pick.one(("义务", "义务", "禁令"))
        demand = "不得" if word == "禁令" else "应当"
        reason = ""
        if word == "义务" and at in ("项目",) and pick.chance(40):
            demand, reason = "原则上应当", f"  否则说明 {pick.one(('名', '因', '类', '词'))}\n"
        when = f"  当 {write.truth(at, 1)}\n" if pick.chance(80) else ""
        deadline = f"  期限 {write.number(at, '日期', 2)}\n" if pick.chance(60) else ""
        expiry = f"  到期 {write.truth(at, 1)}\n" if pick.chance(30) else ""
        pieces.append(
            f"{word} 义{number} 对 {at}\n{CITE}{when}  {demand} {write.truth(at, 2)}\n{reason}{deadline}{expiry}"
        )
    if pick.chance(30):
        pieces.append(
            f"提示 提0 对 {pick.one(('项目', '资金', '明细'))}\n{CITE}  当 {write.truth('项目', 1)}\n  说 “请看”\n"
        )
    layers = (tuple(pieces), tuple(lower)) if lower else (tuple(pieces),)
    return Program(layers, tuple((level - 1,) if level else () for level in range(len(layers))), pick.one(DATES))
