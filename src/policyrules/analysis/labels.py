"""What layers, documents, dates and the sides of a comparison are called, in a word or two.

Why this exists: pages, workbooks and typed results name the same things, and name them alike.

Invariant: evaluates nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from policyrules.policy import Policy
from policyrules.program.titles import citing_names, document_names, layer_names
from policyrules.types import date_text


def label_of(layer: str, policy: Policy) -> str:
    """How the layer with this id is called in a word: 国家, 江西省, or its 简称 where another layer of the stack would be
    called alike; the id where the stack has none such."""
    return layer_names([found.manifest for found in policy.layers]).get(layer, layer)


def document_of(layer: str, policy: Policy) -> str:
    """How the document of the layer with this id is called; the id where the stack has none such."""
    return documents_of(policy).get(layer, layer)


def cited_as(layer: str, policy: Policy) -> str:
    """What stands before a clause of the layer with this id on a page that names the documents at its head; the id where
    the stack has none such."""
    return citing_names([found.manifest for found in policy.layers]).get(layer, layer)


def documents_of(policy: Policy) -> dict[str, str]:
    """How the document of each layer is called, by the layer's id, top first."""
    return document_names([layer.manifest for layer in policy.layers])


def stack_label(policy: Policy) -> str:
    """The layers of a stack that are in force, in one word group: 国家＋江西省, and the trial that varies them."""
    return _label(policy, layer_names([layer.manifest for layer in policy.layers]))


def _label(policy: Policy, names: Mapping[str, str]) -> str:
    label = "＋".join(names[layer.id] for layer in policy.in_force) or "没有一层在施行"
    return label if policy.trial is None else f"{label}（试验：{policy.trial.title}）"


def side_labels(before: Policy, after: Policy) -> tuple[str, str]:
    """What the two sides are called; where the layers alone do not tell them apart, with what does: the folder, the
    parameters that were given, the date."""
    known = {layer.id: layer.manifest for policy in (before, after) for layer in policy.layers}
    # One layer has one name on both sides.
    names = layer_names(list(known.values()))
    labels = [_label(policy, names) for policy in (before, after)]
    if labels[0] != labels[1]:
        return labels[0], labels[1]
    sides = [
        (
            policy.folder.as_posix(),
            "、".join(f"{name}={value}" for name, value in policy.parameters.items()),
            date_text(policy.as_of),
        )
        for policy in (before, after)
    ]
    differing = [index for index in range(3) if sides[0][index] != sides[1][index]]
    told = ["；".join(side[index] or "不设参数" for index in differing) for side in sides]
    first, second = (f"{label}（{words}）" if words else label for label, words in zip(labels, told, strict=True))
    return first, second


def stack_data(policy: Policy) -> dict[str, object]:
    """Which stack it is, as plain JSON: its fingerprint and the ids of its layers."""
    return {"fingerprint": policy.fingerprint, "layers": [layer.manifest.id for layer in policy.layers]}
