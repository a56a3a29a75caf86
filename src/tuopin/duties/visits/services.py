"""What changes visits: recorded, corrected (a new version), taken back. Each is one act, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import database
from tuopin.platform.access import may
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, Membership

from ..permissions import RECORD_VISIT, VIEW_VISIT
from . import counting, reach, registering, troubles
from .drafts import check
from .items import Asked, asked_at
from .models import Visit, VisitBy, VisitFinding, VisitMet, VisitPlace, VisitProblem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tuopin.platform.access import Actor

    from .drafts import Draft
    from .reach import Target

MOST = 5_000
MOST_FOUND = 20
"""Visits with findings in one call: each writes into the register by itself."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A visit as recorded. ``notes``: what the recorder should know (it counts for no duty, and why). ``written``: how
    many values the register took over. ``again``: this form was sent before, and nothing was written now."""

    visit: Visit
    notes: tuple[Title, ...] = ()
    written: int = 0
    again: bool = False


def record(actor: Actor, drafts: Sequence[Draft], *, origin: str = "form") -> list[Recorded]:
    """Record visits, all or none, in the order given.

    Raises Refused, Missing (a target or official outside the grants), Problem for what is wrong in a draft: a day
    ahead, a household not on the register that day, nobody met and no reason, an item or class that is not open.
    """
    if not 1 <= len(drafts) <= MOST:
        raise Problem("bad_visits", f"一次 1 至 {MOST} 条走访。", f"1 to {MOST} visits at a time.")
    if sum(bool(each.findings) for each in drafts) > MOST_FOUND:
        raise Problem(
            "too_many_findings",
            f"一次最多 {MOST_FOUND} 条带核对项的走访。",
            f"At most {MOST_FOUND} visits with findings at a time.",
        )
    today, now = timezone.localdate(), timezone.now()
    for each in drafts:
        check(each, today)
    found = reach.targets(actor, drafts)
    sent = _sent_before(actor, drafts)
    if sent is not None:
        return sent
    reach.check_officials(actor, drafts, found)
    _check_members(drafts)
    items = [_check_open(actor, draft, target) for draft, target in zip(drafts, found, strict=True)]
    notes = reach.notes(drafts, found)
    try:
        with database.write():
            counting.begin()
            visits = _write(actor, drafts, found, origin, now)
            written = _follow(actor, visits, drafts, items, now)
            _audit(actor, "duties.record_visit", visits, {"findings": sum(len(each.findings) for each in drafts)})
    except IntegrityError:
        again = _sent_before(actor, drafts)  # two taps at once: the other one was first
        if again is not None:
            return again
        raise _changed() from None
    return [Recorded(*each) for each in zip(visits, notes, written, strict=True)]


def correct(actor: Actor, number: int, draft: Draft, *, seen: int, reason: str) -> Recorded:
    """Write a visit anew as its next version; the one before stays readable. ``seen``: the version looked at.

    Raises Missing, Refused for who neither recorded it nor answers for the area, Problem as :func:`record`, for
    another target, a missing reason, and ``changed_meanwhile``.
    """
    _check_reason(reason)
    check(draft, timezone.localdate())
    standing = of_number(actor, number)
    if (draft.household_id, draft.area_id) != _target_of(standing):
        raise Problem(
            "other_target",
            "更正不能改到另一户或另一个区域。请撤回后重新记录。",
            "A correction stays with its household or area: take the visit back and record it anew.",
        )
    (target,) = reach.targets(actor, [draft])
    check_author(actor, standing, target.path)
    reach.check_officials(actor, [draft], [target])
    _check_members([draft])
    asked = _check_open(actor, draft, target)
    check_hides_nothing(actor, standing, target.path)
    notes = reach.notes([draft], [target])
    now = timezone.now()
    with database.write():
        counting.begin()
        held = _hold(standing, seen)
        registering.give_back(actor, held)
        Visit.objects.filter(pk=held.pk).update(superseded_at=now)
        VisitBy.objects.filter(visit=held).update(counts=False)
        troubles.withdraw(held.number, {(each.sort, each.item) for each in draft.problems}, now, actor)
        visits = _write(actor, [draft], [target], "form", now, before=held, reason=reason.strip())
        written = _follow(actor, visits, [draft], [asked], now)
        detail: dict[str, object] = {"version": visits[0].version, "findings": len(draft.findings)}
        _audit(actor, "duties.correct_visit", visits, detail)
    return Recorded(visits[0], notes[0], written[0])


def take_back(actor: Actor, number: int, *, seen: int, reason: str) -> bool:
    """Say that a visit was recorded wrongly: it counts for nothing any more and stays readable.

    Returns whether what it told the register could be given back (somebody may have corrected it since). Raises as
    :func:`correct`.
    """
    _check_reason(reason)
    standing = of_number(actor, number)
    check_author(actor, standing)
    now = timezone.now()
    with database.write():
        counting.begin()
        held = _hold(standing, seen)
        returned = registering.give_back(actor, held)
        Visit.objects.filter(pk=held.pk).update(
            taken_back_at=now, taken_back_by=actor.name or actor.os_user, reason=reason.strip()
        )
        VisitBy.objects.filter(visit=held).update(counts=False)
        troubles.withdraw(held.number, frozenset(), now, actor)
        counting.follow({held.household_id} if held.household_id is not None else set(), now)
        _audit(actor, "duties.take_back_visit", [held], {"returned": returned})
    return returned


def standing_of(actor: Actor, number: int) -> Visit:
    """The version that stands of a visit, taken back or not, for who may record there. Raises Missing."""
    found = Visit.objects.filter(number=number, superseded_at=None).first() if 0 < number < 2**63 else None
    if found is None or not may(actor, RECORD_VISIT, area_path=reach.path_of(found), household_id=found.household_id):
        raise no_such_visit()
    return found


def of_number(actor: Actor, number: int) -> Visit:
    """The version that stands of a visit that counts. Raises Missing, Problem if it was taken back."""
    found = standing_of(actor, number)
    if found.taken_back_at is not None:
        raise Problem("taken_back", "这次走访已经撤回。", "This visit was taken back.")
    return found


def no_such_visit() -> Missing:
    """Not there, or not for this reader."""
    return Missing("no_such_visit", "没有找到这次走访。", "There is no such visit.")


# -- checks -------------------------------------------------------------------------------------------------------


def _target_of(visit: Visit) -> tuple[int | None, int | None]:
    return (visit.household_id, None) if visit.household_id is not None else (None, visit.area_id)


def _check_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > 200 or "\0" in reason:
        raise Problem("no_reason", "请写明理由，不超过 200 字。", "Give the reason, at most 200 characters.")


def is_author(actor: Actor, visit: Visit, path: str | None = None) -> bool:
    """Whether the actor may change a visit: who recorded it, and the office over the area. A helper does not change
    another one's visit."""
    own = actor.user_id is not None and visit.user_id == actor.user_id
    return own or may(actor, RECORD_VISIT, area_path=reach.path_of(visit) if path is None else path)


def check_author(actor: Actor, visit: Visit, path: str | None = None) -> None:
    """Raise Refused unless :func:`is_author`."""
    if not is_author(actor, visit, path):
        raise Refused(
            "not_yours",
            "只有记录人本人或所在村、乡镇可以更正这次走访。",
            "Only who recorded the visit, or the office over the area, may correct it.",
        )


def check_hides_nothing(actor: Actor, standing: Visit, path: str) -> None:
    """Who is not shown all of a version is not shown the form of the next one and cannot write it: what is hidden would
    be told, or lost. Asked of both rights, to read and to record. Raises Refused."""
    for permission in (RECORD_VISIT, VIEW_VISIT):
        _check_all_open(standing, reach.classes_for(actor, permission, path, standing.household_id))


def _check_all_open(standing: Visit, classes: frozenset[str] | None) -> None:
    village = AreaVersion.objects.filter(area_id=standing.area_id).order_by("-valid_from")[0]
    asked = asked_at(village, standing.day)
    found = VisitFinding.objects.filter(visit=standing).values_list("item", flat=True)
    told = VisitProblem.objects.filter(visit_number=standing.number, settled_at=None)
    if classes is None or (
        "health" in classes
        and all(key in asked and asked[key].opened(classes) for key in found)
        and all(troubles.told(each, classes) for each in told)
    ):
        return
    raise Refused(
        "not_all_shown",
        "这次走访有未向您开放的内容，不能更正；可请记录人更正，或撤回后重记。",
        "Parts of this visit are not open to you, so you cannot correct it: ask who recorded it, or take it back.",
    )


def _check_members(drafts: Sequence[Draft]) -> None:
    """Whoever was met belonged to the household that day: one statement."""
    asked = [(draft, person) for draft in drafts for person in draft.met]
    if not asked:
        return
    rows = Membership.objects.filter(household_id__in=listed({draft.household_id or 0 for draft, _person in asked}))
    periods: dict[tuple[int, int], list[Membership]] = {}
    for row in rows:
        periods.setdefault((row.household_id, row.person_id), []).append(row)
    for draft, person in asked:
        lived = periods.get((draft.household_id or 0, person), [])
        if not any(row.valid_from <= draft.day and (row.valid_to is None or row.valid_to > draft.day) for row in lived):
            raise Problem(
                "not_a_member",
                "见到的人中有人当天不是本户成员。请从名单中选择。",
                "Somebody who was met was no member of the household that day: choose from the list.",
            )


def _check_open(actor: Actor, draft: Draft, target: Target) -> dict[str, Asked]:
    """The items that may be found at the target. Raises Problem for another one, or one of a closed class."""
    named = {each.item for each in draft.findings} | {each.item for each in draft.problems if each.item}
    classes = reach.classes_at(actor, target.path, draft.household_id)
    troubles.check_open(draft.problems, classes)
    if not named:
        return {}
    village = AreaVersion.objects.filter(area_id=target.home).order_by("-valid_from").first()
    asked = asked_at(village, draft.day) if village is not None else {}
    closed = {each.item for each in draft.problems if each.item and asked.get(each.item, _NONE).classes}
    if closed or not all(key in asked and asked[key].opened(classes) for key in named):
        raise Problem("no_such_item", "核对项不对，请刷新页面后再填。", "There is no such item: look again.")
    return asked


_NONE = Asked("", Title("", ""), Title("", ""), frozenset())


def _sent_before(actor: Actor, drafts: Sequence[Draft]) -> list[Recorded] | None:
    """What the same forms recorded before, if all of them were sent by this actor already."""
    keys = [each.key for each in drafts]
    if not all(keys):
        return None
    first = Visit.objects.filter(key__in=keys, version=1, user_id=actor.user_id)
    numbers = dict(first.values_list("key", "number"))
    if set(numbers) != set(keys):
        return None
    now = {each.number: each for each in Visit.objects.filter(number__in=numbers.values(), superseded_at=None)}
    return [Recorded(now[numbers[key]], again=True) for key in keys]


def _changed() -> Problem:
    return Problem(
        "changed_meanwhile",
        "同时有人记录了同一内容，没有写入。请刷新后再试。",
        "Somebody recorded the same at this moment; nothing was written. Look again.",
    )


# -- writing ------------------------------------------------------------------------------------------------------


def _hold(standing: Visit, seen: int) -> Visit:
    """The version that stands, so that nobody else changes it meanwhile."""
    held = Visit.objects.select_for_update().filter(number=standing.number, superseded_at=None).first()
    if held is None or held.taken_back_at is not None or held.version != seen:
        raise Problem(
            "changed_meanwhile",
            "您打开之后，这次走访已被更正或撤回，没有写入任何内容。请刷新后再改。",
            "The visit was corrected or taken back since you opened it; nothing was written. Look again.",
        )
    return held


def _write(
    actor: Actor, drafts: Sequence[Draft], found: Sequence[Target], origin: str, now: datetime,
    *, before: Visit | None = None, reason: str = "",
) -> list[Visit]:  # fmt: skip
    first = database.reserve_ids(Visit, len(drafts))
    visits = [
        Visit(
            pk=first + at, number=before.number if before else first + at, version=before.version + 1 if before else 1,
            household_id=each.household_id, area_id=target.home, day=each.day, sort=each.sort, outcome=each.outcome,
            why_not=each.why_not, why_not_note=each.why_not_note.strip(), met_others=each.met_others.strip(),
            said=each.said.strip(), note=each.note.strip(), reason=reason, origin=origin,
            key="" if before else each.key, recorded_at=now, actor=actor.name or actor.os_user, user_id=actor.user_id,
        )
        for at, (each, target) in enumerate(zip(drafts, found, strict=True))
    ]  # fmt: skip
    Visit.objects.bulk_create(visits, batch_size=500)
    pairs = list(zip(visits, drafts, strict=True))
    VisitBy.objects.bulk_create(
        [
            VisitBy(
                visit=visit, official_id=official, household_id=visit.household_id, area_id=visit.area_id,
                day=visit.day, counts=visit.outcome == Visit.Outcome.MET,
            )
            for visit, draft in pairs
            for official in draft.officials
        ],
        batch_size=500,
    )  # fmt: skip
    VisitMet.objects.bulk_create(
        [VisitMet(visit=visit, person_id=person) for visit, draft in pairs for person in dict.fromkeys(draft.met)],
        batch_size=500,
    )
    VisitFinding.objects.bulk_create(
        [
            VisitFinding(visit=visit, item=each.item, result=each.result, note=each.note.strip())
            for visit, draft in pairs
            for each in draft.findings
        ],
        batch_size=500,
    )
    _write_places(pairs, before)
    return visits


def _write_places(pairs: Sequence[tuple[Visit, Draft]], before: Visit | None) -> None:
    """Hour and place of the moment. A correction keeps what was taken then, unless the day changed: then those of its
    photos go too, which were taken on the day of no visit."""
    if before is not None:
        ((visit, draft),) = pairs
        kept = VisitPlace.objects.filter(visit_number=before.number, photo=None)
        if before.day != visit.day:
            VisitPlace.objects.filter(visit_number=before.number).delete()
        elif kept.exists():
            if draft.clock is not None:
                kept.update(clock=draft.clock)
            return
    VisitPlace.objects.bulk_create(
        [
            VisitPlace(
                visit_number=visit.number, day=visit.day, clock=draft.clock, latitude=draft.latitude,
                longitude=draft.longitude,
            )
            for visit, draft in pairs
            if draft.clock is not None or draft.latitude is not None
        ],
        batch_size=500,
    )  # fmt: skip


def _follow(
    actor: Actor, visits: Sequence[Visit], drafts: Sequence[Draft], items: Sequence[dict[str, Asked]], now: datetime
) -> list[int]:
    """What follows from new versions: problems, counts, what the register takes over. How many values of each."""
    troubles.report(list(zip(visits, drafts, strict=True)), now)
    counting.follow({each.household_id for each in visits if each.household_id is not None}, now)
    return [
        registering.take_over(actor, visit, draft.findings, asked) if draft.findings else 0
        for visit, draft, asked in zip(visits, drafts, items, strict=True)
    ]


def _audit(actor: Actor, action: str, visits: Sequence[Visit], detail: dict[str, object]) -> None:
    about = f"visit:{visits[0].number}" if len(visits) == 1 else f"visits:{visits[0].number}-{visits[-1].number}"
    audit.record(actor, action, about, {"visits": len(visits), **detail})
