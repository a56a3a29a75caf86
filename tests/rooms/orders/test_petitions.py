"""Petitions: who came is sealed, whom it is about sees nothing, the limits of the law."""

from __future__ import annotations

import pytest
from django.db import connection

from rooms.orders.clocks import steps, told
from rooms.orders.office import MONDAY, Offices, at
from rooms.orders.petitioners import DAY, NOW, WHO, accepted, answered, notice, office, refused, taken
from tuopin.duties.models import Official
from tuopin.orders import selectors
from tuopin.orders.board import inbox
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import Matter, MatterEvent, Petition, Petitioner
from tuopin.orders.petitions import revealing, sealed
from tuopin.orders.petitions.sealed import Who
from tuopin.platform.access import actor_for, local_admin, system
from tuopin.platform.accounts import services as accounts
from tuopin.platform.auditing import readlog
from tuopin.platform.lists import recent
from tuopin.platform.models import Message, ReadEntry, User
from tuopin.platform.problems import Missing, Problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Offices:
    recent.forget()
    return Offices()


# -- who came -----------------------------------------------------------------------------------------------------


def test_who_came_is_nowhere_in_the_database_in_clear(city: Offices) -> None:
    row = taken(city)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            said = str(cursor.fetchall())
            assert not [each for each in (WHO.name, "12345678", WHO.id_number, WHO.address, WHO.words) if each in said]
    kept = Petitioner.objects.get(pk=row.pk)
    assert sealed.unsealed(kept) == WHO
    short = Petitioner(sealed=sealed.seal(Who("甲")))
    assert len(short.sealed) == len(kept.sealed)  # the length tells nothing


def test_who_came_is_read_by_the_office_for_a_reason_that_is_kept(city: Offices) -> None:
    row = accepted(city)
    readlog.drain()  # what tests before this one left waiting
    known = list(ReadEntry.objects.values_list("pk", flat=True))
    assert revealing.reveal(office(city), row.pk, "answer", "") == WHO
    readlog.drain()
    entry = ReadEntry.objects.exclude(pk__in=known).get(what=f"petitioner:{row.pk}")
    assert "answer" in str(entry.filter)
    for reason, note in (("", ""), ("curious", "想看"), ("other", " ")):
        with pytest.raises(revealing.NoReason):
            revealing.reveal(office(city), row.pk, reason, note)
    revealing.reveal(office(city), row.pk, "other", f"{WHO.name}来问")  # the log itself does not say who came
    readlog.drain()
    assert not ReadEntry.objects.exclude(pk__in=known).filter(filter__icontains=WHO.name).exists()
    far = city.actor("far", "petition_office", "area", city.other.area_id)
    for stranger in (city.department(), city.city_office(), city.inspector(), far):
        with pytest.raises(Missing):
            revealing.reveal(stranger, row.pk, "answer", "")


@pytest.mark.parametrize(
    "words",
    [
        "请 诸葛 隐名 到场",
        "电话 139 1234 5678",
        "住某镇某村七组十二号",
        "证号４１００００１９５００１０１００１８",
        "另见 13812345678",
    ],
)
def test_a_paraphrase_does_not_say_who_came(city: Offices, words: str) -> None:
    with pytest.raises(Problem) as found:
        taken(city, text=words)
    assert found.value.code in {"paraphrase_names", "names_petitioner"}
    with pytest.raises(Problem):
        taken(city, title=words)
    assert not Matter.objects.exists()


def test_a_name_that_means_another_may_be_confirmed_a_number_never(city: Offices) -> None:
    assert taken(city, text="诸葛隐名路的路灯不亮", sure=True).pk
    with pytest.raises(Problem):
        taken(city, text="请回电 13912345678", sure=True)


def test_the_office_s_words_are_compared_and_nobody_else_s(city: Offices) -> None:
    row = taken(city)
    refused("names_petitioner", city, "accept", row, holder_id=city.education, note="诸葛隐名反映")
    row = city.act(office(city), "accept", row, NOW, holder_id=city.education)
    row = city.act(city.department(), "receive", row, NOW)
    # a refusal would tell a holder who tries names whose petition it is
    assert city.act(city.department(), "progress", row, NOW, note="诸葛隐名").state == "received"


# -- whom it is about ---------------------------------------------------------------------------------------------


def test_never_held_by_whom_it_is_about_nor_by_what_stands_below(city: Offices) -> None:
    row = taken(city, about_organisation_id=city.education)
    refused("complained_about", city, "accept", row, holder_id=city.education)
    row = taken(city, about_organisation_id=city.government)
    for holder in (city.government, city.education, city.township):  # those below, by superior and by area
        refused("complained_about", city, "accept", row, holder_id=holder)
    row = city.act(office(city), "accept", row, NOW, holder_id=city.city_education)
    refused("complained_about", city, "reassign", row, holder_id=city.township, note="改派")
    assert Matter.objects.get(pk=row.pk).holder_id == city.city_education


def test_the_official_it_is_about_sees_nothing(city: Offices) -> None:
    user = city.account("accused", "county", "area", city.county.area_id)
    who = city.official("钱被告", city.education, user=user)
    row = taken(city, about_official_id=who)
    refused("complained_about", city, "accept", row, holder_id=city.education)
    refused("complained_about", city, "accept", row, holder_id=city.government, official_id=who)
    row = city.act(office(city), "accept", row, NOW, holder_id=city.government)
    clerk = city.actor("clerk", "county", "area", city.county.area_id)
    assert selectors.matter(clerk, row.pk).pk == row.pk  # the government's clerk has it
    with pytest.raises(Missing):
        selectors.matter(actor_for(user), row.pk)
    titles = [each.matter.title for part in inbox.parts(actor_for(user), NOW) for each in part.rows]
    assert row.title not in titles
    with pytest.raises(Missing):
        city.act(actor_for(user), "receive", row, NOW)
    both = city.actor("both", "petition_office", "area", city.county.area_id)
    assert selectors.matter(both, row.pk).pk == row.pk
    Official.objects.filter(pk=who).update(user=User.objects.get(username="both"))
    with pytest.raises(Missing):  # not even one who works for the petition office
        selectors.matter(both, row.pk)


def test_the_unit_it_is_about_sees_nothing_by_a_grant(city: Offices) -> None:
    row = taken(city, about_organisation_id=city.education)
    row = city.act(office(city), "accept", row, NOW, holder_id=city.government)
    teacher = city.department()
    accounts.grant(local_admin(), User.objects.get(username="teacher"), "department", "organisation", city.government)
    assert not selectors.matters(teacher).filter(pk=row.pk).exists()


def test_who_commands_a_place_does_not_read_what_its_departments_hold(city: Offices) -> None:
    row = accepted(city)
    county = city.actor("county", "county", "area", city.county.area_id)
    for stranger in (city.city_office(), county, city.inspector()):
        with pytest.raises(Missing):
            selectors.matter(stranger, row.pk)
        assert not [part for part in inbox.parts(stranger, NOW) if any(one.matter.pk == row.pk for one in part.rows)]
    assert selectors.matter(city.department(), row.pk).pk == row.pk


def test_a_former_holder_sees_it_no_more(city: Offices) -> None:
    row = accepted(city)
    city.act(office(city), "reassign", row, NOW, holder_id=city.city_education, note="应由市局办理")
    with pytest.raises(Missing):
        selectors.matter(city.department(), row.pk)


# -- limits and reviews -------------------------------------------------------------------------------------------


def test_fifteen_days_to_accept_and_the_office_is_reminded(city: Offices) -> None:
    row = taken(city)
    assert row.limit_at == at(MONDAY + 16 * DAY, 0)
    tick(system(), at(MONDAY + 17 * DAY))
    assert "overdue" in steps(row)
    assert {name for name, _kind in told()} == {"petitions"}
    row = city.act(office(city), "decline", row, at(MONDAY + 18 * DAY), note="不属于受理范围")
    assert row.state == "final"
    assert MatterEvent.objects.get(matter=row, act="decline").data["late"] is True


def test_sixty_days_and_one_extension_of_thirty(city: Offices) -> None:
    row = accepted(city)
    assert row.limit_at == at(MONDAY + 61 * DAY, 0)
    late = taken(city)
    refused("limit_beyond", city, "accept", late, holder_id=city.education, limit=MONDAY + 64 * DAY)
    row = city.act(city.department(), "receive", row, NOW)
    refused("extension_long", city, "ask_extension", row, who=city.department(), limit=MONDAY + 91 * DAY, note="复杂")
    refused("no_notice", city, "extend", row, limit=MONDAY + 88 * DAY)  # told in writing before
    notice(city, row, MONDAY + 90 * DAY)
    refused("extension_long", city, "extend", row, limit=MONDAY + 91 * DAY)
    row = city.act(office(city), "extend", row, NOW, limit=MONDAY + 88 * DAY)
    refused("extended_once", city, "extend", row, limit=MONDAY + 91 * DAY)
    refused("extended_once", city, "ask_extension", row, who=city.department(), limit=MONDAY + 91 * DAY, note="再延")


def test_returning_and_reporting_up_do_not_lengthen_the_sixty_days(city: Offices) -> None:
    row = accepted(city)
    row = city.act(city.department(), "receive", row, NOW)
    later = at(MONDAY + 14 * DAY)
    row = city.act(city.department(), "report_up", row, later, note="超出权限", within_authority=False)
    assert row.holder_id == city.government
    assert row.limit_at == at(MONDAY + 61 * DAY, 0)
    event = MatterEvent.objects.get(matter=row, act="report_up")
    assert event.data["limit"] == row.limit_at.isoformat()


def test_reported_up_never_to_whom_it_is_about(city: Offices) -> None:
    row = taken(city, about_organisation_id=city.issuer)
    chief = city.official("孙镇长", city.township)
    Petition.objects.filter(pk=row.pk).update(about_organisation=None, about_official=chief)
    row = city.act(office(city), "accept", row, NOW, holder_id=city.education)
    row = city.act(city.department(), "receive", row, NOW)
    Petition.objects.filter(pk=row.pk).update(about_official=None, about_organisation=city.government)
    refused("complained_about", city, "report_up", row, who=city.department(), note="解决不了", within_authority=False)


def test_answer_review_second_review_and_no_third(city: Offices) -> None:
    row = answered(city)
    assert row.state == "closed"
    refused("not_above", city, "review", row, holder_id=city.township, note="不服")
    refused("incomplete", city, "review", row, note="不服")
    row = city.act(office(city), "review", row, NOW, holder_id=city.government, note="不服")
    assert (row.state, row.urgency, row.limit_at) == ("review", "petition_review", at(MONDAY + 31 * DAY, 0))
    refused("not_answered", city, "second_review", row, holder_id=city.issuer, note="仍不服")
    with pytest.raises(Missing):
        selectors.matter(city.department(), row.pk)  # a unit whose answer is reviewed has it no more
    row = city.act(office(city), "answer_review", row, NOW + 20 * DAY, note="维持。")
    refused("answered_already", city, "answer_review", row, note="再答")
    row = city.act(office(city), "second_review", row, NOW + 45 * DAY, holder_id=city.issuer, note="仍不服")
    assert row.state == "second_review"
    refused("wrong_state", city, "review", row, holder_id=city.issuer, note="第三次")
    refused("wrong_state", city, "second_review", row, holder_id=city.issuer, note="第三次")
    row = city.act(office(city), "conclude", row, NOW + 60 * DAY, note="复核意见。")
    assert row.state == "final"
    refused("wrong_state", city, "second_review", row, holder_id=city.issuer, note="第三次")
    refused("wrong_state", city, "review", row, holder_id=city.issuer, note="第三次")


def test_reviews_are_asked_for_within_thirty_days(city: Offices) -> None:
    row = answered(city)
    refused("review_late", city, "review", row, NOW + 31 * DAY, holder_id=city.government, note="不服")
    row = city.act(office(city), "review", row, NOW + 30 * DAY, holder_id=city.government, note="不服")
    row = city.act(office(city), "answer_review", row, NOW + 31 * DAY, note="维持。")
    refused("review_late", city, "second_review", row, NOW + 62 * DAY, holder_id=city.issuer, note="仍不服")


def test_an_answer_nobody_asks_about_ends_by_the_clock_also_of_a_review(city: Offices) -> None:
    first, second = answered(city), answered(city)
    second = city.act(office(city), "review", second, NOW, holder_id=city.government, note="不服")
    second = city.act(office(city), "answer_review", second, NOW + 10 * DAY, note="维持。")
    tick(system(), NOW + 32 * DAY)
    assert [Matter.objects.get(pk=each.pk).state for each in (first, second)] == ["final", "review"]
    tick(system(), NOW + 42 * DAY)
    assert Matter.objects.get(pk=second.pk).state == "final"


def test_a_review_that_is_not_answered_is_reminded_of(city: Offices) -> None:
    row = answered(city)
    Message.objects.all().delete()
    city.act(office(city), "review", row, NOW, holder_id=city.government, note="不服")
    tick(system(), NOW + 33 * DAY)
    assert "overdue" in steps(row)
    assert "petitions" in {name for name, _kind in told()}
    assert "teacher" not in {name for name, _kind in told()}


def test_who_handled_it_never_verifies_it_and_its_holder_does_not_answer(city: Offices) -> None:
    row = city.act(city.department(), "receive", accepted(city), NOW)
    row = city.act(city.department(), "done", row, NOW, note="办结")
    refused("wrong_hands", city, "verify", row, who=city.department(), note="属实")
    row = city.act(office(city), "verify", row, NOW, note="属实")
    refused("wrong_hands", city, "answer", row, who=city.department(), note="答复")
