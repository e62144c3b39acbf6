"""What an integrator hands in: streams, portfolios, models that travel; and what stays as it was."""

from __future__ import annotations

import io
import multiprocessing
import pickle
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import policyrules as pr
from policyrules.testing.build import policy_from_text

TEXT = (
    "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 停产（stopped）：是否\n"
    "对象 资金（funds） 属于 项目\n  字段 金额（amount）：金额（万元）\n"
    "决定 分类（category）：单选 { 盘活 }\n规则 盘活类\n  当 停产\n  则 分类 为 盘活\n"
)
POLICY = policy_from_text(TEXT)
OTHER = policy_from_text("对象 企业（firm） 标识 编号\n  字段 编号（id）：文本\n")


def workbook() -> io.BytesIO:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "项目"
    for row in (["编号", "停产"], ["P1", "是"]):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def identities(ledger: pr.Ledger) -> list[str]:
    return [record.identity for record in ledger.records]


@pytest.mark.parametrize(
    ("stream", "format"),
    [
        (workbook(), "xlsx"),
        (io.BytesIO("编号,停产\nP1,是\n".encode("gb18030")), "csv"),
        (io.StringIO("编号,停产\nP1,是\n"), ".CSV"),
        (io.BytesIO(b'[{"id": "P1", "stopped": true}]'), "json"),
        (io.StringIO('{"id": "P1", "stopped": true}\n'), "jsonl"),
    ],
)
def test_an_upload_is_read_as_the_file_would_be(stream: Any, format: str) -> None:
    ledger = POLICY.read(stream, format=format)
    assert identities(ledger) == ["P1"] and not ledger.problems
    assert POLICY.evaluate(ledger.records[0])["分类"].value == "盘活"
    assert not stream.closed


def test_a_stream_with_a_name_says_its_format(tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    path.write_text("编号,停产\nP1,不知\n", encoding="utf-8")
    with path.open("rb") as stream:
        ledger = POLICY.read(stream)
    (problem,) = ledger.problems
    assert problem.cell.file == "台账.csv" and problem.cell.row == 2


@pytest.mark.parametrize(
    ("given", "format", "said"),
    [
        (b"[]", None, "io.BytesIO"),
        (None, None, "路径或打开的流"),
        (io.BytesIO(b"[]"), None, "format='xlsx'"),
        (io.StringIO(""), None, "format='csv'"),
        (io.BytesIO(b"[]"), "pdf", "xlsx"),
        ("台账.csv", "csv", "后缀"),
    ],
)
def test_what_cannot_be_read_is_said(given: Any, format: str | None, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        POLICY.read(given, format=format)


def test_a_stream_that_is_too_long_is_not_kept() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return b"[" * size

    with pytest.raises(pr.RecordError) as caught:
        POLICY.read(Endless(), format="json")  # type: ignore[arg-type]  # a stream all the same
    assert [problem.code for problem in caught.value.problems] == ["E507"]


def test_a_portfolio_is_evaluated_as_it_is() -> None:
    portfolio = POLICY.portfolio([{"编号": "1"}, {"编号": "2", "停产": True}])
    assert POLICY.portfolio(portfolio) is portfolio
    for way in ("raise", "collect"):
        found = list(POLICY.evaluate_all(portfolio, on_error=way))  # type: ignore[call-overload]  # either way
        assert [outcome["分类"].text for outcome in found] == ["待定：盘活、无", "盘活"]


def test_a_portfolio_of_other_rules_is_refused_in_plain_words() -> None:
    portfolio = POLICY.portfolio([{"编号": "1"}])
    for use in (lambda: OTHER.evaluate({"编号": "1"}, portfolio), lambda: list(OTHER.evaluate_all(portfolio))):
        with pytest.raises(pr.RecordError, match="这条记录是按别的规则读的（项目），这套规则不能用"):
            use()


def _classified(record: Any) -> tuple[str, str]:
    return POLICY.evaluate(record)["分类"].text, type(record).__name__


def test_a_model_of_a_record_travels() -> None:
    record = POLICY.Record(id="P1", stopped=True, funds=[{"amount": "3 万元"}], 别的=1)  # type: ignore[call-arg]  # made at run time
    again = pickle.loads(pickle.dumps(record))
    assert again == record and type(again) is type(record)
    row = pickle.loads(pickle.dumps(record.funds[0]))  # type: ignore[attr-defined]  # made at run time
    assert row == record.funds[0]  # type: ignore[attr-defined]  # made at run time
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(_classified, [record]) == [("盘活", "Record")]


def test_the_tables_of_a_program_are_read_only() -> None:
    program = POLICY.program
    for table in (program.rules, program.decisions, program.parameters, program.fields, program.fields["项目"]):
        with pytest.raises(TypeError, match="只读"):
            table.clear()  # type: ignore[attr-defined]  # a Mapping to the type checker
        with pytest.raises(TypeError, match="只读"):
            table["x"] = None  # type: ignore[index]  # a Mapping to the type checker
    assert pickle.loads(pickle.dumps(program)) == program
