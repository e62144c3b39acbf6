"""What a tree of reasons says of the rules: the words and places of nodes, parameters and provisions, the same for every record.

Why this exists: most of a tree stands in the program. It is put into words once for a program, and the trees of all records
share it.

Invariants: nothing here depends on a record, and nothing is evaluated.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal, TypeAlias

from policyrules.engine.prepared import parameter_value
from policyrules.explanation import Blank, Reason
from policyrules.program import nodes as core
from policyrules.program.amended import Junction, Part
from policyrules.program.direction import strict_end
from policyrules.types import DATE, TEXT, Kind, Type, value_text
from policyrules.wording import abstract_text, node_text, shown_type, unwritten

Below = tuple[Blank | None, tuple[str, ...], tuple[Reason, ...]]
"""Blank, notes and children of a node."""


def readings_told(origin: core.Origin) -> tuple[str, ...]:
    """The 释义 of a provision."""
    return tuple(f"释义：{text}" for text in origin.readings)


def readings_of_part(part: Part) -> tuple[str, ...]:
    """The 释义 of what a lower layer did to a condition; what was there before has those of its provision."""
    return readings_told(part.origin) if part.operation else ()


def source_told(text: str, origin: core.Origin, notes: tuple[str, ...] = ()) -> Reason:
    """Where something was written."""
    place = origin.span.place
    return Reason(
        "note", text, layer=origin.layer, citations=origin.citations, place=place, notes=notes, readings=notes
    )


class Words:
    """What of a tree does not depend on the record: the words and the place of each node, where names were declared.
    Made once for a program, filled as trees are asked for."""

    def __init__(self, program: core.Program) -> None:
        self._program = program
        self._nodes: dict[int, tuple[Role, str, str, bool, Type | None]] = {}
        self._parameters: dict[str, Below] = {}
        self._sets: dict[int, tuple[tuple[str, ...], tuple[Reason, ...]]] = {}
        self._provisions: dict[str, tuple[Reason, ...]] = {}
        self._stopped: dict[str, tuple[Reason, ...]] = {}

    def node(self, node: core.Expr | Junction) -> tuple[Role, str, str, bool, Type | None]:
        """Role, words and place of a node, whether nobody wrote it, and the type its value is shown in (None of a
        condition). The program keeps the node, so that its identity stays its own."""
        found = self._nodes.get(id(node))
        if found is None:
            type_ = None if node.type.kind is Kind.BOOL else shown_type(node)
            found = role_of(node), node_text(node), node.span.place, unwritten(node), type_
            self._nodes[id(node)] = found
        return found

    def parameter(self, name: str) -> Below:
        """Blank, notes and declaration of a parameter."""
        found = self._parameters.get(name)
        if found is None:
            parameter = self._program.parameters[name]
            state = {"fixed": "文本规定", "default": "缺省", "set": "已设定", "unset": "未定"}[parameter.state]
            origin = parameter.setter or parameter.origin
            readings = dict.fromkeys((*readings_told(parameter.origin), *readings_told(origin)))
            blank = Blank("parameter", "", name, parameter.key) if parameter.value is None else None
            if parameter.direction is not None:
                end = strict_end(parameter) if parameter.value is None else None
                strict = "" if end is None else f"：最严为 {value_text(end, parameter.type)}"
                state = f"{state}，{parameter.direction}{strict}"
            notes = (f"读法，{state}" if parameter.reading else state, *readings)
            found = self._parameters[name] = blank, notes, (source_told(f"{origin.kind} {origin.name}", origin),)
        return found

    def value_set(self, right: core.ValueSet) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
        """Notes and children that say what a value set holds."""
        found = self._sets.get(id(right))
        if found is None:
            found = self._sets[id(right)] = self._value_set(right)
        return found

    def _value_set(self, right: core.ValueSet) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
        match right:
            case core.Literals(_, open_, without):
                said = "清单未穷尽（等）" + (f"，不含 {'、'.join(map(str, without))}" if without else "")
                return ((said,) if open_ else ()), ()
            case core.ListRef(name):
                listed = self._program.lists[name]
                type_ = DATE if listed.dates else TEXT
                items = "、".join(value_text(item, type_) for item in listed.items) + ("、等" if listed.open else "")
                items += f"，不含 {'、'.join(map(str, listed.without))}" if listed.without else ""
                children = tuple(source_told(f"{origin.kind} {origin.name}", origin) for origin in listed.origins)
                return (), (Reason("note", f"清单 {name}", items, children=children),)
            case core.ParameterRef(name):
                blank, notes, children = self.parameter(name)
                parameter = self._program.parameters[name]
                shown = abstract_text(parameter_value(parameter), parameter.type)
                return (), (Reason("parameter", name, shown, blank=blank, notes=notes, children=children),)

    def changes(self, name: str, origins: tuple[core.Origin, ...]) -> tuple[Reason, ...]:
        """What lower layers did to a provision, in layer order, and whether one stopped it."""
        found = self._provisions.get(name)
        if found is None:
            found = self._provisions[name] = (*map(_amendment, origins[1:]), *self.stopped(name))
        return found

    def stopped(self, name: str) -> tuple[Reason, ...]:
        """Provisions of this name, or rules of this decision, that a lower layer stopped or whose base lapsed."""
        found = self._stopped.get(name)
        if found is None:
            found = self._stopped[name] = tuple(_out(stopped) for stopped in self._stopped_by_name.get(name, ()))
        return found

    @cached_property
    def _stopped_by_name(self) -> dict[str, list[core.Stopped]]:
        found: dict[str, list[core.Stopped]] = {}
        for stopped in self._program.stopped:
            # A rule that speaks all the same, restated after its base lapsed, shows it itself.
            asked = [stopped.name, *([] if stopped.name in self._program.rules else [stopped.decision])]
            for name in dict.fromkeys(asked):
                found.setdefault(name, []).append(stopped)
        return found


Role: TypeAlias = Literal["condition", "value", "term", "statistic", "parameter"]


def role_of(node: core.Expr | Junction) -> Role:
    """What a node is in a tree."""
    match node:
        case core.TermValue():
            return "term"
        case core.StatisticValue():
            return "statistic"
        case core.ParameterValue() | core.ParameterFilled():
            return "parameter"
        case _:
            return "condition" if node.type.kind is Kind.BOOL else "value"


def finding_told(
    text: str, status: str, origins: tuple[core.Origin, ...], children: tuple[Reason, ...], notes: tuple[str, ...]
) -> Reason:
    """A duty, prohibition or notice, with who wrote it."""
    origin = origins[0]
    readings = readings_told(origin)
    return Reason(
        "finding",
        f"{origin.kind} {text}",
        status,
        layer=origin.layer,
        citations=tuple(citation for each in origins for citation in each.citations),
        place=origin.span.place,
        notes=(*notes, *readings),
        readings=readings,
        children=children,
    )


def _amendment(origin: core.Origin) -> Reason:
    """What a lower layer did to a provision."""
    readings = readings_told(origin)
    return Reason(
        "amendment",
        f"{origin.kind} {origin.name}",
        layer=origin.layer,
        citations=origin.citations,
        place=origin.span.place,
        operation=origin.kind,
        notes=(*readings, *(f"说明：{text}" for text in origin.notes)),
        readings=readings,
    )


def _out(stopped: core.Stopped) -> Reason:
    """A provision that a lower layer stopped, or an amendment that lapsed."""
    what, by = "失效" if stopped.lapsed else "停用", stopped.by
    return Reason(
        "amendment",
        f"{stopped.origin.kind} {stopped.name}",
        what,
        layer=by.layer,
        citations=(*stopped.origin.citations, *by.citations),
        place=by.span.place,
        operation=what,
        notes=(*by.notes, *by.readings),
        readings=by.readings,
        stopped=True,
    )
