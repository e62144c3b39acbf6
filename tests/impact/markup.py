"""A page as it was written: its elements, checked for nesting, with what each holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"br", "input", "meta", "wbr"})
CLOSED_BY = {
    **{"td": {"td", "th", "tr"}, "th": {"td", "th", "tr"}, "tr": {"tr"}},
    **{"li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "option": {"option"}},
}
"""Which begin tags end a cell, a row or an item that was left open; HTML lets these stand open."""
ENDS = {"table", "tbody", "thead", "tr", "ul", "ol", "dl", "select"}


@dataclass(slots=True)
class Element:
    name: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, name: str, **attributes: str) -> list[Element]:
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [
            one
            for one in self.walk()
            if one.name == name and all(one.attributes.get(key) == value for key, value in wanted.items())
        ]

    @property
    def text(self) -> str:
        if self.name in ("script", "style"):
            return ""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def raw(self) -> str:
        return "".join(child for child in self.children if isinstance(child, str))


class Page(HTMLParser):
    """The elements of a page; an end tag that ends nothing, or something else, is an `AssertionError`."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]
        self.feed(text)
        self.close()
        assert self.open == [self.root], [one.name for one in self.open]

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        keys = [key for key, _ in attributes]
        assert len(keys) == len(set(keys)), (name, keys)
        while name in CLOSED_BY.get(self.open[-1].name, ()):
            self.open.pop()
        element = Element(name, dict(attributes))
        self.open[-1].children.append(element)
        if name not in VOID:
            self.open.append(element)

    def handle_startendtag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(name, dict(attributes)))

    def handle_endtag(self, name: str) -> None:
        while name in ENDS and self.open[-1].name in CLOSED_BY and self.open[-1].name != name:
            self.open.pop()
        assert self.open[-1].name == name, f"</{name}> within {[one.name for one in self.open]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def rows(element: Element) -> list[list[str]]:
    """The texts of all cells of a table, row by row."""
    return [
        [cell.text.strip("\n") for cell in row.children if isinstance(cell, Element) and cell.name in ("td", "th")]
        for row in element.all("tr")
    ]
