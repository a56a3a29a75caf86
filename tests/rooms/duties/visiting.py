"""Visits for tests: a helper with an account, drafts of visits."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from officials import assigned
from tuopin.duties.models import Official
from tuopin.duties.visits import services, troubles
from tuopin.duties.visits.drafts import Draft
from tuopin.platform.access import Actor, actor_for, local_admin
from tuopin.platform.accounts import services as accounts

if TYPE_CHECKING:
    import pytest

    from tuopin.duties.models import Assignment
    from tuopin.platform.models import User
    from tuopin.register.models import Household

PASSWORD = "a-long-password-1"
DAY = datetime.date(2019, 5, 14)
TODAY = datetime.date(2019, 5, 20)


def on_a_day(monkeypatch: pytest.MonkeyPatch, today: datetime.date = TODAY) -> None:
    """Let visits be recorded on that day; grants go by the day of the calendar."""
    for module in (services, troubles):
        monkeypatch.setattr(f"{module.__name__}.timezone", Clock(today))


class Clock:
    """What visits ask of ``django.utils.timezone``."""

    def __init__(self, today: datetime.date) -> None:
        self.today = today

    def localdate(self, _moment: datetime.datetime | None = None) -> datetime.date:
        return self.today

    def now(self) -> datetime.datetime:
        return datetime.datetime.combine(self.today, datetime.time(4), datetime.UTC)


def helping(household: Household, name: str = "甲", **more: Any) -> tuple[User, Assignment]:
    """A helper of a household with an account that sees that household alone."""
    term = assigned(name, household=household, **more)
    user = accounts.add_user(local_admin(), f"helper-{term.official_id}", PASSWORD, must_change=False)[0]
    Official.objects.filter(pk=term.official_id).update(user=user)
    accounts.grant(local_admin(), user, "helper", "household", household.pk)
    return user, term


def helper(household: Household, name: str = "甲", **more: Any) -> tuple[Actor, Assignment]:
    user, term = helping(household, name, **more)
    return actor_for(user), term


def draft(term: Assignment, **more: Any) -> Draft:
    """A visit by who holds a term, to its household."""
    values: dict[str, Any] = {"day": DAY, "officials": (term.official_id,), "household_id": term.household_id, **more}
    return Draft(**values)
