"""Every engine there is, by name.

Why this exists: a new engine is held against the definition everywhere (kept cases, the short run of the tests, long runs) by
one entry here.

Invariant: an adapter answers all records of a program in one call, and says what it handed to the definition.
"""

from __future__ import annotations

from typing import Final

from .reference import circuit
from .saying import Engine

ENGINES: Final[dict[str, Engine]] = {"circuit": circuit}
