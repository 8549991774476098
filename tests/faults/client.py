"""The partners' side: sends what a load says, writes down what it hears, and sends again what it heard nothing of."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from random import Random

import httpx2

from demo import retailer
from tests.faults.history import Heard, History, Sending

AGAIN_EVERY = 0.2
GIVE_UP_AFTER = 60.0
CLIENT_ERROR, SERVER_ERROR = 400, 500


class Client:
    """Sends to the hub that has `data` as its folder. `url` is where its doors are at the moment."""

    def __init__(self, history: History, data: Path, credentials: dict[str, str]) -> None:
        self.history = history
        self.url = ""
        self.refused_to_come: list[str] = []
        self._folder = data / "partners" / retailer.PARTNER
        self._credentials = credentials
        self._http = httpx2.AsyncClient(trust_env=False, timeout=20)

    async def close(self) -> None:
        await self._http.aclose()
        self.history.close()

    async def send(self, sending: Sending) -> Heard:
        """Send once; no answer at all, and "come again", leave unknown whether it arrived."""
        self.history.invoke(sending)
        heard = self._drop(sending) if sending.door == "folder" else await self._post(sending)
        self.history.hear(sending, heard)
        return heard

    async def send_all(self, sendings: Iterable[Sending]) -> None:
        """Send everything at once."""
        await asyncio.gather(*(self.send(one) for one in sendings))

    async def repeat(self, seed: str) -> int:
        """Send every input once more, in another order; return how many were answered as taken."""
        sendings = self.history.sendings
        Random(seed).shuffle(sendings)
        return (await asyncio.gather(*map(self.send, sendings))).count("ok")

    async def insist(self) -> None:
        """Send again what is not known to have arrived, until all of it is."""
        async with asyncio.timeout(GIVE_UP_AFTER):
            while unsettled := self._after_a_look_at_the_folder():
                await self.send_all(one for one in unsettled if one.door == "http")
                await asyncio.sleep(AGAIN_EVERY)

    def _after_a_look_at_the_folder(self) -> list[Sending]:
        for one in self.history.unsettled:
            if one.door == "folder" and (heard := self._in_the_folder(one)) != "unknown":
                self.history.hear(one, heard)
        return self.history.unsettled

    def _drop(self, sending: Sending) -> Heard:
        retailer.drop(self._folder / "in", sending.path, sending.body)
        return "unknown"

    def _in_the_folder(self, sending: Sending) -> Heard:
        for place, heard in (("processed", "ok"), ("failed", "fail")):
            if any((self._folder / place).glob(f"{sending.path}*")):
                return heard  # type: ignore[return-value] # both words are of the kind
        return "unknown"

    async def _post(self, sending: Sending) -> Heard:
        headers = dict(sending.headers)
        if sending.credential is not None:
            headers["Authorization"] = f"Bearer {self._credentials[sending.credential]}"
        try:
            answer = await self._http.post(f"{self.url}{sending.path}", content=sending.body, headers=headers)
        except httpx2.HTTPError:
            return "unknown"
        if answer.status_code >= SERVER_ERROR:
            self.refused_to_come.append(f"{sending.key}: {answer.status_code} {answer.text}")
            return "unknown"
        return "fail" if answer.status_code >= CLIENT_ERROR else "ok"
