"""policyrules: policy rules in Chinese, layered, traced to their clauses, honest about what is not known.

>>> import policyrules as pr
>>> pr.not_applicable
not_applicable

`LANGUAGE_VERSION` is the newest version of the rule language that this package speaks; what a text said under an older one it
still says. A layer states the version it is written for (``language: 1`` in its ``layer.yaml``).

>>> pr.LANGUAGE_VERSION >= 2
True
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from policyrules.analysis.compare import Comparison, compare
    from policyrules.diagnostics import Diagnostic, PolicyError, RecordError
    from policyrules.explanation import Blank, Explanation, Missing, Reason
    from policyrules.language.formatting import check_source, format_source
    from policyrules.language.keywords import LANGUAGE_VERSION
    from policyrules.policy import Policy, load, try_load
    from policyrules.results import DecisionResult, Finding, Outcome, RuleAmount, ValueSources, not_applicable
    from policyrules.variation.model import Impact
    from policyrules.variation.whole import impact

__version__ = "0.1.0"

__all__ = [
    "LANGUAGE_VERSION",
    "Blank",
    "Comparison",
    "DecisionResult",
    "Diagnostic",
    "Explanation",
    "Finding",
    "Impact",
    "Missing",
    "Outcome",
    "Policy",
    "PolicyError",
    "Reason",
    "RecordError",
    "RuleAmount",
    "ValueSources",
    "check_source",
    "compare",
    "format_source",
    "impact",
    "load",
    "not_applicable",
    "try_load",
]

# Where each name stands. It is imported when it is asked for: a test run that only loads our plugin, or a page of help,
# does not wait for the engine.
_HOMES: Final = {
    "analysis.compare": "Comparison compare",
    "diagnostics": "Diagnostic PolicyError RecordError",
    "variation.model": "Impact",
    "variation.whole": "impact",
    "explanation": "Blank Explanation Missing Reason",
    "language.formatting": "check_source format_source",
    "language.keywords": "LANGUAGE_VERSION",
    "policy": "Policy load try_load",
    "results": "DecisionResult Finding Outcome RuleAmount ValueSources not_applicable",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        for home, names in _HOMES.items():
            if name in names.split():
                globals()[name] = getattr(importlib.import_module(f"policyrules.{home}"), name)
                return globals()[name]
        raise AttributeError(f"module 'policyrules' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
