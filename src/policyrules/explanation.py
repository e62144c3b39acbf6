"""What a result says about itself: the blanks that matter to it, and the tree of reasons it follows from.

Why this exists: engines build these, results carry them, reports draw them; none of the three needs to know another.

Invariants: plain values; `Reason.to_dict` has stable keys, and what only drawing needs (``node``, ``row`` and the like)
is not among them, so that no drawing has to read a sentence to learn what it is about.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from policyrules.frozen import frozen
from policyrules.program.nodes import Citation
from policyrules.text import cut

# A class here has a field named `object`, which hides the built-in type inside it.
Plain: TypeAlias = dict[str, object]

NO_ROWS: Final = "一行也没有"
"""How the note of a condition ends that asks rows of which there is none."""
LACKING: Final = "没有"
"""How the note of a condition begins that asks for several values at once, of which it says those that are not there."""

# ---- blanks ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Blank:
    """Something that is not known and matters.

    ``kind``: ``field`` a blank cell, ``rows`` a child list not supplied, ``portfolio`` no portfolio supplied,
    ``parameter`` an unset parameter, ``recognition`` a value an open list (等) does not name, ``conflict`` a decision in
    conflict, ``presumption`` presumptions of one layer that differ, ``undefined`` a division by a possible zero or a 取
    with several differing rows, ``calendar`` a list of dates that lacks a year.
    ``object``: path of the instance (``项目`` for the record itself, ``资产[0]``, ``县``), ``label`` what people call it
    (``资产 A1``), ``owner`` its kind of object, ``own`` whether it is the record itself;
    ``name``/``key``: the field, list, parameter, decision or statistic; ``holders``: who would know it.
    ``count``: how many members of the portfolio this blank stands for, where a statistic waits for other records (a list of
    rows that was not supplied is one), and ``members`` what the first of these records are called; each says of itself what
    it lacks. ``declared``: the place among the declarations of its kind.
    """

    kind: Literal[
        "field", "rows", "portfolio", "parameter", "recognition", "conflict", "presumption", "undefined", "calendar"
    ]
    object: str
    name: str
    key: str
    holders: tuple[str, ...] = ()
    detail: str = ""
    owner: str = field(default="", compare=False, repr=False)
    own: bool = field(default=False, compare=False, repr=False)
    label: str = field(default="", compare=False, repr=False)
    count: int = field(default=0, compare=False, repr=False)
    members: tuple[str, ...] = field(default=(), compare=False, repr=False)
    declared: int = field(default=0, compare=False, repr=False)

    @property
    def member(self) -> str:
        """What the first of the other members is called; empty for what is of the record itself."""
        return self.members[0] if self.members else ""

    @property
    def where(self) -> str:
        """What people call the instance; empty for the record itself."""
        return "" if self.own else self.label or self.object

    def __str__(self) -> str:
        where = f"{self.where}." if self.where else ""
        who = f"（{'、'.join(self.holders)}）" if self.holders else ""
        return f"{where}{self.name}{'：' + self.detail if self.detail else ''}{who}"

    def to_dict(self) -> Plain:
        """Plain JSON with stable keys; ``members`` only where others are meant."""
        data: Plain = {
            "kind": self.kind,
            "object": self.object,
            "name": self.name,
            "key": self.key,
            "holders": list(self.holders),
            "detail": self.detail,
        }
        if self.count:
            data["members"] = {"count": self.count, "first": list(self.members)}
        return data


def told_apart(blanks: Iterable[Blank]) -> tuple[Blank, ...]:
    """``blanks``, to be listed together: where a name stands on several objects, the record itself is named as well.

    >>> own = Blank("field", "项目", "交易真实", "", owner="项目", own=True)
    >>> row = Blank("field", "资产[0]", "交易真实", "", owner="资产", label="资产 A1")
    >>> [str(blank) for blank in told_apart([own, row])], [str(blank) for blank in told_apart([own])]
    (['项目.交易真实', '资产 A1.交易真实'], ['交易真实'])
    """
    listed = tuple(blanks)
    elsewhere = {blank.name for blank in listed if not blank.own}
    return tuple(
        replace(blank, own=False, label=blank.owner) if blank.own and blank.name in elsewhere else blank
        for blank in listed
    )


@dataclass(frozen=True, slots=True)
class Missing(Sequence[Blank]):
    """The relevant blanks (a sequence of them), and ``deciding``: the fewest for which some answer settles the outcome.

    ``exact`` is False where ``deciding`` is only an upper bound (a blank that repeats): some answer to it settles the outcome, and
    fewer blanks may do. It is empty where none were found of which that is known.
    """

    relevant: tuple[Blank, ...] = ()
    deciding: tuple[Blank, ...] = ()
    exact: bool = True

    def __len__(self) -> int:
        return len(self.relevant)

    def __iter__(self) -> Iterator[Blank]:
        return iter(self.relevant)

    def __getitem__(self, index: Any) -> Any:
        return self.relevant[index]

    def to_dict(self) -> Plain:
        """Plain JSON with stable keys."""
        return {
            "relevant": [blank.to_dict() for blank in self.relevant],
            "deciding": [blank.to_dict() for blank in self.deciding],
            "exact": self.exact,
        }


# ---- reasons --------------------------------------------------------------------------------------------------------


@frozen
class Reason:
    """One step of an explanation: a node of the tree that `Outcome.explain` returns.

    ``text``: the condition or conclusion in the words of the rule; ``value``: its value in Chinese (是 / 否 / 未知 / 50 万元);
    ``truth``: True, False or None (unknown) for conditions, None otherwise with ``condition`` False; ``role``: what kind
    of node it is; ``layer``, ``citations``, ``place`` (file:line): where it was written; ``operation``: how an amendment
    joined it; ``blank``: the blank it stands for; ``notes``: 释义, "推定", "缺省", "给定数优先" and the like.

    For drawing only: ``clause``: the word of the clause (当, 应当, 不得, 到期) whose whole condition it is; ``unwritten``:
    nobody wrote the condition, it always holds; ``row``: it speaks of one row of a list; ``member``: it is one member
    counted by a statistic; ``conclusion``: the values a rule concludes; ``stopped``: a lower layer stopped the
    provision, or it lapsed; ``readings``: those of the notes that interpret the text (释义); ``date``: the value, where it is
    one day.
    """

    role: Literal[
        "decision",
        "rule",
        "finding",
        "condition",
        "value",
        "term",
        "statistic",
        "presumption",
        "parameter",
        "amendment",
        "note",
    ]
    text: str
    value: str = ""
    condition: bool = False
    truth: bool | None = None
    layer: str = ""
    citations: tuple[Citation, ...] = ()
    place: str = ""
    operation: str = ""
    blank: Blank | None = None
    notes: tuple[str, ...] = ()
    children: tuple[Reason, ...] = ()
    clause: str = field(default="", compare=False, repr=False)
    unwritten: bool = field(default=False, compare=False, repr=False)
    row: bool = field(default=False, compare=False, repr=False)
    member: bool = field(default=False, compare=False, repr=False)
    conclusion: tuple[str, ...] = field(default=(), compare=False, repr=False)
    stopped: bool = field(default=False, compare=False, repr=False)
    readings: tuple[str, ...] = field(default=(), compare=False, repr=False)
    date: datetime.date | None = field(default=None, compare=False, repr=False)

    def to_dict(self) -> Plain:
        """Plain JSON with stable keys; empty entries left out."""
        data: Plain = {"role": self.role, "text": self.text}
        if self.value:
            data["value"] = self.value
        if self.condition:
            data["truth"] = self.truth
        if self.layer:
            data["layer"] = self.layer
        if self.citations:
            data["clauses"] = [{"id": c.clause, "place": c.place, "quote": c.quote} for c in self.citations]
        if self.place:
            data["place"] = self.place
        if self.operation:
            data["operation"] = self.operation
        if self.blank is not None:
            data["blank"] = self.blank.to_dict()
        if self.notes:
            data["notes"] = list(self.notes)
        if self.children:
            data["children"] = [child.to_dict() for child in self.children]
        return data


@frozen
class Explanation:
    """The tree of reasons of a whole outcome, as data; ``str()`` draws it in Chinese.

    >>> print(Explanation("甲", (Reason("rule", "规则 一：盘活", "否", True, False),)))
    甲
    <BLANKLINE>
    ✗ 规则 一：盘活
    """

    title: str
    reasons: tuple[Reason, ...]

    def to_dict(self) -> Plain:
        """Plain JSON with stable keys."""
        return {"title": self.title, "reasons": [reason.to_dict() for reason in self.reasons]}

    def __repr__(self) -> str:
        return f"<Explanation {cut(self.title, 80)}：{len(self.reasons)} 项结果的理由，print 看全文>"

    def __str__(self) -> str:
        lines = [self.title]
        for reason in self.reasons:
            lines.append("")
            lines.extend(plain_lines(reason))
        return "\n".join(lines)


# ---- reading a tree -------------------------------------------------------------------------------------------------


def conditions(reason: Reason) -> list[Reason]:
    """The conditions right below a reason."""
    return [child for child in reason.children if child.condition]


def in_the_way(reason: Reason) -> Iterator[tuple[Reason | None, Reason]]:
    """The deepest conditions below ``reason`` that share its truth (false or unknown): what would have to change. Each
    with the condition, itself or one above it, that an amendment joined last, if any did."""
    waiting: list[tuple[Reason | None, Reason]] = [(None, reason)]
    while waiting:
        joined, node = waiting.pop()
        if node.operation:
            joined = node
        same = [child for child in conditions(node) if child.truth == reason.truth]
        if not same and node is not reason:
            yield joined, node
        waiting.extend((joined, child) for child in reversed(same))


# ---- as plain text --------------------------------------------------------------------------------------------------

_MARKS: Final[dict[bool | None, str]] = {True: "✓", False: "✗", None: "？"}
# Members of a statistic that the text lists; the tree lists all.
_MEMBERS: Final = 20


def plain_lines(reason: Reason) -> Iterator[str]:
    """The tree as indented Chinese text. Of a rule that is false only what makes it false is shown, and of many members
    of a statistic the first; the data hold everything."""
    pending = [(reason, 0, False)]
    while pending:
        node, level, failing = pending.pop()
        yield "  " * level + _line(node)
        failing = failing or (node.role == "rule" and node.truth is False)
        children, hidden = _shown(node, failing)
        if hidden:
            pending.append((Reason("note", f"…… 另有 {hidden} 个成员"), level + 1, False))
        pending.extend((child, level + 1, failing) for child in reversed(children))


def _line(reason: Reason) -> str:
    mark = f"{_MARKS[reason.truth]} " if reason.condition else ""
    operation = f"［{reason.operation}］" if reason.operation else ""
    value = f"：{reason.value}" if reason.value and not reason.condition else ""
    sources = "；".join(dict.fromkeys(f"{c.layer}【{c.place}】" for c in reason.citations))
    notes = "；".join(reason.notes)
    tail = "".join(f"（{part}）" for part in (notes, sources) if part)
    return f"{mark}{operation}{reason.text}{value}{tail}"


def _shown(reason: Reason, failing: bool) -> tuple[list[Reason], int]:
    """The children to draw, and how many members of a statistic are left out."""
    if failing and reason.condition and reason.truth is False:
        false = [child for child in conditions(reason) if child.truth is False]
        if false:
            return false, 0
    members = [child for child in reason.children if child.member]
    if len(members) > _MEMBERS:
        kept = [child for child in reason.children if not child.member]
        return kept + members[:_MEMBERS], len(members) - _MEMBERS
    return list(reason.children), 0
