"""Loading a stack of layers from folders: files, parsing, checking, merging, drift.

Why this exists: one function from a folder to a program and every diagnostic; it never raises on what it reads.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from policyrules.diagnostics import Diagnostic
from policyrules.language import nodes as surface
from policyrules.language.parser import parse_source
from policyrules.program import nodes as core
from policyrules.program.assemble import assemble
from policyrules.program.files import KEPT_FILES, LayerFiles, read_stack
from policyrules.program.provisions import Pin
from policyrules.program.symbols import Layer

_parsed = lru_cache(KEPT_FILES)(parse_source)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading gives. ``program`` is None when there is an error. ``pins``: layer id → amended name → hash, for the
    lock files. ``cited``: layer id → clause id → declarations that cite it. ``text_hash``: of every rule and YAML text."""

    program: core.Program | None
    layers: tuple[LayerFiles, ...]
    files: tuple[tuple[surface.File, ...], ...]
    pins: dict[str, dict[str, Pin]]
    cited: dict[str, dict[str, list[str]]]
    text_hash: str
    diagnostics: tuple[Diagnostic, ...]


def load_stack(folder: Path | str, as_of: datetime.date) -> Loaded:
    """Load the layer in ``folder`` and everything above it, as of ``as_of``."""
    layer_files, found = read_stack(folder)
    diagnostics = list(found)
    layers: list[Layer] = []
    parsed_files: list[tuple[surface.File, ...]] = []
    hasher = hashlib.sha256()
    for level, files in enumerate(layer_files):
        parsed: list[surface.File] = []
        hasher.update(f"{files.manifest!r}\n{files.clauses.clauses!r}\n".encode())
        for source in files.sources:
            file, problems = _parsed(source)
            parsed.append(file)
            diagnostics.extend(problems)
            hasher.update(f"{len(source.text)}\n{source.text}\n".encode("utf-8", "surrogatepass"))
        positions = {clause.id: index for index, clause in enumerate(files.clauses.clauses)}
        layers.append(Layer(level, files, tuple(parsed), positions))
        parsed_files.append(tuple(parsed))
    if not layers:
        return Loaded(None, (), (), {}, {}, "", tuple(diagnostics))
    assembled = assemble(tuple(layers), as_of)
    diagnostics.extend(assembled.diagnostics)
    failed = any(diagnostic.severity == "error" for diagnostic in diagnostics)
    return Loaded(
        None if failed else assembled.program,
        layer_files,
        tuple(parsed_files),
        assembled.pins.entries,
        assembled.cited,
        hasher.hexdigest(),
        tuple(diagnostics),
    )
