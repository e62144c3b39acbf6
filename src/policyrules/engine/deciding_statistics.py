"""What is open in a statistic: which of its members may count, and what these lack.

Why this exists: of the record's own members each is asked for by what it lacks; all others are only counted, by what
was worked out of them before (`portfolio`).

Invariants: those of `missing`; a member of another record is never asked for here, the ledger is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from policyrules.engine import values as v
from policyrules.engine.blanks import Blanks
from policyrules.engine.deciding import FALSE, TRUE, Open, all_of, ask, joined, tested
from policyrules.engine.instances import Instance
from policyrules.engine.members import Entry
from policyrules.engine.statistics import Counted
from policyrules.engine.steps import Source, Step
from policyrules.engine.tally import settled
from policyrules.engine.values import Truth
from policyrules.wording import others_text


class OpenStatistics:
    """What is open in the statistics that one record asks for; ``open_``: what is open in a step."""

    def __init__(self, blanks: Blanks, open_: Callable[[Step], Open]) -> None:
        self._run, self._blanks, self._open = blanks.run, blanks, open_
        self._program = blanks.run.program

    def whole(self, counted: Counted) -> Open:
        """What is open in a statistic as it is counted for one instance."""
        if self._run.world is None:
            return self._without_portfolio(counted)
        return joined([left for _, left in self.members(counted, values=True)])

    def _without_portfolio(self, found: Counted) -> Open:
        """The portfolio settles it, with the record's own lists; what the record itself leaves open matters too."""
        left = joined([ask(self._blanks.portfolio(found.prepared.statistic.name)), *self._own_lists(found)])
        own: list[Open] = []
        for entry, match in found.joining():
            source = found.sources[entry.row]
            own += [] if match else [self._keys(found, entry.row, source)]
            own += [self._open(step) for step in (source.where, *source.adds) if step is not None]
        parts = (*left.parts, *(one for one in own if one.parts))
        return replace(left, parts=parts, exact=len(parts) == 1)

    def members(self, found: Counted, values: bool = False) -> list[tuple[int, Open]]:
        """What decides whether members count, each with how many are alike: those of the record and its lists one by one,
        all others together. With ``values`` also what they add, where that is unknown."""
        world, statistic = self._run.world, found.prepared.statistic
        assert world is not None and found.index is not None
        opens = [(1, self._own_member(found, entry, match, values)) for entry, match in found.joining()]
        opens += [(1, left) for left in self._own_lists(found)]
        others = world.others(found.prepared, found.index, self._run.subject, found.key, values=values)
        opens.append((others.sure, TRUE))
        # Whether they belong to the group of a record that does not say which is its own is for the record to say.
        keys = joined([self._open(key) for key in found.asked])
        if keys.parts:
            opens.append((others.by_key, tested(replace(keys, exact=keys.exact and others.by_key == 1))))
        waiting = others.open + others.lists
        if waiting:
            kind = "" if statistic.object == self._program.root else statistic.object
            detail = others_text(others.open, others.lists, kind, others.called, others.more)
            blank = self._blanks.portfolio(statistic.name)
            left = joined([keys, ask(replace(blank, detail=detail, members=others.called, count=waiting))])
            opens.append((waiting, tested(replace(left, exact=False))))
        return [(count, left) for count, left in opens if count]

    def _own_member(self, found: Counted, entry: Entry, match: Truth, values: bool) -> Open:
        """What decides whether the record itself, or one of its rows, counts."""
        adds = values and found.prepared.statistic.kind != "计数" and not settled(entry.payload)
        if entry.joined(match)[0] and not adds:
            return TRUE
        source = found.sources[entry.row]
        parts = [] if match else [self._keys(found, entry.row, source)]
        if source.where is not None:
            parts.append(self._open(source.where))
        left = all_of(parts)
        return joined([left, *map(self._open, source.adds)]) if adds else left

    def _own_lists(self, found: Counted) -> list[Open]:
        """What is open in the lists of the record's own that may hold members of the group and were not supplied: what is known of their
        rows may keep them all out, which is one number of them only; any number comes of a list that is supplied."""
        opens: list[Open] = []
        for row, source in found.sources.items():
            if not row.unlisted or not source.counts:
                continue
            keys = self._keys(found, row, source)
            if keys is FALSE:
                continue
            where = TRUE if source.where is None else self._open(source.where)
            rows = self._blanks.ask("rows", row, "")
            parts = tuple(left for left in (rows, where, keys) if left.parts)
            opens.append(tested(Open(parts, rows.true, rows.false, exact=len(parts) == 1)))
        return opens

    def _keys(self, found: Counted, row: Instance, source: Source) -> Open:
        """What decides whether a row of the record belongs to the group that is asked for; a cell agrees with itself."""
        parts = []
        one_cell = found.prepared.one_cell(found.asking, row)
        for one, mine, own, theirs in zip(one_cell, found.key, found.asked, source.keys, strict=True):
            match = True if one else v.compare("=", mine, theirs.value)
            if match is False:
                return FALSE
            if match is None:
                parts.append(tested(joined([self._open(own), self._open(theirs)])))
        return all_of(parts)
