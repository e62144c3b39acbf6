"""Debian's Chromium without a window: what a page comes to in it, and what it prints.

Why this exists: whether a page sorts, filters and prints is seen only in a browser; the browser is asked on its own command line, so that
no driver is needed. Where it is not installed, tests skip and say so.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

CHROMIUM = Path("/usr/bin/chromium")
POPPLER = shutil.which("pdftotext") is not None and shutil.which("pdfinfo") is not None
_QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--log-level=0"),
)


_NARROWEST = 500
"""No window is narrower; what is asked at less stands in a frame."""
_FRAME = (
    "<!doctype html><iframe src='page.html' style='width:{}px;height:1600px;border:0'></iframe><script>"
    "addEventListener('message', (event) => {{ const told = document.createElement('pre'); told.id = 'told';"
    " told.textContent = event.data; document.body.append(told); }});</script>"
)


@dataclass(frozen=True)
class Told:
    """What a script found in a page, and what the browser complained of."""

    found: Any
    complaints: tuple[str, ...]


def _run(folder: Path, page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    profile = folder / f"profile {len(list(folder.iterdir()))}"
    command = [str(CHROMIUM), *_QUIET, f"--user-data-dir={profile}", *options, page.as_uri()]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except subprocess.TimeoutExpired:
        # On a busy machine it may have said everything and not end.
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    finally:
        shutil.rmtree(profile, ignore_errors=True)


def told(folder: Path, page: str, script: str, width: int = 1200) -> Told:
    """What ``script``, the body of a function, returns in a page of that width. The page's own rules of what may run stand; the script
    is let in by its hash."""
    steps = (
        "const complaints = [];"
        "addEventListener('error', (event) => complaints.push(String(event.message)));"
        "addEventListener('securitypolicyviolation', (event) => complaints.push(event.violatedDirective));"
        "addEventListener('load', () => { let found = null;"
        f" try {{ found = (() => {{ {script} }})(); }} catch (error) {{ complaints.push(String(error.stack)); }}"
        " const told = JSON.stringify({found, complaints});"
        " if (parent !== window) return parent.postMessage(told, '*');"
        " const shown = document.createElement('pre'); shown.id = 'told'; shown.textContent = told; document.body.append(shown); });"
    )
    digest = b64encode(sha256(steps.encode()).digest()).decode()
    page = page.replace("script-src &#x27;", f"script-src &#x27;sha256-{digest}&#x27; &#x27;", 1)
    assert digest in page
    page = page.replace("<title>", f"<script>{steps}</script><title>", 1)
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    if width < _NARROWEST:
        path = folder / "frame.html"
        path.write_text(_FRAME.format(width), encoding="utf-8")
    run = _run(folder, path, f"--window-size={max(width, _NARROWEST)},1600", "--virtual-time-budget=4000", "--dump-dom")
    written = re.search(r'<pre id="told">(.*?)</pre>', run.stdout, re.DOTALL)
    assert written is not None, run.stderr[-2000:]
    data = json.loads(unescape(written[1]))
    logged = [line for line in run.stderr.splitlines() if "CONSOLE" in line]
    return Told(data["found"], (*data["complaints"], *logged))


def printed(folder: Path, page: str, *, scripts: bool = True) -> Path:
    """The page as it prints; without ``scripts`` as it does where none may run."""
    path, out = folder / "print.html", folder / "print.pdf"
    path.write_text(page if scripts else re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL), encoding="utf-8")
    _run(folder, path, "--no-pdf-header-footer", f"--print-to-pdf={out}")
    return out


def sheets(path: Path) -> list[str]:
    """The text of each sheet, without white space."""
    run = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True)
    return ["".join(sheet.split()) for sheet in run.stdout.split("\f")[:-1]]


def height(path: Path, word: str) -> float:
    """How high the first word that begins so stands on the first sheet, in points: a page that is too wide is shrunk as a whole."""
    run = subprocess.run(["pdftotext", "-bbox", "-l", "1", str(path), "-"], capture_output=True, text=True, check=True)
    found = re.search(rf'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">{word}', run.stdout)
    assert found is not None
    return float(found[2]) - float(found[1])


def sizes(path: Path) -> set[tuple[int, int]]:
    """The sizes of its sheets in millimetres."""
    run = subprocess.run(["pdfinfo", "-l", "1000", str(path)], capture_output=True, text=True, check=True)
    found = re.findall(r"size:\s+([\d.]+) x ([\d.]+) pts", run.stdout)
    return {(round(float(x) * 25.4 / 72), round(float(y) * 25.4 / 72)) for x, y in found}
