"""Officials for tests: somebody who answers for a household, an area or an organisation."""

from __future__ import annotations

import datetime
from typing import Any

from tuopin.duties.models import Assignment
from tuopin.duties.officials.naming import named
from tuopin.platform import database


def assigned(name: str, unit: str = "", phone: str = "", **more: Any) -> Assignment:
    """A helper since 2017-03-01, unless ``more`` says otherwise; the same name, unit and telephone is one official."""
    values = {"role": "helper", "valid_from": datetime.date(2017, 3, 1), **more}
    with database.write():
        official = named([(name, unit, phone)])[name, unit, phone]
    return Assignment.objects.create(official_id=official, name=name, unit=unit, phone=phone, **values)
