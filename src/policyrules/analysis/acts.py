"""Provisions as people read them: who does what to what, where it stands, and in which words.

Why this exists: an act by which two programs differ (`analysis.atoms`) has a declaration, a place and words; reports and JSON tell
it as one provision of a layer.

Invariants: a provision is told by what it is, not by which change it was found for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policyrules.analysis.atoms import Atom
from policyrules.program import nodes as core
from policyrules.text import cut

_LONGEST_TEXT: Final = 60


@dataclass(frozen=True, slots=True)
class Provision:
    """One provision.

    ``operation``: what it does (还须, 规则, 停用, 设定, 推定, 改 ...); ``name``: to what; ``place``: where it stands
    (file:line); ``text``: its words in the rule file, in one line; of 设定 and 改 the words before and after.
    """

    layer: str
    operation: str
    name: str
    clauses: tuple[str, ...]
    citations: tuple[core.Citation, ...]
    place: str
    text: str

    def to_dict(self) -> dict[str, object]:
        """Plain JSON with stable keys."""
        return {
            "layer": self.layer,
            "operation": self.operation,
            "name": self.name,
            "clauses": list(self.clauses),
            "place": self.place,
            "text": self.text,
        }


def provision_of(atom: Atom) -> Provision:
    """The provision that an act is."""
    origin = atom.origin
    return Provision(
        origin.layer,
        atom.operation,
        atom.name if atom.operation in ("停用", "失效") else origin.name,
        tuple(dict.fromkeys(citation.clause for citation in origin.citations)),
        origin.citations,
        origin.span.place,
        act_words(atom.operation, atom.old, atom.new),
    )


def act_words(operation: str, old: str, new: str) -> str:
    """The words of an act in one line, cut where they are long; '' of what its name says already.

    >>> act_words("设定", "未定", "5 个"), act_words("改", "户数 ≥ 5 户", ""), act_words("规则", "", "规则 甲")
    ('未定 → 5 个', '去掉 户数 ≥ 5 户', '')
    """
    long = new
    old, new = (cut(one, _LONGEST_TEXT) for one in (old, new))
    match operation:
        case "规则" | "补充规则" | "义务" | "禁令" | "提示" | "停用" | "失效" | "去掉":
            return ""
        case "设定":
            return f"{old} → {new}"
        case "推定":
            return cut(long, 2 * _LONGEST_TEXT) or f"去掉 {old}"
        case "先后":
            return f"先后 {new}" if new else f"去掉先后 {old}"
        case "改":
            return f"{old} 改为 {new}" if old and new else f"加上 {new}" if new else f"去掉 {old}"
        case _:
            return new or old
