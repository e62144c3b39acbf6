"""Two policies, a ledger and why results differ: the acts between them, and the cause of each change.

Why this exists: `analysis.attribution` speaks of programs and numbers of acts; whoever compares two policies has layers, settings of
the caller and a ledger, and wants provisions.

Invariants: neither policy is changed; a change that the tool cannot account for is told as such, never attributed; the order of
everything follows the ledger and the programs.
"""

from __future__ import annotations


from policyrules.analysis.atoms import Bare, Blend, blend
from policyrules.diagnostics import PolicyError
from policyrules.policy import Policy
from policyrules.program import nodes as core


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
            if name not in other.program.parameters and parameter.setter is not None
        }
        added = {
            name: found.origins[1:]
            for name, found in own.lists.items()
            if name not in other.program.lists and len(found.origins) > 1
        }
        origins = [one for one in settings.values() if one.layer]
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
    return blend(before.program, after.program, Bare(parameters, lists))
