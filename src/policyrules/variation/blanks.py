"""What is still open: which blank settles what, and in which order to ask.

Why this exists: a count that rests on blanks is a range, and whoever has to make the calls wants to know which call settles most.

Invariants: an input settles a result alone only where the definition's result is settled for everything that it may hold, all
other blanks staying blank (two rules that then contradict each other settle nothing); where that cannot be tried (a list of rows, a
recognition, a number that a statistic reads, more selections than `MOST_COLUMNS`, more work than `MOST_WORK`), where nothing else is
missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final, TypeAlias

from policyrules.analysis.lattice import Unfit
from policyrules.analysis.trials import targets
from policyrules.engine.lowering.nodes import PARAMETERS
from policyrules.explanation import Blank, told_apart
from policyrules.program import belonging, costs
from policyrules.records.wording import blank_name, holders_text
from policyrules.variation.freeing import Deciding, Subject
from policyrules.variation.measures import Beside, totals
from policyrules.variation.model import SETTLED, BlankValue, State
from policyrules.variation.selections import Input, Spot, every
from policyrules.variation.study import Key, Side, Study, each_object

Kind: TypeAlias = tuple[str, str, str]
"""What is blank: a field, a parameter ...; of which kind of object; its name. The same in all rows of a record."""

MOST_COLUMNS: Final = 20_000
"""Selections of values of blanks that are tried of one result."""
MOST_WORK: Final = 300_000
"""Steps in which values of numbers and days are looked for (`Deciding.work`), in all; then nothing more is tried."""
STOPPED: Final = "空着的各项补上能定下什么，太多的没有试完：“只补它就定”的只会少说，不会多说"
_SEVERAL: Final = 100_000
"""Steps of one result that nobody counts: twice what people write takes."""
OPEN: Final = frozenset({"undetermined", "conflict"})


@dataclass(frozen=True, slots=True)
class _Open:
    """A result that is open, what is missing of the record itself, and whether it waits for others, too."""

    key: Key
    state: State
    blanks: Mapping[Kind, tuple[Blank, ...]]
    waits: bool


def asked_of(side: Side) -> int:
    """Of how many of the records, from the first, it can be told what their open results wait for, and what settles them, before one
    waits too long: by the parts of the conditions that these results read, and the numbers of rows. The first always can."""
    program = side.program
    reading = {name: side.asking(name) for name in side.names}
    lines = {name: belonging.line(program.objects, program.decisions[name].object) for name in side.names}
    rows: tuple[int, Counter[str]] = -1, Counter()
    left = costs.MOST_OPEN
    for (index, _, name), state in each_object(side):
        if state.status not in OPEN:
            continue
        if rows[0] != index:
            rows = index, Counter(one.object for one in targets(program, side.roots[index]).values())
        # Of what a decision is on, and that above, there is one.
        left -= sum(
            parts * (1 if kind in lines[name] else max(rows[1][kind], 1)) for kind, parts in reading[name].items()
        )
        if left < 0:
            return max(index, 1)
    return len(side.records)


def blanks(
    study: Study,
    beside: Beside | None = None,
    said: Callable[[str], None] = lambda _: None,
    asked: int | None = None,
) -> tuple[BlankValue, ...]:
    """The inputs that open results of one value on the new side wait for, in the order in which to ask: first that which settles
    most results, then that which, with it, settles most, and so on until all are settled (of several that settle as many, that
    which bears on most); then those that are not needed for it. What other records lack is theirs to tell.

    ``beside``: what is added up over the records; ``said``: told in words where not everything was tried (`MOST_WORK`, `costs.MOST_TRIED`, `costs.MOST_FREED`); ``asked``: how
    many records, the first, are asked (None: all).

    >>> from policyrules.records.ledger import LedgerRecord
    >>> from policyrules.testing.build import policy_from_text
    >>> policy = policy_from_text('''
    ... 对象 项目（project） 标识 编号
    ...   字段 编号（id）：文本
    ...   字段 停产（stopped）：是否 由 村
    ...   字段 前景（prospect）：枚举 { 好、差 }
    ... 决定 分类（category）：单选 { 盘活、调整 }
    ... 规则 盘活类
    ...   依据【一】“停产而前景好的”
    ...   当 停产 且 前景 为 好
    ...   则 分类 为 盘活
    ... ''')
    >>> portfolio = policy.portfolio([{"编号": "1", "停产": True}, {"编号": "2", "前景": "好"}, {"编号": "3"}])
    >>> records = tuple(LedgerRecord(one, one.identity) for one in portfolio.members)
    >>> side = Side(policy, records, portfolio, ("分类",))
    >>> for one in blanks(Study(side, side)):
    ...     print(one.field, one.holders, one.records, one.settles, one.cover)
    停产 ('村',) (1, 2) (1,) 1
    前景 ('未写明由谁掌握',) (0, 2) (0,) 2
    """
    side = study.new
    opened = list(_opened(side, asked))
    settling = _Settling(side, opened)
    kinds: dict[Kind, Blank] = {}
    on: dict[Kind, list[_Open]] = {}
    for one in opened:
        for kind, several in one.blanks.items():
            kinds.setdefault(kind, several[0])
            on.setdefault(kind, []).append(one)
    # What is asked of one record is asked at once: what it shares is worked out once.
    for one in opened:
        settling.asked(one, frozenset(one.blanks))
        for kind in one.blanks:
            settling(one, frozenset({kind}))
    alone = {kind: [one for one in cells if settling(one, frozenset({kind}))] for kind, cells in on.items()}
    order = _cover(on, settling)
    root = side.policy.program.root
    found: list[BlankValue] = []
    for kind in sorted(kinds, key=lambda kind: (order.get(kind, len(kinds) + 1), -len(on[kind]), kind)):
        blank = kinds[kind]
        records = tuple(dict.fromkeys(one.key[0] for one in on[kind]))
        settled = _by_decision(alone[kind])
        found.append(
            BlankValue(
                blank_name(blank.kind, blank.name, "" if blank.owner == root else blank.owner),
                _holders(blank),
                records,
                tuple(dict.fromkeys(one.key[0] for one in alone[kind])),
                order.get(kind, 0),
                {} if beside is None else totals(beside.measures, (beside.amounts(side.roots[one]) for one in records)),
                {name: (number, settled.get(name, 0)) for name, number in _by_decision(on[kind]).items()},
            )
        )
    if settling.stopped:
        said(STOPPED)
    return tuple(found)


def blanks_of(side: Side, key: Key) -> dict[str, tuple[str, ...]]:
    """What a result of a side waits for, as people call it, each with who knows it; nothing of one that is settled. Some of it may
    settle nothing by itself, and not all of it need be filled in.

    ``key``: record, path and decision, as `Side.states` has them.
    """
    state = side.states.get(key)
    if state is None or state.status not in OPEN:
        return {}
    return {blank_name(one.kind, one.name, one.where): _holders(one) for one in told_apart(side.missing(key).relevant)}


def _by_decision(several: Iterable[_Open]) -> dict[str, int]:
    """Of how many records some results of each decision are."""
    found: dict[str, set[int]] = {}
    for one in several:
        found.setdefault(one.key[2], set()).add(one.key[0])
    return {name: len(records) for name, records in found.items()}


def _holders(blank: Blank) -> tuple[str, ...]:
    return blank.holders or tuple(filter(None, [holders_text((), blank.kind)]))


def _opened(side: Side, asked: int | None) -> Iterator[_Open]:
    for key, state in each_object(side):
        if asked is not None and key[0] >= asked:
            return
        if state.status not in OPEN:
            continue
        missing = side.missing(key)
        found: dict[Kind, tuple[Blank, ...]] = {}
        for blank in missing.relevant:
            if not blank.count:
                kind = (blank.kind, blank.owner, blank.name)
                found[kind] = (*found.get(kind, ()), blank)
        yield _Open(key, state, found, any(blank.count for blank in missing.relevant))


def _too_many(side: Side, opened: Iterable[_Open]) -> Iterator[Key]:
    """The results that wait for so many blanks that nobody can wait until they are tried: each alone, and as often as there are blanks
    those that are left beside the others."""
    left = costs.MOST_FREED
    for one in opened:
        kinds = len(one.blanks)
        steps = kinds * sum(side.asking(one.key[2]).values()) + kinds**3 // 4
        if steps > _SEVERAL:
            if steps > left:
                yield one.key
            else:
                left -= steps


class _Settling:
    """Whether filling in some blanks of a record settles a result, whatever is filled in. ``stopped``: whether something was not tried
    because so much had been, or (``passed``) because the result waits for too much."""

    def __init__(self, side: Side, opened: Iterable[_Open]) -> None:
        self.passed = frozenset(_too_many(side, opened))
        self.stopped = bool(self.passed)
        self._side = side
        self._decidings: dict[str, Deciding] = {}
        self._work = 0
        self._left = costs.MOST_TRIED
        self._kept: dict[tuple[Key, frozenset[Kind]], bool] = {}
        self._tries: dict[Hashable, bool | None] = {}
        self._known: dict[Key, tuple[Subject, dict[Spot, tuple[int, Input]], Hashable]] = {}

    def __call__(self, one: _Open, filled: frozenset[Kind]) -> bool:
        key = (one.key, filled)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._settles(one, filled)
        return found

    def asked(self, one: _Open, filled: frozenset[Kind]) -> bool:
        """Whether it is settled, or nothing that it waits for is left."""
        return (not one.waits and filled >= one.blanks.keys()) or self(one, filled)

    def _settles(self, one: _Open, filled: frozenset[Kind]) -> bool:
        if one.state.status == "conflict":
            # Two things hold for sure, whatever is filled in: somebody has to rule on it.
            return any(kind == "conflict" for kind, _, _ in filled)
        cells = [kind for kind in filled if kind[0] in ("field", "parameter")]
        spots = {
            (PARAMETERS if blank.kind == "parameter" else blank.object, blank.name)
            for kind in cells
            for blank in one.blanks[kind]
        }
        told = self._tried(one.key, spots) if spots and one.key not in self.passed else None
        if told or (told is False and len(cells) == len(filled)):
            return told
        return not one.waits and filled >= one.blanks.keys()

    def _tried(self, key: Key, spots: set[Spot]) -> bool | None:
        """Whether a result is settled for everything that some cells may hold; None where that cannot be tried."""
        index, path, name = key
        deciding = self._decidings.get(name)
        if deciding is None:
            parts = sum(self._side.asking(name).values())
            if parts > self._left:
                self.stopped = True
                return None
            self._left -= parts
            deciding = Deciding(self._side.program, self._side.portfolio, name, free=True, graph=self._side.graph)
            self._decidings[name] = deciding
        if key not in self._known:
            subject = deciding.subject(self._side.roots[index], path)
            known: dict[Spot, tuple[int, Input]] = {}
            if subject.element is not None:
                known |= {one.spot: (place, one) for place, one in enumerate(deciding.inputs(subject, above=True))}
                known |= {one.spot: (-1 - place, one) for place, one in enumerate(deciding.parameters())}
            self._known[key] = subject, known, deciding.alike(subject)
        subject, known, alike = self._known[key]
        if not spots <= known.keys():
            return None
        mark = (name, alike, frozenset(known[spot][0] for spot in spots))
        if alike is not None and mark in self._tries:
            return self._tries[mark]
        if self._work > MOST_WORK:
            self.stopped = True
            return None
        freed = [known[spot][1] for spot in sorted(spots)]
        found = None
        if not any(map(deciding.read_elsewhere, freed)):
            before = deciding.work
            found = self._whatever(deciding, subject, deciding.with_values(subject, freed))
            self._work += deciding.work - before
        if alike is not None:
            self._tries[mark] = found
        return found

    @staticmethod
    def _whatever(deciding: Deciding, subject: Subject, inputs: Sequence[Input]) -> bool | None:
        if not all(one.values for one in inputs) or prod(len(one.values) for one in inputs) > MOST_COLUMNS:
            return None
        given, full = every(inputs)
        try:
            outcomes = deciding.outcomes(subject, given, full)
        except Unfit:
            return None
        return all(status in SETTLED for status, _ in outcomes)


def _cover(on: Mapping[Kind, Sequence[_Open]], settling: _Settling) -> dict[Kind, int]:
    """Which to ask first, second and so on, until all that can be settled is, or waits for nothing."""
    filled: dict[Key, frozenset[Kind]] = {}
    left = {
        kind: [one for one in cells if one.key not in settling.passed and settling.asked(one, frozenset(one.blanks))]
        for kind, cells in on.items()
    }
    order: dict[Kind, int] = {}

    def with_it(one: _Open, kind: Kind) -> frozenset[Kind]:
        return filled.get(one.key, frozenset()) | {kind}

    while left:
        gains = dict.fromkeys(left, 0)
        for one, kinds in _by_result(left):
            for kind in kinds:
                gains[kind] += settling.asked(one, with_it(one, kind))
        best = min(left, key=lambda kind: (-gains[kind], -len(left[kind]), kind))
        if not left[best]:
            break
        order[best] = len(order) + 1
        for one in left.pop(best):
            filled[one.key] = with_it(one, best)
        left = {
            kind: [one for one in cells if not settling.asked(one, filled.get(one.key, frozenset()))]
            for kind, cells in left.items()
        }
    return order


def _by_result(left: Mapping[Kind, Sequence[_Open]]) -> Iterable[tuple[_Open, list[Kind]]]:
    """Of each open result what it waits for, in ledger order."""
    found: dict[Key, tuple[_Open, list[Kind]]] = {}
    for kind, cells in left.items():
        for one in cells:
            found.setdefault(one.key, (one, []))[1].append(kind)
    return sorted(found.values(), key=lambda pair: pair[0].key[0])
