"""Exception tasks: what is odd about what was applied all the same, until a person has looked at it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from hub.canonical.problem import rejected
from hub.canonical.values import Value
from hub.store.audit import By
from hub.store.tasks import close, task, tasks
from hub.web.asking import Commander, Inside, The
from hub.web.bounds import BoundedRoute
from hub.web.house_models import TaskAnswer

router = APIRouter(prefix="/tasks", tags=["messages"], route_class=BoundedRoute)


class Note(Value):
    """What a person found, or did about it; kept with the task and in the audit log."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


@router.get("", summary="What is odd about what was applied all the same")
async def task_list(
    backend: The,
    _: Inside,
    state: Literal["open", "closed", "any"] = "open",
    kind: str | None = None,
    order_id: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[TaskAnswer]:
    """Answer exception tasks, the oldest first: of one kind or order, or all of them."""
    wanted = None if state == "any" else state
    found = await backend.database.read(lambda: tasks(state=wanted, kind=kind, order_id=order_id, limit=limit))
    return [TaskAnswer.of(one) for one in found]


@router.get("/{task_id}", summary="One task")
async def task_by_id(backend: The, _: Inside, task_id: UUID) -> TaskAnswer:
    """Answer a task, with who closed it and what was noted."""
    found = await backend.database.read(lambda: task(task_id))
    if found is None:
        raise rejected(404, f"there is no task {task_id}", "Look at GET /tasks.")
    return TaskAnswer.of(found)


@router.post("/{task_id}/close", summary="Close a task that was looked at")
async def close_task(backend: The, who: Commander, task_id: UUID, body: Note) -> TaskAnswer:
    """Close it with a note. One that is closed already keeps its note, and is answered as it is."""
    by = By(who.actor, body.reason, backend.seams.now())
    closed = await backend.database.run(lambda: close(task_id, by), lane="door")
    if closed is None:
        raise rejected(404, f"there is no task {task_id}", "Look at GET /tasks.")
    return TaskAnswer.of(closed)
