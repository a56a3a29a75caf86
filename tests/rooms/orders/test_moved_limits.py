"""Limits that move by themselves: parts that come to end after their whole, and clocks that stood still by days that
turn out to be others."""

from __future__ import annotations

import datetime
import itertools
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from people import PASSWORD
from rooms.orders.clocks import last_day, steps
from rooms.orders.office import DAY, MONDAY, Offices, at
from tuopin.duties.models import Absence
from tuopin.duties.officials import services as officials
from tuopin.orders import services
from tuopin.orders.changes import Given
from tuopin.orders.clock import absences, correcting
from tuopin.orders.clock.rows import Event, write_events
from tuopin.orders.clock.tick import tick
from tuopin.orders.families import progress
from tuopin.orders.models import Matter, MatterEvent
from tuopin.platform import working_days
from tuopin.platform.access import grants_of, local_admin, system
from tuopin.platform.api import tokens
from tuopin.platform.models import AuditEntry, Marker, Message
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db
NOW = at(MONDAY)
ONE = datetime.timedelta(days=1)
_NUMBERS = itertools.count()
WHOLE_ENDS = DAY(2018, 6, 22)


@pytest.fixture
def city() -> Offices:
    return Offices()


@pytest.fixture
def calendar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of years that an office adds."""
    monkeypatch.setattr(working_days, "folder", lambda: tmp_path)
    return tmp_path


def family(city: Offices, **more: Any) -> tuple[Matter, Matter]:
    """A whole of the county’s government, and its part, held by the department; both end on a Friday."""
    whole = city.issued(NOW, WHOLE_ENDS, title="总件", holder_id=city.government)
    return whole, city.issued(NOW, WHOLE_ENDS, title="分件", parent_id=whole.pk, **more)


def told_of(whole: Matter) -> list[tuple[str, str]]:
    """Who heard that a part ends after a whole, and of which day."""
    found = Message.objects.filter(key__startswith=f"matter:{whole.pk}:part_later:").order_by("pk")
    return [(each.user.username, each.parameters["limit"]) for each in found.select_related("user")]


# -- parts and wholes -------------------------------------------------------------------------------------------------


def test_a_stop_moves_a_part_past_its_whole_and_all_are_told(city: Offices) -> None:
    """Who is ill is ill: a stop is not refused because of another matter. Whose whole waits hears of it, once."""
    boss = city.city_office()
    city.account("mayor", "county", "organisation", city.government)
    city.account("leader", "headquarters", "organisation", city.issuer)
    whole, part = family(city)
    part = city.act(boss, "stop", part, NOW, note="病假", until=DAY(2018, 6, 14))
    whole.refresh_from_db()
    assert (last_day(part), last_day(whole)) == (DAY(2018, 6, 27), WHOLE_ENDS)
    assert sorted(told_of(whole)) == [("leader", "2018-06-27"), ("mayor", "2018-06-27")]
    found, _parts = progress.of(boss, whole, NOW)
    assert (found.beyond, found.until) == (1, DAY(2018, 6, 27))
    part = city.act(boss, "resume", part, at(DAY(2018, 6, 12)))
    assert last_day(part) == DAY(2018, 6, 25)
    assert [day for _name, day in told_of(whole)].count("2018-06-25") == 2
    city.act(boss, "extend", whole, NOW, limit=DAY(2018, 6, 25))
    whole.refresh_from_db()
    assert progress.of(boss, whole, NOW)[0].beyond == 0
    late = at(DAY(2018, 6, 28))
    assert progress.of(boss, whole, late)[0].beyond == 0, "late itself: nothing more is said of its parts"


def test_the_pages_of_both_and_the_api_say_it(city: Offices) -> None:
    boss, soon = city.city_office(), at(timezone.localdate() + 20 * ONE, 0)
    whole, part = family(city)
    Matter.objects.filter(pk=whole.pk).update(limit_at=soon)
    Matter.objects.filter(pk=part.pk).update(limit_at=soon + 2 * ONE)
    page = Client()
    assert page.login(username="city", password=PASSWORD)

    def shown(row: Matter) -> str:
        return page.get(reverse("orders:matter", args=[row.pk])).content.decode()

    def counted() -> int:
        allowed, held = [each.name for each in tokens.offered(boss)], [each.pk for each in grants_of(boss)]
        _row, secret = tokens.make_token(boss, f"t{next(_NUMBERS)}", grants=held, permissions=allowed, days=1)
        headers = {"Authorization": f"Bearer {secret}"}
        found: int = Client().get(reverse("api:matter", args=[whole.pk]), headers=headers).json()["progress"]["beyond"]
        return found

    assert f"1 件分件晚于总件到期，最晚 {timezone.localdate(soon) + ONE}" in shown(whole)
    assert "本件时限晚于上级件" in shown(part)
    assert counted() == 1
    Matter.objects.filter(pk=whole.pk).update(limit_at=soon + 2 * ONE)
    assert "晚于" not in shown(whole) + shown(part)
    assert counted() == 0


def test_who_takes_a_part_that_is_reported_up_has_the_whole_time(city: Offices) -> None:
    city.account("mayor", "county", "organisation", city.government)
    whole, part = family(city)
    later = at(DAY(2018, 6, 21))
    part = city.act(city.department(), "report_up", part, later, note="超出本级权限", within_authority=False)
    assert last_day(part) > last_day(whole)
    assert sorted(told_of(whole)) == [
        ("city", str(last_day(part))),
        ("mayor", str(last_day(part))),
    ]  # its issuer, its holder


def test_an_absence_and_corrected_days_off_say_it_too(city: Offices, calendar: Path) -> None:
    (calendar / "2018.toml").write_text("off = [2018-01-01]\n", "utf-8")
    city.account("mayor", "county", "organisation", city.government)
    head = city.official("科长", city.education)
    tick(system(), NOW)
    whole, part = family(city, official_id=head)
    [usual] = services.draft(city.city_office(), [city.draft(parent_id=whole.pk)], NOW)
    city.act(city.city_office(), "extend", whole, NOW, limit=DAY(2018, 7, 2))
    usual = city.act(city.city_office(), "issue", usual, NOW)
    assert last_day(usual) == DAY(2018, 7, 2), "fifteen working days"
    Absence.objects.create(official_id=head, kind="sick", valid_from=DAY(2018, 6, 12), valid_to=DAY(2018, 6, 22))
    tick(system(), at(DAY(2018, 6, 12)))
    part.refresh_from_db()
    assert (last_day(part), sorted(told_of(whole))) == (
        DAY(2018, 7, 4),
        [("city", "2018-07-04"), ("mayor", "2018-07-04")],
    )
    (calendar / "2018.toml").write_text(f"off = [2018-01-01, {DAY(2018, 6, 27)}, {DAY(2018, 6, 28)}]\n", "utf-8")
    tick(system(), at(DAY(2018, 6, 13)))
    usual.refresh_from_db()
    assert last_day(usual) == DAY(2018, 7, 4), "counted, it moves; the whole’s day was named and stays"
    part.refresh_from_db()
    assert last_day(part) == DAY(2018, 7, 6), "the days of the stop are counted on after two more days off"
    assert sorted(told_of(whole))[1:] == [("city", "2018-07-06"), ("mayor", "2018-07-04"), ("mayor", "2018-07-06")]


def test_nobody_gives_a_part_such_a_limit(city: Offices) -> None:
    """By a merge that carries parts along, or by giving the whole an earlier day, either."""
    boss = city.city_office()
    into = city.issued(NOW, DAY(2018, 6, 15))
    whole, part = family(city)
    with pytest.raises(Problem, match="after_whole"):
        city.act(boss, "merge", whole, NOW, note="重复", into_id=into.pk)
    city.act(boss, "extend", into, NOW, limit=WHOLE_ENDS)
    city.act(boss, "merge", whole, NOW, note="重复", into_id=into.pk)
    part.refresh_from_db()
    assert part.parent_id == into.pk
    holder, checker = city.department(), city.inspector()
    into = city.act(holder, "receive", into, NOW)
    part = city.act(holder, "receive", part, NOW)
    part = city.act(holder, "done", part, NOW, note="已办")
    part = city.act(boss, "close", city.act(checker, "verify", part, NOW, note="属实"), NOW)
    into = city.act(holder, "done", into, NOW, note="已办")
    city.act(checker, "reopen", part, NOW, note="反弹", limit=DAY(2018, 6, 29))
    with pytest.raises(Problem, match="parts_later"):
        city.act(checker, "return", into, NOW, note="有分件反弹", limit=DAY(2018, 6, 22))
    assert city.act(checker, "return", into, NOW, note="有分件反弹", limit=DAY(2018, 6, 29)).state == "working"


# -- days that turn out to be others ----------------------------------------------------------------------------------


def ill(city: Offices, first: datetime.date, last: datetime.date | None = None, **more: Any) -> tuple[Matter, Absence]:
    """A matter of somebody who is ill; its limit lies far ahead."""
    number = next(_NUMBERS)
    head = city.official(f"科长{number}", city.education, f"科长{number}")
    row = city.issued(NOW, DAY(2018, 9, 28), official_id=head, **more)
    return row, Absence.objects.create(
        official_id=head, kind="sick", valid_from=first, valid_to=last, document="病假条"
    )


def moved(first: datetime.date, until: datetime.date) -> datetime.date:
    """28 September, moved by the working days of a stop."""
    calendar = working_days.calendar()
    return calendar.after(DAY(2018, 9, 28), calendar.between(first - ONE, until - ONE)).day


def ticked(row: Matter, *days: datetime.date) -> Matter:
    for day in days:
        tick(system(), at(day))
    row.refresh_from_db()
    return row


def test_who_comes_back_sooner_gives_the_days_back(city: Offices) -> None:
    first = DAY(2018, 6, 12)
    row, absence = ill(city, first)
    row = ticked(row, first)
    assert row.stopped_until == DAY(2018, 6, 27), "fifteen days, as long as nobody knows the end"
    assert last_day(row) == moved(first, DAY(2018, 6, 27))
    officials.end_absence(local_admin(), absence.pk, day=DAY(2018, 6, 15))
    row = ticked(row, DAY(2018, 6, 15))
    assert last_day(row) == moved(first, DAY(2018, 6, 15))
    assert (row.stopped_from, row.stopped_until) == (None, None), "the clock runs again"
    assert steps(row).count("stop_corrected") == 1
    version = row.version
    assert ticked(row, DAY(2018, 6, 18), DAY(2018, 7, 2)).version == version, "once"
    assert Message.objects.filter(kind="orders.limit_moved").count() == 1


def test_who_stays_away_longer_has_the_days(city: Offices) -> None:
    """The stop of fifteen days ended, and the clock ran for a week: the end that is known then counts."""
    first, back = DAY(2018, 6, 12), DAY(2018, 7, 11)
    row, absence = ill(city, first)
    row = ticked(row, first, DAY(2018, 6, 27), DAY(2018, 7, 4))
    assert last_day(row) == moved(first, DAY(2018, 6, 27))
    officials.end_absence(local_admin(), absence.pk, day=back)
    row = ticked(row, DAY(2018, 7, 4) + ONE)
    assert last_day(row) == moved(first, back)
    assert row.stopped_until == back, "it stands still until then"
    row = ticked(row, back)
    assert (row.stopped_until, steps(row).count("stop_ended")) == (None, 2)
    assert last_day(row) == moved(first, back)


def test_what_was_said_late_stays_said(city: Offices) -> None:
    head = city.official("科长", city.education)
    row = city.issued(NOW, DAY(2018, 6, 15), official_id=head)
    absence = Absence.objects.create(official_id=head, kind="sick", valid_from=DAY(2018, 6, 12), document="病假条")
    row = ticked(row, DAY(2018, 6, 12))
    limit = row.limit_at
    assert limit is not None
    late = last_day(row) + ONE
    ticked(row, late)
    assert "overdue" in steps(row)
    officials.end_absence(local_admin(), absence.pk, day=late + 10 * ONE)
    row = ticked(row, late + ONE)
    assert row.limit_at == limit
    assert "stop_corrected" not in steps(row)


def test_days_that_others_gave_are_not_taken(city: Offices) -> None:
    """Days on which it stood still anyway do not count twice; what its issuer let run, or set anew, is the issuer’s."""
    boss, first = city.city_office(), DAY(2018, 6, 12)
    row, absence = ill(city, first)
    row = ticked(row, first)
    row = city.act(boss, "resume", row, at(DAY(2018, 6, 14)))
    assert last_day(row) == moved(first, DAY(2018, 6, 14))
    row = city.act(boss, "stop", row, at(DAY(2018, 6, 20)), note="停电", until=DAY(2018, 6, 22))
    kept = last_day(row)
    officials.end_absence(local_admin(), absence.pk, day=DAY(2018, 6, 21))
    assert last_day(ticked(row, DAY(2018, 6, 21))) == kept
    other, absence = ill(city, first)
    other = ticked(other, DAY(2018, 6, 21) + ONE)
    other = city.act(boss, "extend", other, at(DAY(2018, 6, 25)), limit=DAY(2018, 10, 31))
    officials.end_absence(local_admin(), absence.pk, day=DAY(2018, 6, 19))
    other = ticked(other, DAY(2018, 6, 26))
    assert (last_day(other), other.stopped_until) == (DAY(2018, 10, 31), None), "a day that somebody named stays"


def test_a_day_named_while_the_clock_stands_stays_when_it_runs(city: Offices) -> None:
    boss = city.city_office()
    row = city.issued(NOW, DAY(2018, 9, 28))
    row = city.act(boss, "stop", row, NOW, note="停电", until=DAY(2018, 7, 2))
    row = city.act(boss, "extend", row, at(DAY(2018, 6, 12)), limit=DAY(2018, 10, 31))
    row = city.act(boss, "resume", row, at(DAY(2018, 6, 14)))
    assert (last_day(row), row.stopped_until) == (DAY(2018, 10, 31), None)
    row = city.act(boss, "stop", row, at(DAY(2018, 6, 19)), note="停电", until=DAY(2018, 6, 26))
    row = city.act(boss, "resume", row, at(DAY(2018, 6, 20)))
    assert last_day(row) == DAY(2018, 11, 1), "one day of the stop that came after it"


def test_the_clock_of_somebody_who_is_away_runs_for_somebody_else(city: Offices) -> None:
    """A stop by its issuer goes on, whoever holds it."""
    boss, first = city.city_office(), DAY(2018, 6, 12)
    row, _absence = ill(city, first)
    row = ticked(row, first)
    limit, colleague = row.limit_at, city.official("副科长", city.education, "副科长")
    given = {"note": "本人病假", "holder_id": city.education}
    row = city.act(boss, "reassign", row, at(DAY(2018, 6, 13)), official_id=colleague, **given)
    assert (row.stopped_from, row.stopped_until, row.limit_at) == (None, None, limit)
    row = ticked(row, DAY(2018, 6, 14))
    assert row.stopped_until is None
    row = city.act(boss, "stop", row, at(DAY(2018, 6, 14)), note="停电", until=DAY(2018, 6, 22))
    other = city.official("主任科员", city.education, "主任科员")
    row = city.act(boss, "reassign", row, at(DAY(2018, 6, 15)), official_id=other, **given)
    assert row.stopped_until == DAY(2018, 6, 22)


def test_who_holds_it_no_more_corrects_nothing(city: Offices) -> None:
    """Whoever was away when the clock stood comes back when somebody else holds it, who was away once, too."""
    first = DAY(2018, 6, 12)
    row, absence = ill(city, first)
    row = ticked(row, first)
    other, _leave = ill(city, DAY(2018, 6, 4), DAY(2018, 6, 6))
    given = {"note": "本人病假", "holder_id": city.education, "official_id": other.official_id}
    row = city.act(city.city_office(), "reassign", row, at(DAY(2018, 6, 13)), **given)
    officials.end_absence(local_admin(), absence.pk, day=DAY(2018, 6, 14))
    assert correcting.correct(system(), at(DAY(2018, 6, 14))) == 0, "nor is it looked at in every tick from then on"
    assert ticked(row, DAY(2018, 6, 14)).limit_at == row.limit_at


def test_what_another_tick_corrected_meanwhile_is_left(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was found before, and when its row is held there is nothing left to do, or it has ended."""
    first, now = DAY(2018, 6, 12), at(DAY(2018, 6, 15))
    rows, gone = zip(*(ill(city, first) for _each in range(2)), strict=True)
    tick(system(), at(first))
    for each in gone:
        officials.end_absence(local_admin(), each.pk, day=DAY(2018, 6, 14))
    ended = city.act(city.city_office(), "withdraw", ticked(rows[1]), now, note="撤销")
    assert correcting.correct(system(), now) == 1
    said = AuditEntry.objects.filter(action="orders.correct_stops").count()
    for number in (rows[0].pk, ended.pk):
        monkeypatch.setattr(correcting, "_differ", lambda _today, one=number: [one])
        Marker.objects.filter(name=correcting.MARKER).delete()
        assert correcting.correct(system(), now + datetime.timedelta(minutes=1)) == 1
    assert AuditEntry.objects.filter(action="orders.correct_stops").count() == said
    assert steps(ticked(rows[0])).count("stop_corrected") == 1


def test_a_stop_of_the_first_version_is_read(city: Offices) -> None:
    """It did not say by which absence: its days count once, and those that come after it are counted on."""
    first, until = DAY(2018, 6, 12), DAY(2018, 6, 27)
    row, absence = ill(city, first)
    before, limit = row.limit_at, at(moved(first, until) + ONE, 0)
    assert before is not None
    Matter.objects.filter(pk=row.pk).update(stopped_from=first, stopped_until=until, limit_at=limit, next_at=at(until))
    data = {"before": before.isoformat(), "limit": limit.isoformat(), "until": until.isoformat()}
    write_events([Event(row.pk, "clock.stop", "issued", "issued", at(first, 0), data)], at(first), "system")
    row = ticked(row, DAY(2018, 6, 13), until, until + ONE)
    assert (row.limit_at, row.stopped_until) == (limit, None)
    officials.end_absence(local_admin(), absence.pk, day=DAY(2018, 7, 11))
    row = ticked(row, DAY(2018, 6, 29))
    assert (last_day(row), row.stopped_until) == (moved(first, DAY(2018, 7, 11)), DAY(2018, 7, 11))
    boss = city.city_office()
    assert city.act(boss, "resume", row, at(DAY(2018, 6, 29))).stopped_until is None


def test_a_tick_reads_no_stops_where_no_absence_changed(city: Offices) -> None:
    """Of tens of thousands that stand still all were read every other minute."""
    first = DAY(2018, 6, 12)
    rows, gone = zip(*(ill(city, first) for _each in range(3)), strict=True)
    tick(system(), at(first, 8))

    def read(now: datetime.datetime) -> int:
        with CaptureQueriesContext(connection) as found:
            tick(system(), now)
        return sum(MatterEvent._meta.db_table in each["sql"] for each in found)

    assert read(at(first, 9)) == 0
    officials.end_absence(local_admin(), gone[0].pk, day=DAY(2018, 6, 13))
    assert read(at(first, 10)) > 0
    rows[0].refresh_from_db()
    assert last_day(rows[0]) == moved(first, DAY(2018, 6, 13))
    assert read(at(first, 11)) == 0
    Absence.objects.filter(pk=gone[0].pk).update(valid_to=DAY(2018, 6, 14))  # past the service
    assert last_day(ticked(rows[0], DAY(2018, 6, 13))) == moved(first, DAY(2018, 6, 14)), "seen on the day after"


def test_many_clocks_that_run_again_are_as_few_statements_as_two(city: Offices) -> None:
    boss = city.city_office()

    def asked(count: int) -> int:
        numbers = [city.issued(NOW).pk for _each in range(count)]
        services.act(boss, "stop", numbers, Given("停电", until=DAY(2018, 7, 2)), NOW)
        with CaptureQueriesContext(connection) as found:
            services.act(boss, "resume", numbers, Given(), at(DAY(2018, 6, 12)))
        return len(found)

    assert asked(2) == asked(12)


def test_a_limit_is_not_moved_back_before_today(city: Offices) -> None:
    head = city.official("科长", city.education)
    row = city.issued(NOW, DAY(2018, 6, 13), official_id=head)
    absence = Absence.objects.create(official_id=head, kind="sick", valid_from=DAY(2018, 6, 12), document="病假条")
    row = ticked(row, DAY(2018, 6, 12))
    assert last_day(row) == DAY(2018, 6, 28)
    officials.end_absence(local_admin(), absence.pk, day=DAY(2018, 6, 14))
    assert last_day(ticked(row, DAY(2018, 6, 25))) == DAY(2018, 6, 25)


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@example(
    away=17, lasted=6, known=58, looked={19, 32, 53, 73, 79}, again=(-3, 18)
)  # leave begins under a longer illness
@given(
    away=st.integers(0, 30), lasted=st.integers(1, 60), known=st.integers(0, 60),
    looked=st.sets(st.integers(0, 100), max_size=5),
    again=st.none() | st.tuples(st.integers(-10, 10), st.integers(1, 25)),
)  # fmt: skip
def test_the_limit_follows_the_days_as_they_stand(
    city: Offices, away: int, lasted: int, known: int, looked: set[int], again: tuple[int, int] | None
) -> None:
    """Whenever the end of an absence becomes known, before or after, and whenever the clock looks: in the end the limit
    lies as if the days had been known from the beginning. So it does with leave about the time of coming back."""
    first = MONDAY + (1 + away) * ONE
    back, told = first + lasted * ONE, MONDAY + known * ONE  # the end is written down on a day behind or ahead of it
    row, absence = ill(city, first)
    other = (back + again[0] * ONE, back + sum(again) * ONE) if again and back + again[0] * ONE > MONDAY else None
    if other is not None:
        Absence.objects.create(
            official_id=absence.official_id, kind="leave", valid_from=other[0], valid_to=other[1], document="假条"
        )
    days = {MONDAY + each * ONE for each in looked} | {told, DAY(2018, 9, 27)}
    Marker.objects.filter(name=absences.MARKER).delete()  # of the example before
    tick(system(), NOW, force=True)
    for day in sorted(days):
        if day >= told:
            Absence.objects.filter(pk=absence.pk).update(valid_to=back)
        tick(system(), at(day), force=True)
    row.refresh_from_db()
    gone = {first + each * ONE for each in range(lasted)}
    if other is not None:
        gone |= {other[0] + each * ONE for each in range((other[1] - other[0]).days)}
    calendar = working_days.calendar()
    wanted = calendar.after(DAY(2018, 9, 28), sum(calendar.is_working(day) for day in gone)).day
    assert last_day(row) == wanted, (away, lasted, known, looked, again)
