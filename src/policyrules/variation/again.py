"""How to ask for an impact once more, from Python.

Why this exists: a number that cannot be had again is an assertion; the command line writes down its command, and a call of
`policyrules.impact` is written down here.

Invariants: what is written is Python, and gives the same where it names folders and files; what has no folder or file (rules from
texts, records from memory) has a word in its place that says which it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from policyrules.policy import Policy
from policyrules.types import Number, number_text

_OLD: Final = "原"
_NEW: Final = "现"
_RECORDS: Final = "记录"


def call_text(
    before: Policy, after: Policy, records: object, given: Mapping[str, object], also: Mapping[str, Policy]
) -> str:
    """The call. ``given``: arguments by name; those that are empty or None are not written.

    >>> from policyrules.testing.build import policy_from_text
    >>> policy = policy_from_text("对象 项目（project）\\n  字段 停产（stopped）：是否\\n")
    >>> call_text(policy, policy, [], {"by": ("乡镇",), "nearest": False, "until": None}, {})
    "policyrules.impact(原, 现, 记录, by=('乡镇',), nearest=False)"
    >>> call_text(policy, policy, "台账.xlsx", {}, {"乙": policy})
    "policyrules.impact(原, 现, '台账.xlsx', also={'乙': 乙})"
    """
    told = [_policy(before, _OLD), _policy(after, _NEW)]
    told.append(repr(str(records)) if isinstance(records, Path | str) else _RECORDS)
    told += [f"{name}={value!r}" for name, value in given.items() if value is not None and value != () and value != ""]
    if also:
        told.append("also={" + ", ".join(f"{name!r}: {_policy(one, name)}" for name, one in also.items()) + "}")
    return f"policyrules.impact({', '.join(told)})"


def _policy(policy: Policy, word: str) -> str:
    folder = policy.folder
    if not folder.joinpath("layer.yaml").is_file():
        return word
    told = [repr(str(folder)), f"as_of={policy.as_of!r}"]
    if policy.parameters:
        given = {name: _given(value) for name, value in policy.parameters.items()}
        told.append(f"parameters={given!r}")
    return f"policyrules.load({', '.join(told)})"


def _given(value: object) -> object:
    """A number as a text, which keeps it exact."""
    return number_text(value) if isinstance(value, Number) and not isinstance(value, bool) else value
