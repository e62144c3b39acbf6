"""Two policies, a ledger and why results differ: the acts between them, and the cause of each change.

Why this exists: `analysis.attribution` speaks of programs and numbers of acts; whoever compares two policies has layers, settings of
the caller and results, and wants provisions.

Invariants: neither policy is changed; a change that cannot be accounted for is told as such, never attributed; the order of
everything follows the records and the programs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from policyrules.analysis.acts import Provision, provision_of
from policyrules.analysis.atoms import Atom
from policyrules.analysis.attribution import Cause, Fault, Part, Spot, causes
from policyrules.analysis.blending import Bare, Blend, blend
from policyrules.analysis.frames import apart
from policyrules.analysis.lattice import Selection
from policyrules.diagnostics import PolicyError
from policyrules.engine.portfolio import Portfolio
from policyrules.policy import Policy
from policyrules.program import nodes as core


@dataclass(frozen=True, slots=True)
class Attribution:
    """Why results differ. ``acts``: by what the two policies differ, in their order, ``provisions`` the same as provisions;
    ``causes``: of each change; ``faults``: of those that the definition did not confirm; ``beside``: what differs and is no
    act, in words; ``checked``: how many results of the definition confirmed the causes."""

    acts: tuple[Atom, ...] = ()
    provisions: tuple[Provision, ...] = ()
    causes: Mapping[Spot, Cause] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    beside: tuple[str, ...] = ()
    checked: int = 0

    def named(self, found: Iterable[Cause]) -> tuple[Provision, ...]:
        """The provisions of causes, each once, upper layers first."""
        acts = sorted({act for cause in found for act in cause.named})
        layers = list(dict.fromkeys(provision.layer for provision in self.provisions))
        told = dict.fromkeys(self.provisions[act] for act in acts)
        return tuple(sorted(told, key=lambda one: layers.index(one.layer)))

    def table(self, found: Sequence[Cause]) -> list[tuple[Provision, Counter[Part]]]:
        """Of each provision, for how many changes it is enough alone, needed with others, or enough beside others; the
        weightiest first."""
        counts: dict[Provision, Counter[Part]] = {}
        # Many changes have one cause.
        causes = {id(cause): cause for cause in found}
        times = Counter(map(id, found))
        for number, cause in causes.items():
            parts: dict[Provision, set[Part]] = {}
            for act, part in cause.parts().items():
                parts.setdefault(self.provisions[act], set()).add(part)
            for provision, said in parts.items():
                # Several acts of one provision are one.
                part = next(one for one in PARTS if one in said)
                counts.setdefault(provision, Counter())[part] += times[number]
        order = {provision: place for place, provision in enumerate(self.provisions)}
        return sorted(counts.items(), key=lambda item: (*(-item[1][part] for part in PARTS), order[item[0]]))

    def to_list(self) -> list[dict[str, object]]:
        """The acts as plain JSON, by their numbers."""
        return [
            {"number": act.number, "kind": act.kind, "old": act.old, "new": act.new, **provision.to_dict()}
            for act, provision in zip(self.acts, self.provisions, strict=True)
        ]


PARTS: tuple[Part, ...] = ("alone", "jointly", "either")


def cause_dict(cause: Cause) -> dict[str, object]:
    """A cause as plain JSON: sets of numbers of acts."""

    def sets(several: Iterable[Selection]) -> list[list[int]]:
        return [sorted(one) for one in several]

    return {
        "how": cause.how,
        "enough": sets(cause.enough),
        "change": sets(cause.change),
        "undo": sets(cause.undo),
        "masked": sets(cause.masked),
        "complete": cause.complete,
        "size": cause.size,
    }


def attributed(
    before: Policy,
    after: Policy,
    portfolio: Portfolio,
    said: Mapping[Spot, tuple[Hashable, Hashable]],
) -> Attribution:
    """Why results differ. ``portfolio``: the records as the policy with more layers reads them; ``said``: what each policy says of
    each result that differs, as `trials.outcome_of` tells it (None: not told)."""
    different = tuple(dict.fromkeys(apart(before.program, after.program)))
    if different:
        return Attribution(beside=different)
    both = blended(before, after)
    found = causes(both, portfolio, said, said=said.__getitem__)
    provisions = tuple(map(provision_of, both.atoms))
    return Attribution(both.atoms, provisions, found.causes, found.faults, both.beside, found.checked)


def blended(before: Policy, after: Policy) -> Blend:
    """The acts by which two policies of one date differ, and one program that holds both. What is set or added to by others in what
    only one of them has is an act of its own."""
    parameters: dict[str, core.Parameter] = {}
    lists: dict[str, core.ValueList] = {}
    for policy, other in ((after, before), (before, after)):
        own = policy.program
        settings = {
            name: parameter.setter
            for name, parameter in own.parameters.items()
            if name not in other.program.parameters and parameter.setter not in (None, parameter.origin)
        }
        added = {
            name: found.origins[1:]
            for name, found in own.lists.items()
            if name not in other.program.lists and len(found.origins) > 1
        }
        origins = [one for one in settings.values() if one is not None and one.layer]
        origins += [origin for several in added.values() for origin in several]
        if not settings and not added:
            continue
        try:
            bare = policy.stack.without(origins).program(policy.as_of)
        except PolicyError:
            # Without them the text does not stand: they come and go with what they are about.
            continue
        parameters.update((name, bare.parameters[name]) for name in settings if name in bare.parameters)
        lists.update((name, bare.lists[name]) for name in added if name in bare.lists)
    both = blend(before.program, after.program, Bare(parameters, lists))
    trial = after.trial
    if trial is None or trial == before.trial:
        return both
    return replace(both, atoms=tuple(_by_trial(trial, atom) for atom in both.atoms))


def edit_of(policy: Policy, atom: Atom) -> core.Edit | None:
    """The edit of a trial that an act is, which says whether the layer it varies may do it; None of an act of a layer itself."""
    span = atom.origin.span
    for edit in () if policy.trial is None else policy.trial.edits:
        own = edit.span
        if own.source.path == span.source.path and own.start <= span.start < own.end:
            return edit
    return None


def _by_trial(trial: core.Trial, atom: Atom) -> Atom:
    """An act that takes away, or replaces, what stood in a layer, as one of the trial that does so."""
    for edit in trial.edits:
        if edit.replaced is not None and atom.origin.span == edit.replaced:
            said = core.Citation(trial.layer, "", trial.said, "")
            citations = (said, *atom.origin.citations)
            return replace(atom, origin=replace(atom.origin, citations=citations, span=edit.span))
    return atom
