"""The library is compiled when a wheel is built, and the wheel is for its platform.

Why this exists: ``pip install ./kernel`` is all that is needed where there is a compiler.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))

import build


class KernelHook(BuildHookInterface[Any]):
    """Compiles."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the wheel is put together."""
        target = os.environ.get(build.TARGET) or None
        self._folder = tempfile.TemporaryDirectory()
        made = build.build(Path(self._folder.name), target)
        build_data["force_include"][str(made)] = f"policyrules_kernel/{made.name}"
        build_data["tag"] = build.tag(target)
        build_data["pure_python"] = False

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """After it."""
        self._folder.cleanup()
