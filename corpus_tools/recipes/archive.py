"""Files inside tar and zip archives, read by name: nothing is ever unpacked to disk."""

import io
import tarfile
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from corpus_tools.rejection import Rejected, Rejection

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")
LARGEST = 1 << 30
"""Bytes of one member; no recording of speech comes near."""
OPEN_ARCHIVES = 4
"""Archives that a process keeps open with the list of what is inside."""

FAULTS = (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError)
"""What reading a broken archive raises."""


def is_archive(path: Path) -> bool:
    """Whether the name is that of an archive.

    >>> is_archive(Path("ZH-B000000.tar")), is_archive(Path("ZH.jsonl"))
    (True, False)
    """
    return path.name.lower().endswith(SUFFIXES)


def fault_of_name(name: str) -> str:
    """Why a member's name is refused; empty for one that is fine.

    >>> fault_of_name("mp3/1.mp3"), fault_of_name("../../etc/passwd"), fault_of_name("/etc/passwd")
    ('', 'it leaves the archive', 'it is absolute')
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or name[1:3] in (":\\", ":/"):
        return "it is absolute"
    return "it leaves the archive" if ".." in path.parts else ""


def members(path: Path) -> Iterator[tuple[str, BinaryIO] | Rejection]:
    """The regular files of a tar in its order, each open for reading until the next is asked for.

    Names that are absolute or contain `..`, links and devices are rejected by name; so is an
    archive that is broken from some point on.
    """
    try:
        with tarfile.open(path) as tar:
            while (info := tar.next()) is not None:
                tar.members = []  # type: ignore[attr-defined] # the list would grow in memory
                fault = _fault_of_member(info)
                if fault:
                    yield _refused(path, info.name, fault)
                elif info.isreg():
                    file = tar.extractfile(info)
                    assert file is not None
                    yield info.name, file  # type: ignore[misc]
            if not _is_ended(tar):
                yield Rejection(path.name, "unreadable archive", f"{path}: cut short: no end mark")
    except FAULTS as error:
        yield Rejection(path.name, "unreadable archive", f"{path}: {error}")


def member_names(path: Path) -> Iterator[str | Rejection]:
    """The names of the regular files of a tar or zip in its order; faults as `members` has them."""
    if path.name.lower().endswith(".zip"):
        yield from _zip_names(path)
        return
    for member in members(path):
        yield member if isinstance(member, Rejection) else member[0]


def open_member(path: Path, name: str) -> BinaryIO:
    """One member's bytes, in memory.

    Raises:
        Rejected: the archive is broken, or has no such file, or one that is refused.
    """
    fault = fault_of_name(name)
    if fault:
        raise Rejected("unsafe archive", f"{path}: member {name!r}: {fault}")
    try:
        stat = path.stat()
        return io.BytesIO(_open(path, stat.st_mtime_ns, stat.st_size).read(name))
    except KeyError:
        raise Rejected("no recording", f"{path}: no member {name!r}") from None
    except FAULTS as error:
        raise Rejected("unreadable archive", f"{path}: member {name!r}: {error}") from error


class _Tar:
    """A tar and where its members are; of one that is cut short, those before the cut."""

    def __init__(self, path: Path):
        self._tar = tarfile.open(path)  # noqa: SIM115 - kept open by the cache
        self._infos: dict[str, tarfile.TarInfo] = {}
        self._fault: Exception | None = None
        try:
            for info in self._tar:
                if info.isreg() and not _fault_of_member(info):
                    self._infos[info.name] = info
            if not _is_ended(self._tar):
                self._fault = EOFError("cut short: no end mark")
        except FAULTS as error:
            self._fault = error

    def read(self, name: str) -> bytes:
        if name not in self._infos and self._fault is not None:
            raise self._fault
        info = self._infos[name]
        _check_size(info.size)
        file = self._tar.extractfile(info)
        assert file is not None
        data = file.read()
        if len(data) != info.size:
            raise EOFError(f"{len(data)} of {info.size} bytes: the archive is cut short")
        return data


class _Zip:
    """A zip; its own directory says where its members are."""

    def __init__(self, path: Path):
        self._zip = zipfile.ZipFile(path)

    def read(self, name: str) -> bytes:
        _check_size(self._zip.getinfo(name).file_size)
        return self._zip.read(name)


@lru_cache(maxsize=OPEN_ARCHIVES)
def _open(path: Path, modified: int, size: int) -> _Tar | _Zip:
    return _Zip(path) if path.name.lower().endswith(".zip") else _Tar(path)


def _zip_names(path: Path) -> Iterator[str | Rejection]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [i for i in archive.infolist() if not i.is_dir()]
    except FAULTS as error:
        yield Rejection(path.name, "unreadable archive", f"{path}: {error}")
        return
    for info in infos:
        fault = fault_of_name(info.filename)
        yield _refused(path, info.filename, fault) if fault else info.filename


def _is_ended(tar: tarfile.TarFile) -> bool:
    """Whether an archive that has been read stops at an end mark, a block of zeros."""
    assert tar.fileobj is not None
    tar.fileobj.seek(tar.offset)
    return tar.fileobj.read(tarfile.BLOCKSIZE) == bytes(tarfile.BLOCKSIZE)


def _fault_of_member(info: tarfile.TarInfo) -> str:
    if info.issym() or info.islnk():
        return f"it is a link to {info.linkname!r}"
    if not info.isreg() and not info.isdir() or info.issparse():
        return "it is no regular file"
    return fault_of_name(info.name)


def _refused(path: Path, name: str, fault: str) -> Rejection:
    return Rejection(f"{path.name}:{name}", "unsafe archive", f"{path}: member {name!r}: {fault}")


def _check_size(size: int) -> None:
    if size > LARGEST:
        raise ValueError(f"{size} bytes; at most {LARGEST}")
