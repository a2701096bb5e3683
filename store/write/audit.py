"""What operators did, kept for good: who, when, why, and to what."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from store.tables import Audit, table


def audit(
    connection: Connection, at: datetime, author: str, act: str, about: str, reason: str, detail: Mapping[str, Any]
) -> None:
    """Keep one act, in the transaction that does it. ``about`` names a source or a decision, ``detail`` is kept as JSON."""
    told = {"at": at, "author": author, "act": act, "about": about, "reason": reason, "detail": json.dumps(detail)}
    connection.execute(insert(table(Audit)).values(told))
