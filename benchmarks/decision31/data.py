"""Records for the decision of 31 fields, drawn from a seed: as columns of codes, as dict rows, as an Arrow table.

Why this exists: every rival reads the same records, each in the form that suits it best.

Invariants: one seed gives the same records whatever form is asked for; one cell in eight or so is blank, the 标识 never;
no amount exceeds `MOST`, so that the rivals written by hand may multiply in 32 bits.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from policyrules import Policy
from policyrules.testing.build import policy_from_text

if TYPE_CHECKING:
    import pyarrow as pa

AS_OF = datetime.date(2025, 9, 15)
EPOCH = datetime.date(1970, 1, 1)
MOST = 50_000_000
BLANKS = 0.12
KINDS = ("种植", "养殖", "加工", "仓储", "旅游", "其他类")
ENUMS: dict[str, tuple[str, ...]] = {
    "kind": KINDS,
    "running": ("正常运营", "半停产", "停产"),
    "benefit": ("好", "有待提升", "差"),
    "chain": ("较完备", "不完整"),
    "prospect": ("广", "看好", "一般", "不看好"),
    "difficulty": ("无困难", "暂时困难", "难以为继"),
    "driving": ("强", "中", "弱"),
    "tech": ("先进", "普通", "落后"),
    "operator": ("村集体", "合作社", "企业", "农户"),
}
BOOLS = ("formed", "seasonal", "resource", "foundation", "potential", "insured")
AMOUNTS = ("total", "spent", "paid", "asked", "own", "debts")
COUNTS: dict[str, type[np.signedinteger]] = {"households": np.int8, "workers": np.int8, "land": np.int16}
DATES = ("approved_on", "started_on", "accept_by", "accepted_on", "stopped_on")
FIELDS = ("id", "county", *ENUMS, *BOOLS, *AMOUNTS, *COUNTS, *DATES)
BLANK_DAY = -(2**15)
OUTPUTS = ("分类", "入库意见", "资金意见", "验收意见", "补助档次", "帮扶措施", "监管等级")


def day(date: datetime.date) -> int:
    """Days since 1970."""
    return (date - EPOCH).days


def policy() -> Policy:
    """The decision in the rule language."""
    return policy_from_text((Path(__file__).parent / "decision.rules").read_text(encoding="utf-8"), as_of=AS_OF)


@dataclass(frozen=True, slots=True)
class Records:
    """``n`` records as columns: int8 codes (-1 blank) of 枚举 and 是否, int16 of ``counties`` counties, int32 amounts and
    counts (-1 blank) as narrow as they are, int16 days (`BLANK_DAY`)."""

    n: int
    counties: int
    columns: dict[str, np.ndarray[Any, Any]]

    def rows(self) -> list[dict[str, Any]]:
        """Dict rows, as a database driver gives them: str, bool, int, date, None for a blank."""
        listed: dict[str, list[Any]] = {"id": [f"P{number:08}" for number in range(self.n)]}
        names = county_names(self.counties)
        for name, codes in self.columns.items():
            own = codes.tolist()
            if name in ENUMS:
                listed[name] = [ENUMS[name][code] if code >= 0 else None for code in own]
            elif name in BOOLS:
                listed[name] = [bool(code) if code >= 0 else None for code in own]
            elif name in DATES:
                listed[name] = [EPOCH + datetime.timedelta(days=code) if code != BLANK_DAY else None for code in own]
            elif name == "county":
                listed[name] = [names[code] if code >= 0 else None for code in own]
            else:
                listed[name] = [code if code >= 0 else None for code in own]
        return [dict(zip(FIELDS, cells, strict=True)) for cells in zip(*(listed[f] for f in FIELDS), strict=True)]

    def table(self) -> pa.Table:
        """An Arrow table: dictionaries, booleans, int64, date32, null for a blank."""
        import pyarrow as pa

        made: dict[str, Any] = {"id": pa.array([f"P{number:08}" for number in range(self.n)])}
        for name in FIELDS[1:]:
            codes = self.columns[name]
            blank = codes == BLANK_DAY if name in DATES else codes < 0
            if name in ENUMS or name == "county":
                words = ENUMS.get(name) or county_names(self.counties)
                made[name] = pa.DictionaryArray.from_arrays(
                    pa.array(codes.astype(np.int32), mask=blank), pa.array(words)
                )
            elif name in BOOLS:
                made[name] = pa.array(codes == 1, mask=blank)
            elif name in DATES:
                made[name] = pa.array(codes.astype(np.int32), mask=blank).cast(pa.date32())
            else:
                made[name] = pa.array(codes.astype(np.int64), mask=blank)
        return pa.table(made)


def county_names(counties: int) -> list[str]:
    """The invented counties, in the order of their codes."""
    return [f"示例{number:04}县" for number in range(counties)]


def county_count(n: int) -> int:
    """How many counties ``n`` records are of."""
    return max(2, min(2_800, n // 60))


def from_batch(batch: pa.RecordBatch, counties: int) -> Records:
    """The codes of a piece of an Arrow table, or of some of its columns; words must be dictionaries."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns: dict[str, np.ndarray[Any, Any]] = {}
    for name in batch.schema.names:
        given = batch.column(name)
        if name in ENUMS or name == "county":
            words = pa.array(ENUMS.get(name) or county_names(counties))
            # Words are looked up once for each entry of the dictionary.
            place = pc.index_in(given.dictionary, value_set=words).to_numpy(zero_copy_only=False)
            codes = place.astype(np.int16 if name == "county" else np.int8)[given.indices.fill_null(0).to_numpy()]
            codes[given.is_null().to_numpy(zero_copy_only=False)] = -1
        elif name in BOOLS:
            codes = given.cast(pa.int8()).fill_null(-1).to_numpy()
        elif name in DATES:
            codes = given.cast(pa.int32()).fill_null(BLANK_DAY).to_numpy().astype(np.int16)
        else:
            codes = given.fill_null(-1).to_numpy().astype(COUNTS.get(name, np.int32))
        columns[name] = codes
    return Records(batch.num_rows, counties, columns)


def records(n: int, seed: int = 31) -> Records:
    """``n`` records drawn from ``seed``."""
    rng = np.random.default_rng(seed)
    counties = county_count(n)
    columns: dict[str, np.ndarray[Any, Any]] = {"county": rng.integers(0, counties, n, dtype=np.int16)}
    for name, words in ENUMS.items():
        columns[name] = rng.integers(0, len(words), n, dtype=np.int8)
    for name in BOOLS:
        columns[name] = rng.integers(0, 2, n, dtype=np.int8)
    total = rng.integers(10, 3_001, n, dtype=np.int32) * 10_000
    for name, most in {"spent": 120, "paid": 110, "asked": 40, "own": 60, "debts": 120}.items():
        columns[name] = (total // 100 * rng.integers(0, most, n, dtype=np.int32)).astype(np.int32)
    columns["total"] = total
    columns["asked"][rng.random(n) < 0.2] = 0
    for name, most in {"households": 80, "workers": 60, "land": 1_000}.items():
        columns[name] = rng.integers(0, most, n, dtype=np.int32)
    today = day(AS_OF)
    columns["approved_on"] = (today - rng.integers(0, 2_500, n)).astype(np.int32)
    columns["started_on"] = (columns["approved_on"] + rng.integers(0, 300, n)).astype(np.int32)
    columns["accept_by"] = (columns["started_on"] + rng.integers(200, 900, n)).astype(np.int32)
    columns["accepted_on"] = (columns["started_on"] + rng.integers(100, 1_100, n)).astype(np.int32)
    columns["stopped_on"] = (today - rng.integers(0, 1_200, n)).astype(np.int32)
    for name in DATES:
        columns[name] = columns[name].astype(np.int16)
    for name, dtype in COUNTS.items():
        columns[name] = columns[name].astype(dtype)
    for name, codes in columns.items():
        codes[rng.random(n) < BLANKS] = BLANK_DAY if name in DATES else -1
    return Records(n, counties, {name: columns[name] for name in FIELDS[1:]})
