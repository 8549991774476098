"""Where a partner's files lie: `<root>/<partner>/{in,processed,failed,out}`."""

import re
from pathlib import Path

from hub.errors import Unusable

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


def can_have_folder(partner: str) -> bool:
    """Tell whether a partner's id can be the name of a folder."""
    return _NAME.fullmatch(partner) is not None


def partner_folder(root: Path, partner: str) -> Path:
    """Return a partner's folder. Raises Unusable for a name that could lead elsewhere."""
    if not can_have_folder(partner):
        raise Unusable(f"partner {partner!r} cannot have a folder: use letters, digits, '-', '_' and '.' in its id")
    return root / partner
