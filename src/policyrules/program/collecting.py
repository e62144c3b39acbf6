"""Collecting names: every declaration and act of a stack, entered into its tables.

Why this exists: names are the same at every date, and all that is wrong with them (two of one name, of one key, an object that belongs
to itself) is said before anything is checked.

Invariants: of two declarations of one name the first stands, and both places are shown; the tables do not depend on the order of
files; a name that failed is `broken` and is not reported again.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from sys import intern
from typing import Final, assert_never

from policyrules.diagnostics import Diagnostic, Label
from policyrules.language import nodes as surface
from policyrules.language.expressions import Name, SetLiteral
from policyrules.program import nodes as core
from policyrules.program.clause_table import Clause
from policyrules.program.folders import copies
from policyrules.program.layers import Layer, Varied, parallel, siblings
from policyrules.program.literals import declared_type, literal_text, literal_value
from policyrules.program.naming import naming_of
from policyrules.program.symbols import (
    Act,
    Declared,
    DeclaredTable,
    FieldSource,
    Global,
    ObjectInfo,
    Provision,
    Symbols,
)
from policyrules.source import Span
from policyrules.spelling import affordable
from policyrules.text import some
from policyrules.types import ORDERED, Kind, Type

MAX_DECLARATIONS: Final = 20_000
MAX_OBJECT_DEPTH: Final = 64


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
    if symbols.varied is not None and symbols.varied.wrote(span):
        citations.append(core.Citation(layer.id, "", symbols.varied.said, ""))
    table = layer.files.clauses
    for cited in common.citations:
        near = affordable(len(symbols.found), len(table.clauses))
        found = table.resolve(cited.place.text, near=near)
        if isinstance(found, Clause):
            quote, offices = intern(cited.quote), tuple(map(intern, table.offices_of(found)))
            citations.append(core.Citation(layer.id, found.id, found.place, quote, offices))
            symbols.cited.setdefault(layer.id, {}).setdefault(found.id, []).append(f"{kind} {name}")
            continue
        if not table.refuses(cited.place.text):
            symbols.found.append(table.unresolved(cited.place.text, cited.place.span, near=near))
    return core.Origin(
        layer.id,
        kind,
        name,
        tuple(citations),
        tuple(note.text for note in common.notes if note.kind == "释义"),
        tuple(note.text for note in common.notes if note.kind == "说明"),
        span,
    )


def _too_many(declarations: Sequence[tuple[Layer, surface.Declaration]]) -> str:
    """What to do about a stack of too many declarations: how many each layer has, and what need not be one."""
    counts: dict[str, int] = {}
    for layer, declaration in declarations:
        title = layer.files.manifest.title
        counts[title] = counts.get(title, 0) + weight(declaration)
    each = some([f"{title} {count} 条" for title, count in counts.items()], 6, "层")
    return (
        f"这是各层合起来的（字段也算）：{each}。名录写成一个“清单”，分档写成“决策表”，各个项目的情况填在台账里，"
        "都不必一条一条声明；不相干的文件分到别的文件夹"
    )


def collect(layers: tuple[Layer, ...], varied: Varied | None = None) -> Symbols:
    """Collect every name of the stack, top layer first; all duplicates reported with both places. ``varied``: what of it a trial
    wrote."""
    symbols = Symbols(layers, naming=naming_of(layers), siblings=siblings(layers), varied=varied)
    files = [(layer, file) for layer in layers for file in layer.parsed]
    symbols.broken.update(name.text for _, file in files for broken in file.broken for name in broken.declares)
    declarations = [(layer, declaration) for layer, file in files for declaration in file.declarations]
    count = 0
    for layer, declaration in declarations:
        count += weight(declaration)
        if count > MAX_DECLARATIONS:
            symbols.error("E213", f"声明超过 {MAX_DECLARATIONS} 条", declaration.span, _too_many(declarations))
            return symbols
        if isinstance(declaration, surface.ObjectDecl):
            _open_object(symbols, layer, declaration)
    if symbols.naming is not None:
        named = symbols.naming
        declarations = [
            (layer, seen) for layer, node in declarations for seen in named.seen(symbols, symbols.broken, layer, node)
        ]
    for layer, declaration in declarations:
        if isinstance(declaration, surface.ObjectDecl):
            _fields(symbols, layer, declaration)
    _object_tree(symbols)
    if symbols.siblings:
        declarations = [(layer, _of_own_root(symbols, layer, node)) for layer, node in declarations]
    for layer, declaration in declarations:
        declare(symbols, layer, declaration)
    _unique_keys(symbols)
    return symbols


def weight(node: surface.Declaration) -> int:
    """What a declaration counts for among `MAX_DECLARATIONS`."""
    return 1 + len(node.fields) if isinstance(node, surface.ObjectDecl) else 1


def key_of(node: surface.ObjectDecl | surface.FieldDecl | surface.ParameterDecl | surface.DecisionDecl) -> str:
    """What other systems call it: the key that is written, else the name itself. So what one declaration is called depends
    on no other."""
    return node.name.text if node.key is None else node.key.text


def _open_object(symbols: Symbols, layer: Layer, node: surface.ObjectDecl) -> None:
    known = symbols.objects.get(node.name.text)
    if known is None:
        origin = make_origin(symbols, layer, "对象", node.name.text, node.common, node.span)
        symbols.objects[node.name.text] = ObjectInfo(
            node.name.text,
            key_of(node),
            node.parent.text if node.parent else None,
            node.identity,
            node.name.span,
            origin,
            layer.level,
            [layer.level],
        )
        return
    known.levels.append(layer.level)
    first = Label(known.span, f"对象 {known.name} 最初在这里声明")
    if node.key is not None and node.key.text != known.key:
        remedy = f"改为 {known.key}" if known.key.isascii() else f"删去（{node.key.text}），或写在最初声明的地方"
        symbols.error("E202", f"对象 {known.name} 的英文键前后不同", node.key.span, remedy, first)
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
        source = FieldSource(layer.level, declared.span, declared.common.authority)
        if name in info.fields and all(parallel(layer, symbols.layers[one.level]) for one in info.sources[name]):
            _same_field(symbols, layer, info, declared, source)
            continue
        if name in info.fields:
            message = f"{info.name} 的字段 {name} 声明了两次"
            label = Label(info.fields[name].origin.span, "先在这里声明")
            symbols.error("E202", message, declared.name.span, "删去一处，或换一个名称", label)
            continue
        type_ = declared_type(declared.type, declared.bounds, None, symbols)
        if type_ is None:
            symbols.broken.add(name)
            continue
        low, high = bounds_of(symbols, declared.bounds, type_)
        origin = make_origin(symbols, layer, declared.kind, name, declared.common, declared.span)
        _same_in_other_words(symbols, layer, info, declared, type_)
        info.fields[name] = core.Field(
            info.name,
            name,
            key_of(declared),
            type_,
            declared.kind == "研判",
            low,
            high,
            # One and the same text wherever an office is named: a result is sent to other processes with all of them.
            tuple(intern(holder.text) for holder in declared.holders),
            declared.group.text if declared.group else None,
            origin,
            _happened(symbols, declared, type_),
        )
        info.sources[name] = [source]


def _same_in_other_words(
    symbols: Symbols, layer: Layer, info: ObjectInfo, declared: surface.FieldDecl, type_: Type
) -> None:
    """停产日期 where an upper layer has 停产日: a column of its own that stays blank beside the one that is filled in."""
    name = declared.name.text
    alike = info.alike.setdefault(_bare_name(name), [])
    for known in [info.fields[one] for one in alike]:
        above = info.sources[known.name][0].level
        if known.type.kind is not type_.kind or above == layer.level or parallel(layer, symbols.layers[above]):
            continue
        message = f"{info.name}已有字段“{known.name}”，又声明了“{name}”，台账里是两列"
        remedy = f"是同一项的，删去这一行，条文里写“{known.name}”；不是同一项的，换一个分得清的名称"
        label = Label(known.origin.span, "上级的在这里")
        symbols.found.append(Diagnostic("W245", message, declared.name.span, "warning", remedy, (label,)))
        break
    alike.append(name)


def _bare_name(name: str) -> str:
    """What a name says without the words that people leave out or add: 日期 and 时间 for 日, 是否, 的, 总额."""
    bare = re.sub("(?:之日|日期|时间|日子)$", "日", re.sub("(?<=.)的(?=.)", "", name))
    bare = re.sub("^是否(?=已)|^(?:是否|有无)", "", bare)
    return re.sub("(?<=.)(?:数量|总数|数目|个数)$", "数", re.sub("(?<=[资金补款租])(?:金额|额)$", "", bare)) or name


def _same_field(
    symbols: Symbols, layer: Layer, info: ObjectInfo, declared: surface.FieldDecl, source: FieldSource
) -> None:
    """A field that a document beside this one declares as well: one field where both say the same of it."""
    name = declared.name.text
    known, other = info.fields[name], symbols.layers[info.sources[name][0].level]
    type_ = declared_type(declared.type, declared.bounds, None, symbols)
    if type_ is None:
        symbols.broken.add(name)
        return
    own = (
        key_of(declared),
        declared.kind == "研判",
        type_,
        *bounds_of(symbols, declared.bounds, type_),
        _happened(symbols, declared, type_),
    )
    # Declared it is, however: that its layer reads it is no fault of its own.
    info.sources[name].append(source)
    if own != (known.key, known.judged, known.type, known.low, known.high, known.happened):
        titles = f"《{other.files.title}》和《{layer.files.title}》"
        message = f"{titles}都给{info.name}加了字段 {name}，写得不一样"
        remedy = "键、类型、单位、取值都一样才是同一个字段；不是一回事的，请其中一份换一个名称和键"
        symbols.error("E317", message, declared.span, remedy, Label(known.origin.span, "另一份在这里"))
        return
    holders = dict.fromkeys((*known.holders, *(intern(holder.text) for holder in declared.holders)))
    group = known.group if known.group is not None or declared.group is None else declared.group.text
    info.fields[name] = replace(known, holders=tuple(holders), group=group)


def _happened(symbols: Symbols, declared: surface.FieldDecl, type_: Type) -> bool:
    """Whether it is a day on which something was done."""
    if declared.happened is None:
        return False
    if type_.kind is not Kind.DATE:
        symbols.error("E204", f"{type_.kind.value}不是日子，不能写 已发生", declared.happened.span, "删去 已发生")
        return False
    return True


def bounds_of(
    symbols: Symbols, bounds: surface.Bounds | None, type_: Type
) -> tuple[int | Fraction | datetime.date | None, int | Fraction | datetime.date | None]:
    """The declared bounds as canonical values; errors for types without order or ends in the wrong order."""
    if bounds is None:
        return None, None
    if type_.kind not in ORDERED:
        symbols.error("E204", f"{type_.kind.value}没有大小，不能写 取值 … 至 …", bounds.span, "删去 取值 一句")
        return None, None
    low = literal_value(bounds.low, type_, symbols)
    high = None if bounds.high is None else literal_value(bounds.high, type_, symbols)
    if isinstance(low, (bool, str, frozenset)) or isinstance(high, (bool, str, frozenset)):
        return None, None
    if low is not None and high is not None and low > high:  # type: ignore[operator]  # both are of type_'s one kind
        symbols.error("E206", "取值的下限大于上限", bounds.span, "把两个数对调")
        return None, None
    return low, high


def _object_tree(symbols: Symbols) -> None:
    for info in symbols.objects.values():
        if info.parent is not None and info.parent not in symbols.objects:
            symbols.known_object(info.parent, info.origin.span, "先声明这个对象")
            info.parent = None
        if info.identity is not None and info.identity.text not in info.fields:
            if info.identity.text not in symbols.broken:
                near = symbols.nearest(info.identity.text, info.fields)
                message = f"对象 {info.name} 没有名为 {info.identity.text} 的字段，不能作标识"
                symbols.error("E201", message, info.identity.span, f"是不是 {near[0]}？" if near else None)
            info.identity = None
    for info in symbols.objects.values():
        seen = [info.name]
        current = info.parent
        while current is not None and current not in seen and len(seen) <= MAX_OBJECT_DEPTH:
            seen.append(current)
            current = symbols.objects[current].parent
        if len(seen) > MAX_OBJECT_DEPTH:
            symbols.error("E210", f"对象一层属于一层，最多 {MAX_OBJECT_DEPTH} 层", info.span, "把中间的对象合并")
            info.parent = None
        elif current == info.name:
            symbols.error(
                "E209", f"对象的隶属成了圈：{' → '.join([*seen, current])}", info.origin.span, "改其中一个“属于”"
            )
            info.parent = None
    symbols.root = _root(symbols, symbols.ordered_objects())


def _of_own_root(symbols: Symbols, layer: Layer, node: surface.Declaration) -> surface.Declaration:
    """``node``, speaking of the object that its document means where it names none, whatever is declared beside it."""
    match node:
        case (
            surface.TermDecl(object=None)
            | surface.DecisionDecl(object=None)
            | surface.RuleDecl(object=None)
            | surface.DutyDecl(object=None)
            | surface.NoticeDecl(object=None)
            | surface.PresumptionDecl(object=None)
        ):
            seen = [
                info
                for info in symbols.ordered_objects()
                if any(not parallel(layer, symbols.layers[level]) for level in info.levels)
            ]
            own = _root(symbols, seen)
            return node if own == symbols.root else replace(node, object=Name(own, node.name.span))
        case surface.TableDecl(object=None):
            rows = [_of_own_root(symbols, layer, row) for row in node.rows]
            own_rows = tuple(row for row in rows if isinstance(row, surface.RuleDecl))
            return replace(node, object=own_rows[0].object, rows=own_rows)
        case _:
            return node


def _root(symbols: Symbols, objects: list[ObjectInfo]) -> str:
    """项目 where it is declared, even if it failed; else the topmost object with a 标识, else the topmost."""
    if any(info.name == "项目" for info in objects) or "项目" in symbols.broken or not objects:
        return "项目"
    return next((info for info in objects if info.identity is not None), objects[0]).name


def declare(symbols: Symbols, layer: Layer, node: surface.Declaration) -> None:
    """Enter what a declaration or an act names."""
    match node:
        case surface.ObjectDecl():
            return
        case surface.AmendmentDecl() | surface.ExtensionDecl() | surface.SettingDecl():
            _act(symbols, layer, node, node.written.keyword.text)
        case (
            surface.ParameterDecl()
            | surface.ListDecl()
            | surface.TermDecl()
            | surface.StatisticDecl()
            | surface.DecisionDecl()
        ):
            _global(symbols, layer, node, node.written.keyword.text)
        case surface.TableDecl():
            _table(symbols, layer, node)
        case surface.RuleDecl() | surface.DutyDecl() | surface.NoticeDecl() | surface.PresumptionDecl():
            _provision(symbols, layer, node, node.written.keyword.text)
        case _ as unreachable:
            assert_never(unreachable)


def _act(symbols: Symbols, layer: Layer, node: surface.Acting, kind: str) -> None:
    target = node.target.text
    origin = make_origin(symbols, layer, kind, target, node.common, node.span)
    symbols.acts.setdefault(target, []).append(Act(layer, node, origin))


def _global(symbols: Symbols, layer: Layer, node: Global, kind: str) -> None:
    name = node.name.text
    known = symbols.globals.get(name)
    if known is not None:
        _twice(symbols, name, node.name.span, known.node.name.span, _renewed(layer, known, kind, node))
        return
    bare = symbols.bare(name)
    for info in symbols.objects.values():
        if bare in info.fields:
            _twice(symbols, bare, node.name.span, info.fields[bare].origin.span)
            symbols.broken.add(name)
            return
    origin = make_origin(symbols, layer, kind, name, node.common, node.span)
    order = (layer.level, clause_position(layer, origin.citations), name)
    symbols.globals[name] = Declared(layer, node, origin, order)


def _provision(symbols: Symbols, layer: Layer, node: Provision, kind: str) -> None:
    name = node.name.text
    known = symbols.provisions.get(name) or symbols.globals.get(name)
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
            _twice(symbols, name, node.name.span, known.node.name.span, _renewed(layer, known, kind, node))
            return
    origin = make_origin(symbols, layer, kind, node.name.text, node.common, node.span)
    # Presumptions may rest on nothing but what they say; and where no clause is registered, none can be cited.
    uncited = not isinstance(node, surface.PresumptionDecl) and not node.common.citations
    if uncited and layer.files.clauses.clauses and not symbols.tried(node.name.span):
        remedy = f"加一行“依据【条目】“原文””，条目见 {layer.files.clauses.source.path}"
        symbols.warn("W307", f"“{kind} {name}”没有写依据，结论追不到条款", node.name.span, remedy)
    order = (layer.level, clause_position(layer, origin.citations), name)
    symbols.provisions[name] = Declared(layer, node, origin, order)


def _table(symbols: Symbols, layer: Layer, node: surface.TableDecl) -> None:
    """A table, and each of its rows as the rule it is; rows stand in the order of the table."""
    name = node.name.text
    known = symbols.tables.get(name)
    if known is not None:
        label = Label(known.node.name.span, "先在这里声明")
        symbols.error("E231", f"决策表 {name} 声明了两次", node.name.span, "换一个名称，或把行并到一张表里", label)
        return
    symbols.tables[name] = DeclaredTable(layer, node)
    # What the table cites for all of its rows is looked up once.
    shared = make_origin(symbols, layer, "决策表", name, node.common, node.span)
    uncited: list[surface.RuleDecl] = []
    for number, row in enumerate(node.rows):
        if row.common.citations is node.common.citations:
            notes = tuple(note.text for note in row.common.notes if note.kind == "释义")
            origin = replace(shared, kind="规则", name=row.name.text, readings=notes, span=row.span)
        else:
            origin = make_origin(symbols, layer, "规则", row.name.text, row.common, row.span)
        if not row.common.citations and not symbols.tried(row.span):
            uncited.append(row)
        order = (layer.level, clause_position(layer, origin.citations), f"{name}·{number:06}")
        symbols.provisions[row.name.text] = Declared(layer, row, origin, order)
    if uncited and layer.files.clauses.clauses:
        said = f"“决策表 {name}”有 {len(uncited)} 行没有写依据，结论追不到条款"
        remedy = f"在表头上面加一行“依据【条目】“原文””，或加一列“依据”；条目见 {layer.files.clauses.source.path}"
        symbols.warn("W307", said, uncited[0].span, remedy)


def _renewed(layer: Layer, known: Declared[Global | Provision], kind: str, node: Global | Provision) -> str:
    """What to do where a name is taken: of an upper layer, it is changed by an act of its own."""
    if known.layer.level not in layer.above or known.origin.kind != kind:
        return "换一个名称，或删去一处"
    name, bound = node.name.text, ""
    if isinstance(node, surface.ParameterDecl):
        closed, bound = _asked_of(known)
        if closed:
            return f"上层写死了，下层不能另定：用上层的 {name} 就删去这一条；确要另定的，请上层写明 授权 自定；另外一条的，换一个名称"
        value = node.values[0].value if len(node.values) == 1 else None
        shown = "值" if value is None or isinstance(value, SetLiteral) or bound else literal_text(value)
        meant = f"设定 {name} 为 {shown}"
    elif isinstance(node, surface.ListDecl):
        meant = f"增列 {name} {{ … }}"
    else:
        meant = f"修订 {name}"
    more = "，下面只写改动" if meant.startswith("修订") else bound
    return f"上层已经声明了；要改它，写成“{meant}”{more}；另外一条的，换一个名称"


def _asked_of(known: Declared[Global | Provision]) -> tuple[bool, str]:
    """Whether a lower layer may not set an upper parameter at all, and what its value must be where the upper layer says which way is
    stricter."""
    node = known.node
    if not isinstance(node, surface.ParameterDecl):
        return False, ""
    stated = node.common.authority
    if stated is not None and stated.direction is not None:
        end = "不低于" if stated.direction == "越高越严" else "不高于"
        held = "、".join(one.value.span.text for one in node.values)
        return False, f"，值{end}上层的 {held}（{stated.direction}）" if held else f"（{stated.direction}）"
    authority = "细化" if stated is None else stated.authority
    return authority == "固定" or (node.state == "fixed" and authority != "自定"), ""


def _twice(symbols: Symbols, name: str, span: Span, first: Span, remedy: str = "换一个名称，或删去一处") -> None:
    copied = copies(first.source.path, span.source.path)
    if copied is not None and span.source.layer == first.source.layer:
        remedy = f"“{copied[0]}”和“{copied[1]}”像是一个文件和它的副本，两个都读了；只留一个，另一个移到层的文件夹以外"
    symbols.error("E202", f"名称 {name} 已经用过", span, remedy, Label(first, "先在这里声明"))


def _unique_keys(symbols: Symbols) -> None:
    """Keys are what other systems rely on: unique among the fields, rows and decisions of an object, and among
    parameters."""
    taken: dict[tuple[str, str], Span] = {}

    def claim(scope: str, key: str, span: Span, what: str) -> None:
        first = taken.setdefault((scope, key), span)
        if first is not span:
            remedy = "换一个英文键" if key.isascii() else "在名称后面另起一个英文键，如（other_name）"
            symbols.error("E202", f"{what}的键 {key} 已经用过", span, remedy, Label(first, "先用在这里"))

    for info in symbols.objects.values():
        claim("对象", info.key, info.span, f"对象 {info.name} ")
        if info.parent is not None:
            claim(f"行 {info.parent}", info.key, info.span, f"对象 {info.name} ")
        for declared in info.fields.values():
            claim(f"行 {info.name}", declared.key, declared.origin.span, f"字段 {declared.name} ")
    for known in symbols.globals.values():
        node = known.node
        if isinstance(node, surface.ParameterDecl):
            claim("参数", key_of(node), (node.key or node.name).span, f"参数 {node.name.text} ")
        if isinstance(node, surface.DecisionDecl):
            scope = node.object.text if node.object else symbols.root
            claim(f"决定 {scope}", key_of(node), (node.key or node.name).span, f"决定 {node.name.text} ")
