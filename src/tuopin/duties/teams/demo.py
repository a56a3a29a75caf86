"""What the demo city shows of resident teams: teams in its poor villages, two months of sheets, leave, a check.

Of the last two months before today, so that the pages show them at once; everybody is invented.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.register.models import AreaVersion

from ..assigning import services as assigning
from ..assigning.designated import poor_villages
from ..models import Assignment, PresenceSheet
from ..officials import services as officials
from ..organisations import services as organisations
from . import knowledge, leave, members, presence, reporting, rules

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor

VILLAGES = 24
SINCE = datetime.date(2018, 1, 1)
_SURNAMES, _GIVEN = "程邓傅姜潘汪廖邹熊孟秦", "明芳军丽强敏涛静杰霞"
_UNITS = ("市审计局", "市税务局", "市农行", "市供电公司")
_SHAPES = ("PPPPPPPLLDPPPPPPPPPPPPPPPPPPPPP", "PPPPPAAPPPPPAAPPPPPAAPPPPPAAPPP", "PPPPPPPPPPPPAAAAAAAAAAPPPPPPPPP",
           "PPPPPPPPPPPP???????????????????")  # fmt: skip


def fill(actor: Actor) -> None:
    """Teams in some poor villages, the first villages where there is none such."""
    if PresenceSheet.objects.exists():
        return
    current = AreaVersion.objects.filter(valid_to=None, level="village").order_by("code")
    villages = list(current.filter(poor_villages(timezone.localdate()))[:VILLAGES]) or list(current[:VILLAGES])
    if not villages:
        return
    months = [rules.before(timezone.localdate().replace(day=1))]
    months.append(rules.before(months[0]))
    units = _units(actor, villages[0])
    _teams(actor, villages, units)
    for at, village in enumerate(villages):
        people = list(dict.fromkeys(row.official_id for row in members.team(village.area_id, months[0], months[0])))
        for month in months:
            wanted = [presence.Month(who, month, _marks(at + place, month)) for place, who in enumerate(people)]
            kept = presence.keep(actor, village, wanted)
            if month == months[1] or at % 2:
                presence.confirm(actor, kept)
        if at % 6 == 0:
            _more(actor, village, people, months[1])


def _units(actor: Actor, village: AreaVersion) -> list[int]:
    """Units of the city that dispatch teams."""
    top = AreaVersion.objects.filter(valid_to=None, path=village.path[:8]).values_list("area_id", flat=True)[0]
    return [
        organisations.found_organisation(actor, f"{name}（驻村派出单位）", "dispatching_unit", area_id=top, day=SINCE)
        for name in _UNITS
    ]


def _teams(actor: Actor, villages: list[AreaVersion], units: list[int]) -> None:
    """A team in each village, its members by role in one act each."""
    keys = [village.area_id for village in villages]
    held = Assignment.objects.filter(area_id__in=keys, role__in=rules.LEADERS, valid_to=None)
    taken = set(held.values_list("area_id", "role"))
    begun: dict[str, dict[int, int]] = {}
    sent: dict[int, list[int]] = {}
    for at, village in enumerate(villages):
        own = organisations.found_organisation(
            actor, f"{village.name}驻村工作队", "resident_team", area_id=village.area_id, day=SINCE
        )
        sent.setdefault(units[at % len(units)], []).append(own)
        wanted = {
            role: _name(at * len(rules.ROLES) + number, at)
            for number, role in enumerate(rules.ROLES)
            if (village.area_id, role) not in taken
        }
        people = officials.add_officials(actor, list(wanted.values()), area_id=village.area_id, day=SINCE)
        for role, who in zip(wanted, people, strict=True):
            begun.setdefault(role, {})[village.area_id] = who
    for unit, teams in sent.items():
        organisations.link_organisations(actor, unit, teams, relation="dispatches", day=SINCE)
    for role, members_ in begun.items():
        assigning.begin(actor, members_, role=role, day=SINCE)


def _name(key: int, at: int) -> tuple[str, str, str]:
    name = _SURNAMES[key % len(_SURNAMES)] + _GIVEN[key // len(_SURNAMES) % len(_GIVEN)] + _GIVEN[key % len(_GIVEN)]
    return name, _UNITS[at % len(_UNITS)], f"139{key:08d}"


def _marks(seed: int, month: date) -> str:
    return _SHAPES[seed % len(_SHAPES)][: rules.length(month)]


def _more(actor: Actor, village: AreaVersion, people: list[int], month: date) -> None:
    """Leave of different lengths, a check that was scored, a report that was sent."""
    today = timezone.localdate()
    for number, who in enumerate(people):
        first = today + datetime.timedelta(days=3 + number)
        row = leave.ask(actor, village, who, first, first + datetime.timedelta(days=number * 2), "家中有事")
        if number == 0:
            leave.decide(actor, row.pk, approve=True, answer="")
    check = knowledge.draw_check(actor, village, people[-1], seed=2018)
    given = {at: each["answer"] if at % 4 else "0" for at, each in enumerate(check.questions)}
    knowledge.score(actor, check, given)
    for pair in reporting.pairs(village.area_id, today):
        reporting.send(actor, village, pair, month, rules.last_day(month))
