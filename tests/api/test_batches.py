"""Many records together: which one is at fault, a record in its portfolio once, and what a ledger holds."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import json
import os
import pickle
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.records.ledger import Ledger
from policyrules.testing.build import AS_OF, policy_from_text

TEXT = """
对象 县（county）
  字段 县名（name）：文本
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 户数（households）：整数（户）
参数 线（line）：整数（个） 缺省 2 个
统计 停产数（number）
  依据【二·界定】“停产的”
  计数 项目
  其中 停产
提示 偏多
  依据【二·界定】“停产的”
  当 停产数 ≥ 2 个
  说 “偏多”
决定 分类（category）：单选 { 盘活、其他 }
规则 盘活类
  依据【二·界定】“停产的”
  当 停产
  则 分类 为 盘活
"""


@pytest.fixture(scope="module")
def policy() -> pr.Policy:
    return policy_from_text(TEXT)


def noticed(outcome: pr.Outcome) -> str:
    (finding,) = outcome.findings
    return finding.status


def stopped(key: str | None = None) -> dict[str, object]:
    return {"停产": True} if key is None else {"停产": True, "编号": key}


# ---- a record is in its portfolio once ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "listed"),
    [(stopped("P1"), [stopped("P1")]), (stopped("P1"), [stopped("Ｐ1 ")]), (stopped("P1"), [stopped("p1")])],
)
def test_a_record_counts_once_by_its_number(
    policy: pr.Policy, record: dict[str, object], listed: list[dict[str, object]]
) -> None:
    for portfolio in (listed, policy.portfolio(listed), [*listed, {"编号": "P2", "停产": False}]):
        assert noticed(policy.evaluate(record, portfolio)) == "not_applicable"
        assert policy.explain(record, "偏多", portfolio).reasons[0].value == "不适用"


def test_a_record_without_a_number_counts_once_by_the_object(policy: pr.Policy) -> None:
    one, other = stopped(), {"停产": False}
    for portfolio in ([one, other], [other, one, one], policy.portfolio([one, other])):
        assert noticed(policy.evaluate(one, portfolio)) == "not_applicable"
    assert [noticed(outcome) for outcome in policy.evaluate_all([one, other])] == ["not_applicable"] * 2
    # Two that merely look the same are two.
    assert noticed(policy.evaluate(one, [copy.copy(one), other])) == "notice"
    assert [noticed(outcome) for outcome in policy.evaluate_all([one, copy.copy(one)])] == ["notice"] * 2


def test_the_same_object_changed_stands_in_its_own_place(policy: pr.Policy) -> None:
    one = stopped()
    portfolio = policy.portfolio([one, stopped("P2")])
    assert noticed(policy.evaluate(one, portfolio)) == "notice"
    one["停产"] = False
    assert noticed(policy.evaluate(one, portfolio)) == "not_applicable"


def test_a_member_stands_for_itself_in_its_portfolio_alone(policy: pr.Policy) -> None:
    two = policy.portfolio([stopped("P1"), stopped("P2")])
    one = policy.portfolio([stopped("P1"), {"编号": "P3", "停产": False}])
    first = two.members[0]
    for _ in range(2):
        assert noticed(policy.evaluate(first, two)) == "notice"
        # Of another portfolio it takes the place of its number there.
        assert noticed(policy.evaluate(first, one)) == "not_applicable"
    assert noticed(policy.evaluate(policy.instance(stopped("P9")), one)) == "notice"
    # What was made of a member is another record under its number.
    edited = dataclasses.replace(first, values={**first.values, "停产": False})
    assert noticed(policy.evaluate(edited, two)) == "not_applicable"
    assert policy.evaluate(edited, two)["分类"].status == "none"
    wrong = dataclasses.replace(first, values={**first.values, "停产": "是"})
    with pytest.raises(pr.RecordError):
        policy.evaluate(wrong, two)


def test_a_portfolio_that_travelled_is_looked_through_anew(policy: pr.Policy) -> None:
    portfolio = policy.portfolio([stopped("P1"), stopped("P2")])
    expected = policy.evaluate(portfolio.members[0], portfolio).to_dict()
    other = pickle.loads(pickle.dumps(portfolio))
    engine = policy.interpreter.engine
    assert portfolio.has(engine, portfolio.members[0]) and not other.has(engine, other.members[0])
    for member in (other.members[0], portfolio.members[0]):
        assert policy.evaluate(member, other).to_dict() == expected
    assert other.has(engine, other.members[0]) and not other.has(engine, portfolio.members[0])


def test_a_member_is_looked_at_by_each_policy_though_its_engine_saw_the_portfolio(policy: pr.Policy) -> None:
    other = policy_from_text(LESS)
    instance = dataclasses.replace(policy.instance({**stopped("P1"), "户数": 3}), layers=("别处",))
    portfolio = policy.portfolio([instance])
    assert noticed(policy.evaluate(instance, portfolio)) == "not_applicable"
    # Nobody looks through what the bare function is given.
    assert other.compile().decide(instance, portfolio)["分类"].value == "盘活"
    with pytest.raises(pr.RecordError):
        other.evaluate(instance, portfolio)


def test_evaluate_and_evaluate_all_agree(policy: pr.Policy) -> None:
    records = [stopped(), stopped("P1"), {"停产": False}, {}]
    for outcome, record in zip(policy.evaluate_all(records), records, strict=True):
        assert outcome.to_dict() == policy.evaluate(record, records).to_dict()
        assert outcome.to_dict() == policy.evaluate(record, policy.portfolio(records)).to_dict()


def test_two_records_with_one_number_are_refused(policy: pr.Policy) -> None:
    records = [stopped("P1"), {"编号": "P2"}, stopped(" ｐ1")]
    for use in (policy.portfolio, lambda found: list(policy.evaluate_all(found)), lambda f: policy.evaluate({}, f)):
        with pytest.raises(pr.RecordError) as caught:
            use(records)
        error = caught.value
        assert (error.index, error.problems[0].code) == (2, "E505") and "第 1 条" in str(error)
    found = list(policy.evaluate_all(records, on_error="collect"))
    assert [type(one) for one in found] == [pr.Outcome, pr.Outcome, pr.RecordError]
    # The second may or may not be another stopped project.
    assert noticed(found[0]) != "not_applicable"  # type: ignore[arg-type]  # an outcome, as said above


# ---- which record is at fault ---------------------------------------------------------------------------------------


def test_a_batch_says_which_record_cannot_be_read(policy: pr.Policy) -> None:
    records = [stopped(f"P{n}") for n in range(5)]
    records[3] |= {"停产": "也许", "户数": "若干"}
    with pytest.raises(pr.RecordError) as caught:
        list(policy.evaluate_all(records))
    error = caught.value
    assert (error.index, error.identity, error.path) == (3, "P3", "停产") and "第 4 条（P3）" in str(error)
    assert [(problem.code, problem.cell.path) for problem in error.problems] == [("E501", "停产"), ("E501", "户数")]
    again = pickle.loads(pickle.dumps(error))
    assert (again.index, again.identity, str(again)) == (error.index, error.identity, str(error))


def test_collected_errors_stand_in_place_of_outcomes(policy: pr.Policy) -> None:
    records: list[dict[str, object]] = [stopped("P0"), {"编号": "P1", "停产": "也许"}, {"编号": "P2", "户数": "x"}, {}]
    found = list(policy.evaluate_all(records, on_error="collect"))
    assert [one.index for one in found if isinstance(one, pr.RecordError)] == [1, 2]
    assert [one.identity for one in found] == ["P0", "P1", "P2", ""]
    assert all(problem.code == "E501" for one in found if isinstance(one, pr.RecordError) for problem in one.problems)
    # A project that cannot be read may be a stopped one: the notice is not ruled out.
    assert isinstance(found[0], pr.Outcome) and noticed(found[0]) == "unverified"


def test_another_way_of_errors_is_refused_at_once(policy: pr.Policy) -> None:
    with pytest.raises(ValueError, match="on_error"):
        policy.evaluate_all([], on_error="ignore")  # type: ignore[call-overload]  # what is tried


# ---- what a ledger holds --------------------------------------------------------------------------------------------


@pytest.fixture
def ledger(policy: pr.Policy, tmp_path: Path) -> Ledger:
    path = tmp_path / "项目.csv"
    path.write_text("编号,停产\nP1,是\nP2,也许\nP3,否\nP3,是\n", encoding="utf-8")
    return policy.read(path)


def test_a_ledger_is_evaluated_as_it_is(policy: pr.Policy, ledger: Ledger) -> None:
    outcomes = list(policy.evaluate_all(ledger))
    assert [outcome.identity for outcome in outcomes] == ["P1", "P3"]
    first = policy.evaluate(ledger.records[0], ledger)
    assert first.to_dict() == outcomes[0].to_dict() and noticed(first) == "unverified"
    assert policy.evaluate(ledger.records[0], policy.portfolio(ledger)).to_dict() == first.to_dict()
    assert policy.evaluate(ledger.records[0], ledger.records).identity == "P1"


def test_what_was_set_aside_never_comes_out_as_a_result(policy: pr.Policy, ledger: Ledger) -> None:
    assert len(ledger.portfolio) == 4
    assert [outcome.identity for outcome in policy.evaluate_all(ledger.portfolio)] == ["P1", "P3"]
    for given in (ledger, ledger.portfolio):
        found = list(policy.evaluate_all(given, on_error="collect"))
        errors = [(one.index, one.identity, one.problems[0].code) for one in found if isinstance(one, pr.RecordError)]
        assert errors == [(2, "P2", "E501"), (3, "P3", "E505")] and len(found) == 4
    for record in ledger.set_aside:
        with pytest.raises(pr.RecordError) as caught:
            policy.evaluate(record, ledger)
        assert caught.value.problems == record.instance.problems


def test_a_ledger_is_compared_as_it_is(policy: pr.Policy, ledger: Ledger) -> None:
    other = policy_from_text(TEXT.replace("当 停产\n  则", "当 非 停产\n  则"))
    comparison = pr.compare(policy, other, ledger)
    assert comparison.records == 2 and comparison.changed_projects == 2


@pytest.mark.parametrize("name", ["没有.csv", "没有", "a.doc", "a\0b.csv", "长" * 300 + ".csv"])
def test_a_ledger_that_is_not_there_raises(policy: pr.Policy, tmp_path: Path, name: str) -> None:
    (tmp_path / "a.doc").touch()
    with pytest.raises(pr.RecordError) as caught:
        policy.read(tmp_path / name)
    assert caught.value.problems[0].code == "E507" and "None" not in str(caught.value)


def test_without_openpyxl_a_workbook_raises(policy: pr.Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    (tmp_path / "a.xlsx").touch()
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(pr.RecordError, match=r"policyrules\[excel\]"):
        policy.read(tmp_path / "a.xlsx")


def test_a_file_with_bad_content_does_not_raise(policy: pr.Policy, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[{", encoding="utf-8")
    assert [problem.code for problem in policy.read(tmp_path / "a.json").problems] == ["E507"]


# ---- records of another policy --------------------------------------------------------------------------------------

OTHER = TEXT.replace("字段 停产（stopped）：是否", "字段 停产（stopped）：文本").replace("停产\n", "停产 为 “是”\n")
LESS = TEXT.replace("  字段 户数（households）：整数（户）\n", "")
ELSE = TEXT.replace("对象 项目（project） 属于 县", "对象 农户（farm） 属于 县").replace("计数 项目", "计数 农户")


@pytest.mark.parametrize("text", [OTHER, LESS, ELSE])
def test_what_another_policy_read_is_refused(policy: pr.Policy, text: str) -> None:
    other = policy_from_text(text)
    record = {"编号": "P1", "停产": True, "户数": 3}
    instance = dataclasses.replace(policy.instance(record), layers=("别处",))
    uses = [
        lambda: other.evaluate(instance),
        lambda: other.evaluate({}, [instance]),
        lambda: list(other.evaluate_all([instance])),
        lambda: other.portfolio([instance]),
        lambda: other.evaluate({}, policy.portfolio([instance])),
    ]
    for use in uses:
        with pytest.raises(pr.RecordError) as caught:
            use()
        assert caught.value.problems[0].code == "E502" and "别的规则" in str(caught.value)


def test_what_a_longer_stack_read_serves_the_upper_layers() -> None:
    root = Path(__file__).resolve().parents[2] / "policies"
    lower = pr.load(root / "jiangxi", as_of=AS_OF)
    record = lower.instance(
        {field.key: "是" for field in lower.program.fields["项目"].values() if str(field.type) == "是否"}
    )
    upper = lower.down_to(lower.layers[0].id)
    assert upper.evaluate(record, [record]).identity == ""


# ---- what nobody changes --------------------------------------------------------------------------------------------


def test_parameters_and_decisions_are_read_only(policy: pr.Policy) -> None:
    given = {"线": 3}
    other = policy.with_parameters(given)
    outcome = other.evaluate(stopped("P1"))
    for mapping in (other.parameters, outcome.decisions, outcome.children):
        assert isinstance(mapping, dict)
        for change in (
            lambda m=mapping: m.__setitem__("x", 1),
            lambda m=mapping: m.clear(),
            lambda m=mapping: m.update(x=1),
            lambda m=mapping: m.pop("线", None),
            lambda m=mapping: m.popitem(),
            lambda m=mapping: m.setdefault("x", 1),
            lambda m=mapping: m.__ior__({"x": 1}),
            lambda m=mapping: m.__delitem__("线"),
        ):
            with pytest.raises(TypeError, match="只读"):
                change()
        assert pickle.loads(pickle.dumps(mapping)) == mapping == copy.deepcopy(mapping)
    given["线"] = 9
    assert other.parameters == {"线": 3} and json.dumps(other.parameters)
    assert hash(other) == hash(policy.with_parameters({"线": 3}))
    assert hash(outcome) == hash(other.evaluate(stopped("P1"))) and dataclasses.asdict(outcome)["identity"] == "P1"
    assert other.with_parameters({"线": 4}).parameters == {"线": 4}


@pytest.mark.parametrize("as_of", [datetime.datetime(2025, 9, 15), "2025-09-15", 20250915])
def test_a_date_is_a_date(policy: pr.Policy, as_of: object) -> None:
    root = Path(__file__).resolve().parents[2] / "policies" / "national"
    for use in (lambda: pr.load(root, as_of=as_of), lambda: pr.try_load(root, as_of=as_of), lambda: policy.at(as_of)):  # type: ignore[arg-type]  # what is tried
        with pytest.raises(TypeError, match=r"datetime\.date\(2025, 9, 15\)"):
            use()
    with pytest.raises(TypeError, match="None"):
        policy.at(None)  # type: ignore[arg-type]  # what is tried


@pytest.mark.parametrize("path", ["没有", "a\0b", "长" * 300, "/dev/null", ""])
def test_a_layer_that_is_not_there_raises_in_our_words(path: str) -> None:
    with pytest.raises(pr.PolicyError):
        pr.load(path, as_of=AS_OF)


def test_a_layer_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "layer.yaml").touch()
    real = os.open

    def closed(path: str, flags: int, *rest: int) -> int:
        if os.path.basename(path) == "layer.yaml":
            raise PermissionError(13, "Permission denied")
        return real(path, flags, *rest)

    monkeypatch.setattr(os, "open", closed)
    with pytest.raises(pr.PolicyError, match="没有权限"):
        pr.load(tmp_path, as_of=AS_OF)
