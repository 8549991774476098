"""npm's edifact with its segment table, where node and npm are: a reader that is quick, and checks less."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

PACKAGE = "edifact@1.2.12"
_SCRIPT = Path(__file__).with_name("edifact_node.js")
_INSTALLED_WITHIN = 120
_READ_WITHIN = 600


def is_here(folder: Path) -> bool:
    """Put the package into `folder`; tell whether it can be used on this machine."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return False
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=_INSTALLED_WITHIN)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def read(path: Path, folder: Path) -> dict[str, Any]:
    """Read a file in a process of node; return seconds of its processor, and what was counted."""
    command = ["node", str(_SCRIPT), str(path), str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, timeout=_READ_WITHIN)
    result: dict[str, Any] = json.loads(done.stdout)
    return result | {"size": path.stat().st_size}
