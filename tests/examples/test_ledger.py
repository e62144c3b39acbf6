"""The example ledger holds what it promises: read back with openpyxl, without the engine.

Why this exists: the demo and the benchmarks stand on this workbook; each kind of project, asset and slip that it is to
show is asserted here by a plain reading of the cells, so that no result of the engine is taken for granted.
"""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

openpyxl = pytest.importorskip("openpyxl")

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "examples" / "ledger" / "generate.py"
COUNTED_ON = datetime.date(2025, 11, 15)
CHILDREN = ("资金", "拟投入", "建设内容", "资产", "年度", "问题")
YES, NO = {"是", "有", "√"}, {"否", "无"}
Row = dict[str, object]


@dataclass(slots=True)
class Entry:
    """One project of the workbook with its rows, cells as they were typed, by the name of their column."""

    row: Row
    children: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in CHILDREN})

    def __getitem__(self, column: str) -> object:
        return self.row[column]

    def yes(self, *columns: str) -> bool:
        return all(self.row[column] in YES for column in columns)

    def no(self, *columns: str) -> bool:
        return all(self.row[column] in NO for column in columns)

    def blank(self, *columns: str) -> bool:
        return all(self.row[column] is None for column in columns)


def generate(out: Path, *options: str, hash_seed: str = "0") -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, str(SCRIPT), str(out), *options], check=True, env=environment)
    return out.read_bytes()


@pytest.fixture(scope="module")
def tables(example_ledger: Path) -> dict[str, list[Row]]:
    book = openpyxl.load_workbook(example_ledger, read_only=True)
    result: dict[str, list[Row]] = {}
    for sheet in book.worksheets:
        header, *rows = sheet.iter_rows(values_only=True)
        names = [str(cell).partition("（")[0] for cell in header]
        result[sheet.title] = [dict(zip(names, row, strict=True)) for row in rows]
    book.close()
    return result


@pytest.fixture(scope="module")
def entries(tables: dict[str, list[Row]]) -> list[Entry]:
    by_number = {row["项目编号"]: Entry(row) for row in tables["项目"]}
    for name in CHILDREN:
        for row in tables[name]:
            by_number[row["项目编号"]].children[name].append(row)
    return list(by_number.values())


# ---- the file ----


def test_same_seed_gives_same_bytes(tmp_path: Path) -> None:
    first = generate(tmp_path / "a.xlsx", "--projects", "60", hash_seed="1")
    second = generate(tmp_path / "b.xlsx", "--projects", "60", hash_seed="2")
    assert first == second


def test_another_seed_gives_another_ledger(tmp_path: Path) -> None:
    first = generate(tmp_path / "a.xlsx", "--projects", "60")
    assert first != generate(tmp_path / "b.xlsx", "--projects", "60", "--seed", "7")


def test_no_clock_in_the_file(example_ledger: Path) -> None:
    with zipfile.ZipFile(example_ledger) as archive:
        stamps = {entry.date_time for entry in archive.infolist()}
        core = archive.read("docProps/core.xml").decode()
    assert stamps == {(2025, 11, 15, 9, 0, 0)}
    assert set(re.findall(r"20\d\d-\d\d-\d\d", core)) == {"2025-11-15"}


def test_says_that_it_is_invented(example_ledger: Path) -> None:
    book = openpyxl.load_workbook(example_ledger, read_only=True)
    assert book.sheetnames[0] == "说明"
    assert "虚构" in str(book["说明"]["A1"].value)
    book.close()


@pytest.mark.parametrize("count", [40, 200])
def test_other_sizes(tmp_path: Path, count: int) -> None:
    out = tmp_path / "other.xlsx"
    generate(out, "--projects", str(count))
    book = openpyxl.load_workbook(out, read_only=True)
    assert sum(1 for _ in book["项目"].iter_rows(min_row=2)) == count
    book.close()


# ---- the tables ----


def declared_fields() -> dict[str, dict[str, str]]:
    """Object -> field -> the declaration of its type, read from the policies by their line shape."""
    fields: dict[str, dict[str, str]] = defaultdict(dict)
    for layer in ("national", "jiangxi"):
        current = ""
        for line in (ROOT / "policies" / layer / "字段.rules").read_text(encoding="utf-8").splitlines():
            if found := re.match(r"对象 (\w+)（", line):
                current = found[1]
            elif found := re.match(r"  (?:字段|研判) ([^（]+)（\w+）：(.*)", line):
                fields[current][found[1]] = found[2]
    return fields


def test_columns_are_the_fields_of_the_policies(tables: dict[str, list[Row]]) -> None:
    fields = declared_fields()
    links = {"项目编号", "县名"}
    for name, rows in tables.items():
        if name != "说明":
            assert set(rows[0]) - links <= set(fields[name]), name


def test_numbers_are_unique_and_rows_belong_to_projects(tables: dict[str, list[Row]]) -> None:
    numbers = [row["项目编号"] for row in tables["项目"]]
    assert len(numbers) == len(set(numbers)) == 537
    for name in CHILDREN:
        assert {row["项目编号"] for row in tables[name]} <= set(numbers)
    for name, key in (("资产", "资产编号"), ("建设内容", "内容编号")):
        keys = [row[key] for row in tables[name]]
        assert len(keys) == len(set(keys))


def test_places_and_years(entries: list[Entry]) -> None:
    assert len({entry["乡镇"] for entry in entries}) == 18
    assert {entry["所在县"] for entry in entries} == {"示例县"}
    assert {entry["立项年度"] for entry in entries} >= set(range(2014, 2026))
    assert len({entry["项目类型"] for entry in entries}) >= 20
    assert all("·" in str(entry["项目类型"]) for entry in entries)


def unreadable(declaration: str, cell: object) -> bool:
    """Whether a cell could not be meant for a field of this type."""
    if cell is None:
        return False
    text = str(cell).strip()
    if declaration.startswith("日期"):
        return not isinstance(cell, datetime.datetime) and read_day(cell) is None
    if declaration.startswith("是否"):
        return text not in YES | NO
    if declaration.startswith("金额"):
        return re.fullmatch(r"-?\d+(\.\d+)?(万元)?", text) is None
    if declaration.startswith(("枚举", "多选 {")):
        values = set(re.split("[、“”]", re.findall(r"{ (.*) }", declaration)[0]))
        chosen = re.split("[、，；]", text) if declaration.startswith("多选") else [text]
        return not (set(chosen) <= values or (declaration.startswith("多选") and text == "无"))
    if declaration.startswith(("整数", "年份")):
        return re.fullmatch(r"\d+", text) is None
    return False


def read_day(cell: object) -> datetime.date | None:
    if isinstance(cell, datetime.datetime):
        return cell.date()
    found = re.fullmatch(r"(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?", str(cell))
    if found is None:
        return None
    try:
        return datetime.date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def test_exactly_three_rows_cannot_be_read(tables: dict[str, list[Row]]) -> None:
    fields = declared_fields()
    bad = [
        (name, column, cell)
        for name, rows in tables.items()
        if name != "说明"
        for row in rows
        for column, cell in row.items()
        if unreadable(fields[name].get(column, "文本"), cell)
    ]
    assert bad == [("项目", "建成日", "2022年13月5日"), ("资金", "金额", "约三十"), ("资产", "权属", "村小组")]


def test_no_day_lies_ahead_unless_it_is_a_deadline(tables: dict[str, list[Row]]) -> None:
    ahead = {
        "计划建成日",
        "验收约定日",
        "登记约定日",
        "约定兑现日",
        "年度计划下达日",
        "报废期限届满日",
        "权益到期日",
        "整改期限",
    }
    fields = declared_fields()
    for name, rows in tables.items():
        dated = {column for column, declaration in fields[name].items() if declaration.startswith("日期")} - ahead
        for row in rows:
            days = [read_day(row[column]) for column in dated & set(row) if row[column] is not None]
            assert all(day <= COUNTED_ON for day in days if day is not None), (name, row)


def test_cells_are_typed_as_people_type_them(tables: dict[str, list[Row]]) -> None:
    cells = [cell for rows in tables.values() for row in rows for cell in row.values()]
    texts = [cell for cell in cells if isinstance(cell, str)]
    assert any(isinstance(cell, datetime.datetime) for cell in cells)
    for shape in (r"\d{4}-\d\d-\d\d", r"\d{4}年\d+月\d+日", r"\d{4}/\d+/\d+"):
        assert sum(re.fullmatch(shape, text) is not None for text in texts) > 50
    assert {row["资源有支撑"] for row in tables["项目"]} >= {"是", "√", "有", None}
    assert {row["拟处置"] for row in tables["资产"]} >= {"否", "无"}
    assert 3 <= sum(re.fullmatch(r"[\d.]+万元", text) is not None for text in texts) <= 60
    assert not any(text.startswith(("=", "+", "-", "@")) for text in texts)


# ---- the assessed classes, by a plain reading of the judgements ----


def formed(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.yes("已形成") and entry["项目阶段"] != "已退出"]


def is_gonggu(entry: Entry) -> bool:
    return (entry["市场效益"], entry["链条"], entry["发展前景"]) == ("好", "较完备", "广")


def is_shengji(entry: Entry) -> bool:
    return entry.yes("资源有支撑", "发展有基础") and entry["市场效益"] == "有待提升"


def is_panhuo(entry: Entry) -> bool:
    hopeful = entry.yes("市场有潜力") and entry["发展前景"] in {"广", "看好"}
    return entry["困难程度"] == "暂时经营困难" and hopeful


def is_tiaozheng(entry: Entry) -> bool:
    failing = (entry["困难程度"], entry["带动能力"], entry["技术水平"], entry["发展前景"])
    return failing == ("难以为继", "起不到", "落后", "不看好")


def judged(entry: Entry) -> bool:
    return not any(entry.blank(name) for name in ("市场效益", "发展前景", "资源有支撑", "发展有基础", "困难程度"))


def has_gap(entry: Entry) -> bool:
    return entry["链条"] == "不完整" and (entry.yes("技术短板") or entry.yes("设施短板"))


def classes(entry: Entry) -> tuple[str, ...]:
    tests = (("巩固", is_gonggu), ("升级", is_shengji), ("盘活", is_panhuo), ("调整", is_tiaozheng))
    return tuple(name for name, test in tests if test(entry))


def test_shares_follow_the_published_count(entries: list[Entry]) -> None:
    counts = Counter(found[0] for entry in formed(entries) if judged(entry) and len(found := classes(entry)) == 1)
    shares = {name: 100 * count / counts.total() for name, count in counts.items()}
    assert 48 <= shares["巩固"] <= 50.5
    assert 44.5 <= shares["升级"] <= 47.5
    assert 2.5 <= shares["盘活"] <= 3.5
    assert 1 <= shares["调整"] <= 2


def test_share_of_blanks(entries: list[Entry]) -> None:
    stock = formed(entries)
    assert 0.06 <= sum(not judged(entry) for entry in stock) / len(stock) <= 0.1


def test_share_that_a_stricter_definition_moves(entries: list[Entry]) -> None:
    settled = [entry for entry in formed(entries) if judged(entry) and len(classes(entry)) == 1]
    upgraded = [entry for entry in settled if is_shengji(entry)]
    moved = [entry for entry in upgraded if entry["链条"] == "较完备" or entry.no("技术短板", "设施短板")]
    moved += [entry for entry in settled if is_panhuo(entry) and entry.no("可好转")]
    assert 0.04 <= len(moved) / len(settled) <= 0.12


def test_types_to_be_revived_and_adjusted_crowd_together(entries: list[Entry]) -> None:
    poor = Counter(entry["项目类型"] for entry in formed(entries) if is_panhuo(entry) or is_tiaozheng(entry))
    proposed = {entry["项目类型"] for entry in entries if entry["在库状态"] in {"未入库", "拟入库"}}
    stored = {entry["项目类型"] for entry in entries if entry["在库状态"] in {"在库", "已列年度计划"}}
    crowded = {kind for kind, count in poor.items() if count >= 5}
    assert len(crowded) == 2
    assert crowded <= proposed and crowded <= stored
    assert {kind for kind in proposed if poor[kind] == 0}
    assert any(
        count < 5 <= poor[kind]
        for kind, count in Counter(
            entry["项目类型"]
            for entry in formed(entries)
            if (is_panhuo(entry) and not entry.no("可好转")) or is_tiaozheng(entry)
        ).items()
    )


def test_low_use_in_one_township(entries: list[Entry]) -> None:
    low = Counter(
        (entry["乡镇"], entry["项目类型"])
        for entry in formed(entries)
        if is_panhuo(entry) and entry["利用率"] in {"0%", "28%", "35%"}
    )
    assert max(low.values()) >= 3


# ---- each kind of case is there ----


def kinds_of_money(entry: Entry) -> set[object]:
    return {fund["资金来源"] for fund in entry.children["资金"]}


def causes(entry: Entry) -> set[str]:
    return set(re.split("[、，；]", str(entry["困难成因"] or "")))


def works(cell: object) -> set[str]:
    return set(re.split("[、，；]", str(cell))) if cell else set()


def before(entry: Entry, first: str, second: str) -> bool:
    early, late = read_day(entry[first]), read_day(entry[second])
    return early is not None and late is not None and early < late


def paid(entry: Entry) -> tuple[float, float]:
    return tuple(float(str(entry[name] or 0).removesuffix("万元")) for name in ("应兑现收益", "已兑现收益"))  # type: ignore[return-value]


def plans_again(entry: Entry, kinds: set[object], kind: object = "衔接资金") -> bool:
    """Money of ``kind`` is planned for work that money of ``kinds`` has paid for."""
    old: set[str] = set()
    for fund in entry.children["资金"]:
        old |= works(fund["投向内容"]) if fund["资金来源"] in kinds else set()
    return any(plan["资金类别"] == kind and works(plan["拟投内容"]) & old for plan in entry.children["拟投入"])


def pays_again(entry: Entry) -> bool:
    funds = [fund for fund in entry.children["资金"] if fund["资金来源"] in {"衔接资金", "专项扶贫资金"}]
    return any(
        late["年度"] == 2025 and early["年度"] != 2025 and works(late["投向内容"]) & works(early["投向内容"])
        for late in funds
        for early in funds
    )


def stopped(entry: Entry) -> bool:
    return entry["运营状态"] == "停产闲置"


def left(entry: Entry) -> bool:
    return entry["项目阶段"] == "已退出"


def complete_exit(entry: Entry) -> bool:
    return entry.yes("评估论证已完成", "决策程序已履行") and entry["农民意愿"] == "同意"


LISTED: set[object] = {"衔接资金", "专项扶贫资金", "统筹整合涉农资金", "东西部协作资金", "定点帮扶资金"}
FOUR = ("谋划论证已完成", "建设条件已落实", "运营方案已制定", "联农带农机制已设计")
PROJECT_CASES: dict[str, tuple[int, Callable[[Entry], bool]]] = {
    "两类都成立": (4, lambda e: is_shengji(e) and is_panhuo(e)),
    "效益好而链条不完整": (4, lambda e: e["市场效益"] == "好" and e["链条"] == "不完整"),
    "难以为继而技术不落后": (2, lambda e: e["困难程度"] == "难以为继" and e["技术水平"] == "一般"),
    "暂时困难而前景不看好": (2, lambda e: e["困难程度"] == "暂时经营困难" and e["发展前景"] == "不看好"),
    "没有评估": (8, lambda e: e.yes("已形成") and e.blank("市场效益", "困难程度", "链条", "评估完成日")),
    "是否形成未填": (1, lambda e: e.blank("已形成")),
    "前景未填": (3, lambda e: e["市场效益"] == "好" and e.blank("发展前景")),
    "基础未填": (3, lambda e: e.yes("资源有支撑") and e.blank("发展有基础")),
    "盘活成立而升级未定": (1, lambda e: is_panhuo(e) and e.blank("资源有支撑") and e["市场效益"] == "有待提升"),
    "短板未填": (4, lambda e: is_shengji(e) and e.blank("技术短板", "设施短板")),
    "升级而链条完备": (8, lambda e: is_shengji(e) and e["链条"] == "较完备"),
    "升级而没有短板": (6, lambda e: is_shengji(e) and e.no("技术短板", "设施短板")),
    "升级而有短板": (100, lambda e: is_shengji(e) and has_gap(e)),
    "不能好转": (2, lambda e: is_panhuo(e) and e.no("可好转")),
    "能否好转未填": (1, lambda e: is_panhuo(e) and e.blank("可好转")),
    "资金周转": (1, lambda e: is_panhuo(e) and causes(e) >= {"市场行情变化", "资金周转困难"}),
    "技术支撑": (1, lambda e: is_panhuo(e) and "技术支撑不足" in causes(e)),
    "配套不足": (1, lambda e: is_panhuo(e) and "配套设施不足" in causes(e)),
    "带动强而停产": (1, lambda e: is_panhuo(e) and e["带动能力"] == "强" and stopped(e)),
    "投入过大": (1, lambda e: is_panhuo(e) and "投入过大闲置多" in causes(e)),
    "投入不足且论证不足": (1, lambda e: is_panhuo(e) and causes(e) >= {"规划大投入不足", "规划论证不足"}),
    "缺设施而成因是其他": (1, lambda e: is_panhuo(e) and causes(e) == {"其他"} and not e.blank("缺少设施")),
    "就业帮扶车间": (20, lambda e: e["对象类别"] == "就业帮扶车间"),
    "车间停产": (1, lambda e: e["对象类别"] == "就业帮扶车间" and stopped(e)),
    "停产而前景不明": (1, lambda e: stopped(e) and e["发展前景"] == "不明"),
    "停产而前景未填": (1, lambda e: stopped(e) and e.blank("发展前景") and e["困难程度"] == "暂时经营困难"),
    "停产日未填": (1, lambda e: stopped(e) and e.blank("停产日")),
    "季节性停工": (3, lambda e: e["运营状态"] == "季节性停工" and e.yes("季节性生产")),
    "停产闲置而季节性": (1, lambda e: stopped(e) and e.yes("季节性生产")),
    "几种资金": (40, lambda e: len(kinds_of_money(e)) > 1),
    "列举与其他混用": (8, lambda e: "其他" in kinds_of_money(e) and bool(kinds_of_money(e) & LISTED)),
    "只有协作资金": (5, lambda e: kinds_of_money(e) == {"东西部协作资金"}),
    "只有其他资金": (5, lambda e: kinds_of_money(e) == {"其他"}),
    "资金来源未填": (5, lambda e: kinds_of_money(e) == {None}),
    "衔接资金再投旧内容": (4, lambda e: plans_again(e, {"衔接资金", "专项扶贫资金"})),
    "衔接资金投他人投过的内容": (1, lambda e: plans_again(e, LISTED - {"衔接资金", "专项扶贫资金"})),
    "其他资金投旧内容": (2, lambda e: plans_again(e, {"衔接资金", "专项扶贫资金"}, "其他")),
    "今年又下达旧内容": (2, pays_again),
    "违规用款": (2, lambda e: e["违规用款"] not in {None, "无"}),
    "查过没有违规": (50, lambda e: e["违规用款"] == "无"),
    "分红晚": (8, lambda e: before(e, "约定兑现日", "兑现日")),
    "分红不足": (5, lambda e: 0 < paid(e)[1] < paid(e)[0]),
    "分红未到期": (
        5,
        lambda e: e["约定兑现日"] is not None and not before(e, "约定兑现日", "兑现日") and paid(e)[1] == 0,
    ),
    "没有分类": (20, lambda e: e.yes("已形成") and e.blank("台账现类别", "分类认定日")),
    "期限后分类": (5, lambda e: (read_day(e["分类认定日"]) or COUNTED_ON.replace(year=2000)).month == 11),
    "盘活后转巩固": (2, lambda e: e["上次类别"] == "盘活" and is_gonggu(e) and not e.blank("措施完成日")),
    "盘活后转升级": (2, lambda e: e["上次类别"] == "盘活" and is_shengji(e) and not e.blank("措施完成日")),
    "盘活后都不符合": (2, lambda e: e["上次类别"] == "盘活" and not classes(e) and not e.blank("措施完成日")),
    "措施完成后重评": (4, lambda e: before(e, "措施完成日", "评估完成日")),
    "措施完成后没有重评": (2, lambda e: before(e, "评估完成日", "措施完成日") and not left(e)),
    "措施完成而没有销号": (3, lambda e: not e.blank("措施完成日") and e.blank("销号日")),
    "销号而仍困难": (1, lambda e: is_panhuo(e) and not e.blank("销号日")),
    "台账没有跟上": (3, lambda e: e["台账现类别"] == "升级" and is_gonggu(e)),
    "未论证就实施": (1, lambda e: is_panhuo(e) and e.no("严格论证已完成") and not e.blank("措施实施日")),
    "论证未填": (1, lambda e: is_panhuo(e) and e.blank("严格论证已完成")),
    "退出程序齐全": (5, lambda e: left(e) and complete_exit(e)),
    "退出程序不全": (3, lambda e: left(e) and not complete_exit(e) and not e.blank("退出日")),
    "退出日未填": (1, lambda e: left(e) and e.blank("退出日")),
    "没有征求农民意愿": (1, lambda e: e["农民意愿"] == "未征求"),
    "农民不同意": (1, lambda e: e["农民意愿"] == "不同意"),
    "调整而程序齐全": (1, lambda e: is_tiaozheng(e) and not left(e) and complete_exit(e)),
    "调整而程序不全": (1, lambda e: is_tiaozheng(e) and not left(e) and not complete_exit(e)),
    "前期齐全": (5, lambda e: e["在库状态"] == "拟入库" and e.yes(*FOUR)),
    "前期不全": (2, lambda e: e["在库状态"] == "拟入库" and any(e.no(name) for name in FOUR)),
    "方向不符": (1, lambda e: e["项目阶段"] == "谋划" and e.yes("不符合政策方向")),
    "市场不适应": (1, lambda e: e["项目阶段"] == "谋划" and e.yes("不适应市场")),
    "安全风险": (1, lambda e: e["项目阶段"] == "谋划" and e.yes("运营有安全风险")),
    "难以落地": (1, lambda e: e["项目阶段"] == "谋划" and e.yes("难以落地")),
    "禁入未填": (
        2,
        lambda e: e["项目阶段"] == "谋划" and any(map(e.blank, ("不符合政策方向", "运营有安全风险", "难以落地"))),
    ),
    "在库难以落地": (3, lambda e: e["在库状态"] in {"在库", "已列年度计划"} and e.yes("难以落地")),
    "成因是用地": (1, lambda e: e.yes("难以落地") and e["难以落地成因"] == "用地"),
    "成因未填": (1, lambda e: e.yes("难以落地") and e.blank("难以落地成因")),
    "已列年度计划": (4, lambda e: e["在库状态"] == "已列年度计划"),
    "已出库": (1, lambda e: e["在库状态"] == "已出库"),
    "过期在建": (1, lambda e: e["项目阶段"] == "在建" and (read_day(e["计划建成日"]) or COUNTED_ON) < COUNTED_ON),
    "建成未投产": (1, lambda e: e["项目阶段"] == "已建成未投产"),
    "三级台账不齐": (10, lambda e: e["三级台账"] is not None and "村" not in str(e["三级台账"])),
}


@pytest.mark.parametrize("name", PROJECT_CASES)
def test_project_case_is_there(name: str, entries: list[Entry]) -> None:
    least, test = PROJECT_CASES[name]
    assert sum(map(test, entries)) >= least


def idle_months(asset: Row) -> int:
    since = read_day(asset["闲置起始日"]) if asset["闲置起始日"] else None
    return (COUNTED_ON.year - since.year) * 12 + COUNTED_ON.month - since.month if since else 0


def bought(asset: Row, until: str = "报废期限届满日") -> datetime.date:
    return read_day(asset[until]) or datetime.date.max


def earned(asset: Row) -> bool:
    return asset["处置收入"] not in {None, 0}


ASSET_CASES: dict[str, Callable[[Row], bool]] = {
    "长期闲置而设施完善": lambda a: idle_months(a) >= 12 and a["设施完善"] in YES and a["资产类别"] == "经营性",
    "闲置不久": lambda a: 0 < idle_months(a) < 12 and a["设施完善"] in YES,
    "闲置起始日未填": lambda a: a["现已闲置"] in YES and a["闲置起始日"] is None,
    "可转公益": lambda a: a["丧失经营能力"] in YES and a["基础设施可用"] in YES,
    "可转公益与否未填": lambda a: a["丧失经营能力"] in YES and a["基础设施可用"] is None,
    "灾害损毁": lambda a: (a["损毁程度"], a["损毁原因"]) == ("无法修复", "自然灾害") and a["丧失使用功能"] in YES,
    "规划调整损毁": lambda a: (a["损毁程度"], a["损毁原因"]) == ("无法修复", "规划调整"),
    "其他原因损毁": lambda a: (a["损毁程度"], a["损毁原因"]) == ("无法修复", "其他"),
    "损毁而功能未失": lambda a: a["损毁程度"] == "无法修复" and a["丧失使用功能"] in NO,
    "损毁可以修复": lambda a: a["损毁程度"] == "可修复",
    "不具备盘活条件": lambda a: a["不具备盘活条件"] in YES,
    "已无盘活价值": lambda a: a["已无盘活价值"] in YES,
    "报废到期": lambda a: a["拟处置"] in YES and bought(a) <= COUNTED_ON,
    "报废未到期": lambda a: a["拟处置"] in YES and a["处置方式"] == "报废" and bought(a) > COUNTED_ON,
    "其他理由成立": lambda a: a["其他处置理由"] not in {None, "无"} and a["其他理由成立"] in YES,
    "其他理由待审批": lambda a: a["其他处置理由"] not in {None, "无"} and a["其他理由成立"] is None,
    "理由未写": lambda a: a["拟处置"] in YES and a["其他处置理由"] is None,
    "转公益与处置重叠": lambda a: a["丧失经营能力"] in YES and a["不具备盘活条件"] in YES,
    "无需处置而拟处置": lambda a: a["拟处置"] in YES and a["处置方式"] == "转让" and a["不具备盘活条件"] in NO,
    "虚假交易": lambda a: a["交易真实"] in NO,
    "交易没有核查": lambda a: a["拟处置"] in YES and a["交易真实"] is None,
    "程序已履行": lambda a: a["拟处置"] in YES and a["处置程序已履行"] in YES,
    "程序未履行已处置": lambda a: a["处置日"] is not None and a["处置程序已履行"] in NO,
    "企业资产未办手续": lambda a: a["权属"] == "企业" and a["处置日"] is not None and a["处置程序已履行"] in NO,
    "没有处置台账": lambda a: a["处置日"] is not None and a["处置台账号"] is None,
    "收入已再投": lambda a: earned(a) and a["再申报项目"] not in {None, "无"},
    "收入没有再投": lambda a: earned(a) and a["再申报项目"] == "无",
    "本金已再投": lambda a: a["收回本金"] is not None and a["再申报项目"] not in {None, "无"},
    "本金没有再投": lambda a: a["收回本金"] is not None and a["再申报项目"] == "无",
    "权益未到期": lambda a: a["权益到期日"] is not None and bought(a, "权益到期日") > COUNTED_ON,
    "权属未确": lambda a: a["权属"] == "未确权",
    "没有管护主体": lambda a: a["管护主体"] is None,
}


@pytest.mark.parametrize("name", ASSET_CASES)
def test_asset_case_is_there(name: str, tables: dict[str, list[Row]]) -> None:
    assert any(map(ASSET_CASES[name], tables["资产"]))


def test_assessment_papers_of_worthless_assets(entries: list[Entry]) -> None:
    def papers() -> Iterator[object]:
        for entry in entries:
            if any(asset["已无盘活价值"] in YES or asset["不具备盘活条件"] in YES for asset in entry.children["资产"]):
                yield "有" if str(entry["评估论证文号"]).startswith("示例评") else entry["评估论证文号"]

    assert set(papers()) >= {"有", "无"}


def test_some_projects_supply_no_assets(entries: list[Entry]) -> None:
    assert any(not entry.children["资产"] for entry in formed(entries))


def test_county_keeps_some_counts_by_hand(tables: dict[str, list[Row]], entries: list[Entry]) -> None:
    by_hand = {row["项目类型"]: row for row in tables["类型统计"]}
    proposed = {entry["项目类型"] for entry in entries if entry["在库状态"] in {"未入库", "拟入库"}}
    assert any(kind in proposed and int(str(row["盘活数"])) >= 3 for kind, row in by_hand.items())
    assert tables["县"][0]["县名"] == "示例县"


def test_engine_reads_all_but_the_three_rows(example_ledger: Path) -> None:
    import policyrules as pr
    from policyrules.records.reading import read_ledger

    policy = pr.load(ROOT / "policies" / "jiangxi", as_of=COUNTED_ON)
    found = read_ledger(example_ledger, policy.program)
    assert len(found.records) == 534
    assert len(found.problems) == len(found.set_aside) == 3


def test_every_result_cites_something_and_the_whole_what_its_values_do(example_ledger: Path) -> None:
    import policyrules as pr

    policy = pr.load(ROOT / "policies" / "jiangxi", as_of=COUNTED_ON)
    read = policy.read(example_ledger)
    portfolio = policy.portfolio(read.portfolio)
    for record in read.records[::5]:
        for result in policy.evaluate(record.instance, portfolio).results():
            if isinstance(result, pr.Finding):
                assert result.clauses and result.label, result.name
                continue
            values = result.by_value.values()
            assert all(one.clauses for one in values), result.name
            assert [one.value for one in values] == [value for value in result.values if value in result.candidates]
            held = {clause for one in values if one.certain for clause in one.clauses}
            if held:
                assert held == set(result.clauses), result.name
            for one in values:
                assert one.offices == tuple(dict.fromkeys(o for cited in one.citations for o in cited.offices))
