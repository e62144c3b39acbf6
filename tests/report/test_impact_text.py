"""The impact of a variation in the terminal: what is said was worked out by hand (`impact_sample`), and it fits one screen."""

from __future__ import annotations

import datetime
from dataclasses import replace
from fractions import Fraction

import pytest
from tests.report.impact_sample import FARMS, NEW, OLD, RECORDS, SWEEP, asked, sample

from policyrules.report.impact_headline import headline
from policyrules.report.impact_text import SCREEN, impact_lines
from policyrules.report.impact_words import blanks_text, dates_text, open_text, proposed_piece, sweep_note, sweep_text
from policyrules.report.layout import line_width, plain
from policyrules.variation.model import (
    BlankValue,
    Bounds,
    Cell,
    DateChange,
    DecisionImpact,
    FindingMove,
    Impact,
    Moved,
    Piece,
    Record,
    State,
    Sweep,
)


def shown(impact: Impact, *, width: int = 80, everything: bool = False) -> str:
    lines = impact_lines(impact, width=width, everything=everything)
    assert everything or len(lines) <= SCREEN
    assert all(line_width(line) <= width for line in lines)
    return plain(lines)


def joined(text: str) -> str:
    return "".join(text.split())


WHY = "都只由 国家 “大场”：户数 ≥ 3 户 改为 户数 ≥ 5 户 且 有证【一】 引起"


def test_the_sentence_in_ranges() -> None:
    # 乙, 戊 and 庚 surely lose it, 己 perhaps; 大 was surely five and is surely one; 丁 may be, before and after, 己 after.
    assert headline(sample()) == (
        "归类：7 个农场里 4 个有变化",
        "原定为大类的 5 个里，确定 3 个不再符合大类，两类都不归，补齐资料后至多 4 个；全部大类原 5 至 6 个，现 1 至 3 个",
        WHY,
    )


def test_the_other_way_round_the_same_farms_gain() -> None:
    # What was open (己) is settled, and is no gain.
    assert headline(sample(NEW, OLD)) == (
        "归类：7 个农场里 4 个有变化",
        "确定 3 个新符合大类；全部大类原 1 至 3 个，现 5 至 6 个",
        "原来待定或冲突的里，1 个现在定了（1 个大类）",
        "都只由 国家 “大场”：户数 ≥ 5 户 且 有证 改为 户数 ≥ 3 户【一】 引起",
    )


def test_a_decision_that_tells_no_classes_is_told_otherwise() -> None:
    old, new = (text.replace("归类", "去留") for text in (OLD, NEW))
    assert headline(sample(old, new, decision="去留"))[1] == (
        "原定为“大”的 5 个里，确定 3 个不再符合“大”，没有结论，补齐资料后至多 4 个；全部“大”原 5 至 6 个，现 1 至 3 个"
    )


def test_where_those_go_that_lose_a_value() -> None:
    small = "规则 小场\n  依据【一】“小的”\n  当 户数 < 5 户\n  则 归类 为 小\n"
    # 乙 and 戊 (4 households) are 小 now, 庚 is nothing.
    assert "确定 3 个不再符合大类（其中 1 个两类都不归，2 个是小类）" in headline(sample(OLD, NEW + small))[1]


def test_the_first_screen() -> None:
    text = shown(sample())
    for line in (
        "评估日 2025年9月15日　农场 7 个",
        "  大    →  无       3  22.5（另有 1 个未填）",
        "  大    →  待定     1                     10",
        "     4     ·         ·  国家 “大场”：户数 ≥ 3 户 改为 户数 ≥ 5 户 且 …",
        "  · 措施：确定不再有 3 处，变得不定 1 处",
        "  · 变化里现在还定不下来的 1 处；要补的：有证 1 处（1 处只缺它）",
    ):
        assert line in text.split("\n"), line
    assert "本报告只按台账推算，不作认定。" in text and "--all 看地方和金额、农场名单" in text
    assert "降级" not in text


def test_a_line_for_each_thing_that_was_asked() -> None:
    text = joined(shown(asked(sample()), width=100))
    for said in (
        "门槛“门槛”，归类变的个数：1至3户0；4至6户3至4（拟定）；7户4……共4段。"
        "拟定5户，门槛在4至6户之间结果相同，到3户、7户就不同；定为1至3户，没有农场受影响",
        "“门槛”与“面积”一起变：归类变0至4个",
        "日期：结果会变的日子2个：2026年6月30日（原0个，现1个）、2027年1月1日（原1个，现1个）",
        "差一点的：归类无→大差1项的2个",
        "补哪一项定得最多（牵涉的农场数）：农场.有证1个（只补它就定1个）",
        "换一种读法：“大场读法”读作从宽（原0个，现1个会变）",
        "别的方案（结果不同的农场数）：乙2个",
    ):
        assert said in text, said


def test_everything() -> None:
    text = shown(asked(sample()), everything=True)
    for line in (
        "  大          5 至 6  1 至 3",
        "  西乡     4       2       1                20    10     1",
        "  东乡     3       1       ·               2.5           ·",
        "  归类  失         3  22.5（另有 1 个未填）          16",
        "  4 至 6 户（拟定）        3 至 4",
        "    农场.户数 4 户 → 5 户（多 1 户）（1）：2",
        "    试到 2 项为止，没有找到（1）：3",
        "  补助  种子     ·       3         ·         ·       1",
        "  归类 大 → 无（3）",
        "    2（东乡）、5（西乡）、7（西乡）",
        "    6（西乡，缺 有证）",
        "  农场.有证  县局     1           1           1",
        "  2027年1月1日",
        "    从这天起两边不同的：没有",
    ):
        assert line in text.split("\n"), line
    assert "如评为：农场.有证 否 → 是；或者 农场.户数 8 户 → 9 户，并且 农场.有证 否 → 是；还有 3 种（1）" in joined(
        text
    ).replace("农场.有证否→是", "农场.有证 否 → 是").replace("农场.户数8户→9户", "农场.户数 8 户 → 9 户").replace(
        "还有3种", "还有 3 种"
    ).replace("，并且农场", "，并且 农场").replace("；或者农场", "；或者 农场")


def test_no_change() -> None:
    text = shown(sample(OLD, OLD))
    assert "没有任何农场的结果不同。" in text and "两边的规则没有不同的条文。" in text
    assert "由哪些条文引起" not in text and "名单" not in text


def test_rules_that_differ_and_change_nothing_here() -> None:
    text = shown(sample(OLD, OLD.replace("户数 ≥ 3 户", "户数 ≥ 4 户"), RECORDS[:1]))
    assert "没有任何农场的结果不同。" in text
    assert (
        "两边的规则有 1 处不同，在这份台账上都不起作用。" in text
        and "两边规则的不同之处（1）" in text
        and "户数 ≥ 3 户 改为 户数 ≥ 4 户" in text
    )


def test_only_duties_follow() -> None:
    impact = sample(OLD, OLD.replace("应当 有证", "应当 有证 且 户数 ≥ 4 户"))
    assert headline(impact)[0].startswith("没有任何农场的结果不同")
    # 乙 and 戊 do not comply any more, 己 and 庚 do; 丁 did, whether or not it is bound, and is open.
    less = sample(OLD, OLD.replace("应当 有证", "应当 户数 ≥ 8 户"))
    assert headline(less) == (
        "没有任何农场的结果不同，只有义务、禁令和提示有变化的 5 个",
        "两边的规则有 1 处不同",
    )


def test_an_empty_ledger() -> None:
    text = shown(sample(records=[]))
    assert "台账里没有可以评估的农场，推算不出谁受影响。" in text
    assert "两边规则的不同之处（1）" in text


def test_a_decision_of_one_side() -> None:
    more = "决定 新意见（opinion）：单选 { 准 }\n  依据【五】“新”\n规则 准许\n  依据【五】“新”\n  当 有证\n  则 新意见 为 准\n"
    impact = sample(OLD, OLD + more, decision="新意见")
    # 甲 to 戊 are licensed; 己 is open.
    assert headline(impact) == (
        "“新意见”只有现在的规则有，7 个农场里有结论的 5 个，还定不下来的 1 个",
        "都只由 国家 规则“准许”【五】 引起",
    )
    assert "只有现在的规则有" in joined(shown(sample(OLD, NEW + more)))
    lines = shown(impact).split("\n")
    assert "新意见（变 6，不变 1）" in lines and "     6     ·         ·  国家 规则“准许”【五】" in lines
    # That it says nothing of 庚 is no change.
    assert [line.split()[2:4] for line in lines if "没有这一项" in line] == [["准", "5"], ["待定", "1"]]
    unknown = replace(impact, cells=tuple(replace(cell, cause=None) for cell in impact.cells), unattributed=6)
    assert "没有归因的 6 处：6 处的决定只有一边有" in shown(unknown)


def test_fields_of_another_kind_are_said_and_nothing_is_attributed() -> None:
    old = OLD.replace("字段 投资（invested）：金额（万元）", "字段 投资（invested）：文本")
    records = [{key: value for key, value in record.items() if key != "投资"} for record in RECORDS]
    impact = sample(old, NEW, records, money=(), weight=())
    text = joined(shown(impact))
    assert "注意：两边的字段农场.投资不同，由此来的变化没有归因" in text
    assert headline(impact)[-1] == "没有归因：两边的字段 农场.投资不同"
    assert impact.unattributed == 4 and "没有归因的4处：4处没有找到引起变化的条文" in text


def test_a_layer_that_is_not_in_force_is_said() -> None:
    impact = sample()
    note = "《第1层文件》自 2026-01-01 起施行，评估日 2025-09-15 还没有施行，其中的规定都没有用上"
    sleeping = replace(impact.about.new.layers[0], in_force=False, assumed=True)
    about = replace(
        impact.about,
        notes=(note, "甲", "乙", "丙", "丁"),
        new=replace(impact.about.new, layers=(sleeping,), parameters={"门槛": "5 户"}),
        ledger=replace(impact.about.ledger, name="账.xlsx", set_aside=("8", "9"), said_invented=True, sha256="ab" * 32),
        command="policyrules impact 甲 乙 账.xlsx",
    )
    text = joined(shown(replace(impact, about=about)))
    assert joined(f"注意：{note}") in text and "注意：另有2条，加--all看" in text
    assert "台账账.xlsx：农场7个，2个读不出来" in text and "虚构数据，数字只作示例" in text and "现门槛＝5户" in text
    whole = joined(shown(replace(impact, about=about), everything=True))
    assert "注意：丁" in whole and "（日期是假定的），评估日不在施行" in whole and "没有评估：8、9" in whole
    assert "怎样重做：policyrulesimpact甲乙账.xlsx" in whole and "SHA-256abab" in whole


def test_a_sweep_whose_main_decision_does_not_move_tells_the_value_that_does() -> None:
    impact = sample()
    pieces = tuple(
        replace(
            one,
            changed={"意见": Bounds(0, 3)},
            bounds={"意见": {"准": Bounds(2, 3), "缓": Bounds(5 - number, 6 - number) if number < 3 else Bounds(0, 2)}},
        )
        for number, one in enumerate(SWEEP.pieces)
    )
    about = replace(impact.about, ledger=replace(impact.about.ledger, set_aside=("8", "9")))
    text = sweep_text(replace(SWEEP, pieces=pieces), replace(impact, about=about), 9)
    assert "意见为“缓”的个数：1 至 3 户 5 至 6；4 至 6 户 4 至 5（拟定）；7 户 3 至 4；8 户以上 0 至 2" in text
    assert text.endswith("定为 8 户以上，除读不出来的 2 个，没有一个是“缓”")


@pytest.mark.parametrize(("value", "number"), [(1, 0), (3, 0), (4, 1), (5, 1), (7, 2), (8, 3), (99, 3), (None, None)])
def test_on_which_piece_a_value_lies(value: int | None, number: int | None) -> None:
    found = proposed_piece(replace(SWEEP, proposed=value))
    assert found is (None if number is None else SWEEP.pieces[number])


def test_what_is_open_counts_conflicts_apart() -> None:
    impact = sample()
    cell = next(cell for cell in impact.cells if not cell.sure)
    clash = replace(cell, after=State("冲突", "conflict", ("大", "小")), blanks=())
    said = open_text(replace(impact, cells=(*impact.cells, clash)), 5)
    assert said == "变化里现在还定不下来的 2 处，其中 1 处是结论冲突；要补的：有证 1 处（1 处只缺它）"
    # What settles nothing by itself is no answer alone.
    both = replace(cell, blanks=("有证", "有账"))
    said = open_text(replace(impact, cells=(cell, both)), 5)
    assert said == "变化里现在还定不下来的 2 处；要补的：有证 2 处（1 处只缺它，1 处还缺别的）、有账 1 处（都还缺别的）"


def hostile(impact: Impact) -> Impact:
    """As much of everything as a ledger and its rules may hold."""
    long = "\x1b[2J\u202e长" * 40 + "\n第二行\t"
    cells = tuple(
        Cell(
            index,
            "农场",
            long,
            decision.name,
            State(f"{long}{index}", "determined", (long,)),
            State("待定", "undetermined", (long, "无")),
            "变不明",
            False,
            None,
            (long, f"空白{index}"),
        )
        for decision in impact.decisions
        for index in range(12)
    )
    decisions = tuple(
        DecisionImpact(
            f"{one.name}{number}" if number else one.name,
            one.key,
            one.object,
            one.values + tuple(f"{long}{value}" for value in range(30)),
            one.ordered,
            "",
            60,
            60,
            tuple(replace(one.flows[0], before=f"{long}{value}", after="待定") for value in range(12)),
            one.bounds,
        )
        for one in impact.decisions
        for number in range(6)
    )
    about = replace(
        impact.about,
        title=long,
        notes=(long,) * 50,
        new=replace(impact.about.new, label=long, parameters={long: long}),
        ledger=replace(impact.about.ledger, name=long, set_aside=("x",) * 1000, said_invented=True),
    )
    act = replace(impact.acts[0], name=long, old=long, new=long, citations=(long,))
    finding = FindingMove(long, "duty", "compliant", "violated", True, 3, (0,))
    full = asked(impact)
    return replace(
        full,
        about=about,
        cells=cells,
        decisions=decisions,
        acts=(act,) * len(impact.acts),
        records=tuple(Record(n, "", long, {"乡": long}, {"投资": None, "户数": None}) for n in range(12)),
        sweeps=(replace(SWEEP, parameter=long, note=long),) * 12,
        dates=full.dates * 10,
        readings=full.readings * 10,
        findings=(finding,) * 10,
        unattributed=len(cells),
        beside=(long,) * 20,
    )


@pytest.mark.parametrize("width", [80, 83, 100])
def test_the_first_screen_is_one_screen_whatever_it_has_to_tell(width: int) -> None:
    lines = impact_lines(hostile(sample()), width=width)
    assert len(lines) <= SCREEN
    assert all(line_width(line) <= width for line in lines)
    assert "不作认定" in plain(lines) and "\x1b" not in plain(lines)


def test_everything_of_everything_stays_in_its_lines() -> None:
    shown(hostile(sample()), everything=True)
    assert shown(sample(), everything=True) == shown(sample(), everything=True)


def test_where_nobody_knows_the_places_or_the_money() -> None:
    text = shown(sample(by=(), money=(), weight=()), everything=True)
    assert "  大    →  无       3" in text.split("\n") and "按乡" not in text


def test_rows_are_called_by_what_they_are() -> None:
    rows = (
        "对象 田（field） 属于 农场\n  字段 亩数（acres）：整数（个）\n"
        "决定 田况（state） 对 田：单选 {{ 好 }}\n  依据【五】“田”\n"
        "规则 好田 对 田\n  依据【五】“田”\n  当 亩数 ≥ {} 个\n  则 田况 为 好\n"
    )
    records = [{**RECORDS[0], "田": [{"亩数": 3}, {"亩数": 9}]}]
    impact = sample(OLD + rows.format(2), OLD + rows.format(5), records, decision="田况")
    assert headline(impact)[0] == "田况：2 个田里 1 个有变化"
    text = shown(impact, everything=True)
    assert ("  田况 好 → 无（1）" in text and FARMS and "1 田 第1行" in text) or "1 田" in text


def test_what_settles_most_leaves_out_what_settles_nothing() -> None:
    def blank(name: str, settles: tuple[int, ...], cover: int) -> BlankValue:
        return BlankValue(name, ("村",), (1, 2, 3), settles, cover, {}, {})

    # One of them is needed beside others alone; one is not needed at all.
    several = (blank("有证", (1, 2), 1), blank("有账", (), 2), blank("有图", (), 0))
    assert blanks_text(several, "项目", 5) == (
        "补哪一项定得最多（牵涉的项目数）：有证 3 个（只补它就定 2 个）、有账 3 个（只补它就定 0 个）"
    )
    assert blanks_text(several[2:], "项目", 5).endswith("有图 3 个（只补它就定 0 个）")


def test_days_that_were_asked_for_and_change_nothing() -> None:
    moved, day, asked = (Moved(0, "", "归类", "大", "无"),), datetime.date(2025, 5, 1), datetime.date(2026, 1, 1)
    flips = DateChange(day, (), moved, (), {"归类": 1}, asked)
    still = DateChange(day.replace(month=6), (), (), (), {"归类": 0}, asked)
    broken = DateChange(day.replace(month=7), ("某县在这一天没有施行",), (), (), {}, asked)
    assert dates_text([flips, still, broken], 4) == (
        "日期：结果会变的日子 2 个：2025年5月1日（原 1 个，现 0 个）、2025年7月1日（某县在这一天没有施行）；2025年6月1日结果不变"
    )
    assert dates_text([still], 4) == "日期：2025年6月1日结果不变"


def test_from_which_value_on_results_are_others() -> None:
    def piece(low: int, high: int, *, closed: tuple[bool, bool]) -> Piece:
        return Piece(low, high, *closed, low, "超过 60%、不超过 61%", {}, {}, (), ())

    def said(low_closed: bool, high_closed: bool) -> str:
        here = piece(60, 61, closed=(low_closed, high_closed))
        sweep = Sweep(
            "下限", "%", "new", Fraction(121, 2), True, 0, (here, piece(70, 80, closed=(True, True))), (60, 61)
        )
        told = sweep_note(replace(sweep, proposed_text="60.5%", switching_texts=("60%", "61%")), sample())
        return told.split("结果相同，")[1].split("；")[0]

    assert said(False, True) == "到 60%、超过 61% 就不同"
    assert said(True, False) == "低于 60%、到 61% 就不同"
    assert said(False, False) == "到 60%、61% 就不同"
    assert said(True, True) == "低于 60%、超过 61% 就不同"
