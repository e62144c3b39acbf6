"""The command line: thin commands over the public face of the package.

Why this exists: policy staff and scripts use the same commands; what a command prints for people it also gives as JSON.

Exit codes: 0 fine; 1 the check itself found something (diagnostics, failed scenarios, uncovered clauses, a file to be
reformatted); 2 the command was used wrongly or a file cannot be opened; 3 results were written, but some rows of the
ledger could not be read.

Invariants: results go to standard output, everything else to standard error; no fault of a user ends in a trace; heavy
modules are imported by the command that needs them, so that `check` starts fast.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from policyrules.cli.shared import (
    FINE,
    FOUND,
    MISUSED,
    ROWS_SET_ASIDE,
    UserError,
    check_writable,
    date_of,
    evaluate_ledger,
    load_policy,
    parameters_of,
    print_json,
    read_ledger,
    say_problems,
    show_diagnostics,
)
from policyrules.cli.words import help_text, usage_error
from policyrules.diagnostics import Diagnostic, PolicyError, RecordError, nearest
from policyrules.report.layout import Piece
from policyrules.report.terminal import Screen, prepare_streams

if TYPE_CHECKING:
    from policyrules.policy import Policy
    from policyrules.records.ledger import Ledger, LedgerRecord


class _Group(typer.core.TyperGroup):
    def get_help(self, ctx: Any) -> str:
        return help_text(super().get_help(ctx))


class _Command(typer.core.TyperCommand):
    def get_help(self, ctx: Any) -> str:
        return help_text(super().get_help(ctx))


app = typer.Typer(
    name="policyrules",
    cls=_Group,
    help="用中文写的政策规则：检查、评估台账、说明理由、比较层级、核对情形。",
    epilog="退出码：0 正常；1 检查出问题；2 用法不对或文件打不开；3 结果已写出，但台账有读不出的行。",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

Folder = Annotated[Path, typer.Argument(metavar="层", help="层的文件夹，如 policies/jiangxi；上面的层会一并读入")]
LedgerPath = Annotated[
    Path, typer.Argument(metavar="台账", help="台账：.xlsx、.csv、.json，或每个对象一个 CSV 的文件夹")
]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="日期", help="评估日，如 2025-09-15；不写就用今天")]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="参数=值", help="给参数定值，可写多次，如 --set 反向约束数量=5")
]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，键名稳定")]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="文件", help="写到文件")]


def run(arguments: list[str]) -> int:
    """Run the command line with ``arguments``; the exit code. Never raises for a user's fault."""
    prepare_streams()
    screen = Screen()
    try:
        # Versions of the library disagree about what a bare call is; here it is a question that was not put.
        code = app(args=arguments or ["--help"], prog_name="policyrules", standalone_mode=False)
        if not arguments:
            return MISUSED
        return code if isinstance(code, int) else FINE
    except PolicyError as error:
        if "--json" in arguments:
            print_json({"diagnostics": [diagnostic.to_dict() for diagnostic in error.diagnostics]})
        else:
            show_diagnostics(error.diagnostics, screen)
        return FOUND
    except RecordError as error:
        screen.fail(f"记录读不出来：{error}")
        return FOUND
    except UserError as error:
        screen.fail(str(error))
        return MISUSED
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except OSError as error:
        from policyrules.testing.scenarios import error_text

        screen.fail(f"{error.filename or ''}：{error_text(error)}".lstrip("："))
        return MISUSED
    except KeyboardInterrupt:
        screen.fail("已中断")
        return 130
    except Exception as error:
        if hasattr(error, "exit_code") and hasattr(error, "format_message"):
            screen.fail(usage_error(error))
            return MISUSED
        if type(error).__name__ == "Abort":
            return 130
        if type(error).__name__ == "MissingExcel":
            screen.fail(str(error))
            return MISUSED
        if os.environ.get("POLICYRULES_TRACEBACK"):
            raise
        screen.fail(
            f"程序内部出错：{type(error).__name__} {error}\n"
            "请设环境变量 POLICYRULES_TRACEBACK=1 再运行一次，把全部输出发给维护者"
        )
        return 70


# ---- commands -------------------------------------------------------------------------------------------------------


@app.command(cls=_Command)
def check(
    folders: Annotated[list[Path], typer.Argument(metavar="层...", help="一个或几个层的文件夹")],
    as_of: AsOf = None,
    sets: Sets = None,
    strict: Annotated[bool, typer.Option("--strict", help="有警告也算不通过")] = False,
    as_json: Json = False,
) -> int:
    """检查规则：语法、名称、类型、单位、条款、层级权限，一次报全。"""
    from policyrules.policy import try_load

    screen = Screen()
    code = FINE
    reports: list[dict[str, object]] = []
    for folder in folders:
        policy, diagnostics = try_load(folder, as_of=date_of(as_of), parameters=parameters_of(sets))
        errors = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
        warnings = sum(diagnostic.severity == "warning" for diagnostic in diagnostics)
        bad = errors > 0 or policy is None or (strict and warnings > 0)
        code = FOUND if bad else code
        counts = _counts(policy) if policy is not None else {}
        listed = [diagnostic.to_dict() for diagnostic in diagnostics]
        reports.append({"folder": folder.as_posix(), "ok": not bad, "counts": counts, "diagnostics": listed})
        if as_json:
            continue
        show_diagnostics(diagnostics, screen, results=True)
        said = "、".join(f"{name} {n}" for name, n in counts.items() if n)
        tail = (f"，警告 {warnings} 条" if warnings else "") + (f"（{said}）" if said else "")
        head = Piece("不通过" if bad else "通过", "bad" if bad else "good")
        screen.show([(head, Piece(f" {folder}" + (f"：错误 {errors} 条" if errors else "") + tail))])
    if as_json:
        print_json({"ok": code == FINE, "layers": reports})
    return code


def _counts(policy: Policy) -> dict[str, int]:
    program = policy.program
    prohibitions = sum(duty.prohibition for duty in program.duties.values())
    return {
        "层": len(policy.layers),
        "决定": len(program.decisions),
        "规则": len(program.rules),
        "义务": len(program.duties) - prohibitions,
        "禁令": prohibitions,
        "提示": len(program.notices),
        "参数": len(program.parameters),
        "条款": sum(len(layer.clauses.clauses) for layer in policy.layers),
    }


@app.command(cls=_Command)
def evaluate(
    folder: Folder,
    ledger_path: LedgerPath,
    output: Output = None,
    as_of: AsOf = None,
    sets: Sets = None,
    listed: Annotated[bool, typer.Option("--list", help="再逐个列出项目的结果")] = False,
    as_json: Json = False,
) -> int:
    """评估台账：每个项目的分类、措施、入库意见、义务和禁令。-o 可写 .xlsx、.csv、.json。"""
    from policyrules.analysis.summary import summarise

    screen = Screen(quiet=as_json)
    if output is not None and output.suffix.lower() not in (".json", ".jsonl", ".csv", ".xlsx"):
        raise UserError(f"-o 的“{output.name}”要以 .xlsx、.csv、.json 或 .jsonl 结尾")
    check_writable(output)
    policy = load_policy(folder, as_of, sets, screen)
    ledger = read_ledger(policy, ledger_path, screen)
    outcomes = evaluate_ledger(policy, ledger, screen)
    if output is not None:
        from policyrules.records.results import write_results

        written = write_results(output, outcomes, ledger=ledger)
        screen.say(f"结果已写到 {'、'.join(str(path) for path in written)}", "good")
    summary = summarise(policy.program, outcomes)
    if as_json:
        data: dict[str, object] = {
            "policy": {"fingerprint": policy.fingerprint, "layers": [layer.manifest.id for layer in policy.layers]},
            "as_of": policy.as_of.isoformat(),
            "summary": summary.to_dict(),
            "records": [outcome.to_dict() for outcome in outcomes] if output is None else [],
            "problems": [problem.to_dict() for problem in ledger.problems],
            "notes": list(ledger.notes),
        }
        print_json(data)
    else:
        from policyrules.report.text import ledger_lines, list_lines

        if listed:
            screen.show([*list_lines(outcomes, policy, width=screen.width), ()])
        screen.show(ledger_lines(summary, policy, width=screen.width))
    say_problems(ledger, screen)
    return ROWS_SET_ASIDE if ledger.problems else FINE


@app.command(cls=_Command)
def explain(
    folder: Folder,
    ledger_path: LedgerPath,
    identity: Annotated[str | None, typer.Argument(metavar="项目编号", help="文件里只有一个项目时可以不写")] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="决定", help="只说明这个决定或义务，可写多次")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="不成立的规则也列出理由")] = False,
    as_of: AsOf = None,
    sets: Sets = None,
    as_json: Json = False,
) -> int:
    """说明一个项目：结果、理由、条款原文、缺什么、找谁，以及上层单独会得出什么。"""
    screen = Screen(quiet=as_json)
    policy = load_policy(folder, as_of, sets, screen)
    _check_names(policy, only)
    ledger = read_ledger(policy, ledger_path, screen)
    record = _pick(ledger, identity, ledger_path)
    # One record alone is no ledger: what depends on the others stays unknown.
    portfolio = policy.portfolio(ledger.portfolio) if len(ledger.portfolio) > 1 else None
    outcome = policy.evaluate(record.instance, portfolio)
    upper = list(_upper_outcomes(policy, ledger, record, sets, alone=portfolio is None))
    if as_json:
        data = outcome.to_dict()
        data["explanation"] = outcome.explain().to_dict()
        data["upper"] = [{"label": label, **other.to_dict(detail=False)} for label, other in upper]
        print_json(data)
        return FINE
    from policyrules.report.project import project_lines

    names = tuple(only or ())
    lines = project_lines(outcome, policy, width=screen.width, upper=upper, only=names, full=full, title=record.name)
    screen.show(lines)
    return FINE


def _pick(ledger: Ledger, identity: str | None, path: Path) -> LedgerRecord:
    if identity is None:
        if len(ledger.records) == 1:
            return ledger.records[0]
        some = "、".join(record.identity for record in ledger.records[:5] if record.identity)
        raise UserError(f"{path} 里有 {len(ledger.records)} 个项目，写上要说明的项目编号，如 {some}")
    for record in ledger.records:
        if record.identity == identity:
            return record
    problems = [str(problem) for problem in ledger.problems if problem.cell.record == identity]
    if problems:
        raise UserError(f"项目 {identity} 读不出来：\n" + "\n".join(problems))
    near = nearest(identity, [record.identity for record in ledger.records])
    raise UserError(f"{path} 里没有编号为“{identity}”的项目" + (f"，是不是 {'、'.join(near)}？" if near else ""))


def _check_names(policy: Policy, only: list[str] | None) -> None:
    program = policy.program
    known = [n for d in program.decisions.values() for n in (d.name, d.key)] + [*program.duties, *program.notices]
    for name in only or []:
        if name not in known:
            near = nearest(name, known)
            raise UserError(
                f"没有叫“{name}”的决定、义务、禁令或提示" + (f"，是不是 {'、'.join(near)}？" if near else "")
            )


def _upper_outcomes(
    policy: Policy, ledger: Ledger, record: LedgerRecord, sets: list[str] | None, *, alone: bool
) -> Any:
    """What each upper part of the stack alone gives for the record, top first."""
    from policyrules.policy import load
    from policyrules.report.text import layer_label

    for layer in policy.layers[:-1]:
        bare = load(layer.folder, as_of=policy.as_of)
        known = {name for p in bare.program.parameters.values() for name in (p.name, p.key)}
        given = {name: value for name, value in parameters_of(sets).items() if name in known}
        stack = bare.with_parameters(given) if given else bare
        portfolio = None if alone else stack.portfolio(ledger.portfolio)
        yield layer_label(layer), stack.evaluate(record.instance, portfolio)


@app.command(cls=_Command)
def compare(
    before: Annotated[Path, typer.Argument(metavar="原来的层", help="如 policies/national")],
    after: Annotated[Path, typer.Argument(metavar="现在的层", help="如 policies/jiangxi")],
    ledger_path: LedgerPath,
    output: Output = None,
    as_of: AsOf = None,
    sets: Sets = None,
    everything: Annotated[bool, typer.Option("--all", help="列出全部有变化的项目")] = False,
    as_json: Json = False,
) -> int:
    """比较两套规则在同一份台账上的结果：变了什么、变了谁、由哪一条引起。"""
    from policyrules.analysis.compare import aligned, compare_outcomes
    from policyrules.cli.pairs import load_two, place_of, two_ledgers
    from policyrules.report.comparison import comparison_lines

    screen = Screen(quiet=as_json)
    check_writable(output)
    date, given = date_of(as_of), parameters_of(sets)
    old, new = load_two(before, after, date, given)
    old, new = aligned(old, new)
    old_ledger, new_ledger = two_ledgers(old, new, ledger_path, screen)
    old_outcomes = dict(zip(map(place_of, old_ledger.records), evaluate_ledger(old, old_ledger, screen), strict=True))
    new_outcomes = dict(zip(map(place_of, new_ledger.records), evaluate_ledger(new, new_ledger, screen), strict=True))
    pairs = [(old_outcomes[where], outcome) for where, outcome in new_outcomes.items() if where in old_outcomes]
    comparison = compare_outcomes(old, new, pairs)
    problems = new_ledger if len(new_ledger.problems) >= len(old_ledger.problems) else old_ledger
    if as_json or output is not None:
        data = comparison.to_dict()
        data["problems"] = [problem.to_dict() for problem in problems.problems]
        if output is not None:
            output.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            screen.say(f"结果已写到 {output}", "good")
        if as_json:
            print_json(data)
    if not as_json:
        screen.show(comparison_lines(comparison, width=screen.width, everything=everything))
    say_problems(problems, screen)
    return ROWS_SET_ASIDE if problems.problems else FINE


@app.command(cls=_Command)
def test(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="文件或文件夹...", help="情形文件，或其中有情形文件的文件夹")
    ] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="再列出哪些规则和条件没有被情形检验到")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="通过的情形也列出")] = False,
    as_json: Json = False,
) -> int:
    """核对情形文件：记录、评估日、参数和预期的结果。"""
    from policyrules.testing.coverage import Coverage
    from policyrules.testing.runner import run_files
    from policyrules.testing.scenarios import find_files
    from policyrules.testing.text import coverage_lines, run_lines

    screen = Screen(quiet=as_json)
    wanted = paths or [Path()]
    for path in wanted:
        if not path.exists():
            raise UserError(f"没有这个文件或文件夹：{path}")
    files = find_files(wanted)
    if not files:
        raise UserError(
            f"{'、'.join(map(str, wanted))} 里没有情形文件（scenarios 文件夹里的 .yaml，或 *.scenario.yaml）"
        )
    seen = Coverage() if coverage else None
    result = run_files(screen.progress(files, "核对"), observe=seen.observe if seen is not None else None)
    if as_json:
        print_json(result.to_dict() | ({"coverage": seen.to_dict()} if seen is not None else {}))
    else:
        screen.show(run_lines(result, width=screen.width, verbose=verbose))
        if seen is not None:
            screen.show(coverage_lines(seen, width=screen.width, verbose=verbose))
    return FINE if result.passed else FOUND


@app.command(cls=_Command)
def mutate(
    folder: Folder,
    scenarios: Annotated[
        list[Path] | None,
        typer.Option("--scenarios", metavar="文件或文件夹", help="情形在哪里，可写多次；不写就用各层文件夹里的"),
    ] = None,
    stack: Annotated[bool, typer.Option("--stack", help="上面各层的规则文件也改")] = False,
    files: Annotated[
        list[str] | None, typer.Option("--file", metavar="文件名", help="只改这个规则文件，可写多次，如 盘活.rules")
    ] = None,
    sample: Annotated[int | None, typer.Option("--sample", metavar="个数", min=1, help="只抽查这么多处")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="数", help="抽查的种子；同一个种子抽到同样的变异")] = 0,
    least: Annotated[
        int, typer.Option("--least", metavar="百分数", min=0, max=100, help="发现的不到这个比例算不通过")
    ] = 95,
    everything: Annotated[bool, typer.Option("--all", help="发现的、读不进的变异也列出")] = False,
    as_json: Json = False,
) -> int:
    """变异检验：把规则逐处改动（≥ 改为 >，且 改为 或，去掉一个条件），看有没有情形发现。"""
    from policyrules.cli.mutate import run_mutate

    return run_mutate(
        folder,
        scenarios,
        stack=stack,
        files=files or (),
        sample=sample,
        seed=seed,
        least=least,
        everything=everything,
        as_json=as_json,
    )


@app.command(cls=_Command)
def schema(folder: Folder, output: Output = None, as_of: AsOf = None) -> int:
    """输出一条记录的 JSON Schema，供别的系统对接。"""
    screen = Screen()
    data = load_policy(folder, as_of, None, screen).json_schema()
    if output is None:
        print_json(data)
    else:
        output.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        screen.say(f"已写到 {output}", "good")
    return FINE


@app.command(cls=_Command)
def template(
    folder: Folder,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="文件", help="要写的工作簿，如 台账.xlsx")],
    as_of: AsOf = None,
    as_json: Json = False,
) -> int:
    """写一份空白台账：每个对象一个工作表，表头和可选值都已填好。"""
    from policyrules.records.templates import write_template

    screen = Screen(quiet=as_json)
    check_writable(output)
    policy = load_policy(folder, as_of, None, screen)
    if output.exists():
        raise UserError(f"{output} 已经有了，换一个名称")
    write_template(output, policy.program)
    screen.say(f"空白台账已写到 {output}", "good")
    if as_json:
        print_json({"written": [output.as_posix()]})
    return FINE


@app.command(cls=_Command)
def coverage(
    folder: Folder,
    sources: Annotated[
        list[Path] | None, typer.Option("--source", metavar="文本", help="文件全文，可写多次；逐句核对")
    ] = None,
    layer: Annotated[
        str | None, typer.Option("--layer", metavar="编号", help="文本是哪一层的文件，如 JX；不写就由文本看出")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="文件", help="写一页网页：原文逐句对照规则")] = None,
    write_hashes: Annotated[
        bool, typer.Option("--write-hashes", help="由文本算出各条的 sha256，写入 clauses.yaml")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="已编码、已说明的也列出")] = False,
    as_of: AsOf = None,
    as_json: Json = False,
) -> int:
    """核对条款：每一条（每一句）要么有规则引用，要么说明了为什么不产出结论。"""
    from policyrules.cli.coverage import run_coverage

    return run_coverage(
        folder,
        sources or (),
        layer_id=layer,
        html=html,
        write_hashes=write_hashes,
        everything=everything,
        as_of=as_of,
        as_json=as_json,
    )


@app.command(cls=_Command)
def fmt(
    paths: Annotated[list[Path], typer.Argument(metavar="文件或层...", help="规则文件，或其中有规则文件的文件夹")],
    write: Annotated[bool, typer.Option("--write", "-w", help="写回文件；不写就只显示")] = False,
    check_only: Annotated[bool, typer.Option("--check", help="只看哪些文件还没有整理")] = False,
    as_json: Json = False,
) -> int:
    """整理规则文件的写法：空格、标点、换行统一，意思不变。"""
    from policyrules.cli.formatting import formatted, rule_files
    from policyrules.program.files import read_text

    screen = Screen(quiet=as_json)
    code = FINE
    changed: list[str] = []
    found: list[Diagnostic] = []
    for path in rule_files(paths):
        source, diagnostics = read_text(path, path.as_posix())
        text, problems = formatted(source) if source is not None else (None, ())
        found.extend([*diagnostics, *problems])
        if source is None or text is None:
            code = FOUND
            continue
        if text != source.text:
            changed.append(path.as_posix())
        if write and text != source.text:
            path.write_text(text, encoding="utf-8")
            screen.say(f"已整理 {path}", "good")
        elif check_only and text != source.text:
            screen.say(f"还没有整理：{path}", "doubt")
        elif not write and not check_only and not as_json:
            sys.stdout.write(text)
    if as_json:
        print_json({"changed": changed, "diagnostics": [diagnostic.to_dict() for diagnostic in found]})
    else:
        show_diagnostics(tuple(found), screen)
    return FOUND if check_only and changed else code


@app.command(cls=_Command)
def lock(folder: Folder, as_of: AsOf = None, as_json: Json = False) -> int:
    """认可上层规则现在的内容：把本层修订所依据的上层规定记入 layer.lock。"""
    from policyrules.policy import load
    from policyrules.program.lock import write_locks

    screen = Screen(quiet=as_json)
    policy = load(folder, as_of=date_of(as_of))
    diagnostics = write_locks(policy.layers[-1:], policy.loaded.pins)
    if any(diagnostic.severity == "error" for diagnostic in diagnostics):
        raise PolicyError(diagnostics)
    screen.say(f"已写入 {folder / 'layer.lock'}", "good")
    if as_json:
        print_json({"written": [(folder / "layer.lock").as_posix()]})
    return FINE


@app.command("new-layer", cls=_Command)
def new_layer(
    folder: Annotated[Path, typer.Argument(metavar="文件夹", help="新层的文件夹")],
    extends: Annotated[Path | None, typer.Option("--extends", metavar="层", help="上一层的文件夹；最上层不写")] = None,
    layer_id: Annotated[str, typer.Option("--id", metavar="编号", help="层的编号，如 GX")] = "NEW",
    title: Annotated[str, typer.Option("--title", metavar="标题", help="文件标题")] = "新文件",
    level: Annotated[str | None, typer.Option("--level", metavar="层级", help="国家、省、市、县")] = None,
    region: Annotated[str | None, typer.Option("--region", metavar="地区", help="适用地区")] = None,
    as_json: Json = False,
) -> int:
    """新建一层：写好 layer.yaml、clauses.yaml 和带注释示例的规则文件，读入即通过。"""
    from policyrules.cli.scaffold import layer_texts, place_of, write_layer
    from policyrules.program.manifest import LEVELS

    screen = Screen(quiet=as_json)
    below, since = place_of(extends)
    level = level or below
    if level not in LEVELS:
        raise UserError(f"--level 的“{level}”不是层级，可写：{'、'.join(LEVELS)}")
    texts = layer_texts(
        folder,
        layer_id=layer_id,
        title=title,
        level=level,
        region=region or ("全国" if level == "国家" else f"某{level}"),
        extends=extends,
        since=since,
    )
    try:
        paths = write_layer(folder, texts)
    except FileExistsError as error:
        raise UserError(f"{error} 已经有了，没有写入任何文件") from None
    screen.say("\n".join(f"写入 {path}" for path in paths), "good")
    screen.say(f"下一步：改写 {folder / 'clauses.yaml'} 和规则文件，再运行 policyrules check {folder}")
    if as_json:
        print_json({"written": [path.as_posix() for path in paths]})
    return FINE
