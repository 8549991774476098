"""The first message of a cold process: from the end of the imports to its verdict and its order."""

import time
from typing import Any

from hub.translators.edifact.interchange import check


async def run(settings: dict[str, Any]) -> dict[str, Any]:
    """Read an interchange of one message, `text`, and return the seconds that it took."""
    data = settings["text"].encode("ascii")
    began = time.perf_counter()
    checked = check(data, None)
    seconds = time.perf_counter() - began
    assert [message.verdict.accepted for message in checked.messages] == [True]
    assert checked.messages[0].order is not None
    return {"seconds": seconds}
