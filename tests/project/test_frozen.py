"""Frozen classes are what the standard decorator makes of the same class, and pay for its functions when they are called."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import dataclass, field
from typing import Any

import pytest

from policyrules.frozen import frozen, single
from policyrules.program.nodes import Citation


@frozen
class Told:
    """Of what it is like."""

    name: str
    size: int = 3
    notes: list[str] = field(default_factory=list)
    place: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("less than nothing")


@dataclass(frozen=True, slots=True)
class Standard:
    """Of what it is like."""

    name: str
    size: int = 3
    notes: list[str] = field(default_factory=list)
    place: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("less than nothing")


@single
class Above:
    id: int


@single
class Below(Above):
    name: str


class TestAsTheStandard:
    @pytest.mark.parametrize(
        "given", [("甲",), ("甲", 4), ("甲", 4, ["一"], "上"), ("甲", -1), (), ("甲", 1, [], "", "")], ids=str
    )
    def test_what_it_takes_and_shows(self, given: tuple[Any, ...]) -> None:
        def made(kind: type) -> str:
            try:
                return repr(kind(*given)).replace(kind.__name__, "")
            except (TypeError, ValueError) as error:
                return str(error).replace(kind.__name__, "")

        assert made(Told) == made(Standard)

    def test_what_is_equal(self) -> None:
        @frozen
        class Pair:
            one: int
            other: int = field(default=0, compare=False)

        assert Pair(1, 2) == Pair(1, 3)
        assert Pair(1) != Pair(2)
        assert hash(Pair(1, 2)) == hash(Pair(1, 3)) == hash((1,))
        assert Pair(1) != (1, 0)
        assert Pair(1).__eq__((1, 0)) is NotImplemented

    def test_it_is_a_dataclass_with_slots(self) -> None:
        assert [one.name for one in dataclasses.fields(Told)] == [one.name for one in dataclasses.fields(Standard)]
        assert Told.__match_args__ == Standard.__match_args__  # type: ignore[attr-defined]  # both have it
        assert Told.__slots__ == Standard.__slots__  # type: ignore[attr-defined]  # both have them
        assert not hasattr(Told("甲"), "__dict__")
        assert dataclasses.replace(Told("甲", 4), name="乙") == Told("乙", 4)
        assert dataclasses.asdict(Told("甲")) == {"name": "甲", "size": 3, "notes": [], "place": ""}

    def test_nothing_is_set_or_deleted(self) -> None:
        told = Told("甲")
        with pytest.raises(dataclasses.FrozenInstanceError):
            told.name = "乙"  # type: ignore[misc]  # what is tried
        with pytest.raises(dataclasses.FrozenInstanceError):
            del told.name
        assert told.name == "甲"

    def test_it_travels(self) -> None:
        told = Told("甲", 4, ["一"], "上")
        for other in (pickle.loads(pickle.dumps(told)), copy.deepcopy(told), copy.copy(told)):
            assert other == told and other.place == "上"
        below = pickle.loads(pickle.dumps(Below(3, "乙")))
        assert (below.id, below.name) == (3, "乙")

    def test_each_begins_with_its_own_list(self) -> None:
        Told("甲").notes.append("一")
        assert Told("甲").notes == []


def test_what_is_single_equals_itself_alone() -> None:
    one = Below(1, "甲")
    assert one == one and one != Below(1, "甲")
    assert len({one, Below(1, "甲")}) == 2
    assert repr(one) == "Below(id=1, name='甲')"


def test_functions_are_written_when_they_are_called() -> None:
    @frozen
    class Fresh:
        one: int

    before = Fresh.__init__
    assert Fresh(1).one == 1
    assert Fresh.__init__ is not before
    assert list(inspect.signature(Fresh).parameters) == ["one"]


def test_nodes_of_programs_are_such() -> None:
    cited = Citation("甲", "一", "一·1", "原文")
    assert cited == Citation("甲", "一", "一·1", "原文") and hash(cited) == hash(Citation("甲", "一", "一·1", "原文"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        cited.layer = "乙"  # type: ignore[misc]  # what is tried
