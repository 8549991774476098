"""EDIFACT files checked and told in words for whoever has a credential. Nothing that is sent here is kept."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.canonical.agreement import Agreement, DirectoryName, Edition
from hub.canonical.problem import rejected
from hub.errors import NeedsDecision, Unusable
from hub.store import agreements
from hub.store.queries.view import View
from hub.translators.edifact.checking import examine
from hub.translators.edifact.converting import as_data, read_any, write_file
from hub.translators.edifact.examples import example
from hub.translators.edifact.explaining import Explained, explain
from hub.translators.edifact.guide_book import GuideBook, guide_book
from hub.translators.edifact.telling import (
    ExplainedData,
    ReportData,
    counted,
    explained_data,
    place_in_words,
    report_data,
)
from hub.web.asking import Seeing, The, view
from hub.web.backend import Backend
from hub.web.bounds import body_within
from hub.web.models import Answer
from hub.web.openapi import problems
from hub.web.templating import ENVIRONMENT

T = TypeVar("T")

AT_ONCE = 2
"""Files that are read side by side; whoever comes beyond them is told to come again."""
MOST_BYTES = 1_000_000
"""Of a file: a second of a processor. A larger one is checked where it is, by `hub edi check`."""
LEVELS = ("error", "warning")
STYLED_ALONE = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may do: it has its styles in itself, and loads and runs nothing."""
_FILE: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/edifact": {"schema": {"type": "string"}}}}
}
_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "JSON, or a page where it is wanted"}
}

_EDIFACT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/edifact": {"schema": {"type": "string"}}}, "description": "An interchange"}
}


class ConvertedData(Answer):
    """Orders in another form: `canonical`, or `edifact` with what is `lost` in it; `sound` if nothing is wrong."""

    sound: bool
    canonical: list[dict[str, Any]] | None
    edifact: str | None
    lost: tuple[str, ...]


Terms = tuple[Agreement | None, Edition | None]
router = APIRouter(tags=["edi"], dependencies=[Depends(view)], responses=problems(413, 422))


def places() -> asyncio.Semaphore:
    """Return the places of those whose files are read at a time, for one app."""
    return asyncio.Semaphore(AT_ONCE)


async def terms(
    backend: The,
    seen: Seeing,
    partner: Annotated[str | None, Query(description="Hold it against the agreement with this partner.")] = None,
    edition: Annotated[Edition | None, Query(description="Hold it against an edition of its directory.")] = None,
) -> Terms:
    """Return what a file is to be held against beside the directories that it names. Raises Rejected (404)."""
    return (await _agreement(backend, seen, partner)) if partner is not None else None, edition


Against = Annotated[Terms, Depends(terms)]


@router.post("/edi/check", summary="What is wrong with a file, and where", openapi_extra=_FILE)
async def check(request: Request, backend: The, against: Against) -> ReportData:
    """Answer all findings of a file, held against the directories that it names or what is asked for."""
    return await _read(request, backend, lambda data: report_data(examine(data, *against)))


@router.post(
    "/edi/explain", summary="A file in words", openapi_extra=_FILE, response_model=ExplainedData, responses=_PAGE
)
async def explained(request: Request, backend: The, against: Against) -> ExplainedData | Response:
    """Answer each segment with what its elements are called, what its codes mean, and what is wrong with it."""
    if not _wants_page(request):
        return await _read(request, backend, lambda data: explained_data(explain(data, *against)))
    return _page(await _read(request, backend, lambda data: as_page(explain(data, *against), "A file")))


@router.post("/edi/convert", summary="Documents in another form", openapi_extra=_FILE)
async def convert(
    request: Request,
    backend: The,
    to: Annotated[DirectoryName | None, Query(description="A directory; without one, canonical JSON.")] = None,
) -> ConvertedData:
    """Answer the documents of a file (EDIFACT, or the canonical JSON of this answer) as JSON or in a directory."""
    now = backend.seams.now()
    return await _read(request, backend, lambda data: _converted(data, to, now))


def _converted(data: bytes, to: DirectoryName | None, now: datetime) -> ConvertedData:
    """Return the documents of a file in another form. Raises Rejected (422) where they cannot be written."""
    converted, clean = read_any(data)
    if to is None:
        return ConvertedData(sound=clean, canonical=as_data(converted), edifact=None, lost=())
    try:
        written = write_file(converted, to, now)
    except (Unusable, NeedsDecision) as error:
        raise rejected(422, str(error), "Ask for canonical JSON, which holds whatever was read.") from error
    return ConvertedData(sound=clean, canonical=None, edifact=written.data.decode("iso8859-1"), lost=written.lost)


@router.get("/edi/samples/{message}", summary="An example of a message", responses=_EDIFACT | problems(404))
async def example_of(
    request: Request,
    message: str,
    against: Against,
    directory: DirectoryName = "D.96A",
    seed: Annotated[str, Query(max_length=100, description="Other words, other values.")] = "",
    full: Annotated[bool, Query(description="Every segment that may be there.")] = False,  # noqa: FBT002 - a query parameter
) -> Response:
    """Answer an interchange with one message that is right by an agreement, an edition, or a directory alone."""
    name, (agreement, edition) = message, against
    made = await _made(
        request, lambda: example(name, agreement, edition, directory_name=directory, seed=seed, full=full)
    )
    return Response(made, media_type="application/edifact")


@router.get(
    "/partners/{partner}/guide",
    summary="The implementation guide of an agreement",
    response_model=GuideBook,
    responses=_PAGE | problems(404),
)
async def guide(request: Request, backend: The, seen: Seeing, partner: str) -> GuideBook | Response:
    """Answer what is exchanged with a partner, how each message looks, and an example of each."""
    agreement = await _agreement(backend, seen, partner)
    book = await _made(request, lambda: guide_book(agreement))
    return _page(as_guide(book)) if _wants_page(request) else book


async def _agreement(backend: Backend, seen: View, partner: str) -> Agreement:
    """Return the agreement on EDIFACT with a partner. Raises Rejected (404) where there is none for this reader."""
    row = await backend.database.read(lambda: agreements.find(partner)) if seen.sees(partner) else None
    if row is None or row.agreement.edi is None:
        raise rejected(404, f"there is no agreement on EDIFACT with {partner}", "Look at GET /partners.")
    return row.agreement


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _page(text: str) -> Response:
    return Response(text, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": STYLED_ALONE})


async def _read(request: Request, backend: Backend, work: Callable[[bytes], T]) -> T:
    """Return what work on a file comes to, done beside the event loop. Raises Rejected (503) where too many ask."""
    async with _place(request):
        data = await body_within(request, min(MOST_BYTES, backend.limit_json_bytes))
        return await asyncio.to_thread(work, data)


async def _made(request: Request, work: Callable[[], T]) -> T:
    """Return what is made without a file, likewise. Raises Rejected (404) for messages that are not held."""
    async with _place(request):
        try:
            return await asyncio.to_thread(work)
        except Unusable as error:
            raise rejected(404, str(error), "Ask for a message that is held.") from error


def _place(request: Request) -> asyncio.Semaphore:
    """Return the places of those who are served at a time. Raises Rejected (503) where none is free."""
    free: asyncio.Semaphore = request.app.state.places
    if free.locked():
        raise rejected(503, "too many files are being read", "Come again in a moment.", headers={"Retry-After": "1"})
    return free


def as_page(told: Explained, name: str) -> str:
    """Return a page that needs nothing beside it: to be sent to a partner, or printed."""
    counts = [counted(told.report.messages, "message")]
    counts += [counted(sum(one.finding.level == level for one in told.report.found), level) for level in LEVELS]
    values = {"name": name, "explained": told, "counts": counts, "place": place_in_words}
    return ENVIRONMENT.get_template("explained.html").render(values)


def as_guide(book: GuideBook) -> str:
    """Return an implementation guide as a page that needs nothing beside it."""
    return ENVIRONMENT.get_template("guide.html").render({"book": book})
