"""Headquarters and their plans: versions, slips, progress with papers; what is refused, and to whom it is closed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from officials import assigned
from people import signed_in
from rooms.duties.headquarters_city import DAY, TODAY, City
from tuopin.duties.headquarters import gaps, selectors, services
from tuopin.duties.headquarters.fields import fields
from tuopin.duties.headquarters.gantt import WIDTH, gantt
from tuopin.duties.headquarters.models import HeadquartersDetail, HeadquartersPlan, PlanStep, StepReport
from tuopin.duties.headquarters.services import Progress, Wanted
from tuopin.duties.models import Assignment, Organisation, OrganisationVersion
from tuopin.duties.officials import naming
from tuopin.duties.organisations import services as organisations
from tuopin.platform import database, evidence
from tuopin.platform.access import local_admin
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem

if TYPE_CHECKING:
    import datetime

    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from tuopin.register.models import AreaVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return City()


def text(client: Client, address: str, status: int = 200, **given: object) -> str:
    answer = client.post(address, given) if given else client.get(address)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return answer.content.decode()


def plan_of(city: City) -> HeadquartersPlan:
    return services.keep_plan(local_admin(), city.draft(), day=TODAY)


def view(city: City, plan: HeadquartersPlan, today: datetime.date = TODAY) -> selectors.PlanView:
    return selectors.plan(local_admin(), plan.pk, today)[1]


def refused(code: str, problem: pytest.ExceptionInfo[Problem]) -> None:
    assert problem.value.code == code


def _without_holder(place: AreaVersion, day: datetime.date) -> list[gaps.Gap]:
    offices = selectors.headquarters(local_admin(), day, place)
    return gaps.of_offices(offices, selectors.newest_plans([each.id for each in offices], day), day)


def test_the_14_are_taken_over_once(city: City) -> None:
    assert len(fields()) == 14
    made = services.take_over(city.headquarters(), city.city, list(fields()), TODAY)
    assert len(made) == 13, "one is there already"
    assert services.take_over(city.headquarters(), city.city, list(fields()), TODAY) == []
    found = selectors.headquarters(city.headquarters(), TODAY)
    assert [each.field.key for each in found if each.field] == list(fields()), "in the order of the file"
    with pytest.raises(Problem) as problem:
        services.take_over(city.headquarters(), city.city, ["sport"], TODAY)
    refused("unknown_key", problem)


def test_a_name_that_another_organisation_bears_is_said_and_nothing_founded(city: City) -> None:
    """Also what of two who press the button at once the second meets."""
    water = fields()["water"]
    organisations.found_organisation(
        local_admin(), f"{water.title.zh}指挥部", "department", area_id=city.city.area_id, day=DAY(2018, 1, 1)
    )
    before = Organisation.objects.count()
    with pytest.raises(Problem) as problem, transaction.atomic():
        services.take_over(city.headquarters(), city.city, list(fields()), TODAY)
    assert problem.value.code == "name_taken"
    assert Organisation.objects.count() == before


def test_a_headquarters_of_another_county_is_not_there(city: City) -> None:
    [theirs] = services.take_over(local_admin(), city.other, ["water"], DAY(2018, 1, 1))
    clerk = city.clerk()
    assert selectors.headquarters(clerk, TODAY) == []
    for number in (theirs, city.office, 10**15, 10**30):
        with pytest.raises(Missing):
            selectors.one(clerk, number, TODAY)
    with pytest.raises(Missing):
        services.keep_plan(clerk, dataclasses.replace(city.draft(), organisation_id=theirs), day=TODAY)


def test_field_and_lead_are_dated(city: City) -> None:
    lead = Organisation.objects.create()
    OrganisationVersion.objects.create(
        organisation=lead, name="市农业农村局", kind="department", area=city.city.area, valid_from=DAY(2018, 1, 1)
    )
    services.describe(local_admin(), city.office, field="industry", lead_id=lead.pk, day=DAY(2018, 5, 1))
    assert selectors.one(local_admin(), city.office, DAY(2018, 5, 1)).lead == "市农业农村局"
    assert selectors.one(local_admin(), city.office, DAY(2018, 4, 30)).lead == ""
    assert HeadquartersDetail.objects.count() == 2
    with pytest.raises(Missing):
        services.describe(local_admin(), lead.pk, field="water", lead_id=None, day=TODAY)


def test_the_first_plan_is_kept_and_compared_with(city: City) -> None:
    first = plan_of(city)
    one, two = view(city, first).steps
    assert (one.state, one.late, one.slip) == ("late", 76, 0)
    assert (two.state, two.slip, two.step.after) == ("not_begun", 0, "1")
    steps = (
        Wanted("调查摸底", DAY(2018, 1, 1), DAY(2018, 4, 30), number=1, official_id=city.leader),
        Wanted("培训", DAY(2018, 5, 1), DAY(2018, 5, 31)),
        Wanted("建设产业基地", DAY(2018, 4, 1), DAY(2018, 12, 20), number=2, after=(1,)),
    )
    again = city.draft(*steps, seen=1, reason="疫情影响")
    second = services.keep_plan(local_admin(), again, day=TODAY)
    shown = view(city, second)
    assert [(each.step.number, each.slip, each.early) for each in shown.steps] == [
        (1, 30, ()),
        (2, 50, (1,)),
        (3, None, ()),
    ]
    assert [each.slip for each in view(city, first).steps] == [0, 0], "the first stays as it was"
    with pytest.raises(Problem) as problem:
        services.keep_plan(local_admin(), again, day=TODAY)
    refused("changed_meanwhile", problem)
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanStep.objects.all()._raw_delete(using="default")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"steps": ()}, "bad_steps"),
        ({"kind": "dream"}, "unknown_key"),
        ({"year": 1}, "bad_year"),
        ({"seen": 7, "reason": "理由"}, "changed_meanwhile"),
        ({"steps": (Wanted("一", DAY(2018, 2, 1), DAY(2018, 1, 1)),)}, "ends_before_it_began"),
        ({"steps": (Wanted("一", DAY(1, 1, 1), DAY(9999, 12, 31)),)}, "bad_date"),
        ({"steps": (Wanted("一\n二", DAY(2018, 1, 1), DAY(2018, 1, 1)),)}, "bad_text"),
        ({"steps": (Wanted("一", DAY(2018, 1, 1), DAY(2018, 1, 1), after=(1,)),)}, "bad_after"),
        ({"steps": (Wanted("一", DAY(2018, 1, 1), DAY(2018, 1, 1), number=9),)}, "bad_steps"),
        (
            {"steps": (
                Wanted("一", DAY(2018, 1, 1), DAY(2018, 1, 1), after=(2,)),
                Wanted("二", DAY(2018, 1, 1), DAY(2018, 1, 1), after=(1,)),
            )},
            "ring",
        ),
    ],
)  # fmt: skip
def test_a_plan_that_is_wrong_writes_nothing(city: City, change: dict[str, object], code: str) -> None:
    with pytest.raises(Problem) as problem:
        services.keep_plan(local_admin(), dataclasses.replace(city.draft(), **change), day=TODAY)  # type: ignore[arg-type]
    refused(code, problem)
    assert not HeadquartersPlan.objects.exists()


def test_somebody_elses_official_cannot_be_made_responsible(city: City) -> None:
    theirs = assigned("赵敏", "市医院", household=city.there[0]).official_id
    [office] = services.take_over(local_admin(), city.county, ["water"], DAY(2018, 1, 1))
    step = Wanted("一", DAY(2018, 1, 1), DAY(2018, 1, 1), official_id=theirs)
    with pytest.raises(Missing):
        services.keep_plan(city.clerk(), dataclasses.replace(city.draft(step), organisation_id=office), day=TODAY)


def test_done_needs_a_paper_and_is_said_once(city: City) -> None:
    step = PlanStep.objects.get(plan=plan_of(city), number=1)
    with pytest.raises(Problem) as problem:
        services.report(local_admin(), [Progress(step.pk, TODAY, 100)], today=TODAY)
    refused("no_evidence", problem)
    with pytest.raises(Problem) as problem:
        services.report(local_admin(), [Progress(step.pk, DAY(2018, 6, 16), 50)], today=TODAY)
    refused("in_future", problem)
    services.report(local_admin(), [Progress(step.pk, DAY(2018, 3, 1), 40, "过半")], today=TODAY)
    [done] = services.report(
        local_admin(), [Progress(step.pk, DAY(2018, 4, 10), 100, reference="档案 7 号")], today=TODAY
    )
    [shown, _other] = view(city, step.plan).steps
    assert (shown.state, shown.slip, shown.late) == ("done_late", 10, 0)
    assert evidence.of(services.REPORT, [done.pk])[0].reference == "档案 7 号"
    with pytest.raises(Problem) as problem:
        services.report(local_admin(), [Progress(step.pk, TODAY, 60)], today=TODAY)
    refused("done_already", problem)
    services.take_back(local_admin(), done.pk, today=TODAY)
    assert view(city, step.plan).steps[0].share == 40
    with pytest.raises(Problem) as problem:
        services.take_back(local_admin(), done.pk, today=TODAY)
    refused("taken_back_already", problem)
    assert StepReport.objects.count() == 3, "nothing is lost"
    assert AuditEntry.objects.filter(action="duties.report_step").count() == 3


def test_progress_goes_with_its_step_into_the_next_version(city: City) -> None:
    first = plan_of(city)
    step = PlanStep.objects.get(plan=first, number=1)
    services.report(local_admin(), [Progress(step.pk, DAY(2018, 3, 1), 40)], today=TODAY)
    steps = (Wanted("调查摸底", DAY(2018, 1, 1), DAY(2018, 7, 31), number=1),)
    second = services.keep_plan(local_admin(), city.draft(*steps, seen=1, reason="顺延"), day=TODAY)
    shown = view(city, second)
    assert [(each.share, each.state) for each in shown.steps] == [(40, "begun")]
    assert [each.title for each in shown.dropped] == ["建设产业基地"]
    with pytest.raises(Problem) as problem:
        services.report(local_admin(), [Progress(step.pk, TODAY, 60)], today=TODAY)
    refused("changed_meanwhile", problem)


def test_who_left_and_who_was_merged(city: City) -> None:
    plan = plan_of(city)
    kinds = [(each.kind, each.item) for each in _without_holder(city.city, TODAY)]
    assert kinds == [("no_deputy", 0), ("no_holder", 2)]
    other = city.official("王建国（同名）")
    with database.write():
        naming.merge(other, [city.leader])
    shown = selectors.holders([city.leader], TODAY)[city.leader]
    assert (shown.official.pk, shown.live) == (other, True), "what was written once still finds the person"
    Assignment.objects.filter(organisation_id=city.office).update(valid_to=DAY(2018, 6, 1))
    kinds = [(each.kind, each.item) for each in _without_holder(city.city, TODAY)]
    assert kinds == [("no_commander", 0), ("no_deputy", 0), ("holder_left", 1), ("no_holder", 2)]
    found = _without_holder(city.city, DAY(2019, 1, 5))
    assert ("no_plan", "2019") in [(each.kind, each.detail) for each in found]
    assert plan.version == 1


def test_what_is_late_is_counted_as_it_is_listed(city: City) -> None:
    first = plan_of(city)
    step = PlanStep.objects.get(plan=first, number=1)
    rows = selectors.led_in(local_admin(), TODAY, city.city)
    assert dict(rows.values_list("organisation_id", "led")) == {city.office: True}

    def both(day: datetime.date) -> tuple[int, int]:
        plans = selectors.newest_plans([city.office], day)
        return selectors.count_late([city.office], day), sum(bool(each.late) for each in plans[city.office][0].steps)

    assert both(TODAY) == (1, 1)
    assert both(DAY(2018, 11, 1)) == (2, 2)
    services.report(local_admin(), [Progress(step.pk, TODAY, 100, reference="档案")], today=TODAY)
    assert both(DAY(2018, 11, 1)) == (1, 1)
    steps = (
        Wanted("调查摸底", DAY(2018, 1, 1), DAY(2018, 3, 31), number=1),
        Wanted("建设产业基地", DAY(2018, 4, 1), DAY(2018, 12, 20), number=2),
    )
    services.keep_plan(local_admin(), city.draft(*steps, seen=1, reason="顺延"), day=TODAY)
    assert both(DAY(2018, 11, 1)) == (0, 0), "done before, and put off"
    assert both(DAY(2018, 12, 21)) == (1, 1)


def test_bars_lie_between_the_first_and_the_last_day(city: City) -> None:
    steps = (
        Wanted("一", DAY(2018, 1, 1), DAY(2018, 1, 1)),
        Wanted("二", DAY(2018, 1, 1), DAY(2018, 12, 31)),
    )
    plan = services.keep_plan(local_admin(), city.draft(*steps), day=TODAY)
    drawn = gantt(view(city, plan).steps, TODAY)
    assert drawn is not None
    assert (drawn.rows[0].now.x, drawn.rows[0].now.width) == (0, 3), "a day is seen"
    assert (drawn.rows[1].now.x, drawn.rows[1].now.width) == (0, WIDTH)
    assert drawn.today == 165 * WIDTH // 365
    assert [mark.text for mark in drawn.marks][:2] == ["2018-01", "2018-03"]
    later = gantt(view(city, plan).steps, DAY(2030, 1, 1))
    assert later is not None
    assert later.today is None
    long = Wanted("世纪", DAY(1990, 1, 1), DAY(2100, 12, 31))
    wide = services.keep_plan(local_admin(), city.draft(long, seen=1, reason="远"), day=TODAY)
    far = gantt(view(city, wide).steps, TODAY)
    assert far is not None
    assert len(far.marks) <= 12


# -- pages --------------------------------------------------------------------------------------------------------


def test_pages_from_founding_to_done(city: City, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    client = city.client()
    text(client, "/duties/headquarters/", 302, field=["water", "roads"])
    shown = text(client, "/duties/headquarters/")
    assert "水利扶贫指挥部" in shown
    assert "王建国" in shown
    rows = {"seen": "0", "kind": "year", "year": "2018", "title-0": "<script>一</script>", "begins-0": "2018-01-01",
            "ends-0": "2018-03-31", "official-0": str(city.leader), "title-1": "二", "begins-1": "2018-04-01",
            "ends-1": "2018-05-31", "after-1": "1"}  # fmt: skip
    write = f"/duties/headquarters/{city.office}/write/"
    text(client, f"{write}?kind=year&year=2018")
    refusal = text(client, write, 400, **(rows | {"ends-1": "明天"}))
    assert "请写作 2018-12-01" in refusal
    assert "&lt;script&gt;一" in refusal, "what was typed stands there again, harmless"
    answer = client.post(write, rows)
    assert answer.status_code == 302
    page = answer["Location"]
    with django_assert_max_num_queries(20):
        shown = text(client, page)
    assert "&lt;script&gt;" in shown
    assert "<script>一" not in shown
    assert "<svg" in shown
    step = PlanStep.objects.get(number=1)
    given = {"do": "report", "step": step.pk, "day": "2018-03-20", "share": "100", "note": "", "reference": ""}
    assert "须附材料" in text(client, page, 400, **given)
    paper = SimpleUploadedFile("报告.pdf", b"%PDF-1.4 x")
    text(client, page, 302, **given, paper=paper)
    shown = text(client, page)
    assert "已完成" in shown
    href = shown.split(f"{page}papers/")[1].split('"')[0]
    file = client.get(f"{page}papers/{href}")
    assert file["Content-Disposition"].startswith("attachment")
    assert b"".join(file.streaming_content) == b"%PDF-1.4 x"  # type: ignore[attr-defined]
    text(client, page, 302, do="take_back", report=StepReport.objects.get().pk)
    with django_assert_max_num_queries(20):
        text(client, "/duties/headquarters/")
    with django_assert_max_num_queries(20):
        text(client, f"/duties/headquarters/{city.office}/")


def test_pages_are_closed_to_other_counties(city: City) -> None:
    [theirs] = services.take_over(local_admin(), city.other, ["water"], DAY(2018, 1, 1))
    draft = dataclasses.replace(city.draft(Wanted("一", DAY(2018, 1, 1), DAY(2018, 1, 1))), organisation_id=theirs)
    plan = services.keep_plan(local_admin(), draft, day=TODAY)
    client = signed_in(city.user())
    for address in (f"{theirs}/", f"{theirs}/write/", f"{theirs}/people/", f"plans/{plan.pk}/", f"plans/{10**17}/"):
        text(client, f"/duties/headquarters/{address}", 404)
    village = signed_in(city.user("village"))
    text(village, "/duties/headquarters/")
    text(village, "/duties/headquarters/", 403, field="water")


def test_hostile_forms_are_refused(city: City) -> None:
    client, plan = city.client(), plan_of(city)
    page = f"/duties/headquarters/plans/{plan.pk}/"
    step = PlanStep.objects.get(plan=plan, number=1)
    for given in (
        {"do": "report", "step": "9" * 40, "day": "2018-01-01", "share": "5"},
        {"do": "report", "step": step.pk, "day": "0000-00-00", "share": "5"},
        {"do": "report", "step": step.pk, "day": "2018-01-01", "share": "9" * 30},
        {"do": "report", "step": step.pk, "day": "2018-01-01", "share": "-5"},
        {"do": "explode"},
    ):
        text(client, page, 400, **given)
    text(client, page, 404, do="take_back", report="\0")
    text(client, f"{page}?on=9999-12-31", 400)
    text(client, f"/duties/headquarters/{city.office}/write/?year=99999999", 400)
    text(client, f"/duties/headquarters/{city.office}/write/?kind=%00", 400)
    text(client, f"/duties/headquarters/{city.office}/", 400, field="industry", day="2018-13-01")


def test_people_are_assigned_on_a_page(city: City) -> None:
    who, client = city.official(), city.client()
    address = f"/duties/headquarters/{city.office}/people/"
    assert "常务副指挥长" in text(client, address, do="find", q="张")
    given = {"official": who, "role": "acting_deputy", "day": "2018-06-15", "reason": ""}
    text(client, address, 302, do="save", **given)
    found = selectors.one(local_admin(), city.office, TODAY)
    assert found.deputy is not None
    assert found.deputy.official_id == who
