"""The public object: a loaded, immutable policy that evaluates records.

Why this exists: developers import one name. A `Policy` holds the typed program as of one date with one set of parameter
values; evaluating never changes it, so it can be shared between threads and replayed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policyrules.diagnostics import Diagnostic, PolicyError, ordered
from policyrules.engine.instances import Instance
from policyrules.engine.interpreter import Interpreter
from policyrules.engine.outcome import Outcome
from policyrules.engine.portfolio import Portfolio
from policyrules.program import nodes as core
from policyrules.program.files import LayerFiles
from policyrules.program.load import Loaded, load_stack
from policyrules.program.lock import drift_warnings
from policyrules.program.meaning import digest, whole
from policyrules.program.parameters import given_parameters

if TYPE_CHECKING:
    from pydantic import BaseModel

    from policyrules.records.ledger import Ledger
    from policyrules.records.names import RecordNames

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Policy:
    """A stack of layers, loaded as of one date with one set of parameter values.

    Made by `load`. ``layers`` are the layers' files, top first; ``warnings`` what the load reported short of errors;
    ``as_of_given`` is False where the caller gave no date and today's was taken.
    """

    program: core.Program
    layers: tuple[LayerFiles, ...]
    warnings: tuple[Diagnostic, ...]
    parameters: Mapping[str, object]
    as_of_given: bool
    folder: Path
    loaded: Loaded

    @property
    def as_of(self) -> datetime.date:
        """The evaluation date, 评估日."""
        return self.program.as_of

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of everything that can change a result or its citations: the typed program with its parameter
        values and date. Independent of file names and of the order of files and declarations."""
        program = self.program
        fields = [sorted(entries.values(), key=lambda field: field.key) for entries in program.fields.values()]
        tables = (
            program.as_of,
            program.layers,
            fields,
            program.objects,
            program.parameters,
            program.lists,
            program.terms,
            program.statistics,
            program.decisions,
            program.rules,
            program.duties,
            program.notices,
            program.presumptions,
            program.stopped,
        )
        return digest(whole(tables))

    @cached_property
    def interpreter(self) -> Interpreter:
        """The engine that defines the meaning."""
        return Interpreter(self.program, self.fingerprint)

    def instance(self, record: Record | BaseModel | Instance) -> Instance:
        """``record`` (by key or Chinese name, nested rows, or a `Record` model) as the engine reads it.

        Raises `RecordError` with the path, the value and what was expected.
        """
        if isinstance(record, Instance):
            return record
        from policyrules.records.build import build_or_raise

        return build_or_raise(self.program, record, names=self._names)

    @cached_property
    def _names(self) -> RecordNames:
        # The names of every field and row list, looked up once for all records.
        from policyrules.records.names import record_names

        return record_names(self.program)

    def portfolio(self, records: Iterable[Record | BaseModel | Instance]) -> Portfolio:
        """A portfolio prepared once, for evaluating many records against it."""
        return Portfolio([self.instance(record) for record in records])

    def evaluate(
        self,
        record: Record | BaseModel | Instance,
        portfolio: Portfolio | Sequence[Record | BaseModel | Instance] | None = None,
    ) -> Outcome:
        """Evaluate one record. ``portfolio``: the ledger it belongs to (the record itself counts once, by its 标识, whether
        or not it is listed); None means that the ledger is unknown, not that it is empty.

        Raises `RecordError` for a record that cannot be read.
        """
        root = self.instance(record)
        if portfolio is not None and not isinstance(portfolio, Portfolio):
            portfolio = self.portfolio(portfolio)
        return self.interpreter.evaluate(root, portfolio, root.notes)

    def evaluate_all(self, records: Iterable[Record | BaseModel | Instance]) -> Iterator[Outcome]:
        """Evaluate every record against all of them as the portfolio, in their order."""
        read = [self.instance(record) for record in records]
        portfolio = Portfolio(read)
        for root in read:
            yield self.interpreter.evaluate(root, portfolio, root.notes)

    @cached_property
    def Record(self) -> type[BaseModel]:  # a class, named as one
        """The pydantic model of a record, generated from the declarations."""
        from policyrules.records.model import record_model

        return record_model(self.program)

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of a record."""
        from policyrules.records.model import json_schema

        return json_schema(self.program)

    def read(self, path: Path | str) -> Ledger:
        """Read a ledger file (JSON, CSV or Excel); bad rows are set aside in ``.problems``, never lost."""
        from policyrules.records.reading import read_ledger

        return read_ledger(Path(path), self.program)

    def at(self, as_of: datetime.date) -> Policy:
        """The same stack as of another date. Raises `PolicyError` if it does not load then."""
        return load(self.folder, as_of=as_of, parameters=self.parameters)

    def with_parameters(self, parameters: Mapping[str, object]) -> Policy:
        """The same stack with these parameter values added. Raises `PolicyError` for one that may not be set."""
        merged = {**self.parameters, **parameters}
        table, problems = given_parameters(self.program.parameters, parameters, self.as_of)
        if problems:
            raise PolicyError(problems)
        return replace(self, program=replace(self.program, parameters=table), parameters=merged)


def try_load(
    path: Path | str, *, as_of: datetime.date | None = None, parameters: Mapping[str, object] | None = None
) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """As `load`, with all diagnostics returned instead of raised."""
    folder = Path(path)
    # The only clock of the package: a caller that names no date means today; rules never see a clock.
    date = as_of if as_of is not None else datetime.date.today()
    loaded = load_stack(folder, date)
    diagnostics = list(loaded.diagnostics)
    program = loaded.program
    given = dict(parameters or {})
    if program is not None:
        table, problems = given_parameters(program.parameters, given, date)
        diagnostics.extend(problems)
        program = replace(program, parameters=table)
        diagnostics.extend(drift_warnings(loaded.layers, loaded.pins))
    found = ordered(diagnostics)
    if program is None or any(diagnostic.severity == "error" for diagnostic in found):
        return None, found
    return Policy(program, loaded.layers, found, given, as_of is not None, folder, loaded), found


def load(
    path: Path | str, *, as_of: datetime.date | None = None, parameters: Mapping[str, object] | None = None
) -> Policy:
    """Load the layer in folder ``path`` and every layer it extends.

    ``as_of``: the evaluation date, 评估日 (today where none is given). ``parameters``: values of open parameters and
    readings by Chinese name or key, in the parameter's own unit (``{"反向约束数量": 5}``) or as text (``"12 个月"``).

    Raises `PolicyError` that carries every diagnostic of the load.
    """
    policy, diagnostics = try_load(path, as_of=as_of, parameters=parameters)
    if policy is None:
        raise PolicyError(diagnostics)
    return policy
