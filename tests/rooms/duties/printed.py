"""A village whose households get cards, for the tests of what the room prints."""

from __future__ import annotations

import contextlib
import datetime
import re
import zlib
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from officials import assigned
from rooms.duties.place import Place
from tuopin.measures.plans.models import HelpPlan, PlanAnswer, PlannedMeasure
from tuopin.platform import downloads
from tuopin.register import cards as register_cards
from tuopin.register.models import HouseholdProfile, StatusPeriod

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.platform.access import Actor
    from tuopin.platform.models import Download
    from tuopin.register.models import Household

PHONE, ID_NUMBER = "13912345678", "411423198001010017"


class Village(Place):
    """Five of the six households are on the register, the sixth was cancelled; the first has a signed plan."""

    def __init__(self) -> None:
        super().__init__()
        since = datetime.date(2014, 1, 1)
        for at, each in enumerate([*self.here, *self.there]):
            gone = each == self.here[5]
            StatusPeriod.objects.create(
                household=each, axis="registration", value="cancelled" if gone else "registered", valid_from=since
            )
            self.profile(each, f"户主{'甲乙丙丁戊己庚辛壬癸子丑'[at]}")
        assigned("李娜", "县财政局", "13800000001", household=self.here[0])
        assigned("赵敏", "市审计局", "13900000002", area=self.village.area, role="first_secretary")
        assigned("远方", "别县财政局", "13700000009", household=self.there[0])
        self.plan(self.here[0])
        register_cards.refresh_all()

    def profile(self, household: Household, head: str) -> None:
        HouseholdProfile.objects.filter(household=household).update(superseded_at=timezone.now())
        HouseholdProfile.objects.create(
            household=household, year=2018, as_of=datetime.date(2018, 1, 1), recorded_at=timezone.now(),
            head_name=head, phone=PHONE, bank_account="6222021234567890123", main_cause="illness",
        )  # fmt: skip

    def plan(self, household: Household, version: int = 1, *, signed: bool = True) -> HelpPlan:
        """A plan of this year with a measure for the wall and two that must not be there."""
        today = timezone.localdate()
        plan = HelpPlan.objects.create(
            household=household, year=today.year, version=version, digest="0" * 64, at=timezone.now(), actor="t"
        )
        for number, (sort, content) in enumerate(
            (("industry", "发放母猪两头"), ("health", "大病专项救治"), ("work", f"照料尿毒症病人 {PHONE}")), start=1
        ):
            PlannedMeasure.objects.create(
                plan=plan, number=number, sort=sort, content=content, organisation="农业服务中心", due=today
            )
        if signed:
            PlanAnswer.objects.create(plan=plan, kind="signed", day=today, at=timezone.now(), actor="t")
        return plan


@pytest.fixture
def village(tmp_path: Path) -> Village:
    return Village()


def file_of(actor: Actor, made: Download) -> Path:
    return downloads.fetch(actor, made.pk)[1]


def inside(path: Path) -> bytes:
    """The objects of a PDF, unpacked."""
    found = path.read_bytes()
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", found, re.DOTALL):
        with contextlib.suppress(zlib.error):
            found += zlib.decompress(packed)
    return found
