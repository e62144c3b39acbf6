"""The limits of the language: each is a located diagnostic, never a crash, a hang or a guess; within them all works.

Covers language.md section 8 line by line; what stands exactly at a limit is loaded, evaluated and explained.
"""

from __future__ import annotations

import datetime
import gc
import json
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import openpyxl
import pytest

import policyrules as pr
from policyrules.diagnostics import Diagnostic, render
from policyrules.language.parser import parse_source
from policyrules.language.printer import print_file
from policyrules.language.scan import MAX_BYTES, decode
from policyrules.program import costs
from policyrules.program.collecting import MAX_DECLARATIONS, MAX_OBJECT_DEPTH
from policyrules.program.files import read_stack
from policyrules.program.graph import MAX_CHAIN
from policyrules.program.layers import Layer
from policyrules.program.literals import _known
from policyrules.program.ranges import MAX_NUMBER_LENGTH
from policyrules.program.scope import MAX_ROW_CONDITIONS
from policyrules.program.stack import Stack
from policyrules.source import Source
from policyrules.testing.build import (
    layer_files,
    policy_from_text,
    stack_from_text,
    try_policy_from_text,
    write_layers,
)
from policyrules.types import number_text

AS_OF = datetime.date(2025, 9, 15)

WORLD = """
对象 项目（project） 标识 编号
  字段 编号（project_id）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否
  字段 数（n）：整数（个） 取值 0 个 至 100 个
  字段 系（f）：小数
  字段 日（d）：日期
  字段 年（y）：年份
  字段 文（t）：文本
  字段 多（s）：多选（文本）
对象 资金（funds） 属于 项目
  字段 好（ok）：是否
  字段 金额（amount）：金额（万元）
读法 读（reading）：枚举 { 宽、严 } 缺省 严
决定 类（kind）：单选 { 上、下 }
"""
RULE = "规则 一\n  当 {}\n  则 类 为 上\n"
RECORDS: tuple[dict[str, object], ...] = (
    {},
    {"编号": "一", "甲": True, "乙": False, "数": 3, "系": "1.5", "日": "2025-01-01", "年": 2020, "文": "词3", "多": ["词1"], "资金": [{"好": True, "金额": 5}]},
    {"编号": "二", "资金": [{"好": True, "金额": 1}, {}, {"好": False}]},
)  # fmt: skip


def refused(condition: str, *more: str) -> list[Diagnostic]:
    policy, found = try_policy_from_text(WORLD + RULE.format(condition) + "".join(more))
    assert policy is None
    return located(found)


def located(found: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    """The errors, each of which must have a line and be printable."""
    errors = [diagnostic for diagnostic in found if diagnostic.severity == "error"]
    for diagnostic in errors:
        assert diagnostic.line or diagnostic.path, diagnostic
        assert render(diagnostic) and json.dumps(diagnostic.to_dict())
    return errors


def run_all(policy: pr.Policy, records: tuple[dict[str, object], ...] = RECORDS) -> None:
    """Everything that walks conditions, on records with and without values."""
    for record in records:
        outcome = policy.evaluate(record, portfolio=records)
        result = outcome["类"]
        assert result.missing is not None and result.readings is not None
        assert str(outcome.explain()) and json.dumps(outcome.explain().to_dict())
        assert json.dumps(outcome.to_dict())
    assert len(policy.fingerprint) == 64


# ---- files ----------------------------------------------------------------------------------------------------------


def stack(folder: Path, text: str | bytes = "") -> Path:
    lowest = write_layers(folder, WORLD)
    if text:
        (lowest / "更多.rules").write_bytes(text.encode() if isinstance(text, str) else text)
    return lowest


def codes(folder: Path | str) -> list[str]:
    return [diagnostic.code for diagnostic in located(pr.try_load(folder, as_of=AS_OF)[1])]


def test_a_file_over_one_mebibyte(tmp_path: Path) -> None:
    comment = "# " + "注" * 340_000 + "\n"
    assert len(comment.encode()) < MAX_BYTES
    assert codes(stack(tmp_path / "一", comment)) == []
    assert codes(stack(tmp_path / "二", comment + "注" * 10_000)) == ["E101"]
    source = Source("一.rules", "注" * 400_000)
    assert [found.code for found in parse_source(source)[1]] == ["E101"]


@pytest.mark.parametrize("name", ["layer.yaml", "clauses.yaml"])
def test_a_yaml_file_over_one_mebibyte(name: str, tmp_path: Path) -> None:
    lowest = stack(tmp_path)
    with (lowest / name).open("a", encoding="utf-8") as file:
        file.write("# " + "x" * MAX_BYTES)
    assert "E101" in codes(lowest)


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe\x00\x00 rules", b"\x81", b"\xe8\xa7\x84\xff\xe5\x88\x99" * 40, bytes(range(128, 256))],
    ids=["mark of UTF-16", "half a character", "damaged UTF-8", "any bytes"],
)
def test_bytes_that_are_neither_utf_8_nor_gb_18030(data: bytes, tmp_path: Path) -> None:
    source, found = decode(data, "一.rules")
    assert source is None and [diagnostic.code for diagnostic in found] == ["E102"]
    assert codes(stack(tmp_path, data)) == ["E102"]


def test_gb_18030_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    text = RULE.format("甲")
    for encoding in ("gb18030", "utf-8-sig", "utf-8"):
        policy, _ = pr.try_load(stack(tmp_path / encoding, text.encode(encoding)), as_of=AS_OF)
        assert policy is not None and "一" in policy.program.rules


def test_paths_that_leave_the_folder(tmp_path: Path) -> None:
    lowest = write_layers(tmp_path, WORLD, "# 空\n")
    manifest = (lowest / "layer.yaml").read_text(encoding="utf-8")
    for extends, expected in (
        ("/etc", ["E385"]),
        ("~/0", ["E385"]),
        ("C:/0", ["E385"]),
        ("..\\0", ["E385"]),
        ("../没有", ["E380"]),
        (".", ["E386"]),
        ("../1", ["E386"]),
    ):
        written = manifest.replace("../0", json.dumps(extends))
        (lowest / "layer.yaml").write_text(written, encoding="utf-8")
        found = located(pr.try_load(lowest, as_of=AS_OF)[1])
        assert [diagnostic.code for diagnostic in found][: len(expected)] == expected, extends
        assert found[0].line == written[: written.index("extends")].count("\n") + 1


def test_links_out_of_the_folder(tmp_path: Path) -> None:
    lowest = stack(tmp_path / "层")
    outside = tmp_path / "外面.rules"
    outside.write_text(RULE.format("甲"), encoding="utf-8")
    os.symlink(outside, lowest / "链.rules")
    os.symlink(tmp_path, lowest / "夹")
    found = located(pr.try_load(lowest, as_of=AS_OF)[1])
    assert [diagnostic.code for diagnostic in found] == ["E384", "E384"]
    assert sorted(Path(diagnostic.file).name for diagnostic in found) == ["夹", "链.rules"]
    (lowest / "链.rules").unlink()
    (lowest / "夹").unlink()
    (lowest / "clauses.yaml").rename(tmp_path / "clauses.yaml")
    os.symlink(tmp_path / "clauses.yaml", lowest / "clauses.yaml")
    assert codes(lowest) == ["E384"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_is_no_regular_file(tmp_path: Path) -> None:
    lowest = stack(tmp_path)
    os.mkfifo(lowest / "管.rules")
    assert codes(lowest) == ["E382"]


# ---- YAML -----------------------------------------------------------------------------------------------------------

SURPRISES = (
    "NO",
    "yes",
    "on",
    "010",
    "0x1F",
    "0b1",
    "12:30",
    "1_000",
    "1e3",
    ".inf",
    ".nan",
    "-.INF",
    "2025-09-15T08:00:00",
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("title: &名 文件\ndocument_number: *名", "E40"),
        ("title: !!str 文件", "E40"),
        ("title: !python/object:os.system 文件", "E40"),
        ("title: 文件\ntitle: 又一份", "E408"),
        ("<<: {title: 文件}\ntitle: 文件", "E4"),
        ("? [title]\n: 文件\ntitle: 文件", "E40"),
        *((f"title: 文件\ndocument_number: {scalar}", "E410") for scalar in SURPRISES),
    ],
)
def test_yaml_that_surprises(line: str, expected: str, tmp_path: Path) -> None:
    lowest = stack(tmp_path)
    manifest = layer_files(WORLD, 0)["layer.yaml"]
    (lowest / "layer.yaml").write_text(manifest.replace("title: 第0层文件", line), encoding="utf-8")
    found = located(read_stack(lowest)[1])
    assert found and found[0].code.startswith(expected), found
    assert found[0].line in (2, 3)


def test_deep_yaml_ends(tmp_path: Path) -> None:
    lowest = stack(tmp_path)
    for text in (
        "[" * 5_000 + "]" * 5_000,
        "- " * 5_000 + "甲",
        "{a: " * 5_000 + "}" * 5_000,
        "a:\n" + "".join(f"{' ' * n}a:\n" for n in range(1, 1_200)),
    ):
        (lowest / "clauses.yaml").write_text(text, encoding="utf-8")
        assert codes(lowest)[0].startswith("E4")


# ---- characters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "char",
    list(
        "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b\u200c\u200d\u2060\u00ad\u180e\u3164"
    ),
)
@pytest.mark.parametrize(
    "place", ["规则 一{}\n  当 甲\n  则 类 为 上\n", "规则 一\n  说明 注{}解\n  当 甲\n  则 类 为 上\n", "# 注{}解\n"]
)
def test_characters_that_nobody_sees(char: str, place: str) -> None:
    text = WORLD + place.format(char)
    found = located(try_policy_from_text(text)[1])
    assert [diagnostic.code for diagnostic in found] == ["E104"]
    assert found[0].line == text[: text.index(char)].count("\n") + 1
    assert f"U+{ord(char):04X}" in found[0].message


@pytest.mark.parametrize("char", list("\x00\x01\x07\x1b\x7f\x85\ufffd\ufffe\ud800\udfff\uf8ff"))
def test_control_characters(char: str) -> None:
    found = parse_source(Source("一.rules", f"规则 一{char}\n  当 甲\n  则 类 为 上\n"))[1]
    assert [diagnostic.code for diagnostic in found] == ["E103"]
    assert (found[0].line, found[0].column) == (1, 5)


@pytest.mark.parametrize("name", ["аb", "pοst", "сategory", "Ⅷ类", "⽇期", "①类", "ｶ类", "a𝐛", "ﬁn", "x²"])
def test_look_alikes_in_a_name(name: str) -> None:
    found = located(parse_source(Source("一.rules", f"术语 {name} 即 甲\n"))[1])
    assert [diagnostic.code for diagnostic in found] == ["E105"]
    assert found[0].line == 1 and found[0].column == 4


# ---- numbers --------------------------------------------------------------------------------------------------------


def test_nan_and_infinities_in_records(tmp_path: Path) -> None:
    policy = policy_from_text(WORLD + RULE.format("系 > 1"))
    # What Python holds for a blank number is blank; a text that says so is somebody's, who has to say what it means.
    assert policy.instance({"系": float("nan")}).values == {}
    for value in (float("inf"), float("-inf"), "NaN", "inf", "-Infinity", "1e999"):
        with pytest.raises(pr.RecordError) as caught:
            policy.evaluate({"系": value})
        assert caught.value.path == "系"
    for index, text in enumerate(
        ('[{"系": NaN}]', '[{"系": Infinity}]', '[{"系": -Infinity}]', '[{"系": 1e999}]', '[{"系": "NaN"}]')
    ):
        path = tmp_path / f"{index}.json"
        path.write_text(text, encoding="utf-8")
        ledger = policy.read(path)
        assert ledger.records == () and [problem.cell.path for problem in ledger.problems] == ["系"], text
    path = tmp_path / "台账.csv"
    path.write_text("编号,系\n甲,NaN\n乙,inf\n丙,2\n", encoding="utf-8")
    ledger = policy.read(path)
    assert [record.identity for record in ledger.records] == ["丙"]
    assert [(problem.cell.row, problem.cell.column) for problem in ledger.problems] == [(2, "B"), (3, "B")]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "项目"
    for row in (["编号", "系"], ["甲", "NaN"], ["乙", "#NUM!"], ["丙", 2]):
        sheet.append(row)
    book.save(tmp_path / "台账.xlsx")
    ledger = policy.read(tmp_path / "台账.xlsx")
    assert [record.identity for record in ledger.records] == ["丙"]
    assert [(problem.cell.sheet, problem.cell.row, problem.cell.column) for problem in ledger.problems] == [
        ("项目", 2, "B"),
        ("项目", 3, "B"),
    ]


def test_nan_and_infinities_in_parameters(tmp_path: Path) -> None:
    text = WORLD + "参数 线（line）：小数 缺省 1\n" + RULE.format("系 > 线")
    policy = policy_from_text(text)
    for value in (float("nan"), float("inf"), "nan", "-inf", "1e999"):
        with pytest.raises(pr.PolicyError) as caught:
            policy.with_parameters({"线": value})
        assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["E602"]
    for word in ("NaN", "inf", "1e999"):
        policy_, found = try_policy_from_text(text.replace("缺省 1", f"缺省 {word}"))
        assert policy_ is None and located(found)


def test_numbers_that_would_grow_without_end() -> None:
    squared = "术语 幂0 即 系\n" + "".join(f"术语 幂{n} 即 幂{n - 1} × 幂{n - 1}\n" for n in range(1, 40))
    found = refused("幂39 > 1", squared)
    assert {diagnostic.code for diagnostic in found} == {"E210"}
    assert [diagnostic.code for diagnostic in refused(" × ".join(["系"] * (MAX_NUMBER_LENGTH + 1)) + " > 1")] == [
        "E210"
    ]
    policy = policy_from_text(WORLD + RULE.format(" × ".join(["系"] * MAX_NUMBER_LENGTH) + " > 1"))
    for value in ("9" * 40, "0." + "3" * 40):
        outcome = policy.evaluate({"系": value})
        assert outcome["类"].status in ("determined", "none")
        assert "约" in str(outcome.explain()) and json.dumps(outcome.to_dict())
    assert number_text(10**5_000) == "约 1.00000×10^5000"


def test_sums_of_quotients_grow_as_products_do() -> None:
    """Adding fractions multiplies their divisors; adding whole numbers multiplies nothing."""

    def quotients(count: int) -> str:
        return " + ".join(["系 ÷ 数"] * count)

    # A quotient counts one above and one below the line; of so many the sum counts each below, and once more above.
    most = (MAX_NUMBER_LENGTH - 1) // 2
    assert policy_from_text(WORLD + RULE.format(f"{quotients(most)} > 1"))
    assert [diagnostic.code for diagnostic in refused(f"{quotients(most + 1)} > 1")] == ["E210"]
    power = " × ".join(["系"] * (MAX_NUMBER_LENGTH - 10))
    assert policy_from_text(WORLD + RULE.format(f"{power} + {quotients(5)} > 1"))
    assert [diagnostic.code for diagnostic in refused(f"{power} + {quotients(6)} > 1")] == ["E210"]
    doubled = "术语 倍0 即 系\n" + "".join(f"术语 倍{n} 即 倍{n - 1} + 倍{n - 1}\n" for n in range(1, 40))
    assert policy_from_text(WORLD + doubled + RULE.format("倍39 > 1")).evaluate({"系": "1.5"})["类"].value == "上"
    halved = doubled.replace("倍0 即 系", "倍0 即 系 ÷ 数")
    assert {diagnostic.code for diagnostic in refused("倍39 > 1", halved)} == {"E210"}


@pytest.mark.parametrize(
    "condition",
    [
        "日 + 999 年 + 999 年 > 评估日",
        "日 + 999999999 个月 > 评估日",
        "日 起满 99999999 个月",
        "日 - 999 年 - 999 年 - 999 年 < 评估日",
        "日 + 99999999999 天 > 评估日",
        f"年{' + 999 年' * 9} > 2020 年",
    ],
)
def test_dates_past_the_calendar(condition: str) -> None:
    run_all(policy_from_text(WORLD + RULE.format(condition)))


# ---- declarations ---------------------------------------------------------------------------------------------------


def test_more_declarations_than_a_stack_may_have(tmp_path: Path) -> None:
    per_file = 10_000
    lowest = stack(tmp_path)
    (layer,), problems = read_stack(lowest)
    assert not problems
    # One parsed file stands for many: what counts is the number of declarations.
    text = "".join(f"清单 单{n} 即 {{ 甲 }}\n" for n in range(per_file))
    parsed, problems = parse_source(Source("多.rules", text))
    assert not problems and len(parsed.declarations) == per_file
    world, _ = parse_source(layer.sources[0])
    files = (world, *[parsed] * (MAX_DECLARATIONS // per_file))
    found = located(Stack((Layer(0, layer, files),)).check(AS_OF).diagnostics)
    assert [diagnostic.code for diagnostic in found if diagnostic.code == "E213"] == ["E213"]
    assert found[-1].line


def test_more_declarations_than_a_file_may_have() -> None:
    found = parse_source(Source("一.rules", "规则 a\n" * (MAX_DECLARATIONS + 1)))[1]
    assert [diagnostic.code for diagnostic in found] == ["E101"]
    assert found[0].line == MAX_DECLARATIONS + 1


def test_more_readings_than_can_be_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken = "".join(f"读法 读{n}（r{n}）：枚举 {{ 宽、中、严 }} 缺省 宽\n术语 词{n} 即 读{n} 为 宽\n" for n in (1, 2))
    text = WORLD + spoken + RULE.format("词1 且 词2")
    # Of each two other values. What turns on it is itself (1), its term, which reads it (2), the rule, which reads two terms (3), and
    # the decision with its one rule (2); beside these all three parameters: 2 × 11. On 读 nothing turns: 1 and 3. In all 48.
    monkeypatch.setattr(costs, "MOST_TURNED", 48)
    assert policy_from_text(text).evaluate({})["类"].readings
    monkeypatch.setattr(costs, "MOST_TURNED", 47)
    found = located(try_policy_from_text(text)[1])
    assert [(one.code, one.line) for one in found] == [("E234", text[: text.index("读法 读2")].count("\n") + 1)]
    assert "超过 47 项" in found[0].message


# ---- nesting --------------------------------------------------------------------------------------------------------

LEVELS: dict[str, tuple[str, str, int]] = {
    # name: (opening, closing, levels that one pair adds)
    "brackets": ("（", "）", 1),
    "非": ("非 ", "", 1),
    "同时满足": ("同时满足（乙；", "）", 1),
    "任一满足": ("任一满足（", "；乙）", 1),
    "至少": ("至少 1 项（乙；", "）", 1),
    "视, branch": ("视 读（宽：乙；严：", "）", 1),
    "视, selector": ("视 （", "）（是：乙；否：甲）", 2),
    "首选, first": ("首选 （", "），缺则 乙", 2),
    "首选, second": ("首选 乙，缺则 ", "", 1),
    "sum": ("数 + （", "）", 1),
    "product": ("2 × （", "）", 1),
    "negative": ("-", "", 1),
    "negative in brackets": ("（-", "）", 2),
    "comparison": ("视 （1 个 ≥ （", "））（是：数；否：1 个）", 3),
    "mixed": ("同时满足（乙；任一满足（甲；非 （视 读（宽：乙；严：", "））））", 5),
    "mixed with numbers": ("（乙 且 （甲 或 视 （", "）（是：乙；否：甲）））", 4),
}
NUMBERS = ("sum", "product", "negative", "negative in brackets", "comparison")


def nested(name: str, levels: int) -> str:
    opening, closing, each = LEVELS[name]
    core = "数" if name in NUMBERS else "甲"
    times, rest = divmod(levels, each)
    text = opening * times + "（" * rest + core + "）" * rest + closing * times
    return f"{text} > 1 个" if name in NUMBERS else text


@pytest.mark.parametrize("name", LEVELS)
def test_nesting_at_the_limit_works_and_beyond_it_is_refused(name: str) -> None:
    policy = policy_from_text(WORLD + RULE.format(nested(name, 64)))
    run_all(policy)
    file, problems = parse_source(Source("一.rules", RULE.format(nested(name, 64))))
    assert not problems and parse_source(Source("一.rules", print_file(file)))[1] == ()
    for levels in (65, 70, 1_000, 20_000):
        found = refused(nested(name, levels))
        assert [diagnostic.code for diagnostic in found] == ["E108"], (levels, found)
        assert found[0].line == WORLD.count("\n") + 2


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("任一 资金 满足（", "）"),
        ("全部 资金 满足（", "）"),
        ("任一 资金 满足（任一 其他 资金 满足（", "））"),
        ("计数 资金 其中（", " > 0 个）"),
    ],
    ids=["任一", "全部", "其他", "计数"],
)
def test_rows_inside_rows(opening: str, closing: str) -> None:
    """Rows within rows are looked at rows-to-the-power times, so that the limit is far below that of brackets."""
    each = opening.count("资金")
    times = MAX_ROW_CONDITIONS // each
    core, end = ("计数 资金 其中（好）", " > 0 个") if "计数" in opening else ("好", "")
    within = times - 1 if end else times
    policy = policy_from_text(WORLD + RULE.format(opening * within + core + closing * within + end))
    run_all(policy)
    assert policy.evaluate({"资金": [{"金额": number} for number in range(8)]})["类"].status == "undetermined"
    for deeper in (within + 1, 20):
        found = refused(opening * deeper + core + closing * deeper + end)
        assert "E108" in [diagnostic.code for diagnostic in found], found


def test_between_inside_between_is_named_first() -> None:
    inner = "视 （数 介于 1 个 至 2 个）（是：1 个；否：2 个）"
    assert [found.code for found in refused(f"（{inner}） 介于 1 个 至 2 个")] == ["E108"]
    terms = f"术语 里 即 {inner}\n"
    run_all(policy_from_text(WORLD + terms + RULE.format("里 介于 1 个 至 2 个")))


def test_chains_of_terms() -> None:
    def chain(length: int) -> str:
        return "术语 环0 即 甲\n" + "".join(
            f"术语 环{n} 即 （环{n - 1} 且 乙） 或 （环{n - 1} 且 甲）\n" for n in range(1, length)
        )

    # Each term reads the one before twice: told once, not twice to the power of the length.
    run_all(policy_from_text(WORLD + chain(100) + RULE.format("环99")))
    found = refused("环2999", chain(3_000))
    assert "E210" in [diagnostic.code for diagnostic in found]


TWICE = {
    "bounds in a comparison": ("即 数", "即 {0} + {0} + {0}", "规则 一\n  当 {} ≥ 3 个\n  则 类 为 上\n"),
    "bounds in a statistic": (
        "即 数",
        "即 {0} + {0}",
        "统计 总\n  合计 项目.{}\n规则 一\n  当 总 ≥ 3 个\n  则 类 为 上\n",
    ),
    "a day beside the calendar": (
        "即 日 + 3 个工作日",
        "即 取大（{0}；{0} + 1 天）",
        "义务 一\n  当 甲\n  应当 乙\n  期限 {}\n",
    ),
    "what stands for an unlisted row": (
        "即 甲",
        "即 {0} 且 （{0} 或 乙）",
        "义务 一\n  对 资金\n  当 项目.乙\n  应当 首选 好，缺则 {}\n",
    ),
}
"""The first term of a chain, each further one, which names the one before several times, and who reads the last."""


@pytest.mark.parametrize("name", TWICE)
def test_a_term_that_is_named_twice_is_looked_into_once(name: str) -> None:
    """Whatever follows names from term to term takes a chain as long as it is, not twice as long for each of its terms."""
    first, further, read = TWICE[name]
    length = 60
    chain = f"术语 倍0 {first}\n" + "".join(f"术语 倍{n} {further.format(f'倍{n - 1}')}\n" for n in range(1, length))
    policy = policy_from_text(WORLD + chain + read.format(f"倍{length - 1}"))
    records: tuple[dict[str, object], ...] = (*RECORDS, {"甲": True, "乙": False}, {"乙": True, "日": "2025-09-20"})
    run_all(policy, records)
    decide = policy.compile()
    for record in records:
        told, quick = policy.evaluate(record, records), decide(record, records)
        assert [(found.name, found.status) for found in told.findings] == [
            (found.name, found.status) for found in quick.findings
        ]


def test_what_a_number_beside_a_chain_is_counted_in_is_told_once() -> None:
    """Of the difference of two years 2 is two years, also through terms that name each other twice."""
    chain = "术语 龄0 即 当年 - 年\n" + "".join(f"术语 龄{n} 即 取大（龄{n - 1}；龄{n - 1}）\n" for n in range(1, 60))
    found = refused("龄59 ≥ 2", chain)
    assert [(one.code, one.remedy) for one in found] == [("E205", "写成 2 年")]


def test_numbers_divided_by_numbers_are_worked_out_once() -> None:
    quotient = "2"
    for _ in range(60):
        quotient = f"2 ÷ （{quotient}）"
    policy = policy_from_text(WORLD + RULE.format(f"系 ≥ {quotient}"))
    # 2 ÷ 2 is 1, and 2 ÷ 1 is 2: after an even number of divisions it is 2 again.
    assert [policy.evaluate({"系": value})["类"].status for value in ("2", "1.9")] == ["determined", "none"]


def test_the_longest_chain_and_the_deepest() -> None:
    """A chain of as many names as are permitted works, each condition nested as deep as is permitted; one name more is
    refused once, and told where it gets too much."""

    def chain(length: int, body: str) -> str:
        return "术语 环0 即 甲\n" + "".join(f"术语 环{n} 即 {body.format(f'环{n - 1}')}\n" for n in range(1, length))

    links = MAX_CHAIN - 2  # the rule and the decision are links, too
    flat = "{} 且 乙"
    run_all(policy_from_text(WORLD + chain(links, flat) + RULE.format(f"环{links - 1}")))
    four = "（甲 且 （乙 或 {}）） 或 乙"
    run_all(policy_from_text(WORLD + chain(links, four) + RULE.format(f"环{links - 1}")))
    deep = "非 " * 60 + "{}"
    run_all(policy_from_text(WORLD + chain(links, deep) + RULE.format(f"环{links - 1}")))
    found = refused(f"环{MAX_CHAIN + 19}", chain(MAX_CHAIN + 20, flat))
    assert [diagnostic.code for diagnostic in found] == ["E210"]


# ---- width ----------------------------------------------------------------------------------------------------------


def wide(count: int) -> dict[str, tuple[str, str]]:
    """Name → (condition of so many flat parts, declarations it needs)."""
    conditions = [("甲", "乙", "数 > 1 个", "文 为 “词”", "日 已填")[n % 5] for n in range(count)]
    values = "、".join(f"值{n}" for n in range(count))
    large = f"对象 项目\n  字段 大（large）：枚举 {{ {values} }}\n"
    branches = "；".join(f"值{n}：{'甲' if n % 2 else '乙'}" for n in range(count))
    return {
        "且": (" 且 ".join(conditions), ""),
        "或": (" 或 ".join(conditions), ""),
        "同时满足": (f"同时满足（{'；'.join(conditions)}）", ""),
        "任一满足": (f"任一满足（{'；'.join(conditions)}）", ""),
        "至少": (f"至少 {count // 2} 项（{'；'.join(conditions)}）", ""),
        "sum": (" + ".join(["数"] * count) + " > 3 个", ""),
        "difference": ("数" + " - 1 个" * count + " > 3 个", ""),
        "set of texts": (f"文 属于 {{ {'、'.join(f'“词{n}”' for n in range(count))} }}", ""),
        "set of numbers": (f"数 属于 {{ {'、'.join(f'{n} 个' for n in range(count))} }}", ""),
        "含任一": (f"多 含任一 {{ {'、'.join(f'“词{n}”' for n in range(count))} }}", ""),
        "视": (f"视 大（{branches}）", large),
        "quantifiers": (" 且 ".join(["任一 资金 满足（好）"] * count), ""),
        "inside a quantifier": (f"任一 资金 满足（{' 或 '.join(['好', '金额 > 3 万元'] * (count // 2))}）", ""),
        "aggregates": (" + ".join(["计数 资金 其中（好）"] * count) + " > 3 个", ""),
        "dates": (" 且 ".join(["日 起满 3 个月"] * count), ""),
        "terms": (
            " 且 ".join(f"术{n}" for n in range(count)),
            "".join(f"术语 术{n} 即 甲 或 乙\n" for n in range(count)),
        ),
        "rules": (
            "甲",
            "".join(f"规则 规{n}\n  当 甲 且 数 > {n % 90} 个\n  则 类 为 上\n" for n in range(count // 5)),
        ),
    }


WIDE = tuple(wide(10))


@pytest.mark.parametrize(("name", "count"), [("且", 5_000), *((name, 1_500) for name in WIDE)])
def test_thousands_of_flat_parts(name: str, count: int) -> None:
    """Nothing recurses over what is wide: more parts than Python allows frames, and of one form as many as promised."""
    condition, more = wide(count)[name]
    text = WORLD + more + RULE.format(condition)
    run_all(policy_from_text(text), RECORDS[:2])
    file, problems = parse_source(Source("一.rules", RULE.format(condition)))
    assert not problems and print_file(file)


def seconds(action: Callable[[], object]) -> float:
    """Processor time, without the collector of garbage, whose share depends on what all the tests before left behind."""
    gc.disable()
    try:
        began = time.process_time()
        action()
        return time.process_time() - began
    finally:
        gc.enable()


@pytest.mark.parametrize("name", ["且", "任一满足", "至少", "sum", "set of texts", "视", "rules"])
def test_time_is_linear_in_the_number_of_parts(name: str) -> None:
    """Four times as many parts take about four times the time; a square would take sixteen times, whenever it is
    tried, while a busy machine is not always busy."""
    few, many = (WORLD + wide(count)[name][1] + RULE.format(wide(count)[name][0]) for count in (400, 1_600))
    policies = [policy_from_text(text) for text in (few, many)]

    def evaluate(policy: pr.Policy) -> None:
        outcome = policy.evaluate({})
        assert outcome["类"].missing is not None and str(outcome.explain())

    tried = []
    for _ in range(4):
        loads = [seconds(partial(policy_from_text, text)) for text in (few, many)]
        evaluations = [seconds(partial(evaluate, policy)) for policy in policies]
        tried.append((loads, evaluations))
        # What takes some hundredths of a second cannot be measured so.
        if all(large < 10 * max(small, 0.03) for small, large in (loads, evaluations)):
            return
    pytest.fail(f"always more than in proportion: {tried}")


def test_time_is_in_step_with_what_layer_after_layer_adds() -> None:
    """Each of many layers pins a condition with all that stood before it: four times as many layers never take sixteen times."""
    top = WORLD + RULE.format("甲") + "  授权 细化\n"
    own = "修订 一\n" + "".join(f"  还须 系 ≥ {n}\n  除外 系 > {1000 + n}\n" for n in range(40))
    stacks = [stack_from_text(top, *[own] * layers) for layers in (8, 32)]
    assert all(stack.check(AS_OF).sound for stack in stacks)
    tried = []
    for _ in range(4):
        few, many = (seconds(partial(stack.check, AS_OF)) for stack in stacks)
        tried.append((few, many))
        if many < 10 * max(few, 0.03):
            return
    pytest.fail(f"always more than in proportion: {tried}")


def test_words_are_looked_up_among_thousands_of_values() -> None:
    few, many = (tuple(f"值{n}" for n in range(count)) for count in (3, 3_000))
    assert _known(few) is few and _known(many) is _known(many) == frozenset(many)
    listed = "、".join(many)
    text = WORLD.replace("  字段 文（t）：文本", f"  字段 文（t）：枚举 {{ {listed} }}")
    policy_from_text(text + RULE.format(f"文 属于 {{ {listed} }}"))
    found = try_policy_from_text(text + RULE.format(f"文 属于 {{ {listed}、没有 }}"))[1]
    assert [one.code for one in found] == ["E206"]


def test_dates_are_shifted_a_few_times_only() -> None:
    run_all(policy_from_text(WORLD + RULE.format("日 + 1 年 + 3 个月 - 10 天 + 1 天 > 评估日")))
    assert [found.code for found in refused("日" + " + 1 天" * 5 + " > 评估日")] == ["E108"]
    assert [found.code for found in refused("日" + " + 1 天" * 5_000 + " > 评估日")] == ["E108"]


def test_objects_below_objects() -> None:
    def chain(depth: int) -> str:
        above = ["项目", *(f"层{n}" for n in range(1, depth))]
        return "".join(f"对象 层{n}（o{n}） 属于 {above[n - 1]}\n  字段 项{n}（f{n}）：是否\n" for n in range(1, depth))

    run_all(policy_from_text(WORLD + chain(MAX_OBJECT_DEPTH) + RULE.format("甲")))
    found = refused("甲", chain(MAX_OBJECT_DEPTH + 40))
    assert [diagnostic.code for diagnostic in found] == ["E210"]


def test_many_wrong_names_beside_many_names() -> None:
    """Each wrong name is offered look-alikes at first; thousands against thousands would take minutes."""
    names = "".join(f"术语 名称{n}号 即 甲\n" for n in range(3_000))
    began = time.process_time()
    found = refused(" 且 ".join(f"错名{n}号" for n in range(3_000)), names)
    assert time.process_time() - began < 10
    assert [diagnostic.code for diagnostic in found] == ["E201"] * 3_000
    assert "是不是" in (found[0].remedy or "")
