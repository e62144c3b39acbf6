"""The commands there are: what each takes and where its function stands.

Why this exists: one table for reading command lines, for help and for completeness. A command's module is imported when
the command is called, so that `check` does not wait for what `evaluate` needs.

Invariant: the parameters of a command's function are the names of its operands and options here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from policyrules.cli.arguments import Command, Operand, Option, whole

_LAYER = Operand("folder", "层", "层的文件夹，如 policies/jiangxi；上面的层会一并读入")
_LEDGER = Operand("ledger_path", "台账", "台账：.xlsx、.csv、.json，或每个对象一个 CSV 的文件夹")
_AS_OF = Option("as_of", ("--as-of",), "评估日，如 2025-09-15；不写就用今天", "日期")
_SETS = Option("sets", ("--set",), "给参数定值，可写多次，如 --set 反向约束数量=5", "参数=值", many=True)
_JSON = Option("as_json", ("--json",), "输出 JSON，键名稳定")
_OUTPUT = Option("output", ("-o", "--output"), "写到文件", "文件", Path)

_ALL: Final = (
    Command(
        "check",
        "layers",
        "检查规则：语法、名称、类型、单位、条款、层级权限，一次报全。",
        (Operand("folders", "层", "一个或几个层的文件夹", many=True),),
        (_AS_OF, _SETS, Option("strict", ("--strict",), "有警告也算不通过"), _JSON),
    ),
    Command(
        "evaluate",
        "ledgers",
        "评估台账：每个项目的分类、措施、入库意见、义务和禁令。-o 可写 .xlsx、.csv、.json。",
        (_LAYER, _LEDGER),
        (_OUTPUT, _AS_OF, _SETS, Option("listed", ("--list",), "再逐个列出项目的结果"), _JSON),
    ),
    Command(
        "explain",
        "ledgers",
        "说明一个项目：结果、理由、条款原文、缺什么、找谁，以及上层单独会得出什么。",
        (_LAYER, _LEDGER, Operand("identity", "项目编号", "文件里只有一个项目时可以不写", str, optional=True)),
        (
            Option("only", ("--only",), "只说明这个决定或义务，可写多次", "决定", many=True),
            Option("full", ("--full",), "不成立的规则也列出理由"),
            _AS_OF,
            _SETS,
            _JSON,
        ),
    ),
    Command(
        "compare",
        "ledgers",
        "比较两套规则在同一份台账上的结果：变了什么、变了谁、由哪一条引起。",
        (
            Operand("before", "原来的层", "如 policies/national"),
            Operand("after", "现在的层", "如 policies/jiangxi"),
            _LEDGER,
        ),
        (_OUTPUT, _AS_OF, _SETS, Option("everything", ("--all",), "列出全部有变化的项目"), _JSON),
    ),
    Command(
        "test",
        "scenarios",
        "核对情形文件：记录、评估日、参数和预期的结果。",
        (Operand("paths", "文件或文件夹", "情形文件，或其中有情形文件的文件夹", optional=True, many=True),),
        (
            Option("coverage", ("--coverage",), "再列出哪些规则和条件没有被情形检验到"),
            Option("verbose", ("-v", "--verbose"), "通过的情形也列出"),
            _JSON,
        ),
    ),
    Command(
        "mutate",
        "scenarios",
        "变异检验：把规则逐处改动（≥ 改为 >，且 改为 或，去掉一个条件），看有没有情形发现。",
        (_LAYER,),
        (
            Option(
                "scenarios",
                ("--scenarios",),
                "情形在哪里，可写多次；不写就用各层文件夹里的",
                "文件或文件夹",
                Path,
                many=True,
            ),
            Option("stack", ("--stack",), "上面各层的规则文件也改"),
            Option("files", ("--file",), "只改这个规则文件，可写多次，如 盘活.rules", "文件名", many=True),
            Option("sample", ("--sample",), "只抽查这么多处", "个数", whole(1)),
            Option("seed", ("--seed",), "抽查的种子，缺省 0；同一个种子抽到同样的变异", "数", whole(-999_999_999)),
            Option("least", ("--least",), "发现的不到这个比例算不通过，缺省 95", "百分数", whole(0, 100)),
            Option("everything", ("--all",), "发现的、读不进的变异也列出"),
            _JSON,
        ),
    ),
    Command("schema", "layers", "输出一条记录的 JSON Schema，供别的系统对接。", (_LAYER,), (_OUTPUT, _AS_OF)),
    Command(
        "template",
        "ledgers",
        "写一份空白台账：每个对象一个工作表，表头和可选值都已填好。",
        (_LAYER,),
        (
            Option("output", ("-o", "--output"), "要写的工作簿，如 台账.xlsx；必填", "文件", Path, needed=True),
            _AS_OF,
            _JSON,
        ),
    ),
    Command(
        "coverage",
        "coverage",
        "核对条款：每一条（每一句）要么有规则引用，要么说明了为什么不产出结论。",
        (_LAYER,),
        (
            Option("sources", ("--source",), "文件全文，可写多次；逐句核对", "文本", Path, many=True),
            Option("layer_id", ("--layer",), "文本是哪一层的文件，如 JX；不写就由文本看出", "编号"),
            Option("html", ("--html",), "写一页网页：原文逐句对照规则", "文件", Path),
            Option("write_hashes", ("--write-hashes",), "由文本算出各条的 sha256，写入 clauses.yaml"),
            Option("everything", ("--all",), "已编码、已说明的也列出"),
            _AS_OF,
            _JSON,
        ),
    ),
    Command(
        "fmt",
        "layers",
        "整理规则文件的写法：空格、标点、换行统一，意思不变。",
        (Operand("paths", "文件或层", "规则文件，或其中有规则文件的文件夹", many=True),),
        (
            Option("write", ("-w", "--write"), "写回文件；不写就只显示"),
            Option("check_only", ("--check",), "只看哪些文件还没有整理"),
            _JSON,
        ),
    ),
    Command(
        "lock",
        "layers",
        "认可上层规则现在的内容：把本层修订所依据的上层规定记入 layer.lock。",
        (_LAYER,),
        (_AS_OF, _JSON),
    ),
    Command(
        "new-layer",
        "scaffold",
        "新建一层：写好 layer.yaml、clauses.yaml 和带注释示例的规则文件，读入即通过。",
        (Operand("folder", "文件夹", "新层的文件夹"),),
        (
            Option("extends", ("--extends",), "上一层的文件夹；最上层不写", "层", Path),
            Option("layer_id", ("--id",), "层的编号，如 GX；缺省 NEW", "编号"),
            Option("title", ("--title",), "文件标题", "标题"),
            Option("level", ("--level",), "国家、省、市、县", "层级"),
            Option("region", ("--region",), "适用地区", "地区"),
            _JSON,
        ),
    ),
)
COMMANDS: Final = {command.name: command for command in _ALL}
