"""The invented county: its places, its trades, and the columns of its workbook.

Why this exists: what is merely listed is kept apart from what is decided by chance. Townships, villages, companies and
document numbers are made up and name nobody; the column names are the Chinese names the policies declare.

Amounts are in 万元 throughout, as ledgers keep them.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

Cell: TypeAlias = str | int | Decimal | bool | datetime.date | tuple[str, ...] | None
Row: TypeAlias = dict[str, Cell]

COUNTY = "示例县"
COUNTED_ON = datetime.date(2025, 11, 15)

TOWNSHIPS = (
    "壹岭镇", "贰溪乡", "叁塘镇", "肆坪乡", "伍湾乡", "陆洲镇", "柒桥乡", "捌源镇", "玖陂乡",
    "拾畈乡", "百坊镇", "千田乡", "万竹乡", "甲石镇", "乙水乡", "丙坑乡", "丁垅镇", "戊岗镇",
)  # fmt: skip
VILLAGES = ("上例村", "下例村", "东例村", "西例村", "南例村", "北例村", "中例村", "新例村", "老例村")

OPERATORS = (("合作社", 40), ("村集体", 22), ("龙头企业", 14), ("家庭农场", 14), ("其他", 6))


@dataclass(frozen=True, slots=True)
class Trade:
    """A product at one stage of its chain: what the county counts as one 项目类型.

    ``code``: the 项目类型; ``sector``: the 行业; ``works``: what such a project builds; ``unit``: how its size is
    counted; ``size``: smallest and largest planned size in that unit; ``weight``: how common it is; ``edible``: whether
    it yields farm produce for eating; ``industry``: its 省产业目录; ``dept``: the department in charge.
    """

    code: str
    sector: str
    works: tuple[str, ...]
    unit: str
    size: tuple[int, int]
    weight: int
    edible: bool
    industry: str
    dept: str


FARM, FOREST, COMMERCE = "县农业农村局", "县林业局", "县商务局"
TRADES = (
    Trade("油茶·种植基地", "种植", ("低产林改造", "水肥设施", "作业道路"), "亩", (120, 900), 46, True, "油料", FOREST),
    Trade("脐橙·种植基地", "种植", ("标准果园", "喷滴灌", "作业道路"), "亩", (100, 700), 34, True, "果蔬", FARM),
    Trade("蔬菜·种植大棚", "种植", ("钢架大棚", "喷滴灌", "分拣棚"), "亩", (20, 200), 50, True, "果蔬", FARM),
    Trade("食用菌·种植大棚", "种植", ("出菇棚", "菌包车间", "灭菌设备"), "亩", (8, 90), 17, True, "果蔬", FARM),
    Trade("百香果·种植大棚", "种植", ("棚架", "滴灌"), "亩", (20, 150), 10, True, "果蔬", FARM),
    Trade("茶叶·种植基地", "种植", ("标准茶园", "作业道路"), "亩", (80, 600), 30, True, "茶叶", FARM),
    Trade("中药材·种植基地", "种植", ("种植基地", "育苗棚"), "亩", (60, 500), 22, True, "中药材", FARM),
    Trade("稻米·种植基地", "种植", ("田间渠系", "机耕道"), "亩", (200, 1500), 28, True, "稻米", FARM),
    Trade("肉牛·养殖场", "畜牧", ("标准化牛舍", "青贮池", "粪污处理"), "头", (60, 600), 20, True, "畜牧", FARM),
    Trade("蛋鸡·养殖场", "畜牧", ("鸡舍", "自动喂料设备"), "羽", (3000, 40000), 20, True, "畜牧", FARM),
    Trade("蜜蜂·养殖点", "畜牧", ("蜂箱", "取蜜间"), "箱", (80, 600), 18, True, "134项", FARM),
    Trade("稻虾·养殖基地", "水产", ("虾田围沟", "进排水渠"), "亩", (80, 600), 22, True, "水产", FARM),
    Trade("油茶·加工厂", "加工", ("厂房", "压榨生产线", "检测室"), "吨", (200, 3000), 12, True, "油料", FARM),
    Trade("大米·加工厂", "加工", ("厂房", "碾米生产线", "烘干设备"), "吨", (500, 9000), 14, True, "稻米", FARM),
    Trade("竹木·加工厂", "加工", ("厂房", "开片生产线"), "吨", (300, 5000), 14, False, "否", FOREST),
    Trade("果蔬·冷藏库", "仓储冷链物流", ("冷库", "分拣线", "周转场地"), "立方米", (300, 6000), 40, True, "果蔬", FARM),
    Trade("粮食·烘干仓储", "仓储冷链物流", ("烘干塔", "仓房"), "吨", (300, 4000), 18, True, "稻米", FARM),
    Trade("民宿·旅游接待", "休闲旅游", ("民居改造", "停车场", "步道"), "间", (6, 40), 22, False, "否", "县文广旅局"),
    Trade("采摘·休闲园", "休闲旅游", ("采摘园", "接待用房"), "亩", (20, 200), 18, True, "果蔬", FARM),
    Trade("服装·就业车间", "就业车间", ("车间厂房", "缝纫设备"), "平方米", (300, 3000), 24, False, "否", "县人社局"),
    Trade("电子·就业车间", "就业车间", ("车间厂房", "组装流水线"), "平方米", (300, 3000), 16, False, "否", "县人社局"),
    Trade("光伏·村级电站", "光伏", ("光伏阵列", "并网设施"), "千瓦", (50, 400), 40, False, "否", "县发改委"),
    Trade("农产品·电商服务站", "电商", ("站点装修", "打包设备"), "平方米", (60, 600), 18, False, "否", COMMERCE),
)  # fmt: skip
TRADE_BY_CODE = {trade.code: trade for trade in TRADES}

# The types where many projects are to be revived or adjusted, so that a county's limit on new ones can bite.
CROWDED = ("食用菌·种植大棚", "肉牛·养殖场")
# The type whose counts the county keeps by hand, because some of its projects are in another county's workbook.
COUNTED_BY_HAND = "百香果·种植大棚"


@dataclass(slots=True)
class Project:
    """One project with its rows. ``case`` and ``trade`` say how it was invented; they are not written down."""

    case: str
    trade: Trade
    row: Row
    funds: list[Row] = field(default_factory=list)
    plans: list[Row] = field(default_factory=list)
    contents: list[Row] = field(default_factory=list)
    assets: list[Row] = field(default_factory=list)
    years: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)


WAN = "万元"
# Sheet -> its headers in order, as they are written: the name of a field, and the unit of its amounts in brackets.
HEADERS: dict[str, tuple[str, ...]] = {
    sheet: tuple(words.split())
    for sheet, words in {
        "县": """
            县名 脱贫县 有巩固拓展任务 脱贫县相对集中 国家乡村振兴重点帮扶县 具备休闲旅游条件 市级已督促检查
            扶持产业 扶持产业数（个） 应摸排数（个） 已分类数（个） 特色产业规划已修订 规划已衔接
            已衔接十五五规划 年度安排以四个一批为依据 项目实施方案已编制 年度计划下达日 分类标准已细化
            逐类实施方案已制定 主导产业已选准 每类产业已全面评估 评价指标体系已建立 定期调度内容
        """,
        "类型统计": """
            县名 项目类型 盘活数（个） 调整数（个） 总数（个）
        """,
        "项目": """
            项目编号 项目名称 所在县 乡镇 村 对象类别 已形成 项目阶段 行业 项目类型 主导产业 省产业目录
            以当地农产品为主要原料 产出食用农产品 行业主管部门 立项年度 开工日 计划建成日 建成日 验收约定日
            竣工验收日 计划总投资（万元） 实际到位（万元） 规划规模 实际规模 规模单位 违规用款 违规用款来源
            应收租金（万元） 已收租金（万元） 信贷需求（万元） 运营主体类型 运营主体相适应 运营状态 停产日
            季节性生产 利用率 缺少设施 链条环节 认证 参加农业保险 运行管护机制明确 已纳入全程监测
            监测指标已设置 利益联结方式 带动户数（户） 带动脱贫户（户） 务工人数（人） 务工脱贫人口（人）
            应兑现收益（万元） 已兑现收益（万元） 约定兑现日 兑现日 以工代赈 评估单位 评估完成日 评估依据
            市场效益 链条 发展前景 资源有支撑 发展有基础 技术短板 设施短板 技术水平 市场有潜力 带动能力
            困难程度 困难起始日 困难成因 可好转 新产业 突出瓶颈 具备乡村旅游服务条件 符合融合项目条件
            符合品牌精品条件 严格论证已完成 严格论证文号 严格论证日 措施实施日 上次类别 在库状态 入库年度 入库日
            已录入信息系统 入库程序已履行 谋划论证已完成 建设条件已落实 运营方案已制定 联农带农机制已设计
            不符合政策方向 不适应市场 运营有安全风险 难以落地 可能难以落地 难以落地成因 资产权属已明确
            管护运营机制已明确 收益分配方案已明确 符合年度计划条件 年度计划年度 手续和施工准备已做好 评估论证已完成 评估论证文号
            农民意愿 决策程序已履行 退出程序办结日 退出日 资源和市场需求已科学评估 三级台账 自下而上反馈日
            自上而下核查日 核实部门 台账现类别 分类认定日 已采取措施 措施完成日 销号日 销号后去向
        """,
        "资金": """
            项目编号 资金来源 级次 年度 金额（万元） 下达文号 投向内容
        """,
        "拟投入": """
            项目编号 资金类别 拟投金额（万元） 拟投内容
        """,
        "建设内容": """
            项目编号 内容编号 内容描述 建设数量 内容完成日
        """,
        "资产": """
            项目编号 资产编号 资产名称 资产类别 权属 收益权归属 原值（万元） 净值（万元） 已入资产台账
            登记约定日 已确权登记 登记日 管护主体 管护措施已落实 风险隐患已排查消除 现已闲置 闲置起始日
            闲置原值（万元） 设施完善 丧失经营能力 基础设施可用 损毁程度 损毁原因 丧失使用功能 报废期限届满日
            不具备盘活条件 已无盘活价值 其他处置理由 其他理由成立 拟处置 处置方式 处置程序已履行 处置程序办结日
            处置日 处置台账号 处置收入（万元） 权益到期日 收回本金（万元） 处置所得拟用途 再申报项目
            申报主体为权属主体 用途合规 交易真实
        """,
        "年度": """
            项目编号 经营年度 营业收入（万元） 利润（万元） 资产收益（万元）
        """,
        "问题": """
            项目编号 问题内容 问题来源 发现日 整改期限 整改状态
        """,
    }.items()
}


def split_header(header: str) -> tuple[str, str | None]:
    """A header as the name of its field and its unit, if it has one.

    >>> split_header("原值（万元）"), split_header("权属")
    (('原值', '万元'), ('权属', None))
    """
    name, _, unit = header.rstrip("）").partition("（")
    return name, unit or None


def later(day: datetime.date, days: int) -> datetime.date:
    """``days`` after ``day`` (before, when negative), but never past the counting day unless ``day`` is."""
    moved = day + datetime.timedelta(days=days)
    return moved if day > COUNTED_ON else min(moved, COUNTED_ON)
