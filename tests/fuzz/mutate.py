"""Mutations of texts and bytes, and texts from nothing.

Why this exists: what people type wrongly, what programs save wrongly, and what someone sends who means harm.

Invariant: everything depends on the given `random.Random` alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from policyrules.language.keywords import CLAUSES, DECLARATIONS, KEYWORDS

WORDS: tuple[str, ...] = tuple(sorted({*KEYWORDS, *DECLARATIONS, *CLAUSES}))

STRANGE: tuple[str, ...] = (
    "\x00", "\x01", "\x07", "\x1b[31m", "\x7f", "\x85", "\r", "\r\n", "\v", "\f", "\t", "\ufeff", "\ufffd", "\ufffe", "\uf8ff",
    "\u200b", "\u200d", "\u200e", "\u202a", "\u202e", "\u2066", "\u2069", "\u2028", "\u2029", "\u00ad", "\u3164", "\u180e",
    "\ud800", "\udfff", "\U0001f600", "\U0001f468\u200d\U0001f469", "\U000e0041", "\ufe0f", "\u0301", "\U00020000", "\U0010ffff",
    "а", "е", "о", "р", "с", "Α", "Β", "ο", "ⅷ", "①", "㈠", "㎡", "⽇", "⼀", "〇", "○", "Ａ", "ａ", "ı", "ﬁ", "K", "ß", "٣", "५",
    "𝟓", "³", "½", "〔", "〕", "『", "』", "「", "」", "“", "”", "‘", "’", '"', "'", "＂", "【", "】", "［", "］", "《", "》",
    "，", "。", "、", "；", "：", "？", "！", "…", "——", "·", "～", "~", "|", "\\", "^", "&", "$", "@", "`", "#", "＃", "%", "‰", "％",
    "＋", "－", "−", "–", "—", "×", "÷", "＊", "／", "≥", "≤", "≠", "＝", "≈", "∞", "→", "√", "NaN", "Infinity", "-inf", "1e999",
    "1e5", "0x10", "٠", "一百", "壹", "二十", "99999999999999999999999999", "0.000000000000000000001", "2025年13月40日",
    "2025年2月30日", "0000年1月1日", "9999年12月31日", "2025-10-31", "3 月", "3 个月", "50 万元", "50", "60%", "0 元", "-1 万元",
    "__class__", "{}", "{0}", "%s", "%(x)s", "[bold]", "[/]", "$END", "None", "true", "null", "!!python/object", "&a", "*a",
)  # fmt: skip

_TOKEN = re.compile(r"“[^”\n]*”|【[^】\n]*】|\w+|[^\w\s]|\s+")
_BRACKETS = "(){}（）｛｝【】“”"
_TO_WIDE = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)} | {" ": "\u3000"}
_TO_NARROW = {wide: narrow for narrow, wide in _TO_WIDE.items()}
_NAMES = (
    "有潜力",
    "停产",
    "分类",
    "链条",
    "户数",
    "总投资",
    "资金",
    "资产",
    "项目",
    "县",
    "同类数",
    "数量线",
    "闲置资产",
    "升级",
    "甲",
    "补助",
    "奖励",
    "分档·2",
    "档次",
    "衔接资金占比",
    "节假日",
    "示范户数",
    "当年",
    "上层·分类",
)
_ATOMS = (
    "停产", "有潜力", "分类 为 升级", "链条 为 完整", "户数 ≥ 5 户", "总投资 > 50 万元", "利用率 < 60%", "建成日 起满 3 个月",
    "同类数 ≥ 数量线", "投向 含 种苗", "建成日 未填", "系数 = 1", "工期 介于 1 个月 至 3 个月", "占地 + 1 亩 > 2 公顷", "甲",
    "补助 ≥ 3 万元", "奖励 + 补助 > 1 万元", "取小（总投资 × 50%；5 万元） < 2 万元", "立项年度 = 上年", "建成日 之年末 = 评估日", "档次 为 高",
    "建成日 + 5 个工作日 < 评估日", "每年 10月31日 起算 建成日 < 评估日", "衔接资金占比 ÷ 0 > 1", "标签 全部属于 { “重点” }", "投向 除去 { 种苗 } 含 道路",
    "\n  | ≥ 10 万元 | 完整 | 低 |", "\n  不超过 补助\n", " | ", "不足", "其余", "从严（越高越严）", "等，不含 种苗",
)  # fmt: skip


def pick(random: Random, items: Sequence[str]) -> str:
    """One of ``items``."""
    return items[random.randrange(len(items))]


# ---- texts ----------------------------------------------------------------------------------------------------------


def _place(random: Random, text: str) -> int:
    return random.randrange(len(text) + 1)


def delete_characters(random: Random, text: str) -> str:
    start = _place(random, text)
    return text[:start] + text[start + random.choice((1, 1, 1, 2, 5, 40)) :]


def insert_strange(random: Random, text: str) -> str:
    start = _place(random, text)
    return text[:start] + pick(random, STRANGE) + text[start:]


def insert_any(random: Random, text: str) -> str:
    start = _place(random, text)
    inserted = "".join(
        chr(random.choice((random.randrange(0x80), random.randrange(0x4E00, 0x9FFF), random.randrange(0x110000))))
        for _ in range(random.choice((1, 1, 3, 20)))
    )
    return text[:start] + inserted + text[start:]


def insert_word(random: Random, text: str) -> str:
    start = _place(random, text)
    space = random.choice((" ", "", "\n", "　"))
    return text[:start] + space + pick(random, (*WORDS, *_NAMES, *_ATOMS)) + space + text[start:]


def duplicate_stretch(random: Random, text: str) -> str:
    start = _place(random, text)
    end = start + random.choice((1, 2, 10, 200))
    return text[:end] + text[start:end] * random.choice((1, 1, 2, 9)) + text[end:]


def swap_characters(random: Random, text: str) -> str:
    start = _place(random, text)
    return text[:start] + text[start : start + 2][::-1] + text[start + 2 :]


def replace_token(random: Random, text: str) -> str:
    """One token gives way to a keyword, a name, a strange thing, or another token of the text: types and units clash."""
    tokens = _TOKEN.findall(text)
    if not tokens:
        return text
    at = random.randrange(len(tokens))
    tokens[at] = pick(random, random.choice((WORDS, _NAMES, STRANGE, tokens, tokens, tokens)))
    return "".join(tokens)


def swap_tokens(random: Random, text: str) -> str:
    tokens = _TOKEN.findall(text)
    if len(tokens) < 2:
        return text
    first = random.randrange(len(tokens))
    second = random.choice((random.randrange(len(tokens)), min(first + 2, len(tokens) - 1)))
    tokens[first], tokens[second] = tokens[second], tokens[first]
    return "".join(tokens)


def drop_token(random: Random, text: str) -> str:
    tokens = _TOKEN.findall(text)
    if tokens:
        del tokens[random.randrange(len(tokens))]
    return "".join(tokens)


def shuffle_lines(random: Random, text: str) -> str:
    lines = text.split("\n")
    if random.random() < 0.3:
        random.shuffle(lines)
        return "\n".join(lines)
    first, second = random.randrange(len(lines)), random.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return "\n".join(lines)


def change_lines(random: Random, text: str) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    match random.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[random.randrange(len(lines))])
        case 2:
            lines[at] = lines[at].strip()
        case 3:
            lines[at] = " " * random.randrange(1, 9) + lines[at]
        case _:
            lines[at : at + 2] = ["".join(lines[at : at + 2])]
    return "\n".join(lines)


def drop_bracket(random: Random, text: str) -> str:
    places = [index for index, char in enumerate(text) if char in _BRACKETS]
    if not places:
        return text
    at = random.choice(places)
    return text[:at] + random.choice(("", "", pick(random, _BRACKETS))) + text[at + 1 :]


def flip_width(random: Random, text: str) -> str:
    """Full-width for half-width and back, on a stretch: what an input method in the other state types."""
    table = random.choice((_TO_WIDE, _TO_NARROW))
    start = _place(random, text)
    end = start + random.choice((1, 20, 200, 10_000))
    return text[:start] + "".join(table.get(char, char) for char in text[start:end]) + text[end:]


def truncate(random: Random, text: str) -> str:
    return text[: _place(random, text)]


def drop_spaces(random: Random, text: str) -> str:
    places = [index for index, char in enumerate(text) if char == " "]
    for at in sorted(random.sample(places, min(len(places), random.choice((1, 1, 2, 5)))), reverse=True):
        text = text[:at] + text[at + 1 :]
    return text


def change_number(random: Random, text: str) -> str:
    places = list(re.finditer(r"[0-9]+", text))
    if not places:
        return text
    found = random.choice(places)
    number = random.choice(
        ("0", "00", "1", "-1", "1.5", "1.", ".5", "9" * 19, "9" * 400, "13", "１２", "1,000", "1e3", "三")
    )
    return text[: found.start()] + number + text[found.end() :]


def deepen(random: Random, text: str) -> str:
    """A condition inside many others: at the limit, near it, far beyond."""
    places = [found.end() for found in re.finditer(r"(?<!\w)(?:当|且|即|还须|应当|不得|到期) ", text)]
    if not places:
        return text
    at = random.choice(places)
    depth = random.choice((3, 31, 32, 63, 64, 65, 66, 200, 2_000))
    opener, closer = random.choice(
        (
            ("（", "）"),
            ("非 ", ""),
            ("同时满足（", "）"),
            ("任一满足（停产；", "）"),
            ("至少 1 项（停产；", "；有潜力）"),
            ("任一 资金 满足（", "）"),
            ("任一 其他 资产 满足（", "）"),
            ("视 停产读法（宽：停产；严：", "）"),
            ("首选 停产，缺则 ", ""),
            ("非（", "）"),
        )
    )
    return text[:at] + opener * depth + "停产" + closer * depth + " 且 " + text[at:]


def widen(random: Random, text: str) -> str:
    """A long flat condition."""
    places = [found.end() for found in re.finditer(r"(?<!\w)(?:当|即|还须|应当|不得|到期) ", text)]
    if not places:
        return text
    at = random.choice(places)
    many = [pick(random, _ATOMS) for _ in range(random.choice((10, 100, 400)))]
    match random.randrange(4):
        case 0:
            words = " 且 ".join(many)
        case 1:
            words = "任一满足（" + "；".join(many) + "）"
        case 2:
            words = "户数 属于 { " + "、".join(many) + " }"
        case _:
            words = "户数 + " * len(many) + "1 户 > 3 户"
    return text[:at] + words + " 且 " + text[at:]


# ---- expressions ----------------------------------------------------------------------------------------------------

# Names and values by the rows that a condition speaks of: "" is the project itself.
_CHOICES: dict[str, tuple[str, ...]] = {
    "": ("分类 为 升级", "分类 不为 无", "分类 属于 { 盘活、调整 }", "措施 含 贷款", "入库 为 不得", "链条 为 完整", "项目类型 属于 { 种植、等 }",
         "投向 含任一 { 种苗、道路 }", "标签 含 “重点”", "停产读法 为 宽", "停产", "有潜力", "停产满期", "已分类", "脱贫县", "县.脱贫县", "户数 未填",
         "数量线 已填", "建成日 已填", "所在县 = 县名"),
    "资金": ("来源 属于 列举资金", "来源 属于 种类", "内容 = 本.内容", "来源 为 其他", "年度 < 本.年度", "停产", "金额 已填", "内容 ≠ “无”"),
    "资产": ("去向 为 出租", "闲置资产", "设施完好", "闲置日 未填", "分类 为 盘活", "原值 = 本.原值", "去向 不为 无"),
}  # fmt: skip
_NUMBERS: dict[str, dict[str, tuple[str, ...]]] = {
    "": {
        "count": ("户数", "数量线", "同类数", "起点", "计数 资金", "计数 资产", "5 户", "0 个", "7 个"),
        "money": ("总投资", "投资线", "投资合计", "资金合计", "合计 资金.金额", "最大 资产.原值", "50 万元", "3 元"),
        "ratio": ("利用率", "同类占比", "60%", "0%"),
        "plain": ("系数", "系数", "利用率", "户数", "户数 ÷ 数量线", "投资线 ÷ 总投资"),
        "months": ("工期", "3 个月", "2 年", "0 个月"),
        "year": ("立项年度", "2020 年", "最小 资金.年度"),
        "area": ("占地", "4 亩", "1 公顷"),
    },
    "资金": {"money": ("金额", "总投资", "5 万元", "合计 其他 资金.金额"), "year": ("年度", "立项年度", "2021 年"), "count": ("户数", "计数 其他 资金", "1 个")},
    "资产": {"money": ("原值", "总投资", "5 万元"), "count": ("同类数", "计数 其他 资产", "2 个"), "plain": ("系数", "利用率")},
}  # fmt: skip
_DATES: dict[str, tuple[str, ...]] = {
    "": ("建成日", "评估日", "期限日", "2025年1月1日", "最大 资产.闲置日"),
    "资金": ("建成日", "评估日"),
    "资产": ("闲置日", "评估日", "建成日"),
}
_PERIODS = ("3 个月", "2 年", "90 天", "0 天", "工期")
_OF_FIELDS = {"money": ("资金.金额", "资产.原值"), "year": ("资金.年度",)}


def condition(random: Random, depth: int, row: str = "") -> str:
    """A condition that parses, and whose names and types mostly fit."""
    if random.random() < 0.02:
        row = random.choice(("", "资金", "资产"))
    if depth <= 0:
        return pick(random, _CHOICES[row])
    inner = depth - 1
    match random.randrange(14):
        case 0:
            return (
                "（"
                + random.choice((" 且 ", " 或 ")).join(
                    condition(random, inner, row) for _ in range(random.randrange(1, 4))
                )
                + "）"
            )
        case 1:
            return f"非 {condition(random, inner, row)}"
        case 2:
            word = random.choice(("同时满足", "任一满足", "至少 1 项", "至少 2 项"))
            return f"{word}（" + "；".join(condition(random, inner, row) for _ in range(random.randrange(1, 4))) + "）"
        case 3 | 4 | 5:
            kind = _kind(random, row)
            comparison = random.choice(("=", "≠", "<", "≤", ">", "≥"))
            return f"{number(random, inner, kind, row)} {comparison} {number(random, inner, kind, row)}"
        case 6:
            kind = _kind(random, row)
            low, high = number(random, 0, kind, row), number(random, 0, kind, row)
            return f"{number(random, inner, kind, row)} 介于 {low} 至 {high}"
        case 7:
            return f"{pick(random, _DATES[row])} 起满 {pick(random, _PERIODS)}"
        case 8 | 9:
            rows = random.choice(("资金", "资产"))
            other = "其他 " if rows == row and random.random() < 0.5 else ""
            return f"{random.choice(('任一', '全部'))} {other}{rows} 满足（{condition(random, inner, rows)}）"
        case 10:
            return f"视 停产读法（宽：{condition(random, inner, row)}；严：{condition(random, inner, row)}）"
        case 11:
            yes, no = condition(random, inner, row), condition(random, inner, row)
            return f"视 （{condition(random, inner, row)}）（是：{yes}；否：{no}）"
        case 12:
            return f"（首选 {condition(random, 0, row)}，缺则 {condition(random, 0, row)}）"
        case _:
            shift = random.choice(("", "+ 3 个月", "- 10 天", "+ 工期"))
            return f"{pick(random, _DATES[row])} {random.choice('<≥')} {pick(random, _DATES[row])} {shift}"


def _kind(random: Random, row: str) -> str:
    return pick(random, tuple(_NUMBERS[row]))


def number(random: Random, depth: int, kind: str, row: str = "") -> str:
    """A number of one kind, mostly."""
    if random.random() < 0.02 or kind not in _NUMBERS[row]:
        kind = _kind(random, row)
    if depth <= 0:
        return pick(random, _NUMBERS[row][kind])
    inner = depth - 1
    match random.randrange(9):
        case 0 | 1:
            return f"（{number(random, inner, kind, row)} {random.choice('+-')} {number(random, inner, kind, row)}）"
        case 2:
            return f"{number(random, 0, kind, row)} {random.choice('×÷')} （{number(random, inner, 'plain', row)}）"
        case 3 if kind == "count":
            rows = random.choice(("资金", "资产"))
            return f"计数 {rows} 其中（{condition(random, inner, rows)}）"
        case 4 if kind in _OF_FIELDS:
            field = pick(random, _OF_FIELDS[kind])
            return (
                f"{random.choice(('合计', '最大', '最小', '取'))} {field} 其中（{condition(random, inner, field[:2])}）"
            )
        case 5:
            return f"（首选 {number(random, 0, kind, row)}，缺则 {number(random, inner, kind, row)}）"
        case 6:
            return f"（视 停产读法（宽：{number(random, inner, kind, row)}；严：{number(random, 0, kind, row)}））"
        case 7:
            return f"-{number(random, 0, kind, row)}"
        case _:
            return number(random, 0, kind, row)


_CONDITION = re.compile(
    r"(?<!\w)(当|即|其中|符合|除外|应当|不得|到期|还须|仅限|还应当|还不得|或者) (?!\{)[^\n]+?(?= 则 |\n|\Z)"
)


def graft(random: Random, text: str) -> str:
    """Another condition in the place of one: it parses, so that checking and evaluation meet it."""
    places = list(_CONDITION.finditer(text))
    if not places:
        return text
    found = random.choice(places)
    head = text.rfind("\n", 0, text.rfind("\n", 0, found.start()))
    row = "资产" if "对 资产" in text[max(0, head - 40) : found.start()] else ""
    written = condition(random, random.choice((0, 1, 2, 2, 3, 4)), row)
    return f"{text[: found.start()]}{found.group(1)} {written}{text[found.end() :]}"


TEXT_MUTATIONS: tuple[Callable[[Random, str], str], ...] = (
    replace_token,
    replace_token,
    replace_token,
    swap_tokens,
    swap_tokens,
    drop_token,
    drop_token,
    insert_word,
    insert_word,
    change_number,
    change_lines,
    change_lines,
    drop_spaces,
    drop_bracket,
    delete_characters,
    delete_characters,
    insert_strange,
    insert_any,
    duplicate_stretch,
    swap_characters,
    shuffle_lines,
    flip_width,
    truncate,
    deepen,
    widen,
)


def mutate_text(random: Random, text: str, rounds: int | None = None) -> str:
    """``text`` after one to a few mutations; mostly one, for that leaves most of it standing."""
    for _ in range(rounds if rounds is not None else random.choice((1, 1, 1, 1, 2, 3, 8))):
        text = random.choice(TEXT_MUTATIONS)(random, text)
    return text[:60_000]


# ---- from nothing ---------------------------------------------------------------------------------------------------


def keyword_soup(random: Random) -> str:
    """Words of the language in any order."""
    words = (
        *WORDS,
        *_NAMES,
        *_ATOMS,
        "（",
        "）",
        "；",
        "、",
        "{",
        "}",
        "：",
        "“引文”",
        "【一】",
        "5 个",
        "2025年1月1日",
        "（a）",
        "\n",
        "\n",
        "\n  ",
    )
    return "".join(pick(random, words) + random.choice((" ", " ", "", "\n")) for _ in range(random.randrange(1, 120)))


def any_characters(random: Random) -> str:
    """Any characters: of one plane, of all, or the strange ones."""
    size = random.randrange(0, 300)
    match random.randrange(3):
        case 0:
            return "".join(chr(random.randrange(0x110000)) for _ in range(size))
        case 1:
            return "".join(pick(random, STRANGE) for _ in range(size))
        case _:
            return "".join(pick(random, (*STRANGE, *WORDS, " ", "\n")) for _ in range(size))


# ---- bytes ----------------------------------------------------------------------------------------------------------

ENCODINGS: tuple[str, ...] = (
    "utf-8",
    "utf-8",
    "utf-8-sig",
    "gb18030",
    "gb18030",
    "gbk",
    "utf-16",
    "utf-16-le",
    "utf-32",
    "big5",
    "shift_jis",
    "utf-7",
)


def encode(random: Random, text: str) -> bytes:
    """``text`` in some encoding, perhaps another one half way, perhaps damaged."""
    first, second = random.choice(ENCODINGS), random.choice(ENCODINGS)
    cut = len(text) if random.random() < 0.7 else _place(random, text)
    data = _encoded(text[:cut], first) + _encoded(text[cut:], second)
    return data if random.random() < 0.5 else mutate_bytes(random, data)


def _encoded(text: str, encoding: str) -> bytes:
    errors = (
        "surrogatepass"
        if encoding.startswith("utf-8") or encoding.startswith("utf-16") or encoding.startswith("utf-32")
        else "replace"
    )
    return text.encode(encoding, errors)


def mutate_bytes(random: Random, data: bytes) -> bytes:
    """``data`` with bytes flipped, dropped, doubled, cut off or put in front."""
    for _ in range(random.choice((1, 1, 2, 5, 30))):
        at = random.randrange(len(data) + 1)
        match random.randrange(6):
            case 0:
                data = data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[at + random.choice((1, 2, 3, 50)) :]
            case 2:
                data = data[:at] + random.randbytes(random.choice((1, 2, 3, 30))) + data[at:]
            case 3:
                data = data[:at] + data[at : at + 64] + data[at:]
            case 4:
                data = data[:at] if random.random() < 0.3 else data
            case _:
                data = (
                    random.choice(
                        (
                            b"\xef\xbb\xbf",
                            b"\xff\xfe",
                            b"\xfe\xff",
                            b"\x00",
                            b"\xed\xa0\x80",
                            b"\xc0\x80",
                            b"\xf4\x90\x80\x80",
                        )
                    )
                    + data
                )
    return data
