"""The two exceptions that carry findings: what they hold, and that they travel between processes."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.records.sample import build_program

import policyrules as pr
from policyrules.records.build import build_or_raise

BAD_RECORD = {"project_id": "P9", "formed": "也许", "资产": [{"闲置起始日": "去年"}]}
BAD_RULES = "对象 项目（project）\n  字段 停产（stopped）：是否\n术语 甲 即 没有的\n术语 乙 即 也没有的\n"


def bad_record(_: object = None) -> None:
    build_or_raise(build_program(), BAD_RECORD)


def bad_rules(_: object = None) -> None:
    from policyrules.testing.build import policy_from_text

    try:
        policy_from_text(BAD_RULES)
    except pr.PolicyError as error:
        error.add_note("在窗口三读入")
        raise


def raised(fault: Callable[[], None]) -> Exception:
    try:
        fault()
    except (pr.RecordError, pr.PolicyError) as error:
        return error
    raise AssertionError("nothing was raised")


def codes(error: BaseException) -> list[str]:
    found = error.problems if isinstance(error, pr.RecordError) else getattr(error, "diagnostics", ())
    return [diagnostic.code for diagnostic in found]


def same(error: BaseException, other: BaseException) -> bool:
    return type(error) is type(other) and str(error) == str(other) and vars(error) == vars(other)


def test_a_record_error_holds_every_finding() -> None:
    error = raised(bad_record)
    assert isinstance(error, pr.RecordError)
    assert (error.path, error.value, error.expected) == ("已形成", "也许", "“是”或“否”；不知道的请留空")
    assert [problem.cell.path for problem in error.problems] == ["已形成", "资产[0].闲置起始日"]
    assert error.__notes__ == [str(error.problems[1])]


@pytest.mark.parametrize("fault", [bad_record, bad_rules])
def test_errors_pickle_whole(fault: Callable[[], None]) -> None:
    error = raised(fault)
    assert error.__notes__ and same(error, pickle.loads(pickle.dumps(error)))


def test_a_finding_pickles_with_its_text_and_no_more() -> None:
    error = raised(bad_rules)
    assert isinstance(error, pr.PolicyError)
    for diagnostic in error.diagnostics:
        data = pickle.dumps(diagnostic)
        assert pickle.loads(data) == diagnostic and len(data) < 2_000


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("fault", [bad_record, bad_rules])
def test_a_pool_hands_errors_on(fault: Callable[[object], None], method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A process that is spawned imports this module anew, by its path.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    error = raised(fault)  # type: ignore[arg-type]  # called without its argument
    with multiprocessing.get_context(method).Pool(2) as pool:
        for waiting in [pool.apply_async(fault, (number,)) for number in range(3)]:
            with pytest.raises(type(error)) as caught:
                waiting.get(timeout=60)
            assert caught.value.__notes__ == error.__notes__ and codes(caught.value) == codes(error)
