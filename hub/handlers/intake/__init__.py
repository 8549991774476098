"""The intake service: the bytes of an input become canonical messages, or findings that its sender hears of.

`taking_in` decides what becomes of an input, `reading` is what bytes say, found out
before the transaction where that takes long.
"""

from hub.handlers.intake.taking_in import service

__all__ = ["service"]
