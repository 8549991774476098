"""Documents that a partner fetches: EDIFACT by `GET /edi/outbound`, in the partner's own order."""

import base64
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from hub.canonical.problem import rejected
from hub.store.statements import Job
from hub.store.tokens import Credential
from hub.store.transmissions import Parcel, confirm_through, outbound_after
from hub.web.asking import The, reader
from hub.web.models import Answer

router = APIRouter(tags=["edi"])


class OutboundAnswer(Answer):
    """One document as it was frozen; `content` is base64 of the bytes, since EDIFACT is not always UTF-8."""

    position: int
    kind: str
    reference: str
    created_at: datetime
    sha256: str
    content_type: str | None
    content: str

    @classmethod
    def of_parcel(cls, parcel: Parcel) -> "OutboundAnswer":
        """Return what a partner fetches."""
        content = base64.b64encode(parcel.body).decode()
        archive = parcel.archive
        return cls.of(parcel.transmission, sha256=archive.sha256, content_type=archive.content_type, content=content)


class OutboundPage(Answer):
    """Documents in order; asking again after `next` says that these have arrived."""

    documents: list[OutboundAnswer]
    next: int


@router.get("/edi/outbound", summary="Documents waiting for the partner that asks")
async def outbound(
    backend: The,
    credential: Annotated[Credential, Depends(reader)],
    after: Annotated[int, Query(ge=0, description="The last position that has arrived.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> OutboundPage:
    """Answer the documents after a position; everything up to it is delivered from then on."""
    if len(credential.partners) != 1:
        raise rejected(403, "a partner fetches its own documents", "Use a credential of one partner.")
    (partner,) = credential.partners
    now = backend.seams.now()

    def fetch() -> Job[list[Parcel]]:
        yield from confirm_through(partner, after, now)
        return (yield from outbound_after(partner, after, limit))

    parcels = await backend.database.run(fetch, lane="door")
    found = [OutboundAnswer.of_parcel(parcel) for parcel in parcels]
    return OutboundPage(documents=found, next=found[-1].position if found else after)
