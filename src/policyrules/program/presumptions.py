"""推定 of all layers: by field, each case with the layer that wrote it.

Why this exists: what is presumed where a cell is blank is refined by every layer below, so cases of one field come
together, the lowest layer first. What is presumed could have been filled in: it lies within what the field may hold.
"""

from __future__ import annotations

from policyrules.diagnostics import Label
from policyrules.language import nodes as surface
from policyrules.program import nodes as core
from policyrules.program.authority import Grant, check_act
from policyrules.program.merge import Merge, provision_object
from policyrules.program.naming import extending
from policyrules.program.parameters import out_of_bounds, range_text, written_value
from policyrules.program.symbols import Declared
from policyrules.types import value_text


def merged_presumptions(merge: Merge) -> dict[tuple[str, str], core.Presumption]:
    """All 推定, by (object, field), lowest layer first; the amended field's 授权 is checked."""
    fields: dict[tuple[str, str], core.Field] = {}
    cases: dict[tuple[str, str], list[core.PresumptionCase]] = {}
    for declared in merge.symbols.declared(surface.PresumptionDecl):
        named = provision_object(merge.symbols, declared.node)
        object_ = None if named is None else merge.symbols.known_object(named, declared.node.name.span)
        for case in declared.node.cases if object_ is not None else ():
            assert object_ is not None
            found = _case(merge, declared, case, object_)
            if found is not None and merge.in_force(declared.layer, declared.node.common):
                key = object_, case.field.text
                fields[key] = merge.symbols.objects[object_].fields[case.field.text]
                cases.setdefault(key, []).append(found)
    return {
        key: core.Presumption(fields[key], tuple(sorted(found, key=lambda case: -case.level)))
        for key, found in sorted(cases.items())
    }


def _case(
    merge: Merge, declared: Declared[surface.PresumptionDecl], case: surface.PresumptionCase, object_: str
) -> core.PresumptionCase | None:
    symbols, name = merge.symbols, case.field.text
    info = symbols.objects[object_]
    target = info.fields.get(name)
    if target is None:
        if name not in symbols.broken:
            near = symbols.nearest(name, info.fields)
            message = f"{object_}没有名为 {name} 的字段，不能推定"
            symbols.error("E201", message, case.field.span, f"是不是 {near[0]}？" if near else "推定只能用于字段和研判")
        return None
    value = written_value(symbols, case.value, target.type)
    when = merge.checker.condition(case.when, (object_,))
    if value is not None and out_of_bounds(value, target.low, target.high):
        message = f"推定 {name} 为 {value_text(value, target.type)}，超出{name}允许的取值"
        remedy = f"取 {range_text(target)} 的值，或改字段声明的取值"
        symbols.error("E206", message, case.value.span, remedy, Label(target.origin.span, "取值写在这里"))
        return None
    if value is None or when is None:
        return None
    sources = info.sources[name]
    if not symbols.sees(case.field.span, [source.level for source in sources]):
        other = symbols.layers[sources[0].level]
        message = f"字段 {name} 是《{other.files.title}》声明的，《{declared.layer.files.title}》没有继承它，不能推定"
        remedy = extending(declared.layer, other)
        symbols.error("E314", message, case.field.span, remedy, Label(target.origin.span, "在这里声明"))
        return None
    # Each document says for itself what may be done to a field that several declare.
    grants = [
        Grant("细化", source.span, False)
        if source.authority is None
        else Grant(source.authority.authority, source.authority.span, True)
        for source in sources
        if source.level in declared.layer.above
    ]
    if not check_act(symbols, grants, "字段", "推定", name, case.span):
        return None
    return core.PresumptionCase(declared.layer.level, when, value, declared.origin)
