"""Many who are away at once: their clocks stop in pieces, and nobody of them is reminded before all have stopped."""

from __future__ import annotations

import pytest

from rooms.orders.clocks import matter, saved, steps
from rooms.orders.office import DAY, MONDAY, Offices, at
from tuopin.duties.models import Absence
from tuopin.orders.clock import absences
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import Matter
from tuopin.platform.access import system
from tuopin.platform.models import Message

pytestmark = pytest.mark.django_db


def test_clocks_stop_in_pieces_and_before_anybody_is_reminded(monkeypatch: pytest.MonkeyPatch) -> None:
    city = Offices()
    away = [city.official(f"干部{number}", city.education, f"科长{number}") for number in range(3)]
    limit = at(DAY(2018, 6, 22), 0)
    saved([matter(city, at(MONDAY), limit, official_id=each) for each in away for _twice in range(2)])
    for each in away:
        Absence.objects.create(official_id=each, kind="sick", valid_from=DAY(2018, 6, 20), valid_to=DAY(2018, 6, 23))
    monkeypatch.setattr(absences, "PIECE", 2)
    now = at(DAY(2018, 6, 20))
    done = tick(system(), now, seconds=-1)
    assert (done.stopped, done.matters, done.unfinished) == (0, 0, True)
    assert steps() == []
    assert not Message.objects.exists()
    assert tick(system(), now).stopped == 6
    assert set(Matter.objects.values_list("stopped_from", "stopped_until", "step")) == {
        (DAY(2018, 6, 20), DAY(2018, 6, 23), 0)
    }
    assert steps().count("stop") == 6
    assert absences.stop(system(), now) == (0, True)
