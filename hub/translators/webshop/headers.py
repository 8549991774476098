"""Headers of a webhook, whatever their case."""

from collections.abc import Mapping


def header(headers: Mapping[str, str], *names: str) -> str | None:
    """Return the value of the first of `names` that `headers` holds, None if it holds none."""
    lowered = {name.lower(): value for name, value in headers.items()}
    return next((lowered[name.lower()] for name in names if name.lower() in lowered), None)
