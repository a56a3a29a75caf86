"""What a household had that was merged into another is the other’s: one matter, one way; and what moved away stays
closed to whom it is closed there."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from people import PASSWORD
from rooms.cycle.judging import STANDARD, TODAY, judged
from rooms.cycle.test_told import LATER, NOW, incident, problem
from rooms.orders.office import DAY, Offices, at
from tuopin.cycle import selectors, services, told
from tuopin.cycle.models import ClosingProposal
from tuopin.duties.models import Incident, IncidentClosing
from tuopin.duties.visits.models import Visit, VisitProblem
from tuopin.orders.models import Matter, MatterSubject
from tuopin.platform.access import local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.register import cards
from tuopin.register.models import RegisterEvent, Residence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.test import Client

pytestmark = pytest.mark.django_db
MERGED_ON = DAY(2018, 6, 13)
AFTER = DAY(2018, 6, 20)


@pytest.fixture
def city() -> Offices:
    return Offices()


def merge(city: Offices, one: int = 0, into: int = 1) -> None:
    """The household ``one`` of the county becomes part of another, as the event writes it."""
    RegisterEvent.objects.create(
        kind="merge", day=MERGED_ON, household=city.here[one], other=city.here[into], area=city.village.area,
        other_area=city.village.area, reason="并户", origin="web", at=at(MERGED_ON), actor="x",
    )  # fmt: skip
    Residence.objects.filter(household=city.here[one], valid_to=None).update(valid_to=MERGED_ON)
    cards.refresh_all()


def choose(city: Offices, *wanted: tuple[str, str]) -> None:
    services.choose(local_admin(), city.county, wanted, city.issuer, NOW)


def run(city: Offices, now: datetime.datetime = NOW) -> services.Report:
    return services.run(local_admin(), city.county, now)


def fresh(city: Offices) -> list[int]:
    return [each.fresh for each in selectors.preview(local_admin(), city.county)]


def again(city: Offices, letters: dict[int, str], day: datetime.date) -> services.Report:
    judged(city, {city.here[at].pk: each for at, each in letters.items()}, day, at(day, 8))
    return run(city, at(day, 10))


# -- findings ---------------------------------------------------------------------------------------------------------


def test_a_finding_of_the_merged_is_the_same_problem(city: Offices) -> None:
    judged(city, {city.here[0].pk: "nmmmmmm"})
    choose(city, (STANDARD, "not_met"))
    assert run(city).opened == 1
    merge(city)
    merge(city, 1, 2)  # and that one into a third
    judged(city, {city.here[2].pk: "nnmmmmm"}, AFTER, at(AFTER, 8))
    assert fresh(city) == [1]
    assert run(city, at(AFTER, 10)).opened == 1
    assert list(MatterSubject.objects.order_by("pk").values_list("household_id", "item")) == [
        (city.here[0].pk, "income"), (city.here[2].pk, "food"),
    ]  # fmt: skip


def test_what_was_withdrawn_for_the_merged_is_found_for_the_other(city: Offices) -> None:
    judged(city, {city.here[0].pk: "nmmmmmm"})
    choose(city, (STANDARD, "not_met"))
    run(city)
    Matter.objects.update(state="withdrawn")
    merge(city)
    judged(city, {city.here[1].pk: "nmmmmmm"}, AFTER, at(AFTER, 8))
    assert fresh(city) == [1]
    assert run(city, at(AFTER, 10)).opened == 1


def test_closed_for_the_merged_and_found_again_it_is_reopened(city: Offices) -> None:
    judged(city, {city.here[0].pk: "nmmmmmm", city.here[2].pk: "nmmmmmm"})
    choose(city, (STANDARD, "not_met"))
    run(city)
    Matter.objects.update(state="closed", closed_at=at(DAY(2018, 6, 12)), look_back_on=DAY(2018, 7, 20))
    merge(city)
    merge(city, 2, 1)
    report = again(city, {1: "nmmmmmm"}, AFTER)
    assert (report.opened, report.reopened) == (0, 1)  # of two that were merged, the newest
    assert again(city, {1: "nmmmmmm"}, LATER).document() == services.Report().document()
    assert sorted(Matter.objects.order_by("pk").values_list("state", flat=True)) == ["closed", "issued"]


def test_gone_for_the_one_that_goes_on_it_is_proposed(city: Offices) -> None:
    judged(city, {city.here[0].pk: "nmmmmmm", city.here[2].pk: "nmmmmmm"})
    choose(city, (STANDARD, "not_met"))
    run(city)
    merge(city)
    row = Matter.objects.get(subjects__household=city.here[0])
    assert again(city, {1: "nmmmmmm"}, AFTER).proposed == 0
    assert again(city, {1: "mmmmmmm"}, LATER).proposed == 1
    assert ClosingProposal.objects.get().matter == row
    MatterSubject.objects.filter(household=city.here[2]).update(matter=row)  # another’s, merged with it
    ClosingProposal.objects.all().delete()
    merge(city, 2, 3)
    day = DAY(2018, 7, 9)
    assert again(city, {1: "mmmmmmm", 3: "nmmmmmm"}, day).proposed == 0
    assert again(city, {1: "mmmmmmm", 3: "mmmmmmm"}, DAY(2018, 7, 16)).proposed == 1


# -- what people told -------------------------------------------------------------------------------------------------


def test_a_problem_told_of_the_merged_is_the_same(client: Client, city: Offices) -> None:
    problem(city)
    incident(city, "disaster")
    choose(city, ("housing", "visit"), ("disaster", "incident"))
    assert run(city).opened == 2
    merge(city)
    same = problem(city, household=city.here[1], day=AFTER)
    Incident.objects.create(
        household=city.here[1], kind="disaster", found_on=TODAY, channel="village", account="水", known=[],
        digest="0" * 64, at=NOW, actor="x",
    )  # fmt: skip
    problem(city, household=city.here[2], day=AFTER)
    assert sorted(fresh(city)) == [0, 1]
    assert run(city, at(AFTER)).opened == 1
    user = city.account("clerk", "county", "area", city.county.area_id)
    client.login(username=user.username, password=PASSWORD)
    row = Matter.objects.get(subjects__household=city.here[0], subjects__origin="visit")
    assert reverse("orders:matter", args=[row.pk]) in client.get(
        reverse("duties:visit_problem", args=[same.pk])
    ).content.decode()  # fmt: skip
    listed = client.get(reverse("duties:visit_problems"), {"area": city.county.code}).content.decode()
    # the problem of the one that goes on, and that of the third; that of the merged itself where it is listed
    assert listed.count("待签收") >= 2


def test_what_is_told_between_two_readings_of_a_count_breaks_none(
    city: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    sorts = ("housing", "water")
    for sort in sorts:
        problem(city, sort)
    choose(city, *((sort, "visit") for sort in sorts))
    run(city)
    merge(city)
    real = told.listed

    def later(keys: Iterable[Any]) -> Any:
        """Somebody tells of both between the sums and what is taken from them."""
        if not VisitProblem.objects.filter(household=city.here[1]).exists():
            for sort in sorts:
                problem(city, sort, household=city.here[1], day=AFTER)
        return real(keys)

    other = problem(city, household=city.here[3], day=AFTER)
    VisitProblem.objects.filter(pk=other.pk).update(item="of its own")
    assert told.counts(city.county, AFTER) == {("visit", "housing"): (1, 1)}
    MatterSubject.objects.create(
        matter=Matter.objects.first(), household=city.here[3], origin="visit", standard="housing", item="of its own"
    )
    monkeypatch.setattr(told, "listed", later)
    assert told.counts(city.county, AFTER) == {("visit", "housing"): (1, 0)}
    assert told.counts(city.county, AFTER) == {("visit", "housing"): (2, 0), ("visit", "water"): (1, 0)}


def test_what_the_merged_left_open_without_a_matter_is_the_other_s(city: Offices) -> None:
    """Nobody ended it, and the household lives nowhere any more: who goes on has it, once, by its own place and helper;
    what it has open itself is that."""
    problem(city)
    problem(city, household=city.here[2])
    problem(city, "education")
    incident(city, "disaster")
    merge(city)
    merge(city, 2, 1)
    own = problem(city, "education", household=city.here[1], day=AFTER)
    choose(city, ("housing", "visit"), ("education", "visit"), ("disaster", "incident"))
    assert sorted(fresh(city)) == [1, 1, 1]
    assert run(city, at(AFTER)).opened == 3
    assert sorted(MatterSubject.objects.values_list("household_id", "origin", "standard")) == sorted(
        (city.here[1].pk, origin, key)
        for origin, key in (("visit", "housing"), ("visit", "education"), ("incident", "disaster"))
    )
    assert fresh(city) == [0, 0, 0]
    assert run(city, at(LATER)).document() == services.Report().document(), "not opened twice, nor gone"
    for each in VisitProblem.objects.exclude(pk=own.pk):
        VisitProblem.objects.filter(pk=each.pk).update(settled_at=NOW, settled_day=AFTER)
    assert run(city, at(LATER)).proposed == 1
    assert ClosingProposal.objects.get().matter.subjects.get().standard == "housing"


def test_what_somebody_withdrew_for_the_merged_itself_is_not_opened_for_the_other(city: Offices) -> None:
    problem(city)
    choose(city, ("housing", "visit"))
    run(city)
    Matter.objects.update(state="withdrawn")
    merge(city)
    assert (fresh(city), run(city, at(AFTER)).opened) == ([0], 0), "that was a person’s decision"


def test_a_visit_that_finds_it_for_the_other_reopens(city: Offices) -> None:
    first = problem(city)
    choose(city, ("housing", "visit"))
    run(city)
    closed = at(DAY(2018, 6, 14))
    Matter.objects.update(state="closed", closed_at=closed, look_back_on=DAY(2018, 7, 20))
    VisitProblem.objects.filter(pk=first.pk).update(settled_at=NOW, settled_day=TODAY)
    merge(city)
    problem(city, household=city.here[1], day=DAY(2018, 6, 14))  # on the day of the closing
    assert run(city, at(AFTER)).document() == services.Report().document()
    VisitProblem.objects.filter(household=city.here[1]).update(last_day=AFTER)
    report = run(city, at(LATER))
    assert (report.opened, report.reopened) == (0, 1)
    assert run(city, at(LATER)).document() == services.Report().document()


def test_ended_for_the_merged_and_open_for_the_other_it_is_not_gone(city: Offices) -> None:
    first = problem(city)
    choose(city, ("housing", "visit"))
    run(city)
    merge(city)
    other = problem(city, household=city.here[1], day=AFTER)
    VisitProblem.objects.filter(pk=first.pk).update(settled_at=NOW, settled_day=AFTER)
    assert run(city, at(AFTER)).proposed == 0
    VisitProblem.objects.filter(pk=other.pk).update(settled_at=NOW, settled_day=AFTER)
    assert run(city, at(AFTER)).proposed == 1


# -- who is told ------------------------------------------------------------------------------------------------------


def move(city: Offices, day: datetime.date) -> None:
    """The first household moves to the other county."""
    Residence.objects.filter(household=city.here[0], valid_to=None).update(valid_to=day)
    Residence.objects.create(household=city.here[0], area=city.away.area, valid_from=day)
    cards.refresh_all()


@pytest.mark.parametrize("open_at", ["old", "new", "both"])
def test_what_moved_away_is_told_to_whom_it_is_open_everywhere(client: Client, city: Offices, open_at: str) -> None:
    rows = problem(city, "health"), incident(city, "illness")
    plain = problem(city)
    choose(city, ("health", "visit"), ("illness", "incident"), ("housing", "visit"))
    assert run(city).opened == 3
    move(city, MERGED_ON)
    user = accounts.add_user(local_admin(), "clerk", PASSWORD, must_change=False)[0]
    for area, where in ((city.county, "old"), (city.other, "new")):
        classes = ("health",) if open_at in {where, "both"} else ()
        accounts.grant(local_admin(), user, "county", "area", area.area_id, field_classes=classes)
    client.login(username=user.username, password=PASSWORD)
    text = "".join(client.get(reverse("orders:matter", args=[row.pk])).content.decode() for row in Matter.objects.all())
    links = [
        reverse("duties:visit_problem", args=[rows[0].pk]), reverse("duties:incident", args=[rows[1].pk]),
    ]  # fmt: skip
    assert [each in text for each in links] == [open_at == "both"] * 2
    assert reverse("duties:visit_problem", args=[plain.pk]) in text


# -- the way ----------------------------------------------------------------------------------------------------------


def test_the_way_has_all_incidents_and_those_of_the_merged(
    client: Client, city: Offices, django_assert_max_num_queries: Any
) -> None:
    today = timezone.localdate()
    Incident.objects.bulk_create(
        Incident(household=city.here[1], kind="disaster", found_on=today - datetime.timedelta(days=at), account="x",
                 channel="village", known=[], digest="0" * 64, at=NOW, actor="x")
        for at in range(230)
    )  # fmt: skip
    old = incident(city, "market", DAY(2016, 5, 6))
    incident(city, "illness", DAY(2016, 5, 7))
    IncidentClosing.objects.create(incident=old, day=DAY(2016, 6, 6), outcome="helped", at=NOW, actor="x")
    problem(city, day=DAY(2016, 7, 8))
    Visit.objects.create(
        household=city.here[0], area_id=city.village.area_id, day=DAY(2016, 7, 8), sort="routine", outcome="met",
        origin="web", number=1, recorded_at=NOW, actor="x",
    )  # fmt: skip
    merge(city)
    user = city.account("clerk", "county", "area", city.county.area_id)
    client.login(username=user.username, password=PASSWORD)
    address = reverse("cycle:trace", args=[city.here[1].code])
    with django_assert_max_num_queries(20):
        first = client.get(address).content.decode()
    assert first.count('<tr class="stage-') == 200
    assert "2016-05-06" not in first
    assert "?page=2" in first
    second = client.get(address, {"page": "2"}).content.decode()
    assert first.count("事件：自然灾害") + second.count("事件：自然灾害") == 230
    for words in ("2016-05-06", "2016-06-06", "2016-07-08", "走访发现问题：住房", f"走访 · 原 {city.here[0].code}"):
        assert words in second
    assert "大病" not in first + second  # a closed class, of the merged household as of its own
    assert reverse("duties:incident", args=[old.pk]) not in second
    for page in ("0", "-1", "x", "9" * 30, "\0"):
        assert client.get(address, {"page": page}).status_code == 200
    assert "stage=finding&amp;page=2" in client.get(address, {"stage": "finding"}).content.decode()
