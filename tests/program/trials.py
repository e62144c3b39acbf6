"""A trial against the same edit made in the text of a layer: what both must give.

Why this exists: an edit of a 试验 means what the same edit made in the text means. Here the text is edited, with nothing of the overlay.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from policyrules.program import nodes as core


def unmarked(item: Any, named: Mapping[str, core.Parameter] = {}) -> Any:
    """A program, or a part of it, without what says that a trial wrote something, and with the numbers that it named."""
    if isinstance(item, core.Program):
        named = {name: item.parameters[name] for name in (item.trial.named if item.trial is not None else ())}
        parts = {one.name: unmarked(getattr(item, one.name), named) for one in dataclasses.fields(item)}
        parameters = {name: one for name, one in parts["parameters"].items() if name not in named}
        return {**parts, "parameters": parameters, "trial": None}
    if isinstance(item, core.ParameterValue) and item.name in named:
        return ("Constant", named[item.name].value, unmarked(named[item.name].type))
    if isinstance(item, core.Origin):
        cited = tuple(one for one in item.citations if one.clause)
        return ("Origin", item.layer, item.kind, item.name, cited, item.readings, item.notes)
    if isinstance(item, Mapping):
        return {key: unmarked(value, named) for key, value in item.items()}
    if isinstance(item, tuple):
        return tuple(unmarked(one, named) for one in item)
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        own = (one for one in dataclasses.fields(item) if one.compare)
        return (type(item).__name__, *(unmarked(getattr(item, one.name), named) for one in own))
    return item
