"""What another reading of the text would give, on either side, and what would then differ between the sides.

Why this exists: where a text can be read in more than one way, whoever decides on a variation has to know whether its impact hangs on
the reading.

Invariants: another reading holds for the whole ledger, and on every side that has it; what is told is the definition's result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from policyrules.program import nodes as core
from policyrules.program.graph import Kind as Named
from policyrules.program.graph import Name, reachable
from policyrules.types import Kind, Value, value_text
from policyrules.variation.courses import valued
from policyrules.variation.model import Moved, Reading
from policyrules.variation.study import ABSENT, Key, Side, States, Study, each_object, same, settled, with_parameter


def readings(study: Study) -> tuple[Reading, ...]:
    """For every 读法 of either side each other value: what flips on each side, and how many objects then differ between the sides. A
    value that both sides have already is no other one.

    >>> from policyrules.records.ledger import LedgerRecord
    >>> from policyrules.testing.build import policy_from_text
    >>> policy = policy_from_text('''
    ... 对象 项目（project） 标识 编号
    ...   字段 编号（id）：文本
    ...   字段 停产（stopped）：是否
    ... 读法 停产读法（reading）：枚举 { 子情形、独立入口 } 缺省 子情形
    ...   依据【一】“停产的”
    ...   释义 两种读法
    ... 决定 分类（category）：单选 { 盘活 }
    ... 规则 盘活类
    ...   依据【一】“停产的”
    ...   当 停产 且 停产读法 为 独立入口
    ...   则 分类 为 盘活
    ... ''')
    >>> portfolio = policy.portfolio([{"编号": "1", "停产": True}, {"编号": "2", "停产": False}])
    >>> records = tuple(LedgerRecord(one, one.identity) for one in portfolio.members)
    >>> side = Side(policy, records, portfolio, ("分类",))
    >>> for one in readings(Study(side, side)):
    ...     print(one.parameter, one.current, "→", one.value, [(m.record, m.before, m.after) for m in one.new], one.differ)
    停产读法 子情形 → 独立入口 [(0, '无', '盘活')] {'分类': 0}
    """
    sides = tuple(map(_Read, (study.old, study.new)))
    found: list[Reading] = []
    names = tuple(dict.fromkeys((*study.new.names, *study.old.names)))
    own = sides[0].own | sides[1].own
    differing = Counter(key[2] for key in study.differ if key in own)
    for name, parameter in {**study.new.policy.program.parameters, **study.old.policy.program.parameters}.items():
        if not parameter.reading:
            continue
        have = [one.side.policy.program.parameters.get(name) for one in sides]
        now = [one.value for one in have if one is not None]
        for value in _values(parameter):
            if all(value == one for one in now):
                continue
            read = [one.moved(name, value) for one in sides]
            moved = [
                tuple(
                    [Moved(*key, one.side.states[key].text, state.text) for key, state in new.items() if key in one.own]
                )
                for one, new in zip(sides, read, strict=True)
            ]
            differ = _differing(study, own, differing, *read)
            told = dict.fromkeys(value_text(one, parameter.type) for one in reversed(now) if one is not None)
            found.append(
                Reading(
                    name,
                    value_text(value, parameter.type),
                    "、".join(told) or "未定",
                    moved[0],
                    moved[1],
                    {one: differ[one] for one in names},
                )
            )
    return tuple(found)


def _values(parameter: core.Parameter) -> tuple[Value, ...]:
    return (True, False) if parameter.type.kind is Kind.BOOL else parameter.type.values or ()


class _Read:
    """What a side comes to under other readings: what reads none of them stays as it is."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._graph = side.graph

    @cached_property
    def own(self) -> frozenset[Key]:
        """The results that are a record's own, or the first of what several records share."""
        return frozenset(key for key, _ in each_object(self.side))

    def moved(self, name: str, value: Value) -> States:
        """The results that are others under one reading, in ledger order."""
        parameter = self.side.policy.program.parameters.get(name)
        names = [] if parameter is None or parameter.value == value else self._reading([name])
        indexes = sorted({index for one in names for index in self._hanging.get(one, ())})
        if not indexes:
            return {}
        base, program = self.side.states, with_parameter(self.side.program, name, value)
        return {key: state for key, state in self.side.under(program, indexes, names).items() if state != base[key]}

    @cached_property
    def _hanging(self) -> Mapping[str, Collection[int]]:
        """The records with results of a decision that may hang on a reading: what is settled alike where nobody knows how any of them
        reads hangs on none."""
        program = self.side.program
        spoken = [name for name, parameter in program.parameters.items() if parameter.reading]
        for name in spoken:
            program = valued(program, name, None)
        unread = self.side.under(program, names=self._reading(spoken))
        base = self.side.states
        found: dict[str, set[int]] = {}
        for key, state in unread.items():
            if not settled(state) or state != base[key]:
                found.setdefault(key[2], set()).add(key[0])
        return found

    def _reading(self, parameters: Sequence[str]) -> list[str]:
        """The decisions that read any of some parameters."""
        spoken = {Name(Named.PARAMETER, name) for name in parameters}
        return [one for one in self.side.names if spoken & reachable(self._graph, [Name(Named.DECISION, one)]).keys()]


def _differing(study: Study, own: frozenset[Key], now: Counter[str], old: States, new: States) -> Counter[str]:
    """How many objects differ between the sides, by decision, where these results are others than they are. ``now``: how many do as they
    are."""
    found = now.copy()
    for key in {**old, **new}:
        if key in own:
            sides = [
                moved.get(key, side.states.get(key, ABSENT)) for moved, side in ((old, study.old), (new, study.new))
            ]
            found[key[2]] += (not same(*sides)) - (key in study.differ)
    return found
