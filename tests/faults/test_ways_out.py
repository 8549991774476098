"""Whatever commits, publishes, acks, sends or renames passes a function that a crash test can stop at.

The code itself is read: a new way to make something durable or visible has a failpoint, or is told here.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

HUB = Path(__file__).parents[2] / "hub"
MARKS = {"failpoint", "async_failpoint"}
TOUCHES = {
    "commit": "makes rows durable",
    "basic_publish": "hands a message to RabbitMQ",
    "basic_ack": "settles messages of RabbitMQ",
    "publish_group": "hands messages to a broker",
    "ack_through": "settles messages of a broker",
    "rename": "gives a file its name",
    "replace": "gives a file its name",
    "send": "speaks to somebody else's server",
}
BEHIND_ONE_DOOR = {
    "messaging/amqp.py": "a channel, which the broker and its consumers alone use",
    "messaging/publishing.py": "the write of a channel's group",
    "messaging/embedded.py": "a channel, which the broker and its consumers alone use",
}
OUTSIDE = {
    (
        "app/local.py",
        "replace",
    ): "a note for commands beside the hub, written anew at each start",
    (
        "cli/directories.py",
        "replace",
    ): "a directory that an operator imports, once it is whole; the same archive gives it again",
    ("connectors/guarded_files.py", "rename"): "a safe rename; every call of it must have a failpoint",
    ("messaging/relay.py", "publish_group"): "calls Broker.publish_group, which has the failpoint",
    ("messaging/runner.py", "ack_through"): "calls Consumer.ack_through, which has the failpoint",
    ("messaging/dead_letters.py", "ack_through"): "the same",
}


class Call(NamedTuple):
    """A call that touches the world: in which file, of what, and whether a crash test can stop there."""

    file: str
    name: str
    marked: bool


def calls(file: Path) -> Iterator[Call]:
    """Yield every call in a file that touches the world, and every statement that commits."""
    name = str(file.relative_to(HUB))

    def walk(node: ast.AST, *, marked: bool) -> Iterator[Call]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            marked = any(isinstance(one, ast.Name) and one.id in MARKS for one in node.decorator_list)
        if isinstance(node, ast.Call) and (touched := _touched(node)):
            yield Call(name, touched, marked)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, marked=marked)

    yield from walk(ast.parse(file.read_text("utf-8")), marked=False)


def _touched(call: ast.Call) -> str | None:
    if not isinstance(call.func, ast.Attribute):
        return None
    method, first = call.func.attr, call.args[0] if call.args else None
    if method == "execute" and isinstance(first, ast.Constant) and str(first.value).lower().startswith("commit"):
        return "commit"
    if method == "replace":  # of a path: that of a text takes two arguments, that of a date takes names
        return method if len(call.args) == 1 and isinstance(call.func.value, ast.Name) else None
    if method == "send":  # of a client of HTTP: a generator's takes no names
        return method if any(one.arg == "stream" for one in call.keywords) else None
    return method if method in TOUCHES else None


ALL = [call for file in sorted(HUB.rglob("*.py")) for call in calls(file)]


@pytest.mark.parametrize("touched", sorted(TOUCHES))
def test_every_kind_of_touch_is_found_in_the_code(touched: str) -> None:
    assert touched in {call.name for call in ALL}


def test_no_code_touches_the_world_but_where_a_crash_can_fall() -> None:
    apart = {
        (call.file, call.name)
        for call in ALL
        if not call.marked and call.file not in BEHIND_ONE_DOOR and (call.file, call.name) not in OUTSIDE
    }
    assert apart == set()


@pytest.mark.parametrize("file", sorted(BEHIND_ONE_DOOR))
def test_nobody_but_the_broker_and_its_consumers_use_a_channel(file: str) -> None:
    module = file.removesuffix(".py").rpartition("/")[2]
    users = {
        str(one.relative_to(HUB))
        for one in HUB.rglob("*.py")
        if f"hub.messaging.{module}" in (text := one.read_text("utf-8")) or f"hub.messaging import {module}" in text
    }
    assert users <= {"messaging/broker.py", "messaging/consumer.py", *BEHIND_ONE_DOOR}


def test_exceptions_are_still_needed() -> None:
    assert {(call.file, call.name) for call in ALL if not call.marked} >= OUTSIDE.keys()
