"""Symbol tables: every declared name of a stack of layers, before any expression is looked at.

Why this exists: rules may use names from any file and any layer above, whatever the order; so names are collected first.
Duplicates, keys and the tree of objects are checked here, once.

Invariant: after `collect`, every table is keyed by Chinese name, and each entry knows the layer that declared it.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, TypeAlias, assert_never

from policyrules.diagnostics import Diagnostic, Label, nearest
from policyrules.language import nodes as surface
from policyrules.program import nodes as core
from policyrules.program.files import LayerFiles
from policyrules.program.literals import declared_type, literal_value
from policyrules.program.manifest import Clause
from policyrules.source import Span
from policyrules.types import ORDERED, Type

MAX_DECLARATIONS: Final = 100_000
MAX_COMPARED: Final = 100_000
MAX_OBJECT_DEPTH: Final = 64


@dataclass(slots=True)
class Layer:
    """One layer of the stack while it is being loaded. ``level``: index from the top."""

    level: int
    files: LayerFiles
    parsed: tuple[surface.File, ...]
    positions: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.files.manifest.id


@dataclass(slots=True)
class ObjectInfo:
    """An object under construction: the declarations that opened and reopened it."""

    name: str
    key: str
    parent: str | None
    identity: surface.Name | None
    span: Span
    origin: core.Origin
    level: int
    fields: dict[str, core.Field] = field(default_factory=dict)
    field_levels: dict[str, int] = field(default_factory=dict)
    field_authority: dict[str, tuple[surface.Authority, Span]] = field(default_factory=dict)


Global: TypeAlias = (
    surface.ParameterDecl | surface.ListDecl | surface.TermDecl | surface.StatisticDecl | surface.DecisionDecl
)
Provision: TypeAlias = surface.RuleDecl | surface.DutyDecl | surface.NoticeDecl | surface.PresumptionDecl


@dataclass(slots=True)
class DeclaredGlobal:
    """A parameter, list, term, statistic or decision with the layer that declared it and its origin."""

    layer: Layer
    node: Global
    origin: core.Origin
    order: tuple[int, int, str]


@dataclass(slots=True)
class DeclaredProvision:
    """A rule, duty, prohibition, notice or presumption with the layer that declared it and its origin."""

    layer: Layer
    node: Provision
    origin: core.Origin
    order: tuple[int, int, str]


Declared: TypeAlias = DeclaredGlobal | DeclaredProvision


@dataclass(slots=True)
class Act:
    """What a lower layer does to the upper: 修订, 增列, 设定."""

    layer: Layer
    node: surface.AmendmentDecl | surface.ExtensionDecl | surface.SettingDecl
    origin: core.Origin


@dataclass(slots=True)
class Symbols:
    """All tables of a stack."""

    layers: tuple[Layer, ...]
    as_of: datetime.date
    objects: dict[str, ObjectInfo] = field(default_factory=dict)
    globals: dict[str, DeclaredGlobal] = field(default_factory=dict)
    provisions: dict[str, DeclaredProvision] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    types: dict[str, Type] = field(default_factory=dict)
    lists: dict[str, core.ValueList] = field(default_factory=dict)
    cited: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    compared: int = 0

    def may_compare(self, count: int) -> bool:
        """Whether a wrong name may still be compared with ``count`` names. So much is allowed for one load and no more:
        with thousands of wrong names beside thousands of names, the offers would take minutes."""
        self.compared += count
        return self.compared <= MAX_COMPARED

    def nearest(self, word: str, names: Collection[str]) -> list[str]:
        """Names that look like ``word``, for a remedy; none once enough has been compared."""
        return nearest(word, names) if self.may_compare(len(names)) else []

    def error(
        self, code: str, message: str, span: Span, remedy: str | None = None, related: tuple[Label, ...] = ()
    ) -> None:
        """Record an error."""
        self.diagnostics.append(Diagnostic(code, message, span, "error", remedy, related))

    def warn(
        self, code: str, message: str, span: Span, remedy: str | None = None, related: tuple[Label, ...] = ()
    ) -> None:
        """Record a warning."""
        self.diagnostics.append(Diagnostic(code, message, span, "warning", remedy, related))

    def line(self, name: str) -> list[str]:
        """The object and the objects above it, nearest first."""
        found: list[str] = []
        current: str | None = name
        while current is not None and current in self.objects and current not in found:
            found.append(current)
            current = self.objects[current].parent
        return found

    def root(self) -> str:
        """The object that a rule speaks of when it names none: 项目 where declared, else the only top object."""
        if "项目" in self.objects:
            return "项目"
        tops = [name for name, info in self.objects.items() if info.parent is None]
        return tops[0] if tops else "项目"


def clause_position(layer: Layer, citations: tuple[core.Citation, ...]) -> int:
    """Place of the first cited clause in the layer's document; after all clauses where none is cited."""
    for citation in citations:
        if citation.clause in layer.positions:
            return layer.positions[citation.clause]
    return 1_000_000


def make_origin(
    symbols: Symbols, layer: Layer, kind: str, name: str, common: surface.Common, span: Span
) -> core.Origin:
    """The origin of a declaration, its citations resolved against the layer's clauses."""
    citations: list[core.Citation] = []
    table = layer.files.clauses
    for cited in common.citations:
        near = symbols.may_compare(len(table.clauses))
        found = table.resolve(cited.place.text, near=near)
        if isinstance(found, Clause):
            citations.append(core.Citation(layer.id, found.id, found.place, cited.quote, table.offices_of(found)))
            symbols.cited.setdefault(layer.id, {}).setdefault(found.id, []).append(f"{kind} {name}")
            continue
        symbols.diagnostics.append(table.unresolved(cited.place.text, cited.place.span, near=near))
    return core.Origin(
        layer.id,
        kind,
        name,
        tuple(citations),
        tuple(note.text for note in common.notes if note.kind == "释义"),
        tuple(note.text for note in common.notes if note.kind == "说明"),
        span,
    )


def collect(layers: tuple[Layer, ...], as_of: datetime.date) -> Symbols:
    """Collect every name of the stack, top layer first; all duplicates reported with both places."""
    symbols = Symbols(layers, as_of)
    count = 0
    for layer in layers:
        for file in layer.parsed:
            symbols.broken |= file.broken
            for declaration in file.declarations:
                count += 1
                if isinstance(declaration, surface.ObjectDecl):
                    count += len(declaration.fields)
                if count > MAX_DECLARATIONS:
                    symbols.error("E213", f"声明超过 {MAX_DECLARATIONS} 条", declaration.span, "把规则拆成几层")
                    return symbols
                if isinstance(declaration, surface.ObjectDecl):
                    _open_object(symbols, layer, declaration)
    for layer in layers:
        for file in layer.parsed:
            for declaration in file.declarations:
                if isinstance(declaration, surface.ObjectDecl):
                    _fields(symbols, layer, declaration)
    _object_tree(symbols)
    for layer in layers:
        for file in layer.parsed:
            for declaration in file.declarations:
                _declare(symbols, layer, declaration)
    _unique_keys(symbols)
    return symbols


def _open_object(symbols: Symbols, layer: Layer, node: surface.ObjectDecl) -> None:
    known = symbols.objects.get(node.name.text)
    if known is None:
        if node.key is None:
            symbols.error(
                "E207", f"对象 {node.name.text} 没有英文键", node.name.span, f"写成 对象 {node.name.text}（ascii_key）"
            )
        origin = make_origin(symbols, layer, "对象", node.name.text, node.common, node.span)
        symbols.objects[node.name.text] = ObjectInfo(
            node.name.text,
            node.key.text if node.key else node.name.text,
            node.parent.text if node.parent else None,
            node.identity,
            node.name.span,
            origin,
            layer.level,
        )
        return
    first = (Label(known.span, f"对象 {known.name} 最初在这里声明"),)
    if node.key is not None and node.key.text != known.key:
        symbols.error("E202", f"对象 {known.name} 的英文键前后不同", node.key.span, f"改为 {known.key}", first)
    if node.parent is not None and node.parent.text != known.parent:
        symbols.error("E202", f"对象 {known.name} 的隶属前后不同", node.parent.span, None, first)
    if node.identity is not None:
        if known.identity is None:
            known.identity = node.identity
        elif known.identity.text != node.identity.text:
            symbols.error("E202", f"对象 {known.name} 的标识前后不同", node.identity.span, None, first)


def _fields(symbols: Symbols, layer: Layer, node: surface.ObjectDecl) -> None:
    info = symbols.objects[node.name.text]
    for declared in node.fields:
        name = declared.name.text
        if name in info.fields:
            symbols.error(
                "E202",
                f"{info.name} 的字段 {name} 声明了两次",
                declared.name.span,
                "删去一处，或换一个名称",
                (Label(info.fields[name].origin.span, "先在这里声明"),),
            )
            continue
        if declared.key is None:
            symbols.error("E207", f"字段 {name} 没有英文键", declared.name.span, f"写成 字段 {name}（ascii_key）：…")
            symbols.broken.add(name)
            continue
        type_ = declared_type(declared.type, declared.bounds, None, symbols.diagnostics)
        if type_ is None:
            symbols.broken.add(name)
            continue
        low, high = bounds_of(symbols, declared.bounds, type_)
        origin = make_origin(symbols, layer, declared.kind, name, declared.common, declared.span)
        info.fields[name] = core.Field(
            info.name,
            name,
            declared.key.text,
            type_,
            declared.kind == "研判",
            low,
            high,
            tuple(holder.text for holder in declared.holders),
            declared.group.text if declared.group else None,
            origin,
        )
        info.field_levels[name] = layer.level
        if declared.common.authority is not None:
            info.field_authority[name] = (declared.common.authority, declared.common.authority_span or declared.span)


def bounds_of(
    symbols: Symbols, bounds: surface.Bounds | None, type_: Type
) -> tuple[int | Fraction | datetime.date | None, int | Fraction | datetime.date | None]:
    """The declared bounds as canonical values; errors for types without order or ends in the wrong order."""
    if bounds is None:
        return None, None
    if type_.kind not in ORDERED:
        symbols.error("E204", f"{type_.kind.value}没有大小，不能写 取值 … 至 …", bounds.span, "删去 取值 一句")
        return None, None
    low = literal_value(bounds.low, type_, symbols.diagnostics)
    high = None if bounds.high is None else literal_value(bounds.high, type_, symbols.diagnostics)
    if isinstance(low, (bool, str, frozenset)) or isinstance(high, (bool, str, frozenset)):
        return None, None
    if low is not None and high is not None and low > high:  # type: ignore[operator]  # both are of type_'s one kind
        symbols.error("E206", "取值的下限大于上限", bounds.span, "把两个数对调")
        return None, None
    return low, high


def _object_tree(symbols: Symbols) -> None:
    for info in symbols.objects.values():
        if info.parent is not None and info.parent not in symbols.objects:
            if info.parent not in symbols.broken:
                near = symbols.nearest(info.parent, symbols.objects)
                symbols.error(
                    "E201",
                    f"没有名为 {info.parent} 的对象",
                    info.origin.span,
                    f"是不是 {near[0]}？" if near else "先声明这个对象",
                )
            info.parent = None
        if info.identity is not None and info.identity.text not in info.fields:
            if info.identity.text not in symbols.broken:
                near = symbols.nearest(info.identity.text, info.fields)
                symbols.error(
                    "E201",
                    f"对象 {info.name} 没有名为 {info.identity.text} 的字段，不能作标识",
                    info.identity.span,
                    f"是不是 {near[0]}？" if near else None,
                )
            info.identity = None
    for info in symbols.objects.values():
        seen = [info.name]
        current = info.parent
        while current is not None and current not in seen and len(seen) <= MAX_OBJECT_DEPTH:
            seen.append(current)
            current = symbols.objects[current].parent
        if len(seen) > MAX_OBJECT_DEPTH:
            message = f"对象一层属于一层，最多 {MAX_OBJECT_DEPTH} 层"
            symbols.error("E210", message, info.span, "把中间的对象合并")
            info.parent = None
        elif current == info.name:
            symbols.error("E209", f"对象的隶属成了圈：{' → '.join([*seen, current])}", info.origin.span)
            info.parent = None


def _declare(symbols: Symbols, layer: Layer, node: surface.Declaration) -> None:
    match node:
        case surface.ObjectDecl():
            return
        case surface.AmendmentDecl():
            origin = make_origin(symbols, layer, "修订", node.target.text, node.common, node.span)
            symbols.acts.append(Act(layer, node, origin))
        case surface.ExtensionDecl():
            origin = make_origin(symbols, layer, "增列", node.target.text, node.common, node.span)
            symbols.acts.append(Act(layer, node, origin))
        case surface.SettingDecl():
            origin = make_origin(symbols, layer, "设定", node.target.text, node.common, node.span)
            symbols.acts.append(Act(layer, node, origin))
        case surface.ParameterDecl():
            _global(symbols, layer, node, node.kind)
        case surface.ListDecl():
            _global(symbols, layer, node, "清单")
        case surface.TermDecl():
            _global(symbols, layer, node, "术语")
        case surface.StatisticDecl():
            _global(symbols, layer, node, "统计")
        case surface.DecisionDecl():
            _global(symbols, layer, node, "决定")
        case surface.RuleDecl() | surface.DutyDecl():
            _provision(symbols, layer, node, node.kind)
        case surface.NoticeDecl():
            _provision(symbols, layer, node, "提示")
        case surface.PresumptionDecl():
            _provision(symbols, layer, node, "推定")
        case _ as unreachable:
            assert_never(unreachable)


_KEYED = (surface.ParameterDecl, surface.DecisionDecl)


def _global(symbols: Symbols, layer: Layer, node: Global, kind: str) -> None:
    name = node.name.text
    if isinstance(node, _KEYED) and node.key is None:
        symbols.error("E207", f"{kind} {name} 没有英文键", node.name.span, f"写成 {kind} {name}（ascii_key）：…")
    known = symbols.globals.get(name)
    if known is not None:
        _twice(symbols, name, node.name.span, known.node.name.span)
        return
    for info in symbols.objects.values():
        if name in info.fields:
            _twice(symbols, name, node.name.span, info.fields[name].origin.span)
            symbols.broken.add(name)
            return
    origin = make_origin(symbols, layer, kind, name, node.common, node.span)
    order = (layer.level, clause_position(layer, origin.citations), name)
    symbols.globals[name] = DeclaredGlobal(layer, node, origin, order)


def _provision(symbols: Symbols, layer: Layer, node: Provision, kind: str) -> None:
    name = node.name.text
    known: Declared | None = symbols.provisions.get(name) or symbols.globals.get(name)
    apart = (surface.ParameterDecl, surface.TermDecl, surface.StatisticDecl)
    if known is not None and not isinstance(known.node, apart):
        if isinstance(node, surface.PresumptionDecl) and isinstance(known.node, surface.PresumptionDecl):
            if known.layer.level != layer.level:
                # Presumptions are labelled by what they presume; each layer may have its own under the same label.
                name = f"{name}〔{layer.id}〕"
            else:
                _twice(symbols, name, node.name.span, known.node.name.span, "把几个 当 … 则 … 写在同一条推定里")
                return
        else:
            _twice(symbols, name, node.name.span, known.node.name.span)
            return
    origin = make_origin(symbols, layer, kind, node.name.text, node.common, node.span)
    order = (layer.level, clause_position(layer, origin.citations), name)
    symbols.provisions[name] = DeclaredProvision(layer, node, origin, order)


def _twice(symbols: Symbols, name: str, span: Span, first: Span, remedy: str = "换一个名称，或删去一处") -> None:
    symbols.error("E202", f"名称 {name} 已经用过", span, remedy, (Label(first, "先在这里声明"),))


def _unique_keys(symbols: Symbols) -> None:
    """Keys are what other systems rely on: unique among the fields, rows and decisions of an object, and among
    parameters."""
    taken: dict[tuple[str, str], Span] = {}

    def claim(scope: str, key: str, span: Span, what: str) -> None:
        first = taken.setdefault((scope, key), span)
        if first is not span:
            symbols.error("E202", f"{what}的英文键 {key} 已经用过", span, "换一个英文键", (Label(first, "先用在这里"),))

    for info in symbols.objects.values():
        claim("对象", info.key, info.span, f"对象 {info.name} ")
        if info.parent is not None:
            claim(f"行 {info.parent}", info.key, info.span, f"对象 {info.name} ")
        for declared in info.fields.values():
            claim(f"行 {info.name}", declared.key, declared.origin.span, f"字段 {declared.name} ")
    for known in symbols.globals.values():
        node = known.node
        if isinstance(node, surface.ParameterDecl) and node.key is not None:
            claim("参数", node.key.text, node.key.span, f"参数 {node.name.text} ")
        if isinstance(node, surface.DecisionDecl) and node.key is not None:
            scope = node.object.text if node.object else symbols.root()
            claim(f"决定 {scope}", node.key.text, node.key.span, f"决定 {node.name.text} ")
