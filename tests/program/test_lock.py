"""The lock file: what is stored, what is refused, and how drift is worded."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyrules.diagnostics import Diagnostic, render
from policyrules.program.files import LayerFiles, read_layer
from policyrules.program.lock import (
    NO_LOCK,
    Lock,
    LockEntry,
    Pin,
    Pins,
    compare,
    drift_warnings,
    lock_text,
    read_lock,
    write_lock,
    write_locks,
)
from policyrules.source import Source, Span

A, B = "a" * 64, "b" * 64


def drift(layer: LayerFiles, pins: Pins) -> tuple[Diagnostic, ...]:
    return drift_warnings(layer, read_lock(layer.folder, layer.shown), pins)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    entries = [LockEntry("盘活类", B), LockEntry("升级类", A), LockEntry('带"引号"\\的', A), LockEntry("NO", B)]
    write_lock(tmp_path, entries)
    assert read_lock(tmp_path) == Lock(tuple(sorted(entries)))
    assert [path.name for path in tmp_path.iterdir()] == ["layer.lock"]


def test_the_text_depends_on_the_entries_alone() -> None:
    entries = [LockEntry("盘活类", B), LockEntry("升级类", A)]
    assert lock_text(entries) == lock_text([*reversed(entries), *entries])
    assert lock_text([]).endswith("amendments: []\n")


def test_no_file_is_not_an_empty_file(tmp_path: Path) -> None:
    assert read_lock(tmp_path) == NO_LOCK
    write_lock(tmp_path, [])
    assert read_lock(tmp_path) == Lock(())


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "E403", 1),
        ("format: 1\namendments: [甲\n", "E400", 2),
        ("甲", "E395", 1),
        ("amendments: []\n", "E395", 1),
        ("format: 2\namendments: []\n", "E395", 1),
        ("format: true\namendments: []\n", "E395", 1),
        ("format: 1\n", "E395", 1),
        ("format: 1\namendments: 甲\n", "E395", 1),
        ("format: 1\namendments: []\nmore: 1\n", "E395", 1),
        ("format: 1\namendments:\n- name: 甲\n", "E395", 3),
        (f"format: 1\namendments:\n- name: 1\n  sha256: {A}\n", "E395", 3),
        ("format: 1\namendments:\n- name: 甲\n  sha256: 短\n", "E395", 3),
        (f"format: 1\namendments:\n- name: 甲\n  sha256: {A}\n- name: 甲\n  sha256: {B}\n", "E395", 5),
        (f"format: 1\namendments:\n- name: 甲\n  name: 乙\n  sha256: {A}\n", "E408", 4),
    ],
)
def test_a_spoilt_lock_gives_no_entry(tmp_path: Path, text: str, code: str, line: int) -> None:
    (tmp_path / "layer.lock").write_text(text, encoding="utf-8")
    lock = read_lock(tmp_path, "p")
    assert lock.entries == ()
    found = lock.problems
    assert (found[0].code, found[0].file, found[0].line) == (code, "p/layer.lock", line)
    assert found[0].remedy


def test_a_lock_that_is_a_link_is_neither_read_nor_followed(tmp_path: Path) -> None:
    other = tmp_path / "别处"
    other.write_text("原样", encoding="utf-8")
    (tmp_path / "layer.lock").symlink_to(other)
    assert read_lock(tmp_path).problems[0].code == "E395"
    write_lock(tmp_path, [LockEntry("升级类", A)])
    assert other.read_text(encoding="utf-8") == "原样"
    assert read_lock(tmp_path) == Lock((LockEntry("升级类", A),))


def test_a_lock_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as refused:
        write_lock(tmp_path / "没有", [])
    assert refused.value.filename == str(tmp_path / "没有" / "layer.lock")


def test_compare() -> None:
    old = [LockEntry("甲", A), LockEntry("乙", A), LockEntry("丙", A)]
    new = [LockEntry("甲", B), LockEntry("乙", A), LockEntry("丁", A)]
    assert [(change.kind, change.name) for change in compare(old, new)] == [
        ("missing", "丁"),
        ("stale", "丙"),
        ("moved", "甲"),
    ]
    assert compare(old, list(reversed(old))) == ()


@pytest.fixture
def layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LayerFiles:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "p"
    folder.mkdir()
    text = "id: PR\ntitle: 文件\nlevel: 省\nregion: 某省\nin_force_from: 2024-01-01\n"
    (folder / "layer.yaml").write_text(text, encoding="utf-8")
    (folder / "clauses.yaml").write_text("clauses: []\n", encoding="utf-8")
    read, found = read_layer("p")
    assert read is not None and found == ()
    return read


def pin(digest: str) -> Pin:
    amendment, base = Source("p/修订.rules", "修订 升级类\n"), Source("n/分类.rules", "\n规则 升级类\n")
    return Pin(digest, Span(amendment, 3, 6), Span(base, 1, 7))


def test_drift_is_worded_with_both_places(layer: LayerFiles) -> None:
    write_locks([layer], {"PR": {"升级类": pin(A), "旧项": pin(A)}})
    assert drift(layer, {"PR": {"升级类": pin(A), "旧项": pin(A)}}) == ()
    found = drift(layer, {"PR": {"升级类": pin(B), "新项": pin(A)}})
    assert {(one.code, one.severity) for one in found} == {
        ("W303", "warning"),
        ("W304", "warning"),
        ("W305", "warning"),
    }
    moved = next(one for one in found if one.code == "W303")
    assert (moved.file, moved.line) == ("p/修订.rules", 1) and "升级类" in moved.message
    assert [str(label.span) for label in moved.related] == ["n/分类.rules:2:1"]
    stale = next(one for one in found if one.code == "W305")
    assert stale.file == "p/layer.lock" and "旧项" in stale.message
    for one in found:
        render(one)


def test_a_layer_without_lock_is_said_once(layer: LayerFiles) -> None:
    (found,) = drift(layer, {"PR": {"甲": pin(A), "乙": pin(B)}})
    assert (found.code, found.file) == ("W304", "p") and "2 项" in found.message
    assert drift(layer, {}) == ()
    write_locks([layer], {})
    assert not (layer.folder / "layer.lock").exists()


def test_a_spoilt_lock_is_reported_instead_of_drift(layer: LayerFiles) -> None:
    (layer.folder / "layer.lock").write_text("甲", encoding="utf-8")
    (found,) = drift(layer, {"PR": {"甲": pin(A)}})
    assert found.code == "E395"


names = st.text(
    st.one_of(st.characters(min_codepoint=32, max_codepoint=126), st.sampled_from("升级类“”【】（）：、·")), min_size=1
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(names, st.sampled_from([A, B]), max_size=5))
def test_any_names_survive(tmp_path_factory: pytest.TempPathFactory, content: dict[str, str]) -> None:
    folder = tmp_path_factory.mktemp("lock")
    entries = tuple(sorted(LockEntry(name, digest) for name, digest in content.items()))
    write_lock(folder, entries)
    assert read_lock(folder) == Lock(entries)
