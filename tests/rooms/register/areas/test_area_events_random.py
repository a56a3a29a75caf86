"""Random sequences of changes of areas: on every day one tree, and every household in exactly one living village."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooms.register.areas.tree import DAY, happen, line, plant, rows
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.register import cards
from tuopin.register.areas import WIDTH, ids
from tuopin.register.events.areas.undo import undo
from tuopin.register.events.balance import balances
from tuopin.register.models import AreaVersion, Residence
from tuopin.register.selectors import on_day, subtree

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db(transaction=True)

CODES = ("A", "B", "A1", "A2", "B1", "A1-1", "A1-2", "A2-1", "A2-2", "B1-1", "B1-2", "N1", "N2", "N3")
LINES = st.builds(
    lambda kind, old, code, name, parent, groups, after: (kind, old, code, name, parent, groups, after),
    st.sampled_from(["renamed", "recoded", "moved", "merged", "merged", "split", "split", "abolished", "upgraded"]),
    st.sampled_from(CODES),
    st.sampled_from(CODES),
    st.sampled_from(["", "新村", "大庄"]),
    st.sampled_from(["", "A1", "A2", "B1", "B"]),
    st.sampled_from([(), ("一组",), ("一组", "二组")]),
    st.integers(0, 3),
)
SETS = st.lists(st.lists(LINES, min_size=1, max_size=3), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sets=SETS)
def test_every_day_has_one_tree_and_every_household_one_village(transactional_db: None, sets: list[Any]) -> None:
    with transaction.atomic():
        plant(villages=2, households=2)
        began = _state()
        before, done = [], []
        for at, lines in enumerate(sets):
            state = rows()
            try:
                outcome = happen(*(_line(at, *each) for each in lines))
            except Problem:
                assert rows() == state
                continue
            assert outcome.event is not None
            before.append(state)
            done.append(outcome.event.pk)
            for day in _days():
                _check(day, began)
        _check_moves(began)
        while done:
            undo(local_admin(), done.pop())
            assert rows() == before.pop()
        transaction.set_rollback(True)


def _line(at: int, kind: str, old: str, code: str, name: str, parent: str, groups: Any, after: int) -> Any:
    day = DAY + datetime.timedelta(days=10 * at + after)
    keeps = {
        "renamed": {"name": name or "新名"},
        "recoded": {"code": code},
        "moved": {"parent": parent or "B1"},
        "merged": {"code": code, "name": name, "parent": parent},
        "split": {"code": code, "name": name, "groups": groups if code != old else ()},
        "upgraded": {"name": name or "新区"},
        "abolished": {},
    }[kind]
    return line(kind, old, day=day, **keeps)


def _days() -> list[datetime.date]:
    turns = set(AreaVersion.objects.values_list("valid_from", flat=True))
    found = {day + datetime.timedelta(days=step) for day in turns if day.year > 1900 for step in (-1, 0)}
    return sorted(found | {DAY})


def _state() -> Counter[int]:
    return Counter(Residence.objects.filter(valid_to=None).values_list("household_id", flat=True))


def _check(day: datetime.date, began: Counter[int]) -> None:
    standing = list(AreaVersion.objects.filter(on_day(day)))
    by_id = {each.area_id: each for each in standing}
    assert len(by_id) == len(standing), "one version an area"
    assert len({each.code for each in standing}) == len(standing), "codes are unique on a day"
    for each in standing:
        assert each.path.endswith(f"{each.area_id:0{WIDTH}d}")
        above = by_id[each.parent_id].path if each.parent_id else ""
        assert each.path == above + f"{each.area_id:0{WIDTH}d}", "paths agree with parents"
    for each in standing:
        low, high = subtree(each)
        ranged = {other.area_id for other in standing if low <= other.path < high}
        assert ranged == {other.area_id for other in standing if _under(other, each.area_id, by_id)}
        assert set(ids(each.path)) == {other.area_id for other in standing if _under(each, other.area_id, by_id)}
    homes = Residence.objects.filter(on_day(day)).values_list("household_id", "area_id")
    assert Counter(household for household, _area in homes) == began, "each household lives once"
    assert all(by_id[area].level == "village" for _household, area in homes), "in a living village"
    assert cards.wrong() == 0


def _under(version: AreaVersion, area_id: int, by_id: dict[int, AreaVersion]) -> bool:
    step: AreaVersion | None = version
    while step is not None:
        if step.area_id == area_id:
            return True
        step = by_id.get(step.parent_id) if step.parent_id else None
    return False


def _check_moves(began: Counter[int]) -> None:
    """Opening + in − out = closing, for every area that there ever was."""
    first, last = DAY - datetime.timedelta(days=1), DAY + datetime.timedelta(days=100)
    counts = {day: _counted(day) for day in (first, last)}
    areas = set(AreaVersion.objects.values_list("area_id", flat=True))
    for area_id, found in balances(areas, DAY, last).items():
        held = found["households"]
        assert held.adds_up
        assert (held.opening, held.closing) == (counts[first][area_id], counts[last][area_id])


def _counted(day: datetime.date) -> Counter[int]:
    paths = dict(AreaVersion.objects.filter(on_day(day)).values_list("area_id", "path"))
    found: Counter[int] = Counter()
    for area_id in Residence.objects.filter(on_day(day)).values_list("area_id", flat=True):
        found.update(ids(paths[area_id]))
    return found


def test_the_checks_themselves_can_fail(transactional_db: None) -> None:
    made = plant(villages=2, households=2)
    spoil: list[Callable[[], object]] = [
        lambda: AreaVersion.objects.filter(code="A1-1").update(path="0000000100000002"),
        lambda: Residence.objects.filter(area_id=made["A1-1"].area_id).update(valid_to=datetime.date(2019, 1, 1)),
    ]
    for each in spoil:
        with transaction.atomic():
            began = _state()
            each()
            with pytest.raises(AssertionError):
                _check(DAY, began)
            transaction.set_rollback(True)
