"""Name resolution: from a written name to the declared thing and the instance it is read from.

Why this exists: a bare name is looked up in the innermost object, then upward; nothing shadows; a name on two levels of
one line must be written out. Every failure is explained with the nearest name or the missing space.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from policyrules.diagnostics import Label, shown_text
from policyrules.frozen import frozen
from policyrules.language import nodes as surface
from policyrules.language import spoken
from policyrules.language.expressions import Aggregate, Name, Quantifier, Ref
from policyrules.language.habits import FUNCTIONS
from policyrules.program import nodes as core
from policyrules.program.across import counted_across
from policyrules.program.literals import literal_text
from policyrules.program.said_conditions import either_forbidden, meant, share
from policyrules.program.symbols import DeclaredGlobal, Symbols
from policyrules.text import some
from policyrules.types import INTEGER, NUMERIC, Kind, Type

AS_OF_NAME: Final = "评估日"
SELF_NAME: Final = "本"
YEARS: Final = {"当年": 0, "上年": 1}
"""Names of years, and how many years before that of 评估日 they are."""
MAX_ROW_CONDITIONS: Final = 4
"""How deep quantifiers and aggregates may stand inside one another: rows to this power are looked at."""


@frozen
class FoundField:
    at: core.At
    field: core.Field


@frozen
class FoundGlobal:
    """A parameter, list, term, statistic or decision; ``at`` for terms and decisions, and for statistics grouped by what
    rows say: of which row."""

    declared: DeclaredGlobal
    at: core.At | None


@frozen
class FoundAsOf:
    pass


@frozen
class FoundYear:
    """The year of 评估日, or the year ``back`` years before."""

    back: int


Found: TypeAlias = FoundField | FoundGlobal | FoundAsOf | FoundYear


def global_object(symbols: Symbols, declared: DeclaredGlobal) -> str | None:
    """The object that a term or decision belongs to, and the rows that say which group of a statistic is meant; None for
    the rest."""
    node = declared.node
    if isinstance(node, (surface.TermDecl, surface.DecisionDecl)):
        return node.object.text if node.object is not None else symbols.root
    return grouping_rows(symbols, node) if isinstance(node, surface.StatisticDecl) else None


def grouping_rows(symbols: Symbols, node: surface.StatisticDecl) -> str | None:
    """The rows whose 相同 fields say which group of a statistic is meant; None where those of the record do."""
    line = symbols.line(node.object.text)
    below = line[: line.index(symbols.root)] if symbols.root in line else []
    keys = [_owner(symbols, ref, line) for ref in node.same]
    return next((object_ for object_ in below if object_ in keys), None)


def _owner(symbols: Symbols, ref: Ref, line: list[str]) -> str | None:
    """The object of a field or term, seen from the first of ``line``; None where it means nothing there."""
    name = ref.parts[-1].text
    if len(ref.parts) == 2:
        return line[0] if ref.parts[0].text == SELF_NAME else ref.parts[0].text
    declared = symbols.globals.get(name)
    if declared is not None and isinstance(declared.node, surface.TermDecl):
        return global_object(symbols, declared)
    return next((object_ for object_ in line if name in symbols.objects[object_].fields), None)


def years_named(symbols: Symbols) -> tuple[str, ...]:
    """The names of years that mean one: those that the stack declares nothing of."""
    return tuple(name for name in YEARS if not symbols.declares(name))


def lookup(symbols: Symbols, frames: tuple[str, ...], ref: Ref, hint: Type | None = None) -> Found | None:
    """Resolve ``ref`` seen from ``frames`` (objects, outermost first); None after reporting. ``hint``: the type of what
    it stands beside, for the remedy."""
    found = _lookup(symbols, frames, ref, hint)
    if isinstance(found, FoundField):
        sources = symbols.objects[found.field.object].sources[found.field.name]
        if not symbols.sees(ref.span, [source.level for source in sources]):
            symbols.beside(f"字段 {found.field.name}", ref.span, sources[0].level, found.field.origin.span)
            return None
    return found


def _lookup(symbols: Symbols, frames: tuple[str, ...], ref: Ref, hint: Type | None) -> Found | None:
    if len(ref.parts) == 2:
        return _qualified(symbols, frames, ref)
    name = ref.parts[0].text
    if name == AS_OF_NAME:
        return FoundAsOf()
    innermost = len(frames) - 1
    line = symbols.line(frames[innermost])
    fields = [
        (up, symbols.objects[object_].fields[name])
        for up, object_ in enumerate(line)
        if name in symbols.objects[object_].fields
    ]
    if len(fields) > 1:
        listed = " 或 ".join(f"{found.object}.{name}" for _, found in fields)
        message = f"{'、'.join(found.object for _, found in fields)}都有“{name}”，不知道是哪一个"
        labels = [Label(found.origin.span, f"{found.object}的“{name}”") for _, found in fields]
        symbols.error("E203", message, ref.span, f"写全：{listed}", *labels)
        return None
    if fields:
        up, found = fields[0]
        return FoundField(core.At(innermost, up), found)
    declared = symbols.globals.get(name)
    if declared is not None:
        return _global(symbols, frames, line, declared, ref)
    if name in years_named(symbols):
        return FoundYear(YEARS[name])
    for depth in range(len(frames) - 2, -1, -1):
        for object_ in symbols.line(frames[depth]):
            if name in symbols.objects[object_].fields:
                message = f"“{name}”是外面的{object_}的字段，这里说的是{frames[innermost]}"
                symbols.error("E203", message, ref.span, f"写成 {object_}.{name}")
                return None
    _unknown(symbols, frames, ref.parts[0], line, hint)
    return None


def _global(
    symbols: Symbols, frames: tuple[str, ...], line: list[str], declared: DeclaredGlobal, ref: Ref
) -> Found | None:
    owner = global_object(symbols, declared)
    if owner is None:
        return FoundGlobal(declared, None)
    for depth in range(len(frames) - 1, -1, -1):
        ancestors = symbols.line(frames[depth])
        if owner in ancestors:
            return FoundGlobal(declared, core.At(depth, ancestors.index(owner)))
    if symbols.known_object(frames[-1], ref.span) is None:
        return None
    if isinstance(declared.node, surface.StatisticDecl):
        keys = "、".join(
            key.span.text for key in declared.node.same if _owner(symbols, key, symbols.line(owner)) == owner
        )
        message = f"“{ref.parts[-1].text}”按{owner}的{keys}分组，这里说的是{line[0]}，不知道是哪一组"
        remedy = f"在 对 {owner} 的条文里用；要某一组的数，“相同”里不写{keys}，另起一行写 其中 {keys} 为 …"
        symbols.error("E220", message, ref.span, remedy, Label(declared.node.name.span, "在这里声明"))
        return None
    message = f"“{ref.parts[-1].text}”说的是{owner}，这里说的是{line[0]}，取不到"
    remedy = f"用 任一 {owner} 满足（…）、全部 {owner} 满足（…）或 计数 {owner} 其中（…）"
    symbols.error("E208", message, ref.span, remedy, Label(declared.node.name.span, "在这里声明"))
    return None


def _qualified(symbols: Symbols, frames: tuple[str, ...], ref: Ref) -> Found | None:
    owner, name = ref.parts[0].text, ref.parts[1].text
    candidates: list[tuple[core.At, str]] = []
    if owner == SELF_NAME:
        depth = max(0, len(frames) - 2) if len(frames) > 1 else 0
        candidates = [(core.At(depth, up), object_) for up, object_ in enumerate(symbols.line(frames[depth]))]
        # 本 means that very row; a name of an object above it is written with its object.
        candidates = candidates[:1]
    else:
        for depth in range(len(frames) - 1, -1, -1):
            line = symbols.line(frames[depth])
            if owner in line:
                candidates = [(core.At(depth, line.index(owner)), owner)]
                break
    if not candidates:
        if owner in symbols.objects:
            message = f"这里取不到{owner}：它不在{frames[-1]}的上级之中"
            said = f"用 任一 {owner} 满足（…）或 合计 {owner}.{name}"
            field = symbols.objects[owner].fields.get(name)
            total = None if field is not None else _counted(symbols, f"{owner}{name}")
            if field is None and (total is not None or FUNCTIONS.get(name.casefold()) == "计数"):
                said = total or f"写成 计数 {owner}"
                symbols.error("E212", message, ref.span, said)
                return None
            if field is not None and field.type.kind not in NUMERIC - {Kind.YEAR}:
                said = f"有一行就行的用 任一 {owner} 满足（{name} …），每一行都要的用 全部 {owner} 满足（{name} …）"
            symbols.error("E212", message, ref.parts[0].span, said)
        elif not _part_of_day(symbols, frames, ref):
            symbols.known_object(owner, ref.parts[0].span)
        return None
    at, object_ = candidates[0]
    info = symbols.objects[object_]
    if name in info.fields:
        return FoundField(at, info.fields[name])
    declared = symbols.globals.get(name)
    if declared is not None and global_object(symbols, declared) == object_:
        return FoundGlobal(declared, at)
    if name not in symbols.broken:
        near = symbols.nearest(name, info.fields)
        remedy = f"是不是 {near[0]}？" if near else None
        symbols.error("E201", f"{object_}没有名为 {name} 的字段", ref.parts[1].span, remedy)
    return None


_YEARS: Final = ("year", "年", "年份", "年度")


def _part_of_day(symbols: Symbols, frames: tuple[str, ...], ref: Ref) -> bool:
    """Whether a part of a field is asked for, 开工日.year; it is reported."""
    owner, name = ref.parts[0].text, ref.parts[1].text
    fields = [symbols.objects[each].fields for each in symbols.line(frames[-1])]
    field = next((own[owner] for own in fields if owner in own), None)
    if field is None:
        return False
    remedy = f"写成 {owner}"
    if field.type.kind is Kind.DATE:
        remedy = (
            f"写成 {owner} 之年"
            if name.casefold() in _YEARS
            else "日期里只取得出年份，写“日期 之年”；几月几日写全年月日比"
        )
    symbols.error("E201", f"{owner}是字段，后面没有“.{name}”", ref.span, remedy)
    return True


def visible_names(symbols: Symbols, line: list[str]) -> list[str]:
    """Every name that a bare word could mean on this line of objects."""
    names = [AS_OF_NAME]
    for object_ in line:
        names.extend(symbols.objects[object_].fields)
    names.extend(symbols.globals)
    return names


def _unknown(symbols: Symbols, frames: tuple[str, ...], name: Name, line: list[str], hint: Type | None) -> None:
    """Report a name that means nothing here; ``hint``: the type of what it stands beside, where that is known."""
    if name.text in symbols.broken:
        return
    message = f"没有名为 {shown_text(name.text)} 的字段或名称"
    unsaid = spoken.unsaid(name.text)
    if unsaid is not None:
        symbols.error("E115", f"“{name.text}”不是整月", name.span, unsaid)
        return
    number = spoken.written(name.text)
    if number is not None and spoken.is_period(number) and hint is not None and hint.kind is Kind.BOOL:
        remedy = f"满了多久写“日期 起满 {number}”，还在这段时间以内写“评估日 ≤ 日期 + {number}”"
        symbols.error("E115", f"“{name.text}”没有说从哪一天算起", name.span, remedy)
        return
    if number is not None:
        symbols.error("E115", f"“{name.text}”这个数要用数字写", name.span, f"写成 {number}")
        return
    length = _length_said(name.text) if hint is None or hint.kind is Kind.DURATION else None
    if length is not None:
        symbols.error("E115", f"“{name.text}”不是时长的写法", name.span, length)
        return
    since = spoken.period_since(name.text)
    day = None if since is None else day_named(symbols, since[0])
    if since is not None and day is not None and (hint is None or hint.kind is not Kind.BOOL):
        symbols.error("E124", "规则语言不写“自 … 起 … 内”", name.span, f"写成 {day} + {since[1]}")
        return
    full = since is not None and day is not None and re.search("[起后]已?满", name.text) is not None
    if since is not None and day is not None and not full:
        remedy = f"还在期限内，写“评估日 ≤ {day} + {since[1]}”；已经满期，写“{day} 起满 {since[1]}”"
        symbols.error("E124", "规则语言不写“自 … 起 … 内”", name.span, remedy)
        return
    year = spoken.time_meant(name.text)
    if year is not None and not symbols.declares(year.partition(" ")[0]):
        symbols.error("E201", message, name.span, f"写成 {year}")
        return
    day_said = spoken.day_remedy(name.text, due=_clause(name) == "期限")
    if day_said is not None:
        symbols.error("E145", f"“{shown_text(name.text)}”是文件里的时间说法，规则里另有写法", name.span, day_said)
        return
    if name.text in symbols.objects:
        remedy = f"写 任一 {name.text} 满足（…）、计数 {name.text}，或 {name.text}.字段名"
        if hint is not None and hint.kind is Kind.INTEGER:
            remedy = f"写成 计数 {name.text}"
        elif hint is not None and hint.kind is Kind.BOOL:
            remedy = (
                f"有没有，写 计数 {name.text} > 0 或 计数 {name.text} = 0；看每一行的，写 任一 {name.text} 满足（…）"
            )
        symbols.error("E208", f"{name.text}是一种对象，不能直接当值用", name.span, remedy)
        return
    if name.text in symbols.provisions:
        declared = symbols.provisions[name.text]
        not_one = f"{name.text}是一条{declared.origin.kind}，不能当条件用"
        remedy = "两处都要的条件，另写成一条“术语”，两处都写它的名称"
        node = declared.node
        if isinstance(node, surface.RuleDecl) and len(node.values) == 1 and node.amount is None:
            remedy = f"要看它的结论，写“{node.decision.text} 为 {literal_text(node.values[0])}”；{remedy}"
        symbols.error("E208", not_one, name.span, remedy)
        return
    condition = hint is None or hint.kind is Kind.BOOL
    said = meant(symbols, frames[-1], name.text) if condition else None
    if said is not None and _clause(name) == "不得":
        said = either_forbidden(said, name.text)
    part = None if condition and said else share(symbols, frames[-1], name.text)
    if said is not None or part is not None:
        remedy = f"写成 {part}" if said is None else re.sub("^写成“([^“”]+)”$", r"词之间少了空格，写成 \1", said)
        symbols.error("E201", message, name.span, remedy)
        return
    beyond = _BEYOND.fullmatch(name.text)
    over = None if beyond is None else spoken.value(beyond[1])
    if over is not None:
        remedy = f"前面写上是哪个数，如 取大（总投资 − {over}；0{over.lstrip('0123456789.')}），没有超过的算零"
        symbols.error("E201", message, name.span, remedy)
        return
    if condition and _OTHERWISE.fullmatch(name.text) is not None:
        remedy = "别的规则都不成立时才这样的：自己的决定写“默认 值”；上级的决定另写一条“补充规则”，“当”里写什么情形"
        symbols.error("E201", message, name.span, remedy)
        return
    each = _PER.fullmatch(name.text)
    if each is not None and each[2] in visible_names(symbols, line):
        symbols.error("E201", message, name.span, f"写成除法：{each[2]} ÷ {each[1]}数的字段")
        return
    split = symbols.apart(name.text)
    if split is not None:
        remedy = f"写成“{split}”"
        asked = either_forbidden(remedy, name.text) if _clause(name) == "不得" else remedy
        symbols.error("E201", message, name.span, asked if asked != remedy else f"词之间少了空格，写成 {split}")
        return
    day = _day_said(name.text) if hint is not None and hint.kind is Kind.DATE else None
    if day is not None:
        symbols.error("E112", f"“{shown_text(name.text)}”里除了日期还写了别的字", name.span, f"写成 {day}")
        return
    symbols.error("E201", message, name.span, _counted(symbols, name.text) or _meant(symbols, name.text, line, hint))


_BEYOND: Final = re.compile("(?:超过|超出|高于)(.+?)(?:以上)?的?部分")
_PER: Final = re.compile("(?:平均)?每?([人户村亩])均?(.+)")
_OTHERWISE: Final = re.compile("(?:其他|其余|其它|除此以外|以外)的?(?:各?(?:情形|情况|项目|的))?")


def _clause(name: Name) -> str:
    """What stands on the line before a name: the keyword of its clause where the name comes first."""
    text, start = name.span.source.text, name.span.start
    return text[text.rfind("\n", 0, start) + 1 : start].strip(" \t\u3000")


def _day_said(text: str) -> str | None:
    """The day of 在2025年10月31日之前, where the day by which something is to be done stands alone."""
    bare = re.sub("^(?:在|于|至|不晚于|不迟于|截至|截止)|(?:之前|以前|前|为止|止)$", "", text)
    bare = re.sub("(?:之前|以前|前|为止|止)$", "", bare)
    shown = spoken.value(bare) if bare != text else None
    return shown if shown is not None and shown.endswith("日") else None


def _length_said(text: str) -> str | None:
    """What to write for 三月, and for 一年以上 behind 起满, which says 以上 itself."""
    months = re.fullmatch("([一二两三四五六七八九十]{1,3})月", text)
    count = None if months is None else spoken.integer(months[1])
    if count:
        return f"时长写“{count} 个月”；日期写全年月日，如 2025年10月31日"
    shown = spoken.written(re.sub(r"(?:\(含\))?(?:及|或)?以上$", "", text)) if text.endswith("以上") else None
    return f"写成 {shown}" if shown is not None and spoken.is_period(shown) else None


def day_named(symbols: Symbols, said: str) -> str | None:
    """The date that a text calls ``said``: 收到 is 收到日 where there is no other date like it."""
    dates = [
        field.name
        for info in symbols.objects.values()
        for field in info.fields.values()
        if field.type.kind is Kind.DATE
    ]
    if said in dates or said in symbols.globals:
        return said
    found = [name for name in dict.fromkeys(dates) if name.removesuffix("期") in (f"{said}日", f"{said}之日")]
    return found[0] if len(found) == 1 else None


def _counted(symbols: Symbols, word: str) -> str | None:
    """How to write the number of an object's rows, or a sum over them: 资金的笔数, 资金合计."""
    if (total := _total_of(symbols, word)) is not None:
        return total
    found = _COUNTED.fullmatch(word)
    if found is None or found[1] not in symbols.objects:
        return None
    if found[2] not in _SUMMED:
        return f"写成 计数 {found[1]}"
    fields = symbols.objects[found[1]].fields.values()
    sums = [f"合计 {found[1]}.{field.name}" for field in fields if field.type.kind in NUMERIC - {Kind.YEAR}]
    return f"写成 {some(sums, 3)}" if sums else None


def _total_of(symbols: Symbols, word: str) -> str | None:
    """资金金额之和, 各笔资金的金额合计: what is added up over the rows of an object."""
    found = _TOTAL.fullmatch(word)
    what = "" if found is None else found[1]
    for name, info in symbols.objects.items():
        field = info.fields.get(what.removeprefix(name).removeprefix("的")) if what.startswith(name) else None
        if field is not None and field.type.kind in NUMERIC - {Kind.YEAR}:
            return f"写成 合计 {name}.{field.name}"
    return None


_TOTAL: Final = re.compile("(?:各笔|各项|各个|所有|全部|各)?(.+?)的?(?:合计|总和|之和|总额|总计|总数|加总)")
_SUMMED: Final = ("合计", "总和", "之和", "总额", "总计")
_COUNTED: Final = re.compile(rf"(\w+?)的?(笔数|个数|条数|行数|项数|户数|人数|次数|数量|总数|数|{'|'.join(_SUMMED)})")


def _meant(symbols: Symbols, word: str, line: list[str], hint: Type | None) -> str:
    """Which name was probably meant; else what there is to choose from."""
    if word in ("序号", "行号"):
        return "各行不编号，删去这一列；要给行起名的，列名写“行名”"
    elsewhere = [object_ for object_, info in symbols.objects.items() if word in info.fields]
    if elsewhere:
        owner = elsewhere[0]
        if symbols.objects[owner].fields[word].type.kind is Kind.BOOL:
            rows = f"{owner} 满足（{word}）"
            return f"{word}是{owner}的字段；有一行就行的写“任一 {rows}”，每一行都要的写“全部 {rows}”"
        return f"{word}是{owner}的字段；用 任一 {owner} 满足（…）来问"
    keyed = [name for object_ in line for name, field in symbols.objects[object_].fields.items() if field.key == word]
    if keyed:
        return f"条文里用中文名称，写成 {keyed[0]}"
    if word[:1] in ("未", "没") and f"已{word[1:]}" in visible_names(symbols, line):
        return f"写成 非 已{word[1:]}"
    near = symbols.nearest(word, visible_names(symbols, line))
    if near:
        return f"是不是 {'、'.join(near)}？"
    if word.startswith("非") and (near := symbols.nearest(word[1:], visible_names(symbols, line))):
        return f"是不是 非 {near[0]}？"
    fitting = [
        name
        for object_ in line
        for name, field in symbols.objects[object_].fields.items()
        if hint is not None and field.type.kind is hint.kind
    ]
    if hint is None or hint == INTEGER or not fitting:
        return "先声明这个名称，或检查是否写错"
    return f"先声明这个名称，或检查是否写错；{hint.kind.value}的字段有：{some(fitting, 8)}"


_OTHER: Final = "“其他 {0}”只能用在说{0}的规则里，或另一个 {0} 的条件里"


def child_rows(symbols: Symbols, frames: tuple[str, ...], node: Quantifier | Aggregate) -> core.Children | None:
    """The child list that a quantifier or aggregate asks for; None after reporting."""
    name, span = node.object, node.span
    info = symbols.objects.get(name.text)
    innermost = len(frames) - 1
    if innermost >= MAX_ROW_CONDITIONS:
        # Each level looks at every row for every row of the level around it.
        message = f"逐行看的条件（任一、全部、计数等）里外最多套 {MAX_ROW_CONDITIONS} 层"
        symbols.error("E108", message, name.span, "把里面的条件另写成“术语”，再引用它")
        return None
    line = symbols.line(frames[innermost])
    below = [object_ for object_, each in symbols.objects.items() if each.parent in line and object_ != symbols.root]
    if info is None:
        known = symbols.globals.get(name.text)
        if known is None:
            symbols.known_object(name.text, name.span, "先声明这个对象")
            return None
        remedy = f"这里写对象：{'、'.join(below)}" if below else f"{line[0]}下面没有可以逐行看的对象"
        symbols.error("E208", f"{name.text}是{known.origin.kind}，不是对象", name.span, remedy)
        return None
    if info.parent is None or info.parent not in line or name.text == symbols.root:
        root = symbols.root
        if name.text == root or (root in symbols.line(name.text) and root not in line):
            # What stands in other records is counted by a statistic alone.
            if node.other and root not in line:
                symbols.error("E212", _OTHER.format(name.text), span, "删去 其他")
                return None
            text = f"{name.text}在台账里，有几个{root}就有几处，{line[0]}的条文里不能直接数"
            symbols.error("E212", text, name.span, counted_across(symbols, frames, node))
            return None
        said = f"可用的有：{'、'.join(below)}" if below else None
        if name.text in line:
            said = f"这里说的就是一个{name.text}，不用数"
        symbols.error("E212", f"{name.text}不是{line[0]}或其上级下面的行", name.span, said)
        return None
    if symbols.known_object(name.text, name.span) is None:
        return None
    up = line.index(info.parent)
    exclude: int | None = None
    if node.other:
        inside = [depth for depth, object_ in enumerate(frames) if object_ == name.text]
        if not inside:
            symbols.error("E212", _OTHER.format(name.text), span, "删去 其他")
            return None
        exclude = inside[-1]
    return core.Children(core.At(innermost, up), name.text, exclude)
