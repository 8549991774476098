"""What a partner's CONTRL points at: each error with its place, and what stands there in our own bytes.

Source: CONTRL D.3 and 4.1; elements 0096, 0098 and 0104 for how places are counted.
"""

from collections.abc import Iterable, Iterator, Mapping

from hub.canonical.finding import Finding
from hub.translators.edifact.envelope import Envelope
from hub.translators.edifact.events import Closed, MessageOpened, Opened
from hub.translators.edifact.opening import NEEDED, Fault, read_opening
from hub.translators.edifact.quoting import quoted
from hub.translators.edifact.run import Run
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.telling import place_in_words
from hub.translators.edifact.tokenizer import Tokenizer

Places = Mapping[tuple[str | None, int | str], Segment]


def pointed_out(interchange: bytes, findings: Iterable[Finding]) -> Iterator[str]:
    """Yield each finding of a CONTRL in words, with what it means in our interchange, where it names a place of it."""
    opening = read_opening(interchange[:NEEDED], 0)
    places = _places(interchange)
    for finding in findings:
        at = finding.location
        segment = places.get((at.message, at.segment or at.tag or ""))
        if segment is None or isinstance(opening, Fault):
            yield finding.message
            continue
        place = at.model_copy(update={"tag": segment.tag, "offset": segment.offset})
        words = ", ".join(place_in_words(finding.model_copy(update={"location": place})))
        quote = quoted(interchange, opening, place)
        part = quote.text[quote.start : quote.end] if quote is not None and at.element is not None else ""
        shown = quote.cut().text if quote is not None else segment.tag
        yield f"{finding.message}: {words}: {f'{part} in {shown}' if part else shown}"


def _places(interchange: bytes) -> Places:
    """Return our segments by message and position, and those of the envelope by their tags."""
    found: dict[tuple[str | None, int | str], Segment] = {}
    message: str | None = None
    for event in Envelope().read(Tokenizer([interchange]).runs()):
        if isinstance(event, MessageOpened):
            message = event.place.message
        elif isinstance(event, Run):
            for segment in event:
                found[message, segment.position] = segment
                if segment.tag in {"UNH", "UNT"}:
                    found[message, segment.tag] = segment
        elif isinstance(event, Opened) and event.unb is not None:
            found[None, "UNB"] = event.unb
        elif isinstance(event, Closed) and event.unz is not None:
            found[None, "UNZ"] = event.unz
    return found
