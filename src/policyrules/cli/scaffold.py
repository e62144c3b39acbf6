"""The commands ``new-layer`` and ``new-trial``: a folder that loads cleanly and shows, commented, what may be written there.

Why this exists: the first file is the hardest. What is generated is checked by the same loader as everything else.

Invariant: nothing that exists is overwritten; the generated layer changes no result until a line is uncommented.
"""

from __future__ import annotations

import datetime
import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

from policyrules.analysis.drafting import DraftClause, draft_clauses
from policyrules.cli.arguments import Json, Operand, Option
from policyrules.cli.coverage import read_source
from policyrules.cli.layers import refuse_trial
from policyrules.cli.shared import FINE, UserError, meant, print_json
from policyrules.diagnostics import PolicyError
from policyrules.language.nodes import AmendmentDecl, RuleDecl
from policyrules.language.printer import clause_text
from policyrules.language.scan import MAX_BYTES
from policyrules.policy import Policy, load, try_load
from policyrules.program.files import read_layer, read_stack
from policyrules.program.keys import CLAUSE_KINDS, UNDECIDED
from policyrules.program.manifest import LEVELS
from policyrules.program.titles import layer_names
from policyrules.report.terminal import Screen
from policyrules.text import printable
from policyrules.types import NUMERIC, Kind, value_text
from policyrules.writing import file_name, write_into

_HEAD = """\
# 这里写本层的规定。每条以关键词开头，顶格写起；行首的 # 表示注释，删去 # 即生效。
# 怎么写见 docs/写法.md，有哪些字段和取值见 policyrules list <文件夹>；写完后运行：policyrules check <文件夹>
# 下面例子里的名称取自上层，照自己的文件改。
"""

_TOP_RULES = """\
# 这里写本层的规定。每条以关键词开头，顶格写起；行首的 # 表示注释，删去 # 即生效。
# 怎么写见 docs/写法.md，有哪些字段和取值见 policyrules list <文件夹>；写完后运行：policyrules check <文件夹>

对象 项目 标识 项目编号
  字段 项目编号：文本
  # 字段 已形成：是否 由 县农业农村局
  # 字段 总投资：金额（万元） 取值 0 万元 以上

# 决定 分类：单选 { 巩固、升级 }
#   依据【一·示例】
#   适用 当 已形成

# 规则 升级类
#   依据【一·示例】“原文里的话”
#   当 总投资 ≥ 50 万元
#   则 分类 为 升级
"""

_CLAUSES = """\
# 条款表：文件的每一条登记一次。规则里用 依据【位置】“原文” 引用。
条款:
  - 编号: <编号>-1
    位置: 一·示例
    要点: 示例，登记真正的条款后删去
    类别: 原则               # <类别>
    产出结论: 否             # 不产出结论的写 否，并写明理由
    理由: 示例
    责任单位: []             # 原文写明的责任单位
    不产出结论的句子: []     # 产出结论的条款里，有的句子不产出：逐句写 {原话: ……, 理由: ……}
"""

_DRAFT = """\
# 条款表：由 <原文> 起草。位置、起止字样和文本指纹已经填好；逐条看原文，定下类别和产不产出结论。
# 类别：<类别>
# 不产出结论的，产出结论写 否，并加一行 理由：为什么不产出。原文写明责任单位的，加一行 责任单位: [甲, 乙]
条款:
"""

_MANIFEST = """\
编号: {id}
标题: {title}
文号: {number}
简称: null                   # 如 农规发26号；同一级有两份文件时，靠它分清是哪一份
发文机关: null
层级: {level}
适用地区: {region}
上级: {extends}
成文日期: {issued}
施行日期: {since}
失效日期: null
"""

_ASSUMED = """\
推定的日期:                  # 原文没有写、由你推定的日期；按文件改好以后写 []
  - 施行日期
说明: 施行日期是新建时暂定的，按文件改写
"""


def new_layer(
    folder: Annotated[Path, Operand("文件夹", "新层的文件夹")],
    extends: Annotated[
        list[Path] | None,
        Option(("--extends",), "上一层的文件夹；最上层不写，几份并列的各写一次", "层", Path, many=True),
    ] = None,
    layer_id: Annotated[
        str | None, Option(("--id",), "层的编号，如 GX；不写就用 NEW，上面的层用了就用 NEW2 等", "编号")
    ] = None,
    title: Annotated[str | None, Option(("--title",), "文件标题", "标题")] = None,
    level: Annotated[str | None, Option(("--level",), "国家、省、市、县", "层级")] = None,
    region: Annotated[str | None, Option(("--region",), "适用地区", "地区")] = None,
    source: Annotated[
        Path | None, Option(("--source",), "文件全文（.txt 或 .docx）；由第X条、一、（一）起草条款表", "文本", Path)
    ] = None,
    as_json: Json = False,
) -> int:
    """Write the files of a new layer; with ``source``, its clause table drafted from the text."""
    screen = Screen(quiet=as_json)
    _refuse_unreadable({"--id": layer_id, "--title": title, "--region": region})
    taken = _ids_above(extends or [])
    if layer_id in taken:
        raise UserError(f"编号“{layer_id}”上面的层已经用了，请换一个 --id")
    layer_id = layer_id or next(one for one in _free_ids() if one not in taken)
    draft = None if source is None else draft_clauses(read_source(source, screen))
    if draft is not None and not draft.clauses:
        raise UserError(f"{source} 里没有正文，起草不出条款表")
    highest, below, since = _place_of(extends or [])
    level = level or _level_of(region or "", highest) or below
    if level not in LEVELS:
        raise UserError(f"--level 的“{level}”不是层级，可写：{'、'.join(LEVELS)}")
    if LEVELS.index(level) < LEVELS.index(highest):
        raise UserError(f"--level 的“{level}”高于上一层的“{highest}”；下一层写同级或更低的层级")
    region = region or ("全国" if level == "国家" else f"某{level}")
    uppers = [_quoted(Path(os.path.relpath(upper, folder)).as_posix()) for upper in extends or []]
    upper = "null" if not uppers else uppers[0] if len(uppers) == 1 else f"[{', '.join(uppers)}]"
    told = None if draft is None else draft.in_force_from
    manifest = _MANIFEST.format(
        id=_quoted(layer_id),
        title=_quoted(title or (draft.title if draft is not None else "") or "新文件"),
        number=_quoted(draft.document_number) if draft is not None and draft.document_number else "null",
        level=level,
        region=_quoted(region),
        extends=upper,
        issued=_quoted(draft.issued.isoformat()) if draft is not None and draft.issued else "null",
        since=_quoted((told or since).isoformat()),
    )
    kinds = "、".join(word for kind, word in CLAUSE_KINDS.items() if kind != UNDECIDED)
    clauses = _CLAUSES if draft is None or source is None else _DRAFT.replace("<原文>", printable(source.name))
    clauses = clauses.replace("<编号>", layer_id).replace("<类别>", kinds)
    clauses += "".join(_drafted(layer_id, clause) for clause in (() if draft is None else draft.clauses))
    texts = {
        folder / "layer.yaml": manifest + ("" if told is not None else _ASSUMED),
        folder / "clauses.yaml": clauses,
        folder / file_name("规则.rules"): (_HEAD + _examples(extends) if extends else _TOP_RULES).replace(
            "<文件夹>", os.fsencode(folder.as_posix()).decode("utf-8", "replace")
        ),
    }
    for path in texts:
        if os.path.lexists(path):
            raise UserError(f"{path} 已经有了，没有写入任何文件")
    if draft is not None and len(clauses.encode()) > MAX_BYTES:
        said = f"起草出来有 {len(draft.clauses):,} 条，条款表会超过 1 MiB，读不进来；没有写入任何文件"
        raise UserError(said, "把原文分成几个文件，各起草一层")
    write_into(folder, ((path, text.encode()) for path, text in texts.items()))
    screen.say(*(f"写入 {path}" for path in texts), style="good")
    if draft is not None:
        screen.say(f"条款表起草了 {len(draft.clauses)} 条；各条的类别、产不产出结论由你定")
    screen.say(f"下一步：改写 {folder / 'clauses.yaml'} 和规则文件，再运行 policyrules check {folder}")
    if as_json:
        written: dict[str, object] = {"written": [path.as_posix() for path in texts]}
        print_json(written if draft is None else written | {"clauses": len(draft.clauses)})
    return FINE


_TRIAL: Final = """\
类别: 试验
编号: {id}
标题: {title}
上级: {extends}
变动: {varies}
说明: 试验写着看的，只用来推算、比较，不是现行规定
"""

_TRIAL_RULES: Final = """\
# 这里写要试的改动，每条以 改、新增、去掉 开头，顶格写起；行首的 # 表示注释，删去 # 即生效。
# 怎么写见 docs/写法.md“试验”；写完后运行：policyrules check <文件夹>
"""


def new_trial(
    folder: Annotated[Path, Operand("文件夹", "新试验的文件夹")],
    extends: Annotated[Path, Option(("--extends",), "试验所站的那套规定的文件夹，看县里的结果就写县的", "层", Path)],
    varies: Annotated[
        str | None, Option(("--varies",), "改动哪一层：编号或名称，如 JX、江西省；不写就是最下面一层", "层")
    ] = None,
    trial_id: Annotated[str, Option(("--id",), "试验的编号", "编号")] = "SY1",
    title: Annotated[str, Option(("--title",), "试验的标题", "标题")] = "新试验",
    as_json: Json = False,
) -> int:
    """Write the files of a new trial, which changes nothing until something is written into it."""
    screen = Screen(quiet=as_json)
    _refuse_unreadable({"--id": trial_id, "--title": title})
    policy = load(extends)
    refuse_trial(policy)
    names = layer_names([layer.manifest for layer in policy.layers])
    known = [name for id_, name in names.items() for name in (id_, name)]
    if varies is not None and varies not in known:
        raise UserError(f"--varies 的“{varies}”不在这几层里{meant(varies, known)}", f"可写：{'、'.join(known)}")
    layer = (
        policy.layers[-1].id if varies is None else next(id_ for id_, name in names.items() if varies in (id_, name))
    )
    shown = os.fsencode(folder.as_posix()).decode("utf-8", "replace")
    texts = {
        folder / "layer.yaml": _TRIAL.format(
            id=_quoted(trial_id),
            title=_quoted(title),
            extends=_quoted(Path(os.path.relpath(extends, folder)).as_posix()),
            varies=_quoted(layer),
        ),
        folder / file_name("改动.rules"): _TRIAL_RULES.replace("<文件夹>", shown) + _edits(policy, layer),
    }
    for path in texts:
        if os.path.lexists(path):
            raise UserError(f"{path} 已经有了，没有写入任何文件")
    write_into(folder, ((path, text.encode()) for path, text in texts.items()))
    screen.say(*(f"写入 {path}" for path in texts), style="good")
    screen.say(f"下一步：在 {folder} 里写要试的改动，再运行 policyrules check {folder}")
    if as_json:
        print_json({"written": [path.as_posix() for path in texts]})
    return FINE


def _edits(policy: Policy, layer: str) -> str:
    """What a trial may write, as comments, in the names of the layer that it varies."""
    files = next(one for one in policy.stack.layers if one.id == layer).parsed
    parts: list[str] = []
    for file in files:
        for node in file.declarations:
            conditions = [one for one in node.written.clauses if one.keyword.text in ("还须", "当")]
            if conditions and isinstance(node, AmendmentDecl | RuleDecl):
                head = f"{node.written.keyword.text} {node.written.name.text}"
                clause = clause_text(conditions[0])
                parts = [f"改 {head}\n  {clause}", f"去掉 {head}\n  说明 为什么试着去掉"]
                break
        if parts:
            break
    return "".join("\n" + "".join(f"# {line}\n" for line in part.split("\n")) for part in parts)


def _examples(extends: Sequence[Path]) -> str:
    """What a lower layer may write, as comments, in the names of the first of the layers above; of what it does not have
    no example is given."""
    policy, _ = try_load(extends[0])
    if policy is None:
        return ""
    program = policy.program
    fields = [
        field for field in program.fields.get(program.root, {}).values() if field.type.kind in (Kind.BOOL, Kind.ENUM)
    ]
    held = [f"{one.name} 为 {one.type.values[0]}" if one.type.values else one.name for one in fields]
    # A condition of yes and no contradicts no other: better an example that loads without a warning.
    demand = next((one.name for one in reversed(fields) if one.type.kind is Kind.BOOL), held[-1] if held else "")
    rule = next(iter(program.rules), None)
    parts = []
    if rule is not None and held:
        parts.append(f"---- 修订上层的规则 ----\n修订 {rule}\n  依据【一·示例】“原文里的话”\n  还须 {demand}")
    for name, one in program.parameters.items():
        value = one.value if one.value is not None else one.low
        if one.state in ("default", "unset") and value is not None and one.type.kind in NUMERIC:
            said = value_text(value, one.type)
            parts.append(f"---- 设定上层留给本层的参数 ----\n设定 {name} 为 {said}\n  依据【一·示例】")
            break
    if held:
        duty = f"义务 某项义务\n  依据【一·示例】“原文里的话”\n  当 {held[0]}\n  应当 {demand}"
        parts.append(f"---- 本层自己的规则、义务、提示 ----\n{duty}")
    if len(fields) > 1:
        *_, last = fields
        then = f"{last.name} 为 {last.type.values[0] if last.type.values else '是'}"
        case = f"推定 {last.name}的推定\n  依据【一·示例】\n  当 {held[0]} 则 {then}"
        parts.append(f"---- 空着的研判怎样推定 ----\n{case}")
    return "".join("\n" + "".join(f"# {line}\n" for line in part.split("\n")) for part in parts)


def _drafted(layer_id: str, clause: DraftClause) -> str:
    listed = ", ".join(map(_quoted, clause.offices))
    offices = f"    责任单位: [{listed}]\n" if listed else ""
    return (
        f"  - 编号: {_quoted(f'{layer_id}-{clause.number}')}\n"
        f"    位置: {_quoted(clause.place)}\n"
        f"    要点: {_quoted(clause.summary)}\n"
        "    类别: 待定\n"
        "    产出结论: 是\n" + offices + f"    起始字样: {_quoted(clause.starts)}\n"
        f"    结束字样: {_quoted(clause.ends)}\n"
        f'    文本指纹: "{clause.sha256}"\n'
    )


def _refuse_unreadable(given: Mapping[str, str | None]) -> None:
    """What is written into a file must be readable from it: something, without line ends and control characters."""
    for flag, text in given.items():
        if text is not None and not text.strip():
            raise UserError(f"{flag} 没有内容，请写上，或者不加这一项")
        if text is not None and printable(text) != text:
            raise UserError(f"{flag} 的“{printable(text)}”里有换行或看不见的控制字符，请重新写")


def _quoted(text: str) -> str:
    """``text`` as a YAML text that no reader can take for anything else.

    >>> _quoted('江西省')
    '"江西省"'
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_REGIONS: Final = {"国家": ("全国",), "省": ("省", "自治区"), "市": ("市", "自治州", "盟"), "县": ("县", "旗", "区")}


def _level_of(region: str, highest: str) -> str | None:
    """The level that the name of a region tells, not above ``highest``; None where it does not tell.

    >>> _level_of("青山县", "市"), _level_of("广西壮族自治区", "省"), _level_of("江西省", "市"), _level_of("某地", "县")
    ('县', '省', None, None)
    """
    # 自治区 ends like a district, so upper levels are tried first.
    told = next((level for level, ends in _REGIONS.items() if region.endswith(ends)), None)
    return told if told is not None and LEVELS.index(told) >= LEVELS.index(highest) else None


def _free_ids() -> Iterator[str]:
    """Ids for a layer that was given none."""
    yield "NEW"
    yield from (f"NEW{number}" for number in itertools.count(2))


def _ids_above(extends: Sequence[Path]) -> set[str]:
    """The ids of all layers above a new one."""
    return {layer.id for folder in extends for layer in read_stack(folder)[0]}


def _place_of(extends: Sequence[Path]) -> tuple[str, str, datetime.date]:
    """The highest level a new layer may have under those at ``extends``, the one it mostly has (the top one where there is
    none above), and a date from which it may hold.

    Raises `PolicyError` where an upper layer cannot be read.
    """
    if not extends:
        return LEVELS[0], LEVELS[0], datetime.date.today().replace(month=1, day=1)
    levels: list[int] = []
    since: list[datetime.date] = []
    for folder in extends:
        upper, diagnostics = read_layer(folder)
        if upper is None:
            raise PolicyError(diagnostics)
        levels.append(LEVELS.index(upper.manifest.level))
        since.append(upper.manifest.in_force_from)
    return LEVELS[max(levels)], LEVELS[min(max(levels) + 1, len(LEVELS) - 1)], max(since)
