"""Invents what a project builds, the money that paid for it, and the money planned for it.

Why this exists: contents and allocations belong together: whether the same work is paid for twice hangs on both.

Invariant: content numbers are the project's number with a running number behind it; amounts are counted in tenths of
万元 until they are written.
"""

from __future__ import annotations

from decimal import Decimal

from catalogue import Project, Row
from chance import Dice, shares


def wan(amount: int) -> Decimal:
    """Tenths of 万元 as an amount in 万元.

    >>> wan(355)
    Decimal('35.5')
    """
    return Decimal(amount) / 10


def tenths(amount: object) -> int:
    """An amount in 万元 as tenths of 万元."""
    assert isinstance(amount, Decimal)
    return int(amount * 10)


def invent_contents(project: Project, dice: Dice) -> None:
    """What was, or is to be, built: one to three numbered items."""
    number = project.row["项目编号"]
    done = project.row.get("建成日")
    works = dice.some(project.trade.works, 1, len(project.trade.works))
    for index, work in enumerate(works, start=1):
        project.contents.append(
            {
                "项目编号": number,
                "内容编号": f"{number}-{index}",
                "内容描述": work,
                "建设数量": dice.between(1, 60) if dice.percent(90) else None,
                "内容完成日": done if dice.percent(85) else None,
            }
        )


def invent_funds(project: Project, dice: Dice) -> None:
    """Where the money came from: most from one or two listed kinds, some only from others, some of a blank kind."""
    year = project.row["立项年度"]
    assert isinstance(year, int)
    usual = "专项扶贫资金" if year <= 2020 else "衔接资金"
    story = dice.weighted(
        (("usual", 48), ("topped up", 22), ("mixed", 20), ("east and west", 4), ("other", 3), ("blank", 3))
    )
    first, last = year, min(year + 1, 2024)
    kinds: list[tuple[str | None, int]]
    match story:
        case "usual":
            kinds = [(usual, first)]
        case "topped up":
            kinds = [(usual, first), ("衔接资金" if last > 2020 else "专项扶贫资金", last)]
        case "mixed":
            kinds = [(usual, first), (dice.pick(("统筹整合涉农资金", "定点帮扶资金", "其他")), first)]
            kinds += [("东西部协作资金", last)] if dice.percent(30) else []
        case "east and west":
            kinds = [("东西部协作资金", first)]
        case "other":
            kinds = [("其他", first)]
        case _:
            kinds = [(None, first)]
    received = tenths(project.row["实际到位"])
    codes = [str(content["内容编号"]) for content in project.contents]
    parts = shares(received, [3, 2, 1][: len(kinds)])
    for index, ((kind, fund_year), part) in enumerate(zip(kinds, parts, strict=True)):
        project.funds.append(invent_fund(project, kind, fund_year, part, share_of(codes, index, len(kinds)), dice))
    # The same work paid for again by this year's money: forbidden where it was paid for before.
    if project.case == "升级" and usual == "衔接资金" and story == "usual" and dice.percent(30):
        project.funds.append(invent_fund(project, "衔接资金", 2025, dice.between(100, 600), tuple(codes[:1]), dice))


def invent_fund(project: Project, kind: str | None, year: int, amount: int, works: tuple[str, ...], dice: Dice) -> Row:
    """One allocation; ``amount`` in tenths of 万元."""
    return {
        "项目编号": project.row["项目编号"],
        "资金来源": kind,
        "级次": dice.weighted((("中央", 45), ("省", 30), ("市", 10), ("县", 15))),
        "年度": year,
        "金额": wan(amount),
        "下达文号": f"示例财农〔{year}〕{dice.between(1, 90)}号" if dice.percent(92) else None,
        "投向内容": works if dice.percent(94) else None,
    }


def share_of(codes: list[str], index: int, parts: int) -> tuple[str, ...]:
    """The items that the ``index``-th of ``parts`` allocations pays for; at least one."""
    return tuple(codes[index::parts]) or tuple(codes[-1:])


def invent_plans(project: Project, turn: int, dice: Dice) -> None:
    """Money planned for a formed project: for new work, for work already paid for, from this source or that."""
    from_others = all(fund["资金来源"] == "东西部协作资金" for fund in project.funds)
    if project.case not in {"升级", "盘活"} or (project.case == "升级" and turn % 4 and not from_others):
        return
    old = [str(content["内容编号"]) for content in project.contents][:1]
    new = f"{project.row['项目编号']}-{len(project.contents) + 1}"
    stories: tuple[tuple[str | None, tuple[str, ...] | None], ...] = (
        ("衔接资金", tuple(old)),
        ("衔接资金", (new,)),
        ("其他", tuple(old)),
        ("衔接资金", None),
        ("东西部协作资金", (new,)),
        (None, (new,)),
        ("衔接资金", (*old, new)),
    )
    kind, works = stories[(turn // 4 if project.case == "升级" else turn) % len(stories)]
    if from_others:
        # Whether work that only such money has paid for counts as paid for is what the texts leave open.
        kind, works = stories[0]
    amount = wan(dice.between(100, 1500))
    project.plans.append({"项目编号": project.row["项目编号"], "资金类别": kind, "拟投金额": amount, "拟投内容": works})
