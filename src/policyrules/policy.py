"""The public object: a loaded, immutable policy that evaluates records.

Why this exists: developers import one name. A `Policy` is a stack of layers as of one date with one set of parameter
values; evaluating never changes it, so it can be shared between threads, sent to other processes and replayed.

Invariants: two policies are equal where their fingerprints are; what is prepared once for all records is made when first
needed, is no part of the policy, and does not travel with it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, TextIO, overload

from policyrules.diagnostics import Diagnostic, PolicyError, RecordError, ordered
from policyrules.program import cache
from policyrules.program.folders import Folders
from policyrules.program.pins import Pins
from policyrules.program.unparsed import Unparsed
from policyrules.readonly import ReadOnly
from policyrules.several import names_of

if TYPE_CHECKING:
    from pydantic import BaseModel

    from policyrules.columns.batch import Batch
    from policyrules.columns.results import FrameResult
    from policyrules.columns.spark import SparkResult
    from policyrules.columns.stacks import Stacks
    from policyrules.columns.store import Prepared
    from policyrules.engine.compiled.engine import Compiled
    from policyrules.engine.instances import Instance
    from policyrules.engine.portfolio import Portfolio
    from policyrules.explanation import Explanation, Missing
    from policyrules.interpreter import Interpreter
    from policyrules.program import nodes as core
    from policyrules.program.files import LayerFiles
    from policyrules.program.fingerprints import Texts
    from policyrules.program.neighbours import Neighbours
    from policyrules.program.stack import Stack
    from policyrules.records.given import Reader, Record, Records
    from policyrules.records.ledger import Ledger
    from policyrules.records.names import RecordNames
    from policyrules.results import DecisionResult, Finding, FindingReadings, Outcome, Readings


@dataclass(slots=True)
class _Kin:
    """What a policy and those with other parameter values have in common: what their declarations say, and an interpreter."""

    texts: Texts = field(default_factory=dict)
    interpreter: Interpreter | None = None


@dataclass(frozen=True, eq=False)
class Policy:
    """A stack of layers, loaded as of one date with one set of parameter values.

    Made by `load`. ``held``: the program, or what it is read from when somebody asks; ``read_from``: the layers as read, or what they are parsed from when somebody asks; ``warnings``: what the
    load reported short of errors; ``pins``: what each layer's amendments are written against, for its lock file;
    ``as_of_given`` is False where the caller gave no date and today's was taken.
    """

    held: core.Program | cache.Undecoded
    read_from: Stack | Unparsed
    warnings: tuple[Diagnostic, ...]
    pins: Pins
    parameters: Mapping[str, object]
    as_of_given: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", ReadOnly(self.parameters))

    def __eq__(self, other: object) -> bool:
        return self.fingerprint == other.fingerprint if isinstance(other, Policy) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        program = self.program
        counts = ((len(program.decisions), "决定"), (len(program.rules), "规则"), (len(program.duties), "义务和禁令"))
        told = "、".join(f"{what} {count}" for count, what in (*counts, (len(program.notices), "提示")))
        return f"<Policy {' < '.join(program.layers)}（评估日 {self.as_of}）：{told}；{self.fingerprint[:12]}>"

    def __getstate__(self) -> dict[str, object]:
        return {one.name: getattr(self, one.name) for one in fields(self)} | {"held": self.program}

    @cached_property
    def program(self) -> core.Program:
        """The typed program that the stack says, as of the date and with the parameter values."""
        return self.held.program if isinstance(self.held, cache.Undecoded) else self.held

    @property
    def stack(self) -> Stack:
        """The layers as read, from which the policy as of another date is made."""
        return self.read_from.stack if isinstance(self.read_from, Unparsed) else self.read_from

    @property
    def layers(self) -> tuple[LayerFiles, ...]:
        """The files of the layers, top first."""
        return tuple(layer.files for layer in self.stack.layers)

    @property
    def in_force(self) -> tuple[LayerFiles, ...]:
        """The files of the layers that are in force at the evaluation date, top first."""
        from policyrules.program.layers import layer_in_force

        return tuple(layer.files for layer in self.stack.layers if layer_in_force(layer, self.as_of))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of any result must know of the layers: that a trial varies them, which are not in force, whose date is
        assumed, which files look like rules and were not read."""
        if isinstance(self.read_from, Unparsed):
            return self.read_from.notes
        from policyrules.program.notes import notes_of

        return notes_of(self.stack.layers, self.as_of, self.trial, self.warnings)

    @property
    def folder(self) -> Path:
        """The folder of the lowest layer, or of the trial that varies the stack, as it was given."""
        stack = self.stack
        return stack.layers[-1].files.folder if stack.trial is None else stack.trial.files.folder

    @property
    def trial(self) -> core.Trial | None:
        """The 试验 that varies the stack: its title, the layer it varies, each edit with its words, place and authority; None of a
        stack as it is in force."""
        return self.program.trial

    @property
    def as_of(self) -> datetime.date:
        """The evaluation date, 评估日."""
        return self.program.as_of

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of everything that can change a result or its citations: the typed program with its parameter
        values and date. Independent of file names and of the order of files and declarations."""
        from policyrules.program.fingerprints import text_hash

        program = self.program
        # Fields keep the order they are declared in, for forms; results do not depend on it.
        entries = [sorted(own.values(), key=lambda field: field.key) for own in program.fields.values()]
        return text_hash((replace(program, fields={}), entries), self._kin.texts if "_kin" in self.__dict__ else None)

    @cached_property
    def _kin(self) -> _Kin:
        return _Kin()

    @cached_property
    def interpreter(self) -> Interpreter:
        """The engine that defines the meaning."""
        from policyrules.interpreter import Interpreter

        kin = self.__dict__.get("_kin")
        made = Interpreter(self.program, self.fingerprint, like=None if kin is None else kin.interpreter)
        if kin is not None and kin.interpreter is None:
            kin.interpreter = made
        return made

    @cached_property
    def _reader(self) -> Reader:
        from policyrules.records.given import Reader

        return Reader(self.program, lambda: self.interpreter.engine)

    @property
    def record_names(self) -> RecordNames:
        """What fields and rows may be called in records, looked up once."""
        return self._reader.names

    def instance(self, record: Record) -> Instance:
        """``record`` (by key or Chinese name, nested rows, or a `Record` model) as the engine reads it.

        Raises `RecordError` with the path, the value and what was expected; also for a record of a ledger that was set
        aside, and for one that was read for other rules.
        """
        return self._reader.instance(record)

    def portfolio(self, records: Portfolio | Ledger | Iterable[Record]) -> Portfolio:
        """A portfolio prepared once, for evaluating many records against it. The records of a ledger that were set aside
        count as possible members.

        Raises `RecordError` for a record that cannot be read, and for the second of two with one 标识.
        """
        return self._reader.portfolio(records)

    def evaluate(
        self,
        record: Record,
        portfolio: Records | None = None,
    ) -> Outcome:
        """Evaluate one record. ``portfolio``: the ledger it belongs to (the record itself counts once, by its 标识, or where
        it has none by being the same object, whether or not it is listed); None means that the ledger is unknown, not that it is
        empty.

        Raises `RecordError` for a record that cannot be read.
        """
        notes, root, ledger = self._reader.read(record, portfolio)
        return self.interpreter.quick(root, ledger, notes)

    def compile(self, outputs: Iterable[str] | None = None) -> Compiled:
        """The decisions and findings that ``outputs`` names (all where None), as a function written for this policy: for many
        records one after the other, where no reasons are asked for. What it returns is what `evaluate` says, to the last blank; of
        an amount its status, value and ``interval``: what each rule gives, and whether it is the 默认, `evaluate` tells.

        Raises `KeyError` for an output that the policy does not have.

        >>> from policyrules.testing.build import policy_from_text
        >>> policy = policy_from_text('''
        ... 对象 项目（project） 标识 编号
        ...   字段 编号（id）：文本
        ...   字段 停产（stopped）：是否
        ... 决定 分类（category）：单选 { 盘活、其他 }
        ... 规则 盘活类
        ...   依据【二·界定】“停产的”
        ...   当 停产
        ...   则 分类 为 盘活
        ... ''')
        >>> decide = policy.compile()
        >>> decide({"停产": True})["分类"].value, decide({})["分类"].candidates
        ('盘活', ('盘活', None))
        """
        return self.interpreter.compiled(
            names_of("outputs", outputs), lambda *given: self._reader.read(*given)[1:], self._cells
        )

    def _cells(self) -> Callable[[Any], tuple[Any, ...] | None]:
        from policyrules.records.fast import cells_reader

        root = self.program.root
        return cells_reader(self.program, root, list(self.program.fields[root]))

    def circuit(self, outputs: Iterable[str] | None = None) -> str:
        """What the fast engines work out, on paper: of the decisions and findings that ``outputs`` names or gives by key (all
        where None) each node of the circuit in a line, with its number, what it reads and where in the rules it is said; then
        each output with its nodes, and what only the definition gives.

        Raises `KeyError` for an output that the policy does not have.
        """
        from policyrules.engine.lowering.shown import shown

        program = self.program
        known = {told: own.name for own in program.decisions.values() for told in (own.name, own.key)}
        known |= {name: name for name in (*program.duties, *program.notices)}
        asked = names_of("outputs", outputs)
        return shown(self.interpreter.lowered(), None if asked is None else [known[name] for name in asked])

    @overload
    def evaluate_all(
        self, records: Portfolio | Ledger | Iterable[Record], *, on_error: Literal["raise"] = "raise"
    ) -> Iterator[Outcome]: ...
    @overload
    def evaluate_all(
        self, records: Portfolio | Ledger | Iterable[Record], *, on_error: Literal["collect"]
    ) -> Iterator[Outcome | RecordError]: ...

    def evaluate_all(
        self, records: Portfolio | Ledger | Iterable[Record], *, on_error: Literal["raise", "collect"] = "raise"
    ) -> Iterator[Outcome | RecordError]:
        """Evaluate every record against all of them as the portfolio, in their order; a portfolio's are its members.

        A record that cannot be read, and the second of two with one 标识, raises `RecordError` before anything is evaluated;
        with ``on_error="collect"`` the error stands in place of its outcome, and the record counts as a possible member.
        What a ledger set aside counts so too: its `Ledger.problems` are told already, and only "collect" tells them again.
        """
        if on_error not in ("raise", "collect"):
            raise ValueError(f"on_error 只能是 “raise” 或 “collect”：{on_error!r}")
        return self._outcomes(records, collect=on_error == "collect")

    def _outcomes(
        self, records: Portfolio | Ledger | Iterable[Record], *, collect: bool
    ) -> Iterator[Outcome | RecordError]:
        from policyrules.records.given import refusal

        portfolio = self._reader.possible_portfolio(records) if collect else self.portfolio(records)
        members = portfolio.members
        for index, root in enumerate(members):
            if not root.problems:
                yield self.interpreter.quick(root, portfolio, root.notes)
            elif collect:
                yield refusal(index, root)

    def missing(
        self,
        record: Record,
        result: str,
        portfolio: Records | None = None,
        *,
        path: str | None = None,
    ) -> Missing:
        """What must be known to settle a decision (by Chinese name or key) or a finding: what ``.missing`` of the result
        is. ``path``: the object meant where rows have results of their own (``资产[0]``; ``资产`` where the list was not
        supplied), else the first.

        Raises `KeyError` where the policy gives no such result for the record, and `RecordError` as `evaluate` does.
        """
        return self._result(record, result, portfolio, path).missing

    def readings(
        self,
        record: Record,
        result: str,
        portfolio: Records | None = None,
        *,
        path: str | None = None,
    ) -> Readings | FindingReadings:
        """For each 读法 that a decision or finding depends on: other reading → what it would be. Arguments and errors as for
        `missing`."""
        return self._result(record, result, portfolio, path).readings

    def explain(
        self,
        record: Record,
        result: str | None = None,
        portfolio: Records | None = None,
        *,
        path: str | None = None,
    ) -> Explanation:
        """The tree of reasons of a whole outcome, or of one decision or finding. Arguments and errors as for `missing`."""
        if result is None:
            return self.evaluate(record, portfolio).explain()
        from policyrules.explanation import Explanation

        reason = self._result(record, result, portfolio, path).explain()
        return Explanation(f"{reason.text}（评估日 {self.as_of.isoformat()}）", (reason,))

    def _result(
        self,
        record: Record,
        result: str,
        portfolio: Records | None,
        path: str | None,
    ) -> DecisionResult | Finding:
        from policyrules.results import DecisionResult

        if not isinstance(result, str):
            # Records in its place, given in the order of `evaluate`, are nothing to put into a message.
            raise TypeError(f"第二项要给决定、义务或提示的名称，给的是 {type(result).__name__}；全部记录用 portfolio=…")
        outcome = self.evaluate(record, portfolio)
        for found in outcome.results():
            named = found.name == result or (isinstance(found, DecisionResult) and found.key == result)
            if named and path in (None, found.path if isinstance(found, DecisionResult) else found.target):
                return found
        raise KeyError(result if path is None else f"{path}.{result}")

    @cached_property
    def Record(self) -> type[BaseModel]:  # a class, named as one
        """The pydantic model of a record, generated from the declarations."""
        from policyrules.records.model import record_model

        return record_model(self.program)

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of a record."""
        from policyrules.records.model import json_schema

        return json_schema(self.program)

    def read(self, source: Path | str | BinaryIO | TextIO, *, format: str | None = None) -> Ledger:
        """Read a ledger (JSON, CSV or Excel) from a file, or from what a stream gives (an upload); bad rows are set aside in
        ``.problems``, never lost. ``format``: how a stream without a name is to be read: "xlsx", "csv", "json", "jsonl".

        Raises `RecordError` where there is no such file, or nothing that could be read as a ledger, whatever is in it, and
        `TypeError` for what is neither a path nor a stream, or for a stream whose format is not said.
        """
        from policyrules.records.streams import ledger_given

        if isinstance(self.read_from, Unparsed):
            manifests = self.read_from.manifests
        else:
            manifests = tuple(layer.manifest for layer in self.layers)
        layers = [one for one in manifests if one.in_force(self.as_of)]
        return ledger_given(source, format, self.program, layers)

    @cached_property
    def _batch(self) -> Batch:
        from policyrules.columns.batch import Batch

        return Batch(self._reader, lambda: self.interpreter, lambda values: self.with_parameters(values).interpreter)

    def prepare(
        self,
        source: object,
        *,
        children: Mapping[str, object] | None = None,
        cache: Path | str | None = None,
        threads: int = 2,
        stacks: Stacks | None = None,
    ) -> Prepared:
        """A ledger in columns of codes, read once for any number of runs. Needs NumPy (``policyrules[batch]``).

        ``source``: a `Ledger`, a `Portfolio` or a sequence of records; a Polars or pandas DataFrame or an Arrow table of records,
        with the tables below them in ``children`` by name or key of the object; the path of a Parquet file, of any other
        ledger, or of a folder that holds a prepared ledger. ``cache``: a folder in which the codes of a file are kept, by
        its content. ``stacks``: read for these, with the fields of all of them. Rows that cannot be read are set aside as
        `read` does. ``threads``: by so many tables are read; what comes out does not depend on them.

        Raises `MissingBatch` (an `ImportError`) without NumPy, or for Arrow and Parquet without pyarrow; `RecordError` where
        there is no ledger; `TypeError` for anything else.
        """
        return self._batch.prepare(source, children, cache, threads, stacks)

    def evaluate_frame(
        self,
        source: object,
        *,
        children: Mapping[str, object] | None = None,
        outputs: Collection[str] | None = None,
        rules: Collection[str] | bool = (),
        parameters: object | None = None,
        stacks: Stacks | Mapping[str, Policy | Path | str] | None = None,
        by: str | None = None,
        block: int | None = None,
        threads: int = 2,
        names: Literal["zh", "key"] = "zh",
        engine: Literal["auto", "numpy", "kernel"] = "auto",
    ) -> FrameResult:
        """A whole ledger at once, each record against all of them, as `evaluate_all` has it. Needs NumPy
        (``policyrules[batch]``).

        ``source``, ``children``: as for `prepare`, or a ledger that was prepared. ``outputs``: decisions and findings by name or
        key, all where None. ``rules``: names of rules of which a column says whether they hold, True for all.
        ``parameters``: values that records differ in, by what the field ``by`` of the record, or of what it belongs to, holds (``{"青山
        县": {"反向约束数量": 5}}``), or a frame with a column ``by`` and one for each parameter; a record counts with those of
        the same row, as if each county's were a ledger of its own. White space and width of its name do not matter;
        ``FrameResult.unmatched`` has those that no record names. ``stacks``: records under stacks of their own (`stacks`), by
        what the field ``by`` holds; with ``parameters`` each county has its values on top. ``block``: so many records at a time (None: as suits the
        engine), by so many ``threads``. ``names``: whether columns have Chinese names or keys.
        ``engine``: "numpy"; "kernel", the machine in C of the package policyrules-kernel; or "auto", that where it is installed.
        The results are the same; ``FrameResult.engine`` says which it was.

        Raises `KeyError` for an output or a rule that the policy does not have, `ValueError` for a ledger that was prepared for
        other declarations, and what `prepare` raises.
        """
        from policyrules.columns.frame import Request, evaluate_source

        whole = self._together(stacks, parameters, by)
        request = Request(outputs, rules, block, threads, names, engine)
        return evaluate_source(self._batch, source, children, request, parameters=parameters, by=by, stacks=whole)

    def evaluate_parquet(
        self,
        source: object,
        target: Path | str,
        *,
        findings: Path | str | None = None,
        tables: Mapping[str, Path | str] | None = None,
        children: Mapping[str, object] | None = None,
        outputs: Collection[str] | None = None,
        rules: Collection[str] | bool = (),
        statuses: Collection[str] | None = None,
        parameters: object | None = None,
        stacks: Stacks | Mapping[str, Policy | Path | str] | None = None,
        by: str | None = None,
        block: int = 65_536,
        threads: int = 2,
        names: Literal["zh", "key"] = "zh",
        engine: Literal["auto", "numpy", "kernel"] = "auto",
    ) -> Mapping[str, int]:
        """As `evaluate_frame`, into Parquet files: what is decided of the records to ``target``, of rows below them to
        ``tables``, by name or key of the object, and findings to ``findings``: those that stand as one of ``statuses``, all
        that are not 不适用 where None. A Parquet file is read piece by piece, its codes lie in a temporary folder meanwhile,
        and a few blocks of results are held at a time: a ledger may be larger than the memory. Needs
        ``policyrules[parquet]``.

        Returns of each construct that the definition had to be asked for, for how many records. Raises what `evaluate_frame`
        raises, `KeyError` for an object that there is none of, and `ValueError` for a status that there is none of, and for a
        file that is read or that is written twice.
        """
        from policyrules.columns.frame import Files, Request, evaluate_source_into

        whole = self._together(stacks, parameters, by)
        others = {told: Path(path) for told, path in (tables or {}).items()}
        files = Files(Path(target), None if findings is None else Path(findings), others, statuses)
        request = Request(outputs, rules, block, threads, names, engine)
        return evaluate_source_into(
            self._batch, source, children, files, request, parameters=parameters, by=by, stacks=whole
        )

    def stacks(
        self, given: Mapping[str, Policy | Path | str], parameters: Mapping[str, Mapping[str, object]] | None = None
    ) -> Stacks:
        """Stacks of layers put together, for records of which each is under its own: `evaluate_frame`. ``given``: by the name of
        a county its policy, or the folder of its layer; such a folder is loaded as of this policy's date, with its parameter values
        where the stack knows them, and let go. ``parameters``: values by name or key of each county, on top of what its stack
        says. Records of any other county are under this policy. Needs NumPy (``policyrules[batch]``).

        Raises `policyrules.program.differing.NotTogether` (a `ValueError`) for stacks that cannot be had in one, and what `load`
        and `with_parameters` raise.
        """
        from policyrules.columns.stacks import stacks_of
        from policyrules.program.neighbours import Neighbours

        values = parameters or {}
        neighbours = Neighbours(self.as_of)

        def programs() -> Iterator[tuple[str, core.Program]]:
            for name in dict.fromkeys((*given, *values)):
                own = given.get(name, self)
                policy = own if isinstance(own, Policy) else self._beside(own, neighbours)
                if name in values:
                    policy = policy.with_parameters(values[name])
                yield name, policy.program

        return stacks_of(self.program, programs(), self.fingerprint)

    def _beside(self, folder: Path | str, neighbours: Neighbours) -> Policy:
        # The policy of another layer, as this one is.
        own = _sound(try_load(folder, as_of=self.as_of, beside=neighbours))
        known = {name for one in own.program.parameters.values() for name in (one.name, one.key)}
        kept = {name: value for name, value in self.parameters.items() if name in known}
        return own.with_parameters(kept) if kept else own

    def _together(
        self, stacks: Stacks | Mapping[str, Policy | Path | str] | None, parameters: object | None, by: str | None
    ) -> Stacks | None:
        # Stacks of their own, put together.
        if stacks is None:
            return None
        if by is None:
            raise TypeError("stacks、parameters 要和 by 一起给：按哪个字段分县")
        if isinstance(stacks, Mapping):
            from policyrules.columns.parameters import rows_of

            return self.stacks(stacks, None if parameters is None else rows_of(parameters, by))
        if parameters is not None:
            raise TypeError("stacks 已经放在一起的，parameters 在放到一起时给：policy.stacks(…, parameters)")
        return stacks

    def evaluate_spark(
        self,
        frame: Any,
        *,
        children: Mapping[str, Any] | None = None,
        outputs: Collection[str] | None = None,
        order: str | None = None,
        parameters: object | None = None,
        stacks: Stacks | Mapping[str, Policy | Path | str] | None = None,
        by: str | None = None,
        names: Literal["zh", "key"] = "zh",
        amounts: Literal["decimal", "text"] = "decimal",
        rows: int = 100_000,
        most: int = 1_000_000,
    ) -> SparkResult:
        """A ledger on a Spark cluster, as `evaluate_frame` has it. Needs PySpark (``policyrules[spark]``).

        ``frame``: a DataFrame of records, with their rows in columns of lists of structs, or in ``children``: DataFrames by name
        or key of the object. ``order``: the column that says which of two records with one 标识 comes first, and in which
        order rows stand. ``parameters``, ``stacks``, ``by``: as for `evaluate_frame`. ``amounts``: as decimals of 18 places, or
        as exact texts. ``rows``: so many rows are read and decided at a time. ``most``: so many groups, and different
        contributions to them, statistics may have. Frames that come out are lazy; where there are statistics, they are worked out
        by this call.

        Raises `KeyError` for an output or a field that the policy does not have, `policyrules.columns.spark.NotOnSpark` for
        what cannot be exact there, before anything is run, `MissingBatch` (an `ImportError`) without PySpark, and what `stacks`
        raises.
        """
        from policyrules.columns.spark import evaluate_spark

        # Values that counties set are stacks that differ in nothing else.
        given = {} if stacks is None and parameters is not None else stacks
        whole = self._together(given, parameters, by)
        return evaluate_spark(
            self.program if whole is None else whole,
            self.fingerprint,
            frame,
            children=children,
            outputs=outputs,
            order=order,
            names=names,
            amounts=amounts,
            rows=rows,
            most=most,
            by=by or "",
        )

    def at(self, as_of: datetime.date) -> Policy:
        """The same stack as of another date; no file is read again. Raises `PolicyError` if it does not load then."""
        if as_of is None:
            raise TypeError(_NO_DATE.format("None"))
        return _sound(policy_of(self.stack, as_of=as_of, parameters=self.parameters))

    def down_to(self, layer: str) -> Policy:
        """The upper part of the stack that ends with ``layer`` (its id), alone, with those of the parameter values that
        it knows. Raises `PolicyError` where it does not load alone."""
        upper = _sound(policy_of(self.stack.down_to(layer), as_of=self.as_of))
        known = {name for own in upper.program.parameters.values() for name in (own.name, own.key)}
        names = {own.key: own.name for own in self.program.parameters.values()}
        given: dict[str, object] = {}
        for name, value in self.parameters.items():
            own = names.get(name, name)
            # What documents beside each other call alike has its plain name in each of them.
            said = self.stack.said(layer, own)
            name = name if said == own else said
            if name in known:
                given[name] = value
        upper = replace(upper, as_of_given=self.as_of_given)
        return upper.with_parameters(given) if given else upper

    def with_parameters(self, parameters: Mapping[str, object]) -> Policy:
        """The same stack with these parameter values added. Raises `PolicyError` for one that may not be set."""
        # A value may be given by name or by key: the later one holds.
        from policyrules.program.given import given_parameters

        if not isinstance(parameters, Mapping):
            raise TypeError(f"参数要按名称给，如 {{'最短月数': 6}}，给的是 {type(parameters).__name__}")
        names = {own.key: own.name for own in self.program.parameters.values()}
        given = [*self.parameters.items(), *parameters.items()]
        merged = {names.get(name, name): value for name, value in given if value is not None}
        table, problems = given_parameters(self.program.parameters, parameters)
        if problems:
            raise PolicyError(problems)
        changed = replace(self, held=replace(self.program, parameters=table), parameters=merged)
        from policyrules.records.given import Reader

        changed.__dict__["_kin"] = self._kin
        changed.__dict__["_reader"] = Reader(changed.program, lambda: changed.interpreter.engine, like=self._reader)
        return changed


_NO_DATE: Final = "as_of 要给日期，如 datetime.date(2025, 9, 15)，给的是 {}"


def policy_of(
    stack: Stack, *, as_of: datetime.date | None = None, parameters: Mapping[str, object] | None = None
) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """The policy that ``stack`` is as of ``as_of``, if it is sound, and everything that was found."""
    checked = stack.check(_date(as_of))
    if not checked.sound:
        return None, checked.diagnostics
    return _with_given(
        Policy(checked.program, stack, checked.diagnostics, checked.pins, {}, as_of is not None), parameters
    )


def _date(as_of: datetime.date | None) -> datetime.date:
    if as_of is not None and (not isinstance(as_of, datetime.date) or isinstance(as_of, datetime.datetime)):
        raise TypeError(_NO_DATE.format(type(as_of).__name__))
    # The only clock of the package: a caller that names no date means today; rules never see a clock.
    return as_of if as_of is not None else datetime.date.today()


def _with_given(
    policy: Policy, parameters: Mapping[str, object] | None
) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """The policy with the caller's values of parameters, if they may be set, and everything that was found."""
    given = dict(parameters or {})
    if not given:
        return policy, policy.warnings
    from policyrules.program.given import given_parameters

    table, problems = given_parameters(policy.program.parameters, given)
    if problems:
        return None, ordered([*policy.warnings, *problems])
    return replace(policy, held=replace(policy.program, parameters=table), parameters=given), policy.warnings


def _sound(found: tuple[Policy | None, tuple[Diagnostic, ...]]) -> Policy:
    policy, diagnostics = found
    if policy is None:
        raise PolicyError(diagnostics)
    return policy


def try_load(
    path: Path | str,
    *,
    as_of: datetime.date | None = None,
    parameters: Mapping[str, object] | None = None,
    beside: Neighbours | None = None,
) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """As `load`, with all diagnostics returned instead of raised. ``beside``: stacks that were loaded as of the same date and may have
    upper layers in common."""
    kept = cache.find(path, _date(as_of))
    if kept is not None:
        unparsed = Unparsed(path, kept.folders, kept.notes)
        policy = Policy(kept.program, unparsed, kept.diagnostics, kept.pins, {}, as_of is not None)
        # As a `cached_property` keeps what it found.
        policy.__dict__["fingerprint"] = kept.fingerprint
        return _with_given(policy, parameters)
    from policyrules.program.stack import Stack

    folders = Folders()
    stack = Stack.read(path, folders)
    checked = None if beside is None else beside.checked(stack)
    if checked is not None and beside is not None and checked.sound:
        # Reading it would take as long as checking it beside the others.
        policy = Policy(checked.program, stack, checked.diagnostics, checked.pins, {}, as_of is not None)
        policy.__dict__["_kin"] = _Kin(beside.texts)
        return _with_given(policy, parameters)
    found, diagnostics = policy_of(stack, as_of=as_of)
    if found is None:
        return None, diagnostics
    policy = found
    cache.keep(
        path,
        policy.as_of,
        lambda: cache.Kept(policy.program, diagnostics, policy.pins, policy.notes, policy.fingerprint, folders),
    )
    return _with_given(policy, parameters)


def load(
    path: Path | str, *, as_of: datetime.date | None = None, parameters: Mapping[str, object] | None = None
) -> Policy:
    """Load the layer in folder ``path`` and every layer it extends.

    ``as_of``: the evaluation date, 评估日 (today where none is given). ``parameters``: values of open parameters and
    readings by Chinese name or key, in the parameter's own unit (``{"反向约束数量": 5}``) or as text (``"12 个月"``).

    Raises `PolicyError` that carries every diagnostic of the load.
    """
    return _sound(try_load(path, as_of=as_of, parameters=parameters))
