"""Credentials: `hub_<key id>_<secret>`, of which only the secret's SHA-256 is kept.

A scope says what a credential may do: `partner:<id>` speaks for a partner,
`terminal:<store>:<till>` for one till, `operator` reads everything and gives commands,
`admin` also changes partners, master data and credentials.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.canonical.envelope import new_id
from hub.errors import PartnerError
from hub.seams import Seams
from hub.store.master import Token
from hub.store.messages import Audit
from hub.store.queries.view import select
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Load, Query

PREFIX = "hub"
_SCOPE = re.compile(r"operator|admin|partner:[^\s:]+|terminal:[^\s:]+:[^\s:]+")
_UNKNOWN = "0" * 64


@dataclass(frozen=True, slots=True)
class Credential:
    """Who asks: the key's id, its label and what it may do."""

    key_id: str
    label: str
    scopes: frozenset[str]

    @property
    def actor(self) -> str:
        """Its name in the audit log."""
        return f"{self.label} ({self.key_id})"

    @property
    def admin(self) -> bool:
        """Whether it may change partners, master data and credentials."""
        return "admin" in self.scopes

    @property
    def operator(self) -> bool:
        """Whether it may see everything and give commands."""
        return self.admin or "operator" in self.scopes

    @property
    def partners(self) -> frozenset[str]:
        """The partners that it speaks for."""
        return self._named("partner:")

    @property
    def terminals(self) -> frozenset[str]:
        """The tills that it speaks for, as `store:till`."""
        return self._named("terminal:")

    def _named(self, kind: str) -> frozenset[str]:
        return frozenset(scope.removeprefix(kind) for scope in self.scopes if scope.startswith(kind))


@dataclass(frozen=True, slots=True)
class Issued:
    """A new credential: `text` is shown once and kept nowhere."""

    text: str
    token: Token


def issue(label: str, scopes: Sequence[str], *, seams: Seams, expires_at: datetime | None = None) -> Issued:
    """Make a credential of 32 random bytes; `add` keeps it. Raises PartnerError for a scope that does not exist."""
    wrong = [scope for scope in scopes if not _SCOPE.fullmatch(scope)]
    if wrong or not scopes:
        named = ", ".join(wrong) or "none"
        raise PartnerError(
            f"scope {named}: must be operator, admin, partner:<id> or terminal:<store>:<till>", field="scopes"
        )
    key_id = seams.token_bytes(6).hex()
    secret = base64.urlsafe_b64encode(seams.token_bytes(32)).decode().rstrip("=")
    token = Token(key_id, digest(secret), label, tuple(sorted(set(scopes))), seams.now(), expires_at, None)
    return Issued(f"{PREFIX}_{key_id}_{secret}", token)


def split(text: str) -> tuple[str, str] | None:
    """Return key id and secret of a credential as it is presented, None if it has not that form."""
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    return (key_id, secret) if prefix == PREFIX and key_id and secret else None


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def credential_of(token: Token | None, secret: str, now: datetime) -> Credential | None:
    """Return who presents this secret; None if the token is unknown, another's, over or revoked. Takes equal time."""
    equal = hmac.compare_digest(digest(secret), token.sha256 if token else _UNKNOWN)
    if token is None or not equal or token.revoked_at is not None:
        return None
    if token.expires_at is not None and token.expires_at <= now:
        return None
    return Credential(token.key_id, token.label, frozenset(token.scopes))


def find(key_id: str) -> Job[Token | None]:
    """Return the token with this key id."""
    rows = yield Load(SPECS[Token], [(key_id,)])
    return rows[0] if rows else None


def add(token: Token, *, actor: str, reason: str | None, audit_id: UUID) -> Job[Token]:
    """Keep a new token, and who made it."""
    yield Insert(SPECS[Token], [token])
    detail = f"{token.label}: {' '.join(token.scopes)}"
    yield Insert(SPECS[Audit], [Audit(audit_id, token.created_at, actor, "token.add", token.key_id, reason, detail)])
    return token


def revoke(key_id: str, *, at: datetime, actor: str, reason: str | None, audit_id: UUID) -> Job[bool]:
    """End a token at once, and keep who did; False if there is none that is still good."""
    changed = yield Query(
        "update token set revoked_at = :at where key_id = :key_id and revoked_at is null", {"at": at, "key_id": key_id}
    )
    if not changed[0][0]:
        return False
    yield Insert(SPECS[Audit], [Audit(audit_id, at, actor, "token.revoke", key_id, reason, "")])
    return True


def listed() -> Job[list[Token]]:
    """Return all tokens, the newest first."""
    found = yield from select(Token, order="created_at desc, key_id")
    return found


def audit_id(seams: Seams) -> UUID:
    """Return a new id for an audit row."""
    return new_id(seams.now(), seams.token_bytes(10))
