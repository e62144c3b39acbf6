"""A small stack of two layers for reports, comparisons and scenarios."""

from __future__ import annotations

from policyrules.policy import Policy
from policyrules.testing.build import policy_from_text

NATION = """
对象 县（county_context）
  字段 县名（county_name）：文本 由 县农业农村局
  字段 分类标准已细化（standards_refined）：是否 由 县农业农村局
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 已形成（formed）：是否 由 县农业农村局
  研判 资源有支撑（resource_support）：是否 由 评估组
  研判 链条（chain）：枚举 { 较完备、不完整 } 由 评估组
  研判 困难（difficulty）：枚举 { 无、暂时经营困难 } 由 评估组
  字段 论证（argued）：是否 由 县农业农村局
  字段 类型（project_type）：文本 由 县农业农村局
对象 资产（assets） 属于 项目
  字段 闲置起始日（idle_since）：日期 由 乡镇
参数 反向数量（reverse_min_count）：整数（个） 未定 取值 1 个 至 100 个
  依据【五·反向】“数量较多”
决定 分类（category）：单选 { 巩固、升级、盘活 }
  依据【二·导语】“四个一批”
  适用 当 已形成
规则 升级类
  依据【二（二）·界定】“对资源有支撑的”
  当 资源有支撑
  则 分类 为 升级
规则 盘活类
  依据【二（三）·界定】“对暂时困难的”
  当 困难 为 暂时经营困难
  则 分类 为 盘活
决定 措施（support）：多选 { 贴息、培训、展会 }
  授权 自定
规则 贴息
  依据【二（三）·措施】“支持贴息”
  当 分类 为 盘活
  则 支持 措施 含 贴息
规则 培训
  依据【二（三）·措施】“可以培训”
  当 资源有支撑
  则 可 措施 含 培训
决定 资产去向（asset_path） 对 资产：单选 { 市场盘活、规范处置 }
规则 市场盘活 对 资产
  依据【二（四）·处置】“闲置的”
  当 闲置起始日 起满 12 个月
  则 资产去向 为 市场盘活
义务 严格论证
  依据【二（三）·论证】“在严格论证的基础上”
  当 分类 为 盘活
  应当 论证
义务 细化标准 对 县
  依据【七·县级】“牵头细化分类标准”
  应当 分类标准已细化
提示 县级目标
  依据【一·目标】“完成分类”
  当 已形成
  说 “请按期完成分类”
"""

PROVINCE = """
修订 升级类
  依据【二（三）升级类】“但产业链条不完整”
  还须 链条 为 不完整
修订 盘活类
  依据【二（三）盘活类】“暂时困难的”
  重申
统计 同类数
  依据【五·反向】“同类型”
  计数 项目
  相同 类型
  其中 分类 属于 { 升级、盘活 }
决定 入库（intake）：由宽到严 { 不禁止、暂缓 }
  适用 当 非 已形成
  默认 不禁止
规则 反向约束
  依据【五·反向】“数量较多的，暂缓”
  当 同类数 ≥ 反向数量
  则 入库 为 暂缓
规则 展会
  依据【三·展会】“组织参加展会”
  则 措施 含 展会
"""


def nation() -> Policy:
    """The upper layer alone."""
    return policy_from_text(NATION)


def province() -> Policy:
    """Both layers."""
    return policy_from_text(NATION, PROVINCE)


def records() -> list[dict[str, object]]:
    """Five projects of one county: 升级, 升级 in the nation only, 盘活, undetermined, a proposal."""
    county = {"县名": "某县", "分类标准已细化": False}
    return [
        {
            "编号": "P1",
            "已形成": True,
            "资源有支撑": True,
            "链条": "不完整",
            "困难": "无",
            "类型": "茶",
            "县": county,
            "资产": [{"闲置起始日": "2023-01-01"}, {}],
        },
        {
            "编号": "P2",
            "已形成": True,
            "资源有支撑": True,
            "链条": "较完备",
            "困难": "无",
            "类型": "茶",
            "县": county,
        },
        {
            "编号": "P3",
            "已形成": True,
            "资源有支撑": False,
            "困难": "暂时经营困难",
            "论证": False,
            "类型": "茶",
            "县": county,
        },
        {"编号": "P4", "已形成": True, "资源有支撑": True, "困难": "无", "类型": "茶", "县": county},
        {"编号": "P5", "已形成": False, "类型": "茶", "县": county},
    ]
