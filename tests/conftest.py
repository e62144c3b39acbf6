"""What tests of several folders are given: the example ledger, written once by each worker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def example_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of `examples/ledger`. It is read only, and nothing is written beside it."""
    pytest.importorskip("openpyxl")
    path = tmp_path_factory.mktemp("ledger") / "台账.xlsx"
    subprocess.run([sys.executable, str(ROOT / "examples" / "ledger" / "generate.py"), str(path)], check=True)
    return path
