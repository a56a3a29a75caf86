"""The messages about questions of like for like: a number and a day, nothing of what is asked and nobody's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.models import Grant
from tuopin.platform.outbox.services import Letter
from tuopin.platform.roles import all_roles, allows
from tuopin.register.correcting.subjects import listed
from tuopin.register.events.areas.mapping import followed
from tuopin.register.selectors import on_day

from ..clock.chain import Chains
from ..clock.people import People
from ..permissions import HANDLE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date, datetime

    from ..models import AlikeQuestion, AlikeSubject

KIND = "orders.alike"
PAGE = "orders:alike_one"
_SAID = {
    "asked": Title("{word} 请自查并答复", "{word}: you are asked whether there is the like"),
    "asked_by": Title("{word} 请自查，{day} 前答复", "{word}: is there the like? An answer is asked by {day}"),
    "due": Title("{word} 自查应于 {day} 前答复", "{word}: an answer is due by {day}"),
}


def about(subject_id: int) -> str:
    """What messages to one who is asked are about; see ``outbox.settle``."""
    return f"alike:{subject_id}"


def unheard(subjects: Collection[AlikeSubject]) -> frozenset[int]:
    """Of the areas that are asked, those that hear nothing and cannot answer: nobody has an account over them. At most
    two statements, but for chains of merged areas."""
    places = {each.pk: each.area_id for each in subjects if each.area_id is not None}
    clerks = _clerks(set(places.values()))
    return frozenset(key for key, place in places.items() if not clerks[place])


def letters(
    rows: Iterable[AlikeQuestion], subjects: Collection[AlikeSubject], what: str, now: datetime
) -> Iterator[Letter]:
    """One letter a question, who is asked, and account that answers there: once for ever. ``what``: asked or due. A
    fixed number of statements, but for chains of merged areas."""
    people = People(Chains(timezone.localdate(now)))
    people.know([], {each.unit_id for each in subjects if each.unit_id is not None}, [])
    clerks = _clerks({each.area_id for each in subjects if each.area_id is not None})
    by_key = {row.pk: row for row in rows}
    for each in subjects:
        row = by_key[each.question_id]
        users = clerks.get(each.area_id, ()) if each.area_id is not None else people.office(each.unit_id or 0)
        for user in dict.fromkeys(users):
            yield _letter(user, row, each, what, now)


def _letter(user: int, row: AlikeQuestion, one: AlikeSubject, what: str, now: datetime) -> Letter:
    word = f"№ {row.pk}"
    parameters: dict[str, int | str | date] = {"word": word}
    if row.until is not None:
        parameters["day"] = row.until
    title = _SAID["asked_by" if what == "asked" and row.until is not None else what]
    return Letter(
        user, f"alike:{row.pk}:{what}:{one.pk}", KIND, timezone.localdate(now), title, parameters, word, PAGE, [row.pk],
        about(one.pk),
    )  # fmt: skip


def _clerks(area_ids: set[int]) -> dict[int, list[int]]:
    """The accounts that answer for areas, by a grant over the very area, or over what it became part of."""
    if not area_ids:
        return {}
    now = {key: some if len(some) == 1 else () for key, some in followed(area_ids).items()}  # one that was split: none
    places = area_ids | {each for some in now.values() for each in some}
    roles = [key for key in all_roles() if allows(key, HANDLE)]
    granted: dict[int, list[int]] = {}
    # as grants open pages: today, whatever the time of the tick
    found = Grant.objects.filter(on_day(timezone.localdate()), user__is_active=True, scope_kind="area", role__in=roles)
    for place, user in found.filter(scope_id__in=listed(places)).order_by("user_id").values_list("scope_id", "user_id"):
        granted.setdefault(place or 0, []).append(user)
    return {key: [user for place in dict.fromkeys((key, *now[key])) for user in granted.get(place, ())]
            for key in area_ids}  # fmt: skip
