"""A form sent twice (a double click, a reload, a line that broke) opens one matter. The form bears a key of its own; of
two that are sent at the same moment the database lets one through."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from django.db import IntegrityError

from tuopin.platform import database

from ..models import Matter, SentForm

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tuopin.platform.access import Actor

_KEY = re.compile(r"[0-9a-f]{32}")


def new_key() -> str:
    """The key of a form that is shown for the first time."""
    return secrets.token_hex(16)


def once(actor: Actor, key: str, now: datetime, work: Callable[[], Matter]) -> tuple[Matter, bool]:
    """Do the work of a form: the matter that it opens, and whether it is new. A form without a key is done each time;
    the key of somebody else is another key."""
    if not _KEY.fullmatch(key):
        return work(), True
    own = f"{actor.user_id or 0}:{key}"
    found = _sent(own)
    if found is not None:
        return found, False
    try:
        with database.write():
            row = work()
            SentForm.objects.create(key=own, matter=row, sent_at=now)
    except IntegrityError:
        found = _sent(own)
        if found is None:
            raise
        return found, False
    return row, True


def _sent(own: str) -> Matter | None:
    return Matter.objects.filter(pk__in=SentForm.objects.filter(key=own).values("matter_id")).first()
