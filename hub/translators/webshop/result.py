"""What reading a shop's notification gives."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from hub.canonical import strict_json
from hub.canonical.finding import Finding
from hub.canonical.order import OrderReceived
from hub.canonical.validation import findings_of
from hub.errors import UnreadableInput
from hub.translators.webshop.fields import Fields


@dataclass(frozen=True, slots=True)
class Result:
    """At most one of `order`, `deleted` and `not_handled`; none of them where an error finding forbids the order.

    `deleted` is the number of an order that the shop has removed; `not_handled` says
    why the notification is kept without effect; `test` marks the shop's test orders.
    """

    order: OrderReceived | None = None
    deleted: str | None = None
    not_handled: str | None = None
    test: bool = False
    findings: tuple[Finding, ...] = ()


def resource(body: bytes, wrapper: str) -> Fields:
    """Return the resource that a notification carries; a REST answer's one-member object `wrapper` is opened.

    Raises UnreadableInput or LimitExceeded where the body is no JSON object.
    """
    document = strict_json.parse(body)
    if not isinstance(document, dict):
        raise UnreadableInput("the notification is not a JSON object")
    inner = document.get(wrapper)
    if len(document) == 1 and isinstance(inner, dict):
        return Fields(inner, f"$.{wrapper}")
    return Fields(document)


def received(source: Fields, buyer_key: str, order: dict[str, Any], *, test: bool = False) -> Result:
    """Return the order if nothing forbids it: no error among the findings so far, and the canonical model agrees."""
    if not order["lines"]:
        source.problem("no_lines", "line_items", "an order without lines")
    line_ids = [line["line_id"] for line in order["lines"]]
    for twice in sorted({line_id for line_id in line_ids if line_ids.count(line_id) > 1}):
        source.problem("duplicate_line", "line_items", f"line {twice!r} stands there more than once")
    findings = list(dict.fromkeys(source.findings))
    if any(finding.level == "error" for finding in findings):
        return Result(test=test, findings=tuple(findings))
    try:
        message = OrderReceived.model_validate({"buyer_key": buyer_key, "order": order})
    except ValidationError as error:
        return Result(test=test, findings=(*findings, *findings_of(error)))
    return Result(order=message, test=test, findings=tuple(findings))
