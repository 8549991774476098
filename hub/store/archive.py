"""Bytes that came in or went out: small ones in their archive row, large ones in chunks of one megabyte beside it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from hub.store.messages import Archive, ArchiveChunk
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Load, LoadGroups

CHUNK = 1_000_000
"""Bytes in a chunk, and the most that an archive row holds itself."""

_ARCHIVES = SPECS[Archive]
_CHUNKS = SPECS[ArchiveChunk]


def archived(
    body: bytes,
    *,
    id: UUID,
    at: datetime,
    direction: str,
    channel: str,
    endpoint: str,
    partner: str | None = None,
    content_type: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[Archive | ArchiveChunk, ...]:
    """Return the rows that keep a body: the archive row, and chunks if it is large."""
    row = Archive(
        id=id,
        at=at,
        direction=direction,
        channel=channel,
        endpoint=endpoint,
        partner=partner,
        content_type=content_type,
        sha256=sha256(body).hexdigest(),
        size=len(body),
        headers=dict(headers or {}),
        body=b"",
    )
    return with_body(row, body)


def with_body(row: Archive, body: bytes) -> tuple[Archive | ArchiveChunk, ...]:
    """Return an archive row with its body in it, or with the chunks that hold it."""
    if len(body) <= CHUNK:
        return (row._replace(body=body),)
    return (row._replace(body=b""), *chunks(row.id, body))


def chunks(archive_id: UUID, body: bytes, first: int = 0) -> Iterator[ArchiveChunk]:
    """Yield a body, or the part of one that begins with chunk `first`, in chunks."""
    for n, start in enumerate(range(0, len(body), CHUNK), first):
        yield ArchiveChunk(archive_id, n, body[start : start + CHUNK])


def keep(pairs: Iterable[tuple[Archive, bytes]]) -> Job[None]:
    """Archive rows with their bodies. An empty body with a size stands in chunks already (`keep_chunk`)."""
    yield from keep_rows([row for archive, body in pairs for row in with_body(archive, body)])


def keep_rows(rows: Sequence[Archive | ArchiveChunk]) -> Job[None]:
    """Archive what `archived` and `with_body` have made."""
    yield Insert(_ARCHIVES, [row for row in rows if isinstance(row, Archive)])
    for row in rows:
        if isinstance(row, ArchiveChunk):
            yield Insert(_CHUNKS, [row])


def keep_chunk(archive_id: UUID, n: int, body: bytes) -> Job[None]:
    """Archive chunk `n` of a body that is too large to be held: every one but the last has `CHUNK` bytes."""
    yield Insert(_CHUNKS, [ArchiveChunk(archive_id, n, body)], skip_existing=True)


def bodies(ids: Iterable[UUID]) -> Job[dict[UUID, tuple[Archive, bytes]]]:
    """Return, by id, the archive rows with their whole bodies; what is not there is missing."""
    rows: list[Archive] = yield Load(_ARCHIVES, [(one,) for one in ids])
    large = [(row.id,) for row in rows if _in_chunks(row)]
    parts: dict[UUID, list[bytes]] = {key[0]: [] for key in large}
    held: Sequence[ArchiveChunk] = yield LoadGroups(_CHUNKS, large)
    for chunk in held:
        parts[chunk.archive_id].append(chunk.body)
    return {row.id: (row, b"".join(parts[row.id]) if row.id in parts else row.body) for row in rows}


def part(archive_id: UUID, offset: int = 0, length: int | None = None) -> Job[bytes]:
    """Return `length` bytes (None: all that follow) from `offset` on, of a large body reading only what it takes."""
    rows: list[Archive] = yield Load(_ARCHIVES, [(archive_id,)])
    if not rows:
        return b""
    end = rows[0].size if length is None else min(offset + length, rows[0].size)
    if not _in_chunks(rows[0]):
        return rows[0].body[offset:end]
    first, last = offset // CHUNK, (end - 1) // CHUNK
    held: list[ArchiveChunk] = yield Load(_CHUNKS, [(archive_id, n) for n in range(first, last + 1)])
    return b"".join(chunk.body for chunk in held)[offset - first * CHUNK : end - first * CHUNK]


def _in_chunks(row: Archive) -> bool:
    return row.size > 0 and not row.body
