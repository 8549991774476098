"""The demonstration's command line."""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from pathlib import Path

from demo.endless import run_endless
from demo.once import run_once
from demo.running_hub import HubGone

DATA = Path("hub-data") / "demo"
PORT = 8080


def main() -> int:
    """Run the demonstration and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description="The hub with three partners and moving traffic.")
    parser.add_argument("--once", action="store_true", help="send one fixed set, wait until it is done, and stop")
    parser.add_argument("--json", action="store_true", help="with --once: print the summary as one line of JSON")
    parser.add_argument("--data", type=Path, help=f"the data folder; {DATA}, or a fresh one with --once")
    parser.add_argument("--port", type=int, default=PORT, help=f"the web port of the endless demo ({PORT})")
    arguments = parser.parse_args()
    try:
        if arguments.once:
            return _once(arguments.data, as_json=arguments.json)
        return _endless((arguments.data or DATA).absolute(), arguments.port)
    except HubGone as error:
        sys.exit(str(error))


def _once(data: Path | None, *, as_json: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="hub-demo-") as fresh:
        summary = asyncio.run(run_once((data or Path(fresh)).absolute()))
    well = summary["as_expected"] and summary["balanced"]
    sys.stdout.write(json.dumps(summary, indent=None if as_json else 2) + "\n")
    return 0 if well else 1


def _endless(data: Path, port: int) -> int:
    async def until_stopped() -> None:
        running = asyncio.ensure_future(run_endless(data, port))
        for which in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(which, running.cancel)
        try:
            await running
        except asyncio.CancelledError:
            sys.stderr.write("Stopped; what happened is kept and there at the next start.\n")

    asyncio.run(until_stopped())
    return 0


if __name__ == "__main__":
    sys.exit(main())
