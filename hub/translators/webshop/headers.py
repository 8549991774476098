"""Headers of a webhook."""

from collections.abc import Mapping

Headers = Mapping[str, str]
"""Headers by their names in lower case, as ASGI has them."""


def header(headers: Headers, *names: str) -> str | None:
    """Return the value of the first of `names`, in any case, that `headers` holds; None if it holds none."""
    for name in names:
        value = headers.get(name.lower())
        if value is not None:
            return value
    return None
