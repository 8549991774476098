"""Logs: one JSON object a line, or coloured text for people; libraries' logs go the same way."""

import logging
import sys

import structlog
from structlog.typing import Processor

from hub.settings import Settings

NOISY = ("aio_pika", "aiormq", "faststream", "uvicorn.access", "httpx2", "httpcore")
"""Libraries that tell every request, or a traceback at every reconnect; our own parts tell what matters of it."""

CHATTY = ("alembic", "uvicorn", "pydifact")
"""Libraries that tell every step; only their warnings are of use here."""


def configure(settings: Settings) -> None:
    """Set up logging for this process, to stderr."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    final: Processor = structlog.processors.JSONRenderer()
    if settings.log_format == "console":
        final = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    else:
        shared.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, final],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
