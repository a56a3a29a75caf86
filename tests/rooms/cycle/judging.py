"""Evaluations made by hand, for the tests of the cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rooms.orders.office import DAY, at
from tuopin.register.models import Residence
from tuopin.standards.models import Evaluation, Finding, Verdict

if TYPE_CHECKING:
    import datetime

    from rooms.orders.office import Offices

TODAY = DAY(2018, 6, 11)
PACK, STANDARD = "shangqiu-2018", "household_exit"
ITEMS = ["income", "food", "clothing", "water", "education", "medical", "housing"]


def judged(
    _city: Offices, letters: dict[int, str], day: datetime.date = TODAY, started: datetime.datetime | None = None,
    **more: Any,
) -> Evaluation:  # fmt: skip
    """An evaluation of households: letters by item, of each household."""
    begun = started or at(day, 8)
    values: dict[str, Any] = {
        "standard": STANDARD, "kind": "conditions", "level": "household", "pack": PACK, "pack_version": "1",
        "pack_digest": "0" * 64, "parameter_hash": "0" * 64, "data_version": 1, "day": day, "area": None, "actor": "x",
        "digest": f"{Evaluation.objects.count():064d}", "started_at": begun, "finished_at": begun, "items": ITEMS,
        "shown": [], "draft": [], "tally": {},
    }  # fmt: skip
    run = Evaluation.objects.create(**values | more)
    homes = dict(Residence.objects.filter(household_id__in=letters).values_list("household_id", "area_id"))
    words = {"n": "not_met", "u": "unknown"}
    for key, each in letters.items():
        Verdict.objects.create(evaluation=run, subject_id=key, area_id=homes[key], letters=f"n{each}")
        for item, letter in zip(run.items, each, strict=True):
            if letter in words:
                Finding.objects.create(
                    evaluation=run, subject_id=key, area_id=homes[key], item=item, verdict=words[letter]
                )
    return run
