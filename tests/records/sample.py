"""A small program of our own: every type, bounds, nested lists, a county with lists."""

from __future__ import annotations

import datetime

from policyrules.engine.instances import Instance
from policyrules.program.nodes import At, Constant, Field, FieldValue, ObjectKind, Origin, Program, Statistic
from policyrules.records.export import value_as_text
from policyrules.source import Source, Span
from policyrules.types import Kind, Number, Type

SPAN = Span(Source("字段.rules", "对象 项目"), 0, 2)
ORIGIN = Origin("CN", "对象", "项目", (), (), (), SPAN)
WAN = Type(Kind.MONEY, "万元")


def field(
    object_: str,
    name: str,
    key: str,
    type_: Type,
    low: Number | datetime.date | None = None,
    high: Number | datetime.date | None = None,
    *,
    judged: bool = False,
    notes: tuple[str, ...] = (),
) -> Field:
    origin = Origin("CN", "字段", name, (), (), notes, SPAN)
    return Field(object_, name, key, type_, judged, low, high, ("县农业农村局",), "基本信息", origin)


FIELDS = [
    field("县", "县名", "county_name", Type(Kind.TEXT)),
    field("县", "脱贫县", "is_tuopin_county", Type(Kind.BOOL)),
    field("县", "应摸排数", "total_to_survey", Type(Kind.INTEGER, "个"), 0),
    field("类型统计", "项目类型", "project_type", Type(Kind.TEXT)),
    field("类型统计", "盘活数", "panhuo", Type(Kind.INTEGER, "个"), 0),
    field("项目", "项目编号", "project_id", Type(Kind.TEXT)),
    field("项目", "项目名称", "project_name", Type(Kind.TEXT)),
    field("项目", "所在县", "county", Type(Kind.TEXT)),
    field("项目", "项目类型", "project_type", Type(Kind.TEXT)),
    field("项目", "已形成", "formed", Type(Kind.BOOL), notes=("谋划、在库的不算",)),
    field("项目", "建成日", "completed_on", Type(Kind.DATE)),
    field("项目", "实际到位", "actual_wan", WAN, 0, 10**12),
    field("项目", "利润", "profit_wan", WAN),
    field("项目", "利用率", "utilisation", Type(Kind.RATIO), 0, 1),
    field("项目", "增长率", "growth", Type(Kind.RATIO)),
    field("项目", "面积", "area", Type(Kind.AREA, "公顷"), 0),
    field("项目", "系数", "factor", Type(Kind.DECIMAL)),
    field("项目", "带动户数", "households", Type(Kind.INTEGER, "户"), 0),
    field("项目", "立项年度", "approval_year", Type(Kind.YEAR)),
    field("项目", "工期", "months", Type(Kind.DURATION, "个月"), 0),
    field("项目", "缓冲期", "days", Type(Kind.DURATION, "天"), 0),
    field("项目", "困难程度", "difficulty", Type(Kind.ENUM, None, ("无", "暂时经营困难", "难以为继")), judged=True),
    field("项目", "七大产业", "jx_industry", Type(Kind.ENUM, None, ("七大·稻米/油料", "134项", "否", "未知"))),
    field("项目", "困难成因", "causes", Type(Kind.SET, None, ("市场行情变化", "资金周转困难", "其他")), judged=True),
    field("项目", "联结方式", "link_modes", Type(Kind.SET, None, ("务工就业", "收益分红", "无"))),
    field("项目", "扶持产业", "supported", Type(Kind.SET)),
    field("资金", "资金来源", "kind", Type(Kind.ENUM, None, ("衔接资金", "其他"))),
    field("资金", "金额", "amount_wan", WAN, 0),
    field("资金", "年度", "year", Type(Kind.YEAR)),
    field("资产", "资产编号", "asset_id", Type(Kind.TEXT)),
    field("资产", "闲置起始日", "idle_since", Type(Kind.DATE)),
    field("资产", "原值", "original_wan", WAN, 0),
    field("维修", "维修日", "repaired_on", Type(Kind.DATE)),
    field("维修", "维修费", "cost_wan", WAN, 0),
]

OBJECTS = [
    ObjectKind("县", "county_context", None, None, ("项目", "类型统计"), ORIGIN),
    ObjectKind("类型统计", "type_counts", "县", None, (), ORIGIN),
    ObjectKind("项目", "project", "县", "项目编号", ("资金", "资产"), ORIGIN),
    ObjectKind("资金", "sources", "项目", None, (), ORIGIN),
    ObjectKind("资产", "assets", "项目", "资产编号", ("维修",), ORIGIN),
    ObjectKind("维修", "repairs", "资产", None, (), ORIGIN),
]


def build_program() -> Program:
    fields: dict[str, dict[str, Field]] = {kind.name: {} for kind in OBJECTS}
    for found in FIELDS:
        fields[found.object][found.name] = found
    own = [fields["项目"][name] for name in ("所在县", "项目类型")]
    same = tuple(FieldValue(At(0, 0), field, field.type, SPAN) for field in own)
    condition = Constant(True, Type(Kind.BOOL), SPAN)
    counted = Statistic(
        "同类数", "similar", "计数", "项目", same, condition, None, None, Type(Kind.INTEGER, "个"), ORIGIN
    )
    return Program(
        as_of=datetime.date(2025, 9, 15),
        layers=("CN",),
        root="项目",
        objects={kind.name: kind for kind in OBJECTS},
        fields=fields,
        parameters={},
        lists={},
        terms={},
        statistics={"同类数": counted},
        decisions={},
        rules={},
        duties={},
        notices={},
        presumptions={},
        stopped=(),
    )


def held(instance: Instance) -> dict[str, object]:
    """What an instance holds, by Chinese name, as JSON would write it; the county last."""
    by_name = {field.name: field for field in FIELDS if field.object == instance.object}
    found = {name: value_as_text(value, by_name[name]) for name, value in instance.values.items()}
    found |= {child: [held(row) for row in rows] for child, rows in instance.rows.items() if rows is not None}
    if instance.path == "项目" and instance.parent is not None and (instance.parent.values or instance.parent.rows):
        found["县"] = held(instance.parent)
    return found
