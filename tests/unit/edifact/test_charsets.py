"""What a character set may hold, and how text is brought into it."""

import pytest

from hub.translators.edifact.charsets import charset
from hub.translators.edifact.syntax import ServiceCharacters


@pytest.mark.parametrize(
    ("identifier", "text", "stranger"),
    [
        ("UNOA", 'ABC 123 .,-()/=!"%&*;<>', None),
        ("UNOA", "abc", "a"),
        ("UNOB", "abc", None),
        ("UNOB", "a@b", "@"),
        ("UNOB", "a_b", "_"),
        ("UNOC", "Müller @ home", None),
        ("UNOC", "5 €", "€"),
        ("UNOC", "a\x85b", "\x85"),
        ("UNOL", "5 €", None),
        ("UNOD", "Łódź", None),
        ("UNOD", "Àé", "À"),
        ("UNOW", "日本", None),
        ("UNOW", "a\x85b", "\x85"),
        ("UNOC", "a\nb", "\n"),
    ],
)
def test_a_character_outside_the_set_is_found(identifier: str, text: str, stranger: str | None) -> None:
    known = charset(identifier)
    assert known is not None
    assert known.stranger(text) == stranger


@pytest.mark.parametrize("identifier", ["UNOA", "UNOC", "UNOF", "UNOW"])
def test_a_clean_block_has_no_stranger_and_an_unclean_one_has(identifier: str) -> None:
    known = charset(identifier)
    assert known is not None
    for number in range(256):
        text = chr(number)
        try:
            raw = text.encode(known.codec)
        except UnicodeEncodeError:
            continue
        assert known.is_clean(raw) is (known.stranger(text) is None or text in "\r\n"), number


def test_the_service_characters_of_an_interchange_belong_to_its_set() -> None:
    known = charset("UNOA")
    assert known is not None
    marks = ServiceCharacters(component="|", element="^", release="\\", terminator="~")
    assert known.stranger("A|B^C\\~") == "|"
    assert known.with_marks(marks).stranger("A|B^C\\~") is None


@pytest.mark.parametrize("identifier", ["UNOX", "UNOY", "UNOZ", "IATA", "", "unoc"])
def test_other_sets_are_not_known(identifier: str) -> None:
    assert charset(identifier) is None


@pytest.mark.parametrize(
    ("identifier", "text", "written"),
    [
        ("UNOA", "Müller", "MUELLER"),
        ("UNOB", "Müller & Søn", "Mueller & Soen"),
        ("UNOC", "Łódź", "Lódz"),
        ("UNOC", "Müller", "Müller"),
        ("UNOC", "日", "日"),
        ("UNOW", "日", "日"),
    ],
)
def test_text_is_brought_into_a_set_letter_by_letter(identifier: str, text: str, written: str) -> None:
    known = charset(identifier)
    assert known is not None
    assert known.transliterate(text) == written
