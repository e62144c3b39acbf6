"""A ledger as a policy reads and evaluates it at once: what is read, for which declarations, and what evaluates it.

Why this exists: a ledger comes as a file, a frame, records or arrays, and its records are under one policy, under values of their
own, or under stacks of their own. What is asked of a policy is told from that here, for every way of evaluating (`frame`).

Invariants: a ledger that was prepared for other declarations is refused; nothing of the definition is made before a ledger is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policyrules.columns import prepare
from policyrules.columns.instances import prepare_ledger, schema_key
from policyrules.columns.parameters import Counties
from policyrules.columns.parameters import counties as counties_of
from policyrules.columns.store import Prepared
from policyrules.engine.lowering.lowered import Lowered
from policyrules.engine.portfolio import Portfolio
from policyrules.interpreter import Interpreter
from policyrules.program import nodes as core
from policyrules.records.given import Reader
from policyrules.records.ledger import Ledger

if TYPE_CHECKING:
    from policyrules.columns.stacks import Forms, Stacks


@dataclass(frozen=True, slots=True)
class Basis:
    """What a ledger is evaluated by: the definition and the circuit. ``counties``: the parameters that records differ in, and
    ``under`` the interpreter under some values of them; ``forms``: which outputs are of which records."""

    interpreter: Interpreter
    lowered: Lowered
    counties: Counties | None = None
    under: Callable[[Any], Interpreter] | None = None
    forms: Forms | None = None


class Batch:
    """``reader``: how the policy reads records; ``definition``: its interpreter; ``under``: that under some more values of parameters."""

    def __init__(
        self, reader: Reader, definition: Callable[[], Interpreter], under: Callable[[Any], Interpreter]
    ) -> None:
        self._reader = reader
        self.definition = definition
        self._under = under

    @cached_property
    def schema(self) -> str:
        """What prepared ledgers are known by."""
        return schema_key(self._reader.program)

    def reading(self, stacks: Stacks | None) -> tuple[core.Program, Reader]:
        """What a ledger is read for."""
        if stacks is None:
            return self._reader.program, self._reader
        return stacks.program, Reader(stacks.program, lambda: stacks.interpreter.engine)

    def prepare(
        self,
        source: object,
        children: Mapping[str, object] | None,
        cache: Path | str | None,
        threads: int,
        stacks: Stacks | None,
    ) -> Prepared:
        """`Policy.prepare`."""
        program, reader = self.reading(stacks)
        names = reader.names
        if isinstance(source, (str, PathLike)):
            path = Path(source)
            if cache is not None:
                return prepare.prepare_cached(program, names, path, children, Path(cache), threads)
            return prepare.prepare_file(program, names, path, children, threads)
        if cache is not None:
            raise TypeError("cache 只用于文件：内存里的数据没有文件，请先存成文件，或不用 cache")
        tables = prepare.tables_of(names, source, children)
        if tables is not None:
            return prepare.prepare_tables(program, names, tables, threads=threads)
        if children:
            raise TypeError("children 只和表一起给")
        if stacks is not None and isinstance(source, (Ledger, Portfolio)) and stacks.schema != self.schema:
            raise TypeError("有的县添了字段，这份台账是没有这些字段的时候读的：请给文件、表或者记录")
        if isinstance(source, Ledger):
            return prepare_ledger(program, names, source)
        if isinstance(source, Portfolio):
            return prepare.prepare_members(program, names, self._reader.portfolio(source).members)
        if isinstance(source, Iterable) and not isinstance(source, (bytes, Mapping)):
            return prepare.prepare_members(program, names, reader.instances(source))
        raise TypeError(f"台账要给文件、表或一组记录，给的是 {type(source).__name__}")

    def basis(self, prepared: Prepared, parameters: object | None, by: str | None, stacks: Stacks | None) -> Basis:
        """What evaluates a ledger whose records differ in ``parameters`` or ``stacks``, by what their field ``by`` holds."""
        if prepared.schema != (self.schema if stacks is None else stacks.schema):
            raise ValueError("这份台账是按别的对象和字段准备的，请用这套规则的 prepare 再准备一次")
        if stacks is not None:
            assert by is not None, "asked before"
            counties, forms = stacks.of(prepared, by)
            return Basis(stacks.interpreter, stacks.lowered, counties, stacks.under, forms)
        interpreter = self.definition()
        if parameters is None:
            return Basis(interpreter, interpreter.lowered())
        if by is None:
            raise TypeError("parameters 要和 by 一起给：按哪个字段分县")
        given = counties_of(self._reader.program, prepared, parameters, by)
        return Basis(interpreter, interpreter.lowered(given.vary), given, self._under)
