"""Pins: of each provision that a lower layer amends, the meaning that the amendment is written against.

Why this exists: merging makes pins, lock files keep their hashes, and a policy carries them without knowing of lock files.

Invariant: a pin is made where an amendment meets its base, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from policyrules.frozen import frozen
from policyrules.source import Span


@frozen
class Pin:
    """The hash of a provision as an amending layer sees it, where the amendment stands and where its base."""

    sha256: str
    amendment: Span
    base: Span


Pins: TypeAlias = Mapping[str, Mapping[str, Pin]]
"""Layer id → name of the amended provision → its pin, as merging the layers gives them."""
