"""Credentials: their form, what they may do, and when they are over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.errors import PartnerError
from hub.store.tokens import Issued, credential_of, issue, split
from tests.doors import NOW, seams


def issued(*scopes: str) -> Issued:
    return issue("till 3", scopes, seams=seams(), expires_at=NOW + timedelta(days=1))


def test_a_credential_is_split_at_its_first_two_underscores() -> None:
    assert split("hub_abc_se_cr_et") == ("abc", "se_cr_et")


@pytest.mark.parametrize("text", ["", "hub", "hub_abc", "hub__secret", "hub_abc_", "Hub_abc_secret", "xhub_abc_s"])
def test_what_has_another_form_is_no_credential(text: str) -> None:
    assert split(text) is None


def test_only_the_hash_of_a_secret_is_kept() -> None:
    one = issued("operator")
    key_id, secret = split(one.text) or ("", "")
    assert one.token.key_id == key_id
    assert secret not in repr(one.token)
    assert len(secret) == 43


def test_a_secret_is_good_until_its_token_is_over_or_revoked() -> None:
    one = issued("terminal:12:3", "partner:mueller")
    _, secret = split(one.text) or ("", "")
    found = credential_of(one.token, secret, NOW)
    assert found is not None
    assert (found.terminals, found.partners, found.operator) == ({"12:3"}, {"mueller"}, False)
    assert credential_of(one.token, secret + "x", NOW) is None
    assert credential_of(None, secret, NOW) is None
    assert credential_of(one.token, secret, NOW + timedelta(days=1)) is None
    assert credential_of(one.token._replace(revoked_at=NOW), secret, NOW) is None


@pytest.mark.parametrize("scopes", [(), ("root",), ("partner:",), ("terminal:12",), ("operator", "partner:a b")])
def test_a_scope_that_does_not_exist_is_refused(scopes: tuple[str, ...]) -> None:
    with pytest.raises(PartnerError, match="scope"):
        issue("x", scopes, seams=seams())


def test_an_administrator_is_an_operator_too() -> None:
    one = issued("admin")
    found = credential_of(one.token, (split(one.text) or ("", ""))[1], NOW)
    assert found is not None
    assert found.operator
    assert not replace(found, scopes=frozenset({"operator"})).admin
