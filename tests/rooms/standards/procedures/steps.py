"""What tests of procedures share: a village of four households, and the steps of an exit as calls."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from county import areas, household, households, person, taken, write
from tuopin.platform.access import local_admin
from tuopin.register.models import AreaVersion, Household
from tuopin.standards.places import Place
from tuopin.standards.procedures import services
from tuopin.standards.procedures.models import Procedure
from tuopin.standards.procedures.weighing import Doing

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.platform.access import Actor

DAY = datetime.date(2018, 12, 1)
COUNTY, EAST, VILLAGE, WEST = "990101000000", "990101100000", "990101100201", "990101101000"
KEY = "household_exit"
PRIVATE = {"户联系电话": "13800001111", "开户银行": "示范银行", "银行账号": "6222020000001234567"}
ILL = {"健康状况": "患有大病"}
WAY = (
    ("review", "passed", 0), ("verify", "confirmed", 1), ("consent", "signed", 2), ("posted", "posted", 3),
    ("objections", "none", 10), ("announced", "announced", 11), ("removed", "removed", 12),
)  # fmt: skip


def four(folder: Path) -> None:
    """9901, 9902 and 9903 meet the standard, 9904 is poor; all on the register, in one village; 9905 in another."""
    areas(folder)
    made = [
        household(
            f"990{at}", person(f"990{at}01", 姓名=name, **ILL), 户主姓名=name, 脱贫属性="未脱贫",
            工资性收入=wage, 村="甲村委会" if at < 5 else "丙村委会", 镇="东乡" if at < 5 else "西乡", **PRIVATE,
        )
        for at, name, wage in ((1, "张三", "12000"), (2, "李四", "13000"), (3, "王五", "14000"), (4, "赵六", "10"),
                               (5, "钱七", "12000"))
    ]  # fmt: skip
    households(folder, *made)
    check = [
        {"户编号": f"990{at}", "户主姓名": name, "不愁吃": "是", "不愁穿": "是"}
        for at, name in ((1, "张三"), (2, "李四"), (3, "王五"), (4, "赵六"), (5, "钱七"))
    ]
    write(folder / "脱贫核查.csv", check, titles=["导出时间：2018-12-01"])
    taken("procedures_four", folder, as_of=DAY)


def area(code: str = VILLAGE) -> Place:
    found = AreaVersion.objects.get(code=code, valid_to=None)
    return Place(found.area_id, found.path)


def ids(*codes: str) -> list[int]:
    return list(Household.objects.filter(code__in=codes).order_by("code").values_list("pk", flat=True))


def begun(*codes: str, actor: Actor | None = None, day: datetime.date = DAY) -> list[Procedure]:
    return services.begin(actor or local_admin(), area(), KEY, ids(*codes), day)


def doing(step: str, outcome: str, offset: int, by: str = "甲", **more: object) -> Doing:
    papers = {"signature": "档案 12-3", "recheck": "档案 12-4"}
    known = {"consent": ["signature"], "consent_again": ["signature"], "recheck": ["recheck"]}.get(step, [])
    return Doing(step, outcome, DAY + datetime.timedelta(days=offset), by,
                 references={key: papers[key] for key in known}, **more)  # type: ignore[arg-type]  # fmt: skip


def take(rows: list[Procedure], *way: tuple[str, str, int], actor: Actor | None = None) -> int:
    """Take procedures through these steps; returns how many were completed by the last."""
    done = 0
    for step, outcome, offset in way:
        seen = dict(Procedure.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "acts"))
        done = services.act(actor or local_admin(), seen, doing(step, outcome, offset))
    return done
