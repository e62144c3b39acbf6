"""Ledgers as columns of codes, for engines that decide many records at once. Needs NumPy (`policyrules[batch]`)."""

from __future__ import annotations

import importlib.util
from typing import Final

NEEDS_BATCH: Final = "按列处理台账需要另装组件：pip install policyrules[batch]"
NEEDS_PARQUET: Final = "读 Parquet 和 Arrow 需要另装组件：pip install policyrules[parquet]"


class MissingBatch(ImportError):
    """NumPy or pyarrow is not installed; the message says in Chinese how to get it."""


if importlib.util.find_spec("numpy") is None:
    raise MissingBatch(NEEDS_BATCH)
