"""What the PostgreSQL driver raises, in our words: what to wait for, and what to mend."""

import asyncpg
import pytest

from hub.errors import DatabaseAway, KeyTaken, TemporaryError, Unusable
from hub.store.postgres import ours


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (
            asyncpg.InvalidPasswordError('password authentication failed for user "hub"'),
            Unusable,
            'PostgreSQL does not let us in: password authentication failed for user "hub"; see HUB_DATABASE_URL',
        ),
        (
            asyncpg.InvalidCatalogNameError('database "hub" does not exist'),
            Unusable,
            'PostgreSQL does not let us in: database "hub" does not exist; see HUB_DATABASE_URL',
        ),
        (OSError("connection refused"), DatabaseAway, "the database does not answer: connection refused"),
        (asyncpg.CannotConnectNowError("starting up"), DatabaseAway, "the database does not answer: starting up"),
        (asyncpg.DeadlockDetectedError("deadlock detected"), TemporaryError, "deadlock detected"),
        (asyncpg.UniqueViolationError("twice"), KeyTaken, "twice"),
    ],
)
def test_an_error_of_the_driver_says_what_to_do(error: Exception, kind: type[Exception], told: str) -> None:
    found = ours(error)
    assert (type(found), str(found)) == (kind, told)


def test_a_fault_of_our_own_stays_what_it_is() -> None:
    error = asyncpg.UndefinedColumnError("no such column")
    assert ours(error) is error
