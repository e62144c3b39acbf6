"""What a lower layer changes, adds and repeats, read off the rules themselves.

Why this exists: "how does the province differ from the nation" must not be answered from a hand-kept table that goes
stale. Every amendment, addition and setting of a layer is a difference; a restatement (重申) never is, and is listed
apart. Silence is no declaration, so it is no difference either.

Invariants: nothing is evaluated; entries follow the clauses of the layer's document, then names, whatever file they
stand in; directions (`更严`, `更窄` ...) say what structure can tell and no more.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal, TypeAlias, assert_never, cast

from policyrules.diagnostics import Report
from policyrules.language import nodes as surface
from policyrules.language.expressions import Days, Expr, Literal_, Name, SetLiteral, Text
from policyrules.language.keywords import CONDITIONS
from policyrules.language.layout import flat, item_text, set_text
from policyrules.language.printer import case_text, clause_text, since_text, type_text
from policyrules.language.walk import each_declaration
from policyrules.policy import Policy
from policyrules.program.clause_table import Clause
from policyrules.program.direction import is_laxer
from policyrules.program.layers import Layer
from policyrules.program.literals import declared_type, literal_value
from policyrules.program.nodes import Citation
from policyrules.program.stack import Stack
from policyrules.types import Type

Direction: TypeAlias = Literal["更严", "更窄", "更宽", "更具体", "改变", "增加", "停用"]
"""更严: fewer records fit, or more is demanded, or a value is stricter by the direction that the upper layer states. 更窄: it applies
to fewer. 更宽: it applies to more, or a value is laxer. 更具体: a value or an order where the upper layer left it open. 改变: a value
of which nothing says which way is stricter. 增加: something the upper layer does not have."""

_RULE: Final[dict[str, Direction]] = {"还须": "更严", "除外": "更窄", "或者": "更宽"}
_STRICT_RULE: Final[dict[str, Direction]] = {"还须": "更宽", "除外": "更宽", "或者": "更严"}
_DUTY: Final[dict[str, Direction]] = {
    "仅限": "更窄",
    "除外": "更窄",
    "或者": "更严",
    "还应当": "更严",
    "还不得": "更严",
}
_NOTICE: Final[dict[str, Direction]] = {"仅限": "更窄", "除外": "更窄", "或者": "更宽"}


@dataclass(frozen=True, slots=True)
class Part:
    """One clause of a declaration: its word (还须, 当, 则, 应当 ...) and its text in one line."""

    word: str
    text: str

    def __str__(self) -> str:
        return f"{self.word} {self.text}" if self.text else self.word


@dataclass(frozen=True, slots=True)
class Base:
    """What an amendment acts on: a declaration of an upper layer, with its citations."""

    layer: str
    kind: str
    name: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One declaration of the lower layer.

    ``kind``: 修订, 停用, 重申, 规则, 义务, 增列, 设定, 字段 ...; ``concerns``: the decision with its values, the duty,
    parameter ... whose results it bears on; ``directions``: empty for a restatement; ``base``: None for something new;
    ``readings``: its 释义; ``place``: file:line.
    """

    layer: str
    kind: str
    name: str
    concerns: str
    directions: tuple[Direction, ...]
    parts: tuple[Part, ...]
    citations: tuple[Citation, ...]
    base: Base | None
    readings: tuple[str, ...]
    place: str

    @property
    def clauses(self) -> tuple[str, ...]:
        """Ids of the lower layer's clauses it rests on."""
        return tuple(dict.fromkeys(citation.clause for citation in self.citations))

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "layer": self.layer,
            "kind": self.kind,
            "name": self.name,
            "concerns": self.concerns,
            "directions": list(self.directions),
            "parts": [asdict(part) for part in self.parts],
            "citations": _citations(self.citations),
            "base": None if self.base is None else asdict(self.base) | {"citations": _citations(self.base.citations)},
            "readings": list(self.readings),
            "place": self.place,
        }


def _citations(citations: Iterable[Citation]) -> list[dict[str, object]]:
    return [asdict(citation) | {"offices": list(citation.offices)} for citation in citations]


@dataclass(frozen=True, slots=True)
class Differences:
    """How the ``lower`` layers stand to the ``upper`` ones, which they extend. ``titles``: layer id → title and region."""

    upper: tuple[str, ...]
    lower: tuple[str, ...]
    titles: dict[str, tuple[str, str]]
    differences: tuple[Difference, ...]
    restatements: tuple[Difference, ...]

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "upper": list(self.upper),
            "lower": list(self.lower),
            "differences": [difference.to_dict() for difference in self.differences],
            "restatements": [difference.to_dict() for difference in self.restatements],
        }


def differences(policy: Policy, upper: str | None = None) -> Differences:
    """What the layers below ``upper`` (a layer id; all but the lowest layer when left out) do to it and the layers above it.

    Raises `ValueError` where ``upper`` is no layer of the stack, or the lowest.
    """
    ids = [layer.id for layer in policy.layers]
    layers = policy.stack.layers
    at = len(ids) - 2 if upper is None else ids.index(upper) if upper in ids else -1
    uppers = layers[-1].above if upper is None else frozenset({at, *layers[at].above})
    lowers = [layer.level for layer in layers if at in layer.above] if upper is not None else [len(ids) - 1]
    if at < 0 or not lowers:
        raise ValueError(f"no layer below {upper}" if upper in ids else f"no layer {upper} with others below it")
    stack = _Declared(policy.stack)
    found: list[Difference] = []
    for level in lowers:
        found.extend(stack.of(level, uppers))
    titles = {layer.id: (layer.title, layer.manifest.region) for layer in policy.layers}
    return Differences(
        tuple(ids[level] for level in sorted(uppers)),
        tuple(ids[level] for level in lowers),
        titles,
        tuple(difference for difference in found if difference.kind != "重申"),
        tuple(difference for difference in found if difference.kind == "重申"),
    )


def declared_by(policy: Policy, layers: Container[str]) -> tuple[Difference, ...]:
    """What each of some layers (ids) does to the layers above it, top first, restatements too."""
    stack = _Declared(policy.stack)
    mine = [layer for layer in policy.stack.layers if layer.id in layers]
    return tuple(entry for layer in mine for entry in stack.of(layer.level, frozenset(layer.above)))


class _Declared:
    """The declarations of all layers, by level and name."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.layers: Sequence[Layer] = stack.layers
        self.declared: list[list[surface.Declaration]] = [
            [declaration for file in layer.parsed for declaration in each_declaration(file)] for layer in stack.layers
        ]
        # Of each layer the first declaration of a name, by itself and as the whole stack calls it; and its decisions.
        self._named: list[dict[str, surface.Declaration]] = [{} for _ in stack.layers]
        self._decisions: list[dict[str, surface.DecisionDecl]] = [{} for _ in stack.layers]
        for level, declared in enumerate(self.declared):
            for declaration in declared:
                if isinstance(declaration, surface.Acting):
                    continue
                own = declaration.name.text
                called = stack.called(self.layers[level], own)
                self._named[level].setdefault(own, declaration)
                self._named[level].setdefault(called, declaration)
                if isinstance(declaration, surface.DecisionDecl):
                    self._decisions[level].setdefault(called, declaration)

    def of(self, level: int, uppers: frozenset[int]) -> Iterator[Difference]:
        """What the layer at ``level`` does to those at ``uppers``, in the order of its document."""
        found = [entry for declaration in self.declared[level] for entry in self.entries(declaration, level, uppers)]
        positions = self.layers[level].positions

        def place(entry: Difference) -> tuple[int, str, str]:
            cited = (positions[clause] for clause in entry.clauses if clause in positions)
            return min(cited, default=len(positions)), entry.kind, entry.name

        yield from sorted(found, key=place)

    def above(self, name: str, level: int) -> tuple[int, surface.Declaration] | None:
        """The declaration that a layer means by ``name``, in a layer above it."""
        lower = self.layers[level]
        called = self.stack.called(lower, name)
        found = ((other, self._named[other].get(called)) for other in sorted(lower.above))
        return next(((other, declaration) for other, declaration in found if declaration is not None), None)

    def entries(self, node: surface.Declaration, level: int, uppers: frozenset[int]) -> Iterator[Difference]:
        """What one declaration comes to; nothing where it acts on a layer that is compared itself."""
        base: Base | None = None
        target: surface.Declaration | None = None
        name = node.target.text if isinstance(node, surface.Acting) else node.name.text
        if isinstance(node, surface.Acting | surface.ObjectDecl):
            found = self.above(name, level)
            if found is not None:
                at, target = found
                if at not in uppers:
                    return
                base = Base(self.layers[at].id, _kind(target), name, self.cited(target, at))
        if isinstance(node, surface.ObjectDecl):
            yield from self.fields(node, level, base)
            return
        yield Difference(
            self.layers[level].id,
            _kind(node),
            name,
            self.concerns(node, target, level),
            tuple(dict.fromkeys(self.directions(node, target, level))),
            tuple(_parts(node)),
            self.cited(node, level),
            base,
            tuple(note.text for note in node.common.notes if note.kind == "释义"),
            node.span.place,
        )

    def fields(self, node: surface.ObjectDecl, level: int, base: Base | None) -> Iterator[Difference]:
        """A new object, or the fields a layer adds to one: one entry for each group of them."""
        groups: dict[str, list[surface.FieldDecl]] = {}
        for field in node.fields:
            groups.setdefault(field.group.text if field.group is not None else "", []).append(field)
        for group, fields in groups.items():
            parts = tuple(Part(field.kind, f"{field.name.text}（{type_text(field.type)}）") for field in fields)
            yield Difference(
                self.layers[level].id,
                "字段" if base is not None else "对象",
                f"{node.name.text}{f'·{group}' if group else ''}",
                f"对象 {node.name.text}",
                ("增加",),
                parts,
                self.cited(node, level),
                base,
                (),
                fields[0].span.place,
            )

    def cited(self, node: surface.Declaration, level: int) -> tuple[Citation, ...]:
        """The citations of a declaration, resolved in its layer's clause table."""
        layer = self.layers[level]
        clauses = layer.files.clauses
        found: list[Citation] = []
        for citation in node.common.citations:
            clause = clauses.resolve(citation.place.text, near=False)
            if isinstance(clause, Clause):
                offices = clauses.offices_of(clause)
                found.append(Citation(layer.id, clause.id, clause.place, citation.quote, offices))
        return tuple(found)

    def decision(self, rule: surface.RuleDecl, level: int) -> surface.DecisionDecl | None:
        """The decision a rule concludes."""
        wanted = self.stack.called(self.layers[level], rule.decision.text)
        found = (self._decisions[other].get(wanted) for other in (*sorted(self.layers[level].above), level))
        return next((node for node in found if node is not None), None)

    def concerns(self, node: surface.Declaration, target: surface.Declaration | None, level: int) -> str:
        """What the declaration bears on, in words."""
        subject = target if target is not None else node
        if isinstance(subject, surface.RuleDecl):
            decision = self.decision(subject, level)
            word = "含" if decision is not None and decision.mode == "多选" else "为"
            if decision is not None and decision.type is not None:
                return f"决定 {subject.decision.text}"
            return f"决定 {subject.decision.text} {word} {'、'.join(_value(value) for value in subject.values)}"
        if isinstance(subject, surface.PresumptionDecl):
            return "字段 " + "、".join(dict.fromkeys(case.field.text for case in subject.cases))
        if isinstance(subject, surface.Acting):
            return subject.target.text
        return f"{_kind(subject)} {subject.name.text}"

    def set_to(self, node: surface.SettingDecl, target: surface.Declaration | None, level: int) -> Direction:
        """What a 设定 does to the value that stands above it: that of the lowest layer that set it, else of the parameter."""
        if not isinstance(target, surface.ParameterDecl):
            return "更具体"
        stand: tuple[surface.DatedValue, ...] = target.values
        called = self.stack.called(self.layers[level], node.target.text)
        for other in sorted(self.layers[level].above):
            for one in self.declared[other]:
                if not isinstance(one, surface.SettingDecl):
                    continue
                if self.stack.called(self.layers[other], one.target.text) == called:
                    stand = one.values
        if not stand:
            return "更具体"
        report = Report()
        type_ = declared_type(target.type, target.bounds, target.values[0].value if target.values else None, report)
        told = {self.compared(now.value, was.value, target, type_, report) for now in node.values for was in stand}
        return told.pop() if len(told) == 1 else "改变"

    def compared(
        self,
        now: Literal_ | SetLiteral,
        was: Literal_ | SetLiteral,
        parameter: surface.ParameterDecl,
        type_: Type | None,
        report: Report,
    ) -> Direction:
        """What one value is beside another."""
        if type_ is None or isinstance(now, SetLiteral) or isinstance(was, SetLiteral):
            return "改变"
        new, old = literal_value(now, type_, report), literal_value(was, type_, report)
        if new == old:
            return "更具体"
        stated = parameter.common.authority
        if stated is None or stated.direction is None or new is None or old is None:
            return "改变"
        return "更宽" if is_laxer(stated.direction, new, old) else "更严"

    def directions(
        self, node: surface.Declaration, target: surface.Declaration | None, level: int
    ) -> Iterator[Direction]:
        """What structure tells of the direction."""
        match node:
            case surface.AmendmentDecl():
                if node.stop:
                    yield "停用"
                words = self.words(target, level)
                for operation in node.operations:
                    yield words.get(operation.kind, "更具体")
                if node.ranks or node.limits:
                    yield "更具体"
            case surface.ExtensionDecl():
                yield "更宽" if isinstance(target, surface.ListDecl) else "增加"
            case surface.SettingDecl():
                yield self.set_to(node, target, level)
            case surface.PresumptionDecl():
                yield "更具体"
            case surface.RuleDecl():
                yield "增加"
                if self.strict(node, level):
                    yield "更严"
            case surface.DutyDecl():
                yield "增加"
                yield "更严"
            case (
                surface.ObjectDecl()
                | surface.ParameterDecl()
                | surface.ListDecl()
                | surface.TermDecl()
                | surface.StatisticDecl()
                | surface.DecisionDecl()
                | surface.NoticeDecl()
                | surface.TableDecl()
            ):
                yield "增加"
            case _:
                assert_never(node)

    def words(self, target: surface.Declaration | None, level: int) -> dict[str, Direction]:
        """What each operation means for what it acts on."""
        match target:
            case surface.RuleDecl():
                return _STRICT_RULE if self.strict(target, level) else _RULE
            case surface.DutyDecl():
                return _DUTY
            case surface.NoticeDecl():
                return _NOTICE
            case _:
                return {}

    def strict(self, rule: surface.RuleDecl, level: int) -> bool:
        """Whether a rule concludes a value of a 由宽到严 decision that is stricter than what holds without it."""
        decision = self.decision(rule, level)
        if decision is None or decision.mode != "由宽到严":
            return False
        values = [_value(value) for value in decision.values]
        without = _value(decision.default) if decision.default is not None else values[0]
        return any(values.index(_value(v)) > values.index(without) for v in rule.values if _value(v) in values)


def _kind(node: surface.Declaration) -> str:
    """The kind of a declaration, as people name it."""
    if isinstance(node, surface.AmendmentDecl) and (node.restate or node.stop):
        return "重申" if node.restate else "停用"
    return node.written.keyword.text


_AFTER_CONDITIONS: Final = (
    "则",
    "应当",
    "原则上应当",
    "否则说明",
    "不得",
    "说",
    "期限",
    "到期",
    "其中",
    "符合",
    "适用",
    "先后",
    "停用",
)
_RANKS: Final = {"当": -1} | {word: rank for rank, word in enumerate(_AFTER_CONDITIONS, 1)}
"""Conditions come before what they lead to; what is not listed stands between, in the order of the text."""


def _parts(node: surface.Declaration) -> Iterator[Part]:
    """The clauses that carry meaning, in one line each."""
    if isinstance(node, surface.PresumptionDecl):
        yield from (Part("", case_text(case)) for case in node.cases)
        return
    values = node.values if isinstance(node, surface.ParameterDecl | surface.SettingDecl) else ()
    for dated, clause in zip(values, (c for c in node.written.clauses if c.keyword.text in "=缺省为"), strict=True):
        yield Part("", clause_text(clause) + since_text(dated.since))
    if isinstance(node, surface.ParameterDecl) and not values:
        yield Part("", "未定")
    for clause in sorted(node.written.clauses, key=lambda each: _RANKS.get(each.keyword.text, 0)):
        yield from _part(clause, node)


def _part(clause: surface.Clause, node: surface.Declaration) -> Iterator[Part]:
    word = clause.keyword.text
    match clause.body:
        case surface.Conclusion(tone=tone, target=target, values=values, amount=amount):
            concluded = "、".join(_value(value) for value in values) if amount is None else flat(amount)
            yield Part("则" + (f" {tone.text}" if tone is not None else ""), f"{target.text}：{concluded}")
        case surface.Rank():
            yield Part("", clause_text(clause))
        case surface.Measure(object=object_, field=field):
            yield Part(word, object_.text + (f".{field.text}" if field is not None else ""))
        case surface.TypeExpr(kind=kind, values=values) if isinstance(node, surface.DecisionDecl):
            if node.type is not None:
                yield Part("", type_text(node.type) + (" 累计" if node.mode == "累计" else ""))
                return
            yield Part(kind, "、".join(_value(value) for value in values or ()))
        case SetLiteral(items=items) as written:
            if word == "values":
                yield Part("增列", "、".join(_value(item) for item in items))
            elif word == "即":
                yield Part("即", set_text(written))
        case Text(text=text) if word == "说":
            yield Part("说", f"“{text}”")
        case body if word in CONDITIONS:
            yield Part("适用 当" if word == "适用" else word, flat(cast(Expr, body)))
        case _ if word == "停用":
            yield Part("停用", "；".join(note.text for note in node.common.notes if note.kind == "说明"))
        case _:
            return


def _value(value: Literal_ | Days) -> str:
    return value.text if isinstance(value, Name | Text) else item_text(value)
