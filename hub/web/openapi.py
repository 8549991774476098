"""The doors in the OpenAPI document: they take bytes, so no model of ours describes them."""

from collections.abc import Mapping
from typing import Any

from hub.canonical.problem import MEDIA_TYPE

_TAG = "doors"
_BEARER: list[dict[str, Any]] = [{"HTTPBearer": []}]


def with_doors(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the doors before the API's own operations, and the problem that each may answer."""
    document["paths"] = {**_doors(), **document["paths"]}
    document.setdefault("components", {}).setdefault("schemas", {}).setdefault("Receipts", _RECEIPTS)
    return document


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return these statuses as operations answer them: a problem that says what to do."""
    reference = {"$ref": "#/components/schemas/Problem"}
    content = {MEDIA_TYPE: {"schema": reference}}
    return {status: {"description": _SAID[status], "content": content} for status in statuses}


_SAID: Mapping[int, str] = {
    400: "It cannot be read",
    401: "Nobody we know has sent this",
    403: "The sender may not do this, or not speak for whom it names",
    404: "It is not there, or not for the asker",
    409: "The business says no",
    413: "The body is larger than this door allows",
    422: "It is not as it must be; the findings say where",
    429: "One sender sends too often; come again after the seconds in Retry-After",
    503: "Come again after the seconds in Retry-After",
}

_RECEIPTS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "receipt": {"type": ["string", "null"], "description": "store:terminal:date:number"},
                    "result": {"enum": ["stored", "duplicate", "conflict", "invalid"]},
                    "id": {"type": "string", "format": "uuid"},
                    "first": {"type": "string", "format": "uuid"},
                    "findings": {"type": "array", "items": {"type": "object"}},
                },
            },
        },
    },
}


def _doors() -> dict[str, Any]:
    receipts = {"$ref": "#/components/schemas/Receipts"}
    return {
        "/edi": _door(
            "Send an EDIFACT file",
            "One file with any number of interchanges. 202 means that its bytes are kept; each interchange is new, the"
            " same as an earlier one (`duplicate_of`), or in conflict with it (`conflict`).",
            "application/edifact",
            202,
            {
                "type": "object",
                "properties": {"id": {"type": "string"}, "interchanges": {"type": "array", "items": {}}},
            },
        ),
        "/webhooks/{platform}/{shop}": _door(
            "Notify of a shop's order",
            "The webhook of a shop, authentic by its platform's own signature over the raw bytes.",
            "application/json",
            200,
            {"type": "object", "properties": {"id": {"type": "string"}}},
            parameters=[_in_path("platform", ["shopify", "woocommerce"]), _in_path("shop")],
            security=[],
        ),
        "/pos/sales": _door(
            "Send receipts of a till",
            'One sale, or `{"sales": [...]}`; each receipt has its own result, and a batch may be sent again whole.',
            "application/json",
            200,
            receipts,
        ),
        "/pos/poslog": _door(
            "Send a till's journal", "ARTS POSLog; each receipt has its own result.", "application/xml", 200, receipts
        ),
    }


def _door(
    summary: str,
    description: str,
    takes: str,
    status: int,
    answer: Mapping[str, Any],
    *,
    parameters: list[dict[str, Any]] | None = None,
    security: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    good = {"description": "Taken", "content": {"application/json": {"schema": answer}}}
    responses = {str(status): good} | {str(code): told for code, told in problems(400, 401, 403, 413, 429, 503).items()}
    binary = {"schema": {"type": "string", "format": "binary"}}
    operation = {
        "tags": [_TAG],
        "summary": summary,
        "description": description,
        "requestBody": {"required": True, "content": {takes: binary}},
        "responses": responses,
        "security": _BEARER if security is None else security,
    }
    return {"post": operation | ({"parameters": parameters} if parameters else {})}


def _in_path(name: str, allowed: list[str] | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"} | ({"enum": allowed} if allowed else {})
    return {"name": name, "in": "path", "required": True, "schema": schema}
