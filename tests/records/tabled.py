"""The tables of results of outcomes that are all there."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from policyrules.records.ledger import Ledger
from policyrules.records.result_cells import NO_NAMES, Documents
from policyrules.records.result_rows import TableMaker
from policyrules.records.result_tables import ResultTables
from policyrules.records.tasks import lapsed_of, sources, tasks_of
from policyrules.records.workbook import SheetPlan
from policyrules.results import Outcome


def result_tables(
    outcomes: Sequence[Outcome],
    ledger: Ledger | None = None,
    documents: Documents = NO_NAMES,
    notes: Sequence[str] = (),
) -> tuple[SheetPlan, ...]:
    """结果, 逐项结果, 发现, 缺项, 未读入, 要处理, in this order. Cells are texts that no spreadsheet takes for formulas, ints, dates or
    None."""
    with ResultTables(Path(tempfile.gettempdir())) as tables:
        tables.add(TableMaker(documents).part(zip(outcomes, sources(outcomes, ledger), strict=True)))
        plans = tables.plans(tasks_of(outcomes, ledger), ledger, documents, notes, lapsed=lapsed_of(outcomes, ledger))
        return tuple(replace(plan, rows=tuple(plan.rows)) for plan in plans)
