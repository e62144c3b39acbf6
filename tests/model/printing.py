"""Rule text of the model's policies, and the files of a stack of layers.

Why this exists: the package is given text, as staff write it, never a tree. Brackets are put wherever two operators
meet, so that the meaning of the text does not hang on precedence the model would have to share.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import assert_never

from .syntax import (
    WAN,
    Agg,
    Amendment,
    AmountRef,
    And,
    AsOf,
    AtLeast,
    Between,
    Bounded,
    Choose,
    Cmp,
    Cond,
    Const,
    Dates,
    Day,
    Days,
    DecHas,
    DecIs,
    Decision,
    Declaration,
    DecRef,
    Duty,
    Elapsed,
    Expr,
    Extension,
    Extreme,
    Fallback,
    FieldDecl,
    Filled,
    Force,
    Has,
    HasAny,
    Is,
    Less,
    Limit,
    LimitAmendment,
    ListDecl,
    Not,
    Notice,
    ObjectDecl,
    Or,
    Parameter,
    ParamRef,
    Policy,
    Presumption,
    Product,
    Quant,
    Rank,
    RankAmendment,
    Ref,
    Row,
    Rule,
    Setting,
    Shift,
    StatDecl,
    StatRef,
    Sum,
    Table,
    TermDecl,
    TermRef,
    Value,
    Within,
    Workdays,
    Year,
    Yearly,
)


def date_text(day: datetime.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def decimal_text(number: int | Fraction) -> str:
    """Exact decimal writing; only numbers with a finite one are generated."""
    number = Fraction(number)
    if number.denominator == 1:
        return str(number.numerator)
    text = f"{float(number):.6f}".rstrip("0")
    assert Fraction(text) == number
    return text


def value_text(value: Value | None, kind: str) -> str:
    """A value as rules write it."""
    match value:
        case None:
            return "无"
        case bool():
            return "是" if value else "否"
        case str():
            return f"“{value}”" if kind == "文本" or value[0].isdigit() else value
        case datetime.date():
            return date_text(value)
        case frozenset():
            return "{ " + "、".join(value_text(v, "枚举") for v in sorted(value)) + " }" if value else "{ }"
        case int() | Fraction():
            unit = {
                "整数": " 个",
                "金额": " 万元",
                "比例": "%",
                "月": " 个月",
                "天": " 天",
                "年": " 年",
                "工作日": " 个工作日",
            }[kind]
            scale = {"金额": Fraction(1, WAN), "比例": Fraction(100)}.get(kind, Fraction(1))
            return decimal_text(value * scale) + unit


def type_text(type_: Bounded) -> str:
    match type_.kind:
        case "枚举" | "多选":
            return f"{type_.kind} {{ {'、'.join(value_text(v, '枚举') for v in type_.values)} }}"
        case "整数":
            return "整数（个）"
        case "金额":
            return "金额（万元）"
        case "月":
            return "时长（个月）"
        case "天":
            return "时长（天）"
        case _:
            return type_.kind


def bounds_text(type_: Bounded) -> str:
    if type_.low is None:
        return ""
    low = value_text(type_.low, type_.kind)
    return f" 取值 {low} 以上" if type_.high is None else f" 取值 {low} 至 {value_text(type_.high, type_.kind)}"


# ---- expressions ----------------------------------------------------------------------------------------------------


def cond(expr: Cond) -> str:
    """A condition, at the outermost level."""
    match expr:
        case Ref() | ParamRef() | TermRef() | Choose() | Fallback():
            return term(expr)
        case And(parts, group):
            if group:
                return f"同时满足（{'；'.join(map(cond, parts))}）"
            return " 且 ".join(map(inner, parts))
        case Or(parts, group):
            if group:
                return f"任一满足（{'；'.join(map(cond, parts))}）"
            return " 或 ".join(map(inner, parts))
        case Not(part):
            return f"非 {inner(part)}"
        case AtLeast(count, parts):
            return f"至少 {count} 项（{'；'.join(map(cond, parts))}）"
        case Cmp(op, left, right):
            return f"{term(left)} {op} {term(right)}"
        case Between(left, low, high):
            return f"{term(left)} 介于 {term(low)} 至 {term(high)}"
        case Is(left, _, text, negated):
            return f"{term(left)} {'不为' if negated else '为'} {text}"
        case Within():
            return f"{term(expr.left)} {'不属于' if expr.negated else '属于'} {_set(expr)}"
        case Has(left, items, negated):
            return f"{term(left)} {'不含' if negated else '含'} {'、'.join(value_text(v, '枚举') for v in items)}"
        case HasAny():
            return f"{term(expr.left)} {'全部属于' if expr.every else '含任一'} {_right(expr)}"
        case Filled(what, negated):
            return f"{term(what)} {'未填' if negated else '已填'}"
        case Elapsed(start, period):
            return f"{term(start)} 起满 {term(period)}"
        case Quant():
            word = "全部" if expr.every else "任一"
            return f"{word} {'其他 ' if expr.other else ''}{expr.object} 满足（{cond(expr.body)}）"
        case DecIs(name, _, items, negated):
            if len(items) == 1:
                return f"{name} {'不为' if negated else '为'} {value_text(items[0], '枚举')}"
            listed = "、".join(value_text(v, "枚举") for v in items)
            return f"{name} {'不属于' if negated else '属于'} {{ {listed} }}"
        case DecHas():
            listed = "、".join(value_text(v, "枚举") for v in expr.items)
            if expr.any:
                return f"{expr.decision} 含任一 {{ {listed} }}"
            return f"{expr.decision} {'不含' if expr.negated else '含'} {listed}"
        case _ as unreachable:
            assert_never(unreachable)


def inner(expr: Cond) -> str:
    """A condition as an operand of 且, 或 or 非."""
    infix = isinstance(expr, And | Or) and not expr.group
    text = cond(expr)
    return f"（{text}）" if infix else text


def _right(expr: HasAny | Less) -> str:
    return term(expr.other) if expr.other is not None else _set(expr)


def _set(expr: Within | HasAny | Less) -> str:
    name = expr.list or expr.parameter
    return name if name is not None else braces(expr.items, expr.open, expr.without)


def braces(items: tuple[str, ...], open_: bool, without: tuple[str, ...]) -> str:
    listed = "、".join([value_text(v, "枚举") for v in items] + (["等"] if open_ else []))
    barred = f"，不含 {'、'.join(value_text(v, '枚举') for v in without)}" if without else ""
    return f"{{ {listed}{barred} }}"


TERMS = (
    Ref
    | ParamRef
    | TermRef
    | StatRef
    | AsOf
    | Const
    | Sum
    | Product
    | Shift
    | Days
    | Day
    | Year
    | Yearly
    | Workdays
    | Agg
    | Extreme
    | AmountRef
    | Choose
    | Fallback
    | Less
)


def any_expr(expr: Expr) -> str:
    """A condition or an amount."""
    return term(expr) if isinstance(expr, TERMS) else cond(expr)


def term(expr: Expr | DecRef) -> str:
    """An amount, date or value; compound ones in brackets."""
    match expr:
        case Ref():
            return {"bare": "", "object": f"{expr.object}.", "self": "本."}[expr.how] + expr.name
        case ParamRef() | TermRef() | StatRef():
            return expr.name
        case DecRef():
            return expr.decision
        case AsOf():
            return "评估日"
        case Const():
            return expr.text
        case Sum(parts):
            text = ""
            for index, (sign, part) in enumerate(parts):
                mark = (
                    "" if index == 0 and sign > 0 else "- " if sign < 0 and index == 0 else " + " if sign > 0 else " - "
                )
                text += mark + term(part)
            return f"（{text}）"
        case Product(parts):
            return "（" + "".join((f" {op} " if i else "") + term(part) for i, (op, part) in enumerate(parts)) + "）"
        case Shift():
            return f"（{term(expr.start)} {'+' if expr.sign > 0 else '-'} {term(expr.period)}）"
        case Days():
            return f"（{term(expr.left)} - {term(expr.right)}）"
        case Day(start, what):
            return f"（{term(start)} {what}）"
        case Year(back):
            return "上年" if back else "当年"
        case Yearly(month, day, start):
            return f"（每年 {month}月{day}日" + ("）" if start is None else f" 起算 {term(start)}）")
        case Workdays(start, count, sign):
            return f"（{term(start)} {'+' if sign > 0 else '-'} {count.text}）"
        case Extreme(largest, parts2):
            return f"{'取大' if largest else '取小'}（{'；'.join(map(term, parts2))}）"
        case AmountRef():
            return expr.decision
        case Agg():
            where = "" if expr.where is None else f" 其中（{cond(expr.where)}）"
            path = expr.object if expr.what == "计数" else f"{expr.object}.{expr.field}"
            return f"{expr.what} {'其他 ' if expr.other else ''}{path}{where}"
        case Choose():
            branches = "；".join(
                f"{'、'.join(value_text(v, '枚举') for v in values)}：{any_expr(body)}"
                for values, body in expr.branches
            )
            return f"视 {term(expr.selector)}（{branches}）"
        case Less():
            return f"{term(expr.left)} 除去 {_right(expr)}"
        case Fallback():
            return f"（首选 {bracketed(expr.first)}，缺则 {bracketed(expr.second)}）"
        case _:
            return cond(expr)


def bracketed(expr: Expr) -> str:
    """A condition or an amount where an operand is expected."""
    return any_expr(expr) if isinstance(expr, TERMS) else f"（{cond(expr)}）"


# ---- declarations ---------------------------------------------------------------------------------------------------

CITE = "  依据【一】“字”\n"


def _force(force: Force) -> str:
    text = ""
    if force.since is not None:
        text += f"  自 {date_text(force.since)} 起\n"
    if force.until is not None:
        text += f"  至 {date_text(force.until)} 止\n"
    return text


def _rank(rank: Rank) -> str:
    when = "" if rank.when is None else f" 仅当 {cond(rank.when)}"
    return f"  先后 {'、'.join(value_text(v, '枚举') for v in rank.values)}{when}\n"


def _limits(limits: Iterable[Limit]) -> str:
    return "".join(f"  {'不超过' if limit.most else '不少于'} {term(limit.bound)}\n" for limit in limits)


def _when(when: Cond | None, exceptions: Iterable[Cond]) -> str:
    text = "" if when is None else f"  当 {cond(when)}\n"
    return text + "".join(f"  除外 {cond(exception)}\n" for exception in exceptions)


def declaration(entry: Declaration) -> str:
    """One declaration as rule text."""
    match entry:
        case Parameter():
            word = "读法" if entry.reading else "参数"
            text = f"{word} {entry.name}（{entry.key}）：{type_text(entry.type)}"
            granted = "" if entry.direction is None else f"  授权 从严（{entry.direction}）\n"
            if entry.state == "unset":
                return text + " 未定" + bounds_text(entry.type) + "\n" + CITE + granted
            mark = " = " if entry.state == "fixed" else " 缺省 "
            bounds = "" if entry.state == "fixed" else bounds_text(entry.type)
            text += mark + value_text(entry.value, entry.type.kind)
            for since, value in entry.dated:
                text += f"{mark}{value_text(value, entry.type.kind)} 自 {date_text(since)} 起"
            return text + bounds + "\n" + CITE + granted
        case ListDecl():
            listed = braces(entry.items, entry.open, entry.without)
            return f"清单 {entry.name}\n{CITE}  授权 自定\n  即 {listed}\n"
        case TermDecl():
            of = "" if entry.object == "项目" else f" 对 {entry.object}"
            return f"术语 {entry.name}{of}\n{CITE}  即 {any_expr(entry.body)}\n"
        case StatDecl():
            path = entry.object if entry.field is None else f"{entry.object}.{entry.field}"
            text = f"统计 {entry.name}\n{CITE}  {entry.what} {path}\n"
            if entry.same:
                text += f"  相同 {'、'.join(term(ref) for ref in entry.same)}\n"
            if entry.where is not None:
                text += f"  其中 {cond(entry.where)}\n"
            if entry.match is not None:
                text += f"  符合 {cond(entry.match)}\n"
            return text
        case Decision():
            of = "" if entry.object == "项目" else f" 对 {entry.object}"
            listed = "、".join(value_text(v, "枚举") for v in entry.values)
            shown = f"{entry.mode} {{ {listed} }}"
            if entry.kind is not None:
                shown = type_text(Bounded(entry.kind)) + (" 累计" if entry.mode == "累计" else "")
            text = f"决定 {entry.name}（{entry.key}）{of}：{shown}\n{CITE}{_limits(entry.limits)}"
            if entry.least is not None:
                text += f"  默认 {value_text(entry.least, entry.kind or '')}\n"
            if entry.applies is not None:
                text += f"  适用 当 {cond(entry.applies)}\n"
            if entry.default is not None:
                text += f"  默认 {value_text(entry.default, '枚举')}\n"
            text += "".join(map(_rank, entry.ranks))
            return text + ("" if entry.authority is None else f"  授权 {entry.authority}\n")
        case Rule():
            of = "" if entry.object == "项目" else f" 对 {entry.object}"
            word = "补充规则" if entry.supplement else "规则"
            tone = "" if entry.tone is None else f"{entry.tone} "
            joint = "含" if len(entry.values) > 1 else "为"
            listed = "、".join(value_text(v, "枚举") for v in entry.values)
            if entry.amount is not None:
                listed = term(entry.amount)
            return (
                f"{word} {entry.name}{of}\n{CITE}{_when(entry.when, entry.exceptions)}"
                f"  则 {tone}{entry.decision} {joint} {listed}\n{_force(entry.force)}"
            )
        case Table():
            return _table(entry)
        case Duty():
            word, demand = ("禁令", "不得") if entry.prohibition else ("义务", "应当")
            demand = demand if entry.reason is None else "原则上应当"
            text = f"{word} {entry.name} 对 {entry.object}\n{CITE}{_when(entry.when, entry.exceptions)}"
            text += f"  {demand} {cond(entry.demand)}\n"
            if entry.reason is not None:
                text += f"  否则说明 {term(entry.reason)}\n"
            if entry.deadline is not None:
                text += f"  期限 {term(entry.deadline)}\n"
            if entry.expiry is not None:
                text += f"  到期 {cond(entry.expiry)}\n"
            return text + _force(entry.force) + ("" if entry.authority is None else f"  授权 {entry.authority}\n")
        case Notice():
            return f"提示 {entry.name} 对 {entry.object}\n{CITE}{_when(entry.when, ())}  说 “{entry.message}”\n"
        case Amendment():
            text = f"修订 {entry.target}\n{CITE}"
            if entry.stop:
                return text + "  停用\n" + _force(entry.force) + "  说明 不再适用\n"
            if entry.restate:
                return text + "  重申\n" + _force(entry.force)
            return text + "".join(f"  {kind} {cond(body)}\n" for kind, body in entry.operations) + _force(entry.force)
        case RankAmendment():
            return f"修订 {entry.target}\n{CITE}{_rank(entry.rank)}"
        case LimitAmendment():
            return f"修订 {entry.target}\n{CITE}{_limits(entry.limits)}"
        case Setting():
            since_text = "" if entry.since is None else f" 自 {date_text(entry.since)} 起"
            return f"设定 {entry.target} 为 {value_text(entry.value, entry.type.kind)}{since_text}\n{CITE}"
        case Extension():
            return f"增列 {entry.target}\n{CITE}  {{ {'、'.join(value_text(v, '枚举') for v in entry.items)} }}\n"
        case Presumption():
            text = f"推定 {entry.label} 对 {entry.object}\n{CITE}"
            for case in entry.cases:
                value = next(iter(case.value)) if isinstance(case.value, frozenset) else case.value
                text += f"  当 {cond(case.when)}\n  则 {case.field} 为 {value_text(value, case.type.kind)}\n"
            return text
        case _ as unreachable:
            assert_never(unreachable)


def dates_text(entry: Dates, policy: Policy) -> str:
    """Days of a calendar, neighbours as one stretch; what is not the first to list any adds."""
    stretches: list[list[datetime.date]] = []
    for day in sorted(entry.days):
        if stretches and stretches[-1][-1] + datetime.timedelta(days=1) == day:
            stretches[-1].append(day)
        else:
            stretches.append([day])
    listed = "、".join(
        date_text(days[0]) + (f" 至 {date_text(days[-1])}" if len(days) > 1 else "") for days in stretches
    )
    first = next(other for other in policy.calendar if other.name == entry.name)
    if entry is first:
        return f"清单 {entry.name}\n{CITE}  授权 自定\n  即 {{ {listed} }}\n"
    return f"增列 {entry.name}\n{CITE}  {{ {listed} }}\n"


def _table(entry: Table) -> str:
    meeting = "" if entry.meeting == "一行" else f"  {entry.meeting}\n"
    lines = [[*entry.heads, entry.decision, "语气"]]
    for row in entry.rows:
        cells = [
            "—" if cell is None else cell_text(head, cell) for head, cell in zip(entry.heads, row.cells, strict=True)
        ]
        lines.append([*cells, "、".join(value_text(v, "枚举") for v in row.values), row.tone or ""])
    if entry.rest:
        any_value = [""] * (len(entry.heads) - 1)
        lines.append(["其余", *any_value, "、".join(value_text(v, "枚举") for v in entry.rest), ""])
    rows = "".join(f"  | {' | '.join(line)} |\n" for line in lines)
    return f"决策表 {entry.name} 对 {entry.object}\n{CITE}  得出 {entry.decision}\n{meeting}{rows}"


def cell_text(head: str, test: Cond) -> str:
    """A condition on ``head`` without its name."""
    if isinstance(test, And):
        return " ".join(cell_text(head, part) for part in test.parts)
    text = cond(test)
    assert text.startswith(f"{head} "), (head, text)
    text = text.removeprefix(f"{head} ")
    return text.removeprefix("为 ").removeprefix("介于 ")


def object_text(entry: ObjectDecl, fields: Iterable[FieldDecl]) -> str:
    """An 对象 with some of its fields."""
    text = f"对象 {entry.name}（{entry.key}）"
    if entry.parent is not None:
        text += f" 属于 {entry.parent}"
    if entry.identity is not None:
        text += f" 标识 {entry.identity}"
    for known in fields:
        word = "研判" if known.judged else "字段"
        text += f"\n  {word} {known.name}（{known.key}）：{type_text(known.type)}{bounds_text(known.type)} 由 评估组"
    return text + "\n"


LEVEL_NAMES = ("国家", "省", "市", "县")


def layer_yaml(level: int, extends: tuple[int, ...]) -> str:
    """The manifest of a layer: one upper layer as a name, several as a list."""
    folders = [f"../layer{upper}" for upper in extends]
    above = "null" if not folders else folders[0] if len(folders) == 1 else f"[{', '.join(folders)}]"
    return (
        f"id: L{level}\ntitle: 第{level}层\ndocument_number: null\nissuer: null\nlevel: {LEVEL_NAMES[min(level, 3)]}\n"
        f"region: 某地\nextends: {above}\nissued: null\nin_force_from: 2000-01-01\nin_force_until: null\n"
    )


CLAUSES = "clauses:\n- {{id: L{}-1, place: 一, summary: 原则, kind: principle, decides: true}}\n"


def chunks(policy: Policy) -> list[list[str]]:
    """Declarations of each layer as separate pieces of text, in the order they were made."""
    layers: list[list[str]] = []
    for level in range(policy.levels):
        pieces: list[str] = []
        for entry in policy.objects:
            fields = [known for known in policy.fields_of(entry.name) if known.level == level]
            if level == 0 or fields:
                shown = entry if level == 0 else ObjectDecl(entry.name, entry.key, entry.parent, None)
                pieces.append(object_text(shown, fields))
        pieces += [dates_text(entry, policy) for entry in policy.calendar if entry.level == level]
        pieces += [declaration(entry) for entry in policy.declarations if entry.level == level]
        layers.append(pieces)
    return layers


def text_of(policy: Policy) -> str:
    """The whole policy for people to read."""
    return "\n".join(
        f"# ==== 第{level}层，上层 {policy.extends(level)} ====\n" + "\n".join(pieces)
        for level, pieces in enumerate(chunks(policy))
    )


def write_stack(folder: Path, policy: Policy, layers: list[list[list[str]]]) -> Path:
    """Write layers → files → pieces of ``policy`` below ``folder``; the folder of the lowest layer."""
    for level, files in enumerate(layers):
        where = folder / f"layer{level}"
        where.mkdir(parents=True, exist_ok=True)
        (where / "layer.yaml").write_text(layer_yaml(level, policy.extends(level)), encoding="utf-8")
        (where / "clauses.yaml").write_text(CLAUSES.format(level), encoding="utf-8")
        for index, pieces in enumerate(files):
            (where / f"f{index}.rules").write_text("\n".join(pieces), encoding="utf-8")
    return folder / f"layer{len(layers) - 1}"


# ---- records --------------------------------------------------------------------------------------------------------


def plain_value(value: Value, kind: str) -> object:
    """A canonical value as a JSON record gives it."""
    match value:
        case bool() | str():
            return value
        case datetime.date():
            return value.isoformat()
        case frozenset():
            return sorted(value)
        case int() | Fraction():
            scaled = Fraction(value) / WAN if kind == "金额" else Fraction(value)
            return scaled.numerator if scaled.denominator == 1 else decimal_text(scaled)


def record(policy: Policy, row: Row) -> dict[str, object]:
    """A record as plain data by Chinese name; the county is written inside the project."""
    kinds = {f.name: f.type.kind for f in policy.fields_of(row.object)}
    data: dict[str, object] = {name: plain_value(value, kinds[name]) for name, value in row.values.items()}
    if row.object == "项目" and row.parent is not None:
        data["县"] = record(policy, row.parent)
    for name, rows in row.rows.items():
        if rows is not None:
            data[name] = [record(policy, child) for child in rows]
    return data
