"""What a variation changes, whole: what is counted, and what is asked beside it.

Why this exists: other systems and the command line ask once and get one typed result.

Invariants: what was not asked for is empty; the order of what is told does not depend on what else was asked.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Literal, TypeVar

from policyrules.analysis.compare import aligned
from policyrules.patience import SMALL
from policyrules.policy import Policy
from policyrules.program import costs
from policyrules.program.order import parts
from policyrules.records.given import Record
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.wording import lacking_text, unseen_text
from policyrules.several import names_of
from policyrules.types import add_months, date_text
from policyrules.variation.again import call_text
from policyrules.variation.asking import Asked, Progress
from policyrules.variation.blanks import blanks as blanks_waited_for
from policyrules.variation.build import (
    counted,
    decision_impact,
    named_decision,
    side_told,
    with_records,
)
from policyrules.variation.counts import Count, Flows
from policyrules.variation.dates import YEARS_AHEAD
from policyrules.variation.dates import dates as dates_of
from policyrules.variation.grids import grid
from policyrules.variation.laxer import form, laxer
from policyrules.variation.model import BlankValue, DateChange, Grid, Impact, Onward, Reading, Sweep, Variation
from policyrules.variation.nearest import nearest as nearest_changes
from policyrules.variation.readings import readings as other_readings
from policyrules.variation.source import digest_of, says_invented, size_of
from policyrules.variation.study import ABSENT, Side, Study, differing
from policyrules.variation.sweeps import wished
from policyrules.variation.wishes import WishError, sweep_of
from policyrules.variation.work import TooMuch


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is asked of the results beside the count. ``sweeps``: in the order of the wishes, None of what was too much, as ``dates`` and
    ``readings`` are; ``left``: what is left of the work that may be done for these; ``notes``: what is to be said of the ``blanks``."""

    sweeps: tuple[Sweep | None, ...]
    dates: tuple[DateChange, ...] | None
    left: int | None
    blanks: tuple[BlankValue, ...]
    notes: tuple[str, ...]
    readings: tuple[Reading, ...] | None


_MOST_NAMED: Final = 8
_T = TypeVar("_T")


def impact(
    before: Policy,
    after: Policy,
    records: Path | str | Ledger | Iterable[Record],
    *,
    decision: str = "",
    by: Sequence[str] | None = None,
    money: Sequence[str] | None = None,
    weight: Sequence[str] | None = None,
    also: Mapping[str, Policy] | None = None,
    sweeps: Sequence[str] = (),
    grids: Sequence[str] = (),
    dates: Sequence[datetime.date] | Literal["auto"] | None = None,
    until: datetime.date | None = None,
    nearest: bool = True,
    blanks: bool = True,
    readings: bool = True,
    all_missing: bool = False,
    long: bool = False,
    title: str = "",
) -> Impact:
    """What changes when ``after`` takes the place of ``before``: for whom, because of which provision, and how much.

    ``records``: a ledger, its file, or what `Policy.evaluate_all` takes; each record is evaluated against all. ``decision``: the one
    that headlines speak of, by name or key. ``by``: fields of the record by which changes are told apart (乡镇); ``money``: fields
    that are added up, of the record or of its rows (资金.金额); ``weight``: others (带动脱贫户); of each those that the layers name
    (``reports`` in layer.yaml) where None. ``also``: further variations, by what they are called. ``sweeps``: parameters of the new side to be
    varied, as on the command line ("反向约束数量", "户数=0..40", "户数=5,8,10"); two of them give a grid (``grids``). ``dates``: days to be looked at,
    or "auto" for all on which the result of a decision flips that has one value (of sets, duties, prohibitions and notices they tell
    nothing), up to ``until`` (two years where None). ``nearest``, ``blanks``, ``readings``: whether to
    look for the nearest changes, for what blanks settle, and at other readings of the text; ``all_missing``: what open results lack is
    told of every record, however many there are, else of so many of the first as one can wait for; ``long``: ``sweeps`` and
    ``dates`` are looked at whatever work that is, else those that are too much are not, and ``about.notes`` says which. ``grids``: the
    decisions of which two sweeps give a grid, by name or key; that of the headlines where none is given.

    Raises `RecordError` for a record that either policy cannot read, `PolicyError` (E651) where two different as-of dates were given,
    `ValueError` for a field or a decision that neither has.
    """
    if isinstance(dates, str) and dates != "auto":
        raise TypeError(f"dates 要给几个日期，如 [datetime.date(2026, 6, 30)]，或 'auto'，给的是 {dates!r}")
    if also is not None and not isinstance(also, Mapping):
        raise TypeError(f"also 要给名称和规则，如 {{'乙': policy}}，给的是 {type(also).__name__}")
    by, money, weight = names_of("by", by), names_of("money", money), names_of("weight", weight)
    sweeps, grids = names_of("sweeps", sweeps), names_of("grids", grids)
    before, after = aligned(before, after)
    old, new = two_readings(before, after, lambda policy: _ledger(policy, records))
    wanted = [None if names is None else tuple(names) for names in (by, money, weight)]
    asked = Asked(decision=decision, by=wanted[0], money=wanted[1], weight=wanted[2], title=title)
    given: dict[str, object] = {
        "decision": decision,
        **dict(zip(("by", "money", "weight"), wanted, strict=True)),
        "sweeps": tuple(sweeps),
        "grids": tuple(grids),
        "dates": dates if dates is None or dates == "auto" else tuple(dates),
        "until": until,
        **{name: False for name, on in (("nearest", nearest), ("blanks", blanks), ("readings", readings)) if not on},
        **{name: True for name, on in (("all_missing", all_missing), ("long", long)) if on},
        "title": title,
    }
    asked = replace(
        asked,
        command=call_text(before, after, records, given, also or {}),
        grids=tuple(grids),
        sweeps=tuple(map(sweep_of, sweeps)),
        days=() if dates == "auto" else None if dates is None else tuple(dates),
        until=until,
        nearest=nearest,
        blanks=blanks,
        readings=readings,
        all_missing=all_missing,
        long=long,
    )
    if isinstance(records, Path | str):
        path = Path(records)
        asked = replace(asked, file=path.name, sha256=digest_of(path), invented=says_invented(path), size=size_of(path))
    others = {name: policy.at(after.as_of) for name, policy in (also or {}).items()}
    return told(before, after, old, new, asked, {name: (one, _ledger(one, records)) for name, one in others.items()})


def _ledger(policy: Policy, records: Path | str | Ledger | Iterable[Record]) -> Ledger:
    if isinstance(records, Path | str):
        return policy.read(records)
    if isinstance(records, Ledger):
        return records
    members = policy.portfolio(list(records)).members
    return Ledger(tuple(LedgerRecord(one, one.identity) for one in members))


def two_readings(old: Policy, new: Policy, read: Callable[[Policy], Ledger]) -> tuple[Ledger, Ledger]:
    """A ledger as each policy reads it. Where one stack holds the other, the longer one knows every column, and one reading serves
    both."""
    longer, shorter = (new, old) if len(new.layers) >= len(old.layers) else (old, new)
    ledger = read(longer)
    if shorter.program.layers in parts(longer.program.layers, longer.program.siblings):
        return ledger, ledger
    other = read(shorter)
    return (other, ledger) if longer is new else (ledger, other)


def told(
    before: Policy,
    after: Policy,
    old: Ledger,
    new: Ledger,
    asked: Asked,
    also: Mapping[str, tuple[Policy, Ledger]],
    progress: Progress = Progress(),  # noqa: B008  # frozen
    apart: Callable[[Callable[[], _Beside]], Callable[[], _Beside]] | None = None,
) -> Impact:
    """The impact, with everything that was asked. ``old`` and ``new``: the ledger as each side reads it; ``also``: further variations
    with the ledger as each reads it; ``apart``: begins what can be done beside the rest, and gives what waits for it; None:
    it is done after the rest."""
    waiting: list[Callable[[], _Beside]] = []

    def begin(count: Count) -> None:
        waiting.append(partial(_beside, count, asked) if apart is None else apart(partial(_beside, count, asked)))

    result, count = counted(before, after, old, new, asked, progress, begin)
    study = count.study
    decision = result.about.decision
    passed: list[str] = []
    if asked.nearest and decision in study.new.names:
        progress.stage("找差一点的")
        result = replace(result, nearest=nearest_changes(study, decision, said=passed.append))
    progress.stage(_waited_for(asked))
    found = waiting.pop()()
    grids = _grids(study, decision, asked, found, progress)
    seen = (*_looked_at(study, asked, found), *_unseen(study, asked, found, grids))
    notes = (*result.about.notes, *passed, *found.notes, *seen)
    result = replace(
        result,
        about=replace(result.about, notes=notes),
        sweeps=tuple(one for one in found.sweeps if one is not None),
        grids=grids or (),
        dates=found.dates or (),
        blanks=found.blanks,
        readings=found.readings or (),
    )
    result = replace(result, laxer=laxer(study), form=form(study))
    variations: list[Variation] = []
    for name, (policy, ledger) in also.items():
        progress.stage(f"方案“{name}”")
        variations.append(_variation(name, count, policy, ledger))
    result = replace(result, variations=tuple(variations))
    return with_records(result, count)


def _waited_for(asked: Asked) -> str:
    """What is done beside the count, as it is shown."""
    more = [
        *(f"门槛“{wish.parameter}”从头到尾" for wish in asked.sweeps),
        *(["找结果会变的日子"] if asked.days is not None else []),
    ]
    return "，".join(["空着的各项补上能定下什么", "换一种读法会怎样", *more])


def _beside(count: Count, asked: Asked) -> _Beside:
    """What is asked of the results as they stand: of parameters, of days, of those that are open, and of those that hang on a reading."""
    study, records = count.study, len(count.study.new.records)
    work = study.new.work
    most = None if asked.long else costs.MOST_VARIED * max(asked.size, SMALL) // SMALL
    work.left = most
    sweeps = tuple([_within_reach(partial(wished, study, wish)) for wish in asked.sweeps])
    dates = () if asked.days is None else _within_reach(lambda: dates_of(study, asked.days or None, until=asked.until))
    # What nobody had to ask for takes nothing from that.
    left, work.left = work.left, most
    readings = _within_reach(lambda: other_readings(study)) if asked.readings else ()
    work.left = None
    notes = [lacking_text(count.new.program.root, count.asked, records)] if count.asked < records else []
    blanks = blanks_waited_for(study, count.beside, notes.append, count.asked) if asked.blanks else ()
    return _Beside(sweeps, dates, left, blanks, tuple(notes), readings)


def _within_reach(work: Callable[[], _T]) -> _T | None:
    """What work gives, None where it is too much."""
    try:
        return work()
    except TooMuch:
        return None


def _grids(study: Study, decision: str, asked: Asked, found: _Beside, progress: Progress) -> tuple[Grid, ...] | None:
    """Two sweeps at once; None where that, or one of them, is too much."""
    if asked.grids and len(asked.sweeps) != 2:
        raise WishError(f"两个门槛一起看，要写两个 --sweep，这里有 {len(asked.sweeps)} 个")
    sweeps = [one for one in found.sweeps if one is not None]
    names = [named_decision(one, study) for one in asked.grids] or [one for one in [decision] if one in study.new.names]
    if len(asked.sweeps) != 2 or not names:
        return ()
    if len(sweeps) != 2:
        return None
    progress.stage("两个门槛一起看")
    study.new.work.left = found.left
    grids = _within_reach(lambda: tuple([grid(study, sweeps[0], sweeps[1], one) for one in dict.fromkeys(names)]))
    study.new.work.left = None
    return grids


def _looked_at(study: Study, asked: Asked, found: _Beside) -> list[str]:
    """What sweeps and days are about, in words, and that no day was found."""
    what = [*(["门槛"] if asked.sweeps else []), *(["几时会变"] if asked.days is not None else [])]
    if not what:
        return []
    names = "、".join(study.new.names[:_MOST_NAMED]) + ("等" if len(study.new.names) > _MOST_NAMED else "")
    said = [f"{'、'.join(what)}只看定一个结果的决定（{names}）；多选的决定、义务、禁令、提示怎样变，没有看"]
    if asked.days == () and found.dates == ():
        last = asked.until or add_months(study.new.policy.as_of, 12 * YEARS_AHEAD)
        said.append(f"到 {date_text(last)}为止，没有哪一天它们的结果会变" if last else "没有哪一天它们的结果会变")
    return said


def _unseen(study: Study, asked: Asked, found: _Beside, grids: tuple[Grid, ...] | None) -> list[str]:
    """What was too much, in words."""
    left_out = [
        f"门槛“{wish.parameter}”从头到尾"
        for wish, swept in zip(asked.sweeps, found.sweeps, strict=True)
        if swept is None
    ]
    left_out += ["两个门槛一起看"] if grids is None else []
    left_out += ["结果会变的日子"] if found.dates is None else []
    left_out += ["换一种读法会怎样"] if found.readings is None else []
    return [unseen_text(study.new.policy.program.root, len(study.new.records), left_out)] if left_out else []


def _variation(label: str, count: Count, policy: Policy, ledger: Ledger) -> Variation:
    """Another variation against the same old side."""
    study, old = count.study, count.study.old
    by_place = {one.place: one for one in ledger.records}
    records = tuple(by_place[one.place] for one in study.new.records)
    names = tuple(name for name in (*study.new.names, *old.names) if name in policy.program.decisions)
    side = Side(policy, records, policy.portfolio(ledger), tuple(dict.fromkeys(names)))
    flows: dict[str, Flows] = {}
    onward: dict[tuple[str, str, str, str], list[int]] = {}
    moved = differing(old.states, side.states)
    for key in {**old.states, **side.states}:
        was, now = old.states.get(key, ABSENT), side.states.get(key, ABSENT)
        decision = (policy.program.decisions.get(key[2])) or old.policy.program.decisions[key[2]]
        if decision.type is None:
            flows.setdefault(key[2], Flows()).add(key[0], was, now, key in moved)
            if key in moved or key in study.differ:
                words = was.text, study.new.states.get(key, ABSENT).text, now.text
                onward.setdefault((key[2], *words), []).append(key[0])

    told_of = [
        decision_impact(
            name,
            flows[name],
            (old.policy, policy),
            len(ledger.set_aside),
            count.measured,
            count.placed,
        )
        for name in dict.fromkeys((*study.new.names, *old.names))
        if name in flows
    ]
    order = list(dict.fromkeys((*study.new.names, *old.names)))
    ranked = sorted(onward.items(), key=lambda item: (order.index(item[0][0]), item[0][1:3], -len(item[1]), item[0][3]))
    return Variation(
        label,
        side_told(policy, label),
        tuple(told_of),
        tuple(moved),
        tuple(Onward(*words, len(some), tuple(dict.fromkeys(some))) for words, some in ranked),
    )
