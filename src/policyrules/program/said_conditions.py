"""Conditions as documents put them, read with the names of the stack: 市场效益 好 的, 既 … 又 …, 没有 资金, 停产日 超过 3 个月.

Why this exists: what a document says is told apart by what its words are: 好 is a value, 已形成 is a yes or no, 资金 are rows,
停产日 is a date. A parser knows none of that; where it stopped, and where a name is unknown or stands for a thing of another
kind, the whole condition is read once more with every name known.

Invariants: a condition is understood whole or not at all; what is given to be written means what was said. What the language
cannot say is answered with the fact to record instead. Work is bounded by the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from policyrules.language import spoken
from policyrules.language.keywords import CONDITIONS, LIMITS
from policyrules.language.scopes import OF_ALL
from policyrules.program.across import spoken_of
from policyrules.program.literals import value_called
from policyrules.program.said_beyond import Beyond, Known, beyond
from policyrules.program.said_bounds import bounded
from policyrules.program.said_shares import share_of
from policyrules.program.said_subjects import ADDABLE, FILLED, NOT, ONE_OF, SEVERAL, Subjects
from policyrules.program.symbols import Symbols
from policyrules.source import Span, fold_characters
from policyrules.spelling import affordable
from policyrules.types import DATE, DAYS, Kind, Type

_LONGEST: Final = 120
_NESTED: Final = 3
_ITEM: Final = re.compile(r"\([0-9一二三四五六七八九十]{1,2}\)(?=\w)|[\u2460-\u2473]")
_QUOTES: Final = re.compile("[“”\"「」『』‘’']")
_MIDNIGHT: Final = re.compile(
    r"((?:[≥自]|>=|<(?!=))[0-9年月]+日)(?:00?|零)[时点]整?|(?<=日)(?:00?|零)[时点]整?(?=起|前|以前|之前)"
)
"""The first hour of a day, where the day itself begins or ends what is meant."""
_FOREIGN: Final = tuple(
    (re.compile(word, re.IGNORECASE), ours)
    for word, ours in (
        ("isnotnull", "已填"),
        ("isnull", "未填"),
        ("(?<=\\w)(?:contains|includes)(?=\\w)", "含"),
        ("(?<=[^a-z])between([^a-z]+?)and([^a-z]+?)(?=$|and|且|或)", r"在\1至\2之间"),
        ("(?<=[^a-z(])and(?=[^a-z])", "且"),
        ("(?<=[^a-z(])or(?=[^a-z])", "或"),
    )
)
"""Words of query languages, as they stand without spaces."""
_JOINED_QUOTES: Final = re.compile(r"(?<=\w)[”」』][“「『](?=\w)")
_LEADS: Final = re.compile(r"(?:只要|只有|凡是|凡|对于|对|针对|如果|若|其中[:：]?|同时(?!满足)|是否|该|自从|自|从)")
_CLOSES: Final = re.compile(r",?(?:的话|的?时候?|的情况下)?,?(?:就|便|即可)?$")
_BOTH: Final = (
    re.compile(r"(?:既|不但|不仅|虽然|虽|一方面)(.+?),?(?:又|也|而且|并且|还|但是|但|另一方面)(.+)"),
    re.compile(r"(.+?),?(?:又|并且|而且|而|并|以及|也)(.+)"),
)
_APART: Final = re.compile("(.+?)(?:和|与|同|跟|距离?|到|至)(.+?)(?:相差|相隔|间隔|相距|差)(?:的?天数|了)?(.+)")
_LATER_THAN: Final = re.compile("(.+?)比(.+?)(晚|迟|早)(.+)")
_EITHER: Final = re.compile(r"(?:或者|要么|或)(.+?),?(?:或者|要么|或)(.+)")
_OUTSIDE: Final = re.compile(r"(?:除了|除去|除)(.+?)(?:之外|以外|外)的?")
_LISTED: Final = re.compile(
    r"(?:(?:同时)?(?:满足|符合|具备)?(?:下列|以下|下述)(?:条件|情形)(之一|中的一项|任一|)(?:的)?:?|同时满足:?|任一(满足):?)\(?(.+?)\)?"
)
_DENIED: Final = re.compile(r"(?:不|并非|不是|没有|未|¬|!)\((.+)\)|(?:不满足|不具备|不符合|未满足|¬|!)\(?(.+?)\)?")
_EVERY_ONE: Final = re.compile("(?:的?(?:条件|情形))?(?:同时|均|都|全部|皆)(?:符合|满足|具备|成立|有|是)?$")
_SPARED: Final = re.compile(
    r"(?P<kept>.+?)(?:(?:,|\()(?:但是?|但对|不过)?|但是?|不过)(?P<out>[^,()]+?)的?(?:项目)?(?:除外|不在此限|不算在内|不包括在内|不算)\)?"
    r"|(?P<kept2>.+?)(?:,|\()(?:但是?)?(?:不含|不包括|不包含|排除|除(?!非|外)去?|除了)(?P<out2>[^,()]+?)(?:的|的项目)?(?:之外|以外|外)?\)?"
)
_AT_LEAST: Final = re.compile(r"至少(?:满足|符合|具备)?([0-9]+|[一二两三四五六七八九十]+)[项个条](?:条件)?:?\((.+)\)")
_ENOUGH: Final = re.compile(
    "(?:满足|符合|具备)?(?:下列)?至少(?:满足|符合|具备)?([0-9]+|[一二两三四五六七八九十]+)[项个条](?:条件)?:?(.+)"
    "|(.+?)(?:中的?|当中|里)?(?:满足|符合|具备|有)?至少(?:满足|符合|具备|有)?([0-9]+|[一二两三四五六七八九十]+)[项个条](?:的)?"
)
_OF_EACH: Final = re.compile(r"(.+?)(均|都|皆|分别)(.+)")
_EVERY: Final = ("全部都", "全部", "都", "均", "全", "皆")
_AMOUNTS: Final = ("合计", "之和", "的和", "总额", "总计", "总和", "金额合计", "共计", "总金额")
_SUMS: Final = "|".join(sorted(_AMOUNTS, key=len, reverse=True))
_MANY: Final = rf"([0-9]+|[一二两三四五六七八九十]+)[{'笔个条项次户家处人件'}]"
_SOME_OF: Final = (
    (re.compile(f"(?:至少|不少于|最少)有?{_MANY}(.+)"), "写成“计数 {rows} 其中（{text}） ≥ {count}”"),
    (re.compile(f"{_MANY}(?:及|或)?以上(.+)"), "写成“计数 {rows} 其中（{text}） ≥ {count}”"),
    (re.compile(f"(?:超过|多于){_MANY}(.+)"), "写成“计数 {rows} 其中（{text}） > {count}”"),
    (
        re.compile("(?:无一|都没有|都未|均未|均没有|全部未|全都没有|没有一[笔个条项])(.+)"),
        "写成“非 任一 {rows} 满足（{text}）”",
    ),
    (
        re.compile("(?:未全部|没有全部|没全部|不全|不都|未都|没有都|未能全部)(.+)"),
        "写成“非 全部 {rows} 满足（{text}）”",
    ),
    (
        re.compile("(?:部分|有的|一部分)(.+)"),
        "有一行就算的，写“任一 {rows} 满足（{text}）”；有的是、有的不是，写“任一 {rows} 满足（{text}） 且 非 全部 {rows} 满足（{text}）”",
    ),
    (re.compile("(?:一半以上|半数以上)(.+)"), "写成“计数 {rows} 其中（{text}） ≥ 计数 {rows} × 50%”"),
    (
        re.compile("(?:过半|大部分|多数|大多数|超过一半|超过半数)(.+)"),
        "写成“计数 {rows} 其中（{text}） > 计数 {rows} × 50%”",
    ),
)
_COUNTING: Final = re.compile(r"(?:共有|共|有)?(.+)")
_ROW_UNITS: Final = "笔个条项次户家处人件"
_CLAUSES: Final = sorted({*CONDITIONS} - {"期限", *LIMITS}, key=len, reverse=True)
_BOUNDS: Final = re.compile(r"(?:(?<=[ \u3000(（；;：:])(?:且|或|非)(?=[ \u3000(（])|[(（；;])")
_CLAUSE: Final = re.compile(
    r"(?:[ \t\u3000]*术语[ \t\u3000]+\w+[ \t\u3000]*(?:[(（]\w+[)）])?)?"
    rf"[ \t\u3000]*(?:{'|'.join((*_CLAUSES, '且', '或'))})(?=[ \t\u3000:：(（])[ \t\u3000:：]*"
)
_ROWS: Final = (
    re.compile(r"(?:任一|全部)[ \u3000]+(?:其他[ \u3000]+)?(\w+)[ \u3000]+满足[(（][^()（）]*$"),
    re.compile(r"(?:计数|合计|最大|最小|取)[ \u3000]+(\w+)(?:\.\w+)?[ \u3000]+其中[(（][^()（）]*$"),
)
_WRITTEN: Final = re.compile(r"写成“([^“”]+)”")
_WRITTEN_OR_BLANK: Final = re.compile(r"写成“([^“”]+)”(；问有没有填的，写“[^“”]+”)?")
_TRUTH_OF: Final = re.compile("(?:不是|不为|不属于|是|为|属于|并非|没有|未|非)")


@dataclass(frozen=True, slots=True)
class Said:
    """What a condition was read as: the ``remedy``, and in the place of what it stands; ``words``: those in it that rules do not
    know, where that is what is wrong; ``sure``: whether it is, whatever else could be told."""

    remedy: str
    span: Span
    words: str = ""
    sure: bool = True


def said_around(symbols: Symbols, place: Span) -> Said | None:
    """How the condition around a place in a text that could not be read is written; None where it is not understood."""
    source, start = place.source, place.source.text.rfind("\n", 0, place.start) + 1
    end = source.text.find("\n", place.start)
    line = source.text[start : len(source.text) if end < 0 else end].partition("#")[0]
    clause = _CLAUSE.match(line)
    if clause is None or len(line) > 4 * _LONGEST or place.end > start + len(line):
        return None
    if place.start < start + clause.end():
        # 当 或者 甲 …: the word behind 当 was taken for another clause.
        place = Span(source, start + clause.end(), start + len(line.rstrip()))
    object_ = spoken_of(symbols, place)
    before = line[: place.start - start]
    rows = next((found[1] for found in (one.search(before) for one in _ROWS) if found is not None), None)
    cuts = [clause.end(), *(found.end() for found in _BOUNDS.finditer(line, clause.end()))]
    stops = [*(found.start() for found in _BOUNDS.finditer(line, clause.end()) if found[0] not in "(（"), len(line)]
    stops += [at for at, char in enumerate(line) if char in ")）"]
    low, high = place.start - start, place.end - start
    begins = sorted((at for at in cuts if at <= low), reverse=True)
    ends = sorted(at for at in stops if at >= high)
    beyond_it: Said | None = None
    for first in dict.fromkeys((*begins[:_NESTED], *begins[-1:])):
        for last in dict.fromkeys((*ends[:_NESTED], *ends[-1:])):
            piece = line[first:last].strip(" \t\u3000,，。；;")
            if not piece or piece.count("（") + piece.count("(") != piece.count("）") + piece.count(")"):
                continue
            at = line.index(piece, first)
            inside = rows if rows in symbols.objects else object_
            found = _understood(symbols, inside if inside is not None else object_, piece)
            if found is None or (isinstance(found, Beyond) and beyond_it is not None):
                continue
            remedy = found if isinstance(found, str) else found.remedy
            if clause[0].split()[-1:] == ["除外"]:
                remedy = _either_excepted(remedy, piece)
            if clause[0].split()[-1:] == ["不得"]:
                remedy = either_forbidden(remedy, piece)
            span = Span(source, start + at, start + at + len(piece))
            if isinstance(found, Beyond):
                # What is understood with more of what stands around it goes before.
                beyond_it = Said(remedy, span, found.said, found.sure)
            elif remedy != f"写成“{piece}”":
                return Said(remedy, span)
    return beyond_it


def _either_excepted(remedy: str, piece: str) -> str:
    """除外 甲 和 乙: whether both at once are excepted, or each, is not said."""
    written = _WRITTEN.fullmatch(remedy)
    if written is None or " 且 " not in written[1] or re.search("且|并|同时|既|又|均|都|但", piece):
        return remedy
    return f"两样都有才除外的，写“{written[1]}”；有一样就除外的，写“{written[1].replace(' 且 ', ' 或 ')}”"


def either_forbidden(remedy: str, piece: str) -> str:
    """不得 比价家数 不少于 3 家: 不得少于 3 家 is demanded, and forbids what is less."""
    written = re.search("写成?“([^“”]+)”$", remedy)
    if written is None or _KEPT.search("".join(piece.split()).removeprefix("不得")) is None:
        return remedy
    both = f"要做到这样的，改成“义务”，写“应当 {written[1]}”；不许这样的，写“不得 {written[1]}”"
    return both if written.start() == 0 else f"{remedy[: written.start()]}{both}"


_KEPT: Final = re.compile(
    "(?:不得?|不能|不应)(?:少于|低于|小于|足|超过|高于|大于|多于|早于|晚于|迟于)|至少|至多|最多|最少"
)


def meant(symbols: Symbols, object_: str, text: str) -> str | None:
    """The remedy for a condition on an ``object_`` that is written as in a document; None where it is not understood."""
    found = _understood(symbols, object_, text)
    return found.remedy if isinstance(found, Beyond) else found


def _understood(symbols: Symbols, object_: str, text: str) -> str | Beyond | None:
    folded = "".join(fold_characters(text).split())
    if not 2 <= len(folded) <= _LONGEST or object_ not in symbols.objects or not affordable(len(symbols.found), 1_000):
        return None
    reader = _reader(symbols, object_)
    return reader.condition(folded) or reader.condition(_bare(folded)) or beyond(reader.known(), folded)


def _one_only(said: str, remedy: str | None) -> str | None:
    """要么 甲 要么 乙: whether both at once will do is not said."""
    written = _WRITTEN.fullmatch(remedy or "")
    if written is None or not said.startswith("要么"):
        return remedy
    one, _, other = written[1].partition(" 或 ")
    both = f"（{one} 且 非（{other}）） 或 （非（{one}） 且 {other}）"
    return f"有一个成立就行的写“{written[1]}”，只能有一个成立的写“{both}”"


_AMONG: Final = re.compile(r"(?<=[^a-z])(not)?in[(\[]([^()\[\]{}]+)[)\]]", re.IGNORECASE)


def _listed(found: re.Match[str]) -> str:
    """in ('甲','乙') as a list of values."""
    values = "、".join(one for one in re.split("[,、，]", _QUOTES.sub("", found[2])) if one)
    return f"{'不为' if found[1] else '为'}{values}"


def _bare(said: str) -> str:
    """A condition without the numbers of its items, without quotes around its words, and without a comma before 且."""
    plain = _ITEM.sub("", _JOINED_QUOTES.sub("、", said))
    plain = _MIDNIGHT.sub(lambda found: found[1] or "", plain)
    for word, ours in _FOREIGN:
        plain = word.sub(ours, plain)
    plain = _AMONG.sub(_listed, plain)
    return re.sub(",(?=且|或|并|而|但|，)|(?<=[且或]),", "", _QUOTES.sub("", plain))


def share(symbols: Symbols, object_: str, text: str) -> str | None:
    """How 甲的30%, 甲的一半, 两倍甲 is written, one word to whoever reads it as one; None where it is none."""
    folded = "".join(fold_characters(text).split())
    if not 2 <= len(folded) <= _LONGEST or object_ not in symbols.objects:
        return None
    return share_of(folded, _reader(symbols, object_).subjects.names)


def names_of(symbols: Symbols, object_: str) -> Mapping[str, Type | None]:
    """What a bare name may mean in what is said of an object, with its type where that is known."""
    return _reader(symbols, object_).subjects.names


def _reader(symbols: Symbols, object_: str) -> _Reader:
    """The reader of conditions on an object, made once: names are the same all through a load."""
    found = symbols.readers.get(object_)
    if not isinstance(found, _Reader):
        found = symbols.readers[object_] = _Reader(symbols, object_, inside=False)
    return found


class _Reader:
    """Reads conditions on one object. ``inside``: what is read is asked of rows already, and no further rows are looked at."""

    def __init__(self, symbols: Symbols, object_: str, *, inside: bool) -> None:
        self.symbols, self.object, self.inside = symbols, object_, inside
        self.rows: dict[str, _Reader] = {}
        self.subjects = Subjects(symbols, object_)
        self.line = symbols.line(object_)

    def of_row(self, rows: str) -> _Reader:
        """The reader of what is asked of a row."""
        if rows not in self.rows:
            self.rows[rows] = _Reader(self.symbols, rows, inside=True)
        return self.rows[rows]

    def known(self) -> Known:
        """What is known of the object, for what no condition says."""
        return Known(
            self.subjects.names,
            self.subjects.dated,
            lambda said: self.text(said, 0),
            self.yearly,
            self.symbols.root,
        )

    def yearly(self, said: str) -> tuple[str, str, str] | None:
        """The rows of which a condition can be asked that have one field for the year: they, the field, and the condition."""
        for rows, info in self.symbols.objects.items():
            years = [name for name, field in info.fields.items() if field.type.kind is Kind.YEAR]
            if info.parent in self.line and rows != self.symbols.root and len(years) == 1:
                inner = self.of_row(rows)
                own = any(said.startswith(name) for name in info.fields)
                text = inner.text("".join(said.split()), 0) if own else None
                if text is not None:
                    return rows, years[0], text
        return None

    def condition(self, text: str, depth: int = 0) -> str | None:
        """One condition, or several that are joined."""
        if depth > _NESTED or not text:
            return None
        bare = text
        bare = self.without_owner(bare)
        lead = _LEADS.match(bare)
        if lead is not None and not self.subjects.starting(bare):
            bare = bare[lead.end() :]
            if lead[0] == "同时" and (every := self.alike(f"{bare}均符合", depth)) is not None:
                return every
        if bare not in self.subjects.names:
            closes = _CLOSES.search(bare)
            bare = bare if closes is None else bare[: closes.start()]
        tail = re.search(rf"的(?:{'|'.join(map(re.escape, self.line))}|,|情形|情况|)$", bare)
        bare = bare if tail is None else bare[: tail.start()]
        return self.simple(bare) or self.joined(bare, depth) or (self.simple(text) if text != bare else None)

    def without_owner(self, said: str) -> str:
        """A condition without what it is said of, where that is clear: 项目的市场效益为好, 县 是 脱贫县."""
        owners = "|".join(map(re.escape, self.line))
        owner = re.match(rf"(?:(?:该|本|此|这个|所在)?(?:{owners})(?:的|中|:|,|\.)?|其)(?=.)", said)
        if owner is None or self.subjects.starting(said):
            return said
        rest = said[owner.end() :]
        told = _TRUTH_OF.match(rest)
        known = None if told is None else self.subjects.names.get(rest[told.end() :])
        named = known is not None and known.kind is Kind.BOOL
        return rest if named or self.subjects.starting(rest) else said

    def text(self, said: str, depth: int, *, negated: bool = False) -> str | None:
        """The condition alone, where it is read as one text to write. ``negated``: what is beside it says that 没有 denies here."""
        remedy = self.condition(said, depth + 1)
        found = None if remedy is None else _WRITTEN_OR_BLANK.fullmatch(remedy)
        if found is None or (found[2] is not None and not negated):
            return None
        return found[1]

    # ---- several ----------------------------------------------------------------------------------------------------

    def joined(self, said: str, depth: int) -> str | None:
        """既 … 又 …, 或者 … 或者 …, 除 … 外, 甲和乙均为 …."""
        excepted = _SPARED.fullmatch(said)
        if excepted is not None:
            kept = self.text(excepted["kept"] or excepted["kept2"], depth)
            out = self.text(excepted["out"] or excepted["out2"], depth)
            if kept is not None and out is not None and re.search(" [且或] ", f"{kept}{out}") is None:
                return f"写成“{kept} 且 非（{out}）”" if " " in out else f"写成“{kept} 且 非 {out}”"
        spared = re.fullmatch("(.+?)的?除外", said)
        if (
            spared is not None
            and (inner := self.text(spared[1], depth)) is not None
            and " 且 " not in inner
            and " 或 " not in inner
        ):
            return f"写成“非（{inner}）”"
        outside = _OUTSIDE.fullmatch(said)
        if outside is not None and (inner := self.text(outside[1], depth)) is not None:
            return f"写成“非（{inner}）”"
        denied = _DENIED.fullmatch(said)
        inner = None if denied is None else self.text(denied[1] or denied[2], depth)
        if inner is not None and not re.search("^非 | (?:不|未|≠)", inner):
            simple = re.fullmatch(r"\w+", inner)
            return f"写成“非 {inner}”" if simple is not None else f"写成“非（{inner}）”"
        beyond = re.fullmatch("(.+?)(?:以外|之外)的?", said)
        known = None if beyond is None else self.subjects.names.get(beyond[1])
        if beyond is not None and known is not None and known.kind is Kind.BOOL:
            return f"写成“非 {beyond[1]}”"
        inner = None if beyond is None else self.text(beyond[1], depth)
        if inner is not None and re.search(" [且或] ", inner) is None:
            return f"写成“非（{inner}）”"
        listed = _LISTED.fullmatch(said)
        fewest = _AT_LEAST.fullmatch(said)
        if listed is not None and (items := self.items(listed[3], depth)) is not None:
            return f"写成“{'任一满足' if listed[1] or listed[2] else '同时满足'}（{items}）”"
        if fewest is not None and (items := self.items(fewest[2], depth)) is not None:
            count = int(fewest[1]) if fewest[1].isascii() else spoken.integer(fewest[1])
            return f"写成“至少 {count} 项（{items}）”"
        enough = _ENOUGH.fullmatch(said)
        if enough is not None:
            number, listed_ = enough[1] or enough[4], enough[2] or enough[3]
            # Outside of a bracket a semicolon may end the sentence before its last item.
            bracketed = listed_.startswith("(") and listed_.endswith(")")
            parts = [one for one in re.split("[;、,]" if bracketed else "[、,]", listed_.strip("()")) if one]
            pieces = [text for text in (self.text(one, depth) for one in parts) if text is not None]
            count = int(number) if number.isascii() else spoken.integer(number)
            if count is not None and len(pieces) == len(parts) >= max(count, 2):
                return f"写成“至少 {count} 项（{'；'.join(pieces)}）”"
        each = self.of_each(said)
        if each is not None:
            return each
        either = _EITHER.fullmatch(said)
        if either is not None:
            return _one_only(said, self.parts(either.groups(), "或", depth))
        apart = self.apart(said)
        if apart is not None:
            return apart
        alike = re.fullmatch("(.+?)(?:和|与|同|跟)(.+?)(相同|一致|相等|持平|不同|不一致|不相等|不相同)", said)
        if alike is not None and alike[1] in self.subjects.names and alike[2] in self.subjects.names:
            return f"写成“{alike[1]} {'≠' if alike[3].startswith('不') else '='} {alike[2]}”"
        for subject in self.subjects.starting(said):
            found = _BOTH[0].fullmatch(said[len(subject) :])
            if (
                found is not None
                and (whole := self.parts((subject + found[1], subject + found[2]), "且", depth)) is not None
            ):
                return whole
        for form in _BOTH:
            found = form.fullmatch(said)
            if found is not None and (whole := self.parts(found.groups(), "且", depth)) is not None:
                return whole
        for word, marks in (("且", "、|,|且"), ("或", "、|,|或者|或")):
            pieces = re.split(marks, said)
            last = re.split("、|,", said)[-1]
            if len(pieces) > 1 and word in last and (whole := self.parts(tuple(pieces), word, depth)) is not None:
                return whole
        return self.alike(said, depth)

    def apart(self, said: str) -> str | None:
        """开工日 和 建成日 相差 90 天 以上, 建成日 比 开工日 晚 90 天 以上: how far one day is from another."""
        later = _LATER_THAN.fullmatch(said)
        if later is not None and later[1] in self.subjects.names:
            return self.simple(f"{later[1]}{'早于' if later[3] == '早' else '晚于'}{later[2]}{later[4]}")
        found = _APART.fullmatch(said)
        if found is None or any(self.subjects.names.get(found[n]) != DATE for n in (1, 2)):
            return None
        both = [bounded(f"{found[a]} − {found[b]}", DAYS, found[3] or "", {}) for a, b in ((2, 1), (1, 2))]
        texts = [_WRITTEN.fullmatch(one or "") for one in both]
        if texts[0] is None or texts[1] is None:
            return None
        return f"晚的那一天写在前面：{found[2]}晚的，写“{texts[0][1]}”；{found[1]}晚的，写“{texts[1][1]}”"

    def alike(self, said: str, depth: int) -> str | None:
        """甲、乙 之一, 甲和乙 均 符合, 甲、乙: conditions one behind the other; where nothing says whether all are meant or any, both are
        given."""
        one_of, every = ONE_OF.search(said), _EVERY_ONE.search(said)
        end = one_of or every
        bare = said if end is None else said[: end.start()].removesuffix("的")
        for marks in ("、|,|或者|或", "、|,|和|与|及|以及|并且|并|且", "/|÷"):
            pieces = tuple(re.split(marks, bare))
            if len(pieces) < 2 or (end is None and re.search("[或与及并且]", bare) is not None):
                continue
            if end is None and "和" in bare:
                return self.parts(pieces, "且", depth) if "和" in marks and not re.search("[、,]", bare) else None
            if one_of is not None:
                return self.parts(pieces, "或", depth)
            if every is not None:
                return None if "或" in marks and "或" in bare else self.parts(pieces, "且", depth)
            if any(self.text(piece, depth) is None for piece in pieces):
                continue
            both = [_WRITTEN.fullmatch(self.parts(pieces, word, depth) or "") for word in ("且", "或")]
            if both[0] is not None and both[1] is not None:
                return f"都要满足的，写“{both[0][1]}”；满足一个就行的，写“{both[1][1]}”"
        return None

    def items(self, text: str, depth: int) -> str | None:
        """The items of a group, each read."""
        parts = [self.text(part, depth) for part in text.split(";") if part]
        return "；".join(filter(None, parts)) if len(parts) > 1 and all(parts) else None

    def parts(self, pieces: tuple[str, ...], word: str, depth: int) -> str | None:
        """Pieces joined by a word; one without a subject has that of the piece before."""
        if any(piece.startswith(OF_ALL) for piece in pieces[:-1] if piece):
            # 并非 甲 或 乙: of the first, or of both.
            return None
        texts: list[str] = []
        subject = ""
        negated = len(pieces) > 1 and all(piece.startswith(NOT) for piece in pieces)
        for piece in pieces:
            if not piece:
                return None
            found = self.text(piece, depth, negated=negated) or (self.text(subject + piece, depth) if subject else None)
            if found is None or (f" {'或' if word == '且' else '且'} " in found):
                return None
            subject = next(iter(self.subjects.starting(piece)), subject)
            texts.append(found)
        return f"写成“{f' {word} '.join(texts)}”"

    def of_each(self, said: str) -> str | None:
        """甲 和 乙 均 为 好; 甲、乙 分别 为 好、差."""
        found = _OF_EACH.fullmatch(said)
        subjects = [] if found is None else [one for one in SEVERAL.split(found[1])[::2] if one]
        if found is None or len(subjects) < 2 or any(one not in self.subjects.names for one in subjects):
            return None
        if found[2] != "分别":
            texts = [self.simple(one + found[3]) for one in subjects]
        else:
            verb = re.match("为|是|达到|不低于|不少于|≥|", found[3])
            values = SEVERAL.split(found[3][verb.end() :])[::2] if verb is not None else []
            if verb is None or len(values) != len(subjects):
                return None
            texts = [self.simple(one + verb[0] + value) for one, value in zip(subjects, values, strict=True)]
        written = [_WRITTEN.fullmatch(text or "") for text in texts]
        if not all(written):
            return None
        return f"写成“{' 且 '.join(one[1] for one in written if one is not None)}”"

    # ---- one --------------------------------------------------------------------------------------------------------

    def simple(self, said: str) -> str | None:
        """One subject and what is said of it."""
        return (
            self.subjects.put_round(said)
            or self.subjects.leading(said)
            or (None if self.inside else self.of_own_rows(said))
            or self.subjects.hidden(said)
            or (None if self.inside else self.of_some_rows(said))
        )

    # ---- rows -------------------------------------------------------------------------------------------------------

    def of_own_rows(self, said: str) -> str | None:
        """What names the rows that it is said of."""
        for rows in sorted(self.symbols.objects, key=len, reverse=True):
            if self.symbols.objects[rows].parent in self.line and rows != self.symbols.root:
                found = self.of_rows(rows, said)
                if found is not None:
                    return found
        return None

    def of_rows(self, rows: str, said: str) -> str | None:
        """没有 资金, 资金 两笔 以上, 资金 合计 50 万元 以上, 问题 均 已整改, 有 未整改 的 问题."""
        for one in sorted(self.symbols.objects[rows].fields.values(), key=lambda each: -len(each.name)):
            total = f"合计{rows}.{one.name}"
            summed = one.type.kind in ADDABLE and said.startswith(total)
            bound = bounded(f"合计 {rows}.{one.name}", one.type, said[len(total) :], {}) if summed else None
            if bound is not None:
                return bound
        filled = FILLED.get(said.removeprefix(rows), said.removeprefix(rows)) if said.startswith(rows) else ""
        if filled in ("已填", "未填"):
            return f"写成“计数 {rows} {'>' if filled == '已填' else '='} 0”"
        if said in (f"没有{rows}", f"无{rows}"):
            return f"写成“计数 {rows} = 0”"
        if said in (f"有{rows}", f"存在{rows}"):
            return f"写成“计数 {rows} > 0”"
        inner = self.of_row(rows)
        said = re.sub(rf"^{re.escape(rows)}(?:中|里|当中|之中)的?(?=.)", "", said)
        number = re.fullmatch(rf"(?:有|共有|共)(.+?)的?{re.escape(rows)}", said)
        if number is not None and (there := self.counted(rows, number[1])) is not None:
            return there
        some = re.fullmatch(
            rf"(?:有|存在|任一|有任一|有一?[{_ROW_UNITS}]|存在一?[{_ROW_UNITS}]){re.escape(rows)}(.+)", said
        )
        if some is not None and (text := inner.each_row(some[1])) is not None:
            return f"写成“任一 {rows} 满足（{text}）”"
        which = re.fullmatch(rf"(没有|有|存在|无)(.+?)的?{re.escape(rows)}", said)
        if which is not None and (text := inner.text(which[2], 0)) is not None:
            asked = f"任一 {rows} 满足（{text}）"
            return f"写成“{asked if which[1] in ('有', '存在') else f'非 {asked}'}”"
        money = [field for field in self.symbols.objects[rows].fields.values() if field.type.kind is Kind.MONEY]
        each = re.fullmatch(rf"(单笔|单项|单个|任意一?[笔个条项]?|任何一?[笔个条项]?){re.escape(rows)}(.+)", said)
        if each is not None:
            text = inner.each_row(each[2])
            asked = f"{rows} 满足（{text}）"
            return None if text is None else f"有一行就行的写“任一 {asked}”，每一行都要的写“全部 {asked}”"
        every = re.fullmatch(
            rf"(?:所有|各|各项|各笔|各个|每笔|每项|每个|每一|全部){re.escape(rows)}(?:{'|'.join(_EVERY)})?(.+)", said
        )
        if every is not None and (text := inner.each_row(every[1])) is not None:
            return f"写成“全部 {rows} 满足（{text}）”"
        part = re.fullmatch(rf"(?:合计)?{re.escape(rows)}(?:\.(\w+?))?其中(.+)", said)
        field = money[0] if part is not None and part[1] is None and len(money) == 1 else None
        field = field if part is None or part[1] is None else self.symbols.objects[rows].fields.get(part[1])
        if part is not None and field is not None:
            return self.partly(rows, field.name, field.type, part[2], inner)
        added = re.fullmatch(rf"{re.escape(rows)}(.+)的(?:{_SUMS})(.+)", said)
        if added is not None and len(money) == 1 and (text := inner.text(added[1], 0)) is not None:
            return bounded(f"合计 {rows}.{money[0].name} 其中（{text}）", money[0].type, added[2], {})
        of_value = {
            f"{name} 为 {value}": value
            for name, one in self.symbols.objects[rows].fields.items()
            if one.type.kind is Kind.ENUM
            for value in one.type.values or ()
            if said.startswith(value) and value not in self.subjects.names
        }
        if len(of_value) == 1 and len(money) == 1:
            condition, value = next(iter(of_value.items()))
            total = f"合计 {rows}.{money[0].name}"
            whole = {f"{rows}{word}": money[0].type for word in (*_AMOUNTS, "")}
            share = re.sub("^的?(?:占比|比例|比重)(?=.)", f"占{rows}", said[len(value) :])
            found = bounded(f"{total} 其中（{condition}）", money[0].type, share, whole)
            if found is not None:
                return re.sub(rf"(?<= ){re.escape(rows)}(?:{'|'.join(_AMOUNTS)})?(?= [×÷])", total, found)
        if not said.startswith(rows):
            return None
        rest = said[len(rows) :]
        if (some_of := self.some_of(rows, rest, inner)) is not None:
            return some_of
        for word in _EVERY:
            if rest.startswith(word) and (text := inner.each_row(rest[len(word) :])) is not None:
                return f"写成“全部 {rows} 满足（{text}）”"
        for word in sorted(_AMOUNTS, key=len, reverse=True):
            if len(money) != 1:
                break
            plain = re.sub(rf"^[.的]?{re.escape(money[0].name)}的?", "", rest)
            if plain.startswith(word):
                return bounded(f"合计 {rows}.{money[0].name}", money[0].type, plain[len(word) :], {})
        counted = _COUNTING.fullmatch(re.sub("^(?:数量|笔数|个数|总数|数)", "", rest))
        return None if counted is None else self.counted(rows, counted[1])

    def some_of(self, rows: str, said: str, inner: _Reader) -> str | None:
        """至少一笔 已到位, 三笔以上 已到位, 无一 已到位, 未全部 已整改, 部分 到位, 一半以上 已到位: of how many rows."""
        for form, asked in _SOME_OF:
            found = form.fullmatch(said)
            text = None if found is None else inner.each_row(found[found.re.groups])
            if found is None or text is None:
                continue
            number = found[1] if found.re.groups > 1 else ""
            count = int(number) if number.isdecimal() else spoken.integer(number) if number else 0
            if count is not None:
                return asked.format(rows=rows, text=text, count=count)
        return None

    def counted(self, rows: str, said: str) -> str | None:
        """两笔 以上, = 3: how many rows."""
        unit = re.sub(rf"([0-9一二两三四五六七八九十百]+)[{_ROW_UNITS}](?=$|[^\w]|以|及|\()", r"\1", said)
        return bounded(f"计数 {rows}", Type(Kind.INTEGER), unit, {})

    def of_some_rows(self, said: str) -> str | None:
        """资金来源 为 衔接资金, 资金 金额 ≥ 50 万元: a field of rows, without which of them."""
        for rows, info in self.symbols.objects.items():
            if info.parent not in self.line or rows == self.symbols.root or rows == self.object:
                continue
            front = said.removeprefix(rows) if said != rows else said
            inner = self.of_row(rows)
            own = any(front.startswith((name, name.removeprefix("已"))) for name in info.fields) or front[:1] in "未没"
            text = inner.text(front, _NESTED - 1) if own else None
            past = info.fields.get(f"已{front}")
            if text is None and past is not None and past.type.kind is Kind.BOOL:
                text = past.name
            if text is not None and not text.startswith(("任一 ", "全部 ", "计数 ", "合计 ")):
                asked = f"{rows} 满足（{text}）"
                field = info.fields.get(text.partition(" ")[0])
                total = f"，加起来的写“合计 {rows}.{text}”" if field is not None and field.type.kind in ADDABLE else ""
                return f"有一行就行的写“任一 {asked}”，每一行都要的写“全部 {asked}”{total}"
        return None

    def partly(self, rows: str, field: str, type_: Type, said: str, inner: _Reader) -> str | None:
        """合计 资金.金额 其中 资金来源 为 衔接资金 ≥ 50 万元."""
        for at in range(len(said) - 1, 0, -1):
            text = inner.text(said[:at], 0)
            found = None if text is None else bounded(f"合计 {rows}.{field} 其中（{text}）", type_, said[at:], {})
            if found is not None:
                return found
        return None

    def each_row(self, said: str) -> str | None:
        """What is said of every row: 已整改, 满足（…）, 为 衔接资金."""
        inside = re.fullmatch(r"满足\((.+)\)", said)
        text = self.text(inside[1] if inside is not None else said, 0)
        if text is not None:
            return text
        own = self.symbols.objects[self.object].fields
        money = [name for name, field in own.items() if field.type.kind is Kind.MONEY]
        if len(money) == 1 and (text := self.text(money[0] + said, 0)) is not None:
            return text
        past = own.get(f"已{said}")
        if past is not None and past.type.kind is Kind.BOOL:
            return past.name
        value = re.fullmatch("(?:为|是|属于)(.+)", said)
        fitting: Mapping[str, str] = (
            {}
            if value is None
            else {
                name: found
                for name, field in own.items()
                if field.type.kind is Kind.ENUM
                and (found := value_called(value[1], field.type.values or ())) is not None
            }
        )
        return f"{next(iter(fitting))} 为 {next(iter(fitting.values()))}" if len(fitting) == 1 else None
