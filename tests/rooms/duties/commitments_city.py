"""The city of the tests of headquarters with somebody who promises and somebody to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from officials import assigned
from rooms.duties.headquarters_city import DAY, TODAY, City
from tuopin.duties.commitments import following, services
from tuopin.duties.commitments.models import Commitment, CommitmentState
from tuopin.duties.commitments.services import Draft, Target
from tuopin.platform.access import local_admin
from tuopin.register.models import Import, StatusPeriod
from tuopin.standards.models import AreaFigures, Evaluation

if TYPE_CHECKING:
    import datetime


class Promises(City):
    """``boss`` and ``chief``: officials of the city and the county; ``chief_user`` is the account of the latter."""

    def __init__(self) -> None:
        super().__init__()
        self.boss = assigned(
            "王书记", "市委", role="first_responsible", area_id=self.city.area_id, valid_from=DAY(2018, 1, 1)
        ).official_id
        self.chief = assigned(
            "李县长", "县政府", role="first_responsible", area_id=self.county.area_id, valid_from=DAY(2018, 1, 1)
        ).official_id

    def wanted(self, **change: object) -> Draft:
        given: dict[str, object] = {
            "superior_id": self.boss, "inferior_id": self.chief, "due": DAY(2018, 9, 30),
            "area_id": self.county.area_id,
            "targets": (Target("figure", DAY(2018, 9, 30), "unexited", value=200),),
        }  # fmt: skip
        return Draft(**(given | change))  # type: ignore[arg-type]

    def made(self, **change: object) -> Commitment:
        return services.draft(local_admin(), [self.wanted(**change)], today=TODAY)[0]

    def signed(self, **change: object) -> Commitment:
        row = self.made(**change)
        services.sign_on_paper(local_admin(), [row.pk], services.SIDES, day=TODAY, reference="档案 1 号", today=TODAY)
        return row

    def statuses(self, *values: str) -> None:
        """What the households of the county are, and that the register describes the end of 2018."""
        for household, value in zip(self.here, values, strict=False):
            StatusPeriod.objects.create(
                household=household, axis="registration", value=value, valid_from=DAY(2014, 1, 1)
            )
        moment = "2018-12-31T00:00:00Z"
        Import.objects.create(as_of=DAY(2018, 12, 31), year=2018, started_at=moment, finished_at=moment)


def outcome(row: Commitment, today: datetime.date) -> str:
    following.follow([row.pk], today=today)
    return CommitmentState.objects.get(pk=row.pk).outcome


def evaluated(city: Promises, day: datetime.date, *counts: int) -> Evaluation:
    moment = f"{day}T00:00:00Z"
    run = Evaluation.objects.create(
        standard="household_exit", level="household", pack="national", pack_version="1", pack_digest="", day=day,
        parameter_hash="", data_version=1, digest=str(Evaluation.objects.count()), started_at=moment,
        finished_at=moment,
        items=[], shown=[], draft=[], tally={}, actor="test",
    )  # fmt: skip
    AreaFigures.objects.create(evaluation=run, area_id=city.county.area_id, counts={"tally": {"overall": list(counts)}})
    return run
