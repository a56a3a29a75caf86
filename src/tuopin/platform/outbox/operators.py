"""Those who keep the outbox going: what did not get through, telling them so, trying it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from tuopin.platform import roles
from tuopin.platform.access import require_everywhere
from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.models import Dispatch, Grant, Message
from tuopin.platform.outbox.services import Letter, post, settle

if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection, Mapping

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

MANAGE = "platform.manage_outbox"
_PIECE = 5_000
_ABOUT = "outbox:undelivered"
_UNDERWAY = (Dispatch.State.QUEUED, Dispatch.State.SENDING)


def dispatches(actor: Actor) -> QuerySet[Dispatch]:
    """What leaves and has left, for whoever keeps the outbox of the whole installation. Raises Refused."""
    require_everywhere(actor, MANAGE)
    return Dispatch.objects.all()


def again(actor: Actor, ids: Collection[int] | None, *, now: datetime.datetime | None = None) -> int:
    """Queue dead dispatches anew, with all their attempts: those of ``ids``, None = all. Returns how many."""
    require_everywhere(actor, MANAGE)
    moment = now or timezone.now()
    found = Dispatch.objects.filter(state=Dispatch.State.DEAD)
    if ids is not None:
        found = found.filter(pk__in=list(ids)[:_PIECE])
    with write():
        done = found.update(state=Dispatch.State.QUEUED, attempts=0, next_at=moment, claim="", ended_at=None)
        if done:
            audit.record(actor, "platform.repeat_messages", "messages", {"count": done})
    return done


def tell(actor: Actor, by_channel: Mapping[str, Mapping[str, int]], now: datetime.datetime) -> None:
    """A message a day to those who keep the outbox, when something did not get through. It is settled once nothing is
    left that did not: sent again with success, or wanted by nobody. What fails after that is said anew."""
    if not any(counted.get("dead") for counted in by_channel.values()):
        left = Q(state=Dispatch.State.DEAD) | Q(state__in=_UNDERWAY) & ~Q(error="")  # tried again, not there yet
        if not Dispatch.objects.filter(left).exists():
            settle(actor, [_ABOUT], now=now)
        return
    today = timezone.localdate(now)
    holding = [key for key in roles.all_roles() if roles.allows(key, MANAGE)]
    held = Grant.objects.filter(role__in=holding, scope_kind=Grant.Scope.ALL, valid_from__lte=today)
    users = held.filter(Q(valid_to=None) | Q(valid_to__gt=today)).values_list("user_id", flat=True).distinct()
    said = Message.objects.filter(about=_ABOUT, day=today).exclude(done_at=None).values("key").distinct().count()
    key = f"{_ABOUT}:{today}" + (f":{said}" if said else "")
    letters = (Letter(user, key, "platform.undelivered", today, view="platform:outbox", about=_ABOUT) for user in users)
    post(actor, letters, now=now)
