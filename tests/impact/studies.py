"""Studies for tests: two policies and some records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import policyrules as pr
from policyrules.variation.study import Side, Study

COUNT = "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n"
CITE = "  依据【一】\n"


def names(policy: pr.Policy) -> tuple[str, ...]:
    """The decisions of one value."""
    return tuple(one.name for one in policy.program.decisions.values() if one.mode != "多选")


def study(old: pr.Policy, new: pr.Policy, records: Iterable[Mapping[str, object]]) -> Study:
    """Two policies over records in memory, which are numbered where they have no number."""
    given = [{"编号": f"{number}号", **record} for number, record in enumerate(records)]
    sides = []
    for policy in (old, new):
        portfolio = policy.portfolio(given)
        some: Any = tuple(SimpleNamespace(instance=root) for root in portfolio.members)
        sides.append(Side(policy, some, portfolio, names(policy)))
    return Study(*sides)


def ledger_study(old: pr.Policy, new: pr.Policy, ledger: pr.Ledger) -> Study:
    """Two policies over one ledger."""
    portfolio = new.portfolio(ledger.portfolio)
    return Study(*(Side(policy, ledger.records, portfolio, names(policy)) for policy in (old, new)))
