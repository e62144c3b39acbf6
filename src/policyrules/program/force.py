"""What is in force at the as-of date."""

from __future__ import annotations

import datetime

from policyrules.language import nodes as surface
from policyrules.program.symbols import Layer


def layer_in_force(layer: Layer, as_of: datetime.date) -> bool:
    """Whether the whole layer is in force at ``as_of`` (both ends included)."""
    manifest = layer.files.manifest
    since, until = manifest.in_force_from, manifest.in_force_until
    return (since is None or since <= as_of) and (until is None or as_of <= until)


def in_force(layer: Layer, common: surface.Common, as_of: datetime.date) -> bool:
    """Whether a declaration of ``layer`` is in force at ``as_of``."""
    if not layer_in_force(layer, as_of):
        return False
    return (common.since is None or common.since <= as_of) and (common.until is None or as_of <= common.until)
