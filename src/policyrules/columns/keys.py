"""Which rows name the same record: numbers of records, folded, compared by the million.

Why this exists: width, case and white space of a number do not count (`spelling.fold_word`). Folding and comparing text by
text in Python would cost more than reading the ledger.

Invariants: two keys are one where `fold_word` makes them one text, and never where only their hashes agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

import numpy as np

from policyrules.columns.bits import Array, Mask
from policyrules.columns.store import Texts
from policyrules.spelling import fold_word

# Folding such a text is writing its letters small, and reading it as 文本 changes nothing, but for a few short words.
_ODD: Final = re.compile("[^0-9A-Za-z_\\-\u4e00-\u9fa5]")
_PLAIN_BYTES: Final = np.array([chr(byte).isalnum() or chr(byte) in "_-" for byte in range(128)] + [False] * 128)
_PLAIN_BYTES[128:] = False
_LETTERS: Final = np.uint8(26)
_TAILS: Final = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)
_AT_A_TIME: Final = 1 << 18
_PRIME: Final = np.uint64(0x9E3779B97F4A7C15)


def is_plain(texts: Texts) -> bool:
    """Whether all texts are made of letters, digits, hyphens and Chinese characters alone.

    >>> is_plain(Texts.of(["P-01", "青山"])), is_plain(Texts.of([" P01"]))
    (True, False)
    """
    blob = texts.blob[int(texts.ends[0]) : int(texts.ends[-1])]
    if not len(blob):
        return True
    if int(blob.max()) < 128:
        return bool(_PLAIN_BYTES[blob].all())
    try:
        return _ODD.search(blob.tobytes().decode()) is None
    except UnicodeDecodeError:
        return False


def folded(texts: Texts) -> Texts:
    """Each text as `fold_word` has it.

    >>> list(folded(Texts.of(["P-01", "ｐ 02"])))
    ['p-01', 'p02']
    """
    return in_small_letters(texts) if is_plain(texts) else Texts.of([fold_word(text) for text in texts])


def in_small_letters(texts: Texts) -> Texts:
    """Texts for which `is_plain` holds, folded."""
    large = (texts.blob - np.uint8(ord("A"))) < _LETTERS
    return Texts(texts.blob + (large.view(np.uint8) << np.uint8(5)), texts.ends)


def joined(parts: Sequence[Texts]) -> Texts:
    """Texts one behind the other."""
    if len(parts) == 1:
        return parts[0]
    lengths: list[Array] = [np.zeros(1, np.int64), *(np.diff(part.ends) for part in parts)]
    blobs = [part.blob[int(part.ends[0]) : int(part.ends[-1])] for part in parts]
    return Texts(np.concatenate(blobs) if blobs else np.zeros(0, np.uint8), np.cumsum(np.concatenate(lengths)))


class Keys:
    """Folded texts that can be compared: an empty one is the key of nothing."""

    def __init__(self, texts: Texts) -> None:
        self.lengths = np.diff(texts.ends).astype(np.int32)
        self._shortest = int(self.lengths.min()) if len(self.lengths) else 0
        # Eight bytes at a time may be read at any place.
        self._bytes = np.concatenate([texts.blob, np.zeros(8, np.uint8)])
        self.texts = Texts(self._bytes[: len(texts.blob)], texts.ends)
        self._words = np.ndarray((len(texts.blob) + 1,), "<u8", self._bytes, strides=(1,))

    def __len__(self) -> int:
        return len(self.lengths)

    def word(self, places: Array | slice, at: int) -> Array:
        """Bytes ``8 * at`` to ``8 * at + 8`` of the texts at ``places``, 0 behind their ends."""
        if self._shortest >= 8 * at + 8:
            whole: Array = self._words[self.texts.ends[:-1][places] + 8 * at]
            return whole
        tails = np.clip(self.lengths[places] - 8 * at, 0, 8)
        found = self._words[np.minimum(self.texts.ends[:-1][places] + 8 * at, len(self._words) - 1)]
        told: Array = found & _TAILS[tails]
        return told

    @cached_property
    def hashes(self) -> Array:
        """A hash of each text, of the same texts the same."""
        found = self.lengths.astype(np.uint64)
        for start in range(0, len(self), _AT_A_TIME):
            self._mix(found, start, min(start + _AT_A_TIME, len(self)))
        return found

    def _mix(self, found: Array, start: int, end: int) -> None:
        """The hashes of some texts; ``found`` holds their lengths."""
        at = 0
        places: Array | slice = slice(start, end)
        lengths = self.lengths[start:end]
        while True:
            mixed = (found[places] ^ self.word(places, at)) * _PRIME
            mixed ^= mixed >> np.uint64(29)
            found[places] = mixed
            at += 1
            longer = lengths > 8 * at
            if not longer.any():
                break
            # Numbers of records are mostly of one length: then no row has to be picked.
            places = slice(start, end) if longer.all() else np.flatnonzero(longer) + start

    @cached_property
    def by_hash(self) -> tuple[Array, Array]:
        """The places of all that are not empty, by their hash and, of one hash, by their place; and their hashes."""
        places = np.flatnonzero(self.lengths).astype(np.int32 if len(self) < 1 << 31 else np.int64)
        hashes = self.hashes if len(places) == len(self) else self.hashes[places]
        order = np.argsort(hashes, kind="stable")
        found = places[order], hashes[order]
        # Of millions of texts the same is not kept twice.
        self.__dict__.pop("hashes", None)
        return found

    @cached_property
    def buckets(self) -> tuple[np.uint64, Array]:
        """Where, by hash, those begin whose hash begins alike: about one each, so that finding one takes a look or two. By how
        many digits a hash is shortened, and where each bucket begins."""
        _, hashes = self.by_hash
        digits = max(len(hashes).bit_length(), 1)
        shift = np.uint64(64 - digits)
        begins = np.zeros((1 << digits) + 1, np.int32 if len(hashes) < 1 << 31 else np.int64)
        np.cumsum(np.bincount((hashes >> shift).astype(np.int64), minlength=1 << digits), out=begins[1:])
        return shift, begins

    def places_by_hash(self, hashes: Array) -> Array:
        """Of each hash the first place in `by_hash` that has it; any other place where none has."""
        held = self.by_hash[1]
        shift, begins = self.buckets
        bucket = (hashes >> shift).astype(np.int64)
        found = begins[bucket].astype(np.int64)
        last = begins[bucket + 1] - 1
        pending = np.flatnonzero(found < last)
        while len(pending):
            pending = pending[held[found[pending]] < hashes[pending]]
            found[pending] += 1
            pending = pending[found[pending] < last[pending]]
        return np.minimum(found, len(held) - 1)

    def same(self, places: Array, other: Keys, theirs: Array) -> Mask:
        """Whether each text at ``places`` is the one of ``other`` at ``theirs``."""
        found: Mask = self.lengths[places] == other.lengths[theirs]
        pending = np.flatnonzero(found)
        at = 0
        while len(pending):
            same = self.word(places[pending], at) == other.word(theirs[pending], at)
            found[pending[~same]] = False
            at += 1
            pending = pending[same]
            pending = pending[self.lengths[places[pending]] > 8 * at]
        return found


def repeats(keys: Keys) -> Mask:
    """The rows whose key stands elsewhere as well.

    >>> repeats(Keys(Texts.of(["a", "", "b", "a", ""]))).tolist()
    [True, False, False, True, False]
    """
    found = np.zeros(len(keys), np.bool_)
    order, hashes = keys.by_hash
    same = hashes[1:] == hashes[:-1]
    likely = np.flatnonzero(np.append(same, False) | np.concatenate([np.zeros(1, np.bool_), same])[: len(order)])
    places: dict[str, list[int]] = {}
    for place in np.sort(order[likely]).tolist():
        places.setdefault(keys.texts[place], []).append(place)
    for together in places.values():
        found[together] = len(together) > 1
    return found


def lookup(keys: Keys, wanted: Keys) -> Array:
    """For each of ``wanted`` the first place of ``keys`` with the same text; -1 where there is none, or it is empty.

    >>> lookup(Keys(Texts.of(["b", "a", "a"])), Keys(Texts.of(["a", "", "c", "b"]))).tolist()
    [1, -1, -1, 0]
    """
    order, hashes = keys.by_hash
    found = np.full(len(wanted), -1, np.int64)
    if not len(order):
        return found
    theirs = wanted.hashes
    at = keys.places_by_hash(theirs)
    likely = np.flatnonzero((hashes[at] == theirs) & (wanted.lengths > 0))
    same = wanted.same(likely, keys, order[at[likely]])
    found[likely[same]] = order[at[likely[same]]]
    if not same.all():
        # Two texts of one hash: the others that have it are looked through one by one.
        for place in likely[~same].tolist():
            begin, end = np.searchsorted(hashes, theirs[place]), np.searchsorted(hashes, theirs[place], "right")
            text = wanted.texts[place]
            found[place] = next((own for own in order[begin:end].tolist() if keys.texts[own] == text), -1)
    return found


def hashes_of(texts: Iterable[str]) -> Array:
    """The hashes of some texts, as `Keys.hashes` has them."""
    return Keys(Texts.of(list(texts))).hashes
