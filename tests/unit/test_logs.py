"""Every line of the log is one JSON object, whoever wrote it, and chatty libraries keep still."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from hub.app.logs import configure
from hub.settings import Settings


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Return what is logged to stderr; what was set up before is set up again afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure(Settings())
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_lines_and_the_libraries_are_json_objects_with_an_instant_and_a_level(written: io.StringIO) -> None:
    structlog.get_logger("hub.trial").warning("not sent", correlation_id="42", partner="acme")
    logging.getLogger("somebody.else").error("it broke in\ntwo lines")
    ours, theirs = lines(written)
    assert ours | {"at": ""} == {
        "event": "not sent", "correlation_id": "42", "partner": "acme", "level": "warning", "at": ""
    }  # fmt: skip
    assert (theirs["event"], theirs["level"]) == ("it broke in\ntwo lines", "error")
    assert str(ours["at"]).endswith("Z")


def test_a_traceback_is_part_of_its_line(written: io.StringIO) -> None:
    try:
        int("odd")
    except ValueError:
        structlog.get_logger("hub.trial").exception("failed")
    (line,) = lines(written)
    assert "ValueError: invalid literal" in str(line["exception"])


def test_libraries_that_tell_every_step_keep_still(written: io.StringIO) -> None:
    for name in ("uvicorn.error", "alembic.runtime.migration", "pydifact.segmentcollection", "aio_pika.connection"):
        logging.getLogger(name).info("one more step")
    structlog.get_logger("hub.trial").debug("too much detail")
    assert lines(written) == []
