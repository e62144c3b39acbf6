"""Typed results as plain JSON, and the JSON Schema of it.

Why this exists: a result that has its fields in one place needs no second list of them for JSON, and none for the schema.

Invariants: keys are names of fields, in their order; numbers are exact (whole, else a decimal text); the same result gives the same
bytes.
"""

from __future__ import annotations

import datetime
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from policyrules.types import DECIMAL, json_value

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | int | bool | None"


def plain(value: object) -> Plain:
    """A dataclass, and whatever is in it, as JSON carries it.

    >>> plain((1, Fraction(1, 2), datetime.date(2025, 11, 15), None))
    [1, '0.5', '2025-11-15', None]
    """
    match value:
        case None | bool() | int() | str():
            return value
        case Fraction():
            number = json_value(value, DECIMAL)
            assert isinstance(number, int | str)
            return number
        case datetime.date():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {name: plain(getattr(value, name)) for name in _names(type(value))}
        case _:
            raise TypeError(f"no JSON for {type(value).__name__}")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


def schema(kind: type, title: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `plain` makes of a dataclass: every key is there, and no other."""
    definitions: dict[str, Any] = {}
    told = _schema(kind, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **told,
        "$defs": {name: definitions[name] for name in sorted(definitions)},
    }


_NUMBER: dict[str, Any] = {"oneOf": [{"type": "integer"}, {"type": "string", "pattern": "^-?[0-9]+([./][0-9]+)?$"}]}


def _schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin, given = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if set(given) == {int, Fraction}:
            return _NUMBER
        others = [one for one in given if one is not type(None)]
        told = [_NUMBER] if set(others) == {int, Fraction} else [_schema(one, definitions) for one in others]
        return {"anyOf": [*told, {"type": "null"}]} if len(others) < len(given) else {"anyOf": told}
    if origin is Literal:
        return {"enum": list(given)}
    if origin is tuple:
        if len(given) == 2 and given[1] is Ellipsis:
            return {"type": "array", "items": _schema(given[0], definitions)}
        items = [_schema(one, definitions) for one in given]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(given[1], definitions)}
    if is_dataclass(kind) and isinstance(kind, type):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}
            hints = get_type_hints(kind)
            definitions[kind.__name__] = {
                "type": "object",
                "properties": {name: _schema(hints[name], definitions) for name in _names(kind)},
                "required": list(_names(kind)),
                "additionalProperties": False,
            }
        return {"$ref": f"#/$defs/{kind.__name__}"}
    simple: dict[Any, dict[str, Any]] = {
        str: {"type": "string"},
        int: {"type": "integer"},
        bool: {"type": "boolean"},
        datetime.date: {"type": "string", "format": "date"},
        Fraction: _NUMBER,
    }
    return dict(simple[kind])
