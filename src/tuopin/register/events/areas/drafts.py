"""Changes of areas that somebody prepares: kept as written, previewed, recorded once, gone after a week."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.platform import database
from tuopin.platform.access import require
from tuopin.platform.problems import Missing

from ...models import AreaDraft
from ...permissions import CHANGE_AREAS
from .given import Given, cleaned
from .services import record

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

    from .services import Outcome

KEPT = timedelta(days=7)


def keep(actor: Actor, given: Given) -> AreaDraft:
    """Keep lines for a look. Raises Problem and Faulty for what no register could take."""
    require(actor, CHANGE_AREAS)
    given = cleaned(given, timezone.localdate())
    with database.write():
        return AreaDraft.objects.create(
            user_id=actor.user_id, created_at=timezone.now(), origin=given.origin, given=given.stored()
        )


def draft_of(actor: Actor, number: int) -> AreaDraft:
    """One's own draft. Raises Missing for another's, and one that is gone."""
    require(actor, CHANGE_AREAS)
    found = AreaDraft.objects.filter(pk=number, user_id=actor.user_id).first() if 0 < number < 2**63 else None
    if found is None:
        raise Missing(
            "no_such_draft",
            "没有这份待登记的变更，或已过期删除。请重新填写。",
            "There is no such draft, or it is gone. Fill it in again.",
        )
    return found


def preview(actor: Actor, draft: AreaDraft) -> Outcome:
    """What recording the draft would come to now. Raises as :func:`tuopin.register.events.areas.record`."""
    return record(actor, Given.read(draft.given), dry_run=True)


def record_draft(actor: Actor, number: int, *, move_grants: bool) -> int:
    """Record a draft; returns the number of the recording. Asked for twice, it is recorded once."""
    from dataclasses import replace

    with database.write():
        database.hold_data()
        draft = draft_of(actor, number)
        if draft.event_id is None:
            outcome = record(actor, replace(Given.read(draft.given), move_grants=move_grants))
            draft.event = outcome.event
            draft.save(update_fields=["event"])
        return int(draft.event_id or 0)


def drop(actor: Actor, number: int) -> None:
    """Throw a draft away."""
    draft_of(actor, number).delete()


def purge() -> None:
    """Delete drafts that a week has passed over."""
    AreaDraft.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
