"""What the sheets of a workbook may hold together.

Why this exists: a small file may say that it has millions of cells, places or merged ranges, spread over as many sheets as it
likes; whoever reads one of them counts it here.

Invariants: what is too much is `Refused` where it is one too many, before more is kept.
"""

from __future__ import annotations

from typing import Final

from policyrules.records.workbook_parts import Refused

_MOST_CELLS: Final = 2_000_000
_MOST_FILLED: Final = 100_000
_MOST_FILLED_OF_MANY: Final = 200_000
MOST_MERGED: Final = 100_000
_TOO_MUCH: Final = "，请删去用不着的内容，或分成几个文件"


class Room:
    """What the sheets of a workbook may hold together: rows and cells with a value, places from the first column to the
    last one filled, characters, merged ranges. ``small``: of a small file, in whose rows there is next to nothing each."""

    def __init__(self, *, small: bool = False) -> None:
        self.cells = _MOST_CELLS
        self.rows = self._most_rows = _MOST_FILLED if small else _MOST_FILLED_OF_MANY
        self.places = 20_000_000
        self.letters = 50_000_000
        self.merged = MOST_MERGED

    def cell(self) -> None:
        self.cells -= 1
        if self.cells < 0:
            raise Refused(f"填了内容的单元格超过 {_MOST_CELLS // 10_000} 万个{_TOO_MUCH}")

    def row(self) -> None:
        self.rows -= 1
        if self.rows < 0:
            raise Refused(f"填了内容的行超过 {self._most_rows // 10_000} 万行{_TOO_MUCH}")

    def merge(self) -> None:
        self.merged -= 1
        if self.merged < 0:
            raise Refused(f"合并的单元格超过 {MOST_MERGED} 处，请取消合并后再读")

    def take(self, letters: int) -> None:
        self.letters -= letters
        if self.letters < 0:
            raise Refused(f"文件里的文字太多{_TOO_MUCH}")

    def spread(self, places: int) -> None:
        self.places -= places
        if self.places < 0:
            raise Refused(f"内容铺得太开：最右边的列离左边太远，或合并的单元格太多{_TOO_MUCH}")
