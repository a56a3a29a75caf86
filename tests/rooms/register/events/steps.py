"""What the tests of events share: a few households in three villages, looked up by their codes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from county import areas, household, households, person, taken
from tuopin.platform.access import local_admin
from tuopin.register.events.planning import Wish
from tuopin.register.events.services import Why, record
from tuopin.register.models import AreaVersion, Household, Membership, Person

if TYPE_CHECKING:
    from pathlib import Path

FIRST = "2018-12-01"
EAST, EAST_2, WEST = "990101100201", "990101100202", "990101101201"
COUNTY = "990101000000"


def people(folder: Path, *, day: str = FIRST) -> Path:
    """9901 with three members and 9902 with one in the first village, 9903 with two in the west."""
    return households(
        folder,
        household("9901", person("990101"), person("990102", 姓名="李四", 性别="女", 与户主关系="配偶"),
                  person("990103", 姓名="张小", 与户主关系="之子", 出生日期="1995-05-05")),
        household("9902", person("990201", 姓名="王五"), 户主姓名="王五"),
        household("9903", person("990301", 姓名="赵六"), person("990302", 姓名="钱七", 性别="女", 与户主关系="配偶"),
                  户主姓名="赵六", 镇="西乡", 村="丙村委会"),
        day=day, name=f"户人信息-{day}.csv",
    )  # fmt: skip


def register(folder: Path) -> None:
    taken("events", areas(folder), people(folder))


def house(code: str) -> int:
    return Household.objects.get(code=code).pk


def one(code: str) -> int:
    return Person.objects.get(code=code).pk


def village(code: str) -> int:
    return AreaVersion.objects.get(code=code, valid_to=None).area_id


def why(day: str, reason: str = "村里报告") -> Why:
    return Why(date.fromisoformat(day), reason)


def happen(kind: str, day: str, of: str, /, *persons: str, **more: Any) -> int:
    """Record one event as the local administrator; returns its id."""
    wish = Wish(house(of), tuple(one(each) for each in persons), **more)
    return record(local_admin(), kind, [wish], why(day))[0]


def members(code: str) -> set[str]:
    """Codes of the persons who belong to a household now."""
    rows = Membership.objects.filter(household__code=code, valid_to=None)
    return set(rows.values_list("person__code", flat=True))
