"""Many programs in one: what they share is said once, what they differ in stands behind switches.

Why this exists: a nation's counties are thousands of stacks that differ in a provision or two. Put into one program with a
switch for whatever some of them say otherwise, they are worked out together: what is common once, and what reads something
that differs once as well, for the switch is where the difference is.

Invariants: under the switches and the parameter values of one of them (`United.under`) the whole gives what that one gives; what stands
under one name and is not of one kind in all is kept under several names, of which `United.shown` tells the one that people
know; programs that cannot be had in one are refused with what they differ in, before anything is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, TypeVar

from policyrules.program import nodes as core
from policyrules.program.amended import condition_of
from policyrules.program.differing import Differing, NotTogether, Several, Standing, numbers
from policyrules.program.graph import definitions, ordered
from policyrules.program.renaming import (
    FOUND,
    NOWHERE,
    SPOKEN,
    TABLES,
    Key,
    Names,
    Thing,
    bare,
    frame,
    limits_of,
    merged,
    reads,
    renamed,
)
from policyrules.types import BOOL

_FEW: Final = 10
_MOST_TURNS: Final = 64
_E = TypeVar("_E", bound=core.Expr)


@dataclass(frozen=True, slots=True)
class United:
    """Programs in one. ``switches``: of each parameter that is one in which of them it is on; ``shown``: of decisions, duties,
    prohibitions, notices and rules that are kept in several forms what people call them; ``only``: of those that some of the
    programs have not, which have them; ``there``: of such findings the condition that says so; ``varying``: the parameters that differ."""

    program: core.Program
    programs: int
    switches: Mapping[str, Several]
    shown: Mapping[tuple[str, str], str]
    only: Mapping[Key, Several]
    there: Mapping[str, core.Expr]
    varying: tuple[str, ...]

    def under(self, standing: Standing) -> core.Program:
        """The whole with its switches and values as they are where one of the programs stands."""
        parameters = {**self.program.parameters, **standing.values}
        for name, several in self.switches.items():
            parameters[name] = replace(parameters[name], value=bool(several >> standing.number & 1))
        return replace(self.program, parameters=parameters)


def united(differing: Differing, rankings: int) -> United:
    """All programs in one. ``rankings``: so many rankings under a condition one decision may have before it is kept in several forms.

    Raises `NotTogether` where they read each other in a circle, or have decisions of one name that no column holds.
    """
    return _Whole(differing, rankings).united()


Versions: TypeAlias = "list[tuple[Any, Several]]"
"""What something is, in which of the programs; None where it is not there."""


class _Whole:
    """The program that holds all of them."""

    def __init__(self, of: Differing, rankings: int) -> None:
        self.of = of
        self.rankings = rankings
        self.base = of.base
        self.count = len(of.differ)
        self.all: Several = (1 << self.count) - 1
        self.names = Names()
        self.switches: dict[Several, str] = {}
        self.differ: list[dict[Key, Thing | None]] = [dict(one) for one in of.differ]
        self.there: dict[Key, Several] = {}
        self.levels: dict[str, int] = {}
        self._readers: dict[tuple[str, str], list[Key]] | None = None

    def united(self) -> United:
        self._keep_apart()
        inner = self._by_inner_name()
        tables: dict[str, dict[Any, Any]] = {table: {} for _, table in TABLES}
        self.there = {key: self._there(versions) for key, versions in inner.items()}
        self.levels = {name: own[0][0].level for (kind, name), own in inner.items() if kind == "规则"}
        mixes: dict[str, Callable[[Versions], Any]] = {
            "参数": self._same,
            "清单": self._same,
            "术语": self._term,
            "统计": self._statistic,
            "规则": self._rule,
            "决定": self._decision,
            "义务": self._duty,
            "提示": self._notice,
            "推定": self._presumption,
        }
        for (kind, name), versions in inner.items():
            tables[dict(TABLES)[kind]][name] = mixes[kind](versions)
        only = {key: several for key, several in self.there.items() if key[0] in SPOKEN and several != self.all}
        there = {
            key[1]: self.on(several) for key, several in self.there.items() if key[0] in FOUND and several != self.all
        }
        parameters: dict[str, core.Parameter] = tables["parameters"]
        origin = core.Origin("", "参数", "", (), (), (), NOWHERE)
        for name in self.switches.values():
            parameters[name] = core.Parameter(name, name, False, BOOL, "set", False, None, None, origin, None)
        whole: Any = replace(self.base, **tables)  # type: ignore[arg-type]  # its tables
        program: core.Program = replace(
            whole,
            layers=tuple(one or f"〔层 {place}〕" for place, one in enumerate(self.of.slots)),
            siblings=tuple(sorted(pair for pair, so in self.of.beside.items() if so)),
            objects=self.of.declared.objects,
            fields=self.of.declared.fields,
            stopped=(),
        )
        self._one_column(program)
        graph = definitions(program)
        circles = ordered({name: definition.reads for name, definition in graph.items()})[1]
        if circles:
            words = list(dict.fromkeys(name.word.partition("〔")[0] for name in circles[0]))
            raise NotTogether(
                f"各层的规定放在一起，{'、'.join(words)} 互相引用成了一圈：说到它们的有{self._who(words)}，请分开求值"
            )
        switches = {name: several for several, name in self.switches.items()}
        return United(program, self.count, switches, self.names.shown, only, there, tuple(sorted(self.of.varying)))

    def _who(self, words: Sequence[str]) -> str:
        """Who says otherwise than the first program what stands under some names."""
        found = [
            self.of.called[number]
            for number, own in enumerate(self.of.differ)
            if any((name[1] if kind == "推定" else name) in words for kind, name in own)
        ]
        return "、".join(found[:_FEW]) + ("等" if len(found) > _FEW else "")

    def _one_column(self, program: core.Program) -> None:
        """Decisions that people call alike are told in one column: they have to be of one object and one type."""
        for (kind, inner), name in self.names.shown.items():
            if kind != "决定":
                continue
            one, other = program.decisions[inner], program.decisions.get(name)
            if other is not None and _sort(one) != _sort(other):
                raise NotTogether(f"各层的决定 {name} 不是一类，列不到一起，请分开求值")

    # ---- what is kept in several forms

    def _keep_apart(self) -> None:
        """Give what stands under one name and cannot be one thing names of its own, and have whoever reads it read those."""
        for kind, table in TABLES:
            for name in getattr(self.base, table):
                if kind != "推定":
                    # The names of the first program are its own before any other has one.
                    self.names.plain(kind, name, self._form(kind, self._of_base((kind, name)), 0))
        said = self.differ
        known: dict[int, dict[tuple[str, str], str]] = {}
        for _ in range(_MOST_TURNS):
            called = self._called()
            if called == known:
                return
            known = called
            self.differ = [dict(one) for one in said]
            for number, names in called.items():
                own = self.differ[number]
                for key in dict.fromkeys((*own, *self._reading(names))):
                    one = own[key] if key in own else self._of_base(key)
                    if one is not None:
                        own[key] = renamed(one, names)
        raise NotTogether("各层的规定同名而不同义的太多，放不到一起，请分开求值")

    def _reading(self, names: Iterable[tuple[str, str]]) -> list[Key]:
        """What of the first program reads names."""
        if self._readers is None:
            self._readers = {}
            for kind, table in TABLES:
                for name, one in getattr(self.base, table).items():
                    for read in dict.fromkeys(reads(one)):
                        self._readers.setdefault(read, []).append((kind, name))
        return [key for read in names for key in self._readers.get(read, ())]

    def _called(self) -> dict[int, dict[tuple[str, str], str]]:
        """Of each program what it calls otherwise than people do."""
        found: dict[int, dict[tuple[str, str], str]] = {}
        for kind, name in dict.fromkeys(key for own in self.differ for key in own if key[0] != "推定"):
            for form, several in self._forms(kind, name):
                inner = self.names.inner(kind, name, form)
                if inner != name:
                    for number in numbers(several):
                        found.setdefault(number, {})[kind, name] = inner
        return found

    def _forms(self, kind: str, name: str) -> list[tuple[Hashable, Several]]:
        """What stands under a name, and cannot be one."""
        found: dict[Hashable, Several] = {}
        forms: list[_Form] = []
        for one, several in self._versions((kind, name)):
            if isinstance(one, core.Decision):
                if not any(form.takes(one, several, self.rankings) for form in forms):
                    forms.append(_Form(one, several))
            elif one is not None:
                form = self._form(kind, one, 0)
                found[form] = found.get(form, 0) | several
        found.update((self._form(kind, None, next(numbers(form.several))), form.several) for form in forms)
        return list(found.items())

    @staticmethod
    def _form(kind: str, thing: Thing | None, first: int) -> Hashable:
        # Decisions that can be one are known by the first program that has them.
        return first if thing is None or kind == "决定" else frame(thing)

    # ---- versions

    def _of_base(self, key: Key) -> Thing | None:
        found: Thing | None = getattr(self.base, dict(TABLES)[key[0]]).get(key[1])
        return None if found is None else bare(found)

    def _versions(self, key: Key) -> Versions:
        """What something is in which programs, the first program's first."""
        found: dict[Any, Several] = {}
        rest = self.all
        for number, own in enumerate(self.differ):
            if key in own:
                found[own[key]] = found.get(own[key], 0) | 1 << number
                rest &= ~(1 << number)
        base = self._of_base(key)
        both = found.pop(base, 0) | rest if rest else 0
        return [*([(base, both)] if rest else ()), *found.items()]

    def _by_inner_name(self) -> dict[Key, Versions]:
        """Of each thing under its inner name its versions."""
        found: dict[Key, Versions] = {}
        changed = dict.fromkeys(key for own in self.differ for key in own)
        for kind, table in TABLES:
            for name, one in getattr(self.base, table).items():
                if (kind, name) not in changed:
                    found[kind, name] = [(one, self.all)]
            for key in changed:
                if key[0] != kind:
                    continue
                for one, several in self._versions(key):
                    if one is not None:
                        name = key[1] if kind == "推定" else one.name
                        found.setdefault((kind, name), []).append((one, several))
        return found

    @staticmethod
    def _there(versions: Versions) -> Several:
        found = 0
        for _, several in versions:
            found |= several
        return found

    # ---- switches

    def on(self, several: Several) -> core.Expr:
        """Whether a record is under one of some programs."""
        few = several if several.bit_count() * 2 <= self.count else self.all ^ several
        name = self.switches.setdefault(few, f"〔开 {len(self.switches)}〕")
        switch = core.ParameterValue(name, BOOL, NOWHERE)
        return switch if few == several else core.Not(switch, NOWHERE)

    def truth(self, versions: Sequence[tuple[core.Expr | None, Several]]) -> core.Expr | None:
        """A condition that each program has its own of; None: it always holds."""
        several: dict[core.Expr | None, Several] = {}
        for one, own in versions:
            several[one] = several.get(one, 0) | own
        if len(several) == 1:
            return next(iter(several))
        parts: list[core.Expr] = []
        for one, own in several.items():
            if _is(one, False):
                continue
            switch = self.on(own)
            alone = one is None or _is(one, True)
            parts.append(switch if alone or one is None else core.All((switch, one), one.span))
        if not parts:
            return _FALSE
        return parts[0] if len(parts) == 1 else core.Any(tuple(parts), parts[0].span)

    def value(self, versions: Sequence[tuple[_E, Several]]) -> _E:
        """An expression that each program has its own of."""
        several: dict[_E, Several] = {}
        for one, own in versions:
            several[one] = several.get(one, 0) | own
        first, *rest = several.items()
        if not rest:
            found: _E = first[0]
            return found
        # What most have is chosen last.
        most = max(several, key=lambda one: several[one].bit_count())
        others = [(one, own) for one, own in several.items() if one is not most]
        either: _E = self._either(self._split(others), self._there(others), most)
        return either

    def _split(self, versions: Sequence[tuple[Any, Several]]) -> Any:
        if len(versions) == 1:
            return versions[0][0]
        half = len(versions) // 2
        here, there = versions[:half], versions[half:]
        return self._either(self._split(here), self._there(list(here)), self._split(there))

    def _either(self, one: Any, several: Several, other: Any) -> Any:
        branches: tuple[tuple[tuple[bool], core.Expr], ...] = (((True,), one), ((False,), other))
        return core.Choose(self.on(several), branches, one.type, one.span)

    # ---- what is mixed

    @staticmethod
    def _same(versions: Versions) -> Any:
        return versions[0][0]

    def _term(self, versions: Versions) -> core.Term:
        first: core.Term = versions[0][0]
        if len(versions) == 1:
            return first
        body: core.Expr | None
        if first.type == BOOL:
            body = self.truth([(one.body, several) for one, several in versions])
        else:
            body = self.value([(one.body, several) for one, several in versions])
        present = self.truth([(one.present, several) for one, several in versions])
        assert body is not None and present is not None
        return replace(first, body=body, present=present)

    def _statistic(self, versions: Versions) -> core.Statistic:
        first: core.Statistic = versions[0][0]
        where = self.truth([(one.where, several) for one, several in versions])
        match = self.truth([(one.match, several) for one, several in versions])
        return replace(first, where=where, match=match)

    def _rule(self, versions: Versions) -> core.Rule:
        first: core.Rule = versions[0][0]
        missing = self.there.get(("决定", first.decision), 0) & ~self._there(versions)
        if len(versions) == 1 and not missing:
            return first
        whens = [(_condition(one.when), several) for one, several in versions]
        if missing:
            whens.append((_FALSE, missing))
        amount = first.amount
        if amount is not None:
            amount = self.value([(one.amount, several) for one, several in versions])
        return replace(first, when=self._amended(whens, first.when.origin), amount=amount)

    def _amended(self, whens: Sequence[tuple[core.Expr | None, Several]], origin: core.Origin) -> core.Amended:
        return core.Amended(self.truth(whens), origin)

    def _duty(self, versions: Versions) -> core.Duty:
        first: core.Duty = versions[0][0]
        if len(versions) == 1:
            return first
        when = self._amended([(_condition(one.when), several) for one, several in versions], first.when.origin)
        demand = self._amended([(_condition(one.demand), several) for one, several in versions], first.demand.origin)
        return replace(first, when=when, demand=demand)

    def _notice(self, versions: Versions) -> core.Notice:
        first: core.Notice = versions[0][0]
        if len(versions) == 1:
            return first
        whens = [(_condition(one.when), several) for one, several in versions]
        return replace(first, when=self._amended(whens, first.when.origin))

    def _presumption(self, versions: Versions) -> core.Presumption:
        first: core.Presumption = versions[0][0]
        if len(versions) == 1 and versions[0][1] == self.all:
            return first
        cases: dict[tuple[Any, ...], tuple[core.PresumptionCase, Several]] = {}
        for one, several in versions:
            for case in one.cases:
                alike = (case.level, case.when, type(case.value), case.value)
                held = cases.get(alike)
                cases[alike] = (case, several | (held[1] if held else 0))
        found = [
            case if several == self.all else replace(case, when=core.All((self.on(several), case.when), case.when.span))
            for case, several in cases.values()
        ]
        # Lower layers first, as the engine asks them.
        return replace(first, cases=tuple(sorted(found, key=lambda case: -case.level)))

    def _decision(self, versions: Versions) -> core.Decision:
        first: core.Decision = versions[0][0]
        if len(versions) == 1:
            return first
        whole = self._there(versions)
        form = _Form(first, versions[0][1])
        for one, several in versions[1:]:
            assert form.takes(one, several, self.rankings), "forms were looked at"
        rules: tuple[str, ...] = ()
        supplements: tuple[str, ...] = ()
        for one, _ in versions:
            rules = tuple(dict.fromkeys((*rules, *one.rules)))
            supplements = tuple(dict.fromkeys((*supplements, *one.supplements)))
        ranks = []
        for (values, when), several in form.ranks.items():
            own = when if several == whole else self._both(several, when)
            ranks.append(core.Rank(values, own, first.origins[0]))
        limits = []
        for turn, limit in enumerate(limits_of(first)):
            bound = self.value([(limits_of(one)[turn].bound, several) for one, several in versions])
            limits.append(replace(limit, bound=bound, turn=turn))
        return replace(
            first,
            values=form.values,
            applies=self.truth([(one.applies, several) for one, several in versions]),
            rules=rules,
            supplements=tuple(sorted(supplements, key=self.levels.__getitem__)),
            ranks=tuple(ranks),
            limits=tuple(limits),
        )

    def _both(self, several: Several, when: core.Expr | None) -> core.Expr:
        switch = self.on(several)
        return switch if when is None else core.All((switch, when), when.span)


class _Form:
    """Decisions that can be one, as they come: their values in an order that all of them have, their rankings together."""

    def __init__(self, decision: core.Decision, several: Several) -> None:
        self.frame = frame(decision)
        self.several = several
        self.values = decision.values
        self.ranks: dict[tuple[tuple[str, ...], core.Expr | None], Several] = {
            (rank.values, rank.when): several for rank in decision.ranks
        }

    def takes(self, decision: core.Decision, several: Several, rankings: int) -> bool:
        """Take one more in, where that can be: so many ``rankings`` may have a condition."""
        values = merged(self.values, decision.values)
        if frame(decision) != self.frame or values is None:
            return False
        whole = self.several | several
        ranks = dict(self.ranks)
        for rank in decision.ranks:
            ranks[rank.values, rank.when] = ranks.get((rank.values, rank.when), 0) | several
        if sum(when is not None or own != whole for (_, when), own in ranks.items()) > rankings:
            return False
        self.values, self.ranks, self.several = values, ranks, whole
        return True


_FALSE: Final = core.Constant(False, BOOL, NOWHERE)


def _sort(decision: core.Decision) -> tuple[object, ...]:
    """What two decisions have in common that are told in one column."""
    return decision.object, decision.type, decision.mode == "多选"


def _is(node: core.Expr | None, value: bool) -> bool:
    return isinstance(node, core.Constant) and node.value is value


def _condition(amended: core.Amended) -> core.Expr:
    return condition_of(amended)


__all__ = ["United", "united"]
