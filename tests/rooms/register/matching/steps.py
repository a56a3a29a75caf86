"""A small register and a department's list for it: what the tests of matching share."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from county import areas, household, households, person, take, taken, write
from people import account
from tuopin.platform.access import actor_for, local_admin
from tuopin.register.matching import services
from tuopin.register.models import (
    MatchRun,
    PersonCondition,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.platform.access import Actor


DAY = date(2018, 12, 15)
INSURED = "是否参加城乡居民基本医疗保险"


def register(folder: Path, *groups: list[dict[str, str]]) -> None:
    take(areas(folder), households(folder, *groups))


def people(folder: Path) -> None:
    """Three households in three villages of two townships."""
    wife = person("990102", 姓名="王小二", 与户主关系="配偶", 性别="女", 出生日期="1972-02-03")
    groups = (
        household("9901", person("990101", 姓名="张三丰"), wife),
        household("9902", person("990201", 姓名="李四", 出生日期="1965-05-06", 证件号码=""), 村="乙村委会"),
        uninsured(),
    )
    taken("people_to_match", areas(folder), households(folder, *groups))


def uninsured() -> list[dict[str, str]]:
    """A household of one person without insurance."""
    who = person("990301", 姓名="赵六", 出生日期="1980-07-08", **{INSURED: "否"})
    return household("9903", who, 镇="西乡", 村="丙村委会")


def number(code: str) -> str:
    return str(identity(code).id_number)


def identity(code: str) -> Any:
    from tuopin.register.models import PersonIdentity

    return PersonIdentity.objects.get(person__code=code, superseded_at=None)


def condition(code: str, day: date = DAY) -> PersonCondition:
    rows = PersonCondition.objects.filter(person__code=code, superseded_at=None, as_of__lte=day)
    return rows.order_by("-as_of")[0]


def hand_in(path: Path, kind: str = "resident_insurance", *, actor: Actor | None = None, **options: Any) -> MatchRun:
    """A list opened and matched."""
    import hashlib

    who = actor or local_admin()
    given = {"as_of": DAY, "area": "990100000000", "complete": False} | options
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    run = services.open_run(who, path, name=path.name, digest=digest, kind=kind, **given)
    services.match(who, run.pk)
    run.refresh_from_db()
    return run


def rows(folder: Path, *items: dict[str, str], name: str = "名单.csv") -> Path:
    return write(folder / name, items, titles=["某县参保名单"])


def fates(run: MatchRun) -> dict[str, int]:
    return {name: run.counts[name] for name in ("matched", "repeated", "decide", "not_found")}


def user(name: str, role: str, area: str, classes: tuple[str, ...] = ()) -> Actor:
    return actor_for(account(name, role, area, *classes))
