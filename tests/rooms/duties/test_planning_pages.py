"""Pages of bulk assignment: asked for on a form, worked out as a job, looked at, changed, applied; hostile input."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rooms.duties.place import ALWAYS, Place
from tuopin.duties.models import Assignment, Official
from tuopin.duties.officials import services as officials
from tuopin.duties.planning import services
from tuopin.duties.planning.asking import asked
from tuopin.duties.planning.models import AssignmentPlan, PlanHelper, PlanLine
from tuopin.platform import jobs, worker
from tuopin.platform.access import local_admin
from tuopin.platform.models import Job
from tuopin.register import cards
from tuopin.register.models import Import, Residence, StatusPeriod

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    made = Place()
    for each in (*made.here, *made.there):
        StatusPeriod.objects.create(household=each, axis="registration", value="registered", valid_from=ALWAYS)
    cards.refresh_all()
    rows = [("=cmd|张伟", "县财政局", "1"), ("李娜", "<script>alert(1)</script>", "2")]
    officials.add_officials(local_admin(), rows, area_id=made.county.area_id, day=ALWAYS)
    return made


def signed_in(place: Place, role: str = "county") -> Client:
    user = place.user(role)
    client = Client()
    client.force_login(user)
    return client


def form(**more: str) -> dict[str, str]:
    return {
        "day": timezone.localdate().isoformat(), "only": "gaps", "statuses": "poor", "pool": "area", "reach": "3",
        "least_": "0", "most_": "4", **more,
    }  # fmt: skip


def draft(place: Place, area: str = "", **more: Any) -> AssignmentPlan:
    given = {
        "area": area or place.county.code, "day": timezone.localdate().isoformat(), "only": "all", "statuses": "poor",
        "pool": "area", "bounds": {"": [0, 4]}, **more,
    }  # fmt: skip
    return services.make(local_admin(), asked(given))


def test_from_the_form_to_the_duties(place: Place) -> None:
    client = signed_in(place)
    new = reverse("duties:new_plan") + f"?area={place.county.code}"
    assert "做一份指派方案" in client.get(new).content.decode()
    answer = client.post(new, form())
    assert answer.status_code == 302
    row = jobs.claim("test")
    assert row is not None
    worker.attempt(row)
    job = Job.objects.get()
    assert job.state == "done", job.error
    page = client.get(job.result["href"])
    text = page.content.decode()
    plan = AssignmentPlan.objects.get()
    assert "0.00 %" in text
    assert "执行方案" in text
    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text
    assert client.post(reverse("duties:plan", args=[plan.pk]), {"do": "apply"}).status_code == 302
    assert Assignment.objects.filter(valid_to=None).count() == 6
    after = client.get(reverse("duties:plan", args=[plan.pk])).content.decode()
    assert "退回原帮扶人" in after
    day = (timezone.localdate() + datetime.timedelta(days=1)).isoformat()
    back = {"do": "hand_back", "day": day, "reason": "有误"}
    assert client.post(reverse("duties:plan", args=[plan.pk]), back).status_code == 302
    assert not Assignment.objects.filter(valid_to=None).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "2019-13-01"}, {"day": "9999-12-31"}, {"most_": "1000000000"}, {"most_": "-1"}, {"least_": "9"},
        {"only": "x"}, {"pool": "\0"}, {"weight_change": "x"}, {"reach": "0"}, {"most_county": "½"},
    ],
)  # fmt: skip
def test_a_wrong_form_is_told_and_makes_no_job(place: Place, wrong: dict[str, str]) -> None:
    client = signed_in(place)
    answer = client.post(reverse("duties:new_plan") + f"?area={place.county.code}", form(**wrong))
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not Job.objects.exists()


def test_a_line_is_chosen_otherwise(place: Place) -> None:
    client, plan = signed_in(place), draft(place)
    line = PlanLine.objects.filter(plan=plan).select_related("household").order_by("pk")[0]
    address = reverse("duties:plan_line", args=[plan.pk, line.household.code])
    assert "改为此人" in client.get(address).content.decode()
    found = client.post(address, {"do": "find", "q": "=cmd"}).content.decode()
    assert "=cmd|张伟" in found
    assert "李娜" not in found.split("选择干部")[1]
    other = PlanLine.objects.filter(plan=plan).exclude(after=line.after_id).values_list("after_id", flat=True)[0]
    assert client.post(address, {"do": "save", "official": str(other)}).status_code == 302
    line.refresh_from_db()
    assert (line.after_id, line.edited) == (other, True)
    for bad in ("", "x", "9" * 17, "-1"):
        assert client.post(address, {"do": "save", "official": bad}).status_code == 400


def test_lists_and_exports(place: Place) -> None:
    client, plan = signed_in(place), draft(place)
    address = f"{reverse('duties:plan_lines')}?area={place.county.code}&plan={plan.pk}"
    text = client.get(address).content.decode()
    assert all(each.code in text for each in place.here)
    file = client.post(address, {"export": "csv"})
    body = b"".join(file.streaming_content).decode()  # type: ignore[attr-defined]
    assert body.count("\n") >= 7
    assert "'=cmd|张伟" in body
    assert client.get(address.replace(f"plan={plan.pk}", "plan=99999999999999999999")).status_code == 400
    assert client.get(reverse("duties:plans") + f"?area={place.county.code}").status_code == 200


def test_a_stale_plan_is_told_on_its_page(place: Place) -> None:
    client, plan = signed_in(place), draft(place)
    changes = reverse("duties:plan_changes", args=[plan.pk])
    assert "没有变化" in client.get(changes).content.decode()
    Residence.objects.filter(household=place.here[0]).update(area=place.away.area)
    assert "不能执行" in client.get(changes).content.decode()
    answer = client.post(reverse("duties:plan", args=[plan.pk]), {"do": "apply"})
    assert answer.status_code == 400
    assert "情况有变" in answer.content.decode()
    assert not Assignment.objects.exists()


def test_a_plan_says_that_applying_would_be_refused(place: Place) -> None:
    """A household that stays with somebody who may not help it counts for him when he gets others."""
    client = signed_in(place)
    Assignment.objects.create(
        official_id=Official.objects.get(name="李娜").pk, role="helper", household=place.here[0], name="李娜",
        valid_from=ALWAYS,
    )  # fmt: skip
    plan = draft(place, bounds={"": [0, 3]})
    assert "整份被拒绝" not in client.get(reverse("duties:plan", args=[plan.pk])).content.decode()
    services.edit(local_admin(), plan.pk, place.here[0].code, None)
    PlanHelper.objects.filter(plan=plan, official__name="李娜").update(most=2)
    assert "整份被拒绝" in client.get(reverse("duties:plan", args=[plan.pk])).content.decode()


def test_the_list_of_who_has_no_helper_is_of_the_day_of_its_number(place: Place) -> None:
    """The register describes the day of its newest import; a helper of today counts all the same."""
    client = signed_in(place)
    now, before = timezone.now(), timezone.localdate() - datetime.timedelta(days=90)
    Import.objects.create(started_at=now, finished_at=now, actor="x", as_of=before, year=before.year, digest="")
    services.apply(local_admin(), draft(place).pk)
    text = client.get(reverse("console:households", args=[place.county.code]) + "?helped=0").content.decode()
    assert not any(each.code in text for each in place.here)


def test_what_is_of_another_county_is_not_there(place: Place) -> None:
    client = signed_in(place)
    officials.add_officials(local_admin(), [("赵敏", "", "")], area_id=place.other.area_id, day=ALWAYS)
    other = draft(place, place.other.code, bounds={"": [0, 9]})
    code = place.there[0].code
    for name, args in (("plan", [other.pk]), ("plan_changes", [other.pk]), ("plan_line", [other.pk, code])):
        assert client.get(reverse(f"duties:{name}", args=args)).status_code == 404
    assert client.post(reverse("duties:plan", args=[other.pk]), {"do": "apply"}).status_code == 404
    assert client.get(f"{reverse('duties:plans')}?area={place.other.code}").status_code == 404
    assert client.get(reverse("duties:plan", args=[2**62])).status_code == 404
    assert client.post(f"{reverse('duties:new_plan')}?area={place.other.code}", form()).status_code == 404
    assert not Assignment.objects.exists()


def test_helpers_and_villages_plan_nothing(place: Place) -> None:
    client = signed_in(place, "village")
    assert client.get(f"{reverse('duties:plans')}?area={place.county.code}").status_code == 403


def test_statements_of_the_pages(place: Place, django_assert_max_num_queries: Any) -> None:
    client, plan = signed_in(place), draft(place)
    client.get(reverse("duties:plans") + f"?area={place.county.code}")
    for name, args, query in (
        ("plan", [plan.pk], ""), ("plans", [], f"?area={place.county.code}"),
        ("plan_lines", [], f"?area={place.county.code}&plan={plan.pk}"),
        ("plan_line", [plan.pk, place.here[0].code], ""),
    ):  # fmt: skip
        with django_assert_max_num_queries(20):
            assert client.get(reverse(f"duties:{name}", args=args) + query).status_code == 200
