"""How the layers of a stack, and the documents they are, are called.

Why this exists: headings, columns and citations name a layer in a word or two (国家, 江西省), and a citation that goes to
another office names the document (农规发〔2024〕26号). Two documents of one level must not come out under one name.

Invariant: within a stack no two layers are called alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from policyrules.program.manifest import LONGEST_SHORT, LayerManifest
from policyrules.text import cut


def layer_names(layers: Sequence[LayerManifest]) -> dict[str, str]:
    """What each layer is called in a heading, by its id: 国家, or the region it speaks for; where two would be called alike
    its 简称, else its number, else its title."""
    plain = {layer.id: _place(layer) for layer in layers}
    shared = _shared(plain)
    names = {
        layer.id: (layer.short or layer.document_number or cut(layer.title, LONGEST_SHORT))
        if plain[layer.id] in shared
        else plain[layer.id]
        for layer in layers
    }
    return _told_apart(names)


def document_names(layers: Sequence[LayerManifest]) -> dict[str, str]:
    """What the document of each layer is called in a letter, by the layer's id: its number, else its 简称, else its title."""
    return _told_apart({layer.id: layer.document_number or layer.short or f"《{layer.title}》" for layer in layers})


def citing_names(layers: Sequence[LayerManifest]) -> dict[str, str]:
    """What a clause of each layer is cited by, by the layer's id: the number of its document, else its 简称; a title is too
    long to be said again and again, and the name of the layer stands in its place."""
    names = layer_names(layers)
    return _told_apart({layer.id: layer.document_number or layer.short or names[layer.id] for layer in layers})


def _place(layer: LayerManifest) -> str:
    return "国家" if layer.level == "国家" or not layer.region else layer.region


def _shared(names: dict[str, str]) -> set[str]:
    return {name for name, count in Counter(names.values()).items() if count > 1}


def _told_apart(names: dict[str, str]) -> dict[str, str]:
    shared = _shared(names)
    return {key: f"{name}（{key}）" if name in shared else name for key, name in names.items()}
