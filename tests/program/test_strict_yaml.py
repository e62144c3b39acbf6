"""The strict reader: what it takes, what it refuses and where, and that nothing makes it raise."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from policyrules.diagnostics import Diagnostic, render
from policyrules.program import strict_yaml
from policyrules.program.strict_yaml import YamlMapping, key_span_at, plain, read, span_at
from policyrules.source import Source


def refuse(text: str) -> tuple[Diagnostic, ...]:
    _, found = read(Source("t.yaml", text))
    assert found, text
    return found


def take(text: str) -> object:
    tree, found = read(Source("t.yaml", text))
    assert not found and tree is not None, [str(one) for one in found]
    return plain(tree)


def test_values_are_texts_whole_numbers_booleans_and_null() -> None:
    text = (
        "a: 文字\nb: 12\nc: -3\nd: true\ne: false\nf: null\ng:\nh: 2024-10-21\n"
        "i: \"NO\"\nj: '010'\nk: |\n  两\n  行\nl: [甲, 乙]\nm: {子: 0}\np: 1.2.3\no: 三、（五）\n"
    )
    assert take(text) == {
        "a": "文字",
        "b": 12,
        "c": -3,
        "d": True,
        "e": False,
        "f": None,
        "g": None,
        "h": "2024-10-21",
        "i": "NO",
        "j": "010",
        "k": "两\n行\n",
        "l": ["甲", "乙"],
        "m": {"子": 0},
        "p": "1.2.3",
        "o": "三、（五）",
    }


SURPRISES = """yes no on off y n Yes NO On OFF True FALSE Null 010 0o17 0x1F 0b11 12:30 1:20:30 190:20:30.15 1_000
.inf -.inf .nan .NaN ~ 1e3 1.5 -0.5 .5 1. +5 2024-1-5 2024-10-21T10:00:00 ="""


@pytest.mark.parametrize("value", [*SURPRISES.split(), "1" * 31, "2024-10-21 10:00:00"])
def test_surprising_scalars_are_refused_where_they_stand_unless_quoted(value: str) -> None:
    (found,) = refuse(f"名称: 甲\n值: {value}\n")
    assert (found.code, found.line, found.column) == ("E410", 2, 4)
    assert found.span is not None and found.span.text == value
    assert found.remedy
    assert take(f'值: "{value}"\n') == {"值": value}


def test_of_a_decimal_the_remedy_says_that_it_stays_the_number() -> None:
    (found,) = refuse("值: 549.96\n")
    assert found.remedy == '加上引号，就照写的读，还是这个数："549.96"'
    # A power of ten is no number in quotes either.
    (found,) = refuse("值: 1e5\n")
    assert found.remedy == "把数写全，如 1e5 写成 100000；是文字就加引号"


def test_every_surprise_is_reported_in_one_reading() -> None:
    assert [one.line for one in refuse("a: yes\nb: 好\nc: 010\nd:\n  - ~\n")] == [1, 3, 5]


def test_repeated_key_shows_both_places() -> None:
    (found,) = refuse("id: A\ntitle: 甲\nid: B\n")
    assert (found.code, found.line, found.column) == ("E408", 3, 1)
    assert [(label.span.line, label.span.column) for label in found.related] == [(1, 1)]
    assert "另见 t.yaml:1:1" in render(found)


def test_repeated_key_in_flow_form_and_by_different_quotes() -> None:
    (found,) = refuse('{甲: 1, "甲": 2}')
    assert found.code == "E408" and found.column == 8


def test_the_tree_survives_refused_values() -> None:
    tree, found = read(Source("t.yaml", "decides: yes\nid: A\nid: B\n"))
    assert [one.code for one in found] == ["E410", "E408"] or [one.code for one in found] == ["E408", "E410"]
    assert tree is not None and plain(tree) == {"decides": "yes", "id": "A"}


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: &x 甲\nb: *x\n", "E405", 1, 4),
        ("a: *x\n", "E405", 1, 4),
        ("a: !!str 甲\n", "E406", 1, 4),
        ("a: !自定 甲\n", "E406", 1, 4),
        ("a: !!python/object:os.system 甲\n", "E406", 1, 4),
        ("--- !!map\na: 1\n", "E406", 1, 5),
        ("a: 1\n---\nb: 2\n", "E407", 2, 1),
        ("%YAML 1.1\n---\na: 1\n", "E407", 1, 1),
        ("%TAG ! tag:x,2024:\n---\na: 1\n", "E407", 1, 1),
        ("? [甲]\n: 乙\n", "E409", 1, 3),
        ("? {甲: 乙}\n: 丙\n", "E409", 1, 3),
        ("7: 甲\n", "E409", 1, 1),
        ("true: 甲\n", "E409", 1, 1),
        (": 甲\n", "E400", 1, 1),
        ("<<: 甲\n", "E405", 1, 1),
        ("no: 甲\n", "E410", 1, 1),
        ("", "E403", 1, 1),
        ("# 只有注释\n", "E403", 1, 1),
        ("a: 甲\n\tb: 乙\n", "E400", 2, 1),
        ("a: b: c\n", "E400", 1, 5),
        ("a: [甲, 乙\nb: 丙\n", "E400", 1, 4),
        ("a: {甲: 乙\n", "E400", 1, 4),
        ("a: '甲\n", "E400", 1, 4),
        ('a: "甲\n', "E400", 1, 4),
        ('a: "\\q"\n', "E400", 1, 5),
        ("a: @甲\n", "E400", 1, 4),
        ("a: `甲\n", "E400", 1, 4),
        ("a: %甲\n", "E400", 1, 4),
        ("- 甲\nb: 乙\n", "E400", 2, 1),
        ("a: - 甲\n", "E400", 1, 4),
        ("a: 甲\n没有冒号\n", "E400", 2, 1),
        ("a: |甲\n  乙\n", "E400", 1, 5),
        ("a: 甲\u200b乙\n", "E402", 1, 5),
        ("a: \u202e甲\n", "E402", 1, 4),
        ("\ufeffa: 甲\n", "E402", 1, 1),
        ("a: \x00\n", "E402", 1, 4),
        ("a: \x85b\n", "E402", 1, 4),
        ('a: 甲\nb: "\\0"\n', "E402", 2, 4),
        ('a: "\\u202e"\n', "E402", 1, 4),
    ],
)
def test_refusals_are_located(text: str, code: str, line: int, column: int) -> None:
    found = refuse(text)[-1]
    assert (found.code, found.line, found.column) == (code, line, column)
    assert found.remedy


def test_messages_are_chinese() -> None:
    for text in (
        "a: b: c\n",
        "a: [甲\n",
        "a: '甲\n",
        "a: @甲\n",
        "\t- 甲\n",
        "a: 1\n b: 2\n",
        "- 甲\nb: 乙\n",
        "]",
        "a: !<甲\n",
    ):
        for found in refuse(text):
            assert not any(
                word in found.message for word in ("found", "expected", "token", "mapping", "scalar", "while")
            )


DEEP = [
    "[" * 5000,
    "{甲: " * 5000,
    "- " * 5000,
    "[\n" * 5000,
    "{甲:\n" * 5000,
    "".join(f"{' ' * n}甲:\n" for n in range(1200)),
]


@pytest.mark.parametrize("text", DEEP)
@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
def test_deep_nesting_is_refused_before_the_library_meets_its_own_limit(
    monkeypatch: pytest.MonkeyPatch, text: str, loader: str
) -> None:
    monkeypatch.setattr(strict_yaml, "_LOADER", getattr(yaml, loader))
    (found,) = refuse(text)
    assert found.code == "E404" and text[: found.span.start].count(text.strip()[0]) == 64  # type: ignore[union-attr]


def test_keys_nested_without_end() -> None:
    assert refuse("? " * 5000)[0].code == "E409"


def test_brackets_in_texts_nest_nothing() -> None:
    for text in ("[" * 100, "甲 " + "[" * 100, "it's " + "{" * 100):
        assert take(f'- "{text}"\n') == [text]
    assert take(f"'{'[' * 100}': {{甲: '{'{' * 100}'}}") == {"[" * 100: {"甲": "{" * 100}}
    assert take(f"- 甲 {'[' * 2000}\n- 乙 # {'[' * 2000}\n") == ["甲 " + "[" * 2000, "乙"]
    assert take("a: [甲]\n" + "".join(f"a{n}: '['\n" for n in range(100)))


def test_sixty_four_levels_are_taken_and_no_more() -> None:
    assert take("[" * 64 + "]" * 64) is not None
    assert refuse("[" * 65 + "]" * 65)[0].code == "E404"


def test_size_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refuse("a" * (strict_yaml.MAX_CHARACTERS + 1))[0].code == "E401"
    monkeypatch.setattr(strict_yaml, "MAX_NODES", 10)
    (found,) = refuse("- 甲\n" * 11)
    assert found.code == "E401" and found.line == 10


def test_spans_by_path() -> None:
    text = "clauses:\n  - id: A\n    offices: [甲处, 乙处]\n  - id: B\n"
    tree, _ = read(Source("t.yaml", text))
    assert tree is not None
    assert str(span_at(tree, ("clauses", 0, "offices", 1))) == "t.yaml:3:19"
    assert span_at(tree, ("clauses", 0, "offices", 1)).text == "乙处"
    assert str(key_span_at(tree, ("clauses", 0, "offices"))) == "t.yaml:3:5"
    assert str(span_at(tree, ("clauses", 9, "id"))) == "t.yaml:2:3"
    assert str(key_span_at(tree, ("clauses", 9, "id"))) == "t.yaml:2:3"
    assert span_at(tree, ("clauses", 0)).text == "id: A\n    offices: [甲处, 乙处]"
    assert isinstance(tree, YamlMapping) and tree.get("nothing") is None


def test_wide_files_are_read_without_recursion() -> None:
    assert take("- 甲\n" * 20_000) == ["甲"] * 20_000


def test_the_python_parser_agrees_with_the_fast_one(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: 甲\nb: [1, '二', \"三\"]\nc: >\n  折行\n  文字\nd:\n- {e: true, f: }\n"
    fast = read(Source("t.yaml", text))
    monkeypatch.setattr(strict_yaml, "_LOADER", yaml.SafeLoader)
    slow = read(Source("t.yaml", text))
    assert fast == slow and fast[0] is not None and slow[0] is not None
    for path in ((), ("a",), ("b", 1), ("d", 0, "e")):
        one, other = span_at(fast[0], path), span_at(slow[0], path)
        assert (one.start, one.end) == (other.start, other.end)
    for refused in ("a: [甲\n", "a: b: c\n", "a: '甲\n", "a: @甲\n", "\ta: 甲\n", "a: *甲\n", "[" * 3000):
        assert refuse(refused)[0].code in ("E400", "E404", "E405")


yaml_like = st.text(
    alphabet=st.sampled_from(list("ab甲：: -\n\t#[]{},&*!|>'\"%@`?~0123.\\é\u200b\x00\ud800<=")), max_size=80
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), yaml_like))
def test_no_text_makes_it_raise(text: str) -> None:
    tree, found = read(Source("t.yaml", text))
    assert tree is not None or found
    for one in found:
        render(one)
        assert one.span is not None and 0 <= one.span.start <= one.span.end <= len(text)


@settings(max_examples=150, deadline=None)
@given(yaml_like)
def test_what_is_taken_means_the_same_to_the_library(text: str) -> None:
    """Where nothing is refused, a library that resolves nothing but texts sees the same keys and values."""
    tree, found = read(Source("t.yaml", text))
    if tree is None or found:
        return
    loaded = yaml.load(text, Loader=yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader)
    assert _texts(plain(tree)) == _texts(loaded)


def _texts(value: object) -> object:
    match value:
        case dict():
            return {str(key): _texts(item) for key, item in value.items()}
        case list():
            return [_texts(item) for item in value]
        case bool():
            return str(value).lower()
        case None | "" | "null":
            return ""
        case _:
            return str(value).lstrip("-") if str(value).lstrip("-") == "0" else str(value)
