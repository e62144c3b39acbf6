"""A ledger of which each record is under the layer of its own county: ``--each 所在县=县目录``.

Why this exists: an office above the counties keeps one ledger of all of them, and what a project comes to is what its own
county's rules make of it. The folder holds a layer for each county that wrote one. `evaluate` and `explain` take it.

Invariants: a record is evaluated by the policy of its own county's stack, against the records of that county; one whose county
has no layer, or is not filled in, by the policy that was named, against all such records (as `Policy.stacks` has it). The
value of the field is the 适用地区 of the layer, letter by letter. A layer that is needed and cannot be loaded ends the command; of one
whose region a long ledger is seen to hold, in whatever column, it is told before the ledger is read.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from policyrules.analysis.labels import label_of, stack_data
from policyrules.cli.arguments import Option
from policyrules.cli.reading import read_given
from policyrules.cli.shared import UserError, meant
from policyrules.diagnostics import Diagnostic, PolicyError
from policyrules.engine.folding import value_above
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio
from policyrules.policy import Policy, try_load
from policyrules.program import belonging
from policyrules.program import nodes as core
from policyrules.program.differing import Declared, NotTogether
from policyrules.program.files import LayerFiles, read_text
from policyrules.program.fingerprints import text_hash
from policyrules.program.folders import MANIFEST_NAME
from policyrules.program.manifest import read_manifest
from policyrules.program.neighbours import Neighbours
from policyrules.program.trial_manifest import is_trial
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.report.terminal import Screen
from policyrules.spelling import nearest
from policyrules.text import some
from policyrules.types import Kind
from policyrules.variation.source import size_of

if TYPE_CHECKING:
    from policyrules.columns.results import FrameResult
    from policyrules.interpreter import Interpreter
    from policyrules.records.given import Record, Records
    from policyrules.results import Outcome

Each: TypeAlias = Annotated[
    str | None,
    Option(
        ("--each",),
        "各县的项目按本县的层，如 --each 所在县=县目录：目录里一层一个文件夹，按 layer.yaml 的适用地区和这个字段的值对上；没有自己的层的县，按写明的层",
        "字段=文件夹",
    ),
]
_NAMED = 12
_TWICE = "E505"
"""The finding of a record whose number came before."""
_MOST_FOLDERS = 10_000
"""So many folders are looked through for layers."""


@dataclass(frozen=True, eq=False)
class Counties(Policy):
    """A policy under which each record is evaluated by that of its own county. ``base``: that of all others; ``own``: by what the
    field ``by`` holds; ``ledger``: the only one it is for; ``said``: which records are under what."""

    base: Policy
    by: core.Field
    own: Mapping[str, Policy]
    ledger: Ledger
    said: tuple[str, ...]

    @property
    def layers(self) -> tuple[LayerFiles, ...]:
        """Those of all stacks, each once."""
        return tuple({layer.id: layer for policy in self._all for layer in policy.layers}.values())

    @property
    def in_force(self) -> tuple[LayerFiles, ...]:
        """What holds for all records."""
        return self.base.in_force

    @property
    def notes(self) -> tuple[str, ...]:
        """Those of all stacks."""
        return tuple(dict.fromkeys((*self.said, *(note for policy in self._all for note in policy.notes))))

    @property
    def _all(self) -> tuple[Policy, ...]:
        return self.base, *self.own.values()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of those of all stacks, and of who is under which."""
        return text_hash(
            (self.base.fingerprint, self.by.name, [(name, own.fingerprint) for name, own in self.own.items()])
        )

    @cached_property
    def interpreter(self) -> Interpreter:
        """That of records whose county has no layer."""
        return self.base.interpreter

    def read(self, source: object, *, format: str | None = None) -> Ledger:
        """The ledger that it is for."""
        return self.ledger

    def county(self, instance: Instance) -> str | None:
        """Whose layer a record is under; None for one that is under none."""
        found = _value(instance, self.by)
        return found if found in self.own else None

    def portfolio(self, records: Portfolio | Ledger | Iterable[Record]) -> Portfolio:
        """Records that were read for it."""
        if isinstance(records, Portfolio):
            return records
        given = records.portfolio if isinstance(records, Ledger) else records
        return Portfolio([one for one in given if isinstance(one, Instance)])

    def evaluate(self, record: Record, portfolio: Records | None = None) -> Outcome:
        """As `Policy.evaluate`, by the policy of the record's county, against the records of that county."""
        instance = record.instance if isinstance(record, LedgerRecord) else record
        assert isinstance(instance, Instance) and isinstance(portfolio, Portfolio), "read for it"
        own, among = self.under(instance, portfolio)
        return own.evaluate(instance, among)

    def under(self, record: Instance, portfolio: Portfolio) -> tuple[Policy, Portfolio]:
        """The policy of a record's county, and the records of that county."""
        county = self.county(record)
        own = self.base if county is None else self.own[county]
        return own, self._among(portfolio, county, own)

    def _among(self, portfolio: Portfolio, county: str | None, own: Policy) -> Portfolio:
        # The last portfolio, county by county.
        kept: tuple[Portfolio, dict[str | None, Any]] | None = self.__dict__.get("_last")
        if kept is None or kept[0] is not portfolio:
            members: dict[str | None, Any] = {}
            for member in portfolio.members:
                members.setdefault(self.county(member), []).append(member)
            kept = self.__dict__["_last"] = portfolio, members
        found = kept[1][county]
        if not isinstance(found, Portfolio):
            found = kept[1][county] = own.portfolio(found)
            found.alone = portfolio.alone
        return found

    def evaluate_frame(self, source: object, **options: Any) -> FrameResult:
        """As `Policy.evaluate_frame` has stacks. Raises `NotTogether` where they cannot be had in one program."""
        from policyrules.columns.instances import prepare_ledger
        from policyrules.records.names import record_names

        stacks = self.base.stacks(self.own)
        prepared = prepare_ledger(stacks.program, record_names(stacks.program), self.ledger)
        return self.base.evaluate_frame(prepared, stacks=stacks, by=self.by.name, **options)


def policy_data(policy: Policy) -> dict[str, object]:
    """What results rest on, as plain JSON: the stack and the date, and who is under a stack of its own."""
    said: dict[str, object] = {"policy": stack_data(policy), "as_of": policy.as_of.isoformat()}
    if isinstance(policy, Counties):
        said["policy"] = stack_data(policy.base)
        stacks = [{"value": name, **stack_data(own)} for name, own in policy.own.items()]
        said["each"] = {"field": policy.by.name, "stacks": stacks}
    return said


def each_county(base: Policy, each: str, path: Path, screen: Screen) -> Counties:
    """The policy under which each record of the ledger ``path`` is evaluated by that of its county.

    Raises `UserError` for what was given, `PolicyError` with what is wrong with a layer that is needed, and what `read_given` raises.
    """
    name, folder = _given(each)
    if base.trial is not None:
        raise UserError("--each 不能和试验一起用：各县的层接在现行的规定上，不接在试验上")
    by = _field(base.program, name)
    folders = _by_region(folder, base)
    layers = _Layers(base, folders, screen)
    layers.foretell(_named_in(path, folders))
    # What is to be said of the ledger, whoever reads it for the result says.
    ledger = _read(base, by, {}, path)
    values = dict.fromkeys(_value(record.instance, by) for record in (*ledger.records, *ledger.set_aside))
    own = layers.of([name for name in values if name in folders])
    found = together(base, by, own, ledger, path)
    _say_idle(folders, values, by, screen)
    return replace(found, said=(_under(base, by, found.ledger, folders),))


def together(base: Policy, by: core.Field, own: Mapping[str, Policy], ledger: Ledger, path: Path) -> Counties:
    """A policy under which each record is evaluated by that of ``own`` that its field ``by`` names. ``ledger``: the one in ``path`` as
    ``base`` reads it; where others declare more, it is read again for all of them.

    Raises `UserError` where they declare something otherwise.
    """
    others = [policy.program for policy in own.values()]
    declared = _declared(base, own)
    keys = _keys(base.program)
    if (declared.fields, declared.objects) != (base.program.fields, base.program.objects) or any(
        _keys(program) - keys for program in others
    ):
        ledger = _read(base, by, own, path)
    for record in (*ledger.records, *ledger.set_aside):
        policy = own.get(_value(record.instance, by) or "", base)
        record.instance.layers = (*record.instance.layers, policy.program.layers)
    for record in ledger.set_aside:
        if any(one.code == _TWICE for one in record.instance.problems):
            # Of a second one of a number its own rules know what they count by.
            known = {by.name, *_keys(own.get(_value(record.instance, by) or "", base).program)}
            record.instance.values = {name: one for name, one in record.instance.values.items() if name in known}
    whole = _shown(base.program, declared, own)
    above = (base.read_from, base.warnings, base.pins, base.parameters, base.as_of_given)
    return Counties(whole, *above, base, by, own, ledger, ())


def _declared(base: Policy, own: Mapping[str, Policy]) -> Declared:
    declared = Declared.of(base.program)
    for name, policy in own.items():
        try:
            declared.take(policy.program, name)
        except NotTogether as refused:
            raise UserError(f"{refused}：policyrules evaluate {policy.folder} 台账") from None
    return declared


def _keys(program: core.Program) -> set[str]:
    """The fields of a record that statistics count by."""
    every = (key for statistic in program.statistics.values() for key in statistic.same)
    return {key.field.name for key in every if isinstance(key, core.FieldValue) and key.field.object == program.root}


def _read(base: Policy, by: core.Field, own: Mapping[str, Policy], path: Path) -> Ledger:
    """The ledger as all of them read it, and of whatever is set aside whose it is."""
    declared = _declared(base, own)
    programs = (base.program, *(policy.program for policy in own.values()))
    statistics = [one for program in programs for one in program.statistics.values()]
    if statistics:
        key = core.FieldValue(core.At(0, 0), by, by.type, statistics[0].origin.span)
        statistics.append(replace(statistics[0], same=(key,)))
    reading = replace(
        base.program,
        objects=declared.objects,
        fields=declared.fields,
        statistics={str(number): one for number, one in enumerate(statistics)},
    )
    ledger = read_given(replace(base, held=reading), path, Screen(quiet=True))
    # Each record is under the rules of its own place.
    return replace(ledger, notes=tuple(note for note in ledger.notes if note != ledger.elsewhere), elsewhere=None)


def _given(each: str) -> tuple[str, Path]:
    by, mark, folder = each.replace("＝", "=").partition("=")
    if not mark or not by.strip() or not folder.strip():
        raise UserError(f"--each 的“{each}”要写成 字段=文件夹，如 --each 所在县=县目录")
    path = Path(folder.strip())
    if not path.is_dir():
        raise UserError(f"--each：没有文件夹“{path}”")
    return by.strip(), path


def _field(program: core.Program, name: str) -> core.Field:
    """The field that says whose a record is."""
    fields = [
        own for kind in belonging.line(program.objects, program.root) for own in program.fields.get(kind, {}).values()
    ]
    found = next((own for own in fields if name in (own.name, own.key)), None)
    if found is None:
        raise UserError(f"--each：{program.root}没有“{name}”这个字段{meant(name, [own.name for own in fields])}")
    if found.type.kind not in (Kind.TEXT, Kind.ENUM):
        raise UserError(f"--each：字段“{found.name}”是{found.type.kind.value}，要用文本或枚举的字段")
    return found


def _value(instance: Instance, by: core.Field) -> str | None:
    """What the field says, of the record or of what it belongs to."""
    found = value_above(instance, by.object, by.name)
    return None if found is None else str(found)


# ---- layers ---------------------------------------------------------------------------------------------------------


def _by_region(folder: Path, base: Policy) -> dict[str, list[Path]]:
    """The folders of layers, by the region that each is for; those of the policy itself are not among them."""
    known = {os.path.realpath(layer.folder) for layer in base.layers}
    found: dict[str, list[Path]] = {}
    wrong: list[Diagnostic] = []
    seen: set[str] = set()
    for place, below, files in os.walk(folder, followlinks=True):
        # A folder may be linked to from elsewhere, or from within itself.
        if (real := os.path.realpath(place)) in seen:
            below.clear()
            continue
        seen.add(real)
        if len(seen) > _MOST_FOLDERS:
            raise UserError(
                f"--each：文件夹“{folder}”里的文件夹超过 {_MOST_FOLDERS:,} 个，请另放一个只有各县的层的文件夹"
            )
        below[:] = sorted(name for name in below if not name.startswith("."))
        if MANIFEST_NAME not in files:
            continue
        # What lies in the folder of a layer is that layer's.
        below.clear()
        path = Path(place)
        source, problems = read_text(path / MANIFEST_NAME, (path / MANIFEST_NAME).as_posix())
        if os.path.realpath(path) in known or (source is not None and is_trial(source)):
            continue
        manifest = None
        if source is not None:
            manifest, problems = read_manifest(source)
        if manifest is None:
            wrong += problems
        else:
            found.setdefault(manifest.region, []).append(path)
    if wrong:
        raise PolicyError(wrong)
    if not found:
        raise UserError(f"--each：文件夹“{folder}”里没有一层规则（没有一个文件夹里有 {MANIFEST_NAME}）")
    return found


class _Layers:
    """The layers of counties, each loaded once."""

    def __init__(self, base: Policy, folders: Mapping[str, Sequence[Path]], screen: Screen) -> None:
        self._base = base
        self._folders = folders
        self._screen = screen
        self._neighbours = Neighbours(base.as_of)
        self._known: dict[Path, tuple[Policy | None, tuple[Diagnostic, ...]]] = {}

    def foretell(self, names: Iterable[str]) -> None:
        """Say what is wrong with the layers that a ledger seems to need: nobody waits for a long one to be read to be told. Only the
        ledger, read, says whether it does: a name may stand in another column."""
        for name in names:
            for path in self._folders[name]:
                policy, found = self._loaded(path)
                if policy is None:
                    said = f"“{name}”的层（{path}）读不进来：错误 {_errors(found)} 条，见 policyrules check {path}"
                    self._screen.say(f"{said}；台账里像是有“{name}”，有就要先改好", style="doubt")

    def of(self, names: Iterable[str]) -> dict[str, Policy]:
        """The policy of each county. All that is wrong is said at once.

        Raises `PolicyError`, and `UserError` for layers that do not go together.
        """
        base = self._base
        loaded = {name: [self._loaded(path) for path in self._folders[name]] for name in names}
        wrong: list[Diagnostic] = []
        for name, of_county in loaded.items():
            for path, (policy, found) in zip(self._folders[name], of_county, strict=True):
                if policy is None:
                    self._screen.say(f"“{name}”的层（{path}）读不进来：错误 {_errors(found)} 条", style="bad")
                    wrong += found
        if wrong:
            raise PolicyError(wrong)
        ids = {layer.id: layer for layer in base.layers}
        own: dict[str, Policy] = {}
        for name, of_county in loaded.items():
            policy = _lowest(name, [policy for policy, _ in of_county if policy is not None])
            _check_above(name, policy, base)
            for layer in policy.layers:
                other = ids.setdefault(layer.id, layer)
                if os.path.realpath(other.folder) != os.path.realpath(layer.folder):
                    raise UserError(f"{other.folder} 和 {layer.folder} 的编号都是 {layer.id}，分不清是哪一层；请改一个")
            own[name] = _with_values(base, policy)
        warned = sum(bool(policy.warnings) for policy in own.values())
        if warned:
            self._screen.say(f"{warned} 个地方的层读入时有警告，见 policyrules check", style="doubt")
        return own

    def _loaded(self, path: Path) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
        if path not in self._known:
            self._known[path] = try_load(path, as_of=self._base.as_of, beside=self._neighbours)
        return self._known[path]


def _errors(found: Iterable[Diagnostic]) -> int:
    return sum(one.severity == "error" for one in found)


_MOST_LOOKED: Final = 4_000_000_000
"""Bytes of a ledger, times the names that are looked for in them."""
_LONG: Final = 500_000
"""Bytes of a ledger that takes more than a second or two to read."""
_PIECE: Final = 1 << 20
_LONGEST_NAME: Final = 1_000
"""Bytes of a name, at most: so much of a piece is looked at with the next one once more."""
_EDGES: Final = b",;|<> \t\r\n\"'"
"""What stands around a cell of CSV, JSON or a workbook."""


def _named_in(path: Path, names: Iterable[str]) -> list[str]:
    """Those of ``names`` that a long ledger is seen to hold, each as the whole of a cell, before it is read. What cannot be looked through
    so, or takes too long, is seen to hold none; a short one is soon read."""
    files = [one for one in (sorted(path.iterdir()) if path.is_dir() else (path,)) if one.is_file()]
    if not files or size_of(path) < _LONG:
        return []
    wanted: dict[str, tuple[bytes, ...]] = {}
    for name in names:
        with contextlib.suppress(UnicodeEncodeError):
            wanted[name] = (name.encode(), name.encode("gb18030"))
    found: list[str] = []
    left = _MOST_LOOKED
    for piece in itertools.chain.from_iterable(map(_pieces, files)):
        left -= len(piece) * len(wanted)
        if left < 0 or not wanted:
            break
        here = [name for name, spelt in wanted.items() if any(_alone(one, piece) for one in spelt)]
        found += here
        for name in here:
            del wanted[name]
    return found


def _alone(name: bytes, piece: bytes) -> bool:
    """Whether a name stands in a piece between two edges. What stands beside it at the end of a piece is in the next one."""
    at = piece.find(name, 1)
    while 0 <= at < len(piece) - len(name):
        end = at + len(name)
        if piece[at - 1] in _EDGES and piece[end] in _EDGES:
            return True
        at = piece.find(name, end)
    return False


def _pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a file, or of the parts of a workbook."""
    with contextlib.suppress(
        OSError, ValueError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError
    ):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    with archive.open(entry) as part:
                        yield from _overlapping(part)
        else:
            with path.open("rb") as stream:
                yield from _overlapping(stream)


def _overlapping(stream: IO[bytes]) -> Iterator[bytes]:
    """What a stream holds, each piece with the end of the one before; a line begins where it does, and ends where it does."""
    before = b"\n"
    while piece := stream.read(_PIECE):
        whole = before + piece
        yield whole
        before = whole[-_LONGEST_NAME - 2 :]
    yield before + b"\n"


def _lowest(name: str, policies: Sequence[Policy]) -> Policy:
    """Of the layers of one county the one that extends the others."""
    upper = {layer.id for policy in policies for layer in policy.layers[:-1]}
    lowest = [policy for policy in policies if policy.layers[-1].id not in upper]
    if len(lowest) != 1:
        said = "、".join(str(policy.folder) for policy in lowest)
        raise UserError(f"“{name}”有几层，没有哪一层接着其余各层：{said}；请另写一层，上级写明这几层")
    return lowest[0]


def _check_above(name: str, policy: Policy, base: Policy) -> None:
    """Raise `UserError` where a county's layer does not stand below that of the policy."""
    upper = base.layers[-1]
    if all(layer.id != upper.id for layer in policy.layers):
        said = f"“{name}”的层（{policy.folder}）不在 {base.folder} 之下，和没有自己的层的项目用的不是一套规定"
        raise UserError(said, "请在它的 layer.yaml 里写明上级，或者换一个层来评")
    if policy.program.root != base.program.root:
        said = f"“{name}”的层（{policy.folder}）一条记录是{policy.program.root}，不是{base.program.root}"
        raise UserError(f"{said}；请分开评")


def _with_values(base: Policy, policy: Policy) -> Policy:
    known = {name for one in policy.program.parameters.values() for name in (one.name, one.key)}
    kept = {name: value for name, value in base.parameters.items() if name in known}
    return policy.with_parameters(kept) if kept else policy


def _shown(base: core.Program, declared: Declared, own: Mapping[str, Policy]) -> core.Program:
    """The program that pages and tables take names from: what any of the stacks declares.

    Raises `UserError` for decisions of one name that are not of one kind.
    """
    decisions, duties, notices = dict(base.decisions), dict(base.duties), dict(base.notices)
    for name, policy in own.items():
        for one in policy.program.decisions.values():
            old = decisions.setdefault(one.name, one)
            if (old.object, old.type, old.mode == "多选") != (one.object, one.type, one.mode == "多选"):
                said = f"“{name}”的决定 {one.name} 与别的不是一类，数不到一起，请分开求值"
                raise UserError(f"{said}：policyrules evaluate {policy.folder} 台账")
            if old is not one:
                decisions[one.name] = replace(old, values=tuple(dict.fromkeys((*old.values, *one.values))))
        duties = {**policy.program.duties, **duties}
        notices = {**policy.program.notices, **notices}
    return replace(
        base,
        objects=declared.objects,
        fields=declared.fields,
        decisions=decisions,
        duties=duties,
        notices=notices,
    )


# ---- what is said of it ---------------------------------------------------------------------------------------------


def _under(base: Policy, by: core.Field, ledger: Ledger, folders: Mapping[str, Sequence[Path]]) -> str:
    """How many records are under what."""
    values = Counter(_value(record.instance, by) for record in ledger.records)
    upper = label_of(base.layers[-1].id, base)
    named = [name for name in values if name is not None]
    # A layer of which nobody is may be that of one who is called a little otherwise.
    idle = [name for name in folders if name not in values]
    own = [f"{name} {values[name]}" for name in named if name in folders]
    others = []
    for name in named:
        if name not in folders:
            near = nearest(name, idle)
            others.append(f"{name} {values[name]}" + (f"（是不是 {near[0]}？）" if near else ""))
    parts = [f"按自己的层评的：{some(own, _NAMED, '个')}"] if own else []
    if others:
        parts.append(f"没有自己的层、按{upper}评的：{some(others, _NAMED, '个')}")
    if values[None]:
        parts.append(f"没有填、按{upper}评的：{values[None]}")
    return f"各{base.program.root}按“{by.name}”分别评，各成一份台账。{'；'.join(parts)}"


def _say_idle(
    folders: Mapping[str, Sequence[Path]], values: Collection[str | None], by: core.Field, screen: Screen
) -> None:
    idle = [f"{name}（{paths[0]}）" for name, paths in folders.items() if name not in values]
    if idle:
        screen.say(f"提示：这些层的适用地区不在“{by.name}”里，没有用到：{some(idle, _NAMED, '层')}", style="quiet")


__all__ = ["Counties", "Each", "each_county", "policy_data", "together"]
