"""Records under stacks of their own agree with the definition under each stack, output by output."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import policyrules as pr
from policyrules import Outcome
from policyrules.program.differing import NotTogether
from policyrules.testing.build import policy_from_text, write_layers
from policyrules.types import Kind

from ..engines.programs import Program, modelled, wide
from ..engines.records import Maker
from ..model.choosing import Pick, RandomChooser
from .agreeing import Said, columnar, definition


def expected(
    policy: pr.Policy, stacks: Mapping[str, pr.Policy], records: Sequence[Any], by: tuple[str, ...]
) -> tuple[Said, int]:
    """What the definition says of each record under its own stack, among those of its county; and how much of it the policy
    itself says otherwise."""
    counties: dict[str | None, list[int]] = {}
    for place, record in enumerate(records):
        told = next((record[name] for name in by if name in record), None)
        counties.setdefault(told if told in stacks else None, []).append(place)
    found: Said = {}
    differ = 0
    for county, places in counties.items():
        own = policy if county is None else stacks[county]
        outcomes = [*own.evaluate_all([records[place] for place in places], on_error="collect")]
        plain = [*policy.evaluate_all([records[place] for place in places], on_error="collect")]
        kept = [place for place, one in zip(places, outcomes, strict=True) if isinstance(one, Outcome)]
        said = definition([one for one in outcomes if isinstance(one, Outcome)])
        other = definition([one for one in plain if isinstance(one, Outcome)])
        differ += sum(said.get(key) != other.get(key) for key in {**said, **other})
        found.update(((key[0], kept[key[1]], *key[2:]), value) for key, value in said.items())
    return found, differ


def differences(
    policy: pr.Policy, stacks: Mapping[str, pr.Policy], records: Sequence[Any], by: tuple[str, ...], **options: Any
) -> tuple[list[str], int]:
    """What the columns say differently from the definition under each stack."""
    said, differ = expected(policy, stacks, records, by)
    result = policy.evaluate_frame(records, stacks=stacks, by=by[0], **options)
    ours = columnar(result, result.program)
    found = [
        f"{key}：定义 {said.get(key)}；列 {ours.get(key)}" for key in {**said, **ours} if said.get(key) != ours.get(key)
    ]
    return found, differ


def varied(program: Program, chance: random.Random) -> Program:
    """The program with pieces of some layers left out or edited."""
    layers = []
    for pieces in program.layers:
        kept = []
        for piece in pieces:
            if "对象" in piece or "节假日" in piece or "调休" in piece or chance.random() < 0.7:
                kept.append(piece)
            elif chance.random() < 0.5:
                edit = chance.random()
                if edit < 0.5:
                    piece = re.sub(r"(?<=[≥>≤<=] )(\d+)", lambda found: str(int(found[1]) + 1), piece)
                else:
                    piece = piece.replace(" 且 ", " 或 ") if edit < 0.75 else piece.replace("市场", "技术")
                kept.append(piece)
        layers.append(tuple(kept))
    return replace(program, layers=tuple(layers))


def random_stacks(seed: int) -> tuple[pr.Policy, dict[str, pr.Policy], tuple[str, ...], list[Any]] | None:
    """A policy, stacks by county, the names of the field that names it, and records; None where there is no such field."""
    chance = random.Random(seed)
    program = (wide if seed % 2 else modelled)(RandomChooser(seed))
    policy = program.load()
    if policy is None:
        return None
    root = policy.program.fields[policy.program.root]
    keys = [own for own in root.values() if own.type.kind in (Kind.ENUM, Kind.TEXT) and own.name != "编号"]
    if not keys:
        return None
    by = chance.choice(keys)
    pick = Pick(RandomChooser(f"stacks {seed}"))
    maker = Maker(policy, finest=False)
    counties = [value for value in maker.values[by.object, by.name] if isinstance(value, str)][:4]
    stacks = {}
    for county in counties:
        for _ in range(12):
            own = varied(program, chance).load()
            if own is not None:
                stacks[county] = own
                break
    records = [maker.record(pick, f"{number}号") for number in range(chance.choice((1, 12, 70)))]
    return policy, stacks, (by.name, by.key), records


def told(seed: int) -> str:
    """What came of random stacks, which give to the last row what the policy of each gives."""
    made = random_stacks(seed)
    if made is None:
        return "none"
    policy, stacks, by, records = made
    try:
        engine = ("numpy", "auto")[seed // 2 % 2]
        found, differ = differences(policy, stacks, records, by, block=64, threads=1 + seed % 2, engine=engine)
    except NotTogether as refused:
        return str(refused)
    assert found == []
    return "differ" if differ else "alike"


@pytest.mark.parametrize("first", range(0, 60, 15))
def test_random_stacks(first: int) -> None:
    counted = Counter(map(told, range(first, first + 15)))
    assert counted["differ"] > 2, counted


WORLD = """
对象 县（county_info）
  字段 县名（county_name）：文本
  字段 脱贫县（poor）：是否

对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 所在县（county）：文本
  字段 停产（stopped）：是否
  字段 投资（invest）：金额（万元） 取值 0 万元 以上
  字段 户数（homes）：整数（户） 取值 0 户 以上
  字段 类型（kind）：枚举 { 种植、养殖、加工 }

参数 起点（floor）：整数（户） 缺省 3 户 取值 0 户 以上
清单 小类
  依据【二·界定】“停产的”
  即 { 种植、等 }
统计 同类数（alike）
  计数 项目
  其中 停产
  相同 类型
决定 分类（category）：单选 { 盘活、升级 }
  授权 自定
规则 盘活类
  依据【二·界定】“停产的”
  当 停产
  则 分类 为 盘活
规则 升级类
  依据【二·界定】“停产的”
  当 户数 ≥ 起点
  则 分类 为 升级
决定 补助（support）：金额（万元） 单值
  授权 自定
规则 按户补
  依据【二·界定】“停产的”
  当 户数 > 0 户
  则 补助 为 户数 ÷ 1 户 × 2 万元
义务 要整改
  依据【二·界定】“停产的”
  授权 自定
  当 停产
  应当 户数 > 0 户
提示 留意
  依据【二·界定】“停产的”
  授权 自定
  当 投资 > 100 万元
  说 “大额”
提示 不小的
  依据【二·界定】“停产的”
  授权 自定
  当 类型 不属于 小类
  说 “不小”
提示 多的
  依据【二·界定】“停产的”
  当 同类数 ≥ 2 个
  说 “多”
"""
LAYERS = {
    # 户数 of more than 5 is no 盘活; four homes are enough; its own notice.
    "甲县": """
修订 盘活类
  除外 户数 > 5 户
设定 起点 为 4 户
提示 本县留意
  当 停产
  说 “甲”
""",
    # 盘活 before 升级; nobody is told of large sums; 养殖 is small here.
    "乙县": """
修订 分类
  先后 盘活、升级
修订 留意
  停用
  说明 不用了
增列 小类
  { 养殖 }
规则 大额升级
  当 投资 > 150 万元
  则 分类 为 升级
""",
    # No more than 6 万元; a decision of its own, and a notice of the same name as that of 甲县.
    "丙县": """
修订 补助
  不超过 6 万元
决定 去向（way）：单选 { 留、退 }
规则 退的
  当 户数 = 0 户
  则 去向 为 退
提示 本县留意
  当 户数 = 0 户
  说 “丙”
""",
}
RECORDS = [
    # 编号, 所在县, 停产, 投资, 户数, 类型
    ("1", "甲县", True, 200, 6, "种植"),
    ("2", "甲县", True, 200, 3, "养殖"),
    ("3", "乙县", True, 200, 3, "养殖"),
    ("4", "乙县", False, 10, 0, "加工"),
    ("5", "丙县", True, 200, 4, "养殖"),
    ("6", "丙县", True, 10, 0, "养殖"),
    ("7", "丁县", True, 200, 3, "养殖"),
]


def nation() -> tuple[pr.Policy, dict[str, pr.Policy], list[dict[str, Any]]]:
    policy = policy_from_text(WORLD)
    stacks = {name: policy_from_text(WORLD, text) for name, text in LAYERS.items()}
    names = ("编号", "所在县", "停产", "投资", "户数", "类型")
    return policy, stacks, [dict(zip(names, row, strict=True)) for row in RECORDS]


def test_each_county_as_its_layer_says() -> None:
    """By hand: what each project comes to under the layer of its county."""
    policy, stacks, records = nation()
    found = policy.evaluate_frame(records, stacks=stacks, by="所在县")
    columns = {name: column.to_list() for name, column in found.columns.items()}
    # 1: no 盘活, 6 ≥ 4. 2: 3 < 4. 3: both, 盘活 first. 4: none. 5: both, not ranked. 6: 盘活. 7: both under the upper rules.
    assert columns["分类"] == ["升级", "盘活", "盘活", None, None, "盘活", None]
    assert columns["分类·状态"] == ["已定", "已定", "已定", "无", "冲突", "已定", "冲突"]
    assert columns["补助"] == [12, 6, 6, None, 6, None, 6]
    # 4 homes are 8, capped.
    assert columns["补助·高"][4] == 6
    # A decision of 丙县 alone.
    assert columns["去向"] == [None, None, None, None, None, "退", None]
    assert columns["去向·状态"] == [None, None, None, None, "无", "已定", None]
    listed = {name: column.to_list() for name, column in found.findings_of(["notice", "不适用"]).columns.items()}
    told = {
        (row, name): status for row, name, status in zip(listed["记录"], listed["名称"], listed["状态"], strict=True)
    }
    of = {
        name: [row for row in range(7) if told.get((row, name)) == "提示"]
        for name in ("留意", "不小的", "多的", "本县留意")
    }
    # 养殖 is not surely outside an open list, but 加工 neither: nobody is told; the small ones are.
    assert of["留意"] == [0, 1, 4, 6]
    assert of["不小的"] == []
    # Two that stand still of one kind in one county: 丙县 alone; the three others of 养殖 are elsewhere.
    assert of["多的"] == [4, 5]
    assert of["本县留意"] == [0, 1, 5]
    # What a county does not have does not even not apply to its projects.
    assert {row for row, name in told if name == "本县留意"} == {0, 1, 4, 5}
    assert {row for row, name in told if name == "留意"} == {0, 1, 4, 5, 6}
    assert told[2, "不小的"] == told[0, "不小的"] == "不适用" and (1, "不小的") not in told


def test_rules_and_outputs_by_name() -> None:
    policy, stacks, records = nation()
    found = policy.evaluate_frame(records, stacks=stacks, by="county", outputs=["way", "本县留意"], rules=["大额升级"])
    columns = {name: column.to_list() for name, column in found.columns.items()}
    assert list(columns) == ["编号", "去向", "去向·状态", "去向·候选", "大额升级"]
    assert columns["大额升级"] == [None, None, True, False, None, None, None]
    assert set(found.findings.columns["名称"].to_list()) == {"本县留意"}
    with pytest.raises(KeyError):
        policy.evaluate_frame(records, stacks=stacks, by="county", outputs=["没有的"])
    with pytest.raises(KeyError):
        policy.evaluate_frame(records, stacks=stacks, by="没有的字段")
    with pytest.raises(TypeError, match="by"):
        policy.evaluate_frame(records, stacks=stacks)


def test_values_on_top_of_layers() -> None:
    """3 homes are enough for 2 of 甲县 once it sets the number again, and 丁县 sets one without a layer."""
    policy, stacks, records = nation()
    given: dict[str, dict[str, object]] = {"甲县": {"floor": 3}, "丁县": {"起点": 9}}
    found = policy.evaluate_frame(records, stacks=stacks, parameters=given, by="所在县")
    assert found.columns["分类·状态"].to_list() == ["已定", "冲突", "已定", "无", "冲突", "已定", "已定"]
    together = policy.stacks(stacks, given)
    again = policy.evaluate_frame(policy.prepare(records), stacks=together, by="所在县")
    assert again.columns["分类·候选"].to_list() == found.columns["分类·候选"].to_list()
    with pytest.raises(TypeError, match="放在一起"):
        policy.evaluate_frame(records, stacks=together, parameters=given, by="所在县")


def test_sets_that_differ() -> None:
    """What cannot be a column of values is one more thing that stands behind switches."""
    text = WORLD + (
        "参数 好的（good）：多选 { 种植、养殖、加工 }\n  缺省 { 种植 }\n"
        "提示 好类\n  依据【二·界定】“停产的”\n  当 类型 属于 好的\n  说 “好”\n"
        "提示 说过的\n  依据【二·界定】“停产的”\n  当 好的 已填\n  说 “说过”\n"
    )
    policy = policy_from_text(text)
    given = {"甲县": {"好的": ["养殖"]}, "乙县": {"good": ["加工", "养殖"]}}
    _, _, records = nation()
    found = policy.evaluate_frame(records, stacks={}, parameters=given, by="所在县", outputs=["好类", "说过的"])
    listed = {name: column.to_list() for name, column in found.findings.columns.items()}
    told = [*zip(listed["记录"], listed["名称"], listed["状态"], strict=True)]
    assert told == [
        (0, "说过的", "提示"),
        (1, "好类", "提示"),
        (1, "说过的", "提示"),
        (2, "好类", "提示"),
        (2, "说过的", "提示"),
        (3, "好类", "提示"),
        (3, "说过的", "提示"),
    ]


def test_from_parquet_to_parquet(tmp_path: Path) -> None:
    """Block by block the same, from folders of layers as from policies."""
    parquet = pytest.importorskip("pyarrow.parquet")
    pa = pytest.importorskip("pyarrow")
    policy, _, records = nation()
    folders = {name: write_layers(tmp_path / str(at), WORLD, text) for at, (name, text) in enumerate(LAYERS.items())}
    many = [{**records[number % 7], "编号": str(number)} for number in range(500)]
    parquet.write_table(pa.Table.from_pylist(many), tmp_path / "项目.parquet")
    stacks = policy.stacks(folders)
    whole = policy.evaluate_frame(many, stacks=stacks, by="所在县")
    said = {name: own for name, own in whole.table("项目").to_arrow().to_pydict().items()}
    findings = whole.findings.to_arrow().to_pylist()
    for block in (64, 131_072):
        policy.evaluate_parquet(
            tmp_path / "项目.parquet",
            tmp_path / "结果.parquet",
            findings=tmp_path / "检查.parquet",
            stacks=stacks,
            by="所在县",
            block=block,
        )
        assert parquet.read_table(tmp_path / "结果.parquet").to_pydict() == said
        assert parquet.read_table(tmp_path / "检查.parquet").to_pylist() == findings


def test_fields_of_one_county() -> None:
    """A county's own field is read where the ledger is read for all of them."""
    policy, stacks, records = nation()
    own = "对象 项目\n  字段 验收（accepted）：是否\n提示 没验收\n  当 非 验收\n  说 “没验收”\n"
    stacks["丁县"] = policy_from_text(WORLD, own)
    records[6]["验收"] = False
    found = policy.evaluate_frame(records, stacks=stacks, by="所在县", outputs=["没验收"])
    assert found.findings.columns["记录"].to_list() == [6]
    with pytest.raises(ValueError, match="再准备一次"):
        policy.evaluate_frame(policy.prepare(records[:6]), stacks=stacks, by="所在县")


def test_what_cannot_be_had_in_one() -> None:
    policy, stacks, records = nation()
    refused = {
        "评估日": policy_from_text(WORLD, "", as_of=policy.as_of.replace(year=2030)),
        "字段": policy_from_text(WORLD.replace("取值 0 户 以上\n  字段 类型", "取值 1 户 以上\n  字段 类型")),
        "一圈：说到它们的有戊县、己县": policy_from_text(WORLD, "推定 户数的\n  当 停产\n  则 户数 为 1 户\n"),
        "不是一类": policy_from_text(
            WORLD, "决定 去向（way）：多选 { 留、退 }\n规则 退的\n  当 停产\n  则 去向 为 退\n"
        ),
    }
    stacks["戊县"] = policy_from_text(WORLD, "推定 停产的\n  当 户数 = 0 户\n  则 停产 为 是\n")
    for why, other in refused.items():
        with pytest.raises(NotTogether, match=why):
            policy.evaluate_frame(records, stacks={**stacks, "己县": other}, by="所在县")
