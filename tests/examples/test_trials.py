"""The invented trials on the example ledger: what they change, record by record, and that a copied folder says the same.

The counts were worked out by editing a copy of the provincial folder, before there were trials.
"""

from __future__ import annotations

import datetime
import shutil
from collections import Counter
from pathlib import Path

import pytest
from tests.analysis.pairs import differing
from tests.program.trials import unmarked

import policyrules as pr
from policyrules.analysis.attribute import blended
from policyrules.analysis.attribution import causes
from policyrules.analysis.trials import Asked

pytest.importorskip("openpyxl")

ROOT = Path(__file__).parents[2]
AS_OF = datetime.date(2025, 11, 15)
LOST = "升级 → 无"


@pytest.fixture(scope="module")
def ledger(example_ledger: Path) -> pr.Ledger:
    """The example ledger, read for the lowest layer."""
    return pr.load(ROOT / "examples" / "county", as_of=AS_OF).read(example_ledger)


def edited(folder: Path, file: str, *replaced: tuple[str, str]) -> Path:
    """Copies of all layers, as they lie beside each other, with an edit in a file of Jiangxi; the folder of the copies."""
    for name in ("policies/national", "policies/jiangxi", "examples/county"):
        shutil.copytree(ROOT / name, folder / name)
    path = folder / "policies" / "jiangxi" / file
    text = path.read_text(encoding="utf-8")
    for old, new in replaced:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return folder


def trial(folder: Path, text: str) -> pr.Policy:
    folder.mkdir()
    upper = ROOT / "policies" / "jiangxi"
    shutil.copytree(upper, folder / "jiangxi")
    shutil.copytree(ROOT / "policies" / "national", folder / "national")
    (folder / "试验").mkdir()
    manifest = "kind: 试验\nid: SYT\ntitle: 就地改\nextends: ../jiangxi\nvaries: JX\n"
    (folder / "试验" / "layer.yaml").write_text(manifest, encoding="utf-8")
    (folder / "试验" / "a.rules").write_text(text, encoding="utf-8")
    return pr.load(folder / "试验", as_of=AS_OF)


HOUSEHOLDS = ("任一满足（技术短板；设施短板）", "任一满足（技术短板；设施短板） 且 带动脱贫户 ≥ 10 户")


def classes(policy: pr.Policy, ledger: pr.Ledger) -> list[str]:
    """What 分类 is of each project: its value, or that it is open, in conflict or none."""
    words = {"undetermined": "待定", "conflict": "冲突", "none": "无", "not_applicable": "不适用"}
    decide = policy.compile(["分类"])
    portfolio = policy.portfolio(ledger)
    said = [decide(record, portfolio)["分类"] for record in portfolio.members if not record.problems]
    return [f"{words.get(one.status) or one.value}：{one.candidates}" for one in said]


def moves(before: list[str], after: list[str]) -> Counter[str]:
    pairs = zip(before, after, strict=True)
    return Counter(f"{old.partition('：')[0]} → {new.partition('：')[0]}" for old, new in pairs if old != new)


def test_more_households(ledger: pr.Ledger, tmp_path: Path) -> None:
    before = pr.load(ROOT / "policies" / "jiangxi", as_of=AS_OF)
    after = pr.load(ROOT / "examples" / "trials" / "加户数", as_of=AS_OF)
    copied = pr.load(edited(tmp_path, "范围与分类.rules", HOUSEHOLDS) / "policies" / "jiangxi", as_of=AS_OF)
    old, new, same = (classes(policy, ledger) for policy in (before, after, copied))
    assert moves(old, new) == {LOST: 26, "升级 → 待定": 8, "冲突 → 盘活": 3, "待定 → 无": 1, "待定 → 待定": 2}
    assert new == same
    assert unmarked(after.program) == unmarked(copied.program)
    line = classes(after.with_parameters({"户数": 9}), ledger)
    assert moves(old, line)[LOST] == 24
    assert moves(old, classes(after.with_parameters({"户数": 0}), ledger)) == {}


def test_every_change_of_class_is_put_down_to_the_trial(ledger: pr.Ledger) -> None:
    before = pr.load(ROOT / "policies" / "jiangxi", as_of=AS_OF)
    after = pr.load(ROOT / "examples" / "trials" / "加户数", as_of=AS_OF)
    portfolio = after.portfolio(ledger)
    said = differing(before, after, portfolio, portfolio, [Asked("分类")])
    changed = {spot: pair for spot, pair in said.items() if pair[0] != pair[1]}
    both = blended(before, after)
    found = causes(both, portfolio, changed, said=changed.__getitem__)
    assert len(changed) == 40 and found.faults == ()
    assert all(cause.how == "alone" and set(cause.named) == {0} for cause in found.causes.values())
    (act,) = both.atoms
    assert (act.new, act.origin.span.place[-10:]) == ("带动脱贫户 ≥ {户数 = 10 户}", "改动.rules:3")


@pytest.mark.parametrize("stack", ["policies/jiangxi", "examples/county"])
def test_without_the_hope_of_recovery(ledger: pr.Ledger, tmp_path: Path, stack: str) -> None:
    before = pr.load(ROOT / stack, as_of=AS_OF)
    if stack == "examples/county":
        after = pr.load(ROOT / "examples" / "trials" / "不看可好转", as_of=AS_OF)
    else:
        after = trial(tmp_path / "试", "去掉 修订 盘活类\n")
    cut = (
        "修订 盘活类\n  依据【二（三）盘活类·界定】“盘活类：指暂时经营困难但市场有潜力、前景看好，通过努力可以实现好转的帮扶产业和项目”\n"
        "  还须 可好转\n  释义 能否好转由评估组判断（县定）；“通过努力”：评估组应写明靠什么努力（推断）\n"
    )
    copied = pr.load(edited(tmp_path / "抄", "范围与分类.rules", (cut, "")) / stack, as_of=AS_OF)
    assert unmarked(after.program) == unmarked(copied.program)
    assert moves(classes(before, ledger), classes(after, ledger)) == {"无 → 盘活": 3, "待定 → 盘活": 1}
    assert after.trial is not None and [edit.authority for edit in after.trial.edits] == ["有"]


IN_PLACE = [
    (
        "改 修订 升级类\n  还须 链条 为 不完整 且 任一满足（技术短板；设施短板） 且 带动脱贫户 ≥ 10 户\n",
        "范围与分类.rules",
        HOUSEHOLDS,
    ),
    (
        "改 修订 升级类\n  还须 链条 为 不完整\n",
        "范围与分类.rules",
        ("链条 为 不完整 且 任一满足（技术短板；设施短板）", "链条 为 不完整"),
    ),
    (
        "改 参数 盘活先于升级 缺省 是\n",
        "范围与分类.rules",
        (
            "盘活先于升级（precedence_panhuo_over_shengji）：是否 缺省 否",
            "盘活先于升级（precedence_panhuo_over_shengji）：是否 缺省 是",
        ),
    ),
]


@pytest.mark.parametrize(("text", "file", "replaced"), IN_PLACE, ids=["加条件", "放宽", "缺省"])
def test_an_edit_in_place(tmp_path: Path, text: str, file: str, replaced: tuple[str, str]) -> None:
    varied = trial(tmp_path / "试", text)
    copied = pr.load(edited(tmp_path / "抄", file, replaced) / "policies" / "jiangxi", as_of=AS_OF)
    assert unmarked(varied.program) == unmarked(copied.program)


def test_a_term_in_place(tmp_path: Path) -> None:
    path = ROOT / "policies" / "jiangxi" / "入库与立项.rules"
    text = path.read_text(encoding="utf-8")
    start = text.index("即", text.index("术语 禁入情形"))
    end = text.index("\n\n", start)
    body = text[start + 1 : end].partition("\n  释义")[0].strip()
    varied = trial(tmp_path / "试", f"改 术语 禁入情形\n  即 非 （{body}）\n")
    copied = pr.load(
        edited(tmp_path / "抄", path.name, (text[start:end], text[start:end].replace(body, f"非 （{body}）")))
        / "policies"
        / "jiangxi",
        as_of=AS_OF,
    )
    assert unmarked(varied.program) == unmarked(copied.program)
