"""Layer folders on disk: what is read, and everything about a folder that is refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from policyrules.diagnostics import Diagnostic, render
from policyrules.policy import load, try_load
from policyrules.program import files, folders
from policyrules.program.files import read_layer, read_stack


def manifest(layer: str, level: str = "国家", extends: str = "null") -> str:
    return f"id: {layer}\ntitle: {layer}文件\nlevel: {level}\nregion: 某地\nextends: {extends}\nin_force_from: 2024-01-01\n"


def clauses(layer: str) -> str:
    return f"clauses:\n- {{id: {layer}-1, place: 一·原则, summary: 原则, kind: principle, decides: true}}\n"


def make(root: Path, name: str, level: str = "国家", extends: str = "null", layer: str = "CN") -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "layer.yaml").write_text(manifest(layer, level, extends), encoding="utf-8")
    (folder / "clauses.yaml").write_text(clauses(layer), encoding="utf-8")
    (folder / "规则.rules").write_text("# 空\n", encoding="utf-8")
    return folder


def problem(folder: Path | str) -> Diagnostic:
    _, found = read_stack(folder)
    assert len(found) == 1, [str(one) for one in found]
    render(found[0])
    return found[0]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_stack_is_read_top_first_with_paths_as_typed(root: Path) -> None:
    make(root, "p/nation")
    make(root, "p/province", "省", "../nation", "PR")
    make(root, "p/county", "县", "../province", "CO")
    layers, found = read_stack("p/county")
    assert found == ()
    assert [layer.shown for layer in layers] == ["p/nation", "p/province", "p/county"]
    assert [source.path for source in layers[1].sources] == ["p/province/规则.rules"]
    assert [source.layer for source in layers[1].sources] == ["PR"]
    assert layers[1].clauses.source.path == "p/province/clauses.yaml"
    assert str(layers[1].manifest_span("level")) == "p/province/layer.yaml:3:8"
    assert (layers[2].title, layers[2].level) == ("CO文件", "县")


def test_shown_paths_follow_what_was_typed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(root, "nation", layer="CN")
    folder = make(root, "province", "省", "../nation", "PR")
    assert [layer.shown for layer in read_stack(folder)[0]] == [(root / "nation").as_posix(), folder.as_posix()]
    assert [layer.shown for layer in read_stack("./province/")[0]] == ["nation", "province"]
    monkeypatch.chdir(folder)
    layers, _ = read_stack(".")
    assert [layer.shown for layer in layers] == ["../nation", "."]
    assert layers[1].sources[0].path == "规则.rules"


def test_rules_in_sub_folders_are_sorted_and_hidden_names_passed_over(root: Path) -> None:
    folder = make(root, "n")
    for name in ("乙/二.rules", "甲.rules", "乙/甲/一.RULES", ".藏/三.rules", ".四.rules", "说明.md", "五.rules~"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    layer, found = read_layer("n")
    assert found == () and layer is not None
    names = [source.path for source in layer.sources]
    assert names == sorted(names)
    assert set(names) == {"n/规则.rules", "n/乙/二.rules", "n/甲.rules", "n/乙/甲/一.RULES"}


def test_a_layer_inside_the_folder_of_another_is_not_read_as_part_of_it(root: Path) -> None:
    make(root, "province", "省", layer="PR")
    inner = make(root, "province/county", "县", "..", "CO")
    (inner / "再下/").mkdir()
    (inner / "再下" / "二.rules").write_text("", encoding="utf-8")
    layers, found = read_stack(inner)
    assert found == ()
    assert [[Path(source.path).name for source in layer.sources] for layer in layers] == [
        ["规则.rules"],
        ["二.rules", "规则.rules"],
    ]


def test_gb18030_is_read_and_other_bytes_are_refused(root: Path) -> None:
    folder = make(root, "n")
    (folder / "规则.rules").write_bytes("# 规则".encode("gb18030"))
    layer, found = read_layer("n")
    assert found == () and layer is not None and layer.sources[0].text == "# 规则"
    (folder / "规则.rules").write_bytes(b"\xff\xff\xff")
    found = read_layer("n")[1]
    assert [(one.code, one.file) for one in found] == [("E102", "n/规则.rules")]


def test_a_large_file_is_refused(root: Path) -> None:
    folder = make(root, "n")
    (folder / "大.rules").write_bytes(b"#" * (folders.MAX_BYTES + 1))
    found = problem("n")
    assert (found.code, found.file) == ("E101", "n/大.rules")
    (folder / "大.rules").write_bytes(b"#" * folders.MAX_BYTES)
    assert read_stack("n")[1] == ()


def test_missing_folder_names_those_beside_it(root: Path) -> None:
    make(root, "p/jiangxi")
    (root / "p/other").mkdir()
    found = problem("p/jiangx")
    assert found.code == "E380" and "p/jiangx" in found.message and found.remedy == "旁边有：jiangxi"
    assert problem("nowhere/at/all").code == "E380"


def test_a_file_instead_of_a_folder(root: Path) -> None:
    make(root, "n")
    found = problem("n/layer.yaml")
    assert (found.code, found.remedy) == ("E380", "改为“n”")


def test_a_file_that_lies_beside_layers_or_far_from_any(root: Path) -> None:
    make(root, "p/n")
    (root / "p" / "台账.xlsx").write_bytes(b"")
    found = problem("p/台账.xlsx")
    assert (found.code, found.remedy) == ("E380", "旁边的层有：p/n")
    (root / "away").mkdir()
    (root / "away" / "台账.xlsx").write_bytes(b"")
    assert problem("away/台账.xlsx").remedy == "层是一个文件夹，里面有 layer.yaml 和 .rules 文件"


def test_a_folder_of_layers(root: Path) -> None:
    make(root, "p/n")
    first = read_stack("p")[1][0]
    assert (first.code, first.remedy) == ("E381", "里面的层要写出来：p/n")


@pytest.mark.parametrize("name", ["layer.yaml", "clauses.yaml"])
def test_missing_members(root: Path, name: str) -> None:
    folder = make(root, "n")
    (folder / name).rename(folder / name.replace(".yaml", ".yml"))
    found = problem("n")
    assert (found.code, found.file) == ("E381", "n")
    assert found.remedy == f"把“{name.replace('.yaml', '.yml')}”改名为 {name}"
    (folder / name.replace(".yaml", ".yml")).unlink()
    assert problem("n").remedy == f"在文件夹里放一份 {name}"


def test_everything_wrong_is_reported_at_once(root: Path) -> None:
    folder = make(root, "n")
    (folder / "layer.yaml").write_text("id: 1\n", encoding="utf-8")
    (folder / "clauses.yaml").write_text("clauses: 甲\n", encoding="utf-8")
    (folder / "坏.rules").write_bytes(b"\xff\xff\xff")
    layers, found = read_stack("n")
    assert layers == ()
    assert {"E421", "E422", "E102"} <= {one.code for one in found}


def test_the_upper_layer_is_read_although_the_lower_has_problems(root: Path) -> None:
    make(root, "n", layer="CN")
    folder = make(root, "p", "省", "../n", "PR")
    (folder / "坏.rules").write_bytes(b"\xff\xff\xff")
    layers, found = read_stack("p")
    assert [layer.id for layer in layers] == ["CN", "PR"] and len(found) == 1


@pytest.mark.parametrize("extends", ["/etc", "~/n", "C:/n", "'..\\n'"])
def test_extends_must_be_relative(root: Path, extends: str) -> None:
    make(root, "p", "省", extends, "PR")
    found = problem("p")
    assert (found.code, found.file, found.line, found.column) == ("E385", "p/layer.yaml", 5, 10)
    assert found.remedy


def test_extends_to_a_folder_that_is_not_there(root: Path) -> None:
    make(root, "national", layer="CN")
    make(root, "p", "省", "../nationl", "PR")
    found = problem("p")
    assert (found.code, found.file, found.line, found.column) == ("E380", "p/layer.yaml", 5, 10)
    assert found.remedy == "旁边有：national"


def test_a_cycle_is_shown_whole(root: Path) -> None:
    make(root, "a", "县", "../b", "A")
    make(root, "b", "市", "../c", "B")
    make(root, "c", "省", "../b", "C")
    layers, found = read_stack("a")
    (cycle,) = found
    assert cycle.code == "E386" and cycle.message == "上一层绕成了圈：b → c → b"
    assert cycle.file == "c/layer.yaml" and [label.span.source.path for label in cycle.related] == ["b/layer.yaml"]
    assert len(layers) == 3


def test_a_layer_above_itself(root: Path) -> None:
    make(root, "a", "县", ".", "A")
    assert problem("a").message == "上一层就是本层自己（a）"


def test_a_cycle_through_a_link_ends(root: Path) -> None:
    make(root, "a", "县", "../b", "A")
    (root / "b").symlink_to(root / "a", target_is_directory=True)
    assert problem("a").code == "E386"


def test_one_id_for_two_layers(root: Path) -> None:
    make(root, "n", layer="X")
    folder = make(root, "p", "省", "../n", "X")
    (folder / "clauses.yaml").write_text(clauses("Y"), encoding="utf-8")
    found = problem("p")
    assert (found.code, found.file, found.line) == ("E387", "p/layer.yaml", 1)
    assert [label.span.source.path for label in found.related] == ["n/layer.yaml"]


def test_one_clause_id_in_two_layers(root: Path) -> None:
    make(root, "n", layer="CN")
    folder = make(root, "p", "省", "../n", "PR")
    (folder / "clauses.yaml").write_text(clauses("CN"), encoding="utf-8")
    found = problem("p")
    assert (found.code, found.file, found.line) == ("E390", "p/clauses.yaml", 2)
    assert [label.span.source.path for label in found.related] == ["n/clauses.yaml"]


def test_levels_go_down(root: Path) -> None:
    make(root, "c", "县", layer="C")
    make(root, "p", "省", "../c", "P")
    found = problem("p")
    assert (found.code, found.file, found.line, found.column) == ("E388", "p/layer.yaml", 3, 8)
    assert found.message == "“省”这一层不能放在“县”之下"
    make(root, "q", "县", "../c", "Q")
    assert read_stack("q")[1] == ()


def test_links_out_of_the_folder_are_refused(root: Path) -> None:
    folder = make(root, "n")
    (root / "外.rules").write_text("# 外\n", encoding="utf-8")
    (folder / "链.rules").symlink_to("../外.rules")
    found = problem("n")
    assert (found.code, found.file) == ("E384", "n/链.rules")
    (folder / "链.rules").unlink()
    (folder / "里.rules").symlink_to("规则.rules")
    assert read_stack("n")[1] == ()
    (folder / "夹").symlink_to(root, target_is_directory=True)
    found = problem("n")
    assert (found.code, found.file) == ("E384", "n/夹")


def test_a_manifest_that_is_a_link_out_of_the_folder(root: Path) -> None:
    folder = make(root, "n")
    (folder / "layer.yaml").rename(root / "layer.yaml")
    (folder / "layer.yaml").symlink_to("../layer.yaml")
    assert problem("n").code == "E384"
    (root / "layer.yaml").unlink()
    assert problem("n").code == "E384"


def test_what_is_no_regular_file_is_not_opened(root: Path) -> None:
    folder = make(root, "n")
    os.mkfifo(folder / "管.rules")
    found = problem("n")
    assert (found.code, found.file) == ("E382", "n/管.rules")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_said(root: Path) -> None:
    folder = make(root, "n")
    (folder / "规则.rules").chmod(0)
    assert problem("n").code == "E382"
    (folder / "规则.rules").chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_a_name_that_is_no_text_is_shown_anyway(root: Path) -> None:
    folder = make(root, "n")
    try:
        (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.rules"))).write_bytes(b"\xff\xff\xff")
    except OSError:
        pytest.skip("this file system takes texts only")
    render(problem("n"))


def test_too_many_files_and_layers(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(root, "n", layer="CN")
    make(root, "p", "省", "../n", "PR")
    monkeypatch.setattr(files, "MAX_LAYERS", 1)
    found = problem("p")
    assert (found.code, found.line) == ("E389", 5)
    monkeypatch.setattr(folders, "MAX_FILES", 0)
    assert problem("n").code == "E389"


@pytest.mark.parametrize("folder", ["", "\x00", "a\x00b"])
def test_odd_names_do_not_raise(root: Path, folder: str) -> None:
    assert read_stack(folder)[1]


def test_rule_files_of_a_stack_are_bounded_together(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_STACK_BYTES", 3_000)
    upper = make(root, "p/nation")
    make(root, "p/province", "省", "../nation", "PR")
    for number in range(4):
        (root / "p/province" / f"{number}.rules").write_text(f"# {'x' * 900}\n", encoding="utf-8")
    assert read_stack(upper)[1] == ()
    layers, found = read_stack("p/province")
    assert [(each.code, each.path) for each in found] == [("E389", "p/province/3.rules")]
    assert [len(layer.sources) for layer in layers] == [0, 3]


RULES = "提示 甲\n  依据【一·原则】\n  当 已形成\n  说 “话”\n"
DOCUMENT = "第五条 各地应当分类推进帮扶产业发展。\n提示：本文件自印发之日起施行。\n规则由农业农村部门解释。\n"


@pytest.mark.parametrize(
    ("name", "text", "renamed"),
    [
        ("规则.rules.txt", "", "规则.rules"),
        ("规则.RULES.TXT", RULES, "规则.rules"),
        ("规则.rules.bak", RULES, "规则.rules"),
        ("规则.rules.docx", "", "规则.rules"),
        ("规则.rules~", RULES, None),
        ("标准.rules~", RULES, "标准.rules"),
        (".标准.rules", RULES, "标准.rules"),
        ("下级/.标准.RULES", RULES, "标准.rules"),
        (".标准.rules.swp", RULES, None),
        ("._标准.rules", RULES, None),
        (".#标准.rules", RULES, None),
        (".~标准.rules", RULES, None),
        ("~$标准.rules.docx", "", None),
        ("#标准.rules#", RULES, None),
        (".DS_Store", RULES, None),
        ("规则.rules.", RULES, "规则.rules"),
        ("规则.rules ", RULES, "规则.rules"),
        ("规则．rules", RULES, "规则.rules"),
        ("规则.txt", RULES, "规则.rules"),
        ("规则.txt", RULES.replace("提示", "　提示"), "规则.rules"),
        ("规则", RULES, "规则.rules"),
        ("下级/规则.rule", RULES, "规则.rules"),
        ("说明.md", DOCUMENT, None),
        ("原文.txt", DOCUMENT, None),
        ("空.txt", "", None),
        ("台账.xlsx", RULES, None),
        ("scenarios/甲.yaml", RULES, None),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_what_looks_like_rules_and_is_not_read_is_named(
    root: Path, name: str, text: str, renamed: str | None, encoding: str
) -> None:
    folder = make(root, "n")
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode(encoding))
    layers, found = read_stack("n")
    assert len(layers[0].sources) == 1
    if renamed is None:
        assert found == ()
        return
    (one,) = found
    assert (one.code, one.severity, one.path) == ("W383", "warning", f"n/{name}")
    assert path.name in one.message and one.remedy is not None and f"“{renamed}”" in one.remedy


@pytest.mark.parametrize("name", ["规则（副本）.rules", "下级/规则 - 副本.rules", "规则 (2).rules"])
def test_a_copy_that_says_the_same_is_read_once_and_named(root: Path, name: str) -> None:
    folder = make(root, "n")
    (folder / "规则.rules").write_text(RULES, encoding="utf-8")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(RULES, encoding="utf-8")
    layers, found = read_stack("n")
    assert [source.path for source in layers[0].sources] == ["n/规则.rules"]
    (one,) = found
    assert (one.code, one.severity, one.path) == ("W383", "warning", f"n/{name}")
    assert f"“{Path(name).name}”和“规则.rules”一字不差" in one.message


@pytest.mark.parametrize(
    ("name", "copied"),
    [("规则（副本）.rules", True), ("规则 - 副本 (2).rules", True), ("副本 规则.rules", True), ("标准.rules", False)],
)
def test_a_copy_that_was_changed_is_read_and_said_where_its_names_are_taken(
    root: Path, name: str, copied: bool
) -> None:
    folder = make(root, "n")
    (folder / "规则.rules").write_text("参数 甲（a）：整数（户） = 5 户\n", encoding="utf-8")
    (folder / name).write_text("参数 甲（a）：整数（户） = 6 户\n", encoding="utf-8")
    (one,) = [each for each in try_load(folder)[1] if each.severity == "error"]
    assert one.code == "E202"
    assert ("像是一个文件和它的副本" in (one.remedy or "")) is copied


def test_results_say_which_files_were_not_read(root: Path) -> None:
    folder = make(root, "n")
    for number in range(5):
        (folder / f".规则{number}.rules").write_text(RULES, encoding="utf-8")
    policy = load(folder)
    assert [note for note in policy.notes if "没有读" in note] == [
        *(f"“.规则{number}.rules”像是规则文件，但名称以“.”开头，是隐藏文件，没有读" for number in range(3)),
        "另有 2 个像是规则的文件没有读",
    ]
    assert load(folder).notes == policy.notes


def test_a_path_that_nobody_reads_to_its_end_is_cut(root: Path) -> None:
    folder = make(root, "n", "省", "../" * 4_000 + "甲" * 4_000)
    _, found = read_stack(folder)
    assert found and all(len(render(each)) < 5_500 for each in found)


def test_what_stands_in_a_missing_upper_folder_is_not_missed(root: Path) -> None:
    folder = make(root, "n", "省", "../nowhere", "JX")
    (folder / "规则.rules").write_text("设定 某线 为 5 个\n", encoding="utf-8")
    assert [each.code for each in try_load(folder)[1] if each.severity == "error"] == ["E380"]
    make(root, "nowhere")
    assert [each.code for each in try_load(folder)[1] if each.severity == "error"] == ["E303"]
