"""What a team did in some months, for the unit that dispatched it: figures, no household; and consequences proposed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from django.db import IntegrityError
from django.db.models import Sum
from django.utils import timezone

from tuopin.measures.models import MeasureDone, PlanAnswer
from tuopin.platform.access import may
from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import AreaVersion, Residence
from tuopin.register.selectors import on_day

from ..incidents.rules import told_kinds
from ..models import (
    Incident,
    KnowledgeCheck,
    OrganisationLink,
    OrganisationVersion,
    PresenceSheet,
    TeamLeave,
    TeamProposal,
    TeamReport,
    Visit,
)
from ..permissions import PROPOSE
from ..selectors import own_official
from . import members, rules

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

TEAM = "resident_team"


@dataclass(frozen=True, slots=True)
class Pair:
    """A team and the unit that dispatches it, by id and name."""

    team_id: int
    team: str
    unit_id: int
    unit: str


def pairs(area_id: int, day: date) -> list[Pair]:
    """The teams of a village with their dispatching units on a day."""
    teams = dict(
        OrganisationVersion.objects.filter(on_day(day), area_id=area_id, kind=TEAM).values_list(
            "organisation_id", "name"
        )
    )
    links = OrganisationLink.objects.filter(on_day(day), other_id__in=teams, relation="dispatches")
    found = list(links.values_list("other_id", "organisation_id"))
    units = OrganisationVersion.objects.filter(on_day(day), organisation_id__in={unit for _team, unit in found})
    names = dict(units.values_list("organisation_id", "name"))
    return [Pair(team, teams[team], unit, names.get(unit, "")) for team, unit in found]


def figures(place: AreaVersion, first: date, last: date) -> dict[str, Any]:
    """What is known of a team's work from the first to the last day, both included: a fixed number of statements.

    ``members``: name, role, days present, days unknown, confirmed months. No household, and of incidents only kinds
    that everybody may be told.
    """
    area = place.area_id
    rows = list(members.team(area, first, last))
    sheets = PresenceSheet.objects.filter(area_id=area, month__gte=first.replace(day=1), month__lte=last)
    counted = sheets.values("official_id").annotate(here=Sum("present"), open=Sum("unknown"))
    sums = {each["official_id"]: (each["here"], each["open"]) for each in counted}
    confirmed: dict[int, int] = {}
    for key in sheets.filter(confirmed_at__isnull=False).values_list("official_id", flat=True):
        confirmed[key] = confirmed.get(key, 0) + 1
    living = Residence.objects.filter(on_day(last), area_id=area).values("household_id")
    visits = Visit.objects.filter(
        area_id=area, household__isnull=False, superseded_at=None, taken_back_at=None, day__gte=first, day__lte=last,
        outcome="met",
    )  # fmt: skip
    checks = KnowledgeCheck.objects.filter(area_id=area, day__gte=first, day__lte=last, scored_at__isnull=False)
    scored = checks.aggregate(right=Sum("right"), asked=Sum("asked"))
    leave = TeamLeave.objects.filter(area_id=area, state="approved", first__lte=last, last__gte=first)
    days = sum((min(end, last) - max(start, first)).days + 1 for start, end in leave.values_list("first", "last"))
    done = MeasureDone.objects.filter(
        measure__plan__household_id__in=living, day__gte=first, day__lte=last, takes_back=None, taken_back=None
    )
    signed = PlanAnswer.objects.filter(plan__household_id__in=living, kind="signed", day__gte=first, day__lte=last)
    incidents = Incident.objects.filter(
        household_id__in=living, found_on__gte=first, found_on__lte=last, kind__in=told_kinds(frozenset({"general"}))
    )
    return {
        "members": [
            {
                "name": row.name, "role": row.role, "present": sums.get(row.official_id, (None, None))[0],
                "unknown": sums.get(row.official_id, (None, None))[1], "confirmed": confirmed.get(row.official_id, 0),
            }
            for row in rows
        ],
        "households": living.count(),
        "visits": visits.count(),
        "visited": visits.values("household_id").distinct().count(),
        "leave_days": days,
        "right": scored["right"],
        "asked": scored["asked"],
        "plans_signed": signed.count(),
        "measures_done": done.count(),
        "incidents": incidents.count(),
    }  # fmt: skip


def period(text: str, months: int, today: date) -> tuple[date, date]:
    """The first and last day of ``months`` (1 or 3) from a month on. Raises Problem."""
    if months not in {1, 3}:
        raise Problem("bad_period", "报告按月或按季度。", "Reports are of a month or a quarter.")
    first = rules.month_of(text, today)
    last = first
    for _each in range(months - 1):
        last = rules.last_day(last) + timedelta(days=1)
    return first, rules.last_day(last)


def send(actor: Actor, place: AreaVersion, pair: Pair, first: date, last: date) -> TeamReport:
    """Freeze the figures of months that are over as the report to the dispatching unit. Raises Refused, Problem."""
    today = timezone.localdate()
    members.require_keeper(members.seat(actor, place, today))
    if last >= today:
        raise Problem("month_not_over", "这段时间还没有结束。", "The period is not over.")
    content = figures(place, first, last)
    digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    try:
        with write():
            row = TeamReport.objects.create(
                team_id=pair.team_id, unit_id=pair.unit_id, first=first, last=last, figures=content, digest=digest,
                at=timezone.now(), actor=actor.name or actor.os_user, user_id=actor.user_id,
            )  # fmt: skip
            audit.record(actor, "duties.send_team_report", f"organisation:{pair.team_id}", {}, digest)
    except IntegrityError:
        raise Problem("sent_already", "这段时间的报告已经报送。", "The report of this period was sent.") from None
    return row


# -- consequences -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ground:
    """A member with confirmed months of a year below the days, and the strongest consequence that may be proposed."""

    official_id: int
    name: str
    months: tuple[date, ...]
    kind: rules.Consequence


def grounds(place: AreaVersion, year: int) -> list[Ground]:
    """The members of a village for whom something may be proposed. Only confirmed whole months with known days count:
    what is unknown is no ground."""
    sheets = PresenceSheet.objects.filter(
        area_id=place.area_id, month__gte=date(year, 1, 1), month__lte=date(year, 12, 1), confirmed_at__isnull=False
    ).select_related("official")
    held = list(members.team(place.area_id, date(year, 1, 1), date(year, 12, 31)))
    short: dict[int, list[date]] = {}
    names: dict[int, str] = {}
    for row in sheets.order_by("month"):
        need = rules.needed(row.month)
        whole = row.present + row.unknown < need and members.covers(held, row.official_id, row.month)
        if rules.verdict(row.present, row.unknown, need, whole) == "not_met":
            short.setdefault(row.official_id, []).append(row.month)
            names[row.official_id] = row.official.name
    found = []
    for key, months in short.items():
        kind = max((each for each in rules.consequences().values() if each.months <= len(months)),
                   key=lambda each: each.months)  # fmt: skip
        found.append(Ground(key, names[key], tuple(months), kind))
    return found


def propose(actor: Actor, place: AreaVersion, official_id: int, year: int) -> TeamProposal:
    """Propose the consequence for which there is ground. Nothing follows by itself. Raises Missing, Problem."""
    _require(actor, place)
    ground = next((each for each in grounds(place, year) if each.official_id == official_id), None)
    if ground is None:
        raise Problem("no_ground", "没有已确认的依据。", "There is no confirmed ground.")
    if own_official(actor) == official_id:
        raise Problem("own_case", "不能对本人提出。", "Nobody proposes about himself.")
    months = ",".join(f"{each:%m}" for each in ground.months)
    need = rules.needed(ground.months[-1])
    try:
        with write():
            row = TeamProposal.objects.create(
                official_id=official_id, area_id=place.area_id, kind=ground.kind.key, year=year, months=months,
                ground=f"{year} 年 {months} 月在村不足 {need} 天（乡镇已确认）", proposed_by=actor.user_id,
                proposed_at=timezone.now(),
            )  # fmt: skip
            audit.record(actor, PROPOSE, f"proposal:{row.pk}", {"kind": row.kind})
    except IntegrityError:
        raise Problem("proposed_already", "已经提出过。", "It was proposed already.") from None
    return row


def answer(actor: Actor, proposal_id: int, *, agree: bool, text: str) -> None:
    """Somebody else agrees or not, with a reason. Raises Missing, Refused for who proposed it and for the person."""
    text = text.strip()
    if not text or len(text) > 500:
        raise Problem("no_reason", "请写理由（500 字以内）。", "Give the reason (at most 500 characters).")
    with write():
        row = TeamProposal.objects.select_for_update().filter(pk=proposal_id).first() if proposal_id < 2**63 else None
        place = AreaVersion.objects.filter(area_id=row.area_id).order_by("-valid_from").first() if row else None
        if row is None or place is None or not may(actor, PROPOSE, area_path=place.path):
            raise Missing("no_such_proposal", "没有这条建议。", "There is no such proposal.")
        if actor.user_id is None or row.proposed_by == actor.user_id or own_official(actor) == row.official_id:
            raise Refused("refused", "由提出人和本人以外的人决定。", "Neither who proposed it nor the person decides.")
        if row.state != TeamProposal.State.PROPOSED:
            raise Problem("decided_already", "这条建议已经处理。", "This has been decided.")
        row.state = TeamProposal.State.AGREED if agree else TeamProposal.State.REJECTED
        row.decided_by, row.decided_at, row.answer = actor.user_id, timezone.now(), text
        row.save()
        audit.record(actor, "duties.answer_proposal", f"proposal:{row.pk}", {"agreed": agree})


def proposals(seat: members.Seat) -> list[TeamProposal]:
    """The proposals of a village, for who may propose; the person himself sees his own."""
    found = TeamProposal.objects.filter(area_id=seat.place.area_id).select_related("official").order_by("-pk")
    if not seat.holds(PROPOSE):
        found = found.filter(official_id=seat.own or 0)
    return list(found[:50])


def _require(actor: Actor, place: AreaVersion) -> None:
    if not may(actor, PROPOSE, area_path=place.path):
        raise Missing("no_such_area", "没有找到这个村。", "There is no such village.")
