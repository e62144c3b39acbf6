"""The report of mutation testing as lines of Chinese text: figures by file, then every change that nobody noticed.

Why this exists: a person reads this to write the scenario that is missing, so each change comes with its place, what
became of the line, which scenarios looked at it without a word, and a scenario to copy.

Invariant: changes are listed in the order of layers, files and lines.
"""

from __future__ import annotations

from typing import Final

from policyrules.report.layout import Line, Piece, table, wrap
from policyrules.report.text import diagnostic_lines, heading, numbers
from policyrules.testing.gaps import Gap
from policyrules.testing.mutate import STATUS_NAMES, MutantResult, MutationReport, Status
from policyrules.text import some

_MOST_NAMES = 3
# What was done to the rule, in the words of whoever reads the report; the data keep the kinds.
_DONE: Final[dict[str, str]] = {
    "相邻值": "换成另一个值",
    "数值": "数改大或改小一点",
    "日期": "日期提前或推后",
    "比较": "比较换成另一种（如 > 换成 ≥）",
    "取反": "是非颠倒",
    "且或": "“且”和“或”对换",
    "至少项数": "“至少几项”多一项或少一项",
    "加减": "加减对换",
    "乘除": "乘除对换",
    "任一全部": "“任一”和“全部”对换",
    "最大最小": "“最大”和“最小”对换",
    "去掉其中": "不看“其中”后面的条件",
    "去掉其他": "“其他”不写，和自己也比",
    "去掉首选": "只用“缺则”后面的",
    "去掉缺则": "只用“首选”后面的",
    "相同少一项": "“相同”少看一个字段",
    "少一个条件": "几个条件里去掉一个",
    "集合少一值": "几个值里去掉一个",
    "分支对调": "“视”的两个分支对换",
    "去掉条件": "“当”的条件去掉，总是成立",
    "语气": "语气换成另一种",
    "清单封闭": "清单去掉“等”",
    "清单放开": "清单加上“等”",
}


def mutation_lines(report: MutationReport, *, width: int = 80, everything: bool = False) -> list[Line]:
    """The whole report; with ``everything`` the changes that were noticed or could not be read as well."""
    lines = diagnostic_lines(report.diagnostics)
    if report.left_out:
        said = f"{len(report.left_out)} 个情形本来就不通过，没有参加：{'、'.join(report.left_out)}"
        lines.extend(wrap(Piece(said, "doubt"), width))
        lines.append(())
    if report.stopped:
        said = f"每改一处都要把各层的规则重新检查一遍，全部改完要等太久，只随便抽查了 {len(report.results)} 处；要改完，加 --long"
        lines.extend(wrap(Piece(said, "doubt"), width))
        lines.append(())
    lines.extend(_figures(report, width))
    lines.extend(_listed(report.of("unnoticed"), "改了也没有情形发现的地方", width))
    lines.extend(_listed(report.of("excused"), "说明过理由、改了也一样的地方", width))
    if everything:
        lines.extend(_listed(report.of("noticed"), "情形发现了的改动", width))
        lines.extend(_listed(report.of("stillborn"), "改了就读不进的地方", width))
    if report.unused:
        lines.extend(heading("等价变异.yaml 里没有用上的（规则改了，或者已有情形发现）"))
        for excuse in report.unused:
            lead = (Piece(f"  {excuse.span.source.path}:{excuse.span.line} ", "quiet"),)
            lines.extend(wrap(f"{excuse.declaration}：{excuse.change}", width, lead=lead, rest="    "))
    lines.append(())
    lines.extend(wrap(_summary(report), width))
    return lines


def _figures(report: MutationReport, width: int) -> list[Line]:
    paths = list(dict.fromkeys(result.mutant.path for result in report.results))
    rows: list[list[str]] = []
    for path in paths:
        own = [result.status for result in report.results if result.mutant.path == path]
        rows.append([path, *(str(own.count(status)) for status in STATUS_NAMES)])
    if not rows:
        return []
    headers = ["规则文件", *(STATUS_NAMES[status] for status in STATUS_NAMES)]
    return table(headers, rows, width, align=numbers(len(STATUS_NAMES)))


def _listed(results: tuple[MutantResult, ...], title: str, width: int) -> list[Line]:
    if not results:
        return []
    lines = heading(f"{title}（{len(results)}）")
    told: dict[str, int] = {}
    for result in results:
        mutant = result.mutant
        head = (Piece(f"{mutant.path}:{mutant.line} ", "quiet"), Piece(mutant.declaration, "name"))
        lines.extend(
            wrap((*head, Piece(f"　{_DONE.get(mutant.kind, mutant.kind)}", "quiet")), width, lead="  ", rest="    ")
        )
        change = (Piece(mutant.before, "bad"), Piece(" → "), Piece(mutant.after, "good"))
        lines.extend(wrap(change, width, lead="    "))
        tail = _tail(result)
        if tail:
            lines.extend(wrap(Piece(tail, "quiet"), width, lead="    "))
        if result.gap is not None:
            lines.extend(_gap_lines(result.gap, told, width))
    return lines


def _gap_lines(gap: Gap, told: dict[str, int], width: int) -> list[Line]:
    """The scenario that is missing: what it has to tell apart, and one to copy, or what has to meet in it. ``told``: the
    number of each scenario that stands above, since one often notices several changes."""
    said = f"还缺一个情形：{gap.says}。"
    if not gap.scenario:
        fields = f"要填的有：{some(list(gap.fields), _MOST_NAMES * 4, '项')}" if gap.fields else ""
        said += f"现有情形的记录改一两处还到不了这里，请新写一份记录{'；' if fields else ''}{fields}"
        return wrap(Piece(said, "doubt"), width, lead="    ")
    _, body = gap.scenario.split("\n", 1)
    if body in told:
        return wrap(Piece(f"{said}上面可抄的第 {told[body]} 个情形就看得出", "doubt"), width, lead="    ")
    number = told[body] = len(told) + 1
    how = f"记录取自情形“{gap.like}”（{gap.file}）"
    how += f"，只改了：{'；'.join(gap.changes)}" if gap.changes else "，没有改动，只是没有写这里的预期"
    lines = wrap(Piece(f"{said}可抄用（第 {number} 个），预期请对照文件填写：", "doubt"), width, lead="    ")
    lines.extend(wrap(Piece(how, "quiet"), width, lead="    "))
    # Lines to copy are never broken.
    lines.extend((Piece(line),) for line in gap.scenario.split("\n"))
    return lines


def _tail(result: MutantResult) -> str:
    match result.status:
        case "unnoticed" if not result.ran:
            return "没有一个情形用到这一处：写一个用得到它的情形，写明应有的结果"
        case "unnoticed":
            names = "；".join(result.ran[:_MOST_NAMES])
            more = f"；等 {len(result.ran)} 个" if len(result.ran) > _MOST_NAMES else ""
            return (
                f"这些情形用到了，但改了结果也不变：{names}{more}。抄一个，改成两种写法结果不同的资料，写明应有的结果"
            )
        case "excused":
            return f"理由：{result.reason}"
        case "stillborn":
            return f"读不进：{result.reason}"
        case "noticed":
            return f"发现的情形：{result.by}"
        case _:
            return ""


def _summary(report: MutationReport) -> Piece:
    counts = {status: len(report.of(status)) for status in STATUS_NAMES}
    tried = len(report.results)
    words = f"{report.folder}：把规则逐处改动，可改 {report.possible} 处"
    words += f"，抽查 {tried} 处" if tried < report.possible else ""
    words += f"；情形 {report.scenarios} 个，发现 {counts['noticed']}，没有发现 {counts['unnoticed']}"
    if report.share is not None:
        # Rounded down, so that 100% means all of them.
        words += f"（发现率 {_per_cent(report)}）"
    notes: dict[Status, str] = {
        "excused": "等价",
        "stillborn": "改了就读不进、没有算的",
        "restatement": "去掉重申、结果本来就不变的",
    }
    words += "".join(f"；{note} {counts[status]}" for status, note in notes.items() if counts[status])
    return Piece(words, "good" if not counts["unnoticed"] else "doubt")


def _per_cent(report: MutationReport) -> str:
    assert report.share is not None
    thousandths = int(report.share * 1000)
    return f"{thousandths // 10}.{thousandths % 10}%"
