"""policyrules: policy rules in Chinese, layered, traced to their clauses, honest about what is not known.

>>> import policyrules as pr
>>> pr.not_applicable
not_applicable
"""

from __future__ import annotations

from policyrules.analysis.compare import Comparison, compare
from policyrules.diagnostics import Diagnostic, PolicyError, RecordError
from policyrules.engine.outcome import (
    Blank,
    DecisionResult,
    Explanation,
    Finding,
    Missing,
    Outcome,
    Reason,
    not_applicable,
)
from policyrules.language.formatting import check_source, format_source
from policyrules.policy import Policy, load, try_load

__version__ = "0.1.0"

__all__ = [
    "Blank",
    "Comparison",
    "DecisionResult",
    "Diagnostic",
    "Explanation",
    "Finding",
    "Missing",
    "Outcome",
    "Policy",
    "PolicyError",
    "Reason",
    "RecordError",
    "check_source",
    "compare",
    "format_source",
    "load",
    "not_applicable",
    "try_load",
]
