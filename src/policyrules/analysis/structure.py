"""How two policies differ as rules, without any ledger: acts, what only one of them declares, what both declare otherwise.

Why this exists: whoever compares two stacks, two dates or two versions of a folder first asks what the text says otherwise, whether or
not any record is affected.

Invariants: nothing is evaluated; what both say is no difference, wherever it stands and however it is laid out, and a restatement never
is; acts come in the order of the program (`analysis.atoms`), declarations in the order of the inventory.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from policyrules.analysis.acts import provision_of
from policyrules.analysis.atoms import Atom, AtomKind
from policyrules.analysis.attribute import blended
from policyrules.analysis.differences import Difference, Direction, declared_by
from policyrules.analysis.frames import apart
from policyrules.analysis.inventory import Entry, inventory
from policyrules.analysis.labels import side_labels
from policyrules.policy import Policy
from policyrules.program.layers import Layer, layer_in_force
from policyrules.program.nodes import Citation
from policyrules.program.titles import layer_names

DECLARED: Final = ("对象", "字段", "研判", "决定", "参数", "读法", "清单", "术语", "统计")
"""What gives names; whatever else is written is an act."""


@dataclass(frozen=True, slots=True)
class StandingLayer:
    """A layer of one side, and whether it is in force on that side's date (``until``: '' where there is no end)."""

    id: str
    name: str
    title: str
    in_force: bool
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class StructureSide:
    """One side. ``folder`` as it was given; ``notes``: what a reader must know of its layers."""

    label: str
    folder: str
    as_of: datetime.date
    layers: tuple[StandingLayer, ...]
    notes: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class RuleChange:
    """An act by which the two differ. ``kind``: as of `analysis.atoms.Atom`; ``operation``: what it does (还须, 设定, 规则); ``name``: to
    what; ``layer``: id of who wrote it, '' for what was set for this run; ``old`` and ``new``: its words, '' where it is not there;
    ``directions``: what can be told from its form where a layer that the old side does not have acts on one above it."""

    kind: AtomKind
    operation: str
    name: str
    layer: str
    old: str
    new: str
    directions: tuple[Direction, ...]
    citations: tuple[Citation, ...]
    place: str


@dataclass(frozen=True, slots=True)
class DeclaredChange:
    """A declaration (``kind``: 字段, 决定, 参数 ...; ``subject``: the object it speaks of, or '') that only one side has, or a field that is
    another: ``old`` and ``new`` tell what it is, None where it is not there. Of kind 取值: the values that a decision has on
    one side only."""

    kind: str
    subject: str
    name: str
    layer: str
    old: str | None
    new: str | None
    place: str


@dataclass(frozen=True, slots=True)
class Structure:
    """How two policies differ. ``same``: whether they are one and the same but for their dates; ``apart``: what keeps results from being
    compared; ``restated``: how many restatements were left out; ``files``: of layers that both have, the files whose text
    differs, as ``layer/file``."""

    old: StructureSide
    new: StructureSide
    same: bool
    changes: tuple[RuleChange, ...]
    declared: tuple[DeclaredChange, ...]
    apart: tuple[str, ...]
    restated: int
    files: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the rules say anything else."""
        return bool(self.changes or self.declared or self.apart)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "old": _side_dict(self.old),
            "new": _side_dict(self.new),
            "same": self.same,
            "differs": self.differs,
            "changes": [
                asdict(one)
                | {
                    "directions": list(one.directions),
                    "citations": [asdict(cited) | {"offices": list(cited.offices)} for cited in one.citations],
                }
                for one in self.changes
            ],
            "declared": [asdict(one) for one in self.declared],
            "apart": list(self.apart),
            "restated": self.restated,
            "files": list(self.files),
        }


def _side_dict(side: StructureSide) -> dict[str, object]:
    return asdict(side) | {
        "as_of": side.as_of.isoformat(),
        "layers": [asdict(layer) for layer in side.layers],
        "notes": list(side.notes),
    }


def structure(old: Policy, new: Policy) -> Structure:
    """How two policies differ, each as of its own date and with its own parameters.

    >>> from policyrules.testing.build import policy_from_text
    >>> text = "对象 项目（project）\\n  字段 户数（n）：整数\\n决定 等次（grade）：单选 { 甲 }\\n规则 甲等\\n  依据【一】\\n  当 户数 ≥ {} \\n  则 等次 为 甲\\n"
    >>> found = structure(policy_from_text(text.replace("{} ", "3")), policy_from_text(text.replace("{} ", "5")))
    >>> [(one.name, one.old, one.new) for one in found.changes]
    [('甲等', '户数 ≥ 3', '户数 ≥ 5')]
    """
    both = blended(old, new)
    standing = [{layer.id for layer in policy.in_force} for policy in (old, new)]
    olds, news = (declared_by(policy, ids) for policy, ids in zip((old, new), standing, strict=True))
    added = [entry for entry in news if entry.layer not in standing[0]]
    directions = {entry.place: entry.directions for entry in added}
    words = _words(olds), _words(news)
    labels = side_labels(old, new)
    return Structure(
        _side(old, labels[0]),
        _side(new, labels[1]),
        old.fingerprint == _as_of(new, old.as_of),
        tuple(_change(atom, words, directions.get(atom.origin.span.place, ())) for atom in both.atoms),
        tuple(_declared(old, new)),
        tuple(dict.fromkeys(apart(old.program, new.program))),
        sum(entry.kind == "重申" for entry in added),
        tuple(_files(old, new)),
    )


_WHOLE: Final = ("加规则", "改规则", "去规则", "期限", "统计")
"""Acts whose words are a whole declaration."""


def _change(
    atom: Atom, words: tuple[Mapping[str, str], Mapping[str, str]], directions: tuple[Direction, ...]
) -> RuleChange:
    told = provision_of(atom)
    before, after = atom.old, atom.new
    if atom.kind in _WHOLE:
        # What it rests on is told beside it.
        before, after = (
            side.get(atom.name, said) if said else "" for side, said in zip(words, (before, after), strict=True)
        )
    return RuleChange(
        atom.kind, told.operation, told.name, told.layer, before, after, directions, told.citations, told.place
    )


def _words(entries: Iterable[Difference]) -> dict[str, str]:
    """What declarations say, by their names: their clauses without what they rest on and how they are read."""
    found: dict[str, str] = {}
    for entry in entries:
        if entry.kind in ("规则", "补充规则", "义务", "禁令", "提示", "统计"):
            # Of two by one name neither is meant.
            found[entry.name] = "" if entry.name in found else " ".join(map(str, entry.parts))
    return {name: said for name, said in found.items() if said}


def _as_of(policy: Policy, as_of: datetime.date) -> str:
    """The fingerprint of what a policy says, were it another day."""
    if policy.as_of == as_of:
        return policy.fingerprint
    return replace(policy, held=replace(policy.program, as_of=as_of)).fingerprint


def _side(policy: Policy, label: str) -> StructureSide:
    names = layer_names([layer.manifest for layer in policy.layers])
    return StructureSide(
        label,
        policy.folder.as_posix(),
        policy.as_of,
        tuple(_layer(layer, names[layer.id], policy.as_of) for layer in policy.stack.layers),
        policy.notes,
        policy.fingerprint,
    )


def _layer(layer: Layer, name: str, as_of: datetime.date) -> StandingLayer:
    manifest = layer.files.manifest
    until = manifest.in_force_until
    return StandingLayer(
        layer.id,
        name,
        manifest.title,
        layer_in_force(layer, as_of),
        manifest.in_force_from.isoformat(),
        "" if until is None else until.isoformat(),
    )


def _declared(old: Policy, new: Policy) -> Iterator[DeclaredChange]:
    """What one side alone declares, or both otherwise; an object that one side alone has stands for its fields."""
    olds, news = _entries(old), _entries(new)
    objects = set(old.program.objects) & set(new.program.objects)
    for key in dict.fromkeys([*news, *olds]):
        was, now = olds.get(key), news.get(key)
        entry = now or was
        assert entry is not None
        if entry.kind in ("字段", "研判") and entry.subject not in objects:
            continue
        # A parameter that has another value, a list that has more and a term that says otherwise are acts.
        acts = entry.kind not in ("字段", "研判")
        if was is not None and now is not None and (acts or _what(was) == _what(now)):
            continue
        yield DeclaredChange(
            entry.kind,
            entry.subject,
            entry.name,
            entry.layer,
            None if was is None else _what(was),
            None if now is None else _what(now),
            entry.place,
        )
    for name, decision in new.program.decisions.items():
        before = old.program.decisions.get(name)
        if before is not None:
            less = [value for value in before.values if value not in decision.values]
            more = [value for value in decision.values if value not in before.values]
            if less or more:
                origin = (decision if more else before).origins[-1]
                told = ("、".join(less), "、".join(more))
                yield DeclaredChange("取值", decision.object, name, origin.layer, *told, origin.span.place)


def _entries(policy: Policy) -> dict[tuple[str, str, str], Entry]:
    """The declarations in force, upper layers first, by the word that names of their kind share."""
    found: dict[tuple[str, str, str], Entry] = {}
    entries = [one for one in inventory(policy.stack, policy.program, kinds=DECLARED).entries if one.active]
    order = {layer.id: place for place, layer in enumerate(policy.layers)}
    for entry in sorted(entries, key=lambda one: order[one.layer]):
        found.setdefault((_FAMILY.get(entry.kind, entry.kind), entry.subject, entry.name), entry)
    return found


_FAMILY: Final = {"研判": "字段", "读法": "参数"}


def _what(entry: Entry) -> str:
    return f"{entry.kind}，{entry.about}" if entry.kind in ("字段", "研判") else entry.about


def _files(old: Policy, new: Policy) -> Iterator[str]:
    """Files of the layers that both have whose text differs, or that only one of them has."""
    olds, news = ({layer.id: _texts(layer) for layer in policy.stack.layers} for policy in (old, new))
    for layer in news:
        if layer in olds:
            for name in sorted({*olds[layer], *news[layer]}):
                if olds[layer].get(name) != news[layer].get(name):
                    yield f"{layer}/{name}"


def _texts(layer: Layer) -> dict[str, str]:
    files = layer.files
    sources = (files.manifest_source, files.clauses.source, *files.sources)
    start = f"{files.shown}/"
    return {source.path.removeprefix(start): source.text for source in sources}


def grouped(changes: Sequence[RuleChange]) -> dict[str, dict[str, list[RuleChange]]]:
    """Changes by the layer that wrote them, then by what they are; each in the order of the program."""
    found: dict[str, dict[str, list[RuleChange]]] = {}
    for change in changes:
        found.setdefault(change.layer, {}).setdefault(_group(change), []).append(change)
    return {
        layer: dict(sorted(groups.items(), key=lambda item: GROUPS.index(item[0]))) for layer, groups in found.items()
    }


GROUPS: Final = (
    "条件",
    "新增的规则和补充规则",
    "新增的义务、禁令和提示",
    "改写的规则",
    "去掉的",
    "设定和参数",
    "推定",
    "先后",
    "清单",
    "统计",
    "限额",
    "期限",
    "决定",
)


def _group(change: RuleChange) -> str:
    match change.kind:
        case "加条件" | "改条件" | "去条件":
            return "条件"
        case "加规则":
            saying = change.operation in ("义务", "禁令", "提示")
            return "新增的义务、禁令和提示" if saying else "新增的规则和补充规则"
        case "改规则":
            return "改写的规则"
        case "去规则":
            return "去掉的"
        case "设定":
            return "设定和参数"
        case other:
            return other
