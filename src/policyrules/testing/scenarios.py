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

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, assert_never

from policyrules.diagnostics import Diagnostic
from policyrules.program import strict_yaml
from policyrules.program.strict_yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence
from policyrules.source import Source, Span
from policyrules.spelling import nearest
from policyrules.testing.expectations import EXPECTATION_KEYS, Expected, read_expectations

MAX_COPIES: Final = 10_000

_FILE_KEYS = ("政策", "评估日", "参数", "说明", "基础记录", "情形")
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

    ``places``: where each part of the record was written, by path (``资产[0].闲置起始日``).
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
    parameter_span: Span = field(compare=False, repr=False)
    record_span: Span = field(compare=False, repr=False)
    places: dict[str, Span] = field(compare=False, repr=False)


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
        content = path.read_bytes()
    except OSError as error:
        return None, (Diagnostic("E660", f"情形文件读不出来：{error_text(error)}", path=name),)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            found = Diagnostic("E660", "情形文件不是文本：既不是 UTF-8，也不是 GB 18030", path=name)
            return None, (found,)
    return read(Source(name, text.replace("\r\n", "\n")), path)


def error_text(error: OSError) -> str:
    """Why a file cannot be opened, in Chinese."""
    match error:
        case FileNotFoundError():
            return "没有这个文件或文件夹"
        case PermissionError():
            return "没有权限"
        case IsADirectoryError():
            return "这是文件夹，不是文件"
        case NotADirectoryError():
            return "路径里有一段不是文件夹"
        case FileExistsError():
            return "已经有同名的文件"
        case _:
            return error.strerror or "读写失败"


def read(source: Source, path: Path) -> tuple[ScenarioFile | None, tuple[Diagnostic, ...]]:
    """The scenarios of a text that stands (or would stand) at ``path``."""
    tree, found = strict_yaml.read(source)
    if tree is None:
        return None, found
    reader = _Reader(source, path, list(found))
    file = reader.file(tree)
    return file, tuple(reader.diagnostics)


@dataclass(slots=True)
class _Reader:
    source: Source
    path: Path
    diagnostics: list[Diagnostic]
    bases: dict[str, dict[str, Any]] = field(default_factory=dict)
    base_places: dict[str, dict[str, Span]] = field(default_factory=dict)

    def report(self, code: str, message: str, span: Span, remedy: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, remedy=remedy))

    # ---- the file ----

    def file(self, tree: YamlNode) -> ScenarioFile | None:
        if not isinstance(tree, YamlMapping):
            self.report("E661", "情形文件应逐行写“名称: 值”", tree.span, "开头写“评估日: 2025-09-15”，下面写“情形:”")
            return None
        self.check_keys(tree, _FILE_KEYS)
        folder = self.folder(tree)
        as_of = self.date(tree)
        parameters = self.mapping(tree.get("参数"), "参数")
        bases = tree.get("基础记录")
        if bases is not None:
            self.read_bases(bases)
        cases = tree.get("情形")
        if not isinstance(cases, YamlSequence):
            self.report(
                "E662", "没有“情形:”，或它不是列表", cases.span if cases else tree.span, "每个情形以“- 名称: …”开头"
            )
            return None
        scenarios: list[Scenario] = []
        names: dict[str, Span] = {}
        for node in cases.items:
            scenario = self.scenario(node, folder, as_of, parameters)
            if scenario is None:
                continue
            if scenario.name in names:
                self.report("E663", f"两个情形都叫“{scenario.name}”", scenario.span, "改一个名称，报告里才分得清")
                continue
            names[scenario.name] = scenario.span
            scenarios.append(scenario)
        return ScenarioFile(self.path, self.source, tuple(scenarios))

    def check_keys(self, node: YamlMapping, known: tuple[str, ...]) -> None:
        for entry in node.entries:
            if entry.key not in known:
                near = nearest(entry.key, known)
                remedy = f"是不是“{near[0]}”？" if near else f"可写：{'、'.join(known)}"
                self.report("E661", f"不认识“{entry.key}”", entry.key_span, remedy)

    def folder(self, node: YamlMapping) -> Path | None:
        """The layer's folder: written, or the nearest folder around the file that holds a layer.yaml."""
        written = node.get("政策")
        if written is not None:
            if isinstance(written, YamlScalar) and isinstance(written.value, str):
                return (self.path.parent / written.value).resolve()
            self.report("E662", "“政策”应是层的文件夹", written.span, "例如：政策: ..")
            return None
        for parent in self.path.resolve().parents:
            if (parent / "layer.yaml").is_file():
                return parent
        return None

    def date(self, node: YamlMapping) -> datetime.date | None:
        written = node.get("评估日")
        if written is None:
            return None
        if isinstance(written, YamlScalar) and isinstance(written.value, str):
            try:
                return datetime.date.fromisoformat(written.value)
            except ValueError:
                pass
        self.report("E662", "评估日不是日期", written.span, "写成 2025-09-15 这样")
        return None

    def mapping(self, node: YamlNode | None, what: str) -> dict[str, Any]:
        if node is None or (isinstance(node, YamlScalar) and node.value is None):
            return {}
        if isinstance(node, YamlMapping):
            value = strict_yaml.plain(node)
            assert isinstance(value, dict)
            return dict(value)
        self.report("E662", f"“{what}”应逐项写“名称: 值”", node.span)
        return {}

    def text(self, node: YamlNode | None, what: str) -> str:
        if node is None:
            return ""
        if isinstance(node, YamlScalar) and node.value is not None:
            return str(node.value).strip()
        self.report("E662", f"“{what}”应是文字", node.span)
        return ""

    # ---- records ----

    def read_bases(self, node: YamlNode) -> None:
        if not isinstance(node, YamlMapping):
            self.report("E662", "“基础记录”应逐项写“名称: {记录}”", node.span)
            return
        for entry in node.entries:
            record = self.mapping(entry.value, entry.key)
            wanted = record.get("沿用")
            self.bases[entry.key] = self.built(record, entry.value)
            self.base_places[entry.key] = self.places(wanted, entry.value)

    def built(self, record: dict[str, Any], node: YamlNode) -> dict[str, Any]:
        """``record`` over the base records it names in 沿用."""
        wanted = record.pop("沿用", None)
        return self.over_bases(wanted, record, node)

    def over_bases(self, wanted: Any, record: dict[str, Any], node: YamlNode) -> dict[str, Any]:
        names = [] if wanted is None else wanted if isinstance(wanted, list) else [wanted]
        merged: dict[str, Any] = {}
        for name in names:
            if not isinstance(name, str) or name not in self.bases:
                near = nearest(str(name), self.bases)
                remedy = f"是不是“{near[0]}”？" if near else "先在“基础记录”里写这一份，再沿用"
                span = node.span
                if isinstance(node, YamlMapping):
                    written = node.get("沿用")
                    span = written.span if written is not None else span
                self.report("E664", f"前面没有叫“{name}”的基础记录", span, remedy)
                continue
            merged.update(self.bases[name])
        merged.update(record)
        return merged

    def places(self, wanted: Any, node: YamlNode | None) -> dict[str, Span]:
        """Where each part of a record was written, base records included; the same precedence as `over_bases`."""
        found: dict[str, Span] = {}
        names = wanted if isinstance(wanted, list) else [wanted]
        written = [self.base_places[name] for name in names if isinstance(name, str) and name in self.base_places]
        for places in [*written, dict(_flat(node, "")) if node is not None else {}]:
            replaced = {path.split(".", 1)[0].split("[", 1)[0] for path in places}
            found = {p: s for p, s in found.items() if p.split(".", 1)[0].split("[", 1)[0] not in replaced}
            found.update(places)
        return found

    def portfolio(self, node: YamlNode | None) -> tuple[dict[str, Any], ...] | None:
        if node is None or (isinstance(node, YamlScalar) and node.value is None):
            return None
        if not isinstance(node, YamlSequence):
            self.report("E662", "“台账”应是列表，每项一份记录", node.span, "没有别的项目写 []")
            return None
        rows: list[dict[str, Any]] = []
        for item in node.items:
            row = self.mapping(item, "台账")
            copies = row.pop("份数", 1)
            if isinstance(copies, bool) or not isinstance(copies, int) or not 1 <= copies <= MAX_COPIES:
                self.report("E662", f"“份数”应是 1 至 {MAX_COPIES} 的整数", strict_yaml.span_at(item, ("份数",)))
                copies = 1
            row = self.built(row, item)
            rows.extend({**row, COPY: number} if copies > 1 else dict(row) for number in range(1, copies + 1))
        return tuple(rows)

    # ---- one case ----

    def scenario(
        self, node: YamlNode, folder: Path | None, as_of: datetime.date | None, parameters: dict[str, Any]
    ) -> Scenario | None:
        if not isinstance(node, YamlMapping):
            self.report("E662", "每个情形应逐行写“名称: 值”", node.span, "以“- 名称: …”开头")
            return None
        before = len(self.diagnostics)
        self.check_keys(node, _CASE_KEYS)
        name = self.text(node.get("名称"), "名称")
        span = strict_yaml.span_at(node, ("名称",)) if name else Span(self.source, node.span.start, node.span.start + 1)
        if not name:
            self.report("E662", "这个情形没有名称", span, "加一行“名称: …”，一句话说明情形")
        folder = self.folder(node) if node.get("政策") is not None else folder
        if folder is None:
            self.report(
                "E665",
                "不知道用哪一层的规则",
                span,
                "在文件开头写“政策: 层的文件夹”，或把文件放进层的 scenarios 文件夹",
            )
        as_of = self.date(node) if node.get("评估日") is not None else as_of
        if as_of is None:
            self.report(
                "E665", "没有评估日", span, "在文件开头或情形里写“评估日: 2025-09-15”；结果不能随运行的日子变化"
            )
        own = self.mapping(node.get("记录"), "记录")
        inherited = node.get("沿用")
        wanted = strict_yaml.plain(inherited) if inherited is not None else None
        record = self.over_bases(wanted, own, node)
        blocks = self.blocks(node, span)
        scenario_parameters = {**parameters, **self.mapping(node.get("参数"), "参数")}
        portfolio = self.portfolio(node.get("台账"))
        clauses = self.clauses(node.get("条款"))
        if len(self.diagnostics) > before or folder is None or as_of is None:
            return None
        written = node.get("记录")
        given = node.get("参数")
        return Scenario(
            name,
            clauses,
            folder,
            as_of,
            scenario_parameters,
            record,
            portfolio,
            blocks,
            self.text(node.get("说明"), "说明"),
            span,
            given.span if given is not None else span,
            written.span if written is not None else span,
            self.places(wanted, written),
        )

    def clauses(self, node: YamlNode | None) -> tuple[tuple[str, Span], ...]:
        if node is None:
            return ()
        items = node.items if isinstance(node, YamlSequence) else (node,)
        found: list[tuple[str, Span]] = []
        for item in items:
            if isinstance(item, YamlScalar) and isinstance(item.value, str):
                found.append((item.value, item.span))
            else:
                self.report("E662", "“条款”应是条款的编号或位置", item.span, "例如：条款: [JX-2-3-shengji-1]")
        return tuple(found)

    def blocks(self, node: YamlMapping, span: Span) -> tuple[Block, ...]:
        blocks: list[Block] = []
        expected = node.get("预期")
        if expected is not None:
            blocks.append(self.block(None, expected))
        layers = node.get("各层")
        if isinstance(layers, YamlMapping):
            blocks.extend(self.block(entry.key, entry.value) for entry in layers.entries)
        elif layers is not None:
            self.report("E662", "“各层”应逐项写“层: {预期}”", layers.span, "例如：各层: {国家: {分类: 升级}}")
        if not any(block.expected for block in blocks):
            self.report(
                "E662",
                "这个情形没有预期，什么也检查不了",
                span,
                f"加上“预期:”，可写决定的名称和：{'、'.join(EXPECTATION_KEYS)}",
            )
        return tuple(blocks)

    def block(self, layer: str | None, node: YamlNode) -> Block:
        expected, found = read_expectations(node)
        self.diagnostics.extend(found)
        return Block(layer, expected, node.span)


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
