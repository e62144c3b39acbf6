"""The record as a pydantic model and as a JSON Schema, generated from the declarations.

Why this exists: services and typed Python code want a class with documented, checked attributes; form builders and
editors want a schema. Both say what `build_instance` reads, and neither is a second reading of values: every value
goes through `policyrules.records.cells`.

Invariants: ASCII keys are attributes, Chinese names are accepted beside them; every field may be blank; a value of a
model is in the unit of its type (万元, 个月), exact; an unknown key is kept, so that `build_instance` can name it. What is declared alike is
one class, so that a record that has travelled between processes is of the class it was of.
"""

from __future__ import annotations

import datetime
import keyword
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Final, Literal, assert_never
from urllib.parse import quote
from weakref import WeakValueDictionary

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, create_model, model_validator
from pydantic import Field as ModelField

from policyrules.diagnostics import Diagnostic, shown
from policyrules.program.fingerprints import text_hash
from policyrules.program.nodes import Field, ObjectKind, Program
from policyrules.records.cells import parse_cell
from policyrules.records.foreign_values import plain_value
from policyrules.records.names import RecordNames, record_names
from policyrules.records.wording import description
from policyrules.types import Kind, bare_number

_SHOWN: Final = 10
"""So many of what is filled in are shown of a record."""


class _Said(str):
    """What is shown as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class RecordModel(BaseModel):
    """Base of the generated models: keys and Chinese names both accepted, unknown keys kept."""

    model_config = ConfigDict(extra="allow", protected_namespaces=(), frozen=False)

    @model_validator(mode="before")
    @classmethod
    def _one_spelling(cls, data: Any) -> Any:
        """A field given by key and by name must say the same: pydantic alone would take the first in silence."""
        if not isinstance(data, dict):
            return data
        for field in cls.model_fields.values():
            if isinstance(field.validation_alias, AliasChoices):
                given = [alias for alias in field.validation_alias.choices if isinstance(alias, str) and alias in data]
                said = [plain_value(data[alias]) for alias in given]
                if len(said) == 2 and None not in said and said[0] != said[1]:
                    raise ValueError(f"“{given[0]}”和“{given[1]}”是同一个字段，两处填的不一样，请只写一处")
        return data

    # The declarations that a generated model was made from, and of which object it is; the models of all objects.
    __made_of__: ClassVar[tuple[Program, str] | None] = None
    __models__: ClassVar[dict[str, type[BaseModel]]] = {}

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        filled = [(name, value) for name, value in super().__repr_args__() if value is not None]
        for name, value in filled[:_SHOWN]:
            yield name, value if isinstance(value, RecordModel) else _Said(shown(value))
        if len(filled) > _SHOWN:
            yield None, _Said(f"另有 {len(filled) - _SHOWN} 项")

    def __reduce__(self) -> tuple[Any, ...]:
        made_of = type(self).__made_of__
        if made_of is None:
            return object.__reduce_ex__(self, 2)  # type: ignore[return-value]  # a tuple always
        return _empty, made_of, self.__getstate__()


_MADE: Final[WeakValueDictionary[str, type[BaseModel]]] = WeakValueDictionary()


def _empty(declared: Program, object_: str) -> BaseModel:
    """An instance that its state will fill: how a record arrives in another process."""
    whole = record_model(declared)
    assert issubclass(whole, RecordModel)
    model = whole.__models__[object_]
    return model.__new__(model)


def record_model(program: Program) -> type[BaseModel]:
    """The model of one record, with nested models for its rows and for its county.

    Attributes are ASCII keys (with a ``_`` behind where Python or pydantic uses the word); Chinese names are accepted as
    keys of a mapping. Values are in the unit of their type: ``Decimal`` for numbers, ``int`` for 整数, 年份 and 时长.
    """
    names = record_names(program)
    if not names.record:
        return create_model("Record", __base__=RecordModel)
    key = text_hash((program.root, program.objects, program.fields))
    found = _MADE.get(key)
    if found is None:
        nothing: dict[Any, Any] = {}
        declared = replace(
            program,
            parameters=nothing,
            lists=nothing,
            terms=nothing,
            statistics=nothing,
            decisions=nothing,
            rules=nothing,
            duties=nothing,
            notices=nothing,
            presumptions=nothing,
            stopped=(),
        )
        found = _MADE[key] = _object_model(names, names.record, declared, {})
    return found


def _object_model(
    names: RecordNames, object_: str, declared: Program, models: dict[str, type[BaseModel]]
) -> type[BaseModel]:
    kind = names.objects[object_].kind
    members: dict[str, Any] = {}
    taken = set(dir(BaseModel))

    def attribute(key: str) -> str:
        name = key.lstrip("_") or "field"
        while keyword.iskeyword(name) or name in taken:
            name += "_"
        taken.add(name)
        return name

    for entry in _entries(names, object_):
        match entry.of:
            case Field() as field:
                annotation: Any = Annotated[_forms(field)[0] | None, BeforeValidator(_reader(field))]
            case child if entry.listed:
                rows: Any = tuple[_object_model(names, child, declared, models), ...]  # type: ignore[misc]  # a class made at run time
                annotation = Annotated[rows | None, BeforeValidator(plain_value)]
            case above:
                annotation = Annotated[
                    _object_model(names, above, declared, models) | None, BeforeValidator(plain_value)
                ]
        alias = AliasChoices(entry.key, entry.name)
        found = ModelField(
            None, validation_alias=alias, serialization_alias=entry.key, title=entry.name, description=entry.said
        )
        members[attribute(entry.key)] = (annotation, found)
    name = "Record" if object_ == names.record else "".join(part.capitalize() for part in kind.key.split("_"))
    model = create_model(name, __base__=RecordModel, __doc__=_called(kind), **members)
    model.__made_of__, model.__models__ = (declared, object_), models
    models[object_] = model
    return model


def _called(kind: ObjectKind) -> str:
    return kind.name if kind.key == kind.name else f"{kind.name}（{kind.key}）"


def _reader(field: Field) -> Callable[[object], object]:
    def read(value: object) -> object:
        parsed = parse_cell(value, field)
        if isinstance(parsed, Diagnostic):
            raise ValueError(f"应为{parsed.expected}")
        if isinstance(parsed, (int, Fraction)) and not isinstance(parsed, bool):
            number = bare_number(parsed, field.type)
            if isinstance(number, int):
                return number
            # Only a conversion such as 亩 to 公顷 has no end of decimals.
            decimal = Decimal(number.numerator) / Decimal(number.denominator)
            if Fraction(decimal) != number:
                raise ValueError(f"换算成{field.type.unit}除不尽，请直接按{field.type.unit}填写")
            return decimal
        return parsed

    return read


# ---- what both are made from ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a record may hold under ``key`` or ``name``: a field, or another object, many of it where ``listed``."""

    key: str
    name: str
    said: str
    of: Field | str
    listed: bool = False


def _entries(names: RecordNames, object_: str) -> Iterator[_Entry]:
    """The fields of an object, the lists that hang on it, and what it belongs to."""
    for field in names.objects[object_].fields:
        yield _Entry(field.key, field.name, description(field), field)
    for child in names.rows_of(object_):
        said = f"{child}，每行一项。没有提供（null 或不写）是不知道；空列表是知道一行也没有。"
        yield _Entry(names.objects[child].kind.key, child, said, child, listed=True)
    above = names.owner_of(object_)
    if above is not None:
        yield _Entry(names.objects[above].kind.key, above, f"{object_}所属的{above}的情况", above)


def _forms(field: Field) -> tuple[Any, dict[str, object]]:
    """The type of a field's values in Python, and what JSON may hold for them."""
    values = field.type.values
    match field.type.kind:
        case Kind.BOOL:
            return bool, {"anyOf": [{"type": ["boolean", "null"]}, {"enum": ["是", "否"]}]}
        case Kind.INTEGER | Kind.YEAR:
            return int, {"anyOf": [{"type": ["integer", "null"], **_limits(field)}, {"type": "string"}]}
        case Kind.DECIMAL | Kind.RATIO | Kind.MONEY | Kind.AREA | Kind.DURATION:
            return Decimal, {"anyOf": [{"type": ["number", "null"], **_limits(field)}, {"type": "string"}]}
        case Kind.DATE:
            return datetime.date, {"anyOf": [{"type": "string", "format": "date"}, {"type": ["string", "null"]}]}
        case Kind.TEXT:
            return str, {"type": ["string", "integer", "null"]}
        case Kind.ENUM:
            return _one_of(values), {"enum": [*(values or ()), None]}
        case Kind.SET:
            item: dict[str, object] = {"enum": list(values)} if values else {"type": "string"}
            items = {"type": "array", "items": item, "uniqueItems": True}
            # A Literal made at run time.
            return frozenset[_one_of(values)], {"anyOf": [items, {"type": ["string", "null"]}]}  # type: ignore[misc]  # made at run time
        case _:
            assert_never(field.type.kind)


def _one_of(values: tuple[str, ...] | None) -> Any:
    return Literal.__getitem__(values) if values else str


def _limits(field: Field) -> dict[str, object]:
    """Bounds of a bare number in the type's unit. One that is not whole is left to the description: JSON would round it."""
    limits: dict[str, object] = {}
    for word, bound in (("minimum", field.low), ("maximum", field.high)):
        if bound is not None and not isinstance(bound, datetime.date):
            number = bare_number(bound, field.type)
            if isinstance(number, int):
                limits[word] = number
    return limits


# ---- JSON Schema ----------------------------------------------------------------------------------------------------


def json_schema(program: Program) -> dict[str, object]:
    """The JSON Schema (2020-12) of one record. Chinese names stand beside keys and refer to them; ``x-`` entries carry
    the unit, who knows a field (由谁掌握), its group, and whether it is judged (研判)."""
    names = record_names(program)
    schema: dict[str, object] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    if not names.record:
        return schema
    schema.update(_object_schema(names, names.record))
    definitions: dict[str, object] = {}
    for name in names.objects:
        if name != names.record:
            definitions[names.objects[name].kind.key] = _object_schema(names, name)
    if definitions:
        schema["$defs"] = definitions
    return schema


def _object_schema(names: RecordNames, object_: str) -> dict[str, object]:
    kind = names.objects[object_].kind
    properties: dict[str, object] = {}
    aliases: dict[str, object] = {}
    base = "#" if object_ == names.record else f"#/$defs/{quote(kind.key)}"
    for entry in _entries(names, object_):
        found: dict[str, object] = {"title": entry.name, "description": entry.said}
        if isinstance(entry.of, Field):
            found |= _forms(entry.of)[1] | _remarks(entry.of)
        elif entry.listed:
            found |= {"type": ["array", "null"], "items": {"$ref": f"#/$defs/{quote(entry.key)}"}}
        else:
            found["anyOf"] = [{"$ref": f"#/$defs/{quote(entry.key)}"}, {"type": "null"}]
        properties.setdefault(entry.key, found)
        if entry.name not in properties and entry.name != entry.key:
            aliases[entry.name] = {"$ref": f"{base}/properties/{quote(entry.key)}", "x-alias-of": entry.key}
    for name, alias in aliases.items():
        properties.setdefault(name, alias)
    return {
        "title": kind.name,
        "description": f"{_called(kind)}：键可用英文键，也可用中文名；没有列出的键不会用到。",
        "type": "object",
        "properties": properties,
        "additionalProperties": True,
        "x-key": kind.key,
    }


def _remarks(field: Field) -> dict[str, object]:
    """What JSON Schema has no word for, as far as the field has it."""
    remarks: dict[str, object] = {
        "x-kind": field.type.kind.value,
        "x-unit": field.type.unit,
        "x-holders": list(field.holders),
        "x-group": field.group,
        "x-judged": field.judged,
    }
    return {key: value for key, value in remarks.items() if value not in (None, [], False)}
