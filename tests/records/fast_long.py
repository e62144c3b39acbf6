"""Plain records read at once, against the general reader: ``python -m tests.records.fast_long --count 20000 --seed 1``.

Why this exists: what is read at once must be what the general reader gives, to the last note and finding, whatever a
record holds. Each run makes records that are mostly sound, with odd values, keys and containers strewn in, over loaded
stacks and over programs made up at random, and compares both readers; the first difference ends it with the record.
"""

from __future__ import annotations

import argparse
import datetime
import enum
import functools
import json
import time
from collections import Counter, OrderedDict, UserDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from types import MappingProxyType, SimpleNamespace
from typing import Any

from tests.records.sample import ORIGIN, build_program

import policyrules as pr
from policyrules.diagnostics import Diagnostic
from policyrules.engine.instances import Instance
from policyrules.program.nodes import Field, ObjectKind, Program
from policyrules.records.build import build_all, build_instance, general_instance
from policyrules.records.fast import cells_reader
from policyrules.records.names import RecordNames, record_names
from policyrules.types import Kind, Type

ROOT = Path(__file__).resolve().parents[2]
AS_OF = datetime.date(2025, 9, 15)
STACKS = {
    "national": ROOT / "policies" / "national",
    "county": ROOT / "examples" / "county",
    "funds": ROOT / "examples" / "funds",
}


class Text(str):
    """A text of somebody's own kind."""


class Whole(int):
    """A number of somebody's own kind."""


class Share(float):
    def __repr__(self) -> str:
        return "Share"


class Colour(str, enum.Enum):  # noqa: UP042  (whose hash is that of its name)
    RED = "红"
    GOOD = "好"


class Place(enum.Enum):
    HERE = 1


class Day(datetime.date):
    """A day of somebody's own kind."""


class Odd:
    """Does not let itself be compared, shown, measured or hashed."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no equality")

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Odd"

    def __bool__(self) -> bool:
        raise RuntimeError("no truth")


class Unhashed:
    def __hash__(self) -> int:
        raise RuntimeError("no hash")


class Nothing:
    """As NA of pandas: answers every question with itself."""

    shape = ()

    def __eq__(self, other: object) -> Any:
        return self

    def __ne__(self, other: object) -> Any:
        return self

    __hash__ = object.__hash__


class Array:
    """As an array of numpy."""

    def __init__(self, *items: object) -> None:
        self.items, self.shape = items, (len(items),)

    def __iter__(self) -> Any:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    __hash__ = None  # type: ignore[assignment]


class Scalar:
    """As a number of numpy."""

    shape = ()

    def __init__(self, inner: object) -> None:
        self.inner = inner

    def item(self) -> object:
        return self.inner

    def __eq__(self, other: object) -> bool:
        return bool(self.inner == other)

    def __hash__(self) -> int:
        return hash(self.inner)


def _numpy() -> list[object]:
    try:
        import numpy as np
    except ImportError:
        return []
    return [
        np.nan, np.float64("nan"), np.float64(3.5), np.float32(0.1), np.int64(5), np.int8(1), np.bool_(True), np.bool_(False),
        np.str_("好"), np.str_("否"), np.datetime64("2025-01-02"), np.datetime64("NaT"), np.timedelta64(3, "D"), np.array(5),
        np.array([1, 2]), np.array(["好"]), np.array([{"金额": 1}], dtype=object), np.array([[1]]),
    ]  # fmt: skip


ODD: tuple[object, ...] = (
    None, "", "  ", "　", "未知", "不详", "无", "-", "/", "暂无", "n/a", "nan", "None", "#N/A", "#REF!", "＃ＤＩＶ/0!", "#", "1e3", "1E+05", "12+3",
    "好", " 好", "好 ", "坏", "红", "是", "否", "有", "√", "×", "TRUE", "t", "y", "1", "0", "１", "０", "2", "00012", "-0", "+5", "-5", "- 5", "3.50", ".5",
    "5.", "1,300", "1,30", "１２３", "300万元", "0.5亿元", "12亩", "2 公顷", "60%", "60", "3/5", "3 年", "18个月", "7天", "¥5", "5 个", "5户", "5元整",
    "2025-09-15", "2025-9-5", "2025/9/5", "20250915", "2025年9月15日", "2025-13-01", "2025-02-30", "2025-09-15 08:00", "2025-09", "2025", "2025-W01-1",
    "２０２５-０９-１５", "2025\u201009-15", "0000-01-01", "9999-12-31", "看不见\u200b的字符", "控制\x07字符", "两行\n文字", "制表\t符", "长\u00a0空格文字", "\ufeff开头有标记", "𝟓",
    "²", "字" * 9_999, "字" * 10_001, "名" * 65, "ａｂｃｄｅｆ", "İİİİİİ", "Straße-5", "a" * 300, "9" * 41, "9" * 39, "0." + "3" * 37, "0." + "3" * 50, "1" * 62,
    True, False, 0, 1, 2, -1, 5, 1000, 999, 2025, 9999, 10_000, 20250915, 45_000, 10**15, 10**18, 10**59, 10**60, -(10**60), 10**400,
    0.0, -0.0, 1.0, 0.1, 0.3, 0.1 + 0.2, 0.5, 0.89, 12.34, 409.5, 1e3, 1e15, 1e16, 1e22, 1e-5, 1.7e308, 5e-324, 99999999.9999, 99999999.99995, 2.675, 1 / 3,
    123456789.123, 1.00005, 4503599627370497.5, 100000000000.0, 99999999999.9999, float("nan"), float("inf"), float("-inf"),
    Decimal("3.5"), Decimal("0.10"), Decimal("1E+2"), Decimal("0E+100"), Decimal("0"), Decimal("-0"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"),
    Decimal("1E+999999"), Decimal("1.00"), Decimal(1), Fraction(1, 3), Fraction(7, 2), Fraction(4), Fraction(10**90, 7), 1j, complex(1), b"x", bytearray(b"x"),
    datetime.date(2025, 1, 2), datetime.date.min, datetime.date.max, datetime.datetime(2025, 1, 2, 3), datetime.datetime(2025, 1, 2, tzinfo=datetime.UTC),
    datetime.time(1), datetime.timedelta(1), Day(2025, 1, 2), Text("好"), Text("2025-09-15"), Text("3.5"), Text(""), Whole(1), Whole(7), Share(0.5), Colour.RED, Colour.GOOD, Place.HERE,
    Odd(), Unhashed(), Nothing(), Array(), Array("好", "红"), Array(1.5, None), Scalar(5), Scalar(True), Scalar(2.5), Scalar("好"), Scalar(None),
    [], ["好"], ["好", "好"], ["红", "好"], ["坏"], ["无"], ["无", "好"], [None], [""], [True], [1], [1.0], [1, "好"], [Text("好")], [Colour.GOOD], [["好"]], [{}], [{"a": 1}],
    ["好"] * 33, ["字" * 70], [float("nan")], [Decimal("sNaN")], (), ("好",), ({},), {"好"}, frozenset({"好"}), {}, {"好": 1}, {"金额": 1}, range(3), "好、红", "好;红", "（空）", "好，",
    OrderedDict(a=1), UserDict({"a": 1}), MappingProxyType({"a": 1}), [MappingProxyType({"a": 1})], SimpleNamespace(a=1), object, len, ..., NotImplemented,
    *_numpy(),
)  # fmt: skip
KEYS: tuple[object, ...] = (
    None, 1, 1.5, True, (), b"x", float("nan"), "", " ", "不认识的字段", "amuont", "x" * 201, "字" * 200, Text("金额"), Colour.RED, "project", "项目", "county", "县",
)  # fmt: skip


def seen(instance: Instance | None) -> object:
    """All that an instance holds, in its order."""
    if instance is None:
        return None
    return (
        instance.object,
        [(name, type(value).__name__, value) for name, value in instance.values.items()],
        [(child, rows and [_row(row, instance) for row in rows]) for child, rows in instance.rows.items()],
        instance.path,
        instance.identity,
        instance.notes,
        instance.unlisted,
        told(instance.problems),
        instance.layers,
        seen(instance.parent) if instance.parent is None or instance.path == instance.object else None,
    )


def _row(row: Instance, parent: Instance) -> object:
    assert row.parent is parent
    return seen(row)


def told(problems: tuple[Diagnostic, ...]) -> list[str]:
    return [repr(problem) for problem in problems]


def outcome(work: Callable[[], Any]) -> object:
    """What ``work`` gives, or the kind of what it raises."""
    try:
        return work()
    except Exception as error:
        return type(error).__name__


@dataclass(frozen=True)
class World:
    """A program with both readers of it: ``names`` read at once from the first record on, ``general`` never."""

    name: str
    program: Program
    names: RecordNames
    general: RecordNames

    @classmethod
    def of(cls, name: str, program: Program) -> World:
        names, general = record_names(program), record_names(program)
        names.kept[:] = [10**9]
        general.kept[:] = [None]
        return cls(name, program, names, general)


@functools.cache
def worlds() -> tuple[World, ...]:
    """The loaded stacks, and the program of the other tests."""
    stacks = [World.of(name, pr.load(folder, as_of=AS_OF).program) for name, folder in STACKS.items()]
    return (*stacks, World.of("sample", build_program()))


# ---- programs made up at random -------------------------------------------------------------------------------------

_WORDS = ("好", "红", "较好", "无", "未知", "是", "1", "2", "134项", "七大·稻米", "Ａ级", "a b", "#N/A", "-")
_NAMES = (
    "金额",
    "日期",
    "编号",
    "是'否",
    'a"b',
    "{v}",
    "a\\n",
    "名 称",
    "类别",
    "县",
    "项目",
    "面积",
    "数量",
    "比例",
    "备注",
    "年度",
)
_TYPES = (
    Type(Kind.BOOL), Type(Kind.INTEGER), Type(Kind.INTEGER, "个"), Type(Kind.DECIMAL), Type(Kind.DECIMAL, "%"), Type(Kind.DECIMAL, "吨"), Type(Kind.RATIO),
    Type(Kind.MONEY, "元"), Type(Kind.MONEY, "万元"), Type(Kind.MONEY, "亿元"), Type(Kind.AREA, "亩"), Type(Kind.AREA, "公顷"), Type(Kind.DATE), Type(Kind.YEAR),
    Type(Kind.YEAR, "年"), Type(Kind.DURATION, "个月"), Type(Kind.DURATION, "年"), Type(Kind.DURATION, "天"), Type(Kind.TEXT), Type(Kind.TEXT), Type(Kind.SET),
)  # fmt: skip


def random_program(random: Random) -> Program:
    """A program of a few objects with fields of every kind; sometimes one label means two things."""
    clash = random.random() < 0.3
    depth = random.choice((0, 0, 1, 1, 2))
    line = [f"对象{at}" for at in range(depth + 1)]
    parents: dict[str, str | None] = {name: line[at - 1] if at else None for at, name in enumerate(line)}
    for at in range(random.choice((0, 1, 2, 4))):
        parents[f"行{at}"] = random.choice([*line, *(name for name in parents if name.startswith("行"))])
    fields = {name: _fields(random, name, clash) for name in parents}
    objects: dict[str, ObjectKind] = {}
    for at, (name, parent) in enumerate(parents.items()):
        own = list(fields[name].values())
        texts = [one for one in own if one.type.kind in (Kind.TEXT, Kind.INTEGER, Kind.ENUM, Kind.DATE)]
        identity = random.choice(texts).name if texts and random.random() < 0.7 else None
        others = [one.key for other in fields.values() for one in other.values()]
        key = random.choice(others) if clash and others and random.random() < 0.5 else f"kind_{at}"
        children = tuple(child for child, above in parents.items() if above == name)
        objects[name] = ObjectKind(name, key, parent, identity, children, ORIGIN)
    return Program(
        as_of=AS_OF, layers=("CN",), root=line[-1], objects=objects, fields=fields, parameters={}, lists={}, terms={},
        statistics={}, decisions={}, rules={}, duties={}, notices={}, presumptions={}, stopped=(),
    )  # fmt: skip


def _fields(random: Random, object_: str, clash: bool) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for at in range(random.choice((0, 1, 3, 8, 20))):
        type_ = random.choice(_TYPES)
        if random.random() < 0.3:
            values = tuple(random.sample(_WORDS, random.randrange(1, 6)))
            type_ = Type(random.choice((Kind.ENUM, Kind.SET)), None, values)
        name = random.choice(_NAMES) + ("" if clash else str(at))
        key = random.choice((f"key_{at}", random.choice(_NAMES))) if clash else f"key_{at}"
        low, high = _bounds(random, type_)
        found[name] = Field(object_, name, key, type_, False, low, high, (), None, ORIGIN)
    return found


def _bounds(random: Random, type_: Type) -> tuple[Any, Any]:
    if random.random() < 0.4:
        return None, None
    if type_.kind is Kind.DATE:
        low, high = datetime.date(2020, 1, 1), datetime.date(2025, 6, 30)
    elif type_.kind in (Kind.BOOL, Kind.ENUM, Kind.SET, Kind.TEXT):
        return None, None
    else:
        low, high = (
            random.choice((0, -5, Fraction(1, 3), Fraction(5, 2))),
            random.choice((1, 100, 10**6, Fraction(7, 2))),
        )  # type: ignore[assignment]
    return random.choice(((low, high), (low, None), (None, high)))


# ---- records --------------------------------------------------------------------------------------------------------


def likely(random: Random, field: Field) -> object:
    """A value that a sound record may have."""
    type_ = field.type
    if random.random() < 0.08:
        return None
    if type_.values:
        chosen = random.sample(type_.values, random.randrange(len(type_.values) + 1))
        return random.choice(type_.values) if type_.kind is Kind.ENUM else chosen
    match type_.kind:
        case Kind.BOOL:
            return random.choice((True, False))
        case Kind.DATE:
            day = datetime.date(2020, 1, 1) + datetime.timedelta(random.randrange(3000))
            return random.choice((day, day.isoformat(), day.isoformat()))
        case Kind.TEXT:
            return random.choice(
                ("示例县", "某乡", "XM-" + str(random.randrange(10**6)), f"伍湾乡第{random.randrange(99)}村稻虾基地")
            )
        case Kind.SET:
            return [random.choice(("油茶", "肉牛", "食用菌", "好")) for _ in range(random.randrange(4))]
        case Kind.YEAR:
            return random.randrange(2015, 2031)
        case Kind.INTEGER | Kind.DURATION:
            return random.randrange(random.choice((3, 50, 10**6)))
        case _:
            number = random.randrange(random.choice((3, 200, 10**7))) / random.choice((1, 2, 10, 100, 1000))
            forms = (number, int(number), str(number), f"{number:.2f}", Decimal(str(number)), str(int(number)))
            return random.choice(forms)


def make(random: Random, world: World, object_: str, odd: float, depth: int = 0) -> object:
    """A record of ``object_``; of its cells a share ``odd`` is strange."""
    names = world.names.objects[object_]
    filled = random.choice((0.1, 0.5, 0.9, 1.0))
    record: dict[object, object] = {}
    for field in names.fields:
        if random.random() < filled:
            label = (
                field.key
                if random.random() > odd
                else random.choice((field.name, field.key, f" {field.name}", field.key.upper()))
            )
            record[label] = random.choice(ODD) if random.random() < odd else likely(random, field)
    for child in names.kind.children:
        if child in (world.names.record, *world.names.owners) and random.random() > odd:
            continue
        kind = world.names.objects[child].kind
        if depth < 3 and random.random() < filled:
            rows: object = (
                None
                if random.random() < 0.1
                else [make(random, world, child, odd, depth + 1) for _ in range(random.randrange(4))]
            )
            record[kind.name if random.random() < odd else kind.key] = (
                random.choice(ODD) if random.random() < odd / 2 else rows
            )
    above = world.names.owner_of(object_)
    if above is not None and random.random() < 0.7:
        kind = world.names.objects[above].kind
        own = random.choice(ODD) if random.random() < odd / 2 else make(random, world, above, odd, depth + 1)
        for label in (kind.name, kind.key) if random.random() < odd else (kind.key,):
            record[label] = own
    while random.random() < odd:
        record[random.choice(KEYS)] = random.choice(ODD)
    if random.random() < odd:
        items = list(record.items())
        random.shuffle(items)
        record = dict(items)
    if random.random() < odd / 4:
        return random.choice((random.choice(ODD), OrderedDict(record), UserDict(record), MappingProxyType(record)))
    return record


def compare(world: World, record: object) -> str:
    """How a record is read; raises `AssertionError` where the readers differ."""
    at_once = outcome(lambda: _both(build_instance(world.program, record, names=world.names)))
    general = outcome(lambda: _both(general_instance(world.general, record)))
    assert at_once == general, f"{world.name}: {record!r}\n{at_once}\n{general}"
    if isinstance(general, str):
        return "raised"
    return "refused" if general[1] else "noted" if general[2] else "read"  # type: ignore[index]


def _both(built: tuple[Instance, tuple[Diagnostic, ...]]) -> tuple[object, list[str], bool]:
    return seen(built[0]), told(built[1]), bool(built[0].notes)


def compare_all(world: World, records: list[object]) -> None:
    """Read ``records`` together by both readers."""

    def work(names: RecordNames) -> object:
        return [seen(one) for one in build_all(world.program, records, names=names)]

    at_once, general = outcome(lambda: work(world.names)), outcome(lambda: work(world.general))
    assert at_once == general, f"{world.name}: {records!r}"


def compare_cells(world: World, record: object, random: Random) -> bool:
    """Whether the cells of a flat record were read without the record; they are what the instance holds."""
    object_ = world.program.root
    names = list(world.program.fields[object_])
    wanted = random.sample(names, random.randrange(len(names) + 1))
    found = cells_of(world, tuple(names))(record)  # type: ignore[arg-type]
    if found is None:
        return False
    instance, problems = general_instance(world.general, record)
    assert not problems and not instance.notes and not instance.rows, f"{world.name}: {record!r}"
    assert instance.parent is None or not (instance.parent.values or instance.parent.rows)
    values = [instance.values.get(name) for name in names]
    assert list(map(_typed, found)) == list(map(_typed, values)), f"{world.name}: {record!r}"
    some = cells_reader(world.program, object_, wanted)(record) if random.random() < 0.05 else None  # type: ignore[arg-type]
    assert some is None or list(some) == [instance.values.get(name) for name in wanted]
    return True


def _typed(value: object) -> tuple[str, object]:
    return type(value).__name__, value


_READERS: dict[tuple[int, tuple[str, ...]], Any] = {}


def cells_of(world: World, names: tuple[str, ...]) -> Callable[[Mapping[str, object]], tuple[object, ...] | None]:
    key = (id(world), names)
    if key not in _READERS:
        _READERS[key] = (cells_reader(world.program, world.program.root, names), world)
    return _READERS[key][0]  # type: ignore[no-any-return]


def trial(seed: int, world: World | None = None) -> Counter[str]:
    """Some records of one world, a made-up one if none is given."""
    random = Random(seed)
    if world is None:
        world = World.of(f"random {seed}", random_program(random))
    counted: Counter[str] = Counter()
    records: list[object] = []
    for _ in range(12):
        odd = random.choice((0.0, 0.0, 0.02, 0.1, 0.4))
        record = make(random, world, world.program.root, odd)
        counted[compare(world, record)] += 1
        counted["cells"] += compare_cells(world, record, random)
        records.append(record)
        if isinstance(record, dict) and record and odd:
            # What is remembered of one record must not colour the next.
            record = {**record, random.choice(list(record)): random.choice(ODD)}
            counted[compare(world, record)] += 1
            flat = {key: value for key, value in record.items() if not isinstance(value, (list, dict))}
            counted["cells"] += compare_cells(world, flat, random)
    own = world.names.objects[world.program.root].fields
    for _ in range(40 if own else 0):
        # A finding hides what stands beside it: of these records each holds one odd cell, or two.
        cells: dict[object, object] = {
            random.choice(own).key: random.choice(ODD) for _ in range(random.choice((1, 1, 2)))
        }
        counted[compare(world, cells)] += 1
        counted["cells"] += compare_cells(world, cells, random)
    compare_all(world, [*records, *random.sample(records, 3)])
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000, help="how many trials of some twelve records")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counted: Counter[str] = Counter()
    start = time.monotonic()
    for at in range(options.count):
        world = worlds()[at // 2 % len(worlds())] if at % 2 else None
        counted += trial(options.seed * 1_000_003 + at, world)
    print(json.dumps(counted), f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
