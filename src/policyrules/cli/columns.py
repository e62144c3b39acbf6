"""Results of a ledger in columns, for the commands that show counts or write Parquet.

Why this exists: a hundred thousand records are decided in columns in seconds; where NumPy is not there, or the columns do not
tell all of it, whoever asks counts outcomes instead.

Invariants: what is shown is the same with and without NumPy; files are written whole or not at all.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policyrules.cli.shared import UserError
from policyrules.policy import Policy
from policyrules.program.differing import NotTogether
from policyrules.records.ledger import Ledger
from policyrules.writing import file_name, write_files

if TYPE_CHECKING:
    from policyrules.columns.results import FrameResult

COLUMNS: Final = ".parquet"
_PIECE: Final = 1 << 20
_BLOCK: Final = 1 << 15
"""Records worked out at a time: all that is worked out of them stands in memory."""


def column_paths(policy: Policy, output: Path) -> tuple[Path, ...]:
    """The files that results in columns are written to: what is decided of the records, the findings, and what is decided of
    each kind of rows."""
    names = ["", "发现", *_below(policy)]
    return tuple(
        output.with_name(f"{output.stem}{file_name(f'_{name}') if name else ''}{output.suffix}") for name in names
    )


def _below(policy: Policy) -> tuple[str, ...]:
    """Kinds of instances other than records that something is decided of."""
    program = policy.program
    return tuple(dict.fromkeys(one.object for one in program.decisions.values() if one.object != program.root))


def in_columns(policy: Policy, ledger: Ledger, output: Path | None) -> FrameResult | None:
    """The results of a ledger in columns, written to ``output`` if there is one; None where they cannot be had and nothing has to
    be written.

    Raises `UserError` where a component is missing that Parquet needs, or where counties' stacks cannot be had in columns, and `OSError` where nothing can be written.
    """
    try:
        found = _framed(policy, ledger)
        if output is None:
            return found
        main, findings, *rest = column_paths(policy, output)
        from policyrules.columns.frame import write_result

        with tempfile.TemporaryDirectory(prefix="policyrules-") as aside:
            made = {path: Path(aside) / path.name for path in (main, findings, *rest)}
            tables = {name: made[path] for name, path in zip(_below(policy), rest, strict=True)}
            write_result(found, made[main], made[findings], tables)
            write_files((path, _pieces(own)) for path, own in made.items())
        return found
    except NotTogether as refused:
        if output is None:
            return None
        raise UserError(f"{refused}；或者写成 .xlsx、.csv、.json") from None
    except ImportError as missing:
        if output is None:
            return None
        raise UserError(str(missing)) from None


def _framed(policy: Policy, ledger: Ledger) -> FrameResult:
    try:
        return policy.evaluate_frame(ledger, block=_BLOCK)
    finally:
        # Processes that evaluate what columns do not tell are copies of this one, which has to be alone.
        threads = sys.modules.get("policyrules.columns.threads")
        if threads is not None:
            threads.dismiss()


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece
