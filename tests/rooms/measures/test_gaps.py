"""Entitled against received: every state, by person and household; unknown is never “not entitled”; who sees what."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from county import take
from people import account, signed_in
from rooms.measures.conftest import DAY
from rooms.measures.lists import CHILD, HEAD, ILL, line, payments
from tuopin.measures.models import Gap, GapFigures, GapRun
from tuopin.measures.selectors import STATES, of_household
from tuopin.measures.services import work_out
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem, Refused
from tuopin.register.models import AreaVersion, Membership, Person

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]

COUNTY, EAST, WEST = "990101000000", "990101100000", "990101101000"


def compare(area: str | None = None) -> GapRun:
    return work_out(local_admin(), day=DAY, area=area)


def counts(run: GapRun, area: str, policy: str) -> dict[str, int]:
    """What is not nought."""
    area_id = AreaVersion.objects.get(code=area, valid_to=None).area_id
    stored = GapFigures.objects.get(run=run, area_id=area_id).counts.get(policy, [0] * len(STATES))
    return {name: number for name, number in zip(STATES, stored, strict=True) if number}


def gaps(run: GapRun) -> list[tuple[str, str, str, str]]:
    found = Gap.objects.filter(run=run).order_by("pk")
    return [
        (household, code or "", policy, kind)
        for household, code, policy, kind in found.values_list("household__code", "person__code", "policy", "kind")
    ]


def test_without_a_list_nobody_is_said_to_have_gone_without() -> None:
    run = compare()
    assert counts(run, COUNTY, "schooling_grant") == {"no_list": 1}
    assert gaps(run) == []


def test_every_state_of_a_policy_for_persons(tmp_path: Path) -> None:
    take(payments(tmp_path / "发放.csv", line("大病救助", HEAD), line("义务教育补助", CHILD)))
    run = compare()
    # ill and not on the list; healthy and on it; health of 9903 blank; the child healthy
    assert counts(run, COUNTY, "serious_illness_aid") == {"missing": 1, "excess": 1, "unknown": 1}
    assert counts(run, EAST, "serious_illness_aid") == {"excess": 1, "unknown": 1}
    assert counts(run, COUNTY, "schooling_grant")["both"] == 1
    assert gaps(run) == [
        ("9901", "990101", "serious_illness_aid", "excess"),
        ("9902", "990201", "serious_illness_aid", "missing"),
    ]


def test_received_while_entitlement_is_unknown_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    take(payments(tmp_path / "发放.csv", line("危房改造", 户编号="9903"), line("饮水工程", 户编号="9901")))
    run = compare()
    assert counts(run, COUNTY, "house_repair") == {"unclear": 1}
    assert counts(run, COUNTY, "water_project") == {"excess": 1}
    assert ("9903", "", "house_repair", "unclear") in gaps(run)


def test_a_payment_of_last_year_counts_where_the_policy_is_given_once(tmp_path: Path) -> None:
    old = {"发放日期": "2017-11-05"}
    take(payments(tmp_path / "发放.csv", line("低保金", 户编号="9902", **old), line("危房改造", 户编号="9901", **old)))
    run = compare()
    assert counts(run, COUNTY, "low_income_allowance") == {"no_list": 1, "unknown": 2}
    assert counts(run, COUNTY, "house_repair") == {"excess": 1, "unknown": 1}


def test_who_received_and_left_is_counted_apart(tmp_path: Path) -> None:
    take(payments(tmp_path / "发放.csv", line("义务教育补助", CHILD)))
    left = {"valid_from": datetime.date(2014, 1, 1), "valid_to": datetime.date(2018, 11, 20)}
    Membership.objects.filter(person=Person.objects.get(code="990102")).update(**left)
    run = compare()
    assert counts(run, EAST, "schooling_grant") == {"gone": 1}
    assert ("9901", "990102", "schooling_grant", "gone") in gaps(run)


def test_a_list_speaks_for_its_county_also_where_one_township_is_compared(tmp_path: Path) -> None:
    take(payments(tmp_path / "发放.csv", line("大病救助", HEAD)))
    run = compare(WEST)
    assert counts(run, WEST, "serious_illness_aid") == {"missing": 1}


def test_the_same_is_not_worked_out_twice_and_new_rows_replace_the_old(tmp_path: Path) -> None:
    take(payments(tmp_path / "a" / "发放.csv", line("大病救助", HEAD)))
    first = compare()
    assert compare().pk == first.pk
    take(payments(tmp_path / "b" / "发放.csv", line("大病救助", ILL)))
    second = compare()
    assert second.pk != first.pk
    assert (gaps(first), GapFigures.objects.filter(run=first).exists()) == ([], True)
    assert gaps(second) == [("9901", "990101", "serious_illness_aid", "excess")]


def test_who_may_compare_and_on_which_day() -> None:
    from tuopin.platform.access import actor_for

    east = actor_for(account("east", "township", EAST))
    for refused, area in ((Refused, None), (Refused, WEST)):
        with pytest.raises(refused):
            work_out(east, day=DAY, area=area)
    with pytest.raises(Problem) as found:
        work_out(local_admin(), day=datetime.date(2100, 1, 1))
    assert found.value.code == "bad_day"


def test_what_another_place_compared_hides_no_rows(tmp_path: Path) -> None:
    """Without an area (lists by programs): the newest over all that the reader sees, not the newest of all."""
    from tuopin.measures import selectors
    from tuopin.platform.access import actor_for

    take(payments(tmp_path / "发放.csv", line("大病救助", HEAD)))
    east, west = (actor_for(account(name, "township", area, "health")) for name, area in (("e", EAST), ("w", WEST)))
    own = compare(EAST)
    other = compare(WEST)
    assert other.pk > own.pk
    assert selectors.run_of(east, None) == own
    assert selectors.run_of(west, None) == other
    assert selectors.gaps(east, None, frozenset({"health"})).exists()
    assert selectors.run_of(actor_for(account("both", "county", COUNTY)), None) is None
    whole = compare()
    assert {selectors.run_of(each, None) for each in (east, west, local_admin())} == {whole}


# -- pages --------------------------------------------------------------------------------------------------------


def test_pages_show_policies_by_classes_of_fields(tmp_path: Path) -> None:
    take(payments(tmp_path / "发放.csv", line("大病救助", HEAD), line("饮水工程", 户编号="9901")))
    compare()
    plain = signed_in(account("plain", "county", COUNTY))
    page = plain.get("/measures/gaps/").content.decode()
    assert "&lt;5" in page
    listed = plain.get(f"/measures/gaps/list/?area={COUNTY}").content.decode()
    assert "饮水安全工程到户" in listed
    assert "9902" not in listed
    assert plain.get(f"/measures/gaps/list/?area={COUNTY}&policy=serious_illness_aid").status_code == 400
    household = plain.get("/households/9901/").content.decode()
    assert "饮水安全工程到户" in household
    assert "大病专项救治" not in household


def test_with_the_class_open_the_list_names_the_person(tmp_path: Path) -> None:
    take(payments(tmp_path / "发放.csv", line("大病救助", HEAD)))
    compare()
    doctor = signed_in(account("doctor", "county", COUNTY, "health"))
    listed = doctor.get(f"/measures/gaps/list/?area={COUNTY}&policy=serious_illness_aid&kind=missing").content.decode()
    assert "9902" in listed
    assert "李四" in listed
    west = doctor.get("/measures/gaps/list/?area=990101101201").content.decode()
    assert "/households/9901/" not in west


def test_the_household_s_panels_take_one_statement(tmp_path: Path, django_assert_num_queries: Any) -> None:
    take(payments(tmp_path / "发放.csv", line("大病救助", HEAD), line("饮水工程", 户编号="9901")))
    run = compare()
    village = AreaVersion.objects.get(code="990101100201", valid_to=None)
    household = Gap.objects.filter(run=run, policy="water_project").get().household_id
    with django_assert_num_queries(1):
        found, _lines = of_household(village, household, DAY.year)
    assert [(each.what, each.policy, each.who) for each in found] == [
        ("gap", "serious_illness_aid", "张三"),
        ("gap", "water_project", ""),
        ("payment", "serious_illness_aid", "张三"),
        ("payment", "water_project", ""),
    ]
