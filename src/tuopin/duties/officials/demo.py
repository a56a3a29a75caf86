"""The demo city's organisations, posts and leaders, all invented: who answers for counties and townships, who watches
over households not yet exited, who is away and who stands in."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from tuopin.platform import database
from tuopin.register.demo.streams import DAY
from tuopin.register.models import AreaVersion, Residence, StatusPeriod
from tuopin.register.selectors import on_day, subtree

from ..assigning import services as assigning
from ..models import Post
from ..organisations import services as organisations
from ..watching import watchers as watching
from . import services

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

SINCE = datetime.date(2017, 1, 1)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
GIVEN = "建国志强海燕春梅卫东秀英国庆丽华"
OFFICES = (
    ("委员会", "party_committee", (("书记", "county", "city", True), ("副书记", "county", "city", False))),
    ("人民政府", "government", (("县长", "county", "city", False), ("副县长", "county", "city", False))),
    (
        "扶贫办",
        "leading_group_office",
        (("主任", "township", "county", False), ("副主任", "township", "county", False)),
    ),
    ("纪委监委派驻纪检监察组", "discipline_group", (("组长", "township", "county", False),)),
)
"""Of each county: name behind the county's, kind, posts (title, level, authority, first responsible)."""
WATCHED = 20
"""Households for each county leader."""


def fill(actor: Actor) -> None:
    """A few offices of each county, the townships of the first; nothing where there are posts already."""
    if not Post.objects.exists():
        with database.write():  # all of it, or it is tried again
            _fill(actor)


def _fill(actor: Actor) -> None:
    named = 0
    counties = list(AreaVersion.objects.filter(level="county", valid_to=None).order_by("code"))
    for county in counties:
        named = _county(actor, county, named)
    for township in AreaVersion.objects.filter(level="township", valid_to=None, parent=counties[0].area).order_by(
        "code"
    ):
        office = organisations.found_organisation(
            actor, f"{township.name}党委", "party_committee", area_id=township.area_id, day=SINCE
        )
        who = _holder(actor, township, office, ("书记", "township", "county", True), named)
        assigning.begin(actor, {township.area_id: who}, role="first_responsible", day=SINCE)
        named += 1


def _county(actor: Actor, county: AreaVersion, named: int) -> int:
    leaders: list[int] = []
    offices: list[int] = []
    for name, kind, posts in OFFICES:
        office = organisations.found_organisation(
            actor, f"{county.name}{name}", kind, area_id=county.area_id, day=SINCE,
            parent_id=offices[0] if offices else None,
        )  # fmt: skip
        offices.append(office)
        for post in posts:
            who = _holder(actor, county, office, post, named)
            named += 1
            if post[3]:
                assigning.begin(actor, {county.area_id: who}, role="first_responsible", day=SINCE)
            if post[1] == "county":
                leaders.append(who)
    organisations.link_organisations(actor, offices[3], [offices[2]], relation="watches", day=SINCE)
    _watch(actor, county, leaders)
    services.note_absence(
        actor, leaders[-1], "seconded", day=DAY - datetime.timedelta(days=30), document="市组〔2018〕21号",
        organisation_id=offices[2], stand_in_id=leaders[0],
    )  # fmt: skip
    return named


def _holder(actor: Actor, area: AreaVersion, office: int, post: tuple[str, str, str, bool], at: int) -> int:
    title, level, authority, first = post
    name = SURNAMES[at % len(SURNAMES)] + GIVEN[at % len(GIVEN)] + GIVEN[(at * 7 + 3) % len(GIVEN)]
    [who] = services.add_officials(
        actor, [(name, "", f"1990000{at:04d}")], area_id=area.area_id, day=SINCE, sex="male", politics="中共党员"
    )
    made = organisations.add_post(
        actor, office, title, day=SINCE, level=level, authority=authority, first_responsible=first
    )
    services.appoint(actor, who, made, day=SINCE)
    return who


def _watch(actor: Actor, county: AreaVersion, leaders: list[int]) -> None:
    """Leaders watch over the first households that have not exited; the others lack one, and are listed."""
    low, high = subtree(county)
    villages = AreaVersion.objects.filter(valid_to=None, level="village", path__gte=low, path__lt=high)
    category = watching.categories()["unexited"]
    poor = StatusPeriod.objects.filter(on_day(DAY), axis="registration", value__in=category.registration)
    homes = list(
        Residence.objects.filter(
            on_day(DAY), area_id__in=villages.values("area_id"), household_id__in=poor.values("household_id")
        )
        .order_by("household_id")
        .values_list("household_id", flat=True)[: WATCHED * len(leaders)]
    )
    wanted = {home: leaders[at % len(leaders)] for at, home in enumerate(homes)}
    assigning.begin(actor, wanted, role=watching.ROLE, day=DAY)
