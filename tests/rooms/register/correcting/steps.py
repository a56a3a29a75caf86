"""What the tests of corrections share: accounts, why, and what stands now."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from people import account
from tuopin.platform.access import Actor, actor_for
from tuopin.register.correcting.services import Why
from tuopin.register.models import (
    Household,
    Person,
)

if TYPE_CHECKING:
    from tuopin.platform.models import User
    from tuopin.register.models import FactBlock


DAY = date(2018, 12, 1)
EAST, WEST = "990101100000", "990101101000"
WHY = Why(DAY, reason="入户核对")
FORM = {"as_of": "2018-12-01", "source": "by_hand", "reason": "入户核对"}
"""The same as a form says it."""


def user(name: str, role: str = "township", area: str = EAST, *classes: str) -> User:
    return account(name, role, area, *classes)


def actor(name: str, township: str, *classes: str) -> Actor:
    return actor_for(user(name, "township", township, *classes))


def the(code: str = "9901") -> int:
    return Household.objects.get(code=code).pk


def who(code: str = "990101") -> int:
    return Person.objects.get(code=code).pk


def newest[Block: FactBlock](model: type[Block]) -> Block:
    return model._default_manager.filter(superseded_at=None).order_by("as_of")[::1][-1]  # type: ignore[return-value]


def fields_of(html: str) -> dict[str, str]:
    """What a browser would send of the form: inputs and chosen options, in the order of the page."""
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))
    found |= dict(re.findall(r'<input id="[^"]+" name="([^"]+)" value="([^"]*)"', html))
    for name, options in re.findall(r'<select id="[^"]+" name="([^"]+)">(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found
