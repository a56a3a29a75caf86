"""First passwords waiting to be printed: sealed, for the one who made them, shown once, gone after a day."""

from __future__ import annotations

import csv
import datetime
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from django.utils import timezone

from tuopin.platform import sealing
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.problems import Missing

from ..models import Slips
from ..permissions import MAKE_ACCOUNTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

KEPT = datetime.timedelta(hours=24)
SHEET = 500
"""Slips kept and shown together: a page that a browser prints without trouble."""

_PURPOSE = "first passwords"


@dataclass(frozen=True, slots=True)
class Slip:
    """What stands on one slip."""

    username: str
    name: str
    unit: str
    password: str


def keep(actor: Actor, title: str, slips: Sequence[Slip]) -> list[int]:
    """Seal the slips, sorted by unit and name, in sheets; inside the transaction that makes the accounts."""
    now = timezone.now()
    ordered = sorted(slips, key=lambda slip: (slip.unit, slip.name, slip.username))
    made = []
    for at in range(0, len(ordered), SHEET):
        piece = ordered[at : at + SHEET]
        plain = orjson.dumps([[slip.username, slip.name, slip.unit, slip.password] for slip in piece])
        row = Slips.objects.create(
            owner_id=actor.user_id, title=title[:200], count=len(piece), sealed=sealing.seal(_PURPOSE, plain),
            created_at=now, expires_at=now + KEPT,
        )  # fmt: skip
        made.append(row.pk)
    return made


def waiting(actor: Actor) -> QuerySet[Slips]:
    """The actor's own sheets that wait to be printed."""
    found = Slips.objects.filter(expires_at__gt=timezone.now()).order_by("pk")
    return found.filter(owner_id=actor.user_id)


def show(actor: Actor, number: int) -> list[Slip]:
    """Open a sheet of the actor's own, once: it is deleted. Raises Missing for another's and one shown before."""
    require(actor, MAKE_ACCOUNTS)
    with write():
        row = waiting(actor).select_for_update().filter(pk=number).first() if number < 2**63 else None
        if row is None:
            raise Missing(
                "no_such_slips",
                "这一张密码条已经显示过，或者已过期删除。需要时请为尚未登录的账号重新生成密码。",
                "This sheet was shown already, or has expired. Make new first passwords for those who have not signed"
                " in if you need them.",
            )
        found = [Slip(*each) for each in orjson.loads(sealing.unseal(_PURPOSE, row.sealed))]
        row.delete()
        audit.record(actor, "duties.show_first_passwords", f"slips:{number}", {"count": len(found)})
    return found


def write_out(actor: Actor, numbers: Sequence[int], target: Path) -> int:
    """Write sheets of the local administrator's into a new CSV file that only its owner can read; they are deleted
    here. Returns how many slips."""
    found = [slip for number in numbers for slip in show(actor, number)]
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["单位", "姓名", "用户名", "初始密码"])
        # a name from a workbook may be a formula: the apostrophe makes a spreadsheet take it as text
        writer.writerows([as_text(each) for each in (s.unit, s.name, s.username, s.password)] for s in found)
    return len(found)


def as_text(value: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def purge() -> int:
    """Delete what has expired; returns how many sheets."""
    return Slips.objects.filter(expires_at__lte=timezone.now()).delete()[0]
