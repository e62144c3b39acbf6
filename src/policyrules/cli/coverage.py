"""The command ``coverage``, run: clauses and texts checked, and fingerprints written where that is asked for.

Why this exists: kept apart from the other commands because it is the only one that edits a file its user wrote.

Invariants: ``clauses.yaml`` is written only for ``--write-hashes``, in its own encoding, and only where every anchor is
sound; what is shown afterwards is read anew from the files.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from policyrules.analysis.clause_coverage import ClauseCoverage, clause_coverage
from policyrules.analysis.coverage_page import render_html
from policyrules.analysis.coverage_text import render_text
from policyrules.analysis.documents import read_document
from policyrules.analysis.hashes import hash_clauses
from policyrules.analysis.sentence_coverage import SourceCoverage, layer_of, source_coverage
from policyrules.cli.arguments import AsOf, Json, Layer, Option
from policyrules.cli.layers import load_policy, refuse_trial
from policyrules.cli.outputs import Force, check_outputs, check_suffix
from policyrules.cli.shared import FINE, FOUND, UserError, print_json
from policyrules.diagnostics import PolicyError
from policyrules.policy import Policy
from policyrules.program.files import LayerFiles
from policyrules.report.layout import Piece
from policyrules.report.terminal import Screen
from policyrules.source import Source
from policyrules.spelling import nearest
from policyrules.writing import write_file, write_files


def coverage(
    folder: Layer,
    sources: Annotated[
        list[Path] | None,
        Option(("--source",), "文件全文（.txt 或 .docx），可写多次；逐句核对", "文本", Path, many=True),
    ] = None,
    layer_id: Annotated[str | None, Option(("--layer",), "文本是哪一层的文件，如 JX；不写就由文本看出", "编号")] = None,
    html: Annotated[Path | None, Option(("--html",), "写一页网页（.html）：原文逐句对照规则", "文件", Path)] = None,
    force: Force = False,
    write_hashes: Annotated[bool, Option(("--write-hashes",), "由文本算出各条的 sha256，写入 clauses.yaml")] = False,
    everything: Annotated[bool, Option(("--all",), "已编码、已说明的也列出，并列出没有引到的话")] = False,
    as_of: AsOf = None,
    as_json: Json = False,
) -> int:
    """Show what is covered and what is not. ``layer_id``: whose text ``sources`` are, told from the texts where it is
    None."""
    screen = Screen(quiet=as_json)
    sources = sources or []
    _check_options(sources, layer_id, html, write_hashes)
    if html is not None:
        check_suffix("--html", html, (".html", ".htm"))
    policy = load_policy(folder, as_of, None, screen)
    refuse_trial(policy)
    read = [read_source(path, screen) for path in sources]
    layers = [_layer(policy, source, layer_id) for source in read]
    pages = [] if html is None else _pages(html, [layer.id for layer in layers])
    check_outputs(pages, sources, force)
    written: list[str] = []
    unwritten = False
    if write_hashes:
        for source, layer in zip(read, layers, strict=True):
            path = _write_hashes(layer, source, screen)
            unwritten = unwritten or path is None
            written += [path] if path else []
        if written:
            policy = load_policy(folder, as_of, None, Screen(quiet=True))
    found = clause_coverage(policy)
    texts = [source_coverage(source, policy, layer.id) for source, layer in zip(read, layers, strict=True)]
    bad = unwritten or bool(found.uncovered) or any(not text.complete for text in texts)
    write_files((page, render_html(text).encode()) for page, text in zip(pages, texts, strict=bool(pages)))
    for page in pages:
        screen.say(f"对照页已写到 {page}", style="good")
    if as_json:
        data: dict[str, object] = {"ok": not bad, "clauses": found.to_dict()}
        data["sources"] = [text.to_dict() for text in texts]
        print_json(data | ({"written": written} if write_hashes else {}))
    else:
        parts: Sequence[ClauseCoverage | SourceCoverage] = texts or [found]
        for part in parts:
            screen.show([(Piece(line),) for line in render_text(part, everything).split("\n")])
    return FOUND if bad else FINE


def _pages(html: Path, ids: Sequence[str]) -> list[Path]:
    """A page for each text: the second and later ones are told apart by their layer, and by a number where it has several."""
    names = [f"{html.stem}-{one}" for one in ids]
    names = [f"{name}-{number}" if name in names[1:number] else name for number, name in enumerate(names)]
    return [html, *(html.with_name(f"{name}{html.suffix}") for name in names[1:])]


def _check_options(sources: Sequence[Path], layer_id: str | None, html: Path | None, write_hashes: bool) -> None:
    if sources:
        return
    if html is not None:
        raise UserError("--html 要和 --source 一起用：对照页把原文逐句摆出来")
    if write_hashes:
        raise UserError("--write-hashes 要和 --source 一起用：文本指纹由原文算出")
    if layer_id is not None:
        raise UserError("--layer 要和 --source 一起用：它说明原文是哪一层的文件")


def read_source(path: Path, screen: Screen) -> Source:
    """The text of a document; what a reader must know of it is said. Raises `PolicyError` where it cannot be read."""
    source, diagnostics, notes = read_document(path, path.as_posix())
    if source is None:
        raise PolicyError(diagnostics)
    screen.say(*(f"{path.name}：{note}" for note in notes), style="quiet")
    return source


def _layer(policy: Policy, source: Source, layer_id: str | None) -> LayerFiles:
    """The layer whose text ``source`` is."""
    if layer_id is None:
        return layer_of(source, policy.layers)
    layers = {layer.id: layer for layer in policy.layers}
    if layer_id not in layers:
        near = nearest(layer_id, layers)
        known = f"是不是 {near[0]}？" if near else f"可写：{'、'.join(layers)}"
        raise UserError(f"没有编号为“{layer_id}”的层，{known}")
    return layers[layer_id]


def _write_hashes(layer: LayerFiles, source: Source, screen: Screen) -> str | None:
    """Write the fingerprints of one layer and say what changed: the file as people type it, "" where all were right,
    None where the text leaves it in doubt what a clause is."""
    table = layer.clauses
    hashed = hash_clauses(table, source)
    if hashed.text is None:
        if not hashed.diagnostics:
            raise UserError(f"{table.source.path} 的排法特殊，没有把握改对，没有写入；每条逐行写“名称: 值”，再运行一次")
        places = "、".join(dict.fromkeys(one.code for one in hashed.diagnostics))
        screen.say(f"没有写入文本指纹：先改好下面列出的起止字样（{places}）", style="bad")
        return None
    if hashed.text == table.source.text:
        screen.say(f"{table.source.path} 里的文本指纹都与原文一致，没有改动", style="good")
        return ""
    path = layer.folder / "clauses.yaml"
    write_file(path, _encoded(hashed.text, path.read_bytes()))
    said = [f"新登记 {len(hashed.added)} 条"] if hashed.added else []
    if hashed.changed:
        said.append(f"改动 {len(hashed.changed)} 条：{'、'.join(f'【{clause.place}】' for clause in hashed.changed)}")
    screen.say(f"文本指纹已写入 {table.source.path}：{'；'.join(said)}", style="good")
    return table.source.path


def _encoded(text: str, before: bytes) -> bytes:
    """``text`` in the encoding of the file as it was."""
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    try:
        before.decode("utf-8")
    except UnicodeDecodeError:
        return text.encode("gb18030")
    return mark + text.encode("utf-8")
