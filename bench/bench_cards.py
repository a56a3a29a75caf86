"""1,000 cards in one PDF: both copies, with codes, from the register to the file (SQLite, one process)."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path

import orjson

HOUSEHOLDS = 1_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "TUOPIN_HOME": folder,
            "TUOPIN_PUBLIC_ADDRESS": "https://cards.example.org",
            "DJANGO_SETTINGS_MODULE": "tuopin.platform.settings",
        }
        Path(folder, "uploads").mkdir()
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        print(orjson.dumps(measure()).decode())


def measure() -> dict[str, float]:
    from tuopin.duties.cards import content, printing
    from tuopin.platform import downloads
    from tuopin.platform.access import local_admin
    from tuopin.register.models import AreaVersion

    village = fill()
    begun = time.perf_counter()
    found = content.of_village(AreaVersion.objects.get(code=village), DAY)
    read = time.perf_counter() - begun
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_utime
    made = printing.print_cards(local_admin(), village, "both", "all")
    whole = time.perf_counter() - begun
    if made is None or made.count != HOUSEHOLDS or len(found) != HOUSEHOLDS:
        raise SystemExit("not all cards were printed")
    own, child = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": whole,
        "cpu_seconds": own.ru_utime - before + child.ru_utime,
        "read_seconds": read,
        "megabytes": (downloads.folder() / made.key).stat().st_size / 1e6,
        "child_peak_megabytes": child.ru_maxrss / 1024,
    }


def fill() -> str:
    """A village of 1,000 households in ten groups, each with a helper and a signed plan of five measures."""
    from django.utils import timezone

    from tuopin.duties.models import Assignment
    from tuopin.duties.officials.naming import named
    from tuopin.measures.plans.models import HelpPlan, PlanAnswer, PlannedMeasure
    from tuopin.platform import database
    from tuopin.register import cards
    from tuopin.register.models import Area, AreaVersion, Household, HouseholdProfile, Residence, StatusPeriod

    now, path, parent = timezone.now(), "", None
    for level, code in (("county", "411423000000"), ("township", "411423100000"), ("village", "411423100201")):
        area = Area.objects.create()
        path += f"{area.pk:08d}"
        AreaVersion.objects.create(
            area=area, code=code, name=f"{level}甲", level=level, parent=parent, path=path, valid_from=SINCE
        )
        parent = area
    households = Household.objects.bulk_create(Household(code=f"41142310020{at:05d}") for at in range(HOUSEHOLDS))
    with database.write():
        official = named([("李娜", "县财政局", "13800000001")])["李娜", "县财政局", "13800000001"]
    Residence.objects.bulk_create(
        Residence(household=each, area=parent, group_name=f"第{each.pk % 10 + 1}组", valid_from=SINCE)
        for each in households
    )
    StatusPeriod.objects.bulk_create(
        StatusPeriod(household=each, axis="registration", value="registered", valid_from=SINCE) for each in households
    )
    HouseholdProfile.objects.bulk_create(
        HouseholdProfile(household=each, year=2018, as_of=SINCE, recorded_at=now, head_name=f"张{each.pk}")
        for each in households
    )
    Assignment.objects.bulk_create(
        Assignment(
            official_id=official, role="helper", household=each, name="李娜", unit="县财政局", phone="13800000001",
            valid_from=SINCE,
        )
        for each in households
    )  # fmt: skip
    plans = HelpPlan.objects.bulk_create(
        HelpPlan(household=each, year=DAY.year, version=1, digest="0" * 64, at=now, actor="bench")
        for each in households
    )
    PlanAnswer.objects.bulk_create(
        PlanAnswer(plan=each, kind="signed", day=DAY, at=now, actor="bench") for each in plans
    )
    PlannedMeasure.objects.bulk_create(
        PlannedMeasure(
            plan=each, number=number, sort="industry", content="发放能繁母猪 2 头，合作社保底回收",
            organisation="镇农业服务中心", due=DAY,
        )
        for each in plans
        for number in range(1, 6)
    )  # fmt: skip
    cards.refresh_all()
    return "411423100201"


if __name__ == "__main__":
    import datetime

    SINCE, DAY = datetime.date(2014, 1, 1), datetime.date.today()  # noqa: DTZ011 - the day that the product prints on
    main()
