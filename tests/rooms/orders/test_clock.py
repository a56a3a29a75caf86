"""The clock: what is taken when, once, who hears of it; stops, proposals, time set back."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner
from django.utils import timezone

from rooms.orders.clocks import last_day, matter, saved, steps, told
from rooms.orders.office import BEGIN, DAY, MONDAY, Offices, at
from tuopin.duties.models import Absence, Official, OrganisationVersion, Term
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.orders import services
from tuopin.orders.changes import Given
from tuopin.orders.clock import rows, running
from tuopin.orders.clock import tick as ticking
from tuopin.orders.clock.cli import tick_command
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import LeadProposal, Matter, MatterEvent
from tuopin.platform import working_days
from tuopin.platform.access import local_admin, system
from tuopin.platform.models import AuditEntry, Message
from tuopin.platform.outbox import services as outbox
from tuopin.platform.problems import Problem, Refused

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db
NOW = at(MONDAY)
LIMIT = at(DAY(2018, 6, 30), 0)  # the last day is Friday 29 June


@pytest.fixture
def city() -> Offices:
    return Offices()


def test_every_step_comes_once_on_its_day(city: Offices) -> None:
    [row] = saved([matter(city, NOW, LIMIT, state="issued")])
    assert tick(system(), at(MONDAY, 12)).matters == 0
    seen = []
    for day in range(40):
        now = at(MONDAY + datetime.timedelta(days=day), 13)
        report = tick(system(), now)
        seen += [(timezone.localdate(now), key) for key in report.steps]
        assert tick(system(), now).document() == tick(system(), now).document()
        assert tick(system(), now).matters == 0
    assert seen == [
        (DAY(2018, 6, 13), "unsigned"), (DAY(2018, 6, 26), "remind"), (DAY(2018, 6, 28), "remind_last"),
        (DAY(2018, 6, 30), "overdue"), (DAY(2018, 7, 5), "overdue_again"), (DAY(2018, 7, 12), "lead"),
    ]  # fmt: skip
    row.refresh_from_db()
    assert (row.next_at, row.version) == (None, 1)  # a form that is open stays good
    assert LeadProposal.objects.get().due == LIMIT
    entries = AuditEntry.objects.filter(action="orders.tick")
    assert entries.count() == 6
    assert all(len(entry.digest) == 64 for entry in entries)


def test_a_month_away_gives_every_event_and_one_message(city: Offices) -> None:
    head = city.account("head", "department", "organisation", city.education)
    saved([matter(city, NOW, LIMIT) for _ in range(3)])
    report = tick(system(), at(DAY(2018, 8, 1)))
    assert report.steps == {"remind": 3, "remind_last": 3, "overdue": 3, "overdue_again": 3, "lead": 3}
    assert report.events == 15
    assert Message.objects.filter(user=head).count() == 3
    assert set(Message.objects.filter(user=head).values_list("kind", flat=True)) == {"orders.overdue"}


def test_who_is_told(city: Offices) -> None:
    worker = city.account("worker", "department", "organisation", city.education)
    city.account("boss", "county", "organisation", city.government)
    city.account("group", "discipline", "organisation", city.discipline)
    city.account("stranger", "department", "organisation", city.elsewhere)
    saved([matter(city, NOW, LIMIT)])
    tick(system(), at(DAY(2018, 6, 26)))
    assert told() == {("worker", "orders.remind")}
    tick(system(), at(DAY(2018, 7, 1)))
    assert told("orders.overdue") == {
        ("worker", f"matter:{Matter.objects.get().pk}:overdue:2018-06-30T00:00"),
        ("boss", f"matter:{Matter.objects.get().pk}:overdue:2018-06-30T00:00"),
        ("group", f"matter:{Matter.objects.get().pk}:copy:2018-06-30T00:00"),
    }
    message = Message.objects.filter(user=worker, kind="orders.overdue").get()
    assert "学生" not in f"{message.title_zh}{message.parameters}{message.word}"  # no title of a matter


def test_a_petition_is_told_to_its_holder_and_its_office_alone(city: Offices) -> None:
    city.account("worker", "department", "organisation", city.education)
    city.account("boss", "county", "organisation", city.government)
    city.account("group", "discipline", "organisation", city.discipline)
    city.account("keeper", "discipline", "area", city.county.area_id)
    city.account("office", "petition_office", "area", city.county.area_id)
    city.account("far", "petition_office", "area", city.other.area_id)
    saved([matter(city, NOW, LIMIT, kind="petition", urgency="petition")])
    for day in (DAY(2018, 7, 1), DAY(2018, 7, 6), DAY(2018, 8, 1)):
        tick(system(), at(day))
    assert {name for name, _kind in told()} == {"worker", "office"}
    assert not LeadProposal.objects.exists()


def head_of(city: Offices, organisation: int, name: str) -> tuple[int, str]:
    """The first responsible person of an organisation, with an account."""
    me = local_admin()
    user = city.account(name, "county", "organisation", city.elsewhere)  # a grant elsewhere: told as the head alone
    [number] = officials.add_officials(me, [(name, "", "")], area_id=city.county.area_id, day=BEGIN)
    post = organisations.add_post(
        me, organisation, "主要负责人", day=BEGIN, level="county", authority="city", first_responsible=True
    )
    officials.appoint(me, number, post, day=BEGIN)
    Official.objects.filter(pk=number).update(user=user)
    return number, name


def test_a_vacancy_goes_to_the_next_above_and_is_reported(city: Offices) -> None:
    city.account("worker", "department", "organisation", city.education)
    mayor, _ = head_of(city, city.government, "mayor")
    head_of(city, city.issuer, "director")
    saved([matter(city, NOW, LIMIT), matter(city, NOW, at(DAY(2018, 7, 7), 0))])
    tick(system(), at(DAY(2018, 7, 1)))
    assert {name for name, _kind in told("orders.overdue")} == {"worker", "mayor"}
    Term.objects.filter(official_id=mayor).update(valid_to=DAY(2018, 7, 2))
    tick(system(), at(DAY(2018, 7, 7)))
    event = MatterEvent.objects.filter(act="clock.vacancy").first()
    assert event is not None
    assert event.data["organisations"] == [city.government]
    assert {name for name, _kind in told("orders.vacancy")} == {"director"}
    assert ("director", "orders.overdue") in told()


def test_a_stand_in_takes_it(city: Offices) -> None:
    city.account("worker", "department", "organisation", city.education)
    mayor, _ = head_of(city, city.government, "mayor")
    deputy = city.official("deputy", city.government, user=city.account("deputy", "county", "area", city.other.area_id))
    Absence.objects.create(
        official_id=mayor, kind="leave", document="假条", stand_in_id=deputy, valid_from=DAY(2018, 6, 20)
    )
    saved([matter(city, NOW, LIMIT)])
    tick(system(), at(DAY(2018, 7, 1)))
    assert {name for name, _kind in told("orders.overdue")} == {"worker", "deputy"}


def test_a_loop_among_superiors_ends(city: Offices) -> None:
    OrganisationVersion.objects.filter(organisation_id=city.government).update(parent_id=city.education)
    city.account("worker", "department", "organisation", city.education)
    city.account("boss", "county", "organisation", city.government)
    saved([matter(city, NOW, LIMIT)])
    tick(system(), at(DAY(2018, 7, 1)))
    assert {name for name, _kind in told("orders.overdue")} == {"worker", "boss"}


def test_the_clock_does_not_run_back(city: Offices) -> None:
    saved([matter(city, NOW, LIMIT)])
    tick(system(), at(DAY(2018, 6, 26)))
    with pytest.raises(Problem) as found:
        tick(system(), at(DAY(2018, 6, 25)))
    assert found.value.code == "clock_set_back"
    ahead = timezone.now() + datetime.timedelta(days=2)
    with pytest.raises(Problem) as found:
        tick(system(), ahead)
    assert found.value.code == "clock_ahead"
    assert steps() == ["remind"]
    tick(system(), ahead, force=True)
    tick(system(), at(DAY(2018, 6, 25)), force=True)
    assert tick(system(), at(DAY(2018, 6, 26))).matters == 0
    with pytest.raises(Refused):
        tick(city.city_office(), NOW)


def test_a_batch_that_is_killed_did_not_happen(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    city.account("worker", "department", "organisation", city.education)
    saved([matter(city, NOW, LIMIT) for _ in range(10)])
    posts = []

    def post(*args: Any, **given: Any) -> Any:
        posts.append(1)
        if len(posts) == 2:
            raise KeyboardInterrupt
        return real(*args, **given)

    real = outbox.post
    monkeypatch.setattr(outbox, "post", post)
    with pytest.raises(KeyboardInterrupt):
        tick(system(), at(DAY(2018, 7, 1)), size=4)
    assert len(steps()) == 4 * 3
    monkeypatch.setattr(outbox, "post", real)
    assert tick(system(), at(DAY(2018, 7, 1)), size=4).matters == 6
    assert len(steps()) == 10 * 3
    assert Message.objects.count() == 10


def test_what_a_stop_ends_is_an_event(city: Offices) -> None:
    row = city.issued(NOW, DAY(2018, 6, 29))
    row = city.act(city.city_office(), "stop", row, NOW, note="责任人外出", until=DAY(2018, 6, 14))
    tick(system(), at(DAY(2018, 6, 13), 23))
    assert steps() == []
    tick(system(), at(DAY(2018, 6, 14)))
    row.refresh_from_db()
    assert (row.stopped_from, row.stopped_until) == (None, None)
    assert steps(row) == ["stop_ended", "unsigned"]  # what the clock would have said meanwhile comes now
    assert tick(system(), at(DAY(2018, 6, 15))).matters == 0


def test_an_absence_stops_the_clock_once(city: Offices) -> None:
    number = city.official("科长", city.education)
    [row] = saved([matter(city, NOW, LIMIT, official_id=number)])
    absence = Absence.objects.create(
        official_id=number, kind="sick", document="病假条", valid_from=DAY(2018, 6, 20), valid_to=DAY(2018, 6, 23)
    )
    assert tick(system(), at(DAY(2018, 6, 19))).stopped == 0
    assert tick(system(), at(DAY(2018, 6, 20))).stopped == 1
    assert tick(system(), at(DAY(2018, 6, 21))).stopped == 0
    row.refresh_from_db()
    assert timezone.localtime(row.limit_at) == at(DAY(2018, 7, 5), 0)  # three working days: Wednesday to Friday
    event = MatterEvent.objects.get(act="clock.stop")
    assert "sick" not in str(event.data)  # why somebody is away is nobody's business
    tick(system(), at(DAY(2018, 6, 25)))
    absence.delete()
    assert steps(row)[:2] == ["stop", "stop_ended"]


def test_days_that_were_stopped_already_do_not_count_again(city: Offices) -> None:
    number = city.official("科长", city.education)
    row = city.issued(NOW, DAY(2018, 6, 29), official_id=number)
    city.act(city.city_office(), "stop", row, NOW, note="责任人外出", until=DAY(2018, 6, 14))
    Absence.objects.create(
        official_id=number, kind="leave", document="假条", valid_from=MONDAY, valid_to=DAY(2018, 6, 16)
    )
    assert tick(system(), at(DAY(2018, 6, 13))).stopped == 0  # it is stopped already
    assert tick(system(), at(DAY(2018, 6, 14))).stopped == 1, "the tick that would end it"
    assert tick(system(), at(DAY(2018, 6, 14))).stopped == 0
    row.refresh_from_db()
    assert last_day(row) == DAY(2018, 7, 6)  # three days, and two more
    assert (row.stopped_from, row.stopped_until) == (MONDAY, DAY(2018, 6, 16)), "without a break"
    assert steps(row) == ["stop"], "whoever is away is not reminded between the two"
    tick(system(), at(DAY(2018, 6, 16)))
    assert steps(row) == ["stop", "stop_ended", "unsigned"]


def test_with_a_stand_in_no_clock_stops(city: Offices) -> None:
    number, other = city.official("科长", city.education), city.official("副科长", city.education, "副科长")
    saved([matter(city, NOW, LIMIT, official_id=number)])
    Absence.objects.create(
        official_id=number, kind="sick", document="病假条", stand_in_id=other, valid_from=DAY(2018, 6, 20)
    )
    assert tick(system(), at(DAY(2018, 6, 20))).stopped == 0


def test_the_time_to_ask_for_a_review_ends_by_itself(city: Offices) -> None:
    closed = at(DAY(2018, 6, 1), 15)
    [row] = saved([matter(city, NOW, LIMIT, kind="petition", urgency="petition", state="closed", closed_at=closed)])
    assert row.next_at == at(DAY(2018, 7, 2), 0)
    tick(system(), at(DAY(2018, 7, 1), 23))
    row.refresh_from_db()
    assert row.state == "closed"
    tick(system(), at(DAY(2018, 7, 2)))
    assert Matter.objects.values_list("state", "next_at", "version").get() == ("final", None, 2)
    assert MatterEvent.objects.filter(act="satisfied", came_from="closed", went_to="final").count() == 1


def test_a_look_back_is_said_to_the_verifier(city: Offices) -> None:
    verifier = city.official(
        "核查员", city.issuer, user=city.account("checker", "inspector", "area", city.city.area_id)
    )
    day = DAY(2018, 8, 1)
    saved([matter(city, NOW, LIMIT, state="closed", closed_at=NOW, look_back_on=day, verifier_id=verifier)])
    tick(system(), at(day))
    assert told() == {("checker", "orders.look_back")}


def test_reporting_up_moves_the_duty_and_protects(city: Offices) -> None:
    mayor, _ = head_of(city, city.government, "mayor")
    row = city.issued(NOW, DAY(2018, 6, 15))
    holder = city.department()
    with pytest.raises(Problem) as found:
        city.act(holder, "report_up", row, NOW, note="要县里协调")
    assert found.value.code == "incomplete"
    row = city.act(holder, "report_up", row, NOW, note="要县里协调", within_authority=False)
    assert (row.state, row.holder_id, row.official_id) == ("issued", city.government, mayor)
    assert (row.reported_up, row.within_authority) == (True, False)
    assert row.limit_at == at(DAY(2018, 7, 4), 0)  # fifteen working days of its own
    assert ("mayor", "orders.assigned") in told()
    tick(system(), at(DAY(2018, 8, 1)))
    proposal = LeadProposal.objects.get()
    assert (proposal.holder_id, proposal.official_id) == (city.government, mayor)  # never who reported


def test_who_reported_in_time_is_not_proposed_when_it_comes_back(city: Offices) -> None:
    row = city.issued(NOW, DAY(2018, 6, 15))
    row = city.act(city.department(), "report_up", row, NOW, note="要县里协调", within_authority=False)
    city.act(city.city_office(), "reassign", row, NOW, note="仍由县教育局办", holder_id=city.education)
    tick(system(), at(DAY(2018, 8, 1)))
    assert not LeadProposal.objects.exists()


def test_reporting_up_is_refused_late_and_at_the_top(city: Offices) -> None:
    row = city.issued(NOW, DAY(2018, 6, 15))
    with pytest.raises(Problem) as found:
        city.act(city.department(), "report_up", row, at(DAY(2018, 6, 16), 0), note="办不了", within_authority=False)
    assert found.value.code == "report_late"
    top = city.issued(NOW, holder_id=city.issuer)
    with pytest.raises(Problem) as found:
        city.act(city.city_office(), "report_up", top, NOW, note="办不了", within_authority=False)
    assert found.value.code == "nobody_above"
    assert services.act(city.department(), "receive", [row.pk], Given(), NOW)[0].state == "received"


def test_statements_of_a_tick_do_not_grow(city: Offices, django_assert_max_num_queries: Any) -> None:
    city.account("worker", "department", "organisation", city.education)
    saved([matter(city, NOW, LIMIT) for _ in range(300)])
    with django_assert_max_num_queries(70):
        tick(system(), at(DAY(2018, 7, 1)))
    assert Message.objects.count() == 300


def test_a_row_that_is_not_due_any_more_is_put_right(city: Offices) -> None:
    [row] = saved([matter(city, NOW, LIMIT)])
    Matter.objects.update(next_at=NOW)  # the calendar changed, say
    tick(system(), at(DAY(2018, 6, 20)))
    row.refresh_from_db()
    assert row.next_at == at(DAY(2018, 6, 26), 0)
    assert steps() == []
    assert rows.row_of(row).id == row.pk


NOTICE = (
    "off = [2097-01-01, 2097-01-02, 2097-01-03, 2097-01-04]\nworked = [2097-01-05]\n"  # Tuesday to Friday, Saturday
)


def test_limits_are_counted_again_when_a_year_comes_out(
    city: Offices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_days, "folder", lambda: tmp_path)
    (tmp_path / "2096.toml").write_text("off = [2096-01-02]\n", "utf-8")
    december = at(DAY(2096, 12, 28))  # a Friday
    tick(system(), december, force=True)
    counted = city.issued(december)
    named = city.issued(december, DAY(2097, 1, 3))
    kept = city.issued(december, DAY(2097, 1, 8))
    assert counted.provisional
    assert last_day(counted) == DAY(2097, 1, 18)
    (tmp_path / "2097.toml").write_text(NOTICE, "utf-8")
    assert tick(system(), at(DAY(2096, 12, 29)), force=True).recounted == 2
    for row in (counted, named, kept):
        row.refresh_from_db()
        assert not row.provisional
    assert last_day(counted) == DAY(2097, 1, 23)  # four days off, one worked
    assert last_day(named) == DAY(2097, 1, 5)  # no working day: the next one
    assert last_day(kept) == DAY(2097, 1, 8)  # somebody named the day
    assert MatterEvent.objects.filter(act="clock.recounted").count() == 2
    assert tick(system(), at(DAY(2096, 12, 30)), force=True).recounted == 0


def test_limits_are_counted_again_when_a_year_is_corrected(
    city: Offices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those over the changed days that lie ahead move, and say why; one that had passed stays, and is named; a
    correction makes nobody late."""
    monkeypatch.setattr(working_days, "folder", lambda: tmp_path)
    (tmp_path / "2096.toml").write_text("off = [2096-01-02]\n", "utf-8")
    (tmp_path / "2097.toml").write_text(NOTICE, "utf-8")
    begin = at(DAY(2096, 12, 28))
    tick(system(), begin, force=True)
    past, counted = city.issued(begin, DAY(2097, 1, 7)), city.issued(begin)
    named, before = city.issued(begin, DAY(2097, 1, 10)), city.issued(begin, DAY(2096, 12, 31))
    late = [row.limit_at for row in (past, before)]
    assert last_day(counted) == DAY(2097, 1, 23)
    now = at(DAY(2097, 1, 9))
    (tmp_path / "2097.toml").write_text(NOTICE.replace("2097-01-04]", "2097-01-10, 2097-01-11]"), "utf-8")
    assert tick(system(), now, force=True).recounted == 2
    for row in (past, counted, named, before):
        row.refresh_from_db()
    assert [past.limit_at, before.limit_at] == late
    assert last_day(counted) == DAY(2097, 1, 24)
    assert last_day(named) == DAY(2097, 1, 14)  # a day off by now
    detail = orjson.loads(AuditEntry.objects.filter(action="orders.recount_limits").latest("pk").detail)
    assert (detail["past"], detail["past_matters"]) == (1, [past.pk]), "counted over that day, and over already"
    (tmp_path / "2097.toml").write_text("off = [2097-12-31]\nworked = [2097-12-28]\n", "utf-8")
    assert tick(system(), at(DAY(2097, 1, 22)), force=True).recounted == 1
    counted.refresh_from_db()
    assert last_day(counted) == DAY(2097, 1, 22), "not before today"


def test_the_worker_runs_it_now_and_then(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    saved([matter(city, NOW, LIMIT)])
    monkeypatch.setattr(running, "_next", [0.0])
    running.tend()
    assert len(steps()) == 5
    Matter.objects.update(next_at=NOW, step=0)
    running.tend()  # a moment later: not yet
    assert Matter.objects.filter(next_at=NOW).exists()
    ticking.remember(timezone.now() + datetime.timedelta(hours=1))
    monkeypatch.setattr(running, "_next", [0.0])
    running.tend()  # the machine's clock was set back: said in the log, and nothing else stops
    assert Matter.objects.filter(next_at=NOW).exists()


def test_what_was_dealt_with_is_no_longer_an_open_message(city: Offices) -> None:
    row = city.issued(NOW, DAY(2018, 6, 29))
    holder = city.department()
    tick(system(), at(DAY(2018, 6, 13)))
    assert Message.objects.filter(user_id=holder.user_id or 0, done_at=None).count() == 1
    city.act(holder, "receive", row, at(DAY(2018, 6, 13)))
    assert not Message.objects.filter(user_id=holder.user_id or 0, done_at=None).exists()


def test_the_command(city: Offices) -> None:
    saved([matter(city, NOW, LIMIT)])
    run = CliRunner().invoke(tick_command, ["--now", "2018-07-01T08:00", "--json"])
    assert json.loads(run.output)["steps"] == {"overdue": 1, "remind": 1, "remind_last": 1}
    assert CliRunner().invoke(tick_command, ["--now", "9999-12-31"]).exit_code == 2
    assert isinstance(CliRunner().invoke(tick_command, ["--now", "2018-06-01"]).exception, Problem)
