"""Scenario files: what policy staff expect of a record, written in Chinese beside the rules.

Why this exists: a person who knows the documents writes a record, the clauses it turns on, and the result the text
demands; nobody has to program. A file that cannot be understood is answered with located diagnostics, all at once.

The file (all keys; only 评估日, 情形, 名称, 记录 or 沿用, and 预期 or 各层 are needed)::

    政策: ..                       # folder of the layer, from this file; the folder that holds this file when left out
    评估日: 2025-09-15
    参数: {反向约束数量: 5}
    说明: free text
    基础记录:                      # records that cases build on
      链条完整的项目: {已形成: 是, 资源有支撑: 是, 链条: 较完备}
    情形:
      - 名称: 链条完整的升级项目，江西不归升级
        条款: [JX-2-3-shengji-1]   # ids, or places that one layer alone has
        沿用: 链条完整的项目        # a base record, or a list of them; 记录 overrides
        记录: {技术短板: 否, 设施短板: null}
        台账: [{沿用: 链条完整的项目, 份数: 4}]
        预期:
          分类: 无
          资产[0].资产去向: 市场盘活
          发现: {严格论证: 违反}
          缺项: {分类: [资源有支撑]}
        各层:                      # the same record as upper layers alone see it, by level, region or id
          国家: {分类: 升级}

Invariants: `read` never raises; a `ScenarioFile` that comes back with errors holds the sound cases only; records are
plain mappings in the words of the file, and meet the policy only when they run.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, assert_never

from policyrules.diagnostics import Diagnostic
from policyrules.program import strict_yaml
from policyrules.program.shapes import Reader, day_in, is_blank, key_meant, listed
from policyrules.program.strict_yaml import YamlEntry, YamlMapping, YamlNode, YamlScalar, YamlSequence
from policyrules.records.csv_files import decode
from policyrules.source import Source, Span
from policyrules.spelling import nearest
from policyrules.testing.expectations import EXPECTATION_KEYS, Expected, read_expectations
from policyrules.writing import error_text

MAX_COPIES: Final = 10_000
MAX_CELLS: Final = 1_000_000
"""The values of all records of a file together, base records and copies written out in full."""
A_MEMBER: Final = 10
"""What a record of 台账 counts beside its values: whether it counts is worked out for each, however little it says."""

# Whatever the encoding, more is over what a YAML file may have.
_MOST_BYTES: Final = 4 << 20

_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FILE_KEYS = ("政策", "评估日", "参数", "说明", "基础记录", "情形")
_CALLED: Final = {
    **dict.fromkeys(("情况", "案例", "例子", "用例", "测试"), "情形"),
    **dict.fromkeys(("名字", "标题", "题目", "情形名称"), "名称"),
    **dict.fromkeys(("期望", "结果", "应为", "结论", "预期结果", "应得"), "预期"),
    **dict.fromkeys(("依据", "条文", "条目"), "条款"),
    **dict.fromkeys(("继承", "基于", "引用", "基础"), "沿用"),
    **dict.fromkeys(("评估日期", "日期", "评价日"), "评估日"),
    **dict.fromkeys(("数据", "项目", "字段", "内容"), "记录"),
    **dict.fromkeys(("备注", "注"), "说明"),
    **dict.fromkeys(("层", "规则", "文件夹"), "政策"),
}
"""What people call the keys."""

_CASE_KEYS = ("名称", "条款", "说明", "政策", "评估日", "参数", "沿用", "记录", "台账", "预期", "各层")


@dataclass(frozen=True, slots=True)
class Block:
    """What is expected of one stack: the whole one (``layer`` None), or the one that ends with ``layer``."""

    layer: str | None
    expected: tuple[Expected, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One 情形, complete: base records merged in, defaults of the file applied.

    ``places``: where each part of the record was written, by path (``资产[0].闲置起始日``); ``member_places``: the same of each record
    of the ledger, which itself is ''; ``parameter_places``: where each parameter was given.
    """

    name: str
    clauses: tuple[tuple[str, Span], ...]
    policy: Path
    as_of: datetime.date
    parameters: dict[str, Any]
    record: dict[str, Any]
    portfolio: tuple[dict[str, Any], ...] | None
    blocks: tuple[Block, ...]
    note: str
    span: Span = field(compare=False, repr=False)
    folder_span: Span = field(compare=False, repr=False)
    parameter_places: dict[str, Span] = field(compare=False, repr=False)
    record_span: Span = field(compare=False, repr=False)
    places: dict[str, Span] = field(compare=False, repr=False)
    member_places: tuple[dict[str, Span], ...] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """One scenario file."""

    path: Path
    source: Source
    scenarios: tuple[Scenario, ...]


def is_scenario_file(path: Path) -> bool:
    """True for a YAML file in a folder ``scenarios`` or ``情形``, or one called ``*.scenario.yaml``.

    >>> is_scenario_file(Path("policies/jiangxi/scenarios/升级.yaml")), is_scenario_file(Path("layer.yaml"))
    (True, False)
    """
    # The list of equivalent mutants stands beside the scenarios and is none.
    if path.suffix not in (".yaml", ".yml") or path.name == "等价变异.yaml":
        return False
    return path.parent.name in ("scenarios", "情形") or path.stem.endswith((".scenario", ".情形"))


def find_files(paths: list[Path]) -> list[Path]:
    """Scenario files among ``paths``: files as they are, folders searched for them, in a stable order."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = (p for p in path.rglob("*.y*ml") if is_scenario_file(p) and p.is_file())
            found.update(dict.fromkeys(sorted(inside, key=lambda p: p.as_posix())))
        else:
            found[path] = None
    return list(found)


def read_file(path: Path, shown: str | None = None) -> tuple[ScenarioFile | None, tuple[Diagnostic, ...]]:
    """The scenarios of the file at ``path`` (called ``shown`` in messages) and everything that is wrong with it."""
    name = shown or path.as_posix()
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None, (Diagnostic("E660", "情形文件不是普通文件，不读", path=name, remedy="换成一个文本文件"),)
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            return None, (
                Diagnostic("E660", f"情形文件超过 {_MOST_BYTES >> 20} MiB", path=name, remedy="分成几个文件"),
            )
    except (OSError, ValueError) as error:
        return None, (
            Diagnostic(
                "E660",
                f"情形文件读不出来：{error_text(error) if isinstance(error, OSError) else '路径不对'}",
                path=name,
            ),
        )
    text = decode(content, name)
    if isinstance(text, Diagnostic):
        said = "情形文件不是文本：既不是 UTF-8，也不是 GB 18030"
        return None, (Diagnostic("E660", said, path=name, remedy="用文本编辑器另存一份，编码选 UTF-8"),)
    return read(Source(name, text.replace("\r\n", "\n")), path)


def read(source: Source, path: Path) -> tuple[ScenarioFile | None, tuple[Diagnostic, ...]]:
    """The scenarios of a text that stands (or would stand) at ``path``."""
    tree, found = strict_yaml.read(source)
    if tree is None:
        return None, found
    reader = _Reader("E662", found=list(found), source=source, path=path)
    file = reader.file(tree)
    return file, tuple(reader.found)


@dataclass(frozen=True, slots=True)
class _Base:
    """A record that others build on, and where its parts were written."""

    record: dict[str, Any]
    places: dict[str, Span]


@dataclass(frozen=True, slots=True)
class _Said:
    """Whether 政策 and 评估日 are written for a scenario, however."""

    folder: bool
    day: bool


@dataclass(slots=True, kw_only=True)
class _Reader(Reader):
    source: Source
    path: Path
    bases: dict[str, _Base] = field(default_factory=dict)
    cells: int = 0
    undated: bool = False
    parameter_places: dict[str, Span] = field(default_factory=dict)
    members: tuple[dict[str, Span], ...] = ()
    folder_place: Span = field(init=False)

    def __post_init__(self) -> None:
        self.folder_place = Span(self.source, 0, 0)

    # ---- the file ----

    def file(self, tree: YamlNode) -> ScenarioFile | None:
        remedy = "开头写“评估日: 2025-09-15”，下面写“情形:”"
        if isinstance(tree, YamlSequence):
            self.report("情形文件开头缺“情形:”", tree.span, f"{remedy}，各情形写在它下面，缩进两个空格", "E661")
            return None
        if not self.group(tree, "情形文件应逐行写“名称: 值”", remedy, "E661"):
            return None
        self.keys(tree, _FILE_KEYS, "E661", _CALLED)
        folder, as_of = self.folder(tree), self.date(tree)
        # What is written and cannot be read was told once, where it stands.
        said = _Said(_said(tree, "政策", _FILE_KEYS), _said(tree, "评估日", _FILE_KEYS))
        given = tree.get("参数")
        parameters = self.mapping(given, "参数")
        self.parameter_places = {} if given is None else dict(_flat(given, ""))
        self.folder_place = strict_yaml.span_at(tree, ("政策",)) if tree.get("政策") is not None else self.folder_place
        bases = tree.get("基础记录")
        for entry in self.entries(bases, "“基础记录”应逐项写“名称: {记录}”") if bases is not None else ():
            record = self.mapping(entry.value, entry.key)
            wanted = record.pop("沿用", None)
            merged = self.over_bases(wanted, record, entry.value)
            self.bases[entry.key] = _Base(merged, self.places(wanted, entry.value))
        cases = tree.get("情形")
        if cases is None and _said(tree, "情形", _FILE_KEYS):
            return None
        items = self.items(cases or tree, "没有“情形:”，或它不是列表", "每个情形以“- 名称: …”开头")
        if items is None:
            return None
        scenarios: dict[str, Scenario] = {}
        for node in items:
            scenario = self.scenario(node, folder, as_of, parameters, said)
            if scenario is not None and scenario.name in scenarios:
                message = f"两个情形都叫“{scenario.name}”"
                self.report(message, scenario.span, "改一个名称，报告里才分得清", "E663")
            elif scenario is not None:
                scenarios[scenario.name] = scenario
        return ScenarioFile(self.path, self.source, tuple(scenarios.values()))

    def folder(self, node: YamlMapping) -> Path | None:
        """The layer's folder: written, or the nearest folder around the file that holds a layer.yaml."""
        written = node.get("政策")
        if written is None:
            return next((above for above in self.path.resolve().parents if (above / "layer.yaml").is_file()), None)
        if isinstance(written, YamlScalar) and isinstance(written.value, str):
            return (self.path.parent / written.value).resolve()
        self.report("“政策”应是层的文件夹", written.span, "例如：政策: ..")
        return None

    def date(self, node: YamlMapping) -> datetime.date | None:
        written = node.get("评估日")
        if written is None:
            return None
        if isinstance(written, YamlScalar) and isinstance(written.value, str):
            with contextlib.suppress(ValueError):
                return datetime.date.fromisoformat(written.value)
        if any(each.span == written.span for each in self.found):
            # Told already that it is written in another way.
            return None
        meant = day_in(written.span.text)
        if isinstance(written, YamlSequence) and meant is not None:
            message = "评估日只写一个日期，不用方括号"
        elif meant is None and _DAY.fullmatch(written.span.text.strip("\"'")):
            message = "没有这一天"
        else:
            message = "评估日不是日期"
        self.report(message, written.span, f"写成 {meant or '2025-09-15 这样'}")
        return None

    def mapping(self, node: YamlNode | None, what: str) -> dict[str, Any]:
        if node is None or is_blank(node) or not self.group(node, f"“{what}”应逐项写“名称: 值”"):
            return {}
        misnamed = {entry.key_span.start for entry in _entries(node) if not self.named(entry)}
        kept = (entry for entry in node.entries if entry.key_span.start not in misnamed)
        return {entry.key: strict_yaml.plain(entry.value) for entry in kept}

    def text(self, node: YamlNode | None, what: str) -> str:
        if node is None:
            return ""
        if isinstance(node, YamlScalar) and node.value is not None:
            return str(node.value).strip()
        self.report(f"“{what}”应是文字", node.span)
        return ""

    # ---- records ----

    def afford(self, cells: int, span: Span) -> bool:
        """Whether the file may hold so many values more, written out; reported once where not."""
        if self.cells > MAX_CELLS:
            return False
        self.cells += cells
        if self.cells > MAX_CELLS:
            message = f"“沿用”和“份数”展开以后，全文件的值超过 {MAX_CELLS:,} 个"
            self.report(message, span, "分成几个文件，或减少份数", "E401")
        return self.cells <= MAX_CELLS

    def over_bases(self, wanted: Any, record: dict[str, Any], node: YamlNode) -> dict[str, Any]:
        """``record`` over the base records that are ``wanted`` (a name, or a list of names)."""
        merged: dict[str, Any] = {}
        for name in _names(wanted):
            if not isinstance(name, str):
                said = "“沿用”应是基础记录的名称，几份写成列表"
                self.report(said, strict_yaml.span_at(node, ("沿用",)), "例如：沿用: [甲, 乙]", "E664")
                continue
            if name in self.bases:
                base = self.bases[name]
                # The record and its places are both written out.
                if self.afford(1 + len(base.record) + len(base.places), strict_yaml.span_at(node, ("沿用",))):
                    merged |= base.record
                continue
            near = nearest(name, self.bases, findings=len(self.found))
            remedy = f"是不是“{near[0]}”？" if near else "先在“基础记录”里写这一份，再沿用"
            parts = re.split("[、，,;；]", name)
            if len(parts) > 1:
                remedy = f"几份写成列表：[{', '.join(part.strip() for part in parts)}]"
            self.report(f"前面没有叫“{name}”的基础记录", strict_yaml.span_at(node, ("沿用",)), remedy, "E664")
        return merged | record

    def places(self, wanted: Any, node: YamlNode | None) -> dict[str, Span]:
        """Where each part of a record was written, base records included; the same precedence as `over_bases`."""
        found: dict[str, Span] = {}
        if self.cells > MAX_CELLS:
            return found
        bases = (self.bases[name].places for name in _names(wanted) if isinstance(name, str) and name in self.bases)
        for places in (*bases, dict(_flat(node, "")) if node is not None else {}):
            replaced = {_first_step(path) for path in places}
            found = {path: span for path, span in found.items() if _first_step(path) not in replaced} | places
        return found

    def portfolio(self, node: YamlNode | None) -> tuple[dict[str, Any], ...] | None:
        self.members = ()
        if node is None or is_blank(node):
            return None
        items = self.items(node, "“台账”应是列表，每项一份记录", "没有别的项目写 []")
        rows: list[dict[str, Any]] = []
        places: list[dict[str, Span]] = []
        for item in items or ():
            row = self.mapping(item, "台账")
            copies = row.pop("份数", 1)
            if isinstance(copies, bool) or not isinstance(copies, int) or not 1 <= copies <= MAX_COPIES:
                self.report(f"“份数”应是 1 至 {MAX_COPIES} 的整数", strict_yaml.span_at(item, ("份数",)))
                copies = 1
            row = self.over_bases(row.pop("沿用", None), row, item)
            if self.afford(copies * (A_MEMBER + len(row)), strict_yaml.span_at(item, ("份数",))):
                rows.extend({**row, COPY: number} if copies > 1 else dict(row) for number in range(1, copies + 1))
                places.extend([{"": item.span, **self.places(None, item)}] * copies)
        self.members = tuple(places)
        return None if items is None else tuple(rows)

    # ---- one case ----

    def scenario(
        self,
        node: YamlNode,
        folder: Path | None,
        as_of: datetime.date | None,
        parameters: dict[str, Any],
        said: _Said,
    ) -> Scenario | None:
        before = len(self.found)
        if not self.group(node, "每个情形应逐行写“名称: 值”", "以“- 名称: …”开头"):
            return None
        self.keys(node, _CASE_KEYS, "E661", _CALLED)
        titled = node.get("名称")
        name = "" if is_blank(titled) else self.text(titled, "名称")
        span = strict_yaml.span_at(node, ("名称",)) if name else Span(self.source, node.span.start, node.span.start + 1)
        if is_blank(titled) and (titled is not None or not _said(node, "名称", _CASE_KEYS)):
            self.report("这个情形没有名称", span, "加一行“名称: …”，一句话说明情形")
        said = _Said(said.folder or _said(node, "政策", _CASE_KEYS), said.day or _said(node, "评估日", _CASE_KEYS))
        folder = self.folder(node) if node.get("政策") is not None else folder
        if folder is None and not said.folder:
            remedy = "在文件开头写“政策: 层的文件夹”，或把文件放进层的 scenarios 文件夹"
            self.report("不知道用哪一层的规则", span, remedy, "E665")
        as_of = self.date(node) if node.get("评估日") is not None else as_of
        if as_of is None and not said.day:
            remedy = "在文件开头或情形里写“评估日: 2025-09-15”；结果不能随运行的日子变化"
            if not self.undated:
                self.report("没有评估日", span, remedy, "E665")
            self.undated = True
        written, given, inherited = node.get("记录"), node.get("参数"), node.get("沿用")
        own = self.mapping(written, "记录")
        wanted = strict_yaml.plain(inherited) if inherited is not None else None
        record = self.over_bases(wanted, own, node)
        blocks = self.blocks(node, span)
        parameters = parameters | self.mapping(given, "参数")
        portfolio = self.portfolio(node.get("台账"))
        clauses = self.clauses(node.get("条款"))
        if len(self.found) > before or folder is None or as_of is None or self.cells > MAX_CELLS:
            return None
        return Scenario(
            name,
            clauses,
            folder,
            as_of,
            parameters,
            record,
            portfolio,
            blocks,
            self.text(node.get("说明"), "说明"),
            span,
            self.folder_place if node.get("政策") is None else strict_yaml.span_at(node, ("政策",)),
            self.parameter_places | (dict(_flat(given, "")) if given is not None else {}),
            written.span if written is not None else span,
            self.places(wanted, written),
            self.members,
        )

    def clauses(self, node: YamlNode | None) -> tuple[tuple[str, Span], ...]:
        found: list[tuple[str, Span]] = []
        for item in listed(node) if node is not None else ():
            if isinstance(item, YamlScalar) and isinstance(item.value, str):
                found.append((item.value, item.span))
            else:
                self.report("“条款”应是条款的编号或位置", item.span, "例如：条款: [JX-2-3-1]")
        return tuple(found)

    def blocks(self, node: YamlMapping, span: Span) -> tuple[Block, ...]:
        expected, layers = node.get("预期"), node.get("各层")
        before = len(self.found)
        blocks = [self.block(None, expected)] if expected is not None else []
        form = ("“各层”应逐项写“层: {预期}”", "例如：各层: {国家: {分类: 升级}}")
        for entry in self.entries(layers, *form) if layers is not None else ():
            blocks.append(self.block(entry.key, entry.value))
        told = _said(node, "预期", _CASE_KEYS) and expected is None
        if not any(block.expected for block in blocks) and len(self.found) == before and not told:
            remedy = f"加上“预期:”，可写决定的名称和：{'、'.join(EXPECTATION_KEYS)}"
            self.report("这个情形没有预期，什么也检查不了", span, remedy)
        return tuple(blocks)

    def block(self, layer: str | None, node: YamlNode) -> Block:
        expected, found = read_expectations(node)
        self.found.extend(found)
        return Block(layer, expected, node.span)


def _said(node: YamlMapping, key: str, known: tuple[str, ...]) -> bool:
    """Whether a key is written, or something that was told to stand for it."""
    return any(
        entry.key == key or (entry.key not in known and key_meant(entry.key, known, _CALLED) == key)
        for entry in node.entries
    )


def _names(wanted: Any) -> list[Any]:
    return [] if wanted is None else wanted if isinstance(wanted, list) else [wanted]


def _entries(node: YamlNode) -> Iterator[YamlEntry]:
    """Every ``name: value`` at and below ``node``, in the order written."""
    match node:
        case YamlMapping():
            for entry in node.entries:
                yield entry
                yield from _entries(entry.value)
        case YamlSequence():
            for item in node.items:
                yield from _entries(item)
        case YamlScalar():
            pass
        case _:
            assert_never(node)


def _first_step(path: str) -> str:
    return path.split(".", 1)[0].split("[", 1)[0]


def _flat(node: YamlNode, path: str) -> Iterator[tuple[str, Span]]:
    """Every value below ``node`` with its path, written as record paths are."""
    match node:
        case YamlMapping():
            for entry in node.entries:
                yield from _flat(entry.value, f"{path}.{entry.key}" if path else entry.key)
        case YamlSequence():
            for index, item in enumerate(node.items):
                yield from _flat(item, f"{path}[{index}]")
        case YamlScalar():
            pass
        case _:
            assert_never(node)
    if path:
        yield path, node.span


COPY: Final = "\x00份数"
"""Marks copies in a portfolio until the runner gives each an identity of its own; no field can be called so."""
