"""Lines wait in memory or on the disk, and come back as they were put."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyrules.records import lines
from policyrules.records.lines import Lines


@pytest.mark.parametrize("piece", [1, 4, 7, 1000])
def test_they_come_back_as_they_were_put_as_often_as_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(lines, "_PIECE", piece)
    kept = Lines(tmp_path)
    for text in (b"one,", b"", b"two two,", b"three"):
        kept.append(text)
    first = iter(kept)
    begun = next(first)
    assert b"".join(kept) == b"one,two two,three"
    # Another reader under way keeps its place.
    assert begun + b"".join(first) == b"one,two two,three"
    kept.close()
    assert not list(tmp_path.iterdir())


def test_none_at_all(tmp_path: Path) -> None:
    kept = Lines(tmp_path)
    assert list(kept) == []
    kept.close()
