"""Opening + in − out = closing: for every area and any period, whatever happened, and parts add up to the whole."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from county import AREAS, household, households, person, take
from rooms.register.events.steps import EAST, EAST_2, WEST
from rooms.register.events.steps import register as fill
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.register import cards
from tuopin.register.areas import ids
from tuopin.register.counting import ON_REGISTER
from tuopin.register.events.areas.given import Given, Line
from tuopin.register.events.areas.services import record as change_areas
from tuopin.register.events.balance import Balance, balances, divided
from tuopin.register.events.kinds import KINDS
from tuopin.register.events.planning import Newcomer, Wish
from tuopin.register.events.services import Why, record
from tuopin.register.events.undo import undo
from tuopin.register.models import AreaVersion, Household, Membership, RegisterEvent, Residence, StatusPeriod

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)
START = date(2018, 12, 1)
VILLAGES = [("东乡", "甲村委会"), ("东乡", "乙村委会"), ("西乡", "丙村委会")]


def _play(folder: Path, seed: int, steps: int) -> int:
    """A random history of events, imports and undoing; returns how many acts were taken."""
    draw = random.Random(seed)
    taken, day = 0, START
    for step in range(steps):
        day += timedelta(days=draw.choice([0, 1, 7, 40]))
        try:
            if draw.random() < 0.12:
                _export(folder, draw, day, step)
            elif draw.random() < 0.2 and RegisterEvent.objects.exists():
                undo(local_admin(), draw.choice(list(RegisterEvent.objects.values_list("pk", flat=True))))
            elif draw.random() < 0.1:
                _change_areas(draw, day)
            else:
                _happen(draw, day)
            taken += 1
        except Problem:
            continue
    return taken


def _happen(draw: random.Random, day: date) -> None:
    kind = KINDS[draw.choice([key for key in KINDS if key != "same_person"])]
    houses = list(Household.objects.values_list("pk", flat=True))
    chosen = draw.choice(houses)
    living = Membership.objects.filter(household_id=chosen)
    pool = list((living if kind.who == "former" else living.filter(valid_to=None)).values_list("person_id", flat=True))
    persons = tuple(draw.sample(pool, min(len(pool), draw.choice([1, 1, 2])))) if not kind.of_household else ()
    village = AreaVersion.objects.filter(level="village", valid_to=None).values_list("area_id", flat=True)
    more: dict[str, Any] = {"village": draw.choice(list(village))} if kind.village and draw.random() < 0.8 else {}
    more |= {"target": draw.choice(houses)} if kind.target == "must" or (kind.target and draw.random() < 0.5) else {}
    more |= {"head": persons[0]} if kind.splits and persons else {}
    more |= {"newcomer": Newcomer("某人", birth_date=day)} if kind.who == "newcomer" else {}
    record(local_admin(), kind.key, [Wish(chosen, persons, **more)], Why(day, "演练"))


def _change_areas(draw: random.Random, day: date) -> None:
    """A village becomes part of another one, or comes under another township."""
    villages = list(AreaVersion.objects.filter(level="village", valid_to=None).values_list("code", flat=True))
    towns = list(AreaVersion.objects.filter(level="township", valid_to=None).values_list("code", flat=True))
    old = draw.choice(villages)
    line = draw.choice(
        [Line("merged", day, old, code=draw.choice(villages)), Line("moved", day, old, parent=draw.choice(towns))]
    )
    change_areas(local_admin(), Given((line,), "批文一号"))


def _export(folder: Path, draw: random.Random, day: date, step: int) -> None:
    """What the national system might list: some known households, somewhere, with some of the known people."""
    groups = []
    for code in draw.sample(["9901", "9902", "9903", "9904"], 2):
        town, village = draw.choice(VILLAGES)
        known = draw.sample([f"{house}{at:02}" for house in ("9901", "9902", "9903", "9904") for at in (1, 2)], 3)
        status = draw.choice(["已脱贫", "未脱贫", ""])
        listed = (person(each, 姓名=f"人{each}") for each in known)
        groups.append(household(code, *listed, 镇=town, 村=village, 脱贫属性=status))
    earlier = day - timedelta(days=draw.choice([0, 0, 30]))
    take(households(folder, *groups, day=earlier.isoformat(), name=f"{step}.csv"))


def _counted(area: AreaVersion, day: date, measure: str) -> int:
    """The plain way: who is there on the day."""

    def holds(row: Any) -> bool:
        return bool(row.valid_from <= day and (row.valid_to is None or row.valid_to > day))

    paths = {row.area_id: row.path for row in AreaVersion.objects.all() if holds(row)}
    inside = {key for key, path in paths.items() if area.area_id in ids(path)}
    homes = {row.household_id for row in Residence.objects.all() if holds(row) and row.area_id in inside}
    if measure.startswith("registered"):
        periods = StatusPeriod.objects.filter(axis="registration", value__in=ON_REGISTER)
        homes &= {row.household_id for row in periods if holds(row)}
    if measure.endswith("households"):
        return len(homes)
    return sum(1 for row in Membership.objects.all() if holds(row) and row.household_id in homes)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), first=st.integers(-40, 300), length=st.integers(0, 300))
def test_it_adds_up(tmp_path_factory: pytest.TempPathFactory, seed: int, first: int, length: int) -> None:
    from django.core.management import call_command

    call_command("flush", interactive=False, verbosity=0)
    folder = tmp_path_factory.mktemp("history")
    fill(folder)
    assert _play(folder, seed, 25) > 2
    _check(START + timedelta(days=first), START + timedelta(days=first + length))
    assert cards.wrong() == 0


def _check(first: date, last: date) -> None:
    areas = {row.area_id: row for row in AreaVersion.objects.all()}
    found = balances(list(areas), first, last)
    for key, measures in found.items():
        for measure, held in measures.items():
            assert held.adds_up, (areas[key].name, measure, held)
            assert held.opening == _counted(areas[key], first - timedelta(days=1), measure), (areas[key].name, measure)
            assert held.closing == _counted(areas[key], last, measure), (areas[key].name, measure)
    for key in areas:
        # whatever lay below it at any time: a village that moved away was a part before
        below = sorted(set(AreaVersion.objects.filter(parent_id=key).values_list("area_id", flat=True)))
        if below:
            whole, parts = divided(key, below, first, last)
            assert whole == found[key]
            _adds_up(whole, parts, below)


def _adds_up(whole: dict[str, Balance], found: dict[int, dict[str, Balance]], below: list[int]) -> None:
    for measure, held in whole.items():
        parts = [found[each][measure] for each in below]
        assert held.opening == sum(each.opening for each in parts)
        assert held.closing == sum(each.closing for each in parts)
        for kind in {key for each in (held, *parts) for key in (*each.ins, *each.outs)}:
            net = sum(each.ins.get(kind, 0) - each.outs.get(kind, 0) for each in parts)
            assert held.ins.get(kind, 0) - held.outs.get(kind, 0) == net, (measure, kind)


@pytest.mark.usefixtures("register")
def test_a_merged_village_shows_as_a_change_of_areas() -> None:
    """Its households leave it for the village that goes on; the township sees nothing of it, another township does."""
    day, year = date(2019, 3, 1), (date(2019, 1, 1), date(2019, 12, 31))
    keys = {row.code: row.area_id for row in AreaVersion.objects.all()}
    change_areas(local_admin(), Given((Line("merged", day, EAST, code=EAST_2),), "批文一号"))
    change_areas(
        local_admin(), Given((Line("moved", day + timedelta(days=9), WEST, parent=EAST[:9] + "000"),), "批文二号")
    )
    found = balances(list(keys.values()), *year)
    gone, stays = found[keys[EAST]]["persons"], found[keys[EAST_2]]["persons"]
    assert (gone.opening, gone.outs, gone.closing) == (4, {"area": 4}, 0)
    assert (stays.opening, stays.ins, stays.closing) == (0, {"area": 4}, 4)
    east, west = found[keys[EAST[:9] + "000"]]["households"], found[keys[WEST[:9] + "000"]]["households"]
    assert (east.opening, east.ins, east.outs, east.closing) == (2, {"area": 1}, {}, 3)
    assert (west.opening, west.ins, west.outs, west.closing) == (1, {}, {"area": 1}, 0)
    county = found[keys["990101000000"]]["registered_persons"]
    assert (county.opening, county.ins, county.outs, county.closing) == (6, {}, {}, 6)
    _check(*year)


def test_there_are_areas_at_all_levels() -> None:
    assert {level for _code, _name, level, _parent in AREAS} == {"province", "city", "county", "township", "village"}
