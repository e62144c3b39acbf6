"""The policies as a package of their own: what is installed is what is here, and can be extended from a folder of one's own."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import policyrules as pr
from policyrules.testing.build import AS_OF

POLICIES = Path(__file__).resolve().parents[2] / "policies"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    builder = pytest.importorskip("hatchling.builders.wheel").WheelBuilder(str(POLICIES))
    folder = tmp_path_factory.mktemp("wheel")
    (wheel,) = builder.build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(installed), *sys.path])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, encoding="utf-8", check=False
    )


def test_what_is_installed_is_what_is_here(installed: Path) -> None:
    code = "from policyrules_policies import folder, names; print(*names(), folder('jiangxi'), sep='\\n')"
    *layers, jiangxi = run(installed, code).stdout.splitlines()
    assert layers == sorted(one.parent.name for one in POLICIES.glob("*/layer.yaml"))
    assert pr.load(jiangxi, as_of=AS_OF).fingerprint == pr.load(POLICIES / "jiangxi", as_of=AS_OF).fingerprint
    there, here = (
        {path.relative_to(root).as_posix() for path in root.glob("*/**/*") if path.is_file() and path.suffix != ".pyc"}
        for root in (installed / "policyrules_policies", POLICIES)
    )
    assert there == here


def test_the_layers_are_copied_beside_ones_own(installed: Path, tmp_path: Path) -> None:
    code = "import sys; from policyrules_policies import main; sys.exit(main())"
    assert run(installed, code).returncode == 2
    done = run(installed, code, str(tmp_path / "rules"))
    assert done.returncode == 0 and "已复制到" in done.stdout
    copied = pr.load(tmp_path / "rules" / "jiangxi", as_of=AS_OF)
    assert copied.fingerprint == pr.load(POLICIES / "jiangxi", as_of=AS_OF).fingerprint
    # Nothing that is there is written over, and nothing is written beside it.
    mine = tmp_path / "other" / "national"
    mine.mkdir(parents=True)
    refused = run(installed, code, str(tmp_path / "other"))
    assert refused.returncode == 2 and "已经有了" in refused.stderr
    assert [path.name for path in mine.parent.iterdir()] == ["national"] and not list(mine.iterdir())
