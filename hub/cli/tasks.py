"""`hub task`: what is odd about what was applied all the same, until a person has looked at it."""

from typing import Annotated

import typer

from hub.cli.connection import call
from hub.cli.printing import AsJson, show_fields, show_json, show_rows

app = typer.Typer()
TaskId = Annotated[str, typer.Argument(help="The task's id.")]


@app.command("list")
def list_(
    state: Annotated[str, typer.Option(help="open, closed or any")] = "open",
    kind: Annotated[str | None, typer.Option(help="For example short_pick or payment_unallocated.")] = None,
    order: Annotated[str | None, typer.Option(help="The id of an order.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List tasks, the oldest first."""
    found = call(lambda api: api.get("/tasks", state=state, kind=kind, order_id=order))
    show_rows(found, ("at", "id", "kind", "subject", "reason", "state"), as_json=as_json)


@app.command()
def show(task_id: TaskId, *, as_json: AsJson = False) -> None:
    """Show one task."""
    show_fields(call(lambda api: api.get(f"/tasks/{task_id}")), as_json=as_json)


@app.command()
def close(task_id: TaskId, reason: Annotated[str, typer.Option(help="What was found or done; it is kept.")]) -> None:
    """Close a task that was looked at."""
    show_json(call(lambda api: api.post(f"/tasks/{task_id}/close", {"reason": reason})))
