"""What petition offices are told: one message a person and day that counts, however many petitions wait. The list of
the office says which. Nobody hears of a petition about oneself, or about where one works; nor is it counted."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q

from tuopin.core.language.catalogue import Title
from tuopin.platform import working_days
from tuopin.platform.outbox.services import Letter

from .. import reach
from ..kinds import rhythm
from ..limits import midnight
from ..models import RUNNING
from ..permissions import PETITIONS
from .models import Petition

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ..clock.people import People, Users

PAGE = "orders:petitions"
_TITLE = Title(
    "信访件：已过时限 {late} 件，将到期待受理、待答复 {soon} 件",
    "Petitions: {late} past their limit, {soon} soon to be accepted or answered",
)


def offices(people: People, areas: Mapping[int, int]) -> dict[int, Users]:
    """The accounts of the petition offices that may hear of petitions, by petition; ``areas``: where each lies. A
    number of statements that does not grow."""
    paths, accused = reach.paths_of(set(areas.values())), reach.untold(areas.keys())
    over = {area: people.over(PETITIONS, path) for area, path in paths.items()}
    return {
        number: tuple(user for user in over.get(area, ()) if user not in accused.get(number, frozenset()))
        for number, area in areas.items()
    }


def letters(people: People, came: Mapping[int, int]) -> Iterator[Letter]:
    """The messages of a day on which petitions (with their areas) came to a step of their clock: how many of the
    office's are late, and how many soon will be. The database counts, as for holders (``held.py``)."""
    today = people.chains.day
    told = {user for users in offices(people, came).values() for user in users}
    begun, end = midnight(today), working_days.calendar().after(today, rhythm().remind).day + timedelta(days=1)
    wait = Q(matter__state__in=["draft", "second_review"]) | Q(matter__state="review", matter__closed_at=None)
    late_now = Q(matter__state__in=RUNNING, matter__limit_at__lte=begun)
    rows = Petition.objects.filter(wait & Q(matter__limit_at__lte=midnight(end)) | late_now)
    # the same people hear of all that lie in one area and are about the same: one of them stands for them
    alike = rows.values("matter__area", "about_organisation", "about_official").order_by().annotate(
        one=Min("pk"), over=Count("pk", filter=Q(matter__limit_at__lte=begun)), every=Count("pk")
    )  # fmt: skip
    found = {one: (area, *counts) for one, area, *counts in alike.values_list("one", "matter__area", "over", "every")}
    late, soon = Counter[int](), Counter[int]()
    for number, users in offices(people, {one: area for one, (area, _over, _every) in found.items()}).items():
        _area, over, every = found[number]
        for user in told.intersection(users):
            late[user] += over
            soon[user] += every - over
    for user in told:
        counts = {"late": late[user], "soon": soon[user]}
        kind = "orders.overdue" if late[user] else "orders.remind"
        yield Letter(user, f"petitions:desk:{today}", kind, today, _TITLE, counts, view=PAGE)


def counted(
    people: People, areas: Mapping[int, int], stepped: Collection[int], late: Collection[int]
) -> dict[int, tuple[int, int]]:
    """For each account that is to hear because something of its office came to a step: how many there are, and how many
    of them are late."""
    every, over, told = Counter[int](), Counter[int](), set[int]()
    for number, users in offices(people, areas).items():
        every.update(users)
        over.update(users if number in late else ())
        told.update(users if number in stepped else ())
    return {user: (every[user], over[user]) for user in told}
