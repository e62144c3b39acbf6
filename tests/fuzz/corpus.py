"""What the enemy starts from: a small stack that uses the whole language, and every real rule file.

Why this exists: a mutated text reaches the deeper checks only where its names are known, so most mutations are of texts
that load. The small stack loads in milliseconds; the real one serves as a sample, because it is a hundred times larger.

Invariant: everything is sorted, so that the same seed gives the same texts on every machine.
"""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

from policyrules.language.keywords import DECLARATIONS
from policyrules.program.files import LayerFiles, read_stack
from policyrules.testing.build import write_layers

ROOT = Path(__file__).resolve().parents[2]

OBJECTS = """\
# 小例子：每种声明、每种写法都用到一次。
对象 县（county） 标识 县名
  字段 县名（county_name）：文本
  字段 脱贫县（is_poor）：是否
对象 项目（project） 属于 县 标识 项目编号
  字段 项目编号（project_id）：文本
  字段 所在县（county_of）：文本
  字段 项目类型（project_type）：枚举 { 种植、养殖、加工、“134项”、其他 } 分组 基本情况
  字段 总投资（total_wan）：金额（万元） 取值 0 万元 至 100000 万元 由 县财政局、实施单位
  字段 占地（area）：面积（亩） 取值 0 亩 以上
  字段 建成日（completed_on）：日期
  字段 立项年度（year）：年份
  字段 工期（period）：时长（个月）
  字段 利用率（use_ratio）：比例 取值 0% 至 100%
  字段 系数（factor）：小数
  字段 户数（households）：整数（户） 取值 0 户 以上
  字段 投向（directions）：多选 { 种苗、设备、道路 }
  字段 标签（tags）：多选（文本）
  研判 有潜力（potential）：是否 由 评估组
    说明 市场还有没有空间
  研判 链条（chain）：枚举 { 完整、不完整 } 由 评估组 授权 自定
  字段 停产（stopped）：是否
  字段 未带动的理由：文本 由 村
对象 资金（funds） 属于 项目
  字段 金额（amount_wan）：金额（万元） 取值 0 万元 以上
  字段 年度（fund_year）：年份
  字段 来源（source）：枚举 { 衔接资金、专项资金、其他 }
  字段 内容（content）：文本
对象 资产（assets） 属于 项目 标识 资产编号
  字段 资产编号（asset_id）：文本
  字段 闲置日（idle_since）：日期
  字段 原值（original_wan）：金额（万元） 取值 0 万元 以上
  研判 设施完好（sound）：是否 由 评估组
"""

RULES = """\
参数 数量线（count_line）：整数（个） 未定 取值 1 个 至 1000 个
  依据【五·反向】“数量较多”
  释义 “数量较多”未给出数值，由县级设定
参数 投资线（money_line）：金额（万元） 缺省 50 万元 取值 10 万元 至 500 万元
参数 期限日（deadline）：日期 = 2025年10月31日
参数 起点（start_line）：整数（个） = 5 个 自 2025年1月1日 起 = 6 个 自 2026年1月1日 起
参数 种类（kinds）：多选 { 衔接资金、专项资金、其他 } 缺省 { 衔接资金 }
读法 停产读法（stop_reading）：枚举 { 宽、严 } 缺省 严
  释义 两种读法都说得通
清单 列举资金
  依据【一·资金】“衔接资金等”
  即 { 衔接资金、专项资金、等 }
术语 停产满期
  依据【二·停产】“停产一年以上的”
  即 停产 且 建成日 起满 12 个月
术语 资金合计
  即 合计 资金.金额 其中（来源 属于 列举资金）
术语 闲置资产 对 资产
  即 闲置日 起满 1 年 且 非 设施完好
统计 同类数
  计数 项目
  相同 所在县、项目类型
  其中 分类 属于 { 盘活、调整 }
统计 同类占比
  依据【五·反向】“占比较高”
  占比 项目
  相同 项目类型
  其中 已分类
  符合 分类 为 盘活
统计 投资合计
  合计 项目.总投资
  相同 所在县
术语 已分类
  即 户数 ≥ 1 户 或 总投资 ＞ 5000 元
决定 分类（category）：单选 { 巩固、升级、盘活、调整 }
  依据【二·导语】“四个一批”
  适用 当 建成日 已填
  先后 调整、盘活 仅当 停产读法 为 严
  授权 自定
规则 升级类
  依据【二·升级】“效益有待提升的”
  依据【二·导语】“四个一批”
  当 有潜力 且 同时满足（链条 为 不完整；任一满足（利用率 < 60%；系数 × 2 + 1 ≤ 5；非 停产））
  则 分类 为 升级
规则 盘活类
  依据【二·盘活】“停产的”
  当 视 停产读法（宽：停产；严：停产满期）
  则 分类 为 盘活
规则 调整类
  依据【二·调整】“难以为继的”
  当 至少 2 项（停产；利用率 介于 0% 至 20%；任一 资产 满足（闲置资产）；全部 资金 满足（年度 < 2020 年））
  除外 户数 ≥ 100 户
  则 分类 为 调整
  自 2024年6月1日 起
  至 2030年12月31日 止
决定 措施（measures）：多选 { 贷款、培训、保险、订单 }
  授权 自定
规则 帮扶措施
  依据【三·措施】“支持贷款和培训”
  当 分类 属于 { 巩固、升级 }
  则 支持 措施 含 贷款、培训
规则 保险措施
  依据【三·措施】“可以参保”
  当 投向 含任一 { 种苗、设备 } 或 标签 含 “重点”
  则 可 措施 含 保险
决定 入库（intake）：由宽到严 { 不禁止、暂缓、不得 }
  依据【五·反向】“暂缓新增入库”
  默认 不禁止
规则 反向约束
  依据【五·反向】“数量较多的”
  当 任一满足（同类数 ≥ 数量线；同类占比 > 30%；投资合计 ÷ 10 > 投资线）
  则 入库 为 暂缓
规则 重复投入
  依据【五·重复】“不得重复投入”
  当 任一 资金 满足（任一 其他 资金 满足（年度 < 本.年度 且 内容 = 本.内容 且 来源 属于 种类））
  则 入库 为 不得
决定 去向（path） 对 资产：单选 { 出租、报废 }
  先后 出租、报废
规则 出租闲置 对 资产
  依据【六·处置】“长期闲置的”
  当 闲置资产 且 （原值 ≥ 10 万元 或 首选 合计 资产.原值，缺则 总投资 > 100 万元）
  则 鼓励 去向 为 出租
规则 到期报废 对 资产
  依据【六·处置】“报废”
  当 分类 不为 巩固 且 设施完好 未填
  则 去向 为 报废
义务 办理验收
  依据【四·验收】“及时验收”
  当 分类 为 无 或 分类 为 巩固
  应当 工期 ≤ 24 个月 且 建成日 ≤ 期限日
  期限 建成日
  到期 停产 且 停产满期
  授权 自定
禁令 不得改变用途
  依据【四·用途】“不得改变用途”
  当 占地 ≥ 5 公顷
  不得 投向 含 道路
提示 请核对 对 资产
  依据【六·处置】“请核对”
  当 闲置日 > 评估日 或 最大 资产.原值 > 总投资
  说 “闲置日在评估日之后，请核对”
推定 缺填的链条
  依据【二·升级】“链条不完整”
  当 停产 则 链条 为 不完整
  当 利用率 ≥ 90% 则 链条 为 完整
参数 示范户数（model_households）：整数（户） 缺省 10 户 取值 1 户 至 1000 户
  授权 从严（越高越严）
清单 节假日
  即 { 2025年1月1日、2025年10月1日 至 2025年10月8日 }
  授权 自定
清单 调休上班
  即 { 2025年9月28日 }
  授权 自定
决定 补助（subsidy）：金额（万元）
  适用 当 已分类
  不超过 取小（总投资 × 50%；200 万元）
  不少于 1 万元
  默认 0 万元
  先后 大户补助、一般补助
规则 一般补助
  则 补助 为 总投资 × 30%
规则 大户补助
  当 户数 ≥ 20 户
  则 补助 为 取大（总投资 × 40%；5 万元）
决定 奖励（reward）：金额（万元） 累计
规则 按户奖
  则 奖励 为 户数 × 0.1 万元
规则 链条奖
  当 链条 为 完整
  则 奖励 为 2 万元
决定 复评日（review_on）：日期
规则 一年后复评
  则 复评日 为 （建成日 + 12 个月） 之季末
决定 档次（grade）：单选 { 低、中、高 }
决策表 分档
  得出 档次
  | 总投资               | 链条      | 档次 | 释义     |
  | < 10 万元            | —         | 低   | “小的” |
  | ≥ 10 万元 < 50 万元  | 完整      | 中   |          |
  | ≥ 10 万元 < 50 万元  | 不为 完整 | 低   |          |
  | ≥ 50 万元            | —         | 高   |          |
决定 优先（priority）：由宽到严 { 一般、优先 }
决策表 优先次序
  得出 优先
  取首行
  | 户数      | 停产 | 行名   | 优先 |
  | ≥ 20 户   | 否   | 带动多 | 优先 |
  | 已填      | —    | 其他的 | 一般 |
  | 其余      | —    | 不明的 | 一般 |
统计 衔接资金占比
  占比 资金.金额
  相同 所在县
  符合 来源 为 衔接资金
统计 同年资金
  合计 资金.金额
  相同 所在县、年度
  其中 资金.金额 > 1 万元
统计 补助总额
  合计 项目.补助
术语 近年立项
  即 立项年度 = 当年 或 立项年度 = 上年 或 建成日 之年 = 上年
术语 标签都列了
  即 标签 全部属于 { “重点”、等，不含 “临时” }
提示 占比偏低
  当 衔接资金占比 < 55% 或 补助总额 > 100 万元
  说 “{所在县}占 {衔接资金占比}，补助 {补助}，{档次}，{建成日}，{无此}”
提示 同年较多 对 资金
  当 同年资金 ≥ 50 万元 且 近年立项 且 标签都列了
  说 “同年共 {同年资金}”
义务 五日内办结
  当 近年立项
  应当 建成日 + 3 个工作日 ≤ 评估日
  期限 建成日 + 5 个工作日
义务 每年报送
  应当 有潜力 且 建成日 起满 5 个工作日
  期限 每年 10月31日 起算 建成日
义务 带动农户
  原则上应当 户数 ≥ 示范户数
  否则说明 未带动的理由
禁令 专款专用
  不得 投向 除去 { 道路 } 含任一 { 种苗、等，不含 设备 }
"""

LOWER = """\
# 下一层：修订、补充、增列、设定。
对象 项目
  字段 乡镇（town）：文本
  字段 难点（hard）：是否
修订 升级类
  依据【二·升级类】“须有技术短板”
  还须 难点
  除外 计数 资产 ≥ 3 个
修订 盘活类
  依据【二·盘活类】“重申”
  重申
修订 办理验收
  依据【四·验收要求】“并应完成培训”
  还应当 户数 已填
  仅限 总投资 ≥ 投资线
修订 不得改变用途
  依据【四·用途要求】“也不得改道路”
  还不得 停产
  或者 占地 ≥ 50 亩 且 乡镇 已填
补充规则 其余归巩固
  依据【二·巩固类】“其余的”
  当 非 停产
  则 分类 为 巩固
规则 从严入库
  依据【五·从严】“一律不得”
  当 难点 且 同类数 ≥ 1 个
  则 入库 为 不得
增列 列举资金
  依据【一·增列】“其他资金”
  { 其他 }
增列 措施
  依据【三·增列】“订单农业”
  { 托管、代养 }
规则 托管措施
  依据【三·增列】“订单农业”
  则 引导 措施 含 托管
设定 数量线 为 5 个
  依据【五·数量】“五个以上”
  自 2025年1月1日 起
设定 停产读法 为 宽
  依据【二·读法】“从宽”
推定 缺填的潜力
  依据【二·推定】“没有评估的”
  当 链条 为 完整 则 有潜力 为 是
设定 示范户数 为 15 户
修订 补助
  不超过 100 万元
  先后 一般补助、大户补助
修订 分档·2
  还须 停产
修订 带动农户
  重申
增列 节假日
  { 2026年1月1日 至 2026年1月3日 }
补充规则 其余奖
  当 停产
  则 奖励 为 0.5 万元
"""

SMALL: tuple[tuple[str, ...], ...] = ((OBJECTS, RULES), (LOWER,))
"""Rule texts of the small stack, by layer, top first."""

_HEAD = re.compile(rf"^(?=(?:{'|'.join(DECLARATIONS)})(?!\w))", re.MULTILINE)
_FENCED = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@cache
def small_layers() -> tuple[LayerFiles, ...]:
    """The small stack's layers as read from a folder, each with one rule file that holds its texts together."""
    with tempfile.TemporaryDirectory(prefix="policyrules-") as folder:
        lowest = write_layers(Path(folder), *("".join(texts) for texts in SMALL))
        layers, problems = read_stack(lowest)
    assert not problems, problems
    return layers


@cache
def real_folders() -> tuple[Path, ...]:
    """Folders of the real layers, the lowest last."""
    return (ROOT / "policies" / "national", ROOT / "policies" / "jiangxi", ROOT / "examples" / "county")


@cache
def real_files() -> tuple[Path, ...]:
    """Every real rule file."""
    return tuple(path for folder in real_folders() for path in sorted(folder.glob("*.rules")))


@cache
def seed_texts() -> tuple[str, ...]:
    """Rule texts to mutate: the small stack's, the real files', and the chunks of the language's documentation."""
    texts = [text for layer in SMALL for text in layer]
    texts += [path.read_text(encoding="utf-8") for path in real_files()]
    for page in sorted((ROOT / "docs").glob("*.md")):
        texts += _FENCED.findall(page.read_text(encoding="utf-8"))
    return tuple(texts)


@cache
def declarations() -> tuple[str, ...]:
    """Every declaration of the seed texts, each as its own text."""
    return tuple(piece for text in seed_texts() for piece in _HEAD.split(text) if piece.strip())
