"""Quiet hours: when messages may leave. Nobody is reminded at night or on a day that is no working day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuopin.core.calendar import WorkingCalendar

_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenHours:
    """From ``opens`` (included) to ``closes`` (excluded), local time of ``zone``, on the calendar's working days.

    Raises ValueError unless ``opens`` is before ``closes``: hours over midnight would be hours at night.
    """

    calendar: WorkingCalendar
    zone: datetime.tzinfo
    opens: datetime.time = datetime.time(8)
    closes: datetime.time = datetime.time(20)

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("opens must be before closes")

    def are_open(self, moment: datetime.datetime) -> bool:
        """Whether a message may leave at the moment (with a time zone)."""
        local = moment.astimezone(self.zone)
        return self.calendar.is_working(local.date()) and self.opens <= local.time() < self.closes

    def next(self, moment: datetime.datetime) -> datetime.datetime:
        """The moment itself where a message may leave then, else the first later one at which one may.

        Raises OverflowError past the last day that dates can name.
        """
        if self.are_open(moment):
            return moment
        day = moment.astimezone(self.zone).date()
        while True:
            opening = datetime.datetime.combine(day, self.opens, self.zone).astimezone(datetime.UTC)
            if opening >= moment and self.are_open(opening):
                return opening
            day += _DAY
