"""What of a petition goes to whom: words and files of its office and of its holder, messages, imports, the ledger."""

from __future__ import annotations

import pytest
from django.utils import timezone

from rooms.orders.clocks import told
from rooms.orders.office import MONDAY, Offices, at
from rooms.orders.petitioners import DAY, NOW, WHO, accepted, office, refused, taken
from tuopin.duties.models import Official, Term
from tuopin.orders import intake, selectors
from tuopin.orders.board import matter
from tuopin.orders.clock.tick import tick
from tuopin.orders.ledger import selectors as ledger
from tuopin.orders.models import Matter, Petition
from tuopin.orders.papers import selectors as papers
from tuopin.orders.papers import services as writing
from tuopin.orders.papers.content import Written
from tuopin.orders.petitions import revealing
from tuopin.orders.petitions import selectors as petitions
from tuopin.platform.access import Actor, actor_for, local_admin, system
from tuopin.platform.accounts import services as accounts
from tuopin.platform.evidence import Kept
from tuopin.platform.lists import recent
from tuopin.platform.models import Message, User
from tuopin.platform.problems import Missing
from tuopin.register.models import RegisterEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Offices:
    recent.forget()
    return Offices()


def said(actor: Actor, row: Matter) -> str:
    """All that the time line says to a reader."""
    view = matter.view(actor, row.pk, NOW)
    return "\n".join(f"{each.event.act} {each.by.zh} {each.event.note} {each.more}" for each in view.events)


def files(actor: Actor, row: Matter) -> list[str]:
    return [each.name for each, _title in matter.view(actor, row.pk, NOW).papers]


def kept(name: str) -> Kept:
    return Kept("0" * 64, name, "pdf", 1)


def test_what_the_office_writes_for_itself_does_not_reach_the_holder(city: Offices) -> None:
    row = city.act(office(city), "accept", taken(city), NOW, holder_id=city.education, note="请公开结果")
    row = city.act(city.department(), "receive", row, NOW)
    row = city.act(city.department(), "done", row, NOW, note="局里已公开")
    row = city.act(office(city), "verify", row, NOW, note="电话回访过本人")
    row = city.act(office(city), "return", row, NOW, note="范围不全，重办")
    holder, keeper = said(city.department(), row), said(office(city), row)
    for words in ("请公开结果", "局里已公开", "范围不全，重办"):
        assert words in holder
        assert words in keeper
    assert "电话回访过本人" in keeper
    assert "电话回访过本人" not in holder
    assert "petitions" not in holder  # nor which account of the office
    assert "信访机构" in holder


def test_a_new_holder_does_not_read_what_the_former_wrote(city: Offices) -> None:
    row = city.act(office(city), "accept", taken(city), NOW, holder_id=city.education, note="给教育局的话")
    row = city.act(city.department(), "receive", row, NOW)
    row = city.act(city.department(), "progress", row, NOW, note="教育局的进展")
    row = city.act(office(city), "reassign", row, NOW, holder_id=city.city_education, note="由市局办理")
    new = city.actor("bureau", "department", "organisation", city.city_education)
    words = said(new, row)
    assert "由市局办理" in words
    assert not [each for each in ("给教育局的话", "教育局的进展", "teacher", "县教育局") if each in words]


def test_files_of_the_office_reach_the_holder_only_if_handed_on(city: Offices) -> None:
    now = timezone.now()
    row = taken(city, now)
    row = city.act(office(city), "accept", row, now, holder_id=city.education, papers=(kept("来信扫描.pdf"),))
    row = city.act(city.department(), "receive", row, now)
    row = city.act(city.department(), "done", row, now, note="已公开", papers=(kept("公示照片.pdf"),))
    row = city.act(office(city), "verify", row, now, note="属实", papers=(kept("回访记录.pdf"),), hand_on=True)
    row = city.act(office(city), "return", row, now, note="重办", papers=(kept("政策文件.pdf"),), hand_on=True)
    assert files(city.department(), row) == ["公示照片.pdf", "政策文件.pdf"]
    assert files(office(city), row) == ["来信扫描.pdf", "公示照片.pdf", "回访记录.pdf", "政策文件.pdf"]
    row = city.act(city.department(), "done", row, now, note="已公开", papers=(kept("再公示.pdf"),))
    named = (kept(f"{WHO.name}来信.pdf"),)
    refused("names_petitioner", city, "return", row, now, note="重办", papers=named, hand_on=True)
    later = now + DAY
    row = city.act(office(city), "return", row, later, note="重办")
    row = city.act(office(city), "reassign", row, later, note="改派", holder_id=city.city_education)
    new = city.actor("bureau", "department", "organisation", city.city_education)
    assert "再公示.pdf" not in files(new, row)


def test_neither_side_reads_what_the_other_has_not_issued(city: Offices) -> None:
    row = accepted(city)
    clerk = city.actor("clerk", "county", "area", city.county.area_id)
    row = city.act(office(city), "reassign", row, NOW, note="由县政府办理", holder_id=city.government)
    reply = writing.write(clerk, writing.Draft(row.pk, "reply", city.government, Written("报告", "内部稿")), NOW)
    order = writing.write(
        office(city), writing.Draft(row.pk, "reminder", city.government, Written("督办", "稿"), ()), NOW
    )
    assert [each.pk for each in papers.of_matter(clerk, row.pk)] == [reply.pk]
    assert [each.pk for each in papers.of_matter(office(city), row.pk)] == [order.pk]


def test_no_message_to_whom_it_is_about(city: Offices) -> None:
    keeper = city.account("accused", "petition_office", "area", city.county.area_id)
    works = city.account("works", "petition_office", "area", city.county.area_id)
    accounts.grant(local_admin(), works, "department", "organisation", city.elsewhere)
    who = city.official("钱被告", city.township, user=keeper)
    for _each in range(5):
        taken(city, about_official_id=who)
        Petition.objects.filter(pk=taken(city).pk).update(about_organisation=city.elsewhere)
    tick(system(), at(MONDAY + 17 * DAY))
    late = {each.user.username: each.parameters["late"] for each in Message.objects.select_related("user")}
    assert late == {"petitions": 10, "works": 5, "accused": 5}


def test_a_post_that_ends_one_day_still_hides_it(city: Offices) -> None:
    user = city.account("leaving", "petition_office", "area", city.county.area_id)
    who = city.official("孙将离", city.education, user=user)
    row = taken(city, about_organisation_id=city.education)
    Term.objects.filter(official_id=who).update(valid_to=timezone.localdate() + 30 * DAY)
    with pytest.raises(Missing):
        selectors.matter(actor_for(user), row.pk)


def test_the_number_of_an_earlier_one_is_shown_to_who_keeps_it(city: Offices) -> None:
    first = taken(city, area_id=city.city.area_id)
    second = taken(city, repeats=first.pk)
    county = city.actor("county", "petition_office", "area", city.county.area_id)
    assert petitions.beside(office(city), second.pk).earlier == first.pk
    assert petitions.beside(county, second.pk).earlier is None


def test_no_undo_tells_that_a_household_is_named(city: Offices) -> None:
    household = city.here[0]
    row = taken(city, household=household.code, consent=True)
    event = RegisterEvent(changes={"made": {"household": household.pk}})
    assert not list(intake.uses_of_event(event))
    assert revealing.reveal(office(city), row.pk, "ask", "").household == household.code
    refused("names_petitioner", city, "accept", row, holder_id=city.education, note=f"户 {household.code}")


def test_few_problems_from_petitions_are_not_counted_alone(city: Offices) -> None:
    now = timezone.now()
    for source in ("petition", "audit", "audit", "sweep"):
        city.issued(now, title="问题", source=source)
    place, me = city.county, city.actor("auditor", "auditor", "area", city.city.area_id)
    lines = ledger.lines(me, place, "source", now)
    assert sum(each.total for each in lines) == 4 == ledger.whole(me, place, now).line.total
    assert sorted((each.title.zh, each.total, each.query) for each in lines) == [
        ("信访等来源", 2, ""), ("审计", 2, "source=audit"),
    ]  # fmt: skip
    # who may read each of them is told how many they are
    for reader in (local_admin(), city.city_office()):
        said = {each.query: each.total for each in ledger.lines(reader, place, "source", now)}
        assert said == {"source=petition": 1, "source=audit": 2, "source=sweep": 1}
    for _each in range(4):
        city.issued(now, title="问题", source="petition")
    assert [each.total for each in ledger.lines(me, place, "source", now) if each.query == "source=petition"] == [5]


def test_an_account_of_whom_it_is_about_is_told_nothing_as_holder(city: Offices) -> None:
    user = User.objects.get(username=city.department().name)
    who = city.official("李某", city.government, user=user)
    row = taken(city, about_official_id=who)
    Official.objects.filter(pk=who).update(user=user)
    city.act(office(city), "accept", row, NOW, holder_id=city.city_education)
    accounts.grant(local_admin(), user, "department", "organisation", city.city_education)
    tick(system(), at(MONDAY + 70 * DAY))
    assert "teacher" not in {name for name, _kind in told()}
