"""What the documents name is there: files, headings, commands with their options, variables, messages, publishers."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
import typer.main

from hub.app import contracts
from hub.cli.commands import app
from hub.handlers import status
from hub.settings import Settings, variable_of
from hub.store import agreements, sqlite
from hub.store.verify import verify

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "bench" / "README.md", ROOT / "schemas" / "README.md"]
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
TYPED = re.compile(r"(?:.*/bin/|.* exec web )?hub ([a-z-].*)$")
VARIABLE = re.compile(r"\bHUB_[A-Z][A-Z_]*[A-Z]\b")
WIRE_TYPE = re.compile(r"\b[a-z_]+\.[a-z_]+\.v[0-9]+\b")
WHERE: Mapping[str, tuple[str, ...]] = {
    "doors": ("hub/store/receiving.py", "hub/connectors/*.py"),
    "API": ("hub/web/*.py",),
    "imports": ("hub/translators/tables.py",),
    "intake": ("hub/handlers/intake/*.py", "hub/translators/edifact/**/*.py"),
}
"""Where a publisher's messages are made, if not in the handlers of its service."""


def _without_fences(text: str) -> str:
    return FENCE.sub("", text)


def _commands(text: str) -> Iterator[list[str]]:
    """Yield what is typed after `hub`, in blocks of shell and in code within the text."""
    blocks = (body for kind, body in FENCE.findall(text) if kind in {"", "sh", "bash"})
    for line in (line for block in blocks for line in block.replace("\\\n", " ").splitlines()):
        found = TYPED.match(line)
        if found:
            yield shlex.split(found[1].split(" #")[0].split("|")[0].rstrip())
    for code in CODE.findall(_without_fences(text)):
        if code.startswith("hub "):
            yield shlex.split(code)[1:]


@cache
def _command(names: tuple[str, ...]) -> Any:
    command: Any = typer.main.get_command(app)
    for name in names:
        command = command.commands[name]
    return command


def _wrong(words: list[str]) -> str | None:
    """Return what is wrong with a command line, None if such a command with such options exists."""
    names: list[str] = []
    rest = list(words)
    while rest and hasattr(_command(tuple(names)), "commands") and not rest[0].startswith("-"):
        if rest[0] not in _command(tuple(names)).commands:
            return f"there is no command {' '.join([*names, rest[0]])}"
        names.append(rest.pop(0))
    known = {option for parameter in _command(tuple(names)).params for option in parameter.opts}
    unknown = {word.partition("=")[0] for word in rest if word.startswith("--")} - known - {"--help"}
    return f"{' '.join(names)} has no option {', '.join(sorted(unknown))}" if unknown else None


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_to_a_file_that_is_there(page: Path) -> None:
    targets = [link.partition("#")[0] for link in LINK.findall(_without_fences(page.read_text("utf-8")))]
    inside = [target for target in targets if target and "://" not in target]
    assert [target for target in inside if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_is_there_with_its_options(page: Path) -> None:
    assert [wrong for words in _commands(page.read_text("utf-8")) if (wrong := _wrong(words))] == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_variable_is_a_setting(page: Path) -> None:
    named = {name.removesuffix("_FILE") for name in VARIABLE.findall(page.read_text("utf-8"))}
    assert named <= {variable_of(field) for field in Settings.model_fields}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_message_type_exists(page: Path) -> None:
    types = {payload.TYPE for payload in contracts.payloads()}
    examples = {"order.accept.v1"}
    assert set(WIRE_TYPE.findall(page.read_text("utf-8"))) - examples <= types


def test_the_checks_themselves_notice() -> None:
    assert _wrong(["order", "shew", "1"]) == "there is no command order shew"
    assert _wrong(["order", "list", "--colour"]) == "order list has no option --colour"
    assert _wrong(["import", "items", "items.csv", "--dry-run"]) is None
    assert list(_commands("```\nsudo /opt/hub/bin/hub web --port 1   # why\n```\n`hub doctor`")) == [
        ["web", "--port", "1"],
        ["doctor"],
    ]


def _message_table() -> Any:
    spec = spec_from_file_location("message_table", ROOT / "scripts" / "message_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_messages_is_what_the_code_says() -> None:
    assert (ROOT / "docs" / "messages.md").read_text("utf-8") == _message_table().page()


def test_every_publisher_on_the_page_names_the_message_in_its_code() -> None:
    publishers: Mapping[str, tuple[str, ...]] = _message_table().PUBLISHERS
    payloads = {payload.TYPE: payload.__name__ for payload in contracts.payloads()}
    assert publishers.keys() == payloads.keys()
    silent = [
        (type_, publisher)
        for type_, names in publishers.items()
        for publisher in names
        if not re.search(rf"\b{payloads[type_]}\b", _code_of(publisher))
    ]
    assert silent == []


def _code_of(publisher: str) -> str:
    folder, file = ROOT / "hub" / "handlers" / publisher, ROOT / "hub" / "handlers" / f"{publisher}.py"
    patterns = WHERE.get(publisher)
    if patterns is not None:
        files = [path for pattern in patterns for path in ROOT.glob(pattern)]
    else:
        files = sorted(folder.glob("*.py")) if folder.is_dir() else [file]
    return "\n".join(path.read_text("utf-8") for path in files)


def test_what_is_partner_facing_is_what_the_status_service_tells() -> None:
    facing = {payload.TYPE for payload in contracts.payloads() if payload.PARTNER_FACING}
    assert {payload.TYPE for payload in status.PARTNER_FACING} == facing


def test_the_signature_check_of_the_guide_agrees_with_standard_webhooks() -> None:
    text = (ROOT / "docs" / "guides" / "first-partner.md").read_text("utf-8")
    (code,) = (body for kind, body in FENCE.findall(text) if kind == "python")
    program = f"""{code}
from datetime import UTC, datetime
from standardwebhooks import Webhook
secret, now = "whsec_4YTm73Ck6JXKDSktqkq4qIn6R/c792B3PN1xYBeOOak=", datetime.now(UTC)
body = b'{{"a": 1}}'
headers = {{"webhook-id": "x", "webhook-timestamp": str(int(now.timestamp()))}}
headers["webhook-signature"] = Webhook(secret).sign("x", now, body.decode())
late = headers | {{"webhook-timestamp": str(int(now.timestamp()) - 3600)}}
print(is_genuine(secret, headers, body), is_genuine(secret, headers, body + b" "), is_genuine(secret, late, body))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["True", "False", "False"]


NAMED_TEST = re.compile(r"`(test_\w+\.py)::(test_\w+)`")
PROMISES = (ROOT / "docs" / "promises.md").read_text("utf-8")


def test_every_test_that_is_said_to_show_a_promise_exists() -> None:
    named = NAMED_TEST.findall(PROMISES)
    files = {file.name: file.read_text("utf-8") for file in (ROOT / "tests").rglob("test_*.py")}
    assert [pair for pair in named if f"def {pair[1]}(" not in files.get(pair[0], "")] == []


def test_each_of_the_twenty_interleavings_has_a_test() -> None:
    rows = re.findall(r"^\| (\d+) \| .* \| (.*) \|$", PROMISES, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 21))
    assert all(NAMED_TEST.search(shown) for _, shown in rows)


def test_the_guide_tells_of_every_check_what_to_do(sqlite_database_url: str) -> None:
    connection = sqlite.connect(sqlite_database_url.removeprefix("sqlite:///"))
    names = [check.name for check in sqlite.drive(connection, verify)]
    connection.close()
    guide = (ROOT / "docs" / "guides" / "operating.md").read_text()
    rows = re.findall(r"^\| (.+?) \|", guide[guide.index("**`hub verify` finds something.**") :], re.MULTILINE)
    assert sorted(names) == sorted(one for row in rows[1:] for one in row.split("; "))


def test_the_guide_tells_of_every_kind_of_task_what_to_do() -> None:
    code = "\n".join(file.read_text() for file in sorted((ROOT / "hub").rglob("*.py")))
    kinds = set(re.findall(r"""(?:task|[rR]emark)\((?:row, )?\s*"([a-z_]+)\"""", code))
    assert len(kinds) > 25
    guide = (ROOT / "docs" / "guides" / "operating.md").read_text()
    rows = re.findall(r"^\| (`.+?) \|", guide[guide.index("## Tasks") : guide.index("## Documents on")], re.MULTILINE)
    assert sorted(kinds) == sorted(one.strip("`") for row in rows for one in row.split(", "))


def test_the_guide_that_is_shown_as_an_example_can_be_agreed() -> None:
    (shown,) = [
        body for kind, body in FENCE.findall((ROOT / "docs/guides/edifact.md").read_text("utf-8")) if kind == "toml"
    ]
    whole = (ROOT / "tests/samples/partners/mueller.toml").read_text("utf-8")
    agreement = agreements.read((whole + shown.replace("[edi]\n", "")).encode())
    assert agreement.edi is not None
    assert [guide.since is None for guide in agreement.edi.guides["ORDERS"]] == [True, False]
