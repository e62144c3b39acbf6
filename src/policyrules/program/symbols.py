"""Symbol tables: every declared name of a stack of layers, before any expression is looked at.

Why this exists: rules may use names from any file and any layer above, whatever the order; so names are collected first.
`policyrules.program.collecting` fills the tables.

Invariant: every table is keyed by Chinese name, and each entry knows the layer that declared it.
"""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass, field, replace
from typing import Generic, TypeAlias, TypeVar, cast

from policyrules.diagnostics import Diagnostic, Label, Report
from policyrules.frozen import frozen
from policyrules.language import nodes as surface
from policyrules.language.expressions import Name
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.program.layers import Layer, Varied, parallel
from policyrules.program.literals import word_text
from policyrules.program.naming import Naming, extending
from policyrules.program.respacing import Lexicon, respaced
from policyrules.source import Span
from policyrules.spelling import affordable, nearest
from policyrules.types import AREA_UNITS, DAY_UNITS, MONEY_UNITS, MONTH_UNITS, Kind, Type, Value


@frozen
class FieldSource:
    """A declaration of a field: the place of its layer, its own, and the 授权 it states. Documents that stand side by side
    may declare one field, all in the same way."""

    level: int
    span: Span
    authority: surface.StatedAuthority | None


@dataclass(slots=True)
class ObjectInfo:
    """An object under construction: the declarations that opened and reopened it, by layers ``levels``; ``sources``: of
    each field its declarations; ``alike``: the fields by what their names say in other words (`collecting`)."""

    name: str
    key: str
    parent: str | None
    identity: Name | None
    span: Span
    origin: core.Origin
    level: int
    levels: list[int] = field(default_factory=list)
    fields: dict[str, core.Field] = field(default_factory=dict)
    sources: dict[str, list[FieldSource]] = field(default_factory=dict)
    alike: dict[str, list[str]] = field(default_factory=dict)


Global: TypeAlias = (
    surface.ParameterDecl | surface.ListDecl | surface.TermDecl | surface.StatisticDecl | surface.DecisionDecl
)
Provision: TypeAlias = surface.RuleDecl | surface.DutyDecl | surface.NoticeDecl | surface.PresumptionDecl


@frozen
class DeclaredTable:
    """A 决策表 with the layer that declared it."""

    layer: Layer
    node: surface.TableDecl


N = TypeVar("N", bound=Global | Provision, covariant=True)
A = TypeVar("A", bound=surface.Acting, covariant=True)


@dataclass(frozen=True, slots=True)
class Declared(Generic[N]):
    """A declaration of kind ``N`` with the layer that declared it, its origin, and its place in the canonical order."""

    layer: Layer
    node: N
    origin: core.Origin
    order: tuple[int, int, str]

    @property
    def name(self) -> str:
        """The declared name."""
        return self.node.name.text


DeclaredGlobal: TypeAlias = Declared[Global]
DeclaredProvision: TypeAlias = Declared[Provision]


@dataclass(frozen=True, slots=True)
class Act(Generic[A]):
    """What a lower layer does to the upper: 修订, 增列, 设定."""

    layer: Layer
    node: A
    origin: core.Origin


@dataclass(slots=True)
class Symbols(Report):
    """All tables of a stack, whatever the date. ``root``: the object that a declaration speaks of when it names none, and
    that a record of a portfolio is; ``acts``: by the name they act on; ``broken``: names that are not reported again;
    ``added``: of each list its values, by the places of the layers that wrote them; ``readers``: what remedies are read with, by object; ``naming``: what names mean from each layer, None where every name means one thing; ``varied``: what a 试验 wrote, ``verdicts``: the acts that go beyond an authority in a stack that it varies, which are told and not refused."""

    layers: tuple[Layer, ...]
    root: str = "项目"
    objects: dict[str, ObjectInfo] = field(default_factory=dict)
    globals: dict[str, DeclaredGlobal] = field(default_factory=dict)
    provisions: dict[str, DeclaredProvision] = field(default_factory=dict)
    tables: dict[str, DeclaredTable] = field(default_factory=dict)
    acts: dict[str, list[Act[surface.Acting]]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    lists: dict[str, core.ValueList] = field(default_factory=dict)
    added: dict[str, dict[Value, frozenset[int]]] = field(default_factory=dict)
    cited: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    naming: Naming | None = None
    siblings: tuple[tuple[int, int], ...] = ()
    varied: Varied | None = None
    verdicts: list[Diagnostic] = field(default_factory=list)
    readers: dict[str, object] = field(default_factory=dict, compare=False, repr=False)
    _lexicon: Lexicon | None = None
    _units: frozenset[str] | None = None

    @property
    def units(self) -> frozenset[str]:
        """What the fields, parameters and decisions of the stack are counted in."""
        if self._units is None:
            units = {field.type.unit for info in self.objects.values() for field in info.fields.values()}
            for one in self.globals.values():
                if isinstance(one.node, surface.ParameterDecl | surface.DecisionDecl) and one.node.type is not None:
                    units.add(None if one.node.type.unit is None else one.node.type.unit.text)
            self._units = frozenset(unit for unit in units if unit is not None)
        return self._units

    def called(self, layer: Layer, text: str) -> str:
        """What a name that ``layer`` wrote is called in the whole stack; as it is where it means nothing."""
        meant = text if self.naming is None else self.naming.meant(layer, text)
        return meant if isinstance(meant, str) else text

    def bare(self, name: str) -> str:
        """The name that the document of a declaration gives it."""
        return name if self.naming is None else self.naming.bare.get(name, name)

    def sees(self, span: Span, levels: Collection[int]) -> bool:
        """Whether the layer that wrote ``span`` may rely on what the layers at ``levels`` declare."""
        if not self.siblings:
            return True
        own = next((layer for layer in self.layers if layer.id == span.source.layer), None)
        return own is None or any(not parallel(own, self.layers[level]) for level in levels)

    def beside(self, what: str, span: Span, level: int, first: Span) -> None:
        """Report that the layer that wrote ``span`` relies on what one beside it declares."""
        own = next(layer for layer in self.layers if layer.id == span.source.layer)
        other = self.layers[level]
        message = f"{what}是《{other.files.title}》声明的，《{own.files.title}》没有继承它，不能引用"
        self.error("E319", message, span, extending(own, other), Label(first, "在这里声明"))

    def copy(self) -> Symbols:
        """The same names, to be checked once more: checking adds to what is broken, listed and found."""
        return replace(self, broken=set(self.broken), lists={}, added={}, verdicts=[], found=list(self.found))

    def tried(self, span: Span) -> bool:
        """Whether a trial wrote what stands there."""
        return self.varied is not None and self.varied.wrote(span)

    def refuse(self, code: str, message: str, span: Span, remedy: str | None, *related: Label) -> bool:
        """Report that an act goes beyond an authority; whether it may go on all the same, as in a stack that a trial varies."""
        if self.varied is None:
            self.error(code, message, span, remedy, *related)
            return False
        self.verdicts.append(Diagnostic(code, message, span, "warning", remedy, related))
        return True

    def declares(self, name: str) -> bool:
        """Whether anything of the stack has this name."""
        tables: tuple[Container[str], ...] = (self.objects, self.globals, self.provisions, self.broken)
        return any(name in table for table in tables) or any(name in each.fields for each in self.objects.values())

    def declared(self, kind: type[N]) -> list[Declared[N]]:
        """The declarations of one kind, in canonical order."""
        tables = (self.globals.values(), self.provisions.values())
        found = [cast("Declared[N]", d) for table in tables for d in table if isinstance(d.node, kind)]
        return sorted(found, key=lambda declared: declared.order)

    def acts_on(self, declared: Declared[N], kind: type[A]) -> list[Act[A]]:
        """What lower layers do of one kind to ``declared``, upper layers first. Reported and left out: a second act of one
        layer (but 增列), and one on what its own layer or a lower one declared."""
        found: list[Act[A]] = []
        for act in self.acts.get(declared.name, ()):
            if not isinstance(act.node, kind):
                continue
            earlier = next((other for other in found if other.layer.level == act.layer.level), None)
            if earlier is not None and not isinstance(act.node, surface.ExtensionDecl):
                message = f"本层对“{declared.name}”{act.origin.kind}了两次"
                remedy = "合成一条"
                self.error("E304", message, act.node.target.span, remedy, Label(earlier.node.target.span, "先在这里"))
                continue
            found.append(cast("Act[A]", act))
        found.sort(key=lambda act: (act.layer.level, act.node.span.source.path, act.node.span.start))
        return [act for act in found if self._from_below(act, declared)]

    def _from_below(self, act: Act[surface.Acting], declared: Declared[Global | Provision]) -> bool:
        if declared.layer.level in act.layer.above:
            return True
        own = declared.layer.level == act.layer.level
        where = "本层" if own else "下层"
        remedy: str | None = "直接改声明"
        match declared.node:
            case surface.RuleDecl() | surface.DutyDecl() | surface.NoticeDecl():
                said = f"是{where}的"
                remedy = "直接改那条规则" if own else None
            case surface.DecisionDecl() if isinstance(act.node, surface.AmendmentDecl):
                said = "不是上层的决定"
            case _:
                said = f"是{where}声明的"
        message = f"“{declared.name}”{said}，{act.origin.kind}只能用于上层"
        known = (*self.provisions.values(), *self.globals.values())
        upper = [
            one.name
            for one in (known if affordable(len(self.found), len(known)) else ())
            if one.layer.level in act.layer.above and type(one.node) is type(declared.node)
        ]
        near = self.nearest(declared.name, upper)
        if near:
            remedy = f"{remedy}；要改上层的，是不是 {'、'.join(near)}？" if remedy else f"是不是 {'、'.join(near)}？"
        self.error("E303", message, act.node.target.span, remedy, Label(declared.node.name.span, "在这里声明"))
        return False

    def known_object(self, name: str, span: Span, remedy: str | None = None) -> str | None:
        """``name`` where it is an object; None after reporting."""
        if name in self.objects:
            info = self.objects[name]
            if self.sees(span, info.levels):
                return name
            self.beside(f"对象 {name}", span, info.level, info.span)
            return None
        if name not in self.broken:
            near = self.nearest(name, self.objects)
            owner = next((object_ for object_, info in self.objects.items() if name in info.fields), None)
            if owner is not None and not near:
                remedy = f"{name}是{owner}的字段，不是对象；按{name}来数的，先写一条“统计”，其中写“相同 {name}”"
            self.error("E201", f"没有名为 {name} 的对象", span, f"是不是 {near[0]}？" if near else remedy)
        return None

    def nearest(self, word: str, names: Collection[str]) -> list[str]:
        """Names that look like ``word``, for a remedy; none once enough was found wrong."""
        return nearest(word, names, findings=len(self.found))

    def apart(self, text: str) -> str | None:
        """``text`` with the spaces it was written without, by the declared names; None where they do not say how."""
        if self._lexicon is None:
            types = [found.type for info in self.objects.values() for found in info.fields.values()]
            types += [Type(Kind.ENUM, None, _values(one.node)) for one in self.globals.values()]
            values = {value for type_ in types for value in type_.values or ()}
            fields = {name for info in self.objects.values() for name in info.fields}
            names = {*fields, *values, *self.globals, "是", "否", "评估日", "当年", "上年"}
            units = {type_.unit for type_ in types if type_.unit is not None}
            self._lexicon = Lexicon.of(names, {*units, *MONEY_UNITS, *AREA_UNITS, *MONTH_UNITS, *DAY_UNITS})
        return respaced(text, self._lexicon) if affordable(len(self.found), 1_000) else None

    def line(self, name: str) -> list[str]:
        """The object and the objects above it, nearest first."""
        return belonging.line(self.objects, name)

    def ordered_objects(self) -> list[ObjectInfo]:
        """Parents first, then by layer and key: independent of file order."""
        return sorted(self.objects.values(), key=lambda info: (len(self.line(info.name)), info.level, info.key))


def _values(node: Global) -> tuple[str, ...]:
    """The values a decision may have."""
    if not isinstance(node, surface.DecisionDecl):
        return ()
    return tuple(text for text in map(word_text, node.values) if text is not None)
