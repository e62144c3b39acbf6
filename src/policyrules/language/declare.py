"""From a list of clauses to a declaration: which clauses belong, which are missing, which are written twice.

Why this exists: the grammar takes clauses in any order, so that people may write them in any order and errors can name
the clause instead of a place.

Invariants: `declare` returns a declaration or None; None comes with at least one error. Clauses keep their source
order where order means something (依据, 除外, 先后, operations, cases of 推定, dated values).
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Iterable
from typing import Literal, TypeVar, cast

from policyrules.diagnostics import Diagnostic, Label, nearest
from policyrules.language.clauses import (
    BoundsClause,
    Clause,
    ConditionClause,
    DayClause,
    MeasureClause,
    RankClause,
    SameClause,
    SayClause,
    ThenClause,
    TypeClause,
    ValueClause,
    WordClause,
    Written,
    clause_keyword,
)
from policyrules.language.keywords import (
    AUTHORITIES,
    CLAUSES,
    DECLARATIONS,
    KEYWORDS,
    MODES,
    OPERATIONS,
    RESERVED,
    clause_list,
    clause_name,
)
from policyrules.language.nodes import (
    AmendmentDecl,
    Authority,
    Citation,
    Common,
    DatedValue,
    DecisionDecl,
    Declaration,
    DutyDecl,
    Expr,
    ExtensionDecl,
    FieldDecl,
    ListDecl,
    Literal_,
    Mode,
    Name,
    Note,
    NoticeDecl,
    ObjectDecl,
    Operation,
    OperationKind,
    ParameterDecl,
    PresumptionCase,
    PresumptionDecl,
    RuleDecl,
    SetLiteral,
    SettingDecl,
    StatisticDecl,
    TermDecl,
    Tone,
)
from policyrules.source import Span

_KEYED = ("对象", "字段", "研判", "参数", "读法", "清单", "术语", "统计", "决定")
_NAMES_UPPER = ("修订", "增列", "设定")
_BELONGS: dict[str, str] = {
    "当": "写条件的是规则、义务、禁令、提示、推定",
    "则": "写结论的是规则、补充规则、推定",
    "应当": "要求写在“义务”里；规则的语气写在“则”后面：则 应当 …",
    "不得": "禁止的事写在“禁令”里；不得做的结论写成决定的值",
    "还须": "改动上级规则用“修订”",
    "仅限": "改动上级规则用“修订”",
    "还应当": "改动上级义务用“修订”",
    "还不得": "改动上级禁令用“修订”",
    "停用": "改动上级规则用“修订”",
    "重申": "重申上级规则用“修订”",
    "默认": "默认值写在“决定”里；参数没有设定时用的值写“缺省”",
    "缺省": "缺省值写在“参数”里；决定的默认值写“默认”",
    "期限": "期限写在“义务”或“禁令”里",
    "说": "要说的话写在“提示”里",
    "先后": "先后写在“决定”里，或写在对上级决定的“修订”里",
    "其中": "统计的条件写“其中”；计数、合计的条件写在括号里：其中（…）",
    "自": "有效期写在规则、义务、禁令、提示、修订、推定里，或跟在参数的值后面",
    "至": "有效期写在规则、义务、禁令、提示、修订、推定里",
    "=": "固定的值写在“参数”里；设定上级参数写“设定 参数名 为 值”",
    "为": "设定上级参数写“设定 参数名 为 值”；参数固定的值写“= 值”",
    "属于": "属于哪个对象，写在“对象”里",
    "对": "说的是哪个对象，写在术语、决定、规则、义务、禁令、提示、推定里",
}
_C = TypeVar("_C")


class _Form:
    """The clauses of one declaration, handed out by kind; findings collect in ``diagnostics``."""

    def __init__(self, written: Written) -> None:
        self.written = written
        self.diagnostics: list[Diagnostic] = []

    def report(self, code: str, message: str, span: Span, remedy: str | None = None, *related: Label) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, remedy=remedy, related=related))

    def each(self, kind: type[_C], *keywords: str) -> list[_C]:
        """Clauses of a class, with one of the keywords where any is given, in source order."""
        return [
            clause
            for clause in self.written.clauses
            if isinstance(clause, kind) and (not keywords or clause_keyword(cast(Clause, clause)) in keywords)
        ]

    def first(self, kind: type[_C], *keywords: str) -> _C | None:
        found = self.each(kind, *keywords)
        return found[0] if found else None

    def condition(self, keyword: str) -> Expr | None:
        clause = self.first(ConditionClause, keyword)
        return None if clause is None else clause.body

    def conditions(self, keyword: str) -> tuple[Expr, ...]:
        return tuple(clause.body for clause in self.each(ConditionClause, keyword))

    def name(self, keyword: str) -> Name | None:
        clause = self.first(WordClause, keyword)
        return None if clause is None else clause.names[0]

    def value(self, *keywords: str) -> Literal_ | SetLiteral | None:
        clause = self.first(ValueClause, *keywords)
        return None if clause is None else clause.value


def declare(written: Written) -> tuple[Declaration | FieldDecl | None, tuple[Diagnostic, ...]]:
    """The declaration that ``written`` is, or None with what is wrong. Fields still wait for their object."""
    form = _Form(written)
    _check_header(form)
    _check_clauses(form)
    if form.diagnostics:
        return None, tuple(form.diagnostics)
    declaration = _MAKERS[written.keyword](form)
    if form.diagnostics:
        return None, tuple(form.diagnostics)
    return declaration, ()


# ---- checks that hold for every declaration -------------------------------------------------------------------------


def _check_header(form: _Form) -> None:
    written = form.written
    name = written.name
    if written.keyword not in _NAMES_UPPER:
        what = KEYWORDS.get(name.text)
        if what is not None:
            message = f"“{name.text}”是规则语言的关键词（{what}），不能作“{written.keyword}”的名称"
            form.report("E111", message, name.span, f"换一个名称，如“{name.text}{_suffix(written.keyword)}”")
        elif name.text in RESERVED:
            message = f"“{name.text}”另有所指（{RESERVED[name.text]}），不能作“{written.keyword}”的名称"
            form.report("E111", message, name.span, "换一个名称")
    key = written.key
    if key is not None and written.keyword not in _KEYED:
        remedy = f"删去（{key.text}）；只有{'、'.join(_KEYED)}有键"
        form.report("E129", f"“{written.keyword}”不写键", key.span, remedy)


def _suffix(keyword: str) -> str:
    return {"字段": "情况", "研判": "情况", "决定": "意见", "参数": "标准"}.get(keyword, "项")


def _check_clauses(form: _Form) -> None:
    keyword = form.written.keyword
    allowed = CLAUSES[keyword]
    everything = allowed.all
    once = {*allowed.required, *allowed.optional, "授权"}
    seen: dict[str, Clause] = {}
    for clause in form.written.clauses:
        word = clause_keyword(clause)
        if word == "或者" and word not in everything:
            span = Span(clause.span.source, clause.span.start, clause.span.start + len(word))
            form.report("E124", "两个条件之间不写“或者”", span, "写“或”；“或者”只用在“修订”里，放宽上级规则")
        elif word not in everything:
            belongs = _BELONGS.get(word)
            remedy = (f"{belongs}；" if belongs else "") + f"“{keyword}”里可以写：{clause_list(keyword)}"
            length = 1 if word in ("type", "values") else len(word)
            span = Span(clause.span.source, clause.span.start, clause.span.start + length)
            form.report("E129", f"“{clause_name(word)}”不能写在“{keyword}”里", span, remedy)
        elif word in once and word in seen:
            remedy = "只留一处" + ("；两个条件用“且”或“或”连起来" if isinstance(clause, ConditionClause) else "")
            label = Label(seen[word].span, f"先在这里写了“{clause_name(word)}”")
            form.report("E128", f"“{clause_name(word)}”写了两次", clause.span, remedy, label)
        seen.setdefault(word, clause)
    for word in allowed.required:
        # Where a clause does not belong, it is probably the missing one under another name.
        if word not in seen and not form.diagnostics:
            span = form.written.keyword_span.to(form.written.name.span)
            example = _EXAMPLES.get((keyword, word)) or _EXAMPLES.get(("", word), "")
            form.report("E127", f"“{keyword} {form.written.name.text}”缺“{clause_name(word)}”", span, example)


_EXAMPLES: dict[tuple[str, str], str] = {
    ("", "type"): "在名称后面写类型，如“：是否”“：金额（万元）”“：枚举 { 甲、乙 }”",
    ("决定", "type"): "在名称后面写取值，如“：单选 { 甲、乙 }”",
    ("清单", "即"): "写上“即 { 甲、乙 }”",
    ("术语", "即"): "写上“即”和条件或算式",
    ("", "则"): "写上结论：则 决定名 为 值",
    ("", "应当"): "写上应当做到的事：应当 …",
    ("", "不得"): "写上不得做的事：不得 …",
    ("", "说"): "写上要说的话：说 “…”",
    ("", "values"): "写上要加的值：{ 甲、乙 }",
}


def _common(form: _Form, dated: bool = True) -> Common:
    authority: Authority | None = None
    authority_span: Span | None = None
    clause = form.first(WordClause, "授权")
    if clause is not None:
        word = clause.names[0]
        authority_span = word.span
        if word.text in AUTHORITIES:
            authority = cast(Authority, word.text)
        else:
            near = nearest(word.text, AUTHORITIES, 1)
            remedy = (f"是不是“{near[0]}”？" if near else "") + f"写{'、'.join(AUTHORITIES)}之一"
            form.report("E134", f"没有“{word.text}”这种授权", word.span, remedy)
    since = form.first(DayClause, "自") if dated else None
    until = form.first(DayClause, "至")
    if since is not None and until is not None and since.date > until.date:
        label = Label(since.span, "从这一天起有效")
        form.report("E130", "终止的日期早于起始的日期", until.span, "改正其中一个日期", label)
    return Common(
        tuple(form.each(Citation)),
        tuple(form.each(Note)),
        authority,
        authority_span,
        None if since is None else since.date,
        None if until is None else until.date,
        None if since is None else since.span,
        None if until is None else until.span,
    )


# ---- one maker for each kind of declaration -------------------------------------------------------------------------


def _object(form: _Form) -> ObjectDecl:
    written = form.written
    return ObjectDecl(written.name, written.key, form.name("属于"), form.name("标识"), (), _common(form), written.span)


def _field(form: _Form) -> FieldDecl:
    written = form.written
    bounds = form.first(BoundsClause)
    holders = form.first(WordClause, "由")
    return FieldDecl(
        cast(Literal["字段", "研判"], written.keyword),
        written.name,
        written.key,
        form.each(TypeClause)[0].type,
        None if bounds is None else bounds.bounds,
        () if holders is None else holders.names,
        form.name("分组"),
        _common(form),
        written.span,
    )


def _dated_values(form: _Form) -> tuple[DatedValue, ...]:
    """Values with the day each begins to hold: a 自 … 起 dates the value above it."""
    values: list[DatedValue] = []
    for clause in form.written.clauses:
        if isinstance(clause, ValueClause):
            values.append(DatedValue(clause.value, None, clause.span))
        elif isinstance(clause, DayClause) and clause.keyword == "自":
            if not values:
                remedy = "先写值，再写从哪一天起：= 5 个 自 2025年1月1日 起"
                form.report("E130", "“自 … 起”前面没有值", clause.span, remedy)
            elif values[-1].since is not None:
                label = Label(values[-1].span, "这个值已经有了日期")
                form.report("E128", "一个值写了两次“自 … 起”", clause.span, "只留一处", label)
            else:
                last = values[-1]
                values[-1] = DatedValue(last.value, clause.date, last.span.to(clause.span))
    by_day: dict[datetime.date | None, DatedValue] = {}
    for value in values:
        earlier = by_day.setdefault(value.since, value)
        if earlier is not value:
            label = Label(earlier.span, "先在这里写了值")
            remedy = "只留一个；不同时期的值，各写“自 … 起”"
            form.report("E128", "同一时期写了两个值", value.span, remedy, label)
    return tuple(values)


def _parameter(form: _Form) -> ParameterDecl:
    written = form.written
    values = form.each(ValueClause)
    unset = form.first(WordClause, "未定")
    words = list(dict.fromkeys(clause.keyword for clause in values)) + (["未定"] if unset is not None else [])
    name = written.name.text
    header = written.keyword_span.to(written.name.span)
    if not words:
        remedy = "写“= 值”（文本已定）、“缺省 值”（没有设定时先用）或“未定 取值 a 至 b”（由下级定）"
        form.report("E127", f"“{written.keyword} {name}”没有写值", header, remedy)
    elif len(words) > 1:
        other = next((clause.span for clause in values if clause.keyword == words[1]), None)
        second = other or (unset.span if unset is not None else header)
        label = Label(values[0].span, f"这里写了“{words[0]}”")
        form.report("E128", f"“{words[0]}”和“{words[1]}”只能写一种", second, "只留一种", label)
    state: Literal["fixed", "default", "unset"]
    state = "unset" if unset is not None else "default" if words == ["缺省"] else "fixed"
    bounds = form.first(BoundsClause)
    dated = _dated_values(form) if not form.diagnostics else ()
    return ParameterDecl(
        cast(Literal["参数", "读法"], written.keyword),
        written.name,
        written.key,
        form.each(TypeClause)[0].type,
        state,
        dated,
        None if bounds is None else bounds.bounds,
        _common(form, dated=False),
        written.span,
    )


def _check_open_items(form: _Form, items: SetLiteral) -> None:
    """A last value such as 专项资金等 is nearly always a value and an 等 written together."""
    if not items.items or items.open:
        return
    last = items.items[-1]
    if isinstance(last, Name) and last.text.endswith("等") and len(last.text) > 3:
        word = last.text[:-1]
        remedy = f"清单没有列完，写成“{word}、等”；名称本来就以“等”结尾，加引号写“{last.text}”"
        form.report("E120", f"“{last.text}”是一个值，还是“{word}”和“等”？", last.span, remedy)


def _list(form: _Form) -> ListDecl:
    written = form.written
    (clause,) = form.each(ValueClause, "即")
    assert isinstance(clause.value, SetLiteral), "即 of a 清单 takes a set in the grammar"
    _check_open_items(form, clause.value)
    return ListDecl(written.name, written.key, clause.value, _common(form), written.span)


def _term(form: _Form) -> TermDecl:
    written = form.written
    (clause,) = form.each(ConditionClause, "即")
    return TermDecl(written.name, written.key, form.name("对"), clause.body, _common(form), written.span)


def _statistic(form: _Form) -> StatisticDecl | None:
    written = form.written
    measures = form.each(MeasureClause)
    header = written.keyword_span.to(written.name.span)
    if len(measures) != 1:
        if not measures:
            remedy = "写“计数 项目”“占比 项目”“合计 项目.字段”或“种数 项目.字段”"
            form.report("E127", f"“统计 {written.name.text}”没有写统计什么", header, remedy)
        else:
            label = Label(measures[0].span, f"这里写了“{measures[0].keyword}”")
            form.report("E128", "一个统计只能统计一样", measures[1].span, "分成两个统计", label)
        return None
    (measure,) = measures
    match = form.first(ConditionClause, "符合")
    if measure.keyword == "占比" and match is None:
        remedy = "写上“符合”和条件：符合的占全部的比例"
        form.report("E127", f"“统计 {written.name.text}”是占比，缺“符合”", header, remedy)
    if measure.keyword != "占比" and match is not None:
        label = Label(measure.span, f"这是{measure.keyword}，不是占比")
        span = Span(match.span.source, match.span.start, match.span.start + 2)
        form.report("E129", "“符合”只用在“占比”里", span, "条件写在“其中”里，用“且”连起来", label)
    same = form.first(SameClause)
    return StatisticDecl(
        written.name,
        written.key,
        cast(Literal["计数", "占比", "合计", "种数"], measure.keyword),
        measure.object,
        measure.field,
        () if same is None else same.refs,
        form.condition("其中"),
        None if match is None else match.body,
        _common(form),
        written.span,
    )


def _decision(form: _Form) -> DecisionDecl | None:
    written = form.written
    type_ = form.each(TypeClause)[0].type
    if type_.kind not in MODES:
        near = nearest(type_.kind, MODES, 1)
        remedy = f"写“{near[0]}”" if near else "写单选（只取一个值）、由宽到严（取最严的）或多选（可取几个）"
        form.report("E133", f"没有“{type_.kind}”这种决定", type_.span, remedy)
        return None
    if type_.values is None or not type_.values or type_.unit is not None:
        form.report("E133", "决定要列出全部取值", type_.span, f"写成“{type_.kind} {{ 甲、乙 }}”")
        return None
    default = form.value("默认")
    assert not isinstance(default, SetLiteral), "默认 takes one value in the grammar"
    return DecisionDecl(
        written.name,
        written.key,
        form.name("对"),
        cast(Mode, type_.kind),
        type_.values,
        form.condition("适用"),
        default,
        tuple(clause.rank for clause in form.each(RankClause)),
        _common(form),
        written.span,
    )


def _rule(form: _Form) -> RuleDecl:
    written = form.written
    (then,) = form.each(ThenClause)
    return RuleDecl(
        cast(Literal["规则", "补充规则"], written.keyword),
        written.name,
        form.name("对"),
        form.condition("当"),
        form.conditions("除外"),
        cast("Tone | None", then.tone),
        then.target,
        then.values,
        _common(form),
        written.span,
    )


def _duty(form: _Form) -> DutyDecl:
    written = form.written
    (demand,) = form.each(ConditionClause, "应当", "不得")
    return DutyDecl(
        cast(Literal["义务", "禁令"], written.keyword),
        written.name,
        form.name("对"),
        form.condition("当"),
        form.conditions("除外"),
        demand.body,
        form.condition("期限"),
        _common(form),
        written.span,
    )


def _notice(form: _Form) -> NoticeDecl:
    written = form.written
    (say,) = form.each(SayClause)
    return NoticeDecl(
        written.name,
        form.name("对"),
        form.condition("当"),
        form.conditions("除外"),
        say.message,
        _common(form),
        written.span,
    )


def _amendment(form: _Form) -> AmendmentDecl:
    written = form.written
    operations = form.each(ConditionClause, *OPERATIONS)
    for earlier, later in itertools.pairwise(operations):
        if later.keyword == "或者" and earlier.span.source.line_column(earlier.span.end)[0] == later.span.line:
            span = Span(later.span.source, later.span.start, later.span.start + 2)
            remedy = "是前一个条件的一部分，写“或”；是放宽上级规则的条件，把“或者”另起一行"
            form.report("E136", f"“或者”紧跟在“{earlier.keyword}”的条件后面，分不清属于哪一边", span, remedy)
    ranks = form.each(RankClause)
    stop, restate = form.first(WordClause, "停用"), form.first(WordClause, "重申")
    changes: list[ConditionClause | RankClause] = [*operations, *ranks]
    header = written.keyword_span.to(written.name.span)
    if not changes and stop is None and restate is None:
        remedy = "写还须、仅限、还应当、还不得、或者、除外之一，或写停用、重申"
        form.report("E127", f"“修订 {written.name.text}”没有写改动什么", header, remedy)
    single = stop or restate
    other = changes[0].span if changes else (restate.span if stop is not None and restate is not None else None)
    if single is not None and other is not None:
        label = Label(single.span, f"这里写了“{single.keyword}”")
        form.report("E130", f"“{single.keyword}”不能和别的改动一起写", other, "分清是停用、重申，还是改动", label)
    return AmendmentDecl(
        written.name,
        tuple(Operation(cast(OperationKind, clause.keyword), clause.body, clause.span) for clause in operations),
        tuple(clause.rank for clause in ranks),
        stop is not None,
        restate is not None,
        _common(form),
        written.span,
        None if single is None else single.span,
    )


def _extension(form: _Form) -> ExtensionDecl:
    written = form.written
    (clause,) = form.each(ValueClause, "values")
    assert isinstance(clause.value, SetLiteral)
    _check_open_items(form, clause.value)
    if clause.value.open or not clause.value.items:
        code, message = ("E135", "增列的值不能以“等”结尾") if clause.value.open else ("E127", "没有写要加的值")
        form.report(code, message, clause.span, "只写要加的值：{ 甲、乙 }")
    return ExtensionDecl(written.name, clause.value, _common(form), written.span)


def _setting(form: _Form) -> SettingDecl:
    written = form.written
    values = _dated_values(form)
    if not values and not form.diagnostics:
        header = written.keyword_span.to(written.name.span)
        form.report("E127", f"“设定 {written.name.text}”没有写值", header, f"写成“设定 {written.name.text} 为 值”")
    return SettingDecl(written.name, values, _common(form, dated=False), written.span)


def _presumption(form: _Form) -> PresumptionDecl:
    written = form.written
    cases: list[PresumptionCase] = []
    when: ConditionClause | None = None
    for clause in form.written.clauses:
        if isinstance(clause, ConditionClause):
            if when is not None:
                label = Label(when.span, "这个“当”后面没有“则”")
                form.report("E127", "前一个“当”还没有“则”", clause.span, "每个“当”后面写一个“则 字段 为 值”", label)
            when = clause
        elif isinstance(clause, ThenClause):
            _check_presumed(form, clause)
            if when is None:
                form.report("E127", "“则”前面没有“当”", clause.span, "在前面写上“当”和条件")
                continue
            cases.append(PresumptionCase(when.body, clause.target, clause.values[0], when.span.to(clause.span)))
            when = None
    if when is not None:
        form.report("E127", "“当”后面没有“则”", when.span, "在后面写上“则 字段 为 值”")
    elif not cases and not form.diagnostics:
        header = written.keyword_span.to(written.name.span)
        form.report("E127", f"“推定 {written.name.text}”没有写怎样推定", header, "写上“当 … 则 字段 为 值”")
    return PresumptionDecl(written.name, form.name("对"), tuple(cases), _common(form), written.span)


def _check_presumed(form: _Form, clause: ThenClause) -> None:
    if clause.tone is not None:
        form.report("E129", "推定不写语气", clause.span, f"删去“{clause.tone}”")
    if clause.verb != "为" or len(clause.values) > 1:
        form.report("E130", "推定写“则 字段 为 值”，只写一个值", clause.span, f"写成“则 {clause.target.text} 为 值”")


_MAKERS: dict[str, Callable[[_Form], Declaration | FieldDecl | None]] = {
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
}
assert tuple(_MAKERS) == DECLARATIONS


def with_fields(object_: ObjectDecl, fields: Iterable[FieldDecl]) -> ObjectDecl:
    """The object with the fields written under it."""
    return ObjectDecl(
        object_.name, object_.key, object_.parent, object_.identity, tuple(fields), object_.common, object_.span
    )
