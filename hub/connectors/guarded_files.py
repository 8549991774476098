"""Files in folders where somebody else may write too: no link is followed, no pipe waited for, nothing changes in use.

Whoever writes into a partner's folder may put a link or a pipe where a file is expected, at
any moment, and may change a file while it is read. So a folder is opened as itself, what
lies in it is named from there, and what is read is a copy of our own: a file that is
mapped while its writer cuts it off ends the process that reads it.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from hub.errors import PartnerError

_BLOCK = 1 << 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def opened(folder: Path) -> Iterator[int]:
    """Open a folder, which must not be a link; what lies in it is named from its descriptor."""
    descriptor = os.open(folder, _FOLDER)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def copied(path: Path, *, limit: int, in_memory: int, spool: Path) -> bytes | mmap:
    """Return a copy of a file: its bytes, or where it has more than `in_memory` of them, a mapped file without a name.

    That one lies in the folder `spool`, where nobody else may write. Raises PartnerError for
    an empty file, one of more than `limit` bytes, and for what is no file.
    """
    with opened(path.parent) as folder, _plain(path.name, folder) as file:
        head = file.read(min(in_memory, limit) + 1)
        if not head:
            raise PartnerError("the file is empty")
        if len(head) <= min(in_memory, limit):
            return head
        with TemporaryFile(dir=spool) as copy:
            if _copy(head, file, copy, limit) > limit:
                raise PartnerError(f"{os.fstat(file.fileno()).st_size} bytes, {limit} are allowed")
            return mmap(copy.fileno(), 0, access=ACCESS_READ)


def _plain(name: str, folder: int) -> BinaryIO:
    """Open a file of this folder for reading, if it is one."""
    descriptor = os.open(name, _READ, dir_fd=folder)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise PartnerError("this is no file")


def _copy(head: bytes, file: BinaryIO, copy: IO[bytes], limit: int) -> int:
    """Copy what begins with `head`, no more than one byte beyond `limit`, and return how much it was."""
    size, block = 0, head
    while block:
        copy.write(block)
        size += len(block)
        block = file.read(min(_BLOCK, limit + 1 - size))
    copy.flush()
    return size


def write(path: Path, body: bytes) -> None:
    """Write a new file, on disk too, in place of whatever had its name."""
    with opened(path.parent) as folder:
        with suppress(FileNotFoundError):
            os.unlink(path.name, dir_fd=folder)
        with os.fdopen(os.open(path.name, _WRITE, 0o666, dir_fd=folder), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())


def rename(path: Path, target: Path) -> None:
    """Give a file another name, in another folder of the same disk if need be."""
    with opened(path.parent) as source, opened(target.parent) as destination:
        os.rename(path.name, target.name, src_dir_fd=source, dst_dir_fd=destination)


def sync(folder: Path) -> None:
    """Have the names in a folder on disk."""
    with opened(folder) as descriptor:
        os.fsync(descriptor)
