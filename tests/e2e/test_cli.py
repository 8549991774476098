"""The `hub` command as a user types it: on an empty folder, without a running hub and beside one."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest

from demo.catalogue import AGREEMENTS, DATA, KINDS, articles
from demo.retailer import Wanted, interchange, invoices
from demo.running_hub import RunningHub

T = TypeVar("T")
TIMEOUT = 60
LOOKS = 5_000
ARTICLES = {one.sku: one for one in articles()}
HEAVY = {"fastapi", "starlette", "sqlalchemy", "faststream", "aio_pika", "httpx2", "uvicorn", "pydantic", "lxml"}


class Shell:
    """Runs `hub` commands on one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.settings: dict[str, str] = {}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"HUB_DATA_DIR": str(self.data), "HUB_PORT": "0", **self.settings}
        command = [sys.executable, "-m", "hub", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=TIMEOUT)

    def does(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def answers(self, *arguments: str) -> Any:
        return json.loads(self.does(*arguments))

    def until(self, *arguments: str) -> Any:
        """Ask until the list that is answered is not empty."""
        return until(lambda: self.answers(*arguments, "--json"))

    def refuses(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode != 0, done.stdout
        assert "Traceback" not in done.stderr
        return re.sub(r"\s+", " ", done.stderr)


def until(look: Callable[[], T]) -> T:
    """Look until there is something to see: what a command began goes on by itself."""
    for _ in range(LOOKS):
        if found := look():
            return found
    raise AssertionError(f"after {LOOKS} looks still nothing")


@pytest.fixture
def hub(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "data")


def agreement(folder: Path, listener: str = "http://127.0.0.1:9") -> Path:
    file = folder / "nordmarkt.toml"
    file.write_text((AGREEMENTS / "nordmarkt.toml").read_text().replace("$listener", listener))
    return file


def order_file(folder: Path, lines: Mapping[str, int], number: str = "PO-1") -> Path:
    wanted = Wanted(number, [(ARTICLES[sku], quantity) for sku, quantity in lines.items()])
    file = folder / f"{number}.edi"
    file.write_bytes(interchange(f"R{number}", [wanted]))
    return file


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    code = "import sys, hub.cli.commands; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)
    shown = subprocess.run(
        [sys.executable, "-m", "hub", "--help"], capture_output=True, text=True, check=True, env=os.environ
    ).stdout
    commands = (
        "up web worker migrate doctor send order messages parked task transmission partner import delivery payment"
        " stock token verify resend edi"
    )
    assert [name for name in commands.split() if not re.search(rf"\b{name}\b", shown)] == []


async def test_an_order_goes_from_a_file_to_its_last_payment_by_commands_alone(hub: Shell, tmp_path: Path) -> None:
    async with RunningHub(hub.data, settings={"HUB_AUTO_WAREHOUSE": "false"}):
        by_commands_alone(hub, tmp_path)


def by_commands_alone(hub: Shell, tmp_path: Path) -> None:
    for kind in KINDS:
        hub.does("import", kind, str(DATA / f"{kind}.csv"))
    assert hub.answers("partner", "import", str(agreement(tmp_path)))["state"] == "created"
    assert "nordmarkt" in hub.does("partner", "list")
    sent = hub.answers("send", str(order_file(tmp_path, {"TEA-100": 10, "CUP-WH": 4})), "--partner", "nordmarkt")
    assert sent["interchanges"][0]["reference"] == "RPO-1"
    (delivery,) = hub.until("delivery", "list")
    order = hub.answers("order", "show", "nordmarkt/PO-1", "--json")["order"]
    assert order["state"] == "confirmed"
    for move in ("release", "pick", "pack", "ship"):
        answer = hub.answers("delivery", move, delivery["number"])
        assert [one["outcome"] for one in answer["outcomes"]] == ["applied"]
    (owed,) = until(lambda: invoices(hub.data / "partners" / "nordmarkt" / "out"))
    assert str(owed.amount) == "56.61", "10 x 3.40 at 7 % and 4 x 4.25 at 19 %"
    hub.does("payment", "record", "TRF-1", str(owed.amount), "--invoice", owed.number)
    until(lambda: "order.completed.v1" in hub.does("order", "show", order["number"]))
    assert hub.answers("order", "show", order["number"], "--json")["order"]["state"] == "completed"
    odds_and_ends(hub, owed.number)
    assert "applied" in hub.does("messages")
    listed = next(one for one in hub.answers("messages", "--json") if one["kind"] == "ORDERS")
    shown = hub.answers("message", "show", listed["id"], "--json")
    assert (shown["message"], shown["event"]["data"]["order"]["number"]) == (listed, "PO-1")
    assert '"PO-1"' in hub.does("message", "show", listed["id"])
    assert hub.answers("stock", "show", "TEA-100", "--json")[0]["on_hand"] == "3990"
    assert hub.answers("verify", "--json")["balanced"]
    resent = hub.answers("resend", "--older-than", "0", "--reason", "to see", "--json")
    assert (resent["looked_at"] > 0, resent["sent"]) == (True, {})


def odds_and_ends(hub: Shell, invoice: str) -> None:
    """Pay an invoice that is paid already, look at the task that makes, and at what the partner was sent."""
    hub.does("payment", "record", "TRF-2", "5.00", "--invoice", invoice)
    assert [one["reference"] for one in hub.until("payment", "list", "--unallocated")] == ["TRF-2"]
    refused = hub.run("payment", "allocate", "TRF-2", "--invoice", invoice)
    assert (refused.returncode, f"nothing is open of {invoice}" in refused.stdout) == (1, True)
    (task,) = hub.until("task", "list")
    assert (task["kind"], task["subject"]) == ("payment_unallocated", "TRF-2")
    assert hub.answers("task", "close", task["id"], "--reason", "sent back")["note"] == "sent back"
    assert hub.does("task", "list").strip() == "nothing"
    sent = hub.answers("transmission", "list", "--partner", "nordmarkt", "--json")
    assert sorted(one["kind"] for one in sent) == ["CONTRL", "DESADV", "INVOIC", "ORDRSP"]
    assert "UNB+UNOC" in hub.does("transmission", "show", sent[0]["id"])
    assert "queue is not possible in state" in hub.refuses(
        "transmission", "requeue", sent[0]["id"], "--reason", "why not"
    )


def test_what_is_wrong_in_a_table_is_told_by_line_and_column_and_nothing_is_taken(hub: Shell, tmp_path: Path) -> None:
    broken = tmp_path / "items.csv"
    rows = ("TEA,4012345001014,Tea,C62,reduced,yes", "CUP,4012345001013,,C62,reduced,yes")
    broken.write_text("\n".join(("sku,gtin,name,unit,vat_code,stocked", *rows, "")))
    told = hub.refuses("import", "items", str(broken))
    assert "line 2, gtin:" in told
    assert "line 3, name:" in told
    whole = hub.does("import", "items", str(DATA / "items.csv"), "--dry-run")
    assert json.loads(whole) == {"commands": 1}
    assert hub.answers("stock", "show", "--json") == []


def test_what_is_wrong_in_an_agreement_is_told_by_line(hub: Shell, tmp_path: Path) -> None:
    file = agreement(tmp_path)
    file.write_text(file.read_text().replace('contrl = "always"', 'contrl = "sometimes"'))
    told = hub.refuses("partner", "import", str(file))
    assert "contrl" in told
    assert re.search(r"line \d+", told)


async def test_a_conflict_is_parked_shown_and_dropped_or_replayed_with_a_reason(hub: Shell, tmp_path: Path) -> None:
    async with RunningHub(hub.data):
        decided_by_commands(hub, tmp_path)


def decided_by_commands(hub: Shell, tmp_path: Path) -> None:
    hub.does("partner", "import", str(agreement(tmp_path)))
    file = order_file(tmp_path, {"TEA-100": 1})
    hub.does("send", str(file), "--partner", "nordmarkt")

    def again(number: str) -> tuple[str, str]:
        """Send another order under the reference of the first, and return what is parked."""
        file.write_bytes(interchange("RPO-1", [Wanted(number, [(ARTICLES["TEA-100"], 2)])]))
        hub.does("send", str(file), "--partner", "nordmarkt")
        (parked,) = hub.until("parked", "list")
        assert parked["error_class"] == "conflict"
        return parked["service"], parked["message_id"]

    mistake = again("PO-2")
    assert "came with other content before" in hub.does("parked", "show", *mistake)
    assert hub.answers("parked", "drop", *mistake, "--reason", "sent by mistake")["state"] == "dropped"
    assert (
        hub.answers("parked", "replay", *again("PO-3"), "--reason", "their counter began anew")["state"] == "replayed"
    )
    assert hub.answers("parked", "list", "--json") == []
    taken = until(lambda: [row for row in hub.answers("order", "list", "--json") if row["buyers_number"] == "PO-3"])
    assert len(taken) == 1
    assert {row["buyers_number"] for row in hub.answers("order", "list", "--json")} == {"PO-1", "PO-3"}
    assert hub.answers("verify", "--json")["balanced"]


def test_a_credential_is_shown_once_listed_without_its_secret_and_revoked(hub: Shell) -> None:
    made = hub.answers("token", "add", "acme", "--scope", "operator")
    listed = hub.does("token", "list")
    assert made["key_id"] in listed
    assert made["token"].partition(made["key_id"])[2] not in listed
    hub.does("token", "revoke", made["key_id"], "--reason", "gone")
    row = next(one for one in hub.answers("token", "list", "--json") if one["key_id"] == made["key_id"])
    assert row["revoked_at"]
    assert "scope nonsense" in hub.refuses("token", "add", "acme", "--scope", "nonsense")


def test_a_file_is_converted_without_a_hub_and_what_is_wrong_with_it_is_told(hub: Shell, tmp_path: Path) -> None:
    file = order_file(tmp_path, {"TEA-100": 3})
    (good,) = hub.answers("edi", "convert", str(file))
    assert good["documents"][0]["data"]["order"]["lines"][0]["quantity"]["value"] == "3"
    file.write_bytes(file.read_bytes().replace(b"UNT+", b"UNT+9"))
    done = hub.run("edi", "convert", str(file))
    assert done.returncode == 1
    assert json.loads(done.stdout)[0]["interchange"]["messages"][0]["findings"][0]["code"] == "29"
    assert not hub.data.exists()


def test_a_file_is_checked_without_a_hub_for_people_and_for_machines(hub: Shell, tmp_path: Path) -> None:
    file = order_file(tmp_path, {"TEA-100": 3})
    done = hub.run("edi", "check", str(file))
    assert (done.returncode, done.stdout) == (0, f"{file.name}: valid: 1 interchange, 1 message\n")
    file.write_bytes(file.read_bytes().replace(b"UNT+", b"UNT+9"))
    done = hub.run("edi", "check", str(file))
    assert done.returncode == 1
    (first, shown, marked, said, empty, last) = done.stdout.splitlines()
    assert first.startswith("error 29, line ")
    assert (shown[marked.index("^") : marked.rindex("^") + 1][0], empty) == ("9", "")
    assert said.startswith("  UNT counts 9")
    assert last == f"{file.name}: findings: 1 interchange, 1 message, 1 error"
    told = json.loads(hub.run("edi", "check", str(file), "--json").stdout)
    (finding,) = told["findings"]
    assert (told["verdict"], told["messages"], finding["code"], finding["level"]) == ("findings", 1, "29", "error")
    place = finding["location"]
    assert (place["tag"], place["element"], place["component"]) == ("UNT", 2, None)
    assert set(place) == {"interchange", "message", "segment", "tag", "element", "component", "offset", "line"}
    file.write_bytes(b"Dear Sir,")
    assert hub.run("edi", "check", str(file)).returncode == 2
    assert not hub.data.exists()


def test_a_file_is_told_in_words_and_as_a_tree_without_a_hub(hub: Shell, tmp_path: Path) -> None:
    file = order_file(tmp_path, {"TEA-100": 3})
    assert "which quantity: 21 (ordered)" in hub.run("edi", "explain", str(file)).stdout
    assert hub.run("edi", "explain", str(file), "--html").stdout.startswith("<!doctype html>")
    assert json.loads(hub.run("edi", "explain", str(file), "--json").stdout)["verdict"] == "valid"
    lines = hub.run("edi", "tree", str(file)).stdout.splitlines()
    assert lines[0].startswith("UNB+")
    assert any(line.startswith("      QTY+21:3") for line in lines)
    file.write_bytes(file.read_bytes().replace(b"QTY+21:3", b"QTY+21:\x1b[31m"))
    done = hub.run("edi", "tree", str(file))
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert not hub.data.exists()


def test_files_are_split_joined_and_made_fit_to_be_shown(hub: Shell, tmp_path: Path) -> None:
    one = order_file(tmp_path, {"TEA-100": 3})
    both, parts, shown = tmp_path / "both.edi", tmp_path / "parts", tmp_path / "shown.edi"
    hub.does("edi", "join", str(one), str(one), "--to", str(both))
    assert hub.run("edi", "check", str(both)).stdout == "both.edi: valid: 2 interchanges, 2 messages\n"
    hub.does("edi", "split", str(both), "--to", str(parts))
    assert [part.read_bytes().strip() for part in sorted(parts.iterdir())] == [one.read_bytes().strip()] * 2
    assert hub.run("edi", "diff", str(one), str(min(parts.iterdir()))).returncode == 0
    hub.does("edi", "anonymise", str(one), "--to", str(shown))
    done = hub.run("edi", "diff", str(one), str(shown))
    assert (done.returncode, "item number: " in done.stdout, "quantity: " in done.stdout) == (1, True, False)
    assert hub.run("edi", "check", str(shown)).returncode == 0
    assert b"4012345000023" in one.read_bytes()
    assert b"4012345000023" not in shown.read_bytes()
    made = tmp_path / "made.edi"
    made.write_text(hub.does("edi", "sample", "INVOIC", "--directory", "D.01B", "--full"), encoding="ascii")
    assert hub.run("edi", "check", str(made)).returncode == 0
    assert "cannot be written: File exists" in hub.refuses("edi", "anonymise", str(one), "--to", str(shown))


def test_an_agreement_is_checked_without_a_hub_and_every_mistake_has_its_line(hub: Shell, tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    file.write_text(
        'partner = "acme"\nparty = { name = "Acme" }\nglns = ["4012345000024"]\n\n[edi]\nus = { identifier = "1" }\n'
        'them = { identifier = "2" }\ndirectory = "99Z"\n',
        encoding="utf-8",
    )
    done = hub.run("partner", "check", str(file), "--json")
    assert done.returncode == 1
    assert [(row["line"], row["path"]) for row in json.loads(done.stdout)] == [(3, "$.glns[0]"), (8, "$.edi.directory")]
    assert "expected 4012345000023" in done.stdout
    file.write_text(file.read_text("utf-8").replace("99Z", "D.99Z").replace("0024", "0023"), encoding="utf-8")
    assert "D.99Z is not held" in hub.run("partner", "check", str(file)).stdout
    file.write_text(file.read_text("utf-8").replace("D.99Z", "D.01B"), encoding="utf-8")
    assert hub.run("partner", "check", str(file)).stdout == "acme.toml: the agreement with acme is sound\n"
    file.write_text("partner = ", encoding="utf-8")
    assert "not TOML" in hub.run("partner", "check", str(file)).stdout
    assert not hub.data.exists()


def test_somebody_new_gets_an_agreement_a_guide_and_an_example(hub: Shell, tmp_path: Path) -> None:
    file, agreed = order_file(tmp_path, {"TEA-100": 3}), tmp_path / "acme.toml"
    agreed.write_text(hub.does("partner", "draft", str(file), "--partner", "acme"), encoding="utf-8")
    assert "is sound" in hub.does("partner", "check", str(agreed))
    assert "valid" in hub.does("edi", "check", str(file), "--profile", str(agreed))
    with agreed.open("a", encoding="utf-8") as text:
        text.write('\n[[edi.guides.ORDERS]]\nrequired = ["RFF+CT"]\n')
    done = hub.run("edi", "check", str(file), "--profile", str(agreed))
    assert (done.returncode, "RFF+CT is missing, the guide of acme requires it" in done.stdout) == (1, True)
    page = hub.does("edi", "guide", str(agreed))
    assert "<code>RFF+CT</code>" in page
    (sample := tmp_path / "sample.edi").write_text(hub.does("edi", "sample", "ORDERS", "--profile", str(agreed)))
    assert "valid" in hub.does("edi", "check", str(sample), "--profile", str(agreed))
    assert "valid" in hub.does("edi", "check", str(sample), "--profile", "EANCOM.1997")
    assert "neither a file" in hub.refuses("edi", "check", str(sample), "--profile", "EANCOM.2003")
    agreed.write_text(agreed.read_text(encoding="utf-8").replace("RFF+CT", "RFX+CT"), encoding="utf-8")
    assert "RFX+CT: no such segment" in hub.run("partner", "check", str(agreed)).stdout
    assert not hub.data.exists()


def test_orders_go_to_the_other_directory_and_back_without_a_hub(hub: Shell, tmp_path: Path) -> None:
    file = order_file(tmp_path, {"TEA-100": 3})
    (newer := tmp_path / "newer.edi").write_text(hub.does("edi", "convert", str(file), "--to", "D.01B"))
    assert "ORDERS:D:01B:UN" in newer.read_text()
    (text := tmp_path / "orders.json").write_text(hub.does("edi", "convert", str(newer)))
    (older := tmp_path / "older.edi").write_text(hub.does("edi", "convert", str(text), "--to", "D.96A"))
    before, after = (
        hub.answers("edi", "convert", str(one))[0]["documents"][0]["data"]["order"] for one in (file, older)
    )
    assert [after[name] for name in ("number", "buyer", "delivery", "requested_delivery")] == [
        before[name] for name in ("number", "buyer", "delivery", "requested_delivery")
    ]
    assert [line["quantity"] for line in after["lines"]] == [line["quantity"] for line in before["lines"]]
    assert "canonical, D.96A or D.01B" in hub.refuses("edi", "convert", str(file), "--to", "D.99A")


def test_what_comes_by_a_pipe_is_checked_too(hub: Shell, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=pipe.write_bytes, args=(order_file(tmp_path, {"TEA-100": 3}).read_bytes(),))
    writing.start()
    assert hub.does("edi", "check", str(pipe)) == "pipe: valid: 1 interchange, 1 message\n"
    writing.join()


def test_a_file_is_checked_against_a_profile(hub: Shell, tmp_path: Path) -> None:
    file, profile = order_file(tmp_path, {"TEA-100": 3}), tmp_path / "partner.toml"
    profile.write_text("partner = 1", encoding="utf-8")
    assert "partner" in hub.refuses("edi", "check", str(file), "--profile", str(profile))


def test_doctor_tells_what_is_missing(hub: Shell) -> None:
    hub.data.mkdir()
    assert "run `hub migrate`" in hub.run("doctor").stdout
    hub.does("migrate")
    assert {row["check"]: row["ok"] for row in hub.answers("doctor", "--json")} == {
        "settings": True, "database": True, "tables": True, "broker and queues": True
    }  # fmt: skip
    hub.settings["HUB_BROKER_URL"] = "amqp://127.0.0.1:1/"
    assert "the broker is away" in hub.run("doctor").stdout


@pytest.mark.parametrize("command", ["web", "worker"])
def test_what_needs_several_processes_is_refused_on_sqlite(hub: Shell, command: str) -> None:
    assert "needs PostgreSQL and RabbitMQ: SQLite and the embedded broker" in hub.refuses(command)


@pytest.mark.parametrize("command", [("up",), ("token", "list")])
def test_a_data_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    no_folder = tmp_path / "file"
    no_folder.write_text("not a folder")
    told = Shell(no_folder / "data").refuses(*command)
    assert told.strip() == f"hub: nothing can be written in {no_folder / 'data'}: Not a directory; see HUB_DATA_DIR"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////proc/hub.db", "hub: /proc/hub.db: unable to open database file; see HUB_DATABASE_URL"),
        ("postgresql://127.0.0.1:1/hub", "hub: the database does not answer: [Errno 111] Connect call failed"),
    ],
)
def test_a_database_that_is_not_there_is_told_in_one_line(hub: Shell, url: str, told: str) -> None:
    hub.settings["HUB_DATABASE_URL"] = url
    refused = hub.refuses("migrate")
    assert refused.startswith(told)
    assert refused.strip().endswith("; see HUB_DATABASE_URL")


async def test_beside_a_running_hub_commands_go_through_its_door(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "data")
    async with RunningHub(shell.data) as running:
        local = shell.data / "local.json"
        assert local.stat().st_mode & 0o777 == 0o600
        assert "is using" in shell.refuses("up")
        for kind in ("items", "stock", "stock"):
            shell.does("import", kind, str(DATA / f"{kind}.csv"))
        assert len(await running.get("/stock")) == 19
        assert (
            shell.answers("stock", "adjust", "TEA-100", "-5", "--reason", "lost")["outcomes"][0]["outcome"] == "applied"
        )
        held = {(one["sku"], one["location"]): one["on_hand"] for one in shell.answers("stock", "show", "--json")}
        assert held["TEA-100", "main"] == "3995", "4000 of the opening stock, which counts once, and 5 lost"
        assert "there is no delivery order D-9" in shell.run("delivery", "release", "D-9").stdout
        assert shell.run("delivery", "release", "D-9").returncode == 1
        assert "nobody has sent no order X" in shell.refuses("order", "show", "nobody/X")
        assert "$.body.money.amount" in shell.refuses("payment", "record", "TRF-1", "12,50")
        other = Shell(tmp_path / "other")
        other.settings["HUB_PORT"] = running.url.rpartition(":")[2]
        assert "cannot be listened on: Address already in use" in other.refuses("up")
    assert not local.exists()
