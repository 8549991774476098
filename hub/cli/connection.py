"""How a command reaches the hub: over HTTP if one runs here, else through the same API inside this process.

A running hub keeps its address and a credential in `local.json` in the data folder,
readable by its owner alone. Where no hub holds the lock, the command starts the
hub's services in this process for as long as it takes; on PostgreSQL the workers
that run elsewhere do the work.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from hub.errors import BusinessRefusal, HubError, PartnerError

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")
CLIENT_ERROR, SERVER_ERROR = 400, 500


def call(work: "Callable[[Api], Awaitable[T]]") -> T:
    """Run `work` with the API at hand, and return what it returns."""
    return asyncio.run(_call(work))


async def _call(work: "Callable[[Api], Awaitable[T]]") -> T:
    from hub import settings
    from hub.app.client import client as api_client
    from hub.app.logs import configure

    loaded = settings.load()
    configure(loaded.model_copy(update={"log_level": "error"}))  # its own output is for whoever typed the command
    async with api_client(loaded) as client:
        return await work(Api(client))


class Api:
    """The hub's API. Refusals are raised with the problem's own words."""

    def __init__(self, client: "httpx2.AsyncClient") -> None:
        self._client = client

    async def get(self, path: str, **parameters: Any) -> Any:
        """Return what stands at a path; parameters that are None are left out."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return _answer(await self._client.get(path, params=given))

    async def post(self, path: str, body: Any = None, **parameters: Any) -> Any:
        """Send JSON and return the answer."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return _answer(await self._client.post(path, json=body if body is not None else {}, params=given))

    async def send(self, path: str, content: bytes, content_type: str, **parameters: Any) -> Any:
        """Send bytes and return the answer."""
        given = {name: value for name, value in parameters.items() if value is not None}
        headers = {"content-type": content_type}
        return _answer(await self._client.post(path, content=content, params=given, headers=headers))

    async def delete(self, path: str, **parameters: Any) -> Any:
        """Remove what stands at a path."""
        return _answer(await self._client.delete(path, params=parameters))


def _answer(response: "httpx2.Response") -> Any:
    if response.is_success:
        return response.json() if response.content else None
    problem = _problem(response)
    text = _in_words(problem) or f"the hub answered {response.status_code}"
    if CLIENT_ERROR <= response.status_code < SERVER_ERROR:
        raise (PartnerError if problem.get("findings") else BusinessRefusal)(text, **problem)
    raise HubError(text, **problem)


def _in_words(problem: dict[str, Any]) -> str:
    """Return what is wrong as sentences, then every finding on a line of its own."""
    findings = problem.get("findings") or []
    told = [str(problem[name]).rstrip(".") for name in ("detail", "help") if problem.get(name)]
    if told and any(one["message"] in told[0] for one in findings[:1]):  # the detail is the first finding
        del told[0]
    lines = [". ".join(told), *(f"  {_place(one)}{one['message']}" for one in findings)]
    return "\n".join(lines).strip()


def _place(finding: dict[str, Any]) -> str:
    at = finding.get("location", {})
    parts = ([f"line {at['line']}"] if at.get("line") else []) + ([at["path"]] if at.get("path") else [])
    return f"{', '.join(parts)}: " if parts else ""


def _problem(response: "httpx2.Response") -> dict[str, Any]:
    try:
        problem = response.json()
    except ValueError:
        return {"detail": response.text[:500]}
    return problem if isinstance(problem, dict) else {"detail": str(problem)}
