"""The watched folders: files in `<root>/<partner>/in` are taken in, then lie in `processed`, or in `failed`.

Strategy: one process at a time looks at a partner's folder, under a lease. A file whose
size and time are the same at two looks is whole; it is claimed by a rename to
`in/.<name>.<epoch>`, received, and moved away once that is committed. What a process
that died had claimed is adopted by the next one: if all of it is stored, it only has to
be moved. What is read is a copy of our own, of a large file mapped and archived in chunks.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from hub.canonical.agreement import Agreement
from hub.canonical.envelope import new_id
from hub.connectors import guarded_files
from hub.connectors.guarded_files import copied
from hub.connectors.interchanges import parts_of
from hub.connectors.partner_folders import can_have_folder, partner_folder
from hub.connectors.receiver import Receiver
from hub.errors import HubError, PartnerError, TemporaryError, Unusable
from hub.seams import Seams, failpoint
from hub.store.agreements import identities, listed
from hub.store.archive import CHUNK, keep_chunk
from hub.store.arrivals import Delivery, Input, Part, Received
from hub.store.database import Database
from hub.store.leases import Holding, held, renew, take
from hub.store.messages import SourceKey
from hub.store.records import SPECS
from hub.store.statements import Job, Load
from hub.store.turned_away import quarantine
from hub.translators.edifact.slices import FileBytes, InterchangeSlice, split

POLL_SECONDS = 0.5
LEASE = timedelta(seconds=5)
RENEW_AFTER = LEASE / 3
LIMIT_BYTES = 2_000_000_000
IN_MEMORY = 8_000_000
"""Bytes of a file that is handed over whole; a larger one is archived in chunks first."""

LONGEST_NAME = 180
"""Bytes of a file's name; what is longer is cut off."""

_CLAIM = re.compile(r"\.(?P<name>.+)\.(?P<epoch>[0-9]+)")
_FOLDERS = ("in", "processed", "failed", "out")

log = structlog.get_logger(__name__)


class WrongSender(PartnerError):
    """The file names a sender that this folder's partner may not speak for."""


class _Look(NamedTuple):
    """What a file looked like: one that looks the same twice is whole."""

    size: int
    changed: int


@dataclass(frozen=True, slots=True)
class _Claim:
    """A file that is ours: where it lies now, and what it was called. `adopted` from a process that is gone."""

    path: Path
    name: str
    adopted: bool


class FolderDoor:
    """Watches the folders of all partners that exchange EDIFACT. `run` never ends by itself, `look` looks once."""

    def __init__(
        self,
        database: Database,
        receiver: Receiver,
        root: Path,
        seams: Seams,
        *,
        owner: str,
        limit_bytes: int = LIMIT_BYTES,
    ) -> None:
        self._database = database
        self._receiver = receiver
        self._root = root
        self._seams = seams
        self._owner = f"folders/{owner}"
        self._limit = limit_bytes
        self._seen: dict[Path, _Look] = {}
        self._asked: tuple[str, ...] = ()
        self._ask_again: datetime | None = None

    async def run(self) -> None:
        """Look again and again. What cannot be taken in now stays claimed, and is tried at the next look."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_leases(), name="folder leases")
            while True:
                try:
                    await self.look()
                except (HubError, OSError) as error:
                    log.warning("folders not read", error=str(error))
                await self._seams.sleep(POLL_SECONDS)

    async def _keep_leases(self) -> None:
        """Renew the leases, however long a file takes. They are short: the folders of the dead wait for their end."""
        while True:
            await self._seams.sleep(RENEW_AFTER.total_seconds())
            now = self._seams.now()
            try:
                await self._database.run(partial(renew, self._owner, now, now + LEASE))
            except TemporaryError as error:
                log.warning("leases of folders cannot be renewed now", error=str(error))

    async def look(self) -> int:
        """Look at every folder once and return how many files were settled."""
        rows = await self._database.read(listed)
        agreements = {row.partner: row.agreement for row in rows if row.agreement.edi and can_have_folder(row.partner)}
        settled = 0
        for partner, epoch in (await self._leases(sorted(agreements))).items():
            folder = partner_folder(self._root, partner)
            for claim in await self._claimed_in(folder, epoch):
                settled += await self._settle(claim, folder, agreements[partner])
        return settled

    async def _claimed_in(self, folder: Path, epoch: int) -> list[_Claim]:
        """Return what is claimed in a partner's folder; one that cannot be read holds up no other."""
        try:
            return await asyncio.to_thread(self._claims, folder, epoch)
        except OSError as error:
            log.warning("folder not read", folder=str(folder), error=str(error))
            return []

    async def _leases(self, partners: Sequence[str]) -> dict[str, int]:
        """Return the partners whose folders are ours now, each with the epoch of the lease.

        Leases are asked for and renewed when a third of one has passed, or for a new
        partner; between, they are only read, so that an idle watch hardly writes.
        """
        now = self._seams.now()
        names = {f"folder/{partner}": partner for partner in partners}
        if self._asked == tuple(names) and self._ask_again is not None and now < self._ask_again:
            holdings = await self._database.read(partial(held, self._owner, now))
        else:
            holdings = await self._database.run(partial(_taken, tuple(names), self._owner, now))
            self._asked, self._ask_again = tuple(names), now + RENEW_AFTER
        return {names[one.name]: one.epoch for one in holdings if one.name in names}

    def _claims(self, folder: Path, epoch: int) -> list[_Claim]:
        """Claim what is whole, and adopt what is claimed already; sorted by name."""
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        files = {path: path.stat() for path in sorted((folder / "in").iterdir()) if _is_file(path)}
        looks = {path: _Look(stat.st_size, stat.st_mtime_ns) for path, stat in files.items()}
        claims = list(self._adopted(looks, epoch)) + list(self._new(looks, epoch))
        self._seen = {path: look for path, look in self._seen.items() if path.parent != folder / "in"} | looks
        return sorted(claims, key=lambda claim: claim.name)

    def _adopted(self, looks: dict[Path, _Look], epoch: int) -> Iterator[_Claim]:
        for path in looks:
            found = _CLAIM.fullmatch(path.name)
            if found and int(found["epoch"]) <= epoch:
                claimed = _claimed(path, found["name"], epoch)
                if claimed == path or not os.path.lexists(claimed):
                    yield _Claim(claim_file(path, claimed), found["name"], adopted=True)

    def _new(self, looks: dict[Path, _Look], epoch: int) -> Iterator[_Claim]:
        """Claim what is whole; not beside an earlier file of its name, which would be lost: it waits for that one."""
        for path, look in looks.items():
            name = _short(path.name)
            claimed = _claimed(path, name, epoch)
            if not path.name.startswith(".") and self._seen.get(path) == look and not os.path.lexists(claimed):
                yield _Claim(claim_file(path, claimed), name, adopted=False)

    async def _settle(self, claim: _Claim, folder: Path, agreement: Agreement) -> bool:
        """Take a file in and move it where it belongs; False if it cannot be read now, which holds up no other file."""
        told = log.bind(partner=agreement.partner, file=claim.name)
        try:
            await self._put_away(claim, folder, agreement, told)
        except OSError as error:
            told.warning("file cannot be read now", error=str(error))
            return False
        return True

    async def _put_away(self, claim: _Claim, folder: Path, agreement: Agreement, told: Any) -> None:
        try:
            received = await self._take_in(claim, agreement)
        except (PartnerError, Unusable) as error:
            told.warning("file not taken in", error=str(error))
            await asyncio.to_thread(_fail, claim, folder, str(error), self._mark())
            return
        target = _free(folder / "processed", claim.name, self._mark())
        await asyncio.to_thread(move_away, claim.path, target)
        documents = [str(part.document_id) for part in received.parts] if received else []
        told.info("file taken in", archive=str(received.archive_id) if received else None, correlation_ids=documents)

    def _mark(self) -> str:
        """Return what tells a file from an earlier one of its name."""
        return f"{self._seams.now():%Y%m%dT%H%M%S%f}"

    async def _take_in(self, claim: _Claim, agreement: Agreement) -> Received | None:
        """Receive a claimed file and return what became of it, None if it had been stored before.

        Raises PartnerError for a file that is not taken in at all.
        """
        limit = max(self._limit, agreement.edi.folder_limit_bytes if agreement.edi else 0)
        body = await asyncio.to_thread(copied, claim.path, limit=limit, in_memory=IN_MEMORY, spool=self._root)
        slices = await asyncio.to_thread(split, body)
        parts = await asyncio.to_thread(parts_of, body, slices, agreement.edi)
        if claim.adopted and await self._database.read(lambda: _is_stored(parts, agreement.partner)):
            return None
        return await self._receive(body, parts, slices, agreement)

    async def _receive(
        self, body: FileBytes, parts: tuple[Part, ...], slices: Sequence[InterchangeSlice], agreement: Agreement
    ) -> Received:
        delivery = await asyncio.to_thread(_delivery, body, slices, agreement)
        if delivery.size is not None:
            delivery = await self._archive(body, delivery)
        await self._check_senders(delivery, slices, agreement)
        return await self._receiver.receive(Input(delivery, "edifact", parts))

    async def _check_senders(
        self, delivery: Delivery, slices: Sequence[InterchangeSlice], agreement: Agreement
    ) -> None:
        """Put the file aside if an interchange in it names a sender that is not the folder's partner."""
        ours = {one.value for one in identities(agreement) if one.kind == "edi"}
        claimed = sorted({str(one.header.sender_address) for one in slices if one.header} - ours)
        if not claimed:
            return
        now, entropy = self._seams.now(), self._seams.token_bytes
        credential = f"folder of {agreement.partner}"
        await self._database.run(lambda: quarantine(delivery, credential, f"sender {claimed[0]}", now, entropy))
        raise WrongSender(f"{agreement.partner} may not speak for sender {claimed[0]}")

    async def _archive(self, body: FileBytes, delivery: Delivery) -> Delivery:
        """Archive a large file chunk by chunk; without its archive row they mean nothing yet."""
        archive_id = new_id(self._seams.now(), self._seams.token_bytes(10))
        for n, start in enumerate(range(0, len(body), CHUNK)):
            chunk = body[start : start + CHUNK]
            await self._database.run(partial(keep_chunk, archive_id, n, chunk))
        return delivery._replace(stored=archive_id)


def _taken(names: Sequence[str], owner: str, now: datetime) -> Job[list[Holding]]:
    """Renew what is ours, and take what nobody holds."""
    yield from renew(owner, now, now + LEASE)
    return (yield from take(names, owner, now, now + LEASE))


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _short(name: str) -> str:
    """Return a file's name so that ours for it, which are longer, still are names that a disk takes."""
    return os.fsdecode(os.fsencode(name)[:LONGEST_NAME])


def _claimed(path: Path, name: str, epoch: int) -> Path:
    return path.with_name(f".{name}.{epoch}")


def _delivery(file: FileBytes, slices: Sequence[InterchangeSlice], agreement: Agreement) -> Delivery:
    """Return the file as it is archived; its body is empty if it is large, and its size is stated."""
    senders = sorted({one.header.sender for one in slices if one.header})
    them = agreement.edi.them if agreement.edi else agreement.partner
    large = len(file) > IN_MEMORY
    with memoryview(file) as view:
        sha256 = hashlib.sha256(view).hexdigest()
    return Delivery(
        channel="edi",
        endpoint=f"folder/{agreement.partner}",
        source=f"edi:{senders[0] if senders else them}",
        partner=agreement.partner,
        body=b"" if large else file[:],
        sha256=sha256,
        size=len(file) if large else None,
    )


def _is_stored(parts: Sequence[Part], partner: str) -> Job[bool]:
    """Tell whether every interchange of a file is known with these very bytes."""
    keys = sorted({("edifact", partner, part.source_key) for part in parts})
    held = yield Load(SPECS[SourceKey], keys)
    known = {row.key: row.sha256 for row in held}
    return all(known.get(part.source_key) == part.sha256 for part in parts)


def _fail(claim: _Claim, folder: Path, reason: str, mark: str) -> None:
    target = _free(folder / "failed", claim.name, mark)
    guarded_files.write(target.with_name(f"{target.name}.reason.txt"), f"{reason}\n".encode(errors="replace"))
    move_away(claim.path, target)


def _free(folder: Path, name: str, mark: str) -> Path:
    """Return a path of this name, with a mark where the name is taken."""
    path = folder / name
    return folder / f"{name}.{mark}" if os.path.lexists(path) else path


@failpoint
def claim_file(path: Path, claimed: Path) -> Path:
    """Rename a file so that it is ours."""
    guarded_files.rename(path, claimed)
    return claimed


@failpoint
def move_away(path: Path, target: Path) -> None:
    """Move a settled file out of the way, on disk too."""
    guarded_files.rename(path, target)
    for folder in (target.parent, path.parent):
        guarded_files.sync(folder)
