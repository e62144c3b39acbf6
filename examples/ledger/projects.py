"""Invents the projects of the example county, row by row.

Why this exists: each function invents one thing a ledger records and is named after it. What the assessment says comes
from ``cases``; money, assets and projects not yet formed come from ``money``, ``assets`` and ``proposals``.

Invariants: no date lies after the counting day except one that is a deadline or a plan; every project number, content
number and asset number occurs once.
"""

from __future__ import annotations

import datetime

import assets
import cases
from catalogue import COUNTY, CROWDED, OPERATORS, TOWNSHIPS, TRADE_BY_CODE, TRADES, VILLAGES, Project, Row, Trade, later
from chance import Dice, shares
from money import invent_contents, invent_funds, invent_plans, wan
from proposals import propose

LINKS = ("订单生产", "托养托管", "合作经营", "保护价收购", "务工就业", "收益分红", "土地流转")
CHAIN = ("生产", "初加工", "精深加工", "冷藏保鲜", "物流", "品牌", "销售渠道")


def invent_projects(count: int, seed: int) -> list[Project]:
    """``count`` projects, in order of their numbers; the same for the same ``count`` and ``seed``."""
    dice = Dice(seed)
    deck: list[tuple[str, int]] = []
    for case, many in zip(cases.CASES, shares(count, [case.weight for case in cases.CASES]), strict=True):
        deck.extend((case.name, turn) for turn in range(many))
    stories = assets.StoryDeck()
    return [
        invent_project(number, case, turn, dice, stories)
        for number, (case, turn) in enumerate(dice.shuffled(deck), start=1)
    ]


def invent_project(number: int, case: str, turn: int, dice: Dice, stories: assets.StoryDeck) -> Project:
    """One project with all its rows; ``turn`` counts the projects of its case from 0."""
    trade = choose_trade(case, turn, dice)
    project = Project(case, trade, invent_identity(number, case, turn, trade, dice))
    if case in cases.FORMED_NAMES or case in cases.EXITED_NAMES:
        form(project, turn, dice, stories)
    else:
        propose(project, turn, dice)
    return project


def choose_trade(case: str, turn: int, dice: Dice) -> Trade:
    """The type of the project; cases that are to crowd one type are steered there."""
    steered: tuple[str, ...] = ()
    match case:
        case "盘活":
            steered = cases.REVIVAL_TRADES
        case "盘活·不能好转":
            steered = cases.HOPELESS_TRADES
        case "调整":
            steered = cases.ADJUSTMENT_TRADES
        case "入库·同类较多" | "在库·同类较多":
            steered = cases.CROWDED_PROPOSALS
        case "停产闲置而前景不明" | "停产闲置而前景未填":
            steered = ("服装·就业车间", "民宿·旅游接待")
        case _:
            return dice.weighted([(trade, trade.weight) for trade in TRADES])
    return TRADE_BY_CODE[steered[turn % len(steered)]]


def form(project: Project, turn: int, dice: Dice, stories: assets.StoryDeck) -> None:
    """Everything recorded of a project that has been built."""
    row, case = project.row, project.case
    row |= invent_construction(row, dice)
    row |= invent_operation(project, dice)
    row |= cases.judge(case, turn, dice)
    row |= invent_assessors(case, dice)
    invent_hard_times(project, dice)
    row |= invent_investment(project, dice)
    row |= invent_benefit(project, dice)
    row |= invent_ledger(project, dice)
    row |= invent_revival(project, turn, dice)
    invent_contents(project, dice)
    invent_funds(project, dice)
    invent_plans(project, turn, dice)
    invent_years(project, dice)
    invent_findings(project, dice)
    invent_misuse(project, dice)
    assets.invent_assets(project, dice, stories)
    if case in cases.EXITED_NAMES or case.startswith("调整"):
        row |= invent_exit(case, turn, dice)


def invent_identity(number: int, case: str, turn: int, trade: Trade, dice: Dice) -> Row:
    """Number, name and place; who looks after this kind of project."""
    # Three of the like projects that run poorly share a township, so that they can be bundled there as well.
    together = case == "盘活" and trade.code == CROWDED[0] and 1 <= turn <= 3
    township = TOWNSHIPS[2] if together else dice.pick(TOWNSHIPS)
    village = dice.pick(VILLAGES)
    product, _, stage = trade.code.partition("·")
    workshop = trade.sector == "就业车间"
    unformed = case not in cases.FORMED_NAMES and case not in cases.EXITED_NAMES
    raw_local = dice.percent(80) if trade.sector == "加工" else None
    year = dice.pick((2025, 2025, 2026)) if unformed else dice.between(2014, 2024)
    return {
        "项目编号": f"SL{number:04d}",
        "项目名称": f"{township}{village}{product}{stage}项目",
        "所在县": COUNTY,
        "乡镇": township,
        "村": village,
        "对象类别": "就业帮扶车间" if workshop else dice.weighted((("帮扶产业项目", 92), ("帮扶产业", 8))),
        "已形成": None if case == "是否形成未填" else not unformed,
        "项目阶段": "已退出" if case in cases.EXITED_NAMES else "运营",
        "行业": trade.sector,
        "项目类型": trade.code,
        "主导产业": product in {"油茶", "食用菌", "肉牛"},
        "省产业目录": trade.industry if dice.percent(90) else None,
        "以当地农产品为主要原料": raw_local,
        "产出食用农产品": trade.edible,
        "行业主管部门": trade.dept,
        "立项年度": year,
        # What was built leaves the library; some stay in it, of some nobody wrote it down.
        "在库状态": None if unformed or number % 25 == 0 else "在库" if number % 17 == 0 else "已出库",
    }


def invent_construction(row: Row, dice: Dice) -> Row:
    """When it was begun, finished and accepted; a few were never accepted, a few accepted late."""
    year = row["立项年度"]
    assert isinstance(year, int)
    begun = datetime.date(year, dice.between(3, 9), dice.between(1, 28))
    planned = later(begun, dice.between(150, 330))
    done = min(later(planned, dice.pick((-20, -5, 0, 12, 40, 95))), datetime.date(2025, 9, 20))
    due = later(done, 60)
    accepted = min(later(done, dice.pick((20, 35, 50, 58, 90))), datetime.date(2025, 11, 5))
    return {
        "开工日": begun if dice.percent(95) else None,
        "计划建成日": planned if dice.percent(90) else None,
        "建成日": done if dice.percent(97) else None,
        "验收约定日": due if dice.percent(60) else None,
        "竣工验收日": accepted if dice.percent(93) else None,
    }


def invent_operation(project: Project, dice: Dice) -> Row:
    """Who runs it and how it goes."""
    workshop = project.trade.sector == "就业车间"
    kind = "车间企业" if workshop else dice.weighted(OPERATORS)
    seasonal = project.trade.sector == "种植" and dice.percent(6)
    certificates = ("合格证", *dice.some(("绿色", "有机", "名特优新", "地标"), 0, 1)) if project.trade.edible else None
    return {
        "运营主体类型": kind if dice.percent(97) else None,
        "运营主体相适应": dice.percent(96) if dice.percent(94) else None,
        "运营状态": "季节性停工" if seasonal else "正常",
        "季节性生产": seasonal or (project.trade.sector == "种植" and dice.percent(20)),
        "利用率": f"{dice.between(62, 98)}%" if dice.percent(85) else None,
        "参加农业保险": dice.percent(60) if dice.percent(80) else None,
        "运行管护机制明确": dice.percent(94) if dice.percent(95) else None,
        "已纳入全程监测": dice.percent(95) if dice.percent(97) else None,
        "监测指标已设置": dice.percent(88) if dice.percent(95) else None,
        "认证": certificates if dice.percent(88) else None,
    }


def invent_hard_times(project: Project, dice: Dice) -> None:
    """Stage, stop and chain as they follow from the assessment; some stops contradict the season."""
    row = project.row
    if project.case == "未评估" and dice.percent(30):
        row |= {
            "项目阶段": "已建成未投产",
            "运营状态": "未投产",
            "建成日": datetime.date(2024, 12, 20),
            "立项年度": 2024,
        }
    if row.get("困难程度") == "难以为继" and project.case not in cases.EXITED_NAMES:
        row |= {"运营状态": dice.pick(("停产闲置", "半停产"))}
    if row.get("困难程度") == "暂时经营困难" and row["运营状态"] != "停产闲置":
        row |= {"运营状态": dice.pick(("半停产", "正常"))}
    if project.case in cases.EXITED_NAMES:
        row |= {"运营状态": "停产闲置"}
    if row["运营状态"] == "停产闲置":
        stopped = datetime.date(dice.pick((2024, 2025)), dice.between(2, 8), dice.between(1, 28))
        known = stopped if dice.percent(85) else None
        row |= {"停产日": row.get("停产日", known), "利用率": "0%"}
        if project.case not in cases.EXITED_NAMES:
            row |= {"项目阶段": "停产", "季节性生产": project.case == "停产闲置而前景不明"}
    if row.get("链条") == "较完备":
        row |= {"链条环节": tuple(CHAIN) if dice.percent(90) else ("生产", "物流")}
    elif row.get("链条") == "不完整":
        row |= {"链条环节": ("生产", *dice.some(CHAIN[1:], 0, 2))}
    if row.get("设施短板") and "缺少设施" not in row:
        row |= {"缺少设施": tuple(dice.some(("水", "电", "路", "机械设备", "加工", "冷藏保鲜"), 1, 2))}


def invent_assessors(case: str, dice: Dice) -> Row:
    """Who assessed it, when, and on what papers; the side judgements made on the way."""
    if case in {"未评估", "是否形成未填"}:
        return {}
    on = datetime.date(2025, dice.between(6, 9), dice.between(1, 28))
    return {
        "评估单位": f"示例县评估第{dice.pick('一二三四')}组",
        "评估完成日": on if dice.percent(96) else None,
        "评估依据": dice.pick(("现场查看和账目", "现场查看、访谈", "运营主体报表")),
        "新产业": dice.percent(5) if dice.percent(80) else None,
        "突出瓶颈": dice.percent(12) if dice.percent(80) else None,
        "具备乡村旅游服务条件": dice.percent(12) if dice.percent(70) else None,
        "符合融合项目条件": dice.percent(8) if dice.percent(70) else None,
        "符合品牌精品条件": dice.percent(6) if dice.percent(70) else None,
    }


def invent_investment(project: Project, dice: Dice) -> Row:
    """Planned and received money, planned and built size; two projects to revive went far off their plans."""
    causes = project.row.get("困难成因")
    low, high = project.trade.size
    size = dice.between(low, high)
    planned = dice.between(200, 4200)
    received = planned * dice.pick((88, 94, 97, 100, 100, 100, 104)) // 100
    built = size * dice.pick((90, 96, 100, 100)) // 100
    if isinstance(causes, tuple) and "投入过大闲置多" in causes:
        received = planned * 165 // 100
    if isinstance(causes, tuple) and "规划大投入不足" in causes:
        received, built = planned * 32 // 100, size * 25 // 100
    rented = dice.percent(35)
    due = dice.between(10, 180)
    short = dice.percent(12)
    rent: Row = {"应收租金": wan(due), "已收租金": wan(due * 6 // 10 if short else due)}
    if not rented:
        rent = {"应收租金": 0, "已收租金": 0} if dice.percent(85) else {}
    spread: Row = {
        "计划总投资": wan(planned) if dice.percent(96) else None,
        "实际到位": wan(received),
        "规划规模": size,
        "实际规模": built if dice.percent(94) else None,
        "规模单位": project.trade.unit,
    }
    return spread | {key: value for key, value in rent.items() if key not in project.row}


def invent_benefit(project: Project, dice: Dice) -> Row:
    """Households, jobs and dividends: paid in time, late, short, or not yet due."""
    strength = {"强": (30, 160), "起不到": (0, 2)}.get(str(project.row.get("带动能力")), (8, 70))
    households = dice.between(*strength)
    workers = dice.between(5, 60) if project.trade.sector in {"就业车间", "加工"} else dice.between(0, 20)
    links = ("无",) if project.row.get("带动能力") == "起不到" else tuple(dice.some(LINKS, 1, 3))
    row: Row = {
        "利益联结方式": links if dice.percent(95) else None,
        "带动户数": households,
        "带动脱贫户": households * dice.between(20, 60) // 100 if dice.percent(93) else None,
        "务工人数": workers,
        "务工脱贫人口": workers * dice.between(10, 60) // 100 if dice.percent(90) else None,
        "以工代赈": dice.percent(10),
    }
    if dice.percent(55):
        return row | invent_dividend(dice)
    return row | ({"应兑现收益": 0} if dice.percent(85) else {})


def invent_dividend(dice: Dice) -> Row:
    """What is owed to farmers and the village for the year, and whether it came."""
    owed = dice.between(5, 220)
    due = datetime.date(2025, 6, 30)
    story = dice.weighted((("in time", 70), ("late", 9), ("short", 8), ("unknown", 5), ("not yet due", 8)))
    row: Row = {"应兑现收益": wan(owed), "约定兑现日": due}
    match story:
        case "in time":
            return row | {"已兑现收益": wan(owed), "兑现日": later(due, -dice.between(0, 40))}
        case "late":
            return row | {"已兑现收益": wan(owed), "兑现日": later(due, dice.between(3, 80))}
        case "short":
            return row | {"已兑现收益": wan(owed * dice.between(20, 80) // 100)}
        case "not yet due":
            return row | {"约定兑现日": datetime.date(2025, 12, 31), "已兑现收益": 0}
        case _:
            return row


def invent_ledger(project: Project, dice: Dice) -> Row:
    """Its place in the county's ledgers; some were classified late or not at all."""
    listed = cases.LEDGER_CLASS[project.case]
    levels = ("县", "乡", "村") if dice.percent(91) else dice.pick((("县",), ("县", "乡"), ("乡", "村")))
    row: Row = {
        "三级台账": levels if dice.percent(96) else None,
        "自下而上反馈日": datetime.date(2025, dice.between(4, 6), dice.between(1, 28)) if dice.percent(95) else None,
        "自上而下核查日": datetime.date(2025, dice.between(7, 9), dice.between(1, 28)) if dice.percent(88) else None,
        "核实部门": ("县农业农村局", "县财政局", *dice.some((project.trade.dept,), 0, 1)) if dice.percent(90) else None,
    }
    if isinstance(row["核实部门"], tuple):
        row["核实部门"] = tuple(dict.fromkeys(row["核实部门"]))
    if listed is None or dice.percent(4):
        return row
    late = dice.percent(4)
    on = datetime.date(2025, 11, dice.between(3, 12)) if late else datetime.date(2025, dice.between(8, 10), 20)
    return row | {"台账现类别": listed, "分类认定日": on if dice.percent(97) else None}


def invent_revival(project: Project, turn: int, dice: Dice) -> Row:
    """The argument before measures, the measures, and striking the project off the list when they are done."""
    case = project.case
    if case in {"巩固·由盘活转来", "升级·由盘活转来", "盘活后两类都不符合"}:
        target = {"巩": "巩固", "升": "升级"}.get(case[0])
        row: Row = {
            "上次类别": "盘活", "严格论证已完成": True, "严格论证文号": f"示例论〔2024〕{turn + 3}号",
            "严格论证日": datetime.date(2024, 10, 30), "措施实施日": datetime.date(2024, 11, 11), "已采取措施": ("委托经营", "补齐配套"),
            "措施完成日": datetime.date(2025, 8, 25), "困难程度": "无",
        }  # fmt: skip
        # All but one were assessed again once the measures were done.
        row["评估完成日"] = datetime.date(2025, 7, 10) if turn == 1 else datetime.date(2025, 9, 4)
        if turn % 3 == 0:
            row |= {"台账现类别": target or "盘活", "销号日": datetime.date(2025, 9, 10), "销号后去向": target}
        return row
    if not (case.startswith("盘活") or case == "升级又盘活"):
        return {"上次类别": cases.LEDGER_CLASS[case]} if dice.percent(85) else {}
    row = {"上次类别": "盘活"}
    match turn % 5:
        case 0:
            row |= {
                "严格论证已完成": True, "严格论证文号": f"示例论〔2025〕{turn + 1}号",
                "严格论证日": datetime.date(2025, 6, 30), "措施实施日": datetime.date(2025, 7, 15),
            }  # fmt: skip
        case 1:
            row |= {"严格论证已完成": False, "措施实施日": datetime.date(2025, 8, 4)}
        case 2:
            row |= {"严格论证已完成": False}
        case 3:
            # Struck off although the assessment still finds it in difficulty: a stale entry.
            row |= {
                "严格论证已完成": True, "严格论证日": datetime.date(2025, 5, 20),
                "措施实施日": datetime.date(2025, 5, 6), "已采取措施": ("资金支持",),
                "措施完成日": datetime.date(2025, 9, 1), "销号日": datetime.date(2025, 9, 30), "销号后去向": "升级",
            }  # fmt: skip
        case _:
            row |= {"措施实施日": datetime.date(2025, 9, 9)}
    return row


def invent_years(project: Project, dice: Dice) -> None:
    """Three years of accounts, in line with the assessment."""
    if project.row["项目阶段"] == "已建成未投产" or dice.percent(8):
        return
    built = project.row["立项年度"]
    assert isinstance(built, int)
    margin = {"好": (6, 18), "有待提升": (1, 7), "差": (-25, -2)}.get(str(project.row.get("市场效益")), (0, 8))
    if project.case == "巩固·效益未填":
        margin = (5, 15)
    for year in range(max(2022, built + 1), 2025):
        revenue = dice.between(80, 6000)
        profit = revenue * dice.between(*margin) // 100
        project.years.append(
            {
                "项目编号": project.row["项目编号"],
                "经营年度": year,
                "营业收入": wan(revenue),
                "利润": wan(profit),
                "资产收益": wan(max(profit, 0) * 3 // 10) if dice.percent(90) else None,
            }
        )


def invent_findings(project: Project, dice: Dice) -> None:
    """Problems that inspections found, put right or not."""
    if not dice.percent(7):
        return
    found = datetime.date(2025, dice.between(2, 8), dice.between(1, 28))
    state = dice.pick(("已整改", "已整改", "整改中", "未整改", None))
    project.findings.append(
        {
            "项目编号": project.row["项目编号"],
            "问题内容": dice.pick(("资产未及时登记", "收益兑现不及时", "管护责任未落实", "验收资料不全")),
            "问题来源": dice.pick(("巡视巡察", "审计纪检", "监督检查", "考核评估", "部门监测")),
            "发现日": found,
            "整改期限": later(found, dice.pick((60, 90, 240))) if dice.percent(85) else None,
            "整改状态": state,
        }
    )


def invent_misuse(project: Project, dice: Dice) -> None:
    """Money found to have been misused, in a handful of projects; looked into without a finding in more."""
    if dice.percent(75):
        project.row |= {"违规用款": ()}
    if project.findings and dice.percent(16):
        acts = dice.pick((("挪用",), ("挤占",), ("套取",), ("骗取", "套取")))
        project.row |= {"违规用款": acts, "违规用款来源": dice.pick(("审计", "巡察", "自查"))}


def invent_exit(case: str, turn: int, dice: Dice) -> Row:
    """What has to be done before a project leaves the list, done or not done."""
    complete = case == "退出·程序齐全" or (case == "调整" and turn % 3 == 0)
    left = datetime.date(2025, dice.between(3, 9), dice.between(1, 28)) if case in cases.EXITED_NAMES else None
    if complete:
        row: Row = {
            "评估论证已完成": True, "评估论证文号": f"示例评〔2025〕{turn + 1}号", "农民意愿": "同意",
            "决策程序已履行": True, "资源和市场需求已科学评估": dice.percent(60) if dice.percent(70) else None,
        }  # fmt: skip
    else:
        will = ("未征求", "不同意", None, "同意")[turn % 4]
        row = {"评估论证已完成": turn % 2 == 0, "农民意愿": will, "决策程序已履行": False if turn % 3 else None}
        row |= {} if row["评估论证已完成"] else {"评估论证文号": "无"}
    if case != "退出·日期未填" and left is not None:
        row |= {
            "退出日": left,
            "销号日": left,
            "销号后去向": "处置退出",
            "措施完成日": later(left, -10),
            "上次类别": "调整",
        }
        if complete:
            row["退出程序办结日"] = later(left, -15)
    return row
