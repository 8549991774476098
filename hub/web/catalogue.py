"""The API's operations for its page, taken from the OpenAPI document."""

from collections.abc import Mapping
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
