"""What duties shows beside a household: in one statement, each part for who may see it."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from rooms.duties.place import Place
from rooms.duties.visiting import draft, helping
from tuopin.duties import panels
from tuopin.duties.models import Absence, Official, Visit
from tuopin.duties.visits import kinds, services
from tuopin.platform.access import Actor, actor_for, local_admin
from tuopin.register import selectors as register

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import DjangoAssertNumQueries

    from tuopin.register.selectors import Placed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUOPIN_HOME", str(tmp_path / "home"))


def shown(actor: Actor, placed: Placed) -> dict[str, Any]:
    return {panel.key: panel.content for panel in panels.household_panels(actor, placed, timezone.localdate())}


def test_helpers_and_visits_in_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    home = Place().here[0]
    user, term = helping(home)
    services.record(actor_for(user), [draft(term, day=timezone.localdate())])
    stands_in = Official.objects.create(name="乙", phone="13900000009")
    day = timezone.localdate() - datetime.timedelta(days=3)
    sick = {"official_id": term.official_id, "valid_from": day, "document": "x"}
    Absence.objects.create(kind="sick", **sick)
    Absence.objects.create(kind="seconded", stand_in=stands_in, **sick)
    placed = register.household(local_admin(), home.code)
    with django_assert_num_queries(1):
        found = shown(local_admin(), placed)
        events = panels.household_events(local_admin(), placed)
    assert [each.kind for each in events].count("visit") == 1
    [(visit, who, _sort, _why)] = found["visits"]["rows"]
    assert (visit["outcome"], who, found["visits"]["problems"]) == ("met", "甲", 0)
    [(_helper, _role, away)] = found["helpers"]["rows"]
    assert (away.stand_in, away.phone) == ("乙", "13900000009")


@pytest.mark.parametrize("met_first", [True, False])
def test_who_was_met_on_the_same_day_needs_no_second_look(*, met_first: bool) -> None:
    """Whichever was recorded first: the panel said otherwise than the lists."""
    home, today = Place().here[0], timezone.localdate()
    user, term = helping(home)
    met = draft(term, day=today)
    missed = dataclasses.replace(met, outcome="not_reachable", why_not="working_away")
    for each in (met, missed) if met_first else (missed, met):
        services.record(actor_for(user), [each])

    def second_look() -> object:
        return shown(local_admin(), register.household(local_admin(), home.code))["visits"]["second_look"]

    assert second_look() is None
    services.record(actor_for(user), [dataclasses.replace(missed, day=today - datetime.timedelta(days=1))])
    assert second_look() is None
    services.take_back(actor_for(user), Visit.objects.get(outcome="met").number, seen=1, reason="记错")
    assert second_look() == kinds.second_look_by(today - datetime.timedelta(days=1)), "the earliest that waits"


def test_another_county_is_shown_no_part() -> None:
    place = Place()
    user, term = helping(place.there[0])
    services.record(actor_for(user), [draft(term, day=timezone.localdate())])
    placed = register.household(local_admin(), place.there[0].code)
    assert shown(place.clerk(), placed) == {}
