"""The few styles a report may use, and what each looks like in a colour terminal.

Why this exists: reports name what a piece of text *is* (``good``, ``doubt``), never a colour, so that plain text, the
terminal and HTML agree. Invariant: every style of `layout.Piece` is a key of `TERMINAL`.
"""

from __future__ import annotations

from typing import Final

TERMINAL: Final[dict[str, str]] = {
    "": "",
    "title": "bold",
    "name": "bold",
    "good": "green",
    "doubt": "yellow",
    "bad": "red",
    "clash": "magenta",
    "quiet": "dim",
    "link": "cyan",
}
"""Style to a colour description that Rich understands."""

STATUS_STYLES: Final[dict[str, str]] = {
    "determined": "good",
    "undetermined": "doubt",
    "conflict": "clash",
    "none": "quiet",
    "not_applicable": "quiet",
    "compliant": "good",
    "violated": "bad",
    "unverified": "doubt",
    "in_progress": "link",
    "overdue": "bad",
    "notice": "link",
    "passed": "good",
    "failed": "bad",
    "error": "bad",
}
"""Status of a decision, a finding or a scenario to its style."""
