"""Which version of the rule language a layer is written in, where ``layer.yaml`` says so.

Why this exists: a word that came with a later version may be a name in an older text. Without ``language`` both stand side
by side, for keywords are keywords only where no name could stand; a layer that states its version is held to it, so that
an older program can read it, or so that its own words are not mistaken for words of the language.

Invariant: a version is about one layer's own files; what the layers above it use is theirs to state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Final

from policyrules.diagnostics import Diagnostic, Label
from policyrules.language import nodes as surface
from policyrules.language import walk
from policyrules.language.expressions import Days, Name, Ref, SetLiteral
from policyrules.language.keywords import ADDED, KEYWORDS, LIMITS, RESERVED
from policyrules.program.layers import Layer
from policyrules.program.naming import MARK
from policyrules.program.symbols import Symbols
from policyrules.source import Span
from policyrules.text import cut, one_line


def later_words(layer: Layer, symbols: Symbols) -> Iterator[Diagnostic]:
    """What of the layer's files the version it states does not allow: words of a later one as keywords, and names that are
    words of its own."""
    version = layer.files.manifest.language
    if version is None or not ADDED:
        return
    said = f"第 {version} 版"
    stated = Label(layer.files.manifest_span("language"), f"这里写明是{said}")
    for file in layer.parsed:
        for word in (*file.added, *_reserved(file, symbols)):
            if ADDED[word.text] > version:
                message = f"“{word.text}”是规则语言第 {ADDED[word.text]} 版的词，本层写明用{said}"
                remedy = f"把 layer.yaml 的 {layer.files.manifest_key('language')} 改为 {ADDED[word.text]}"
                yield Diagnostic("E160", message, word.span, remedy=remedy, related=(stated,))
        for span in _constructs(file) if version < _CONSTRUCTS else ():
            message = f"“{cut(one_line(span.text), 40)}”是规则语言第 {_CONSTRUCTS} 版的写法，本层写明用{said}"
            remedy = f"把 layer.yaml 的 {layer.files.manifest_key('language')} 改为 {_CONSTRUCTS}"
            yield Diagnostic("E160", message, span, remedy=remedy, related=(stated,))
        for kind, name in _declared(file):
            if ADDED.get(name.text, version + 1) <= version:
                what = KEYWORDS.get(name.text) or RESERVED.get(name.text, "")
                about = f"（{what}）" if what else ""
                message = f"“{name.text}”是规则语言第 {ADDED[name.text]} 版的词{about}，不能作“{kind}”的名称"
                yield Diagnostic("E111", message, name.span, remedy="换一个名称", related=(stated,))


_CONSTRUCTS: Final = 2


def _constructs(file: surface.File) -> Iterator[Span]:
    """What version 2 reads and version 1 does not, though no word of it need be new: amounts, names with their document or
    table, stretches of days, what a list does not mean, which way is stricter. Only the words of tables are
    looked at, which none does without."""
    for node in file.declarations:
        if isinstance(node, surface.DecisionDecl) and node.mode in ("单值", "累计"):
            yield next(clause.span for clause in node.written.clauses if clause.keyword.text == "type")
        names = [node.written.name] if isinstance(node, surface.AmendmentDecl | surface.ExtensionDecl) else []
        yield from (name.span for name in names if MARK in name.text)
        if not isinstance(node, surface.TableDecl):
            for clause in node.written.clauses:
                if clause.keyword.text == "授权" and isinstance(clause.body, tuple) and len(clause.body) > 1:
                    yield clause.span
                elif clause.keyword.text in LIMITS:
                    yield clause.keyword.span
                yield from _within(clause.body)


def _within(item: object) -> Iterator[Span]:
    match item:
        case Days(span=span):
            yield span
        case SetLiteral(without=(first, *_)):
            yield first.span
        case surface.Conclusion(amount=amount) if amount is not None:
            yield amount.span
        case Name(text=text, span=span) if MARK in text:
            yield span
        case tuple():
            for part in item:
                yield from _within(part)
        case _ if is_dataclass(item) and not isinstance(item, Span | type):
            for one in fields(item):
                yield from _within(getattr(item, one.name))


def _declared(file: surface.File) -> Iterator[tuple[str, Name]]:
    """What the file declares, each with the word that declares it."""
    for node in file.declarations:
        if isinstance(node, surface.ObjectDecl):
            yield from ((field.kind, field.name) for field in node.fields)
        if not isinstance(node, surface.AmendmentDecl | surface.ExtensionDecl | surface.SettingDecl):
            yield node.written.keyword.text, node.name


def _reserved(file: surface.File, symbols: Symbols) -> Iterator[Name]:
    """Names that a later version gives a meaning of its own, where the stack declares nothing of that name."""
    words = {word for word in ADDED if word in RESERVED and not symbols.declares(word)}
    if not words:
        return
    for node in file.declarations:
        for expression in walk.expressions(node.written.clauses):
            for part in walk.walk(expression):
                if isinstance(part, Ref) and len(part.parts) == 1 and part.parts[0].text in words:
                    yield part.parts[0]
