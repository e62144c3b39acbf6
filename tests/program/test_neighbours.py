"""Stacks checked beside each other come to what each comes to alone, findings and pins included."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path
from unittest import mock

import pytest

import policyrules as pr
from policyrules.program import stack as stacks
from policyrules.program.assemble import Checked
from policyrules.program.fingerprints import text_hash
from policyrules.program.neighbours import Neighbours
from policyrules.program.stack import Stack
from policyrules.testing.build import AS_OF, layer_files, stack_from_text

from ..engines.programs import modelled
from ..model.choosing import RandomChooser

BENEATH = ("修订", "设定", "规则", "补充规则", "义务", "禁令", "提示")

NATION = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 月数（months）：整数（个） 取值 0 个 以上
  字段 投资（invested）：金额（万元）
参数 下限（least）：金额（万元） = 50 万元
  授权 细化
参数 久停月数（long）：整数（个） 取值 1 个 至 60 个 缺省 12 个
  授权 细化
术语 久停 即 停产 且 月数 ≥ 久停月数
决定 分类（category）：单选 { 盘活、升级、处置 }
  授权 自定
规则 处置类
  授权 自定
  当 久停
  则 分类 为 处置
义务 公示
  当 停产
  应当 投资 ≥ 下限
"""
PROVINCE = """
规则 升级类
  授权 自定
  当 投资 > 100 万元
  则 分类 为 升级
修订 处置类
  除外 投资 > 900 万元
提示 大额
  当 投资 > 500 万元
  说 “投资{投资}，逐笔核对”
"""


def alike(one: Checked, other: Checked) -> None:
    """What can be asked of what was checked is the same."""
    assert one.program == other.program
    assert text_hash(one.program) == text_hash(other.program)
    assert list(one.program.rules) == list(other.program.rules)
    assert (one.diagnostics, one.pins, one.verdicts) == (other.diagnostics, other.pins, other.verdicts)
    assert (one.graph, list(one.graph)) == (other.graph, list(other.graph))
    assert (one.symbols.cited, one.symbols.lists, one.symbols.added) == (
        other.symbols.cited,
        other.symbols.lists,
        other.symbols.added,
    )
    assert set(one.symbols.provisions) == set(other.symbols.provisions)


def beside(*counties: str, upper: tuple[str, ...] = (NATION, PROVINCE)) -> list[tuple[str, ...] | None]:
    """Of counties below the same layers, checked one after another, the codes of what is found, lock files that are not there
    left out; None of those that are checked whole."""
    neighbours = Neighbours(AS_OF)
    found: list[tuple[str, ...] | None] = []
    for text in counties:
        stack = stack_from_text(*upper, text)
        checked, alone = neighbours.checked(stack), stack.check(AS_OF)
        if checked is not None:
            alike(checked, alone)
        codes = () if checked is None else [one.code for one in checked.diagnostics if one.code != "W304"]
        found.append(None if checked is None else tuple(codes))
    return found


def test_what_counties_write_of_their_own() -> None:
    assert (
        beside(
            "修订 升级类\n  除外 停产\n",
            "修订 处置类\n  停用\n  说明 由县里另定\n",
            "修订 分类\n  先后 升级、处置\n",
            "设定 久停月数 为 24 个\n",
            "规则 盘活类\n  当 月数 < 3 个\n  则 分类 为 盘活\n",
            "义务 报县\n  当 久停\n  应当 投资 ≥ 下限\n提示 县里留意\n  当 停产\n  说 “停产了”\n",
            "修订 公示\n  还应当 投资 ≥ 10 万元\n修订 大额\n  重申\n",
            "",
        )
        == [()] * 8
    )


def test_what_is_wrong_with_a_county_is_found() -> None:
    found = beside(
        "修订 没有的\n  除外 停产\n",
        "修订 升级类\n  除外 没有的\n",
        "修订 升级类\n  除外 停产\n修订 升级类\n  还须 停产\n",
        "修订 升级类\n  除外 投资 > 5 万元 且 投资 < 3 万元\n",
        "设定 久停月数 为 99 个\n",
        "设定 久停月数 为 3 万元\n",
        "规则 又一条\n  当 停产\n  则 分类 为 没有的\n",
        "提示 一条\n  当 停产\n  说 “一”\n提示 一条\n  当 停产\n  说 “二”\n",
    )
    assert found == [("E303",), ("E201",), ("E304",), ("W215",), ("E206",), ("E205",), ("E206",), ("E202",)]


def test_what_may_change_what_is_above_is_checked_whole() -> None:
    """A name that stands above, a definition, an object, a trial of words that are not read: nothing is taken for granted."""
    assert (
        beside(
            "术语 新词 即 停产\n",
            "提示 久停\n  当 停产\n  说 “久了”\n",
            "规则 处置类\n  当 停产\n  则 分类 为 处置\n",
            "参数 新的（fresh）：整数（个） = 5 个\n",
            "增列 分类\n  { 观察 }\n",
            "推定 视为停产\n  当 月数 > 3 个\n  则 停产 为 是\n",
            "对象 项目\n  字段 又一个（other）：是否\n",
            "提示 念不通\n  当\n",
            "改 升级类\n",
        )
        == [None] * 9
    )


def test_findings_above_are_said_of_every_county() -> None:
    doubtful = PROVINCE + "提示 总是\n  当 投资 > 5 万元 且 投资 < 3 万元\n  说 “不会”\n"
    assert beside("修订 升级类\n  除外 停产\n", upper=(NATION, doubtful)) == [None]


def test_a_long_chain_of_terms_is_looked_into_as_far() -> None:
    """What a condition of a county's says against the ninth of ten terms that read each other is found as it is found alone."""
    chain = [f"术语 甲{at:02} 即 甲{at + 1:02} 且 月数 ≠ {at} 个" for at in range(1, 9)]
    chain += ["术语 甲09 即 甲10 且 月数 > 50 个", "术语 甲10 即 停产 且 投资 > 5 万元"]
    upper = (NATION, PROVINCE + "\n".join(chain) + "\n")
    said = "提示 县里的\n  当 甲01 且 月数 < 10 个\n  说 “不会”\n"
    assert beside(said, upper=upper) == [("W215",)]


def test_layers_that_read_alike_and_are_others() -> None:
    """The same county below two provinces, below one at a later version, and below a province beside another."""
    neighbours = Neighbours(AS_OF)
    county = "修订 升级类\n  除外 停产\n"
    seen = set()
    for province in (PROVINCE, PROVINCE.replace("100", "200"), PROVINCE):
        stack = stack_from_text(NATION, province, county)
        checked = neighbours.checked(stack)
        assert checked is not None
        alike(checked, stack.check(AS_OF))
        seen.add(text_hash(checked.program))
    assert len(seen) == 2
    levels = [((), None), ((0,), "甲"), ((0,), "乙"), ((1, 2), None)]
    apart = stack_from_text(NATION, PROVINCE, "提示 另一份\n  当 停产\n  说 “停”\n", county, extends=levels)
    assert apart.check(AS_OF).sound
    assert neighbours.checked(apart) is None
    files = [layer_files(text, level) for level, text in enumerate((NATION, PROVINCE, county))]
    files[1]["layer.yaml"] = files[1]["layer.yaml"].replace("2024-01-01", "2030-01-01")
    asleep = Stack.of(*files)
    checked = neighbours.checked(asleep)
    assert checked is not None and "W306" in {one.code for one in checked.diagnostics}
    alike(checked, asleep.check(AS_OF))


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_random_stacks(first: int) -> None:
    """A hundred random stacks each come to what they come to alone, and not all of them because they are checked whole."""
    counted: Counter[str] = Counter()
    for seed in range(first, first + 100):
        program = modelled(RandomChooser(f"neighbours {seed}"))
        chain = all(above == ((level - 1,) if level else ()) for level, above in enumerate(program.extends))
        if not chain or len(program.layers) < 2:
            continue
        *above, lowest = ("\n".join(pieces) for pieces in program.layers)
        kept = [piece for piece in program.layers[-1] if piece.startswith(BENEATH)]
        neighbours = Neighbours(program.as_of)
        for text in (lowest, "\n".join(kept), "\n".join(kept[::2])):
            stack = stack_from_text(*above, text)
            checked = neighbours.checked(stack)
            if checked is not None:
                alike(checked, stack.check(program.as_of))
            counted["whole" if checked is None else "sound" if checked.sound else "unsound"] += 1
    assert counted["sound"], counted


def test_counties_in_folders_are_checked_beside_each_other(tmp_path: Path) -> None:
    """What stacks put together come to is what their policies come to, and their upper layers are worked out once."""
    folders = {}
    for level, text in enumerate((NATION, PROVINCE)):
        _write(tmp_path / str(level), layer_files(text, level))
    for number in range(5):
        text = f"修订 升级类\n  除外 月数 > {number} 个\n"
        folders[f"县{number}"] = tmp_path / f"county{number}"
        _write(folders[f"县{number}"], layer_files(text, 2, layer_id=f"C{number}", extends=[1]))
    policy = pr.load(tmp_path / "1", as_of=AS_OF)
    alone = policy.stacks({name: pr.load(folder, as_of=AS_OF) for name, folder in folders.items()})
    whole = mock.Mock(side_effect=stacks.assemble)
    with mock.patch.object(stacks, "assemble", whole):
        together = policy.stacks(folders)
    # Once for the layers above, then each county beside the others.
    assert [call.args[2] is None for call in whole.call_args_list] == [True, *[False] * 5]
    assert text_hash(together.program) == text_hash(alone.program)
    assert (together.standings, together.names, together.fingerprint) == (
        alone.standings,
        alone.names,
        alone.fingerprint,
    )
    neighbours = Neighbours(AS_OF)
    for folder in folders.values():
        one, found = pr.try_load(folder, as_of=AS_OF, beside=neighbours)
        assert one is not None and {each.code for each in found} == {"W304"}
        assert one.fingerprint == pr.load(folder, as_of=AS_OF).fingerprint


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")


def test_of_another_date_is_another(tmp_path: Path) -> None:
    stack = stack_from_text(NATION, PROVINCE, "修订 升级类\n  除外 停产\n  自 2025年6月1日 起\n")
    for day in (datetime.date(2025, 5, 31), datetime.date(2025, 6, 1)):
        checked = Neighbours(day).checked(stack)
        assert checked is not None
        alike(checked, stack.check(day))
