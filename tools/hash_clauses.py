"""Fingerprint the clauses of one layer against the official text.

Every clause of a ``clauses.yaml`` names the stretch of the document it stands for by two short
anchors, ``starts`` and ``ends``, and pins that stretch by the SHA-256 of its normalised text. This
script computes the pins, so that nobody types them, and checks what the anchors promise:

* ``starts`` occurs exactly once in the document, and ``ends`` occurs at or after it;
* clauses stand in the order of the document and do not overlap;
* together they cover the whole body: between two clauses only headings are left over, before the
  first and after the last no sentence.

Usage::

    python tools/hash_clauses.py SOURCE.txt CLAUSES.yaml           # rewrite the sha256 values
    python tools/hash_clauses.py SOURCE.txt CLAUSES.yaml --check   # change nothing, only report

Rewriting replaces the sha256 values and no other character, and happens only when the anchors are
sound. The exit status is 0 when all is well and 1 when problems were printed.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import yaml

_SAME_MARK = str.maketrans(dict.fromkeys("“”「」『』", '"') | {"*": ""})

# What may stand between two clauses: a chapter heading, an article heading, or one after the other.
_NUMERAL = "[一二三四五六七八九十]+"
_HEADINGS = re.compile(rf"(?:{_NUMERAL}、[^，。；：（]+)?(?:（{_NUMERAL}）[^，。；：]+。)?")


@dataclass(frozen=True, slots=True)
class Clause:
    """One entry of ``clauses.yaml``, with the place of its sha256 value in the file's text."""

    id: str
    starts: str
    ends: str
    sha256: str
    sha256_from: int
    sha256_to: int


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch ``start:stop`` of the normalised document that a clause stands for."""

    clause: Clause
    start: int
    stop: int


def normalise(text: str) -> str:
    """Return ``text`` as quotes and hashes see it.

    White space and Markdown stars disappear, and all quote marks become one.

    >>> normalise(" **优化政策 支持。** “四个一批”")
    '优化政策支持。"四个一批"'
    """
    return "".join(text.translate(_SAME_MARK).split())


def fingerprint(normalised: str) -> str:
    """Return the hex SHA-256 of the UTF-8 bytes of a normalised text."""
    return hashlib.sha256(normalised.encode("utf-8")).hexdigest()


def read_clauses(text: str) -> list[Clause]:
    """Return the clauses of a ``clauses.yaml`` in file order.

    Raises ``ValueError`` when the file has no list ``clauses``, or an entry lacks one of the four
    values this script works with.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    listed = _entries(root).get("clauses") if root is not None else None
    if not isinstance(listed, yaml.SequenceNode):
        raise ValueError("the file has no list named clauses")
    return [_clause(node) for node in listed.value]


def _entries(node: yaml.Node) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise ValueError(f"line {node.start_mark.line + 1}: a mapping was expected")
    return {key.value: value for key, value in node.value}


def _clause(node: yaml.Node) -> Clause:
    entries = _entries(node)
    values: dict[str, str] = {}
    for key in ("id", "starts", "ends", "sha256"):
        value = entries.get(key)
        if not isinstance(value, yaml.ScalarNode) or not value.value:
            raise ValueError(f"line {node.start_mark.line + 1}: the clause has no {key}")
        values[key] = value.value
    pin = entries["sha256"]
    return Clause(**values, sha256_from=pin.start_mark.index, sha256_to=pin.end_mark.index)


def locate(clauses: Sequence[Clause], document: str) -> tuple[list[Span], list[str]]:
    """Find the stretch of the normalised ``document`` each clause stands for.

    Returns the spans found, in the order of ``clauses``, and a problem for every anchor that is
    missing or ambiguous.
    """
    spans: list[Span] = []
    problems: list[str] = []
    for clause in clauses:
        starts, ends = normalise(clause.starts), normalise(clause.ends)
        start = document.find(starts)
        if start < 0:
            problems.append(f"{clause.id}: starts “{clause.starts}” is not in the document")
            continue
        if document.find(starts, start + 1) >= 0:
            problems.append(f"{clause.id}: starts “{clause.starts}” occurs more than once")
        end = document.find(ends, start)
        if end < 0:
            problems.append(f"{clause.id}: ends “{clause.ends}” does not follow its starts")
            continue
        spans.append(Span(clause, start, end + len(ends)))
    return spans, problems


def check_tiling(spans: Sequence[Span], document: str) -> list[str]:
    """Report clauses out of order or overlapping, and text that no clause covers."""
    if not spans:
        return ["no clause was found in the document"]
    problems: list[str] = []
    for before, after in pairwise(spans):
        gap = document[before.stop : after.start]
        if after.start < before.stop:
            problems.append(f"{after.clause.id}: begins before {before.clause.id} ends")
        elif not _HEADINGS.fullmatch(gap):
            problems.append(f"{after.clause.id}: “{gap}” before it is left over")
    for where, rest in (
        ("before the first clause", document[: spans[0].start]),
        ("after the last clause", document[spans[-1].stop :]),
    ):
        if "。" in rest:
            problems.append(f"{where}: “{rest}” is left over")
    return problems


def check_fingerprints(spans: Sequence[Span], document: str) -> list[str]:
    """Report every clause whose sha256 is not that of its text."""
    return [
        f"{span.clause.id}: sha256 is not that of its text"
        for span in spans
        if span.clause.sha256 != fingerprint(document[span.start : span.stop])
    ]


def rewrite(text: str, spans: Sequence[Span], document: str) -> str:
    """Return the file's ``text`` with the sha256 value of every span's clause computed anew."""
    pieces: list[str] = []
    done = 0
    for span in spans:
        pieces.append(text[done : span.clause.sha256_from])
        pieces.append(f'"{fingerprint(document[span.start : span.stop])}"')
        done = span.clause.sha256_to
    return "".join(pieces) + text[done:]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Fingerprint the clauses of one layer.")
    parser.add_argument("source", type=Path, help="the official text, UTF-8")
    parser.add_argument("clauses", type=Path, help="the layer's clauses.yaml")
    parser.add_argument("--check", action="store_true", help="change nothing, only report")
    options = parser.parse_args(arguments)

    document = normalise(options.source.read_text(encoding="utf-8"))
    text = options.clauses.read_text(encoding="utf-8")
    try:
        clauses = read_clauses(text)
    except (ValueError, yaml.YAMLError) as error:
        print(f"{options.clauses}: {error}", file=sys.stderr)
        return 1

    spans, problems = locate(clauses, document)
    problems += check_tiling(spans, document)
    if options.check:
        problems += check_fingerprints(spans, document)
    elif not problems:
        options.clauses.write_text(rewrite(text, spans, document), encoding="utf-8")
    for problem in problems:
        print(f"{options.clauses}: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
