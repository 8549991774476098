"""What a handler must name to read archived bytes: of a large body only the chunks that hold them."""

from uuid import UUID

from hub.errors import NeedsDecision
from hub.store.archive import CHUNK
from hub.store.messages import Archive, ArchiveChunk
from hub.store.work import Need, Work, peek


def chunk_needs(archive_id: UUID, offset: int, length: int, work: Work) -> list[Need]:
    """Return the needs for these bytes, once the archive row itself is loaded: none where it holds them."""
    return [peek(ArchiveChunk, *key) for key in _chunk_keys(archive_id, offset, length, work)]


def archived_bytes(archive_id: UUID, offset: int, length: int, work: Work) -> bytes:
    """Return archived bytes. Raises NeedsDecision where they are not there."""
    archive = work.get(Archive, archive_id)
    parts = [work.get(ArchiveChunk, *key) for key in _chunk_keys(archive_id, offset, length, work)]
    if archive is None or None in parts:
        raise NeedsDecision(f"the bytes {archive_id} are not in the archive")
    if archive.body:
        return archive.body[offset : offset + length]
    start = offset % CHUNK
    return b"".join(part.body for part in parts if part)[start : start + length]


def _chunk_keys(archive_id: UUID, offset: int, length: int, work: Work) -> list[tuple[UUID, int]]:
    archive = work.get(Archive, archive_id)
    if archive is None or archive.body or not length:
        return []
    return [(archive_id, n) for n in range(offset // CHUNK, (offset + length - 1) // CHUNK + 1)]
