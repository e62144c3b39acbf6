"""Programs about the signs, scales and turning points of numbers and days.

Why this exists: what engines take from declarations (`取值`) and from the form of a number (sums and products of ratios, quotients
of amounts, moved days) goes wrong only where several of them meet; a wide program has each of them now and then, these have
nothing else.

Invariants: as in `programs`.
"""

from __future__ import annotations

import datetime

from tests.model.choosing import Chooser, Pick
from tests.model.printing import CITE

from .programs import Program

_BOUNDS = {
    "金额（元）": ("", "", "0 元 以上", "0.3 元 至 9 元", "-5 元 至 0 元", "-3 元 至 4 元", "1 元 以上", "0 元 至 0 元", "-9 元 至 -1 元"),
    "金额（万元）": ("", "0 万元 以上", "0 万元 至 2.5 万元", "-1 万元 至 0 万元", "0.0003 万元 以上"),
    "金额（亿元）": ("", "0 亿元 以上", "0 亿元 至 1 亿元"),
    "比例": ("", "", "0% 至 100%", "-50% 至 -10%", "0% 以上", "30% 以上", "0.1% 至 33.3%", "-100% 至 100%", "-900% 至 0%"),
    "面积（亩）": ("", "0 亩 以上", "0.5 亩 至 7 亩"),
    "小数": ("", "0 以上", "-0.5 至 2.5", "0.25 以上"),
    "整数（个）": ("", "0 个 以上", "0 个 至 5 个", "-2 个 至 3 个"),
    "日期": (
        "",
        "",
        "2020年1月1日 至 2030年12月31日",
        "2024年2月29日 以上",
        "0001年1月1日 至 2025年6月30日",
        "0001年1月1日 至 1900年1月1日",
        "9998年1月1日 以上",
        "2024年2月28日 至 2024年2月29日",
    ),
    "时长（个月）": ("", "0 个月 以上", "0 个月 至 12 个月", "-12 个月 至 12 个月"),
    "时长（天）": ("", "0 天 以上", "0 天 至 366 天", "-5 天 至 5 天"),
    "年份": ("", "2000 年 至 2030 年"),
}  # fmt: skip
_KINDS = {
    "金额": ("金额（元）", "金额（元）", "金额（万元）", "金额（亿元）"),
    "比例": ("比例",),
    "面积": ("面积（亩）",),
    "小数": ("小数",),
    "个": ("整数（个）",),
    "日期": ("日期",),
    "月": ("时长（个月）",),
    "天": ("时长（天）",),
    "年份": ("年份",),
}
_CONSTANTS = {
    "金额": ("0 元", "0.3 元", "-2 元", "1 元", "0.0001 万元", "2.5 万元", "1 亿元", "1000 元", "33.33 元"),
    "比例": ("0%", "30%", "-10%", "100%", "0.1%", "33.3%", "50%", "150%"),
    "面积": ("0 亩", "0.5 亩", "7 亩", "-1 亩"),
    "小数": ("0.5", "2.5", "0.25", "0.001"),
    "个": ("0 个", "1 个", "3 个", "-1 个"),
    "日期": ("2024年2月29日", "2025年2月28日", "2024年12月31日", "2025年1月1日", "2025年6月30日", "9999年12月31日", "1900年1月1日", "评估日"),
    "月": ("0 个月", "1 个月", "12 个月", "48 个月"),
    "天": ("0 天", "1 天", "365 天", "400 天"),
    "年份": ("2024 年", "2025 年", "9999 年", "1900 年"),
}  # fmt: skip
_OBJECTS = {
    "县": (("金额", "县款"), ("比例", "县率"), ("日期", "县日")),
    "项目": (
        ("金额", "甲款"), ("金额", "乙款"), ("金额", "丙款"), ("金额", "丁款"),
        ("比例", "甲率"), ("比例", "乙率"), ("比例", "丙率"), ("比例", "丁率"), ("比例", "戊率"),
        ("面积", "甲地"), ("面积", "乙地"), ("小数", "甲数"), ("小数", "乙数"), ("小数", "丙数"), ("小数", "丁数"),
        ("个", "甲个"), ("个", "乙个"),
        ("日期", "甲日"), ("日期", "乙日"), ("日期", "丙日"),
        ("月", "甲月"), ("天", "甲天"), ("年份", "甲年"),
    ),
    "行": (("金额", "行款"), ("金额", "行余"), ("比例", "行率"), ("比例", "行折"), ("日期", "行日"), ("个", "行个"), ("小数", "行数")),
}  # fmt: skip
_HEADS = {"县": "对象 县", "项目": "对象 项目 属于 县 标识 编号", "行": "对象 行 属于 项目"}
_ABOVE = {"县": ("县",), "项目": ("项目", "县"), "行": ("行", "项目", "县")}
_DATES = (
    datetime.date(2025, 6, 30),
    datetime.date(2024, 2, 29),
    datetime.date(2024, 12, 31),
    datetime.date(2028, 2, 29),
)
_ORDERS = ("≥", "<", "=", "≤", ">", "≠")


class _Writer:
    """Writes expressions over the fields of `_OBJECTS`."""

    def __init__(self, pick: Pick) -> None:
        self.pick = pick
        self.made: dict[tuple[str, str], list[str]] = {}

    def held(self, at: str, kind: str) -> str:
        """A field, a parameter or a term, else a constant."""
        found = [name for seen in _ABOVE[at] for own, name in _OBJECTS[seen] if own == kind]
        found += [name for seen in (*_ABOVE[at], "") for name in self.made.get((seen, kind), ())]
        return self.pick.one(found) if found and self.pick.chance(80) else self.pick.one(_CONSTANTS[kind])

    def number(self, at: str, kind: str, depth: int) -> str:
        """A number, a day or a period."""
        pick, low = self.pick, depth - 1
        if depth <= 0 or pick.chance(15):
            return self.held(at, kind)
        ways = ["extremum", "choice", "fallback", *(["rows", "rows"] if at == "项目" else [])]
        ways += {
            "金额": ["sum", "sum", "times", "times", "times", "many", "over"],
            "比例": ["sum", "sums", "sums", "product", "product", "over", "over", "over", "area"],
            "日期": ["moved", "moved", "end", "end", "end", "yearly"],
            "年份": ["year"],
            "小数": ["sum", "sums", "product", "times"],
            "面积": ["sum", "times"],
            "个": ["sum"],
            "天": ["between"],
        }.get(kind, [])
        match pick.one(ways):
            case "extremum":
                parts = "；".join(self.number(at, kind, low) for _ in range(pick.between(2, 3)))
                return f"{pick.one(('取小', '取大'))}（{parts}）"
            case "choice":
                return f"视 {'县旗' if at == '县' else '旗'}（是：{self.number(at, kind, low)}；否：{self.number(at, kind, low)}）"
            case "fallback":
                first = pick.one([name for own, name in _OBJECTS[at] if own == kind] or [self.held(at, kind)])
                return f"（首选 {first}，缺则 {self.number(at, kind, low)}）"
            case "rows":
                found = [name for own, name in _OBJECTS["行"] if own == kind]
                if not found:
                    return self.held(at, kind)
                way = pick.one(("最大", "最小", *(("合计", "合计") if kind in ("金额", "个", "小数") else ())))
                where = f" 其中（{self.truth('行', low)}）" if pick.chance(50) else ""
                return f"{way} 行.{pick.one(found)}{where}"
            case "sum":
                return f"（{self.number(at, kind, low)} {pick.one('+-')} {self.number(at, kind, low)}）"
            case "sums":
                names = [name for own, name in _OBJECTS["项目" if at != "县" else "县"] if own == kind]
                return "（" + " + ".join([*pick.some(names, 1, len(names)), self.number(at, kind, low)]) + "）"
            case "product":
                return f"（{' × '.join(self.number(at, kind, low) for _ in range(pick.between(2, 4)))}）"
            case "times":
                return f"（{self.number(at, kind, low)} × {self.number(at, '比例', low)}）"
            case "many":
                return f"（{self.number(at, kind, low)} × {self.number(at, '个', low)}）"
            case "over":
                if kind == "金额":
                    return f"（{self.number(at, kind, low)} ÷ {self.number(at, '比例', low)}）"
                of = pick.one(("金额", "金额", "金额", "个"))
                return f"（{self.number(at, of, low)} ÷ {self.number(at, of, low)}）"
            case "area":
                return f"（{self.number(at, '面积', low)} ÷ {self.number(at, '面积', low)}）"
            case "moved":
                return f"（{self.number(at, '日期', low)} {pick.one('+-')} {self.number(at, pick.one(('月', '天')), 0 if pick.chance(80) else low)}）"
            case "end":
                return f"（{self.number(at, '日期', low)}） {pick.one(('之月末', '之季末', '之年末'))}"
            case "yearly":
                return f"（每年 {pick.one(('2月29日', '12月31日', '6月30日', '1月1日'))} 起算 {self.number(at, '日期', 0)}）"
            case "year":
                return f"（{self.number(at, '日期', low)}） 之年"
            case "between":
                return f"（{self.number(at, '日期', low)} - {self.number(at, '日期', low)}）"
            case _ as way:
                raise AssertionError(way)

    def comparison(self, at: str, depth: int) -> str:
        """Two numbers, a day and what is reckoned with 评估日, or several turning points of one day."""
        pick = self.pick
        if pick.chance(20):
            day = self.held(at, "日期")
            word = pick.one((" 且 ", " 或 "))
            return f"（{word.join(self._turning(at, day) for _ in range(pick.between(2, 4)))}）"
        kind = pick.one(("金额", "金额", "比例", "比例", "比例", "日期", "小数", "面积", "年份", "天", "个"))
        if pick.chance(10):
            return f"{self.number(at, kind, depth)} 介于 {self.number(at, kind, 0)} 至 {self.number(at, kind, 0)}"
        return f"{self.number(at, kind, depth)} {pick.one(_ORDERS)} {self.number(at, kind, depth - 1)}"

    def _turning(self, at: str, day: str) -> str:
        pick = self.pick
        step = pick.one(_CONSTANTS[pick.one(("月", "天"))])
        moved = pick.one((f"（{day} + {step}）", f"（{day} - {step}）", day, f"（每年 2月29日 起算 {day}）"))
        moved = f"（{moved} {pick.one(('之月末', '之季末', '之年末'))}）" if pick.chance(50) else moved
        match pick.between(0, 4):
            case 0:
                return f"{day} 起满 {step}"
            case 1:
                return f"（{moved}） 之年 {pick.one(_ORDERS)} {pick.one(_CONSTANTS['年份'])}"
            case 2:
                return f"{moved} {pick.one(_ORDERS)} （评估日 {pick.one('+-')} {step}）"
            case 3:
                return f"非 {moved} < 评估日"
            case _:
                return f"{moved} {pick.one(_ORDERS)} {pick.one(_CONSTANTS['日期'])}"

    def truth(self, at: str, depth: int) -> str:
        """A condition."""
        pick, low = self.pick, depth - 1
        if depth <= 0:
            return self.comparison(at, 1)
        match pick.between(0, 9):
            case 0:
                return f"（{self.truth(at, low)} 且 {self.truth(at, low)}）"
            case 1:
                return f"（{self.truth(at, low)} 或 {self.truth(at, low)}）"
            case 2:
                return f"非 （{self.truth(at, low)}）"
            case 3 if at == "项目":
                return f"{pick.one(('任一', '全部'))} 行 满足（{self.truth('行', low)}）"
            case 4 if at == "行":
                mine = pick.one(("行款 × 行率 < 本.行款", "行日 ≤ 本.行日", "行率 ≥ 本.行率", "行款 ÷ 本.行款 > 行折"))
                return f"任一 其他 行 满足（{mine}）"
            case 5 if at == "项目":
                return f"至少 {pick.between(1, 2)} 项（{self.truth(at, low)}；{self.truth(at, low)}；{self.truth(at, low)}）"
            case _:
                return self.comparison(at, pick.between(1, 3))


def aimed(chooser: Chooser) -> Program:
    """A program about signs, scales and turning points."""
    pick = Pick(chooser)
    write = _Writer(pick)
    pieces: list[str] = []
    held: dict[str, str] = {}
    for name, fields in _OBJECTS.items():
        text = (
            f"{_HEADS[name]}\n"
            + {
                "县": "  字段 县旗：是否\n",
                "项目": "  字段 编号：文本\n  字段 旗：是否\n",
                "行": "",
            }[name]
        )
        for kind, field in fields:
            type_ = pick.one(_KINDS[kind])
            bounds = pick.one(_BOUNDS[type_])
            text += f"  字段 {field}：{type_}{' 取值 ' + bounds if bounds else ''}\n"
            held[field] = bounds
        pieces.append(text)
    for number, kind in enumerate(("比例", "金额", "日期", "月")):
        if pick.chance(50):
            type_ = pick.one(_KINDS[kind])
            bounds = pick.one(_BOUNDS[type_])
            given = "未定" if bounds or pick.chance(40) else f"缺省 {pick.one(_CONSTANTS[kind][:-1])}"
            pieces.append(f"参数 参{number}：{type_}{' 取值 ' + bounds if bounds else ''}\n  {given}\n")
            write.made.setdefault(("", kind), []).append(f"参{number}")
    for number in range(pick.between(0, 2)):
        at, kind = pick.one(("项目", "行")), pick.one(("金额", "比例", "日期"))
        pieces.append(f"术语 术{number} 对 {at}\n{CITE}  即 {write.number(at, kind, 2)}\n")
        write.made.setdefault((at, kind), []).append(f"术{number}")
    if pick.chance(25):
        field, value = pick.one(
            (("甲款", "1 元"), ("甲率", "30%"), ("甲日", "2024年2月29日"), ("乙率", "0%"), ("乙款", "0 元"))
        )
        # Nothing is presumed that could not be filled in.
        value = held[field].removesuffix(" 以上").partition(" 至 ")[0] or value
        pieces.append(f"推定 推 对 项目\n{CITE}  当 {pick.one(('旗', '非 旗'))}\n  则 {field} 为 {value}\n")
    if pick.chance(25):
        what = pick.one(("合计 项目.甲款", "占比 项目.甲款", "占比 项目"))
        share = what.startswith("占比")
        meets = f"  符合 {write.truth('项目', 1)}\n" if share else ""
        pieces.append(f"统计 统\n{CITE}  {what}\n{meets}")
        write.made.setdefault(("项目", "比例" if share else "金额"), []).extend(["统"] * 3)
    for number in range(pick.between(1, 3)):
        kind = pick.one(("金额", "金额", "比例", "日期", "小数", "面积"))
        at = pick.one(("项目", "项目", "行"))
        sort = " 累计" if kind in ("金额", "比例") and pick.chance(40) else ""
        limits = "".join(
            f"  {pick.one(('不超过', '不少于'))} {write.number(at, kind, 2)}\n" for _ in range(pick.between(0, 2))
        )
        named = pick.one(_KINDS[kind])
        pieces.append(f"决定 数{number} 对 {at}：{named}{sort}\n{CITE}{limits}")
        for rule in range(pick.between(1, 3)):
            when = f"  当 {write.truth(at, 1)}\n" if pick.chance(60) else ""
            pieces.append(
                f"规则 规{number}{rule} 对 {at}\n{CITE}{when}  则 数{number} 为 {write.number(at, kind, 3)}\n"
            )
        write.made.setdefault((at, kind), []).append(f"数{number}")
    for number in range(pick.between(2, 6)):
        at = pick.one(("项目", "项目", "项目", "行", "县"))
        if pick.chance(25):
            pieces.append(
                f"义务 义{number} 对 {at}\n{CITE}  应当 {write.truth(at, 2)}\n  期限 {write.number(at, '日期', 2)}\n"
            )
        else:
            pieces.append(f"提示 提{number} 对 {at}\n{CITE}  当 {write.truth(at, 2)}\n  说 “是”\n")
    return Program((tuple(pieces),), ((),), pick.one(_DATES))
