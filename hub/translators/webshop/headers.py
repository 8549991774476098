"""Headers of a webhook, whatever their case."""

from collections.abc import Mapping


def header(headers: Mapping[str, str], *names: str) -> str | None:
    """Return the value of the first of `names` that `headers` holds, None if it holds none."""
    for name in names:
        wanted = name.lower()
        for given, value in headers.items():
            if len(given) == len(wanted) and given.lower() == wanted:
                return value
    return None
