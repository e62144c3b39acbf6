"""Lines that fit: wrapping, tables and trees with wide characters, in any width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from policyrules.report.layout import Branch, Piece, _fit, bar, line_width, pieces, plain, table, text, tree, wrap

CHARACTERS = st.sampled_from(list("升级盘活资产，。；：（）【】“”ABC-12 "))
TEXTS = st.text(CHARACTERS, max_size=80)


@given(TEXTS, st.integers(12, 60))
def test_wrapped_lines_fit_and_keep_the_text(written: str, width: int) -> None:
    lines = wrap(written, width, lead="· ", rest="  ")
    assert all(line_width(line) <= width for line in lines)
    joined = "".join(text(line)[2:] for line in lines)
    assert joined.replace(" ", "") == written.replace(" ", "")


@given(st.lists(st.tuples(TEXTS, st.sampled_from(["", "name", "bad"])), max_size=6), st.integers(12, 60))
def test_styles_do_not_change_where_lines_break(parts: list[tuple[str, str]], width: int) -> None:
    styled = wrap([Piece(written, style) for written, style in parts], width)
    bare = wrap("".join(written for written, _ in parts), width)
    assert plain(styled) == plain(bare)


def test_no_line_begins_with_a_closing_mark() -> None:
    for width in range(12, 30):
        for line in wrap("评估组（县级）已经填写，设施短板、技术短板。" * 3, width):
            assert text(line)[:1] not in "，。、）"
            assert text(line)[-1:] != "（"


def test_marks_stay_with_their_word_across_styles() -> None:
    lines = wrap([Piece("资源有支撑"), Piece("（3）", "quiet"), Piece("、"), Piece("链条")], 16)
    assert [text(line) for line in lines] == ["资源有支撑", "（3）、链条"]


def test_a_long_word_is_cut() -> None:
    assert [text(line) for line in wrap("A" * 25, 10)] == ["A" * 10, "A" * 10, "A" * 5]


def test_line_ends_and_tabs_become_spaces() -> None:
    assert text(pieces("甲\n乙\t丙\r\n丁")) == "甲 乙 丙 丁"


@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=5), st.integers(40, 100))
def test_tables_fit(rows: list[list[str]], width: int) -> None:
    for line in table(("决定", "结果", "个数"), rows, width, align=("left", "left", "right"), indent=2):
        assert line_width(line) <= width


def test_table_columns_line_up() -> None:
    lines = table(("决定", "个数"), [("分类", "5"), ("入库意见", "12")], 40, align=("left", "right"))
    assert [text(line) for line in lines] == ["决定      个数", "──────────────", "分类         5", "入库意见    12"]


def test_bars() -> None:
    assert bar(0, 5, 10).text == ""
    assert bar(1, 1000, 10).text == "█"
    assert len(bar(5, 5, 10).text) == 10
    assert bar(3, 0, 10).text == ""


def test_tree_guides() -> None:
    branches = [Branch(pieces("规则"), (Branch(pieces("条件一")), Branch(pieces("条件二")))), Branch(pieces("提示"))]
    assert plain(tree(branches, 40)) == "├─ 规则\n│  ├─ 条件一\n│  └─ 条件二\n└─ 提示"


def test_a_deep_tree_needs_no_recursion_and_keeps_room() -> None:
    branch = Branch(pieces("底"))
    for _ in range(5000):
        branch = Branch(pieces("层"), (branch,))
    lines = tree([branch], 60)
    assert len(lines) == 5001
    assert all(line_width(line) <= 60 for line in lines)


def test_the_widest_columns_give_way_first_the_first_of_them_before_the_others() -> None:
    # 10, 30 and 30 have 50: the two wide ones give 10 each. With 49 the first of them gives one more.
    assert _fit([10, 30, 30], 50, [4, 4, 4]) == [10, 20, 20]
    assert _fit([10, 30, 30], 49, [4, 4, 4]) == [10, 19, 20]
    # No column is narrower than its head, of which 8 columns count, or than 4.
    assert _fit([30, 30, 5], 20, [12, 2, 5]) == [8, 7, 5]
    assert _fit([30, 30], 10, [12, 2]) == [8, 4]


def test_a_row_of_very_many_columns_is_laid_out() -> None:
    heads = [f"决定{number}" for number in range(4_000)]
    lines = table(heads, [heads], 80)
    assert all(head[-1] in text(line) for head in heads[:3] for line in lines[:1])
