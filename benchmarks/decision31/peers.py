"""The decision in the languages of other rule engines: ZEN, CEL and JSONLogic.

Why this exists: these are what a team would pick instead. None has a third truth value, so the formulas say for each rule
what is certain and what is possible; a decision that another reads is written out in place, simplified by hand.

Invariants, all in favour of the peers: compiled once; one call a record gives seven numbers, and plain Python turns them into
results with the tables of the yardstick; dates arrive as numbers of days, and blanks as null (JSONLogic: left out), which
costs them nothing; citations, reasons and what is missing are left out.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, TypeAlias

from benchmarks.decision31 import by_hand
from benchmarks.decision31.codes import Result
from benchmarks.decision31.data import AS_OF, day

Formula: TypeAlias = Any
"""A number or a tuple of an operator and its parts."""
Decide: TypeAlias = Callable[[Mapping[str, Any]], tuple[Result, ...]]

_UNBOUNDED = 1 << 40
_DAYS = [day(AS_OF.replace(year=AS_OF.year - years)) for years in (0, 1, 2, 3)]


def _all(*parts: Formula) -> Formula:
    return ("and", *parts)


def _any(*parts: Formula) -> Formula:
    return ("or", *parts)


def _is(field: str, *values: object) -> Formula:
    return ("is", field, values)


def _may(field: str, *values: object) -> Formula:
    return ("is", field, (*values, None))


def _blank(field: str) -> Formula:
    return ("is", field, (None,))


def _low(field: str, times: int = 1) -> Formula:
    return ("times", times, ("else", field, 0))


def _high(field: str, times: int = 1) -> Formula:
    return ("times", times, ("else", field, _UNBOUNDED))


def _less(one: Formula, other: Formula) -> Formula:
    return ("<", one, other)


def _most(one: Formula, other: Formula) -> Formula:
    return ("<=", one, other)


def _truth(sure: Formula, possible: Formula) -> Formula:
    # A rule that is not possible is asked no further.
    return ("if", possible, ("if", sure, 3, 1), 0)


def _key(*truths: tuple[Formula, Formula]) -> Formula:
    return ("+", *(("times", 4**place, _truth(*truth)) for place, truth in enumerate(truths)))


def formulas() -> list[Formula]:
    """The seven numbers, in the order of the outputs."""
    _, m12, m24, m36 = _DAYS
    today = _DAYS[0]
    con = (
        _all(_is("benefit", "好"), _is("chain", "较完备"), _is("prospect", "广", "看好")),
        _all(_may("benefit", "好"), _may("chain", "较完备"), _may("prospect", "广", "看好")),
    )
    up = (
        _all(_is("benefit", "有待提升"), _is("resource", True), _is("foundation", True)),
        _all(_may("benefit", "有待提升"), _may("resource", True), _may("foundation", True)),
    )
    # A blank day is late as an upper bound, early as a lower one.
    rev = (
        _all(
            _is("potential", True),
            _any(
                _all(
                    _is("difficulty", "暂时困难"), _is("prospect", "广", "看好"), _less(m24, ("else", "stopped_on", 0))
                ),
                _all(_is("running", "停产"), _most(("else", "stopped_on", _UNBOUNDED), m12)),
            ),
        ),
        _all(
            _may("potential", True),
            _any(
                _all(
                    _may("difficulty", "暂时困难"),
                    _may("prospect", "广", "看好"),
                    _less(m24, ("else", "stopped_on", _UNBOUNDED)),
                ),
                _all(_may("running", "停产"), _most(("else", "stopped_on", 0), m12)),
            ),
        ),
    )

    def two(test: Callable[..., Formula]) -> Formula:
        weak, backward, hopeless = test("driving", "弱"), test("tech", "落后"), test("prospect", "不看好")
        return _any(_all(weak, _any(backward, hopeless)), _all(backward, hopeless))

    adj = (_all(_is("difficulty", "难以为继"), two(_is)), _all(_may("difficulty", "难以为继"), two(_may)))
    pause = (
        _any(_less(_high("own", 5), _low("total")), _most(5, ("else", "low", 0))),
        _any(_less(_low("own", 5), _high("total")), _most(5, ("else", "high", 0))),
    )
    forbid = (
        _any(
            _less(_high("total"), 500_000),
            _all(_is("insured", False), _less(_high("total", 7), _low("debts", 10))),
        ),
        _any(
            _less(_low("total"), 500_000),
            _all(_may("insured", False), _less(_low("total", 7), _high("debts", 10))),
        ),
    )
    over = (
        _any(_less(_high("total"), _low("spent")), _less(_high("total"), _low("paid"))),
        _any(_less(_low("total"), _high("spent")), _less(_low("total"), _high("paid"))),
    )
    normal = (
        _all(_most(_high("spent"), _low("total")), _most(_high("paid", 3), _low("spent", 5))),
        _all(_most(_low("spent"), _high("total")), _most(_low("paid", 3), _high("spent", 5))),
    )
    behind = (
        _all(_is("formed", True), _less(_high("spent", 5), _low("paid", 3))),
        _all(_may("formed", True), _less(_low("spent", 5), _high("paid", 3))),
    )
    high = (
        _all(_most(50, _low("households")), _most(5_000_000, _low("total"))),
        _all(_most(50, _high("households")), _most(5_000_000, _high("total"))),
    )
    middle = (
        _any(_most(20, _low("households")), _most(30, _low("workers"))),
        _any(_most(20, _high("households")), _most(30, _high("workers"))),
    )
    low = (
        _all(_most(5, _low("households")), _most(_high("land"), 500)),
        _all(_most(5, _high("households")), _most(_low("land"), 500)),
    )
    nothing = (
        _any(_is("asked", 0), _all(_is("formed", False), forbid[0])),
        _any(_may("asked", 0), _all(_may("formed", False), forbid[1])),
    )
    loan = (
        _all(_is("difficulty", "暂时困难"), _less(_high("debts", 2), _low("total"))),
        _all(_may("difficulty", "暂时困难"), _less(_low("debts", 2), _high("total"))),
    )
    skill = (_is("tech", "普通", "落后"), _may("tech", "普通", "落后"))
    train = (
        _any(_is("tech", "落后"), _less(_high("workers"), 10)),
        _any(_may("tech", "落后"), _less(_low("workers"), 10)),
    )
    sell = (
        _all(_is("benefit", "差"), _is("operator", "村集体", "合作社")),
        _all(_may("benefit", "差"), _may("operator", "村集体", "合作社")),
    )
    # Which of the six ways in which 验收日 and 验收期限 may stand to each other.
    standing = (
        "if",
        _blank("accept_by"),
        ("if", _blank("accepted_on"), 4, 5),
        (
            "if",
            _blank("accepted_on"),
            ("if", _less(("field", "accept_by"), today), 2, 3),
            ("if", _most(("field", "accepted_on"), ("field", "accept_by")), 0, 1),
        ),
    )
    known = _all(("not", _blank("accepted_on")), ("not", _blank("accept_by")))
    late = (
        _any(
            _all(known, _less(("else", "accept_by", 0), ("else", "accepted_on", 0))),
            _all(_blank("accepted_on"), _less(("else", "accept_by", _UNBOUNDED), today)),
        ),
        _any(
            _blank("accept_by"),
            _less(("else", "accept_by", 0), ("else", "accepted_on", 0)),
            _all(_blank("accepted_on"), _less(("else", "accept_by", 0), today)),
        ),
    )
    mid = (
        _any(
            late[0],
            _all(_is("running", "停产"), _is("seasonal", False)),
            _less(("+", ("else", "started_on", _UNBOUNDED), 730), ("else", "accepted_on", 0)),
            _all(_is("formed", False), _most(("else", "approved_on", _UNBOUNDED), m36)),
        ),
        _any(
            late[1],
            _all(_may("running", "停产"), _may("seasonal", False)),
            _less(("+", ("else", "started_on", 0), 730), ("else", "accepted_on", _UNBOUNDED)),
            _all(_may("formed", False), _most(("else", "approved_on", 0), m36)),
        ),
    )
    strict = (
        _any(_all(over[0], ("not", normal[1])), _all(_is("formed", True), adj[0], ("not", con[1]))),
        _any(over[1], _all(_may("formed", True), adj[1])),
    )
    return [
        ("if", _is("formed", False), 0, _key(con, up, rev, adj)),
        ("if", _is("formed", True), 0, _key(pause, forbid)),
        _key(normal, behind, over),
        standing,
        _key(high, middle, low, nothing),
        _key(loan, skill, train, sell),
        _key(mid, strict),
    ]


_ACCEPTANCE = (*(by_hand._IN_TIME, by_hand._LATE, by_hand._MISSED, by_hand._NOT_YET, by_hand._UNDATED, by_hand._UNDUE),)
_CATEGORY = {formed: [result for result, _ in made] for formed, made in by_hand._CATEGORY.items()}
_CATEGORY[False] = [by_hand._NO_CATEGORY]
_INTAKE = {formed: [result for result, _ in made] for formed, made in by_hand._INTAKE.items()}
_INTAKE[True] = [by_hand._NO_INTAKE]
_FUNDS = [result for result, _ in by_hand._FUNDS]


def _results(formed: bool | None, keys: Sequence[int]) -> tuple[Result, ...]:
    category, intake, funds, acceptance, grade, measures, watch = keys
    return (
        _CATEGORY[formed][category],
        _INTAKE[formed][intake],
        _FUNDS[funds],
        _ACCEPTANCE[acceptance],
        by_hand._GRADE[grade],
        by_hand._MEASURES[measures],
        by_hand._WATCH[watch],
    )


def prepared(row: Mapping[str, Any], low: int, high: int) -> dict[str, Any]:
    """A row as the peers get it: what it needs of the statistic beside it, dates as numbers of days. Not measured."""
    days = {name: day(value) if isinstance(value, datetime.date) else value for name, value in row.items()}
    return {**days, "low": low, "high": min(high, _UNBOUNDED)}


# ---- printers -------------------------------------------------------------------------------------------------------


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _text(f: Formula, words: Mapping[str, str], lacking: Callable[[str, int], str]) -> str:
    def said(part: Formula) -> str:
        return _text(part, words, lacking)

    if isinstance(f, int):
        return str(f)
    match f:
        case ("and" | "or", *parts):
            return "(" + f" {words[f[0]]} ".join(map(said, parts)) + ")"
        case ("not", part):
            return f"({words['not']}{said(part)})"
        case ("is", field, (value,)):
            return f"({field} == {_literal(value)})"
        case ("is", field, values):
            # Two comparisons are faster than a list in each of these languages.
            return "(" + f" {words['or']} ".join(f"{field} == {_literal(value)}" for value in values) + ")"
        case ("field", field):
            return str(field)
        case ("else", field, value):
            return lacking(field, value)
        case ("times", 1, part):
            return said(part)
        case ("times", times, part):
            return f"({times} * {said(part)})"
        case ("<" | "<=" as sign, one, other):
            return f"({said(one)} {sign} {said(other)})"
        case ("+", *parts):
            return "(" + " + ".join(map(said, parts)) + ")"
        case ("if", test, one, other):
            return f"({said(test)} ? {said(one)} : {said(other)})"
    raise AssertionError(f)


def _zen(f: Formula) -> str:
    words = {"and": "and", "or": "or", "not": "not "}
    return _text(f, words, lambda field, value: f"({field} ?? {value})")


def _cel(f: Formula) -> str:
    words = {"and": "&&", "or": "||", "not": "!"}
    return _text(f, words, lambda field, value: f"({field} == null ? {value} : {field})")


def _logic(f: Formula) -> Any:
    match f:
        case int():
            return f
        case ("and" | "or" | "+" | "<" | "<=" | "if", *parts):
            return {f[0]: [_logic(part) for part in parts]}
        case ("not", part):
            return {"!": [_logic(part)]}
        case ("is", field, values):
            tests = [{"===": [{"var": field}, value]} for value in values]
            return tests[0] if len(tests) == 1 else {"or": tests}
        case ("field", field):
            return {"var": field}
        case ("else", field, value):
            return {"var": [field, value]}
        case ("times", 1, part):
            return _logic(part)
        case ("times", times, part):
            return {"*": [times, _logic(part)]}
    raise AssertionError(f)


# ---- engines --------------------------------------------------------------------------------------------------------


def zen_expressions() -> Decide:
    """ZEN, all seven in one expression."""
    import zen

    program = zen.compile_expression("[" + ", ".join(_zen(f) for f in formulas()) + "]")

    def decide(row: Mapping[str, Any]) -> tuple[Result, ...]:
        # Numbers come back as floats.
        return _results(row["formed"], [int(key) for key in program.evaluate(row)])

    return decide


def zen_graph() -> Decide:
    """ZEN, a graph of an input, one node of seven expressions, an output."""
    import zen

    names = [f"output{place}" for place in range(7)]
    expressions = [{"id": name, "key": name, "value": _zen(f)} for name, f in zip(names, formulas(), strict=True)]
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", "content": {}},
        {"id": "do", "name": "do", "type": "expressionNode", "content": {"expressions": expressions}},
        {"id": "out", "name": "out", "type": "outputNode", "content": {}},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "do", "type": "edge"},
        {"id": "2", "sourceId": "do", "targetId": "out", "type": "edge"},
    ]
    # From a static loader: a decision made once from its text takes ten times as long.
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"graph": {"nodes": nodes, "edges": edges}}}})

    def decide(row: Mapping[str, Any]) -> tuple[Result, ...]:
        found = engine.evaluate("graph", row)["result"]
        return _results(row["formed"], [int(found[name]) for name in names])

    return decide


def cel() -> Decide:
    """CEL in Rust, all seven in one list."""
    import cel as engine

    program = engine.compile("[" + ", ".join(_cel(f) for f in formulas()) + "]")

    def decide(row: Mapping[str, Any]) -> tuple[Result, ...]:
        return _results(row["formed"], program.execute(row))

    return decide


def json_logic() -> Decide:
    """JSONLogic in Rust, all seven in one list. Blanks are left out of the record."""
    import datalogic_py

    engine = datalogic_py.Engine()
    rule, session = engine.compile([_logic(f) for f in formulas()]), engine.session()

    def decide(row: Mapping[str, Any]) -> tuple[Result, ...]:
        return _results(row.get("formed"), session.evaluate(rule, row))

    return decide


PEERS: dict[str, tuple[str, Callable[[], Decide]]] = {
    "datalogic-py (JSONLogic)": ("datalogic_py", json_logic),
    "zen-engine, expressions": ("zen", zen_expressions),
    "zen-engine, graph": ("zen", zen_graph),
    "common-expression-language (CEL)": ("cel", cel),
}


def installed() -> dict[str, Callable[[], Decide]]:
    """The peers that are installed, by name."""
    return {name: make for name, (package, make) in PEERS.items() if find_spec(package) is not None}


def for_peer(name: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row in the form that suits this peer. Not measured."""
    return {key: value for key, value in row.items() if value is not None} if "JSONLogic" in name else row
