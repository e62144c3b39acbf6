"""Results as files, templates, and ledgers written and read again."""

from __future__ import annotations

import csv
import datetime
import io
import json
import time
import zipfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.records.sample import FIELDS
from tests.records.tabled import result_tables

from policyrules.answers import Settled, attach
from policyrules.diagnostics import CellPlace, Diagnostic
from policyrules.engine.instances import Instance
from policyrules.explanation import Blank, Missing
from policyrules.program.nodes import Citation, Field, Program
from policyrules.records.build import build_or_raise
from policyrules.records.export import write_ledger
from policyrules.records.ledger import Ledger, LedgerRecord
from policyrules.records.reading import read_ledger
from policyrules.records.result_cells import escape_formula
from policyrules.records.results import write_results
from policyrules.records.templates import write_template
from policyrules.results import DecisionResult, Finding, ObjectOutcome, Outcome, ValueSources
from policyrules.types import Kind, Value

BLANKS = (
    Blank("field", "项目", "市场效益", "market_benefit", ("评估组",), owner="项目", own=True),
    Blank("rows", "项目", "资产", "assets", owner="项目", own=True),
)


LOAN = Citation("CN", "CN-3-1", "三·信贷", "支持信贷", ("市场处", "计财处"))
SHOW = Citation("JX", "JX-3-2", "三·展会", "组织参加展会")


def measures() -> DecisionResult:
    """One measure that holds, with its offices, one that may, whose clause names none."""
    sure = ValueSources("贷款", True, "支持", ("信贷",), ("CN-3-1",), (LOAN, LOAN), ("市场处", "计财处"))
    maybe = ValueSources("展会", False, None, ("展会",), ("JX-3-2",), (SHOW,), ())
    values = ("贷款", "展会")
    result = DecisionResult(
        "措施",
        "measures",
        "undetermined",
        None,
        values,
        frozenset({"贷款"}),
        values,
        many=True,
        by_value={"贷款": sure, "展会": maybe},
        path="项目",
        label="项目",
    )
    attach(result, Settled(Missing(), {}), None)
    return result


def outcome(identity: str, name: str = "盘活") -> Outcome:
    settled = DecisionResult(
        "分类", "category", "determined", name, (name,), frozenset({name}), (name,), clauses=("CN-2-3-1",)
    )
    open_ = DecisionResult(
        "入库意见",
        "intake",
        "undetermined",
        None,
        ("暂缓", None),
        frozenset(),
        ("暂缓",),
        path="项目",
    )
    attach(open_, Settled(Missing(BLANKS, BLANKS[:1]), {}), None)
    asset = DecisionResult("资产去向", "asset_path", "none", None, (None,), frozenset(), ("市场盘活",), path="资产[0]")
    row = ObjectOutcome("资产", "资产[0]", "A1", {"资产去向": asset}, {}, label="资产 A1")
    unverified = Finding("确权", "duty", "unverified", "资产[0]", (), (), (), label="资产 A1")
    attach(unverified, Settled(Missing(BLANKS[1:], BLANKS[1:]), {}), None)
    findings = (
        Finding("及时兑现", "duty", "overdue", "项目", ("CN-6-17-1",), (), ("县财政局",), datetime.date(2025, 6, 30)),
        unverified,
        Finding("不相干", "duty", "not_applicable", "项目", (), (), ()),
        Finding("分类期限", "notice", "notice", "项目", (), (), (), message="=到期"),
    )
    return Outcome(
        "项目",
        "项目",
        identity,
        {"分类": settled, "入库意见": open_, "措施": measures()},
        {"资产": (row,)},
        findings,
        datetime.date(2025, 9, 15),
        "abc",
        ("CN",),
        ("没有用上的列",),
    )


LEDGER = Ledger(
    (
        LedgerRecord(Instance("项目"), "P1", "=HYPERLINK(1)", "台账.xlsx", "项目", 2),
        LedgerRecord(Instance("项目"), "P2", "大棚", "台账.xlsx", "项目", 3),
    ),
    (LedgerRecord(Instance("项目"), "P3", "", "台账.xlsx", "项目", 4),),
    (
        Diagnostic(
            "E501",
            "填的是“+也许”",
            CellPlace("已形成", "+也许", "台账.xlsx", "项目", 4, "C", "P3", True),
            remedy="“是”或“否”",
        ),
    ),
    ("有一列没有用上",),
)
OUTCOMES = [outcome("P1"), outcome("P2", "@升级")]


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_formula_characters_are_escaped(start: str) -> None:
    assert escape_formula(start + "cmd") == "'" + start + "cmd"
    assert escape_formula("a" + start) == "a" + start


def test_tables_hold_everything() -> None:
    results, values, findings, missing, problems, tasks = result_tables(OUTCOMES, LEDGER, {"CN": "农规发〔2024〕26号"})
    first = dict(zip(results.header, results.rows[0], strict=True))
    assert first["编号"] == "P1" and first["名称"] == "'=HYPERLINK(1)" and first["来源"] == "项目 第 2 行"
    assert first["分类"] == "盘活" and first["分类·状态"] == "已定" and first["分类·依据"] is None
    assert first["入库意见"] == "待定：暂缓、无" and first["入库意见·状态"] == "待定"
    assert first["资产·资产去向"] == "资产 A1：无" and first["违反或逾期"] == "及时兑现" and first["待核实"] == "确权"
    assert first["最少要补"] == "市场效益（评估组）" and first["备注"] == "没有用上的列"
    assert [row[0] for row in values.rows] == ["P1", "P1", "P2", "P2"]
    assert [row[2:] for row in values.rows[:2]] == [
        ("项目", "措施", "贷款", "确定", "支持", "农规发〔2024〕26号【三·信贷】", "支持信贷", "市场处、计财处"),
        ("项目", "措施", "展会", "待定", None, "JX【三·展会】", "组织参加展会", None),
    ]
    assert findings.rows[1][5] == "资产 A1"
    assert [row[2:5] for row in findings.rows[:3]] == [
        ("及时兑现", "义务", "逾期"),
        ("确权", "义务", "待核实"),
        ("分类期限", "提示", "提示"),
    ]
    assert missing.rows[0] == ("P1", "'=HYPERLINK(1)", "入库意见", "项目", "市场效益", "字段未填", "评估组", "是")
    assert missing.rows[1][-1] is None and missing.rows[2][2] == "资产 A1·确权"
    assert first["措施"] == "1 项确定，1 项可能"
    assert tasks.header[2:] == ("状态", "事项", "对象", "文号和条款", "原话", "期限", "逾期天数", "情况或所缺", "由谁")
    assert tasks.rows[0][:4] == ("P1", "'=HYPERLINK(1)", "逾期", "及时兑现")
    assert tasks.rows[0][7:] == (datetime.date(2025, 6, 30), 77, None, "县财政局")
    assert [row[3] for row in tasks.rows] == ["及时兑现", "及时兑现", "入库意见", "入库意见"]
    assert tasks.rows[2][-2:] == ("市场效益", "评估组")
    assert problems.rows[0][0] == "P3" and problems.rows[0][6] == "'+也许" and problems.rows[0][-1] == "是"


def test_csv_opens_in_excel(tmp_path: Path) -> None:
    written = write_results(tmp_path / "结果.csv", OUTCOMES, ledger=LEDGER)
    assert [path.name for path in written] == [
        "结果.csv",
        "结果_逐项结果.csv",
        "结果_发现.csv",
        "结果_缺项.csv",
        "结果_未读入.csv",
        "结果_要处理.csv",
    ]
    data = written[0].read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and b"\r\n" in data
    for path in written:
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")):
            assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[1][:2] == ["P1", "'=HYPERLINK(1)"] and rows[2][3] == "'@升级" and rows[1][-1] == "2025-09-15"


@pytest.mark.parametrize(
    "text", ["x;=HYPERLINK(1)", 'x";=1', "甲; +1", "甲|@SUM(1)", "甲\t-1", "甲\n=1", "甲\r\n＝1", ";;=1", "=1;=1"]
)
def test_csv_is_no_formula_where_other_marks_part_the_cells(tmp_path: Path, text: str) -> None:
    problem = Diagnostic("E501", "x", CellPlace("字段", text), remedy="好")
    paths = write_results(tmp_path / "a.csv", OUTCOMES, ledger=Ledger(LEDGER.records, (), (problem,), ()))
    for path in paths:
        for delimiter in ",;|\t":
            # As a program reads it that knows nothing of our quotes, and as one that does.
            raw = path.read_text(encoding="utf-8-sig")
            cells = [cell.strip(' "') for line in raw.splitlines() for cell in line.split(delimiter)]
            cells += [cell for row in csv.reader(io.StringIO(raw, newline=""), delimiter=delimiter) for cell in row]
            assert not any(cell.startswith(("=", "+", "-", "@", "＝")) for cell in cells), delimiter


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_half_a_character_stays_what_it_is_in_json(tmp_path: Path, suffix: str) -> None:
    problem = Diagnostic("E501", "x", CellPlace("字段", "甲\ud800\U00020000"), remedy="好")
    (path,) = write_results(tmp_path / f"a{suffix}", [], ledger=Ledger((), (), (problem,), ()))
    assert json.loads(path.read_text(encoding="utf-8"))["problems"][0]["value"] == "甲\ud800\U00020000"


def test_excel_results(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    (path,) = write_results(tmp_path / "结果.xlsx", OUTCOMES, ledger=LEDGER)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["要处理", "结果", "逐项结果", "发现", "缺项", "未读入"]
    sheet = book["结果"]
    assert sheet.freeze_panes == "C2" and sheet["A1"].value == "编号" and sheet["B2"].value == "'=HYPERLINK(1)"
    assert sheet.column_dimensions["B"].width >= 8 and sheet["A1"].font.b
    first = book["要处理"]
    assert (
        first["C2"].value == "逾期"
        and first["C2"].fill.fgColor.rgb == "FFF8D7DA"
        and first["H2"].number_format == "yyyy-mm-dd"
    )
    for page in book.worksheets:
        assert page.auto_filter.ref == page.dimensions and page.print_title_rows == "$1:$1"
        assert page.page_setup.orientation == "landscape" and page.page_setup.fitToHeight == 0
        assert page.sheet_properties.pageSetUpPr.fitToPage and page.page_setup.paperSize == 9
        for row in page.iter_rows():
            assert not any(cell.data_type == "f" or str(cell.value or "").startswith(("=", "+", "@")) for cell in row)
    assert book["发现"]["G2"].value == datetime.datetime(2025, 6, 30)
    # Not every program sees to the height of rows: where people begin to read it is said. A long text stands in several lines.
    heights = {page.title: {page.row_dimensions[row].height for row in range(2, page.max_row + 1)} for page in book}
    assert None not in heights["要处理"] | heights["未读入"] and heights["逐项结果"] == {None}
    note = "缺什么只查了前面的，后面的结论都在，只是没有查缺什么，要补的也没有算它们；要全部查，加 --all-missing"
    (path,) = write_results(tmp_path / "注意.xlsx", OUTCOMES, ledger=LEDGER, notes=(note,))
    page = openpyxl.load_workbook(path)["要处理"]
    assert (page["D2"].value, page.row_dimensions[2].height) == (note, 60)


def test_json_results(tmp_path: Path) -> None:
    (path,) = write_results(tmp_path / "结果.json", OUTCOMES, ledger=LEDGER)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["results"][0]["decisions"]["分类"]["value"] == "盘活"
    loans = document["results"][0]["decisions"]["措施"]["by_value"]["贷款"]
    assert loans["certain"] and loans["tone"] == "支持" and loans["offices"] == ["市场处", "计财处"]
    assert loans["citations"][0] == {"id": "CN-3-1", "place": "三·信贷", "quote": "支持信贷"}
    assert document["problems"][0]["value"] == "+也许" and document["set_aside"][0]["identity"] == "P3"
    (path,) = write_results(tmp_path / "结果.jsonl", iter(OUTCOMES), ledger=LEDGER)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 3 and lines[1]["identity"] == "P2" and lines[2]["ledger_notes"] == ["有一列没有用上"]


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".csv", ".xlsx"])
def test_what_holds_of_all_results_is_in_every_file(tmp_path: Path, suffix: str) -> None:
    note = "《意见》自 2025-01-01 起施行，评估日 2024-12-01 还没有施行"
    paths = write_results(tmp_path / f"a{suffix}", OUTCOMES, ledger=LEDGER, notes=[note])
    if suffix == ".xlsx":
        first = pytest.importorskip("openpyxl").load_workbook(paths[0])["要处理"]
        assert [cell.value for cell in first[2] if cell.value] == ["注意", note]
    else:
        assert any(note in path.read_text(encoding="utf-8-sig") for path in paths)


def test_without_a_ledger_and_with_another_suffix(tmp_path: Path) -> None:
    write_results(tmp_path / "a.json", [])
    (results, *_) = result_tables(OUTCOMES)
    assert results.rows[0][1] is None
    with pytest.raises(ValueError, match="后缀"):
        write_results(tmp_path / "a.pdf", OUTCOMES)


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".csv", ".xlsx"])
def test_the_same_results_have_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    first = [path.read_bytes() for path in write_results(tmp_path / f"a{suffix}", OUTCOMES, ledger=LEDGER)]
    if suffix == ".xlsx":
        time.sleep(1.1)
    again = [path.read_bytes() for path in write_results(tmp_path / f"b{suffix}", OUTCOMES, ledger=LEDGER)]
    assert first == again


def test_unwritable_characters_and_long_texts(tmp_path: Path) -> None:
    problem = Diagnostic("E501", "x", CellPlace("x", "\x00\x07\ud800"), remedy="好" * 50_000)
    odd = Ledger(LEDGER.records, (), (problem,), ())
    for suffix in (".csv", ".xlsx", ".json", ".jsonl"):
        for path in write_results(tmp_path / f"a{suffix}", OUTCOMES, ledger=odd):
            assert path.stat().st_size > 0


# ---- templates ------------------------------------------------------------------------------------------------------


def test_template(tmp_path: Path, program: Program) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "模板.xlsx"
    write_template(path, program)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["填写说明", "项目", "资金", "资产", "维修", "县", "类型统计", "选项"]
    assert book["选项"].sheet_state == "hidden"
    headers = {sheet.title: [cell.value for cell in sheet[1]] for sheet in book.worksheets}
    assert "实际到位（万元）" in headers["项目"] and "工期（个月）" in headers["项目"] and "利用率" in headers["项目"]
    assert headers["资金"][0] == "项目编号" and headers["维修"][0] == "资产编号" and headers["类型统计"][0] == "县名"
    rules = book["项目"].data_validations.dataValidation
    choices = [rule.formula1 for rule in rules if rule.type == "list"]
    assert len(choices) == 3 and all(formula.startswith("选项!$") for formula in choices)
    assert book["项目"].freeze_panes == "C2"
    guide = "\n".join(str(cell.value) for row in book["填写说明"].iter_rows() for cell in row if cell.value)
    assert "不知道的留空" in guide and "谋划、在库的不算" in guide and "研判" in guide
    ledger = read_ledger(path, program)
    assert (ledger.records, ledger.problems) == ((), ())
    assert len(ledger.notes) == 1 and "没有一条记录" in ledger.notes[0]
    again = tmp_path / "b.xlsx"
    write_template(again, program)
    assert again.read_bytes() == path.read_bytes()


def test_a_template_filled_in_is_read(tmp_path: Path, program: Program) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "模板.xlsx"
    write_template(path, program)
    book = openpyxl.load_workbook(path)
    columns = {cell.value: cell.column for cell in book["项目"][1]}
    for header, value in (
        ("项目编号", "001"),
        ("利用率", 0.6),
        ("实际到位（万元）", 300),
        ("建成日", datetime.date(2025, 1, 2)),
    ):
        book["项目"].cell(2, columns[header]).value = value
    book["资金"].append(["001", "其他", 5, 2024])
    book.save(path)
    ledger = read_ledger(path, program)
    assert ledger.problems == ()
    instance = ledger.records[0].instance
    assert instance.identity == "001" and instance.values["利用率"] == Fraction(3, 5)


# ---- ledgers written and read again ---------------------------------------------------------------------------------


def values_of(field: Field) -> st.SearchStrategy[object]:
    match field.type.kind:
        case Kind.BOOL:
            return st.booleans()
        case Kind.DATE:
            return st.dates(datetime.date(1950, 1, 1), datetime.date(2100, 1, 1))
        case Kind.ENUM:
            return st.sampled_from(field.type.values or ())
        case Kind.SET:
            return st.frozensets(st.sampled_from(field.type.values or ("茶叶", "油茶", "=1")))
        case Kind.TEXT:
            return st.sampled_from(["甲县", "=1+1", "@x", "001", "食用菌·大棚", "a\nb", "1.50", "2024-3"])
        case Kind.YEAR:
            return st.integers(2000, 2030)
        case Kind.INTEGER | Kind.DURATION:
            return st.integers(0, 10**6)
        case Kind.RATIO:
            return st.decimals(0, 1, places=4)
        case _:
            return st.decimals(0, 10**6, places=6)


def records() -> st.SearchStrategy[dict[str, object]]:
    def row(object_: str, skip: tuple[str, ...] = ()) -> dict[str, st.SearchStrategy[object]]:
        return {
            field.key: st.none() | values_of(field)
            for field in FIELDS
            if field.object == object_ and field.key not in skip
        }

    funds = st.fixed_dictionaries(row("资金")).filter(lambda found: any(value is not None for value in found.values()))
    project = row("项目", ("project_id", "county"))
    return st.fixed_dictionaries({**project, "sources": st.lists(funds, max_size=2)})


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=st.lists(records(), min_size=1, max_size=3), suffix=st.sampled_from([".xlsx", ".json", ".jsonl"]))
def test_written_ledgers_read_back(
    tmp_path: Path, program: Program, found: list[dict[str, object]], suffix: str
) -> None:
    county = {"县名": "甲县", "脱贫县": True, "type_counts": [{"project_type": "食用菌", "panhuo": 3}]}
    records = [{**record, "project_id": f"P{number}", "县": county} for number, record in enumerate(found)]
    path = tmp_path / f"台账{suffix}"
    write_ledger(path, program, records)
    ledger = read_ledger(path, program)
    # Of a project of which nothing else is written it is told.
    assert ledger.problems == () and all("除编号外什么也没有填" in note for note in ledger.notes)
    for record, raw in zip(records, ledger.records, strict=True):
        assert flat(build_or_raise(program, record)) == flat(raw.instance)


def flat(instance: Instance) -> list[tuple[str, dict[str, Value]]]:
    found = [(instance.path, instance.values)]
    for rows in instance.rows.values():
        for row in rows or ():
            found += flat(row)
    if instance.path == "项目" and instance.parent is not None:
        found += flat(instance.parent)
    return found


def test_what_a_workbook_cannot_hold(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "a.xlsx"
    mixed = [{"project_id": "P1", "sources": []}, {"project_id": "P2"}]
    accounts = [{"project_id": "P1", "县": {"县名": "甲", "脱贫县": True}}, {"project_id": "P2", "县": {"县名": "甲"}}]
    for records, says in ((mixed, "没有提供资金"), (accounts, "不一样"), ([{"sources": [{"金额": 1}]}], "没有编号")):
        with pytest.raises(ValueError, match=says):
            write_ledger(path, program, records)
    with pytest.raises(ValueError, match="有限的小数"):
        write_ledger(path, program, [{"project_id": "P1", "factor": Fraction(1, 3)}])
    with pytest.raises(ValueError, match="后缀"):
        write_ledger(tmp_path / "a.csv", program, [])


def test_an_area_no_decimal_ends_is_written_in_mu(tmp_path: Path, program: Program) -> None:
    for suffix in (".xlsx", ".json"):
        path = tmp_path / f"a{suffix}"
        write_ledger(path, program, [{"project_id": "P1", "area": "1亩", "factor": Decimal("0.1234567890123456789")}])
        found = read_ledger(path, program).records[0].instance
        assert found.values["面积"] == 1 and found.values["系数"] == Fraction("0.1234567890123456789")


def test_ledgers_have_the_same_bytes(tmp_path: Path, program: Program) -> None:
    records = [{"project_id": "P1", "causes": ["其他", "资金周转困难"], "supported": ["油茶", "茶叶"], "sources": []}]
    for suffix in (".xlsx", ".json", ".jsonl"):
        write_ledger(tmp_path / f"a{suffix}", program, records)
        write_ledger(tmp_path / f"b{suffix}", program, records)
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert {part.date_time[0] for part in archive.infolist()} == {2000}
