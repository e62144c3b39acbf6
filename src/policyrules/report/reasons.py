"""Trees of reasons to be drawn: short for reading, whole for checking, and in a few lines why a result is not another.

Why this exists: the tree an engine gives holds every condition of every rule. An official wants to see, for each rule
that speaks, its words in the document and what made it speak; and for one that does not, what stood in the way.

The short form leaves out what did not decide: conditions that agree with neither outcome, where a value was read twice,
members of long lists. Nothing is reworded. The whole form leaves out nothing. Where a scenario expects another result,
only the conditions that stood in the way are told. (As plain text a tree draws itself, see `explanation`.)

Invariants: pure functions of `Reason`; the number of branches of the short form does not grow with the ledger; why a
result is not another takes `MOST` lines at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from policyrules.analysis.labels import cited_as
from policyrules.explanation import NO_ROWS, Blank, Reason, conditions, in_the_way, told_apart
from policyrules.policy import Policy
from policyrules.program.nodes import Citation
from policyrules.report.layout import Branch, Piece
from policyrules.results import DecisionResult, Finding
from policyrules.text import some, tidy

MOST: Final = 8
_TRUTHS: Final[dict[bool | None, tuple[str, str]]] = {
    True: ("是", "good"),
    False: ("否", "bad"),
    None: ("未知", "doubt"),
}
_ROWS = 3
_MEMBERS = 6
_VALUES = 12
_DEEPEST = 12
_SHORT = 0
_MOST_OPEN = 6
_MOST_SPEAKING = 200
"""Rules of one decision that speak and are still told one by one: more than twice as many as any document has."""


def citation_text(citation: Citation, policy: Policy, *, quote: bool = True) -> str:
    """A clause as people find it: document, place, and its words."""
    return f"{cited_as(citation.layer, policy)}【{citation.place}】" + (
        f"“{citation.quote}”" if quote and citation.quote else ""
    )


def nearest(finding: Finding) -> tuple[Citation, ...]:
    """Of the clauses that a finding cites the one that a page quotes which has room for one: the nearest document's, in words if
    there are any; of several of that document the first, which says what is demanded: a deadline or a limit comes after it."""
    quoted = [citation for citation in finding.citations if citation.quote] or [*finding.citations]
    return tuple([citation for citation in quoted if citation.layer == quoted[-1].layer][:1])


# ---- the whole tree -------------------------------------------------------------------------------------------------


def whole(reason: Reason, policy: Policy) -> Branch:
    """Everything: each condition with its value, clauses, notes."""
    # That a line is a member of a statistic is seen from where it stands.
    notes = (note for note in reason.notes if not (reason.member and note == "成员"))
    sources = [*_citations(reason.citations, policy), *(Branch((Piece(note, "quiet"),)) for note in notes)]
    below = [whole(child, policy) for child in reason.children]
    return Branch(tuple(_line(reason)), (*sources, *below))


def _citations(citations: Sequence[Citation], policy: Policy) -> Iterator[Branch]:
    for citation in dict.fromkeys(citations):
        yield Branch((Piece("依据 " + citation_text(citation, policy), "quiet"),))


def _line(reason: Reason, remark: str = "") -> Iterator[Piece]:
    """A node in one line: what it is, its value, and for a blank who would know it."""
    if reason.operation and reason.role != "amendment":
        yield Piece(f"{reason.operation} ", "link")
    strong = reason.role in ("decision", "finding", "rule")
    yield Piece(tidy(reason.text), "name" if strong else "")
    if reason.condition:
        word, style = _TRUTHS[reason.truth]
        if remark:
            yield Piece(f"（{remark}）", "quiet")
        yield Piece(f"　{word}", style)
    elif reason.value and tidy(reason.text) != reason.value:
        yield Piece("：")
        yield Piece(reason.value, "name" if strong else "")


# ---- the short tree -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Digest:
    """Makes short trees for one page; what was told once on the page is not told again where it came out the same way.
    ``brief``: of what is open only the blanks that it waits for are told, not how they hang together; ``short``: rules that do
    not hold are named, and a condition is told without what it follows from."""

    policy: Policy
    brief: bool = False
    short: bool = False
    _told: set[str] = field(default_factory=set)
    _explained: dict[tuple[str, str], list[Reason]] = field(default_factory=dict)

    def decision(self, reason: Reason) -> Branch:
        """A decision: its rules that hold or may hold, and for the others what stood in the way, a line each."""
        below: list[Branch] = []
        rules = [child for child in reason.children if child.role == "rule"]
        for child in reason.children:
            if child.role == "condition" and child.truth is None and self.brief:
                below.append(Branch(tuple(_line(child)), tuple(self._open(child))))
            elif child.role == "condition" and child.truth is not True:
                below.append(self._condition(child, None, 0))
            elif child.stopped:
                below.append(self._out(child))
            elif child.role == "amendment" and not (self.short and sum(rule.truth is not False for rule in rules) < 2):
                # A ranking that does not hold now is still the reason why nothing was ranked.
                idle = Piece("（现在没有启用）" if child.truth is False else "", "quiet")
                said = (Piece(tidy(child.text)), idle)
                below.append(Branch(said, tuple(_citations(child.citations, self.policy))))
        speaking = [rule for rule in rules if rule.truth is not False]
        below.extend(self._rule(rule) for rule in speaking[:_MOST_SPEAKING])
        if len(speaking) > _MOST_SPEAKING:
            rest = len(speaking) - _MOST_SPEAKING
            below.append(Branch((Piece(f"…… 另有 {rest} 条规则成立或未知，加 --full 看", "quiet"),)))
        failed = [rule for rule in rules if rule.truth is False]
        shown = failed if len(failed) <= _MEMBERS else []
        if self.short and shown:
            names = "；".join(tidy(rule.text).removeprefix("规则 ") for rule in shown)
            below.append(Branch((Piece(f"不成立：{names}", "quiet"),)))
        else:
            below.extend(self._failed(rule) for rule in shown)
        if failed and not shown:
            below.append(Branch((Piece(f"另有 {len(failed)} 条规则不成立", "quiet"),)))
        below.extend(self._limit(child) for child in reason.children if child.clause == "限额")
        below.extend(Branch(tuple(_line(child))) for child in reason.children if child.role == "note")
        # The many values of a 多选 are on the page already.
        listed = reason.value.split("、")
        value = some(listed, _VALUES) if len(listed) > _VALUES else reason.value
        return Branch(tuple(_line(replace(reason, value=value))), tuple(below))

    def finding(self, reason: Reason) -> Branch:
        """A duty, prohibition or notice: the conditions that settle it."""
        below: list[Branch] = []
        for child in conditions(reason):
            # 当 and 应当 each hold one expression: they are shown as one line with it.
            inner = child.children[0] if child.clause else child
            if child.clause and inner.unwritten:
                below.append(Branch((Piece(f"{child.clause}　总是"),)))
            elif child.clause:
                below.append(self._condition(replace(inner, text=f"{child.clause} {inner.text}"), None, 0))
            else:
                below.append(self._condition(child, None, 0))
        below.extend(_calculation(child, 0, self.policy) for child in reason.children if child.clause == "期限")
        return Branch(tuple(_line(reason)), tuple(below))

    def _rule(self, rule: Reason) -> Branch:
        cited = list(rule.citations)
        below: list[Branch] = []
        if rule.truth is None and self.brief:
            # A lower layer's words stand beside those that they add to.
            cited.extend(c for joined, _ in in_the_way(rule) if joined is not None for c in joined.citations)
            return Branch(tuple(_line(rule)), (*_citations(cited, self.policy), *self._open(rule)))
        for child in rule.children:
            if child.role == "amendment":
                # What an amendment demands is shown, with its clause, as a condition; what is left is a restatement.
                shown = {c for condition in conditions(rule) for c in _added(condition)}
                cited.extend(citation for citation in child.citations if citation not in shown)
                below.extend(self._readings(child.notes))
                if child.stopped:
                    below.append(Branch(tuple(_line(child))))
            elif child.clause == "得出":
                below.append(_calculation(child, 0, self.policy))
            elif child.role == "note":
                below.append(Branch(tuple(_line(child))))
            else:
                below.extend(self._parts(child, rule, 0))
        if self.short:
            return Branch(tuple(_line(rule)), (*_citations(cited[-1:], self.policy), *below))
        sources = [*_citations(cited, self.policy), *self._readings(rule.notes)]
        return Branch(tuple(_line(rule)), (*sources, *below))

    def _open(self, node: Reason) -> Iterator[Branch]:
        """What is not known of ``node``, a line for each condition that waits for it."""
        waiting: dict[tuple[str, str, str], tuple[Reason | None, Reason]] = {}
        for joined, leaf in in_the_way(node):
            waiting.setdefault((leaf.operation, leaf.text, leaf.place), (joined, leaf))
        for joined, leaf in list(waiting.values())[:_MOST_OPEN]:
            operation = joined.operation if joined is not None else leaf.operation
            yield Branch(tuple(_line(replace(leaf, operation=operation), _remark(leaf, self.policy))))
        if len(waiting) > _MOST_OPEN:
            yield Branch((Piece(f"…… 另有 {len(waiting) - _MOST_OPEN} 项，加 --full 看", "quiet"),))

    def _out(self, stopped: Reason) -> Branch:
        """A provision that a lower layer stopped, or an amendment that lapsed, with the clauses and why."""
        below = (*_citations(stopped.citations, self.policy), *self._readings(stopped.notes))
        return Branch(tuple(_line(stopped)), below)

    def _limit(self, limit: Reason) -> Branch:
        """A limit of an amount: where it changes what comes out with its clause and its calculation."""
        found = _calculation(limit, 0, self.policy)
        if limit.notes[:1] != ("起作用",):
            return Branch((*found.content, Piece("（没有起作用）", "quiet")))
        return Branch(found.content, (*_citations(limit.citations, self.policy), *found.children))

    def _readings(self, notes: Sequence[str]) -> Iterator[Branch]:
        for note in notes:
            if note not in self._told:
                self._told.add(note)
                yield Branch((Piece(note, "quiet"),))

    def _parts(self, node: Reason, rule: Reason, depth: int) -> Iterator[Branch]:
        """The conditions of a rule one by one: a condition that only joins others is not shown itself."""
        joined = conditions(node)
        if depth == 0 and len(joined) > 1 and len(joined) == len(node.children) and node.truth is not False:
            for child in joined:
                yield self._condition(child, rule, 1)
        else:
            yield self._condition(node, rule, depth)

    def _condition(self, node: Reason, rule: Reason | None, depth: int) -> Branch:
        """One condition with what decided it. Its clause is named where another layer than the rule's wrote it."""
        below: list[Branch] = []
        if rule is not None and node.layer and node.layer != rule.layer and node.operation:
            below.extend(_citations(node.citations[:1], self.policy))
            below.extend(self._readings(node.readings))
        explained = self._explained.setdefault((node.text, node.place), [])
        known = bool(node.children) and any(node.children == other.children for other in explained)
        remark = _remark(node, self.policy)
        if not known and depth < (_SHORT if self.short else _DEEPEST):
            decisive = conditions(node)
            same = [child for child in decisive if child.truth == node.truth] or decisive
            # Rows of a list may be many.
            limit = _ROWS if all(child.row for child in same) else len(same)
            below.extend(self._condition(child, rule, depth + 1) for child in same[:limit])
            if len(same) > limit:
                below.append(Branch((Piece(f"…… 另有 {len(same) - limit} 行", "quiet"),)))
            if below:
                explained.append(node)
        return Branch(tuple(_line(node, remark)), tuple(below))

    def _failed(self, rule: Reason) -> Branch:
        """A rule that does not hold, with the first conditions that stood in the way. Where a lower layer's amendment
        stood in the way, its clause is quoted: it is what overrides the upper provision."""
        causes: dict[str, None] = {}
        cited: dict[Citation, None] = {}
        for amendment, node in in_the_way(rule):
            remark = _remark(node, self.policy)
            cause = tidy(node.text) + (f"（{remark}）" if remark else "") + " 否"
            causes[f"{amendment.operation} {cause}" if amendment is not None else cause] = None
            if amendment is not None and amendment.layer != rule.layer:
                cited.update(dict.fromkeys(amendment.citations))
        said = [Piece(tidy(rule.text)), Piece("　不成立", "bad")]
        if causes:
            said.append(Piece(f"：{some([*causes], _ROWS, mark='；')}", "quiet"))
        return Branch(tuple(said), tuple(_citations(list(cited), self.policy)))


def _calculation(node: Reason, depth: int, policy: Policy) -> Branch:
    """What is computed, line by line: each number that goes into it with its unit; what is written out stands in the
    expression already."""
    written = node.text.removeprefix("得出 ").removeprefix("不超过 ").removeprefix("不少于 ")
    line = [Piece(tidy(node.text))] if tidy(written) == node.value else list(_line(node))
    if node.blank is not None:
        line.append(Piece(f"（{_blank_words(node)}）", "doubt"))
    elif node.role == "parameter" and node.notes:
        setting = _setting(node)
        by = "" if setting is None else f"，{cited_as(setting.layer, policy)}【{setting.place}】"
        line.append(Piece(f"（{node.notes[0]}{by}）", "quiet"))
    parts = [child for child in node.children if child.role in ("value", "term", "statistic", "parameter", "decision")]
    parts = [child for child in parts if tidy(child.text) != child.value and not child.member]
    told = node.notes if node.role == "value" and node.children and node.clause != "限额" else ()
    below = [Branch((Piece(note, "quiet"),)) for note in told]
    below += [_calculation(child, depth + 1, policy) for child in parts] if depth < _DEEPEST else []
    return Branch(tuple(line), tuple(below))


def _remark(node: Reason, policy: Policy) -> str:
    """The values a condition was judged on, in a few words: 链条：较完备; who set a parameter, and whom to ask where one is
    blank."""
    said: list[str] = []
    if node.blank is not None:
        said.append(_blank_words(node))
    said += [note for note in node.notes if note.endswith(NO_ROWS)]
    for child in node.children:
        if child.condition or child.role not in ("value", "statistic", "parameter", "decision", "term"):
            continue
        if tidy(child.text) == child.value:
            continue
        words = f"{tidy(child.text)}：{child.value or '未知'}"
        setting = _setting(child)
        if setting is not None:
            words += f"，{cited_as(setting.layer, policy)}【{setting.place}】设定"
        if child.blank is not None and child.blank.kind == "field":
            said.append(f"{tidy(child.text)}{_blank_words(child)}")
            continue
        members = list(_members(child))
        if members:
            words += f"，{some(members, _MEMBERS, '个')}"
        said.append(words)
    return "；".join(dict.fromkeys(said))


def _setting(node: Reason) -> Citation | None:
    """The clause by which a layer set a parameter; None of a parameter that stands as it was declared."""
    if node.role != "parameter":
        return None
    return next((cited for child in node.children if child.text.startswith("设定 ") for cited in child.citations), None)


def _added(node: Reason) -> Iterator[Citation]:
    """The citations of conditions that amendments joined."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if found.operation:
            yield from found.citations
        waiting.extend(conditions(found))


def _members(node: Reason) -> Iterator[str]:
    """Members of the portfolio that statistics below ``node`` counted."""
    waiting = [node]
    while waiting:
        for child in waiting.pop().children:
            if child.member:
                yield f"{child.text}：{child.value}"
            else:
                waiting.append(child)


def _blank_words(node: Reason) -> str:
    assert node.blank is not None
    holders = "、".join(node.blank.holders)
    said = "没有列出" if node.blank.kind == "rows" else "未填"
    return said + (f"，问{holders}" if holders else "")


# ---- why not another result -----------------------------------------------------------------------------------------


def why_result(result: DecisionResult, wanted: Iterable[str]) -> list[str]:
    """Lines for a decision: what kept each wanted value from holding, and which rules gave the others."""
    wanted = dict.fromkeys(wanted)
    lines: list[str] = []
    rules = [node for node in _nodes(result.explain()) if node.role == "rule"]
    for node in rules:
        concerned = any(value in node.conclusion and value not in result.certain for value in wanted)
        if concerned and node.truth is not True:
            lines.append(f"{_cited(node)}：{'不成立' if node.truth is False else '未知'}")
            lines.extend(f"  {line}" for line in _causes(node))
    for node in rules:
        if node.truth is True and not any(value in node.conclusion for value in wanted):
            lines.append(f"{_cited(node)}：成立")
    lines.extend(missing_line(result.missing))
    return _cut(lines)


def why_finding(finding: Finding) -> list[str]:
    """Lines for a duty, prohibition or notice: the conditions that settle it, or leave it open."""
    lines: list[str] = []
    for child in conditions(finding.explain()):
        lines.append(_judged(child))
        if child.truth is not True:
            lines.extend(f"  {line}" for line in _causes(child))
        if child.truth is False and child.clause == "当":
            break
    lines.extend(missing_line(finding.missing))
    return _cut(list(dict.fromkeys(lines)))


def missing_line(missing: Sequence[Blank]) -> list[str]:
    """One line with the blanks, or none."""
    return [f"缺：{'、'.join(str(blank) for blank in told_apart(missing))}"] if len(missing) else []


def _causes(reason: Reason) -> Iterator[str]:
    yield from dict.fromkeys(_judged(node) for _, node in in_the_way(reason))


def _judged(node: Reason) -> str:
    """A condition with its truth, the value it was judged on, and the first of its clauses."""
    word, _ = _TRUTHS[node.truth]
    known = f"（{node.value}）" if node.value not in ("", word) else ""
    return f"{node.text}：{word}{known}" + _first_clause(node)


def _cited(node: Reason) -> str:
    return node.text + _first_clause(node)


def _first_clause(node: Reason) -> str:
    return "".join(f"【{citation.place}】" for citation in node.citations[:1])


def _nodes(reason: Reason) -> Iterator[Reason]:
    waiting = [reason]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def _cut(lines: list[str]) -> list[str]:
    if len(lines) <= MOST:
        return lines
    return [*lines[: MOST - 1], f"……（另有 {len(lines) - MOST + 1} 行，见 policyrules explain）"]
