"""The policies as a package of their own: ``pip install policyrules-policies``.

Why this exists: the engine comes without rules, for rules change when documents do. Whoever cannot reach the repository
gets them from an index of their own, as a wheel of plain files. A layer extends another by a relative path, so the folders
are copied beside one's own layers, kept with them, and lock files tell when a newer copy says something else.

Invariants: nothing here is imported by policyrules; nothing that exists is written over.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def names() -> tuple[str, ...]:
    """The layers that are here, by their folders."""
    return tuple(sorted(folder.name for folder in HERE.iterdir() if (folder / "layer.yaml").is_file()))


def folder(name: str) -> Path:
    """The folder of a layer, to be loaded from where it is: ``pr.load(folder("jiangxi"))``.

    Raises ValueError where there is none of that name.
    """
    if name not in names():
        raise ValueError(f"没有“{name}”；有的是：{'、'.join(names())}")
    return HERE / name


def copy_to(target: Path) -> tuple[Path, ...]:
    """Copy all layers into ``target``, where layers of one's own may extend them.

    Raises FileExistsError, before anything is written, where one of them is there already.
    """
    places = tuple(target / name for name in names())
    for place in places:
        if place.exists() or place.is_symlink():
            raise FileExistsError(f"{place} 已经有了，没有覆盖；换一个文件夹，或先把它移开")
    for name, place in zip(names(), places, strict=True):
        shutil.copytree(HERE / name, place)
    return places


def main() -> int:
    """``policyrules-policies FOLDER``: copy the layers there."""
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(f"用法：policyrules-policies 文件夹　　把 {'、'.join(names())} 复制到这个文件夹里", file=sys.stderr)
        return 2
    try:
        places = copy_to(Path(sys.argv[1]))
    except OSError as error:
        print(f"没有复制：{error}", file=sys.stderr)
        return 2
    print(f"已复制到 {'、'.join(map(str, places))}")
    return 0
