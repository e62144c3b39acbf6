"""The decision in Polars, lazy, written by hand for either of its engines.

Why this exists: it is what a team that has Polars would write. The columns are the codes that NumPy by hand reads, a
blank being a code as well, because that is faster here than nulls; a condition is two boolean columns.

Invariants: each stage is one ``with_columns`` of expressions that read earlier stages, so that nothing is computed twice;
the bytes that come out are those of every other rival.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import polars as pl

from benchmarks.decision31.by_numpy import enough_of
from benchmarks.decision31.data import AS_OF, BLANK_DAY, Records, day

_UNBOUNDED = 1 << 28
_DAYS = [day(AS_OF.replace(year=AS_OF.year - years)) for years in (0, 1, 2, 3)]


def frame(records: Records) -> pl.DataFrame:
    """The columns of codes as a Polars frame."""
    return pl.DataFrame(dict(records.columns))


def c(name: str) -> pl.Expr:
    return pl.col(name)


def _pair(name: str, sure: pl.Expr, possible: pl.Expr) -> list[pl.Expr]:
    return [sure.alias(name), possible.alias(name + "_")]


def _byte(name: str, bits: dict[int, pl.Expr]) -> pl.Expr:
    found: pl.Expr | None = None
    for bit, mask in bits.items():
        part = mask.cast(pl.UInt8) * pl.lit(1 << bit, pl.UInt8)
        found = part if found is None else found | part
    assert found is not None
    return found.alias(name)


def _scale(name: str) -> pl.Expr:
    mid, mid_, top, top_ = c(f"{name}.m"), c(f"{name}.m_"), c(f"{name}.t"), c(f"{name}.t_")
    return _byte(name, {0: ~(mid | top), 1: mid_ & ~top, 2: top_})


def _stages() -> list[list[pl.Expr]]:
    today, m12, m24, m36 = (pl.lit(value, pl.Int16) for value in _DAYS)
    no_day = pl.lit(BLANK_DAY, pl.Int16)

    def low(name: str, times: int = 1) -> pl.Expr:
        return c(name + ".low") * times if times > 1 else c(name + ".low")

    def high(name: str, times: int = 1) -> pl.Expr:
        return c(name + ".high") * times if times > 1 else c(name + ".high")

    amounts = ("total", "spent", "paid", "own", "debts")
    bounds = [
        *(pl.max_horizontal(c(name), pl.lit(0, pl.Int32)).cast(pl.UInt32).alias(name + ".low") for name in amounts),
        *(
            pl.when(c(name) < 0)
            .then(pl.lit(_UNBOUNDED, pl.Int32))
            .otherwise(c(name))
            .cast(pl.UInt32)
            .alias(name + ".high")
            for name in amounts
        ),
    ]
    atoms = [
        *_pair("formed", c("formed") == 1, c("formed") != 0),
        *_pair("bright", (c("prospect") >= 0) & (c("prospect") <= 1), c("prospect") <= 1),
        *_pair("potential", c("potential") == 1, c("potential") != 0),
        *_pair("idle", c("running") == 2, (c("running") == 2) | (c("running") < 0)),
        *_pair("passing", c("difficulty") == 1, (c("difficulty") == 1) | (c("difficulty") < 0)),
        *_pair("weak", c("driving") == 2, (c("driving") == 2) | (c("driving") < 0)),
        *_pair("backward", c("tech") == 2, (c("tech") == 2) | (c("tech") < 0)),
        *_pair("hopeless", c("prospect") == 3, (c("prospect") == 3) | (c("prospect") < 0)),
        *_pair("over", low("spent") > high("total"), high("spent") > low("total")),
        *_pair("above", low("paid") > high("total"), high("paid") > low("total")),
        *_pair("behind", high("spent", 5) < low("paid", 3), low("spent", 5) < high("paid", 3)),
        *_pair("indebted", low("debts", 10) > high("total", 7), high("debts", 10) > low("total", 7)),
        *_pair("short", high("own", 5) < low("total"), low("own", 5) < high("total")),
        *_pair("half", high("debts", 2) < low("total"), low("debts", 2) < high("total")),
        (c("stopped_on") == no_day).alias("unstopped"),
        (c("stopped_on") <= m12).alias("full12"),
        (c("stopped_on") <= m24).alias("full24"),
        (c("accepted_on") == no_day).alias("unaccepted"),
        (c("accept_by") == no_day).alias("undated"),
        (c("accepted_on") <= c("accept_by")).alias("timely"),
        (c("accept_by") < today).alias("past"),
        (c("households") < 0).alias("homeless"),
    ]
    # A blank day makes the difference wrap; it is masked.
    long = c("accepted_on") - c("started_on") > 730
    open_length = (c("accepted_on") == no_day) | (c("started_on") == no_day)
    or_blank = c("benefit") < 0
    rules = [
        *_pair(
            "con",
            (c("benefit") == 0) & (c("chain") == 0) & c("bright"),
            (c("benefit") <= 0) & (c("chain") <= 0) & c("bright_"),
        ),
        *_pair(
            "up",
            (c("benefit") == 1) & (c("resource") == 1) & (c("foundation") == 1),
            ((c("benefit") == 1) | or_blank) & (c("resource") != 0) & (c("foundation") != 0),
        ),
        *_pair(
            "rev",
            ((c("passing") & c("bright") & ~c("full24")) | (c("idle") & c("full12") & ~c("unstopped")))
            & c("potential"),
            ((c("passing_") & c("bright_") & (~c("full24") | c("unstopped"))) | (c("idle_") & c("full12")))
            & c("potential_"),
        ),
        *_pair(
            "adj",
            (c("difficulty") == 2) & ((c("weak") & (c("backward") | c("hopeless"))) | (c("backward") & c("hopeless"))),
            ((c("difficulty") == 2) | (c("difficulty") < 0))
            & ((c("weak_") & (c("backward_") | c("hopeless_"))) | (c("backward_") & c("hopeless_"))),
        ),
        *_pair(
            "intake.t",
            (high("total") < 500_000) | (c("indebted") & (c("insured") == 0)),
            (low("total") < 500_000) | (c("indebted_") & (c("insured") != 1)),
        ),
        *_pair("intake.m", c("short") | c("many"), c("short_") | c("many_")),
        *_pair("o", c("over") | c("above"), c("over_") | c("above_")),
        *_pair("n", ~(c("over_") | c("behind_")), ~(c("over") | c("behind"))),
        *_pair("l", c("behind") & c("formed"), c("behind_") & c("formed_")),
        *_pair(
            "high",
            (c("households") >= 50) & (low("total") >= 5_000_000),
            ((c("households") >= 50) | c("homeless")) & (high("total") >= 5_000_000),
        ),
        *_pair(
            "mid",
            (c("households") >= 20) | (c("workers") >= 30),
            (c("households") >= 20) | c("homeless") | (c("workers") >= 30) | (c("workers") < 0),
        ),
        *_pair(
            "low",
            (c("households") >= 5) & (c("land") >= 0) & (c("land") <= 500),
            ((c("households") >= 5) | c("homeless")) & (c("land") <= 500),
        ),
        *_pair("loan", c("passing") & c("half"), c("passing_") & c("half_")),
        *_pair(
            "train",
            c("backward") | ((c("workers") >= 0) & (c("workers") < 10)),
            c("backward_") | (c("workers") < 10),
        ),
        *_pair(
            "sell",
            (c("benefit") == 2) & (c("operator") >= 0) & (c("operator") <= 1),
            ((c("benefit") == 2) | or_blank) & (c("operator") <= 1),
        ),
        *_pair(
            "late",
            (c("timely") | c("undated")).not_() & ~c("unaccepted") | (c("unaccepted") & c("past") & ~c("undated")),
            ~c("timely") | c("undated") | (c("unaccepted") & c("past")),
        ),
        *_pair(
            "slow",
            (long & ~open_length)
            | (c("idle") & (c("seasonal") == 0))
            | ((c("approved_on") <= m36) & (c("approved_on") != no_day) & ~c("formed_")),
            long | open_length | (c("idle_") & (c("seasonal") != 1)) | ((c("approved_on") <= m36) & ~c("formed")),
        ),
    ]
    con, con_, up, up_, rev, rev_, adj, adj_ = (
        c(name + side) for name in ("con", "up", "rev", "adj") for side in ("", "_")
    )
    settling = [
        (((adj | (rev & ~adj_) | (up & ~(adj_ | rev_))) & ~con_) | (con & ~(adj_ | rev_ | up_))).not_().alias("open.c"),
        (((c("o") | (c("l") & ~c("o_"))) & ~c("n_")) | (c("n") & ~(c("o_") | c("l_")))).not_().alias("open.f"),
        _scale("intake"),
    ]
    first = [
        _byte(
            "category",
            {
                0: (con | (con_ & c("open.c"))) & c("formed_"),
                1: ((up & ~(rev | adj)) | (up_ & ~up & c("open.c"))) & c("formed_"),
                2: ((rev & ~adj) | (rev_ & ~rev & c("open.c"))) & c("formed_"),
                3: (adj | (adj_ & c("open.c"))) & c("formed_"),
                4: (con | adj | rev | up).not_() & c("formed_"),
                5: ~c("formed"),
                6: con & (adj | rev | up) & c("formed"),
            },
        ),
        (
            pl.when(c("formed")).then(pl.lit(0, pl.UInt8)).otherwise(c("intake"))
            | c("formed_").cast(pl.UInt8) * pl.lit(32, pl.UInt8)
        ).alias("intake"),
        _byte(
            "funds",
            {
                0: c("n") | (c("n_") & c("open.f")),
                1: (c("l") & ~c("o")) | (c("l_") & ~c("l") & c("open.f")),
                2: c("o") | (c("o_") & c("open.f")),
                4: ~(c("n") | c("l") | c("o")),
                6: c("n") & (c("l") | c("o")),
            },
        ),
        _byte(
            "acceptance",
            {
                0: (c("timely") & ~c("unaccepted")) | c("undated"),
                1: ~c("timely") | c("undated"),
                2: c("unaccepted") & c("past"),
                3: c("unaccepted") & (~c("past") | c("undated")),
                4: c("undated"),
            },
        ),
        _byte(
            "measures",
            {
                0: c("loan"),
                1: c("tech") >= 1,
                2: c("train"),
                3: c("sell"),
                4: c("loan_") & ~c("loan"),
                5: c("tech") < 0,
                6: c("train_") & ~c("train"),
                7: c("sell_") & ~c("sell"),
            },
        ),
    ]
    one = pl.lit(1, pl.UInt8)
    second = [
        *_pair(
            "no",
            (c("asked") == 0) | (c("intake") == 4),
            (c("asked") <= 0) | ((c("intake") & pl.lit(4, pl.UInt8)) >= one),
        ),
        *_pair(
            "watch.t",
            (c("funds") == 4) | (c("category") == 8),
            ((c("funds") & pl.lit(4, pl.UInt8)) >= one) | ((c("category") & pl.lit(8, pl.UInt8)) >= one),
        ),
        *_pair("watch.m", c("late") | c("slow"), c("late_") | c("slow_")),
    ]
    high_, mid_, low_ = c("high_"), c("mid_"), c("low_")
    settling_grade = [
        (c("no") | ((c("high") | ((c("mid") | (c("low") & ~mid_)) & ~high_)) & ~c("no_"))).not_().alias("open.g"),
        _scale("watch"),
    ]
    last = [
        c("category"),
        c("intake"),
        c("funds"),
        c("acceptance"),
        _byte(
            "grade",
            {
                0: (c("high") & ~c("no")) | (high_ & ~c("high") & c("open.g")),
                1: (c("mid") & ~(c("no") | c("high"))) | (mid_ & ~c("mid") & c("open.g")),
                2: (c("low") & ~(c("no") | c("high") | c("mid"))) | (low_ & ~c("low") & c("open.g")),
                3: c("no") | (c("no_") & c("open.g")),
                4: ~(c("no") | c("high") | c("mid") | c("low")),
            },
        ),
        c("measures"),
        c("watch"),
    ]
    return [bounds, atoms, rules, settling, first, second, settling_grade, last]


def query(data: pl.DataFrame | pl.LazyFrame, counties: int, engine: Literal["in-memory", "streaming"]) -> pl.LazyFrame:
    """The seven bytes as a lazy query; how many have stopped is collected first."""
    group = (c("county").cast(pl.Int32) + 1) * 7 + c("kind").cast(pl.Int32) + 1
    stopped = (c("formed") == 1) & (c("running") == 2)
    perhaps = (c("formed") != 0) & ((c("running") == 2) | (c("running") < 0))
    counted = (
        data.lazy()
        # Most records have not stopped: they are dropped before the grouping.
        .filter(perhaps)
        .select(group.alias("group"), stopped.alias("sure"))
        .group_by("group")
        .agg(c("sure").sum(), pl.len().alias("perhaps"))
        .collect(engine=engine)
    )
    size = (counties + 1) * 7
    tables = {name: np.zeros(size, np.int64) for name in ("sure", "perhaps")}
    for name, table in tables.items():
        table[counted["group"].to_numpy()] = counted[name].to_numpy()
    low, high = (pl.Series(each) for each in enough_of(tables["sure"], tables["perhaps"]))
    *stages, last = _stages()
    lazy = data.lazy().with_columns(group.alias("group"))
    lazy = lazy.with_columns(
        pl.lit(low).gather(c("group")).alias("many"), pl.lit(high).gather(c("group")).alias("many_")
    )
    for stage in stages:
        lazy = lazy.with_columns(stage)
    return lazy.select(last)


def decide(data: pl.DataFrame, counties: int, engine: Literal["in-memory", "streaming"]) -> pl.DataFrame:
    """The bytes of the seven outputs as columns."""
    return query(data, counties, engine).collect(engine=engine)


def codes(found: pl.DataFrame) -> np.ndarray[Any, Any]:
    """The bytes as every other rival gives them (7 × n)."""
    return np.stack([found[name].to_numpy() for name in found.columns])
