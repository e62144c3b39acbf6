"""The command ``new-layer``: a folder that loads cleanly and shows, commented, what a lower layer may write.

Why this exists: the first file is the hardest. What is generated is checked by the same loader as everything else.

Invariant: nothing that exists is overwritten; the generated layer changes no result until a line is uncommented.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

from policyrules.cli.arguments import Json, Operand, Option
from policyrules.cli.shared import FINE, UserError, print_json
from policyrules.diagnostics import PolicyError
from policyrules.program.files import read_layer
from policyrules.program.manifest import LEVELS
from policyrules.report.terminal import Screen
from policyrules.writing import file_name, write_files

_RULES = """\
# 这里写本层的规定。每条以关键词开头，顶格写起；行首的 # 表示注释，删去 # 即生效。
# 语言说明见 docs/language.md，写完后运行：policyrules check <文件夹>

# ---- 修订上层的规则 ----
# 修订 升级类
#   依据【一·示例】“原文里的话”
#   还须 链条 为 不完整

# ---- 设定上层留给本层的参数 ----
# 设定 反向约束数量 为 5 个
#   依据【一·示例】

# ---- 本层自己的规则、义务、提示 ----
# 义务 某项义务
#   依据【一·示例】“原文里的话”
#   当 已形成
#   应当 已纳入全程监测

# ---- 空着的研判怎样推定 ----
# 推定 前景推定
#   依据【一·示例】
#   当 运营状态 为 停产闲置 则 发展前景 为 不明
"""

_TOP_RULES = """\
# 这里写本层的规定。每条以关键词开头，顶格写起；行首的 # 表示注释，删去 # 即生效。
# 语言说明见 docs/language.md，写完后运行：policyrules check <文件夹>

对象 项目（project） 标识 项目编号
  字段 项目编号（project_id）：文本
  # 字段 已形成（formed）：是否 由 县农业农村局
  # 字段 总投资（investment_wan）：金额（万元） 取值 0 万元 以上

# 决定 分类（category）：单选 { 巩固、升级 }
#   依据【一·示例】
#   适用 当 已形成

# 规则 升级类
#   依据【一·示例】“原文里的话”
#   当 总投资 ≥ 50 万元
#   则 分类 为 升级
"""

_CLAUSES = """\
# 条款表：文件的每一条登记一次。规则里用 依据【位置】“原文” 引用。
clauses:
  - id: <编号>-1
    place: 一·示例
    summary: 示例，登记真正的条款后删去
    kind: principle          # scope principle deadline procedure ledger classification measure duty
                             # prohibition intake aggregate disposal responsible authority
    decides: false           # 不产出结论的写 false，并写明理由
    reason: 示例
    offices: []              # 原文写明的责任单位
    sentences: []            # 产出结论的条款里，有的句子不产出：逐句写 {words: 句中原话, reason: 理由}
"""


_MANIFEST = """\
id: {id}
title: {title}
document_number: null        # 文号
short: null                  # 简称，如 农规发26号；同一级有两份文件时，靠它分清是哪一份
issuer: null                 # 发文机关
level: {level}
region: {region}
extends: {extends}
issued: null                 # 成文日期，如 2025-01-31；原文没有就写 null
in_force_from: {since}
in_force_until: null
assumed:                     # 原文没有写、由你推定的日期；按文件改好以后写 []
  - in_force_from
note: 施行日期是新建时暂定的，按文件改写
"""


def new_layer(
    folder: Annotated[Path, Operand("文件夹", "新层的文件夹")],
    extends: Annotated[
        list[Path] | None,
        Option(("--extends",), "上一层的文件夹；最上层不写，几份并列的各写一次", "层", Path, many=True),
    ] = None,
    layer_id: Annotated[str, Option(("--id",), "层的编号，如 GX；缺省 NEW", "编号")] = "NEW",
    title: Annotated[str, Option(("--title",), "文件标题", "标题")] = "新文件",
    level: Annotated[str | None, Option(("--level",), "国家、省、市、县", "层级")] = None,
    region: Annotated[str | None, Option(("--region",), "适用地区", "地区")] = None,
    as_json: Json = False,
) -> int:
    """Write the files of a new layer."""
    screen = Screen(quiet=as_json)
    highest, below, since = _place_of(extends or [])
    level = level or _level_of(region or "", highest) or below
    if level not in LEVELS:
        raise UserError(f"--level 的“{level}”不是层级，可写：{'、'.join(LEVELS)}")
    region = region or ("全国" if level == "国家" else f"某{level}")
    uppers = [_quoted(Path(os.path.relpath(upper, folder)).as_posix()) for upper in extends or []]
    upper = "null" if not uppers else uppers[0] if len(uppers) == 1 else f"[{', '.join(uppers)}]"
    texts = {
        folder / "layer.yaml": _MANIFEST.format(
            id=_quoted(layer_id),
            title=_quoted(title),
            level=level,
            region=_quoted(region),
            extends=upper,
            since=_quoted(since.isoformat()),
        ),
        folder / "clauses.yaml": _CLAUSES.replace("<编号>", layer_id),
        folder / file_name("规则.rules"): (_RULES if extends else _TOP_RULES).replace(
            "<文件夹>", os.fsencode(folder.as_posix()).decode("utf-8", "replace")
        ),
    }
    for path in texts:
        if os.path.lexists(path):
            raise UserError(f"{path} 已经有了，没有写入任何文件")
    folder.mkdir(parents=True, exist_ok=True)
    write_files((path, text.encode()) for path, text in texts.items())
    screen.say(*(f"写入 {path}" for path in texts), style="good")
    screen.say(f"下一步：改写 {folder / 'clauses.yaml'} 和规则文件，再运行 policyrules check {folder}")
    if as_json:
        print_json({"written": [path.as_posix() for path in texts]})
    return FINE


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
