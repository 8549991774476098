"""What alembic runs for each command: the steps on the connection that it was given."""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeEngine

from hub.store import schema
from hub.store.migrations import types

_NAMES = {repr(held): name for name, held in vars(types).items() if isinstance(held, TypeEngine)}


def _by_name(kind: str, item: Any, autogen: AutogenContext) -> Any:
    """Let a new step write `types.text` for a column of that type."""
    if kind != "type" or repr(item) not in _NAMES:
        return False
    autogen.imports.add("from hub.store.migrations import types")
    return f"types.{_NAMES[repr(item)]}"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata(),
    render_as_batch=True,
    render_item=_by_name,
)
with context.begin_transaction():
    context.run_migrations()
