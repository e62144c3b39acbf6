"""The schema of an impact's JSON, as a file that other systems read: docs/impact.schema.json.

Why this exists: whoever reads the JSON need not have the package. ``make schema`` (``python -m tests.docs.schema --write``) writes it.

Invariants: the file is `Impact.schema`, and nothing else.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from policyrules.variation.model import Impact

FILE = Path(__file__).resolve().parents[2] / "docs" / "impact.schema.json"


def written() -> str:
    """What the file says."""
    return json.dumps(Impact.schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        FILE.write_text(written(), encoding="utf-8")
    else:
        sys.stdout.write(written())
