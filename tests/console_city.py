"""A small invented city, taken in and evaluated, with accounts of several roles: what tests of pages look at."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

import snapshots
from tuopin.platform.access import local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.register.demo import CitySummary, write_city
from tuopin.register.importing.services import import_paths
from tuopin.register.models import AreaVersion, Household, Residence
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

    from tuopin.platform.models import User

DAY = datetime.date(2018, 12, 1)
PASSWORD = "a-long-password-1"
PACK = "shangqiu-2018"
PRIVATE = ("health", "disability", "child")


@dataclass(frozen=True)
class City:
    """What was built: two townships of different counties, and households in each by code."""

    summary: CitySummary
    top: AreaVersion
    township: AreaVersion
    other: AreaVersion
    ours: list[str]
    theirs: list[str]


def restored(folders: pytest.TempPathFactory, *, households: int = 400) -> City:
    """What ``build`` makes, in an empty database: built by the first who asks, put back for the others."""
    return snapshots.restored(f"city_{households}", lambda: build(folders.mktemp("city"), households=households))


def build(folder: Path, *, households: int = 400) -> City:
    """Write the city, import it, evaluate both standards, and make the accounts."""
    summary = write_city(folder / "city", counties=2, townships=4, villages=12, households=households)
    import_paths(local_admin(), summary.files)
    for standard in ("household_exit", "village_exit"):
        evaluate(local_admin(), standard, day=summary.day, pack=PACK)
    current = AreaVersion.objects.filter(valid_to=None)
    towns = list(current.filter(level="township").order_by("code"))
    city = City(
        summary=summary,
        top=current.get(level="city"),
        township=towns[0],
        other=towns[-1],
        ours=_codes(towns[0]),
        theirs=_codes(towns[-1]),
    )
    make_accounts(city)
    return city


def _codes(area: AreaVersion) -> list[str]:
    villages = AreaVersion.objects.filter(path__startswith=area.path, level="village").values("area_id")
    living = Residence.objects.filter(area_id__in=villages).values("household_id")
    return list(Household.objects.filter(id__in=living).order_by("code").values_list("code", flat=True))


def make_accounts(city: City) -> None:
    """``county`` sees everything, ``leader`` too but no private fields, ``clerk`` one township, ``helper`` one of its
    households, ``counter`` figures alone, ``outsider`` nothing."""
    for name, role, area in (
        ("county", "county", None),
        ("leader", "headquarters", None),
        ("clerk", "township", city.township),
        ("counter", "department", city.township),
    ):
        grant(account(name), role, area, PRIVATE if name == "county" else ())
    household = Household.objects.get(code=city.ours[0])
    accounts.grant(local_admin(), account("helper"), "helper", "household", household.pk)
    account("outsider")


def account(name: str) -> User:
    """An account that need not change its password first."""
    user, _password = accounts.add_user(local_admin(), name, PASSWORD, must_change=False)
    return user


def grant(user: User, role: str, area: AreaVersion | None, classes: Sequence[str] = ()) -> None:
    """A role over an area, or over everything, with further classes of fields."""
    kind, key = ("all", None) if area is None else ("area", area.area_id)
    accounts.grant(local_admin(), user, role, kind, key, field_classes=classes)
