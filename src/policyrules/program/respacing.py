"""Words that were written together, taken apart where the declared names say how: 带动户数不少于10户 is 带动户数 ≥ 10 户.

Why this exists: Chinese is written without spaces, and the language needs them. Which characters belong to a name is
known only once every name is; the whole stretch is taken apart at once, so that one correction is enough.

Invariants: a stretch is taken apart only into declared names and values, words of the language (or what people write for
them) and numbers, in an order that a condition may have, and only completely; the same names give the same parts. The
work is bounded by the length of the stretch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from policyrules.language import spoken
from policyrules.language.keywords import NUMBER_TAILS, SYNONYMS
from policyrules.operators import INFIX, POSTFIX
from policyrules.source import fold_characters

_LONGEST: Final = 120
"""No line of a rule that a person typed is longer."""

_BETWEEN: Final = (*INFIX, "为", "不为", "属于", "不属于", "含", "不含", "含任一", "全部属于", "除去", "介于", "起算")
_AFTER: Final = ("已填", "未填", *POSTFIX)
_JOINERS: Final = ("且", "或")
_BEFORE: Final = (
    "当",
    "则",
    "除外",
    "期限",
    "到期",
    "应当",
    "原则上应当",
    "不得",
    "其中",
    "符合",
    "还须",
    "仅限",
    "还应当",
    "还不得",
)
_TAKES_VALUE: Final = ("为", "不为", "含", "不含")
_UNLIKELY: Final = 100
_JOINED: Final = re.compile("[且或为含]")
_EVERY_YEAR: Final = re.compile(r"每年([0-9]{1,2}月[0-9]{1,2}日)")
_MARK: Final = re.compile(r"[<>=!]=|<>|[≠≤≥<>=]")
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?%?")

# What a part does to the sentence: an operand must come where one is wanted, everything else after one.
_OPERAND, _BINARY, _JOIN, _NOT, _TEST, _HEAD = "operand", "binary", "join", "not", "test", "head"


def _table() -> dict[str, tuple[str, str]]:
    """The words of the language and what people write for them: what each is, and how it is written."""
    table: dict[str, tuple[str, str]] = {}
    for kind, words in ((_BINARY, _BETWEEN), (_TEST, _AFTER), (_JOIN, _JOINERS), (_NOT, ("非",)), (_HEAD, _BEFORE)):
        table |= {word: (kind, word) for word in words}
    meant = dict(table)
    for said, words in SYNONYMS.items():
        for word in words:
            if word in meant and said not in table:
                table[said] = (meant[word][0], word)
    return table


_WORDS: Final = _table()
_LONGEST_WORD: Final = max(map(len, _WORDS))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Declared names and values by their first character, and units."""

    names: dict[str, tuple[str, ...]]
    units: frozenset[str]

    @staticmethod
    def of(names: Iterable[str], units: Iterable[str]) -> Lexicon:
        """The lexicon of these names, values and units."""
        by_first: dict[str, list[str]] = {}
        for name in sorted(set(names), key=lambda each: (-len(each), each)):
            if name and len(name) <= _LONGEST:
                by_first.setdefault(name[0], []).append(name)
        return Lexicon({first: tuple(found) for first, found in by_first.items()}, frozenset(units))


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    text: str


@dataclass(frozen=True, slots=True, order=True)
class _Way:
    """One way to take a front of the stretch apart; fewer parts are likelier, and longer first parts."""

    parts: int
    written: tuple[str, ...] = field(compare=False)
    open_: bool = field(compare=False)


def respaced(text: str, lexicon: Lexicon) -> str | None:
    """``text`` with its spaces, in the words of the language; None where it is no condition of declared names, or needs
    none.

    >>> lexicon = Lexicon.of(["带动户数", "市场效益", "好", "链条", "较完备"], ["户"])
    >>> respaced("带动户数不少于10户且市场效益为好", lexicon), respaced("当市场效益为好", lexicon)
    ('带动户数 ≥ 10 户 且 市场效益 为 好', '当 市场效益 为 好')
    >>> respaced("链条完备", lexicon) is None, respaced("市场效益不为好", lexicon)
    (True, '市场效益 不为 好')
    """
    text = "".join(fold_characters(text).split())
    if not 2 <= len(text) <= _LONGEST:
        return None
    # For each place reached: the best way there that wants an operand, and the best that has one.
    ways: list[dict[bool, _Way]] = [{} for _ in range(len(text) + 1)]
    ways[0][True] = _Way(0, (), True)
    for start in range(len(text)):
        for way in list(ways[start].values()):
            for length, part in _parts(text, start, lexicon):
                wants = _after(part.kind, way)
                if wants is None:
                    continue
                end = start + length
                found = _Way(way.parts + 1, (*way.written, part.text), wants)
                _keep(ways[end], found)
            rest = text[start:]
            if way.written and way.written[-1] in _TAKES_VALUE and rest.isidentifier() and not _JOINED.search(rest):
                # A value that nobody declared is the last thing to think of; what is wrong with it is said next.
                _keep(ways[-1], _Way(way.parts + _UNLIKELY, (*way.written, rest), False))
    # 以上 at the end bounds what stands before it, and a sign there would want another number.
    bound = text.endswith(tuple(NUMBER_TAILS))
    ends = [way for way in ways[len(text)].values() if way.parts > 1 and not (way.open_ and bound)]
    if not ends:
        return None
    return " ".join(min(ends).written)


def _keep(ways: dict[bool, _Way], found: _Way) -> None:
    best = ways.get(found.open_)
    if best is None or found < best:
        ways[found.open_] = found


def _after(kind: str, way: _Way) -> bool | None:
    """Whether an operand is wanted after a part of this kind; None where it may not stand here."""
    match kind:
        case "head":
            return True if way.parts == 0 else None
        case "operand":
            return False if way.open_ else None
        case "not":
            return True if way.open_ else None
        case "test":
            return None if way.open_ else False
        case _:
            return None if way.open_ and not (kind == _JOIN and way.parts == 0) else True


def _parts(text: str, start: int, lexicon: Lexicon) -> Iterable[tuple[int, _Part]]:
    """What may begin at ``start``: its length as written, and the part."""
    for name in lexicon.names.get(text[start], ()):
        if text.startswith(name, start):
            yield len(name), _Part(_OPERAND, name)
    for length in range(min(_LONGEST_WORD, len(text) - start), 0, -1):
        found = _WORDS.get(text[start : start + length])
        if found is not None:
            yield length, _Part(*found)
    every = _EVERY_YEAR.match(text, start)
    if every is not None:
        yield len(every.group()), _Part(_OPERAND, f"每年 {every[1]}")
    mark = _MARK.match(text, start)
    if mark is not None and mark.group() not in _WORDS:
        yield len(mark.group()), _Part(_BINARY, mark.group())
    number = _NUMBER.match(text, start)
    if number is not None:
        length = len(number.group())
        yield length, _Part(_OPERAND, number.group())
        for unit in sorted(lexicon.units):
            if text.startswith(unit, start + length) and not number.group().endswith("%"):
                yield length + len(unit), _Part(_OPERAND, f"{number.group()} {unit}")
    for end in range(start + 2, min(start + 12, len(text)) + 1):
        said = spoken.written(text[start:end])
        if said is not None:
            yield end - start, _Part(_OPERAND, said)
