"""From two policies and a ledger to their impact.

Why this exists: `compare` tells the difference of every result; whoever decides on a variation asks for whom, how much, and by which
provision, and gets a typed answer that pages and other systems share.

Invariants: each record is evaluated once by each side, as `Policy.evaluate_all` does; every number is counted from these results; a
cause is told only where it was tried out and confirmed; what the two sides share of what a record belongs to is counted once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from policyrules.analysis.atoms import Atom
from policyrules.analysis.attribute import PARTS, Attribution, edit_of
from policyrules.analysis.attribution import Cause as Found
from policyrules.analysis.attribution import Part, Spot
from policyrules.analysis.causes import cause_texts
from policyrules.analysis.compare import aligned
from policyrules.analysis.labels import document_of, side_labels
from policyrules.analysis.lattice import Selection
from policyrules.analysis.pairs import BREACHES
from policyrules.policy import Policy
from policyrules.program import nodes as core
from policyrules.program.layers import layer_in_force
from policyrules.program.titles import layer_names
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.spelling import nearest
from policyrules.types import Number, simplify, value_text
from policyrules.variation import model
from policyrules.variation.asking import Asked, Progress
from policyrules.variation.blanks import blanks_of
from policyrules.variation.counts import Count, Flows
from policyrules.variation.following import values_of
from policyrules.variation.heard import Hearing
from policyrules.variation.measures import Beside, Unknown, totals
from policyrules.variation.model import Bounds, Cell, DecisionImpact, Flow, Impact
from policyrules.variation.study import ABSENT, Side, Study
from policyrules.variation.work import Work

_FEW: Final = 20
"""So many records the definition evaluates sooner than the code for them is written."""


def counted(
    old: Policy,
    new: Policy,
    old_ledger: Ledger,
    new_ledger: Ledger,
    asked: Asked = Asked(),  # noqa: B008  # frozen
    progress: Progress = Progress(),  # noqa: B008  # frozen
    begun: Callable[[Count], None] = lambda _: None,
) -> tuple[Impact, Count]:
    """The impact without what is asked beside it (sweeps, dates ...) and without its records (`with_records`), and what it was counted
    from, with the two sides to ask. ``old_ledger`` and
    ``new_ledger``: one ledger, as each side reads it; ``begun``: is given what can be asked before anything is counted.

    Raises `Unknown` for a field that none of the two has, `PolicyError` (E651) for two dates.
    """
    old, new = aligned(old, new)
    pairs = _both(old_ledger, new_ledger)
    names = single_decisions(old, new)
    asked = _with_settings(asked, names, new, old)
    beside = Beside((new.program, old.program), asked.by or (), asked.money or (), asked.weight or ())
    if asked.decision:
        asked = replace(asked, decision=_named(asked.decision, names, old, new))
    work = Work()
    sides = [
        Side(policy, tuple(pair[number] for pair in pairs), policy.portfolio(ledger), _of(policy, names), work)
        for number, (policy, ledger) in enumerate(((old, old_ledger), (new, new_ledger)))
    ]
    study = Study(*sides)
    count = Count(old, new, study, beside, names, asked.all_missing)
    begun(count)
    hearings = Hearing(sides[0], many=len(pairs) > _FEW), Hearing(sides[1], many=len(pairs) > _FEW)
    for index in progress.through(range(len(pairs)), "评估", len(pairs)):
        count.record(index, hearings)
    progress.stage("逐条去掉、加上，找引起变化的条文")
    attribution = count.attribution(old_ledger, new_ledger)
    return _impact(count, attribution, new_ledger, asked), count


def _with_settings(asked: Asked, names: Sequence[str], *policies: Policy) -> Asked:
    """What was not asked is as the layers have it, the lower ones first."""
    for policy in policies:
        for layer in reversed(policy.layers):
            told = layer.manifest.reports
            if told is None:
                continue
            return replace(
                asked,
                decision=asked.decision or (told.decision if told.decision in names else "") or "",
                by=told.by if asked.by is None else asked.by,
                money=told.money if asked.money is None else asked.money,
                weight=told.weight if asked.weight is None else asked.weight,
            )
    return asked


def _both(old: Ledger, new: Ledger) -> list[tuple[LedgerRecord, LedgerRecord]]:
    """Each record that both sides could read."""
    if old is new:
        return [(record, record) for record in new.records]
    there = {record.place: record for record in old.records}
    return [(there[record.place], record) for record in new.records if record.place in there]


def single_decisions(old: Policy, new: Policy) -> tuple[str, ...]:
    """The decisions of either side that take one value, or an amount."""
    both = {**new.program.decisions, **old.program.decisions}
    many = {name for policy in (old, new) for name, one in policy.program.decisions.items() if one.mode == "多选"}
    return tuple(name for name in both if name not in many)


def named_decision(word: str, study: Study) -> str:
    """The decision of one value, or the amount, that is meant by its name or key.

    Raises `Unknown`.
    """
    names = tuple(dict.fromkeys((*study.new.names, *study.old.names)))
    return _named(word, names, study.old.policy, study.new.policy)


def _named(word: str, names: Sequence[str], *policies: Policy) -> str:
    """The decision that is meant by its name or key."""
    known = frozenset(names)
    by_key = {own.key: name for policy in policies for name, own in policy.program.decisions.items() if name in known}
    if word in known or word in by_key:
        return by_key.get(word, word)
    near = "、".join(nearest(word, (*names, *by_key)))
    raise Unknown(f"没有叫“{word}”的单值决定{f'，是不是 {near}？' if near else ''}")


def _of(policy: Policy, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in policy.program.decisions)


# ---- putting together -----------------------------------------------------------------------------------------------


def _impact(count: Count, attribution: Attribution, ledger: Ledger, asked: Asked) -> Impact:
    old, new = count.old, count.new
    causes, cells, holders = _caused(count, attribution, new if len(new.layers) >= len(old.layers) else old)
    aside = len(ledger.set_aside)

    decisions = tuple(
        replace(
            decision_impact(name, count.flows[name], (old, new), aside, count.measured, count.placed),
            how=_how(cells, causes, name),
        )
        for name in count.names
        if name in count.flows
    )
    return Impact(
        about=_about(count, ledger, asked, decisions),
        records=(),
        acts=acts_of(attribution, old, new),
        decisions=decisions,
        amounts=tuple(_amount_impact(name, count) for name in count.names if name in count.sums),
        cells=cells,
        causes=causes,
        provisions=_provisions(cells, attribution, causes, count),
        pairs=_pairs(causes),
        groups=_groups(cells, count),
        directions=_directions(cells, count),
        values=values_of(count),
        findings=tuple(
            model.FindingMove(
                name,
                kind,
                before,
                after,
                after in BREACHES and before not in BREACHES,
                len(found),
                tuple(dict.fromkeys(found)),
            )
            for (name, kind, before, after), found in count.findings.items()
        ),
        complied=count.complied,
        beside=attribution.beside,
        unattributed=sum(cell.cause is None for cell in cells),
        holders=holders,
    )


def _how(cells: Iterable[Cell], causes: Sequence[model.Cause], decision: str) -> dict[str, int]:
    """Changes of a decision by how they come about."""
    own = (cell for cell in cells if cell.decision == decision)
    return dict(Counter("unfound" if cell.cause is None else causes[cell.cause].how for cell in own))


def with_records(impact: Impact, count: Count) -> Impact:
    """An impact with the records that it says something of."""
    found = {cell.record for cell in impact.cells}
    for value in impact.values:
        found.update(*(value.gained, value.lost, value.settled_in, value.settled_out, value.opened))
    for finding in impact.findings:
        found.update(finding.records)
    for sweep in impact.sweeps:
        for piece in sweep.pieces:
            found.update(piece.moved, piece.perhaps)
    for flips in [(one.old, one.new) for one in impact.dates] + [(one.old, one.new) for one in impact.readings]:
        found.update(one.record for several in flips for one in several)
    found.update(one.record for one in impact.nearest)
    for blank in impact.blanks:
        found.update(blank.records)
    for variation in impact.variations:
        found.update(record for record, _, _ in variation.moved)
        found.update(index for one in variation.onward for index in one.records)
    told = count.study.new.records
    return replace(
        impact,
        records=tuple(
            model.Record(index, told[index].identity, told[index].name, count.groups[index], count.amounts[index])
            for index in sorted(found)
        ),
    )


def _caused(
    count: Count, attribution: Attribution, policy: Policy
) -> tuple[tuple[model.Cause, ...], tuple[Cell, ...], dict[str, tuple[str, ...]]]:
    """The causes, in the order in which cells have them; the cells with the numbers of their causes and what they lack; and who knows
    what they lack."""
    holders: dict[str, tuple[str, ...]] = {}
    numbers: dict[Found, int] = {}
    sizes: dict[int, int] = {}
    cells: list[Cell] = []
    new = count.study.new
    for index, path, name, _, _, told in count.cells:
        lacking = blanks_of(new, (index, path, name)) if index < count.asked else {}
        holders |= lacking
        cell = replace(told, blanks=tuple(lacking))
        found = attribution.causes.get(Spot(count.standing[index], path, name))
        if found is None:
            cells.append(cell)
            continue
        number = numbers.setdefault(found, len(numbers))
        sizes[number] = sizes.get(number, 0) + 1
        cells.append(replace(cell, cause=number))
    causes = tuple(
        model.Cause(
            number,
            found.how,
            "；".join(cause_texts(found, attribution, policy)),
            _sets(found.enough),
            _sets(found.change),
            _sets(found.undo),
            _sets(found.masked),
            found.complete,
            found.size,
            sizes[number],
        )
        for found, number in numbers.items()
    )
    return causes, tuple(cells), holders


def _sets(several: Iterable[Selection]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(sorted(one)) for one in several)


def acts_of(attribution: Attribution, old: Policy, new: Policy) -> tuple[model.Act, ...]:
    """The acts by which two policies differ."""
    known = {layer.id: policy for policy in (old, new) for layer in policy.layers}
    return tuple(
        model.Act(
            act.number,
            act.kind,
            provision.operation,
            provision.layer,
            provision.name,
            act.old,
            act.new,
            provision.clauses,
            tuple(dict.fromkeys(_cited(citation, known, new) for citation in provision.citations)),
            provision.place,
            *_authority(act, new),
        )
        for act, provision in zip(attribution.acts, attribution.provisions, strict=True)
    )


def _authority(act: Atom, policy: Policy) -> tuple[model.Authority, str]:
    """Whether whoever wrote an act may do it: what stands in a layer that loads may stand there."""
    edit = edit_of(policy, act)
    if edit is not None:
        return edit.authority, edit.note
    above = [layer.id for layer in policy.layers]
    return ("有" if act.origin.layer in above[1:] else "不适用"), ""


def _cited(citation: core.Citation, known: Mapping[str, Policy], new: Policy) -> str:
    """A clause by its document, place and words; a trial, which has no clause, by its name."""
    if new.trial is not None and citation.place == new.trial.said:
        return citation.place
    document = document_of(citation.layer, known.get(citation.layer, new))
    return f"{document}【{citation.place}】" + (f"“{citation.quote}”" if citation.quote else "")


def decision_impact(
    name: str,
    flows: Flows,
    sides: tuple[Policy, Policy],
    aside: int,
    measured: Callable[[Iterable[int]], Mapping[str, model.Total]],
    places: Callable[[Sequence[int]], Mapping[str, Mapping[str, int]]],
) -> DecisionImpact:
    """A decision that takes one value. ``aside``: how many records could not be read; ``measured``: the measures over records;
    ``places``: where objects are, by the records that they are of."""
    olds, news = (policy.program.decisions.get(name) for policy in sides)
    present = news or olds
    assert present is not None
    values = tuple(dict.fromkeys([*(news.values if news else ()), *(olds.values if olds else ())]))
    # A record that could not be read may be any of them; how many rows it has nobody knows.
    own = present.object == sides[1].program.root
    more = aside if own else 0
    shown = [*values, *(word for word in ("无", "不适用") if any(word in high for high in flows.high))]

    def bounds(side: int, there: bool, value: str) -> Bounds:
        return Bounds(flows.low[side].get(value, 0), flows.high[side].get(value, 0) + (more if there else 0))

    order = {value: place for place, value in enumerate([*values, "冲突", "待定", "无", "不适用", ABSENT.text])}
    ranked = sorted(flows.flows.items(), key=lambda item: tuple(order.get(one, len(order)) for one in item[0]))
    told = []
    for (before, after), several in ranked:
        each = tuple(dict.fromkeys(several))
        stayed = before == after
        told.append(
            Flow(before, after, len(several), () if stayed else each, measured(each), {} if stayed else places(several))
        )
    return DecisionImpact(
        name,
        present.key,
        present.object,
        values,
        present.mode == "由宽到严",
        "" if olds is not None and news is not None else "old" if news is None else "new",
        flows.objects,
        flows.changed,
        tuple(told),
        {value: (bounds(0, olds is not None, value), bounds(1, news is not None, value)) for value in shown},
        aside if own or not aside else None,
    )


def _amount_impact(name: str, count: Count) -> model.AmountImpact:
    sums = count.sums[name]
    olds, news = (policy.program.decisions.get(name) for policy in (count.old, count.new))
    present = news or olds
    assert present is not None
    return model.AmountImpact(
        name,
        present.key,
        sums.unit,
        "" if olds is not None and news is not None else "old" if news is None else "new",
        sums.objects,
        sums.open,
        sums.changed,
        simplify(sums.old) if sums.added else None,
        simplify(sums.new) if sums.added else None,
    )


def _cell_amounts(cell: Cell, count: Count) -> Mapping[str, Number | None]:
    return cell.amounts or count.amounts[cell.record]


def _sum_over(cells: Sequence[Cell], count: Count) -> dict[str, model.Total]:
    """The measures over cells: a record's own once, a row's its own."""
    rows: dict[Hashable, Mapping[str, Number | None]] = {}
    for cell in cells:
        key: Hashable = (cell.record, cell.path) if cell.amounts else cell.record
        rows.setdefault(key, _cell_amounts(cell, count))
    return totals(count.beside.measures, rows.values())


def _provisions(
    cells: Sequence[Cell], attribution: Attribution, causes: Sequence[model.Cause], count: Count
) -> tuple[model.ProvisionCount, ...]:
    first: dict[object, int] = {}
    for number, provision in enumerate(attribution.provisions):
        first.setdefault(provision, number)
    mine = [first[provision] for provision in attribution.provisions]
    parts = [_parts(cause, mine) for cause in causes]
    found: dict[int, list[tuple[Cell, Part]]] = {}
    for cell in cells:
        if cell.cause is not None:
            for act, part in parts[cell.cause].items():
                found.setdefault(act, []).append((cell, part))
    told = []
    for act, several in found.items():
        counts = {part: sum(1 for _, one in several if one == part) for part in PARTS}
        by_decision = Counter(cell.decision for cell, _ in several)
        by_part = Counter((cell.decision, part) for cell, part in several)
        sums = _sum_over([cell for cell, _ in several], count)
        parted = (counts["alone"], counts["jointly"], counts["either"])
        shares = {
            name: (by_part[name, "alone"], by_part[name, "jointly"], by_part[name, "either"]) for name in by_decision
        }
        told.append(model.ProvisionCount(act, *parted, dict(by_decision), sums, shares))
    return tuple(sorted(told, key=lambda one: (-one.alone, -one.jointly, -one.either, one.act)))


def _parts(cause: model.Cause, mine: Sequence[int]) -> dict[int, Part]:
    """What each provision of a set that is enough does, several acts of one provision being one."""
    sets = list(dict.fromkeys(frozenset(mine[act] for act in one) for one in cause.enough))
    found: dict[int, Part] = {}
    for act in sorted(frozenset[int]().union(*sets)):
        if frozenset({act}) in sets:
            found[act] = "alone" if len(sets) == 1 else "either"
        else:
            found[act] = "jointly"
    return found


def _pairs(causes: Sequence[model.Cause]) -> tuple[model.PairCount, ...]:
    counts: dict[tuple[int, int], list[int]] = {}

    def add(one: int, other: int, what: int, cells: int) -> None:
        if one != other:
            counts.setdefault((min(one, other), max(one, other)), [0, 0, 0])[what] += cells

    for cause in causes:
        together = {(a, b) for several in cause.enough for a in several for b in several if a < b}
        apart = {
            (min(a, b), max(a, b))
            for one in cause.enough
            for other in cause.enough
            if not set(one) & set(other)
            for a in one
            for b in other
        }
        behind = {
            (min(a, b), max(a, b))
            for one in cause.masked
            for undo in cause.undo
            if set(one) < set(undo)
            for a in one
            for b in set(undo) - set(one)
        }
        for what, pairs in enumerate((together, apart, behind)):
            for a, b in pairs:
                add(a, b, what, cause.cells)
    return tuple(model.PairCount(a, b, *counted_) for (a, b), counted_ in sorted(counts.items()))


def _groups(cells: Sequence[Cell], count: Count) -> tuple[model.Group, ...]:
    found: list[model.Group] = []
    for by in count.beside.by:
        all_: dict[str, int] = {}
        for groups in count.groups.values():
            all_[groups[by]] = all_.get(groups[by], 0) + 1
        parted: dict[tuple[str, str], list[Cell]] = {}
        for cell in cells:
            parted.setdefault((cell.decision, count.groups[cell.record][by]), []).append(cell)
        for decision in dict.fromkeys(name for name, _ in parted):
            mine = [(value, several) for (name, value), several in parted.items() if name == decision]
            mine.sort(key=lambda item: (-len(item[1]), item[0]))
            for value, several in mine:
                sure = [cell for cell in several if cell.sure]
                open_ = [cell for cell in several if not cell.sure]
                found.append(
                    model.Group(
                        by,
                        value,
                        decision,
                        all_[value],
                        len(sure),
                        len(open_),
                        _sum_over(sure, count),
                        _sum_over(open_, count),
                        tuple(dict.fromkeys(cell.record for cell in sure)),
                        tuple(dict.fromkeys(cell.record for cell in open_)),
                    )
                )
    return tuple(found)


def _directions(cells: Sequence[Cell], count: Count) -> tuple[model.DirectionCount, ...]:
    parted: dict[tuple[str, model.Direction], list[Cell]] = {}
    for cell in cells:
        parted.setdefault((cell.decision, cell.direction), []).append(cell)
    order: list[model.Direction] = ["得", "失", "移", "明确", "变不明"]
    ranked = sorted(parted.items(), key=lambda item: (count.names.index(item[0][0]), order.index(item[0][1])))
    return tuple(
        model.DirectionCount(
            name, way, len(several), tuple(dict.fromkeys(cell.record for cell in several)), _sum_over(several, count)
        )
        for (name, way), several in ranked
    )


# ---- what was asked -------------------------------------------------------------------------------------------------


def _about(count: Count, ledger: Ledger, asked: Asked, decisions: Sequence[DecisionImpact]) -> model.About:
    old, new = count.old, count.new
    labels = side_labels(old, new)
    decision = asked.decision or next((one.name for one in decisions if one.changed and not one.one_sided), "")
    notes = dict.fromkeys((*old.notes, *new.notes))
    if not old.as_of_given and not new.as_of_given:
        notes["没有给评估日，用了今天"] = None
    return model.About(
        asked.title or f"{labels[0]} → {labels[1]}",
        side_told(old, labels[0]),
        side_told(new, labels[1]),
        new.as_of,
        new.program.root,
        model.LedgerFile(
            asked.file,
            asked.sha256,
            len(count.study.new.records),
            tuple(record.identity for record in ledger.set_aside),
            asked.invented,
        ),
        count.beside.by,
        count.beside.measures,
        decision or (decisions[0].name if decisions else ""),
        asked.command,
        tuple(notes),
    )


def side_told(policy: Policy, label: str) -> model.Side:
    """One side, as a reader is told of it."""
    names = layer_names([layer.manifest for layer in policy.layers])
    parameters = policy.program.parameters
    by_key = {own.key: own for own in parameters.values()}
    given: dict[str, str] = {}
    for name in policy.parameters:
        own = parameters.get(name) or by_key[name]
        given[own.name] = "" if own.value is None else value_text(own.value, own.type)
    return model.Side(
        label,
        tuple(_layer(policy, number, names) for number in range(len(policy.layers))),
        given,
        policy.fingerprint,
    )


def _layer(policy: Policy, number: int, names: Mapping[str, str]) -> model.Layer:
    layer = policy.stack.layers[number]
    manifest = layer.files.manifest
    return model.Layer(
        manifest.id,
        names[manifest.id],
        manifest.title,
        manifest.level,
        manifest.document_number or "",
        layer_in_force(layer, policy.as_of),
        manifest.in_force_from.isoformat(),
        "in_force_from" in manifest.assumed,
        manifest.note or "",
        (policy.trial.title,) if policy.trial is not None and policy.trial.layer == manifest.id else (),
    )
