"""What changes incidents: opened with what was known, reported by who answers for the household, closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils import timezone

from tuopin.platform.access import field_classes_at, may
from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register import selectors as register

from ..models import Incident, IncidentClosing, IncidentReport, Official
from ..permissions import REPORT_INCIDENT
from . import known, rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.platform.access import Actor
    from tuopin.register.selectors import Placed

OLDEST = timedelta(days=5 * 366)
MOST = 50  # each is looked up and frozen by itself; there are few


@dataclass(frozen=True, slots=True)
class Opening:
    """An incident as somebody tells of it. ``happened_on`` None: unknown."""

    household: str
    kind: str
    found_on: date
    channel: str
    account: str = ""
    happened_on: date | None = None


def open_incidents(actor: Actor, openings: Sequence[Opening]) -> list[Incident]:
    """Record incidents with what was known and done before each; all or none.

    Who answers for the household and opens one has reported it by that. Raises Missing outside the grants, Problem.
    """
    if not 1 <= len(openings) <= MOST:
        raise Problem("bad_number", f"一次登记 1 至 {MOST} 件。", f"Record 1 to {MOST} at once.")
    today = timezone.localdate()
    placed = [_placed(actor, each.household) for each in openings]
    for opening, each in zip(openings, placed, strict=True):
        _check(actor, opening, each, today)
    now = timezone.now()
    made = []
    try:
        with write():
            for opening, each in zip(openings, placed, strict=True):
                lines = known.document(known.before(each.household.pk, each.village.area_id, opening.found_on))
                row = Incident.objects.create(
                    household=each.household, kind=opening.kind, happened_on=opening.happened_on,
                    found_on=opening.found_on, channel=opening.channel, account=opening.account.strip(), known=lines,
                    digest=known.digest(lines), at=now, actor=actor.name or actor.os_user, user_id=actor.user_id,
                )  # fmt: skip
                audit.record(actor, REPORT_INCIDENT, f"incident:{row.pk}", {}, row.digest)
                own = _own_holder(actor, row, each)
                if own is not None:
                    _report(actor, row, own, today, opening.account.strip() or "—", "")
                made.append(row)
    except IntegrityError:
        raise Problem(
            "incident_exists",
            "同一户同一天同一类事件已经登记过。",
            "This kind of incident was recorded for the household on that day already.",
        ) from None
    return made


def report(
    actor: Actor, incident: Incident, text: str, *, official_id: int | None = None, day: date | None = None,
    document: str = "",
) -> IncidentReport:  # fmt: skip
    """The report of who answers for the household: what was known and done, and when it was passed on.

    Without ``official_id`` the actor's own, of today. An office takes in somebody's written report with its day and
    document. Raises Missing outside the grants, Problem for who did not answer for it, or has reported already.
    """
    placed = _placed(actor, incident.household.code)
    today = timezone.localdate()
    text, document = text.strip(), document.strip()
    if not text or len(text) > 1000:
        raise Problem("no_text", "请写报告内容（1000 字以内）。", "Write the report (at most 1,000 characters).")
    if official_id is None:
        own = _own_holder(actor, incident, placed)
        if own is None:
            raise Problem(
                "not_a_holder", "您不是这一户当时的责任人。", "You did not answer for this household at the time."
            )
        official_id, day = own, today
    else:
        if not may(actor, REPORT_INCIDENT, area_path=placed.village.path):
            raise Refused("refused", "只有乡村、县可以代录报告。", "Offices alone take in somebody's report.")
        if official_id not in _holders(incident, placed):
            raise Problem("not_a_holder", "此人不是当时的责任人。", "The official did not answer for it at the time.")
        oldest = incident.happened_on or incident.found_on - OLDEST
        if day is None or not oldest <= day <= today or not document or len(document) > 200:
            raise Problem(
                "no_document",
                "代录请写报告日期（不早于事发、不晚于今天）和书面件出处。",
                "Give the day of the report (not before it happened) and its paper.",
            )
    try:
        with write():
            row = _report(actor, incident, official_id, day, text, document)
    except IntegrityError:
        raise Problem("reported_already", "这名责任人已经报告过。", "This official has reported already.") from None
    return row


def close(actor: Actor, incident: Incident, outcome: str, *, day: date, note: str = "") -> None:
    """Say what became of an incident, once. Raises Missing, Problem."""
    placed = _placed(actor, incident.household.code)
    if not may(actor, REPORT_INCIDENT, area_path=placed.village.path):
        raise Refused("refused", "由村、乡镇或县办结。", "The village, township or county closes it.")
    rules.one("incidents", "outcome", outcome)
    if not incident.found_on <= day <= timezone.localdate() or len(note) > 500:
        raise Problem("bad_date", "办结日期应在发现之后、今天之前。", "The day must lie between finding and today.")
    try:
        with write():
            IncidentClosing.objects.create(
                incident=incident, day=day, outcome=outcome, note=note.strip(), at=timezone.now(),
                actor=actor.name or actor.os_user, user_id=actor.user_id,
            )  # fmt: skip
            audit.record(actor, "duties.close_incident", f"incident:{incident.pk}", {"outcome": outcome})
    except IntegrityError:
        raise Problem("closed_already", "这件事已经办结。", "It is closed already.") from None


def _placed(actor: Actor, code: str) -> Placed:
    """The household, for who may report about it. Raises Missing."""
    placed = register.household(actor, code)
    if not may(actor, REPORT_INCIDENT, area_path=placed.village.path, household_id=placed.household.pk):
        raise Missing("no_such_household", f"没有找到户编号 {code}。", f"There is no household {code}.")
    return placed


def _check(actor: Actor, opening: Opening, placed: Placed, today: date) -> None:
    classes = field_classes_at(actor, REPORT_INCIDENT, placed.village.path, placed.household.pk)
    rules.one("incidents", "kind", opening.kind)
    rules.one("incidents", "channel", opening.channel)
    if classes is not None and not rules.classes_of(opening.kind) <= classes:
        raise Problem("class_closed", "这类事件涉及未向您开放的资料。", "This kind tells of fields not open to you.")
    if not today - OLDEST <= opening.found_on <= today:
        raise Problem("bad_date", "发现日期应在五年之内、不晚于今天。", "It was found within five years, not later.")
    if opening.happened_on is not None and not today - OLDEST <= opening.happened_on <= opening.found_on:
        raise Problem("bad_date", "发生日期不能晚于发现日期。", "It cannot have happened after it was found.")
    if len(opening.account) > 1000:
        raise Problem("too_long", "情况说明不超过 1000 字。", "The account: at most 1,000 characters.")


def _holders(incident: Incident, placed: Placed) -> set[int]:
    """Who answered on the day it happened or was found."""
    days = {incident.found_on, incident.happened_on or incident.found_on}
    return {
        row.official_id
        for day in days
        for row in known.holders(placed.household.pk, placed.village.area_id, day)
    }  # fmt: skip


def in_time_until(incident: Incident) -> date:
    """The last day on which a report of an incident is in time."""
    basis = incident.happened_on or incident.found_on
    return basis + timedelta(days=rules.days("incidents", "report", basis))


def _own_holder(actor: Actor, incident: Incident, placed: Placed) -> int | None:
    """The actor's own entry among those who answered."""
    if actor.user_id is None:
        return None
    found = Official.objects.filter(user_id=actor.user_id).values_list("pk", "merged_into_id").first()
    own = (found[1] or found[0]) if found is not None else None  # duties stand with the entry that stayed
    return own if own in _holders(incident, placed) else None


def _report(actor: Actor, incident: Incident, official_id: int, day: date, text: str, document: str) -> IncidentReport:
    in_time = day <= in_time_until(incident)
    row = IncidentReport.objects.create(
        incident=incident, official_id=official_id, day=day, in_time=in_time, text=text, document=document,
        at=timezone.now(), actor=actor.name or actor.os_user, user_id=actor.user_id,
    )  # fmt: skip
    audit.record(actor, "duties.report_on_incident", f"incident:{incident.pk}", {"in_time": in_time})
    return row
