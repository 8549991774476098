"""What we write is read back by pydifact before it leaves."""

import pytest

from hub.translators.edifact import ordrsp
from hub.translators.edifact.second_reader import differences
from tests.desk import message
from tests.edifact_documents import ENVELOPE, PEN, agreed_line, agreement, answer

SLY = "'UNA?:+.? '?'+UNZ::x"


def written(name: str, **edi: object) -> bytes:
    line = agreed_line(item=PEN.model_copy(update={"name": name}))
    return ordrsp.write(message(answer(lines=(line,))), agreement(**edi), **ENVELOPE)


@pytest.mark.parametrize("edi", [{}, {"una": False}, {"syntax_version": 4}, {"directory": "D.01B"}])
def test_what_we_write_is_read_alike_by_both_readers(edi: dict[str, object]) -> None:
    assert differences(written(SLY, **edi)) == ()


@pytest.mark.parametrize("damage", [(b"Pen'", b"Pen"), (b"Pen", b"Pen?\n"), (b"UNB+", b"UNB:"), (b"Pen", b"P\x8en")])
def test_damage_is_told_and_holds_the_document(damage: tuple[bytes, bytes]) -> None:
    found = differences(written("Pen").replace(*damage) + b"'")
    assert found
    assert all(each.code == "read_back" and each.level == "error" for each in found)


def test_bytes_that_are_no_interchange_are_told() -> None:
    assert differences(b"")[0].message.startswith("We cannot read it ourselves")


def test_a_segment_that_only_one_reader_sees_is_told() -> None:
    found = differences(written("Pen") + b"XXX+1'")
    assert any("segment more: XXX" in each.message for each in found)
