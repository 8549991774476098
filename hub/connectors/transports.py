"""The ways out: a partner's folder, a POST of EDIFACT, a webhook. Each carries frozen bytes and says how far they got.

All of them may be asked to carry the same parcel twice, since a time-out leaves unknown
what happened: a file overwrites itself, a POST repeats its bytes, a webhook its id.

Source: Standard Webhooks 1.0 for headers and signature; CloudEvents 1.0 HTTP binding, structured mode.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Literal

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from hub.canonical.agreement import WebhookAgreement
from hub.connectors import guarded_files
from hub.connectors.partner_folders import partner_folder
from hub.connectors.posting import Poster
from hub.errors import Unusable
from hub.seams import Seams, failpoint
from hub.store.transmissions import Parcel

Move = Literal["send", "deliver"]
"""`send`: handed over, nobody said that it was taken; `deliver`: the other side took it."""
Transport = Callable[[Parcel], Awaitable[Move]]

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


def transports(root: Path, poster: Poster, seams: Seams) -> Mapping[str, Transport]:
    """Return every way out that we go ourselves, by its name in `Transmission.transport`; `root` holds the partners."""
    return {"folder": ToFolder(root), "http": ToUrl(poster), "webhook": ToWebhook(poster, seams)}


def file_name(parcel: Parcel) -> str:
    """Return the name of an outgoing file: sorted by name is sorted as sent, and a repetition has the same name."""
    row = parcel.transmission
    return f"{row.position:010d}-{row.kind}-{_UNSAFE.sub('_', row.reference)}.edi"


class ToFolder:
    """Writes to `<root>/<partner>/out`, under a temporary name first, so that nobody reads half a file."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def __call__(self, parcel: Parcel) -> Move:
        folder = partner_folder(self._root, parcel.transmission.partner) / "out"
        await asyncio.to_thread(_write, folder, file_name(parcel), parcel.body)
        return "send"


def _write(folder: Path, name: str, body: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f".{name}.part"
    guarded_files.write(half, body)
    _put_in_place(half, folder / name)


@failpoint
def _put_in_place(half: Path, whole: Path) -> None:
    """Give a file its final name, on disk too."""
    guarded_files.rename(half, whole)
    guarded_files.sync(whole.parent)


class ToUrl:
    """Posts EDIFACT to the agreement's URL; `Idempotency-Key` is the transmission, the same at every attempt."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    async def __call__(self, parcel: Parcel) -> Move:
        edi = parcel.agreement.agreement.edi if parcel.agreement else None
        if edi is None or edi.url is None:
            raise Unusable(f"the agreement with {parcel.transmission.partner} names no URL for EDIFACT")
        headers = {
            "Content-Type": parcel.archive.content_type or "application/edifact",
            "Idempotency-Key": str(parcel.transmission.id),
        }
        await self._poster.post(edi.url, parcel.body, headers)
        return "deliver"


class ToWebhook:
    """Posts an event as a signed Standard Webhooks message; its id is the event's, the same at every attempt."""

    def __init__(self, poster: Poster, seams: Seams) -> None:
        self._poster = poster
        self._seams = seams

    async def __call__(self, parcel: Parcel) -> Move:
        webhook = parcel.agreement.agreement.webhook if parcel.agreement else None
        if webhook is None:
            raise Unusable(f"the agreement with {parcel.transmission.partner} names no webhook")
        now, identifier = self._seams.now(), str(parcel.transmission.event_id)
        signatures = [one.sign(identifier, now, parcel.body.decode()) for one in _signers(webhook)]
        headers = {
            "Content-Type": parcel.archive.content_type or "application/cloudevents+json",
            "webhook-id": identifier,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
        await self._poster.post(webhook.url, parcel.body, headers)
        return "deliver"


def _signers(webhook: WebhookAgreement) -> list[Webhook]:
    """Return who signs with each of the agreement's secrets. Raises Unusable for one that is no `whsec_` and base64."""
    try:
        return [Webhook(secret) for secret in (webhook.secret, webhook.retiring_secret) if secret]
    except (ValueError, EmptyWebhookSecretError) as error:
        raise Unusable("the webhook's secret is not whsec_ and base64; nothing can be signed with it") from error
