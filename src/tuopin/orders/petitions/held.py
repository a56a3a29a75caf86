"""What holders are told of petitions: one message a person and day that counts what they hold, however many were handed
over, returned, or came to a step of their clock; the inbox says which. It names nobody, and no petition. Nobody hears
of one about oneself, or of one that is to go to somebody else."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q

from tuopin.core.language.catalogue import Title
from tuopin.platform import working_days
from tuopin.platform.outbox.services import Letter
from tuopin.register.correcting.subjects import listed

from ..clock.rows import row_of
from ..kinds import rhythm
from ..limits import midnight
from ..models import RUNNING, Matter, MatterEvent
from . import audience

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from ..clock.telling import Teller

GIVEN = audience.GIVES | {"return"}
"""Acts after which somebody has a petition to sign for, or to go on with."""
PAGE = "orders:inbox"
_HELD = Q(state__in=[*RUNNING, "second_review"]) | Q(state="review", closed_at=None)
_TITLE = Title(
    "您承办的信访件 {held} 件：待签收 {unsigned} 件，将到期 {soon} 件，已过时限 {late} 件",
    "Petitions in your hands: {held}; to be signed for {unsigned}, soon due {soon}, past their limit {late}",
)


def letters(teller: Teller, told: Collection[int]) -> Iterator[Letter]:
    """The messages of a day to accounts that are to hear because of a petition that they hold. A fixed number of
    statements; none for nobody. The database counts: what is read does not grow with the petitions, but with who holds
    them and whom they are about."""
    if not told:
        return
    today = teller.people.chains.day
    end = working_days.calendar().after(today, rhythm().remind).day + timedelta(days=1)
    late_at, soon_at = midnight(today), midnight(end)
    rows = Matter.objects.filter(_HELD, kind="petition").exclude(Q(holder=None) | Q(petition__withheld=True))
    # the same people hear of all that are held by the same and about the same: one of them stands for them
    alike = rows.order_by().values("holder", "official", "petition__about_organisation", "petition__about_official")
    groups = alike.annotate(
        one=Min("pk"), every=Count("pk"), fresh=Count("pk", filter=Q(state="issued")),
        near=Count("pk", filter=Q(limit_at__gt=late_at, limit_at__lte=soon_at)),
        over=Count("pk", filter=Q(limit_at__lte=late_at)),
    ).values_list("one", "every", "fresh", "near", "over")  # fmt: skip
    counted = {one: counts for one, *counts in groups}
    some = [row_of(each) for each in Matter.objects.filter(pk__in=listed(counted))]
    teller.know(some)
    held, unsigned, soon, late = (Counter[int]() for _each in range(4))
    for row in some:
        for user in set(teller.holder(row)).intersection(told):
            for counter, count in zip((held, unsigned, soon, late), counted[row.id], strict=True):
                counter[user] += count
    for user in told:
        if held[user]:  # what came was given back, or away, since
            kind = "orders.overdue" if late[user] else "orders.remind" if soon[user] else "orders.assigned"
            said = {"held": held[user], "unsigned": unsigned[user], "soon": soon[user], "late": late[user]}
            yield Letter(user, f"petitions:held:{today}", kind, today, _TITLE, said, view=PAGE)


def given(teller: Teller, first: date) -> Iterator[Letter]:
    """Those about petitions that were handed over or returned since a day, until yesterday: today's come tomorrow, all
    in one."""
    begin, end = midnight(first), midnight(teller.people.chains.day)
    rows = list(Matter.objects.filter(_HELD, kind="petition", changed_at__gte=begin).exclude(holder=None))
    events = MatterEvent.objects.filter(matter_id__in=listed([each.pk for each in rows]), act__in=GIVEN)
    came = set(events.filter(at__gte=begin, at__lt=end).values_list("matter_id", flat=True))
    some = [row_of(each) for each in rows if each.pk in came]
    teller.know(some)
    yield from letters(teller, {user for row in some for user in teller.holder(row)})
