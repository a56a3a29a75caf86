"""Evaluations begun on pages: who may, where, by which day; two clicks are one job, a crash is made up for."""

from __future__ import annotations

import datetime
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from county import areas, household, households, person, taken
from people import account, signed_in
from tuopin.platform import jobs, worker
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import Job, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import AreaVersion, Import
from tuopin.standards import evaluating
from tuopin.standards.models import Evaluation, Verdict
from tuopin.standards.services import bind_pack, evaluate

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/standards/evaluate/"
DAY = datetime.date(2018, 12, 1)
COUNTY, EAST, WEST = "990101000000", "990101100000", "990101101000"


@pytest.fixture(autouse=True)
def _taken(tmp_path: Path) -> None:
    """Two villages in two townships, a household each."""
    areas(tmp_path)
    households(tmp_path, household("9901"), household("9902", person("990201"), 镇="西乡", 村="丙村委会"))
    taken("two_households", tmp_path, as_of=DAY)


def clerk(role: str = "county", area: str = COUNTY) -> User:
    return account(f"{role}{area}", role, area)


def work() -> None:
    worker.work(threading.Event(), until_empty=True)


def asked() -> list[Job]:
    return list(Job.objects.filter(kind=evaluating.JOB).order_by("pk"))


def press(client: Client, area: str = COUNTY, day: str = "2018-12-01") -> Any:
    return client.post(PAGE, {"area": area, "day": day})


# -- the way through ----------------------------------------------------------------------------------------------


def test_from_the_form_to_the_verdicts(tmp_path: Path) -> None:
    client = signed_in(clerk())
    empty = client.get(f"/areas/{COUNTY}/results/").content.decode()
    assert "尚未核查" in empty
    assert f'action="{PAGE}"' in empty
    assert f'action="{PAGE}"' in client.get(f"/areas/{COUNTY}/").content.decode()
    shown = client.get(PAGE, {"area": COUNTY}).content.decode()
    assert 'value="2018-12-01"' in shown
    assert "本区域还没有导入可核查的资料" in shown, "no workbook of villages was imported: 129 judges nobody"
    answer = press(client)
    [job] = asked()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    work()
    job.refresh_from_db()
    assert job.state == "done"
    assert (job.result or {})["href"] == f"/areas/{COUNTY}/results/"
    made = Evaluation.objects.get(standard="household_exit")
    assert (made.standard, made.pack, made.day) == ("household_exit", "national", DAY)
    assert Verdict.objects.filter(evaluation=made).count() == 2
    beside = Evaluation.objects.get(kind="quality")  # the rules of data quality hold everywhere
    assert (beside.standard, beside.pack, beside.day) == ("household_quality", "data-quality", DAY)
    assert "重新核查" in client.get(f"/areas/{COUNTY}/results/").content.decode()


def test_the_pack_bound_to_the_area_is_taken() -> None:
    bind_pack(local_admin(), COUNTY, "shangqiu-2018", valid_from=datetime.date(2018, 1, 1))
    press(signed_in(clerk()))
    work()
    assert Evaluation.objects.get(standard="household_exit").pack == "shangqiu-2018"


def test_two_clicks_are_one_job_and_another_day_another() -> None:
    client = signed_in(clerk())
    first, second = press(client), press(client)
    assert first["Location"] == second["Location"]
    assert len(asked()) == 1
    assert "正在核查" in client.get(PAGE, {"area": COUNTY}).content.decode()
    assert "正在核查" in client.get(f"/areas/{COUNTY}/results/").content.decode()
    press(client, day="2018-12-31")
    assert len(asked()) == 2
    work()
    assert press(client)["Location"] != first["Location"], "one that is done does not stand in the way"
    work()
    assert Evaluation.objects.filter(standard="household_exit").count() == 2, (
        "nothing changed: the stored verdicts were found"
    )


def test_clicks_at_the_same_time_are_one_job() -> None:
    actor = actor_for(clerk())
    barrier, begun = threading.Barrier(4), []

    def click() -> None:
        try:
            barrier.wait()
            begun.append(evaluating.begin(actor, COUNTY, DAY).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(begun) == 4
    assert len(set(begun)) == len(asked()) == 1


# -- who, where ---------------------------------------------------------------------------------------------------


def test_a_county_evaluates_its_own_and_nothing_above_or_beside() -> None:
    user = clerk(area=EAST)
    client, actor = signed_in(user), actor_for(user)
    unknown = press(client, area="no-such-area")
    for area in (COUNTY, WEST, "990100000000", "", "x\0", "x" * 5000):
        found = press(client, area=area)
        assert found.status_code == unknown.status_code == 404
        if "\0" not in area:
            assert client.get(PAGE, {"area": area or "x"}).status_code == 404
        with pytest.raises(Missing):
            evaluating.begin(actor, area.replace("\0", ""), DAY)
    assert not asked()
    with pytest.raises(Refused):
        evaluate(actor, "household_exit", day=DAY, area=WEST)
    with pytest.raises(Refused):
        evaluate(actor, "household_exit", day=DAY)
    press(client, area=EAST)
    work()
    judged = Verdict.objects.filter(evaluation__standard="household_exit")
    assert judged.count() == 1, "the household of the west was not judged"


@pytest.mark.parametrize("role", ["township", "village", "auditor", "assessor"])
def test_who_may_not_evaluate_sees_no_form_and_is_refused(role: str) -> None:
    client = signed_in(clerk(role))
    assert press(client).status_code == 403
    assert client.get(PAGE, {"area": COUNTY}).status_code == 403
    for page in (f"/areas/{COUNTY}/", f"/areas/{COUNTY}/results/"):
        assert PAGE not in client.get(page).content.decode()
    assert not asked()


def test_a_grant_that_ended_meanwhile_stops_the_job() -> None:
    user = clerk()
    press(signed_in(user))
    user.grants.update(valid_to=timezone.localdate())
    work()
    [job] = asked()
    assert job.state == "failed"
    assert not Evaluation.objects.exists()


def test_nobody_who_is_not_signed_in_begins_anything() -> None:
    assert press(Client())["Location"].startswith("/sign-in/")
    assert Client(enforce_csrf_checks=True).post(PAGE, {"area": COUNTY}).status_code in {302, 403}
    inside = Client(enforce_csrf_checks=True)
    inside.force_login(clerk())
    assert inside.post(PAGE, {"area": COUNTY, "day": "2018-12-01"}).status_code == 403
    assert not asked()


# -- the day ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day", ["tomorrow", "2018-13-01", "0001-01-01", "1999-12-31", "9999-12-31", "=1+1", "<script>", "2018-12-01x", "\0"]
)
def test_a_bad_day_is_said_in_words(day: str) -> None:
    client = signed_in(clerk())
    answer = press(client, day=day)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    assert client.get(PAGE, {"area": COUNTY, "day": day}).status_code == 400
    assert not asked()


def test_a_day_without_a_poverty_line_leaves_the_standard_out() -> None:
    user = clerk()
    today = timezone.localdate()
    answer = press(signed_in(user), day=today.isoformat())
    assert answer.status_code == 400
    assert "poverty_line" in answer.content.decode()
    with pytest.raises(Problem) as refused:
        evaluating.begin(actor_for(user), COUNTY, today + datetime.timedelta(days=1))
    assert refused.value.code == "bad_day"


def test_the_day_is_that_of_the_newest_import_that_stands() -> None:
    area = AreaVersion.objects.get(code=EAST)
    assert evaluating.default_day(area) == DAY
    record = Import.objects.get()
    later = Import.objects.create(
        started_at=record.started_at, finished_at=record.finished_at, actor="x", digest="", year=2019,
        as_of=datetime.date(2019, 3, 1), path=AreaVersion.objects.get(code=WEST).path,
    )  # fmt: skip
    assert evaluating.default_day(area) == DAY, "one of another township says nothing"
    Import.objects.filter(pk=later.pk).update(path=AreaVersion.objects.get(code=COUNTY).path)
    assert evaluating.default_day(area) == datetime.date(2019, 3, 1)
    Import.objects.filter(pk=later.pk).update(as_of=datetime.date(2999, 1, 1))
    assert evaluating.default_day(area) == timezone.localdate()
    Import.objects.filter(pk=later.pk).update(undone_at=timezone.now())
    assert evaluating.default_day(area) == DAY


# -- crash, next step ---------------------------------------------------------------------------------------------


def test_a_job_that_died_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(clerk())
    press(client)
    row = jobs.claim("a-worker-that-dies")
    while row is not None and row.kind != evaluating.JOB:
        jobs.finish(row, None)
        row = jobs.claim("a-worker-that-dies")
    assert row is not None
    evaluate(local_admin(), "household_exit", day=DAY, area=COUNTY)  # as far as it came
    assert jobs.reap() == 1
    work()
    [job] = asked()
    assert (job.state, job.attempts) == ("done", 2)
    assert Evaluation.objects.filter(standard="household_exit").count() == 1
    with monkeypatch.context() as patched:
        patched.setattr("tuopin.standards.jobs.evaluate_chain", _fails)
        press(client, day="2018-12-31")
        work()
    failed = asked()[-1]
    Job.objects.filter(pk=failed.pk).update(state=Job.State.FAILED)
    assert client.post(f"/jobs/{failed.pk}/again/").status_code == 302
    work()
    assert asked()[-1].state == "done"
    assert Evaluation.objects.filter(standard="household_exit").count() == 2


def _fails(*_args: object, **_values: object) -> None:
    raise RuntimeError("a fault")


def test_an_import_leads_on_to_the_evaluation() -> None:
    number = Import.objects.get().pk
    Import.objects.update(path=AreaVersion.objects.get(code=EAST).path)
    page = f"/register/imports/{number}/"
    whole = signed_in(clerk()).get(page).content.decode()
    assert f"{PAGE}?area={COUNTY}" in whole, "the whole of what the office may evaluate"
    township = signed_in(clerk("township", EAST)).get(page).content.decode()
    assert PAGE not in township
    assert "请县级扶贫办或指挥部重新核查" in township
    Import.objects.update(undone_at=timezone.now(), undone_by="x")
    assert PAGE not in signed_in(User.objects.get(username=f"county{COUNTY}")).get(page).content.decode()
