"""Taking an event back exactly, while nothing later rests on it. The act and its undoing both stay on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import database
from tuopin.platform.access import require, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.problems import Missing, Problem

from .. import cards
from ..correcting.subjects import listed
from ..correcting.versions import level_of
from ..counting import count_later
from ..models import (
    AreaVersion,
    CorrectedValue,
    EventEcho,
    EventSubject,
    Household,
    Membership,
    PersonCard,
    PersonKey,
    RegisterEvent,
    Residence,
)
from ..permissions import RECORD_EVENTS
from ..selectors import within
from .kinds import TITLES, UNDO, told
from .writing import FACTS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tuopin.platform.access import Actor


def undo(actor: Actor, number: int, reason: str = "") -> int:
    """Take one event back; returns the id of the act that does. Raises Missing for one that is not the actor's,
    Problem ``cannot_undo`` with what rests on it."""
    require(actor, RECORD_EVENTS)
    with database.write():
        database.hold_data()
        event = _own(actor, number)
        reasons = list(obstacles(event))
        if reasons:
            raise _refusal(reasons)
        households = _households(event)
        _facts_back(event)
        _rows_back(event)
        _code_free(event)
        taken = RegisterEvent.objects.create(
            kind=UNDO, day=event.day, household_id=event.household_id, other_id=event.other_id, area_id=event.area_id,
            other_area_id=event.other_area_id, persons=event.persons, reason=reason.strip()[:500], origin="undo",
            at=timezone.now(), actor=actor.name or actor.os_user, user_id=actor.user_id, undoes=event,
        )  # fmt: skip
        _forget_cards(event)
        cards.refresh(households)
        database.bump_data_version()
        count_later(actor)
        shown = told(event.kind, frozenset())
        detail: dict[str, object] = {"kind": shown, "day": event.day.isoformat(), "undoes": event.pk}
        audit.record(actor, RECORD_EVENTS, f"event:{taken.pk}", detail)
    return int(taken.pk)


def _own(actor: Actor, number: int) -> RegisterEvent:
    """An event all of whose villages lie within the grants."""
    event = RegisterEvent.objects.filter(pk=number).exclude(kind=UNDO).first()
    areas = {each for each in (event.area_id, event.other_area_id) if each is not None} if event else set()
    there = AreaVersion.objects.filter(area_id__in=areas, valid_to=None)  # of villages that still are
    ranges = visible_paths(actor, RECORD_EVENTS)
    known, seen = there.count(), there.filter(within(ranges)).count()
    if event is None or seen < known or (ranges is not None and not known):
        raise Missing(
            "no_such_event", "没有找到这次登记变化，或不在您的管辖范围内。",
            "There is no such event, or it lies outside your grants.",
        )  # fmt: skip
    return event


def obstacles(event: RegisterEvent) -> Iterator[Title]:
    """What rests on an event; nothing = it can be taken back."""
    if RegisterEvent.objects.filter(undoes=event).exists():
        yield Title("已经撤销过了", "it was taken back already")
        return
    echo = EventEcho.objects.filter(event=event).exclude(state="behind").order_by("-as_of").first()
    if echo is not None:
        yield Title(f"国网导出（{echo.as_of}）已有记载", f"the national export of {echo.as_of} speaks of it")
    later = _later(event)
    for each in later:
        title = TITLES[each.kind]
        yield Title(f"之后登记了“{title.zh}”（{each.day}）", f"“{title.en}” of {each.day} was recorded afterwards")
    if not later and echo is None and not _as_left(event):
        yield Title("之后的导入或区划变更改变了其中的户或人", "an import or a change of areas has changed these since")
    if _village_gone(event):
        yield Title(
            "原来的村已不在（并入别的村或撤销），请另行登记“迁移”或“整户回迁”",
            "the village of before is no more: record a move or a household back instead",
        )
    if _corrected(event):
        yield Title("新建的户或人已有更正", "the household or person that it made was corrected since")
    for _room, module in rooms_modules("intake"):
        uses = getattr(module, "uses_of_event", None)
        yield from uses(event) if uses is not None else ()


def _later(event: RegisterEvent) -> list[RegisterEvent]:
    """Later acts of the same households and persons that stand."""
    subjects = EventSubject.objects.filter(event=event)
    persons = subjects.exclude(person=None).values("person_id")
    households = subjects.exclude(household=None).values("household_id")
    about = EventSubject.objects.filter(Q(person_id__in=persons) | Q(household_id__in=households), event__gt=event.pk)
    places = Q(was__in=households, household=None) | Q(now__in=households, household=None)
    within_them = EventSubject.objects.filter(places, event__gt=event.pk)
    found = RegisterEvent.objects.filter(
        Q(pk__in=about.values("event_id")) | Q(pk__in=within_them.values("event_id")), undone=None
    ).exclude(kind=UNDO)
    return list(found.order_by("pk")[:5])


def _as_left(event: RegisterEvent) -> bool:
    """Whether every row still stands as the event left it."""
    for name, keys in event.changes.get("closed", {}).items():
        if TABLES[name]._default_manager.filter(pk__in=listed(keys), valid_to=event.day).count() < len(keys):
            return False
    for name, keys in event.changes.get("opened", {}).items():
        rows = TABLES[name]._default_manager.filter(pk__in=listed(keys), valid_from=event.day, valid_to=None)
        if rows.count() < len(keys):
            return False
    made = event.changes.get("made", {}).get("household")
    if made is None:
        return True
    opened = event.changes.get("opened", {})
    return not (
        Membership.objects.filter(household_id=made).exclude(pk__in=opened.get("membership", [])).exists()
        or Residence.objects.filter(household_id=made).exclude(pk__in=opened.get("residence", [])).exists()
    )


def _village_gone(event: RegisterEvent) -> bool:
    """Whether a home that the event ended lay in an area that has ended since: opened again, nobody would count it."""
    homes = Residence.objects.filter(pk__in=listed(event.changes.get("closed", {}).get("residence", [])))
    return homes.exclude(area_id__in=AreaVersion.objects.filter(valid_to=None).values("area_id")).exists()


def _corrected(event: RegisterEvent) -> bool:
    made = event.changes.get("made", {})
    keys = Q(pk__in=[])
    if "household" in made:
        keys |= Q(level="household", subject=made["household"])
    if "person" in made:
        keys |= Q(level="person", subject=made["person"])
    return bool(made) and CorrectedValue.objects.filter(keys).exists()


def _refusal(reasons: Sequence[Title]) -> Problem:
    return Problem(
        "cannot_undo",
        f"这次登记变化不能撤销：{'；'.join(each.zh for each in reasons)}。请先撤销之后的，或登记新的变化。",
        f"This event cannot be taken back: {'; '.join(each.en for each in reasons)}. Take later ones back first, or "
        "record a new one.",
    )


# -- taking it back -------------------------------------------------------------------------------------------------


def _households(event: RegisterEvent) -> set[int]:
    """All whose rows it opened or closed."""
    found: set[int | None] = {event.household_id, event.other_id}
    about = EventSubject.objects.filter(event=event)
    for household, person, was, now in about.values_list("household_id", "person_id", "was", "now"):
        found |= {was, now} if person else {household}  # of a household they are villages
    return {each for each in found if each}


def _rows_back(event: RegisterEvent) -> None:
    """First what was opened goes, so that what was closed can be open again."""
    for name, keys in event.changes.get("opened", {}).items():
        rows: Any = TABLES[name]._default_manager.filter(pk__in=listed(keys))
        rows._raw_delete(rows.db)
    for name, keys in event.changes.get("closed", {}).items():
        TABLES[name]._default_manager.filter(pk__in=listed(keys)).update(valid_to=None)


def _facts_back(event: RegisterEvent) -> None:
    """The versions written with the event are superseded; those that they replaced count again."""
    subjects = EventSubject.objects.filter(event=event)
    people = set(subjects.exclude(person=None).values_list("person_id", flat=True))
    living = Membership.objects.filter(household_id=event.household_id)
    people |= set(living.values_list("person_id", flat=True))
    ids = {"person": people, "household": _households(event)}
    now = timezone.now()
    for model in FACTS:
        level = level_of(model)
        of = model._default_manager.filter(**{f"{level}_id__in": listed(sorted(ids[level]))})
        of.filter(recorded_at=event.at, superseded_at=None).update(superseded_at=now)
        of.filter(superseded_at=event.at).update(superseded_at=None)


def _code_free(event: RegisterEvent) -> None:
    """The code of a household that is one no more can be given again."""
    made = event.changes.get("made", {}).get("household")
    if made is not None:
        Household.objects.filter(pk=made).update(code=f"~{made}")


def _forget_cards(event: RegisterEvent) -> None:
    """Cards of persons whom no household holds any more."""
    made = event.changes.get("made", {}).get("person")
    if made is not None:
        PersonCard.objects.filter(person_id=made).delete()
        PersonKey.objects.filter(person_id=made).delete()
