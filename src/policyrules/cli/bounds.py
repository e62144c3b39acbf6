"""How much of a ledger file is told before one waits too long: what a command asks before it begins.

Why this exists: a small file may hold more records, rows or readings of the text than anybody waits for unawares, and every command says
so in the same words, with the first that is one too many and what to do instead.

Invariants: what is told turns on the rules, the records and the length of the file alone (`program.costs`), never on the time; of
a file that is long nobody expects otherwise, and nothing is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from policyrules.cli.shared import UserError
from policyrules.engine.asking import Asking, Explaining, Holding
from policyrules.engine.folding import opened, rows_alone
from policyrules.engine.members import looks
from policyrules.patience import SMALL
from policyrules.policy import Policy
from policyrules.program import belonging, costs
from policyrules.program.files import read_stack
from policyrules.program.folders import Folders
from policyrules.program.nodes import Program
from policyrules.program.trial_files import read_trial
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.variation.source import size_of


def asked_of(policy: Policy, records: Sequence[LedgerRecord], *, whole: bool = False) -> int:
    """How many of the records, from the first, can be asked for what they lack before one waits too long: told from the rules, the
    numbers of rows and of cells that are blank, and where every result is told ``whole``, from other readings of the text and from the
    rows that are held against each other as well. The first always can."""
    bounds: list[tuple[Asking | Holding, int]] = [
        (Asking(policy.program), costs.MOST_TOLD if whole else costs.MOST_ASKED)
    ]
    if whole:
        bounds.append((Asking.again(policy.program), costs.MOST_REREAD))
        bounds.append((Holding(policy.program), costs.MOST_LACKED))
    left = [most for _, most in bounds]
    for number, record in enumerate(records):
        one = opened(record.instance)
        left = [rest - cost.of(one) for rest, (cost, _) in zip(left, bounds, strict=True)]
        if min(left) < 0:
            return max(number, 1)
    return len(records)


def written_of(policy: Policy, records: Sequence[LedgerRecord], size: int, most: int, *, blank: bool = True) -> int:
    """How many of the records, from the first, can be told one by one before one waits too long: for ``most`` parts of conditions, as
    far as cells are ``blank`` or of all. ``size``: bytes of the ledger; of one that is long nobody expects otherwise."""
    if size >= SMALL:
        return len(records)
    cost, left = Asking(policy.program, blank=blank), most
    for number, record in enumerate(records):
        left -= cost.of(opened(record.instance))
        if left < 0:
            return number
    return len(records)


def check_rules(stacks: Iterable[Path]) -> None:
    """What is held against each other is read and checked each for itself: of stacks that are long together nobody is left to wait for
    that unawares."""
    left = costs.MOST_READ
    for folder in stacks:
        folders = Folders()
        trial = read_trial(folder, folders)
        layers = read_stack(folder, folders)[0] if trial is None else trial.layers
        for source in (source for layer in layers for source in layer.sources):
            for line in source.text.splitlines():
                left -= (len(line.encode()) + 1) * (costs.OF_A_ROW if line.lstrip().startswith(("|", "｜")) else 1)
            if left < 0:
                raise UserError(
                    f"要比的几套规则合起来太长，读完、比完要等太久：规则文件合计最多 {costs.MOST_READ:,} 字节（决策表的行按 "
                    f"{costs.OF_A_ROW} 倍算），到 {source.path} 超过了",
                    "只留要比的规定，分几次比；等得起的加 --long",
                )


def check_causes(before: Policy, after: Policy) -> None:
    """An impact says of every change what brought it about; both stacks are made one program for that, and asked again."""
    if not costs.blended(before.program, after.program):
        raise UserError(
            f"两边的规则很长，条件合计超过 {costs.MOST_BLENDED:,} 项，逐条试由什么引起要等太久",
            "只要看什么变了，用 compare；等得起的加 --long",
        )


def check_length(
    policies: Sequence[Policy], ledger: Ledger, path: Path, most: int, doing: tuple[str, str], instead: str
) -> None:
    """A small file may hold more records than can be told one by one: nobody is left to wait for that unawares. ``policies``: under
    which they are evaluated, several as if each had as many conditions as the one with most, whatever is blank; ``most``: parts of
    conditions for all of these together. ``doing``: what is done to the records, long and short, as people call it; ``instead``: what
    to do where one will not wait."""
    longest = max(policies, key=lambda policy: sum(costs.asking(policy.program).values()))
    found = written_of(longest, ledger.records, size_of(path), most // len(policies), blank=len(policies) == 1)
    if found == len(ledger.records):
        return
    root, (said, verb) = longest.program.root, doing
    raise _too_long(
        path,
        f"却有 {len(ledger.records)} 个{root}，{said}要等太久："
        f"最多{verb} {found} 个，从{_place(ledger.records, found)}起{verb}不完",
        instead,
    )


def check_records(
    policies: Sequence[Policy],
    ledger: Ledger,
    path: Path,
    instead: str,
    told: Sequence[int] | None = None,
    *,
    whole: bool = False,
    lacks: bool = False,
    reasons: bool = False,
) -> None:
    """Where records are evaluated one by one each statistic of all ``policies`` looks at every one of them, or at their rows, and what it
    saw is kept; and of one record all of its rows are told, ``whole`` with what other readings of the text would give, with what every
    result ``lacks``, and with all ``reasons``. Of a small file nobody expects that it takes all memory, or minutes. ``instead``: as of `check_length`; ``told``: the places of the records that are
    told, if not all."""
    if size_of(path) >= SMALL:
        return
    looking: Counter[str] = Counter()
    for policy in {id(one): one for one in policies}.values():
        looking.update(costs.looking(policy.program))
    left, root = costs.MOST_LISTED if reasons else costs.MOST_MEMBERS, policies[0].program.root
    every = (*ledger.records, *ledger.set_aside)
    longest = max(policies, key=lambda policy: sum(costs.asking(policy.program).values()))
    rows = dict.fromkeys(longest.program.objects, 1)
    alone: list[tuple[Asking | Explaining, int, str]] = [
        (Asking(longest.program), costs.MOST_ALONE, "条件的长短、行数和没有填的格")
    ]
    if lacks or reasons:
        told_all = Explaining(longest.program, reasons=reasons)
        most = max(costs.MOST_EXPLAINED if reasons else costs.MOST_LACKED, told_all.bare)
        said = "要逐条说明理由的条件、行数和行与行的对照" if reasons else "条件的长短、行数和行与行的对照"
        alone.append((told_all, most, said))
    if whole:
        again = Asking.again(longest.program)
        # How many readings there are was settled when the layer was loaded.
        alone.append((again, max(costs.MOST_REREAD, again.bare), "读法和跟着它变的规定、行数"))
    many: list[int] = []
    holding, held, holders = Holding(longest.program), costs.MOST_HELD // len(policies), list[int]()
    below, under = costs.MOST_BELOW, dict.fromkeys(_below(longest.program), 1)
    for number, record in enumerate(every):
        one = rows_alone(record.instance)
        left -= looks(looking, one)
        if left < 0:
            raise _too_long(
                path,
                f"却有 {len(every)} 个{root}，{looking.total()} 项统计都要把它们看一遍，要等太久："
                f"最多看 {number} 个，从{_place(every, number)}起看不完",
                instead,
            )
        if number >= len(ledger.records) or not (told is None or number in told):
            continue
        below -= looks(under, one)
        if below < 0:
            raise _too_long(
                path,
                f"里面的{'、'.join(under)}却有很多行，逐行评下来要等太久："
                f"各个{root}的行合计最多 {costs.MOST_BELOW:,} 行，到{_place(every, number)}超过了",
                instead,
            )
        counted = looks(rows, one)
        if not all(cost.few(counted, most) for cost, most, _ in alone):
            many.append(number)
        if not holding.none(counted):
            holders.append(number)
    for number in many:
        one = opened(ledger.records[number].instance)
        beyond = next(((most, by) for cost, most, by in alone if cost.of(one) > most), None)
        if beyond is None:
            continue
        counts = {kind: looks({kind: 1}, one) for kind in rows if kind != root}
        kind = max(counts, key=lambda kind: counts[kind])
        raise UserError(
            f"{path} {_place(ledger.records, number)}有 {counts[kind]} 行{kind}，逐行评下来要等太久："
            f"按规则里{beyond[1]}计步，一个{root}最多 {beyond[0]:,} 步",
            "把它分成几个，或只留要评的行；" + ("只说明一项的加 --only；" if reasons else "") + "等得起的加 --long",
        )
    for number in holders:
        held -= holding.of(opened(ledger.records[number].instance))
        if held < 0:
            raise _too_long(
                path,
                f"里面要互相对照的行却有很多，逐个评下来要等太久：各个{root}的对照合计最多 {costs.MOST_HELD // len(policies):,} 步，"
                f"到{_place(ledger.records, number)}超过了",
                instead,
            )


def counted_above(policy: Policy, ledger: Ledger, path: Path) -> bool:
    """Whether the records are counted once more under each upper part of the stack, to explain one of them: not where a small file has
    too many."""
    counted = len(ledger.portfolio) * len(policy.layers) if policy.program.statistics else 0
    return counted <= costs.MOST_COUNTED or len(policy.layers) == 1 or size_of(path) >= SMALL


def _too_long(path: Path, said: str, instead: str) -> UserError:
    return UserError(f"{path} 不大，{said}", f"{instead}；等得起的加 --long")


def _below(program: Program) -> list[str]:
    """The kinds of rows that records have."""
    return [kind for kind in program.objects if program.root in belonging.line(program.objects, kind)[1:]]


def _place(records: Sequence[LedgerRecord], number: int) -> str:
    first = records[number]
    place = f"{first.sheet} " if first.sheet else ""
    place += f"第 {first.row} 行" if first.row is not None else f"第 {number + 1} 个"
    return f"{place}（{first.identity or '没有编号'}）"
