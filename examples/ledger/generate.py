"""Writes the example ledger: one workbook of an invented county.

    python examples/ledger/generate.py OUT.xlsx [--projects 537] [--seed 20250915]

Why this exists: policies can only be tried on something shaped like a real ledger, and real ones are not ours to
publish. Nothing here is taken from a real county; only the shares of the four classes follow one published count.

Invariants: the same number and seed give the same bytes. Exactly three rows cannot be read, one each of 项目, 资金 and
资产, so that a report of errors has something to show.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterator
from pathlib import Path

from catalogue import COUNTED_BY_HAND, COUNTED_ON, COUNTY, CROWDED, Cell, Project, Row
from projects import invent_projects
from workbook import write_ledger

PROJECTS, SEED, FEWEST = 537, 20250915, 10


def main() -> None:
    """Reads the command line and writes the workbook."""
    parser = argparse.ArgumentParser(description="Writes a workbook of an invented county.")
    parser.add_argument("out", type=Path, help="the .xlsx file to write")
    parser.add_argument("--projects", type=int, default=PROJECTS, help="how many projects (default %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="same seed, same workbook (default %(default)s)")
    options = parser.parse_args()
    if options.projects < FEWEST:
        parser.error(f"--projects must be {FEWEST} or more")
    generate(options.out, options.projects, options.seed)


def generate(out: Path, count: int = PROJECTS, seed: int = SEED) -> None:
    """Writes the workbook of ``count`` projects to ``out``."""
    projects = invent_projects(count, seed)
    tables = collect_tables(projects)
    places = {project.row["项目编号"]: project.row["乡镇"] for project in projects}
    spoil_rows(projects)
    write_ledger(out, list(notes(count, seed)), tables, places, seed)


def notes(count: int, seed: int) -> Iterator[str]:
    """The lines of the 说明 sheet."""
    yield "本工作簿全部内容都是虚构的，只用来演示和测试，不代表任何真实的县、乡、村、企业或者项目。"
    yield f"县名为“{COUNTY}”，乡镇、村、合作社、文号都是编造的；与真实名称相同的，纯属巧合。"
    yield f"共 {count} 个项目，随机种子 {seed}；同样的个数和种子，得到同样的文件。"
    yield f"按 {COUNTED_ON.year}年{COUNTED_ON.month}月{COUNTED_ON.day}日 这一天的情况编造，评估日请用这一天。"
    yield "空着的格子表示不知道，不是“否”，也不是零；多选一栏写“无”，表示查过而没有。"
    yield "日期、是否、金额的写法故意不统一，像各乡镇报上来的那样；其中有三行故意写错，读入时应当报出并搁置。"
    yield "“资金”“资产”等表用“项目编号”与“项目”表对应。"


def collect_tables(projects: list[Project]) -> dict[str, list[Row]]:
    """The rows of every sheet; the lists share their rows with ``projects``."""
    formed = [project for project in projects if project.row["已形成"] and project.row["项目阶段"] != "已退出"]
    return {
        "县": [invent_county(formed)],
        "类型统计": [
            {"县名": COUNTY, "项目类型": COUNTED_BY_HAND, "盘活数": 5, "调整数": 2, "总数": 19},
            {"县名": COUNTY, "项目类型": "光伏·村级电站", "盘活数": 0, "调整数": 0, "总数": 46},
        ],
        "项目": [project.row for project in projects],
        "资金": [row for project in projects for row in project.funds],
        "拟投入": [row for project in projects for row in project.plans],
        "建设内容": [row for project in projects for row in project.contents],
        "资产": [row for project in projects for row in project.assets],
        "年度": [row for project in projects for row in project.years],
        "问题": [row for project in projects for row in project.findings],
    }


def invent_county(formed: list[Project]) -> Row:
    """What the county says of itself; it backs three industries where a province may want one or two."""
    industries: tuple[str, ...] = ("油茶", *(code.partition("·")[0] for code in CROWDED))
    return {
        "县名": COUNTY, "脱贫县": True, "有巩固拓展任务": True, "脱贫县相对集中": None, "国家乡村振兴重点帮扶县": False,
        "具备休闲旅游条件": True, "市级已督促检查": None, "扶持产业": industries, "扶持产业数": len(industries),
        "应摸排数": len(formed), "已分类数": sum(1 for project in formed if "台账现类别" in project.row),
        "特色产业规划已修订": True, "规划已衔接": True, "已衔接十五五规划": None, "年度安排以四个一批为依据": True,
        "项目实施方案已编制": True, "年度计划下达日": datetime.date(2026, 1, 31), "分类标准已细化": True,
        "逐类实施方案已制定": False, "主导产业已选准": True, "每类产业已全面评估": None, "评价指标体系已建立": True,
        "定期调度内容": ("产业结构", "市场销售", "品牌建设", "技术服务", "主体培育"),
    }  # fmt: skip


def spoil_rows(projects: list[Project]) -> None:
    """Three slips of the pen, in three projects: a day no calendar has, a kind of owner not on the list, no number."""
    plain = [project for project in projects if project.case == "巩固" and project.funds and project.assets]
    slips: tuple[tuple[Row, str, Cell], ...] = (
        (plain[0].row, "建成日", "2022年13月5日"),
        (plain[1].assets[0], "权属", "村小组"),
        (plain[2].funds[0], "金额", "约三十"),
    )
    for row, column, value in slips:
        row[column] = value


if __name__ == "__main__":
    main()
