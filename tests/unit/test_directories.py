"""`hub edi directory`: an archive of the UN becomes a directory that is held."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.cli import directories
from hub.cli.commands import app
from hub.translators.edifact import imported
from tests import untdid_archive
from tests.unit.edifact.test_untdid import files


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("HUB_DATA_DIR", str(tmp_path / "data"))
    yield tmp_path / "data"
    imported.hold(tmp_path / "none")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["edi", *arguments])
    return result.exit_code, result.output if result.exception is None else f"{result.output}{result.exception}"


@pytest.mark.parametrize("nested", [True, False])
def test_an_archive_is_imported_listed_and_used(tmp_path: Path, *, nested: bool) -> None:
    archive = tmp_path / "d97a.zip"
    archive.write_bytes(untdid_archive.zipped(files(), nested=nested))
    code, told = run("directory", "import", str(archive))
    assert (code, told.split(":")[0]) == (0, "D.97A")
    listed = json.loads(run("directory", "list", "--json")[1])
    assert [(one["directory"], one["from"]) for one in listed][2:] == [("D.97A", "import")]
    sample = tmp_path / "sample.edi"
    sample.write_text(run("sample", "INVOIC", "--directory", "D.97A")[1])
    assert "INVOIC:D:97A:UN" in sample.read_text()
    assert run("check", str(sample))[1].count("error 14") == 0


def test_a_folder_of_the_files_will_do(tmp_path: Path, data: Path) -> None:
    folder = tmp_path / "d97a"
    folder.mkdir()
    for name, body in files().items():
        (folder / name).write_bytes(body)
    code, told = run("directory", "import", str(folder), "--json")
    assert (code, json.loads(told)["file"]) == (0, str(data / "directories" / "D97A.json"))


def test_what_is_no_archive_is_told(tmp_path: Path, data: Path) -> None:
    wrong = tmp_path / "wrong.zip"
    wrong.write_bytes(b"PK\x03\x04 no archive")
    code, told = run("directory", "import", str(wrong))
    assert code != 0
    assert "wrong.zip" in told
    assert not data.exists()


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directories, "MOST_BYTES", 1_000_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("EDSD.97A", b"0" * 2_000_000)
    bomb = tmp_path / "bomb.zip"
    bomb.write_bytes(packed.getvalue())
    code, told = run("directory", "import", str(bomb))
    assert code != 0
    assert "unpacked" in told
