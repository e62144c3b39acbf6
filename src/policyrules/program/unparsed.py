"""A stack whose program is known already: what was taken of its folders, parsed when somebody asks for more.

Why this exists: whoever evaluates needs the program alone. Another date, an upper layer, what each layer declares: these
need the layers themselves, as they were when the policy was loaded, whatever happened to the files since.

Invariant: what is asked for is made from what was taken then; no file is read again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from policyrules.program.folders import Folders

if TYPE_CHECKING:
    from policyrules.program.manifest import LayerManifest
    from policyrules.program.stack import Stack


@dataclass(frozen=True, eq=False)
class Unparsed:
    """``folder``: of the lowest layer, as it was given; ``folders``: what was taken of it and of those above it; ``notes``:
    what readers of any result must know of the layers."""

    folder: Path | str
    folders: Folders
    notes: tuple[str, ...]

    @cached_property
    def stack(self) -> Stack:
        """The stack."""
        from policyrules.program.stack import Stack

        return Stack.read(self.folder, self.folders)

    @cached_property
    def manifests(self) -> tuple[LayerManifest, ...]:
        """What each layer says of itself, in no order; nothing else of it is read."""
        from policyrules.program.files import manifest_in

        found = [manifest_in(folder) for folder in self.folders.taken.values()]
        return tuple(one for one in found if one is not None)

    def __getstate__(self) -> dict[str, object]:
        return {one.name: getattr(self, one.name) for one in fields(self)}
