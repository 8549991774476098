"""The `hub` command."""

import sys

from hub.errors import DatabaseAway, HubError

INTERRUPTED = 130


def main() -> None:
    """Run the command line; what the hub itself refuses is one sentence on stderr, not a traceback."""
    from hub.cli.commands import app

    try:
        app()
    except DatabaseAway as error:
        sys.stderr.write(f"hub: {error}; see HUB_DATABASE_URL\n")
        sys.exit(1)
    except HubError as error:
        sys.stderr.write(f"hub: {error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
