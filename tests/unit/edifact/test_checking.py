"""Checking a file without an agreement: verdict, places, lines, and what stands there."""

import pytest

from hub.canonical.finding import Location
from hub.translators.edifact import checking
from hub.translators.edifact.checking import Report, examine
from hub.translators.edifact.opening import NEEDED, Opening, read_opening
from hub.translators.edifact.quoting import Quote, quoted
from tests.edifact_inputs import ORDER, UNB, agreement, file, interchange, message

BAD_QUANTITY = (*ORDER[:4], "QTY+21:12A", "UNS+S")


def meant(report: Report) -> list[tuple[str, str, int | None, str]]:
    """Return code, level, line and the quoted part of each finding."""
    found = []
    for finding, quote in report.found:
        assert quote is not None
        found.append((finding.code, finding.level, finding.location.line, quote.text[quote.start : quote.end]))
    return found


def opening_of(data: bytes) -> Opening:
    opening = read_opening(data[:NEEDED], 0)
    assert isinstance(opening, Opening)
    return opening


def test_a_sound_file_is_valid() -> None:
    report = examine(interchange(message(*ORDER), message(*ORDER, reference="2")))
    assert report == Report("valid", 1, 2, (), 0)


def test_a_finding_has_its_line_and_points_at_what_is_meant() -> None:
    data = interchange(message(*BAD_QUANTITY)).replace(b"'", b"'\r\n")
    report = examine(data)
    assert report.verdict == "findings"
    assert meant(report) == [("37", "error", 7, "12A")]
    at = report.found[0].finding.location
    assert (at.interchange, at.message, at.segment, at.tag, at.element, at.component) == ("542", "1", 6, "QTY", 2, 2)
    assert data[at.offset or 0 :].startswith(b"QTY+21:12A'")


def test_each_interchange_of_a_file_is_counted_from_the_beginning_of_the_file() -> None:
    one = interchange(message(*BAD_QUANTITY))
    data = b"\n" + one + b"\n" + one + b"\n"
    report = examine(data)
    assert (report.interchanges, report.messages) == (2, 2)
    assert meant(report) == [("37", "error", 2, "12A"), ("37", "error", 3, "12A")]
    first, second = (found.finding.location.offset or 0 for found in report.found)
    assert second - first == len(one) + 1


def test_each_message_is_read_in_the_directory_that_it_names() -> None:
    segments = ("BGM+220:LIST+128576+9", *ORDER[1:])
    older = message(*segments)
    newer = message(*segments, reference="2", identifier="ORDERS:D:01B:UN:EAN010")
    report = examine(interchange(older, newer))
    assert meant(report) == [("39", "error", 1, "LIST")]
    assert report.found[0].finding.location.message == "1"


@pytest.mark.parametrize(
    ("identifier", "said"),
    [
        ("ORDERS:D:03B:UN:EAN008", ("14", "D", "Directory D.03B is not held: only UNH and UNT of this message were")),
        ("IFTMIN:D:96A:UN", ("17", "IFTMIN", "IFTMIN of D.96A is not held: only UNH and UNT of this message were")),
    ],
)
def test_what_is_not_held_is_told_and_only_its_envelope_is_checked(identifier: str, said: tuple[str, str, str]) -> None:
    report = examine(interchange(message("XYZ+nonsense", identifier=identifier)))
    assert report.verdict == "valid"
    assert [level for _, level, _, _ in meant(report)] == ["warning"]
    (found,) = report.found
    assert found.finding.code == said[0]
    assert found.finding.message.startswith(said[2])
    wrong_count = interchange(message("XYZ+nonsense", identifier=identifier)).replace(b"UNT+3+", b"UNT+4+")
    assert [code for code, *_ in meant(examine(wrong_count))] == [said[0], "29"]


def test_with_a_profile_the_agreement_is_what_a_file_is_held_against() -> None:
    data = interchange(message(*ORDER))
    assert examine(data, agreement()).verdict == "valid"
    assert [code for code, *_ in meant(examine(data, agreement(receives=("INVOIC",))))] == ["17"]
    assert [code for code, *_ in meant(examine(data, agreement(directory="D.01B")))] == ["14"]


@pytest.mark.parametrize("data", [b"", b"ISA*00*", b"Dear Sir,", b"UIB+UNOA:4'", b"\x00\xff"])
def test_what_is_no_interchange_is_unreadable_and_says_why(data: bytes) -> None:
    report = examine(data)
    assert report.verdict == "unreadable"
    assert report.found
    assert report.messages == 0


def test_a_file_has_so_many_findings_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MOST_FINDINGS", 3)
    data = interchange(*(message(*BAD_QUANTITY, reference=str(n)) for n in range(5)))
    report = examine(data)
    assert (report.verdict, len(report.found), report.left_out) == ("findings", 3, 2)
    only_warnings = interchange(*(message(*ORDER, identifier="X:D:03B:UN", reference=str(n)) for n in range(5)))
    report = examine(only_warnings)
    assert (report.verdict, len(report.found), report.left_out) == ("valid", 3, 2)


def test_findings_stand_in_the_order_of_their_places() -> None:
    report = examine(interchange(message(*BAD_QUANTITY), unb=UNB.replace("UNOC:3", "UNOC:9")))
    assert [code for code, *_ in meant(report)] == ["2", "37"]


@pytest.mark.parametrize(
    ("segment", "place", "part"),
    [
        ("QTY+21:12A", {"tag": "QTY", "element": 2, "component": 2}, "12A"),
        ("QTY+21:12A", {"tag": "QTY", "element": 2}, "21:12A"),
        ("QTY+21:12A", {"tag": "QTY"}, "QTY"),
        ("QTY+21:12A", {"tag": "QTY", "element": 2, "component": 3}, ""),
        ("QTY+21:12A", {"tag": "QTY", "element": 7}, ""),
        ("FTX+AAI+++a?+b?:c:d", {"tag": "FTX", "element": 5, "component": 2}, "d"),
        ("FTX+AAI+++a?+b?:c:d", {"tag": "FTX", "element": 5, "component": 1}, "a?+b?:c"),
        ("FTX+AAI+++\x07bell", {"tag": "FTX", "element": 5, "component": 1}, "\xb7bell"),
        ("COM+1:TE*2:FX", {"tag": "COM", "element": 2, "occurrence": 2, "component": 2}, "FX"),
    ],
)
def test_a_place_is_quoted(segment: str, place: dict[str, int | str], part: str) -> None:
    unb = UNB.replace("UNOC:3", "UNOC:4") if segment.startswith("COM") else UNB
    data = file([unb, segment])
    quote = quoted(data, opening_of(data), Location(offset=len(unb) + 1, **place))  # type: ignore[arg-type] # of several types
    assert quote is not None
    assert quote.text[quote.start : quote.end] == part


def test_a_segment_that_is_missing_would_stand_behind_the_one_that_is_shown() -> None:
    data = file([UNB, "BGM+220+1+9"])
    quote = quoted(data, opening_of(data), Location(tag="DTM", offset=len(UNB) + 1))
    assert quote == Quote("BGM+220+1+9'", 12, 12)


def test_a_place_without_bytes_of_its_own_is_not_quoted() -> None:
    data = file([UNB])
    assert quoted(data, opening_of(data), Location(tag="UNZ")) is None
    assert quoted(data, opening_of(data), Location(tag="UNZ", offset=len(data))) is None


@pytest.mark.parametrize("start", [0, 30, 150, 290])
def test_a_long_segment_is_cut_around_what_is_meant(start: int) -> None:
    text = "".join(chr(ord("a") + n % 26) for n in range(300))
    cut = Quote(text, start, start + 5).cut(60)
    assert len(cut.text) == 60
    assert cut.text[cut.start : cut.end] == text[start : start + 5]
