"""Lists that say what they do not mean, and exceptions for one value: authority, types, warnings and their remedies."""

from __future__ import annotations

import pytest

from policyrules.diagnostics import Diagnostic
from policyrules.testing.build import policy_from_text, try_policy_from_text

OBJECTS = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 用途（use）：多选 { 产业、楼堂、偿债 }
  字段 来源（source）：文本
"""
LIST = "清单 负面\n  即 { 楼堂、等，不含 产业 }\n"
BAN = "禁令 乱用\n  不得 {}\n"


def found(*layers: str) -> list[Diagnostic]:
    return list(try_policy_from_text(*layers)[1])


def codes(*layers: str) -> list[str]:
    return [each.code for each in found(*layers)]


# ---- 增列 -----------------------------------------------------------------------------------------------------------


def test_what_a_list_excludes_is_added_under_free_authority_only() -> None:
    use = BAN.format("用途 含任一 负面")
    assert codes(OBJECTS + LIST + use, "增列 负面\n  { 偿债 }\n") == []
    (error,) = found(OBJECTS + LIST + use, "增列 负面\n  { 偿债、产业 }\n")
    assert error.code == "E308" and error.span is not None and error.span.text == "产业"
    assert error.related[0].span.text == "产业" and error.related[0].span.source.path.startswith("0/")
    free = policy_from_text(OBJECTS + LIST + "  授权 自定\n" + use, "增列 负面\n  { 产业 }\n")
    assert free.evaluate({"用途": ["产业"]}).findings[0].status == "violated"
    between = LIST + "  授权 自定\n" + use
    assert codes(OBJECTS + between, "增列 负面\n  { 偿债 }\n  授权 细化\n", "增列 负面\n  { 产业 }\n") == ["E308"]


@pytest.mark.parametrize(
    ("list_", "code"),
    [
        ("{ 楼堂、等，不含 楼堂 }", "E227"),
        ("{ 楼堂、等，不含 产业、产业 }", "E202"),
        ("{ 楼堂，不含 产业 }", "E227"),
        ("{ 楼堂、等，不含 3 }", "E204"),
        ("{ 楼堂、等，不含 别的 }", "E206"),
    ],
)
def test_a_list_that_contradicts_itself(list_: str, code: str) -> None:
    errors = [each for each in found(f"{OBJECTS}清单 负面\n  即 {list_}\n{BAN.format('用途 含任一 负面')}")]
    assert errors[0].code == code and (errors[0].remedy or code == "E206")


def test_the_meaning_of_a_list_without_exclusions_is_locked_as_before() -> None:
    lower = "修订 乱用\n  还不得 用途 含 偿债\n"

    def pin(list_: str) -> str:
        policy = policy_from_text(f"{OBJECTS}清单 负面\n  即 {list_}\n{BAN.format('用途 含任一 负面')}", lower)
        return policy.pins["L1"]["乱用"].sha256

    plain = pin("{ 楼堂、等 }")
    assert plain != pin("{ 楼堂、等，不含 产业 }")
    # As it was hashed before there was any 不含.
    assert plain == PLAIN


PLAIN = "6066e0371b72c79fee27230908e00f649144cc84ae3fda4f40a4815808d269e1"


# ---- 除外 -----------------------------------------------------------------------------------------------------------


def test_an_exception_for_one_value_that_takes_out_the_row_is_told() -> None:
    text = OBJECTS + BAN.format("用途 含任一 { 楼堂、偿债 }") + "  除外 用途 含 偿债\n"
    (warning,) = found(text)
    assert warning.code == "W228" and warning.severity == "warning"
    assert warning.span is not None and warning.span.text == "用途 含 偿债"
    item = "用途 除去 { 偿债 } 含任一 { 楼堂、偿债 }"
    row = "当 非（用途 含 偿债）"
    assert warning.remedy is not None and f"不得 {item}" in warning.remedy and row in warning.remedy
    # Both ways that are offered load in peace, and mean what they say.
    both = {"用途": ["楼堂", "偿债"]}
    meant = policy_from_text(OBJECTS + BAN.format(item))
    assert meant.warnings == () and meant.evaluate(both).findings[0].status == "violated"
    assert meant.evaluate({"用途": ["偿债"]}).findings[0].status == "compliant"
    whole = policy_from_text(OBJECTS + BAN.format(f"用途 含任一 {{ 楼堂、偿债 }}\n  {row}"))
    assert whole.warnings == () and whole.evaluate(both).findings[0].status == "not_applicable"
    assert policy_from_text(text).evaluate(both).findings[0].status == "not_applicable"


@pytest.mark.parametrize(
    ("ban", "exception", "told"),
    [
        ("用途 含任一 { 楼堂、等 }", "用途 含 偿债", True),
        ("用途 含任一 负面", "用途 含任一 { 偿债 }", True),
        ("来源 已填 且 用途 含任一 { 偿债 }", "用途 含 偿债", True),
        # What is not forbidden takes the row out on purpose.
        ("用途 含任一 { 楼堂 }", "用途 含 偿债", False),
        ("用途 含任一 负面", "用途 含 产业", False),
        ("用途 含任一 { 偿债 }", "用途 不含 偿债", False),
        ("用途 含任一 { 偿债 }", "来源 = “某”", False),
        ("用途 含任一 { 偿债 }", "用途 含 偿债 且 来源 已填", False),
        ("用途 含 偿债", "用途 含 偿债", False),
        ("用途 除去 { 偿债 } 含任一 { 偿债、楼堂 }", "用途 含 偿债", False),
    ],
)
def test_it_is_told_only_where_form_can_tell(ban: str, exception: str, told: bool) -> None:
    assert codes(f"{OBJECTS}{LIST}{BAN.format(ban)}  除外 {exception}\n") == (["W228"] if told else [])


def test_what_a_lower_layer_takes_out_is_its_own() -> None:
    top = OBJECTS + BAN.format("用途 含任一 { 楼堂、偿债 }") + "  授权 细化\n"
    assert codes(top, "修订 乱用\n  除外 用途 含 偿债\n") == ["W304"]


# ---- types ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "code", "remedy"),
    [
        ("来源 全部属于 { “某” }", "E204", "改用 属于"),
        ("来源 除去 { “某” } 含 偿债", "E204", "改用 不为"),
        ("用途 全部属于 偿债", "E208", "写成 { 偿债 }"),
        ("用途 全部属于 来源", "E204", "写成 { 值一、值二 }"),
        ("用途 全部属于 { 偿还 }", "E206", "偿债"),
        ("用途 除去 { 偿债 }", "E204", "含"),
        ("用途 全部属于 偿债、楼堂", "E123", "{ 偿债、楼堂 }"),
        ("用途 含任一 { 楼堂 } 除去 { 偿债 }", "E130", "写在左边：用途 除去 { 偿债 } 含任一 { 楼堂 }"),
        ("用途 全部属于 { 楼堂 } 除去 { 偿债 }", "E130", "用途 全部属于 { 楼堂 } 且 用途 不含 …"),
    ],
)
def test_what_stands_beside_a_set(condition: str, code: str, remedy: str) -> None:
    first = found(OBJECTS + BAN.format(condition))[0]
    assert first.code == code and remedy in (first.remedy or ""), first
