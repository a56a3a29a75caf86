"""Who answers for what, from when: beginning, ending, handing over, leaving. Each takes a set, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q

from tuopin.platform import database
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.problems import Missing, Problem
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import Membership, Residence, StatusPeriod
from tuopin.register.selectors import on_day

from .. import kinds
from ..models import Assignment, Official, OfficialTie, Term
from ..officials.links import died, people_now
from ..permissions import ASSIGN, KEEP_OFFICIALS
from ..selectors import officials, titles_on
from ..watching import watchers as watching
from . import caseload, targets
from .following import to_be_helped

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

    from ..kinds import Role
    from .targets import Target


def begin(
    actor: Actor, wanted: Mapping[int, int], *, role: str, day: date, until: date | None = None, reason: str = ""
) -> list[int]:
    """Officials answer for targets (target id → official id) in a role from ``day`` to ``until`` (excluded).

    Returns the new ids in the order of the targets. All or none: raises Missing outside the grants, Problem where
    somebody holds a sole role already, holds this very one, lives in a household to be helped, has died, would have
    more than the bound allows (``caseload.py``), or is not of the rank that a watcher needs (``watching/watchers.py``).
    """
    with database.write():
        made = _begin(actor, wanted, kinds.role(role), day, until, reason)
        detail: dict[str, object] = {"role": role, "count": len(made), "day": day.isoformat()}
        _done(actor, "duties.begin_duty", f"role:{role}", detail)
    return made


def end(actor: Actor, ids: Collection[int], *, day: date, reason: str = "") -> int:
    """End assignments: ``day`` is the first day without duty. Returns how many. Raises Missing, Problem as
    :func:`begin`."""
    with database.write():
        rows = _end(actor, ids, day, reason)
        detail: dict[str, object] = {"count": len(rows), "day": day.isoformat()}
        _done(actor, "duties.end_duty", f"assignments:{len(rows)}", detail)
    return len(rows)


def hand_over(actor: Actor, to: Mapping[int, int], *, day: date, reason: str = "") -> list[int]:
    """Assignments (id → the official who takes over) end and begin on ``day``, both or neither; returns the new ids."""
    with database.write():
        made = _hand_over(actor, to, day, reason)
        detail: dict[str, object] = {"count": len(made), "day": day.isoformat()}
        _done(actor, "duties.hand_over", f"assignments:{len(made)}", detail)
    return made


def leave(actor: Actor, official_id: int, to: Mapping[int, int], *, day: date, reason: str = "") -> list[int]:
    """An official leaves on ``day``: every open duty is handed over (assignment id → who takes over), his posts end.
    Duties for households that live nowhere any more (merged, left out of the register) end without a successor.

    Returns the new ids. Raises Problem ``open_duties`` while one of them has no successor; Missing outside the grants.
    """
    require(actor, ASSIGN)
    with database.write():
        _lock(actor, [official_id])
        left = [key for key in open_duties(official_id, day) if key not in to]
        if left:
            raise Problem(
                "open_duties",
                f"还有 {len(left)} 项责任没有接手人。请先逐项指定接手人。",
                f"{len(left)} duties have no successor yet. Name who takes over each of them first.",
                assignments=left[:100],
            )
        _nothing_hangs(official_id)
        made = _hand_over(actor, to, day, reason) if to else []
        _end(actor, list(still_open(official_id, day).values_list("pk", flat=True)), day, reason)  # nobody lives there
        standing = Term.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), official_id=official_id)
        if standing.filter(valid_from__gte=day).exists():
            raise _before()
        offices = set(standing.values_list("post__organisation_id", flat=True))
        if offices:
            targets.reachable(actor, KEEP_OFFICIALS, "organisation", offices, day)
        terms = standing.update(valid_to=day)
        detail: dict[str, object] = {"count": len(made), "terms": terms, "day": day.isoformat()}
        _done(actor, "duties.leave", f"official:{official_id}", detail)
    return made


def _nothing_hangs(official_id: int) -> None:
    """Raise Problem while a room above has something that only this official does there (``hanging.hangs_on``)."""
    found = [each for _room, module in rooms_modules("hanging") for each in module.hangs_on(official_id)]
    if found:
        raise Problem(
            "hand_over_first",
            f"请先移交：{'；'.join(each.zh for each in found)}。",
            f"Hand over first: {'; '.join(each.en for each in found)}.",
        )


def open_duties(official_id: int, day: date) -> list[int]:
    """The assignments that an official still has on a day or later, and that somebody else has to take over: nobody
    answers for a household that lives nowhere any more. The caller has checked the official."""
    lives = Residence.objects.filter(on_day(day), household_id=OuterRef("household_id"))
    found = still_open(official_id, day).filter(Q(household=None) | Exists(lives))
    return list(found.order_by("pk").values_list("pk", flat=True))


def still_open(official_id: int, day: date) -> QuerySet[Assignment]:
    """The same with the duties for households that live nowhere any more."""
    return Assignment.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), official_id=official_id)


# -- the steps ----------------------------------------------------------------------------------------------------


def _done(actor: Actor, action: str, subject: str, detail: dict[str, object]) -> None:
    database.bump_data_version()
    audit.record(actor, action, subject, detail)


def _lock(actor: Actor, ids: Collection[int]) -> dict[int, Official]:
    """The officials, so that nobody else changes their duties meanwhile. Raises Missing unless the actor sees all."""
    seen = set(officials(actor).filter(pk__in=listed(ids)).values_list("pk", flat=True))
    if seen != set(ids):
        raise Missing(
            "no_such_official",
            "没有找到这名干部，或不在您的管辖范围内。",
            "There is no such official, or none within your grants.",
        )
    rows = Official.objects.filter(pk__in=listed(ids)).order_by("pk").select_for_update()
    return {row.pk: row for row in rows}


def _begin(
    actor: Actor, wanted: Mapping[int, int], role: Role, day: date, until: date | None, reason: str
) -> list[int]:
    if not wanted:
        return []
    if until is not None and until <= day:
        raise _before()
    found = targets.reachable(actor, ASSIGN, role.on, wanted, day)
    targets.require_level(role.levels, found.values(), role.title.zh, role.title.en)
    holders = _lock(actor, set(wanted.values()))
    _free(role, wanted, found, day, until)
    caseload.require_room(role, wanted, found, day, until)
    _fit(holders.values(), day)
    if role.key == watching.ROLE:
        watching.require_rank(wanted, found, day)
    titles = titles_on(holders, day)
    first = database.reserve_ids(Assignment, len(wanted))
    rows = []
    for at, (key, official) in enumerate(wanted.items()):
        who = holders[official]
        unit, post = titles.get(official, (who.unit, ""))
        rows.append(
            Assignment(
                pk=first + at, official=who, role=role.key, name=who.name, unit=unit, post=post, sex=who.sex,
                politics=who.politics, phone=who.phone, valid_from=day, valid_to=until, by_hand=until is not None,
                reason=reason[:200], **{f"{role.on}_id": key},
            )
        )  # fmt: skip
    try:
        with database.write():
            Assignment.objects.bulk_create(rows, batch_size=500)
    except IntegrityError as error:  # somebody else was first: the partial unique indexes stand
        raise _held(role, []) from error
    return [row.pk for row in rows]


def _free(role: Role, wanted: Mapping[int, int], found: Mapping[int, Target], day: date, until: date | None) -> None:
    """Raise Problem where a sole role is held, or the official holds this very one, in any of the days."""
    during = Q(valid_to=None) | Q(valid_to__gt=day)
    if until is not None:
        during &= Q(valid_from__lt=until)
    column = f"{role.on}_id"
    rows = Assignment.objects.filter(during, role=role.key, **{f"{column}__in": listed(wanted)})
    standing = list(rows.values_list(column, "official_id"))
    if role.sole and standing:
        raise _held(role, [found[key].code for key, _official in standing])
    again = [found[key].code for key, official in standing if wanted[key] == official]
    if again:
        raise Problem(
            "already_assigned",
            f"此人已担任“{role.title.zh}”：{'、'.join(again[:5])}。",
            f"The official is {role.title.en} there already: {', '.join(again[:5])}.",
            targets=again[:100],
        )


def _held(role: Role, codes: Sequence[str]) -> Problem:
    where = f"（{'、'.join(codes[:5])}{'……' if len(codes) > 5 else ''}）" if codes else ""
    return Problem(
        "already_held",
        f"已有人担任“{role.title.zh}”{where}，同一时间只能有一人。请用移交。",
        f"Somebody is {role.title.en} already{' (' + ', '.join(codes[:5]) + ')' if codes else ''}: there is one at a"
        " time. Hand over instead.",
        targets=list(codes[:100]),
    )


def _fit(holders: Collection[Official], day: date) -> None:
    """Raise Problem for somebody who lives in a household that is to be helped, or has died: five statements at
    most."""
    people = {each.person_id for each in holders if each.person_id is not None}
    ties = OfficialTie.objects.filter(
        on_day(day), relation=OfficialTie.Relation.OWN, official_id__in=listed(each.pk for each in holders)
    )
    homes = set(ties.values_list("household_id", flat=True))
    if people:
        now = people_now(people)
        if died(now.values(), day):
            raise Problem(
                "official_died",
                "所选干部中有人已登记死亡，不能担任责任。请另选他人。",
                "The death of one of the officials is on record. Choose another one.",
            )
        lived = Membership.objects.filter(on_day(day), person_id__in=listed(set(now.values())))
        homes |= set(lived.values_list("household_id", flat=True))
    poor = StatusPeriod.objects.filter(to_be_helped(), on_day(day), household_id__in=listed(homes))
    if homes and poor.exists():
        raise Problem(
            "helper_is_poor",
            "所选干部中有人本人是建档立卡户或监测户成员，不能担任帮扶责任。请另选他人。",
            "One of the officials lives in a household that is itself to be helped and cannot answer for others. Choose"
            " another one.",
        )


def _end(actor: Actor, ids: Collection[int], day: date, reason: str) -> list[Assignment]:
    """End what is open, with the permission for every target."""
    found = Assignment.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), pk__in=listed(ids))
    rows = list(found.order_by("pk").select_for_update())
    if len(rows) < len(set(ids)):
        raise targets.outside()
    for kind in targets.KINDS:
        keys = {getattr(row, f"{kind}_id") for row in rows} - {None}
        if keys:
            targets.reachable(actor, ASSIGN, kind, keys, day, ending=True)
    if any(row.valid_from >= day for row in rows):
        raise _before()
    changed: dict[str, object] = {"valid_to": day, "by_hand": True}
    if reason:
        changed["reason"] = reason[:200]
    Assignment.objects.filter(pk__in=listed(ids)).update(**changed)
    return rows


def _before() -> Problem:
    return Problem(
        "ends_before_it_began",
        "结束日期必须晚于开始日期。请更正日期。",
        "It would end before it began: the end must be later than the beginning.",
    )


def _hand_over(actor: Actor, to: Mapping[int, int], day: date, reason: str) -> list[int]:
    rows = _end(actor, to, day, reason)
    made: dict[int, int] = {}
    for key in dict.fromkeys(row.role for row in rows):
        role = kinds.role(key)
        mine = [row for row in rows if row.role == key]
        wanted = {getattr(row, f"{role.on}_id"): to[row.pk] for row in mine}
        if len(wanted) < len(mine):
            raise Problem(
                "twice_in_one",
                "同一对象的同一角色有两项同时移交，请分两次移交。",
                "Two duties of one role for one target are handed over at once: do it one after the other.",
            )
        new = dict(zip(wanted, _begin(actor, wanted, role, day, None, reason), strict=True))
        made |= {row.pk: new[getattr(row, f"{role.on}_id")] for row in mine}
    return [made[key] for key in to]
