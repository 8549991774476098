"""Types of columns as migrations write them. One that is in use never changes: a release that wants another adds it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

Type = TypeEngine[Any]

text: Type = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Compared by code point in both databases, so that both sort alike. JSON is text too."""
integer: Type = sa.BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
boolean: Type = sa.Boolean(create_constraint=False).with_variant(sqlite.INTEGER(), "sqlite")
bytes_: Type = sa.LargeBinary()
decimal: Type = sa.Numeric().with_variant(sa.Text(collation="decimal"), "sqlite")
"""Exact in both: on SQLite it is text that a collation of ours compares as numbers."""
date: Type = sa.Date().with_variant(sa.Text(), "sqlite")
instant: Type = postgresql.TIMESTAMP(timezone=True).with_variant(sqlite.INTEGER(), "sqlite")
"""On SQLite microseconds since 1970, UTC."""
uuid: Type = sa.Uuid().with_variant(sa.LargeBinary(), "sqlite")
