"""Programs that are kept: the same answers with and without, whatever changed, and nothing trusted that is not ours."""

from __future__ import annotations

import datetime
import gc
import json
import os
import pickle
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import pytest
from tests.engines.long import programs as generated

import policyrules as pr
from policyrules.diagnostics import render
from policyrules.operators import Operator
from policyrules.policy import Policy, policy_of, try_load
from policyrules.program import cache, codec, folders, nodes
from policyrules.program.lock import LockEntry, lock_text, write_locks
from policyrules.program.stack import Stack
from policyrules.program.unparsed import Unparsed
from policyrules.readonly import ReadOnly
from policyrules.source import Source, Span
from policyrules.testing.build import AS_OF, layer_files, stack_from_text, write_layers

ROOT = Path(__file__).resolve().parents[2]
LATER = datetime.date(2026, 3, 1)
POSIX = pytest.mark.skipif(os.name == "nt", reason="owners and modes of POSIX")

TOP = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 投资（invested）：金额（万元）
  字段 完工日（finished）：日期
参数 线（line）：金额（万元） 缺省 50 万元
  授权 自定
决定 类（kind）：单选 { 上、下、其他 }
规则 上规则
  依据【一】“停产的”
  当 停产 且 投资 ≥ 线
  则 类 为 上
规则 下规则
  依据【二】“其余”
  当 完工日 起满 12 个月
  则 类 为 下
提示 提醒
  依据【三】“提醒”
  当 投资 < 0.5 万元
  说 “投资偏少”
"""
MIDDLE = "修订 上规则\n  依据【甲】“还要”\n  还须 完工日 已填\n"
LOWEST = "设定 线\n  依据【乙】“线”\n  为 60 万元\n"
RECORDS: tuple[dict[str, object], ...] = (
    {},
    {"停产": True, "投资": 70, "完工日": "2024-01-01"},
    {"停产": True, "投资": "0.3"},
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where programs are kept."""
    place = tmp_path / "kept"
    monkeypatch.setenv(cache.VARIABLE, str(place))
    return place


@pytest.fixture
def lowest(tmp_path: Path) -> Path:
    return write_layers(tmp_path / "rules", TOP, MIDDLE, LOWEST)


def fresh(path: Path | str, as_of: datetime.date = AS_OF, **parameters: object) -> Policy:
    """The policy as it is without anything kept."""
    policy, found = policy_of(Stack.read(path), as_of=as_of, parameters=parameters)
    assert policy is not None, found
    return policy


def load(path: Path | str, as_of: datetime.date = AS_OF, **parameters: object) -> Policy:
    return pr.load(path, as_of=as_of, parameters=parameters)


def was_kept(policy: Policy) -> bool:
    return isinstance(policy.read_from, Unparsed)


def shape(value: object) -> object:
    """Everything that can be told of a value, places in texts included, and which objects are one."""
    seen: dict[int, int] = {}
    held: list[object] = []

    def of(one: object) -> object:
        if one is None or isinstance(one, (bool, int, str, Fraction, datetime.date, frozenset, Operator)):
            return type(one).__name__, one
        if id(one) in seen and one != ():
            return "again", seen[id(one)]
        seen[id(one)] = len(seen)
        held.append(one)
        if isinstance(one, dict):
            return type(one).__name__, [(key, of(entry)) for key, entry in one.items()]
        if isinstance(one, (tuple, list)):
            return type(one).__name__, [of(part) for part in one]
        if is_dataclass(one):
            names = [part.name for part in fields(one) if not part.name.startswith("_")]
            return type(one).__name__, [of(getattr(one, name)) for name in names]
        return type(one).__name__, one

    return of(value)


def told(policy: Policy) -> object:
    """What a policy says, all of it as text."""
    outcomes = [policy.evaluate(record) for record in RECORDS]
    return (
        policy.fingerprint,
        policy.notes,
        policy.as_of_given,
        dict(policy.parameters),
        [render(warning) for warning in policy.warnings],
        [warning.to_dict() for warning in policy.warnings],
        [json.dumps(outcome.to_dict(), ensure_ascii=False) for outcome in outcomes],
        [json.dumps(outcome.explain().to_dict(), ensure_ascii=False) for outcome in outcomes],
        [str(outcome.explain()) for outcome in outcomes],
    )


def same(one: Policy, other: Policy) -> None:
    assert shape(one.program) == shape(other.program)
    assert one.warnings == other.warnings and one.pins == other.pins and one == other
    assert [shape(warning) for warning in one.warnings] == [shape(warning) for warning in other.warnings]


# ---- the same with and without --------------------------------------------------------------------------------------


def test_a_second_load_reads_what_the_first_kept(home: Path, lowest: Path) -> None:
    first, second = load(lowest), load(lowest)
    assert not was_kept(first) and was_kept(second)
    for policy in (first, second):
        same(policy, fresh(lowest))
        assert told(policy) == told(fresh(lowest))
    # The fingerprint that was kept is that of the program that was kept.
    assert second.fingerprint == Policy(second.program, second.stack, (), {}, {}, True).fingerprint


@pytest.mark.parametrize(
    "typed", ["policies/national", "examples/county", "examples/funds/county", "tests/policies/parallel/county"]
)
def test_real_policies_are_the_same(typed: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    load(typed)
    policy = load(typed)
    assert was_kept(policy)
    same(policy, fresh(typed))
    expected = fresh(typed)
    assert policy.evaluate({}).to_dict() == expected.evaluate({}).to_dict()
    assert str(policy.evaluate({}).explain()) == str(expected.evaluate({}).explain())
    assert policy.notes == expected.notes


def test_what_a_kept_policy_makes_is_the_same_after_its_files_are_gone(home: Path, lowest: Path) -> None:
    load(lowest)
    policy, expected = load(lowest), fresh(lowest)
    other = {layer: expected.down_to(layer) for layer in ("L0", "L1")}
    shutil.rmtree(lowest.parent)
    assert was_kept(policy)
    same(policy.at(LATER), expected.at(LATER))
    for layer, upper in other.items():
        same(policy.down_to(layer), upper)
    assert [layer.id for layer in policy.layers] == ["L0", "L1", "L2"] and policy.folder == expected.folder
    assert [shape(one.sources) for one in policy.layers] == [shape(one.sources) for one in expected.layers]
    same(policy.with_parameters({"线": 80}), expected.with_parameters({"线": 80}))
    assert told(policy.with_parameters({"line": 80})) == told(expected.with_parameters({"line": 80}))
    assert policy.stack is policy.stack


def test_comparing_kept_policies_says_the_same(home: Path, lowest: Path, tmp_path: Path) -> None:
    other = write_layers(tmp_path / "other", TOP, MIDDLE, LOWEST.replace("60", "90"))
    for folder in (lowest, other):
        load(folder)
    kept, plain = [load(folder) for folder in (lowest, other)], [fresh(folder) for folder in (lowest, other)]
    assert all(map(was_kept, kept))
    records = [{"编号": "1", "停产": True, "投资": 70, "完工日": "2024-10-01"}]
    said = [pr.compare(before, after, records).to_dict() for before, after in (kept, plain)]
    assert said[0] == said[1]


def test_a_kept_policy_pickles(home: Path, lowest: Path) -> None:
    load(lowest)
    policy, expected = load(lowest), fresh(lowest)
    travelled = pickle.loads(pickle.dumps(policy))
    shutil.rmtree(lowest.parent)
    assert travelled == policy == expected
    same(travelled.at(LATER), expected.at(LATER))
    assert told(travelled) == told(expected)


def test_parameters_are_given_to_what_was_kept(home: Path, lowest: Path) -> None:
    load(lowest)
    for given in ({"线": 80}, {"line": "70 万元"}, {"线": None}):
        policy = load(lowest, **given)
        assert was_kept(policy)
        same(policy, fresh(lowest, **given))
        assert told(policy) == told(fresh(lowest, **given))
    # Neither do they stay.
    assert told(load(lowest)) == told(fresh(lowest))
    refused, found = try_load(lowest, as_of=AS_OF, parameters={"没有": 1})
    assert refused is None and found == policy_of(Stack.read(lowest), as_of=AS_OF, parameters={"没有": 1})[1]
    assert len(list(home.glob("*.program"))) == 1


def test_paths_are_shown_as_they_are_typed(home: Path, lowest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(lowest.parent)
    for folder in (".", "2", "./2/", "../rules/2", str(lowest), Path("2")):
        if folder == ".":
            monkeypatch.chdir(lowest)
        load(folder)
        policy = load(folder)
        assert was_kept(policy)
        assert told(policy) == told(fresh(folder))
        assert [layer.shown for layer in policy.layers] == [layer.shown for layer in fresh(folder).layers]
        monkeypatch.chdir(lowest.parent)


def test_texts_of_any_encoding_keep_their_places(home: Path, lowest: Path) -> None:
    rules = lowest / "rules.rules"
    text = "# 头\r\n" + LOWEST.replace("\n", "\r\n")
    for data in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("gb18030")):
        rules.write_bytes(data)
        load(lowest)
        policy = load(lowest)
        assert was_kept(policy)
        same(policy, fresh(lowest))
        assert told(policy) == told(fresh(lowest))


def test_no_date_means_today(home: Path, lowest: Path) -> None:
    today = datetime.date.today()
    policy = [pr.load(lowest) for _ in range(2)][1]
    if datetime.date.today() == today:
        assert was_kept(policy) and not policy.as_of_given and policy.as_of == today
    assert load(lowest, today).as_of_given
    for wrong in (datetime.datetime(2025, 1, 1), "2025-01-01"):
        with pytest.raises(TypeError, match="as_of"):
            pr.load(lowest, as_of=wrong)  # type: ignore[arg-type]


# ---- what is stale --------------------------------------------------------------------------------------------------


def _edit(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        file = root / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        status = file.stat()
        file.write_text(text.replace(old, new), encoding="utf-8")
        # Times and sizes decide nothing.
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))

    return change


def _lock(root: Path) -> None:
    policy = fresh(root / "2")
    write_locks(policy.layers, policy.pins)


def _wrong_lock(root: Path) -> None:
    (root / "1/layer.lock").write_text(lock_text([LockEntry("上规则", "0" * 64)]), encoding="utf-8")


CHANGES: dict[str, Callable[[Path], None]] = {
    "a rule file": _edit("2/rules.rules", "60", "61"),
    "a rule file of an upper layer": _edit("0/rules.rules", "50", "55"),
    "only a quotation": _edit("0/rules.rules", "停产的", "停工的"),
    "a remark, which moves what is below": _edit("1/rules.rules", "修订", "# 说明\n修订"),
    "a manifest": _edit("1/layer.yaml", "第1层文件", "第一层文件"),
    "a date in force": _edit("1/layer.yaml", "2024-01-01", "2025-12-01"),
    "a clause": _edit("0/clauses.yaml", "测试用条款", "试验用条款"),
    "a file more": lambda root: (root / "0/二.rules").write_text(
        "提示 又一\n  当 停产\n  说 “停产了”\n", encoding="utf-8"
    ),
    "a file more, in a folder": lambda root: (
        (root / "0/内").mkdir(),
        (root / "0/内/二.RULES").write_text("提示 又一\n  当 停产\n  说 “停产了”\n", encoding="utf-8"),
    ),
    "a file that seems to be rules": lambda root: (root / "2/二.txt").write_text(
        "提示 又一\n  当 停产\n  说 “停产了”\n", encoding="utf-8"
    ),
    "a file that is called like rules": lambda root: (root / "2/二.rules.txt").write_text("", encoding="utf-8"),
    "a file renamed": lambda root: (root / "2/rules.rules").rename(root / "2/改名.rules"),
    "a file less": lambda root: (root / "2/rules.rules").unlink(),
    "a lock": _lock,
    "a lock that tells of a move": _wrong_lock,
    "another parent": lambda root: (
        shutil.copytree(root / "1", root / "又"),
        _edit("又/rules.rules", "还要", "也要")(root),
        _edit("2/layer.yaml", "../1", "../又")(root),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_loaded_anew(change: str, home: Path, lowest: Path) -> None:
    before = told(load(lowest))
    assert was_kept(load(lowest))
    CHANGES[change](lowest.parent)
    policy = load(lowest)
    assert not was_kept(policy)
    same(policy, fresh(lowest))
    again = load(lowest)
    assert was_kept(again)
    assert told(again) == told(policy) == told(fresh(lowest))
    assert told(again) != before or change in (
        "a manifest",
        "a clause",
        "a file renamed",
        "a rule file of an upper layer",
    )


def test_what_may_not_be_loaded_is_refused_though_it_was_kept(home: Path, lowest: Path) -> None:
    load(lowest)
    _edit("2/rules.rules", "60 万元", "60 亩")(lowest.parent)
    for _ in range(2):
        with pytest.raises(pr.PolicyError):
            load(lowest)
    assert len(list(home.glob("*.program"))) == 1
    shutil.rmtree(lowest.parent / "0")
    with pytest.raises(pr.PolicyError):
        load(lowest)


def test_what_loading_does_not_look_at_changes_nothing(home: Path, lowest: Path) -> None:
    load(lowest)
    (lowest / ".藏.yaml").write_text("不看", encoding="utf-8")
    (lowest / "._规则.rules").write_text("不看", encoding="utf-8")
    (lowest / "scenarios").mkdir()
    (lowest / "scenarios/一.yaml").write_text("不看", encoding="utf-8")
    shutil.copytree(lowest, lowest / "下一层")
    assert was_kept(load(lowest))


def test_each_date_is_kept_for_itself(home: Path, lowest: Path) -> None:
    _edit("1/layer.yaml", "2024-01-01", "2025-12-01")(lowest.parent)
    for date in (AS_OF, LATER):
        load(lowest, date)
    for date in (AS_OF, LATER):
        policy = load(lowest, date)
        assert was_kept(policy) and told(policy) == told(fresh(lowest, date))
    assert load(lowest, AS_OF).notes != load(lowest, LATER).notes == ()


@pytest.mark.parametrize("what", ["package", "python", "format"])
def test_another_package_and_another_python_keep_their_own(
    what: str, home: Path, lowest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(lowest)
    assert was_kept(load(lowest))
    if what == "package":
        monkeypatch.setattr(cache, "package_digest", lambda: "0" * 64)
    elif what == "python":
        monkeypatch.setattr(sys, "version", "4.0.0")
    else:
        monkeypatch.setattr(cache, "_FORMAT", b"policyrules program 0\n")
    assert not was_kept(load(lowest))


def test_the_digest_of_the_package_follows_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "policyrules"
    shutil.copytree(cache._PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "_PACKAGE", package)
    seen = {cache._digest_of_package()}
    for name in ("types.py", "program/merge.py", "language/grammar.lark", "program/new.py"):
        with (package / name).open("a", encoding="utf-8") as stream:
            stream.write("\n")
        seen.add(cache._digest_of_package())
    assert len(seen) == 5 and "" not in seen


def test_what_changed_source_made_is_not_kept(home: Path, lowest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_digest_of_package", lambda: "0" * 64)
    assert told(load(lowest)) == told(fresh(lowest))
    assert not home.exists()


def test_only_what_the_digest_covers_makes_programs() -> None:
    # Whatever loading imports of this package stands in the folders whose source is part of the digest.
    code = f"""
import datetime, sys
from policyrules.program.stack import Stack
assert Stack.read({str(ROOT / "examples/county")!r}).check(datetime.date(2025, 9, 15)).sound
print(*sorted(name for name in sys.modules if name.split(".")[0] == "policyrules"))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for name in result.stdout.split():
        file = cache._PACKAGE.parent.joinpath(*name.split("."))
        folder = file if file.is_dir() else file.parent
        assert folder in (cache._PACKAGE, cache._PACKAGE / "language", cache._PACKAGE / "program"), name


# ---- what is damaged or foreign -------------------------------------------------------------------------------------


@pytest.fixture
def entry(home: Path, lowest: Path) -> Path:
    load(lowest)
    (found,) = home.glob("*.program")
    return found


def test_damage_anywhere_is_seen(entry: Path, lowest: Path) -> None:
    data = entry.read_bytes()
    expected = shape(fresh(lowest).program)
    places = [*range(64), *range(64, len(data), max(1, len(data) // 60)), len(data) - 1]
    for place in places:
        entry.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert cache.find(lowest, AS_OF) is None
        entry.write_bytes(data[:place])
        assert cache.find(lowest, AS_OF) is None
    entry.write_bytes(data + b"\0")
    policy = load(lowest)
    assert not was_kept(policy) and shape(policy.program) == expected
    # What was damaged was written anew.
    assert was_kept(load(lowest)) and entry.read_bytes() == data


def test_bytes_under_a_right_seal_never_escape_as_an_error(entry: Path, lowest: Path) -> None:
    """Only who holds the key can seal; even then nothing but a program, or nothing, comes of it."""
    key = (entry.parent / "key").read_bytes()
    start = len(cache._FORMAT) + 32
    body = entry.read_bytes()[start:]
    chance = random.Random(7)
    for _ in range(300):
        changed = bytearray(body)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        if chance.random() < 0.3:
            del changed[chance.randrange(len(changed)) :]
        entry.write_bytes(cache._FORMAT + cache._seal(key, bytes(changed)) + changed)
        found = cache.find(lowest, AS_OF)
        if found is not None:
            assert isinstance(found.program, cache.Undecoded) and isinstance(found.program.program, nodes.Program)
        assert gc.isenabled()


def test_a_program_that_cannot_be_read_is_checked_again(entry: Path, lowest: Path) -> None:
    found = cache.find(lowest, AS_OF)
    assert found is not None and isinstance(found.program, cache.Undecoded)
    expected = fresh(lowest)
    shutil.rmtree(lowest.parent)
    found.program._data = found.program._data[:-7]
    assert shape(found.program.program) == shape(expected.program)


def test_random_damage_never_gives_another_program(entry: Path, lowest: Path) -> None:
    data, chance = entry.read_bytes(), random.Random(11)
    for _ in range(100):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            changed[chance.randrange(len(changed))] ^= chance.randrange(1, 256)
        entry.write_bytes(changed)
        found = cache.find(lowest, AS_OF)
        assert found is None or changed == data
    assert told(load(lowest)) == told(fresh(lowest))


def test_an_entry_that_another_key_sealed_is_not_taken(entry: Path, lowest: Path) -> None:
    (entry.parent / "key").write_bytes(bytes(32))
    assert not was_kept(load(lowest)) and was_kept(load(lowest))
    # Without its key, with half of it, or with another kind of thing in its place, nothing is taken, and it is made anew.
    for damage in (lambda key: key.unlink(), lambda key: key.write_bytes(b"half")):
        damage(entry.parent / "key")
        assert not was_kept(load(lowest)) and was_kept(load(lowest))


def test_an_entry_of_another_folder_is_not_taken(entry: Path, lowest: Path, tmp_path: Path) -> None:
    other = write_layers(tmp_path / "other", TOP.replace("50", "51"))
    shutil.copy(entry, entry.parent / cache._name(other, AS_OF))
    assert not was_kept(load(other)) and load(other) == fresh(other)


@POSIX
@pytest.mark.parametrize("what", ["folder", "entry", "key"])
@pytest.mark.parametrize("mode", [0o722, 0o770, 0o777])
def test_what_others_may_write_to_is_not_trusted(what: str, mode: int, entry: Path, lowest: Path) -> None:
    path = {"folder": entry.parent, "entry": entry, "key": entry.parent / "key"}[what]
    path.chmod(mode)
    policy = load(lowest)
    assert not was_kept(policy)
    same(policy, fresh(lowest))
    if what == "folder":
        assert not was_kept(load(lowest))


@POSIX
@pytest.mark.parametrize("what", ["folder", "entry", "key"])
def test_what_somebody_else_owns_is_not_trusted(
    what: str, entry: Path, lowest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"folder": entry.parent, "entry": entry, "key": entry.parent / "key"}
    ours = cache._ours
    foreign = names[what].stat().st_ino
    monkeypatch.setattr(cache, "_ours", lambda status: status.st_ino != foreign and ours(status))
    assert not was_kept(load(lowest))
    monkeypatch.setattr(cache, "_ours", ours)
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert cache._home() is None and not was_kept(load(lowest))


@POSIX
def test_links_are_not_followed(entry: Path, lowest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = tmp_path / "elsewhere"
    entry.rename(moved)
    entry.symlink_to(moved)
    assert not was_kept(load(lowest))
    # The link made way, and what it led to is as it was.
    assert not entry.is_symlink() and was_kept(load(lowest)) and moved.exists()
    link = tmp_path / "link"
    link.symlink_to(entry.parent)
    monkeypatch.setenv(cache.VARIABLE, str(link))
    assert not was_kept(load(lowest)) and not was_kept(load(lowest))


@POSIX
def test_what_is_no_file_does_no_harm(home: Path, lowest: Path) -> None:
    home.mkdir(0o700)
    os.mkfifo(home / cache._name(lowest, AS_OF))
    os.mkfifo(home / "key")
    assert told(load(lowest)) == told(fresh(lowest))
    shutil.rmtree(home)
    home.write_bytes(b"")
    assert told(load(lowest)) == told(fresh(lowest)) and home.read_bytes() == b""


@POSIX
def test_the_folder_is_made_for_the_user_alone(entry: Path) -> None:
    assert entry.parent.stat().st_mode & 0o777 == 0o700


@POSIX
@pytest.mark.parametrize("habit", [0o000, 0o002, 0o022, 0o077])
def test_what_is_kept_is_for_the_user_alone_whatever_the_habits(habit: int, home: Path, lowest: Path) -> None:
    before = os.umask(habit)
    try:
        assert not was_kept(load(lowest)) and was_kept(load(lowest))
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in home.iterdir()} == {0o600}


def test_a_layer_with_links_loads_as_ever(home: Path, lowest: Path) -> None:
    (lowest / "原.txt").write_text(LOWEST, encoding="utf-8")
    (lowest / "rules.rules").unlink()
    (lowest / "rules.rules").symlink_to("原.txt")
    load(lowest)
    assert was_kept(load(lowest)) and told(load(lowest)) == told(fresh(lowest))
    (lowest / "rules.rules").unlink()
    (lowest / "rules.rules").symlink_to(lowest.parent / "1/rules.rules")
    with pytest.raises(pr.PolicyError) as error:
        load(lowest)
    assert "E384" in [one.code for one in error.value.diagnostics]


def test_a_folder_that_is_another_one_now_is_read_anew(
    home: Path, lowest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_layers(tmp_path / "other", TOP.replace("50", "51"), MIDDLE, LOWEST)
    link = tmp_path / "link"
    link.symlink_to(lowest.parent)
    load(link / "2")
    assert was_kept(load(link / "2"))
    link.unlink()
    link.symlink_to(tmp_path / "other")
    policy = load(link / "2")
    assert not was_kept(policy) and policy == fresh(link / "2")


# ---- where it is kept -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", ["posix", "nt", "darwin"])
def test_the_place_is_that_of_the_platform(system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (cache.VARIABLE, "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    monkeypatch.setattr(sys, "platform", system)
    expected = {"posix": ".cache", "nt": "Local", "darwin": "Library/Caches"}[system]
    if system == "nt":
        monkeypatch.setattr(os, "name", "nt")
    try:
        assert cache.place() == os.path.join(str(tmp_path), expected, "policyrules")
    finally:
        monkeypatch.undo()


def test_the_environment_says_where_and_whether(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv(cache.VARIABLE, "")
    assert cache.place() == str(tmp_path / "policyrules")
    monkeypatch.setenv(cache.VARIABLE, "off")
    assert cache.place() is None
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "own"))
    assert cache.place() == str(tmp_path / "own")
    monkeypatch.setenv(cache.VARIABLE, "")
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    assert cache.place() != os.path.join("not/absolute", "policyrules")


@POSIX
def test_nothing_is_left_in_the_home_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "not" / "there"))
    monkeypatch.setenv(cache.VARIABLE, "")
    assert cache.place() is not None
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert cache.place() is None


def test_off_means_off(lowest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setenv(cache.VARIABLE, "off")
    assert not was_kept(load(lowest)) and not was_kept(load(lowest))
    assert not (tmp_path / "user").exists()


def test_a_place_that_cannot_be_written_to_changes_nothing(
    home: Path, lowest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(30, "read-only")

    monkeypatch.setattr(cache, "write_file", refused)
    assert told(load(lowest)) == told(fresh(lowest))
    assert not was_kept(load(lowest))
    monkeypatch.setenv(cache.VARIABLE, str(lowest / "layer.yaml" / "below a file"))
    assert told(load(lowest)) == told(fresh(lowest))
    monkeypatch.setenv(cache.VARIABLE, "\0" if os.name == "nt" else "/proc/none")
    assert told(load(lowest)) == told(fresh(lowest))


def test_what_is_kept_stays_within_its_bounds(home: Path, lowest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_ENTRIES", 3)
    dates = [AS_OF + datetime.timedelta(days=number) for number in range(5)]
    for number, date in enumerate(dates):
        load(lowest, date)
        os.utime(home / cache._name(lowest, date), (number, number))
    # A writer that was ended left something behind, long ago and just now.
    (home / ".old.tmp").write_bytes(b"")
    os.utime(home / ".old.tmp", (1, 1))
    (home / ".new.tmp").write_bytes(b"")
    load(lowest, dates[-1] + datetime.timedelta(days=1))
    assert len(list(home.glob("*.program"))) == 3
    assert [was_kept(load(lowest, date)) for date in dates[-2:]] == [True, True]
    assert not (home / ".old.tmp").exists() and (home / ".new.tmp").exists()
    monkeypatch.setattr(cache, "MOST_BYTES", 1)
    load(lowest, dates[0])
    assert list(home.glob("*.program")) == []


def test_processes_at_once_come_to_the_same(home: Path, lowest: Path) -> None:
    code = f"""
import datetime, sys
import policyrules as pr
for number in range(4):
    print(pr.load({str(lowest)!r}, as_of=datetime.date(2025, 9, 15 + number)).fingerprint)
"""
    environment = {**os.environ, cache.VARIABLE: str(home)}
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(3)
    ]
    said = {process.communicate()[0] for process in started}
    dates = [AS_OF.replace(day=15 + number) for number in range(4)]
    assert said == {"".join(f"{fresh(lowest, date).fingerprint}\n" for date in dates)}
    assert all(process.returncode == 0 for process in started)
    # Whoever made the key last, one load of each puts right what another one sealed.
    for date in dates:
        load(lowest, date)
        assert was_kept(load(lowest, date))
    assert not list(home.glob(".*"))


def test_threads_at_once_come_to_the_same(home: Path, lowest: Path) -> None:
    expected = told(fresh(lowest))
    for _ in range(2):
        with ThreadPoolExecutor(4) as pool:
            assert [told(policy) for policy in pool.map(load, [lowest] * 8)] == [expected] * 8
    assert was_kept(load(lowest)) and gc.isenabled()


def test_what_is_kept_needs_neither_parser_nor_checker(home: Path) -> None:
    folder = str(ROOT / "examples/county")
    load(folder)
    code = f"""
import datetime, sys
import policyrules as pr
policy = pr.load({folder!r}, as_of=datetime.date(2025, 9, 15))
loaded = {{name for name in sys.modules if name.startswith("policyrules")}}
policy.evaluate({{}}).explain()
print(*sorted(sys.modules))
print(*sorted(loaded))
"""
    environment = {**os.environ, cache.VARIABLE: str(home)}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    modules, before = run.stdout.splitlines()
    # What a policy is read from is read when somebody asks what it says.
    assert {"policyrules.interpreter", "policyrules.program.nodes"}.isdisjoint(before.split())
    assert not [name for name in before.split() if name.startswith(("policyrules.engine", "policyrules.records"))]
    heavy = {"lark", "yaml", "pydantic", "policyrules.program.stack", "policyrules.program.check"}
    assert heavy.isdisjoint(modules.split())
    assert not [name for name in modules.split() if name.startswith("policyrules.language")]


# ---- the bytes ------------------------------------------------------------------------------------------------------


def programs() -> Iterator[Policy]:
    for layers in ((TOP,), (TOP, MIDDLE), (TOP, MIDDLE, LOWEST)):
        policy, _ = policy_of(stack_from_text(*layers), as_of=AS_OF)
        assert policy is not None
        yield policy
    for folder in ("policies/jiangxi", "examples/county", "examples/funds/county", "tests/policies/parallel/county"):
        yield fresh(ROOT / folder)


def test_what_is_read_is_what_was_written_shared_as_it_was() -> None:
    for policy in programs():
        values = (policy.program, policy.warnings, policy.pins)
        data, sources = codec.encoded(*values)
        found = codec.decoded(data, sources)
        assert shape(found) == shape(list(values))
        assert codec.encoded(*found)[0] == data == codec.encoded(*values)[0]
        assert isinstance(found[0].rules, ReadOnly)
        with pytest.raises(TypeError):
            found[0].rules["甲"] = None


@pytest.mark.parametrize("start", range(0, 60, 10))
def test_generated_programs_are_read_as_they_were_written(start: int) -> None:
    seen = 0
    for number, program, _ in islice(generated(9_000 + start), 10):
        policy = program.load()
        if policy is None:
            continue
        data, sources = codec.encoded(policy.program)
        (read,) = codec.decoded(data, sources)
        assert shape(read) == shape(policy.program), number
        assert Policy(read, policy.stack, (), {}, {}, True).fingerprint == policy.fingerprint
        seen += 1
    assert seen > 3


def test_every_node_of_a_program_can_be_written() -> None:
    # A class that came later is written as well; one of another kind is refused, not left out.
    for cls in codec.classes():
        assert all(hasattr(cls.__dict__[name], "__set__") for name in (part.name for part in fields(cls)))
    span = Span(Source("甲", "文"), 0, 1)
    for value in ({"甲"}, 0.5, object(), b"", [span], (span, {}), frozenset({1}), "a\0b"):
        with pytest.raises((KeyError, TypeError, ValueError)):
            codec.encoded(value)
    plain = (True, 1, 0, None, "", (), ("",), Fraction(1, 3), 10**40, "\ud800", frozenset({"乙", "甲"}), {}, {"": ()})
    for value in plain:
        data, sources = codec.encoded(value, (1, True))
        assert shape(codec.decoded(data, sources)) == shape([value, (1, True)])


def test_a_folder_is_taken_whole(lowest: Path) -> None:
    taken = folders.Folders()
    files = Stack.read(lowest, taken)
    shutil.rmtree(lowest.parent)
    again = Stack.read(lowest, taken)
    assert again.check(AS_OF).diagnostics == files.check(AS_OF).diagnostics
    assert shape(again.check(AS_OF).program) == shape(files.check(AS_OF).program)


def test_digests_tell_folders_apart(tmp_path: Path) -> None:
    seen: set[str] = set()
    variants: list[dict[str, bytes]] = [
        {"甲.rules": b"ab", "乙.rules": b""},
        {"甲.rules": b"a", "乙.rules": b"b"},
        {"甲.rules": b"", "乙.rules": b"ab"},
        {"甲.rules": b"ab"},
        {"甲.rules": b"ab", "乙.txt": b""},
        {"甲.rules": b"ab", "乙.rules.txt": b""},
        {"甲.rules": b"ab", "layer.lock": b""},
        {"甲/乙.rules": b"ab"},
    ]
    for number, variant in enumerate(variants):
        folder = tmp_path / str(number)
        for name, data in {**{k: v.encode() for k, v in layer_files("", 0).items()}, **variant}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        found = folders.take(folder, "同", "同")
        assert found is not None
        seen.add(found.digest)
    assert len(seen) == len(variants)
