"""Write a new step: the difference between the records and what all steps so far make."""

import sys
import tempfile
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from alembic import command

from hub.store.migrations import config, migrate, within


def main(message: str) -> None:
    """Write the step under `versions` with the next number."""
    versions = Path(__file__).parent / "versions"
    number = len(list(versions.glob("v*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/hub.db"
        migrate(url)
        within(url, partial(_write, message=message, revision=f"v{number:04}"))


def _write(connection: sa.Connection, message: str, revision: str) -> None:
    command.revision(config(connection), message, autogenerate=True, rev_id=revision)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
