"""The LALR tables of ``grammar.lark``, kept as JSON beside it, and the parser that they make.

Why this exists: building the tables takes longer than reading a stack. They are part of the package, so that an
installation that nobody may write to starts as fast as any; they are data, never code.

Invariants: ``grammar.lark`` is the only grammar. Tables of another grammar, written by another minor version of Lark, or
damaged since (their digest tells), are not used: the parser is then built from the grammar. ``python -m policyrules.language.tables`` writes them anew, the
same for the same grammar; a test demands that they are up to date.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Final

import lark

from policyrules.language.keywords import ADDED
from policyrules.writing import write_file

_GRAMMAR: Final = Path(__file__).with_name("grammar.lark")
TABLES: Final = Path(__file__).with_name("grammar.json")


class EveryWord:
    """Lets the lexer accept WORD in every state: a keyword is then always a whole word, never the front of one.

    ``added``: the words of a later version of the language that were keywords where they stood, by their places, in the
    order of the text. ``first``: the text is read as the first version reads it, which knows them as names alone;
    ``noting``: the text holds such words. Whoever parses sets all three.
    """

    always_accept: ClassVar[tuple[str, ...]] = ("WORD",)

    def __init__(self) -> None:
        self.added: list[tuple[int, int]] = []
        self.first = False
        self.noting = True

    def process(self, stream: Iterator[Any]) -> Iterator[Any]:
        return self._noted(stream) if self.noting else stream

    def _noted(self, stream: Iterator[Any]) -> Iterator[Any]:
        for token in stream:
            if token.value in ADDED:
                if self.first:
                    token.type = "WORD"
                elif token.type not in _NO_KEYWORDS:
                    self.added.append((token.start_pos, token.end_pos))
            elif token.type in MARKED:
                self.added.append((token.start_pos, token.end_pos))
            yield token


_NO_KEYWORDS: Final = ("WORD", "QUOTED")
MARKED: Final = ("MODE", "LIMIT")
"""The words of a later version that the parser marks: they are keywords wherever they are marked."""


def parser(transformer: object, words: EveryWord | None = None) -> lark.Lark:
    """The parser of one declaration. ``transformer``: any object with a method for each rule; ``words`` sees its tokens."""
    grammar = _GRAMMAR.read_text(encoding="utf-8")
    tables = _kept(grammar)
    if tables is None:
        return _built(grammar, words, transformer=transformer)
    # The way of Lark's own stand-alone parsers, which stores the tables in a module instead of a file.
    load: Any = lark.Lark._load_from_dict
    made: lark.Lark = load(tables["data"], tables["memo"], transformer=transformer, postlex=words or EveryWord())
    return made


def text() -> str:
    """What ``grammar.json`` should hold."""
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    grammar = _GRAMMAR.read_text(encoding="utf-8")
    data, memo = _built(grammar).memo_serialize([TerminalDef, Rule])
    # What is no data comes with the call that loads them.
    data["options"].update(transformer=None, postlex=None)
    data["parser"]["parser"] = _in_order(data["parser"]["parser"])
    tables = json.dumps({"data": data, "memo": memo}, ensure_ascii=False, separators=(",", ":"), default=sorted)
    head = json.dumps({**_origin(grammar), "digest": _digest(tables)}, separators=(",", ":"))
    return f"{head[:-1]},{tables[1:]}\n"


def _in_order(table: dict[str, Any]) -> dict[str, Any]:
    """The parse table with its symbols numbered by name and its states as they are reached from the start; Lark numbers
    both as it meets them in a set."""
    symbols = {name: number for number, name in enumerate(sorted(table["tokens"].values()))}
    rows = {
        state: sorted((symbols[table["tokens"][symbol]], *action) for symbol, action in row.items())
        for state, row in table["states"].items()
    }
    states = {state: number for number, state in enumerate(table["start_states"].values())}
    reached = list(states)
    for state in reached:
        for _, is_reduction, target in rows[state]:
            if not is_reduction and target not in states:
                states[target] = len(states)
                reached.append(target)
    return {
        "tokens": {number: name for name, number in symbols.items()},
        "states": {
            states[state]: {symbol: (kind, to if kind else states[to]) for symbol, kind, to in rows[state]}
            for state in reached
        },
        "start_states": {name: states[state] for name, state in table["start_states"].items()},
        "end_states": {name: states[state] for name, state in table["end_states"].items()},
    }


def _built(grammar: str, words: EveryWord | None = None, **options: Any) -> lark.Lark:
    return lark.Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        maybe_placeholders=False,
        keep_all_tokens=True,
        propagate_positions=False,
        postlex=words or EveryWord(),
        **options,
    )


def _origin(grammar: str) -> dict[str, str]:
    """What the tables depend on."""
    return {"grammar": hashlib.sha256(grammar.encode()).hexdigest(), "lark": ".".join(lark.__version__.split(".")[:2])}


def _digest(tables: str) -> str:
    return hashlib.sha256(tables.encode()).hexdigest()


def _kept(grammar: str) -> dict[str, Any] | None:
    try:
        text = TABLES.read_text(encoding="utf-8")
        head, mark, rest = text.rstrip("\n").partition(',"data":')
        # Nothing of the tables is looked at before their digest is.
        if json.loads(head + "}") != {**_origin(grammar), "digest": _digest("{" + mark[1:] + rest)}:
            return None
        tables: dict[str, Any] = json.loads(text)
    # Brackets without end, as ever.
    except (OSError, ValueError, RecursionError):
        return None
    # Numbers that are keys are texts in JSON.
    table = tables["data"]["parser"]["parser"]
    table["tokens"] = _numbered(table["tokens"])
    table["states"] = {state: _numbered(row) for state, row in _numbered(table["states"]).items()}
    return tables | {"memo": _numbered(tables["memo"])}


def _numbered(entries: dict[str, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in entries.items()}


if __name__ == "__main__":
    write_file(TABLES, text().encode())
