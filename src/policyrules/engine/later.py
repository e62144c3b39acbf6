"""Days on which something was done that are recorded as days to come.

Why this exists: 措施完成日 2026年1月1日 in a record that is evaluated in 2025 is a plan, or a slip of the year. The rules take it as it stands,
so whoever asks is told.

Invariant: nothing here changes what a record holds.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from policyrules.engine.instances import Instance, label_of
from policyrules.engine.prepared import Engine

_MOST_NAMED = 3


def later_days(engine: Engine, root: Instance) -> tuple[str, ...]:
    """What to tell of such days in a record, its rows and what it belongs to: one note, or none."""
    if not engine.done:
        return ()
    as_of = engine.program.as_of
    found = [
        f"{'' if one is root else f'{label_of(one)}的'}{name}（{day}）"
        for one in _instances(root)
        for name in engine.done.get(one.object, ())
        if isinstance(day := one.values.get(name), datetime.date) and day > as_of
    ]
    if not found:
        return ()
    named = "、".join(found[:_MOST_NAMED]) + ("等" if len(found) > _MOST_NAMED else "")
    return (f"{len(found)} 处已经发生才填的日子填在评估日以后，照填的算，请核对：{named}",)


def _instances(root: Instance) -> Iterator[Instance]:
    waiting = [root]
    if root.parent is not None:
        yield root.parent
    while waiting:
        one = waiting.pop()
        yield one
        for rows in one.rows.values():
            waiting.extend(reversed(rows or ()))
