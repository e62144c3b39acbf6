"""``clauses.yaml``: the table of the clauses of a document, and which of them a citation names.

Why this exists: every rule cites a clause. The file is filled in by policy staff, so whatever is wrong with it is said in
Chinese, at its line and column, all of it at once.

Invariants: records are frozen; ids and places of a `ClauseTable` are unique; a clause that decides nothing has a reason;
the heading a clause names exists. A table that was returned beside errors holds the sound clauses only.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Annotated, Final, Literal, TypeAlias, TypeVar

from policyrules.diagnostics import Diagnostic, Label, Report
from policyrules.language.spoken import integer
from policyrules.program import strict_yaml
from policyrules.program.keys import CLAUSE_KINDS, KIND_MEANINGS, UNDECIDED, called, spelling
from policyrules.program.strict_yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence
from policyrules.program.yaml_records import (
    Id,
    Line,
    Lines,
    as_written,
    check_keys,
    flag,
    line,
    mapping_in,
    matching,
    missing_key,
    read_list,
    without_echoes,
)
from policyrules.source import Source, Span, fold_characters
from policyrules.spelling import nearest
from policyrules.text import some

ClauseKind: TypeAlias = Literal[
    "scope",
    "principle",
    "deadline",
    "procedure",
    "ledger",
    "classification",
    "measure",
    "duty",
    "prohibition",
    "intake",
    "aggregate",
    "disposal",
    "responsible",
    "authority",
    "undecided",
]

_KINDS_BY_WORD: Final = {word: kind for kind, word in CLAUSE_KINDS.items()}


def _clause_kind(whose: str, node: YamlNode, report: Report) -> object:
    """A kind of clause by its English or its Chinese name."""
    value = strict_yaml.plain(node)
    if isinstance(value, str) and (value in CLAUSE_KINDS or value in _KINDS_BY_WORD):
        return _KINDS_BY_WORD.get(value, value)
    near = nearest(str(value), (*_KINDS_BY_WORD, *CLAUSE_KINDS), half=False)
    remedy = f"是不是“{near[0]}”？" if near else ""
    remedy += "可写：" + "；".join(
        f"{word}（{kind}），{KIND_MEANINGS[kind][0]}" for word, kind in _KINDS_BY_WORD.items()
    )
    report.error("E424", f"{whose}不能写“{as_written(node.span)}”", node.span, remedy)
    return value


_digest = matching(
    r"[0-9a-f]{64}",
    "应是 64 位十六进制小写字符",
    "不要手填：先写 null，再由 policyrules coverage 层 --source 原文.txt --write-hashes 计算",
)


def _place(whose: str, node: YamlNode, report: Report) -> object:
    """The place of a clause, as it stands between 【】 in rules."""
    value = line(whose, node, report)
    bare = value.strip(" \u3000【】[]") if isinstance(value, str) else ""
    if isinstance(value, str) and "【" in value and bare:
        report.error("E425", f"{whose}不写【】", node.span, f"写成 {bare}")
    return value


Place: TypeAlias = Annotated[str, _place]


def _reasons(whose: str, node: YamlNode, report: Report) -> object:
    if not isinstance(node, YamlSequence):
        report.error(
            "E422", f"{whose}应是列表", node.span, "写成 [{words: 原话, reason: 理由}]，或另起一行、每项以“- ”开头"
        )
        return None
    return tuple(record for record, _ in read_list(SentenceReason, node, whose, report))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading for which the document names offices; clauses ``under`` it inherit them."""

    place: Place
    title: Line
    offices: Lines = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceReason:
    """Why one sentence of a clause decides nothing, though others of it do. ``words`` of it tell which one."""

    words: Line
    reason: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause. ``starts`` and ``ends`` bound its text in the document, ``sha256`` pins it (see `quotes`).

    ``sentences``: those of its sentences that decide nothing, each with its reason.
    """

    id: Id
    place: Place
    under: Line | None = None
    summary: Line
    kind: Annotated[ClauseKind, _clause_kind]
    decides: Annotated[bool, flag]
    reason: Line | None = None
    offices: Lines = ()
    source_note: Line | None = None
    starts: Line | None = None
    ends: Line | None = None
    sha256: Annotated[str, _digest] | None = None
    sentences: Annotated[tuple[SentenceReason, ...], _reasons] = ()


def _place_key(text: str) -> str:
    """Places compare without white space, full-width forms and variants of the middle dot."""
    return re.sub(r"[•・‧∙･]", "·", "".join(fold_characters(text).split()))


def _numbered(place: str) -> bool:
    """Whether a place is nothing but the number of an article: 第5条, 第五条第二款."""
    return re.fullmatch(r"第[0-9]+条(第[0-9]+款)?(第[0-9]+项)?", _in_figures(place)) is not None


def _in_figures(place: str) -> str:
    """A place with its numbers in figures."""
    return _NUMERALS.sub(lambda found: str(number) if (number := integer(found[0])) is not None else found[0], place)


_NUMERALS: Final = re.compile("[零一二三四五六七八九十百]+")


class _Named:
    """Clauses by the beginning of a name: thousands of citations ask for one among thousands of clauses."""

    def __init__(self, clauses: Mapping[str, Clause], spelled: Callable[[str], str] = str) -> None:
        self._sorted = sorted((spelled(name), at, name, clause) for at, (name, clause) in enumerate(clauses.items()))
        self._begun: dict[str, tuple[tuple[str, Clause], ...]] = {}

    def beginning(self, words: str) -> tuple[tuple[str, Clause], ...]:
        """The clauses whose name begins with some words, each with its name, in file order; none where no words are given."""
        begun = self._begun.get(words)
        if begun is None:
            first = bisect.bisect_left(self._sorted, (words,)) if words else len(self._sorted)
            behind = itertools.islice(self._sorted, first, None)
            found = sorted(itertools.takewhile(lambda one: one[0].startswith(words), behind), key=itemgetter(1))
            begun = self._begun[words] = tuple((name, clause) for _, _, name, clause in found)
        return begun


@dataclass(frozen=True, eq=False)
class ClauseTable:
    """The clauses of one layer, in file order, with their places in the file."""

    source: Source
    clauses: tuple[Clause, ...]
    headings: tuple[Heading, ...]
    _nodes: dict[str, YamlMapping] = field(repr=False)
    _by_id: dict[str, Clause] = field(repr=False)
    _by_place: dict[str, Clause] = field(repr=False)
    _headings: dict[str, Heading] = field(repr=False)
    _refused: frozenset[str] = field(default=frozenset(), repr=False)

    @cached_property
    def _places(self) -> _Named:
        return _Named(self._by_place)

    @cached_property
    def _ids(self) -> _Named:
        return _Named(self._by_id)

    @cached_property
    def _figures(self) -> _Named:
        return _Named(self._by_place, _in_figures)

    def get(self, clause_id: str) -> Clause | None:
        """The clause with exactly this id."""
        return self._by_id.get(clause_id)

    def refuses(self, place: str) -> bool:
        """Whether an entry of this place is written, and something is wrong with it."""
        return _place_key(place) in self._refused

    def resolve(self, place_or_id: str, *, near: bool = True) -> Clause | tuple[Clause, ...]:
        """The clause that a citation names, or the clauses it may have meant (none, where nothing is near).

        A clause is named by its id, by its place, or by the part of its place before ``·`` where that part begins the
        place of no other clause. Several candidates come in file order. Without ``near`` no look-alikes are sought.
        """
        found = self._by_id.get(place_or_id.strip())
        if found is not None:
            return found
        wanted = _place_key(place_or_id)
        found = self._by_place.get(wanted)
        if found is not None:
            return found
        begun = self._places.beginning(wanted)
        if len(begun) == 1 and begun[0][0].startswith(wanted + "·"):
            return begun[0][1]
        # 第5条 for 第五条, or the other way round, where no id begins so either.
        begun = begun or self._ids.beginning(place_or_id.strip()) or self._figures.beginning(_in_figures(wanted))
        if begun:
            return tuple(clause for _, clause in begun)
        if not near or _numbered(wanted):
            # Another number is another clause: none of them is meant.
            return ()
        alike = nearest(wanted, self._by_place) or nearest(place_or_id, self._by_id)
        return tuple(self._by_place.get(name) or self._by_id[name] for name in alike)

    def unresolved(self, place_or_id: str, span: Span, *, near: bool = True) -> Diagnostic:
        """The finding for a citation at ``span`` that `resolve` could not settle."""
        candidates = self.resolve(place_or_id, near=near)
        if isinstance(candidates, Clause):
            candidates = (candidates,)
        shown = [f"【{clause.place}】" for clause in candidates[:6]] + (["……"] if len(candidates) > 6 else [])
        wanted = _place_key(place_or_id)
        if len(candidates) > 1 and self._places.beginning(wanted):
            message = f"【{place_or_id}】对应 {len(candidates)} 条，不知道是哪一条"
            return Diagnostic("E435", message, span, remedy=f"写全：{'、'.join(shown)}")
        remedy = f"是不是{'、'.join(shown)}？" if shown else f"位置见 {self.source.path}"
        if not shown and near and _numbered(wanted):
            remedy = f"{self.source.path} 里没有登记这一条，先登记，或改写已登记的位置"
        return Diagnostic("E434", f"条款表里没有【{place_or_id}】", span, remedy=remedy)

    def offices_of(self, clause: Clause) -> tuple[str, ...]:
        """Responsible offices: those the clause names itself, then those of its heading, without repetition."""
        heading = self._headings.get(clause.under) if clause.under is not None else None
        return tuple(dict.fromkeys((*clause.offices, *(heading.offices if heading is not None else ()))))

    def span_of(self, clause: Clause, *path: str | int) -> Span:
        """The place of the clause in ``clauses.yaml``; of the value at ``path`` where it is given and written."""
        return strict_yaml.span_at(self._nodes[clause.id], path)

    def key_of(self, clause: Clause, key: str) -> str:
        """``key`` as the clause spells it: starts, or 起始字样."""
        return spelling(key, self._nodes[clause.id])


def read_clauses(source: Source) -> tuple[ClauseTable | None, tuple[Diagnostic, ...]]:
    """``clauses.yaml`` as a table of its sound clauses, or None where there is no list of clauses at all, and
    everything that is wrong with it.

    >>> text = "clauses:\\n- {id: A-1, place: 一·原则, summary: 原则, kind: principle, decides: true}\\n"
    >>> table, found = read_clauses(Source("clauses.yaml", text))
    >>> table.resolve("一").id, found
    ('A-1', ())
    """
    report = Report()
    mapping, found = mapping_in(source, "clauses.yaml 应有“条款:”（clauses），下面逐条登记", report)
    if mapping is None:
        return None, (*found, *report.found)
    check_keys(mapping, ("headings", "clauses"), report)
    listed = mapping.get("clauses")
    if listed is None:
        missing_key("clauses", mapping, ("headings", "clauses"), report)
    written = mapping.get("headings")
    blank = isinstance(written, YamlScalar) and written.value is None
    headings = read_list(Heading, None if blank else written, called("headings", mapping), report)
    clauses = read_list(Clause, listed, called("clauses", mapping), report)
    if not isinstance(listed, YamlSequence):
        return None, without_echoes(found, report.found)
    known = _unique(headings, ("place",), report)
    kept = _unique(clauses, ("id", "place"), report)
    places = {heading.place: heading for heading, _ in known}
    for clause, node in kept:
        _check_clause(clause, node, places, spelling("headings", mapping), report)
    _check_undecided(kept, report)
    table = ClauseTable(
        source,
        tuple(clause for clause, _ in kept),
        tuple(heading for heading, _ in known),
        {clause.id: node for clause, node in kept},
        {clause.id: clause for clause, _ in kept},
        {_place_key(clause.place): clause for clause, _ in kept},
        places,
        _refused(listed, [clause for clause, _ in kept]),
    )
    return table, without_echoes(found, report.found)


def _refused(listed: YamlSequence, kept: Sequence[Clause]) -> frozenset[str]:
    """The places of the entries with which something is wrong: who cites them is told there what."""
    sound = {_place_key(clause.place) for clause in kept}
    written = [item.get("place") for item in listed.items if isinstance(item, YamlMapping)]
    places = {str(one.value) for one in written if isinstance(one, YamlScalar) and one.value is not None}
    return frozenset(_place_key(place) for place in places) - sound


_P = TypeVar("_P", Heading, Clause)


def _unique(
    records: Sequence[tuple[_P, YamlMapping]], keys: tuple[str, ...], report: Report
) -> list[tuple[_P, YamlMapping]]:
    """The first record of each id and place; the others are reported with both places."""
    seen: dict[tuple[str, str], Span] = {}
    kept: list[tuple[_P, YamlMapping]] = []
    for record, node in records:
        doubled = False
        for key in keys:
            value = getattr(record, key)
            mark = (key, _place_key(value) if key == "place" else value)
            span = strict_yaml.span_at(node, (key,))
            if mark in seen:
                doubled = True
                label = Label(seen[mark], "第一处在这里")
                report.error("E426", f"{called(key, node)}“{value}”用了两遍", span, "改成不同的写法", label)
            else:
                seen[mark] = span
        if not doubled:
            kept.append((record, node))
    return kept


def _check_clause(
    clause: Clause, node: YamlMapping, headings: Mapping[str, Heading], headings_key: str, report: Report
) -> None:
    reason = spelling("reason", node)
    if not clause.decides and clause.reason is None:
        span = strict_yaml.span_at(node, ("decides",))
        report.error(
            "E427", f"【{clause.place}】写明不产出结论，却没有理由", span, f"在 {reason} 里写明为什么不产出结论"
        )
    if clause.decides and clause.reason is not None:
        span = strict_yaml.span_at(node, ("reason",))
        message = f"【{clause.place}】写明产出结论，又写了不产出结论的理由"
        report.warn("W427", message, span, f"{spelling('decides', node)} 改为 false，或 {reason} 改为 null")
    if clause.under is not None and clause.under not in headings:
        near = nearest(clause.under, headings, findings=len(report.found))
        remedy = f"是不是“{near[0]}”？" if near else f"先在 {headings_key} 里登记这个标题"
        report.error("E428", f"{headings_key} 里没有“{clause.under}”", strict_yaml.span_at(node, ("under",)), remedy)
    if (clause.starts is None) != (clause.ends is None):
        absent = "starts" if clause.starts is None else "ends"
        span = strict_yaml.key_span_at(node, ("ends" if absent == "starts" else "starts",))
        both = f"{spelling('starts', node)} 和 {spelling('ends', node)}"
        report.error("E429", f"【{clause.place}】缺少 {called(absent, node)}", span, f"{both} 要么都写，要么都不写")


def _check_undecided(clauses: Sequence[tuple[Clause, YamlMapping]], report: Report) -> None:
    """One warning for all clauses of which nobody has said yet what they are."""
    waiting = [(clause, node) for clause, node in clauses if clause.kind == UNDECIDED]
    if not waiting:
        return
    node = waiting[0][1]
    places = some([f"【{clause.place}】" for clause, _ in waiting], 4, "条", mark="")
    message = f"还有 {len(waiting)} 条没有定类别：{places}"
    words = "、".join(word for kind, word in CLAUSE_KINDS.items() if kind != UNDECIDED)
    remedy = f"逐条看原文，把 {spelling('kind', node)} 改为：{words}；不产出结论的，{spelling('decides', node)} 写 否，并写 {spelling('reason', node)}"
    report.warn("W465", message, strict_yaml.span_at(node, ("kind",)), remedy)
