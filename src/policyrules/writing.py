"""How files are written, all of them, and what the operating system says when it refuses, in Chinese.

Why this exists: a file that was there before is worth more than the one that takes its place. A full disk, a broken
cable or an impatient Ctrl-C in the middle of writing must leave it as it was.

Invariants: a file appears whole or not at all; several that belong together are all on the disk before the first of them
takes its place; what was there keeps its mode, but for what is the user's alone; where writing fails nothing changed and nothing is left over. Only regular
files are replaced, and only those that may be written.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final, TypeAlias

Content: TypeAlias = "bytes | Iterable[bytes] | Callable[[IO[bytes]], None]"
"""What a file is to hold: whole, piece by piece, or as something writes it into the open file."""


def write_file(path: str | Path, data: Content, *, follow: bool = True, private: bool = False) -> None:
    """Write one file, as `write_files` does."""
    write_files([(Path(path), data)], follow=follow, private=private)


def write_files(contents: Iterable[tuple[Path, Content]], *, follow: bool = True, private: bool = False) -> None:
    """Write files that belong together, each given as `Content` is. ``follow``: a link stays, and the file it leads to is written; else the file
    takes the place of the link. ``private``: nobody but the user may read or write them, whatever the system's habits
    (umask) and the files that were there.

    Raises `OSError`, its ``filename`` the file that was asked for.
    """
    with _in_place_of() as waiting:
        for path, data in contents:
            target = os.path.realpath(path) if follow else os.path.abspath(path)
            with naming(path):
                waiting.append((path, target, aside := _aside(target)))
                _fill(aside, target, data, private=private)


def write_into(folder: Path, contents: Iterable[tuple[Path, Content]]) -> None:
    """Write files as `write_files` does, into a folder that is made where it is not there, with those above it: where writing fails
    these are gone again.

    Raises `OSError`, its ``filename`` the file or the folder that was asked for.
    """
    lacking, one = [], folder
    while not one.exists() and one != one.parent:
        lacking.append(one)
        one = one.parent
    made: list[Path] = []
    try:
        for one in reversed(lacking):
            if not one.is_dir():
                one.mkdir()
                made.append(one)
        write_files(contents)
    except BaseException:
        for one in reversed(made):
            # What somebody else put there stays.
            with contextlib.suppress(OSError):
                one.rmdir()
        raise


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, through links of either kind, or would if it were there."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    return one.exists() and other.exists() and os.path.samefile(one, other)


def check_apart(written: Iterable[Path], read: Iterable[Path]) -> None:
    """Raise `ValueError` where a file that is read is to be written, or two are to be written into one."""
    read, done = list(read), list[Path]()
    for path in written:
        if any(same_file(path, one) for one in read):
            raise ValueError(f"{path} 就是要读的文件，写了会毁掉它；换一个名称")
        if any(same_file(path, one) for one in done):
            raise ValueError(f"两样结果要写到同一个文件 {path}；各用一个名称")
        done.append(path)


@contextlib.contextmanager
def _in_place_of() -> Iterator[list[tuple[Path, str, str]]]:
    """Files by what they were asked as, where they belong and where they stand: they take their places where all went well; else
    nothing is left of them."""
    waiting: list[tuple[Path, str, str]] = []
    try:
        yield waiting
        while waiting:
            path, target, aside = waiting[0]
            with naming(path):
                os.replace(aside, target)
            del waiting[0]
    finally:
        for _, _, aside in waiting:
            with contextlib.suppress(OSError):
                os.unlink(aside)


def _aside(target: str) -> str:
    """A new name in the folder of ``target``: what is renamed must not move between disks."""
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name[:40]}.{os.urandom(6).hex()}.tmp")


@contextlib.contextmanager
def written_aside(paths: Iterable[Path]) -> Iterator[dict[Path, Path]]:
    """For files that belong together and are written by turns: names beside ``paths``, at which empty files stand. They take
    their places where all went well; else nothing is left of them.

    Raises `OSError`, its ``filename`` the file that was asked for.
    """
    with _in_place_of() as waiting:
        for path in paths:
            target = os.path.realpath(path)
            with naming(path):
                waiting.append((path, target, aside := _aside(target)))
                os.close(_opened(aside, target, private=False))
        yield {path: Path(aside) for path, _, aside in waiting}
        for path, _, aside in waiting:
            with naming(path), open(aside, "ab") as stream:
                os.fsync(stream.fileno())


def _fill(aside: str, target: str, data: Content, *, private: bool) -> None:
    with os.fdopen(_opened(aside, target, private=private), "wb") as stream:
        if callable(data):
            data(stream)
        else:
            stream.writelines((data,) if isinstance(data, bytes) else data)
        stream.flush()
        os.fsync(stream.fileno())


def _opened(aside: str, target: str, *, private: bool) -> int:
    """A new file that may take the place of ``target``, open."""
    try:
        before = os.lstat(target)
    except FileNotFoundError:
        before = None
    if before is not None and stat.S_ISLNK(before.st_mode):
        before = None
    if before is not None and not stat.S_ISREG(before.st_mode):
        raise OSError(errno.EISDIR if stat.S_ISDIR(before.st_mode) else errno.ENODEV, "not a regular file")
    if before is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "not writable")
    # Made like any other new file, so that the habits of the system hold for it.
    mode = 0o600 if private else 0o666
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    if before is not None and not private:
        if hasattr(os, "chown"):
            with contextlib.suppress(OSError):
                os.chown(aside, before.st_uid, before.st_gid)
        os.chmod(aside, stat.S_IMODE(before.st_mode))
    return handle


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """An error of the system inside names ``path``: people know the file they asked for, not one beside it."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def file_name(text: str) -> str:
    """``text`` as the name of a file: a system whose names are bytes has it in UTF-8, whatever its locale says.

    >>> file_name("结果_发现.csv")
    '结果_发现.csv'
    """
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return os.fsdecode(text.encode("utf-8", "surrogateescape"))
    return text


def json_bytes(text: str) -> bytes:
    """The text of a JSON document as UTF-8; half a character, which UTF-8 cannot hold, as JSON writes it: ``\\ud800``."""
    return text.encode("utf-8", "backslashreplace")


_WORDS: Final = {
    "ENOSPC": "磁盘已满，没有写成，原来的文件没有动",
    "EDQUOT": "磁盘的配额已满，没有写成，原来的文件没有动",
    "EFBIG": "文件超过系统允许的大小，没有写成，原来的文件没有动",
    "EROFS": "磁盘是只读的",
    "EIO": "磁盘读写出错",
    "ENODEV": "这是管道或设备，不是普通文件",
    "ENXIO": "这是管道或设备，不是普通文件",
    "ENAMETOOLONG": "名称太长",
    "ELOOP": "链接绕成了圈",
    "EBUSY": "正被别的程序占用",
    "ETXTBSY": "正被别的程序占用",
    "EMFILE": "打开的文件太多",
    "ENFILE": "打开的文件太多",
    "EINVAL": "系统不接受这个名称或操作",
    "ENOMEM": "内存不够",
}


def error_text(error: OSError) -> str:
    """Why a file cannot be read or written, in Chinese.

    >>> error_text(PermissionError(13, "Permission denied")), error_text(OSError(121, "Remote I/O error"))
    ('没有权限，或者正被别的程序打开', '读写失败（系统错误 121）')
    """
    match error:
        case FileNotFoundError():
            return "没有这个文件或文件夹"
        case PermissionError():
            return "没有权限，或者正被别的程序打开"
        case IsADirectoryError():
            return "这是文件夹，不是文件"
        case NotADirectoryError():
            return "路径里有一段不是文件夹"
        case FileExistsError():
            return "已经有同名的文件"
        case _:
            known = _WORDS.get(errno.errorcode.get(error.errno or 0, ""))
            return known or f"读写失败（系统错误 {error.errno}）"
