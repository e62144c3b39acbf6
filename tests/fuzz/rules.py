"""Hostile rule texts through the whole of loading; a long runner.

    python -m tests.fuzz.rules --count 100000 --seed 1

Why this exists: whatever a rule file holds, the answer is diagnostics: no exception, no hang, no word that only a
programmer would know.

A text takes the place of a text of a small stack that uses the whole language, or stands beside it; now and then it
takes the place of a real file in the real stack. The folder is read once and texts are exchanged in memory; otherwise
decoding, parsing, checking and merging are those of `load`. What still loads is evaluated, explained and printed.
"""

from __future__ import annotations

import datetime
import itertools
import json
import re
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from random import Random

from policyrules.diagnostics import Diagnostic, render
from policyrules.engine.portfolio import Portfolio
from policyrules.interpreter import Interpreter
from policyrules.language import nodes as surface
from policyrules.language.formatting import formatted
from policyrules.language.parser import parse_source
from policyrules.language.scan import decode
from policyrules.policy import try_load
from policyrules.program import nodes as core
from policyrules.program.files import LayerFiles, read_stack
from policyrules.program.keys import CLAUSE_KINDS, KEYS
from policyrules.program.layers import Layer
from policyrules.program.lock import read_lock
from policyrules.program.stack import Stack
from policyrules.records.build import build_instance
from policyrules.source import Source, fold_characters
from policyrules.testing.build import write_layers

from . import corpus, mutate
from .running import Fault, Trial, command_line, run_trials

AS_OF = datetime.date(2025, 11, 15)
SLOWEST = 1.0
"""Seconds of processor time that one text may take."""

RECORDS: tuple[dict[str, object], ...] = (
    {},
    {
        "项目编号": "P1", "所在县": "甲县", "项目类型": "加工", "总投资": 120, "占地": 30, "建成日": "2022-03-01", "立项年度": 2020,
        "工期": 14, "利用率": "15%", "系数": "1.5", "户数": 12, "投向": ["种苗"], "标签": ["重点"], "停产": True,
        "资金": [
            {"金额": 30, "年度": 2019, "来源": "衔接资金", "内容": "大棚"},
            {"金额": 60, "年度": 2022, "来源": "其他", "内容": "大棚"},
            {"年度": 2023},
        ],
        "资产": [{"资产编号": "A1", "闲置日": "2023-01-01", "原值": 20, "设施完好": False}, {"资产编号": "A2"}],
        "县": {"县名": "甲县", "脱贫县": True},
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile text: ``data`` replaces rule file ``file`` of layer ``level``, or stands beside them (``file`` None)."""

    kind: str
    level: int
    file: int | None
    data: bytes
    real: bool = False


# ---- loading in memory ----------------------------------------------------------------------------------------------


@cache
def _parsed(source: Source) -> tuple[surface.File, tuple[Diagnostic, ...]]:
    return parse_source(source)


@cache
def _small() -> tuple[LayerFiles, ...]:
    layers = []
    for layer, texts in zip(corpus.small_layers(), corpus.SMALL, strict=True):
        sources = tuple(Source(f"{layer.id}/{index}.rules", text, layer.id) for index, text in enumerate(texts))
        layers.append(replace(layer, sources=sources))
    return tuple(layers)


@cache
def _real() -> tuple[LayerFiles, ...]:
    layers, problems = read_stack(corpus.real_folders()[-1])
    assert not problems, problems
    return layers


def load_case(case: Case) -> tuple[core.Program | None, tuple[Diagnostic, ...], tuple[surface.File, ...]]:
    """The program of the stack with the case's text in it, every diagnostic in display order, and the text's own tree."""
    stack = _real() if case.real else _small()
    source, problems = decode(case.data, "敌.rules", stack[case.level].id)
    diagnostics = list(problems)
    layers: list[Layer] = []
    own: list[surface.File] = []
    for level, files in enumerate(stack):
        parsed: list[surface.File] = []
        for index, sound in enumerate(files.sources):
            if (level, index) != (case.level, case.file):
                parsed.append(_parsed(sound)[0])
        if level == case.level and source is not None:
            file, problems = parse_source(source)
            diagnostics.extend(problems)
            parsed.append(file)
            own.append(file)
        layers.append(Layer(level, files, tuple(parsed), lock=read_lock(files.folder, files.shown)))
    checked = Stack(tuple(layers), tuple(diagnostics)).check(AS_OF)
    return checked.program if checked.sound else None, checked.diagnostics, tuple(own)


# ---- what must hold -------------------------------------------------------------------------------------------------


@cache
def known_codes() -> frozenset[str]:
    """Every code that the documentation has a paragraph for."""
    page = (corpus.ROOT / "docs" / "diagnostics.md").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^### ([EW][0-9]{3})", page, re.MULTILINE))


_LATIN = re.compile(r"[A-Za-z_][A-Za-z_]+")
# Words in Latin letters that people meet in these files anyway.
_KNOWN_LATIN = frozenset(
    [
        "UTF",
        "GB",
        "Unicode",
        "MiB",
        "NFKC",
        "Excel",
        "WPS",
        "yaml",
        "layer",
        "clauses",
        "rules",
        "lock",
        "policyrules",
        "ascii_key",
        "key",
        "project",
        "extends",
        "id",
        "level",
        "null",
        "in_force_from",
        "in_force_until",
        "nation",
        "national",
        "project_id",
        "market_benefit",
        *KEYS,
        *CLAUSE_KINDS,
    ]
)
_FORBIDDEN = ("Traceback", "Error", "expected", "object at", "None", "nodes.", "Kind.", "dataclass", "__", "\ufffc")


def check_diagnostic(diagnostic: Diagnostic, text: str, paths: frozenset[str]) -> None:
    """The diagnostic is fit for policy staff: coded, located within its file, in their words, printable."""
    if diagnostic.code not in known_codes():
        raise Fault(f"unknown code {diagnostic.code}: {diagnostic.message}")
    for span in (diagnostic.span, *(label.span for label in diagnostic.related)):
        if span is not None:
            if not 0 <= span.start <= span.end <= len(span.source.text):
                raise Fault(f"{diagnostic.code}: span {span.start}–{span.end} outside its text")
            lines = span.source.text.count("\n") + 1
            if not 1 <= span.line <= lines or span.column < 1:
                raise Fault(f"{diagnostic.code}: line {span.line} of {lines}")
    if diagnostic.span is None and not diagnostic.path:
        raise Fault(f"{diagnostic.code}: nowhere: {diagnostic.message}")
    words = " ".join((diagnostic.message, diagnostic.remedy or "", *(label.message for label in diagnostic.related)))
    if "\n" in diagnostic.message:
        raise Fault(f"{diagnostic.code}: a message of several lines: {words!r}")
    for path in paths:
        words = words.replace(path, "")
    words = re.sub(r"U\+[0-9A-F]{4,6}", "", words)
    for forbidden in _FORBIDDEN:
        if forbidden in words and forbidden not in text:
            raise Fault(f"{diagnostic.code}: {forbidden!r} in {words!r}")
    for latin in _LATIN.findall(words):
        # What no name may hold is offered with “_” in its place.
        if latin not in _KNOWN_LATIN and latin not in text and latin.replace("_", "-") not in text:
            raise Fault(f"{diagnostic.code}: {latin!r} in {words!r}")
    if len(words) > 4_000:
        raise Fault(f"{diagnostic.code}: a message of {len(words)} characters")
    rendered = render(diagnostic)
    if not rendered:
        raise Fault(f"{diagnostic.code}: renders as nothing")
    rendered.encode("utf-8", "surrogatepass")
    json.dumps(diagnostic.to_dict(), ensure_ascii=True)


def _known_text(case: Case, own: tuple[surface.File, ...]) -> str:
    stack = _real() if case.real else _small()
    texts = [source.text for files in stack for source in files.sources]
    for files in stack:
        for source in (files.clauses.source, files.manifest_source):
            texts += [source.text, source.path]
    # Messages may show names folded, and put together what spaces part.
    for file in own:
        folded = fold_characters(file.source.text)
        texts += [file.source.text, folded, unicodedata.normalize("NFKC", folded), folded.replace(" ", "")]
    return "\n".join(texts)


def check_case(case: Case, *, thorough: bool = True, seconds: float = SLOWEST) -> str:
    """Run one case; returns how it ended. Raises `Fault`, or whatever escapes from the package. ``thorough``: what loads
    is evaluated on every record, with and without the others, and explained each time; otherwise once. ``seconds``: of
    processor time that loading, and each evaluation, may take."""
    started = time.process_time()
    program, diagnostics, own = load_case(case)
    spent = time.process_time() - started
    if spent > seconds:
        raise Fault(f"loading took {spent:.2f} s")
    text = _known_text(case, own)
    paths = frozenset(diagnostic.file for diagnostic in diagnostics if diagnostic.file)
    for diagnostic in diagnostics:
        check_diagnostic(diagnostic, text, paths)
    if program is None:
        if not any(diagnostic.severity == "error" for diagnostic in diagnostics):
            raise Fault("no program and no error")
        return "refused"
    for file in own:
        _check_printing(file)
    if not case.real:
        _check_running(program, thorough, seconds)
    return "loads"


def _check_printing(file: surface.File) -> None:
    text, problems = formatted(file.source)
    if text is None:
        raise Fault(f"what parses is not formatted: {problems[0]}")
    if formatted(Source(file.source.path, text))[0] != text:
        raise Fault("formatting is not idempotent")


def _check_running(program: core.Program, thorough: bool, seconds: float) -> None:
    interpreter = Interpreter(program, "0" * 64)
    instances = []
    for record in RECORDS:
        # A mutated stack may have lost a field: what can be read of the record is evaluated.
        instance, problems = build_instance(program, record)
        for problem in problems:
            problem.to_dict()
            str(problem)
        instances.append(instance)
    for portfolio in (None, Portfolio(instances))[0 if thorough else 1 :]:
        for instance in instances if thorough else instances[-1:]:
            started = time.process_time()
            outcome = interpreter.evaluate(instance, portfolio, ())
            json.dumps(outcome.to_dict(), ensure_ascii=True)
            str(outcome.explain())
            spent = time.process_time() - started
            if spent > seconds:
                raise Fault(f"evaluating took {spent:.2f} s")


# ---- cases ----------------------------------------------------------------------------------------------------------


def make_case(random: Random, real_share: float = 0.01) -> Case:
    """A hostile text and where it stands."""
    if random.random() < real_share:
        return _real_case(random)
    level = random.randrange(len(corpus.SMALL))
    match random.randrange(24):
        case 20 | 21 | 22 | 23:
            file = 1 if level == 0 else 0
            text = corpus.SMALL[level][file]
            for _ in range(random.choice((1, 1, 2, 4))):
                text = mutate.graft(random, text)
            return Case("grafts", level, file, _bytes(random, text))
        case 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8:
            file = random.randrange(len(corpus.SMALL[level]))
            return Case(
                "small text", level, file, _bytes(random, mutate.mutate_text(random, corpus.SMALL[level][file]))
            )
        case 9 | 10 | 11:
            pieces = random.sample(corpus.declarations(), random.choice((1, 1, 2, 5)))
            return Case("declarations", level, None, _bytes(random, mutate.mutate_text(random, "".join(pieces))))
        case 12:
            pieces = random.choices(corpus.declarations(), k=random.choice((2, 6)))
            return Case("other declarations", level, None, _bytes(random, "".join(pieces)))
        case 13:
            text = mutate.mutate_text(random, random.choice(corpus.seed_texts()))
            return Case("whole file", level, None, _bytes(random, text))
        case 14 | 15:
            return Case("keywords", level, None, _bytes(random, mutate.keyword_soup(random)))
        case 16:
            return Case("characters", level, None, _bytes(random, mutate.any_characters(random)))
        case 17 | 18:
            text = random.choice((*corpus.SMALL[level], "".join(random.sample(corpus.declarations(), 3))))
            return Case("encodings", level, None, mutate.encode(random, text))
        case _:
            return Case("bytes", level, None, random.randbytes(random.randrange(2_000)))


def _real_case(random: Random) -> Case:
    stack = _real()
    level = random.randrange(len(stack))
    file = random.randrange(len(stack[level].sources))
    return Case(
        "real", level, file, _bytes(random, mutate.mutate_text(random, stack[level].sources[file].text)), real=True
    )


def _bytes(random: Random, text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def cases(seed: int, start: int = 0, real_share: float = 0.01) -> Iterator[tuple[int, Case]]:
    """Cases without end; the n-th of a seed is always the same."""
    for number in itertools.count(start):
        yield number, make_case(Random(f"{seed}:{number}"), real_share)


def load_from_disk(case: Case) -> tuple[Diagnostic, ...]:
    """The case through `try_load`, from real files; the small stack only. What it must agree with `load_case` on are the codes."""
    with tempfile.TemporaryDirectory(prefix="policyrules-") as folder:
        lowest = write_layers(Path(folder), *("".join(texts) for texts in corpus.SMALL))
        for level, texts in enumerate(corpus.SMALL):
            layer = Path(folder) / str(level)
            (layer / "rules.rules").unlink()
            for index, text in enumerate(texts):
                if (level, index) != (case.level, case.file):
                    (layer / f"{index}.rules").write_text(text, encoding="utf-8")
        (Path(folder) / str(case.level) / "敌.rules").write_bytes(case.data)
        return try_load(lowest, as_of=AS_OF)[1]


# ---- the long run ---------------------------------------------------------------------------------------------------


def _check_case(case: Case, _: Path) -> str:
    return check_case(case)


def main() -> int:
    """Reads the command line and runs."""
    parser = command_line("Hostile rule texts through loading.", 100_000)
    parser.add_argument("--real", type=float, default=0.01, help="share of cases in the real stack")
    options = parser.parse_args()
    made = cases(options.seed, options.start, options.real)
    trials = (Trial(number, case.kind, partial(_check_case, case), {"敌.rules": case.data}) for number, case in made)
    return run_trials(trials, options, 5 * SLOWEST)


if __name__ == "__main__":
    sys.exit(main())
