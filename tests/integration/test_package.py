"""The package as it is built and installed: what the hub reads at run time is inside."""

import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from demo.catalogue import articles
from demo.retailer import Wanted, interchange

ROOT = Path(__file__).resolve().parents[2]
READ_AT_RUN_TIME = ("web/templates", "web/static", "store/migrations")
BESIDE = ("schemas",)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder into which the built wheel was unpacked."""
    built, folder = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(built), str(ROOT)]
    subprocess.run(pip, check=True, capture_output=True)
    (wheel,) = built.glob("hub-*.whl")
    ZipFile(wheel).extractall(folder)
    return folder


def files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc"}


def test_everything_that_is_read_at_run_time_is_in_the_wheel(installed: Path) -> None:
    for part in READ_AT_RUN_TIME:
        assert files(installed / "hub" / part) == files(ROOT / "hub" / part), part
    for part in BESIDE:
        assert files(installed / "hub" / part) == files(ROOT / part), part


def test_an_installed_hub_reads_edifact_without_its_repository(installed: Path, tmp_path: Path) -> None:
    file = tmp_path / "order.edi"
    file.write_bytes(interchange("R1", [Wanted("PO-1", [(articles()[0], 2)])]))
    environment = os.environ | {"PYTHONPATH": str(installed)}

    def edi(*arguments: str) -> str:
        command = [sys.executable, "-m", "hub", "edi", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert json.loads(edi("convert", str(file)))[0]["documents"][0]["data"]["order"]["number"] == "PO-1"
    assert "<!doctype html>" in edi("explain", str(file), "--html")
