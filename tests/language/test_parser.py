"""Every construct of the language gives the node it should, at the place it stands; keywords are names elsewhere."""

from __future__ import annotations

import datetime
from fractions import Fraction

import pytest
from lark.lexer import PatternStr

from policyrules.language import expressions as n
from policyrules.language.keywords import ADDED, CLAUSES, DECLARATIONS, KEYWORDS, RESERVED, SYNONYMS
from policyrules.language.nodes import (
    AmendmentDecl,
    Bounds,
    Citation,
    Common,
    DatedValue,
    DecisionDecl,
    Declaration,
    DutyDecl,
    ExtensionDecl,
    FieldDecl,
    File,
    Limit,
    ListDecl,
    Note,
    NoticeDecl,
    ObjectDecl,
    Operation,
    ParameterDecl,
    PresumptionCase,
    PresumptionDecl,
    Rank,
    RuleDecl,
    SettingDecl,
    StatedAuthority,
    StatisticDecl,
    TermDecl,
    TypeExpr,
    Written,
)
from policyrules.language.parser import parse_source, workshop
from policyrules.language.printer import clause_text
from policyrules.language.walk import MAX_NESTING, expressions, too_deep, walk
from policyrules.operators import COMPARISONS, ELAPSED, EQUAL, POSTFIX
from policyrules.source import Source, Span

SPAN = Span(Source("", ""), 0, 0)
WRITTEN = Written(n.Name("", SPAN), n.Name("", SPAN), None, (), SPAN)  # takes no part in comparisons


def parse(text: str) -> File:
    file, diagnostics = parse_source(Source("甲.rules", text))
    assert not diagnostics, "\n".join(map(str, diagnostics))
    assert file.broken == ()
    return file


def declaration(text: str) -> Declaration:
    (found,) = parse(text).declarations
    return found


def expression(text: str) -> n.Expr:
    found = declaration(f"术语 甲 即 {text}")
    assert isinstance(found, TermDecl)
    return found.body


def name(text: str) -> n.Name:
    return n.Name(text, SPAN)


def ref(*parts: str) -> n.Ref:
    return n.Ref(tuple(map(name, parts)), SPAN)


def amount(number: int | Fraction, unit: str | None = None) -> n.Quantity:
    return n.Quantity(number, unit, SPAN)


def items(*values: str, open_: bool = False) -> n.SetLiteral:
    return n.SetLiteral(tuple(map(name, values)), open_, SPAN)


A, B, C = ref("甲"), ref("乙"), ref("丙")

EXPRESSIONS: dict[str, n.Expr] = {
    "甲": A,
    "项目.名称": ref("项目", "名称"),
    "（甲）": n.Paren(A, SPAN),
    "非 甲": n.Not(A, SPAN),
    "非 非 甲": n.Not(n.Not(A, SPAN), SPAN),
    "甲 之年 = 乙": n.Infix(EQUAL, n.Postfix(POSTFIX["之年"], A, SPAN), B, SPAN),
    "甲 之月末 之季末": n.Postfix(POSTFIX["之季末"], n.Postfix(POSTFIX["之月末"], A, SPAN), SPAN),
    "甲 之年末 + 乙": n.Sum(n.Postfix(POSTFIX["之年末"], A, SPAN), (("+", B),), SPAN),
    "−甲 之年": n.Negative(n.Postfix(POSTFIX["之年"], A, SPAN), SPAN),
    "每年 10月31日": n.Yearly(10, 31, None, SPAN),
    "每年 2 月 9 日 − 甲": n.Sum(n.Yearly(2, 9, None, SPAN), (("-", A),), SPAN),
    "每年 10月31日 起算 甲 之年末": n.Yearly(10, 31, n.Postfix(POSTFIX["之年末"], A, SPAN), SPAN),
    "（每年 10月31日 起算 甲） + 乙": n.Sum(n.Paren(n.Yearly(10, 31, A, SPAN), SPAN), (("+", B),), SPAN),
    "每年 10月31日 起算 甲 = 乙": n.Infix(EQUAL, n.Yearly(10, 31, A, SPAN), B, SPAN),
    "每年 = 起算 且 之年 已填": n.And(
        (n.Infix(EQUAL, ref("每年"), ref("起算"), SPAN), n.Filled(ref("之年"), False, SPAN)), False, SPAN
    ),
    "甲 且 乙 且 丙": n.And((A, B, C), False, SPAN),
    "甲 或 乙 或 丙": n.Or((A, B, C), False, SPAN),
    "非 甲 且 乙": n.And((n.Not(A, SPAN), B), False, SPAN),
    "（甲 或 乙） 且 丙": n.And((n.Paren(n.Or((A, B), False, SPAN), SPAN), C), False, SPAN),
    "同时满足（甲；乙）": n.And((A, B), True, SPAN),
    "同时满足（甲；乙；）": n.And((A, B), True, SPAN),
    "任一满足（甲 且 乙；丙）": n.Or((n.And((A, B), False, SPAN), C), True, SPAN),
    "任一满足（甲；乙） 且 丙": n.And((n.Or((A, B), True, SPAN), C), False, SPAN),
    "至少 2 项（甲；乙；丙）": n.AtLeast(2, (A, B, C), SPAN),
    "至少 2项（甲；乙；丙）": n.AtLeast(2, (A, B, C), SPAN),
    "甲 = 乙": n.Infix(COMPARISONS["="], A, B, SPAN),
    "甲 == 乙": n.Infix(COMPARISONS["="], A, B, SPAN),
    "甲 ≠ 乙": n.Infix(COMPARISONS["≠"], A, B, SPAN),
    "甲 ！＝ 乙": n.Infix(COMPARISONS["≠"], A, B, SPAN),
    "甲 <> 乙": n.Infix(COMPARISONS["≠"], A, B, SPAN),
    "甲 ＞＝ ５０ 万元": n.Infix(COMPARISONS["≥"], A, amount(50, "万元"), SPAN),
    "甲≦50万元": n.Infix(COMPARISONS["≤"], A, amount(50, "万元"), SPAN),
    "甲 < 3.50 亩": n.Infix(COMPARISONS["<"], A, amount(Fraction(7, 2), "亩"), SPAN),
    "甲 > ６０％": n.Infix(COMPARISONS[">"], A, amount(60, "%"), SPAN),
    "甲 ≥ 2020 年": n.Infix(COMPARISONS["≥"], A, amount(2020, "年"), SPAN),
    "甲 = “无”": n.Infix(COMPARISONS["="], A, n.Text("无", SPAN), SPAN),
    "甲 ≤ 2025年10月31日": n.Infix(COMPARISONS["≤"], A, n.DateLiteral(datetime.date(2025, 10, 31), SPAN), SPAN),
    "甲 ≤ 2025 年 10 月 31 日": n.Infix(COMPARISONS["≤"], A, n.DateLiteral(datetime.date(2025, 10, 31), SPAN), SPAN),
    "甲 为 好": n.Is(A, name("好"), False, SPAN),
    "甲 不为 10 户": n.Is(A, amount(10, "户"), True, SPAN),
    "甲 为 -5 万元": n.Is(A, amount(-5, "万元"), False, SPAN),
    "甲 属于 { 子、丑 }": n.In(A, items("子", "丑"), False, SPAN),
    "甲 属于 {子、丑、等}": n.In(A, items("子", "丑", open_=True), False, SPAN),
    "甲 不属于 乙": n.In(A, B, True, SPAN),
    "甲 含 子": n.Has(A, (name("子"),), False, SPAN),
    "甲 不含 子、丑": n.Has(A, (name("子"), name("丑")), True, SPAN),
    "甲 含任一 { 子 }": n.HasAny(A, items("子"), SPAN),
    "甲 含任一 本.乙": n.HasAny(A, ref("本", "乙"), SPAN),
    "甲 介于 1 至 2": n.Between(A, amount(1), amount(2), SPAN),
    "甲 已填": n.Filled(A, False, SPAN),
    "项目.甲 未填": n.Filled(ref("项目", "甲"), True, SPAN),
    "甲 起满 12 个月": n.Infix(ELAPSED, A, amount(12, "个月"), SPAN),
    "甲 ＋ 乙 − 丙": n.Sum(A, (("+", B), ("-", C)), SPAN),
    "甲 × 乙 ÷ 丙": n.Product(A, (("×", B), ("÷", C)), SPAN),
    "甲 * 乙 / 丙": n.Product(A, (("×", B), ("÷", C)), SPAN),
    "甲 + 乙 × 丙": n.Sum(A, (("+", n.Product(B, (("×", C),), SPAN)),), SPAN),
    "−甲": n.Negative(A, SPAN),
    "任一 资金 满足（甲）": n.Quantifier("任一", False, name("资金"), A, SPAN),
    "全部 其他 资金 满足（甲）": n.Quantifier("全部", True, name("资金"), A, SPAN),
    "计数 资产": n.Aggregate("计数", False, name("资产"), None, None, SPAN),
    "计数 其他 资产 其中（甲）": n.Aggregate("计数", True, name("资产"), None, A, SPAN),
    "合计 资金.金额 其中（甲）": n.Aggregate("合计", False, name("资金"), name("金额"), A, SPAN),
    "最大 年度.收入": n.Aggregate("最大", False, name("年度"), name("收入"), None, SPAN),
    "最小 年度.收入": n.Aggregate("最小", False, name("年度"), name("收入"), None, SPAN),
    "取 类型统计.盘活数 其中（甲）": n.Aggregate("取", False, name("类型统计"), name("盘活数"), A, SPAN),
    "视 甲（是：乙；子、丑：丙）": n.Choose(
        A, (n.Branch((name("是"),), B, SPAN), n.Branch((name("子"), name("丑")), C, SPAN)), SPAN
    ),
    "取小（甲；乙；丙）": n.Extreme(False, (A, B, C), SPAN),
    "取大 （甲 ＋ 乙；丙）": n.Extreme(True, (n.Sum(A, (("+", B),), SPAN), C), SPAN),
    "取小（视 甲（是：乙；否：丙）；丙）": n.Extreme(
        False,
        (n.Choose(A, (n.Branch((name("是"),), B, SPAN), n.Branch((name("否"),), C, SPAN)), SPAN), C),
        SPAN,
    ),
    # A name stays a name: as a selector, and where no bracket follows.
    "视 取小（是：乙；否：丙）": n.Choose(
        ref("取小"), (n.Branch((name("是"),), B, SPAN), n.Branch((name("否"),), C, SPAN)), SPAN
    ),
    "取大 + 累计": n.Sum(ref("取大"), (("+", ref("累计")),), SPAN),
    "首选 甲，缺则 乙": n.Fallback(A, B, SPAN),
    "首选 甲 缺则 首选 乙，缺则 丙": n.Fallback(A, n.Fallback(B, C, SPAN), SPAN),
    "首选 甲 ＋ 乙，缺则 丙": n.Fallback(n.Sum(A, (("+", B),), SPAN), C, SPAN),
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expression(text: str) -> None:
    assert expression(text) == EXPRESSIONS[text]


def test_declarations() -> None:
    common = Common()
    cited = Common(citations=(Citation(name("二·导语"), "提出“四个一批”路径", SPAN),))
    boolean = TypeExpr("是否", None, None, SPAN)
    dated = datetime.date(2025, 1, 1)
    expected: dict[str, Declaration] = {
        "对象 县（county_context）": ObjectDecl(
            name("县"), name("county_context"), None, None, (), common, WRITTEN, SPAN
        ),
        "对象 项目（project） 标识 编号 属于 县\n  字段 甲（a）：整数（户） 取值 0 户 以上 由 村、县 分组 基本\n"
        "  研判 乙（b）：多选（文本） 由 评估组 授权 自定 取值 1 至 2": ObjectDecl(
            name("项目"),
            name("project"),
            name("县"),
            name("编号"),
            (
                FieldDecl(
                    "字段",
                    name("甲"),
                    name("a"),
                    TypeExpr("整数", name("户"), None, SPAN),
                    Bounds(amount(0, "户"), None, SPAN),
                    None,
                    (name("村"), name("县")),
                    name("基本"),
                    common,
                    WRITTEN,
                    SPAN,
                ),
                FieldDecl(
                    "研判",
                    name("乙"),
                    name("b"),
                    TypeExpr("多选", name("文本"), None, SPAN),
                    Bounds(amount(1), amount(2), SPAN),
                    None,
                    (name("评估组"),),
                    None,
                    Common(authority=StatedAuthority("自定", SPAN)),
                    WRITTEN,
                    SPAN,
                ),
            ),
            common,
            WRITTEN,
            SPAN,
        ),
        "参数 甲（a）：是否 = 是": ParameterDecl(
            "参数",
            name("甲"),
            name("a"),
            boolean,
            "fixed",
            (DatedValue(name("是"), None, SPAN),),
            None,
            common,
            WRITTEN,
            SPAN,
        ),
        "参数 甲（a）：整数（个） = 5 个 自 2025年1月1日 起 = 6 个": ParameterDecl(
            "参数",
            name("甲"),
            name("a"),
            TypeExpr("整数", name("个"), None, SPAN),
            "fixed",
            (DatedValue(amount(5, "个"), dated, SPAN), DatedValue(amount(6, "个"), None, SPAN)),
            None,
            common,
            WRITTEN,
            SPAN,
        ),
        "参数 甲（a）：比例 未定 取值 1% 至 80%": ParameterDecl(
            "参数",
            name("甲"),
            name("a"),
            TypeExpr("比例", None, None, SPAN),
            "unset",
            (),
            Bounds(amount(1, "%"), amount(80, "%"), SPAN),
            common,
            WRITTEN,
            SPAN,
        ),
        "读法 甲（a）：枚举 { 子、丑 } 缺省 子": ParameterDecl(
            "读法",
            name("甲"),
            name("a"),
            TypeExpr("枚举", None, (name("子"), name("丑")), SPAN),
            "default",
            (DatedValue(name("子"), None, SPAN),),
            None,
            common,
            WRITTEN,
            SPAN,
        ),
        "参数 甲（a）：多选 { 子、“134项” } 缺省 { }": ParameterDecl(
            "参数",
            name("甲"),
            name("a"),
            TypeExpr("多选", None, (name("子"), n.Text("134项", SPAN)), SPAN),
            "default",
            (DatedValue(items(), None, SPAN),),
            None,
            common,
            WRITTEN,
            SPAN,
        ),
        "清单 甲\n  依据【二·导语】“提出“四个一批”路径”\n  即 { 子、丑、等 }": ListDecl(
            name("甲"), None, items("子", "丑", open_=True), cited, WRITTEN, SPAN
        ),
        "术语 甲 对 资产 即 乙": TermDecl(name("甲"), None, name("资产"), B, common, WRITTEN, SPAN),
        "统计 甲\n  占比 项目\n  相同 所在县、项目.类型\n  其中 乙\n  符合 丙": StatisticDecl(
            name("甲"),
            None,
            "占比",
            name("项目"),
            None,
            (ref("所在县"), ref("项目", "类型")),
            B,
            C,
            common,
            WRITTEN,
            SPAN,
        ),
        "统计 甲（a）\n  合计 项目.金额": StatisticDecl(
            name("甲"), name("a"), "合计", name("项目"), name("金额"), (), None, None, common, WRITTEN, SPAN
        ),
        "决定 甲（a） 对 资产：单选 { 子、丑 }\n  适用 当 乙\n  默认 子\n  先后 子、丑 仅当 丙\n  先后 丑、子\n"
        "  授权 细化": DecisionDecl(
            name("甲"),
            name("a"),
            name("资产"),
            "单选",
            (name("子"), name("丑")),
            None,
            B,
            name("子"),
            (Rank((name("子"), name("丑")), C, SPAN), Rank((name("丑"), name("子")), None, SPAN)),
            (),
            Common(authority=StatedAuthority("细化", SPAN)),
            WRITTEN,
            SPAN,
        ),
        "规则 子 对 资产\n  依据【二·导语】“提出“四个一批”路径”\n  则 重点 甲 含 丑、寅\n  当 乙\n  除外 丙\n  除外 甲\n"
        "  自 2025年1月1日 起\n  至 2025年12月31日 止\n  释义 a；b # c\n  说明：d": RuleDecl(
            "规则",
            name("子"),
            name("资产"),
            B,
            (C, A),
            "重点",
            name("甲"),
            (name("丑"), name("寅")),
            None,
            Common(
                cited.citations,
                (Note("释义", "a；b # c", SPAN), Note("说明", "d", SPAN)),
                None,
                dated,
                datetime.date(2025, 12, 31),
            ),
            WRITTEN,
            SPAN,
        ),
        "补充规则 子 则 甲 为 丑": RuleDecl(
            "补充规则", name("子"), None, None, (), None, name("甲"), (name("丑"),), None, common, WRITTEN, SPAN
        ),
        "规则 子\n  则 可 甲 为 取小（乙；丙） × 2": RuleDecl(
            "规则",
            name("子"),
            None,
            None,
            (),
            "可",
            name("甲"),
            (),
            n.Product(n.Extreme(False, (B, C), SPAN), (("×", amount(2)),), SPAN),
            common,
            WRITTEN,
            SPAN,
        ),
        "决定 甲（a）：金额（万元） 累计\n  不超过 乙\n  不少于 丙": DecisionDecl(
            name("甲"),
            name("a"),
            None,
            "累计",
            (),
            TypeExpr("金额", name("万元"), None, SPAN),
            None,
            None,
            (),
            (Limit("不超过", B, SPAN), Limit("不少于", C, SPAN)),
            common,
            WRITTEN,
            SPAN,
        ),
        "修订 甲\n  不超过 乙": AmendmentDecl(
            name("甲"), (), (), (Limit("不超过", B, SPAN),), False, False, common, WRITTEN, SPAN
        ),
        "义务 子 当 甲 应当 乙 期限 丙": DutyDecl("义务", name("子"), None, A, (), B, C, None, common, WRITTEN, SPAN),
        "义务 子 到期 甲 期限 丙 应当 乙": DutyDecl("义务", name("子"), None, None, (), B, C, A, common, WRITTEN, SPAN),
        "禁令 子 不得 乙 除外 丙": DutyDecl("禁令", name("子"), None, None, (C,), B, None, None, common, WRITTEN, SPAN),
        "提示 子 当 甲 说 “到期”": NoticeDecl(name("子"), None, A, (), n.Text("到期", SPAN), common, WRITTEN, SPAN),
        "修订 子\n  或者 甲\n  还须 乙\n  仅限 甲\n  还应当 乙\n  还不得 甲\n  除外 丙\n  先后 子、丑": AmendmentDecl(
            name("子"),
            (
                Operation("或者", A, SPAN),
                Operation("还须", B, SPAN),
                Operation("仅限", A, SPAN),
                Operation("还应当", B, SPAN),
                Operation("还不得", A, SPAN),
                Operation("除外", C, SPAN),
            ),
            (Rank((name("子"), name("丑")), None, SPAN),),
            (),
            False,
            False,
            common,
            WRITTEN,
            SPAN,
        ),
        "修订 子 停用": AmendmentDecl(name("子"), (), (), (), True, False, common, WRITTEN, SPAN),
        "修订 子 重申": AmendmentDecl(name("子"), (), (), (), False, True, common, WRITTEN, SPAN),
        "增列 甲 { 子、丑 }": ExtensionDecl(name("甲"), items("子", "丑"), common, WRITTEN, SPAN),
        "设定 甲 为 5 个\n  依据【二·导语】“提出“四个一批”路径”\n  自 2025年1月1日 起": SettingDecl(
            name("甲"), (DatedValue(amount(5, "个"), dated, SPAN),), cited, WRITTEN, SPAN
        ),
        "推定 子 对 资产 当 甲 则 乙 为 丑 当 丙 则 乙 为 寅": PresumptionDecl(
            name("子"),
            name("资产"),
            (PresumptionCase(A, name("乙"), name("丑"), SPAN), PresumptionCase(C, name("乙"), name("寅"), SPAN)),
            common,
            WRITTEN,
            SPAN,
        ),
    }
    for text, node in expected.items():
        assert declaration(text) == node, text
    assert {text.split()[0] for text in expected} | {"字段", "研判", "决策表"} == set(DECLARATIONS)


def test_spans_are_exact() -> None:
    text = (
        "# 注\n规则　升级类\n  依据【二】“甲”\n  当　市场效益　为　好 且 任一满足（甲；乙 ）\n  则 分类 为 升级  # 尾\n"
    )
    file = parse(text)
    (rule,) = file.declarations
    assert isinstance(rule, RuleDecl)
    assert rule.span.text == text[4:].split("  # 尾")[0]
    assert (rule.name.span.line, rule.name.span.column, rule.name.span.text) == (2, 4, "升级类")
    assert rule.common.citations[0].span.text == "依据【二】“甲”"
    assert rule.when is not None and rule.when.span.text == "市场效益　为　好 且 任一满足（甲；乙 ）"
    assert isinstance(rule.when, n.And)
    assert [each.span.text for each in rule.when.operands] == ["市场效益　为　好", "任一满足（甲；乙 ）"]
    assert rule.decision.span.text == "分类" and rule.values[0].span.text == "升级"
    assert [(comment.text, comment.span.text) for comment in file.comments] == [("# 注", "# 注"), ("# 尾", "# 尾")]


@pytest.mark.parametrize(
    "word", ["当地", "或有负债", "统计局", "为民", "且末县", "非遗", "任一性", "其中一项", "说明书", "等级"]
)
def test_a_word_that_begins_with_a_keyword_is_a_name(word: str) -> None:
    assert expression(f"{word} 且 {word} 为 {word}") == n.And(
        (ref(word), n.Is(ref(word), name(word), False, SPAN)), False, SPAN
    )


@pytest.mark.parametrize("word", sorted(set(KEYWORDS) | {"是", "否", "无", "本"}))
def test_a_keyword_is_a_value_where_a_value_stands(word: str) -> None:
    assert expression(f"甲 为 {word} 且 乙") == n.And((n.Is(A, name(word), False, SPAN), B), False, SPAN)
    if word != "等":
        assert expression(f"甲 属于 {{ 子、{word} }}") == n.In(A, items("子", word), False, SPAN)
    text = f"决定 甲（a）：单选 {{\n{word}、\n子 }}" if word != "等" else "决定 甲（a）：单选 { 子 }"
    assert isinstance(declaration(text), DecisionDecl)


def test_objects_and_fields() -> None:
    file = parse(
        "对象 县（county）\n  字段 甲（a）：是否\n术语 子 即 甲\n字段 乙（b）：是否\n对象 项目（p） 属于 县\n字段 甲（a）：日期\n"
    )
    first, _, second = file.declarations
    assert isinstance(first, ObjectDecl) and isinstance(second, ObjectDecl)
    assert [each.name.text for each in first.fields] == ["甲", "乙"]
    assert [each.name.text for each in second.fields] == ["甲"]


def test_line_ends_and_indentation_mean_nothing() -> None:
    text = "规则 甲\n  依据【二】“丙”\n  当 乙\n  且 丁\n  则 分类 为 升级\n"
    assert parse(text).declarations == parse(text.replace("\n", "\r\n")).declarations
    assert parse(text).declarations == parse(" ".join(text.split("\n"))).declarations


def test_every_keyword_of_the_grammar_is_described() -> None:
    words = {
        terminal.pattern.value
        for terminal in workshop().lark.terminals
        if isinstance(terminal.pattern, PatternStr) and terminal.pattern.value.isalpha()
    }
    assert words | ({"释义", "说明", "其中", *ADDED} - set(RESERVED)) == set(KEYWORDS) | {"其中"}
    assert set(CLAUSES) == set(DECLARATIONS)
    for clauses in CLAUSES.values():
        assert set(clauses.all) - {"type", "values", "=", "row"} <= set(KEYWORDS)
    assert not set(SYNONYMS) & (set(KEYWORDS) - {"或者", "以上", "不足", "不超过", "不少于"})


# ---- size and depth -------------------------------------------------------------------------------------------------


def test_five_thousand_terms() -> None:
    for joiner, kind in (("且", n.And), ("或", n.Or)):
        body = expression(f" {joiner} ".join(f"甲{i} ≥ {i} 万元" for i in range(5000)))
        assert isinstance(body, kind) and len(body.operands) == 5000
    body = expression(" + ".join(f"甲{i}" for i in range(5000)))
    assert isinstance(body, n.Sum) and len(body.rest) == 4999
    body = expression(f"任一满足（{'；'.join(f'甲{i}' for i in range(5000))}）")
    assert isinstance(body, n.Or) and len(body.operands) == 5000
    body = expression(f"甲 属于 {{ {'、'.join(f'乙{i}' for i in range(5000))} }}")
    assert isinstance(body, n.In) and isinstance(body.right, n.SetLiteral) and len(body.right.items) == 5000


def nested(shape: tuple[str, str], depth: int) -> str:
    return f"术语 甲 即 {shape[0] * depth}乙{shape[1] * depth}\n规则 丙 则 丁 为 戊\n"


SHAPES = [
    ("（", "）"),
    ("非 ", ""),
    ("−", ""),
    ("首选 子，缺则 ", ""),
    ("任一满足（子；", "）"),
    ("（子 且 ", "）"),
    ("任一 资金 满足（", "）"),
    ("计数 资金 其中（", "）"),
    ("视 子（丑：", "）"),
    ("至少 1 项（", "）"),
    ("（子 + 丑 × ", "）"),
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape[0])
def test_nesting(shape: tuple[str, str]) -> None:
    file, diagnostics = parse_source(Source("甲.rules", nested(shape, MAX_NESTING)))
    assert not diagnostics and len(file.declarations) == 2
    assert all(too_deep(body) is None for each in file.declarations for body in expressions(each.written.clauses))
    for depth in (MAX_NESTING + 1, 5000):
        file, diagnostics = parse_source(Source("甲.rules", nested(shape, depth)))
        assert [diagnostic.code for diagnostic in diagnostics] == ["E108"]
        assert diagnostics[0].line == 1
        assert [each.name.text for each in file.declarations if isinstance(each, RuleDecl)] == ["丙"]
        assert [name.text for broken in file.broken for name in broken.declares] == ["甲"]


def test_walk_is_in_source_order() -> None:
    body = expression("甲 + 乙 ≥ 丙 且 视 丁（戊：己；庚：辛 属于 壬）")
    assert [node.span.text for node in walk(body) if isinstance(node, n.Ref)] == [
        "甲",
        "乙",
        "丙",
        "丁",
        "己",
        "辛",
        "壬",
    ]


# ---- clauses and error nodes ----------------------------------------------------------------------------------------


EVERY_CLAUSE = """\
对象 项目（project） 属于 县 标识 编号
  字段 金额（amount）：金额（万元） 取值 0 万元 至 5 万元 由 村、县 分组 资金
参数 甲（a）：整数（个） = 5 个 自 2025年1月1日 起
清单 乙
  即 { 子、等 }
统计 丙
  合计 资金.金额
  相同 所在县、项目.类型
  其中 已形成
决定 丁 对 项目：单选 { 子、丑 }
  依据【二】“原文”
  适用 # 注
    当 已形成
  默认 子
  先后 子、丑 仅当 己
规则 戊
  当 甲 介于 1 至 2
  则 可 丁 为 子
  除外 己
  自 2025 年 1 月 1 日 起
  授权 从严
  释义：辰
提示 庚
  说 「话」
修订 戊
  停用
增列 乙
  { 丑 }
"""


def test_clauses_keep_the_places_of_their_parts() -> None:
    found = [
        (clause.keyword.text, clause.keyword.span.text, clause.span.text.replace("# 注\n    ", ""))
        for each in parse(EVERY_CLAUSE).declarations
        for written in (each.written, *(field.written for field in getattr(each, "fields", ())))
        for clause in written.clauses
    ]
    assert found == [
        ("属于", "属于", "属于 县"),
        ("标识", "标识", "标识 编号"),
        ("type", "：", "：金额（万元）"),
        ("取值", "取值", "取值 0 万元 至 5 万元"),
        ("由", "由", "由 村、县"),
        ("分组", "分组", "分组 资金"),
        ("type", "：", "：整数（个）"),
        ("=", "=", "= 5 个"),
        ("自", "自", "自 2025年1月1日 起"),
        ("即", "即", "即 { 子、等 }"),
        ("合计", "合计", "合计 资金.金额"),
        ("相同", "相同", "相同 所在县、项目.类型"),
        ("其中", "其中", "其中 已形成"),
        ("对", "对", "对 项目"),
        ("type", "：", "：单选 { 子、丑 }"),
        ("依据", "依据", "依据【二】“原文”"),
        ("适用", "适用", "适用 当 已形成"),
        ("默认", "默认", "默认 子"),
        ("先后", "先后", "先后 子、丑 仅当 己"),
        ("当", "当", "当 甲 介于 1 至 2"),
        ("则", "则", "则 可 丁 为 子"),
        ("除外", "除外", "除外 己"),
        ("自", "自", "自 2025 年 1 月 1 日 起"),
        ("授权", "授权", "授权 从严"),
        ("释义", "释义", "释义：辰"),
        ("说", "说", "说 「话」"),
        ("停用", "停用", "停用"),
        ("values", "{", "{ 丑 }"),
    ]


def test_between_has_one_middle_and_exact_places() -> None:
    body = expression("（甲 + 乙） 介于 5 万元 至 丙 且 丁")
    assert isinstance(body, n.And)
    between = body.operands[0]
    assert isinstance(between, n.Between)
    assert between.span.text == "（甲 + 乙） 介于 5 万元 至 丙"
    assert [part.span.text for part in (between.left, between.low, between.high)] == ["（甲 + 乙）", "5 万元", "丙"]


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("规则 甲\n  依据【一】“话”\n  当 乙 且\n  则 丙 为 丁\n", ["依据【一】“话”", "则 丙 为 丁"]),
        ("规则 甲\n  当 乙（\n  则 丙 为 丁\n  除外 戊\n", ["则 丙 为 丁", "除外 戊"]),
        ("规则 甲\n  若 乙\n  则 丙 为 丁\n", ["则 丙 为 丁"]),
        ("规则 甲\n  当 乙 ≥ 2025年10月\n  则 丙 为 丁\n", ["则 丙 为 丁"]),
        ("规则 甲\n  当 “乙\n  则 丙 为 丁\n", ["则 丙 为 丁"]),
        ("规则 甲\n  当 乙\n  应当 丑\n  则 丙 为 丁\n", ["当 乙", "则 丙 为 丁"]),
        ("规则 甲\n  当 乙\n  当 丑\n  则 丙 为 丁\n", ["当 乙", "则 丙 为 丁"]),
        (f"规则 甲\n  当 {'非 ' * 65}乙\n  则 丙 为 丁\n", ["则 丙 为 丁"]),
        ("字段 甲（a）：是否 由 村\n", ["：是否", "由 村"]),
        ("规则 甲 乙\n  则 丙 为 丁\n", ["则 丙 为 丁"]),
        ("规则 甲\n  当 乙 且\n  除外 或\n  自 明天\n  则 丙 为 丁\n", ["则 丙 为 丁"]),
    ],
)
def test_a_broken_declaration_keeps_what_could_be_read(text: str, readable: list[str]) -> None:
    file, diagnostics = parse_source(Source("甲.rules", text))
    assert file.declarations == () and len(diagnostics) == 1
    (broken,) = file.broken
    assert (broken.keyword, [each.text for each in broken.declares]) == (text[:2], ["甲"])
    assert broken.declares[0].span.text == "甲" and broken.span.text == text
    assert [clause_text(clause) for clause in broken.clauses] == readable


def test_broken_declarations_without_a_name_or_a_space() -> None:
    file, _ = parse_source(Source("甲.rules", "决定丁：单选 { 子 }\n术语 戊\n  即 己\n规则"))
    assert [(each.keyword, [name.text for name in each.declares]) for each in file.broken] == [
        ("决定", ["丁"]),
        ("规则", []),
    ]
    assert [declaration.written.name.text for declaration in file.declarations] == ["戊"]


def test_a_condition_of_a_statistic_may_begin_with_a_bracket() -> None:
    # 其中 before a bracket belongs to an aggregate only behind its rows.
    text = "统计 甲\n  计数 项目\n  相同 乙\n  其中 （首选 丙，缺则 丁） 且 乙\n"
    file, found = parse_source(Source("甲.rules", text))
    assert found == () and file.declarations[0].name.text == "甲"
