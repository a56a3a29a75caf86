"""Two counties: one holds the readers, the other must stay unseen. Everything of the other bears a mark."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from console_city import DAY, PACK, account, grant
from tuopin.duties.models import Helper
from tuopin.platform import database, worker
from tuopin.platform.access import local_admin, subtree
from tuopin.platform.accounts import services as accounts
from tuopin.register.demo import write_city
from tuopin.register.importing.services import import_paths
from tuopin.register.matching.kinds import list_kinds
from tuopin.register.models import (
    AreaVersion,
    Household,
    HouseholdProfile,
    Membership,
    Person,
    PersonIdentity,
    Residence,
)
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

MARK = "隐匿"
"""Stands in every name of the county that must stay unseen."""


@dataclass(frozen=True)
class World:
    """Codes of both counties. ``secrets``: texts that no reader of the first county may ever be sent."""

    city: AreaVersion
    home: AreaVersion
    away: AreaVersion
    town: AreaVersion
    village: AreaVersion
    away_village: AreaVersion
    household: str
    away_household: str
    secrets: frozenset[str]


def build(folder: Path) -> World:
    """Write, import, mark and evaluate both counties, and make the readers (see ``READERS``)."""
    summary = write_city(folder / "city", counties=2, townships=4, villages=10, households=90)
    import_paths(local_admin(), summary.files)
    current = AreaVersion.objects.filter(valid_to=None)
    home, away = current.filter(level="county").order_by("code")
    secrets = _mark(away)
    for standard in ("household_exit", "village_exit"):
        evaluate(local_admin(), standard, day=DAY, pack=PACK)
    village = _villages(home).first()
    away_village = _villages(away).first()
    assert village is not None
    assert away_village is not None
    made = World(
        city=current.get(level="city"),
        home=home,
        away=away,
        town=current.get(area_id=village.parent_id),
        village=village,
        away_village=away_village,
        household=_households(village)[0],
        away_household=_households(away_village)[0],
        secrets=secrets,
    )
    _readers(made)
    return made


READERS = ("village", "county", "helper", "inspector", "auditor", "outsider")


def _readers(world: World) -> None:
    grant(account("village"), "village", world.village, ("health", "disability", "child"))
    grant(account("county"), "county", world.home, ("health", "disability", "child", "bank"))
    grant(account("inspector"), "inspector", world.town)
    grant(account("auditor"), "auditor", world.home, ("identity",))
    key = Household.objects.get(code=world.household).pk
    accounts.grant(local_admin(), account("helper"), "helper", "household", key)
    account("outsider")
    account("stranger")
    grant(account("away"), "county", world.away)


def _villages(area: AreaVersion):  # type: ignore[no-untyped-def]  # a query set of villages
    low, high = subtree(area.path)
    return AreaVersion.objects.filter(level="village", path__gte=low, path__lt=high, valid_to=None).order_by("code")


def _households(area: AreaVersion) -> list[str]:
    ids = _villages(area).values("area_id")
    living = Residence.objects.filter(area_id__in=ids, valid_to=None).values("household_id")
    return list(Household.objects.filter(id__in=living).order_by("code").values_list("code", flat=True))


def _mark(away: AreaVersion) -> frozenset[str]:
    """Give everything of the county a name that occurs nowhere else; gather what identifies it."""
    low, high = subtree(away.path)
    areas = list(AreaVersion.objects.filter(path__gte=low, path__lt=high))
    for at, area in enumerate(areas):
        area.name = f"{MARK}{at}{area.level}"
    AreaVersion.objects.bulk_update(areas, ["name"])
    homes = Residence.objects.filter(area_id__in=[area.area_id for area in areas]).values("household_id")
    people = Membership.objects.filter(household_id__in=homes).values("person_id")
    identities = list(PersonIdentity.objects.filter(person_id__in=people))
    for at, identity in enumerate(identities):
        identity.name = f"{MARK}人{at}"
    PersonIdentity.objects.bulk_update(identities, ["name"])
    profiles = list(HouseholdProfile.objects.filter(household_id__in=homes))
    for at, profile in enumerate(profiles):
        profile.head_name = f"{MARK}主{at}"
    HouseholdProfile.objects.bulk_update(profiles, ["head_name"])
    helpers = list(Helper.objects.filter(household_id__in=homes))
    ours = set(Helper.objects.exclude(household_id__in=homes).values_list("phone", flat=True))
    for at, helper in enumerate(helpers):
        helper.name = f"{MARK}帮{at}"
    Helper.objects.bulk_update(helpers, ["name"])
    with database.write():
        database.bump_data_version()
    texts = {MARK}
    texts |= {area.code for area in areas}
    texts |= set(Household.objects.filter(id__in=homes).values_list("code", flat=True))
    texts |= set(Person.objects.filter(id__in=people).exclude(code="").values_list("code", flat=True))
    texts |= {identity.id_number for identity in identities if identity.id_number}
    texts |= {helper.phone for helper in helpers if helper.phone and helper.phone not in ours}
    return frozenset(texts)


def use(client: Client, world: World) -> None:
    """What a clerk of the other county leaves behind: an import being prepared, a department list, a saved view, a
    draft of corrections, files. None of it is anybody else's business."""
    rows = f"户编号,户主姓名,姓名,证件号码\n{world.away_household},{MARK}主,{MARK}人,\n".encode()

    def file(name: str) -> SimpleUploadedFile:
        return SimpleUploadedFile(f"{MARK}{name}.csv", rows)

    area = {"area": world.away.code}
    client.post(reverse("register:new_import"), {"files": file("导入")})
    listed = {"file": file("名单"), "kind": next(iter(list_kinds())), "as_of": "2018-11-01"}
    client.post(reverse("register:match_new", query=area), listed)
    households = reverse("console:households", args=[world.away.code])
    client.post(households, {"name": f"{MARK}名单", "query": "sort=-code"})
    client.post(households, {"export": "xlsx"})
    client.post(reverse("register:workbooks", query=area), {"kind": "village", "on": "2018-12-01", **area})
    worker.work(threading.Event(), until_empty=True)
