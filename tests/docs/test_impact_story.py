"""The story of a variation on the example ledger: each command is run again, and the page kept beside it is what they write."""

from __future__ import annotations

from tests.docs.replay import MADE, ROOT, replay, report, workplace


def test_every_command_prints_what_the_story_shows() -> None:
    text = (ROOT / "docs" / "影响.md").read_text(encoding="utf-8")
    with workplace("policies", "examples") as folder:
        steps = list(replay(text, folder))
        made = {name: (folder / name).read_bytes() for name in MADE}
    assert [report(step) for step in steps if not step.agrees] == []
    assert {name: (ROOT / kept).read_bytes() == made[name] for name, kept in MADE.items()} == {"影响.html": True}
