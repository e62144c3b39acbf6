"""Lets pytest collect the doctests here: the modules import one another by plain name, as a script's neighbours do."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
