"""Matters on the pages of an area and of a household. Petitions are on neither, and in none of their counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.matters import ENDED, STATES
from tuopin.duties.lasting import lasting_area_ids
from tuopin.measures.merged import HouseholdNow
from tuopin.platform.access import may, visible_paths
from tuopin.platform.panels import Panel, Tab
from tuopin.register.models import Household, Membership

from .. import words
from ..models import Matter, MatterSubject
from ..permissions import VIEW
from . import counts, due

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion
    from tuopin.register.selectors import Placed

WORST = 5
"""Units that the page of an area names."""
_ROWS = 20


def area_panels(actor: Actor, area: AreaVersion, _day: date) -> list[Panel]:
    """What is due, what is late, who holds it: two statements, one where nothing is open."""
    if not may(actor, VIEW, area_path=area.path):
        return []
    units, whole = counts.units(actor, area, timezone.now())
    if not whole.total:
        return []
    lists = f"{reverse('orders:matters')}?area={area.code}"
    lines = [
        (Title("已逾期", "late"), whole.late, f"{lists}&due=overdue"),
        (due.HEAT["soon"], whole.counts[3], f"{lists}&due=soon"),
        (Title("在办共", "open in all"), whole.total, f"{reverse('orders:heat')}?area={area.code}"),
    ]
    worst = [(each, f"{lists}&holder={each.id}&due=overdue") for each in units[:WORST] if each.late]
    content: dict[str, object] = {"lines": lines, "worst": worst, "counted_at": counts.counted_at()}
    title = Title("什么到期、什么逾期、谁承办", "What is due, what is late, who holds it")
    return [Panel("matters", title, "orders/panel_area.html", 12, content, aside=True)]


def area_tabs(actor: Actor, area: AreaVersion) -> list[Tab]:
    """The pages of matters of an area."""
    if not may(actor, VIEW, area_path=area.path):
        return []
    query = f"?area={area.code}"
    return [
        Tab("matters", Title("指令与问题", "Directives and problems"), reverse("orders:matters") + query, 50),
        Tab("matter_board", Title("办理看板", "Board"), reverse("orders:board") + query, 51),
        Tab("matter_heat", Title("逾期热表", "Heat table"), reverse("orders:heat") + query, 52),
        Tab("ledger", Title("整改台账", "Rectification ledger"), reverse("orders:ledger") + query, 53),
    ]


def household_panels(actor: Actor, placed: Placed) -> list[Panel]:
    """The directives and problems about a household, its members and the households that were merged into it: one
    statement, where one came from a petition a few. They are seen within the grants over areas."""
    if not may(actor, VIEW, area_path=placed.village.path):
        return []
    key, ranges = placed.household.pk, visible_paths(actor, VIEW)
    own = Household.objects.filter(pk=key).values_list("pk")
    homes = own.union(HouseholdNow.objects.filter(now_id=key).values_list("household_id"), all=True)
    people = Membership.objects.filter(household_id=key, valid_to=None).values_list("person_id")
    about = MatterSubject.objects.filter(household_id__in=homes).values_list("matter_id")
    about = about.union(MatterSubject.objects.filter(person_id__in=people).values_list("matter_id"))
    rows = Matter.objects.filter(pk__in=about).exclude(kind=Matter.Kind.PETITION).exclude(state="withdrawn")
    if ranges is not None:
        rows = rows.filter(area_id__in=lasting_area_ids(ranges))
    newest = list(rows.order_by("-pk")[: _ROWS + 1])
    if words.closed(actor, newest):  # that there is a petition about it is told to nobody else
        newest = list(rows.filter(words.told(actor)).order_by("-pk")[: _ROWS + 1])
    now = timezone.now()
    found = sorted(newest, key=lambda row: row.state in {*ENDED, "closed"})
    shown = [(row, STATES[row.state], due.stands(row, now)) for row in found[:_ROWS]]
    content: dict[str, object] = {"rows": shown, "more": len(found) > _ROWS}
    return [Panel("matters", Title("问题与指令", "Problems and directives"), "orders/panel_household.html", 45, content,
                  aside=True)]  # fmt: skip
