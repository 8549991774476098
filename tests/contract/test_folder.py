"""A file in a partner's folder is taken in once, whoever looks and whatever dies meanwhile."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hub.canonical.agreement import Agreement
from hub.canonical.intake import InputReceived
from hub.connectors import folder as watched
from hub.connectors.folder import LEASE, FolderDoor
from hub.connectors.receiver import Receiver
from hub.handlers.service import Service, subscriptions
from hub.seams import Seams, install_failpoint_hook
from hub.store.archive import part
from hub.store.database import Database
from hub.store.master import AgreementRow, Quarantine
from hub.store.messages import Archive, Document, Event
from hub.store.records import SPECS
from hub.store.statements import Job, Query, Write
from tests.desk import NOW
from tests.edifact_documents import agreement

intake = Service("intake")
intake.on(InputReceived)(lambda _message, _work: None)
SUBSCRIBERS = subscriptions([intake])


class Killed(BaseException):
    """The process is gone."""


def interchange(reference: str = "4711", sender: str = "5412345000020:14") -> bytes:
    return f"UNB+UNOC:3+{sender}+5412345000013:14+261124:1200+{reference}'UNZ+0+{reference}'".encode()


@dataclass
class Process:
    """A process that watches the folders."""

    database: Database
    root: Path
    owner: str = "one"
    now: datetime = NOW
    limit: int = 1_000_000_000
    entropy: Any = field(default_factory=lambda: count(1))
    door: FolderDoor = field(init=False)

    def __post_init__(self) -> None:
        seams = Seams(
            now=lambda: self.now,
            token_bytes=lambda length: (f"{self.owner}{next(self.entropy)}".encode()).ljust(length, b"\0")[:length],
        )
        receiver = Receiver(self.database, SUBSCRIBERS, seams)
        self.door = FolderDoor(self.database, receiver, self.root, seams, owner=self.owner, limit_bytes=self.limit)

    def drop(self, body: bytes, name: str = "orders.edi") -> Path:
        path = self.root / "mueller" / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return path

    async def look(self, times: int = 2) -> int:
        """Look so many times; return how many files that settled."""
        return sum([await self.door.look() for _ in range(times)])

    def files(self, *folders: str) -> list[str]:
        """Return what lies in the partner's folders, as `folder/name`."""
        root = self.root / "mueller"
        return sorted(
            f"{name}/{path.name}"
            for name in folders or ("in", "processed", "failed")
            for path in (root / name).iterdir()
        )


@pytest.fixture
async def process(database: Database, tmp_path: Path) -> Process:
    await agree(database, agreement())
    return Process(database, tmp_path)


async def agree(database: Database, terms: Agreement) -> None:
    def job() -> Job[None]:
        yield Write(SPECS[AgreementRow], [AgreementRow(terms.partner, terms, "0" * 64, NOW)])

    await database.run(job)


async def every(database: Database, record: type[Any]) -> list[Any]:
    spec = SPECS[record]
    columns = ", ".join(f'"{name}"' for name in spec.columns)

    def job() -> Job[Sequence[Any]]:
        return (yield Query(f"select {columns} from {spec.name}", {}, spec.types))

    return [record._make(row) for row in await database.read(job)]


async def documents(process: Process) -> list[str | None]:
    return sorted(row.ended or "" for row in await every(process.database, Document))


async def test_a_file_that_stays_as_it_is_is_taken_in_and_put_away(process: Process) -> None:
    process.drop(interchange())
    assert await process.look() == 1
    assert process.files() == ["processed/orders.edi"]
    (archive,) = await every(process.database, Archive)
    (event,) = await every(process.database, Event)
    assert (archive.body, archive.partner, archive.channel) == (interchange(), "mueller", "edi")
    assert (event.source, event.partner, event.type) == ("edi:5412345000020:14", "mueller", InputReceived.TYPE)


async def test_a_file_that_still_grows_is_left_alone(process: Process) -> None:
    path = process.drop(interchange()[:30])
    assert await process.look(1) == 0
    path.write_bytes(interchange())
    assert await process.look(1) == 0
    assert process.files() == ["in/orders.edi"]
    assert await process.look(1) == 1


async def test_what_its_writer_hides_and_what_is_no_file_is_not_touched(process: Process) -> None:
    hidden = process.drop(interchange(), ".orders.edi.tmp")
    hidden.with_name("elsewhere").symlink_to("/etc/hostname")
    hidden.with_name("more").mkdir()
    assert await process.look(3) == 0


async def test_each_interchange_of_a_file_is_an_input(process: Process) -> None:
    process.drop(interchange("1") + b"\r\n" + interchange("2"))
    await process.look()
    assert await documents(process) == ["", ""]
    assert len(await every(process.database, Archive)) == 1


async def test_the_same_file_again_is_a_duplicate_under_a_name_of_its_own(process: Process) -> None:
    process.drop(interchange())
    await process.look()
    process.drop(interchange())
    await process.look()
    assert await documents(process) == ["", "duplicate"]
    assert len(process.files("processed")) == 2


async def test_a_file_in_another_partners_name_is_put_aside(process: Process) -> None:
    process.drop(interchange(sender="4711000000000:14"))
    await process.look()
    assert process.files() == ["failed/orders.edi", "failed/orders.edi.reason.txt"]
    reason = (process.root / "mueller" / "failed" / "orders.edi.reason.txt").read_text()
    assert reason == "mueller may not speak for sender 4711000000000:14\n"
    (one,) = await every(process.database, Quarantine)
    assert one.claimed == "sender 4711000000000:14"
    assert await documents(process) == []


async def test_what_is_no_edifact_is_taken_in_all_the_same_for_intake_to_refuse(process: Process) -> None:
    process.drop(b"hello")
    await process.look()
    assert process.files() == ["processed/orders.edi"]
    assert await documents(process) == [""]


@pytest.mark.parametrize(("body", "why"), [(b"", "empty"), (b"x" * 1_001, "1001 bytes")])
async def test_a_file_that_is_too_large_or_empty_fails_with_the_reason(process: Process, body: bytes, why: str) -> None:
    small = Process(process.database, process.root, limit=1_000)
    small.drop(body)
    await small.look()
    reason = (process.root / "mueller" / "failed" / "orders.edi.reason.txt").read_text()
    assert why in reason


async def test_a_partner_that_has_agreed_on_larger_files_may_send_them(database: Database, tmp_path: Path) -> None:
    await agree(database, agreement(folder_limit_bytes=2_000))
    small = Process(database, tmp_path, limit=1_000)
    small.drop(interchange() + b" " * 1_500)
    small.drop(b"x" * 2_001, "larger.edi")
    await small.look()
    assert small.files("processed") == ["processed/orders.edi"]
    assert "2000 are allowed" in (small.root / "mueller" / "failed" / "larger.edi.reason.txt").read_text()


async def test_a_large_file_is_archived_in_chunks_and_never_held_whole(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "IN_MEMORY", 1_000)
    body = b" " * 2_500_000 + interchange()
    process.drop(body)
    await process.look()
    (archive,) = await every(process.database, Archive)
    assert (archive.size, archive.body) == (len(body), b"")
    (event,) = await every(process.database, Event)
    message = InputReceived.model_validate_json(event.body[event.body.index(b'"data":') + 7 : -1])
    kept = await process.database.read(lambda: part(message.archive_id, message.offset, message.length))
    assert kept == interchange()


async def test_two_processes_that_look_at_once_take_a_file_in_once(process: Process) -> None:
    other = Process(process.database, process.root, owner="two")
    process.drop(interchange())
    for _ in range(3):
        await asyncio.gather(process.door.look(), other.door.look())
    assert await documents(process) == [""]
    assert process.files() == ["processed/orders.edi"]


@pytest.mark.parametrize(
    ("point", "already"),
    [
        ("hub.connectors.folder.claim_file:before", False),
        ("hub.connectors.folder.claim_file:after", False),
        ("hub.connectors.folder.move_away:before", True),
        ("hub.connectors.folder.move_away:after", True),
    ],
)
async def test_a_file_claimed_by_a_process_that_died_is_taken_in_once_by_the_next(
    process: Process, point: str, already: bool
) -> None:
    process.drop(interchange())
    install_failpoint_hook(lambda passed: _die() if passed == point else None)
    try:
        with pytest.raises(Killed):
            await process.look()
    finally:
        install_failpoint_hook(None)
    assert await documents(process) == ([""] if already else [])
    following = Process(process.database, process.root, owner="two", now=NOW + LEASE + timedelta(seconds=1))
    await following.look(3)
    assert process.files() == ["processed/orders.edi"]
    assert await documents(process) == [""]


async def test_while_a_process_lives_another_does_not_touch_its_claims(process: Process) -> None:
    process.drop(interchange())
    install_failpoint_hook(lambda passed: _die() if passed == "hub.connectors.folder.claim_file:after" else None)
    try:
        with pytest.raises(Killed):
            await process.look()
    finally:
        install_failpoint_hook(None)
    await Process(process.database, process.root, owner="two").look(3)
    assert [name.startswith("in/.orders.edi.") for name in process.files()] == [True]


async def test_a_file_that_cannot_be_read_holds_up_no_other(process: Process) -> None:
    process.drop(interchange("1"), "a.edi")
    (process.root / "mueller" / "processed").mkdir()
    process.drop(interchange("2"), "b.edi")

    def away(passed: str) -> None:
        if passed == "hub.connectors.folder.move_away:before" and refusals.pop():
            raise PermissionError(13, "Permission denied")

    refusals = [False, True]
    install_failpoint_hook(away)
    try:
        assert await process.look() == 1
    finally:
        install_failpoint_hook(None)
    assert len(process.files("processed")) == 1
    assert await process.look(1) == 1
    assert process.files() == ["processed/a.edi", "processed/b.edi"]
    assert await documents(process) == ["", ""]


async def test_a_partner_whose_name_could_lead_elsewhere_has_no_folder(process: Process) -> None:
    await agree(process.database, agreement().model_copy(update={"partner": "../evil"}))
    assert await process.look() == 0
    assert not (process.root.parent / "evil").exists()


def _die() -> None:
    raise Killed


async def test_an_idle_watch_writes_only_when_a_third_of_its_lease_has_passed(process: Process) -> None:
    await process.look(1)
    first = await lease_end(process.database)
    process.now += LEASE / 3 - timedelta(seconds=1)
    await process.look(1)
    between = await lease_end(process.database)
    process.now += timedelta(seconds=1)
    await process.look(1)
    assert (between, await lease_end(process.database)) == (first, process.now + LEASE)


async def test_a_new_partners_folder_is_looked_at_at_once(process: Process) -> None:
    await process.look(1)
    await agree(process.database, agreement().model_copy(update={"partner": "schmidt"}))
    await process.look(1)
    assert (process.root / "schmidt" / "in").is_dir()


async def lease_end(database: Database) -> datetime:
    """Return until when the folder is ours."""

    def job() -> Job[datetime]:
        rows = yield Query("select until from lease where name = 'folder/mueller'", {}, (datetime,))
        return rows[0][0]

    return await database.read(job)
