"""One program that holds two: every atom is switched, and any selection of atoms is that program under some parameters.

Why this exists: what a selection of acts brings about is found by trying it. So the two programs are compared declaration by
declaration, and blended into one program with a switch for each atom.

Invariants: with all switches off the blend gives what the old program gives, with all on what the new one gives; what both
have is no atom, however it is called and wherever it stands; atoms come in the order of the new program's tables, then of
what only the old one has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from policyrules.analysis.atoms import Atom, Atoms, T, all_of, words_at
from policyrules.analysis.frames import aligned, beside, rewritten, united_fields, united_layers, united_siblings
from policyrules.operators import HOLIDAYS, WORKED
from policyrules.program import nodes as core
from policyrules.program.amended import condition_of
from policyrules.program.presence import presence
from policyrules.records.wording import bounds_text
from policyrules.types import BOOL, value_text

_OLD: Final = "〔原〕"


@dataclass(frozen=True, slots=True)
class Bare:
    """Of what only one program has, as it was declared: ``parameters`` that somebody set, and ``lists`` that somebody added to,
    so that setting and adding are acts of their own."""

    parameters: Mapping[str, core.Parameter] = field(default_factory=dict)
    lists: Mapping[str, core.ValueList] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blend:
    """Two programs in one. ``beside``: what differs and is no atom, in words: declared fields and objects."""

    before: core.Program
    after: core.Program
    atoms: tuple[Atom, ...]
    beside: tuple[str, ...]
    bare: Bare = Bare()

    @property
    def chosen(self) -> tuple[Atom, ...]:
        """The atoms without a switch."""
        return tuple(atom for atom in self.atoms if not atom.switch)

    def program(self, chosen: Iterable[int] = ()) -> core.Program:
        """The program with switches, in which of the atoms that have none those numbered ``chosen`` are on."""
        blender = _Blender(self.before, self.after, frozenset(chosen), self.bare)
        return blender.program()


def blend(before: core.Program, after: core.Program, bare: Bare = Bare()) -> Blend:
    """Compare two programs of one evaluation date."""
    blender = _Blender(before, after, frozenset(), bare)
    blender.program()
    return Blend(before, after, tuple(blender.atoms.found), tuple(dict.fromkeys(blender.beside)), bare)


class _Blender:
    def __init__(self, before: core.Program, after: core.Program, chosen: frozenset[int], bare: Bare) -> None:
        self.bare = bare
        self.layers = united_layers(before, after)
        self.fields = united_fields(before, after)
        self.beside: list[str] = list(beside(before, after))
        self.before = aligned(before, self.layers, self.fields)
        self.after = aligned(after, self.layers, self.fields)
        self.atoms = Atoms(chosen)
        self.renamed: dict[tuple[str, str], Atom] = {}
        """What is kept in both forms, by kind of name and name."""

    # ---- the program

    def program(self) -> core.Program:
        before, after = self.before, self.after
        parameters, lists = self._parameters(), self._lists()
        terms, statistics = self._terms(), self._statistics()
        rules = self._rules()
        decisions = self._decisions()
        duties = self._table(before.duties, after.duties, self._duty)
        notices = self._table(before.notices, after.notices, self._notice)
        presumptions = self._presumptions()
        for atom in self.atoms.found:
            if atom.switch:
                parameters[atom.switch] = core.Parameter(
                    atom.switch, atom.switch, False, BOOL, "fixed", False, None, None, atom.origin, None
                )
        ids = self.layers
        return rewritten(
            replace(
                after,
                layers=ids,
                siblings=united_siblings(before, after, ids),
                objects={**before.objects, **after.objects},
                fields=self.fields,
                parameters=parameters,
                lists=lists,
                terms=terms,
                statistics=statistics,
                decisions=decisions,
                rules=rules,
                duties=duties,
                notices=notices,
                presumptions=presumptions,
                stopped=(),
            ),
            self._reference if self.renamed else None,
        )

    def _reference(self, node: core.Expr) -> core.Expr:
        """What reads something that is kept in both forms reads the one that the switch says."""
        match node:
            case core.ParameterValue(name=name) | core.ParameterFilled(name=name):
                return self._both("参数", name, node)
            case core.StatisticValue(name=name):
                return self._both("统计", name, node)
            case core.Member() | core.Overlaps() | core.Subset() | core.Less():
                right = node.right
                if isinstance(right, core.ListRef | core.ParameterRef):
                    atom = self.renamed.get(("清单" if isinstance(right, core.ListRef) else "参数", right.name))
                    if atom is not None:
                        return self.atoms.either(
                            atom, node, replace(node, right=replace(right, name=_OLD + right.name))
                        )
        return node

    def _both(
        self, kind: str, name: str, node: core.ParameterValue | core.ParameterFilled | core.StatisticValue
    ) -> core.Expr:
        atom = self.renamed.get((kind, name))
        return node if atom is None else self.atoms.either(atom, node, replace(node, name=_OLD + name))

    @staticmethod
    def _table(old: Mapping[str, T], new: Mapping[str, T], mix: Callable[[T | None, T | None], T]) -> dict[str, T]:
        return {name: mix(old.get(name), new.get(name)) for name in dict.fromkeys([*new, *old])}

    # ---- values

    def _parameters(self) -> dict[str, core.Parameter]:
        found: dict[str, core.Parameter] = {**self.before.parameters, **self.after.parameters}
        for name in dict.fromkeys([*self.after.parameters, *self.before.parameters]):
            old, new = (
                side.parameters.get(name) or self.bare.parameters.get(name) for side in (self.before, self.after)
            )
            if old is not None and new is not None and _held(old) != _held(new):
                changed = new if new.setter is not None or old.setter is None else old
                found[name] = new
                atom = self.atoms.add("设定", name, *parameter_words(old, new), changed.setter or changed.origin)
                self.renamed["参数", name] = atom
                found[_OLD + name] = replace(old, name=_OLD + name, key=_OLD + old.key)
        return found

    def _lists(self) -> dict[str, core.ValueList]:
        found: dict[str, core.ValueList] = {**self.before.lists, **self.after.lists}
        for name in dict.fromkeys([*self.after.lists, *self.before.lists]):
            old, new = (side.lists.get(name) or self.bare.lists.get(name) for side in (self.before, self.after))
            if old is None or new is None or _listed(old) == _listed(new):
                continue
            found[name] = new
            more = [one for one in new.items if one not in old.items]
            less = [one for one in old.items if one not in new.items]
            words = ("、".join(map(str, less)), "、".join(map(str, more)))
            pair = (new, old) if len(new.origins) >= len(old.origins) else (old, new)
            known = [(origin.layer, origin.kind, origin.name) for origin in pair[1].origins]
            origin = next(
                (one for one in pair[0].origins if (one.layer, one.kind, one.name) not in known), pair[0].origins[-1]
            )
            if name in (HOLIDAYS, WORKED):
                # The calendar is read without being named.
                found[name] = self.atoms.whole("清单", name, *words, origin, (old, new))
                continue
            self.renamed["清单", name] = self.atoms.add("清单", name, *words, origin)
            found[_OLD + name] = replace(old, name=_OLD + name)
        return found

    def _statistics(self) -> dict[str, core.Statistic]:
        found: dict[str, core.Statistic] = {**self.before.statistics, **self.after.statistics}
        for name, new in self.after.statistics.items():
            old = self.before.statistics.get(name)
            if old is None or _content(old) == _content(new):
                continue
            if (old.kind, old.object, old.same, old.value, old.match is None) == (
                new.kind,
                new.object,
                new.same,
                new.value,
                new.match is None,
            ):
                where = self.atoms.optional(name, old.where, new.where, new.origin)
                match = self.atoms.optional(name, old.match, new.match, new.origin)
                found[name] = replace(new, where=where, match=match)
                continue
            self.renamed["统计", name] = self.atoms.add(
                "统计", name, words_at(old.origin.span), words_at(new.origin.span), new.origin
            )
            found[_OLD + name] = replace(old, name=_OLD + name, key=_OLD + old.key)
        return found

    def _terms(self) -> dict[str, core.Term]:
        found: dict[str, core.Term] = {**self.before.terms, **self.after.terms}
        for name, new in self.after.terms.items():
            old = self.before.terms.get(name)
            if old is not None and old.body != new.body:
                body = self.atoms.mixed(name, old.body, new.body, new.origin, old.origin)
                found[name] = replace(new, body=body, present=presence(body))
        return found

    def _presumptions(self) -> dict[tuple[str, str], core.Presumption]:
        found: dict[tuple[str, str], core.Presumption] = {}
        for key in dict.fromkeys([*self.after.presumptions, *self.before.presumptions]):
            new, old = self.after.presumptions.get(key), self.before.presumptions.get(key)
            news, olds = (one.cases if one is not None else () for one in (new, old))
            said = [_case(case) for case in olds]
            kept = [_case(case) for case in news]
            acts: dict[tuple[core.Origin, bool], Atom] = {}
            cases: list[core.PresumptionCase] = []
            for case, is_new in [*((one, True) for one in news), *((one, False) for one in olds)]:
                if _case(case) in (said if is_new else kept):
                    if is_new:
                        cases.append(case)
                    continue
                atom = acts.get((case.origin, is_new))
                if atom is None:
                    mine = [one for one in (news if is_new else olds) if one.origin == case.origin]
                    type_ = self.fields[key[0]][key[1]].type
                    words = "；".join(
                        f"当 {words_at(one.when.span)} 则 {key[1]} 为 {value_text(one.value, type_)}" for one in mine
                    )
                    pair = ("", words) if is_new else (words, "")
                    atom = acts[case.origin, is_new] = self.atoms.add("推定", key[1], *pair, case.origin)
                switch = self.atoms.on(atom) if is_new else self.atoms.off(atom)
                cases.append(replace(case, when=all_of((switch, case.when))))
            present = new or old
            assert present is not None
            # Lower layers first, as the engine asks them.
            cases.sort(key=lambda case: -case.level)
            found[key] = core.Presumption(present.field, tuple(cases))
        return found

    # ---- what speaks

    def _rules(self) -> dict[str, core.Rule]:
        found: dict[str, core.Rule] = {}
        for name in dict.fromkeys([*self.after.rules, *self.before.rules]):
            new, old = self.after.rules.get(name), self.before.rules.get(name)
            if old is None or new is None:
                rule = new or old
                assert rule is not None
                found[name] = replace(rule, when=self._one_sided(rule, rule.when, new is not None))
            elif (old.decision, old.values, old.supplement, old.level, old.amount is None) != (
                new.decision,
                new.values,
                new.supplement,
                new.level,
                new.amount is None,
            ):
                atom = self.atoms.add(
                    "改规则", name, words_at(old.origins[0].span), words_at(new.origins[0].span), new.origins[0]
                )
                found[name] = replace(new, when=_switched(new.when, self.atoms.on(atom)))
                found[_OLD + name] = replace(old, name=_OLD + name, when=_switched(old.when, self.atoms.off(atom)))
            else:
                amount = new.amount
                if old.amount is not None and new.amount is not None and old.amount != new.amount:
                    amount = self.atoms.mixed(name, old.amount, new.amount, new.origins[0], old.origins[0])
                when = self.atoms.amended(name, old.when, new.when)
                found[name] = replace(new, when=when, amount=amount, origins=_both_origins(old, new))
        return found

    def _one_sided(self, rule: core.Rule | core.Duty | core.Notice, when: core.Amended, new: bool) -> core.Amended:
        """The condition of what only one side has: the provision itself, and what others did to it."""
        atom = self._appears(rule, new)
        amended = self._acts_of_others(rule, when, new)
        return _switched(amended, self.atoms.on(atom) if new else self.atoms.off(atom))

    def _acts_of_others(self, rule: core.Rule | core.Duty | core.Notice, when: core.Amended, new: bool) -> core.Amended:
        acts = tuple(
            act
            if act.origin == rule.origins[0]
            else self.atoms.act(rule.name, None if new else act, act if new else None)
            for act in when.amendments
        )
        return replace(when, amendments=acts)

    def _appears(self, rule: core.Rule | core.Duty | core.Notice, new: bool) -> Atom:
        origin, words = rule.origins[0], words_at(rule.origins[0].span)
        if new:
            return self.atoms.add("加规则", rule.name, "", words, origin)
        stopped = next((one for one in self.after.stopped if one.name == rule.name), None)
        if stopped is None:
            return self.atoms.add("去规则", rule.name, words, "", origin, operation="去掉")
        operation = "失效" if stopped.lapsed else "停用"
        return self.atoms.add("去规则", rule.name, words, "", stopped.by, operation=operation)

    def _duty(self, old: core.Duty | None, new: core.Duty | None) -> core.Duty:
        if old is None or new is None:
            duty = new or old
            assert duty is not None
            when = self._one_sided(duty, duty.when, new is not None)
            return replace(duty, when=when, demand=self._acts_of_others(duty, duty.demand, new is not None))
        if (old.deadline, old.expiry, old.reason, old.prohibition) != (
            new.deadline,
            new.expiry,
            new.reason,
            new.prohibition,
        ):
            words = [words_at(one.origins[0].span) for one in (old, new)]
            timed = self.atoms.whole("期限", new.name, words[0], words[1], new.origins[-1], (old, new))
            new = replace(
                new,
                deadline=timed.deadline,
                expiry=timed.expiry,
                reason=timed.reason,
                prohibition=timed.prohibition,
            )
        return replace(
            new,
            origins=_both_origins(old, new),
            when=self.atoms.amended(new.name, old.when, new.when),
            demand=self.atoms.amended(new.name, old.demand, new.demand),
        )

    def _notice(self, old: core.Notice | None, new: core.Notice | None) -> core.Notice:
        if old is None or new is None:
            notice = new or old
            assert notice is not None
            return replace(notice, when=self._one_sided(notice, notice.when, new is not None))
        when = self.atoms.amended(new.name, old.when, new.when)
        return replace(new, when=when, origins=_both_origins(old, new))

    def _decisions(self) -> dict[str, core.Decision]:
        return self._table(self.before.decisions, self.after.decisions, self._decision)

    def _decision(self, old: core.Decision | None, new: core.Decision | None) -> core.Decision:
        if old is None or new is None:
            decision = new or old
            assert decision is not None
            return decision
        name, origin = new.name, new.origins[-1]
        applies = self.atoms.optional(name, old.applies, new.applies, origin)
        values = (*new.values, *(value for value in old.values if value not in new.values))
        chosen = new
        if _frame(old, new) != _frame(new, old):
            chosen = self.atoms.whole(
                "决定", name, words_at(old.origins[0].span), words_at(origin.span), origin, (old, new)
            )
        limits = new.limits
        if [(one.kind, one.bound) for one in old.limits] != [(one.kind, one.bound) for one in new.limits]:
            words = ["；".join(words_at(one.bound.span) for one in side.limits) for side in (old, new)]
            at = new.limits[-1].origin if new.limits else origin
            kind = new.limits[-1].kind if len(new.limits) > len(old.limits) else "限额"
            if kind != "限额":
                words = ["", words_at(new.limits[-1].bound.span)]
            limits = self.atoms.whole("限额", name, words[0], words[1], at, (old.limits, new.limits), operation=kind)
        return replace(
            new,
            mode=chosen.mode,
            default=chosen.default,
            default_amount=chosen.default_amount,
            values=values,
            applies=applies,
            ranks=self._ranks(name, old.ranks, new.ranks),
            limits=limits,
            rules=(*new.rules, *self._only_old(old.rules, new)),
            # A 补充规则 looks at the rules of the layers above it, which stand before it.
            supplements=tuple(
                sorted((*new.supplements, *self._only_old(old.supplements, new)), key=self._level_of_rule)
            ),
        )

    def _only_old(self, rules: tuple[str, ...], new: core.Decision) -> Iterator[str]:
        """The rules of an old decision that the new one has not, or in another form."""
        for rule in rules:
            if _OLD + rule in self._renamed_rules:
                yield _OLD + rule
            elif rule not in new.rules and rule not in new.supplements:
                yield rule

    def _level_of_rule(self, name: str) -> int:
        if name.startswith(_OLD):
            return self.before.rules[name.removeprefix(_OLD)].level
        found = self.after.rules.get(name) or self.before.rules[name]
        return found.level

    @property
    def _renamed_rules(self) -> frozenset[str]:
        return frozenset(_OLD + atom.name for atom in self.atoms.found if atom.kind == "改规则")

    def _ranks(self, name: str, old: tuple[core.Rank, ...], new: tuple[core.Rank, ...]) -> tuple[core.Rank, ...]:
        olds, news = [(one.values, one.when) for one in old], [(one.values, one.when) for one in new]
        found: list[core.Rank] = []
        for rank in new:
            if (rank.values, rank.when) in olds:
                found.append(rank)
            else:
                atom = self.atoms.add("先后", name, "", "、".join(rank.values), rank.origin)
                found.append(replace(rank, when=all_of((self.atoms.on(atom), rank.when))))
        for rank in old:
            if (rank.values, rank.when) not in news:
                atom = self.atoms.add("先后", name, "、".join(rank.values), "", rank.origin)
                found.append(replace(rank, when=all_of((self.atoms.off(atom), rank.when))))
        return tuple(found)


def _switched(amended: core.Amended, switch: core.Expr) -> core.Amended:
    return core.Amended(all_of((switch, condition_of(amended))), amended.origin)


def _both_origins(
    old: core.Rule | core.Duty | core.Notice, new: core.Rule | core.Duty | core.Notice
) -> tuple[core.Origin, ...]:
    """Who wrote something on either side."""
    return (*new.origins, *(origin for origin in old.origins if origin not in new.origins))


def _held(parameter: core.Parameter) -> tuple[object, ...]:
    filled = parameter.state in ("fixed", "set")
    return parameter.type, parameter.value, parameter.low, parameter.high, filled


def _listed(values: core.ValueList) -> tuple[object, ...]:
    return frozenset(values.items), values.open, frozenset(values.without)


def _content(statistic: core.Statistic) -> tuple[object, ...]:
    return statistic.kind, statistic.object, statistic.same, statistic.where, statistic.match, statistic.value


def _case(case: core.PresumptionCase) -> tuple[object, ...]:
    return case.level, case.when, case.value


def _frame(decision: core.Decision, other: core.Decision) -> tuple[object, ...]:
    """What of a decision is no condition: of its values the order of those that ``other`` has too."""
    common = tuple(value for value in decision.values if value in other.values)
    return decision.mode, decision.default, decision.default_amount, common


def parameter_words(old: core.Parameter, new: core.Parameter) -> tuple[str, str]:
    """What a parameter comes to on both sides, in words: 未定, 5 个, 缺省 否; where that is the same, also what it may be: 未定（取值
    5 户 至 50 户）."""
    words = _comes_to(old), _comes_to(new)
    ranges = _may_be(old), _may_be(new)
    if words[0] != words[1] or ranges[0] == ranges[1]:
        return words
    return f"{words[0]}（{ranges[0]}）", f"{words[1]}（{ranges[1]}）"


def _comes_to(parameter: core.Parameter) -> str:
    if parameter.value is None:
        return "未定"
    value = value_text(parameter.value, parameter.type)
    return f"缺省 {value}" if parameter.state == "default" else value


def _may_be(parameter: core.Parameter) -> str:
    if parameter.type.values:
        return f"取值 {'、'.join(parameter.type.values)}"
    bounds = bounds_text(parameter)
    return f"取值 {bounds}" if bounds else "取值不限"
