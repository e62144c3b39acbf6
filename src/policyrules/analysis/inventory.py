"""Everything a stack of layers declares, layer by layer: what a person who writes a rule needs to know by name.

Why this exists: a lower layer speaks of the fields, rules and parameters of the layers above, and nobody should have to
read their rule files to learn what they are called, which values they take and who may set them.

Invariants: entries come own layer first, then upward, in each layer by kind, and in a kind by the clause they rest on and
their name (fields as they were declared): neither the order of files nor that of declarations shows. What is not in force
on the date of the policy is listed, and says so.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from policyrules.language import nodes as surface
from policyrules.language.expressions import Name
from policyrules.language.keywords import DECLARATIONS
from policyrules.program import nodes as core
from policyrules.program.clause_table import Clause
from policyrules.program.layers import Layer, in_force
from policyrules.program.parameters import range_text
from policyrules.program.stack import Stack
from policyrules.program.titles import layer_names
from policyrules.records.wording import bounds_text, kind_text
from policyrules.spelling import fold_word, nearest
from policyrules.text import one_line
from policyrules.types import DATE, value_text

KINDS: Final = DECLARATIONS
"""What an entry may be, in the order they are listed."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A clause an entry rests on, as it is written: its place, and the words quoted ('' where none are)."""

    place: str
    quote: str

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        return {"place": self.place, "quote": self.quote}


@dataclass(frozen=True, slots=True)
class Entry:
    """One declaration. ``kind``: the word it begins with; ``layer``: its id; ``subject``: the object it speaks of, '' where it
    names none; ``key``: what programs call it, '' where it has none.

    ``about``: what it is, in a line for people; ``who``: who knows it, or who may set it; ``text``: it as written, without
    what it rests on; ``place``: file and line; ``active``: whether it is in force on the date.
    """

    kind: str
    name: str
    layer: str
    subject: str
    key: str
    about: str
    who: str
    group: str
    cited: tuple[Cited, ...]
    notes: tuple[str, ...]
    text: str
    place: str
    active: bool
    type: str = ""
    values: tuple[str, ...] = ()
    unit: str = ""
    low: str = ""
    high: str = ""

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "layer": self.layer,
            "object": self.subject or None,
            "key": self.key or None,
            "about": self.about,
            "who": self.who or None,
            "group": self.group or None,
            "type": self.type or None,
            "values": list(self.values),
            "unit": self.unit or None,
            "low": self.low or None,
            "high": self.high or None,
            "cited": [one.to_dict() for one in self.cited],
            "notes": list(self.notes),
            "text": self.text,
            "place": self.place,
            "in_force": self.active,
        }


@dataclass(frozen=True, slots=True)
class Inventory:
    """``entries`` of the layers in ``layers`` (what each is called, by id, own first). ``near``: where ``find`` stands in
    no entry, whether those listed are what it may have meant; ``within``: what alone was looked through (字段, 本层), empty for
    everything; ``elsewhere``: the entries outside of it in which ``find`` stands, where none of it has it, by that name first."""

    layers: dict[str, str]
    entries: tuple[Entry, ...]
    find: str = ""
    near: bool = False
    within: str = ""
    elsewhere: tuple[Entry, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        layers = [{"id": id_, "name": name} for id_, name in self.layers.items()]
        entries = [entry.to_dict() for entry in self.entries]
        elsewhere = [{"layer": entry.layer, "kind": entry.kind, "name": entry.name} for entry in self.elsewhere]
        found: dict[str, object] = {"layers": layers, "find": self.find or None, "near": self.near, "entries": entries}
        return found | ({"elsewhere": elsewhere} if elsewhere else {})


def inventory(
    stack: Stack, program: core.Program, *, find: str = "", kinds: Sequence[str] = (), own: bool = False
) -> Inventory:
    """What ``stack`` declares, in the words of ``program``, which is made of it and may have holes where the stack is not
    sound; of ``kinds`` only, of the lowest layer only, and what has to do with ``find`` only.

    ``find`` is looked for in names, keys, values, what is said of an entry, clauses and their quotes, 释义 and 说明; where it
    stands nowhere, the entries of similar names come, and where else it stands is told.
    """
    every = stack.written[::-1]
    layers = every[: 1 if own else None]
    names = layer_names([layer.files.manifest for layer in stack.layers])
    wanted = set(kinds)
    found = [entry for layer in layers for entry in _of_layer(program, layer, names)]
    found = [entry for entry in found if not wanted or entry.kind in wanted]
    near, elsewhere = False, []
    within = "的".join(part for part in ("本层" if own else "", "、".join(dict.fromkeys(kinds))) if part)
    if find:
        word = fold_word(find)
        holding = [entry for entry in found if _holds(entry, word)]
        if not holding:
            if within:
                others = (entry for layer in every for entry in _of_layer(program, layer, names))
                elsewhere = sorted(
                    (one for one in others if _holds(one, word)), key=lambda one: fold_word(one.name) != word
                )
            alike = set(nearest(find, dict.fromkeys(entry.name for entry in found), 8))
            holding, near = [entry for entry in found if entry.name in alike], True
        found = holding
    shown = {layer.id: names[layer.id] for layer in layers}
    return Inventory(shown, tuple(found), find, near, within, tuple(elsewhere))


def _holds(entry: Entry, word: str) -> bool:
    return any(word in fold_word(text) for text in _searched(entry))


def _searched(entry: Entry) -> Iterator[str]:
    yield from (entry.name, entry.key, entry.about, entry.who, entry.group, entry.subject, *entry.values, *entry.notes)
    for cited in entry.cited:
        yield from (cited.place, cited.quote)


# ---- one layer ------------------------------------------------------------------------------------------------------


def _of_layer(program: core.Program, layer: Layer, names: Mapping[str, str]) -> list[Entry]:
    declared = [node for file in layer.parsed for node in file.declarations]
    found: list[tuple[tuple[int, int, int, str], Entry]] = []
    for node in declared:
        if isinstance(node, surface.ObjectDecl):
            known = program.objects.get(node.name.text)
            if known is not None and known.origin.span == node.span:
                found.append(_ranked(layer, _object(layer, node, known)))
            for field in node.fields:
                entry = _field(program, layer, node.name.text, field)
                order = list(program.fields.get(node.name.text, ()))
                at = order.index(entry.name) if entry.name in order else len(order)
                first = list(program.objects).index(entry.subject) if entry.subject in program.objects else 0
                found.append(((KINDS.index(entry.kind), first, at, entry.name), entry))
        else:
            found.append(_ranked(layer, _other(program, layer, node, names)))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]


def _ranked(layer: Layer, entry: Entry) -> tuple[tuple[int, int, int, str], Entry]:
    clauses = (layer.files.clauses.resolve(cited.place, near=False) for cited in entry.cited)
    first = next((layer.positions[one.id] for one in clauses if isinstance(one, Clause)), 1_000_000)
    return (KINDS.index(entry.kind), 0, first, entry.name), entry


def _entry(
    layer: Layer, node: surface.Declaration | surface.FieldDecl, name: str, about: str, active: bool = True
) -> Entry:
    """What every declaration has; the rest is put in by its kind."""
    common, written = node.common, node.written
    text = one_line(" ".join(part.span.text for part in written.clauses if part.keyword.text not in _BESIDE))
    return Entry(
        written.keyword.text,
        name,
        layer.id,
        "",
        written.key.text if written.key else "",
        about or text,
        "",
        "",
        tuple(Cited(one.place.text, one.quote) for one in common.citations),
        tuple(note.text for note in common.notes),
        text,
        node.span.place,
        active,
    )


_BESIDE: Final = ("依据", "释义", "说明", "授权")


def _object(layer: Layer, node: surface.ObjectDecl, known: core.ObjectKind) -> Entry:
    said = [f"属于 {known.parent}"] if known.parent else []
    said += [f"用“{known.identity}”认定是同一条"] if known.identity else []
    return replace(_entry(layer, node, known.name, "，".join(said)), key=known.key)


def _field(program: core.Program, layer: Layer, object_: str, node: surface.FieldDecl) -> Entry:
    name = node.name.text
    known = program.fields.get(object_, {}).get(name)
    if known is None:
        return replace(_entry(layer, node, name, ""), subject=object_)
    bounds = bounds_text(known)
    about = kind_text(known.type) + (f"，{bounds}" if bounds else "")
    entry = _entry(layer, node, name, about)
    who, group = "、".join(known.holders), known.group or ""
    return replace(
        entry,
        subject=object_,
        key=known.key,
        who=who,
        group=group,
        **_typed(known),
    )


def _typed(known: core.Field | core.Parameter) -> dict[str, Any]:
    """What kind of value it has, for programs."""
    low, high = ("" if end is None else value_text(end, known.type) for end in (known.low, known.high))
    values = known.type.values or ()
    return {"type": known.type.kind.value, "values": values, "unit": known.type.unit or "", "low": low, "high": high}


def _other(program: core.Program, layer: Layer, node: surface.Declaration, names: Mapping[str, str]) -> Entry:
    name = node.target.text if isinstance(node, surface.Acting) else node.name.text
    active = in_force(layer, node.common, program.as_of)
    entry = _entry(layer, node, name, "", active)
    spoken = (part.body for part in node.written.clauses if part.keyword.text == "对")
    entry = replace(entry, subject=next((body.text for body in spoken if isinstance(body, Name)), ""))
    if isinstance(node, surface.ParameterDecl) and name in program.parameters:
        return _parameter(entry, node, program.parameters[name], names)
    if isinstance(node, surface.DecisionDecl) and name in program.decisions:
        return _decision(entry, program.decisions[name])
    if isinstance(node, surface.ListDecl) and name in program.lists:
        values = program.lists[name]
        listed = [str(item) for item in values.items]
        about = _stretches(values.items) if values.dates else "、".join([*listed, "等"] if values.open else listed)
        about += f"，不含 {'、'.join(map(str, values.without))}" if values.without else ""
        return replace(entry, about=about, values=tuple(listed))
    if isinstance(node, surface.TableDecl):
        return replace(entry, about=_table(node))
    said = _PARTS.get(entry.kind)
    if said is None:
        return entry
    parts = [one_line(part.span.text) for part in node.written.clauses if part.keyword.text in said]
    return replace(entry, about="；".join(parts).removeprefix("则 ").removeprefix("说 ") or entry.text)


# What of a provision is told in a line; the rest of it stands in its text.
_PARTS: Final = {
    "规则": ("则",),
    "补充规则": ("则",),
    "义务": ("应当", "期限", "到期"),
    "禁令": ("不得", "期限", "到期"),
    "提示": ("说",),
}


def _parameter(entry: Entry, node: surface.ParameterDecl, known: core.Parameter, names: Mapping[str, str]) -> Entry:
    value = "" if known.value is None else value_text(known.value, known.type)
    match known.state:
        case "fixed":
            about = value
        case "default":
            about = f"{value}（缺省，没有设定时用）"
        case "set":
            by = f"由{names[known.setter.layer]}设定" if known.setter is not None and known.setter.layer else "已设定"
            about = f"{value}（{by}）"
        case "unset":
            about = "未定"
    if known.low is not None or known.high is not None:
        about += f"，可取 {range_text(known)}"
    elif known.state == "unset" or known.type.values is not None:
        about += f"，{kind_text(known.type)}"
    stated = node.common.authority.authority if node.common.authority is not None else "细化"
    fixed = stated == "固定" or (node.state == "fixed" and stated != "自定")
    who = "不能改" if fixed else "下层可设，只可更严" if stated == "从严" else "下层可设"
    return replace(entry, about=about, key=known.key, who=who, **_typed(known))


def _stretches(days: Iterable[Any]) -> str:
    """Days as people write them: those that follow one another from the first to the last."""
    runs: list[list[datetime.date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == datetime.timedelta(1):
            runs[-1].append(day)
        else:
            runs.append([day])
    ends = ([run[0]] if len(run) == 1 else [run[0], run[-1]] for run in runs)
    return "、".join(" 至 ".join(value_text(day, DATE) for day in run) for run in ends)


def _table(node: surface.TableDecl) -> str:
    """What a table is for: the decision, what it looks at, and how many rows it has."""
    looked = "、".join(dict.fromkeys(one.span.text for one in node.inputs))
    meeting = f"，{_MEETINGS[node.meeting]}" if node.meeting in _MEETINGS else ""
    return f"得出 {node.decision.text}；按 {looked} 分 {len(node.rows)} 行{meeting}"


_MEETINGS: Final = {"取首行": "几行成立时只取第一行", "可重叠": "几行可同时成立"}


def _decision(entry: Entry, known: core.Decision) -> Entry:
    if known.type is not None:
        about = kind_text(known.type)
        about += "，几条规则成立就相加" if known.mode == "累计" else ""
        about += "".join(f"；{limit.kind} {one_line(limit.bound.span.words)}" for limit in known.limits)
        if known.default_amount is not None:
            about += f"；默认 {value_text(known.default_amount, known.type)}"
        kind, unit = known.type.kind.value, known.type.unit or ""
        return replace(entry, about=about, key=known.key, subject=known.object, type=kind, unit=unit)
    mode = {"单选": "选一个", "由宽到严": "由宽到严选一个", "多选": "可多个"}.get(known.mode, known.mode)
    about = f"{mode}：{'、'.join(known.values)}" + (f"；默认 {known.default}" if known.default else "")
    return replace(entry, about=about, key=known.key, subject=known.object, values=known.values)
