"""Agreements as files: what is wrong is told by its place, what is shown holds no secret."""

import re
from pathlib import Path
from typing import get_args

import pytest

from hub.canonical.agreement import ReasonCode
from hub.errors import PartnerError
from hub.store.agreements import MASK, MAX_BYTES, identities, read, shown
from tests.doors import sample
from tests.patience import patience

GOOD = sample("partners/mueller.toml")


def test_an_agreement_names_the_identities_that_its_partner_may_speak_for() -> None:
    assert [(one.kind, one.value) for one in identities(read(GOOD))] == [
        ("edi", "5412345000020:14"),
        ("gln", "4012345000016"),
        ("gln", "5412345000020"),
        ("store", "12"),
    ]


@pytest.mark.parametrize(
    ("wrong", "path", "line"),
    [
        (GOOD.replace(b'directory = "D.96A"', b"") + b'directory = "D.99Z"\n', "$.edi.directory", 14),
        (GOOD.replace(b'5412345000020"\nname', b'5412345000021"\nname'), "$.party.gln", 7),
        (GOOD.replace(b'currency = "EUR"', b'curency = "EUR"'), "$.curency", 3),
        (GOOD.replace(b'them = { identifier = "5412345000020", qualifier = "14" }\n', b""), "$.edi.them", 10),
    ],
)
def test_what_is_wrong_in_an_agreement_is_told_by_path_and_line(wrong: bytes, path: str, line: int) -> None:
    with pytest.raises(PartnerError) as raised:
        read(wrong)
    (finding,) = raised.value.context["findings"]
    assert (finding.location.path, finding.location.line) == (path, line)
    assert path in str(raised.value)


GUIDED = (
    GOOD
    + b"""
[[edi.guides.ORDERS]]
required = ["DTM+2"]

[[edi.guides.ORDERS]]
since = 2027-01-01
required = ["DTM+137", "LIN/XYZ"]
[edi.guides.ORDERS.codes]
"BGM 1001" = ["220"]
"NAD C082.9999" = ["9"]
[[edi.guides.ORDERS.rules]]
when = "BGM 1225 = 1"
forbidden = ["UNO"]
"""
)


def test_a_wrong_place_in_a_guide_is_told_by_path_and_line() -> None:
    with pytest.raises(PartnerError) as raised:
        read(GUIDED)
    begin = GOOD.count(b"\n") + 1
    told = {(one.location.path, (one.location.line or 0) - begin) for one in raised.value.context["findings"]}
    assert told == {
        ("$.edi.guides.ORDERS[1].required[1]", 6),
        ("$.edi.guides.ORDERS[1].codes['NAD C082.9999']", 9),
        ("$.edi.guides.ORDERS[1].rules[0]", 10),
    }


def test_what_is_no_place_at_all_is_told_where_it_stands() -> None:
    with pytest.raises(PartnerError) as raised:
        read(GOOD + b'[[edi.guides.ORDERS]]\nlongest = { "BGM1004" = 17 }\n')
    (finding,) = raised.value.context["findings"]
    path = "$.edi.guides.ORDERS[0].longest.BGM1004['[key]']"
    assert (finding.location.path, finding.location.line) == (path, GOOD.count(b"\n") + 2)


@pytest.mark.parametrize("wrong", [b"partner = \n", b"partner = '\xff'\n"])
def test_what_is_no_toml_is_told(wrong: bytes) -> None:
    with pytest.raises(PartnerError, match=r"TOML|UTF-8"):
        read(wrong)


def test_an_error_never_repeats_a_secret() -> None:
    with pytest.raises(PartnerError) as raised:
        read(b'partner = "a"\n[party]\nname = "A"\n[shop]\nplatform = "x"\nshop = "a"\nsecrets = "very-secret"\n')
    assert "very-secret" not in str(raised.value)


def test_what_is_shown_of_an_agreement_holds_no_secret() -> None:
    text = (
        'partner = "a"\n[party]\nname = "A"\n[shop]\nplatform = "shopify"\nshop = "a"\n'
        'secrets = ["secret-1", "secret-2"]\n'
        '[webhook]\nurl = "https://a.example"\nsecret = "whsec_three"\nretiring_secret = "whsec_four"\n'
    )
    values = shown(read(text.encode()))
    assert values["shop"]["secrets"] == [MASK, MASK]
    assert (values["webhook"]["secret"], values["webhook"]["retiring_secret"]) == (MASK, MASK)


@pytest.mark.parametrize("secret", ["", "        ", "short"])
def test_a_secret_with_which_anybody_could_sign_is_refused(secret: str) -> None:
    shop = f'partner = "a"\n[party]\nname = "A"\n[shop]\nplatform = "shopify"\nshop = "a"\nsecrets = ["{secret}"]\n'
    hook = f'partner = "a"\n[party]\nname = "A"\n[webhook]\nurl = "https://a.example"\nsecret = "{secret}"\n'
    for text in (shop, hook):
        with pytest.raises(PartnerError, match="secret"):
            read(text.encode())


@pytest.mark.parametrize(
    "bomb",
    [
        b"a = " + b"[" * 400_000,
        b"".join(b"[a%d]\n" % n for n in range(50_000)),
        b"".join(b"[[a]]\nb = %d\n" % n for n in range(30_000)),
        b'a = """\n[' + b" " * 400_000 + b'x\n"""',
        b"a." * 200_000 + b"a = 1",
        b'"a" . ' * 80_000 + b"a = 1",
        b"a" * 400_000,
        (b"a . " * 31 + b"\n") * 3_000,
    ],
    ids=["depth", "tables", "arrays", "blanks", "dotted", "quoted", "long", "nearly"],
)
def test_a_file_made_to_be_slow_is_told_in_linear_time(bomb: bytes) -> None:
    with patience(), pytest.raises(PartnerError):
        read(bomb)


def test_a_file_larger_than_any_agreement_is_not_looked_at() -> None:
    with pytest.raises(PartnerError, match="are allowed"):
        read(b"#" * (MAX_BYTES + 1))


def test_every_reason_that_a_line_may_have_can_be_worded_by_agreement() -> None:
    root = Path(__file__).resolve().parents[2] / "hub"
    said = {
        code
        for folder in ("domain", "handlers")
        for path in (root / folder).rglob("*.py")
        for code in re.findall(r'"([a-z_]+\.[a-z_]+): ', path.read_text())
    }
    by_difference = {f"{what}.{end}" for what in ("price", "amount") for end in ("amended", "refused")}
    assert said | by_difference == set(get_args(ReasonCode))
