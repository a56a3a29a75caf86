"""Import → evaluate → open in one go: looked at first, cut off and begun again, nothing twice."""

from __future__ import annotations

import datetime
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from county import areas, household, households, person, take, taken
from people import account, signed_in
from rooms.register.importing.steps import hand_in, press, upload
from tuopin.cycle import chain, panels, services
from tuopin.cycle.cli import cycle_group
from tuopin.cycle.models import Opening
from tuopin.duties.organisations import services as organisations
from tuopin.duties.visits.models import VisitProblem
from tuopin.orders.models import Matter
from tuopin.platform import jobs, worker
from tuopin.platform.access import actor_for, local_admin, one_page
from tuopin.platform.models import Job, User
from tuopin.platform.panels import next_steps
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion, Household, Import
from tuopin.standards import panels as standards
from tuopin.standards.models import Evaluation

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 12, 1)
COUNTY, EAST = "990101000000", "990101100000"
ADDRESS = "/cycle/chain/"


@pytest.fixture(autouse=True)
def _ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A county with an office; its unknown and unmet items of the exit standard open matters."""
    (tmp_path / "maps").mkdir()
    monkeypatch.setattr("tuopin.register.importing.maps.make_home", lambda: tmp_path / "maps")
    taken("areas_of_a_day", areas(tmp_path / "areas"), as_of=DAY)
    version = AreaVersion.objects.get(code=COUNTY, valid_to=None)
    issuer = organisations.found_organisation(
        local_admin(), "县扶贫办", "leading_group_office", area_id=version.area_id, day=DAY
    )
    for origin in ("not_met", "unknown"):
        Opening.objects.create(
            area_id=version.area_id, standard="household_exit", origin=origin, issuer_id=issuer,
            chosen_at=timezone.now(), chosen_by="x",
        )  # fmt: skip


def place() -> AreaVersion:
    return AreaVersion.objects.get(code=COUNTY, valid_to=None)


def clerk() -> User:
    return account("clerk", "county", COUNTY)


def work() -> None:
    worker.work(threading.Event(), until_empty=True)


def rows(folder: Path) -> Path:
    return households(
        folder, household("9901", 饮水是否安全="否"), household("9902", person("990201"), 饮水是否安全="")
    )


def newest() -> Job:
    return Job.objects.filter(kind__in=[chain.JOB, chain.LOOK]).latest("pk")


def say(client: Client, do: str, **more: Any) -> Any:
    answer = client.post(ADDRESS, {"area": COUNTY, "do": do, "day": "2018-12-01", **more})
    work()
    return answer


def test_looked_at_then_done_and_again_nothing(tmp_path: Path) -> None:
    take(rows(tmp_path / "two"), as_of=DAY)
    client = signed_in(clerk())
    assert client.get(ADDRESS, {"area": COUNTY}).status_code == 200
    answer = say(client, "begin")
    assert answer.status_code == 400
    assert "请先试算" in answer.content.decode()
    assert say(client, "look").status_code == 302
    assert not Evaluation.objects.exists()
    assert not Matter.objects.exists()
    page = client.get(newest().result["href"]).content.decode()
    assert "贫困人口退出标准" in page
    assert 'value="begin"' in page
    assert say(client, "begin").status_code == 302
    done = newest()
    assert (done.kind, done.state) == (chain.JOB, "done")
    opened = Matter.objects.count()
    assert opened == done.result["opened"] > 0
    judged = Evaluation.objects.count()
    assert judged == done.result["evaluations"]
    say(client, "look")
    say(client, "begin")
    assert newest().result["opened"] == 0
    assert (Matter.objects.count(), Evaluation.objects.count()) == (opened, judged)


def test_cut_off_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the import, after the evaluation, half-way through the opening."""
    client = signed_in(clerk())
    number = hand_in(client, upload(rows(tmp_path / "set")))
    answer = client.post(ADDRESS, {"area": COUNTY, "do": "look", "set": str(number)})
    assert answer.status_code == 400  # not previewed yet
    press(client, number, "preview")
    assert reverse("cycle:chain") in client.get(f"/register/imports/sets/{number}/").content.decode()
    given = {"area": COUNTY, "day": "2018-12-01", "set": str(number)}
    client.post(ADDRESS, given | {"do": "look"})
    work()
    assert newest().result["look"]["import"]["households_imported"] == 2
    assert not Household.objects.exists()
    client.post(ADDRESS, given | {"do": "begin"})
    stops = [0]

    def attempt(patched: str) -> None:
        with monkeypatch.context() as patch:
            if patched:
                patch.setattr(patched, broken)
            Job.objects.filter(state="queued").exclude(kind=chain.JOB).delete()  # upkeep that follows from the import
            row = jobs.claim("test")
            assert row is not None
            worker.attempt(row)
        Job.objects.filter(pk=row.pk, state="queued").update(run_after=timezone.now(), max_attempts=9)

    def broken(*_given: Any, **_more: Any) -> Any:
        stops[0] += 1
        raise RuntimeError("power off")

    attempt("tuopin.cycle.chain.evaluate_chain")
    assert (Import.objects.filter(prepared=number).count(), Evaluation.objects.count()) == (1, 0)
    attempt("tuopin.cycle.services.open_found")
    judged = Evaluation.objects.count()
    assert judged > 0
    assert not Matter.objects.exists()
    whole = services._One.reopen
    with monkeypatch.context() as patch:
        patch.setattr(services._One, "reopen", broken)
        attempt("")
    opened = Matter.objects.count()
    assert opened > 0
    assert services._One.reopen is whole
    work()
    done = Job.objects.get(kind=chain.JOB)
    assert done.state == "done", done.error
    assert stops == [3]
    assert Import.objects.filter(prepared=number).count() == 1
    assert Evaluation.objects.count() == judged
    assert Matter.objects.count() > opened  # what the second origin finds
    again = services.run(local_admin(), place(), timezone.now())
    assert again.opened == 0


def test_what_people_told_opens_matters_where_nothing_can_be_evaluated(client: Client) -> None:
    """No household was imported in the county; its village has a problem that a visit found."""
    village = AreaVersion.objects.filter(level="village", path__startswith=place().path).order_by("code")[0]
    Opening.objects.update(standard="housing", origin="visit", ended_at=timezone.now())
    VisitProblem.objects.create(
        household=None, area_id=village.area_id, sort="housing", text="x", visit_number=1, first_day=DAY, last_day=DAY
    )
    actor = actor_for(clerk())
    Opening.objects.filter(pk=Opening.objects.latest("pk").pk).update(ended_at=None)
    found = chain.look(actor, place(), DAY, None)
    assert (found["standards"], found["told"]) == ([], True)
    assert [each["fresh"] for each in found["openings"]] == [1]
    made, report = chain.run(actor, place(), DAY, timezone.now())
    assert (made, report.opened) == (0, 1)
    Opening.objects.update(standard="household_exit", origin="not_met")
    with pytest.raises(Problem, match="nothing_to_evaluate"):
        chain.run(actor, place(), DAY, timezone.now())


def test_the_link_after_an_import_names_its_area(tmp_path: Path) -> None:
    take(rows(tmp_path / "two"), as_of=DAY)
    record, actor = Import.objects.latest("pk"), actor_for(clerk())
    [link] = panels.after_import(actor, record)
    assert link.href == f"{ADDRESS}?area={COUNTY}"
    assert place().name in link.title.zh
    assert panels.after_import(actor_for(account("inspector", "inspector", COUNTY)), record) == []
    assert panels.after_import(actor_for(account("town", "township", EAST)), record) == []
    with one_page(), CaptureQueriesContext(connection) as evaluate:
        standards.after_import(actor, record)
    with one_page(), CaptureQueriesContext(connection) as every:
        assert len(next_steps(actor, record)) > 1
    assert len(every) == len(evaluate) + 1  # the area is asked for once, and whether a ledger came


def test_two_clicks_are_one_job(tmp_path: Path) -> None:
    take(rows(tmp_path / "two"), as_of=DAY)
    actor = actor_for(clerk())
    chain.begin(actor, place(), DAY, None, dry=True)
    work()
    first = chain.begin(actor, place(), DAY, None, dry=False)
    assert chain.begin(actor, place(), DAY, None, dry=False).pk == first.pk


def test_a_look_of_yesterday_or_of_another_choice_is_none(tmp_path: Path) -> None:
    take(rows(tmp_path / "two"), as_of=DAY)
    client = signed_in(clerk())
    say(client, "look")
    assert 'value="begin"' in client.get(ADDRESS, {"area": COUNTY, "day": "2018-12-01"}).content.decode()
    day = datetime.timedelta(days=1)
    Job.objects.update(started_at=timezone.now() - day)
    assert say(client, "begin").status_code == 400
    Job.objects.update(started_at=timezone.now())
    Opening.objects.filter(origin="unknown").update(ended_at=timezone.now())
    assert 'value="begin"' not in client.get(ADDRESS, {"area": COUNTY, "day": "2018-12-01"}).content.decode()
    assert say(client, "begin").status_code == 400
    assert not Matter.objects.exists()


def test_who_may_not_and_what_cannot_be(tmp_path: Path) -> None:
    take(rows(tmp_path / "two"), as_of=DAY)
    area = place()
    for role in ("township", "inspector", "auditor"):
        user = account(role, role, COUNTY)
        with pytest.raises(Refused):
            chain.begin(actor_for(user), area, DAY, None, dry=True)
        assert signed_in(user).get(ADDRESS, {"area": COUNTY}).status_code in {403, 404}
    client = signed_in(clerk())
    for bad in (
        {"do": "x"}, {"day": "x"}, {"day": "9999-99-99"}, {"do": "look", "set": "9" * 40},
        {"do": "look", "day": "9999-12-31"}, {"do": "look", "day": "1900-01-01"},
    ):  # fmt: skip
        assert client.post(ADDRESS, {"area": COUNTY, **bad}).status_code in {400, 404}
    for bad in ({"day": "\0"}, {"set": "7"}, {"set": "x"}, {"area": "nothing"}):
        assert client.get(ADDRESS, {"area": COUNTY, **bad}).status_code in {200, 400, 404}
    other = account("other", "county", COUNTY)
    number = hand_in(client, upload(rows(tmp_path / "set")))
    with pytest.raises(Missing):  # another’s files
        chain.begin(actor_for(other), area, DAY, number, dry=True)
    Opening.objects.update(ended_at=timezone.now())
    with pytest.raises(Problem):
        chain.begin(actor_for(other), area, DAY, None, dry=True)


def test_the_page_has_few_statements(tmp_path: Path, django_assert_max_num_queries: Any) -> None:
    take(rows(tmp_path / "two"), as_of=DAY)
    client = signed_in(clerk())
    say(client, "look")
    with django_assert_max_num_queries(20):
        assert client.get(ADDRESS, {"area": COUNTY, "day": "2018-12-01"}).status_code == 200


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(rows(tmp_path / "two"))
    given = ["run", path, "--area", COUNTY, "--day", "2018-12-01", "--json"]
    cycle_group.main([*given, "--dry-run"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert told["import"]["households"] == 2
    assert not Household.objects.exists()
    assert register.area(local_admin(), COUNTY).code == COUNTY
    cycle_group.main(given, standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert told["opened"] == Matter.objects.count() > 0
    cycle_group.main(given, standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["opened"] == 0
