"""Stacks that have all but their lowest layer in common, checked one after another.

Why this exists: a nation's counties each write a few lines below one province. Such lines amend provisions, set parameters, add
provisions; whatever they do not touch comes to what it comes to without them, and is worked out once for all counties.

Invariants: what is found of a stack is what `Stack.check` finds. Where the lowest layer may change what anything above it
means, or the layers above it have findings of their own, its stack is checked whole.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from policyrules.language import nodes as surface
from policyrules.program.assemble import Checked, Upper
from policyrules.program.collecting import MAX_DECLARATIONS, declare, weight
from policyrules.program.fingerprints import Texts
from policyrules.program.layers import Layer
from policyrules.program.naming import naming_of
from policyrules.program.stack import Stack
from policyrules.program.symbols import Symbols

_MOST: Final = 32
"""So many upper parts of stacks are held: counties of one province have one, those of several cities have several."""


@dataclass(slots=True)
class Neighbours:
    """What the upper layers of stacks come to as of a date. ``texts``: what declarations that they share say, for fingerprints."""

    as_of: datetime.date
    texts: Texts = field(default_factory=dict)
    _known: list[tuple[Stack, Checked]] = field(default_factory=list)

    def checked(self, stack: Stack) -> Checked | None:
        """As `Stack.check`; None of a stack that has to be checked whole."""
        if stack.trial is not None or stack.found or len(stack.layers) < 2 or not _beneath_all(stack.layers[-1]):
            return None
        upper, known = self._above(stack.layers[:-1])
        # What putting the layers above together finds would have to be told apart; what is found beside that is found again.
        names = None if known.symbols.found or known.verdicts else _names_below(upper, stack.layers[-1])
        if names is None:
            return None
        whole = replace(stack, layers=names.layers)
        # As a `cached_property` keeps what it found.
        whole.__dict__["names"] = names
        touched = {_name(node) for node in _written(stack.layers[-1])}
        return whole.check(self.as_of, Upper(known, touched))

    def _above(self, layers: tuple[Layer, ...]) -> tuple[Stack, Checked]:
        for upper, known in self._known:
            if len(upper.layers) == len(layers) and all(map(_same, upper.layers, layers)):
                return upper, known
        upper = Stack(layers)
        found = upper, upper.check(self.as_of)
        self._known = [*self._known[-_MOST + 1 :], found]
        return found


def _same(one: Layer, other: Layer) -> bool:
    """Whether two layers were read from the same texts in the same folder."""

    def read(layer: Layer) -> tuple[object, ...]:
        files = layer.files
        return files.shown, files.folder, files.manifest_source, files.clauses.source, files.sources, files.lock

    return one.above == other.above and read(one) == read(other)


_Act: TypeAlias = surface.AmendmentDecl | surface.SettingDecl
_Provision: TypeAlias = surface.RuleDecl | surface.DutyDecl | surface.NoticeDecl


def _beneath_all(layer: Layer) -> bool:
    """Whether a layer extends all others, could be read whole, and writes nothing but amendments of provisions, values of
    parameters, and provisions of its own."""
    sound = not layer.problems and not any(file.broken or file.edits for file in layer.parsed)
    return (
        sound
        and layer.above == frozenset(range(layer.level))
        and all(isinstance(node, _Act | _Provision) for node in _written(layer))
    )


def _written(layer: Layer) -> Iterator[surface.Declaration]:
    return (node for file in layer.parsed for node in file.declarations)


def _name(node: surface.Declaration) -> str:
    assert isinstance(node, _Act | _Provision), "asked before"
    return node.target.text if isinstance(node, _Act) else node.name.text


def _names_below(upper: Stack, layer: Layer) -> Symbols | None:
    """The names of a stack: those of the layers above, and what the lowest writes; None where one of them may mean something to
    those above."""
    above = upper.names
    new = [node.name.text for node in _written(layer) if isinstance(node, _Provision)]
    texts = [source.text for each in above.layers for source in each.files.sources]
    if any(name in text for name in new for text in texts):
        return None
    declarations = (node for each in (*above.layers, layer) for node in _written(each))
    if sum(map(weight, declarations)) > MAX_DECLARATIONS:
        return None
    if above.siblings or above.naming is not None or naming_of((layer,)) is not None:
        return None
    names = replace(
        above,
        layers=(*above.layers, layer),
        provisions=dict(above.provisions),
        acts={name: list(acts) for name, acts in above.acts.items()},
        cited=dict(above.cited),
        broken=set(above.broken),
        found=list(above.found),
    )
    for node in _written(layer):
        declare(names, layer, node)
    return names


__all__ = ["Neighbours"]
