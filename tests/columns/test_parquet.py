"""From Parquet to Parquet: what stands in the files is what the columns are, whatever the blocks and the pieces."""

from __future__ import annotations

import threading
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import policyrules as pr
from policyrules.columns import arrow, bits
from policyrules.columns.bits import mapped
from policyrules.columns.coding import reads_itself
from policyrules.columns.crew import Crew
from policyrules.columns.folder import content_key
from policyrules.columns.parquet import ParquetTarget, RowGroup
from policyrules.columns.prepare import Spool, prepared_aside
from policyrules.columns.store import Texts
from policyrules.columns.tables import Exact, Labels, Lists, Strings, Table
from policyrules.testing.build import policy_from_text

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

RULES = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 乡镇（town）：文本
  字段 停产（stopped）：是否
  字段 年租金（rent）：金额
  字段 方式（ways）：多选 { 分红、务工、订单 }
对象 资产（asset） 属于 项目
  字段 名称（name）：文本
  字段 闲置（idle）：是否
参数 起点（floor）：金额（万元） 缺省 3 万元
  依据【二·界定】“停产的”
决定 分类（category）：单选 { 盘活、其他 }
规则 盘活类
  依据【二·界定】“停产的”
  当 停产 且 年租金 < 起点
  则 分类 为 盘活
决定 去向（way）对 资产：单选 { 处置、留用 }
规则 处置类 对 资产
  依据【二·界定】“停产的”
  当 闲置
  则 去向 为 处置
义务 分红到户 对 项目
  依据【二·界定】“停产的”
  当 停产
  应当 方式 含 分红
"""
ROWS = 300


@pytest.fixture(scope="module")
def policy() -> pr.Policy:
    return policy_from_text(RULES)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("台账")
    ways: list[Any] = [["分红"], ["务工", "分红"], [], None, ["订单"]]
    projects = {
        "编号": [f"P{place:04}" for place in range(ROWS)],
        "乡镇": [("东乡", "西乡", None)[place % 3] for place in range(ROWS)],
        "停产": [(True, False, None, True)[place % 4] for place in range(ROWS)],
        "年租金（元）": [(20_000, 40_000, None)[place % 3 - place % 2] for place in range(ROWS)],
        "方式": [ways[place % 5] for place in range(ROWS)],
    }
    # Rows of one project stand apart, so that they have to be put in order.
    owners = [place * 7 % ROWS for place in range(2 * ROWS)]
    assets = {
        "项目": [f"P{owner:04}" for owner in owners],
        "名称": [f"资产{place}" for place in range(2 * ROWS)],
        "闲置": [(True, None, False)[place % 3] for place in range(2 * ROWS)],
    }
    first, second = folder / "项目.parquet", folder / "资产.parquet"
    parquet.write_table(pyarrow.table(projects), first, row_group_size=100)
    parquet.write_table(pyarrow.table(assets), second, row_group_size=170)
    return first, second


@pytest.mark.parametrize("block", [64, 128, 1 << 17])
def test_files_are_the_columns(policy: pr.Policy, files: tuple[Path, Path], tmp_path: Path, block: int) -> None:
    source, assets = files
    given = {"东乡": {"起点": "5 万元"}, "西乡": {"floor": "1 万元"}}
    target, told, ways = tmp_path / "结果.parquet", tmp_path / "检查.parquet", tmp_path / "资产.parquet"
    options: dict[str, Any] = {"parameters": given, "by": "乡镇", "rules": True, "children": {"资产": assets}}
    handed = policy.evaluate_parquet(
        source, target, findings=told, tables={"asset": ways}, statuses=["违反", "unverified"], block=block, **options
    )
    assert not handed
    whole = policy.evaluate_frame(source, **options)
    assert set(whole.columns["分类"].to_list()) == {"盘活", None}
    assert parquet.read_table(target).to_pydict() == whole.table("项目").to_arrow().to_pydict()
    assert parquet.read_table(ways).to_pydict() == whole.table("资产").to_arrow().to_pydict()
    found = parquet.read_table(told).to_pydict()
    assert found == whole.findings_of(["violated", "待核实"]).to_arrow().to_pydict()
    assert set(found["状态"]) == {"违反", "待核实"}
    # 300 records in turns of 20: which of them are stopped, and which then share nothing, is told by hand.
    broken = [place for place in range(ROWS) if place % 4 in (0, 3) and place % 5 in (2, 4)]
    assert [row for row, said in zip(found["记录"], found["状态"], strict=True) if said == "违反"] == broken


STATISTICS = """
统计 同乡镇低效数
  依据【二·界定】“停产的”
  计数 项目
  相同 乡镇
  其中 停产
决定 成片（cluster）：单选 { 成片 }
规则 成片类
  依据【二·界定】“停产的”
  当 同乡镇低效数 ≥ 50
  则 成片 为 成片
"""


def threads_alive() -> set[threading.Thread]:
    # Those that make blocks ahead stay, for whoever is next.
    return {thread for thread in threading.enumerate() if not thread.name.startswith("policyrules-ahead")}


def test_files_do_not_depend_on_threads(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pieces, blocks and statistics are dealt out to threads; what comes out has the same bytes."""
    monkeypatch.setattr("policyrules.columns.arrow._BATCH", 50)
    counting = policy_from_text(RULES + STATISTICS)
    alive = threads_alive()
    made: dict[int, list[bytes]] = {}
    keys = set()
    for threads in (1, 2, 3):
        with prepared_aside(
            counting.program, counting._reader.names, files[0], {"资产": files[1]}, threads
        ) as prepared:
            keys.add(content_key(prepared))
        targets = [tmp_path / f"{threads}·{name}.parquet" for name in ("结果", "检查", "资产")]
        counting.evaluate_parquet(
            files[0],
            targets[0],
            findings=targets[1],
            tables={"资产": targets[2]},
            children={"资产": files[1]},
            rules=True,
            block=64,
            threads=threads,
        )
        made[threads] = [path.read_bytes() for path in targets]
    assert made[1] == made[2] == made[3]
    assert len(keys) == 1
    assert threads_alive() == alive
    found = parquet.read_table(tmp_path / "3·结果.parquet").to_pydict()
    # By hand: of the 100 projects of a township 50 are stopped for sure; whose township is not told may be anywhere.
    assert found["成片"] == ["成片" if place % 3 < 2 else None for place in range(ROWS)]
    assert found["成片·状态"] == ["已定" if place % 3 < 2 else "待定" for place in range(ROWS)]
    whole = counting.evaluate_frame(files[0], children={"资产": files[1]}, rules=True, threads=1)
    assert found == whole.table("项目").to_arrow().to_pydict()


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_what_is_wrong_with_a_file_is_told_whoever_reads_it(
    policy: pr.Policy, files: tuple[Path, Path], tmp_path: Path, threads: int
) -> None:
    alive = threads_alive()
    broken = tmp_path / "断的.parquet"
    data = bytearray(files[1].read_bytes())
    data[40:400] = bytes(360)
    broken.write_bytes(bytes(data))
    with pytest.raises(pr.RecordError) as told:
        policy.evaluate_parquet(files[0], tmp_path / "结果.parquet", children={"资产": broken}, threads=threads)
    assert [one.code for one in told.value.problems] == ["E507"]
    assert [path.name for path in tmp_path.iterdir()] == [broken.name]
    assert threads_alive() == alive
    with pytest.raises(ValueError, match="threads 是几个线程，至少 1"):
        policy.evaluate_parquet(files[0], tmp_path / "结果.parquet", threads=0)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_nothing_is_left_of_what_was_broken_off(
    policy: pr.Policy, files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    """Ctrl-C while the second block is written: the file that was there before stays, no other appears, no thread goes on."""
    alive = threads_alive()
    target, told = tmp_path / "结果.parquet", tmp_path / "检查.parquet"
    target.write_bytes(b"before")
    write, written = ParquetTarget.write, []

    def broken_off(self: ParquetTarget, group: RowGroup) -> None:
        written.append(self)
        if len(written) == 3:
            raise KeyboardInterrupt
        write(self, group)

    monkeypatch.setattr(ParquetTarget, "write", broken_off)
    with pytest.raises(KeyboardInterrupt):
        policy.evaluate_parquet(files[0], target, findings=told, block=64, threads=threads)
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    assert target.read_bytes() == b"before"
    assert threads_alive() == alive


def test_rows_are_told_with_their_record(policy: pr.Policy, files: tuple[Path, Path]) -> None:
    table = policy.evaluate_frame(files[0], children={"资产": files[1]}).table("资产").columns
    assert table["记录"].to_list() == [place // 2 for place in range(2 * ROWS)]
    assert table["行"].to_list() == list(range(2 * ROWS))


def test_other_readers_have_the_same(policy: pr.Policy, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Polars reads Parquet by code of its own: texts as texts, lists, blanks, days and whole numbers are those of the columns."""
    polars = pytest.importorskip("polars")
    paths = [tmp_path / f"{name}.parquet" for name in ("结果", "检查", "资产")]
    given: dict[str, Any] = {"children": {"资产": files[1]}, "rules": True}
    policy.evaluate_parquet(files[0], paths[0], findings=paths[1], tables={"资产": paths[2]}, block=64, **given)
    whole = policy.evaluate_frame(files[0], **given)
    for path, table in zip(paths, (whole.table("项目"), whole.findings, whole.table("资产")), strict=True):
        found = polars.read_parquet(path)
        assert found.to_dict(as_series=False) == {name: column.to_list() for name, column in table.columns.items()}
        texts = {name for name, column in table.columns.items() if isinstance(column, Labels | Strings)}
        assert {name for name, kind in found.schema.items() if kind == polars.String} == texts
    assert None in polars.read_parquet(paths[0])["分类"].to_list()


@pytest.mark.parametrize("order", ["together", "mixed", "few"])
@pytest.mark.parametrize("odd", [False, True])
def test_rows_find_their_record_in_any_order(policy: pr.Policy, tmp_path: Path, order: str, odd: bool) -> None:
    """By hand: rows are named by the number of their record, folded; that of a list stand in the order of the records,
    and of one record in that of the file."""
    records = 40 if order == "few" else 3_000
    numbers = [f"P{place:04}（东）" if odd else f"P{place:04}" for place in range(records)]
    named = [place for place in range(records) for _ in range(place % 4)]
    if order == "mixed":
        named = np.random.default_rng(7).permutation(named).tolist()
    # One in seven is written otherwise, and one hangs nowhere, which is said of it.
    written = [numbers[place].lower() if row % 7 == 3 else numbers[place] for row, place in enumerate(named)]
    written[5] = ""
    names = [f"资产{row}" for row in range(len(named))]
    source, assets = tmp_path / "项目.parquet", tmp_path / "资产.parquet"
    parquet.write_table(pyarrow.table({"编号": numbers}), source)
    plain = pyarrow.table({"项目": written, "名称": names})
    parquet.write_table(plain, assets, row_group_size=1_000)
    ledger = policy.prepare(source, children={"资产": assets})
    held = sorted((place, row) for row, place in enumerate(named) if row != 5)
    table = ledger.tables["资产"]
    assert table.parent is not None and table.parent.tolist() == [place for place, _ in held]
    told = table.columns["名称"]
    assert [told.value(row) for row in range(table.rows)] == [names[row] for _, row in held]
    assert len(ledger.problems) == 1
    by_dictionary = plain.set_column(0, "项目", plain.column(0).dictionary_encode())
    other = policy.prepare(parquet.read_table(source), children={"资产": by_dictionary}).tables["资产"]
    assert other.parent is not None and np.array_equal(other.parent, table.parent)


def test_codes_put_aside_are_the_same(policy: pr.Policy, files: tuple[Path, Path]) -> None:
    with prepared_aside(policy.program, policy._reader.names, files[0], {"资产": files[1]}) as prepared:
        key = content_key(prepared)
        prepared.let_go()
        assert content_key(prepared) == key
    assert content_key(policy.prepare(files[0], children={"资产": files[1]})) == key


def test_what_is_put_aside_can_be_let_go(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        numbers = np.arange(100_000)
        kept = spool.keep(numbers)
        # Of a file, and a plain array all the same.
        assert mapped(kept) is not None and type(kept) is np.ndarray and np.array_equal(kept, numbers)
        small = np.arange(3)
        assert spool.keep(small) is small and mapped(small) is None
        for _ in range(200):
            spool.keep(numbers)
        assert np.array_equal(kept, numbers)
        bits.let_go([kept, kept[5:9]])
        assert np.array_equal(kept, numbers)
        with pytest.raises(ValueError, match="read-only"):
            kept[0] = 1


def test_several_threads_put_aside(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool, Crew(4) as crew:
        # 600 MB and more.
        kept = crew.each(lambda turn: spool.keep(np.full(100_000 + turn, turn)), range(800))
    assert [int(one[0]) for one in kept] == [*range(800)]
    assert all(len(one) == 100_000 + turn and (one == turn).all() for turn, one in enumerate(kept))


def test_wrong_words_are_told(policy: pr.Policy, files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="没有“违规”这种状态"):
        policy.evaluate_parquet(files[0], tmp_path / "a.parquet", statuses=["违规"])
    with pytest.raises(KeyError):
        policy.evaluate_parquet(files[0], tmp_path / "a.parquet", tables={"没有的": tmp_path / "b.parquet"})

    for wrong in (0, -5, 64.5):
        with pytest.raises(ValueError, match="block 是一次评估几条记录"):
            policy.evaluate_parquet(files[0], tmp_path / "a.parquet", block=wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="names 只能是 zh、key"):
        policy.evaluate_frame(files[0], names="en")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="outputs 要给几个名称"):
        policy.evaluate_frame(files[0], outputs="分类")
    assert not list(tmp_path.iterdir())


def test_a_ledger_is_never_written_over(policy: pr.Policy, files: tuple[Path, Path], tmp_path: Path) -> None:
    own, rows = tmp_path / "项目.parquet", tmp_path / "资产.parquet"
    own.write_bytes(files[0].read_bytes())
    rows.write_bytes(files[1].read_bytes())
    link, hard, other = tmp_path / "链接.parquet", tmp_path / "硬链接.parquet", tmp_path / "结果.parquet"
    link.symlink_to(own)
    hard.hardlink_to(own)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    given: dict[str, object] = {"children": {"资产": rows}}
    for target, told, below in (
        (own, None, None),
        (link, None, None),
        (hard, None, None),
        (tmp_path / "x" / ".." / own.name, None, None),
        (other, own, None),
        (other, rows, None),
        (rows, None, None),
        (other, None, {"资产": rows}),
        (other, other, None),
        (other, None, {"资产": other}),
    ):
        with pytest.raises(ValueError, match=r"就是要读的文件|同一个文件"):
            policy.evaluate_parquet(own, target, findings=told, tables=below, **given)  # type: ignore[arg-type]
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_exact_numbers_as_decimals() -> None:
    known = np.array([True, True, False, True])
    near = Exact(np.array([-1, 5, 0, 2**40]), 100, known)
    far = Exact(np.array([2**62, -(2**62), 0, 1]), 100, known)
    third = Exact(np.array([1, 2, 0, 3]), 3, known)
    made = Table({"近": near, "远": far, "三分": third}).to_arrow().to_pydict()
    assert made["近"] == [Decimal("-0.01"), Decimal("0.05"), None, Decimal(2**40).scaleb(-2)]
    assert made["远"] == [Decimal(2**62).scaleb(-2), Decimal(-(2**62)).scaleb(-2), None, Decimal("0.01")]
    assert made["三分"] == ["1/3", "2/3", None, "1"]


QUOTIENTS = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 总投资（total）：金额（万元） 取值 0 万元 以上
  字段 已支出（spent）：金额（万元） 取值 0 万元 以上
  字段 户数（families）：整数（户） 取值 0 户 以上
决定 奖（award）：{kind}
  依据【一】
规则 甲
  依据【一】
  当 户数 ≥ 1 户
  则 奖 为 {expression}
"""


@pytest.mark.parametrize("engine", ["numpy", "auto"])
@pytest.mark.parametrize(
    ("kind", "expression", "expected"),
    [
        ("比例", "已支出 ÷ 总投资", ["1/5", "1/3"]),
        ("比例", "已支出 ÷ 总投资 × 50%", ["1/10", "1/6"]),
        ("比例", "取小（已支出 ÷ 总投资；30%）", ["1/5", "3/10"]),
        ("金额（万元）", "总投资 × （已支出 ÷ 总投资）", ["2", "3"]),
        ("金额（元）", "总投资 ÷ 户数 × 1 户", ["100000/3", "30000"]),
        # What is divided by a number that stands in the rules is a decimal as before, where that has an end.
        ("金额（万元）", "总投资 ÷ 8", [Decimal("1.25"), Decimal("1.125")]),
        ("金额（万元）", "总投资 ÷ 3", ["10/3", "3"]),
    ],
)
def test_a_quotient_is_never_cut(
    tmp_path: Path, engine: Any, kind: str, expression: str, expected: list[object]
) -> None:
    policy = policy_from_text(QUOTIENTS.replace("{kind}", kind).replace("{expression}", expression))
    rows = [
        {"编号": "甲", "总投资": 10, "已支出": 2, "户数": 3},
        {"编号": "乙", "总投资": 9, "已支出": 3, "户数": 3},
        {"编号": "丙", "总投资": 9, "已支出": 3, "户数": 0},
    ]
    whole = policy.evaluate_frame(rows, engine=engine)
    told = whole.table("项目").to_arrow().to_pydict()
    assert told["奖"] == [*expected, None] and told["奖·低"] == told["奖·高"] == told["奖"]
    assert whole.columns["奖"].to_list() == [outcome["奖"].value for outcome in policy.evaluate_all(rows)]
    source, target = tmp_path / "台账.parquet", tmp_path / "结果.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(rows), source)
    policy.evaluate_parquet(source, target, engine=engine, block=64)
    assert parquet.read_table(target).column("奖").to_pylist() == [*expected, None]


def test_long_numbers_are_texts_where_no_decimal_holds_them() -> None:
    known = np.array([True, True])
    wide = Exact(np.array([10**30 - 1, -1], object), 10_000, known)
    wider = Exact(np.array([10**39 - 1, 5], object), 10, known)
    made = Table({"长": wide, "太长": wider}).to_arrow().to_pydict()
    assert made["长"] == [Decimal("99999999999999999999999999.9999"), Decimal("-0.0001")]
    assert made["太长"] == [str(Fraction(10**39 - 1, 10)), "1/2"]


def test_lists_and_texts_as_arrow() -> None:
    lists = Lists.of(np.array([1, -1, 0, 1, 2], np.int32), (("甲",), ("乙", "甲"), ()))
    strings = Strings(np.array([1, -1, 0, 1, 1], np.int32), Texts.of(["子", "丑"]))
    made = Table({"表": lists, "文": strings}).to_arrow().to_pydict()
    assert made == {"表": [["乙", "甲"], None, ["甲"], ["乙", "甲"], []], "文": ["丑", "", "子", "丑", "丑"]}
    assert made == {"表": lists.to_list(), "文": strings.to_list()}


@pytest.mark.parametrize("kind", ["list", "large_list"])
def test_lists_of_texts_are_read_by_number(policy: pr.Policy, kind: str) -> None:
    held: list[Any] = [["分红", "务工"], ["务工", "分红"], [], None, ["分红"], ["没有的"], ["分红", "务工"]]
    own = getattr(pyarrow, f"{kind}_")(pyarrow.string()) if kind == "list" else pyarrow.large_list(pyarrow.string())
    column = pyarrow.array([["订单"], *held], own).slice(1)
    numbers = [f"P{place}" for place in range(len(held))]
    by_arrow = policy.prepare(pyarrow.table({"编号": numbers, "方式": column}))
    one_by_one = policy.prepare([{"id": number, "ways": ways} for number, ways in zip(numbers, held, strict=True)])
    first, second = (
        [one.records.columns["方式"].value(row) for row in range(one.evaluated)] for one in (by_arrow, one_by_one)
    )
    assert first == second
    assert by_arrow.evaluated == len(held) - 1


def test_many_texts_of_a_dictionary(policy: pr.Policy) -> None:
    """Texts that come with their buffer are those that come one by one, odd ones and blanks as well."""
    towns = [f"第{place}乡" if place % 3 else None for place in range(4_000)]
    ledger = policy.prepare(pyarrow.table({"编号": [f"P{place}" for place in range(4_000)], "乡镇": towns}))
    column = ledger.records.columns["乡镇"]
    assert [column.value(row) for row in range(4_000)] == towns
    odd = [f" 第{place}乡" if town else "未知" for place, town in enumerate(towns)]
    ledger = policy.prepare(pyarrow.table({"编号": [f"P{place}" for place in range(4_000)], "乡镇": odd}))
    column = ledger.records.columns["乡镇"]
    assert [column.value(row) for row in range(4_000)] == towns


@pytest.mark.parametrize("groups", [100, 1_000, 10_000])
@pytest.mark.parametrize("dictionary", ["whole", "short", "none"])
def test_lists_of_texts_are_read_by_the_dictionaries_of_the_file(
    policy: pr.Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, groups: int, dictionary: str
) -> None:
    """Of short groups together, of long ones in pieces, where the dictionary is full at some point, and where there is none."""
    monkeypatch.setattr(arrow, "_BATCH", 700)
    monkeypatch.setattr(arrow, "_MOST", 750)
    ways = (["分红", "务工"], None, ["订单"], [], ["务工", "订单", "分红"])
    held = [ways[place * place % 5] for place in range(2_345)]
    table = pyarrow.table({"编号": [f"P{place}" for place in range(len(held))], "方式": held})
    told: dict[str, dict[str, Any]] = {
        "whole": {},
        "short": {"dictionary_pagesize_limit": 8, "data_page_size": 64},
        "none": {"use_dictionary": False},
    }
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=groups, write_batch_size=50, **told[dictionary])
    column = policy.prepare(tmp_path / "a.parquet").records.columns["方式"]
    assert [column.value(row) for row in range(column.rows)] == [None if not one else frozenset(one) for one in held]


@pytest.mark.parametrize("word", ["null", "NULL", "Sum", "n-a", "Subtotal", "sub-totals", "nIL", "暂无", "不清楚"])
def test_words_that_are_no_numbers_are_seen_among_many(word: str) -> None:
    numbers = [f"SL{place:04}-Z1" for place in range(2_000)]
    assert reads_itself(Texts.of(numbers))
    assert reads_itself(Texts.of([*numbers, word, *numbers])) == (word == "n-a")


def test_memory_of_arrow_is_what_it_was(policy: pr.Policy, files: tuple[Path, Path], tmp_path: Path) -> None:
    before = pyarrow.default_memory_pool().backend_name
    with arrow.steady_memory(), arrow.steady_memory():
        inside = pyarrow.default_memory_pool().backend_name
        assert inside == (
            "jemalloc" if before == "mimalloc" and "jemalloc" in pyarrow.supported_memory_backends() else before
        )
    policy.evaluate_parquet(files[0], tmp_path / "a.parquet")
    assert pyarrow.default_memory_pool().backend_name == before
