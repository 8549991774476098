"""What holds for every identifier, id and amount, not only for those that an example names."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.canonical.envelope import derive_id, id_time, named_id, new_id
from hub.canonical.values import MINOR_UNITS, Quantity, check_digit, gtin14, has_check_digit, round_amount

DIGITS = st.text("0123456789", min_size=7, max_size=17)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
WORDS = st.text(max_size=20)


@given(DIGITS)
def test_a_number_with_its_check_digit_is_right(digits: str) -> None:
    assert has_check_digit(digits + check_digit(digits))


@given(DIGITS, st.data())
def test_one_wrong_digit_is_always_found(digits: str, data: st.DataObject) -> None:
    number = digits + check_digit(digits)
    index = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != number[index]))
    assert not has_check_digit(number[:index] + wrong + number[index + 1 :])


@given(st.text(max_size=30))
def test_any_text_may_be_asked_for_its_check_digit(text: str) -> None:
    assert not has_check_digit(text) or (text.isascii() and text.isdigit())


@given(DIGITS.filter(lambda digits: len(digits) < 14))
def test_leading_zeros_do_not_change_a_check_digit(digits: str) -> None:
    assert check_digit(gtin14(digits)) == check_digit(digits)


@given(INSTANTS, st.binary(min_size=10, max_size=10))
def test_an_id_tells_its_time_to_the_millisecond(at: datetime, entropy: bytes) -> None:
    made = new_id(at, entropy)
    assert made.version == 7
    assert timedelta(0) <= at - id_time(made) < timedelta(milliseconds=2)


@given(INSTANTS, st.binary(min_size=10, max_size=10), WORDS, WORDS, st.integers(0, 10_000), st.integers(0, 100))
def test_what_is_derived_from_a_message_has_the_same_id_each_time_and_the_time_of_its_cause(
    at: datetime, entropy: bytes, service: str, type_: str, ordinal: int, revision: int
) -> None:
    cause = new_id(at, entropy)
    derived = derive_id(cause, service, type_, ordinal, revision)
    assert derived == derive_id(cause, service, type_, ordinal, revision)
    assert derived != derive_id(cause, service, type_, ordinal + 1, revision)
    assert derived != derive_id(cause, service, type_, ordinal, revision + 1)
    assert id_time(derived) == id_time(cause)
    assert derived.version == 7


@given(st.lists(WORDS.filter(lambda word: "\x1f" not in word), min_size=1, max_size=4), st.data())
def test_a_named_id_depends_on_every_part(parts: list[str], data: st.DataObject) -> None:
    made = named_id(*parts)
    assert made == named_id(*parts)
    assert made.version == 8
    index = data.draw(st.integers(0, len(parts) - 1))
    others = [*parts[:index], parts[index] + "x", *parts[index + 1 :]]
    assert made != named_id(*others)
    assert UUID(str(made)) == made


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=6),
    st.sampled_from(sorted(MINOR_UNITS)),
)
def test_rounding_moves_an_amount_by_half_a_minor_unit_at_most(amount: Decimal, currency: str) -> None:
    unit = Decimal(1).scaleb(-MINOR_UNITS[currency])
    rounded = round_amount(amount, currency)
    assert abs(rounded - amount) <= unit / 2
    assert rounded == round_amount(rounded, currency)
    assert rounded % unit == 0
    assert round_amount(-amount, currency) == -rounded


@pytest.mark.parametrize("text", ["1" * 39, "0." + "1" * 39, "1E+38", "1E-39", "NaN", "Infinity"])
def test_a_number_from_outside_has_38_digits_at_most(text: str) -> None:
    with pytest.raises(ValidationError):
        Quantity.model_validate({"value": text})
    with pytest.raises(ValidationError):
        Quantity.model_validate({"value": Decimal(text)})


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1,5", ""])
def test_what_is_no_number_is_none_in_json_either(text: str) -> None:
    with pytest.raises(ValidationError):
        Quantity.model_validate_json(f'{{"value":"{text}"}}')
