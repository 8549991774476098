"""What the pages of the contracts show: operations of the OpenAPI, queues of the AsyncAPI document."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Operation(NamedTuple):
    """One operation: its parameters as (name, where, type, required, description), the models of body and answer."""

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[tuple[str, str, str, bool, str], ...]
    body: str
    answer: str


def operations(document: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """Return the operations by their first tag, in the order of the document."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation.get("tags", ["other"])[0], []).append(_operation(method, path, operation))
    return groups


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Operation:
    return Operation(
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        parameters=tuple(_parameter(one) for one in operation.get("parameters", ())),
        body=_content(operation.get("requestBody", {})),
        answer=_answer(operation.get("responses", {})),
    )


def _parameter(one: Mapping[str, Any]) -> tuple[str, str, str, bool, str]:
    return one["name"], one["in"], _type(one["schema"]), one.get("required", False), one.get("description", "")


def _answer(responses: Mapping[str, Any]) -> str:
    good = [content for status, content in responses.items() if status.startswith("2")]
    return _content(good[0]) if good else ""


def _content(holder: Mapping[str, Any]) -> str:
    return ", ".join(_type(one.get("schema", {})) or name for name, one in holder.get("content", {}).items())


def _type(schema: Mapping[str, Any]) -> str:
    """Return a schema in one word or few: a model's name, a type, a list of them, what is allowed."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {})) or 'anything'}"
    several = [_type(one) for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return " or ".join(several) or str(schema.get("format") or schema.get("type") or "")


class QueueMessage(NamedTuple):
    """A kind of message that a queue takes: its wire type, the model of its payload, and what that says."""

    type: str
    payload: str
    about: str


def queues(document: Mapping[str, Any]) -> dict[str, list[QueueMessage]]:
    """Return, by queue, the messages that its service takes, sorted by type."""
    schemas = document.get("components", {}).get("schemas", {})
    return {
        channel["address"]: sorted(_messages(schemas, schemas.get(f"{name}:Message:Payload", {})))
        for name, channel in sorted(document.get("channels", {}).items())
    }


def _messages(schemas: Mapping[str, Any], payload: Mapping[str, Any]) -> Iterator[QueueMessage]:
    for one in payload.get("oneOf", [payload]):
        model = schemas.get(_type(one), one)
        properties = model.get("properties", {})
        name = _type(properties.get("data", {}))
        about = schemas.get(name, {}).get("description", "").partition("\n")[0]
        yield QueueMessage(str(properties.get("type", {}).get("const", "")), name, about)
