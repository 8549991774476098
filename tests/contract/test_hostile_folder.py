"""Whoever may write into a partner's folder reaches nothing but that folder, and holds up nobody else."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hub.connectors.transports import ToFolder
from hub.seams import install_failpoint_hook
from hub.store.database import Database
from hub.store.messages import Archive
from hub.store.status import Transmission
from hub.store.transmissions import Parcel
from tests.contract.test_folder import Process, agree, documents, every, interchange
from tests.desk import NOW
from tests.edifact_documents import agreement


@pytest.fixture
async def process(database: Database, tmp_path: Path) -> Process:
    await agree(database, agreement())
    return Process(database, tmp_path / "partners")


def parcel(body: bytes) -> Parcel:
    """Return a document on its way to the partner's folder."""
    one = UUID(int=1)
    sent = Transmission(
        *(one, "mueller", 1, "ORDRSP", one, "order.accepted.v1", None, "4711", "1", one, "folder"),
        test=False,
        state="queued",
        held=None,
        attempts=0,
        next_at=NOW,
        created_at=NOW,
    )
    archive = Archive(one, NOW, "out", "edi", "folder/mueller", "mueller", None, "0" * 64, len(body), {}, body)
    return Parcel(sent, None, archive, body)


def secret(process: Process) -> Path:
    """Return a file of the hub that no partner may touch."""
    path = process.root.parent / "ours.txt"
    if not path.exists():
        path.write_text("ours")
    return path


async def test_a_link_in_place_of_the_reason_is_not_written_through(process: Process) -> None:
    process.drop(b"")
    failed = process.root / "mueller" / "failed"
    failed.mkdir()
    (failed / "orders.edi.reason.txt").symlink_to(secret(process))
    await process.look()
    assert secret(process).read_text() == "ours"
    assert "empty" in (failed / "orders.edi.reason.txt").read_text()


async def test_a_link_in_place_of_an_outgoing_file_is_not_written_through(process: Process) -> None:
    sent = parcel(b"UNB+")
    out = process.root / "mueller" / "out"
    out.mkdir(parents=True)
    send = ToFolder(process.root)
    await send(sent)
    (name,) = (path.name for path in out.iterdir())
    for linked in (f".{name}.part", name):
        (out / linked).unlink(missing_ok=True)
        (out / linked).symlink_to(secret(process))
    await send(sent)
    assert secret(process).read_text() == "ours"
    assert (out / name).read_bytes() == b"UNB+"


async def test_a_pipe_in_place_of_an_outgoing_file_is_not_waited_for(process: Process) -> None:
    sent = parcel(b"UNB+")
    send = ToFolder(process.root)
    await send(sent)
    (name,) = (path.name for path in (process.root / "mueller" / "out").iterdir())
    os.mkfifo(process.root / "mueller" / "out" / f".{name}.part")
    await send(sent)


@pytest.mark.parametrize("folder", ["in", "out", "processed", "failed"])
async def test_a_link_in_place_of_a_folder_leads_nowhere(process: Process, folder: str) -> None:
    elsewhere = process.root.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "theirs.edi").write_bytes(interchange())
    process.drop(b"" if folder == "failed" else interchange())
    target = process.root / "mueller" / folder
    if folder == "in":
        (target / "orders.edi").unlink()
        target.rmdir()
    target.symlink_to(elsewhere)
    await process.look(3)
    if folder == "out":
        with pytest.raises(OSError, match="out"):
            await ToFolder(process.root)(parcel(b"UNB+"))
    assert [path.name for path in elsewhere.iterdir()] == ["theirs.edi"]


@pytest.mark.parametrize("put", [os.mkfifo, lambda path: path.symlink_to("/etc/hostname"), Path.mkdir])
async def test_what_takes_the_place_of_a_file_after_its_claim_is_not_read(
    process: Process, put: Callable[[Path], Any]
) -> None:
    process.drop(interchange())

    def swap(passed: str) -> None:
        if passed == "hub.connectors.folder.claim_file:after":
            (claimed,) = (process.root / "mueller" / "in").iterdir()
            claimed.unlink()
            put(claimed)

    install_failpoint_hook(swap)
    try:
        await process.look()
    finally:
        install_failpoint_hook(None)
    assert await every(process.database, Archive) == []


async def test_a_file_that_is_cut_off_while_it_is_read_ends_nothing(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.connectors.folder.IN_MEMORY", 1_000)
    body = interchange() + b" " * 3_000_000
    path = process.drop(body)
    writer = path.open("r+b")

    claimed: list[str] = []

    def cut(passed: str) -> None:
        if passed == "hub.connectors.folder.claim_file:after":
            claimed.append(passed)
        if claimed and passed.startswith("hub.store"):
            writer.truncate(0)

    install_failpoint_hook(cut)
    try:
        await process.look()
    finally:
        install_failpoint_hook(None)
        writer.close()
    (archive,) = await every(process.database, Archive)
    assert archive.size == len(body)


async def test_a_partner_whose_folder_cannot_be_read_holds_up_no_other(process: Process) -> None:
    await agree(process.database, agreement().model_copy(update={"partner": "broken"}))
    (process.root / "broken").mkdir(parents=True)
    (process.root / "broken" / "in").write_text("no folder")
    process.drop(interchange())
    assert await process.look() == 1


async def test_a_file_with_the_longest_name_is_taken_in(process: Process) -> None:
    process.drop(interchange(), "ü" * 127)
    assert await process.look() == 1
    (name,) = process.files("processed")
    assert name.startswith("processed/üüü")


async def test_a_file_that_fails_under_the_longest_name_has_its_reason_beside_it(process: Process) -> None:
    process.drop(b"", "x" * 255)
    assert await process.look() == 1
    assert len(process.files("failed")) == 2


async def test_a_second_file_of_a_name_waits_for_the_first_that_could_not_be_taken_in(process: Process) -> None:
    process.drop(interchange("1"))
    refusals = [True]

    def away(passed: str) -> None:
        if passed == "hub.connectors.folder.move_away:before" and refusals:
            refusals.pop()
            process.drop(interchange("2"))
            raise PermissionError(13, "Permission denied")

    install_failpoint_hook(away)
    try:
        await process.look(2)
    finally:
        install_failpoint_hook(None)
    await process.look(4)
    assert len(process.files("processed")) == 2
    assert await documents(process) == ["", ""]
