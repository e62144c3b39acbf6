"""One maker for each kind of declaration: from its clauses to its node.

Why this exists: what a declaration is made of, and what its parts may be beside each other, is said once for each kind.

Invariants: a maker is asked only for a declaration with all its clauses, each where it belongs (`declare`); what it returns counts only
where it reported nothing. What is repeated keeps its source order where order means something (依据, 除外, 先后, operations, cases of
推定, dated values).
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable
from typing import Literal, cast

from policyrules.diagnostics import Label
from policyrules.language import nodes as surface
from policyrules.language.clause_reader import ClauseReader
from policyrules.language.declared_said import decision_type
from policyrules.language.expressions import DateLiteral, Expr, Literal_, Name, Ref, SetLiteral, Text
from policyrules.language.keywords import AUTHORITIES, DIRECTIONS, LIMITS, MISSING, MODES, OPERATIONS
from policyrules.language.row_rules import rows_as_rules
from policyrules.source import Span
from policyrules.spelling import nearest
from policyrules.types import ORDERED, Kind

AMOUNTS = tuple(kind.value for kind in Kind if kind in ORDERED)
_MEASURES = ("计数", "占比", "合计", "种数")
DIRECTED = ("参数", "设定")
"""Declarations whose 授权 从严 may say which way is stricter."""


def _common(reader: ClauseReader, dated: bool = True) -> surface.Common:
    word, *direction = reader.names("授权") or (None,)
    if word is not None and word.text not in AUTHORITIES:
        near = nearest(word.text, AUTHORITIES, 1)
        remedy = (f"是不是“{near[0]}”？" if near else "") + f"写{'、'.join(AUTHORITIES)}之一"
        if word.text in DIRECTIONS:
            remedy = f"方向写在从严后面：写成 从严（{word.text}）"
        reader.error("E134", f"没有“{word.text}”这种授权", word.span, remedy)
    for said in direction:
        _check_direction(reader, word, said)
    since, until = reader.first("自") if dated else None, reader.first("至")
    since_day, until_day = _day(since), _day(until)
    if since is not None and until is not None and since_day and until_day and since_day > until_day:
        label = Label(since.span, "从这一天起有效")
        reader.error("E130", "终止的日期早于起始的日期", until.span, "改正其中一个日期", label)
    bodies = [clause.body for clause in reader.written.clauses]
    return surface.Common(
        tuple(body for body in bodies if isinstance(body, surface.Citation)),
        tuple(body for body in bodies if isinstance(body, surface.Note)),
        None
        if word is None
        else surface.StatedAuthority(
            cast(surface.Authority, word.text),
            word.span.to(direction[0].span) if direction else word.span,
            cast(surface.Direction, direction[0].text) if direction else None,
        ),
        since_day,
        until_day,
    )


def _check_direction(reader: ClauseReader, word: Name | None, said: Name) -> None:
    """授权 从严（越高越严）: of the value of a parameter, and of nothing else."""
    if said.text not in DIRECTIONS:
        higher = any(sign in said.text for sign in ("高", "大", "多", "长", "晚"))
        lower = any(sign in said.text for sign in ("低", "小", "少", "短", "早"))
        near = DIRECTIONS[0] if higher and not lower else DIRECTIONS[1] if lower and not higher else ""
        remedy = f"写成 从严（{near}）" if near else "数大为严的写 从严（越高越严），数小为严的写 从严（越低越严）"
        reader.error("E134", f"没有“{said.text}”这个方向", said.span, remedy)
    elif word is None or word.text != "从严":
        shown = "" if word is None else word.text
        reader.error("E310", f"“{shown}”没有方向", said.span, f"写成 从严（{said.text}），或删去（{said.text}）")
    elif reader.keyword not in DIRECTED:
        remedy = f"删去（{said.text}）；有数的，另写成“参数”，方向写在参数里"
        reader.error("E310", f"“{reader.keyword}”不是一个数，没有方向", said.span, remedy)


def _day(clause: surface.Clause | None) -> datetime.date | None:
    return None if clause is None else cast(DateLiteral, clause.body).date


def _object(reader: ClauseReader) -> surface.ObjectDecl:
    written = reader.written
    parent, identity = reader.name("属于"), reader.name("标识")
    return surface.ObjectDecl(written.name, written.key, parent, identity, (), _common(reader), written, written.span)


def _field(reader: ClauseReader) -> surface.FieldDecl:
    written, happened = reader.written, reader.first("已发生")
    return surface.FieldDecl(
        cast(Literal["字段", "研判"], reader.keyword),
        written.name,
        written.key,
        reader.type(),
        reader.bounds(),
        None if happened is None else happened.keyword,
        reader.names("由"),
        reader.name("分组"),
        _common(reader),
        written,
        written.span,
    )


def _dated_values(reader: ClauseReader) -> tuple[surface.DatedValue, ...]:
    """Values with the day each begins to hold: a 自 … 起 dates the value above it."""
    values: list[surface.DatedValue] = []
    for clause in reader.each("=", "缺省", "为", "自"):
        if clause.keyword.text != "自":
            values.append(surface.DatedValue(cast("Literal_ | SetLiteral", clause.body), None, clause.span))
        elif not values:
            remedy = "先写值，再写从哪一天起：= 5 个 自 2025年1月1日 起"
            reader.error("E130", "“自 … 起”前面没有值", clause.span, remedy)
        elif values[-1].since is not None:
            label = Label(values[-1].span, "这个值已经有了日期")
            reader.error("E128", "一个值写了两次“自 … 起”", clause.span, "只留一处", label)
        else:
            values[-1] = surface.DatedValue(values[-1].value, _day(clause), values[-1].span.to(clause.span))
    by_day: dict[datetime.date | None, surface.DatedValue] = {}
    for value in values:
        earlier = by_day.setdefault(value.since, value)
        if earlier is not value:
            label = Label(earlier.span, "先在这里写了值")
            reader.error("E128", "同一时期写了两个值", value.span, "只留一个；不同时期的值，各写“自 … 起”", label)
    return tuple(values)


def _parameter(reader: ClauseReader) -> surface.ParameterDecl:
    written = reader.written
    values, unset = reader.each("=", "缺省"), reader.first("未定")
    words = list(dict.fromkeys(clause.keyword.text for clause in values)) + (["未定"] if unset is not None else [])
    if not words:
        remedy = "写“= 值”（文本已定）、“缺省 值”（没有设定时先用）或“未定 取值 a 至 b”（由下级定）"
        reader.error("E127", f"“{reader.keyword} {written.name.text}”没有写值", reader.header, remedy)
    elif len(words) > 1:
        second = next(clause.span for clause in (*values, unset) if clause and clause.keyword.text == words[1])
        label = Label(values[0].span, f"这里写了“{words[0]}”")
        reader.error("E128", f"“{words[0]}”和“{words[1]}”只能写一种", second, "只留一种", label)
    return surface.ParameterDecl(
        cast(Literal["参数", "读法"], reader.keyword),
        written.name,
        written.key,
        reader.type(),
        "unset" if unset is not None else "default" if words == ["缺省"] else "fixed",
        _dated_values(reader) if not reader.found else (),
        reader.bounds(),
        _common(reader, dated=False),
        written,
        written.span,
    )


def _check_open_items(reader: ClauseReader, items: SetLiteral) -> None:
    """A last value such as 专项资金等 is nearly always a value and an 等 written together."""
    if not items.items or items.open:
        return
    last = items.items[-1]
    if isinstance(last, Name) and last.text.endswith("等") and len(last.text) > 3:
        word = last.text[:-1]
        remedy = f"清单没有列完，写成“{word}、等”；名称本来就以“等”结尾，加引号写“{last.text}”"
        reader.error("E120", f"“{last.text}”是一个值，还是“{word}”和“等”？", last.span, remedy)


def _list(reader: ClauseReader) -> surface.ListDecl:
    written, items = reader.written, reader.items("即")
    _check_open_items(reader, items)
    return surface.ListDecl(written.name, written.key, items, _common(reader), written, written.span)


def _term(reader: ClauseReader) -> surface.TermDecl:
    written = reader.written
    (body,) = reader.conditions("即")
    return surface.TermDecl(written.name, written.key, reader.name("对"), body, _common(reader), written, written.span)


def _statistic(reader: ClauseReader) -> surface.StatisticDecl | None:
    written = reader.written
    measures, match = reader.each(*_MEASURES), reader.first("符合")
    if not measures:
        remedy = "写“计数 项目”“占比 项目”“合计 项目.字段”或“种数 项目.字段”"
        reader.error("E127", f"“统计 {written.name.text}”没有写统计什么", reader.header, remedy)
        return None
    kind = measures[0].keyword.text
    if len(measures) > 1:
        label = Label(measures[0].span, f"这里写了“{kind}”")
        reader.error("E128", "一个统计只能统计一样", measures[1].span, "分成两个统计", label)
        return None
    if kind == "占比" and match is None:
        remedy = "写上“符合”和条件：符合的占全部的比例"
        reader.error("E127", f"“统计 {written.name.text}”是占比，缺“符合”", reader.header, remedy)
    if kind != "占比" and match is not None:
        label = Label(measures[0].span, f"这是{kind}，不是占比")
        reader.error("E129", "“符合”只用在“占比”里", match.keyword.span, "条件写在“其中”里，用“且”连起来", label)
    same = reader.first("相同")
    measure = cast(surface.Measure, measures[0].body)
    return surface.StatisticDecl(
        written.name,
        written.key,
        cast(Literal["计数", "占比", "合计", "种数"], kind),
        measure.object,
        measure.field,
        () if same is None else cast("tuple[Ref, ...]", same.body),
        reader.condition("其中"),
        reader.condition("符合"),
        _common(reader),
        written,
        written.span,
    )


def _decision(reader: ClauseReader) -> surface.DecisionDecl | None:
    type_ = reader.type()
    if type_.kind in AMOUNTS:
        return _amount(reader, type_)
    if type_.kind not in MODES:
        near = nearest(type_.kind, (*MODES, *AMOUNTS), 1)
        place, remedy = decision_type(type_, near[0] if near else "")
        reader.error("E133", f"没有“{type_.kind}”这种决定", place, remedy)
        return None
    if type_.values is None or not type_.values or type_.unit is not None:
        reader.error("E133", "决定要列出全部取值", type_.span, f"写成“{type_.kind} {{ 甲、乙 }}”")
        return None
    for clause in reader.each("单值", "累计", *LIMITS):
        word = clause.keyword.text
        remedy = f"删去它；得出数额的决定，类型写“金额（万元）”这样，不写“{type_.kind}”"
        reader.error("E216", f"“{word}”只用于得出数额的决定，这是{type_.kind}", clause.span, remedy)
    return _decided(reader, cast(surface.Mode, type_.kind), type_.values, None)


def _amount(reader: ClauseReader, type_: surface.TypeExpr) -> surface.DecisionDecl | None:
    """A decision whose result is an amount."""
    if type_.values is not None:
        remedy = f"写成“{type_.kind}”或“{type_.kind}（单位）”；只取几个值之一的，写“单选 {{ … }}”"
        reader.error("E133", f"{type_.kind}不列取值", type_.span, remedy)
        return None
    whole, one = reader.first("累计"), reader.first("单值")
    if whole is not None and one is not None:
        label = Label(one.span, "这里写了“单值”")
        reader.error("E128", "“单值”和“累计”只能写一种", whole.span, "只留一种；不写就是单值", label)
    if whole is not None:
        if type_.kind in ("日期", "年份"):
            reader.error("E215", f"{type_.kind}不能相加，不能“累计”", whole.span, "删去“累计”")
        if (default := reader.first("默认")) is not None:
            remedy = "删去“默认”：没有规则成立时，累计就是 0"
            reader.error("E215", "“累计”没有默认值", default.span, remedy, Label(whole.span, "这里写了“累计”"))
        if (rank := reader.first("先后")) is not None:
            remedy = "删去“先后”：成立的规则都加上；只取其中一条的，删去“累计”"
            reader.error("E215", "“累计”没有先后", rank.span, remedy, Label(whole.span, "这里写了“累计”"))
    return _decided(reader, "单值" if whole is None else "累计", (), type_)


def _decided(
    reader: ClauseReader, mode: surface.Mode, values: tuple[Literal_, ...], type_: surface.TypeExpr | None
) -> surface.DecisionDecl:
    written, default = reader.written, reader.first("默认")
    said = None if default is None else cast(Literal_, default.body)
    if isinstance(said, Name) and said.text in _NOTHING and said.text not in [one.span.text for one in values]:
        assert default is not None, "what it says was read"
        message = f"“{said.text}”不用写：没有规则得出结论的，本来就是“无”"
        reader.error("E206", message, default.span, "删去这一行")
    return surface.DecisionDecl(
        written.name,
        written.key,
        reader.name("对"),
        mode,
        values,
        type_,
        reader.condition("适用"),
        None if default is None else cast(Literal_, default.body),
        reader.ranks(),
        reader.limits(),
        _common(reader),
        written,
        written.span,
    )


_NOTHING = ("无", "没有", "空", "空白")


def _rule(reader: ClauseReader) -> surface.RuleDecl:
    written = reader.written
    then = cast(surface.Conclusion, reader.each("则")[0].body)
    return surface.RuleDecl(
        cast(Literal["规则", "补充规则"], reader.keyword),
        written.name,
        reader.name("对"),
        reader.condition("当"),
        reader.conditions("除外"),
        None if then.tone is None else cast(surface.Tone, then.tone.text),
        then.target,
        then.values,
        then.amount,
        _common(reader),
        written,
        written.span,
    )


def _duty(reader: ClauseReader) -> surface.DutyDecl | None:
    written = reader.written
    demands = reader.each("应当", "原则上应当", "不得")
    reason = reader.first("否则说明")
    name = written.name.text
    if not demands:
        reader.error("E127", f"“义务 {name}”缺“应当”", reader.header, MISSING["应当"])
        return None
    if len(demands) > 1:
        label = Label(demands[0].span, f"先在这里写了“{demands[0].keyword.text}”")
        remedy = "只留一处；两个条件用“且”连起来"
        reader.error(
            "E128",
            f"“{demands[1].keyword.text}”和“{demands[0].keyword.text}”只能写一种",
            demands[1].span,
            remedy,
            label,
        )
        return None
    word = demands[0].keyword
    if word.text == "原则上应当" and reason is None:
        remedy = "加一行“否则说明 字段名”（写理由的字段）；没有例外的写“应当”；只作提醒的，另写“提示”"
        reader.error("E229", "“原则上应当”后面没有写做不到时理由填在哪里", word.span, remedy)
    elif word.text != "原则上应当" and reason is not None:
        remedy = "把“应当”改为“原则上应当”，或删去“否则说明”一句"
        label = Label(word.span, f"这里写的是“{word.text}”")
        reader.error("E229", "“否则说明”只跟在“原则上应当”后面", reason.keyword.span, remedy, label)
    demand = cast(Expr, demands[0].body)
    return surface.DutyDecl(
        cast(Literal["义务", "禁令"], reader.keyword),
        written.name,
        reader.name("对"),
        reader.condition("当"),
        reader.conditions("除外"),
        demand,
        reader.condition("期限"),
        reader.condition("到期"),
        _common(reader),
        written,
        written.span,
        None if reason is None else cast(Ref, reason.body),
    )


def _notice(reader: ClauseReader) -> surface.NoticeDecl:
    written = reader.written
    return surface.NoticeDecl(
        written.name,
        reader.name("对"),
        reader.condition("当"),
        reader.conditions("除外"),
        cast(Text, reader.each("说")[0].body),
        _common(reader),
        written,
        written.span,
    )


def _amendment(reader: ClauseReader) -> surface.AmendmentDecl:
    written = reader.written
    operations, ranks = reader.each(*OPERATIONS), reader.each("先后")
    for earlier, later in itertools.pairwise(operations):
        word = earlier.keyword.text
        ends, begins = Span(earlier.span.source, earlier.span.end, earlier.span.end), later.span
        # Of what a trial changes, one clause may stand in the layer and the other in the trial.
        if later.keyword.text == "或者" and ends.place == begins.place:
            remedy = "是前一个条件的一部分，写“或”；是放宽上级规则的条件，把“或者”另起一行"
            reader.error("E136", f"“或者”紧跟在“{word}”的条件后面，分不清属于哪一边", later.keyword.span, remedy)
    changes = [*operations, *ranks, *reader.each(*LIMITS)]
    stop, restate = reader.first("停用"), reader.first("重申")
    alone = stop or restate
    if not changes and alone is None:
        remedy = "写还须、仅限、还应当、还不得、或者、除外之一，或写停用、重申"
        reader.error("E127", f"“修订 {written.name.text}”没有写改动什么", reader.header, remedy)
    other = changes[0] if changes else restate if stop is not None else None
    if alone is not None and other is not None:
        word = alone.keyword.text
        label = Label(alone.span, f"这里写了“{word}”")
        reader.error("E130", f"“{word}”不能和别的改动一起写", other.span, "分清是停用、重申，还是改动", label)
    return surface.AmendmentDecl(
        written.name,
        tuple(
            surface.Operation(cast(surface.OperationKind, c.keyword.text), cast(Expr, c.body), c.span)
            for c in operations
        ),
        reader.ranks(),
        reader.limits(),
        stop is not None,
        restate is not None,
        _common(reader),
        written,
        written.span,
    )


def _extension(reader: ClauseReader) -> surface.ExtensionDecl:
    written, items = reader.written, reader.items("values")
    _check_open_items(reader, items)
    if items.open or not items.items:
        code, message = ("E135", "增列的值不能以“等”结尾") if items.open else ("E127", "没有写要加的值")
        reader.error(code, message, items.span, "只写要加的值：{ 甲、乙 }")
    return surface.ExtensionDecl(written.name, items, _common(reader), written, written.span)


def _setting(reader: ClauseReader) -> surface.SettingDecl:
    written = reader.written
    values = _dated_values(reader)
    if not values and not reader.found:
        remedy = f"写成“设定 {written.name.text} 为 值”"
        reader.error("E127", f"“设定 {written.name.text}”没有写值", reader.header, remedy)
    return surface.SettingDecl(written.name, values, _common(reader, dated=False), written, written.span)


def _presumption(reader: ClauseReader) -> surface.PresumptionDecl:
    written = reader.written
    cases: list[surface.PresumptionCase] = []
    when: surface.Clause | None = None
    for clause in reader.each("当", "则"):
        if clause.keyword.text == "当":
            if when is not None:
                label = Label(when.span, "这个“当”后面没有“则”")
                reader.error("E127", "前一个“当”还没有“则”", clause.span, "每个“当”后面写一个“则 字段 为 值”", label)
            when = clause
            continue
        then = cast(surface.Conclusion, clause.body)
        if then.tone is not None:
            reader.error("E129", "推定不写语气", clause.span, f"删去“{then.tone.text}”")
        if then.verb != "为" or len(then.values) > 1:
            reader.error("E130", "推定写“则 字段 为 值”，只写一个值", clause.span, f"写成“则 {then.target.text} 为 值”")
        if when is None:
            reader.error("E127", "“则”前面没有“当”", clause.span, "在前面写上“当”和条件")
            continue
        span = when.span.to(clause.span)
        cases.append(surface.PresumptionCase(cast(Expr, when.body), then.target, then.values[0], span))
        when = None
    if when is not None:
        reader.error("E127", "“当”后面没有“则”", when.span, "在后面写上“则 字段 为 值”")
    elif not cases and not reader.found:
        reader.error("E127", f"“推定 {written.name.text}”没有写怎样推定", reader.header, "写上“当 … 则 字段 为 值”")
    return surface.PresumptionDecl(
        written.name, reader.name("对"), tuple(cases), _common(reader), written, written.span
    )


def _table(reader: ClauseReader) -> surface.TableDecl | None:
    written, common = reader.written, _common(reader)
    first, every = reader.first("取首行"), reader.first("可重叠")
    if first is not None and every is not None:
        label = Label(first.span, "这里写了“取首行”")
        reader.error("E130", "“取首行”和“可重叠”只能写一种", every.span, "只留一种", label)
        return None
    decision = reader.name("得出")
    assert decision is not None, "required"
    rows, inputs, rest = rows_as_rules(written, reader.name("对"), common, reader)
    return surface.TableDecl(
        written.name,
        reader.name("对"),
        decision,
        "取首行" if first is not None else "可重叠" if every is not None else "一行",
        inputs,
        rows,
        rest,
        common,
        written,
        written.span,
    )


MAKERS: dict[str, Callable[[ClauseReader], surface.Declaration | surface.FieldDecl | None]] = {
    "对象": _object,
    "字段": _field,
    "研判": _field,
    "参数": _parameter,
    "读法": _parameter,
    "清单": _list,
    "术语": _term,
    "统计": _statistic,
    "决定": _decision,
    "规则": _rule,
    "补充规则": _rule,
    "义务": _duty,
    "禁令": _duty,
    "提示": _notice,
    "修订": _amendment,
    "增列": _extension,
    "设定": _setting,
    "推定": _presumption,
    "决策表": _table,
}
