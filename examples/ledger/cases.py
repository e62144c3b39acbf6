"""What the assessment of each invented project says, and how many projects there are of each kind.

Why this exists: the shares of the ledger are decided in one table, and every case a real ledger holds (clear ones,
blanks, contradictions, projects that a province's definition moves out of a class) has a name here. No result of the
engine is written down: a case fixes the inputs, and the policies decide.

Invariant: the weights add up to 537, so that a ledger of 537 projects holds each case exactly that often.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from catalogue import CROWDED, Row
from chance import Dice


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of project: its name, how many of 537 are of it, and the class the county has it under, if any."""

    name: str
    weight: int
    ledger: str | None = None


FORMED = (
    Case("巩固", 189, "巩固"),
    Case("巩固·由盘活转来", 5, "盘活"),
    Case("巩固·台账未跟上", 5, "升级"),
    Case("升级", 134, "升级"),
    Case("升级·由盘活转来", 5, "盘活"),
    Case("升级·台账未跟上", 6, "巩固"),
    Case("升级·链条完备", 15, "升级"),
    Case("升级·没有短板", 11, "升级"),
    Case("升级·短板未填", 8, "升级"),
    Case("升级·链条未填", 4, "升级"),
    Case("盘活", 8, "盘活"),
    Case("盘活·不能好转", 3, "盘活"),
    Case("盘活·能否好转未填", 1, "盘活"),
    Case("盘活·停产过久", 1, "盘活"),
    Case("调整", 6, "调整"),
    Case("升级又盘活", 6, "升级"),
    Case("效益好而链条不完整", 7, "巩固"),
    Case("难以为继而技术不落后", 3, "调整"),
    Case("暂时困难而前景不看好", 3, "盘活"),
    Case("停产闲置而前景不明", 2, "盘活"),
    Case("停产闲置而前景未填", 2, "盘活"),
    Case("盘活后两类都不符合", 3, "盘活"),
    Case("未评估", 13),
    Case("是否形成未填", 2),
    Case("巩固·前景未填", 6, "巩固"),
    Case("巩固·效益未填", 4, "巩固"),
    Case("升级·基础未填", 7, "升级"),
    Case("盘活·资源未填", 2, "盘活"),
    Case("调整·技术未填", 1, "调整"),
)
EXITED = (
    Case("退出·程序齐全", 7, "调整"),
    Case("退出·程序不全", 5, "调整"),
    Case("退出·日期未填", 2, "调整"),
)
PROPOSED = (
    Case("入库·前期齐全", 9),
    Case("入库·前期不全", 4),
    Case("入库·方向不符", 2),
    Case("入库·市场不适应", 2),
    Case("入库·安全风险", 2),
    Case("入库·难以落地", 2),
    Case("入库·禁入未填", 3),
    Case("入库·同类较多", 6),
)
IN_LIBRARY = (
    Case("在库·正常", 10),
    Case("在库·难以落地", 6),
    Case("在库·落地未填", 2),
    Case("在库·方向不符", 2),
    Case("在库·同类较多", 4),
    Case("在建", 4),
    Case("已出库", 3),
)
CASES = FORMED + EXITED + PROPOSED + IN_LIBRARY
LEDGER_CLASS = {case.name: case.ledger for case in CASES}
FORMED_NAMES = frozenset(case.name for case in FORMED)
EXITED_NAMES = frozenset(case.name for case in EXITED)
PROPOSED_NAMES = frozenset(case.name for case in PROPOSED)

# Where the projects to revive and to adjust stand: five and two of one type, three and two of another, the rest apart.
REVIVAL_TRADES = (CROWDED[0],) * 5 + (CROWDED[1], "果蔬·冷藏库", "民宿·旅游接待")
HOPELESS_TRADES = (CROWDED[1], CROWDED[1], "服装·就业车间")
ADJUSTMENT_TRADES = (CROWDED[0], CROWDED[1], CROWDED[0], "竹木·加工厂", CROWDED[1], "电子·就业车间")
CROWDED_PROPOSALS = (CROWDED[0], CROWDED[1], CROWDED[0], "百香果·种植大棚", CROWDED[1], CROWDED[0])

# One entry a trigger of 五优化, the last one open: causes, and the facts that go with them.
REVIVAL_STORIES: tuple[Row, ...] = (
    {"困难成因": ("市场行情变化", "资金周转困难"), "应收租金": 12, "已收租金": 5, "信贷需求": 60},
    {"困难成因": ("技术支撑不足", "同类项目低效"), "利用率": "35%"},
    {"困难成因": ("同类项目低效",), "利用率": "28%"},
    {"困难成因": ("停产闲置", "同类项目低效"), "运营状态": "停产闲置", "带动能力": "强", "利用率": "0%"},
    {"困难成因": ("配套设施不足",), "缺少设施": ("水", "电", "冷藏保鲜"), "利用率": "45%"},
    {"困难成因": ("投入过大闲置多",), "利用率": "40%", "困难起始日": datetime.date(2023, 6, 1)},
    {"困难成因": ("规划大投入不足", "规划论证不足"), "利用率": "55%"},
    {"困难成因": ("其他",), "缺少设施": ("市场营销",), "利用率": "50%"},
)


def judge(case: str, turn: int, dice: Dice) -> Row:
    """The judgements (研判) of a formed project of ``case``, the ``turn``-th of its kind; a missing key is a blank."""
    kind = case.partition("·")[0]
    if case in {"未评估", "是否形成未填"} or kind == "退出":
        return _judge_sparsely(case)
    return {**_judge_plainly(kind, dice), **_twist(case, turn, dice)}


def _judge_plainly(kind: str, dice: Dice) -> Row:
    if kind in {"巩固", "效益好而链条不完整"}:
        return _judge_good(dice)
    if kind in {"调整", "难以为继而技术不落后"}:
        return _judge_failing()
    if kind in {"升级", "升级又盘活", "盘活后两类都不符合"}:
        return _judge_promising(dice)
    return _judge_struggling(dice)


def _judge_good(dice: Dice) -> Row:
    return {
        "市场效益": "好", "链条": "较完备", "发展前景": "广", "资源有支撑": True, "发展有基础": True,
        "技术短板": False, "设施短板": dice.percent(8), "技术水平": dice.pick(("先进", "一般")),
        "市场有潜力": True, "带动能力": dice.pick(("强", "强", "一般")), "困难程度": "无",
    }  # fmt: skip


def _judge_promising(dice: Dice) -> Row:
    technical = dice.percent(55)
    return {
        "市场效益": "有待提升", "链条": "不完整", "发展前景": dice.pick(("看好", "看好", "广", "不明")),
        "资源有支撑": True, "发展有基础": True, "技术短板": technical, "设施短板": not technical or dice.percent(40),
        "技术水平": "一般" if dice.percent(90) else None, "市场有潜力": True if dice.percent(92) else None,
        "带动能力": dice.pick(("强", "一般", "一般")), "困难程度": "无",
    }  # fmt: skip


def _judge_struggling(dice: Dice) -> Row:
    return {
        "市场效益": "差", "链条": "不完整", "发展前景": dice.pick(("看好", "广")), "资源有支撑": True,
        "发展有基础": True, "技术短板": dice.percent(50), "设施短板": dice.percent(50), "技术水平": "一般",
        "市场有潜力": True, "带动能力": "一般", "困难程度": "暂时经营困难", "困难起始日": _hard_times_since(dice),
        "可好转": True,
    }  # fmt: skip


def _judge_failing() -> Row:
    return {
        "市场效益": "差", "链条": "不完整", "发展前景": "不看好", "资源有支撑": False, "发展有基础": False,
        "技术短板": True, "设施短板": True, "技术水平": "落后", "市场有潜力": False, "带动能力": "起不到",
        "困难程度": "难以为继", "困难起始日": datetime.date(2022, 9, 1), "困难成因": ("市场行情变化", "技术支撑不足"),
        "可好转": False,
    }  # fmt: skip


def _judge_sparsely(case: str) -> Row:
    if case == "是否形成未填":
        return {"市场效益": "有待提升", "资源有支撑": True, "发展有基础": True, "困难程度": "无"}
    if case == "未评估":
        return {}
    return {"困难程度": "难以为继", "带动能力": "起不到", "技术水平": "落后", "发展前景": "不看好", "市场效益": "差"}


def _hard_times_since(dice: Dice) -> datetime.date:
    return datetime.date(dice.pick((2024, 2024, 2025)), dice.between(1, 9), 1)


def _twist(case: str, turn: int, dice: Dice) -> Row:
    """What sets ``case`` apart from the plain assessment of its kind."""
    match case:
        case "升级·链条完备":
            return {"链条": "较完备"}
        case "升级·没有短板":
            return {"技术短板": False, "设施短板": False}
        case "升级·短板未填":
            lacking = ((), ("水", "机械设备"), ("市场营销",), ("冷藏保鲜",))[turn % 4]
            level = ("先进", "一般", "落后")[turn % 3]
            return {"技术短板": None, "设施短板": None, "缺少设施": lacking, "技术水平": level}
        case "升级·链条未填":
            return {"链条": None, "链条环节": ("生产", "初加工") if turn % 2 else ("生产", "销售渠道", "物流")}
        case "盘活":
            return REVIVAL_STORIES[turn % len(REVIVAL_STORIES)]
        case "盘活·不能好转":
            return {"可好转": False, "困难成因": ("停产闲置", "资金周转困难"), "运营状态": "停产闲置"}
        case "盘活·能否好转未填":
            return {"可好转": None, "困难成因": ("市场行情变化", "资金周转困难")}
        case "盘活·停产过久":
            return {
                "运营状态": "停产闲置", "停产日": datetime.date(2022, 6, 30), "困难起始日": None,
                "困难成因": ("停产闲置", "资金周转困难"),
            }  # fmt: skip
        case "盘活·资源未填":
            return {"资源有支撑": None, "市场效益": "有待提升", "设施短板": True, "困难成因": ("配套设施不足",)}
        case "升级又盘活":
            return {
                "困难程度": "暂时经营困难", "困难起始日": _hard_times_since(dice), "困难成因": ("市场行情变化",),
                "发展前景": "看好", "市场有潜力": True, "可好转": True,
            }  # fmt: skip
        case "效益好而链条不完整":
            return {"链条": "不完整", "设施短板": True}
        case "难以为继而技术不落后":
            return {"技术水平": "一般"}
        case "暂时困难而前景不看好":
            return {"发展前景": "不看好", "困难成因": ("市场行情变化",)}
        case "停产闲置而前景不明":
            return {"发展前景": "不明", "困难成因": ("停产闲置",), "运营状态": "停产闲置"}
        case "停产闲置而前景未填":
            return {"发展前景": None, "困难成因": ("停产闲置",), "运营状态": "停产闲置"}
        case "盘活后两类都不符合":
            return {"市场效益": "差", "链条": "较完备", "发展前景": "看好"}
        case "巩固·前景未填":
            return {"发展前景": None}
        case "巩固·效益未填":
            return {"市场效益": None}
        case "升级·基础未填":
            return {"发展有基础": None}
        case "调整·技术未填":
            return {"技术水平": None}
        case _:
            return {}
