"""A plan in the demo city: one township, waiting to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.platform.problems import Problem
from tuopin.register.demo.areas import FIRST_TOWNSHIP
from tuopin.register.models import AreaVersion

from . import services
from .asking import asked
from .models import AssignmentPlan

if TYPE_CHECKING:
    from tuopin.platform.access import Actor


def fill(actor: Actor) -> None:
    """A draft for the households of a township, where there is none yet and somebody to choose from."""
    township = AreaVersion.objects.filter(code=FIRST_TOWNSHIP, valid_to=None).first()
    if township is None or AssignmentPlan.objects.exists():
        return
    given = {
        "area": township.code, "day": timezone.localdate().isoformat(), "only": "all", "statuses": "exited",
        "pool": "area", "bounds": {"": [0, 8], "county": [0, 5]},
    }  # fmt: skip
    try:
        services.make(actor, asked(given))
    except Problem as problem:
        if problem.code not in {"nothing_to_plan", "nobody_to_choose"}:
            raise
