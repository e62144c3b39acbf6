"""Which layer stands above which: the one relation that the meaning of layers rests on.

Why this exists: layers are shown in one order, and that order must never decide anything. Whoever asks whether one layer
speaks over another asks here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence


def above(upper: int, lower: int, siblings: Collection[tuple[int, int]]) -> bool:
    """Whether the layer at place ``lower`` extends the one at ``upper``, through any number of others; ``siblings``: of a
    program (`nodes.Program`).

    >>> [above(0, 2, ()), above(2, 0, ()), above(1, 2, [(1, 2)]), above(1, 1, ())]
    [True, False, False, False]
    """
    return upper < lower and (upper, lower) not in siblings


def parts(layers: Sequence[str], siblings: Collection[tuple[int, int]]) -> tuple[tuple[str, ...], ...]:
    """The stacks that a stack of ``layers`` (ids) holds: of each layer those above it, and itself.

    >>> parts(("A", "B", "C"), [(0, 1)])
    (('A',), ('B',), ('A', 'B', 'C'))
    """
    return tuple(
        tuple(one for upper, one in enumerate(layers[: lower + 1]) if upper == lower or above(upper, lower, siblings))
        for lower in range(len(layers))
    )
