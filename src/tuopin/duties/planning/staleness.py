"""What has changed since a plan was made: a plan whose ground is no longer there is not applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.register.models import Household

from . import ground
from .asking import asked as read_asked
from .models import PlanHelper, PlanLine

if TYPE_CHECKING:
    from collections.abc import Collection

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from .models import AssignmentPlan

KINDS = {
    "moved": Title(
        "户已不在原村、已不属于安排范围，或另有生效的指派", "moved, no longer in question, or assigned otherwise"
    ),
    "holder": Title("户的现任帮扶人已变动", "the present helper is another one"),
    "tied": Title("干部与该户有亲属等关系", "the official is tied to the household"),
    "unfit": Title("干部已不能承担（离岗、去世、本人需帮扶或不在范围内）", "the official can no longer be chosen"),
    "full": Title("干部的责任数已超过上限", "the official would have more than the bound"),
}
"""Why a plan is refused. Households that came since make no line false: they are told (``new``), and stop nothing."""
NEW = Title(
    "此后新增、不在方案内的户（可另作一份方案）", "households that came since and are not in it: plan them apart"
)
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Change:
    """``kind``: of :data:`KINDS`, or ``new``; ``codes``: the first households concerned, none for officials."""

    kind: str
    count: int
    codes: tuple[str, ...] = ()

    @property
    def title(self) -> Title:
        return NEW if self.kind == "new" else KINDS[self.kind]


def changes(actor: Actor, plan: AssignmentPlan, area: AreaVersion) -> list[Change]:
    """What of the plan's ground is different now, in a fixed number of statements. Lines that nobody was found for are
    not asked about."""
    asked = read_asked(plan.asked)
    now = ground.read(actor, asked, area)
    homes = {each.id: each for each in now.homes}
    people = {each.id: each for each in now.candidates}
    found: dict[str, set[int]] = {key: set() for key in KINDS}
    known: set[int] = set()
    chosen: set[int] = set()
    rows = PlanLine.objects.filter(plan=plan).values_list("household_id", "path", "standing", "after_id", "kind")
    for household, path, standing, after, kind in rows:
        known.add(household)
        if kind == PlanLine.Kind.LEFT:
            continue
        home = homes.get(household)
        if home is None or home.path != path:
            found["moved"].add(household)
        elif home.standing != standing:
            found["holder"].add(household)
        elif after in now.excluded.get(household, ()):
            found["tied"].add(household)
        if kind != PlanLine.Kind.KEPT:
            chosen.add(after)
    for official, after in PlanHelper.objects.filter(plan=plan, official__in=chosen).values_list(
        "official_id", "after"
    ):
        if official not in people:
            found["unfit"].add(official)
        elif people[official].most < after:
            found["full"].add(official)
    listed = [
        Change(key, len(keys), _codes(keys) if key not in {"unfit", "full"} else ())
        for key, keys in found.items()
        if keys
    ]
    new = homes.keys() - known
    return [*listed, *([Change("new", len(new), _codes(new))] if new else [])]


def _codes(households: Collection[int]) -> tuple[str, ...]:
    first = sorted(households)[:SHOWN]
    return tuple(Household.objects.filter(pk__in=first).order_by("code").values_list("code", flat=True))
