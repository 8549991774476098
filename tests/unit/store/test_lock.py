"""One process at a time holds a SQLite database."""

import subprocess
import sys
from pathlib import Path

import pytest

from hub.errors import Unusable
from hub.store.lock import exclusive, is_held

HOLD = """
import sys
from hub.store.lock import exclusive
with exclusive(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_told_who_holds_the_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/hub.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert is_held(url)
        with pytest.raises(Unusable, match=rf"process {other.pid} is using {tmp_path}/hub\.db;"), exclusive(url):
            pass
        other.kill()
        other.wait()
        with exclusive(url):
            assert is_held(url)
    assert not is_held(url)


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/hub.db"
    with pytest.raises(KeyError), exclusive(url):
        raise KeyError
    assert not is_held(url)


def test_a_shared_database_needs_no_lock() -> None:
    with exclusive("postgresql://one"), exclusive("postgresql://one"):
        assert not is_held("postgresql://one")
