"""A blank is a blank whoever writes it: for every field of a policy each kind of blank gives what a missing key gives.

The values of pandas and numpy are stood in for by objects that behave as theirs do where it matters; where the libraries
are installed, theirs are tried as well.
"""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import policyrules as pr
from policyrules.engine.instances import same_content
from policyrules.records.build import build_instance
from policyrules.records.foreign_values import plain_value
from policyrules.records.names import record_names
from policyrules.testing.build import AS_OF, policy_from_text

ROOT = Path(__file__).resolve().parents[2]


class NotATime(datetime.datetime):
    """As pandas.NaT: a datetime that is not equal to itself, and whose date is none."""

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = datetime.datetime.__hash__

    def date(self) -> datetime.date:
        return self


class NotAvailable:
    """As pandas.NA: every comparison is itself, and it is neither true nor false."""

    def __eq__(self, other: object) -> Any:
        return self

    __ne__ = __lt__ = __eq__
    __hash__ = None  # type: ignore[assignment]  # as nobody needs it here

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")


class float64(float):
    """As numpy.float64: a float that writes itself otherwise."""

    shape = ()

    def __repr__(self) -> str:
        return f"np.float64({float(self)!r})"

    def item(self) -> float:
        return float(self)


class Scalar:
    """As a scalar of numpy: it has no shape, and says what it is of Python."""

    shape = ()

    def __init__(self, inner: object, text: str | None = None) -> None:
        self.inner, self.text = inner, text

    def item(self) -> object:
        return self.inner

    def __str__(self) -> str:
        return str(self.inner) if self.text is None else self.text

    def __eq__(self, other: object) -> bool:
        return self.text != "NaT" and isinstance(other, Scalar) and bool(self.inner == other.inner)

    __hash__ = None  # type: ignore[assignment]  # as arrays of one


class datetime64(Scalar):
    pass


class timedelta64(Scalar):
    pass


class float32(Scalar):
    pass


class Array:
    """As an array of numpy: a shape, and its items."""

    def __init__(self, *items: object) -> None:
        self.items, self.shape = items, (len(items),)

    def __iter__(self) -> Iterator[object]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __eq__(self, other: object) -> Any:
        return Array(*(item == other for item in self.items))

    __hash__ = None  # type: ignore[assignment]  # as numpy has it

    def __bool__(self) -> bool:
        raise ValueError("the truth value of an array is ambiguous")


BLANKS: dict[str, object] = {
    "none": None,
    "empty": "",
    "space": " \u3000",
    "nan": float("nan"),
    "decimal": Decimal("NaN"),
    "signalling": Decimal("sNaN"),
    "NaT": NotATime(1, 1, 1),
    "NA": NotAvailable(),
    "float64": float64("nan"),
    "float32": float32(float("nan"), "nan"),
    "datetime64": datetime64(None, "NaT"),
    "timedelta64": timedelta64(None, "NaT"),
}


def real() -> dict[str, object]:
    """The blanks of the libraries themselves, where they are installed."""
    found: dict[str, object] = {}
    for library, words in (("numpy", "nan float32 datetime64 timedelta64"), ("pandas", "NaT NA")):
        try:
            module = importlib.import_module(library)
        except ImportError:
            continue
        for word in words.split():
            value = getattr(module, word)
            if callable(value):
                value = value("nan" if word.startswith("float") else "NaT")
            found[f"{library}.{word}"] = value
    return found


BLANKS |= real()


@pytest.fixture(scope="module")
def policy() -> pr.Policy:
    return pr.load(ROOT / "policies" / "jiangxi", as_of=AS_OF)


@pytest.mark.parametrize("kind", BLANKS)
def test_every_field_reads_every_blank_as_a_missing_key(policy: pr.Policy, kind: str) -> None:
    names, blank = record_names(policy.program), BLANKS[kind]
    tried = 0
    for object_, own in names.objects.items():
        for field in own.fields:
            for label in (field.name, field.key):
                cells: object = {label: blank}
                bare: object = {}
                if object_ in names.owners:
                    cells, bare = {object_: cells}, {object_: bare}
                elif object_ != names.record:
                    below = own.kind.parent
                    cells, bare = {object_: [cells]}, {object_: [bare]}
                    if below != names.record:
                        cells, bare = (
                            {below: cells if below in names.owners else [cells]},
                            {below: bare if below in names.owners else [bare]},
                        )
                got, problems = build_instance(policy.program, cells, names=names)
                missing, _ = build_instance(policy.program, bare, names=names)
                assert problems == () and got.notes == () and same_content(got, missing), (label, kind)
                tried += 1
        for label in (own.kind.name, own.kind.key):
            if object_ != names.record and not isinstance(blank, str):
                got, problems = build_instance(policy.program, {label: blank}, names=names)
                missing, _ = build_instance(policy.program, {}, names=names)
                if own.kind.parent == names.record or object_ in names.owners:
                    assert problems == () and same_content(got, missing), (label, kind)
    assert tried > 300


@pytest.mark.parametrize("kind", BLANKS)
def test_results_are_those_of_a_missing_key(policy: pr.Policy, kind: str) -> None:
    dates = [field for field in policy.program.fields["项目"].values() if str(field.type) == "日期"]
    expected = policy.evaluate({}).to_dict()
    assert dates and policy.evaluate({field.name: BLANKS[kind] for field in dates}).to_dict() == expected


@pytest.mark.parametrize("kind", [kind for kind, value in BLANKS.items()])
def test_the_model_takes_every_blank(policy: pr.Policy, kind: str) -> None:
    fields = policy.program.fields["项目"].values()
    record = policy.Record.model_validate({field.key: BLANKS[kind] for field in fields})
    assert same_content(policy.instance(record), policy.instance({}))
    if not isinstance(BLANKS[kind], str):
        lists = {policy.program.objects[child].key: BLANKS[kind] for child in ("资金", "县")}
        assert same_content(policy.instance(policy.Record(**lists)), policy.instance({}))
        both = {label: BLANKS[kind] for field in list(fields)[:20] for label in (field.key, field.name)}
        assert same_content(policy.instance(policy.Record.model_validate(both)), policy.instance({}))


SMALL = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 起始日（since）：日期
  字段 户数（n）：整数（户）
  字段 投资（money）：金额（万元）
  字段 停产（stopped）：是否
  字段 成因（causes）：多选 { 甲、乙 }
决定 分类（category）：单选 { 盘活、调整 }
规则 盘活类
  依据【二·界定】“停产的”
  当 起始日 起满 12 个月
  则 分类 为 盘活
规则 调整类
  依据【二·界定】“停产的”
  当 非 起始日 起满 12 个月
  则 分类 为 调整
"""


@pytest.mark.parametrize("kind", BLANKS)
def test_no_blank_decides(kind: str) -> None:
    result = policy_from_text(SMALL).evaluate({"编号": "1", "起始日": BLANKS[kind]})["分类"]
    assert result.status == "undetermined" and "起始日" in str(result.missing)


DAY = datetime.date(2025, 9, 15)


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("户数", Scalar(3), 3),
        ("户数", float64(3.0), 3),
        ("户数", Scalar(True), None),
        ("投资", float64(0.1), 1000),
        ("投资", float32(0.10000000149011612, "0.1"), 1000),
        ("投资", float64("inf"), None),
        ("停产", Scalar(True), True),
        ("停产", Scalar(0), False),
        ("起始日", datetime64(1757894400000000000, "2025-09-15T00:00:00.000000000"), DAY),
        ("起始日", datetime64(DAY, "2025-09-15"), DAY),
        ("起始日", datetime64(None, "2025-09"), None),
        ("起始日", timedelta64(20250915, "20250915 days"), None),
        ("成因", Array("甲", "乙"), frozenset("甲乙")),
        ("成因", Array(), frozenset()),
        ("成因", Array("甲", None), None),
        ("编号", Scalar(7), "7"),
    ],
)
def test_scalars_and_arrays_are_what_they_are_of_python(key: str, value: object, read: object) -> None:
    policy = policy_from_text(SMALL)
    if read is not None:
        assert policy.instance({key: value}).values == {key: read}
        return
    with pytest.raises(pr.RecordError):
        policy.instance({key: value})


@pytest.mark.parametrize("value", [object(), Path("a"), {"a": 1}, type, NotAvailable, Fraction, lambda: None])
def test_what_is_nothing_of_the_kind_is_named_by_its_type(value: object) -> None:
    assert plain_value(value) is value
    with pytest.raises(pr.RecordError) as caught:
        policy_from_text(SMALL).instance({"户数": value})
    kind = type(value)
    assert kind.__qualname__ in str(caught.value) or isinstance(value, dict)


def test_defaults_of_a_foreign_model_are_values() -> None:
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Foreign", 停产=(bool, True), 户数=(int | None, None))
    assert policy_from_text(SMALL).instance(model()).values == {"停产": True}


def test_rows_of_a_frame_are_records() -> None:
    policy = policy_from_text(SMALL)
    rows = [{"编号": "1", "户数": float64("nan")}, {"编号": "2", "户数": float64(3.0)}]
    assert [policy.instance(row).values for row in rows] == [{"编号": "1"}, {"编号": "2", "户数": 3}]
    try:
        pandas = importlib.import_module("pandas")
    except ImportError:
        return
    frame = pandas.DataFrame(rows)
    assert [policy.instance(row).values for row in frame.to_dict("records")] == [
        {"编号": "1"},
        {"编号": "2", "户数": 3},
    ]
